"""Steps of the proof of Remark C.1: sums over neurons swapped with inner products, the range of alpha, the norms."""

from ...instances import root
from ..claim import Claim
from .identity import PAIRS, SETTING, imitating_pair
from .theorems import POINTS, larger_points
from .theorems import SETTING as POINT_SETTING


def _terms(point):
    """Rows of sum_i lambda_i y_i grad N(x_i): the network without its error; shape (n, m)."""
    return point.multipliers * point.labels * point.active


def _summed(point):
    """sqrt(n) alpha_i y_i, with alpha_i = sum_j u_j lambda_i sigma'_ij; shape (m,)."""
    return (point.signs[:, None] * _terms(point)).sum(axis=0)


def _alpha(point):
    """alpha_i / sqrt(n), the difference of the two masses; shape (m,)."""
    return point.masses[0] - point.masses[1]


def _expanded(p):
    """Sum over all i and retained k of alpha_i alpha~_k <x_i, x_k>, divided by n: the forgotten multiplier of theta~ is 0."""
    return (_alpha(p.first) * (_alpha(p.second) @ p.gram)).sum()


def _with_phi(p):
    first, second = _alpha(p.first), _alpha(p.second)
    return (first * second * (p.squared_norms - p.phi)).sum() + p.phi * first.sum() * second.sum()


def _squares_less_products(p):
    alpha, size = _alpha(p), abs(_alpha(p))
    return 2 * (alpha**2 * p.squared_norms).sum() - (size * (size @ p.gram)).sum()


def _least(p):
    """l of the proof: 0.9 - 4.64 epsilon_d / n - 1.92 epsilon."""
    return p.q("0.9") - p.q("4.64") * p.epsilon_d / p.num_neurons - p.q("1.92") * p.epsilon


def _swapped(first, second):
    return (_summed(first) * (_summed(second) @ first.gram)).sum() / first.num_neurons


def _unswapped(first, second):
    return (_terms(first) * (_terms(second) @ first.gram)).sum() / first.num_neurons


def _norm_without_error(p):
    return p.squared_norm(_terms(p), beyond=False)


def _printed_norm(p):
    return p.num_points * _least(p) * (p.q("0.9") * p.num_neurons * _least(p) - p.q("5.1") * p.epsilon_d)


def _error_terms(p):
    """The printed bound of <theta, theta~>, which leaves out the product of the two errors."""
    first, second = (root(_norm_without_error(point)) for point in (p.first, p.second))
    return _unswapped(p.first, p.second) + p.epsilon * second + p.other_epsilon * first


