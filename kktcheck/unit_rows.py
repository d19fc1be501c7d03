"""The signed points y_i x_i, scaled to norms near 1, and products with them, without a copy of the points."""

import math

import numpy as np


class UnitRows:
    """The rows r_i = y_i x_i / s_i of a dataset, and the bounds b_i that <r_i, v> must reach for all margins to be 1.

    In these units a max-margin problem sees the norms of the points in the bounds alone, so that norms of any size may stand together.
    The s_i are powers of two, which leave norms within a factor of 1.42 of 1 and round nothing: rows that repeat or cancel each other
    still do. So is the unit of length, the least s_i: the predictor is w = v / length, the multiplier of a point its weight divided by
    length s_i, and no bound is above 1, whatever the scale of the data.

    Parameters
    ----------
    data : Dataset

    Attributes
    ----------
    names : ndarray of int, shape (m,), or None
        Indices of the points in the dataset that was asked about, if this is a `part` of it.
    bounds, scales : ndarray, shape (m,)
        b_i and s_i.
    length : float
    """

    def __init__(self, data):
        self.data, self.points = data, np.asarray(data.X)
        self.count, self.dim = self.points.shape
        self.names = None
        self.scales = np.ldexp(0.5, np.frexp(math.sqrt(2.0) * data.norms)[1])
        self._measure(float(self.scales.min()))

    def _measure(self, length):
        self.length = length
        self.bounds = length / self.scales
        self.signs = self.data.y / self.scales
        self.labels = self.data.y / length

    def part(self, index):
        """The rows of some of the points, in the same unit of length."""
        rows = UnitRows(self.data.only(index))
        rows.names = index
        rows._measure(self.length)
        return rows

    def combination(self, weights):
        """sum_i weights_i r_i, shape (d,)."""
        return (self.signs * weights) @ self.points

    def margins(self, predictor):
        """Margins of v / length, shape (m,)."""
        return self.labels * (self.points @ predictor)

    def gram(self):
        """Inner products of the rows, shape (m, m)."""
        gram = self.data.gram * self.signs
        gram *= self.signs[:, None]
        return gram

    def rows(self, index=slice(None)):
        """The rows themselves, shape (k, d), a copy."""
        return self.signs[index, None] * self.points[index]

    def coordinates(self, index=slice(None)):
        """Rows with the same inner products, shape (k, r) with r <= k, and an orthonormal basis for them, shape (d, r); None if they are the rows."""
        rows = self.rows(index)
        if rows.shape[1] <= rows.shape[0]:
            return rows, None
        basis, triangle = np.linalg.qr(rows.T)
        return np.ascontiguousarray(triangle.T), basis
