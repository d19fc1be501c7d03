"""What an audit costs: ``python -m benchmarks.bench_audit [--budgets quick,default] [--jobs 2] [--quick]``.

One run of the whole registry per budget through the command line, interpreter and import included; the record is
benchmarks/results/audit.csv: a row per budget, with the seconds that its processes kept processors busy, and one for each of its ten slowest
claims. There is no peer: nothing else referees a paper.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import environment

#: Seconds on two cores that a budget should stay under.
TARGETS = {"quick": 20, "default": 120}


def run(budget, jobs):
    """Verdicts (list of dict), seconds and processor seconds of one audit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audit.json")
        command = [sys.executable, "-m", "kktcheck", "audit", "--budget", budget, "--jobs", str(jobs), "--json", str(path)]
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        return json.loads(path.read_text()), seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def rows(budget, jobs):
    """Rows of the record for one budget."""
    verdicts, seconds, busy = run(budget, jobs)
    judged = [verdict for verdict in verdicts if verdict["verdict"] != "not run"]
    total = sum(verdict["tried"] for verdict in judged)
    about = {"claim": "all", "verdicts": len(judged), "instances": total}
    yield {"budget": budget, "jobs": jobs, **about, "seconds": round(seconds, 2), "processor_seconds": round(busy, 2)}
    for verdict in sorted(judged, key=lambda verdict: -verdict["seconds"])[:10]:
        about = {"claim": verdict["id"], "verdicts": 1, "instances": verdict["tried"], "seconds": round(verdict["seconds"], 2)}
        yield {"budget": budget, "jobs": jobs, **about, "processor_seconds": ""}


def main(argv=None):
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budgets", default="quick,default")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=environment.RESULTS / "audit.csv")
    parser.add_argument("--quick", action="store_true", help="the quick budget only, no file")
    options = parser.parse_args(argv)
    if options.quick:
        options.budgets = "quick"
    record = [row for budget in options.budgets.split(",") for row in rows(budget, options.jobs)]
    for row in record:
        print(f"{row['budget']:<8} {row['claim']:<50} {row['instances']:>8} instances {row['seconds']:>8.2f} s")
    for row in record:
        if row["claim"] == "all" and row["budget"] in TARGETS:
            spent = f"{row['seconds']:.0f} s, processors busy for {row['processor_seconds']:.0f} s"
            print(f"{row['budget']}: {spent}; the target is under {TARGETS[row['budget']]} s on two cores")
    if not options.quick:
        environment.write(options.out, record)


if __name__ == "__main__":
    main()
