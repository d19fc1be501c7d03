"""The printed bounds on chances, and chances of the mixture computed in float64: what claims about probabilities compare.

A chance is that of failure: a claim "with probability at least 1 - b" reads chance <= b, so that its ratio says how much of b is used.
"""

import numpy as np

from ...instances.exact import Enclosure
from .lengths import decay, deviation, log_dim, mean

#: Nodes: how far in standard deviations, how many in each of two directions, how many where the integrand has a kink; the least dimension.
_REACH, _NODES, _FINE, _LEAST = 12.0, 81, 1601, 3
#: Beyond this many standard deviations a chance is below 1e-300.
_FAR = 38.0


def norms(p, rate="1/1700"):
    """e^(-rate d), rate in a string."""
    return decay(p.dim * p.q(rate))


def power(p):
    """d^(-log(d) / 2)."""
    return decay(log_dim(p) ** 2 / 2)


def of_datasets(p, pairs=2):
    """2 m e^(-d/1700) + m^2 e^(-d/500) + ``pairs`` m^2 d^(-log(d)/2), the printed bound for datasets."""
    m = p.points
    return 2 * m * norms(p) + m**2 * norms(p, "1/500") + pairs * m**2 * power(p)


def of_points(p):
    """2 e^(-d/1700) + m e^(-d/500) + 2 m d^(-log(d)/2), the printed bound for a new point."""
    return 2 * norms(p) + p.points * norms(p, "1/500") + 2 * p.points * power(p)


def of_pairs(p, count):
    """count (e^(-d/500) + 6 d^(-log(d)/2)), the printed bound of Lemmas D.3, D.6 and D.7."""
    return count * (norms(p, "1/500") + 6 * power(p))


def unknown(p):
    """A chance of which nothing is known exactly; no exact instance can refute with it."""
    return Enclosure(0, 1)


def outside(p, low, high, scaling=None):
    """Chance that |mu + zeta|^2 is outside [low, high], of |zeta|^2 if no scaling is given, in float64.

    Given the coordinate along the mean the rest is a chi-square of d - 1 degrees of freedom. Below three dimensions 1, an upper bound.
    """
    from scipy.special import chdtr, chdtrc

    d = p.dim
    if d < _LEAST:
        return 1.0
    if scaling is None:
        return float(chdtr(d, low * d) + chdtrc(d, high * d))
    z, weights = _normal_rule(_FINE)
    own = (mean(p, scaling) + z / np.sqrt(d)) ** 2
    above = np.where(own < high, chdtrc(d - 1, np.maximum(high - own, 0.0) * d), 1.0)
    below = np.where(own < low, chdtr(d - 1, np.maximum(low - own, 0.0) * d), 0.0)
    return float(weights @ (above + below))


def product_beyond(p, scaling, width):
    """Chance that <x_i, x_j> is farther than ``width`` from <mu_i, mu_j>, two points of the mixture, in float64.

    Given x_i the difference is normal with mean <zeta_i, mu_j> and variance |x_i|^2 / d. Below three dimensions 1, an upper bound.
    """
    d, size = p.dim, mean(p, scaling)
    if d < _LEAST:
        return 1.0
    z, weights = _normal_rule(_NODES)
    rest, rest_weights = _chi_rule(d - 1)
    along = z[:, None] / np.sqrt(d)
    length = np.hypot(size + along, rest / np.sqrt(d))
    tails = sum(_beyond((width + sign * size * along) * np.sqrt(d) / length) for sign in (-1, 1))
    return float(weights @ tails @ rest_weights)


def beyond_width(p, scaling):
    """`product_beyond` the width of Lemma D.3."""
    return product_beyond(p, scaling, deviation(p, scaling))


def _chi_rule(freedom):
    """Nodes and weights of the midpoint rule for the root of a chi-square; its density is normalised by its sum."""
    root = np.sqrt(freedom)
    start = max(root - _REACH, 0.0)
    step = (root + _REACH - start) / _NODES
    s = start + step * (np.arange(_NODES) + 0.5)
    logs = (freedom - 1) * np.log(s / root) - (s - root) * (s + root) / 2
    weights = np.exp(logs - logs.max())
    return s, weights / weights.sum()


def _normal_rule(nodes):
    z = np.linspace(-_REACH, _REACH, nodes)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _beyond(t):
    """P(Z >= t)."""
    from scipy.special import ndtr

    return ndtr(-np.clip(t, -_FAR, _FAR))
