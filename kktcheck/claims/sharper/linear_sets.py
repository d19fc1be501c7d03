"""Forget sets of linear predictors: the plain step, the projected step, and the retained points' max-margin predictor."""

from functools import cached_property, lru_cache

import numpy as np

from ...instances.exact import root, solve
from ..linear.forgetting import forget_sets, single_points
from . import bounds


class LinearForgetting:
    """One forget set of one `LinearPoint`.

    Parameters
    ----------
    point : LinearPoint
    forgotten : (m,) bool array
        Not all points.
    """

    def __init__(self, point, forgotten):
        self.point, self.forgotten, self.kept = point, np.flatnonzero(forgotten), np.flatnonzero(~forgotten)

    @property
    def size(self):
        """k."""
        return len(self.forgotten)

    @property
    def numbers(self):
        """`bounds.Numbers` of this forget set."""
        return bounds.of_point(self.point, self.size)

    @cached_property
    def unlearned(self):
        """Coefficients after the plain step; shape (m,)."""
        return self.point.unlearned(self.forgotten)

    @cached_property
    def back(self):
        """What the projected step gives back, the removed terms' projection onto the retained span; shape (m,)."""
        point, kept, forgotten = self.point, self.kept, self.forgotten
        removed = (point.labels * point.multipliers)[forgotten]
        coefficients = point.multipliers * 0
        coefficients[kept] = solve(point.gram[np.ix_(kept, kept)], point.gram[np.ix_(kept, forgotten)] @ removed)
        return coefficients

    @cached_property
    def projected(self):
        """Coefficients after the projected step; shape (m,)."""
        return self.unlearned + self.back

    @cached_property
    def optimum(self):
        """Coefficients of the retained points' max-margin predictor; shape (m,)."""
        return self.point.labels * self.point.retained_optimum(self.forgotten)

    @property
    def inverse_sum(self):
        """S: sum of 1 / |x_r|^2 over the retained points."""
        return (1 / self.point.squared_norms[self.kept]).sum()

    def squared(self, coefficients, beyond=True):
        """Squared norm of a vector with the point's own part orthogonal to all points, or without it."""
        inside = coefficients @ self.point.gram @ coefficients
        return inside + self.point.beyond if beyond else inside

    def margins(self, coefficients):
        """Retained margins; shape (m - k,)."""
        return (self.point.labels * (self.point.gram @ coefficients))[self.kept]

    def error(self, coefficients, multipliers):
        """Stationarity error on the retained points."""
        own = self.point.multipliers * 0
        own[self.kept] = (self.point.labels * multipliers)[self.kept]
        return root(self.squared(coefficients - own))

    def slackness(self, coefficients, multipliers):
        """Largest slackness on the retained points."""
        return (multipliers[self.kept] * (self.margins(coefficients) - 1)).max()

    @property
    def sine_squared(self):
        """Squared sine of the angle between the plain and the projected predictor."""
        unlearned, back, gram = self.unlearned, self.back, self.point.gram
        along = unlearned @ gram @ back
        across = self.squared(back, beyond=False) - along * along / self.squared(unlearned)
        return np.maximum(across, 0 * across) / self.squared(self.projected)

    @property
    def distance(self):
        """1 - cos between the plain and the projected predictor, without cancellation."""
        return bounds.turn(self.sine_squared)


@lru_cache(maxsize=4096)
def singles(point):
    """Each point as a forget set of its own; tuple of `LinearForgetting`."""
    return tuple(LinearForgetting(point, forgotten) for forgotten in single_points(point.num_points))


@lru_cache(maxsize=4096)
def sets(point):
    """Forget sets that leave at least one point; tuple of `LinearForgetting`."""
    return tuple(LinearForgetting(point, forgotten) for forgotten in forget_sets(point.num_points))
