"""Chains of Lemma B.2: multipliers of linear predictors are nearly 1/|x|^2."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from .linear_numbers import HALF, cross, excess_above, excess_below, high, low, norm, number

_SOURCE, _OURS = "Lemma B.2, Appendix B", "ours, for Lemma B.2"


def _drift(p):
    """2.4 phi (m - 1) at the largest phi."""
    return p.q("2.4") * cross(p)


def _own_linear(p):
    """B = 1 + 2.4 phi (m - 1) + epsilon sqrt(N)."""
    return 1 + _drift(p) + p.epsilon * root(norm(p))


def _upper_terms(p):
    """What the fourth line adds to 2, for every psi."""
    return 2 * _drift(p) + p.epsilon * (root(1 + p.psi) + 1 + p.psi) + 4 * p.delta * (1 + p.psi)


def _upper_ends(p):
    """The same at psi = 0.1, m = infinity."""
    return p.q("1.2") * p.epsilon_d + p.epsilon * (root(p.q("1.1")) + p.q("1.1")) + 4 * p.delta * p.q("1.1")


_LARGEST = Link("max lambda", "<=", "2.4", "Lemma B.1", claim="lemma-B.1")
_MARGIN = Link(
    "1", "<=", "lambda_t N + 2.4 phi (m - 1) + epsilon sqrt(N), N = |x_t|^2",
    "margin_t >= 1, and margin_t = lambda_t N + sum over i != t of lambda_i y_i y_t <x_i, x_t> + y_t <v, x_t>; the m - 1 inner products are at most "
    "phi max lambda each, and <v, x_t> <= epsilon sqrt(N) by Cauchy and Schwarz",
    claim="lemma-B.2/lower/proof/margin", argued=True,
)  # fmt: skip
_QUADRATIC = Link(
    "lambda_t^2 N", "<=", "lambda_t (1 + 2.4 phi (m - 1) + epsilon sqrt(N)) + delta, N = |x_t|^2",
    "lambda_t (margin_t - 1) <= delta, and margin_t >= lambda_t N - (m - 1) phi max lambda - epsilon sqrt(N) as for the lower bound; times lambda_t",
    claim="lemma-B.2/upper/proof/quadratic", argued=True,
)  # fmt: skip
_ROOT = Link("lambda_t", "<=", "(B + sqrt(B^2 + 4 N delta)) / (2 N), B = 1 + 2.4 phi (m - 1) + epsilon sqrt(N)", "the larger root, N > 0")

CHAINS = (
    Chain(
        "lemma-B.2/lower/proof",
        ("lemma-B.2/lower", "lemma-B.2/lower/proof/margin"),
        _SOURCE,
        (
            _LARGEST,
            _MARGIN,
            Link("1 - 2.4 phi (m - 1) - epsilon sqrt(N)", ">=", "1 - 0.6 epsilon_d - 1.1 epsilon",
                 "times N; phi <= epsilon_d / (4 m), N <= 1.1", "plugged-in", (lambda p: 2 - _own_linear(p), low), constant="0.6, 1.1"),
            Link("1 - 0.6 epsilon_d - 1.1 epsilon", ">=", "0.15 > 0", "numbers, so lambda_t > 0", claim="lemma-B.2/lower/proof/positive"),
        ),
        "lambda_t N >= 1 - 2.4 phi (m - 1) - epsilon sqrt(N) >= 1 - 0.6 epsilon_d - 1.1 epsilon; divided by N.",
        HALF,
    ),
    Chain(
        "lemma-B.2/lower/derivation",
        ("lemma-B.2/lower", "lemma-B.2/lower/version/sharper", "lemma-B.2/lower/version/excess"),
        _OURS,
        (
            _LARGEST,
            _MARGIN,
            Link("2.4 phi (m - 1)", "<=", "0.6 epsilon_d", "phi <= epsilon_d / (4 m), (m - 1) / m <= 1", "others",
                 (lambda p: p.q("2.4") * (p.points - 1) / (4 * p.points), number("0.6")), constant="0.6"),
            Link("sqrt(N)", "<=", "1.05", "N <= 1 + psi <= 1.1", "norm", (lambda p: root(norm(p)), number("1.05")), constant="1.05"),
            Link("1.05", "<=", "1.1", "numbers", "number", (number("1.05"), number("1.1"))),
        ),
        "lambda_t N >= 1 - 0.6 epsilon_d - 1.05 epsilon, divided by N. Compared are the excesses 1 - lambda_t N.",
        HALF,
        author="ours",
        given=excess_below,
        printed=lambda p: 1 - low(p),
        attained_by="lemma-B.2/lower/version/excess",
    ),
    Chain(
        "lemma-B.2/upper/proof",
        ("lemma-B.2/upper",),
        _SOURCE,
        (
            _LARGEST,
            _QUADRATIC,
            Link("N", "<=", "1 - psi", "as the proof says where it plugs in", claim="lemma-B.2/upper/proof/norm-range"),
            _ROOT,
            Link(
                "B + sqrt(B^2 + 4 N delta)", "<=",
                "2 + 4.8 phi (m - 1) + epsilon sqrt(1 + psi) + epsilon (1 + psi) + 4 delta (1 + psi), phi = epsilon_d / (4 m)",
                "the second line, times 2 N", claim="lemma-B.2/upper/proof/square-root",
            ),
            Link("(2 + z) / (2 N)", "=", "1 / N + z / (2 N), z the excess over 2", "the third line"),
            Link("z", "<=", "1.2 epsilon_d + epsilon sqrt(1.1) + 1.1 epsilon + 4.4 delta", "the fourth line: psi <= 0.1, (m - 1) / m <= 1", "ends",
                 (_upper_terms, _upper_ends), parts=(
                     Part(lambda p: p.q("4.8") * (p.points - 1), lambda p: p.q("4.8") * p.points, "the terms with epsilon_d, over it, times 4 m"),
                     Part(lambda p: p.psi, number("0.1"), "the other terms grow with psi"),
                 )),
            Link("(1.2 epsilon_d + epsilon sqrt(1.1) + 1.1 epsilon + 4.4 delta) / 2", "<=", "1.2 epsilon_d + 2.15 epsilon + 2.2 delta",
                 "the last line, times N", "halved", (lambda p: _upper_ends(p) / 2, lambda p: high(p) - 1), constant="1.2, 2.15, 2.2"),
        ),
        "The proof quotes N <= 1 - psi and then uses N <= 1 + psi: a slip of the pen that breaks the chain letter by letter, and nothing else. The "
        "last "
        "line forgets to halve two of three terms, which costs constants only.",
        HALF,
    ),
    Chain(
        "lemma-B.2/upper/derivation",
        (
            "lemma-B.2/upper", "lemma-B.2/upper/version/sharper", "lemma-B.2/upper/version/excess", "lemma-B.2/upper/proof/quadratic",
            "lemma-B.2/upper/proof/norm-range/corrected",
        ),
        _OURS,
        (
            Link("N", "<=", "1 + psi", "item 1 of Assumption 2.3", claim="lemma-B.2/upper/proof/norm-range/corrected", argued=True),
            _LARGEST,
            _QUADRATIC,
            _ROOT,
            Link("sqrt(B^2 + 4 N delta)", "<=", "B + 2 N delta / B", "squared: 4 N delta <= 4 N delta + (2 N delta / B)^2, and B > 0"),
            Link("1", "<=", "B", "the other terms are at least 0", "linear", (number("1"), _own_linear)),
            Link("B + N delta / B", "<=", "B + N delta", "B >= 1"),
            Link("2.4 phi (m - 1)", "<=", "0.6 epsilon_d", "phi <= epsilon_d / (4 m), (m - 1) / m <= 1", "others",
                 (lambda p: p.q("2.4") * (p.points - 1) / (4 * p.points), number("0.6")), constant="0.6"),
            Link("sqrt(N)", "<=", "1.05", "N <= 1 + psi <= 1.1", "norm", (lambda p: root(norm(p)), number("1.05")), constant="1.05"),
            Link("N", "<=", "1.1", "N <= 1 + psi", "norm-squared", (norm, number("1.1")), constant="1.1"),
            Link("1 + 0.6 epsilon_d + 1.05 epsilon + 1.1 delta", "<=", "1 + 1.2 epsilon_d + 2.15 epsilon + 2.2 delta", "term by term", "printed",
                 (lambda p: 1 + p.q("0.6") * p.epsilon_d + p.q("1.05") * p.epsilon + p.q("1.1") * p.delta, high)),
        ),
        "N lambda_t <= (B + sqrt(B^2 + 4 N delta)) / 2 <= B + N delta <= 1 + 0.6 epsilon_d + 1.05 epsilon + 1.1 delta. Compared are the excesses "
        "N lambda_t - 1; the bound given keeps N delta / B.",
        HALF,
        author="ours",
        given=excess_above,
        printed=lambda p: high(p) - 1,
        attained_by="lemma-B.2/upper/version/excess",
    ),
)  # fmt: skip
