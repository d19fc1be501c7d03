"""Chains of Remark B.1 that work: norms and margins of w, the shadow of w~ on the forgotten point, and how far w lies from every w~."""

from ...instances import root
from ..chain import Chain, Link
from .linear_numbers import TWO_POINTS, cross, largest, norm, number

_SOURCE = "ours, for Remark B.1"
_LARGEST = Link("max lambda", "<=", "2.03", "the settings of Theorem 3.1", claim="lemma-B.1/version/settings-of-3.1")


def _plus_root(first, last):
    """Larger root of t^2 = first t + last."""
    return (first + root(first**2 + 4 * last)) / 2


def _norm_above(bound):
    """|w|^2 / m with multipliers at most ``bound``."""
    return lambda p: _plus_root(p.epsilon / root(p.q("1") * p.points), bound(p) + p.delta) ** 2


def _margin_above(bound, squared_norm):
    """The larger root h of (h - 1)(h - q) = delta N, q = L c + epsilon sqrt(N)."""

    def margin(p):
        q = bound(p) * cross(p) + p.epsilon * root(squared_norm(p))
        return (1 + q + root((1 - q) ** 2 + 4 * p.delta * squared_norm(p))) / 2

    return margin


def _shadow_error(p):
    """Coefficient of k epsilon~ in the shadow, for squared norms up to 1 + psi."""
    return p.epsilon_d / (8 * root(p.q("0.875"))) + root(1 + p.psi)


FACTS = (
    Chain(
        "remark-B.1/proof/norm-above/derivation",
        ("remark-B.1/proof/norm-above", "remark-B.1/proof/norm-quadratic"),
        _SOURCE,
        (
            _LARGEST,
            Link("|w|^2", "<=", "(2.03 + delta) m + epsilon |w|",
                 "|w|^2 = sum lambda_i y_i <x_i, w> + <v, w>; each lambda_i margin_i is lambda_i plus its slackness, at most 2.03 + delta; |v| <= "
                 "epsilon",
                 claim="remark-B.1/proof/norm-quadratic", argued=True),
            Link("|w| / sqrt(m)", "<=", "t, the larger root of t^2 = (epsilon / sqrt(m)) t + 2.03 + delta", "divided by m; a quadratic at most 0"),
            Link("t^2", "<=", "3.16", "m >= 2, epsilon, delta <= 0.5", "number", (_norm_above(number("2.03")), number("3.16")), constant="3.16"),
        ),
        "|w|^2 <= t^2 m <= 3.16 m. Given is t^2 with the bound of Lemma B.1 as a function.",
        TWO_POINTS, "ours", _norm_above(largest), number("3.16"), value="3.16",
    ),
    Chain(
        "remark-B.1/proof/margin-above/derivation",
        ("remark-B.1/proof/margin-above", "remark-B.1/proof/margin-quadratic"),
        _SOURCE,
        (
            _LARGEST,
            Link("(h - 1)(h - q)", "<=", "delta N, h = margin_i, N = |x_i|^2, q = 2.03 phi (m - 1) + epsilon sqrt(N)",
                 "h <= lambda_i N + q by the triangle inequality and Cauchy and Schwarz; times h - 1 >= 0, and lambda_i (h - 1) <= delta",
                 claim="remark-B.1/proof/margin-quadratic", argued=True),
            Link("h", "<=", "the larger root of (h - 1)(h - q) = delta N", "a quadratic at most 0"),
            Link("that root", "<=", "1.56", "psi <= 0.1, phi (m - 1) <= epsilon_d / 4", "number",
                 (_margin_above(number("2.03"), norm), number("1.56")),
                 constant="1.56"),
        ),
        "No margin is above 1.56. Given is the root at N = 1 + psi, where it is largest, with the bound of Lemma B.1 as a function.",
        TWO_POINTS, "ours", _margin_above(largest, lambda p: 1 + p.psi), number("1.56"), value="1.56",
    ),
    Chain(
        "remark-B.1/proof/shadow/derivation",
        ("remark-B.1/proof/shadow", "remark-B.1/proof/retained-norm"),
        _SOURCE,
        (
            Link("y_l <k w~, x_l>", "<=", "phi k sum lambda~_i + sqrt(1.1) k epsilon~",
                 "w~ = sum over i != l of lambda~_i y_i x_i + v~, |v~| <= epsilon~, |x_l|^2 <= 1.1, k >= 0: triangle inequality and Cauchy and "
                 "Schwarz"),
            Link("0.9 - (m - 2) phi", ">=", "0.875", "(m - 2) phi <= epsilon_d / 4 <= 0.025", "eigenvalue",
                 (lambda p: p.q("0.9") - p.epsilon_d / (4 * p.points) * (p.points - 2), number("0.875"))),
            Link("0.875 sum lambda~_i^2", "<=", "|w~ - v~|^2", "2 |lambda~_i lambda~_k| <= lambda~_i^2 + lambda~_k^2 for the inner products, each "
                                                               "at most phi",
                 claim="remark-B.1/proof/retained-norm", argued=True),
            Link("(sum lambda~_i)^2", "<=", "(m - 1) sum lambda~_i^2", "Cauchy and Schwarz"),
            Link("k |w~ - v~|", "<=", "|w| + k epsilon~", "k w~ is a projection of w, so k |w~| <= |w|"),
            Link("|w|^2", "<=", "3.16 m", "above", claim="remark-B.1/proof/norm-above"),
            Link("epsilon_d / (4 m) sqrt((m - 1) / 0.875) sqrt(3.16 m)", "<=", "0.476 epsilon_d", "over epsilon_d; (m - 1) / m <= 1", "epsilon_d",
                 (lambda p: root(p.q("3.16") / p.q("0.875")) / 4, number("0.476")), constant="0.476"),
            Link("epsilon_d / (4 m) sqrt((m - 1) / 0.875) + sqrt(1.1)", "<=", "1.063", "(m - 1) / m^2 <= 1 / 4, as (m - 2)^2 >= 0", "error",
                 (lambda p: p.epsilon_d / (8 * root(p.q("0.875"))) + root(p.q("1.1")), number("1.063")), constant="1.063"),
        ),
        "y_l <k w~, x_l> <= (epsilon_d / (4 m)) sqrt((m - 1) / 0.875) (sqrt(3.16 m) + k epsilon~) + sqrt(1.1) k epsilon~ <= 0.476 epsilon_d + 1.063 "
        "k "
        "epsilon~, whatever delta~ is. Compared are the coefficients of k epsilon~.",
        TWO_POINTS, "ours", _shadow_error, number("1.063"),
    ),
)  # fmt: skip

