"""Two-layer networks: gradient ascent with the certificate's own subgradient; a theorem for Clarke's KKT points, with a proof by projection.

Theorem. Let psi <= 0.1, phi <= epsilon_d / (4 m n), epsilon_1, delta_1, epsilon_d in (0, 1], and theta an (epsilon_1, delta_1)-approximate KKT
point in Clarke's sense: w_j = u_j sum_i z_ji y_i x_i + v_j, where z_ji is lambda_i if neuron j is active on x_i, 0 if not, and anything in
[0, lambda_i] if <w_j, x_i> = 0. Forget F, |F| = k < m, by w_j - u_j sum_{l in F} z_jl y_l x_l. Then the projected network, which takes away
z_jl y_l (x_l - P x_l) instead (P: projection onto the span of the retained points), is an (epsilon_1 + rho, delta_1)-approximate KKT point of the
r = m - k retained points, and 1 - cos between the two is at most tau, where

  kappa = epsilon_d (m - 1) / (4 m n),  D = 0.9 - kappa,  B = 1 + epsilon_1 sqrt(0.9 / n),  zeta = (B + sqrt(B^2 + 4 D delta_1 / n)) / (2 D),
  rho = k epsilon_d zeta sqrt(r) / (4 m sqrt(n mu)),  mu = 0.9 - (r - 1) phi,
  s^2 = (k epsilon_d zeta)^2 / (16 m^2 n) (0.9 + r phi) / (0.9 - (r - 1) phi),  tau = s^2 / (1 + sqrt(1 - s^2)).

The paper's points are those with z = lambda wherever <w_j, x_i> has the sign of u_j or is 0.

Proof. In the coordinates a_j = w_j / u_j let e_j be the errors, mean |e_j|^2 <= epsilon_1^2 (means are over the n neurons). Let Z_i^2 be the mean of
z_ji^2, Z the largest Z_i, q_i = |x_i|^2.

1. Size (`sharper.multipliers`): Z <= sqrt(n) zeta.
2. Kept products: x_l - P x_l is orthogonal to every retained point, so no <a_j, x_r> changes; activations, kinks and margins stay, and with the same
   multipliers and gates so do dual and primal feasibility and slackness.
3. Step: neuron j gets back s_j = P sum_l z_jl y_l x_l. Its norm is that of b_j in the inverse of the retained Gram matrix K, where
   |b_jr| = |sum_l z_jl y_l <x_l, x_r>| <= phi sum_l z_jl. With N the diagonal of K and S = sum_r 1 / q_r, N^(-1/2) K N^(-1/2) has eigenvalues of at
   least 1 - (r - 1) phi / 0.9, so |s_j|^2 <= (phi sum_l z_jl)^2 S / (1 - (r - 1) phi / 0.9). The root mean square of sum_l z_jl is at most k Z:
   |s| <= k phi sqrt(n) zeta sqrt(S / (1 - (r - 1) phi / 0.9)), and S <= r / 0.9 gives rho.
4. Stationarity: the retained gates are the same, so the projected network's error is v + s; triangle inequality.
5. Norm: the projected network's margins on the retained points are at least 1, so its inner product with G = sum_r y_r grad N(x_r) / q_r is at least
   S, while |G|^2 <= S + phi S^2, as gates are at most 1. So its squared norm is at least S / (1 + phi S).
6. Angle: the sine is at most |s| / |projected network|, so its square is at most k^2 phi^2 n zeta^2 (1 + phi S) / (1 - (r - 1) phi / 0.9), and
   S <= r / 0.9 gives s^2. This is below 1, so the angle is below 90 degrees, and 1 - cos = sin^2 / (1 + cos).

Steps 3 and 5 meet in the same S: long retained points make the step short and the network short alike.
"""

import numpy as np

from ..claim import Claim
from ..two_layer.forgetting import over
from . import bounds
from .settings import CLARKE, NETWORK, crowded, sets, singles

_SOURCE = "ours, for Theorems 4.1 and C.1"


