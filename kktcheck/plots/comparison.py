"""The picture of `kktcheck.experiments.comparison`: every algorithm a line, every run a dot."""

from textwrap import fill

import numpy as np

from .canvas import BLUE, GREY, ORANGE, WIDTH, save

#: Both columns of a printed page with the gap between them, and the heights of a line and of all else, in inches.
BOTH = 2 * WIDTH + 0.2
LINE, REST = 0.19, 1.15

#: Letters in a line of the title at most, and by how many the first may be longer than the others.
TITLE, SLACK = 110, 8

#: Number, label, and relative width of the panels with a logarithmic axis.
PANELS = (
    ("tau", "$\\tau$ to the nearest exact KKT point", 1.7),
    ("epsilon", "stationarity error $\\epsilon$", 1.1),
    ("influence", "residual influence", 1.1),
)
#: Algorithms whose medians are drawn through all panels: line and label.
REFERENCES = {"identity": ((0, (4, 2)), "median of doing nothing"), "retraining": ((0, (1, 1.5)), "median of retraining, same initialisation")}
#: What is said of runs that have no dot.
GAPS = {"tau": "without", "epsilon": "not certified", "influence": "undefined"}
#: Numbers that are zero, which a logarithmic axis does not have, stand at the left edge, this share of the least other one.
EDGE = 0.5
#: Share of a line that the dots of one algorithm take up.
SPREAD = 0.6
#: Steps of the golden ratio, modulo 1, are spread evenly however many there are.
GOLDEN = 0.6180339887498949


def comparison(result, path, *, format=None):
    """Draw the comparison, at the width of both columns of a printed page.

    A panel each for tau, epsilon, residual influence and, if there is one, the membership test's area under the curve with its 95 %
    interval; a line for every algorithm with a dot for every run and a mark at the median of the table. Runs without a model or a
    certificate have no dot; the line says how many.

    Parameters
    ----------
    result : kktcheck.experiments.comparison_result.Comparison
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

    panels = [panel for panel in PANELS if panel[0] == "tau" or any(np.isfinite(row.values(panel[0])).any() for row in result.rows)]
    tested = any(row.membership is not None for row in result.rows)
    widths = [width for _, _, width in panels] + [0.8] * tested
    figure = Figure(figsize=(BOTH, LINE * len(result.rows) + REST), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    axes = figure.subplots(1, len(widths), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axis, (name, label, _) in zip(axes, panels, strict=False):
        _panel(axis, result, name)
        axis.set_xlabel(label)
    if tested:
        _membership_panel(axes[len(panels)], result)
    axes[0].set_yticks(range(len(result.rows)), [_label(row) for row in result.rows])
    axes[0].set_ylim(len(result.rows) - 0.5, -0.5)
    for axis in axes:
        axis.tick_params(axis="y", length=0)
        for k in range(1, len(result.rows)):
            axis.axhline(k - 0.5, color="0.92", linewidth=0.5, zorder=0)
    figure.suptitle(_title(result), fontsize=7)
    _legend(figure, result)
    return figure


def _label(row):
    return row.name + (f" [{len(row.tried)}]" if len(row.tried) > 1 else "")


def _title(result):
    tuned = any(len(row.tried) > 1 for row in result.rows)
    lines = -(-len(result.title) // TITLE)
    return fill(result.title, len(result.title) // lines + SLACK) + ("\n[k]: the best of k options on these very cases" if tuned else "")


def _panel(axis, result, name):
    values = [row.values(name) for row in result.rows]
    known = np.concatenate(values)
    known = known[known > 0]
    edge = EDGE * known.min() if known.size else 1.0
    for k, (row, numbers) in enumerate(zip(result.rows, values, strict=True)):
        _dots(axis, k, row, np.maximum(numbers[np.isfinite(numbers)], edge))
        middle = row.typical(name)
        if middle is not None:
            x = max(middle, edge)
            axis.plot([x, x], [k - 0.36, k + 0.36], color="black", linewidth=1.6, solid_capstyle="butt", zorder=4)
            if row.name in REFERENCES:
                axis.axvline(x, color="0.3", linewidth=0.7, linestyle=REFERENCES[row.name][0], zorder=1)
        _gap(axis, k, row, name, np.isnan(numbers).sum())
    axis.set_xscale("log")
    axis.margins(x=0.06)


def _dots(axis, k, row, numbers):
    """A dot for every number, spread over the height of the line in an order without pattern."""
    places = (np.arange(len(numbers)) * GOLDEN + 0.5) % 1.0 - 0.5
    axis.plot(numbers, k + SPREAD * places, "o", color=_colour(row), markersize=2.2, markeredgewidth=0, alpha=0.6, zorder=3)


def _gap(axis, k, row, name, lacking):
    """In words what a line does not show; a line without any model says so once."""
    if not lacking or (not row.models and name != "tau"):
        return
    text = f"{lacking} of {len(row.runs)} {GAPS[name]}" if row.models else "no unlearned model"
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axis.text(0.99, k, text, transform=axis.get_yaxis_transform(), ha="right", va="center", fontsize=5.5, color=ORANGE, bbox=box, zorder=2)


def _membership_panel(axis, result):
    axis.axvline(0.5, color="0.3", linewidth=0.6, zorder=1)
    for k, row in enumerate(result.rows):
        auc = row.membership
        if auc is not None:
            axis.plot([auc.low, auc.high], [k, k], color=_colour(row), linewidth=1, zorder=3)
            axis.plot([auc.auc], [k], "D", color="black", markersize=2.6, markeredgewidth=0, zorder=4)
    axis.set_xlim(-0.03, 1.03)
    axis.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axis.set_xlabel("membership AUC")


def _colour(row):
    return GREY if row.name in (*REFERENCES, "retraining-other") else BLUE


def _legend(figure, result):
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=BLUE, marker="o", markersize=2.5, linestyle="", label="one run"),
        Line2D([], [], color="black", marker="|", markersize=6, markeredgewidth=1.6, linestyle="", label="median"),
    ]
    for name, (line, label) in REFERENCES.items():
        if any(row.name == name for row in result.rows):
            handles.append(Line2D([], [], color="0.3", linewidth=0.8, linestyle=line, label=label))
    if any(row.membership is not None for row in result.rows):
        mark = {"marker": "D", "markerfacecolor": "black", "markeredgewidth": 0, "markersize": 3}
        handles.append(Line2D([], [], color=BLUE, linewidth=1, label="AUC, 95 %", **mark))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, handlelength=2.0, columnspacing=1.5)