_RAY = (
    Link("cos", "<=", "0, or k w~ is the point of the ray of w~ nearest to w, k > 0",
         "for cos <= 0 the distance is at least 1, more than is claimed"),
    Link("y_l <k w~, x_l>", "<=", "t = 0.476 epsilon_d + 1.063 k epsilon~", "above", claim="remark-B.1/proof/shadow"),
    Link("1.1 |w - k w~|^2", ">=", "(1 - t)^2 if t < 1", "margin_l of w is at least 1, so y_l <w - k w~, x_l> >= 1 - t; |x_l|^2 <= 1.1",
         claim="remark-B.1/proof/apart", argued=True),
    Link("margins of w", "<=", "1.56", "above", claim="remark-B.1/proof/margin-above"),
    Link("|w*|^2", ">=", "(1 - 0.6 epsilon_d) sum 1 / |x_i|^2 >= 0.8545 (m - 1)", "w* of the retained points",
         claim="theorem-B.1/cosine/proof/optimum"),
    Link("|w - k w~|^2", ">=", "0.8545 (m - 1) (k - 1.56)^2 if k > 1.56",
         "retained margins of u = k w~ - w are at least r = k - 1.56, and |u| |w*| >= <u, w*> = sum lambda*_i y_i <u, x_i> >= r sum lambda*_i = r "
         "|w*|^2",
         claim="remark-B.1/proof/apart-far", argued=True),
    Link("0.94 / 1.1", ">=", "0.8545", "epsilon_d <= 0.1, |x_i|^2 <= 1.1", "optimum", (lambda p: p.q("0.94") / p.q("1.1"), number("0.8545"))),
    Link("1 - cos", ">=", "|w - k w~|^2 / (2 |w|^2)", "sin^2 = (1 - cos)(1 + cos) <= 2 (1 - cos), and |w - k w~| = |w| sin",
         claim="remark-B.1/proof/half-sine", argued=True),
    Link("|w|^2", "<=", "3.16 m", "above", claim="remark-B.1/proof/norm-above"),
)  # fmt: skip


