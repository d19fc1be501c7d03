"""Where the proofs of ours of Theorems 4.1 and C.1 and of Remark C.1 start: what a network is, before any constant is put in.

Each is a few lines by hand (a definition, the triangle inequality, Cauchy-Schwarz), attacked like every other claim. Largest masses are the
instance's own; numbers come in later, as inequalities between constants.
"""

import numpy as np

from ...instances import root
from ...instances.exact import solve
from ..claim import Claim
from .forgetting import over, sets, singles
from .identity import PAIRS
from .identity import SETTING as PAIR_SETTING
from .theorems import POINTS, SETTING, larger_points, one_point_limits, printed_set_limits

_ON_POINTS = {"family": POINTS, "hypotheses": SETTING, "extremes": larger_points}
_ON_PAIRS = {"family": PAIRS, "hypotheses": PAIR_SETTING}


def _masses(p):
    """Sum of u_j^2 lambda_i sigma'_ij over all neurons; shape (m,)."""
    return p.masses.sum(axis=0)


def _output(p, others):
    """q T - phi others T* - epsilon sqrt(q), for every point; shape (m,)."""
    masses = _masses(p)
    return p.squared_norms * masses - p.phi * others * masses.max() - p.epsilon * root(p.squared_norms)


def _crossing(f):
    """1.1 + (r - 1) phi, r = m - k: what bounds the squared norm of a sum of the r retained points with signs, divided by r."""
    return f.point.q("1.1") + (len(f.kept) - 1) * f.point.phi


def _projected_points(f):
    """The largest squared norm of a forgotten point's projection onto the span of the retained points."""
    gram, forget = f.point.gram, list(f.forget)
    products = gram[np.ix_(f.kept, forget)]
    return (products * solve(gram[np.ix_(f.kept, f.kept)], products)).sum(axis=0).max()


def _least_eigenvalue(f):
    return f.point.q("0.9") - (len(f.kept) - 1) * f.point.phi


def _squares(f):
    """Sum over the neurons of (sum over F of lambda_l sigma'_lj)^2."""
    return (f.weights**2).sum()


def _signed_sum(p, left_out):
    rows = p.labels * p.active
    rows[:, list(left_out)] = 0
    return p.squared_norm(rows, beyond=False)


def _gradient_sum(f):
    """Squared norm of the sum over the retained points of y_i grad N(x_i)."""
    return _signed_sum(f.point, f.forget)


def _pushed(f):
    """How far retained products move away from zero; shape (n, m - k)."""
    return f.shift * (2 * f.point.active[:, f.kept] - 1) * f.point.signs[:, None]


def _least_pushed(f):
    p, others = f.point, len(f.kept) - 1
    return f.weights[:, None] * (p.correction_factor * (p.squared_norms[f.kept] - others * p.phi) - p.phi)


def _most_drift(f):
    p = f.point
    return (p.correction_factor * _crossing(f) + p.phi) * _masses(p)[list(f.forget)].sum()


def _correction_reach(f):
    return f.point.correction_factor * root(len(f.kept) * _crossing(f) * _squares(f) / f.point.num_neurons)


def _last_term(f):
    return 23 * f.size * f.point.epsilon_d / root(f.point.q("1") * f.point.num_points)


def _ours(id, statement, left, right, derivation, **about):
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **{**_ON_POINTS, **about})


