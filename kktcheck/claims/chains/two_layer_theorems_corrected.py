"""Chains of Theorems 4.1 and C.1, ours: what is true of the network that the printed proofs build, corrected and rescaled.

Notation as in `two_layer_theorems`; C = 1 / (1 - g), g = 9 k epsilon_d / (m n), is the printed scale, u the correction.
"""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from .two_layer_theorems import SETS, SETTINGS, crossing, least_eigenvalue, mass, share


def _push(s):
    """(1 - psi - (r - 1) phi) / 2 - 1/4: how far retained products move outwards, in units of epsilon_d / (m n), at least."""
    return lambda p: least_eigenvalue(s)(p) / 2 - p.q("0.25")


def _length(s):
    """U = T sqrt(1 + psi + (r - 1) phi) / 2: the correction is at most U k epsilon_d sqrt(r) / (m sqrt(n)) long."""
    return lambda p: mass(p) * root(crossing(s)(p)) / 2


def _with_kept_share(s):
    return lambda p: _length(s)(p) * root(s.kept(p) * p.q("1") / p.points)


def _drift(s):
    """V = T ((1 + psi + (r - 1) phi) / 2 + 1/4): a retained margin moves by at most V k epsilon_d / (m n)."""
    return lambda p: mass(p) * (crossing(s)(p) / 2 + p.q("0.25"))


def _slackness(s):
    """T V."""
    return lambda p: mass(p) * _drift(s)(p)


def _added(s):
    """T (9 + V): of the scaled network, before C^2."""
    return lambda p: mass(p) * (9 + _drift(s)(p))


def _gap(s):
    return lambda p: 9 * s.forgotten(p) * p.epsilon_d / (p.points * p.neurons)


def _scaled_length(s):
    """C U sqrt(r / m) / sqrt(n): what the scaled correction adds to epsilon, in units of k epsilon_d / sqrt(m), at most."""
    return lambda p: _with_kept_share(s)(p) / (root(p.q("1") * p.neurons) * (1 - _gap(s)(p)))


def _number(constant):
    return lambda p: p.q(constant)


def _masses():
    return Link("T", "<=", "2.61", "by a bound of its own, of which the sharper form goes into the next link", claim="theorem-4.1/proof/masses")


def _squares(s):
    return Link(
        "sum_j (sum_l lambda_l sigma'_lj)^2", "<=", f"(n {s.k}T)^2",
        "squares of numbers of at least 0 add up to at most the square of their sum, and sum_j lambda_l sigma'_lj is n times the mass of l",
    )  # fmt: skip


def _multipliers():
    return Link("lambda", "<=", "n T", "a margin of at least 1 needs an active neuron", claim="lemma-C.3/3/proof/one-active", argued=True)


def _derivation(s, statement, links, conclusion, value="", **about):
    statement = f"{s.theorem}/{statement}"
    return Chain(f"{statement}/derivation", (statement, *about.pop("also", ())), "ours", links, conclusion, s.box, "ours", value=value, **about)


def _pattern(s):
    least = _push(s)
    return _derivation(
        s, "proof/pattern/sharper",
        (
            Link(
                "outward move of <a_j, x_r>", ">=", "(c (1 - psi - (r - 1) phi) - phi) sum_l lambda_l sigma'_lj",
                "the correction adds c times |x_r|^2 plus r - 1 inner products with signs, away from zero; the step takes away at most phi for "
                "each l",
                claim=f"{s.theorem}/proof/pattern/terms", argued=True,
            ),
            Link(
                "(1 - psi - (r - 1) phi) / 2 - 1/4", ">=", "0.198", "c and phi in units of epsilon_d / (m n)", "number", (least, _number("0.198")),
                constant="0.198",
            ),
        ),
        "Products move away from zero or stay: a neuron keeps its activation on every retained point, at a product of 0 included.", "0.198",
        also=(f"{s.theorem}/proof/pattern",), given=least, printed=_number("0.198"), lower=True,
    )  # fmt: skip


def _correction_links(s):
    return (
        Link(
            "|u|", "<=", "c sqrt(r (1 + psi + (r - 1) phi)) sqrt(sum_j (sum_l lambda_l sigma'_lj)^2 / n)",
            "on neuron j a sum of the r retained points with signs, of squared norm at most r (1 + psi) + r (r - 1) phi",
            claim=f"{s.theorem}/epsilon/proof/correction-norm/terms", argued=True,
        ),
        _squares(s),
        _masses(),
        Link("|u|", "<=", f"U {s.k}epsilon_d sqrt(r) / (m sqrt(n)), U = T sqrt(1 + psi + (r - 1) phi) / 2", "c = epsilon_d / (2 m n)"),
    )  # fmt: skip


