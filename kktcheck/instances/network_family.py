"""What the families of two-layer networks share: limits and sizes, states in which every point is served, and one task that is built by tries.

A task asks for states of the neurons, for a free error and for slackness. What keeps the states wrong is moved, which costs error; where that is
more than epsilon allows, what was asked for shrinks, and in the end the inner products: without any, every state is exact. The families differ in
which pre-activations are moved, and in what shrinks first.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ..errors import SolverError
from ..models import ACTIVE
from .family import INSIDE, Family, check_limits, gram_from, split_error, with_declared

PSI = 0.1
#: A pre-activation <a_j, x_i> nearer to zero than this counts as zero: far above rounding, far below everything else.
OFF = 1e-9
#: Radii at most this long are not worth halving; an error of ``_ROOM`` is allowed to every instance.
_SHORT, _ROOM = 1e-9, 1e-7
_TRIES = 120


class NetworkShape(NamedTuple):
    """What is discrete: labels (m), signs of the outer weights (n), states asked for (n rows of m)."""

    labels: tuple
    signs: tuple
    states: tuple


@dataclass(frozen=True)
class NetworkFamily(Family):
    """Networks on data with psi <= 0.1, phi <= epsilon_d / (4 m n).

    Parameters
    ----------
    epsilon, delta, epsilon_d : float, optional
        Upper limits.
    points, neurons : (int, int), optional
        Least and largest m and n.

    Raises
    ------
    InputError
        A limit or a range is out of order.
    """

    #: What the instances are called in the name.
    TITLE: ClassVar = ""

    epsilon: float = 1.0
    delta: float = 1.0
    epsilon_d: float = 1.0
    points: tuple = (1, 5)
    neurons: tuple = (1, 6)

    def __post_init__(self):
        limits = {"epsilon": self.epsilon, "delta": self.delta, "epsilon_d": self.epsilon_d}
        check_limits(limits, {"points": self.points, "neurons": self.neurons})

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"{self.TITLE}, epsilon <= {self.epsilon:g}, delta <= {self.delta:g}, epsilon_d <= {self.epsilon_d:g}"

    def dimension(self, shape):
        """Three parameters, radius and share of the error, norms, inner products, slackness, direction of the error."""
        size = len(shape.labels)
        return 5 + 2 * size + size * (size - 1) // 2 + len(shape.signs) * size

    def signs(self, choices):
        """Labels (m) and signs of the outer weights (n), no label without a neuron of its sign; int arrays."""
        size, width = choices.integer(*self.points), choices.integer(*self.neurons)
        signs = 1 - 2 * choices.bits(width)
        return np.where(choices.bits(size) == 1, signs[-1], signs[0]), signs

    def sizes(self):
        """Least, second least and largest m and n, with signs of one kind and, of several neurons, of both: an iterator of (m, n, mixed)."""
        for size in _ends(*self.points):
            for width in _ends(*self.neurons):
                for mixed in (False, True) if width > 1 else (False,):
                    yield size, width, mixed

    def begun(self, shape, cube):
        """The task of a shape and the first coordinates of its cube, delta and epsilon_d."""
        size, width = len(shape.labels), len(shape.signs)
        epsilon, delta, epsilon_d = (limit * INSIDE * cube.one() for limit in (self.epsilon, self.delta, self.epsilon_d))
        radius, share = epsilon * cube.one(), cube.one()
        gram = gram_from(cube, size, PSI, epsilon_d / (4 * size * width))
        extra, direction = delta * cube.take(size), cube.signed(width * size).reshape(width, size)
        labels, signs, states = (np.array(part) for part in (shape.labels, shape.signs, shape.states))
        return Task(labels, signs, states, direction, gram, radius, share, extra, epsilon), delta, epsilon_d


def _ends(low, high):
    return sorted({low, min(low + 1, high), high})


def alternating(count, mixed):
    """Ones, or if ``mixed`` 1 and -1 by turns; int array."""
    return np.where(np.arange(count) % 2 == 1, -1, 1) if mixed else np.ones(count, dtype=int)


def served(labels, signs, states):
    """The `NetworkShape`; where no neuron of a label's sign is active on a point, the first such neuron becomes so."""
    states = states.copy()
    for point, label in enumerate(labels):
        aligned = np.flatnonzero(signs == label)
        if not (states[aligned, point] == ACTIVE).any():
            states[aligned[0], point] = ACTIVE
    return NetworkShape(tuple(map(int, labels)), tuple(map(int, signs)), tuple(tuple(map(int, row)) for row in states))


