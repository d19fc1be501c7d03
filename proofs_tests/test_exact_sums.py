"""Sums of products that are rounded once, against fractions."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from kktcheck.exact_sums import residual

from .instances import seeds
from .rational import dot, fractions


@given(seeds(), st.integers(1, 5), st.integers(1, 12), st.integers(0, 90))
def test_every_entry_is_the_nearest_float_however_much_cancels(seed, k, n, spread):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((k, n)) * 2.0 ** rng.integers(-spread, spread + 1, (k, n))
    vector = rng.standard_normal(n) * 2.0 ** rng.integers(-spread, spread + 1, n)
    right = matrix @ vector  # what is left is the rounding of these sums alone
    exact = [Fraction(float(r)) - dot(row, fractions(vector)) for r, row in zip(right, fractions(matrix), strict=True)]
    assert [float(value) for value in exact] == residual(right, matrix, vector).tolist()


def test_ordinary_products_would_not_do():
    matrix, vector = np.array([[1.0 + 2.0**-30, -1.0]]), np.array([1.0 - 2.0**-30, 1.0])
    assert (matrix * vector).sum() == 0
    assert residual(np.zeros(1), matrix, vector).tolist() == [2.0**-60]
