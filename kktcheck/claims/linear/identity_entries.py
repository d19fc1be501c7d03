"""Steps of our proof of Remark B.1 that speak of points and multipliers, before arithmetic; chains start from them."""

from ...instances import root
from ..claim import Claim
from .forgetting import POINTS
from .forgetting import SETTINGS as POINT_SETTINGS
from .identity_norms import projection
from .lemmas import others
from .pairs import PAIRS, SETTINGS, distance

_POINT = {"family": POINTS, "hypotheses": POINT_SETTINGS, "source": "ours, for Remark B.1"}
_PAIR = {"family": PAIRS, "hypotheses": SETTINGS, "source": "ours, for Remark B.1"}


def _drawn_in(p):
    """q_i = 2.03 (m - 1) phi + epsilon |x_i|: how far a margin lies from lambda_i |x_i|^2; shape (m,)."""
    return p.q("2.03") * others(p) + p.epsilon * root(p.squared_norms)


def apart_squared(p):
    """|w - k w~|^2, k w~ the projection of w on the ray of w~."""
    k = projection(p)
    between = p.first.coefficients - k * p.second.coefficients
    orthogonal = p.beyond + k**2 * p.other_beyond - 2 * k * p.correlation * root(p.beyond * p.other_beyond)
    return between @ p.gram @ between + orthogonal


def _above_zero(value):
    return value if value > 0 else 0 * value


def _far(p):
    return _above_zero(projection(p) - p.q("1.56")) ** 2 * p.q("0.8545") * (p.num_points - 1)


def _near(p):
    return _above_zero(1 - p.q("0.476") * p.epsilon_d - p.q("1.063") * projection(p) * p.other_epsilon) ** 2


CLAIMS = (
    Claim(
        "remark-B.1/proof/norm-quadratic",
        "A step of our proof: |w|^2 is at most (2.03 + delta) m + epsilon |w|.",
        lambda p: p.norm_squared,
        lambda p: (p.q("2.03") + p.delta) * p.num_points + p.epsilon * root(p.norm_squared),
        latex=r"\|w\|^2 \leq (2.03 + \delta) m + \epsilon \|w\|",
        constant="2.03",
        derivation="|w|^2 = sum lambda_i margin_i + <v, w>, lambda_i margin_i = lambda_i + slackness_i, lambda_i <= 2.03 (Lemma B.1).",
        **_POINT,
    ),
    Claim(
        "remark-B.1/proof/margin-quadratic",
        "A step of our proof: every margin satisfies a quadratic inequality, (margin - 1)(margin - q) <= delta |x|^2.",
        lambda p: (p.margins - 1) * (p.margins - _drawn_in(p)),
        lambda p: p.delta * p.squared_norms,
        latex=r"(h_i - 1)(h_i - q_i) \leq \delta \|x_i\|^2, \quad q_i = 2.03 \phi (m-1) + \epsilon \|x_i\|",
        constant="2.03",
        derivation="margin_i <= lambda_i |x_i|^2 + q_i as in Lemma B.2; times margin_i - 1 >= 0, with slackness at most delta.",
        **_POINT,
    ),
    Claim(
        "remark-B.1/proof/retained-norm",
        "A step of our proof: without its error, w~ has squared norm at least 0.875 times the sum of its squared multipliers.",
        lambda p: (p.other_multipliers * p.labels) @ p.gram @ (p.other_multipliers * p.labels),
        lambda p: p.q("0.875") * (p.other_multipliers**2).sum(),
        "lower",
        latex=r"\|\sum_{i \neq l} \tilde\lambda_i y_i x_i\|^2 \geq 0.875 \sum_{i \neq l} \tilde\lambda_i^2",
        constant="0.875",
        derivation="sum over i != k of |lambda~_i lambda~_k| <= (m - 2) sum lambda~_i^2; 0.9 - (m - 2) phi >= 0.9 - epsilon_d / 4 >= 0.875.",
        **_PAIR,
    ),
    Claim(
        "remark-B.1/proof/half-sine",
        "A step of our proof: 1 - cos is at least |w - k w~|^2 / (2 |w|^2).",
        distance,
        lambda p: apart_squared(p) / (2 * p.first.norm_squared),
        "lower",
        latex=r"1 - \cos(w, \tilde w) \geq \frac{\|w - k \tilde w\|^2}{2 \|w\|^2}",
        derivation="For cos > 0 the quotient is sin^2 / 2 = (1 - cos)(1 + cos) / 2; else k = 0, and 1 - cos >= 1.",
        **_PAIR,
    ),
    Claim(
        "remark-B.1/proof/apart",
        "A step of our proof: w - k w~ keeps most of the margin on the forgotten point, so it is not short.",
        lambda p: p.q("1.1") * apart_squared(p),
        _near,
        "lower",
        latex=r"1.1 \|w - k \tilde w\|^2 \geq (1 - 0.476 \epsilon_d - 1.063 k \tilde\epsilon)_+^2",
        constant="0.476, 1.063",
        derivation="y_l <w - k w~, x_l> >= 1 - (the margin of k w~), /proof/shadow; |x_l|^2 <= 1.1.",
        **_PAIR,
    ),
    Claim(
        "remark-B.1/proof/apart-far",
        "A step of our proof: if k is large, all retained margins of k w~ - w are, so it is not short.",
        apart_squared,
        _far,
        "lower",
        latex=r"\|w - k \tilde w\|^2 \geq 0.8545 (m - 1) (k - 1.56)_+^2",
        constant="1.56, 0.8545",
        derivation="Retained margins of k w~ - w are at least k - 1.56 = r, and <u, w*> = sum lambda*_i y_i <u, x_i> >= r sum lambda*_i = r |w*|^2 "
        "for a vector u with such margins, so |u| >= r |w*|; |w*|^2 >= 0.94 (m - 1) / 1.1.",
        **_PAIR,
    ),
)
