"""Gram matrices: what near orthogonality asks of one, and whether it is one at all."""

from fractions import Fraction
from functools import lru_cache

import numpy as np

from .exact import is_exact, to_exact


def is_positive(gram):
    """Whether a symmetric matrix is positive semidefinite: exactly for rationals, up to rounding for floats.

    Parameters
    ----------
    gram : (m, m) array
    """
    size = len(gram)
    if (np.diagonal(gram) >= abs_row_sums(gram)).all():
        return True
    if not is_exact(gram):
        return bool(np.linalg.eigvalsh(gram)[0] >= -1e-12 * np.abs(gram).max())
    rest = gram.astype(object).copy()
    for step in range(size):
        pivot = rest[step, step]
        if pivot < 0 or (pivot == 0 and any(entry != 0 for entry in rest[step, step:])):
            return False
        if pivot != 0:
            rest[step + 1 :, step + 1 :] -= np.outer(rest[step + 1 :, step], rest[step, step + 1 :]) / pivot
    return True


def abs_row_sums(gram):
    """Sums of the absolute off-diagonal entries of each row; shape (m,)."""
    return np.abs(gram).sum(axis=1) - np.abs(np.diagonal(gram))


def largest_inner_product(gram):
    """Largest absolute off-diagonal entry, 0 for a single point."""
    size = len(gram)
    if size < 2:
        return gram[0, 0] * 0
    return np.abs(gram[_off_diagonal(size)]).max()


@lru_cache(maxsize=256)
def _off_diagonal(size):
    return ~np.eye(size, dtype=bool)


def rounded_gram(gram, digits):
    """The Gram matrix in ``digits`` decimals, inner products towards zero so that none leaves the range that is allowed."""
    exact = to_exact(gram)
    if digits is None:
        return exact
    scale = 10**digits
    result = np.array([[Fraction(int(entry * scale), scale) for entry in row] for row in exact], dtype=object)
    np.fill_diagonal(result, [round(entry, digits) for entry in np.diagonal(exact)])
    return result
