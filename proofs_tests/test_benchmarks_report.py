"""The benchmarks' report: regenerated from the committed record, its numbers as they should read, its verdicts computed."""

import csv

import pytest

from benchmarks import record, report, rst, targets
from benchmarks.families import FAMILIES


def test_the_committed_report_is_that_of_the_committed_record():
    assert report.REPORT.read_text(encoding="utf-8") == report.report()


def test_common_columns_are_those_that_the_scripts_write():
    assert report.COMMON == record.ROW


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        (0.0123456, "0.0123"),
        (1234.5, "1,230"),
        (999.9, "1,000"),
        (651.04, "651"),
        (2.5e8, "2.5e+08"),
        (1e-7, "1e-07"),
        (-3.14159, "-3.14"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert rst.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(75.25, "75.2 s"), ("0.0071", "7.1 ms"), (3.4e-5, "34 us"), (0, "0 s"), (-0.08, "-80 ms")])
def test_times_have_a_unit(value, text):
    assert rst.seconds(value) == text


def test_a_spread_is_in_the_unit_of_its_median():
    assert rst.spread("0.9", "0.8", "1.2") == "900 ms (800 to 1,200)"
    assert rst.spread("2", "2", "2") == "2 s"


@pytest.mark.parametrize(("value", "text"), [(0.0091, "9.1 kB"), (4.399, "4.4 MB"), (966.7, "967 MB"), (3200, "3.2 GB")])
def test_sizes_have_a_unit(value, text):
    assert rst.megabytes(value) == text


def test_a_table_is_aligned_and_shows_missing_cells():
    assert rst.table(("a", "bcd"), [("x", ""), ("long", 1)]) == "====  ===\na     bcd\n====  ===\nx     –\nlong  1\n====  ===\n"


def test_columns_without_entries_are_left_out():
    assert rst.without_empty_columns(["a", "b", "c"], [["1", "", "–"], ["", "", "2"]]) == (["a", "c"], [["1", "–"], ["", "2"]])


def row(**entries):
    """A row of a record with the given entries, everything else empty."""
    return dict.fromkeys(report.COMMON, "") | {key: str(value) for key, value in entries.items()}


def verdict(name, rows, target):
    """Outcome of the only target whose text has a part, on one record."""
    found = [outcome for outcome in targets.outcomes(lambda asked: rows if asked == name else []) if target in outcome.target]
    assert len(found) == 1
    return found[0]


def training(ours, batch, *torch):
    return [
        row(method="kktcheck", median_s=ours),
        row(method="kktcheck, ten networks in one array", median_s=batch),
        *(row(method=f"PyTorch loop, {k} threads", median_s=seconds) for k, seconds in enumerate(torch, start=1)),
    ]


@pytest.mark.parametrize(("torch", "word"), [((100.0, 900.0), "met"), ((98.0, 900.0), "missed"), ((900.0, 98.0), "missed"), ((), "not measured")])
def test_training_is_held_against_the_better_of_pytorchs_loops(torch, word):
    assert verdict("training.csv", training(2.0, 1.0, *torch), "one network").verdict == word


def test_batches_have_a_target_of_their_own():
    rows = training(2.0, 1.0, 91.0)
    assert verdict("training.csv", rows, "90 times").verdict == "met"
    assert verdict("training.csv", rows, "one network").verdict == "missed"


@pytest.mark.parametrize(("slow", "word"), [(5.1, "met"), (4.9, "missed")])
def test_multipliers_at_100_points_count_by_the_worse_instance(slow, word):
    rows = []
    for case, dense in (("indicator, all positive", 100.0), ("indicator, pivoting", slow)):
        rows.append(row(case=case, m=100, method="kktcheck", median_s=0.01, peak_mb=1))
        rows.append(row(case=case, m=100, method="scipy nnls, dense Jacobian", median_s=dense, peak_mb=60))
    assert verdict("multipliers.csv", rows, "500 times").verdict == word
    assert verdict("multipliers.csv", rows, "50 times smaller").verdict == "met"


@pytest.mark.parametrize(("kind", "seconds", "word"), [("pivoting", 3.4, "met"), ("pivoting", 3.6, "missed"), ("all positive", 2.1, "missed")])
def test_each_size_of_the_indicator_convention_has_its_time(kind, seconds, word):
    rows = [row(case=f"indicator, {kind}, two threads", m=5000, method="kktcheck", median_s=seconds)]
    assert verdict("multipliers.csv", rows, f"m = 5000, {kind}").verdict == word


