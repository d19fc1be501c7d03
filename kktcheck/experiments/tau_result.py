"""What `kktcheck.experiments.tau_sweep` found: tau against the step fraction, beside doing nothing and retraining, as tables, JSON and sentences."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from .sweep_curves import Curve, mean, median, numbers, quantile, verdict

#: Why a curve of tau has a gap.
GAP = "no exact KKT point is known for any network and point"

#: Outer quantiles that are reported.
OUTER = (0.1, 0.9)


@dataclass(frozen=True)
class Failure:
    """A start that led to no exact KKT point.

    Attributes
    ----------
    network : int
    point : int or None
        The forgotten point; None for the exact point of all the data.
    start : str
        Whose states were started from.
    reason : str
    """

    network: int
    point: int | None
    start: str
    reason: str


@dataclass(frozen=True, eq=False)
class TauSeries:
    """One curve of the figure.

    Attributes
    ----------
    name, subgradient, method : str
    original : {"trained", "exact"}
        The model that is unlearned: the trained network, or the exact KKT point of all the data that was found from it.
    fractions : ndarray, shape (k,)
    tau : ndarray, shape (networks, points, k)
        1 - cos to the nearest exact KKT point of the retained points; nan where none was found.
    """

    name: str
    subgradient: str
    method: str
    original: str
    fractions: np.ndarray
    tau: np.ndarray

    @property
    def curve(self):
        """tau as a `kktcheck.experiments.sweep_curves.Curve`."""
        return Curve(self.fractions, self.tau)

    @property
    def full_step(self):
        """tau of the full step, shape (networks, points); None if fraction 1 was not run."""
        k = self.curve.column(1.0)
        return None if k is None else self.tau[:, :, k]

    @property
    def share_at_full_step(self):
        """Share of networks and points, of those with a value, for which no other fraction run is better than 1; None if it was not run."""
        best = self.curve.point_minimisers
        return None if self.full_step is None or not best.size else float(np.isclose(best, 1.0, rtol=0, atol=1e-12).mean())


@dataclass(frozen=True, eq=False)
class Reference:
    """A model that the curves are compared with: the original network itself, or one retrained without the point.

    Attributes
    ----------
    name : str
    tau : ndarray, shape (networks, points)
        1 - cos to the nearest exact KKT point of the retained points.
    tau_to_home : ndarray, shape (networks, points)
        1 - cos to the exact point that is nearest to the original network.
    """

    name: str
    tau: np.ndarray
    tau_to_home: np.ndarray


@dataclass(frozen=True, eq=False)
class TauSweep:
    """Result of `kktcheck.experiments.tau_sweep.run`.

    Attributes
    ----------
    settings : kktcheck.experiments.step_fractions.Settings
    series : tuple of TauSeries
    references : tuple of Reference
        The first is the identity.
    margins : ndarray, shape (networks,)
        Minimum margins after training, at the scale of training.
    starts : ndarray of int, shape (networks, points)
        Different states that an exact point of the retained points was sought from.
    points_found : ndarray of int, shape (networks, points)
        Different exact points found; 0 leaves gaps in all curves.
    residuals : ndarray, shape (networks, points)
        The largest KKT residual of these points.
    failures : tuple of Failure
    """

    settings: Any
    series: tuple
    references: tuple
    margins: np.ndarray
    starts: np.ndarray
    points_found: np.ndarray
    residuals: np.ndarray
    failures: tuple

    @property
    def identity(self):
        """tau of doing nothing, shape (networks, points)."""
        return self.references[0].tau

    def gain(self, tau):
        """Median tau of doing nothing over the median of other models, tau of shape (networks, points); infinite where that is 0."""
        return _ratio(self.identity, tau)

    def network_gains(self, tau):
        """The same for each network alone, shape (networks,)."""
        return np.array([_ratio(nothing, other) for nothing, other in zip(self.identity, tau, strict=True)])

    @property
    def finding(self):
        """How far the full step of each curve is below doing nothing, where the best step is, and where retraining leads."""
        sentences = []
        for series in self.series:
            if series.full_step is not None:
                sentences.append(
                    f"{series.name}: median tau of the full step {middle(series.full_step):.3g}, {self.gain(series.full_step):.3g} times below "
                    f"doing nothing ({middle(self.identity):.3g}); network by network {span(self.network_gains(series.full_step))} times"
                )
            sentences.append(verdict(series.name, "mean tau", series.curve, GAP, "{:.3g} times".format))
        for reference in self.references[1:]:
            sentences.append(
                f"{reference.name}: median tau {middle(reference.tau):.3g} to the nearest exact point, "
                f"{middle(reference.tau_to_home):.3g} to the one nearest to the original network"
            )
        return sentences

    def summary(self):
        """The result as text: how near each model comes, where each curve is least, medians network by network, the finding."""
        from .tau_tables import summary

        return summary(self)

    def to_json(self):
        """All numbers as a JSON text; nan (no exact point found) becomes null."""
        document = {
            "experiment": "figure1",
            "measure": "tau",
            "settings": dataclasses.asdict(self.settings),
            "margins": self.margins.tolist(),
            "finding": self.finding,
            "exact_points": {
                "sets": self.points_found.size,
                "sets_with_a_point": int((self.points_found > 0).sum()),
                "points_found": self.points_found.tolist(),
                "starts": self.starts.tolist(),
                "kkt_residual": numbers(self.residuals),
                "failures": [dataclasses.asdict(failure) for failure in self.failures],
            },
            "references": [_reference_json(reference) for reference in self.references],
            "series": [self._series_json(series) for series in self.series],
        }
        return json.dumps(document, indent=1, allow_nan=False)

    def _series_json(self, series):
        curve = series.curve
        full = series.full_step
        places = ("minimiser", "minimiser_error", "median_minimiser", "median_minimiser_error")
        return {
            **{name: getattr(series, name) for name in ("name", "subgradient", "method", "original")},
            "fractions": series.fractions.tolist(),
            **{f"tau_{name}": numbers(values) for name, values in _statistics(series.tau).items()},
            "identity_over_full_step": None if full is None else known(self.gain(full)),
            "identity_over_full_step_by_network": None if full is None else [known(gain) for gain in self.network_gains(full)],
            **{place: numbers(getattr(curve, place)) for place in places},
            "point_minimisers": curve.point_minimisers.tolist(),
            "tau": numbers(series.tau),
        }


def _reference_json(reference):
    return {
        "name": reference.name,
        **{f"tau_{name}": value for name, value in zip(_statistics(reference.tau[..., None]), map(known, columns(reference.tau)), strict=True)},
        "tau_to_home_median": known(middle(reference.tau_to_home)),
        "tau": numbers(reference.tau),
        "tau_to_home": numbers(reference.tau_to_home),
    }


def _statistics(tau):
    """Median, outer quantiles and mean over networks and points, by name, each of shape (k,)."""
    return {"median": median(tau), **{f"quantile_{q:g}": quantile(tau, q) for q in OUTER}, "mean": mean(tau, (0, 1))}


def columns(tau):
    """The same numbers for one model, tau of shape (networks, points)."""
    return [float(values[0]) for values in _statistics(tau[..., None]).values()]


def middle(tau):
    """Median of what is not nan."""
    return float(median(tau.ravel()[:, None])[0])


def known(value):
    """A number, or None if it is not finite: a dash in tables, null in JSON."""
    return float(value) if np.isfinite(value) else None


def span(values):
    """Least and largest of what is not nan, as text."""
    found = values[~np.isnan(values)]
    return f"{found.min():.3g} .. {found.max():.3g}" if found.size else "-"


def _ratio(first, second):
    """Quotient of two medians; infinite where the second is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(middle(first), middle(second)))
