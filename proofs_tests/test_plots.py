"""The picture of Figure 1: what it shows is what the result holds."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kktcheck import plots
from kktcheck.errors import FileError, InputError, MissingDependencyError
from kktcheck.figure1 import CURVES, Settings
from kktcheck.figure1_result import Figure1, Series
from kktcheck.plots import canvas, step_size

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
