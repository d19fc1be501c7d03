"""Remark B.1: doing nothing, its proof's steps, and pairs of predictors as actual vectors."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.claims.linear import identity_norms as linear_identity_norms
from kktcheck.claims.linear import pairs as linear_pairs

from .claim_checks import check_holds, check_refuted, selected, vectors
from .instances import examples

REFUTED = {
    "remark-B.1/version/original-epsilon",
    "remark-B.1/proof/denominator-sum/version/used",
    "remark-B.1/proof/error-share",
    "remark-B.1/proof/added-term-simplified",
    "remark-B.1/proof/added-term-direction",
    "remark-B.1/proof/reciprocal-range",
    "remark-B.1/proof/conclusion",
    "remark-B.1/proof/norm-step",
    "remark-B.1/proof/norm-plugged",
    "remark-B.1/proof/norm/version/literal",
    "remark-B.1/proof/inner-product/version/literal",
}
HOLDING = [id for id in selected("remark-B.1") if id not in REFUTED]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_has_a_witness_and_a_corrected_claim(id):
    check_refuted(id)


def test_what_holds_names_no_correction():
    assert not any(claims.get(id).corrected_by for id in HOLDING)


@examples(20)
@given(strategies.instances(linear_pairs.PAIRS))
def test_the_distance_is_the_one_of_actual_vectors(p):
    """The parts beyond the points need a second dimension, at the pair's own angle."""
    points, first = vectors(p.first)
    _, second = vectors(p.second)
    size = np.sqrt(p.other_beyond)
    second[-1] = p.correlation * size
    first, second = np.append(first, 0.0), np.append(second, np.sqrt(max(1 - p.correlation**2, 0)) * size)
    between = first / np.linalg.norm(first) - second / np.linalg.norm(second)
    assert linear_pairs.distance(p) == pytest.approx(between @ between / 2, rel=1e-9, abs=1e-15)
    kept = p.kept
    margins = p.labels * (np.column_stack([points, np.zeros(len(points))]) @ second)
    assert margins[kept].min() >= 1 - 1e-9
    assert (p.other_multipliers[kept] * (margins[kept] - 1)).max() <= p.other_delta + 1e-9


def test_doing_nothing_costs_half_over_m_on_orthonormal_points():
    """cos = sqrt((m - 1)/m), far from the printed chain's 1 - 0.66/m."""
    for size in (2, 8, 16):
        p = linear_pairs.pair(size, ("1",), 0, "0.000001", "0.000001")
        assert float(linear_pairs.distance(p)) == pytest.approx(1 - np.sqrt(1 - 1 / size), rel=1e-12)
        assert float(linear_pairs.distance(p.float())) == pytest.approx(1 - np.sqrt(1 - 1 / size), rel=1e-12)
    claim = claims.get("remark-B.1/proof/conclusion")
    assert claim.refuted_by(linear_pairs.pair(8, ("1",), 0, "0.000001", "0.000001")).all()


def test_a_goal_with_a_large_error_is_met_by_doing_nothing():
    p = linear_pairs.pair(3, ("1",), 1, 1, "0.000001")
    assert abs(float(linear_pairs.distance(p))) <= 1e-50
    assert not claims.get("remark-B.1/version/original-epsilon").unmet(p)
    assert [name for name, _ in claims.get("remark-B.1/version/sharper").unmet(p)] == ["w~: epsilon is at most 0.5"]


def test_the_proof_takes_the_square_of_the_norm_for_the_norm():
    p = next(linear_identity_norms._many_points())
    assert p.norm_squared == 121
    claim = claims.get("remark-B.1/proof/norm-plugged")
    assert not claim.unmet(p)
    assert claim.refuted_by(p).all()
    assert claim.right(p) == Fraction(12)
