"""The numbers that Section 6 and Appendix D depend on: dimension, exponent of the mean's length, epsilon_d, sizes."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from .base import Instance


@dataclass(frozen=True, eq=False)
class MixturePoint(Instance):
    """A setting of the Gaussian mixture; the length of the mean is a function of d and alpha that each claim names.

    Parameters
    ----------
    dim : float or Fraction
        The dimension d, a whole number; not written as an integer, since it may be far beyond ordinary sizes.
    alpha : float or Fraction
        In (0, 1/4).
    epsilon_d : float or Fraction
        Inner products are to be at most epsilon_d / (4 m n).
    points, neurons, forgotten : int
        m, n and k.
    """

    KIND: ClassVar = "mixture"
    SHAPES: ClassVar = dict.fromkeys(("dim", "alpha", "epsilon_d", "points", "neurons", "forgotten"), "")
    INTEGERS: ClassVar = ("points", "neurons", "forgotten")

    dim: float
    alpha: float
    epsilon_d: float
    points: int
    neurons: int
    forgotten: int

    @cached_property
    def is_exact(self):
        """Whether the numbers are rationals."""
        return isinstance(self.alpha, Fraction)
