"""The family of approximate KKT points of two-layer ReLU networks, built and never rejected.

A pattern of activations, an error and fractions of the slackness are asked for; multipliers follow from the margins. Where a pre-activation
comes out on the wrong side it is moved there, which costs error; if that is more than epsilon allows, what was asked for shrinks: the free
error, then neurons that are active against their sign, then the inner products.

Neurons that are active against their sign are held at the edge of their activation; between orthogonal points exactly on the kink, where
sigma' = 1 although the pre-activation is zero.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..models import ACTIVE, INACTIVE
from .family import Cube, solve_multipliers
from .network_family import OFF, NetworkFamily, alternating, built, fitted, served
from .two_layer import TwoLayerPoint

_KINDS = ("full", "single", "uneven", "opposing", "dead", "held")
_HALVINGS = 2


@dataclass(frozen=True)
class TwoLayerPoints(NetworkFamily):
    """Approximate KKT points (Definition 2.1) of two-layer networks; limits, ranges and what is raised are those of `NetworkFamily`.

    epsilon and delta are meant to be at most 1. States are active or not.
    """

    TITLE: ClassVar = "two-layer points"

    def shape(self, choices):
        """Signs, labels among them, and states in which every point has an active neuron of its label's sign.

        In a quarter of the draws all neurons of a label's sign serve its points, and one pair is against it: what epsilon can pay for.
        """
        labels, signs = self.signs(choices)
        same = np.equal.outer(signs, labels)
        if choices.integer(0, 3) == 3:
            states, against = same.astype(int), np.argwhere(~same)
            if len(against):
                states[tuple(against[choices.integer(0, len(against) - 1)])] = ACTIVE
            return served(labels, signs, states)
        idle, opposing = (choices.bits(same.size).reshape(same.shape) for _ in range(2))
        return served(labels, signs, np.where(same, 1 - idle, opposing))

    def build(self, shape, cube):
        """The `TwoLayerPoint` of a shape and a point of its cube."""
        task, delta, epsilon_d = self.begun(shape, Cube(cube))
        return built(TwoLayerPoint, task, settled(task), delta, epsilon_d)

    def corners(self):
        """Six structures of the ends of the sizes; parameters at 0 and at their limits, norms, inner products, slackness and errors at their ends."""
        for shape in (_structure(*sizes, kind) for sizes in self.sizes() for kind in _KINDS):
            size, products, directions = len(shape.labels), _products(shape), _directions(shape)
            for parameters in np.ndindex(2, 2, 2):
                head = np.array([*parameters, 1.0, 0.0])
                for norms in (np.zeros(size), np.ones(size)):
                    for product in products:
                        for place, direction in enumerate(directions):
                            slack = np.full(size, parameters[1] if place else 0.0)
                            yield shape, np.concatenate([head, norms, product, slack, direction])


def settled(task):
    """The first try of a `Task` whose error fits into epsilon; see the module.

    Raises
    ------
    SolverError
        No try fits.
    """
    return fitted(task, _attempt, _smaller)


def _structure(size, width, mixed, kind):
    signs, labels = alternating(width, mixed), alternating(size, mixed and kind != "opposing")
    if kind == "held":
        signs, labels = np.where((np.arange(width) == width - 1) & mixed, -1, 1), np.ones(size, dtype=int)
    aligned = np.equal.outer(signs, labels).astype(int)
    states = aligned.copy()
    if kind in ("single", "uneven"):
        states = aligned * np.equal.outer(np.arange(width), np.arange(size) % width)
    if kind == "uneven":
        states[:, 0] = aligned[:, 0]
    if kind == "opposing":
        states[:] = ACTIVE
    if kind == "held":
        states[-1, 0] = ACTIVE
    if kind == "dead":
        states[width // 2 :] = INACTIVE
    return served(labels, signs, states)


def _products(shape):
    """Inner products of corners: all at one end, at the other, zero, and with the labels."""
    labels = np.array(shape.labels)
    above = np.triu_indices(len(labels), 1)
    return [*(np.full(len(above[0]), end) for end in (0.0, 1.0, 0.5)), (labels[above[0]] * labels[above[1]] + 1) / 2]


def _directions(shape):
    """Errors of corners: with the gradients, against them, and none."""
    toward = (np.array(shape.states) * np.array(shape.labels)).ravel() / 2
    return [0.5 + toward, 0.5 - toward, np.full(toward.shape, 0.5)]


def _smaller(task, found, count):
    shorter = task.with_less_error(found, count, _HALVINGS)
    if shorter is not None:
        return shorter
    opposing = np.argwhere(task.states * ~task.aligned)
    if not len(opposing):
        return task.with_smaller_products()
    states = task.states.copy()
    states[tuple(opposing[len(opposing) // 2 :].T)] = INACTIVE
    return task._replace(states=states)


def _attempt(task):
    """One try; None if a point would lose all neurons that serve it."""
    labels, signs, states, gram = task.labels, task.signs[:, None], task.states, task.gram
    free, outside = task.free_error()
    pushed, signed = free @ gram, np.multiply.outer(labels, labels) * gram / len(signs)
    orthogonal = np.count_nonzero(gram) == len(labels)
    edge = 0.0 if orthogonal else OFF
    serving = states * task.aligned
    for _ in range(4):
        counts = serving.T @ states
        if (np.diagonal(counts) == 0).any():
            return None
        held = states - serving
        shift = labels * ((serving * pushed).sum(axis=0) + (held * signs).sum(axis=0) * edge) / len(signs)
        multipliers = solve_multipliers(signed * counts, shift, task.extra)
        natural = (multipliers * labels * states) @ gram + pushed
        wrong = serving * (signs * natural < OFF)
        if not wrong.any():
            break
        serving = serving - wrong
    else:
        return None
    inactive = signs * np.minimum(signs * natural, -OFF)
    target = np.where(serving == 1, natural, np.where(states == 1, signs * edge, inactive))
    moved = task.moved(target - natural)
    rows = multipliers * labels * states + free + moved
    if orthogonal:
        rows[(states == 1) & (serving == 0)] = 0.0
    return task.found(multipliers, rows, moved, free + moved, outside)
