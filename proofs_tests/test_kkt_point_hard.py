"""Exact KKT points where gradients depend on each other, margins nearly vanish, or numbers are huge: a right answer or a true error."""

import sys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

from kktcheck import Dataset, InfeasibleError, InputError, KKTCheckError, SolverError, TwoLayerReLU, kkt_descent, kkt_point, kkt_program, kkt_states
from kktcheck.active_set import FREE, LOWER, UPPER
from kktcheck.kkt_program import assemble
from kktcheck.kkt_reduction import cost, reduced
from kktcheck.models import ACTIVE, KINK, states_of

from .instances import datasets, examples, seeds, two_layer_instances
from .multiplier_instances import lattice_instances

SINGULAR = ("deficient", "duplicates")


def problem(seed, data, n):
    """Network of random weights, both signs of u_j, and its states, some of them kinks instead."""
    rng = np.random.default_rng(seed)
    net = TwoLayerReLU(rng.standard_normal((n, data.dim)), np.where(np.arange(n) % 2, -1.0, 1.0) * rng.uniform(0.5, 1.5, n))
    return net, np.where(rng.random((n, data.num_points)) < 0.15, KINK, states_of(net.preactivations(data)))


def largest_margin(program, points):
    """Largest least margin over the points given of networks with these gates and entries of at most 1, by a linear program."""
    (count, _), rank = program.states.shape, program.units.shape[1]
    classes, where = np.nonzero(program.loose[:, points])
    size = count * rank
    table, right = np.zeros((len(points) + len(classes), size + len(classes) + 1)), np.zeros(len(points) + len(classes))
    for row, i in enumerate(points):
        for c in np.flatnonzero(program.open[:, i]):
            table[row, c * rank : (c + 1) * rank] = -program.weights[c] * program.units[i]
        table[row, -1] = 1.0
    for k, (c, row) in enumerate(zip(classes, where, strict=True)):
        table[row, size + k] = program.weights[c]
        table[len(points) + k, size + k] = -1.0
        table[len(points) + k, c * rank : (c + 1) * rank] = -program.units[points[row]]
    bounds = [(-1, 1)] * size + [(0, None)] * len(classes) + [(None, 1)]
    return -optimize.linprog(-np.eye(table.shape[1])[-1], A_ub=table, b_ub=right, bounds=bounds).fun


@examples(100)
@given(data=datasets(kinds=("deficient", "duplicates", "spread"), min_points=2, max_points=9, max_dim=4), seed=seeds(), n=st.integers(2, 7))
def test_a_point_is_found_exactly_if_there_is_a_network_with_these_gates(data, seed, n):
    net, states = problem(seed, data, n)
    program = assemble(data, net.u, states)
    try:
        point = kkt_point(net, data, states=states)
    except InfeasibleError as error:
        assert error.points
        assert len(set(data.y)) > len(set(np.sign(net.u))) or largest_margin(program, list(error.points)) <= 1e-9
    except SolverError as error:
        assert "rounding of float64" in str(error) or "exact only to" in str(error)
        assert largest_margin(program, range(data.num_points)) <= 1e-2
    else:
        assert largest_margin(program, range(data.num_points)) > 0
        assert point.residuals.kkt <= 1e-12


@examples(150)
@given(instance=two_layer_instances(kinds=SINGULAR, max_points=9, max_dim=8, max_neurons=9))
def test_kinks_lie_in_their_hyperplanes_and_what_is_no_more_than_rounding_is_zero(instance):
    data, net = instance
    try:
        point = kkt_point(net, data)
    except SolverError:
        return  # whether rightly, is tested above
    W, sizes = point.model.W, np.linalg.norm(point.model.W, axis=1)
    P = np.abs(W @ data.X.T)
    assert (P[point.model.kinks] <= 1e-11 * (sizes[:, None] * data.norms)[point.model.kinks]).all()
    assert (point.model.kinks[sizes == 0]).all()
    # A neuron is the sum of its terms: none is left over from cancellation.
    z = np.where(point.states == ACTIVE, point.multipliers, 0.0)
    z[point.model.kinks] = point.kink_multipliers
    assert (sizes[sizes > 0] > 1e-13 * (np.abs(net.u) * (z @ data.norms))[sizes > 0]).all()


