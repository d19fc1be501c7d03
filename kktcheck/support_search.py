"""The points that carry a hard-margin predictor, found on the Gram matrix of the signed rows.

A set of rows is a candidate if, with the bounds of all of them met, no weight is negative and no other bound is violated, as far as the Gram
matrix can tell. Three ways lead to one: all rows at once; least distance programming in compiled code, for a handful; and block exchanges
as in `kktcheck.pivoting`, but given up as soon as they stop making progress.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from . import dense
from .dense import block, solve
from .tolerances import PIVOT, RANK

#: Block exchanges that may go by without fewer violations than ever before, and exchanges in a row.
PATIENCE, EXCHANGES = 2, 40

#: Pivots below this end a Cholesky factorisation of rows of norm 1 as singular.
SINGULAR = math.sqrt(RANK)

#: Length of a convex combination of the rows below which it may well be zero.
COLLAPSED = 1e-5


@dataclass(frozen=True, eq=False)
class Candidate:
    """A set of rows whose bounds hold with equality, and their weights.

    Attributes
    ----------
    support : ndarray of int, shape (k,)
        Sorted.
    factor : ndarray, shape (k, k)
        Upper triangular Cholesky factor of their Gram matrix (below the diagonal: anything).
    norm : float
        1-norm of that Gram matrix.
    weights : ndarray, shape (k,)
    method : str
    """

    support: np.ndarray
    factor: np.ndarray
    norm: float
    weights: np.ndarray
    method: str


def cholesky(matrix):
    """Upper Cholesky factor of a Gram matrix of rows of norm about 1, which it overwrites; None if it is singular to working precision."""
    factor = dense.cholesky(matrix.T)
    return factor if factor is not None and factor.diagonal().min(initial=np.inf) >= SINGULAR else None


def all_at_once(gram, bounds):
    """The candidate of all rows, if their Gram matrix is definite and no weight negative; else None."""
    factor = cholesky(gram.copy())
    if factor is None:
        return None
    weights = solve(factor, bounds)
    return Candidate(np.arange(len(bounds)), factor, _one_norm(gram), weights, "one linear system") if weights.min() > 0 else None


def least_distance(rows, bounds):
    """Candidate from least distance programming, for rows of shape (m, r); None if they seem to combine to zero, or to depend on each other.

    The largest bound should be about 1, as the rows are: the two share a scale.

    Notes
    -----
    Lawson and Hanson, Solving Least Squares Problems, chapter 23: nonnegative least squares on the rows with their bounds as one more column.
    """
    from scipy import optimize

    m, r = rows.shape
    system, target = np.empty((r + 1, m)), np.zeros(r + 1)
    system[:-1], system[-1], target[-1] = rows.T, bounds, 1.0
    try:
        found, distance = optimize.nnls(system, target, maxiter=100 * m)
    except RuntimeError:  # too many iterations
        return None
    support = found.nonzero()[0]
    if distance < COLLAPSED:
        return None
    held = rows[support]
    gram = held @ held.T
    norm = _one_norm(gram)
    factor = cholesky(gram)
    if factor is None:
        return None
    return Candidate(support, factor, norm, solve(factor, bounds[support]), "least distance programming")


def exchange(gram, bounds, free, share=1.0):
    """Block exchanges from the given mask of free rows, as long as violations get fewer: a `Candidate`, or None.

    None as well if the first step leaves violations at more than a ``share`` of the rows.
    """
    m, best, patience = len(bounds), len(bounds) + 1, PATIENCE
    highest = float(bounds.max())
    for step in range(EXCHANGES):
        support = free.nonzero()[0]
        factor = cholesky(block(gram, support))
        if factor is None and not step:  # points that repeat others: begin with those that do not
            support = _independent(gram, support)
            factor = cholesky(block(gram, support))
            free = np.zeros(m, dtype=bool)
            free[support] = True
        if factor is None:
            return None
        found = solve(factor, bounds[support])
        weights = np.zeros(m)
        weights[support] = found
        tiny = PIVOT * (highest + float(np.abs(found).max(initial=0.0)))
        missing = bounds - gram @ weights
        wrong = np.where(free, weights < -tiny, missing > tiny)
        count = int(np.count_nonzero(wrong))
        if not count:
            return Candidate(support, factor, _one_norm(block(gram, support)), found, "block exchanges")
        if not step and count > share * m:
            return None
        if count < best:
            best, patience = count, PATIENCE
        elif patience:
            patience -= 1
        else:
            return None
        free = free ^ wrong
    return None


def _one_norm(matrix):
    return lapack.dlange("1", matrix)


def _independent(gram, support):
    """Rows of the support that are independent to working precision, by a Cholesky factorisation with pivoting."""
    _, order, rank, _ = lapack.dpstrf(block(gram, support).T, tol=RANK)
    return np.sort(support[order[:rank] - 1])
