"""The events of Appendix A with their laws, and the parameters at which they are computed: every dimension up to a size, and a grid up to 1e9."""

import functools
import math
from fractions import Fraction

import numpy as np

from ...instances import Enclosure, TailGrid, log, root
from ...tails import (
    enclosed_at_least_one,
    enclosures,
    log_at_least_one,
    log_norm_above,
    log_norm_below,
    log_normal_beyond,
    log_product_beyond,
)
from ..claim import Hypothesis
from .probabilities import Event, at_least_one, exactly

#: Every dimension up to the first number, then so many up to 1e9.
_DIMS = {"quick": (400, 40), "default": (10_000, 200), "thorough": (100_000, 1000)}
_LARGEST = 9
#: Thresholds t in units of sigma.
_LEVELS = (0.05, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0)


def norm_below(ratio):
    """|w|^2 <= ratio sigma^2 n for w from N(0, sigma^2 I_n); the ratio is a decimal in a string."""
    return exactly(lambda p: log_norm_below(p.dim, p.q(ratio)), lambda p: enclosures.norm_below(p.dim, Fraction(ratio)))


def norm_above(ratio):
    """|w|^2 >= ratio sigma^2 n."""
    return exactly(lambda p: log_norm_above(p.dim, p.q(ratio)), lambda p: enclosures.norm_above(p.dim, Fraction(ratio)))


def norm_outside(low, high):
    """|w|^2 <= low sigma^2 n or |w|^2 >= high sigma^2 n."""
    below, above = norm_below(low), norm_above(high)
    return exactly(lambda p: np.logaddexp(below.logs(p)[0], above.logs(p)[0]), lambda p: below.enclosed(p) + above.enclosed(p))


def small_product(d):
    """1.1 log(d) / sqrt(d), the bound on inner products, in the kind of numbers of d."""
    return (1.1 if isinstance(d, (float, np.ndarray)) else Fraction(11, 10)) * log(d) / root(d)


#: |<u, v>| >= |u| t for a fixed u other than 0.
DIRECTION = exactly(lambda p: log_normal_beyond(p.level / p.sigma), lambda p: enclosures.normal_beyond(p.level / p.sigma))
#: Always.
CERTAIN = exactly(lambda p: np.zeros(np.shape(p.dim)), lambda p: Enclosure(1, 1))
#: The squared norm of a draw from N(0, I/d) is above the bound on inner products.
LONG = exactly(lambda p: log_norm_above(p.dim, small_product(p.dim)), lambda p: enclosures.norm_above(p.dim, small_product(p.dim)))
SOME_LONG = at_least_one(LONG, lambda p: p.points)


TWO_COPIES = Hypothesis("2 points", lambda p: 0 if p.points == 2 else -1)


def product_beyond(level):
    """|<u, v>| >= level for independent u, v from N(0, I_n); ``level`` is a function of the parameters."""
    return exactly(lambda p: log_product_beyond(p.dim, level(p)), lambda p: enclosures.product_beyond(p.dim, level(p)))


def _pair_level(p):
    return small_product(p.dim) * p.dim


def _under_the_root(p):
    # Both vectors are scaled to standard deviation 1.
    ratio = 1.1 if isinstance(p.level, (float, np.ndarray)) else Fraction(11, 10)
    return ratio * root(p.dim * p.level) / p.sigma


def _outside_the_root(p):
    ratio = 1.1 if isinstance(p.level, (float, np.ndarray)) else Fraction(11, 10)
    return ratio * root(p.dim) * p.level / p.sigma


#: |<u, v>| >= 1.1 sigma_1 sqrt(n t), and >= 1.1 sigma_1 sqrt(n) t.
UNDER_THE_ROOT, OUTSIDE_THE_ROOT = product_beyond(_under_the_root), product_beyond(_outside_the_root)
#: |<x, x'>| >= 1.1 log(d)/sqrt(d) for two independent draws from N(0, I/d).
PAIR = product_beyond(_pair_level)
OUTSIDE = norm_outside("0.9", "1.1")
ANY_OUTSIDE = at_least_one(OUTSIDE, lambda p: p.points)


