"""What was measured on fresh points of the Gaussian mixture, as arrays, as JSON, and as the file that an interrupted run goes on from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..errors import FileError, InputError
from ..replacing import replacing

#: Exact KKT point of all points, gradient ascent from there (plain step and projected step), exact KKT point of the retained points.
MODELS = ("original", "plain", "projected", "retrained")
_FORMAT = "kktcheck generalization 1"


@dataclass(frozen=True, eq=False)
class Generalization:
    """Accuracy on fresh points over a grid.

    Attributes
    ----------
    settings : kktcheck.experiments.generalization.Settings
    accuracy : ndarray, shape (models, lengths, dims, draws)
        Share of the test points classified rightly, for each of `MODELS`; nan where no exact KKT point was found.
    positive, retained_positive : ndarray of int, shape (lengths, dims, draws)
        Points with label +1, of all and of the retained ones: 0 or all of them is a draw with one label.
    failures : tuple of str
        Why there is no exact KKT point, with the place.
    """

    settings: object
    accuracy: np.ndarray
    positive: np.ndarray
    retained_positive: np.ndarray
    failures: tuple

    @classmethod
    def of(cls, settings, cells):
        """From the results of `kktcheck.experiments.generalization.run_cell`, in the order of the cells."""
        shape = len(settings.lengths), len(settings.dims), settings.draws
        right = np.array([cell["right"] for cell in cells], dtype=float).reshape(*shape, len(MODELS))
        labels = np.array([cell["labels"] for cell in cells]).reshape(*shape, 2)
        failures = tuple(f"cell {place}, {reason}" for place, cell in enumerate(cells) for reason in cell["failures"])
        return cls(settings, np.moveaxis(right, -1, 0) / settings.test_points, labels[..., 0], labels[..., 1], failures)

    @property
    def both_labels(self):
        """Draws whose retained points have both labels, bool, shape (lengths, dims, draws)."""
        return (self.retained_positive > 0) & (self.retained_positive < self.settings.points - self.settings.forgotten)

    def mean(self, both_labels=False):
        """Mean accuracy over draws, shape (models, lengths, dims).

        Parameters
        ----------
        both_labels : bool, optional
            Only draws whose retained points have both labels; nan where there is none.
        """
        counts = ~np.isnan(self.accuracy) & (self.both_labels if both_labels else True)
        total = counts.sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(counts, self.accuracy, 0.0).sum(axis=-1) / total

    def to_json(self):
        """A dict of JSON values; nan becomes None."""
        return {
            "format": _FORMAT,
            "settings": settings_json(self.settings),
            "models": list(MODELS),
            "accuracy": _plain(self.accuracy),
            "mean": _plain(self.mean()),
            "mean_both_labels": _plain(self.mean(both_labels=True)),
            "positive": self.positive.tolist(),
            "retained_positive": self.retained_positive.tolist(),
            "failures": list(self.failures),
        }


class Cells:
    """Results of finished cells by number, kept in a file if there is one.

    Parameters
    ----------
    path : path-like or None
        A JSON file, read if it exists and replaced by every `add`.
    settings : dict
        What the cells follow from, as JSON takes it.
    cells : sequence of kktcheck.experiments.generalization.Cell

    Raises
    ------
    InputError
        The file belongs to other settings; names the first difference.
    FileError
        It cannot be read.
    """

    def __init__(self, path, settings, cells):
        self._path, self._settings, self._cells, self.found = path, settings, cells, {}
        if path is not None and Path(path).exists():
            self._read()

    def add(self, place, result):
        """Keep the result of a cell; raises `FileError` if the file cannot be written."""
        self.found[place] = result
        if self._path is not None:
            with replacing(self._path, text=True) as stream:
                json.dump({"format": _FORMAT, "settings": self._settings, "cells": {str(key): value for key, value in self.found.items()}}, stream)

    def _read(self):
        try:
            document = json.loads(Path(self._path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FileError(f"{self._path} cannot be read as a file of finished cells: {str(error)[:100]}") from error
        if not isinstance(document, dict) or document.get("format") != _FORMAT or not isinstance(document.get("cells"), dict):
            raise FileError(f"{self._path} is no file of finished cells of this version: name another one")
        before = document.get("settings", {})
        for name, now in self._settings.items():
            if before.get(name) != now:
                raise InputError(
                    f"{self._path} holds cells of other settings ({name} was {before.get(name)!r}, now it is {now!r}): name another file"
                )
        for key, result in document["cells"].items():
            if not (key.isdigit() and int(key) < len(self._cells) and _is_result(result, self._cells[int(key)].draws)):
                raise FileError(f"{self._path} is damaged at cell {key[:20]!r}: remove it, or name another file")
            self.found[int(key)] = result


def settings_json(settings):
    """The settings as JSON takes them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def _is_result(result, draws):
    if not isinstance(result, dict) or set(result) != {"right", "labels", "failures"}:
        return False
    sizes = [(len(result[name]), {len(row) for row in result[name]}) for name in ("right", "labels")]
    return sizes == [(draws, {len(MODELS)}), (draws, {2})]


def _plain(array):
    return np.where(np.isnan(array), None, array).tolist()
