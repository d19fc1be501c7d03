"""Chains of Remark B.1: the proof as printed, and its steps, those that are true and those corrected."""

from ...instances import root
from ..chain import Chain, Link
from .linear_numbers import TWO_POINTS, high, low, number

_SOURCE, _STEP = "Remark B.1, Appendix B.3", "remark-B.1/proof"

_CROSS = Link("phi sum over i != k of lambda~_i lambda_k, over both sizes", "<=", "epsilon_d / 3.6",
              "sizes are sqrt(sum lambda~_i^2 N_i) sqrt(sum lambda_i^2 N_i) over the retained points; by Cauchy and Schwarz the sum is at most (m - "
              "2) "
              "sqrt(sum lambda~_i^2) sqrt(sum lambda_k^2), N_i >= 0.9, phi (m - 2) <= epsilon_d / 4", claim=f"{_STEP}/cross-sum",
              argued=True)  # fmt: skip
_FORGOTTEN = Link("phi lambda_l sum lambda~_i, over both sizes", "<=", "1.2 b epsilon_d / (4 m a)",
                  "both sizes are at least sum lambda~_i lambda_i N_i >= a sum lambda~_i by Cauchy and Schwarz and Lemma B.2; lambda_l <= b / 0.9 "
                  "<= 1.2 b",
                  claim=f"{_STEP}/forgotten-sum", argued=True)  # fmt: skip
_DENOMINATOR = Link("phi sum over retained i != k of lambda_i lambda_k, over sum lambda_i^2 N_i", "<=", "epsilon_d / 3.6",
                    "as the sum with lambda~", claim=f"{_STEP}/denominator-sum", argued=True)  # fmt: skip
_NORM = Link("|w - v|^2", ">=", "m 0.9 a (a - 0.6 epsilon_d) >= 0.1 m",
             "sum lambda_i^2 N_i - phi sum over i != k of lambda_i lambda_k >= sum lambda_i (a - phi sum lambda_k), where phi sum lambda_k <= 2.4 m "
             "phi <= "
             "0.6 epsilon_d and lambda_i >= a / 1.1 >= 0.9 a", claim=f"{_STEP}/norm", argued=True)  # fmt: skip
_LOWER = Link("lambda_i N_i", ">=", "a = 1 - 0.6 epsilon_d - 1.1 epsilon, N_i = |x_i|^2", "Lemma B.2", claim="lemma-B.2/lower")
_UPPER = Link("lambda_i N_i", "<=", "b = 1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta", "Lemma B.2", claim="lemma-B.2/upper")


def _forgotten_size(p):
    """sigma, the larger root of sigma^2 = ((1 + 0.6 epsilon_d) / sqrt(0.9) + epsilon) sigma + delta."""
    linear = (1 + p.q("0.6") * p.epsilon_d) / root(p.q("0.9")) + p.epsilon
    return (linear + root(linear**2 + 4 * p.delta)) / 2


PRINTED = Chain(
    _STEP,
    ("remark-B.1",),
    _SOURCE,
    (
        _LOWER, _UPPER,
        Link("cos(w, w~)", "<=", "<w - v, w~ - v~> / (|w| |w~|) + (|v| |w~ - v~| + |v~| |w - v| + |v| |v~|) / (|w| |w~|)",
             "(8): expanded, Cauchy and Schwarz"),
        Link("|w|", ">=", "|w - v| - epsilon", "triangle inequality; w~ likewise"),
        Link("|w - v|^2", ">=", "sum lambda_i^2 N_i - sum over i != k of lambda_i lambda_k <x_i, x_k>", "as printed, without labels",
             claim=f"{_STEP}/norm/version/literal"),
        Link("<w - v, w~ - v~>", "<=", "sum lambda~_i lambda_i N_i + sum over i != k of lambda~_i lambda_k <x_i, x_k> + sum lambda~_i lambda_l "
                                       "<x_i, x_l>",
             "as printed, without labels", claim=f"{_STEP}/inner-product/version/literal"),
        _CROSS,
        _FORGOTTEN,
        _DENOMINATOR,
        Link("phi sum over all i != k of lambda_i lambda_k, over the retained sum lambda_i^2 N_i", "<=", "epsilon_d / 3.6",
             "what the bound on |w| needs, whose sum has all m points", claim=f"{_STEP}/denominator-sum/version/used"),
        Link("epsilon / sqrt(sum over retained i of lambda_i^2 N_i)", "<=", "epsilon / (0.9 a sqrt(m))", "m - 1 terms are taken for m",
             claim=f"{_STEP}/error-share"),
        Link("lambda_l^2 N_l over the retained sum", "<=", "2.4 b / (0.91 a^2 m)", "printed with lambda~_l, meant lambda_l",
             claim=f"{_STEP}/added-term"),
        Link("2.4 b / (0.91 a^2 m)", "<=", "2.64 b / (a m)", "a factor a is lost", claim=f"{_STEP}/added-term-simplified"),
        Link("epsilon_d / 3.6", "<=", "0.28 epsilon_d", "over epsilon_d", "number", (lambda p: 1 / p.q("3.6"), number("0.28")), constant="0.28"),
        Link("lambda_l^2 N_l over the retained sum", ">=", "2.64 b / (a m) = x",
             "what is used: the sum of all m points stands below the bar, so a lower bound is asked for", claim=f"{_STEP}/added-term-direction"),
        Link("sqrt(1 - f - e) sqrt(1 - f - e~ + x)", ">=", "(1 - f - e - e~) sqrt(1 + x), f = 0.28 epsilon_d, e = epsilon / (0.9 a sqrt(m))",
             "where 1 - f - e - e~ >= 0: its square is at most (1 - f - e)(1 - f - e~), and at most 1 - f - e in the term with x"),
        Link("1 / sqrt(1 + x)", "<=", "1 - x / 4 for 0 < x < 1", "convexity", claim=f"{_STEP}/reciprocal-root"),
        Link("x = 2.64 b / (a m)", "<=", "1", "as that inequality asks", claim=f"{_STEP}/reciprocal-range"),
        Link("cos, first term", "<=", "(1 + (0.56 epsilon_d + 1.2 b epsilon_d / (4 m a) + e + e~) / (1 - f - e - e~)) (1 - 0.66 b / (a m))",
             "all put together", claim=f"{_STEP}/conclusion"),
        _NORM,
        Link("phi m b", "<=", "0.6 epsilon_d", "on the way to 0.1 m", claim=f"{_STEP}/norm-step"),
        Link("0.9 a (1 - 1.2 epsilon_d - 1.1 epsilon)", ">=", "0.1", "numbers", claim=f"{_STEP}/norm-constant"),
        Link("|w|", ">=", "0.1 m - epsilon", "the square of the norm is taken for the norm", claim=f"{_STEP}/norm-plugged"),
    ),
    "Broken, above all where the forgotten point's share, which the remark is about, is bounded from above and used from below. The steps that are "
    "true, and those corrected, are in the chain of the corrected steps; whether they add up to a C for all m is left open. The remark is true by "
    "another "
    "argument: remark-B.1/derivation.",
    TWO_POINTS,
)  # fmt: skip

