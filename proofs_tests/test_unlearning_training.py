"""Fine-tuning, relabelling and retraining are `train` on the changed data."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, SolverError, random_network, sampling, train
from kktcheck.unlearning import fine_tuning, relabelling, retraining

from .unlearning_instances import close, descent, instance, instances, mean_over, rules, same_bits, trained_instances

steps = st.integers(0, 15)


def settings_of(record):
    return {name: getattr(record.settings, name) for name in ("loss", "learning_rate", "weight_decay", "normalised")}


def flipped(data, forget):
    y = np.array(data.y)
    y[forget] = -y[forget]
    return Dataset(data.X, y)


@given(instances(), rules(), steps)
def test_fine_tuning_is_training_without_the_forgotten_points(case, rule, steps):
    result = fine_tuning(case.model, case.data, case.forget, steps=steps, **rule)
    assert same_bits(result, train(case.model, case.data.without(case.forget), steps=steps, **rule).model)
    expected = descent(case.model, case.data, mean_over(case.data, case.retained), steps, **rule)
    assert close(result, expected, start=case.model)


@given(instances(), rules(), steps)
def test_relabelling_is_training_with_the_other_label(case, rule, steps):
    result = relabelling(case.model, case.data, case.forget, steps=steps, **rule)
    other = flipped(case.data, case.forget)
    assert close(result, train(case.model, other, steps=steps, **rule).model, start=case.model, tolerance=1e-13)
    assert close(result, descent(case.model, other, mean_over(other, np.arange(other.num_points)), steps, **rule), start=case.model)


def test_relabelling_leaves_a_memory_map_writable(tmp_path):
    np.save(tmp_path / "X.npy", np.eye(3))
    X = np.load(tmp_path / "X.npy", mmap_mode="r+")
    relabelling(LinearPredictor(np.ones(3)), Dataset(X, np.ones(3)), 0, steps=2)
    X[0, 0] = 2.0
    assert X.flags.writeable


@given(trained_instances(), steps)
def test_loss_and_step_rule_come_from_the_record(case, steps):
    for algorithm in (fine_tuning, relabelling):
        recorded = algorithm(case.model, case.data, case.forget, record=case.record, steps=steps)
        assert same_bits(recorded, algorithm(case.model, case.data, case.forget, steps=steps, **settings_of(case.record)))


@given(trained_instances())
def test_retraining_is_bit_for_bit_training_on_the_retained_data_from_the_same_beginning(case):
    expected = train(case.record.initial[0], case.data.without(case.forget), steps=case.record.epoch, **settings_of(case.record)).model
    assert same_bits(retraining(case.model, case.data, case.forget, record=case.record), expected)


@given(trained_instances())
def test_another_initialisation_has_the_same_norm_and_second_layer_and_its_draw_is_fixed_by_rng(case):
    start, record = case.record.initial[0], train(case.record.initial[0], case.data, steps=0, learning_rate=0.1)
    # With no epoch taken the result is the beginning itself.
    drawn = [retraining(start, case.data, case.forget, record=record, initial="other", rng=rng).hidden for rng in (7, 7, np.random.default_rng(8))]
    assert drawn[0].tobytes() == drawn[1].tobytes()
    assert abs(np.linalg.norm(drawn[0]) / start.norm - 1) <= 1e-14 and abs(np.linalg.norm(drawn[2]) / start.norm - 1) <= 1e-14
    if start.hidden.size > 1:
        assert np.linalg.norm(drawn[0] - drawn[2]) > 1e-6 * start.norm and np.linalg.norm(drawn[0] - start.hidden) > 1e-6 * start.norm
    result = retraining(case.model, case.data, case.forget, record=case.record, initial="other", rng=7)
    expected = train(start.with_hidden(drawn[0]), case.data.without(case.forget), steps=case.record.epoch, **settings_of(case.record)).model
    assert same_bits(result, expected)


def test_another_initialisation_is_gaussian():
    start = random_network(200, 50, rng=0)
    data = sampling.gaussian(3, 50, rng=1)
    record = train(start, data, steps=0)
    W = retraining(start, data, 0, record=record, initial="other", rng=2).W
    entries = W / W.std()
    assert abs(W.std() / start.W.std() - 1) < 0.02 and abs(entries.mean()) < 0.05 and abs((entries**4).mean() - 3) < 0.3


def test_retraining_forgets_the_point_outside_the_retained_span():
    """From a beginning in the retained span nothing of the forgotten direction remains, with any number of epochs."""
    data = Dataset(np.eye(4), [1.0, -1.0, 1.0, 1.0])
    record = train(LinearPredictor([1.0, 1.0, 0.0, 0.0]), data, steps=50)
    assert record.model.w[3] > 0.1
    assert retraining(record.model, data, 3, record=record).w[3] == 0.0


def test_divergence_names_the_epoch():
    data = Dataset([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1.0, -1.0, 1.0])
    model = LinearPredictor([0.1, 0.0])
    for call in (fine_tuning, relabelling):
        with pytest.raises(SolverError, match=r"no longer finite at epoch \d+ with learning_rate=9"):
            call(model, data, 2, steps=2000, loss="exponential", learning_rate=9)


def test_training_that_ends_at_the_origin_is_refused():
    """One step whose rate is the reciprocal of the slope, against a label that the beginning misses by 1."""
    data, start, rate = Dataset(np.eye(2), [1.0, 1.0]), LinearPredictor([0.0, -1.0]), 1.0 + 1.0 / np.e
    with pytest.raises(InputError, match="fine-tuning without 0 for 1 steps leaves nothing of the model but rounding"):
        fine_tuning(start, data, 0, steps=1, learning_rate=rate)
    record = train(start, data, steps=1, learning_rate=rate)
    with pytest.raises(InputError, match="retraining without 0 leaves nothing of the model but rounding"):
        retraining(record.model, data, 0, record=record)
    with pytest.raises(InputError, match="relabelling 0 for 1 steps leaves nothing of the model but rounding"):
        relabelling(LinearPredictor([1.0]), Dataset([[1.0], [1.0]], [1.0, -1.0]), 0, steps=1, learning_rate=rate)


def test_bad_options_are_refused():
    case = instance("two-layer", 4, 3, 5, 0, [1])
    for algorithm in (fine_tuning, relabelling):
        with pytest.raises(InputError, match="steps is 'many'"):
            algorithm(case.model, case.data, case.forget, steps="many")
        with pytest.raises(InputError, match=r"weight_decay is -1\.0"):
            algorithm(case.model, case.data, case.forget, weight_decay=-1)
    record = train(case.model, case.data, steps=3)
    with pytest.raises(InputError, match="initial 'fresh' is unknown: choose 'same' or 'other'"):
        retraining(record.model, case.data, case.forget, record=record, initial="fresh")
