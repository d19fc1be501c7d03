"""Recovered multipliers: optimal condition by condition on the dense Jacobian, invariant, within their caps; what is refused and how."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import fast, linearisation
from kktcheck.answers import Multipliers
from kktcheck.fast import gradient_gram, reduced
from kktcheck.linearisation import linearise

from .instances import examples, linear_instances, seeds, two_layer_instances
from .multiplier_instances import Dense, kinked_instances, slackness_bounds

SUBGRADIENTS = ("clarke", "indicator")


@st.composite
def instances(draw):
    """Pairs (dataset, model) of every kind, with positive margins; the least of them 1."""
    data, model = draw(st.one_of(linear_instances(), two_layer_instances(), two_layer_instances(kinks=True), kinked_instances(positive=True)))
    return data, model.scaled(1 / model.margins(data).min())


def signed_jacobian(data, model):
    """Signed gradients as rows, from the model's own Jacobian (sigma'(z) = 1 for z >= 0)."""
    return (data.y.reshape(-1, *[1] * (model.jacobian(data.X).ndim - 1)) * model.jacobian(data.X)).reshape(data.num_points, -1)


@examples(40)
@given(instance=st.one_of(linear_instances(), two_layer_instances()))
def test_indicator_multipliers_meet_each_condition_on_the_jacobian_of_the_model(instance):
    data, model = instance
    found = kc.recover_multipliers(model, data, subgradient="indicator")
    J, theta = signed_jacobian(data, model), model.hidden.ravel()
    residual = theta - found.values @ J
    pull = J @ residual / (np.linalg.norm(J, axis=1).max() * model.norm)
    assert (found.values >= 0).all()
    assert pull.max() <= 1e-12  # raising a multiplier does not help
    assert np.abs(pull[found.values > 0]).max(initial=0) <= 1e-12  # nor does lowering one
    assert abs(np.linalg.norm(residual) - found.epsilon) <= 2 * found.epsilon_error
    assert found.delta == max(0.0, (found.values * (model.margins(data) - 1)).max())


@examples(60)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS), cap=st.sampled_from([None, 0.0, 1e-3, 0.1, 10.0]))
def test_each_condition_holds_and_weak_duality_proves_the_rest(instance, subgradient, cap):
    data, model = instance
    found = kc.recover_multipliers(model, data, subgradient=subgradient, slackness_cap=cap)
    dense = Dense(data, model, subgradient, None if cap is None else slackness_bounds(data, model, cap))
    for name, violation in dense.conditions(found.values, found.kink_multipliers).items():
        assert violation <= 1e-11, name
    assert found.residual <= 1e-12
    assert (found.epsilon / model.norm) ** 2 <= dense.lower_bound(found.values, found.kink_multipliers) + 1e-11
    assert abs(found.epsilon - np.linalg.norm(dense.residual(found.values, found.kink_multipliers))) <= 2 * found.epsilon_error


def test_the_check_by_weak_duality_notices_multipliers_that_are_not_optimal():
    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])
    dense = Dense(data, model, "clarke")
    for x, optimal in (([1.0, 2.0], True), ([1.0, 1.9], False), ([0.0, 2.0], False), ([1.1, 2.0], False)):
        x = np.array(x)
        gap = (np.linalg.norm(dense.residual(x, np.zeros(0))) / model.norm) ** 2 - dense.lower_bound(x, np.zeros(0))
        assert bool(gap <= 1e-12) is optimal
        assert (max(dense.conditions(x, np.zeros(0)).values()) <= 1e-12) is optimal


@given(instance=st.one_of(linear_instances(), two_layer_instances()))
def test_gram_form_and_reduced_factor_are_those_of_the_explicit_jacobian(instance):
    data, model = instance
    lin = linearise(model, data, "indicator")
    J, theta = signed_jacobian(data, model), model.hidden.ravel()
    size = np.linalg.norm(J) ** 2
    with pytest.MonkeyPatch.context() as patch:
        for halved in (1, 10**9):
            patch.setattr(fast, "HALVED", halved)
            np.testing.assert_allclose(gradient_gram(lin), J @ J.T, atol=1e-13 * size)
    R, t = reduced(lin)
    np.testing.assert_allclose(R.T @ R, J @ J.T, atol=1e-13 * size)
    np.testing.assert_allclose(R.T @ t, J @ theta, atol=1e-13 * np.sqrt(size) * model.norm)
    np.testing.assert_allclose(J @ theta, lin.margins, atol=1e-13 * np.sqrt(size) * model.norm)  # Euler: the models are 1-homogeneous
    if isinstance(model, kc.TwoLayerReLU):
        uneven = kc.TwoLayerReLU(model.W, model.u * np.arange(1, model.num_neurons + 1))
        J = signed_jacobian(data, uneven)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fast, "HALVED", 1)
            np.testing.assert_allclose(gradient_gram(linearise(uneven, data, "indicator")), J @ J.T, atol=1e-13 * np.linalg.norm(J) ** 2)


@given(kinked_instances(), seeds())
def test_the_residual_is_measured_over_all_neurons_however_few_are_taken_at_once(instance, seed):
    lin = linearise(instance[1], instance[0])
    z = np.random.default_rng(seed).random(lin.states.shape)
    rest = lin.model.hidden - (lin.model.second_layer[:, None] * z * lin.data.y) @ lin.data.X
    expected = np.vdot(rest, rest), np.vdot(rest, lin.model.hidden)
    size = np.vdot(rest, rest) + lin.model.norm**2
    for fewest in (1, 2, 100):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(linearisation, "BLOCK", 1)
            patch.setattr(linearisation, "FEWEST", fewest)
            np.testing.assert_allclose(lin.residual_products(z), expected, atol=1e-13 * size)


@given(instance=kinked_instances())
def test_gates_put_the_kink_multipliers_where_the_kinks_are(instance):
    data, net = instance
    found = kc.recover_multipliers(net, data)
    lin = linearise(net, data)
    z = lin.gates(found.values, found.kink_multipliers)
    np.testing.assert_array_equal(z[lin.kinks], found.kink_multipliers)
    assert abs(lin.epsilon(z)[0] - found.epsilon) <= 1e-15 * net.norm
    assert (z[lin.states == 0] == 0).all()
    assert (z <= found.values).all()
    np.testing.assert_allclose(lin.gates(found.values)[lin.kinks], 0)


def same(first, second, size, order=slice(None), epsilon=1.0, multiplier=1.0):
    """The second answer is the first in another order and other units, as far as epsilon**2 tells (and its multipliers, if unique)."""
    assert abs(second.epsilon**2 / epsilon**2 - first.epsilon**2) <= 1e-11 * size**2
    assert second.unique is first.unique
    if first.unique:
        np.testing.assert_allclose(second.values / multiplier, first.values[order], atol=1e-5 * first.values.max(initial=1e-9))


@examples(25)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS), cap=st.sampled_from([None, 0.05]), seed=seeds())
def test_the_order_of_points_and_neurons_and_the_coordinates_do_not_matter(instance, subgradient, cap, seed):
    data, model = instance
    rng = np.random.default_rng(seed)
    points, neurons = rng.permutation(data.num_points), rng.permutation(model.num_neurons)
    Q = np.linalg.qr(rng.standard_normal((data.dim, data.dim)))[0]
    moved = kc.Dataset(data.X[points] @ Q, data.y[points])
    if isinstance(model, kc.LinearPredictor):
        other = kc.LinearPredictor(model.w @ Q)
    else:
        kinks = None if model.kinks is None else model.kinks[np.ix_(neurons, points)]
        other = kc.TwoLayerReLU(model.W[neurons] @ Q, model.u[neurons], kinks)
    request = {"subgradient": subgradient, "slackness_cap": cap}
    same(kc.recover_multipliers(model, data, **request), kc.recover_multipliers(other, moved, **request), model.norm, points)


@examples(25)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS), c=st.sampled_from([1e-6, 0.3, 7.0, 1e5]))
def test_epsilon_and_multipliers_follow_the_scaling_laws(instance, subgradient, c):
    data, model = instance
    plain = kc.recover_multipliers(model, data, subgradient=subgradient)
    same(plain, kc.recover_multipliers(model.scaled(c), data, subgradient=subgradient), model.norm, epsilon=c, multiplier=c)
    farther = kc.Dataset(c * data.X, data.y)  # the same weights: margins c times as large
    same(plain, kc.recover_multipliers(model, farther, subgradient=subgradient), model.norm, multiplier=1 / c)
    if isinstance(model, kc.TwoLayerReLU):
        louder = kc.TwoLayerReLU(model.W, c * model.u, model.kinks)
        same(plain, kc.recover_multipliers(louder, data, subgradient=subgradient), model.norm, multiplier=1 / c)


@examples(25)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS))
def test_a_gram_matrix_serves_as_well_as_the_points(instance, subgradient):
    data, model = instance
    gram = kc.Dataset.from_gram(data.gram, data.y)
    # Coordinates of the weights in the factor's columns: the part outside the span cannot be told and is left out on both sides.
    hidden = model.hidden @ np.linalg.pinv(data.X, rcond=1e-10) @ gram.X
    inside = model.hidden @ np.linalg.pinv(data.X, rcond=1e-10) @ data.X
    first, second = model.with_hidden(inside, model.kinks), model.with_hidden(hidden, model.kinks)
    same(kc.recover_multipliers(first, data, subgradient=subgradient), kc.recover_multipliers(second, gram, subgradient=subgradient), model.norm)


@examples(25)
@given(instance=kinked_instances(positive=True), copies=st.integers(2, 4))
def test_a_neuron_split_into_equal_parts_is_still_the_same_network(instance, copies):
    """w and u shared by k copies with w / sqrt k and u / sqrt k: the same outputs, norm, gradients' Gram matrix and epsilon."""
    data, net = instance
    split = kc.TwoLayerReLU(
        np.repeat(net.W, copies, axis=0) / np.sqrt(copies), np.repeat(net.u, copies) / np.sqrt(copies), np.repeat(net.kinks, copies, axis=0)
    )
    same(kc.recover_multipliers(net, data), kc.recover_multipliers(split, data), net.norm)


