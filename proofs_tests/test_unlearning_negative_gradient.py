"""NegGrad, NegGrad+ and advanced NegGrad are gradient descent on their objectives, written out on the weights."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, SolverError, train
from kktcheck.descent import Settings
from kktcheck.training import descend
from kktcheck.unlearning import advanced_neg_grad, fine_tuning, neg_grad, neg_grad_plus

from .instances import seeds
from .unlearning_instances import close, complex_step_gradient, descent, instance, instances, mean_over, rules, same_bits, trained_instances

steps = st.integers(0, 15)
betas = st.sampled_from([0.0, 0.3, 0.5, 0.95, 1.0])


def joint(case, beta, factor=1.0):
    return mean_over(case.data, case.retained, factor * beta) - mean_over(case.data, case.forget, factor * (1.0 - beta))


@given(instances(), rules(), steps)
def test_neg_grad_ascends_the_mean_loss_of_the_forgotten_points_alone(case, rule, steps):
    expected = descent(case.model, case.data, -mean_over(case.data, case.forget), steps, **rule)
    assert close(neg_grad(case.model, case.data, case.forget, steps=steps, **rule), expected, start=case.model)


@given(instances(), rules(), steps, betas)
def test_neg_grad_plus_descends_the_weighted_difference_of_the_two_mean_losses(case, rule, steps, beta):
    expected = descent(case.model, case.data, joint(case, beta), steps, **rule)
    assert close(neg_grad_plus(case.model, case.data, case.forget, steps=steps, beta=beta, **rule), expected, start=case.model)


@given(instances(), rules(), steps, st.integers(0, 15))
def test_advanced_neg_grad_descends_the_plain_difference_and_then_recovers_on_the_retained_points(case, rule, steps, recovery):
    ascended = descent(case.model, case.data, joint(case, 0.5, 2.0), steps, **rule)
    expected = descent(ascended, case.data, mean_over(case.data, case.retained), recovery, **rule)
    result = advanced_neg_grad(case.model, case.data, case.forget, steps=steps, recovery_steps=recovery, **rule)
    assert close(result, expected, start=case.model)


@given(instances(), st.sampled_from(["logistic", "exponential"]), st.sampled_from([0.0, 0.2]), betas)
def test_one_step_is_the_gradient_of_the_objective_by_imaginary_nudges(case, loss, decay, beta):
    rule = {"steps": 1, "loss": loss, "learning_rate": 0.125, "weight_decay": decay}
    results = neg_grad(case.model, case.data, case.forget, **rule), neg_grad_plus(case.model, case.data, case.forget, beta=beta, **rule)
    for result, weights in zip(results, (-mean_over(case.data, case.forget), joint(case, beta)), strict=True):
        gradient = complex_step_gradient(case.model, case.data, weights, loss, decay)
        np.testing.assert_allclose(result.hidden, case.model.hidden - 0.125 * gradient, rtol=0, atol=1e-14 * (1 + np.abs(gradient).max()))


@given(instances(), seeds())
def test_any_weights_of_the_points_can_be_descended(case, seed):
    """Among them zeros, which must not matter, and both signs."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal(case.data.num_points) * rng.integers(0, 2, case.data.num_points)
    training = descend(case.model, case.data, weights, Settings(learning_rate=0.1, weight_decay=0.01), 7)
    expected = descent(case.model, case.data, weights, 7, learning_rate=0.1, weight_decay=0.01)
    assert training.epoch == 7 and close(training.model, expected, start=case.model)


@given(trained_instances(), steps)
def test_loss_and_step_rule_come_from_the_record_and_can_be_replaced_one_by_one(case, steps):
    rule = {name: getattr(case.record.settings, name) for name in ("loss", "learning_rate", "weight_decay", "normalised")}
    for algorithm in (neg_grad, neg_grad_plus, advanced_neg_grad):
        recorded = algorithm(case.model, case.data, case.forget, record=case.record, steps=steps)
        assert same_bits(recorded, algorithm(case.model, case.data, case.forget, steps=steps, **rule))
        other = algorithm(case.model, case.data, case.forget, record=case.record, steps=steps, learning_rate=1e-4)
        assert same_bits(other, algorithm(case.model, case.data, case.forget, steps=steps, **{**rule, "learning_rate": 1e-4}))


@given(instances(), rules(), steps)
def test_the_ends_of_neg_grad_plus_are_neg_grad_and_fine_tuning(case, rule, steps):
    arguments = (case.model, case.data, case.forget)
    assert close(neg_grad_plus(*arguments, steps=steps, beta=0.0, **rule), neg_grad(*arguments, steps=steps, **rule), start=case.model)
    assert close(neg_grad_plus(*arguments, steps=steps, beta=1, **rule), fine_tuning(*arguments, steps=steps, **rule), start=case.model)
    twice = {**rule, "learning_rate": 2 * rule["learning_rate"], "weight_decay": rule.get("weight_decay", 0.0) / 2}
    half = neg_grad_plus(*arguments, steps=steps, beta=0.5, **({**rule} if rule.get("normalised") else twice))
    assert close(advanced_neg_grad(*arguments, steps=steps, recovery_steps=0, **rule), half, start=case.model)


