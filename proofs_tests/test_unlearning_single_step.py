"""Doing nothing, and the paper's step, behind the common interface: the same bits as `gradient_ascent` and `restore_activations`."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import InputError, LinearPredictor, certify, gradient_ascent, restore_activations, train
from kktcheck.unlearning import ascent_step, identity

from .kkt_instances import planted_network, planted_networks, planted_predictor, planted_predictors
from .unlearning_instances import instance, same_bits

kinds = {"error": (0.0, 0.05), "slack": (0.0, 0.5), "min_points": 3}
planted = planted_networks(**kinds) | planted_predictors(**kinds, max_points=7, min_dim=8, max_dim=12)


def forget_sets(case):
    m = case.data.num_points
    return st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True)


@given(planted, st.data())
def test_identity_keeps_the_weights_and_the_kinks_of_the_retained_points(case, draws):
    forget = draws.draw(forget_sets(case))
    result = identity(case.model, case.data, forget)
    assert same_bits(result, case.model)
    if case.model.kinks is not None:
        np.testing.assert_array_equal(result.kinks, np.delete(case.model.kinks, forget, axis=1))
    retained = np.delete(np.arange(case.data.num_points), forget)
    np.testing.assert_allclose(result.margins(case.data.without(forget)), case.model.margins(case.data)[retained], rtol=1e-12)


@given(planted, st.data(), st.floats(0, 2), st.sampled_from(["plain", "projected"]), st.booleans())
def test_plain_and_projected_steps_are_those_of_gradient_ascent(case, draws, fraction, method, own):
    forget = draws.draw(forget_sets(case))
    certificate = certify(case.model, case.data)
    expected = gradient_ascent(case.model, case.data, forget, certificate=certificate, fraction=fraction, method=method)
    given_certificate = None if own else certificate
    result = ascent_step(case.model, case.data, forget, method=method, certificate=given_certificate, fraction=fraction)
    assert same_bits(result, expected)
    np.testing.assert_array_equal(result.kinks, expected.kinks)


@given(planted_networks(**kinds, paper_layer=True), st.data(), st.floats(0, 2), st.sampled_from([None, 0.0, 0.01]))
def test_the_corrected_step_is_the_plain_one_restored(case, draws, fraction, c):
    forget = draws.draw(forget_sets(case))
    certificate = certify(case.model, case.data)
    plain = gradient_ascent(case.model, case.data, forget, certificate=certificate, fraction=fraction)
    expected = restore_activations(plain, case.data, forget, original=case.model, certificate=certificate, c=c, fraction=fraction).model
    for given_certificate in (None, certificate):
        result = ascent_step(case.model, case.data, forget, method="corrected", certificate=given_certificate, fraction=fraction, c=c)
        assert same_bits(result, expected)


def test_the_certificate_given_is_the_one_used():
    case = planted_network(0, paper_layer=True)
    certificate = certify(case.model, case.data, subgradient="indicator")
    for method in ("plain", "corrected", "projected"):
        results = [ascent_step(case.model, case.data, 1, method=method, certificate=chosen) for chosen in (None, certificate)]
        assert not same_bits(*results)


def test_a_forget_set_may_be_used_up_by_reading_it():
    case = planted_network(0, paper_layer=True)
    expected = ascent_step(case.model, case.data, [1, 2], method="corrected")
    assert same_bits(ascent_step(case.model, case.data, (i for i in (1, 2)), method="corrected"), expected)


def test_bad_words_are_refused():
    case, predictor = planted_network(0, paper_layer=True), planted_predictor(0, m=4, d=8)
    with pytest.raises(InputError, match="method 'sideways' is unknown: choose one of 'plain', 'corrected', 'projected'"):
        ascent_step(case.model, case.data, 0, method="sideways")
    with pytest.raises(InputError, match="c belongs to method='corrected', the weight of its correction; method='plain' has none"):
        ascent_step(case.model, case.data, 0, c=0.1)
    with pytest.raises(InputError, match="two TwoLayerReLU networks are needed, not LinearPredictor"):
        ascent_step(predictor.model, predictor.data, 0, method="corrected")
    with pytest.raises(InputError, match="certificate belongs to another model"):
        ascent_step(LinearPredictor(predictor.model.w[::-1]), predictor.data, 0, certificate=certify(predictor.model, predictor.data))


def test_a_record_changes_nothing_but_is_checked():
    case = instance("linear", 4, 9, 1, 1, [1])
    record = train(case.model, case.data, steps=3000)
    for algorithm in (identity, ascent_step):
        assert same_bits(algorithm(record.model, case.data, 1, record=record), algorithm(record.model, case.data, 1))
        with pytest.raises(InputError, match="record belongs to another model"):
            algorithm(case.model, case.data, 1, record=record)
