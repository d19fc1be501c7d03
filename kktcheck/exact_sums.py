"""Matrix-vector products that are rounded once: sums of products without the rounding of the terms or of the sums on the way.

Refinement of an ill-conditioned linear system gains digits only if its residual has them; these do, on any machine.
"""

from math import fsum

import numpy as np

#: Dekker's factor: splits a float64 into halves of 26 bits.
SPLIT = 2.0**27 + 1.0


def residual(right, matrix, vector):
    """right - matrix @ vector, every entry rounded once.

    Parameters
    ----------
    right : ndarray, shape (k,)
    matrix : ndarray, shape (k, n)
        Entries, and those of the vector, below 1e290; products below 1e-290 are as good as zero.
    vector : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (k,)

    Notes
    -----
    Products with their rounding errors as in Dekker (1971), added up by Shewchuk's algorithm (``math.fsum``).
    """
    products = matrix * vector
    matrix_high, vector_high = _high(matrix), _high(vector)
    matrix_low, vector_low = matrix - matrix_high, vector - vector_high
    errors = matrix_low * vector_low - (((products - matrix_high * vector_high) - matrix_low * vector_high) - matrix_high * vector_low)
    terms = np.concatenate([right[:, None], -products, -errors], axis=1)
    return np.array([fsum(row) for row in terms])


def _high(values):
    """The leading 26 bits of each value."""
    scaled = SPLIT * values
    return scaled - (scaled - values)
