"""Forgetting points of a linear predictor: what is left after the step, what its best scale is worth, and the retained optimum.

Forget sets are rows of a bool matrix (sets, m), so that all of them are looked at at once.
"""

import functools

import numpy as np

from ...instances.exact import is_exact, root, solve
from ...instances.linear_family import LinearPoints
from ..hypotheses import DATA, KKT, at_least_points, box

POINTS = LinearPoints(0.5, 0.5, 0.1, points=(2, 8))
#: The settings of Theorem 3.1, with something left to retain.
SETTINGS = (*DATA, *KKT, *box("0.5", "0.5", "0.1", strict=True), at_least_points(2))
#: Up to so many points every forget set is looked at; beyond, single points and all runs from either end.
_ALL_SETS = 5


@functools.cache
def single_points(size):
    """Every forget set of one point; (m, m) bool array."""
    return np.eye(size, dtype=bool)


@functools.cache
def forget_sets(size):
    """Forget sets that leave at least one point; (sets, m) bool array."""
    if size <= _ALL_SETS:
        return np.array([[number >> place & 1 for place in range(size)] for number in range(1, 2**size - 1)], dtype=bool)
    places = np.arange(size)
    runs = [places < length for length in range(1, size)] + [places >= length for length in range(1, size)]
    return np.unique(np.concatenate([np.eye(size, dtype=bool), runs]), axis=0)


def several_points(size):
    """The forget sets of at least two points."""
    sets = forget_sets(size)
    return sets[sets.sum(axis=1) >= 2]


def unlearned(p, sets):
    """Coefficients of w^ on the points; shape (sets, m)."""
    return p.coefficients - sets * (p.labels * p.multipliers)


def margins(p, sets):
    """y_i <w^, x_i> of every point, forgotten ones included; shape (sets, m)."""
    return p.labels * (unlearned(p, sets) @ p.gram)


def needed(p, sets):
    """The epsilon and delta that w^ needs at its best scale, 1 / its least retained margin, with multipliers scaled alike; shape (sets, 2)."""
    after = margins(p, sets)
    scale = 1 / _least(after, sets)
    slackness = scale[:, None] * p.multipliers * (scale[:, None] * after - 1)
    return np.stack([scale * root(p.error_squared), np.where(sets, 0 * after, slackness).max(axis=1)], axis=1)


def necessary(p, sets, epsilons):
    """What any scale and any multipliers need whose stationarity error is at most ``epsilons`` (sets,): lower bounds; shape (sets, 2).

    Feasibility asks for a scale of at least c = 1 / the least retained margin. At any scale, lambda'_i y_i differs from the coefficient of the
    projection of the scaled w^ on x_i by at most epsilon' sqrt((K^-1)_ii), K of the retained points; so slackness is at least
    (c h_i y_i - epsilon' sqrt((K^-1)_ii)) (c margin_i - 1), which grows with the scale where it is positive.
    """
    rows = []
    for forgotten, after, weights, epsilon in zip(sets, margins(p, sets), unlearned(p, sets), epsilons):
        kept = np.flatnonzero(~forgotten)
        gram, signed = p.gram[np.ix_(kept, kept)], p.labels[kept] * after[kept]
        inside = solve(gram, signed)
        outside = weights @ p.gram @ weights + p.beyond - inside @ signed
        scale = 1 / after[kept].min()
        surely = np.maximum(scale * p.labels[kept] * inside - ball(gram, epsilon), 0 * signed)
        rows.append([scale * root(outside), (surely * (scale * after[kept] - 1)).max()])
    return np.array(rows)


def ball(gram, radius):
    """How far each coefficient of a vector in the span can be from zero if its norm is at most a radius, rounded up; shape (m,)."""
    inverse = solve(gram, np.eye(len(gram), dtype=int))
    return radius * upper(root(np.diagonal(inverse).copy()))


def upper(values):
    """Upper ends of enclosures; other numbers as they are."""
    if isinstance(values, np.ndarray) and values.dtype == object:
        return np.array([upper(value) for value in values], dtype=object)
    return getattr(values, "high", values)


def optima(p, sets):
    """Multipliers of the max-margin predictor of what each set leaves, zero on the forgotten points; shape (sets, m)."""
    if is_exact(p.gram):
        return np.array([p.retained_optimum(np.flatnonzero(forgotten)) for forgotten in sets])
    kept = ~sets
    systems = np.where(kept[:, :, None] & kept[:, None, :], np.outer(p.labels, p.labels) * p.gram, np.eye(p.num_points))
    return solve(systems, kept[:, :, None].astype(float))[:, :, 0]


def distance(p, weights, optimum):
    """1 - cos between vectors of coefficients ``weights``, with the point's own orthogonal part, and the span's ``optimum``; shape (sets,).

    In float64 half the squared distance of the unit vectors, in which nothing cancels; exactly, where nothing can, with a single root.
    """
    squares = _squared(p, weights) + p.beyond, _squared(p, optimum)
    if is_exact(p.gram):
        return 1 - (weights * (optimum @ p.gram)).sum(axis=-1) / root(squares[0] * squares[1])
    between = weights / root(squares[0])[:, None] - optimum / root(squares[1])[:, None]
    return (_squared(p, between) + p.beyond / squares[0]) / 2


def to_optimum(p, sets):
    """1 - cos between w^ and the max-margin predictor of the retained points; shape (sets,)."""
    return distance(p, unlearned(p, sets), optima(p, sets) * p.labels)


def _least(values, sets):
    """Least entry of each row outside its set."""
    return np.where(sets, values.max(), values).min(axis=1)


def _squared(p, weights):
    return (weights * (weights @ p.gram)).sum(axis=-1)