@pytest.mark.parametrize("engine", ["exchange", "cvxpy"])
@pytest.mark.parametrize("angle", [1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
def test_points_of_opposite_labels_that_nearly_coincide_are_never_said_to_have_no_network(angle, engine):
    """The margin is about the angle, and float64 holds its digits down to some 1e-3; below, that is what the error says."""
    data = Dataset([[1.0, 0.0], [1.0, angle], [0.0, 1.0]], [1, -1, 1])
    net = TwoLayerReLU(np.array([[1.0, -0.5], [1.0, 0.5], [-1.0, 1.0]]), [1.0, -1.0, 1.0])
    states = np.array([[1, 1, 1], [1, 1, 1], [0, 0, 1]])
    if angle >= 1e-2:
        assert kkt_point(net, data, states=states, engine=engine).residuals.kkt <= 1e-12
        return
    try:
        assert kkt_point(net, data, states=states, engine=engine).residuals.kkt <= 1e-12
    except SolverError:
        assert angle < 1e-3


def test_points_of_opposite_labels_that_coincide_are_named_whatever_their_norms():
    data = Dataset([[3.0, 1.0], [0.0, 1.0], [6.0, 2.0]], [1, 1, -1])
    net = TwoLayerReLU(np.ones((4, 2)), [1.0, -1.0, 1.0, -1.0])
    for start in ({}, {"rng": 0}, {"engine": "cvxpy"}):
        with pytest.raises(InfeasibleError, match="points 0 and 2 have the same direction and opposite labels") as caught:
            kkt_point(net, data, **start)
        assert caught.value.points == (0, 2)
    beside = Dataset([[3.0, 1.0], [0.0, 1.0], [6.0, 4.0]], [1, 1, -1])
    assert kkt_point(net, beside, rng=0).residuals.kkt <= 1e-12


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-14, 0.0])
@pytest.mark.parametrize("engine", ["exchange", "cvxpy"])
def test_points_of_one_label_that_nearly_coincide_are_no_obstacle(distance, engine):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((3, 6))
        X = np.concatenate([X, X[:2] + distance * rng.standard_normal((2, 6))])
        y = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
        net = TwoLayerReLU(rng.standard_normal((8, 6)), np.where(np.arange(8) % 2, -1.0, 1.0))
        states = np.ones((8, 5), int)
        point = kkt_point(net, Dataset(X, y), states=states, engine=engine)
        assert point.residuals.kkt <= 1e-12
        assert distance > 0 or point.unique is False


@examples(60)
@given(seed=seeds(), m=st.integers(2, 8), d=st.integers(1, 3), n=st.integers(1, 4))
def test_reduced_gradients_are_independent_and_as_good_as_all(seed, m, d, n):
    """Against nonnegative least squares on gates split into parts: z between 0 and x is z + (x - z), both nonnegative."""
    rng = np.random.default_rng(seed)
    data = Dataset(rng.standard_normal((m, d)), rng.choice([-1.0, 1.0], m))
    u = np.where(np.arange(n) % 2, -1.0, 1.0)
    program = assemble(data, u, rng.integers(0, 2, (n, m)))
    states = np.where(program.loose, rng.integers(0, 3, program.states.shape), LOWER).astype(np.int8)
    support = np.ones(m, bool)
    root = np.sqrt(program.weights)[:, None, None]
    acting = program.open | (program.loose & (states == UPPER))
    columns = (root * acting[:, :, None] * program.units).transpose(1, 0, 2).reshape(m, -1)
    free = [(c, i) for c, i in zip(*np.nonzero(program.loose & (states == FREE)), strict=True)]
    parts, bounds = [], []
    for i in range(m):  # every corner of the gates of a point is a column of its own
        mine = [c for c, k in free if k == i]
        for corner in range(2 ** len(mine)):
            column = columns[i].reshape(len(program.weights), -1).copy()
            for bit, c in enumerate(mine):
                column[c] += (corner >> bit & 1) * root[c, 0, 0] * program.units[i]
            parts.append(column.ravel())
            bounds.append(1 / program.norms[i])
    table = np.vstack([np.array(parts).T, bounds])
    best = optimize.nnls(table, np.eye(len(table))[-1])[1]
    if best <= 1e-10:
        with pytest.raises(InfeasibleError, match="a convex combination of gradients vanishes") as caught:
            reduced(program, support, states)
        assert set(caught.value.points) <= set(range(m))
        return
    chosen, found = reduced(program, support, states)
    kept = [columns[i] for i in np.flatnonzero(chosen)]
    for i, column in zip(np.flatnonzero(chosen), kept, strict=True):
        for c in np.flatnonzero((found[:, i] == UPPER) & (states[:, i] == FREE)):
            column.reshape(len(program.weights), -1)[c] += root[c, 0, 0] * program.units[i]
    gates = []
    for c, i in zip(*np.nonzero((found == FREE) & chosen), strict=True):
        block = np.zeros((len(program.weights), program.units.shape[1]))
        block[c] = root[c, 0, 0] * program.units[i]
        gates.append(block.ravel())
    targets = np.concatenate([1 / program.norms[chosen], np.zeros(len(gates))])
    explicit = np.vstack([np.array([*kept, *gates]).T, targets])
    assert np.linalg.matrix_rank(explicit) == explicit.shape[1]
    solution = np.linalg.lstsq(explicit, np.eye(len(explicit))[-1], rcond=None)[0]
    assert np.linalg.norm(explicit @ solution - np.eye(len(explicit))[-1]) == pytest.approx(best, rel=1e-8)
    assert cost(program, support, states) == (m + len(free)) ** 3


