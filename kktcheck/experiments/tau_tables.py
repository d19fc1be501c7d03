"""The result of the tau experiment as text: what was found, tables, and the finding."""

import numpy as np

from ..tables import table
from .sweep_curves import heading, least
from .tau_result import OUTER, columns, known, middle, span


def summary(result):
    """All of it.

    Parameters
    ----------
    result : kktcheck.experiments.tau_result.TauSweep

    Returns
    -------
    str
    """
    lines = [
        *heading(result.settings, result.margins),
        *_exact_points(result),
        "",
        _models(result),
        "(tau: 1 - cos to the nearest of the exact KKT points of the retained points, those found from the states of the original, of",
        "every unlearned and of every retrained network of the same case; the last column: to the one that is nearest to the original)",
        "",
        _curves(result),
        "",
        _networks(result),
        "(median tau over the points, network by network; of the curves at the full step)",
        "",
        "Finding (borne out or not: that a step far from the one of Theorem 4.1 is worse, here in tau):",
        *(f"  {sentence}" for sentence in result.finding),
    ]
    return "\n".join(lines)


def _exact_points(result):
    """A line on what was found, and one on what was not."""
    found = result.points_found[result.points_found > 0]
    text = f"exact KKT points: found for {found.size} of {result.points_found.size} retained sets"
    if found.size:
        text += (
            f" ({found.min()} to {found.max()} different ones, median {np.median(found):g}, from {result.starts.sum()} different states; "
            f"KKT residual at most {np.nanmax(result.residuals):.1e})"
        )
    yield text
    if result.failures:
        first = result.failures[0]
        where = "on all points" if first.point is None else f"without point {first.point}"
        count = f"{len(result.failures)} start{'s' * (len(result.failures) > 1)} led to none"
        yield f"{count}; the first: network {first.network} {where}, {first.start}: {first.reason}"


def _models(result):
    """The full step of each curve, and the references."""
    models = [(f"full step, {series.name}", series.full_step, None) for series in _with_full_step(result)]
    models += [(reference.name, reference.tau, known(middle(reference.tau_to_home))) for reference in result.references]
    rows = [(name, *map(known, (*columns(tau), result.gain(tau))), span(result.network_gains(tau)), to_home) for name, tau, to_home in models]
    statistics = ("median tau", *(f"{100 * q:g} %" for q in OUTER), "mean")
    return table(("model", *statistics, "identity / it", "network by network", "to original's"), rows)


def _curves(result):
    """Where median and mean of each curve are least."""
    rows = []
    for series in result.series:
        curve, zero, share = series.curve, series.curve.column(0.0), series.share_at_full_step
        start = None if zero is None else known(curve.median[zero])
        medians = (least(curve.median), known(curve.median_minimiser), known(curve.median_minimiser_error))
        means = (least(curve.mean), known(curve.minimiser), known(curve.minimiser_error))
        rows.append((series.name, start, *medians, *means, None if share is None else f"{share:.0%}"))
    place = ("at fraction", "std. error")
    return table(("curve", "median at 0", "least median", *place, "least mean", *place, "cases best at 1"), rows)


def _networks(result):
    """Medians of every network."""
    models = [(reference.name, reference.tau) for reference in result.references]
    models += [(series.name, series.full_step) for series in _with_full_step(result)]
    rows = [(str(k), *(known(middle(tau[k])) for _, tau in models)) for k in range(len(result.margins))]
    return table(("network", *(name for name, _ in models)), rows)


def _with_full_step(result):
    return [series for series in result.series if series.full_step is not None]
