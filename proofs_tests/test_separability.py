"""Data that no linear predictor separates: the combination that proves it, checked in fractions, and no proof where there is none."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import Dataset, InfeasibleError, NotSeparableError, max_margin, separability
from kktcheck.tolerances import EPS
from kktcheck.unit_rows import UnitRows

from .instances import examples, linear_instances, seeds
from .max_margin_instances import inseparable_data, lattice_data, optimum, signed_points
from .rational import dot


def proof(data, engine="active-set"):
    with pytest.raises(NotSeparableError) as caught:
        max_margin(data, engine)
    return caught.value


def check(error, data):
    """The combination is what the error says it is, in fractions; its points alone cannot be separated either."""
    points, weights = error.points, error.combination
    assert len(set(points)) == len(points) == len(weights)
    assert list(points) == sorted(points)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1.0, abs=4 * EPS)
    assert len(points) <= np.linalg.matrix_rank(data.X / data.norms[:, None], tol=1e-10) + 1
    signed, exact = signed_points(data), [Fraction(float(p)) for p in weights]
    total = [sum((p * signed[i][c] for p, i in zip(exact, points, strict=True)), Fraction(0)) for c in range(data.dim)]
    size = sum(p * Fraction(float(data.norms[i])) for p, i in zip(exact, points, strict=True))
    assert dot(total, total) <= (Fraction(error.residual) * size) ** 2
    assert error.residual <= separability.VANISHED
    assert f"{error.residual:.1e}" in str(error)
    assert proof(data.only(points)).points == tuple(range(len(points)))


@examples(60)
@given(inseparable_data())
def test_the_error_carries_a_combination_that_vanishes(data):
    check(proof(data), data)


@examples(15)
@given(inseparable_data(max_dim=4))
def test_so_does_that_of_the_independent_engine(data):
    check(proof(data, "cvxpy"), data)


@pytest.mark.parametrize("shape", [(60, 20), (110, 30), (160, 50), (2000, 3), (500, 20)])
def test_many_random_points(shape):
    """Through least distances, proximal steps and parts: the points are named as the caller numbers them."""
    data = kc.sampling.gaussian(*shape, rng=5)
    error = proof(data)
    check(error, data)
    assert len(error.points) == shape[1] + 1


@examples(60)
@given(lattice_data(scales=(-20, 20)))
def test_it_is_raised_exactly_where_no_support_fits(data):
    if optimum(data) is None:
        check(proof(data), data)
    else:
        max_margin(data)


@given(seeds(), st.floats(1e-6, 1e6), st.integers(2, 12), st.integers(0, 4))
def test_a_point_and_its_copy_with_the_other_label(seed, factor, m, spare):
    """All other points are independent of the pair, so it must be the pair that is named."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((m, m + spare)), rng.choice([-1.0, 1.0], m)
    i, k = rng.choice(m, 2, replace=False)
    X[k], y[k] = factor * X[i], -y[i]
    data = Dataset(X, y)
    error = proof(data)
    check(error, data)
    assert set(error.points) == {i, k}
    assert dict(zip(error.points, error.combination, strict=True))[i] == pytest.approx(factor / (1 + factor), rel=1e-12)
    assert max_margin(data.without(int(k))).status == "exact"


def test_the_error_is_one_of_infeasible_input():
    error = proof(Dataset([[1.0, 2.0], [1.0, 2.0]], [1, -1]))
    assert isinstance(error, InfeasibleError)
    assert isinstance(error, ValueError)
    assert error.points == (0, 1)
    np.testing.assert_array_equal(error.combination, [0.5, 0.5])
    assert error.residual == 0
    assert "the signed points 0, 1 combine to zero" in str(error)
    assert "drop one of them, or correct a label" in str(error)


@examples(60)
@given(linear_instances(max_points=12), seeds())
def test_separable_points_are_not_refuted(instance, seed):
    data, model = instance
    rows = UnitRows(data)
    indices = np.arange(data.num_points)
    separability.refute(rows, indices)
    separability.refute(rows, indices, np.random.default_rng(seed).uniform(0.1, 1.0, data.num_points))
    weights = np.random.default_rng([seed, 1]).dirichlet(np.ones(data.num_points))
    angular = (model.margins(data) / data.norms).min() / model.norm
    assert separability.relative_sum(data, indices, weights) >= angular


@given(inseparable_data(max_dim=5), st.floats(1e-13, 0.5))
def test_a_combination_that_is_off_is_no_proof(data, shift):
    error = proof(data)
    weights = error.combination.copy()
    weights[0] *= 1 + shift
    off = separability.relative_sum(data, error.points, weights)
    share = weights[0] * data.norms[error.points[0]] / (weights @ data.norms[list(error.points)])
    assert off >= 0.3 * shift * share - 2 * separability.VANISHED
    if shift * share >= 1e-13:
        assert off > separability.VANISHED


@given(inseparable_data(max_dim=5), seeds())
def test_a_rough_guess_of_the_weights_is_refined(data, seed):
    error = proof(data)
    rough = error.combination / UnitRows(data).bounds[list(error.points)] * np.random.default_rng(seed).uniform(0.99, 1.01, len(error.points))
    with pytest.raises(NotSeparableError) as caught:
        separability.refute(UnitRows(data), error.points, rough)
    assert caught.value.points == error.points
    np.testing.assert_allclose(caught.value.combination, error.combination, rtol=1e-6)


def test_negative_weights_prove_nothing(monkeypatch):
    """(1, 0), (2, 0) combine to zero with weights 2 and -1: rows that depend on each other, on one side of the origin."""
    rows = UnitRows(Dataset([[1.0, 0.0], [2.0, 0.0]], [1, 1]))
    monkeypatch.setattr(separability, "_combination", lambda rows, indices: (indices, np.array([1.0, 1.0])))
    assert separability.refute(rows, np.array([0, 1])) is None


def test_a_margin_of_a_few_roundings_is_told_from_none():
    """The height that separates the two points is below the rounding of their norms, and above what counts as zero."""
    for height in (1e-13, 1e-14):
        assert max_margin(Dataset([[1.0, height], [-1.0, height]], [1, 1])).margin == pytest.approx(height, rel=1e-3)
    error = proof(Dataset([[1.0, 1e-17], [-1.0, 1e-17]], [1, 1]))
    assert error.residual >= 1e-17  # an upper bound on the margin there is
