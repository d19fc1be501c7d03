"""Clarke multipliers: the exchange of kink states against enumeration and the conditions, its safeguards, and the building blocks."""

from types import SimpleNamespace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import box_stacks, clarke, fast
from kktcheck.active_set import ActiveSet
from kktcheck.answers import upper_bounds
from kktcheck.clarke import FREE, LOWER, ClarkeProblem
from kktcheck.fast import signed_gram
from kktcheck.linearisation import linearise
from kktcheck.models import ACTIVE, INACTIVE, KINK
from kktcheck.patterns import equal_sizes, pattern_classes, whiten

from .instances import examples, seeds
from .multiplier_instances import Dense, kinked_instances, kinked_network, lattice_instances, slackness_bounds

CAPS = (None, 0.0, 0.05, 0.5)


def problem(data, net, cap=None):
    """The problem as the fast engine sets it up, with the explicit columns it would fall back to."""
    lin = linearise(net, data)
    states, member = pattern_classes(lin.states)
    weights = np.bincount(member, net.u**2, len(states))
    targets = np.zeros((len(states), data.span.rank))
    np.add.at(targets, member, net.u[:, None] * (net.W @ data.span.basis))
    made = ClarkeProblem(signed_gram(data), states, weights, lin.margins, lin.scale, upper_bounds(lin, cap))
    return SimpleNamespace(lin=lin, member=member, made=made, columns=data.y[:, None] * data.span.coordinates, targets=targets)


def value(lin, solution, member):
    return lin.epsilon(solution.gates[member])[0]


@examples(25)
@given(instance=lattice_instances(max_points=3, max_neurons=2), cap=st.sampled_from(CAPS))
def test_epsilon_is_the_least_over_all_states_of_multipliers_and_gates(instance, cap):
    data, net = instance
    upper = None if cap is None else slackness_bounds(data, net, cap)
    found = kc.recover_multipliers(net, data, slackness_cap=cap)
    assert found.epsilon**2 == pytest.approx(Dense(data, net, "clarke", upper).best_by_enumeration() ** 2, abs=1e-12 * net.norm**2)


@examples(60)
@given(
    instance=st.one_of(lattice_instances(max_points=6, max_neurons=6), kinked_instances(), kinked_instances(deficient=True)),
    cap=st.sampled_from(CAPS),
)
def test_the_conditions_hold_one_by_one_on_explicit_columns(instance, cap):
    data, net = instance
    dense = Dense(data, net, "clarke", None if cap is None else slackness_bounds(data, net, cap))
    found = kc.recover_multipliers(net, data, slackness_cap=cap)
    assert len(found.kink_multipliers) == dense.Z.shape[1]
    for name, violation in dense.conditions(found.values, found.kink_multipliers).items():
        assert violation <= 1e-11, name
    assert abs(found.epsilon - np.linalg.norm(dense.residual(found.values, found.kink_multipliers))) <= 2 * found.epsilon_error
    assert found.residual <= 1e-11


@examples(40)
@given(instance=kinked_instances(positive=True), cap=st.sampled_from(CAPS))
def test_no_multipliers_can_do_better_by_weak_duality(instance, cap):
    data, net = instance
    net = net.scaled(1 / net.margins(data).min())
    dense = Dense(data, net, "clarke", None if cap is None else slackness_bounds(data, net, cap))
    found = kc.recover_multipliers(net, data, slackness_cap=cap)
    assert (found.epsilon / net.norm) ** 2 <= dense.lower_bound(found.values, found.kink_multipliers) + 1e-11


@examples(40)
@given(instance=kinked_instances(), cap=st.sampled_from(CAPS))
def test_exchanging_states_and_the_active_set_agree(instance, cap):
    data, net = instance
    parts = problem(data, net, cap)
    exchanged = parts.made.solve()
    cold = parts.made.active_set(parts.columns, parts.targets)
    warm = parts.made.active_set(parts.columns, parts.targets, exchanged)
    assert cold.method == warm.method == "active set"
    for other in (exchanged, warm) if exchanged.settled else (warm,):
        assert abs(value(parts.lin, cold, parts.member) ** 2 - value(parts.lin, other, parts.member) ** 2) <= 1e-11 * net.norm**2
        assert other.residual <= 1e-11


