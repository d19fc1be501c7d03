"""Max-margin predictors against their peers: ``python -m benchmarks.bench_max_margin [--quick] [--threads N]``.

Gaussian points with random labels, another draw in every round; sizes up to m = 1.5 d. The peers are those in `PEERS`: each gets the form of
the problem, primal (in the weights) or dual (in the multipliers), in which it did better in a round of its own beforehand. The Gram
matrix of the dual, and the weights that follow from the multipliers, are part of everybody's time, ours included; points are checked
(`kktcheck.Dataset`) before the clock starts. BLAS has one thread by default, as most peers do, so that processor time means something on a
machine that is not idle; ratios are of processor times. The residual is the KKT residual of each answer, scaled to minimum
margin 1, with its own multipliers (LinearSVC gives none and gets the best there are); a peer counts as right at 1e-9. A peer that takes
longer than `LIMIT` is left out of the larger sizes.

Where ours is outside its allowance (column ``within_allowance``): at 45 x 30, because scipy's nnls, which names the support, takes as long as
daqp does in all, and the rest is calls of NumPy and LAPACK on tiny arrays; at 10 x 20000 by a hair, because ours passes over
the points twice more than its peers, to measure margins and stationarity on the points themselves.
"""

import argparse
import statistics
import sys
import time
import warnings

import numpy as np
import threadpoolctl

import kktcheck as kc

from .environment import RESULTS, write
from .max_margin_peers import FAILURES, PEERS

#: (m, d) with rounds; the cheap ones first.
SIZES = (
    ((10, 20), 9), ((10, 1000), 9), ((10, 20000), 9), ((45, 30), 9), ((150, 100), 9), ((100, 1000), 9), ((100, 20000), 5), ((300, 300), 7),
    ((1000, 1000), 3), ((1500, 1000), 3), ((2000, 5000), 3), ((2000, 20000), 3),
)  # fmt: skip
QUICK = (((10, 20), 5), ((45, 30), 5), ((150, 100), 3), ((100, 1000), 3))

#: KKT residual at which a peer's answer counts as right.
RIGHT = 1e-9

#: Seconds after which a peer is left out of larger sizes.
LIMIT = 60.0

#: Calls are repeated until a measurement has taken this long.
SHORTEST = 0.005

#: What ours may take: so many times what the fastest right peer takes, plus the overhead of a call in Python.
FACTOR, OVERHEAD = 1.5, 1e-4


def instance(m, d, seed):
    """Points and labels; separable with a probability near 1 for m <= 1.5 d and m not too small."""
    rng = np.random.default_rng([m, d, seed])
    return rng.standard_normal((m, d)) / np.sqrt(d), rng.choice([-1.0, 1.0], m)


def ours(data):
    """Weights and multipliers by kktcheck."""
    found = kc.max_margin(data)
    return found.model.w, found.multipliers


def timed(function, datasets):
    """Answer, wall seconds and processor seconds of one call, from as many calls on equal datasets as are given."""
    wall, processor = time.perf_counter(), time.process_time()
    for data in datasets:
        answer = function(data)
    return answer, (time.perf_counter() - wall) / len(datasets), (time.process_time() - processor) / len(datasets)


def fresh(data, count):
    """Datasets of the same points, without the Gram matrix that one of them may have computed."""
    return [kc.Dataset(data.X, data.y) for _ in range(count)]


def residual(data, answer):
    """KKT residual of (weights, multipliers) after scaling to minimum margin 1; infinite if a point is misclassified."""
    w, multipliers = answer
    model = kc.LinearPredictor(w)
    least = float(model.margins(data).min())
    if least <= 0:
        return np.inf
    model = model.scaled(1 / least)
    multipliers = kc.recover_multipliers(model, data).values if multipliers is None else multipliers / least
    return kc.kkt_residuals(model, data, multipliers).kkt


