"""The max-margin problem handed to other solvers, in the weights (primal) and in the multipliers (dual): each answers (w, multipliers).

Tolerances are the tightest with which a solver still ends reliably.
"""

import cvxpy as cp
import daqp
import numpy as np
import qpsolvers
import quadprog
from sklearn.svm import SVC, LinearSVC

import kktcheck as kc

#: Penalty of a soft margin that is hard in effect, and larger than any multiplier here.
HARD = 1e8


#: What a peer raises, or runs into where it returns no answer at all.
FAILURES = (ValueError, ArithmeticError, RuntimeError, TypeError, cp.error.SolverError, qpsolvers.exceptions.QPError, kc.KKTCheckError)


def gram(data):
    """Gram matrix of the signed points."""
    K = data.X @ data.X.T
    K *= data.y
    K *= data.y[:, None]
    return K


def weights(data, multipliers):
    """The combination of the signed points."""
    return (data.y * multipliers) @ data.X


def quadprog_dual(data):
    m = data.num_points
    x = quadprog.solve_qp(gram(data), np.ones(m), np.eye(m), np.zeros(m))[0]
    return weights(data, x), x


def quadprog_primal(data):
    signed = data.y[:, None] * data.X
    found = quadprog.solve_qp(np.eye(data.dim), np.zeros(data.dim), np.ascontiguousarray(signed.T), np.ones(data.num_points), factorized=True)
    return found[0], found[4]


def daqp_dual(data):
    m = data.num_points
    x = daqp.solve(gram(data), -np.ones(m), np.zeros((0, m)), np.full(m, 1e30), np.zeros(m), np.zeros(m, dtype=np.intc))[0]
    return weights(data, x), x


def daqp_primal(data):
    m, d = data.num_points, data.dim
    sense = np.zeros(m, dtype=np.intc)
    w, _, _, info = daqp.solve(np.eye(d), np.zeros(d), data.y[:, None] * data.X, np.full(m, 1e30), np.ones(m), sense)
    return w, -info["lam"]


def by_qpsolvers(solver, **settings):
    """Both forms through qpsolvers."""

    def dual(data):
        m = data.num_points
        found = qpsolvers.solve_problem(qpsolvers.Problem(gram(data), -np.ones(m), lb=np.zeros(m)), solver=solver, **settings)
        return weights(data, found.x), found.x

    def primal(data):
        signed, m, d = data.y[:, None] * data.X, data.num_points, data.dim
        found = qpsolvers.solve_problem(qpsolvers.Problem(np.eye(d), np.zeros(d), G=-signed, h=-np.ones(m)), solver=solver, **settings)
        return found.x, found.z

    return {"dual": dual, "primal": primal}


def by_cvxpy(solver, **settings):
    """Both forms through CVXPY."""

    def dual(data):
        x = cp.Variable(data.num_points, nonneg=True)
        cp.Problem(cp.Minimize(0.5 * cp.quad_form(x, cp.psd_wrap(gram(data))) - cp.sum(x))).solve(solver=solver, **settings)
        return weights(data, x.value), x.value

    def primal(data):
        w = cp.Variable(data.dim)
        bounds = [(data.y[:, None] * data.X) @ w >= 1]
        cp.Problem(cp.Minimize(0.5 * cp.sum_squares(w)), bounds).solve(solver=solver, **settings)
        return w.value, bounds[0].dual_value

    return {"dual": dual, "primal": primal}


def support_vectors(data):
    """SVC on the points and their mirror images with opposite labels, for which the intercept vanishes; each pair shares a multiplier."""
    m, K = data.num_points, data.X @ data.X.T
    machine = SVC(kernel="precomputed", C=HARD, tol=1e-10, cache_size=1000, max_iter=10_000_000)
    machine.fit(np.block([[K, -K], [-K, K]]), np.concatenate([data.y, -data.y]))
    x = np.zeros(2 * m)
    x[machine.support_] = np.abs(machine.dual_coef_[0])
    x = x[:m] + x[m:]
    return weights(data, x), x


def linear_support_vectors(data):
    """LinearSVC without intercept; it keeps its multipliers to itself."""
    machine = LinearSVC(loss="hinge", C=HARD, tol=1e-10, fit_intercept=False, max_iter=100_000, random_state=0)
    return machine.fit(data.X, data.y).coef_[0], None


PEERS = {
    "daqp": {"dual": daqp_dual, "primal": daqp_primal},
    "quadprog": {"dual": quadprog_dual, "primal": quadprog_primal},
    "piqp": by_qpsolvers("piqp", eps_abs=1e-12, eps_rel=1e-12),
    "proxqp": by_qpsolvers("proxqp", eps_abs=1e-11, eps_rel=0.0),
    "CLARABEL (CVXPY)": by_cvxpy(cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11),
    "OSQP (CVXPY)": by_cvxpy(cp.OSQP, eps_abs=1e-10, eps_rel=1e-10, max_iter=100_000, time_limit=60.0),
    "SVC": {"dual": support_vectors},
    "LinearSVC": {"dual": linear_support_vectors},
}
