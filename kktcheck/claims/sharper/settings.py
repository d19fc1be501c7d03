"""Where the sharper theorems hold, and what they look at: Clarke points and their forget sets, points of linear predictors."""

from functools import cached_property, lru_cache

import numpy as np

from ...instances.clarke_family import ClarkePoints
from ...instances.linear_family import LinearPoints
from ..claim import Hypothesis
from ..hypotheses import DATA, KKT, LABELS, SIGNS, at_least_points, box
from ..two_layer.forgetting import Forgetting
from ..two_layer.forgetting import sets as forget_sets
from . import bounds

#: All three parameters go up to 1; the paper's theorems stop at epsilon_d = 0.01 (networks), and at 0.5, 0.5, 0.1 (linear predictors).
LIMITS = box("1", "1", "1")


def _gates(p):
    """Margins of `GATES`; shape (n, m)."""
    oriented = p.signs[:, None] * p.products
    on_kinks = np.minimum(np.minimum(p.gates, 1 - p.gates), -abs(p.products))
    off_kinks = np.where(p.gates == 1, oriented, np.where(p.gates == 0, -oriented, oriented * 0 - 1))
    return np.where(p.kinks == 1, on_kinks, off_kinks)


#: A gradient in Clarke's sense.
GATES = Hypothesis("gates are 1 where active, 0 where inactive, in [0, 1] on kinks", _gates)

CLARKE = ClarkePoints(points=(2, 4), neurons=(1, 5))
NETWORK = (*DATA, LABELS, SIGNS, *KKT, GATES, *LIMITS, at_least_points(2))
LINEAR = LinearPoints(1.0, 1.0, 1.0, points=(2, 8))
LINEAR_SETTING = (*DATA, LABELS, *KKT, *LIMITS, at_least_points(2))


class ClarkeForgetting(Forgetting):
    """One forget set of a `ClarkePoint`: what the step removes is z_jl y_l x_l, l forgotten."""

    @cached_property
    def removed(self):
        """Rows that the step of gradient ascent takes away; shape (n, m)."""
        rows, forget = self.point.rows * 0, list(self.forget)
        rows[:, forget] = (self.point.terms * self.point.labels)[:, forget]
        return rows

    @cached_property
    def projected(self):
        """The projected network on the same data."""
        return self.point.with_rows(self.unlearned + self.projection)

    @property
    def numbers(self):
        """`bounds.Numbers` of this forget set."""
        return bounds.of_point(self.point, self.size)


@lru_cache(maxsize=4096)
def singles(point):
    """Each point as a forget set of its own; tuple of `ClarkeForgetting`."""
    return tuple(ClarkeForgetting(point, (index,)) for index in range(point.num_points))


@lru_cache(maxsize=4096)
def sets(point):
    """Forget sets of every size from 1 to m - 1; tuple of `ClarkeForgetting`."""
    return tuple(ClarkeForgetting(point, chosen.forget) for chosen in forget_sets(point))


@lru_cache(maxsize=1)
def _crowded():
    from ...instances.choices import RandomChoices
    from ...instances.clarke_family import structure

    family = ClarkePoints(points=(6, 9), neurons=(8, 40))
    choices, shapes = RandomChoices(np.random.default_rng(17)), [structure(7, 30, False, kind) for kind in ("lone", "kinked", "single")]
    small = ClarkePoints(epsilon=1e-6, delta=1e-6, epsilon_d=1.0, points=(6, 9), neurons=(8, 40))
    points = []
    for shape in shapes:
        size, cells = len(shape.labels), len(shape.labels) * len(shape.signs)
        alternating = np.where(np.triu_indices(size, 1)[0] == 0, np.triu_indices(size, 1)[1] % 2, 0.5)
        for norms in (np.zeros(size), np.where(np.arange(size) == 0, 0.0, 1.0)):
            cube = np.concatenate([[1.0, 1.0, 1.0, 0.0, 0.0], norms, alternating, np.zeros(size), np.full(cells, 0.5), np.zeros(cells)])
            points += [small.build(shape, cube), family.build(shape, cube)]
    return (*points, *(family.build(*family.draw(choices)) for _ in range(6)))


def crowded():
    """Up to nine points and forty neurons: the forgotten point served by one neuron, the others by all, where the bounds are nearly reached."""
    return iter(_crowded())