class Runner:
    """One peer in one form at one size."""

    def __init__(self, name, form, function):
        self.name, self.form, self.function = name, form, function
        self.wall, self.processor, self.residuals, self.failure, self.repeats = [], [], [], "", 1

    def run(self, data, keep=True):
        """One measurement; a failure is written down and ends the runner."""
        if self.failure:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if not keep:  # the first call of all imports and allocates
                    timed(self.function, fresh(data, 1 if data.num_points > 500 else 3))
                answer, wall, processor = timed(self.function, fresh(data, self.repeats))
            found = residual(data, answer)
        except FAILURES as error:
            self.failure = f"{type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
            return
        if keep:
            self.wall.append(wall)
            self.processor.append(processor)
            self.residuals.append(found)
        else:
            self.repeats = max(1, min(500, int(SHORTEST / max(wall, 1e-6))))
            self.first = (found > RIGHT, processor)

    @property
    def right(self):
        return not self.failure and max(self.residuals) <= RIGHT


def chosen(name, forms, data):
    """The better of a peer's forms, judged by one call of each: right before wrong, then quick before slow."""
    runners = [Runner(name, form, function) for form, function in forms.items() if form != "primal" or data.dim <= 2 * data.num_points]
    for runner in runners:
        runner.run(data, keep=False)
    working = [runner for runner in runners if not runner.failure]
    return min(working, key=lambda runner: runner.first) if working else runners[-1]


def measure(m, d, rounds, excluded):
    """Rows of one size; peers that turn out too slow join ``excluded``."""
    draws = [kc.Dataset(*instance(m, d, seed)) for seed in range(rounds)]
    own = Runner("kktcheck", "", ours)
    own.run(draws[0], keep=False)
    runners = [own, *(chosen(name, forms, draws[0]) for name, forms in PEERS.items() if name not in excluded)]
    for data in draws:
        for runner in runners:
            if not (runner.wall and max(runner.wall) > LIMIT / 10):  # one measurement of the slow ones is enough
                runner.run(data)
    fastest = min((statistics.median(r.processor) for r in runners[1:] if r.right), default=float("nan"))
    for runner in runners:
        if runner.wall and max(runner.wall) > LIMIT:
            excluded[runner.name] = f"left out: {max(runner.wall):.0f} s at {m} x {d}"
    ran = {runner.name for runner in runners}
    rows = [row(m, d, runner, own, fastest) for runner in runners]
    return rows + [left_out(m, d, name, why) for name, why in excluded.items() if name not in ran]


def row(m, d, runner, own, fastest):
    """One row of the record."""
    entry = {"m": m, "d": d, "solver": runner.name, "form": runner.form, "rounds": len(runner.wall), "median_s": "", "least_s": "", "most_s": "",
             "processor_median_s": "", "ratio_to_ours": "", "median_residual": "", "worst_residual": "", "right": "", "fastest_right_peer_s": "",
             "within_allowance": "", "note": runner.failure}  # fmt: skip
    if runner.failure:
        return entry
    median = statistics.median(runner.processor)
    entry |= {
        "median_s": f"{statistics.median(runner.wall):.4g}", "least_s": f"{min(runner.wall):.4g}", "most_s": f"{max(runner.wall):.4g}",
        "processor_median_s": f"{median:.4g}", "ratio_to_ours": f"{median / statistics.median(own.processor):.3g}",
        "median_residual": f"{statistics.median(runner.residuals):.1e}", "worst_residual": f"{max(runner.residuals):.1e}", "right": runner.right,
    }  # fmt: skip
    if runner is own:
        entry |= {"fastest_right_peer_s": f"{fastest:.4g}", "within_allowance": median <= FACTOR * fastest + OVERHEAD}
    return entry


def left_out(m, d, name, why):
    """Row of a peer that was not run."""
    runner = Runner(name, "", None)
    runner.failure = why
    return row(m, d, runner, None, None)


def main(argv=None):
    """Run and write ``results/max_margin.csv`` (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds of the small sizes, no file")
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS (default 1)")
    options = parser.parse_args(argv)
    rows, excluded = [], {}
    with threadpoolctl.threadpool_limits(options.threads):
        for (m, d), rounds in QUICK if options.quick else SIZES:
            for entry in measure(m, d, rounds, excluded):
                print({key: value for key, value in entry.items() if value != ""}, file=sys.stderr, flush=True)
                rows.append(entry)
        if not options.quick:
            write(RESULTS / "max_margin.csv", rows, "cvxpy", "clarabel", "osqp", "scikit-learn", "quadprog", "daqp", "piqp", "proxsuite", "qpsolvers")


if __name__ == "__main__":
    main()