def unique_by_linear_programs(point, data):
    """Whether no direction of all multipliers and gates together leaves the weights and the bounds; None where the rank is open."""
    u, x, y = point.model.u, point.multipliers, data.y
    z = np.zeros(point.states.shape)
    z[point.model.kinks] = point.kink_multipliers
    S = [i for i in range(len(x)) if x[i] > 0 or point.margins[i] <= 1 + 1e-9]
    pairs = [(j, i) for j in range(len(u)) for i in S if point.states[j, i] == KINK]
    columns = [(u[:, None] * (point.states[:, [i]] == ACTIVE) * (y[i] * data.X[i] / data.norms[i])).ravel() for i in S]
    for j, i in pairs:
        block = np.zeros_like(point.model.W)
        block[j] = u[j] * y[i] * data.X[i] / data.norms[i]
        columns.append(block.ravel())
    table = np.array(columns).T
    values = np.linalg.svd(table, compute_uv=False)
    if ((values > 1e-13 * values[0]) & (values < 1e-6 * values[0])).any():
        return None
    if table.shape[1] <= table.shape[0] and values[-1] > 1e-6 * values[0]:
        return True
    large, place, rows = (x * data.norms).max(), {i: k for k, i in enumerate(S)}, []
    unit = np.eye(table.shape[1])
    rows += [-unit[place[i]] for i in S if x[i] * data.norms[i] <= 1e-9 * large]
    for k, (j, i) in enumerate(pairs, start=len(S)):
        if z[j, i] * data.norms[i] <= 1e-9 * large:
            rows.append(-unit[k])
        if (x[i] - z[j, i]) * data.norms[i] <= 1e-9 * large:
            rows.append(unit[k] - unit[place[i]])
    limits = {"A_ub": np.array(rows), "b_ub": np.zeros(len(rows))} if rows else {}
    for direction in (*unit, *-unit):
        found = optimize.linprog(direction, A_eq=table, b_eq=np.zeros(len(table)), bounds=(-1, 1), **limits)
        if found.fun < -1e-5:
            return False
    return True


@examples(150)
@given(instance=two_layer_instances(max_points=7, max_dim=4, max_neurons=5) | lattice_instances(max_points=5))
def test_uniqueness_is_that_of_linear_programs_on_all_unknowns(instance):
    data, net = instance
    try:
        point = kkt_point(net, data)
    except (InfeasibleError, SolverError):
        return  # margins too small for float64, or labels that no network of these gates has
    expected = unique_by_linear_programs(point, data)
    assert expected is None or point.unique is expected


def test_dependent_gradients_may_have_unique_multipliers_at_a_tie():
    """All three margins are 1, and 2 (1, 1) = (1, 0) + (1, 2): the outer two cannot make up for less of the one in the middle that has none."""
    net = TwoLayerReLU([[1.0, 0.0]], [1.0])
    assert kkt_point(net, Dataset([(1.0, 1.0), (1.0, 0.0), (1.0, 2.0)], np.ones(3))).unique is True
    assert kkt_point(net, Dataset([(1.0, 0.0), (1.0, -1.0), (1.0, 1.0)], np.ones(3))).unique is False


