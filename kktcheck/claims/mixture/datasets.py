"""Lemmas D.5 to D.7: whole datasets of the mixture, and the signs of neurons at a new point."""

from ..claim import Claim
from . import chances, families
from .hypotheses import ALPHA, BASIC, BOTH_SIGNS, EPSILON_D, FEW, TWO_POINTS, WHOLE, products, signs, small
from .lengths import APPENDIX, allowed, log_dim, mean
from .products import normal_beyond

_DATASET = r"1 - (2m e^{-d/1700} + m^2 e^{-d/500} + 2m^2 d^{-\log(d)/2})"
_SIDES = "(Sides: chance of failure, its bound.)"
_SMALL = (
    "m <= d points of the mixture satisfy Assumption 2.3 with psi = 0.1 and phi <= epsilon_d / (4 m n) with probability at least 1 - (2 m "
    "e^(-d/1700) + m^2 e^(-d/500) + {} m^2 d^(-log(d)/2)), for d so large that |mu|^2 + w <= epsilon_d / (4 m n) and |mu|^2 <= 1/25, w = (2 |mu| "
    "+ 1.1) log(d)/sqrt(d). "
)
_CLUSTERS = (
    "For 2 <= m <= d points of the mixture and d so large that |mu|^2 > w and |mu|^2 + w <= epsilon_d / (4 m n), w = (2 |mu| + 1.1) log(d)/sqrt(d), "
    "with probability at least 1 - ({0} e^(-d/500) + 6 {0} d^(-log(d)/2)), products within a cluster and minus those between clusters have "
)
_HYPOTHESES = (*BASIC, EPSILON_D, FEW)
_FAMILY = families.settings(("small", "products"), APPENDIX)
_PAIRS = families.settings(("signs", "products"), APPENDIX, points=2)
_D_5 = {"direction": "probability", "hypotheses": (*_HYPOTHESES, small(APPENDIX), products(APPENDIX))}
_D_6 = {"direction": "probability", "hypotheses": (*_HYPOTHESES, TWO_POINTS, signs(APPENDIX), products(APPENDIX))}


def _printed(pairs):
    return lambda p: chances.of_datasets(p, pairs)


def leaves_assumption(p):
    """An upper bound of the chance that Assumption 2.3 fails, by the exact chances of a point and of a pair and a union; float64."""
    if p.is_exact:
        return chances.unknown(p)
    m = p.points
    return m * chances.outside(p, 0.9, 1.1, APPENDIX) + m * (m - 1) / 2 * _pair_beyond(p)


def _pair_beyond(p):
    """P(|<x_i, x_j> -+ |mu|^2| > epsilon_d / (4 m n) - |mu|^2), at least that of |<x_i, x_j>| > epsilon_d / (4 m n)."""
    return chances.product_beyond(p, APPENDIX, float(allowed(p) - mean(p, APPENDIX) ** 2))


def own_product(p):
    """A lower bound of the chance that |x_1|^2 > epsilon_d / (4 m n): by Lemma D.2 it is at least 0.9."""
    return 1 - 2 * chances.norms(p)


def clusters_mix(p):
    """An upper bound of the chance that a product of two points is farther than w from that of their means, by a union; float64."""
    if p.is_exact:
        return chances.unknown(p)
    return p.points * (p.points - 1) / 2 * chances.beyond_width(p, APPENDIX)


def wrong_sign(p):
    """An upper bound of the chance that y_t y_i <x_i, x_t> <= 0 for some i, in float64.

    Given points with |zeta_i|^2 <= 1.05 and y_i <zeta_i, mu> >= -|mu| log(d)/sqrt(d).
    """
    if p.is_exact:
        return chances.unknown(p)
    size, step = mean(p, APPENDIX), log_dim(p) / p.dim**0.5
    return p.points * normal_beyond((size**2 - size * step) / (1.025 + size) * p.dim**0.5)


_WHY_PAIRS = (
    "<x_i, x_j> - <mu_i, mu_j> = <x_i, zeta_j> + <zeta_i, mu_j>, i < j. The second is one of m normal numbers <zeta_i, mu>, the first, given x_i "
    "with |x_i|^2 <= 1.1, is normal with standard deviation at most 1.05 / sqrt(d). As P(|Z| >= t) <= e^(-t^2/2), all are within |mu| "
    "log(d)/sqrt(d) and 1.1 log(d)/sqrt(d) but for m d^(-log(d)/2) and m (m - 1)/2 d^(-log(d)/2), together at most m^2 d^(-log(d)/2). So no "
    "e^(-d/500) is needed, and 1 in place of 2 and 6. "
)
_WHY_LARGE = (
    "Large enough is not uniform in m <= d: with m = d the condition |mu|^2 <= epsilon_d / (4 d n) fails for every d, since |mu|^2 > d^(-1/2). "
)

