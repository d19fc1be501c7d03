"""The supremum of a function of constants over a box, enclosed: how small a constant of a proof could be.

Best first: the box whose upper bound is largest is split until that bound and the largest value found differ by less than a tolerance. Bounds are
those of `intervals`. A quotient is bounded as one where it stays finite; where both its sides vanish, a box is settled by c large - small >= 0, c
just above the largest value found. Sizes are any real numbers here, so the supremum over integers may be smaller.
"""

import heapq
import itertools
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from . import boxes
from .intervals import bounded, require_flint, widest
from .jets import Jet, Magnitude, common_powers, enclosed

_MOST_BOXES = 20_000


class Supremum(NamedTuple):
    """An enclosure of a supremum.

    Attributes
    ----------
    low, high : float
        The supremum lies in [low, high]; ``high`` is infinite where no bound was found.
    point : dict or None
        Where the function is at least ``low``: rationals by variable (x = 1/m and z = 1/n may be 0, that is m or n = infinity).
    boxes : int
        Boxes looked at.
    """

    low: float
    high: float
    point: dict | None
    boxes: int

    def __str__(self):
        return f"in [{self.low:.10g}, {self.high:.10g}] with {self.boxes} boxes"


def supremum(function, box, tolerance=1e-6, *, k_below_m=False, most=_MOST_BOXES):
    """Enclose the supremum of a function of constants over a box.

    Parameters
    ----------
    function : callable
        Constants -> number, like the sides of a claim: arithmetic, ``q`` and `kktcheck.instances.root`.
    box : dict
        (low, high), rationals, of each variable, as `boxes.box_of` gives them.
    tolerance : float, optional
        Stop where high - low is below it.
    k_below_m : bool, optional
        k ends at m - 1, not at m.
    most : int, optional
        Boxes to look at; after that the enclosure is returned as wide as it is.

    Returns
    -------
    Supremum

    Raises
    ------
    MissingDependencyError
        python-flint is not installed.
    """
    require_flint()
    return _Search(function, lambda p: 1, k_below_m, tolerance).run(box, most)


def best_constant(claim, box=None, tolerance=1e-6, *, most=_MOST_BOXES):
    """Enclose the supremum of the ratio of a claim's sides: below 1 there is room in its constant, above 1 it fails.

    Parameters
    ----------
    claim : Claim
        Direction "upper" or "lower", family `ConstantBoxes`.
    box : dict, optional
        (low, high) by variable, in place of the claim's own.
    tolerance, most
        As for `supremum`.

    Returns
    -------
    Supremum
        Of smaller side / larger side; infinite where the larger side is at most 0 and the smaller one above it.

    Raises
    ------
    InputError
        The claim is none that a box expresses, or its sides have several entries.
    MissingDependencyError
        python-flint is not installed.
    """
    require_flint()
    own = boxes.box_of(claim)
    return _Search(*claim.ordered, boxes.k_below_m(claim), tolerance).run(own if box is None else box, most)