def test_the_network_nearest_to_1300_kinks_counts():
    rows = [
        row(case=f"Clarke, Appendix E {k}", kinks=kinks, method="kktcheck", median_s=s) for k, (kinks, s) in enumerate([(885, 0.001), (1290, 0.006)])
    ]
    found = verdict("multipliers.csv", rows, "with 1290 kinks")
    assert (found.measured, found.verdict) == ("6 ms", "missed")


def test_max_margin_counts_sizes_within_the_allowance_and_the_worst_residual():
    rows = [row(method="kktcheck", kkt_residual=residual, within_allowance=within) for residual, within in ((1e-15, True), (2e-12, False))]
    assert verdict("max_margin.csv", rows, "residual").verdict == "missed"
    assert verdict("max_margin.csv", rows, "fastest right peer").measured == "1 of 2 sizes"


def test_the_large_certificate_counts_on_gaussian_points_alone():
    rows = [
        row(case=case, m=50_000, method="kktcheck", median_s=s, peak_mb=5000, kkt_residual=1e-7)
        for case, s in (("Gaussian, clarke", 500), ("correlated, clarke", 9000))
    ]
    assert [verdict("large.csv", rows, part).verdict for part in ("10 minutes", "6 GB", "duality gap")] == ["met"] * 3
    rows[0] |= {"median_s": "601", "peak_mb": "6001", "kkt_residual": "2e-6"}
    assert [verdict("large.csv", rows, part).verdict for part in ("10 minutes", "6 GB", "duality gap")] == ["missed"] * 3


def test_cvxpy_counts_where_the_kinks_run_at_100_and_1000_points():
    rows = [row(m=m, method="CLARABEL (CVXPY), in the span", times_ours=times) for m, times in ((10, 8), (100, 30), (100, 25))]
    assert verdict("clarke.csv", rows, "by number of kinks").measured == "25 times in the least of 2 cases"


@pytest.mark.parametrize(("seconds", "word"), [(119.0, "met"), (121.0, "missed")])
def test_the_audit_has_two_minutes(seconds, word):
    assert verdict("audit.csv", [{"budget": "default", "claim": "all", "seconds": str(seconds)}], "default budget").verdict == word


def test_every_case_has_to_be_within_three_times_its_floor():
    rows = [row(method="kktcheck", times_floor=ratio, case="x") for ratio in (1.2, 3.1)]
    assert verdict("kkt_points.csv", rows, "floor").measured == "1 of 2 cases"


def test_without_any_record_nothing_is_measured_and_the_report_says_how(tmp_path):
    text = report.report(tmp_path)
    assert all(outcome.verdict == "not measured" for outcome in targets.outcomes(lambda name: []))
    assert all(f"Not measured yet: ``{family.command}``" in text for family in FAMILIES)


def test_the_plan_in_the_readme_is_that_of_the_record():
    readme = (report.REPORT.parents[1] / "README.rst").read_text(encoding="utf-8")
    plan = readme.partition("Past one machine")[2].partition("Benchmarks\n-----")[0]
    lines = [line.split("  ") for line in plan.splitlines() if line.startswith(("processes ", "Dask "))]
    stated = [[cell.strip() for cell in line if cell.strip()][2:4] for line in lines]
    rows = {(row["executor"], row["payload_kb"]): row for row in report.read("executors.csv")}
    assert stated == [[f"{float(row['start_s']):.1f} s", f"{float(row['overhead_ms']):.2g} ms"] for row in rows.values()]


def write(folder, name, rows):
    with open(folder / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_faster_peers_are_named_and_wrong_ones_do_not_count(tmp_path):
    times = {"kktcheck": (2.0, True), "quick and right": (1.0, True), "quicker but wrong": (0.5, False)}
    about = {"case": "points", "m": 10, "d": 20, "kkt_residual": "1e-3"}
    rows = [
        row(**about, method=name, median_s=s, least_s=s, most_s=s, times_ours=s / 2.0, peak_mb=1, right=right, within_allowance=True)
        for name, (s, right) in times.items()
    ]
    write(tmp_path, "max_margin.csv", rows)
    text = report.report(tmp_path)
    assert "A right peer is faster in 1 of 1 cases: [1] quick and right, 2 times faster." in text
    assert "0.25 \\*" in text


def test_a_record_of_an_older_form_is_named(tmp_path):
    write(tmp_path, "training.csv", [{"method": "kktcheck", "seconds": 1}])
    with pytest.raises(report.RecordError, match="python -m benchmarks training"):
        report.report(tmp_path)
