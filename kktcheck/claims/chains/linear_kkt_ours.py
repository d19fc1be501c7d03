"""Chains of Theorems 3.1 and B.1, first part: proofs that work, the printed one repaired and a sharper one."""

from ..chain import Chain, Link
from ..claim import Part
from .linear_numbers import SETS, TWO_POINTS, largest, number

SOURCES = {"theorem-3.1": "ours, for Theorem 3.1", "theorem-B.1": "ours, for Theorem B.1"}


def fraction_of(theorem):
    """k / m, k = 1 in Theorem 3.1."""
    return (lambda p: p.q("1") / p.points) if theorem == "theorem-3.1" else lambda p: p.forgotten * p.q("1") / p.points


def _needed(p, share, bound):
    """What slackness has beyond delta / (1 - s), over s, if no multiplier is above ``bound``: x = bound s / 4, C = 1 / (1 - x)."""
    growth = 1 / (1 - bound * share / 4)
    return growth**2 * (bound**2 / 2 + p.delta * (bound / 2 - 1 - bound**2 * share / 16) / (1 - share))


def given(theorem):
    """The additive term over k epsilon_d / m, with the bound of Lemma B.1 as a function; grows with it."""
    fraction = fraction_of(theorem)
    return lambda p: _needed(p, p.epsilon_d * fraction(p), largest(p))


def _conditions(theorem):
    """Stationarity and (5): what the step does, before any number."""
    return (
        Link("w^ - sum over retained i of lambda_i y_i x_i", "=", "v, |v| <= epsilon",
             "the step takes away the forgotten points' terms and nothing else",
             claim=f"{theorem}/kkt/proof/stationarity", argued=True),
        Link("y_t <w, x_t>", "=", "y_t <w^, x_t> + y_t sum over forgotten l of lambda_l y_l <x_l, x_t>", "(5)",
             claim=f"{theorem}/kkt/proof/margin-identity", argued=True),
    )  # fmt: skip


def _repaired(id, proves, theorem, box):
    step, k = f"{theorem}/kkt/proof", "" if theorem == "theorem-3.1" else "k "
    return Chain(
        id,
        (*proves, *(f"{step}/{name}" for name in ("stationarity", "margin-identity", "margin-drift", "slackness", "primal"))),
        SOURCES[theorem],
        (
            Link("max lambda", "<=", "2.4", "Lemma B.1", claim="lemma-B.1"),
            *_conditions(theorem),
            Link("|y_t <w^, x_t> - y_t <w, x_t>|", "<=", f"0.6 {k}epsilon_d / m",
                 f"by (5) and the triangle inequality: {k or 'one '}terms of at most 2.4 phi, phi <= epsilon_d / (4 m)", claim=f"{step}/margin-drift",
                 argued=True),
            Link("lambda_t (y_t <w^, x_t> - 1)", "<=", f"delta + 1.44 {k}epsilon_d / m",
                 "slackness of w, and lambda_t <= 2.4 times the move; 0.6 . 2.4 = 1.44", claim=f"{step}/slackness", argued=True),
            Link("y_t <w^, x_t>", ">=", f"1 - 0.6 {k}epsilon_d / m", "margins of w are at least 1, less the move", claim=f"{step}/primal",
                 argued=True),
            Link("C w^ with multipliers C lambda", "=>", f"error C epsilon, slackness C^2 (delta + 1.44 {k}epsilon_d / m) + 2.4 C (C - 1)",
                 f"the corrected Lemma B.3, C = 1 / (1 - 0.6 {k}epsilon_d / m)", claim="lemma-B.3/corrected"),
            Link("C epsilon", "<=", f"epsilon + epsilon {k}epsilon_d / (m - {k}epsilon_d)", "0.6 <= 1", claim=f"{step}/rescale-epsilon"),
            Link(f"C^2 (delta + 1.44 {k}epsilon_d / m) + 2.4 C (C - 1)", "<=",
                 f"delta + delta {k}epsilon_d / (m - {k}epsilon_d) + 7.2 {k}epsilon_d / m",
                 "twice as much as is needed", claim=f"{step}/corrected-rescale"),
        ),
        "C w^ has the direction of w^ and is an approximate KKT point of the retained points with the epsilon and delta claimed. Compared is what "
        f"delta has beyond delta_1 / (1 - s), over s = {k}epsilon_d / m: given is the bound of this argument with the largest multiplier of Lemma "
        "B.1 in place of 2.4.",
        box,
        author="ours",
        given=given(theorem),
        printed=number("7.2"),
        value="7.2",
        attained_by=f"{theorem}/kkt/version/printed-term",
    )  # fmt: skip


