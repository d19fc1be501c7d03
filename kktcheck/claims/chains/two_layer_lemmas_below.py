"""Chains of Lemma C.4: masses and multipliers from below."""

from ...instances import root
from ..chain import Box, Chain, Link
from ..claim import Part
from ..two_layer.lemma_proofs_least import printed_least_of
from .two_layer_lemmas import ONE, any_phi, cross, error, total_root

#: Where the bounds are above 0, so that they may be divided by one another.
POSITIVE = Box("0.1", "1", "0.1")
#: Of 0.9 - 0.79 epsilon_d / n - 0.96 epsilon, ours.
_SHARPER_NUMBERS = ("0.9", "0.79", "0.96")


def _plug(p, products, psi):
    """(1 - 2 phi (m - 1) 10.2 - 2 epsilon sqrt(1 + psi)) / (2 (1 + psi))."""
    return (1 - p.q("20.4") * products * (p.points - 1) - 2 * p.epsilon * root(1 + psi)) / (2 * (1 + psi))


def _literal(p):
    """At psi = 0.1 and the largest phi, 2 sqrt(1.1) rounded up."""
    return (1 - p.q("20.4") * cross(p) - p.q("2.1") * p.epsilon) / p.q("2.2")


def _largest_change(p):
    """5.1 (m - 1) / m (1 + psi - 1.1 f)."""
    return p.q("5.1") * (p.points - 1) / p.points * (1 + p.psi - p.q("1.1") * p.free)


def _all_points(p):
    return (1 - p.q("5.1") * p.epsilon_d / p.neurons - p.q("2.1") * p.epsilon) / p.q("2.2")


def _aligned(p):
    """(1 - phi (m - 1) T - epsilon sqrt(1.1)) / 1.1 with T the root of lemma-C.3/2/version/root."""
    return (1 - cross(p) * total_root(p) - error(p)) / p.q("1.1")


def _twice_least(p):
    return 2 * printed_least_of(p)


def _least(p):
    """0.9 - 2.32 epsilon_d / n - 0.96 epsilon."""
    return printed_least_of(p) + p.q("0.45")


def _sharper_least(p):
    base, cross_share, error_share = map(p.q, _SHARPER_NUMBERS)
    return base - cross_share * p.epsilon_d / p.neurons - error_share * p.epsilon


def _terms(*pairs):
    """Parts that compare coefficients, term by term."""
    why = "term by term: {} <= {}, all denominators cleared"
    return tuple(Part(lambda p, low=low: p.q(low), lambda p, high=high: p.q(high), why.format(low, high)) for low, high in pairs)


_PLUS, _MINUS = "sum over J_+ of u_j <w_j, x_k>", "sum over J_- of u_j <w_j, x_k>"
_PLUS_RELU, _MINUS_RELU = "sum over J_+ of u_j sigma(<w_j, x_k>)", "sum over J_- of u_j sigma(<w_j, x_k>)"
_REACH = "(1 + psi) alpha + phi (m - 1) alpha_max + epsilon sqrt(1 + psi)"
_QUOTIENT = "(1 - 2 phi (m - 1) alpha_max - 2 epsilon sqrt(1 + psi)) / (2 (1 + psi))"
_PLUGGED = "(1 - 2 epsilon_d / (4 m n) (m - 1) 10.2 - 2.1 epsilon) / 2.2"
_SIMPLE = "(1 - 5.1 epsilon_d / n - 2.1 epsilon) / 2.2"
_HALF, _WHOLE = "0.45 - 2.32 epsilon_d / n - 0.96 epsilon", "0.9 - 4.64 epsilon_d / n - 1.92 epsilon"
_OWN, _SHARPER = "0.9 - 2.32 epsilon_d / n - 0.96 epsilon", "0.9 - 0.79 epsilon_d / n - 0.96 epsilon"
_PRINTED_MASS = "2.5 + 5.25 epsilon + 2.4 delta"
_MASS = "A_k = sum over j with u_j y_k > 0 of u_j^2 lambda_k sigma'_kj"


def _ours(statement, proves, links, conclusion, **about):
    return Chain(f"{statement}/derivation", proves, "ours", links, conclusion, **{"box": ONE, "author": "ours", **about})


