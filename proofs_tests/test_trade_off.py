"""Pareto fronts of (epsilon, delta): every point optimal by other engines, breakpoints where enumeration puts them, no piece missed."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import parametric, pieces
from kktcheck.linearisation import linearise
from kktcheck.parametric import ParametricProblem
from kktcheck.pivoting import SingularSystem

from .instances import KINDS, examples, linear_instances, seeds, two_layer_instances
from .kkt_instances import planted_models, planted_networks, planted_predictors
from .multiplier_instances import Dense, kinked_instances, slackness_bounds

SUBGRADIENTS = st.sampled_from(["clarke", "indicator"])

#: Far from a KKT point, with multipliers and gates at and off all their bounds.
uneven = planted_models(error=(0.05, 0.3), slack=(0.5, 2.0), sleeping=(0, 2), min_points=2)


@st.composite
def instances(draw, kinds=KINDS, max_points=6):
    """Pairs (dataset, model) of every kind, with positive margins."""
    return draw(
        st.one_of(
            linear_instances(kinds=kinds, max_points=max_points),
            two_layer_instances(kinds=kinds, max_points=max_points),
            two_layer_instances(kinds=kinds, max_points=max_points, kinks=True),
            kinked_instances(positive=True, max_points=max_points),
            kinked_instances(positive=True, max_points=max_points, deficient=True),
            *[uneven.map(lambda planted: (planted.data, planted.model))] * 2,
        )
    )


def assert_same_epsilon(first, second, front, digits=1e-12):
    """Equal up to rounding; dependent gradients leave that to the square of epsilon."""
    first, second = np.asarray(first), np.asarray(second)
    assert np.abs(first**2 - second**2).max() <= digits * front.model.norm**2


# Every point is optimal


@given(instances(), SUBGRADIENTS, st.integers(0, 5))
def test_every_point_is_optimal_under_its_slackness_by_weak_duality(instance, subgradient, num):
    data, model = instance
    front = kc.trade_off(model, data, num, subgradient=subgradient)
    for delta, epsilon in zip(front.delta, front.epsilon, strict=True):
        dense = Dense(data, front.model, subgradient, slackness_bounds(data, front.model, delta))
        found = front.multipliers_at(delta)
        assert front.at(delta) == found.epsilon
        assert_same_epsilon(found.epsilon, epsilon, front, digits=1e-13)
        assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-11
        assert_not_above_the_dual(found, dense)
        assert abs(found.epsilon - np.linalg.norm(dense.residual(found.values, found.kink_multipliers))) <= 2 * found.epsilon_error


def assert_not_above_the_dual(found, dense, digits=1e-11):
    """The bound is a sum over the multipliers, so its rounding grows with the largest, in units of |theta| and their columns."""
    largest = float((found.values * dense.sizes).max()) / dense.scale
    bound = dense.lower_bound(found.values, found.kink_multipliers)
    assert (found.epsilon / dense.scale) ** 2 <= bound + digits * (1 + largest)


@given(instances(), SUBGRADIENTS)
def test_the_multipliers_given_attain_the_epsilon_given_with_gates_within_them(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    dense = Dense(data, front.model, subgradient)
    corners = pieces.breakpoints(front.problem)
    for corner, epsilon, error, multipliers in zip(corners, front.epsilon, front.epsilon_error, front.multipliers, strict=True):
        found = front.multipliers_at(corner.cap)
        assert found.epsilon == epsilon and found.epsilon_error <= error <= 1e-10 * (front.model.norm + epsilon)
        np.testing.assert_array_equal(found.values, multipliers)
        z = found.kink_multipliers
        assert (z >= 0).all() and (z <= multipliers[dense.points]).all()
        assert abs(np.linalg.norm(dense.residual(multipliers, z)) - epsilon) <= 2 * error


@given(instances(), SUBGRADIENTS)
def test_the_multipliers_attain_both_numbers(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 4, subgradient=subgradient)
    excess = front.model.margins(data) - 1
    excess[excess <= 1e-11] = 0.0
    attained = (front.multipliers * excess).max(axis=1)
    assert (front.delta <= attained * (1 + 1e-15)).all()
    assert (attained <= front.delta * (1 + 1e-11)).all()
    assert (front.delta[front.is_breakpoint] <= [corner.cap for corner in pieces.breakpoints(front.problem)]).all()
    for delta, epsilon in zip(front.delta, front.epsilon, strict=True):
        assert_same_epsilon(kc.recover_multipliers(front.model, data, slackness_cap=delta, subgradient=subgradient).epsilon, epsilon, front)


@examples(8)
@given(instances(), SUBGRADIENTS)
def test_the_explicit_engine_agrees(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    for k in {0, len(front.delta) // 2, len(front.delta) - 1}:
        other = kc.recover_multipliers(front.model, data, slackness_cap=front.delta[k], subgradient=subgradient, engine="cvxpy")
        assert_same_epsilon(other.epsilon, front.epsilon[k], front, digits=1e-8)


@examples(15)
@given(instances(), SUBGRADIENTS, st.floats(0, 1))
def test_least_slackness_under_each_epsilon_is_the_delta_of_the_front(instance, subgradient, share):
    data, model = instance
    front = kc.trade_off(model, data, 3, subgradient=subgradient)
    k = int(share * (len(front.delta) - 1))
    request = {"objective": "slackness", "subgradient": subgradient}
    back = kc.recover_multipliers(front.model, data, epsilon_cap=front.epsilon[k] + 1e-12 * front.model.norm, **request)
    assert back.delta <= front.delta[k] * (1 + 1e-11) + 1e-11 * back.values.max()
    assert_same_epsilon(front.at(back.delta), front.epsilon[k], front, digits=1e-9)


# The shape of the front


@given(instances(), SUBGRADIENTS)
def test_epsilon_falls_strictly_and_is_convex_and_so_is_its_square(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 12, subgradient=subgradient)
    assert front.delta[0] == 0 and (np.diff(front.delta) > 0).all() and (np.diff(front.epsilon) < 0).all()
    if len(front.delta) > 1:
        assert front.is_breakpoint[[0, -1]].all()
        for values in (front.epsilon / front.model.norm, (front.epsilon / front.model.norm) ** 2):
            rises = np.diff(values) / np.diff(front.delta / front.delta_max)
            noise = 1e-13 / np.diff(front.delta / front.delta_max)
            assert (np.diff(rises) >= -noise[1:] - noise[:-1]).all()


@given(instances(), SUBGRADIENTS)
def test_the_ends_are_no_slackness_and_the_least_slackness_of_the_least_epsilon(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    free = kc.recover_multipliers(front.model, data, subgradient=subgradient)
    closed = kc.recover_multipliers(front.model, data, slackness_cap=0.0, subgradient=subgradient)
    assert_same_epsilon([front.epsilon_at_zero, front.least_epsilon], [closed.epsilon, free.epsilon], front)
    assert_same_epsilon([front.at(2 * front.delta_max), front.at(np.inf)], front.least_epsilon, front)
    assert front.delta_max <= free.delta * (1 + 1e-9) + 1e-11 * free.values.max()
    assert front.epsilon_at_zero <= front.model.norm * (1 + 1e-15)
    if free.unique:
        assert abs(front.delta_max - free.delta) <= 1e-9 * free.delta + 1e-11 * free.values.max()
    elif len(front.delta) > 1:
        # The last piece falls to its vertex, so short of it something is still missing, as far as squares of distances can be seen.
        start, drop = front.delta[-2], front.epsilon[-2] ** 2 - front.least_epsilon**2
        halfway = front.at((start + front.delta_max) / 2) ** 2 - front.least_epsilon**2
        assert halfway == pytest.approx(drop / 4, abs=1e-12 * front.model.norm**2)


@given(instances(), SUBGRADIENTS, st.floats(0.05, 0.95))
def test_the_square_of_epsilon_is_one_quadratic_between_neighbouring_breakpoints(instance, subgradient, share):
    data, model = instance
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    for (start, high), (end, low) in itertools.pairwise(front.breakpoints):
        middle = front.at((start + end) / 2)
        inside = front.at(start + share * (end - start))
        lagrange = ((1 - share) * (1 - 2 * share), 4 * share * (1 - share), share * (2 * share - 1))
        expected = lagrange @ np.array([high, middle, low]) ** 2
        assert abs(inside**2 - expected) <= 1e-13 * front.model.norm**2
        # Its derivative at the start of the piece, which joins the one before it smoothly. Margins close to 1 multiply what rounding
        # leaves of pulls by 1 / (margin - 1).
        problem = front.problem
        slope, noise = (each * (end - start) for each in (problem.descent(problem.solve(start)), 1e-14 * problem.rates.sum() * problem.lin.scale))
        assert abs(2 * slope - (3 * high**2 - 4 * middle**2 + low**2)) <= 1e-12 * front.model.norm**2 + noise


@given(instances(), SUBGRADIENTS, st.floats(0, 1.5), st.floats(0, 1.5))
def test_two_caps_are_on_one_piece_exactly_if_no_breakpoint_lies_between_them(instance, subgradient, first, second):
    data, model = instance
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    a, b = sorted(share * front.delta_max for share in (first, second))
    between = (front.delta > a) & (front.delta < b)
    near = 1e-4 * front.delta_max
    if np.abs(front.delta[:, None] - [a, b]).min(initial=np.inf, where=between[:, None]) > near or not between.any():
        problem = ParametricProblem(linearise(front.model, data, subgradient))
        low, high = problem.solve(a), problem.solve(b)
        assert problem.joined(low, high) is not bool(between.any())
        # Equality in the inequality of Cauchy and Schwarz, to half the digits.
        fall = (b - a) * (problem.descent(low) - problem.descent(high))
        chord = float(np.linalg.norm(problem._place(low.x - high.x, low.gates - high.gates))) ** 2
        assert (fall - chord) / front.model.norm**2 >= -1e-13
        if not between.any():
            assert (fall - chord) / front.model.norm**2 <= 1e-10


# Planted points


kinds = {"error": (0.0, 1e-3, 0.05), "slack": (0.0, 0.3, 2.0), "sleeping": (0, 2)}


@given(planted_models(**kinds))
def test_a_planted_point_lies_on_or_above_the_front(planted):
    front = kc.trade_off(planted.model, planted.data, 8)
    size = front.model.norm
    assert front.at(planted.delta) <= planted.epsilon + 1e-12 * size
    # No point of the front is better in both.
    assert not ((front.delta > planted.delta * (1 + 1e-12) + 1e-12) & (front.epsilon > planted.epsilon + 1e-12 * size)).any()


@given(planted_networks(sleeping=(0, 2)) | planted_predictors(sleeping=(0, 2)), SUBGRADIENTS)
def test_the_front_of_an_exact_kkt_point_is_a_single_point(planted, subgradient):
    front = kc.trade_off(planted.model, planted.data, subgradient=subgradient)
    if subgradient == "clarke" or not planted.kinks.any():
        np.testing.assert_array_equal(front.breakpoints, [[0.0, front.least_epsilon]])
        assert front.delta_max == 0 and front.least_epsilon == front.epsilon_at_zero
        # Planted predictors may have any condition, and epsilon then as many digits less; networks have nearly orthogonal points.
        assert front.least_epsilon <= (1e-10 if isinstance(planted.model, kc.LinearPredictor) else 1e-13) * front.model.norm
    assert front.epsilon[0] <= front.model.norm * (1 + 1e-15)


@given(linear_instances(kinds=("spread",), max_points=1) | two_layer_instances(kinds=("spread",), max_points=1), SUBGRADIENTS)
def test_one_point_has_margin_one_and_so_no_trade_off(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, subgradient=subgradient)
    assert front.delta.tolist() == [0.0] and front.is_breakpoint.all() and front.multipliers.shape == (1, 1)
    # One gradient g of the model: theta . g = 1, so the part of theta orthogonal to g has the square |theta|^2 - 1 / |g|^2.
    g = linearise(front.model, data, subgradient).gates(np.ones(1))
    squared = float(front.model.second_layer**2 @ g[:, 0] ** 2) * float(data.gram[0, 0])
    assert front.epsilon[0] ** 2 == pytest.approx(front.model.norm**2 - 1 / squared, abs=1e-12 * front.model.norm**2)


# By hand, and by enumeration


def test_orthogonal_points_by_hand():
    """Multipliers w_i as far as caps delta / (w_i - 1) let them: breakpoints w_i (w_i - 1)."""
    front = kc.trade_off(kc.LinearPredictor([1.0, 2.0, 4.0, 1.5]), kc.Dataset(np.eye(4), np.ones(4)), 5)
    np.testing.assert_allclose(front.breakpoints[:, 0], [0, 0.75, 2, 12], rtol=1e-15)
    d = front.delta
    missing = [np.maximum(w - d / (w - 1), 0) for w in (2.0, 4.0, 1.5)]
    np.testing.assert_allclose(front.epsilon, np.sqrt(np.sum(np.square(missing), axis=0)), atol=1e-15)
    np.testing.assert_allclose(front.multipliers[-1], [1, 2, 4, 1.5], rtol=1e-15)
    assert (front.epsilon_at_zero, front.delta_max, len(d), front.tau) == (front.epsilon.max(), d.max(), 9, 0.0)
    assert front.least_epsilon <= 1e-15


def test_gates_make_breakpoints_too_by_hand():
    """Residuals (1 - l, z - l) and (p - 4, 4 + p - b) with 0 <= z <= b and 0 <= p <= l, b = delta / 3 as long as that is of use.

    At b = 1 the gate z leaves its multiplier b, at b = 2 the gate p = b / 2 reaches its own, l, and at b = 4 + l all is as it should be.
    """
    data = kc.Dataset([[1.0, 1.0], [0.0, 1.0]], [1, -1])
    net = kc.TwoLayerReLU([[1.0, 0.0], [-4.0, 4.0]], [1.0, -1.0], [[False, True], [True, False]])
    front = kc.trade_off(net, data, 9)
    np.testing.assert_allclose(front.breakpoints[:, 0], [0, 3, 6, 19.5], rtol=1e-14)
    b = front.delta / 3
    first = np.select([b <= 1, b <= 2], [(1 + b) / 2, 1.0], (1 + b) / 3)
    p = np.minimum(b / 2, first)
    expected = (1 - first) ** 2 + np.maximum(first - b, 0) ** 2 + (4 - p) ** 2 + (4 + p - b) ** 2
    np.testing.assert_allclose(front.epsilon**2, expected, rtol=1e-14)
    np.testing.assert_allclose(front.multipliers, np.stack([first, b], axis=1), rtol=1e-14)


class Enumerated:
    """All states of multipliers and gates of a `Dense` problem, each with its affine solution and the caps for which it is optimal."""

    def __init__(self, dense, rates, top):
        self.dense, self.rates, self.top, self.pieces = dense, rates, top, []
        kinds = [("zero", "free") if rate == 0 else ("zero", "free", "upper") for rate in rates]
        for states in itertools.product(*kinds):
            mine = [k for k, i in enumerate(dense.points) if states[i] != "zero"]
            for gates in itertools.product(("zero", "free", "along"), repeat=len(mine)):
                self._add(states, dict(zip(mine, gates, strict=True)))

    def _add(self, states, gates):
        dense = self.dense
        bundled = dense.J.copy()
        for k, state in gates.items():
            if state == "along":
                bundled[:, dense.points[k]] += dense.Z[:, k]
        free = [i for i, state in enumerate(states) if state == "free"]
        loose = [k for k, state in gates.items() if state == "free"]
        growth = np.array([rate * (state == "upper") for rate, state in zip(self.rates, states, strict=True)])
        columns = np.concatenate([bundled[:, free], dense.Z[:, loose]], axis=1)
        targets = np.stack([dense.theta, -bundled @ growth], axis=1)
        found, _, rank, _ = np.linalg.lstsq(columns, targets, rcond=1e-11)
        if columns.shape[1] and rank < columns.shape[1]:
            return  # some optimum has independent free columns
        x, z = np.zeros((dense.m, 2)), np.zeros((dense.Z.shape[1], 2))
        x[:, 1] = growth
        x[free], z[loose] = found[: len(free)], found[len(free) :]
        for k, state in gates.items():
            if state == "along":
                z[k] = x[dense.points[k]]
        residual = np.stack([dense.theta, np.zeros(len(dense.theta))], axis=1) - dense.J @ x - dense.Z @ z
        interval = self._optimal(states, gates, x, z, residual)
        if interval is not None:
            self.pieces.append((*interval, residual))

    def _optimal(self, states, gates, x, z, residual):
        """Caps in [0, top] for which all bounds and signs hold: every one is affine in the cap."""
        dense, rows = self.dense, []
        pulls = dense.Z.T @ residual
        for i, state in enumerate(states):
            pull = dense.J[:, i] @ residual
            mine = [k for k in range(len(pulls)) if dense.points[k] == i]
            size = dense.scale / dense.sizes[i], dense.scale * dense.sizes[i]
            if state == "zero":
                # What raising it gains, each gate going along or not.
                rows += [-(pull + sum((pulls[k] for k in chosen), np.zeros(2))) / size[1] for chosen in _subsets(mine)]
            else:
                rows.append(x[i] / size[0])
                if self.rates[i]:
                    rows.append((np.array([0, self.rates[i]]) - x[i]) / size[0])
                if state == "upper":
                    rows.append((pull + sum((pulls[k] for k in mine if gates[k] == "along"), np.zeros(2))) / size[1])
                for k in mine:
                    rows += [z[k] / size[0], (x[i] - z[k]) / size[0]]
                    rows += {"zero": [-pulls[k] / size[1]], "along": [pulls[k] / size[1]], "free": []}[gates[k]]
        low, high = 0.0, self.top
        for at_zero, slope in rows:
            if abs(slope) * self.top <= 1e-11:
                if at_zero < -1e-10:
                    return None
            elif slope > 0:
                low = max(low, -at_zero / slope)
            else:
                high = min(high, -at_zero / slope)
        return (low, high) if high - low > 1e-9 * self.top else None

    def residual(self, cap):
        """The affine residual, two columns, of a piece that is optimal at this cap, up to the rounding of its ends."""
        missed = [max(low - cap, cap - high, 0.0) for low, high, _ in self.pieces]
        assert min(missed) <= 1e-9 * self.top
        return self.pieces[int(np.argmin(missed))][2]

    def breakpoints(self):
        """Caps at which the residual turns, and by how much in units of theta per ``top``."""
        ends = np.unique([end for low, high, _ in self.pieces for end in (low, high)])
        ends = ends[np.concatenate([[True], np.diff(ends) > 1e-8 * self.top])]
        residuals = [self.residual((low + high) / 2) for low, high in itertools.pairwise(ends)]
        turns = [np.linalg.norm((b - a)[:, 1]) * self.top / self.dense.scale for a, b in itertools.pairwise(residuals)]
        return ends[1:-1], np.array(turns)


def _subsets(items):
    return itertools.chain.from_iterable(itertools.combinations(items, size) for size in range(len(items) + 1))


tiny = st.one_of(
    linear_instances(max_points=3, max_dim=4),
    two_layer_instances(max_points=3, max_dim=4, max_neurons=3),
    two_layer_instances(max_points=3, max_dim=4, max_neurons=3, kinks=True),
    kinked_instances(max_points=3, max_neurons=2, positive=True),
)


@examples(60)
@given(tiny, SUBGRADIENTS)
def test_enumerating_all_states_gives_the_same_breakpoints_and_the_same_epsilon(instance, subgradient):
    data, model = instance
    front = kc.trade_off(model, data, 3, subgradient=subgradient)
    if front.delta_max == 0:
        return
    rates = slackness_bounds(data, front.model, 1.0)
    every = Enumerated(Dense(data, front.model, subgradient), np.where(np.isfinite(rates), rates, 0.0), 1.5 * front.delta_max)
    for delta, epsilon in zip(front.delta, front.epsilon, strict=True):
        residual = every.residual(delta)
        assert_same_epsilon(np.linalg.norm(residual @ [1.0, delta]), epsilon, front, digits=1e-9)
    expected, turns = every.breakpoints()
    found = front.breakpoints[1:, 0]
    distance = np.abs(found[:, None] - expected) / front.delta_max
    # Where the residual hardly turns, where it does so is ill determined.
    clear = turns > 1e-8
    assert (distance[:, clear].min(axis=0) * np.minimum(turns[clear], 1.0) <= 1e-9).all()
    assert (distance.min(axis=1) <= 1e-7).all()
    assert (turns[distance.argmin(axis=1)] > 1e-10).all()


# Coordinates, order and scale


def moved(model, hidden, points=slice(None), neurons=slice(None), factor=1.0):
    """The model with other weights, its neurons and the points of its kinks reordered, its second layer scaled."""
    if isinstance(model, kc.LinearPredictor):
        return kc.LinearPredictor(hidden[0])
    kinks = None if model.kinks is None else model.kinks[neurons][:, points]
    return kc.TwoLayerReLU(hidden, factor * model.u[neurons], kinks)


def assert_same_front(front, other, subgradient, epsilon=1.0, delta=1.0):
    """The other front is this one with epsilon and delta in other units; each breakpoint of one is one of the other."""
    assert other.subgradient == subgradient
    caps = np.linspace(0, 1.2, 7) * front.delta_max
    assert_same_epsilon([other.at(delta * cap) / epsilon for cap in caps], [front.at(cap) for cap in caps], front, digits=1e-11)
    assert abs(other.delta_max / delta - front.delta_max) <= 1e-6 * front.delta_max
    for one, two in ((front.delta, other.delta / delta), (other.delta / delta, front.delta)):
        assert (np.abs(one[:, None] - two).min(axis=1) <= 1e-6 * front.delta_max).all()


@examples(20)
@given(uneven, seeds(), SUBGRADIENTS)
def test_the_order_of_points_and_neurons_and_the_coordinates_do_not_matter(planted, seed, subgradient):
    data, model, rng = planted.data, planted.model, np.random.default_rng(seed)
    points, neurons = rng.permutation(data.num_points), rng.permutation(model.num_neurons)
    wide = data.dim + int(rng.integers(0, 9))  # in more dimensions the same problem is solved in few
    Q = np.linalg.qr(rng.standard_normal((wide, wide)))[0][: data.dim]
    other = moved(model, model.hidden[neurons] @ Q, points, neurons)
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    assert_same_front(front, kc.trade_off(other, kc.Dataset(data.X[points] @ Q, data.y[points]), 0, subgradient=subgradient), subgradient)


@examples(20)
@given(
    uneven,
    SUBGRADIENTS,
    st.sampled_from([1e-5, 0.3, 7.0, 1e4]),
    st.sampled_from(["model", "points", "second layer"]),
)
def test_scaling_laws(planted, subgradient, c, what):
    """The model's scale is no matter; points and second layer times c divide epsilon by c and delta by its square."""
    data, model = planted.data, planted.model
    front = kc.trade_off(model, data, 0, subgradient=subgradient)
    if what == "model" or (isinstance(model, kc.LinearPredictor) and what == "second layer"):
        assert_same_front(front, kc.trade_off(model.scaled(c), data, 0, subgradient=subgradient), subgradient)
    else:
        scaled = (model, kc.Dataset(c * data.X, data.y)) if what == "points" else (moved(model, model.hidden, factor=c), data)
        assert_same_front(front, kc.trade_off(*scaled, 0, subgradient=subgradient), subgradient, epsilon=1 / c, delta=1 / c**2)


