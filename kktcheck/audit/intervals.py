"""Interval proofs: an inequality between functions of constants over a whole box, all sizes at once, by branch and bound with Arb.

A box has epsilon, delta, epsilon_d, psi and a free number, x = 1/m and z = 1/n from 0 (infinity) to their largest, and t, which places k between its
ends. Where the gap between the sides grows or falls in a variable over the whole box, the box shrinks to that face; a box shrunk to a point is
decided in rational arithmetic, so bounds that are sharp at a corner are proved, not approached. What is left is split where it varies most.
"""

import contextlib
import heapq
import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

from ..errors import MissingDependencyError
from ..instances import Constants
from ..instances.exact import Enclosure
from .boxes import box_of, gaps
from .jets import PRECISION, Jet, RationalJet, enclosed, hull

_MOST_BOXES = 20_000
#: Boxes of a first try over all sizes; so many of the smallest sizes are split off before a try is given all boxes.
_FEW_BOXES, _SIZES_FIRST = 1500, 8
#: Ends of balls nearer to zero than this may be there by rounding (radii have 30 bits): looked at again in rational arithmetic.
_ROUNDING = 2.0**-24
#: How far a witness stays inside the box, relatively: the roomier, the shorter its numbers.
_INSIDE = (Fraction(1, 10**6), Fraction(1, 10**12), Fraction(1, 10**24))


@dataclass(frozen=True)
class IntervalProof:
    """What branch and bound found.

    Attributes
    ----------
    word : str
        "proved", "refuted" or "undecided".
    boxes : int
        Boxes looked at.
    corners : int
        Boxes that shrank to a point, decided in rational arithmetic.
    sizes : tuple of int
        Numbers of points m that were split off and proved one by one.
    point : Constants or None
        Where the claim fails, exact, sizes integers.
    box : dict or None
        The smallest box that is left.
    """

    word: str
    boxes: int
    corners: int
    sizes: tuple = ()
    point: object = None
    box: dict | None = None

    def __str__(self):
        parts = [f"{self.word} with {self.boxes} boxes"]
        parts += [f"{self.corners} of them corners, decided exactly"] if self.corners else []
        parts += [f"sizes m = {', '.join(map(str, self.sizes))} one by one"] if self.sizes else []
        return "; ".join(parts)


def prove(claim, box=None, most=_MOST_BOXES):
    """Prove or refute a claim about constants over its whole box.

    Parameters
    ----------
    claim : Claim
        Direction "upper" or "lower", family `ConstantBoxes`.
    box : dict, optional
        (low, high) by variable, in place of the claim's own.
    most : int, optional
        Boxes to look at before giving up.

    Returns
    -------
    IntervalProof

    Raises
    ------
    InputError
        The claim is none that a box expresses.
    MissingDependencyError
        python-flint is not installed.
    """
    require_flint()
    box = box_of(claim) if box is None else box
    proofs = [_prove(claim, gap, box, most) for gap in gaps(claim)]
    worst = min(proofs, key=lambda proof: ("refuted", "undecided", "proved").index(proof.word))
    sizes = tuple(sorted({size for proof in proofs for size in proof.sizes}))
    return replace(worst, boxes=sum(proof.boxes for proof in proofs), corners=sum(proof.corners for proof in proofs), sizes=sizes)


def _prove(claim, gap, box, most):
    """All sizes at once; where that does not end soon, the smallest m one by one, and the others in a smaller box."""
    boxes, corners, split = 0, 0, []
    while True:
        few = len(split) < _SIZES_FIRST and box["x"][1] > 0
        found = _branch_and_bound(gap, box, min(most, _FEW_BOXES) if few else most)
        boxes, corners = boxes + found.boxes, corners + found.corners
        if found.word == "proved":
            break
        witness = _integer_witness(claim, found.box)
        word = "undecided" if witness is None else "refuted"
        if witness is not None or not few:
            return replace(found, word=word, boxes=boxes, corners=corners, sizes=tuple(split), point=witness)
        size = int(1 / box["x"][1])
        single = _branch_and_bound(gap, {**box, "x": (Fraction(1, size),) * 2}, most)
        boxes, corners = boxes + single.boxes, corners + single.corners
        if single.word != "proved":
            witness = _integer_witness(claim, single.box)
            word = "undecided" if witness is None else "refuted"
            return replace(single, word=word, boxes=boxes, corners=corners, sizes=tuple(split), point=witness)
        split.append(size)
        box = {**box, "x": (Fraction(0), Fraction(1, size + 1))}
    return replace(found, boxes=boxes, corners=corners, sizes=tuple(split))


def _branch_and_bound(gap, box, most):
    order, looked, corners = itertools.count(), 0, 0
    waiting = [(0.0, next(order), box)]
    while waiting:
        _, _, current = heapq.heappop(waiting)
        if looked >= most:
            return IntervalProof("undecided", looked, corners, box=current)
        looked += 1
        current, low, slopes = bounded(gap, current)
        if low is not None and low >= 0:
            continue
        if all(a == b for a, b in current.values()):
            corners += 1
            try:
                value = gap({name: low for name, (low, _) in current.items()})
            except ZeroDivisionError:
                return IntervalProof("undecided", looked, corners, box=current)
            if (value.low if isinstance(value, Enclosure) else value) >= 0:
                continue
            return IntervalProof("refuted", looked, corners, box=current)
        failing = _failing_point(gap, current, slopes)
        if failing is not None:
            return IntervalProof("refuted", looked, corners, box={name: (value, value) for name, value in failing.items()})
        name = widest(current, slopes)
        a, b = current[name]
        middle = (a + b) / 2
        key = float(low) if low is not None else float("-inf")
        for half in ((a, middle), (middle, b)):
            heapq.heappush(waiting, (key, next(order), {**current, name: half}))
    return IntervalProof("proved", looked, corners)