def _sharper(id, proves, theorem, box, constant, about):
    fraction = fraction_of(theorem)
    k = "" if theorem == "theorem-3.1" else "k "

    def share(p):
        return p.epsilon_d * fraction(p)

    def move(p):
        return p.q("0.5075") * share(p)

    def slackness(p):
        growth = 1 / (1 - move(p))
        return growth**2 * (p.delta + p.q("2.06045") * share(p)) - p.delta / (1 - share(p))

    return Chain(
        id,
        proves,
        SOURCES[theorem],
        (
            Link("max lambda", "<=", "2.03", "the settings of Theorem 3.1", claim="lemma-B.1/version/settings-of-3.1"),
            *_conditions(theorem),
            Link("|y_t <w^, x_t> - y_t <w, x_t>|", "<=", f"x = 0.5075 s, s = {k}epsilon_d / m",
                 f"by (5) and the triangle inequality: {k or 'one '}terms of at most 2.03 phi, phi <= epsilon_d / (4 m); 2.03 / 4 = 0.5075",
                 claim="theorem-B.1/kkt/proof/margin-drift/version/sharper", argued=True),
            Link("0", "<=", "1 - x", "x <= 0.5075 . 0.1", "room", (number("0.94"), lambda p: 1 - move(p))),
            Link("C w^ with multipliers C lambda", "=>", "error C epsilon, slackness C^2 (delta + 2.03 x) + 2.03 C (C - 1), C = 1 / (1 - x)",
                 "the corrected Lemma B.3 with gamma = x, slackness of w^ being that of w and lambda_t <= 2.03 times the move",
                 claim="lemma-B.3/corrected"),
            Link("C (C - 1)", "=", "x C^2, so that slackness is C^2 (delta + 2 . 2.03 x) = C^2 (delta + 2.06045 s)", "C - 1 = x C"),
            Link("C epsilon", "<=", "epsilon / (1 - s)", "x <= s", "error",
                 (lambda p: p.epsilon / (1 - move(p)), lambda p: p.epsilon / (1 - share(p))),
                 parts=(Part(number("0.5075"), number("1"), "x <= s, over s"),)),
            Link("C^2 (delta + 2.06045 s) - delta / (1 - s)", "<=", f"{constant} s", "C^2 (1 - s) - 1 = C^2 (2 x - s - x^2)", "slackness",
                 (slackness, lambda p: p.q(constant) * share(p)),
                 parts=(Part(
                     lambda p: p.delta * (p.q("0.015") - p.q("0.5075") ** 2 * share(p)) + p.q("2.06045") * (1 - share(p)),
                     lambda p: p.q(constant) * (1 - share(p)) * (1 - move(p)) ** 2,
                     "over s C^2, times 1 - s: the terms with delta are delta (C^2 - 1 / (1 - s)) = delta C^2 (2 x - s - x^2) / (1 - s), "
                     "2 x - s = 0.015 s",
                 ),), constant=constant),
            Link(f"{constant} s", "<=", "7.2 s", "numbers", "printed", (number(constant), number("7.2"))),
            Link("slackness at the least feasible scale c", "<=", "slackness at C",
                 "c <= C as C is feasible, and c lambda_t (c margin_t - 1) grows with c where c margin_t >= 1; the error c epsilon grows too"),
        ),
        "C w^ has the direction of w^ and is an approximate KKT point of the retained points, and its best scale needs no more. " + about,
        box,
        author="ours",
        given=given(theorem),
        printed=number(constant),
        value=constant,
        attained_by=f"{theorem}/kkt/version/additive-term",
    )  # fmt: skip


CHAINS = (
    _repaired("theorem-3.1/kkt/derivation", ("theorem-3.1/kkt", "theorem-3.1/kkt/version/printed-term"), "theorem-3.1", TWO_POINTS),
    _repaired("theorem-B.1/kkt/corrected/derivation", ("theorem-B.1/kkt/corrected", "theorem-B.1/kkt/version/printed-term"), "theorem-B.1", SETS),
    _sharper(
        "theorem-3.1/kkt/version/sharper/derivation", ("theorem-3.1/kkt/version/sharper", "theorem-3.1/kkt/version/additive-term"),
        "theorem-3.1", TWO_POINTS, "2.2",
        "Compared is the additive term of delta over s.",
    ),
    _sharper(
        "theorem-B.1/kkt/version/sharper/derivation",
        ("theorem-B.1/kkt/version/sharper", "theorem-B.1/kkt/version/additive-term", "theorem-B.1/kkt/proof/margin-drift/version/sharper"),
        "theorem-B.1", SETS, "2.3", "Compared is the additive term of delta over s.",
    ),
)  # fmt: skip
