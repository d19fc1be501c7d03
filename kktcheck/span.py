"""Coordinates in the span of the data: a rank-revealing factorisation X = B Q^T with orthonormal Q."""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from .tolerances import RANK


@dataclass(frozen=True, eq=False)
class Span:
    """Span of m points in d dimensions.

    Attributes
    ----------
    basis : ndarray, shape (d, r)
        Orthonormal columns Q.
    coordinates : ndarray, shape (m, r)
        The points in this basis, X = coordinates @ basis.T up to rounding.
    rank : int
        r, the numerical rank of X.
    """

    basis: np.ndarray
    coordinates: np.ndarray

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
    for array in (basis, coordinates):
        array.setflags(write=False)
    return Span(basis, coordinates)