def bounded(gap, box, rational=True):
    """The box, shrunk to faces where the gap is monotone; a lower bound of the gap on it, or None; enclosures of its slopes.

    Parameters
    ----------
    gap : callable
        dict of numbers by variable -> number.
    box : dict
        (low, high), rationals, by variable.
    rational : bool, optional
        Look again in rational arithmetic where a bound is zero up to rounding; the gap must then run on any kind of numbers.
    """
    from flint import arb

    while True:
        whole = gap(_jets(box))
        faces = _faces(box, whole.slopes)
        exact = _exactly(gap, box) if rational and not faces and _ends_at_zero(whole) else None
        if exact is not None:
            if exact.value.low >= 0:
                return box, arb(0), whole.slopes
            faces = _faces(box, [(slope.low, slope.high) for slope in exact.slopes])
        if not faces:
            break
        box = {**box, **faces}
    bounds = [whole.value]
    if all(slope.is_finite() for slope in whole.slopes):
        middle = gap({name: Jet(enclosed((a + b) / 2), (arb(0),) * len(box)) for name, (a, b) in box.items()}).value
        spread = sum((slope * (hull(a, b) - enclosed((a + b) / 2)) for slope, (a, b) in zip(whole.slopes, box.values())), arb(0))
        bounds.append(middle + spread)
    lows = [bound.lower() for bound in bounds if bound.is_finite()]
    return box, max(lows, key=float, default=None), whole.slopes


def _jets(box):
    """Each variable of a box as a `Jet`."""
    from flint import arb

    return {name: Jet(hull(*box[name]), tuple(arb(int(name == other)) for other in box)) for name in box}


def _exactly(gap, box):
    """The gap on a box with rational ends; None where it is a quotient by zero or a root without a derivative."""
    try:
        return gap({name: RationalJet(Enclosure(*box[name]), tuple(Enclosure(*(int(name == other),) * 2) for other in box)) for name in box})
    except ZeroDivisionError:
        return None


def _ends_at_zero(whole):
    """Whether rounding alone may hide that the gap is at least zero, or falls or grows everywhere."""
    return any(_is_tiny(end) for ball in (whole.value, *whole.slopes) if ball.is_finite() for end in (ball.lower(), ball.upper()))


def _is_tiny(end):
    return end != 0 and abs(end) < _ROUNDING


def _faces(box, slopes):
    """The ends to which a box shrinks, by variable, where slopes, balls or pairs of ends, do not change sign."""
    faces = {}
    for (name, (low, high)), slope in zip(box.items(), slopes, strict=True):
        grows, falls = (slope[0] >= 0, slope[1] <= 0) if isinstance(slope, tuple) else (slope >= 0, slope <= 0)
        if low != high and (grows or falls):
            faces[name] = (low, low) if grows else (high, high)
    return faces


def _failing_point(gap, box, slopes):
    """A point of the box where the gap is certainly below zero: its middle, or the corner where the slopes say it is least; or None."""
    middle = {name: (a + b) / 2 for name, (a, b) in box.items()}
    steepest = {name: a if slope.is_finite() and float(slope.mid()) > 0 else b for slope, (name, (a, b)) in zip(slopes, box.items(), strict=True)}
    for point in (middle, steepest):
        if gap({name: Jet(enclosed(value), (enclosed(0),) * len(box)) for name, value in point.items()}).value < 0:
            return point
    return None


def widest(box, slopes):
    """The variable along which the gap may vary most; where a slope is not bounded, the widest of those."""
    widths = {name: float(b - a) for name, (a, b) in box.items()}
    weights = {name: float(abs(slope).upper()) if slope.is_finite() else float("inf") for name, slope in zip(box, slopes, strict=True)}
    candidates = [name for name, (a, b) in box.items() if a < b]  # a width may be too small for a float
    unbounded = [name for name in candidates if weights[name] == float("inf")]
    if unbounded:
        return max(unbounded, key=widths.get)
    return max(candidates, key=lambda name: (weights[name] * widths[name], widths[name]))


def _integer_witness(claim, box):
    """An exact point near the middle of a box, its sizes integers, that violates the claim and meets its hypotheses; or None."""
    middle = {name: (a + b) / 2 for name, (a, b) in box.items()}
    points = (_violation(claim, _inside(middle, inside)) for inside in _INSIDE)
    return next((point for point in points if point is not None), None)


def _inside(numbers, share):
    """Numbers moved off the ends of their ranges: parameters are above 0, and some below their limits."""
    return numbers | {name: max(numbers[name] * (1 - share), share) for name in ("epsilon", "delta", "epsilon_d")}


def _violation(claim, numbers):
    """A violating point with these numbers and the nearest sizes, or None."""
    for points in _near(numbers["x"]):
        for neurons in _near(numbers["z"]):
            below = max(points - 1, 1)
            for forgotten in sorted({1, below, min(max(round(1 + numbers["t"] * (points - 2)), 1), below)}):
                values = (numbers[name] for name in ("epsilon", "delta", "epsilon_d", "psi", "free"))
                point = Constants(*values, points, neurons, forgotten)
                with contextlib.suppress(ZeroDivisionError):
                    if not claim.unmet(point) and claim.refuted_by(point).any():
                        return point
    return None


def _near(reciprocal):
    if reciprocal == 0:
        return (10**6,)
    value = 1 / reciprocal
    return tuple(sorted({max(int(value), 1), int(value) + 1}))


def require_flint():
    """Raise `MissingDependencyError` unless python-flint is there; sets its working precision."""
    try:
        import flint
    except ImportError:
        raise MissingDependencyError("interval proofs need python-flint: pip install 'kktcheck[intervals]'") from None
    flint.ctx.prec = PRECISION
