"""Whether optimal multipliers are the only ones.

The optimal set of a convex quadratic program is where the combination of gradients stays the same. So other multipliers differ by a
direction along which nothing curves, that moves no multiplier with a nonzero gradient and keeps all bounds, those of the gates on kinks
included. If some flat direction is left, two linear programs decide whether the bounds leave room for one.
"""

import numpy as np

from .pivoting import FREE, LOWER, UPPER, SingularSystem, cholesky_solve
from .tolerances import RANK, UNIQUE

#: Length of a direction, at most 1 in each coordinate, from which on it counts: ten times the tolerance of the linear program.
MOVE = 1e-6


def of_box(hessian, gradient, x, upper, sizes, scale, definite=None):
    """Uniqueness of the minimiser of a box-constrained quadratic.

    Parameters
    ----------
    hessian, gradient, x, upper
        Gram matrix, gradient at the minimiser, the minimiser, and its upper bounds or None.
    sizes : ndarray, shape (m,)
        Norms of the gradients that the multipliers combine.
    scale : float
        Norm of what they are to combine to: in these units gradients and multipliers below ``UNIQUE`` times it count as zero.
    definite : ndarray of bool, shape (m,), optional
        Variables on which the Gram matrix is already known to be definite.
    """
    tied = np.abs(gradient) <= UNIQUE * scale * sizes
    if definite is not None and not (tied & ~definite).any():
        return True
    tied = np.flatnonzero(tied)
    flat = _flat_directions(hessian, tied, sizes)
    if not flat.shape[1]:
        return True
    return _negated(room(_box_rows(flat, x[tied] * sizes[tied], None if upper is None else (upper * sizes)[tied], UNIQUE * scale), flat.shape[1]))


def of_kinks(problem, point, known=None, definite=None):
    """Uniqueness of the multipliers of a `kktcheck.clarke.ClarkeProblem` at an optimal point of it.

    Kinks with a response other than zero keep their bound; on the others the gates may move as the multipliers do. ``definite`` marks
    multipliers on which the Gram matrix of the piece with the kink states ``known`` is already known to be definite.
    """
    tiny = UNIQUE * problem.scale
    loose = problem.kinks & (np.abs(point.responses) * problem.weights[:, None] <= tiny)
    states = np.where(loose, FREE, np.where(problem.kinks & (point.responses < 0), UPPER, LOWER)).astype(np.int8)
    tied = np.abs(point.gradient) <= tiny
    if definite is not None and not (tied & ~definite).any() and np.array_equal(states, known):
        return True
    H, sizes, _ = problem.piece(states)
    sizes = np.where(sizes > 0, sizes, 1.0)
    tied = np.flatnonzero(tied)
    flat = _flat_directions(H, tied, sizes)
    if not flat.shape[1]:
        return True
    moves = np.zeros((len(point.x), flat.shape[1]))
    moves[tied] = flat / sizes[tied, None]
    moves /= np.abs(moves).max(axis=0)
    total = float(problem.weights.sum())
    rows = [_box_rows(moves[tied], point.x[tied], None if problem.upper is None else problem.upper[tied], tiny / total)]
    extra = [np.zeros((len(rows[0]), 0))]
    acting = problem.active | (states == UPPER)
    for c in np.flatnonzero(loose.any(axis=1)):
        block, spare = _gate_rows(problem, point, moves, acting[c], c, np.flatnonzero(loose[c]), tiny / total)
        rows.append(block)
        extra.append(spare)
    return _negated(room(np.concatenate(rows), flat.shape[1], extra))


def _negated(answer):
    return None if answer is None else not answer


def _flat_directions(hessian, tied, sizes):
    """Orthonormal basis of the null space of the scaled Gram matrix on the tied variables."""
    block = hessian[np.ix_(tied, tied)] / sizes[tied] / sizes[tied, None]
    try:
        cholesky_solve(block, np.zeros(len(tied)), np.full(len(tied), RANK))
    except SingularSystem:
        values, vectors = np.linalg.eigh(block)
        return vectors[:, values <= 10 * RANK * max(values[-1], 0.0)]
    return np.zeros((len(tied), 0))


def _box_rows(moves, x, upper, tiny):
    """Rows that must not be positive for a combination of the moves to keep the bounds 0 <= x <= upper."""
    rows = [-moves[x <= tiny]]
    if upper is not None:
        rows.append(moves[x >= upper - tiny])
    return np.concatenate(rows)


def _gate_rows(problem, point, moves, acting, c, points, tiny):
    """As `_box_rows` for the gates of class c on the given kinks, with one more column for each dependency among these points."""
    K = problem.K[np.ix_(points, points)]
    values, vectors = np.linalg.eigh(K)
    keep = values > RANK * values[-1]
    inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
    answer = -inverse @ (problem.K[points] @ (acting[:, None] * moves))
    spare = vectors[:, ~keep]
    z, x = point.gates[c, points], point.x[points]
    low, high = z <= tiny, z >= x - tiny
    return np.concatenate([-answer[low], (answer - moves[points])[high]]), np.concatenate([-spare[low], spare[high]])


def room(rows, count, extra=()):
    """Whether some combination with rows @ combination <= 0 moves one of the first ``count`` coefficients; None if the solver gives up."""
    from scipy import optimize, sparse

    if count == 1 and not extra:
        return bool((rows <= MOVE).all() or (rows >= -MOVE).all())
    spare = sparse.block_diag([sparse.csr_array(part) for part in extra]) if extra else np.zeros((len(rows), 0))
    table = sparse.hstack([sparse.csr_array(rows), sparse.csr_array(spare)])
    bounds = [(-1.0, 1.0)] * count + [(None, None)] * spare.shape[1]
    if not len(rows):
        return True
    # Any objective that is not orthogonal to all admissible moves will do, with both signs; cosines are no solution of anything.
    objective = np.append(1.0 + 0.5 * np.cos(1.0 + np.arange(count)), np.zeros(spare.shape[1]))
    for sign in (1.0, -1.0):
        found = optimize.linprog(sign * objective, A_ub=table, b_ub=np.zeros(len(rows)), bounds=bounds)
        if found.status != 0:
            return None
        if found.fun < -MOVE:
            return True
    return False
