"""Chains of Theorems 3.1 and B.1, second part: 1 - cos is at most the square of the relative distance, for every forget set."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from ..linear.cosine_proof import bound
from .linear_numbers import SETS, excess_below, largest, number


def _optimum_excess(p):
    """r = L c at epsilon = delta = 0, what lambda*_i N_i differs from 1 by: L = 1 / (0.9 - epsilon_d / 4) then."""
    return p.epsilon_d / 4 / (1 - p.psi - p.epsilon_d / 4)


def _weight(p):
    """W = (1 + epsilon_d / (4 N_0)) / (1 - r), the square of the factor of D."""
    return (1 + p.epsilon_d / (4 * (1 - p.psi))) / (1 - _optimum_excess(p))


def _coefficients(p):
    """Of epsilon_d, epsilon and delta in z: D is the sum of both excesses, and one point is left."""
    size = root(_weight(p))
    others = largest(p) * (p.points - 1) / (4 * p.points) + 1 / (4 * (1 - p.psi - p.epsilon_d / 4))
    own = 1 / root((1 - _optimum_excess(p)) / (1 + p.psi))
    return size * others, own + size * root(1 + p.psi), size * (1 + p.psi) / (1 + excess_below(p))


def apart(p):
    """z, the bound of |w^ - w*| / |w*| that the argument gives with one point left."""
    return sum(coefficient * error for coefficient, error in zip(_coefficients(p), (p.epsilon_d, p.epsilon, p.delta)))


def share_of_roots(p):
    """A bound of z over the sum of the roots, a mean of the three c sqrt(x): at most the fourth root of the sum of their fourth powers."""
    return root(root(sum((coefficient**2 * error) ** 2 for coefficient, error in zip(_coefficients(p), (p.epsilon_d, p.epsilon, p.delta)))))


def _printed_weight(p):
    """(1 + epsilon_d / 3.6) / (1 - 0.6 epsilon_d)."""
    return (1 + p.epsilon_d / p.q("3.6")) / (1 - p.q("0.6") * p.epsilon_d)


def _printed(p):
    return p.q("1.4") * p.epsilon_d + p.q("2.3") * p.epsilon + p.q("1.3") * p.delta


_ENTRIES = (
    Link("lambda_i N_i", ">=", "1 - 0.6 epsilon_d - 1.05 epsilon, N_i = |x_i|^2", "Lemma B.2", claim="lemma-B.2/lower/version/sharper"),
    Link("lambda_i N_i", "<=", "1 + 0.6 epsilon_d + 1.05 epsilon + 1.1 delta", "Lemma B.2", claim="lemma-B.2/upper/version/sharper"),
    Link(
        "|lambda_i - lambda*_i| N_i", "<=", "D = 1.2 epsilon_d + 1.05 epsilon + 1.1 delta",
        "w* is a KKT point without errors of the r <= m retained points, and phi <= epsilon_d / (4 m) <= epsilon_d / (4 r), so |lambda*_i N_i - 1| "
        "<= 0.6 "
        "epsilon_d by the same lemma for every positive epsilon and delta, in the limit 0", claim="theorem-B.1/cosine/proof/difference", argued=True,
    ),
    Link(
        "|w*|^2", ">=", "(1 - 0.6 epsilon_d) sum 1 / N_i", "lambda*_i >= (1 - 0.6 epsilon_d) / N_i > 0, so margins of w* are 1 and |w*|^2 = sum "
                                                           "lambda*_i "
        "margin_i = sum lambda*_i", claim="theorem-B.1/cosine/proof/optimum", argued=True,
    ),
    Link("y_t <w^, x_t>", ">=", "1 - 0.6 k epsilon_d / m > 0", "first part of Theorem B.1", claim="theorem-B.1/kkt/proof/primal"),
    Link(
        "1 - cos(w^, w*)", "<=", "z^2, z = |w^ - w*| / |w*|",
        "<w^, w*> = sum lambda*_i y_i <w^, x_i> > 0, so 1 - cos <= 1 - cos^2 = sin^2, and |w*| sin, the distance of w* from the line through w^, is "
        "at "
        "most |w^ - w*|", claim="theorem-B.1/cosine/proof/sine", argued=True,
    ),
    Link(
        "|w^ - v - w*|^2", "<=", "(1 + epsilon_d / 3.6) D^2 sum 1 / N_i",
        "with mu = lambda - lambda*: sum mu_i^2 N_i + sum over i != k of |mu_i mu_k| phi <= sum mu_i^2 (N_i + (r - 1) phi), 2 |mu_i mu_k| being at "
        "most "
        "mu_i^2 + mu_k^2; (r - 1) phi <= epsilon_d / 4 <= N_i epsilon_d / 3.6, and (mu_i N_i)^2 <= D^2", claim="theorem-B.1/cosine/proof/gap",
        argued=True,
    ),
    Link("z", "<=", "epsilon / sqrt(0.94 / 1.1) + sqrt(W) D, W = (1 + epsilon_d / 3.6) / (1 - 0.6 epsilon_d)",
         "|w^ - w*| <= |v| + |w^ - v - w*| and |v| <= epsilon; sum 1 / N_i >= 1 / 1.1, and 0.6 epsilon_d <= 0.06"),
)  # fmt: skip
_SIZES = (
    Link("W", "<=", "1.1", "epsilon_d <= 0.1", "weight", (_printed_weight, number("1.1"))),
    Link("1.2 sqrt(1.1)", "<=", "1.4", "the coefficient of epsilon_d", "epsilon_d", (lambda p: p.q("1.2") * root(p.q("1.1")), number("1.4"))),
    Link("sqrt(1.1 / 0.94) + 1.05 sqrt(1.1)", "<=", "2.3", "that of epsilon", "epsilon",
         (lambda p: root(p.q("1.1") / p.q("0.94")) + p.q("1.05") * root(p.q("1.1")), number("2.3"))),
    Link("1.1 sqrt(1.1)", "<=", "1.3", "that of delta", "delta", (lambda p: p.q("1.1") * root(p.q("1.1")), number("1.3"))),
)  # fmt: skip

CHAINS = (
    Chain(
        "theorem-B.1/cosine/version/quadratic/derivation",
        (
            "theorem-B.1/cosine/version/quadratic", "theorem-3.1/cosine/version/quadratic", "theorem-B.1/cosine/version/root",
            *(f"theorem-B.1/cosine/proof/{name}" for name in ("difference", "optimum", "sine", "gap")),
        ),
        "ours, for Theorem B.1",
        (*_ENTRIES, *_SIZES),
        "1 - cos <= z^2 <= (1.4 epsilon_d + 2.3 epsilon + 1.3 delta)^2 for every forget set that leaves a point. Compared are the "
        "roots of both bounds; given is z with the bounds of Lemmas B.1 and B.2 as functions.",
        SETS,
        author="ours",
        given=apart,
        printed=_printed,
        attained_by="theorem-B.1/cosine/version/root",
    ),
    Chain(
        "theorem-B.1/cosine/derivation",
        ("theorem-B.1/cosine", "theorem-3.1/cosine", "theorem-B.1/cosine/proof/mass"),
        "ours, for Theorem B.1",
        (
            Link("1 - cos", "<=", "Z^2, Z = 1.4 epsilon_d + 2.3 epsilon + 1.3 delta", "shown there", claim="theorem-B.1/cosine/version/quadratic"),
            Link("y_t <w^, x_t>", ">=", "1 - 0.6 k epsilon_d / m > 0", "first part of Theorem B.1", claim="theorem-B.1/kkt/proof/primal"),
            Link("1 - cos", "<=", "1", "<w^, w*> = sum lambda*_i y_i <w^, x_i> > 0, as retained margins of w^ are positive"),
            Link("1 - cos", "<=", "Z", "the smaller of Z^2 and 1 is at most Z"),
            Link("Z", "<=", "1.63 (sqrt(epsilon_d) + sqrt(epsilon) + sqrt(delta))", "a <= sqrt(a_max) sqrt(a), term by term", "roots", (_printed,
                 bound("1.63")),
                 parts=(Part(lambda p: p.q("1.4") * root(p.epsilon_d), number("1.63"), "the terms with epsilon_d, over its root"),
                        Part(lambda p: p.q("2.3") * root(p.epsilon), number("1.63"), "those with epsilon"),
                        Part(lambda p: p.q("1.3") * root(p.delta), number("1.63"), "those with delta")), constant="1.63"),
            Link("1.63", "<=", "4", "numbers", "number", (number("1.63"), number("4")), constant="4"),
            Link("lambda_i N_i", ">=", "1 - 0.6 epsilon_d - 1.1 epsilon", "Lemma B.2", claim="lemma-B.2/lower"),
            Link("Lambda", ">=", "0.1 (m - k)", "Lemma B.2 for each of m - k retained points, N_i <= 1.1; not needed above",
                 claim="theorem-B.1/cosine/proof/mass", argued=True),
            Link("(1 - 0.6 epsilon_d - 1.1 epsilon) / 1.1", ">=", "0.1", "numbers", "mass",
                 (lambda p: (1 - p.q("0.6") * p.epsilon_d - p.q("1.1") * p.epsilon) / p.q("1.1"), number("0.1"))),
        ),
        "1 - cos <= 1.63 times the sum of the roots, less than the 4 of the printed chain. Given is a bound of z over the sum of the roots.",
        SETS,
        author="ours",
        given=share_of_roots,
        printed=number("4"),
        value="4",
    ),
)  # fmt: skip
