"""Where a failing inequality between constants holds after all: how far each variable alone may go, proved, and a violating point just beyond.

From one end of a variable's range the claim is proved over the rest of the box, in steps; a violation found on the way, moved as near to that end as
it goes, is where the next proof has to stop. Violations only guide: what holds rests on `intervals.prove`, what fails on exact points.
"""

from dataclasses import replace
from fractions import Fraction

from ..errors import InputError
from ..instances import Constants
from . import intervals
from .boxes import box_of, k_below_m
from .failures import View, fails_for_every, with_forgotten
from .threshold import SIMPLE, SYMBOLS, Threshold
from .violations import HUGE, SIZES, Violations, simplest

#: Boxes that one proof may take.
_MOST_BOXES = 150
#: Width of an enclosure of a threshold, relative to the variable's range.
_NARROW = Fraction(1, 10**10)
#: Proofs per end of a variable, and moves towards it between two proofs; those of the proofs that may give up; values of k tried one by one.
_ROUNDS, _GIVEN_UP, _MOST_FORGOTTEN = 60, 2, 32


def thresholds(claim, *, most=_MOST_BOXES):
    """How far a refuted claim about constants holds along each variable alone, from either end of the variable's range.

    Parameters
    ----------
    claim : Claim
        Direction "upper" or "lower", family `ConstantBoxes`; refuted over its box.
    most : int, optional
        Boxes that each proof may take; where it needs more, the threshold is not settled.

    Returns
    -------
    tuple of Threshold
        For the variables that its sides speak of, one per end from which anything holds or is not decided, one if it holds from neither end.

    Raises
    ------
    InputError
        The claim is none that a box expresses, or is not refuted over its box.
    MissingDependencyError
        python-flint is not installed.
    """
    box = box_of(claim)
    intervals.require_flint()
    violations = Violations(claim, box)
    first = violations.any()
    if first is None:
        found = intervals.prove(claim)
        if found.word != "refuted":
            raise InputError(f"{claim.id} is {found.word} over its box: only a claim that is refuted has thresholds")
        first = _fields(found.point)
    result = []
    for name in _spoken_of(claim, first):
        line = (_Forgotten if name == "forgotten" else _Size if name in SIZES else _Number)(claim, box, name, violations, most)
        result += line.thresholds(first)
    return tuple(result)


class _Line:
    """The search along one variable."""

    def __init__(self, claim, box, name, violations, most):
        self.claim, self.box, self.name, self.violations, self.most = claim, box, name, violations, most
        self.symbol = SYMBOLS.get(name, name)

    def thresholds(self, first):
        """The thresholds at both ends; ``first`` violates the claim."""
        every = fails_for_every(self.claim, self.box, self.name, self.violations, self.candidates(first))
        if every is not None:
            return [self.threshold("every", None, every, True)]
        ends = [self.from_end(up, first) for up in (True, False)]
        some = [end for end in ends if end is not None]
        return some or [self.threshold("both ends", None, self.nearest(first, self.origin(True)), True)]

    def candidates(self, first):
        """Violating points to start from, at both ends of the range and in the one given."""
        ends = [self.violations.deepest({**first, self.name: self.origin(up)}, self.name) for up in (True, False)]
        return [self.violations.deepest(first, self.name), *ends]

    def threshold(self, end, proved, values, settled):
        """A `Threshold` from a violating point, made readable."""
        plain = self.violations.readable(values, self.name)
        limit = None if proved is None else Fraction(proved)
        return Threshold(self.symbol, end, limit, Fraction(values[self.name]), Constants(**plain), settled)

    def nearest(self, values, good):
        """The violation that is nearest to the value ``good``, as far as moving the other fields goes."""
        values = self.violations.end(values, self.name, good)
        for _ in range(_ROUNDS):
            if values[self.name] == good:
                return values
            deep = self.violations.deepest(values, self.name)
            if not self.violations.violates(deep):
                return values
            moved = self.violations.end(deep, self.name, good)
            if abs(moved[self.name] - values[self.name]) <= self.tolerance / 4:
                return moved if abs(moved[self.name] - good) < abs(values[self.name] - good) else values
            values = moved
        return values

    def from_end(self, up, first):
        """The threshold at one end, None if the claim fails at the very end of the range."""
        origin, proved, doubtful, given_up = self.origin(up), None, None, 0
        values = self.nearest(first, origin)
        for _ in range(_ROUNDS):
            refuted = values[self.name]
            if refuted == origin or self.is_at_end(up, refuted):
                return self.at_end(up, values)
            if doubtful is not None and not _before(doubtful, refuted, up):
                doubtful = None
            limit = self.next(up, proved, doubtful, refuted)
            if limit is None:
                break
            found = self.prove(self.part(up, proved, limit))
            if found.word == "proved":
                proved = limit
                continue
            violating = None if found.point is None else _fields(found.point)
            # The point may have a size next to the part's: only one that is nearer than what is known says anything here.
            if violating is not None and _before(violating[self.name], refuted, up) and self.violations.violates(violating):
                values = self.nearest(violating, origin if proved is None else proved)
                continue
            doubtful, given_up = limit, given_up + 1
            if given_up >= _GIVEN_UP:
                break
        return self.finished(up, proved, values)

    def prove(self, box):
        """The claim over a part of its box: by its parts, and where these do not tell, for they may ask for more than it does, by itself."""
        found = intervals.prove(self.claim, box, most=self.most)
        if found.word == "undecided" and self.claim.parts:
            found = intervals.prove(replace(self.claim, parts=()), box, most=self.most)
        return found

    def at_end(self, up, values):
        """The threshold where a violation lies next to the end of the range: None, or the end alone if the claim holds there."""
        return None

    def finished(self, up, proved, values):
        """The threshold with what was proved in the end."""
        settled = proved is not None and abs(values[self.name] - proved) <= self.tolerance
        return self.threshold("at most" if up else "at least", proved, values, settled)


