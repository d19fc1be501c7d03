"""Dependent gradients: epsilon is still the least, and whether the multipliers are the only ones is told, both ways."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

import kktcheck as kc
from kktcheck import uniqueness

from .instances import examples, linear_instances, seeds, two_layer_instances
from .multiplier_instances import Dense, kinked_instances, lattice_instances, slackness_bounds

CAPS = (None, 0.0, 0.2)
SINGULAR = ("deficient", "duplicates")


def unique_by_linear_programs(dense, x, z):
    """Whether no other optimal multipliers exist, by two linear programs for each, on the explicit columns and nothing else.

    Other optimal points have the same combination of gradients, so they differ by a null vector of all columns together that keeps
    the bounds; None where a singular value leaves the rank open.
    """
    units = dense.sizes
    columns = np.concatenate([dense.J / units, dense.Z / units[dense.points]], axis=1)
    singular = np.linalg.svd(columns, compute_uv=False)
    size = max(singular.max(initial=0.0), 1e-300)
    if ((singular > 1e-13 * size) & (singular < 1e-6 * size)).any():
        return None
    _, _, rows = np.linalg.svd(columns)
    flat = rows[int((singular > 1e-6 * size).sum()) :].T
    if not flat.shape[1]:
        return True
    x, z, upper = x * units / dense.scale, z * units[dense.points] / dense.scale, dense.upper * units / dense.scale
    tiny, m = 1e-9, dense.m
    caps = x[dense.points]
    bounds = [-flat[:m][x <= tiny], flat[:m][x >= upper - tiny], -flat[m:][z <= tiny], (flat[m:] - flat[:m][dense.points])[z >= caps - tiny]]
    table = np.concatenate([*bounds, flat, -flat])
    right = np.concatenate([np.zeros(len(table) - 2 * len(flat)), np.ones(2 * len(flat))])
    for i in range(m):
        for sign in (1.0, -1.0):
            found = optimize.linprog(-sign * flat[i], A_ub=table, b_ub=right, bounds=(None, None))
            if -found.fun > 1e-5:
                return False
    return True


def nnls_residual(J, theta, otherwise):
    """Least residual by scipy's nnls; on dependent columns it sometimes ends with multipliers of 1e15 and a residual they do not have."""
    x, claimed = optimize.nnls(J.T, theta)
    return claimed if np.linalg.norm(theta - x @ J) <= claimed + 1e-9 * np.linalg.norm(theta) else otherwise


@examples(60)
@given(instance=st.one_of(linear_instances(kinds=SINGULAR), two_layer_instances(kinds=SINGULAR, max_neurons=3)))
def test_epsilon_is_that_of_nnls_on_the_dense_jacobian(instance):
    data, model = instance
    J = (data.y.reshape(-1, *[1] * (model.jacobian(data.X).ndim - 1)) * model.jacobian(data.X)).reshape(data.num_points, -1)
    found = kc.recover_multipliers(model, data, subgradient="indicator")
    assert found.epsilon == pytest.approx(nnls_residual(J, model.hidden.ravel(), found.epsilon), abs=1e-12 * model.norm)


