"""Convex quadratic programs handed to other solvers: min 1/2 x'Gx - q'x over x >= 0, under further rows C x <= h if there are any.

Tolerances are the tightest with which a solver still ends reliably. Solvers that are not installed are left out (`benchmarks.peers`).
"""

import numpy as np

import kktcheck as kc

from .peers import there

#: Tightest tolerances that end reliably: of the solvers that qpsolvers and CVXPY reach.
QPSOLVERS = {"piqp": {"eps_abs": 1e-12, "eps_rel": 1e-12}, "proxqp": {"eps_abs": 1e-11, "eps_rel": 0.0}, "daqp": {}, "quadprog": {}}
CVXPY = {
    "CLARABEL": {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11},
    "OSQP": {"eps_abs": 1e-10, "eps_rel": 1e-10, "max_iter": 100_000, "time_limit": 60.0},
    "SCS": {"eps_abs": 1e-10, "eps_rel": 1e-10, "max_iters": 100_000, "time_limit_secs": 60.0},
}

#: Modules behind the names of qpsolvers.
MODULES = {"piqp": "piqp", "proxqp": "proxsuite", "daqp": "daqp", "quadprog": "quadprog"}

#: Distributions whose versions belong in the record.
LIBRARIES = ("cvxpy", "clarabel", "osqp", "scs", "qpsolvers", "daqp", "quadprog", "piqp", "proxsuite")


class NoAnswerError(Exception):
    """A solver ended without an answer."""


def failures():
    """What a peer raises, or runs into where it returns no answer at all."""
    import cvxpy as cp

    known = (NoAnswerError, ValueError, ArithmeticError, RuntimeError, TypeError, cp.error.SolverError, kc.KKTCheckError)
    if there("qpsolvers"):
        import qpsolvers

        known += (qpsolvers.exceptions.QPError,)
    return known


def installed():
    """Solvers of qpsolvers that are there, in the order of `QPSOLVERS`."""
    return [name for name in QPSOLVERS if there("qpsolvers") and there(MODULES[name])]


def nonnegative():
    """Functions (G, q) -> x of every solver, by name; daqp and quadprog are called directly, which spares them a wrapper."""
    direct = {"daqp": _daqp, "quadprog": _quadprog}
    found = {name: direct.get(name) or by_qpsolvers(name) for name in installed()}
    return found | {f"{name} (CVXPY)": by_cvxpy(name) for name in CVXPY}


def general():
    """Functions (G, q, C, h) -> x of every solver for programs with further rows, by name."""
    return {name: by_qpsolvers(name) for name in installed()} | {f"{name} (CVXPY)": by_cvxpy(name) for name in CVXPY}


def by_qpsolvers(solver):
    """A function (G, q[, C, h]) -> x through qpsolvers."""

    def solve(G, q, C=None, h=None):
        import qpsolvers

        found = qpsolvers.solve_problem(qpsolvers.Problem(G, -q, C, h, lb=np.zeros(len(q))), solver=solver, **QPSOLVERS[solver])
        if found.x is None:
            raise NoAnswerError(f"{solver} gave up")
        return np.asarray(found.x)

    return solve


def by_cvxpy(solver):
    """A function (G, q[, C, h]) -> x through CVXPY."""

    def solve(G, q, C=None, h=None):
        import cvxpy as cp

        x = cp.Variable(len(q), nonneg=True)
        rows = [] if C is None else [C @ x <= h]
        cp.Problem(cp.Minimize(0.5 * cp.quad_form(x, cp.psd_wrap(G)) - q @ x), rows).solve(solver=solver, **CVXPY[solver])
        if x.value is None:
            raise NoAnswerError(f"{solver} gave up")
        return x.value

    return solve


def _daqp(G, q):
    import daqp

    m = len(q)
    return daqp.solve(G, -q, np.zeros((0, m)), np.full(m, 1e30), np.zeros(m), np.zeros(m, dtype=np.intc))[0]


def _quadprog(G, q):
    import quadprog

    return quadprog.solve_qp(G, q, np.eye(len(q)), np.zeros(len(q)))[0]
