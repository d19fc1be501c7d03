"""Theorems 4.1 and C.1: gradient ascent on two-layer networks; the statements, and a proof that carries them.

The witness of the proof is the projected network: the unlearned one plus the projection of what was removed onto the span of the retained points.
It has the original's activations and margins on every retained point, so only the stationarity error moves.
"""

from functools import lru_cache

import numpy as np

from ...instances import root
from ...instances.two_layer_family import TwoLayerPoints
from ..claim import Claim
from ..hypotheses import DATA, KKT, LABELS, SIGNS, at_least_points, box
from .forgetting import Worth, over, sets, singles

#: The settings of both theorems; the conclusion speaks of retained points, so there are at least two.
POINTS = TwoLayerPoints(epsilon=1.0, delta=1.0, epsilon_d=0.01, points=(2, 4), neurons=(1, 5))
LIMITS = box("1", "1", "0.01")
SETTING = (*DATA, LABELS, SIGNS, *KKT, *LIMITS, at_least_points(2))
#: More points and neurons than the family has; every shape and cube is valid, so a few draws show whether size matters.
_LARGE = TwoLayerPoints(epsilon=1.0, delta=1.0, epsilon_d=0.01, points=(9, 12), neurons=(8, 12))


def larger_points():
    """Some twenty points with up to twelve points and neurons: corners and draws of `_LARGE`."""
    return iter(_larger_points())


