"""The sharper theorems for networks: bounds are nearly attained by Clarke points, and the points are valid."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given

from kktcheck import claims, strategies
from kktcheck.claims.sharper import bounds
from kktcheck.claims.sharper.settings import CLARKE, NETWORK, crowded, sets, singles
from kktcheck.instances import KINDS, ClarkePoint
from kktcheck.instances.clarke_family import ClarkePoints, structure
from kktcheck.instances.network_family import NetworkShape
from kktcheck.instances.realised import realise
from kktcheck.instances.two_layer_family import TwoLayerPoints
from kktcheck.models import ACTIVE, INACTIVE, KINK

from .instances import examples

#: How near to their bounds the crowded points come.
ATTAINED = {
    "sharper/two-layer/tau": 0.96, "sharper/two-layer/proof/step": 0.98, "sharper/two-layer/proof/norm": 0.99,
    "sharper/multipliers-two-layer/size": 0.97, "sharper/multipliers-two-layer/upper": 0.97,
}  # fmt: skip


@pytest.mark.parametrize("id", sorted(ATTAINED))
def test_bounds_are_nearly_attained(id):
    assert max(claims.get(id).read(p).ratio for p in crowded()) > ATTAINED[id]


@pytest.mark.parametrize("neurons", [1, 9])
@pytest.mark.parametrize(("epsilon", "delta"), [(1.0, 1e-6), (1e-6, 1.0), (1.0, 1.0)])
def test_sizes_and_masses_are_attained_in_every_parameter(epsilon, delta, neurons):
    """A point on one neuron, or on all: an error against it there, and all of the slackness."""
    for kind, id in (("lone", "size"), ("lone", "upper"), ("full", "mass")):
        shape = structure(2, neurons, False, kind)
        against = np.full((neurons, 2), 0.5)
        against[np.array(shape.states)[:, 0] == ACTIVE, 0] = 0.0
        cube = [1.0, 1.0, 1e-6, 1.0, 0.0, 0.0, 0.0, 0.5, 1.0, 1.0, *against.ravel(), *np.zeros(2 * neurons)]
        p = ClarkePoints(epsilon, delta, 1.0, points=(2, 2), neurons=(neurons, neurons)).build(shape, np.array(cube))
        assert 0.98 < claims.get(f"sharper/multipliers-two-layer/{id}").read(p).ratio <= 1


@pytest.mark.parametrize("function", ["size", "reach", "tau"])
def test_a_smaller_bound_is_violated(function, monkeypatch):
    """Three percent less, in one place, and a crowded point refutes a claim: each bound is looked at, and no looser than that."""
    original = getattr(bounds, function)
    monkeypatch.setattr(bounds, function, lambda s: original(s) * s.q("0.96" if function == "tau" else "0.97"))
    id = {"size": "sharper/multipliers-two-layer/size", "reach": "sharper/two-layer/proof/step", "tau": "sharper/two-layer/tau"}[function]
    # The size bound enters as a square.
    fresh = [ClarkePoint(**{name: getattr(p, name) for name in ClarkePoint.SHAPES}) for p in crowded()]
    assert max(claims.get(id).read(p).ratio for p in fresh) > 1


@examples(25)
@given(strategies.instances(CLARKE))
def test_clarke_points_meet_the_hypotheses_and_exactly_so_when_rounded(p):
    claim = claims.get("sharper/two-layer/delta")
    assert claim.read(p).met
    exact = p.rounded(None)
    assert not [name for name, _ in claim.unmet(exact) if name not in ("0 < epsilon <= 1", "0 < delta <= 1")]
    assert all(exact.products[place] == 0 for place in zip(*np.nonzero(exact.kinks)))
    back = KINDS["two-layer-clarke"].from_json(exact.to_json())
    assert (back.rows == exact.rows).all() and (back.gates == exact.gates).all() and (back.kinks == exact.kinks).all()


@examples(25)
@given(strategies.instances(CLARKE))
def test_the_family_reaches_every_point_it_is_asked_for(p):
    """Ask for a point's own states, error, gates and slackness: it is built again."""
    assume(p.epsilon > 1e-3 and p.delta > 1e-3)
    on = p.signs[:, None] * p.products
    states = np.where(p.kinks == 1, KINK, np.where(on > 0, ACTIVE, INACTIVE))
    shape = NetworkShape(tuple(p.labels), tuple(p.signs), tuple(map(tuple, states)))
    total, inside = float(np.sqrt(p.error_squared)), float(np.sqrt(p.squared_norm(p.error, beyond=False)))
    assume(total == 0 or inside > 1e-3 * total)
    above = np.triu_indices(p.num_points, 1)
    phi = p.phi if p.phi > 0 else 1.0
    direction = p.error / max(np.abs(p.error).max(), 1e-300)
    cube = [
        p.epsilon, p.delta, p.epsilon_d, total / p.epsilon, np.sqrt(max(1 - (inside / total) ** 2, 0)) if total else 0.0,
        *((p.squared_norms - 1) / 0.1 + 1) / 2, *(p.gram[above] / phi + 1) / 2, *np.clip(p.slackness / p.delta, 0, 1),
        *(direction.ravel() + 1) / 2, *p.gates.ravel(),
    ]  # fmt: skip
    again = CLARKE.build(shape, np.array(cube))
    assert again.multipliers == pytest.approx(p.multipliers, abs=1e-5)
    assert again.rows == pytest.approx(p.rows, abs=1e-4)
    assert again.gates == pytest.approx(p.gates)


