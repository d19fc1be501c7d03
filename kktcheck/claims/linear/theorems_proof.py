"""Steps of the proofs of Theorems 3.1 and B.1, first part: how far margins move, and the arithmetic of rescaling."""

import numpy as np

from ...instances.constants_family import ConstantBoxes
from ..claim import Claim, Part
from ..hypotheses import PSI, SIZES, SOME_KEPT, box
from .forgetting import POINTS, SETTINGS, forget_sets, margins, single_points, unlearned

#: The proofs rescale for every epsilon_d up to 1.
RESCALING_BOX = ConstantBoxes(0.5, 0.5, 1.0, points=2)
STRICT_BOX = ConstantBoxes(0.5, 0.5, 0.1, points=2)
_WIDE = (*box("0.5", "0.5", "1"), PSI, SIZES, SOME_KEPT)
_STRICT = (*box("0.5", "0.5", "0.1", strict=True), PSI, SIZES, SOME_KEPT)

SOURCES = {"theorem-3.1": "Theorem 3.1; Appendix B.1.1", "theorem-B.1": "Theorem B.1, Appendix B.2"}
_SETS = {"theorem-3.1": single_points, "theorem-B.1": forget_sets}


def _changes(p, sets):
    """How far each retained margin moves; shape (sets, m), zero on the forgotten points."""
    return np.where(sets, 0 * p.margins, abs(margins(p, sets) - p.margins))


def _retained(p, sets, values, forgotten):
    return np.where(sets, forgotten, values)


def drift(p, sets, constant):
    """``constant`` k epsilon_d / m as a column over the sets."""
    return (p.q(constant) * p.epsilon_d / p.num_points * sets.sum(axis=1))[:, None]


def point_steps(theorem):
    """Steps of the proof on approximate KKT points: how margins move, and what follows."""
    sets, k = _SETS[theorem], "" if theorem == "theorem-3.1" else "k "
    about = {"family": POINTS, "hypotheses": SETTINGS, "source": SOURCES[theorem], "kind": "proof step"}
    return (
        Claim(
            f"{theorem}/kkt/proof/margin-drift",
            "The step moves no retained margin by more than 0.6 epsilon_d / m for each forgotten point.",
            lambda p: _changes(p, sets(p.num_points)),
            lambda p: drift(p, sets(p.num_points), "0.6"),
            latex=rf"|y_t N(\hat w, x_t) - y_t N(w, x_t)| \leq \frac{{0.6 {k}\epsilon_d}}{{m}}",
            constant="0.6",
            **about,
        ),
        Claim(
            f"{theorem}/kkt/proof/slackness",
            "Before rescaling, slackness is at most delta_1 + 1.44 epsilon_d / m for each forgotten point.",
            lambda p: _retained(p, sets(p.num_points), p.multipliers * (margins(p, sets(p.num_points)) - 1), 0 * p.margins),
            lambda p: p.delta + drift(p, sets(p.num_points), "1.44"),
            latex=rf"\lambda_t (y_t N(\hat w, x_t) - 1) \leq \delta + \frac{{1.44 {k}\epsilon_d}}{{m}}",
            constant="1.44",
            **about,
        ),
        Claim(
            f"{theorem}/kkt/proof/primal",
            "Before rescaling, retained margins are at least 1 - 0.6 epsilon_d / m for each forgotten point.",
            lambda p: _retained(p, sets(p.num_points), margins(p, sets(p.num_points)), p.margins),
            lambda p: 1 - drift(p, sets(p.num_points), "0.6"),
            direction="lower",
            latex=rf"y_t N(\hat w, x_t) \geq 1 - \frac{{0.6 {k}\epsilon_d}}{{m}}",
            constant="0.6",
            **about,
        ),
    )


def _share(p, theorem):
    """k epsilon_d / m, with k = 1 in Theorem 3.1."""
    return p.epsilon_d / p.points * (1 if theorem == "theorem-3.1" else p.forgotten)


def _rescaled(p, theorem, squared):
    """What rescaling by C = 1 / (1 - 0.6 k epsilon_d / m) adds to delta, from the chain's numbers: with C, or with C^2 as it is needed."""
    share = _share(p, theorem)
    factor = 1 / (1 - p.q("0.6") * share)
    excess = p.q("0.6") * share * factor
    if squared:
        return factor**2 * p.q("1.44") * share + p.q("2.4") * factor * excess + p.delta * excess * (factor + 1)
    return factor * p.q("1.44") * share + p.q("2.4") * excess + p.delta * excess


