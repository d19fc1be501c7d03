"""Duality gap of the stationarity problem: how far any feasible multipliers are from the best, without knowing them.

The problem is min 1/2 |theta - J(lambda, z)|**2 over 0 <= z_ij <= lambda_i <= cap_i, J the linear map of the gradients. For any weights p let
h_i(p) = <y_i dN(x_i), p> over the active neurons plus the positive parts of its components on the kinks of x_i, the most that a unit of
lambda_i gains. Then for all feasible multipliers, with R = theta - J(lambda, z),

    <p, theta> = <p, R> + <p, J(lambda, z)> <= |p| |R| + sum_i lambda_i h_i(p) <= 1/2 |p|**2 + 1/2 |R|**2 + sum_i cap_i max(h_i(p), 0),

so that D(p) = <p, theta> - 1/2 |p|**2 - sum_i cap_i max(h_i(p), 0) is a lower bound, provided h_i(p) <= 0 wherever there is no cap. By
Euler's identity h_i(theta) = margin_i, the components on kinks being zero. Hence h_i(R - t theta) = h_i(R) - t margin_i for t >= 0, and
where every margin without a cap is positive, p = R - t theta is feasible for all t from the largest ratio h_i(R) / margin_i on.
D(R - t theta) is concave in t, piecewise quadratic, and maximised here exactly. At the optimum h_i(R) <= 0 but for multipliers at their
caps, t = 0, and the gap closes.
"""

import numpy as np


def gap(residual, weights, margins, gains, upper=None):
    """Bound on 1/2 |residual|**2 minus its least value, or infinity where the construction finds none.

    Parameters
    ----------
    residual, weights : ndarray, shape (n, d)
        R = theta - J(lambda, z) at feasible multipliers, and theta.
    margins : ndarray, shape (m,)
    gains : ndarray, shape (m,)
        h_i(R).
    upper : ndarray, shape (m,), optional
        Caps in [0, inf].
    """
    free = np.ones(len(gains), dtype=bool) if upper is None else np.isinf(upper)
    least = _least_step(gains[free], margins[free])
    if least is None:
        return np.inf
    ratios, slopes, costs = _capped(gains[~free], margins[~free], None if upper is None else upper[~free])
    size, inner = float(np.vdot(weights, weights)), float(np.vdot(residual, weights))
    # Slope of D in t: <R, theta> - |theta|**2 - t |theta|**2 plus what the capped gains save; it decreases, so the first zero is the maximum.
    start = inner - size
    order = np.argsort(ratios)
    ratios, slopes, costs = ratios[order], slopes[order], costs[order]
    saved = np.append(np.cumsum(slopes[::-1])[::-1], 0.0)
    bounds = np.append(ratios, np.inf)
    steps = np.clip((start + saved) / size, np.append(0.0, ratios), bounds)
    slope_at_end = start + saved - bounds * size
    first = int(np.argmax(slope_at_end <= 0))
    step = max(least, float(steps[first]))
    lost = float(costs[ratios > step].sum() - step * slopes[ratios > step].sum())
    # 1/2 |R|**2 - D(R - t theta), with <R, R - theta> instead of the difference of two squares.
    return max(0.0, float(np.vdot(residual, residual - weights)) + step * (size - inner) + 0.5 * step**2 * size + lost)


def _least_step(gains, margins):
    """Least t >= 0 with gains <= t margins, or None if there is none."""
    if not len(gains):
        return 0.0
    good = margins > 0
    step = float(np.max(gains[good] / margins[good], initial=0.0))
    return step if (gains[~good] <= step * margins[~good]).all() else None


def _capped(gains, margins, upper):
    """Where the gains of capped multipliers end, and their caps times margins and gains: those that cost something at t = 0."""
    if upper is None:
        return (np.zeros(0),) * 3
    costly = (gains > 0) & (upper > 0)
    gains, margins, upper = gains[costly], margins[costly], upper[costly]
    return gains / margins, upper * margins, upper * gains