@examples(30)
@given(instance=kinked_instances(), seed=seeds(), cap=st.sampled_from((None, 0.1)))
def test_clarke_is_never_worse_than_any_fixed_choice_of_open_and_closed_kinks(instance, seed, cap):
    data, net = instance
    states = linearise(net, data).states
    opened = np.where(states == KINK, np.random.default_rng(seed).choice([INACTIVE, ACTIVE], states.shape), states)
    clarkes = kc.recover_multipliers(net, data, slackness_cap=cap)
    indicator = linearise(net, data, "indicator")
    for choice in (opened, indicator.states):
        fixed = fast.stationarity(SimpleNamespaceLin(indicator, choice), cap)
        assert clarkes.epsilon <= fixed.epsilon + 1e-12 * net.norm


class SimpleNamespaceLin(type(linearise(kc.LinearPredictor([1.0]), kc.Dataset([[1.0]], [1])))):
    """A linearisation with other states."""

    def __init__(self, lin, states):
        super().__init__(lin.model, lin.data, lin.subgradient, states.astype(np.int8), lin.margins)


@examples(40)
@given(instance=kinked_instances())
def test_dropping_the_bounds_on_the_gates_bounds_epsilon_from_below(instance):
    data, net = instance
    parts = problem(data, net)
    H, sizes, _ = parts.made.piece(np.where(parts.made.kinks, FREE, LOWER).astype(np.int8))
    free = clarke.pivoting.minimise(H, parts.made.margins, None, None, sizes).x
    least_square = net.norm**2 + free @ H @ free - 2 * parts.made.margins @ free
    assert least_square <= kc.recover_multipliers(net, data).epsilon ** 2 + 1e-10 * net.norm**2


@examples(40)
@given(instance=kinked_instances(), seed=seeds())
def test_objective_and_slope_are_those_of_the_best_gates(instance, seed):
    """At random multipliers: half of epsilon squared but for |theta|**2 / 2, and its one-sided difference quotient."""
    data, net = instance
    made = problem(data, net).made
    rng = np.random.default_rng(seed)
    x = np.maximum(rng.standard_normal(data.num_points), 0)
    direction = np.where(x > 0, rng.standard_normal(len(x)), np.abs(rng.standard_normal(len(x))))
    states = np.where(made.kinks, rng.integers(0, 3, made.kinks.shape), LOWER).astype(np.int8)

    def at(step):
        return made._evaluate(x + step * direction, states, made.piece(states)[2])

    point, step = at(0.0), 1e-6
    assert (point.gates <= point.x).all()
    assert (point.gates >= 0).all()
    assert made._violation(point) >= 0
    slope = (at(step).objective - point.objective) / step
    size = float(made.weights.sum()) * (1 + x.sum()) * np.linalg.norm(direction) ** 2 + np.abs(made.margins) @ np.abs(direction)
    assert slope == pytest.approx(float(point.gradient @ direction), abs=1e-4 * size)
    optimal = ActiveSet(*_gates_alone(made, x))
    optimal.solve()
    least = 0.5 * np.sum((optimal.columns @ optimal.x - optimal.target) ** 2) - made.margins @ x
    assert point.objective == pytest.approx(least, abs=1e-11 * size)


def _gates_alone(made, x):
    """Least squares over the gates for fixed multipliers."""
    values, vectors = np.linalg.eigh(made.K)
    units = vectors * np.sqrt(np.maximum(values, 0.0))
    classes, points = np.nonzero(made.kinks)
    root = np.sqrt(made.weights)
    columns = np.zeros((len(root), units.shape[1], len(points)))
    columns[classes, :, np.arange(len(points))] = root[classes, None] * units[points]
    target = -(root[:, None] * ((made.active * x) @ units)).ravel()
    return columns.reshape(len(target), len(points)), target, x[points]


def test_the_exchange_is_exercised_in_every_state_and_every_step():
    """Over fifty networks kinks end free, closed and open, bounds dropped at first are violated, and the line search is needed."""
    ends, steps, shortened, below = set(), [], 0, 0
    original = ClarkeProblem._line_search

    def counting(self, current, trial):
        nonlocal shortened
        found = original(self, current, trial)
        shortened += found is not trial
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClarkeProblem, "_line_search", counting)
        for seed in range(50):
            data, net = kinked_network(seed, m=6, n=6, d=7)
            parts = problem(data, net)
            if not parts.made.kinks.any():
                continue
            found = parts.made.solve()
            x = found.point.x
            z, caps = found.point.gates[parts.made.kinks], np.broadcast_to(x, parts.made.kinks.shape)[parts.made.kinks]
            ends |= {"closed"} if ((z == 0) & (caps > 0)).any() else set()
            ends |= {"open"} if ((z == caps) & (caps > 0)).any() else set()
            ends |= {"free"} if ((z > 0) & (z < caps)).any() else set()
            below += found.steps > 1
            steps.append(found.steps)
    assert ends == {"closed", "open", "free"}
    assert below >= 40
    assert max(steps) >= 4
    assert shortened >= 1


