"""Unlearning algorithms on one case: a model, its data and a forget set.

A case is a value and `run_case` a function of it alone: cases can run in any order, and anywhere.
"""

import time
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dataset import Dataset
from ..errors import InfeasibleError, InputError, SolverError
from .comparison_bench import Bench


@dataclass(frozen=True, eq=False)
class Case:
    """What the algorithms are given.

    Attributes
    ----------
    network : int
        Which of the models of a comparison this is.
    model : LinearPredictor or TwoLayerReLU
        At the scale of training; it classifies every point correctly.
    data : Dataset
        All points, the forgotten ones included.
    forget : tuple of int
    record : Training or None
        Of the model.
    shards : tuple of Shards, or str
        One for each seed, or why there are none.
    others : Dataset or None
        Fresh points for the membership test.
    test : Dataset or None
    seed : tuple of int
        What the draws of random algorithms depend on.
    """

    network: int
    model: Any
    data: Dataset
    forget: tuple
    record: Any
    shards: Any
    others: Dataset | None
    test: Dataset | None
    seed: tuple


@dataclass(frozen=True, eq=False)
class Run:
    """One run of an algorithm on a case.

    Attributes
    ----------
    method : str
    option : int
        Place of its options in the algorithm's grid.
    seed : int
    numbers : dict of str to (float or None)
        See `run_case`; empty if there is no unlearned model.
    members, others : list of float
        Scores of the membership test; empty without one.
    reasons : dict of str to str
        Why a number is None; under ``"model"`` why there is no model (a training that diverged, a record that is missing).
    """

    method: str
    option: int
    seed: int
    numbers: dict
    members: list
    others: list
    reasons: dict


@dataclass(frozen=True, eq=False)
class CaseResult:
    """All runs on one case.

    Attributes
    ----------
    network : int
    forget : list of int
    exact_points : int
        Number of different exact KKT points of the retained data, in the original's architecture, among which the nearest was sought.
    failed_starts : dict of str to str
        Models whose states led to none, and why.
    runs : list of Run
        In the order of algorithms, options and seeds.
    """

    network: int
    forget: list
    exact_points: int
    failed_starts: dict
    runs: list


def stream(seed, *key):
    """Generator that depends on a seed and a key of integers and words, on nothing else."""
    numbers = tuple(zlib.crc32(word.encode()) if isinstance(word, str) else word for word in key)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=numbers))


def run_case(case, algorithms, *, seeds=1, statistic="influence", progress=None):
    """Run algorithms with every option of their grids, and measure what comes out with respect to the retained data.

    Parameters
    ----------
    case : Case
    algorithms : sequence of Algorithm
    seeds : int
        Runs of each algorithm that draws random numbers; one that leaves its generator alone is run once.
    statistic : str
        Of the membership test.
    progress : callable, optional
        Called without arguments after every option.

    Returns
    -------
    CaseResult
        With the numbers of each run:

        - ``tau``: 1 - cos to the nearest exact KKT point of the retained data among those to which the states of the original and of all
          unlearned models of this case lead, in the architecture of the model measured; for linear models to the max-margin predictor;
        - ``epsilon``, ``delta``: of the certificate on the retained data, kinks snapped (Clarke);
        - ``retained_margin``, ``forgotten_margin``: the least margin of a retained point and the mean margin of the forgotten ones, each
          as y N(theta, x) / (|u| |theta|) in units of the original's least. That quotient changes neither when a model is rescaled nor when
          its neurons are split;
        - ``retained_accuracy``, ``forgotten_accuracy``, ``test_accuracy``: share of points with a positive margin;
        - ``influence``: median over the forgotten points of the residual influence relative to a typical retained point;
        - ``seconds``: of the run itself, by the wall clock.
    """
    case.data.gram  # noqa: B018, computed once: the last bits of its parts then do not depend on who asks first
    bench = Bench(case.model, case.data, case.forget, others=case.others, test=case.test, statistic=statistic)
    for seed, shards in enumerate(() if isinstance(case.shards, str) else case.shards):
        bench.seek(shards.model, f"the shards before, seed {seed}")
    drafts = []
    for algorithm in algorithms:
        for option in range(len(algorithm.grid)):
            for seed in range(seeds):
                draft = _run(case, algorithm, option, seed, bench)
                drafts.append(draft)
                if not draft.random:
                    break
            if progress is not None:
                progress()
    return CaseResult(case.network, list(case.forget), bench.exact_points, bench.failed_starts, [_finished(draft, bench) for draft in drafts])


@dataclass(frozen=True, eq=False)
class _Draft:
    """A run whose tau waits for the exact points of all; ``measured`` is None without an unlearned model."""

    key: tuple
    measured: Any
    seconds: float
    failure: str | None
    random: bool


def _run(case, algorithm, option, seed, bench):
    rng = stream(case.seed[0], *case.seed[1:], algorithm.name, seed)
    untouched = rng.bit_generator.state
    random, measured, failure, begin = False, None, None, time.perf_counter()
    try:
        model, record = case.model, case.record
        if algorithm.needs == "shards":
            model, record = _shards(case, seed)
            random, begin = True, time.perf_counter()
        unlearned = algorithm(model, case.data, list(case.forget), record=record, rng=rng, **algorithm.grid[option])
    except (InfeasibleError, InputError, SolverError) as error:
        failure = str(error)
    seconds = time.perf_counter() - begin
    random |= rng.bit_generator.state != untouched
    if failure is None and not _has_norm(unlearned):
        failure = "diverged: the norm of the weights is beyond the range of float64"
    if failure is None:
        measured = bench.measure(unlearned, f"{algorithm.name}, option {option}, seed {seed}")
    return _Draft((algorithm.name, option, seed), measured, seconds, failure, random)


def _shards(case, seed):
    if isinstance(case.shards, str):
        raise InputError(case.shards)
    return case.shards[seed].model, case.shards[seed]


def _has_norm(model):
    with np.errstate(over="ignore"):
        return np.isfinite(np.linalg.norm(model.hidden))


def _finished(draft, bench):
    measured = draft.measured
    if measured is None:
        return Run(*draft.key, {}, [], [], {"model": draft.failure})
    tau, reason = bench.tau(measured)
    reasons = measured.reasons | ({} if reason is None else {"tau": reason})
    return Run(*draft.key, {"tau": tau, **measured.numbers, "seconds": draft.seconds}, measured.members, measured.others, reasons)
