"""Printed proofs of tau in Theorem 4.1 (C.2.2) and in Theorem C.1 (C.3): the cosine by the norms, and the norm of the unlearned network.

Notation: A = 0.9 - 4.64 epsilon_d / n - 1.92 epsilon, the lower bound of Lemma C.4; u the correction; sums over i, k run over retained points.
"""

from ..chain import Chain, Link
from ..claim import Part
from ..two_layer.arithmetic import expanded, factor, norm_factor, without_cross
from .two_layer_theorems import ONE_POINT, SETS

_TRUE = "theorem-4.1/tau/proof/projected-norm"


def _bracket(p):
    """0.9 A - 5.1 epsilon_d / n."""
    return p.q("0.9") * factor(p) - p.q("5.1") * p.epsilon_d / p.neurons


def _cross(p):
    """20.4 phi (m - 2) at phi = epsilon_d / (4 m n)."""
    return p.q("20.4") * p.epsilon_d * (p.points - 2) / (4 * p.points * p.neurons)


def _displayed(p):
    """The line with all products: 0.72 + 19 epsilon_d^2 / n^2 + 3 epsilon + 8 epsilon_d epsilon / n - 7.6 epsilon_d / n - 3.2 epsilon - ..."""
    per_neuron = p.epsilon_d / p.neurons
    squares = 19 * per_neuron**2 + 3 * p.epsilon + 8 * per_neuron * p.epsilon
    return p.q("0.72") + squares - p.q("7.6") * per_neuron - p.q("3.2") * p.epsilon - p.q("4.6") * per_neuron


_COSINE = (
    Link("<theta^, theta~>", ">=", "|theta^|^2 - |theta^| |u|", "theta~ = theta^ + u, Cauchy-Schwarz"),
    Link("|theta~|", "<=", "|theta^| + |u|", "triangle inequality"),
    Link("|theta^| |theta~|", "=", "|theta^|^2 + |theta^| |u|", "the link before, as an equality", claim="theorem-4.1/tau/proof/norm-product"),
    Link(
        "cos", ">=", "(|theta^|^2 - |theta^| |u|) / (|theta^|^2 + |theta^| |u|)",
        "numerator from below (where it is not negative), denominator from above",
    ),
    Link("(a - b) / (a + b)", ">=", "1 - 2 b / (a + b)", "equal, a = |theta^|^2, b = |theta^| |u|"),
    Link("1 - 2 b / (a + b)", ">=", "1 - 2 |u| / |theta^|", "b / (a + b) <= b / a"),
)  # fmt: skip
_SUMS = (
    Link(
        "|theta^|^2", "=", "sum_j |sum_i u_j lambda_i y_i sigma'_ij x_i|^2", "the stationarity error is left out",
        claim="theorem-4.1/tau/proof/norm-no-error",
    ),
    Link(
        "sum_j |sum_i u_j lambda_i y_i sigma'_ij x_i|^2", ">=",
        "sum_j (sum_i u_j^2 lambda_i^2 sigma'_ij^2 |x_i|^2 - sum_{i != k} u_j^2 lambda_i lambda_k sigma'_ij sigma'_kj <x_i, x_k>)",
        "expanded without the labels and without absolute values", claim="theorem-4.1/tau/proof/norm-terms",
    ),
    Link(
        "sum_j |sum_i u_j lambda_i y_i sigma'_ij x_i|^2", ">=",
        "sum_j ((1 - psi) sum_i lambda_i^2 sigma'_ij^2 - phi sum_{i != k} lambda_i lambda_k sigma'_ij sigma'_kj) / n",
        "|x_i|^2 >= 1 - psi, |y_i y_k <x_i, x_k>| <= phi: true again of the line above",
    ),
    Link("sigma'_ij sigma'_kj", "<=", "sigma'_ij^2", "0 or 1"),
    Link("A", "<=", "sum_j u_j^2 lambda_i sigma'_ij", "cited: Lemma C.4", claim="lemma-C.4/2"),
    Link("sum_j u_j^2 lambda_i sigma'_ij", "<=", "20.4", "cited: Lemma C.3", claim="lemma-C.3/2", constant="20.4"),
    Link(
        "sum_i lambda_i^2 sum_j sigma'_ij and sum_{i != k} lambda_i lambda_k sum_j sigma'_ij", ">=",
        "sum_i lambda_i A n, and at most sum_{i != k} lambda_i 20.4 n",
        "sum_j lambda_i sigma'_ij lies in [A n, 20.4 n]; in the second sum i and k change places",
    ),
    Link(
        "(1 - psi) A", ">=", "0.9 A", "psi <= 0.1: true where A >= 0, that is for epsilon up to about 0.46", "norm-psi",
        (lambda p: (1 - p.psi) * factor(p), lambda p: p.q("0.9") * factor(p)),
        (Part(lambda p: 0, lambda p: (p.q("0.1") - p.psi) * factor(p), "equivalent: the difference of the sides, A taken out"),),
        corrected_by=_TRUE,
    ),
    Link(
        "20.4 phi (m - 2)", "<=", "20.4 epsilon_d / (4 n)", "(m - 2) / m <= 1", "cross",
        (_cross, lambda p: p.q("20.4") * p.epsilon_d / (4 * p.neurons)),
    ),
    Link(
        "0.9 A - 5.1 epsilon_d / n", ">=", "0", "needed where sum_i lambda_i is replaced by its lower bound (m - 1) A", "norm-bracket",
        (_bracket, lambda p: 0), corrected_by=_TRUE,
    ),
)  # fmt: skip
_NUMBERS = (
    Link(
        "0.9 A^2 - 5.1 epsilon_d / n A", ">=",
        "0.72 + 19 epsilon_d^2 / n^2 + 3 epsilon + 8 epsilon_d epsilon / n - 7.6 epsilon_d / n - 3.2 epsilon - 4.6 epsilon_d / n",
        "expanded; 3.3 epsilon^2 has become 3 epsilon", "norm-expanded", (norm_factor, _displayed),
        (
            Part(
                lambda p: 0, without_cross,
                "multiplied out, the difference of the sides is this plus w (0.0932 + 17.82784 epsilon + 24.04064 w), w = epsilon_d / n above 0 and "
                "as small as one likes",
            ),
        ),
        corrected_by=_TRUE,
    ),
    Link(
        "0.72 + 19 epsilon_d^2 / n^2 + 3 epsilon + 8 epsilon_d epsilon / n - 7.6 epsilon_d / n - 3.2 epsilon - 4.6 epsilon_d / n", ">=",
        "0.72 - 12.2 epsilon_d / n - 0.2 epsilon", "products left out", "norm-collected", (_displayed, expanded),
        (Part(lambda p: 0, lambda p: 19 * p.epsilon_d / p.neurons + 8 * p.epsilon, "what is left out, divided by epsilon_d / n"),),
    ),
    Link(
        "0.9 A^2 - 5.1 epsilon_d / n A", ">=", "0.72 - 12.2 epsilon_d / n - 0.2 epsilon", "the two before together",
        claim="theorem-4.1/tau/proof/norm-expansion",
    ),
    Link(
        "0.72 - 12.2 epsilon_d / n - 0.2 epsilon", ">=", "0.3", "the ends of the box", "norm-least", (expanded, lambda p: p.q("0.3")),
        constant="0.3",
    ),
    Link("0.9 A^2 - 5.1 epsilon_d / n A", ">=", "0.3", "what is used", claim="theorem-4.1/tau/proof/norm-arithmetic", constant="0.3"),
)  # fmt: skip


