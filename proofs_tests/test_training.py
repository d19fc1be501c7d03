"""Training in the span of the data is gradient descent on W, can be stopped anywhere, and says so when it cannot go on."""

import sys
import types

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kktcheck import Dataset, FileError, InputError, LinearPredictor, MissingDependencyError, SolverError, TwoLayerReLU, descent, sampling
from kktcheck.training import TrainingInterrupted, random_network, train
from kktcheck.training_state import Training

from .instances import examples


def network(n, d, rng):
    return TwoLayerReLU(rng.standard_normal((n, d)) / np.sqrt(d), rng.uniform(0.3, 1.0, n) * rng.choice([-1.0, 1.0], n) / np.sqrt(n))


def instance(kind, m, d, n, seed, repeated=0):
    """Model and data, the last ``repeated`` points (at most m - 1) copies of the first one with labels of their own.

    Norms are at most 1 and margins above -2 or so: no learning rate of these tests then makes the exponential loss diverge.
    """
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((m, d))
    X *= rng.uniform(0.5, 1.0, (m, 1)) / np.linalg.norm(X, axis=1, keepdims=True)
    X[m - min(repeated, m - 1) :] = X[0]
    data = Dataset(X, rng.choice([-1.0, 1.0], m))
    return (LinearPredictor(rng.standard_normal(d) / np.sqrt(d)) if kind == "linear" else network(n, d, rng)), data


def gradient_descent(model, data, steps, loss, rate, decay=0.0, normalised=False):
    """Models after 0, 1, ..., steps epochs, through the explicit Jacobian and the losses' textbook formulas."""
    path = [model]
    for _ in range(steps):
        q = data.y * model.outputs(data.X)
        slope = -np.exp(-q) if loss == "exponential" else -1.0 / (1.0 + np.exp(q))
        value = np.exp(-q) if loss == "exponential" else np.log1p(np.exp(-q))
        step = rate / value.mean() if normalised else rate
        gradient = np.tensordot(slope * data.y / len(q), model.jacobian(data.X), axes=1)
        model = model.with_hidden(model.hidden - step * (gradient.reshape(model.hidden.shape) + decay * model.hidden))
        path.append(model)
    return path


def relative(W, other):
    return np.linalg.norm(W - other) / np.linalg.norm(other)


problems = {
    "kind": st.sampled_from(["linear", "two-layer"]),
    "m": st.integers(1, 9),
    "d": st.integers(1, 6),
    "n": st.integers(1, 7),
    "repeated": st.integers(0, 3),
    "seed": st.integers(0, 2**32 - 1),
}
rules = st.fixed_dictionaries(
    {"loss": st.sampled_from(["logistic", "exponential"]), "learning_rate": st.sampled_from([1e-3, 0.1, 0.25])},
    optional={"weight_decay": st.sampled_from([1e-5, 0.1, 3.5])},
)
normalised_rules = st.fixed_dictionaries(
    {"loss": st.sampled_from(["logistic", "exponential"]), "learning_rate": st.sampled_from([1e-3, 0.1]), "normalised": st.just(True)}
)


@given(**problems, rule=rules | normalised_rules, steps=st.integers(0, 25))
@example(kind="two-layer", m=9, d=3, n=5, repeated=2, seed=1, rule={"loss": "logistic", "learning_rate": 0.25, "weight_decay": 3.5}, steps=25)
@examples(100)
def test_the_trajectory_is_that_of_gradient_descent_on_the_weights(kind, m, d, n, repeated, seed, rule, steps):
    model, data = instance(kind, m, d, n, seed, repeated)
    decay, normalised = rule.get("weight_decay", 0.0), rule.get("normalised", False)
    expected = gradient_descent(model, data, steps, rule["loss"], rule["learning_rate"], decay, normalised)[-1]
    training = train(model, data, steps=steps, **rule)
    size = np.linalg.norm(model.hidden) + np.linalg.norm(expected.hidden)
    assert np.linalg.norm(training.model.hidden - expected.hidden) <= 1e-12 * size
    assert training.epoch == steps and training.losses.shape == (1,)


