"""What is left of a forgotten point: the coefficient with which it still acts in the weights beyond the retained points."""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from . import span
from .checks import check_dataset, check_model
from .models import points_for
from .tables import table
from .tolerances import EPS, IN_SPAN

#: Largest ratio of norms up to which the factorisation that the dataset keeps is used: its rank refers to the longest point, so what it
#: drops of the shortest is then still below a tenth of `IN_SPAN`.
ALIKE = 10.0

INSIDE = "lies in the span of the retained points"
NOTHING_TYPICAL = "every retained point lies in the span of the other ones: there is no typical weight to compare with"
NO_WEIGHT = "a typical retained point has no weight of its own beyond rounding"


@dataclass(frozen=True, eq=False)
class ResidualInfluence:
    """Weights of forgotten points beyond the retained ones, one row per forgotten point in the order given.

    With P the orthogonal projection onto the span of the retained points, neuron j gives x_l the weight
    <w_j, (I - P) x_l> / |(I - P) x_l|**2: the coefficient of x_l in the least-squares representation of w_j by x_l and the retained points.

    Attributes
    ----------
    points : ndarray of int, shape (k,)
        The forgotten points.
    weights : ndarray, shape (k, n)
        Signed weight of each point in each neuron, nan where undefined.
    totals : ndarray, shape (k,)
        Euclidean norm of each row of ``weights``.
    rounding : ndarray, shape (k,)
        How much of a total may be rounding; a smaller total says nothing.
    typical : float
        Median total of the retained points, each with P the projection onto the span of the other retained ones; nan if all lie in it.
    relative : ndarray, shape (k,)
        ``totals / typical``; nan where either is undefined or a typical retained point has no weight of its own beyond rounding.
    outside : ndarray, shape (k,)
        |(I - P) x_l| / |x_l|, the share of the point outside the span of the retained ones; 0 where the weight is undefined.
    retained_totals : ndarray, shape (m - k,)
        The totals whose median is ``typical``, in the order of the data; nan for a retained point in the span of the other ones.
    reasons : tuple of (str or None)
        Why a row holds nan; None where it holds none.
    """

    points: np.ndarray
    weights: np.ndarray
    totals: np.ndarray
    rounding: np.ndarray
    typical: float
    relative: np.ndarray
    outside: np.ndarray
    retained_totals: np.ndarray
    reasons: tuple

    def __repr__(self):
        return f"ResidualInfluence({len(self.points)} points, relative {np.array2string(self.relative, precision=3, threshold=8)})"

    def summary(self):
        """Totals, relative to a typical retained point, as an aligned text table."""
        notes = (reason or "" for reason in self.reasons)
        rows = zip(self.points, self.outside, self.totals, self.rounding, self.relative, notes, strict=True)
        title = f"Weight of {len(self.points)} forgotten points beyond {len(self.retained_totals)} retained; a typical one has {self.typical:.6g}"
        return title + "\n" + table(("point", "outside", "total", "rounding", "relative", "note"), rows, notes=True)


