"""REPORT.rst from the record: ``python -m benchmarks report`` writes benchmarks/REPORT.rst from benchmarks/results/*.csv alone.

Everything that is a figure, and every verdict on a target, is computed from the CSV files; only the words that say what was measured how stand here
and in `benchmarks.families`. Needs the standard library alone.
"""

import csv
from pathlib import Path

from . import rst, targets
from .families import FAMILIES, INTRODUCTION, PLAN, SINGLE

RESULTS = Path(__file__).parent / "results"
REPORT = Path(__file__).parent / "REPORT.rst"

#: Columns that the record of every family has (`benchmarks.record.ROW`, which this module does not import: it needs no NumPy).
COMMON = (
    "case", "m", "d", "n", "kinks", "method", "rounds", "median_s", "least_s", "most_s", "times_ours", "peak_mb", "kkt_residual", "right",
    "floor_s", "times_floor", "note",
)  # fmt: skip

#: Columns of a record that describe the machine.
MACHINE = ("python", "blas", "blas_threads", "cpu", "cores", "system")
#: Distributions that may stand behind them.
LIBRARIES = (
    "kktcheck", "numpy", "scipy", "cvxpy", "clarabel", "osqp", "scs", "scikit-learn", "torch", "qpsolvers", "daqp", "quadprog", "piqp", "proxsuite",
    "hypothesis", "distributed",
)  # fmt: skip


class RecordError(ValueError):
    """A record does not have the columns that its family has now."""


def read(name, folder=RESULTS):
    """Rows of a record as dicts of str; an empty list if it has not been measured.

    Raises
    ------
    RecordError
        If the record of a family lacks common columns.
    """
    path = Path(folder, name)
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    missing = [column for column in COMMON if column not in (rows[0] if rows else COMMON)]
    if missing and name in {family.file for family in FAMILIES}:
        raise RecordError(f"{path} lacks the columns {', '.join(missing)}: measure it again with python -m benchmarks {path.stem}")
    return rows


def report(folder=RESULTS):
    """The text of the report on the records in a folder."""

    def record(name):
        return read(name, folder)

    parts = [
        rst.heading("Benchmarks", "="), INTRODUCTION, rst.heading("What it must show"), _targets(record),
        rst.heading("Where it was measured"), _environment(record),
    ]  # fmt: skip
    for family in FAMILIES:
        parts += [rst.heading(family.title), family.text, *_family(record(family.file), family)]
    for single in SINGLE:
        parts += [rst.heading(single.title), single.text, *_single(record(single.file), single)]
    parts += [rst.heading("Past one machine"), PLAN, *_plan(record("executors.csv"), record("audit.csv"))]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def main(argv=None):
    """Write REPORT.rst."""
    REPORT.write_text(report(), encoding="utf-8")
    print(f"{REPORT}: written")


def _targets(record):
    found = targets.outcomes(record)
    counts = {word: sum(outcome.verdict == word for outcome in found) for word in ("met", "missed", "not measured")}
    summary = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"Of {len(found)} targets: {summary}.\n\n" + rst.table(
        ("target", "measured", "verdict"), [(outcome.target, outcome.measured, outcome.verdict) for outcome in found]
    )


def _environment(record):
    """One line per item; where records differ, which files have which value."""
    names = sorted({family.file for family in FAMILIES} | {single.file for single in SINGLE} | {"executors.csv"})
    values = {}
    for name in names:
        for row in record(name)[:1]:
            for column in (*MACHINE, *LIBRARIES):
                if row.get(column):
                    values.setdefault(column, {}).setdefault(row[column], []).append(name.removesuffix(".csv"))
    rows = []
    for column in (*MACHINE, *LIBRARIES):
        found = values.get(column, {})
        commonest = max(found, key=lambda value: len(found[value]), default=None)
        others = [f"{value} in {', '.join(files)}" for value, files in sorted(found.items()) if value != commonest]
        if commonest is not None:
            rows.append((column.replace("_", " "), commonest + (f" (but {'; '.join(others)})" if others else "")))
    return rst.table(("item", "version or value"), rows)


