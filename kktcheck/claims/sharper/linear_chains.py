"""The proofs of `linear` and of the linear part of `multipliers`, link by link; and that Theorem 3.1's cosine follows."""

from ...instances import root
from ..chain import Box, Chain, Link
from ..claim import Part
from . import bounds
from .bounds import of_linear_constants
from .network_chains import OWN, at

_ALL, _HALF = Box("1", "1", "1", points=2, some_kept=True), Box("0.5", "0.5", "0.1", points=2, some_kept=True)
_M, _T, _S = "sharper/multipliers-linear", "sharper/linear", "sharper/linear-sets"
_OURS = {"source": "ours, for Theorems 3.1 and B.1", "author": "ours"}


def _at(function):
    return at(function, of_linear_constants)


def _both(*names):
    return tuple(f"{family}/{name}" for family in (_T, _S) for name in names)


def _least_multiplier(s):
    """(1 - kappa L - sqrt(1.1) epsilon) / 1.1."""
    return (1 - s.crossing * bounds.size(s) - s.epsilon * root(s.q("1.1"))) / s.q("1.1")


def _exact_crossing(s):
    """kappa L without errors."""
    return s.crossing / (s.q("0.9") - s.crossing)


POSITIVE = Link(
    "0.65", "<=", "0.9 - kappa", "kappa <= epsilon_d / 4", "positive",
    (lambda p: p.q("0.65"), lambda p: p.q("0.9") - of_linear_constants(p).crossing),
)  # fmt: skip
LARGEST = Link("lambda_i", "<=", "L", "multipliers of linear predictors", claim=f"{_M}/largest")
MOVE = Link(
    "|margin^_r - margin_r|", "<=", "x = k phi L", "the margin of r loses y_r <x_r, x_l> lambda_l y_l for each l in F, each at most phi L in size",
    claim=f"{_S}/plain/proof/move", argued=True,
)  # fmt: skip
SMALL = Link("x", "<=", "0.9", "L at the ends of the box, k < m", "move", (_at(bounds.moved), lambda p: p.q("0.9")))
FLOOR = Link("0.65", "<=", "mu", "Gershgorin: eigenvalues of K are at least mu", "floor", (lambda p: p.q("0.65"), _at(bounds.floor)))
KEPT = Link("<w', x_r>", "=", "<w, x_r>, r retained", "x_l - P x_l is orthogonal to every retained point")
STEP = Link(
    "|s|^2", "<=", "(k phi L)^2 S / (1 - (r - 1) phi / 0.9), s = P sum_F lambda_l y_l x_l",
    "|s|^2 = b' K^-1 b with |b_r| <= phi sum_F lambda_l; scaled by its diagonal K has eigenvalues of at least 1 - (r - 1) phi / 0.9",
    claim=f"{_S}/projected/proof/step-by-norms", argued=True,
)  # fmt: skip
EXCESS = Link("margin_r - 1", "<=", "d", "margins of linear predictors", claim=f"{_T}/proof/excess")