@examples(15)
@given(planted_models(error=(0.05,), slack=(0.5,), min_points=2), SUBGRADIENTS)
def test_few_dimensions_serve_as_well_as_all(planted, subgradient):
    """Points and weights in a subspace of many dimensions, with something of the weights outside the span of the points."""
    data, model = planted.data, planted.model
    wide = kc.Dataset(np.pad(data.X, [(0, 0), (0, 9)]), data.y)
    hidden = np.pad(model.hidden, [(0, 0), (0, 9)])
    hidden[:, -1] += 0.1
    front = kc.trade_off(moved(model, hidden), wide, 6, subgradient=subgradient)
    assert front.problem.compact.data.dim == wide.span.rank + 1 < wide.dim == front.problem.lin.data.dim
    for delta, epsilon in zip(front.delta, front.epsilon, strict=True):
        direct = kc.recover_multipliers(front.model, wide, slackness_cap=delta, subgradient=subgradient)
        assert abs(direct.epsilon - epsilon) <= 1e-13 * front.model.norm
        found, lin = front.multipliers_at(delta), linearise(front.model, wide, subgradient)
        assert (found.epsilon, found.epsilon_error) == lin.epsilon(lin.gates(found.values, found.kink_multipliers))


def test_in_few_dimensions_a_margin_counts_as_one_if_it_does_in_all():
    """The second margin exceeds 1 by less than the rounding of a product of length 2000, but by more than that of one of length 3."""
    w = np.zeros(2000)
    w[:3] = 1.0, 1.0 + 2e-11, 100.0
    data = kc.Dataset(np.eye(2, 2000), [1, 1])
    front = kc.trade_off(kc.LinearPredictor(w), data)
    assert front.problem.compact is front.problem.lin
    assert front.delta.tolist() == [0.0] and front.epsilon.tolist() == [100.0]


