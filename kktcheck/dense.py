"""Gram matrices and Cholesky factors of any size: one BLAS call up to `LARGEST` rows, tiles of that many beyond.

Threaded OpenBLAS crashes in Cholesky factorisations from about 16300 rows on and in ``X @ X.T`` from about 20000 (numpy/numpy#19685); the
products of rectangles that tiles are made of are not affected. Whatever is dense and square is formed and factored here.
"""

import numpy as np
from scipy.linalg import blas, lapack

from .blocks import point_blocks

#: Rows of a square matrix that are handed to BLAS or LAPACK at once.
LARGEST = 8192


def gram(rows, largest=None):
    """Inner products of the rows of an array of shape (m, k), shape (m, m), exactly symmetric."""
    largest = LARGEST if largest is None else largest
    if len(rows) <= largest:
        return rows @ rows.T
    parts = list(point_blocks(len(rows), largest))
    found = np.empty((len(rows), len(rows)), dtype=rows.dtype)
    for at, i in enumerate(parts):
        found[i, i] = rows[i] @ rows[i].T
        for k in parts[at + 1 :]:
            np.matmul(rows[i], rows[k].T, out=found[i, k])
            found[k, i] = found[i, k].T
    return found


def cholesky(matrix, largest=None):
    """Upper Cholesky factor of a symmetric matrix, which it overwrites; None unless the matrix is positive definite.

    Parameters
    ----------
    matrix : ndarray, shape (k, k)
        In Fortran order, as the transpose of an ordinary array is; only the upper triangle is read.
    largest : int, optional
        Rows of a tile; `LARGEST` by default.

    Returns
    -------
    ndarray, shape (k, k), or None
        Below the diagonal: anything.
    """
    if not len(matrix):
        return matrix
    largest = LARGEST if largest is None else largest
    if len(matrix) <= largest:
        factor, info = lapack.dpotrf(matrix, clean=0, overwrite_a=1)
        return factor if info == 0 else None
    parts = list(point_blocks(len(matrix), largest))
    for at, k in enumerate(parts):
        for i in parts[: at + 1]:
            tile = np.array(matrix[i, k], order="F")
            tile -= matrix[: i.start, i].T @ matrix[: i.start, k]
            if i is k:
                tile, info = lapack.dpotrf(tile, clean=0, overwrite_a=1)
                if info != 0:
                    return None
            else:
                tile = blas.dtrsm(1.0, matrix[i, i], tile, trans_a=1, overwrite_b=1)
            matrix[i, k] = tile
    return matrix


def solve(factor, right):
    """Solution of the linear system whose matrix has the given upper Cholesky factor."""
    return lapack.dpotrs(factor, right)[0] if len(right) else right


def product(gram, vector):
    """Product of a symmetric matrix and a vector; only half of the matrix is read, which is what takes the time."""
    return blas.dsymv(1.0, gram.T, vector)


def block(gram, index):
    """A copy of the Gram matrix of some of the variables."""
    return gram.copy() if len(index) == len(gram) else gram.take(index, 0).take(index, 1)  # twice as fast as an open mesh
