"""Chains of Lemma C.5: activations on retained points stay."""

from ..chain import Chain, Link
from ..claim import Part
from .two_layer_lemmas import PAIRS, PHI, PSI, any_phi, factor, phi, unit


def _needed(p):
    """phi - c (1 - psi) + (m - 2) c phi for any phi."""
    return any_phi(p) - factor(p) * (1 - p.psi) + (p.points - 2) * factor(p) * any_phi(p)


def _plugged_share(p):
    """1/2 - 0.9 + (m - 2) epsilon_d / (4 m n)."""
    return p.q("0.5") - p.q("0.9") + (p.points - 2) * phi(p)


def _plugged(p):
    return factor(p) * _plugged_share(p)


def _final_share(p):
    """0.25 - 0.45 + 0.125 epsilon_d."""
    return p.q("0.25") - p.q("0.45") + p.q("0.125") * p.epsilon_d


_PUSH = "u_j y_l <x_l, x_r> - |u_j| Delta_{r,j}"
_NEEDED, _ENOUGH = "phi - c (1 - psi) + (m - 2) c phi", "-phi + c (1 - psi) - (m - 2) c phi"
_PLUGGED = "epsilon_d / (4 m n) - epsilon_d / (2 m n) 0.9 + (m - 2) epsilon_d / (2 m n) epsilon_d / (4 m n)"
_FINAL = "(0.25 epsilon_d - 0.45 epsilon_d + 0.125 epsilon_d^2) / (m n)"


def _ours(statement, proves, links, conclusion, **about):
    return Chain(f"{statement}/derivation", proves, "ours", links, conclusion, **{"box": PAIRS, "author": "ours", **about})


