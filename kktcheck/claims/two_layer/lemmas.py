"""Lemmas C.1 to C.6: multipliers, activations and margins of two-layer networks, as printed; beside each false one the nearest true one.

Other readings are in `versions`, sharper constants in `sharper`, the steps of the proofs in `lemma_proofs` and what it names.
"""

import numpy as np

from ...instances.exact import root
from ..claim import Claim
from ..hypotheses import at_least_points
from .extremes import both_signs, crowds
from .parts import (
    NEAR,
    NEAR_POINTS,
    NETWORK,
    POINT,
    POINTS,
    RETAINED,
    RETAINED_POINTS,
    correction_norms,
    drift,
    drift_unit,
    orientation,
    pairs,
    printed_least,
    printed_mass,
    pulls,
    sign_after,
    sign_before,
)


def pull_bounds(p, factors, signs=None):
    """Lower and upper bounds of Delta_{r,j} (Lemma C.1), as left sides and right sides.

    Both cases are one: with o = sign(<x_r, w_j>) the lemma bounds o Delta_{r,j} between c (1 - psi) - (m-2) c phi and
    c (1 + psi) + (m-2) c phi. Both sides are proportional to |c|, so that c = 1 and c = -1 stand for all c.

    Returns
    -------
    left, right : (factors, 2, n, pairs) arrays
    """
    kept = pairs(p.num_points)[1]
    inside = orientation(p)[:, kept] * pulls(p, signs)
    cross, psi = (p.num_points - 2) * p.phi, p.q("0.1")
    low, high = inside * 0 + (1 - psi - cross), inside * 0 + (1 + psi + cross)
    left = [[c * low, c * inside] for c in factors]
    right = [[c * inside, c * high] for c in factors]
    return np.array(left), np.array(right)


def corrected_size(p):
    """|u_j| lambda_l sigma'_lj |Delta_j| for each forgotten point (Lemma C.2); shape (n, m)."""
    return root((p.multipliers * p.active) ** 2 * correction_norms(p) / p.num_neurons)


_C1 = dict(family=RETAINED_POINTS, hypotheses=(*NETWORK, at_least_points(2)), source="Lemma C.1, Appendix C", kind="lemma")

CLAIMS = (
    Claim(
        "lemma-C.1",
        "For any real c, the correction's inner product with a retained point lies within (m-2) c phi of c (1 -+ psi), on the side of the "
        "neuron's own pre-activation.",
        lambda p: pull_bounds(p, (1, -1))[0],
        lambda p: pull_bounds(p, (1, -1))[1],
        latex=r"c(1-\psi)-(m-2)c\phi \le \operatorname{sign}(w_j^\top x_r)\,\Delta_{r,j} \le c(1+\psi)+(m-2)c\phi",
        corrected_by="lemma-C.1/corrected",
        derivation="For c < 0 both bounds change places: with orthonormal points, c = -1 and <w_j, x_r> >= 0 the middle is -1, and the lemma "
        "asks -(1 - psi) <= -1. The paper uses the lemma with c = epsilon_d / (2 m n) > 0 alone, where it is true.",
        **_C1,
    ),
    Claim(
        "lemma-C.1/corrected",
        "For c >= 0 the four inequalities hold, with sign(0) = 1.",
        lambda p: pull_bounds(p, (1,))[0],
        lambda p: pull_bounds(p, (1,))[1],
        latex=r"c\ge 0:\quad c(1-\psi)-(m-2)c\phi \le \operatorname{sign}(w_j^\top x_r)\,\Delta_{r,j} \le c(1+\psi)+(m-2)c\phi",
        derivation="Delta_{r,j} = c |x_r|^2 sign(<x_r, w_j>) + c sum over the m - 2 points k other than l and r of <x_k, x_r> sign(<x_k, w_j>). "
        "Times o = sign(<x_r, w_j>), o^2 = 1: the first term lies in [c (1 - psi), c (1 + psi)] as c >= 0, each other one in [-c phi, c phi].",
        **{**_C1, "kind": "corrected"},
    ),
    Claim(
        "lemma-C.2",
        "What the correction adds to a neuron has norm at most 22 epsilon_d / sqrt(m n), where lambda belongs to an approximate KKT point.",
        corrected_size,
        lambda p: 22 * p.epsilon_d / root(p.q(p.num_points * p.num_neurons)),
        family=POINTS,
        hypotheses=POINT,
        source="Lemma C.2, Appendix C",
        kind="lemma",
        latex=r"\big\||u_j|\lambda_l\sigma'_{l,j}\Delta_j\big\| \le \frac{22\,\epsilon_d}{\sqrt{mn}}",
        constant="22",
        extremes=crowds,
        derivation="The statement forgets to say where lambda comes from (see lemma-C.2/version/no-kkt); its proof takes Lemma C.3. That "
        "proof also "
        "drops the signs in the norm of the sum, which is false (lemma-C.2/proof/drop-signs), but the bound it arrives at is right: "
        "|sum_k o_k x_k|^2 <= (m-1)(1 + psi) + (m-1)(m-2) phi for any signs o_k (lemma-C.2/proof/norm). Then "
        "|u_j| lambda_l |Delta_j| <= n^-1/2 20.4 n epsilon_d sqrt(1.1 + epsilon_d / 4n) / (2 n sqrt(m)) <= 12 epsilon_d / sqrt(m n). "
        "lemma-C.2/version/sharper has 2.01.",
    ),
)

