"""The fast engine of the multiplier problems against the independent one through CVXPY, and against the conditions themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kktcheck as kc

from .instances import examples, seeds, two_layer_instances
from .kkt_instances import planted_networks

SUBGRADIENTS = ("clarke", "indicator")


def rough_network(seed, kinked):
    """Network and data far from any KKT point, so that many bounds 0 <= z <= lambda bind; every margin positive."""
    rng = np.random.default_rng(seed)
    m, d, n = int(rng.integers(2, 7)), int(rng.integers(7, 11)), int(rng.integers(2, 9))
    X = rng.standard_normal((m, d))
    W, u = rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)
    kinks = rng.random((n, m)) < (0.4 if kinked else 0.0)
    kinks[0] = False
    for j in range(n):
        if kinks[j].any():
            Q = np.linalg.qr(X[kinks[j]].T)[0]
            W[j] -= Q @ (Q.T @ W[j])
            W[j] -= Q @ (Q.T @ W[j])
    net = kc.TwoLayerReLU(W, u, kinks if kinked else None)
    P = np.where(kinks, 0.0, W @ X.T)
    outputs = u @ np.maximum(P, 0)
    keep = np.abs(outputs) > 1e-3
    keep[0] = keep[0] or not keep.any()
    data = kc.Dataset(X[keep], np.where(outputs[keep] >= 0, 1.0, -1.0))
    return net.with_kinks(kinks[:, keep] if kinked else None), data


def agree(fast, slow, size):
    """Both promises: in epsilon squared everywhere, in epsilon where it is not tiny."""
    assert abs(fast.epsilon**2 - slow.epsilon**2) <= 1e-8 * size**2
    if slow.epsilon > 1e-3 * size:
        assert abs(fast.epsilon - slow.epsilon) <= 1e-8 * size


@examples(15)
@given(seed=seeds(), kinked=st.booleans(), subgradient=st.sampled_from(SUBGRADIENTS))
def test_engines_agree_on_the_least_residual(seed, kinked, subgradient):
    net, data = rough_network(seed, kinked)
    fast, slow = (kc.recover_multipliers(net, data, subgradient=subgradient, engine=engine) for engine in ("fast", "cvxpy"))
    agree(fast, slow, net.norm)


@examples(8)
@given(seed=seeds(), kinked=st.booleans(), cap=st.sampled_from([0.0, 0.01, 0.3]))
def test_engines_agree_under_a_slackness_cap(seed, kinked, cap):
    net, data = rough_network(seed, kinked)
    net = net.scaled(1 / max(net.margins(data).min(), 1e-3))
    fast, slow = (kc.recover_multipliers(net, data, slackness_cap=cap, engine=engine) for engine in ("fast", "cvxpy"))
    agree(fast, slow, net.norm)
    # A margin that is 1 up to rounding leaves that much slackness at any multiplier.
    assert fast.delta <= cap * (1 + 1e-12) + 1e-14 * fast.values.max()


@examples(5)
@given(planted=planted_networks(error=(0.1,), slack=(0.2,)), room=st.sampled_from([1.01, 1.5]))
def test_root_finding_reaches_the_slackness_of_the_cone_program(planted, room):
    cap = room * kc.recover_multipliers(planted.model, planted.data).epsilon + 1e-6
    fast, slow = (
        kc.recover_multipliers(planted.model, planted.data, "slackness", epsilon_cap=cap, engine=engine) for engine in ("fast", "cvxpy")
    )
    assert fast.epsilon <= cap + fast.epsilon_error
    # CLARABEL meets the cap to 1e-8 of |theta| at worst, and slackness answers with the inverse slope of the residual.
    assert abs(fast.delta - slow.delta) <= 1e-5 * (1 + slow.delta)


@given(instance=two_layer_instances())
def test_indicator_multipliers_meet_the_conditions_on_the_dense_jacobian(instance):
    data, net = instance
    found = kc.recover_multipliers(net, data, subgradient="indicator")
    J = (data.y[:, None, None] * net.jacobian(data.X)).reshape(data.num_points, -1)
    residual = net.W.ravel() - found.values @ J
    gradient = -J @ residual
    scale = np.abs(J @ net.W.ravel()).max() + np.linalg.norm(J, axis=1).max() * net.norm
    assert (found.values >= 0).all()
    assert (gradient >= -1e-9 * scale).all()
    assert (np.abs(gradient[found.values > 0]) <= 1e-9 * scale).all()
    assert found.epsilon == pytest.approx(np.linalg.norm(residual), abs=1e-12 * scale)


def test_duplicate_points_share_a_multiplier_that_is_not_unique():
    X = np.eye(3)[[0, 0, 1]]
    found = kc.recover_multipliers(kc.LinearPredictor([1.0, 1.0, 0.0]), kc.Dataset(X, [1, 1, 1]))
    assert found.unique is False
    assert found.epsilon <= 1e-15
    assert found.values[:2].sum() == pytest.approx(1.0)
    assert kc.recover_multipliers(kc.LinearPredictor([1.0, 1.0, 0.0]), kc.Dataset(np.eye(3)[:2], [1, 1])).unique is True


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"objective": "slackness"}, "needs epsilon_cap"),
        ({"epsilon_cap": 1.0}, "belongs to objective='slackness'"),
        ({"objective": "nearest"}, "choose 'stationarity' or 'slackness'"),
        ({"engine": "magic"}, "choose 'fast' or 'cvxpy'"),
        ({"slackness_cap": -1.0}, "at least 0"),
        ({"objective": "slackness", "epsilon_cap": 1.0, "norm": "max", "engine": "fast"}, "engine='cvxpy'"),
        ({"subgradient": "any"}, "subgradient 'any' is unknown"),
    ],
)
def test_requests_that_make_no_sense_are_refused(options, message):
    with pytest.raises(kc.InputError, match=message):
        kc.recover_multipliers(kc.LinearPredictor([1.0]), kc.Dataset([[1.0]], [1]), **options)


def test_a_cap_below_the_least_residual_is_named():
    data = kc.Dataset(np.eye(2), [1, 1])
    for engine in ("fast", "cvxpy"):
        with pytest.raises(kc.InfeasibleError, match="least"):
            kc.recover_multipliers(kc.LinearPredictor([1.0, -0.5]), data, "slackness", epsilon_cap=0.1, engine=engine)