def counted(model, data, subgradient="clarke"):
    """The breakpoints, and how many problems were solved for them."""
    caps = []
    with pytest.MonkeyPatch.context() as patch:
        solve = ParametricProblem.solve
        patch.setattr(ParametricProblem, "solve", lambda problem, cap: caps.append(cap) or solve(problem, cap))
        return kc.trade_off(model, data, 0, subgradient=subgradient), len(caps)


def test_a_trained_network_whose_neurons_share_their_patterns():
    data = kc.sampling.gaussian(8, 100, rng=0)
    net = kc.train(kc.random_network(40, 100, rng=1), data, steps=1500, normalised=True).model
    front, solved = counted(net, data)
    assert solved <= 2 * len(front.breakpoints) + 6
    assert front.model.kinks.sum() >= 50 and len(np.unique(front.problem.lin.states, axis=0)) <= 25
    assert len(front.breakpoints) >= 8
    for (start, high), (end, low) in itertools.pairwise(front.breakpoints):
        found = front.multipliers_at((start + end) / 2)
        dense = Dense(data, front.model, "clarke", slackness_bounds(data, front.model, (start + end) / 2))
        assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-12
        third, last = (front.at(start + share * (end - start)) ** 2 for share in (1 / 4, 3 / 4))
        assert abs(found.epsilon**2 - (4 * (third + last) - high**2 - low**2) / 6) <= 1e-13 * front.model.norm**2


