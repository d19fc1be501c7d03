"""Logarithm and exponential of exact numbers, beside `root`: rational enclosures by integer arithmetic, true on every digit.

With u = 2^-B, B binary places. log(2^k f) = k log 2 + 2 artanh((f - 1) / (f + 1)), artanh by its series at |z| <= 1/3: powers of z are cut off to
multiples of u, each is wrong by less than 2 u, each term by less than 3 u, and what follows the first power that vanishes adds less than 3 u.
exp(k log 2 + r), 0 <= r < 1, by Taylor's series: r and every term are cut off downwards, a term is wrong by less than 4 u, and what follows the
first one that vanishes adds less than 8 u.
"""

import math
from fractions import Fraction

import numpy as np

from ..errors import InputError
from .exact import Enclosure

#: Binary places beyond those that the size of the result takes.
_PLACES = 192
#: Exponents beyond this are not written out: below it the result is only known to be small, above it is refused.
_LARGEST = 10**7


def log(values):
    """Natural logarithm, of floats in float64, of rationals and enclosures as an enclosure.

    Parameters
    ----------
    values : float, int, Fraction, Enclosure or array of them
        Above zero. Other kinds of numbers bring a method ``log`` of their own.

    Raises
    ------
    ValueError
        A number is not above zero, or an enclosure is not certain to be.
    """
    return _applied("log", _log, values)


def exp(values):
    """Exponential, of floats in float64, of rationals and enclosures as an enclosure.

    Parameters
    ----------
    values : float, int, Fraction, Enclosure or array of them
        At most 10^7 where exact; other kinds of numbers bring a method ``exp`` of their own.

    Raises
    ------
    InputError
        An exact number is larger than 10^7.
    """
    return _applied("exp", _exp, values)


def _applied(name, exact, values):
    """An increasing function, by its name in `math` and NumPy and its enclosure of a rational, on any kind of numbers."""
    if isinstance(values, np.ndarray):
        return _OF_EACH[name](values) if values.dtype == object else getattr(np, name)(values)
    if isinstance(values, float):
        return getattr(math, name)(values)
    if isinstance(values, Enclosure):
        return Enclosure(exact(values.low).low, exact(values.high).high)
    return getattr(values, name)() if hasattr(values, name) else exact(Fraction(values))


def _log(value):
    if value <= 0:
        raise ValueError(f"logarithm of {float(value):.6g}: it takes numbers above zero")
    if value == 1:
        return Enclosure(0, 0)
    power = value.numerator.bit_length() - value.denominator.bit_length()
    near = value / Fraction(2) ** power  # in (1/2, 2)
    places = _PLACES + abs(power).bit_length()
    return power * _two(places) + 2 * _artanh((near - 1) / (near + 1), places)


def _two(places):
    """log 2 = 2 artanh(1/3)."""
    return 2 * _artanh(Fraction(1, 3), places)


def _artanh(z, places):
    """artanh of a rational, |z| <= 1/3."""
    if z < 0:
        return -_artanh(-z, places)
    power = (z.numerator << places) // z.denominator
    square, total, terms = power * power >> places, 0, 0
    while power:
        total += power // (2 * terms + 1)
        power, terms = power * square >> places, terms + 1
    wrong = 3 * terms + 3
    return Enclosure(Fraction(total - wrong, 1 << places), Fraction(total + wrong, 1 << places))


def _exp(value):
    if value > _LARGEST:
        raise InputError(f"exp({float(value):.6g}) has too many digits to write down: exponents may be at most {_LARGEST}")
    if value < -_LARGEST:
        return Enclosure(0, _exp(Fraction(-_LARGEST)).high)
    if value == 0:
        return Enclosure(1, 1)
    places = _PLACES + math.ceil(abs(value)).bit_length() + 1
    two = _two(places)
    power = math.floor(value / (two.high if value > 0 else two.low))  # at most value / log 2, so that the rest is not below zero
    rest = value - power * two
    low, high = _taylor(max(rest.low, Fraction(0)), places), _taylor(rest.high, places)
    return Enclosure(low.low, high.high) * Fraction(2) ** power


def _taylor(rest, places):
    """exp of a rational in [0, 1)."""
    step, term, total, terms = (rest.numerator << places) // rest.denominator, 1 << places, 0, 0
    while term:
        total, terms = total + term, terms + 1
        term = (term * step >> places) // terms
    return Enclosure(Fraction(total, 1 << places), Fraction(total + 4 * terms + 8, 1 << places))


_OF_EACH = {"log": np.frompyfunc(log, 1, 1), "exp": np.frompyfunc(exp, 1, 1)}
