"""Doing nothing, sharper: the bounds say something and are no looser than need be; the comparison of all sharper bounds with the paper's."""

import math

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.claims.sharper import bounds, comparison, identity
from kktcheck.claims.sharper.settings import NETWORK, ClarkeForgetting
from kktcheck.instances import LinearPoint
from kktcheck.instances.clarke_family import ClarkePoints, structure

from .instances import examples


@pytest.mark.parametrize("name", ["linear", "two-layer"])
def test_the_bound_says_something_and_is_no_lower_than_need_be(name):
    """Corners of the pairs' family: the bound is positive on many, and half of what is measured on some."""
    claim = claims.get(f"sharper/identity-{name}")
    readings = [claim.read(p) for p in _corners(claim.family, 250)]
    assert all(reading.met for reading in readings)
    ratios = np.array([reading.ratio for reading in readings])
    assert np.mean(ratios > 0) > 0.2
    assert 0.5 < ratios.max() <= 1


@pytest.mark.parametrize(("function", "step"), [("norm", "norm"), ("inverse_norm", "norm-below")])
def test_a_bound_that_is_a_tenth_better_is_violated(function, step, monkeypatch):
    original = getattr(bounds, function)
    monkeypatch.setattr(bounds, function, lambda s: original(s) * s.q("0.9"))
    claim = claims.get(f"sharper/identity-linear/proof/{step}")
    assert max(claim.read(p).ratio for p in _corners(claim.family, 150)) > 1


def test_a_shadow_that_is_a_fifth_smaller_is_violated(monkeypatch):
    """With small errors what theta~ sees of the forgotten point comes from inner products alone."""
    original = bounds.floor
    pairs = list(_corners(identity.LinearPairs(1e-6, 1e-6, 1.0, points=(2, 3)), 300))
    assert 0.8 < max(map(_seen_through_products, pairs)) <= 1
    monkeypatch.setattr(bounds, "floor", lambda s: original(s) * s.q("1.6"))
    assert max(map(_seen_through_products, pairs)) > 1


def _corners(family, count):
    corners = list(family.corners())
    return [family.build(*corner) for corner in corners[:: max(len(corners) // count, 1)]]


def _seen_through_products(p):
    """Step 2 for a pair of linear predictors, over its bound."""
    s, other = bounds.of_point(p.first), p.second
    return float(other.margins[p.forgotten] / identity._shadow(s, np.sqrt(other.norm_squared), p.other_epsilon))


@examples(15)
@given(strategies.instances(identity.TwoLayerPairs(points=(2, 4), neurons=(1, 4))))
def test_distances_are_those_of_unit_vectors(p):
    """1 - cos is at least g^2 / 2, from the Gram matrix of all points and one coordinate more for each neuron's orthogonal part."""
    s = bounds.of_point(p.first)
    gap = bounds.apart(s, p.other_epsilon)
    assert p.distance >= (gap**2 / 2 if gap > 0 else 0) - 1e-12
    assert bounds.apart(s, 0.0) > gap or p.other_epsilon == 0


def _orthogonal(size, squared, delta):
    """Orthogonal points of one squared norm, no error, all of the slackness."""
    multiplier = (1 + np.sqrt(1 + 4 * squared * delta)) / (2 * squared) + 1e-12
    multipliers = np.full(size, multiplier)
    return LinearPoint(squared * np.eye(size), np.ones(size, dtype=int), multipliers, 0 * multipliers, 0.0, 1e-9, delta * (1 + 1e-9) + 1e-9, 1e-9)


def test_the_norm_is_attained_by_short_points_with_all_of_the_slackness():
    claim = claims.get("sharper/identity-linear/proof/norm")
    assert 0.999 < claim.read(_orthogonal(3, 0.9 + 1e-12, 0.8)).ratio <= 1


def test_what_sets_add_is_seen():
    """Eight long points without errors: whatever set is forgotten, most of the bound is there."""
    claim = claims.get("sharper/identity-linear-sets")
    assert 0.7 < claim.read(_orthogonal(8, 1.1 - 1e-12, 1e-9)).ratio <= 1


def test_doing_nothing_is_told_apart_up_to_an_error_of_eight_tenths():
    """Linear, one point, small parameters: g is positive for epsilon~ up to about 0.8."""
    s = bounds.of_floats(1000, 1, 1, 1e-6, 1e-6, 1e-6)
    assert bounds.apart(s, 0.8) > 0 > bounds.apart(s, 0.9)
    assert bounds.apart(s, 0.0) ** 2 / 2 * 1000 == pytest.approx(0.9 / 2.2, rel=1e-3)


def test_the_case_of_a_hundred_points_and_neurons():
    table = {row["name"]: row for row in comparison.rows() if row["m"] == 100 and row["epsilon"] == 0.1 and not row["name"].startswith("linear")}
    assert table["two layers: tau"]["paper"] == pytest.approx(0.0082)
    assert table["two layers: tau"]["factor"] > 1e9
    assert table["two layers: epsilon - epsilon_1"]["factor"] > 700
    assert table["two layers: delta - delta_1"]["ours"] == 0.0 and table["two layers: delta - delta_1"]["factor"] == math.inf


def hundred():
    """m = n = 100: the forgotten point on one neuron, the others on all; an error along what the step takes from the retained points' span."""
    shape, size = structure(100, 100, False, "lone"), 100
    above, cells = np.triu_indices(size, 1), size * size
    along = np.full((size, size), 0.5)
    along[0, 1:] = np.where(np.arange(1, size) % 2, 0.0, 1.0)
    alternating = np.where(above[0] == 0, (above[1] + 1) % 2, 0.5)
    cube = [1.0, 1.0, 1.0, 1.0, 0.0, *np.zeros(size), *alternating, 1.0, *np.zeros(size - 1), *along.ravel(), *np.zeros(cells)]
    return ClarkePoints(0.1, 0.1, 0.01, points=(100, 100), neurons=(100, 100)).build(shape, np.array(cube))


def test_at_a_hundred_points_and_neurons_the_bounds_are_attained():
    p = hundred()
    assert all(np.min(hypothesis.margin(p)) >= 0 for hypothesis in NETWORK)
    f = ClarkeForgetting(p, (0,))
    excess = f.residual(f.projection) - p.epsilon
    assert 0.95 * bounds.reach(f.numbers) < excess <= bounds.reach(f.numbers)
    assert 0.85 * bounds.tau(f.numbers) < f.distance(f.projection) <= bounds.tau(f.numbers)


def test_rows_cover_every_comparison_with_positive_factors_and_name_claims():
    seen = comparison.rows(worst=lambda id: 0.5, sizes=(10, 100), forgotten=(1, 3))
    assert {row["name"] for row in seen} == {entry.name for entry in comparison.COMPARISONS}
    assert all(claims.get(row["claim"]) for row in seen) and all(row["attained"] == 0.5 for row in seen)
    assert all(row["factor"] is None or row["factor"] > 1 for row in seen)


@pytest.mark.parametrize("entry", comparison.COMPARISONS, ids=lambda entry: entry.name)
def test_ours_is_better_than_the_papers_on_its_whole_box(entry):
    epsilon, epsilon_d = (0.5, 0.1) if entry.linear else (1.0, 0.01)
    if entry.paper is None or "plain" in entry.name:
        return
    for m in (2, 3, 10, 1000):
        for n in (1, 2, 50):
            for k in sorted({1, m // 2, m - 1}):
                for small in (1e-3, 1.0):
                    row = entry.row(m, n, k, small * epsilon, small * epsilon, small * epsilon_d)
                    assert row["factor"] is None or row["factor"] >= 1
