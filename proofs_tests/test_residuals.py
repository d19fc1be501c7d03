"""The four KKT residuals: each fires on its own mutant and no other, and all are zero at a planted KKT point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, certify, kkt_residuals

from .kkt_instances import kinky_networks, planted_models, planted_network, planted_networks

NAMES = ("stationarity", "primal", "dual", "slackness")

#: Sums of at most a dozen terms of size 1: a few roundings, far below any mutation.
ROUNDING = 1e-12


def residuals(planted, **changes):
    kinks = planted.gates[planted.kinks]
    parts = {"model": planted.model, "data": planted.data, "multipliers": planted.multipliers, "kink_multipliers": kinks} | changes
    return kkt_residuals(**parts)


def fired(found):
    return {name for name in NAMES if getattr(found, name) > 1e-3}, {name for name in NAMES if getattr(found, name) > ROUNDING}


def assert_only(found, name):
    assert fired(found) == ({name}, {name})
    assert found.kkt == getattr(found, name)


@given(planted_models(sleeping=(0, 2)))
def test_all_four_vanish_at_a_planted_kkt_point(planted):
    found = residuals(planted)
    assert max(getattr(found, name) for name in NAMES) <= ROUNDING
    assert found.kkt == max(getattr(found, name) for name in NAMES)


@given(planted_networks(min_points=2), st.data())
def test_dropping_a_point_fires_stationarity_alone(planted, data):
    m = planted.data.num_points
    gone = data.draw(st.integers(0, m - 1))
    kept = np.delete(np.arange(m), gone)
    model = planted.model.with_kinks(planted.kinks[:, kept])
    found = kkt_residuals(model, planted.data.only(kept), planted.multipliers[kept], planted.gates[:, kept][planted.kinks[:, kept]])
    # The forgotten point's own part of the sum, to the last digits.
    part = (planted.model.u[:, None] * planted.gates[:, gone, None] * planted.data.X[gone] * planted.data.y[gone]).ravel()
    assert found.stationarity == pytest.approx(np.linalg.norm(part) / planted.model.norm, rel=1e-9)
    assert_only(found, "stationarity")


@given(planted_models(sleeping=(1, 2)), st.data(), st.floats(0.01, 0.9))
def test_shifting_the_margin_of_a_point_without_multiplier_fires_primal_alone(planted, data, shift):
    i = data.draw(st.sampled_from(list(np.flatnonzero(planted.multipliers == 0))))
    X = planted.data.X.copy()
    X[i] *= 1 - shift
    found = residuals(planted, data=Dataset(X, planted.data.y))
    assert found.primal == pytest.approx(shift, rel=1e-9)
    assert_only(found, "primal")


def test_the_scale_is_the_largest_multiplier_of_either_sign():
    found = kkt_residuals(LinearPredictor([1.0]), Dataset([[1.0], [2.0]], [1, 1]), [1.0, -4.0])
    assert found.dual == 1.0
    assert found.slackness == 1.0


@given(kinky_networks(slack=0.5) | kinky_networks(slack=2.0))
def test_margins_above_one_at_positive_multipliers_fire_slackness_alone(planted):
    found = residuals(planted)
    assert found.slackness == pytest.approx(planted.delta / planted.multipliers.max(), rel=1e-9)
    assert_only(found, "slackness")


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_a_flipped_multiplier_fires_dual_alone(seed, two_layers):
    """All margins are 1 and the sum is the model, but one multiplier is negative: what a solver that forgets lambda >= 0 calls optimal."""
    rng = np.random.default_rng(seed)
    signed = np.linalg.qr(rng.standard_normal((5, 3)))[0].T
    # The third leans on the other two: with margins 1 everywhere its multiplier is (1 - 0.8 - 0.8) / 0.49.
    signed[2] = 0.8 * signed[0] + 0.8 * signed[1] + 0.7 * signed[2]
    y = rng.choice([-1.0, 1.0], 3)
    multipliers = np.linalg.solve(signed @ signed.T, np.ones(3))
    w = multipliers @ signed
    assert multipliers[2] == pytest.approx(-0.6 / 0.49)
    data, model = Dataset(y[:, None] * signed, y), LinearPredictor(w)
    if two_layers:  # every neuron active on every point
        u = np.array([0.6, 0.8])
        data, model = Dataset(signed, np.ones(3)), TwoLayerReLU(np.outer(u, w), u)
    found = kkt_residuals(model, data, multipliers)
    assert found.dual == pytest.approx(-multipliers.min() / np.abs(multipliers).max())
    assert_only(found, "dual")


def test_the_fast_engine_does_not_return_the_point_with_a_flipped_multiplier():
    X = np.array([[1.0, 0, 0], [0, 1, 0], [0.8, 0.8, 0.7]])
    w = np.linalg.solve(X, np.ones(3))
    found = certify(LinearPredictor(w), Dataset(X, np.ones(3)))
    assert found.multipliers.min() >= 0 and found.epsilon > 0.1


@given(kinky_networks())
def test_gates_outside_zero_to_lambda_fire_dual(planted):
    kinks = planted.gates[planted.kinks]
    caps = planted.multipliers[np.nonzero(planted.kinks)[1]]
    for gates in (kinks - caps - 0.1 * planted.multipliers.max(), kinks + caps + 0.1 * planted.multipliers.max()):
        assert residuals(planted, kink_multipliers=gates).dual >= 0.1 - 1e-12


@given(planted_networks(error=(0.05,), slack=(0.5,)), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_the_residuals_are_free_of_the_scale_of_points_and_second_layer(planted, points, layer):
    before = residuals(planted)
    c = points * layer
    model = TwoLayerReLU(planted.model.W / c, planted.model.u * layer, planted.kinks)
    after = kkt_residuals(model, Dataset(points * planted.data.X, planted.data.y), planted.multipliers / c**2, planted.gates[planted.kinks] / c**2)
    for name in NAMES:
        assert abs(getattr(after, name) - getattr(before, name)) <= ROUNDING


def test_bad_multipliers_are_refused_with_the_reason():
    planted = planted_network(0)
    kinks = planted.gates[planted.kinks]
    for changes, message in [
        ({"multipliers": planted.multipliers[:-1]}, "multipliers have shape"),
        ({"multipliers": 0 * planted.multipliers}, "all multipliers are zero"),
        ({"multipliers": np.where(np.arange(6) == 2, np.nan, 1.0)}, r"multipliers\[2\] = nan"),
        ({"multipliers": ["a"] * 6}, "multipliers has entries of type"),
        ({"kink_multipliers": kinks[:-1]}, f"{kinks.size} kinks need"),
        ({"kink_multipliers": None}, f"{kinks.size} kinks need"),
        ({"kink_multipliers": np.full(kinks.size, np.inf)}, r"kink_multipliers\[0\] = inf"),
        ({"subgradient": "left"}, "subgradient 'left' is unknown"),
    ]:
        with pytest.raises(InputError, match=message):
            residuals(planted, **changes)
