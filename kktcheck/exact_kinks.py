"""Kinks in exact arithmetic: which points of a pattern span its hyperplanes, decided on the stored numbers as integers.

A model's weights projected onto the hyperplanes of its kinks are well defined for any points, dependent ones included, but only an
independent set of them has a Gram matrix to solve with. Points that are dependent in float64 and independent by their last bits have
an intersection of hyperplanes that is not the one float64 projects onto: they are refused.
"""

import numpy as np
import scipy.linalg

from .errors import InputError, listing
from .kinks import hyperplanes


def spanning(model, mask, data):
    """Neurons of each pattern of kinks, and independent points that span all of its points.

    Parameters
    ----------
    model : TwoLayerReLU
    mask : ndarray of bool, shape (n, m)
    data : Dataset

    Returns
    -------
    list of (neurons, points)
        Arrays of indices. Neurons without kinks and zero neurons (in every hyperplane already) are in none.

    Raises
    ------
    InputError
        For points of one pattern that are dependent within 1e-12 of their norms but not exactly.
    """
    sizes = np.abs(model.hidden).max(axis=1)  # positive but for zero neurons: squares could vanish
    return [(neurons, _independent(points, len(basis), neurons, data)) for neurons, points, basis, _ in hyperplanes(mask, data, sizes)]


def is_zero(w, x, points):
    """Whether a vector w, projected off independent points (the rows of a matrix, perhaps none), is exactly orthogonal to x."""
    from flint import fmpz_mat

    w, x = (fmpz_mat(len(vector), 1, _integers(vector)) for vector in (w, x))  # lengths do not matter
    inner = (x.transpose() * w)[0, 0]
    if not len(points):
        return inner == 0
    rows = fmpz_mat([_integers(point) for point in points])
    coefficients = (rows * rows.transpose()).solve(rows * w)
    return inner == ((rows * x).transpose() * coefficients)[0, 0]


def _independent(points, rank, neurons, data):
    """As many of the points as float64 finds independent, if the others lie in their span exactly."""
    if rank == len(points):
        return points
    X = np.asarray(data.X)[points]
    _, order = scipy.linalg.qr((X / data.norms[points, None]).T, mode="r", pivoting=True)
    # At most d points are independent, and copies add nothing; everything else is a matter of the last bits.
    if rank < data.dim and len(distinct := np.unique(X, axis=0)) > rank and (exact := _rank(distinct)) > rank:
        raise InputError(
            f"points {listing(points)}, on whose kinks neurons {listing(neurons)} lie, are dependent but for the rounding of their entries "
            f"(rank {rank} to within 1e-12 of their norms, {exact} exactly): where their hyperplanes meet is decided by that rounding, so there "
            "is no exact projection to enclose; drop points that nearly repeat others, or mark fewer kinks (kink_tol, model.with_kinks)"
        )
    return np.sort(points[order[:rank]])


def _rank(rows):
    """Exact rank of a matrix of float64 numbers: that of its Gram matrix, which is smaller."""
    from flint import fmpz_mat

    matrix = fmpz_mat([_integers(row) for row in rows])
    return int((matrix * matrix.transpose()).rank())


def _integers(values):
    """Integers in the proportions of float64 numbers."""
    mantissas, exponents = np.frexp(values)
    used = exponents[mantissas != 0]
    shifts = np.maximum(exponents - (used.min() if used.size else 0), 0)
    return [int(a) << int(k) for a, k in zip(np.ldexp(mantissas, 53).astype(np.int64), shifts)]
