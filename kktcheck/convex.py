"""The independent engine: the same multiplier problems written out for CVXPY, on the explicit Jacobian.

Nothing is shared with the fast engine but the linearisation: the residual is a vector of n r (+ n) coordinates in an orthonormal
basis of the span of the data, plus one coordinate per neuron for its part outside the span.
"""

import warnings

import numpy as np
from scipy import sparse

from .answers import check_memory, measured, upper_bounds
from .errors import InfeasibleError, SolverError
from .models import ACTIVE

#: Tolerances asked of CLARABEL in turn, until it reaches one; the method of the answer says which. Four digits below the
#: agreement promised between the engines, down to CLARABEL's own default.
SOLVER_TOLERANCES = (1e-12, 1e-10, 1e-8)

#: Boxes for the multipliers, in turn, in units of |theta| / (|u| |x_i|), of which a few make up a model.
BOXES = (30.0, 1e4, np.inf)


def stationarity(lin, slackness_cap=None):
    """Least residual as a quadratic program; parameters as in `kktcheck.recover_multipliers`."""
    import cvxpy as cp

    problem = _Explicit(lin)
    upper = upper_bounds(lin, slackness_cap)
    tolerance = problem.minimise(cp.sum_squares(problem.residual), [], "the quadratic program", upper)
    return problem.answer("stationarity", f"CLARABEL to {tolerance:.0e}, quadratic program", upper)


def slackness(lin, epsilon_cap, norm):
    """Least slackness under a cap on the residual: a second-order cone program, or a linear one for ``norm="max"``."""
    import cvxpy as cp

    problem = _Explicit(lin)
    distance = cp.norm(problem.residual, 2 if norm == "euclidean" else "inf")
    slopes = np.maximum(lin.margins - 1.0, 0.0) * problem.units
    worst = cp.max(cp.multiply(slopes / max(float(slopes.max()), np.finfo(float).tiny), problem.multipliers))
    tolerance = problem.minimise(worst, [distance <= epsilon_cap / problem.scale], "the slackness program")
    if tolerance is None:
        problem.minimise(distance, [], "the least residual")
        least = float(distance.value) * problem.scale
        raise InfeasibleError(f"no multipliers bring the residual's {norm} norm to epsilon_cap = {epsilon_cap:.6g}: the least is {least:.10g}")
    return problem.answer("slackness", f"CLARABEL to {tolerance:.0e}, {'second-order cone' if norm == 'euclidean' else 'linear'} program", norm=norm)


