"""Gradient ascent: the step through the loss gradient is the step along the point's own part of the stationarity sum."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InfeasibleError, InputError, KKTCheckWarning, LinearPredictor, TwoLayerReLU, certify, gradient_ascent, losses
from kktcheck.tolerances import EPS

from .instances import seeds
from .kkt_instances import kinky_networks, planted_network, planted_networks, planted_predictor, planted_predictors

kinds = {"error": (0.0, 0.05), "slack": (0.0, 0.5), "min_points": 3}
instances = planted_networks(**kinds) | planted_predictors(**kinds, max_points=7, min_dim=8, max_dim=12)
loss_names = st.sampled_from(["logistic", "exponential"])
methods = st.sampled_from(["plain", "projected"])


def size_of_step(certificate, data, model):
    """Size of what an entry of the unlearned weights is added up from: its rounding is a few eps times this."""
    part = np.abs(certificate.model.second_layer)[:, None] * certificate.gates() * np.abs(data.X).max(axis=1) / certificate.scale
    return np.abs(model.hidden).max() + part.sum(axis=1).max()


def forget_sets(planted):
    m = planted.data.num_points
    return st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True)


@given(instances, st.data(), methods)
def test_a_set_is_the_sum_of_single_steps_all_taken_at_the_original_model(planted, draws, method):
    data, model = planted.data, planted.model
    forget = draws.draw(forget_sets(planted))
    certificate = certify(model, data)
    together = gradient_ascent(model, data, forget, certificate=certificate, method=method)
    expected = np.array(model.hidden)
    for i in forget:
        if method == "plain":
            expected += gradient_ascent(model, data, i, certificate=certificate).hidden - model.hidden
        else:  # off the span of the points that all of them retain
            part = certificate.model.second_layer * certificate.gates()[:, i] * data.y[i] / certificate.scale
            basis = data.without(forget).span.basis
            expected -= np.outer(part, data.X[i] - basis @ (basis.T @ data.X[i]))
    assert np.abs(together.hidden - expected).max() <= 64 * EPS * size_of_step(certificate, data, model)


@given(instances, st.data(), st.sampled_from([1e-3, 1.0, 50.0, 1e4, 1e8]), st.booleans())
def test_the_loss_does_not_change_the_result_and_no_margin_overflows(planted, draws, scale, flipped):
    """Margins up to 1e8 in size, of either sign; the losses themselves leave the range of float64 at 1e3."""
    y = -planted.data.y if flipped else planted.data.y
    data, model = Dataset(planted.data.X, y), planted.model
    forget = draws.draw(forget_sets(planted))
    certificate = certify(model, data, scale=scale)
    with np.errstate(all="raise", under="ignore"):
        results = [gradient_ascent(model, data, forget, certificate=certificate, loss=loss) for loss in ("logistic", "exponential")]
    assert np.isfinite(results[0].hidden).all()
    np.testing.assert_allclose(results[0].hidden, results[1].hidden, rtol=0, atol=4 * EPS * size_of_step(certificate, data, model))


@given(instances, st.data(), loss_names, st.floats(0, 2))
def test_the_step_is_beta_times_the_gradient_of_the_loss(planted, draws, loss, fraction):
    """theta + sum_l beta_l dl(margin_l), with the model's Jacobian and the loss written out, at the scale where certificates live."""
    data, forget = planted.data, draws.draw(forget_sets(planted))
    model = planted.model
    if isinstance(model, TwoLayerReLU):  # off its kinks, where the sign of a rounding error would choose the Jacobian
        model = TwoLayerReLU(model.W + 1e-3 * model.u[:, None], model.u)
    certificate = certify(model, data, subgradient="indicator", scale=1.7)
    theta, q = certificate.model.hidden.copy(), certificate.margins
    slope = losses.get(loss).derivative(q)
    for i in forget:
        beta = -certificate.multipliers[i] / slope[i]
        theta += fraction * beta * slope[i] * data.y[i] * certificate.model.jacobian(data.X)[i].reshape(theta.shape)
    result = gradient_ascent(model, data, forget, certificate=certificate, loss=loss, fraction=fraction)
    np.testing.assert_allclose(result.hidden, theta / certificate.scale, rtol=0, atol=64 * EPS * size_of_step(certificate, data, model))