@lru_cache(maxsize=1)
def _larger_points():
    from ...instances.choices import RandomChoices

    choices, corners = RandomChoices(np.random.default_rng(41)), list(_LARGE.corners())
    chosen = [*corners[:: len(corners) // 12], *(_LARGE.draw(choices) for _ in range(8))]
    return tuple(_LARGE.build(shape, cube) for shape, cube in chosen)


def _limits(f, denominator, others):
    """epsilon, delta and tau that the theorems allow, given the denominators of their middle terms and of tau."""
    p, k = f.point, f.size
    factor, size = 9 * p.epsilon_d / denominator, p.q("1") * p.num_points
    epsilon = p.epsilon + factor * p.epsilon + 23 * k * p.epsilon_d / root(size)
    delta = p.delta + factor * p.delta + p.q("22.6") * k * p.epsilon_d / size
    return Worth(epsilon, delta, 82 * k * p.epsilon_d / others)


def one_point_limits(f):
    """Of Theorem 4.1."""
    return _limits(f, f.point.num_points - 9 * f.point.epsilon_d, f.point.num_points)


def printed_set_limits(f):
    """Of Theorem C.1 as stated: k - 9 epsilon_d in the denominators."""
    return _limits(f, f.size - 9 * f.point.epsilon_d, len(f.kept))


def proved_set_limits(f):
    """Of Theorem C.1 as its proof concludes: m / k - 9 epsilon_d in the denominators."""
    ratio = f.point.q("1") * f.point.num_points / f.size
    return _limits(f, ratio - 9 * f.point.epsilon_d, len(f.kept))


@lru_cache(maxsize=4096)
def _best(point, forgettings, limits):
    return tuple((f, f.best_worth(limits(f))) for f in forgettings(point))


def _successful(name, forgettings, limits):
    """Sides of the claim that the best witness stays within one of its limits."""

    def left(point):
        return np.array([getattr(worth, name) for _, worth in _best(point, forgettings, limits)])

    def right(point):
        return np.array([getattr(limits(f), name) for f, _ in _best(point, forgettings, limits)])

    return {"left": left, "right": right, "least": lambda point: 0, "direction": "exists", "family": POINTS, "hypotheses": SETTING}


_WHY = {
    "epsilon": "The projected network is a witness: see {0}/epsilon/proof/projected, whose bound is below the printed one.",
    "delta": "The projected network keeps every retained margin and multiplier, so its slackness is the original's: see {0}/delta/proof/projected.",
    "tau": "The projected network is within the printed angle by far: see {0}/tau/proof/projected.",
}
_WHAT = {
    "epsilon": "some approximate KKT point of the retained data, near the unlearned network, has a stationarity error within the stated epsilon",
    "delta": "some approximate KKT point of the retained data, within the stated epsilon and tau, has a slackness within the stated delta",
    "tau": "some approximate KKT point of the retained data, within the stated epsilon and delta, is within the stated tau of the unlearned network",
}
_PRINTED = " The printed network (corrected, rescaled) does not show it: the arithmetic of its delta is wrong, see {0}/delta/proof/rescale."


def _statements(theorem, forgettings, limits, formulas, names, **about):
    for name in names:
        claim, who = about.get("id", "{0}/{1}").format(theorem, name), "each forgotten point" if theorem == "theorem-4.1" else "each forgotten set"
        yield Claim(
            id=claim, statement=f"For {who}, {_WHAT[name]}.", latex=formulas[name], constant=about["constants"][name], kind=about["kind"],
            source=about["source"], derivation=(_WHY[name] + _PRINTED).format(theorem), extremes=larger_points,
            **_successful(name, forgettings, limits),
        )  # fmt: skip


_THREE = ("epsilon", "delta", "tau")
_FOUR = {
    "epsilon": r"\epsilon' \le \epsilon_1 + \frac{9\epsilon_d\epsilon_1}{m - 9\epsilon_d} + \frac{23\epsilon_d}{\sqrt m}",
    "delta": r"\delta' \le \delta_1 + \frac{9\epsilon_d\delta_1}{m - 9\epsilon_d} + \frac{22.6\epsilon_d}{m}",
    "tau": r"\tau \le \frac{82\epsilon_d}{m}",
}
_SETS = {
    "epsilon": r"\epsilon' \le \epsilon_1 + \frac{9\epsilon_d\epsilon_1}{k - 9\epsilon_d} + \frac{23k\epsilon_d}{\sqrt m}",
    "delta": r"\delta' \le \delta_1 + \frac{9\epsilon_d\delta_1}{k - 9\epsilon_d} + \frac{22.6k\epsilon_d}{m}",
    "tau": r"\tau \le \frac{82k\epsilon_d}{m - k}",
}
_PROVED = {name: formula.replace("{k - 9", r"{\frac mk - 9") for name, formula in _SETS.items()}
_CONSTANTS = {"epsilon": "9, 23", "delta": "9, 22.6", "tau": "82"}

CLAIMS = (
    *_statements("theorem-4.1", singles, one_point_limits, _FOUR, _THREE, kind="theorem", source="Theorem 4.1", constants=_CONSTANTS),
    *_statements("theorem-C.1", sets, printed_set_limits, _SETS, _THREE, kind="theorem", source="Theorem C.1, Appendix C.3", constants=_CONSTANTS),
    *_statements(
        "theorem-C.1", sets, proved_set_limits, _PROVED, ("epsilon", "delta"), kind="version", constants=_CONSTANTS, id="{0}/{1}/version/proof",
        source="Theorem C.1, end of the proof in Appendix C.3",
    ),
)  # fmt: skip

_MASSES = """\
Let e_j be the stationarity error in the coordinates a_j = w_j / u_j, so that the mean over j of |e_j|^2 is at most epsilon^2. For a point x with
q = |x|^2 and label y, let T be its mass, the sum of u_j^2 lambda sigma' over all neurons, and let T* be the largest T of all points.
1. A neuron active on x, of whatever sign, gives u_j^2 (q lambda + y y_i lambda_i sigma'_ij <x_i, x> over the other points + y <e_j, x>) to y N(x).
Added up: the margin is at least q T - (m - 1) phi T* - sqrt(q) epsilon, for each neuron enters once and by Cauchy-Schwarz all errors together are at
most sqrt(q) epsilon.
2. Slackness gives margin <= 1 + delta / lambda <= 1 + delta / T, for T <= lambda. At the point with T = T*, with (m - 1) phi <= epsilon_d / 4:
T (q - epsilon_d / 4) <= 1 + sqrt(q) epsilon + delta / T.
3. The worst q is 0.9; with epsilon = delta = 1, epsilon_d = 0.01: 0.8975 T^2 - 1.9487 T - 1 <= 0, T <= 2.600.
Every point has an active neuron (its margin is at least 1), so also lambda <= 2.61 n."""
_PROJECTION = """\
Forget F with |F| = k, let r = m - k. For l in F the projection of x_l on the retained span has squared norm b' K^-1 b with r entries |b_i| <= phi and
least eigenvalue of K at least 0.9 - (r - 1) phi >= 0.8975, hence norm at most phi sqrt(r) / 0.9473 = 0.2639 epsilon_d sqrt(r) / (m n).
The step for l has norm lambda_l sqrt(c / n) times that, where c neurons are active on x_l; with the mass T = lambda_l c / n <= 2.6
(theorem-4.1/proof/masses), lambda_l sqrt(c / n) = T sqrt(n / c) <= 2.6 sqrt(n). The product is 0.687 epsilon_d sqrt(r) / (m sqrt(n)); sum over
F."""
_KEPT = """\
x_l minus its projection is orthogonal to every retained point, so no product <a_j, x_r> changes for r retained: neither activations nor margins
nor, with the same multipliers, slackness; primal feasibility needs no rescaling."""
_STEP = """\
Retained activations are the original's, so the error on the retained points is the original error plus the step; triangle inequality and
theorem-4.1/proof/projection (sqrt(r) <= sqrt(m))."""
_NORM = """\
The projected network has retained margins at least 1; by homogeneity their sum is its inner product with G, the sum of y_i grad N(x_i) over the r
retained points, and |G|^2 <= r (1.1 + (r - 1) phi) <= 1.1025 r. Hence its norm is at least sqrt(r / 1.1025) = 0.9523 sqrt(r). The unlearned network
differs by the step, at most k 0.687 epsilon_d sqrt(r) / (m sqrt(n)): 0.0035 sqrt(r) for k = 1, 0.0069 sqrt(r) for any k < m. Squares: 0.90 r and
0.89 r."""
_ANGLE = """\
The sine of the angle is at most |step| / |projected network|, with |step| <= 0.687 k epsilon_d sqrt(r) / (m sqrt(n)) and squared norm at least
r / 1.1025, so its square is at most 0.522 (k epsilon_d)^2 / (m^2 n) < 1e-4; 1 - cos = sin^2 / (1 + cos) with 1 + cos >= 1.9999."""


def _reach(f):
    """k epsilon_d sqrt(m - k) / (m sqrt(n)): the scale of the projected step."""
    p = f.point
    return f.size * p.epsilon_d / p.num_points * root(p.q("1") * len(f.kept) / p.num_neurons)


def _angle_scale(f):
    return (f.size * f.point.epsilon_d / f.point.num_points) ** 2 / f.point.num_neurons


def _ours(id, statement, left, right, derivation, **about):
    about = {"family": POINTS, "hypotheses": SETTING, "source": "ours", "kind": "ours", "extremes": larger_points, **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


def _proof(theorem, forgettings, share):
    """Steps of the proof by projection; ``share``: constant of the norm."""
    r, k = ("m - 1", "") if theorem == "theorem-4.1" else ("m - k", "k")
    yield _ours(
        f"{theorem}/proof/projection", "The projection of the removed terms is small.", over(forgettings, lambda f: f.length(f.projection)),
        over(forgettings, lambda f: f.point.q("0.69") * _reach(f)), _PROJECTION, constant="0.69",
        latex=rf"\|P(\hat\theta - \theta)\| \le \frac{{0.69{k}\epsilon_d\sqrt{{{r}}}}}{{m\sqrt n}}",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/epsilon/proof/projected", "The projected network's stationarity error on the retained points is hardly above epsilon.",
        over(forgettings, lambda f: f.projected_worth.epsilon), over(forgettings, lambda f: f.point.epsilon + f.point.q("0.69") * _reach(f)), _STEP,
        constant="0.69", latex=rf"\epsilon' \le \epsilon_1 + \frac{{0.69{k}\epsilon_d\sqrt{{{r}}}}}{{m\sqrt n}}",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/delta/proof/projected", "The projected network has the original's retained margins.",
        over(forgettings, lambda f: f.point.with_rows(f.unlearned + f.projection).margins[f.kept]),
        over(forgettings, lambda f: f.point.margins[f.kept]), _KEPT, direction="equality", latex=r"N(\theta', x_r) = N(\theta, x_r)",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/tau/proof/projected-norm", "The unlearned network's squared norm is of the order of the number of retained points.",
        over(forgettings, lambda f: f.unlearned_squared), over(forgettings, lambda f: f.point.q(share) * len(f.kept)), _NORM, direction="lower",
        constant=share, latex=rf"\|\hat\theta\|^2 \ge {share}({r})",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/tau/proof/projected", "The projected network is within an angle of the order of epsilon_d / m of the unlearned one.",
        over(forgettings, lambda f: f.projected_worth.tau), over(forgettings, lambda f: f.point.q("0.27") * _angle_scale(f)), _ANGLE, constant="0.27",
        latex=rf"1 - \cos \le \frac{{0.27{k and 'k^2'}\epsilon_d^2}}{{m^2 n}}",
    )  # fmt: skip


CLAIMS += (
    _ours(
        "theorem-4.1/proof/masses", "In this setting the masses of every point add up to at most 2.61, and multipliers to at most 2.61 n.",
        lambda p: np.maximum(p.masses.sum(axis=0), p.multipliers / p.num_neurons), lambda p: p.q("2.61"), _MASSES, constant="2.61",
        latex=r"\sum_j u_j^2 \lambda_i \sigma'_{ij} \le 2.61,\quad \lambda_i \le 2.61 n",
    ),
    *_proof("theorem-4.1", singles, "0.9"),
    *_proof("theorem-C.1", sets, "0.89"),
)  # fmt: skip
