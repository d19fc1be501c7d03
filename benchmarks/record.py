"""Rows of the record and the frame of a script: arguments, cases one after another, printing, writing.

All families share the columns of `ROW`: a row per case and method, kktcheck's first, times as median, least and most over the rounds, the ratio to
kktcheck's median, the peak of memory that a call adds, the accuracy of the answer, and beside kktcheck's own time that of the floor
(`benchmarks.floors`) with the ratio to it. Families add columns of their own behind these.
"""

import argparse
import sys

from . import environment, timing

#: Columns of every family, in this order.
ROW = (
    "case", "m", "d", "n", "kinks", "method", "rounds", "median_s", "least_s", "most_s", "times_ours", "peak_mb", "kkt_residual", "right",
    "floor_s", "times_floor", "note",
)  # fmt: skip

#: Names of kktcheck and of the floor among the candidates.
OURS, FLOOR = "kktcheck", "floor"

#: KKT residual up to which an answer counts as right.
RIGHT = 1e-9


def rows(about, found, accuracy, *, right=RIGHT):
    """Rows of one case.

    Parameters
    ----------
    about : dict
        ``case`` and sizes, values of the first columns of `ROW`.
    found : dict of str to Measurement
        As from `benchmarks.timing.interleaved`: `OURS` first, perhaps `FLOOR`, and peers.
    accuracy : callable
        From an answer to a dict of further columns, ``kkt_residual`` among them; empty where there is nothing to judge.
    right : float
        Largest ``kkt_residual`` that counts as right.

    Returns
    -------
    list of dict
    """
    own, floor = found[OURS], found.get(FLOOR)
    judged = {name: _worst([accuracy(answer) for answer in one.answers] if not one.failure else []) for name, one in found.items() if name != FLOOR}
    more = {column: "" for columns in judged.values() for column in columns if column not in ROW}
    table = []
    for name, one in found.items():
        if name == FLOOR:
            continue
        row = dict.fromkeys(ROW, "") | about | {"method": name, "rounds": len(one.seconds), "note": one.failure} | more
        if one.seconds and not one.failure:
            row |= {
                "median_s": _short(one.median), "least_s": _short(min(one.seconds)), "most_s": _short(max(one.seconds)),
                "times_ours": _short(one.median / own.median), "peak_mb": _short(one.peak_mb),
            } | {column: _short(value) for column, value in judged[name].items()}  # fmt: skip
            if "kkt_residual" in judged[name]:
                row["right"] = judged[name]["kkt_residual"] <= right
        if name.startswith(OURS) and floor is not None:
            row |= {"floor_s": _short(floor.median), "times_floor": _short(one.median / floor.median)}
        table.append(row)
    return table


def _worst(answers):
    """Largest value of every column over the rounds; empty without any."""
    return {column: max(answer[column] for answer in answers) for column in answers[0]} if answers else {}


def _short(value):
    return f"{value:.4g}" if isinstance(value, float) else value


def _line(row):
    """A row as it is shown while the script runs."""
    sizes = ", ".join(f"{key} {row[key]}" for key in ("m", "d", "n", "kinks") if row[key] not in ("", 0))
    if row["median_s"] == "":
        return f"{row['case']} ({sizes}): {row['method']}: {row['note']}"
    floor = f", {row['times_floor']} times the floor" if row["times_floor"] else f", {row['times_ours']} times ours"
    return f"{row['case']} ({sizes}): {row['method']} {row['median_s']} s{floor}, {row['peak_mb']} MB, residual {row['kkt_residual']}"


def run(script, argv, file, cases, *, libraries=(), threads=1):
    """Measure the cases of a family, print their rows, and write the record.

    Parameters
    ----------
    script : str
        The script's docstring, whose first line describes it.
    argv : sequence of str or None
        Command line: ``--quick`` (small cases, one round, no file) and ``--threads``.
    file : str
        Name of the record in benchmarks/results.
    cases : callable
        ``cases(quick)`` yields lists of rows, all with the same columns.
    libraries : sequence of str
        Distributions whose versions are recorded.
    threads : int
        Default of ``--threads``, the threads of BLAS.

    Returns
    -------
    list of dict
        The rows.
    """
    parser = argparse.ArgumentParser(description=script.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases, one round, no file")
    parser.add_argument("--threads", type=int, default=threads, help=f"threads of BLAS (default {threads})")
    options = parser.parse_args(argv)
    table = []
    with timing.threads(options.threads):
        for block in cases(options.quick):
            for row in block:
                print(_line(row), file=sys.stderr, flush=True)
            table += block
        if not options.quick:
            columns = dict.fromkeys(key for row in table for key in row)
            environment.write(environment.RESULTS / file, [dict.fromkeys(columns, "") | row for row in table], *libraries)
    return table
