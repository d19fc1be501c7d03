"""Descent to the optimum of the stationarity problem: accelerated steps while the face changes, Newton steps once it does not."""

from dataclasses import dataclass

import numpy as np

from .accelerate import Accelerated

#: Accelerated steps in the first phase at most, and how many more in each later one.
FIRST_PHASE, LONGER = 100, 1.3

#: Descents in a row that bring no better gap, and together no descent beyond rounding, before the search ends.
STALLED = 4


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where a descent ended.

    Attributes
    ----------
    gap : float
        Bound on how much 1/2 |residual|**2 can still fall, relative to 1/2 |weights|**2; infinite where a margin of 0 or less leaves none.
    violation : float
        Largest miss of an optimality condition, relative to the largest margin that a point of this norm could have.
    settled : bool
        Whether the gap, or where there is none the violation, is as small as was asked for.
    """

    gap: float
    violation: float
    settled: bool


def descend(problem, tolerance, budget, report, near=False):
    """Move a `kktcheck.large.newton.Search` until its gap is at most ``tolerance``, the budget is used up, or rounding ends it.

    Parameters
    ----------
    problem : Search
        Started.
    tolerance : float
    budget : float
        Products with the operator.
    report : callable
        Called with the gap (or the violation) after each round.
    near : bool
        Whether the start is likely to be near the end: Newton steps come first then.

    Returns
    -------
    Outcome
    """
    accelerated, phase, stalled = Accelerated(problem), FIRST_PHASE, 0
    best, whole = np.inf, near
    while True:
        gap = problem.gap()
        violation = problem.violation()
        measure = gap if np.isfinite(gap) else violation
        report(measure)
        if measure <= tolerance or problem.operator.work >= budget or stalled >= STALLED:
            return Outcome(gap, violation, measure <= tolerance)
        value = float(np.vdot(problem.residual, problem.residual))
        if not whole:
            accelerated.run(max(1, min(int(phase), int((budget - problem.operator.work) / 2))))
            phase, whole = phase * LONGER, True
        else:
            whole = problem.newton(budget)
        gained = value - float(np.vdot(problem.residual, problem.residual))
        stalled = 0 if measure < 0.5 * best or gained > 1e-15 * problem.size else stalled + 1
        problem.operator.rough &= stalled < 2
        best = min(best, measure)
