"""Steps of the proofs of Theorem 3.1 and Remark B.1 that expand norms and inner products and drop the labels, letter by letter.

Each has inner products <x_i, x_k> where their absolute values, or phi, are needed; the lines that follow take phi and are not touched.
"""

from fractions import Fraction

import numpy as np

from ...instances import LinearPair, LinearPoint
from ..claim import Claim
from .forgetting import POINTS, SETTINGS, optima, single_points, unlearned
from .pairs import PAIRS
from .pairs import SETTINGS as PAIR_SETTINGS

_COSINE, _REMARK = "Theorem 3.1; Appendix B.1.2", "Remark B.1, Appendix B.3"
_WHY = (
    "A slip of the pen: the labels y_i y_k, or absolute values, are missing. A point of label -1 turns the sign of its inner products with the "
    "others, and of its share in the error's term. The next line of the proof bounds each inner product by phi, which is right."
)


def _products(first, second, gram):
    """Sum of first_i second_k <x_i, x_k> over i != k, of rows of multipliers."""
    return (first * (second @ gram)).sum(axis=-1) - _squares(first, second, gram)


def _squares(first, second, gram):
    return (first * second * gram.diagonal()).sum(axis=-1)


def _kept(p):
    """Multipliers of the retained points, zero on the forgotten one; shape (m, m)."""
    return ~single_points(p.num_points) * p.multipliers


def _norm_squared(p):
    weights = unlearned(p, single_points(p.num_points))
    return (weights * (weights @ p.gram)).sum(axis=1) + p.beyond


def _norm_literally(p):
    kept = _kept(p)
    errors = kept @ (p.gram @ p.error)
    return _squares(kept, kept, p.gram) + _products(kept, kept, p.gram) + 2 * errors + p.epsilon**2


def _optimum_literally(p):
    """Both terms of |w*|^2 without labels; shape (m,)."""
    optimum = optima(p, single_points(p.num_points))
    return _squares(optimum, optimum, p.gram) + _products(optimum, optimum, p.gram)


def _optimum_squared(p):
    return optima(p, single_points(p.num_points)).sum(axis=1)


def _inner(p):
    sets = single_points(p.num_points)
    return (unlearned(p, sets) @ p.gram * p.labels * optima(p, sets)).sum(axis=1)


def _inner_literally(p):
    optimum, kept = optima(p, single_points(p.num_points)), _kept(p)
    return _squares(optimum, kept, p.gram) - _products(optimum, kept, p.gram) - optimum @ (p.gram @ p.error)


def _without_error(p):
    """|w - v|^2 of Remark B.1."""
    signed = p.multipliers * p.labels
    return signed @ p.gram @ signed


def _pair_inner(p):
    """<w - v, w~ - v~>."""
    return (p.multipliers * p.labels) @ p.gram @ (p.other_multipliers * p.labels)


def _pair_literally(p):
    """The proof's three sums; multipliers of w~ are zero on the forgotten point, so the last two are one."""
    return _squares(p.multipliers, p.other_multipliers, p.gram) + _products(p.other_multipliers, p.multipliers, p.gram)


def _opposed(second):
    """Three points, the first two at -phi, labels 1, ``second``, 1; multipliers of margins 1, no error."""
    phi, small = Fraction(1, 240), Fraction(1, 1000)
    gram = np.array([[Fraction(int(row == column)) for column in range(3)] for row in range(3)])
    gram[0, 1] = gram[1, 0] = -phi
    shared = 1 / (1 - second * phi)
    multipliers = np.array([shared, shared, Fraction(1)])
    return LinearPoint(gram, np.array([1, second, 1]), multipliers, 0 * multipliers, Fraction(0), small, small, Fraction(1, 20))


