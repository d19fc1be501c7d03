"""Appendix B, Lemmas B.1 and B.2: multipliers of linear predictors. Lemma B.3 is in `rescaling`."""

import numpy as np

from ...instances import root
from ...instances.constants_family import ConstantBoxes
from ...instances.linear_family import LinearPoints
from ..claim import Claim, Part
from ..hypotheses import DATA, FREE, KKT, PSI, SIZES, box
from .forgetting import POINTS, SETTINGS

LEMMA_POINTS = LinearPoints()
LEMMA_BOX = ConstantBoxes(0.5, 0.5, 0.5)
HALF = (*DATA, *KKT, *box("0.5", "0.5", "0.5"))
HALF_BOX = (*box("0.5", "0.5", "0.5"), PSI, FREE, SIZES)

_B1, _B2 = "Lemma B.1, Appendix B", "Lemma B.2, Appendix B"


def scaled_multipliers(p):
    """lambda_i |x_i|^2, which is 1 for an exact KKT point of orthogonal points; shape (m,)."""
    return p.multipliers * p.squared_norms


def others(p):
    """(m - 1) phi <= epsilon_d / 4: what the other points can add to a margin, per unit of multiplier."""
    return p.phi * (p.num_points - 1)


def _largest(p):
    return p.multipliers[np.argmax(p.multipliers)]


def _quadratic(p):
    """The two sides of the quadratic inequality at the largest multiplier."""
    curvature = p.q("0.9") - others(p)
    return _largest(p) ** 2 * curvature, (1 + p.epsilon * root(p.q("1.1"))) * _largest(p) + p.delta


def _plugged_in(p):
    """Right side of (4), with the lemma's bound on phi."""
    linear, curvature = 1 + p.epsilon * root(1 + p.psi), 1 - p.psi - p.epsilon_d / (4 * p.points) * (p.points - 1)
    return (linear + root(linear**2 + 4 * curvature * p.delta)) / (2 * curvature)


LEMMA_B1 = (
    Claim(
        "lemma-B.1",
        "No multiplier of an approximate KKT point is above 2.4.",
        lambda p: p.multipliers,
        lambda p: p.q("2.4"),
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B1,
        kind="lemma",
        latex=r"\max_i \lambda_i \leq 2.4",
        constant="2.4",
    ),
    Claim(
        "lemma-B.1/version/settings-of-3.1",
        "For epsilon_d below 0.1, as in Theorem 3.1, no multiplier is above 2.03.",
        lambda p: p.multipliers,
        lambda p: p.q("2.03"),
        family=POINTS,
        hypotheses=SETTINGS,
        source="ours, for Lemma B.1",
        latex=r"\max_i \lambda_i \leq 2.03",
        constant="2.03",
        derivation="The root (4) grows with epsilon, delta and epsilon_d. At epsilon = delta = 0.5, epsilon_d = 0.1: B = 1 + 0.5 sqrt(1.1) < "
        "1.5245, A = 0.875, (B + sqrt(B^2 + 2 A)) / (2 A) < 3.543 / 1.75 < 2.025.",
    ),
    Claim(
        "lemma-B.1/proof/quadratic",
        "The largest multiplier satisfies a quadratic inequality, from its own margin and slackness.",
        lambda p: _quadratic(p)[0],
        lambda p: _quadratic(p)[1],
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B1,
        kind="proof step",
        latex=r"\lambda_r^2 ((1 - \psi) - \phi (m-1)) \leq (1 + \epsilon \sqrt{1 + \psi}) \lambda_r + \delta",
    ),
    Claim(
        "lemma-B.1/proof/constant",
        "The positive root of that quadratic is at most 2.4 for all constants in the box.",
        _plugged_in,
        lambda p: p.q("2.4"),
        family=LEMMA_BOX,
        hypotheses=HALF_BOX,
        source=_B1,
        kind="proof step",
        latex=r"\frac{B + \sqrt{B^2 + 4 A \delta}}{2 A} \leq 2.4, \quad A = 1 - \psi - \phi(m-1), \; B = 1 + \epsilon \sqrt{1 + \psi}",
        constant="2.4",
    ),
)