# Singular and extreme problems


def test_copies_share_their_slackness():
    """Two equal points of margin 2 need a total multiplier of 2, whichever way: equal shares have the least slackness, 1."""
    data, model = kc.Dataset([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, 1, 1]), kc.LinearPredictor([2.0, 1.0])
    front = kc.trade_off(model, data, 3)
    np.testing.assert_allclose(front.delta, [0, 0.25, 0.5, 0.75, 1], rtol=1e-14)
    np.testing.assert_allclose(front.epsilon, 2 - 2 * front.delta, atol=1e-15)
    np.testing.assert_array_equal(front.is_breakpoint, [True, False, False, False, True])


@examples(12)
@given(two_layer_instances(kinds=("deficient",), min_points=8, max_points=16, max_dim=4, max_neurons=4))
def test_many_points_in_few_dimensions(instance):
    data, net = instance
    front = kc.trade_off(net, data, 0)
    for delta in front.delta:
        found = front.multipliers_at(delta)
        dense = Dense(data, front.model, "clarke", slackness_bounds(data, front.model, delta))
        assert max(dense.conditions(found.values, found.kink_multipliers).values()) <= 1e-11
    for (start, high), (end, low) in itertools.pairwise(front.breakpoints):
        third, half, last = (front.at(start + share * (end - start)) ** 2 for share in (1 / 4, 1 / 2, 3 / 4))
        assert abs(half - (4 * (third + last) - high**2 - low**2) / 6) <= 1e-12 * front.model.norm**2


