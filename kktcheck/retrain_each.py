"""Max-margin predictors without each of many forget sets: exact retraining of linear predictors, from one solution."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import residuals as kkt
from .checks import check_dataset
from .errors import InfeasibleError
from .forget_sets import batches, checked_sets
from .margin import EXACT, max_margin
from .models import LinearPredictor
from .pivoting import SingularSystem
from .removals import Removals
from .residuals import Residuals
from .unit_rows import UnitRows


@dataclass(frozen=True, eq=False)
class Retrained:
    """The max-margin predictor of the data without one forget set, at minimum margin 1.

    Attributes
    ----------
    forget : ndarray of int, shape (k,)
    model : LinearPredictor
        One and the same object for all sets without a support point.
    multipliers, margins : ndarray, shape (m - k,)
        Of the retained points.
    margin : float
        Geometric margin on the retained points.
    residuals : Residuals
        The four KKT residuals on the retained points.
    method : str
        ``"unchanged"`` (no support point is forgotten), ``"removal"`` (from the factorisation of all points), or the method of
        `kktcheck.max_margin`, where that was called for this set alone.
    """

    forget: np.ndarray
    model: Any
    multipliers: np.ndarray
    margins: np.ndarray
    margin: float
    residuals: Residuals
    method: str

    def __repr__(self):
        return f"Retrained(without {len(self.forget)} points, margin={self.margin:.6g}, {self.method})"


def retrain_each(data, forget_sets):
    """The max-margin predictor without each forget set: the same as ``max_margin(data.without(forget))``, set by set.

    Parameters
    ----------
    data : Dataset
    forget_sets : iterable of (int or iterable of int)
        The same set may come more than once.

    Returns
    -------
    tuple of Retrained
        In the order of the sets.

    Raises
    ------
    InputError
        For no sets, and a set that is empty, complete, or holds an index out of range or twice; names its number.
    InfeasibleError
        If the points without a set are not separable; names its number, and the points in the full data.

    Notes
    -----
    Forgetting points with multiplier 0 leaves the predictor as it is. Otherwise the dual without the set is solved from the inverse Gram matrix
    of the support (`kktcheck.removals`), for all sets of one size at once, and each answer is measured on the points: where its KKT residual
    is above 1e-12, and where no solution of all points is at hand, the set is solved for on its own.
    """
    check_dataset(data)
    sets = checked_sets(data, forget_sets)
    try:
        whole = max_margin(data)
    except InfeasibleError:
        whole = None
    if whole is None or whole.status != "exact":
        return tuple(_alone(data, forget, number) for number, forget in enumerate(sets))
    answers, changed = [None] * len(sets), []
    held = np.zeros(data.num_points, dtype=bool)
    held[whole.support] = True
    for number, forget in enumerate(sets):
        if held[forget].any():
            changed.append(number)
        else:
            stationarity = whole.residuals.stationarity
            answers[number] = _measured(forget, whole.model, whole.multipliers, whole.margins, stationarity, "unchanged")
    if changed:
        dual = _Dual(data, whole.support)
        for numbers, some in batches(sets, lambda _: max(data.num_points, data.dim), changed):
            for number, found in zip(numbers, dual.without(some), strict=True):
                answers[number] = found or _alone(data, sets[number], number)
    return tuple(answers)


class _Dual:
    """The dual problem of all points, in units in which norms of any size may stand together."""

    def __init__(self, data, support):
        self.data, self.rows = data, UnitRows(data)
        try:
            self.removals = Removals(self.rows.gram(), self.rows.bounds, support)
        except SingularSystem:
            self.removals = None

    def without(self, sets):
        """A list of `Retrained`, or None where a set has to be solved for on its own."""
        if self.removals is None:
            return [None] * len(sets)
        weights, settled = self.removals.without(sets)
        rows, places, weights = self.rows, np.flatnonzero(settled), weights[settled]
        predictors = (weights * rows.signs) @ rows.points
        margins = (predictors @ rows.points.T) * rows.labels
        multipliers = weights / rows.length / rows.scales
        predictors /= rows.length
        rest = np.linalg.norm(predictors - (multipliers * self.data.y) @ rows.points, axis=1) / np.linalg.norm(predictors, axis=1)
        found = [None] * len(sets)
        for n, *own, stationarity in zip(places, predictors, multipliers, margins, rest, strict=True):
            answer = _measured(sets[n], LinearPredictor(own[0]), *own[1:], float(stationarity), "removal")
            if answer.residuals.kkt <= EXACT:
                found[n] = answer
        return found


def _measured(forget, model, multipliers, margins, stationarity, method):
    """Residuals of a predictor on the retained points, from multipliers and margins of all points."""
    multipliers, margins = np.delete(multipliers, forget), np.delete(margins, forget)
    residuals = kkt.of_arrays(stationarity, margins, None, multipliers, np.zeros(0))
    return Retrained(forget, model, multipliers, margins, float(margins.min()) / model.norm, residuals, method)


def _alone(data, forget, number):
    try:
        found = max_margin(data.without(forget))
    except InfeasibleError as error:
        kept = np.delete(np.arange(data.num_points), forget)
        message = f"without the forget set number {number} (its retained points numbered anew): {error}"
        raise InfeasibleError(message, kept[list(error.points)]) from error
    return Retrained(forget, found.model, found.multipliers, found.margins, found.margin, found.residuals, found.method)