def _correction(s):
    given = _with_kept_share(s)
    return _derivation(
        s, "epsilon/proof/correction-norm/sharper",
        (
            *_correction_links(s),
            Link("U sqrt(r / m)", "<=", "1.37", f"divided by {s.k}epsilon_d / sqrt(m n)", "number", (given, _number("1.37")), constant="1.37"),
            Link(
                "1.37 / sqrt(n)", "<=", "22", f"divided by {s.k}epsilon_d / sqrt(m)", "printed-number",
                (lambda p: p.q("1.37") / root(p.q("1") * p.neurons), _number("22")), constant="22",
            ),
        ),
        "The first four links give the norm, the fifth the constant with n, the last the printed bound.", "1.37",
        also=(f"{s.theorem}/epsilon/proof/correction-norm",), given=given, printed=_number("1.37"),
    )  # fmt: skip


def _margin_drift(s):
    given = _drift(s)
    return _derivation(
        s, "proof/margin-drift",
        (
            Link("retained activations", "=", "the original's", "a statement of its own", claim=f"{s.theorem}/proof/pattern"),
            Link(
                "|drift|", "<=", "(c (1 + psi + (r - 1) phi) + phi) sum over F of the masses",
                "mean over the active neurons of the moves of their products, each at most c (1 + psi + (r - 1) phi) + phi times sum_l lambda_l "
                "sigma'_lj",
                claim=f"{s.theorem}/proof/margin-drift/terms", argued=True,
            ),
            _masses(),
            Link(
                "V = T ((1 + psi + (r - 1) phi) / 2 + 1/4)", "<=", "2.1", f"divided by {s.k}epsilon_d / (m n)", "number", (given, _number("2.1")),
                constant="2.1",
            ),
            Link("2.1", "<=", "9", "numbers", "printed-number", (_number("2.1"), _number("9")), constant="9"),
        ),
        "2.1 in place of 9, and for epsilon and delta up to 1, where Lemma C.6 stops at 0.4.", "9", given=given, printed=_number("9"),
    )  # fmt: skip


def _corrected_slackness(s):
    given = _slackness(s)
    return _derivation(
        s, "delta/proof/slackness",
        (
            Link("lambda (margin + drift - 1)", "<=", "delta + lambda |drift|", "slackness, a hypothesis"),
            Link(
                "|drift|", "<=", f"V {s.k}epsilon_d / (m n)", "the pattern is kept, and the forgotten masses are at most T",
                claim=f"{s.theorem}/proof/margin-drift/terms", argued=True,
            ),
            _multipliers(),
            _masses(),
            Link("T V", "<=", "5.5", f"n T times V {s.k}epsilon_d / (m n), divided by {s.k}epsilon_d / m", "number", (given, _number("5.5"))),
            Link("5.5", "<=", "184", "numbers", "printed-number", (_number("5.5"), _number("184")), constant="184"),
        ),
        "5.5 in place of 184.",
    )  # fmt: skip


def _scaled_error(s):
    ratio, denominator = ("m", "m - 9 epsilon_d") if s is not SETS else ("m / k", "m / k - 9 epsilon_d")
    total = _scaled_length(s)
    return _derivation(
        s, "epsilon/proof/corrected-model",
        (
            Link("retained activations", "=", "the original's", "a statement of its own", claim=f"{s.theorem}/proof/pattern"),
            Link("the scaled network's error", "=", "C (v + u)", "v is the original's error; multipliers scale with the network"),
            *_correction_links(s),
            Link(
                "C", "<=", f"1 + 9 epsilon_d / ({denominator})", f"1 - 9 k epsilon_d / (m n) >= 1 - 9 epsilon_d / ({ratio})", "scale",
                (lambda p: 1 / (1 - _gap(s)(p)), lambda p: 1 + 9 * s.forgotten(p) * p.epsilon_d / (p.points - 9 * s.forgotten(p) * p.epsilon_d)),
                parts=(Part(lambda p: p.q("1") / p.neurons, lambda p: 1, "1 - 1/C on both sides, divided by 9 k epsilon_d / m"),),
            ),
            Link("C U sqrt(r / m) / sqrt(n)", "<=", "23", f"divided by {s.k}epsilon_d / sqrt(m)", "number", (total, _number("23")), constant="23"),
        ),
        "C epsilon is at most epsilon and the middle term, C |u| at most the last one.", "23", given=total, printed=_number("23"),
        attained_by=f"{s.theorem}/epsilon/proof/corrected-model/added", also=(f"{s.theorem}/epsilon/proof/corrected-model/added",),
    )  # fmt: skip


