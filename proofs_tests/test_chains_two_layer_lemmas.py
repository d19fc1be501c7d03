"""Chains of Lemmas C.1 to C.6: their marks, their links on actual vectors, and constants that a proof must not survive if they are made worse."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.audit import proofs
from kktcheck.audit.chains import Judge
from kktcheck.audit.constants import best_of
from kktcheck.audit.ledger import committed
from kktcheck.audit.supremum import best_constant
from kktcheck.claims import two_layer
from kktcheck.claims.chains import (
    two_layer_lemmas_above,
    two_layer_lemmas_activations,
    two_layer_lemmas_below,
    two_layer_lemmas_correction,
    two_layer_lemmas_drift,
    two_layer_lemmas_totals,
)
from kktcheck.claims.two_layer import extremes, parts
from kktcheck.claims.two_layer.lemma_proofs_drift import outward
from kktcheck.instances import Constants

from .claim_checks import check_breaks, check_holds
from .instances import examples
from .test_claims_two_layer import vectors

MODULES = (
    two_layer_lemmas_correction,
    two_layer_lemmas_above,
    two_layer_lemmas_totals,
    two_layer_lemmas_below,
    two_layer_lemmas_activations,
    two_layer_lemmas_drift,
)
CHAINS = {chain.id: chain for module in MODULES for chain in module.CHAINS}
OURS = [id for id, chain in CHAINS.items() if chain.author == "ours"]
#: The refuted links of the printed proofs, by the claims that they are; the others are proved or argued.
BROKEN = {
    "lemma-C.1/proof": ["lemma-C.1/proof/norm"],
    "lemma-C.2/proof": ["lemma-C.2/proof/drop-signs"],
    "lemma-C.3/1/proof": ["lemma-C.3/1/proof/lost-error", "lemma-C.3/1/proof/case-two-mass"],
    "lemma-C.3/2/proof": [],
    "lemma-C.3/3/proof": [],
    "lemma-C.4/1/proof": ["lemma-C.4/1/proof/case-one-mass", "lemma-C.4/1/proof/case-two", "lemma-C.4/1/proof/plugged"],
    "lemma-C.4/2/proof": ["lemma-C.4/1"],
    "lemma-C.4/3/proof": [],
    "lemma-C.5/proof": ["lemma-C.5/proof/difference", "lemma-C.5/proof/enough"],
    "lemma-C.6/proof": ["lemma-C.6/proof/strict-sets", "lemma-C.6/proof/same-delta", "lemma-C.6/proof/arithmetic"],
}
LINKS = {claim.id: claim for chain in CHAINS.values() for claim in chain.claims()}
LEDGER = committed().entries


@pytest.fixture(scope="module")
def judge():
    return Judge(lambda id: LEDGER.get(id, {}).get("verdict"))


def test_every_chain_is_registered():
    assert {chain.id for chain in claims.chains() if chain.id.startswith("lemma-C.")} == set(CHAINS)
    assert {id for id, chain in CHAINS.items() if chain.author == "printed"} == set(BROKEN)


@pytest.mark.parametrize("id", OURS)
def test_every_chain_of_ours_is_proved(judge, id):
    assert judge.verdict(CHAINS[id]).word == "proved"


@pytest.mark.parametrize("id", BROKEN)
def test_printed_chains_are_broken_where_they_are_and_nowhere_else(judge, id):
    check_breaks(judge.verdict(CHAINS[id]), BROKEN[id])


def test_refuted_links_between_constants_name_a_true_claim():
    refuted = {id for ids in BROKEN.values() for id in ids} & set(LINKS)
    assert {id for id, claim in LINKS.items() if claim.corrected_by} == refuted


def test_every_true_statement_and_step_of_the_lemmas_has_a_proof(judge):
    about = [claim for claim in two_layer.CLAIMS if claim.id.startswith("lemma-C.") and not claim.corrected_by]
    assert len(about) > 40
    assert [claim.id for claim in about if not proofs.provable(claim) and judge.proof_of(claim.id) is None] == []


TRUE = [id for id, claim in LINKS.items() if not claim.corrected_by]
#: Sides that are negative somewhere, so that no factor makes their links worse everywhere.
NEGATIVE = {"lemma-C.4/1/proof/all-points", "lemma-C.4/1/proof/quotient", "lemma-C.4/1/corrected/derivation/sharper"}
NEGATIVE |= {"lemma-C.4/1/corrected/derivation/printed", "lemma-C.4/2/derivation/printed"}
NEGATIVE |= {"lemma-C.5/proof/plugged", "lemma-C.5/proof/rounded", "lemma-C.5/proof/negative"}


@pytest.mark.parametrize("id", [id for id in TRUE if LINKS[id].parts])
def test_links_proved_through_parts_hold_at_drawn_points(id):
    check_holds(id, 10)


@pytest.mark.parametrize("id", [id for id in TRUE if id not in NEGATIVE])
def test_no_link_survives_a_constant_one_percent_below_its_supremum(id):
    claim = replace(LINKS[id], parts=())
    low = best_constant(claim, tolerance=1e-3, most=25).low
    assert 0 < low <= 1
    share = Fraction(low) * Fraction(99, 100)
    name = "left" if claim.direction == "lower" else "right"
    whole = getattr(claim, name)
    found = proofs.prove(replace(claim, id="planted", **{name: lambda p: share * whole(p)}), most=200)
    assert found.word == "refuted"
    assert not claim.unmet(found.point)


def constants_of(p):
    """The constants of a two-layer point; psi is 0.1."""
    return Constants(p.epsilon, p.delta, p.epsilon_d, 0.1, 1.0, p.num_points, p.num_neurons, 1)


#: What the statement's left side is measured in.
UNITS = {
    "lemma-C.2/derivation": lambda p: p.epsilon_d / np.sqrt(p.num_points * p.num_neurons),
    "lemma-C.3/3/derivation": lambda p: p.num_neurons,
    "lemma-C.6/derivation": parts.drift_unit,
    "lemma-C.6/version/full-range/derivation": parts.drift_unit,
}
GIVEN = [id for id in OURS if CHAINS[id].given is not None and id != "lemma-C.5/derivation"]


@pytest.mark.parametrize("id", GIVEN)
def test_the_bound_of_a_chain_is_one(id):
    chain = CHAINS[id]
    statement, unit = claims.get(chain.proves[0]), UNITS.get(id, lambda p: 1)

    @examples(15)
    @given(strategies.instances(statement.family))
    def holds(p):
        bound = float(chain.given(constants_of(p))) * unit(p)
        smallest, largest = (np.asarray(statement.left(p)).min(), np.asarray(statement.left(p)).max())
        assert smallest >= bound - 1e-9 if chain.lower else largest <= bound * (1 + 1e-9)

    holds()


@examples(20)
@given(strategies.instances(parts.RETAINED_POINTS))
def test_the_step_takes_no_more_of_the_push_than_the_chain_says(p):
    chain, constants = CHAINS["lemma-C.5/derivation"], constants_of(p)
    taken, pushed = outward(p, -parts.step_push(p)), outward(p, parts.correction_push(p))
    assert (taken * float(chain.printed(constants)) <= float(chain.given(constants)) * pushed + 1e-15).all()


@pytest.mark.parametrize(
    ("id", "share"),
    [
        ("lemma-C.2/derivation", 0.090961),
        ("lemma-C.3/2/derivation", 0.307692),
        ("lemma-C.3/1/version/sharper/derivation", 0.615385),
        ("lemma-C.4/2/derivation", 0.99),
        ("lemma-C.5/derivation", 0.769231),
        ("lemma-C.6/derivation", 0.186738),
        ("lemma-C.6/version/full-range/derivation", 0.354029),
    ],
)
def test_how_much_of_a_printed_bound_is_needed(id, share):
    found = best_of(CHAINS[id], lambda id: LEDGER[id]["worst_ratio"])
    assert found.low == pytest.approx(share, abs=2e-6) and found.high <= found.low + 2e-6
    assert found.attained <= found.high + 1e-9


def split_margins(p, k):
    """The margin of x_k from vectors: the point's own part, those of the other points, the error's; with T of every point."""
    X, W, u = vectors(p)
    active = (p.active == 1).astype(float)
    totals = (u[:, None] ** 2 * active * p.multipliers).sum(axis=0)
    error = W - (u[:, None] * active) @ ((p.multipliers * p.labels)[:, None] * np.hstack([X]))
    others = [i for i in range(p.num_points) if i != k]
    shared = (u[:, None] ** 2 * active * active[:, [k]]).sum(axis=0)
    own = X[k] @ X[k] * totals[k]
    cross = sum(p.multipliers[i] * p.labels[i] * p.labels[k] * X[i] @ X[k] * shared[i] for i in others)
    by_neuron = p.labels[k] * u * active[:, k] * (error @ X[k])
    return own, cross, by_neuron, totals, np.sqrt(X[k] @ X[k]), others


@examples(30)
@given(strategies.instances(parts.POINTS))
def test_euler_s_identity_link_by_link(p):
    for k in range(p.num_points):
        own, cross, by_neuron, totals, length, others = split_margins(p, k)
        assert own + cross + by_neuron.sum() == pytest.approx(p.margins[k], rel=1e-7, abs=1e-7)
        assert abs(cross) <= p.phi * totals[others].sum() * (1 + 1e-9) + 1e-15
        assert abs(by_neuron).sum() <= p.epsilon * length * (1 + 1e-7)
        assert totals[k] <= p.multipliers[k] * (1 + 1e-12)


@examples(30)
@given(strategies.instances(parts.RETAINED_POINTS))
def test_active_neurons_rise_by_no_more_than_the_reach(p):
    kept = parts.pairs(p.num_points)[1]
    rise = outward(p, parts.step_push(p) + parts.correction_push(p)) * p.active[:, kept]
    reach = p.correction_factor * (1.1 + (p.num_points - 2) * p.phi) + p.phi
    assert (rise >= -1e-15).all() and (rise <= parts.weights(p) * reach * (1 + 1e-9)).all()


def test_the_root_is_reached_by_one_point_with_the_error_along_it():
    about = {"epsilon": 1, "delta": 1, "epsilon_d": "1/1000"}
    point = extremes.exact_point([["0.9"]], [1], [1], ["2.5925"], [["1.539"]], **about)
    claim = claims.get("lemma-C.3/2/version/root")
    assert claim.unmet(point) == [] and not claim.refuted_by(point).any()
    assert claim.read(point.float()).ratio > 0.999
