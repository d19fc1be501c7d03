"""Theorems 3.1 and B.1, first part: gradient ascent on linear predictors leads to an approximate KKT point of what is retained.

Steps of the proof are in `theorems_proof`; their second part, the cosine, is in `cosine`.
"""

from fractions import Fraction

import numpy as np

from ...instances import LinearPoint
from ...instances.choices import RandomChoices
from ..claim import Claim, Hypothesis
from .forgetting import POINTS, SETTINGS, forget_sets, margins, necessary, needed, several_points, single_points
from .theorems_proof import ONE_POINT, SOURCES, box_steps, drift, point_steps


def allowed(p, sets, constant, count):
    """The epsilon and delta that a theorem allows: (epsilon_1, delta_1) m / (m - k epsilon_d) and ``constant`` count epsilon_d / m more.

    Parameters
    ----------
    sets : (sets, m) bool array
    constant : str
        Of the additive term of delta.
    count : int or (sets,) array
        1, or the sizes k.
    """
    size, forgotten = p.num_points, sets.sum(axis=1)
    growth = size / (size - forgotten * p.epsilon_d)
    added = p.q(constant) * p.epsilon_d / size * count
    return np.stack([p.epsilon * growth, p.delta * growth + added], axis=1)


def _kkt(id, statement, sets, constant, by_size, **about):
    """A claim that the unlearned predictor has the direction of an approximate KKT point of what each forget set leaves."""

    def limits(p):
        chosen = sets(p.num_points)
        return allowed(p, chosen, constant, chosen.sum(axis=1) if by_size else 1)

    return Claim(
        id,
        statement,
        lambda p: needed(p, sets(p.num_points)),
        limits,
        "exists",
        POINTS,
        SETTINGS,
        least=lambda p: necessary(p, sets(p.num_points), limits(p)[:, 0]),
        constant=constant,
        **about,
    )


def _crowded(forgotten, ratio, high, last, error):
    """Forgotten points that hold one retained margin up, at 1, and another one down; an error that lowers all other margins."""
    size, epsilon_d = forgotten + 2, Fraction(ratio)
    phi, norm, zero = epsilon_d / (4 * size), Fraction(9, 10), Fraction(0)
    gram = np.array([[norm if row == column else zero for column in range(size)] for row in range(size)])
    gram[:forgotten, -2] = gram[-2, :forgotten] = phi
    gram[:forgotten, -1] = gram[-1, :forgotten] = -phi
    high, error = Fraction(high), Fraction(error)
    # A millionth above 1, so that the margin stays feasible in float64.
    held = (1 + Fraction(1, 10**6) - forgotten * phi * (high - error)) / norm
    multipliers, errors = np.array([high] * forgotten + [held, Fraction(last)]), np.array([-error] * forgotten + [zero, -error])
    epsilon = max(error * Fraction(7, 5), Fraction(1, 1000))
    return LinearPoint(gram, np.ones(size, dtype=int), multipliers, errors, zero, epsilon, Fraction(1, 2), epsilon_d)


def _crowded_points():
    """The first two refute; the third shows how much of the constant one forgotten point can use."""
    yield _crowded(10, "0.09", "1.48", "1.5", "0")
    yield _crowded(8, "0.099", "1.48", "1.5", "0")
    yield _crowded(1, "0.099", "1.76", "1.78", "0.35")


def _measurable_points():
    """The crowded ones, and draws whose epsilon_d is large enough to be measured."""
    yield from _crowded_points()
    choices = RandomChoices(np.random.default_rng(7))
    for _ in range(400):
        shape, cube = POINTS.draw(choices)
        cube[2] = 0.2 + 0.8 * cube[2]
        yield POINTS.build(shape, cube)


def _additive(id, sets, constant):
    """A claim about what the unlearned predictor needs beyond delta_1 / (1 - s), at its best scale: what a theorem's own ratio does not show."""
    k = "k " if sets is forget_sets else ""
    return Claim(
        id,
        "The additive term alone, where it is large enough to be measured (epsilon_d >= 0.01): at its best scale the unlearned predictor needs "
        f"at most {constant} {k}epsilon_d / m.",
        lambda p: needed(p, sets(p.num_points))[:, 1] - allowed(p, sets(p.num_points), "0", 1)[:, 1],
        lambda p: drift(p, sets(p.num_points), constant)[:, 0],
        family=POINTS,
        hypotheses=(*SETTINGS, Hypothesis("epsilon_d is at least 0.01", lambda p: p.epsilon_d - p.q("0.01"))),
        source=f"ours, for Theorem {id[8:11]}",
        latex=rf"\max_i \lambda'_i (y_i N(c \hat w, x_i) - 1) - \frac{{\delta_1}}{{1 - {k}\epsilon_d / m}} \leq "
        rf"\frac{{{constant} {k}\epsilon_d}}{{m}}",
        constant=constant,
        extremes=_measurable_points,
        derivation="As /kkt/version/sharper; the ratio shows how much of the constant is used.",
    )