@pytest.mark.parametrize("spread", [1e-3, 1e-6, 1e-9, 3e-11])
def test_margins_close_to_one_make_a_front_of_little_slackness(spread):
    """Multipliers are about 1, so all that matters happens below a slackness of about the largest margin minus one."""
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.standard_normal((10, 6)))[0].T
    excess = spread * np.array([0, 1, 1.5, 2, 3, 1e3])
    front = kc.trade_off(kc.LinearPredictor((1 + excess) @ Q), kc.Dataset(Q, np.ones(6)), 0)
    expected = [0, *(excess[1:] * (1 + excess[1:]))]
    np.testing.assert_allclose(front.breakpoints[:, 0], expected, rtol=1e-14 / spread)
    assert front.epsilon_at_zero == pytest.approx(np.linalg.norm(1 + excess[1:]), rel=1e-12)
    assert front.least_epsilon <= 1e-14


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-8, 1e-12])
def test_points_that_nearly_repeat_end_in_a_right_front(distance):
    for seed in range(4, 7):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((4, 6))
        X = np.concatenate([X, X[:3] + distance * rng.standard_normal((3, 6))])
        model = kc.LinearPredictor(rng.standard_normal(6))
        data = kc.Dataset(X, np.sign(model.outputs(X)))
        front = kc.trade_off(model, data, 5)
        for delta, epsilon in zip(front.delta, front.epsilon, strict=True):
            assert_same_epsilon(front.at(delta), epsilon, front, digits=1e-10)
            dense = Dense(data, front.model, "clarke", slackness_bounds(data, front.model, delta))
            assert_not_above_the_dual(front.multipliers_at(delta), dense, 1e-10)
        # No breakpoint is one of rounding: the pieces beside it differ, seen from their middles.
        ends = [*front.breakpoints[:, 0], 1.5 * front.delta_max]
        middles = [front.problem.solve((low + high) / 2) for low, high in itertools.pairwise(ends)]
        assert len(middles) >= 3
        assert not any(front.problem.joined(left, right) for left, right in itertools.pairwise(middles))


