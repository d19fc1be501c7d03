"""Maps of the phase diagram: errors over dimension and length of the mean, and on them what theorems cover."""

import math

import numpy as np

from ..experiments import generalization_theory as theory
from ..experiments.generalization_phase_result import ENOUGH, NAMES
from ..experiments.generalization_result import MODELS
from .canvas import BLUE, ORANGE

#: Models of the panels with colours, beside the panel of the gap.
MAPS = ("original", "plain", "retrained")
#: Of the errors, and of the gap; both read by every kind of colour vision.
ERRORS, GAPS = "cividis_r", "PuOr"
#: Points along each axis of the regions of theorems.
FINE = 160
#: Ticks of alpha.
TICKS = (0.01, 0.05, 0.1, 0.15, 0.2, 0.23, 0.245)


def position(settings, lengths):
    """Heights of lengths of the mean in the picture: alpha by -sqrt(1/4 - alpha), which leaves room near 1/4, others by their logarithm."""
    lengths = np.asarray(lengths, dtype=float)
    return -np.sqrt(0.25 - lengths) if settings.mean_norms is None else np.log10(lengths)


def draw_maps(figure, axes, phase):
    """Fill four panels: the errors of `MAPS`, and what the unlearned network is ahead of the retrained one.

    Parameters
    ----------
    figure : matplotlib figure or subfigure
    axes : sequence of four axes
    phase : kktcheck.experiments.generalization_phase_result.Phase
    """
    settings, mean = phase.settings, phase.accuracy.mean
    x = np.log10(np.array(settings.dims, dtype=float))
    edges = _edges(x), _edges(position(settings, settings.lengths))
    floor = 0.9 / (settings.draws * settings.test_points)
    top = max(np.nanmax(1 - mean, initial=0.0), 10 * floor)
    for axis, name in zip(axes, MAPS, strict=False):
        place = MODELS.index(name)
        shown = _coloured(axis, edges, 1 - mean[place], ERRORS, floor, top)
        axis.set_title(NAMES[place])
        _onset(axis, phase, place, x)
    bar = {"location": "bottom", "pad": 0.02}
    figure.colorbar(shown, ax=axes[:3], extend="min", aspect=70, **bar).set_label(
        "error on fresh points (white: none seen)", fontsize=6.5, labelpad=1
    )
    gap = 100 * (mean[MODELS.index("plain")] - mean[MODELS.index("retrained")])
    most = max(np.nanmax(abs(gap), initial=0.0), 0.1)
    shown = axes[3].pcolormesh(*edges, gap, cmap=GAPS, vmin=-most, vmax=most, rasterized=True)
    figure.colorbar(shown, ax=axes[3], aspect=22, **bar).set_label("percentage points", fontsize=6.5, labelpad=1)
    axes[3].set_title("unlearned less retrained")
    regions = _regions(settings, edges)
    for k, axis in enumerate(axes):
        _theorems(axis, *regions)
        axis.set_xlabel("dimension $d$")
        axis.tick_params(labelleft=k == 0)
    _ticks(axes[0], settings, edges)


def _coloured(axis, edges, errors, colours, floor, top):
    import matplotlib
    from matplotlib.colors import LogNorm

    colours = matplotlib.colormaps[colours].with_extremes(under="white", bad="0.8")
    return axis.pcolormesh(*edges, np.maximum(errors, floor / 2), cmap=colours, norm=LogNorm(floor, top), rasterized=True)


def _edges(values):
    """Borders of the cells around increasing values."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middles = (values[1:] + values[:-1]) / 2
    return np.concatenate([[2 * values[0] - middles[0]], middles, [2 * values[-1] - middles[-1]]])


def _onset(axis, phase, place, x):
    """Where the mean accuracy passes `ENOUGH`, and around it where its interval does not decide."""
    settings = phase.settings
    if min(len(x), len(settings.lengths)) < 2:
        return
    y = position(settings, settings.lengths)
    mean, low, high = (np.ma.masked_invalid(values[place]) for values in phase.accuracy)
    undecided = np.minimum(high - ENOUGH, ENOUGH - low)
    if undecided.min() < 0 < undecided.max():
        axis.contourf(x, y, undecided, levels=[0, 1], colors=[ORANGE], alpha=0.35)
    if mean.min() < ENOUGH < mean.max():
        axis.contour(x, y, mean, levels=[ENOUGH], colors=[ORANGE], linewidths=1.3)


def _regions(settings, edges):
    """Positions along both axes, where theorems speak there, and from which position on the printed bound says something (None: nowhere)."""
    x, y = (np.linspace(values[0], values[-1], FINE) for values in edges)
    lengths = 0.25 - np.minimum(y, -1e-3) ** 2 if settings.mean_norms is None else 10.0**y
    lengths = np.clip(lengths, 1e-6, None)
    starts = {name: theory.speaks_from(name, settings) for name in theory.THEOREMS}
    regions = {name: theory.holds(name, np.maximum(x, 1e-3), lengths, settings) & (x >= start) for name, start in starts.items() if start is not None}
    return x, y, regions, starts["paper"]


def _theorems(axis, x, y, regions, speaks):
    for name, colour, line in (("paper", "black", "-"), ("ours", BLUE, (0, (4, 1.5)))):
        region = regions.get(name, np.zeros((len(y), len(x)), dtype=bool))
        if region.any() and not region.all():
            axis.contour(x, y, region, levels=[0.5], colors=[colour], linewidths=1.1, linestyles=[line])
        if region.any() and name == "paper":
            axis.contourf(x, y, region, levels=[0.5, 1.5], colors=["none"], hatches=["/////"])
    if speaks is not None and x[0] < speaks < x[-1]:
        axis.axvline(speaks, color="black", linewidth=0.9, linestyle=":")


def _ticks(axis, settings, edges):
    x, y = edges
    low, high = math.ceil(x[0]), math.floor(x[-1])
    step = max(1, -(-(high - low) // 4))
    places = range(low, high + 1, step)
    axis.set_xticks(list(places), [f"$10^{{{e}}}$" for e in places])
    if settings.mean_norms is None:
        ticks = [tick for tick in TICKS if y[0] <= position(settings, tick) <= y[-1]]
        axis.set_ylabel("$\\alpha$, the mean having norm $d^{-\\alpha}$")
    else:
        ticks = [norm for e in range(math.floor(y[0]), math.ceil(y[-1]) + 1) for norm in (10.0**e,) if y[0] <= e <= y[-1]] or settings.lengths
        axis.set_ylabel("$|\\mu|$")
    axis.set_yticks(position(settings, ticks), [f"{tick:g}" for tick in ticks])
    axis.set_xlim(x[0], x[-1])
    axis.set_ylim(y[0], y[-1])
