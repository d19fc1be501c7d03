"""Claims about constants that fail for every value of a variable: points that violate them along its whole range, certified by enclosures."""

from dataclasses import replace
from fractions import Fraction
from numbers import Rational

from ..claims.hypotheses import SOME_KEPT
from ..instances.exact import Enclosure
from .boxes import VARIABLES, gaps, k_below_m
from .jets import Jet, Magnitude, RationalJet, enclosed, hull
from .violations import POSITIVE, REALS, SIZES, placed

#: Pieces of the range, each with a point of its own, that are looked at before giving up.
_MOST_PIECES = 80


def fails_for_every(claim, box, name, violations, points):
    """A point that violates a claim, if for every value of one variable there is one.

    Parameters
    ----------
    claim : Claim
        An inequality between constants.
    box : dict
        (low, high) by variable.
    name : str
        Field of `Constants`, not ``forgotten``.
    violations : Violations
        Of the claim over the box.
    points : iterable of dict
        Points to start from.

    Returns
    -------
    dict or None
        None if it holds for some value, or could not be shown to fail for all.
    """
    if name == "points":
        points = [*points, *({**point, "forgotten": 1} for point in points)]
    points = [point for point in points if violations.violates(point)]
    variable = SIZES.get(name, name)
    # The points have k < m from two points on, whatever the claim says.
    below = k_below_m(claim) or violations.least["points"] > 1
    plain = replace(claim, parts=(), hypotheses=(*claim.hypotheses, *([SOME_KEPT] if below and not k_below_m(claim) else [])))
    functions, with_one = (list(zip(gaps(either), gaps(either, _Cancelling), strict=True)) for either in (plain, with_forgotten(plain, 1)))
    search = _Search({True: with_one, False: functions}, below, name, violations)
    shown = search.over(box[variable], points)
    if shown is None and points:
        # Next to a parameter that is as good as 0, a violation pins others down, often to simple numbers that serve all along the range.
        pinned = [violations.deepest({**points[0], other: violations.low[other]}, other) for other in POSITIVE]
        shown = search.over(box[variable], [*points, *(violations.simplest(point, name) for point in pinned if violations.violates(point))])
    return shown


class _Search:
    """Whether points violate a claim along a whole range of one variable; ``gaps`` by whether k = 1."""

    def __init__(self, gaps, below, name, violations):
        self.gaps, self.below, self.name, self.violations = gaps, below, name, violations

    def over(self, ends, points):
        """The first point found, if every piece of the range has one that violates the claim all along it; None if not."""
        name, pieces, looked, shown, last = self.name, [ends], 0, None, None
        while pieces:
            if looked >= _MOST_PIECES or not points:
                return None
            looked += 1
            low, high = pieces.pop()
            middle = (low + high) / 2
            value = middle if name in REALS else max(round(1 / middle), self.violations.least[name])
            deep = self.deep(value, [points[0]] if last is None else [points[0], last])
            tried = [placed(point, name, value) for point in points] + [deep] * (deep is not None)
            found = next((here for here in tried if self.fails(here, low, high)), None)
            if found is not None:
                shown, last = found if shown is None else shown, found
            elif deep is not None:
                pieces += [(low, middle), (middle, high)]
            else:
                return None
        return shown

    def deep(self, value, starts):
        """A deep violation at a value of the variable, found from the first start that leads to one; None if none does."""
        found = (self.violations.deepest(placed(start, self.name, value), self.name) for start in starts)
        return next(filter(self.violations.violates, found), None)

    def fails(self, here, low, high):
        """Whether a point violates the claim, and does with any value of the variable in [low, high]."""
        numbers, variable = _numbers(here, self.below), SIZES.get(self.name, self.name)
        return self.violations.violates(here) and _fails_between(self.gaps[here["forgotten"] == 1], numbers, variable, low, high)


class _Cancelling(Magnitude):
    """Magnitudes that leave out summands that are 0: a gap then has no powers of m and n to spare, and does not vanish where they are infinite."""

    __slots__ = ()

    def __add__(self, other):
        other = self._lift(other)
        if other is None:
            return NotImplemented
        for summand, rest in ((self, other), (other, self)):
            if isinstance(summand.value, Rational) and summand.value == 0:
                return rest
        return super().__add__(other)


class View:
    """Constants that remember which of them were asked for, with a k of their own if ``forgotten`` is given."""

    def __init__(self, constants, forgotten=None):
        self.constants, self.own, self.asked = constants, {} if forgotten is None else {"forgotten": forgotten}, set()

    def __getattr__(self, name):
        self.asked.add(name)
        return self.own[name] if name in self.own else getattr(self.constants, name)


def with_forgotten(claim, k):
    """The claim for one k, whatever the k of the constants that it is asked about; hypotheses as they were."""

    def fixed(side):
        return lambda p: side(View(p, k))

    parts = tuple(part._replace(left=fixed(part.left), right=fixed(part.right)) for part in claim.parts)
    return replace(claim, left=fixed(claim.left), right=fixed(claim.right), parts=parts)


def _numbers(values, below):
    """Rationals for each variable of a box, as `boxes.Values` takes them."""
    m, n, k = (values[name] for name in ("points", "neurons", "forgotten"))
    span = m - 1 - below
    share = Fraction(k - 1, span) if span > 0 else Fraction(0)
    return {name: values[name] for name in REALS} | {"x": Fraction(1, m), "z": Fraction(1, n), "t": share}


def _fails_between(functions, numbers, variable, low, high):
    """Whether one of the gaps is below zero for every value in [low, high] of a variable, 0 excluded where its range is open there."""
    # k moves with m here: its least and its largest value are k for every m, others are not.
    if variable == "x" and numbers["t"] not in (0, 1):
        return False
    where = (numbers, variable, low, high)
    return any(_is_negative(gap, *where) or _is_negative_exactly(exact, *where) for gap, exact in functions)


def _is_negative(gap, numbers, variable, low, high):
    from flint import arb

    def jet(first, last):
        return gap({name: Jet(hull(first, last), (arb(1),)) if name == variable else Jet(enclosed(numbers[name]), (arb(0),)) for name in VARIABLES})

    whole = jet(low, high)
    if whole.value < 0:
        return True
    slope = whole.slopes[0]
    middle = (low + high) / 2
    if slope.is_finite() and jet(middle, middle).value + slope * (hull(low, high) - enclosed(middle)) < 0:
        return True
    if slope >= 0:
        return _sign_below_zero(gap, {**numbers, variable: high})
    if slope < 0:
        return _sign_below_zero(gap, {**numbers, variable: low}, or_zero=low == 0 and variable in (*POSITIVE, *SIZES.values()))
    return False


def _is_negative_exactly(gap, numbers, variable, low, high):
    """The same in rational arithmetic, where what cancels is gone, and with it the powers of m and n that it had."""
    try:
        value = gap({**numbers, variable: RationalJet(Enclosure(low, high), (Enclosure(1, 1),))})
    except ZeroDivisionError:
        return False
    value = value.value if isinstance(value, RationalJet) else value
    return (value.high if isinstance(value, Enclosure) else value) < 0


def _sign_below_zero(gap, numbers, or_zero=False):
    try:
        value = gap(numbers)
    except ZeroDivisionError:
        return False
    value = value.high if isinstance(value, Enclosure) else value
    return value < 0 or (or_zero and value == 0)
