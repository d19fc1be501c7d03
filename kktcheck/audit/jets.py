"""Numbers for interval proofs: enclosures with their derivatives, and orders of magnitude in m and n, so that all sizes are covered at once.

A `Jet` is an Arb enclosure of a function on a box together with enclosures of its partial derivatives. A `Magnitude` is a number times powers
of m and n: with x = 1/m and z = 1/n in [0, 1], sums and quotients of magnitudes stay finite at m = n = infinity, where m and n are not. The
functions of the claims run on both, as they run on floats and rationals.
"""

from fractions import Fraction
from numbers import Rational

from ..errors import InputError
from ..instances.exact import Arithmetic, Enclosure, root
from ..instances.logarithms import exp, log

#: Bits of Arb: far more than the proofs need, cheap all the same.
PRECISION = 96


def enclosed(value):
    """The Arb ball of a rational."""
    from flint import arb, fmpq

    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def hull(low, high):
    """The Arb ball that contains [low, high], rationals."""
    return enclosed(low) if low == high else enclosed(low).union(enclosed(high))


class Jet(Arithmetic):
    """An enclosure of a function on a box, and of its partial derivatives.

    Parameters
    ----------
    value : arb
    slopes : tuple of arb
        One per variable of the box; may be nan where a derivative is not bounded.
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value, slopes):
        self.value, self.slopes = value, slopes

    def _lift(self, other):
        if isinstance(other, Jet):
            return other
        if isinstance(other, Enclosure):
            return Jet(hull(other.low, other.high), (0,) * len(self.slopes))
        return Jet(enclosed(other), (0,) * len(self.slopes)) if isinstance(other, Rational) else None

    def __add__(self, other):
        other = self._lift(other)
        return NotImplemented if other is None else Jet(self.value + other.value, tuple(a + b for a, b in zip(self.slopes, other.slopes)))

    def __mul__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        slopes = tuple(a * other.value + self.value * b for a, b in zip(self.slopes, other.slopes))
        return Jet(self.value * other.value, slopes)

    def __truediv__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        value = self.value / other.value
        return Jet(value, tuple((a - value * b) / other.value for a, b in zip(self.slopes, other.slopes)))

    def __neg__(self):
        return Jet(-self.value, tuple(-slope for slope in self.slopes))

    def root(self):
        """Square root; an enclosure that reaches below zero is cut off there."""
        from flint import arb

        # Below zero counts as zero; nan does not: what says nothing must not become a root that is 0.
        low, high = (arb(0) if end < 0 else end for end in (self.value.lower(), self.value.upper()))
        value = low.sqrt().union(high.sqrt())
        # What does not depend on a variable still does not, also where the root has no derivative.
        return Jet(value, tuple(slope if slope == 0 else slope / (2 * value) for slope in self.slopes))

    def log(self):
        """Natural logarithm; not finite where the enclosure reaches zero."""
        return Jet(self.value.log(), tuple(slope if slope == 0 else slope / self.value for slope in self.slopes))

    def exp(self):
        """Exponential."""
        value = self.value.exp()
        return Jet(value, tuple(slope * value for slope in self.slopes))


class RationalJet(Jet):
    """A jet whose enclosures have rational ends: no rounding but in roots, so that a slope or a value that ends at zero is seen to.

    Parameters
    ----------
    value : Enclosure
    slopes : tuple of Enclosure
    """

    __slots__ = ()

    def _lift(self, other):
        if isinstance(other, RationalJet):
            return other
        if isinstance(other, Rational):
            other = Enclosure(other, other)
        return RationalJet(other, (Enclosure(0, 0),) * len(self.slopes)) if isinstance(other, Enclosure) else None

    def __add__(self, other):
        return _rational(super().__add__(other))

    def __mul__(self, other):
        return _rational(super().__mul__(other))

    def __truediv__(self, other):
        return _rational(super().__truediv__(other))

    def __neg__(self):
        return _rational(super().__neg__())

    def root(self):
        """Square root; raises `ZeroDivisionError` where it has no derivative."""
        value = root(self.value)
        return RationalJet(value, tuple(slope if slope.low == slope.high == 0 else slope / (2 * value) for slope in self.slopes))

    def log(self):
        """Natural logarithm; raises `ZeroDivisionError` where the enclosure reaches zero."""
        if self.value.low <= 0:
            raise ZeroDivisionError(f"the logarithm of {self.value!r} is not bounded")
        return RationalJet(log(self.value), tuple(slope / self.value for slope in self.slopes))

    def exp(self):
        """Exponential."""
        value = exp(self.value)
        return RationalJet(value, tuple(slope * value for slope in self.slopes))


def _rational(jet):
    return jet if jet is NotImplemented else RationalJet(jet.value, jet.slopes)


class Magnitude(Arithmetic):
    """``value`` times m^a n^b.

    Parameters
    ----------
    value : Jet, Fraction or Enclosure
    powers : (Fraction, Fraction)
        a and b.
    sizes : (number, number)
        x = 1/m and z = 1/n, in the numbers of ``value``.
    """

    __slots__ = ("powers", "sizes", "value")

    def __init__(self, value, powers, sizes):
        self.value, self.powers, self.sizes = value, powers, sizes

    def _lift(self, other):
        if isinstance(other, Magnitude):
            return other
        return type(self)(other, (0, 0), self.sizes) if isinstance(other, (Rational, Enclosure, Jet)) else None

    def at(self, powers):
        """The value that goes with other, larger powers."""
        value = self.value
        for size, mine, wanted in zip(self.sizes, self.powers, powers):
            value = value * _power(size, wanted - mine)
        return value

    def __add__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        powers = common_powers(self, other)
        return type(self)(self.at(powers) + other.at(powers), powers, self.sizes)

    def __mul__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        return type(self)(self.value * other.value, tuple(a + b for a, b in zip(self.powers, other.powers)), self.sizes)

    def __truediv__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        return type(self)(self.value / other.value, tuple(a - b for a, b in zip(self.powers, other.powers)), self.sizes)

    def __neg__(self):
        return type(self)(-self.value, self.powers, self.sizes)

    def __gt__(self, other):
        raise InputError("a side makes a case distinction, which enclosures cannot follow: give the claim parts without one")

    __lt__ = __ge__ = __le__ = __gt__

    def root(self):
        """Square root."""
        return type(self)(root(self.value), tuple(Fraction(power) / 2 for power in self.powers), self.sizes)

    def log(self):
        """Natural logarithm, of a number without powers of m and n."""
        return type(self)(log(self._plain("a logarithm")), (0, 0), self.sizes)

    def exp(self):
        """Exponential, of a number without powers of m and n."""
        return type(self)(exp(self._plain("an exponential")), (0, 0), self.sizes)

    def _plain(self, what):
        if any(power > 0 for power in self.powers):
            raise InputError(f"{what} of m or n has no enclosure for all sizes at once: give the claim parts without it")
        return self.at((0, 0))


def common_powers(*magnitudes):
    """The least powers of m and n that all of them can be written with."""
    return tuple(max(magnitude.powers[axis] for magnitude in magnitudes) for axis in range(2))


def _power(size, exponent):
    """size to a power that is a multiple of 1/2 and at least 0."""
    whole, rest = divmod(Fraction(exponent), 1)
    result = root(size) if rest else 1
    for _ in range(int(whole)):
        result = result * size
    return result
