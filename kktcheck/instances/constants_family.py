"""Boxes of constants: what a step of a proof plugs in."""

from dataclasses import dataclass

import numpy as np

from .constants import Constants
from .family import INSIDE, Cube, Family, check_limits

#: Sizes that a chain may depend on: all small ones, the thresholds of the paper's chains, and some that stand for infinity.
_SIZES = (*range(1, 13), 23, 24, 25, 26, 49, 100, 1000, 10**6)


@dataclass(frozen=True)
class ConstantBoxes(Family):
    """Points of the box epsilon, delta, epsilon_d in (0, limit], psi in [0, 0.1], a free number in [0, 1], sizes from 1 to a million.

    Parameters
    ----------
    epsilon, delta, epsilon_d : float, optional
        Upper limits.
    points, neurons : int, optional
        Least m and n.
    """

    epsilon: float = 1.0
    delta: float = 1.0
    epsilon_d: float = 1.0
    points: int = 1
    neurons: int = 1

    def __post_init__(self):
        limits = {"epsilon": self.epsilon, "delta": self.delta, "epsilon_d": self.epsilon_d}
        check_limits(limits, {"points": (self.points, _SIZES[-1]), "neurons": (self.neurons, _SIZES[-1])})

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"constants, epsilon <= {self.epsilon:g}, delta <= {self.delta:g}, epsilon_d <= {self.epsilon_d:g}"

    def shape(self, choices):
        """m, n and k < m (k = 1 where m = 1)."""
        points, neurons = (_pick(choices, least) for least in (self.points, self.neurons))
        return points, neurons, choices.integer(1, max(points - 1, 1))

    def dimension(self, shape):
        """Five numbers."""
        return 5

    def build(self, shape, cube):
        """The `Constants` of a shape and a point of its cube."""
        cube = Cube(cube)
        limits = [limit * INSIDE * max(cube.one(), 2.0**-30) for limit in (self.epsilon, self.delta, self.epsilon_d)]
        return Constants(*limits, 0.1 * INSIDE * cube.one(), cube.one(), *shape)

    def corners(self):
        """Every corner of the box with every size in the list."""
        for ends in np.ndindex(2, 2, 2, 2, 2):
            for points in _SIZES:
                for neurons in (1, 2, 3, 10**6):
                    for forgotten in sorted({1, max(points // 2, 1), max(points - 1, 1)}):
                        if points >= self.points and neurons >= self.neurons:
                            yield (points, neurons, forgotten), np.array(ends, dtype=float)


def _pick(choices, least):
    allowed = [size for size in _SIZES if size >= least]
    return allowed[choices.integer(0, len(allowed) - 1)]
