"""The picture of `kktcheck.experiments.generalization_phase`: accuracy over dimension and length of the mean, with what theorems cover."""

import math

import numpy as np

from ..experiments.generalization_phase import SIGNALS
from ..experiments.generalization_phase_result import ENOUGH, NAMES
from ..experiments.generalization_result import MODELS
from .canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, WIDTH, save
from .generalization_maps import draw_maps

#: The whole picture, in inches.
SIZE = (2 * WIDTH + 0.2, 5.4)

#: Colour, line and marker of each model where k varies.
LINES = dict(zip(MODELS, ((GREY, "-", "s"), (BLUE, "-", "o"), (ORANGE, (0, (4, 1.5)), "^"), (GREEN, (0, (1, 1)), "D")), strict=True))
#: The same for numbers of neurons, and for families of short means.
SERIES = ((BLUE, "-", "o"), (ORANGE, (0, (4, 1.5)), "^"), (GREEN, (0, (1, 1)), "D"), (PURPLE, (0, (5, 1.2, 1, 1.2)), "s"), (GREY, "-", "v"))


def generalization(phase, path, *, format=None):
    """Draw the phase diagram, at the width of both columns of a printed page.

    Above: the error on fresh points over (d, alpha) of the original, the unlearned and the retrained network, and the accuracy that the unlearned
    one has beyond the retrained; on them, where the hypotheses of Theorem 6.1 hold, where those of our sharper theorem do, where the printed bound is
    vacuous, and where accuracy passes 0.99 with its interval. Below: means too short for any network, numbers of points and neurons, forgetting
    several points.

    Parameters
    ----------
    phase : kktcheck.experiments.generalization_phase_result.Phase
    path : path-like or binary file
    format : {"png", "pdf", "svg"}, optional
        By default the ending of the path.

    Raises
    ------
    InputError
        For another format, or a binary file without one.
    FileError
        If the file cannot be written.
    MissingDependencyError
        Without matplotlib.
    """
    save(lambda: draw(phase), path, format)


