"""Doing nothing: how far the original is at least from every approximate KKT point of the retained points, in both models.

Theorem. Let psi <= 0.1, phi <= epsilon_d / (4 m n) (n = 1 for linear predictors), epsilon_1, delta_1, epsilon_d in (0, 1], theta an
(epsilon_1, delta_1)-approximate KKT point of m points, F a set of k < m of them, r = m - k, and theta~ an (epsilon~, delta~)-approximate KKT point
of the others, delta~ whatever it is; networks in Clarke's sense. With zeta and mu as in `sharper.two_layer` and
a = (epsilon_1 + sqrt(epsilon_1^2 + 4 m (n zeta + delta_1))) / 2,

  1 - cos(theta, theta~) >= g^2 / 2 wherever g > 0,  g = sqrt(k / (1.1 + (k - 1) phi)) (1 / a - phi sqrt(r / mu)) - epsilon~ sqrt(1.1 / r + phi).

g > 0 for epsilon~ below about 0.9 sqrt(k r / (m n)) at small parameters, so for one point of a linear predictor up to about 0.8; it is then of the
order of sqrt(k / (m n)), which makes 1 - cos of the order of k / (m n). Beyond, nothing can be said: theta itself is an approximate KKT point of
the retained points once epsilon~ is as large as the forgotten terms.

Proof. Let b = |theta~|, and in the coordinates a~_j = w~_j / u_j let P project onto the span of the retained points.
1. Outputs of theta: y_l N(theta, x_l) >= 1, so their sum over F is at least k.
2. Outputs of theta~: each neuron adds at most |<a~_j, x_l>| to y_l N(theta~, x_l), in the mean. <P a~_j, x_l> <= |P a~_j| |P x_l|, and
   |P x_l| <= phi sqrt(r / mu); the rest of a~_j is that of its error, <(1 - P) e~_j,
   x_l>. Over F: for any signs |sum_l +-x_l|^2 <= k (1.1 + (k - 1) phi),
   so the sum of |<(1 - P) e~_j, x_l>| is at most |e~_j| sqrt(k (1.1 + (k - 1) phi)). With root mean squares b of a~_j and epsilon~ of e~_j,
   sum_l y_l N(theta~, x_l) <= b k phi sqrt(r / mu) + epsilon~ sqrt(k (1.1 + (k - 1) phi)).
3. Lipschitz: with Delta = theta / a' - theta~ / b, a' = |theta|, the sum over F of y_l (N(theta / a', x_l) - N(theta~ / b, x_l)) is at most
   sum_j |u_j| sum_l |<Delta_j, x_l>| <= |Delta| sqrt(k (1.1 + (k - 1) phi)), as sum_j u_j^2 = 1; N is homogeneous. So
   |Delta| >= sqrt(k / (1.1 + (k - 1) phi)) (1 / a' - phi sqrt(r / mu)) - epsilon~ / b, and 1 - cos = |Delta|^2 / 2.
4. a' <= a: a'^2 = sum_i lambda_i margin_i + <theta, v> <= m (max lambda + delta_1) + a' epsilon_1, and lambda_i <= n zeta (`sharper.multipliers`).
5. 1 / b^2 <= 1.1 / r + phi: theta~ has margins of at least 1 on the retained points (step 5 of `sharper.two_layer`, with S >= r / 1.1).
"""

from functools import cached_property

import numpy as np

from ...instances.exact import root
from ...instances.linear_family import LinearPairs
from ...instances.two_layer_pair_family import TwoLayerPairs
from ..claim import Claim
from ..hypotheses import DATA, KKT, LABELS, SIGNS, at_least_points
from ..linear.pairs import distance as linear_distance
from ..linear.pairs import first, pair_settings
from . import bounds
from .linear_sets import sets as linear_sets
from .settings import CLARKE, LIMITS, LINEAR, LINEAR_SETTING, NETWORK, crowded, sets

_PAIRS = pair_settings((*DATA, LABELS, *KKT, *LIMITS, at_least_points(2)), "theta")
_NETWORK_PAIRS = (*_PAIRS, first(SIGNS, "theta"))


