"""An approximate KKT point of a two-layer ReLU network (Definition 2.1, sigma'(z) = 1 for z >= 0), in Gram coordinates."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from .base import Instance, ceiling, without
from .exact import root, solve


@dataclass(frozen=True, eq=False)
class TwoLayerPoint(Instance):
    """A network by a_j = w_j / u_j = sum_i A_ji x_i + a part orthogonal to all points, with u_j = s_j / sqrt(n).

    No square root of n enters: outputs, margins, slackness and squared norms are rational in these numbers.

    Parameters
    ----------
    gram : (m, m) array
        Inner products of the points.
    labels : (m,) int array
        -1 and +1.
    signs : (n,) int array
        Signs s_j of the outer weights.
    multipliers : (m,) array
        lambda, at least zero.
    rows : (n, m) array
        A.
    beyond : (n,) array
        Squared norms of the parts of a_j orthogonal to all points.
    epsilon, delta, epsilon_d : float or Fraction
        Declared: stationarity error at most epsilon, slackness at most delta, inner products at most epsilon_d / (4 m n).
    """

    KIND: ClassVar = "two-layer"
    SHAPES: ClassVar = {
        "gram": "mm",
        "labels": "m",
        "signs": "n",
        "multipliers": "m",
        "rows": "nm",
        "beyond": "n",
        "epsilon": "",
        "delta": "",
        "epsilon_d": "",
    }
    INTEGERS: ClassVar = ("labels", "signs")

    gram: np.ndarray
    labels: np.ndarray
    signs: np.ndarray
    multipliers: np.ndarray
    rows: np.ndarray
    beyond: np.ndarray
    epsilon: float
    delta: float
    epsilon_d: float

    def rounded(self, digits):
        """Rounded multipliers and rows, scaled up to margins of at least 1; epsilon and delta grow to what is then reached."""
        return super().rounded(digits).settled(digits)

    def settled(self, digits, kept=slice(None)):
        """An exact network, scaled up to margins of at least 1 on the points ``kept`` and declared for what it is then; None if a margin is lost."""
        point, least = self, self.margins[kept].min()
        if least <= 0:
            return None
        if least < 1:
            point = self.with_rows(self.rows * ceiling(1 / least, digits))
        needed = ceiling(root(point.error_squared), digits), ceiling(point.slackness[kept].max(), digits)
        return point.declaring(epsilon=max(point.epsilon, needed[0]), delta=max(point.delta, needed[1]))

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
        return np.diagonal(self.gram)

    @property
    def phi(self):
        """The largest inner product that is allowed, epsilon_d / (4 m n)."""
        return self.epsilon_d / (4 * self.num_points * self.num_neurons)

    @cached_property
    def products(self):
        """<a_j, x_i>; the pre-activation <w_j, x_i> is u_j times it; shape (n, m)."""
        return self.rows @ self.gram

    @cached_property
    def active(self):
        """sigma'_ij = 1 where <w_j, x_i> >= 0, else 0; (n, m) int array."""
        return (self.signs[:, None] * self.products >= 0).astype(int)

    @cached_property
    def margins(self):
        """y_i N(x_i); shape (m,)."""
        return self.labels * (self.active * self.products).sum(axis=0) / self.num_neurons

    @cached_property
    def slackness(self):
        """lambda_i (margin_i - 1); shape (m,)."""
        return self.multipliers * (self.margins - 1)

    @cached_property
    def error(self):
        """Coefficients on the points of e_j = a_j - sum_i lambda_i y_i sigma'_ij x_i; shape (n, m)."""
        return self.rows - self.multipliers * self.labels * self.active

    @cached_property
    def error_squared(self):
        """Squared norm of the stationarity error."""
        return self.squared_norm(self.error)

    @cached_property
    def norm_squared(self):
        """Squared norm of theta."""
        return self.squared_norm(self.rows)

    def squared_norm(self, rows, beyond=True):
        """Squared norm of the weights u_j (sum_i rows_ji x_i + the part of a_j beyond the points, if wanted)."""
        inside = (rows * (rows @ self.gram)).sum()
        return (inside + self.beyond.sum() if beyond else inside) / self.num_neurons

    @cached_property
    def masses(self):
        """sum_j u_j^2 lambda_i sigma'_ij over the neurons with u_j > 0 (row 0) and u_j < 0 (row 1); shape (2, m)."""
        counts = np.array([self.active[self.signs > 0].sum(axis=0), self.active[self.signs < 0].sum(axis=0)])
        return counts * self.multipliers / self.num_neurons

    @cached_property
    def aligned_masses(self):
        """The row of `masses` that belongs to each point's label; shape (m,)."""
        return np.where(self.labels > 0, self.masses[0], self.masses[1])

    def unlearned(self, forget):
        """Rows after the step of gradient ascent that takes away the forgotten points' terms; shape (n, m)."""
        rows = self.rows.copy()
        for point in forget:
            rows[:, point] = rows[:, point] - self.multipliers[point] * self.labels[point] * self.active[:, point]
        return rows

    @property
    def correction_factor(self):
        """c = epsilon_d / (2 m n) of the correction (Section 4.1)."""
        return self.epsilon_d / (2 * self.num_points * self.num_neurons)

    def correction(self, forget):
        """The correction that Section 4.1 adds to a_j: s_j c sum_l lambda_l sigma'_lj sum_k sign(<x_k, w_j>) x_k; shape (n, m)."""
        signs = 2 * self.active - 1
        signs[:, list(forget)] = 0
        weights = sum(self.multipliers[point] * self.active[:, point] for point in forget)
        return (self.signs * weights)[:, None] * signs * self.correction_factor

    def corrected(self, forget):
        """Rows of the paper's corrected network (before rescaling); shape (n, m)."""
        return self.unlearned(forget) + self.correction(forget)

    def projected(self, forget):
        """Rows of the projected step: each forgotten point's part in the retained span stays, so no retained pre-activation changes."""
        kept = self.kept(forget)
        rows = self.unlearned(forget)
        for point in forget:
            inside = solve(self.gram[np.ix_(kept, kept)], self.gram[kept, point])
            weights = self.multipliers[point] * self.labels[point] * self.active[:, point]
            rows[:, kept] = rows[:, kept] + np.multiply.outer(weights, inside)
        return rows

    def kept(self, forget):
        """Indices of the retained points."""
        return without(self.num_points, forget)

    def with_rows(self, rows):
        """The network with other rows, on the same data and multipliers; nothing is declared for it."""
        return replace(self, rows=rows)

    def residual_on(self, kept, scale=1):
        """Squared stationarity error of ``scale`` times this network with ``scale`` times its multipliers on the points ``kept`` alone."""
        multipliers = self.multipliers * 0
        multipliers[kept] = self.multipliers[kept]
        return self.squared_norm(self.rows - multipliers * self.labels * self.active) * scale**2