def _far(text, constant):
    """1 - cos over 1/m for k above K, K - 1.56 being ``text``: at least ``constant``."""
    return (lambda p: p.q(text) ** 2 * p.q("0.8545") / p.q("6.32"), number(constant))


def _identity(p):
    """p (2 - p) / (1.1 . 6.32) at p = 1.9613."""
    slope = p.q("1.9613")
    return slope * (2 - slope) / (p.q("1.1") * p.q("6.32"))


STATEMENTS = (
    Chain(
        "remark-B.1/derivation",
        ("remark-B.1", "remark-B.1/version/proof", *(f"remark-B.1/proof/{name}" for name in ("half-sine", "apart", "apart-far"))),
        _SOURCE,
        (
            *_RAY,
            Link("s = epsilon_d + epsilon~", "<", "1/m <= 1/2", "for s >= 1/m the bound is at most 0"),
            Link("t", "<=", "p s, p = 1.9613, if k <= K = 1.845", "0.476 epsilon_d + 1.063 K epsilon~, term by term", "slope",
                 (lambda p: p.q("1.063") * p.q("1.845"), number("1.9613"))),
            Link("0.476", "<=", "1.9613", "the other term", "other-slope", (number("0.476"), number("1.9613"))),
            Link("p s", "<=", "0.99 < 1", "s <= 1/2", "acute", (lambda p: p.q("1.9613") * p.free / 2, number("0.99"))),
            Link("(1 - p s)^2", ">=", "p (2 - p) (1 - 2 s) >= p (2 - p) (1 - m s)", "the difference is (1 - p + p s)^2; m >= 2 and p < 2"),
            Link("p (2 - p) / (1.1 . 2 . 3.16)", ">=", "0.0109", "numbers: k <= K", "near", (_identity, number("0.0109")), constant="0.0109"),
            Link("(K - 1.56)^2 0.8545 / (2 . 3.16)", ">=", "0.0109", "numbers: k > K, as m - 1 >= 1", "far", _far("0.285", "0.0109"),
                 constant="0.0109"),
            Link("0.0109", ">=", "0.009", "numbers", "number", (number("0.0109"), number("0.009")), constant="0.009"),
        ),
        "For k <= K, 1 - cos >= (1 - t)^2 / (1.1 . 6.32 m) >= 0.0109 (1/m - s); for k > K, 1 - cos >= 0.0109/m. Subtracting the error of w as well "
        "weakens it.",
        TWO_POINTS, "ours", number("0.0109"), number("0.009"), lower=True, value="0.009",
    ),
    Chain(
        "remark-B.1/version/sharper/derivation",
        ("remark-B.1/version/sharper",),
        _SOURCE,
        (
            *_RAY,
            Link("t", "<=", "0.9204 if k <= K = 1.642", "epsilon_d <= 0.1, epsilon~ <= 0.5", "shadow",
                 (lambda p: p.q("0.476") * p.epsilon_d + p.q("1.063") * p.q("1.642") * p.q("0.5"), number("0.9204"))),
            Link("(1 - 0.9204)^2 / (1.1 . 2 . 3.16)", ">=", "0.0009", "numbers: k <= K", "near",
                 (lambda p: p.q("0.0796") ** 2 / (p.q("1.1") * p.q("6.32")), number("0.0009"))),
            Link("(K - 1.56)^2 0.8545 / (2 . 3.16)", ">=", "0.0009", "numbers: k > K, as m - 1 >= 1", "far", _far("0.082", "0.0009"),
                 constant="0.0009"),
            Link("0.0009", ">=", "0.0008", "numbers", "number", (number("0.0009"), number("0.0008")), constant="0.0008"),
        ),
        "1 - cos is at least 0.0009/m in both cases.",
        TWO_POINTS, "ours", number("0.0009"), number("0.0008"), lower=True, value="0.0008",
    ),
)  # fmt: skip

CHAINS = (*FACTS, *STATEMENTS)
