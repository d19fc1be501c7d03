"""Proof that no linear predictor separates the data: a convex combination of the signed points that vanishes, checked."""

from math import fsum

import numpy as np

from .errors import NotSeparableError, listing
from .exact_sums import residual
from .tolerances import EPS

#: |sum_i p_i y_i x_i| / sum_i p_i |x_i| up to which a combination counts as zero: a few roundings of its weights. Points that can be separated
#: by no more than that cannot be told from points that cannot.
VANISHED = 16 * EPS

#: Weights up to this share of the largest are rounding.
NEGLIGIBLE = 64 * EPS

#: Rounds of refining the weights of a combination; each gains the digits that the condition of the points leaves.
REFINEMENTS = 3

#: Combinations this far from zero before refining are no candidates.
CANDIDATE = 1e-6


def refute(rows, indices, weights=None):
    """Raise `NotSeparableError` if some of the given rows combine to zero with positive weights; return if that cannot be shown.

    Parameters
    ----------
    rows : UnitRows
    indices : ndarray of int
        Rows to combine, few if ``weights`` are given: rows that depend on each other in one way only.
    weights : ndarray, optional
        First guess, positive; by default found by nonnegative least squares, which needs few rows whatever the number given.
    """
    indices = np.asarray(indices)
    if weights is None:
        found = _combination(rows, indices)
        if found is None:
            return
        indices, weights = found
    while True:
        keep = weights > NEGLIGIBLE * weights.max()
        indices, weights = indices[keep], weights[keep]
        if len(indices) < 2:
            return
        weights = _refined(rows, indices, weights)
        if (weights > NEGLIGIBLE * weights.max()).all():
            break
    # From here on in the norms of the data: the check shares no number with the search.
    combination = weights * rows.bounds[indices]
    combination /= combination.sum()
    size = relative_sum(rows.data, indices, combination)
    if size > VANISHED:
        return
    order = np.argsort(indices)
    indices, combination = indices[order], combination[order]
    if rows.names is not None:
        indices = rows.names[indices]
    raise NotSeparableError(
        f"no linear predictor has a positive margin on all points: with positive weights the signed points {listing(indices)} combine to zero "
        f"(to {size:.1e} of their norms); drop one of them, or correct a label",
        indices,
        combination,
        size,
    )


def relative_sum(data, indices, weights):
    """|sum_i p_i y_i x_i| / sum_i p_i |x_i|, rounding included: an upper bound on min_i y_i <w, x_i> / (|w| |x_i|) for every predictor w.

    The sum of the vectors is rounded once, so nothing is lost to cancellation, and 0 means zero; the factor covers the norms.
    """
    indices = np.asarray(indices)
    signed = data.y[indices, None] * np.asarray(data.X)[indices]
    rest = residual(np.zeros(data.dim), signed.T, weights)
    rounding = 1.0 + (data.dim + len(indices) + 8) * EPS
    return float(np.linalg.norm(rest)) / fsum(weights * data.norms[indices]) * rounding


def _combination(rows, indices):
    """Few of the rows and weights whose combination nearly vanishes, or None."""
    from scipy import optimize

    coordinates = rows.coordinates(indices)[0]
    system = np.concatenate([coordinates, np.ones((len(indices), 1))], axis=1).T
    target = np.zeros(len(system))
    target[-1] = 1.0
    try:
        weights = optimize.nnls(system, target, maxiter=100 * len(indices))[0]
    except RuntimeError:  # too many iterations
        return None
    if not np.linalg.norm(weights @ coordinates) <= CANDIDATE * weights.sum():
        return None
    return indices, weights


def _refined(rows, indices, weights):
    """Weights with a combination as close to zero as rounding allows: least squares for all but the largest of them, which is 1."""
    coordinates = rows.coordinates(indices)[0]
    largest = int(np.argmax(weights))
    others = np.delete(np.arange(len(indices)), largest)
    weights = weights / weights[largest]
    for _ in range(REFINEMENTS):
        rest = residual(np.zeros(coordinates.shape[1]), coordinates.T, weights)
        weights[others] += np.linalg.lstsq(coordinates[others].T, rest, rcond=None)[0]
    return weights
