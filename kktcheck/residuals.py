"""The four KKT residuals on one scale, checked one by one."""

from dataclasses import dataclass, replace

import numpy as np

from .dataset import finite_rows, float_array
from .errors import InputError
from .linearisation import linearise


@dataclass(frozen=True)
class Residuals:
    """KKT residuals of a model at minimum margin 1 with given multipliers; all are 0 exactly at a KKT point.

    Attributes
    ----------
    stationarity : float
        |theta - sum_i lambda_i y_i dN(x_i)| / |theta|.
    primal : float
        max_i (1 - margin_i), at least 0.
    dual : float
        max_i (-lambda_i) / max |lambda|, at least 0, and on kinks the distance of z from [0, lambda_i], relative to the same.
    slackness : float
        max_i |lambda_i (margin_i - 1)| / max |lambda|.
    """

    stationarity: float
    primal: float
    dual: float
    slackness: float

    @property
    def kkt(self):
        """The largest of the four: the KKT residual."""
        return max(self.stationarity, self.primal, self.dual, self.slackness)

    def at_scale(self, multipliers, margins):
        """The residuals after scaling model and multipliers alike: the two that depend on the scale are taken anew."""
        return replace(self, primal=_primal(margins), slackness=_slackness(multipliers, margins, float(np.abs(multipliers).max())))


def kkt_residuals(model, data, multipliers, kink_multipliers=None, *, subgradient="clarke"):
    """The four KKT residuals of a model at its own scale, with any multipliers (nothing is optimised or repaired).

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
    multipliers : array_like, shape (m,)
    kink_multipliers : array_like, shape (number of kinks,), optional
        z on the kinks in the order of ``np.nonzero``; needed if there are kinks under ``"clarke"``.
    subgradient : {"clarke", "indicator"}

    Returns
    -------
    Residuals

    Raises
    ------
    InputError
        For wrong shapes, entries that are not finite, and multipliers that are all zero.
    """
    lin = linearise(model, data, subgradient)
    multipliers = float_array(multipliers, "multipliers", 1)
    if multipliers.shape != (data.num_points,):
        raise InputError(f"multipliers have shape {multipliers.shape}; {data.num_points} points need ({data.num_points},)")
    count = int(lin.kinks.sum())
    kink_multipliers = np.zeros(0) if kink_multipliers is None else float_array(kink_multipliers, "kink_multipliers", 1)
    if kink_multipliers.shape != (count,):
        raise InputError(f"kink_multipliers have shape {kink_multipliers.shape}; {count} kinks need ({count},)")
    finite_rows(multipliers, "multipliers")
    finite_rows(kink_multipliers, "kink_multipliers")
    if not multipliers.any():
        raise InputError("all multipliers are zero: the residuals have no scale")
    return of_linearisation(lin, multipliers, kink_multipliers)


def of_linearisation(lin, multipliers, kink_multipliers, epsilon=None):
    """As `kkt_residuals`, for a `Linearisation`; the norm of the stationarity residual may be passed on."""
    if epsilon is None:
        epsilon = lin.epsilon(lin.gates(multipliers, kink_multipliers))[0]
    return of_arrays(epsilon / lin.model.norm, lin.margins, lin.kinks, multipliers, kink_multipliers)


def of_arrays(stationarity, margins, kinks, multipliers, kink_multipliers):
    """As `kkt_residuals`, from the numbers alone: the relative residual, margins (m,), mask of the kinks (n, m) and multipliers."""
    dual = -float(multipliers.min())
    size = max(float(multipliers.max()), dual)
    if len(kink_multipliers):
        cap = multipliers[np.nonzero(kinks)[1]]
        dual = max(dual, -kink_multipliers.min(), (kink_multipliers - cap).max())
    return Residuals(
        stationarity=stationarity,
        primal=_primal(margins),
        dual=max(0.0, float(dual)) / size if size else 0.0,
        slackness=_slackness(multipliers, margins, size),
    )


def _primal(margins):
    return max(0.0, 1.0 - float(margins.min()))


def _slackness(multipliers, margins, size):
    return float(np.abs(multipliers * (margins - 1.0)).max()) / size if size else 0.0