def _rescaled_literally(p):
    """The same letter by letter, as the proof of Theorem 3.1 prints it, without an m."""
    share = _share(p, "theorem-3.1")
    return (p.q("1.44") * p.epsilon_d + p.q("1.44") * share + p.delta * p.q("0.6") * share) / (1 - p.q("0.6") * share)


def _room(p, theorem):
    """What the theorem's delta has beyond delta_1."""
    share = _share(p, theorem)
    return p.delta * share / (1 - share) + p.q("7.2") * share


def box_steps(theorem):
    """Steps of the proof that are arithmetic; epsilon, or delta, is taken off both sides, so that ratios compare what is added to it."""
    k = "" if theorem == "theorem-3.1" else "k "
    wide = {"family": RESCALING_BOX, "hypotheses": _WIDE, "source": SOURCES[theorem], "kind": "proof step"}
    scale = Part(
        lambda p: p.q("0.6") * (1 - _share(p, theorem)),
        lambda p: 1 - p.q("0.6") * _share(p, theorem),
        "0.6 s / (1 - 0.6 s) <= s / (1 - s) for s = k epsilon_d / m, divided by s, times both denominators",
    )
    factor, bound = rf"\frac{{1}}{{1 - 0.6 {k}\epsilon_d / m}}", rf"\frac{{\delta}}{{1 - {k}\epsilon_d / m}} + \frac{{7.2 {k}\epsilon_d}}{{m}}"
    return (
        Claim(
            f"{theorem}/kkt/proof/rescale-epsilon",
            "Rescaling to feasibility keeps the stationarity error within the theorem's epsilon.",
            lambda p: p.epsilon * p.q("0.6") * _share(p, theorem) / (1 - p.q("0.6") * _share(p, theorem)),
            lambda p: p.epsilon * _share(p, theorem) / (1 - _share(p, theorem)),
            latex=rf"{factor} \epsilon \leq \frac{{m}}{{m - {k}\epsilon_d}} \epsilon",
            parts=(scale,),
            **wide,
        ),
        Claim(
            f"{theorem}/kkt/proof/rescale-delta",
            "The bound that Lemma B.3 prints, at the numbers of the proof, is at most the theorem's delta.",
            lambda p: _rescaled(p, theorem, squared=False),
            lambda p: _room(p, theorem),
            latex=rf"C (\delta + 1.44 {k}\epsilon_d / m) + 2.4 (C - 1) \leq {bound}, \quad C = {factor}",
            constant="7.2",
            derivation="The arithmetic is right, but Lemma B.3 as printed is not, so this step proves nothing; /kkt/proof/corrected-rescale does.",
            parts=(
                scale._replace(why="the terms with delta, divided by delta s C, times 1 - s; s = k epsilon_d / m, C - 1 = 0.6 s C"),
                Part(
                    lambda p: p.q("2.88"),
                    lambda p: p.q("7.2") * (1 - p.q("0.6") * _share(p, theorem)),
                    "the others, 1.44 s C + 2.4 (C - 1) = 2.88 s C and 7.2 s, divided by s C",
                ),
            ),
            **wide,
        ),
        Claim(
            f"{theorem}/kkt/proof/corrected-rescale",
            "The corrected bound of Lemma B.3, at the numbers of the proof, is at most the theorem's delta as well.",
            lambda p: _rescaled(p, theorem, squared=True),
            lambda p: _room(p, theorem),
            family=STRICT_BOX,
            hypotheses=_STRICT,
            source=f"ours, for {SOURCES[theorem]}",
            latex=rf"C^2 (\delta + 1.44 {k}\epsilon_d / m) + 2.4 C (C - 1) \leq {bound}, \quad C = {factor}",
            constant="7.2",
            derivation="Let s = k epsilon_d / m < 0.1 and C = 1/(1 - 0.6 s). Since C (C - 1) = 0.6 s C^2, the left side is C^2 (delta + 2.88 s). "
            "C^2 <= 1/(0.94)^2 < 1.14, so 2.88 s C^2 < 3.3 s; and (1 - 0.6 s)^2 >= 1 - 1.2 s gives delta C^2 - delta/(1 - s) <= 0.2 s delta / "
            "((1 - 1.2 s)(1 - s)) < 0.13 s. Together less than 3.5 s: the printed 7.2 is twice what is needed.",
            parts=(
                Part(
                    lambda p: p.delta * (p.q("1.2") - p.q("0.36") * _share(p, theorem)) + p.q("2.88"),
                    lambda p: (p.delta / (1 - _share(p, theorem)) + p.q("7.2")) * (1 - p.q("0.6") * _share(p, theorem)) ** 2,
                    "delta taken off both sides, over s C^2; C^2 - 1 = (1.2 s - 0.36 s^2) C^2, C (C - 1) = 0.6 s C^2",
                ),
            ),
        ),
    )


