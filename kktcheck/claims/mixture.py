"""Section 6 and Appendix D: the mixture of Gaussians.

Points are x = mu + zeta, mu one of two opposite means and zeta from N(0, I/d). The length of the means is printed three times, and differently:
d^-alpha in Section 6, d^(-1/4 + alpha) at the head of Appendix D, log(d) / d^alpha in Lemma D.4, alpha in (0, 1/4) each time. The first two
are the same family, alpha and 1/4 - alpha changing places.
"""

from ..instances.constants_family import ConstantBoxes
from .claim import Claim
from .data.gaussian import chance

_NORMS = r"\|x_i\|^2 \in [0.9, 1.1]"
_WIDTH = r"2\|\mu\| \tfrac{\log d}{\sqrt d} + 1.1 \tfrac{\log d}{\sqrt d}"
_RANGE = rf"[-({_WIDTH}), {_WIDTH}]"
_DATASET = r"1 - (2m e^{-d/1700} + m^2 e^{-d/500} + 2m^2 d^{-\log(d)/2})"
_POINT = r"1 - (2 e^{-d/1700} + m e^{-d/500} + 2m d^{-\log(d)/2})"
_SHARE = r"\|\mu_+\|^2 > 2\|\mu_+\| \tfrac{\log d}{\sqrt d} + 1.1 \tfrac{\log d}{\sqrt d}"
_SMALL = (
    "m <= d points of the mixture satisfy Assumption 2.3 with psi = 0.1 and phi <= epsilon_d / (4 m n) with probability at least "
    "1 - (2 m e^(-d/1700) + m^2 e^(-d/500) + {} m^2 d^(-log(d)/2)), for d large enough."
)
_CLUSTERS = (
    "For m <= d points of the mixture and d large enough, with probability at least 1 - ({0} e^(-d/500) + 6 {0} d^(-log(d)/2)), products "
    "within a cluster and minus those between clusters have "
)
_GENERALISES = (
    "Let the network be an exact KKT point for a dataset drawn from the mixture. With probability at least 1 - (2 m e^(-d/1700) + m^2 e^(-d/500) + "
    "2 m^2 d^(-log(d)/2)) over the dataset, {} classifies a new point rightly with probability at least 1 - (2 e^(-d/1700) + m e^(-d/500) + "
    "2 m d^(-log(d)/2))."
)