@examples(25)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS), shares=st.lists(st.floats(0, 1.2), min_size=2, max_size=2).map(sorted))
def test_the_least_residual_decreases_in_the_slackness_cap(instance, subgradient, shares):
    data, model = instance
    free = kc.recover_multipliers(model, data, subgradient=subgradient)
    low, high = (kc.recover_multipliers(model, data, subgradient=subgradient, slackness_cap=share * free.delta) for share in shares)
    assert free.epsilon <= high.epsilon * (1 + 1e-12) + 1e-12
    assert high.epsilon <= low.epsilon * (1 + 1e-12) + 1e-12
    for found, share in zip((low, high), shares, strict=True):
        assert found.delta <= share * free.delta * (1 + 1e-14) + 1e-12 * found.values.max()


@examples(25)
@given(instance=instances(), subgradient=st.sampled_from(SUBGRADIENTS), shares=st.lists(st.floats(0, 1.2), min_size=2, max_size=2).map(sorted))
def test_the_least_slackness_keeps_to_its_cap_and_decreases_in_it(instance, subgradient, shares):
    data, model = instance
    free = kc.recover_multipliers(model, data, subgradient=subgradient)
    caps = [free.epsilon + share * (model.norm - free.epsilon) for share in shares]
    tight, loose = (kc.recover_multipliers(model, data, "slackness", epsilon_cap=cap, subgradient=subgradient) for cap in caps)
    for found, cap in zip((tight, loose), caps, strict=True):
        assert found.epsilon <= cap + found.epsilon_error
        assert found.objective == "slackness"
        assert found.norm == "euclidean"
        assert found.unique is None
    assert loose.delta <= tight.delta * (1 + 1e-9) + 1e-12 * model.norm**2
    assert tight.delta <= free.delta * (1 + 1e-9) + 1e-12 * model.norm**2
    if shares[1] >= 1:
        assert loose.delta <= 1e-12 * loose.values.max()