@pytest.mark.parametrize("tilt", [0.0, 1e-10, 1e-4, 0.1])
def test_strictness_is_the_distance_from_a_tie(tilt):
    """A neuron along point 0 meets the opposed point 1 at the angle of the two: on a kink, with a gate of that size."""
    data = Dataset([[1.0, 0.0], [tilt, 1.0]], [1.0, -1.0])
    net = TwoLayerReLU(np.array([[1.0, 0.0], [0.0, 1.0]]), [1.0, -1.0])
    point = kkt_point(net, data)
    assert point.strictness == pytest.approx(tilt, rel=0.1, abs=1e-15)
    assert point.strict is (tilt > 1e-9)
    assert point.unique is True
    assert point.model.kinks[0, 1]
    if tilt:
        away = kkt_point(net, Dataset([[1.0, 0.0], [-tilt, 1.0]], [1.0, -1.0]))
        assert away.strictness == pytest.approx(tilt, rel=0.1)
        assert not away.model.kinks[0, 1]
    beyond = kkt_point(TwoLayerReLU([[1.0, 0.0]], [1.0]), Dataset([[1.0, 0.0], [1.0 + tilt, 1.0]], [1.0, 1.0]))
    assert beyond.strictness == pytest.approx(tilt, rel=1e-5, abs=1e-15)


def test_kinks_alone_are_opened():
    """A point that no neuron but on kinks could see."""
    data = Dataset(np.eye(3), [1.0, 1.0, -1.0])
    net = TwoLayerReLU(np.ones((2, 3)), [1.0, -1.0])
    point = kkt_point(net, data, states=np.full((2, 3), KINK))
    np.testing.assert_allclose(point.multipliers, 1.0)


def test_classes_are_those_of_the_sign_and_the_states_at_the_point():
    """Held gates of the two neurons differ on a point that needs no multiplier, and the neurons do not."""
    data = Dataset([[1.0, 0.0], [20.0, 1.0], [0.0, 1.0]], [1.0, 1.0, -1.0])
    net = TwoLayerReLU(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), [1.0, 2.0, -1.0])
    states = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]])
    point = kkt_point(net, data, states=states)
    assert point.num_classes == 2
    assert point.rounds == 1
    np.testing.assert_allclose(point.model.W[1], 2 * point.model.W[0], rtol=1e-14)


def test_a_network_that_is_right_on_all_points_leads_somewhere_even_if_its_kinks_would_not(monkeypatch):
    data = Dataset([[-1.0, 1.0], [1.0, 2.0], [2.0, 1.0]], [1.0, -1.0, 1.0])
    net = TwoLayerReLU(np.array([[2.0, -1.0], [-1.0, 3.0], [0.0, 3.0]]), [1.0, 1.0, -1.0])
    assert (net.margins(data) > 0).all()
    kink = np.zeros((3, 3), bool)
    kink[0, 2] = True
    with pytest.raises(InfeasibleError, match="a convex combination of gradients vanishes"):
        kkt_point(net, data, states=np.where(kink, KINK, states_of(net.preactivations(data))))
    monkeypatch.setattr(sys.modules["kktcheck.kkt_point"], "find", lambda model, points: (kink, 0.0, (0.0, 1.0), "plateau"))
    assert kkt_point(net, data).residuals.kkt <= 1e-12


@examples(10)
@given(instance=two_layer_instances(kinds=("spread", "orthogonal"), max_points=5, max_neurons=4))
@pytest.mark.parametrize(("points", "layer"), [(1e100, 1e-60), (1e-60, 1e20), (1e140, 1e-140)])
def test_numbers_of_any_size_that_float64_holds_make_no_difference(instance, points, layer):
    data, net = instance
    base = kkt_point(net, data)
    large = kkt_point(TwoLayerReLU(1e120 * net.W, layer * net.u), Dataset(points * data.X, data.y))
    np.testing.assert_allclose(large.model.W * (points * layer), base.model.W, atol=1e-9 * base.model.norm)
    assert large.states.tolist() == base.states.tolist()


@pytest.mark.parametrize(
    ("W", "u", "X", "message"),
    [
        (1e200, (1.0, -1.0), 1.0, "first-layer weights of norm"),
        (1.0, (1e-200, -1e-200), 1.0, "second-layer weights of norm 0"),
        (1.0, (1.0, -1e-170), 1.0, r"u\[1\] = -1e-170 is too small next to 1"),
        (1.0, (1e-100, -1e-100), 1e-100, "the KKT point would have weights of norm"),
        (1.0, (1e40, -1e40), 1e-100, r"the KKT point would have multipliers, times .u., of"),
    ],
)
def test_numbers_that_float64_does_not_hold_are_named(W, u, X, message):
    with pytest.raises(InputError, match=message):
        kkt_point(TwoLayerReLU(W * np.eye(2), u), Dataset(X * np.eye(2), [1.0, -1.0]))


