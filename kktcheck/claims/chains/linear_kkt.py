"""Chains of Lemma B.3 and of Theorems 3.1 and B.1, first part, as printed: rescaling, and the unlearned predictor's four conditions."""

from ..chain import Box, Chain, Link
from ..claim import Part
from .linear_kkt_ours import fraction_of
from .linear_numbers import HALF, number

#: The proofs rescale for every epsilon_d up to 1; the lemma has no constants.
_ONE = Box("0.5", "0.5", "1", points=2)
_MANY = Box("0.5", "0.5", "1", points=2, some_kept=True)

_HOMOGENEOUS = Link(
    "y_i N(C theta, x_i)", "=", "C y_i N(theta, x_i), gradients at C theta are those at theta; C = 1 / (1 - gamma)",
    "1-homogeneity in the weights; of a linear predictor, linearity",
)  # fmt: skip
_STATIONARY = Link(
    "|C theta - sum C lambda_i y_i grad N(C theta, x_i)|", "<=", "C epsilon", "it is C times the error of theta",
    claim="lemma-B.3/proof/stationarity", argued=True,
)  # fmt: skip
_FEASIBLE = Link("C y_i N(theta, x_i)", ">=", "1", "margins are at least 1 - gamma = 1 / C", claim="lemma-B.3/proof/primal", argued=True)

RESCALING = (
    Chain(
        "lemma-B.3/proof",
        ("lemma-B.3",),
        "Lemma B.3, Appendix B",
        (
            _HOMOGENEOUS,
            _STATIONARY,
            _FEASIBLE,
            Link(
                "lambda_i (C y_i N(theta, x_i) - 1)", "<=", "max lambda gamma / (1 - gamma) + delta / (1 - gamma)",
                "for lambda_i = 0 nothing is to be shown; else the margin is at most 1 + delta / lambda_i, so the left side is at most "
                "lambda_i (C - 1) + C delta, and C - 1 = gamma / (1 - gamma)", claim="lemma-B.3/proof/unscaled", argued=True,
            ),
            Link("slackness of C theta with multipliers C lambda", "<=", "the same bound",
                 "what is bounded above has lambda_i in place of C lambda_i, and a factor C is lost", claim="lemma-B.3"),
        ),
        "Broken: the multipliers that belong to C theta are C lambda, as the lemma says, and their slackness is C times what the proof bounds.",
        HALF,
    ),
    Chain(
        "lemma-B.3/corrected/derivation",
        ("lemma-B.3/corrected", "lemma-B.3/proof/stationarity", "lemma-B.3/proof/primal", "lemma-B.3/proof/unscaled"),
        "ours, for Lemma B.3",
        (
            _HOMOGENEOUS,
            Link("C lambda_i", ">=", "0", "C > 0"),
            _STATIONARY,
            _FEASIBLE,
            Link("lambda_i (C margin_i - 1)", "=", "C lambda_i (margin_i - 1) + (C - 1) lambda_i", "expanded"),
            Link(
                "lambda_i (C margin_i - 1)", "<=", "C delta + (C - 1) max lambda",
                "slackness lambda_i (margin_i - 1) is at most delta, and C >= 1; C - 1 = gamma / (1 - gamma)", claim="lemma-B.3/proof/unscaled",
                argued=True,
            ),
            Link("C lambda_i (C margin_i - 1)", "<=", "C^2 delta + C (C - 1) max lambda", "the link before, times C",
                 claim="lemma-B.3/corrected", argued=True),
        ),
        "C theta with multipliers C lambda is a (C epsilon, C^2 delta + C (C - 1) max lambda)-approximate KKT point. No constant is in it; there is "
        "equality where the largest multiplier's slackness is delta.",
        HALF,
        author="ours",
    ),
)  # fmt: skip


