"""The phase diagram as numbers, as text and as JSON."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import generalization_theory as theory
from .generalization_accuracy import LEVEL, one_label, onset, overall, with_both_labels
from .generalization_result import MODELS, settings_json

#: From this accuracy on a network is said to generalise.
ENOUGH = 0.99
#: What the tables call the models.
NAMES = ("original", "unlearned", "projected", "retrained")


@dataclass(frozen=True, eq=False)
class Phase:
    """Result of `kktcheck.experiments.generalization_phase.run`.

    Attributes
    ----------
    settings : kktcheck.experiments.generalization_phase.Settings
    parts : dict
        `kktcheck.experiments.generalization_result.Generalization` by the names of ``settings.parts()``.
    """

    settings: object
    parts: dict

    @property
    def grid(self):
        """What was measured over (d, length of the mean)."""
        return self.parts["grid",]

    @cached_property
    def accuracy(self):
        """`Accuracy` of the grid for datasets with both labels; for all datasets if a single point is retained, which has one."""
        return (with_both_labels if self.settings.points - self.settings.forgotten > 1 else overall)(self.grid)

    @cached_property
    def thresholds(self):
        """log10 of the dimension from which on each theorem speaks, or None: rows of (Theorem 6.1, ours), a row for each length.

        A theorem speaks where its hypotheses hold and its probabilities say something.
        """
        rows = []
        for length in self.settings.lengths:
            ends = [(theory.first(name, length, self.settings), theory.speaks_from(name, self.settings)) for name in theory.THEOREMS]
            rows.append(tuple(None if None in pair else max(pair) for pair in ends))
        return tuple(rows)

    def onsets(self, name):
        """log10 of the dimension of the grid from which on a model's accuracy is at least `ENOUGH`: by its mean, and beyond its interval.

        Parameters
        ----------
        name : str
            Of `MODELS`.

        Returns
        -------
        list of (float or None, float or None)
            For each length.
        """
        place, dims = MODELS.index(name), np.log10(np.array(self.settings.dims, dtype=float))
        rows = zip(self.accuracy.mean[place], self.accuracy.low[place], strict=True)
        return [tuple(None if (k := onset(values, ENOUGH)) is None else float(dims[k]) for values in row) for row in rows]

    def rows(self, kind):
        """Rows of a part beside the grid: what varies, the `Accuracy` of each model for all datasets, and their limit 1 - 2^-(m-k).

        Parameters
        ----------
        kind : {"forgetting", "sizes", "edge"}

        Returns
        -------
        list of (tuple, Accuracy, float)
            The arrays of an `Accuracy` have shape (models, lengths); those of the edge are for datasets with both labels.
        """
        found = []
        for key, part in self.parts.items():
            if key[0] == kind:
                measured = (with_both_labels if kind == "edge" else overall)(part)
                found.append((key[1:], type(measured)(*(values[..., 0] for values in measured)), limit(part.settings)))
        return found

    @property
    def failures(self):
        """Draws without an exact KKT point, with their part."""
        return tuple(f"{' '.join(map(str, key))}: {reason}" for key, part in self.parts.items() for reason in part.failures)

    def summary(self):
        """The diagram as text."""
        from .generalization_words import summary

        return summary(self)

    def to_json(self):
        """All numbers as a JSON text; nan becomes null."""
        names = {"settings": settings_json(self.settings), "models": list(MODELS), "level": LEVEL, "enough": ENOUGH}
        grid = {
            "positive": self.grid.positive.tolist(),
            "retained_positive": self.grid.retained_positive.tolist(),
            "accuracy": _plain(self.grid.accuracy),
            **{name: _plain(np.round(values, 6)) for name, values in self.accuracy._asdict().items()},
            "onsets": {name: self.onsets(name) for name in MODELS},
            "thresholds": [list(row) for row in self.thresholds],
            "speaks_from": {name: theory.speaks_from(name, self.settings) for name in theory.THEOREMS},
        }
        others = {
            kind: [
                {"at": list(key), "limit": bound, **{name: _plain(np.round(values, 6)) for name, values in accuracy._asdict().items()}}
                for key, accuracy, bound in self.rows(kind)
            ]
            for kind in ("forgetting", "sizes", "edge")
        }
        document = {"experiment": "generalization", **names, "grid": grid, **others, "failures": list(self.failures)}
        return json.dumps(document, allow_nan=False)


def limit(settings):
    """1 - 2^-(m-k): the accuracy of an unlearned network that answers 1/2 where its points have one label, and rightly elsewhere."""
    return 1 - one_label(settings.points - settings.forgotten) / 2


def _plain(values):
    return np.where(np.isnan(values), None, values).tolist()