CHAINS = (
    Chain(
        f"{_M}/largest/derivation", (f"{_M}/largest",), "ours, for Lemma B.1",
        (
            Link(
                "q_i lambda_i^2", "<=", "lambda_i (1 + kappa max lambda + sqrt(q_i) epsilon) + delta",
                "slackness is lambda_i margin_i <= lambda_i + delta; the margin is q_i lambda_i, plus m - 1 terms of at most phi max lambda, plus "
                "y_i <v, x_i>",
                claim=f"{_M}/proof/quadratic", argued=True,
            ),
            POSITIVE,
            Link(
                "epsilon", "<=", "2 sqrt(0.9) L", "L >= 1 / 0.9", "grows", (lambda p: p.epsilon,
                lambda p: 2 * root(p.q("0.9")) * _at(bounds.size)(p)),
                parts=(Part(lambda p: p.epsilon, lambda p: 2 / root(p.q("0.9")), "L >= B / D >= 1 / 0.9"),),
            ),
            Link(
                "max lambda", "<=", "L",
                "at the largest multiplier l, f(q) = (q - kappa) l^2 - (1 + sqrt(q) epsilon) l - delta <= 0, q = q_i; f(q) - f(0.9) = (sqrt(q) - "
                "sqrt(0.9)) "
                "l ((sqrt(q) + sqrt(0.9)) l - epsilon) is at least 0 where 2 sqrt(0.9) l >= epsilon; were l > L, so f(q) >= f(0.9) > 0",
            ),
        ),
        "Every multiplier is at most the largest.", _ALL, author="ours", **OWN,
    ),
    Chain(
        f"{_M}/own/derivation", (f"{_M}/upper", f"{_M}/lower"), "ours, for Lemma B.2",
        (
            LARGEST,
            Link(
                "|margin_i - q_i lambda_i|", "<=", "kappa L + sqrt(q_i) epsilon", "m - 1 inner products of at most phi, multipliers at most L, and "
                "<v, x_i>",
                claim=f"{_M}/proof/margin", argued=True,
            ),
            Link("1", "<=", "margin_i", "primal feasibility"),
            Link(
                "q_i lambda_i", "<=", "the larger root of t^2 = (1 + kappa L + sqrt(q_i) epsilon) t + q_i delta",
                "lambda_i (margin_i - 1) <= delta with margin_i >= q_i lambda_i - kappa L - sqrt(q_i) epsilon, times q_i; t = q_i lambda_i >= 0",
            ),
        ),
        "The lower bound is the second and third link, the upper one the last.", _ALL, author="ours", **OWN,
    ),
    Chain(
        f"{_T}/plain/derivation", _both("plain/delta", "plain/epsilon", "plain/proof/move"),
        links=(
            LARGEST, MOVE, SMALL,
            Link("C", "<=", "1 / (1 - x)", "margins after the step are at least 1 - x > 0, and C is one over the least of them"),
            Link("|C v|", "<=", "epsilon_1 / (1 - x)", "gradients do not change, so the error is C v with the multipliers C lambda_r"),
            Link(
                "C lambda_r (C margin^_r - 1)", "<=", "c lambda_r (c margin^_r - 1), c = 1 / (1 - x)",
                "where the left side is at least 0 it grows with C, and the right side is at least 0 as margin^_r >= 1 - x",
            ),
            Link(
                "c lambda_r (c margin^_r - 1)", "<=", "c^2 (delta_1 + 2 x L)",
                "margin^_r <= margin_r + x, so it is c^2 lambda_r (margin_r - 1) + c^2 lambda_r x + c (c - 1) lambda_r, and c - 1 = c x",
            ),
        ),
        conclusion="Both at the least feasible scale; a single point is a set.", box=_ALL, attained_by=f"{_S}/plain/proof/move",
        **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/projected/epsilon/derivation", _both("projected/epsilon", "projected/proof/step"),
        links=(
            LARGEST, KEPT, STEP, FLOOR,
            Link("S", "<=", "r / 0.9", "squared norms are at least 0.9"),
            Link("|v + s|", "<=", "epsilon_1 + k phi L sqrt(r / mu)", "the error on the retained points is v + s; triangle inequality"),
        ),
        conclusion="With the original's multipliers the error is v + s. A single point is a set.", box=_ALL, attained_by=f"{_S}/projected/proof/step",
        **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/projected/delta/derivation", _both("projected/delta"),
        links=(KEPT, Link("lambda_r (margin'_r - 1)", "=", "lambda_r (margin_r - 1) <= delta_1", "retained margins stay")),
        conclusion="Slackness and feasibility are the original's. A single point is a set.", box=_ALL, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/projected/tau/derivation", _both("projected/tau"),
        links=(
            LARGEST, KEPT, STEP,
            Link(
                "|w'|^2", ">=", "S / (1 + phi S)", "retained margins are at least 1, so <w', G> >= S for G = sum_r y_r x_r / q_r, and |G|^2 <= S + "
                "phi S^2",
                claim=f"{_S}/projected/proof/norm", argued=True,
            ),
            FLOOR,
            Link("sin^2", "<=", "|s|^2 / |w'|^2", "|w'| sin is the distance of w' from the line of w^, at most |w' - w^| = |s|"),
            Link("|s|^2 / |w'|^2", "<=", "s^2 = (k phi L)^2 (0.9 + r phi) / (0.9 - (r - 1) phi)", "S cancels but for phi S <= phi r / 0.9"),
            Link("s^2", "<=", "0.8", "L at the ends of the box", "below-one", (_at(bounds.angle), lambda p: p.q("0.8"))),
            Link("1 - cos", "<=", "s^2 / (1 + sqrt(1 - s^2))", "|s| < |w'| makes the angle acute; 1 - cos = sin^2 / (1 + cos)"),
        ),
        conclusion="1 - cos is at most tau. A single point is a set.", box=_ALL, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/absorbed/proof/coefficients/derivation", _both("absorbed/proof/coefficients"),
        links=(
            LARGEST, FLOOR,
            Link(
                "|c_r|", "<=", "k phi L / mu", "K c = b with |b_r| <= k phi L; at the largest |c_r| row r gives (q_r - (r - 1) phi) |c_r| <= |b_r|",
                claim=f"{_S}/absorbed/proof/coefficients", argued=True,
            ),
        ),
        conclusion="That is the bound. A single point is a set.", box=_ALL, **_OURS,
    ),
    Chain(
        f"{_T}/absorbed/derivation", _both("absorbed/delta", "absorbed/epsilon", "absorbed/dual"),
        links=(
            LARGEST, KEPT, FLOOR,
            Link("|c_r|", "<=", "k phi L / mu", "coefficients of what is given back", claim=f"{_S}/absorbed/proof/coefficients"),
            Link("lambda_r", ">=", "1 - kappa L - sqrt(q_r) epsilon_1, over q_r", "multipliers of linear predictors", claim=f"{_M}/lower"),
            Link(
                "k phi L / mu", "<=", "(1 - kappa L - sqrt(1.1) epsilon_1) / 1.1", "the ends of the box; q_r = 1.1 is worst, as the bracket is above "
                "sqrt(1.1) epsilon_1 / 2 there", "dual", (lambda p: _at(bounds.moved)(p) / _at(bounds.floor)(p), _at(_least_multiplier)),
            ),
            Link("w' - sum_r (lambda_r + y_r c_r) y_r x_r", "=", "v", "sum_r c_r x_r is what is given back"),
            EXCESS,
            Link(
                "(lambda_r + y_r c_r) (margin_r - 1)", "<=", "delta_1 + k phi L d / mu", "slackness of the original, and |c_r| times d",
            ),
        ),
        conclusion="Multipliers lambda_r + y_r c_r >= 0 with error v and that slackness. A single point is a set.", box=_HALF, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/excess/derivation", (f"{_T}/proof/excess",),
        links=(
            LARGEST,
            Link(
                "margin_i", "<=", "q_i lambda_i + b, b = kappa L + sqrt(q_i) epsilon_1", "m - 1 inner products of at most phi, and <v, x_i>",
                claim=f"{_M}/proof/margin", argued=True,
            ),
            Link(
                "u (1 + u - b)", "<=", "q_i delta_1, u = margin_i - 1 >= 0",
                "lambda_i >= (1 + u - b) / q_i and slackness u lambda_i <= delta_1; where 1 + u - b < 0 the left side is at most 0",
            ),
            Link("u", "<=", "d", "the larger root of u^2 = (b - 1) u + q_i delta_1 grows with b and q_i, which are largest at q_i = 1.1"),
        ),
        conclusion="u is at most the larger root, d.", box=_ALL, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/cosine/derivation", _both("cosine"),
        links=(
            LARGEST, MOVE, SMALL, EXCESS,
            Link("|margin^_r - 1|", "<=", "d + x", "margin_r lies in [1, 1 + d], and moves by at most "
            "x", claim=f"{_S}/cosine/proof/farthest", argued=True),
            Link("kappa L_0", "<=", "0.4", "L_0 = 1 / (0.9 - kappa) is L without errors", "support", (_at(_exact_crossing), lambda p: p.q("0.4"))),
            Link(
                "<w*, x_r> y_r", "=", "1", "w* is an exact KKT point of r <= m points, so q_r lambda*_r >= 1 - kappa L_0 > 0: each point is a "
                "support vector",
                claim=f"{_S}/cosine/proof/optimum", argued=True,
            ),
            FLOOR,
            Link(
                "|w^ - w*|^2", "<=", "(d + x)^2 S / (1 - (r - 1) phi / 0.9) + epsilon_1^2",
                "the part in the retained span has inner products y_r (margin^_r - 1) with the x_r, so its squared norm is a quadratic form of K^-1 "
                "in "
                "these; the part orthogonal to the span is that of v",
                claim=f"{_S}/cosine/proof/difference", argued=True,
            ),
            Link(
                "|w*|^2", ">=", "S / (1 + phi S)", "its margins are 1, so <w*, G> = S for G = sum_r y_r x_r / q_r, and |G|^2 <= S + phi S^2",
                claim=f"{_S}/cosine/proof/norm", argued=True,
            ),
            Link("sin^2", "<=", "|w^ - w*|^2 / |w*|^2", "|w*| sin is the distance of w* from the line of w^"),
            Link(
                "|w^ - w*|^2 / |w*|^2", "<=", "Q = epsilon_1^2 (1.1 / r + phi) + (d + x)^2 (0.9 + r phi) / (0.9 - (r - 1) phi)",
                "(1 + phi S) / S = 1 / S + phi, S >= r / 1.1; and S cancels in the other term but for phi S <= phi r / 0.9",
            ),
            Link("<w^, w*>", "=", "sum_r lambda*_r margin^_r > 0", "stationarity of w*, margin^_r >= 1 - x > 0"),
            Link("1 - cos", "<=", "Q / (1 + sqrt(1 - Q)) where Q < 1, else 1", "1 - cos = sin^2 / (1 + cos) for an acute angle"),
        ),
        conclusion="That is the bound. A single point is a set.", box=_ALL, **_OURS, **OWN,
    ),
)  # fmt: skip