@examples(10)
@given(strategies.instances(CLARKE))
def test_the_projected_network_keeps_every_retained_product_exactly(p):
    exact = p.rounded(6)
    assume(exact is not None)
    for f in sets(exact):
        assert (f.projected.products[:, f.kept] == exact.products[:, f.kept]).all()
        assert (f.projected.rows == exact.projected(f.forget)).all()


@examples(10)
@given(strategies.instances(CLARKE))
def test_worths_are_those_of_actual_weights(p):
    """Definitions 2.1 and 2.2 from vectors, with the gates as Clarke gradients."""
    model, data = realise(p)
    gradients = np.array([p.gates[:, i, None] * model.u[:, None] * data.X[i] for i in range(p.num_points)])
    for f in sets(p):
        removed = sum(p.multipliers[i] * p.labels[i] * gradients[i] for i in f.forget)
        retained = data.X[f.kept].T
        back = (retained @ np.linalg.lstsq(retained, removed.T, rcond=None)[0]).T
        unlearned, network = model.W - removed, model.W - removed + back
        residual = network - sum(p.multipliers[i] * p.labels[i] * gradients[i] for i in f.kept)
        assert np.linalg.norm(residual) == pytest.approx(f.residual(f.projection), rel=1e-6, abs=1e-9)
        assert np.linalg.norm(residual) <= p.epsilon + bounds.reach(f.numbers) + 1e-9
        units = unlearned / np.linalg.norm(unlearned) - network / np.linalg.norm(network)
        assert (units**2).sum() / 2 == pytest.approx(f.distance(f.projection), rel=1e-3, abs=1e-14)
        assert (units**2).sum() / 2 <= bounds.tau(f.numbers) + 1e-14


@examples(10)
@given(strategies.instances(TwoLayerPoints(points=(2, 4), neurons=(1, 4))))
def test_the_papers_points_are_clarke_points(p):
    point = ClarkePoint.of(p)
    assert all(np.min(h.margin(point)) >= 0 for h in NETWORK)
    assert point.error == pytest.approx(p.error)
    assert [f.forget for f in singles(point)] == [(index,) for index in range(p.num_points)]
    assert point.unlearned((0,)) == pytest.approx(p.unlearned((0,)))


def test_a_gate_off_its_kink_is_no_clarke_point():
    gates, p = NETWORK[-5], next(iter(crowded()))
    assert "gates" in gates.name and np.min(gates.margin(p)) >= 0
    wrong = p.gates.copy()
    wrong[0, 0] = 0.5
    changed = ClarkePoint(**{**{name: getattr(p, name) for name in ClarkePoint.SHAPES}, "gates": wrong})
    assert np.min(gates.margin(changed)) < 0


def test_an_exact_point_off_its_kink_is_no_clarke_point():
    shape = structure(2, 2, False, "kinked")
    p = ClarkePoints().build(shape, np.array([0.9, 0.5, 0.5, 0, 0, *np.full(5, 0.5), *np.full(4, 0.5), *np.full(4, 0.2)])).exact()
    gates = NETWORK[-5]
    assert p.kinks.any() and np.min(gates.margin(p.rounded(6))) == 0
    moved = p.rounded(6)
    rows = moved.rows + Fraction(1, 10**9)
    assert np.min(gates.margin(moved.with_rows(rows))) < 0


def test_bounds_agree_for_floats_rationals_and_enclosures():
    floats = bounds.of_floats(7, 3, 2, 0.5, 0.25, 0.125)
    exact = bounds.Numbers(Fraction(1, 2), Fraction(1, 4), Fraction(1, 8), 7, 3, 2, Fraction)
    for function in (bounds.size, bounds.mass, bounds.least_mass, bounds.reach, bounds.tau, bounds.norm):
        assert function(floats) == pytest.approx(float(function(exact)), rel=1e-12)
