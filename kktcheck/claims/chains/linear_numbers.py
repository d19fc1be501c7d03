"""Bounds that several chains of linear predictors end in, as functions of constants: as small as the arguments allow."""

from ...instances import root
from ..chain import Box

#: Boxes of the lemmas, of Theorem 3.1 (one point forgotten) and of Theorem B.1 (k < m of them).
HALF = Box("0.5", "0.5", "0.5")
SETTINGS = Box("0.5", "0.5", "0.1")
TWO_POINTS = Box("0.5", "0.5", "0.1", points=2)
SETS = Box("0.5", "0.5", "0.1", points=2, some_kept=True)


def number(text):
    """The function that is the number written in ``text`` everywhere."""
    return lambda p: p.q(text)


def norm(p):
    """N, a squared norm anywhere in [1 - psi, 1 + psi]."""
    return 1 - p.psi + 2 * p.psi * p.free


def cross(p):
    """c = (m - 1) phi, phi = epsilon_d / (4 m)."""
    return p.epsilon_d / (4 * p.points) * (p.points - 1)


def largest_at(p, squared_norm):
    """Larger root of L^2 (N - c) = (1 + epsilon sqrt(N)) L + delta."""
    linear, curvature = 1 + p.epsilon * root(squared_norm), squared_norm - cross(p)
    return (linear + root(linear**2 + 4 * curvature * p.delta)) / (2 * curvature)


def largest(p):
    """Bound of all multipliers: that root at the least norm, where it is largest."""
    return largest_at(p, 1 - p.psi)


def excess_above(p):
    """Bound of lambda_t N - 1: r + N delta / (1 + r) at N = 1 + psi, r = L c + epsilon sqrt(N)."""
    linear = largest(p) * cross(p) + p.epsilon * root(1 + p.psi)
    return linear + (1 + p.psi) * p.delta / (1 + linear)


def excess_below(p):
    """Bound of 1 - lambda_t N."""
    return largest(p) * cross(p) + p.epsilon * root(1 + p.psi)


def low(p):
    """a = 1 - 0.6 epsilon_d - 1.1 epsilon."""
    return 1 - p.q("0.6") * p.epsilon_d - p.q("1.1") * p.epsilon


def high(p):
    """b = 1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta."""
    return 1 + p.q("1.2") * p.epsilon_d + p.q("2.15") * p.epsilon + p.q("2.2") * p.delta
