"""Least slackness under a cap on the stationarity residual, without a cone solver.

The least residual under the slackness cap delta is a convex, decreasing function of delta (a bounded stationarity problem each),
so the least delta is its root, bracketed by 0 and the slackness of the unconstrained optimum.
"""

from dataclasses import replace

from .errors import InfeasibleError
from .multipliers import stationarity

#: Relative precision of the root: a few rounding errors of the residual.
ROOT = 4e-15


def least_slackness(lin, epsilon_cap):
    """Multipliers with the least max_i lambda_i (margin_i - 1) among those with residual at most ``epsilon_cap``.

    Raises
    ------
    InfeasibleError
        If the least residual exceeds the cap.
    """
    from scipy import optimize

    free = stationarity(lin)
    target = epsilon_cap + free.epsilon_error
    if free.epsilon > target:
        raise InfeasibleError(f"no multipliers bring the residual to epsilon_cap = {epsilon_cap:.6g}: the least residual is {free.epsilon:.10g}")
    best = stationarity(lin, 0.0, with_uniqueness=False)
    if best.epsilon > target:
        best = free if free.delta == 0 else _root(lin, target, free, optimize.brentq)
    return replace(best, objective="slackness", norm="euclidean", unique=None)


def _root(lin, target, free, find_root):
    tried = {}

    def excess(delta):
        tried[delta] = stationarity(lin, delta, with_uniqueness=False)
        return tried[delta].epsilon - target

    if excess(free.delta) > 0:  # the cap is the least residual itself, up to rounding
        return free
    find_root(excess, 0.0, free.delta, xtol=ROOT * free.delta, rtol=ROOT)
    return tried[min(delta for delta, found in tried.items() if found.epsilon <= target)]