def test_a_line_search_that_is_switched_off_is_missed(monkeypatch):
    """Taking every Newton step as it comes cycles or climbs somewhere; the active set then has to finish."""
    monkeypatch.setattr(ClarkeProblem, "_line_search", lambda self, current, trial: trial)
    unsettled = 0
    for seed in range(150):
        data, net = kinked_network(seed, m=6, n=6, d=7)
        parts = problem(data, net)
        if parts.made.kinks.any():
            unsettled += not parts.made.solve().settled
            dense = Dense(data, net, "clarke")
            found = kc.recover_multipliers(net, data)
            assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-11
    assert unsettled >= 1


def test_an_exchange_that_gives_up_is_finished_by_the_active_set(monkeypatch):
    data, net = kinked_network(1, m=6, n=6, d=7)
    right = kc.recover_multipliers(net, data)
    assert right.method == "pivoting"
    monkeypatch.setattr(clarke, "MAX_STEPS", 1)
    finished = kc.recover_multipliers(net, data)
    assert finished.method == "active set"
    assert finished.epsilon == pytest.approx(right.epsilon, abs=1e-12)

    def refuse(*arguments):
        raise kc.SolverError("no")

    monkeypatch.setattr(clarke.pivoting, "minimise", refuse)
    assert kc.recover_multipliers(net, data).epsilon == pytest.approx(right.epsilon, abs=1e-12)
    monkeypatch.setattr(fast, "EXPLICIT_ENTRIES", 10)
    with pytest.raises(kc.SolverError, match="the explicit problem is too large"):
        kc.recover_multipliers(net, data)


@pytest.mark.parametrize(("seed", "m", "n", "d", "cap"), [(5, 5, 5, 5, None), (599, 6, 5, 9, 0.5), (3232, 3, 2, 6, 0.0)])
def test_exchanges_that_zigzag_between_two_pieces_are_finished_too(seed, m, n, d, cap):
    """Networks, found by search, in whose piecewise quadratic a steep piece ends beside the least point of a flat one."""
    data, net = kinked_network(seed, m=m, n=n, d=d)
    dense = Dense(data, net, "clarke", None if cap is None else slackness_bounds(data, net, cap))
    found = kc.recover_multipliers(net, data, slackness_cap=cap)
    assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-11


def test_gates_at_the_bound_are_exactly_there():
    """w = u (y_0 z_0 x_0 + ...) with z_0 beyond its bounds: the gate is cut to 0 or to the multiplier, bit by bit."""
    X, y = np.eye(3), np.ones(3)
    for wanted in (-0.5, 0.25, 2.0):
        net = kc.TwoLayerReLU([[0.0, 1.0, wanted * 0], [1.0, 0.0, 0.0]], [1.0, 1.0])
        data = kc.Dataset(X, y)
        found = kc.recover_multipliers(net, data)
        assert (found.kink_multipliers >= 0).all()
        np.testing.assert_array_equal(found.values, [1.0, 1.0, 0.0])
    # One neuron active on x_1 with its kink at x_0 = (1, 1)/sqrt 2: its own part wants a gate z_0 < 0 unless y_0 differs.
    X = np.array([[1.0, 1.0], [1.0, 0.0]])
    net = kc.TwoLayerReLU([[1.0, -1.0]], [1.0])
    same = kc.recover_multipliers(net, kc.Dataset(X, [1, 1]))
    np.testing.assert_allclose([same.values[1], same.kink_multipliers[0], same.epsilon], [1.0, 0.0, 1.0], atol=1e-15)
    other = kc.recover_multipliers(net, kc.Dataset(X, [-1, 1]))
    np.testing.assert_allclose([other.values[1], other.kink_multipliers[0], other.epsilon], [2.0, 1.0, 0.0], atol=1e-15)


