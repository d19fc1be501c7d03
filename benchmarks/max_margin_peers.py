"""The max-margin problem handed to other solvers, in the weights (primal) and in the multipliers (dual): each answers (w, multipliers)."""

import numpy as np

from .peers import there
from .quadratic_peers import CVXPY, QPSOLVERS, NoAnswerError, installed, nonnegative

#: Penalty of a soft margin that is hard in effect, and larger than any multiplier here.
HARD = 1e8


def peers():
    """Forms of every solver that is installed: dict of dict of functions of a dataset."""
    dual = {name: {"dual": _dual(solve)} for name, solve in nonnegative().items()}
    primal = {"daqp": daqp_primal, "quadprog": quadprog_primal}
    found = {name: dual[name] | {"primal": primal.get(name) or _primal_by_qpsolvers(name)} for name in installed()}
    found |= {f"{name} (CVXPY)": dual[f"{name} (CVXPY)"] | {"primal": _primal_by_cvxpy(name)} for name in CVXPY if name != "SCS"}
    if there("sklearn"):
        found |= {"SVC": {"dual": support_vectors}, "LinearSVC": {"dual": linear_support_vectors}}
    return found


def gram(data):
    """Gram matrix of the signed points."""
    K = data.X @ data.X.T
    K *= data.y
    K *= data.y[:, None]
    return K


def weights(data, multipliers):
    """The combination of the signed points."""
    return (data.y * multipliers) @ data.X


def _dual(solve):
    def dual(data):
        x = solve(gram(data), np.ones(data.num_points))
        return weights(data, x), x

    return dual


def quadprog_primal(data):
    """Weights and multipliers by quadprog, whose Hessian may be given as its factor."""
    import quadprog

    signed = data.y[:, None] * data.X
    found = quadprog.solve_qp(np.eye(data.dim), np.zeros(data.dim), np.ascontiguousarray(signed.T), np.ones(data.num_points), factorized=True)
    return found[0], found[4]


def daqp_primal(data):
    """Weights and multipliers by daqp."""
    import daqp

    m, d = data.num_points, data.dim
    sense = np.zeros(m, dtype=np.intc)
    w, _, _, info = daqp.solve(np.eye(d), np.zeros(d), data.y[:, None] * data.X, np.full(m, 1e30), np.ones(m), sense)
    return w, -info["lam"]


def _primal_by_qpsolvers(solver):
    def primal(data):
        import qpsolvers

        signed, m, d = data.y[:, None] * data.X, data.num_points, data.dim
        found = qpsolvers.solve_problem(qpsolvers.Problem(np.eye(d), np.zeros(d), G=-signed, h=-np.ones(m)), solver=solver, **QPSOLVERS[solver])
        if found.x is None:
            raise NoAnswerError(f"{solver} gave up")
        return found.x, found.z

    return primal


def _primal_by_cvxpy(solver):
    def primal(data):
        import cvxpy as cp

        w = cp.Variable(data.dim)
        bounds = [(data.y[:, None] * data.X) @ w >= 1]
        cp.Problem(cp.Minimize(0.5 * cp.sum_squares(w)), bounds).solve(solver=solver, **CVXPY[solver])
        if w.value is None:
            raise NoAnswerError(f"{solver} gave up")
        return w.value, bounds[0].dual_value

    return primal


def support_vectors(data):
    """SVC on the points and their mirror images with opposite labels, for which the intercept vanishes; each pair shares a multiplier."""
    from sklearn.svm import SVC

    m, K = data.num_points, data.X @ data.X.T
    machine = SVC(kernel="precomputed", C=HARD, tol=1e-10, cache_size=1000, max_iter=10_000_000)
    machine.fit(np.block([[K, -K], [-K, K]]), np.concatenate([data.y, -data.y]))
    x = np.zeros(2 * m)
    x[machine.support_] = np.abs(machine.dual_coef_[0])
    x = x[:m] + x[m:]
    return weights(data, x), x


def linear_support_vectors(data):
    """LinearSVC without intercept; it keeps its multipliers to itself."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(loss="hinge", C=HARD, tol=1e-10, fit_intercept=False, max_iter=100_000, random_state=0)
    return machine.fit(data.X, data.y).coef_[0], None
