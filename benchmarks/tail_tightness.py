"""How much of each bound on a probability is used, and from where it says something: ``python -m benchmarks.tail_tightness``.

The record is benchmarks/results/tail_tightness.csv: for every statement of Appendices A and D about a chance that is computed exactly (or bounded
from below by exact ones), the size from which on its bound is below 1 and below 1/100, the size from which on the chance itself is below 1/100, and
both sides where the bound reaches 1/100; for Appendix D, where its conditions on d begin, if that is later (0: below the smallest float). Bounds
fall with the size; each threshold is the last size of a scan that fails, narrowed by bisection to neighbouring sizes (four digits beyond 10^4).
Nothing is timed.
"""

import math

import numpy as np

from kktcheck import claims
from kktcheck.instances import MixturePoint, TailGrid

from . import environment

#: alpha, epsilon_d and n of the settings of Appendix D; the numbers of points; where a chance counts as small.
ALPHA, EPSILON_D, NEURONS, POINTS, SMALL = 0.2, 0.01, 10, (1, 10, 100), 0.01
#: Statement, and whether it depends on the number of points.
APPENDIX_A = (("lemma-A.1", False), ("lemma-A.2", False), ("lemma-A.3", False), ("lemma-A.6", False), ("lemma-A.7", True), ("lemma-A.8", True))
APPENDIX_A += (("theorem-A.1", True),)
APPENDIX_D = (("lemma-D.1", False), ("lemma-D.2", False), ("lemma-D.2/version/section-6", False), ("lemma-D.3/version/no-absolute-value", False))
APPENDIX_D += (("lemma-D.5", True), ("lemma-D.6/version/pairs", True), ("lemma-D.7/version/probability", True))
#: Sizes that are scanned: every one up to the first, then so many to 10 to the power of the third.
_EVERY, _MORE, _REACH = 60, 400, 60


def _point(d, points):
    return MixturePoint(float(d), ALPHA, EPSILON_D, points, NEURONS, 1)


def _tail(side, points):
    return lambda d: float(side(TailGrid(np.array([float(d)]), np.array([float(points)])))[0])


def _mixture(side, points):
    return lambda d: float(side(_point(d, points)))


def _meets(claim, point):
    return all(np.min(hypothesis.margin(point)) >= 0 for hypothesis in claim.hypotheses)


def scan():
    """Sizes, increasing."""
    beyond = np.unique(np.round(np.logspace(math.log10(_EVERY), _REACH, _MORE + 1))[1:])
    return [*range(1, _EVERY + 1), *(float(d) for d in beyond)]


def begins(holds, sizes):
    """The least size from which on ``holds`` is true, as far as the scan sees; None if it is false at its end."""
    fails = [index for index, d in enumerate(sizes) if not holds(d)]
    if not fails:
        return sizes[0]
    if fails[-1] == len(sizes) - 1:
        return None
    low, high = sizes[fails[-1]], sizes[fails[-1] + 1]
    while high - low > max(1, 1e-4 * high if high > 1e4 else 0):
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def row(id, points, sides, sizes, conditions=1):
    """One row of the record."""
    chance, bound = sides
    small = begins(lambda d: bound(d) < SMALL, sizes)
    there = max(small, conditions)
    reach = [conditions, *(d for d in sizes if conditions < d <= 2 * there)]
    left, right = chance(there), bound(there)
    return {
        "claim": id, "m": points, "conditions_hold_from": f"{conditions:.4g}", "bound_below_1_from": begins(lambda d: bound(d) < 1, sizes),
        "bound_below_0.01_from": small, "chance_below_0.01_from": f"{begins(lambda d: chance(d) < SMALL, reach):.4g}", "left_there": f"{left:.4g}",
        "right_there": f"{right:.4g}", "ratio_there": f"{left / right:.4g}" if right else "",
    }  # fmt: skip


def rows():
    """One dict per statement and number of points."""
    sizes = scan()
    for id, of_sets in APPENDIX_A:
        claim = claims.get(id)
        for points in POINTS if of_sets else ("",):
            if id == "lemma-A.8" and points == 1:
                continue
            yield row(id, points, [_tail(side, points or 1) for side in (claim.left, claim.right)], sizes)
    for id, of_sets in APPENDIX_D:
        claim = claims.get(id)
        for points in POINTS if of_sets else ("",):
            if id.startswith("lemma-D.6") and points == 1:
                continue
            sides = [_mixture(side, points or 1) for side in (claim.left, claim.right)]
            yield row(id, points, sides, sizes, begins(lambda d, claim=claim, m=points or 1: _meets(claim, _point(d, m)), sizes))


def main():
    """Tabulate and record."""
    record = list(rows())
    for entry in record:
        print("  ".join(f"{value!s:<10}" for value in entry.values()))
    environment.write(environment.RESULTS / "tail_tightness.csv", record)


if __name__ == "__main__":
    main()