STEPS = Chain(
    f"{_STEP}/corrected/derivation",
    tuple(
        f"{_STEP}/{name}"
        for name in (
            "cross-sum", "forgotten-sum", "denominator-sum", "error-share/corrected", "added-term", "added-term-direction/corrected", "norm",
            "norm-step/corrected", "norm-plugged/corrected",
        )
    ),
    "ours, for steps of Remark B.1",
    (
        _LOWER, _UPPER,
        Link("max lambda", "<=", "2.4", "Lemma B.1", claim="lemma-B.1"),
        _CROSS,
        Link("1 / 0.9", "<=", "1.2", "numbers", "number", (lambda p: 1 / p.q("0.9"), number("1.2")), constant="1.2"),
        _FORGOTTEN,
        _DENOMINATOR,
        Link("0.39", "<=", "a", "so that a may be squared", "positive", (number("0.39"), low)),
        Link("0.9^2", "<=", "1 / 1.1, and 0.81 <= 0.9 / 1.1", "numbers", "square", (number("0.81"), lambda p: p.q("0.9") / p.q("1.1")),
             constant="0.81"),
        Link("sum over retained i of lambda_i^2 N_i", ">=", "0.81 a^2 (m - 1)", "lambda_i^2 N_i = (lambda_i N_i)^2 / N_i >= a^2 / 1.1",
             claim=f"{_STEP}/error-share/corrected", argued=True),
        Link("lambda_l^2 N_l over that sum", ">=", "0.81 a^2 / (b^2 m)",
             "lambda_l^2 N_l >= a^2 / 1.1, the m - 1 others at most b^2 / 0.9 each, and m - 1 <= m", claim=f"{_STEP}/added-term-direction/corrected",
             argued=True),
        Link("phi sum lambda_k", "<=", "0.6 epsilon_d", "lambda_k <= 2.4, phi m = epsilon_d / 4", claim=f"{_STEP}/norm-step/corrected", argued=True),
        Link("0.9 a (a - 0.6 epsilon_d)", ">=", "0.1", "a - 0.6 epsilon_d = 1 - 1.2 epsilon_d - 1.1 epsilon", claim=f"{_STEP}/norm-constant"),
        _NORM,
        Link("|w|", ">=", "sqrt(0.1 m) - epsilon", "|w| >= |w - v| - |v|", claim=f"{_STEP}/norm-plugged/corrected", argued=True),
        Link("lambda_i N_i", ">=", "l = 1 - 0.6 epsilon_d - 1.05 epsilon", "Lemma B.2", claim="lemma-B.2/lower/version/sharper"),
        Link("lambda_l^2 N", "<=", "lambda_l (1 + 2.4 phi (m - 1) + epsilon sqrt(N)) + delta, N = N_l", "Lemma B.2",
             claim="lemma-B.2/upper/proof/quadratic"),
        Link("lambda_l sqrt(N)", "<=", "sigma, the larger root of sigma^2 = ((1 + 0.6 epsilon_d) / sqrt(0.9) + epsilon) sigma + delta",
             "the link before, 2.4 phi (m - 1) <= 0.6 epsilon_d and N >= 0.9"),
        Link("1.1 . 0.91 . 2 sigma^2", "<=", "2.4 b", "numbers", "added-term",
             (lambda p: p.q("2.002") * _forgotten_size(p) ** 2, lambda p: p.q("2.4") * high(p)), constant="2.4, 0.91"),
        Link("a", "<=", "l", "1.05 <= 1.1", "least", (number("1.05"), number("1.1"))),
        Link("lambda_l^2 N_l over the retained sum", "<=", "2.4 b / (0.91 a^2 m)",
             "lambda_l^2 N_l <= sigma^2, each of the m - 1 others is at least l^2 / 1.1 >= a^2 / 1.1, and m <= 2 (m - 1); the links before",
             claim=f"{_STEP}/added-term",
             argued=True),
    ),
    "Each statement is one of the links.",
    TWO_POINTS,
    author="ours",
)  # fmt: skip

CHAINS = (PRINTED, STEPS)
