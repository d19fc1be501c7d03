"""What ``import kktcheck`` costs beyond ``import numpy, scipy.linalg``: medians over fresh interpreters, taken in turn.

Run ``python -m benchmarks.bench_import``; the record is benchmarks/results/import.csv.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import environment

ROOT = Path(__file__).parents[1]
STATEMENTS = {"numpy, scipy.linalg": "import numpy, scipy.linalg", "kktcheck": "import kktcheck"}
TARGET = 0.1


def seconds(statement, bytecode):
    """Seconds that one statement takes in a fresh interpreter, its start-up apart; ``bytecode`` is the folder of compiled modules."""
    code = f"import time\nstart = time.perf_counter()\n{statement}\nprint(time.perf_counter() - start)"
    # Installed packages are compiled, whatever the caller's environment says about this checkout.
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": bytecode}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    return float(run.stdout)


def interleaved(runs):
    """Seconds per statement: dict of lists of length ``runs``, the statements taken in turn."""
    times = {name: [] for name in STATEMENTS}
    with tempfile.TemporaryDirectory() as bytecode:
        for run in range(runs + 1):
            for name, statement in STATEMENTS.items():
                taken = seconds(statement, bytecode)
                if run:  # the first round compiles and fills the disk cache
                    times[name].append(taken)
    return times


def main(argv=None):
    """Measure, print and record (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21, help="fresh interpreters per statement (default: 21)")
    parser.add_argument("--out", type=Path, default=environment.RESULTS / "import.csv")
    parser.add_argument("--quick", action="store_true", help="three interpreters per statement, no file")
    options = parser.parse_args(argv)
    runs = 3 if options.quick else options.runs
    times = interleaved(runs)
    rows = [{"imported": name, "runs": runs, "median_s": statistics.median(t), "min_s": min(t), "max_s": max(t)} for name, t in times.items()]
    extra = [after - before for before, after in zip(*times.values())]
    difference = rows[1]["median_s"] - rows[0]["median_s"]
    rows.append({"imported": "difference", "runs": runs, "median_s": difference, "min_s": min(extra), "max_s": max(extra)})
    for row in rows:
        for key in ("median_s", "min_s", "max_s"):
            row[key] = round(row[key], 4)
        print(f"{row['imported']:<20} median {row['median_s']:.4f} s   min {row['min_s']:.4f}   max {row['max_s']:.4f}")
    print(f"kktcheck costs {difference:.3f} s more than NumPy and scipy.linalg; the target is at most {TARGET} s")
    if not options.quick:
        environment.write(options.out, rows)


if __name__ == "__main__":
    main()
