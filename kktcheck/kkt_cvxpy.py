"""The convex program of `kktcheck.kkt_program` written out in the weights for CVXPY: an independent way to its optimum.

Only the reading of the states from the solver's digits, and the exact solution for them, are shared with the exchange method.
"""

import numpy as np
from scipy import sparse

from .active_set import FREE, LOWER, UPPER
from .answers import check_memory
from .convex import solve
from .errors import SolverError
from .kkt_program import checked
from .kkt_states import settle

#: Share of a sum that may be the solver's error.
NOISE = 1e-4

#: `kktcheck.kkt_reduction.cost` that may be spent on dependent gradients: some seconds.
EFFORT = 1e8


def optimum(program):
    """The optimum of a program, exact for the states that CLARABEL finds.

    Returns and raises as `kktcheck.kkt_program.Program.optimum`; where CLARABEL reports that there is no network, the combination of gradients
    it gives is checked, and a `SolverError` says if it does not vanish to rounding.
    """
    import cvxpy as cp

    program.check_served()
    (count, m), rank = program.states.shape, program.units.shape[1]
    classes, points = np.nonzero(program.loose)
    check_memory(float(np.count_nonzero(program.open) + len(classes)) * rank, "the explicit program of engine='cvxpy'")
    root = np.sqrt(program.weights)
    weights = cp.Variable(count * rank)
    opened = np.nonzero(program.open)
    total = _sums(opened[1], np.ones(len(opened[1])), m) @ _rows(*opened, program, root) @ weights
    constraints = [total >= 1 / program.norms]
    if len(classes):
        loss = cp.Variable(len(classes), nonneg=True)
        constraints = [
            total - _sums(points, program.weights[classes], m) @ loss >= 1 / program.norms,
            loss + _rows(classes, points, program, 1 / root) @ weights >= 0,
        ]
    problem = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(weights)), constraints)
    tolerance = solve(problem, "the convex program of a KKT point", may_fail=True, instead="exchange")
    duals = [constraint.dual_value for constraint in constraints]
    if duals[0] is None:
        raise SolverError("CLARABEL finds that no network with these gates has a positive margin on all points, but gives no proof")
    x, z = np.maximum(duals[0], 0.0), np.zeros((count, m))
    if len(classes):
        z[classes, points] = np.clip(duals[1] / program.weights[classes], 0.0, x[points])
    if problem.status.startswith("infeasible"):
        support, states = x > NOISE * x.max(), _states(np.zeros((count, m)), np.zeros((count, rank)), z, x)
    else:
        A = weights.value.reshape(count, rank) / root[:, None]
        responses = A @ program.units.T
        support, states = x / x.max() > program.margins(responses) - 1.0, _states(responses, A, z, x)
    return checked(settle(program, support, states, f"CLARABEL to {tolerance:.0e}", EFFORT, z))


def _rows(classes, points, program, factors):
    """Sparse rows factor_c * unit_i in the columns of class c, one for each pair."""
    rank = program.units.shape[1]
    rows = np.repeat(np.arange(len(classes)), rank)
    columns = (classes[:, None] * rank + np.arange(rank)).ravel()
    values = (factors[classes, None] * program.units[points]).ravel()
    return sparse.csr_array((values, (rows, columns)), shape=(len(classes), len(program.weights) * rank))


def _sums(points, values, m):
    """Sparse matrix that adds up, for each point, its entries times these values."""
    return sparse.csr_array((values, (points, np.arange(len(points)))), shape=(m, len(points)))


def _states(responses, A, z, x):
    """State of each loose gate: of the two numbers that cannot both differ from zero, the one that does.

    Where A_c vanishes but for the solver's error, next to what is added up in it, its responses say nothing.
    """
    relative = responses / np.maximum(np.linalg.norm(A, axis=1), NOISE * z.sum(axis=1) + np.finfo(float).tiny)[:, None]
    share = z / np.maximum(x, np.finfo(float).tiny)
    return np.where(relative > share, LOWER, np.where(-relative > 1.0 - share, UPPER, FREE)).astype(np.int8)