_C3 = dict(family=POINTS, hypotheses=POINT, source="Lemma C.3, Appendix C", kind="lemma", extremes=crowds)
_C3_PROOF = (
    "True, but the printed proof fails in its case two: there the largest mass of one sign is reached at a point of the other label, and the proof "
    "puts that mass in place of the mass of the point's own sign, which may be smaller (lemma-C.3/1/proof/case-two-mass). What holds "
    "instead: neurons "
    "that are active against the label are held there by the error alone (lemma-C.3/1/proof/opposing), so that alpha <= 1.62 epsilon in this case "
    "(lemma-C.3/1/proof/opposing-constant). Case one is right (lemma-C.3/1/proof/case-one, lemma-C.3/1/proof/constant). "
    "A proof without cases, with better constants: lemma-C.3/2/version/root."
)

CLAIMS += (
    Claim(
        "lemma-C.3/1",
        "For each point, the multiplier times the share of active neurons with positive outer weights, and likewise with negative ones, is at most "
        "2.5 + 5.25 epsilon + 2.4 delta.",
        lambda p: p.masses,
        printed_mass,
        latex=r"\max\Big\{\sum_{j\in J_+}u_j^2\lambda_i\sigma'_{i,j},\sum_{j\in J_-}u_j^2\lambda_i\sigma'_{i,j}\Big\} \le "
        r"2.5+5.25\epsilon+2.4\delta",
        constant="2.5, 5.25, 2.4",
        derivation=_C3_PROOF,
        **_C3,
    ),
    Claim(
        "lemma-C.3/2",
        "Over all neurons that mass is at most 5 + 10.5 epsilon + 4.8 delta.",
        lambda p: p.masses.sum(axis=0),
        lambda p: 2 * printed_mass(p),
        latex=r"\sum_j u_j^2\lambda_i\sigma'_{i,j} \le 5+10.5\epsilon+4.8\delta",
        constant="5, 10.5, 4.8",
        derivation="The sum of the two masses of lemma-C.3/1.",
        **_C3,
    ),
    Claim(
        "lemma-C.3/3",
        "Every multiplier is at most n (5 + 10.5 epsilon + 4.8 delta).",
        lambda p: p.multipliers,
        lambda p: 2 * p.num_neurons * printed_mass(p),
        latex=r"\lambda_i \le n(5+10.5\epsilon+4.8\delta)",
        constant="5, 10.5, 4.8",
        derivation="lemma-C.3/2 divided by sum_j u_j^2 sigma'_ij >= 1/n: a margin of 1 needs an active neuron "
        "(lemma-C.3/3/proof/one-active), which "
        "the printed proof uses and does not say.",
        **_C3,
    ),
)

_C4 = dict(family=POINTS, hypotheses=POINT, source="Lemma C.4, Appendix C", kind="lemma", direction="lower")
_ALIGNED = (
    "A margin of at least 1 comes from neurons of the label's own sign, since others only lower it. With A_k their mass at the point k, "
    "alpha_max the largest "
    "mass, and the error's part bounded by Cauchy-Schwarz, 1 <= (1 + psi) A_k + phi (m-1) alpha_max + epsilon sqrt(1 + psi) "
    "(lemma-C.4/1/proof/aligned). "
    "With alpha_max <= 10.2 and phi (m-1) <= epsilon_d / (4n), A_k >= (1 - 2.55 epsilon_d / n - 1.05 epsilon) / 1.1 "
    "(lemma-C.4/1/proof/aligned-constant)."
)

