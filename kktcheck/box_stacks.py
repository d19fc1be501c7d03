"""Many small box-constrained quadratics at once, min 1/2 z'Kz + push'z over 0 <= z <= upper, by block exchanges in stacks.

As in `kktcheck.pivoting`, but every problem of a stack takes its exchanges in the same few calls, without a fall-back: what has not ended
after `ROUNDS` of them, and every stack with a matrix that is singular to working precision, is left to others.
"""

import numpy as np

from .active_set import FREE, LOWER, UPPER
from .tolerances import PIVOT, RANK

#: Rounds of exchanges; two to four are usual.
ROUNDS = 8


def solve(K, push, upper, states):
    """Minimisers of a stack of problems.

    Parameters
    ----------
    K : ndarray, shape (g, k, k)
        Symmetric positive semidefinite, with diagonals near 1.
    push, upper : ndarray, shape (g, k)
        Linear terms, and upper bounds of at least 0.
    states : ndarray of int8, shape (g, k)
        LOWER, FREE or UPPER: where to start.

    Returns
    -------
    z : ndarray, shape (g, k)
        Within the bounds.
    gradient : ndarray, shape (g, k)
        K z + push.
    states : ndarray of int8, shape (g, k)
        LOWER where the upper bound is 0.
    settled : ndarray of bool, shape (g,)
        Which problems are solved; where not, the rest means nothing.
    """
    movable = upper > 0
    states = np.where(movable, states, LOWER)
    z, gradient, settled = np.zeros(push.shape), np.zeros(push.shape), np.zeros(len(push), dtype=bool)
    tiny = PIVOT * (np.abs(push).max(axis=1) + upper.max(axis=1))[:, None]
    left = np.arange(len(push))
    for _ in range(ROUNDS):
        free, fixed = states[left] == FREE, np.where(states[left] == UPPER, upper[left], 0.0)
        system = np.where(free[:, :, None] & free[:, None, :], K[left], np.eye(push.shape[1]))
        right = np.where(free, -push[left] - np.einsum("gkl,gl->gk", K[left], fixed), fixed)
        if not _definite(system):
            break
        found = np.linalg.solve(system, right[:, :, None])[:, :, 0]
        pull = np.einsum("gkl,gl->gk", K[left], found) + push[left]
        below, above = free & (found < -tiny[left]), free & (found > upper[left] + tiny[left])
        freed = movable[left] & ~free & np.where(fixed > 0, pull > tiny[left], pull < -tiny[left])
        z[left], gradient[left] = np.clip(found, 0.0, upper[left]), pull
        states[left] = np.where(below, LOWER, np.where(above, UPPER, np.where(freed, FREE, states[left])))
        wrong = (below | above | freed).any(axis=1)
        settled[left[~wrong]] = True
        left = left[wrong]
        if not left.size:
            break
    return z, gradient, states, settled


def _definite(stack):
    """Whether every matrix of a stack is definite to working precision."""
    try:
        pivots = np.diagonal(np.linalg.cholesky(stack), axis1=1, axis2=2)
    except np.linalg.LinAlgError:
        return False
    return bool((pivots * pivots > RANK).all())
