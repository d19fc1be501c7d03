"""Lemmas C.2, C.3, C.4 and C.6 with sharper constants, ours; C.6 over the whole range of the other lemmas."""

from ...instances.exact import root
from ..claim import Claim
from .extremes import crowds
from .lemma_proofs_total import total_root
from .parts import POINT, POINTS, RETAINED, RETAINED_POINTS, correction_norms, drift, drift_unit, sharper_mass, total_masses

_MASS = (
    "All neurons at once, no case distinction: the largest total mass is at most the larger root of a quadratic (lemma-C.3/2/version/root), and with "
    "B = 1 + 0.9487 epsilon, D >= 0.65 that root is at most B / D + delta / B."
)

CLAIMS = (
    Claim(
        "lemma-C.2/version/sharper",
        "What the correction adds to a neuron has norm at most 2.01 epsilon_d / sqrt(m n).",
        lambda p: root((p.multipliers * p.active) ** 2 * correction_norms(p) / p.num_neurons),
        lambda p: p.q("2.01") * p.epsilon_d / root(p.q(p.num_points * p.num_neurons)),
        family=POINTS,
        hypotheses=POINT,
        latex=r"\big\||u_j|\lambda_l\sigma'_{l,j}\Delta_j\big\| \le \frac{2.01\,\epsilon_d}{\sqrt{mn}}",
        constant="2.01",
        extremes=crowds,
        derivation="lambda_l <= 3.445 n (lemma-C.3/2/version/root, lemma-C.3/3/proof/one-active), |Delta_j| <= epsilon_d sqrt(1.1 + epsilon_d / 4n) "
        "/ (2 n sqrt(m)) (lemma-C.2/proof/norm): 3.445 sqrt(1.35) / 2 = 2.0014 times epsilon_d / sqrt(m n).",
    ),
    Claim(
        "lemma-C.3/2/version/root",
        "Over all neurons the mass of each point is at most (B + sqrt(B^2 + 4 D delta)) / (2 D) with B = 1 + epsilon sqrt(0.9) and D = 0.9 - "
        "epsilon_d (m-1) / (4 m n), hence at most 3.445.",
        total_masses,
        total_root,
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_ju_j^2\lambda_i\sigma'_{i,j} \le \frac{B+\sqrt{B^2+4D\delta}}{2D},\quad B=1+\epsilon\sqrt{0.9},\ "
        r"D=0.9-\tfrac{\epsilon_d(m-1)}{4mn}",
        constant="0.9",
        extremes=crowds,
        derivation="The larger root of lemma-C.3/2/proof/quadratic, in which phi = epsilon_d / (4 m n); D >= 0.65. It grows in epsilon, delta and "
        "epsilon_d; at 1, 1, 1 it is (1.9487 + sqrt(3.7974 + 2.6)) / 1.3 = 3.4447.",
    ),
    Claim(
        "lemma-C.3/1/version/sharper",
        "The mass of each point over neurons of either sign is at most 1.54 + 1.46 epsilon + delta.",
        lambda p: p.masses,
        sharper_mass,
        family=POINTS,
        hypotheses=POINT,
        latex=r"\max\Big\{\sum_{j\in J_+}u_j^2\lambda_i\sigma'_{i,j},\sum_{j\in J_-}u_j^2\lambda_i\sigma'_{i,j}\Big\} \le 1.54+1.46\epsilon+\delta",
        constant="1.54, 1.46, 1",
        extremes=crowds,
        derivation="A part of the total mass: lemma-C.3/2/version/sharper.",
    ),
    Claim(
        "lemma-C.3/2/version/sharper",
        "Over all neurons the mass of each point is at most 1.54 + 1.46 epsilon + delta.",
        total_masses,
        sharper_mass,
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_j u_j^2\lambda_i\sigma'_{i,j} \le 1.54+1.46\epsilon+\delta",
        constant="1.54, 1.46, 1",
        extremes=crowds,
        derivation=_MASS,
    ),
    Claim(
        "lemma-C.3/3/version/sharper",
        "Every multiplier is at most n (1.54 + 1.46 epsilon + delta).",
        lambda p: p.multipliers,
        lambda p: p.num_neurons * sharper_mass(p),
        family=POINTS,
        hypotheses=POINT,
        latex=r"\lambda_i \le n(1.54+1.46\epsilon+\delta)",
        constant="1.54, 1.46, 1",
        extremes=crowds,
        derivation="Every point has an active neuron (lemma-C.3/3/proof/one-active), so lambda_i / n is at most its total mass: "
        "lemma-C.3/2/version/sharper.",
    ),
    Claim(
        "lemma-C.4/1/version/sharper",
        "For each point the mass of the active neurons of its label's own sign is at least 0.9 - 0.79 epsilon_d / n - 0.96 epsilon.",
        lambda p: p.aligned_masses,
        lambda p: p.q("0.9") - p.q("0.79") * p.epsilon_d / p.num_neurons - p.q("0.96") * p.epsilon,
        "lower",
        family=POINTS,
        hypotheses=POINT,
        latex=r"\sum_{j:\,u_jy_i>0}u_j^2\lambda_i\sigma'_{i,j} \ge 0.9-0.79\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.9, 0.79, 0.96",
        extremes=crowds,
        derivation="As lemma-C.4/1/corrected, with alpha_max <= 3.445 (lemma-C.3/2/version/root): (1 - 0.8613 epsilon_d / n - 1.0489 epsilon) / 1.1.",
    ),
    Claim(
        "lemma-C.6/version/sharper",
        "No retained margin moves by more than (1.54 + 1.46 epsilon + delta) (0.8 + 0.125 epsilon_d / n) epsilon_d / (m n).",
        lambda p: abs(drift(p)),
        lambda p: sharper_mass(p) * (p.q("0.8") + p.q("0.125") * p.epsilon_d / p.num_neurons) * drift_unit(p),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"\big|y_r[N(\tilde\theta,x_r)-N(\theta,x_r)]\big| \le "
        r"(1.54+1.46\epsilon+\delta)\big(0.8+0.125\tfrac{\epsilon_d}{n}\big)\frac{\epsilon_d}{mn}",
        constant="1.54, 1.46, 1, 0.8, 0.125",
        extremes=crowds,
        derivation="The drift is at most the larger mass of the forgotten point times Delta + phi (lemma-C.6/proof/one-sided), the mass at most "
        "1.54 + 1.46 epsilon + delta (lemma-C.3/1/version/sharper), Delta + phi = 1.1 c + (m-2) c phi + phi <= (0.55 + 0.125 epsilon_d / n + 0.25) "
        "epsilon_d / (m n). With lemma-C.3/2/version/root in its place, at 1, 1, 1: 3.445 times 0.925, that is 3.19 (lemma-C.6/version/constant).",
    ),
    Claim(
        "lemma-C.6/version/constant",
        "No retained margin moves by more than 3.19 epsilon_d / (m n).",
        lambda p: abs(drift(p)),
        lambda p: p.q("3.19") * drift_unit(p),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"\big|y_r[N(\tilde\theta,x_r)-N(\theta,x_r)]\big| \le \frac{3.19\,\epsilon_d}{mn}",
        constant="3.19",
        extremes=crowds,
        derivation="As lemma-C.6/version/sharper, with the larger mass at most the root of lemma-C.3/2/version/root, 3.445 at most: times 0.925.",
    ),
)
