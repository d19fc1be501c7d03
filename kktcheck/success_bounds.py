"""The bounds of the success theorems as functions of (epsilon_1, delta_1, epsilon_d), the number of points and the size of the forget set."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """(epsilon, delta, tau) as a theorem or its proof states them, and which; ``tau`` is None where it is only known up to a constant."""

    epsilon: float
    delta: float
    tau: float | None
    source: str


def linear_bounds(m, k, epsilon_1, delta_1, epsilon_d):
    """Bounds of Theorems 3.1 (k = 1) and B.1: the first part as printed and as proved (None if the same), and the second part."""
    growth = epsilon_d / (m / k - epsilon_d)
    epsilon, delta = epsilon_1 + epsilon_1 * growth, delta_1 + delta_1 * growth
    printed = Bound(epsilon, delta + 7.2 * epsilon_d / m, 0.0, "as printed")
    proved = Bound(epsilon, delta + 7.2 * k * epsilon_d / m, 0.0, "as proved: 7.2 k epsilon_d / m") if k > 1 else None
    shape = math.sqrt(epsilon_d) + math.sqrt(epsilon_1) + math.sqrt(delta_1)
    return printed, proved, Bound(0.0, 0.0, None, f"second part: tau = C * {shape:.6g}, the constant C is not given")


def network_bounds(m, k, epsilon_1, delta_1, epsilon_d):
    """Bounds of Theorems 4.1 (k = 1) and C.1 as printed and as proved (None if the same)."""
    more_epsilon, more_delta = 23.0 * k * epsilon_d / math.sqrt(m), 22.6 * k * epsilon_d / m
    tau = 82.0 * epsilon_d / m if k == 1 else 82.0 * k * epsilon_d / (m - k)

    def bound(count, source):
        growth = 9.0 * epsilon_d / (count - 9.0 * epsilon_d)
        return Bound(epsilon_1 + epsilon_1 * growth + more_epsilon, delta_1 + delta_1 * growth + more_delta, tau, source)

    if k == 1:
        return bound(m, "as printed"), None
    return bound(k, "as printed"), bound(m / k, "as proved: m / k - 9 epsilon_d")


def sharper_bounds(linear, m, n, k, epsilon_1, delta_1, epsilon_d):
    """Bounds of the sharper theorems (`kktcheck.claims.sharper`), for Clarke's KKT points and one point or a set alike.

    Parameters
    ----------
    linear : bool
    m, n, k : int
        Points, neurons (of no account for predictors), forgotten points.
    epsilon_1, delta_1, epsilon_d : float
        In [0, 1].

    Returns
    -------
    tuple of Bound
        Of the unlearned model with its projected witness; for predictors also with itself, and to the max-margin predictor where that says something.
    """
    from .claims.sharper import bounds

    s = bounds.of_floats(m, 1 if linear else n, k, epsilon_1, delta_1, epsilon_d)
    found = [Bound(epsilon_1 + bounds.reach(s), delta_1, bounds.tau(s), "ours: near the projected step")]
    if linear:
        found.append(Bound(*bounds.plain(s), 0.0, "ours: itself, rescaled"))
        square = bounds.to_optimum(s)
        if square < 1:
            found.append(Bound(0.0, 0.0, bounds.turn(square), "ours: near the max-margin predictor"))
    return tuple(found)


def network_steps(m, k, n, epsilon_1, delta_1, epsilon_d):
    """(delta, tau) to which the steps of the proof of Theorem 4.1 or C.1 lead before its last lines; tau is None if to none.

    Slackness delta_1 + 184 k epsilon_d / m at infeasibility gamma = 9 k epsilon_d / (m n) and multipliers up to 20.4 n, rescaled by
    Lemma B.3; and 2 |u| / |theta| with |u| <= 22 k epsilon_d / sqrt(m) and |theta|**2 >= (m - k) a (0.9 a - 5.1 epsilon_d / n),
    a = 0.9 - 4.64 epsilon_d / n - 1.92 epsilon_1, of which both factors must be positive.
    """
    gamma = 9.0 * k * epsilon_d / (m * n)
    delta = (delta_1 + 184.0 * k * epsilon_d / m + 20.4 * n * gamma) / (1.0 - gamma)
    a = 0.9 - 4.64 * epsilon_d / n - 1.92 * epsilon_1
    b = 0.9 * a - 5.1 * epsilon_d / n
    return delta, 44.0 * k * epsilon_d / math.sqrt(m * (m - k) * a * b) if a > 0 and b > 0 else None
