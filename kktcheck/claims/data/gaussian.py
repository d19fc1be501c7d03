"""Example 2.4 and Appendix A: when Gaussian points are nearly orthogonal.

Statements about probabilities are entered here with their sources; no instance can refute one.
"""

from ..claim import Claim

NOT_RUN = "a statement about a probability: it is judged by the exact tails of the law in question, not by instances"

_NORM = r"\|x_i\|^2 \in [0.9, 1.1]"
_CHANCE = r"1 - (2m e^{-d/500} + m^2 e^{-d/500} + 2m^2 d^{-\log(d)/2})"
_PRODUCT = r"1.1 \tfrac{\log d}{\sqrt d}"
_ASSUMPTION = (
    "m independent draws from N(0, I/d) satisfy Assumption 2.3 with psi = 0.1 and phi = 1.1 log(d)/sqrt(d) with probability at least "
    "1 - (2 m e^(-d/500) + m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2))."
)
_TAIL = r"\Pr[|\langle u, v \rangle| \ge 1.1 \sigma_1 {}] \le e^{{-n/500}} + 2 e^{{-t^2 / 2 \sigma_2^2}}"


def chance(id, statement, latex, source, kind="lemma", **more):
    """A claim about a probability, not run here."""
    return Claim(id, statement, direction="probability", latex=latex, source=source, kind=kind, not_run=NOT_RUN, **more)


CLAIMS = (
    chance("example-2.4", _ASSUMPTION, rf"\Pr[\text{{Assumption 2.3}}] \ge {_CHANCE}", "Example after Assumption 2.3, Section 2.4", "example"),
    chance("theorem-A.1", _ASSUMPTION, rf"\Pr[\text{{Assumption 2.3}}] \ge {_CHANCE}", "Theorem A.1, Appendix A", "theorem"),
    chance(
        "lemma-A.1",
        "The squared norm of a draw from N(0, sigma^2 I_n) is at most 0.9 sigma^2 n with probability at most e^(-n/400).",
        r"\Pr[\|w\|^2 \le 0.9 \sigma^2 n] \le e^{-n/400}",
        "Lemma A.1, Appendix A",
        constant="1/400",
    ),
    chance(
        "lemma-A.2",
        "The squared norm of a draw from N(0, sigma^2 I_n) is at least 1.1 sigma^2 n with probability at most e^(-n/500).",
        r"\Pr[\|w\|^2 \ge 1.1 \sigma^2 n] \le e^{-n/500}",
        "Lemma A.2, Appendix A",
        constant="1/500",
    ),
    chance(
        "lemma-A.3",
        "A point drawn from N(0, I/d) has squared norm in [0.9, 1.1] with probability at least 1 - 2 e^(-d/500).",
        rf"\Pr[{_NORM}] \ge 1 - 2 e^{{-d/500}}",
        "Lemma A.3, Appendix A",
        constant="1/500",
    ),
    chance(
        "lemma-A.4",
        "For a fixed u other than zero and v from N(0, sigma^2 I_n), |<u, v>| is at least |u| t with probability at most 2 exp(-t^2 / (2 sigma^2)).",
        r"\Pr[|\langle u, v \rangle| \ge \|u\| t] \le 2 e^{-t^2 / 2 \sigma^2}",
        "Lemma A.4, Appendix A",
    ),
    chance(
        "lemma-A.4/version/zero",
        "The same for every u, the zero vector included.",
        r"u = 0:\ \Pr[0 \ge 0] \le 2 e^{-t^2 / 2 \sigma^2}",
        "Lemma A.4, Appendix A, which asks for no more than a vector u",
        "version",
    ),
    chance(
        "lemma-A.5",
        "For independent u and v from N(0, sigma_1^2 I_n) and N(0, sigma_2^2 I_n), |<u, v>| is at least 1.1 sigma_1 sqrt(n t) with probability at "
        "most e^(-n/500) + 2 exp(-t^2 / (2 sigma_2^2)).",
        _TAIL.format(r"\sqrt{nt}"),
        "Lemma A.5, Appendix A: t under the root",
    ),
    chance(
        "lemma-A.5/version/outside-the-root",
        "The same with 1.1 sigma_1 sqrt(n) t, as the lemma is proved and used.",
        _TAIL.format(r"\sqrt{n}\, t"),
        "Proof of Lemma A.5 and Lemma A.6, Appendix A",
        "version",
    ),
    chance(
        "lemma-A.6",
        "For independent u and v from N(0, I/d), |<u, v>| is at least 1.1 log(d)/sqrt(d) with probability at most e^(-d/500) + 2 d^(-log(d)/2).",
        rf"\Pr[|\langle u, v \rangle| \ge {_PRODUCT}] \le e^{{-d/500}} + 2 d^{{-\log(d)/2}}",
        "Lemma A.6, Appendix A",
    ),
    chance(
        "lemma-A.7",
        "All of m <= d independent draws from N(0, I/d) have squared norms in [0.9, 1.1] with probability at least 1 - 2 m e^(-d/500).",
        rf"\Pr[\forall i:\ {_NORM}] \ge 1 - 2m e^{{-d/500}}",
        "Lemma A.7, Appendix A",
    ),
    chance(
        "lemma-A.8",
        "Any two different ones of m <= d independent draws from N(0, I/d) have |<x_i, x_j>| <= 1.1 log(d)/sqrt(d) with probability at least "
        "1 - (m^2 e^(-d/500) + 2 m^2 d^(-log(d)/2)).",
        rf"\Pr[\forall i \ne j:\ |\langle x_i, x_j \rangle| \le {_PRODUCT}] \ge 1 - (m^2 e^{{-d/500}} + 2m^2 d^{{-\log(d)/2}})",
        "Lemma A.8, Appendix A, for pairs of different points as in its proof",
    ),
    chance(
        "lemma-A.8/version/all-pairs",
        "The same for all pairs, those of a point with itself included.",
        rf"\Pr[\forall i, j:\ |\langle x_i, x_j \rangle| \le {_PRODUCT}] \ge 1 - (m^2 e^{{-d/500}} + 2m^2 d^{{-\log(d)/2}})",
        "Lemma A.8, Appendix A, word for word",
        "version",
    ),
)
