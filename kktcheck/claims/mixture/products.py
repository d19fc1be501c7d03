"""Lemmas D.3 and D.4: inner products of two points, and the length of the mean that makes their signs tell the clusters apart."""

import numpy as np

from ...instances.exact import Enclosure
from ..claim import Claim, Hypothesis
from . import chances, families
from .hypotheses import BASIC, enough, signs
from .lengths import APPENDIX, LONGER, SECTION, decay, deviation, log_dim, mean

_WIDTH = r"2\|\mu\| \tfrac{\log d}{\sqrt d} + 1.1 \tfrac{\log d}{\sqrt d}"
_RANGE = rf"[-({_WIDTH}), {_WIDTH}]"
_ABSOLUTE = r"|\langle x_i, x_j \rangle| - \langle \mu_i, \mu_j \rangle"
_SHARE = rf"\|\mu_+\|^2 > {_WIDTH}"
_SIDES = "(Sides: chance of failure, its bound.)"
#: From here on the printed bound of Lemma D.3 asks for a probability above 1.
MANY = Hypothesis("d >= 25000", lambda p: p.dim - 25_000)


def _printed_sign(p):
    """1 - (1 - e^(-d/500) + 6 d^(-log(d)/2))."""
    return chances.norms(p, "1/500") - 6 * chances.power(p)


def _pair(p):
    return chances.of_pairs(p, 1)


def other_cluster(p):
    """A lower bound of the chance that |<x_i, x_j>| - <mu_i, mu_j> leaves the range: other clusters, and <x_i, x_j> within w of -|mu|^2 < -w.

    There |<x_i, x_j>| + |mu|^2 >= 2 |mu|^2 - w > w.
    """
    certain = mean(p, SECTION) ** 2 > deviation(p, SECTION)
    if not certain:
        return Enclosure(0, 1) if p.is_exact else 0.0
    share = (1 - _pair(p)) / 2
    return share if p.is_exact else max(share, 0.0)


def _deviates(p):
    return chances.unknown(p) if p.is_exact else chances.beyond_width(p, SECTION)


def _says_nothing(p):
    return _pair(p) >= 1


def _two_terms(p):
    """2 |mu| log(d) / sqrt(d), as the proof of Lemma D.4 has it in its second line: with d^(alpha + 3/4) below."""
    x = log_dim(p)
    return 2 * x * decay((p.alpha + p.q("3/4")) * x)


def _term(p):
    x = log_dim(p)
    return 2 * mean(p, APPENDIX) * x * decay(x / 2)


_WHY_LENGTH = (
    "With |mu| = e^(-b x), x = log d and c = 1/2 - 2 b the inequality is e^(c x) > x (1.1 + 2 |mu|). As e^y >= (e y / 2)^2 for y > 0 and |mu| <= "
    "1, it holds if e^2 c^2 x / 4 > 3.1, so if x >= 1.7 / c^2. kktcheck.claims.mixture.thresholds brackets where it begins: for d^(-1/4 + alpha) "
    "at d = 10^16.1, 10^6.46, 10^4.18, 10^3.14 for alpha = 0.05, 0.1, 0.15, 0.2. "
)


def _length(id, scaling, source, kind, derivation, latex=None):
    return Claim(
        id,
        f"For means of length {scaling.formula} and d large enough, |mu|^2 > 2 |mu| log(d)/sqrt(d) + 1.1 log(d)/sqrt(d). Large enough: "
        f"{enough(scaling).name}.",
        lambda p: deviation(p, scaling),
        lambda p: mean(p, scaling) ** 2,
        family=families.closed_form(scaling),
        hypotheses=(*BASIC, enough(scaling)),
        source=source,
        kind=kind,
        latex=rf"{scaling.latex}:\ {_SHARE}",
        derivation=derivation,
    )


