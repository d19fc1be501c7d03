"""What an executor costs and from which task size it pays: ``python -m benchmarks.bench_executors [--workers 2]``.

Tasks of a known size go to processes and to a local Dask cluster through `kktcheck.executors.run`; the record is
benchmarks/results/executors.csv. ``start`` is what the first result waits for, ``overhead`` the time per task when tasks do nothing (the
executor cannot be faster than that), ``gain`` the time in one process over the time with the workers, the start left out; ``load`` the
processes that ran meanwhile, those of the benchmark included: more of them than cores leave little to gain. Workers pay for
tasks larger than the overhead, and for sweeps of more work than start * N / (N - 1).
"""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

import numpy as np

from kktcheck import executors
from kktcheck.dask_cluster import connected

from . import environment
from .peers import there

#: Milliseconds of work in a task; kilobytes sent with it (3300: a network of Appendix E with its data and record).
SIZES, PAYLOADS = (3, 30, 300), (0, 3300)
#: Tasks that do nothing, seconds that the tasks of one size take together in one process, and repetitions, of which the fastest counts.
IDLE, SECONDS, REPEATS = 300, 1.2, 4


def spin(rounds, payload):
    """Work of a size that does not depend on who else uses the processor."""
    total = 0
    for k in range(rounds):
        total += k & 7
    return total


def rounds_per_ms():
    """Calibration of `spin`, the best of five."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        spin(1_000_000, b"")
        times.append(time.perf_counter() - started)
    return 1_000_000 / (1000 * min(times))


def timed(executor, tasks):
    """Seconds until all tasks are done."""
    started = time.perf_counter()
    executors.run(executor, spin, tasks, lambda place, result: None)
    return time.perf_counter() - started


@contextlib.contextmanager
def dask(workers):
    """Executor of a local cluster, of one thread per worker."""
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        connected(cluster.scheduler_address) as executor,
    ):
        yield executor


def rows(name, opened, workers, rate, quick=False):
    """Rows of the record for one kind of executor; with ``quick`` one size, without a payload."""
    started = time.perf_counter()
    with opened(workers) as executor:
        timed(executor, [(0, b"")] * workers)
        start = time.perf_counter() - started
        timed(executor, [(0, b"")] * IDLE)  # warm
        for payload in PAYLOADS[:1] if quick else PAYLOADS:
            sent = bytes(1000 * payload)
            idle = [(0, sent)] * (IDLE if payload == 0 else IDLE // 10)
            overhead = min(timed(executor, idle) for _ in range(REPEATS)) / len(idle)
            for size in SIZES[1:2] if quick else SIZES:
                tasks = [(round(size * rate), sent)] * max(2 * workers, round(1000 * SECONDS / size))
                # In turns, so that what else the machine does is not on one side alone.
                alone, apart = np.min([(timed(None, tasks), timed(executor, tasks)) for _ in range(REPEATS)], axis=0).tolist()
                yield {
                    "executor": name,
                    "workers": workers,
                    "payload_kb": payload,
                    "start_s": round(start, 2),
                    "overhead_ms": round(1000 * overhead, 2),
                    "task_ms": size,
                    "tasks": len(tasks),
                    "alone_s": round(alone, 3),
                    "apart_s": round(apart, 3),
                    "gain": round(alone / apart, 2),
                    "load": round(os.getloadavg()[0], 1),
                }


def main(argv=None):
    """Measure, print and record (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=environment.RESULTS / "executors.csv")
    parser.add_argument("--quick", action="store_true", help="processes and one size of task only, no file")
    options = parser.parse_args(argv)
    kinds = {"processes": executors.opened}
    if not options.quick and there("distributed", "dask"):
        kinds["dask"] = dask
    rate, record = rounds_per_ms(), []
    for name, opened in kinds.items():
        for row in rows(name, opened, options.workers, rate, options.quick):
            record.append(row)
            print(
                f"{name:<10} {row['workers']} workers, {row['payload_kb']:>5} kB: start {row['start_s']:>5} s, overhead {row['overhead_ms']:>6} ms; "
                f"tasks of {row['task_ms']:>4} ms: {row['gain']:>5} times faster",
                file=sys.stderr,
            )
    if not options.quick:
        environment.write(options.out, record, "distributed")


if __name__ == "__main__":
    main()
