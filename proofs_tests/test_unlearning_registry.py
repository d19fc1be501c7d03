"""Every algorithm behind the one interface: in order, runnable or refused by name, careful with its input and clear about bad one."""

import pickle

import numpy as np
import pytest

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, random_network, sampling, train
from kktcheck.training_state import Training
from kktcheck.unlearning import algorithms, ascent_step, get, identity, retraining, train_shards

from .unlearning_instances import same_bits

NAMES = [
    "identity",
    "gradient-ascent",
    "gradient-ascent-corrected",
    "gradient-ascent-projected",
    "neg-grad",
    "neg-grad-plus",
    "advanced-neg-grad",
    "fine-tuning",
    "relabelling",
    "amnesiac",
    "sisa",
    "retraining",
    "retraining-other",
    "newton",
]
DATA = sampling.gaussian(8, 30, rng=0)
BEGINNINGS = {"linear": LinearPredictor(np.random.default_rng(1).standard_normal(30)), "two-layer": random_network(40, 30, scale=0.1, rng=2)}
RULE = {"learning_rate": 1.0, "weight_decay": 1e-3}
TRAININGS = {kind: train(start, DATA, steps=400, **RULE) for kind, start in BEGINNINGS.items()}
SHARDS = {kind: train_shards(start, DATA, shards=3, steps=400, rng=3, **RULE) for kind, start in BEGINNINGS.items()}
FORGET = [2, 5]


def record_for(algorithm, kind):
    return SHARDS[kind] if algorithm.needs == "shards" else TRAININGS[kind]


def small(options):
    """The options with few epochs."""
    return {name: min(value, 3) if name in ("steps", "recovery_steps") else value for name, value in options.items()}


pairs = [(algorithm, kind) for algorithm in algorithms() for kind in BEGINNINGS]
cases = pytest.mark.parametrize(("algorithm", "kind"), pairs, ids=lambda value: getattr(value, "name", value))
every = pytest.mark.parametrize("algorithm", algorithms(), ids=lambda algorithm: algorithm.name)


def test_the_names_are_in_the_order_of_comparison():
    assert [algorithm.name for algorithm in algorithms()] == NAMES
    assert all(get(name).name == name for name in NAMES)
    assert {a.name: a.needs for a in algorithms() if a.needs != "nothing"} == {
        "amnesiac": "training", "sisa": "shards", "retraining": "training", "retraining-other": "training", "newton": "training",
    }  # fmt: skip
    assert {a.name: a.kinds for a in algorithms() if len(a.kinds) == 1} == {"gradient-ascent-corrected": ("two-layer",), "newton": ("linear",)}


@pytest.mark.parametrize("name", ["Identity", "sgd", None, 3])
def test_an_unknown_name_is_answered_with_all_names(name):
    with pytest.raises(InputError, match=r"algorithm .* is unknown: choose one of identity, gradient-ascent, .*, newton"):
        get(name)


@cases
def test_every_algorithm_runs_with_all_its_options_or_refuses_by_name(algorithm, kind):
    record = record_for(algorithm, kind)
    if kind not in algorithm.kinds:
        with pytest.raises(InputError, match=f"{algorithm.name} is for {algorithm.kinds[0]} models, not for a {type(record.model).__name__}"):
            algorithm(record.model, DATA, FORGET, record=record, rng=0)
        return
    assert len(algorithm.grid) == 1 or len({tuple(sorted(options.items())) for options in algorithm.grid}) == len(algorithm.grid)
    for options in algorithm.grid:
        result = algorithm(record.model, DATA, FORGET, record=record, rng=0, **small(options))
        assert type(result) is type(record.model) and np.isfinite(result.hidden).all() and result.dim == DATA.dim
        assert same_bits(result, record.model) == (algorithm.name == "identity")
        assert result.kinks is None or result.kinks.shape == (result.num_neurons, 6)


@cases
def test_nothing_that_is_given_is_changed(algorithm, kind):
    if kind not in algorithm.kinds:
        return
    record, forget, options = record_for(algorithm, kind), np.array(FORGET), small(algorithm.grid[0])
    model = record.model
    before = pickle.dumps((model.hidden, model.second_layer, DATA.X, DATA.y, forget, options, coefficients(record)))
    algorithm(model, DATA, forget, record=record, rng=0, **options)
    assert pickle.dumps((model.hidden, model.second_layer, DATA.X, DATA.y, forget, options, coefficients(record))) == before


def coefficients(record):
    trainings = [record] if isinstance(record, Training) else [stage for shard in record.shards for stage in shard.stages]
    return [np.array(training.coefficients) for training in trainings]


@every
def test_a_record_is_asked_for_where_it_is_needed_and_the_error_names_how_to_get_it(algorithm):
    kind = algorithm.kinds[-1]
    model, options = record_for(algorithm, kind).model, small(algorithm.grid[0])
    if algorithm.needs == "nothing":
        algorithm(model, DATA, FORGET, **options)
        return
    source = r"kc\.train\(" if algorithm.needs == "training" else r"kc\.unlearning\.train_shards\("
    with pytest.raises(InputError, match=f"needs .*{source}.*record="):
        algorithm(model, DATA, FORGET, **options)