def _scaled_slackness(s):
    given = _added(s)
    return _derivation(
        s, "delta/proof/corrected-model/corrected",
        (
            Link(
                "C lambda (C (margin + drift) - 1)", "=", "C^2 (lambda (margin - 1) + lambda g + lambda drift)",
                "multipliers scale as well, and C^2 - C = C^2 g",
            ),
            Link("lambda (margin - 1)", "<=", "delta", "slackness, a hypothesis"),
            Link(
                "drift", "<=", f"V {s.k}epsilon_d / (m n)", "the pattern is kept, and the forgotten masses are at most T",
                claim=f"{s.theorem}/proof/margin-drift/terms", argued=True,
            ),
            _multipliers(),
            _masses(),
            Link(
                "T (9 + V)", "<=", "29", f"n T (g + V {s.k}epsilon_d / (m n)), divided by {s.k}epsilon_d / m", "number", (given, _number("29")),
                constant="29",
            ),
        ),
        f"Slackness is at most C^2 (delta + T (9 + V) {s.k}epsilon_d / m).", "29", given=given, printed=_number("29"),
        attained_by=f"{s.theorem}/delta/proof/corrected-model/corrected/added",
        also=(f"{s.theorem}/delta/proof/corrected-model/corrected/added",),
    )  # fmt: skip


def _turned(s):
    """U^2 / b, b = 0.9 or 0.89: sine squared in units of (k epsilon_d)^2 / (m^2 n), at most."""
    return lambda p: _length(s)(p) ** 2 / p.q("0.89" if s is SETS else "0.9")


def _angle(s):
    least = "0.89" if s is SETS else "0.9"
    allowed = (lambda p: p.q("82")) if s is SETS else (lambda p: p.q("82") * s.kept(p) / p.points)
    return _derivation(
        s, "tau/proof/corrected-model",
        (
            *_correction_links(s),
            Link("|unlearned network|^2", ">=", f"{least} r", "a statement of its own", claim=f"{s.theorem}/tau/proof/projected-norm"),
            Link("sin", "<=", "|u| / |unlearned network|", "the distance from the unlearned network to the line of the corrected one is at most |u|"),
            Link(
                f"s^2 = U^2 ({s.k}epsilon_d)^2 / ({least} m^2 n)", "<=", "0.0003", "so |u| < |unlearned network|, and the angle is acute", "acute",
                (lambda p: _turned(s)(p) * share(s)(p) ** 2, _number("0.0003")),
            ),
            Link("1 - cos", "<=", "s^2 / (2 - s^2)", "(1 - cos) (1 + cos) = sin^2 <= s^2, and cos >= cos^2 >= 1 - s^2; scaling turns nothing"),
            Link(f"U^2 / {least} / 1.9997", "<=", "1.06", "s^2 <= 0.0003", "turned", (lambda p: _turned(s)(p) / p.q("1.9997"), _number("1.06"))),
            Link(
                f"1.06 ({s.k}epsilon_d)^2 / (m^2 n)", "<=", "82 k epsilon_d / (m - k)" if s is SETS else "82 epsilon_d / m",
                f"divided by {s.k}epsilon_d / {s.r}", "number",
                (lambda p: p.q("1.06") * s.forgotten(p) * p.epsilon_d * s.kept(p) / (p.points * p.points * p.neurons), allowed), constant="82",
            ),
        ),
        f"1 - cos is at most 1.06 ({s.k}epsilon_d)^2 / (m^2 n), far below the printed bound.",
    )  # fmt: skip


def _norm(s):
    least = "0.89" if s is SETS else "0.9"
    return _derivation(
        s, "tau/proof/norm",
        (
            Link("|unlearned network|^2", ">=", f"{least} r", "a statement of its own", claim=f"{s.theorem}/tau/proof/projected-norm"),
            Link(least, ">=", "0.3", "numbers", "number", (_number(least), _number("0.3")), constant="0.3"),
        ),
        "By the sum of the margins, not by the printed chain.",
    )  # fmt: skip


CHAINS = tuple(
    make(s)
    for s in SETTINGS
    for make in (_pattern, _correction, _margin_drift, _corrected_slackness, _scaled_error, _scaled_slackness, _angle, _norm)
)