@examples(25)
@given(instance=instances(), share=st.floats(0.1, 0.9))
def test_the_two_objectives_are_inverse_to_each_other(instance, share):
    data, model = instance
    cap = share * kc.recover_multipliers(model, data).delta
    capped = kc.recover_multipliers(model, data, slackness_cap=cap)
    back = kc.recover_multipliers(model, data, "slackness", epsilon_cap=capped.epsilon)
    assert back.delta <= cap * (1 + 1e-9) + 1e-12 * model.norm**2


def test_where_many_multipliers_are_optimal_the_least_slackness_is_still_found():
    """Two equal points at margin 2 share a total of 1: the least slackness is that of equal shares, any other is as stationary."""
    data, model = kc.Dataset([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, 1, 1]), kc.LinearPredictor([2.0, 1.0])
    free = kc.recover_multipliers(model, data)
    assert free.unique is False
    least = kc.recover_multipliers(model, data, "slackness", epsilon_cap=1e-9)
    assert least.delta == pytest.approx(1.0, abs=1e-8)
    np.testing.assert_allclose(least.values, [1, 1, 1], atol=1e-8)


@pytest.mark.parametrize("cap", [0.0, 1e-300, 1e-12])
def test_a_margin_that_is_one_up_to_rounding_is_not_shut_out_by_a_cap(cap):
    """Scaled to minimum margin 1 the margins of all support points are 1 within an ulp or two, on either side."""
    rng = np.random.default_rng(0)
    above = 0
    for _ in range(20):
        X = rng.standard_normal((5, 8))
        data = kc.Dataset(X, np.ones(5))
        model = kc.LinearPredictor(np.linalg.lstsq(X, np.ones(5), rcond=None)[0])
        above += (model.margins(data) > 1).any()
        free, capped = (kc.recover_multipliers(model, data, slackness_cap=each) for each in (None, cap))
        np.testing.assert_allclose(capped.values, free.values, atol=1e-13)
        assert capped.epsilon == pytest.approx(free.epsilon, abs=1e-13)
    assert above >= 5


