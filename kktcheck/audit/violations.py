"""Points of a box of constants that violate a claim: exact tests, a search for deep violations, the end of a violation along one variable.

Points are dicts of rationals by field of `Constants`, sizes integers. Floats only lead the search; whether a point violates is decided exactly.
"""

import contextlib
import math
from fractions import Fraction

import numpy as np

from ..instances import Constants

#: Fields whose range is open at 0.
POSITIVE = ("epsilon", "delta", "epsilon_d")
REALS = (*POSITIVE, "psi", "free")
SIZES = {"points": "x", "neurons": "z"}
#: Stand for 0 where it is excluded, relative to the range, and for infinity.
TINY, HUGE = Fraction(1, 10**24), 10**24
#: Steps of the search, relative to the range, and how often it goes through all fields.
_STEPS, _SWEEPS = tuple(4.0**-power for power in range(1, 10)), 4
#: Violations end at values of so many decimals.
_DECIMALS = 10**13
#: Parts of a range, and sizes, that a reader likes; 0 first, where it is allowed.
_PLAIN = (Fraction(1), Fraction(1, 2), *(part for power in (1, 2, 3, 6, 9, 12, 15) for part in (Fraction(1, 10**power), 1 - Fraction(1, 10**power))))
_PLAIN_SIZES = (10, 100, 1000, 10**6, 10**9, 10**12, 10**15, 10**18)
_NOT_A_NUMBER = (-math.inf, -math.inf)


