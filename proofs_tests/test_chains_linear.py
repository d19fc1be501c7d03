"""Chains of Appendix B: ours prove what they say, printed ones break where they do, and no constant has more room than is claimed."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.audit.chains import Judge
from kktcheck.audit.intervals import prove
from kktcheck.audit.supremum import best_constant
from kktcheck.claims import Claim
from kktcheck.claims.linear import forgetting, pairs, signs, theorems
from kktcheck.claims.linear.lemmas import LEMMA_POINTS, scaled_multipliers
from kktcheck.instances import Constants, LinearPoint

from .claim_checks import check_breaks, check_holds
from .instances import examples

pytest.importorskip("flint")
CHAINS = [chain for chain in claims.chains() if chain.id.startswith(("lemma-B.", "theorem-3.1", "theorem-B.1", "remark-B.1"))]


def _slackness(share, curvature):
    """C^2 (L^2 / 2 + delta (L / 2 - 1 - L^2 s / 16) / (1 - s)) at epsilon = delta = 1/2, L the larger root at that curvature."""
    linear = 1 + 0.5 * 0.9**0.5
    largest = (linear + (linear**2 + 2 * curvature) ** 0.5) / (2 * curvature)
    added = largest**2 / 2 + 0.5 * (largest / 2 - 1 - largest**2 * share / 16) / (1 - share)
    return added / (1 - largest * share / 4) ** 2


#: Claims of the links that break a printed chain; the others are whole.
BROKEN = {
    "lemma-B.1/proof": [],
    "lemma-B.2/lower/proof": [],
    "lemma-B.2/upper/proof": ["lemma-B.2/upper/proof/norm-range"],
    "lemma-B.3/proof": ["lemma-B.3"],
    "theorem-3.1/kkt/proof": [
        "theorem-3.1/kkt/proof/stationarity/version/literal",
        "theorem-3.1/kkt/proof/margin-identity/version/absolute",
        "theorem-3.1/kkt/proof/rescale-delta/version/literal",
        "lemma-B.3",
    ],
    "theorem-B.1/kkt/proof": [
        "theorem-3.1/kkt/proof/stationarity/version/literal",
        "theorem-3.1/kkt/proof/margin-identity/version/absolute",
        "lemma-B.3",
        "theorem-B.1/kkt",
    ],
    "theorem-3.1/cosine/proof": [
        "theorem-3.1/cosine/proof/norm-unlearned/version/literal",
        "theorem-3.1/cosine/proof/cross-term",
        "theorem-3.1/cosine/proof/norm-retrained/version/literal",
        "theorem-3.1/cosine/proof/inner-product/version/literal",
    ],
    "remark-B.1/proof": [
        "remark-B.1/proof/norm/version/literal",
        "remark-B.1/proof/inner-product/version/literal",
        "remark-B.1/proof/denominator-sum/version/used",
        "remark-B.1/proof/error-share",
        "remark-B.1/proof/added-term-simplified",
        "remark-B.1/proof/added-term-direction",
        "remark-B.1/proof/reciprocal-range",
        "remark-B.1/proof/conclusion",
        "remark-B.1/proof/norm-step",
        "remark-B.1/proof/norm-plugged",
    ],
}
FALSE = {id for ids in BROKEN.values() for id in ids}
#: What the paper states, or what is nearest to it and true, and what more is true.
STATEMENTS = {
    "lemma-B.1", "lemma-B.1/version/settings-of-3.1", "lemma-B.2/lower", "lemma-B.2/upper", "lemma-B.2/upper/version/sharper", "lemma-B.3/corrected",
    "theorem-3.1/kkt", "theorem-3.1/kkt/version/sharper", "theorem-B.1/kkt/corrected", "theorem-B.1/kkt/version/sharper",
    "theorem-B.1/kkt/version/additive-term", "theorem-3.1/cosine", "theorem-B.1/cosine", "theorem-3.1/cosine/version/quadratic",
    "theorem-B.1/cosine/version/quadratic", "remark-B.1", "remark-B.1/version/proof", "remark-B.1/version/sharper",
}  # fmt: skip
_L = (1 + 0.5 * 0.9**0.5 + ((1 + 0.5 * 0.9**0.5) ** 2 + 2 * 0.875) ** 0.5) / 1.75
_ROOT = 1.1**0.5
#: Given over printed, at worst: of the multipliers' root at |x|^2 = 0.9 and the largest errors, of its powers, or of one error alone.
SHARES = {
    "lemma-B.1/derivation": (1 + 0.5 * 0.9**0.5 + ((1 + 0.5 * 0.9**0.5) ** 2 + 2 * 0.775) ** 0.5) / 1.55 / 2.4,
    "lemma-B.1/version/settings-of-3.1/derivation": _L / 2.03,
    "lemma-B.2/lower/derivation": _ROOT / 1.1,
    "lemma-B.2/upper/derivation": 1.1 / 2.2,
    "theorem-3.1/kkt/derivation": _slackness(0.05, 0.8875) / 7.2,
    "theorem-B.1/kkt/corrected/derivation": _slackness(0.1, 0.875) / 7.2,
    "theorem-3.1/kkt/version/sharper/derivation": _slackness(0.05, 0.8875) / 2.2,
    "theorem-B.1/kkt/version/sharper/derivation": _slackness(0.1, 0.875) / 2.3,
    "theorem-3.1/cosine/derivation": 0.38011,
    "theorem-B.1/cosine/derivation": 0.38011,
    "theorem-B.1/cosine/version/quadratic/derivation": 2 * _ROOT / 2.3,
    "remark-B.1/proof/norm-above/derivation": 0.97138,
    "remark-B.1/proof/margin-above/derivation": 0.99905,
    "remark-B.1/proof/shadow/derivation": (0.1 / 8 / 0.875**0.5 + _ROOT) / 1.063,
    "remark-B.1/derivation": 0.009 / 0.0109,
    "remark-B.1/version/sharper/derivation": 0.0008 / 0.0009,
}
BETWEEN = {claim.id: claim for chain in CHAINS for claim in chain.claims()}
INSTANCES = sorted({link.claim for chain in CHAINS for link in chain.links if link.argued})


@pytest.fixture(scope="module")
def judged():
    """Claims about instances hold unless they are known to be false; a proof may look at few boxes."""
    judge = Judge(lambda id: "refuted" if id in FALSE else "holds", most=400)
    return {chain.id: judge.verdict(chain) for chain in CHAINS}, judge


@pytest.mark.parametrize("id", [chain.id for chain in CHAINS if chain.author == "ours"])
def test_our_chains_prove(judged, id):
    assert judged[0][id].word == "proved"


@pytest.mark.parametrize("id", sorted(BROKEN))
def test_printed_chains_break_where_they_do_and_nowhere_else(judged, id):
    check_breaks(judged[0][id], BROKEN[id])


def test_every_printed_chain_is_looked_at():
    assert {chain.id for chain in CHAINS if chain.author == "printed"} == set(BROKEN)


@pytest.mark.parametrize("id", sorted(STATEMENTS))
def test_true_statements_are_proved(judged, id):
    assert judged[1].proof_of(id) is not None


def test_every_true_step_that_a_chain_leans_on_is_proved_by_one(judged):
    leaned_on = {link.claim for chain in CHAINS for link in chain.links if link.claim and link.claim not in BETWEEN} - FALSE
    of_instances = {id for id in leaned_on if not hasattr(claims.get(id).family, "neurons")}
    assert not {id for id in of_instances if judged[1].proof_of(id) is None}


@pytest.mark.parametrize("claim", signs.CLAIMS, ids=lambda claim: claim.id)
def test_steps_without_labels_are_refuted_by_two_points_at_an_obtuse_angle(claim):
    p = next(claim.extremes())
    assert not claim.unmet(p)
    assert claim.refuted_by(p).any()
    corrected = claims.get(claim.corrected_by)
    assert corrected.read(p.float()).ratio <= 1


@pytest.mark.parametrize("id", [id for id in INSTANCES if id not in FALSE])
def test_entry_links_hold_on_drawn_instances_and_at_corners(id):
    check_holds(id, 5)
    claim = claims.get(id)
    readings = [claim.read(claim.family.build(*corner)) for corner in itertools.islice(claim.family.corners(), 0, None, 61)]
    assert any(reading.met for reading in readings)
    assert all(reading.ratio <= 1 + 1e-9 for reading in readings if reading.met)


def worse(claim, share):
    """The claim with its larger side times ``share``, without the parts that would prove the true one."""
    small, large = claim.ordered
    about = {"family": claim.family, "hypotheses": claim.hypotheses}
    return Claim("planted", "planted by a test", small, lambda p: large(p) * p.q(str(share)), "upper", **about)


@pytest.mark.parametrize("id", sorted(BETWEEN))
def test_a_constant_one_percent_below_its_supremum_is_refuted(id):
    supremum = Fraction(best_constant(BETWEEN[id], most=3).low)
    assert supremum > 0
    planted = worse(BETWEEN[id], supremum * Fraction(99, 100))
    found = prove(planted, most=200)
    assert found.word == "refuted"
    assert found.point.is_exact and planted.refuted_by(found.point).any()


@pytest.mark.parametrize("chain", [chain for chain in CHAINS if chain.given is not None], ids=lambda chain: chain.id)
def test_what_a_chain_gives_is_the_share_of_the_printed_bound_written_here(chain):
    about = {"family": chain.box.family, "hypotheses": chain.box.hypotheses, "direction": "lower" if chain.lower else "upper"}
    planted = Claim("planted", "planted by a test", chain.given, chain.printed, **about)
    found = best_constant(planted, tolerance=Fraction(1, 20000), most=100)
    assert found.low == pytest.approx(SHARES[chain.id], abs=6e-5)
    assert found.low <= found.high <= min(found.low + 1e-3, 1)


def test_crowded_points_obey_what_the_chains_give():
    """Many forgotten points pull two retained margins apart: the largest additive terms known."""
    for p in map(LinearPoint.float, theorems._crowded_points()):
        sets = forgetting.forget_sets(p.num_points)
        for slackness, size in zip(forgetting.needed(p, sets)[:, 1], sets.sum(axis=1)):
            share = size * p.epsilon_d / p.num_points
            given = given_of("theorem-B.1/kkt/version/sharper/derivation")(constants(p, int(size)))
            assert slackness - p.delta / (1 - share) <= given * share


def given_of(id):
    return next(chain.given for chain in CHAINS if chain.id == id)


def constants(p, forgotten=1):
    """The constants of an instance, psi its own."""
    psi = float(np.abs(p.squared_norms - 1).max())
    return Constants(p.epsilon, p.delta, p.epsilon_d, psi, 0.0, p.num_points, 1, forgotten)


@examples(40)
@given(strategies.instances(LEMMA_POINTS))
def test_multipliers_obey_what_the_chains_give(p):
    here = constants(p)
    assert p.multipliers.max() <= given_of("lemma-B.1/derivation")(here) * (1 + 1e-9)
    assert (scaled_multipliers(p) - 1).max() <= given_of("lemma-B.2/upper/derivation")(here) * (1 + 1e-9) + 1e-12
    assert (1 - scaled_multipliers(p)).max() <= given_of("lemma-B.2/lower/derivation")(here) * (1 + 1e-9) + 1e-12


@examples(30)
@given(strategies.instances(forgetting.POINTS))
def test_unlearned_predictors_obey_what_the_chains_give(p):
    sets = forgetting.forget_sets(p.num_points)
    sizes = sets.sum(axis=1)
    needed, apart = forgetting.needed(p, sets)[:, 1], forgetting.to_optimum(p, sets)
    for slackness, distance, size in zip(needed, apart, sizes):
        here, share = constants(p, int(size)), size * p.epsilon_d / p.num_points
        assert slackness - p.delta / (1 - share) <= given_of("theorem-B.1/kkt/version/sharper/derivation")(here) * share + 1e-12
        assert np.sqrt(distance) <= given_of("theorem-B.1/cosine/version/quadratic/derivation")(here) + 1e-9
        roots = np.sqrt(p.epsilon_d) + np.sqrt(p.epsilon) + np.sqrt(p.delta)
        assert distance <= given_of("theorem-B.1/cosine/derivation")(here) * roots + 1e-9
    if sizes.min() == 1:
        one = needed[sizes == 1].max() - p.delta / (1 - p.epsilon_d / p.num_points)
        assert one <= given_of("theorem-3.1/kkt/derivation")(constants(p)) * p.epsilon_d / p.num_points + 1e-12


@examples(30)
@given(strategies.instances(pairs.PAIRS))
def test_doing_nothing_costs_what_the_chains_give(p):
    here = constants(p.first)
    goal = given_of("remark-B.1/derivation")(here) * (1 / p.num_points - p.epsilon_d - p.other_epsilon)
    assert pairs.distance(p) >= max(goal, given_of("remark-B.1/version/sharper/derivation")(here) / p.num_points) - 1e-12
    assert p.first.norm_squared <= given_of("remark-B.1/proof/norm-above/derivation")(here) * p.num_points * (1 + 1e-9)
    assert p.first.margins.max() <= given_of("remark-B.1/proof/margin-above/derivation")(here) * (1 + 1e-9)
