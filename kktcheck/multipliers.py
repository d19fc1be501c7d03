"""Multipliers of a model: the ones that make it as stationary, or as complementary, as it can be.

``recover_multipliers`` is the door; behind it stand the fast structured engine (Gram form and pivoting: `kktcheck.fast`,
`kktcheck.clarke` and `kktcheck.slackness`), the one for large problems (`kktcheck.large`) and the independent one through CVXPY
(`kktcheck.convex`).
"""

import numpy as np

from . import fast
from .checks import non_negative
from .errors import InputError
from .linearisation import linearise

#: Points up to which Gram matrices are always small and quick enough; beyond, `kktcheck.large.choice` decides.
ALWAYS_DENSE = 2000


def recover_multipliers(
    model,
    data,
    objective="stationarity",
    *,
    slackness_cap=None,
    epsilon_cap=None,
    subgradient="clarke",
    engine=None,
    norm="euclidean",
    max_memory=None,
    start=None,
    progress=None,
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
        With ``"stationarity"``: only multipliers with lambda_i (margin_i - 1) <= slackness_cap. A margin within
        1e-11 of 1 counts as 1.
    epsilon_cap : float
        With ``"slackness"``, required: largest residual allowed.
    subgradient : {"clarke", "indicator"}
    engine : {"fast", "matrix-free", "cvxpy"}, optional
        ``"fast"`` where it exists (everywhere but for ``norm="max"``), else ``"cvxpy"``. ``"fast"`` hands what is too large for Gram
        matrices to ``"matrix-free"`` by itself (`kktcheck.large.choice.choose`): products in blocks of points until a duality gap of
        1e-7 of 1/2 |theta|**2; a `KKTCheckWarning` tells if that was not reached.
    norm : {"euclidean", "max"}
        Norm of the residual under ``epsilon_cap``: Euclidean (a second-order cone program) or the largest entry in orthonormal
        coordinates of the span of the data (a linear program; its answer depends on the basis).
    max_memory : float, optional
        Bytes that the arrays of the computation may take, beside model and data as given; of a memory-mapped X that is the block in hand.
        What the interpreter and its libraries take is not counted. Not with ``"cvxpy"``.
    start : Certificate, Multipliers or array_like of shape (m,), optional
        Multipliers of a neighbouring problem, from which the matrix-free engine starts; the others need none.
    progress : callable, optional
        Called by the matrix-free engine as ``progress(stage, done, total)``.

    Returns
    -------
    Multipliers

    Raises
    ------
    InputError
        For unknown words, caps that are missing, negative or out of place.
    InfeasibleError
        If no multipliers meet ``epsilon_cap``; the message gives the smallest residual there is.
    MemoryLimitError
        If ``max_memory`` is less than the least that is possible.
    SolverError
        If an engine stops without an answer that passes its own checks.

    Notes
    -----
    Conditions 1 to 3 of Definition 2.1.
    """
    engine = _check_request(objective, slackness_cap, epsilon_cap, engine, norm)
    lin = linearise(model, data, subgradient, check_memory_cap(max_memory, engine, model, data))
    if objective == "stationarity":
        return least_residual(lin, slackness_cap, engine, max_memory, start, progress)
    from . import convex, slackness

    if engine == "cvxpy":
        return convex.slackness(lin, epsilon_cap, norm)
    return slackness.least_slackness(lin, epsilon_cap)


def least_residual(lin, slackness_cap, engine, max_memory=None, start=None, progress=None):
    """The stationarity problem of a `Linearisation` by the engine named; parameters as in `recover_multipliers`."""
    if engine == "cvxpy":
        from . import convex

        return convex.stationarity(lin, slackness_cap)
    if engine != "matrix-free" and max_memory is None and len(lin.margins) <= ALWAYS_DENSE:
        return fast.stationarity(lin, slackness_cap)
    from .large import choice, solve

    plan = choice.choose(engine, *lin.states.shape, lin.data.dim, int(np.count_nonzero(lin.kinks)), max_memory)
    if plan.dense:
        return fast.stationarity(lin, slackness_cap)
    return solve.stationarity(lin, slackness_cap, size=plan.size, releasing=plan.releasing, start=start, progress=progress)


def check_engine(engine):
    """Raise `InputError` for an engine other than ``"fast"``, ``"matrix-free"``, ``"cvxpy"`` and None (``"fast"`` where it exists)."""
    if engine not in (None, "fast", "matrix-free", "cvxpy"):
        raise InputError(f"engine {engine!r} is unknown: choose 'fast', 'matrix-free' or 'cvxpy'")


def check_memory_cap(max_memory, engine, model, data):
    """Points that may be looked at at once under a cap on memory; None if all may.

    Raises
    ------
    InputError
        For a cap that is no positive number, and with an engine that knows none.
    MemoryLimitError
        If it is clear from the sizes that the cap cannot be kept.
    """
    if max_memory is None:
        return None
    if not non_negative(max_memory, "max_memory") or engine == "cvxpy":
        raise InputError(f"max_memory = {max_memory!r}: a positive number of bytes is needed, and an engine other than 'cvxpy', which knows no cap")
    from .large import choice

    kinks = 0 if model.kinks is None else int(np.count_nonzero(model.kinks))
    return choice.choose(engine, model.num_neurons, data.num_points, model.dim, kinks, max_memory).size or None


def _check_request(objective, slackness_cap, epsilon_cap, engine, norm):
    if objective not in ("stationarity", "slackness"):
        raise InputError(f"objective {objective!r} is unknown: choose 'stationarity' or 'slackness'")
    if norm not in ("euclidean", "max"):
        raise InputError(f"norm {norm!r} is unknown: choose 'euclidean' or 'max'")
    check_engine(engine)
    if objective == "slackness" and epsilon_cap is None:
        raise InputError("objective='slackness' needs epsilon_cap: without a cap on the residual zero multipliers are optimal")
    if objective == "stationarity" and epsilon_cap is not None:
        raise InputError("epsilon_cap belongs to objective='slackness'; objective='stationarity' takes slackness_cap")
    if objective == "slackness" and slackness_cap is not None:
        raise InputError("slackness_cap belongs to objective='stationarity'; objective='slackness' takes epsilon_cap")
    for name, cap in (("slackness_cap", slackness_cap), ("epsilon_cap", epsilon_cap)):
        if cap is not None:
            non_negative(cap, name, finite=False)
    if objective == "slackness" and engine == "matrix-free":
        raise InputError("engine='matrix-free' minimises the residual only; objective='slackness' takes engine='fast' or 'cvxpy'")
    if norm == "max":
        if objective == "stationarity":
            raise InputError("norm='max' belongs to objective='slackness'")
        if engine == "fast":
            raise InputError("norm='max' is a linear program, which only engine='cvxpy' solves")
        return "cvxpy"
    return engine or "fast"
