"""Remark C.1: doing nothing, two-layer networks; what is printed, what the proof concludes, and what is true."""

from fractions import Fraction
from functools import lru_cache

import numpy as np

from ...instances import TwoLayerPair, TwoLayerPoint, root
from ...instances.two_layer_pair_family import TwoLayerPairs
from ..claim import Claim, Hypothesis
from ..hypotheses import DATA, KKT, LABELS, SIGNS, at_least_points, at_most, box
from ..linear.pairs import first

#: The setting of Theorem 4.1 for both networks.
PAIRS = TwoLayerPairs(epsilon=1.0, delta=1.0, epsilon_d=0.01, points=(2, 4), neurons=(1, 5))


#: theta~ is an approximate KKT point of the retained points.
OTHER_KKT = (
    Hypothesis("theta~: squared norms beyond the points are at least 0", lambda p: p.other_beyond),
    Hypothesis("theta~: multipliers are at least 0, the forgotten one's is 0", lambda p: _other_multipliers(p)),
    Hypothesis("theta~: the stationarity error is at most its epsilon", lambda p: p.other_epsilon**2 - p.second.error_squared),
    Hypothesis("theta~: slackness is at most its delta", lambda p: p.other_delta - p.second.slackness[p.kept]),
    Hypothesis("theta~: margins are at least 1", lambda p: p.second.margins[p.kept] - 1),
    Hypothesis("the cosine of the orthogonal parts lies in [-1, 1]", lambda p: 1 - abs(p.correlation)),
    at_most("other_epsilon", "1"),
    at_most("other_delta", "1"),
)
SETTING = (*DATA, LABELS, SIGNS, *(first(h) for h in KKT), *OTHER_KKT, *box("1", "1", "0.01"), at_least_points(2))


def _other_multipliers(p):
    return np.append(p.other_multipliers, -abs(p.other_multipliers[p.forgotten]))


def _exact(values):
    array = np.empty(np.shape(values), dtype=object)
    array.flat = [Fraction(value) for value in np.ravel(np.asarray(values, dtype=object))]
    return array


def idle_pairs():
    """theta with itself as theta~: exact, and so that its epsilon~ stays within 1."""
    small = Fraction(1, 50)
    for squared, multiplier in (("1", "1"), ("1.09", "0.92")):
        for width, size in ((1, 2), (2, 2), (1, 3)):
            gram = _exact([[squared if i == k else 0 for i in range(size)] for k in range(size)])
            rows, ones = _exact([[multiplier] * size] * width), np.ones(size, dtype=int)
            signs = np.ones(width, dtype=int)
            point = TwoLayerPoint(gram, ones, signs, _exact([multiplier] * size), rows, _exact([0] * width), small, small, Fraction(1, 10**6))
            yield TwoLayerPair.idle(point, 0)


def shared_by_all(width, product=Fraction(1, 10**6)):
    """Two unit points with a negative product; the forgotten one is served by every neuron, the other by one neuron: see `_SHARED`."""
    rows, other = _exact(np.zeros((width, 2), dtype=int)), _exact(np.zeros((width, 2), dtype=int))
    multipliers = _exact([1 + 2 * product, width + 2 * product])
    rows[:, 0], rows[0, 1] = multipliers[0], multipliers[1]
    other[0, 1], other[1:, 1] = Fraction(width), Fraction(-1, 10**9)
    gram, nothing, signs = _exact([[1, -product], [-product, 1]]), _exact([0] * width), np.ones(width, dtype=int)
    small = Fraction(1, 10**5)
    first = TwoLayerPoint(gram, np.ones(2, dtype=int), signs, multipliers, rows, nothing, small, small, 8 * width * product)
    second = TwoLayerPoint(gram, first.labels, signs, _exact([0, width]), other, nothing, small, small, first.epsilon_d)
    return TwoLayerPair.of(first, second, 0, Fraction(0))


@lru_cache(maxsize=1)
def _shared():
    return tuple(shared_by_all(width) for width in (1, 2, 4, 10, 120))


def shared_pairs():
    """Exact pairs that make 1 - cos small: by many neurons on the forgotten point alone, and by doing nothing."""
    yield from _shared()
    yield from idle_pairs()


def imitating_pair():
    """One neuron, two orthogonal points; both errors are the retained point, which makes their product count."""
    rows, gram, nothing = _exact([["0.92", 1]]), _exact([["1.09", 0], [0, 1]]), _exact([0])
    ones, small = np.ones(2, dtype=int), Fraction(1, 10)
    first = TwoLayerPoint(gram, ones, ones[:1], _exact(["0.92", 0]), rows, nothing, Fraction(1), small, Fraction(1, 1000))
    second = TwoLayerPoint(gram, ones, ones[:1], _exact([0, 0]), _exact([[0, 1]]), nothing, Fraction(1), small, Fraction(1, 1000))
    yield TwoLayerPair.of(first, second, 0, Fraction(0))