CLAIMS += (
    Claim(
        "lemma-C.4/1",
        "For each point the mass of the active neurons with positive outer weights, and likewise with negative ones, is at least "
        "0.45 - 2.32 epsilon_d / n - 0.96 epsilon.",
        lambda p: p.masses,
        printed_least,
        latex=r"\min\Big\{\sum_{j\in J_+}u_j^2\lambda_i\sigma'_{i,j},\sum_{j\in J_-}u_j^2\lambda_i\sigma'_{i,j}\Big\} \ge "
        r"0.45-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.45, 2.32, 0.96",
        extremes=both_signs,
        corrected_by="lemma-C.4/1/corrected",
        derivation="Nothing forces a neuron whose sign opposes the label to be active: exact KKT points have such neurons off, and their "
        "mass is 0. "
        "lemma-C.4/1/version/both-signs has a witness in which neurons of both signs occur. The proof's case two is where it breaks "
        "(lemma-C.4/1/proof/case-two).",
        **_C4,
    ),
    Claim(
        "lemma-C.4/1/corrected",
        "For each point the mass of the active neurons of its label's own sign is at least 0.9 - 2.32 epsilon_d / n - 0.96 epsilon.",
        lambda p: p.aligned_masses,
        lambda p: printed_least(p) + p.q("0.45"),
        latex=r"\sum_{j:\,u_jy_i>0}u_j^2\lambda_i\sigma'_{i,j} \ge 0.9-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.9, 2.32, 0.96",
        derivation=_ALIGNED + " lemma-C.4/1/version/sharper has 0.79 epsilon_d / n.",
        extremes=crowds,
        **{**_C4, "kind": "corrected"},
    ),
    Claim(
        "lemma-C.4/2",
        "Over all neurons the mass of each point is at least 0.9 - 4.64 epsilon_d / n - 1.92 epsilon.",
        lambda p: p.masses.sum(axis=0),
        lambda p: 2 * printed_least(p),
        latex=r"\sum_j u_j^2\lambda_i\sigma'_{i,j} \ge 0.9-4.64\tfrac{\epsilon_d}{n}-1.92\epsilon",
        constant="0.9, 4.64, 1.92",
        derivation="True, but not for the printed reason, which is lemma-C.4/1 and false. It follows from lemma-C.4/1/corrected, as a sum "
        "is at least its "
        "part over the neurons of the label's sign.",
        **_C4,
    ),
    Claim(
        "lemma-C.4/3",
        "Every multiplier is at least 0.9 - 4.64 epsilon_d / n - 1.92 epsilon.",
        lambda p: p.multipliers,
        lambda p: 2 * printed_least(p),
        latex=r"\lambda_i \ge 0.9-4.64\tfrac{\epsilon_d}{n}-1.92\epsilon",
        constant="0.9, 4.64, 1.92",
        derivation="lemma-C.4/2 and lambda_i >= lambda_i sum_j u_j^2 sigma'_ij, as the sum of all u_j^2 is 1.",
        **_C4,
    ),
    Claim(
        "lemma-C.5",
        "The corrected network has the activation pattern of the original on every retained point (sign(0) = 1).",
        sign_after,
        sign_before,
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        source="Lemma C.5, Appendix C",
        kind="lemma",
        latex=r"\operatorname{sign}(\tilde w_j^\top x_r) = \operatorname{sign}(w_j^\top x_r)",
        extremes=crowds,
        derivation="The correction pushes every retained pre-activation away from zero by at least c (1 - psi) - (m-2) c phi per unit of "
        "|u_j| lambda_l sigma'_lj (lemma-C.1/corrected), and the step moves it by at most phi: lemma-C.5/proof/push, whose ratio says how "
        "much is left.",
    ),
    Claim(
        "lemma-C.6",
        "For epsilon, delta, epsilon_d at most 0.4, no retained margin moves by more than 9 epsilon_d / (m n).",
        lambda p: abs(drift(p)),
        lambda p: 9 * drift_unit(p),
        family=NEAR_POINTS,
        hypotheses=NEAR,
        source="Lemma C.6, Appendix C",
        kind="lemma",
        latex=r"\big|y_r[N(\tilde\theta,x_r)-N(\theta,x_r)]\big| \le \frac{9\epsilon_d}{mn}",
        constant="9",
        derivation="True, but the printed proof loses the factor 10.2 on two terms (lemma-C.6/proof/arithmetic; carried along, its chain "
        "ends at 12) and takes "
        "Delta_{r,j} to be the same for all j (lemma-C.6/proof/same-delta). What works: activations stay (lemma-C.5), and an active neuron's part "
        "of the drift has the sign of u_j y_r and is at most u_j^2 lambda_l sigma'_lj (Delta + phi), Delta = 1.1 c + (m-2) c phi; so the "
        "drift lies between minus "
        "one mass and plus the other, times Delta + phi (lemma-C.6/proof/one-sided). The masses are at most 2.5 + 2.1 + 0.96 = 5.56 here, and "
        "5.56 (0.55 + 0.05 + 0.25) <= 4.8 (lemma-C.6/proof/constant). lemma-C.6/version/constant has 3.19 without the limit 0.4.",
    ),
)