@given(instances, st.data())
def test_the_whole_step_leaves_the_sum_over_the_retained_points_and_the_old_residual(planted, draws):
    """Also on kinks, where each gradient is the one that the multipliers chose, z / lambda."""
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    certificate = certify(model, data)
    z = certificate.gates()
    residual = certificate.model.hidden - (certificate.model.second_layer[:, None] * z * data.y) @ data.X
    z[:, forget] = 0.0
    expected = (residual + (certificate.model.second_layer[:, None] * z * data.y) @ data.X) / certificate.scale
    result = gradient_ascent(model, data, forget, certificate=certificate)
    np.testing.assert_allclose(result.hidden, expected, rtol=0, atol=64 * EPS * size_of_step(certificate, data, model))


@given(kinky_networks())
def test_on_a_kink_the_subgradient_is_the_gate_over_the_multiplier(planted):
    data, model = planted.data, planted.model
    certificate = certify(model, data)
    neurons, points = np.nonzero(planted.kinks)
    inner = np.flatnonzero(planted.gates[planted.kinks] > 0)
    j, i = neurons[inner[0]], points[inner[0]]
    step = gradient_ascent(model, data, int(i), certificate=certificate).W[j] - model.W[j]
    slope = certificate.gates()[j, i] / certificate.multipliers[i]
    assert 0 < slope < 1
    expected = -model.u[j] * certificate.multipliers[i] * slope * data.y[i] * data.X[i]
    np.testing.assert_allclose(step, expected, rtol=0, atol=64 * EPS * size_of_step(certificate, data, model))


@given(instances, st.data(), methods, loss_names)
def test_fraction_zero_returns_the_weights_bit_for_bit(planted, draws, method, loss):
    result = gradient_ascent(planted.model, planted.data, draws.draw(forget_sets(planted)), fraction=0, method=method, loss=loss)
    assert result.hidden.tobytes() == planted.model.hidden.tobytes()


def test_fraction_zero_keeps_the_sign_of_zeros():
    model = LinearPredictor([1.0, 1.0, -0.0])
    assert gradient_ascent(model, Dataset(np.eye(3)[:2], [1, 1]), 0, fraction=0).w.tobytes() == model.w.tobytes()


@given(instances, st.data(), st.floats(0, 3), methods)
def test_the_step_is_linear_in_the_fraction(planted, draws, fraction, method):
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    certificate = certify(model, data)
    whole, part = (gradient_ascent(model, data, forget, certificate=certificate, fraction=f, method=method).hidden for f in (1.0, fraction))
    expected = (1 - fraction) * model.hidden + fraction * whole
    np.testing.assert_allclose(part, expected, rtol=0, atol=64 * EPS * (1 + fraction) * size_of_step(certificate, data, model))


@given(instances, st.data(), st.floats(-30, 30), methods)
def test_the_result_is_at_the_scale_of_the_model_given(planted, draws, exponent, method):
    """c times the model gives c times the result; with its own certificate, the model's, or that of the certified model alike."""
    data, model, forget, c = planted.data, planted.model.scaled(0.7), draws.draw(forget_sets(planted)), 2.0**exponent
    certificate = certify(model, data)
    once = gradient_ascent(model, data, forget, certificate=certificate, method=method)
    for other in (None, certificate):
        scaled = gradient_ascent(model.scaled(c), data, forget, certificate=other, method=method)
        np.testing.assert_allclose(scaled.hidden, c * once.hidden, rtol=0, atol=1e-9 * c * size_of_step(certificate, data, model))
    certified = gradient_ascent(certificate.model, data, forget, certificate=certificate, method=method)
    factor = certificate.scale
    np.testing.assert_allclose(certified.hidden, factor * once.hidden, rtol=0, atol=1e-12 * factor * size_of_step(certificate, data, model))


@given(instances, st.data(), st.floats(0, 2))
def test_the_projected_step_keeps_every_retained_preactivation_margin_and_kink(planted, draws, fraction):
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    kept = np.delete(np.arange(data.num_points), forget)
    retained = data.without(forget)
    certificate = certify(model, data)
    result = gradient_ascent(model, data, forget, certificate=certificate, method="projected", fraction=fraction)
    rounding = 64 * EPS * (1 + fraction) * data.dim * size_of_step(certificate, data, model) * np.abs(data.X).max()
    assert np.abs(result.hidden @ retained.X.T - model.hidden @ retained.X.T).max() <= rounding
    scale = np.abs(model.second_layer).sum()
    np.testing.assert_allclose(result.margins(retained), model.margins(data)[kept], atol=rounding * scale)
    if isinstance(model, TwoLayerReLU):
        np.testing.assert_array_equal(result.kinks, model.kinks[:, kept])
        np.testing.assert_array_equal(result.states(retained), model.states(data)[:, kept])
        certify(result, retained)  # the mask still fits
    # The step does forget: off the retained span the forgotten part is gone.
    basis = retained.span.basis
    off = data.X[forget] - (data.X[forget] @ basis) @ basis.T
    part = (certificate.model.second_layer[:, None] * certificate.gates()[:, forget] * data.y[forget]) @ off / certificate.scale
    np.testing.assert_allclose(result.hidden, model.hidden - fraction * part, atol=rounding)