def _printed(theorem, source, box, literal_slips, sums):
    """The printed proof of the first part; Theorem B.1 repeats it with sums over the forget set and a factor k."""
    k, share = "" if theorem == "theorem-3.1" else "k ", fraction_of(theorem)
    step = f"{theorem}/kkt/proof"
    final = "theorem-B.1/kkt" if theorem == "theorem-B.1" else ""
    return Chain(
        step,
        (f"{theorem}/kkt",),
        source,
        (
            Link("w^", "=", f"sum over retained i of lambda_i y_i x_i + v, |v| <= epsilon: the step takes away {sums}",
                 "stationarity of w, and the step sizes -lambda_l / loss'(margin_l)"),
            Link("lambda_i", ">=", "0", "dual feasibility of w"),
            *literal_slips[:1],
            Link("|w^ - sum over retained i of lambda_i y_i x_i|", "<=", "epsilon", "what is left is v", claim=f"{step}/stationarity", argued=True),
            Link("y_t <w, x_t>", "=", f"y_t <w^, x_t> + y_t {sums.replace('lambda_l y_l x_l', 'lambda_l y_l <x_l, x_t>')}", "(5)",
                 claim=f"{step}/margin-identity", argued=True),
            *literal_slips[1:],
            Link("max lambda", "<=", "2.4", "Lemma B.1", claim="lemma-B.1"),
            Link(f"2.4 {k}phi", "<=", f"0.6 {k}epsilon_d / m", "phi <= epsilon_d / (4 m)", "drift",
                 (lambda p: p.q("2.4") / 4 * p.epsilon_d * share(p), lambda p: p.q("0.6") * p.epsilon_d * share(p)),
                 parts=(Part(lambda p: p.q("2.4") / 4, number("0.6"), f"divided by {k}epsilon_d / m"),), constant="0.6"),
            Link("|y_t <w^, x_t> - y_t <w, x_t>|", "<=", f"0.6 {k}epsilon_d / m", f"each term is at most phi max lambda; {k or 'one '}of them",
                 claim=f"{step}/margin-drift", argued=True),
            Link(
                "lambda_t (y_t <w^, x_t> - 1)", "<=", f"delta + 1.44 {k}epsilon_d / m",
                f"y_t <w^, x_t> <= 1 + delta / lambda_t + 0.6 {k}epsilon_d / m, times lambda_t <= 2.4", claim=f"{step}/slackness", argued=True,
            ),
            Link("0.6 . 2.4", "<=", "1.44", "numbers", "slackness-number", (lambda p: p.q("0.6") * p.q("2.4"), number("1.44")), constant="1.44"),
            Link("y_t <w^, x_t>", ">=", f"1 - 0.6 {k}epsilon_d / m", "margins of w are at least 1", claim=f"{step}/primal", argued=True),
            Link(f"epsilon / (1 - 0.6 {k}epsilon_d / m)", "<=", f"epsilon + epsilon {k}epsilon_d / (m - {k}epsilon_d)", "0.6 <= 1",
                 claim=f"{step}/rescale-epsilon"),
            *(
                [Link("2.4 . 0.6 epsilon_d C + C (delta + 1.44 epsilon_d / m)", "<=", "delta + delta epsilon_d / (m - epsilon_d) + 7.2 epsilon_d / m",
                      "as printed, C = 1 / (1 - 0.6 epsilon_d / m); the first term lacks an m", claim=f"{step}/rescale-delta/version/literal")]
                if theorem == "theorem-3.1" else []
            ),
            Link(f"2.4 (C - 1) + C (delta + 1.44 {k}epsilon_d / m)", "<=", f"delta + delta {k}epsilon_d / (m - {k}epsilon_d) + 7.2 {k}epsilon_d / m",
                 f"C = 1 / (1 - 0.6 {k}epsilon_d / m), with the m", claim=f"{step}/rescale-delta"),
            Link("C w^", "=>", "an approximate KKT point with that slackness", "Lemma B.3 with gamma = 1 - 1 / C", claim="lemma-B.3"),
            *([Link("delta", "<=", "delta_1 + delta_1 epsilon_d / (m / k - epsilon_d) + 7.2 epsilon_d / m", "the statement, which has lost the k",
                    claim=final)] if final else []),
        ),
        "Broken at Lemma B.3, whose slackness lacks a factor C; slips of the pen before it (the sum over all points in the stationarity condition, "
        "absolute values in (5)" + (", an m" if theorem == "theorem-3.1" else "") + ") do no harm. With Lemma B.3 corrected the numbers still fit"
        + (": see theorem-3.1/kkt/derivation." if theorem == "theorem-3.1" else ", for 7.2 k in place of the 7.2 of the statement: see "
           "theorem-B.1/kkt/corrected/derivation."),
        box,
    )  # fmt: skip


_SLIP_SUM = Link("|w^ - sum over all i of lambda_i y_i x_i|", "<=", "epsilon", "as printed, with all m points: a slip",
                 claim="theorem-3.1/kkt/proof/stationarity/version/literal")  # fmt: skip
_SLIP_ABSOLUTE = Link("y_t <w, x_t>", "=", "y_t <w^, x_t> + y_t lambda_l y_l |<x_l, x_t>|", "as the next lines print (5): a slip",
                      claim="theorem-3.1/kkt/proof/margin-identity/version/absolute")  # fmt: skip

CHAINS = (
    *RESCALING,
    _printed("theorem-3.1", "Theorem 3.1; Appendix B.1.1", _ONE, (_SLIP_SUM, _SLIP_ABSOLUTE), "lambda_l y_l x_l"),
    _printed("theorem-B.1", "Theorem B.1, Appendix B.2", _MANY, (_SLIP_SUM, _SLIP_ABSOLUTE), "sum over forgotten l of lambda_l y_l x_l"),
)