def _errors(p):
    return p.epsilon_d + p.epsilon + p.other_epsilon


def _neurons_and_points(p):
    return p.q("1") * p.num_points * p.num_neurons


def _gap(p):
    """1 / |theta| - (0.66 epsilon_d / n + 1.05 epsilon~) / |theta~|: what the margins at the forgotten point leave between the unit vectors."""
    reach = p.q("0.66") * p.epsilon_d / p.num_neurons + p.q("1.05") * p.other_epsilon
    return 1 / root(p.first.norm_squared) - reach / root(p.second.norm_squared)


def _corrected(p):
    return p.q("0.075") / _neurons_and_points(p) - p.q("1.5") * p.other_epsilon / p.num_points


def _trivial(p):
    return _corrected(p) <= 0


_PLUS = """\
Definition 2.2 leaves theta~ free to be any (epsilon~, delta~)-approximate KKT point of the retained data, and theta is one: with its own multipliers
on the retained points, margins and slackness are what they were and its error is v plus the forgotten term, |v + lambda_l grad N(x_l)|, which is
at most 1 already for two orthogonal points and lambda = 1 / |x|^2 = 1. Then cos = 1, so doing nothing is successful with rho = 0; the right side is
positive for every C > 0, 1e-6 here as any other. (A rising bound in epsilon~ cannot hold either: the larger epsilon~, the more theta~ are
allowed.)"""
_SHARED = """\
Points x_l, x_1 of norm 1 with product -phi, labels and outer weights positive. theta: every one of n neurons is active on x_l, only the first on x_1
(the others see x_1 through -phi alone); margins 1 need lambda_l = 1 and lambda_1 = n up to phi. theta~: the first neuron n x_1, the others a hair
against x_1, so inactive at hardly any error. |theta|^2 is n + 1, |theta~|^2 is n, their product n, up to phi: 1 - cos = 1 - sqrt(n / (n + 1)), about
1 / (2 n).
With m - 1 such points, each with a neuron of its own, about 1 / (2 (m - 1) n). Against C / m - C (errors), errors as small as one likes: refuted for
every n > m / (2 C (m - 1)), here n = 120 for C = 1 / 100. So C must be divided by n: see remark-C.1/corrected."""
_LITERAL = """\
The proof announces a bound without epsilon~; then theta itself, with cos = 1 (see remark-C.1), refutes it for every C, C' as soon as
epsilon_d < C / (C' m)."""
_TRUE = """\
Let a = |theta|, b = |theta~|, q = |x_l|^2, x = x_l, y = y_l, T = 2.6 (theorem-4.1/proof/masses, which also holds of theta~ on m - 1 points).
1. y N(theta, x) >= 1. A neuron of theta~ sees x by at most phi times its multipliers and |<e~_j, x>|; over the neurons of the sign y:
y N(theta~, x) <= (m - 1) phi T + sqrt(q) epsilon~ <= 0.65 epsilon_d / n + sqrt(q) epsilon~ =: eta.
2. N is Lipschitz in theta with constant sqrt(q), for |N(theta, x) - N(theta', x)| <= sum |u_j| |<w_j - w'_j, x>| and sum u_j^2 = 1. With homogeneity,
the unit vectors satisfy sqrt(q) |theta / a - theta~ / b| >= 1 / a - eta / b, and 1 - cos is half their squared distance. Dividing by sqrt(q) <=
sqrt(1.1), 1 - cos >= (1 / a - eta / b)^2 / 2.2 where the bracket is positive (remark-C.1/proof/margin-gap), >= (1 / a^2 - 2 eta / (a b)) / 2.2 in
any case.
3. a^2 = sum lambda_i margin_i + <theta, v> <= m (T n + 1) + a, so a^2 <= 5.22 m n for m >= 2 (remark-C.1/proof/norm-above); both squared norms are at
least 1 / 1.1025 per point (remark-C.1/proof/norm-below), so a b >= 0.641 m.
4. 1 / (2.2 * 5.22) = 0.0870; epsilon_d: 0.65 / (1.1 * 0.641) = 0.922, at most 0.0093 with epsilon_d <= 0.01; epsilon~: 1.0489 / (1.1 * 0.641) =
1.49. Sum: 1 - cos >= 0.0777 / (m n) - 1.49 epsilon~ / m. Neither epsilon nor delta matters beyond being at most 1."""


