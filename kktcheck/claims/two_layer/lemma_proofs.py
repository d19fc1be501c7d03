"""Steps of the proofs of Lemmas C.2 and C.3; those of C.4 are in `lemma_proofs_least`, those of C.5 and C.6 in `lemma_proofs_drift`."""

import numpy as np

from ...instances.exact import root
from ..claim import Claim, Part
from ..hypotheses import at_least_points, box
from .cases import case, extreme_masses, linear_output
from .extremes import crowds, mostly_opposing
from .parts import (
    BOX,
    NETWORK,
    POINT,
    POINTS,
    RETAINED_POINTS,
    correction_norms,
    cross_reach,
    error_reach,
    opposing_masses,
    orientation,
    printed_mass,
)


def kept_sums(p, signs):
    """Squared norm of the sum over k != l of signs_jk x_k; shape (n, m)."""
    kept = 1 - np.eye(p.num_points, dtype=int)
    chosen = signs[:, None, :] * kept
    return (chosen * (chosen @ p.gram)).sum(axis=2)


def spread(c):
    """1 - psi - 2 phi (m - 1), with phi = epsilon_d / (4 m n)."""
    return 1 - c.psi - c.epsilon_d * (c.points - 1) / (2 * c.points * c.neurons)


def quadratic_root(c):
    """The larger root of alpha^2 D - alpha (1 + 2 epsilon sqrt(1 + psi)) - delta with D = `spread`."""
    linear = 1 + 2 * c.epsilon * root(1 + c.psi)
    return (linear + root(linear**2 + 4 * c.delta * spread(c))) / (2 * spread(c))


_C2 = dict(source="Lemma C.2, Appendix C", kind="proof step")

CLAIMS = (
    Claim(
        "lemma-C.2/proof/drop-signs",
        "A sum of points with signs is no longer than the sum without them.",
        lambda p: kept_sums(p, orientation(p)),
        lambda p: kept_sums(p, np.ones_like(p.active)),
        family=RETAINED_POINTS,
        hypotheses=(*NETWORK, at_least_points(3)),
        latex=r"\Big\|\sum_{k\ne l}c\,x_k\operatorname{sign}\langle x_k,w_j\rangle\Big\|^2 \le c^2\Big\langle\sum_{k\ne l}x_k,\sum_{k\ne "
        r"l}x_k\Big\rangle",
        corrected_by="lemma-C.2/proof/norm",
        derivation="False as soon as the signs agree with the inner products better than equal signs do: two points with <x_1, x_2> < 0 and "
        "opposite signs.",
        **_C2,
    ),
    Claim(
        "lemma-C.2/proof/norm",
        "The squared norm of Delta_j is at most epsilon_d^2 (1.1 + epsilon_d / 4n) / (4 m n^2).",
        correction_norms,
        lambda p: p.epsilon_d**2 * (p.q("1.1") + p.epsilon_d / (4 * p.num_neurons)) / (4 * p.num_points * p.num_neurons**2),
        family=POINTS,
        hypotheses=NETWORK,
        latex=r"\|\Delta_j\|^2 \le \frac{\epsilon_d^2(1.1+\frac{\epsilon_d}{4n})}{4mn^2}",
        constant="1.1, 1/4",
        extremes=crowds,
        derivation="For any signs, |sum_k o_k x_k|^2 <= sum_k |x_k|^2 + sum_{s != k} |<x_k, x_s>| <= (m-1)(1 + psi) + (m-1)(m-2) phi <= m "
        "(1 + psi) + m^2 phi; "
        "then psi = 0.1, phi = epsilon_d / (4 m n), times c^2. The printed derivation drops the signs first (lemma-C.2/proof/drop-signs).",
        **_C2,
    ),
    Claim(
        "lemma-C.2/proof/product",
        "The last line, where a product of two factors becomes their sum: 20.4 sqrt(1.1 + epsilon_d / n) / 2 <= 20.4 + sqrt(1.1 + epsilon_d "
        "/ n) / 2.",
        lambda c: c.q("10.2") * root(c.q("1.1") + c.epsilon_d / c.neurons),
        lambda c: c.q("20.4") + root(c.q("1.1") + c.epsilon_d / c.neurons) / 2,
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"20.4\cdot\tfrac12\sqrt{1.1+\tfrac{\epsilon_d}{n}} \le 20.4+\tfrac12\sqrt{1.1+\tfrac{\epsilon_d}{n}}",
        derivation="The root is at most sqrt(2.1) < 1.45, and 10.2 times it less than 14.8: a slip without consequence.",
        **_C2,
    ),
    Claim(
        "lemma-C.2/proof/constant",
        "20.4 + sqrt(1.1 + epsilon_d / n) / 2 <= 22.",
        lambda c: c.q("20.4") + root(c.q("1.1") + c.epsilon_d / c.neurons) / 2,
        lambda c: c.q("22"),
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"20.4+\tfrac12\sqrt{1.1+\tfrac{\epsilon_d}{n}} \le 22",
        constant="22",
        **_C2,
    ),
)

