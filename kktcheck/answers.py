"""What an engine for multipliers answers with, measured on the model itself, whichever engine it was."""

from dataclasses import dataclass

import numpy as np

from .errors import MemoryLimitError
from .tolerances import UNIT_MARGIN


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Multipliers of one model on one dataset, at the model's own scale.

    Attributes
    ----------
    values : ndarray, shape (m,)
        lambda_i >= 0.
    kink_multipliers : ndarray, shape (number of kinks,)
        z_ij in [0, lambda_i] on the kinks, in the order of ``np.nonzero(kinks)``; empty without kinks.
    epsilon : float
        Norm of the stationarity residual, taken from the residual itself.
    epsilon_error : float
        Bound on the rounding error of ``epsilon`` at these multipliers.
    delta : float
        max_i lambda_i (margin_i - 1), at least 0.
    objective, subgradient, engine, method : str
        What was minimised, in which convention, by which engine and how.
    residual : float
        Largest violation of the optimality conditions of the multiplier problem, relative to |u| |theta| |x_i|, the largest margin
        that a point of this norm could have (nan where the slackness is minimised by ``"cvxpy"``).
    unique : bool or None
        Whether these are the only optimal multipliers; None if it was not asked or could not be decided.
    norm : str
        Norm in which ``epsilon_cap`` was imposed: ``"euclidean"``, or ``"max"``: the largest entry in orthonormal
        coordinates of the span of the data, which depends on the basis. "" if there was no cap.
    gap : float or None
        Where they were found matrix-free: bound on how much epsilon**2 exceeds the least there is, relative to |theta|**2 (None if a margin
        of 0 or less leaves no bound).
    """

    values: np.ndarray
    kink_multipliers: np.ndarray
    epsilon: float
    epsilon_error: float
    delta: float
    objective: str
    subgradient: str
    engine: str
    method: str
    residual: float
    unique: bool | None = None
    norm: str = ""
    gap: float | None = None

    def __repr__(self):
        return f"Multipliers({len(self.values)} points, epsilon={self.epsilon:.6g}, delta={self.delta:.6g}, {self.method})"


def measured(lin, x, z, objective, engine, method, residual=float("nan"), unique=None, norm="", size=None):
    """`Multipliers` with epsilon and delta taken from the residual and the margins at multipliers x and gates z."""
    epsilon, error = lin.epsilon(z) if size is None else size
    return Multipliers(
        values=x,
        kink_multipliers=z[lin.kinks],
        epsilon=epsilon,
        epsilon_error=error,
        delta=slackness_of(x, lin.margins),
        objective=objective,
        subgradient=lin.subgradient,
        engine=engine,
        method=method,
        residual=residual,
        unique=unique,
        norm=norm,
    )


def slackness_of(multipliers, margins):
    """max_i lambda_i (margin_i - 1), at least 0 (condition 3 of Definition 2.1)."""
    return max(0.0, float((multipliers * (margins - 1.0)).max()))


def upper_bounds(lin, slackness_cap):
    """Upper bounds on the multipliers that a slackness cap implies: cap / (margin_i - 1) where the margin exceeds 1.

    Margins within `UNIT_MARGIN` or their rounding error of 1 count as 1, lest a tiny cap should shut out support points at random.
    """
    if slackness_cap is None:
        return None
    above = lin.margins - 1.0
    above[above <= np.maximum(lin.margin_error(), UNIT_MARGIN)] = 0.0
    with np.errstate(over="ignore"):
        return np.divide(slackness_cap, above, out=np.full(len(above), np.inf), where=above > 0)


def check_memory(entries, what, limit=2e9):
    """Raise `MemoryLimitError` if ``entries`` float64 numbers exceed ``limit`` bytes."""
    if 8.0 * entries > limit:
        raise MemoryLimitError(f"{what} would take {8e-9 * entries:.1f} GB (limit {limit * 1e-9:.1f} GB); use engine='fast'")
