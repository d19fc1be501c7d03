"""Coordinates in the span of the data: a rank-revealing factorisation X = B Q^T with orthonormal Q."""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from .tolerances import IN_SPAN, RANK


@dataclass(frozen=True, eq=False)
class Span:
    """Span of m points in d dimensions.

    Attributes
    ----------
    basis : ndarray, shape (d, r)
        Orthonormal columns Q.
    coordinates : ndarray, shape (m, r)
        The points in this basis, X = coordinates @ basis.T up to rounding.
    pivots : ndarray of int, shape (r,)
        Points that span it by themselves; their coordinates are lower triangular.
    rank : int
        r, the numerical rank of X.
    """

    basis: np.ndarray
    coordinates: np.ndarray
    pivots: np.ndarray

    @property
    def rank(self):
        """Dimension of the span."""
        return self.coordinates.shape[1]


def of_points(X):
    """Span of the rows of X, shape (m, d), by a QR factorisation with column pivoting.

    Duplicate points, m > d and other rank-deficient sets are ordinary cases.
    """
    Q, R, order = scipy.linalg.qr(np.asarray(X).T, mode="economic", pivoting=True, check_finite=False)
    size = np.abs(np.diagonal(R))
    rank = max(1, int((size > RANK * size[0]).sum()))
    coordinates = np.empty((X.shape[0], rank))
    coordinates[order] = R[:rank].T
    basis = np.ascontiguousarray(Q[:, :rank])
    pivots = order[:rank]
    for array in (basis, coordinates, pivots):
        array.setflags(write=False)
    return Span(basis, coordinates, pivots)


def outside(points, basis):
    """The part of each point outside a subspace, by two sweeps of projection.

    Parameters
    ----------
    points : ndarray, shape (k, d)
    basis : ndarray, shape (d, r)
        Orthonormal columns.

    Returns
    -------
    part : ndarray, shape (k, d)
        Exactly zero for a point that lies in the subspace to within `IN_SPAN` of its norm.
    inside : ndarray of bool, shape (k,)
        Which points those are.
    """
    part = points - (points @ basis) @ basis.T
    part -= (part @ basis) @ basis.T
    inside = np.linalg.norm(part, axis=1) <= IN_SPAN * np.linalg.norm(points, axis=1)
    part[inside] = 0.0
    return part, inside
