"""The sharper theorems for linear predictors: bounds are nearly attained, and worths are those of actual vectors."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.claims.sharper import bounds, linear
from kktcheck.claims.sharper.linear_sets import sets, singles
from kktcheck.claims.sharper.settings import LINEAR
from kktcheck.instances import LinearPoint
from kktcheck.instances.exact import solve

from .claim_checks import vectors
from .instances import examples


def _extreme(size, epsilon, delta, epsilon_d, error=0.0):
    """Squared norms of 0.9, the first point's products alternating, other points orthogonal; an error along what is given back."""
    phi, labels = epsilon_d / (4 * size), np.ones(size, dtype=int)
    gram = 0.9 * (1 + 1e-12) * np.eye(size)
    gram[0, 1:] = gram[1:, 0] = phi * np.where(np.arange(1, size) % 2, 1, -1) * (1 - 1e-12)
    coefficients = np.zeros(size)
    multipliers = np.linalg.solve(gram, np.full(size, 1 + 1e-12))
    return LinearPoint(gram, labels, multipliers, coefficients, error**2, max(epsilon, error * (1 + 1e-12)), delta, epsilon_d)


@pytest.mark.parametrize(
    ("id", "share"),
    [("projected/proof/step", 0.99), ("projected/tau", 0.99), ("plain/proof/move", 0.99), ("cosine", 0.99)],
)
def test_bounds_are_nearly_attained(id, share):
    """Five points, tiny errors: what is left is the step."""
    ratio = claims.get(f"sharper/linear/{id}").read(_extreme(5, 1e-9, 1e-9, 0.01)).ratio
    assert share < ratio <= 1


def test_the_cosine_is_governed_by_the_error_over_the_root_of_the_number_of_points():
    """All of the error beyond the points: 1 - cos is attained up to the ratio of norms."""
    reading = claims.get("sharper/linear/cosine").read(_extreme(5, 0.1, 1e-9, 1e-9, error=0.1))
    assert 0.8 < reading.ratio <= 1


def test_the_largest_multiplier_is_attained_by_points_that_all_oppose_each_other():
    size, phi = 4, 1 / 16
    gram = (0.9 + phi + 1e-12) * np.eye(size) - phi * (1 - 1e-12)
    multipliers = np.linalg.solve(gram, np.full(size, 1 + 1e-12))
    p = LinearPoint(gram, np.ones(size, dtype=int), multipliers, 0 * multipliers, 0.0, 1e-9, 1e-9, 1.0)
    assert 0.999 < claims.get("sharper/multipliers-linear/largest").read(p).ratio <= 1


def test_the_largest_margin_is_attained_by_a_long_point_with_all_of_the_slackness():
    gram = np.diag([1.1 - 1e-12, 1.0])
    above = (-1 + np.sqrt(1 + 4.4 * 0.7)) / 2
    multipliers = np.array([(1 + above) / 1.1, 1 + 1e-12])
    p = LinearPoint(gram, np.ones(2, dtype=int), multipliers, 0 * multipliers, 0.0, 1e-9, 0.7 * (1 + 1e-9), 1e-9)
    assert 0.999 < claims.get("sharper/linear/proof/excess").read(p).ratio <= 1


@examples(12)
@given(strategies.instances(LINEAR))
def test_worths_are_those_of_actual_vectors(p):
    points, w = vectors(p)
    for f in sets(p):
        removed = (p.labels * p.multipliers)[f.forgotten] @ points[f.forgotten]
        retained = points[f.kept].T
        back = retained @ np.linalg.lstsq(retained, removed, rcond=None)[0]
        unlearned, projected = w - removed, w - removed + back
        residual = projected - (p.labels * p.multipliers)[f.kept] @ points[f.kept]
        assert np.linalg.norm(residual) == pytest.approx(f.error(f.projected, p.multipliers), rel=1e-6, abs=1e-9)
        assert p.labels[f.kept] * (points[f.kept] @ projected) == pytest.approx(p.margins[f.kept], abs=1e-9)
        units = unlearned / np.linalg.norm(unlearned) - projected / np.linalg.norm(projected)
        assert (units**2).sum() / 2 == pytest.approx(f.distance, rel=1e-3, abs=1e-14)
        assert (units**2).sum() / 2 <= bounds.tau(f.numbers) + 1e-14


@examples(8)
@given(strategies.instances(LINEAR))
def test_the_optimum_is_the_max_margin_predictor(p):
    points, w = vectors(p)
    for f in singles(p):
        best = kc.max_margin(kc.Dataset(points[f.kept], p.labels[f.kept])).model.w
        cosine = w - (p.labels * p.multipliers)[f.forgotten] @ points[f.forgotten]
        cosine = cosine @ best / np.linalg.norm(cosine) / np.linalg.norm(best)
        assert linear._to_optimum(f) == pytest.approx(1 - cosine, abs=1e-9)
        assert linear._optimum_bound(f) >= 1 - cosine - 1e-9


@examples(8)
@given(strategies.instances(LINEAR))
def test_without_errors_the_projected_step_is_retraining(p):
    """Margins of 1 and no error: the projected predictor is the max-margin predictor of the retained points."""
    exact = p.exact()
    signed = np.outer(exact.labels, exact.labels) * exact.gram
    multipliers = solve(signed, np.array([Fraction(1)] * p.num_points, dtype=object))
    clean = LinearPoint(exact.gram, exact.labels, multipliers, multipliers * 0, Fraction(0), *(Fraction(1),) * 2, exact.epsilon_d)
    for f in singles(clean):
        assert (f.projected == f.optimum).all()


@pytest.mark.parametrize(
    ("function", "id"),
    [("reach", "projected/proof/step"), ("tau", "projected/tau"), ("moved", "plain/proof/move")],
)
def test_a_smaller_bound_is_violated(function, id, monkeypatch):
    original = getattr(bounds, function)
    monkeypatch.setattr(bounds, function, lambda s: original(s) * s.q("0.95"))
    assert claims.get(f"sharper/linear/{id}").read(_extreme(5, 1e-9, 1e-9, 0.01)).ratio > 1


@examples(20)
@given(strategies.instances(LINEAR))
def test_a_predictor_is_a_network_of_one_neuron_to_every_bound(p):
    """The bounds of networks at n = 1 bound what linear predictors do: multipliers, margins, the step."""
    s = bounds.of_point(p)
    assert s.n == 1 and s.phi == p.phi
    assert p.multipliers.max() <= bounds.size(s) * (1 + 1e-9)
    assert (p.margins - 1).max() <= bounds.excess(s) * (1 + 1e-9) + 1e-12
    assert np.sqrt(p.norm_squared) <= bounds.norm(s) * (1 + 1e-9)
