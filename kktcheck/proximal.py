"""Multipliers of a hard-margin problem approached by steps that need no definite Gram matrix: a start for exchanges on the support.

`descent` takes cheap gradient steps until the set of positive weights hardly changes; `proximal` solves subproblems that are definite whatever the
rank, and in the limit of a small ridge the problem itself.
"""

import math

import numpy as np

from .dense import block, product, solve
from .support_search import cholesky
from .tolerances import PIVOT

#: Gradient steps between two looks at the rows with positive weights, and how many looks at most.
BETWEEN_LOOKS, LOOKS = 15, 8

#: Share of the rows that may enter or leave between two looks for the set to count as found, about.
STEADY = 0.02

#: Power steps for the largest eigenvalue, and the factor by which it may be underestimated then; too long a step costs time, not digits.
POWERS, CURVATURE = 6, 1.02

#: Newton steps of a proximal subproblem; five to ten are usual.
NEWTONS = 40


def descent(gram, bounds, sizes=None):
    """Weights near the minimiser of 1/2 mu'G mu - bounds'mu over mu >= 0, shape (m,), positive on about the right rows.

    The rows should have norms near 1; else give the norms, in whose units the steps are then taken and the weights are.

    Notes
    -----
    Accelerated projected gradient steps (Nesterov) with restarts where momentum leads uphill (O'Donoghue and Candes), until hardly any
    row enters or leaves any more. Each costs one product with the Gram matrix, a small share of a factorisation.
    """
    m, units = len(bounds), 1.0 if sizes is None else 1.0 / sizes
    top = 1.0 + 0.5 * np.cos(np.arange(m))  # nothing is orthogonal to it by design
    for _ in range(POWERS):
        top = units * product(gram, units * top)
        top /= math.sqrt(top @ top)
    step = 1.0 / (CURVATURE * float((units * top) @ product(gram, units * top)))
    pull, scaled = step * units * bounds, step * units
    weights, ahead, momentum = np.zeros(m), np.zeros(m), 1.0
    positive = np.ones(m, dtype=bool)
    for _ in range(LOOKS):
        for _ in range(BETWEEN_LOOKS):
            new = ahead + pull - scaled * product(gram, units * ahead)
            np.maximum(new, 0.0, out=new)
            move = new - weights
            if float((ahead - new) @ move) > 0:
                momentum = 1.0
            before, momentum = momentum, 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * momentum**2))
            move *= (before - 1.0) / momentum
            weights, ahead = new, move + new
        was, positive = positive, weights > 0
        if np.count_nonzero(positive != was) <= STEADY * m:
            break
    return weights


def proximal(gram, bounds, ridge, centre, free):
    """Minimise 1/2 mu'G mu - bounds'mu + 1/2 sum_i ridge G_ii (mu_i - centre_i)**2 over mu >= 0, by Newton steps on the set of positive entries.

    Returns
    -------
    weights, products : ndarray, shape (m,)
        mu and G mu.

    Notes
    -----
    Rockafellar's proximal method of multipliers; in terms of the predictor the subproblem is a squared hinge loss with shifted bounds,
    convex and piecewise quadratic, so that full steps with a line search where they fail end after finitely many (Keerthi and DeCoste).
    """
    ridges = ridge * gram.diagonal()
    reach = bounds + ridges * centre
    weights, products = np.zeros(len(bounds)), np.zeros(len(bounds))
    for step in range(NEWTONS):
        support = free.nonzero()[0]
        ridged = block(gram, support)
        ridged.flat[:: len(ridged) + 1] += ridges[support]
        new = np.zeros(len(bounds))
        new[support] = solve(cholesky(ridged), reach[support])
        new_products = gram @ new
        missing = reach - new_products
        missing[support] = ridges[support] * new[support]
        tiny = PIVOT * (float(reach.max()) + float(np.abs(new).max()))
        positive = missing > np.where(free, -tiny * ridges, tiny)
        if (positive == free).all():
            return np.maximum(new, 0.0), new_products
        if step and _value(new, new_products, missing, ridges) > _value(weights, products, reach - products, ridges):
            length = _line_search(weights, products, new - weights, new_products - products, reach, ridges)
            new = weights + length * (new - weights)
            new_products = products + length * (new_products - products)
            positive = reach - new_products > 0
        weights, products, free = new, new_products, positive
    weights = np.maximum(weights, 0.0)
    return weights, gram @ weights


def _value(weights, products, missing, ridges):
    """The subproblem as a function of the predictor: 1/2 |w|**2 + 1/2 sum_i max(missing_i, 0)**2 / ridge_i."""
    short = np.maximum(missing, 0.0)
    return 0.5 * float(weights @ products) + 0.5 * float(short @ (short / ridges))


def _line_search(weights, products, move, moved, reach, ridges):
    """Minimiser over [0, 1] of that piecewise quadratic along a move of the weights and products: the root of its slope."""
    missing, pull = reach - products, moved / ridges
    with np.errstate(divide="ignore", invalid="ignore"):
        kinks = missing / moved
    inside = ((kinks > 0) & (kinks < 1)).nonzero()[0]
    inside = inside[np.argsort(kinks[inside])]
    active = (missing > 0) | ((missing == 0) & (moved < 0))
    level = float(weights @ moved) - float(missing[active] @ pull[active])
    slope = float(move @ moved) + float(moved[active] @ pull[active])
    leaving = np.sign(moved[inside]) * pull[inside]
    levels = level + np.concatenate([[0.0], np.cumsum(leaving * missing[inside])])
    slopes = slope - np.concatenate([[0.0], np.cumsum(leaving * moved[inside])])
    ends = np.append(kinks[inside], 1.0)
    rising = (levels + slopes * ends >= 0).nonzero()[0]
    if not rising.size:
        return 1.0
    at = rising[0]
    return float(np.clip(-levels[at] / slopes[at], 0.0, 1.0)) if slopes[at] > 0 else float(ends[at])