def test_a_margin_truly_above_one_is_shut_out_by_a_cap_of_zero():
    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 1.0 + 2e-11])
    found = kc.recover_multipliers(model, data, slackness_cap=0.0)
    np.testing.assert_array_equal(found.values, [1.0, 0.0])
    assert found.epsilon == 1.0 + 2e-11


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"objective": "both"}, "objective 'both' is unknown: choose 'stationarity' or 'slackness'"),
        ({"norm": 2}, "norm 2 is unknown: choose 'euclidean' or 'max'"),
        ({"engine": "osqp"}, "engine 'osqp' is unknown: choose 'fast', 'matrix-free' or 'cvxpy'"),
        ({"subgradient": "relu"}, "subgradient 'relu' is unknown: choose one of 'clarke', 'indicator'"),
        ({"objective": "slackness"}, "needs epsilon_cap: without a cap on the residual zero multipliers are optimal"),
        ({"epsilon_cap": 1.0}, "epsilon_cap belongs to objective='slackness'; objective='stationarity' takes slackness_cap"),
        (
            {"objective": "slackness", "epsilon_cap": 1.0, "slackness_cap": 1.0},
            "slackness_cap belongs to objective='stationarity'; objective='slackness' takes epsilon_cap",
        ),
        ({"slackness_cap": -0.5}, "slackness_cap = -0.5: a number of at least 0 is needed"),
        ({"slackness_cap": float("nan")}, "slackness_cap = nan: a number of at least 0 is needed"),
        ({"slackness_cap": "1"}, "slackness_cap = '1': a number of at least 0 is needed"),
        ({"objective": "slackness", "epsilon_cap": -1}, "epsilon_cap = -1: a number of at least 0 is needed"),
        ({"norm": "max"}, "norm='max' belongs to objective='slackness'"),
        ({"objective": "slackness", "epsilon_cap": 1, "norm": "max", "engine": "fast"}, "a linear program, which only engine='cvxpy' solves"),
    ],
)
def test_requests_that_make_no_sense_are_refused_with_the_way_out(request_, message):
    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])
    with pytest.raises(kc.InputError) as caught:
        kc.recover_multipliers(model, data, **request_)
    assert message in str(caught.value)


def test_a_model_of_another_dimension_is_refused():
    with pytest.raises(kc.InputError, match="dimension 3"):
        kc.recover_multipliers(kc.LinearPredictor([1.0, 2.0, 3.0]), kc.Dataset(np.eye(2), [1, 1]))


@given(instance=kinked_instances(positive=True), below=st.sampled_from([1e-3, 0.1, 0.9]))
def test_a_cap_below_the_least_residual_is_refused_and_the_least_one_named(instance, below):
    data, net = instance
    least = kc.recover_multipliers(net, data)
    if least.epsilon <= 1e-9 * net.norm:
        net = net.with_hidden(net.W + 1.0, None)
        least = kc.recover_multipliers(net, data)
    if least.epsilon > 1e-9 * net.norm:
        with pytest.raises(kc.InfeasibleError) as caught:
            kc.recover_multipliers(net, data, "slackness", epsilon_cap=least.epsilon * (1 - below))
        assert f"the least residual is {least.epsilon:.10g}" in str(caught.value)


def test_answers_are_for_reading():
    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])
    found = kc.recover_multipliers(model, data)
    assert repr(found) == "Multipliers(2 points, epsilon=0, delta=2, pivoting)"
    assert isinstance(found, Multipliers)
    assert (found.objective, found.engine, found.subgradient, found.norm, found.unique) == ("stationarity", "fast", "clarke", "", True)
    with pytest.raises(AttributeError):
        found.epsilon = 0.0


@examples(20)
@given(m=st.integers(1, 3), d=st.integers(1, 3), n=st.integers(1, 3), seed=seeds())
def test_the_smallest_problems_work_too(m, d, n, seed):
    rng = np.random.default_rng(seed)
    data = kc.Dataset(rng.standard_normal((m, d)) + 3, rng.choice([-1.0, 1.0], m))
    for model in (kc.LinearPredictor(rng.standard_normal(d)), kc.TwoLayerReLU(rng.standard_normal((n, d)), rng.standard_normal(n))):
        for subgradient in SUBGRADIENTS:
            found = kc.recover_multipliers(model, data, subgradient=subgradient)
            assert max(Dense(data, model, subgradient).conditions(found.values, found.kink_multipliers).values()) <= 1e-10
