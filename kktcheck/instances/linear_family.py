"""Families of approximate KKT points of linear predictors.

For epsilon at most 0.5 every multiplier is positive (Lemma B.2), so an approximate KKT point is the same as its error v and the fractions
f_i = lambda_i (margin_i - 1) / delta in [0, 1]: the families reach all of them.
"""

from dataclasses import dataclass

import numpy as np

from .base import without
from .family import INSIDE, Cube, Family, check_limits, declared, gram_from, solve_multipliers, split_error, with_declared
from .linear import LinearPair, LinearPoint

_PSI = 0.1


@dataclass(frozen=True)
class LinearPoints(Family):
    """Approximate KKT points (Definition 2.1) of linear predictors on data as in Assumption 2.3 with psi <= 0.1, phi <= epsilon_d / (4 m).

    Parameters
    ----------
    epsilon, delta, epsilon_d : float, optional
        Upper limits; epsilon at most 0.5.
    points : (int, int), optional
        Least and largest number of points m.

    Raises
    ------
    InputError
        A limit or a range is not as described.
    """

    epsilon: float = 0.5
    delta: float = 0.5
    epsilon_d: float = 0.5
    points: tuple = (1, 8)

    def __post_init__(self):
        check_limits({"epsilon": self.epsilon, "delta": self.delta, "epsilon_d": self.epsilon_d}, {"points": self.points})

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"linear points, epsilon <= {self.epsilon:g}, delta <= {self.delta:g}, epsilon_d <= {self.epsilon_d:g}"

    def shape(self, choices):
        """Labels of the points."""
        size = choices.integer(*self.points)
        return tuple(int(label) for label in 1 - 2 * choices.bits(size))

    def dimension(self, shape):
        """Three parameters, radius and direction of the error, norms, inner products, slackness."""
        size = len(shape)
        return 5 + 3 * size + size * (size - 1) // 2

    def build(self, shape, cube):
        """The `LinearPoint` of a shape and a point of its cube."""
        cube, labels = Cube(cube), np.array(shape)
        epsilon, delta, epsilon_d = (limit * INSIDE * cube.one() for limit in (self.epsilon, self.delta, self.epsilon_d))
        gram = gram_from(cube, len(shape), _PSI, epsilon_d / (4 * len(shape)))
        multipliers, error, beyond = _solved(cube, gram, labels, np.arange(len(shape)), epsilon, delta)
        point = LinearPoint(gram, labels, multipliers, error, beyond, epsilon, delta, max(epsilon_d, 2.0**-60))
        return with_declared(point)

    def corners(self):
        """Few and many points, each parameter at 0 and at its limit, all inner products against or with the labels, errors against all or one."""
        low, high = self.points
        for size in sorted({low, min(low + 1, high), (low + high) // 2, high}):
            for labels in ((1,) * size, tuple(1 if i % 2 else -1 for i in range(size))):
                yield from ((labels, cube) for cube in _corner_cubes(np.array(labels)))


def _corner_cubes(labels):
    size = len(labels)
    above = np.triu_indices(size, 1)
    same = (labels[above[0]] * labels[above[1]] + 1) / 2
    for parameters in np.ndindex(2, 2, 2):
        for norms in (0.0, 1.0):
            for products in (same, 1 - same, np.full(len(same), 0.5)):
                for slack in (0.0, 1.0):
                    for error in (-1.0, 1.0):
                        for spread in (True, False):
                            direction = np.full(size, 0.5)
                            direction[: size if spread else 1] += 0.5 * error
                            head = [*parameters, *np.full(size, norms), *products, 1.0, 0.0]
                            yield np.array([*head, *np.full(size, slack), *direction])


@dataclass(frozen=True)
class LinearPairs(LinearPoints):
    """Pairs of an approximate KKT point of all points and one of all points but one (Remark B.1); limits hold for both.

    Parameters
    ----------
    epsilon, delta, epsilon_d, points
        As in `LinearPoints`; at least two points.
    other_epsilon : float, optional
        Limit of the second point's epsilon.
    """

    points: tuple = (2, 8)
    other_epsilon: float = 0.5

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"pairs of {super().name}, other epsilon <= {self.other_epsilon:g}"

    def dimension(self, shape):
        """Those of the first point, and once more error, slackness and two parameters; the cosine of the orthogonal parts; which point."""
        return super().dimension(shape) + 6 + 2 * len(shape)

    def build(self, shape, cube):
        """The `LinearPair` of a shape and a point of its cube."""
        split = super().dimension(shape)
        first, rest = super().build(shape, cube[:split]), Cube(cube[split:])
        size = len(shape)
        forgotten = min(int(rest.one() * size), size - 1)
        epsilon, delta = self.other_epsilon * INSIDE * rest.one(), self.delta * INSIDE * rest.one()
        correlation = float(rest.signed(1)[0])
        kept = without(size, [forgotten])
        multipliers, error, beyond = _solved(rest, first.gram, first.labels, kept, epsilon, delta)
        second = LinearPoint(first.gram, first.labels, multipliers, error, beyond, epsilon, delta, first.epsilon_d)
        largest = multipliers.max()
        others = (declared(epsilon, np.sqrt(second.error_squared), largest), declared(delta, second.slackness[kept].max(), largest))
        fields = {name: getattr(first, name) for name in LinearPoint.SHAPES if name != "gamma"}
        return LinearPair(
            **fields, other_multipliers=multipliers, other_error=error, other_beyond=beyond, correlation=correlation,
            other_epsilon=others[0], other_delta=others[1], forgotten=forgotten,
        )  # fmt: skip

    def corners(self):
        """Those of the first point; the second without error, or with one that imitates the forgotten point."""
        for shape, cube in super().corners():
            size = len(shape)
            for epsilon in (0.0, 1.0):
                direction = np.full(size, 0.5)
                direction[0] = 1.0
                yield shape, np.array([*cube, 0.0, epsilon, 1.0, 1.0, epsilon, 0.0, *np.full(size, 1.0), *direction])


@dataclass(frozen=True)
class RelaxedPoints(Family):
    """(epsilon, delta, gamma)-approximate KKT points (Definition B.1) of linear predictors; epsilon and delta are what they are.

    Parameters
    ----------
    gamma : float, optional
        Upper limit of the relaxation, below 1.
    epsilon_d : float, optional
        Upper limit.
    points : (int, int), optional
        Least and largest number of points m.
    """

    gamma: float = 0.75
    epsilon_d: float = 1.0
    points: tuple = (1, 6)

    def __post_init__(self):
        check_limits({"gamma": self.gamma, "epsilon_d": self.epsilon_d}, {"points": self.points})

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"relaxed linear points, gamma <= {self.gamma:g}"

    def shape(self, choices):
        """Labels of the points."""
        return LinearPoints.shape(self, choices)

    def dimension(self, shape):
        """gamma, epsilon_d, norms, inner products, multipliers, margins, the orthogonal part."""
        size = len(shape)
        return 3 + 3 * size + size * (size - 1) // 2

    def build(self, shape, cube):
        """The `LinearPoint` of a shape and a point of its cube."""
        cube, labels, size = Cube(cube), np.array(shape), len(shape)
        gamma, epsilon_d = self.gamma * INSIDE * cube.one(), self.epsilon_d * INSIDE * cube.one()
        gram = gram_from(cube, size, _PSI, epsilon_d / (4 * size))
        beyond, multipliers = cube.one(), 2 * cube.take(size)
        margins = (1 - gamma) * (1 + 1e-12) + 2 * cube.take(size)
        error = np.linalg.solve(gram, labels * margins) - labels * multipliers
        point = LinearPoint(gram, labels, multipliers, error, beyond, 0.0, 0.0, max(epsilon_d, 2.0**-60), gamma)
        return with_declared(point)

    def corners(self):
        """One and several points, all coordinates of one meaning at an end."""
        for size in sorted({self.points[0], self.points[1]}):
            count = size * (size - 1) // 2
            for ends in np.ndindex(2, 2, 2, 2, 2, 2):
                gamma, epsilon_d, norms, beyond, multipliers, margins = ends
                tail = [beyond, *[multipliers] * size, *[margins / 2] * size]
                yield (1,) * size, np.array([gamma, epsilon_d, *[norms] * size, *[0.5] * count, *tail], dtype=float)


def _solved(cube, gram, labels, kept, epsilon, delta):
    """Multipliers (zero outside ``kept``), error and orthogonal part, from 2 + 2 m coordinates."""
    radius, share = epsilon * cube.one(), cube.one()
    fractions, direction = cube.take(len(labels)), labels * cube.signed(len(labels))
    factor, beyond = split_error(np.sqrt(direction @ gram @ direction), radius, share)
    error = direction * factor
    signed = np.outer(labels, labels) * gram
    multipliers = np.zeros(len(labels))
    shift = labels * (gram @ error)
    multipliers[kept] = solve_multipliers(signed[np.ix_(kept, kept)], shift[kept], delta * fractions[kept])
    return multipliers, error, beyond
