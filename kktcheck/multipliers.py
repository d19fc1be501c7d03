"""Multipliers of a model: the ones that make it as stationary, or as complementary, as it can be.

``recover_multipliers`` is the door; behind it stand the fast structured engine (Gram form and pivoting; this module,
`clarke` and `slackness`) and the independent one through CVXPY (`convex`).
"""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from . import clarke, pivoting, uniqueness
from .active_set import FREE, UPPER
from .errors import InputError, MemoryLimitError, SolverError
from .linearisation import linearise
from .models import ACTIVE
from .pivoting import SingularSystem

#: Flops that the orthogonal reduction of a singular problem may cost; beyond, its Gram matrix is factored instead.
REDUCTION_FLOPS = 4e11

#: Largest doubt about epsilon**2 with which an answer is accepted, relative to |theta|**2: a tenth of the agreement promised between the engines.
GAP = 1e-9


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of one model on one dataset, at the model's own scale.

    Attributes
    ----------
    values : ndarray, shape (m,)
        lambda_i >= 0.
    kink_multipliers : ndarray, shape (number of kinks,)
        z_ij in [0, lambda_i] on the kinks, in the order of ``np.nonzero(kinks)``; empty without kinks.
    epsilon : float
        Norm of the stationarity residual, taken from the residual itself.
    epsilon_error : float
        Bound on the rounding error of ``epsilon`` at these multipliers.
    delta : float
        max_i lambda_i (margin_i - 1), at least 0.
    objective, subgradient, engine, method : str
        What was minimised, in which convention, by which engine and how.
    residual : float
        Largest violation of the optimality conditions of the multiplier problem, relative to |u| |theta| |x_i|, the largest margin
        that a point of this norm could have (nan where the slackness is minimised by ``"cvxpy"``).
    unique : bool or None
        Whether these are the only optimal multipliers; None if it was not asked.
    norm : str
        Norm in which ``epsilon_cap`` was imposed: ``"euclidean"``, or ``"max"``: the largest entry in orthonormal
        coordinates of the span of the data, which depends on the basis. "" if there was no cap.
    """

    values: np.ndarray
    kink_multipliers: np.ndarray
    epsilon: float
    epsilon_error: float
    delta: float
    objective: str
    subgradient: str
    engine: str
    method: str
    residual: float
    unique: bool | None = None
    norm: str = ""

    def __repr__(self):
        return f"Multipliers({len(self.values)} points, epsilon={self.epsilon:.6g}, delta={self.delta:.6g}, {self.method})"


def recover_multipliers(
    model, data, objective="stationarity", *, slackness_cap=None, epsilon_cap=None, subgradient="clarke", engine=None, norm="euclidean"
):
    """Multipliers that minimise the stationarity residual, or the slackness under a cap on the residual.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        Taken at its own scale: slackness refers to margin 1. Kinks are those the model carries (`certify` finds them).
    data : Dataset
    objective : {"stationarity", "slackness"}
        ``"stationarity"``: min |theta - sum_i lambda_i y_i dN(x_i)| over lambda >= 0, a quadratic program.
        ``"slackness"``: min max_i lambda_i (margin_i - 1) subject to ``epsilon_cap`` on the residual.
    slackness_cap : float, optional
        With ``"stationarity"``: only multipliers with lambda_i (margin_i - 1) <= slackness_cap. A margin within its rounding error of
        1 counts as 1.
    epsilon_cap : float
        With ``"slackness"``, required: largest residual allowed.
    subgradient : {"clarke", "indicator"}
    engine : {"fast", "cvxpy"}, optional
        ``"fast"`` where it exists (everywhere but for ``norm="max"``), else ``"cvxpy"``.
    norm : {"euclidean", "max"}
        Norm of the residual under ``epsilon_cap``: Euclidean (a second-order cone program) or the largest entry in orthonormal
        coordinates of the span of the data (a linear program; its answer depends on the basis).

    Returns
    -------
    Multipliers

    Raises
    ------
    InputError
        For unknown words, caps that are missing, negative or out of place.
    InfeasibleError
        If no multipliers meet ``epsilon_cap``; the message gives the smallest residual there is.
    SolverError
        If an engine stops without an answer that passes its own checks.

    Notes
    -----
    Conditions 1 to 3 of Definition 2.1.
    """
    from . import convex, slackness

    engine = _check_request(objective, slackness_cap, epsilon_cap, engine, norm)
    lin = linearise(model, data, subgradient)
    if objective == "stationarity":
        return convex.stationarity(lin, slackness_cap) if engine == "cvxpy" else stationarity(lin, slackness_cap)
    if engine == "cvxpy":
        return convex.slackness(lin, epsilon_cap, norm)
    return slackness.least_slackness(lin, epsilon_cap)


def stationarity(lin, slackness_cap=None, *, with_uniqueness=True):
    """Fast engine of the stationarity problem for a `Linearisation`; parameters as in `recover_multipliers`."""
    upper = upper_bounds(lin, slackness_cap)
    solve = _with_kinks if lin.has_kinks else _without_kinks
    for sure in (False, True):
        x, z, residual, capped_gain, method, examine = solve(lin, upper, sure)
        rest = lin.residual(z)
        epsilon, error = lin.epsilon(z, rest)
        if residual <= GAP and _gap(lin, rest, epsilon, capped_gain) <= GAP:
            return measured(lin, x, z, "stationarity", "fast", method, residual, examine() if with_uniqueness else None, size=(epsilon, error))
    raise SolverError(
        "the points are so close to dependent that no multipliers found here are optimal beyond doubt "
        f"(largest multiplier {x.max():.1e}): drop points that nearly repeat others, or take engine='cvxpy' and mind its residual"
    )


def measured(lin, x, z, objective, engine, method, residual=float("nan"), unique=None, norm="", size=None):
    """`Multipliers` with epsilon and delta taken from the residual and the margins at multipliers x and gates z."""
    epsilon, error = lin.epsilon(z) if size is None else size
    return Multipliers(
        values=x,
        kink_multipliers=z[lin.kinks],
        epsilon=epsilon,
        epsilon_error=error,
        delta=slackness_of(x, lin.margins),
        objective=objective,
        subgradient=lin.subgradient,
        engine=engine,
        method=method,
        residual=residual,
        unique=unique,
        norm=norm,
    )


def _with_kinks(lin, upper, sure):
    """Multipliers, gates, residual of the conditions, gain at the caps, method, and how to find out about uniqueness."""
    states, neuron_class = clarke.pattern_classes(lin.states)
    u = lin.model.second_layer
    weights = np.bincount(neuron_class, u**2, len(states))
    problem = clarke.ClarkeProblem(signed_gram(lin.data), states, weights, lin.margins, lin.scale, upper)
    solved = None
    try:
        solved = problem.solve()
    except SolverError:  # from a piece whose Gram matrix is nearly singular
        sure = True
    if sure or not solved.settled:
        span = lin.data.span
        targets = np.zeros((len(states), span.rank))
        np.add.at(targets, neuron_class, u[:, None] * (lin.model.hidden @ span.basis))
        solved = problem.active_set(lin.data.y[:, None] * span.coordinates, targets, solved)
    return solved.multipliers, solved.gates[neuron_class], solved.residual, solved.capped_gain(), solved.method, solved.is_unique


def _without_kinks(lin, upper, sure):
    """As `_with_kinks`, where no pair is on a kink."""
    hessian = gradient_gram(lin)
    solved = None
    if not sure:
        with suppress(SingularSystem):
            solved = pivoting.pivot(hessian, lin.margins, upper)
    if solved is None:
        n, rank = lin.model.num_neurons, lin.data.span.rank
        if 2.0 * n * rank * lin.data.num_points**2 > REDUCTION_FLOPS:
            solved = pivoting.minimise(hessian, lin.margins, upper)
        else:
            solved = pivoting.on_factor(*reduced(lin), upper)
    at_upper = solved.states == UPPER
    capped_gain = float(solved.gradient[at_upper] @ solved.x[at_upper])
    residual = float((solved.violations() / lin.data.norms).max()) / lin.scale

    def examine():
        definite = solved.states == FREE if solved.method == "pivoting" else None
        return uniqueness.of_box(hessian, solved.gradient, solved.x, upper, pivoting.column_sizes(hessian), lin.model.norm, definite)

    return solved.x, lin.gates(solved.x), residual, capped_gain, solved.method, examine


def _gap(lin, rest, epsilon, capped_gain):
    """How far the multipliers are from complementary to their gradients, relative to |theta|**2.

    At the optimum <rest, theta - rest> + capped_gain = 0. With the sign conditions on the gradients this bounds epsilon**2 minus the least
    epsilon**2, twice over; unlike a gradient taken from the Gram matrix it does not lose digits to large multipliers.
    """
    return abs(float(np.vdot(rest, lin.model.hidden)) - epsilon**2 + capped_gain) / lin.model.norm**2


def slackness_of(multipliers, margins):
    """max_i lambda_i (margin_i - 1), at least 0 (condition 3 of Definition 2.1)."""
    return max(0.0, float((multipliers * (margins - 1.0)).max()))


def upper_bounds(lin, slackness_cap):
    """Upper bounds on the multipliers that a slackness cap implies: cap / (margin_i - 1) where the margin exceeds 1.

    Margins within their rounding error of 1 count as 1, lest a cap of 0 should shut out multipliers at random.
    """
    if slackness_cap is None:
        return None
    above = lin.margins - 1.0
    above[above <= lin.margin_error()] = 0.0
    with np.errstate(over="ignore"):
        return np.divide(slackness_cap, above, out=np.full(len(above), np.inf), where=above > 0)


def signed_gram(data):
    """Entries y_i y_k <x_i, x_k>, shape (m, m)."""
    return data.y[:, None] * data.gram * data.y


def gradient_gram(lin):
    """Gram matrix of the signed gradients y_i dN(x_i), shape (m, m), in the indicator convention."""
    if lin.model.num_neurons == 1:
        overlap = np.outer(lin.states[0] == ACTIVE, lin.states[0] == ACTIVE) * lin.model.second_layer[0] ** 2
    else:
        A = (lin.states == ACTIVE).astype(np.float64)
        A *= np.abs(lin.model.second_layer)[:, None]
        overlap = A.T @ A
    overlap *= lin.data.gram
    overlap *= lin.data.y[:, None]
    overlap *= lin.data.y
    return overlap


def reduced(lin):
    """Triangular factor R and target t with |J x - theta|**2 = |R x - t|**2 + const, for a `Linearisation` without kinks.

    Orthogonal reduction neuron by neuron in coordinates of the span: no Gram matrix, so no squared condition number.
    """
    span, model, m = lin.data.span, lin.model, lin.data.num_points
    signed = lin.data.y[:, None] * span.coordinates
    weights = model.hidden @ span.basis
    states, neuron_class = clarke.pattern_classes(lin.states)
    stacked = np.zeros((0, m + 1))
    block = max(1, (2 * m + 2) // span.rank)
    for start in range(0, len(states), block):
        rows = []
        for c in range(start, min(start + block, len(states))):
            members = neuron_class == c
            u = model.second_layer[members]
            weight = float(np.sqrt(u @ u))
            rows.append(np.column_stack([weight * ((states[c] == ACTIVE)[:, None] * signed).T, u @ weights[members] / weight]))
        stacked = np.linalg.qr(np.concatenate([stacked, *rows]), mode="r")
    return np.ascontiguousarray(stacked[:, :m]), np.ascontiguousarray(stacked[:, m])


def _check_request(objective, slackness_cap, epsilon_cap, engine, norm):
    if objective not in ("stationarity", "slackness"):
        raise InputError(f"objective {objective!r} is unknown: choose 'stationarity' or 'slackness'")
    if norm not in ("euclidean", "max"):
        raise InputError(f"norm {norm!r} is unknown: choose 'euclidean' or 'max'")
    if engine not in (None, "fast", "cvxpy"):
        raise InputError(f"engine {engine!r} is unknown: choose 'fast' or 'cvxpy'")
    if objective == "slackness" and epsilon_cap is None:
        raise InputError("objective='slackness' needs epsilon_cap: without a cap on the residual zero multipliers are optimal")
    if objective == "stationarity" and epsilon_cap is not None:
        raise InputError("epsilon_cap belongs to objective='slackness'; objective='stationarity' takes slackness_cap")
    if objective == "slackness" and slackness_cap is not None:
        raise InputError("slackness_cap belongs to objective='stationarity'; objective='slackness' takes epsilon_cap")
    for name, cap in (("slackness_cap", slackness_cap), ("epsilon_cap", epsilon_cap)):
        if cap is not None and not cap >= 0:
            raise InputError(f"{name} = {cap!r}: a number of at least 0 is needed")
    if norm == "max":
        if objective == "stationarity":
            raise InputError("norm='max' belongs to objective='slackness'")
        if engine == "fast":
            raise InputError("norm='max' is a linear program, which only engine='cvxpy' solves")
        return "cvxpy"
    return engine or "fast"


def check_memory(entries, what, limit=2e9):
    """Raise `MemoryLimitError` if ``entries`` float64 numbers exceed ``limit`` bytes."""
    if 8.0 * entries > limit:
        raise MemoryLimitError(f"{what} would take {8e-9 * entries:.1f} GB (limit {limit * 1e-9:.1f} GB); use engine='fast'")
