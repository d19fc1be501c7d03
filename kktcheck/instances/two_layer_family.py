"""Families of approximate KKT points of two-layer ReLU networks, built and never rejected.

A pattern of activations, an error and fractions of the slackness are asked for; multipliers follow from the margins. Where a pre-activation
comes out on the wrong side it is moved there, which costs error; if that is more than epsilon allows, what was asked for shrinks: the free
error, then neurons that are active against their sign, then the inner products. Without all three every pattern is exact.

Neurons that are active against their sign are held at the edge of their activation; between orthogonal points exactly on the kink, where
sigma' = 1 although the pre-activation is zero.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import SolverError
from .family import INSIDE, Cube, Family, check_limits, declared, gram_from, solve_multipliers
from .two_layer import TwoLayerPoint

_PSI = 0.1
#: How far a pre-activation <a_j, x_i> that was moved stays from zero: far above rounding, far below everything else.
_OFF = 1e-9


class TwoLayerShape(NamedTuple):
    """What is discrete: labels (m), signs of the outer weights (n), wanted activations (n rows of m)."""

    labels: tuple
    signs: tuple
    pattern: tuple


@dataclass(frozen=True)
class TwoLayerPoints(Family):
    """Approximate KKT points (Definition 2.1) of two-layer networks on data with psi <= 0.1, phi <= epsilon_d / (4 m n).

    Parameters
    ----------
    epsilon, delta, epsilon_d : float, optional
        Upper limits; epsilon and delta at most 1.
    points, neurons : (int, int), optional
        Least and largest m and n.

    Raises
    ------
    InputError
        A limit or a range is not as described.
    """

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
        return f"two-layer points, epsilon <= {self.epsilon:g}, delta <= {self.delta:g}, epsilon_d <= {self.epsilon_d:g}"

    def shape(self, choices):
        """Signs, labels among them, and a pattern in which every point has an active neuron of its label's sign.

        In a quarter of the draws all neurons of a label's sign serve its points, and one pair is against it: what epsilon can pay for.
        """
        size, width = choices.integer(*self.points), choices.integer(*self.neurons)
        signs = 1 - 2 * choices.bits(width)
        labels = np.where(choices.bits(size) == 1, signs[-1], signs[0])
        same = np.equal.outer(signs, labels)
        if choices.integer(0, 3) == 3:
            pattern, against = same.astype(int), np.argwhere(~same)
            if len(against):
                pattern[tuple(against[choices.integer(0, len(against) - 1)])] = 1
            return _with_servants(labels, signs, pattern)
        aligned, opposing = choices.bits(width * size).reshape(width, size), choices.bits(width * size).reshape(width, size)
        return _with_servants(labels, signs, np.where(same, 1 - aligned, opposing))

    def dimension(self, shape):
        """Three parameters, radius and share of the error, norms, inner products, slackness, direction of the error."""
        size = len(shape.labels)
        return 5 + 2 * size + size * (size - 1) // 2 + len(shape.signs) * size

    def build(self, shape, cube):
        """The `TwoLayerPoint` of a shape and a point of its cube."""
        cube, size, width = Cube(cube), len(shape.labels), len(shape.signs)
        epsilon, delta, epsilon_d = (limit * INSIDE * cube.one() for limit in (self.epsilon, self.delta, self.epsilon_d))
        radius, share = epsilon * cube.one(), cube.one()
        gram = gram_from(cube, size, _PSI, epsilon_d / (4 * size * width))
        fractions = cube.take(size)
        wanted = _Wanted(np.array(shape.labels), np.array(shape.signs), np.array(shape.pattern), cube.signed(width * size).reshape(width, size))
        multipliers, rows, outside = _shrunk_to_fit(wanted, gram, radius, share, delta * fractions, epsilon)
        beyond = np.full(width, outside)
        point = TwoLayerPoint(gram, wanted.labels, wanted.signs, multipliers, rows, beyond, epsilon, delta, max(epsilon_d, 2.0**-60))
        return _declared(point, epsilon, delta)

    def corners(self):
        """Every structure of `_structures`; each parameter at 0 and at its limit, norms, inner products, slackness and errors at their ends."""
        for shape in self._structures():
            size, products, directions = len(shape.labels), _products(shape), _directions(shape)
            for parameters in np.ndindex(2, 2, 2):
                head = np.array([*parameters, 1.0, 0.0])
                for norms in (np.zeros(size), np.ones(size)):
                    for product in products:
                        for place, direction in enumerate(directions):
                            slack = np.full(size, parameters[1] if place else 0.0)
                            yield shape, np.concatenate([head, norms, product, slack, direction])

    def _structures(self):
        sizes = sorted({self.points[0], min(self.points[0] + 1, self.points[1]), self.points[1]})
        widths = sorted({self.neurons[0], min(self.neurons[0] + 1, self.neurons[1]), self.neurons[1]})
        for size in sizes:
            for width in widths:
                for mixed in (False, True) if width > 1 else (False,):
                    for kind in ("full", "single", "uneven", "opposing", "dead", "held"):
                        yield _structure(size, width, mixed, kind)


def _structure(size, width, mixed, kind):
    signs = np.where(np.arange(width) % 2 == 1, -1, 1) if mixed else np.ones(width, dtype=int)
    labels = np.where(np.arange(size) % 2 == 1, -1, 1) if mixed and kind != "opposing" else np.ones(size, dtype=int)
    if kind == "held":
        signs, labels = np.where((np.arange(width) == width - 1) & mixed, -1, 1), np.ones(size, dtype=int)
    aligned = np.equal.outer(signs, labels).astype(int)
    pattern = aligned.copy()
    if kind in ("single", "uneven"):
        pattern = aligned * np.equal.outer(np.arange(width), np.arange(size) % width)
    if kind == "uneven":
        pattern[:, 0] = aligned[:, 0]
    if kind == "opposing":
        pattern[:] = 1
    if kind == "held":
        pattern[-1, 0] = 1
    if kind == "dead":
        pattern[width // 2 :] = 0
    return _with_servants(labels, signs, pattern)


def _products(shape):
    """Inner products of corners: all at one end, at the other, zero, and with the labels."""
    labels = np.array(shape.labels)
    above = np.triu_indices(len(labels), 1)
    return [*(np.full(len(above[0]), end) for end in (0.0, 1.0, 0.5)), (labels[above[0]] * labels[above[1]] + 1) / 2]


def _directions(shape):
    """Errors of corners: with the gradients, against them, and none."""
    toward = (np.abs(np.array(shape.pattern)) * np.array(shape.labels)).ravel() / 2
    return [0.5 + toward, 0.5 - toward, np.full(toward.shape, 0.5)]


def _with_servants(labels, signs, pattern):
    """The shape; where no neuron of a label's sign is active on a point, the first such neuron becomes so."""
    pattern = pattern.copy()
    for point, label in enumerate(labels):
        aligned = np.flatnonzero(signs == label)
        if not pattern[aligned, point].any():
            pattern[aligned[0], point] = 1
    return TwoLayerShape(*(tuple(int(value) for value in part) for part in (labels, signs)), tuple(tuple(int(v) for v in row) for row in pattern))


