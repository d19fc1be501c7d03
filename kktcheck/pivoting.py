"""Box-constrained convex quadratic programs, min 1/2 x'Gx - q'x over 0 <= x <= upper, by block principal pivoting.

Every step guesses which variables are free, at zero or at their upper bound, solves the linear system of the free
ones and exchanges all that violate a sign; if exchanging blocks stops helping, single exchanges in a fixed order take over,
which end after finitely many steps for a definite G (Murty; Judice and Pires; Kim and Park for the nonnegative case).
Singular G is handed to factor-based active sets in `on_factor`.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from .active_set import FREE, LOWER, UPPER, ActiveSet
from .dense import solve
from .errors import SolverError
from .free_factor import FreeFactor, SingularSystem, factored
from .proximal import descent
from .tolerances import PIVOT, RANK

#: Block exchanges without progress before single exchanges take over.
PATIENCE = 3

#: Variables from which on gradient steps guess the states to start from, at less than the cost of factoring the Gram matrix of all.
MANY = 500

#: Largest miss of an optimality condition in an answer for a singular G, relative to the target: ten times below the agreement
#: promised between the engines; what nnls leaves on ill-conditioned but consistent problems is below 1e-11.
CHECK = 1e-9


@dataclass(frozen=True, eq=False)
class BoxSolution:
    """Minimiser of a box-constrained quadratic.

    Attributes
    ----------
    x, gradient : ndarray, shape (m,)
        The minimiser, within its bounds exactly, and G x - q there.
    states : ndarray of int8, shape (m,)
        LOWER, FREE or UPPER.
    steps : int
        Linear systems solved.
    method : str
        ``"pivoting"``, or how a singular G was treated.
    upper : ndarray, shape (m,), or None
        The upper bounds.
    """

    x: np.ndarray
    gradient: np.ndarray
    states: np.ndarray
    steps: int
    method: str = "pivoting"
    upper: np.ndarray | None = None

    def violations(self):
        """Violation of the sign condition on each gradient, shape (m,): none where both bounds are 0."""
        g = self.gradient
        found = np.maximum(np.where(self.states == FREE, np.abs(g), np.where(self.states == LOWER, -g, g)), 0.0)
        if self.upper is not None:
            found[self.upper <= 0] = 0.0
        return found

    def residual(self):
        """Largest of the `violations`."""
        return float(self.violations().max(initial=0.0))


def minimise(G, q, upper=None, start=None, sizes=None):
    """Minimise 1/2 x'Gx - q'x over 0 <= x <= upper.

    Parameters
    ----------
    G : ndarray, shape (m, m)
        Symmetric positive semidefinite; q must lie in its range (it does for normal equations).
    q : ndarray, shape (m,)
    upper : ndarray, shape (m,), optional
        Upper bounds in [0, inf]; none by default.
    start : ndarray of int8, shape (m,), optional
        States to start from; all free by default.
    sizes : ndarray, shape (m,), optional
        What a rounding error in each variable's row of G is to be compared with, as a norm: the root of the diagonal by
        default, more where G is a difference.

    Returns
    -------
    BoxSolution

    Raises
    ------
    SolverError
        If G is so close to singular that no answer passes the check of its optimality conditions.
    """
    try:
        return pivot(G, q, upper, start, sizes)
    except SingularSystem:
        sizes = column_sizes(G) if sizes is None else np.where(sizes > 0, sizes, 1.0)
        values, vectors = np.linalg.eigh(G / sizes / sizes[:, None])
        keep = values > RANK * max(values[-1], 0.0)
        root = np.sqrt(values[keep])
        factor = root[:, None] * vectors[:, keep].T * sizes
        factor[:, G.diagonal() < RANK * sizes**2] = 0.0
        solved = on_factor(factor, (vectors[:, keep].T @ (q / sizes)) / root, upper)
        solved = replace(solved, gradient=G @ solved.x - q)
        _check(solved, sizes, float(np.abs(q / sizes).max(initial=0.0)))
        return solved


def on_factor(factor, target, upper=None):
    """Minimise 1/2 |factor x - target|**2 over 0 <= x <= upper, whatever the rank of the factor.

    ``scipy.optimize.nnls`` where it can, `kktcheck.active_set` under upper bounds and where nnls loses too many digits.

    Raises
    ------
    SolverError
        If the answer does not pass the check of its optimality conditions.
    """
    from scipy import optimize

    sizes = np.linalg.norm(factor, axis=0)
    sizes[sizes == 0] = 1.0
    columns = factor / sizes
    bounds = np.full(len(sizes), np.inf) if upper is None else upper * sizes

    def solution(x, method):
        gradient = sizes * (columns.T @ (columns @ x - target))
        states = np.where(x <= 0, LOWER, np.where(x >= bounds, UPPER, FREE)).astype(np.int8)
        x = x / sizes if upper is None else np.where(states == UPPER, upper, np.minimum(x / sizes, upper))
        found = BoxSolution(x, gradient, states, 0, method, upper)
        _check(found, sizes, float(np.linalg.norm(target)))
        return found

    if factor.size and not np.isfinite(bounds).any():
        with suppress(RuntimeError, SolverError):  # too many iterations, or an answer that misses its conditions
            return solution(optimize.nnls(columns, target, maxiter=100 * len(sizes))[0], "nnls")
    search = ActiveSet(columns, target, bounds)
    search.solve()
    return solution(search.x, "active set")


def column_sizes(G):
    """Square roots of the diagonal of a Gram matrix, 1 where it is zero: the scale of each variable."""
    sizes = np.sqrt(G.diagonal())
    sizes[sizes == 0] = 1.0
    return sizes


def _check(solved, sizes, scale):
    """Raise `SolverError` if a gradient, in units of its column, misses its sign by more than ``CHECK * scale``."""
    worst = float((solved.violations() / sizes).max(initial=0.0))
    if worst > CHECK * scale:
        reached = f"{solved.method} ended at a relative residual of {worst / scale:.1e}"
        raise SolverError(f"points too close to dependent: {reached}; drop those that nearly repeat others")


def pivot(G, q, upper=None, start=None, sizes=None):
    """As `minimise`, but raise `SingularSystem` where G is singular to working precision.

    Signs are judged variable by variable, in units of the root of its diagonal entry, so that norms of any size may stand together.
    """
    m = len(q)
    states = np.full(m, FREE, dtype=np.int8) if start is None else start.astype(np.int8)
    sizes = column_sizes(G) if sizes is None else np.where(sizes > 0, sizes, 1.0)
    floor = RANK * sizes**2
    states[G.diagonal() < floor] = LOWER
    if upper is not None:
        states[upper <= 0] = LOWER
        movable = upper > 0
    if start is None and upper is None and m >= MANY:
        states[descent(G, q, sizes) <= 0] = LOWER
    factor = FreeFactor(G, floor)
    best, patience, seen = m + 1, PATIENCE, set()
    size = float(np.abs(q / sizes).max())
    for step in range(1, 60 + 10 * m):
        x = _solve(G, q, upper, states, factor)
        gradient = G @ x - q
        scaled = x * sizes
        largest = float(np.abs(scaled).max())
        tiny_x = PIVOT * largest
        uphill = gradient / sizes
        tiny_g = PIVOT * (size + largest)
        free = states == FREE
        below = free & (scaled < -tiny_x)
        wrong = below | ((states == LOWER) & (uphill < -tiny_g))
        if upper is not None:
            above = free & ((x - upper) * sizes > tiny_x)
            wrong |= above | ((states == UPPER) & (uphill > tiny_g))
            wrong &= movable
        count = int(np.count_nonzero(wrong))
        if count == 0:
            np.maximum(x, 0.0, out=x)
            if upper is not None:
                np.minimum(x, upper, out=x)
            return BoxSolution(x, gradient, states, step, upper=upper)
        if count < best:
            best, patience = count, PATIENCE
            seen.clear()
        elif patience:
            patience -= 1
        else:
            key = states.tobytes()
            if key in seen:
                break
            seen.add(key)
            last = np.flatnonzero(wrong)[-1]
            wrong[:] = False
            wrong[last] = True
        states[wrong & ~free] = FREE
        states[wrong & below] = LOWER
        if upper is not None:
            states[wrong & above] = UPPER
    raise SingularSystem  # single exchanges never return for definite G: only rounding in a nearly singular one comes here


def _solve(G, q, upper, states, factor):
    """Values of all variables given their states."""
    free = states == FREE
    right, fixed = q, None
    if upper is not None:
        fixed = (states == UPPER).nonzero()[0]
        if fixed.size:
            right = q - G[:, fixed] @ upper[fixed]
    x = factor.solve(free, right)
    if fixed is not None:
        x[fixed] = upper[fixed]
    return x


def cholesky_solve(G, right, floor):
    """Solve G x = right for definite G; raise `SingularSystem` if a squared pivot falls below its floor: singular to working precision."""
    return solve(factored(G.copy(), floor), right)
