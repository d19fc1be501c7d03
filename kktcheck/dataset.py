"""Data of a binary classification problem, validated once: points, labels, Gram matrix, near-orthogonality."""

import zlib
from functools import cached_property

import numpy as np

from . import dense, span
from .errors import InputError, listing
from .tolerances import GRAM, RANK

#: Norms a point may have: beyond them inner products leave the range of float64.
NORM_RANGE = (1e-150, 1e150)
#: Rows whose bytes go into the checksum at once, so that memory maps stream.
KEY_BLOCK = 4096


class Dataset:
    """Points and labels of a binary classification problem.

    Parameters
    ----------
    X : array_like, shape (m, d)
        The points, one per row. Integers and float32 are converted to float64; a float64 ``numpy.memmap`` is kept as
        it is, any other array is copied, so that later changes of the caller's array have no effect.
    y : array_like, shape (m,)
        The labels, each -1 or +1.

    Raises
    ------
    InputError
        For wrong shapes, no points, NaN or infinite entries, zero rows (such a point has margin 0 for every model),
        norms outside 1e-150 to 1e150 and labels other than -1 and +1; the message names the first offending index and value.

    Notes
    -----
    ``psi`` and ``phi`` are the smallest parameters for which Assumption 2.3 holds.
    """

    def __init__(self, X, y):
        X = float_array(X, "X", 2)
        if X.shape[0] == 0 or X.shape[1] == 0:
            raise InputError(f"X has shape {X.shape}: a dataset needs at least one point and one dimension")
        finite_rows(X, "X")
        self.X = X
        self.y = _labels(y, X.shape[0])
        norms = np.sqrt(np.einsum("ij,ij->i", X, X))
        outside = np.flatnonzero((norms < NORM_RANGE[0]) | (norms > NORM_RANGE[1]))
        zero = [i for i in outside if not X[i].any()]
        if zero:
            raise InputError(f"X has zero rows ({listing(zero)}): a zero point has margin 0 for every homogeneous model; drop it")
        if outside.size:
            size = np.abs(X[outside[0]]).max()
            raise InputError(f"X[{outside[0]}] has entries up to {size:.3g}: inner products would leave the range of float64; rescale the points")
        norms.setflags(write=False)
        self.norms = norms

    @classmethod
    def from_gram(cls, K, y):
        """Dataset with a prescribed Gram matrix.

        Parameters
        ----------
        K : array_like, shape (m, m)
            Symmetric positive semidefinite, possibly singular.
        y : array_like, shape (m,)
            Labels, each -1 or +1.

        Returns
        -------
        Dataset
            ``gram`` is K itself, ``X`` a factor with as many columns as K has rank.

        Raises
        ------
        InputError
            If K is empty, not square, not symmetric, has a diagonal entry that is not positive (a zero point) or a negative
            eigenvalue beyond rounding.
        """
        K = float_array(K, "K", 2)
        if K.shape[0] != K.shape[1] or K.shape[0] == 0:
            raise InputError(f"K has shape {K.shape}: a Gram matrix is square, with at least one point")
        finite_rows(K, "K")
        size = np.abs(K).max()
        i, k = np.unravel_index(np.argmax(np.abs(K - K.T)), K.shape)
        if abs(K[i, k] - K[k, i]) > GRAM * size:
            raise InputError(f"K is not symmetric: K[{i}, {k}] = {K[i, k]!r} but K[{k}, {i}] = {K[k, i]!r}")
        i = int(np.argmin(np.diagonal(K)))
        if K[i, i] <= 0:
            raise InputError(f"K[{i}, {i}] = {K[i, i]:g} is the squared norm of point {i} and must be positive; drop a point that is zero")
        K = K / 2 + K.T / 2
        # Scaled to unit diagonal, so that the rank does not depend on the norms of the points and none is cut to zero.
        norms = np.sqrt(np.diagonal(K))
        values, vectors = np.linalg.eigh(K / norms / norms[:, None])
        if values[0] < -GRAM * values[-1]:
            raise InputError(f"K, scaled to unit diagonal, has the eigenvalue {values[0]:.3g}: a Gram matrix is positive semidefinite")
        keep = values > RANK * values[-1]
        data = cls(norms[:, None] * vectors[:, keep] * np.sqrt(values[keep]), y)
        K.setflags(write=False)
        data.__dict__["gram"] = K
        return data

    @classmethod
    def _trusted(cls, X, y, norms, gram=None):
        data = object.__new__(cls)
        data.X, data.y, data.norms = X, y, norms
        for array in (X, y, norms):
            array.setflags(write=False)
        if gram is not None:
            gram.setflags(write=False)
            data.__dict__["gram"] = gram
        return data

    def __repr__(self):
        return f"Dataset({self.num_points} points in {self.dim} dimensions, {int((self.y > 0).sum())} positive)"

    @property
    def num_points(self):
        """Number of points m."""
        return self.X.shape[0]

    @property
    def dim(self):
        """Dimension d (for `from_gram` the rank of the Gram matrix)."""
        return self.X.shape[1]

    @cached_property
    def gram(self):
        """Gram matrix X X^T, shape (m, m), read-only, computed once."""
        K = dense.gram(np.asarray(self.X))
        K.setflags(write=False)
        return K

    @cached_property
    def psi(self):
        """Smallest psi of Assumption 2.3: the largest | |x_i|^2 - 1 |."""
        return float(np.abs(np.diagonal(self.gram) - 1).max())

    @cached_property
    def phi(self):
        """Smallest phi of Assumption 2.3: the largest |<x_i, x_k>| over i != k (0 for a single point)."""
        off = np.abs(self.gram)
        np.fill_diagonal(off, 0.0)
        return float(off.max())

    @cached_property
    def span(self):
        """Orthonormal basis of the span of the points and their coordinates in it: a `kktcheck.span.Span`."""
        return span.of_points(self.X)

    @cached_property
    def key(self):
        """Size of the data and a checksum of points and labels, to tell one dataset from another."""
        checksum = zlib.crc32(self.y.tobytes())
        for start in range(0, self.num_points, KEY_BLOCK):
            checksum = zlib.crc32(np.ascontiguousarray(self.X[start : start + KEY_BLOCK]), checksum)
        return f"{self.num_points}x{self.dim}-{checksum:08x}"

    def indices(self, points, what="forget set"):
        """Validated array of point indices.

        Parameters
        ----------
        points : int or iterable of int
            Indices in [0, m), none twice; at least one.
        what : str
            How to call the set in an error message.

        Raises
        ------
        InputError
            For an empty set, an index that is no integer, out of range, or given twice.
        """
        try:
            given = points if isinstance(points, np.ndarray) or not hasattr(points, "__iter__") else list(points)
            chosen = np.atleast_1d(np.asarray(given))
        except ValueError:
            raise InputError(f"the {what} must be a list of integers, not {points!r}") from None
        if chosen.size == 0:
            raise InputError(f"the {what} is empty: name at least one point")
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
            raise InputError(f"the {what} must be a list of integers, not {points!r}")
        for position, index in enumerate(chosen):
            if not 0 <= index < self.num_points:
                raise InputError(f"the {what} names point {index} (position {position}); there are points 0 to {self.num_points - 1}")
        values, counts = np.unique(chosen, return_counts=True)
        if (counts > 1).any():
            raise InputError(f"the {what} names point {values[counts > 1][0]} more than once")
        return chosen.astype(np.intp)

    def without(self, points):
        """Dataset without the given points (the retain set of a forget set).

        Raises
        ------
        InputError
            As `indices` does, and if no point would be left.
        """
        keep = np.ones(self.num_points, dtype=bool)
        keep[self.indices(points)] = False
        if not keep.any():
            raise InputError(f"the forget set holds all {self.num_points} points: nothing would be retained")
        return self._subset(np.flatnonzero(keep))

    def only(self, points):
        """Dataset of the given points alone, in the order given; raises as `indices` does."""
        return self._subset(self.indices(points, "set of points"))

    def _subset(self, index):
        gram = self.__dict__.get("gram")
        return Dataset._trusted(self.X[index], self.y[index], self.norms[index], None if gram is None else gram[np.ix_(index, index)])


