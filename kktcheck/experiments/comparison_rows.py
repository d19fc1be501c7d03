"""One line of a comparison: an algorithm with its best option, and its numbers over all runs."""

import dataclasses
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..auc import AUC, membership_auc

#: Numbers of which less is better: a run that has none counts as worse than any that has one.
ERRORS = ("tau", "epsilon", "delta")
#: Numbers of which the table has the mean over the runs, since for a single point they are 0 or 1.
SHARES = ("retained_accuracy", "forgotten_accuracy", "test_accuracy")
NUMBERS = (*ERRORS, "retained_margin", "forgotten_margin", *SHARES, "influence", "seconds")

#: Longest note in a table.
_WIDEST = 60
_MISSING = {"model": "no unlearned model", "tau": "no tau", "epsilon": "no epsilon and delta", "influence": "no residual influence"}


@dataclass(frozen=True, eq=False)
class Row:
    """One algorithm with the option chosen for it.

    Attributes
    ----------
    algorithm : Algorithm
    chosen : int
        Place in the algorithm's grid of the option with the least median tau over all cases; among equals the least median epsilon, then
        the first.
    tried : tuple of (float or None)
        Median tau of every option.
    runs : tuple of Run
        With the chosen option, on every case and for every seed.
    cases : tuple of int
        Number of the case of each run.
    """

    algorithm: Any
    chosen: int
    tried: tuple
    runs: tuple
    cases: tuple

    @property
    def name(self):
        """Name of the algorithm."""
        return self.algorithm.name

    @property
    def options(self):
        """The options chosen, a dict."""
        return self.algorithm.grid[self.chosen]

    @property
    def models(self):
        """Number of runs that led to a model."""
        return sum(bool(run.numbers) for run in self.runs)

    @property
    def certified(self):
        """Number of runs whose model has a certificate on the retained data."""
        return int((~np.isnan(self.values("epsilon"))).sum())

    def values(self, name):
        """One number of every run, shape (runs,); nan where there is none."""
        return _values(self.runs, name)

    def typical(self, name):
        """Median of a number over the runs (of `SHARES` the mean), or None; a run without one of the `ERRORS` counts as worse than any."""
        return _typical(self.runs, name)

    @property
    def tau_quartiles(self):
        """Quartiles of tau over the runs, each a value of a run (for the upper one no less), or None; a run without tau counts as worse than any."""
        values = np.nan_to_num(self.values("tau"), nan=np.inf)
        return tuple(number(np.quantile(values, share, method=method)) for share, method in ((0.25, "lower"), (0.75, "higher")))

    @cached_property
    def membership(self):
        """Membership test on the scores of all cases together, an `AUC`, each of its numbers the median over the seeds; None without scores."""
        found = []
        for seed in sorted({run.seed for run in self.runs if run.members}):
            sides = ([score for run in self.runs if run.seed == seed for score in getattr(run, side)] for side in ("members", "others"))
            found.append(dataclasses.astuple(membership_auc(*sides)))
        return AUC(*np.median(found, axis=0).tolist()) if found else None

    @property
    def missing(self):
        """What runs do not have, why in the first of these, and in how many: a tuple of (what, reason, number of runs)."""
        counts, first = Counter(), {}
        for run in self.runs:
            for what, reason in run.reasons.items():
                counts[what] += 1
                first.setdefault(what, reason)
        return tuple((_MISSING[what], first[what], count) for what, count in counts.items())

    @property
    def note(self):
        """Why there is no model in any run, cut to fit into a table; empty if there is one."""
        if self.models:
            return ""
        reason = " ".join(self.runs[0].reasons["model"].split())
        return reason if len(reason) <= _WIDEST else reason[: _WIDEST - 3] + "..."


def rows(algorithms, cases):
    """The rows of a comparison, with the best option of each algorithm.

    Parameters
    ----------
    algorithms : sequence of Algorithm
    cases : sequence of CaseResult
        With runs of these algorithms.

    Returns
    -------
    tuple of Row
    """
    return tuple(_row(algorithm, cases) for algorithm in algorithms)


def _row(algorithm, cases):
    options = [[] for _ in algorithm.grid]
    for place, case in enumerate(cases):
        for run in case.runs:
            if run.method == algorithm.name:
                options[run.option].append((place, run))
    runs = [tuple(run for _, run in each) for each in options]
    errors = [tuple(np.inf if (value := _typical(each, name)) is None else value for name in ("tau", "epsilon")) for each in runs]
    chosen = min(range(len(options)), key=errors.__getitem__)
    tried = tuple(_typical(each, "tau") for each in runs)
    return Row(algorithm, chosen, tried, runs[chosen], tuple(place for place, _ in options[chosen]))


def _values(runs, name):
    return np.array([np.nan if run.numbers.get(name) is None else run.numbers[name] for run in runs])


def _typical(runs, name):
    values = _values(runs, name)
    if name in ERRORS:
        return number(np.median(np.where(np.isnan(values), np.inf, values))) if len(values) else None
    known = values[~np.isnan(values)]
    return float(known.mean() if name in SHARES else np.median(known)) if known.size else None


def number(value):
    """The value as a float, or None where it is not finite."""
    return float(value) if np.isfinite(value) else None
