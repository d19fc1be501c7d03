"""Clock and memory of every benchmark: candidates in turn, round by round, so that what else the machine does hits all of them alike.

A candidate is a function of one argument; ``prepare`` makes that argument anew for every call, off the clock, so that nothing computed
before (a dataset's Gram matrix, say) is found again. Each candidate is called once beforehand, which imports and allocates; if that
call takes a peer longer than `SLOW` seconds it is the measurement, and the only one. Short calls are repeated within a round until they have taken
`SHORTEST` seconds. Without threadpoolctl the threads of BLAS are those that the environment allows.
"""

import contextlib
import ctypes
import statistics
import time
import tracemalloc
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from .peers import there

#: Seconds after which a call is not repeated in further rounds, and those up to which short calls are repeated within one.
SLOW, SHORTEST = 2.0, 0.005

#: Candidates that are measured in every round however slow they are: kktcheck and the floor.
REPEATED = ("kktcheck", "floor")

#: Seconds up to which an extra call under tracemalloc, which slows Python down, is made for the peak of memory.
TRACED = 2.0


@dataclass
class Measurement:
    """What came of one candidate.

    Attributes
    ----------
    name : str
    seconds : list of float
        Wall time of one call, one entry per round.
    answers : list
        Result of the last call of each round (of the first call for a slow candidate).
    peak_mb : float
        Peak of the memory that a call adds, in megabytes (`peak_memory`).
    failure : str
        Why there is no answer, if there is none.
    repeats : int
        Calls per round.
    """

    name: str
    seconds: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    peak_mb: float = float("nan")
    failure: str = ""
    repeats: int = 1

    @property
    def median(self):
        """Median of the seconds; NaN without any."""
        return statistics.median(self.seconds) if self.seconds else float("nan")


def interleaved(rounds, candidates, prepare=None, *, failures=(), first=True):
    """Measure candidates in turn.

    Parameters
    ----------
    rounds : int
    candidates : dict of str to callable
        Functions of what ``prepare`` returns.
    prepare : callable, optional
        ``prepare(round)`` makes the argument of one call; by default the number of the round itself.
    failures : tuple of exception types
        What a candidate may raise; it is written down and ends that candidate. Anything else is passed on.
    first : bool
        Whether there is a call beforehand, and with it the peak of memory (three more calls of what is not slow).

    Returns
    -------
    dict of str to Measurement
    """
    prepare = prepare or (lambda number: number)
    found = {name: Measurement(name) for name in candidates}
    for name, run in candidates.items() if first else ():
        _first(found[name], run, prepare, failures)
    for number in range(rounds):
        for name, run in candidates.items():
            one = found[name]
            if not one.failure and one.repeats:
                _attempt(one, lambda one=one, run=run, number=number: _round(one, run, prepare, number), failures)
    return found


def _first(one, run, prepare, failures):
    """The call that warms up; all there is for a slow candidate, which is marked by no repeats."""

    def attempt():
        argument = prepare(0)
        with _watermark() as grown:
            started = time.perf_counter()
            answer = run(argument)
            seconds = time.perf_counter() - started
        one.peak_mb = grown()
        if seconds > SLOW:
            if one.name not in REPEATED:
                one.seconds.append(seconds)
                one.answers.append(answer)
                one.repeats = 0
            return
        one.peak_mb = peak_memory(run, prepare)
        argument = prepare(0)
        started = time.perf_counter()
        run(argument)
        one.repeats = max(1, min(2000, int(SHORTEST / max(time.perf_counter() - started, 1e-7))))

    _attempt(one, attempt, failures)


def _round(one, run, prepare, number):
    arguments = [prepare(number) for _ in range(one.repeats)]
    started = time.perf_counter()
    for argument in arguments:
        answer = run(argument)
    one.seconds.append((time.perf_counter() - started) / one.repeats)
    one.answers.append(answer)


def _attempt(one, action, failures):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # solvers that stop early say so; their residuals stand in the record
            action()
    except failures as error:
        first = str(error).splitlines()[0][:80] if str(error) else ""
        one.failure = f"{type(error).__name__}: {first}"


def peak_memory(run, prepare=lambda number: number):
    """Megabytes that one call adds at its peak: the larger of two measurements, each of which may miss a part.

    tracemalloc counts what Python and NumPy ask for, whether or not it was at hand; the growth of the process's resident set, as the kernel
    sees it, counts the memory of compiled libraries as well, but not what they find free from before.
    """
    argument = prepare(0)
    started = time.perf_counter()
    with _watermark() as grown:
        run(argument)
    resident, seconds = grown(), time.perf_counter() - started
    if seconds > TRACED:
        return resident
    argument = prepare(0)
    tracemalloc.start()
    try:
        run(argument)
        traced = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    return max(resident, traced)


@contextlib.contextmanager
def _watermark():
    """Yields a function that tells by how many megabytes the resident set has grown at most; 0 where the kernel does not tell (not Linux)."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not reset.exists():
        yield lambda: 0.0
        return
    ctypes.CDLL(None).malloc_trim(0)  # what was freed before is given back, so that using it again counts
    reset.write_text("5")
    before = _kilobytes(status, "VmRSS")
    yield lambda: max(0.0, (_kilobytes(status, "VmHWM") - before) / 1e3)


def _kilobytes(status, name):
    line = next(line for line in status.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1.024


@contextlib.contextmanager
def threads(count):
    """Context in which NumPy's and SciPy's BLAS have ``count`` threads; as many as the environment says where threadpoolctl is missing."""
    if not there("threadpoolctl"):
        yield
        return
    import threadpoolctl

    with threadpoolctl.threadpool_limits(count):
        yield
