"""Training at the size of Appendix E against a plain PyTorch loop: ``python -m benchmarks.bench_training [--quick]``.

Both run full-batch gradient descent in float64 on (m, d, n) = (10, 1000, 400) with learning rate 1 and weight decay 1e-5, another network in
every round. All times are seconds per 1e5 epochs and network; PyTorch is timed over fewer epochs and scaled (column ``epochs_timed``), with one
thread and, over fewer still, with its default number, kktcheck over all of them. ``weights_difference`` compares the weights of both after
PyTorch's epochs; the residual of kktcheck's rows is that of the Clarke certificate after all epochs. Other load slows the PyTorch loop, which
streams its weights from memory, more than kktcheck, whose arrays fit the cache.
"""

import sys

import numpy as np

import kktcheck as kc

from . import floors, record, timing, torch_peers
from .peers import there

POINTS, DIM, NEURONS, NETWORKS, DECAY, EPOCHS = 10, 1000, 400, 10, 1e-5, 100_000

#: Largest relative difference of the weights from PyTorch's.
DIFFERENCE = 1e-9


def instance(k):
    """Untrained network and data number k."""
    return kc.random_network(NEURONS, DIM, rng=2 * k), kc.sampling.gaussian(POINTS, DIM, rng=2 * k + 1)


def candidates(epochs, torch_epochs, floor_epochs):
    """Candidates and the number by which each one's seconds are divided: epochs times networks."""
    models, sets = zip(*(instance(k) for k in range(NETWORKS)))

    def train(pair, **options):
        return kc.train(*pair, steps=epochs, **options).model, pair[1]

    found = {
        "kktcheck": (lambda pair: train(pair, weight_decay=DECAY), epochs),
        "kktcheck, normalised steps": (lambda pair: train(pair, normalised=True), epochs),
        "kktcheck, ten networks in one array": (
            lambda _: (kc.train(models, sets, steps=epochs, weight_decay=DECAY).models[0], sets[0]),
            epochs * NETWORKS,
        ),
    }
    if there("torch"):
        for threads in sorted({1, torch_peers.default_threads()}):
            few = torch_epochs if threads == 1 else torch_epochs // 10
            found[f"PyTorch loop, {threads} thread{'s' * (threads > 1)}"] = (_torch(threads, few), few)
    found[record.FLOOR] = (floors.epochs(POINTS, NEURONS, floor_epochs).ready(), floor_epochs)
    return found


def _torch(threads, epochs):
    def run(pair):
        with torch_peers.threads(threads):
            return torch_peers.train(*pair, epochs=epochs, weight_decay=DECAY)

    return run


def residual(answer):
    """KKT residual of a trained network's certificate; PyTorch's weights after a fraction of the epochs have none worth a comparison."""
    return {"kkt_residual": kc.certify(*answer).residuals.kkt} if isinstance(answer, tuple) else {}


def difference(found, functions):
    """Largest relative difference of kktcheck's weights from PyTorch's after the same epochs; None without PyTorch."""
    gaps = []
    for name, one in found.items():
        if name.startswith("PyTorch"):
            for number, weights in enumerate(one.answers):
                ours = kc.train(*instance(number), steps=functions[name][1], weight_decay=DECAY).model.W
                gaps.append(float(np.linalg.norm(ours - weights) / np.linalg.norm(weights)))
    return max(gaps, default=None)


def cases(quick):
    """Rows of the one size."""
    rounds, torch_epochs, epochs = (1, 100, 5000) if quick else (3, 2000, EPOCHS)
    functions = candidates(epochs, torch_epochs, epochs // 5)
    few = candidates(100, 20, 100)
    for run, _ in few.values():  # imports and allocates
        run(instance(0))
    found = timing.interleaved(rounds, {name: run for name, (run, _) in functions.items()}, instance, first=False)
    for name, one in found.items():
        one.seconds = [seconds / functions[name][1] * EPOCHS for seconds in one.seconds]
        one.peak_mb = timing.peak_memory(few[name][0], instance)
    rows = record.rows({"case": "Appendix E", "m": POINTS, "d": DIM, "n": NEURONS}, found, residual)
    gap = difference(found, functions)
    for row in rows:
        row["right"] = ""  # its residual says how far training went
        row["epochs_timed"] = functions[row["method"]][1]
        row["weights_difference"] = f"{gap:.2e}" if row["method"] == record.OURS and gap is not None else ""
    yield rows


def main(argv=None):
    """Measure, print, and write benchmarks/results/training.csv (not with --quick); exit code 1 if the weights differ from PyTorch's."""
    rows = record.run(__doc__, argv, "training.csv", cases, libraries=("torch",))
    gap = rows[0]["weights_difference"]
    if gap and float(gap) > DIFFERENCE:
        print(f"weights differ from PyTorch's by {gap}, more than {DIFFERENCE:g}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