@given(planted_networks(min_points=2), st.data())
def test_the_plain_step_carries_the_kinks_of_the_neurons_it_leaves_alone(planted, draws):
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    result = gradient_ascent(model, data, forget)
    untouched = (result.W == model.W).all(axis=1)
    np.testing.assert_array_equal(result.kinks, np.delete(model.kinks, forget, axis=1) & untouched[:, None])
    result.states(data.without(forget))  # no kink is far from zero
    assert gradient_ascent(model.with_kinks(None), data, forget, certificate=certify(model, data)).kinks is None


@given(seeds(), st.integers(2, 6), st.integers(1, 4))
def test_a_point_in_the_span_of_the_retained_ones_is_reported_and_its_projected_step_is_zero(seed, d, more):
    """More points than dimensions."""
    planted = planted_predictor(seed, m=d + more, d=d)
    rng = np.random.default_rng(seed)
    with pytest.warns(KKTCheckWarning, match=r"points .* lie in the span of the retained points.*forgets nothing; use method='plain'"):
        result = gradient_ascent(planted.model, planted.data, int(rng.integers(d + more)), method="projected", fraction=1e9)
    assert result.w.tobytes() == planted.model.w.tobytes()


def test_the_step_on_a_copy_is_zero_and_not_its_rounding():
    rng = np.random.default_rng(0)
    X = np.abs(rng.standard_normal((4, 9)))
    data, model = Dataset(np.vstack([X, X[1]]), np.ones(5)), LinearPredictor(X.sum(axis=0))
    certificate = certify(model, data)
    with pytest.warns(KKTCheckWarning, match="points 1 lie"):
        result = gradient_ascent(model, data, 1, method="projected", fraction=1e12, certificate=certificate)
    assert result.w.tobytes() == model.w.tobytes()


@given(seeds())
def test_a_point_almost_in_the_retained_span_is_projected_to_its_own_rounding(seed):
    """A millionth of it lies outside; a step a million times as long still leaves the retained points alone."""
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.standard_normal((8, 8)))[0]
    data = Dataset(np.stack([Q[0] + 0.3 * Q[1], Q[1] + 0.2 * Q[2], Q[0] - Q[1] + Q[2], Q[0] + 0.1 * Q[1] + 0.2 * Q[2] + 1e-6 * Q[3]]), np.ones(4))
    model = LinearPredictor(2 * Q[0] + Q[1] + Q[2] + 0.4 * Q[3])
    result = gradient_ascent(model, data, 3, method="projected", fraction=1e6, certificate=certify(model, data, scale=1.0))
    kept = data.without(3)
    assert np.linalg.norm(result.w - model.w) > 0.1
    np.testing.assert_allclose(kept.X @ result.w, kept.X @ model.w, rtol=0, atol=1e-13)


