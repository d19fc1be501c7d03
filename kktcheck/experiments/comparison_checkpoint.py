"""Finished cases of a comparison in a file, so that an interrupted one can go on."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .. import array_files
from ..errors import FileError, InputError
from .comparison_case import CaseResult, Run

_ENTRIES = ("comparison", "cases")


def cases_file(checkpoint):
    """Name of the file of the cases that belongs to a checkpoint: ``x.cases.npz`` beside ``x.npz``."""
    path = Path(checkpoint)
    return path.with_name(path.stem + ".cases.npz")


class Finished:
    """Results of the cases that are done, by number; kept in a file if there is one.

    Parameters
    ----------
    path : path-like or None
        An ``.npz`` file, read if it exists, and rewritten in one step by every `add`.
    comparison : dict
        What the numbers depend on, as JSON takes it.

    Raises
    ------
    InputError
        If the file belongs to another comparison; names the first difference.
    FileError
        If it cannot be read.
    """

    def __init__(self, path, comparison):
        self._path, self._comparison, self.results = path, comparison, {}
        if path is not None and Path(path).exists():
            self._read()

    def add(self, number, result):
        """Keep the result of a case; raises `FileError` if the file cannot be written."""
        self.results[number] = result
        if self._path is not None:
            cases = [[number, asdict(result)] for number, result in self.results.items()]
            array_files.write(self._path, {"comparison": _bytes(self._comparison), "cases": _bytes(cases)})

    def _read(self):
        arrays = array_files.read(self._path, self._names)
        try:
            comparison, cases = (json.loads(arrays[name].tobytes()) for name in _ENTRIES)
            results = {number: CaseResult(**{**case, "runs": [Run(**run) for run in case["runs"]]}) for number, case in cases}
            before, now = dict(comparison), json.loads(json.dumps(self._comparison))
        except (ValueError, TypeError, KeyError) as error:
            raise FileError(f"{self._path} is damaged or no file of finished cases ({error}); name another one") from error
        for name in now | before:
            old, new = before.get(name), now.get(name)
            if old != new:
                raise InputError(f"{self._path} holds cases of another comparison ({name} was {old!r}, now it is {new!r}): name another file")
        self.results = results

    def _names(self, names):
        if set(names) != set(_ENTRIES):
            raise FileError(f"{self._path} holds {', '.join(names) or 'nothing'}, no finished cases of a comparison: name another file")
        return _ENTRIES


def _bytes(value):
    return np.frombuffer(json.dumps(value, allow_nan=False).encode(), dtype=np.uint8)