def low(p):
    """1 - 0.6 epsilon_d - 1.1 epsilon, the a of Remark B.1."""
    return 1 - p.q("0.6") * p.epsilon_d - p.q("1.1") * p.epsilon


def high(p):
    """1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta, the b of Remark B.1."""
    return 1 + p.q("1.2") * p.epsilon_d + p.q("2.15") * p.epsilon + p.q("2.2") * p.delta


def _spread(p):
    """2.4 (m - 1) phi + epsilon |x_t|: how far a margin lies from lambda_t |x_t|^2; shape (m,)."""
    return p.q("2.4") * others(p) + p.epsilon * root(p.squared_norms)


def _norm(p):
    """N, a squared norm anywhere in [1 - psi, 1 + psi]."""
    return 1 - p.psi + 2 * p.psi * p.free


def _square_root_parts(p):
    """B and N."""
    return 1 + _others_drift(p) + p.epsilon * root(_norm(p)), _norm(p)


def _others_drift(p):
    return p.q("2.4") * p.epsilon_d * (p.points - 1) / (4 * p.points)


def _square_root(p):
    """Both sides of the second line of the upper bound, times 2 |x_t|^2."""
    (linear, norm), drift, psi = _square_root_parts(p), _others_drift(p), 1 + p.psi
    return linear + root(linear**2 + 4 * norm * p.delta), 2 * (1 + drift) + p.epsilon * (root(psi) + psi) + 4 * p.delta * psi


