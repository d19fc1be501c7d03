"""The independent engine of max-margin predictors: the program written out in the weights for CVXPY, solved by CLARABEL."""

import numpy as np

from .convex import solve
from .errors import SolverError
from .hard_margin import HardMargin
from .separability import refute

#: Weights below this share of the largest are what an interior point method leaves of zero.
VANISHING = 1e-9


def hard_margin(rows):
    """The max-margin predictor of `UnitRows` as a `kktcheck.hard_margin.HardMargin`; raises as `kktcheck.max_margin` does."""
    import cvxpy as cp

    coordinates, basis = rows.coordinates()
    predictor = cp.Variable(coordinates.shape[1])
    bounds = [coordinates @ predictor >= rows.bounds]
    program = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(predictor)), bounds)
    tolerance = solve(program, "the max-margin program", may_fail=True, instead="active-set")
    if program.status.startswith("infeasible"):
        point, weights, tolerance = _nearest(rows, coordinates)
    else:
        point, weights = predictor.value, np.maximum(bounds[0].dual_value, 0.0)
    weights = np.where(weights > VANISHING * weights.max(), weights, 0.0)
    support = weights.nonzero()[0]
    condition = float(np.linalg.cond(coordinates[support] @ coordinates[support].T, 1))
    found = point if basis is None else basis @ point
    return HardMargin(found, weights, rows.margins(found), condition, True, f"CLARABEL to {tolerance:.0e}", independent=False)


def _nearest(rows, coordinates):
    """Predictor, weights and tolerance from the point of the convex hull of the signed points that is nearest to 0, if that point is not 0.

    Raises
    ------
    NotSeparableError
        If it is.
    """
    import cvxpy as cp

    points = coordinates / rows.bounds[:, None]
    points /= np.linalg.norm(points, axis=1).max()
    shares = cp.Variable(rows.count, nonneg=True)
    program = cp.Problem(cp.Minimize(cp.sum_squares(points.T @ shares)), [cp.sum(shares) == 1])
    tolerance = solve(program, "the nearest point of the convex hull", instead="active-set")
    found = np.maximum(shares.value, 0.0)
    refute(rows, (found > VANISHING * found.max()).nonzero()[0])
    nearest = found @ points
    least = float((coordinates @ nearest / rows.bounds).min())
    if least <= 0:
        raise SolverError("CLARABEL finds neither a predictor nor a combination of the points that vanishes; use engine='active-set'")
    weights = found / rows.bounds
    return nearest / least, weights * (float(np.linalg.norm(nearest)) / (float(np.linalg.norm(weights @ coordinates)) * least)), tolerance
