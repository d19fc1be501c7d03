"""Section 6 measured: how well the original, the unlearned and the retrained network classify fresh points of the Gaussian mixture.

Every draw is a dataset with an exact KKT point found from random states; the first k points are forgotten. Points are drawn through their inner
products, so dimensions up to 1e20 cost what small ones do.

A cell is a value and `run_cell` a function of it alone: cells run in any order, anywhere, with the same numbers::

    found = run(Settings(dims=(10**3, 10**6), alphas=(0.1, 0.2)), jobs=2)
"""

import contextlib
from dataclasses import dataclass

import numpy as np

from .. import executors
from ..certificate import certify
from ..errors import InfeasibleError, InputError, SolverError
from ..kkt_point import kkt_point
from ..models import TwoLayerReLU
from ..sampling import gaussian_mixture_gram
from ..sampling.sizes import dimension, mean_length, whole
from ..unlearning import gradient_ascent
from .generalization_result import MODELS, Cells, Generalization, settings_json

#: A neuron shorter than this share of the longest one before the step is rounding: exact networks have residuals of 1e-15.
_GONE = 1e-12


@dataclass(frozen=True)
class Settings:
    """A grid of dimensions and of lengths of the mean.

    Parameters
    ----------
    dims : tuple of int or float
        Whole numbers from 1 to 1e20.
    alphas, mean_norms : tuple of float
        One of them: exponents of |mu| = d^-alpha, or the lengths themselves.
    points, neurons, forgotten : int
        m, n and k < m. Half of the outer weights, 1/sqrt(n) each, are positive (one more if n is odd).
    draws : int
        Datasets per cell.
    test_points : int
        Fresh points for each dataset.
    seed : int

    Raises
    ------
    InputError
        A size is out of range, or not exactly one of alphas and mean_norms is given.
    """

    dims: tuple = (10**3, 10**6, 10**9)
    alphas: tuple | None = None
    mean_norms: tuple | None = None
    points: int = 10
    neurons: int = 20
    forgotten: int = 1
    draws: int = 5
    test_points: int = 1000
    seed: int = 0

    def __post_init__(self):
        for name, least in (("points", 2), ("neurons", 1), ("forgotten", 1), ("draws", 1), ("test_points", 1), ("seed", 0)):
            whole(getattr(self, name), name, least)
        if self.forgotten >= self.points:
            raise InputError(f"forgotten = {self.forgotten} of {self.points} points: at least one has to stay")
        if (self.alphas is None) == (self.mean_norms is None):
            raise InputError("give exactly one of alphas and mean_norms")
        if not self.dims or not self.lengths:
            raise InputError("a grid needs at least one dimension and one length of the mean")
        for name in ("dims", "alphas", "mean_norms"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "dims", tuple(dimension(d) for d in self.dims))
        for length in self.lengths:
            for d in self.dims:
                mean_length(*self._norm_and_alpha(length), d)

    @property
    def lengths(self):
        """The exponents or the lengths, whichever are given."""
        return self.alphas if self.mean_norms is None else self.mean_norms

    def _norm_and_alpha(self, length):
        return (None, length) if self.mean_norms is None else (length, None)

    def cells(self):
        """The cells, lengths outermost; tuple of `Cell`."""
        return tuple(
            Cell(*self._norm_and_alpha(length), d, self.points, self.neurons, self.forgotten, self.draws, self.test_points, (self.seed, row, column))
            for row, length in enumerate(self.lengths)
            for column, d in enumerate(self.dims)
        )


@dataclass(frozen=True)
class Cell:
    """One dimension and one length of the mean; ``seed`` is a tuple of integers of its own."""

    mean_norm: float | None
    alpha: float | None
    dim: int
    points: int
    neurons: int
    forgotten: int
    draws: int
    test_points: int
    seed: tuple


def run(settings, *, progress=None, checkpoint=None, jobs=1):
    """Measure every cell of a grid.

    Parameters
    ----------
    settings : Settings
    progress : callable, optional
        ``progress(stage, done, total)`` at the start and after every cell.
    checkpoint : path-like, optional
        A JSON file that keeps finished cells: read if it exists, replaced in one step after every cell.
    jobs : int or concurrent.futures.Executor, optional
        Number of processes, or what runs the cells; the numbers do not depend on it (see `kktcheck.executors`).

    Returns
    -------
    Generalization

    Raises
    ------
    InputError
        The checkpoint holds cells of other settings.
    FileError
        It cannot be read or written.
    SolverError
        A process died; the checkpoint holds the finished cells.
    """
    results = run_cells(settings.cells(), settings_json(settings), progress=progress, checkpoint=checkpoint, jobs=jobs)
    return Generalization.of(settings, results)


