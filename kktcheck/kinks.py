"""Kinks of a trained network: which pre-activations are zero but for the noise of training, and projecting onto that.

Gradient flow holds many pairs (neuron, point) on <w_j, x_i> = 0; plain gradient descent leaves them a little off. Projecting each
w_j onto the hyperplanes of its kinks makes them structural: a mask, since a float64 projection still leaves 1e-16.
"""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from .blocks import too_many
from .errors import InputError
from .patterns import equal_sizes, pattern_classes
from .tolerances import EPS, KINK_GAP, KINK_LOG_ODDS, KINK_WINDOW, RANK

#: Gram matrices of points with a smaller eigenvalue than this share of the largest are not inverted: the points themselves are factored.
WELL_CONDITIONED = 1e-8

#: Numbers in a stack of sets of points that are factored at once.
STACKED = 1e6

#: Neurons treated at once, so that what is in hand stays in the cache.
ROWS = 32


@dataclass(frozen=True, eq=False)
class Kinks:
    """Choice of kinks and its effect.

    Attributes
    ----------
    mask : ndarray of bool, shape (n, m), or None
        The kinks; None for a linear predictor and in the indicator convention.
    count : int
        Number of kinks.
    tolerance : float
        Pairs with |<w_j, x_i>| <= tolerance |w_j| |x_i| were taken as kinks.
    plateau : tuple of float
        Largest relative pre-activation below (0 if none) and smallest above (1 if none) the tolerance.
    source : str
        ``"model"`` (mask it carried), ``"plateau"`` (chosen automatically), ``"none"`` (no plateau), ``"given"``.
    zeroed : tuple of int
        Neurons that the projection made zero.
    noise : float
        Bound on the distance between the certified weights and exact membership in all hyperplanes (points that are dependent to
        within 1e-12 of their norms count as dependent).
    """

    mask: np.ndarray | None
    count: int
    tolerance: float
    plateau: tuple
    source: str
    zeroed: tuple = ()
    noise: float = 0.0


NO_KINKS = Kinks(None, 0, 0.0, (0.0, 1.0), "none")


def find(model, data, kink_tol="auto", block=None):
    """Kinks of a network: its own mask, or the pairs within a relative tolerance of zero.

    Parameters
    ----------
    model : TwoLayerReLU
    data : Dataset
    kink_tol : "auto" or float
        A relative tolerance in [0, 1), or the plateau of the kink count, if there is one. A zero neuron is on every kink.
    block : int, optional
        Points to be looked at at once; where there are many points the default is not all either.

    Returns
    -------
    mask : ndarray of bool, shape (n, m)
    tolerance : float
    plateau : tuple of float
    source : str
    """
    if model.kinks is not None:
        return model.kinks, 0.0, (0.0, 1.0), "model"
    if block or too_many(model.num_neurons, data.num_points):
        from .large import scan

        return scan.find(model, data, kink_tol, block)
    sizes = relative_preactivations(model, data)
    if kink_tol == "auto":
        tolerance = plateau_tolerance(sizes, independence(data))
        source = "none" if tolerance == 0 else "plateau"
    else:
        tolerance, source = float(kink_tol), "given"
    mask = sizes <= tolerance
    below, above = sizes[mask], sizes[~mask]
    return mask, tolerance, (float(below.max(initial=0.0)), float(above.min(initial=1.0))), source


def check_tolerance(kink_tol):
    """Raise `InputError` unless ``kink_tol`` is "auto" or a number in [0, 1)."""
    auto = isinstance(kink_tol, str) and kink_tol == "auto"
    if not auto and not (isinstance(kink_tol, Real) and not isinstance(kink_tol, bool) and 0 <= kink_tol < 1):
        raise InputError(f"kink_tol = {kink_tol!r}: 'auto' or a number in [0, 1) is needed")


def relative_preactivations(model, data):
    """|<w_j, x_i>| / (|w_j| |x_i|), shape (n, m); zero for a zero neuron."""
    norms = model.neuron_norms
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes = np.abs(model.preactivations(data)) / (norms[:, None] * data.norms)
    sizes[norms == 0] = 0.0
    return sizes


def independence(data):
    """Share of each point that is news, shape (m,): 1 over the sum of its squared cosines to all points.

    1 for orthogonal points, 1/k for each of k parallel ones; in all at most about the dimension.
    """
    cosines = data.gram / data.norms / data.norms[:, None]
    return 1.0 / np.einsum("ij,ij->i", cosines, cosines)


def plateau_tolerance(sizes, weights=None):
    """Tolerance in the middle of the widest gap of the relative pre-activations, or 0 if there is no plateau.

    A gap counts if the pairs below it are too many to be the lower tail of a smooth density fitted just above it: with mean mu
    expected and k found, the Poisson tail exp(mu - k) (mu / k)**k must be below exp(-KINK_LOG_ODDS).

    On the absolute cosines of random directions it finds a plateau about once in 10000 spectra.

    Parameters
    ----------
    sizes : array_like, shape (n, m)
    weights : array_like, shape (m,), optional
        What a pair with each point counts for, since a neuron meets parallel points at once; see `independence`.
    """
    order = np.argsort(sizes, axis=None)
    ordered = np.ravel(sizes)[order]
    before = np.concatenate([[0.0], np.cumsum(np.broadcast_to(1.0 if weights is None else weights, np.shape(sizes)).ravel()[order])])
    return plateau_of(ordered, before, lambda size: before[np.searchsorted(ordered, size)])


