"""Strategies for approximate KKT points: what they draw is valid, hard examples are found, examples shrink to readable ones, the box is covered."""

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.errors import NoSuchExample

from kktcheck import strategies
from kktcheck.audit.engines import pool
from kktcheck.audit.tally import Tally, cell_of
from kktcheck.errors import InputError
from kktcheck.instances import Constants, LinearPair, LinearPoint, TwoLayerPair, TwoLayerPoint

from .test_instances import unmet

PATIENT = settings(max_examples=2000, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
LINEAR = {"epsilon": 0.5, "delta": 0.5, "epsilon_d": 0.1, "points": (1, 6)}
NETWORK = {"epsilon": 1.0, "delta": 1.0, "epsilon_d": 0.01, "points": (1, 5), "neurons": (1, 6)}

STRATEGIES = {
    "linear points": (strategies.linear_points(**LINEAR), LinearPoint),
    "pairs of linear points": (strategies.linear_pairs(points=(2, 5)), LinearPair),
    "relaxed points": (strategies.relaxed_points(gamma=0.5), LinearPoint),
    "networks": (strategies.two_layer_points(**NETWORK), TwoLayerPoint),
    "pairs of networks": (strategies.two_layer_pairs(), TwoLayerPair),
    "constants": (strategies.constants(points=2), Constants),
}


@pytest.mark.parametrize(("strategy", "kind"), STRATEGIES.values(), ids=STRATEGIES)
def test_draws_are_valid_instances_of_their_kind(strategy, kind):
    @given(strategy)
    def valid(instance):
        assert isinstance(instance, kind) and not instance.is_exact
        assert unmet(instance) == []

    valid()


@given(strategies.near_orthogonal_datasets(psi=0.1, phi=0.05, points=(1, 6)))
def test_datasets_satisfy_assumption_2_3_with_the_numbers_asked_for(data):
    assert data.psi <= 0.1 and data.phi <= 0.05
    assert data.num_points in range(1, 7)


BAD = {
    "no limit": lambda: strategies.linear_points(epsilon=0),
    "negative": lambda: strategies.linear_points(delta=-0.1),
    "not finite": lambda: strategies.two_layer_points(epsilon_d=float("inf")),
    "not a number": lambda: strategies.two_layer_points(epsilon="1"),
    "nan": lambda: strategies.relaxed_points(gamma=float("nan")),
    "empty range": lambda: strategies.linear_points(points=(3, 2)),
    "no points": lambda: strategies.linear_points(points=(0, 2)),
    "no integers": lambda: strategies.two_layer_points(neurons=(1.0, 2)),
    "one point in a pair": lambda: strategies.two_layer_pairs(points=(1, 3)),
    "dataset without room": lambda: strategies.near_orthogonal_datasets(phi=0.5, points=(1, 8)),
    "dataset without psi": lambda: strategies.near_orthogonal_datasets(psi=0),
}


@pytest.mark.parametrize("attempt", BAD.values(), ids=BAD)
def test_bad_limits_raise_at_once(attempt):
    with pytest.raises(InputError):
        attempt()


def test_an_unknown_limit_is_a_type_error():
    with pytest.raises(TypeError):
        strategies.linear_points(gamma=0.5)


def opposing(point):
    """Active pairs whose outer weight has the sign opposite to the label."""
    return (point.active == 1) & (np.multiply.outer(point.signs, point.labels) < 0)


HARD_LINEAR = {
    "one point": lambda p: p.num_points == 1,
    "all labels equal": lambda p: p.num_points >= 4 and abs(p.labels.sum()) == p.num_points,
    "labels of both kinds": lambda p: p.num_points >= 4 and p.labels.sum() == 0,
    "epsilon at its limit": lambda p: p.epsilon >= 0.4999 and p.error_squared >= 0.99 * 0.25,
    "no error": lambda p: p.error_squared == 0,
    "an error beyond the points": lambda p: p.beyond > 0.1,
    "delta near zero": lambda p: p.delta <= 1e-9,
    "much slackness everywhere": lambda p: p.num_points >= 2 and (p.slackness >= 0.7 * p.delta).all() and p.delta > 0.4,
    "inner products at their limit": lambda p: p.num_points == 3 and (np.abs(p.gram)[~np.eye(3, dtype=bool)] >= 0.99 * p.phi).all() and p.phi > 4e-3,
    "a margin above one with a positive multiplier": lambda p: ((p.margins > 1.3) & (p.multipliers > 0.3)).any(),
}
HARD_NETWORKS = {
    "one point": lambda p: p.num_points == 1,
    "one neuron": lambda p: p.num_neurons == 1 and p.num_points >= 2,
    "all labels equal": lambda p: p.num_points >= 3 and abs(p.labels.sum()) == p.num_points,
    "labels of both kinds": lambda p: p.num_points >= 4 and p.labels.sum() == 0,
    "a dead neuron": lambda p: (p.active.sum(axis=1) == 0).any(),
    "a neuron active against the label": lambda p: opposing(p).any(),
    "a kink": lambda p: (p.products == 0).any(),
    "one active neuron for a point of many": lambda p: p.num_neurons >= 5 and (p.active.sum(axis=0) == 1).any(),
    "a large multiplier": lambda p: p.multipliers.max() >= 4,
    "epsilon at its limit": lambda p: p.epsilon >= 0.9999 and p.error_squared >= 0.98,
    "delta near zero": lambda p: p.delta <= 1e-9,
    "delta at its limit": lambda p: p.delta >= 0.9999 and p.slackness.max() >= 0.98,
    "no error to speak of": lambda p: p.num_points >= 2 and p.error_squared <= 1e-14,
    "a neuron that a forgotten point alone keeps active": lambda p: p.num_points >= 2 and _flips(p),
}


def _flips(point):
    after = point.with_rows(point.unlearned([0])).active
    return (after[:, 1:] != point.active[:, 1:]).any()


@pytest.mark.parametrize("hard", HARD_LINEAR.values(), ids=HARD_LINEAR)
def test_hard_linear_points_are_found(hard):
    assert hard(find(strategies.linear_points(**LINEAR), hard, settings=PATIENT))


@pytest.mark.parametrize("hard", HARD_NETWORKS.values(), ids=HARD_NETWORKS)
def test_hard_networks_are_found(hard):
    assert hard(find(strategies.two_layer_points(**NETWORK), hard, settings=PATIENT))


@pytest.mark.parametrize("hard", HARD_NETWORKS.values(), ids=HARD_NETWORKS)
def test_hard_networks_are_in_the_pool_of_the_audit(hard):
    family = strategies.TwoLayerPoints(**NETWORK)
    assert any(hard(point) for point in pool(family, 1500, 0))


def test_what_no_point_has_is_not_found():
    with pytest.raises(NoSuchExample):
        find(strategies.linear_points(**LINEAR), lambda p: (p.margins < 1).any(), settings=settings(PATIENT, max_examples=200))


def test_examples_shrink_to_few_points_of_one_class():
    point = find(strategies.linear_points(**LINEAR), lambda p: p.num_points >= 3, settings=PATIENT)
    assert point.num_points == 3 and abs(point.labels.sum()) == 3
    network = find(strategies.two_layer_points(**NETWORK), lambda p: p.num_points >= 2 and p.num_neurons >= 2, settings=PATIENT)
    assert (network.num_points, network.num_neurons) == (2, 2)
    assert (network.gram == np.eye(2)).all() and (network.error_squared <= network.epsilon**2 / 3).all()


def coverage(family, count=1500):
    """Share of 64 cells of the box of (epsilon, delta, epsilon_d) that the default pool reaches, and in how many of them lie 5 instances or more."""
    tally, cells = Tally(), {}
    for instance in pool(family, count, 0):
        fractions = [getattr(instance, name) / getattr(family, name) for name in ("epsilon", "delta", "epsilon_d")]
        tally.cells.add(cell_of(fractions))
        cell = tuple(min(int(4 * fraction), 3) for fraction in fractions)
        cells[cell] = cells.get(cell, 0) + 1
    return tally.coverage, sum(number >= 5 for number in cells.values()) / 64


@pytest.mark.parametrize(
    "family",
    (strategies.LinearPoints(**LINEAR), strategies.LinearPairs(points=(2, 5)), strategies.TwoLayerPoints(**NETWORK), strategies.ConstantBoxes()),
    ids=("linear", "pairs", "networks", "constants"),
)
def test_the_default_pool_covers_the_box(family):
    reached, well = coverage(family)
    assert reached >= 0.85 and well >= 0.3