def below(gap):
    """g^2 / 2, and 0 where g is not positive."""
    return gap * gap / 2 if gap > 0 else gap * 0


def _of_pair(p):
    return bounds.apart(bounds.of_point(p.first), p.other_epsilon)


def _says_nothing(p):
    return np.all(np.asarray(_of_pair(p) <= 0))


def _width(s):
    """k (1.1 + (k - 1) phi)."""
    return s.k * (s.q("1.1") + (s.k - 1) * s.phi)


def _shadow(s, size, other_epsilon):
    """Step 2: what the outputs on the forgotten points add up to at most."""
    return size * s.k * s.phi * root((s.m - s.k) / bounds.floor(s)) + other_epsilon * root(_width(s))


class Other:
    """A network or predictor that is compared with the original: inner products, outputs on the forgotten points, its error.

    Parameters
    ----------
    numbers : bounds.Numbers
    squares : (number, number)
        Squared norms of the original and of this one.
    inner : number
        Their inner product.
    outputs : (number, number)
        Sums over the forgotten points of y_l N, of the original and of this one.
    epsilon : number
        Stationarity error of this one on the retained points.
    """

    def __init__(self, numbers, squares, inner, outputs, epsilon):
        self.numbers, self.squares, self.inner, self.outputs, self.epsilon = numbers, squares, inner, outputs, epsilon

    @cached_property
    def distance(self):
        """1 - cos; at least 0, also where floats of parallel vectors round."""
        value = 1 - self.inner / root(self.squares[0] * self.squares[1])
        return max(float(value), 0.0) if isinstance(value, float) else value

    @cached_property
    def gap(self):
        """g."""
        return bounds.apart(self.numbers, self.epsilon)


def _network_others(p):
    """For each forget set the projected network, and theta itself."""
    for f in sets(p):
        steps = (f.projected.rows, f.projection), (p.rows, f.removed)
        for rows, error in steps:
            network, forget = p.with_rows(rows), list(f.forget)
            inner = ((p.rows * (rows @ p.gram)).sum() + p.beyond.sum()) / p.num_neurons
            active = p.signs[:, None] * (rows @ p.gram) > 0
            outputs = (p.labels * (active * (rows @ p.gram)).sum(axis=0) / p.num_neurons)[forget].sum()
            yield Other(f.numbers, (p.norm_squared, network.norm_squared), inner, (p.margins[forget].sum(), outputs), f.residual(error))


def _predictor_others(p):
    """For each forget set the projected predictor, the retained points' max-margin predictor, and w itself."""
    for f in linear_sets(p):
        nothing = p.multipliers * 0
        choices = (f.projected, p.multipliers, True), (f.optimum, p.labels * f.optimum, False), (p.coefficients, p.multipliers, True)
        for coefficients, multipliers, beyond in choices:
            own = nothing.copy()
            own[f.kept] = (p.labels * multipliers)[f.kept]
            inner = p.coefficients @ p.gram @ coefficients + (p.beyond if beyond else 0)
            outputs = (p.labels * (p.gram @ coefficients))[f.forgotten].sum()
            epsilon = root(np.maximum(f.squared(coefficients - own, beyond), 0 * p.beyond))
            squares = p.norm_squared, f.squared(coefficients, beyond)
            yield Other(f.numbers, squares, inner, (p.margins[f.forgotten].sum(), outputs), epsilon)


def _of(p, others):
    """All `Other` of an instance, worked out once for the claims that speak of them."""
    if others not in p.remembered:
        p.remembered[others] = tuple(others(p))
    return p.remembered[others]


def _over(others, function):
    return lambda p: np.array([function(other) for other in _of(p, others)])


def _lipschitz(other):
    """Sides of step 3: the difference of the outputs of the unit vectors, and the bound."""
    sizes = [root(square) for square in other.squares]
    return other.outputs[0] / sizes[0] - other.outputs[1] / sizes[1], root(2 * other.distance * _width(other.numbers))


