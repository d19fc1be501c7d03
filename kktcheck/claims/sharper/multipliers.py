"""Multipliers of approximate KKT points, with constants that depend on epsilon, delta and epsilon_d; networks in Clarke's sense.

Let means be over the n neurons, z_ji = gates_ji lambda_i, Z_i^2 and T_i the means of z_ji^2 and of z_ji, Z and T their maxima, q_i = |x_i|^2 in
[0.9, 1.1], kappa = (m - 1) phi = epsilon_d (m - 1) / (4 m n), e_j the errors in the coordinates a_j = w_j / u_j, mean |e_j|^2 <= epsilon^2.

Size: Z <= sqrt(n) zeta, lambda_i <= n zeta, zeta the larger root of (0.9 - kappa) x^2 = (1 + epsilon sqrt(0.9 / n)) x + delta / n.
1. (Euler) z_ji <a_j, x_i> is lambda_i <a_j, x_i> where neuron j is active and 0 elsewhere, kinks included, so its mean, times y_i, is
   lambda_i margin_i <= lambda_i + delta. By stationarity it is also q_i Z_i^2 + the mean of z_ji sum_{k != i} z_jk y_i y_k <x_i, x_k> + the mean of
   z_ji y_i <e_j, x_i> >= q_i Z_i^2 - kappa Z Z_i - sqrt(q_i) epsilon Z_i (Cauchy-Schwarz over the neurons, twice).
2. A margin of 1 needs an active neuron, with gate 1: Z_i^2 >= lambda_i^2 / n. So lambda_i <= sqrt(n) Z_i.
3. At a point with Z_i = Z: (q - kappa) Z^2 - (sqrt(n) + sqrt(q) epsilon) Z - delta <= 0. Its left side grows with q where
   2 sqrt(0.9) Z >= epsilon. If Z were above sqrt(n) zeta, which is at least sqrt(n) / 0.9, it would, and q = 0.9 would give a contradiction.

Mass: T <= the larger root of (0.9 - kappa) x^2 = (1 + epsilon sqrt(0.9)) x + delta.
4. The mean of y_i <a_j, x_i> over the neurons with z_ji > 0 (others count 0) is margin_i, since kinks have <a_j, x_i> = 0. By stationarity it is at
   least q_i T_i - kappa T - sqrt(q_i) epsilon. As T_i <= lambda_i, slackness gives T_i (margin_i - 1) <= delta. At a point with T_i = T this is
   (q - kappa) T^2 - (1 + sqrt(q) epsilon) T - delta <= 0, and q = 0.9 as in 3.

Least: over the active neurons of the label's sign, mean z_ji >= (1 - kappa T - sqrt(1.1) epsilon) / 1.1, and lambda_i is at least that.
5. Other neurons only lower the margin, so 1 <= margin_i <= q_i A_i + kappa T + sqrt(q_i) epsilon with A_i that mean; lambda_i >= A_i. What this
   gives falls with q_i, or is negative.

For a linear predictor n = 1 and all gates are 1: lambda_i <= L = zeta at n = 1, and with it each multiplier by its own norm:
6. 1 - kappa L - epsilon sqrt(q_i) <= q_i lambda_i, and q_i lambda_i is at most the larger root of x^2 = (1 + kappa L + epsilon sqrt(q_i)) x +
   q_i delta: 1 <= margin_i <= 1 + delta / lambda_i with the margin within kappa L + epsilon sqrt(q_i) of q_i lambda_i.
"""

import numpy as np

from ...instances.exact import root
from ..claim import Claim
from . import bounds
from .settings import CLARKE, LINEAR, LINEAR_SETTING, NETWORK, crowded

_NETWORK = {"family": CLARKE, "hypotheses": NETWORK, "source": "ours, for Lemmas C.3 and C.4", "extremes": crowded}
_LINEAR = {"family": LINEAR, "hypotheses": LINEAR_SETTING, "source": "ours, for Lemmas B.1 and B.2"}
_N, _L = "sharper/multipliers-two-layer", "sharper/multipliers-linear"


def bound(function):
    """A function of `bounds.Numbers` as a side."""
    return lambda p: function(bounds.of_point(p))


def _largest(values):
    """Largest entry, exact numbers included."""
    return max(values.tolist())


def sizes(p):
    """Z_i; shape (m,)."""
    return root(np.asarray(p.squares))


def _terms(p):
    """kappa and root of q_i, as the instance has them: sums of inner products are at most kappa times the largest size."""
    return bounds.of_point(p).crossing, root(np.asarray(p.squared_norms))


def _quadratic(p):
    """What step 1 puts above q_i Z_i^2."""
    crossing, norms = _terms(p)
    own = sizes(p)
    return p.multipliers + p.delta + own * (crossing * root(_largest(p.squares)) + p.epsilon * norms)


def total(p):
    """T_i; shape (m,)."""
    return p.masses.sum(axis=0)


def _mass_quadratic(p):
    crossing, norms = _terms(p)
    own = total(p)
    return own * (1 + crossing * _largest(own) + p.epsilon * norms) + p.delta


def active_mass(p):
    """A_i: mean of z_ji over the active neurons of the label's sign, kinks not counted; shape (m,)."""
    serving = (p.signs[:, None] * p.products > 0) & (p.signs[:, None] == p.labels)
    return (p.terms * serving).sum(axis=0) / p.num_neurons


def _margin_above(p):
    crossing, norms = _terms(p)
    return p.squared_norms * active_mass(p) + crossing * _largest(total(p)) + p.epsilon * norms


def pushed(p):
    """kappa L + epsilon |x_i|; shape (m,)."""
    s = bounds.of_point(p)
    return s.crossing * bounds.size(s) + p.epsilon * root(np.asarray(p.squared_norms))


