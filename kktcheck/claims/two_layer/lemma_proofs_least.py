"""Steps of the proof of Lemma C.4 (masses and multipliers from below)."""

import numpy as np

from ...instances.exact import root
from ..claim import Claim, Part
from ..hypotheses import box
from .cases import aligned_output, case, extreme_mass, extreme_masses
from .extremes import both_signs, mostly_opposing
from .parts import BOX, POINT, POINTS, cross_reach, error_reach


def least_from(c, psi, share=2):
    """(1 - 2 phi (m - 1) alpha_max - 2 epsilon sqrt(1 + psi)) / (2 (1 + psi)) with alpha_max = 10.2; the factors 2 in the numerator are "
    "``share``."""
    cross = c.q("10.2") * c.epsilon_d * (c.points - 1) / (4 * c.points * c.neurons)
    return (1 - share * (cross + c.epsilon * root(1 + psi))) / (2 * (1 + psi))


def _positive_part(value):
    return value if value > 0 else 0 * value


def printed_least_of(c):
    """0.45 - 2.32 epsilon_d / n - 0.96 epsilon."""
    return c.q("0.45") - c.q("2.32") * c.epsilon_d / c.neurons - c.q("0.96") * c.epsilon


def _without_error(c):
    """0.1 - 0.9 psi + w (4.64 (1 + psi) - 5.1 (m - 1) / m), w = epsilon_d / n."""
    cross = c.q("4.64") * (1 + c.psi) - c.q("5.1") * (c.points - 1) / c.points
    return c.q("0.1") - c.q("0.9") * c.psi + c.epsilon_d / c.neurons * cross


_C4 = dict(source="Lemma C.4, Appendix C", kind="proof step")

