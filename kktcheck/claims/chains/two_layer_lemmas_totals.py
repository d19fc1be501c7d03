"""Chains of ours for Lemma C.3: the masses by way of Euler's identity, all neurons at once; and the steps that the printed cases lean on."""

from ...instances import root
from ..chain import Box, Chain, Link
from ..two_layer.parts import printed_mass, sharper_mass
from .two_layer_lemmas import ONE, cross, curvature, total_root

TWO_NEURONS = Box("1", "1", "1", neurons=2)

_OUTPUT = "y_k N(x_k)"
_ROOT = "(B + sqrt(B^2 + 4 D delta)) / (2 D), B = 1 + epsilon sqrt(0.9), D = 0.9 - phi (m - 1)"
_SHARPER, _PRINTED = "1.54 + 1.46 epsilon + delta", "2.5 + 5.25 epsilon + 2.4 delta"
_ONTO = "u_j sum_i lambda_i y_i sigma'_ij <x_i, x_k> + <v_j, x_k>"

_ROOT_LINK = Link("T = max_i T_i", "<=", _ROOT, "the largest total mass", claim="lemma-C.3/2/version/root")
_SHARPER_LINK = Link("every total mass", "<=", _SHARPER, "the root, rounded", claim="lemma-C.3/2/version/sharper", constant="1.54, 1.46, 1")


def _ours(statement, proves, links, conclusion, **about):
    return Chain(f"{statement}/derivation", proves, "ours", links, conclusion, ONE, author="ours", **about)


