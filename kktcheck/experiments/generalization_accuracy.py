"""What measured accuracies say of the mixture: means with exact binomial intervals, for datasets with both labels, and weighted over all datasets.

Whether all labels are equal has an exact probability, 2^(1-m), so both kinds of datasets are measured apart and put together with their exact
weights, instead of waiting for rare ones.
"""

import functools
from typing import NamedTuple

import numpy as np

from ..tails import limits
from .generalization_result import MODELS

#: The intervals miss with at most this probability.
LEVEL = 0.05


class Accuracy(NamedTuple):
    """Means and the ends of their intervals, arrays of shape (models, lengths, dims)."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def one_label(size):
    """2^(1-size), the probability that so many labels are equal; 1 for one label."""
    return 2.0 ** (1 - size)


def label_counts(result):
    """How many points decide about the labels of each of `MODELS`: all m for the original, the m - k retained ones for the others."""
    points, kept = result.settings.points, result.settings.points - result.settings.forgotten
    return tuple(points if name == "original" else kept for name in MODELS)


def with_both_labels(result):
    """Accuracy for datasets with both labels: among all points for the original, among the retained ones for the others.

    Parameters
    ----------
    result : kktcheck.experiments.generalization_result.Generalization

    Returns
    -------
    Accuracy
        Means over draws, nan where there is none. Intervals are those of Clopper and Pearson for the pooled test points: given the datasets drawn
        they hold the mean accuracy of their networks (several chances in place of one only narrow the law of the sum: Hoeffding, 1956). A draw
        without an exact KKT point has all test points wrong in ``low`` and all right in ``high``.
    """
    return _accuracy(result, _both(result), LEVEL)


def overall(result):
    """Accuracy for all datasets: both kinds of them measured, and put together with their exact probabilities.

    Returns
    -------
    Accuracy
        Where no draw had one label, what it would give counts as 1/2 in the mean, and as 0 and 1 in the interval; where none had both, the mean is
        nan.
    """
    both = _both(result)
    share = np.array([one_label(size) for size in label_counts(result)])[:, None, None]
    one, two = (_accuracy(result, chosen, LEVEL / 2) for chosen in (~both, both))
    ones = np.where(np.isnan(one.mean), 0.5, one.mean)
    twos = np.where(share == 1, 0.0, two.mean)
    return Accuracy(
        share * ones + (1 - share) * twos, share * one.low + (1 - share) * two.low, np.minimum(share * one.high + (1 - share) * two.high, 1.0)
    )


def onset(values, least):
    """Number of the first dimension from which on all values of a row are at least something, or None; nan is not.

    Parameters
    ----------
    values : (dims,) array
    least : float
    """
    below = np.flatnonzero(~(values >= least))
    first = 0 if not below.size else int(below[-1]) + 1
    return first if first < len(values) else None


def _both(result):
    """Whether the points that decide have both labels, bool, shape (models, lengths, dims, draws)."""
    rows = []
    for name, size in zip(MODELS, label_counts(result), strict=True):
        positive = result.positive if name == "original" else result.retained_positive
        rows.append((positive > 0) & (positive < size))
    return np.array(rows)


#: Most cells have the same few counts: all right.
_limits = functools.lru_cache(maxsize=10_000)(limits)


def _accuracy(result, chosen, level):
    points = result.settings.test_points
    found = chosen & ~np.isnan(result.accuracy)
    right = np.rint(np.where(found, result.accuracy, 0.0).sum(axis=-1) * points).astype(int)
    total, missing = found.sum(axis=-1) * points, (chosen & ~found).sum(axis=-1) * points
    mean = np.divide(right, total, out=np.full(right.shape, np.nan), where=total > 0)
    low, high = np.zeros(right.shape), np.ones(right.shape)
    for place in zip(*np.nonzero(total), strict=True):
        count = total[place] + missing[place]
        low[place] = _limits(right[place], count, level)[0]
        high[place] = _limits(right[place] + missing[place], count, level)[1]
    return Accuracy(mean, low, high)