class _Explicit:
    """Variables, constraints and residual of a linearisation, scaled so that theta, the second layer and the points have norm 1."""

    def __init__(self, lin):
        import cvxpy as cp

        self.lin = lin
        self.neurons, self.points = np.nonzero(lin.kinks)
        count = len(self.neurons)
        m, n, rank = lin.data.num_points, lin.model.num_neurons, lin.data.span.rank
        check_memory(float(n) * (rank + 1) * m + float(count) * rank, "the explicit Jacobian of engine='cvxpy'")
        self.scale = lin.model.norm
        self.units = self.scale / (np.linalg.norm(lin.model.second_layer) * lin.data.norms)
        self.unknowns = cp.Variable(m + count, nonneg=True)
        self.multipliers = self.unknowns[:m] if count else self.unknowns
        self.constraints = []
        if count:
            self.constraints.append(self.unknowns[m:] <= self.unknowns[self.points])
        self.target, self.jacobian = self._coordinates(n, m, rank, count)
        self.residual = self.target - self.jacobian @ self.unknowns

    def _coordinates(self, n, m, rank, count):
        lin, span = self.lin, self.lin.data.span
        inside = lin.model.hidden @ span.basis
        outside = np.linalg.norm(lin.model.hidden - inside @ span.basis.T, axis=1)
        target = np.concatenate([inside.ravel(), outside]) / self.scale
        signed = (self.units * lin.data.y / self.scale)[:, None] * span.coordinates
        gated = lin.model.second_layer[:, None] * (lin.states == ACTIVE)
        dense = np.einsum("ji,ik->jki", gated, signed).reshape(n * rank, m)
        blocks = [sparse.csc_array(dense)]
        if count:
            rows = (self.neurons[:, None] * rank + np.arange(rank)).ravel()
            columns = np.repeat(np.arange(count), rank)
            values = (lin.model.second_layer[self.neurons, None] * signed[self.points]).ravel()
            blocks.append(sparse.csc_array((values, (rows, columns)), shape=(n * rank, count)))
        jacobian = sparse.vstack([sparse.hstack(blocks), sparse.csc_array((n, m + count))], format="csc")
        return target, jacobian

    def minimise(self, objective, constraints, what, upper=None):
        """Solve and return the tolerance reached, None if the constraints cannot be met.

        Multipliers that can grow without effect (of a point that acts on no neuron, or of two points that cancel) would drive an
        interior point method to infinity, so they are kept in a box that is widened as long as it binds.
        """
        import cvxpy as cp

        bounds = np.full(len(self.units), np.inf) if upper is None else upper / self.units
        for box in BOXES:
            limits = np.minimum(bounds, box)
            limited = np.flatnonzero(np.isfinite(limits))
            boxed = [self.multipliers[limited] <= limits[limited]] if limited.size else []
            program = cp.Problem(cp.Minimize(objective), [*self.constraints, *constraints, *boxed])
            tolerance = solve(program, what, may_fail=bool(constraints))
            feasible = not program.status.startswith("infeasible")
            if feasible and (self.multipliers.value <= 0.99 * box).all():
                return tolerance
        return tolerance if feasible else None

    def answer(self, objective, method, upper=None, norm=""):
        """Multipliers from the solver's values, moved into their bounds."""
        m = self.lin.data.num_points
        bounds = np.full(m, np.inf) if upper is None else upper / self.units
        x = np.clip(self.unknowns.value[:m], 0.0, bounds)
        z = np.clip(self.unknowns.value[m:], 0.0, x[self.points])
        residual = self._misses(x, z, bounds) if objective == "stationarity" else float("nan")
        multipliers = self.units * x if upper is None else np.minimum(self.units * x, upper)
        gates = self.lin.gates(multipliers)
        gates[self.neurons, self.points] = np.minimum(self.units[self.points] * z, multipliers[self.points])
        return measured(self.lin, multipliers, gates, objective, "cvxpy", method, residual, norm=norm)

    def _misses(self, x, z, bounds):
        """Largest distance of a variable from where its pull would move it within its bounds: 0 exactly at the optimum."""
        unknowns = np.concatenate([x, z])
        pulls = self.jacobian.T @ (self.target - self.jacobian @ unknowns)
        pull, on_gates = pulls[: len(x)], pulls[len(x) :]
        pull = pull + np.bincount(self.points, np.maximum(on_gates, 0.0), len(x))
        moved = np.concatenate([np.clip(x + pull, 0.0, bounds), np.clip(z + on_gates, 0.0, x[self.points])])
        return float(np.abs(moved - unknowns).max())


def solve(program, what, may_fail=False, instead="fast"):
    """Solve to the tightest tolerance that CLARABEL reaches, and return that tolerance; ``instead`` is the engine to name if it reaches none."""
    import cvxpy as cp

    for tolerance in SOLVER_TOLERANCES:
        settings = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Solution may be inaccurate")  # the next tolerance follows
                program.solve(solver=cp.CLARABEL, max_iter=500, **settings)
        except cp.error.SolverError:  # it broke down on the way to this tolerance; the next one may be within reach
            continue
        status = program.status or "unsolved"
        if status == "optimal" or (may_fail and status.startswith("infeasible")):
            return tolerance
    ended = program.status or "a breakdown"
    raise SolverError(f"CLARABEL ended {what} with status {ended!r} at every tolerance; use engine={instead!r}")
