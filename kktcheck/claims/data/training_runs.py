"""Small models trained to the end, the evidence for claims about training: which were trained, how, and what came of them.

Full-batch gradient descent with steps divided by the loss follows gradient flow in a time that the loss does not slow down. A step is of
finite length, so where the flow slides along a kink the descent goes to and fro across it; pre-activations too small for the step to
tell from zero are read as kinks.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from ...certificate import certify
from ...dataset import Dataset
from ...errors import InfeasibleError, InputError
from ...models import LinearPredictor, TwoLayerReLU
from ...training import train

#: (points, neurons, dimension) of what is trained; no neurons: a linear predictor. Points are independent, so that multipliers are unique.
SHAPES = ((1, 2, 2), (2, 2, 3), (3, 4, 8), (4, 8, 6), (2, 8, 8), (4, 0, 5), (2, 0, 4))
#: Steps to the two certificates, and what a step is multiplied by.
EARLY, LATE, RATE = 300, 4000, 1.0
#: Flow may rest near one KKT point and leave it for another: what is not `_near` goes on, each time with steps this much longer (relative
#: to the weights, which grow, they stay short).
PATIENCE = (16.0, 256.0, 4096.0)
#: Lengths of a step, in units of the weights' norm, below which a pre-activation counts as zero: each is tried.
_REACH = (0.0, 3.0, 10.0)
#: Models of one shape trained side by side.
_BATCH = 100


class Run(NamedTuple):
    """One model: its size, m L / l(0) at the early time (below 1: the theorems speak), and at both times (distance, delta).

    The distance is epsilon / |theta| of an approximate KKT point near the model, plus the way there between unit vectors.
    """

    num_points: int
    num_neurons: int
    level: float
    early: tuple
    late: tuple


@functools.lru_cache(maxsize=4)
def runs(count, seed):
    """``count`` trained models of each shape; tuple of `Run`.

    Parameters
    ----------
    count, seed : int
    """
    found = []
    for index, shape in enumerate(SHAPES):
        for start in range(0, count, _BATCH):
            rng = np.random.default_rng([seed, index, start])
            found += _batch(shape, min(_BATCH, count - start), rng)
    return tuple(found)


def _batch(shape, count, rng):
    points, neurons, dim = shape
    drawn = [_draw(points, neurons, dim, rng) for _ in range(count)]
    models, sets = zip(*drawn)
    early = train(models, sets, steps=EARLY, learning_rate=RATE, normalised=True)
    late = train(models, sets, steps=LATE, learning_rate=RATE, normalised=True, resume=early)
    levels = np.array(early.losses) * points / math.log(2)
    found = [
        Run(points, max(neurons, 1), float(level), *(_reached(t.models[k], data, RATE) if level < 1 else None for t in (early, late)))
        for k, (level, data) in enumerate(zip(levels, sets, strict=True))
    ]
    reached = list(late.models)
    for rate in PATIENCE:
        slow = [k for k, run in enumerate(found) if run.level < 1 and not _near(run)]
        if not slow:
            break
        further = train([reached[k] for k in slow], [sets[k] for k in slow], steps=LATE, learning_rate=rate, normalised=True)
        for k, model in zip(slow, further.models, strict=True):
            reached[k], found[k] = model, found[k]._replace(late=_reached(model, sets[k], rate))
    return found


def _near(run):
    """Whether the distance has halved, and is small."""
    return run.early is not None and run.late is not None and run.late[0] <= min(run.early[0] / 2, 0.02)


def _draw(points, neurons, dim, rng):
    """A model near zero and its points; labels of a linear predictor come from another one, so that the points are separable."""
    X, labels = rng.standard_normal((points, dim)) / math.sqrt(dim), rng.choice([-1.0, 1.0], points)
    if neurons == 0:
        labels = np.where(X @ rng.standard_normal(dim) >= 0, 1.0, -1.0)
        return LinearPredictor(0.1 * rng.standard_normal(dim)), Dataset(X, labels)
    u = np.where(rng.permutation(neurons) % 2 == 0, 1.0, -1.0) / math.sqrt(neurons)
    return TwoLayerReLU(rng.standard_normal((neurons, dim)) * 0.1 / math.sqrt(dim), u), Dataset(X, labels)


def _reached(model, data, rate):
    """Least distance and its delta over the readings of which pre-activations are zero; None if every reading is infeasible."""
    found = []
    for reach in _REACH:
        try:
            certificate = certify(model, data, kink_tol=min(reach * rate / model.norm, 0.3))
        except (InfeasibleError, InputError):
            continue
        found.append((certificate.epsilon / certificate.model.norm + math.sqrt(2 * certificate.tau), certificate.delta))
    return min(found, default=None)