def _claim(id, statement, left, right, derivation, **about):
    about = {"family": CLARKE, "hypotheses": NETWORK, "source": _SOURCE, "extremes": crowded, **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


def squared_error(f):
    """The projected network's stationarity error on the retained points."""
    return f.residual(f.projection)


def _inverse_sum(f):
    """S = sum of 1 / |x_r|^2 over the retained points."""
    return (1 / f.point.squared_norms[f.kept]).sum()


def _step_bound(f):
    """Step 3 before S and Z are bounded, squared."""
    s = f.numbers
    return (s.k * s.phi) ** 2 * max(f.point.squares.tolist()) * _inverse_sum(f) * s.q("0.9") / bounds.floor(s)


def _placed(f, network):
    """Products of a network with the retained points, all raised by one number so that none is near zero."""
    original = f.point.products[:, f.kept]
    return 2 * (1 + abs(original).max()) + network.products[:, f.kept]


def _least_norm(f):
    total = _inverse_sum(f)
    return total / (1 + f.numbers.phi * total)


def _theorem(name, forgettings, who):
    """The three parts, and the steps of the proof, for single points or for sets."""
    k = "" if forgettings is singles else "k"
    rho = rf"\frac{{{k}\epsilon_d\zeta}}{{4m}}\sqrt{{\frac{{r}}{{n\mu}}}}"
    sine = rf"\frac{{({k}\epsilon_d\zeta)^2}}{{16m^2n}}\,\frac{{0.9 + r\phi}}{{0.9 - (r-1)\phi}}"

    def side(function):
        return over(forgettings, function)

    yield _claim(
        f"{name}/epsilon", f"For {who}, the projected network's stationarity error on the retained points is at most epsilon_1 + rho.",
        side(squared_error), side(lambda f: f.point.epsilon + bounds.reach(f.numbers)), "Steps 1 to 4 of the module.",
        latex=rf"\epsilon' \le \epsilon_1 + {rho}",
    )  # fmt: skip
    yield _claim(
        f"{name}/delta", f"For {who}, the projected network's slackness on the retained points is at most delta_1: nothing is added.",
        side(lambda f: (f.point.multipliers * (f.projected.margins - 1))[f.kept].max()), side(lambda f: f.point.delta), "Step 2 of the module.",
        latex=r"\delta' \le \delta_1",
    )  # fmt: skip
    yield _claim(
        f"{name}/tau", f"For {who}, 1 - cos between the unlearned and the projected network is at most tau, of the order of (epsilon_d / m)^2 / n.",
        side(lambda f: f.distance(f.projection)), side(lambda f: bounds.tau(f.numbers)), "Steps 1, 3, 5, 6 of the module.",
        latex=rf"\tau \le \frac{{s^2}}{{1 + \sqrt{{1 - s^2}}}},\quad s^2 = {sine}",
    )  # fmt: skip
    yield _claim(
        f"{name}/proof/kept", f"For {who}, no pre-activation of the projected network differs from the original's on a retained point.",
        side(lambda f: _placed(f, f.projected)), side(lambda f: _placed(f, f.point)),
        "Step 2 of the module.", direction="equality", latex=r"\langle w'_j, x_r\rangle = \langle w_j, x_r\rangle",
    )  # fmt: skip
    yield _claim(
        f"{name}/proof/step", f"For {who}, the projected part of the step has norm at most rho: what epsilon gains.",
        side(lambda f: f.length(f.projection)), side(lambda f: bounds.reach(f.numbers)), "Steps 1 and 3 of the module.", latex=rf"|s| \le {rho}",
    )  # fmt: skip
    yield _claim(
        f"{name}/proof/step-by-norms", f"For {who}, the projected part of the step is small against the largest size, squared.",
        side(lambda f: f.point.squared_norm(f.projection, beyond=False)), side(_step_bound), "Step 3 of the module.",
        latex=rf"|s|^2 \le \frac{{({k}\phi Z)^2 S}}{{1 - (r-1)\phi/0.9}},\quad S = \sum_r \frac1{{|x_r|^2}}",
    )  # fmt: skip
    yield _claim(
        f"{name}/proof/norm", f"For {who}, the projected network's squared norm is at least S / (1 + phi S).",
        side(lambda f: f.point.squared_norm(f.projected.rows)), side(_least_norm), "Step 5 of the module.", direction="lower",
        latex=r"|\theta'|^2 \ge \frac{S}{1 + \phi S}",
    )  # fmt: skip
    yield _claim(
        f"{name}/proof/sine", f"For {who}, the squared sine of the angle is at most |s|^2 over the projected network's squared norm.",
        side(_sine_squared), side(lambda f: f.point.squared_norm(f.projection, beyond=False) / f.point.squared_norm(f.projected.rows)),
        "Step 6 of the module: the distance of a vector from the line of another one is at most the distance between them.",
        latex=r"\sin^2 \le \frac{|s|^2}{|\theta'|^2}",
    )  # fmt: skip


def _sine_squared(f):
    """Of the angle between the unlearned and the projected network, without a root."""
    point, step = f.point, f.projection
    along = (f.unlearned * (step @ point.gram)).sum() / point.num_neurons
    across = point.squared_norm(step, beyond=False) - along * along / f.unlearned_squared
    return np.maximum(across, 0 * across) / point.squared_norm(f.unlearned + step)


CLAIMS = (
    *_theorem("sharper/two-layer", singles, "each forgotten point"),
    *_theorem("sharper/two-layer-sets", sets, "each forgotten set"),
)