def draw(phase):
    """The matplotlib figure of a result, under the style that is in force."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.02, hspace=0.04)
    above, under = figure.subfigures(2, 1, height_ratios=(1.12, 1))
    maps = above.subplots(1, 4, sharex=True, sharey=True)
    draw_maps(above, maps, phase)
    below = under.subplots(1, 3)
    _short_means(below[0], phase)
    _sizes(below[1], phase)
    _forgetting(below[2], phase)
    figure.suptitle(_title(phase.settings), fontsize=7)
    _legend(figure)
    return figure


def _short_means(axis, phase):
    place = MODELS.index("plain")
    for (key, accuracy, _), (colour, line, marker) in zip(phase.rows("edge"), SERIES, strict=False):
        m, d = key
        label = f"$m$ = {m}, $d$ = $10^{{{math.log10(d):.3g}}}$"
        _points(axis, SIGNALS, [values[place] for values in accuracy], colour, line, marker, label)
    axis.axhline(ENOUGH, color=GREY, linewidth=0.6, linestyle=":", zorder=0)
    axis.axvline(1.0, color=GREY, linewidth=0.6, linestyle=":", zorder=0)
    small = {"textcoords": "offset points", "fontsize": 6}
    axis.annotate("$\\alpha = 1/4$", (1.0, 0.03), xycoords=axis.get_xaxis_transform(), xytext=(-2, 0), ha="right", **small)
    axis.annotate(f"{ENOUGH:g}", (0.0, ENOUGH), xycoords=axis.get_yaxis_transform(), xytext=(2, -2), va="top", **small)
    axis.set_xscale("log")
    axis.set_xticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
    axis.minorticks_off()
    axis.set_xlabel("$s = |\\mu|^2 \\sqrt{d}$")
    axis.set_ylabel("accuracy, unlearned")
    axis.set_title("shorter means; both labels retained")
    place = {"loc": "lower right", "bbox_to_anchor": (1.02, 0.06), "borderpad": 0.2}
    axis.legend(facecolor="white", edgecolor="none", framealpha=1, fontsize=6, handlelength=2.6, **place)


def _sizes(axis, phase):
    rows, place = phase.rows("sizes"), MODELS.index("plain")
    floor = _floor(phase, "sizes")
    for count, (n, (colour, line, marker)) in enumerate(zip(sorted({key[1] for key, _, _ in rows}), SERIES, strict=False)):
        chosen = [(key[0], accuracy, phase.parts["sizes", *key]) for key, accuracy, _ in rows if key[1] == n]
        values = [np.array([float(part[place, 0]) for part in accuracy]) for _, accuracy, _ in chosen]
        seen = [_one_label_seen(part, "plain") for _, _, part in chosen]
        _errors(axis, [m * 1.04 ** (count - 1) for m, _, _ in chosen], values, seen, floor, colour, line, marker, f"$n$ = {n}")
    limits = sorted({(key[0], 1 - limit) for key, _, limit in rows})
    _limit(axis, [m for m, _ in limits], [limit for _, limit in limits], "$2^{-(m-k)}$")
    axis.set_xscale("log")
    numbers = [m for m, _ in limits]
    axis.set_xticks(numbers, [str(m) for m in numbers])
    axis.minorticks_off()
    axis.set_xlabel("points $m$")
    axis.set_title(f"points and neurons, $k$ = {phase.settings.forgotten}; {_where(phase.settings)}")
    axis.set_ylabel("error, unlearned")
    axis.legend(loc="upper right", frameon=False, fontsize=6, handlelength=2.6)


def _forgetting(axis, phase):
    rows, floor = phase.rows("forgetting"), _floor(phase, "forgetting")
    numbers = [key[0] for key, _, _ in rows]
    for place, name in enumerate(MODELS):
        colour, line, marker = LINES[name]
        values = [np.array([float(part[place, 0]) for part in accuracy]) for _, accuracy, _ in rows]
        seen = [_one_label_seen(phase.parts["forgetting", k], name) for k in numbers]
        _errors(axis, [k + 0.012 * phase.settings.points * (place - 1.5) for k in numbers], values, seen, floor, colour, line, marker, NAMES[place])
    _limit(axis, numbers, [1 - limit for _, _, limit in rows], "$2^{-(m-k)}$")
    axis.set_xticks(numbers, [str(k) for k in numbers])
    axis.set_xlabel(f"forgotten points $k$ of {phase.settings.points}")
    axis.set_ylabel("error")
    axis.set_title(f"forgetting; {_where(phase.settings)}")
    axis.set_ylim(top=200)
    axis.set_yticks([tick for tick in axis.get_yticks() if floor <= tick <= 1])
    axis.minorticks_off()
    axis.legend(loc="upper left", frameon=False, fontsize=6, handlelength=2.6, ncols=2, columnspacing=1)


def _points(axis, x, accuracy, colour, line, marker, label):
    mean, low, high = accuracy
    bars = np.maximum([mean - low, high - mean], 0)
    style = {"markersize": 2.8, "markeredgewidth": 0, "linewidth": 1, "elinewidth": 0.7}
    axis.errorbar(x, mean, yerr=bars, color=colour, linestyle=line, marker=marker, label=label, **style)


def _errors(axis, x, values, seen, floor, colour, line, marker, label):
    """Errors on a logarithmic axis that ends at a floor; hollow where datasets with one label were not drawn, and count as half right."""
    mean, low, high = np.maximum(1 - np.array(values).T[[0, 2, 1]], 1e-3 * floor)
    axis.plot(x, mean, color=colour, linestyle=line, linewidth=1, zorder=3)
    axis.vlines(x, low, high, color=colour, linewidth=0.7, zorder=2)
    for filled in (True, False):
        places = [k for k, known in enumerate(seen) if known == filled]
        style = {"markersize": 3, "markeredgewidth": 0.7, "markerfacecolor": colour if filled else "white", "color": colour}
        axis.plot([x[k] for k in places], mean[places], linestyle="", marker=marker, zorder=4, **style)
    axis.plot([], [], color=colour, linestyle=line, marker=marker, markersize=3, linewidth=1, label=label)
    axis.set_yscale("log")
    axis.set_ylim(floor, 2)


def _limit(axis, x, y, label):
    axis.plot(x, y, color="black", linewidth=0.8, linestyle=(0, (6, 2)), zorder=1, label=label)


def _floor(phase, kind):
    """The least error that is shown: half a point of those that a cell has. Lines to smaller ones leave through the bottom."""
    return 0.5 / max(part.settings.draws * part.settings.test_points for key, part in phase.parts.items() if key[0] == kind)


def _one_label_seen(part, name):
    settings = part.settings
    positive, size = (part.positive, settings.points) if name == "original" else (part.retained_positive, settings.points - settings.forgotten)
    return bool(((positive == 0) | (positive == size)).any())


def _where(settings):
    digits = math.log10(settings.at[0])
    name = "\\alpha" if settings.mean_norms is None else "|\\mu|"
    return f"$d$ = $10^{{{digits:.3g}}}$, ${name}$ = {settings.at[1]:g}"


def _title(settings):
    kept = settings.points - settings.forgotten
    labels = f"datasets with both labels (one label: chance $2^{{-{kept - 1}}}$)" if kept > 1 else "all datasets: one retained point, one label"
    return (
        f"Fresh points of the mixture of Section 6: $m$ = {settings.points}, $n$ = {settings.neurons}, $k$ = {settings.forgotten}, "
        f"{settings.draws} datasets per cell of the grid, {settings.test_points} test points each.\n"
        f"Above: {labels}. Below, middle and right: all datasets, by their chances."
    )


def _legend(figure):
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor="white", edgecolor="black", hatch="/////", linewidth=1.1, label="Theorem 6.1 speaks"),
        Line2D([], [], color="black", linestyle=":", linewidth=0.9, label="its bound is vacuous, to the left"),
        Line2D([], [], color=BLUE, linestyle=(0, (4, 1.5)), linewidth=1.1, label="our theorem speaks, below"),
        Line2D([], [], color=ORANGE, linewidth=1.3, label=f"accuracy {ENOUGH:g}, 95 % interval; higher below"),
        Line2D(
            [],
            [],
            color=GREY,
            linestyle="",
            marker="o",
            markersize=3,
            markerfacecolor="white",
            label="no dataset with one label drawn: half right assumed",
        ),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, handlelength=2.4, columnspacing=1.2)