def _of(theorem, forgettings, limits):
    yield _ours(
        f"{theorem}/epsilon/proof/projected/added", "What the projected network adds to epsilon is within what the theorem allows beyond it.",
        over(forgettings, lambda f: f.projected_worth.epsilon - f.point.epsilon), over(forgettings, lambda f: limits(f).epsilon - f.point.epsilon),
        f"{theorem}/epsilon with epsilon taken off both sides: how much of the added terms is needed.",
        latex=r"\epsilon' - \epsilon_1 \le \ldots",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/epsilon/proof/corrected-model/added", "What the printed network adds to C epsilon is within the last term of the stated epsilon.",
        over(forgettings, lambda f: f.printed_worth.epsilon - f.printed_scale * f.point.epsilon), over(forgettings, _last_term),
        f"{theorem}/epsilon/proof/corrected-model with C epsilon taken off: how much of the constant 23 is needed.", constant="23",
        latex=r"\epsilon' - C\epsilon_1 \le \frac{23k\epsilon_d}{\sqrt m}",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/delta/proof/corrected-model/corrected/added", "What the printed network adds to C^2 delta.",
        over(forgettings, lambda f: f.printed_worth.delta - f.printed_scale**2 * f.point.delta),
        over(forgettings, lambda f: 29 * f.printed_scale**2 * f.size * f.point.epsilon_d / f.point.num_points),
        f"{theorem}/delta/proof/corrected-model/corrected with C^2 delta taken off: how much of the constant 29 is needed.", constant="29",
        latex=r"\delta' - C^2\delta_1 \le \frac{29C^2k\epsilon_d}{m}",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/proof/projected-point", "A forgotten point's projection onto the span of the retained points is short.",
        over(forgettings, _projected_points), over(forgettings, lambda f: len(f.kept) * f.point.phi**2 / _least_eigenvalue(f)),
        "It is b' K^-1 b with |b_i| <= phi and K the retained Gram matrix; z' K z >= 0.9 |z|^2 - phi sum_{i != k} |z_i z_k| >= (0.9 - (r - 1) phi) "
        "|z|^2.",
        latex=r"\|Px_l\|^2 \le \frac{r\phi^2}{0.9 - (r - 1)\phi},\quad r = m - k",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/proof/gradient-sum", "The sum of the retained points' gradients, with their labels.",
        over(forgettings, _gradient_sum), over(forgettings, lambda f: len(f.kept) * _crossing(f)),
        "On each neuron a sum of at most r points with signs; its squared norm has at most r squares, each at most 1.1, and r (r - 1) products.",
        latex=r"\Big\|\sum_i y_i\nabla N(x_i)\Big\|^2 \le r(1.1 + (r - 1)\phi)",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/proof/pattern/terms", "How far the corrected network's retained products move away from zero, term by term.",
        over(forgettings, _pushed), over(forgettings, _least_pushed),
        "In units of sum_l lambda_l sigma'_lj the correction adds c (|x_r|^2 + r - 1 inner products with signs) away from zero, and the step takes "
        "away at most phi.",
        direction="lower", latex=r"\ge \big(c(\|x_r\|^2 - (r - 1)\phi) - \phi\big)\sum_{l\in F}\lambda_l\sigma'_{lj}",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/proof/margin-drift/terms", "Retained margins of the corrected network, term by term.",
        over(forgettings, lambda f: abs(f.drift).max()), over(forgettings, _most_drift),
        "With the pattern kept it is the mean over the active neurons of the products' shifts, each at most c (1.1 + (r - 1) phi) + phi times "
        "sum_l lambda_l sigma'_lj; the mean of those sums is at most the sum of the forgotten masses.",
        latex=r"\le \big(c(1.1 + (r - 1)\phi) + \phi\big)\sum_{l\in F}T_l",
    )  # fmt: skip
    yield _ours(
        f"{theorem}/epsilon/proof/correction-norm/terms", "The norm of the whole correction, term by term.",
        over(forgettings, lambda f: f.length(f.correction)), over(forgettings, _correction_reach),
        "On neuron j it is c sum_l lambda_l sigma'_lj times a sum of the r retained points with signs, whose squared norm is at most r (1.1 + (r - "
        "1) phi).",
        latex=r"\|u\| \le c\sqrt{r(1.1 + (r - 1)\phi)}\sqrt{\tfrac1n\sum_j\big(\sum_{l\in F}\lambda_l\sigma'_{lj}\big)^2}",
    )  # fmt: skip


def _of_pair(id, statement, left, right, derivation, **about):
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **_ON_PAIRS, **about)


