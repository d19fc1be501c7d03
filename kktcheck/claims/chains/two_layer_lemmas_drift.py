"""Chains of Lemma C.6: retained margins hardly move."""

from ..chain import Chain, Link
from ..claim import Part
from .two_layer_lemmas import NEAR, PAIRS, PHI, PSI, any_phi, reach_share, total_root, unit


def _ten(p, share):
    """10.2 times a share, and 10.2 / 4 = 2.55."""
    return p.q("10.2") * share + p.q("2.55")


def _any_reach(p):
    """10.2 (c (1 + psi) + (m - 2) c phi + phi) + 10.2 phi in units of epsilon_d / (m n), any phi."""
    share = (1 + p.psi) / 2 + (p.points - 2) * any_phi(p) / 2 + p.free / 4
    return p.q("10.2") * (share + p.free / 4)


def _counted_reach(p):
    """10.2 (0.55 + (m - 2) epsilon_d / (8 m n) + 0.25) + 2.55."""
    return _ten(p, reach_share(p))


def _rounded_reach(p):
    """10.2 (0.55 + epsilon_d / (8 n) + 0.25) + 2.55."""
    return _ten(p, p.q("0.8") + p.epsilon_d / (8 * p.neurons))


_CHANGE = "N(corrected, x_r) - N(x_r)"
_RISE = "<corrected w_j, x_r> - <w_j, x_r>"
_SUMS = f"sum over J_+ of u_j ({_RISE}) - sum over J_- of |u_j| ({_RISE})"
_TERMS = "sum over J_+ of u_j^2 lambda_l sigma'_lj (Delta_{r,j} - y_l <x_l, x_r>) - the same over J_- with +"
_DELTA = "c (1 + psi) + (m - 2) c phi"
_REACH = f"alpha_+ ({_DELTA} + phi) + alpha_- phi"
_COUNTED = "10.2 (1.1 epsilon_d / 2mn + (m - 2) epsilon_d / 2mn epsilon_d / 4mn + epsilon_d / 4mn) + 10.2 epsilon_d / 4mn"
_ROUNDED = "10.2 (1.1 epsilon_d / 2mn + epsilon_d / 2n epsilon_d / 4mn + epsilon_d / 4mn) + 2.55 epsilon_d / mn"
_BRACKET = "epsilon_d / mn (5.61 + 0.125 epsilon_d / n + 0.25 + 2.55)"
_MASS, _ROOT = "2.5 + 5.25 epsilon + 2.4 delta", "T, the root of the quadratic"
_SHARE = "1.1 c + (m - 2) c phi + phi"
_SHARPER_SHARE = "(0.8 + 0.125 epsilon_d / n) epsilon_d / (m n)"


def _ours(statement, proves, links, conclusion, **about):
    return Chain(f"{statement}/derivation", proves, "ours", links, conclusion, **{"box": PAIRS, "author": "ours", **about})


_ONE_SIDED = Link(
    f"|y_r ({_CHANGE})|", "<=", f"(the larger mass of x_l) ({_SHARE})", "signs cancel, they do not add up", claim="lemma-C.6/proof/one-sided",
)  # fmt: skip
_TOTAL = Link("the total mass of x_l, of which either mass is a part,", "<=", _ROOT, "Lemma C.3, the root", claim="lemma-C.3/2/version/root")
_REACH_UNITS = Link(
    _SHARE, "<=", _SHARPER_SHARE, "c = 0.5, phi = 0.25 in units of epsilon_d / (m n), (m - 2) c phi <= 0.125 epsilon_d / n", "reach",
    (lambda p: unit(p) * reach_share(p), lambda p: unit(p) * (p.q("0.8") + p.q("0.125") * p.epsilon_d / p.neurons)),
    parts=(
        Part(lambda p: p.points - 2, lambda p: p.points, "0.8 taken off, divided by epsilon_d^2 / (8 m^2 n^2)"),
    ),
    constant="0.8, 0.125",
)  # fmt: skip

