"""What all instances share: float and exact versions of one object, and its JSON form."""

import copy
import re
from dataclasses import fields, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np

from ..errors import InputError
from .exact import to_exact, to_float
from .gram import rounded_gram

#: Numbers in a file: an integer, a ratio or a decimal, of a length that cannot be meant to exhaust memory.
_NUMBER = re.compile(r"[+-]?\d{1,400}(/\d{1,400}|\.\d{1,400})?\Z")
_LARGEST = 100_000


@lru_cache(maxsize=1024)
def _constant(text):
    """The number in a text, exactly and in float64: claims write the same few constants for every instance."""
    value = Fraction(text)
    return value, float(value)


class Instance:
    """Base of the frozen dataclasses that claims are checked on.

    A subclass names the axes of each array field in ``SHAPES`` (letters bound by first use); scalars have the empty shape. Its numbers are
    float64, or all exact (``exact()``); integer fields (labels, signs, sizes) are named in ``INTEGERS`` and stay integers.
    """

    KIND: ClassVar[str] = ""
    SHAPES: ClassVar[dict] = {}
    INTEGERS: ClassVar[tuple] = ()

    @cached_property
    def remembered(self):
        """What was worked out about this instance and may be asked for again; dict."""
        return {}

    @cached_property
    def is_exact(self):
        """Whether the numbers are rationals."""
        return isinstance(self.epsilon, Fraction)

    def q(self, text):
        """The number written in ``text``, like ``"2.4"`` or ``"1/3"``, in this instance's kind of numbers."""
        exact, rounded = _constant(text)
        return exact if self.is_exact else rounded

    def exact(self, digits=None):
        """This instance with rational numbers: the floats' own values, or rounded to ``digits`` decimals."""
        return self._map(lambda value: to_exact(value, digits))

    def float(self):
        """This instance in float64."""
        return self._map(to_float)

    def rounded(self, digits):
        """This instance with numbers of ``digits`` decimals (None: the floats' own values), declared anew so that it stays valid.

        A parameter above 0 stays above 0.

        Returns
        -------
        Instance or None
            None if rounding has destroyed what the instance is for.
        """
        exact = self.exact(digits)
        lost = [name for name in ("epsilon", "delta", "epsilon_d") if getattr(exact, name, 1) == 0]
        changed = {name: ceiling(Fraction(getattr(self, name)), digits) for name in lost}
        if "gram" in self.SHAPES:
            changed["gram"] = rounded_gram(self.gram, digits)
        return replace(exact, **changed)

    def eased(self, amount):
        """This instance with everything continuous moved towards the middle of its range, so that rounding leaves it valid.

        Instances that no family has built stay as they are.
        """
        recipe = self.remembered.get("recipe")
        return self if recipe is None else recipe.eased(amount)

    def declaring(self, **parameters):
        """This instance with other declared parameters; what else was worked out stays, for none of it depends on them."""
        declared = copy.copy(self)
        declared.__dict__.pop("remembered", None)
        declared.__dict__.update(parameters)
        return declared

    def _map(self, change):
        names = [name for name in self.SHAPES if name not in self.INTEGERS and getattr(self, name) is not None]
        return replace(self, **{name: change(getattr(self, name)) for name in names})

    def to_json(self):
        """Lists, strings and integers that `from_json` reads back exactly."""
        result = {"kind": self.KIND}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in self.INTEGERS:
                result[field.name] = np.asarray(value).tolist()
            elif value is not None:
                result[field.name] = _written(to_exact(np.asarray(value, dtype=object) if isinstance(value, np.ndarray) else value))
        return result

    @classmethod
    def from_json(cls, record):
        """The exact instance that `to_json` wrote.

        Raises
        ------
        InputError
            A field is missing, unknown, of the wrong shape or no rational number; the message names it.
        """
        unknown = sorted(set(record) - {field.name for field in fields(cls)} - {"kind"})
        if unknown:
            raise InputError(f"{cls.KIND} instance has no field {unknown[0]!r}")
        sizes, values = {}, {}
        for field in fields(cls):
            if field.name not in record:
                if field.default is not None:
                    raise InputError(f"{cls.KIND} instance: field {field.name!r} is missing")
                continue
            values[field.name] = _read(record[field.name], field.name, cls.SHAPES[field.name], field.name in cls.INTEGERS, sizes)
        return cls(**values)


def ceiling(value, digits):
    """Smallest rational of ``digits`` decimals (None: 18) that is at least a rational or an enclosure's upper end."""
    value = getattr(value, "high", value)
    scale = 10 ** (18 if digits is None else digits)
    return Fraction(-(-value * scale // 1), scale)


def without(size, places):
    """The integers below ``size`` that are not among ``places``; int array."""
    kept = np.ones(size, dtype=bool)
    kept[list(places)] = False
    return np.flatnonzero(kept)


def _written(value):
    return [_written(entry) for entry in value] if isinstance(value, np.ndarray) else str(value)


def _read(value, name, shape, integers, sizes):
    if not shape:
        return _number(value, name, integers)
    array = np.empty(_shape_of(value, len(shape), name), dtype=object)
    if array.size > _LARGEST:
        raise InputError(f"{name} has {array.size} numbers, more than the {_LARGEST} that a witness may have")
    for axis, size in zip(shape, array.shape, strict=True):
        if sizes.setdefault(axis, size) != size:
            raise InputError(f"{name} has shape {array.shape}, but {axis} is {sizes[axis]} elsewhere")
    for index in np.ndindex(array.shape):
        entry = value
        for position in index:
            entry = entry[position]
        array[index] = _number(entry, f"{name}{list(index)}", integers)
    return array.astype(int) if integers else array


def _shape_of(value, depth, name):
    if depth == 0:
        return ()
    if not isinstance(value, list):
        raise InputError(f"{name} is no list with {depth} more levels")
    if len(value) > _LARGEST:
        raise InputError(f"{name} has {len(value)} entries, more than the {_LARGEST} that a witness may have")
    inner = {_shape_of(entry, depth - 1, name) for entry in value} or {(0,) * (depth - 1)}
    if len(inner) != 1:
        raise InputError(f"{name} has rows of different lengths")
    return (len(value), *inner.pop())


def _number(value, name, integer):
    if integer:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
            raise InputError(f"{name} is {value!r}, no integer of ordinary size")
        return value
    if not isinstance(value, str) or not _NUMBER.match(value):
        raise InputError(f"{name} is {str(value)[:40]!r}, no number like \"2/3\" or \"0.25\"")
    try:
        return Fraction(value)
    except ZeroDivisionError:
        raise InputError(f"{name} is {value[:40]!r}: division by zero") from None
