"""Theorems 4.1 and C.1: what holds holds on drawn instances, what is refuted is refuted anew, and the networks are those of actual weights."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.claims.two_layer import theorems
from kktcheck.claims.two_layer.forgetting import sets, singles
from kktcheck.instances.realised import realise
from kktcheck.instances.two_layer_family import TwoLayerPoints

from .claim_checks import check_holds, check_refuted, selected, witness_of
from .instances import examples

REFUTED = {
    "theorem-4.1/epsilon/proof/rescale",
    "theorem-4.1/delta/proof/rescale",
    "theorem-4.1/delta/proof/corrected-model",
    "theorem-4.1/delta/proof/margin-equality",
    "theorem-4.1/tau/proof/norm-no-error",
    "theorem-4.1/tau/proof/norm-product",
    "theorem-4.1/tau/proof/norm-terms",
    "theorem-4.1/tau/proof/norm-expansion",
    "theorem-4.1/tau/proof/norm-arithmetic",
    "theorem-4.1/tau/proof/ratio",
    "theorem-C.1/epsilon/proof/denominator",
    "theorem-C.1/epsilon/proof/rescale",
    "theorem-C.1/delta/proof/rescale",
    "theorem-C.1/delta/proof/corrected-model",
}
#: Links of chains are decided by intervals (see test_chains_two_layer_theorems).
LINKS = {claim.id for chain in claims.chains() for claim in chain.claims()}
HOLDING = [id for id in selected("theorem-4.1", "theorem-C.1") if id not in REFUTED | LINKS]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id, 10)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_has_a_witness_and_a_corrected_claim(id):
    check_refuted(id)


def test_every_refuted_claim_is_registered():
    assert set(selected("theorem-4.1", "theorem-C.1")) >= REFUTED


def test_rescaling_epsilon_fails_for_two_points_and_one_neuron_alone():
    p = witness_of("theorem-4.1/epsilon/proof/rescale").instance
    assert (p.points, p.neurons) == (2, 1)
    assert p.epsilon_d > Fraction("0.00966")


def test_the_ratio_of_norms_fails_up_to_24_points():
    claim = claims.get("theorem-4.1/tau/proof/ratio")
    failing = [m for m in range(2, 60) if claim.refuted_by(_constants(points=m, forgotten=1)).any()]
    assert failing == list(range(2, 25))


def test_the_denominators_of_theorem_c1_disagree_from_k_squared_above_m_on():
    claim = claims.get("theorem-C.1/epsilon/proof/denominator")
    for m in (4, 5, 9):
        failing = [k for k in range(1, m) if claim.refuted_by(_constants(points=m, forgotten=k)).any()]
        assert failing == [k for k in range(1, m) if k * k > m]


def _constants(points, forgotten):
    from kktcheck.instances import Constants

    return Constants(*map(Fraction, ("1/2", "1/2", "0.01", "0.1", "0")), points, 1, forgotten)


@examples(10)
@given(strategies.instances(theorems.POINTS))
def test_the_projected_network_keeps_every_retained_product_and_activation_exactly(p):
    exact = p.rounded(6)
    assume(exact is not None)
    for f in sets(exact):
        after = exact.with_rows(f.unlearned + f.projection)
        assert (after.products[:, f.kept] == exact.products[:, f.kept]).all()
        assert (after.active[:, f.kept] == exact.active[:, f.kept]).all()
        assert (after.rows == exact.projected(f.forget)).all()


@examples(10)
@given(strategies.instances(theorems.POINTS))
def test_the_corrected_network_keeps_every_retained_activation_exactly(p):
    exact = p.exact()
    for f in sets(exact):
        after = exact.with_rows(exact.corrected(f.forget))
        assert (after.active[:, f.kept] == exact.active[:, f.kept]).all()
        assert (after.margins[f.kept] == f.margins).all()


@examples(6)
@given(strategies.instances(theorems.POINTS))
def test_exact_and_float_worths_agree(p):
    for f, g in zip(singles(p), singles(p.exact()), strict=True):
        limits = [theorems.one_point_limits(f), theorems.one_point_limits(g)]
        for number, exact in zip([*f.projected_worth, *f.printed_worth, *limits[0]], [*g.projected_worth, *g.printed_worth, *limits[1]], strict=True):
            assert number == pytest.approx(float(exact), rel=1e-6, abs=1e-15)


@examples(10)
@given(strategies.instances(theorems.POINTS))
def test_worths_are_those_of_actual_weights(p):
    """Definitions 2.1 and 2.2 from vectors: gradients, norms and cosines of weights, projections by least squares."""
    model, data = realise(p)
    gradients = np.array([p.active[:, i, None] * model.u[:, None] * data.X[i] for i in range(p.num_points)])
    for f in sets(p):
        removed = sum(p.multipliers[i] * p.labels[i] * gradients[i] for i in f.forget)
        unlearned = model.W - removed
        retained = data.X[f.kept].T
        projected = unlearned + (retained @ np.linalg.lstsq(retained, removed.T, rcond=None)[0]).T
        check_worth(p, f, f.projected_worth, gradients, data, model.u, unlearned, projected, 1)
        signs = np.where(p.active == 1, 1, -1)[:, f.kept] @ data.X[f.kept]
        weights = sum(p.multipliers[i] * p.active[:, i] for i in f.forget) * abs(model.u) * p.epsilon_d / (2 * p.num_points * p.num_neurons)
        check_worth(p, f, f.printed_worth, gradients, data, model.u, unlearned, unlearned + weights[:, None] * signs, f.printed_scale)


def check_worth(p, f, worth, gradients, data, u, unlearned, network, scale):
    network, multipliers = scale * network, scale * p.multipliers
    residual = network - sum(multipliers[i] * p.labels[i] * gradients[i] for i in f.kept)
    assert worth.epsilon == pytest.approx(np.linalg.norm(residual), rel=1e-6, abs=1e-10)
    margins = p.labels * (np.maximum(network @ data.X.T, 0) * u[:, None]).sum(axis=0)
    assert worth.delta == pytest.approx((multipliers * (margins - 1))[f.kept].max(), abs=1e-9)
    units = unlearned / np.linalg.norm(unlearned) - network / np.linalg.norm(network)
    assert worth.tau == pytest.approx((units**2).sum() / 2, rel=1e-3, abs=1e-15)


@examples(8)
@given(strategies.instances(TwoLayerPoints(epsilon=1e-9, delta=1.0, epsilon_d=0.01, points=(2, 4), neurons=(1, 4))))
def test_the_networks_are_those_of_the_unlearning_methods(p):
    """Without error the certificate's multipliers are the instance's, so both take the same step."""
    model, data = realise(p)
    certificate = kc.certify(model, data, subgradient="indicator", kink_tol=0.0)
    assume(not (abs(p.products) < 1e-12).any())
    for f in singles(p):
        plain = kc.gradient_ascent(model, data, f.forget, certificate=certificate)
        restored = kc.restore_activations(plain, data, f.forget, original=model, certificate=certificate, c=p.correction_factor)
        projected = kc.gradient_ascent(model, data, f.forget, certificate=certificate, method="projected")
        for rows, network in ((f.unlearned, plain), (f.unlearned + f.correction, restored.model), (f.unlearned + f.projection, projected)):
            np.testing.assert_allclose(network.W, realise(p.with_rows(rows))[0].W, atol=1e-6)
