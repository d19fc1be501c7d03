"""Forgetting points of a two-layer network: the unlearned network, the two networks near it that keep its activations, and what each is worth.

Both are the unlearned network plus a small step: the paper's correction (Section 4.1), or the projection of what was removed onto the span of the
retained points, which changes no retained pre-activation at all.
"""

import itertools
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from ...instances.exact import root, solve

#: Up to so many points every forget set is looked at; beyond, runs of consecutive points.
_ALL_SETS = 5


class Worth(NamedTuple):
    """The three numbers of Definition 2.2 that one network needs, as floats or exactly."""

    epsilon: object
    delta: object
    tau: object


class Forgetting:
    """One forget set of one `TwoLayerPoint`.

    Parameters
    ----------
    point : TwoLayerPoint
    forget : tuple of int
        Not all points.
    """

    def __init__(self, point, forget):
        self.point, self.forget, self.kept = point, forget, point.kept(forget)

    @property
    def size(self):
        """k."""
        return len(self.forget)

    @cached_property
    def removed(self):
        """Rows that the step of gradient ascent takes away; shape (n, m)."""
        point, rows = self.point, self.point.rows * 0
        forget = list(self.forget)
        rows[:, forget] = (point.multipliers * point.labels * point.active)[:, forget]
        return rows

    @cached_property
    def weights(self):
        """Sum of lambda_l sigma'_lj over the forgotten points; shape (n,)."""
        forget = list(self.forget)
        return (self.point.multipliers * self.point.active)[:, forget].sum(axis=1)

    @cached_property
    def unlearned(self):
        """Rows of the unlearned network; shape (n, m)."""
        return self.point.unlearned(self.forget)

    @cached_property
    def unlearned_squared(self):
        """Its squared norm."""
        return self.point.squared_norm(self.unlearned)

    @cached_property
    def projection(self):
        """`removed`, projected onto the span of the retained points; shape (n, m)."""
        gram, kept, forget = self.point.gram, self.kept, list(self.forget)
        rows = self.point.rows * 0
        columns = gram[kept]
        rows[:, kept] = self.removed[:, forget] @ solve(columns[:, kept], columns[:, forget]).T
        return rows

    @cached_property
    def correction(self):
        """The paper's correction; shape (n, m)."""
        return self.point.correction(self.forget)

    @cached_property
    def shift(self):
        """How the corrected network's products with the retained points differ from the original's; shape (n, m - k)."""
        return ((self.correction - self.removed) @ self.point.gram)[:, self.kept]

    @cached_property
    def drift(self):
        """How its retained margins do, the pattern being the same (see ``theorem-C.1/proof/pattern``); shape (m - k,)."""
        active = self.point.active[:, self.kept]
        return self.point.labels[self.kept] * (active * self.shift).sum(axis=0) / self.point.num_neurons

    @cached_property
    def margins(self):
        """Retained margins of the corrected network; shape (m - k,)."""
        return self.point.margins[self.kept] + self.drift

    def length(self, step):
        """Norm of a step (rows without a part orthogonal to the points)."""
        return root(self.point.squared_norm(step, beyond=False))

    def distance(self, step):
        """1 minus the cosine between the unlearned network and itself plus a step, without cancellation."""
        point = self.point
        along = (self.unlearned * (step @ point.gram)).sum() / point.num_neurons
        across = max(point.squared_norm(step, beyond=False) - along * along / self.unlearned_squared, along * 0)
        sine_squared = across / point.squared_norm(self.unlearned + step)
        cosine = root(1 - sine_squared)
        return sine_squared / (1 + cosine) if self.unlearned_squared + along >= 0 else 1 + cosine

    def residual(self, step, scale=1):
        """Stationarity error on the retained points of ``scale`` times (unlearned network plus a step that keeps its pattern)."""
        return scale * root(self.point.squared_norm(self.point.error + step))

    def slackness(self, margins, scale=1):
        """Largest slackness of ``scale`` times a network with these retained margins, its multipliers scaled as well."""
        return (scale * self.point.multipliers[self.kept] * (scale * margins - 1)).max()

    @property
    def printed_scale(self):
        """1 / (1 - 9 k epsilon_d / (m n))."""
        point = self.point
        return 1 / (1 - 9 * self.size * point.epsilon_d / (point.num_points * point.num_neurons))

    @cached_property
    def projected_worth(self):
        """`Worth` of the projected network: retained margins are the original's."""
        margins = self.point.margins[self.kept]
        return Worth(self.residual(self.projection), self.slackness(margins), self.distance(self.projection))

    def corrected_worth(self, scale):
        """`Worth` of the paper's corrected network, scaled."""
        return Worth(self.residual(self.correction, scale), self.slackness(self.margins, scale), self.distance(self.correction))

    @cached_property
    def printed_worth(self):
        """`Worth` of the paper's own network."""
        return self.corrected_worth(self.printed_scale)

    def best_worth(self, limits):
        """The projected network's if it is within the limits; else, of three networks, that of the one that needs the least share of them.

        The others are the corrected network with the printed scale and with the least scale that makes it feasible.

        Parameters
        ----------
        limits : Worth
            What is allowed.
        """

        def share(worth):
            return max(float(need) / float(limit) for need, limit in zip(worth, limits, strict=True))

        if share(self.projected_worth) <= 1:
            return self.projected_worth
        least = max(1 / self.margins.min(), self.margins[0] * 0 + 1)
        return min((self.projected_worth, self.printed_worth, self.corrected_worth(least)), key=share)


@lru_cache(maxsize=4096)
def singles(point):
    """Each point as a forget set of its own; tuple of `Forgetting`."""
    return tuple(Forgetting(point, (index,)) for index in range(point.num_points))


@lru_cache(maxsize=4096)
def sets(point):
    """Forget sets of every size from 1 to m - 1; tuple of `Forgetting`."""
    size = point.num_points
    if size <= _ALL_SETS:
        chosen = itertools.chain.from_iterable(itertools.combinations(range(size), count) for count in range(1, size))
    else:
        chosen = (tuple(range(start, start + count)) for count in range(1, size) for start in sorted({0, size - count}))
    return tuple(Forgetting(point, forget) for forget in chosen)


def over(forgettings, function):
    """Side of a claim: a function of `Forgetting` over `singles` or `sets`.

    Parameters
    ----------
    forgettings, function : callable

    Returns
    -------
    callable
        Instance -> array, one entry for each forget set (and each entry of what the function returns, flattened).
    """

    def side(point):
        values = [np.atleast_1d(np.asarray(function(forgetting))).ravel() for forgetting in forgettings(point)]
        return np.concatenate(values) if values else np.zeros(0)

    return side
