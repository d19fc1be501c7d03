"""The trajectory of Theorem 2.2: what is recorded along training, and that epsilon and delta go to zero there."""

import numpy as np
import pytest

from kktcheck import Dataset, InputError, LinearPredictor, certify, history, random_network, sampling, train

M, D, N = 4, 40, 12


@pytest.fixture(scope="module")
def problem():
    return sampling.sphere(M, D, rng=0), random_network(N, D, rng=1)


def run(problem, steps=200, every=50, **options):
    data, start = problem
    record = history(data, **options)
    train(start, data, steps=steps, normalised=True, callback=record, every=every)
    return record


def test_each_epoch_is_recorded_in_both_conventions(problem):
    record = run(problem)
    assert [(r.epoch, r.subgradient) for r in record.records] == [(e, s) for e in (0, 50, 100, 150, 200) for s in ("clarke", "indicator")]
    assert [r.epoch for r in record.select("clarke")] == [0, 50, 100, 150, 200]
    assert all(r.subgradient == "indicator" for r in record.select("indicator")) and record.select("clarke", network=1) == ()
    only = run(problem, subgradients="indicator")
    assert {r.subgradient for r in only.records} == {"indicator"} and len(only.records) == 5


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
@pytest.mark.parametrize("kink_tol", ["auto", 0, 1e-3])
def test_a_record_is_the_certificate_margin_and_loss_of_its_epoch(problem, loss, kink_tol):
    data, start = problem
    record, models = history(data, loss=loss, kink_tol=kink_tol), {}

    def both(epoch, model):
        models[epoch] = model
        record(epoch, model)

    train(start, data, steps=300, normalised=True, loss=loss, callback=both, every=100)
    for row in record.records:
        model = models[row.epoch]
        margins = model.margins(data)
        value = np.log1p(np.exp(-margins)) if loss == "logistic" else np.exp(-margins)
        assert row.loss == pytest.approx(value.mean(), rel=1e-12)
        assert (row.margin, row.normalised_margin) == (margins.min(), margins.min() / model.norm)
        if row.epsilon is not None:
            found = certify(model, data, subgradient=row.subgradient, kink_tol=kink_tol)
            assert (row.epsilon, row.delta, row.tau) == (found.epsilon, found.delta, found.tau)
        assert (row.epsilon is None) == (margins.min() <= 0)


def test_epochs_at_which_a_point_is_misclassified_have_no_certificate():
    data = Dataset([[1.0, 0.2], [0.1, 1.0]], [1, -1])
    record = history(data)
    start = LinearPredictor([-1.0, 1.0])
    train(start, data, steps=60, callback=record, every=20)
    first, last = record.select("clarke")[0], record.select("clarke")[-1]
    assert (first.epsilon, first.delta, first.tau) == (None, None, None) and first.margin == pytest.approx(-0.9)
    assert last.epsilon is not None and last.margin > 0
    assert record.summary().splitlines()[2].split()[:6] == ["0", "0", "clarke", "-", "-", "-0.9"]


def test_weight_decay_is_refused_unless_allowed(problem):
    data, start = problem
    with pytest.raises(InputError, match="no weight decay"):
        train(start, data, steps=10, weight_decay=1e-5, callback=history(data))
    record = history(data, allow_weight_decay=True)
    train(start, data, steps=10, weight_decay=1e-5, callback=record, every=5)
    assert [r.epoch for r in record.select("clarke")] == [0, 5, 10]


def test_a_batch_of_networks_is_recorded_network_by_network():
    datasets = [sampling.sphere(M, D, rng=seed) for seed in range(3)]
    starts = [random_network(N, D, rng=10 + seed) for seed in range(3)]
    record = history(datasets)
    train(starts, datasets, steps=100, normalised=True, callback=record, every=50)
    assert len(record.records) == 3 * 3 * 2
    for k, (data, start) in enumerate(zip(datasets, starts, strict=True)):
        alone = history(data)
        train(start, data, steps=100, normalised=True, callback=alone, every=50)
        for subgradient in ("clarke", "indicator"):
            for first, second in zip(record.select(subgradient, network=k), alone.select(subgradient), strict=True):
                assert (first.epoch, first.network) == (second.epoch, k)
                assert first.loss == pytest.approx(second.loss, rel=1e-9) and first.margin == pytest.approx(second.margin, rel=1e-9)


def test_one_dataset_serves_a_batch_and_a_wrong_number_is_refused(problem):
    data, start = problem
    record = history(data)
    record(0, (start, start))
    assert [r.network for r in record.records] == [0, 0, 1, 1]
    with pytest.raises(InputError, match="given 2 datasets but training has 3 networks"):
        history([data, data])(0, (start,) * 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subgradients": "left"}, "subgradient 'left' is unknown"),
        ({"subgradients": ("clarke", 3)}, "subgradient 3 is unknown"),
        ({"subgradients": ()}, "no subgradient convention"),
        ({"loss": "hinge"}, "loss 'hinge' is unknown"),
        ({"kink_tol": 2}, "kink_tol = 2"),
        ({"data": np.eye(3)}, "data must be a kktcheck.Dataset"),
        ({"data": []}, "data must be a kktcheck.Dataset"),
        ({"data": [np.eye(3)]}, "data must be a kktcheck.Dataset"),
    ],
)
def test_bad_arguments_are_refused_at_once(problem, options, message):
    with pytest.raises(InputError, match=message):
        history(**({"data": problem[0]} | options))
    with pytest.raises(InputError, match="subgradient 'left' is unknown"):
        history(problem[0]).select("left")


def test_the_summary_has_a_line_for_each_record(problem):
    record = run(problem)
    lines = record.summary().splitlines()
    assert lines[0].split()[:5] == ["epoch", "network", "subgradient", "epsilon", "delta"] and len(lines) == 2 + len(record.records)


def test_along_training_epsilon_and_delta_go_to_zero():
    """Theorem 2.2, by normalised steps: epsilon and delta of the Clarke certificate fall about like 1 / epochs.

    From 100 to 10000 epochs that is a factor of 100; a tenth of it is asked for, on three problems, and monotone decrease over each
    factor of ten.
    """
    datasets = [sampling.sphere(M, D, rng=seed) for seed in range(3)]
    record = history(datasets, subgradients="clarke")
    train([random_network(N, D, rng=seed) for seed in range(3)], datasets, steps=10000, normalised=True, callback=record, every=[100, 1000, 10000])
    for k in range(3):
        rows = record.select("clarke", network=k)[1:]
        assert rows[0].epsilon > rows[1].epsilon > rows[2].epsilon and rows[0].delta > rows[1].delta > rows[2].delta
        assert rows[2].epsilon < rows[0].epsilon / 10 and rows[2].delta < rows[0].delta / 10
        assert rows[0].normalised_margin < rows[2].normalised_margin


def test_for_a_linear_predictor_both_conventions_agree_along_the_way():
    data = sampling.gaussian(5, 30, rng=2)
    record = history(data)
    start = LinearPredictor(1e-3 * np.ones(30))
    train(start, data, steps=1000, normalised=True, callback=record, every=500)
    for first, second in zip(record.select("clarke"), record.select("indicator"), strict=True):
        assert (first.epsilon, first.delta) == (second.epsilon, second.delta)
