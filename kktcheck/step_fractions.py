"""Settings of the experiments that forget the points of Appendix E networks one at a time, with fractions of the paper's step."""

from dataclasses import dataclass

import numpy as np

from .appendix_e import AppendixE
from .errors import InputError


@dataclass(frozen=True)
class Settings(AppendixE):
    """What to run: Appendix E's networks and

    Attributes
    ----------
    points : "all" or tuple of int
        Points to forget, one at a time.
    fractions : tuple of float
        Fractions of the paper's step, increasing.
    """

    points: object = "all"
    fractions: tuple = tuple(k / 20 for k in range(31))

    def __post_init__(self):
        super().__post_init__()
        if self.num_points < 2:
            raise InputError("num_points = 1: after forgetting a point none would be retained")
        if len(self.fractions) < 3 or not (np.diff(self.fractions) > 0).all() or self.fractions[0] < 0:
            raise InputError("fractions must be at least three increasing numbers, the first at least 0")
        if self.points != "all":
            wrong = [point for point in self.points if not 0 <= point < self.num_points]
            if wrong or not self.points or len(set(self.points)) < len(self.points):
                raise InputError(f"points = {self.points!r}: 'all' or distinct indices from 0 to {self.num_points - 1} are needed")

    @property
    def forgotten(self):
        """Indices of the points to forget, in turn."""
        return tuple(range(self.num_points)) if self.points == "all" else tuple(self.points)
