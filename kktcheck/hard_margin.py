"""The active-set engine of max-margin predictors: candidates for the support, the exact solution on one, and the test of all signs."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from .dense import solve
from .dual_active_set import DualActiveSet
from .proximal import descent, proximal
from .separability import refute
from .support_search import COLLAPSED, all_at_once, exchange, least_distance
from .tolerances import EPS, PIVOT

#: Points up to which nonnegative least squares in compiled code beats exchanges in NumPy, in at least as many dimensions and in fewer.
FEW, FEW_IN_FEWER = 64, 100

#: Dimensions per point from which on all points are likely to carry the margin, and a few are reduced to as many coordinates as there are points.
WIDE = 4

#: Share of the rows that may be let go where holding all of them is a good start.
NEARLY_ALL = 0.1

#: Ridges of the proximal steps, in units of the diagonal: the first leaves a handful of points too many, each next one fewer.
RIDGES = (5e-3, 5e-4, 1e-4, 1e-6)

#: Corrections of the solution on a support by its own residual; one is usual.
CORRECTIONS = 4

#: A bound missed by this share of the length of the predictor, a few roundings of a product, is met as well as it can be.
ATTAINABLE = 4 * EPS

#: Condition of the Gram matrix of a support from which on the rows themselves are factored: correcting gains less than half of the digits then.
SQUARED = 1e8

#: Length of a predictor, in units of the least bound, from which on its products round so much that the rows are asked as well.
LONG = 1e6

#: Rounds of solving for a part of the points and adding those that it violates; ten are usual.
ROUNDS = 60


@dataclass(frozen=True, eq=False)
class HardMargin:
    """A predictor that meets the bounds of its support, and whether it meets the others; in the units of `kktcheck.unit_rows.UnitRows`.

    Attributes
    ----------
    predictor : ndarray, shape (d,)
    weights : ndarray, shape (m,)
        At least 0, and 0 off the support.
    margins : ndarray, shape (m,)
    condition : float
        Estimate of the condition number (1-norm) of the Gram matrix of the support's rows.
    settled : bool
        Whether no sign is wrong beyond rounding.
    method : str
    independent : bool
        Whether the rows of the support are known to be independent.
    """

    predictor: np.ndarray
    weights: np.ndarray
    margins: np.ndarray
    condition: float
    settled: bool
    method: str
    independent: bool


def hard_margin(rows):
    """The max-margin predictor of `kktcheck.unit_rows.UnitRows` as a `HardMargin`.

    Raises
    ------
    NotSeparableError
        With the combination that proves it.
    """
    found = _by_parts(rows) if rows.count > 2 * rows.dim + FEW_IN_FEWER else _through_gram(rows)
    if found and found.condition <= SQUARED and _length(found.predictor) <= LONG * float(rows.bounds.min()):
        return found
    sure = _through_rows(rows, found)
    return sure if sure.settled or not found else found


def _through_gram(rows):
    """Solution by way of Gram matrices, or None where they lose too many digits."""
    for candidate in _candidates(rows):
        found = _on_support(rows, candidate)
        if found.settled:
            return found
    return None


def _candidates(rows):
    """Candidates for the support, the quickest to find first; raises `NotSeparableError` where the rows combine to zero."""
    m, gram, found = rows.count, None, None
    if m > (FEW if m <= rows.dim else FEW_IN_FEWER):
        gram = rows.gram()
        if m <= rows.dim:
            found = exchange(gram, rows.bounds, np.ones(m, dtype=bool), NEARLY_ALL)
    else:
        if rows.dim > WIDE * m:
            gram = rows.gram()
            found = all_at_once(gram, rows.bounds)
            if found:
                yield found
        found = least_distance(rows.coordinates()[0] if rows.dim > WIDE * m else rows.rows(), rows.bounds)
        if not found:
            refute(rows, np.arange(m))
    if found:
        yield found
    gram = rows.gram() if gram is None else gram
    weights = descent(gram, rows.bounds)
    found = exchange(gram, rows.bounds, weights > 0)
    if found:
        yield found
    for ridge in RIDGES:
        weights, products = proximal(gram, rows.bounds, ridge, weights, weights > 0)
        free = weights > 0
        if float(weights @ products) <= (COLLAPSED * float(weights.sum())) ** 2:
            refute(rows, free.nonzero()[0])
            return
        found = exchange(gram, rows.bounds, free)
        if found:
            yield found


def _on_support(rows, candidate):
    """The solution on a candidate's support, corrected by its residual on the points themselves."""
    support, bounds = candidate.support, rows.bounds[candidate.support]
    weights = np.zeros(rows.count)
    weights[support] = candidate.weights
    predictor = rows.combination(weights)
    margins = rows.margins(predictor)
    missing = (1.0 - margins[support]) * bounds
    worst = float(np.abs(missing).max())
    for _ in range(CORRECTIONS):
        if worst <= ATTAINABLE * _length(predictor):
            break
        correction = np.zeros(rows.count)
        correction[support] = solve(candidate.factor, missing)
        moved = predictor + rows.combination(correction)
        then = rows.margins(moved)
        missing = (1.0 - then[support]) * bounds
        before, worst = worst, float(np.abs(missing).max())
        if worst > 0.5 * before:
            break
        weights, predictor, margins = weights + correction, moved, then
    reciprocal = lapack.dpocon(candidate.factor, candidate.norm)[0]
    condition = 1.0 / reciprocal if reciprocal > 0 else np.inf
    return _judged(rows, predictor, weights, margins, condition, candidate.method, float(weights[support].min()))


