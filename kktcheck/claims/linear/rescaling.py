"""Appendix B, Lemma B.3: from an (epsilon, delta, gamma)-approximate KKT point to an (epsilon', delta')-approximate one."""

from fractions import Fraction

import numpy as np

from ...instances import LinearPoint, root
from ...instances.linear_family import RelaxedPoints
from ..claim import Claim
from ..hypotheses import GRAM, LABELS, RELAXED_KKT
from .forgetting import ball, upper

RELAXED = RelaxedPoints()
_HYPOTHESES = (GRAM, LABELS, *RELAXED_KKT)
_SOURCE = "Lemma B.3, Appendix B"


def growth(p):
    """C = 1 / (1 - gamma)."""
    return 1 / (1 - p.gamma)


def _largest(p):
    return p.multipliers[np.argmax(p.multipliers)]


def _printed(p):
    return _largest(p) * p.gamma * growth(p) + growth(p) * p.delta


def _corrected(p):
    return growth(p) ** 2 * p.delta + growth(p) * (growth(p) - 1) * _largest(p)


def _unscaled(p):
    """lambda_i (C margin_i - 1): the scaled margins with the old multipliers; shape (m,)."""
    return p.multipliers * (growth(p) * p.margins - 1)


def _scaled(p):
    """C lambda_i (C margin_i - 1): the slackness of C theta with multipliers C lambda; shape (m,)."""
    return growth(p) * _unscaled(p)


def _least(p):
    """Slackness that every lambda' needs whose stationarity error at C theta is at most C epsilon: a lower bound; shape (m,).

    C theta has coefficients C h_i y_i on the points, so lambda'_i is at least C h_i less what a vector of the span can have on x_i if its norm
    is at most C sqrt(epsilon^2 - |part of theta orthogonal to the points|^2).
    """
    inside = p.labels * p.coefficients
    radius = upper(root(p.epsilon**2 - p.beyond))
    return growth(p) * np.maximum(inside - ball(p.gram, radius), 0 * inside) * (growth(p) * p.margins - 1)


def _exact_points():
    """No error at all: theta = sum of margin_i y_i x_i on orthonormal points, so multipliers are unique and equal to the margins."""
    for gamma, margins in (("1/2", ("2",)), ("1/2", ("1/2", "2")), ("3/4", ("1/4", "3"))):
        values = np.array([Fraction(margin) for margin in margins])
        size, zero = len(values), Fraction(0)
        gram = np.array([[Fraction(int(row == column)) for column in range(size)] for row in range(size)])
        delta = max(max(values * (values - 1)), zero)
        yield LinearPoint(gram, np.ones(size, dtype=int), values, values * 0, zero, zero, delta, Fraction(1), Fraction(gamma))


CLAIMS = (
    Claim(
        "lemma-B.3",
        "With multipliers C lambda, the slackness of C theta is at most max lambda gamma/(1 - gamma) + delta/(1 - gamma).",
        _scaled,
        _printed,
        family=RELAXED,
        hypotheses=_HYPOTHESES,
        source=_SOURCE,
        kind="lemma",
        latex=r"C \lambda_i (C y_i N(\theta, x_i) - 1) \leq \max_p \lambda_p \frac{\gamma}{1 - \gamma} + \frac{\delta}{1 - \gamma}",
        extremes=_exact_points,
        corrected_by="lemma-B.3/corrected",
        derivation="The proof bounds lambda_i (C margin_i - 1), with the old multipliers (/proof/unscaled), and not C lambda_i (C margin_i - 1), "
        "which belongs to the multipliers that the lemma names: one factor C is lost in both terms.",
    ),
    Claim(
        "lemma-B.3/version/some-multipliers",
        "For some multipliers, if not for C lambda, C theta has error at most C epsilon and the printed slackness.",
        _scaled,
        _printed,
        "exists",
        RELAXED,
        _HYPOTHESES,
        _SOURCE,
        "version",
        r"\exists \lambda' \geq 0: \; \lambda'_i (C y_i N(\theta, x_i) - 1) \leq \max_p \lambda_p \frac{\gamma}{1 - \gamma} "
        r"+ \frac{\delta}{1 - \gamma}",
        extremes=_exact_points,
        least=_least,
        corrected_by="lemma-B.3/corrected",
        derivation="If epsilon = 0 and the gradients are independent, C theta = sum lambda'_i y_i x_i has the one solution lambda' = C lambda, and "
        "no other multipliers can help. For epsilon > 0 the bound `least` takes off all that the error allows.",
    ),
    Claim(
        "lemma-B.3/proof/stationarity",
        "C theta with multipliers C lambda has stationarity error at most C epsilon.",
        lambda p: growth(p) * root(p.error_squared),
        lambda p: growth(p) * p.epsilon,
        family=RELAXED,
        hypotheses=_HYPOTHESES,
        source=_SOURCE,
        kind="proof step",
        latex=r"\|C \theta - \sum_i C \lambda_i y_i \nabla N(C \theta, x_i)\| \leq C \epsilon",
    ),
    Claim(
        "lemma-B.3/proof/primal",
        "C theta has margins of at least 1.",
        lambda p: growth(p) * p.margins,
        lambda p: p.q("1"),
        "lower",
        RELAXED,
        _HYPOTHESES,
        _SOURCE,
        "proof step",
        r"y_i N(C \theta, x_i) \geq 1",
    ),
    Claim(
        "lemma-B.3/proof/unscaled",
        "With the old multipliers beside the scaled margins, the printed bound holds.",
        _unscaled,
        _printed,
        family=RELAXED,
        hypotheses=_HYPOTHESES,
        source=_SOURCE,
        kind="proof step",
        latex=r"\lambda_i (C y_i N(\theta, x_i) - 1) \leq \max_p \lambda_p \frac{\gamma}{1 - \gamma} + \frac{\delta}{1 - \gamma}",
        extremes=_exact_points,
        derivation="lambda_i (C margin_i - 1) = C lambda_i (margin_i - 1) + (C - 1) lambda_i <= C delta + (C - 1) max lambda, and C - 1 = gamma C.",
    ),
    Claim(
        "lemma-B.3/corrected",
        "With multipliers C lambda, the slackness of C theta is at most C^2 delta + C (C - 1) max lambda.",
        _scaled,
        _corrected,
        family=RELAXED,
        hypotheses=_HYPOTHESES,
        source="ours, for Lemma B.3",
        kind="corrected",
        latex=r"C \lambda_i (C y_i N(\theta, x_i) - 1) \leq C^2 \delta + C (C - 1) \max_p \lambda_p, \quad C = \frac{1}{1 - \gamma}",
        extremes=_exact_points,
        derivation="C lambda_i (C margin_i - 1) = C^2 lambda_i (margin_i - 1) + C (C - 1) lambda_i <= C^2 delta + C (C - 1) max lambda, for C >= 1. "
        "Equality where the largest multiplier's own slackness is delta, so nothing smaller holds. Stationarity and primal feasibility are as in "
        "the proof. 1-homogeneity in the weights is all that is used: it holds for two layers as well.",
    ),
)