def float_array(values, name, ndim):
    """Float64 copy of ``values`` with ``ndim`` dimensions, read-only; a float64 memmap is passed through."""
    if isinstance(values, np.memmap) and values.dtype == np.float64 and values.ndim == ndim:
        return values
    if np.ma.is_masked(values):
        raise InputError(f"{name} is a masked array: drop or fill the masked entries, they have no value to compute with")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is no rectangular array: {error}") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} has entries of type {array.dtype}; real numbers are needed")
    if array.ndim != ndim:
        raise InputError(f"{name} has shape {array.shape}; an array of {ndim} dimension{'s' * (ndim > 1)} is needed")
    array = np.array(array, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def finite_rows(array, name, block=4096):
    """Raise `InputError` naming the first entry that is NaN or infinite (block by block, so that memmaps stream)."""
    for start in range(0, array.shape[0], block):
        part = np.asarray(array[start : start + block])
        if not np.isfinite(part).all():
            where = tuple(int(k) for k in np.argwhere(~np.isfinite(part))[0])
            index = (where[0] + start, *where[1:])
            raise InputError(f"{name}[{', '.join(map(str, index))}] = {part[where]}: every entry must be finite")


def _labels(y, m):
    y = float_array(y, "y", 1)
    if y.shape[0] != m:
        raise InputError(f"X has {m} rows but y has {y.shape[0]} labels")
    wrong = np.flatnonzero(np.abs(y) != 1)
    if wrong.size:
        hint = "; map labels 0 and 1 with 2 * y - 1" if np.isin(y, (0, 1)).all() else ""
        raise InputError(f"y[{wrong[0]}] = {y[wrong[0]]:g}: labels are -1 or +1{hint}")
    return y