def _cases(rows):
    """Rows grouped by case, in the order of the record: dict from (case, m, d, n, kinks) to rows."""
    grouped = {}
    for row in rows:
        grouped.setdefault(tuple(row[key] for key in ("case", "m", "d", "n", "kinks")), []).append(row)
    return grouped


def _is_peer(row):
    return not row["method"].startswith("kktcheck")


def _best(rows):
    """The fastest peer of a case that is right, or has no residual to be wrong by; or None."""
    right = [row for row in rows if _is_peer(row) and row["right"] != "False" and row["median_s"]]
    return min(right, key=lambda row: float(row["median_s"]), default=None)


#: Columns of a family's table; its first says what the tables behind refer to.
HEADER = (
    "no.", "case", "(m, d, n)", "kinks", "method", "rounds", "median (range)", "memory", "residual", "times floor", "fastest right peer",
    "its median", "times ours",
)  # fmt: skip


def _family(rows, family):
    """Tables of one family."""
    if not rows:
        return [f"Not measured yet: ``{family.command}``."]
    grouped = _cases(rows)
    lines = [_line(place, about, row, _best(part)) for place, (about, part) in enumerate(grouped.items(), start=1) for row in part if _is_ours(row)]
    place = HEADER.index("method")
    header = HEADER
    if len({line[place] for line in lines}) == 1:
        header, lines = HEADER[:place] + HEADER[place + 1 :], [line[:place] + line[place + 1 :] for line in lines]
    header, lines = rst.without_empty_columns(header, lines)
    return [rst.table(header, lines), *_peers(grouped, family), *_verdict(grouped), *_more(rows, family)]


def _is_ours(row):
    return not _is_peer(row) and row["median_s"] != ""


def _sizes(row):
    """m, d and n, as far as a case has them."""
    return ", ".join(row[key] for key in ("m", "d", "n") if row[key])


def _line(place, about, row, best):
    """One line of a family's table: ours, and the fastest right peer if there is one."""
    peer = ("", "", "")
    if best:
        peer = (best["method"], rst.seconds(best["median_s"]), rst.number(float(best["median_s"]) / float(row["median_s"])))
    return (
        f"[{place}]", about[0], _sizes(row), "" if about[4] == "0" else about[4], row["method"], row["rounds"],
        rst.spread(row["median_s"], row["least_s"], row["most_s"]), rst.megabytes(row["peak_mb"]),
        row["kkt_residual"] and rst.residual(row["kkt_residual"]), row["times_floor"] and rst.number(row["times_floor"]), *peer,
    )  # fmt: skip


def _peers(grouped, family):
    """Every peer against every case: times ours, marked where the answer is not right."""
    methods = list(dict.fromkeys(row["method"] for part in grouped.values() for row in part if _is_peer(row) and row["median_s"]))
    ran = [[row for row in part if _is_peer(row) and row["median_s"]] for part in grouped.values()]
    if all(len(part) <= 1 and all(row["right"] != "False" for row in part) for part in ran):
        return []  # all that there is to say stands in the first table
    lines = []
    for method in methods:
        cells = []
        for part in grouped.values():
            row = next((row for row in part if row["method"] == method and row["median_s"]), None)
            if row is None:
                cells.append("")
            else:
                cells.append(rst.number(row["times_ours"]) + (" \\*" if row["right"] == "False" else ""))
        lines.append((method, *cells))
    marked = any("*" in cell for line in lines for cell in line[1:])
    note = f"; \\* marks an answer that is not right ({family.right})" if marked else ""
    return [
        f"Every peer, in multiples of kktcheck's median{note}:\n",
        rst.table(("peer", *(f"[{place}]" for place in range(1, len(grouped) + 1))), lines),
    ]