CLAIMS = (
    chance(
        "lemma-D.1",
        "The squared norm of zeta lies in [0.95, 1.05] with probability at least 1 - 2 e^(-d/1700).",
        r"\Pr[\|\zeta_i\|^2 \in [0.95, 1.05]] \ge 1 - 2 e^{-d/1700}",
        "Lemma D.1, Appendix D",
        constant="1/1700",
    ),
    chance(
        "lemma-D.2",
        "For means of length d^(-1/4 + alpha) and d large enough, a point has squared norm in [0.9, 1.1] with probability at least 1 - 2 "
        "e^(-d/1700).",
        rf"\|\mu\| = d^{{-1/4 + \alpha}}:\ \Pr[{_NORMS}] \ge 1 - 2 e^{{-d/1700}}",
        "Lemma D.2, Appendix D",
        constant="1/1700",
    ),
    chance(
        "lemma-D.2/version/section-6",
        "The same for means of length d^-alpha.",
        rf"\|\mu\| = d^{{-\alpha}}:\ \Pr[{_NORMS}] \ge 1 - 2 e^{{-d/1700}}",
        "Lemma D.2 with the mean of Section 6",
        "version",
    ),
    chance(
        "lemma-D.2/version/lemma-D.4",
        "The same for means of length log(d) / d^alpha.",
        rf"\|\mu\| = \log(d) / d^{{\alpha}}:\ \Pr[{_NORMS}] \ge 1 - 2 e^{{-d/1700}}",
        "Lemma D.2 with the mean of Lemma D.4",
        "version",
    ),
    Claim(
        "lemma-D.2/proof/cross-term",
        "If |mu|^2 <= 0.01 and |zeta|^2 <= 1.05, then 2 |mu| |zeta| <= 0.021; both sides squared.",
        lambda p: 4 * (p.q("0.01") * p.free) * p.q("1.05"),
        lambda p: p.q("0.021") ** 2,
        family=ConstantBoxes(),
        source="Proof of Lemma D.2, Appendix D",
        kind="proof step",
        latex=r"2 \|\mu_i\| \|\zeta_i\| \le 2 \cdot 0.01 \cdot 1.05 = 0.021",
        constant="0.021",
        corrected_by="lemma-D.2/proof/cross-term/corrected",
        derivation="The squares of both norms stand where the norms belong: |mu| may be 0.1 and |zeta| nearly 1.025, which makes 0.205.",
    ),
    Claim(
        "lemma-D.2/proof/cross-term/corrected",
        "If |mu|^2 <= 0.0005 and |zeta|^2 lies in [0.95, 1.05], then ||x|^2 - |zeta|^2| <= |mu|^2 + 2 |mu| |zeta| <= 0.05, so |x|^2 lies in "
        "[0.9, 1.1]; as 4 |mu|^2 |zeta|^2 <= (0.05 - |mu|^2)^2.",
        lambda p: 4 * (p.q("0.0005") * p.free) * p.q("1.05"),
        lambda p: (p.q("0.05") - p.q("0.0005") * p.free) ** 2,
        family=ConstantBoxes(),
        source="Proof of Lemma D.2, Appendix D, with a smaller mean",
        kind="corrected",
        latex=r"\|\mu\|^2 \le 0.0005 \Rightarrow \|\mu\|^2 + 2 \|\mu\| \|\zeta\| \le 0.05",
        constant="0.0005",
        derivation=(
            "|x|^2 = |zeta|^2 + |mu|^2 + 2 <mu, zeta>, so by Cauchy and Schwarz it is within |mu|^2 + 2 |mu| |zeta| of |zeta|^2. With |mu|^2 = s "
            "<= 0.0005 and |zeta|^2 <= 1.05 the second term squared is 4.2 s <= 0.0021, and (0.05 - s)^2 >= 0.0495^2 > 0.00245. The lemma "
            "survives, for d large enough that |mu|^2 <= 0.0005: for d^(-1/4 + alpha) that is d^(1/2 - 2 alpha) >= 2000."
        ),
    ),
    chance(
        "lemma-D.3",
        "For two points of the mixture and d large enough, |<x_i, x_j>| - <mu_i, mu_j> is within 2 |mu| log(d)/sqrt(d) + 1.1 log(d)/sqrt(d) "
        "of 0 with probability at least 1 - e^(-d/500) + 6 d^(-log(d)/2).",
        rf"\Pr[|\langle x_i, x_j \rangle| - \langle \mu_i, \mu_j \rangle \in {_RANGE}] \ge 1 - e^{{-d/500}} + 6 d^{{-\log(d)/2}}",
        "Lemma D.3, Appendix D: with the sign printed",
    ),
    chance(
        "lemma-D.3/version/minus-sign",
        "The same with probability at least 1 - (e^(-d/500) + 6 d^(-log(d)/2)), as its proof has it.",
        rf"\Pr[|\langle x_i, x_j \rangle| - \langle \mu_i, \mu_j \rangle \in {_RANGE}] \ge 1 - (e^{{-d/500}} + 6 d^{{-\log(d)/2}})",
        "Proof of Lemma D.3, Appendix D",
        "version",
    ),
    chance(
        "lemma-D.3/version/no-absolute-value",
        "The same as the version with the minus sign for <x_i, x_j> - <mu_i, mu_j>; printed, the absolute value is wrong for points of "
        "different clusters.",
        rf"\Pr[\langle x_i, x_j \rangle - \langle \mu_i, \mu_j \rangle \in {_RANGE}] \ge 1 - (e^{{-d/500}} + 6 d^{{-\log(d)/2}})",
        "Proof of Lemma D.3, Appendix D, and its use in Lemma D.6",
        "version",
    ),
    chance(
        "lemma-D.4",
        "For means of length log(d) / d^alpha and d large enough, |mu|^2 > 2 |mu| log(d)/sqrt(d) + 1.1 log(d)/sqrt(d).",
        rf"\|\mu_+\| = \log(d) / d^{{\alpha}}:\ {_SHARE}",
        "Lemma D.4, Appendix D",
    ),
    chance(
        "lemma-D.4/version/proof",
        "The same for means of length d^(-1/4 + alpha), which its proof works with.",
        rf"\|\mu_+\| = d^{{-1/4 + \alpha}}:\ {_SHARE}",
        "Proof of Lemma D.4, Appendix D",
        "version",
    ),
    chance(
        "lemma-D.4/version/section-6",
        "The same for means of length d^-alpha.",
        rf"\|\mu_+\| = d^{{-\alpha}}:\ {_SHARE}",
        "Lemma D.4 with the mean of Section 6",
        "version",
    ),
    chance(
        "lemma-D.5",
        _SMALL.format(2),
        rf"\Pr[\text{{Assumption 2.3}}] \ge {_DATASET}",
        "Lemma D.5, Appendix D, for pairs of different points",
    ),
    chance(
        "lemma-D.5/version/six",
        _SMALL.format(6),
        r"\Pr[\text{Assumption 2.3}] \ge 1 - (2m e^{-d/1700} + m^2 e^{-d/500} + 6m^2 d^{-\log(d)/2})",
        "Lemma D.5 as it follows from Lemma D.3",
        "version",
    ),
    chance(
        "lemma-D.5/version/all-pairs",
        "The same for all pairs, those of a point with itself included.",
        rf"\Pr[\forall i, j:\ |\langle x_i, x_j \rangle| \le \tfrac{{\epsilon_d}}{{4mn}}] \ge {_DATASET}",
        "Lemma D.5, Appendix D, word for word",
        "version",
    ),
    chance(
        "lemma-D.6",
        _CLUSTERS.format("m") + "maximum |mu| + w <= epsilon_d / (4 m n) and minimum |mu| - w > 0, w = 2 |mu| log(d)/sqrt(d) + 1.1 log(d)/sqrt(d).",
        r"0 < \phi_{\max}^+ = -\phi_{\min}^- = \|\mu\| + w \le \tfrac{\epsilon_d}{4mn},\ 0 < \phi_{\min}^+ = -\phi_{\max}^- = \|\mu\| - w",
        "Lemma D.6, Appendix D: equalities, the mean's length not squared",
    ),
    chance(
        "lemma-D.6/version/squared",
        _CLUSTERS.format("m") + "maximum at most |mu|^2 + w <= epsilon_d / (4 m n) and minimum at least |mu|^2 - w > 0, with the same w.",
        r"\phi_{\max}^+, -\phi_{\min}^- \le \|\mu\|^2 + w \le \tfrac{\epsilon_d}{4mn},\ \phi_{\min}^+, -\phi_{\max}^- \ge \|\mu\|^2 - w > 0",
        "Lemma D.6 as it follows from Lemma D.3, with the probability printed",
        "version",
    ),
    chance(
        "lemma-D.6/version/pairs",
        _CLUSTERS.format("m^2") + "maximum at most |mu|^2 + w <= epsilon_d / (4 m n) and minimum at least |mu|^2 - w > 0, with the same w.",
        r"\Pr[\ldots] \ge 1 - (m^2 e^{-d/500} + 6 m^2 d^{-\log(d)/2})",
        "Lemma D.6 with a union over pairs of points",
        "version",
    ),
    chance(
        "lemma-D.7",
        "Let the network be an exact KKT point for a dataset drawn from the mixture. At a new point every neuron, before and after "
        "unlearning, has the sign of its outer weight times the point's label.",
        r"\operatorname{sign}(\hat w_j^\top x_t) = \operatorname{sign}(w_j^\top x_t) = y_t \operatorname{sign}(u_j)",
        "Lemma D.7, Appendix D: no probability is named",
    ),
    chance(
        "lemma-D.7/version/probability",
        "The same with probability at least 1 - (m e^(-d/500) + 6 m d^(-log(d)/2)) over the new point, on datasets as in Lemma D.6, for "
        "neurons that are not zero.",
        r"\Pr[\forall j:\ \operatorname{sign}(\hat w_j^\top x_t) = \operatorname{sign}(w_j^\top x_t) = y_t \operatorname{sign}(u_j)] \ge 1 - \ldots",
        "Proof of Lemma D.7, Appendix D",
        "version",
    ),
    chance(
        "theorem-6.1/original",
        _GENERALISES.format("the network"),
        rf"\Pr_S[\Pr[y_t N(x_t, \theta) > 0] \ge {_POINT}] \ge {_DATASET}",
        "Theorem 6.1, Section 6",
        "theorem",
    ),
    chance(
        "theorem-6.1/unlearned",
        _GENERALISES.format("the network after the step of gradient ascent that forgets any one point"),
        rf"\Pr_S[\Pr[y_t N(x_t, A(\theta, S, l)) > 0] \ge {_POINT}] \ge {_DATASET}",
        "Theorem 6.1, Section 6",
        "theorem",
    ),
    chance(
        "theorem-6.1/version/lemma-D.4",
        "Both parts for means of length log(d) / d^alpha.",
        rf"\|\mu_+\| = \log(d) / d^{{\alpha}}:\ \Pr[y_t N(x_t, \cdot) > 0] \ge {_POINT}",
        "Theorem 6.1 with the mean of Lemma D.4",
        "version",
    ),
)
