"""Pools of exact points: what is kept, what it is called, and what the nearest is."""

from dataclasses import replace

import numpy as np
import pytest

from kktcheck import Dataset, LinearPredictor, TwoLayerReLU, assess, exact_points, kkt_point, max_margin, random_network, sampling
from kktcheck.certificate import angle_gap
from kktcheck.exact_points import ExactPoints, ExactPredictor, pool_for

from .kkt_instances import planted_network, planted_predictor


def two_points():
    """Two exact points of one dataset, the first found from a planted network."""
    planted = planted_network(3, m=5)
    first = kkt_point(planted.model, planted.data)
    second = next(p for p in (kkt_point(planted.model, planted.data, rng=seed) for seed in range(20)) if angle_gap(p.model, first.model) > 1e-3)
    return planted, first, second


def test_a_point_is_kept_once_under_its_first_name():
    planted, first, second = two_points()
    pool = ExactPoints(planted.data)
    pool.include(first, "one")
    pool.include(second, "two")
    pool.include(kkt_point(planted.model, planted.data), "three")
    pool.add(planted.model, "four")
    assert pool.points == [first, second]
    assert pool.names == ["one", "two"]
    assert pool.origin(first) == f"from one; {first.num_classes} classes, {first.num_kinks} kinks"
    assert pool.origin(second).startswith("from two; ")


def test_the_nearest_is_nearest_by_angle():
    planted, first, second = two_points()
    pool = ExactPoints(planted.data)
    assert pool.nearest(first.model)[0] is None
    pool.include(first, "one")
    pool.include(second, "two")
    for point in (first, second):
        found, tau = pool.nearest(point.model.scaled(7.0))
        assert found is point
        assert tau <= 1e-15


def test_the_predictor_is_sought_once_and_an_ill_posed_one_is_a_failure(monkeypatch):
    planted, calls = planted_predictor(0), []

    def counted(data):
        calls.append(data)
        return max_margin(data)

    monkeypatch.setattr(exact_points, "max_margin", counted)
    pool = pool_for(planted.model, planted.data)
    assert isinstance(pool, ExactPredictor)
    for name in ("one", "two"):
        pool.add(planted.model, name)
    assert len(calls) == len(pool.points) == 1
    assert pool.origin(pool.points[0]).startswith("max-margin predictor; ")
    monkeypatch.setattr(exact_points, "max_margin", lambda data: replace(max_margin(data), status="ill-posed"))
    pool = ExactPredictor(planted.data)
    pool.add(planted.model, "one")
    assert pool.nearest(planted.model)[0] is None
    assert "ill-posed" in pool.failures["one"]


def test_doing_nothing_is_not_measured_by_points_of_the_unlearned_model():
    """Here the unlearned model's own states lead nearer to the original than the original's do."""
    data = sampling.gaussian(6, 9, rng=0)
    original = random_network(8, 9, rng=100)
    retained = data.without(0)
    own = kkt_point(original, retained)
    other = min((kkt_point(original, retained, rng=seed) for seed in range(60)), key=lambda p: angle_gap(original, p.model))
    assert angle_gap(original, other.model) < own.tau - 1e-3
    found = assess(other.model.with_kinks(None), data, 0, original=original)
    assert found.identity[-1].tau == pytest.approx(own.tau, rel=1e-12)
    assert found.exact.tau <= 1e-14


def test_starts_that_lead_to_no_point_are_named():
    data = Dataset(np.eye(4)[:3], [1.0, 1.0, -1.0])
    blind = TwoLayerReLU(np.array([[1.0, 1, 1, 1], [1, 1, -1, 1]]), [1.0, -1.0])
    found = assess(blind, data, 0, original=blind)
    assert set(found.reasons) >= {"exact, from the original's states"}
    assert "points 1" in found.reasons["exact, from the original's states"]
    linear = assess(LinearPredictor([1.0, 1.0]), Dataset([[1.0, 0], [0, 1], [-1, -1], [1, 2]], np.ones(4)), 3)
    assert "combine to zero" in linear.reasons["exact"]
