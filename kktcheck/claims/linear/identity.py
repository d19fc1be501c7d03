"""Remark B.1: doing nothing, linear predictors. Steps of its proof are in `identity_proof` and `identity_norms`."""

from ..claim import Claim
from .pairs import NEAR, PAIRS, SETTINGS, distance, pair

_SOURCE = "Remark B.1, Appendix B.3"


def _bound(constant, *subtracted):
    """C / m - C (epsilon_d + the named errors)."""
    return lambda p: p.q(constant) * (p.q("1") / p.num_points - p.epsilon_d - sum(getattr(p, name) for name in subtracted))


def _says_nothing(bound):
    return lambda p: bound(p) <= 0


def _pairs():
    """w~ without error, with uneven margins (any slackness is allowed), and with an error that imitates the forgotten point."""
    for size in (2, 3, 8):
        yield pair(size, ("1",), 0, "0.000001", "0.000001")
        yield pair(size, ("5", "1"), 0, "0.000001", "20")
        yield pair(size, ("1",), "1/8", "1/8", "0.000001")
        yield pair(size, ("1",), "1/2", "1/2", "0.000001")


def _imitations():
    """w~ = w: the error is the forgotten point's whole term."""
    for size in (2, 3, 8):
        yield pair(size, ("1",), 1, 1, "0.000001")


_COMMON = (
    "Let x_l be forgotten, e_d = epsilon_d, and e, e~ the errors of w and w~. Let k >= 0 be the coefficient of the projection k w~ of w on the ray "
    "of w~ (if cos <= 0 there is nothing to show); then |w - k w~| = |w| sin. Facts. (i) By (4), lambda_i <= 2.03, so |w|^2 = sum lambda_i margin_i "
    "+ <v, w> <= 2.53 m + |w|/2 and |w|^2 <= 3.16 m. (ii) Margins of w are at least 1, and at most 1.56: with q = 0.6 e_d . 2.03/2.4 + 1.05 e <= "
    "0.576 and N_i = |x_i|^2, lambda_i N_i >= margin_i - q, so (margin - q)(margin - 1) <= 1.1 delta <= 0.55. (iii) A vector whose retained margins "
    "are all at least r has norm at least r |w*|, and |w*|^2 = sum lambda*_i >= 0.94 (m - 1)/1.1. (iv) y_l <k w~, x_l> <= phi k sum lambda~_i + "
    "sqrt(1.1) k e~; the eigenvalues of the retained Gram matrix are at least 0.9 - e_d/4 >= 0.875, so k sum lambda~_i <= 1.07 sqrt(m - 1) (k |w~| "
    "+ k e~) with k |w~| <= |w| <= 1.778 sqrt(m): y_l <k w~, x_l> <= t = 0.476 e_d + 1.063 k e~, whatever delta~ is. Hence if k <= K and t < 1, |w "
    "- k w~|^2 >= (1 - t)^2 / 1.1; if k > K > 1.56, w~ having margins of at least 1, |w - k w~|^2 >= (K - 1.56)^2 0.8545 (m - 1). And 1 - cos >= "
    "sin^2 / 2 >= |w - k w~|^2 / (6.32 m). "
)

CLAIMS = (
    Claim(
        "remark-B.1",
        "The original w is at 1 - cos of at least C/m - C (epsilon_d + epsilon) from every (epsilon, delta)-approximate KKT point of the retained "
        "points.",
        distance,
        _bound("0.009", "other_epsilon"),
        "lower",
        PAIRS,
        SETTINGS,
        _SOURCE,
        "remark",
        r"\tau \geq \frac{C}{m} - C (\epsilon_d + \epsilon)",
        extremes=_pairs,
        trivial=_says_nothing(_bound("0.009", "other_epsilon")),
        constant="0.009",
        derivation="epsilon is that of the unlearning goal, as in Definition 2.2; the error of w itself is not subtracted, and delta is free. No "
        "value of C is "
        "printed, and the printed proof does not give one (see remark-B.1/proof/added-term-direction); 0.009 comes from this proof. "
        + _COMMON
        + "Take K = 1.85 "
        "and s = e_d + e~ < 1/m <= 1/2: t <= p s with p = 1.967, and (1 - p s)^2 - p (2 - p)(1 - 2 s) = (1 - p + p s)^2 >= 0, so (1 - t)^2 >= "
        "0.0649 (1 - m s) and 1 - cos >= 0.0649 (1 - m s)/(6.96 m) > 0.009 (1/m - s). For k > K: 1 - cos >= 0.29^2 . 0.8545 (m - 1)/(6.32 m) > "
        "0.011/m.",
    ),
    Claim(
        "remark-B.1/version/proof",
        "As the proof has it: the errors of both points are subtracted.",
        distance,
        _bound("0.009", "epsilon", "other_epsilon"),
        "lower",
        PAIRS,
        SETTINGS,
        _SOURCE,
        "version",
        r"\tau \geq \frac{C}{m} - C (\epsilon_d + \epsilon + \tilde\epsilon)",
        extremes=_pairs,
        trivial=_says_nothing(_bound("0.009", "epsilon", "other_epsilon")),
        constant="0.009",
        derivation="Weaker than remark-B.1.",
    ),
    Claim(
        "remark-B.1/version/original-epsilon",
        "Read with the error of w alone, for approximate KKT points of any epsilon and delta: 1 - cos is at least C/m - C (epsilon_d + epsilon_1), "
        "C = 1/1000.",
        distance,
        _bound("1/1000", "epsilon"),
        "lower",
        PAIRS,
        SETTINGS,
        _SOURCE + ", and the paragraph before it",
        "version",
        r"\tau \geq \frac{C}{m} - C (\epsilon_d + \epsilon_1) \text{ for any } \epsilon', \delta' > 0",
        extremes=_imitations,
        trivial=_says_nothing(_bound("1/1000", "epsilon")),
        constant="1/1000",
        corrected_by="remark-B.1/version/sharper",
        derivation="Every C fails: if the goal's epsilon is as large as |lambda_l x_l|, w itself is an approximate KKT point of the retained "
        "points, with cos = 1, while epsilon_d and epsilon_1 are as small as one likes.",
    ),
    Claim(
        "remark-B.1/version/sharper",
        "As long as the goal's epsilon is at most 0.5, 1 - cos is at least C/m: nothing need be subtracted.",
        distance,
        lambda p: p.q("0.0008") / p.num_points,
        "lower",
        PAIRS,
        (*SETTINGS, *NEAR),
        "ours, for Remark B.1",
        latex=r"\tau \geq \frac{C}{m}",
        extremes=_pairs,
        constant="0.0008",
        derivation=_COMMON
        + "Take K = 1.64: with e_d < 0.1 and e~ <= 0.5, t <= 0.048 + 0.872 = 0.92, so 1 - cos >= 0.08^2 / (6.96 m) > 0.0009/m; for k > K, "
        "1 - cos >= 0.08^2 . 0.8545 (m - 1)/(6.32 m) > 0.0008/m.",
    ),
)
