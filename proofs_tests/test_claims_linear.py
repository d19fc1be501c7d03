"""Lemmas B.1 to B.3: what holds holds on drawn instances, what is refuted is refuted anew, and the quantities are those of actual vectors."""

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.claims.linear import lemmas as linear
from kktcheck.claims.linear import rescaling as linear_rescaling
from kktcheck.claims.linear.forgetting import ball

from .claim_checks import check_holds, check_refuted, parts, selected, vectors
from .instances import examples

REFUTED = {"lemma-B.2/upper/proof/norm-range", "lemma-B.3", "lemma-B.3/version/some-multipliers"}
HOLDING = [id for id in selected("lemma-B.") if id not in REFUTED]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_has_a_witness_and_a_corrected_claim(id):
    check_refuted(id)


def test_what_holds_names_no_correction():
    assert not any(claims.get(id).corrected_by for id in HOLDING)


def test_rescaling_fails_for_the_named_multipliers_and_for_any_others():
    """Two orthonormal points with margins 1/2 and 2 and no error: gamma is attained, and the multipliers are unique."""
    p = list(linear_rescaling._exact_points())[1]
    assert not claims.get("lemma-B.3").unmet(p)
    assert claims.get("lemma-B.3").refuted_by(p).tolist() == [False, True]
    assert claims.get("lemma-B.3/version/some-multipliers").refuted_by(p).tolist() == [False, True]
    assert max(linear_rescaling._scaled(p)) == linear_rescaling._corrected(p) == 12
    assert linear_rescaling._printed(p) == 6


@examples(10)
@given(strategies.instances(linear_rescaling.RELAXED))
def test_rescaling_agrees_with_rescaled_certificates(p):
    points, w = vectors(p)
    growth = linear_rescaling.growth(p)
    margins = p.labels * (points @ (growth * w))
    np.testing.assert_allclose(linear_rescaling._scaled(p), growth * p.multipliers * (margins - 1), atol=1e-9)
    residual = np.linalg.norm(growth * w - points.T @ (growth * p.multipliers * p.labels))
    assert residual <= growth * p.epsilon * (1 + 1e-9) + 1e-12


@examples(10)
@given(strategies.instances(linear_rescaling.RELAXED))
def test_no_multipliers_within_the_error_need_less_slackness_than_the_bound(p):
    """Against the nonnegative multipliers of least weighted sum in many directions of the ball of errors."""
    rng = np.random.default_rng(p.num_points)
    growth, inside = linear_rescaling.growth(p), p.labels * p.coefficients
    radius = np.sqrt(max(p.epsilon**2 - p.beyond, 0.0))
    steps = rng.standard_normal((50, p.num_points))
    steps *= radius / np.sqrt(np.sum(steps * (steps @ p.gram), axis=1))[:, None]
    assert (np.abs(steps) <= ball(p.gram, radius) * (1 + 1e-9)).all()
    multipliers = growth * np.maximum(inside + steps, 0)
    assert (multipliers * (growth * p.margins - 1) >= linear_rescaling._least(p) - 1e-9).all()


@examples(15)
@given(strategies.instances(linear.LEMMA_POINTS))
def test_a_certificate_of_the_same_predictor_is_no_worse_than_what_is_declared(p):
    data, _, certificate = parts(p)
    assert certificate.epsilon <= p.epsilon + 1e-9
    np.testing.assert_allclose(certificate.scale * p.margins, certificate.margins, rtol=1e-9)
    assert data.psi <= 0.1 + 1e-9
    assert data.phi <= p.phi + 1e-9


def test_multipliers_of_an_exact_optimum_obey_the_sharper_bounds_of_both_sides():
    """Lemma B.2 with epsilon = delta = 0, against the max-margin solver."""
    rng = np.random.default_rng(0)
    for size in (2, 4, 7):
        epsilon_d = 0.5
        gram = np.diag(rng.uniform(0.9, 1.1, size))
        above = np.triu_indices(size, 1)
        gram[above] = rng.choice([-1, 1], len(above[0])) * epsilon_d / (4 * size)
        gram.T[above] = gram[above]
        data = kc.Dataset.from_gram(gram, rng.choice([-1, 1], size))
        scaled = kc.max_margin(data).multipliers * np.diagonal(gram)
        assert np.abs(scaled - 1).max() <= 0.6 * epsilon_d