CLAIMS = (
    Claim(
        "lemma-C.4/1/proof/case-one",
        "What case one concludes, with the mass A_k of the label's own sign at any point: 1 <= 2 (1 + psi) A_k + 2 phi (m-1) alpha_max + 2 "
        "epsilon sqrt(1 + psi).",
        lambda p: 1,
        lambda p: p.q("2.2") * p.aligned_masses + 2 * cross_reach(p) + 2 * error_reach(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"1 \le 2(1+\psi)\alpha+2\phi(m-1)\alpha_{\max}+2\epsilon\sqrt{1+\psi}",
        derivation="Printed for the point k where the mass of J_+ is smallest, if y_k = 1; then alpha is the mass of the label's own sign. "
        "Half of the right side "
        "is enough (lemma-C.4/1/proof/aligned). At exact KKT points this case hardly occurs: the smallest mass is that of a sign at points "
        "of the other label.",
        **_C4,
    ),
    Claim(
        "lemma-C.4/1/proof/case-one-mass",
        "Case one, the smallest mass alpha is reached at a point of its own label: there the mass of the other sign is no larger.",
        lambda p: extreme_masses(p, False, True)[1],
        lambda p: extreme_masses(p, False, True)[0],
        family=POINTS,
        hypotheses=(*POINT, case("the smallest mass belongs to its point's label", False, True)),
        latex=r"\sum_{j\in J_-}u_j^2\lambda_k\sigma'_{k,j} \le \alpha",
        extremes=mostly_opposing,
        corrected_by="lemma-C.4/1/proof/aligned",
        derivation="The proof bounds the second summand by (1 + psi) alpha with alpha the mass of J_+, though its neurons are those of J_-. "
        "That summand needs no mass at all: "
        "neurons active against the label only lower the margin.",
        **_C4,
    ),
    Claim(
        "lemma-C.4/1/proof/case-two",
        "Case two, the smallest mass alpha is reached at a point of the other label: there the neurons of the label's sign contribute at most "
        "(1 + psi) alpha + phi (m-1) alpha_max + epsilon sqrt(1 + psi) to the margin.",
        lambda p: aligned_output(p)[extreme_mass(p, False, False)[1]],
        lambda p: p.q("1.1") * extreme_masses(p, False, False)[0] + cross_reach(p) + error_reach(p),
        family=POINTS,
        hypotheses=(*POINT, case("the smallest mass belongs to the other label", False, False)),
        latex=r"y_k=-1:\quad \sum_{j\in J_-}u_j\sigma(w_j^\top x_k) \ge -(1+\psi)\alpha-\phi(m-1)\alpha_{\max}-\epsilon\sqrt{1+\psi}",
        extremes=both_signs,
        corrected_by="lemma-C.4/1/proof/aligned",
        derivation="The neurons that serve x_k are in J_-; the proof writes their mass as the one over J_+, which is alpha and mostly 0. "
        "Here the lemma breaks.",
        **_C4,
    ),
    Claim(
        "lemma-C.4/1/proof/aligned",
        "At every point, with the mass A_k of the label's own sign: 1 <= (1 + psi) A_k + phi (m-1) alpha_max + epsilon sqrt(1 + psi).",
        lambda p: 1,
        lambda p: p.q("1.1") * p.aligned_masses + cross_reach(p) + error_reach(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"1 \le (1+\psi)\sum_{j:\,u_jy_k>0}u_j^2\lambda_k\sigma'_{k,j}+\phi(m-1)\alpha_{\max}+\epsilon\sqrt{1+\psi}",
        derivation="1 <= y_k N(x_k) <= sum over active neurons with u_j y_k > 0 of |u_j| <w_j, x_k>. Put in w_j = u_j sum_i lambda_i y_i "
        "sigma'_ij x_i + v_j: the point itself "
        "gives A_k |x_k|^2, the others at most phi (m-1) alpha_max, the error at most epsilon |x_k|.",
        **{**_C4, "kind": "ours"},
    ),
    Claim(
        "lemma-C.4/1/proof/aligned-constant",
        "(1 - phi (m-1) 10.2 - epsilon sqrt(1.1)) / 1.1 >= 0.9 - 2.32 epsilon_d / n - 0.96 epsilon.",
        lambda c: 2 * least_from(c, c.q("0.1"), share=1),
        lambda c: printed_least_of(c) + c.q("0.45"),
        "lower",
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\frac{1-10.2\,\phi(m-1)-\epsilon\sqrt{1.1}}{1.1} \ge 0.9-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.9, 2.32, 0.96",
        derivation="1 / 1.1 > 0.9, 2.55 / 1.1 < 2.32, sqrt(1.1) / 1.1 < 0.96.",
        **{**_C4, "kind": "ours"},
    ),
    Claim(
        "lemma-C.4/1/proof/constant",
        "The plug-in at psi <= 0.1, phi <= epsilon_d / (4 m n), alpha_max <= 10.2 is at least 0.45 - 2.32 epsilon_d / n - 0.96 epsilon.",
        lambda c: least_from(c, c.psi),
        printed_least_of,
        "lower",
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\frac{1-2\phi(m-1)\alpha_{\max}-2\epsilon\sqrt{1+\psi}}{2(1+\psi)} \ge 0.45-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.45, 2.32, 0.96",
        corrected_by="lemma-C.4/1/proof/constant/corrected",
        derivation="Putting psi = 0.1 in the denominator lowers the quotient only while the numerator is positive; where it is negative, a "
        "smaller psi gives less. No harm is "
        "done: there the bound is below zero, and masses are not.",
        parts=(
            Part(lambda c: 0, _without_error, "the difference of the sides times 2 (1 + psi), which is linear in epsilon, at epsilon = 0"),
            Part(
                lambda c: 0, lambda c: _without_error(c) + c.q("1.92") * (1 + c.psi) - 2 * root(1 + c.psi), "the same at epsilon = 1, where it ends"
            ),
        ),
        **_C4,
    ),
    Claim(
        "lemma-C.4/1/proof/constant/corrected",
        "The plug-in at psi = 0.1 is at least 0.45 - 2.32 epsilon_d / n - 0.96 epsilon, and for every psi <= 0.1 the larger of the plug-in and 0 is.",
        lambda c: np.array([least_from(c, c.q("0.1")), _positive_part(least_from(c, c.psi))]),
        printed_least_of,
        "lower",
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\max\Big\{0,\frac{1-2\phi(m-1)\alpha_{\max}-2\epsilon\sqrt{1+\psi}}{2(1+\psi)}\Big\} \ge "
        r"0.45-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.45, 2.32, 0.96",
        derivation="At psi = 0.1: 1 / 2.2 > 0.45, 5.1 / 2.2 < 2.32, sqrt(1.1) / 1.1 < 0.96. For smaller psi the numerator grows and the "
        "denominator falls, so a positive quotient "
        "grows; if it is not positive, the one at 0.1 is not either, nor is the right side.",
        parts=(
            Part(printed_least_of, lambda c: least_from(c, c.q("0.1")), "at psi = 0.1"),
            Part(lambda c: 1 + c.psi, lambda c: c.q("1.1"), "a smaller psi leaves a quotient above 0 no smaller"),
        ),
        **{**_C4, "kind": "corrected"},
    ),
)