CHAINS = (
    _ours(
        "lemma-C.3/2/proof/euler",
        ("lemma-C.3/2/proof/euler",),
        (
            Link(
                _OUTPUT, "=", "sum over neurons active on x_k of y_k u_j <w_j, x_k>", "sigma(z) = z where active, 0 where not",
            ),
            Link(
                "that sum", "=", "|x_k|^2 T_k + sum over i != k of lambda_i y_i y_k <x_i, x_k> F_ik + sum over active j of y_k u_j <v_j, x_k>",
                f"<w_j, x_k> = {_ONTO} by definition of v; y_k^2 = 1, T_k = sum_j u_j^2 lambda_k sigma'_kj, F_ik = sum_j u_j^2 sigma'_ij sigma'_kj",
            ),
            Link(
                "|sum over i != k of lambda_i y_i y_k <x_i, x_k> F_ik|", "<=", "phi (m - 1) max_i T_i",
                "m - 1 terms; |<x_i, x_k>| <= phi and lambda_i F_ik <= T_i, as sigma'_kj <= 1",
            ),
            Link(
                "|sum over active j of y_k u_j <v_j, x_k>|", "<=", "epsilon |x_k|",
                "Cauchy-Schwarz twice: at most |x_k| sum_j |u_j| |v_j| <= |x_k| sqrt(sum_j u_j^2) sqrt(sum_j |v_j|^2) <= |x_k| epsilon",
            ),
        ),
        "The margin less |x_k|^2 T_k is the sum of the two terms that are bounded.",
    ),
    _ours(
        "lemma-C.3/2/proof/quadratic",
        ("lemma-C.3/2/proof/quadratic",),
        (
            Link(
                "q T - epsilon sqrt(q), q = |x_k|^2, T the largest total mass, reached at k", "<=", f"{_OUTPUT} + phi (m - 1) T",
                "Euler's identity", claim="lemma-C.3/2/proof/euler",
            ),
            Link(
                _OUTPUT, "<=", "1 + delta / T, where T > 0",
                "slackness lambda_k (y_k N(x_k) - 1) <= delta, delta >= 0, and T <= lambda_k as the u_j^2 add up to 1",
            ),
            Link(
                "epsilon", "<=", "sqrt(q) + sqrt(0.9)", "q >= 0.9: twice sqrt(0.9) is more than 1", "growth",
                (lambda p: p.epsilon, lambda p: root(p.q("0.9") + p.free / 5) + root(p.q("0.9"))),
            ),
            Link(
                "0.9 T - epsilon sqrt(0.9), where T >= 1", "<=", "q T - epsilon sqrt(q)",
                "the difference is (sqrt(q) - sqrt(0.9)) (T (sqrt(q) + sqrt(0.9)) - epsilon), two factors that are at least 0",
            ),
            Link("0.9 T^2, where T < 1", "<=", "T", "T^2 <= T; the quadratic inequality then holds with nothing else"),
        ),
        "For T >= 1: 0.9 T - epsilon sqrt(0.9) <= 1 + delta / T + phi (m - 1) T, times T. For T < 1 by the last link, as the other terms are at "
        "least 0 on the right and at most 0 on the left.",
    ),
    _ours(
        "lemma-C.3/2/version/root",
        ("lemma-C.3/2/version/root",),
        (
            Link("T^2 D", "<=", "T B + delta", "B = 1 + epsilon sqrt(0.9), D = 0.9 - phi (m - 1)", claim="lemma-C.3/2/proof/quadratic"),
            Link("D", ">=", "0.65", "phi (m - 1) = epsilon_d (m - 1) / (4 m n) <= 1/4", "curvature", (curvature, lambda p: p.q("0.65"))),
            Link("T", "<=", _ROOT, "the larger root of a quadratic with D > 0"),
            Link(_ROOT, "<=", "3.445", "it grows in epsilon, delta and epsilon_d", "number", (total_root, lambda p: p.q("3.445")), constant="3.445"),
        ),
        "Every total mass is at most the largest one, T.",
    ),
    _ours(
        "lemma-C.3/2",
        ("lemma-C.3/2", "lemma-C.3/2/version/sharper"),
        (
            _ROOT_LINK,
            Link(
                _ROOT, "<=", _SHARPER, "sqrt(B^2 + 4 D delta) <= B + 2 D delta / B gives B / D + delta / B; D >= 0.65 and B >= 1", "sharper",
                (total_root, sharper_mass), constant="1.54, 1.46, 1",
            ),
            Link(
                _SHARPER, "<=", "5 + 10.5 epsilon + 4.8 delta", "term by term", "printed", (sharper_mass, lambda p: 2 * printed_mass(p)),
                constant="5, 10.5, 4.8",
            ),
        ),
        "The total mass is at most the root, and the root at most both linear bounds.",
        given=total_root,
        printed=lambda p: 2 * printed_mass(p),
    ),
    _ours(
        "lemma-C.3/1/version/sharper",
        ("lemma-C.3/1/version/sharper", "lemma-C.3/1"),
        (
            Link("the mass of one sign", "<=", "the total mass", "the other sign's part is at least 0"),
            _SHARPER_LINK,
            Link(_SHARPER, "<=", _PRINTED, "term by term", "printed", (sharper_mass, printed_mass), constant="2.5, 5.25, 2.4"),
        ),
        "Both masses are parts of the total mass.",
        given=total_root,
        printed=printed_mass,
        attained_by="lemma-C.3/1",
    ),
    _ours(
        "lemma-C.3/3",
        ("lemma-C.3/3", "lemma-C.3/3/version/sharper"),
        (
            Link("sum_j u_j^2 sigma'_ij", ">=", "1 / n", "some neuron is active", claim="lemma-C.3/3/proof/one-active"),
            Link("lambda_i / n", "<=", "lambda_i sum_j u_j^2 sigma'_ij, the total mass", "times lambda_i >= 0"),
            _SHARPER_LINK,
            Link(
                f"n ({_SHARPER})", "<=", "n (5 + 10.5 epsilon + 4.8 delta)", "term by term; divided by n", "printed",
                (sharper_mass, lambda p: 2 * printed_mass(p)), constant="5, 10.5, 4.8",
            ),
        ),
        "n times the total mass.",
        given=total_root,
        printed=lambda p: 2 * printed_mass(p),
    ),
    _ours(
        "lemma-C.3/3/proof/one-active",
        ("lemma-C.3/3/proof/one-active",),
        (Link("the number of neurons active on x_i", ">=", "1", "the margin is at least 1, and a sum over active neurons: it is not empty"),),
        "An integer above 0; each of these neurons has u_j^2 = 1 / n.",
    ),
    _ours(
        "lemma-C.3/1/proof/case-one",
        ("lemma-C.3/1/proof/case-one",),
        (
            Link("alpha", "<=", "lambda_k", "alpha, the largest mass of one sign s, at k with y_k = s: at most n neurons with u_j^2 = 1 / n"),
            Link(_OUTPUT, "<=", "1 + delta / alpha", "slackness, where alpha > 0; for alpha = 0 nothing is to be shown"),
            Link(
                "sum over active j of sign s of |u_j| <w_j, x_k>", ">=", "0.9 alpha - phi (m - 1) alpha - error of these neurons",
                f"|u_j| = u_j y_k and <w_j, x_k> = {_ONTO}; |x_k|^2 >= 0.9; at every other point the mass of s is at most alpha",
            ),
            Link(
                "sum over active j of the other sign of |u_j| <w_j, x_k>", "<=", "phi (m - 1) alpha + error of these neurons",
                "|u_j| = -u_j y_k, so the point's own term is at most 0; at every other point the mass of -s is at most alpha, the larger maximum",
            ),
            Link(
                "error of all active neurons, sum of |u_j| |<v_j, x_k>|", "<=", "epsilon sqrt(1.1)",
                "Cauchy-Schwarz; |x_k|^2 <= 1.1; half of what is needed",
            ),
        ),
        "The margin is the first sum less the second: alpha (0.9 - 2 phi (m - 1)) - epsilon sqrt(1.1) <= 1 + delta / alpha, times alpha.",
    ),
    _ours(
        "lemma-C.3/1/proof/opposing",
        ("lemma-C.3/1/proof/opposing",),
        (
            Link(
                "0", "<=", "sum over j active on x_k with u_j y_k < 0 of |u_j| <w_j, x_k>", "active neurons have pre-activations of at least 0",
            ),
            Link(
                "that sum", "=",
                "-|x_k|^2 b + sum over the same j of |u_j| u_j sum over i != k of lambda_i y_i sigma'_ij <x_i, x_k> + |u_j| <v_j, x_k>",
                f"<w_j, x_k> = {_ONTO}, |u_j| u_j y_k = -u_j^2; b is the mass of the neurons against the label",
            ),
            Link(
                "the terms with i != k", "<=", "phi (m - 1) alpha",
                "the neurons have one sign; at each of the m - 1 other points its mass is at most alpha, the largest of both signs",
            ),
            Link("the terms with v_j", "<=", "epsilon sqrt(1.1)", "Cauchy-Schwarz; |x_k|^2 <= 1.1"),
            Link("0.9 b", "<=", "|x_k|^2 b", "|x_k|^2 >= 0.9"),
        ),
        "0.9 b <= phi (m - 1) alpha + epsilon sqrt(1.1).",
    ),
    _ours(
        "lemma-C.3/1/proof/case-two",
        ("lemma-C.3/1/proof/case-two",),
        (
            Link(
                "0.9 b, b the mass of the neurons active against the label", "<=", "phi (m - 1) alpha + e, where b > 0",
                "as lemma-C.3/1/proof/opposing, e the error of these neurons alone, sum of |u_j| |<v_j, x_k>|",
            ),
            Link(
                "sum over active j with u_j y_k > 0 of |u_j| <w_j, x_k>", ">=", "1",
                "the margin is at least 1, and the other active neurons only lower it",
            ),
            Link(
                "sum over inactive j with u_j y_k > 0 of |u_j| <w_j, x_k>", ">=", "-phi (m - 1) alpha - e'",
                "sigma'_kj = 0, so the point's own term is missing; others at most phi (m - 1) alpha, e' the error of these neurons alone",
            ),
            Link("e + e'", "<=", "epsilon sqrt(1.1)", "Cauchy-Schwarz over both kinds of neurons together; |x_k|^2 <= 1.1"),
            Link("alpha", "<=", _PRINTED, "Lemma C.3", claim="lemma-C.3/1/version/sharper"),
            Link(
                "phi (m - 1) alpha", "<=", "1", "phi (m - 1) <= 1 / (4 n), n >= 2 where a neuron is active for the label and one against it", "cross",
                (lambda p: cross(p) * sharper_mass(p), lambda p: 1), box=TWO_NEURONS,
            ),
        ),
        "With b = 0 the left side is 0, and the right one at least 1 - phi (m - 1) alpha - e' + phi (m - 1) alpha + epsilon sqrt(1.1) > 0. Else "
        "n >= 2, and the right side is at least 1 - e' + epsilon sqrt(1.1) >= 1 + e >= phi (m - 1) alpha + e >= 0.9 b.",
    ),
)  # fmt: skip
