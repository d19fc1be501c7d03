"""What an audit costs: ``python -m benchmarks.bench_audit [--budgets quick,default] [--jobs 2]``.

One run of the whole registry per budget through the command line, interpreter and import included; the record is
benchmarks/results/audit.csv: a row per budget and one for each of its ten slowest claims. There is no peer: nothing else referees a paper.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import environment

#: Seconds on two cores that a budget should stay under.
TARGETS = {"quick": 20, "default": 180}


def run(budget, jobs):
    """Verdicts (list of dict) and seconds of one audit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audit.json")
        command = [sys.executable, "-m", "kktcheck", "audit", "--budget", budget, "--jobs", str(jobs), "--json", str(path)]
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return json.loads(path.read_text()), time.perf_counter() - started


def rows(budget, jobs):
    """Rows of the record for one budget."""
    verdicts, seconds = run(budget, jobs)
    judged = [verdict for verdict in verdicts if verdict["verdict"] != "not run"]
    total = sum(verdict["tried"] for verdict in judged)
    yield {"budget": budget, "jobs": jobs, "claim": "all", "verdicts": len(judged), "instances": total, "seconds": round(seconds, 2)}
    for verdict in sorted(judged, key=lambda verdict: -verdict["seconds"])[:10]:
        about = {"claim": verdict["id"], "verdicts": 1, "instances": verdict["tried"], "seconds": round(verdict["seconds"], 2)}
        yield {"budget": budget, "jobs": jobs, **about}


def main():
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budgets", default="quick,default")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=environment.RESULTS / "audit.csv")
    options = parser.parse_args()
    record = [row for budget in options.budgets.split(",") for row in rows(budget, options.jobs)]
    for row in record:
        print(f"{row['budget']:<8} {row['claim']:<50} {row['instances']:>8} instances {row['seconds']:>8.2f} s")
    for row in record:
        if row["claim"] == "all" and row["budget"] in TARGETS:
            print(f"{row['budget']}: {row['seconds']:.0f} s; the target is under {TARGETS[row['budget']]} s on two cores")
    environment.write(options.out, record)


if __name__ == "__main__":
    main()
