"""Valid instances for the tests: Hypothesis strategies that construct what they promise and filter nothing.

Sizes and seeds are drawn, so that shrinking leads to few points, neurons and dimensions; bulk numbers come from NumPy.

``datasets``, ``linear_instances`` and ``two_layer_instances`` take ``kinds``, some of `KINDS`:

- ``"spread"``: random directions and norms in [0.7, 1.4], the number of points and the dimension in any order;
- ``"deficient"``: more points than dimensions, in a proper subspace where there is room for one;
- ``"duplicates"``: some points twice or more;
- ``"orthogonal"``: norms within 0.02 of 1, inner products below 0.012 (near-orthogonal in the sense of Assumption 2.3).
"""

import hypothesis.strategies as st
import numpy as np
from hypothesis import settings

from kktcheck.dataset import Dataset
from kktcheck.models import LinearPredictor, TwoLayerReLU

#: Examples per property in the default profile.
CI_EXAMPLES = 30

KINDS = ("spread", "deficient", "duplicates", "orthogonal")


def examples(count):
    """Settings for a costly property: ``count`` examples in the default profile, in proportion in any other."""
    return settings(max_examples=max(1, count * settings.default.max_examples // CI_EXAMPLES))


def seeds():
    """Seeds of a NumPy generator."""
    return st.integers(0, 2**32 - 1)


def small_matrices(*, rows, columns, denominator=8):
    """Matrices of multiples of 1/denominator in [-1, 1] (a power of two keeps float64 sums and products exact), without zero rows.

    ``rows`` and ``columns`` are numbers.
    """
    entry = st.integers(-denominator, denominator)
    row = st.lists(entry, min_size=columns, max_size=columns).map(lambda r: r if any(r) else [1, *r[1:]])
    return st.lists(row, min_size=rows, max_size=rows).map(lambda r: np.array(r, dtype=np.float64) / denominator)


@st.composite
def datasets(draw, *, kinds=KINDS, min_points=1, max_points=8, max_dim=10):
    """Datasets with any labels; duplicates may carry opposite ones."""
    rng = np.random.default_rng(draw(seeds()))
    X = draw(_points(rng, draw(st.sampled_from(kinds)), min_points, max_points, max_dim))
    return Dataset(X, rng.choice([-1.0, 1.0], len(X)))


@st.composite
def linear_instances(draw, *, kinds=KINDS, min_points=1, max_points=8, max_dim=10):
    """Pairs (dataset, linear predictor) in which every margin is positive."""
    rng, kind = np.random.default_rng(draw(seeds())), draw(st.sampled_from(kinds))
    X = draw(_points(rng, kind, min_points, max_points, max_dim))
    if kind == "orthogonal":
        y = rng.choice([-1.0, 1.0], len(X))
        return Dataset(X, y), LinearPredictor((rng.uniform(0.5, 1.5, len(X)) * y) @ X)
    model = LinearPredictor(rng.standard_normal(X.shape[1]))
    return _labelled_by(model.outputs, X), model


@st.composite
def two_layer_instances(draw, *, kinds=KINDS, min_points=1, max_points=8, max_dim=10, max_neurons=6, kinks=False):
    """Pairs (dataset, two-layer network with |u_j| = 1/sqrt(n)) in which every margin is positive.

    With ``kinks`` some neurons are orthogonal to some points, and the model carries the mask of these pairs (it may be empty);
    the dimension is then at least 2 and the first neuron has none.
    """
    rng, kind = np.random.default_rng(draw(seeds())), draw(st.sampled_from(kinds))
    X = draw(_points(rng, kind, min_points, max_points, max_dim, min_dim=2 if kinks else 1))
    n = draw(st.integers(2, max_neurons))
    u = np.where(np.arange(n) % 2, -1.0, 1.0) / np.sqrt(n)
    if kind == "orthogonal" and not kinks:
        # A neuron is active exactly on the points whose label has the sign of its u_j, so every term of a margin is positive.
        y = rng.choice([-1.0, 1.0], len(X))
        W = np.sign(u)[:, None] * ((rng.uniform(0.5, 1.5, (n, len(X))) * y) @ X)
        return Dataset(X, y), TwoLayerReLU(W, u)
    W = rng.standard_normal((n, X.shape[1]))
    if kinks:
        for j in range(1, n):
            i = int(rng.integers(len(X)))
            W[j] -= (W[j] @ X[i]) / (X[i] @ X[i]) * X[i]
    data = _labelled_by(lambda points: u @ np.maximum(_clean(W, points), 0.0), X)
    return data, TwoLayerReLU(W, u, _clean(W, data.X) == 0 if kinks else None)


def _clean(W, X):
    """Pre-activations with those that are zero up to rounding set to zero."""
    P = W @ X.T
    sizes = np.linalg.norm(W, axis=1)[:, None] * np.linalg.norm(X, axis=1)
    return np.where(np.abs(P) <= 1e-13 * sizes, 0.0, P)


def _labelled_by(outputs, X):
    """Dataset whose labels are the signs of the outputs; a point on which every neuron sleeps is mirrored, faint ones are scaled up."""
    X = np.where(outputs(X)[:, None] == 0, -X, X)
    sizes = np.abs(outputs(X))
    X = X * np.maximum(1.0, 0.05 * np.median(sizes) / sizes)[:, None]
    return Dataset(X, np.sign(outputs(X)))


@st.composite
def _points(draw, rng, kind, min_points, max_points, max_dim, min_dim=1):
    if kind == "orthogonal":
        m = draw(st.integers(min_points, max_points))
        d = draw(st.integers(max(m, min_dim), max(m, max_dim)))
        basis = np.linalg.qr(rng.standard_normal((d, m)))[0].T
        nudges = rng.standard_normal((m, d))
        return rng.uniform(0.985, 1.015, m)[:, None] * basis + 0.005 * nudges / np.linalg.norm(nudges, axis=1, keepdims=True)
    if kind == "deficient":
        d = draw(st.integers(min_dim, max(min_dim, min(max_dim, max_points - 1))))
        m = draw(st.integers(max(d + 1, min_points), max(d + 1, max_points)))
        rank = draw(st.integers(1, max(1, d - 1)))
        return _of_norms_near_1(rng, rng.standard_normal((m, rank)) @ np.linalg.qr(rng.standard_normal((d, rank)))[0].T)
    m, d = draw(st.integers(min_points, max_points)), draw(st.integers(min_dim, max_dim))
    X = _of_norms_near_1(rng, rng.standard_normal((m, d)))
    return X[rng.integers(0, max(1, m - 1), m)] if kind == "duplicates" else X


def _of_norms_near_1(rng, X):
    return X * (rng.uniform(0.7, 1.4, len(X)) / np.linalg.norm(X, axis=1))[:, None]
