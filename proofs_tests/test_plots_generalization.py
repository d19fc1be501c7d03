"""The phase diagram's picture: what it shows is what the result holds."""

import io
import math

import numpy as np
import pytest

from kktcheck import plots
from kktcheck.errors import FileError, InputError
from kktcheck.experiments import generalization_phase as phases
from kktcheck.experiments import generalization_theory as theory
from kktcheck.experiments.generalization_result import MODELS
from kktcheck.plots import canvas, generalization_maps
from kktcheck.plots.generalization import draw
from kktcheck.plots.generalization_maps import MAPS, position

from .phase_instances import planted

MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
SETTINGS = phases.Settings(dims=tuple(10**e for e in range(3, 21)), alphas=(0.05, 0.15, 0.19, 0.22, 0.245), draws=6, test_points=400)
WRONG = {(row, column): 0.3 / 3**column for row in (3, 4) for column in range(18)}


@pytest.fixture
def coarse(monkeypatch):
    """Regions of theorems on few points: for tests that do not look at them."""
    monkeypatch.setattr(generalization_maps, "FINE", 30)


def drawn(phase):
    import matplotlib

    with matplotlib.rc_context(canvas.STYLE):
        figure = draw(phase)
        figure.set_dpi(canvas.DPI)
        figure.draw_without_rendering()
    return figure


@pytest.fixture(scope="module")
def phase():
    return planted(SETTINGS, WRONG, error=0.001)


@pytest.fixture(scope="module")
def figure(phase):
    return drawn(phase)


def panel(figure, title):
    return next(axis for axis in figure.axes if axis.get_title().startswith(title))


def mesh(axis):
    return next(item for item in axis.collections if type(item).__name__ == "QuadMesh")


@pytest.mark.parametrize("kind", sorted(MAGIC))
def test_every_format_is_written_and_is_what_its_name_says(tmp_path, phase, kind, coarse):
    path = tmp_path / f"picture.{kind}"
    plots.generalization(phase, path)
    assert path.read_bytes().startswith(MAGIC[kind]) and path.stat().st_size > 5000


def test_the_same_result_gives_the_same_bytes(phase, coarse):
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        plots.generalization(phase, stream, format="svg")
    assert first.getvalue() == second.getvalue()


def test_maps_show_errors_and_their_difference(phase, figure):
    mean = phase.accuracy.mean
    for title, name in zip(("original", "unlearned", "retrained"), MAPS, strict=True):
        errors = 1 - mean[MODELS.index(name)]
        shown = mesh(panel(figure, title)).get_array().reshape(errors.shape)
        seen = errors > 0
        assert seen.any() and (shown[seen] == errors[seen]).all()
        assert (mesh(panel(figure, title)).norm(shown[~seen]) < 0).all()  # white
    gap = mesh(panel(figure, "unlearned less"))
    assert np.asarray(gap.get_array()).reshape(5, 18) == pytest.approx(100 * (mean[1] - mean[3]))
    assert gap.get_clim() == (-gap.get_clim()[1], gap.get_clim()[1]) and gap.get_clim()[1] >= abs(gap.get_array()).max()


def test_cells_stand_at_their_dimension_and_length(phase, figure):
    axis = panel(figure, "unlearned")
    corners = mesh(axis).get_coordinates()
    x, y = (np.asarray(values) for values in (corners[0, :, 0], corners[:, 0, 1]))
    assert ((x[:-1] + x[1:]) / 2)[1:-1] == pytest.approx(np.arange(4, 20))
    heights = position(phase.settings, SETTINGS.alphas)
    assert (y[:-1] < heights).all() and (heights < y[1:]).all()
    first = figure.axes[0]
    for tick, label in zip(first.get_yticks(), first.get_yticklabels(), strict=True):
        assert tick == pytest.approx(-math.sqrt(0.25 - float(label.get_text())))


def test_the_vacuous_bound_and_the_regions_of_theorems_are_drawn_where_they_are(phase, figure):
    axis = panel(figure, "unlearned")
    (line,) = [line for line in axis.lines if len(line.get_xdata()) == 2]
    assert line.get_xdata()[0] == pytest.approx(math.log10(5.1e3), abs=0.01)
    hatched = next(item for item in axis.collections if getattr(item, "hatches", [None])[0] == "/////")
    inside = np.concatenate([path.vertices for path in hatched.get_paths()])
    # The tip of the wedge: where both conditions on d begin to hold together.
    digits = np.linspace(10, 16, 601)
    alphas = np.linspace(0.1, 0.22, 121)
    region = theory.holds("paper", digits, alphas, SETTINGS)
    tip = digits[region.any(axis=0)].min()
    assert inside[:, 0].min() == pytest.approx(tip, abs=0.15) and inside[:, 0].max() > 20
    lowest = alphas[theory.holds("paper", np.array([20.0]), alphas, SETTINGS)[:, 0]].min()
    right = inside[abs(inside[:, 0] - 20.0) < 0.1, 1]
    assert 0.25 - right.min() ** 2 == pytest.approx(lowest, abs=0.006)


