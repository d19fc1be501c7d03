"""What the experiment behind Figure 1 found: curves with their minimisers, a table, JSON, and a verdict on the paper's sentence."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from .tables import table

#: Steps at least this far from the paper's count as far.
FAR = 0.5


@dataclass(frozen=True, eq=False)
class Series:
    """One curve of the figure.

    Attributes
    ----------
    name, subgradient, method : str
    fractions : ndarray, shape (k,)
    epsilon, delta : ndarray, shape (networks, points, k)
        Of the certificate with respect to the retained points at minimum margin 1; nan where a retained point was misclassified.
    original_epsilon : ndarray, shape (networks,)
        Of the trained networks on all points.
    """

    name: str
    subgradient: str
    method: str
    fractions: np.ndarray
    epsilon: np.ndarray
    delta: np.ndarray
    original_epsilon: np.ndarray

    @property
    def infeasible(self):
        """Number of unlearned models that misclassify a retained point."""
        return int(np.isnan(self.epsilon).sum())

    @property
    def epsilon_mean(self):
        """Mean over networks and points, shape (k,)."""
        return _mean(self.epsilon, (0, 1))

    @property
    def epsilon_std(self):
        """Standard deviation over networks and points, shape (k,)."""
        return _deviation(self.epsilon, (0, 1))

    @property
    def epsilon_sem(self):
        """Standard error of the mean, networks counting as independent, shape (k,); nan for one network."""
        return _standard_error(_mean(self.epsilon, 1))

    @property
    def delta_mean(self):
        """Mean over networks and points, shape (k,)."""
        return _mean(self.delta, (0, 1))

    @property
    def delta_std(self):
        """Standard deviation over networks and points, shape (k,)."""
        return _deviation(self.delta, (0, 1))

    @property
    def minimiser(self):
        """Fraction at which mean epsilon is least, refined by a parabola through three grid points."""
        return _minimiser(self.fractions, self.epsilon_mean)

    @property
    def minimiser_error(self):
        """Jackknife standard error of `minimiser` over networks; nan for one network."""
        count = len(self.epsilon)
        if count < 2:
            return float("nan")
        left_out = [_minimiser(self.fractions, _mean(np.delete(self.epsilon, k, axis=0), (0, 1))) for k in range(count)]
        return float(np.sqrt((count - 1) / count * np.sum((left_out - np.mean(left_out)) ** 2)))

    def excess_over_full_step(self):
        """Mean of epsilon minus epsilon at fraction 1, paired network by network, and its standard error, each of shape (k,)."""
        full = np.flatnonzero(np.isclose(self.fractions, 1.0, rtol=0, atol=1e-12))
        rows = _mean(self.epsilon - self.epsilon[:, :, full], 1)
        return _mean(rows, 0), _standard_error(rows)

    @property
    def point_minimisers(self):
        """Grid fraction at which epsilon is least, for each network and point, shape (networks * points,)."""
        rows = self.epsilon.reshape(-1, len(self.fractions))
        return self.fractions[np.nanargmin(rows[~np.isnan(rows).all(axis=1)], axis=1)]


@dataclass(frozen=True, eq=False)
class Figure1:
    """Result of `kktcheck.figure1.run`.

    Attributes
    ----------
    settings : kktcheck.figure1.Settings
    series : tuple of Series
    margins : ndarray, shape (networks,)
        Minimum margins after training, at the scale of training.
    """

    settings: Any
    series: tuple
    margins: np.ndarray

    @property
    def ratios(self):
        """For each network: epsilon of the indicator certificate over epsilon of the clarke one, on all points."""
        by_name = {series.name: series for series in self.series}
        return by_name["indicator"].original_epsilon / by_name["clarke"].original_epsilon

    @property
    def finding(self):
        """What the curves say of the paper's sentence that deviating much from the step makes the approximation worse."""
        return [_verdict(series) for series in self.series]

    def summary(self):
        """The result as text: a table per curve and the finding."""
        s = self.settings
        lines = [
            f"Appendix E: {s.networks} networks, (m, d, n) = ({s.num_points}, {s.dim}, {s.neurons}), {s.epochs} epochs, "
            f"{len(s.forgotten)} points forgotten one at a time, seed {s.seed}",
            f"minimum margins after training {self.margins.min():.4g} .. {self.margins.max():.4g}",
            "",
            table(
                ("curve", "on all points", "fraction 0", "fraction 1", "least", "at fraction", "std. error", "infeasible"),
                [
                    (
                        series.name,
                        float(np.mean(series.original_epsilon)),
                        _at(series, 0.0),
                        _at(series, 1.0),
                        _least(series.epsilon_mean),
                        series.minimiser,
                        series.minimiser_error,
                        series.infeasible,
                    )
                    for series in self.series
                ],
            ),
            "(mean epsilon at minimum margin 1; the first column with respect to all points, the others to the retained ones)",
            "",
            "epsilon indicator / clarke on all points, network by network: " + ", ".join(f"{ratio:.3g}" for ratio in self.ratios),
            f"  median {np.median(self.ratios):.4g}, least {self.ratios.min():.4g}",
            "",
            "The paper's sentence about Figure 1 (a step far from the one of Theorem 4.1 gives a worse epsilon):",
            *(f"  {sentence}" for sentence in self.finding),
        ]
        return "\n".join(lines)

    def to_json(self):
        """All numbers as a JSON text; nan (an infeasible model) becomes null."""
        document = {
            "experiment": "figure1",
            "settings": dataclasses.asdict(self.settings),
            "margins": self.margins.tolist(),
            "epsilon_ratios": self.ratios.tolist(),
            "finding": self.finding,
            "series": [
                {
                    "name": series.name,
                    "subgradient": series.subgradient,
                    "method": series.method,
                    "fractions": series.fractions.tolist(),
                    "epsilon_mean": _numbers(series.epsilon_mean),
                    "epsilon_std": _numbers(series.epsilon_std),
                    "epsilon_sem": _numbers(series.epsilon_sem),
                    "delta_mean": _numbers(series.delta_mean),
                    "delta_std": _numbers(series.delta_std),
                    "minimiser": _numbers(np.array(series.minimiser)),
                    "minimiser_error": _numbers(np.array(series.minimiser_error)),
                    "point_minimisers": series.point_minimisers.tolist(),
                    "infeasible": series.infeasible,
                    "original_epsilon": series.original_epsilon.tolist(),
                    "epsilon": _numbers(series.epsilon),
                    "delta": _numbers(series.delta),
                }
                for series in self.series
            ],
        }
        return json.dumps(document, indent=1, allow_nan=False)


