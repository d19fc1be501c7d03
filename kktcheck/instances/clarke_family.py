"""The family of approximate KKT points of two-layer networks in Clarke's sense, built and never rejected.

Asked for are a state of each neuron on each point (active, inactive, on the kink), an error, gates and fractions of the slackness; multipliers
follow from the margins. A pre-activation on the wrong side is moved onto the kink, as are those that shall be there; this costs error, and if it
is more than epsilon allows the free error shrinks, then the gates on kinks, then the inner products.

Every valid point is reached: ask for its own states, gates, error and slackness, and nothing has to be moved. (Of the parts orthogonal to all
points only the sum of their squared norms is reached, which is all that the theorems see.)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..models import ACTIVE, INACTIVE, KINK
from .clarke_point import ClarkePoint
from .family import Cube, solve_multipliers
from .network_family import OFF, NetworkFamily, alternating, built, fitted, served

_KINDS = ("full", "lone", "single", "kinked", "held")
_HALVINGS = 3


@dataclass(frozen=True)
class ClarkePoints(NetworkFamily):
    """`ClarkePoint` instances; limits, ranges and what is raised are those of `NetworkFamily`."""

    TITLE: ClassVar = "Clarke points"

    points: tuple = (2, 4)
    neurons: tuple = (1, 5)

    def shape(self, choices):
        """Signs, labels among them, and states in which every point has an active neuron of its label's sign."""
        labels, signs = self.signs(choices)
        aligned = np.equal.outer(signs, labels)
        idle, kinks = (choices.bits(aligned.size).reshape(aligned.shape) for _ in range(2))
        return served(labels, signs, np.where(kinks == 1, KINK, np.where(aligned, 1 - idle, idle)))

    def dimension(self, shape):
        """Those of all networks, and the gates."""
        return super().dimension(shape) + len(shape.signs) * len(shape.labels)

    def build(self, shape, cube):
        """The `ClarkePoint` of a shape and a point of its cube."""
        cube = Cube(cube)
        task, delta, epsilon_d = self.begun(shape, cube)
        task = task._replace(gates=cube.take(task.states.size).reshape(task.states.shape))
        found = fitted(task, _attempt, _smaller)
        return built(ClarkePoint, task, found, delta, epsilon_d, found.gates, found.kinks)

    def corners(self):
        """Every `structure` of the ends of the sizes; parameters, norms, inner products, slackness, errors and gates at their ends."""
        for shape in (structure(*sizes, kind) for sizes in self.sizes() for kind in _KINDS):
            size, cells = len(shape.labels), len(shape.labels) * len(shape.signs)
            for parameters in np.ndindex(2, 2, 2):
                for product in _products(shape):
                    for norms in _norms(size):
                        for place, direction in enumerate(_directions(shape, product)):
                            slack = np.full(size, parameters[1] * float(place != 1))
                            head = [*parameters, 1.0, 0.0, *norms, *product, *slack]
                            yield shape, np.concatenate([head, direction, np.full(cells, 1.0 if place else 0.5)])


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
    signs, labels = alternating(width, mixed), alternating(size, mixed)
    aligned = np.equal.outer(signs, labels).astype(int)
    own = np.equal.outer(np.arange(width), np.arange(size) % width)
    states = {"full": aligned, "lone": aligned.copy(), "single": aligned * own, "kinked": np.where(own, aligned, aligned * KINK)}
    states["held"] = np.where(aligned == 1, ACTIVE, KINK)
    states["lone"][1:, 0] = INACTIVE
    return served(labels, signs, states[kind])


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


def _smaller(task, found, count):
    shorter = task.with_less_error(found, count, _HALVINGS)
    if shorter is not None:
        return shorter
    most = task.gates.max()
    if most > 0:
        return task._replace(gates=task.gates * (0.0 if most < 1e-6 or found is None else min(0.5, 0.9 * task.limit / found.total)))
    return task.with_smaller_products()


def _attempt(task):
    """One try; None if a point would lose all neurons that serve it."""
    labels, signs, gram, aligned = task.labels, task.signs[:, None], task.gram, task.aligned
    free, outside = task.free_error()
    pushed, signed = free @ gram, np.multiply.outer(labels, labels) * gram / len(signs)
    active, kinks = task.states == ACTIVE, task.states == KINK
    for _ in range(4):
        if not (active & aligned).any(axis=0).all():
            return None
        gates = np.where(active, 1.0, np.where(kinks, task.gates, 0.0))
        shift = labels * (active * pushed).sum(axis=0) / len(signs)
        multipliers = solve_multipliers(signed * (active.T @ gates), shift, task.extra)
        natural = (multipliers * labels * gates) @ gram + pushed
        wrong = active & (signs * natural < OFF)
        if not wrong.any():
            break
        active, kinks = active & ~wrong, kinks | wrong
    else:
        return None
    kinks = kinks | (~active & (signs * natural > -OFF))
    moved = task.moved(np.where(kinks, -natural, 0.0))
    error = free + moved
    return task.found(multipliers, multipliers * labels * gates + error, moved, error, outside, gates=gates, kinks=kinks.astype(int))
