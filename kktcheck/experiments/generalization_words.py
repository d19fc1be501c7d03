"""The phase diagram as tables for the terminal."""

import numpy as np

from ..tables import table
from . import generalization_theory as theory
from .generalization_accuracy import LEVEL, one_label
from .generalization_phase_result import ENOUGH, NAMES
from .generalization_result import MODELS

#: Places of the models that are compared.
_ORIGINAL, _UNLEARNED, _RETRAINED = (MODELS.index(name) for name in ("original", "plain", "retrained"))


def summary(phase):
    """Tables of the grid, of forgetting, of sizes and of short means, and what they come to.

    Parameters
    ----------
    phase : kktcheck.experiments.generalization_phase_result.Phase
    """
    settings = phase.settings
    where = f"d = {settings.at[0]:.3g}, {length_name(settings)} = {settings.at[1]:g}"
    lines = [
        f"Accuracy on fresh points of the mixture, m = {settings.points} points, n = {settings.neurons} neurons, k = {settings.forgotten} forgotten; "
        f"{settings.draws} datasets per cell, {settings.test_points} points each.",
        *_label_words(settings),
        "",
        _grid_table(phase),
        f"(d from which on accuracy is at least {ENOUGH:g} in the grid: of the mean, and of the lower end of its {1 - LEVEL:.0%} interval, given the "
        "datasets; d_0: from which on theorems speak)",
        "",
        *_finding(phase),
        "",
        f"Forgetting k of {settings.points} points, {where}, all datasets{_draws(phase, 'forgetting')}:",
        _rows_table(phase, "forgetting", ("k",)),
        "",
        f"Points and neurons, k = {settings.forgotten}, {where}, all datasets{_draws(phase, 'sizes')}:",
        _rows_table(phase, "sizes", ("m", "n")),
        "(limit: 1 - 2^-(m-k), half of all points right for datasets whose retained points have one label, all for the others; where none with one",
        "label was drawn, that half is taken for granted in the number, and anything from 0 to 1 in the interval)",
        "",
        f"Short means, |mu|^2 = s / sqrt(d), k = {settings.forgotten}; accuracy of the unlearned network for datasets with both labels"
        f"{_draws(phase, 'edge')}:",
        _edge_table(phase),
    ]
    if phase.failures:
        lines += ["", f"Without an exact KKT point: {len(phase.failures)} draws, the first {phase.failures[0]}"]
    return "\n".join(lines)


def length_name(settings):
    """What the lengths are called: alpha, or |mu|."""
    return "alpha" if settings.mean_norms is None else "|mu|"


def power(digits):
    """A dimension, by its log10, as a power of ten; None, which is none at all, as a dash."""
    return "-" if digits is None else f"10^{digits:.4g}" if digits < 1e4 else f"10^{digits:.0f}"


def _label_words(settings):
    kept = settings.points - settings.forgotten
    if kept == 1:
        return ("One point is retained, so the retained points always have one label.",)
    chance = f"the {kept} retained ones have one label with chance {one_label(kept):.3g}"
    return (f"Datasets with both labels among the points a network is from; {chance}.",)


def _grid_table(phase):
    mean = phase.accuracy.mean
    onsets = {place: phase.onsets(MODELS[place]) for place in (_ORIGINAL, _UNLEARNED, _RETRAINED)}
    rows = []
    for k, (length, (paper, ours)) in enumerate(zip(phase.settings.lengths, phase.thresholds, strict=True)):
        gap = mean[_UNLEARNED, k] - mean[_RETRAINED, k]
        rows.append(
            (
                f"{length:g}",
                *(power(onsets[place][k][0]) for place in (_ORIGINAL, _UNLEARNED, _RETRAINED)),
                power(onsets[_UNLEARNED][k][1]),
                *(_percent(_least(mean[place, k])) for place in (_ORIGINAL, _UNLEARNED, _RETRAINED)),
                f"{100 * float(gap[np.nanargmax(abs(gap))]):+.2f}" if np.isfinite(gap).any() else None,
                power(paper),
                power(ours),
            )
        )
    header = (
        *(length_name(phase.settings), "original", "unlearned", "retrained", "unl. surely"),
        *("least orig.", "least unl.", "least retr.", "largest gap", "d_0 Thm 6.1", "d_0 ours"),
    )
    return table(header, rows)


def _finding(phase):
    """What the grid says in sentences."""
    settings, (paper, ours) = phase.settings, zip(*phase.thresholds, strict=True)
    name, top = length_name(settings), np.log10(float(settings.dims[-1]))
    mean = phase.accuracy.mean
    yield f"The probabilities of Theorem 6.1 say something from d = {power(theory.speaks_from('paper', settings))} on (m = {settings.points})."
    for words, firsts in (("With them its hypotheses", paper), ("Those of sharper/generalization, with its probabilities,", ours)):
        known = [(digits, length) for digits, length in zip(firsts, settings.lengths, strict=True) if digits is not None]
        cells = sum(np.count_nonzero(np.log10(np.array(settings.dims, dtype=float)) >= digits) for digits, _ in known)
        first = min(known, default=None)
        size = f"{cells} of {mean[0].size} cells of the grid"
        yield f"{words} hold in {size}" + (f", first at d = {power(first[0])} ({name} = {first[1]:g})." if first else ": never.")
    place = _UNLEARNED
    cells = np.count_nonzero(mean[place] >= ENOUGH), np.count_nonzero(phase.accuracy.low[place] >= ENOUGH)
    size = f"{cells[0]} of {mean[place].size} cells"
    yield f"The unlearned network's accuracy is at least {ENOUGH:g} in {size}, by the lower end of its interval in {cells[1]}; up to 10^{top:.3g}."
    gap = mean[place] - mean[_RETRAINED]
    if np.isfinite(gap).any():
        yield f"Unlearned less retrained: from {np.nanmin(gap):+.2%} to {np.nanmax(gap):+.2%}, mean {np.nanmean(gap):+.3%}."


def _rows_table(phase, kind, names):
    rows = []
    for key, accuracy, limit in phase.rows(kind):
        values = []
        for place in range(len(MODELS)):
            mean, low, high = (float(part[place, 0]) for part in accuracy)
            values.append(f"{_percent(mean)} ({_percent(low)} to {_percent(high)})")
        rows.append((*key, *values, _percent(limit)))
    return table((*names, *NAMES, "limit"), rows, left=0)


def _edge_table(phase):
    from .generalization_phase import SIGNALS

    rows = phase.rows("edge")
    header = ("s", *(f"m = {m}, d = {d:.3g}" for (m, d), _, _ in rows))
    cells = [[f"{s:g}", *(_percent(float(accuracy.mean[_UNLEARNED, k])) for _, accuracy, _ in rows)] for k, s in enumerate(SIGNALS)]
    return table(header, cells)


def _draws(phase, kind):
    draws = next(part.settings.draws for key, part in phase.parts.items() if key[0] == kind)
    return f" ({draws} drawn)"


def _least(values):
    return float(np.nanmin(values)) if np.isfinite(values).any() else np.nan


def _percent(value):
    return "-" if np.isnan(value) else f"{100 * value:.2f}"
