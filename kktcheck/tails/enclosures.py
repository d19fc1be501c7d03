"""Tail probabilities enclosed: the same laws as in float64, with Arb's balls, as enclosures with rational ends. Needs python-flint."""

import importlib.util
from fractions import Fraction

import numpy as np

from ..errors import InputError, MissingDependencyError, SolverError
from ..instances.exact import Enclosure
from .products import mode_and_width

#: Bits of Arb, and of a probability relative to its size that are kept.
_PRECISION, _KEPT = 160, 60
#: Largest dimension; the largest number of terms of a series.
LARGEST_DIM, _MOST_TERMS = 10**9, 200_000
#: How far the integral of a product's tail reaches at first, in widths of its integrand, and how often it may reach further by half.
_REACH, _FURTHER = 13, 12


def norm_below(n, ratio):
    """P(chi2_n <= ratio n).

    Parameters
    ----------
    n : int
        From 1 to 1e9.
    ratio : Fraction or Enclosure
        At least 0.

    Returns
    -------
    Enclosure

    Raises
    ------
    InputError
        n is out of range.
    MissingDependencyError
        python-flint is not installed.
    SolverError
        Arb's ball says nothing.
    """
    return _between(ratio, lambda r: _below(n, r), n, rising=True)


def norm_above(n, ratio):
    """P(chi2_n >= ratio n); parameters, return value and errors as for `norm_below`."""
    return _between(ratio, lambda r: _above(n, r), n, rising=False)


def normal_beyond(t):
    """P(|Z| >= t), Z from N(0, 1), t a rational or an enclosure, at least 0."""
    return _between(t, lambda t: (_ball(t) / _two().sqrt()).erfc(), 1, rising=False)


def product_beyond(n, level):
    """P(|<u, v>| >= level), u and v independent from N(0, I_n); level a rational or an enclosure, at least 0. Errors as for `norm_below`."""
    return _between(level, lambda t: _product(n, t), n, rising=False)


def _between(argument, function, n, rising):
    """A monotone function of a rational or an enclosure."""
    if not 1 <= n <= LARGEST_DIM:
        raise InputError(f"dimension {n}: tails are enclosed for dimensions from 1 to {LARGEST_DIM}")
    flint = _flint()
    ends = (argument.low, argument.high) if isinstance(argument, Enclosure) else (Fraction(argument),) * 2
    with flint.ctx.workprec(_PRECISION):
        first = function(ends[0])
        values = (first, first) if ends[0] == ends[1] else (first, function(ends[1]))
        low, high = values if rising else reversed(values)
        return Enclosure(max(_end(low.lower()), Fraction(0)), min(_end(high.upper()), Fraction(1)))


def _below(n, ratio):
    from flint import arb

    if ratio == 0:
        return arb(0)
    if ratio > 1:
        return 1 - _above(n, ratio)
    s = _ball(Fraction(n, 2))
    x = s * _ball(ratio)
    total = term = arb(1)
    for j in range(1, _MOST_TERMS):
        term = term * x / (s + j)
        total += term
        quotient = x / (s + j + 1)
        if term < total * arb(2) ** -_PRECISION and quotient < 1:
            rest = (term * quotient / (1 - quotient)).upper()
            return (s * x.log() - x - (s + 1).lgamma()).exp() * (total + arb(0).union(rest))
    raise SolverError(f"P(chi2_{n} <= {float(ratio):.6g} n): the series takes more than {_MOST_TERMS} terms")


def _above(n, ratio):
    if ratio < 1:
        return 1 - _below(n, ratio)
    s = _ball(Fraction(n, 2))
    found = (s * _ball(ratio)).gamma_upper(s, regularized=1)
    if not found.is_finite():
        raise SolverError(f"P(chi2_{n} >= {float(ratio):.6g} n): Arb finds no enclosure")
    return found


def _product(n, level):
    from flint import acb, arb

    if level == 0:
        return arb(1)
    s = _ball(Fraction(n, 2))
    x = _ball(level) / _ball(n).sqrt()
    scaled, constant = x / _two().sqrt(), _two().log() + s * s.log() - s - s.lgamma()

    def integrand(z, _):
        # e^2z - 1 - 2z in mean value form: its terms nearly cancel, which balls around a whole piece of the path do not see.
        center = acb(z.real.mid(), z.imag.mid())
        excess = (2 * center).exp() - 1 - 2 * center + 2 * ((2 * z).exp() - 1) * (z - center)
        return (constant - s * excess).exp() * (scaled * (-z).exp()).erfc()

    near = float(x.mid())
    mode, width = (float(part[0]) for part in mode_and_width(np.array([float(n)]), np.array([near])))
    reach = _REACH
    for _ in range(_FURTHER):
        # To the left the normal tail ends the integrand as soon as x e^-z is large.
        left = max(mode - reach * width, np.log(near) - np.log(near * np.exp(-mode) + reach))
        low, high = _ball(Fraction(float(left))), _ball(Fraction(mode + reach * width))
        # Beyond the ends: the law of |u|, times the largest conditional probability there.
        outside = _norm_ball(n, low, below=True) * (scaled * (-low).exp()).erfc() + _norm_ball(n, high, below=False)
        inside = acb.integral(integrand, low, high, rel_tol=arb(2) ** -(_KEPT + 10), abs_tol=outside.upper() + arb(2) ** -100_000_000).real
        if inside.is_finite() and outside < inside * arb(2) ** -_KEPT:
            return inside + arb(0).union(outside.upper())
        reach = reach * 3 / 2
    raise SolverError(f"P(|<u, v>| >= {float(level):.6g}) in dimension {n}: the integral is not enclosed")


def _norm_ball(n, z, below):
    """P(|u| <= sqrt(n) e^z), or its complement, bounded by Chernoff's exponential where z is on that side of 0, else by 1."""
    from flint import arb

    if not (z < 0 if below else z > 0):
        return arb(1)
    return (-_ball(Fraction(n, 2)) * ((2 * z).exp() - 1 - 2 * z)).exp()


def _ball(value):
    from flint import arb, fmpq

    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def _two():
    from flint import arb

    return arb(2)


def _end(ball):
    """The rational that an exact ball is."""
    if not ball.is_finite():
        raise SolverError("Arb finds no finite enclosure of a tail")
    mantissa, exponent = ball.man_exp()
    mantissa, exponent = int(mantissa), int(exponent)
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)


def has_flint():
    """Whether python-flint is installed."""
    return importlib.util.find_spec("flint") is not None


def _flint():
    try:
        import flint
    except ImportError:
        raise MissingDependencyError("enclosed tails need python-flint: pip install 'kktcheck[intervals]'") from None
    return flint