CHAINS = (
    Chain(
        "lemma-C.6/proof",
        ("lemma-C.6",),
        "Lemma C.6, Appendix C",
        (
            Link(_CHANGE, "=", "sum_j u_j (sigma(<corrected w_j, x_r>) - sigma(<w_j, x_r>))", "definition; times y_r on both sides"),
            Link("sign(<corrected w_j, x_r>)", "=", "sign(<w_j, x_r>)", "Lemma C.5", claim="lemma-C.5"),
            Link(
                _CHANGE, "=", f"{_SUMS}, J_+ and J_- with <w_j, x_r> > 0", "neurons with <w_j, x_r> = 0 are lost",
                claim="lemma-C.6/proof/strict-sets",
            ),
            Link("0", "<=", f"{_RISE} on J_+ and J_-", "the pre-activation moves away from 0", claim="lemma-C.5/proof/push"),
            Link(
                _RISE, "=", "|u_j| lambda_l sigma'_lj Delta_{r,j} - u_j lambda_l y_l sigma'_lj <x_l, x_r>",
                "both networks put in (v_j stands there for <v_j, x_r>, and cancels)", claim="lemma-C.5/proof/difference/corrected",
            ),
            Link(_SUMS, "=", _TERMS, "u_j |u_j| = u_j^2 on J_+, -u_j^2 on J_-"),
            Link(
                _TERMS, "=", "alpha_+ (Delta_{r,j} - y_l <x_l, x_r>) - alpha_- (Delta_{r,j} + y_l <x_l, x_r>)",
                "Delta_{r,j} taken out of the sums over j, though it depends on j",
                claim="lemma-C.6/proof/same-delta",
            ),
            Link(
                "(m - 2) phi", "<=", "1 - psi", "so that Delta_{r,j} >= 0 on J_+ and J_- by Lemma C.1", "positive",
                (lambda p: (p.points - 2) * any_phi(p), lambda p: 1 - p.psi), box=PAIRS,
            ),
            Link(_CHANGE, "<=", "alpha_+ Delta_{r,j} + alpha_+ phi + alpha_- phi", "alpha_- Delta_{r,j} >= 0 left out, |<x_l, x_r>| <= phi"),
            Link("Delta_{r,j}", "<=", _DELTA, "Lemma C.1, c > 0", claim="lemma-C.1/corrected"),
            Link("alpha_+ and alpha_-", "<=", _MASS, "Lemma C.3; parts of the masses of x_l", claim="lemma-C.3/1"),
            Link(_MASS, "<=", "10.2", "the same", claim="lemma-C.3/1/version/number", constant="10.2"),
            Link(
                _REACH, "<=", _COUNTED, "psi <= 0.1, phi <= epsilon_d / 4mn, c = epsilon_d / 2mn; in units of epsilon_d / mn", "plugged",
                (_any_reach, _counted_reach), parts=(PSI, PHI), constant="10.2",
            ),
            Link(
                _COUNTED, "<=", _ROUNDED, "m - 2 <= m; in units of epsilon_d / mn", "rounded", (_counted_reach, _rounded_reach),
                parts=(
                    Part(lambda p: p.points - 2, lambda p: p.points, "0.8 taken off, divided by epsilon_d / 8mn"),
                ),
                constant="2.55",
            ),
            Link(
                _ROUNDED, "<=", _BRACKET, "10.2 multiplies one term of three", claim="lemma-C.6/proof/arithmetic", constant="5.61, 0.125, 0.25, 2.55",
            ),
            Link(
                _BRACKET, "<=", "9 epsilon_d / mn", "in units of epsilon_d / mn", "number",
                (lambda p: p.q("8.41") + p.q("0.125") * p.epsilon_d / p.neurons, lambda p: p.q("9")), constant="9",
            ),
            Link(_CHANGE, ">=", "-alpha_- Delta_{r,j} - alpha_+ phi - alpha_- phi", "alpha_+ Delta_{r,j} >= 0 left out; then the same numbers"),
        ),
        "Broken three times: neurons at 0 are lost, Delta_{r,j} depends on j, and the last sum forgets a factor; with it, it ends at 12, not 9.",
        NEAR,
    ),
    _ours(
        "lemma-C.6/proof/strict-sets/corrected",
        ("lemma-C.6/proof/strict-sets/corrected",),
        (
            Link("sign(<corrected w_j, x_r>)", "=", "sign(<w_j, x_r>)", "sign(0) = 1: the same neurons are active", claim="lemma-C.5"),
            Link("sigma(<w_j, x_r>)", "=", "<w_j, x_r> where active, 0 where not", "and likewise for the corrected network"),
        ),
        "Inactive neurons give 0 before and after, active ones u_j times the change of their pre-activation.",
    ),
    _ours(
        "lemma-C.6/proof/one-sided",
        ("lemma-C.6/proof/one-sided",),
        (
            Link(
                f"y_r ({_CHANGE})", "=", f"sum over j active on x_r of y_r u_j ({_RISE})", "neurons at 0 included",
                claim="lemma-C.6/proof/strict-sets/corrected",
            ),
            Link("0", "<=", f"{_RISE}, j active on x_r", "it moves away from 0", claim="lemma-C.5/proof/push"),
            Link("Delta_{r,j}, j active on x_r", "<=", "1.1 c + (m - 2) c phi", "for every j", claim="lemma-C.1/corrected"),
            Link(
                f"{_RISE}, j active on x_r", "<=", f"|u_j| lambda_l sigma'_lj ({_SHARE})",
                "it is |u_j| lambda_l sigma'_lj Delta_{r,j} - u_j lambda_l y_l sigma'_lj <x_l, x_r>, and |<x_l, x_r>| <= phi",
            ),
            Link(
                "the terms with y_r u_j > 0, in sum,", "<=", f"(mass of x_l over the neurons of that sign) ({_SHARE})",
                "|u_j| |u_j| lambda_l sigma'_lj over those of them that are active on x_r: a part of the mass; all terms are at least 0",
            ),
            Link("minus the terms with y_r u_j < 0, in sum,", "<=", f"(mass of x_l over the neurons of that sign) ({_SHARE})", "the same"),
        ),
        "The change is a sum of two numbers of opposite sign, each at most one mass times the same number in size; so is then their sum.",
    ),
    _ours(
        "lemma-C.6",
        ("lemma-C.6",),
        (
            _ONE_SIDED,
            Link("the larger mass of x_l", "<=", _MASS, "Lemma C.3", claim="lemma-C.3/1"),
            Link(
                f"({_MASS}) ({_SHARE})", "<=", "9 epsilon_d / (m n)", "epsilon, delta, epsilon_d <= 0.4", claim="lemma-C.6/proof/constant",
                constant="9",
            ),
        ),
        "With printed constants alone; the root in place of the mass gives what the table compares.",
        box=NEAR,
        given=lambda p: total_root(p) * reach_share(p),
        printed=lambda p: p.q("9"),
        value="9",
    ),
    _ours(
        "lemma-C.6/version/sharper",
        ("lemma-C.6/version/sharper",),
        (
            _ONE_SIDED,
            Link("the larger mass of x_l", "<=", "1.54 + 1.46 epsilon + delta", "Lemma C.3, sharper", claim="lemma-C.3/1/version/sharper"),
            _REACH_UNITS,
        ),
        "The product of both bounds.",
    ),
    _ours(
        "lemma-C.6/version/full-range",
        ("lemma-C.6/version/full-range", "lemma-C.6/version/constant"),
        (
            _ONE_SIDED,
            _TOTAL,
            _REACH_UNITS,
            Link(
                "T (0.8 + 0.125 epsilon_d / n)", "<=", "3.19", "3.445 times 0.925; in units of epsilon_d / (m n)", "product",
                (lambda p: total_root(p) * (p.q("0.8") + p.q("0.125") * p.epsilon_d / p.neurons), lambda p: p.q("3.19")), constant="3.19",
            ),
            Link("3.19", "<=", "9", "numbers", "number", (lambda p: p.q("3.19"), lambda p: p.q("9")), constant="9"),
        ),
        "The product of both bounds, over the whole range epsilon, delta, epsilon_d <= 1.",
        given=lambda p: total_root(p) * reach_share(p),
        printed=lambda p: p.q("9"),
        value="9",
    ),
)  # fmt: skip