class Violations:
    """Violations of one claim over its box.

    Parameters
    ----------
    claim : Claim
        An inequality between constants.
    box : dict
        (low, high) by variable, as `boxes.box_of` gives it.
    """

    def __init__(self, claim, box):
        self.claim = claim
        self.least = {name: int(1 / box[reciprocal][1]) for name, reciprocal in SIZES.items()}
        self.low = {name: box[name][1] * TINY if name in POSITIVE else box[name][0] for name in REALS}
        # Two points and more: hypotheses on sizes are met, those on numbers alone decide.
        inside = {name: box[name][1] / 2 for name in REALS} | {name: max(least, 2) for name, least in self.least.items()} | {"forgotten": 1}
        self.limits = {name: box[name][1] for name in REALS}
        self.high = dict(self.limits)
        for name in REALS:
            if claim.unmet(Constants(**{**inside, name: self.high[name]})):
                self.high[name] *= 1 - TINY

    def any(self):
        """A point that violates the claim, found from the middle of the box and from two of its corners; None if none is found."""
        middle = {name: limit / 2 for name, limit in self.limits.items()} | {name: least + 1 for name, least in self.least.items()}
        for values in ({**middle, "forgotten": 1}, {**self.high, **self.least, "forgotten": 1}, {**self.low, **self.least, "forgotten": 1}):
            deep = self.deepest(values, None)
            if self.violates(deep):
                return deep
        return None

    def violates(self, values):
        """Whether a point meets every hypothesis and violates the claim beyond doubt, exactly."""
        if not self.allows(values):
            return False
        point = Constants(**values)
        with contextlib.suppress(ZeroDivisionError):
            return not self.claim.unmet(point) and bool(np.any(self.claim.refuted_by(point)))
        return False

    def depth(self, values):
        """How deep a violation is, in floats, where it is deepest: (smaller side - larger side) / (sum of their absolute values), and the difference.

        The first is above 0 where the claim is violated; the second decides where the first says nothing, next to a side that is 0.
        """
        point = Constants(**{name: float(value) if name in REALS else value for name, value in values.items()})
        try:
            small, large = (np.atleast_1d(np.asarray(side, dtype=float)) for side in self.claim.sides(point))
        except ZeroDivisionError:
            return _NOT_A_NUMBER
        depths = [((a - b) / (abs(a) + abs(b)) if a != b else 0.0, a - b) for a, b in zip(small.tolist(), large.tolist(), strict=True)]
        return max((depth for depth in depths if not math.isnan(depth[0])), default=_NOT_A_NUMBER)

    def deepest(self, values, fixed):
        """The deepest violation that moving one field after another finds from a point, all but ``fixed`` moved."""
        best, depth = values, self.depth(values)
        for _ in range(_SWEEPS):
            before = depth
            for name in values:
                if name == fixed:
                    continue
                for moved in self._moves(best, name, fixed):
                    found = self.depth(moved)
                    if found > depth:
                        best, depth = moved, found
            if depth == before:
                break
        return best

    def end(self, values, name, good):
        """The violating point nearest to the value ``good`` of one variable, all others kept, along the line from a violating point.

        Where the point with the value ``good`` violates the claim too, it is that one.
        """
        start = placed(values, name, good)
        if self.violates(start):
            return start
        bad = values[name]
        if name not in REALS:
            while abs(bad - good) > 1:
                middle = (good + bad) // 2 if abs(bad - good) < 4 else _between(good, bad)
                good, bad = (good, middle) if self.violates(placed(values, name, middle)) else (middle, bad)
            return placed(values, name, bad)
        return {**values, name: self._end_of_number(values, name, good, bad)}

    def _end_of_number(self, values, name, good, bad):
        low, high = float(good), float(bad)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if self.depth({**values, name: middle})[0] > 0 else (middle, high)
        if abs(high - float(bad)) * _DECIMALS < 100:
            return bad
        for units in (2, 20):
            rounded = Fraction(round(high * _DECIMALS) + (units if bad > good else -units), _DECIMALS)
            if min(good, bad) < rounded < max(good, bad) and self.violates({**values, name: rounded}):
                before = rounded - Fraction(2 * units if bad > good else -2 * units, _DECIMALS)
                if not self.violates({**values, name: before}):
                    return rounded
        while abs(bad - good) > Fraction(1, _DECIMALS):
            middle = (good + bad) / 2
            good, bad = (good, middle) if self.violates({**values, name: middle}) else (middle, bad)
        return bad

    def readable(self, values, fixed):
        """A point with plainer numbers that violates the claim as well, all but ``fixed`` changed."""
        for name in values:
            if name != fixed:
                values = next(filter(self.violates, self._plainer(values, name, fixed)), values)
        return values

    def _plainer(self, values, name, fixed):
        if name in REALS:
            plain = [Fraction(0)] * (name not in POSITIVE) + [self.limits[name] * part for part in _PLAIN]
        elif name == "forgotten":
            plain = [1, values["points"] - 1]
        else:
            plain = [self.least[name], self.least[name] + 1, *_PLAIN_SIZES]
        for value in plain:
            yield {**values, name: value}
            if name == "points" and fixed != "forgotten":
                yield from ({**values, name: value, "forgotten": k} for k in (1, max(value // 2, 1), max(value - 1, 1)))

    def simplest(self, values, fixed):
        """A violating point with the simplest rationals that its violation leaves room for, all but ``fixed`` and the sizes changed."""
        for name in REALS:
            if name != fixed:
                ends = sorted(self.end(values, name, good)[name] for good in (self.low[name], self.high[name]))
                moved = {**values, name: simplest(*ends)}
                values = moved if self.violates(moved) else values
        return values

    def allows(self, values):
        """Whether the sizes of a point fit each other: at least the family's, and k below m (1 where m = 1)."""
        return all(values[name] >= least for name, least in self.least.items()) and 1 <= values["forgotten"] <= max(values["points"] - 1, 1)

    def _moves(self, values, name, fixed):
        value = values[name]
        if name in REALS:
            low, high = self.low[name], self.high[name]
            steps = [Fraction(float(value) + sign * step * float(high)) for step in _STEPS for sign in (-1, 1)]
            yield from ({**values, name: moved} for moved in (low, high, high / 2, *(step for step in steps if low < step < high)))
            return
        most = max(values["points"] - 1, 1) if name == "forgotten" else HUGE
        least = self.least.get(name, 1)
        for moved in {least, least + 1, value - 1, value + 1, value // 2, 2 * value, most // 2, most}:
            if name == "points" and least <= moved <= most:
                forgotten = {min(values["forgotten"], max(moved - 1, 1)), max(moved - 1, 1)} if fixed != "forgotten" else {values["forgotten"]}
                yield from ({**values, name: moved, "forgotten": k} for k in forgotten if k <= max(moved - 1, 1))
            elif least <= moved <= most:
                yield {**values, name: moved}


def _between(good, bad):
    """An integer strictly between two sizes, so that few steps are needed from very large ones."""
    return min(max(math.isqrt(good * bad), min(good, bad) + 1), max(good, bad) - 1)


def simplest(low, high):
    """The rational with the smallest denominator in [low, high], 0 <= low <= high."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    whole -= 1
    return whole + 1 / simplest(1 / (high - whole), 1 / (low - whole))


def placed(values, name, value):
    """A point with one value changed, and with it k, where it would be too large for m."""
    most = max(value - 1, 1) if name == "points" else values["forgotten"]
    return {**values, "forgotten": min(values["forgotten"], most), name: value}