def plateau_of(ordered, before, below):
    """As `plateau_tolerance`, from the sizes in ascending order, the weight before each, and a function: the weight of all below a size."""
    low, high = KINK_WINDOW
    first, last = np.searchsorted(ordered, (low, high))
    last = min(last, ordered.size - 1)  # a plateau has two sides: some pair lies above it
    if last == 0:
        return 0.0
    counts = np.arange(max(first, 1), last + 1)
    lower, upper = np.maximum(ordered[counts - 1], low), np.minimum(ordered[counts], high)
    gaps = upper / lower
    for k in np.argsort(-gaps, kind="stable"):
        if gaps[k] < KINK_GAP:
            return 0.0
        edge, count, bottom = upper[k], counts[k], ordered[counts[k] - 1]
        rate = (below(10 * edge) - before[count] + 1) / (9 * edge)
        if _log_odds(before[count], rate * bottom) > KINK_LOG_ODDS:
            cut = _without_stragglers(ordered, before, first, count, edge, rate)
            return float(np.sqrt(max(ordered[cut - 1], low) * (edge if cut == count else ordered[cut])))
    return 0.0


def _without_stragglers(ordered, before, first, count, edge, rate):
    """Pairs under the plateau once its topmost are left out that the density above explains, if a wider gap lies below them.

    Otherwise the lowest pair or two of the density are taken for kinks whenever the next gap happens to be wider than what the
    window shows of the plateau.
    """
    bottom, lowest = ordered[count - 1], max(first, 1)
    wider = ordered[lowest:count] * bottom > edge * ordered[lowest - 1 : count - 1]
    for start in lowest + np.flatnonzero(wider):
        if _log_odds(before[count] - before[start], rate * bottom) <= KINK_LOG_ODDS:
            return int(start)
    return count


def _log_odds(found, expected):
    """Minus the logarithm of the Poisson tail bound for ``found`` events or more where fewer are expected; 0 where they are not."""
    return found * np.log(found / max(expected, 1e-300)) - found + expected if found > expected else 0.0


def project(W, mask, data):
    """Weights projected off their kinks, shape (n, d), and the neurons made zero.

    Two sweeps, so that what is left is the rounding of the smaller second correction.
    """
    norms = _row_norms(W)
    projected = np.array(W)
    zeroed = []
    for pattern, _, basis, _ in hyperplanes(mask, data, norms):
        for start in range(0, len(pattern), ROWS):
            neurons = pattern[start : start + ROWS]
            block = projected[neurons]
            for _ in range(2):
                block -= (block @ basis.T) @ basis
            gone = _row_norms(block) <= 1e3 * EPS * norms[neurons]
            block[gone] = 0.0
            projected[neurons] = block
            zeroed.extend(int(j) for j in neurons[gone])
    return projected, tuple(sorted(zeroed))


def distance(W, mask, data):
    """Bound on the distance of the weights W from those that lie in all the hyperplanes of their kinks exactly."""
    X = np.asarray(data.X)
    norms = _row_norms(W)
    total = 0.0
    for neurons, points, _, least in hyperplanes(mask, data, norms):
        rounding = data.dim * EPS * np.linalg.norm(norms[neurons]) * np.sqrt(len(points))
        cosines = W[neurons] @ (X[points] / data.norms[points, None]).T
        total += ((np.linalg.norm(cosines) + rounding) / least) ** 2
    return float(np.sqrt(total))


def hyperplanes(mask, data, norms):
    """Neurons of one pattern of kinks, its points, an orthonormal basis of their span, and the least singular value, pattern by pattern.

    The singular value is that of the points as unit vectors. Neurons of zero norm are skipped.
    """
    rows = (mask.any(axis=1) & (norms > 0)).nonzero()[0]
    if not rows.size:
        return
    sets, member = pattern_classes(mask[rows])
    members = np.split(rows[np.argsort(member, kind="stable")], np.cumsum(np.bincount(member))[:-1])
    X = np.asarray(data.X)
    for group, points in equal_sizes(np.arange(len(sets)), sets, STACKED / data.dim):
        units = X[points] / data.norms[points][:, :, None]
        for s, marked, (basis, least) in zip(group, points, _bases(units), strict=True):
            yield members[s], marked, basis, least


def _row_norms(W):
    return np.sqrt(np.einsum("ij,ij->i", W, W))


def _bases(units):
    """Orthonormal basis of the span of unit rows, shape (r, d), and their smallest singular value above the rank tolerance, set by set of a stack."""
    values, vectors = np.linalg.eigh(units @ units.swapaxes(1, 2))
    for points, squares, turn in zip(units, values, vectors, strict=True):
        if squares[0] > WELL_CONDITIONED * squares[-1]:
            yield (turn / np.sqrt(squares)).T @ points, math.sqrt(squares[0])
        else:
            _, sizes, basis = np.linalg.svd(points, full_matrices=False)
            keep = sizes > RANK * sizes[0]
            yield basis[keep], float(sizes[keep][-1])
