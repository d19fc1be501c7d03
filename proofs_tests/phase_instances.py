"""Phase diagrams for tests: a tiny one that is measured in a second, and planted ones."""

import contextlib

import numpy as np
import pytest

from kktcheck.experiments import generalization
from kktcheck.experiments import generalization_phase as phases
from kktcheck.experiments.generalization_phase_result import Phase
from kktcheck.experiments.generalization_result import MODELS, Generalization

TINY = phases.Settings(dims=(10**3, 10**6, 10**20), alphas=(0.1, 0.2), points=4, neurons=8, draws=2, test_points=50)


@contextlib.contextmanager
def small_families():
    """Few numbers of points and neurons beside the grid."""
    before = phases.POINTS, phases.NEURONS
    phases.POINTS, phases.NEURONS = (3,), (6,)
    try:
        yield
    finally:
        phases.POINTS, phases.NEURONS = before


def resumed(monkeypatch, finished, run):
    """What ``run`` gives when it was interrupted after ``finished`` cells and called again; and all cells that both calls measured."""
    counted, run_cell = [], generalization.run_cell

    def stopping(cell):
        if len(counted) == finished:
            raise KeyboardInterrupt
        counted.append(cell)
        return run_cell(cell)

    monkeypatch.setattr(generalization, "run_cell", stopping)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(generalization, "run_cell", lambda cell: counted.append(cell) or run_cell(cell))
    return run(), counted


def planted(settings, wrong=None, error=0.0):
    """A diagram whose networks answer wrongly with a chance, ``wrong`` in cells (row, column) of the grid, else ``error``; with one label, half."""
    rng, parts = np.random.default_rng(7), {}
    for key, part in settings.parts().items():
        results = []
        for number in range(len(part.cells())):
            chance = (wrong or {}).get(divmod(number, len(part.dims)), error) if key == ("grid",) else error
            results.append(_cell(part, chance, rng))
        parts[key] = Generalization.of(part, results)
    return Phase(settings, parts)


def _cell(part, chance, rng):
    right, labels = [], []
    for _ in range(part.draws):
        signs = rng.random(part.points) < 0.5
        kept = signs[part.forgotten :]
        labels.append([int(signs.sum()), int(kept.sum())])
        share = [0.5 if own.all() or not own.any() else chance for own in (signs, kept, kept, kept)]
        right.append([int(part.test_points - rng.binomial(part.test_points, share[place])) for place in range(len(MODELS))])
    return {"right": right, "labels": labels, "failures": []}
