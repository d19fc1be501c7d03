"""Pairs of approximate KKT points of linear predictors, of all points and of all but one: what Remark B.1 compares."""

from fractions import Fraction

import numpy as np

from ...instances import LinearPair, root
from ...instances.linear_family import LinearPairs
from ..claim import Hypothesis
from ..hypotheses import BEYOND, DATA, DUAL, KKT, PRIMAL, SLACKNESS, STATIONARITY, at_least_points, box

PAIRS = LinearPairs(0.5, 0.5, 0.1)


def distance(p):
    """1 - cos(w, w~), as half the squared distance of the unit vectors: nothing cancels."""
    squares = p.first.norm_squared, p.second.norm_squared
    sizes = root(squares[0]), root(squares[1])
    between = p.first.coefficients / sizes[0] - p.second.coefficients / sizes[1]
    crossed = p.correlation * root(p.beyond * p.other_beyond) / (sizes[0] * sizes[1])
    return (between @ p.gram @ between + p.beyond / squares[0] + p.other_beyond / squares[1] - 2 * crossed) / 2


def first(hypothesis, whose=""):
    """A condition on the first of a pair."""
    return hypothesis.of(lambda margin, p: margin(p.first), whose)


def pair_settings(conditions, whose):
    """What a pair satisfies: the first meets the conditions, the second is an approximate KKT point of the retained points, of any epsilon and delta.

    Parameters
    ----------
    conditions : iterable of Hypothesis
    whose : str
        Name of the first; the second's has a tilde.
    """
    other = f"{whose}~"
    return (
        *(first(hypothesis, whose) for hypothesis in conditions),
        *(hypothesis.of(lambda margin, p: margin(p.second), other) for hypothesis in (BEYOND, DUAL, STATIONARITY)),
        *(hypothesis.of(lambda margin, p: margin(p.second)[p.kept], other) for hypothesis in (SLACKNESS, PRIMAL)),
        Hypothesis(f"{other} has no multiplier for the forgotten point", lambda p: -abs(p.other_multipliers[p.forgotten])),
        Hypothesis("the orthogonal parts have a cosine", lambda p: 1 - abs(p.correlation)),
        Hypothesis(f"{other}: epsilon and delta are at least 0", lambda p: min(p.other_epsilon, p.other_delta)),
    )


#: w as in Theorem 3.1.
SETTINGS = pair_settings((*DATA, *KKT, *box("0.5", "0.5", "0.1", strict=True), at_least_points(2)), "w")
#: The proof takes both below 0.5.
NEAR = (Hypothesis("w~: epsilon is at most 0.5", lambda p: p.q("0.5") - p.other_epsilon),)


def pair(size, others, imitation, other_epsilon, other_delta):
    """Orthonormal points, w with margins of 1; w~ has given multipliers and an error along the forgotten point; all else is tiny."""
    zero, small = Fraction(0), Fraction(1, 10**6)
    gram = np.array([[Fraction(int(row == column)) for column in range(size)] for row in range(size)])
    ones = np.array([Fraction(1)] * size)
    multipliers = np.array([zero] + [Fraction(others[i % len(others)]) for i in range(size - 1)])
    error = np.array([Fraction(imitation)] + [zero] * (size - 1))
    other = (multipliers, error, zero, zero, Fraction(other_epsilon), Fraction(other_delta), 0)
    return LinearPair(gram, np.ones(size, dtype=int), ones, 0 * ones, zero, small, small, small, *other)