def _mean(values, axis):
    """Mean over what is not nan; nan, without a warning, where nothing is left."""
    count = (~np.isnan(values)).sum(axis=axis)
    return np.where(count > 0, np.nansum(values, axis=axis) / np.maximum(count, 1), np.nan)


def _deviation(values, axis):
    """Standard deviation over what is not nan, as `_mean`."""
    return np.sqrt(_mean((values - np.expand_dims(_mean(values, axis), axis)) ** 2, axis))


def _minimiser(fractions, values):
    if np.isnan(values).all():
        return float("nan")
    k = int(np.nanargmin(values))
    if not 0 < k < len(values) - 1 or np.isnan(values[k - 1 : k + 2]).any():
        return float(fractions[k])
    curvature, slope, _ = np.polyfit(fractions[k - 1 : k + 2] - fractions[k], values[k - 1 : k + 2], 2)
    if curvature <= 0:
        return float(fractions[k])
    return float(fractions[k] + np.clip(-slope / (2 * curvature), fractions[k - 1] - fractions[k], fractions[k + 1] - fractions[k]))


def _standard_error(rows):
    if len(rows) < 2:
        return np.full(rows.shape[1:], np.nan)
    count = (~np.isnan(rows)).sum(axis=0)
    squares = _deviation(rows, 0) ** 2 * count / np.where(count > 1, count - 1, np.nan)
    return np.sqrt(squares / count)


def _at(series, fraction):
    """Mean epsilon at a fraction, or None if it is not on the grid."""
    where = np.flatnonzero(np.isclose(series.fractions, fraction, rtol=0, atol=1e-12))
    return float(series.epsilon_mean[where[0]]) if where.size else None


def _verdict(series):
    """Where the minimum lies, what far steps cost, and whether the paper's sentence holds for this curve, in one sentence."""
    text = f"{series.name}: "
    if _at(series, 1.0) is None:
        return text + "fraction 1 was not run, so nothing is said"
    excess, error = series.excess_over_full_step()
    if np.isnan(excess).any():
        lost = series.fractions[np.isnan(excess)]
        return text + f"nothing is said: at a fraction of {lost[0]:g} every unlearned network misclassifies a retained point"
    far = np.abs(series.fractions - 1.0) >= FAR - 1e-12
    doubt = 2 * np.nan_to_num(error)
    better = far & (excess <= doubt)
    least, uncertainty = series.minimiser, series.minimiser_error
    spacing = float(np.diff(series.fractions).max())
    centred = abs(least - 1.0) <= max(spacing / 2, 2 * np.nan_to_num(uncertainty))
    full = _at(series, 1.0)
    ends = ", ".join(f"{value / full:+.1%} at {fraction:g}" for fraction, value in zip(series.fractions[[0, -1]], excess[[0, -1]], strict=True))
    text += f"epsilon against the full step {ends}; least at {least:.3f}"
    text += "" if np.isnan(uncertainty) else f" +- {uncertainty:.3f}"
    if better.any():
        worst = series.fractions[better]
        return text + f". Not borne out: a fraction of {worst[0]:g} is not clearly worse than the full step"
    if not far.any():
        return text + ". Nothing is said: no fraction as far as 0.5 from 1 was run"
    return text + (". Borne out" if centred else ". Borne out for far steps, but the best step is another than the paper's")


def _numbers(array):
    """Nested lists with None for nan."""
    return np.where(np.isnan(array), None, array.astype(object)).tolist()


def _least(values):
    """The least number that is not nan, or None."""
    known = values[~np.isnan(values)]
    return float(known.min()) if known.size else None