def _theorem(name, family, hypotheses, others, pairs, pair_hypotheses, distance, **about):
    say = {"source": "ours, for Remarks B.1 and C.1", "latex": r"1 - \cos(\theta, \tilde\theta) \ge \frac{g^2}2\text{ where } g > 0"}
    of_points = {"family": family, "hypotheses": hypotheses, **about}
    yield Claim(
        f"sharper/identity-{name}", "One point is forgotten: the original is at 1 - cos of at least g^2 / 2 from every approximate KKT point of the "
        "others.",
        distance, lambda p: below(_of_pair(p)), "lower", pairs, pair_hypotheses, derivation="Steps 1 to 5 of the "
        "module.", trivial=_says_nothing, **say,
    )  # fmt: skip
    yield Claim(
        f"sharper/identity-{name}-sets", "A set is forgotten: the same, for the approximate KKT points of the others that are known: the projected "
        "step's, "
        "the original itself, and for linear predictors the max-margin one.",
        _over(others, lambda other: other.distance), _over(others, lambda other: below(other.gap)), "lower",
        derivation="Steps 1 to 5 of the module.", trivial=lambda p: all(other.gap <= 0 for other in _of(p, others)), **of_points, **say,
    )  # fmt: skip
    say.pop("latex")
    yield Claim(
        f"sharper/identity-{name}/proof/norm", "The original's norm is at most a.", lambda p: root(p.norm_squared),
        lambda p: bounds.norm(bounds.of_point(p)), latex=r"|\theta| \le a", derivation="Step 4 of the module.", **of_points, **say,
    )  # fmt: skip
    yield Claim(
        f"sharper/identity-{name}/proof/norm-below", "An approximate KKT point of the retained points has a squared norm of at least 1 / (1.1 / r + "
        "phi).",
        _over(others, lambda other: other.squares[1]), _over(others, lambda other: 1 / bounds.inverse_norm(other.numbers)), "lower",
        latex=r"|\tilde\theta|^{-2} \le \frac{1.1}r + \phi", derivation="Step 5 of the module.", **of_points, **say,
    )  # fmt: skip
    yield Claim(
        f"sharper/identity-{name}/proof/shadow", "An approximate KKT point of the retained points hardly has outputs on the forgotten ones' side.",
        _over(others, lambda other: other.outputs[1]), _over(others, lambda other: _shadow(other.numbers, root(other.squares[1]), other.epsilon)),
        latex=r"\sum_l y_lN(\tilde\theta, x_l) \le bk\phi\sqrt{r/\mu} + \tilde\epsilon\sqrt{k(1.1 + (k-1)\phi)}",
        derivation="Step 2 of the module.", **of_points, **say,
    )  # fmt: skip
    yield Claim(
        f"sharper/identity-{name}/proof/lipschitz", "Outputs on the forgotten points cannot differ by more than the unit vectors do, over their "
        "number.",
        _over(others, lambda other: _lipschitz(other)[0]), _over(others, lambda other: _lipschitz(other)[1] + other.numbers.q("1/1000000")),
        latex=r"\sum_l y_l\big(N(\theta/|\theta|, x_l) - N(\tilde\theta/b, x_l)\big) \le |\Delta|\sqrt{k(1.1 + (k-1)\phi)}",
        derivation="Step 3 of the module; attacked with 1e-6 of room, for the root of a difference is known to half the digits.", **of_points, **say,
    )  # fmt: skip


CLAIMS = (
    *_theorem("linear", LINEAR, LINEAR_SETTING, _predictor_others, LinearPairs(1.0, 1.0, 1.0), _PAIRS, linear_distance),
    *_theorem(
        "two-layer", CLARKE, NETWORK, _network_others, TwoLayerPairs(epsilon=1.0, delta=1.0, epsilon_d=1.0, points=(2, 4), neurons=(1, 5)),
        _NETWORK_PAIRS, lambda p: p.distance, extremes=crowded,
    ),
)  # fmt: skip
