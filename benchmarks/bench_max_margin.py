"""Max-margin predictors against their peers: ``python -m benchmarks.bench_max_margin [--quick] [--threads N]``.

Gaussian points with random labels, another draw in every round; sizes up to m = 1.5 d. The peers are those of `benchmarks.max_margin_peers`:
each gets the form of the problem, primal (in the weights) or dual (in the multipliers), in which it did better in calls beforehand (column
``form``). The Gram matrix of the dual, and the weights that follow from the multipliers, are part of everybody's time, ours included; points are
checked (`kktcheck.Dataset`) before the clock starts. The residual is the KKT residual of each answer, scaled to minimum margin 1, with its own
multipliers (LinearSVC gives none and gets the best there are); the worst of all rounds counts. A peer that takes longer than `LIMIT` is left
out of the larger sizes, and one that takes longer than two seconds is measured once.

Ours is allowed `FACTOR` times what the fastest right peer takes, plus `OVERHEAD` for a call in Python (column ``within_allowance``).
"""

import time
import warnings

import numpy as np

import kktcheck as kc

from . import accuracy, floors, max_margin_peers, quadratic_peers, record, timing

#: (m, d) with rounds; the cheap ones first.
SIZES = (
    ((10, 20), 9), ((10, 1000), 9), ((10, 20000), 9), ((45, 30), 9), ((150, 100), 9), ((100, 1000), 9), ((100, 20000), 5), ((300, 300), 7),
    ((1000, 1000), 3), ((1500, 1000), 3), ((2000, 5000), 3), ((2000, 20000), 3),
)  # fmt: skip
QUICK = (((10, 20), 1), ((45, 30), 1), ((100, 1000), 1))

#: Seconds after which a peer is left out of larger sizes.
LIMIT = 10.0

#: What ours may take: so many times what the fastest right peer takes, plus the overhead of a call in Python.
FACTOR, OVERHEAD = 1.5, 1e-4


def instance(m, d, seed):
    """Points and labels; separable with a probability near 1 for m <= 1.5 d and m not too small."""
    rng = np.random.default_rng([m, d, seed])
    return kc.Dataset(rng.standard_normal((m, d)) / np.sqrt(d), rng.choice([-1.0, 1.0], m))


def ours(data):
    """Weights and multipliers by kktcheck."""
    found = kc.max_margin(data)
    return found.model.w, found.multipliers


def residual(data, w, multipliers):
    """KKT residual of an answer as a column; infinite if a point is misclassified."""
    model = kc.LinearPredictor(w)
    if multipliers is None and float(model.margins(data).min()) > 0:
        multipliers = kc.recover_multipliers(model, data).values
    return {"kkt_residual": accuracy.of_point(model, data, multipliers)}


def chosen(forms, data):
    """Name and function of the better of a peer's forms, judged by one call of each: right before wrong, then quick before slow."""
    judged, failures = [], quadratic_peers.failures()
    for form, function in forms.items():
        if form == "primal" and data.dim > 2 * data.num_points:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(instance(5, 10, 0))  # imports and allocates
                started = time.perf_counter()
                answer = function(data)
                seconds = time.perf_counter() - started
            judged.append((residual(data, *answer)["kkt_residual"] > record.RIGHT, seconds, form))
        except failures:
            judged.append((True, np.inf, form))
    form = min(judged)[2]
    return form, forms[form]


def measure(m, d, rounds, peers, excluded):
    """Rows of one size; peers that turn out too slow join ``excluded``."""
    draws = [instance(m, d, seed) for seed in range(rounds)]
    forms = {name: chosen(forms, draws[0]) for name, forms in peers.items() if name not in excluded}
    functions = {record.OURS: ours, **{name: function for name, (_, function) in forms.items()}}
    candidates = {name: lambda data, function=function: (data, *function(data)) for name, function in functions.items()}
    support = int((kc.max_margin(draws[0]).multipliers > 0).sum())
    candidates[record.FLOOR] = floors.max_margin(m, d, support).ready()
    found = timing.interleaved(rounds, candidates, lambda number: kc.Dataset(draws[number].X, draws[number].y), failures=quadratic_peers.failures())
    rows = record.rows({"case": "Gaussian points", "m": m, "d": d}, found, lambda answer: residual(*answer))
    for name in forms:
        taken = found[name].seconds
        if taken and max(taken) > LIMIT:
            excluded[name] = f"left out: {max(taken):.0f} s at {m} x {d}"
    fastest = min((found[row["method"]].median for row in rows[1:] if row["right"]), default=float("nan"))
    for row in rows[1:]:
        row["form"] = forms[row["method"]][0]
    rows[0]["within_allowance"] = found[record.OURS].median <= FACTOR * fastest + OVERHEAD
    return rows


def cases(quick):
    """Rows of every size."""
    peers, excluded = max_margin_peers.peers(), {}
    for (m, d), rounds in QUICK if quick else SIZES:
        rows = measure(m, d, rounds, peers, excluded)
        ran = {row["method"] for row in rows}
        about = {"case": "Gaussian points", "m": m, "d": d}
        yield rows + [dict.fromkeys(record.ROW, "") | about | {"method": name, "note": why} for name, why in excluded.items() if name not in ran]


def main(argv=None):
    """Run and write ``results/max_margin.csv`` (not with --quick)."""
    record.run(__doc__, argv, "max_margin.csv", cases, libraries=(*quadratic_peers.LIBRARIES, "scikit-learn"))


if __name__ == "__main__":
    main()