def test_of_two_forgotten_points_only_the_copy_of_a_retained_one_is_reported():
    data = Dataset([[1.0, 0, 0], [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], np.ones(4))
    with pytest.warns(KKTCheckWarning, match="points 1 lie"):
        result = gradient_ascent(LinearPredictor([1.0, 1, 1]), data, [1, 2], method="projected")
    assert result.w.tolist() == [1.0, 0.0, 1.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradient_ascent(LinearPredictor([1.0, 1, 1]), data, [2, 3], method="projected")
        gradient_ascent(LinearPredictor([1.0, 1, 1]), data, [1, 2])


@given(planted_networks(sleeping=(1, 2)))
def test_a_point_with_a_zero_multiplier_is_forgotten_by_doing_nothing(planted):
    certificate = certify(planted.model, planted.data)
    asleep = [int(i) for i in np.flatnonzero(planted.multipliers == 0) if certificate.multipliers[i] == 0]
    for i in asleep:
        assert (gradient_ascent(planted.model, planted.data, i, certificate=certificate).W == planted.model.W).all()


def test_forgetting_all_there_is_of_a_model_is_refused():
    """The retained point has a zero multiplier; what remains would be rounding, and a direction made of it."""
    rng = np.random.default_rng(0)
    X = np.linalg.qr(rng.standard_normal((9, 3)))[0].T * np.array([[0.3], [0.7], [1.1]])
    w = X[0] / (X[0] @ X[0]) + X[1] / (X[1] @ X[1])
    data = Dataset(np.vstack([X[:2], 1.3 * w + X[2]]), np.ones(3))
    with pytest.raises(InputError, match="forgetting 0, 1 with fraction 1 leaves nothing of the model but rounding"):
        gradient_ascent(LinearPredictor(w), data, [0, 1])
    assert gradient_ascent(LinearPredictor(w), data, [0, 1], fraction=0.999).norm < 2e-3 * np.linalg.norm(w)


@pytest.mark.parametrize("forget", [2, [2], (2,), {2}, range(2, 3), np.array([2]), np.int32(2), (i for i in [2])])
def test_one_point_may_be_named_in_any_way(forget):
    planted = planted_network(0)
    expected = gradient_ascent(planted.model, planted.data, 2)
    assert (gradient_ascent(planted.model, planted.data, forget).W == expected.W).all()


@pytest.mark.parametrize(
    ("forget", "message"),
    [
        ([], "forget set is empty"),
        (np.zeros(0, int), "forget set is empty"),
        (range(6), "forget set holds all 6 points: nothing would be retained"),
        (6, r"names point 6 \(position 0\); there are points 0 to 5"),
        ([1, -1], r"names point -1 \(position 1\)"),
        ([1, 3, 1], "names point 1 more than once"),
        (1.0, "must be a list of integers"),
        ([0.5], "must be a list of integers"),
        (True, "must be a list of integers"),
        ([True, False, False, False, False, False], "must be a list of integers"),
        ("3", "must be a list of integers"),
        (None, "must be a list of integers"),
        ([[1, 2]], "must be a list of integers"),
        ([1, [2]], "must be a list of integers"),
    ],
)
def test_bad_forget_sets_are_refused_with_the_reason(forget, message):
    planted = planted_network(0)
    with pytest.raises(InputError, match=message):
        gradient_ascent(planted.model, planted.data, forget)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fraction": -0.1}, "fraction = -0.1"),
        ({"fraction": np.nan}, "fraction = nan"),
        ({"fraction": np.inf}, "fraction = inf"),
        ({"fraction": "all"}, "fraction = 'all'"),
        ({"fraction": None}, "fraction = None"),
        ({"fraction": True}, "fraction = True"),
        ({"method": "bold"}, "method 'bold' is unknown: choose one of 'plain', 'projected'"),
        ({"loss": "hinge"}, "loss 'hinge' is unknown"),
        ({"certificate": 3}, "certificate must be a kktcheck.Certificate, not int"),
        ({"data": np.eye(3)}, "data must be a kktcheck.Dataset, not ndarray"),
        ({"model": np.eye(3)}, "model must be a LinearPredictor or a TwoLayerReLU, not ndarray"),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    planted = planted_network(0)
    arguments = {"model": planted.model, "data": planted.data, "forget": 0} | changes
    with pytest.raises(InputError, match=message):
        gradient_ascent(**arguments)


def test_certificates_of_another_model_or_other_data_are_refused():
    planted = planted_network(0)
    data, model = planted.data, planted.model
    certificate = certify(model, data)
    others = {
        "other weights": TwoLayerReLU(model.W + 1e-5, model.u),
        "the opposite": TwoLayerReLU(-model.W, model.u),
        "another second layer": TwoLayerReLU(model.W, 2 * model.u),
        "fewer neurons": TwoLayerReLU(model.W[1:], model.u[1:]),
        "another kind": LinearPredictor(model.W[0]),
    }
    for name, other in others.items():
        with pytest.raises(InputError, match="certificate belongs to another model"):
            gradient_ascent(other, data, 0, certificate=certificate)
            pytest.fail(name)
    for other in (data.without(5), Dataset(1.5 * data.X, data.y), Dataset(data.X, -data.y), data.only([1, 0, 2, 3, 4, 5])):
        with pytest.raises(InputError, match="certificate belongs to other data"):
            gradient_ascent(model, other, 0, certificate=certificate)
    single = certify(LinearPredictor(np.ones(2)), Dataset(np.eye(2), [1, 1]))
    with pytest.raises(InputError, match="certificate belongs to another model"):
        gradient_ascent(TwoLayerReLU(np.ones((1, 2)), [1.0]), Dataset(np.eye(2), [1, 1]), 0, certificate=single)


def test_a_model_that_misclassifies_is_refused_unless_certified_at_a_scale():
    data, model = Dataset(np.eye(3), [1, -1, 1]), LinearPredictor([1.0, 1.0, 1.0])
    with pytest.raises(InfeasibleError, match="point 1 has a margin"):
        gradient_ascent(model, data, 0)
    certificate = certify(model, data, scale=1.0)
    assert gradient_ascent(model, data, 0, certificate=certificate).w.tolist() == [0.0, 1.0, 1.0]
