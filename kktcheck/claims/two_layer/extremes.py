"""Exact networks, made by hand, that break statements or steps of Appendix C; each says what it is for.

Their numbers are short in base 2 wherever a pre-activation has to vanish, so that float64 sees the same kink.
"""

import functools
from fractions import Fraction

import numpy as np

from ...instances.two_layer import TwoLayerPoint
from ...instances.two_layer_family import TwoLayerPoints

_MANY = 16


def exact_point(gram, labels, signs, multipliers, rows, *, epsilon, delta, epsilon_d):
    """The exact `TwoLayerPoint` of numbers written as integers or strings; nothing lies beyond the points."""
    gram, multipliers, rows = (_exact(values) for values in (gram, multipliers, rows))
    beyond = _exact(["0"] * len(signs))
    return TwoLayerPoint(gram, np.array(labels), np.array(signs), multipliers, rows, beyond, *(Fraction(v) for v in (epsilon, delta, epsilon_d)))


def _exact(values):
    array = np.array(values, dtype=object)
    array.flat = [Fraction(value) for value in array.flat]
    return array


def both_signs():
    """Two points of different labels, each served by the neuron of its own sign alone; the error is zero."""
    yield exact_point([[1, "-1/160"], ["-1/160", 1]], [1, -1], [1, -1], [2, 2], [[2, 0], [0, -2]], epsilon="1/1000", delta="1/1000", epsilon_d="1/10")


def mostly_opposing():
    """One point, seen by 11 neurons of its label's sign and by 12 of the other, which the error holds at the kink."""
    rows = [[0]] * 12 + [["-1.902"]] * 11
    yield exact_point([["1.0999"]], [-1], [1] * 12 + [-1] * 11, ["0.91"], rows, epsilon=1, delta="1/10", epsilon_d="1/10")


def at_a_kink():
    """Two points, four neurons; the last one sees the first point, and the error puts it on the second point's hyperplane."""
    rows = [[1, "3/2"]] * 3 + [[1, "-1/64"]]
    yield exact_point([[1, "1/64"], ["1/64", 1]], [1, 1], [1] * 4, [1, "3/2"], rows, epsilon="4/5", delta="1/2", epsilon_d="1/2")


def large_multiplier():
    """Two orthonormal points and one neuron, with a multiplier that no KKT condition holds back."""
    yield exact_point([[1, 0], [0, 1]], [1, 1], [1], [1000, 1], [[1, 1]], epsilon=1, delta=1, epsilon_d="1/2")


def tiny_norm():
    """One point of squared norm 1/16, within psi = 1 of 1; its multiplier is 16."""
    yield exact_point([["1/16"]], [1], [1], [16], [[16]], epsilon="1/10", delta="1/10", epsilon_d="1/10")


def double_norm():
    """One point of squared norm 2, within psi = 1 of 1; its multiplier is 1/2."""
    yield exact_point([[2]], [1], [1], ["1/2"], [["1/2"]], epsilon="1/1000", delta="1/1000", epsilon_d="1/1000")


def small_retained_norm():
    """A retained point of squared norm 1/4 on whose hyperplane the last of eight neurons is held; the step outweighs the correction."""
    rows = [[1, "19/4"]] * 7 + [[1, "-1/16"]]
    yield exact_point([[1, "1/64"], ["1/64", "1/4"]], [1, 1], [1] * 8, [1, "19/4"], rows, epsilon="9/10", delta="1/2", epsilon_d=1)


def crowds():
    """Corners with more points than the family has, as inner products count with (m - 1) / m, and with one multiplier as large as can be."""
    return iter(_crowds())


@functools.lru_cache(maxsize=1)
def _crowds():
    families = [TwoLayerPoints(points=(_MANY, _MANY), neurons=(neurons, neurons)) for neurons in (1, 2)]
    corners = [(family, shape, cube) for family in families for shape, cube in list(family.corners())[::5]]
    shapes = dict.fromkeys((family, shape) for family, shape, _ in corners)
    loaded = [(*key, _loaded(key[1], *ends)) for key in shapes for ends in np.ndindex(2, 2, 2)]
    return tuple(family.build(shape, cube) for family, shape, cube in corners + loaded)


def _loaded(shape, first_norm, other_norms, product):
    """All parameters and slackness at their limits, the error along one point alone, against its label: its multiplier is as large as can be."""
    labels = np.array(shape.labels)
    norms = np.where(np.arange(_MANY) == 0, first_norm, other_norms)
    direction = np.full((len(shape.signs), _MANY), 0.5)
    direction[:, 0] = (1 - labels[0]) / 2
    products = np.full(_MANY * (_MANY - 1) // 2, product)
    return np.array([1, 1, 1, 1, 0, *norms, *products, *np.ones(_MANY), *direction.ravel()], dtype=float)