@functools.lru_cache(maxsize=8)
def _pair_logs_of(dims):
    return PAIR.logs(TailGrid(np.array(dims)))[0]


def _pair_logs(p):
    """Logarithms for a pair: the same dimensions come with many numbers of points."""
    dims, places = np.unique(np.asarray(p.dim, dtype=float), return_inverse=True)
    return _pair_logs_of(tuple(dims))[places].reshape(np.shape(p.dim))


def _pairs(m):
    return m * (m - 1) / 2


def _log_pairs(p):
    with np.errstate(divide="ignore"):
        return np.log(_pairs(np.asarray(p.points, dtype=float)))


def _any_pair(p):
    """From below by floor(m/2) pairs that share no point, hence are independent; from above by the union over all pairs."""
    pair = _pair_logs(p)
    return log_at_least_one(pair, np.asarray(p.points) // 2), np.minimum(_log_pairs(p) + pair, 0.0)


#: Some two of m points have an inner product beyond the bound.
ANY_PAIR = Event(_any_pair, lambda p: enclosed_at_least_one(PAIR.enclosed(p), p.points // 2))


def _fails(p):
    (norms, _), (low, high) = ANY_OUTSIDE.logs(p), ANY_PAIR.logs(p)
    union = np.logaddexp(np.log(p.points) + OUTSIDE.logs(p)[0], high)
    return np.maximum(norms, low), np.minimum(union, 0.0)


def _fails_enclosed(p):
    either = ANY_OUTSIDE.enclosed(p), ANY_PAIR.enclosed(p)
    return Enclosure(max(one.low for one in either), max(one.high for one in either))


#: Assumption 2.3 fails for m points: from below by norms or by pairs alone, from above by the union of everything.
FAILS = Event(_fails, _fails_enclosed)


def dims(budget):
    """Dimensions of a budget, increasing; float array."""
    every, more = _DIMS[budget]
    beyond = np.unique(np.round(np.logspace(math.log10(every), _LARGEST, more + 1))[1:])
    return np.concatenate([np.arange(1.0, every + 1), beyond])


def by_dim(budget):
    """The grid of dimensions alone."""
    return TailGrid(dims(budget))


def by_level(budget):
    """Thresholds t up to 10, in steps of 0.025 or 0.001 (thorough: to 100), with sigma = 1; the dimension, which does not matter, is 1."""
    count, step = {"quick": (400, 25), "default": (10_000, 1), "thorough": (100_000, 1)}[budget]
    levels = np.arange(1.0, count + 1) * step / 1000
    return TailGrid(np.ones(count), level=levels, sigma=np.ones(count))


def by_dim_and_level(budget):
    """Every dimension up to 100, then every eighth, times a few thresholds, sigma = 1."""
    every = dims(budget)
    few = np.concatenate([every[:100], every[100::8]])
    dim, level = (values.ravel() for values in np.meshgrid(few, _LEVELS, indexing="ij"))
    return TailGrid(dim, level=level, sigma=np.ones(len(dim)))


def by_dim_and_points(budget, beyond=False, least=1, copies=False):
    """Every dimension up to a quarter of the largest, then every fifth, times numbers of points.

    Parameters
    ----------
    budget : str
    beyond : bool, optional
        Also more points than dimensions.
    least : int, optional
        Least number of points.
    copies : bool, optional
        Two points only.
    """
    every = dims(budget)
    few = np.concatenate([every[: len(every) // 4], every[len(every) // 4 :: 5]])
    if copies:
        return TailGrid(few, np.full(len(few), 2.0))
    columns = [np.full(len(few), float(m)) for m in (1, 2, 5, 30, 1000)] + [few] + ([np.minimum(10 * few, 1e9)] if beyond else [])
    dim, points = np.tile(few, len(columns)), np.concatenate(columns)
    chosen = (points >= least) & ((points <= dim) | beyond)
    return TailGrid(dim[chosen], points[chosen])
