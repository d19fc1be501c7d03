"""The picture of `kktcheck.experiments.tau_sweep`: tau against the size of the step, beside doing nothing and retraining."""

import numpy as np

from .canvas import BLUE, GREEN, GREY, ORANGE, PURPLE, WIDTH, save, what_was_run

#: The whole picture, in inches.
SIZE = (WIDTH, 4.9)

#: The panels' columns: a title and the curves shown together, by name.
COLUMNS = (
    ("plain step", ("certificate's subgradient", "printed convention")),
    ("other steps", ("projected step", "from the exact point")),
)

#: Colour and line of each curve.
LINES = {
    "certificate's subgradient": (BLUE, "-"),
    "printed convention": (ORANGE, (0, (4, 1.5))),
    "projected step": (GREEN, (0, (1, 1))),
    "from the exact point": (PURPLE, (0, (5, 1.2, 1, 1.2))),
}

#: Line and words of each reference that is drawn.
REFERENCES = {"identity": ((0, (6, 2)), "doing nothing"), "retraining": ("-", "retraining")}

#: Least tau that is drawn: below it two models differ by rounding alone.
FLOOR = 1e-16

#: Quantiles that bound the bands around the medians.
BAND = (0.1, 0.9)


def tau(result, path, *, format=None):
    """Draw the result of the tau experiment, at the width of a printed column.

    Two columns of panels, each with two curves: median tau to the nearest exact KKT point of the retained points against the fraction
    of the paper's step, with bands from the 10 % to the 90 % quantile over networks and points; mean tau with its standard error over networks;
    and how the full step's tau is distributed. Doing nothing and retraining are the references.

    Parameters
    ----------
    result : kktcheck.experiments.tau_result.TauSweep
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

    figure = Figure(figsize=SIZE, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, wspace=0.06, hspace=0.02)
    axes = figure.subplots(3, len(COLUMNS), sharex="row", sharey="row", squeeze=False, height_ratios=(1, 0.8, 0.7))
    by_name = {series.name: series for series in result.series}
    references = [(reference, *REFERENCES[reference.name]) for reference in result.references if reference.name in REFERENCES]
    for column, (title, names) in zip(axes.T, COLUMNS, strict=True):
        group = [by_name[name] for name in names]
        _curves(column[0], group, lambda curve: (curve.median, curve.quantile(BAND[0]), curve.quantile(BAND[1])))
        _curves(column[1], group, lambda curve: (curve.mean, curve.mean - curve.sem, curve.mean + curve.sem))
        _levels(column[0], references, np.median)
        _levels(column[1], references, np.mean)
        _gain(column[0], result, group[0])
        _distributions(column[2], group, references)
        column[0].set_title(title)
    _same_range(axes[:2])
    for axis, label in zip(axes[:, 0], ("median $\\tau$", "mean $\\tau$", "cases below\n(%)"), strict=True):
        axis.set_ylabel(label)
    for over, under, last in axes.T:
        over.tick_params(labelbottom=False)
        under.set_xlabel("step / step of Theorem 4.1")
        under.xaxis.set_major_formatter("{x:g}")
        last.set_xlabel("$\\tau$ of the full step")
    figure.align_ylabels(axes[:, 0])
    figure.suptitle(what_was_run(result.settings) + "\n$\\tau$: 1 - cos to the nearest exact KKT point of the retained points.", fontsize=7)
    _legend(figure)
    return figure


def _curves(axis, group, statistics):
    """A line and a band for each curve."""
    for series in group:
        colour, line = LINES[series.name]
        middle, low, high = (np.maximum(values, FLOOR) for values in statistics(series.curve))
        axis.fill_between(series.fractions, low, high, color=colour, alpha=0.15, linewidth=0)
        axis.plot(series.fractions, middle, color=colour, linestyle=line, linewidth=1.3)
    axis.axvline(1.0, color=GREY, linewidth=0.6, linestyle=":", zorder=0)
    axis.margins(x=0.02)


def _levels(axis, references, statistic):
    """Horizontal lines of the references with their names: the first above its line at the right, the others below at the left."""
    for k, (reference, line, words) in enumerate(references):
        known = reference.tau[~np.isnan(reference.tau)]
        if known.size:
            level = max(float(statistic(known)), FLOOR)
            axis.axhline(level, color=GREY, linewidth=0.8, linestyle=line, zorder=1)
            x, ha, y, va = (0.02, "left", -2, "top") if k else (0.98, "right", 1.5, "bottom")
            place = {"xycoords": ("axes fraction", "data"), "xytext": (0, y), "textcoords": "offset points", "ha": ha, "va": va}
            axis.annotate(words, (x, level), fontsize=6, color=GREY, **place)


def _gain(axis, result, series):
    """An arrow from doing nothing down to the full step of one curve, with the quotient of the medians."""
    from matplotlib.patheffects import withStroke

    if series.full_step is None or np.isnan(series.full_step).all():
        return
    top, bottom = (max(float(np.nanmedian(tau)), FLOOR) for tau in (result.identity, series.full_step))
    arrow = {"arrowstyle": "<->", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 5, "color": "0.2"}
    axis.annotate("", (1.0, bottom), (1.0, top), arrowprops=arrow, zorder=3)
    place = {"xytext": (3, 0), "textcoords": "offset points", "va": "center"}
    text = axis.annotate(f"{result.gain(series.full_step):.3g} $\\times$", (1.0, top**0.75 * bottom**0.25), fontsize=6, zorder=5, **place)
    text.set_path_effects([withStroke(linewidth=1.5, foreground="white")])


def _same_range(axes):
    """One logarithmic range of tau for all panels of curves, with room for a name above the uppermost line and below the lowest."""
    low, high = min(axis.dataLim.y0 for axis in axes.flat), max(axis.dataLim.y1 for axis in axes.flat)
    if low <= high:  # an empty panel can have no logarithmic axis
        for axis in axes.flat:
            axis.set_yscale("log")
            axis.set_ylim(low / 1.6, 2.5 * high)


def _distributions(axis, group, references):
    """Share of networks and points below each tau: the full step of each curve, and the references."""
    models = [(reference.tau, GREY, line, 0.8) for reference, line, _ in references]
    models += [(series.full_step, *LINES[series.name], 1.2) for series in group if series.full_step is not None]
    for tau, colour, line, width in models:
        known = np.sort(np.maximum(tau[~np.isnan(tau)], FLOOR))
        if known.size:
            axis.step(known, 100 * np.arange(1, len(known) + 1) / len(known), where="post", color=colour, linestyle=line, linewidth=width)
    axis.set_xscale("log")
    axis.set_ylim(0, 103)


def _legend(figure):
    """The curves under the column of panels that shows them; bands and the full step below."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shared = (
        Patch(color=GREY, alpha=0.25, linewidth=0, label="10 % to 90 %; mean: $\\pm$ std. error"),
        Line2D([], [], color=GREY, linestyle=":", linewidth=0.8, label="full step"),
    )
    handles = []
    for (_, names), more in zip(COLUMNS, shared, strict=True):
        handles += [Line2D([], [], color=LINES[name][0], linestyle=LINES[name][1], linewidth=1.3, label=name) for name in names]
        handles.append(more)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, handlelength=2.4, columnspacing=1.2)
