"""A family of instances: one parametrisation that sampling, shrinking and directed search share.

An instance is built from a shape (sizes, labels, patterns: what is discrete) and a point of the unit cube (all that is continuous). Every
shape and every point give a valid instance, so nothing is ever rejected.
"""

import math
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..errors import InputError

#: Stays this far inside every limit, relatively: rounding must not push an instance out of the hypotheses.
INSIDE = 1 - 2.0**-36
#: Coordinates of a cube that are parameters (epsilon, delta, epsilon_d) rather than a place within their limits.
_PARAMETERS = 3
#: Sweeps end when multipliers change by no more than rounding makes them, relatively: they may go to and fro by that for ever.
_LAST_DIGIT = 2.0**-51


class Family(ABC):
    """Base of all families; see the module."""

    #: Name for tables and seeds.
    name = ""

    @abstractmethod
    def shape(self, choices):
        """What is discrete, from `choices.RandomChoices` or `choices.DrawnChoices`."""

    @abstractmethod
    def dimension(self, shape):
        """Number of continuous coordinates of a shape."""

    @abstractmethod
    def build(self, shape, cube):
        """The instance of a shape and a point of [0, 1]^dimension."""

    def make(self, shape, cube):
        """`build`; the instance remembers how it was built, and its arrays are read-only, for claims share it."""
        instance = self.build(shape, cube)
        for name in instance.SHAPES:
            if isinstance(value := getattr(instance, name), np.ndarray):
                value.flags.writeable = False
        instance.remembered["recipe"] = Recipe(self, shape, cube)
        return instance

    @abstractmethod
    def corners(self):
        """Structured extremes: an iterator of (shape, cube)."""

    def draw(self, choices):
        """A shape and a point of its cube."""
        shape = self.shape(choices)
        return shape, choices.cube(self.dimension(shape))


class Recipe(NamedTuple):
    """How an instance was built."""

    family: Family
    shape: object
    cube: np.ndarray

    def eased(self, amount):
        """The instance of a point of the cube nearer to its middle; the parameters, which come first, stay."""
        moved = np.clip(self.cube, 0, 1)
        moved[_PARAMETERS:] += amount * (0.5 - moved[_PARAMETERS:])
        return self.family.make(self.shape, moved)


class Cube:
    """Reads the coordinates of a point one after the other, by their meaning.

    Parameters
    ----------
    values : (size,) array
        In [0, 1].
    """

    def __init__(self, values):
        self._values, self._next = np.clip(np.asarray(values, dtype=float), 0.0, 1.0), 0

    def take(self, count):
        """The next ``count`` coordinates, in [0, 1]."""
        self._next += count
        return self._values[self._next - count : self._next]

    def signed(self, count):
        """The next ``count`` coordinates, mapped to [-1, 1]."""
        return 2 * self.take(count) - 1

    def one(self):
        """The next coordinate."""
        return float(self.take(1)[0])


def gram_from(cube, size, psi, phi):
    """Near-orthogonal Gram matrix: squared norms in [1 - psi, 1 + psi], inner products in [-phi, phi], each a coordinate of its own.

    Takes size + size (size - 1) / 2 coordinates.
    """
    gram = np.diag(1 + psi * INSIDE * cube.signed(size))
    above = _above(size)
    gram[above] = phi * INSIDE * cube.signed(len(above[0]))
    gram.T[above] = gram[above]
    return gram


@lru_cache(maxsize=256)
def _above(size):
    return np.triu_indices(size, 1)


def check_limits(limits, ranges):
    """Raise `InputError` unless limits are finite and positive and ranges are pairs of integers 1 <= low <= high."""
    for name, value in limits.items():
        if not (isinstance(value, (int, float)) and math.isfinite(value) and value > 0):
            raise InputError(f"{name} is {value!r}; it is an upper limit, a finite number above 0")
    for name, (low, high) in ranges.items():
        if not (isinstance(low, int) and isinstance(high, int) and 1 <= low <= high):
            raise InputError(f"{name} is ({low!r}, {high!r}); it is a range of integers, 1 <= low <= high")


def solve_multipliers(gradient_gram, shift, extra):
    """Multipliers whose margins are 1 plus the asked slackness: G lambda + shift = 1 + extra / lambda, row by row.

    Row by row a quadratic equation with one root that is not negative; near orthogonality makes the sweep a contraction.

    Parameters
    ----------
    gradient_gram : (m, m) array
        Positive diagonal, diagonally dominant.
    shift : (m,) array
        What the error adds to the margins.
    extra : (m,) array
        lambda_i (margin_i - 1), at least 0.
    """
    diagonal = np.diagonal(gradient_gram)
    rest = gradient_gram - np.diag(diagonal)
    # Aims a little above 1, so that rounding leaves no margin below it.
    aim = 1 + 1e-13 - shift
    multipliers = np.maximum(aim, 0) / diagonal
    for _ in range(80):
        free = aim - rest @ multipliers
        renewed = (free + np.sqrt(free**2 + 4 * diagonal * extra)) / (2 * diagonal)
        done = np.abs(renewed - multipliers).max() <= _LAST_DIGIT * renewed.max()
        multipliers = renewed
        if done:
            break
    return multipliers


def split_error(length, radius, share):
    """Factor of a direction of this length, and squared norm of the orthogonal part, of an error of norm ``radius``.

    ``share`` in [0, 1] is the orthogonal part's share of the norm; all of it where the direction is none.
    """
    inside = radius * np.sqrt(1 - share**2) if length > 0 else 0.0
    return inside / length if length > 0 else 0.0, max(radius**2 - inside**2, 0.0)


def declared(asked, reached, scale):
    """What an instance declares: the number asked for, or if rounding has gone beyond it, what was reached, rounded up; above 0.

    Parameters
    ----------
    asked, reached : float
    scale : float
        Size of the numbers that were added up to ``reached``.
    """
    return float(max(asked, reached * (1 + 1e-12) + 1e-14 * scale))


def with_declared(point, kept=slice(None)):
    """The instance, declared for at least the error that it has and the slackness on the points ``kept``."""
    scale = 1 + point.multipliers.max()
    reached = np.sqrt(point.error_squared), point.slackness[kept].max()
    return point.declaring(epsilon=declared(point.epsilon, reached[0], scale), delta=declared(point.delta, reached[1], scale))
