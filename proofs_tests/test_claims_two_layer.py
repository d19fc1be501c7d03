"""Lemmas C.1 to C.6: what holds holds on drawn instances, what is refuted is refuted anew, and the quantities are those of actual vectors."""

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.audit.witness import checked
from kktcheck.claims import two_layer
from kktcheck.claims.two_layer import extremes, parts
from kktcheck.instances import TwoLayerPoint

from .claim_checks import check_holds, check_refuted
from .instances import examples

REFUTED = {
    "lemma-C.1",
    "lemma-C.1/version/sign-zero",
    "lemma-C.2/version/no-kkt",
    "lemma-C.3/1/version/psi-literal",
    "lemma-C.4/1",
    "lemma-C.4/1/version/both-signs",
    "lemma-C.4/2/version/psi-literal",
    "lemma-C.5/version/sign-zero",
    "lemma-C.5/version/psi-literal",
}
STATED = [claim.id for claim in two_layer.CLAIMS if claim.id.startswith("lemma-C.") and "/proof/" not in claim.id]
HOLDING = [id for id in STATED if id not in REFUTED]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_is_refuted_and_the_corrected_claim_holds(id):
    check_refuted(id)


@pytest.mark.parametrize("id", [id for id in HOLDING if claims.get(id).extremes is not None])
def test_what_holds_holds_on_its_own_extremes(id):
    claim = claims.get(id)
    readings = [claim.read(instance) for instance in list(claim.extremes())[::4]]
    assert max(reading.ratio for reading in readings if reading.met) <= 1 + 1e-9


def test_the_list_of_refuted_statements_is_complete():
    assert all(claims.get(id).corrected_by for id in REFUTED)
    assert not any(claims.get(id).corrected_by for id in HOLDING)


def test_lemma_c1_fails_for_negative_c_only():
    point = next(extremes.at_a_kink())
    left, right = (claims.get("lemma-C.1").left(point), claims.get("lemma-C.1").right(point))
    assert (left[0] <= right[0]).all() and (left[1] > right[1]).any()


def test_lemma_c4_fails_at_an_exact_kkt_point_with_neurons_of_both_signs():
    point = next(extremes.both_signs())
    assert point.error_squared == 0 and (point.margins == 1).all() and set(point.signs) == {-1, 1}
    assert point.masses.tolist() == [[1, 0], [0, 1]]
    assert checked(claims.get("lemma-C.4/1/version/both-signs"), point, "by hand").ratio == float("inf")


def test_lemma_c5_fails_with_sign_zero_on_a_hyperplane():
    point = next(extremes.at_a_kink())
    assert point.products[3, 1] == 0
    assert checked(claims.get("lemma-C.5/version/sign-zero"), point, "by hand")
    assert (claims.get("lemma-C.5").left(point) == claims.get("lemma-C.5").right(point)).all()


@pytest.mark.parametrize(("id", "least"), [("lemma-C.3/1", 0.55), ("lemma-C.3/1/version/sharper", 0.95), ("lemma-C.4/1/version/sharper", 0.98)])
def test_the_attack_comes_near(id, least):
    claim = claims.get(id)
    readings = [claim.read(instance) for instance in claim.extremes()]
    assert max(reading.ratio for reading in readings if reading.met) >= least


def vectors(p):
    """Points, hidden weights and outer weights of an instance; what lies beyond the points gets a dimension per neuron."""
    size, width = p.num_points, p.num_neurons
    X = np.hstack([np.linalg.cholesky(p.gram), np.zeros((size, width))])
    u = p.signs / np.sqrt(width)
    beyond = np.hstack([np.zeros((width, size)), np.diag(np.sqrt(p.beyond))])
    return X, u[:, None] * (p.rows @ X + beyond), u


def corrected_vectors(p, forgotten):
    """Hidden weights of the paper's corrected network, straight from its formulas."""
    X, W, u = vectors(p)
    active = (W @ X.T >= 0)[:, forgotten]
    kept = [k for k in range(p.num_points) if k != forgotten]
    signs = np.where(W @ X[kept].T >= 0, 1.0, -1.0)
    delta = p.epsilon_d / (2 * p.num_points * p.num_neurons) * signs @ X[kept]
    step = np.outer(u * p.multipliers[forgotten] * p.labels[forgotten] * active, X[forgotten])
    return W - step + (np.abs(u) * p.multipliers[forgotten] * active)[:, None] * delta, delta


@examples(30)
@given(strategies.instances(parts.RETAINED_POINTS))
def test_drift_signs_and_norms_are_those_of_vectors(p):
    X, W, u = vectors(p)
    left_out, kept = parts.pairs(p.num_points)
    for pair, (gone, r) in enumerate(zip(left_out, kept)):
        corrected, delta = corrected_vectors(p, gone)
        outputs = [u @ np.maximum(weights @ X[r], 0) for weights in (corrected, W)]
        assert abs(p.labels[r] * (outputs[0] - outputs[1]) - parts.drift(p)[pair]) <= 1e-13
        assert (np.where(corrected @ X[r] >= 0, 1, -1) == parts.sign_after(p)[:, pair]).all()
        assert np.allclose(np.sqrt(np.maximum(parts.correction_norms(p)[:, gone], 0)), np.linalg.norm(delta, axis=1), rtol=0, atol=1e-7)
        assert np.allclose(parts.pulls(p)[:, pair] * p.correction_factor, delta @ X[r], rtol=1e-9, atol=1e-15)


@examples(10)
@given(strategies.two_layer_points(epsilon=1e-9, delta=1e-9, epsilon_d=0.5, points=(2, 5)))
def test_drift_is_that_of_the_float_core(p):
    X, W, u = vectors(p)
    data, net = kc.Dataset(X, p.labels), kc.TwoLayerReLU(W, u)
    certificate = kc.certify(net, data, subgradient="indicator")
    assert np.allclose(certificate.multipliers, p.multipliers, rtol=1e-6)
    left_out, kept = parts.pairs(p.num_points)
    for gone in range(p.num_points):
        step = kc.gradient_ascent(net, data, gone, certificate=certificate)
        restored = kc.restore_activations(step, data, gone, original=net, certificate=certificate, c=p.correction_factor)
        change = (restored.model.margins(data) - net.margins(data))[kept[left_out == gone]]
        assert np.allclose(change, parts.drift(p)[left_out == gone], rtol=0, atol=1e-6)


def test_the_masses_are_those_of_the_definition():
    p = parts.POINTS.build(*next(iter(parts.POINTS.corners())))
    X, W, u = vectors(p)
    active = W @ X.T >= 0
    for row, sign in enumerate((1, -1)):
        assert np.allclose(p.masses[row], ((u**2)[:, None] * active * p.multipliers)[p.signs == sign].sum(axis=0))


BY_HAND = ("both_signs", "mostly_opposing", "at_a_kink", "large_multiplier", "tiny_norm", "double_norm", "small_retained_norm")


@pytest.mark.parametrize("name", BY_HAND)
def test_exact_networks_are_exact_and_seen_alike_in_float64(name):
    (point,) = getattr(extremes, name)()
    assert isinstance(point, TwoLayerPoint) and point.is_exact
    assert (point.active == point.float().active).all()
