"""The picture of a comparison: what it shows is what the result holds."""

import io
from itertools import pairwise

import numpy as np
import pytest

from kktcheck import plots
from kktcheck.errors import InputError
from kktcheck.experiments.comparison_case import CaseResult, Run
from kktcheck.experiments.comparison_result import Comparison
from kktcheck.experiments.comparison_rows import rows
from kktcheck.plots import canvas
from kktcheck.plots.comparison import draw

from .comparison_instances import noisy, planted

NAMES = ("identity", "ascent", "tuned", "wild", "retraining")
SIZES = {"identity": 0.05, "ascent": 1e-3, "tuned": 2e-3, "wild": None, "retraining": 5e-4}
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def planted_result(cases=7, tested=True, sizes=SIZES):
    """Runs of known size; every third one of "tuned" has no certificate, "wild" has no model at all."""
    rng = np.random.default_rng(3)
    results = []
    for case in range(cases):
        runs = []
        for name in NAMES:
            if sizes[name] is None:
                runs.append(Run(name, 0, 0, {}, [], [], {"model": "training diverged"}))
                continue
            tau = sizes[name] * float(rng.uniform(0.5, 2.0))
            lost = name == "tuned" and case % 3 == 0
            found = {"tau": tau, "epsilon": None if lost else 30 * tau, "delta": None if lost else tau, "influence": 10 * tau}
            reasons = {"epsilon": "a point is misclassified"} if lost else {}
            scores = (rng.normal(1.0 if name == "identity" else 0.0, 0.3, 1).tolist(), rng.normal(0.0, 0.3, 5).tolist()) if tested else ([], [])
            runs.append(Run(name, 0, 0, found, *scores, reasons))
        results.append(CaseResult(0, [case], 2, {}, runs))
    algorithms = [planted(name, noisy, grid=({}, {"noise": 1.0}) if name == "tuned" else ({},)) for name in NAMES]
    return Comparison("Planted: 7 cases; each a point", {}, rows(algorithms, results), tuple(results), ())


@pytest.fixture(scope="module")
def result():
    return planted_result()


@pytest.fixture(scope="module")
def figure(result):
    return drawn(result)


def drawn(result):
    import matplotlib

    with matplotlib.rc_context(canvas.STYLE):
        figure = draw(result)
        figure.set_dpi(canvas.DPI)
        figure.draw_without_rendering()
    return figure




def shown(axis):
    return [line for line in axis.lines if line.get_marker() == "o"]


@pytest.mark.parametrize("kind", sorted(MAGIC))
def test_every_format_is_written_and_is_what_its_name_says(tmp_path, result, kind):
    path = tmp_path / f"picture.{kind}"
    plots.comparison(result, path)
    assert path.read_bytes().startswith(MAGIC[kind]) and path.stat().st_size > 5000
    with pytest.raises(InputError, match="drawn as"):
        plots.comparison(result, tmp_path / "picture.jpg")


def test_the_same_result_gives_the_same_bytes(result):
    first, second = io.BytesIO(), io.BytesIO()
    plots.comparison(result, first, format="svg")
    plots.comparison(result, second, format="svg")
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize(("panel", "name"), [(0, "tau"), (1, "epsilon"), (2, "influence")])
def test_every_run_is_a_dot_and_every_median_a_mark_in_the_line_of_its_algorithm(result, figure, panel, name):
    axis = figure.axes[panel]
    assert axis.get_xscale() == "log"
    assert len(shown(axis)) == len(NAMES)
    for k, (row, line) in enumerate(zip(result.rows, shown(axis), strict=True)):
        values = row.values(name)
        np.testing.assert_array_equal(line.get_xdata(), values[np.isfinite(values)])
        assert (np.abs(line.get_ydata() - k) <= 0.31).all()
        marks = [mark for mark in axis.lines if len(mark.get_xdata()) == 2 and list(mark.get_ydata()) == [k - 0.36, k + 0.36]]
        assert [list(mark.get_xdata()) for mark in marks] == ([] if row.typical(name) is None else [[row.typical(name)] * 2])


def test_doing_nothing_and_retraining_are_lines_through_the_panels(result, figure):
    for panel, name in enumerate(("tau", "epsilon", "influence")):
        through = [line for line in figure.axes[panel].lines if list(line.get_ydata()) == [0, 1]]
        assert [line.get_xdata()[0] for line in through] == [result.rows[k].typical(name) for k in (0, 4)]
        assert len({str(line.get_linestyle()) + str(line._unscaled_dash_pattern) for line in through}) == 2
    assert {"median of doing nothing", "median of retraining, same initialisation"} <= {text.get_text() for text in figure.legends[0].get_texts()}


def test_the_membership_test_has_its_interval(result, figure):
    axis = figure.axes[3]
    bars = [line for line in axis.lines if line.get_marker() == "None" and len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]]
    bars = [line for line in bars if list(line.get_xdata()) != [0, 1]]
    tested = [(k, row.membership) for k, row in enumerate(result.rows) if row.membership is not None]
    assert [(line.get_ydata()[0], *line.get_xdata()) for line in bars] == [(k, auc.low, auc.high) for k, auc in tested]
    points = [line for line in axis.lines if line.get_marker() == "D"]
    assert [(line.get_ydata()[0], line.get_xdata()[0]) for line in points] == [(k, auc.auc) for k, auc in tested]
    assert len(tested) == 4


def test_what_is_missing_is_said_in_the_line_and_hides_no_dot(figure):
    assert all(text.get_zorder() < min(line.get_zorder() for line in shown(axis)) for axis in figure.axes[:3] for text in axis.texts)
    words = [{round(text.get_position()[1]): text.get_text() for text in axis.texts if text.get_text()} for axis in figure.axes]
    assert words[0] == {3: "no unlearned model"}
    assert words[1] == {2: "3 of 7 not certified"}
    assert words[2:] == [{}, {}]


def test_names_stand_at_the_left_with_the_options_tried(figure):
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["identity", "ascent", "tuned [2]", "wild", "retraining"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    assert "the best of k options on these very cases" in figure._suptitle.get_text() and "Planted: 7 cases" in figure._suptitle.get_text()


def test_nothing_is_cut_off_and_nothing_overlaps(figure):
    labels = [axis.xaxis.label for axis in figure.axes]
    for text in [figure._suptitle, *figure.legends[0].get_texts(), *labels, *figure.axes[0].get_yticklabels()]:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
    assert all(label.get_window_extent().y0 >= figure.legends[0].get_window_extent().y1 for label in labels)
    for left, right in pairwise(labels):
        assert left.get_window_extent().x1 < right.get_window_extent().x0
    assert figure.get_figwidth() == pytest.approx(7.0)


def test_without_candidates_there_is_no_panel_for_the_membership_test():
    assert [axis.get_xlabel() for axis in drawn(planted_result(tested=False)).axes][-1] == "residual influence"


def test_zero_stands_at_the_left_edge():
    axis = drawn(planted_result(sizes=SIZES | {"ascent": 0.0})).axes[0]
    values = np.concatenate([line.get_xdata() for k, line in enumerate(shown(axis)) if k != 1])
    assert (shown(axis)[1].get_xdata() == values.min() / 2).all()


def test_nothing_at_all_is_a_picture_too():
    (axis,) = drawn(planted_result(sizes=dict.fromkeys(NAMES), tested=False)).axes
    assert [text.get_text() for text in axis.texts] == ["no unlearned model"] * 5