class Task(NamedTuple):
    """What is asked for, as arrays: states, free error and slackness on a Gram matrix; ``gates`` of Clarke points alone.

    The free error has norm ``radius``, of which ``share`` is orthogonal to the points; ``extra`` is the slackness.
    """

    labels: np.ndarray
    signs: np.ndarray
    states: np.ndarray
    direction: np.ndarray
    gram: np.ndarray
    radius: float
    share: float
    extra: np.ndarray
    epsilon: float
    gates: np.ndarray | None = None

    @property
    def aligned(self):
        """Whether a neuron has the sign of a point's label; (n, m) bool array."""
        return np.equal.outer(self.signs, self.labels)

    @property
    def limit(self):
        """What the error may be: epsilon, or a little where that is nothing."""
        return max(self.epsilon, _ROOM)

    def mean_square(self, rows):
        """Mean over the neurons of the squared norm of sum_i rows_ji x_i."""
        return (rows * (rows @ self.gram)).sum() / len(self.signs)

    def free_error(self):
        """Rows of the free error, and the mean square of its part orthogonal to all points."""
        factor, outside = split_error(np.sqrt(self.mean_square(self.direction)), self.radius, self.share)
        return self.direction * factor, outside

    def moved(self, change):
        """Rows that change the products with the points by this much; shape (n, m)."""
        return np.linalg.solve(self.gram, change.T).T

    def found(self, multipliers, rows, moved, error, outside, **states):
        """The end of a try, with the cost of what was moved and of the whole error."""
        cost = np.sqrt(max(self.mean_square(moved), 0.0))
        return Found(multipliers, rows, outside, cost, np.sqrt(self.mean_square(error) + outside), **states)

    def with_less_error(self, found, count, halvings):
        """The task with a shorter free error: first what the moves of a try leave of epsilon, then half as long, then none; None if there is none."""
        if self.radius <= _SHORT:
            return None
        if count == 0 and found is not None and found.moved < self.limit:
            return self._replace(radius=min(self.radius, 0.98 * np.sqrt(self.limit**2 - found.moved**2)))
        return self._replace(radius=self.radius / 2 if count < halvings else 0.0)

    def with_smaller_products(self):
        """The task with half the inner products, or none; in place, since the instance that is returned must have this very matrix."""
        diagonal, gram = np.diagonal(self.gram).copy(), self.gram
        gram *= 0.5 if np.abs(gram - np.diag(diagonal)).max() > 1e-12 else 0.0
        np.fill_diagonal(gram, diagonal)
        return self


class Found(NamedTuple):
    """A try: multipliers, rows, mean square of the orthogonal part, costs of the moves and of all error; gates and kinks of Clarke points alone."""

    multipliers: np.ndarray
    rows: np.ndarray
    outside: float
    moved: float
    total: float
    gates: np.ndarray | None = None
    kinks: np.ndarray | None = None


def fitted(task, attempt, smaller):
    """The first try whose error fits into epsilon.

    Parameters
    ----------
    task : Task
    attempt : callable
        The `Found` of a task, or None if a point would lose all neurons that serve it.
    smaller : callable
        The task that is tried next, from a task, what came of it, and the number of tries before it.

    Raises
    ------
    SolverError
        No try fits.
    """
    for count in range(_TRIES):
        found = attempt(task)
        if found is not None and found.total <= task.limit:
            return found
        task = smaller(task, found, count)
    raise SolverError("no instance of this shape fits into epsilon; report the shape and the cube")


def built(kind, task, found, delta, epsilon_d, *more):
    """The instance of class ``kind`` that a task has come to, declared for what it reaches; ``more`` are its further fields."""
    beyond = np.full(len(task.signs), found.outside)
    fields = (task.gram, task.labels, task.signs, found.multipliers, found.rows, beyond, task.epsilon, delta, max(epsilon_d, 2.0**-60))
    return with_declared(kind(*fields, *more))
