"""Max-margin predictors: the one optimum of the margin maximisation problem of linear models, and its multipliers."""

import math
from dataclasses import dataclass

import numpy as np

from . import residuals as kkt
from . import uniqueness
from .checks import check_dataset
from .errors import InputError
from .models import LinearPredictor
from .residuals import Residuals
from .tolerances import EPS, PIVOT, RANK
from .unit_rows import UnitRows

ENGINES = ("active-set", "cvxpy")

#: KKT residual of an exact answer, where the rounding of single margins is not larger.
EXACT = 1e-12

#: KKT residual of an exact answer in units of EPS |w| max |x_i| over the support: a margin of 1 is a product that rounds by a few of them.
MARGIN_ROUNDING = 64.0

#: KKT residual from which on an answer is called ill-posed whatever the rounding: half of the digits.
ILL_POSED = 1e-8

_NONE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class MaxMargin:
    """The max-margin predictor of a dataset, at minimum margin 1, with its multipliers.

    Attributes
    ----------
    model : LinearPredictor
        w = sum_i lambda_i y_i x_i, the shortest w with margins of at least 1.
    multipliers : ndarray, shape (m,)
        lambda_i >= 0.
    margins : ndarray, shape (m,)
        y_i <w, x_i>.
    margin : float
        Geometric margin min_i y_i <w, x_i> / |w|, which is 1 / |w| up to rounding.
    support : ndarray of int, shape (k,)
        Points with lambda_i > 0, sorted.
    residuals : Residuals
        The four KKT residuals, of these very arrays.
    unique : bool or None
        Whether these are the only multipliers (w always is the only predictor); None where rounding leaves it open.
    condition : float
        Estimated condition number (1-norm) of the Gram matrix of the signed support points, scaled by powers of two to norms near 1.
    status : str
        ``"exact"``: the signs of all multipliers and margins hold, and the KKT residual is rounding: at most 1e-12, or what the products
        of w with the support points leave, and never above 1e-8 (which is what the second engine has to reach).
        ``"ill-posed"``: the points are so close to inseparable, or of norms so different, that no w in float64 has margins that are
        better; the numbers are what was reached, with their true residuals.
    method, engine : str
        How it was found.
    """

    model: LinearPredictor
    multipliers: np.ndarray
    margins: np.ndarray
    margin: float
    support: np.ndarray
    residuals: Residuals
    unique: bool | None
    condition: float
    status: str
    method: str
    engine: str

    def __repr__(self):
        return f"MaxMargin(margin={self.margin:.6g}, {len(self.support)} of {len(self.multipliers)} points carry it, {self.status})"

    def summary(self):
        """The answer as an aligned text table."""
        from .tables import table

        unique = {True: "unique", False: "not the only ones", None: "uniqueness open"}[self.unique]
        rows = [
            ("status", self.status, f"{self.engine}: {self.method}"),
            ("geometric margin", self.margin, f"|w| = {self.model.norm:.6g}"),
            ("support", len(self.support), f"of {len(self.multipliers)} points"),
            ("largest multiplier", float(self.multipliers.max()), unique),
            ("condition", self.condition, "of the Gram matrix of the support"),
            ("KKT residual", self.residuals.kkt, "the largest of the four below, each relative"),
            ("  stationarity", self.residuals.stationarity, "|w - sum_i lambda_i y_i x_i| / |w|"),
            ("  primal feasibility", self.residuals.primal, "1 - least margin"),
            ("  dual feasibility", self.residuals.dual, "most negative multiplier / largest"),
            ("  complementary slackness", self.residuals.slackness, "largest |multiplier * (margin - 1)| / largest multiplier"),
        ]
        return f"Max-margin predictor of {len(self.multipliers)} points\n" + table(("quantity", "value", "note"), rows, notes=True)


