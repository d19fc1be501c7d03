"""Unlearning algorithms side by side: on a model of one's own, or on the networks of Appendix E.

Each algorithm gets every option of its grid on every case (a model and a forget set); all are measured against the same exact KKT points
of the retained data.
"""

import zlib
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from .. import __version__, executors, sampling
from ..checks import check_dataset, check_model
from ..errors import InputError, listing
from ..forget_sets import checked_sets
from ..membership import membership_test
from ..models import LinearPredictor
from ..training import whole
from ..unlearning.arguments import training_record
from .appendix_e import Forgetting, trained
from .comparison_case import Case, stream
from .comparison_checkpoint import Finished, cases_file
from .comparison_plan import check_learned, plan

#: Fresh points for the membership test, for each forgotten one.
CANDIDATES = 10


@dataclass(frozen=True)
class Settings(Forgetting):
    """What to run: which points Appendix E's networks forget (each is a case for every network), and

    Attributes
    ----------
    methods : "all" or tuple of str
        Names of algorithms.
    seeds : int
        Runs of an algorithm that draws random numbers, on every case.
    shards : int
        Number of shards of SISA.
    statistic : str
        Of the membership test.
    """

    points: object = (0, 1)
    methods: object = "all"
    seeds: int = 1
    shards: int = 2
    statistic: str = "influence"

    def __post_init__(self):
        super().__post_init__()
        m = self.num_points
        if self.shards > m:
            raise InputError(f"shards = {self.shards}: there are only {m} points to divide")
        if self.statistic != "margin" and m > self.dim:
            raise InputError(
                f"statistic = {self.statistic!r}: {m - 1} retained points in {self.dim} dimensions leave a forgotten one no direction of its own; "
                "take 'margin', or more dimensions"
            )
        self.plan()

    def plan(self):
        """The `Plan` of these settings."""
        return plan(self.methods, "two-layer", seeds=self.seeds, shards=self.shards, statistic=self.statistic)


def run(settings=None, *, progress=None, checkpoint=None, jobs=1):
    """Train the networks of Appendix E and compare the algorithms on them.

    Parameters
    ----------
    settings : Settings, optional
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps the training, as for `kktcheck.experiments.figure1.run`; the finished cases are kept in ``.cases.npz``
        beside it. Both are read if they exist: the numbers are then those of an uninterrupted run (the seconds those of the run that
        took them).
    jobs : int or concurrent.futures.Executor, optional
        Number of processes that train shards and run the cases, or an executor for that; training stays here, in one array.
        The numbers (but for the seconds) do not depend on it (see `kktcheck.executors`).

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For settings out of range, and a checkpoint of other settings.
    FileError
        If the checkpoint cannot be read or written.
    InfeasibleError
        If a network has not learned all its points: more epochs are needed.
    TrainingInterrupted
        On KeyboardInterrupt during training.
    SolverError
        If a process dies; the checkpoint holds the training and the finished cases.
    """
    settings = settings or Settings()
    todo = settings.plan()
    finished = _finished(checkpoint, {**asdict(settings), "grids": todo.grids})
    cases = [(k, point) for k in range(settings.networks) for point in settings.forgotten]
    shards = {}

    @lru_cache(maxsize=1)
    def prepared(k):
        record = training.single(k)
        return record, shards.pop(k) if k in shards else todo.trained_shards(record, settings.seed, k)

    def case(number):
        k, point = cases[number]
        record, shards = prepared(k)
        others = sampling.gaussian(CANDIDATES, settings.dim, rng=stream(settings.seed, k, point, "candidates"))
        return Case(k, record.model, record.data[0], (point,), record, shards, others, None, (settings.seed, k, point))

    with executors.opened(jobs) as executor:
        training = trained(settings, progress=progress, checkpoint=checkpoint)
        for k, margins in enumerate(np.atleast_2d(training.margins)):
            check_learned(margins, f"network {k}", "train for more epochs")
        if executor is not None and todo.sharded:
            left = sorted({k for number, (k, _) in enumerate(cases) if number not in finished.results})
            records = ((training.single(k), settings.seed, k) for k in left)
            executors.run(executor, todo.trained_shards, records, lambda place, trained: shards.update({left[place]: trained}))
        results = todo.run(case, len(cases), finished, progress, executor)
    title = (
        f"Appendix E: {settings.networks} networks, (m, d, n) = ({settings.num_points}, {settings.dim}, {settings.neurons}), {settings.epochs} "
        f"epochs; {len(settings.forgotten)} points of each forgotten one at a time ({len(cases)} cases), seed {settings.seed}"
    )
    return todo.comparison(title, asdict(settings), results, training.models[0])


