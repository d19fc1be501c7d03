"""Exact numbers: rationals, and rational enclosures where a square root enters.

The same formulas run on float64 and on arrays of `Fraction`; only `root` leaves the rationals, into an `Enclosure` that is true on every digit.
A float that slips into an exact formula is an error, never a rounding.
"""

import math
from fractions import Fraction
from numbers import Rational

import numpy as np

#: Bits of a square root beyond those of its argument: far below any gap that a witness of short decimals can have.
_BITS = 192


class Arithmetic:
    """Differences, quotients and squares of numbers that say what a sum, a product, a quotient and a negative are, and what they mix with.

    A subclass has ``_lift`` (another number as one of its own kind, or None), ``__add__``, ``__mul__``, ``__truediv__`` and ``__neg__``.
    """

    __slots__ = ()

    def __sub__(self, other):
        other = self._lift(other)
        return NotImplemented if other is None else self + -other

    def __rsub__(self, other):
        return -self + other

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        other = self._lift(other)
        return NotImplemented if other is None else other / self

    def __pow__(self, exponent):
        return self * self if exponent == 2 else NotImplemented


class Enclosure(Arithmetic):
    """A real number known to lie in [low, high].

    Parameters
    ----------
    low, high : int or Fraction
        Ends, low <= high.

    Raises
    ------
    TypeError
        An end is a float.
    """

    __slots__ = ("high", "low")

    def __init__(self, low, high):
        if not (isinstance(low, Rational) and isinstance(high, Rational)):
            raise TypeError(f"the ends of an enclosure are rational numbers, not {low!r} and {high!r}")
        self.low, self.high = Fraction(low), Fraction(high)

    def __add__(self, other):
        other = _enclosed(other)
        return NotImplemented if other is None else Enclosure(self.low + other.low, self.high + other.high)

    def __mul__(self, other):
        other = _enclosed(other)
        if other is None:
            return NotImplemented
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Enclosure(min(ends), max(ends))

    def __truediv__(self, other):
        other = _enclosed(other)
        if other is None:
            return NotImplemented
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError(f"division by an enclosure of zero, {other!r}")
        return self * Enclosure(1 / other.high, 1 / other.low)

    def __neg__(self):
        return Enclosure(-self.high, -self.low)

    def __abs__(self):
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else Enclosure(0, max(-self.low, self.high))

    @staticmethod
    def _lift(other):
        return _enclosed(other)

    def __pow__(self, exponent):
        if exponent != 2:
            return NotImplemented
        squares = (self.low**2, self.high**2)
        return Enclosure(0 if self.low <= 0 <= self.high else min(squares), max(squares))

    def __gt__(self, other):
        """True only if certain; ``<``, ``<=`` and ``>=`` likewise."""
        return self.low > _enclosed(other).high

    def __lt__(self, other):
        return self.high < _enclosed(other).low

    def __ge__(self, other):
        return self.low >= _enclosed(other).high

    def __le__(self, other):
        return self.high <= _enclosed(other).low

    def __float__(self):
        return float((self.low + self.high) / 2)

    def __repr__(self):
        return f"Enclosure({float(self.low)!r}, {float(self.high)!r})"


def _enclosed(value):
    if isinstance(value, Enclosure):
        return value
    return Enclosure(value, value) if isinstance(value, Rational) else None


def is_exact(values):
    """Whether an array or number is exact: rationals and enclosures, no floats."""
    array = np.asarray(values)
    if array.dtype.kind in "iub":
        return True
    return array.dtype == object and all(isinstance(value, (Rational, Enclosure)) for value in array.flat)


def root(values):
    """Square root, of floats in float64, of rationals and enclosures as an enclosure (a rational, where it is one).

    Parameters
    ----------
    values : float, int, Fraction, Enclosure or array of them
        At least zero; a float or an end of an enclosure that rounding has put below zero counts as zero. Other kinds of numbers bring a
        method ``root`` of their own.

    Raises
    ------
    ValueError
        A rational is negative.
    """
    if isinstance(values, np.ndarray):
        return _root_of_each(values) if values.dtype == object else np.sqrt(np.maximum(values, 0.0))
    if isinstance(values, float):
        return math.sqrt(max(values, 0.0))
    if isinstance(values, Enclosure):
        low, high = root(max(values.low, Fraction(0))), root(max(values.high, Fraction(0)))
        return Enclosure(low.low if isinstance(low, Enclosure) else low, high.high if isinstance(high, Enclosure) else high)
    return values.root() if hasattr(values, "root") else _rational_root(Fraction(values))


def _rational_root(value):
    if value < 0:
        raise ValueError(f"square root of the negative number {value}")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    scale = 1 << (_BITS + value.denominator.bit_length())
    floor = math.isqrt(value.numerator * scale * scale // value.denominator)
    return Enclosure(Fraction(floor, scale), Fraction(floor + 1, scale))


_root_of_each = np.frompyfunc(root, 1, 1)


def to_exact(values, digits=None):
    """Rational numbers of floats: each float's own value, or rounded to ``digits`` decimals.

    Parameters
    ----------
    values : float, int, Fraction or array of them
    digits : int, optional
        Decimals to round to.

    Returns
    -------
    Fraction or array of Fraction
    """
    if isinstance(values, np.ndarray):
        result = np.empty(values.shape, dtype=object)
        result.flat = [to_exact(value, digits) for value in values.flat]
        return result
    value = Fraction(values) if not isinstance(values, np.generic) else Fraction(values.item())
    return value if digits is None else round(value, digits)


def to_float(values):
    """Float64 of exact numbers, arrays included; of an enclosure its middle."""
    return np.asarray(values, dtype=object).astype(float) if isinstance(values, np.ndarray) else float(values)


def require_exact(values):
    """Raise `TypeError` if a float is among the numbers."""
    if not is_exact(values):
        raise TypeError("a float among exact numbers: write constants with the instance's q('...')")


def certainly_above(left, right):
    """Where ``left > right`` beyond doubt, as a bool array of the broadcast shape.

    Raises
    ------
    TypeError
        A float is among the numbers: the comparison would not be exact.
    """
    require_exact(left)
    require_exact(right)
    left, right = np.broadcast_arrays(np.asarray(left, dtype=object), np.asarray(right, dtype=object))
    verdicts = [bool(_enclosed(a) > _enclosed(b)) for a, b in zip(left.flat, right.flat, strict=True)]
    return np.array(verdicts, dtype=bool).reshape(left.shape)


def solve(matrix, right):
    """Solution of a nonsingular square system, in float64 by LAPACK, on rationals by elimination.

    Parameters
    ----------
    matrix : (m, m) array
    right : (m,) or (m, k) array

    Raises
    ------
    numpy.linalg.LinAlgError
        The matrix is singular.
    """
    if matrix.dtype != object and right.dtype != object:
        return np.linalg.solve(matrix, right)
    size = len(matrix)
    columns = right.reshape(size, -1)
    table = np.concatenate([matrix.astype(object), columns.astype(object)], axis=1)
    for step in range(size):
        pivot = next((row for row in range(step, size) if table[row, step] != 0), None)
        if pivot is None:
            raise np.linalg.LinAlgError("Singular matrix")
        table[[step, pivot]] = table[[pivot, step]]
        table[step] = table[step] / Fraction(table[step, step])
        for row in range(size):
            if row != step and table[row, step] != 0:
                table[row] = table[row] - table[row, step] * table[step]
    return table[:, size:].reshape(right.shape)