_C3 = dict(source="Lemma C.3, Appendix C", kind="proof step")


def _case_one(p):
    alpha = extreme_masses(p, True, True)[0]
    return alpha**2 * (p.q("0.9") - 2 * p.phi * (p.num_points - 1))


CLAIMS += (
    Claim(
        "lemma-C.3/1/proof/case-one",
        "Case one, the largest mass alpha is reached at a point of its own label: alpha^2 (1 - psi - 2 phi (m-1)) <= alpha (1 + 2 epsilon "
        "sqrt(1 + psi)) + delta.",
        _case_one,
        lambda p: extreme_masses(p, True, True)[0] * (1 + 2 * error_reach(p)) + p.delta,
        family=POINTS,
        hypotheses=(*POINT, case("the largest mass belongs to its point's label", True, True)),
        latex=r"\alpha^2((1-\psi)-2\phi(m-1)) - \alpha(1+2\epsilon\sqrt{1+\psi}) - \delta \le 0",
        extremes=crowds,
        derivation="As printed; the margin is at most 1 + delta / lambda_k <= 1 + delta / alpha.",
        **_C3,
    ),
    Claim(
        "lemma-C.3/1/proof/case-two",
        "What case two displays: at every point, minus the linear output of the label's neurons is at most minus (1 - psi) times the mass "
        "of the opposing ones, plus "
        "phi (m-1) times the largest mass and epsilon sqrt(1 + psi).",
        lambda p: p.q("0.9") * opposing_masses(p),
        lambda p: linear_output(p) + cross_reach(p) + error_reach(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_{j\in J_-}u_jw_j^\top x_k \le -(1-\psi)\alpha+\phi(m-1)\alpha+\epsilon\sqrt{1+\psi}",
        extremes=mostly_opposing,
        derivation="Printed for the point where the largest mass is reached. It holds, but not as printed, by way of "
        "lemma-C.3/1/proof/case-two-mass. What carries it: "
        "lemma-C.3/1/proof/opposing bounds (1 - psi) beta by phi (m-1) alpha and the opposing neurons' part of the error; and the label's "
        "neurons give at least 1, less "
        "what inactive ones take, at most phi (m-1) alpha and their part of the error. Both parts together are at most epsilon sqrt(1 + "
        "psi), and phi (m-1) alpha <= 1, as "
        "opposing neurons need n >= 2.",
        **_C3,
    ),
    Claim(
        "lemma-C.3/1/proof/case-two-mass",
        "Case two, the largest mass is reached at a point of the other label: there the mass of the label's own sign is no smaller.",
        lambda p: extreme_masses(p, True, False)[1],
        lambda p: extreme_masses(p, True, False)[0],
        "lower",
        family=POINTS,
        hypotheses=(*POINT, case("the largest mass belongs to the other label", True, False)),
        latex=r"\sum_{j\in J_-}u_j^2\lambda_k\sigma'_{k,j} \ge \alpha",
        extremes=mostly_opposing,
        corrected_by="lemma-C.3/1/proof/opposing",
        derivation="The proof puts alpha, the mass over J_+, for the mass over J_-, at a point whose neurons may mostly be of J_+: one "
        "point, 12 of 23 active neurons against its "
        "label, held at the kink by an error of norm almost 1. With a share f of opposing neurons, a margin of 1 asks for epsilon^2 >= f / "
        "(1.1 (1 - f)), so f may be up to 0.523.",
        **_C3,
    ),
    Claim(
        "lemma-C.3/1/proof/opposing",
        "At every point, (1 - psi) times the mass of the neurons active against its label is at most phi (m-1) times the largest mass plus "
        "epsilon sqrt(1 + psi).",
        lambda p: p.q("0.9") * opposing_masses(p),
        lambda p: cross_reach(p) + error_reach(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"(1-\psi)\sum_{j:\,u_jy_k<0}u_j^2\lambda_k\sigma'_{k,j} \le \phi(m-1)\alpha+\epsilon\sqrt{1+\psi}",
        extremes=mostly_opposing,
        derivation="For u_j y_k < 0 and <w_j, x_k> >= 0: 0 <= <w_j, x_k> |u_j| = -u_j^2 lambda_k |x_k|^2 + |u_j| u_j sum_{i != k} lambda_i "
        "y_i sigma'_ij <x_i, x_k> + "
        "|u_j| <v_j, x_k>. Sum over these neurons: the second part is at most phi (m-1) alpha, the third epsilon sqrt(1 + psi) by Cauchy-Schwarz.",
        **{**_C3, "kind": "ours"},
    ),
    Claim(
        "lemma-C.3/1/proof/opposing-constant",
        "The largest mass in case two: epsilon sqrt(1.1) / (0.9 - phi (m-1)) <= 1.62 epsilon.",
        lambda c: c.epsilon * root(c.q("1.1")) / (c.q("0.9") - c.epsilon_d * (c.points - 1) / (4 * c.points * c.neurons)),
        lambda c: c.q("1.62") * c.epsilon,
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\frac{\epsilon\sqrt{1.1}}{0.9-\phi(m-1)} \le 1.62\epsilon \le 5.25\epsilon",
        constant="1.62",
        derivation="lemma-C.3/1/proof/opposing at the point where the largest mass is reached. phi (m-1) <= 1/4.",
        **{**_C3, "kind": "ours"},
    ),
    Claim(
        "lemma-C.3/1/proof/root-bound",
        "sqrt((1 + 2.1 epsilon)^2 + 3.6 delta) <= 1 + 2.1 epsilon + 1.9 delta.",
        lambda c: root((1 + c.q("2.1") * c.epsilon) ** 2 + c.q("3.6") * c.delta),
        lambda c: 1 + c.q("2.1") * c.epsilon + c.q("1.9") * c.delta,
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\sqrt{(1+2.1\epsilon)^2+4\delta\cdot 0.9} \le 1+2.1\epsilon+1.9\delta",
        constant="1.9",
        parts=(
            Part(
                lambda c: c.q("3.6"),
                lambda c: c.q("3.8") * (1 + c.q("2.1") * c.epsilon) + c.q("3.61") * c.delta,
                "both sides squared, the square of 1 + 2.1 epsilon taken off, divided by delta",
            ),
        ),
        derivation="sqrt(a^2 + b) <= a + b / (2a) with a >= 1. (Splitting the root would give 1.9 sqrt(delta), which is more than 1.9 delta.)",
        **_C3,
    ),
    Claim(
        "lemma-C.3/1/proof/constant",
        "The larger root of the quadratic inequality is at most 2.5 + 5.25 epsilon + 2.4 delta, for all psi up to 0.1.",
        quadratic_root,
        printed_mass,
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\frac{1+2\epsilon\sqrt{1+\psi}+\sqrt{(1+2\epsilon\sqrt{1+\psi})^2+4\delta D}}{2D} \le 2.5+5.25\epsilon+2.4\delta,\quad "
        r"D=(1-\psi)-2\phi(m-1)",
        constant="2.5, 5.25, 2.4",
        derivation="The root falls in D, and D >= 0.9 - epsilon_d / (2n) >= 0.4; at D = 0.4 lemma-C.3/1/proof/root-bound gives (2 + 4.2 "
        "epsilon + 1.9 delta) / 0.8.",
        **_C3,
    ),
    Claim(
        "lemma-C.3/3/proof/one-active",
        "Every point has an active neuron: the sum of u_j^2 sigma'_ij is at least 1/n.",
        lambda p: p.active.sum(axis=0),
        lambda p: 1,
        "lower",
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_j u_j^2\sigma'_{i,j} \ge \tfrac1n",
        derivation="A margin of at least 1 is a sum over active neurons. The proof divides by this sum.",
        **_C3,
    ),
)