def test_the_onset_passes_between_cells_above_and_below(phase, figure):
    """Rows 3 and 4 rise above 0.99 between 10^6 and 10^7, the others are above everywhere."""
    (line,) = [item for item in panel(figure, "unlearned").collections if _is_onset(item)]
    points = np.concatenate([path.vertices for path in line.get_paths()])
    heights = position(phase.settings, SETTINGS.alphas)
    top = points[points[:, 1] > heights[3]]
    assert len(top) and (top[:, 0] > 6).all() and (top[:, 0] < 7).all()
    assert (points[:, 1] > heights[2]).all()


def test_what_the_interval_leaves_open_is_shaded_around_the_onset(phase, figure):
    low, high = (values[MODELS.index("plain")] for values in phase.accuracy[1:])
    open_cells = [(float(e), y) for y, row in zip(position(phase.settings, SETTINGS.alphas), (low < 0.99) & (high > 0.99), strict=True)
                  for e, is_open in zip(range(3, 21), row, strict=True) if is_open]  # fmt: skip
    (band,) = [item for item in panel(figure, "unlearned").collections if item.get_alpha() == 0.35]
    shaded = band.get_paths()[0]
    assert open_cells and all(shaded.contains_point(cell) for cell in open_cells)
    assert not shaded.contains_point((15.0, position(phase.settings, 0.1)))


def _is_onset(item):
    return type(item).__name__ == "QuadContourSet" and list(item.get_linewidths()) == [1.3]


def test_curves_are_the_accuracies_with_their_intervals(phase, figure):
    axis = panel(figure, "shorter means")
    rows = phase.rows("edge")
    assert len(axis.containers) == len(rows) == 4
    for container, (_, accuracy, _) in zip(axis.containers, rows, strict=True):
        line, _, bars = container.lines
        assert line.get_xdata() == pytest.approx(phases.SIGNALS) and line.get_ydata() == pytest.approx(accuracy.mean[1])
        ends = np.array([segment[:, 1] for segment in bars[0].get_segments()])
        assert ends == pytest.approx(np.array([accuracy.low[1], accuracy.high[1]]).T)


def test_forgetting_shows_every_model_and_marks_what_was_not_drawn(phase, figure):
    axis = panel(figure, "forgetting")
    rows = phase.rows("forgetting")
    curves = [line for line in axis.lines if len(line.get_xdata()) == len(rows) and line.get_linestyle() != "None"]
    for place, curve in enumerate(curves[: len(MODELS)]):
        assert curve.get_ydata() == pytest.approx([max(1 - accuracy.mean[place, 0], 1e-9) for _, accuracy, _ in rows])
    assert curves[len(MODELS)].get_ydata() == pytest.approx([2.0 ** -(10 - k) for k in SETTINGS.sets])
    hollow = {x for line in axis.lines if line.get_markerfacecolor() == "white" for x in np.round(line.get_xdata())}
    unseen = {k for k in SETTINGS.sets if not _one_label(phase.parts["forgetting", k])}
    assert unseen and unseen <= hollow


def _one_label(part):
    size = part.settings.points - part.settings.forgotten
    return ((part.retained_positive == 0) | (part.retained_positive == size)).any()


def test_nothing_is_cut_off_and_nothing_overlaps(figure):
    legend = figure.legends[0]
    for text in [figure._suptitle, *legend.get_texts(), *(axis.title for axis in figure.axes), *(axis.xaxis.label for axis in figure.axes)]:
        box = text.get_window_extent()
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1
    titles = [axis.title.get_window_extent() for axis in figure.axes if axis.get_title()]
    for k, one in enumerate(titles):
        assert not any(one.overlaps(other) for other in titles[:k])
    assert all(axis.xaxis.label.get_window_extent().y0 >= legend.get_window_extent().y1 - 1 for axis in figure.axes)


@pytest.mark.parametrize(
    "settings",
    [
        phases.Settings(dims=(10**6,), alphas=(0.1,), draws=2),
        phases.Settings(dims=(10, 100, 1000), mean_norms=(0.01, 0.5, 2.0), points=4, draws=2),
        phases.Settings(dims=(10**3, 10**9), mean_norms=(0.2,), points=2, draws=1),
        phases.Settings(dims=(10**3, 10**9, 10**19), alphas=(0.1, 0.2), forgotten=9, draws=3),
        phases.Settings(dims=(10**3, 10**9), alphas=(0.1, 0.2), points=3, forgotten=1, draws=1),
    ],
    ids=["one cell", "lengths", "two points", "one retained", "few draws"],
)
def test_unusual_grids_leave_a_picture(settings, coarse):
    stream = io.BytesIO()
    plots.generalization(planted(settings), stream, format="svg")
    assert len(stream.getvalue()) > 5000


def test_other_formats_and_folders_that_are_not_there_are_refused(tmp_path, phase):
    with pytest.raises(InputError, match=r"drawn as \.png, \.pdf, \.svg"):
        plots.generalization(phase, tmp_path / "picture.jpg")
    with pytest.raises(FileError, match=r"nowhere.*cannot be written"):
        plots.generalization(phase, tmp_path / "nowhere" / "picture.svg")
