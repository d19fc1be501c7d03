"""Curves against the step fraction, one for each network and point: their statistics, gaps (nan) included, and where the best step lies."""

from dataclasses import dataclass

import numpy as np

#: Steps at least this far from the paper's count as far.
FAR = 0.5


@dataclass(frozen=True, eq=False)
class Curve:
    """A number measured for every network, point and fraction; nan where there is none.

    Attributes
    ----------
    fractions : ndarray, shape (k,)
    values : ndarray, shape (networks, points, k)
    """

    fractions: np.ndarray
    values: np.ndarray

    @property
    def missing(self):
        """Number of entries that are nan."""
        return int(np.isnan(self.values).sum())

    @property
    def mean(self):
        """Mean over networks and points, shape (k,)."""
        return mean(self.values, (0, 1))

    @property
    def std(self):
        """Standard deviation over networks and points, shape (k,)."""
        return deviation(self.values, (0, 1))

    @property
    def sem(self):
        """Standard error of the mean, networks counting as independent, shape (k,); nan for one network."""
        return standard_error(mean(self.values, 1))

    @property
    def median(self):
        """Median over networks and points, shape (k,)."""
        return median(self.values)

    def quantile(self, q):
        """Quantile over networks and points, shape (k,)."""
        return quantile(self.values, q)

    @property
    def minimiser(self):
        """Fraction at which the mean is least, refined by a parabola through three grid points."""
        return minimiser(self.fractions, self.mean)

    @property
    def minimiser_error(self):
        """Jackknife standard error of `minimiser` over networks; nan for one network."""
        return jackknife_error(lambda values: minimiser(self.fractions, mean(values, (0, 1))), self.values)

    @property
    def median_minimiser(self):
        """Fraction at which the median is least, refined likewise."""
        return minimiser(self.fractions, self.median)

    @property
    def median_minimiser_error(self):
        """Jackknife standard error of `median_minimiser` over networks; nan for one network. Rough, as the jackknife is for medians."""
        return jackknife_error(lambda values: minimiser(self.fractions, median(values)), self.values)

    @property
    def point_minimisers(self):
        """Grid fraction of the least value, for each network and point that has one."""
        rows = self.values.reshape(-1, len(self.fractions))
        return self.fractions[np.nanargmin(rows[~np.isnan(rows).all(axis=1)], axis=1)]

    def column(self, fraction):
        """Index of a fraction, or None if it is not on the grid."""
        where = np.flatnonzero(np.isclose(self.fractions, fraction, rtol=0, atol=1e-12))
        return int(where[0]) if where.size else None

    def at(self, fraction):
        """Mean at a fraction, or None if it is not on the grid."""
        k = self.column(fraction)
        return None if k is None else float(self.mean[k])

    def excess_over_full_step(self):
        """Mean of the value minus that at fraction 1, paired network by network, and its standard error, each of shape (k,)."""
        rows = mean(self.values - self.values[:, :, [self.column(1.0)]], 1)
        return mean(rows, 0), standard_error(rows)


def verdict(name, quantity, curve, gap, factor=None):
    """Where the minimum of a mean lies, what far steps cost, and whether a step far from the paper's is worse, in one sentence.

    Parameters
    ----------
    name, quantity : str
    curve : Curve
    gap : str
        What it means that no network and point has a value at some fraction.
    factor : callable, optional
        Writes what a step costs as a multiple of the full step; by default the cost is written as a percentage above it.
    """
    text = f"{name}: "
    if curve.at(1.0) is None:
        return text + "fraction 1 was not run, so nothing is said"
    excess, error = curve.excess_over_full_step()
    if np.isnan(excess).any():
        lost = curve.fractions[np.isnan(excess)]
        return text + f"nothing is said: at a fraction of {lost[0]:g} {gap}"
    far = np.abs(curve.fractions - 1.0) >= FAR - 1e-12
    doubt = 2 * np.nan_to_num(error)
    better = far & (excess <= doubt)
    least, uncertainty = curve.minimiser, curve.minimiser_error
    spacing = float(np.diff(curve.fractions).max())
    centred = abs(least - 1.0) <= max(spacing / 2, 2 * np.nan_to_num(uncertainty))
    full = curve.at(1.0)
    costs = [f"{value / full:+.1%}" if factor is None else factor(1.0 + value / full) for value in excess[[0, -1]]]
    ends = ", ".join(f"{cost} at {fraction:g}" for fraction, cost in zip(curve.fractions[[0, -1]], costs, strict=True))
    text += f"{quantity} against the full step {ends}; least at {least:.3f}"
    text += "" if np.isnan(uncertainty) else f" +- {uncertainty:.3f}"
    if better.any():
        worst = curve.fractions[better]
        return text + f". Not borne out: a fraction of {worst[0]:g} is not clearly worse than the full step"
    if not far.any():
        return text + ". Nothing is said: no fraction as far as 0.5 from 1 was run"
    return text + (". Borne out" if centred else ". Borne out for far steps, but the best step is another than the paper's")


