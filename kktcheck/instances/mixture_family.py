"""Settings of the Gaussian mixture, from the dimension on in which a statement begins to speak."""

import math
from dataclasses import dataclass

import numpy as np

from .family import Cube, Family, check_limits
from .mixture import MixturePoint

#: alpha is taken from here: nearer to 0 or 1/4 the dimensions that statements need have hundreds of digits.
ALPHA = (0.04, 0.21)
#: Largest logarithm of a dimension.
LARGEST = 690.0
_POINTS, _NEURONS = (*range(1, 9), 10, 16, 30, 100), (1, 2, 3, 10, 100)


@dataclass(frozen=True)
class MixtureSettings(Family):
    """Settings with alpha in `ALPHA`, epsilon_d at most 0.01, m from 1 to 100, and dimensions from the least one on.

    Parameters
    ----------
    name : str
        For tables and seeds.
    least : callable
        (alpha, epsilon_d, m, n, k) -> log of the least dimension.
    reach : float, optional
        How far the logarithm goes beyond it.
    points, neurons : int, optional
        Least m and n.
    """

    name: str = "mixture"
    least: object = None
    reach: float = 12.0
    points: int = 1
    neurons: int = 1
    epsilon_d: float = 0.01

    def __post_init__(self):
        check_limits({"reach": self.reach, "epsilon_d": self.epsilon_d}, {"points": (self.points, 100), "neurons": (self.neurons, 100)})

    def shape(self, choices):
        """m, n and k < m (k = 1 where m = 1)."""
        sizes = [[size for size in sizes if size >= least] for sizes, least in ((_POINTS, self.points), (_NEURONS, self.neurons))]
        points, neurons = (allowed[choices.integer(0, len(allowed) - 1)] for allowed in sizes)
        return points, neurons, choices.integer(1, max(points - 1, 1))

    def dimension(self, shape):
        """epsilon_d, alpha, and how far beyond the least dimension."""
        return 3

    def build(self, shape, cube):
        """The `MixturePoint` of a shape and a point of its cube."""
        cube = Cube(cube)
        epsilon_d = self.epsilon_d * max(cube.one(), 2.0**-10)
        alpha = ALPHA[0] + (ALPHA[1] - ALPHA[0]) * cube.one()
        least = self.least(alpha, epsilon_d, *shape)
        log_dim = min(least + self.reach * cube.one(), LARGEST)
        return MixturePoint(float(math.ceil(math.exp(log_dim))), alpha, epsilon_d, *shape)

    def corners(self):
        """Every corner with every pair of sizes, one point forgotten and all but one."""
        for ends in np.ndindex(2, 2, 2):
            for points in _POINTS:
                for neurons in _NEURONS:
                    for forgotten in sorted({1, max(points - 1, 1)}):
                        if points >= self.points and neurons >= self.neurons:
                            yield (points, neurons, forgotten), np.array(ends, dtype=float)
