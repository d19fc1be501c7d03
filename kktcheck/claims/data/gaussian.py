"""Lemmas A.1 to A.6: the norm of a Gaussian vector, and its inner product with another one."""

from ...instances import log
from . import gaussian_events as events
from .probabilities import SIGMA, SIZE, THRESHOLD, rate_claim, tail_claim

_NORM = r"\|x_i\|^2 \in [0.9, 1.1]"
_PRODUCT = r"1.1 \tfrac{\log d}{\sqrt d}"
_TAIL = r"\Pr[|\langle u, v \rangle| \ge 1.1 \sigma_1 {}] \le e^{{-n/500}} + 2 e^{{-t^2 / 2 \sigma_2^2}}"


def one_tail(rate):
    """The bound e^(-rate n), ``rate`` a rational in a string."""
    return lambda p: ((1, -p.dim * p.q(rate)),)


def direction(p):
    """The bound 2 exp(-t^2 / (2 sigma^2))."""
    return ((2, -p.level * p.level / (2 * p.sigma * p.sigma)),)


def either(p):
    """The bound e^(-n/500) + 2 exp(-t^2 / (2 sigma^2))."""
    return (*one_tail("1/500")(p), *direction(p))


def pair(p):
    """The bound e^(-d/500) + 2 d^(-log(d)/2)."""
    logarithm = log(p.dim)
    return (*one_tail("1/500")(p), (2, -logarithm * logarithm / 2))


_CHERNOFF = (
    "X = |w|^2 / sigma^2 is a chi-square with n degrees of freedom, E exp(s X) = (1 - 2 s)^(-n/2) for s < 1/2. Markov's inequality for exp(s X) "
    "with 1 - 2 s = 1/{0} gives P <= exp(-n c), c = ({1})/2 = {2}, and {2} >= {3}. By Cramer's theorem -log(P) / n tends to c: 1/{4} is all that an "
    "exponential bound without a factor in front can have for all n. The proof printed gets 1/{5} from the bound of Laurent and Massart."
)
_WHY_1 = _CHERNOFF.format("0.9", "-log(0.9) - 0.1", "0.0026803", "1/400", "373.1", "400, with equality in 1 - 2 sqrt(1/400) = 0.9")
_WHY_2 = _CHERNOFF.format("1.1", "0.1 - log(1.1)", "0.0023449", "1/500", "426.5", "439.2, and rounds to 1/500")
_WHY_3 = (
    "The union of Lemma A.1 and Lemma A.2, n = d and sigma^2 = 1/d; e^(-d/400) <= e^(-d/500). The bound is below 1 from d = 347 on, below 1/100 "
    "from d = 2650 on; the true probability of a norm outside is below 1/100 from d = 1330 on."
)
_WHY_4 = (
    "<u, v> / (|u| sigma) is a standard normal Z. If Z and Z' are independent, |Z| >= x and |Z'| >= x imply Z^2 + Z'^2 >= 2 x^2, which has "
    "probability exp(-x^2); so P(|Z| >= x)^2 <= exp(-x^2), and the factor 2 may be dropped. 1 is the best factor: P tends to 1 as t tends to 0. "
    "With 2 the bound is below 1 for t > sigma sqrt(2 log 2) only. "
    "For u = 0 both sides of the event are 0 (lemma-A.4/version/zero); with > in place of >= the lemma is true for u = 0 as well."
)
_WHY_ZERO = "For u = 0 the event is 0 >= 0 and has probability 1, the bound is below 1 as soon as t > sigma sqrt(2 log 2). The proof divides by |u|."
_WHY_5 = (
    "<u, v> / (sigma_1 sigma_2 sqrt(n)) is nearly a standard normal Z for large n, so the left side is about P(|Z| >= 1.1 sqrt(t) / sigma_2), and "
    "the right side about exp(-t^2 / (2 sigma_2^2)): larger t make it wrong. The proof has sqrt(n) t, and Lemma A.6 uses that. For t < 1 the lemma "
    "as printed says less than what Lemma A.6 needs, for t > 1 more than is true. Both vectors may be scaled: sigma_1 = 1 here, sigma = sigma_2."
)
_WHY_5_TRUE = (
    "Where |u| < 1.1 sigma_1 sqrt(n), |<u, v>| >= 1.1 sigma_1 sqrt(n) t implies |<u, v>| >= |u| t, which has probability at most 2 exp(-t^2 / (2 "
    "sigma_2^2)) given u by Lemma A.4 (u = 0 has probability 0). The rest is |u|^2 >= 1.21 sigma_1^2 n, a part of the event of Lemma A.2: with 1.21 "
    "in place of 1.1 the first term could be e^(-n/104). Exact, given |u| the product is normal: the tail is an integral over the law of |u|."
)
_WHY_6 = (
    "Lemma A.5 with t outside the root, n = d, sigma_1 = sigma_2 = 1/sqrt(d) and t = log(d)/sqrt(d) > 0 for d >= 2; exp(-log(d)^2 / 2) = "
    "d^(-log(d)/2). For d = 1 the bound is above 2. It is below 1 from d = 18 on. The term e^(-d/500) is far above the truth for moderate d: the "
    "probability is below 1/100 already from d = 13 on, the bound from d = 2303 on; where the bound is below 1 it is at least 333 times the truth."
)

