"""Chains of Lemmas A.1 to A.6: printed proofs and ours, for all dimensions at once; rates are compared by interval arithmetic."""

from ...instances import log, root
from ..chain import Box, Chain, Link
from .linear_numbers import number

#: Any box does: rates are numbers, and every box has all numbers of points.
ANY = Box("0.5", "0.5", "0.5")

_DENSITY = "X = |w|^2 / sigma^2 is a sum of n independent squares of standard normals, and E exp(s Z^2) = (1 - 2 s)^(-1/2) for s < 1/2"


def below(p):
    """(-log(0.9) - 0.1) / 2."""
    return (-log(p.q("0.9")) - p.q("0.1")) / 2


def above(p):
    """(0.1 - log(1.1)) / 2."""
    return (p.q("0.1") - log(p.q("1.1"))) / 2


def _upper_threshold(p):
    return 2 * root(p.q("1/500")) + p.q("2/500") + 1


_NORMS = (
    Chain(
        "lemma-A.1/proof",
        ("lemma-A.1", "lemma-A.1/version/rate"),
        "Lemma A.1, Appendix A",
        (
            Link(
                "P[n - X >= 2 sqrt(n t)]", "<=", "exp(-t), t > 0, X = |w|^2 / sigma^2",
                "Laurent and Massart, Lemma 1. With a = 2 sqrt(t / n) < 1: Markov's inequality for exp(-s X), 1 + 2 s = 1 / (1 - a), gives "
                "exp(-n (-log(1 - a) - a) / 2), and -log(1 - a) >= a + a^2 / 2, so the exponent is at most -n a^2 / 4 = -t. For a >= 1 the "
                "event has probability 0",
            ),
            Link(
                "1 - 2 sqrt(1/400)", ">=", "0.9", "t = n/400: the event X <= 0.9 n is part of n - X >= 2 sqrt(n t)", "threshold",
                (lambda p: 1 - 2 * root(p.q("1/400")), number("0.9")), constant="1/400",
            ),
        ),
        "P[X <= 0.9 n] <= P[n - X >= 2 sqrt(n t)] <= exp(-n/400).",
        ANY,
    ),
    Chain(
        "lemma-A.1/derivation",
        ("lemma-A.1", "lemma-A.1/version/rate"),
        "ours, for Lemma A.1",
        (
            Link("P[X <= 0.9 n]", "<=", "exp(0.9 n s) E exp(-s X), s > 0", "Markov's inequality for exp(-s X)"),
            Link("E exp(-s X)", "=", "(1 + 2 s)^(-n/2)", _DENSITY),
            Link("(exp(0.9 s) (1 + 2 s)^(-1/2))^n", "=", "exp(-n (-log(0.9) - 0.1) / 2)", "at s = 1/18, where it is least: 1 + 2 s = 1 / 0.9"),
            Link("(-log(0.9) - 0.1) / 2", ">=", "1/400", "numbers", "rate", (below, number("1/400")), constant="1/400"),
        ),
        "P[X <= 0.9 n] <= exp(-n (-log(0.9) - 0.1) / 2) <= exp(-n/400).",
        ANY,
        author="ours",
        given=below,
        printed=number("1/400"),
        lower=True,
        value="0.0025",
        attained_by="lemma-A.1/version/rate",
    ),
    Chain(
        "lemma-A.2/proof",
        ("lemma-A.2", "lemma-A.2/version/rate"),
        "Lemma A.2, Appendix A",
        (
            Link(
                "P[X - n >= 2 sqrt(n t) + 2 t]", "<=", "exp(-t), t > 0, X = |w|^2 / sigma^2",
                "Laurent and Massart, Lemma 1. With b = 2 sqrt(t / n): Markov's inequality for exp(s X), 1 - 2 s = 1 / (1 + b + b^2 / 2), gives "
                "exp(-n (b + b^2 / 2 - log(1 + b + b^2 / 2)) / 2), and 1 + b + b^2 / 2 <= exp(b), so the exponent is at most -n b^2 / 4 = -t",
            ),
            Link(
                "2 sqrt(1/500) + 2/500 + 1", "<=", "1.1", "t = n/500: the event X >= 1.1 n is part of X - n >= 2 sqrt(n t) + 2 t", "threshold",
                (_upper_threshold, number("1.1")), constant="1/500",
            ),
            Link(
                "2 sqrt(1/500) + 2/500 + 1", ">=", "1.1", "the probabilities of both events are printed as equal; the first is larger, and the lemma "
                "needs no more", "equal", (_upper_threshold, number("1.1")), constant="1/500", corrected_by="lemma-A.2/proof/threshold",
            ),
        ),
        "P[X >= 1.1 n] <= P[X - n >= 2 sqrt(n t) + 2 t] <= exp(-n/500). The equality sign between the first two is a slip for <=: the thresholds are "
        "1.1 n and 1.0934... n.",
        ANY,
    ),
    Chain(
        "lemma-A.2/derivation",
        ("lemma-A.2", "lemma-A.2/version/rate"),
        "ours, for Lemma A.2",
        (
            Link("P[X >= 1.1 n]", "<=", "exp(-1.1 n s) E exp(s X), 0 < s < 1/2", "Markov's inequality for exp(s X)"),
            Link("E exp(s X)", "=", "(1 - 2 s)^(-n/2)", _DENSITY),
            Link("(exp(-1.1 s) (1 - 2 s)^(-1/2))^n", "=", "exp(-n (0.1 - log(1.1)) / 2)", "at s = 1/22, where it is least: 1 - 2 s = 1 / 1.1"),
            Link("(0.1 - log(1.1)) / 2", ">=", "1/500", "numbers", "rate", (above, number("1/500")), constant="1/500"),
        ),
        "P[X >= 1.1 n] <= exp(-n (0.1 - log(1.1)) / 2) <= exp(-n/500).",
        ANY,
        author="ours",
        given=above,
        printed=number("1/500"),
        lower=True,
        value="0.002",
        attained_by="lemma-A.2/version/rate",
    ),
    Chain(
        "lemma-A.3/proof",
        ("lemma-A.3",),
        "Lemma A.3, Appendix A",
        (
            Link("P[|x|^2 outside [0.9, 1.1]]", "<=", "P[|x|^2 <= 0.9] + P[|x|^2 >= 1.1]", "the union bound; sigma^2 n = d / d = 1"),
            Link("P[|x|^2 <= 0.9]", "<=", "e^(-d/400)", "Lemma A.1", claim="lemma-A.1"),
            Link("P[|x|^2 >= 1.1]", "<=", "e^(-d/500)", "Lemma A.2", claim="lemma-A.2"),
            Link("1/400", ">=", "1/500", "e^(-d/400) <= e^(-d/500)", "larger-rate", (number("1/400"), number("1/500"))),
        ),
        "The sum is at most 2 e^(-d/500).",
        ANY,
    ),
)  # fmt: skip

