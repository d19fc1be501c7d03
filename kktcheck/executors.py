"""Where the tasks of a sweep run: in this process, in several, on a Dask cluster, or in any `concurrent.futures.Executor`.

A task is a function and its arguments, pickled here and unpickled there, so that it gets the same bytes wherever it runs; what it returns
comes back the same way, with its warnings. The numbers are then those of this process, provided that BLAS adds up in the same order: the
processes started here, and Dask's workers, let it use one thread (``OPENBLAS_NUM_THREADS=1`` does so in this one).
"""

import contextlib
import gc
import multiprocessing
import os
import pickle
import platform
import secrets
import signal
import sys
import threading
import warnings
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor, wait
from numbers import Integral

import numpy as np
import scipy

from . import __version__
from .errors import InputError, KKTCheckWarning, SolverError

#: Bytes of tasks handed over and not yet done: enough to keep many workers busy, and no more than memory bears.
IN_FLIGHT = 2**29
#: Bytes that a task counts for at least: the time to wait for one of many grows with their number.
LEAST = 2**18
#: Read by linear algebra libraries when they are loaded: processes side by side need one thread each.
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_HOME = secrets.token_hex(16)
_ONE_AT_A_TIME = threading.RLock()  # filters of warnings belong to the whole process


def check(jobs):
    """Raise `InputError` unless this is a number of processes, at least 1, or a `concurrent.futures.Executor`."""
    if not isinstance(jobs, Executor) and (isinstance(jobs, bool) or not isinstance(jobs, Integral) or jobs < 1):
        raise InputError(f"jobs is {jobs!r}; it is a number of processes, at least 1, or a concurrent.futures.Executor")


@contextlib.contextmanager
def opened(jobs):
    """The executor for a number of processes, which end with the block; None, this process, for 1.

    Parameters
    ----------
    jobs : int or Executor
        An executor is passed through and left open.

    Raises
    ------
    InputError
        As `check` does.
    """
    check(jobs)
    if isinstance(jobs, Executor):
        yield jobs
    elif jobs == 1:
        yield None
    else:
        with _started([jobs]) as (executor,):
            yield executor


def lanes(count):
    """Executors of one process each, which end at once with the block, and with this process however that ends; a context manager."""
    return _started([1] * count)


@contextlib.contextmanager
def chosen(jobs, address):
    """What the command line asked for, to be given as ``jobs=``: processes, or the executor of a Dask cluster, left with the block.

    Parameters
    ----------
    jobs : int or None
        None means one process.
    address : str or None
        Of a Dask scheduler; it goes before ``jobs``.

    Raises
    ------
    InputError
        No scheduler answers, it has no workers, or these have other versions.
    MissingDependencyError
        Without the library distributed.
    """
    if address is None:
        yield jobs or 1
        return
    from .dask_cluster import connected

    with connected(address) as executor:
        yield executor


def run(executor, function, tasks, done):
    """Run tasks; ``done(place, result)`` is called in this process for each, as they finish.

    Parameters
    ----------
    executor : Executor or None
        None runs them here, in their order.
    function : callable
        Of a module, if there is an executor.
    tasks : iterable of tuple
        Arguments for the function; taken one by one, when there is room.
    done : callable

    Raises
    ------
    InputError
        A task cannot be sent, or its worker has other versions.
    SolverError
        A process died. All results that had arrived were given to ``done`` before.
    """
    if executor is None:
        for place, task in enumerate(tasks):
            done(place, function(*task))
        return
    waiting, running, sent = enumerate(tasks), {}, 0
    try:
        while True:
            while sent < IN_FLIGHT and (entry := next(waiting, None)) is not None:
                place, task = entry
                packed = _packed(function, task)
                size = max(len(packed), LEAST)
                running[_handed_over(executor, packed)] = place, size
                sent += size
            if not running:
                return
            finished = wait(running, return_when=FIRST_COMPLETED).done
            # What succeeded is delivered before what failed ends the run.
            for future in sorted(finished, key=lambda future: (failed(future), running[future])):
                result = outcome(future)
                place, size = running.pop(future)
                sent -= size
                done(place, result)
    finally:
        for future in running:
            future.cancel()


