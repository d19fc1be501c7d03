"""An approximate KKT point of a two-layer ReLU network in Clarke's sense: on a kink any part of the multiplier counts; in Gram coordinates."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from .base import Instance
from .exact import solve, to_exact
from .two_layer import TwoLayerPoint


@dataclass(frozen=True, eq=False)
class ClarkePoint(TwoLayerPoint):
    """A network as in `TwoLayerPoint`, and for each neuron and point the share of the multiplier that is its gradient there.

    Parameters
    ----------
    gram, labels, signs, multipliers, rows, beyond, epsilon, delta, epsilon_d
        As in `TwoLayerPoint`; the stationarity error is e_j = a_j - sum_i gates_ji lambda_i y_i x_i.
    gates : (n, m) array
        In [0, 1]; 1 where <w_j, x_i> > 0, 0 where it is below 0.
    kinks : (n, m) int array
        1 where <w_j, x_i> = 0 is meant. Floats come close to zero only and are read as zero there; exact numbers have to be zero.
    """

    KIND: ClassVar = "two-layer-clarke"
    SHAPES: ClassVar = {**TwoLayerPoint.SHAPES, "gates": "nm", "kinks": "nm"}
    INTEGERS: ClassVar = ("labels", "signs", "kinks")

    gates: np.ndarray
    kinks: np.ndarray

    def rounded(self, digits):
        """Rounded, each neuron moved back onto its kinks, then as `TwoLayerPoint.rounded`: scaled up, with larger epsilon and delta."""
        point = Instance.rounded(self, digits)
        rows = point.rows.copy()
        for row, kinks in zip(rows, self.kinks == 1):
            if kinks.any():
                row[kinks] = row[kinks] - solve(point.gram[np.ix_(kinks, kinks)], (row @ point.gram)[kinks])
        return point.with_rows(rows).settled(digits)

    @classmethod
    def of(cls, point):
        """A `TwoLayerPoint`, whose gates are 1 wherever <w_j, x_i> >= 0."""
        fields = {name: getattr(point, name) for name in TwoLayerPoint.SHAPES}
        gates = point.active.astype(float)
        return cls(**fields, gates=to_exact(gates) if point.is_exact else gates, kinks=(point.products == 0).astype(int))

    @cached_property
    def products(self):
        """<a_j, x_i>; shape (n, m)."""
        products = self.rows @ self.gram
        return products if self.is_exact else np.where(self.kinks == 1, 0.0, products)

    @cached_property
    def terms(self):
        """z_ji = gates_ji lambda_i; shape (n, m)."""
        return self.gates * self.multipliers

    @cached_property
    def error(self):
        """Coefficients on the points of e_j = a_j - sum_i z_ji y_i x_i; shape (n, m)."""
        return self.rows - self.terms * self.labels

    @cached_property
    def squares(self):
        """Means over the neurons of z_ji^2; shape (m,)."""
        return (self.terms**2).sum(axis=0) / self.num_neurons

    @cached_property
    def masses(self):
        """Means over the neurons of z_ji, those with u_j > 0 (row 0) and u_j < 0 (row 1) apart; shape (2, m)."""
        return np.array([self.terms[self.signs > 0].sum(axis=0), self.terms[self.signs < 0].sum(axis=0)]) / self.num_neurons

    def unlearned(self, forget):
        """Rows after the step of gradient ascent that takes away the forgotten points' terms; shape (n, m)."""
        rows = self.rows.copy()
        for point in forget:
            rows[:, point] = rows[:, point] - self.terms[:, point] * self.labels[point]
        return rows

    def projected(self, forget):
        """Rows of the projected step: no product with a retained point changes, so kinks stay kinks."""
        kept, rows = self.kept(forget), self.unlearned(forget)
        for point in forget:
            inside = solve(self.gram[np.ix_(kept, kept)], self.gram[kept, point])
            rows[:, kept] = rows[:, kept] + np.multiply.outer(self.terms[:, point] * self.labels[point], inside)
        return rows

    def residual_on(self, kept, scale=1):
        """Squared stationarity error of ``scale`` times this network with ``scale`` times its multipliers on the points ``kept`` alone."""
        terms = self.terms * 0
        terms[:, kept] = self.terms[:, kept]
        return self.squared_norm(self.rows - terms * self.labels) * scale**2