CLAIMS = (
    tail_claim(
        "lemma-A.1",
        "The squared norm of a draw from N(0, sigma^2 I_n) is at most 0.9 sigma^2 n with probability at most e^(-n/400).",
        r"\Pr[\|w\|^2 \le 0.9 \sigma^2 n] \le e^{-n/400}",
        "Lemma A.1, Appendix A",
        event=events.norm_below("0.9"),
        terms=one_tail("1/400"),
        grid=events.by_dim,
        hypotheses=(SIZE,),
        constant="1/400",
        derivation=_WHY_1,
    ),
    rate_claim(
        "lemma-A.1/version/rate",
        "The same by its exponent: n/400 is at most minus the logarithm of the probability that the squared norm is at most 0.9 sigma^2 n.",
        r"\tfrac{n}{400} \le -\log \Pr[\|w\|^2 \le 0.9 \sigma^2 n]",
        "Lemma A.1, Appendix A, by its exponent",
        event=events.norm_below("0.9"),
        rate="1/400",
        grid=events.by_dim,
        hypotheses=(SIZE,),
        constant="1/400",
        derivation=_WHY_1 + " The ratio of both sides tends to 0.9327 as n grows, and is below it for every n.",
    ),
    tail_claim(
        "lemma-A.2",
        "The squared norm of a draw from N(0, sigma^2 I_n) is at least 1.1 sigma^2 n with probability at most e^(-n/500).",
        r"\Pr[\|w\|^2 \ge 1.1 \sigma^2 n] \le e^{-n/500}",
        "Lemma A.2, Appendix A",
        event=events.norm_above("1.1"),
        terms=one_tail("1/500"),
        grid=events.by_dim,
        hypotheses=(SIZE,),
        constant="1/500",
        derivation=_WHY_2,
    ),
    rate_claim(
        "lemma-A.2/version/rate",
        "The same by its exponent: n/500 is at most minus the logarithm of the probability that the squared norm is at least 1.1 sigma^2 n.",
        r"\tfrac{n}{500} \le -\log \Pr[\|w\|^2 \ge 1.1 \sigma^2 n]",
        "Lemma A.2, Appendix A, by its exponent",
        event=events.norm_above("1.1"),
        rate="1/500",
        grid=events.by_dim,
        hypotheses=(SIZE,),
        constant="1/500",
        derivation=_WHY_2 + " The ratio of both sides tends to 0.8529 as n grows, and is below it for every n.",
    ),
    tail_claim(
        "lemma-A.3",
        "A point drawn from N(0, I/d) has squared norm in [0.9, 1.1] with probability at least 1 - 2 e^(-d/500). (Sides: chance of failure, its "
        "bound.)",
        rf"\Pr[{_NORM}] \ge 1 - 2 e^{{-d/500}}",
        "Lemma A.3, Appendix A",
        event=events.OUTSIDE,
        terms=lambda p: ((2, -p.dim * p.q("1/500")),),
        grid=events.by_dim,
        hypotheses=(SIZE,),
        constant="1/500",
        derivation=_WHY_3,
    ),
    tail_claim(
        "lemma-A.4",
        "For a fixed u other than zero and v from N(0, sigma^2 I_n), |<u, v>| is at least |u| t with probability at most 2 exp(-t^2 / (2 sigma^2)).",
        r"\Pr[|\langle u, v \rangle| \ge \|u\| t] \le 2 e^{-t^2 / 2 \sigma^2}",
        "Lemma A.4, Appendix A",
        event=events.DIRECTION,
        terms=direction,
        grid=events.by_level,
        hypotheses=(SIZE, THRESHOLD, SIGMA),
        constant="2",
        derivation=_WHY_4,
    ),
    tail_claim(
        "lemma-A.4/version/zero",
        "The same for every u, the zero vector included.",
        r"u = 0:\ \Pr[0 \ge 0] \le 2 e^{-t^2 / 2 \sigma^2}",
        "Lemma A.4, Appendix A, which asks for no more than a vector u",
        "version",
        event=events.CERTAIN,
        terms=direction,
        grid=events.by_level,
        hypotheses=(SIZE, THRESHOLD, SIGMA),
        corrected_by="lemma-A.4",
        derivation=_WHY_ZERO,
    ),
    tail_claim(
        "lemma-A.5",
        "For independent u and v from N(0, sigma_1^2 I_n) and N(0, sigma_2^2 I_n), |<u, v>| is at least 1.1 sigma_1 sqrt(n t) with probability at "
        "most e^(-n/500) + 2 exp(-t^2 / (2 sigma_2^2)).",
        _TAIL.format(r"\sqrt{nt}"),
        "Lemma A.5, Appendix A: t under the root",
        event=events.UNDER_THE_ROOT,
        terms=either,
        grid=events.by_dim_and_level,
        hypotheses=(SIZE, THRESHOLD, SIGMA),
        corrected_by="lemma-A.5/version/outside-the-root",
        derivation=_WHY_5,
    ),
    tail_claim(
        "lemma-A.5/version/outside-the-root",
        "The same with 1.1 sigma_1 sqrt(n) t, as the lemma is proved and used.",
        _TAIL.format(r"\sqrt{n}\, t"),
        "Proof of Lemma A.5 and Lemma A.6, Appendix A",
        "version",
        event=events.OUTSIDE_THE_ROOT,
        terms=either,
        grid=events.by_dim_and_level,
        hypotheses=(SIZE, THRESHOLD, SIGMA),
        derivation=_WHY_5_TRUE,
    ),
    tail_claim(
        "lemma-A.6",
        "For independent u and v from N(0, I/d), |<u, v>| is at least 1.1 log(d)/sqrt(d) with probability at most e^(-d/500) + 2 d^(-log(d)/2).",
        rf"\Pr[|\langle u, v \rangle| \ge {_PRODUCT}] \le e^{{-d/500}} + 2 d^{{-\log(d)/2}}",
        "Lemma A.6, Appendix A",
        event=events.PAIR,
        terms=pair,
        grid=events.by_dim,
        hypotheses=(SIZE,),
        derivation=_WHY_6,
    ),
)
