"""Exponents of the growth benchmark: exact on power laws, honest about the rest."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from benchmarks.growth_fit import exponent, fitted, upper_half


@given(st.floats(-3, 3), st.floats(1e-6, 1e6), st.integers(3, 9))
def test_a_power_law_has_its_exponent_and_no_error(power, factor, count):
    sizes = 2.0 ** np.arange(3, 3 + count)
    slope, error = exponent(sizes, factor * sizes**power)
    assert slope == pytest.approx(power, abs=1e-12) and error <= 1e-12


def test_the_standard_error_is_that_of_the_slope():
    rng = np.random.default_rng(0)
    sizes = 2.0 ** np.arange(4, 10)
    fits = np.array([exponent(sizes, sizes**1.5 * np.exp(0.1 * rng.standard_normal(6))) for _ in range(2000)])
    spread = 0.1 / np.sqrt(((np.log(sizes) - np.log(sizes).mean()) ** 2).sum())
    assert fits[:, 0].std() == pytest.approx(spread, rel=0.1) and np.sqrt((fits[:, 1] ** 2).mean()) == pytest.approx(spread, rel=0.1)


def test_small_sizes_are_left_out():
    assert upper_half([8, 1, 4, 2, 16, 32]) == [8, 16, 32]
    rows = [
        {"quantity": "q", "against": "m", "base": "n=1", "size": m, "median_s": max(5.0, m**2 / 16), "peak_MB": float(m), "flops": 3 * m**2}
        for m in (1, 2, 4, 16, 32, 64)
    ]
    (row,) = fitted([*rows, {**rows[0], "against": "n"}])
    assert (row["exponent"], row["standard_error"], row["flops_exponent"], row["memory_exponent"]) == (2.0, 0.0, 2.0, 1.0)
    assert (row["from"], row["to"], row["sizes"]) == (16, 64, 3)
