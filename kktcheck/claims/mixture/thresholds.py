"""How large "d large enough" is: the dimension from which on each condition of Appendix D holds, bracketed beyond doubt.

Everything is a function of x = log d, for dimensions of any size. Each gap (positive where the condition holds) is negative at a known start and
beyond it changes sign once:

- ``small``, |mu|^2 <= 1/25, and ``printed``, 2 |mu|^2 <= epsilon_d / (4 m n): |mu| falls (for log(d) / d^alpha from x = 1/alpha on);
- ``products``, |mu|^2 + w <= epsilon_d / (4 m n), and ``sets``, k w <= 0.47: x e^(-x/2) falls from x = 2 on, x^2 e^(-x/2 - alpha x) from x = 4 on;
- ``signs``, |mu|^2 > w (Lemma D.4), as a difference of logarithms 2 log|mu| + x/2 - log x - log(2 |mu| + 1.1): with |mu| = e^(-b x) its slope is at
  least 1/2 - 2 b - 1/x, so it grows from 1 / (1/2 - 2 b) on; with |mu| = x e^(-alpha x) it is 1/2 - 2 alpha + 1/x - 2 (1 - alpha x) e^(-alpha x) /
  (2 |mu| + 1.1), more than 1/2 - 2 alpha, everywhere.
"""

import functools
import math
from fractions import Fraction
from typing import NamedTuple

from ...errors import InputError, SolverError
from ...instances.logarithms import log
from .lengths import APPENDIX, LONGER, SCALINGS, decay

CONDITIONS = ("small", "signs", "products", "sets", "printed")
#: What the theorems of ours and the paper's lemmas ask of d, as named in `CONDITIONS`.
SHARPER, PAPER = ("signs", "sets"), ("small", "signs", "products")
#: 1.1 of w, the largest |mu|^2 of Lemma D.2, and what k w may be.
_EDGE, _SMALL, _SETS = Fraction(11, 10), Fraction(1, 25), Fraction(47, 100)
#: Relative width of a bracket, and the largest log d that is looked at.
_WIDTH, _LARGEST = Fraction(1, 10**9), 10**7


class Threshold(NamedTuple):
    """Where a condition begins to hold for good.

    Attributes
    ----------
    fails, holds : Fraction
        Logarithms of dimensions: at ``fails`` the condition fails, at ``holds`` and everywhere beyond it holds.
    condition : str
    """

    fails: Fraction
    holds: Fraction
    condition: str

    @property
    def digits(self):
        """log10 of the dimension from which on it holds."""
        return float(self.holds) / math.log(10)


def gap(condition, scaling, alpha, epsilon_d, points, neurons, forgotten, x):
    """What is positive where a condition of `CONDITIONS` holds, at x = log d; of floats a float, of rationals an enclosure."""
    number = Fraction if isinstance(x, Fraction) else float
    size = scaling.log(alpha, x)
    mean = decay(-size)
    if condition == "signs":
        return 2 * size + x / 2 - log(x) - log(2 * mean + number(_EDGE))
    if condition == "small":
        return number(_SMALL) - mean**2
    share = epsilon_d / (4 * points * neurons)
    if condition == "printed":
        return share - 2 * mean**2
    width = (2 * mean + number(_EDGE)) * x * decay(x / 2)
    return share - mean**2 - width if condition == "products" else number(_SETS) - forgotten * width


def threshold(alpha, conditions=PAPER, *, scaling=APPENDIX, points=1, neurons=1, forgotten=1, epsilon_d="0.01"):
    """The dimension from which on all of some conditions hold.

    Parameters
    ----------
    alpha, epsilon_d : str or Fraction
        alpha in (0, 1/4), epsilon_d in (0, 0.01].
    conditions : sequence of str, optional
        Of `CONDITIONS`.
    scaling : Scaling, optional
    points, neurons, forgotten : int, optional
        m, n and k.

    Returns
    -------
    Threshold
        Of the condition that begins last.

    Raises
    ------
    InputError
        A number is out of range, or a condition unknown.
    SolverError
        The dimension is beyond e^10000000.
    """
    alpha, epsilon_d = Fraction(alpha), Fraction(epsilon_d)
    if not (0 < alpha < Fraction(1, 4) and 0 < epsilon_d <= Fraction(1, 100) and min(points, neurons, forgotten) >= 1):
        raise InputError(f"alpha = {alpha} and epsilon_d = {epsilon_d}: they lie in (0, 1/4) and (0, 0.01], sizes are at least 1")
    if scaling not in SCALINGS or not conditions or not set(conditions) <= set(CONDITIONS):
        raise InputError(f"conditions {conditions!r}: some of {', '.join(CONDITIONS)} are needed, and one of SCALINGS")
    sizes = points, neurons, forgotten
    return max((_bracket(condition, scaling, alpha, epsilon_d, sizes) for condition in conditions), key=lambda found: found.holds)


@functools.lru_cache(maxsize=4096)
def least(alpha, conditions, scaling, epsilon_d, sizes):
    """`threshold` in float64, log d: a little inside, for building instances."""
    found = 0.0
    for condition in conditions:
        low = high = float(_start(condition, scaling, alpha))
        while gap(condition, scaling, alpha, epsilon_d, *sizes, high) <= 0:
            low, high = high, 2 * high + 1
        for _ in range(36):
            middle = (low + high) / 2
            low, high = (low, middle) if gap(condition, scaling, alpha, epsilon_d, *sizes, middle) > 0 else (middle, high)
        found = max(found, high)
    return found * (1 + 1e-9) + 1e-9


def table(conditions=PAPER, *, scaling=APPENDIX, alphas=("0.05", "0.1", "0.15", "0.2", "0.24"), sizes=(1, 10, 100), epsilon_d="0.01"):
    """`threshold` over a grid of alpha, m and n (k = 1); tuple of (alpha, m, n, Threshold)."""
    return tuple(
        (alpha, m, n, threshold(alpha, conditions, scaling=scaling, points=m, neurons=n, epsilon_d=epsilon_d))
        for alpha in alphas
        for m in sizes
        for n in sizes
    )


def _start(condition, scaling, alpha):
    """Beyond here the gap changes sign at most once."""
    if scaling is LONGER:
        return {"signs": Fraction(1, 2), "sets": Fraction(4)}.get(condition, max(1 / alpha, 4))
    if condition == "signs":
        exponent = 2 * alpha if scaling is APPENDIX else Fraction(1, 2) - 2 * alpha
        return 1 / exponent
    return Fraction(2)


def _bracket(condition, scaling, alpha, epsilon_d, sizes):
    def certain(x):
        value = gap(condition, scaling, alpha, epsilon_d, *sizes, x)
        return 1 if value > 0 else -1 if value < 0 else 0

    low = Fraction(_start(condition, scaling, alpha))
    if certain(low) >= 0:
        raise SolverError(f"the condition {condition!r} is not known to fail at log d = {float(low):.6g}, where its gap begins to be monotone")
    high = 2 * low + 1
    while certain(high) <= 0:
        low, high = (high if certain(high) < 0 else low), 2 * high
        if high > _LARGEST:
            raise SolverError(f"the condition {condition!r} does not hold at log d = {_LARGEST} yet")
    while high - low > _WIDTH * high:
        middle = _short((low + high) / 2)
        sign = certain(middle)
        if sign == 0:
            break
        low, high = (low, middle) if sign > 0 else (middle, high)
    return Threshold(low, high, condition)


def _short(value):
    """A nearby rational with a denominator that does not grow."""
    return Fraction(round(value * 2**40), 2**40)
