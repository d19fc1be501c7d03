"""Steps of the proofs of Lemmas C.5 (activations stay) and C.6 (margins hardly move)."""

import numpy as np

from ...instances.constants_family import ConstantBoxes
from ..claim import Claim, Hypothesis
from ..hypotheses import at_least_points, box
from .extremes import at_a_kink, crowds
from .parts import (
    BOX,
    NEAR_BOX,
    NETWORK,
    PAIR_BOX,
    RETAINED,
    RETAINED_POINTS,
    correction_push,
    drift,
    orientation,
    pairs,
    printed_mass,
    pulls,
    step_push,
    usual_sign,
    weights,
)


def outward(p, change):
    """A change of P_jr, counted positive away from the hyperplane (from 0 outwards where the neuron is inactive)."""
    return p.signs[:, None] * orientation(p)[:, pairs(p.num_points)[1]] * change


def fall_printed(p):
    """(<w_j, x_r> - <corrected w_j, x_r>) / u_j as displayed: lambda_l sigma'_lj (<x_l, x_r> - s_j Delta_{r,j}), without y_l."""
    return weights(p) * (p.gram[pairs(p.num_points)] - p.signs[:, None] * pulls(p) * p.correction_factor)


def fall_corrected(p):
    """The same with y_l."""
    left_out, kept = pairs(p.num_points)
    return weights(p) * (p.labels[left_out] * p.gram[left_out, kept] - p.signs[:, None] * pulls(p) * p.correction_factor)


def drift_over(p, counted):
    """y_r times the sum of u_j (change of <w_j, x_r>) over neurons where ``counted`` (n, m) is 1; shape (pairs,)."""
    kept = pairs(p.num_points)[1]
    change = step_push(p) + correction_push(p)
    return p.labels[kept] * (counted[:, kept] * change).sum(axis=0) / p.num_neurons


def active_pulls(p):
    """Delta_{r,j} of the neurons active on x_r, and of the first such neuron in their place elsewhere; and that of the first; shapes (n, pairs)."""
    kept = pairs(p.num_points)[1]
    pull, active = pulls(p) * p.correction_factor, p.active[:, kept]
    first = pull[active.argmax(axis=0), np.arange(len(kept))]
    return np.where(active == 1, pull, first), first + 0 * pull


def box_correction(c):
    """c of the correction and phi, of a `Constants`."""
    return c.epsilon_d / (2 * c.points * c.neurons), c.epsilon_d / (4 * c.points * c.neurons)


def reach(c):
    """Delta + phi = 1.1 c + (m-2) c phi + phi, of a `Constants`."""
    factor, phi = box_correction(c)
    return c.q("1.1") * factor + (c.points - 2) * factor * phi + phi


def printed_chain(c):
    """10.2 (1.1 epsilon_d / 2mn + epsilon_d / 2n epsilon_d / 4mn + epsilon_d / 4mn) + 2.55 epsilon_d / mn, in units of epsilon_d / mn."""
    return c.q("10.2") * (c.q("0.55") + c.q("0.125") * c.epsilon_d / c.neurons + c.q("0.25")) + c.q("2.55")


_SEVERAL = Hypothesis("at least two neurons", lambda p: p.num_neurons - 2)
_C5 = dict(source="Lemma C.5, Appendix C", kind="proof step")
_C6 = dict(source="Lemma C.6, Appendix C", kind="proof step")

