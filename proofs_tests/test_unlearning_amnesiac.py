"""Amnesiac unlearning takes back exactly the updates that the forgotten points gave, decayed as the weights were."""

import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, train
from kktcheck.unlearning import amnesiac

from .unlearning_instances import SLOPES, VALUES, close, descent, mean_over, trained_instances


@given(trained_instances())
def test_a_single_point_takes_its_coefficients_along(case):
    record = case.record
    for point in case.forget:
        result = amnesiac(case.model, case.data, point, record=record)
        expected = case.model.hidden - np.outer(record.coefficients[:, point], case.data.X[point])
        size = case.model.norm + np.linalg.norm(record.coefficients[:, point])
        assert np.abs(result.hidden - expected).max() <= 1e-14 * size


@given(trained_instances())
def test_what_a_set_loses_is_the_sum_of_what_its_points_lose(case):
    together = amnesiac(case.model, case.data, case.forget, record=case.record).hidden
    losses = [case.model.hidden - amnesiac(case.model, case.data, point, record=case.record).hidden for point in case.forget]
    assert np.abs(case.model.hidden - sum(losses) - together).max() <= 1e-13 * (case.model.norm + np.abs(losses).sum())


@given(trained_instances())
def test_subtracting_all_recorded_updates_leaves_the_decayed_beginning(case):
    """All points cannot be forgotten at once: forget all but one, and take that one's update off by hand."""
    record, last = case.record, case.retained[0]
    others = np.delete(np.arange(case.data.num_points), last)
    rest = amnesiac(case.model, case.data, others, record=record).hidden - np.outer(record.coefficients[:, last], case.data.X[last])
    shrink = (1.0 - record.settings.learning_rate * record.settings.weight_decay) ** record.epoch
    assert np.abs(rest - shrink * record.initial[0].hidden).max() <= 1e-13 * (record.initial[0].norm + np.linalg.norm(record.coefficients))


@given(trained_instances())
def test_the_result_is_the_trajectory_replayed_without_the_forgotten_points_updates(case):
    """Every update is taken at the weights that training really had; decay acts on what has been added up without the forgotten ones."""
    settings, data = case.record.settings, case.data
    model, replayed = case.record.initial[0], np.array(case.record.initial[0].hidden)
    rule = {"loss": settings.loss, "learning_rate": settings.learning_rate, "weight_decay": settings.weight_decay}
    everyone = mean_over(data, np.arange(data.num_points))
    for _ in range(case.record.epoch):
        q = data.y * model.outputs(data.X)
        rate = settings.learning_rate / VALUES[settings.loss](q).mean() if settings.normalised else settings.learning_rate
        slopes = everyone * SLOPES[settings.loss](q) * data.y
        slopes[case.forget] = 0.0
        gradient = np.tensordot(slopes, model.jacobian(data.X), axes=1).reshape(replayed.shape)
        replayed = (1.0 - settings.learning_rate * settings.weight_decay) * replayed - rate * gradient
        model = descent(model, data, everyone, 1, normalised=settings.normalised, **rule)
    assert close(amnesiac(case.model, data, case.forget, record=case.record), model.with_hidden(replayed), start=case.record.initial[0])


def test_the_undecayed_sum_of_the_updates_would_be_another():
    data, start = Dataset(np.eye(2), [1.0, 1.0]), LinearPredictor([1.0, 1.0])
    record = train(start, data, steps=30, weight_decay=0.1)
    w, undecayed = 1.0, 0.0
    for _ in range(30):
        update = 0.5 / (1.0 + np.exp(w))
        w, undecayed = 0.9 * w + update, undecayed + update
    assert record.model.w[0] == pytest.approx(w, rel=1e-13)
    left = amnesiac(record.model, data, 0, record=record).w[0]
    assert left == pytest.approx(0.9**30, rel=1e-13) and abs(w - undecayed - left) > 1


def test_nothing_that_cancels_is_subtracted():
    """The updates are a million times the beginning, of which every digit is still there."""
    start = LinearPredictor([1e-6 / 3, 1e-6 / 7, 0.0])
    data = Dataset([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [1.0, 1.0, 1.0])
    record = train(start, data, steps=100)
    assert record.model.w[0] > 0.1
    result = amnesiac(record.model, data, [0, 1], record=record)
    assert result.w[:2].tolist() == start.w[:2].tolist()


def test_a_model_made_of_forgotten_updates_alone_is_refused():
    data = Dataset([[1.0, 0.0], [-1.0, 0.0]], [1.0, 1.0])
    record = train(TwoLayerReLU([[1.0, 0.0]], [1.0]), data, steps=500, weight_decay=0.999)
    assert record.shrink == 0.0 and not record.coefficients[0, 1]
    with pytest.raises(InputError, match="subtracting the updates of 0 leaves nothing of the model but rounding"):
        amnesiac(record.model, data, 0, record=record)


def test_one_network_of_a_batch_has_a_record_of_its_own():
    rng = np.random.default_rng(0)
    data = [Dataset(rng.standard_normal((4, 3)), [1, -1, 1, 1]) for _ in range(3)]
    batch = train([LinearPredictor(rng.standard_normal(3)) for _ in data], data, steps=20, weight_decay=0.01)
    for k, part in enumerate(data):
        record = batch.single(k)
        assert record.model.w.tobytes() == batch.models[k].w.tobytes() and not record.batched and record.data == (part,)
        np.testing.assert_allclose(
            amnesiac(record.model, part, [1, 2], record=record).w, batch.models[k].w - batch.coefficients[k, 0, [1, 2]] @ part.X[[1, 2]], rtol=1e-12
        )
        alone = train(batch.initial[k], part, steps=40, weight_decay=0.01)
        resumed = train(batch.initial[k], part, steps=40, weight_decay=0.01, resume=record)
        np.testing.assert_allclose(resumed.model.w, alone.model.w, rtol=1e-12)
    for wrong in (3, -1, 1.0, True, None):
        with pytest.raises(InputError, match=r"there is no network .*: this training holds a batch of 3 models, numbered from 0"):
            batch.single(wrong)
    single = train(batch.initial[0], data[0], steps=2).single(0)
    assert single.epoch == 2 and not single.batched