CHAINS = (
    Chain(
        "lemma-C.4/1/proof",
        ("lemma-C.4/1",),
        "Lemma C.4, Appendix C",
        (
            Link(
                "<w_j, x_k>", "=", "u_j lambda_k y_k sigma'_kj |x_k|^2 + u_j sum over i != k of lambda_i y_i sigma'_ij <x_i, x_k> + <v_j, x_k>",
                "v_j = w_j - u_j sum_i lambda_i y_i sigma'_ij x_i by definition",
            ),
            Link(
                "y_k N(x_k)", "<=", "1 + delta / alpha", "slackness and alpha <= lambda_k, where alpha > 0; alpha is now the smallest mass; not used",
            ),
            Link("case one, y_k = 1: 1", "<=", f"N(x_k) <= {_PLUS_RELU} + {_MINUS}", "primal feasibility; y <= sigma(y), and u_j < 0 on J_-"),
            Link(
                _PLUS_RELU, "<=", "(1 + psi) alpha + phi (m - 1) alpha_max + sum over J_+ of u_j |<v_j, x_k>|",
                "the first equation inside sigma, which grows; |x_k|^2 <= 1 + psi, |<x_i, x_k>| <= phi; what is inside is then at least 0",
            ),
            Link("sum over J_+ of u_j |<v_j, x_k>|", "<=", "epsilon sqrt(1 + psi)", "Cauchy-Schwarz, as in Lemma C.3"),
            Link(
                _MINUS, "<=", "sum over J_- of u_j (u_j lambda_k sigma'_kj (1 + psi) + u_j sum over i != k of lambda_i sigma'_ij phi - |<v_j, x_k>|)",
                "the first equation; u_j^2 >= 0, and -u_j = |u_j|",
            ),
            Link(
                "sum over J_- of u_j^2 lambda_k sigma'_kj", "<=", "alpha", f"so that the sum over J_- is at most {_REACH}; alpha is the mass of J_+",
                claim="lemma-C.4/1/proof/case-one-mass",
            ),
            Link(
                "1", "<=", "2 (1 + psi) alpha + 2 phi (m - 1) alpha_max + 2 epsilon sqrt(1 + psi)", "both bounds together; true for another reason",
                claim="lemma-C.4/1/proof/case-one",
            ),
            Link("alpha", ">=", _QUOTIENT, "solved for alpha"),
            Link("case two, y_k = -1: -1", ">=", f"N(x_k) >= {_PLUS} + {_MINUS_RELU}", "primal feasibility; y <= sigma(y), and u_j > 0 on J_+"),
            Link(_PLUS, ">=", f"-({_REACH})", "the first equation with y_k = -1; the mass of J_+ at k is alpha"),
            Link(
                _MINUS_RELU, ">=", f"-({_REACH})", "the mass of J_- at k in its first term has become that of J_+",
                claim="lemma-C.4/1/proof/case-two",
            ),
            Link("alpha", ">=", _QUOTIENT, "in case two, if the step before were true"),
            Link("alpha_max", "<=", _PRINTED_MASS, "Lemma C.3", claim="lemma-C.3/1"),
            Link(_PRINTED_MASS, "<=", "10.2", "the same", claim="lemma-C.3/1/version/number", constant="10.2"),
            Link(
                _QUOTIENT, ">=", _PLUGGED, "psi <= 0.1, phi <= epsilon_d / (4 m n), alpha_max <= 10.2; a numerator below 0 is not raised by a larger "
                "denominator, so this is lost where it is negative; without consequence, as masses are not", "plugged",
                (lambda p: _plug(p, any_phi(p), p.psi), _literal),
                (
                    Part(
                        lambda p: 10 * p.psi, lambda p: 1,
                        "the difference of the sides times 2.2 (1 + psi) is 0.1 - psi + c (1 + psi - 1.1 f) + epsilon (2.1 (1 + psi) - 2.2 sqrt(1 + "
                        "psi)), f the share of the largest phi, c = 20.4 phi (m - 1) at the largest; linear in epsilon and in epsilon_d / n, it is "
                        "least at a corner; here where both are 0",
                    ),
                    Part(lambda p: 2 * root(1 + p.psi), lambda p: 2 + p.psi, "at epsilon = 1, epsilon_d = 0, divided by 1.1"),
                    Part(lambda p: 10 * p.psi, lambda p: 1 + 10 * _largest_change(p), "at epsilon = 0, epsilon_d / n = 1"),
                    Part(
                        lambda p: p.q("2.2") * root(1 + p.psi), lambda p: p.q("2.2") + p.q("1.1") * p.psi + _largest_change(p),
                        "at epsilon = epsilon_d / n = 1",
                    ),
                    Part(
                        lambda p: 0, lambda p: p.q("0.5") + p.epsilon_d / p.neurons * _largest_change(p),
                        "follows from the first and the third; where it fails, the claim does, whatever epsilon is",
                    ),
                ),
                corrected_by="lemma-C.4/1/proof/constant/corrected", constant="10.2, 2.1",
            ),
            Link(
                _PLUGGED, ">=", _SIMPLE, "m - 1 <= m, 20.4 / 4 = 5.1", "all-points", (_literal, _all_points),
                parts=(Part(lambda p: p.points - 1, lambda p: p.points, "the other terms are equal; divided by -5.1 epsilon_d / (2.2 m n)"),),
                constant="5.1",
            ),
            Link(
                _SIMPLE, ">=", _HALF, "1 / 2.2 > 0.45, 5.1 / 2.2 < 2.32, 2.1 / 2.2 < 0.96", "quotient", (_all_points, printed_least_of),
                parts=_terms(("0.99", "1"), ("5.1", "5.104"), ("2.1", "2.112")), constant="0.45, 2.32, 0.96",
            ),
        ),
        "Broken in both cases: the masses of J_- at k are not alpha, which is that of J_+. In case two the statement itself fails.",
        ONE,
    ),
    Chain(
        "lemma-C.4/2/proof",
        ("lemma-C.4/2",),
        "Lemma C.4, Appendix C",
        (
            Link("sum over J_+ of u_j^2 lambda_i sigma'_ij, and that over J_-,", ">=", _HALF, "part 1 of the lemma", claim="lemma-C.4/1"),
            Link("sum over all j of u_j^2 lambda_i sigma'_ij", ">=", _WHOLE, "the sum of the two"),
        ),
        "Broken: part 1 is false.",
        ONE,
    ),
    Chain(
        "lemma-C.4/3/proof",
        ("lemma-C.4/3",),
        "Lemma C.4, Appendix C",
        (
            Link("lambda_i sum_j u_j^2 sigma'_ij", ">=", _WHOLE, "part 2 of the lemma", claim="lemma-C.4/2"),
            Link("lambda_i", ">=", f"({_WHOLE}) / (1 / n sum_j sigma'_ij)", "u_j^2 = 1 / n; the sum is above 0, as some neuron is active"),
            Link(
                "lambda_i", ">=", _WHOLE,
                "the divisor is at most 1; where the bound is below 0 the step is no division, but lambda_i >= 0 says it",
            ),
        ),
        "lambda_i is at least the mass over all neurons, as the u_j^2 sigma'_ij add up to at most 1.",
        ONE,
    ),
    _ours(
        "lemma-C.4/1/proof/aligned",
        ("lemma-C.4/1/proof/aligned",),
        (
            Link("1", "<=", "y_k N(x_k)", "primal feasibility"),
            Link(
                "y_k N(x_k)", "<=", "sum over j active on x_k with u_j y_k > 0 of |u_j| <w_j, x_k>",
                "neurons active against the label only lower the margin",
            ),
            Link(
                "that sum", "=",
                "|x_k|^2 A_k + sum over the same j of u_j^2 y_k sum over i != k of lambda_i y_i sigma'_ij <x_i, x_k> + |u_j| <v_j, x_k>",
                f"<w_j, x_k> = u_j sum_i lambda_i y_i sigma'_ij <x_i, x_k> + <v_j, x_k>; |u_j| u_j = u_j^2 y_k; {_MASS}",
            ),
            Link("the terms with i != k", "<=", "phi (m - 1) alpha_max", "the neurons have one sign, its mass is at most alpha_max at other points"),
            Link("the terms with v_j", "<=", "epsilon sqrt(1.1)", "Cauchy-Schwarz, sum_j u_j^2 = 1; |x_k|^2 <= 1.1"),
            Link("|x_k|^2 A_k", "<=", "1.1 A_k", "|x_k|^2 <= 1.1"),
        ),
        "1 <= 1.1 A_k + phi (m - 1) alpha_max + epsilon sqrt(1.1).",
    ),
    _ours(
        "lemma-C.4/1/proof/case-one",
        ("lemma-C.4/1/proof/case-one",),
        (
            Link("1", "<=", "1.1 A_k + phi (m - 1) alpha_max + epsilon sqrt(1.1)", _MASS, claim="lemma-C.4/1/proof/aligned"),
            Link("1.1 A_k + phi (m - 1) alpha_max + epsilon sqrt(1.1)", "<=", "twice that", "all terms are at least 0"),
        ),
        "Half of the right side is enough.",
    ),
    _ours(
        "lemma-C.4/1/corrected",
        ("lemma-C.4/1/corrected", "lemma-C.4/1/version/sharper"),
        (
            Link("1", "<=", "1.1 A_k + phi (m - 1) alpha_max + epsilon sqrt(1.1)", _MASS, claim="lemma-C.4/1/proof/aligned"),
            Link(
                "every total mass", "<=", "T = (B + sqrt(B^2 + 4 D delta)) / (2 D), B = 1 + epsilon sqrt(0.9), D = 0.9 - phi (m - 1)", "the root",
                claim="lemma-C.3/2/version/root",
            ),
            Link("alpha_max", "<=", "the largest total mass", "a mass of one sign is a part of a total mass"),
            Link(
                "(1 - phi (m - 1) T - epsilon sqrt(1.1)) / 1.1", ">=", _SHARPER,
                "T <= 3.445; 3.445 / 4.4 < 0.79, sqrt(1.1) / 1.1 < 0.96, 1 / 1.1 > 0.9",
                "sharper", (_aligned, _sharper_least),
                parts=(
                    Part(total_root, lambda p: p.q("3.445"), "T, times phi (m - 1) <= epsilon_d / (4 n)"),
                    Part(lambda p: p.q("1.1") * p.q(_SHARPER_NUMBERS[0]), lambda p: 1, "the terms without epsilon_d and epsilon, times 1.1"),
                    Part(
                        lambda p: p.q("3.445") / 4, lambda p: p.q("1.1") * p.q(_SHARPER_NUMBERS[1]),
                        "the terms with epsilon_d, times 1.1, divided by epsilon_d / n",
                    ),
                    Part(
                        lambda p: root(p.q("1.1")), lambda p: p.q("1.1") * p.q(_SHARPER_NUMBERS[2]),
                        "the terms with epsilon, times 1.1, divided by epsilon",
                    ),
                ),
                constant="0.9, 0.79, 0.96",
            ),
            Link(
                _SHARPER, ">=", _OWN, "0.79 < 2.32", "printed", (_sharper_least, _least), parts=_terms(("0.79", "2.32")), constant="2.32",
            ),
        ),
        "A_k >= (1 - phi (m - 1) alpha_max - epsilon sqrt(1.1)) / 1.1, with alpha_max at most T. (The bounds are compared where both are above 0.)",
        compared=POSITIVE,
        given=_aligned,
        printed=_least,
        lower=True,
    ),
    _ours(
        "lemma-C.4/2",
        ("lemma-C.4/2",),
        (
            Link("A_k", ">=", _OWN, _MASS, claim="lemma-C.4/1/corrected"),
            Link("sum_j u_j^2 lambda_k sigma'_kj", ">=", "A_k", "the other neurons' part is at least 0"),
            Link(
                _OWN, ">=", _WHOLE, "term by term", "printed", (_least, _twice_least),
                parts=_terms(("2.32", "4.64"), ("0.96", "1.92")), constant="0.9, 4.64, 1.92",
            ),
        ),
        "The mass over all neurons is at least its part over those of the label's sign.",
        compared=POSITIVE,
        given=_aligned,
        printed=_twice_least,
        lower=True,
    ),
    _ours(
        "lemma-C.4/3",
        ("lemma-C.4/3",),
        (
            Link("sum_j u_j^2 lambda_k sigma'_kj", ">=", _WHOLE, "part 2", claim="lemma-C.4/2"),
            Link("lambda_k", ">=", "sum_j u_j^2 lambda_k sigma'_kj", "lambda_k >= 0, sigma' <= 1, and the u_j^2 add up to 1"),
        ),
        "A multiplier is at least its point's mass over all neurons.",
        compared=POSITIVE,
        given=_aligned,
        printed=_twice_least,
        lower=True,
    ),
)  # fmt: skip