_PRODUCTS = (
    Chain(
        "lemma-A.4/proof",
        ("lemma-A.4",),
        "Lemma A.4, Appendix A",
        (
            Link("<u, v> / |u|", "=", "sigma Z, Z standard normal, u not 0",
                 "a rotation takes u / |u| to the first basis vector, and v to a vector of the same law"),
            Link(
                "P[|Z| >= x]^2", "<=", "P[Z^2 + Z'^2 >= 2 x^2] = exp(-x^2)",
                "Z' another standard normal, independent of Z: |Z| >= x and |Z'| >= x imply the other event, and (Z^2 + Z'^2) / 2 is exponential",
            ),
            Link("1", "<=", "2", "P[|Z| >= x] <= exp(-x^2 / 2): the factor 2 is not needed", "factor", (number("1"), number("2")), constant="2"),
        ),
        "x = t / sigma.",
        ANY,
        given=number("1"),
        printed=number("2"),
        value="2",
    ),
    Chain(
        "lemma-A.5/proof",
        ("lemma-A.5",),
        "Lemma A.5, Appendix A",
        (
            Link("P[|u| >= 1.1 sigma_1 sqrt(n)]", "<=", "e^(-n/500)", "|u|^2 >= 1.21 sigma_1^2 n is part of the event of Lemma A.2",
                 claim="lemma-A.2"),
            Link("P[|<u, v>| >= |u| t]", "<=", "2 exp(-t^2 / (2 sigma_2^2))", "Lemma A.4 given u, which is 0 with probability 0", claim="lemma-A.4"),
            Link(
                "t", "<=", "sqrt(t)", "the events cover |<u, v>| >= 1.1 sigma_1 sqrt(n) t; the one printed has sqrt(n t). Here t = m",
                "under-the-root",
                (lambda p: p.points, lambda p: root(p.points)), corrected_by="lemma-A.5/version/outside-the-root",
            ),
        ),
        "The union bound covers the event with t outside the root. The one with t under the root is larger for t > 1, and the bound is false there.",
        ANY,
    ),
    Chain(
        "lemma-A.5/version/outside-the-root/derivation",
        ("lemma-A.5/version/outside-the-root",),
        "Proof of Lemma A.5, with t outside the root",
        (
            Link(
                "|<u, v>| >= 1.1 sigma_1 sqrt(n) t", "=>", "|u| >= 1.1 sigma_1 sqrt(n), or |<u, v>| >= |u| t",
                "where the first fails, |u| t <= 1.1 sigma_1 sqrt(n) t",
            ),
            Link("1.1^2", ">=", "1.1", "|u| >= 1.1 sigma_1 sqrt(n) implies |u|^2 >= 1.1 sigma_1^2 n", "square",
                 (lambda p: p.q("1.1") * p.q("1.1"), number("1.1"))),
            Link("P[|u|^2 >= 1.1 sigma_1^2 n]", "<=", "e^(-n/500)", "Lemma A.2", claim="lemma-A.2"),
            Link("P[|<u, v>| >= |u| t]", "<=", "2 exp(-t^2 / (2 sigma_2^2))", "Lemma A.4 for every u but 0, which has probability 0; u and v are "
                 "independent", claim="lemma-A.4"),
        ),
        "The union bound.",
        ANY,
        author="ours",
    ),
    Chain(
        "lemma-A.6/proof",
        ("lemma-A.6",),
        "Lemma A.6, Appendix A",
        (
            Link(
                "P[|<u, v>| >= 1.1 sigma_1 sqrt(n t)]", "<=", "e^(-n/500) + 2 exp(-t^2 / (2 sigma_2^2))", "Lemma A.5 as printed, n = d, sigma_1 = "
                "sigma_2 = 1/sqrt(d), t = log(d)/sqrt(d); that threshold would be 1.1 sqrt(t), not 1.1 t", claim="lemma-A.5",
            ),
        ),
        "Printed from Lemma A.5, which is false as printed and, with t < 1 under the root, has a larger threshold than the lemma.",
        ANY,
    ),
    Chain(
        "lemma-A.6/derivation",
        ("lemma-A.6",),
        "Proof of Lemma A.6, with t outside the root",
        (
            Link(
                "P[|<u, v>| >= 1.1 sigma_1 sqrt(n) t]", "<=", "e^(-n/500) + 2 exp(-t^2 / (2 sigma_2^2))", "Lemma A.5 with t outside the root, n = d, "
                "sigma_1 = sigma_2 = 1/sqrt(d), t = log(d)/sqrt(d) > 0 for d >= 2", claim="lemma-A.5/version/outside-the-root",
            ),
            Link("1.1 sigma_1 sqrt(n) t", "=", "1.1 log(d)/sqrt(d)", "sigma_1 sqrt(n) = 1"),
            Link("exp(-t^2 / (2 sigma_2^2))", "=", "exp(-log(d)^2 / 2) = d^(-log(d)/2)", "t / sigma_2 = log(d)"),
            Link("1", "<=", "2", "d = 1: a probability is at most 1, and 2 d^(-log(d)/2) = 2", "one-dimension", (number("1"), number("2"))),
        ),
        "For d >= 2 the first link with the values of the next two; for d = 1 the last.",
        ANY,
        author="ours",
    ),
)  # fmt: skip

CHAINS = (*_NORMS, *_PRODUCTS)