def max_margin(data, engine="active-set"):
    """The linear predictor of the largest margin and its multipliers: min 1/2 |w|**2 subject to y_i <w, x_i> >= 1.

    Parameters
    ----------
    data : Dataset
        From points or from a Gram matrix; any number of points, norms and repetitions.
    engine : {"active-set", "cvxpy"}
        ``"active-set"`` is exact up to rounding. ``"cvxpy"`` is the independent second opinion: CLARABEL on the program written
        out in the weights, good for about nine digits.

    Returns
    -------
    MaxMargin
        Near the limit of separability with the residual that was reached and the status ``"ill-posed"``.

    Raises
    ------
    NotSeparableError
        If no predictor has a positive margin on all points. It carries the proof, checked before it is raised: a convex
        combination of few y_i x_i that vanishes.
    InputError
        For anything but a `Dataset`, an unknown engine, and multipliers beyond the range of float64.
    SolverError
        If CLARABEL stops without an answer.

    Notes
    -----
    Problem (2) of Section 2.1 for linear predictors; the optimum whose angle to the unlearned predictor Theorem 3.1 bounds. The dual is
    min 1/2 lambda'G lambda - sum lambda over lambda >= 0 with G the Gram matrix of the y_i x_i. At the optimum |w|**2 is the sum of the
    multipliers, and 1 / |w| the distance of the convex hull of the y_i x_i from 0.
    """
    check_dataset(data)
    if engine not in ENGINES:
        raise InputError(f"engine {engine!r} is unknown: choose 'active-set' or 'cvxpy'")
    rows = UnitRows(data)
    if engine == "cvxpy":
        from .margin_cvxpy import hard_margin
    else:
        from .hard_margin import hard_margin
    found = hard_margin(rows)
    multipliers = _in_range(found.weights, rows)
    support = multipliers.nonzero()[0]
    # In units of length, where no square leaves the range of float64.
    norm = math.sqrt(found.predictor @ found.predictor)
    model = LinearPredictor.of_norm(found.predictor / rows.length, norm / rows.length)
    rest = found.predictor - rows.combination(found.weights)
    measured = kkt.of_arrays(math.sqrt(rest @ rest) / norm, found.margins, None, multipliers, _NONE)
    exact = found.settled and measured.kkt <= EXACT
    if found.settled and EXACT < measured.kkt <= ILL_POSED:
        exact = engine == "cvxpy" or measured.kkt <= MARGIN_ROUNDING * EPS * norm / float(rows.bounds[support].min())
    return MaxMargin(
        model=model,
        multipliers=multipliers,
        margins=found.margins,
        margin=float(found.margins.min()) * (rows.length / norm),
        support=support,
        residuals=measured,
        unique=_unique(rows, found, norm) if exact else None,
        condition=found.condition,
        status="exact" if exact else "ill-posed",
        method=found.method,
        engine=engine,
    )


def _in_range(weights, rows):
    """Multipliers of the points from the weights of the rows."""
    if math.isfinite(float(weights.max()) / rows.length / rows.length):  # the length is the least of the scales
        return weights / rows.length / rows.scales
    with np.errstate(over="ignore"):
        multipliers = weights / rows.length / rows.scales
    if not math.isfinite(multipliers.max()):
        i = int(np.argmin(np.isfinite(multipliers)))
        raise InputError(f"the multiplier of point {i} is beyond the range of float64: it grows as 1 / |x_i|**2; rescale the points")
    return multipliers


def _unique(rows, found, norm):
    """Whether the weights are the only ones: no others on the points whose margins are 1 give the same predictor."""
    excess = (found.margins - 1.0) * rows.bounds
    if found.independent and np.count_nonzero(excess <= PIVOT * norm) == np.count_nonzero(found.weights):
        return True
    tied = (excess <= max(PIVOT * norm, 2.0 * float(np.abs(excess[found.weights > 0]).max()))).nonzero()[0]
    _, sizes, directions = np.linalg.svd(rows.coordinates(tied)[0].T)
    spanned = directions[: np.count_nonzero(sizes > RANK * sizes[0])]
    # The projection onto what the points span stands for their Gram matrix, whose own small eigenvalues are rounding.
    return uniqueness.of_box(spanned.T @ spanned, np.zeros(len(tied)), found.weights[tied], None, np.ones(len(tied)), norm)