def compare(
    model,
    data,
    forget_sets,
    *,
    record=None,
    others=None,
    test=None,
    methods="all",
    seeds=3,
    shards=2,
    statistic="influence",
    seed=0,
    progress=None,
    checkpoint=None,
    jobs=1,
):
    """Compare the algorithms on one model.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        At the scale of training.
    data : Dataset
        All points, the forgotten ones included.
    forget_sets : sequence of (int or sequence of int)
        Each is a case of its own.
    record : Training, optional
        Record of the model's training; algorithms that need one are rows without numbers if there is none. The shards of SISA are trained
        with its settings.
    others : Dataset, optional
        Fresh points of the same law, for the membership test.
    test : Dataset, optional
        Points for the test accuracy.
    methods : "all" or sequence of (str or Algorithm)
        ``"all"`` are those for this kind of model.
    seeds, shards, statistic
        As for `Settings`.
    seed : int
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file: the finished cases are kept in ``.cases.npz`` beside it, and read if that exists.
    jobs
        As for `run`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For arguments that do not fit each other, bad forget sets, a record of another model, candidates that allow no membership test, and a
        checkpoint of another comparison.
    InfeasibleError
        If the model misclassifies a point.
    FileError
        If the checkpoint cannot be read or written.
    SolverError
        If a process dies; the checkpoint holds the finished cases.
    """
    executors.check(jobs)
    check_dataset(data)
    check_model(model, data)
    forget_sets = [tuple(forget.tolist()) for forget in checked_sets(data, forget_sets)]
    seed = whole(seed, "seed", 0)
    kind = "linear" if isinstance(model, LinearPredictor) else "two-layer"
    todo = plan(methods, kind, seeds=seeds, shards=shards, statistic=statistic)
    training_record(record, model, data)
    check_learned(model.margins(data), "the model", "train it further, or drop the points")
    _check_points(model, data, forget_sets, others, test, statistic)
    settings = {"model": _key(model), "data": data.key, "forget": [list(forget) for forget in forget_sets]}
    settings |= {"record": record and f"epoch {record.epoch} from {_key(record.initial[0])}, {record.settings}"}
    settings |= {name: points and points.key for name, points in (("others", others), ("test", test))}
    settings |= {"seeds": todo.seeds, "shards": todo.shards, "statistic": statistic, "seed": seed}
    finished = _finished(checkpoint, {**settings, "grids": todo.grids})

    @lru_cache(maxsize=1)
    def prepared():
        return todo.trained_shards(record, seed)

    def case(number):
        return Case(0, model, data, forget_sets[number], record, prepared(), others, test, (seed, number))

    with executors.opened(jobs) as executor:
        results = todo.run(case, len(forget_sets), finished, progress, executor)
    sets = ", ".join(f"{{{listing(forget)}}}" for forget in forget_sets[:4]) + ", ..." * (len(forget_sets) > 4)
    title = f"{model!r}, {data!r}, forgetting {sets}"
    return todo.comparison(title, settings, results, model)


def _check_points(model, data, forget_sets, others, test, statistic):
    for name, points in (("others", others), ("test", test)):
        if points is not None:
            check_dataset(points)
            if points.dim != data.dim:
                raise InputError(f"{name} has points of dimension {points.dim}, the data {data.dim}")
    for forget in forget_sets if others is not None else ():
        membership_test(model, data, list(forget), others, statistic=statistic)


def _finished(checkpoint, settings):
    return Finished(None if checkpoint is None else cases_file(checkpoint), {"kktcheck": __version__, **settings})


def _key(model):
    checksum = zlib.crc32(model.hidden.tobytes(), zlib.crc32(model.second_layer.tobytes()))
    return f"{model!r}-{checksum if model.kinks is None else zlib.crc32(model.kinks.tobytes(), checksum):08x}"
