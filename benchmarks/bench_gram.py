"""Gram matrices from their exact law, seconds in any dimension, beside points drawn there: ``python -m benchmarks.bench_gram [--quick]``.

Each figure is the median of several runs after one that warms up. Mixtures include all inner products. Points in d dimensions are drawn only where
they fit, fewer draws of them, and their time is scaled to the number of draws.
"""

import argparse
import statistics
import sys
import time
import tracemalloc

import numpy as np

import kktcheck as kc

from .environment import RESULTS, write

DIMS = (1, 10**3, 10**17, 10**20)
#: (what, m, test points, draws).
SIZES = (("gaussian", 10, 0, 10_000), ("sphere", 10, 0, 10_000), ("mixture", 10, 50, 10_000), ("gaussian", 2000, 0, 1), ("mixture", 10, 1_000_000, 1))
#: Largest number of coordinates of one draw of points, and draws timed of them.
DIRECT, DIRECT_DRAWS = 10**6, 50


def gram(what, m, t, d, draws, rng):
    """All inner products that the row is about."""
    if what == "gaussian":
        return kc.sampling.gaussian_gram(m, d, draws, rng=rng)
    if what == "sphere":
        return kc.sampling.sphere_gram(m, d, draws, rng=rng)
    drawn = kc.sampling.gaussian_mixture_gram(m, d, alpha=0.2, test_points=t, draws=draws, rng=rng)
    return drawn.gram, drawn.cross, drawn.test_square_norms, drawn.mean_products, drawn.test_mean_products


def direct(what, m, t, d, draws, rng):
    """The same from points, one draw at a time."""
    for _ in range(draws):
        if what == "mixture":
            X = kc.sampling.gaussian_mixture(m + t, d, alpha=0.2, rng=rng).X
            X[:m] @ X.T
            np.einsum("ij,ij->i", X, X)
        else:
            X = getattr(kc.sampling, what)(m, d, rng=rng).X
            X @ X.T


def seconds(function, *arguments, runs):
    """Sorted seconds of ``runs`` runs after one that is not counted."""
    taken = []
    for run in range(runs + 1):
        start = time.perf_counter()
        function(*arguments, np.random.default_rng(run))
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])


def peak(function, *arguments):
    """Largest number of bytes held at once."""
    tracemalloc.start()
    function(*arguments, np.random.default_rng(0))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def row(size, d, runs):
    """One row of the record."""
    what, m, t, draws = size
    taken = seconds(gram, what, m, t, d, draws, runs=runs)
    few = min(draws, DIRECT_DRAWS)
    fits = (m + t) * d <= DIRECT
    points = statistics.median(seconds(direct, what, m, t, d, few, runs=min(runs, 3))) * draws / few if fits else ""
    return {
        "law": what, "m": m, "test_points": t, "draws": draws, "d": f"{d:.0e}", "runs": runs,
        "median_s": round(statistics.median(taken), 4), "min_s": round(taken[0], 4), "max_s": round(taken[-1], 4),
        "peak_mb": round(1e-6 * peak(gram, what, m, t, d, draws), 1), "points_s": points if points == "" else round(points, 4),
    }  # fmt: skip


def main(argv=None):
    """Measure, print and write ``results/gram.csv`` (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one run of the sizes of ten points, no file")
    quick = parser.parse_args(argv).quick
    rows = []
    for size in SIZES[:3] if quick else SIZES:
        for d in DIMS:
            rows.append(row(size, d, 1 if quick else 5))
            print(rows[-1], file=sys.stderr)
    if not quick:
        write(RESULTS / "gram.csv", rows)


if __name__ == "__main__":
    main()
