"""The family of approximate KKT points of two-layer networks in Clarke's sense, built and never rejected.

Asked for are a state of each neuron on each point (active, inactive, on the kink), an error, gates and fractions of the slackness; multipliers
follow from the margins. A pre-activation on the wrong side is moved onto the kink, as are those that shall be there; this costs error, and if it
is more than epsilon allows the free error shrinks, then the gates on kinks, then the inner products. Without all three every state is exact.

Every valid point is reached: ask for its own states, gates, error and slackness, and nothing has to be moved. (Of the parts orthogonal to all
points only the sum of their squared norms is reached, which is all that the theorems see.)
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import SolverError
from .clarke_point import ClarkePoint
from .family import INSIDE, Cube, Family, check_limits, declared, gram_from, solve_multipliers

_PSI = 0.1
#: Pre-activations <a_j, x_i> nearer to zero than this are put onto the kink: far above rounding, far below everything else.
_OFF = 1e-9
INACTIVE, ACTIVE, KINK = 0, 1, 2


class ClarkeShape(NamedTuple):
    """What is discrete: labels (m), signs of the outer weights (n), states (n rows of m)."""

    labels: tuple
    signs: tuple
    states: tuple


@dataclass(frozen=True)
class ClarkePoints(Family):
    """`ClarkePoint` instances on data with psi <= 0.1, phi <= epsilon_d / (4 m n).

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

    epsilon: float = 1.0
    delta: float = 1.0
    epsilon_d: float = 1.0
    points: tuple = (2, 4)
    neurons: tuple = (1, 5)

    def __post_init__(self):
        limits = {"epsilon": self.epsilon, "delta": self.delta, "epsilon_d": self.epsilon_d}
        check_limits(limits, {"points": self.points, "neurons": self.neurons})

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"Clarke points, epsilon <= {self.epsilon:g}, delta <= {self.delta:g}, epsilon_d <= {self.epsilon_d:g}"

    def shape(self, choices):
        """Signs, labels among them, and states in which every point has an active neuron of its label's sign."""
        size, width = choices.integer(*self.points), choices.integer(*self.neurons)
        signs = 1 - 2 * choices.bits(width)
        labels = np.where(choices.bits(size) == 1, signs[-1], signs[0])
        idle, kinks = (choices.bits(width * size).reshape(width, size) for _ in range(2))
        against = ~np.equal.outer(signs, labels)
        return _served(labels, signs, np.where(kinks == 1, KINK, np.where(against, idle, 1 - idle)))

    def dimension(self, shape):
        """Three parameters, radius and share of the error, norms, inner products, slackness, direction of the error, gates."""
        size = len(shape.labels)
        return 5 + 2 * size + size * (size - 1) // 2 + 2 * len(shape.signs) * size

    def build(self, shape, cube):
        """The `ClarkePoint` of a shape and a point of its cube."""
        cube, size, width = Cube(cube), len(shape.labels), len(shape.signs)
        epsilon, delta, epsilon_d = (limit * INSIDE * cube.one() for limit in (self.epsilon, self.delta, self.epsilon_d))
        radius, share = epsilon * cube.one(), cube.one()
        gram = gram_from(cube, size, _PSI, epsilon_d / (4 * size * width))
        extra, direction = delta * cube.take(size), cube.signed(width * size).reshape(width, size)
        wanted = _Wanted(*(np.array(part) for part in shape), direction, cube.take(width * size).reshape(width, size))
        found = _fitted(wanted, gram, radius, share, extra, epsilon)
        beyond = np.full(width, found.outside)
        fields = (gram, wanted.labels, wanted.signs, found.multipliers, found.rows, beyond)
        point = ClarkePoint(*fields, epsilon, delta, max(epsilon_d, 2.0**-60), found.gates, found.kinks)
        scale = 1 + point.multipliers.max()
        reached = declared(epsilon, np.sqrt(point.error_squared), scale), declared(delta, point.slackness.max(), scale)
        return ClarkePoint(*fields, *reached, point.epsilon_d, found.gates, found.kinks)

    def corners(self):
        """Every structure of `_structures`; parameters, norms, inner products, slackness, errors and gates at their ends."""
        for shape in self._structures():
            size, cells = len(shape.labels), len(shape.labels) * len(shape.signs)
            for parameters in np.ndindex(2, 2, 2):
                for product in _products(shape):
                    for norms in _norms(size):
                        for place, direction in enumerate(_directions(shape, product)):
                            slack = np.full(size, parameters[1] * float(place != 1))
                            head = [*parameters, 1.0, 0.0, *norms, *product, *slack]
                            yield shape, np.concatenate([head, direction, np.full(cells, 1.0 if place else 0.5)])

    def _structures(self):
        sizes = sorted({self.points[0], min(self.points[0] + 1, self.points[1]), self.points[1]})
        widths = sorted({self.neurons[0], min(self.neurons[0] + 1, self.neurons[1]), self.neurons[1]})
        for size in sizes:
            for width in widths:
                for mixed in (False, True) if width > 1 else (False,):
                    for kind in ("full", "lone", "single", "kinked", "held"):
                        yield structure(size, width, mixed, kind)


