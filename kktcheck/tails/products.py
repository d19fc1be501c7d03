"""The tail of the inner product of two independent standard normal vectors, in float64, as a logarithm, for arrays of dimensions.

Given |u| the product <u, v> is N(0, |u|^2). With |u| = sqrt(n) e^z the density of z is D exp(-(n/2) (e^2z - 1 - 2z)), D = 2 s^s e^-s / Gamma(s), s =
n/2, and P(|<u, v>| >= t) = integral of that times P(|Z| >= x e^-z), x = t / sqrt(n): the integrand is analytic in a strip, positive and log-concave,
so that the trapezoidal rule around its mode converges geometrically.
"""

import numpy as np

from .chi_square import log_normal_beyond, stirling

#: Nodes to either side of the mode in units of the integrand's width there, their distance, and the largest distance (the strip is pi/4 wide).
_REACH, _STEP, _COARSEST = 14.0, 0.2, 0.08
#: Below this dimension the left tail of the density, e^(n z), is so long that it is given this many units of 1/n.
_SMALL, _LONG = 60, 45.0
_HALVINGS = 80
#: Integrals at once: memory stays below 100 MB.
_AT_ONCE = 4096


def log_product_beyond(n, level):
    """log P(|<u, v>| >= level) for independent u, v from N(0, I_n).

    Parameters
    ----------
    n : array
        Dimension, at least 1.
    level : array
        At least 0.

    Returns
    -------
    ndarray
    """
    shape = np.broadcast_shapes(np.shape(n), np.shape(level))
    n, level = (np.broadcast_to(np.asarray(values, dtype=float), shape).ravel() for values in (n, level))
    logs = np.zeros(n.shape)
    for part, rule in ((n < _SMALL, _long_rule), (n >= _SMALL, _short_rule)):
        places = np.flatnonzero(part & (level > 0))
        for here in np.split(places, range(_AT_ONCE, len(places), _AT_ONCE)) if len(places) else ():
            logs[here] = _integrated(n[here], level[here] / np.sqrt(n[here]), rule)
    return logs.reshape(shape)


def mode_and_width(n, x):
    """Where the integrand in z is largest, and 1 / sqrt of minus the second derivative of its logarithm there."""
    low, high = np.zeros(n.shape), 1 + np.log1p(x)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rises = _slope(n, x, middle) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    step = 1e-4
    curvature = (_slope(n, x, low - step) - _slope(n, x, low + step)) / (2 * step)
    return low, 1 / np.sqrt(curvature)


def _slope(n, x, z):
    y = x * np.exp(-z)
    hazard = np.exp(-0.5 * y**2 + 0.5 * np.log(2 / np.pi) - log_normal_beyond(y))
    return -n * np.expm1(2 * z) + hazard * y


def log_density(n, z):
    """log of the density of z = log(|u| / sqrt(n))."""
    return 0.5 * np.log(n / np.pi) - stirling(n / 2) - 0.5 * n * _excess(2 * z)


def _excess(w):
    """e^w - 1 - w."""
    near = np.where(np.abs(w) < 0.1, w, 0.0)
    series = near**2 * (1 / 2 + near * (1 / 6 + near * (1 / 24 + near * (1 / 120 + near * (1 / 720 + near * (1 / 5040 + near / 40320))))))
    return np.where(np.abs(w) < 0.1, series, np.expm1(w) - w)


def _short_rule(n, x):
    mode, width = mode_and_width(n, x)
    step = _STEP * width
    nodes = np.arange(-_REACH, _REACH + _STEP / 2, _STEP) / _STEP
    return mode[:, None] + step[:, None] * nodes, step


def _long_rule(n, x):
    mode, width = mode_and_width(n, x)
    step = np.minimum(_STEP * width, _COARSEST)
    left = np.ceil((_LONG / n.min() + _REACH * width.max()) / step.min())
    right = np.ceil(_REACH * width.max() / step.min())
    return mode[:, None] + step[:, None] * np.arange(-left, right + 1), step


def _integrated(n, x, rule):
    from scipy.special import logsumexp

    z, step = rule(n, x)
    with np.errstate(over="ignore"):
        logs = log_density(n[:, None], z) + log_normal_beyond(x[:, None] * np.exp(-z))
    return np.minimum(logsumexp(logs, axis=1) + np.log(step), 0.0)