LEMMA_B2 = (
    Claim(
        "lemma-B.2/lower",
        "Every multiplier is nearly 1/|x_t|^2, from below.",
        lambda p: p.multipliers,
        lambda p: low(p) / p.squared_norms,
        "lower",
        LEMMA_POINTS,
        HALF,
        _B2,
        "lemma",
        r"\lambda_t \geq \frac{1}{\|x_t\|^2} - \frac{0.6 \epsilon_d + 1.1 \epsilon}{\|x_t\|^2}",
        constant="0.6, 1.1",
    ),
    Claim(
        "lemma-B.2/lower/proof/margin",
        "A margin of at least 1 needs a multiplier: the other points and the error add little.",
        lambda p: p.q("1"),
        lambda p: scaled_multipliers(p) + _spread(p),
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B2,
        kind="proof step",
        latex=r"1 \leq \lambda_t \|x_t\|^2 + 2.4 \phi (m-1) + \epsilon \|x_t\|",
    ),
    Claim(
        "lemma-B.2/lower/proof/positive",
        "The lower bound is at least 0.15 in the whole box.",
        low,
        lambda p: p.q("0.15"),
        "lower",
        LEMMA_BOX,
        HALF_BOX,
        _B2,
        "proof step",
        r"1 - 0.6 \epsilon_d - 1.1 \epsilon \geq 0.15",
        constant="0.15",
    ),
    Claim(
        "lemma-B.2/upper",
        "Every multiplier is nearly 1/|x_t|^2, from above.",
        lambda p: p.multipliers,
        lambda p: high(p) / p.squared_norms,
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B2,
        kind="lemma",
        latex=r"\lambda_t \leq \frac{1}{\|x_t\|^2} + \frac{1.2 \epsilon_d + 2.15 \epsilon + 2.2 \delta}{\|x_t\|^2}",
        constant="1.2, 2.15, 2.2",
        derivation="The proof quotes a wrong range of the norms (/upper/proof/norm-range) but works with the right one. Its chain bounds twice the "
        "excess and forgets to halve two of the terms, so the constants are larger than need be: see /upper/version/sharper.",
    ),
    Claim(
        "lemma-B.2/upper/proof/quadratic",
        "Every multiplier satisfies a quadratic inequality, from its own margin and slackness.",
        lambda p: p.multipliers**2 * p.squared_norms,
        lambda p: p.multipliers * (1 + _spread(p)) + p.delta,
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B2,
        kind="proof step",
        latex=r"\lambda_t^2 \|x_t\|^2 \leq \lambda_t (1 + 2.4 \phi (m-1) + \epsilon \|x_t\|) + \delta",
    ),
    Claim(
        "lemma-B.2/upper/proof/norm-range",
        "Squared norms are at most 1 - psi, as the proof says where it plugs in (psi = 0.1).",
        lambda p: p.squared_norms,
        lambda p: 1 - p.q("0.1"),
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source=_B2,
        kind="proof step",
        latex=r"\|x_t\|^2 \leq 1 - \psi",
        corrected_by="lemma-B.2/upper/proof/norm-range/corrected",
        derivation="A slip of the pen: the next line of the proof uses 1 + psi.",
    ),
    Claim(
        "lemma-B.2/upper/proof/norm-range/corrected",
        "Squared norms are at most 1 + psi.",
        lambda p: p.squared_norms,
        lambda p: 1 + p.q("0.1"),
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source="ours, for a step of Lemma B.2",
        kind="corrected",
        latex=r"\|x_t\|^2 \leq 1 + \psi",
        derivation="Item 1 of Assumption 2.3.",
    ),
    Claim(
        "lemma-B.2/upper/proof/square-root",
        "The positive root of the quadratic is at most the sum without a square root that the proof puts in its place.",
        lambda p: _square_root(p)[0],
        lambda p: _square_root(p)[1],
        family=LEMMA_BOX,
        hypotheses=HALF_BOX,
        source=_B2,
        kind="proof step",
        latex=r"B + \sqrt{B^2 + 4 N \delta} \leq 2 + 4.8 \phi (m-1) + \epsilon \sqrt{1 + \psi} + \epsilon (1 + \psi) + 4 \delta (1 + \psi)",
        derivation="With B = 1 + 2.4 (m-1) phi + epsilon sqrt(N) >= 1: sqrt(B^2 + 4 N delta) <= B + 2 N delta / B <= B + 2 N delta, and "
        "sqrt(N) is at most sqrt(1 + psi) and at most 1 + psi.",
        parts=(
            Part(
                lambda p: 1,
                lambda p: _square_root_parts(p)[0] + _square_root_parts(p)[1] * p.delta,
                "sqrt(B^2 + 4 N delta) <= B + 2 N delta: both sides squared, B^2 taken off, divided by 4 N delta",
            ),
            Part(lambda p: 2 * root(_norm(p)), lambda p: root(1 + p.psi) + 1 + p.psi, "the terms of 2 B + 2 N delta with epsilon, over epsilon"),
            Part(lambda p: 2 * _norm(p), lambda p: 4 * (1 + p.psi), "the terms with delta, divided by delta"),
        ),
    ),
    Claim(
        "lemma-B.2/upper/version/sharper",
        "Half of the printed excess suffices.",
        scaled_multipliers,
        lambda p: 1 + p.q("0.6") * p.epsilon_d + p.q("1.05") * p.epsilon + p.q("1.1") * p.delta,
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source="ours, for Lemma B.2",
        latex=r"\lambda_t \|x_t\|^2 \leq 1 + 0.6 \epsilon_d + 1.05 \epsilon + 1.1 \delta",
        constant="0.6, 1.05, 1.1",
        derivation="Let N = |x_t|^2 <= 1.1 and B = 1 + 2.4 (m-1) phi + epsilon sqrt(N) >= 1. The proof's quadratic gives N lambda_t <= (B + "
        "sqrt(B^2 + 4 N delta)) / 2 <= (B + B + 2 N delta / B) / 2 <= B + N delta. Then 2.4 (m-1) phi <= 2.4 epsilon_d / 4 = 0.6 epsilon_d, "
        "sqrt(1.1) < 1.05, N delta <= 1.1 delta. The same 1.05 serves in the lower bound.",
    ),
)


CLAIMS = (*LEMMA_B1, *LEMMA_B2)
