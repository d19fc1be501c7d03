"""The networks of Appendix E: seeds, checkpoints, and the same certificates in the few dimensions of their span."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kktcheck as kc
from kktcheck.compression import compressed
from kktcheck.experiments import appendix_e
from kktcheck.experiments.appendix_e import AppendixE, trained

from .kkt_instances import planted_models

SMALL = AppendixE(networks=2, epochs=120, num_points=4, dim=30, neurons=8)


def weights(training):
    return np.stack([model.W for model in training.models])


@given(planted=planted_models(error=(0.0, 0.1), slack=(0.0, 0.2)), subgradient=st.sampled_from(("clarke", "indicator")))
def test_compression_changes_no_number_of_a_certificate(planted, subgradient):
    full = kc.certify(planted.model, planted.data, subgradient=subgradient)
    small_model, small_data = compressed(planted.model, planted.data)
    small = kc.certify(small_model, small_data, subgradient=subgradient)
    assert small_data.dim == planted.data.span.rank + 1
    size = full.model.norm
    assert small.epsilon == pytest.approx(full.epsilon, rel=1e-9, abs=1e-12 * size)
    assert small.delta == pytest.approx(full.delta, rel=1e-6, abs=1e-9 * size) or not full.unique
    assert small.margins == pytest.approx(full.margins, rel=1e-9)
    assert small.tau == pytest.approx(full.tau, rel=1e-6, abs=1e-20)
    assert np.array_equal(small.states, full.states)


def test_one_dataset_or_one_for_each_and_a_seed_of_its_own_for_every_draw():
    nets, sets = appendix_e.initial(SMALL)
    more = appendix_e.initial(replace(SMALL, networks=3))
    assert all(np.array_equal(a.W, b.W) for a, b in zip(nets, more[0], strict=False))
    assert not np.array_equal(sets[0].X, sets[1].X) and not np.array_equal(nets[0].W, nets[1].W)
    shared = appendix_e.initial(replace(SMALL, data="one"))[1]
    assert shared[0] is shared[1] and np.array_equal(shared[0].X, sets[0].X)
    assert not np.array_equal(appendix_e.initial(replace(SMALL, seed=1))[1][0].X, sets[0].X)


def test_an_interrupted_training_resumes_to_the_same_bits(tmp_path):
    checkpoint = tmp_path / "state.npz"
    reports = []

    def stop(stage, done, total):
        reports.append((stage, done, total))
        if len(reports) == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(SMALL, progress=stop, checkpoint=checkpoint)
    assert reports[-1] == ("training", 21, 120) and kc.Training.load(checkpoint).epoch == 21
    resumed = trained(SMALL, checkpoint=checkpoint)
    assert resumed.epoch == 120 and np.array_equal(weights(resumed), weights(trained(SMALL)))


def test_an_interrupt_inside_training_is_kept(tmp_path, monkeypatch):
    checkpoint = tmp_path / "state.npz"
    real = appendix_e.train

    def train(nets, sets, *, steps, **options):
        if steps > 60:
            state = real(nets, sets, steps=steps - 1, **options)
            raise kc.TrainingInterrupted("interrupted", state)
        return real(nets, sets, steps=steps, **options)

    monkeypatch.setattr(appendix_e, "train", train)
    with pytest.raises(kc.TrainingInterrupted):
        trained(SMALL, checkpoint=checkpoint)
    assert kc.Training.load(checkpoint).epoch == 62


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    checkpoint = tmp_path / "state.npz"
    trained(SMALL, checkpoint=checkpoint)
    with pytest.raises(kc.FileError, match="beyond the 40 asked for"):
        trained(replace(SMALL, epochs=40), checkpoint=checkpoint)
    with pytest.raises(kc.InputError, match="learning_rate"):
        trained(replace(SMALL, epochs=200, learning_rate=0.5), checkpoint=checkpoint)
    with pytest.raises(kc.InputError, match="another model"):
        trained(replace(SMALL, epochs=200, seed=1), checkpoint=checkpoint)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"networks": 0}, "networks = 0"), ({"data": "some"}, "'one' or 'each'"), ({"seed": -1}, "seed = -1"), ({"dim": 0}, "dim = 0")],
)
def test_settings_out_of_range_are_refused(change, message):
    with pytest.raises(kc.InputError, match=message):
        replace(SMALL, **change)