@given(**problems, rule=rules | normalised_rules, steps=st.integers(0, 25))
@examples(50)
def test_coefficients_preactivations_margins_and_losses_belong_to_the_model(kind, m, d, n, repeated, seed, rule, steps):
    model, data = instance(kind, m, d, n, seed, repeated)
    training = train(model, data, steps=steps, **rule)
    W = training.model.hidden
    size = np.linalg.norm(model.hidden) + np.linalg.norm(W)
    assert training.coefficients.shape == (len(W), m)
    assert training.shrink == pytest.approx((1.0 - rule["learning_rate"] * rule.get("weight_decay", 0.0)) ** steps, rel=1e-13)
    assert np.linalg.norm(training.shrink * model.hidden + training.coefficients @ data.X - W) <= 1e-13 * size
    reach = 1e-12 * size * data.norms.max()
    assert np.abs(training.preactivations - W @ data.X.T).max() <= reach
    margins = training.model.margins(data)
    assert np.abs(training.margins - margins).max() <= reach * np.linalg.norm(training.model.second_layer)
    values = np.exp(-margins) if rule["loss"] == "exponential" else np.log1p(np.exp(-margins))
    assert training.losses == pytest.approx(values.mean(), rel=1e-10)
    assert training.log_losses == pytest.approx(np.log(values.mean()), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("rule", [{"weight_decay": 1e-3}, {"normalised": True, "loss": "exponential"}])
def test_a_batch_trains_each_network_as_it_would_train_alone(rule):
    pairs = [instance("two-layer", 5, 4, 6, seed) for seed in range(3)]
    models, sets = zip(*pairs, strict=True)
    batch = train(list(models), list(sets), steps=300, **rule)
    alone = [train(*pair, steps=300, **rule) for pair in pairs]
    assert batch.coefficients.shape == (3, 6, 5) and batch.margins.shape == (3, 5) and batch.losses.shape == (3,)
    for k, single in enumerate(alone):
        assert relative(batch.models[k].W, single.model.W) <= 1e-12
        assert relative(batch.coefficients[k], single.coefficients) <= 1e-12
        assert batch.losses[k] == pytest.approx(single.losses[0], rel=1e-12, abs=1e-300)
    with pytest.raises(InputError, match=r"batch of 3 models: use \.models"):
        _ = batch.model


def test_a_batch_can_share_one_dataset_and_hold_linear_predictors():
    _, data = instance("linear", 6, 3, 1, 0)
    models = [LinearPredictor(np.random.default_rng(k).standard_normal(3)) for k in range(2)]
    batch = train(models, data, steps=20)
    for model, trained in zip(models, batch.models, strict=True):
        assert relative(trained.w, gradient_descent(model, data, 20, "logistic", 1.0)[-1].w) <= 1e-12


def test_a_gram_matrix_is_all_the_data_training_needs():
    model, data = instance("two-layer", 4, 6, 3, 5)
    other = Dataset.from_gram(data.gram, data.y)
    rotated = TwoLayerReLU(np.linalg.lstsq(other.X, data.X @ model.W.T, rcond=None)[0].T, model.u)
    first, second = train(model, data, steps=50), train(rotated, other, steps=50)
    assert np.abs(first.coefficients - second.coefficients).max() <= 1e-12 * np.abs(first.coefficients).max()


def test_a_preactivation_of_zero_is_active_and_kink_masks_are_ignored():
    data = Dataset([[1.0, 0.0, 0.0]], [1.0])
    model = TwoLayerReLU([[0.0, 1.0, 0.0], [-1e-300, 1.0, 0.0], [1.0, 0.0, 0.0]], [1.0, 1.0, 1.0], kinks=[[True], [True], [False]])
    trained = train(model, data, steps=1).model
    assert trained.kinks is None
    assert np.array_equal(trained.W[:, 0] != model.W[:, 0], [True, False, True])


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize("size", [1e1, 1e3, 1e4])
def test_a_normalised_step_is_right_at_huge_margins(loss, size):
    data = Dataset(np.eye(3) + 0.1, [1.0, -1.0, 1.0])
    w = np.linalg.solve(data.X, data.y * (size + np.array([0.0, 0.5, 1.0])))
    training = train(LinearPredictor(w), data, steps=1, learning_rate=0.5, normalised=True, loss=loss)
    # From about 40 on both losses are e^-q to the last digit; at 10 the logistic one differs from it by e^-10.
    weights = np.exp(-np.array([0.0, 0.5, 1.0]))
    expected = 0.5 * data.y * weights / weights.sum()
    assert np.abs(training.coefficients[0] - expected).max() <= (1e-4 if (loss, size) == ("logistic", 1e1) else 1e-11)
    q = training.margins
    assert training.log_losses[0] == pytest.approx(-q.min() + np.log(np.exp(q.min() - q).mean()), rel=1e-4 if size == 1e1 else 1e-12)


def test_both_losses_follow_one_normalised_trajectory_far_out_without_underflow():
    model, data = instance("two-layer", 4, 12, 40, 3)
    model = train(model, data, steps=4000, normalised=True).model.scaled(400.0)
    runs = [train(model, data, steps=500, normalised=True, loss=loss) for loss in ("logistic", "exponential")]
    assert runs[0].margins.min() > 1e4
    assert np.linalg.norm(runs[0].coefficients) > 1.0
    assert relative(runs[0].coefficients, runs[1].coefficients) <= 1e-12
    assert np.array_equal(runs[0].losses, [0.0]) and np.isfinite(runs[0].log_losses).all()


def test_normalised_steps_take_a_badly_misclassifying_model_back():
    data = Dataset(np.eye(2), [1.0, 1.0])
    training = train(LinearPredictor([-2000.0, 1.0]), data, steps=10, normalised=True, loss="exponential", learning_rate=1.0)
    assert training.coefficients[0] == pytest.approx([10.0, 0.0], rel=1e-14)


#: Decay halves the scale every 69 epochs, so the powers of two moved out of it are part of what must not differ.
RULES = {
    "plain": {"learning_rate": 0.3},
    "strong decay": {"learning_rate": 0.5, "weight_decay": 0.02},
    "normalised": {"normalised": True},
    "exponential": {"loss": "exponential", "learning_rate": 0.05, "weight_decay": 1e-3},
}


def same_bits(a, b):
    assert (a.epoch, a.scale, a.initial_factor) == (b.epoch, b.scale, b.initial_factor)
    assert np.array_equal(a.scaled_preactivations, b.scaled_preactivations)
    assert np.array_equal(a.scaled_coefficients, b.scaled_coefficients)
    assert np.array_equal(a.models[-1].hidden, b.models[-1].hidden)


@pytest.mark.parametrize("kind", ["linear", "two-layer"])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("through_file", [False, True])
def test_a_resumed_run_repeats_the_uninterrupted_one_bit_for_bit(kind, rule, through_file, tmp_path):
    model, data = instance(kind, 5, 7, 9, 11)
    whole = train(model, data, steps=700, **rule)
    piece = None
    for steps in (0, 1, 255, 256, 300, 613, 700):
        piece = train(model, data, steps=steps, resume=piece, callback=lambda epoch, model: None, every=37, **rule)
        if through_file:
            piece.save(tmp_path / "piece.npz")
            piece = Training.load(tmp_path / "piece.npz")
    same_bits(whole, piece)
    if rule.get("weight_decay") == 0.02:
        assert whole.initial_factor < 1e-2 and whole.shrink == pytest.approx(0.99**700, rel=1e-12)


def test_a_saved_batch_loads_with_all_it_holds(tmp_path):
    models = [network(4, 3, np.random.default_rng(k)) for k in range(3)]
    sets = [sampling.gaussian(5, 3, rng=k) for k in range(3)]
    for data in (sets, sets[0]):
        half, whole = train(models, data, steps=150), train(models, data, steps=400)
        half.save(tmp_path / "half.npz")
        loaded = Training.load(tmp_path / "half.npz")
        assert loaded.settings == half.settings and loaded.batched and len(loaded.models) == 3
        same_bits(half, loaded)
        same_bits(whole, train(models, data, steps=400, resume=loaded))


def test_weight_decay_that_kills_the_initial_weights_many_times_over_leaves_finite_numbers():
    model, data = instance("two-layer", 3, 4, 5, 2)
    rule = {"learning_rate": 1.0, "weight_decay": 0.999}
    training = train(model, data, steps=400, **rule)
    assert training.shrink == 0.0
    assert relative(training.model.W, gradient_descent(model, data, 400, "logistic", 1.0, 0.999)[-1].W) <= 1e-12


class Recorder:
    def __init__(self, fail_at=None, error=None):
        self.epochs, self.models, self.fail_at, self.error = [], [], fail_at, error

    def __call__(self, epoch, model):
        if epoch == self.fail_at:
            raise self.error
        self.epochs.append(epoch)
        self.models.append(model)


def test_the_callback_sees_the_models_of_the_epochs_asked_for():
    model, data = instance("two-layer", 4, 5, 3, 8)
    path = gradient_descent(model, data, 30, "logistic", 0.5)
    for every, epochs in ((7, [0, 7, 14, 21, 28, 30]), ([12, 3], [0, 3, 12, 30]), (100, [0, 30]), (np.array([30]), [0, 30]), (None, [*range(31)])):
        seen = Recorder()
        train(model, data, steps=30, learning_rate=0.5, callback=seen, every=every)
        assert seen.epochs == epochs
        assert all(relative(trained.W, path[epoch].W) <= 1e-12 for epoch, trained in zip(epochs, seen.models, strict=True))
    seen = Recorder()
    train([model], [data], steps=1000, callback=seen)
    assert seen.epochs == list(range(0, 1001, 10)) and all(isinstance(models, tuple) for models in seen.models)


def test_an_error_of_the_callback_comes_out_as_it_is():
    model, data = instance("two-layer", 3, 3, 3, 0)
    error = ZeroDivisionError("mine")
    with pytest.raises(ZeroDivisionError) as caught:
        train(model, data, steps=50, callback=Recorder(20, error), every=10)
    assert caught.value is error


def test_an_interrupt_in_a_callback_can_be_resumed_and_no_epoch_is_called_twice():
    model, data = instance("two-layer", 4, 6, 5, 4)
    seen = Recorder(600, KeyboardInterrupt())
    with pytest.raises(TrainingInterrupted, match=r"epoch \d+ of 1000 is in \.training") as caught:
        train(model, data, steps=1000, callback=seen, every=150)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert 450 <= caught.value.training.epoch < 600 and seen.epochs == [0, 150, 300, 450]
    seen.fail_at = None
    resumed = train(model, data, steps=1000, callback=seen, every=150, resume=caught.value.training)
    assert seen.epochs == [0, 150, 300, 450, 600, 750, 900, 1000]
    same_bits(resumed, train(model, data, steps=1000))
    again = train(model, data, steps=1000, callback=seen, every=150, resume=resumed)
    assert len(seen.epochs) == 8 and again is resumed


def test_an_interrupt_before_the_first_callback_ends_leaves_epoch_zero():
    model, data = instance("linear", 4, 6, 1, 4)
    seen = Recorder(0, KeyboardInterrupt())
    with pytest.raises(TrainingInterrupted) as caught:
        train(model, data, steps=10, callback=seen, every=5)
    seen.fail_at = None
    train(model, data, steps=10, callback=seen, every=5, resume=caught.value.training)
    assert seen.epochs == [0, 5, 10]


def test_an_interrupt_in_the_middle_of_an_epoch_leaves_a_consistent_state(monkeypatch):
    model, data = instance("two-layer", 4, 6, 5, 4)
    genuine, calls = descent._logistic_steps, []

    def interrupting(rate):
        steps = genuine(rate)

        def step_sizes(q, scale):
            calls.append(None)
            if len(calls) == 400:
                raise KeyboardInterrupt
            steps(q, scale)

        return step_sizes

    with monkeypatch.context() as patch:
        patch.setattr(descent, "_logistic_steps", interrupting)
        with pytest.raises(TrainingInterrupted) as caught:
            train(model, data, steps=1000, weight_decay=0.01)
    kept = caught.value.training
    assert 0 < kept.epoch < 400
    same_bits(kept, train(model, data, steps=kept.epoch, weight_decay=0.01))
    same_bits(train(model, data, steps=1000, weight_decay=0.01, resume=kept), train(model, data, steps=1000, weight_decay=0.01))


def test_a_run_leaves_its_arguments_and_the_state_it_resumes_as_they_were():
    model, data = instance("two-layer", 4, 6, 5, 4)
    W, half = model.W.copy(), train(model, data, steps=100)
    before = half.scaled_preactivations.copy()
    train(model, data, steps=300, resume=half)
    assert np.array_equal(model.W, W) and np.array_equal(half.scaled_preactivations, before) and half.epoch == 100
    with pytest.raises(ValueError, match="read-only"):
        half.coefficients[0, 0] = 1.0


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
@pytest.mark.parametrize("start", [0.01, 0.1])
def test_divergence_names_the_epoch_and_the_network(start):
    good, bad = LinearPredictor([1.0, 1.0]), LinearPredictor([start, 0.0])
    # On the second dataset a step maps w to w - 2.5 sinh(w), which swings ever wider.
    data = [Dataset(np.eye(2), [1.0, 1.0]), Dataset([[1.0, 0.0], [1.0, 0.0]], [1.0, -1.0])]
    broken = gradient_descent_until_broken(bad, data[1], 2.5)
    assert broken == {0.01: 14, 0.1: 9}[start]
    with pytest.raises(SolverError, match=rf"loss of network 1 are no longer finite at epoch {broken} with learning_rate=2\.5; take a smaller one"):
        train([good, bad], data, steps=2000, loss="exponential", learning_rate=2.5)
    with pytest.raises(SolverError, match=rf"loss are no longer finite at epoch {broken} "):
        train(bad, data[1], steps=300, loss="exponential", learning_rate=2.5)


def gradient_descent_until_broken(model, data, rate):
    w, epoch = model.w, 0
    while np.isfinite(w).all() and np.isfinite(np.exp(-data.y * (data.X @ w)).mean()):
        w = w + rate / data.num_points * (data.y * np.exp(-data.y * (data.X @ w))) @ data.X
        epoch += 1
    return epoch


def test_a_model_beyond_floating_point_is_reported_at_epoch_zero():
    with pytest.raises(SolverError, match="no longer finite at epoch 0"):
        train(LinearPredictor([1e300, 1e300]), Dataset(1e100 * np.eye(2), [1.0, 1.0]), steps=5)


class Strict:
    forbids_weight_decay = True

    def __call__(self, epoch, model):
        pass


NET, DATA = instance("two-layer", 4, 3, 5, 0)
LINEAR, OTHER = LinearPredictor(np.ones(3)), sampling.gaussian(4, 3, rng=9)
BAD = {
    "steps must be whole": ({"steps": 1.5}, r"steps is 1\.5: a whole number of at least 0"),
    "steps is no bool": ({"steps": True}, "steps is True"),
    "steps below zero": ({"steps": -1}, "steps is -1: it must be at least 0"),
    "rate zero": ({"learning_rate": 0}, r"learning_rate is 0\.0: it must be positive"),
    "rate infinite": ({"learning_rate": np.inf}, "learning_rate is inf: it must be finite"),
    "rate text": ({"learning_rate": "fast"}, "learning_rate is 'fast': a number"),
    "decay negative": ({"weight_decay": -1e-5}, "weight_decay is -1e-05: it must be at least 0"),
    "decay nan": ({"weight_decay": np.nan}, "weight_decay is nan"),
    "decay flips": ({"weight_decay": 0.5, "learning_rate": 2.0}, r"learning_rate \* weight_decay is 1\.0: from 1 on"),
    "normalised decay": ({"weight_decay": 1e-5, "normalised": True}, "normalised steps take no weight decay, but weight_decay is 1e-05"),
    "unknown loss": ({"loss": "hinge"}, "'hinge' is unknown: choose one of 'logistic', 'exponential'"),
    "callback forbids decay": ({"callback": Strict(), "weight_decay": 1e-5}, r"trajectory of Theorem 2\.2, .* weight_decay is 1e-05"),
    "every zero": ({"callback": Strict(), "every": 0}, "every is 0: it must be at least 1"),
    "every beyond": ({"callback": Strict(), "every": [2, 11]}, "every names epoch 11, but there are only 10 steps"),
    "no model": ({"model": None}, "model is NoneType"),
    "no models": ({"model": []}, "sequence of models is empty"),
    "mixed models": ({"model": [NET, LINEAR]}, "model 1 is LinearPredictor: the models must be all"),
    "other sizes": ({"model": [NET, network(4, 3, np.random.default_rng(0))]}, r"model 1 has \(n, d\) = \(4, 3\), model 0 \(5, 3\)"),
    "no data": ({"data": np.eye(3)}, "data is ndarray: a Dataset is needed"),
    "too many data": ({"data": [DATA]}, "data is list: a Dataset is needed for a single model"),
    "too few data": ({"model": [NET, NET], "data": [DATA]}, "2 models but 1 datasets"),
    "foreign data": ({"model": [NET], "data": [3]}, r"data\[0\] is int"),
    "other number of points": ({"model": [NET, NET], "data": [DATA, DATA.without(0)]}, r"data\[1\] has 3 points, data\[0\] 4"),
    "dimension": ({"data": sampling.gaussian(4, 2, rng=0)}, "the points have dimension 2, the model takes 3"),
    "resume type": ({"resume": 7}, "resume is int: a Training is needed"),
}


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    arguments = {"model": NET, "data": DATA, "steps": 10, **changes}
    with pytest.raises(InputError, match=message):
        train(arguments.pop("model"), arguments.pop("data"), **arguments)


RESUME = {
    "settings": ({"learning_rate": 0.5}, r"resume was run with learning_rate=1\.0, not 0\.5"),
    "loss": ({"loss": "exponential"}, "resume was run with loss='logistic', not 'exponential'"),
    "data": ({"data": OTHER}, r"other data \(dataset 0 differs\)"),
    "labels": ({"data": Dataset(DATA.X, -DATA.y)}, "other data"),
    "model": ({"model": NET.scaled(2.0)}, r"another model \(number 0 differs\): give the one it began with"),
    "second layer": ({"model": TwoLayerReLU(NET.W, -NET.u)}, "another model"),
    "batch": ({"model": [NET]}, "resume holds a single model, but a batch of 1 models was given"),
    "steps": ({"steps": 9}, "resume stands at epoch 10, beyond steps=9"),
}


@pytest.mark.parametrize(("changes", "message"), RESUME.values(), ids=RESUME)
def test_resuming_another_run_is_refused_with_the_reason(changes, message):
    arguments = {"model": NET, "data": DATA, "steps": 20, **changes, "resume": train(NET, DATA, steps=10)}
    with pytest.raises(InputError, match=message):
        train(arguments.pop("model"), arguments.pop("data"), **arguments)


def altered(path, **changes):
    with np.load(path) as archive:
        entries = {name: archive[name] for name in archive.files}
    np.savez(path, **{name: value for name, value in {**entries, **changes}.items() if value is not None})


TAMPERED = {
    "missing": ({"gram": None}, "is no training: it lacks gram"),
    "unknown": ({"extra": np.zeros(2)}, "has the unknown extra"),
    "shape": ({"scaled_coefficients": np.zeros((1, 3, 5))}, r"scaled_coefficients has shape \(1, 3, 5\) where \(1, 4, 5\) is needed"),
    "dimensions": ({"u": np.ones(5)}, r"u has type float64 and shape \(5,\)"),
    "not finite": ({"W": np.full((1, 5, 3), np.nan)}, "W has NaN or infinite entries"),
    "labels": ({"y": np.zeros((1, 4))}, "labels are -1 or"),
    "epoch": ({"epoch": -3}, "epoch -3"),
    "format": ({"training_format": 99}, "its format is number 99"),
    "settings": ({"learning_rate": -1.0}, r"learning_rate is -1\.0"),
    "kind": ({"linear": True}, "do not fit"),
    "pickled": ({"u": np.array([[object()]])}, "pickle"),
}


@pytest.mark.parametrize(("changes", "message"), TAMPERED.values(), ids=TAMPERED)
def test_a_file_that_is_no_training_is_refused(changes, message, tmp_path):
    path = tmp_path / "training.npz"
    train(NET, DATA, steps=3).save(path)
    altered(path, **changes)
    with pytest.raises(FileError, match=message):
        Training.load(path)


def test_truncated_missing_and_misnamed_files_are_refused(tmp_path):
    path, training = tmp_path / "training.npz", train(NET, DATA, steps=3)
    training.save(path)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError, match=r"training\.npz"):
            Training.load(path)
    with pytest.raises(FileError, match="no such file"):
        Training.load(tmp_path / "absent.npz")
    with pytest.raises(FileError, match=r"kept in an \.npz file"):
        training.save(tmp_path / "training.pt")
    with pytest.raises(FileError, match="cannot be written"):
        training.save(tmp_path / "nowhere" / "training.npz")


