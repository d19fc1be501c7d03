"""What the record must show, and whether it does: computed from the rows of benchmarks/results, nothing typed in."""

from dataclasses import dataclass

from . import rst

#: Seconds up to which an answer for ten points and neurons takes "at most a few milliseconds".
FEW_MILLISECONDS = 0.005


@dataclass(frozen=True)
class Outcome:
    """A target, what was measured, and ``"met"``, ``"missed"`` or ``"not measured"``."""

    target: str
    measured: str
    verdict: str


def outcomes(record):
    """Outcomes of all targets; ``record`` is a function from the name of a CSV file to its rows, empty if there is none."""
    found = []
    for group in (_training, _max_margin, _indicator, _clarke, _large, _audit, _small, _floor):
        found += group(record)
    return found


def _outcome(target, value, met, show):
    """Outcome of a value that may be missing (None)."""
    if value is None:
        return Outcome(target, "", "not measured")
    return Outcome(target, show(value), "met" if met(value) else "missed")


def _at_least(target, value, least, show=lambda value: f"{rst.number(value)} times"):
    return _outcome(target, value, lambda value: value >= least, show)


def _at_most(target, value, most, show=rst.seconds):
    return _outcome(target, value, lambda value: value <= most, show)


def _value(rows, column="median_s", **where):
    """The column in the only row with the given entries that has one; None if there is none."""
    values = [row[column] for row in rows if all(row.get(key) == str(entry) for key, entry in where.items()) and row.get(column)]
    return float(values[0]) if values else None


def _least(values):
    values = [value for value in values if value is not None]
    return min(values) if values else None


def _most(values):
    values = [value for value in values if value is not None]
    return max(values) if values else None


def _ratio(numerator, denominator):
    return None if numerator is None or denominator is None else numerator / denominator


def _training(record):
    rows = record("training.csv")
    torch = _least(float(row["median_s"]) for row in rows if row["method"].startswith("PyTorch") and row["median_s"])
    single, batch = (_value(rows, method=name) for name in ("kktcheck", "kktcheck, ten networks in one array"))
    return [
        _at_least("training, one network: 50 times PyTorch's float64 loop", _ratio(torch, single), 50),
        _at_least("training, ten networks in one array: 90 times", _ratio(torch, batch), 90),
    ]


def _max_margin(record):
    ours = [row for row in record("max_margin.csv") if row["method"] == "kktcheck"]
    worst = _most(float(row["kkt_residual"]) for row in ours)
    within = sum(row["within_allowance"] == "True" for row in ours)
    return [
        _at_most("max-margin: KKT residual at most 1e-12 at every size", worst, 1e-12, rst.residual),
        _outcome(
            "max-margin: within 1.5 times (plus 0.1 ms) of the fastest right peer",
            within if ours else None,
            lambda value: value == len(ours),
            lambda value: f"{value} of {len(ours)} sizes",
        ),
    ]


def _indicator(record):
    rows = [row for row in record("multipliers.csv") if row["case"].startswith("indicator")]
    at_100 = [row for row in rows if row["m"] == "100"]
    dense = {"method": "scipy nnls, dense Jacobian"}
    cases = sorted({row["case"] for row in at_100})
    faster = _least(_ratio(_value(at_100, case=case, **dense), _value(at_100, case=case, method="kktcheck")) for case in cases)
    smaller = _least(_ratio(_value(at_100, "peak_mb", case=case, **dense), _value(at_100, "peak_mb", case=case, method="kktcheck")) for case in cases)
    found = [
        _at_least("multipliers, indicator, m = 100: 500 times faster than nnls on the dense Jacobian", faster, 500),
        _at_least("the same: 50 times smaller", smaller, 50),
    ]
    for m, pivoting, positive in ((1000, 0.15, 0.1), (5000, 3.5, 2.0)):
        for kind, most in (("pivoting", pivoting), ("all positive", positive)):
            value = _value(rows, case=f"indicator, {kind}, two threads", m=m, method="kktcheck")
            found.append(_at_most(f"multipliers, indicator, m = {m}, {kind}, two threads: at most {rst.seconds(most)}", value, most))
    return found


def _clarke(record):
    rows = [row for row in record("multipliers.csv") if row["case"].startswith("Clarke, Appendix E")]
    ours = [row for row in rows if row["method"] == "kktcheck"]
    nearest = min(ours, key=lambda row: abs(int(row["kinks"]) - 1300), default=None)
    slowest = [row for row in record("clarke.csv") if row["m"] in ("100", "1000") and "CVXPY" in row["method"] and row["times_ours"]]
    return [
        _at_most(
            f"multipliers, Clarke, (10, 1000, 400) with {nearest['kinks'] if nearest else 'about 1300'} kinks: at most 5 ms",
            float(nearest["median_s"]) if nearest else None,
            0.005,
        ),
        _at_least(
            "multipliers, Clarke, m = 100 and 1000 by number of kinks: 20 times faster than CVXPY",
            _least(float(row["times_ours"]) for row in slowest),
            20,
            lambda value: f"{rst.number(value)} times in the least of {len(slowest)} cases",
        ),
    ]


def _large(record):
    rows = [row for row in record("large.csv") if row["case"] == "Gaussian, clarke"]
    minutes, memory, gap = (_value(rows, column, m=50_000) for column in ("median_s", "peak_mb", "kkt_residual"))
    return [
        _at_most("large, (m, n, d) = (50 000, 500, 784), memory-mapped, Clarke: under 10 minutes", minutes, 600),
        _at_most("the same: under 6 GB", memory, 6000, rst.megabytes),
        _at_most("the same: duality gap below 1e-6 of half the squared norm", gap, 1e-6, rst.residual),
    ]


def _audit(record):
    rows = record("audit.csv")
    return [
        _at_most(f"kktcheck audit, {budget} budget, two cores: under {rst.seconds(most)}", _value(rows, "seconds", budget=budget, claim="all"), most)
        for budget, most in (("default", 120), ("quick", 20))
    ]


def _small(record):
    """The slowest of the cases with ten points and at most ten neurons in every family, and the referee's ten thousand."""
    found = []
    for family, file in (
        ("multipliers", "multipliers.csv"),
        ("certify", "certificates.csv"),
        ("max-margin", "max_margin.csv"),
        ("kkt_point", "kkt_points.csv"),
    ):
        small = [row for row in record(file) if row["method"] == "kktcheck" and row["median_s"] and row["m"] in ("9", "10")]
        small = [row for row in small if (int(row["n"]) <= 10 if row["n"] else int(row["d"]) <= 20)]
        slowest = _most(float(row["median_s"]) for row in small)
        found.append(_at_most(f"small end, {family}, ten points and neurons: at most {rst.seconds(FEW_MILLISECONDS)}", slowest, FEW_MILLISECONDS))
    many = _value(record("strategies.csv"), case="10^4 instances of Lemma C.6, drawn and checked")
    return [*found, _at_most("10^4 instances of a two-layer claim: under 10 s", many, 10)]


def _floor(record):
    """How many cases of all families are within three times their floor."""
    files = ("training", "multipliers", "max_margin", "kkt_points", "certificates")
    ratios = [float(row["times_floor"]) for file in files for row in record(f"{file}.csv") if row.get("times_floor")]
    within = sum(ratio <= 3 for ratio in ratios)
    return [
        _outcome(
            "floor: every case within 3 times",
            within if ratios else None,
            lambda value: value == len(ratios),
            lambda value: f"{value} of {len(ratios)} cases",
        )
    ]
