"""Neurons grouped by pattern of states, and patterns by number of kinks, so that each is worked on once and in stacks."""

import numpy as np

from .tolerances import RANK


def pattern_classes(states):
    """Classes of equal rows of ``states``, shape (n, m): (representative rows, class of each row)."""
    rows = np.ascontiguousarray(states)
    keys = rows.view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], inverse.ravel()


def equal_sizes(rows, mask):
    """Group the given rows of a mask by how many entries they mark: yields (rows, their marked columns (g, k))."""
    counts = mask[rows].sum(axis=1)
    for k in np.unique(counts[counts > 0]):
        group = rows[counts == k]
        yield group, np.nonzero(mask[group])[1].reshape(len(group), k)


def whiten(blocks, coupling):
    """Whitened couplings L^-1 B of stacked blocks K = L L', and the map from whitened vectors L^-1 b to K^-1 b."""
    try:
        lower = np.linalg.cholesky(blocks)
        pivots = np.diagonal(lower, axis1=1, axis2=2)
        definite = bool((pivots**2 > RANK * np.diagonal(blocks, axis1=1, axis2=2)).all())
    except np.linalg.LinAlgError:
        definite = False
    if definite:
        inverse = np.linalg.inv(lower)
    else:
        values, vectors = np.linalg.eigh(blocks)
        keep = values > RANK * values[:, -1:]
        inverse = np.where(keep, 1 / np.sqrt(np.where(keep, values, 1.0)), 0.0)[:, :, None] * np.swapaxes(vectors, 1, 2)
    return inverse @ coupling, lambda whitened: np.einsum("gkl,gk->gl", inverse, whitened)