class _Search:
    """Best-first branch and bound of small / large, over boxes that are settled once nothing in them is above ``best`` plus the tolerance."""

    def __init__(self, small, large, k_below_m, tolerance):
        from flint import arb

        self.functions, self.k_below_m = (small, large), k_below_m
        self.tolerance = enclosed(Fraction(tolerance))
        self.best, self.settled, self.point, self.widths = arb("-inf"), arb("-inf"), None, {}

    def run(self, box, most):
        """The `Supremum` over a box."""
        from flint import arb

        order, looked, self.widths = itertools.count(), 0, {name: b - a for name, (a, b) in box.items()}
        for corner in itertools.product(*(sorted(set(ends)) for ends in box.values())):
            self.try_point(dict(zip(box, corner, strict=True)))
        waiting = [(-math.inf, next(order), box, arb("inf"))]
        while waiting and looked < most and self.best < arb("inf") and not waiting[0][3] <= self.goal():
            _, _, current, _ = heapq.heappop(waiting)
            looked += 1
            current, high, name = self.look(current)
            if name is None:
                self.settled = high if high > self.settled else self.settled
                continue
            a, b = current[name]
            for half in ((a, (a + b) / 2), ((a + b) / 2, b)):
                heapq.heappush(waiting, (-float(high), next(order), {**current, name: half}, high))
        high = max(_float_above(bound) for bound in (self.settled, self.best, *(entry[3] for entry in waiting)))
        return Supremum(-_float_above(-self.best), high, self.point, looked)

    def goal(self):
        """Boxes with nothing above this are settled."""
        return (self.best + self.tolerance).lower()

    def look(self, box):
        """The box, shrunk where the ratio is monotone; an upper bound of the ratio; the variable to split, None if the box is settled."""
        from flint import arb

        box, low, slopes = bounded(lambda numbers: -self.ratio(numbers), box, rational=False)
        high = arb("inf") if low is None else -low
        self.try_point(_middle(box))
        # The corner towards which the ratio grows, as far as the middle of each slope can tell.
        self.try_point({name: a if slope.mid() > 0 else b for (name, (a, b)), slope in zip(box.items(), slopes, strict=True)})
        goal = self.goal()
        if high <= goal:
            return box, high, None
        if goal.is_finite():
            shrunk, least, by_sides = bounded(lambda numbers: self.room(numbers, goal), box, rational=False)
            if least is not None and least >= 0 and self.is_large_not_negative(box):
                return box, goal, None
            self.try_point(_middle(shrunk))
            varying = [name for name, slope in zip(box, by_sides, strict=True) if shrunk[name][0] < shrunk[name][1] and not slope.is_zero()]
            if low is None and varying:
                # Near common zeros slopes say little: every variable in turn.
                return box, high, max(varying, key=lambda name: (box[name][1] - box[name][0]) / self.widths[name])
        return box, high, None if _is_point(box) else widest(box, slopes)

    def room(self, numbers, goal):
        """goal large - small: at least 0 where the ratio is at most ``goal``, and finite also where both sides vanish."""
        small, large = self.sides(numbers)
        return Jet(goal, (0,) * len(large.slopes)) * large - small

    def is_large_not_negative(self, box):
        """Whether the larger side is at least 0 on a box, beyond doubt."""
        _, least, _ = bounded(lambda numbers: self.sides(numbers)[1], box, rational=False)
        return least is not None and bool(least >= 0)

    def try_point(self, point):
        """Raise ``best`` to the ratio at a point: infinite where the larger side is at most 0 and the smaller one above it."""
        from flint import arb

        small, large = (side.value for side in self.sides({name: Jet(enclosed(value), ()) for name, value in point.items()}))
        if large > 0:
            value = (small / large).lower()
        else:
            value = arb("inf") if large <= 0 and small > large else self.best
        if value > self.best:
            self.best, self.point = value, point

    def sides(self, numbers):
        """Both sides with the same powers of m and n."""
        values = boxes.Values(numbers, self.k_below_m)
        small, large = (_single(function(values), values) for function in self.functions)
        powers = common_powers(small, large)
        return small.at(powers), large.at(powers)

    def ratio(self, numbers):
        """The smaller side over the larger one."""
        small, large = self.sides(numbers)
        return small / large


def _single(side, values):
    """A side of one entry as a magnitude."""
    entries = np.asarray(side, dtype=object).reshape(-1)
    if len(entries) != 1:
        raise InputError(f"a side has {len(entries)} entries: a supremum is that of one number")
    return entries[0] if isinstance(entries[0], Magnitude) else (values.epsilon * 0 + 1) * entries[0]


def _middle(box):
    return {name: (a + b) / 2 for name, (a, b) in box.items()}


def _is_point(box):
    return all(a == b for a, b in box.values())


def _float_above(bound):
    """A float at or above an exact Arb number."""
    from flint import arb

    value = float(bound)
    return value if arb(value) >= bound else math.nextafter(value, math.inf)
