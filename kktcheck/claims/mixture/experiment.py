"""Theorem 6.1 attacked: exact KKT points on drawn datasets, their chance to misclassify a new point, and fresh points that they classify.

Given the network the products <w_j, x_t> are normal: the chance that one of them has the wrong sign is a sum of normal tails, an upper bound of the
chance of a wrong answer. A dataset on which that exceeds the bound for a new point, or on which more fresh points go wrong than that bound makes
likely, counts against the theorem; such datasets may occur as often as the bound for datasets says, not more often, by the exact binomial limits.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from ...errors import InfeasibleError, SolverError
from ...experiments.generalization import networks
from ...instances.mixture import MixturePoint
from ...sampling import gaussian_mixture_gram
from ...tails import LEVEL, limits
from ..claim import Reading
from .lengths import APPENDIX, LONGER, SECTION, mean

#: Draws of each cell by budget, and fresh points for each.
_DRAWS, _FRESH = {"quick": 12, "default": 60, "thorough": 600}, 200
_UNLIKELY = math.log(1e-12)


class Cell(NamedTuple):
    """A scaling, alpha, dimension, m, n and k."""

    scaling: object
    alpha: float
    dim: int
    points: int
    neurons: int
    forgotten: int


#: Beyond what the paper asks for (|mu|^2 > w, |mu|^2 + w <= 0.01 / (4 m n)), and beyond what the sharper theorem asks for.
PAPER_CELLS = (
    Cell(SECTION, 0.15, 10**15, 4, 4, 1), Cell(SECTION, 0.2, 10**18, 10, 10, 1),
    Cell(SECTION, 0.2, 10**20, 16, 12, 1), Cell(SECTION, 0.15, 10**14, 2, 4, 1),
    Cell(APPENDIX, 0.1, 10**14, 3, 4, 1), Cell(APPENDIX, 0.05, 10**17, 6, 10, 1),
    Cell(APPENDIX, 0.08, 10**17, 10, 6, 1), Cell(LONGER, 0.22, 10**18, 5, 8, 1),
    Cell(LONGER, 0.24, 10**19, 10, 10, 1),
)  # fmt: skip
SET_CELLS = (
    Cell(SECTION, 0.15, 10**15, 4, 4, 2), Cell(SECTION, 0.2, 10**18, 10, 10, 5),
    Cell(SECTION, 0.2, 10**20, 16, 12, 13), Cell(SECTION, 0.15, 10**15, 6, 4, 4),
    Cell(APPENDIX, 0.1, 10**14, 3, 4, 1), Cell(APPENDIX, 0.05, 10**17, 6, 10, 3),
    Cell(APPENDIX, 0.08, 10**17, 10, 6, 8), Cell(LONGER, 0.22, 10**18, 5, 8, 2),
    Cell(LONGER, 0.24, 10**19, 10, 10, 8),
)  # fmt: skip
SHARPER_CELLS = (
    Cell(SECTION, 0.05, 20_000, 10, 10, 1), Cell(SECTION, 0.02, 40_000, 6, 20, 2),
    Cell(SECTION, 0.05, 10**5, 20, 10, 8), Cell(SECTION, 0.1, 10**5, 10, 100, 3),
    Cell(SECTION, 0.15, 10**7, 16, 10, 6), Cell(SECTION, 0.2, 10**17, 30, 10, 9),
    Cell(APPENDIX, 0.2, 30_000, 8, 8, 3), Cell(LONGER, 0.2, 20_000, 6, 8, 1),
    Cell(LONGER, 0.24, 50_000, 10, 10, 5),
)  # fmt: skip


class Draw(NamedTuple):
    """One dataset: log of the chance that a sign goes wrong at a new point, fresh points that did, for the worse of both networks; labels.

    ``chance`` is 0 (probability 1) where a network has no neuron of a sign.
    """

    num_points: int
    num_neurons: int
    chance: float
    wrong: int
    both_labels: bool


def experiment(cells, of_datasets, of_points):
    """The experiment of a claim: (attack, budget, seed) -> None, as `Claim.experiment`.

    Parameters
    ----------
    cells : tuple of Cell
    of_datasets, of_points : callable
        `MixturePoint` -> bounds on the chances of failure, without 2^(1-(m-k)).
    """

    def run(attack, budget, seed):
        for number, cell in enumerate(cells):
            draws = drawn(cell, _DRAWS[budget.name], seed, number)
            ratios, level = judged(cell, draws, of_datasets, of_points)
            for draw, ratio in zip(draws, ratios, strict=True):
                attack.tally.add(draw, Reading(True, "d is large enough", level, ratio, ()))
                attack.tally.undecided += ratio > 1

    return run


def judged(cell, draws, of_datasets, of_points):
    """Ratios, a number for each draw, and the bound on the chance of failing datasets.

    A draw with both labels has the ratio of its chance to the bound, as long as bad datasets are too rare to be seen at all; where they are not,
    and for draws with one label, it is that of the least probability that the frequency of bad datasets allows to its bound.
    """
    p = MixturePoint(float(cell.dim), cell.alpha, 0.01, cell.points, cell.neurons, cell.forgotten)
    bound, extra = float(of_datasets(p)), 2.0 ** (1 - (cell.points - cell.forgotten))
    log_bound = _log(of_points, p)
    bad = [draw.chance > log_bound or surprising(draw.wrong, log_bound) for draw in draws]
    shared = limits(sum(bad), len(draws), LEVEL)[0] / min(bound + extra, 1.0)
    rare = bound * len(draws) < 1e-9
    own = [math.exp(min(draw.chance - log_bound, 50.0)) for draw in draws]
    return [
        max(shared, math.inf if fails else ratio) if draw.both_labels and rare else shared for draw, fails, ratio in zip(draws, bad, own, strict=True)
    ], bound


def surprising(wrong, log_bound):
    """Whether so many wrong answers among the fresh points have a chance below 1e-12 if each has at most the bound."""
    return wrong > 0 and math.log(math.comb(_FRESH, wrong)) + wrong * log_bound < _UNLIKELY


def _log(of_points, p):
    """Log of the bound for a new point; below float64's range by the dominant term m/2 d^(-log(d)/2), which is in all of them."""
    value = float(of_points(p))
    return math.log(value) if value > 1e-300 else math.log(p.points / 2) - math.log(p.dim) ** 2 / 2


