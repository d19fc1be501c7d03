"""Neurons grouped by pattern of states, and patterns by number of kinks, so that each is worked on once and in stacks."""

import numpy as np

from .tolerances import RANK


def pattern_classes(states):
    """Classes of equal rows of ``states``, shape (n, m): (representative rows, class of each row), in order of first appearance."""
    rows = np.ascontiguousarray(states)
    size, raw, first, classes = rows.shape[1] * rows.itemsize, rows.tobytes(), [], {}
    member = np.empty(len(rows), dtype=np.intp)
    for j in range(len(rows)):
        found = classes.setdefault(raw[j * size : (j + 1) * size], len(first))
        if found == len(first):
            first.append(j)
        member[j] = found
    return rows[first], member


def equal_sizes(rows, mask, entries=np.inf):
    """Group the given rows of a mask by how many entries they mark: yields (rows, their marked columns (g, k)).

    A group is divided into parts of at least one row with at most ``entries`` marked.
    """
    marked = mask[rows]
    counts = np.count_nonzero(marked, axis=1)
    for k in sorted(set(counts[counts > 0].tolist())):
        same = (counts == k).nonzero()[0]
        part = int(max(1, min(len(same), entries // k)))
        for start in range(0, len(same), part):
            group = same[start : start + part]
            yield rows[group], marked[group].nonzero()[1].reshape(len(group), k)


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
    return inverse @ coupling, lambda whitened: np.matmul(whitened[:, None, :], inverse)[:, 0]
