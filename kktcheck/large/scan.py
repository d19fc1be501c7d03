"""Kinks of a large network: the plateau of the relative pre-activations found in passes over the points, without all of them in memory.

A gap that counts spans a factor of `KINK_GAP`, so pre-activations within one cell of the window that spans less than that need not be told
apart: their number, the least and the largest of them are all that `kktcheck.kinks.plateau_of` can see. One more pass weighs the pairs
up to ten times each gap's upper edge, a last one marks the kinks.
"""

import numpy as np

from ..blocks import MOST, point_blocks
from ..kinks import plateau_of, relative_preactivations
from ..tolerances import KINK_GAP, KINK_WINDOW
from .states import parts

#: Cells: one below the window, steps of less than KINK_GAP in it, one above.
CELLS = np.append(KINK_WINDOW[0] * KINK_GAP ** np.arange(np.ceil(np.log(KINK_WINDOW[1] / KINK_WINDOW[0]) / np.log(KINK_GAP))), KINK_WINDOW[1])


def find(model, data, kink_tol, size=None):
    """As `kktcheck.kinks.find`, for a network without kinks of its own; ``size`` points at a time."""
    tolerance = _plateau(model, data, size) if kink_tol == "auto" else float(kink_tol)
    source = "given" if kink_tol != "auto" else "plateau" if tolerance else "none"
    mask = np.empty((model.num_neurons, data.num_points), dtype=bool)
    below, above = 0.0, 1.0
    for block, sizes in _sizes(model, data, size):
        marked = np.less_equal(sizes, tolerance, out=mask[:, block])
        below = max(below, float(sizes[marked].max(initial=0.0)))
        above = min(above, float(sizes[~marked].min(initial=1.0)))
    return mask, tolerance, (below, above), source


def independence(data, size=None):
    """As `kktcheck.kinks.independence`: the squared cosines of a point to all others, which add up to a quadratic form of its direction."""
    if data.dim > data.num_points:
        sums = [sum(((part @ other.T) ** 2).sum(axis=1) for other in _units(data, size)) for part in _units(data, size)]
        return 1.0 / np.concatenate(sums)
    total = np.zeros((data.dim, data.dim))
    for part in _units(data, size):
        total += part.T @ part
    return 1.0 / np.concatenate([np.einsum("ij,ij->i", part @ total, part) for part in _units(data, size)])


def _plateau(model, data, size):
    weights = independence(data, size)
    lowest, largest = np.full(len(CELLS) + 1, np.inf), np.full(len(CELLS) + 1, -np.inf)
    mass = np.zeros(len(CELLS) + 1)
    for block, sizes in _sizes(model, data, size):
        small = sizes < KINK_WINDOW[1]
        values = sizes[small]
        cells = np.searchsorted(CELLS, values, side="right")
        mass += np.bincount(cells, np.broadcast_to(weights[block], sizes.shape)[small], len(mass))
        np.minimum.at(lowest, cells, values)
        np.maximum.at(largest, cells, values)
        above = sizes[~small]
        lowest[-1], largest[-1] = min(lowest[-1], above.min(initial=np.inf)), max(largest[-1], above.max(initial=-np.inf))
    full = np.flatnonzero(np.isfinite(lowest))
    ordered = np.column_stack([lowest[full], largest[full]]).ravel()
    # Weight before each entry: that of the cells before its own. What stands between the two of a cell is never asked for.
    before = np.append(np.repeat(np.cumsum(mass[full]) - mass[full], 2), mass.sum())
    edges = np.minimum(ordered[1:][ordered[1:] >= KINK_GAP * np.maximum(ordered[:-1], KINK_WINDOW[0])], KINK_WINDOW[1])
    edges = edges[edges > KINK_WINDOW[0]]
    known = dict.fromkeys((10 * edges).tolist(), 0.0)
    for block, sizes in _sizes(model, data, size) if known else ():
        for bound in known:
            known[bound] += float((sizes < bound).sum(axis=0) @ weights[block])
    return plateau_of(ordered, before, lambda bound: known[float(bound)])


def _sizes(model, data, size):
    return ((block, relative_preactivations(model, part)) for block, part in parts(model, data, size))


def _units(data, size):
    return (data.X[block] / data.norms[block, None] for block in point_blocks(data.num_points, size or MOST))
