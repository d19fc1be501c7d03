"""Chains of Theorem 3.1, second part: the cosine between the unlearned predictor and the max-margin one of what is retained."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from ..linear.cosine_proof import bound
from .linear_numbers import TWO_POINTS, high, low, number
from .linear_quadratic import share_of_roots

_STEP = "theorem-3.1/cosine/proof"


def _mass_free(p):
    """epsilon^2 / Lambda at Lambda = 0.1 (m - 1)."""
    return p.epsilon**2 / (p.q("0.1") * (p.points - 1))


def _norm_terms(p):
    """The factor of Lambda in |w^|^2 before its terms are put together; sqrt(1 + psi) at psi."""
    return high(p) + p.q("2.4") * p.epsilon_d / 4 + p.epsilon * root(1 + p.psi)


def _norm_unlearned(p):
    return 1 + p.q("1.8") * p.epsilon_d + p.q("3.25") * p.epsilon + p.q("2.2") * p.delta


def _norm_retrained(p):
    return 1 + p.q("1.8") * p.epsilon_d


def _unit(p):
    """epsilon_d + epsilon + delta."""
    return p.epsilon_d + p.epsilon + p.delta


def _lost(p):
    return p.q("1.2") * p.epsilon_d + p.q("1.1") * p.epsilon


def _last(p):
    """What is taken from 1 in the end, with C = 4."""
    return _lost(p) + root(4 * _unit(p) + _mass_free(p) * (1 + 4 * p.epsilon_d))


_LOWER = Link("lambda_t N", ">=", "1 - 0.6 epsilon_d - 1.1 epsilon, N = |x_t|^2", "(6): Lemma B.2", claim="lemma-B.2/lower")
_UPPER = Link("lambda_t N", "<=", "1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta", "(6): Lemma B.2", claim="lemma-B.2/upper")
_OPTIMUM = Link(
    "lambda*_t N", "<=", "1 + 1.2 epsilon_d, and it is at least 1 - 0.6 epsilon_d; lambda*_t <= 2.4",
    "(7): w* is a KKT point of the m - 1 retained points without errors, and phi <= epsilon_d / (4 m) <= epsilon_d / (4 (m - 1)): Lemmas B.1 and B.2 "
    "for every positive epsilon and delta, so in the limit 0", claim=f"{_STEP}/retrained-multipliers", argued=True,
)  # fmt: skip
_RETRAINED = Link("|w*|^2", "<=", "Lambda (1 + 1.8 epsilon_d) if Lambda >= Lambda*, the sums of retained lambda and lambda*",
                  "lambda*_i N <= 1 + 1.2 epsilon_d and 2.4 m phi <= 0.6 epsilon_d, times Lambda* <= Lambda", claim=f"{_STEP}/norm-retrained",
                  argued=True)  # fmt: skip
_INNER = Link(
    "<w^, w*>", ">=", "Lambda (1 - 1.2 epsilon_d - 1.1 epsilon) if Lambda >= Lambda*",
    "lambda*_i N >= 1 - 0.6 epsilon_d gives the diagonal; the others are at most phi lambda*_i lambda_k with lambda* <= 2.4; <x_i, v> <= sqrt(1.1) "
    "epsilon <= 1.1 epsilon, times Lambda* <= Lambda", claim=f"{_STEP}/inner-product", argued=True,
)  # fmt: skip
_MASS = Link("Lambda", ">=", "0.1 (m - 1)", "Lemma B.2 for each of m - 1 retained points: 0.9 a, a >= 0.39", claim=f"{_STEP}/mass", argued=True)

CHAINS = (
    Chain(
        "theorem-3.1/cosine/proof",
        ("theorem-3.1/cosine",),
        "Theorem 3.1; Appendix B.1.2",
        (
            _LOWER, _UPPER, _OPTIMUM,
            Link("|w^|^2", "<=", "sum lambda_i^2 N_i + sum over i != k of lambda_i lambda_k <x_i, x_k> + 2 sum lambda_i <x_i, v> + epsilon^2",
                 "as printed, without labels or absolute values", claim=f"{_STEP}/norm-unlearned/version/literal"),
            Link("2 sum lambda_i y_i <x_i, v>", "<=", "epsilon sqrt(1 + psi) sum lambda_i", "from one line to the next the factor 2 is lost",
                 claim=f"{_STEP}/cross-term"),
            Link("(1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta) + 2.4 m phi + epsilon sqrt(1 + psi)", "<=",
                 "1 + 1.8 epsilon_d + 3.25 epsilon + 2.2 delta", "phi <= epsilon_d / (4 m), psi <= 0.1, sqrt(1.1) <= 1.1", "norm-numbers",
                 (_norm_terms, _norm_unlearned), constant="1.8, 3.25",
                 parts=(Part(lambda p: p.q("2.4") / 4, number("0.6"), "the terms with epsilon_d beyond 1.2, over it"),
                        Part(lambda p: root(1 + p.psi), number("1.1"), "those with epsilon beyond 2.15, over it"))),
            Link("|w^|^2", "<=", "Lambda (1 + 1.8 epsilon_d + 3.25 epsilon + 2.2 delta) + epsilon^2",
                 "true, though not by these lines: see the derivation",
                 claim=f"{_STEP}/norm-unlearned"),
            Link("|w*|^2", "<=", "sum lambda*_i^2 N_i + sum over i != k of lambda*_i lambda*_k <x_i, x_k>", "as printed, without labels",
                 claim=f"{_STEP}/norm-retrained/version/literal"),
            _RETRAINED,
            Link("(1 + 1.8 epsilon_d + 3.25 epsilon + 2.2 delta) (1 + 1.8 epsilon_d)", "<=", "1 + 4 (epsilon_d + epsilon + delta)",
                 "C = 4 serves; of epsilon^2 / Lambda (1 + 1.8 epsilon_d) likewise", "product",
                 (lambda p: _norm_unlearned(p) * _norm_retrained(p), lambda p: 1 + 4 * _unit(p)),
                 parts=(Part(lambda p: p.q("3.6") + p.q("3.24") * p.epsilon_d, number("4"), "the terms with epsilon_d alone, over it"),
                        Part(lambda p: p.q("3.25") * _norm_retrained(p), number("4"), "those with epsilon, over it"),
                        Part(lambda p: p.q("2.2") * _norm_retrained(p), number("4"), "those with delta, over it"))),
            Link("sqrt(1 + x)", "<=", "1 + sqrt(x)", "squared, x >= 0"),
            Link("<w^, w*>", ">=", "sum lambda*_i lambda_i N_i - sum over i != k of lambda*_i lambda_k <x_i, x_k> - sum lambda*_i <x_i, v>",
                 "as printed, without labels", claim=f"{_STEP}/inner-product/version/literal"),
            _INNER,
            Link("(1 - a) / (1 + S)", ">=", "1 - a - S, a = 1.2 epsilon_d + 1.1 epsilon, S = sqrt(x) >= 0",
                 "the quotient is 1 - (a + S) / (1 + S), and a + S >= 0"),
            _MASS,
            Link("0.9 (1 - 0.6 epsilon_d - 1.1 epsilon)", ">=", "0.1", "numbers", "mass-number", (lambda p: p.q("0.9") * low(p), number("0.1"))),
            Link("a + sqrt(C (epsilon_d + epsilon + delta) + epsilon^2 (1 + C epsilon_d) / (0.1 (m - 1)))", "<=",
                 "C_2 (sqrt(epsilon_d) + sqrt(epsilon) + sqrt(delta))", "C = 4 and C_2 = 5 serve, m >= 2", "conclusion", (_last, bound("5")),
                 parts=(Part(lambda p: p.q("1.2") * root(p.epsilon_d) + 2, number("5"), "the coefficient of sqrt(epsilon_d): a root of a sum is at "
                             "most the sum of the roots"),
                        Part(lambda p: p.q("1.1") * root(p.epsilon) + root(4 + 10 * p.epsilon * (1 + 4 * p.epsilon_d)), number("5"),
                             "that of sqrt(epsilon), m - 1 >= 1"),
                        Part(number("2"), number("5"), "that of sqrt(delta)"))),
        ),
        "Broken at the cross term, whose factor 2 is lost, and at signs that do no harm; the case Lambda < Lambda* is left to the reader. The "
        "derivation repairs all of that, and more is true (theorem-3.1/cosine/version/quadratic).",
        TWO_POINTS,
    ),
    Chain(
        "theorem-3.1/cosine/derivation",
        (
            "theorem-3.1/cosine",
            *(f"{_STEP}/{name}" for name in ("retrained-multipliers", "cross-term/corrected", "norm-unlearned", "norm-retrained", "inner-product",
                                             "other-direction", "mass")),
        ),
        "ours, for Theorem 3.1",
        (
            _LOWER, _UPPER, _OPTIMUM,
            Link("lambda_t N", "<=", "1 + 0.6 epsilon_d + 1.05 epsilon + 1.1 delta", "sharper Lemma B.2", claim="lemma-B.2/upper/version/sharper"),
            Link("max lambda", "<=", "2.4", "Lemma B.1", claim="lemma-B.1"),
            Link("2 sum lambda_i y_i <x_i, v>", "<=", "2 epsilon sqrt(1.1) Lambda", "Cauchy and Schwarz, term by term",
                 claim=f"{_STEP}/cross-term/corrected", argued=True),
            Link(
                "|w^|^2", "<=", "Lambda (1 + 1.8 epsilon_d + 3.25 epsilon + 2.2 delta) + epsilon^2",
                "the diagonal is sum lambda_i (lambda_i N_i), the others are at most phi (m - 1) max lambda Lambda <= 0.6 epsilon_d Lambda, the "
                "cross term as "
                "above, |v| <= epsilon; the next link puts them together", claim=f"{_STEP}/norm-unlearned", argued=True,
            ),
            Link("(1 + 0.6 epsilon_d + 1.05 epsilon + 1.1 delta) + 0.6 epsilon_d + 2 sqrt(1.1) epsilon", "<=",
                 "1 + 1.8 epsilon_d + 3.25 epsilon + 2.2 delta", "2 sqrt(1.1) < 2.1", "norm",
                 (lambda p: 1 + p.q("1.2") * p.epsilon_d + (p.q("1.05") + 2 * root(p.q("1.1"))) * p.epsilon + p.q("1.1") * p.delta, _norm_unlearned)),
            _RETRAINED,
            _INNER,
            Link("<w^, w*>", ">=", "Lambda* (1 - 0.6 epsilon_d / m), and |w*|^2 = Lambda*",
                 "<w^, w*> = sum lambda*_i y_i <w^, x_i>, and retained margins of w^ are at least 1 - 0.6 epsilon_d / m (first part); all lambda* "
                 "are "
                 "positive, so margins of w* are 1", claim=f"{_STEP}/other-direction", argued=True),
            Link("y_t <w^, x_t>", ">=", "1 - 0.6 epsilon_d / m", "first part of the theorem", claim="theorem-3.1/kkt/proof/primal"),
            _MASS,
            Link("1 - cos", "<=", "1.2 epsilon_d + 1.1 epsilon + sqrt(P Q - 1) if Lambda >= Lambda*",
                 "Q = 1 + 1.8 epsilon_d and P = 1 + 1.8 epsilon_d + 4.35 epsilon + 2.2 delta + epsilon^2 / M, M = 0.39 / 1.1, bound |w*|^2 and "
                 "|w^|^2 over "
                 "Lambda >= M; cos >= (1 - a) / sqrt(P Q) >= (1 - a) (1 - sqrt(P Q - 1)), as 1 / sqrt(1 + x) >= 1 / (1 + sqrt(x)) >= 1 - sqrt(x), "
                 "and 0 <= a <= 1"),
            Link("1 - cos", "<=", "1.2 epsilon_d + 2.2 epsilon + sqrt(P Q - 1) if Lambda < Lambda*",
                 "the same with Lambda* in place of Lambda: |w^|^2 <= Lambda* P, M = 0.94 / 1.1, and |w*|^2 = Lambda* <= Lambda* Q; "
                 "<w^, w*> >= Lambda* (1 - 0.6 epsilon_d) is more than is needed"),
            Link("the larger of both", "<=", "4 (sqrt(epsilon_d) + sqrt(epsilon) + sqrt(delta))", "C = 4", claim=f"{_STEP}/constant"),
        ),
        "1 - cos is at most 4 times the sum of the roots in both cases. Given is a bound of z over the sum of the roots, what the shorter argument "
        "of theorem-B.1/cosine/derivation has for any forget set: min(z^2, 1) <= z, z = |w^ - w*| / |w*|.",
        TWO_POINTS,
        author="ours",
        given=share_of_roots,
        printed=number("4"),
        value="4",
    ),
)  # fmt: skip
