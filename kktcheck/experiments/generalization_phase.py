"""The phase diagram of Section 6: accuracy over dimension and length of the mean, and how it depends on m, n and k.

Four families of cells of `kktcheck.experiments.generalization`: the grid; the same point of it for several numbers of forgotten points; for several
numbers of points and neurons; and means so short that no network classifies well, |mu|^2 = s / sqrt(d) with s around 1.
"""

import itertools
from dataclasses import dataclass, replace

from ..errors import InputError
from ..sampling.sizes import dimension, mean_length, whole
from . import generalization
from .generalization_phase_result import Phase
from .generalization_result import Generalization, settings_json

DIMS = tuple(10**e for e in range(3, 21))
#: Evenly spaced in sqrt(1/4 - alpha): what happens near 1/4 needs room.
ALPHAS = tuple(round(0.25 - ((k + 0.5) / 40) ** 2, 4) for k in range(19, -1, -1))
#: Where the numbers of points, neurons and forgotten points vary.
AT = (10**6, 0.2)
#: m and n beside those of the grid.
POINTS, NEURONS = (2, 3, 5, 7, 14, 20, 40), (6, 100)
#: s = |mu|^2 sqrt(d), and how many times the points of the grid.
SIGNALS, MORE = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0), 4
#: Draws of the cells beside the grid, as multiples of its draws.
DRAWS = {"forgetting": 8, "sizes": 1, "edge": 2}


@dataclass(frozen=True)
class Settings:
    """What the diagram shows.

    Parameters
    ----------
    dims : tuple of int or float
        Whole numbers from 1 to 1e20, increasing.
    alphas, mean_norms : tuple of float, optional
        At most one of them, increasing: exponents in (0, 1/4) of |mu| = d^-alpha, or lengths above 0. By default 20 exponents.
    points, neurons, forgotten : int
        m, n of at least 2 (a sign of outer weights each) and k < m.
    draws, test_points : int
        Datasets per cell of the grid, and fresh points for each.
    at : tuple of (dimension, exponent or length), optional
        Where m, n and k vary; by default 10^6 and 0.2, with ``mean_norms`` 10^6 and the middle one.
    seed : int

    Raises
    ------
    InputError
        A number is out of range.
    """

    dims: tuple = DIMS
    alphas: tuple | None = None
    mean_norms: tuple | None = None
    points: int = 10
    neurons: int = 10
    forgotten: int = 1
    draws: int = 12
    test_points: int = 1000
    at: tuple | None = None
    seed: int = 0

    def __post_init__(self):
        if self.alphas is None and self.mean_norms is None:
            object.__setattr__(self, "alphas", ALPHAS)
        whole(self.neurons, "neurons", 2)
        grid = self._part()  # checks all that a grid has
        for name in ("dims", "alphas", "mean_norms"):
            object.__setattr__(self, name, getattr(grid, name))
            values = getattr(grid, name) or ()
            if any(after <= before for before, after in itertools.pairwise(values)):
                raise InputError(f"{name} = {values}: they have to increase")
        if self.at is None:
            object.__setattr__(self, "at", AT if self.mean_norms is None else (AT[0], self.mean_norms[len(self.mean_norms) // 2]))
        dim, length = self.at
        object.__setattr__(self, "at", (dimension(dim), float(length)))
        for value in (*self.lengths, self.at[1]):
            if self.mean_norms is None and not 0 < value < 0.25:
                raise InputError(f"alpha = {value!r}: it lies in (0, 1/4), ends excluded; means of other lengths are given as such")
            if not value > 0:
                raise InputError(f"mean_norm = {value!r}: it is above 0")
        if self.mean_norms is not None:
            mean_length(self.at[1], None, self.at[0])

    @property
    def lengths(self):
        """The exponents or the lengths, whichever are given."""
        return self.alphas if self.mean_norms is None else self.mean_norms

    @property
    def sets(self):
        """Numbers of points to forget together: 1, m/4, m/2 and m - 1, and that of the grid."""
        m = self.points
        return tuple(sorted({k for k in (1, m // 4, m // 2, m - 1, self.forgotten) if 1 <= k < m}))

    def parts(self):
        """Settings of `kktcheck.experiments.generalization` for all cells, by name; dict, the grid first."""
        dim, length = self.at
        here = {"dims": (dim,), "alphas" if self.mean_norms is None else "mean_norms": (length,)}
        here = {"alphas": None, "mean_norms": None} | here
        parts = {("grid",): self._part()}
        for k in self.sets:
            parts["forgetting", k] = self._part(**here, forgotten=k, draws=DRAWS["forgetting"] * self.draws)
        for m in sorted({*POINTS, self.points}):
            for n in sorted({*NEURONS, self.neurons}):
                if m > self.forgotten:
                    parts["sizes", m, n] = self._part(**here, points=m, neurons=n, draws=DRAWS["sizes"] * self.draws)
        few, middle, many = self.dims[0], self.dims[len(self.dims) // 2], self.dims[-1]
        for m, d in ((self.points, few), (self.points, middle), (self.points, many), (MORE * self.points, many)):
            norms = tuple(float((s / d**0.5) ** 0.5) for s in SIGNALS)
            parts["edge", m, d] = self._part(dims=(d,), alphas=None, mean_norms=norms, points=m, draws=DRAWS["edge"] * self.draws)
        return parts

    def _part(self, **changes):
        names = ("dims", "alphas", "mean_norms", "points", "neurons", "forgotten", "draws", "test_points", "seed")
        return generalization.Settings(**{name: getattr(self, name) for name in names} | changes)


def run(settings=None, *, progress=None, checkpoint=None, jobs=1):
    """Measure all cells of the diagram.

    Parameters
    ----------
    settings : Settings, optional
    progress, checkpoint, jobs
        As for `kktcheck.experiments.generalization.run`.

    Returns
    -------
    kktcheck.experiments.generalization_phase_result.Phase

    Raises
    ------
    InputError
        The checkpoint holds cells of other settings.
    FileError
        It cannot be read or written.
    SolverError
        A process died; the checkpoint holds the finished cells.
    """
    settings = Settings() if settings is None else settings
    parts = settings.parts()
    cells = [_own(cell, number) for number, part in enumerate(parts.values()) for cell in part.cells()]
    results = generalization.run_cells(cells, settings_json(settings), progress=progress, checkpoint=checkpoint, jobs=jobs)
    measured = {}
    for key, part in parts.items():
        count = len(part.cells())
        measured[key], results = Generalization.of(part, results[:count]), results[count:]
    return Phase(settings, measured)


def _own(cell, number):
    """The cell with random numbers of its own; the grid, number 0, has those of `kktcheck.experiments.generalization.run`."""
    return cell if number == 0 else replace(cell, seed=(cell.seed[0], number, *cell.seed[1:]))
