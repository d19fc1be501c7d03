"""Lemmas D.1 and D.2: norms of points of the mixture."""

from ...instances.constants_family import ConstantBoxes
from ...instances.exact import Enclosure
from ...instances.logarithms import log
from ...tails import enclosures
from ..claim import Claim
from . import chances, families
from .hypotheses import BASIC, PRINTED, small
from .lengths import APPENDIX, LONGER, SECTION, decay, mean

#: Exact tails are enclosed up to here.
_LARGEST = enclosures.LARGEST_DIM


def noise_outside(p):
    """Chance that |zeta|^2 is outside [0.95, 1.05]; exactly, an enclosure."""
    if not p.is_exact:
        return chances.outside(p, 0.95, 1.05)
    if p.dim > _LARGEST:
        return chances.unknown(p)
    return enclosures.norm_below(int(p.dim), p.q("0.95")) + enclosures.norm_above(int(p.dim), p.q("1.05"))


def _outside(scaling):
    return lambda p: chances.unknown(p) if p.is_exact else chances.outside(p, 0.9, 1.1, scaling)


def long_mean(p):
    """A lower bound of the chance that |x|^2 > 1.1, by Chernoff with s = 1/20: 1 - exp(-d (|mu|^2 / 22 + log(1.1) / 2 - 0.055))."""
    rate = mean(p, APPENDIX) ** 2 / 22 + log(p.q("1.1")) / 2 - p.q("0.055")
    exponent = p.dim * rate
    if p.is_exact:
        return 1 - decay(exponent) if exponent > 0 else Enclosure(0, 1)
    return max(1 - float(decay(exponent)), 0.0) if exponent > 0 else 0.0


def _twice(p):
    return 2 * chances.norms(p)


def _says_nothing(p):
    return _twice(p) >= 1


_NORMS = r"\|x_i\|^2 \in [0.9, 1.1]"
_SQUARED = (
    "Given |mu|^2 = v, E exp(s d |x|^2) = (1 - 2 s)^(-d/2) exp(s d v / (1 - 2 s)). Markov with s = 1/36: P(|x|^2 >= 1.1) <= exp(-d (1.1 s + log(1 "
    "- 2 s) / 2 - v s / (1 - 2 s))), and the bracket is at least 1/1700 for v <= 1/25. From below s = 1/20 gives more, whatever v. So |mu|^2 <= "
    "1/25 is what d large enough has to mean; the limit of this argument is 0.0475. "
)


def _lemma(id, scaling, when, source, kind):
    return Claim(
        id,
        f"For means of length {scaling.formula} a point has squared norm in [0.9, 1.1] with probability at least 1 - 2 e^(-d/1700), if d is so large "
        f"that |mu|^2 <= 1/25: {when}. (Sides: chance of failure, its bound.)",
        _outside(scaling),
        _twice,
        direction="probability",
        family=families.settings(("small",), scaling),
        hypotheses=(*BASIC, small(scaling)),
        trivial=_says_nothing,
        source=source,
        kind=kind,
        latex=rf"{scaling.latex}:\ \Pr[{_NORMS}] \ge 1 - 2 e^{{-d/1700}}",
        constant="1/1700",
        derivation=_SQUARED,
    )


_WHY_THRESHOLD = (
    "d^(2 alpha - 1/2) <= 0.01 says d^(1/2 - 2 alpha) >= 100, not d^(1/2 - alpha) >= 100. From the printed threshold on |mu|^2 may be larger than "
    "0.1, and then squared norms gather around 1 + |mu|^2, above 1.1: alpha = 1/5, d = 5 10^6 gives |mu|^2 = 0.213."
)

CLAIMS = (
    Claim(
        "lemma-D.1",
        "The squared norm of zeta lies in [0.95, 1.05] with probability at least 1 - 2 e^(-d/1700). (Sides: chance of failure, its bound.)",
        noise_outside,
        _twice,
        direction="probability",
        family=families.ANY,
        hypotheses=BASIC,
        trivial=_says_nothing,
        source="Lemma D.1, Appendix D",
        kind="lemma",
        latex=r"\Pr[\|\zeta_i\|^2 \in [0.95, 1.05]] \ge 1 - 2 e^{-d/1700}",
        constant="1/1700",
        derivation=(
            "Chernoff: P(|zeta|^2 >= 1 + t) <= exp(-d (t - log(1 + t)) / 2), t - log(1 + t) >= t^2/2 - t^3/3, at t = 0.05 at least 2/1700 (the best "
            "rate is 1/1653.1); from below -log(1 - t) - t >= t^2/2. The printed way through 2 sqrt(n t) + 2 t gives the same."
        ),
    ),
    _lemma("lemma-D.2", APPENDIX, "d >= 25^(1/(1/2 - 2 alpha))", "Lemma D.2, Appendix D", "lemma"),
    _lemma("lemma-D.2/version/section-6", SECTION, "d >= 25^(1/(2 alpha))", "Lemma D.2 with the mean of Section 6", "version"),
    _lemma("lemma-D.2/version/lemma-D.4", LONGER, "log d >= 3/alpha^2 will do", "Lemma D.2 with the mean of Lemma D.4", "version"),
    Claim(
        "lemma-D.2/version/printed-threshold",
        "Lemma D.2 from the dimension on that its proof ends with, log d >= log(100) / (1/2 - alpha).",
        long_mean,
        _twice,
        direction="probability",
        extremes=families.readable,
        hypotheses=(*BASIC, PRINTED),
        source="Proof of Lemma D.2, Appendix D",
        kind="version",
        latex=rf"d^{{1/2 - \alpha}} \ge 100:\ \Pr[{_NORMS}] \ge 1 - 2 e^{{-d/1700}}",
        constant="100",
        corrected_by="lemma-D.2",
        derivation=_WHY_THRESHOLD,
    ),
    Claim(
        "lemma-D.2/proof/threshold",
        "If d^(1/2 - alpha) >= 100 then |mu|^2 = d^(2 alpha - 1/2) <= 0.01.",
        lambda p: mean(p, APPENDIX) ** 2,
        lambda p: p.q("0.01"),
        extremes=families.readable,
        hypotheses=(*BASIC, PRINTED),
        source="Proof of Lemma D.2, Appendix D",
        kind="proof step",
        latex=r"d^{2\alpha - 1/2} \le 0.01 \iff d^{1/2 - \alpha} \ge 100",
        constant="100",
        corrected_by="lemma-D.2",
        derivation=_WHY_THRESHOLD,
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
            "<= 0.0005 and |zeta|^2 <= 1.05 the second term squared is 4.2 s <= 0.0021, and (0.05 - s)^2 >= 0.0495^2 > 0.00245. This way the "
            "lemma needs |mu|^2 <= 0.0005; with the law of <mu, zeta> in place of Cauchy and Schwarz |mu|^2 <= 1/25 is enough (lemma-D.2)."
        ),
    ),
)
