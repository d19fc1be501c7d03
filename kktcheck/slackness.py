"""Least slackness under a cap on the stationarity residual, without a cone solver.

The least residual under the slackness cap delta is a convex, decreasing function of delta (a bounded stationarity problem each),
so the least delta is its root, bracketed by 0 and the slackness of the unconstrained optimum.
"""

from dataclasses import replace

from .errors import InfeasibleError
from .fast import stationarity

#: Relative precision of the root: a few rounding errors of the residual.
ROOT = 4e-15


def least_slackness(lin, epsilon_cap):
    """Multipliers with the least max_i lambda_i (margin_i - 1) among those whose residual is at most ``epsilon_cap``.

    The residual of the answer exceeds the cap by no more than its own rounding error.

    Raises
    ------
    InfeasibleError
        If the least residual exceeds the cap.
    """
    free = stationarity(lin)
    if _excess(free, epsilon_cap) > 0:
        raise InfeasibleError(f"no multipliers bring the residual to epsilon_cap = {epsilon_cap:.6g}: the least residual is {free.epsilon:.10g}")
    best = stationarity(lin, 0.0, with_uniqueness=False)
    if _excess(best, epsilon_cap) > 0:
        best = free if free.delta == 0 else _root(lin, epsilon_cap, free, best)
    return replace(best, objective="slackness", norm="euclidean", unique=None)


def _excess(found, epsilon_cap):
    return found.epsilon - found.epsilon_error - epsilon_cap


def _root(lin, epsilon_cap, free, closed):
    from scipy import optimize

    tried = {0.0: closed}

    def excess(delta):
        if delta not in tried:
            tried[delta] = stationarity(lin, delta, with_uniqueness=False)
        return _excess(tried[delta], epsilon_cap)

    if excess(free.delta) > 0:  # the cap is the least residual itself, up to rounding
        return free
    # Not Brent's method: where the least residual is attained by many multipliers, the excess is flat at zero on one side.
    optimize.toms748(excess, 0.0, free.delta, xtol=ROOT * free.delta, rtol=ROOT, maxiter=300)
    return tried[min(delta for delta, found in tried.items() if _excess(found, epsilon_cap) <= 0)]
