"""The picture of `kktcheck.experiments.figure1`: epsilon and delta against the size of the step."""

import numpy as np

from .canvas import BLUE, GREY, ORANGE, WIDTH, save, what_was_run

#: The whole picture, in inches.
SIZE = (WIDTH, 4.7)

#: Colour and line of each kind of step.
LINES = {"plain": (BLUE, "-"), "projected": (ORANGE, (0, (4, 1.5)))}
_CONVENTIONS = {"clarke": "Clarke"}


def figure1(result, path, *, format=None):
    """Draw the result of the experiment behind Figure 1, at the width of a printed column.

    A column of panels for each subgradient convention, with axes of its own: mean epsilon and mean delta against the fraction of
    the paper's step, with bands of one standard deviation over networks and points, the least mean epsilon with its standard
    error, and between them how often each fraction is the best for one network and point.

    Parameters
    ----------
    result : kktcheck.experiments.figure1_result.Figure1
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
    save(lambda: draw(result), path, format)


def draw(result):
    """The matplotlib figure of a result, under the style that is in force."""
    from matplotlib.figure import Figure

    columns = {}
    for series in result.series:
        columns.setdefault(series.subgradient, []).append(series)
    figure = Figure(figsize=SIZE, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.03, hspace=0.02)
    axes = figure.subplots(3, len(columns), sharex=True, squeeze=False, height_ratios=(1, 0.38, 0.72))
    for column, (convention, group) in zip(axes.T, columns.items(), strict=True):
        _epsilon_panel(column[0], convention, group)
        _minimiser_panel(column[1], group)
        _delta_panel(column[2], group)
        _finish_column(column)
    labels = ("mean stationarity error $\\epsilon$", "least $\\epsilon$ at\n(% of cases)", "mean slackness $\\delta$")
    for axis, label in zip(axes[:, 0], labels, strict=True):
        axis.set_ylabel(label)
    for axis in axes[-1]:
        axis.set_xlabel("step / step of Theorem 4.1")
    figure.align_ylabels(axes[:, 0])
    figure.suptitle(what_was_run(result.settings) + "\n$\\epsilon$ and $\\delta$ refer to the retained points, at minimum margin 1.", fontsize=7)
    _legend(figure, result.series)
    return figure


def _epsilon_panel(axis, convention, group):
    from matplotlib.patheffects import withStroke

    for series in group:
        _curve(axis, series, series.epsilon_mean, series.epsilon_std)
    top = max(np.nanmax(series.epsilon_mean + series.epsilon_std) for series in group)
    for series in group:
        x, y, error = series.minimiser, float(np.nanmin(series.epsilon_mean)), series.minimiser_error
        known = np.isfinite(error)
        style = {"fmt": "o", "markersize": 3, "markeredgecolor": "white", "markeredgewidth": 0.4, "elinewidth": 1, "zorder": 4}
        axis.errorbar(x, y, xerr=error if known else None, color=LINES[series.method][0], **style)
        # Below the marker and off the full step's line, or to its right where the axis is too near.
        side = ("right", 4) if series.fractions.mean() <= x <= 1 else ("left", -4)
        place = {"xytext": (side[1], -4), "ha": side[0], "va": "top"} if y > 0.2 * top else {"xytext": (7, -1), "ha": "left", "va": "center"}
        text = f"{x:.2f} $\\pm$ {error:.2f}" if known and error >= 0.005 else f"{x:.3f}"
        label = axis.annotate(text, (x, y), textcoords="offset points", fontsize=6, color=LINES[series.method][0], zorder=5, **place)
        label.set_path_effects([withStroke(linewidth=1.5, foreground="white")])
    axis.set_title(f"{_CONVENTIONS.get(convention, convention)} subgradient")


def _delta_panel(axis, group):
    for series in group:
        _curve(axis, series, series.delta_mean, series.delta_std)


def _curve(axis, series, mean, deviation):
    colour, line = LINES[series.method]
    axis.fill_between(series.fractions, np.maximum(mean - deviation, 0), mean + deviation, color=colour, alpha=0.18, linewidth=0)
    axis.plot(series.fractions, mean, color=colour, linestyle=line, linewidth=1.2)


def _minimiser_panel(axis, group):
    for series in group:
        colour, line = LINES[series.method]
        middles = (series.fractions[1:] + series.fractions[:-1]) / 2
        edges = np.concatenate([[2 * series.fractions[0] - middles[0]], middles, [2 * series.fractions[-1] - middles[-1]]])
        counts = np.histogram(series.point_minimisers, edges)[0]
        share = 100 * counts / max(counts.sum(), 1)
        axis.stairs(share, edges, fill=True, color=colour, alpha=0.18, linewidth=0)
        axis.stairs(share, edges, color=colour, linestyle=line, linewidth=0.8)


def _finish_column(column):
    for axis in column:
        axis.set_ylim(0, 1.06 * axis.dataLim.y1 or None)
        axis.axvline(1.0, color=GREY, linewidth=0.6, linestyle=":", zorder=0)
        axis.margins(x=0.02)


def _legend(figure, group):
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    methods = list(dict.fromkeys(series.method for series in group))
    handles = [Line2D([], [], color=LINES[method][0], linestyle=LINES[method][1], linewidth=1.2, label=f"{method} step") for method in methods]
    handles += [
        Patch(color=GREY, alpha=0.25, linewidth=0, label="$\\pm$ 1 standard deviation"),
        Line2D([], [], color=GREY, marker="o", markersize=3.5, linestyle="-", linewidth=1, label="least mean $\\epsilon$ $\\pm$ std. error"),
        Line2D([], [], color=GREY, linestyle=":", linewidth=0.8, label="full step"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, handlelength=2.4, columnspacing=1.5)