def _judged(rows, predictor, weights, margins, condition, method, lowest, settled=True):
    """A `HardMargin` with weights that rounding made negative moved to 0; settled if there is nothing worse."""
    violation = float(((1.0 - margins) * rows.bounds).max())
    settled = settled and lowest >= -PIVOT * float(weights.max()) and violation <= PIVOT * _length(predictor)
    if lowest <= 0:
        weights = np.maximum(weights, 0.0)
    return HardMargin(predictor, weights, margins, condition, settled, method, True)


def _length(vector):
    return math.sqrt(vector @ vector)


def _by_parts(rows):
    """Solution for many points in few dimensions: for a part of them, then with the points it violates, until there are none.

    The predictor gets longer in every round, so no part comes twice.
    """
    mean = rows.combination(np.ones(rows.count))
    part = np.sort(np.argsort(rows.margins(mean))[: 2 * rows.dim + FEW // 2])
    for _ in range(ROUNDS):
        found = _through_gram(rows.part(part))
        if found is None:
            return None
        margins = rows.margins(found.predictor)
        missing = (1.0 - margins) * rows.bounds
        violated = (missing > PIVOT * _length(found.predictor)).nonzero()[0]
        violated = np.setdiff1d(violated, part)
        if not violated.size:
            weights = np.zeros(rows.count)
            weights[part] = found.weights
            return _judged(rows, found.predictor, weights, margins, found.condition, f"{found.method}, by parts", 0.0)
        worst = violated[np.argsort(-missing[violated])[: rows.dim + FEW // 4]]
        part = np.union1d(part[found.weights > 0], worst)
    return None


def _through_rows(rows, found):
    """Solution by the dual active set on the rows themselves, started from the support found before, or by least distance programming."""
    coordinates, basis = (rows.rows(), None) if rows.dim <= WIDE * rows.count else rows.coordinates()  # coordinates are rounded, rows are not
    search = DualActiveSet(coordinates, rows.bounds, lambda indices, weights: refute(rows, indices, weights))
    if found:
        search.start_at(found.weights.nonzero()[0])
    else:
        refute(rows, np.arange(rows.count))
        start = least_distance(coordinates, rows.bounds)
        search.start_at(start.support if start else np.zeros(0, dtype=np.intp))
    ended = search.run()
    weights = np.zeros(rows.count)
    weights[ended.support] = ended.weights
    predictor = ended.predictor if basis is None else basis @ ended.predictor
    reciprocal = lapack.dtrcon(ended.triangle)[0]
    condition = reciprocal**-2 if reciprocal > 0 else np.inf
    return _judged(rows, predictor, weights, rows.margins(predictor), condition, "dual active set", float(ended.weights.min()), ended.settled)