def _own_root(p):
    """Larger root of x^2 = (1 + kappa L + epsilon |x_i|) x + q_i delta; shape (m,)."""
    linear = 1 + pushed(p)
    return (linear + root(linear * linear + 4 * p.squared_norms * p.delta)) / 2


CLAIMS = (
    Claim(
        f"{_N}/size", "The root mean square of a point's terms over the neurons is at most sqrt(n) zeta.", lambda p: p.squares,
        lambda p: p.num_neurons * bound(bounds.size)(p) ** 2, latex=r"\frac1n\sum_j z_{ij}^2 \le n\zeta^2", derivation="Steps 1 to 3 of the module.",
        **_NETWORK,
    ),
    Claim(
        f"{_N}/upper", "Every multiplier is at most n zeta.", lambda p: p.multipliers, lambda p: p.num_neurons * bound(bounds.size)(p),
        latex=r"\lambda_i \le n\zeta", derivation="Steps 1 to 3 of the module: lambda_i <= sqrt(n) Z_i <= n zeta.", **_NETWORK,
    ),
    Claim(
        f"{_N}/mass", "The mean of a point's terms over the neurons is at most T.", total, bound(bounds.mass),
        latex=r"\frac1n\sum_j z_{ij} \le T", derivation="Step 4 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/least", "So much of every point's mass is on active neurons of its label's sign.", active_mass, bound(bounds.least_mass), "lower",
        latex=r"\frac1n\sum_{j:\,u_jy_i>0,\,\text{active}} z_{ij} \ge \frac{1 - \kappa T - \sqrt{1.1}\epsilon}{1.1}",
        trivial=lambda p: bound(bounds.least_mass)(p) <= 0, derivation="Step 5 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/lower", "Every multiplier is at least that.", lambda p: p.multipliers, bound(bounds.least_mass), "lower",
        latex=r"\lambda_i \ge \frac{1 - \kappa T - \sqrt{1.1}\epsilon}{1.1}", trivial=lambda p: bound(bounds.least_mass)(p) <= 0,
        derivation="Step 5 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/proof/quadratic", "Stationarity and slackness along a point's own gradient.", lambda p: p.squared_norms * p.squares, _quadratic,
        latex=r"q_iZ_i^2 \le \lambda_i + \delta + \kappa ZZ_i + \sqrt{q_i}\epsilon Z_i", derivation="Step 1 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/proof/one-active", "Squared gates of every point add up to at least 1, so that its multiplier is at most sqrt(n) Z_i.",
        lambda p: p.q("1"), lambda p: (p.gates**2).sum(axis=0), latex=r"\sum_j (z_{ij}/\lambda_i)^2 \ge 1",
        derivation="Step 2 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/proof/mass-quadratic", "Stationarity and slackness, averaged over the neurons.", lambda p: p.squared_norms * total(p) ** 2,
        _mass_quadratic, latex=r"q_iT_i^2 \le T_i(1 + \kappa T + \sqrt{q_i}\epsilon) + \delta", derivation="Step 4 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_N}/proof/margin-above", "Only active neurons of the label's sign raise the margin.", lambda p: p.margins, _margin_above,
        latex=r"y_iN(x_i) \le q_iA_i + \kappa T + \sqrt{q_i}\epsilon", derivation="Step 5 of the module.", **_NETWORK,
    ),
    Claim(
        f"{_L}/largest", "Every multiplier is at most L.", lambda p: p.multipliers, bound(bounds.size),
        latex=r"\lambda_i \le L", derivation="Steps 1 to 3 of the module with n = 1.", **_LINEAR,
    ),
    Claim(
        f"{_L}/upper", "Every multiplier times its squared norm is at most the root of its own quadratic.", lambda p: p.squared_norms * p.multipliers,
        _own_root, latex=r"q_i\lambda_i \le \tfrac12\big(B_i + \sqrt{B_i^2 + 4q_i\delta}\big),\quad B_i = 1 + \kappa L + \epsilon\sqrt{q_i}",
        derivation="Step 6 of the module.", **_LINEAR,
    ),
    Claim(
        f"{_L}/lower", "Every multiplier times its squared norm is at least 1 - kappa L - epsilon |x_i|.", lambda p: p.squared_norms * p.multipliers,
        lambda p: 1 - pushed(p), "lower", latex=r"q_i\lambda_i \ge 1 - \kappa L - \epsilon\sqrt{q_i}",
        trivial=lambda p: np.all(1 - pushed(p) <= 0), derivation="Step 6 of the module.", **_LINEAR,
    ),
    Claim(
        f"{_L}/proof/quadratic", "Stationarity and slackness of one point.", lambda p: p.squared_norms * p.multipliers**2,
        lambda p: p.multipliers * (1 + bounds.of_point(p).crossing * _largest(p.multipliers) + p.epsilon * _terms(p)[1]) + p.delta,
        latex=r"q_i\lambda_i^2 \le \lambda_i(1 + \kappa\max\lambda + \sqrt{q_i}\epsilon) + \delta", derivation="Step 1 of the module with n = 1.",
        **_LINEAR,
    ),
    Claim(
        f"{_L}/proof/margin", "A margin is within kappa L + epsilon |x_i| of the point's own term.",
        lambda p: abs(p.margins - p.squared_norms * p.multipliers), pushed,
        latex=r"|y_i\langle w, x_i\rangle - q_i\lambda_i| \le \kappa L + \sqrt{q_i}\epsilon", derivation="Step 6 of the module.", **_LINEAR,
    ),
)  # fmt: skip