@examples(40)
@given(seed=seeds(), m=st.integers(5, 40), d=st.integers(1, 4), n=st.integers(1, 3))
def test_many_points_in_few_dimensions(seed, m, d, n):
    """One neuron or a few, all active everywhere or not: rank at most n d, and m well beyond."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((m, d))
    W = rng.standard_normal((n, d))
    if seed % 2:
        X = np.abs(X) + 0.1
        W = np.abs(W) + 0.1  # all activations equal
    data, net = kc.Dataset(X, rng.choice([-1.0, 1.0], m)), kc.TwoLayerReLU(W, rng.choice([-1.0, 1.0], n) / np.sqrt(n))
    J = (data.y[:, None, None] * net.jacobian(X)).reshape(m, -1)
    for subgradient in ("clarke", "indicator"):
        found = kc.recover_multipliers(net, data, subgradient=subgradient)
        assert found.epsilon == pytest.approx(nnls_residual(J, W.ravel(), found.epsilon), abs=1e-12 * net.norm)
        conditions = Dense(data, net, subgradient).conditions(found.values, found.kink_multipliers)
        assert max(conditions.values()) <= 1e-11


@examples(40)
@given(instance=kinked_instances(deficient=True, max_points=8), cap=st.sampled_from(CAPS))
def test_more_points_than_dimensions_and_kinks(instance, cap):
    data, net = instance
    dense = Dense(data, net, "clarke", None if cap is None else slackness_bounds(data, net, cap))
    found = kc.recover_multipliers(net, data, slackness_cap=cap)
    for name, violation in dense.conditions(found.values, found.kink_multipliers).items():
        assert violation <= 1e-11, name


@examples(40)
@given(
    instance=st.one_of(lattice_instances(max_points=4), kinked_instances(deficient=True, max_points=4, max_neurons=3)),
    cap=st.sampled_from(CAPS),
    subgradient=st.sampled_from(["clarke", "indicator"]),
)
def test_uniqueness_is_that_of_linear_programs_on_the_explicit_columns(instance, cap, subgradient):
    data, net = instance
    dense = Dense(data, net, subgradient, None if cap is None else slackness_bounds(data, net, cap))
    found = kc.recover_multipliers(net, data, subgradient=subgradient, slackness_cap=cap)
    expected = unique_by_linear_programs(dense, found.values, found.kink_multipliers)
    assert expected is None or found.unique is expected


def linear(X, y, w, cap=None):
    return kc.recover_multipliers(kc.LinearPredictor(w), kc.Dataset(X, y), slackness_cap=cap)


@pytest.mark.parametrize("label", [1, -1])
def test_a_point_and_its_copy_share_a_multiplier(label):
    found = linear([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [label, label, 1], [label, 1.0])
    assert found.epsilon <= 1e-15
    assert found.unique is False
    assert found.values[:2].sum() == pytest.approx(1.0)
    assert found.values[2] == pytest.approx(1.0)


def test_a_point_and_its_copy_with_the_other_label_cancel():
    found = linear([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, -1, 1], [1.0, 1.0])
    assert found.epsilon <= 1e-15
    assert found.unique is False
    assert found.values[0] - found.values[1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("X", "w", "cap", "unique"),
    [
        ([[1, 0], [0, 1], [1, 1]], [1, 1], None, False),  # (1, 1, 0) or (0, 0, 1)
        ([[1, 0], [0, 1], [1, 1]], [1, -1], None, True),  # only the first helps
        ([[1, 0], [0, 1], [-1, -1]], [2, 1], None, False),  # a positive dependency: all three may grow together
        ([[1, 0], [0, 1], [-1, 1]], [1, 2], None, False),
        ([[1, 0], [0, 1], [-1, 1]], [-1, 1], None, True),  # the first would need a negative partner
        ([[1, 0], [1, 0]], [-1, 0], None, True),  # both at zero, both pushed there
        ([[1, 0], [1, 0]], [0, 1], None, True),  # both at zero with zero gradient, and no room below
        ([[1, 0], [-1, 0]], [0, 1], None, False),  # the same, but they cancel
        ([[1, 0], [1, 0]], [3, 0], 0.5, True),  # both at their cap of 1/4
        ([[1, 0], [1, 0]], [3, 0], 3.0, True),  # caps of 3/2 add up to exactly what is needed
        ([[1, 0], [1, 0]], [3, 0], 3.5, False),
        ([[1, 0], [2, 0]], [3, 0], 0.0, True),
        ([[1, 0], [1, 0]], [1, 0], 0.0, False),
    ],
)
def test_uniqueness_by_hand(X, w, cap, unique):
    found = linear(np.array(X, float), np.ones(len(X)), np.array(w, float), cap)
    assert found.unique is unique


def test_a_point_that_acts_on_nothing_may_have_any_multiplier():
    net = kc.TwoLayerReLU([[1.0, 0.0]], [1.0])
    found = kc.recover_multipliers(net, kc.Dataset([[1.0, 0.0], [-1.0, 0.0]], [1, 1]))
    assert found.unique is False
    assert found.values[0] == pytest.approx(1.0)
    assert kc.recover_multipliers(net, kc.Dataset([[1.0, 0.0]], [1])).unique is True


@pytest.mark.parametrize(
    ("X", "W", "y", "unique"),
    [
        # The second point acts on the kink alone, where its gate is 0: any multiplier will do.
        ([[1, 0], [0, 1]], [[1, 0]], [1, 1], False),
        # Active in the second neuron, it is pinned there.
        ([[1, 0], [0, 1]], [[1, 0], [0, 1]], [1, 1], True),
        # A copy of it is not: the two share what the second neuron needs.
        ([[1, 0], [0, 1], [0, 1]], [[1, 0], [0, 1]], [1, 1, 1], False),
        # w = (1, -1) needs (1, 0) - (0, 1): gate 1 on the kink (1, 1) of the other label, so its multiplier is at least 1, and may be more.
        ([[1, 0], [1, 1]], [[1, -1]], [1, -1], False),
    ],
)
def test_uniqueness_with_kinks_by_hand(X, W, y, unique):
    net = kc.TwoLayerReLU(np.array(W, float), np.ones(len(W)))
    assert kc.recover_multipliers(net, kc.Dataset(X, y)).unique is unique


@pytest.mark.parametrize(
    ("X", "W", "y", "unique"),
    [
        # w = (1, -1) = 2 (1, 0) + (-1, -1), the second a kink with its gate at the multiplier 1: with the gate tied to the multiplier the
        # Gram matrix is definite, but the multiplier may grow without its gate, the response there being zero.
        ([[1, 0], [-1, -1]], [[1, -1]], [1, 1], False),
        # The Gram matrix of the last piece is singular, but its null vector leads out of the piece, where something curves.
        ([[1, -1], [-1, -1], [-1, 0]], [[-1, -1], [1, 0]], [1, 1, -1], True),
    ],
)
def test_uniqueness_looks_at_every_adjacent_piece(X, W, y, unique):
    data, net = kc.Dataset(X, y), kc.TwoLayerReLU(np.array(W, float), np.ones(len(W)))
    found = kc.recover_multipliers(net, data)
    assert found.unique is unique
    assert unique_by_linear_programs(Dense(data, net, "clarke"), found.values, found.kink_multipliers) is unique


def test_uniqueness_that_cannot_be_decided_is_none(monkeypatch):
    class Undecided:
        status, message, fun = 4, "numerical difficulties", 0.0

    monkeypatch.setattr(optimize, "linprog", lambda *arguments, **options: Undecided)
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 2.0]])
    assert linear(X, np.ones(4), [-1.0, -1.0]).unique is True  # every gradient is positive, nothing to decide
    assert linear(X, np.ones(4), [1.0, 1.0]).unique is None


@given(seed=seeds(), m=st.integers(1, 6))
def test_a_definite_gram_matrix_leaves_no_doubt_and_no_linear_program(seed, m):
    data = kc.sampling.gaussian(m, m + 3, rng=seed)
    model = kc.LinearPredictor(np.random.default_rng(seed).standard_normal(m + 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uniqueness, "room", None)
        assert kc.recover_multipliers(model, data).unique is True


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-14])
@pytest.mark.parametrize("kinked", [False, True])
def test_points_that_nearly_repeat_end_in_a_right_answer_or_an_error(distance, kinked):
    """The multipliers of such points grow like one over their distance, and so does what is lost of epsilon."""
    right = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((4, 6))
        X = np.concatenate([X, X[:2] + distance * rng.standard_normal((2, 6))])
        W, u = rng.standard_normal((3, 6)), np.array([1.0, -1.0, 1.0])
        kinks = np.zeros((3, 6), bool)
        if kinked:
            kinks[1, 2:4] = True
            Q = np.linalg.qr(X[2:4].T)[0]
            W[1] -= Q @ (Q.T @ W[1])
            W[1] -= Q @ (Q.T @ W[1])
        data, net = kc.Dataset(X, rng.choice([-1.0, 1.0], 6)), kc.TwoLayerReLU(W, u, kinks)
        try:
            found = kc.recover_multipliers(net, data)
        except kc.SolverError as error:
            assert "close to dependent" in str(error)
            continue
        right += 1
        dense = Dense(data, net, "clarke")
        conditions = dense.conditions(found.values, found.kink_multipliers)
        assert max(conditions.values()) <= 1e-8
        r = dense.residual(found.values, found.kink_multipliers)
        assert abs(r @ (dense.theta - r)) <= 1e-8 * net.norm**2
    assert right >= (20 if distance >= 1e-5 else 5)


def test_norms_that_differ_by_ten_orders_may_stand_together():
    rng = np.random.default_rng(3)
    for seed in range(20):
        X = rng.standard_normal((6, 4)) * 10.0 ** rng.integers(-5, 6, 6)[:, None]
        W = rng.standard_normal((5, 4))
        data, net = kc.Dataset(X, rng.choice([-1.0, 1.0], 6)), kc.TwoLayerReLU(W, rng.choice([-1.0, 1.0], 5))
        for cap in (None, 0.1):
            dense = Dense(data, net, "clarke", None if cap is None else slackness_bounds(data, net, cap))
            found = kc.recover_multipliers(net, data, slackness_cap=cap)
            assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-11, seed
