"""Claims about probabilities: an event whose law is known, a bound, and the experiment that sets one against the other.

The left side is the probability of the event that a claim calls rare, the right side its bound, a sum of terms c exp(e); a claim that something holds
with probability at least 1 - b is one about the complement and b. Probabilities are computed, not sampled: in float64 for all dimensions of a grid,
and with Arb for a few of them and for whatever looks like a violation. Draws are a third opinion.
"""

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ...instances import Enclosure, TailGrid, TailPoint, exp, log
from ...tails import enclosed_at_least_one, has_flint, log_at_least_one
from ..claim import Claim, Hypothesis

#: Ratios of probabilities nearer to 1 than this, in the logarithm, are undecided in float64; what two engines may differ by, relatively.
_DOUBTFUL, _CLOSE = 1e-9, 1e-10
#: Points of a grid that are computed with Arb as well; those of a violation that are tried; logarithms beyond this are not.
_CHECKED, _TRIED, _SMALLEST = 12, 5, -5000.0
#: Ratios are cut off at the exponential of this.
_LARGEST = 700.0
#: Draws for each cell that is sampled.
_DRAWS = {"quick": 400, "default": 2000, "thorough": 20_000}

SIZE = Hypothesis("the dimension is at least 1", lambda p: p.dim - 1)
SOME_POINTS = Hypothesis("at least 1 point", lambda p: p.points - 1)
FEW_POINTS = Hypothesis("1 <= m <= d", lambda p: min(p.points - 1, p.dim - p.points))
THRESHOLD = Hypothesis("t > 0", lambda p: p.level if p.level > 0 else -1)
SIGMA = Hypothesis("sigma > 0", lambda p: p.sigma if p.sigma > 0 else -1)


class Event(NamedTuple):
    """An event of known probability.

    Attributes
    ----------
    logs : callable
        `TailGrid` -> (low, high): logarithms of two bounds of the probability, arrays; equal where it is known exactly.
    enclosed : callable
        `TailPoint` -> `Enclosure` of the lower one.
    """

    logs: object
    enclosed: object


class Draws(NamedTuple):
    """How an event is sampled.

    Attributes
    ----------
    sizes : tuple of (int, int)
        m and d of each cell.
    happens : callable
        (Gram matrices of shape (draws, m, m), d) -> bool array.
    """

    sizes: tuple
    happens: object


def exactly(function, enclosed):
    """An `Event` whose probability is known: ``function`` gives its logarithm on a grid."""
    return Event(lambda p: (function(p),) * 2, enclosed)


def at_least_one(event, count):
    """The event that one of independent copies of a known event happens; ``count`` gives their number."""
    return exactly(
        lambda p: log_at_least_one(event.logs(p)[0], count(p)),
        lambda p: enclosed_at_least_one(event.enclosed(p), count(p)),
    )


def log_bound(terms, grid):
    """Logarithm of a sum of c exp(e) on a grid; ``terms`` gives the pairs (c, e)."""
    logs = [np.log(np.asarray(factor, dtype=float)) + exponent for factor, exponent in terms(grid)]
    return np.logaddexp.reduce(np.array(np.broadcast_arrays(*logs)), axis=0)


def enclosed_bound(terms, point):
    """The same sum as an enclosure."""
    return sum((factor * exp(exponent) for factor, exponent in terms(point)), Enclosure(0, 0))


def tail_claim(id, statement, latex, source, kind="lemma", *, event, terms, grid, hypotheses, draws=None, **more):
    """The claim that an event has at most the probability ``terms``.

    Parameters
    ----------
    id, statement, latex, source, kind, more
        As for `Claim`.
    event : Event
    terms : callable
        Parameters -> pairs (c, e), the bound being the sum of c exp(e).
    grid : callable
        Name of a budget -> `TailGrid` of arrays of one length; thresholds are multiples of 1/1000.
    hypotheses : tuple of Hypothesis
        What the parameters satisfy; the grid does.
    draws : Draws, optional

    Returns
    -------
    Claim
    """

    def compared(grid):
        low, high = event.logs(grid)
        bound = log_bound(terms, grid)
        return low - bound, high - bound, bound >= 0

    def experiment(attack, budget, seed):
        _experiment(attack, event, grid(budget.name), compared, seed, draws, _DRAWS[budget.name])

    def left(p):
        return event.enclosed(p) if p.is_exact else np.exp(event.logs(p)[0])

    def right(p):
        return enclosed_bound(terms, p) if p.is_exact else np.exp(log_bound(terms, p))

    claim = Claim(
        id,
        statement,
        left,
        right,
        direction="probability",
        hypotheses=hypotheses,
        latex=latex,
        source=source,
        kind=kind,
        experiment=experiment,
        **more,
    )
    return claim