def _verdict(grouped):
    """Where a peer wins, in a sentence."""
    lost = []
    for place, part in enumerate(grouped.values(), start=1):
        own, best = next((row for row in part if row["method"] == "kktcheck"), None), _best(part)
        if own and own["median_s"] and best and float(best["median_s"]) < float(own["median_s"]):
            lost.append(f"[{place}] {best['method']}, {rst.number(float(own['median_s']) / float(best['median_s']))} times faster")
    judged = sum(_best(part) is not None for part in grouped.values())
    if not judged:
        return []
    if not lost:
        return [f"No right peer is faster (cases with one: {judged})."]
    return [f"A right peer is faster in {len(lost)} of {judged} cases: {'; '.join(lost)}."]


def _more(rows, family):
    """A table of the family's own columns, for rows that have entries there, and remarks on peers."""
    lines = [[row["case"], _sizes(row), *(_cell(key, row.get(key, "")) for key in family.more)] for row in rows]
    lines = [line for row, line in zip(rows, lines, strict=True) if not _is_peer(row) and any(line[2:])]
    parts = []
    if lines:
        header, lines = rst.without_empty_columns(["case", "(m, d, n)", *(_title(key) for key in family.more)], lines)
        parts.append(rst.table(header, lines))
    notes = list(dict.fromkeys(f"{row['method']}: {row['note']}" for row in rows if row["note"]))
    if notes:
        parts.append("Without an answer: " + "; ".join(notes) + ".")
    return parts


def _single(rows, single):
    """The columns of a record as they are, rounded."""
    if not rows:
        return [f"Not measured yet: ``{single.command}``."]
    if single.last:
        rows = list({tuple(row[key] for key in single.last): row for row in rows}.values())
    columns = [key for key in rows[0] if key not in (*MACHINE, *LIBRARIES)]
    header, lines = rst.without_empty_columns([_title(key) for key in columns], [[_cell(key, row[key]) for key in columns] for row in rows])
    return [rst.table(header, lines)]


def _title(key):
    """A column's name without its unit, which stands with every value."""
    return key.removesuffix("_s").removesuffix("_mb").removesuffix("_MB").replace("_", " ")


def _cell(key, value):
    """A value of a record, rounded by what its column is."""
    try:
        float(value)
    except ValueError:
        return value
    if key.endswith("_s") or key in ("seconds", "processor_seconds", "spread"):
        return rst.seconds(value)
    if key.lower().endswith("_mb"):
        return rst.megabytes(value)
    if "residual" in key or "gap" in key or "difference" in key:
        return rst.residual(value)
    return value if value.isdigit() else rst.number(value)


def _plan(rows, audit):
    """Overheads, and from which size of task and sweep workers pay."""
    if not rows:
        return ["Not measured yet: ``python -m benchmarks executors``."]
    overheads, gains = {}, {}
    for row in rows:
        about = (row["executor"], row["payload_kb"])
        overheads[about] = (row["start_s"], row["overhead_ms"], row["workers"])
        gains.setdefault(about, {})[row["task_ms"]] = row["gain"]
    sizes = list(next(iter(gains.values())))
    header = (
        "executor",
        "sent with a task",
        "start",
        "per task",
        *(f"gain at {size} ms" for size in sizes),
        "least task for 8 workers",
        "for 64",
        "64 workers beat 8 cores from",
    )
    lines = []
    for (executor, payload), (start, overhead, workers) in overheads.items():
        worth = float(start) * 8 * 64 / (64 - 8)
        feeds = [rst.seconds(float(overhead) / 1e3 * count) for count in (8, 64)]
        measured = [f"{gains[executor, payload][size]} of {workers}" for size in sizes]
        lines.append((executor, f"{payload} kB", rst.seconds(start), rst.seconds(float(overhead) / 1e3), *measured, *feeds, rst.seconds(worth)))
    parts = [rst.table(header, lines)]
    total = next((row for row in audit if row["budget"] == "default" and row["claim"] == "all"), None)
    if total:
        task = float(total["seconds"]) * int(total["jobs"]) / int(total["verdicts"])
        fed = [
            f"{rst.number(1e3 * task / float(overhead))} workers by {executor}"
            for (executor, payload), (_, overhead, _) in overheads.items()
            if payload == "0"
        ]
        parts.append(
            f"A claim of the audit takes {rst.seconds(task)} on average (default budget), so that dispatching could feed {' and '.join(fed)}."
        )
    return parts
