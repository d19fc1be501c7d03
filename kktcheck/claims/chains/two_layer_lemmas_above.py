"""Chains of Lemma C.3 as printed: masses and multipliers from above; and its proof repaired, in the second case by the neurons against the label."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from ..two_layer.lemma_proofs import quadratic_root
from ..two_layer.parts import printed_mass
from .two_layer_lemmas import ONE, PHI, PSI, any_phi, cross


def _spread(p):
    """1 - psi - 2 phi (m - 1) for any phi."""
    return 1 - p.psi - 2 * any_phi(p) * (p.points - 1)


def _linear(p):
    """1 + 2 epsilon sqrt(1 + psi)."""
    return 1 + 2 * p.epsilon * root(1 + p.psi)


def _any_root(p):
    """The larger root of alpha^2 D - alpha B - delta for any phi."""
    return (_linear(p) + root(_linear(p) ** 2 + 4 * p.delta * _spread(p))) / (2 * _spread(p))


def _rounded(p):
    """1 + 2.1 epsilon."""
    return 1 + p.q("2.1") * p.epsilon


def _rounded_root(p):
    return (_rounded(p) + root(_rounded(p) ** 2 + p.q("3.6") * p.delta)) / (2 * (p.q("0.9") - 2 * cross(p)))


def _split_root(p):
    return (2 * _rounded(p) + p.q("1.9") * p.delta) / (2 * (p.q("0.9") - p.epsilon_d / 2))


def _last(p):
    return (2 + p.q("4.2") * p.epsilon + p.q("1.9") * p.delta) / p.q("0.8")


_OUTPUT = "y_k N(x_k)"
_PLUS, _MINUS = "sum over J_+ of u_j <w_j, x_k>", "sum over J_- of u_j <w_j, x_k>"
_PLUS_RELU, _MINUS_RELU = "sum over J_+ of u_j sigma(<w_j, x_k>)", "sum over J_- of u_j sigma(<w_j, x_k>)"
_D = "(1 - psi) - 2 phi (m - 1)"
_ROOT = "(1 + 2 epsilon sqrt(1 + psi) + sqrt((1 + 2 epsilon sqrt(1 + psi))^2 + 4 delta D)) / (2 D), D = " + _D
_ROUNDED = "(1 + 2.1 epsilon + sqrt((1 + 2.1 epsilon)^2 + 4 delta 0.9)) / (2 (0.9 - 2 epsilon_d / (4 m n) (m - 1)))"
_SPLIT = "(1 + 2.1 epsilon + (1 + 2.1 epsilon) + 1.9 delta) / (2 (0.9 - 2 epsilon_d / 4))"
_LAST, _PRINTED = "(2 + 4.2 epsilon + 1.9 delta) / 0.8", "2.5 + 5.25 epsilon + 2.4 delta"
_TWICE = "5 + 10.5 epsilon + 4.8 delta"

CHAINS = (
    Chain(
        "lemma-C.3/1/proof",
        ("lemma-C.3/1",),
        "Lemma C.3, Appendix C",
        (
            Link(
                "<w_j, x_k>", "=", "u_j lambda_k y_k sigma'_kj |x_k|^2 + u_j sum over i != k of lambda_i y_i sigma'_ij <x_i, x_k> + <v_j, x_k>",
                "v_j = w_j - u_j sum_i lambda_i y_i sigma'_ij x_i by definition",
            ),
            Link("alpha", "<=", "lambda_k", "alpha, the largest mass of one sign, reached at k: at most n neurons with u_j^2 = 1 / n, sigma' <= 1"),
            Link(_OUTPUT, "<=", "1 + delta / lambda_k <= 1 + delta / alpha", "slackness lambda_k (y_k N(x_k) - 1) <= delta, and alpha <= lambda_k"),
            Link("case one, y_k = 1: N(x_k)", ">=", _PLUS + " + " + _MINUS_RELU, "y <= sigma(y), and u_j > 0 on J_+"),
            Link(
                _PLUS, ">=", "(1 - psi) alpha - phi (m - 1) alpha - sum over J_+ of u_j |<v_j, x_k>|",
                "the first equation; |x_k|^2 >= 1 - psi, |<x_i, x_k>| <= phi, and the mass of J_+ is at most alpha at each of the m - 1 other points",
            ),
            Link(
                "sum over J_+ of u_j |<v_j, x_k>|", "<=", "epsilon sqrt(1 + psi)",
                "u_j = 1 / sqrt(n); the sum of at most n norms |v_j| is at most sqrt(n) times |v|, |v| <= epsilon (printed as an equality)",
            ),
            Link(
                _MINUS_RELU, ">=", "-phi (m - 1) alpha - epsilon sqrt(1 + psi)",
                "the point's own term is negative inside sigma and may be left out, as u_j < 0; sigma grows, sigma(z) = z for z >= 0; the mass of "
                "J_- is at most alpha",
            ),
            Link(
                "(1 - psi) alpha - phi (m - 1) alpha - phi (m - 1) alpha", "<=", "alpha ((1 - psi) - 2 phi (m - 1)) - 2 epsilon sqrt(1 + psi)",
                "printed as an equality in the sum of both bounds: the errors, lost in one line, are back in the next. Terms with alpha taken off",
                "lost-error", (lambda p: p.q("0"), lambda p: -2 * p.epsilon * root(1 + p.psi)), corrected_by="lemma-C.3/1/proof/case-one",
            ),
            Link(
                f"alpha^2 ({_D})", "<=", "alpha (1 + 2 epsilon sqrt(1 + psi)) + delta", "both bounds and slackness, times alpha",
                claim="lemma-C.3/1/proof/case-one",
            ),
            Link(
                _D, ">=", "0.9 - 2 epsilon_d / (4 m n) (m - 1)", "psi <= 0.1, phi <= epsilon_d / (4 m n)", "spread",
                (_spread, lambda p: p.q("0.9") - 2 * cross(p)), parts=(PSI, PHI),
            ),
            Link(
                "0.9 - 2 epsilon_d / (4 m n) (m - 1)", ">=", "0.9 - epsilon_d / (2 n)", "m - 1 <= m", "all-points",
                (lambda p: p.q("0.9") - 2 * cross(p), lambda p: p.q("0.9") - p.epsilon_d / (2 * p.neurons)),
                parts=(Part(lambda p: p.points - 1, lambda p: p.points, "0.9 taken off, divided by -epsilon_d / (2 m n)"),),
            ),
            Link(
                "0.9 - epsilon_d / (2 n)", ">=", "0.4", "above 0, that is; epsilon_d <= 1, n >= 1", "positive",
                (lambda p: p.q("0.9") - p.epsilon_d / (2 * p.neurons), lambda p: p.q("0.4")),
            ),
            Link("alpha", "<=", _ROOT, "the larger root of a quadratic with D > 0"),
            Link(
                "case two, y_k = -1: -1 - delta / alpha", "<=", "N(x_k) <= " + _PLUS_RELU + " + " + _MINUS,
                "slackness; the first relation is printed as an equality, which it need not be; sigma(y) >= y, and u_j < 0 on J_-",
            ),
            Link(
                _PLUS_RELU, "<=", "phi (m - 1) alpha + epsilon sqrt(1 + psi)",
                "the point's own term is negative inside sigma and may be left out; sigma grows; then as in case one",
            ),
            Link(
                _MINUS, "<=", "-(1 - psi) sum over J_- of u_j^2 lambda_k sigma'_kj + phi (m - 1) alpha + epsilon sqrt(1 + psi)",
                "the first equation with y_k = -1, as in case one (in the last sum of the display J_+ stands for J_-)",
            ),
            Link(
                "sum over J_- of u_j^2 lambda_k sigma'_kj", ">=", "alpha", "alpha is the mass of J_+ at k, not that of J_-",
                claim="lemma-C.3/1/proof/case-two-mass",
            ),
            Link("alpha", "<=", _ROOT, "in case two, if the step before were true: as in case one"),
            Link(
                _ROOT, "<=", _ROUNDED, "B / (2 D) + sqrt(B^2 / (4 D^2) + delta / D), B = 1 + 2 epsilon sqrt(1 + psi), grows in B and falls in D; at "
                "the least D the D under the root may be raised to 0.9", "plugged", (_any_root, _rounded_root),
                parts=(
                    PSI, PHI,
                    Part(lambda p: 4 * (1 + p.psi), lambda p: p.q("4.41"), "2 sqrt(1 + psi) <= 2.1, squared"),
                    Part(lambda p: 1, lambda p: p.points, "the least D is at most 0.9, as m - 1 >= 0"),
                ),
                constant="2.1",
            ),
            Link(
                _ROUNDED, "<=", _SPLIT, "the root split, 4 times 0.9 = 3.6 and 1.9^2 = 3.61; m - 1 <= m n", "split", (_rounded_root, _split_root),
                parts=(
                    Part(
                        lambda p: p.q("3.6"), lambda p: p.q("3.8") * _rounded(p) + p.q("3.61") * p.delta,
                        "sqrt(a^2 + 3.6 delta) <= a + 1.9 delta, squared, a^2 taken off, divided by delta",
                    ),
                    Part(lambda p: p.points - 1, lambda p: p.points * p.neurons, "the denominators, 1.8 taken off, divided by -epsilon_d / (m n)"),
                ),
                constant="1.9",
            ),
            Link(
                _SPLIT, "<=", _LAST, "epsilon_d <= 1", "denominator", (_split_root, _last),
                parts=(Part(lambda p: p.q("0.8"), lambda p: p.q("1.8") - p.epsilon_d, "the denominators; the numerators are equal"),),
                constant="0.8",
            ),
            Link(_LAST, "<=", _PRINTED, "divided through", "quotient", (_last, printed_mass), constant="2.5, 5.25, 2.4"),
            Link(_PRINTED, "<=", "10.2", "at epsilon = delta = 1", claim="lemma-C.3/1/version/number", constant="10.2"),
        ),
        "Broken in case two: the mass in the bound is that of J_-, and alpha that of J_+. (A display of case one also loses the errors for a line.)",
        ONE,
    ),
    Chain(
        "lemma-C.3/2/proof",
        ("lemma-C.3/2",),
        "Lemma C.3, Appendix C",
        (
            Link("sum over J_+ of u_j^2 lambda_i sigma'_ij, and that over J_-,", "<=", _PRINTED, "part 1 of the lemma", claim="lemma-C.3/1"),
            Link("sum over all j of u_j^2 lambda_i sigma'_ij", "<=", _TWICE, "the sum of the two"),
            Link(_TWICE, "<=", "20.4", "at epsilon = delta = 1", claim="lemma-C.3/2/version/number", constant="20.4"),
        ),
        "The sum of the two masses, each at most the bound of part 1.",
        ONE,
    ),
    Chain(
        "lemma-C.3/3/proof",
        ("lemma-C.3/3",),
        "Lemma C.3, Appendix C",
        (
            Link("lambda_i sum_j u_j^2 sigma'_ij", "<=", _TWICE, "part 2 of the lemma", claim="lemma-C.3/2"),
            Link("sum_j u_j^2 sigma'_ij", ">=", "1 / n", "used and not said: some neuron is active", claim="lemma-C.3/3/proof/one-active"),
            Link("lambda_i", "<=", f"n ({_TWICE})", "divided"),
            Link(f"n ({_TWICE})", "<=", "20.4 n", "at epsilon = delta = 1", claim="lemma-C.3/3/version/number", constant="20.4"),
        ),
        "Part 2 divided by a share that is at least 1 / n.",
        ONE,
    ),
    Chain(
        "lemma-C.3/1/derivation",
        ("lemma-C.3/1",),
        "ours",
        (
            Link(
                f"case one, the largest mass alpha at a point of its own label: alpha^2 ({_D})", "<=", "alpha (1 + 2 epsilon sqrt(1 + psi)) + delta",
                "as printed", claim="lemma-C.3/1/proof/case-one",
            ),
            Link(
                _D, ">=", "0.4", "psi = 0.1, phi = epsilon_d / (4 m n), n >= 1", "spread",
                (lambda p: p.q("0.9") - 2 * cross(p), lambda p: p.q("0.4")),
            ),
            Link("alpha", "<=", _ROOT, "the larger root of a quadratic with D > 0"),
            Link(_ROOT, "<=", _PRINTED, "as printed", claim="lemma-C.3/1/proof/constant", constant="2.5, 5.25, 2.4"),
            Link(
                "case two, at a point of the other label: (0.9 - phi (m - 1)) alpha", "<=", "epsilon sqrt(1.1)",
                "alpha is then the mass of the neurons active against the label: what the other points and the error hold there",
                claim="lemma-C.3/1/proof/opposing",
            ),
            Link(
                "epsilon sqrt(1.1) / (0.9 - phi (m - 1))", "<=", "1.62 epsilon", "phi (m - 1) <= 1/4", claim="lemma-C.3/1/proof/opposing-constant",
                constant="1.62",
            ),
            Link(
                "1.62 epsilon", "<=", _PRINTED, "numbers", "case-two", (lambda p: p.q("1.62") * p.epsilon, printed_mass), constant="1.62",
            ),
        ),
        "The largest mass of either sign is reached at a point of its own label or of the other one; in both cases it is at most the bound.",
        ONE,
        author="ours",
        given=quadratic_root,
        printed=printed_mass,
    ),
)  # fmt: skip
