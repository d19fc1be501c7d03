"""Two approximate KKT points of a two-layer network: of all points, and of all points but one (Remark C.1)."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

import numpy as np

from .base import Instance, ceiling, without
from .exact import root
from .two_layer import TwoLayerPoint


@dataclass(frozen=True, eq=False)
class TwoLayerPair(Instance):
    """An approximate KKT point theta of all points, and another one, theta~, of all points but ``forgotten``; outer weights are shared.

    Parameters
    ----------
    gram, labels, signs, multipliers, rows, beyond, epsilon, delta, epsilon_d
        As in `TwoLayerPoint`, of theta.
    other_multipliers : (m,) array
        Of theta~; the forgotten point's is 0.
    other_rows : (n, m) array
        Of theta~, on all points.
    other_beyond : (n,) array
        Squared norms of the parts of theta~'s neurons orthogonal to all points.
    correlation : float or Fraction
        Cosine between a neuron's two orthogonal parts, in [-1, 1], the same for all neurons.
    other_epsilon, other_delta : float or Fraction
        Declared for theta~.
    forgotten : int
        Index of the point.
    """

    KIND: ClassVar = "two-layer-pair"
    SHAPES: ClassVar = {
        **TwoLayerPoint.SHAPES,
        "other_multipliers": "m",
        "other_rows": "nm",
        "other_beyond": "n",
        "correlation": "",
        "other_epsilon": "",
        "other_delta": "",
        "forgotten": "",
    }
    INTEGERS: ClassVar = ("labels", "signs", "forgotten")

    gram: np.ndarray
    labels: np.ndarray
    signs: np.ndarray
    multipliers: np.ndarray
    rows: np.ndarray
    beyond: np.ndarray
    epsilon: float
    delta: float
    epsilon_d: float
    other_multipliers: np.ndarray
    other_rows: np.ndarray
    other_beyond: np.ndarray
    correlation: float
    other_epsilon: float
    other_delta: float
    forgotten: int

    @classmethod
    def of(cls, first, second, forgotten, correlation):
        """The pair of two `TwoLayerPoint` on the same points; the second is declared for all but ``forgotten``."""
        fields = {name: getattr(first, name) for name in TwoLayerPoint.SHAPES}
        others = {f"other_{name}": getattr(second, name) for name in ("multipliers", "rows", "beyond", "epsilon", "delta")}
        pair = cls(**fields, **others, correlation=correlation, forgotten=forgotten)
        if type(first) is type(second) is TwoLayerPoint:
            pair.__dict__.update(first=first, second=second)  # with what was worked out about them
        return pair

    @classmethod
    def idle(cls, point, forgotten):
        """theta with itself as theta~: without its multiplier, the forgotten point's term is part of the error."""
        multipliers = point.multipliers.copy()
        multipliers[forgotten] = multipliers[forgotten] * 0
        other = replace(point, multipliers=multipliers)
        needed = ceiling(root(other.error_squared), 9)
        return cls.of(point, replace(other, epsilon=needed if point.is_exact else float(needed)), forgotten, point.q("1"))

    def rounded(self, digits):
        """Both points rounded as `TwoLayerPoint.rounded` does; theta~ counts on the retained points."""
        pair = super().rounded(digits)
        first, second = pair.first.settled(digits), pair.second.settled(digits, pair.kept)
        if first is None or second is None:
            return None
        return TwoLayerPair.of(first, second, self.forgotten, max(min(pair.correlation, Fraction(1)), Fraction(-1)))

    @cached_property
    def first(self):
        """theta as a `TwoLayerPoint`."""
        return TwoLayerPoint(**{name: getattr(self, name) for name in TwoLayerPoint.SHAPES})

    @cached_property
    def second(self):
        """theta~ as a `TwoLayerPoint` on all points; its conditions count on the retained ones only."""
        others = {name: getattr(self, f"other_{name}") for name in ("multipliers", "rows", "beyond", "epsilon", "delta")}
        return replace(self.first, **others)

    @property
    def num_points(self):
        """m."""
        return len(self.labels)

    @property
    def num_neurons(self):
        """n."""
        return len(self.signs)

    @property
    def squared_norms(self):
        """Squared norms of the points; shape (m,)."""
        return self.first.squared_norms

    @property
    def phi(self):
        """The largest inner product that is allowed, epsilon_d / (4 m n)."""
        return self.first.phi

    @cached_property
    def kept(self):
        """Indices of the retained points."""
        return without(self.num_points, [self.forgotten])

    @cached_property
    def inner(self):
        """<theta, theta~>."""
        beyond = root(self.beyond * self.other_beyond).sum() * self.correlation
        return ((self.rows * (self.other_rows @ self.gram)).sum() + beyond) / self.num_neurons

    @cached_property
    def distance(self):
        """1 minus the cosine of theta and theta~; exactly 0 for exact networks that are multiples of one another."""
        return 1 - self.inner / root(self.first.norm_squared * self.second.norm_squared)
