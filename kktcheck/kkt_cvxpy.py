"""The convex program of `kktcheck.kkt_program` written out in the weights for CVXPY: an independent way to its optimum.

Only the reading of the states from the solver's digits, and the exact solution for them, are shared with the exchange method.
"""

import numpy as np
from scipy import sparse

from .active_set import FREE, LOWER, UPPER
from .answers import check_memory
from .convex import _solve as solve
from .errors import InfeasibleError, SolverError
from .kkt_states import settle
from .models import ACTIVE, KINK

#: Share of a sum that may be the solver's error.
NOISE = 1e-4


def optimum(program):
    """The optimum of a program, exact for the states that CLARABEL finds; returns and raises as `kktcheck.kkt_program.Program.optimum`."""
    import cvxpy as cp

    (count, m), rank = program.states.shape, program.units.shape[1]
    classes, points = np.nonzero(program.states == KINK)
    check_memory(float(np.count_nonzero(program.states == ACTIVE) + len(classes)) * rank, "the explicit program of engine='cvxpy'")
    root = np.sqrt(program.weights)
    weights = cp.Variable(count * rank)
    loss = cp.Variable(len(classes), nonneg=True) if len(classes) else None
    margins = _rows(*np.nonzero(program.states == ACTIVE), program, root)
    gathered = sparse.csr_array((np.ones(len(margins[1])), (margins[1], np.arange(len(margins[1])))), shape=(m, len(margins[1])))
    total = gathered @ margins[0] @ weights
    constraints = []
    if loss is not None:
        spent = sparse.csr_array((program.weights[classes], (points, np.arange(len(points)))), shape=(m, len(points)))
        total = total - spent @ loss
        constraints.append(loss + (_rows(classes, points, program, 1 / root)[0] @ weights) >= 0)
    constraints.insert(0, total >= 1 / program.norms)
    problem = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(weights)), constraints)
    tolerance = solve(problem, "the convex program of a KKT point", may_fail=True)
    if problem.status.startswith("infeasible"):
        raise InfeasibleError("with these gates no network has a positive margin on all points", ())
    A = weights.value.reshape(count, rank) / root[:, None]
    x = np.maximum(constraints[0].dual_value, 0.0)
    z = np.zeros((count, m))
    if loss is not None:
        z[classes, points] = np.clip(constraints[1].dual_value / program.weights[classes], 0.0, x[points])
    responses = A @ program.units.T
    held = np.where(program.states == KINK, np.minimum(responses, 0.0), np.where(program.states == ACTIVE, responses, 0.0))
    support = x / x.max() > program.norms * (program.weights @ held) - 1.0
    settled = settle(program, support, _states(responses, A, z, x), x, z, f"CLARABEL to {tolerance:.0e}")
    if not settled.ok:
        raise SolverError(
            f"the states do not settle: {settled.worst} misses its condition by {settled.violation:.1e} (points too close to dependent, or a tie "
            "between states); start from other states"
        )
    return settled


def _rows(classes, points, program, factors):
    """Sparse rows factor_c * unit_i in the columns of class c, one for each pair, and the points of the rows."""
    rank = program.units.shape[1]
    rows = np.repeat(np.arange(len(classes)), rank)
    columns = (classes[:, None] * rank + np.arange(rank)).ravel()
    values = (factors[classes, None] * program.units[points]).ravel()
    return sparse.csr_array((values, (rows, columns)), shape=(len(classes), len(program.weights) * rank)), points


def _states(responses, A, z, x):
    """State of each loose gate: of the two numbers that cannot both differ from zero, the one that does.

    Where A_c vanishes but for the solver's error, next to what is added up in it, its responses say nothing.
    """
    relative = responses / np.maximum(np.linalg.norm(A, axis=1), NOISE * z.sum(axis=1) + np.finfo(float).tiny)[:, None]
    share = z / np.maximum(x, np.finfo(float).tiny)
    return np.where(relative > share, LOWER, np.where(-relative > 1.0 - share, UPPER, FREE)).astype(np.int8)
