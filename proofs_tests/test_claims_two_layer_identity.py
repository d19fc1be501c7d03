"""Remark C.1: what holds holds on drawn pairs, what is refuted is refuted anew, and pairs are pairs of actual networks."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import InputError, claims, strategies
from kktcheck.claims.two_layer import identity
from kktcheck.instances import KINDS, TwoLayerPair
from kktcheck.instances.realised import realise
from kktcheck.instances.two_layer_pair_family import TwoLayerPairs

from .claim_checks import check_holds, check_refuted, selected
from .instances import examples

REFUTED = {
    "remark-C.1",
    "remark-C.1/version/minus",
    "remark-C.1/version/one-over-mn",
    "remark-C.1/proof/error-terms",
    "remark-C.1/proof/swap-sums",
    "remark-C.1/proof/dropped-labels",
    "remark-C.1/proof/products",
    "remark-C.1/proof/norm-terms",
    "remark-C.1/proof/norm-swap",
    "remark-C.1/proof/alpha-range",
    "remark-C.1/proof/norm-order",
}
#: Links of chains are decided by intervals (see test_chains_two_layer_theorems).
LINKS = {claim.id for chain in claims.chains() for claim in chain.claims()}
HOLDING = [id for id in selected("remark-C.1") if id not in REFUTED | LINKS]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id, 10)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_has_a_witness_and_a_corrected_claim(id):
    check_refuted(id)


def test_doing_nothing_is_successful_with_rho_zero_whatever_the_constant():
    """theta is an approximate KKT point of the retained data, epsilon~ and delta~ at most 1: the right side is positive for every C > 0."""
    for pair in identity.idle_pairs():
        assert not claims.get("remark-C.1").unmet(pair)
        assert pair.distance == 0


def test_a_constant_without_the_number_of_neurons_is_refuted_whatever_it_is():
    """1 - cos is about 1 / (2 n), against C / 2 up to errors, so n = 2 / C is enough."""
    for width in (10, 20, 100, 500):
        pair = identity.shared_by_all(width)
        assert not claims.get("remark-C.1/version/minus").unmet(pair)
        constant = Fraction(2, width)
        assert pair.distance < constant * (Fraction(1, 2) - pair.epsilon_d - pair.epsilon - pair.other_epsilon)
        assert 2 * width * float(pair.distance) == pytest.approx(1, abs=2 / width)


@examples(10)
@given(strategies.two_layer_pairs(epsilon_d=0.01, points=(2, 3), neurons=(1, 1)))
def test_sums_may_be_swapped_for_a_single_neuron(pair):
    assert claims.get("remark-C.1/proof/swap-sums").read(pair).ratio == 0


@examples(40)
@given(strategies.instances(identity.PAIRS))
def test_every_drawn_pair_meets_the_hypotheses(pair):
    assert claims.get("remark-C.1/corrected").read(pair).met


@examples(20)
@given(strategies.two_layer_pairs(epsilon_d=0.5, points=(2, 3), neurons=(1, 4)))
def test_distance_and_margins_are_those_of_actual_weights(pair):
    first, data = realise(pair.first)
    second = realise(pair.second)[0].W
    axis = np.zeros((pair.num_neurons, 1))
    second = np.column_stack([second, axis])
    first = np.column_stack([first.W, axis])
    outside = second[:, -2].copy()
    second[:, -2], second[:, -1] = outside * pair.correlation, outside * np.sqrt(1 - pair.correlation**2)
    u = pair.signs / np.sqrt(pair.num_neurons)
    cosine = (first * second).sum() / np.linalg.norm(first) / np.linalg.norm(second)
    assert pair.distance == pytest.approx(1 - cosine, abs=1e-12)
    points = np.column_stack([data.X, np.zeros(pair.num_points)])
    for point, weights in ((pair.first, first), (pair.second, second)):
        np.testing.assert_allclose(point.margins, pair.labels * (np.maximum(weights @ points.T, 0) * u[:, None]).sum(axis=0), atol=1e-9)
    terms = (pair.other_multipliers * pair.labels * pair.second.active) @ points * u[:, None]
    assert np.linalg.norm(second - terms) <= pair.other_epsilon * (1 + 1e-9) + 1e-12


@examples(15)
@given(strategies.instances(identity.PAIRS))
def test_rounded_pairs_stay_pairs_of_approximate_kkt_points_and_survive_files(pair):
    rounded = pair.rounded(4)
    if rounded is None:
        return
    limits = ("other_epsilon", "other_delta", "epsilon <=", "delta <=", "inner products", "squared norms lie")
    unmet = [name for name, _ in claims.get("remark-C.1").unmet(rounded) if not any(limit in name for limit in limits)]
    assert not unmet
    back = KINDS["two-layer-pair"].from_json(rounded.to_json())
    assert back.to_json() == rounded.to_json()
    assert isinstance(back, TwoLayerPair)
    assert back.distance.low == rounded.distance.low if hasattr(back.distance, "low") else back.distance == rounded.distance


@pytest.mark.parametrize("limits", [{"other_epsilon": 0.0}, {"other_epsilon": -1.0}, {"points": (3, 2)}])
def test_limits_out_of_order_are_refused(limits):
    with pytest.raises(InputError):
        TwoLayerPairs(**limits)


def test_fewer_than_two_points_are_refused():
    with pytest.raises(InputError, match="two points"):
        TwoLayerPairs(points=(1, 3))
