"""Settings on which the claims about the mixture are tried: from the dimension on in which each begins to speak."""

from fractions import Fraction
from functools import cache, partial

from ...instances.mixture import MixturePoint
from ...instances.mixture_family import MixtureSettings
from .lengths import LONGER, SECTION
from .thresholds import least


def _from(conditions, scaling, alpha, epsilon_d, *sizes):
    return least(alpha, conditions, scaling, epsilon_d, sizes)


def _closed_form(scaling, alpha, *_):
    """log of the dimension that the closed form of Lemma D.4 asks for, and a little more."""
    exponent = 0.5 - 2 * alpha if scaling in (SECTION, LONGER) else 2 * alpha
    return (1.1 / exponent if scaling is LONGER else 1.7 / exponent**2) * (1 + 1e-9) + 1e-9


def _zero(*_):
    return 0.0


@cache
def settings(conditions, scaling, **limits):
    """Settings from where conditions named in `thresholds.CONDITIONS` hold."""
    return MixtureSettings(f"mixture, {scaling.name}, {', '.join(conditions)}, {limits}", partial(_from, conditions, scaling), **limits)


def closed_form(scaling):
    """Settings from where the closed form for Lemma D.4 says that it holds."""
    return MixtureSettings(f"mixture, {scaling.name}, closed form", partial(_closed_form, scaling))


#: From d = 1 on.
ANY = MixtureSettings("mixture, any dimension", _zero, reach=16.0)
#: Exponents and sizes (m, n, k) that are easy to read, and powers of ten that are dimensions.
_ALPHAS, _SIZES = ("1/5", "1/10", "3/20", "1/20"), ((2, 2, 1), (3, 2, 2), (1, 2, 1), (1, 1, 1), (5, 4, 1), (10, 20, 9), (30, 10, 1))
_POWERS = (1, 2, 4, 5, 6, 7, 9, 12, 16, 17, 18, 20, 25, 30, 40, 60, 100)


def readable():
    """Exact settings with plain numbers, small ones first: for claims that fail on any of them that meets the hypotheses."""
    for sizes in _SIZES:
        for power in _POWERS:
            for alpha in _ALPHAS:
                yield MixturePoint(Fraction(10**power), Fraction(alpha), Fraction(1, 100), *sizes)
