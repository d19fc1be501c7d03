"""Accuracy on fresh points of the mixture: the same numbers however it is run, interrupted or not, and numbers that are right."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from kktcheck.errors import FileError, InfeasibleError, InputError
from kktcheck.experiments import generalization as gen
from kktcheck.experiments.generalization_result import MODELS, Generalization
from kktcheck.sampling import gaussian_mixture

from .phase_instances import resumed

SMALL = gen.Settings(dims=(50, 10**12), alphas=(0.1, 0.2), points=5, neurons=8, draws=3, test_points=200)


@pytest.fixture(scope="module")
def found():
    return gen.run(SMALL)


def same(one, other):
    return json.dumps(one.to_json()) == json.dumps(other.to_json())


def test_shapes_and_json(found):
    assert found.accuracy.shape == (len(MODELS), 2, 2, 3) and found.positive.shape == found.retained_positive.shape == (2, 2, 3)
    assert not np.isnan(found.accuracy).any() and not found.failures
    record = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert np.array(record["mean"]).shape == (len(MODELS), 2, 2) and record["models"] == list(MODELS)


def test_the_same_numbers_on_an_executor_and_cell_by_cell(found):
    with ThreadPoolExecutor(2) as executor:
        assert same(gen.run(SMALL, jobs=executor), found)
    assert gen.run_cell(SMALL.cells()[2]) == gen.run_cell(SMALL.cells()[2])
    assert same(Generalization.of(SMALL, [gen.run_cell(cell) for cell in SMALL.cells()]), found)


def test_an_interrupted_run_goes_on(found, tmp_path, monkeypatch):
    steps, path = [], tmp_path / "cells.json"
    again, counted = resumed(monkeypatch, 2, lambda: gen.run(SMALL, checkpoint=path, progress=lambda *step: steps.append(step)))
    assert same(again, found)
    assert len(counted) == 4 and steps == [("cells", done, 4) for done in (0, 1, 2, 2, 3, 4)]


def test_checkpoints_of_other_settings_and_damaged_ones_are_refused(tmp_path):
    path = tmp_path / "cells.json"
    one = gen.Settings(dims=(50,), alphas=(0.1,), points=3, draws=1, test_points=5)
    gen.run(one, checkpoint=path)
    with pytest.raises(InputError, match="seed was 0, now it is 1"):
        gen.run(gen.Settings(dims=(50,), alphas=(0.1,), points=3, draws=1, test_points=5, seed=1), checkpoint=path)
    document = json.loads(path.read_text())
    document["cells"]["0"]["right"] = [[1]]
    path.write_text(json.dumps(document))
    with pytest.raises(FileError, match="damaged at cell '0'"):
        gen.run(one, checkpoint=path)
    path.write_text("{")
    with pytest.raises(FileError):
        gen.run(one, checkpoint=path)


@pytest.mark.parametrize(
    "wrong",
    (
        {"forgotten": 10},
        {"alphas": None},
        {"mean_norms": (0.1,)},
        {"dims": ()},
        {"dims": (2.5,)},
        {"draws": 0},
        {"neurons": 0},
        {"alphas": ()},
        {"seed": -1},
    ),
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(InputError):
        gen.Settings(**{"alphas": (0.1,), **wrong})


def test_lengths_may_be_given_instead_of_exponents():
    norms = gen.Settings(dims=(10**4,), mean_norms=(10**4**-0.1,), points=4, draws=2, test_points=100)
    alphas = gen.Settings(dims=(10**4,), alphas=(0.1,), points=4, draws=2, test_points=100)
    assert (gen.run(norms).accuracy == gen.run(alphas).accuracy).all()


def test_where_the_theorem_speaks_both_labels_decide():
    """At d = 10^18 every answer is right if both labels are retained, and half of them if one is."""
    settings = gen.Settings(dims=(10**18,), alphas=(0.2,), points=4, neurons=6, forgotten=2, draws=12, test_points=400)
    found = gen.run(settings)
    both = found.both_labels[0, 0]
    assert 0 < both.sum() < 12
    assert (found.accuracy[:, 0, 0, both] == 1).all()
    plain, retrained = found.accuracy[1, 0, 0, ~both], found.accuracy[3, 0, 0, ~both]
    assert (abs(plain - 0.5) < 0.13).all() and (abs(retrained - 0.5) < 0.13).all()
    assert found.mean(both_labels=True)[1, 0, 0] == 1 > found.mean()[1, 0, 0]


def test_accuracy_agrees_with_that_on_points_drawn_as_vectors():
    """In a small dimension, against points in that dimension; 5 standard errors over the draws."""
    settings = gen.Settings(dims=(60,), mean_norms=(0.35,), points=6, neurons=8, draws=150, test_points=200, seed=3)
    drawn = gen.run(settings).accuracy[:, 0, 0]
    direct = []
    for seed in range(150):
        rng = np.random.default_rng([9, seed])
        everything = gaussian_mixture(206, 60, mean_norm=0.35, rng=rng)
        try:
            models = gen.networks(everything.only(range(6)), 8, [0], rng)
        except InfeasibleError:
            continue
        test = everything.only(range(6, 206))
        direct.append([(models[name].outputs(test.X) * test.y > 0).mean() for name in MODELS])
    direct = np.array(direct).T
    error = np.sqrt(drawn.var(axis=1) / 150 + direct.var(axis=1) / direct.shape[1])
    assert (abs(drawn.mean(axis=1) - direct.mean(axis=1)) < 5 * error).all()


def test_the_projected_step_leaves_retained_outputs_alone():
    rng = np.random.default_rng(0)
    data = gaussian_mixture(6, 40, mean_norm=0.3, rng=rng)
    models = gen.networks(data, 8, [1], rng)
    kept = np.delete(np.arange(6), 1)
    assert models["projected"].outputs(data.X[kept]) == pytest.approx(models["original"].outputs(data.X[kept]), abs=1e-12)
    assert abs(models["retrained"].margins(data.without(1))).min() == pytest.approx(1)