CHAINS = (
    Chain(
        "lemma-C.5/proof",
        ("lemma-C.5",),
        "Lemma C.5, Appendix C",
        (
            Link(
                "<w_j, x_r>", "=",
                "u_j sum over i != l of lambda_i y_i sigma'_ij <x_i, x_r> + u_j lambda_l y_l sigma'_lj <x_l, x_r> + <v_j, x_r>",
                "definition of v (the line before leaves <v_j, x_r> out)",
            ),
            Link(
                "<corrected w_j, x_r>", "=",
                "u_j sum over i != l of lambda_i y_i sigma'_ij <x_i, x_r> + |u_j| lambda_l sigma'_lj Delta_{r,j} + <v_j, x_r>",
                "definition of the step and of the correction",
            ),
            Link(
                "<w_j, x_r> - <corrected w_j, x_r>", "=", "lambda_l sigma'_lj (u_j <x_l, x_r> - |u_j| Delta_{r,j})", "y_l is lost",
                claim="lemma-C.5/proof/difference",
            ),
            Link(
                f"{_PUSH} <= 0 where <w_j, x_r> >= 0, and >= 0 where it is below 0", "=>", "the signs are equal",
                "where lambda_l sigma'_lj = 0 nothing moves; else the pre-activation moves away from 0, and sign(0) = 1",
            ),
            Link(
                "case one, <w_j, x_r> >= 0: Delta_{r,j}", ">=", "c (1 - psi) - (m - 2) c phi", "Lemma C.1, c > 0", claim="lemma-C.1/corrected",
            ),
            Link(_PUSH, "<=", f"|u_j| ({_NEEDED})", "|<x_l, x_r>| <= phi"),
            Link(
                _NEEDED, "<=", _PLUGGED, "it grows in psi and, as m >= 2, in phi; c = epsilon_d / (2 m n)", "plugged", (_needed, _plugged),
                parts=(PSI, PHI),
            ),
            Link(
                _PLUGGED, "<=", _FINAL, "m - 2 <= m, n >= 1", "rounded", (_plugged, lambda p: unit(p) * _final_share(p)),
                parts=(
                    Part(lambda p: _plugged_share(p) / 2, _final_share, "divided by epsilon_d / (m n), which is 2 c"),
                ),
                constant="0.25, 0.45, 0.125",
            ),
            Link(
                _FINAL, "<=", "-0.075 epsilon_d / (m n)", "epsilon_d <= 1; below 0, that is", "negative",
                (lambda p: unit(p) * _final_share(p), lambda p: -unit(p) * p.q("0.075")),
                parts=(Part(_final_share, lambda p: -p.q("0.075"), "divided by epsilon_d / (m n)"),),
            ),
            Link(
                "case two, <w_j, x_r> < 0: Delta_{r,j}", "<=", "-c (1 - psi) + (m - 2) c phi", "Lemma C.1, c > 0", claim="lemma-C.1/corrected",
            ),
            Link(_PUSH, ">=", f"|u_j| ({_ENOUGH})", "|<x_l, x_r>| <= phi"),
            Link("-phi + c (1 - psi) + (m - 2) c phi", ">=", "0", "said to be enough", claim="lemma-C.5/proof/case-two-literal"),
            Link(
                "-phi + c (1 - psi) + (m - 2) c phi", "<=", _ENOUGH,
                "what would make it enough; the last term has the wrong sign, without consequence: case one has what is needed. Divided by c",
                "enough",
                (lambda p: (p.points - 2) * phi(p), lambda p: -(p.points - 2) * phi(p)),
                corrected_by="lemma-C.5/proof/constant",
            ),
        ),
        "Broken by two slips, a label and a sign that are lost, neither of which the argument needs.",
        PAIRS,
    ),
    _ours(
        "lemma-C.5/proof/difference/corrected",
        ("lemma-C.5/proof/difference/corrected",),
        (
            Link("corrected w_j", "=", "w_j - u_j lambda_l y_l sigma'_lj x_l + |u_j| lambda_l sigma'_lj Delta_j", "step and correction"),
            Link("<Delta_j, x_r>", "=", "Delta_{r,j}", "definition"),
        ),
        "The inner product with x_r.",
    ),
    _ours(
        "lemma-C.5/proof/push",
        ("lemma-C.5/proof/push",),
        (
            Link(
                "o Delta_{r,j}, o = sign(<w_j, x_r>)", ">=", "c (1 - psi) - (m - 2) c phi", "sign(0) = 1, c > 0", claim="lemma-C.1/corrected",
            ),
            Link("the correction's push away from 0", "=", "|u_j| lambda_l sigma'_lj o Delta_{r,j}", "definition"),
            Link(
                "the step's push towards 0", "<=", "|u_j| lambda_l sigma'_lj phi",
                "it is o u_j y_l lambda_l sigma'_lj <x_l, x_r>, and |<x_l, x_r>| <= phi",
            ),
            Link("phi + (m - 2) c phi", "<=", "c (1 - psi)", "psi = 0.1", claim="lemma-C.5/proof/constant"),
        ),
        "phi <= c (1 - psi) - (m - 2) c phi, times |u_j| lambda_l sigma'_lj >= 0.",
    ),
    _ours(
        "lemma-C.5",
        ("lemma-C.5",),
        (
            Link(
                "the change of <w_j, x_r>", "=", "lambda_l sigma'_lj (|u_j| Delta_{r,j} - u_j y_l <x_l, x_r>)", "definitions",
                claim="lemma-C.5/proof/difference/corrected",
            ),
            Link("the step's push towards 0", "<=", "the correction's push away from 0", "in total it moves away", claim="lemma-C.5/proof/push"),
            Link(
                "a pre-activation that does not move towards 0", "=>", "its sign stays",
                "from <w_j, x_r> >= 0 it can only grow, from below 0 only fall; sign(0) = 1",
            ),
        ),
        "Every retained pre-activation keeps its sign.",
        given=lambda p: p.q("0.25"),
        printed=lambda p: p.q("0.45") - (p.points - 2) * phi(p) / 2,
        attained_by="lemma-C.5/proof/push",
    ),
)  # fmt: skip