@given(instances() | instances(kinds=("deficient", "duplicates"), max_points=9), SUBGRADIENTS)
def test_two_solved_problems_for_each_piece_are_about_enough(instance, subgradient):
    data, model = instance
    front, solved = counted(model, data, subgradient)
    assert solved <= 3 * len(front.breakpoints) + 8


def test_a_gain_below_rounding_is_no_part_of_the_front():
    """From 2 - eta to 2 + eta the third multiplier gains 2 eta**2, which 10**2 does not show: the least epsilon is reached at 2 - eta."""
    eta = 1e-9
    data = kc.Dataset([[1.0, 0, 0, 0], [0, 1.0, 0, 0], [4.0, -1.0, 1.0, 0]], [1, 1, 1])
    front = kc.trade_off(kc.LinearPredictor([1.0, 2.0, eta, 10.0]), data, 40)
    assert len(pieces.breakpoints(front.problem)) == 3
    np.testing.assert_allclose(front.breakpoints, [[0, np.sqrt(104)], [2 - eta, 10]], rtol=1e-15)
    assert (np.diff(front.epsilon) < 0).all()


def test_points_that_rounding_puts_beside_a_breakpoint_are_left_out():
    """Along this front epsilon falls by five parts in 10**13: there are not as many numbers between its ends as points asked for."""
    front = kc.trade_off(kc.LinearPredictor([1.0, 1.0 + 3e-7, 1e6]), kc.Dataset(np.eye(2, 3), [1, 1]), 1500)
    assert len(front.breakpoints) == 2 < len(front.delta) < 1502
    assert (np.diff(front.epsilon) < 0).all() and (np.diff(front.delta) > 0).all()


def test_breakpoints_closer_than_can_be_told_apart_count_once(monkeypatch):
    data, model = kc.Dataset(np.eye(4), np.ones(4)), kc.LinearPredictor([1.0, 2.0, 2.003, 4.0])
    np.testing.assert_allclose(kc.trade_off(model, data, 0).breakpoints[:, 0], [0, 2, 2.003 * 1.003, 12], rtol=1e-14)
    monkeypatch.setattr(pieces, "NARROW", 0.3)
    start, between, end = kc.trade_off(model, data, 0).breakpoints
    assert start[0] == 0 and 0.7 * 2 <= between[0] <= 2.01 and end[0] == pytest.approx(12, rel=1e-14)
    assert between[1] == pytest.approx(np.sqrt((2 - between[0]) ** 2 + (2.003 - between[0] / 1.003) ** 2 + (4 - between[0] / 3) ** 2), rel=1e-14)


@examples(10)
@given(uneven, SUBGRADIENTS)
def test_poor_guesses_cost_solved_problems_and_nothing_else(planted, subgradient):
    def singular(*arguments):
        raise SingularSystem

    front = kc.trade_off(planted.model, planted.data, 0, subgradient=subgradient)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parametric, "cholesky_solve", singular)
        other = kc.trade_off(planted.model, planted.data, 0, subgradient=subgradient)
    assert_same_front(front, other, subgradient)


