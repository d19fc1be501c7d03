"""The sharper theorems for actual models: their hypotheses are looked at, and what they promise is met by the steps that the package takes."""

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import strategies
from kktcheck.instances.clarke_family import ClarkePoints
from kktcheck.instances.linear_family import LinearPoints
from kktcheck.instances.realised import realise
from kktcheck.success_bounds import sharper_bounds

from .instances import examples

NETWORKS = ClarkePoints(0.5, 0.5, 0.5, points=(2, 4), neurons=(1, 4))
PREDICTORS = LinearPoints(0.5, 0.5, 0.5, points=(2, 6))


def unit(model):
    flat = np.ravel(getattr(model, "W", None) if hasattr(model, "W") else model.w)
    return flat / np.linalg.norm(flat)


def stepped(p, **choice):
    """Certificate, guarantee, and both steps for the first point of an instance's model."""
    model, data = realise(p)
    certificate = kc.certify(model, data, **choice)
    steps = [kc.gradient_ascent(certificate.model, data, 0, certificate=certificate, method=method) for method in ("plain", "projected")]
    return data, certificate, kc.guarantee(certificate, data, 0), steps


@examples(25)
@given(strategies.instances(NETWORKS))
def test_networks_keep_the_promise(p):
    data, certificate, found, (plain, projected) = stepped(p)
    assert len(found.sharper) == all(condition.holds for condition in found.sharper_conditions)
    for bound in found.sharper:
        gap = ((unit(plain) - unit(projected)) ** 2).sum() / 2
        witness = kc.certify(projected, data.without(0))
        assert gap <= bound.tau * (1 + 1e-6) + 1e-12
        assert witness.epsilon <= bound.epsilon * (1 + 1e-6) + 1e-6
        assert bound.delta == certificate.delta


@examples(25)
@given(strategies.instances(PREDICTORS))
def test_predictors_keep_the_promise(p):
    data, _, found, (plain, projected) = stepped(p)
    assert bool(found.sharper) == all(condition.holds for condition in found.sharper_conditions)
    if not found.sharper:
        return
    near, itself, *optimum = found.sharper
    retained = data.without(0)
    assert ((unit(plain) - unit(projected)) ** 2).sum() / 2 <= near.tau * (1 + 1e-6) + 1e-13
    assert kc.certify(plain, retained).epsilon <= itself.epsilon * (1 + 1e-6) + 1e-9
    assert itself.tau == 0.0
    for bound in optimum:
        best = kc.max_margin(retained).model
        assert ((unit(plain) - unit(best)) ** 2).sum() / 2 <= bound.tau * (1 + 1e-6) + 1e-12


def test_the_sharper_theorem_speaks_where_the_papers_does_not():
    """Inner products with epsilon_d = 0.4: beyond 0.01, within 1."""
    size, width = 3, 2
    gram = np.eye(size) + 0.4 / (4 * size * width) * (1 - np.eye(size))
    data = kc.Dataset.from_gram(gram, np.ones(size))
    w = np.linalg.solve(data.gram, np.ones(size)) @ data.X
    u = np.full(width, 1 / np.sqrt(width))
    certificate = kc.certify(kc.TwoLayerReLU(np.outer(u, w), u), data)
    found = kc.guarantee(certificate, data, 0)
    assert [condition.name for condition in found.failed] == ["epsilon_d"] and found.printed is None
    (bound,) = found.sharper
    assert bound.delta == certificate.delta and 0 < bound.tau < 1e-3
    assert "sharper bound" in found.summary() and bound.source in found.summary()


@pytest.mark.parametrize(("squared", "neurons"), [(1.3, 2), (1.3, 0)])
def test_no_sharper_bound_without_its_hypotheses(squared, neurons):
    data = kc.Dataset(np.sqrt(squared) * np.eye(3), np.ones(3))
    w = np.full(3, 1 / np.sqrt(squared))
    u = np.full(neurons, 1 / np.sqrt(max(neurons, 1)))
    found = kc.guarantee(kc.certify(kc.TwoLayerReLU(np.outer(u, w), u) if neurons else kc.LinearPredictor(w), data), data, 0)
    assert found.sharper == () and [c.name for c in found.sharper_conditions if not c.holds] == ["psi"]


def test_exact_points_stay_exact():
    """Without errors and inner products the bounds add nothing."""
    for linear in (True, False):
        assert all((b.epsilon, b.delta, b.tau) == (0, 0, 0) for b in sharper_bounds(linear, 5, 3, 2, 0.0, 0.0, 0.0))