def test_progress_advances_by_chunks_from_where_the_run_resumes(monkeypatch):
    bars = []

    class Bar:
        def __init__(self, **options):
            self.options, self.updates = options, []
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, epochs):
            self.updates.append(epochs)

    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    train(NET, DATA, steps=1000, progress=True, resume=train(NET, DATA, steps=100))
    (bar,) = bars
    assert (bar.options["total"], bar.options["initial"], sum(bar.updates)) == (1000, 100, 900) and len(bar.updates) < 10


def test_progress_without_tqdm_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(MissingDependencyError, match=r"pip install kktcheck\[cli\]"):
        train(NET, DATA, steps=1, progress=True)
    assert train(NET, DATA, steps=1).epoch == 1


def test_large_problems_are_kept_in_shorter_chunks():
    small = descent.Problem(train(NET, DATA, steps=0))
    large = descent.Problem(train(network(40, 5, np.random.default_rng(0)), sampling.gaussian(1500, 5, rng=0), steps=0))
    assert small.chunk > 100 and 1 <= large.chunk < 50


def test_random_network_has_the_initialisation_of_appendix_e():
    net = random_network(400, 300, rng=5)
    assert net.W.shape == (400, 300) and np.array_equal(np.abs(net.u), np.full(400, 1 / np.sqrt(400)))
    assert 150 < (net.u > 0).sum() < 250
    entries = net.W * 1e5 * np.sqrt(300)  # 120000 of them: the standard error of their deviation is 0.002
    assert abs(entries.std() - 1) < 0.01 and abs(entries.mean()) < 0.015
    assert np.array_equal(random_network(400, 300, rng=5).W, net.W) and random_network(2, 3, scale=1.0, rng=1).norm > 0.1
    for arguments, message in (((0, 3), "n is 0"), ((2, 1.5), r"d is 1\.5")):
        with pytest.raises(InputError, match=message):
            random_network(*arguments)
    with pytest.raises(InputError, match=r"scale is -1\.0"):
        random_network(2, 2, scale=-1.0)