def _opposed_pairs():
    """The same with w~ the max-margin predictor of the first two."""
    p = _opposed(-1)
    others = (p.multipliers * np.array([1, 1, 0]), p.error, p.beyond, p.epsilon, p.delta, 2)
    yield LinearPair(p.gram, p.labels, p.multipliers, p.error, p.beyond, p.epsilon, p.delta, p.epsilon_d, *others[:3], Fraction(0), *others[3:])


def _step(id, statement, left, right, latex, corrected_by, direction="upper", **about):
    label = 1 if direction == "lower" else -1
    settings = {"family": POINTS, "hypotheses": SETTINGS, "source": _COSINE, "extremes": lambda: iter([_opposed(label)]), **about}
    return Claim(id, statement, left, right, direction=direction, kind="version", latex=latex, corrected_by=corrected_by, derivation=_WHY, **settings)


CLAIMS = (
    _step(
        "theorem-3.1/cosine/proof/norm-unlearned/version/literal",
        "Letter by letter: |w^|^2 is at most the sum of its terms without labels.",
        _norm_squared,
        _norm_literally,
        r"\|\hat w\|^2 \leq \sum \lambda_i^2 \|x_i\|^2 + \sum_{i \neq k} \lambda_i \lambda_k \langle x_i, x_k \rangle "
        r"+ 2 \sum \lambda_i \langle x_i, v \rangle + \epsilon^2",
        "theorem-3.1/cosine/proof/norm-unlearned",
    ),
    _step(
        "theorem-3.1/cosine/proof/norm-retrained/version/literal",
        "Letter by letter: |w*|^2 is at most the sum of its terms without labels.",
        _optimum_squared,
        _optimum_literally,
        r"\|w^*\|^2 \leq \sum (\lambda^*_i)^2 \|x_i\|^2 + \sum_{i \neq k} \lambda^*_i \lambda^*_k \langle x_i, x_k \rangle",
        "theorem-3.1/cosine/proof/norm-retrained",
    ),
    _step(
        "theorem-3.1/cosine/proof/inner-product/version/literal",
        "Letter by letter: <w^, w*> is at least its diagonal terms less the others without labels.",
        _inner,
        _inner_literally,
        r"\langle \hat w, w^* \rangle \geq \sum \lambda^*_i \lambda_i \|x_i\|^2 - \sum_{i \neq k} \lambda^*_i \lambda_k \langle x_i, x_k \rangle "
        r"- \sum \lambda^*_i \langle x_i, v \rangle",
        "theorem-3.1/cosine/proof/inner-product",
        "lower",
    ),
    _step(
        "remark-B.1/proof/norm/version/literal",
        "Letter by letter: |w - v|^2 is at least its diagonal terms less the others without labels.",
        _without_error,
        lambda p: _squares(p.multipliers, p.multipliers, p.gram) - _products(p.multipliers, p.multipliers, p.gram),
        r"\|\sum \lambda_i y_i x_i\|^2 \geq \sum \lambda_i^2 \|x_i\|^2 - \sum_{i \neq k} \lambda_i \lambda_k \langle x_i, x_k \rangle",
        "remark-B.1/proof/norm",
        "lower",
        source=_REMARK,
    ),
    _step(
        "remark-B.1/proof/inner-product/version/literal",
        "Letter by letter: <w - v, w~ - v~> is at most the sum of its terms without labels.",
        _pair_inner,
        _pair_literally,
        r"\sum_{i \in [m]} \sum_{k \neq l} \lambda_i \tilde\lambda_k y_i y_k \langle x_i, x_k \rangle \leq \sum \tilde\lambda_i \lambda_i \|x_i\|^2 "
        r"+ \sum_{i \neq k} \tilde\lambda_i \lambda_k \langle x_i, x_k \rangle + \sum \tilde\lambda_i \lambda_l \langle x_i, x_l \rangle",
        "remark-B.1/proof/cross-sum",
        family=PAIRS,
        hypotheses=PAIR_SETTINGS,
        source=_REMARK,
        extremes=_opposed_pairs,
    ),
)