CLAIMS = (
    Claim(
        "lemma-D.3",
        "For two points of the mixture and d large enough, |<x_i, x_j>| - <mu_i, mu_j> is within 2 |mu| log(d)/sqrt(d) + 1.1 log(d)/sqrt(d) "
        f"of 0 with probability at least 1 - e^(-d/500) + 6 d^(-log(d)/2). {_SIDES}",
        lambda p: p.q("0"),
        _printed_sign,
        direction="probability",
        extremes=families.readable,
        hypotheses=(*BASIC, MANY),
        source="Lemma D.3, Appendix D: with the sign printed",
        kind="lemma",
        latex=rf"\Pr[{_ABSOLUTE} \in {_RANGE}] \ge 1 - e^{{-d/500}} + 6 d^{{-\log(d)/2}}",
        corrected_by="lemma-D.3/version/no-absolute-value",
        derivation=(
            "6 d^(-log(d)/2) > e^(-d/500) for every d >= 25000, since d/500 - log(d)^2/2 + log(6) grows there and is above 0: the printed bound is "
            "larger than 1, and no probability is. A parenthesis is missing."
        ),
    ),
    Claim(
        "lemma-D.3/version/minus-sign",
        f"The same with probability at least 1 - (e^(-d/500) + 6 d^(-log(d)/2)), as its proof has it. {_SIDES}",
        other_cluster,
        _pair,
        direction="probability",
        extremes=families.readable,
        hypotheses=(*BASIC, signs(SECTION)),
        source="Proof of Lemma D.3, Appendix D",
        kind="version",
        latex=rf"\Pr[{_ABSOLUTE} \in {_RANGE}] \ge 1 - (e^{{-d/500}} + 6 d^{{-\log(d)/2}})",
        corrected_by="lemma-D.3/version/no-absolute-value",
        derivation=(
            "Two points are of different clusters with probability 1/2, and then <mu_i, mu_j> = -|mu|^2, so that |<x_i, x_j>| - <mu_i, mu_j> "
            "gathers around 2 |mu|^2: outside the range as soon as |mu|^2 exceeds its width, which is Lemma D.4. The chance of failure is about "
            "1/2 for every large d. The proof speaks of <x_i, x_j> without the absolute value."
        ),
    ),
    Claim(
        "lemma-D.3/version/no-absolute-value",
        "The same as the version with the minus sign for <x_i, x_j> - <mu_i, mu_j>; printed, the absolute value is wrong for points of "
        f"different clusters. True for every d. {_SIDES}",
        _deviates,
        _pair,
        direction="probability",
        family=families.ANY,
        hypotheses=BASIC,
        trivial=_says_nothing,
        source="Proof of Lemma D.3, Appendix D, and its use in Lemma D.6",
        kind="version",
        latex=rf"\Pr[\langle x_i, x_j \rangle - \langle \mu_i, \mu_j \rangle \in {_RANGE}] \ge 1 - (e^{{-d/500}} + 6 d^{{-\log(d)/2}})",
        derivation=(
            "<x_i, x_j> - <mu_i, mu_j> = <mu_i, zeta_j> + <zeta_i, mu_j> + <zeta_i, zeta_j>. Each of the first two is normal with standard "
            "deviation |mu| / sqrt(d), the third is, given zeta_i, with |zeta_i| / sqrt(d), and |zeta_i| <= 1.1 but for e^(-d/500). Three tails "
            "at log(d) standard deviations, 2 d^(-log(d)/2) each. With P(|Z| >= t) <= e^(-t^2/2) half of that is enough."
        ),
    ),
    _length("lemma-D.4", LONGER, "Lemma D.4, Appendix D", "lemma",
            "With x = log d and c = 1/2 - 2 alpha the inequality is e^(c x) > 1.1/x + 2 e^(-alpha x), and the right side is below 3 from x = 1.1 "
            "on, the left one above 3 from c x = 1.1 on (c < 1/2). The printed proof is one for d^(-1/4 + alpha)."),
    _length("lemma-D.4/version/proof", APPENDIX, "Proof of Lemma D.4, Appendix D", "version", _WHY_LENGTH),
    _length("lemma-D.4/version/section-6", SECTION, "Lemma D.4 with the mean of Section 6", "version", _WHY_LENGTH),
    Claim(
        "lemma-D.4/proof/factor",
        "2 |mu| log(d)/sqrt(d) = 2 log(d) / d^(alpha + 3/4) for means of length d^(-1/4 + alpha).",
        _term,
        _two_terms,
        direction="equality",
        extremes=families.readable,
        hypotheses=BASIC,
        source="Proof of Lemma D.4, Appendix D, second line",
        kind="proof step",
        latex=r"2 \|\mu_+\| \tfrac{\log d}{\sqrt d} = 2 \tfrac{\log d}{d^{\alpha + 3/4}}",
        corrected_by="lemma-D.4/version/proof",
        derivation="The exponent is -1/4 + alpha - 1/2 = alpha - 3/4: the sign of alpha is lost. The term stays below |mu|^2 all the same (Lemma "
            "D.4).",
    ),
)  # fmt: skip


def normal_beyond(t):
    """P(Z >= t) for floats, by the complementary error function."""
    from scipy.special import ndtr

    return float(ndtr(-np.clip(t, -38.0, 38.0)))