class _Wanted(NamedTuple):
    labels: np.ndarray
    signs: np.ndarray
    pattern: np.ndarray
    direction: np.ndarray

    @property
    def opposing(self):
        """Pairs that are to be active against the label."""
        return np.argwhere(self.pattern * (self.signs[:, None] != self.labels))

    def with_fewer_opposing(self):
        """The first half of them."""
        pattern = self.pattern.copy()
        for neuron, point in self.opposing[len(self.opposing) // 2 :]:
            pattern[neuron, point] = 0
        return self._replace(pattern=pattern)


def _shrunk_to_fit(wanted, gram, radius, share, extra, epsilon):
    """Multipliers, rows and squared orthogonal part of the first try whose error fits into epsilon; see the module."""
    limit = max(epsilon, 1e-7)
    for attempt in range(60):
        solution = _attempt(wanted, gram, radius, share, extra)
        if solution is not None:
            multipliers, rows, outside, moved, total = solution
            if total <= limit:
                return multipliers, rows, outside
            if attempt == 0 and moved < limit and radius > 0:
                radius = min(radius, 0.98 * np.sqrt(limit**2 - moved**2))
                continue
        if attempt < 3 and radius > 1e-9:
            radius *= 0.5 if attempt < 2 else 0.0
        elif len(wanted.opposing):
            wanted = wanted.with_fewer_opposing()
        else:
            gram = _shrink_products(gram)
    raise SolverError("no instance of this shape fits into epsilon; report the shape and the cube")


def _shrink_products(gram):
    """Halves all inner products, in place: the instance that is returned must have this very matrix."""
    diagonal = np.diagonal(gram).copy()
    gram *= 0.5 if np.abs(gram - np.diag(diagonal)).max() > 1e-12 else 0.0
    np.fill_diagonal(gram, diagonal)
    return gram


def _attempt(wanted, gram, radius, share, extra):
    """One try with a given radius of the free error; None if a point would lose all neurons that serve it."""
    labels, signs, pattern, direction = wanted
    size, width = len(labels), len(signs)
    length = np.sqrt((direction * (direction @ gram)).sum() / width)
    inside = radius * np.sqrt(1 - share**2) if length > 0 else 0.0
    free = direction * (inside / length) if length > 0 else direction * 0.0
    outside = max(radius**2 - inside**2, 0.0)
    pushed, signed = free @ gram, np.multiply.outer(labels, labels) * gram / width
    orthogonal = np.count_nonzero(gram) == size
    edge = 0.0 if orthogonal else _OFF
    serving = pattern * np.equal.outer(signs, labels)
    for _ in range(4):
        counts = serving.T @ pattern
        if (np.diagonal(counts) == 0).any():
            return None
        held = pattern - serving
        shift = labels * ((serving * pushed).sum(axis=0) + (held * signs[:, None]).sum(axis=0) * edge) / width
        multipliers = solve_multipliers(signed * counts, shift, extra)
        natural = (multipliers * labels * pattern) @ gram + pushed
        wrong = serving * (signs[:, None] * natural < _OFF)
        if not wrong.any():
            break
        serving = serving - wrong
    else:
        return None
    inactive = signs[:, None] * np.minimum(signs[:, None] * natural, -_OFF)
    target = np.where(serving == 1, natural, np.where(pattern == 1, signs[:, None] * edge, inactive))
    moved = np.linalg.solve(gram, (target - natural).T).T
    rows = multipliers * labels * pattern + free + moved
    if orthogonal:
        rows[(pattern == 1) & (serving == 0)] = 0.0
    error = free + moved
    total = np.sqrt((error * (error @ gram)).sum() / width + outside)
    return multipliers, rows, outside, np.sqrt(max((moved * (moved @ gram)).sum() / width, 0.0)), total


def _declared(point, epsilon, delta):
    scale = 1 + point.multipliers.max()
    reached = declared(epsilon, np.sqrt(point.error_squared), scale), declared(delta, point.slackness.max(), scale)
    fields = {name: getattr(point, name) for name in TwoLayerPoint.SHAPES}
    return TwoLayerPoint(**{**fields, "epsilon": reached[0], "delta": reached[1]})
