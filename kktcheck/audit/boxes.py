"""The box of a claim about constants, and the gap between its sides as a function on it, for any kind of numbers."""

from fractions import Fraction

import numpy as np

from ..claims.hypotheses import OF_BOXES, SOME_KEPT
from ..errors import InputError
from ..instances import Constants
from ..instances.constants_family import ConstantBoxes
from .jets import Magnitude, common_powers

VARIABLES = ("epsilon", "delta", "epsilon_d", "psi", "free", "x", "z", "t")


class Values:
    """What a claim's functions see: the attributes of `Constants`, as magnitudes.

    Parameters
    ----------
    numbers : dict
        A number for each of `VARIABLES`.
    k_below_m : bool
        Whether k ends at m - 1 rather than at m.
    kind : type, optional
        `Magnitude`, or a subclass of it.
    """

    is_exact = True

    def __init__(self, numbers, k_below_m, kind=Magnitude):
        x, z = numbers["x"], numbers["z"]
        sizes = (x, z)
        for name in ("epsilon", "delta", "epsilon_d", "psi", "free"):
            setattr(self, name, kind(numbers[name], (0, 0), sizes))
        one = numbers["epsilon"] * 0 + 1
        self.points, self.neurons = kind(one, (1, 0), sizes), kind(one, (0, 1), sizes)
        share = x + numbers["t"] * (1 - x * (2 if k_below_m else 1))
        self.forgotten = kind(share, (1, 0), sizes)

    @staticmethod
    def q(text):
        """The number written in ``text``, exactly."""
        return Fraction(text)


def box_of(claim):
    """The box of a claim about constants: dict of (low, high), rationals, by variable.

    Raises
    ------
    InputError
        The claim is not about constants, or has a hypothesis that no box expresses.
    """
    family = claim.family
    if not isinstance(family, ConstantBoxes) or claim.direction not in ("upper", "lower"):
        raise InputError(f"{claim.id} is no inequality between constants: interval proofs are for those")
    unknown = [h.name for h in claim.hypotheses if h not in OF_BOXES and not h.parameter]
    if unknown:
        raise InputError(f"{claim.id} has the hypothesis {unknown[0]!r}, which no box of constants expresses")
    limits = {name: _decimal(getattr(family, name)) for name in ("epsilon", "delta", "epsilon_d")}
    limits |= {"psi": Fraction(1, 10), "free": Fraction(1), "t": Fraction(1)}
    limits |= {"x": Fraction(1, family.points), "z": Fraction(1, family.neurons)}
    return {name: (Fraction(0), limits[name]) for name in VARIABLES}


def k_below_m(claim):
    """Whether a claim's k ends at m - 1 rather than at m."""
    return SOME_KEPT in claim.hypotheses


def _gap(claim, small, large, entry, kind):
    """The larger side minus the smaller one, both with the same powers of m and n, as a function of a dict of numbers."""
    below = k_below_m(claim)

    def gap(numbers):
        values = Values(numbers, below, kind)
        sides = np.broadcast_arrays(*(np.atleast_1d(np.asarray(side(values), dtype=object)) for side in (small, large)))
        low, high = (side.flat[entry] for side in sides)
        if not isinstance(low, Magnitude):
            low = high * 0 if low == 0 and isinstance(high, Magnitude) else values.epsilon * 0 + low
        if not isinstance(high, Magnitude):
            high = low * 0 if high == 0 else values.epsilon * 0 + high
        powers = common_powers(low, high)
        return high.at(powers) - low.at(powers)

    return gap


def gaps(claim, kind=Magnitude):
    """The gaps that have to be at least 0: those of the claim's parts, or its own, one for each entry of its sides; ``kind`` as for `Values`."""
    middle = Constants(*(Fraction(1, 1000),) * 5, 4, 2, 1)
    for small, large in [part[:2] for part in claim.parts] or [claim.ordered]:
        entries = np.broadcast(*(np.atleast_1d(np.asarray(side(middle), dtype=object)) for side in (small, large))).size
        yield from (_gap(claim, small, large, entry, kind) for entry in range(entries))


def _decimal(value):
    return Fraction(str(value))
