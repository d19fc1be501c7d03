"""Gradient flow in closed form: starting points from which nothing but the scale of some neurons ever changes, and the limit direction.

Two kinds, both decided exactly on rational numbers:

- a *ray*: a KKT point in Clarke's sense whose margins are all 1 and whose multipliers are all equal. Where all margins are equal, all points
  pull with the same force, so the velocity at c theta is a positive multiple of theta, and the flow stays on the ray. Kinks must be against
  the label (s_j y_i = -1): then every margin is a concave function of the weights nearby, the loss, convex and decreasing in the margins, is
  convex there, and the flow of a convex function is unique (and stable: it contracts distances). It slides along its kinks; a share strictly
  between 0 and 1 of the point's gradient says that both sides push back, so the flow does so from nearby starting points, too.
- a *stuck* network: some neurons are strictly inactive on every point and never move; the others are, with strict activations, positive
  multiples of their gradients, and grow in proportion. Points that no neuron is active on keep output 0.
"""

from fractions import Fraction

import numpy as np

from ...instances import TwoLayerPoint
from ...instances.base import ceiling
from ...instances.exact import is_exact, root, solve
from ..claim import Hypothesis

#: Floats this near count as equal in conditions of equality; rationals never do.
_NEAR = Fraction(1, 10**9)
#: 0.6931 < log 2 < 0.6932.
_LOG_2 = (Fraction("0.6931"), Fraction("0.6932"))


def is_zero(values):
    """Where numbers are zero: exactly, or up to rounding for floats."""
    return values == 0 if is_exact(values) else np.abs(values) <= float(_NEAR)


def kinks(p):
    """Pairs with pre-activation zero; (n, m) bool array."""
    return is_zero(p.products).astype(bool)


def strictly_active(p):
    """Pairs with a positive pre-activation; (n, m) int array."""
    return ((p.signs[:, None] * p.products > 0) & ~kinks(p)).astype(int)


def gates(p):
    """Clarke's sigma'_ij, at a KKT point: 1 or 0, and on kinks what the rows say, A_ji / (lambda_i y_i); (n, m)."""
    return np.where(kinks(p), p.rows / (p.multipliers * p.labels), strictly_active(p) + 0 * p.rows)


def holds(name, condition):
    """A condition that is met or not, with margin 0 or -1."""
    return Hypothesis(name, lambda p: 0 if condition(p) else -1)


POSITIVE = Hypothesis("multipliers are above 0", lambda p: np.where(p.multipliers > 0, p.multipliers, p.multipliers * 0 - 1))

#: What makes a point a ray of gradient flow; see the module.
RAY = (
    POSITIVE,
    holds("nothing lies beyond the points", lambda p: (p.beyond == 0).all()),
    holds("every weight is the sum of its gradients, kinks with a share in (0, 1)", lambda p: _is_stationary(p)),
    holds("all margins are 1", lambda p: is_zero(p.margins - 1).all()),
    holds("all multipliers are equal", lambda p: is_zero(p.multipliers - p.multipliers[0]).all()),
    holds("kinks are against the label", lambda p: not (kinks(p) & (np.multiply.outer(p.signs, p.labels) > 0)).any()),
)


def _is_stationary(p):
    if not (p.multipliers > 0).all():
        return False
    share, on = gates(p), kinks(p)
    return is_zero(p.rows - p.multipliers * p.labels * share).all() and (share[on] > _NEAR).all() and (share[on] < 1 - _NEAR).all()


#: What makes a point stuck; see the module.
STUCK = (
    holds("no pre-activation is zero", lambda p: not kinks(p).any()),
    holds("nothing lies beyond the points", lambda p: (p.beyond == 0).all()),
    holds("neurons that act on a point are one positive multiple of their gradients", lambda p: _grows_in_proportion(p)),
    holds("all points with an active neuron have the same margin", lambda p: is_zero(_live_margins(p) - _live_margins(p)[:1]).all()),
)