def rate_claim(id, statement, latex, source, kind="version", *, event, rate, grid, hypotheses, **more):
    """The claim that an event has at most the probability exp(-rate n), read by its exponent: rate n <= -log P.

    Parameters
    ----------
    rate : str
        A rational number.
    id, statement, latex, source, kind, event, grid, hypotheses, more
        As for `tail_claim`.
    """

    def compared(grid):
        low, high = event.logs(grid)
        exponent = np.log(grid.dim * grid.q(rate))
        return exponent - np.log(-low), exponent - np.log(-high), np.zeros(exponent.shape, dtype=bool)

    def experiment(attack, budget, seed):
        _experiment(attack, event, grid(budget.name), compared, seed)

    def left(p):
        return p.dim * p.q(rate)

    def right(p):
        return -log(event.enclosed(p)) if p.is_exact else -event.logs(p)[0]

    about = {"hypotheses": hypotheses, "latex": latex, "source": source, "kind": kind}
    claim = Claim(id, statement, left, right, experiment=experiment, **about, **more)
    return claim


def _experiment(attack, event, grid, compared, seed, draws=None, count=0):
    """Every point of the grid; Arb on some; draws; and the exact re-check of what violates the claim."""
    low, high, trivial = compared(grid)
    worst = int(np.argmax(low))
    tally = attack.tally
    tally.tried = tally.met = low.size
    tally.trivial = int(trivial.sum())
    tally.worst, tally.margin, tally.where = math.exp(min(low[worst], _LARGEST)), 0.0, exact_point(grid, worst)
    tally.ranges = {name: (float(values.min()), float(values.max())) for name, values in _varied(grid)}
    tally.undecided = int(((high > _DOUBTFUL) & (low <= _DOUBTFUL)).sum())
    rng = attack.rng(seed)
    if has_flint():
        tally.undecided += _disagreements(event, grid, rng)
    if draws is not None:
        tally.undecided += _excluded(event, draws, count, rng)
    if (low > _DOUBTFUL).any():
        attack.refutation = _refutation(attack, grid, low) if has_flint() else None
        tally.undecided += 0 if attack.refutation is not None else int((low > _DOUBTFUL).sum())


def exact_point(grid, index):
    """The `TailPoint` of a grid's index."""
    numbers = {name: values[index] for name, values in _varied(grid)}
    exact = {name: int(value) if name in TailPoint.INTEGERS else Fraction(round(value * 1000), 1000) for name, value in numbers.items()}
    return TailPoint(**exact)


def _varied(grid):
    arrays = ((name, getattr(grid, name)) for name in TailPoint.SHAPES)
    return [(name, values) for name, values in arrays if isinstance(values, np.ndarray)]


def _disagreements(event, grid, rng):
    """At how many of a few points the two engines differ."""
    logs = event.logs(grid)[0]
    usable = np.flatnonzero((logs > _SMALLEST) & (logs < 0))
    chosen = rng.choice(usable, min(_CHECKED, len(usable)), replace=False)
    found = [(logs[index], log(event.enclosed(exact_point(grid, index)))) for index in chosen]
    return sum(not abs(value - float(enclosed)) <= _CLOSE * max(1, abs(value)) for value, enclosed in found)


def _excluded(event, draws, count, rng):
    """In how many cells the observed frequency excludes the probability, at the level that all comparisons share."""
    from ...sampling import gaussian_gram
    from ...tails import limits

    wrong = 0
    for m, d in draws.sizes:
        hits = int(draws.happens(gaussian_gram(m, d, count, rng=rng), d).sum())
        low, high = limits(hits, count)
        bounds = [math.exp(end) for end in event.logs(TailGrid(float(d), float(m)))]
        wrong += bounds[1] < low or high < bounds[0]
    return wrong


def _refutation(attack, grid, ratios):
    """The exact re-check at the smallest dimensions where the ratio is clear, whole thresholds first; None if it confirms nothing."""
    clear = np.flatnonzero(ratios >= min(ratios.max(), math.log(2)))
    awkward = grid.level[clear] % 1 != 0 if isinstance(grid.level, np.ndarray) else np.zeros(len(clear))
    order = clear[np.lexsort((awkward, grid.dim[clear]))][:_TRIED]
    found = (attack.recheck(exact_point(grid, index)) for index in order)
    return next((refutation for refutation in found if refutation is not None), None)
