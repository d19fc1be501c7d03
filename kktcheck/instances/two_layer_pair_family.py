"""Families of pairs of approximate KKT points of a two-layer network: of all points, and of all points but one."""

import itertools
import operator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from .base import without
from .family import INSIDE, Cube, check_limits, with_declared
from .network_family import Task, served
from .two_layer import TwoLayerPoint
from .two_layer_family import TwoLayerPoints, settled
from .two_layer_pair import TwoLayerPair


class PairShape(NamedTuple):
    """What is discrete: labels (m), signs of the outer weights (n), states asked of theta and of theta~ (n rows of m), the forgotten point."""

    labels: tuple
    signs: tuple
    states: tuple
    other: tuple
    forgotten: int


@dataclass(frozen=True)
class TwoLayerPairs(TwoLayerPoints):
    """Pairs of an approximate KKT point of all points and one of all points but one (Remark C.1), on data as for `TwoLayerPoints`.

    theta~ wants the activations of theta in half of the draws, and its error may imitate the forgotten point's term.

    Parameters
    ----------
    epsilon, delta, epsilon_d, points, neurons
        As in `TwoLayerPoints`; at least two points. The limit of delta holds for both.
    other_epsilon : float, optional
        Limit of theta~'s epsilon; most draws are far below it.

    Raises
    ------
    InputError
        A limit or a range is not as described.
    """

    points: tuple = (2, 5)
    other_epsilon: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        check_limits({"other_epsilon": self.other_epsilon}, {})
        if self.points[0] < 2:
            raise InputError(f"points is {self.points!r}; one is forgotten, so at least two points are needed")

    @property
    def name(self):
        """Name for tables and seeds."""
        return f"pairs of {super().name}, other epsilon <= {self.other_epsilon:g}"

    def shape(self, choices):
        """Those of the first point, a point to forget, and the same activations for theta~ or others."""
        first = super().shape(choices)
        size, width = len(first.labels), len(first.signs)
        forgotten = choices.integer(0, size - 1)
        if choices.integer(0, 1) == 0:
            return PairShape(*first, first.states, forgotten)
        flips = choices.bits(width * size).reshape(width, size)
        other = served(*(np.array(part) for part in first[:2]), np.array(first.states) ^ flips)
        return PairShape(*first, other.states, forgotten)

    def dimension(self, shape):
        """Those of the first point; of the second four parameters, correlation, imitation, slackness and directions."""
        size, width = len(shape.labels), len(shape.signs)
        return super().dimension(shape) + 6 + (size - 1) * (1 + width)

    def build(self, shape, cube):
        """The `TwoLayerPair` of a shape and a point of its cube; where theta~ asks for smaller inner products, both get them."""
        cube, split = np.asarray(cube, dtype=float), super().dimension(shape)
        size = len(shape.labels)
        products = slice(5 + size, 5 + size + size * (size - 1) // 2)
        for attempt in range(4):
            first = super().build(shape, cube[:split])
            second, shrunk = self._second(shape, first, Cube(cube[split:]))
            if not shrunk:
                break
            cube = cube.copy()
            cube[products] = 0.5 + (cube[products] - 0.5) * (0.25 if attempt < 2 else 0.0)
        return TwoLayerPair.of(first, second, shape.forgotten, self._correlation(cube[split:]))

    def _correlation(self, rest):
        return float(Cube(rest).signed(1)[0])

    def _second(self, shape, first, cube):
        """theta~ on the first point's data, and whether its Gram matrix had to be shrunk for it."""
        size, width, kept = len(shape.labels), len(shape.signs), without(len(shape.labels), [shape.forgotten])
        cube.one()
        epsilon, delta = self.other_epsilon * INSIDE * cube.one() ** 3, self.delta * INSIDE * cube.one()
        radius, share, imitation = epsilon * cube.one(), cube.one(), cube.one()
        extra = delta * cube.take(size - 1)
        states, direction = np.array(shape.other)[:, kept], cube.signed(width * (size - 1)).reshape(width, size - 1)
        gram = first.gram[np.ix_(kept, kept)].copy()
        found = settled(Task(first.labels[kept], first.signs, states, direction, gram, radius, share, extra, epsilon))
        shrunk = bool((gram != first.gram[np.ix_(kept, kept)]).any())
        rows, multipliers = np.zeros((width, size)), np.zeros(size)
        rows[:, kept], multipliers[kept] = found.rows, found.multipliers
        rows += _imitation(first, kept, shape.forgotten, found.outside * imitation**2)
        beyond = np.full(width, found.outside * (1 - imitation**2))
        second = TwoLayerPoint(first.gram, first.labels, first.signs, multipliers, rows, beyond, epsilon, delta, first.epsilon_d)
        return with_declared(second, kept), shrunk

    def corners(self):
        """Those of the first point; theta~ with its activations and no error, or with an error that imitates the forgotten point's term."""
        for shape, corners in itertools.groupby(super().corners(), operator.itemgetter(0)):
            size = len(shape.labels)
            shapes = [PairShape(*shape, shape.states, forgotten) for forgotten in sorted({0, size - 1})]
            directions = np.full((size - 1) * len(shape.signs), 0.5)
            ends = ((0.0, 0.0), (0.4, 0.0), (1.0, 1.0))
            tails = [np.concatenate([[1.0, epsilon, slack, 1.0, 1.0, 1.0], np.full(size - 1, slack), directions]) for epsilon, slack in ends]
            for (_, cube), pair, tail in itertools.product(corners, shapes, tails):
                yield pair, np.concatenate([cube, tail])


def _imitation(first, kept, forgotten, squared):
    """Rows of given mean squared norm along the forgotten point less its projection on the retained ones, on the neurons where it is active."""
    rows = np.zeros(first.rows.shape)
    inside = np.linalg.solve(first.gram[np.ix_(kept, kept)], first.gram[kept, forgotten])
    along = np.zeros(len(first.labels))
    along[forgotten], along[kept] = first.labels[forgotten], -first.labels[forgotten] * inside
    active = first.active[:, forgotten]
    size = np.sqrt(squared * len(first.signs) / (max(active.sum(), 1) * (along @ first.gram @ along)))
    rows += np.multiply.outer(active * size, along)
    return rows
