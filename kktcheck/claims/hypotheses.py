"""Definitions 2.1, 2.2, B.1 and Assumption 2.3 as conditions with margins; each claim lists those it assumes.

Margins are polynomials in an instance's numbers: at least 0 where the condition is met, in float64 and exactly alike.
"""

import numpy as np

from ..instances.gram import is_positive, largest_inner_product
from .claim import Hypothesis

#: A Gram matrix of actual points.
GRAM = Hypothesis("the Gram matrix is positive semidefinite", lambda p: 0 if is_positive(p.gram) and (p.gram == p.gram.T).all() else -1)
LABELS = Hypothesis("labels are -1 or +1", lambda p: 0 if (abs(p.labels) == 1).all() else -1)
SIGNS = Hypothesis("outer weights are -1/sqrt(n) or +1/sqrt(n)", lambda p: 0 if (abs(p.signs) == 1).all() else -1)

#: Assumption 2.3 with psi = 0.1.
NORMS = Hypothesis("squared norms lie in [0.9, 1.1]", lambda p: p.q("0.1") - abs(p.squared_norms - 1))
ORTHOGONAL = Hypothesis("inner products are at most phi", lambda p: p.phi - largest_inner_product(p.gram))
DATA = (GRAM, LABELS, NORMS, ORTHOGONAL)

#: Definition 2.1.
DUAL = Hypothesis("multipliers are at least 0", lambda p: p.multipliers)
STATIONARITY = Hypothesis("the stationarity error is at most epsilon", lambda p: p.epsilon**2 - p.error_squared)
SLACKNESS = Hypothesis("slackness is at most delta", lambda p: p.delta - p.slackness)
PRIMAL = Hypothesis("margins are at least 1", lambda p: p.margins - 1)
BEYOND = Hypothesis("squared norms beyond the points are at least 0", lambda p: p.beyond)
KKT = (BEYOND, DUAL, STATIONARITY, SLACKNESS, PRIMAL)

#: Definition B.1: the margins relaxed by gamma in [0, 1).
RELAXED = Hypothesis("margins are at least 1 - gamma", lambda p: p.margins - 1 + p.gamma)
GAMMA = Hypothesis("gamma lies in [0, 1)", lambda p: p.gamma if p.gamma < 1 else -1)
RELAXED_KKT = (BEYOND, DUAL, STATIONARITY, SLACKNESS, RELAXED, GAMMA)


def at_most(name, limit, *, strict=False):
    """0 < the parameter ``name`` <= ``limit`` (a decimal in a string), or below it if ``strict``."""

    def margin(p):
        value, above = getattr(p, name), p.q(limit)
        margins = [value if value > 0 else -1, above - value if not strict or value < above else -1]
        return np.array(margins, dtype=object) if p.is_exact else min(margins)

    return Hypothesis(f"0 < {name} {'<' if strict else '<='} {limit}", margin, name, limit)


def box(epsilon, delta, epsilon_d, *, strict=False):
    """Ranges of the three parameters, limits in strings; ``strict`` for epsilon_d (Theorem 3.1)."""
    return at_most("epsilon", epsilon), at_most("delta", delta), at_most("epsilon_d", epsilon_d, strict=strict)


def at_least_points(least):
    """At least ``least`` points: where a step speaks of another point, or of a retained one."""
    return Hypothesis(f"at least {least} points", lambda p: p.num_points - least)


#: What a point of a box of constants satisfies (see `kktcheck.instances.Constants`).
PSI = Hypothesis("psi lies in [0, 0.1]", lambda p: p.psi if p.psi * 10 <= 1 else -1)
FREE = Hypothesis("the free number lies in [0, 1]", lambda p: p.free if p.free <= 1 else -1)
SIZES = Hypothesis("1 <= k <= m", lambda p: min(p.forgotten - 1, p.points - p.forgotten))
SOME_KEPT = Hypothesis("k < m", lambda p: p.points - 1 - p.forgotten)
TWO_POINTS = Hypothesis("at least 2 points", lambda p: p.points - 2)
#: Those that the box itself expresses in an interval proof.
OF_BOXES = (PSI, FREE, SIZES, SOME_KEPT, TWO_POINTS)
