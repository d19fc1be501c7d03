"""Lemmas C.1 to C.6 in other readings: sign(0) = 0, psi = 1, no KKT point, neurons of both signs, the range of Theorem 4.1."""

from ..claim import Claim, Hypothesis
from ..hypotheses import GRAM, KKT, LABELS, ORTHOGONAL, SIGNS, at_least_points, box
from .extremes import at_a_kink, both_signs, crowds, double_norm, large_multiplier, small_retained_norm, tiny_norm
from .parts import (
    BOX,
    NETWORK,
    POINT,
    POINTS,
    RETAINED,
    RETAINED_POINTS,
    correction_norms,
    correction_push,
    drift,
    drift_unit,
    pairs,
    printed_least,
    printed_mass,
    pulls,
    sign_after,
    sign_before,
    step_push,
    usual_sign,
)

#: psi = 1, which is what "psi = 0, 1" says if the comma is none of a decimal.
WIDE = Hypothesis("squared norms lie in [0, 2]", lambda p: 1 - abs(p.squared_norms - 1))
_WIDE_POINT = (GRAM, LABELS, WIDE, ORTHOGONAL, SIGNS, *KKT, *box("1", "1", "1"))
_BOTH = Hypothesis("both signs occur among outer weights", lambda p: 0 if len(set(p.signs.tolist())) == 2 else -1)


def literal_change(p):
    """Change of P_jr with sign(0) = 0 throughout; shape (n, pairs)."""
    return step_push(p) + correction_push(p, usual_sign(p))


def usual_sign_after(p):
    """sign(<corrected w_j, x_r>) with sign(0) = 0 throughout; shape (n, pairs)."""
    after = p.signs[:, None] * (p.products[:, pairs(p.num_points)[1]] + literal_change(p))
    return (after > 0).astype(int) - (after < 0).astype(int)


def least_pull(p):
    """1 - psi - (m-2) phi, what Lemma C.1 asks of |Delta_{r,j}| / c."""
    return p.q("0.9") - (p.num_points - 2) * p.phi


