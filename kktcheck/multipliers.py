"""Multipliers of a model: the ones that make it as stationary, or as complementary, as it can be.

``recover_multipliers`` is the door; behind it stand the fast structured engine (Gram form and pivoting: `kktcheck.fast`,
`kktcheck.clarke` and `kktcheck.slackness`) and the independent one through CVXPY (`kktcheck.convex`).
"""

from . import fast
from .checks import non_negative
from .errors import InputError
from .linearisation import linearise


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
        With ``"stationarity"``: only multipliers with lambda_i (margin_i - 1) <= slackness_cap. A margin within
        1e-11 of 1 counts as 1.
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
    engine = _check_request(objective, slackness_cap, epsilon_cap, engine, norm)
    lin = linearise(model, data, subgradient)
    if objective == "stationarity":
        return least_residual(lin, slackness_cap, engine)
    from . import convex, slackness

    if engine == "cvxpy":
        return convex.slackness(lin, epsilon_cap, norm)
    return slackness.least_slackness(lin, epsilon_cap)


def least_residual(lin, slackness_cap, engine):
    """The stationarity problem of a `Linearisation` by the engine named; parameters as in `recover_multipliers`."""
    if engine == "cvxpy":
        from . import convex

        return convex.stationarity(lin, slackness_cap)
    return fast.stationarity(lin, slackness_cap)


def check_engine(engine):
    """Raise `InputError` for an engine other than ``"fast"``, ``"cvxpy"`` and None (``"fast"`` where it exists)."""
    if engine not in (None, "fast", "cvxpy"):
        raise InputError(f"engine {engine!r} is unknown: choose 'fast' or 'cvxpy'")


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
    if norm == "max":
        if objective == "stationarity":
            raise InputError("norm='max' belongs to objective='slackness'")
        if engine == "fast":
            raise InputError("norm='max' is a linear program, which only engine='cvxpy' solves")
        return "cvxpy"
    return engine or "fast"
