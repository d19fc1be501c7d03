"""Chains of Lemmas D.1 and D.2: norms of the noise and of points of the mixture.

Notation: v = |mu|^2. Exponents of chances are per dimension.
"""

from ...instances import root
from ..chain import Box, Chain, Link

ANY = Box("1", "1", "1")
#: The exponent of 1/1700.
RATE = "1/1700"


def number(text):
    """A constant side."""
    return lambda p: p.q(text)


def logarithm(s, sign):
    """log(1 + 2 sign s) / 2 from below: four terms of its series, the rest as a geometric one; s in a string."""

    def bound(p):
        s_ = p.q(s)
        if sign > 0:
            return s_ - s_**2 + 4 * s_**2 * s_ / 3 - 2 * (s_**2) ** 2
        return -s_ - s_**2 - 4 * s_**2 * s_ / 3 - 2 * (s_**2) ** 2 / (1 - 2 * s_)

    return bound


def above(s, level, share):
    """1.1 s + log(1 - 2 s) / 2 - v s / (1 - 2 s) from below, v = share times the free number."""

    def bound(p):
        s_ = p.q(s)
        return p.q(level) * s_ + logarithm(s, -1)(p) - p.q(share) * p.free * s_ / (1 - 2 * s_)

    return bound


#: Why P(|Z| >= t) <= e^(-t^2/2).
NORMAL = "t >= 0: both are 1 at 0, and the quotient falls, since t P(Z >= t) <= phi(t) (the integral of s phi(s) from t on)"

CHAINS = (
    Chain(
        "lemma-D.1/proof",
        ("lemma-D.1",),
        "Proof of Lemma D.1, Appendix D",
        (
            Link("P(d - |w|^2/sigma^2 >= 2 sqrt(d t))", "<=", "e^-t", "chi-square of d degrees of freedom, quoted: with s = sqrt(t/d) it is "
                 "Chernoff's bound "
                 "(1 + 2 s)^(-d/2) e^(s d - 2 s d sqrt(t/d)) and log(1 + 2 s) >= 2 s - 2 s^2"),
            Link("2 sqrt(1/1600)", "<=", "5/100", "t = d/1600", "below", (lambda p: 2 * root(p.q("1/1600")), number("0.05")), constant="1/1600"),
            Link("P(|w|^2/sigma^2 - d >= 2 sqrt(d t) + 2 t)", "<=", "e^-t", "chi-square of d degrees of freedom, quoted: with r = sqrt(t/d) "
                 "Chernoff's exponent per dimension is r + r^2 - log(1 + 2 r + 2 r^2) / 2 >= r^2, as 1 + 2 r + 2 r^2 <= e^(2 r)"),
            Link("2 sqrt(1/1700) + 2/1700", "<=", "5/100", "t = d/1700", "above",
                 (lambda p: 2 * root(p.q(RATE)) + 2 * p.q(RATE), number("0.05")), constant=RATE),
            Link("e^(-d/1600) + e^(-d/1700)", "<=", "2 e^(-d/1700)", "1/1600 >= 1/1700"),
        ),
        "Both tails together.",
        ANY,
    ),
    Chain(
        "lemma-D.2/proof",
        ("lemma-D.2",),
        "Proof of Lemma D.2, Appendix D",
        (
            Link("|zeta|^2", "=>", "in [0.95, 1.05]", "cited: Lemma D.1", claim="lemma-D.1"),
            Link("d^(1/2 - alpha) >= 100", "=>", "|mu|^2 <= 0.01", "read off: the exponent is 1/2 - 2 alpha", claim="lemma-D.2/proof/threshold"),
            Link("2 |mu| |zeta|", "<=", "0.021", "squares where norms belong", claim="lemma-D.2/proof/cross-term"),
        ),
        "Two numbers are wrong: the threshold, and the cross term, which may be 0.205. Norms leave [0.9, 1.1] from the printed threshold on.",
        ANY,
    ),
    Chain(
        "lemma-D.2/derivation",
        ("lemma-D.2", "lemma-D.2/version/section-6", "lemma-D.2/version/lemma-D.4"),
        "ours, for Lemma D.2",
        (
            Link("E exp(s d |x|^2)", "=", "(1 - 2 s)^(-d/2) exp(s d v / (1 - 2 s)), s < 1/2", "the squares of d independent normal numbers, one of "
                 "them with mean "
                 "|mu| sqrt(d), the others centred; for s < 0 likewise"),
            Link("P(|x|^2 >= 1.1)", "<=", "exp(-d (1.1 s + log(1 - 2 s) / 2 - v s / (1 - 2 s)))", "Markov's inequality, 0 < s < 1/2"),
            Link("1/1700", "<=", "1.1 s + log(1 - 2 s) / 2 - v s / (1 - 2 s), s = 1/36, 0 <= v <= 1/25",
                 "log(1 - 2 s) / 2 = -s - s^2 - 4 s^3/3 - 2 s^4 - ..., what follows is at most geometric", "above",
                 (number(RATE), above("1/36", "1.1", "1/25")), constant=RATE),
            Link("P(|x|^2 <= 0.9)", "<=", "exp(-d (log(1 + 2 s) / 2 - 0.9 s))", "Markov's inequality for exp(-s d |x|^2), s > 0; the factor with v "
                 "is at most 1"),
            Link("1/1700", "<=", "log(1 + 2 s) / 2 - 0.9 s, s = 1/20", "log(1 + 2 s) / 2 >= s - s^2 + 4 s^3/3 - 2 s^4", "below",
                 (number(RATE), lambda p: logarithm("1/20", 1)(p) - p.q("0.9") * p.q("1/20")), constant=RATE),
        ),
        "Both tails are at most e^(-d/1700) whenever v = |mu|^2 <= 1/25, in any dimension. |mu|^2 = d^(-2 b) is that from d = 25^(1/(2 b)) on; "
        "for |mu| = x e^(-alpha x), x = log d, as e^(alpha x) >= (e alpha x / 2)^2: from x = 3/alpha^2 on.",
        ANY,
        author="ours",
    ),
)  # fmt: skip