def check_refused(algorithm, message, model=None, data=DATA, forget=FORGET, record=None):
    kind = algorithm.kinds[-1]
    record = record_for(algorithm, kind) if record is None else record
    with pytest.raises(InputError, match=message):
        algorithm(record_for(algorithm, kind).model if model is None else model, data, forget, record=record, rng=0, **small(algorithm.grid[0]))


@every
def test_a_record_of_another_run_is_refused_with_the_reason(algorithm):
    kind = algorithm.kinds[-1]
    record = record_for(algorithm, kind)
    turned = Dataset(DATA.X[::-1], DATA.y[::-1])
    check_refused(algorithm, "record belongs to other data .*: give the points it was trained on, in the same order", data=turned)
    check_refused(algorithm, "record belongs to other data", data=Dataset(DATA.X, -DATA.y))
    message = r"record belongs to another model \(its weights differ by 1 of their norm\).* at the scale of training"
    check_refused(algorithm, message, record.model.scaled(2.0))
    nudged = np.array(record.model.hidden)
    nudged[0, 0] += 1e-9 * record.model.norm
    check_refused(algorithm, r"another model \(its weights differ by 1e-09 of their norm\)", record.model.with_hidden(nudged))
    if kind == "two-layer":
        check_refused(algorithm, "another model .its second layer differs", TwoLayerReLU(record.model.W, -record.model.u))
        message = r"another model \(TwoLayerReLU\(\d+ neurons, 30 dimensions\), not TwoLayerReLU\(1 neurons"
        check_refused(algorithm, message, TwoLayerReLU(record.model.W[:1], [1.0]))
    word = "Shards are needed, which kc.unlearning.train_shards" if algorithm.needs == "shards" else "a Training is needed, which kc.train"
    check_refused(algorithm, f"record is int: {word}", record=7)
    check_refused(algorithm, f": {word}", record=TRAININGS[kind] if algorithm.needs == "shards" else SHARDS[kind])


@every
def test_a_record_that_agrees_up_to_rounding_is_taken(algorithm):
    record = record_for(algorithm, algorithm.kinds[-1])
    rounded = record.model.with_hidden(record.model.hidden * (1 + 1e-15))
    copy = Dataset(np.array(DATA.X), np.array(DATA.y))
    result, expected = (
        algorithm(model, data, FORGET, record=record, rng=0, **small(algorithm.grid[0])) for model, data in ((rounded, copy), (record.model, DATA))
    )
    assert np.linalg.norm(result.hidden - expected.hidden) <= 1e-8 * expected.norm


@every
def test_a_bad_forget_set_is_refused_with_the_reason(algorithm):
    check_refused(algorithm, "the forget set is empty", forget=[])
    check_refused(algorithm, "the forget set holds all 8 points: nothing would be retained", forget=range(8))
    check_refused(algorithm, r"names point 8 \(position 1\); there are points 0 to 7", forget=[1, 8])
    check_refused(algorithm, "names point 3 more than once", forget=[3, 3])
    check_refused(algorithm, "must be a list of integers", forget=[0.5])


@every
def test_other_models_and_data_are_refused_with_the_reason(algorithm):
    check_refused(algorithm, "data must be a kktcheck.Dataset, not ndarray", data=DATA.X)
    check_refused(algorithm, "takes points of dimension 30, but the data has dimension 4", data=sampling.gaussian(8, 4, rng=0))


@every
def test_a_model_of_no_kind_is_refused(algorithm):
    message = (
        "newton is for a LinearPredictor, not for a int"
        if algorithm.name == "newton"
        else "model must be a LinearPredictor or a TwoLayerReLU, not int"
    )
    with pytest.raises(InputError, match=message):
        algorithm.function(3, DATA, FORGET)


def test_a_batch_is_no_record_of_one_model():
    batch = train([BEGINNINGS["linear"]] * 2, DATA, steps=3)
    check_refused(get("amnesiac"), r"record holds a batch of 2 models: give record\.single\(k\)", record=batch)


def test_what_an_entry_binds_is_what_its_name_says():
    model, record = TRAININGS["two-layer"].model, TRAININGS["two-layer"]
    for name, function, options in (
        ("identity", identity, {}),
        ("gradient-ascent", ascent_step, {"method": "plain"}),
        ("gradient-ascent-corrected", ascent_step, {"method": "corrected"}),
        ("gradient-ascent-projected", ascent_step, {"method": "projected"}),
        ("retraining", retraining, {"initial": "same"}),
        ("retraining-other", retraining, {"initial": "other"}),
    ):
        assert same_bits(get(name)(model, DATA, FORGET, record=record, rng=1), function(model, DATA, FORGET, record=record, rng=1, **options))


def test_entries_can_be_sent_to_another_process():
    record = TRAININGS["linear"]
    for algorithm in pickle.loads(pickle.dumps(algorithms())):
        if algorithm.needs != "shards" and "linear" in algorithm.kinds:
            options = small(algorithm.grid[-1])
            expected = get(algorithm.name)(record.model, DATA, FORGET, record=record, rng=5, **options)
            assert same_bits(algorithm(record.model, DATA, FORGET, record=record, rng=5, **options), expected)
