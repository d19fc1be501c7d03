"""Matrix-free engine of the stationarity problem, from a linearisation to measured multipliers."""

import warnings

import numpy as np

from ..answers import Multipliers, slackness_of, upper_bounds
from ..errors import KKTCheckWarning
from ..tolerances import EPS
from .descent import descend
from .newton import Search
from .operator import GradientOperator
from .start import point

#: Duality gap, relative to 1/2 |theta|**2, at which a search ends. The multipliers are usually better than that by orders of magnitude: the
#: bound suffers from points whose margin is small.
GAP = 1e-7

#: Products with the points that a search may cost, at least and at most, and the flops that decide between: half an hour on two cores.
#: Well-conditioned problems need a few hundred products, others thousands.
LEAST, MOST, FLOPS = 2000, 20_000, 1e14


def stationarity(lin, slackness_cap=None, *, size, releasing=False, start=None, progress=None, tolerance=GAP, budget=None):
    """Matrix-free engine of the stationarity problem for a `Linearisation`.

    Parameters
    ----------
    lin : Linearisation
    slackness_cap : float, optional
    size : int
        Points per block.
    releasing : bool
        Whether the pages of a memory-mapped X are let go of after each pass.
    start : Certificate, Multipliers or array_like of shape (m,), optional
        Of a neighbouring problem.
    progress : callable, optional
        Called as ``progress("products (clarke)", done, budget)``.
    tolerance : float
        For the duality gap, relative to 1/2 |theta|**2.
    budget : float, optional
        Products at most; by default what `FLOPS` allows, within `LEAST` and `MOST`.

    Returns
    -------
    Multipliers
        With ``gap``, and a `KKTCheckWarning` if that is not as small as it should be.
    """
    if budget is None:
        budget = min(MOST, max(LEAST, FLOPS / (2.0 * lin.states.size * lin.data.dim)))
    operator = GradientOperator(lin, size, releasing)
    problem = Search(operator, lin.model.hidden, lin.margins, upper_bounds(lin, slackness_cap))
    problem.start_at(*point(start, lin, operator))

    stage = f"products ({lin.subgradient})"

    def report(_):
        if progress is not None:
            progress(stage, min(int(operator.work), int(budget)), int(budget))

    found = descend(problem, tolerance, budget, report, start is not None)
    if progress is not None and found.settled:
        progress(stage, int(budget), int(budget))
    multipliers, gates = problem.multipliers, problem.gates
    residual = problem.residual_at(multipliers, gates)
    epsilon = float(np.sqrt(np.vdot(residual, residual)))
    gap = found.gap if np.isfinite(found.gap) else None
    if not found.settled:
        _warn(gap, found.violation, epsilon, lin.model.norm, operator.work >= budget)
    return Multipliers(
        values=multipliers,
        kink_multipliers=in_mask_order(gates, operator),
        epsilon=epsilon,
        epsilon_error=_rounding(lin, operator, multipliers, gates, residual.size * epsilon),
        delta=slackness_of(multipliers, lin.margins),
        objective="stationarity",
        subgradient=lin.subgradient,
        engine="matrix-free",
        method=f"matrix-free, {operator.work:.0f} products",
        residual=found.violation,
        gap=gap,
    )


def in_mask_order(gates, operator):
    """Gates in the order of ``np.nonzero`` of the mask of the kinks."""
    ordered = np.empty_like(gates)
    ordered[operator.order] = gates
    return ordered


def _rounding(lin, operator, multipliers, gates, last):
    """Bound on the rounding error of epsilon: as `Linearisation.epsilon`, from sums over the active neurons and the kinks."""
    pulls = np.sqrt(multipliers**2 * operator.overlaps + operator.bundle((operator.u[operator.neurons] * gates) ** 2))
    size = lin.model.norm + float(pulls @ lin.data.norms)
    return EPS * ((len(multipliers) + 4) * size + last)


def _warn(gap, violation, epsilon, norm, spent):
    reason = "the budget of products ended" if spent else "rounding ended the search"
    if gap is None:
        reached = f"optimality conditions hold to {violation:.1e} only (a margin of 0 or less leaves no duality gap)"
    else:
        least = float(np.sqrt(max(0.0, epsilon**2 - gap * norm**2)))
        reached = f"the duality gap is {gap:.1e} of |theta|**2 / 2: the least epsilon lies between {least:.6g} and the {epsilon:.6g} found"
    warnings.warn(f"{reason} before the multipliers were optimal beyond doubt; {reached}", KKTCheckWarning, stacklevel=2)