def _live_margins(p):
    return p.margins[p.active.any(axis=0)]


def _grows_in_proportion(p):
    grown = p.active.any(axis=1)
    if not grown.any():
        return True
    shares = (p.rows * p.labels)[grown][p.active[grown] == 1]
    rest = p.rows[grown][p.active[grown] == 0]
    return bool(is_zero(rest).all() and (shares > 0).all() and is_zero(shares - shares[0]).all())


def logistic_loss(p):
    """Mean logistic loss; of exact numbers an upper bound (log(1 + e^-q) <= e^-q <= 1 / (1 + q + ... + q^8 / 8!) for q > 0, else log 2 - q)."""
    if not is_exact(p.margins):
        return float(np.logaddexp(0, -p.margins).mean())
    return sum(_log_bound(Fraction(margin)) for margin in p.margins) / p.num_points


def _log_bound(margin):
    if margin <= 0:
        return _LOG_2[1] - margin
    series, term = Fraction(0), Fraction(1)
    for power in range(1, 10):
        series, term = series + term, term * margin / power
    return min(_LOG_2[1], 1 / series)


#: The theorems' condition as printed.
SMALL_LOSS = Hypothesis("the mean logistic loss is below 1/m", lambda p: p.q("1") / p.num_points - logistic_loss(p))


def shortfall(p):
    """What the limit direction lacks of margin 1 at its best scale: 1 for a point whose margin there is not above 0, else 0; shape (m,)."""
    return np.where(p.margins > 0, 0, 1) + p.margins * 0


def indicator_residual(p):
    """Least squared stationarity error with sigma'(0) = 1 over all real multipliers, hence over all that Definition 2.1 allows.

    min |theta - sum_i lambda_i y_i dN(x_i)|^2 = |theta|^2 - b G^-1 b, with G the Gram matrix of the gradients and b their products with
    theta, which are the margins (N is homogeneous).
    """
    active = np.where(kinks(p), 1, strictly_active(p))
    gram = np.multiply.outer(p.labels, p.labels) * p.gram * (active.T @ active) / p.num_neurons
    return p.norm_squared - p.margins @ solve(gram, p.margins)


def sliding(product, norm=1, copies=1):
    """The ray of two points with labels +1 and -1, squared norm ``norm`` and inner product ``product`` in (0, norm): exact.

    Each neuron is active on its own point and on the kink of the other: a = alpha (x_1 - (product / norm) x_2) where u_j > 0. ``copies``
    neurons of each sign.
    """
    product, norm = Fraction(product), Fraction(norm)
    alpha = 2 * norm / (norm**2 - product**2)
    share = product / norm
    rows = [[alpha, -alpha * share], [alpha * share, -alpha]] * copies
    return exact_point([[norm, product], [product, norm]], [1, -1], [1, -1] * copies, [alpha, alpha], rows)


def exact_point(gram, labels, signs, multipliers, rows):
    """The exact `TwoLayerPoint` of these numbers, with what it declares rounded up to six decimals."""
    gram, multipliers, rows = (np.array(values, dtype=object) + Fraction(0) for values in (gram, multipliers, rows))
    labels, signs = np.array(labels), np.array(signs)
    beyond = np.full(len(signs), Fraction(0), dtype=object)
    bare = TwoLayerPoint(gram, labels, signs, multipliers, rows, beyond, Fraction(1), Fraction(1), Fraction(1))
    largest = max((abs(gram[i, k]) for i in range(len(labels)) for k in range(i)), default=Fraction(0))
    declared = ceiling(root(bare.error_squared), 6), max(ceiling(bare.slackness.max(), 6), Fraction(0))
    epsilon_d = max(4 * len(labels) * len(signs) * largest, Fraction(1, 1000))
    return TwoLayerPoint(gram, labels, signs, multipliers, rows, beyond, *declared, epsilon_d)