class _Number(_Line):
    """Along epsilon, delta, epsilon_d, psi or the free number."""

    @property
    def tolerance(self):
        return _NARROW * self.box[self.name][1]

    def origin(self, up):
        return self.violations.low[self.name] if up else self.violations.high[self.name]

    def part(self, up, proved, limit):
        low, high = self.box[self.name]
        return {**self.box, self.name: (low if proved is None else proved, limit) if up else (limit, high if proved is None else proved)}

    def is_at_end(self, up, refuted):
        """Whether nothing worth a proof lies between the end of the range and a value."""
        return abs(refuted - self.box[self.name][not up]) <= self.tolerance

    def at_end(self, up, values):
        end = self.box[self.name][not up]
        if self.origin(up) != end or values[self.name] == end:
            return None  # the end is not in the range, or the claim fails there
        held = self.prove({**self.box, self.name: (end, end)}).word == "proved"
        return self.threshold("at most" if up else "at least", end, values, True) if held else None

    def next(self, up, proved, doubtful, refuted):
        """The value to prove the claim up to; None if nothing is left to try."""
        start = self.box[self.name][not up] if proved is None else proved
        if doubtful is None:
            near = refuted - self.tolerance * Fraction(3, 4) * (1 if up else -1)
            return near if _before(start, near, up) and abs(refuted - start) > self.tolerance else None
        return (start + doubtful) / 2 if abs(doubtful - start) > self.tolerance else None

    def finished(self, up, proved, values):
        refuted = values[self.name]
        if proved is not None and abs(refuted - proved) <= self.tolerance:
            simple = simplest(*sorted((proved, refuted)))
            if simple not in (proved, refuted) and simple.denominator <= SIMPLE:
                found = intervals.prove(self.claim, self.part(up, proved, simple), most=self.most)
                proved = simple if found.word == "proved" else proved
        return super().finished(up, proved, values)


class _Size(_Line):
    """Along m or n."""

    tolerance = 1

    def origin(self, up):
        return self.violations.least[self.name] if up else HUGE

    def part(self, up, proved, limit):
        least = self.violations.least[self.name]
        if up:
            low, high = Fraction(1, limit), Fraction(1, least if proved is None else proved + 1)
            if self.name == "points" and limit > 1 and not k_below_m(self.claim):
                return {**self.box, "x": (low, high), "t": (Fraction(0), Fraction(limit - 2, limit - 1))}
        else:
            low, high = Fraction(0) if proved is None else Fraction(1, proved - 1), Fraction(1, limit)
        return {**self.box, SIZES[self.name]: (low, high)}

    def is_at_end(self, up, refuted):
        """Whether nothing lies between the end of the range and a size."""
        return not up and refuted >= HUGE // 2

    def next(self, up, proved, doubtful, refuted):
        """The size to prove the claim up to, or down to; None if nothing is left to try."""
        start = proved if proved is not None else (self.violations.least[self.name] - 1 if up else None)
        if doubtful is None:
            return None if start is not None and abs(refuted - start) <= 1 else refuted - (1 if up else -1)
        if start is None:
            return doubtful * 8 if doubtful < 512 * refuted else None
        return (start + doubtful) // 2 if abs(start - doubtful) > 1 else None


class _Forgotten(_Line):
    """Along k, from 1 on, one by one, each over all m above it."""

    tolerance = 1

    def origin(self, up):
        return 1

    def thresholds(self, first):
        proved = None
        for k in range(1, min(first["forgotten"], _MOST_FORGOTTEN + 1) + 1):
            values = self.violations.deepest({**first, "forgotten": k, "points": max(first["points"], k + 1)}, "forgotten")
            if self.violations.violates(values):
                first = values
                break
            found = self.prove_for(k)
            if found.word != "proved":
                violating = None if found.point is None else _fields(found.point) | {"forgotten": k}
                first = violating if violating is not None and self.violations.violates(violating) else first
                break
            proved = k
        settled = first["forgotten"] - (proved or 0) == 1
        if first["forgotten"] == 1:
            return [self.threshold("least", None, first, True)]
        return [self.threshold("at most", proved, first, settled)]

    def prove_for(self, k):
        """The claim for one k, over all m above it (k = 1 goes with m = 1 too)."""
        least = 1 if k == 1 and not k_below_m(self.claim) else k + 1
        box = {**self.box, "x": (Fraction(0), min(self.box["x"][1], Fraction(1, least))), "t": (Fraction(0),) * 2}
        return intervals.prove(with_forgotten(self.claim, k), box, most=self.most)


def _fields(point):
    return {name: getattr(point, name) for name in Constants.SHAPES}


def _spoken_of(claim, values):
    """The fields of `Constants` that a claim's sides ask for."""
    view = View(Constants(**values))
    for side in claim.ordered:
        side(view)
    return [name for name in Constants.SHAPES if name in view.asked]


def _before(value, other, up):
    # Nearer to the end that the search starts from.
    return value < other if up else value > other