def _slope(p):
    """d / delta_1 at most: 1.1 / (1 - kappa L - sqrt(1.1) epsilon_1)."""
    return 1 / _at(_least_multiplier)(p)


PAPER = Chain(
    f"{_T}/paper/derivation", ("theorem-3.1/cosine", "theorem-B.1/cosine"),
    links=(
        Link("1 - cos", "<=", "Q", "1 - cos <= sin^2 for an acute angle", claim=f"{_S}/cosine"),
        Link("d", "<=", "2.7 delta_1", "d = 2.2 delta_1 / ((1 - b) + sqrt((1 - b)^2 + 4.4 delta_1)) <= 1.1 delta_1 / (1 - b), b = kappa L + "
        "sqrt(1.1) epsilon_1",
             "excess", (_at(bounds.excess), lambda p: p.q("2.7") * p.delta), parts=(Part(_slope, lambda p: p.q("2.7"), "both sides over delta_1"),)),
        Link("x", "<=", "0.6 epsilon_d", "k < m", "move", (_at(bounds.moved), lambda p: p.q("0.6") * p.epsilon_d),
             parts=(Part(lambda p: _at(bounds.size)(p) * p.forgotten / (4 * p.points), lambda p: p.q("0.6"), "both sides over epsilon_d"),)),
        Link("d + x", "<=", "0.7", "the ends of the box", "both", (lambda p: _at(bounds.excess)(p) + _at(bounds.moved)(p), lambda p: p.q("0.7"))),
        Link("(0.9 + r phi) / (0.9 - (r - 1) phi)", "<=", "1.06", "r phi <= epsilon_d / 4", "even", (_at(bounds.evenness), lambda p: p.q("1.06"))),
        Link("1.1 / r + phi", "<=", "1.1 + epsilon_d / 8", "r >= 1 and phi = epsilon_d / (4 m), m >= 2"),
        Link("1.1 + epsilon_d / 8", "<=", "1.2", "epsilon_d <= 0.1", "norm", (lambda p: p.q("1.1") + p.epsilon_d / 8, lambda p: p.q("1.2"))),
        Link("Q", "<=", "1.2 epsilon_1^2 + 1.06 (0.7) (2.7 delta_1 + 0.6 epsilon_d)", "the links before, (d + x)^2 <= 0.7 (d + x)"),
        Link("1.2 epsilon_1^2 + 2.1 delta_1 + 0.5 epsilon_d", "<=", "4 (sqrt(epsilon_d) + sqrt(epsilon_1) + sqrt(delta_1))",
             "numbers below 1 are at most their roots; 1.06 . 0.7 . 2.7 < 2.1 and 1.06 . 0.7 . 0.6 < 0.5"),
    ),
    conclusion="Q is at most the printed bound with C = 4, and so is 1 - cos.", box=_HALF, **_OURS,
)  # fmt: skip
CHAINS = (*CHAINS, PAPER)
