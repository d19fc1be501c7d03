"""What is done to every case of a comparison: which algorithms, how many draws, which shards and which membership test."""

from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np

from .. import executors
from ..errors import InfeasibleError, InputError, SolverError, listing
from ..membership import STATISTICS
from ..models import LinearPredictor
from ..training import whole
from ..unlearning import Algorithm, algorithms, get, train_shards
from .comparison_case import run_case, stream
from .comparison_result import Comparison
from .comparison_rows import rows


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan, made by `plan`.

    Attributes
    ----------
    algorithms : tuple of Algorithm
    seeds : int
        Runs of an algorithm that draws random numbers, on every case.
    shards : int
        Number of shards of SISA.
    statistic : str
        Of the membership test.
    """

    algorithms: tuple
    seeds: int
    shards: int
    statistic: str

    @property
    def grids(self):
        """Names of the algorithms and the options tried, as JSON takes them."""
        return [[algorithm.name, list(algorithm.grid)] for algorithm in self.algorithms]

    @property
    def sharded(self):
        """Whether an algorithm needs shards."""
        return any(algorithm.needs == "shards" for algorithm in self.algorithms)

    def trained_shards(self, record, *key):
        """One `Shards` for each seed, trained as the record's model was, or why there are none.

        Parameters
        ----------
        record : Training or None
        *key : int
            What the division into shards depends on.

        Returns
        -------
        tuple of Shards, or str
        """
        if not self.sharded:
            return ()
        if record is None:
            return "it needs shards, which are trained as the model was: give the record of its training"
        start, data, settings = record.initial[0], record.data[0], asdict(record.settings)
        data.gram  # noqa: B018, as in `run_case`
        try:
            return tuple(
                train_shards(start, data, shards=self.shards, steps=record.epoch, rng=stream(*key, "shards", seed), **settings)
                for seed in range(self.seeds)
            )
        except SolverError as error:
            return f"training its shards failed: {error}"

    def run(self, case, count, finished, progress=None, executor=None):
        """Results of all cases, a tuple of CaseResult.

        Parameters
        ----------
        case : callable
            Makes the `Case` of a number from 0.
        count : int
        finished : Finished
            Holds the cases that are done already, and takes the others.
        progress : callable, optional
            ``progress(stage, done, total)`` after every option of an algorithm; with an executor after every case.
        executor : Executor, optional
            What runs the cases.
        """
        share = sum(len(algorithm.grid) for algorithm in self.algorithms)
        done = len(finished.results) * share

        def more(options=1):
            nonlocal done
            done += options
            if progress is not None:
                progress("unlearning", done, count * share)

        left = [number for number in range(count) if number not in finished.results]
        each = partial(run_case, algorithms=self.algorithms, seeds=self.seeds, statistic=self.statistic)
        if executor is None:
            for number in left:
                finished.add(number, each(case(number), progress=more))
        else:

            def arrived(place, result):
                finished.add(left[place], result)
                more(share)

            executors.run(executor, each, ((_slim(case(number)),) for number in left), arrived)
        return tuple(finished.results[number] for number in range(count))

    def comparison(self, title, settings, results, model):
        """The `Comparison` of the results on models like this one."""
        notes, counts = [], [result.exact_points for result in results]
        if not isinstance(model, LinearPredictor):
            failed = sum(len(result.failed_starts) for result in results)
            found = " to ".join(map(str, sorted({min(counts), max(counts)})))
            notes.append(f"exact KKT points of which the nearest counts: {found} in each case; {failed} start{'s' * (failed != 1)} led to none.")
            if self.sharded:
                size = f"{self.shards} times {model.num_neurons}"
                notes.append(f"sisa: one network of {size} neurons, so tau refers to exact points of that architecture.")
        if not any(counts):
            notes.append("no exact KKT point was found in any case: the options shown are those with the least median epsilon.")
        return Comparison(title, settings, rows(self.algorithms, results), results, tuple(notes))


def plan(methods, kind, *, seeds, shards, statistic):
    """The plan of a comparison.

    Parameters
    ----------
    methods : "all" or sequence of (str or Algorithm)
        ``"all"`` are those for models of this kind; one that is named takes part in any case. They run in the order of the registry.
    kind : {"linear", "two-layer"}
    seeds, shards : int
        At least 1.
    statistic : str

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        For values out of range, an unknown name, one given twice, and none at all.
    """
    if statistic not in STATISTICS:
        raise InputError(f"statistic {statistic!r} is unknown: choose one of {', '.join(map(repr, STATISTICS))}")
    return Plan(_chosen(methods, kind), whole(seeds, "seeds", 1), whole(shards, "shards", 1), statistic)


def _chosen(methods, kind):
    if isinstance(methods, str) and methods == "all":
        return tuple(algorithm for algorithm in algorithms() if kind in algorithm.kinds)
    known = [algorithm.name for algorithm in algorithms()]
    chosen = [method if isinstance(method, Algorithm) else get(method) for method in methods]
    names = [algorithm.name for algorithm in chosen]
    if not names or len(set(names)) < len(names):
        raise InputError(f"methods = {', '.join(names) or 'none'}: 'all' or different names among {', '.join(known)} are needed")
    return tuple(sorted(chosen, key=lambda algorithm: known.index(algorithm.name) if algorithm.name in known else len(known)))


def _slim(case):
    """The case with a record that has not computed anything from its state yet, so that it is not sent along."""
    return case if case.record is None else replace(case, record=replace(case.record))


def check_learned(margins, who, way_out):
    """Raise `InfeasibleError` naming the points that a model misclassifies."""
    wrong = np.flatnonzero(margins <= 0)
    if wrong.size:
        raise InfeasibleError(f"{who} misclassifies points {listing(wrong)}, so it is near no KKT point of all points; {way_out}", wrong)
