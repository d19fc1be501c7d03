"""Box-constrained convex quadratic programs, min 1/2 x'Gx - q'x over 0 <= x <= upper, by block principal pivoting.

Every step guesses which variables are free, at zero or at their upper bound, solves the linear system of the free
ones and exchanges all that violate a sign; if exchanging blocks stops helping, single exchanges in a fixed order take over,
which end after finitely many steps for a definite G (Murty; Judice and Pires; Kim and Park for the nonnegative case).
Singular G is handed to factor-based active sets in `on_factor`.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import lapack

from .errors import SolverError
from .tolerances import PIVOT, RANK

#: States of a variable.
LOWER, FREE, UPPER = 0, 1, 2

#: Block exchanges without progress before single exchanges take over.
PATIENCE = 3

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


class SingularSystem(Exception):
    """The free block is singular to working precision (internal signal, never reaches a caller of the package)."""


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

    ``scipy.optimize.nnls`` without upper bounds, `least_squares_in_box` with them.

    Raises
    ------
    SolverError
        If the answer does not pass the check of its optimality conditions.
    """
    from scipy import optimize

    m = factor.shape[1]
    sizes = np.linalg.norm(factor, axis=0)
    sizes[sizes == 0] = 1.0
    columns = factor / sizes
    bounds = np.full(m, np.inf) if upper is None else upper * sizes
    bounded = bool(np.isfinite(bounds).any())
    if bounded or not factor.size:
        x = least_squares_in_box(columns, target, bounds)
    else:
        try:
            x = optimize.nnls(columns, target, maxiter=100 * m)[0]
        except RuntimeError as error:
            raise SolverError(f"nonnegative least squares gave up: {error} The points are too close to dependent; try engine='cvxpy'") from None
    gradient = sizes * (columns.T @ (columns @ x - target))
    states = np.where(x <= 0, LOWER, np.where(x >= bounds, UPPER, FREE)).astype(np.int8)
    x = x / sizes if upper is None else np.where(states == UPPER, upper, np.minimum(x / sizes, upper))
    solved = BoxSolution(x, gradient, states, 0, "bounded least squares" if bounded else "nnls", upper)
    _check(solved, sizes, float(np.linalg.norm(target)))
    return solved


def least_squares_in_box(columns, target, bounds):
    """Minimiser of |columns x - target| over 0 <= x <= bounds, for columns of norm 1 (or 0), by a primal active set.

    One variable at a time leaves its bound, the one that gains most; the step to the least-squares solution of the free ones stops
    at the first bound it meets (Stark and Parker 1995). A column that depends on the free ones gains nothing, so the free columns
    stay independent whatever the rank; one that enters only by rounding would move out of its bounds and is refused.
    """
    x = np.zeros(columns.shape[1])
    states = np.full(len(x), LOWER, dtype=np.int8)
    barred = (bounds <= 0) | ~columns.any(axis=0)
    refused = barred.copy()
    size = float(np.linalg.norm(target))
    for _ in range(60 + 20 * len(x)):
        pull = columns.T @ (target - columns @ x)
        gain = np.where(states == LOWER, pull, np.where(states == UPPER, -pull, 0.0))
        gain[refused] = 0.0
        j = int(np.argmax(gain))
        if gain[j] <= PIVOT * (size + float(x.max())):
            break
        if _enter(j, columns, target, bounds, x, states):
            refused[:] = barred
        else:
            refused[j] = True
    return x


def _enter(j, columns, target, bounds, x, states):
    """Free variable j and move x to the least-squares solution of the free variables; False if j would leave its bounds at once."""
    came_from = states[j]
    states[j] = FREE
    entering = True
    while True:
        free = np.flatnonzero(states == FREE)
        direction = np.linalg.lstsq(columns[:, free], target - columns @ x, rcond=None)[0]
        if entering:
            own = direction[free == j][0]
            if own <= 0 if came_from == LOWER else own >= 0:
                states[j] = came_from
                return False
            entering = False
        room = np.where(direction < 0, x[free], bounds[free] - x[free])
        steps = np.full(len(free), np.inf)
        np.divide(room, np.abs(direction), out=steps, where=direction != 0)
        step = min(1.0, float(steps.min(initial=1.0)))
        x[free] = np.clip(x[free] + step * direction, 0.0, bounds[free])
        hit = (steps <= step) & (steps < 1.0)
        if not hit.any():
            return True
        down, up = free[hit & (direction < 0)], free[hit & (direction > 0)]
        x[down], states[down] = 0.0, LOWER
        x[up], states[up] = bounds[up], UPPER


def column_sizes(G):
    """Square roots of the diagonal of a Gram matrix, 1 where it is zero: the scale of each variable."""
    sizes = np.sqrt(G.diagonal())
    sizes[sizes == 0] = 1.0
    return sizes


def _check(solved, sizes, scale):
    """Raise `SolverError` if a gradient, in units of its column, misses its sign by more than ``CHECK * scale``."""
    worst = float((solved.violations() / sizes).max(initial=0.0))
    if worst > CHECK * scale:
        raise SolverError(f"points too close to dependent: {solved.method} ended at a relative residual of {worst / scale:.1e}; try engine='cvxpy'")


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
    best, patience, seen = m + 1, PATIENCE, set()
    size = float(np.abs(q / sizes).max())
    for step in range(1, 60 + 10 * m):
        x = _solve(G, q, upper, states, floor)
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


def _solve(G, q, upper, states, floor):
    """Values of all variables given their states."""
    free = np.flatnonzero(states == FREE)
    x = np.zeros(len(q))
    right = q
    if upper is not None:
        at_upper = np.flatnonzero(states == UPPER)
        if at_upper.size:
            x[at_upper] = upper[at_upper]
            right = q - G[:, at_upper] @ x[at_upper]
    if free.size == len(q):
        x[:] = cholesky_solve(G, right, floor)
    elif free.size:
        x[free] = cholesky_solve(G[np.ix_(free, free)], right[free], floor[free])
    return x


def cholesky_solve(G, right, floor):
    """Solve G x = right for definite G; raise `SingularSystem` if a squared pivot falls below its floor: singular to working precision."""
    if not len(right):
        return right
    factor, info = lapack.dpotrf(G, lower=0, clean=0)
    if info != 0:
        raise SingularSystem
    pivots = factor.diagonal()
    if (pivots * pivots < floor).any():
        raise SingularSystem
    x, info = lapack.dpotrs(factor, right, lower=0)
    return x
