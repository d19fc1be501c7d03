"""Witnesses: an instance that refutes a claim, re-checked exactly, small and readable; written to a file that re-checks alone."""

import json
import os
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np

from ..claims import get
from ..errors import FileError, InputError
from ..instances import KINDS
from ..instances.exact import Enclosure

_FORMAT = "kktcheck witness 1"
#: Decimals to try, shortest first; then the floats' own values.
_DIGITS = (1, 2, 3, 4, 5, 6, 9, 12, 15, None)
#: How far an instance is moved off its limits before it is rounded, in units of the last decimal.
_EASED = (0, 20, 100)
#: How far float64 may be off, of numbers of ordinary size, with much room.
_ROUNDING = 1e-6
_LARGEST_FILE = 10_000_000
#: Numbers that floats show to ten digits.
_FLOATS = (Fraction(1, 10**300), 10**300)


@dataclass(frozen=True)
class Refutation:
    """An exact instance that meets every hypothesis of a claim and violates it.

    Attributes
    ----------
    claim : str
        Id.
    instance : Instance
        Exact.
    index : tuple of int
        Where it is violated (one of possibly several).
    left, right : str
        The two sides there, as decimals that are right in every digit shown.
    ratio : float
        Of the side that should be smaller to the other one.
    """

    claim: str
    instance: object
    index: tuple
    left: str
    right: str
    ratio: float

    def length(self):
        """Characters of the file: what is shorter is easier to read."""
        return len(json.dumps(self.to_json()))

    def to_json(self):
        """A dict that `read_witness` understands."""
        sides = {"left": self.left, "right": self.right, "ratio": self.ratio if np.isfinite(self.ratio) else None}
        return {"format": _FORMAT, "claim": self.claim, **sides, "index": list(self.index), "instance": self.instance.to_json()}


def recheck(claim, instance):
    """The exact re-check of hypotheses and violation.

    Parameters
    ----------
    claim : Claim
    instance : Instance
        Exact.

    Returns
    -------
    Refutation or None
        None if a hypothesis is not met or the claim is not violated beyond doubt.
    """
    if claim.unmet(instance):
        return None
    violated = np.argwhere(np.atleast_1d(claim.refuted_by(instance)))
    if not len(violated):
        return None
    left = claim.left if claim.least is None else claim.least
    sides = np.broadcast_arrays(*(np.atleast_1d(np.asarray(side(instance), dtype=object)) for side in (left, claim.right)))
    index = tuple(int(i) for i in violated[0])
    values = [side[index] for side in sides]
    small, large = (float(value) for value in (reversed(values) if claim.direction == "lower" else values))
    ratio = small / large if large > 0 else float("inf")
    return Refutation(claim.id, instance, index, *(_decimal(value) for value in values), ratio)


def simplest(claim, instance, shorter_than=None):
    """The refutation with the fewest decimals that still passes the exact re-check, or None.

    Parameters
    ----------
    claim : Claim
    instance : Instance
        In float64, or already exact.
    shorter_than : Refutation, optional
        One with a longer instance is not wanted.
    """
    if instance.is_exact:
        return recheck(claim, instance)
    for digits in _DIGITS:
        for distance in (0,) if digits is None else _EASED:
            rounded = (instance.eased(distance * 10.0**-digits) if distance else instance).rounded(digits)
            if rounded is None or (digits is not None and not _may_refute(claim, rounded)):
                continue
            if shorter_than is not None and _written(rounded) >= _written(shorter_than.instance):
                return None
            found = recheck(claim, rounded)
            if found is not None:
                return found
    return None


def _may_refute(claim, instance):
    """Whether the exact re-check is worth while: far from refuting anything in float64, an instance does not do so exactly either.

    Where this is wrong, more decimals are tried, and at last all, which are not asked.
    """
    reading = claim.read(instance.float())
    if not reading.met:
        return reading.margin > -_ROUNDING
    return claim.direction == "equality" or reading.ratio > 1 - _ROUNDING


def _written(instance):
    """Characters of an instance's numbers."""
    return len(json.dumps(instance.to_json()))


def read_witness(path):
    """Read a witness file and re-check it from its numbers alone.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    claim : Claim
    refutation : Refutation

    Raises
    ------
    FileError
        The file cannot be read, or is no witness file.
    InputError
        The claim is unknown, a number is malformed, a hypothesis is not met, or the claim is not violated: what and by how much.
    """
    record = _load(path)
    claim = get(record["claim"])
    kind = record["instance"].get("kind")
    if kind not in KINDS:
        raise InputError(f"{path}: instance kind {str(kind)[:40]!r} is unknown; it is one of {', '.join(KINDS)}")
    instance = KINDS[kind].from_json(record["instance"])
    return claim, checked(claim, instance, str(path))


def checked(claim, instance, name):
    """The refutation of an exact instance, or an `InputError` that says why it refutes nothing."""
    unmet = claim.unmet(instance)
    if unmet:
        what = "; ".join(f"{hypothesis} fails by {float(-margin):.3g}" for hypothesis, margin in unmet[:3])
        raise InputError(f"{name} refutes nothing: the instance does not meet the hypotheses of {claim.id}: {what}")
    found = recheck(claim, instance)
    if found is None:
        raise InputError(f"{name} refutes nothing: {claim.id} holds on the instance, or is too close to equality to tell")
    return found


def _load(path):
    try:
        if os.path.getsize(path) > _LARGEST_FILE:
            raise FileError(f"{path} has more than {_LARGEST_FILE} bytes; a witness is a small JSON file")
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no JSON file: {str(error)[:120]}") from None
    fields = isinstance(record, dict) and isinstance(record.get("instance"), dict) and isinstance(record.get("claim"), str)
    if not fields or record.get("format") != _FORMAT:
        raise FileError(f"{path} is no witness: it needs \"format\": \"{_FORMAT}\", a claim and an instance")
    return record


def _decimal(value):
    """Ten significant digits of an exact number, the last one rounded; also of one beyond the range of floats."""
    middle = (value.low + value.high) / 2 if isinstance(value, Enclosure) else Fraction(value)
    if middle == 0 or _FLOATS[0] < abs(middle) < _FLOATS[1]:
        return f"{float(middle):.10g}"
    with localcontext(prec=10):
        return f"{(Decimal(middle.numerator) / Decimal(middle.denominator)).normalize():g}"