def _end(theorem, k, others, source):
    return (
        Link("|u|", "<=", f"22 {k}epsilon_d / sqrt(m)", source, claim=f"{theorem}/epsilon/proof/correction-norm", constant="22"),
        Link("|theta^|^2", ">=", f"0.3 {others}", "true, though not by these lines", claim=f"{theorem}/tau/proof/norm", constant="0.3"),
    )  # fmt: skip


CHAINS = (
    Chain(
        "theorem-4.1/tau/proof", ("theorem-4.1/tau",), "Appendix C.2.2",
        (
            *_COSINE, *_SUMS, *_NUMBERS, *_end("theorem-4.1", "", "(m - 1)", "n squares, Lemma C.2"),
            Link(
                "22 epsilon_d / sqrt(m) / sqrt(0.3 (m - 1))", "<=", "41 epsilon_d / m", "40.17 sqrt(m / (m - 1)) is above 41 up to m = 24",
                claim="theorem-4.1/tau/proof/ratio", constant="41",
            ),
            Link("1 - 2 |u| / |theta^|", ">=", "1 - 82 epsilon_d / m", "2 times 41", constant="82"),
        ),
        "Broken at the norm, for the error is left out and the arithmetic needs epsilon below about 0.17, and at the last ratio, for up to 24 "
        "points.",
        ONE_POINT.box,
    ),
    Chain(
        "theorem-C.1/tau/proof", ("theorem-C.1/tau",), "Appendix C.3",
        (
            *_COSINE,
            Link(
                "the lines of C.2.2 for |theta^|^2", "=>", "the same with m - k", "said to be the same proof",
                claim="theorem-4.1/tau/proof/norm-arithmetic",
            ),
            *_end("theorem-C.1", "k ", "(m - k)", "as for epsilon"),
            Link(
                "22 k epsilon_d / sqrt(m) / sqrt(0.3 (m - k))", "<=", "41 k epsilon_d / (m - k)", "40.17 / sqrt(m (m - k)) <= 41 / (m - k)",
                claim="theorem-C.1/tau/proof/ratio", constant="41",
            ),
            Link("1 - 2 |u| / |theta^|", ">=", "1 - 82 k epsilon_d / (m - k)", "2 times 41", constant="82"),
        ),
        "Broken where it repeats the norm of C.2.2; its own ratio is right.", SETS.box,
    ),
)  # fmt: skip
