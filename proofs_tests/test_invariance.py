"""No number of a certificate depends on the coordinates, the order of points or neurons, or the scale of model, points or second layer."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, LinearPredictor, TwoLayerReLU, certify
from kktcheck.tolerances import EPS

from .instances import linear_instances, seeds, two_layer_instances
from .kkt_instances import planted_networks, planted_predictors

#: Near-orthogonal planted points have Gram matrices of condition below 1e4 (norms within a factor of 20, small overlaps), so multipliers keep
#: 12 - 4 digits at the least, and numbers made of them as many.
CLOSE = 1e-9

kinds = {"error": (0.0, 1e-3, 0.05), "slack": (0.0, 0.5), "sleeping": (0, 2)}
instances = planted_networks(**kinds) | planted_predictors(**kinds, max_points=6, min_dim=12, max_dim=20)
conventions = st.sampled_from(["clarke", "indicator"])


def moved(model, hidden, points=slice(None), neurons=slice(None), u=None):
    """The model with other weights, its neurons and the points of its kinks reordered."""
    if isinstance(model, LinearPredictor):
        return LinearPredictor(hidden[0])
    kinks = None if model.kinks is None else model.kinks[neurons][:, points]
    return TwoLayerReLU(hidden, (model.u if u is None else u)[neurons], kinks)


def assert_numbers(after, before, *, epsilon=1.0, multipliers=1.0, points=slice(None), neurons=slice(None)):
    """Every number of ``after`` is that of ``before``: epsilon and multipliers up to their factors, arrays up to the reordering."""
    norm, largest = after.model.norm, multipliers * before.multipliers.max()
    assert abs(after.epsilon - epsilon * before.epsilon) <= CLOSE * norm
    assert abs(after.delta - multipliers * before.delta) <= CLOSE * largest
    assert abs(after.gamma - before.gamma) <= CLOSE
    # Unit vectors are right to some eps, and tau is half the square of the difference of two.
    assert abs(after.tau - before.tau) <= 16 * EPS * (np.sqrt(2 * before.tau) + 16 * EPS)
    assert after.kinks.count == before.kinks.count
    np.testing.assert_array_equal(after.states, before.states[neurons][:, points])
    np.testing.assert_allclose(after.margins, before.margins[points], rtol=CLOSE)
    np.testing.assert_allclose(after.gates(), multipliers * before.gates()[neurons][:, points], atol=CLOSE * largest)
    np.testing.assert_allclose(after.multipliers, multipliers * before.multipliers[points], atol=CLOSE * largest)
    for name in ("stationarity", "primal", "dual", "slackness"):
        assert abs(getattr(after.residuals, name) - getattr(before.residuals, name)) <= CLOSE


def rotation(rng, d):
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


@given(instances, seeds(), conventions)
def test_rotating_points_and_weights_together_changes_no_number(planted, seed, subgradient):
    data, model = planted.data, planted.model
    Q = rotation(np.random.default_rng(seed), data.dim)
    turned = moved(model, model.hidden @ Q)
    before, after = certify(model, data, subgradient=subgradient), certify(turned, Dataset(data.X @ Q, data.y), subgradient=subgradient)
    assert_numbers(after, before)


@given(instances, seeds(), conventions)
def test_reordering_the_points_reorders_the_certificate(planted, seed, subgradient):
    data, model = planted.data, planted.model
    order = np.random.default_rng(seed).permutation(data.num_points)
    before = certify(model, data, subgradient=subgradient)
    after = certify(moved(model, model.hidden, points=order), data.only(order), subgradient=subgradient)
    assert_numbers(after, before, points=order)


@given(instances, seeds(), conventions)
def test_reordering_the_neurons_reorders_the_certificate(planted, seed, subgradient):
    data, model = planted.data, planted.model
    order = np.random.default_rng(seed).permutation(model.num_neurons)
    before = certify(model, data, subgradient=subgradient)
    after = certify(moved(model, model.hidden[order], neurons=order), data, subgradient=subgradient)
    assert_numbers(after, before, neurons=order)


@given(instances, st.floats(-60, 60), conventions)
def test_scaling_the_model_changes_only_the_scale(planted, exponent, subgradient):
    factor = 2.0**exponent
    before, after = (certify(model, planted.data, subgradient=subgradient) for model in (planted.model, planted.model.scaled(factor)))
    assert_numbers(after, before)
    assert after.scale == pytest.approx(before.scale / factor, rel=CLOSE)


@given(instances, st.integers(-400, 400), conventions)
def test_scaling_the_model_by_a_power_of_two_changes_no_bit(planted, exponent, subgradient):
    # Away from minimum margin 1, where certify would leave the model as it is.
    start = planted.model.scaled(1.5)
    before, after = (certify(model, planted.data, subgradient=subgradient) for model in (start, start.scaled(2.0**exponent)))
    assert (after.epsilon, after.delta, after.gamma, after.residuals) == (before.epsilon, before.delta, before.gamma, before.residuals)
    assert (after.multipliers == before.multipliers).all() and (after.model.hidden == before.model.hidden).all()


@given(planted_networks(error=(0.0, 1e-3)), seeds(), st.floats(0.01, 100))
def test_kinks_that_are_found_are_found_in_any_coordinates_and_at_any_scale(planted, seed, factor):
    data, model = planted.data, planted.model
    rng = np.random.default_rng(seed)
    near = min(planted.nearest, 0.01)
    noisy = model.W + 1e-4 * near * np.linalg.norm(model.W, axis=1)[:, None] * rng.standard_normal(model.W.shape) / np.sqrt(data.dim)
    Q, tolerance = rotation(rng, data.dim), 1e-2 * near
    before = certify(TwoLayerReLU(noisy, model.u), data, kink_tol=tolerance)
    after = certify(TwoLayerReLU(factor * noisy @ Q, model.u), Dataset(data.X @ Q, data.y), kink_tol=tolerance)
    np.testing.assert_array_equal(before.kinks.mask, planted.kinks)
    assert_numbers(after, before)


@given(instances, st.floats(0.01, 100), conventions)
def test_scaling_the_points_divides_epsilon_once_and_multipliers_and_delta_twice(planted, c, subgradient):
    before = certify(planted.model, planted.data, subgradient=subgradient)
    after = certify(planted.model, Dataset(c * planted.data.X, planted.data.y), subgradient=subgradient)
    assert_numbers(after, before, epsilon=1 / c, multipliers=1 / c**2)


@given(planted_networks(**kinds), st.floats(0.01, 100), st.booleans(), conventions)
def test_scaling_the_second_layer_divides_epsilon_once_and_multipliers_and_delta_twice(planted, c, negative, subgradient):
    """For a negative factor the labels flip along: u to c u, y to -y."""
    data, model, sign = planted.data, planted.model, -1.0 if negative else 1.0
    before = certify(model, data, subgradient=subgradient)
    after = certify(moved(model, model.W, u=sign * c * model.u), Dataset(data.X, sign * data.y), subgradient=subgradient)
    assert_numbers(after, before, epsilon=1 / c, multipliers=1 / c**2)


@given(instances, conventions)
def test_a_gram_matrix_serves_as_well_as_the_points(planted, subgradient):
    data, model = planted.data, planted.model
    basis = data.span.basis
    inside = moved(model, (model.hidden @ basis) @ basis.T)
    abstract = Dataset.from_gram(data.gram, data.y)
    in_factor = moved(model, np.linalg.lstsq(abstract.X, data.X @ inside.hidden.T, rcond=None)[0].T)
    assert_numbers(certify(in_factor, abstract, subgradient=subgradient), certify(inside, data, subgradient=subgradient))


dependent = two_layer_instances(kinds=("deficient", "duplicates"), kinks=True) | linear_instances(kinds=("deficient", "duplicates"))


@given(dependent, seeds(), st.floats(0.1, 10), conventions)
def test_epsilon_is_the_same_in_any_coordinates_also_where_the_multipliers_are_not_unique(instance, seed, c, subgradient):
    data, model = instance
    rng = np.random.default_rng(seed)
    Q, order, neurons = rotation(rng, data.dim), rng.permutation(data.num_points), rng.permutation(model.num_neurons)
    before = certify(model, data, subgradient=subgradient)
    changed = moved(model, c * model.hidden[neurons] @ Q, points=order, neurons=neurons)
    after = certify(changed, Dataset(data.X[order] @ Q, data.y[order]), subgradient=subgradient)
    # Dependent gradients leave the square of epsilon, not epsilon itself, to the rounding of the problem.
    assert abs(after.epsilon**2 - before.epsilon**2) <= 1e-9 * before.model.norm**2
