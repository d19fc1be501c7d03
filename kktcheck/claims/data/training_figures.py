"""Figure 1 in small, many times over: ten networks on one dataset, one point forgotten, epsilon with respect to the others.

Everything is done in Gram coordinates and for all networks at once: with few points the multipliers that make the residual least are found
by trying every support.
"""

import functools
import itertools
import math
from typing import NamedTuple

import numpy as np

from ...dataset import Dataset
from ...models import TwoLayerReLU
from ...training import train

POINTS, NEURONS, DIM, NETWORKS = 4, 12, 1000, 10
STEPS = 1500
#: Fractions of the step that are compared: the paper's, and those that deviate much.
FRACTIONS = (1.0, 0.0, 1.5)
#: Datasets trained side by side.
_BATCH = 130


class Figure(NamedTuple):
    """One figure: its size, how many of its networks have learned every point, and their mean epsilon for each of `FRACTIONS`."""

    num_points: int
    num_neurons: int
    learned: int
    means: tuple


@functools.lru_cache(maxsize=4)
def figures(count, seed):
    """``count`` figures, `POINTS` of them to a dataset; tuple of `Figure`."""
    found = []
    for start in range(0, -(-count // POINTS), _BATCH):
        rng = np.random.default_rng([seed, start])
        found += _drawn(min(_BATCH, -(-count // POINTS) - start), rng)
    return tuple(found[:count])


def _drawn(datasets, rng):
    grams, labels, P, W2, signs = trained(datasets, rng)
    learned = (margins(P, labels, signs) > 0).all(axis=1).reshape(datasets, NETWORKS)
    found = []
    for point in range(POINTS):
        epsilon = forgotten(grams, labels, P, W2, signs, point, FRACTIONS).reshape(datasets, NETWORKS, len(FRACTIONS))
        for k in range(datasets):
            mean = epsilon[k, learned[k]].mean(axis=0) if learned[k].any() else np.full(len(FRACTIONS), np.nan)
            found.append(Figure(POINTS, NEURONS, int(learned[k].sum()), tuple(mean.tolist())))
    return found


def trained(datasets, rng):
    """Networks of Appendix E, smaller, trained in the span of their points: `NETWORKS` on each dataset.

    Returns
    -------
    grams : (B, m, m) array
    labels : (B, m) array
    P : (B, n, m) array
        Pre-activations.
    norms : (B,) array
        Squared norms of the weights.
    signs : (B, n) array
    """
    models, sets = [], []
    for _ in range(datasets):
        X = rng.standard_normal((POINTS, DIM)) / math.sqrt(DIM)
        data = Dataset.from_gram(X @ X.T, rng.choice([-1.0, 1.0], POINTS))
        for _ in range(NETWORKS):
            signs = np.where(rng.permutation(NEURONS) % 2 == 0, 1.0, -1.0)
            models.append(TwoLayerReLU(1e-5 * rng.standard_normal((NEURONS, data.dim)), signs / math.sqrt(NEURONS)))
            sets.append(data)
    training = train(models, sets, steps=STEPS, normalised=True)
    W = np.array([model.W for model in training.models])
    P = np.array([model.preactivations(data) for model, data in zip(training.models, sets, strict=True)])
    signs = np.array([np.sign(model.u) for model in models])
    return np.array([data.gram for data in sets]), np.array([data.y for data in sets]), P, (W**2).sum(axis=(1, 2)), signs


def margins(P, labels, signs):
    """y_i N(x_i); (B, m)."""
    return labels * np.einsum("bj,bji->bi", signs, np.maximum(P, 0)) / math.sqrt(NEURONS)


def forgotten(grams, labels, P, norms, signs, point, fractions):
    """Epsilon at minimum margin 1 with respect to the other points, for each fraction of the step; (B, F), inf where one is misclassified."""
    multipliers = least_residual(grams, labels, P, norms, signs, range(POINTS))[1]
    active = (P[:, :, point] >= 0) * signs / math.sqrt(NEURONS)
    step = multipliers[:, point, None] * labels[:, point, None] * active
    kept = [i for i in range(POINTS) if i != point]
    columns = []
    for fraction in fractions:
        moved = P - fraction * step[:, :, None] * grams[:, None, point, :]
        inner, size = (step * P[:, :, point]).sum(axis=1), (step**2).sum(axis=1) * grams[:, point, point]
        squares = least_residual(grams, labels, moved, norms - 2 * fraction * inner + fraction**2 * size, signs, kept)[0]
        least = margins(moved, labels, signs)[:, kept].min(axis=1)
        columns.append(np.where(least > 0, np.sqrt(np.maximum(squares, 0)) / np.where(least > 0, least, 1), np.inf))
    return np.stack(columns, axis=1)


def least_residual(grams, labels, P, norms, signs, kept):
    """Least squared stationarity error over multipliers of the points ``kept`` (sigma' = 1 where P >= 0), and the multipliers; (B,), (B, m).

    The least residual belongs to the support, among those whose own solution is not negative, with the least residual.
    """
    signed = labels[:, :, None] * labels[:, None, :] * grams
    active = (P >= 0).astype(float)
    gram = signed * (active.transpose(0, 2, 1) @ active) / NEURONS
    right = margins(P, labels, signs)
    best, multipliers = norms.copy(), np.zeros(right.shape)
    usable = np.diagonal(gram, axis1=1, axis2=2) > 0
    for size in range(1, len(kept) + 1):
        for support in map(list, itertools.combinations(kept, size)):
            alive = usable[:, support].all(axis=1)
            system = np.where(alive[:, None, None], gram[:, support][:, :, support], np.eye(size))
            solution = np.linalg.solve(system, right[:, support, None])[:, :, 0]
            residual = norms - (right[:, support] * solution).sum(axis=1)
            better = alive & (solution >= 0).all(axis=1) & (residual < best)
            best[better] = residual[better]
            multipliers[better] = 0.0
            multipliers[np.ix_(better, support)] = solution[better]
    return best, multipliers