CLAIMS = (
    Claim(
        "lemma-D.5",
        _SMALL.format(2) + _SIDES,
        leaves_assumption,
        _printed(2),
        **_D_5,
        family=_FAMILY,
        trivial=lambda p: chances.of_datasets(p) >= 1,
        source="Lemma D.5, Appendix D, for pairs of different points",
        kind="lemma",
        latex=rf"\Pr[\text{{Assumption 2.3}}] \ge {_DATASET}",
        derivation=(
            _WHY_PAIRS
            + "The printed proof takes the union of the bound of Lemma D.3, which gives 6 m^2 over ordered pairs and 3 m^2 over unordered ones, "
            "not 2 m^2; and it says that all norms are in [0.9, 1.1] where their maximum is. " + _WHY_LARGE
        ),
    ),
    Claim(
        "lemma-D.5/version/six",
        _SMALL.format(6) + _SIDES,
        leaves_assumption,
        _printed(6),
        **_D_5,
        family=_FAMILY,
        trivial=lambda p: chances.of_datasets(p, 6) >= 1,
        source="Lemma D.5 as it follows from Lemma D.3",
        kind="version",
        latex=r"\Pr[\text{Assumption 2.3}] \ge 1 - (2m e^{-d/1700} + m^2 e^{-d/500} + 6m^2 d^{-\log(d)/2})",
        derivation="Lemma D.5 with 2 implies it.",
    ),
    Claim(
        "lemma-D.5/version/all-pairs",
        f"The same for all pairs, those of a point with itself included. {_SIDES}",
        own_product,
        _printed(2),
        **_D_5,
        extremes=families.readable,
        source="Lemma D.5, Appendix D, word for word",
        kind="version",
        latex=rf"\Pr[\forall i, j:\ |\langle x_i, x_j \rangle| \le \tfrac{{\epsilon_d}}{{4mn}}] \ge {_DATASET}",
        corrected_by="lemma-D.5",
        derivation="<x_i, x_i> is near 1, epsilon_d / (4 m n) at most 1/400: for every large d the chance of failure is nearly 1.",
    ),
    Claim(
        "lemma-D.6",
        _CLUSTERS.format("m") + f"maximum |mu| + w <= epsilon_d / (4 m n) and minimum |mu| - w > 0. {_SIDES}",
        lambda p: p.q("1"),
        lambda p: chances.of_pairs(p, p.points),
        **_D_6,
        extremes=families.readable,
        source="Lemma D.6, Appendix D: equalities, the mean's length not squared",
        kind="lemma",
        latex=r"0 < \phi_{\max}^+ = -\phi_{\min}^- = \|\mu\| + w \le \tfrac{\epsilon_d}{4mn},\ 0 < \phi_{\min}^+ = -\phi_{\max}^- = \|\mu\| - w",
        corrected_by="lemma-D.6/version/squared",
        derivation=(
            "Inner products of different points, and squared norms, have continuous laws: that one of them equals a given number has probability "
            "0, for every d. Moreover <mu_i, mu_j> is |mu|^2 where |mu| is printed, and with i = j the maximum is near 1."
        ),
    ),
    Claim(
        "lemma-D.6/version/squared",
        _CLUSTERS.format("m") + f"maximum at most |mu|^2 + w <= epsilon_d / (4 m n) and minimum at least |mu|^2 - w > 0. {_SIDES}",
        clusters_mix,
        lambda p: chances.of_pairs(p, p.points),
        **_D_6,
        family=_PAIRS,
        trivial=lambda p: chances.of_pairs(p, p.points) >= 1,
        source="Lemma D.6 as it follows from Lemma D.3, with the probability printed",
        kind="version",
        latex=r"\phi_{\max}^+, -\phi_{\min}^- \le \|\mu\|^2 + w \le \tfrac{\epsilon_d}{4mn},\ \phi_{\min}^+, -\phi_{\max}^- \ge \|\mu\|^2 - w > 0",
        derivation=(
            "A union over pairs gives m^2 where m is printed. The printed bound is true all the same, since w has room: all |<zeta_i, mu>| <= 2 "
            "|mu| log(d)/sqrt(d) but for m d^(-2 log(d)), all |<x_i, zeta_j>| <= 1.1 log(d)/sqrt(d), i < j, but for m e^(-d/500) (norms) and m (m "
            "- 1)/2 d^(-0.55 log(d)). Now 1.1 log(d)/sqrt(d) <= epsilon_d / (4 m n) gives m <= sqrt(d) / (440 log(d)), and sqrt(d) <= 3.5 d^(0.05 "
            "log(d)) because 0.05 (log(d) - 5)^2 >= 0: the last number is at most m d^(-log(d)/2)."
        ),
    ),
    Claim(
        "lemma-D.6/version/pairs",
        _CLUSTERS.format("m^2") + f"maximum at most |mu|^2 + w <= epsilon_d / (4 m n) and minimum at least |mu|^2 - w > 0. {_SIDES}",
        clusters_mix,
        lambda p: chances.of_pairs(p, p.points**2),
        **_D_6,
        family=_PAIRS,
        trivial=lambda p: chances.of_pairs(p, p.points**2) >= 1,
        source="Lemma D.6 with a union over pairs of points",
        kind="version",
        latex=r"\Pr[\ldots] \ge 1 - (m^2 e^{-d/500} + 6 m^2 d^{-\log(d)/2})",
        derivation="The version with the probability printed implies it.",
    ),
    Claim(
        "lemma-D.7",
        "Let the network be an exact KKT point for a dataset drawn from the mixture. At a new point every neuron, before and after "
        f"unlearning, has the sign of its outer weight times the point's label. {_SIDES}",
        lambda p: p.q("2") / 2**p.points,
        lambda p: p.q("0"),
        direction="probability",
        extremes=families.readable,
        hypotheses=(*BASIC, EPSILON_D, BOTH_SIGNS, signs(APPENDIX), products(APPENDIX)),
        source="Lemma D.7, Appendix D: no probability is named",
        kind="lemma",
        latex=r"\operatorname{sign}(\hat w_j^\top x_t) = \operatorname{sign}(w_j^\top x_t) = y_t \operatorname{sign}(u_j)",
        corrected_by="lemma-D.7/version/probability",
        derivation=(
            "If all labels are equal, which has probability 2^(1-m), every neuron whose outer weight has the other sign is zero at a KKT point: "
            "|w_j|^2 = u_j sum_i lambda_i y_i g_ij <w_j, x_i> with Clarke's g_ij in [0, 1], g_ij <w_j, x_i> = max(<w_j, x_i>, 0), so with u_j y_i "
            "< 0 the sum is at most 0. Then <w_j, x_t> = 0 has sign 0, at every x_t. Zero neurons are common with both labels, too; and at a new "
            "point that is far out on the wrong side, which has a positive probability, a neuron other than zero has the wrong sign."
        ),
    ),
    Claim(
        "lemma-D.7/version/probability",
        "The same with probability at least 1 - (m e^(-d/500) + 6 m d^(-log(d)/2)) over the new point, on datasets with |zeta_i|^2 <= 1.05 and y_i "
        "<zeta_i, "
        f"mu> >= -|mu| log(d)/sqrt(d), for neurons that are not zero, and d so large that |mu|^2 > w. {_SIDES}",
        wrong_sign,
        lambda p: chances.of_pairs(p, p.points),
        direction="probability",
        family=families.settings(("signs",), APPENDIX),
        hypotheses=(ALPHA, WHOLE, signs(APPENDIX)),
        trivial=lambda p: chances.of_pairs(p, p.points) >= 1,
        source="Proof of Lemma D.7, Appendix D",
        kind="version",
        latex=r"\Pr[\forall j:\ \operatorname{sign}(\hat w_j^\top x_t) = \operatorname{sign}(w_j^\top x_t) = y_t \operatorname{sign}(u_j)] \ge 1 - "
        r"\ldots",
        derivation=(
            "y_t y_i <x_i, x_t> = y_i <x_i, mu> + y_t y_i <x_i, zeta_t>. The first is at least |mu|^2 - |mu| log(d)/sqrt(d), the second, given "
            "the dataset, normal with standard deviation at most (1.025 + |mu|)/sqrt(d), so above -(1.025 + |mu|) log(d)/sqrt(d) but for "
            "d^(-log(d)/2) / 2. As |mu|^2 > (2 |mu| + 1.1) log(d)/sqrt(d), all m products are positive but for m/2 d^(-log(d)/2). Then sign(u_j) "
            "y_t <w_j, x_t> = |u_j| sum_i lambda_i g_ij y_t y_i <x_i, x_t> is at least 0, and 0 only if no lambda_i g_ij is positive: w_j = 0. "
            "The same with fewer terms after unlearning."
        ),
    ),
)