def test_a_network_asleep_on_every_point_has_no_multipliers():
    data = kc.Dataset([[1.0, 0.0], [0.5, 1.0]], [1, -1])
    for net in (kc.TwoLayerReLU([[-1.0, -1.0]], [1.0]), kc.TwoLayerReLU([[-1.0, -1.0], [0.0, 0.0]], [1.0, 1.0])):
        for subgradient in ("clarke", "indicator"):
            for cap in (None, 0.0):
                found = kc.recover_multipliers(net, data, subgradient=subgradient, slackness_cap=cap)
                assert found.epsilon == pytest.approx(net.norm)
                assert found.delta == 0.0
                assert found.residual == 0.0
                assert not found.kink_multipliers.any()


@given(seed=seeds(), n=st.integers(1, 8), m=st.integers(1, 8))
def test_classes_hold_the_neurons_of_one_pattern(seed, n, m):
    states = np.random.default_rng(seed).integers(0, 3, (n, m)).astype(np.int8)
    states = states[np.random.default_rng(seed).integers(0, n, n)]
    rows, member = pattern_classes(states)
    np.testing.assert_array_equal(rows[member], states)
    assert len(np.unique(rows, axis=0)) == len(rows)


@given(seed=seeds(), c=st.integers(1, 6), m=st.integers(1, 6), entries=st.integers(1, 12) | st.just(np.inf))
def test_groups_of_equal_size_cover_every_marked_entry_once(seed, c, m, entries):
    mask = np.random.default_rng(seed).random((c, m)) < 0.5
    seen = np.zeros_like(mask, dtype=int)
    for rows, columns in equal_sizes(np.arange(c), mask, entries):
        assert columns.shape == (len(rows), columns.shape[1])
        assert columns.size <= entries or len(rows) == 1
        np.add.at(seen, (rows[:, None], columns), 1)
    np.testing.assert_array_equal(seen, mask)


@given(seed=seeds(), g=st.integers(1, 4), k=st.integers(1, 4), repeated=st.booleans())
def test_whitening_inverts_the_blocks_also_singular_ones(seed, g, k, repeated):
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((g, k, k + 1))
    if repeated:
        B[0, -1] = B[0, 0]
    blocks, coupling = B @ np.swapaxes(B, 1, 2), B @ rng.standard_normal((k + 1, 3))
    whitened, solve = whiten(blocks, coupling)
    x = rng.standard_normal(3)
    np.testing.assert_allclose(blocks @ solve(whitened @ x)[:, :, None], (coupling @ x)[:, :, None], atol=1e-6 * np.abs(coupling).max() + 1e-9)
    expected = np.einsum("gki,gkl,glj->gij", coupling, np.linalg.pinv(blocks, rcond=1e-12, hermitian=True), coupling)
    np.testing.assert_allclose(np.swapaxes(whitened, 1, 2) @ whitened, expected, rtol=1e-6, atol=1e-8)


@given(
    instance=st.one_of(lattice_instances(max_points=6, max_neurons=6), kinked_instances(), kinked_instances(deficient=True)),
    cap=st.sampled_from(CAPS),
)
def test_stacks_of_any_size_and_none_lead_to_the_same_residual(instance, cap):
    data, net = instance
    expected = kc.recover_multipliers(net, data, slackness_cap=cap)
    for setting in (("FEW", 0), ("STACKED", 1.0)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clarke, *setting)
            found = kc.recover_multipliers(net, data, slackness_cap=cap)
        assert abs(found.epsilon**2 - expected.epsilon**2) <= 1e-12 * net.norm**2
        assert found.unique == expected.unique


def test_gates_of_few_kinks_are_settled_in_stacks_and_those_left_one_by_one(monkeypatch):
    counted = {"stacks": 0, "alone": 0}

    def stacks(*arrays, plain=box_stacks.solve):
        counted["stacks"] += len(arrays[0])
        return plain(*arrays)

    def alone(*arrays, plain=ClarkeProblem._settle_one):
        counted["alone"] += 1
        plain(*arrays)

    monkeypatch.setattr(box_stacks, "solve", stacks)
    monkeypatch.setattr(ClarkeProblem, "_settle_one", alone)
    data, net = kinked_network(0, m=12, n=30, d=40)
    expected = kc.recover_multipliers(net, data)
    assert counted["stacks"] > 20
    assert not counted["alone"]
    monkeypatch.setattr(box_stacks, "ROUNDS", 1)
    found = kc.recover_multipliers(net, data)
    assert counted["alone"] > 0
    assert found.epsilon == pytest.approx(expected.epsilon, rel=1e-12)