def submit(executor, function, *task):
    """Hand over one task; its future is for `outcome`, which raises what `run` raises."""
    return _handed_over(executor, _packed(function, task))


def outcome(future):
    """What the task of a future returned; its warnings are repeated here. Raises what the task raised, and `SolverError` if a process died."""
    try:
        result, caught = pickle.loads(future.result())
    except _deaths() as error:
        raise SolverError(
            "a process that had a task died: killed, out of memory, or started from a script whose call of kktcheck does not stand under "
            'if __name__ == "__main__"; what is finished is kept where there is a checkpoint, and fewer jobs, or jobs=1, need less'
        ) from error
    except CancelledError as error:
        raise SolverError(
            "a task was cancelled: the executor was shut down, or the scheduler of the cluster is gone; what is finished is kept where there is "
            "a checkpoint"
        ) from error
    for message, category, file, line in caught:
        warnings.warn_explicit(message, category, file, line)
    return result


def failed(future):
    """Whether a future that is done has no result."""
    return future.cancelled() or future.exception() is not None


def versions():
    """What the numbers depend on, as names and versions: kktcheck, Python, NumPy, SciPy."""
    return {"kktcheck": __version__, "python": ".".join(platform.python_version_tuple()[:2]), "numpy": np.__version__, "scipy": scipy.__version__}


def _deaths():
    """What tells that a process died: Dask has an exception of its own, for a task that took several workers with it."""
    distributed = sys.modules.get("distributed")
    return (BrokenExecutor,) if distributed is None else (BrokenExecutor, distributed.scheduler.KilledWorker)


def _packed(function, task):
    try:
        return pickle.dumps((function, task))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(
            f"a task cannot be sent to another process ({error}): its functions must be those of a module, not made inside another function; "
            "or run it here, with jobs=1"
        ) from error


def _handed_over(executor, packed):
    try:
        return executor.submit(_perform, (_HOME, os.getpid()), versions(), packed)
    except BrokenExecutor as error:
        raise SolverError("the executor is broken: a process of it died before; start another one") from error


def _perform(home, expected, packed):
    """In the process of a worker: run a task; the result and its warnings, pickled."""
    if versions() != expected:
        raise InputError(f"a worker has other versions ({_listed(versions())}) than this process ({_listed(expected)}): install the same")
    try:
        function, task = pickle.loads(packed)
    except (AttributeError, ImportError) as error:
        raise InputError(f"a worker lacks what a task needs ({error}): put it into a module that is installed there, too") from error
    with _ONE_AT_A_TIME:
        if home == (_HOME, os.getpid()):  # a thread of the process that asks, which sees the warnings itself
            return pickle.dumps((function(*task), []))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", KKTCheckWarning)
            result = function(*task)
    return pickle.dumps((result, [(each.message, each.category, each.filename, each.lineno) for each in caught]))


def _listed(found):
    return ", ".join(f"{name} {version}" for name, version in found.items())


@contextlib.contextmanager
def _started(sizes):
    """Executors with these numbers of processes, which end at once with the block, and with this process however that ends."""
    context = multiprocessing.get_context("spawn")  # a forked process may hang on the locks of this one's threads
    reader, writer = context.Pipe(duplex=False)
    executors = [ProcessPoolExecutor(size, context, _prepare, (reader,)) for size in sizes]
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update({name: "1" for name, value in before.items() if value is None})
    try:
        yield executors
    finally:
        for name in [name for name, value in before.items() if value is None]:
            del os.environ[name]
        writer.close()
        for executor in executors:
            executor.shutdown(wait=True, cancel_futures=True)
        reader.close()


def _prepare(reader):
    """In a new process: leave Ctrl-C to the one that started it, and end when that closes its end of the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Tasks build many small objects and hardly a cycle: looking for cycles every 700 of them took a twentieth of an audit.
    gc.set_threshold(100_000, 50, 100)

    def watch():
        with contextlib.suppress(EOFError, OSError):
            reader.recv()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
