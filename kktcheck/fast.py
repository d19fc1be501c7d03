"""The fast engine of the stationarity problem: Gram form, pivoting, and factors where Gram matrices lose too many digits."""

from contextlib import suppress

import numpy as np

from . import clarke, dense, pivoting, uniqueness
from .active_set import FREE, UPPER
from .answers import measured, upper_bounds
from .errors import SolverError
from .models import ACTIVE, KINK
from .patterns import pattern_classes
from .pivoting import SingularSystem

#: Flops that the orthogonal reduction of a singular problem may cost; beyond, its Gram matrix is factored instead.
REDUCTION_FLOPS = 4e11

#: Points from which on counts of neurons are added up in float32, where they are exact, and then converted.
HALVED = 50

#: Numbers that the explicit columns of a problem with kinks may hold (half a gigabyte); beyond, an unsettled exchange is an error.
EXPLICIT_ENTRIES = 6e7

#: Largest doubt about epsilon**2 with which an answer is accepted, relative to |theta|**2: a tenth of the agreement promised between the engines.
GAP = 1e-9


def stationarity(lin, slackness_cap=None, *, with_uniqueness=True):
    """Fast engine of the stationarity problem for a `Linearisation`; parameters as in `recover_multipliers`."""
    upper = upper_bounds(lin, slackness_cap)
    solve = _with_kinks if lin.has_kinks else _without_kinks
    for sure in (False, True):
        x, z, residual, capped_gain, method, examine = solve(lin, upper, sure)
        square, product = lin.residual_products(z)
        epsilon, error = lin.epsilon(z, square)
        # At the optimum <rest, theta - rest> + capped_gain = 0. With the sign conditions on the gradients this bounds epsilon**2 minus the least
        # epsilon**2, twice over; unlike a gradient taken from the Gram matrix it does not lose digits to large multipliers.
        if residual <= GAP and abs(product - square + capped_gain) <= GAP * lin.model.norm**2:
            return measured(lin, x, z, "stationarity", "fast", method, residual, examine() if with_uniqueness else None, size=(epsilon, error))
    raise SolverError(
        "the points are so close to dependent that no multipliers found here are optimal beyond doubt "
        f"(largest multiplier {x.max():.1e}): drop points that nearly repeat others, or take engine='cvxpy' and mind its residual"
    )


def _with_kinks(lin, upper, sure):
    """Multipliers, gates, residual of the conditions, gain at the caps, method, and how to find out about uniqueness."""
    states, neuron_class = pattern_classes(lin.states)
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
        if float(len(states)) * span.rank * (states.shape[1] + np.count_nonzero(states == KINK)) > EXPLICIT_ENTRIES:
            raise SolverError("exchanging kink states did not settle, and the explicit problem is too large; try engine='cvxpy' on fewer points")
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


def signed_gram(data):
    """Entries y_i y_k <x_i, x_k>, shape (m, m)."""
    signed = data.gram * data.y
    signed *= data.y[:, None]
    return signed


def gradient_gram(lin):
    """Gram matrix of the signed gradients y_i dN(x_i), shape (m, m), in the indicator convention."""
    return gram_of_activations(lin.states == ACTIVE, lin.model.second_layer, lin.data)


def gram_of_activations(active, second_layer, data):
    """As `gradient_gram`, from a mask of the active neurons, shape (n, m)."""
    sizes, signs = np.abs(second_layer), active * data.y
    if len(data.y) >= HALVED and (sizes == sizes[0]).all():  # counts of neurons, exact in half the bits
        overlap = np.multiply(dense.gram(signs.astype(np.float32).T), sizes[0] ** 2, dtype=np.float64)
    else:
        overlap = dense.gram((signs * sizes[:, None]).T)
    overlap *= data.gram
    return overlap


def reduced(lin):
    """Triangular factor R and target t with |J x - theta|**2 = |R x - t|**2 + const, for a `Linearisation` without kinks.

    Orthogonal reduction neuron by neuron in coordinates of the span: no Gram matrix, so no squared condition number.
    """
    span, model, m = lin.data.span, lin.model, lin.data.num_points
    signed = lin.data.y[:, None] * span.coordinates
    weights = model.hidden @ span.basis
    states, neuron_class = pattern_classes(lin.states)
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