@pytest.mark.parametrize("decades", [2, 6, 12])
def test_points_of_very_different_norms_end_in_an_exact_point_or_the_reason(decades):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((6, 3)) * 10.0 ** rng.uniform(-decades / 2, decades / 2, (6, 1))
        net = TwoLayerReLU(rng.standard_normal((5, 3)), np.array([1.0, -1.0, 1.0, -1.0, 1.0]))
        outputs = net.outputs(X)
        seen = outputs != 0
        try:
            point = kkt_point(net, Dataset(X[seen], np.sign(outputs[seen])))
        except KKTCheckError as error:
            assert decades > 2
            assert "rounding of float64" in str(error) or "exact only to" in str(error) or "CLARABEL ended" in str(error)
        else:
            assert point.residuals.kkt <= 1e-12


@examples(25)
@given(data=datasets(kinds=("deficient",), min_points=4, max_points=9, max_dim=3), seed=seeds(), n=st.integers(2, 6))
def test_both_engines_say_alike_that_there_is_no_network(data, seed, n):
    net, states = problem(seed, data, n)
    outcomes = []
    for engine in ("exchange", "cvxpy"):
        try:
            outcomes.append(kkt_point(net, data, states=states, engine=engine).model.norm)
        except KKTCheckError as error:
            outcomes.append(type(error).__name__)
    if "SolverError" not in outcomes:
        assert outcomes[0] == (pytest.approx(outcomes[1], rel=1e-9) if isinstance(outcomes[1], float) else outcomes[1])


def test_where_exchanging_from_a_guess_fails_all_gradients_are_tried_and_then_the_other_engine(monkeypatch):
    """A guess without a single exchange is hardly right; least distance programming finds the states at once."""
    data = Dataset(np.random.default_rng(0).standard_normal((5, 3)), [1.0, -1.0, 1.0, -1.0, 1.0])
    net, states = problem(1, data, 6)
    expected = kkt_point(net, data, states=states)
    assert expected.method == "pivoting"
    monkeypatch.setattr(kkt_states, "EXCHANGES", 1)
    found = kkt_point(net, data, states=states)
    np.testing.assert_allclose(found.model.W, expected.model.W, atol=1e-11 * expected.model.norm)
    program = assemble(data, net.u, states)
    wrong = np.ones(5, bool), np.where(program.loose, UPPER, LOWER).astype(np.int8)
    assert program.optimum(*wrong).method == "least distance"
    monkeypatch.setattr(kkt_program, "AFFORDABLE", 0.0)
    with pytest.raises(SolverError, match="the states do not settle: .* misses its condition by"):
        program.optimum(*wrong)
    monkeypatch.setattr(kkt_descent, "guess", lambda *arguments: wrong)
    fallen_back = kkt_point(net, data, states=states)
    np.testing.assert_allclose(fallen_back.model.W, expected.model.W, atol=1e-11 * expected.model.norm)


def test_random_states_that_cannot_be_settled_are_drawn_again_too(monkeypatch):
    module = sys.modules["kktcheck.kkt_point"]
    original, calls = module.descend, []

    def unsettled_at_first(*arguments):
        calls.append(arguments)
        if len(calls) < 3:
            raise SolverError("planted")
        return original(*arguments)

    monkeypatch.setattr(module, "descend", unsettled_at_first)
    net, data = TwoLayerReLU(np.ones((6, 3)), np.ones(6)), Dataset(np.eye(3), np.ones(3))
    assert kkt_point(net, data, rng=0).redrawn >= 2
    monkeypatch.setattr(module, "MAX_DRAWS", 2)
    calls.clear()
    with pytest.raises(SolverError, match="none of 2 random states led to a KKT point .the last: planted."):
        kkt_point(net, data, rng=0)


def test_a_label_no_neuron_has_is_named_at_once():
    data = Dataset(np.eye(3), [1.0, -1.0, -1.0])
    with pytest.raises(InfeasibleError, match="no neuron has an output of the sign of the labels of points 1, 2") as caught:
        kkt_point(TwoLayerReLU(np.ones((2, 3)), np.ones(2)), data, rng=0)
    assert caught.value.points == (1, 2)
