"""Linear predictors: the plain and the projected step, and how near the plain one is to the retained points' max-margin predictor.

Theorem. Let psi <= 0.1, phi <= epsilon_d / (4 m), epsilon_1, delta_1, epsilon_d in (0, 1], w an (epsilon_1, delta_1)-approximate KKT point with
multipliers lambda; forget F, |F| = k < m, r = m - k, w^ = w - sum_{l in F} lambda_l y_l x_l. With kappa = epsilon_d (m - 1) / (4 m),
L the larger root
of (0.9 - kappa) x^2 = (1 + epsilon_1 sqrt(0.9)) x + delta_1, x = k phi L, mu = 0.9 - (r - 1) phi:

(plain) w^ has the direction of an (epsilon_1 / (1 - x), (delta_1 + 2 x L) / (1 - x)^2)-approximate KKT point of the retained points.
(projected) w' = w - sum_F lambda_l y_l (x_l - P x_l) is an (epsilon_1 + rho, delta_1)-approximate KKT point of them, rho = k phi L sqrt(r / mu), and
1 - cos(w^, w') <= s^2 / (1 + sqrt(1 - s^2)), s^2 = (k phi L)^2 (0.9 + r phi) / (0.9 - (r - 1) phi).
(absorbed) For epsilon_1, delta_1 <= 1/2, epsilon_d <= 1/10 it is an (epsilon_1, delta_1 + k phi L d / mu)-approximate one, d as below.
(optimum) With w* the max-margin predictor of the retained points, cos(w^, w*) > 0 and
sin^2(w^, w*) <= Q = epsilon_1^2 (1.1 / r + phi) + (d + x)^2 (0.9 + r phi) / (0.9 - (r - 1) phi),
d the larger root of d^2 = (kappa L + epsilon_1 sqrt(1.1) - 1) d + 1.1 delta_1: near delta_1 for small parameters.

So 1 - cos is quadratic in epsilon_1 / sqrt(m), delta_1 and k epsilon_d / m. Without errors, epsilon_1 = delta_1 = 0,
the projected step is retraining.

Proof.
1. Multipliers are at most L (`sharper.multipliers`).
2. Plain: the step moves a retained margin by |sum_F lambda_l y_l y_r <x_l, x_r>| <= k phi L = x < 1. So margins are at least 1 - x,
and the least scale
   that makes them 1 is C <= 1 / (1 - x). Error: C |v|. Slackness, which grows with the scale: at c = 1 / (1 - x), c lambda_r (c margin^_r - 1) <=
   c^2 lambda_r (margin_r - 1) + c^2 lambda_r x + c (c - 1) lambda_r, and c (c - 1) = c^2 x: at most c^2 (delta_1 + 2 x L).
3. Projected: as for networks (`sharper.two_layer`) with one neuron and all gates 1.
4. Absorbed: P sum_F lambda_l y_l x_l = sum_r c_r x_r with c = K^-1 b, |b_r| <= k phi L; row by row K is diagonally dominant by mu, so |c_r| <=
   k phi L / mu. With lambda_r + y_r c_r in place of lambda_r the error is v itself; these are at least 0 as lambda_r >= (1 - kappa L - epsilon_1
   sqrt(1.1)) / 1.1 is larger; and slackness grows by |c_r| (margin_r - 1) <= k phi L d / mu.
5. Excess: margin_r - 1 <= d. With u = margin_r - 1 and q = |x_r|^2, margin_r <= q lambda_r + kappa L + epsilon_1 sqrt(q),
so lambda_r >= (1 + u - kappa L
   - epsilon_1 sqrt(q)) / q, and slackness gives u (1 + u - kappa L - epsilon_1 sqrt(q)) <= q delta_1, also where that bracket is negative. Worst is
   q = 1.1.
6. Optimum: all retained points are support vectors of w* (`sharper.multipliers` without errors), so its margins are 1. The part of w^ - w* in
   the retained span has inner products y_r (margin^_r - 1) with the x_r, each at most d + x, so its squared norm is at most
   (d + x)^2 S / (1 - (r - 1) phi / 0.9), S = sum_r 1 / |x_r|^2; the part orthogonal to the span is that of v,
   at most epsilon_1. |w*|^2 >= S / (1 + phi S),
   so (epsilon_1 / |w*|)^2 <= epsilon_1^2 (1 / S + phi), and 1 / S <= 1.1 / r; the rest as before. The sine of the angle is at most |w^ - w*| / |w*|,
   and
   <w^, w*> = sum_r lambda*_r margin^_r > 0.
"""

import numpy as np

from ...instances.exact import root
from ..claim import Claim
from ..hypotheses import DATA, KKT, LABELS, at_least_points, box
from ..linear.forgetting import POINTS, distance
from ..two_layer.forgetting import over
from . import bounds
from .linear_sets import sets, singles
from .settings import LINEAR, LINEAR_SETTING

_PAPERS = (*DATA, LABELS, *KKT, *box("0.5", "0.5", "0.1"), at_least_points(2))


