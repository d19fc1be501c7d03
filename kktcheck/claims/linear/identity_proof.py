"""Steps of the proof of Remark B.1: the chain that bounds the cosine. Those on norms are in `identity_norms`."""

import numpy as np

from ...instances import root
from ...instances.constants_family import ConstantBoxes
from ..claim import Claim, Hypothesis
from ..hypotheses import FREE, SIZES, TWO_POINTS, box
from .forgetting import POINTS, single_points
from .forgetting import SETTINGS as POINT_SETTINGS
from .lemmas import high, low
from .pairs import NEAR, PAIRS, SETTINGS, distance, pair

BOX = ConstantBoxes(0.5, 0.5, 0.1, points=2)
_BOX = (*box("0.5", "0.5", "0.1", strict=True), FREE, SIZES, TWO_POINTS)
_SOURCE, _OURS = "Remark B.1, Appendix B.3", "ours, for a step of Remark B.1"
POINT = {"family": POINTS, "hypotheses": POINT_SETTINGS}
PAIR = {"family": PAIRS, "hypotheses": (*SETTINGS, *NEAR)}
ARITHMETIC = {"family": BOX, "hypotheses": _BOX}
STEP, CORRECTED = {"source": _SOURCE, "kind": "proof step"}, {"source": _OURS, "kind": "corrected"}


def _squares(p):
    """lambda_i^2 |x_i|^2; shape (m,)."""
    return p.multipliers**2 * p.squared_norms


def _retained_squares(p):
    """Their sum over all points but the l-th, for each l; shape (m,)."""
    return (~single_points(p.num_points) * _squares(p)).sum(axis=1)


def _products(multipliers, others):
    """Sum of lambda~_i lambda_k over i != k."""
    return multipliers.sum() * others.sum() - (multipliers * others).sum()


def _retained_products(p):
    return np.array([_products(p.multipliers[kept], p.multipliers[kept]) for kept in ~single_points(p.num_points)])


def _pair_sizes(p):
    """sqrt(sum lambda~_i^2 N_i) sqrt(sum lambda_i^2 N_i) over the retained points."""
    kept = p.kept
    return root((_squares(p.second)[kept]).sum()) * root(_squares(p.first)[kept].sum())


def _cross_sum(p):
    kept = p.kept
    return p.first.phi * _products(p.other_multipliers[kept], p.multipliers[kept]) / _pair_sizes(p)


def _forgotten_sum(p):
    return p.first.phi * p.other_multipliers.sum() * p.multipliers[p.forgotten] / _pair_sizes(p)


def _added(p):
    """x = 2.64 b / (a m), which the proof adds to 1."""
    size = p.points if hasattr(p, "points") else p.num_points
    return p.q("2.64") * high(p) / (low(p) * size)


def _added_truly(p):
    """0.81 a^2 / (b^2 m), what may be added to 1."""
    size = p.points if hasattr(p, "points") else p.num_points
    return p.q("0.81") * low(p) ** 2 / (high(p) ** 2 * size)


def _denominator(p):
    """1 - 0.28 epsilon_d - (epsilon + epsilon~) / (0.9 a sqrt(m)), of the last display."""
    return 1 - p.q("0.28") * p.epsilon_d - (p.epsilon + p.other_epsilon) / (p.q("0.9") * low(p) * root(p.q(str(p.num_points))))


def _conclusion(p):
    """Upper bound of the cosine in the line before last."""
    scale = root(p.q(str(p.num_points)))
    errors = (p.epsilon + p.other_epsilon) / (p.q("0.9") * low(p) * scale)
    above = p.q("0.56") * p.epsilon_d + p.q("1.2") * high(p) * p.epsilon_d / (4 * p.num_points * low(p)) + errors
    return (1 + above / _denominator(p)) * (1 - p.q("0.66") * high(p) / (low(p) * p.num_points))


def _plain_pairs():
    for size in (8, 16):
        yield pair(size, ("1",), 0, "0.000001", "0.000001")


