"""The parameters of a probability: dimension, number of points, threshold, standard deviation; one by one exactly, or many at once in float64."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np

from .base import Instance


@dataclass(frozen=True, eq=False)
class TailGrid:
    """Parameters as float arrays (or floats), many at once: what laws and bounds are computed on in float64.

    Parameters
    ----------
    dim, points, level, sigma : float or array
        As of `TailPoint`; they broadcast against each other.
    """

    dim: object = np.nan
    points: object = np.nan
    level: object = np.nan
    sigma: object = np.nan

    is_exact: ClassVar = False

    @property
    def remembered(self):
        """Nothing is kept."""
        return {}

    @staticmethod
    def q(text):
        """The number written in ``text``, like ``"1/400"``, as a float."""
        return float(Fraction(text))


@dataclass(frozen=True, eq=False)
class TailPoint(Instance):
    """Exact parameters of a statement about a probability; those that the statement does not have are None.

    Parameters
    ----------
    dim : int
        n or d.
    points : int, optional
        m.
    level : Fraction, optional
        The threshold t.
    sigma : Fraction, optional
        The standard deviation that matters.
    """

    KIND: ClassVar = "tail"
    SHAPES: ClassVar = dict.fromkeys(("dim", "points", "level", "sigma"), "")
    INTEGERS: ClassVar = ("dim", "points")

    dim: int
    points: int | None = None
    level: Fraction | None = None
    sigma: Fraction | None = None

    @property
    def is_exact(self):
        """Always."""
        return True

    def to_json(self):
        """Strings and integers that `from_json` reads back, without what is None."""
        return {name: value for name, value in super().to_json().items() if value is not None}

    def exact(self, digits=None):
        """This point: it is exact."""
        return self

    def float(self):
        """The same parameters as a `TailGrid` of floats."""
        names = ("dim", "points", "level", "sigma")
        return TailGrid(**{name: float(getattr(self, name)) for name in names if getattr(self, name) is not None})
