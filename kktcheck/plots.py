"""Pictures, drawn with matplotlib's object-oriented interface and no global state."""

from pathlib import Path

import numpy as np

from .errors import FileError, InputError, MissingDependencyError

#: Endings of the files that can be drawn.
SUFFIXES = (".png", ".pdf", ".svg")

#: Width of a column in print, in inches, and the height of the whole.
SIZE = (3.4, 4.7)
DPI = 300

#: Colour (distinct to every kind of colour vision and in grey) and line of each kind of step.
_LINES = {"plain": ("#0072B2", "-"), "projected": ("#D55E00", (0, (4, 1.5)))}
_CONVENTIONS = {"clarke": "Clarke"}
_GREY = "0.45"
_STYLE = {
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "legend.fontsize": 6.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "kktcheck",
}


def require():
    """Raise `MissingDependencyError` unless matplotlib can be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("a picture needs matplotlib: pip install 'kktcheck[cli]'; the command line also takes --no-picture") from error


def figure1(result, path, *, format=None):
    """Draw the result of the experiment behind Figure 1, at the width of a printed column.

    A column of panels for each subgradient convention, with axes of its own: mean epsilon and mean delta against the fraction of
    the paper's step, with bands of one standard deviation over networks and points, the least mean epsilon with its standard
    error, and between them how often each fraction is the best for one network and point.

    Parameters
    ----------
    result : kktcheck.figure1_result.Figure1
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
    if format is None:
        format = Path(path).suffix[1:].lower() if not hasattr(path, "write") else ""
    if f".{format}" not in SUFFIXES:
        raise InputError(f"pictures are drawn as {', '.join(SUFFIXES)}; {str(path)!r} is none of them")
    require()
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        figure = _figure1(result)
        try:
            figure.savefig(path, format=format, dpi=DPI, metadata={} if format == "png" else {"Date" if format == "svg" else "CreationDate": None})
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}") from error


def _figure1(result):
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
    figure.suptitle(_title(result.settings), fontsize=7)
    _legend(figure, result.series)
    return figure


def _title(settings):
    count = len(settings.forgotten)
    points = f"each of {settings.num_points} points" if count == settings.num_points else f"each of {count} of {settings.num_points} points"
    where = "" if settings.networks == 1 else " on one dataset" if settings.data == "one" else ", a dataset each"
    return (
        f"Forgetting {points} in {settings.dim} dimensions, one at a time;\n"
        f"{settings.networks} network{'s' * (settings.networks > 1)} of {settings.neurons} neurons{where}, {settings.epochs:,} epochs.\n"
        "$\\epsilon$ and $\\delta$ refer to the retained points, at minimum margin 1."
    )


def _epsilon_panel(axis, convention, group):
    from matplotlib.patheffects import withStroke

    for series in group:
        _curve(axis, series, series.epsilon_mean, series.epsilon_std)
    top = max(np.nanmax(series.epsilon_mean + series.epsilon_std) for series in group)
    for series in group:
        x, y, error = series.minimiser, float(np.nanmin(series.epsilon_mean)), series.minimiser_error
        known = np.isfinite(error)
        style = {"fmt": "o", "markersize": 3, "markeredgecolor": "white", "markeredgewidth": 0.4, "elinewidth": 1, "zorder": 4}
        axis.errorbar(x, y, xerr=error if known else None, color=_LINES[series.method][0], **style)
        # Below the marker and off the full step's line, or to its right where the axis is too near.
        side = ("right", 4) if series.fractions.mean() <= x <= 1 else ("left", -4)
        place = {"xytext": (side[1], -4), "ha": side[0], "va": "top"} if y > 0.2 * top else {"xytext": (7, -1), "ha": "left", "va": "center"}
        text = f"{x:.2f} $\\pm$ {error:.2f}" if known and error >= 0.005 else f"{x:.3f}"
        label = axis.annotate(text, (x, y), textcoords="offset points", fontsize=6, color=_LINES[series.method][0], zorder=5, **place)
        label.set_path_effects([withStroke(linewidth=1.5, foreground="white")])
    axis.set_title(f"{_CONVENTIONS.get(convention, convention)} subgradient")


def _delta_panel(axis, group):
    for series in group:
        _curve(axis, series, series.delta_mean, series.delta_std)


def _curve(axis, series, mean, deviation):
    colour, line = _LINES[series.method]
    axis.fill_between(series.fractions, np.maximum(mean - deviation, 0), mean + deviation, color=colour, alpha=0.18, linewidth=0)
    axis.plot(series.fractions, mean, color=colour, linestyle=line, linewidth=1.2)


def _minimiser_panel(axis, group):
    for series in group:
        colour, line = _LINES[series.method]
        middles = (series.fractions[1:] + series.fractions[:-1]) / 2
        edges = np.concatenate([[2 * series.fractions[0] - middles[0]], middles, [2 * series.fractions[-1] - middles[-1]]])
        counts = np.histogram(series.point_minimisers, edges)[0]
        share = 100 * counts / max(counts.sum(), 1)
        axis.stairs(share, edges, fill=True, color=colour, alpha=0.18, linewidth=0)
        axis.stairs(share, edges, color=colour, linestyle=line, linewidth=0.8)


def _finish_column(column):
    for axis in column:
        axis.set_ylim(0, 1.06 * axis.dataLim.y1 or None)
        axis.axvline(1.0, color=_GREY, linewidth=0.6, linestyle=":", zorder=0)
        axis.margins(x=0.02)


def _legend(figure, group):
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    methods = list(dict.fromkeys(series.method for series in group))
    handles = [Line2D([], [], color=_LINES[method][0], linestyle=_LINES[method][1], linewidth=1.2, label=f"{method} step") for method in methods]
    handles += [
        Patch(color=_GREY, alpha=0.25, linewidth=0, label="$\\pm$ 1 standard deviation"),
        Line2D([], [], color=_GREY, marker="o", markersize=3.5, linestyle="-", linewidth=1, label="least mean $\\epsilon$ $\\pm$ std. error"),
        Line2D([], [], color=_GREY, linestyle=":", linewidth=0.8, label="full step"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, handlelength=2.4, columnspacing=1.5)
