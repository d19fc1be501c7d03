"""An approximate KKT point of a linear predictor (Definition 2.1), in Gram coordinates."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from .base import Instance, ceiling, without
from .exact import root, solve


@dataclass(frozen=True, eq=False)
class LinearPoint(Instance):
    """w = sum_i (lambda_i y_i + e_i) x_i + a part orthogonal to all points; everything about it is rational in these numbers.

    Parameters
    ----------
    gram : (m, m) array
        Inner products of the points.
    labels : (m,) int array
        -1 and +1.
    multipliers : (m,) array
        lambda, at least zero.
    error : (m,) array
        e: coefficients of the stationarity error v on the points.
    beyond : float or Fraction
        Squared norm of the part of v orthogonal to all points.
    epsilon, delta, epsilon_d : float or Fraction
        Declared: norm of v at most epsilon, slackness at most delta, inner products at most epsilon_d / (4 m).
    gamma : float or Fraction, optional
        Relaxation of the margins (Definition B.1): at least 1 - gamma.
    """

    KIND: ClassVar = "linear"
    SHAPES: ClassVar = {
        "gram": "mm",
        "labels": "m",
        "multipliers": "m",
        "error": "m",
        "beyond": "",
        "epsilon": "",
        "delta": "",
        "epsilon_d": "",
        "gamma": "",
    }
    INTEGERS: ClassVar = ("labels",)

    gram: np.ndarray
    labels: np.ndarray
    multipliers: np.ndarray
    error: np.ndarray
    beyond: float
    epsilon: float
    delta: float
    epsilon_d: float
    gamma: float | None = None

    def rounded(self, digits):
        """Rounded multipliers and coefficients, scaled up to the least margin; epsilon and delta grow to what is then reached."""
        point = super().rounded(digits)
        if point.gamma is not None and point.gamma >= 1:
            return None
        return _settled(point, np.arange(point.num_points), point.epsilon, point.delta, digits)

    @property
    def num_points(self):
        """m."""
        return len(self.labels)

    @cached_property
    def coefficients(self):
        """Coefficients of w on the points; shape (m,)."""
        return self.labels * self.multipliers + self.error

    @cached_property
    def margins(self):
        """y_i <w, x_i>; shape (m,)."""
        return self.labels * (self.gram @ self.coefficients)

    @cached_property
    def error_squared(self):
        """Squared norm of the stationarity error v."""
        return self.error @ self.gram @ self.error + self.beyond

    @cached_property
    def slackness(self):
        """lambda_i (margin_i - 1); shape (m,)."""
        return self.multipliers * (self.margins - 1)

    @cached_property
    def norm_squared(self):
        """Squared norm of w."""
        return self.coefficients @ self.gram @ self.coefficients + self.beyond

    @property
    def squared_norms(self):
        """Squared norms of the points; shape (m,)."""
        return np.diagonal(self.gram)

    @property
    def phi(self):
        """The largest inner product that is allowed, epsilon_d / (4 m)."""
        return self.epsilon_d / (4 * self.num_points)

    def unlearned(self, forget):
        """w after the step of gradient ascent that takes away the forgotten points' terms (proof of Theorem 3.1).

        Parameters
        ----------
        forget : sequence of int

        Returns
        -------
        coefficients : (m,) array
            On all points; what is left on the forgotten ones is their share of the error.
        """
        result = self.coefficients.copy()
        for point in forget:
            result[point] = result[point] - self.labels[point] * self.multipliers[point]
        return result

    def retained_optimum(self, forget):
        """Multipliers of the max-margin predictor of the retained points; shape (m,), zero on the forgotten ones.

        Near orthogonality makes every retained point a support vector, so they solve (y y^T o K) lambda = 1 (Lemma B.2 with
        epsilon = delta = 0).

        Raises
        ------
        ValueError
            A multiplier is not positive: some point is no support vector, and the hypotheses fail.
        """
        kept = without(self.num_points, forget)
        signed = np.outer(self.labels[kept], self.labels[kept]) * self.gram[np.ix_(kept, kept)]
        solution = solve(signed, kept * 0 + self.q("1"))
        if (solution <= 0).any():
            raise ValueError("a retained point is no support vector of the max-margin predictor")
        result = self.multipliers * 0
        result[kept] = solution
        return result


@dataclass(frozen=True, eq=False)
class LinearPair(Instance):
    """An approximate KKT point w of all points, and another one, w~, of all points but ``forgotten`` (Remark B.1).

    Parameters
    ----------
    gram, labels, multipliers, error, beyond, epsilon, delta, epsilon_d
        As in `LinearPoint`, of w.
    other_multipliers, other_error : (m,) array
        Of w~; the multiplier of the forgotten point is 0, the error may use it.
    other_beyond : float or Fraction
        Squared norm of the part of w~'s error orthogonal to all points.
    correlation : float or Fraction
        Cosine between the two orthogonal parts, in [-1, 1].
    other_epsilon, other_delta : float or Fraction
        Declared for w~.
    forgotten : int
        Index of the point.
    """

    KIND: ClassVar = "linear-pair"
    SHAPES: ClassVar = {
        **{name: shape for name, shape in LinearPoint.SHAPES.items() if name != "gamma"},
        "other_multipliers": "m",
        "other_error": "m",
        "other_beyond": "",
        "correlation": "",
        "other_epsilon": "",
        "other_delta": "",
        "forgotten": "",
    }
    INTEGERS: ClassVar = ("labels", "forgotten")

    gram: np.ndarray
    labels: np.ndarray
    multipliers: np.ndarray
    error: np.ndarray
    beyond: float
    epsilon: float
    delta: float
    epsilon_d: float
    other_multipliers: np.ndarray
    other_error: np.ndarray
    other_beyond: float
    correlation: float
    other_epsilon: float
    other_delta: float
    forgotten: int

    def rounded(self, digits):
        """Both points rounded as `LinearPoint.rounded` does."""
        pair = super().rounded(digits)
        first = _settled(pair.first, np.arange(pair.num_points), pair.epsilon, pair.delta, digits)
        second = _settled(pair.second, pair.kept, pair.other_epsilon, pair.other_delta, digits)
        if first is None or second is None:
            return None
        others = {"other_error": second.error, "other_epsilon": second.epsilon, "other_delta": second.delta}
        return replace(pair, error=first.error, epsilon=first.epsilon, delta=first.delta, **others)

    @cached_property
    def first(self):
        """w as a `LinearPoint` of all points."""
        return LinearPoint(self.gram, self.labels, self.multipliers, self.error, self.beyond, self.epsilon, self.delta, self.epsilon_d)

    @cached_property
    def second(self):
        """w~ as a `LinearPoint` on all points; its conditions count on the retained ones only."""
        other = (self.other_multipliers, self.other_error, self.other_beyond, self.other_epsilon, self.other_delta)
        return LinearPoint(self.gram, self.labels, *other, self.epsilon_d)

    @property
    def num_points(self):
        """m."""
        return len(self.labels)

    @cached_property
    def kept(self):
        """Indices of the retained points."""
        return without(self.num_points, [self.forgotten])


def _settled(point, kept, epsilon, delta, digits):
    """The point scaled so that its least margin on ``kept`` is allowed, with epsilon and delta at least what it has."""
    least = point.margins[kept].min()
    wanted = 1 if point.gamma is None else 1 - point.gamma
    if least <= 0:
        return None
    if least < wanted:
        coefficients = point.coefficients * ceiling(wanted / least, digits)
        point = replace(point, error=coefficients - point.labels * point.multipliers)
    needed = ceiling(root(point.error_squared), digits), ceiling(point.slackness[kept].max(), digits)
    return point.declaring(epsilon=max(epsilon, needed[0]), delta=max(delta, needed[1]))