def _claim(id, statement, left, right, derivation, **about):
    about = {"family": PAIRS, "hypotheses": SETTING, "source": "Remark C.1, Appendix C.4", "direction": "lower", "extremes": shared_pairs, **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


def _distance(p):
    return p.distance


CLAIMS = (
    _claim(
        "remark-C.1", "Whatever approximate KKT point of the retained data theta is compared with, 1 - cos is at least C / m + C times all errors.",
        _distance, lambda p: p.q("1/1000000") * (p.q("1") / p.num_points + _errors(p)), _PLUS, kind="remark", constant="C = 1e-6; every C > 0",
        corrected_by="remark-C.1/corrected", latex=r"\rho \ge \frac Cm + C(\epsilon_d + \epsilon + \tilde\epsilon)",
    ),
    _claim(
        "remark-C.1/version/minus", "1 - cos is at least C / m - C times all errors, C universal, as the proof ends.",
        _distance, lambda p: p.q("1/100") * (p.q("1") / p.num_points - _errors(p)), _SHARED, kind="version", constant="C = 1/100; every C > 0",
        corrected_by="remark-C.1/corrected", source="Last line of the proof of Remark C.1",
        latex=r"1 - \cos(\theta, \tilde\theta) \ge \frac Cm - C(\epsilon_d + \epsilon + \tilde\epsilon)",
    ),
    _claim(
        "remark-C.1/version/one-over-mn", "1 - cos is at least C / (m n) - C' epsilon_d / n, as the proof announces.",
        _distance, lambda p: p.q("1/100") / _neurons_and_points(p) - 100 * p.epsilon_d / p.num_neurons, _LITERAL, kind="version",
        constant="C = 1/100, C' = 100; every C, C' > 0", corrected_by="remark-C.1/corrected", source="First lines of the proof of Remark C.1",
        latex=r"\tau \ge O\big(\tfrac1{mn}\big) - O\big(\tfrac{\epsilon_d}n\big)",
    ),
    _claim(
        "remark-C.1/corrected", "1 - cos is at least 0.075 / (m n) - 1.5 epsilon~ / m.", _distance, _corrected, _TRUE, kind="corrected",
        source="ours", constant="0.075, 1.5", trivial=_trivial,
        latex=r"1 - \cos(\theta, \tilde\theta) \ge \frac{0.075}{mn} - \frac{1.5\tilde\epsilon}{m}",
    ),
    _claim(
        "remark-C.1/proof/margin-gap", "The forgotten point's margin keeps the unit vectors apart: root of 2.2 (1 - cos) at least the gap.",
        lambda p: root(p.q("2.2") * p.distance), _gap, _TRUE, kind="ours", source="ours", constant="0.66, 1.05, 2.2", trivial=lambda p: _gap(p) <= 0,
        latex=r"\sqrt{2.2(1 - \cos)} \ge \frac1{\|\theta\|} - \frac{0.66\epsilon_d/n + 1.05\tilde\epsilon}{\|\tilde\theta\|}",
    ),
    _claim(
        "remark-C.1/proof/forgotten-margin", "theta~ hardly has an output on the forgotten point's side.",
        lambda p: p.second.margins[p.forgotten], lambda p: p.q("0.66") * p.epsilon_d / p.num_neurons + p.q("1.05") * p.other_epsilon, _TRUE,
        direction="upper", kind="ours", source="ours", constant="0.66, 1.05",
        latex=r"y_l N(\tilde\theta, x_l) \le \frac{0.66\epsilon_d}{n} + 1.05\tilde\epsilon",
    ),
    _claim(
        "remark-C.1/proof/norm-above", "theta's squared norm is at most of the order of points times neurons.", lambda p: p.first.norm_squared,
        lambda p: p.q("5.3") * _neurons_and_points(p), _TRUE, direction="upper", kind="ours", source="ours", constant="5.3",
        latex=r"\|\theta\|^2 \le 5.3mn",
    ),
    _claim(
        "remark-C.1/proof/norm-below", "Both squared norms are at least of the order of the points that each network classifies.",
        lambda p: np.array([p.first.norm_squared, p.second.norm_squared]), lambda p: p.q("0.9") * np.array([p.num_points, p.num_points - 1]), _TRUE,
        kind="ours", source="ours", constant="0.9", latex=r"\|\theta\|^2 \ge 0.9m,\quad \|\tilde\theta\|^2 \ge 0.9(m - 1)",
    ),
)  # fmt: skip
