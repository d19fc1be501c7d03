"""The pictures of Figure 1, of epsilon and of tau: what they show is what the results hold."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kktcheck import plots
from kktcheck.errors import FileError, InputError, MissingDependencyError
from kktcheck.experiments.figure1 import CURVES, Settings
from kktcheck.experiments.figure1_result import Figure1, Series
from kktcheck.experiments.tau_result import Reference, TauSeries, TauSweep
from kktcheck.experiments.tau_sweep import CURVES as TAU_CURVES
from kktcheck.experiments.tau_sweep import REFERENCES
from kktcheck.plots import canvas, step_size
from kktcheck.plots.tau import COLUMNS, LINES
from kktcheck.plots.tau import draw as draw_tau

MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


def planted_result(networks=4, gaps=False):
    """Curves with known minima: 0.8, 1.2 and 1.0 of the step, epsilon of very different sizes."""
    rng = np.random.default_rng(5)
    fractions = np.linspace(0, 1.5, 16)
    series = []
    for curve, centre, size in zip(CURVES, (0.8, 1.2, 1.0), (4.0, 0.05, 0.03), strict=True):
        spread = rng.uniform(0.8, 1.2, (networks, 3, 1))
        epsilon = size * spread * (0.2 + (fractions - centre) ** 2)
        if gaps:
            epsilon[0, 1, 9:] = np.nan
        series.append(Series(*curve, fractions, epsilon, 0.1 * epsilon, np.full(networks, size)))
    return Figure1(Settings(networks=networks, num_points=3, dim=50, neurons=20, epochs=1234), tuple(series), np.ones(networks))


@pytest.fixture(scope="module")
def result():
    return planted_result()


@pytest.fixture(scope="module")
def figure(result):
    import matplotlib

    with matplotlib.rc_context(canvas.STYLE):
        drawn = step_size.draw(result)
        drawn.set_dpi(canvas.DPI)
        drawn.draw_without_rendering()
    return drawn


def panels(figure):
    """Axes as rows: epsilon, minimisers, delta; columns: indicator, Clarke."""
    return np.array(figure.axes).reshape(3, 2)


def labelled_curves(axis):
    return [line for line in axis.lines if len(line.get_xdata()) == 16]


@pytest.mark.parametrize("kind", sorted(MAGIC))
def test_every_format_is_written_and_is_what_its_name_says(tmp_path, result, kind):
    path = tmp_path / f"picture.{kind}"
    plots.figure1(result, path)
    assert path.read_bytes().startswith(MAGIC[kind])
    assert path.stat().st_size > 5000


def test_the_same_result_gives_the_same_bytes(result):
    first, second = io.BytesIO(), io.BytesIO()
    plots.figure1(result, first, format="svg")
    plots.figure1(result, second, format="svg")
    assert first.getvalue() == second.getvalue()


def test_the_conventions_stand_side_by_side_each_with_axes_of_its_own(figure):
    assert [axis.get_title() for axis in panels(figure)[0]] == ["indicator subgradient", "Clarke subgradient"]
    indicator, clarke = panels(figure)[0]
    assert indicator.get_ylim()[1] > 20 * clarke.get_ylim()[1]


@pytest.mark.parametrize(("row", "mean", "std"), [(0, "epsilon_mean", "epsilon_std"), (2, "delta_mean", "delta_std")])
def test_curves_are_the_means_and_bands_one_standard_deviation(result, figure, row, mean, std):
    for axis, group in zip(panels(figure)[row], (result.series[:1], result.series[1:]), strict=True):
        curves = labelled_curves(axis)
        assert len(curves) == len(axis.collections[: len(group)]) == len(group)
        for curve, band, series in zip(curves, axis.collections, group, strict=False):
            np.testing.assert_array_equal(curve.get_ydata(), getattr(series, mean))
            vertices = band.get_paths()[0].vertices
            low, high = getattr(series, mean) - getattr(series, std), getattr(series, mean) + getattr(series, std)
            for k, fraction in enumerate(series.fractions):
                heights = vertices[vertices[:, 0] == fraction, 1]
                np.testing.assert_allclose([heights.min(), heights.max()], [low[k], high[k]], rtol=1e-12)


def test_the_least_mean_epsilon_is_marked_with_its_standard_error(result, figure):
    for axis, group in zip(panels(figure)[0], (result.series[:1], result.series[1:]), strict=True):
        for container, series in zip(axis.containers, group, strict=True):
            point, _, bars = container.lines
            assert (point.get_xdata()[0], point.get_ydata()[0]) == (series.minimiser, series.epsilon_mean.min())
            (segment,) = bars[0].get_segments()
            np.testing.assert_allclose(segment[:, 0], [series.minimiser - series.minimiser_error, series.minimiser + series.minimiser_error])
    words = [text.get_text() for text in panels(figure)[0, 0].texts]
    assert words[0].startswith(f"{result.series[0].minimiser:.2f}")


def test_a_single_network_has_a_minimum_but_no_standard_error():
    axis = panels(step_size.draw(planted_result(networks=1)))[0, 0]
    assert not axis.containers[0].has_xerr
    assert "pm" not in axis.texts[0].get_text()


def test_histograms_count_every_point_of_every_network_once(result, figure):
    for axis, group in zip(panels(figure)[1], (result.series[:1], result.series[1:]), strict=True):
        filled = [patch.get_data() for patch in axis.patches][::2]
        for (values, edges, _), series in zip(filled, group, strict=True):
            assert values.sum() == pytest.approx(100)
            assert len(edges) == len(series.fractions) + 1
            best = np.argmax(values)
            assert edges[best] < np.median(series.point_minimisers) < edges[best + 1]


def test_the_full_step_is_marked_in_every_panel(figure):
    for axis in figure.axes:
        assert any(list(line.get_xdata()) == [1.0, 1.0] for line in axis.lines)


def test_nothing_is_cut_off_and_every_axis_starts_at_zero(figure):
    for axis in figure.axes:
        assert axis.get_ylim()[0] == 0
        assert axis.get_ylim()[1] > axis.dataLim.y1 * 0.999
    inside = figure.bbox
    for text in [figure._suptitle, *figure.legends[0].get_texts(), *(axis.xaxis.label for axis in panels(figure)[2])]:
        box = text.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= inside.x1
        assert box.y0 >= 0
        assert box.y1 <= inside.y1


def test_axis_labels_and_legend_do_not_overlap(figure):
    legend = figure.legends[0].get_window_extent()
    assert all(axis.xaxis.label.get_window_extent().y0 >= legend.y1 for axis in panels(figure)[2])


def test_the_title_says_what_was_run(figure):
    title = figure._suptitle.get_text()
    for words in ("each of 3 points", "50 dimensions", "4 networks", "20 neurons", "a dataset each", "1,234 epochs"):
        assert words in title


def test_the_kinds_of_step_differ_in_colour_and_in_line():
    colours, lines = zip(*step_size.LINES.values(), strict=True)
    assert len(set(colours)) == len(set(lines)) == len(colours)


def test_infeasible_models_leave_a_picture(tmp_path):
    plots.figure1(planted_result(gaps=True), tmp_path / "gaps.svg")
    assert (tmp_path / "gaps.svg").stat().st_size > 5000


def test_global_settings_are_left_alone_and_pyplot_is_not_imported():
    code = (
        "import sys, io, matplotlib\n"
        "from proofs_tests.test_plots import planted_result\nfrom kktcheck import plots\nbefore = matplotlib.rcParams.copy()\n"
        "plots.figure1(planted_result(), io.BytesIO(), format='svg')\n"
        "assert dict.__eq__(matplotlib.rcParams.copy(), before)\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["picture.jpg", "picture"])
def test_other_formats_are_refused(tmp_path, result, name):
    with pytest.raises(InputError, match=r"drawn as \.png, \.pdf, \.svg"):
        plots.figure1(result, tmp_path / name)


def test_a_stream_needs_a_format(result):
    with pytest.raises(InputError, match="drawn as"):
        plots.figure1(result, io.BytesIO())


def test_a_file_that_cannot_be_written_is_named(tmp_path, result):
    with pytest.raises(FileError, match=r"nowhere.*cannot be written"):
        plots.figure1(result, tmp_path / "nowhere" / "picture.svg")


def test_without_matplotlib_the_error_says_how_to_get_it(tmp_path, result, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kktcheck\[cli\]'"):
        plots.figure1(result, tmp_path / "picture.png")
    assert not (tmp_path / "picture.png").exists()


# tau


def planted_tau(networks=4, gaps=False):
    """Curves with their least tau at the full step, of very different sizes, spread over decades."""
    rng = np.random.default_rng(6)
    fractions = np.linspace(0, 1.5, 16)
    series = []
    for curve, size in zip(TAU_CURVES, (1e-3, 4e-3, 2e-3, 5e-4), strict=True):
        tau = size * 10 ** rng.uniform(-1, 1, (networks, 3, 1)) + 0.05 * (fractions - 1.0) ** 2
        if gaps:
            tau[0, 1] = np.nan
        series.append(TauSeries(*curve, fractions, tau))
    levels = [level * rng.uniform(0.8, 1.2, (networks, 3)) for level in (0.05, 6e-4, 5e-4)]
    counts = np.ones((networks, 3), int)
    return TauSweep(
        settings=Settings(networks=networks, num_points=3, dim=50, neurons=20, epochs=1234),
        series=tuple(series),
        references=tuple(Reference(name, level, 2 * level) for name, level in zip(REFERENCES, levels, strict=True)),
        margins=np.ones(networks),
        starts=4 * counts,
        points_found=counts,
        residuals=np.full((networks, 3), 1e-15),
        failures=(),
    )


@pytest.fixture(scope="module")
def tau_result():
    return planted_tau()


@pytest.fixture(scope="module")
def tau_figure(tau_result):
    import matplotlib

    with matplotlib.rc_context(canvas.STYLE):
        drawn = draw_tau(tau_result)
        drawn.set_dpi(canvas.DPI)
        drawn.draw_without_rendering()
    return drawn


@pytest.mark.parametrize("kind", sorted(MAGIC))
def test_tau_is_written_in_every_format(tmp_path, tau_result, kind):
    plots.tau(tau_result, tmp_path / f"picture.{kind}")
    assert (tmp_path / f"picture.{kind}").read_bytes().startswith(MAGIC[kind])


def test_every_curve_of_tau_is_drawn_once_medians_above_means_below(tau_result, tau_figure):
    by_name = {series.name: series.curve for series in tau_result.series}
    assert sorted(name for _, names in COLUMNS for name in names) == sorted(by_name) == sorted(LINES)
    for column, (_, names) in zip(panels(tau_figure).T, COLUMNS, strict=True):
        curves = [by_name[name] for name in names]
        for axis, middles, lows, highs in (
            (column[0], [c.median for c in curves], [c.quantile(0.1) for c in curves], [c.quantile(0.9) for c in curves]),
            (column[1], [c.mean for c in curves], [c.mean - c.sem for c in curves], [c.mean + c.sem for c in curves]),
        ):
            lines = labelled_curves(axis)
            assert [line.get_color() for line in lines] == [LINES[name][0] for name in names]
            assert axis.get_yscale() == "log"
            for line, band, middle, low, high in zip(lines, axis.collections, middles, lows, highs, strict=True):
                np.testing.assert_array_equal(line.get_ydata(), middle)
                vertices = band.get_paths()[0].vertices
                for k, fraction in enumerate(line.get_xdata()):
                    heights = vertices[vertices[:, 0] == fraction, 1]
                    np.testing.assert_allclose([heights.min(), heights.max()], [low[k], high[k]], rtol=1e-12)


def test_doing_nothing_and_retraining_are_horizontal_lines(tau_result, tau_figure):
    for row, statistic in ((0, np.median), (1, np.mean)):
        for axis in panels(tau_figure)[row]:
            levels = {line.get_ydata()[0] for line in axis.lines if list(line.get_xdata()) == [0, 1]}
            assert levels == {float(statistic(reference.tau)) for reference in tau_result.references[:2]}
            assert {"doing nothing", "retraining"} <= {text.get_text() for text in axis.texts}
            assert any(list(line.get_xdata()) == [1.0, 1.0] for line in axis.lines)


def test_the_gain_stands_between_doing_nothing_and_the_full_step(tau_result, tau_figure):
    for axis, (_, names) in zip(panels(tau_figure)[0], COLUMNS, strict=True):
        (series,) = [series for series in tau_result.series if series.name == names[0]]
        (text,) = [text for text in axis.texts if "times" in text.get_text()]
        assert text.get_text() == f"{np.median(tau_result.identity) / np.median(series.full_step):.3g} $\\times$"
        assert np.median(series.full_step) < text.xy[1] < np.median(tau_result.identity)


def test_distributions_hold_every_case_once(tau_result, tau_figure):
    for axis, (_, names) in zip(panels(tau_figure)[2], COLUMNS, strict=True):
        expected = [reference.tau for reference in tau_result.references[:2]]
        expected += [series.full_step for name in names for series in tau_result.series if series.name == name]
        for line, tau in zip(axis.lines, expected, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), np.sort(tau.ravel()))
            np.testing.assert_allclose(line.get_ydata(), 100 * np.arange(1, 13) / 12)


def test_nothing_of_tau_is_cut_off_or_overlaps(tau_figure):
    inside, legend = tau_figure.bbox, tau_figure.legends[0].get_window_extent()
    words = [tau_figure._suptitle, *tau_figure.legends[0].get_texts(), *(axis.xaxis.label for axis in panels(tau_figure)[2])]
    for box in [text.get_window_extent() for text in words]:
        assert box.x0 >= 0 and box.x1 <= inside.x1 and box.y0 >= 0 and box.y1 <= inside.y1
    assert all(axis.xaxis.label.get_window_extent().y0 >= legend.y1 for axis in panels(tau_figure)[2])
    limits = {axis.get_ylim() for axis in panels(tau_figure)[:2].flat}
    assert len(limits) == 1
    for axis in panels(tau_figure)[:2].flat:
        assert limits.copy().pop()[0] <= axis.dataLim.y0 and axis.dataLim.y1 <= limits.copy().pop()[1]


def test_curves_of_tau_differ_in_colour_and_in_line():
    colours, lines = zip(*LINES.values(), strict=True)
    assert len(set(colours)) == len(set(lines)) == len(colours)


def test_tau_with_gaps_with_nothing_and_without_a_full_step_leaves_a_picture(tmp_path):
    whole = planted_tau(gaps=True)
    nothing = [replace(series, tau=np.full_like(series.tau, np.nan)) for series in whole.series]
    short = [replace(series, fractions=series.fractions[:5], tau=series.tau[:, :, :5]) for series in planted_tau(networks=1).series]
    unknown = [replace(reference, tau=np.full_like(reference.tau, np.nan)) for reference in whole.references]
    variants = (
        whole,
        replace(whole, series=tuple(nothing), references=tuple(unknown)),
        replace(whole, series=tuple(short)),
        replace(whole, series=tuple(replace(series, tau=0 * series.tau) for series in whole.series)),
    )
    for k, result in enumerate(variants):
        plots.tau(result, tmp_path / f"{k}.svg")
        assert (tmp_path / f"{k}.svg").stat().st_size > 5000