@functools.lru_cache(maxsize=64)
def drawn(cell, count, seed, number):
    """``count`` datasets of a cell with their networks; tuple of `Draw`."""
    return tuple(_draw(cell, np.random.default_rng([seed, number, draw, 61])) for draw in range(count))


def _draw(cell, rng):
    size = mean(MixturePoint(float(cell.dim), cell.alpha, 0.01, cell.points, cell.neurons, cell.forgotten), cell.scaling)
    drawn = gaussian_mixture_gram(cell.points, cell.dim, mean_norm=size, test_points=_FRESH, rng=rng)
    forget = list(range(cell.forgotten))
    kept = np.delete(drawn.y, forget)
    both = bool(kept.min() < kept.max())
    try:
        models = networks(drawn.dataset(), cell.neurons, forget, rng)
    except (InfeasibleError, SolverError):
        return Draw(cell.points, cell.neurons, 0.0, _FRESH, both)
    found = [_of_network(models.get(name), drawn, cell.dim) for name in ("original", "plain")]
    return Draw(cell.points, cell.neurons, max(chance for chance, _ in found), max(wrong for _, wrong in found), both)


def _of_network(model, drawn, dim):
    """Log of the chance that a neuron has the wrong sign at a new point, and how many fresh points are classified wrongly."""
    if model is None:
        return 0.0, len(drawn.test_y)
    wrong = int((model.outputs(drawn.test_coordinates) * drawn.test_y <= 0).sum())
    lengths = np.linalg.norm(model.W, axis=1)
    acting = lengths > 1e-9 * lengths.max()
    if len(set(np.sign(model.u[acting]))) < 2:
        return 0.0, wrong
    return wrong_signs(np.sign(model.u[acting]), model.W[acting] / lengths[acting][:, None], drawn.mean_norm, dim), wrong


def wrong_signs(signs, directions, size, dim):
    """Log of a bound on the chance that sign(u_j) y_t <w_j, x_t> <= 0 for some j: normal tails, summed over the directions that differ.

    Parameters
    ----------
    signs : (n,) array
    directions : (n, r) array
        Unit vectors, the first coordinate along the mean.
    size : float
        |mu|.
    dim : float
    """
    from scipy.special import log_ndtr

    rows = np.unique(np.round(np.column_stack([signs, directions]), 9), axis=0)
    logs = log_ndtr(-rows[:, 0] * rows[:, 1] * size * math.sqrt(dim))
    return min(float(np.logaddexp.reduce(logs)), 0.0)