def _error_squared(p, without):
    """Squared norm of w^ less the terms of all points outside ``without`` (sets, m); shape (m,)."""
    rest = unlearned(p, single_points(p.num_points)) - ~without * (p.labels * p.multipliers)
    return (rest * (rest @ p.gram)).sum(axis=1) + p.beyond


def _terms(p, products):
    """y_t lambda_l y_l times a product of x_l and x_t, for each l (rows) and t; shape (m, m)."""
    return (p.multipliers * p.labels)[:, None] * products * p.labels


_POINT_STEP = {"family": POINTS, "hypotheses": SETTINGS, "source": SOURCES["theorem-3.1"]}
ONE_POINT = (
    Claim(
        "theorem-3.1/kkt/proof/stationarity",
        "The unlearned predictor has the stationarity error of w, with the multipliers of the retained points.",
        lambda p: _error_squared(p, single_points(p.num_points)),
        lambda p: p.epsilon**2,
        latex=r"\|\hat w - \sum_{i \neq l} \lambda_i y_i x_i\| \leq \epsilon",
        kind="proof step",
        **_POINT_STEP,
    ),
    Claim(
        "theorem-3.1/kkt/proof/stationarity/version/literal",
        "Letter by letter: the same with the multipliers of all points.",
        lambda p: _error_squared(p, single_points(p.num_points) & False),
        lambda p: p.epsilon**2,
        latex=r"\|\hat w - \sum_{i=1}^m \lambda_i y_i x_i\| \leq \epsilon",
        kind="version",
        corrected_by="theorem-3.1/kkt/proof/stationarity",
        derivation="A slip of the pen in the summation index: the forgotten point's term, which the unlearned predictor has lost, would be missing.",
        **_POINT_STEP,
    ),
    Claim(
        "theorem-3.1/kkt/proof/margin-identity",
        "Equation (5): the margin of w is that of w^ and the forgotten point's term.",
        lambda p: p.margins + 0 * p.gram,
        lambda p: margins(p, single_points(p.num_points)) + _terms(p, p.gram),
        direction="equality",
        latex=r"y_t N(w, x_t) = y_t N(\hat w, x_t) + y_t \lambda_l y_l \langle x_l, x_t \rangle",
        kind="proof step",
        **_POINT_STEP,
    ),
    Claim(
        "theorem-3.1/kkt/proof/margin-identity/version/absolute",
        "The same as the steps on slackness and feasibility write it, with the absolute value of the inner product.",
        lambda p: p.margins + 0 * p.gram,
        lambda p: margins(p, single_points(p.num_points)) + _terms(p, abs(p.gram)),
        direction="equality",
        latex=r"y_t N(w, x_t) = y_t N(\hat w, x_t) + y_t \lambda_l y_l |\langle x_l, x_t \rangle|",
        kind="version",
        corrected_by="theorem-3.1/kkt/proof/margin-identity",
        derivation="A slip of the pen: only the bound of the next line takes absolute values.",
        **_POINT_STEP,
    ),
    *point_steps("theorem-3.1"),
    *box_steps("theorem-3.1"),
    Claim(
        "theorem-3.1/kkt/proof/rescale-delta/version/literal",
        "The same step letter by letter: the relaxation 0.6 epsilon_d in the numerator is not divided by m.",
        _rescaled_literally,
        lambda p: _room(p, "theorem-3.1"),
        family=RESCALING_BOX,
        hypotheses=_WIDE,
        source=SOURCES["theorem-3.1"],
        kind="version",
        latex=r"2.4 \frac{0.6 \epsilon_d}{1 - 0.6 \epsilon_d / m} + \frac{\delta + 1.44 \epsilon_d / m}{1 - 0.6 \epsilon_d / m} \leq "
        r"\delta + \frac{\delta \epsilon_d}{m - \epsilon_d} + \frac{7.2 \epsilon_d}{m}",
        corrected_by="theorem-3.1/kkt/proof/rescale-delta",
        derivation="A slip of the pen: for large m the left side keeps 1.44 epsilon_d, the right side does not. Theorem B.1 prints the step with m.",
    ),
)
