"""Two engines that share nothing but the linearisation give the same least residual and the same least slackness."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

import kktcheck as kc
from kktcheck import convex
from kktcheck.linearisation import linearise

from .instances import examples, linear_instances, seeds, two_layer_instances
from .multiplier_instances import Dense, kinked_instances, lattice_instances, slackness_bounds

SUBGRADIENTS = ("clarke", "indicator")


def both(model, data, **request):
    return [kc.recover_multipliers(model, data, engine=engine, **request) for engine in ("fast", "cvxpy")]


def agree(fast, slow, size):
    """In epsilon squared to 1e-8 of |theta|**2, and in epsilon to 1e-8 of |theta| unless it is below a thousandth of it."""
    assert abs(fast.epsilon**2 - slow.epsilon**2) <= 1e-8 * size**2
    if slow.epsilon > 1e-3 * size:
        assert abs(fast.epsilon - slow.epsilon) <= 1e-8 * size


@examples(12)
@given(instance=st.one_of(kinked_instances(), kinked_instances(deficient=True)), subgradient=st.sampled_from(SUBGRADIENTS))
def test_the_engines_agree_where_bounds_on_gates_bind(instance, subgradient):
    data, net = instance
    agree(*both(net, data, subgradient=subgradient), net.norm)


@examples(12)
@given(instance=kinked_instances(positive=True), cap=st.sampled_from([0.0, 1e-3, 0.1, 1.0]), subgradient=st.sampled_from(SUBGRADIENTS))
def test_the_engines_agree_under_slackness_caps(instance, cap, subgradient):
    data, net = instance
    net = net.scaled(1 / net.margins(data).min())
    fast, slow = both(net, data, subgradient=subgradient, slackness_cap=cap)
    agree(fast, slow, net.norm)
    bounds = slackness_bounds(data, net, cap)
    for found in (fast, slow):
        assert (found.values <= bounds).all()


@examples(8)
@given(
    models=st.one_of(linear_instances(kinds=("spread", "deficient", "duplicates")), two_layer_instances(kinks=True)), exponent=st.integers(-12, 12)
)
def test_the_engines_agree_at_any_scale_of_points_and_weights(models, exponent):
    data, model = models
    sizes = 10.0 ** np.random.default_rng(exponent + 20).integers(-4, 5, data.num_points)
    data, model = kc.Dataset(data.X * sizes[:, None], data.y), model.scaled(10.0**exponent)
    agree(*both(model, data), model.norm)


@examples(12)
@given(instance=lattice_instances(max_points=5, max_neurons=4), subgradient=st.sampled_from(SUBGRADIENTS))
def test_both_engines_report_their_residual_honestly(instance, subgradient):
    data, net = instance
    dense = Dense(data, net, subgradient)
    for found in both(net, data, subgradient=subgradient):
        z = found.kink_multipliers
        assert abs(found.epsilon - np.linalg.norm(dense.residual(found.values, z))) <= 2 * found.epsilon_error + 1e-15 * net.norm
        conditions = dense.conditions(found.values, z)
        assert max(conditions[name] for name in ("lambda >= 0", "lambda <= upper", "0 <= z <= lambda")) == 0
        assert conditions["nothing gained by raising lambda"] <= found.residual * 10 + 1e-13
        assert abs(found.epsilon**2 - dense.residual(found.values, z) @ dense.theta) <= 1e-8 * net.norm**2
        # An interior point is as far from a bound as the root of its objective's error, where the gradient vanishes there.
        assert 0 <= found.residual <= 1e-4


def test_the_residual_of_the_cvxpy_engine_fires_on_an_answer_that_is_none(monkeypatch):
    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])
    right = kc.recover_multipliers(model, data, engine="cvxpy")
    assert right.residual <= 1e-9
    original = convex.solve

    def nudged(program, what, **options):
        tolerance = original(program, what, **options)
        unknowns = program.variables()[0]
        unknowns.value = unknowns.value + np.array([0.1, 0.0])
        return tolerance

    monkeypatch.setattr(convex, "solve", nudged)
    assert kc.recover_multipliers(model, data, engine="cvxpy").residual == pytest.approx(0.1, rel=1e-6)


@examples(10)
@given(instance=kinked_instances(positive=True), share=st.floats(0.05, 0.95), subgradient=st.sampled_from(SUBGRADIENTS), scale=st.integers(1, 3))
def test_root_finding_and_the_cone_program_agree_on_the_least_slackness(instance, share, subgradient, scale):
    """The cone program may overstep the cap by its tolerance, so its slackness must lie between those at caps a millionth away."""
    data, net = instance
    net = net.scaled(scale / net.margins(data).min())
    least = kc.recover_multipliers(net, data, subgradient=subgradient).epsilon
    room = net.norm - least
    cap = least + share * room
    fast, slow = both(net, data, objective="slackness", epsilon_cap=cap, subgradient=subgradient)
    assert fast.epsilon <= cap + fast.epsilon_error
    request = {"objective": "slackness", "subgradient": subgradient}
    low, high = (kc.recover_multipliers(net, data, epsilon_cap=max(cap + step * room, least), **request).delta for step in (1e-6, -1e-6))
    rounding = 1e-9 * (1 + np.abs(net.margins(data) - 1).max() * max(slow.values.max(), fast.values.max()))
    assert low - rounding <= slow.delta <= high + rounding
    assert low - rounding <= fast.delta <= high + rounding


@examples(10)
@given(instance=two_layer_instances(kinks=True, max_points=5, max_neurons=4), share=st.floats(0.3, 1.2), subgradient=st.sampled_from(SUBGRADIENTS))
def test_the_linear_program_agrees_with_one_written_for_linprog(instance, share, subgradient):
    data, net = instance
    net = net.scaled(1 / net.margins(data).min())
    basis = data.span.basis
    dense = Dense(data, net, subgradient)
    n, k = net.num_neurons, dense.Z.shape[1]
    outside = np.linalg.norm(net.W - net.W @ basis @ basis.T, axis=1)
    inside = np.kron(np.eye(n), basis.T)
    target, columns = inside @ dense.theta, inside @ np.concatenate([dense.J, dense.Z], axis=1)
    cap = float(share * max(np.abs(target).max(), outside.max()))
    # Unknowns: multipliers, gates and the slackness itself.
    excess = np.maximum(net.margins(data) - 1, 0)
    rows = [np.column_stack([np.diag(excess), np.zeros((dense.m, k)), -np.ones(dense.m)])]
    rows += [np.column_stack([-columns, np.zeros(len(target))]), np.column_stack([columns, np.zeros(len(target))])]
    rows += [np.column_stack([-np.eye(dense.m)[dense.points], np.eye(k), np.zeros(k)])]
    right = np.concatenate([np.zeros(dense.m), cap - target, cap + target, np.zeros(k)])
    expected = optimize.linprog(np.append(np.zeros(dense.m + k), 1.0), A_ub=np.concatenate(rows), b_ub=right, bounds=(0, None))
    request = {"objective": "slackness", "norm": "max", "epsilon_cap": cap, "subgradient": subgradient}
    if expected.status == 2 or cap < outside.max():
        with pytest.raises(kc.InfeasibleError, match="max norm"):
            kc.recover_multipliers(net, data, **request)
        return
    found = kc.recover_multipliers(net, data, **request)
    assert found.norm == "max"
    assert found.delta == pytest.approx(expected.fun, abs=1e-6 * (1 + excess.max() * found.values.max()))
    z = linearise(net, data, subgradient).gates(found.values, found.kink_multipliers)
    assert np.abs(linearise(net, data, subgradient).residual(z) @ basis).max() <= cap * (1 + 1e-7)


def test_the_max_norm_depends_on_the_basis_and_the_euclidean_one_does_not():
    X = np.array([[3.0, 1.0], [1.0, 2.0]])
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    w = np.array([2.0, -0.7])
    values = {}
    for norm in ("max", "euclidean"):
        for name, Q in (("plain", np.eye(2)), ("turned", turn)):
            data, model = kc.Dataset(X @ Q, [1, 1]), kc.LinearPredictor(3 * w @ Q)
            values[norm, name] = kc.recover_multipliers(model, data, "slackness", epsilon_cap=4.5, norm=norm, engine="cvxpy").delta
    assert values["euclidean", "plain"] == pytest.approx(values["euclidean", "turned"], rel=1e-6)


@pytest.mark.parametrize(("norm", "engine"), [("euclidean", "fast"), ("euclidean", "cvxpy"), ("max", "cvxpy")])
def test_a_cap_that_cannot_be_met_is_refused_with_the_least_residual_there_is(norm, engine):
    # Only the second neuron acts, on a point orthogonal to what is left over: the residual is at least (2, 0).
    data, net = kc.Dataset([[0.0, 1.0]], [1]), kc.TwoLayerReLU([[2.0, 0.0], [0.0, 1.0]], [-1.0, 1.0])
    with pytest.raises(kc.InfeasibleError, match=r"epsilon_cap = 1.5.*least (residual )?is (2|1\.9999999)"):
        kc.recover_multipliers(net, data, "slackness", epsilon_cap=1.5, norm=norm, engine=engine, subgradient="indicator")


def test_the_explicit_engine_refuses_what_would_not_fit():
    data, net = kc.Dataset(np.ones((300, 300)) + np.eye(300), np.ones(300)), kc.TwoLayerReLU(np.ones((3000, 300)), np.ones(3000))
    with pytest.raises(kc.MemoryLimitError, match=r"the explicit Jacobian of engine='cvxpy' would take 2\.2 GB \(limit 2\.0 GB\); use engine='fast'"):
        kc.recover_multipliers(net, data, engine="cvxpy")


def test_a_solver_that_ends_without_an_answer_is_named(monkeypatch):
    import cvxpy as cp

    data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])

    def fail(self, **options):
        raise cp.error.SolverError("broken")

    monkeypatch.setattr(cp.Problem, "solve", fail)
    with pytest.raises(kc.SolverError, match="the quadratic program with status 'a breakdown' at every tolerance; use engine='fast'"):
        kc.recover_multipliers(model, data, engine="cvxpy")


def test_multipliers_that_grow_without_effect_do_not_spoil_the_explicit_engine():
    """The last two points act on no neuron, or cancel: an interior point method left alone runs off to 1e11 and ends a percent high."""
    for X, W, u in (
        ([[0, -1], [1, -2], [-2, -1]], [[1, -2]], [-1]),
        ([[-2, 1], [-2, 1], [2, -2]], [[-1, -1]], [0.5]),
        ([[0, 1], [1, 0], [1, 0]], [[-1, -1]], [0.5]),
    ):
        data, net = kc.Dataset(X, [-1, -1, -1]), kc.TwoLayerReLU(W, u)
        fast, slow = both(net, data)
        agree(fast, slow, net.norm)
        assert slow.values.max() <= 1e3
    data, model = kc.Dataset([[1, 0], [0, 1], [0, 1]], [1, 1, -1]), kc.LinearPredictor([1.0, 0.5])
    agree(*both(model, data), model.norm)


def test_multipliers_beyond_every_box_are_found_all_the_same():
    data, model = kc.Dataset([[1.0, 0.0], [-1.0, 1e-5]], [1, 1]), kc.LinearPredictor([0.0, 1.0])
    fast, slow = both(model, data)
    assert fast.values.min() >= 0.9e5
    agree(fast, slow, 1.0)


@examples(6)
@given(seed=seeds())
def test_bounds_that_hold_anyway_do_not_disturb_the_explicit_engine(seed):
    """A margin a hair above 1 makes an upper bound of 1e12, which an interior point method would choke on."""
    rng = np.random.default_rng(seed)
    data = kc.Dataset(np.linalg.qr(rng.standard_normal((4, 3)))[0].T, np.ones(3))
    model = kc.LinearPredictor(np.array([1.0, 1 + 1e-12, 1.5]) @ data.X)
    fast, slow = both(model, data, slackness_cap=0.2)
    agree(fast, slow, model.norm)
    np.testing.assert_allclose(fast.values, [1, 1, 0.4], atol=1e-10)
