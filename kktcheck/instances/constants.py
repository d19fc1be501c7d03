"""The constants of the paper's chains: a point of the box in which the proofs plug in numbers."""

from dataclasses import dataclass
from typing import ClassVar

from .base import Instance


@dataclass(frozen=True, eq=False)
class Constants(Instance):
    """Numbers that a step of a proof is an inequality between.

    Parameters
    ----------
    epsilon, delta : float or Fraction
        Of the approximate KKT point, at least 0.
    epsilon_d : float or Fraction
        Near orthogonality: inner products are at most epsilon_d / (4 m) (linear) or epsilon_d / (4 m n) (two layers).
    psi : float or Fraction
        Squared norms lie in [1 - psi, 1 + psi].
    free : float or Fraction
        One more number in [0, 1], for steps that need one.
    points, neurons, forgotten : int
        m, n and k.
    """

    KIND: ClassVar = "constants"
    SHAPES: ClassVar = dict.fromkeys(("epsilon", "delta", "epsilon_d", "psi", "free", "points", "neurons", "forgotten"), "")
    INTEGERS: ClassVar = ("points", "neurons", "forgotten")

    epsilon: float
    delta: float
    epsilon_d: float
    psi: float
    free: float
    points: int
    neurons: int
    forgotten: int