def heading(settings, margins):
    """What was run, two lines of text."""
    s = settings
    return [
        f"Appendix E: {s.networks} networks, (m, d, n) = ({s.num_points}, {s.dim}, {s.neurons}), {s.epochs} epochs, "
        f"{len(s.forgotten)} points forgotten one at a time, seed {s.seed}",
        f"minimum margins after training {margins.min():.4g} .. {margins.max():.4g}",
    ]


def mean(values, axis):
    """Mean over what is not nan; nan, without a warning, where nothing is left."""
    count = (~np.isnan(values)).sum(axis=axis)
    return np.where(count > 0, np.nansum(values, axis=axis) / np.maximum(count, 1), np.nan)


def deviation(values, axis):
    """Standard deviation over what is not nan, as `mean`."""
    return np.sqrt(mean((values - np.expand_dims(mean(values, axis), axis)) ** 2, axis))


def standard_error(rows):
    """Standard error of the mean over the first axis; nan for fewer than two."""
    if len(rows) < 2:
        return np.full(rows.shape[1:], np.nan)
    count = (~np.isnan(rows)).sum(axis=0)
    squares = deviation(rows, 0) ** 2 * count / np.where(count > 1, count - 1, np.nan)
    return np.sqrt(squares / count)


def quantile(values, q):
    """Quantile over all axes but the last of what is not nan, shape (k,); nan, without a warning, where nothing is left."""
    columns = values.reshape(-1, values.shape[-1]).T
    known = [column[~np.isnan(column)] for column in columns]
    return np.array([np.quantile(column, q) if column.size else np.nan for column in known])


def median(values):
    """Median over all axes but the last, as `quantile`."""
    return quantile(values, 0.5)


def minimiser(fractions, values):
    """Fraction of the least value, refined by a parabola through three grid points; nan if there is no value."""
    if np.isnan(values).all():
        return float("nan")
    k = int(np.nanargmin(values))
    if not 0 < k < len(values) - 1 or np.isnan(values[k - 1 : k + 2]).any():
        return float(fractions[k])
    curvature, slope, _ = np.polyfit(fractions[k - 1 : k + 2] - fractions[k], values[k - 1 : k + 2], 2)
    if curvature <= 0:
        return float(fractions[k])
    return float(fractions[k] + np.clip(-slope / (2 * curvature), fractions[k - 1] - fractions[k], fractions[k + 1] - fractions[k]))


def jackknife_error(statistic, values):
    """Standard error of a statistic of all values, leaving out one entry of the first axis (a network) at a time; nan for one alone."""
    count = len(values)
    if count < 2:
        return float("nan")
    left_out = [statistic(np.delete(values, k, axis=0)) for k in range(count)]
    return float(np.sqrt((count - 1) / count * np.sum((left_out - np.mean(left_out)) ** 2)))


def numbers(array):
    """Nested lists with None for nan."""
    array = np.asarray(array, dtype=np.float64)
    return np.where(np.isnan(array), None, array.astype(object)).tolist()


def least(values):
    """The least number that is not nan, or None."""
    known = values[~np.isnan(values)]
    return float(known.min()) if known.size else None