CLAIMS = (
    Claim(
        "lemma-C.5/proof/push",
        "The step's push of a pre-activation towards its hyperplane is at most the correction's push away from it.",
        lambda p: outward(p, -step_push(p)),
        lambda p: outward(p, correction_push(p)),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"\operatorname{sign}(w_j^\top x_r)\,(u_jy_l\langle x_l,x_r\rangle-|u_j|\Delta_{r,j})\lambda_l\sigma'_{l,j} \le 0",
        extremes=crowds,
        derivation="Both cases of the proof as one. By lemma-C.1/corrected the correction's push is at least |u_j| lambda_l sigma'_lj (c (1 "
        "- psi) - (m-2) c phi), the step's at most "
        "|u_j| lambda_l sigma'_lj phi; lemma-C.5/proof/constant compares them.",
        **_C5,
    ),
    Claim(
        "lemma-C.5/proof/difference",
        "The displayed difference of the pre-activations, in which y_l is missing after the first equals sign.",
        lambda p: -step_push(p) - correction_push(p),
        fall_printed,
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"w_j^\top x_r-\tilde w_j^\top x_r = \lambda_l\sigma'_{l,j}(u_j\langle x_l,x_r\rangle-|u_j|\Delta_{j,r})",
        corrected_by="lemma-C.5/proof/difference/corrected",
        derivation="False where y_l = -1. Without consequence: only |<x_l, x_r>| <= phi is used. (Nearby displays leave out <v_j, x_r> and "
        "write Delta_{j,r} for Delta_{r,j}.)",
        **_C5,
    ),
    Claim(
        "lemma-C.5/proof/difference/corrected",
        "The difference of the pre-activations, with y_l.",
        lambda p: -step_push(p) - correction_push(p),
        fall_corrected,
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"w_j^\top x_r-\tilde w_j^\top x_r = \lambda_l\sigma'_{l,j}(u_jy_l\langle x_l,x_r\rangle-|u_j|\Delta_{r,j})",
        derivation="By definition of both networks.",
        **{**_C5, "kind": "corrected"},
    ),
    Claim(
        "lemma-C.5/proof/constant",
        "phi + (m-2) c phi <= c (1 - psi) at phi = epsilon_d / (4 m n), c = epsilon_d / (2 m n), psi = 0.1.",
        lambda c: box_correction(c)[1] * (1 + (c.points - 2) * box_correction(c)[0]),
        lambda c: c.q("0.9") * box_correction(c)[0],
        family=PAIR_BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"\phi-c(1-\psi)+(m-2)c\phi < 0",
        derivation="In units of epsilon_d / (m n): 0.25 + 0.125 epsilon_d / n < 0.45. The display ends with 0.125 epsilon_d^2 / (m n), the "
        "same in those units with epsilon_d once.",
        **_C5,
    ),
    Claim(
        "lemma-C.5/proof/case-two-literal",
        "Case two as printed: -phi + c (1 - psi) + (m-2) c phi >= 0.",
        lambda c: box_correction(c)[1],
        lambda c: box_correction(c)[0] * (c.q("0.9") + (c.points - 2) * box_correction(c)[1]),
        family=PAIR_BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"-\phi+c(1-\psi)+(m-2)c\phi \ge 0",
        derivation="True, but not what is needed: the last term has the wrong sign. Needed is -phi + c (1 - psi) - (m-2) c phi >= 0, which "
        "is lemma-C.5/proof/constant.",
        **_C5,
    ),
    Claim(
        "lemma-C.6/proof/strict-sets",
        "The margin's change is that of the neurons with a pre-activation above 0, y_r u_j times the change of their pre-activations.",
        drift,
        lambda p: drift_over(p, (usual_sign(p) == 1).astype(int)),
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"J_\pm=\{j: w_j^\top x_r>0,\ \pm u_j>0\}:\quad N(\tilde\theta,x_r)-N(\theta,x_r)=\sum_{J_+}u_j(\tilde w_j-w_j)^\top "
        r"x_r-\sum_{J_-}|u_j|(\tilde w_j-w_j)^\top x_r",
        extremes=at_a_kink,
        corrected_by="lemma-C.6/proof/strict-sets/corrected",
        derivation="A neuron on the hyperplane of x_r, which is active by the convention sigma'(0) = 1, becomes strictly active and contributes.",
        **_C6,
    ),
    Claim(
        "lemma-C.6/proof/strict-sets/corrected",
        "The margin's change is that of the neurons with a pre-activation of at least 0.",
        drift,
        lambda p: drift_over(p, p.active),
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"J_\pm=\{j: w_j^\top x_r\ge 0,\ \pm u_j>0\}:\quad N(\tilde\theta,x_r)-N(\theta,x_r)=\sum_{J_+}u_j(\tilde w_j-w_j)^\top "
        r"x_r-\sum_{J_-}|u_j|(\tilde w_j-w_j)^\top x_r",
        extremes=at_a_kink,
        derivation="Activations stay (lemma-C.5); outputs of active neurons are their pre-activations, of inactive ones 0.",
        **{**_C6, "kind": "corrected"},
    ),
    Claim(
        "lemma-C.6/proof/same-delta",
        "Delta_{r,j} is the same for all neurons active on x_r (the proof takes it out of the sums over j).",
        lambda p: active_pulls(p)[0],
        lambda p: active_pulls(p)[1],
        "equality",
        family=RETAINED_POINTS,
        hypotheses=(*NETWORK, at_least_points(3), _SEVERAL),
        latex=r"\sum_{j\in J_+}u_j^2\lambda_l\sigma'_{l,j}\Delta_{j,r} = \alpha_+\Delta_{j,r}",
        corrected_by="lemma-C.6/proof/one-sided",
        derivation="Delta_{r,j} depends on how the neuron sees the other retained points. Bounds for every j are all that is needed.",
        **_C6,
    ),
    Claim(
        "lemma-C.6/proof/one-sided",
        "A margin moves by at most the larger of the forgotten point's two masses times Delta + phi, Delta = c (1 + psi) + (m-2) c phi.",
        lambda p: abs(drift(p)),
        lambda p: p.masses.max(axis=0)[pairs(p.num_points)[0]] * (p.correction_factor * (p.q("1.1") + (p.num_points - 2) * p.phi) + p.phi),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        latex=r"-\alpha_-(\Delta+\phi) \le y_r[N(\tilde\theta,x_r)-N(\theta,x_r)] \le \alpha_+(\Delta+\phi)",
        extremes=crowds,
        derivation="An active neuron's pre-activation rises, by |u_j| lambda_l sigma'_lj times something in [0, Delta + phi] "
        "(lemma-C.5/proof/push, lemma-C.1/corrected). Neurons with u_j y_r > 0 "
        "raise the margin, the others lower it, and each kind's weights u_j^2 lambda_l sigma'_lj add up to at most its mass: signs cancel, "
        "they do not add up.",
        **{**_C6, "kind": "ours"},
    ),
    Claim(
        "lemma-C.6/proof/constant",
        "(2.5 + 5.25 epsilon + 2.4 delta) (1.1 c + (m-2) c phi + phi) <= 9 epsilon_d / (m n) for epsilon, delta, epsilon_d at most 0.4.",
        lambda c: printed_mass(c) * reach(c),
        lambda c: 9 * c.epsilon_d / (c.points * c.neurons),
        family=NEAR_BOX,
        hypotheses=box("0.4", "0.4", "0.4"),
        latex=r"(2.5+5.25\epsilon+2.4\delta)\big(c(1+\psi)+(m-2)c\phi+\phi\big) \le \frac{9\epsilon_d}{mn}",
        constant="9",
        derivation="5.56 (0.55 + 0.05 + 0.25) = 4.726.",
        **{**_C6, "kind": "ours"},
    ),
    Claim(
        "lemma-C.6/proof/arithmetic",
        "The last line: 10.2 (1.1/2 + epsilon_d / 8n + 1/4) + 2.55 <= 5.61 + 0.125 epsilon_d / n + 0.25 + 2.55, both times epsilon_d / (m n).",
        printed_chain,
        lambda c: c.q("8.41") + c.q("0.125") * c.epsilon_d / c.neurons,
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"10.2\Big(\frac{1.1\epsilon_d}{2mn}+\frac{\epsilon_d}{2n}\frac{\epsilon_d}{4mn}+\frac{\epsilon_d}{4mn}\Big)+\frac{2.55\epsilon_d}{mn} "
        r"\le \frac{\epsilon_d}{mn}\Big[5.61+\frac{0.125\epsilon_d}{n}+0.25+2.55\Big]",
        constant="5.61, 0.125, 0.25, 2.55",
        corrected_by="lemma-C.6/proof/arithmetic/corrected",
        derivation="The factor 10.2 multiplies the first of three terms only; the left side is 10.71 + 1.275 epsilon_d / n.",
        **_C6,
    ),
    Claim(
        "lemma-C.6/proof/arithmetic/corrected",
        "The same left side is at most 12.",
        printed_chain,
        lambda c: c.q("12"),
        family=BOX,
        hypotheses=box("1", "1", "1"),
        latex=r"10.2\Big(\frac{1.1}{2}+\frac{\epsilon_d}{8n}+\frac14\Big)+2.55 \le 12",
        constant="12",
        derivation="10.71 + 1.275 = 11.985: with the constants of the printed proof the lemma would say 12. lemma-C.6/proof/one-sided and "
        "lemma-C.6/proof/constant give the 9.",
        **{**_C6, "kind": "corrected"},
    ),
    Claim(
        "lemma-C.6/proof/full-range-constant",
        "10.2 (1.1 c + (m-2) c phi + phi) <= 9 epsilon_d / (m n) for epsilon_d <= 0.658.",
        lambda c: c.q("10.2") * reach(c),
        lambda c: 9 * c.epsilon_d / (c.points * c.neurons),
        family=ConstantBoxes(1.0, 1.0, 0.658, points=2),
        hypotheses=box("1", "1", "0.658"),
        latex=r"\epsilon_d\le 0.658:\quad 10.2\,\big(c(1+\psi)+(m-2)c\phi+\phi\big) \le \frac{9\epsilon_d}{mn}",
        constant="9",
        derivation="10.2 (0.8 + 0.125 epsilon_d) <= 9 exactly up to epsilon_d = 56/85 = 0.6588. It carries lemma-C.6/version/full-range at "
        "epsilon_d <= 0.01 from printed constants alone.",
        **{**_C6, "kind": "ours"},
    ),
)
