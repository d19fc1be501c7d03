"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--quick] [--list] [--without NAME ...]``, or ``python -m benchmarks report``.

NAME is a script without ``bench_``: each runs in an interpreter of its own, one after another, so that none inherits another's memory or
threads; one that fails does not keep the others from running, and makes the exit code 1. ``--quick`` takes small sizes and one round and writes
no file (two scripts run at a time then, since no time is kept); without it every script writes its record in benchmarks/results. ``report``
writes REPORT.rst from the records.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent


def scripts():
    """Names of all scripts."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def description(name):
    """First line of a script's docstring, without its command."""
    first = (HERE / f"bench_{name}.py").read_text(encoding="utf-8").splitlines()[0]
    return first.strip('"').partition(": ``")[0]


def run(name, options):
    """Run one script; whether it succeeded."""
    print(f"== {name}", file=sys.stderr, flush=True)
    started = time.perf_counter()
    code = subprocess.run([sys.executable, "-m", f"benchmarks.bench_{name}", *options], cwd=HERE.parent, check=False).returncode
    outcome = "done" if code == 0 else f"FAILED with exit code {code}"
    print(f"== {name}: {outcome} in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return code == 0


def main(argv=None):
    """Exit code: 0, 1 if a script failed, 2 for a name that is unknown."""
    names = scripts()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0].partition(":")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="scripts to run (default: all), or report")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round, no file written")
    parser.add_argument("--list", action="store_true", help="name the scripts and stop")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="scripts to leave out")
    options = parser.parse_args(argv)
    if options.list:
        print(*(f"{name:<16} {description(name)}" for name in names), sep="\n")
        return 0
    if options.names == ["report"]:
        from .report import main as write

        write()
        return 0
    unknown = sorted({*options.names, *options.without} - set(names))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}: choose among {', '.join(names)}, or report alone")
    chosen = [name for name in options.names or names if name not in options.without]
    flags = ["--quick"] if options.quick else []
    with ThreadPoolExecutor(2 if options.quick else 1) as threads:
        succeeded = list(threads.map(lambda name: run(name, flags), chosen))
    failed = [name for name, success in zip(chosen, succeeded, strict=True) if not success]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