@pytest.mark.parametrize("share", [2e-6, 1 - 2e-6])
def test_guesses_that_hug_an_end_are_given_up(monkeypatch, share):
    monkeypatch.setattr(ParametricProblem, "crossing", lambda problem, a, b: a.cap + share * (b.cap - a.cap))
    front = kc.trade_off(kc.LinearPredictor([1.0, 2.0, 4.0, 1.5]), kc.Dataset(np.eye(4), np.ones(4)), 0)
    np.testing.assert_allclose(front.breakpoints[:, 0], [0, 0.75, 2, 12], rtol=1e-9)


def test_breakpoints_found_by_halving_alone_are_sharpened(monkeypatch):
    monkeypatch.setattr(pieces, "PATIENCE", 0)
    front = kc.trade_off(kc.LinearPredictor([1.0, 2.0, 4.0, 1.5]), kc.Dataset(np.eye(4), np.ones(4)), 0)
    np.testing.assert_allclose(front.breakpoints[:, 0], [0, 0.75, 2, 12], rtol=1e-15)


@given(seeds())
def test_the_derivative_does_not_suffer_from_a_margin_close_to_one(seed):
    """It is linear between breakpoints, whatever rounding leaves of the pull on the point whose multiplier may grow with the rate 1e9."""
    rng = np.random.default_rng(seed)
    X = np.linalg.qr(rng.standard_normal((5, 3)))[0].T + 0.1 * rng.standard_normal((3, 5))
    model = kc.LinearPredictor(np.linalg.lstsq(X, [1, 1 + 1e-9, 3], rcond=None)[0])
    front = kc.trade_off(model, kc.Dataset(X, np.ones(3)), 0)
    start, end = front.breakpoints[-2:, 0]
    caps = start + np.array([0.1, 0.3, 0.5]) * (end - start)
    low, middle, high = (front.problem.descent(front.problem.solve(cap)) for cap in caps)
    assert middle == pytest.approx((low + high) / 2, rel=1e-11)


def test_pieces_that_never_join_are_an_error(monkeypatch):
    data, model = kc.Dataset(np.eye(3), [1, 1, 1]), kc.LinearPredictor([1.0, 2.0, 3.0])
    monkeypatch.setattr(pieces, "PATIENCE", 0)  # halving only
    monkeypatch.setattr(pieces, "EFFORT", 1)
    message = r"do not join between the caps [\d.]+ and [\d.]+ after 13 solved problems: drop points that nearly repeat"
    with pytest.raises(kc.SolverError, match=message):
        kc.trade_off(model, data)


# Points for drawing


@given(instances(), SUBGRADIENTS, st.integers(0, 40))
def test_there_are_as_many_points_between_the_breakpoints_as_asked_for(instance, subgradient, num):
    data, model = instance
    front = kc.trade_off(model, data, num, subgradient=subgradient)
    bare = kc.trade_off(model, data, 0, subgradient=subgradient)
    np.testing.assert_array_equal(front.breakpoints, bare.breakpoints)
    between = int((~front.is_breakpoint).sum())
    assert between == (num if len(bare.delta) > 1 else 0)


def test_points_are_evenly_spread_along_the_curve():
    data = kc.sampling.gaussian(6, 30, rng=3)
    model = kc.LinearPredictor((data.y * np.linspace(0.5, 1.5, 6)) @ data.X + 0.5 * (np.eye(30) - data.span.basis @ data.span.basis.T)[0])
    front = kc.trade_off(model, data, 500)
    x, y = front.delta / front.delta_max, (front.epsilon - front.least_epsilon) / (front.epsilon_at_zero - front.least_epsilon)
    assert front.least_epsilon > 0.1 * front.epsilon_at_zero
    steps = np.hypot(np.diff(x), np.diff(y))
    corners = np.flatnonzero(front.is_breakpoint)
    for start, end in itertools.pairwise(corners):
        piece = steps[start:end]
        assert piece.max() <= 1.02 * piece.min()
        assert abs(end - start - 1 - 500 * piece.sum() / steps.sum()) <= 1.01


# The model that is certified, and certificates


@examples(15)
@given(planted_networks(error=(0.05,), slack=(0.5,), min_points=2), seeds())
def test_kinks_are_snapped_as_a_certificate_does(planted, seed):
    noise = np.random.default_rng(seed).standard_normal(planted.model.W.shape)
    W = planted.model.W + 1e-4 * min(planted.nearest, 0.01) * np.linalg.norm(planted.model.W, axis=1)[:, None] * noise / np.sqrt(planted.data.dim)
    net, tol = kc.TwoLayerReLU(W, planted.model.u), 1e-2 * min(planted.nearest, 0.01)
    certificate = kc.certify(net, planted.data, kink_tol=tol)
    front = kc.trade_off(net, planted.data, 2, kink_tol=tol)
    np.testing.assert_array_equal(front.model.kinks, planted.kinks)
    np.testing.assert_array_equal(front.model.W, certificate.model.W)
    assert front.tau == certificate.tau
    rounding = [front.multipliers_at(delta).epsilon_error for delta in front.delta]
    np.testing.assert_allclose(front.epsilon_error - rounding, certificate.kinks.noise, rtol=1e-6)
    assert_same_epsilon(front.least_epsilon, certificate.epsilon, front)
    again = kc.trade_off(net, planted.data, 2, certificate=certificate)
    for name in ("delta", "epsilon", "epsilon_error", "is_breakpoint", "multipliers", "tau"):
        np.testing.assert_array_equal(getattr(again, name), getattr(front, name))


