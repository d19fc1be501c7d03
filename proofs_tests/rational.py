"""Exact arithmetic on the stored numbers: floats are fractions, and only norms are rounded, at 60 digits."""

from fractions import Fraction

import mpmath

DIGITS = 60


def fractions(array):
    """Nested lists of the exact values of an array."""
    return [fractions(row) for row in array] if getattr(array, "ndim", 0) else Fraction(float(array))


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def off(w, rows):
    """w projected exactly onto the orthogonal complement of the rows (dependent ones are found exactly)."""
    basis = []
    for row in rows:
        for b in basis:
            row = [x - dot(row, b) / dot(b, b) * y for x, y in zip(row, b, strict=True)]
        if any(row):
            basis.append(row)
    for b in basis:
        w = [x - dot(w, b) / dot(b, b) * y for x, y in zip(w, b, strict=True)]
    return w


def on_kinks(W, mask, X):
    """Weights, as fractions, projected exactly off their kinks."""
    X = fractions(X)
    return [off(w, [x for x, marked in zip(X, row, strict=True) if marked]) for w, row in zip(fractions(W), mask, strict=True)]


def residual(W, u, z, X, y):
    """w_j - u_j sum_i y_i z_ij x_i in fractions; W already fractions, the rest arrays."""
    X, z, u, y = fractions(X), fractions(z), fractions(u), fractions(y)
    rows = []
    for w, uj, zj in zip(W, u, z, strict=True):
        weights = [uj * yi * zi for yi, zi in zip(y, zj, strict=True)]
        rows.append([wk - dot(weights, [x[k] for x in X]) for k, wk in enumerate(w)])
    return rows


def norm(rows):
    """Euclidean norm of nested lists of fractions, an mpmath number."""
    with mpmath.workdps(DIGITS):
        square = sum((x * x for row in rows for x in row), Fraction(0))
        return mpmath.sqrt(mpmath.mpf(square.numerator) / square.denominator)


def one_minus_cosine(V, W):
    """1 - cos of the angle between two arrays of weights."""
    with mpmath.workdps(DIGITS):
        V, W = fractions(V), fractions(W)
        inner = sum((dot(v, w) for v, w in zip(V, W, strict=True)), Fraction(0))
        return 1 - mpmath.mpf(inner.numerator) / inner.denominator / (norm(V) * norm(W))
