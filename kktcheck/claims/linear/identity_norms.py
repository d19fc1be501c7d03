"""Steps of the proof of Remark B.1 that bound the norm of w from below."""

from fractions import Fraction

import numpy as np

from ...instances import LinearPoint, root
from ..claim import Claim
from .identity_proof import ARITHMETIC, CORRECTED, POINT, STEP
from .lemmas import high, low
from .pairs import PAIRS
from .pairs import SETTINGS as PAIR_SETTINGS

_OURS = "ours, for Remark B.1"


def projection(p):
    """k >= 0 with k w~ nearest to w on the ray of w~."""
    inner = p.first.coefficients @ p.gram @ p.second.coefficients + p.correlation * root(p.beyond * p.other_beyond)
    return (inner if inner > 0 else 0 * inner) / p.second.norm_squared


def _many_points():
    """Orthonormal points with margins of 1: |w| = sqrt(m)."""
    zero, small = Fraction(0), Fraction(1, 10)
    size = 121
    gram = np.full((size, size), zero)
    gram[np.diag_indices(size)] = zero + 1
    ones = np.array([zero + 1] * size)
    yield LinearPoint(gram, np.ones(size, dtype=int), ones, 0 * ones, zero, small, small, small / 2)


CLAIMS = (
    Claim(
        "remark-B.1/proof/norm",
        "w without its error has squared norm at least 0.1 m.",
        lambda p: p.multipliers * p.labels @ p.gram @ (p.multipliers * p.labels),
        lambda p: p.q("0.1") * p.num_points,
        direction="lower",
        latex=r"\|\sum_i \lambda_i y_i x_i\|^2 \geq 0.1 m",
        constant="0.1",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/norm-step",
        "phi m b is at most 0.6 epsilon_d.",
        lambda p: p.epsilon_d * high(p) / 4,
        lambda p: p.q("0.6") * p.epsilon_d,
        latex=r"\phi m b \leq 0.6 \epsilon_d",
        constant="0.6",
        corrected_by="remark-B.1/proof/norm-step/corrected",
        derivation="That asks for b <= 2.4; b goes up to 3.3 in the box. Lemma B.1 bounds the multipliers themselves by 2.4.",
        **ARITHMETIC,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/norm-step/corrected",
        "phi times the sum of all multipliers is at most 0.6 epsilon_d.",
        lambda p: p.phi * p.multipliers.sum(),
        lambda p: p.q("0.6") * p.epsilon_d,
        latex=r"\phi \sum_k \lambda_k \leq 0.6 \epsilon_d",
        constant="0.6",
        derivation="lambda_k <= 2.4 by Lemma B.1, and phi m <= epsilon_d / 4.",
        **POINT,
        **CORRECTED,
    ),
    Claim(
        "remark-B.1/proof/norm-constant",
        "0.9 a (1 - 1.2 epsilon_d - 1.1 epsilon) is at least 0.1.",
        lambda p: p.q("0.9") * low(p) * (1 - p.q("1.2") * p.epsilon_d - p.q("1.1") * p.epsilon),
        lambda p: p.q("0.1"),
        direction="lower",
        latex=r"0.9 a (1 - 1.2 \epsilon_d - 1.1 \epsilon) \geq 0.1",
        constant="0.1",
        **ARITHMETIC,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/norm-plugged",
        "|w| is at least 0.1 m - epsilon, as the last fractions take it.",
        lambda p: root(p.norm_squared),
        lambda p: p.q("0.1") * p.num_points - p.epsilon,
        direction="lower",
        latex=r"\|w\| \geq 0.1 m - \epsilon",
        constant="0.1",
        corrected_by="remark-B.1/proof/norm-plugged/corrected",
        extremes=_many_points,
        derivation="0.1 m bounds the square of the norm. For orthonormal points |w| = sqrt(m), less than 0.1 m - epsilon from m = 112 on. For few "
        "points 0.1 m - epsilon can be 0 or negative, and the printed fraction makes no sense.",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/norm-plugged/corrected",
        "|w| is at least sqrt(0.1 m) - epsilon.",
        lambda p: root(p.norm_squared),
        lambda p: root(p.q("0.1") * p.num_points) - p.epsilon,
        direction="lower",
        latex=r"\|w\| \geq \sqrt{0.1 m} - \epsilon",
        constant="0.1",
        extremes=_many_points,
        derivation="The root of /proof/norm, less the norm of the error.",
        **POINT,
        **CORRECTED,
    ),
    Claim(
        "remark-B.1/proof/margin-above",
        "A step of our proof: no margin of w is above 1.56.",
        lambda p: p.margins,
        lambda p: p.q("1.56"),
        source=_OURS,
        latex=r"y_i N(w, x_i) \leq 1.56",
        constant="1.56",
        derivation="Fact (ii) in the derivation of remark-B.1.",
        **POINT,
    ),
    Claim(
        "remark-B.1/proof/norm-above",
        "A step of our proof: w has squared norm at most 3.16 m.",
        lambda p: p.norm_squared,
        lambda p: p.q("3.16") * p.num_points,
        source=_OURS,
        latex=r"\|w\|^2 \leq 3.16 m",
        constant="3.16",
        derivation="Fact (i) in the derivation of remark-B.1.",
        **POINT,
    ),
    Claim(
        "remark-B.1/proof/shadow",
        "A step of our proof: the projection of w on the ray of w~ has almost no margin on the forgotten point.",
        lambda p: projection(p) * p.second.margins[p.forgotten],
        lambda p: p.q("0.476") * p.epsilon_d + p.q("1.063") * projection(p) * p.other_epsilon,
        family=PAIRS,
        hypotheses=PAIR_SETTINGS,
        source=_OURS,
        latex=r"y_l \langle k \tilde w, x_l \rangle \leq 0.476 \epsilon_d + 1.063 k \tilde\epsilon, \quad "
        r"k = \frac{\langle w, \tilde w \rangle}{\|\tilde w\|^2}",
        constant="0.476, 1.063",
        derivation="Fact (iv) in the derivation of remark-B.1; its phi k sum lambda~_i is at most (epsilon_d / (4 m)) . 1.07 sqrt(m - 1) (1.778 "
        "sqrt(m) + k e~) <= 0.476 epsilon_d + 0.0134 k e~.",
    ),
)