def _step(id, statement, left, right, derivation, **about):
    about = {"family": POINTS, "hypotheses": POINT_SETTING, "source": "Proof of Remark C.1", "kind": "proof step", "extremes": larger_points, **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


_SWAP = """\
A sum over neurons of inner products is not the inner product of the sums over neurons: that has all pairs of neurons in it, with products of their
signs. Equal for one neuron only; two neurons that are active on the same point give 2 against 4."""
_LABELS = """\
The inner products count with the labels' signs: dropped, or with the products themselves in place of their absolute values, the line is false where
labels differ and a product is positive, or labels agree and it is negative."""
_SIZES = """\
alpha_i has the sign of the label, so alpha_i alpha~_k is negative for different labels, and phi for the inner product makes it smaller."""
_SIGNED = """\
For a point with label -1 that only neurons with negative outer weights see, alpha is minus its mass, times sqrt(n): down to -1.11 and below, where
the proof has -0.9. Lemma C.3 gives -10.2; what the proof goes on to use is a lower bound of |alpha|."""
_ABSOLUTE = """\
Let A and O be the point's masses on neurons of its label's sign and of the other sign, q its squared norm, T = 2.6 (theorem-4.1/proof/masses);
y alpha / sqrt(n) = A - O. The first neurons' output is q A plus cross terms and errors, and at least 1, for the others push it down; each of the
others is active, so q O is at most their cross terms and errors. Each neuron's terms enter once, so q (A - O) >= 1 - (m - 1) phi T - sqrt(q) epsilon
>= 1 - 0.65 epsilon_d / n - sqrt(q) epsilon, which divided by q <= 1.1 is above 0.9 - 4.64 epsilon_d / n - 1.92 epsilon. The upper end is A <= T."""
_ORDER = """\
The sums were swapped (remark-C.1/proof/norm-swap): where all n neurons see all points, lambda is about 1 and the squared norm about m, whatever n.
What is true is the order of m (remark-C.1/proof/norm-below), so the errors cost epsilon / sqrt(m), not epsilon / sqrt(m n)."""
_PRODUCT = """\
The inner product of the two errors, up to epsilon epsilon~, is missing. If both errors are the retained point and nothing else serves it, the left
side is 1 and the right side the norm of the forgotten term, 0.961."""

CLAIMS = (
    _step(
        "remark-C.1/proof/error-terms", "The inner product exceeds that of the networks without errors by at most the two mixed terms.",
        lambda p: p.inner, _error_terms, _PRODUCT, family=PAIRS, hypotheses=SETTING, extremes=imitating_pair,
        corrected_by="remark-C.1/proof/error-terms/corrected",
        latex=r"\langle\theta, \tilde\theta\rangle \le \langle\underline\theta, \underline{\tilde\theta}\rangle"
        r" + \epsilon\|\underline{\tilde\theta}\| + \tilde\epsilon\|\underline\theta\|",
    ),
    _step(
        "remark-C.1/proof/error-terms/corrected", "The same with the product of the errors.",
        lambda p: p.inner, lambda p: _error_terms(p) + p.epsilon * p.other_epsilon, "Cauchy-Schwarz, four terms.", family=PAIRS, hypotheses=SETTING,
        extremes=imitating_pair, kind="corrected", source="ours", latex=r"\ldots + \epsilon\tilde\epsilon",
    ),
    _step(
        "remark-C.1/proof/swap-sums", "The inner product of the networks without errors is that of their sums over neurons.",
        lambda p: _unswapped(p.first, p.second), lambda p: _swapped(p.first, p.second), _SWAP, direction="equality", family=PAIRS, hypotheses=SETTING,
        extremes=None, corrected_by="remark-C.1/proof/margin-gap",
        latex=r"\sum_j\langle\sum_i u_j\lambda_i y_i\sigma'_{ij}x_i, \ldots\rangle"
        r" = \langle\sum_i\alpha_i y_i x_i, \sum_i\tilde\alpha_i y_i x_i\rangle",
    ),
    _step(
        "remark-C.1/proof/dropped-labels", "The inner product of the sums over neurons, expanded without labels, in size.",
        lambda p: abs(_swapped(p.first, p.second)), lambda p: p.num_neurons * _expanded(p), _LABELS, family=PAIRS, hypotheses=SETTING, extremes=None,
        corrected_by="remark-C.1/proof/margin-gap",
        latex=r"\big|\langle\sum_i\alpha_iy_ix_i, \sum_i\tilde\alpha_iy_ix_i\rangle\big| \le \sum_{i \ne l}\alpha_i\tilde\alpha_i\|x_i\|^2"
        r" + \sum_{i \ne k}\alpha_i\tilde\alpha_k\langle x_i, x_k\rangle + \sum_{i \ne l}\alpha_l\tilde\alpha_i\langle x_l, x_i\rangle",
    ),
    _step(
        "remark-C.1/proof/products", "The same sums with phi in place of the inner products are no smaller.", _expanded, _with_phi, _SIZES,
        family=PAIRS,
        hypotheses=SETTING, extremes=None, corrected_by="remark-C.1/proof/margin-gap",
        latex=r"\ldots \le \sum_{i \ne l}\alpha_i\tilde\alpha_i\|x_i\|^2 + \phi\sum_{i \ne k}\alpha_i\tilde\alpha_k"
        r" + \phi\sum_{i \ne l}\alpha_l\tilde\alpha_i",
    ),
    _step(
        "remark-C.1/proof/norm-terms", "The squared norm of a sum over neurons is at least the squares less the inner products.",
        lambda p: _swapped(p, p) / p.num_neurons, _squares_less_products, _LABELS, direction="lower", corrected_by="remark-C.1/proof/norm-below",
        latex=r"\|\sum_i\alpha_iy_ix_i\|^2 \ge \sum_i\alpha_i^2\|x_i\|^2 - \sum_{i \ne k}|\alpha_i\alpha_k|\langle x_i, x_k\rangle",
    ),
    _step(
        "remark-C.1/proof/norm-swap", "The squared norm of the network without error is that of its sum over neurons.", _norm_without_error,
        lambda p: _swapped(p, p), _SWAP, direction="equality", corrected_by="remark-C.1/proof/norm-below",
        latex=r"\sum_j\|\sum_i u_j\lambda_i y_i\sigma'_{ij}x_i\|^2 = \|\sum_i\alpha_i y_i x_i\|^2",
    ),
    _step(
        "remark-C.1/proof/alpha-range", "alpha_i is at least -l sqrt(n).", _alpha, lambda p: -_least(p), _SIGNED, direction="lower",
        constant="0.9, 4.64, 1.92", corrected_by="remark-C.1/proof/alpha-range/corrected",
        latex=r"\alpha_i \ge -l\sqrt n,\ l = 0.9 - 4.64\frac{\epsilon_d}n - 1.92\epsilon",
    ),
    _step(
        "remark-C.1/proof/alpha-range/corrected", "alpha_i has the sign of the label and at least the size l sqrt(n).",
        lambda p: p.labels * _alpha(p), _least, _ABSOLUTE, direction="lower", constant="0.9, 4.64, 1.92", kind="corrected",
        source="ours", latex=r"y_i\alpha_i \ge l\sqrt n",
    ),
    _step(
        "remark-C.1/proof/alpha-above", "alpha_i is at most 20.4 sqrt(n).", _alpha, lambda p: p.q("20.4"), "True with room: see the sharper claim.",
        constant="20.4", latex=r"\alpha_i \le 20.4\sqrt n",
    ),
    _step(
        "remark-C.1/proof/alpha-above/sharper", "The size of alpha_i is at most 2.61 sqrt(n).", lambda p: abs(_alpha(p)), lambda p: p.q("2.61"),
        _ABSOLUTE, constant="2.61", kind="ours", source="ours", latex=r"|\alpha_i| \le 2.61\sqrt n",
    ),
    _step(
        "remark-C.1/proof/norm-order", "The squared norm without error is at least m l n (0.9 l - 5.1 epsilon_d / n), of the order of m n.",
        _norm_without_error, _printed_norm,
        _ORDER, direction="lower", constant="0.9, 5.1", corrected_by="remark-C.1/proof/norm-below",
        latex=r"\|\underline\theta\|^2 \ge mln\big(0.9l - \frac{5.1\epsilon_d}n\big)",
    ),
)  # fmt: skip