def _claim(id, statement, left, right, derivation, **about):
    about = {"family": LINEAR, "hypotheses": LINEAR_SETTING, "source": "ours, for Theorems 3.1 and B.1", **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


def _scaled(f):
    """The plain step's epsilon and delta at its least feasible scale."""
    after, point = f.margins(f.unlearned), f.point
    scale = 1 / after.min()
    return scale * f.error(f.unlearned, point.multipliers), scale * (point.multipliers[f.kept] * (scale * after - 1)).max()


def absorbing(f):
    """Multipliers that make up for what the projected step gives back; shape (m,)."""
    return f.point.multipliers + f.point.labels * f.back


def absorbed(s):
    """k phi L d / mu."""
    return bounds.moved(s) * bounds.excess(s) / bounds.floor(s)


def _to_optimum(f):
    return distance(f.point, f.unlearned[None, :], f.optimum[None, :])[0]


def _optimum_bound(f):
    """1 - cos of the largest angle; 1 where the bound on its sine says nothing, as the cosine is positive."""
    square = bounds.to_optimum(f.numbers)
    return bounds.turn(square) if square < 1 else f.point.q("1")


def _farthest(f):
    """Largest |margin^_r - 1| after the plain step."""
    return abs(f.margins(f.unlearned) - 1).max()


def _nearly(f):
    """What a step that holds with equality is attacked with: 1e-12 of room, so that rounding decides nothing."""
    return f.point.q("1") + f.point.q("1/1000000000000")


def _difference_bound(f):
    s = f.numbers
    bound = s.epsilon**2 + _farthest(f) ** 2 * f.inverse_sum * s.q("0.9") / bounds.floor(s)
    # Near zero a difference of vectors of length 1 is known to 1e-16 only, whatever its own size.
    return bound * _nearly(f) + s.q("1/1000000000000000000")


def _plain(one):
    """The plain step."""
    return (
        one(
            "plain/epsilon", "the plain step at its least feasible scale has a stationarity error of at most epsilon_1 / (1 - x)",
            lambda f: _scaled(f)[0], lambda f: bounds.plain(f.numbers)[0], r"\epsilon' \le \frac{\epsilon_1}{1 - x},\quad x = k\phi L", "Steps 1 "
            "and 2",
        ),
        one(
            "plain/delta", "the plain step at that scale has a slackness of at most (delta_1 + 2 x L) / (1 - x)^2",
            lambda f: _scaled(f)[1], lambda f: bounds.plain(f.numbers)[1], r"\delta' \le \frac{\delta_1 + 2xL}{(1 - x)^2}", "Steps 1 and 2",
        ),
        one(
            "plain/proof/move", "the plain step moves no retained margin by more than x",
            lambda f: abs(f.margins(f.unlearned) - f.margins(f.point.coefficients)).max(), lambda f: bounds.moved(f.numbers),
            r"|\hat m_r - m_r| \le x", "Steps 1 and 2",
        ),
    )  # fmt: skip


def _projected(one):
    """The projected step."""
    return (
        one(
            "projected/epsilon", "the projected step's stationarity error is at most epsilon_1 + rho",
            lambda f: f.error(f.projected, f.point.multipliers), lambda f: f.point.epsilon + bounds.reach(f.numbers),
            r"\epsilon' \le \epsilon_1 + k\phi L\sqrt{r/\mu}", "Steps 1 and 3",
        ),
        one(
            "projected/delta", "the projected step's slackness is at most delta_1: nothing is added",
            lambda f: f.slackness(f.projected, f.point.multipliers), lambda f: f.point.delta, r"\delta' \le \delta_1", "Step 3",
        ),
        one(
            "projected/tau", "1 - cos between the plain and the projected step is at most tau, of the order of (epsilon_d / m)^2",
            lambda f: f.distance, lambda f: bounds.tau(f.numbers), r"\tau \le \frac{s^2}{1 + \sqrt{1 - s^2}}", "Steps 1 and 3",
        ),
        one(
            "projected/proof/step", "what the projected step gives back has norm at most rho: what epsilon gains",
            lambda f: root(f.squared(f.back, beyond=False)), lambda f: bounds.reach(f.numbers), r"|s| \le k\phi L\sqrt{r/\mu}", "Steps 1 and 3",
        ),
        one(
            "projected/proof/step-by-norms", "what the projected step gives back is small against the largest multiplier, squared",
            lambda f: f.squared(f.back, beyond=False),
            lambda f: (f.size * f.point.phi * max(f.point.multipliers.tolist())) ** 2 * f.inverse_sum * f.point.q("0.9") / bounds.floor(f.numbers),
            r"|s|^2 \le \frac{(k\phi\max\lambda)^2 S}{1 - (r-1)\phi/0.9}", "Step 3",
        ),
        one(
            "projected/proof/norm", "the projected predictor's squared norm is at least S / (1 + phi S)",
            lambda f: f.squared(f.projected), lambda f: f.inverse_sum / (1 + f.point.phi * f.inverse_sum), r"|w'|^2 \ge \frac{S}{1 + \phi "
            "S}", "Step 3",
            direction="lower",
        ),
    )  # fmt: skip


def _absorbed(one):
    """The projected step with multipliers that absorb what it gives back."""
    return (
        one(
            "absorbed/epsilon", "with multipliers that absorb what is given back the projected step's stationarity error is at most epsilon_1",
            lambda f: f.error(f.projected, absorbing(f)), lambda f: f.point.epsilon, r"\epsilon' \le \epsilon_1", "Steps 1 and 4",
            family=POINTS, hypotheses=_PAPERS,
        ),
        one(
            "absorbed/delta", "with those multipliers its slackness is at most delta_1 + k phi L d / mu",
            lambda f: f.slackness(f.projected, absorbing(f)), lambda f: f.point.delta + absorbed(f.numbers),
            r"\delta' \le \delta_1 + k\phi L\frac d\mu", "Steps 1, 4, 5", family=POINTS, hypotheses=_PAPERS,
        ),
        one(
            "absorbed/dual", "those multipliers are at least 0: none falls by more than k phi L / mu",
            lambda f: (f.point.multipliers - absorbing(f))[f.kept].max(), lambda f: min(f.point.multipliers[f.kept].tolist()),
            r"\lambda'_r \ge 0", "Step 4", family=POINTS, hypotheses=_PAPERS,
        ),
        one(
            "absorbed/proof/coefficients", "coefficients of what is given back are at most k phi L / mu",
            lambda f: abs(f.back[f.kept]).max(), lambda f: bounds.moved(f.numbers) / bounds.floor(f.numbers), r"|c_r| \le k\phi L/\mu", "Step 4",
        ),
    )  # fmt: skip


def _cosine(one, forgettings):
    """The max-margin predictor of the retained points."""
    return (
        one(
            "cosine", "1 - cos between the plain step and the retained points' max-margin predictor is quadratic in the parameters",
            _to_optimum, _optimum_bound, r"\sin^2 \le \epsilon_1^2\Big(\frac{1.1}r + \phi\Big) + (d + x)^2\frac{0.9 + r\phi}{0.9 - (r-1)\phi}",
            "Steps 1, 5, 6", trivial=lambda p: all(bounds.to_optimum(f.numbers) >= 1 for f in forgettings(p)),
        ),
        one(
            "cosine/proof/difference", "the plain step differs from that predictor by its retained margins and by the error alone (up to "
            "1e-12 of the bound, and 1e-18)",
            lambda f: f.squared(f.unlearned - f.optimum), _difference_bound,
            r"|\hat w - w^*|^2 \le \epsilon_1^2 + \frac{\max_r(\hat m_r - 1)^2 S}{1 - (r-1)\phi/0.9}", "Step 6",
        ),
        one(
            "cosine/proof/farthest", "no retained margin of the plain step is farther from 1 than d + x",
            _farthest, lambda f: bounds.excess(f.numbers) + bounds.moved(f.numbers), r"|\hat m_r - 1| \le d + x", "Steps 1, 2, 5",
        ),
        one(
            "cosine/proof/optimum", "the max-margin predictor of the retained points has multipliers at least 0 and margins of 1: all support it",
            lambda f: f.margins(f.optimum), lambda f: np.ones(len(f.kept), dtype=int), r"y_r\langle w^*, x_r\rangle = 1", "Step 6",
            direction="equality",
        ),
        one(
            "cosine/proof/norm", "its squared norm is at least S / (1 + phi S) (up to 1e-12)",
            lambda f: f.squared(f.optimum, beyond=False) * _nearly(f), lambda f: f.inverse_sum / (1 + f.point.phi * f.inverse_sum),
            r"|w^*|^2 \ge \frac{S}{1 + \phi S}", "Step 6", direction="lower",
        ),
    )  # fmt: skip


def _theorem(name, forgettings, who):
    """The four parts for single points or for sets, each with the steps of its proof."""

    def one(part, statement, left, right, latex, steps, **about):
        sides = over(forgettings, left), over(forgettings, right)
        return _claim(f"{name}/{part}", f"For {who}, {statement}.", *sides, f"{steps} of the module.", latex=latex, **about)

    return (*_plain(one), *_projected(one), *_absorbed(one), *_cosine(one, forgettings))


CLAIMS = (
    Claim(
        "sharper/linear/proof/excess", "No margin is above 1 by more than d.", lambda p: p.margins - 1, lambda p: bounds.excess(bounds.of_point(p)),
        family=LINEAR, hypotheses=LINEAR_SETTING, source="ours, for Theorems 3.1 and B.1", latex=r"m_i - 1 \le d",
        derivation="Step 5 of the module.",
    ),
    *_theorem("sharper/linear", singles, "each forgotten point"),
    *_theorem("sharper/linear-sets", sets, "each forgotten set"),
)  # fmt: skip