CLAIMS = (
    Claim(
        "remark-B.1/proof/cross-sum",
        "The inner products between different retained points, relative to both sizes, come to at most epsilon_d / 3.6.",
        _cross_sum,
        lambda p: p.epsilon_d / p.q("3.6"),
        latex=r"\frac{\phi \sum_{i \neq k \neq l} \tilde\lambda_i \lambda_k}"
        r"{\sqrt{\sum \tilde\lambda_i^2 \|x_i\|^2} \sqrt{\sum \lambda_i^2 \|x_i\|^2}} \leq \frac{\epsilon_d}{3.6}",
        constant="3.6",
        **PAIR,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/forgotten-sum",
        "The inner products with the forgotten point, relative to both sizes, come to at most 1.2 b epsilon_d / (4 m a).",
        _forgotten_sum,
        lambda p: p.q("1.2") * high(p) * p.epsilon_d / (4 * p.num_points * low(p)),
        latex=r"\frac{\phi \sum \tilde\lambda_i \lambda_l}{\sqrt{\sum \tilde\lambda_i^2 \|x_i\|^2} \sqrt{\sum \lambda_i^2 \|x_i\|^2}} "
        r"\leq \frac{1.2 b \epsilon_d}{4 m a}",
        constant="1.2",
        **PAIR,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/denominator-sum",
        "The inner products between different retained points, relative to |w|^2, come to at most epsilon_d / 3.6.",
        lambda p: p.phi * _retained_products(p) / _retained_squares(p),
        lambda p: p.epsilon_d / p.q("3.6"),
        latex=r"\frac{\phi \sum_{i \neq k \neq l} \lambda_i \lambda_k}{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \leq \frac{\epsilon_d}{3.6}",
        constant="3.6",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/denominator-sum/version/used",
        "The same with the sum over all points above and over the retained ones below, as the bound on |w| uses it.",
        lambda p: p.phi * _products(p.multipliers, p.multipliers) / _retained_squares(p),
        lambda p: p.epsilon_d / p.q("3.6"),
        latex=r"\frac{\phi \sum_{i \neq k \in [m]} \lambda_i \lambda_k}{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \leq \frac{\epsilon_d}{3.6}",
        source=_SOURCE,
        kind="version",
        constant="3.6",
        corrected_by="remark-B.1/proof/denominator-sum",
        derivation="The norm of w contains the forgotten point, and the display that bounds it divides by a sum without it. For two points with a "
        "large forgotten multiplier the quotient is up to epsilon_d lambda_l / (4 lambda_i |x_i|^2).",
        **POINT,
    ),
    Claim(
        "remark-B.1/proof/error-share",
        "The retained terms have size at least 0.9 a sqrt(m).",
        _retained_squares,
        lambda p: p.q("0.81") * low(p) ** 2 * p.num_points,
        direction="lower",
        latex=r"\frac{\epsilon}{\sqrt{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2}} \leq \frac{\epsilon}{0.9 a \sqrt{m}}",
        constant="0.9",
        corrected_by="remark-B.1/proof/error-share/corrected",
        derivation="The sum has m - 1 terms of at least a^2 / 1.1 each, and 0.909 (m - 1) is below 0.81 m for m <= 9.",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/error-share/corrected",
        "The retained terms have size at least 0.9 a sqrt(m - 1).",
        _retained_squares,
        lambda p: p.q("0.81") * low(p) ** 2 * (p.num_points - 1),
        direction="lower",
        latex=r"\sqrt{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \geq 0.9 a \sqrt{m - 1}",
        constant="0.9",
        derivation="lambda_i^2 N_i = (lambda_i N_i)^2 / N_i >= a^2 / 1.1 by Lemma B.2, and 1/1.1 > 0.81.",
        **POINT,
        **CORRECTED,
    ),
    Claim(
        "remark-B.1/proof/added-term",
        "The forgotten point's square, relative to the retained ones', is at most 2.4 b / (0.91 a^2 m).",
        lambda p: _squares(p) / _retained_squares(p),
        lambda p: p.q("2.4") * high(p) / (p.q("0.91") * low(p) ** 2 * p.num_points),
        latex=r"\frac{\lambda_l^2 \|x_l\|^2}{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \leq \frac{2.4 b}{0.91 a^2 m}",
        constant="2.4, 0.91",
        derivation="Printed with lambda~_l, which does not exist; meant is lambda_l. An upper bound is of no use in the proof: see "
        "/proof/added-term-direction.",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/added-term-simplified",
        "2.4 b / (0.91 a^2 m) is at most 2.64 b / (a m).",
        lambda p: p.q("2.4") * high(p) / (p.q("0.91") * low(p) ** 2 * p.points),
        _added,
        latex=r"\frac{2.4 b}{0.91 a^2 m} \leq \frac{2.64 b}{a m}",
        constant="2.64",
        corrected_by="remark-B.1/proof/added-term",
        derivation="A factor 1/a is lost; 2.4/0.91 > 2.637 leaves room for a >= 0.999 only.",
        **ARITHMETIC,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/added-term-direction",
        "What the proof uses: the forgotten point's square, relative to the retained ones', is at least 2.64 b / (a m).",
        lambda p: _squares(p) / _retained_squares(p),
        _added,
        direction="lower",
        latex=r"\frac{\lambda_l^2 \|x_l\|^2}{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \geq \frac{2.64 b}{a m}",
        constant="2.64",
        corrected_by="remark-B.1/proof/added-term-direction/corrected",
        derivation="The term stands below a fraction bar, as 1 + x under a root, and the fraction is to be bounded from above: x must be a lower "
        "bound. The proof proves an upper bound and uses it as a lower one. For orthonormal points the quotient is 1/(m - 1), less than 2.64/m.",
        **POINT,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/added-term-direction/corrected",
        "The forgotten point's square, relative to the retained ones', is at least 0.81 a^2 / (b^2 m).",
        lambda p: _squares(p) / _retained_squares(p),
        _added_truly,
        direction="lower",
        latex=r"\frac{\lambda_l^2 \|x_l\|^2}{\sum_{i \neq l} \lambda_i^2 \|x_i\|^2} \geq \frac{0.81 a^2}{b^2 m}",
        constant="0.81",
        derivation="By Lemma B.2, lambda_l^2 N_l = (lambda_l N_l)^2 / N_l >= a^2 / 1.1, and the others sum to at most (m - 1) b^2 / 0.9; 0.9/1.1 > "
        "0.81.",
        **POINT,
        **CORRECTED,
    ),
    Claim(
        "remark-B.1/proof/reciprocal-root",
        "1/sqrt(1 + x) is at most 1 - x/4 for x from 0 to 1.",
        lambda p: 1 / root(1 + p.free),
        lambda p: 1 - p.free / 4,
        family=BOX,
        hypotheses=(FREE,),
        latex=r"\frac{1}{\sqrt{1 + x}} \leq 1 - \frac{x}{4}",
        derivation="1/sqrt(1 + x) is convex, equal at 0, and 0.708 at 1, where the right side is 0.75.",
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/reciprocal-range",
        "The proof's x = 2.64 b / (a m) is at most 1, as that inequality asks.",
        _added,
        lambda p: p.q("1"),
        latex=r"\frac{2.64 b}{a m} \leq 1",
        corrected_by="remark-B.1/proof/reciprocal-range/corrected",
        derivation="False for two points, and in all of the box only for m > 22: b / a can be 8.4.",
        **ARITHMETIC,
        **STEP,
    ),
    Claim(
        "remark-B.1/proof/reciprocal-range/corrected",
        "0.81 a^2 / (b^2 m), which may stand in its place, is at most 1.",
        _added_truly,
        lambda p: p.q("1"),
        latex=r"\frac{0.81 a^2}{b^2 m} \leq 1",
        derivation="a <= 1 <= b.",
        **ARITHMETIC,
        **CORRECTED,
    ),
    Claim(
        "remark-B.1/proof/conclusion",
        "The explicit upper bound of the cosine at the end of the chain, where its denominator is positive.",
        lambda p: 1 - distance(p),
        _conclusion,
        family=PAIRS,
        hypotheses=(*SETTINGS, *NEAR, Hypothesis("the denominator is positive", lambda p: _denominator(p) if _denominator(p) > 0 else -1)),
        latex=r"\left(1 + \frac{0.56 \epsilon_d + \frac{1.2 b \epsilon_d}{4ma} + \frac{\epsilon + \tilde\epsilon}{0.9 a \sqrt{m}}}"
        r"{1 - 0.28 \epsilon_d - \frac{\epsilon + \tilde\epsilon}{0.9 a \sqrt{m}}}\right) \left(1 - \frac{0.66 b}{am}\right)",
        constant="0.66",
        corrected_by="remark-B.1/version/proof",
        extremes=_plain_pairs,
        derivation="For orthonormal points without errors cos = sqrt(1 - 1/m) > 1 - 0.66/m from m = 3 on. The form 1 - C/m + C (epsilon_d + epsilon "
        "+ epsilon~) that follows is right with a smaller C: remark-B.1 carries a proof.",
        **STEP,
    ),
)
