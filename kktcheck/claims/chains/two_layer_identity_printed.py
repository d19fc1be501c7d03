"""The printed proof of Remark C.1 (C.4), step by step.

Notation: theta_ and theta~_ are the networks without their errors, alpha_i = sum_j u_j lambda_i sigma'_ij, l = 0.9 - 4.64 epsilon_d / n
- 1.92 epsilon. For "some C" a link has a number, and fails with any other one as well.
"""

from ...instances import root
from ..chain import Chain, Link
from .two_layer_theorems import ONE_POINT


def _least(p):
    """l = 0.9 - 4.64 epsilon_d / n - 1.92 epsilon."""
    # In this order the numbers cancel at epsilon = 15/32, exactly, before n comes in.
    return p.q("0.9") - p.q("1.92") * p.epsilon - p.q("4.64") * p.epsilon_d / p.neurons


def _order(p):
    """m l n (0.9 l - 5.1 epsilon_d / n)."""
    return p.points * p.neurons * _least(p) * (p.q("0.9") * _least(p) - p.q("5.1") * p.epsilon_d / p.neurons)


def _sizes(p):
    return p.q("1") * p.points * p.neurons


_ID = "remark-C.1/proof"
_INNER = (
    Link("theta", "=", "theta_ + v, theta~ = theta~_ + v~", "stationarity, a hypothesis of both"),
    Link(
        "<theta, theta~>", "<=", "<theta_, theta~_> + epsilon |theta~_| + epsilon~ |theta_|", "the product of the errors is left out",
        claim=f"{_ID}/error-terms",
    ),
    Link(
        "<theta_, theta~_>", "=", "sum_j <sum_i u_j lambda_i y_i sigma'_ij x_i, sum_i u_j lambda~_i y_i sigma~'_ij x_i>",
        "definition (ranges of i change places)",
    ),
    Link(
        "sum_j <., .>", "=", "<sum_i alpha_i y_i x_i, sum_i alpha~_i y_i x_i>", "sums over neurons change places with inner products",
        claim=f"{_ID}/swap-sums",
    ),
    Link(
        "|<sum_i alpha_i y_i x_i, sum_i alpha~_i y_i x_i>|", "<=", "the same sum without labels", "expanded, labels dropped",
        claim=f"{_ID}/dropped-labels",
    ),
    Link("the same sum without labels", "<=", "with phi for every inner product", "of whatever sign", claim=f"{_ID}/products"),
)  # fmt: skip
_NORMS = (
    Link("|theta|", ">=", "|theta_| - epsilon", "triangle inequality; theta~ likewise"),
    Link("|theta_|^2", "=", "|sum_i alpha_i y_i x_i|^2", "sums over neurons change places with inner products", claim=f"{_ID}/norm-swap"),
    Link(
        "|sum_i alpha_i y_i x_i|^2", ">=", "sum_i alpha_i^2 |x_i|^2 - sum_{i != k} |alpha_i alpha_k| <x_i, x_k>",
        "expanded, without absolute values of products",
        claim=f"{_ID}/norm-terms",
    ),
    Link(
        "|sum_i alpha_i y_i x_i|^2", ">=", "sum_i alpha_i^2 |x_i|^2 - phi sum_{i != k} |alpha_i alpha_k|",
        "true again: every product is at most phi in size",
    ),
    Link("(epsilon |theta~| + epsilon~ |theta|) / (|theta| |theta~|)", "<=", "epsilon / |theta| + epsilon~ / |theta~|", "equal"),
    Link("alpha_i", ">=", "-l sqrt(n)", "cited: Lemma C.4, with a sign that is not there", claim=f"{_ID}/alpha-range"),
    Link("alpha_i", "<=", "20.4 sqrt(n)", "cited: Lemma C.3", claim=f"{_ID}/alpha-above", constant="20.4"),
    Link("|theta_|^2", ">=", "m l n (0.9 l - 5.1 epsilon_d / n)", "the lines before, with l and 20.4", claim=f"{_ID}/norm-order"),
    Link(
        "m l n (0.9 l - 5.1 epsilon_d / n)", ">=", "C / (m n), C = 1/1000000", "false where l = 0, at epsilon about 0.46: there the left side is 0",
        "norm-positive", (_order, lambda p: p.q("1/1000000") / _sizes(p)), corrected_by=f"{_ID}/norm-below", constant="some C",
    ),
    Link(
        "sqrt(m n / C)", "<=", "C' / sqrt(m n), C = 1, C' = 1000",
        "what a squared norm of at least C / (m n) gives, against what is concluded from it", "inverse",
        (lambda p: root(_sizes(p)), lambda p: 1000 / root(_sizes(p))), corrected_by=f"{_ID}/norm-below", constant="some C",
    ),
)  # fmt: skip
_END = (
    Link("<theta_, theta~_> / (|theta| |theta~|)", "<=", "the bounds of the inner product and of the norms, divided", "put in"),
    Link(
        "|theta_|^2", ">=", "m 0.9 a (a - 0.6 epsilon_d / n)", "a and b are not defined; with l and 20.4 for them it is the norm of before",
        claim=f"{_ID}/norm-order",
    ),
    Link(
        "cos", "<=", "1 - C / m + C (epsilon_d + epsilon + epsilon~), C = 1/100", "said to be as in the linear case",
        claim="remark-C.1/version/minus",
    ),
    Link(
        "1 - cos", ">=", "C / (m n) - C' epsilon_d / n, C = 1/100, C' = 100", "what the first lines announce", claim="remark-C.1/version/one-over-mn",
    ),
    Link(
        "C / m - C (epsilon_d + epsilon + epsilon~)", "=>", "C / m + C (epsilon_d + epsilon + epsilon~)", "the statement has plus",
        claim="remark-C.1",
    ),
)  # fmt: skip

CHAINS = (
    Chain(
        _ID, ("remark-C.1",), "Appendix C.4", (*_INNER, *_NORMS, *_END),
        "Broken where sums over neurons are swapped with inner products, which makes the norms m n instead of m; and the sign of the errors is lost.",
        ONE_POINT.box,
    ),
)  # fmt: skip
