"""What the experiment behind Figure 1 found: curves with their minimisers, a table, JSON, and a verdict on the paper's sentence."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tables import table
from .sweep_curves import Curve, heading, least, numbers, verdict

#: Why a curve of epsilon has a gap.
GAP = "every unlearned network misclassifies a retained point"


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
    def curve(self):
        """Epsilon as a `kktcheck.experiments.sweep_curves.Curve`."""
        return Curve(self.fractions, self.epsilon)

    @property
    def infeasible(self):
        """Number of unlearned models that misclassify a retained point."""
        return self.curve.missing

    @property
    def epsilon_mean(self):
        """Mean over networks and points, shape (k,)."""
        return self.curve.mean

    @property
    def epsilon_std(self):
        """Standard deviation over networks and points, shape (k,)."""
        return self.curve.std

    @property
    def epsilon_sem(self):
        """Standard error of the mean, networks counting as independent, shape (k,); nan for one network."""
        return self.curve.sem

    @property
    def delta_mean(self):
        """Mean over networks and points, shape (k,)."""
        return Curve(self.fractions, self.delta).mean

    @property
    def delta_std(self):
        """Standard deviation over networks and points, shape (k,)."""
        return Curve(self.fractions, self.delta).std

    @property
    def minimiser(self):
        """Fraction at which mean epsilon is least, refined by a parabola through three grid points."""
        return self.curve.minimiser

    @property
    def minimiser_error(self):
        """Jackknife standard error of `minimiser` over networks; nan for one network."""
        return self.curve.minimiser_error

    @property
    def point_minimisers(self):
        """Grid fraction at which epsilon is least, for each network and point that has a feasible one."""
        return self.curve.point_minimisers


@dataclass(frozen=True, eq=False)
class Figure1:
    """Result of `kktcheck.experiments.figure1.run`.

    Attributes
    ----------
    settings : kktcheck.experiments.figure1.Settings
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
        return [verdict(series.name, "epsilon", series.curve, GAP) for series in self.series]

    def summary(self):
        """The result as text: a table per curve and the finding."""
        lines = [
            *heading(self.settings, self.margins),
            "",
            table(
                ("curve", "on all points", "fraction 0", "fraction 1", "least", "at fraction", "std. error", "infeasible"),
                [
                    (
                        series.name,
                        float(np.mean(series.original_epsilon)),
                        series.curve.at(0.0),
                        series.curve.at(1.0),
                        least(series.epsilon_mean),
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
                    "epsilon_mean": numbers(series.epsilon_mean),
                    "epsilon_std": numbers(series.epsilon_std),
                    "epsilon_sem": numbers(series.epsilon_sem),
                    "delta_mean": numbers(series.delta_mean),
                    "delta_std": numbers(series.delta_std),
                    "minimiser": numbers(series.minimiser),
                    "minimiser_error": numbers(series.minimiser_error),
                    "point_minimisers": series.point_minimisers.tolist(),
                    "infeasible": series.infeasible,
                    "original_epsilon": series.original_epsilon.tolist(),
                    "epsilon": numbers(series.epsilon),
                    "delta": numbers(series.delta),
                }
                for series in self.series
            ],
        }
        return json.dumps(document, indent=1, allow_nan=False)
