"""Lemmas C.2, C.3, C.4 and C.6 with sharper constants, ours; C.6 over the whole range of the other lemmas."""

from ...instances.exact import root
from ..claim import Claim
from .extremes import crowds
from .parts import POINT, POINTS, RETAINED, RETAINED_POINTS, correction_norms, drift, drift_unit, sharper_mass


def sharper_total(p):
    """1.76 + 2.9 epsilon + 1.14 delta, ours."""
    return p.q("1.76") + p.q("2.9") * p.epsilon + p.q("1.14") * p.delta


_MASS = (
    "Let alpha be the largest mass, of the sign s, reached at the point k. (a) If k has the label s: neurons of sign s contribute at least "
    "(1 - psi) alpha - phi (m-1) alpha to its margin, others take at most phi (m-1) alpha, and the error acts on each neuron once, so that "
    "Cauchy-Schwarz over all "
    "neurons together gives epsilon sqrt(1 + psi), not twice that. The margin is at most 1 + delta / alpha. So D alpha <= 1 + delta / alpha "
    "+ 1.0489 epsilon with "
    "D = 0.9 - 2 phi (m-1) >= 0.9 - epsilon_d / (2n) >= 0.65 where n >= 2; where n = 1 no neuron of the other sign exists and D = 0.9 - phi "
    "(m-1) >= 0.65 too. "
    "With B = 1 + 1.0489 epsilon, alpha <= (B + sqrt(B^2 + 4 D delta)) / (2 D) <= B / D + delta / B <= 1.54 + 1.62 epsilon + delta. (b) "
    "Else neurons of sign s are active "
    "on k against its label, n >= 2, and lemma-C.3/1/proof/opposing gives (0.9 - 0.125) alpha <= 1.0489 epsilon."
)

CLAIMS = (
    Claim(
        "lemma-C.2/version/sharper",
        "What the correction adds to a neuron has norm at most 2.42 epsilon_d / sqrt(m n).",
        lambda p: root((p.multipliers * p.active) ** 2 * correction_norms(p) / p.num_neurons),
        lambda p: p.q("2.42") * p.epsilon_d / root(p.q(p.num_points * p.num_neurons)),
        family=POINTS,
        hypotheses=POINT,
        latex=r"\big\||u_j|\lambda_l\sigma'_{l,j}\Delta_j\big\| \le \frac{2.42\,\epsilon_d}{\sqrt{mn}}",
        constant="2.42",
        extremes=crowds,
        derivation="lambda_l <= n (1.54 + 1.62 epsilon + delta) <= 4.16 n (lemma-C.3/3/version/sharper) and |Delta_j| <= epsilon_d sqrt(1.1 "
        "+ epsilon_d / 4n) / (2 n sqrt(m)) "
        "(lemma-C.2/proof/norm): 4.16 sqrt(1.35) / 2 = 2.417 times epsilon_d / sqrt(m n).",
    ),
    Claim(
        "lemma-C.3/1/version/sharper",
        "The mass of each point over neurons of either sign is at most 1.54 + 1.62 epsilon + delta, hence at most 4.16.",
        lambda p: p.masses,
        sharper_mass,
        family=POINTS,
        hypotheses=POINT,
        latex=r"\max\Big\{\sum_{j\in J_+}u_j^2\lambda_i\sigma'_{i,j},\sum_{j\in J_-}u_j^2\lambda_i\sigma'_{i,j}\Big\} \le 1.54+1.62\epsilon+\delta",
        constant="1.54, 1.62, 1",
        extremes=crowds,
        derivation=_MASS,
    ),
    Claim(
        "lemma-C.3/2/version/sharper",
        "Over all neurons the mass of each point is at most 1.76 + 2.9 epsilon + 1.14 delta, hence at most 5.8.",
        lambda p: p.masses.sum(axis=0),
        sharper_total,
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_j u_j^2\lambda_i\sigma'_{i,j} \le 1.76+2.9\epsilon+1.14\delta",
        constant="1.76, 2.9, 1.14",
        extremes=crowds,
        derivation="Neurons of the label's sign: at most A = 1.54 + 1.62 epsilon + delta. The others, where there are any, n >= 2: their "
        "part of the stationarity "
        "equation gives beta |x_i|^2 <= phi (m-1) A + epsilon |x_i|, so beta <= 0.125 A / 0.9 + 1.0541 epsilon. Together 1.1389 A + 1.0541 "
        "epsilon.",
    ),
    Claim(
        "lemma-C.3/3/version/sharper",
        "Every multiplier is at most n (1.54 + 1.62 epsilon + delta).",
        lambda p: p.multipliers,
        lambda p: p.num_neurons * sharper_mass(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"\lambda_i \le n(1.54+1.62\epsilon+\delta)",
        constant="1.54, 1.62, 1",
        extremes=crowds,
        derivation="A margin of 1 needs an active neuron of the label's own sign, so that lambda_i / n is at most that sign's mass: "
        "lemma-C.3/1/version/sharper.",
    ),
    Claim(
        "lemma-C.4/1/version/sharper",
        "For each point the mass of the active neurons of its label's own sign is at least 0.9 - 0.95 epsilon_d / n - 0.96 epsilon.",
        lambda p: p.aligned_masses,
        lambda p: p.q("0.9") - p.q("0.95") * p.epsilon_d / p.num_neurons - p.q("0.96") * p.epsilon,
        "lower",
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_{j:\,u_jy_i>0}u_j^2\lambda_i\sigma'_{i,j} \ge 0.9-0.95\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.9, 0.95, 0.96",
        extremes=crowds,
        derivation="As lemma-C.4/1/corrected, with alpha_max <= 4.16 (lemma-C.3/1/version/sharper): (1 - 1.04 epsilon_d / n - 1.0489 "
        "epsilon) / 1.1.",
    ),
    Claim(
        "lemma-C.6/version/sharper",
        "No retained margin moves by more than (1.54 + 1.62 epsilon + delta) (0.8 + 0.125 epsilon_d / n) epsilon_d / (m n), hence by no more than "
        "3.85 epsilon_d / (m n).",
        lambda p: abs(drift(p)),
        lambda p: sharper_mass(p) * (p.q("0.8") + p.q("0.125") * p.epsilon_d / p.num_neurons) * drift_unit(p),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"\big|y_r[N(\tilde\theta,x_r)-N(\theta,x_r)]\big| \le "
        r"(1.54+1.62\epsilon+\delta)\big(0.8+0.125\tfrac{\epsilon_d}{n}\big)\frac{\epsilon_d}{mn}",
        constant="3.85",
        extremes=crowds,
        derivation="The drift is at most the larger mass of the forgotten point times Delta + phi (lemma-C.6/proof/one-sided), the mass at most "
        "1.54 + 1.62 epsilon + delta (lemma-C.3/1/version/sharper), Delta + phi = 1.1 c + (m-2) c phi + phi <= (0.55 + 0.125 epsilon_d / n "
        "+ 0.25) epsilon_d / (m n). "
        "At 1, 1, 1: 4.16 times 0.925 is 3.848.",
    ),
)