def test_a_certificate_of_another_scale_or_under_a_cap_or_of_the_other_convention_will_do():
    rng = np.random.default_rng(0)
    data = kc.sampling.gaussian(6, 30, rng=1)
    net = kc.TwoLayerReLU(rng.standard_normal((5, 30)), [1.0, -1.0, 1.0, -1.0, 1.0])
    data = kc.Dataset(data.X, np.sign(net.outputs(data.X)))
    net = net.scaled(1 / net.margins(data).min())
    for subgradient in ("clarke", "indicator"):
        front = kc.trade_off(net, data, 2, subgradient=subgradient)
        for options in ({"scale": 3.0}, {"slackness_cap": 0.1}):
            certificate = kc.certify(net, data, subgradient=subgradient, **options)
            other = kc.trade_off(net.scaled(7.0), data, 2, certificate=certificate)
            np.testing.assert_allclose(other.delta, front.delta, rtol=1e-11)
            np.testing.assert_allclose(other.epsilon, front.epsilon, rtol=1e-11)
            assert other.subgradient == subgradient and abs(other.model.margins(data).min() - 1) <= 1e-14


data, model = kc.Dataset(np.eye(2), [1, 1]), kc.LinearPredictor([1.0, 2.0])
certificate = kc.certify(model, data)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((model, data, -1), {}, "num = -1: a whole number of at least 0 is needed"),
        ((model, data, 2.5), {}, "num = 2.5: a whole number of at least 0 is needed"),
        ((model, data, True), {}, "num = True: a whole number of at least 0 is needed"),
        ((model, data, "many"), {}, "num = 'many': a whole number of at least 0 is needed"),
        ((model, data, None), {}, "num = None: a whole number of at least 0 is needed"),
        ((model, np.eye(2)), {}, "data must be a kktcheck.Dataset, not ndarray"),
        ((model, np.eye(2)), {"certificate": certificate}, "data must be a kktcheck.Dataset, not ndarray"),
        (([1.0, 2.0], data), {}, "model must be a LinearPredictor or a TwoLayerReLU, not list"),
        ((kc.LinearPredictor([1.0, 2.0, 3.0]), data), {}, "takes points of dimension 3"),
        ((model, data), {"subgradient": "relu"}, "subgradient 'relu' is unknown"),
        ((model, data), {"kink_tol": -1.0}, "kink_tol = -1.0: 'auto' or a number in [0, 1) is needed"),
        ((model, data), {"certificate": 1.0}, "certificate must be a kktcheck.Certificate, not float"),
        ((kc.LinearPredictor([1.0, 3.0]), data), {"certificate": certificate}, "the certificate belongs to another model"),
        ((model, kc.Dataset(2 * np.eye(2), [1, 1])), {"certificate": certificate}, "the certificate belongs to other data"),
        ((model, data), {"certificate": certificate, "subgradient": "indicator"}, "subgradient 'indicator', but the certificate is of 'clarke'"),
        ((model, data), {"certificate": certificate, "kink_tol": 0.1}, "kink_tol = 0.1, but the certificate has its kinks already"),
    ],
)
def test_bad_input_is_refused_with_the_way_out(arguments, options, message):
    with pytest.raises(kc.InputError) as caught:
        kc.trade_off(*arguments, **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("delta", [-0.1, np.nan, "0", None, True])
def test_a_cap_that_is_no_number_of_at_least_zero_is_refused(delta):
    with pytest.raises(kc.InputError, match="delta = .*: a number of at least 0 is needed"):
        kc.trade_off(model, data).at(delta)


def test_an_infeasible_model_is_refused_as_a_certificate_does():
    with pytest.raises(kc.InfeasibleError, match="point 1 has a margin of at most 0") as caught:
        kc.trade_off(kc.LinearPredictor([1.0, -1.0]), data)
    assert caught.value.points == (1,)


def test_a_front_shows_itself():
    data = kc.sampling.gaussian(25, 60, rng=0)
    model = kc.LinearPredictor(np.linalg.lstsq(data.X, data.y * np.linspace(1, 2, 25), rcond=None)[0])
    front = kc.trade_off(model, data, 4)
    count = len(front.breakpoints)
    assert count > 16
    title, second, header, rule, *rows = front.summary().splitlines()
    assert title == "Trade-off of LinearPredictor(60 dimensions) on 25 points, clarke subgradient"
    assert second == f"{count} breakpoints, 16 of them shown; parametric active set"
    assert header.split("  ")[-1].strip() == "largest multiplier" and set(rule) == {"-", " "}
    numbers = np.array([row.split() for row in rows], dtype=float)
    shown = np.searchsorted(front.delta, numbers[:, 0] * (1 - 1e-5))
    assert numbers[0, 0] == 0 and shown[-1] == len(front.delta) - 1 and len(rows) == 16 and front.is_breakpoint[shown].all()
    np.testing.assert_allclose(numbers[:, 1], front.epsilon[shown], rtol=1e-5)
    np.testing.assert_allclose(numbers[:, 2], front.epsilon[shown] / front.model.norm, rtol=1e-5)
    np.testing.assert_array_equal(numbers[:, 3], (front.multipliers[shown] > 0).sum(axis=1))
    np.testing.assert_allclose(numbers[:, 4], front.multipliers[shown].max(axis=1), rtol=1e-5)
    assert repr(front).startswith(f"TradeOff({count} breakpoints from epsilon=") and repr(front).endswith(", clarke)")
    assert "1 breakpoint;" in kc.trade_off(kc.LinearPredictor([1.0, 1.0]), kc.Dataset(np.eye(2), [1, 1])).summary()