@pytest.mark.parametrize("margin", [1e4, -1e4])
def test_normalised_ascent_goes_down_at_an_even_pace_where_the_loss_is_beyond_floating_point(margin):
    """The exponential loss divided by itself has slope -1 at any margin; the retained point, of margin -margin, takes no part."""
    data, model = Dataset(np.eye(2), [1.0, 1.0]), LinearPredictor([margin, -margin])
    rule = {"loss": "exponential", "normalised": True, "learning_rate": 0.5}
    for result in (neg_grad(model, data, 0, steps=9, **rule), neg_grad_plus(model, data, 0, steps=9, beta=0.0, **rule)):
        assert result.w.tolist() == [margin - 4.5, -margin]


def test_ascent_that_diverges_names_the_epoch():
    """The exponential loss pushes w to w - exp(-w): 0, -1, -3.7, -44, -1e19, out of range."""
    data, model = Dataset([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0]), LinearPredictor([1e-9, 1.0])
    w, epoch = 1e-9, 0
    with np.errstate(over="ignore"):
        while np.isfinite(np.exp(-w)):
            w, epoch = w - float(np.exp(-w)), epoch + 1
    assert epoch == 4
    for call in (neg_grad, lambda *a, **k: neg_grad_plus(*a, beta=0.0, **k), lambda *a, **k: advanced_neg_grad(*a, recovery_steps=0, **k)):
        with pytest.raises(SolverError, match=f"no longer finite at epoch {epoch} with learning_rate=1; take a smaller one"):
            call(model, data, 0, steps=300, loss="exponential")


def test_the_logistic_loss_is_ascended_at_a_bounded_pace():
    case = instance("two-layer", 4, 3, 5, 0, [1])
    assert np.isfinite(neg_grad(case.model, case.data, 1, steps=3000).W).all()


def test_an_ascent_onto_the_origin_is_refused():
    data, model = Dataset(np.eye(2), [1.0, 1.0]), LinearPredictor([1.0, 0.0])
    rate = 1.0 + np.e
    for rounding in (1.0, 1.0 + 1e-15):
        with pytest.raises(InputError, match="ascending the loss of 0 for 1 steps leaves nothing of the model but rounding: it has no direction"):
            neg_grad(model, data, 0, steps=1, learning_rate=rate * rounding)


def test_a_model_of_smaller_scale_is_forgotten_faster():
    """The documented dependence: steps that hardly move a model of large margins turn over a small one."""
    case = instance("two-layer", 5, 12, 20, 3, [2])
    trained = train(case.model, case.data, steps=3000, normalised=True, learning_rate=0.1).model
    large, small = trained.scaled(10.0 / trained.margins(case.data).min()), trained.scaled(0.1 / trained.margins(case.data).min())
    after = [neg_grad(model, case.data, 2, steps=20).margins(case.data)[2] / model.margins(case.data)[2] for model in (large, small)]
    assert after[0] > 0.9 and after[1] < 0


BAD = {
    "steps": ({"steps": 1.5}, r"steps is 1\.5: a whole number"),
    "negative steps": ({"steps": -1}, "steps is -1: it must be at least 0"),
    "rate": ({"learning_rate": -1.0}, r"learning_rate is -1\.0: it must be positive"),
    "loss": ({"loss": "hinge"}, "'hinge' is unknown"),
    "decay": ({"normalised": True, "weight_decay": 0.1}, "normalised steps take no weight decay"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("algorithm", [neg_grad, neg_grad_plus, advanced_neg_grad])
def test_bad_options_are_refused(algorithm, options, message):
    case = instance("two-layer", 4, 3, 5, 0, [1])
    with pytest.raises(InputError, match=message):
        algorithm(case.model, case.data, case.forget, **options)


@pytest.mark.parametrize("beta", [-0.1, 1.1, np.nan, "half", None, True])
def test_beta_is_a_share(beta):
    case = instance("linear", 4, 3, 1, 0, [1])
    with pytest.raises(InputError, match=r"beta = .*: a share from 0"):
        neg_grad_plus(case.model, case.data, case.forget, beta=beta)


def test_recovery_steps_are_whole():
    case = instance("linear", 4, 3, 1, 0, [1])
    with pytest.raises(InputError, match=r"recovery_steps is 0\.5: a whole number of at least 0"):
        advanced_neg_grad(case.model, case.data, case.forget, recovery_steps=0.5)
