"""Chains of Lemmas A.7 and A.8, of Theorem A.1 and the example of Section 2.4: union bounds over points and pairs."""

from ..chain import Chain, Link
from .gaussian import ANY
from .linear_numbers import number


def _pairs(p):
    return p.points * (p.points - 1) / 2


CHAINS = (
    Chain(
        "lemma-A.7/proof",
        ("lemma-A.7",),
        "Lemma A.7, Appendix A",
        (
            Link("P[some |x_i|^2 < 0.9]", "<=", "m e^(-d/400)", "the union bound over m points, each by Lemma A.1", claim="lemma-A.1"),
            Link("P[some |x_i|^2 > 1.1]", "<=", "m e^(-d/500)", "the union bound over m points, each by Lemma A.2", claim="lemma-A.2"),
            Link("1/400", ">=", "1/500", "e^(-d/400) <= e^(-d/500)", "larger-rate", (number("1/400"), number("1/500"))),
        ),
        "The sum is at most 2 m e^(-d/500). m <= d is not used.",
        ANY,
    ),
    Chain(
        "lemma-A.8/proof",
        ("lemma-A.8",),
        "Lemma A.8, Appendix A",
        (
            Link("P[some |<x_i, x_j>| > 1.1 log(d)/sqrt(d), i != j]", "<=", "sum over i, j of P[|<x_i, x_j>| > 1.1 log(d)/sqrt(d)]",
                 "the union bound; the sum printed has i = j as well"),
            Link("each term with i != j", "<=", "e^(-d/500) + 2 d^(-log(d)/2)", "Lemma A.6", claim="lemma-A.6"),
            Link("each term with i = j", "<=", "e^(-d/500) + 2 d^(-log(d)/2)",
                 "Lemma A.6 is about two independent vectors: |x_i|^2 is larger than the threshold nearly always",
                 claim="lemma-A.8/version/all-pairs"),
        ),
        "Printed with a double sum that runs over i = j; without those terms, which the event does not have, it is right.",
        ANY,
    ),
    Chain(
        "lemma-A.8/derivation",
        ("lemma-A.8",),
        "Proof of Lemma A.8, over pairs of different points",
        (
            Link("P[some |<x_i, x_j>| > 1.1 log(d)/sqrt(d), i < j]", "<=", "sum over i < j of P[|<x_i, x_j>| >= 1.1 log(d)/sqrt(d)]",
                 "the union bound over m (m - 1) / 2 pairs"),
            Link("each term", "<=", "e^(-d/500) + 2 d^(-log(d)/2)", "Lemma A.6: different points are independent", claim="lemma-A.6"),
            Link("m (m - 1) / 2", "<=", "m^2", "half of the ordered pairs of different points", "pairs",
                 (_pairs, lambda p: p.points**2), constant="1"),
        ),
        "m (m - 1) / 2 times the bound of Lemma A.6. m <= d is not used.",
        ANY,
        author="ours",
        given=_pairs,
        printed=lambda p: p.points**2,
        value="1",
    ),
    Chain(
        "theorem-A.1/derivation",
        ("theorem-A.1", "example-2.4"),
        "ours, for Theorem A.1, without m <= d",
        (
            Link("P[|x_i|^2 outside [0.9, 1.1]]", "<=", "2 e^(-d/500)", "Lemma A.3 for each of m points", claim="lemma-A.3"),
            Link("P[|<x_i, x_j>| >= phi]", "<=", "e^(-d/500) + 2 d^(-log(d)/2)", "Lemma A.6 for each of m (m - 1) / 2 pairs i < j",
                 claim="lemma-A.6"),
            Link("m (m - 1) / 2", "<=", "m^2", "half of the ordered pairs of different points", "pairs", (_pairs, lambda p: p.points**2)),
        ),
        "The union bound over all points and all pairs: m times the first bound and m (m - 1) / 2 times the second.",
        ANY,
        author="ours",
    ),
    Chain(
        "theorem-A.1/proof",
        ("theorem-A.1", "example-2.4"),
        "Theorem A.1, Appendix A",
        (
            Link("P[some |x_i|^2 outside [0.9, 1.1]]", "<=", "2 m e^(-d/500)",
                 "Lemma A.7, which is stated for m <= d; its proof, a union bound, does not use that", claim="lemma-A.7", argued=True),
            Link("P[some |<x_i, x_j>| > phi, i != j]", "<=", "m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2)",
                 "Lemma A.8, likewise, for independent points", claim="lemma-A.8", argued=True),
        ),
        "The union bound: the assumption fails with at most the sum of both probabilities.",
        ANY,
    ),
)  # fmt: skip