CLAIMS = (
    Claim(
        "lemma-C.1/version/sign-zero",
        "With sign(0) = 0 and c > 0, the correction's inner product with a retained point is at least c (1 - psi) - (m-2) c phi where the "
        "pre-activation "
        "is at least 0.",
        lambda p: (pulls(p, usual_sign(p)) * 0 + least_pull(p)) * p.active[:, pairs(p.num_points)[1]],
        lambda p: pulls(p, usual_sign(p)) * p.active[:, pairs(p.num_points)[1]],
        family=RETAINED_POINTS,
        hypotheses=(*NETWORK, at_least_points(2)),
        source="Lemma C.1, Appendix C",
        kind="version",
        latex=r"\operatorname{sign}(0)=0:\quad w_j^\top x_r\ge 0 \Rightarrow c(1-\psi)-(m-2)c\phi\le\Delta_{r,j}",
        extremes=at_a_kink,
        corrected_by="lemma-C.1/corrected",
        derivation="On the hyperplane of x_r the term c |x_r|^2 sign(0) is missing. The lemma needs sign(0) = 1, in line with sigma'(0) = 1.",
    ),
    Claim(
        "lemma-C.2/version/no-kkt",
        "The bound 22 epsilon_d / sqrt(m n) for any nonnegative lambda, as the statement does not speak of a KKT point.",
        lambda p: (p.multipliers * p.active) ** 2 * correction_norms(p) / p.num_neurons,
        lambda p: (22 * p.epsilon_d) ** 2 / (p.num_points * p.num_neurons),
        family=POINTS,
        hypotheses=NETWORK,
        source="Lemma C.2, Appendix C",
        kind="version",
        latex=r"\lambda\ge 0:\quad |u_j|\lambda_l\sigma'_{l,j}\|\Delta_j\| \le 22\epsilon_d/\sqrt{mn}",
        constant="22",
        extremes=large_multiplier,
        corrected_by="lemma-C.2",
        derivation="The left side grows with lambda_l. The proof takes lambda_l <= 20.4 n from Lemma C.3, which is about KKT points.",
    ),
    *(
        Claim(
            f"lemma-C.3/{part}/version/number",
            f"The bound of the lemma is at most {number}{' n' if part == 3 else ''}.",
            lambda c, factor=factor: factor * printed_mass(c),
            lambda c, number=number: c.q(number),
            family=BOX,
            hypotheses=box("1", "1", "1"),
            source="Lemma C.3, Appendix C",
            kind="version",
            latex=rf"{factor}\,(2.5+5.25\epsilon+2.4\delta) \le {number}",
            constant=number,
            derivation=f"At epsilon = delta = 1 the left side is {factor} times 10.15" + (", both sides divided by n." if part == 3 else "."),
        )
        for part, factor, number in ((1, 1, "10.2"), (2, 2, "20.4"), (3, 2, "20.4"))
    ),
    Claim(
        "lemma-C.3/1/version/psi-literal",
        "The bound on the masses where psi = 1.",
        lambda p: p.masses,
        printed_mass,
        hypotheses=_WIDE_POINT,
        source="Lemma C.3, Appendix C",
        kind="version",
        latex=r"\psi=1:\quad \max\{\ldots\} \le 2.5+5.25\epsilon+2.4\delta",
        extremes=tiny_norm,
        corrected_by="lemma-C.3/1",
        derivation="The statement prints psi = 0, 1. A point of small norm needs a large multiplier. Meant is 0.1.",
    ),
    Claim(
        "lemma-C.4/1/version/both-signs",
        "The lower bound on the masses of both signs where the network has neurons of both signs.",
        lambda p: p.masses,
        printed_least,
        "lower",
        family=POINTS,
        hypotheses=(*POINT, _BOTH),
        source="Lemma C.4, Appendix C",
        kind="version",
        latex=r"J_+,J_-\ne\emptyset:\quad \min\{\ldots\} \ge 0.45-2.32\tfrac{\epsilon_d}{n}-0.96\epsilon",
        constant="0.45, 2.32, 0.96",
        extremes=both_signs,
        corrected_by="lemma-C.4/1/corrected",
        derivation="Two points with labels 1 and -1, <x_1, x_2> < 0, one neuron of each sign, w_1 along x_1 and w_2 along x_2: an exact KKT "
        "point in which each neuron "
        "is off on the other's point.",
    ),
    Claim(
        "lemma-C.4/2/version/psi-literal",
        "The lower bound on the mass over all neurons where psi = 1.",
        lambda p: p.masses.sum(axis=0),
        lambda p: 2 * printed_least(p),
        "lower",
        hypotheses=_WIDE_POINT,
        source="Lemma C.4, Appendix C",
        kind="version",
        latex=r"\psi=1:\quad \sum_j u_j^2\lambda_i\sigma'_{i,j} \ge 0.9-4.64\tfrac{\epsilon_d}{n}-1.92\epsilon",
        extremes=double_norm,
        corrected_by="lemma-C.4/2",
        derivation="The statement prints psi = 0, 1. A point of squared norm 2 needs a multiplier of 1/2 only. Meant is 0.1.",
    ),
    Claim(
        "lemma-C.5/version/sign-zero",
        "Activations are preserved with sign(0) = 0, in the correction and in the conclusion.",
        usual_sign_after,
        lambda p: usual_sign(p)[:, pairs(p.num_points)[1]],
        "equality",
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        source="Lemma C.5, Appendix C",
        kind="version",
        latex=r"\operatorname{sign}(0)=0:\quad \operatorname{sign}(\tilde w_j^\top x_r)=\operatorname{sign}(w_j^\top x_r)",
        extremes=at_a_kink,
        corrected_by="lemma-C.5",
        derivation="A neuron on the hyperplane of x_r leaves it with the step, as the correction does not count x_r. Trained networks have "
        "many such "
        "pairs; the lemma and its proof mean sign(0) = 1.",
    ),
    Claim(
        "lemma-C.5/version/psi-literal",
        "Activations are preserved where psi = 1 (sign(0) = 1).",
        sign_after,
        sign_before,
        "equality",
        hypotheses=(*_WIDE_POINT, at_least_points(2)),
        source="Lemma C.5, Appendix C",
        kind="version",
        latex=r"\psi=1:\quad \operatorname{sign}(\tilde w_j^\top x_r)=\operatorname{sign}(w_j^\top x_r)",
        extremes=small_retained_norm,
        corrected_by="lemma-C.5",
        derivation="The statement prints psi = 0, 1. The correction pushes by about c |x_r|^2, the step by up to phi = c / 2: below |x_r|^2 "
        "= 1/2 the step may win. Meant is 0.1.",
    ),
    Claim(
        "lemma-C.6/version/full-range",
        "No retained margin moves by more than 9 epsilon_d / (m n), for epsilon, delta and epsilon_d up to 1 (Theorem 4.1 uses it for "
        "epsilon_1, delta_1 <= 1, "
        "epsilon_d <= 0.01, outside the lemma's own range).",
        lambda p: abs(drift(p)),
        lambda p: 9 * drift_unit(p),
        family=RETAINED_POINTS,
        hypotheses=RETAINED,
        source="Lemma C.6, Appendix C; Theorem 4.1",
        kind="version",
        latex=r"\epsilon,\delta,\epsilon_d\le 1:\quad \big|y_r[N(\tilde\theta,x_r)-N(\theta,x_r)]\big| \le \frac{9\epsilon_d}{mn}",
        constant="9",
        extremes=crowds,
        derivation="lemma-C.6/version/constant. With the printed constants of Lemma C.3 alone, 10.2 (0.8 + 0.125 epsilon_d / n) <= 9 needs "
        "epsilon_d <= 0.658, "
        "which covers Theorem 4.1.",
    ),
)
