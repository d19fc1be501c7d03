"""SISA: shards trained apart, of which only those that held a forgotten point change."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, SolverError, TwoLayerReLU, sampling, train
from kktcheck.unlearning import sisa, train_shards

from .instances import seeds
from .unlearning_instances import instance, same_bits


@st.composite
def records(draw, min_shards=1):
    kind, shards, slices = draw(st.sampled_from(["linear", "two-layer"])), draw(st.integers(min_shards, 4)), draw(st.integers(1, 3))
    m = draw(st.integers(max(2, shards * slices), max(2, shards * slices) + 4))
    case = instance(kind, m, draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(seeds()), [0])
    rule = draw(st.sampled_from([{}, {"weight_decay": 0.05, "learning_rate": 0.5}, {"normalised": True, "learning_rate": 0.05}]))
    return train_shards(case.model, case.data, shards=shards, slices=slices, steps=draw(st.integers(1, 7)), rng=draw(seeds()), **rule)


def rule_of(record):
    return {name: getattr(record.settings, name) for name in ("loss", "learning_rate", "weight_decay", "normalised")}


def by_hand(record, shard, data, slices):
    """Models of the stages of one shard on these slices, one training after the other."""
    model, points, models = shard.stages[0].initial[0], [], []
    for part in slices:
        points.extend(part)
        model = train(model, Dataset(data.X[points], data.y[points]), steps=record.steps, **rule_of(record)).model
        models.append(model)
    return models


@given(records())
def test_every_point_is_in_one_shard_and_every_stage_is_a_training_on_its_slices_so_far(record):
    points = np.concatenate([np.concatenate(shard.slices) for shard in record.shards])
    assert sorted(points) == list(range(record.data.num_points))
    sizes = [sum(map(len, shard.slices)) for shard in record.shards]
    assert max(sizes) - min(sizes) <= 1
    for shard in record.shards:
        lengths = [len(part) for part in shard.slices]
        assert max(lengths) - min(lengths) <= 1 and min(lengths) >= 1
        for stage, model in zip(shard.stages, by_hand(record, shard, record.data, shard.slices), strict=True):
            assert same_bits(stage.model, model)
        assert same_bits(shard.model, model)


@given(records(), seeds())
def test_the_outputs_of_the_aggregated_model_are_the_mean_of_the_shards_outputs(record, seed):
    X = np.random.default_rng(seed).standard_normal((5, record.data.dim))
    outputs = np.mean([shard.model.outputs(X) for shard in record.shards], axis=0)
    size = max(shard.model.norm for shard in record.shards) * np.abs(X).max() * 10
    np.testing.assert_allclose(record.model.outputs(X), outputs, rtol=0, atol=1e-14 * size)
    neurons = record.shards[0].model.num_neurons
    assert record.model.num_neurons == (1 if isinstance(record.model, LinearPredictor) else neurons * len(record.shards))


@given(records(), st.data())
def test_only_the_shards_and_slices_that_held_a_forgotten_point_are_trained_anew(record, draws):
    m = record.data.num_points
    forget = draws.draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True))
    after = record.without(forget)
    kept = np.delete(np.arange(m), forget)
    left = iter(after.shards)
    for shard in record.shards:
        slices = [[int(i) for i in part if i not in forget] for part in shard.slices]
        if not any(slices):
            continue
        now = next(left)
        assert [list(kept[part]) for part in now.slices] == [part for part in slices if part]
        touched = [r for r, part in enumerate(shard.slices) if len(slices[r]) < len(part)]
        untouched = touched[0] if touched else len(slices)
        assert all(new is old for new, old in zip(now.stages[:untouched], shard.stages, strict=False))
        models = by_hand(record, shard, record.data, [part for part in slices if part])
        assert len(models) == len(now.stages) and all(same_bits(stage.model, model) for stage, model in zip(now.stages, models, strict=True))
    assert next(left, None) is None
    assert after.data.num_points == m - len(forget)
    assert same_bits(sisa(record.model, record.data, forget, record=record), after.model)


@given(records(min_shards=2), st.data())
def test_forgetting_all_of_a_shard_drops_it_and_leaves_the_mean_of_the_others(record, draws):
    gone = draws.draw(st.integers(0, len(record.shards) - 1))
    others = [shard.model for s, shard in enumerate(record.shards) if s != gone]
    result = sisa(record.model, record.data, np.concatenate(record.shards[gone].slices), record=record)
    X = np.eye(record.data.dim)
    np.testing.assert_allclose(result.outputs(X), np.mean([model.outputs(X) for model in others], axis=0), rtol=1e-13, atol=1e-13)
    if isinstance(result, TwoLayerReLU):
        assert result.W.tobytes() == np.concatenate([model.W for model in others]).tobytes()
        assert result.num_neurons == sum(model.num_neurons for model in others)


@given(records(), st.data())
def test_one_request_after_the_other_is_the_same_as_both_at_once(record, draws):
    m = record.data.num_points
    order = draws.draw(st.permutations(range(m)))
    first, second = sorted(order[: max(1, m // 3)]), sorted(order[max(1, m // 3) : max(2, m // 2)])
    second = second if len(first) + len(second) < m else []
    once = record.without(first)
    kept = [i for i in range(m) if i not in first]
    twice = once.without([kept.index(i) for i in second]) if second else once
    together = record.without(first + second)
    assert same_bits(twice.model, together.model) and twice.data.key == together.data.key


def test_the_partition_is_fixed_by_rng():
    data, model = sampling.gaussian(12, 4, rng=0), LinearPredictor(np.ones(4))
    records = [train_shards(model, data, shards=3, steps=1, slices=2, rng=rng) for rng in (1, 1, 2)]
    parts = [[part.tolist() for shard in record.shards for part in shard.slices] for record in records]
    assert parts[0] == parts[1] != parts[2]


def test_every_shard_may_begin_with_a_model_of_its_own():
    data, rng = sampling.gaussian(6, 4, rng=0), np.random.default_rng(1)
    models = [TwoLayerReLU(rng.standard_normal((3, 4)), rng.choice([-1.0, 1.0], 3)) for _ in range(2)]
    record = train_shards(models, data, shards=2, steps=0, rng=2)
    assert all(same_bits(shard.model, model) for shard, model in zip(record.shards, models, strict=True))
    np.testing.assert_array_equal(record.model.u, np.concatenate([model.u for model in models]) / 2)
    np.testing.assert_array_equal(record.model.W, np.concatenate([model.W for model in models]))


@pytest.mark.parametrize(("slices", "steps", "each"), [(1, 10, 10), (2, 10, 7), (3, 10, 5), (4, 10, 4), (3, 1, 1), (2, 0, 0)])
def test_slices_share_the_epochs(slices, steps, each):
    record = train_shards(LinearPredictor(np.ones(3)), sampling.gaussian(9, 3, rng=0), shards=2, slices=slices, steps=steps, rng=0)
    assert record.steps == each and all(stage.epoch == each for shard in record.shards for stage in shard.stages)


def test_shards_that_cancel_are_refused():
    data = Dataset([[1.0], [1.0]], [1.0, -1.0])
    record = train_shards([LinearPredictor([1.0]), LinearPredictor([-1.0])], data, shards=2, steps=0, rng=0)
    with pytest.raises(InputError, match="averaging 2 predictors leaves nothing of the model but rounding"):
        _ = record.model
    assert record.without(0).model.w[0] in (1.0, -1.0)


def test_a_shard_that_diverges_names_the_epoch():
    data = Dataset([[1.0], [1.0]], [1.0, -1.0])
    with pytest.raises(SolverError, match=r"no longer finite at epoch \d+"):
        train_shards(LinearPredictor([0.1]), data, shards=1, steps=2000, loss="exponential", learning_rate=9.0, rng=0)


def test_records_are_shown_in_one_line():
    record = train_shards(LinearPredictor(np.ones(3)), sampling.gaussian(9, 3, rng=0), shards=2, slices=2, steps=4, rng=0)
    assert repr(record).startswith("Shards(2 of LinearPredictor(3 dimensions), 9 points, Settings(")
    assert repr(record.shards[0]) == "Shard(5 points in 2 slices)"


NET, DATA = TwoLayerReLU(np.eye(3), np.ones(3)), sampling.gaussian(6, 3, rng=0)
BAD = {
    "shards": ({"shards": 0}, "shards is 0: it must be at least 1"),
    "slices": ({"slices": 1.5}, r"slices is 1\.5: a whole number"),
    "steps": ({"steps": -1}, "steps is -1"),
    "too many": ({"shards": 4, "slices": 2}, "4 shards of 2 slices need 8 points, but there are 6"),
    "models": ({"model": [NET]}, "there are 1 models but 2 shards: give one model for all, or one for each"),
    "mixed models": ({"model": [NET, LinearPredictor(np.ones(3))]}, "model 1 is LinearPredictor: the models must be all"),
    "no model": ({"model": 3}, "model is int"),
    "dimension": ({"model": LinearPredictor(np.ones(2))}, "data and model do not fit"),
    "data": ({"data": np.eye(3)}, "data must be a kktcheck.Dataset"),
    "rate": ({"learning_rate": 0}, r"learning_rate is 0\.0"),
}


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    arguments = {"model": NET, "data": DATA, "shards": 2, "steps": 3, **changes}
    with pytest.raises(InputError, match=message):
        train_shards(arguments.pop("model"), arguments.pop("data"), **arguments)
