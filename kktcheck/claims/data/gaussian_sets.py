"""Lemmas A.7 and A.8, Theorem A.1 and Example 2.4: when m Gaussian points are nearly orthogonal."""

import functools

import numpy as np

from . import gaussian_events as events
from .gaussian import one_tail, pair
from .probabilities import FEW_POINTS, SIZE, SOME_POINTS, Draws, tail_claim

_CHANCE = r"1 - (2m e^{-d/500} + m^2 e^{-d/500} + 2m^2 d^{-\log(d)/2})"
_PRODUCT = r"1.1 \tfrac{\log d}{\sqrt d}"
_ASSUMPTION = (
    "m independent draws from N(0, I/d) satisfy Assumption 2.3 with psi = 0.1 and phi = 1.1 log(d)/sqrt(d) with probability at least "
    "1 - (2 m e^(-d/500) + m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2)). (Sides: chance of failure, from below; its bound.)"
)
#: m and d of the cells that are sampled, where the events are neither certain nor out of reach.
_CELLS = ((2, 5), (5, 30), (5, 300), (20, 400), (20, 1200))


def norms(p):
    """The bound 2 m e^(-d/500)."""
    return tuple((2 * p.points * factor, exponent) for factor, exponent in one_tail("1/500")(p))


def pairs(p):
    """The bound m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2)."""
    return tuple((p.points * p.points * factor, exponent) for factor, exponent in pair(p))


def assumption(p):
    """The bound of Theorem A.1."""
    return (*norms(p), *pairs(p))


def some_norm(grams, d):
    """Which draws have a squared norm outside [0.9, 1.1]."""
    return (abs(np.einsum("cii->ci", grams) - 1) > 0.1).any(axis=1)


def some_pair(grams, d):
    """Which draws have two points with an inner product beyond 1.1 log(d)/sqrt(d)."""
    return (abs(grams[:, ~np.eye(grams.shape[1], dtype=bool)]) > events.small_product(float(d))).any(axis=1)


def _fails(grams, d):
    return some_norm(grams, d) | some_pair(grams, d)


_WHY_7 = (
    "Lemma A.3 for every point, and the union bound: m <= d is not needed. Norms have a density, so < and <= are the same. Norms are independent, so "
    "the exact probability is 1 - (1 - p)^m with p of Lemma A.3. The bound is below 1 from d = 347 on for one point, 1498 for 10, 2650 for 100."
)
_WHY_8 = (
    "The union bound over the m (m - 1) / 2 pairs of different points, each by Lemma A.6; m <= d is not needed, and m^2 could be m (m - 1) / 2. The "
    "double sum in the proof runs over i = j as well, where Lemma A.6 does not apply and its bound is false (lemma-A.8/version/all-pairs); those "
    "terms do not belong to the event. Exact bounds: disjoint pairs are independent, so the probability is at least 1 - (1 - q)^floor(m/2), and at "
    "most m (m - 1) q / 2, q the exact probability for a pair."
)
_WHY_ALL_PAIRS = (
    "For i = j the inner product is |x_i|^2, near 1, and 1.1 log(d)/sqrt(d) is at most 2.2/e = 0.81 for every d: one point does, where the bound is "
    "below 1. Assumption 2.3 has i != j, and the first line of the proof as well."
)
_WHY_ASSUMPTION = (
    "Lemma A.7 for the norms and Lemma A.8 for the inner products, whose proofs do not use m <= d; the union of both. The bound is below 1 from d = "
    "1040 on for m = 2, 2394 for m = 10, 4616 for m = 100, 6909 for m = 1000; the probability that the assumption fails is far smaller there. "
    "Independence is in the example; the theorem does not name it (theorem-A.1/version/dependent)."
)
_WHY_DEPENDENT = (
    "If only the law of each point is given, all points may be the same one: then <x_i, x_j> = |x_i|^2, which is above 1.1 log(d)/sqrt(d) nearly "
    "always. Two points are enough."
)


def _assumption(id, source, kind):
    """What an example states and a theorem proves: one claim of either."""
    return tail_claim(
        id,
        _ASSUMPTION,
        rf"\Pr[\text{{Assumption 2.3}}] \ge {_CHANCE}",
        source,
        kind,
        event=events.FAILS,
        terms=assumption,
        grid=functools.partial(events.by_dim_and_points, beyond=True),
        hypotheses=(SIZE, SOME_POINTS),
        draws=Draws(_CELLS, _fails),
        derivation=_WHY_ASSUMPTION,
    )


CLAIMS = (
    _assumption("example-2.4", "Example after Assumption 2.3, Section 2.4", "example"),
    _assumption("theorem-A.1", "Theorem A.1, Appendix A", "theorem"),
    tail_claim(
        "theorem-A.1/version/dependent",
        "The same for points of which each is from N(0, I/d), independent or not: for two copies of one point.",
        rf"x_1 = x_2:\ \Pr[\text{{Assumption 2.3}}] \ge {_CHANCE}",
        "Theorem A.1, Appendix A, which names the law of each point and nothing else",
        "version",
        event=events.LONG,
        terms=assumption,
        grid=functools.partial(events.by_dim_and_points, copies=True),
        hypotheses=(SIZE, events.TWO_COPIES),
        corrected_by="theorem-A.1",
        derivation=_WHY_DEPENDENT,
    ),
    tail_claim(
        "lemma-A.7",
        "All of m <= d independent draws from N(0, I/d) have squared norms in [0.9, 1.1] with probability at least 1 - 2 m e^(-d/500). "
        "(Sides: chance of failure, its bound.)",
        r"\Pr[\forall i:\ \|x_i\|^2 \in [0.9, 1.1]] \ge 1 - 2m e^{-d/500}",
        "Lemma A.7, Appendix A",
        event=events.ANY_OUTSIDE,
        terms=norms,
        grid=events.by_dim_and_points,
        hypotheses=(SIZE, FEW_POINTS),
        draws=Draws(_CELLS, some_norm),
        derivation=_WHY_7,
    ),
    tail_claim(
        "lemma-A.8",
        "Any two different ones of m <= d independent draws from N(0, I/d) have |<x_i, x_j>| <= 1.1 log(d)/sqrt(d) with probability at least "
        "1 - (m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2)). (Sides: chance of failure, from below; its bound.)",
        rf"\Pr[\forall i \ne j:\ |\langle x_i, x_j \rangle| \le {_PRODUCT}] \ge 1 - (m^2 e^{{-d/500}} + 2m^2 d^{{-\log(d)/2}})",
        "Lemma A.8, Appendix A, for pairs of different points as in its proof",
        event=events.ANY_PAIR,
        terms=pairs,
        grid=functools.partial(events.by_dim_and_points, least=2),
        hypotheses=(SIZE, FEW_POINTS),
        draws=Draws(_CELLS, some_pair),
        derivation=_WHY_8,
    ),
    tail_claim(
        "lemma-A.8/version/all-pairs",
        "The same for all pairs, those of a point with itself included.",
        rf"\Pr[\forall i, j:\ |\langle x_i, x_j \rangle| \le {_PRODUCT}] \ge 1 - (m^2 e^{{-d/500}} + 2m^2 d^{{-\log(d)/2}})",
        "Lemma A.8, Appendix A, word for word",
        "version",
        event=events.SOME_LONG,
        terms=pairs,
        grid=events.by_dim_and_points,
        hypotheses=(SIZE, FEW_POINTS),
        corrected_by="lemma-A.8",
        derivation=_WHY_ALL_PAIRS,
    ),
)