def structure(size, width, mixed, kind):
    """A shape with one or both signs, and one of five kinds of states.

    Parameters
    ----------
    size, width : int
        m and n.
    mixed : bool
        Labels and outer weights of both signs.
    kind : str
        Of the neurons of a point's sign: "full", all are active; "single", one is; "lone", one is on the first point, all on the others;
        "kinked", one is, the others are on the kink; "held", all are, and neurons of the other sign are on the kink.
    """
    signs = np.where(np.arange(width) % 2 == 1, -1, 1) if mixed else np.ones(width, dtype=int)
    labels = np.where(np.arange(size) % 2 == 1, -1, 1) if mixed else np.ones(size, dtype=int)
    aligned = np.equal.outer(signs, labels).astype(int)
    own = np.equal.outer(np.arange(width), np.arange(size) % width)
    states = {"full": aligned, "lone": aligned.copy(), "single": aligned * own, "kinked": np.where(own, aligned, aligned * KINK)}
    states["held"] = np.where(aligned == 1, ACTIVE, KINK)
    states["lone"][1:, 0] = 0
    return _served(labels, signs, states[kind])


def _served(labels, signs, states):
    """The shape; where no neuron of a label's sign is active on a point, the first such neuron becomes so."""
    states = states.copy()
    for point, label in enumerate(labels):
        aligned = np.flatnonzero(signs == label)
        if not (states[aligned, point] == ACTIVE).any():
            states[aligned[0], point] = ACTIVE
    return ClarkeShape(tuple(map(int, labels)), tuple(map(int, signs)), tuple(tuple(map(int, row)) for row in states))


def _norms(size):
    """Squared norms of corners: all least, all largest, and the first point's least of all."""
    return [np.zeros(size), np.ones(size), np.where(np.arange(size) == 0, 0.0, 1.0)]


def _products(shape):
    """Inner products of corners: with the labels, against them, none, and those with the first point alone, alternating."""
    labels, above = np.array(shape.labels), np.triu_indices(len(shape.labels), 1)
    same = (labels[above[0]] * labels[above[1]] + 1) / 2
    first = np.where(above[0] == 0, above[1] % 2, 0.5)
    return [same, 1 - same, np.full(len(same), 0.5), first, np.where(above[0] == 0, same, 0.5)]


def _directions(shape, product):
    """Errors of corners: with the gradients, against them, none, and along what the step removes from the retained points' span, either way."""
    labels, active = np.array(shape.labels), np.array(shape.states) == ACTIVE
    toward = (active * labels).ravel() / 2
    along = np.zeros(active.shape)
    along[:, 1:] = np.multiply.outer(active[:, 0] * labels[0], 2 * product[: len(labels) - 1] - 1) / 2
    return [np.full(toward.shape, 0.5), 0.5 + toward, 0.5 - toward, 0.5 + along.ravel(), 0.5 - along.ravel()]


class _Wanted(NamedTuple):
    labels: np.ndarray
    signs: np.ndarray
    states: np.ndarray
    direction: np.ndarray
    gates: np.ndarray


class _Found(NamedTuple):
    multipliers: np.ndarray
    rows: np.ndarray
    gates: np.ndarray
    kinks: np.ndarray
    outside: float
    moved: float
    total: float


def _fitted(wanted, gram, radius, share, extra, epsilon):
    """The first try whose error fits into epsilon; see the module."""
    limit, halvings = max(epsilon, 1e-7), 0
    for _ in range(120):
        found = _attempt(wanted, gram, radius, share, extra)
        if found is not None and found.total <= limit:
            return found
        if found is not None and found.moved < limit and radius > 1e-9 and halvings == 0:
            radius, halvings = min(radius, 0.98 * np.sqrt(limit**2 - found.moved**2)), 1
        elif radius > 1e-9:
            radius, halvings = (radius / 2 if halvings < 3 else 0.0), halvings + 1
        elif wanted.gates.max() > 0:
            most = wanted.gates.max()
            wanted = wanted._replace(gates=wanted.gates * (0.0 if most < 1e-6 or found is None else min(0.5, 0.9 * limit / found.total)))
        else:
            diagonal = np.diagonal(gram).copy()
            # In place: the instance that is returned must have this very matrix.
            gram *= 0.5 if np.abs(gram - np.diag(diagonal)).max() > 1e-12 else 0.0
            np.fill_diagonal(gram, diagonal)
    raise SolverError("no instance of this shape fits into epsilon; report the shape and the cube")


def _attempt(wanted, gram, radius, share, extra):
    """One try with a given radius of the free error; None if a point would lose all neurons that serve it."""
    labels, signs, states, direction, asked = wanted
    width = len(signs)
    length = np.sqrt((direction * (direction @ gram)).sum() / width)
    inside = radius * np.sqrt(1 - share**2) if length > 0 else 0.0
    free = direction * (inside / length) if length > 0 else direction * 0.0
    outside = max(radius**2 - inside**2, 0.0)
    pushed, signed = free @ gram, np.multiply.outer(labels, labels) * gram / width
    active, kinks = states == ACTIVE, states == KINK
    for _ in range(4):
        if not (active & np.equal.outer(signs, labels)).any(axis=0).all():
            return None
        gates = np.where(active, 1.0, np.where(kinks, asked, 0.0))
        shift = labels * (active * pushed).sum(axis=0) / width
        multipliers = solve_multipliers(signed * (active.T @ gates), shift, extra)
        natural = (multipliers * labels * gates) @ gram + pushed
        wrong = active & (signs[:, None] * natural < _OFF)
        if not wrong.any():
            break
        active, kinks = active & ~wrong, kinks | wrong
    else:
        return None
    kinks = kinks | (~active & (signs[:, None] * natural > -_OFF))
    moved = np.linalg.solve(gram, np.where(kinks, -natural, 0.0).T).T
    error = free + moved
    total = np.sqrt((error * (error @ gram)).sum() / width + outside)
    size = np.sqrt(max((moved * (moved @ gram)).sum() / width, 0.0))
    return _Found(multipliers, multipliers * labels * gates + error, gates, kinks.astype(int), outside, size, total)