CLAIMS = (
    _ours(
        "theorem-4.1/proof/masses/output", "A margin is at least what the point's own mass gives, less cross terms and errors.",
        lambda p: p.margins, lambda p: _output(p, p.num_points - 1),
        "Every neuron active on x, whatever its sign, adds u_j^2 (q lambda + sum_i y y_i lambda_i sigma'_ij <x_i, x> + y <e_j, x>) to y N(x). The "
        "first terms add up to q T, the second are at most phi times the masses of the m - 1 others, and sum_j u_j^2 |e_j| <= epsilon by "
        "Cauchy-Schwarz.",
        direction="lower", latex=r"y_iN(x_i) \ge \|x_i\|^2T_i - (m - 1)\phi T^* - \epsilon\|x_i\|",
    ),
    *_of("theorem-4.1", singles, one_point_limits),
    *_of("theorem-C.1", sets, printed_set_limits),
    _ours(
        "remark-C.1/proof/alpha-range/terms", "alpha_i has the label's sign, and the size that a margin of 1 needs, less cross terms and errors.",
        lambda p: p.squared_norms * p.labels * (p.masses[0] - p.masses[1]),
        lambda p: 1 - p.phi * (p.num_points - 1) * _masses(p).max() - p.epsilon * root(p.squared_norms),
        "The label's own active neurons give at least 1, for the others pull down: q A + cross terms + errors >= 1. Each of the others is active, "
        "so q O + cross terms + errors <= 0. Subtract: each neuron's terms enter once.",
        direction="lower", latex=r"\|x_i\|^2y_i\alpha_i/\sqrt n \ge 1 - (m - 1)\phi T^* - \epsilon\|x_i\|",
    ),
    _of_pair(
        "remark-C.1/proof/masses/output", "theta~: a retained margin is at least what the point's own mass gives, less cross terms and errors.",
        lambda p: p.second.margins[p.kept], lambda p: _output(p.second, p.num_points - 2)[p.kept],
        "As theorem-4.1/proof/masses/output, for m - 1 points.", direction="lower",
        latex=r"y_iN(\tilde\theta, x_i) \ge \|x_i\|^2\tilde T_i - (m - 2)\phi\tilde T^* - \tilde\epsilon\|x_i\|",
    ),
    _of_pair(
        "remark-C.1/proof/masses", "theta~: the masses of every point add up to at most 2.61.", lambda p: _masses(p.second), lambda p: p.q("2.61"),
        "As theorem-4.1/proof/masses, for m - 1 points.", constant="2.61", latex=r"\sum_ju_j^2\tilde\lambda_i\tilde\sigma'_{ij} \le 2.61",
    ),
    _of_pair(
        "remark-C.1/proof/forgotten-margin/terms", "theta~ sees the forgotten point by inner products and errors alone.",
        lambda p: p.second.margins[p.forgotten],
        lambda p: p.phi * (p.num_points - 1) * _masses(p.second).max() + p.other_epsilon * root(p.squared_norms[p.forgotten]),
        "An active neuron of the label's sign gives u_j^2 (sum_i y y_i lambda~_i sigma~'_ij <x_i, x> + y <e~_j, x>), others pull down; then as for "
        "theorem-4.1/proof/masses/output.",
        latex=r"y_lN(\tilde\theta, x_l) \le (m - 1)\phi\tilde T^* + \tilde\epsilon\|x_l\|",
    ),
    _of_pair(
        "remark-C.1/proof/norm-above/terms", "theta's squared norm by its margins and its error.", lambda p: p.first.norm_squared,
        lambda p: (p.first.multipliers * p.first.margins).sum() + p.epsilon * root(p.first.norm_squared),
        "theta is the sum of lambda_i y_i grad N(x_i), whose products with theta are margins (homogeneity), plus an error of norm at most epsilon.",
        latex=r"\|\theta\|^2 \le \sum_i\lambda_iy_iN(\theta, x_i) + \epsilon\|\theta\|",
    ),
    _of_pair(
        "remark-C.1/proof/gradient-sum", "The sums of the gradients of the points that each network classifies, with their labels.",
        lambda p: np.array([_signed_sum(p.first, ()), _signed_sum(p.second, (p.forgotten,))]),
        lambda p: np.array([size * (p.q("1.1") + (size - 1) * p.phi) for size in (p.num_points, p.num_points - 1)]),
        "As theorem-4.1/proof/gradient-sum.", latex=r"\Big\|\sum_i y_i\nabla N(x_i)\Big\|^2 \le m(1.1 + (m - 1)\phi)",
    ),
)  # fmt: skip
