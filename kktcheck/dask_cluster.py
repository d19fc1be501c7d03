"""A Dask cluster as an executor: reached within seconds, with workers of the same versions, or one line says why not."""

import asyncio
import contextlib
import logging
import warnings

from .errors import InputError, MissingDependencyError
from .executors import versions

#: Seconds for the scheduler to answer, and then for a worker to be there.
PATIENCE = 8
_START = "dask scheduler, and on each machine: dask worker ADDRESS --nworkers N --nthreads 1"


@contextlib.contextmanager
def connected(address, *, patience=PATIENCE):
    """The executor of a cluster, left with the block; what still runs there is cancelled.

    Parameters
    ----------
    address : str
        Of the scheduler, like ``tcp://host:8786`` or ``host:8786``.
    patience : float
        Seconds to wait for the scheduler, and for a worker.

    Yields
    ------
    concurrent.futures.Executor
        Dask gives the task of a worker that died to another one.

    Raises
    ------
    InputError
        No scheduler answers at the address, it has no workers, or versions differ; says which and the way out.
    MissingDependencyError
        Without the library distributed.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise MissingDependencyError(f"a Dask cluster needs the library distributed ({error}): pip install 'kktcheck[dask]'") from error
    with contextlib.ExitStack() as stack:
        stack.enter_context(_quiet())
        _check_scheduler(address, patience)
        # A task is a few megabytes and is sent once: no reason for a warning.
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}))
        client = stack.enter_context(_client(distributed, address, patience))
        _check_workers(distributed, client, address, patience)
        executor = client.get_executor(pure=False)
        stack.callback(executor.shutdown, wait=False)
        yield executor


def differences(found, expected):
    """What differs between versions found on workers and those of this process.

    Parameters
    ----------
    found : dict of str to dict
        For each worker name and version of each library, as `distributed.Client.get_versions` reports them; None where there is none.
    expected : dict
        Those of this process, by name.

    Returns
    -------
    list of str
        "WORKER: NAME VERSION, here VERSION", for each difference.
    """
    texts = []
    for worker, packages in found.items():
        for name, here in expected.items():
            there = packages.get(name)
            if name == "python" and there is not None:
                there = ".".join(there.split(".")[:2])
            if there != here:
                texts.append(f"{worker}: {'no ' + name if there is None else f'{name} {there}'}, here {here}")
    return texts


def _check_scheduler(address, patience):
    """Raise unless a scheduler answers: `distributed.Client` itself waits for ever where something else does, or nothing at all."""
    from distributed.core import rpc

    async def identity():
        async with rpc(address, timeout=2 * patience) as there:
            return await there.identity()

    try:
        kind = asyncio.run(asyncio.wait_for(identity(), patience)).get("type")
    except TimeoutError as error:
        raise InputError(
            f"no Dask scheduler answers at {address!r} within {patience:g} seconds: is the address right, and it started? {_START}"
        ) from error
    except (OSError, ValueError, TypeError, RuntimeError, MemoryError, AttributeError) as error:
        reason = "what answers is no Dask scheduler" if isinstance(error, MemoryError) else error
        raise InputError(f"no Dask scheduler can be reached at {address!r} ({reason}): give one like tcp://host:8786; {_START}") from error
    if kind != "Scheduler":
        raise InputError(f"at {address!r} is a Dask {str(kind).lower()}, no scheduler: give the address that the scheduler prints when it starts")


@contextlib.contextmanager
def _client(distributed, address, patience):
    try:
        client = distributed.Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise InputError(f"the Dask scheduler at {address!r} takes no client ({error})") from error
    try:
        yield client
    finally:
        client.close(timeout=patience)


def _check_workers(distributed, client, address, patience):
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        raise InputError(f"the Dask cluster at {address!r} has no workers: start one with dask worker {address} --nthreads 1") from error
    expected = versions() | {"distributed": distributed.__version__}
    workers = client.get_versions(packages=[name for name in expected if name != "python"])["workers"]
    different = differences({worker: about["packages"] for worker, about in workers.items()}, expected)
    if different:
        more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
        raise InputError(f"the Dask cluster at {address!r} would not give the same numbers: {different[0]}{more}; install the same versions there")


@contextlib.contextmanager
def _quiet():
    """Without the log of Dask, which would tell everything once more in many lines, and its warning of versions, which are checked here."""
    handlers = logging.getLogger("distributed").handlers  # the loggers below it have levels of their own
    levels = [handler.level for handler in handlers]
    for handler in handlers:
        handler.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=r"(?s).*Mismatched versions")
            yield
    finally:
        for handler, level in zip(handlers, levels):
            handler.setLevel(level)