def run_cells(cells, settings, *, progress=None, checkpoint=None, jobs=1):
    """Measure cells of any settings, in the way of `run`.

    Parameters
    ----------
    cells : sequence of Cell
    settings : dict
        What the cells follow from, as JSON takes it: the checkpoint is for these.

    Returns
    -------
    list of dict
        What `run_cell` returns for each.
    """
    kept = Cells(checkpoint, settings, cells)
    waiting = [place for place in range(len(cells)) if place not in kept.found]
    report = progress or (lambda stage, done, total: None)

    def finished(number, result):
        kept.add(waiting[number], result)
        report("cells", len(kept.found), len(cells))

    report("cells", len(kept.found), len(cells))
    with executors.opened(jobs) as executor:
        executors.run(executor, run_cell, [(cells[place],) for place in waiting], finished)
    return [kept.found[place] for place in range(len(cells))]


def run_cell(cell):
    """All draws of a cell, a dict of JSON values.

    Returns
    -------
    dict
        ``right``: how many test points each of `MODELS` classifies rightly, draw by draw (None without an exact KKT point); ``labels``: how many
        points have label +1, of all and of the retained; ``failures``: why there is none.
    """
    right, labels, failures = [], [], []
    forget = list(range(cell.forgotten))
    for draw in range(cell.draws):
        rng = np.random.default_rng([*cell.seed, draw])
        drawn = gaussian_mixture_gram(cell.points, cell.dim, mean_norm=cell.mean_norm, alpha=cell.alpha, test_points=cell.test_points, rng=rng)
        labels.append([int((drawn.y > 0).sum()), int((np.delete(drawn.y, forget) > 0).sum())])
        try:
            models = networks(drawn.dataset(), cell.neurons, forget, rng)
        except (InfeasibleError, SolverError) as error:
            right.append([None] * len(MODELS))
            failures.append(f"draw {draw}: {error}")
            continue
        right.append([int((models[name].outputs(drawn.test_coordinates) * drawn.test_y > 0).sum()) if name in models else 0 for name in MODELS])
    return {"right": right, "labels": labels, "failures": failures}


def networks(data, neurons, forget, rng):
    """An exact KKT point of a dataset, that without the forgotten points, and what gradient ascent makes of the former.

    Parameters
    ----------
    data : Dataset
    neurons : int
        Half of the outer weights are positive (one more if it is odd).
    forget : list of int
    rng : numpy.random.Generator
        Of the states to start from.

    Returns
    -------
    dict of str to TwoLayerReLU
        By the names in `MODELS`. A network that the step leaves without weights, whose output is 0 everywhere, is left out.

    Raises
    ------
    InfeasibleError, SolverError
        No exact KKT point was found.
    """
    u = np.where(np.arange(neurons) % 2, -1.0, 1.0) / np.sqrt(neurons)
    start = TwoLayerReLU(rng.standard_normal((neurons, data.dim)), u)
    point = kkt_point(start, data, rng=rng)
    kept = np.delete(np.arange(data.num_points), forget)
    found = {"original": point.model}
    certificate = certify(point.model, data)
    for name in ("plain", "projected"):
        # Refused here is only what leaves nothing of the weights, where no retained point has a multiplier.
        with contextlib.suppress(InputError):
            found[name] = _cleared(gradient_ascent(point.model, data, forget, certificate=certificate, method=name), point.model)
    bare = point.model.with_kinks(None)
    found["retrained"] = kkt_point(bare, data.without(forget), states=point.states[:, kept]).model
    return found


def _cleared(model, original):
    """The model with neurons of which the step left only rounding at zero: what is left points at the forgotten points and would answer."""
    lengths = np.linalg.norm(model.W, axis=1)
    gone = lengths <= _GONE * np.linalg.norm(original.W, axis=1).max()
    return TwoLayerReLU(np.where(gone[:, None], 0.0, model.W), model.u)