def residual_influence(model, data, forget):
    """The weight that a model still gives to forgotten points beyond the span of the retained ones.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        Any model of these points: the original one, an unlearned or a retrained one. A linear predictor is one neuron.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
        Indices of the forgotten points.

    Returns
    -------
    ResidualInfluence
        Undefined (nan, with the reason) for a point in the span of the retained ones: more points than dimensions, a duplicate.

    Raises
    ------
    InputError
        For a bad or complete forget set, something that is no model, and a model of another dimension.

    Notes
    -----
    At a KKT point w_j = u_j sum_i y_i z_ij x_i, so a single forgotten point has the weight u_j y_l z_lj exactly; of several, each still
    carries what the others have in common with it. A plain step takes u_j y_l z_lj away, a projected one with ``fraction=f`` multiplies
    the weights at a KKT point by 1 - f. `relative` does not change when the model, or all points alike, are scaled; a single point scaled
    by c has its weight divided by c, so it compares points of about equal norms.

    The weights of the retained points are rows of a pseudoinverse: in terms of a set that spans them the dual vectors, whose norms are
    the inverse leave-one-out distances. A dual vector is that of the whole set where no other point has a part along it.
    """
    check_model(model)
    check_dataset(data)
    points_for(model, data.X)
    forget = data.indices(forget)
    everything, retained, kept = retained_directions(data, forget)
    hidden = model.hidden @ everything.basis
    distances, condition = leave_one_out(retained)
    noise = EPS * (data.dim + data.num_points) * condition * model.norm

    part, inside = span.outside(everything.coordinates[forget], retained.basis)
    outside = np.linalg.norm(part, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(inside, np.nan, outside**2 * data.norms[forget])
        weights, rounding = part @ hidden.T / size[:, None], noise / size
    totals = np.linalg.norm(weights, axis=1)

    retained_totals = _retained_weights(hidden @ retained.basis, retained, distances) / data.norms[kept]
    typical, missing = _typical(retained_totals, noise / (distances * data.norms[kept]))
    return ResidualInfluence(
        points=forget,
        weights=weights,
        totals=totals,
        rounding=rounding,
        typical=typical,
        relative=np.full(len(forget), np.nan) if missing else totals / typical,
        outside=outside,
        retained_totals=retained_totals,
        reasons=tuple(INSIDE if row else missing for row in inside),
    )


def retained_directions(data, forget):
    """Spans of all points and of the retained ones, scaled to norm 1 so that no rank depends on their norms.

    Returns
    -------
    everything : Span
    retained : Span
        In the coordinates of ``everything``, so that it costs nothing that grows with the dimension.
    kept : ndarray of int
        The retained points.

    Raises
    ------
    InputError
        If no point is retained.
    """
    kept = np.delete(np.arange(data.num_points), forget)
    if not kept.size:
        data.without(forget)  # raises
    if data.norms.max() > ALIKE * data.norms.min():
        everything = span.of_points(np.asarray(data.X) / data.norms[:, None])
    else:
        units = data.span.coordinates / np.linalg.norm(data.span.coordinates, axis=1, keepdims=True)
        everything = span.Span(data.span.basis, units, data.span.pivots)
    return everything, span.of_points(everything.coordinates[kept]), kept


def leave_one_out(found):
    """Distance of each point to the span of the other ones, and how much rounding the set magnifies.

    Parameters
    ----------
    found : Span
        Of points of norm 1.

    Returns
    -------
    distances : ndarray, shape (m,)
        nan for a point that lies in the span of the others to within `IN_SPAN`.
    condition : float
        A bound on the inverse of the smallest singular value of the pivots.
    """
    inverse = scipy.linalg.solve_triangular(found.coordinates[found.pivots], np.eye(found.rank), lower=True, check_finite=False)
    lengths = np.linalg.norm(inverse, axis=0)
    distances = np.full(len(found.coordinates), np.nan)
    others = np.delete(found.coordinates, found.pivots, axis=0)
    shared = np.abs(others @ (inverse / lengths)).max(axis=0, initial=0.0)
    alone = (shared <= IN_SPAN) & (IN_SPAN * lengths < 1.0)
    distances[found.pivots[alone]] = 1.0 / lengths[alone]
    return distances, float(np.linalg.norm(lengths))


def _retained_weights(hidden, found, distances):
    """Total weight of each point of norm 1 beyond the other ones; ``hidden`` in the coordinates of ``found``."""
    coefficients = scipy.linalg.solve_triangular(found.coordinates[found.pivots], hidden.T, lower=True, trans="T", check_finite=False)
    totals = np.full(len(distances), np.nan)
    totals[found.pivots] = np.linalg.norm(coefficients, axis=1)
    return np.where(np.isnan(distances), np.nan, totals)


def _typical(totals, rounding):
    """Median of the totals that are defined, and why nothing can be compared with it (None if something can)."""
    defined = ~np.isnan(totals)
    if not defined.any():
        return np.nan, NOTHING_TYPICAL
    typical = float(np.median(totals[defined]))
    return typical, NO_WEIGHT if typical <= np.median(rounding[defined]) else None
