"""Steps of the proofs of Lemmas C.2 to C.6, broken ones with their witness and the step that works, and their quantities on actual vectors."""

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.audit.witness import checked
from kktcheck.claims import two_layer
from kktcheck.claims.two_layer import cases, extremes, parts
from kktcheck.claims.two_layer.lemma_proofs_drift import drift_over

from .claim_checks import check_holds, check_refuted, witness_of
from .instances import examples
from .test_claims_two_layer import vectors

REFUTED = {
    "lemma-C.2/proof/drop-signs",
    "lemma-C.3/1/proof/case-two-mass",
    "lemma-C.4/1/proof/case-one-mass",
    "lemma-C.4/1/proof/case-two",
    "lemma-C.4/1/proof/constant",
    "lemma-C.5/proof/difference",
    "lemma-C.6/proof/strict-sets",
    "lemma-C.6/proof/same-delta",
    "lemma-C.6/proof/arithmetic",
}
STEPS = [claim.id for claim in two_layer.CLAIMS if claim.id.startswith("lemma-C.") and "/proof/" in claim.id]
HOLDING = [id for id in STEPS if id not in REFUTED]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_is_refuted_and_the_corrected_claim_holds(id):
    check_refuted(id)


def test_only_refuted_steps_are_corrected():
    assert {id for id in STEPS if claims.get(id).corrected_by} == REFUTED


@pytest.mark.parametrize("id", ["lemma-C.3/1/proof/case-two-mass", "lemma-C.4/1/proof/case-one-mass"])
def test_a_point_seen_mostly_by_opposing_neurons_breaks_both_proofs(id):
    point = next(extremes.mostly_opposing())
    found = checked(claims.get(id), point, "by hand")
    assert found.ratio == pytest.approx(12 / 11)
    for step in ("lemma-C.3/1/proof/opposing", "lemma-C.3/1/proof/case-two", "lemma-C.4/1/proof/aligned"):
        assert claims.get(step).read(point.float()).ratio <= 1


def test_case_two_of_lemma_c4_breaks_at_an_exact_kkt_point():
    point = next(extremes.both_signs())
    assert cases.extreme_mass(point, False, False) == (0, 1)
    assert checked(claims.get("lemma-C.4/1/proof/case-two"), point, "by hand")


def test_the_arithmetic_of_lemma_c6_ends_at_twelve():
    worst = judge(claims.get("lemma-C.6/proof/arithmetic/corrected"), "quick").worst_ratio
    assert 0.99 <= worst <= 1
    assert float(witness_of("lemma-C.6/proof/arithmetic").left) > 9


def test_the_margin_of_a_neuron_on_a_hyperplane_is_forgotten():
    point = next(extremes.at_a_kink())
    assert checked(claims.get("lemma-C.6/proof/strict-sets"), point, "by hand")
    assert not claims.get("lemma-C.6/proof/strict-sets/corrected").refuted_by(point).any()


@examples(30)
@given(strategies.instances(parts.POINTS))
def test_outputs_of_the_cases_are_those_of_vectors(p):
    X, W, u = vectors(p)
    for k, label in enumerate(p.labels):
        aligned, products = u * label > 0, W @ X[k]
        assert cases.linear_output(p)[k] == pytest.approx(label * (u * products)[aligned].sum(), abs=1e-9)
        assert cases.aligned_output(p)[k] == pytest.approx(label * (u * np.maximum(products, 0))[aligned].sum(), abs=1e-9)
        opposing = (u**2 * p.multipliers[k] * (products >= 0))[~aligned].sum()
        assert parts.opposing_masses(p)[k] == pytest.approx(opposing, abs=1e-12)


@examples(20)
@given(strategies.instances(parts.RETAINED_POINTS))
def test_drift_is_the_sum_over_active_neurons(p):
    assert np.allclose(drift_over(p, p.active), parts.drift(p), rtol=1e-9, atol=1e-16)