_SHARPER = (
    "Equation (4) with epsilon, delta <= 0.5 and epsilon_d < 0.1 gives lambda <= 2.03. So a retained margin moves by at most x = 2.03 k epsilon_d / "
    "(4 m) < 0.5075 s, s = k epsilon_d / m <= {s}, and C = 1/(1 - x) makes it feasible again. Slackness is then C^2 (slackness of w + lambda_t "
    "times the move) + C (C - 1) lambda_t <= C^2 (delta + 2 . 2.03 x) <= C^2 (delta + 2.061 s), as C (C - 1) = x C^2. With s <= {s}: 2.061 s C^2 <= "
    "{first} s, and delta C^2 - delta/(1 - s) <= 0.015 s delta / ((1 - 1.015 s)(1 - s)) <= 0.01 s. The least scale that is feasible is at most C, "
    "and slackness and error grow with the scale."
)

CLAIMS = (
    _kkt(
        "theorem-3.1/kkt",
        "After forgetting any one point, the unlearned predictor has the direction of an (epsilon, delta)-approximate KKT point of the others.",
        single_points,
        "7.2",
        by_size=False,
        source=SOURCES["theorem-3.1"],
        kind="theorem",
        latex=r"\epsilon = \epsilon_1 + \frac{\epsilon_1 \epsilon_d}{m - \epsilon_d}, \quad "
        r"\delta = \delta_1 + \frac{\delta_1 \epsilon_d}{m - \epsilon_d} + \frac{7.2 \epsilon_d}{m}",
        derivation="The proof's last step rests on Lemma B.3 as printed, which is false; with the corrected lemma the numbers still fit: see "
        "/kkt/proof/corrected-rescale.",
    ),
    _kkt(
        "theorem-3.1/kkt/version/sharper",
        "The same with 2.2 in place of 7.2.",
        single_points,
        "2.2",
        by_size=False,
        source="ours, for Theorem 3.1",
        latex=r"\delta = \delta_1 + \frac{\delta_1 \epsilon_d}{m - \epsilon_d} + \frac{2.2 \epsilon_d}{m}",
        derivation="k = 1. " + _SHARPER.format(s="0.05", first="2.17"),
    ),
    *ONE_POINT,
    _kkt(
        "theorem-B.1/kkt",
        "After forgetting any k points, the unlearned predictor has the direction of an approximate KKT point of the others, with "
        "7.2 epsilon_d / m in delta whatever k.",
        forget_sets,
        "7.2",
        by_size=False,
        source=SOURCES["theorem-B.1"],
        kind="theorem",
        latex=r"\epsilon = \epsilon_1 + \frac{\epsilon_1 \epsilon_d}{m/k - \epsilon_d}, \quad "
        r"\delta = \delta_1 + \frac{\delta_1 \epsilon_d}{m/k - \epsilon_d} + \frac{7.2 \epsilon_d}{m}",
        extremes=_crowded_points,
        corrected_by="theorem-B.1/kkt/corrected",
        derivation="The proof ends with 7.2 k epsilon_d / m; the statement lost the k. If the k forgotten points hold one retained margin up and "
        "another one down, both move by k phi lambda apart, which costs about 2 k phi lambda^2 in slackness; for k >= 8 or so that is more.",
    ),
    _kkt(
        "theorem-B.1/kkt/corrected",
        "The same with 7.2 k epsilon_d / m in delta, as the proof has it.",
        forget_sets,
        "7.2",
        by_size=True,
        source="ours, for Theorem B.1",
        kind="corrected",
        latex=r"\delta = \delta_1 + \frac{\delta_1 \epsilon_d}{m/k - \epsilon_d} + \frac{7.2 k \epsilon_d}{m}",
        extremes=_crowded_points,
        derivation="The proof with s = k epsilon_d / m < 0.1 in place of epsilon_d / m, and with the corrected Lemma B.3: see "
        "/kkt/proof/corrected-rescale, and /kkt/version/sharper for all steps.",
    ),
    _kkt(
        "theorem-B.1/kkt/version/sharper",
        "The same with 2.3 k epsilon_d / m in delta.",
        forget_sets,
        "2.3",
        by_size=True,
        source="ours, for Theorem B.1",
        latex=r"\delta = \delta_1 + \frac{\delta_1 \epsilon_d}{m/k - \epsilon_d} + \frac{2.3 k \epsilon_d}{m}",
        extremes=_crowded_points,
        derivation=_SHARPER.format(s="0.1", first="2.29"),
    ),
    _additive("theorem-B.1/kkt/version/additive-term", forget_sets, "2.3"),
    _additive("theorem-B.1/kkt/version/printed-term", forget_sets, "7.2"),
    _additive("theorem-3.1/kkt/version/additive-term", single_points, "2.2"),
    _additive("theorem-3.1/kkt/version/printed-term", single_points, "7.2"),
    Claim(
        "theorem-B.1/kkt/version/literal",
        "Letter by letter, w.r.t. S without one of k >= 2 forgotten points: then the other forgotten points need positive margins.",
        lambda p: margins(p, several_points(p.num_points)),
        lambda p: p.q("0"),
        "lower",
        POINTS,
        SETTINGS,
        SOURCES["theorem-B.1"],
        "version",
        r"y_t N(\hat w, x_t) > 0 \text{ for all } t \neq l",
        corrected_by="theorem-B.1/kkt/corrected",
        derivation="The unlearned predictor has lost the terms of all k points, so each of them has a margin near zero, of either sign; where it is "
        "negative, no scale "
        "of it is feasible for S without a single point. What is retained is S without the whole forget set.",
    ),
    *point_steps("theorem-B.1"),
    *box_steps("theorem-B.1"),
)
