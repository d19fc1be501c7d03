"""What is left of a forgotten point: against explicit projections, exact arithmetic, and what unlearning steps must do to it."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, certify, gradient_ascent, residual_influence
from kktcheck.influence import INSIDE, NO_WEIGHT, NOTHING_TYPICAL
from kktcheck.tolerances import EPS

from . import rational
from .instances import datasets, examples, seeds, small_matrices
from .kkt_instances import planted_networks, planted_predictors

instances = planted_networks(min_points=2) | planted_predictors(min_points=2, max_points=7, min_dim=8, max_dim=12)


def forget_sets(data):
    m = data.num_points
    return st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True)


def network(seed, dim, n=3):
    rng = np.random.default_rng([seed, 1])
    return TwoLayerReLU(rng.standard_normal((n, dim)), np.ones(n))


def outside(x, rows):
    """The part of x orthogonal to the rows, by a singular value decomposition in d dimensions; None if it is rounding."""
    _, sizes, basis = np.linalg.svd(np.reshape(rows, (-1, len(x))), full_matrices=False)
    basis = basis[sizes > 1e-9]
    part = x - basis.T @ (basis @ x)
    part -= basis.T @ (basis @ part)
    return None if np.linalg.norm(part) <= 1e-9 * np.linalg.norm(x) else part


@given(datasets(min_points=2), st.data(), seeds(), st.booleans())
def test_weights_are_those_of_explicit_projections_in_all_dimensions(data, draws, seed, linear):
    forget = draws.draw(forget_sets(data))
    model = network(seed, data.dim)
    model = LinearPredictor(model.W[0]) if linear else model
    found = residual_influence(model, data, forget)
    kept = [i for i in range(data.num_points) if i not in forget]
    for row, i in enumerate(forget):
        part = outside(data.X[i], data.X[kept])
        if part is None:
            assert found.reasons[row] == INSIDE and found.outside[row] == 0
            assert np.isnan(found.weights[row]).all() and np.isnan([found.totals[row], found.relative[row], found.rounding[row]]).all()
            continue
        weights = model.hidden @ part / (part @ part)
        assert np.abs(found.weights[row] - weights).max() <= found.rounding[row]
        assert found.totals[row] == pytest.approx(np.linalg.norm(weights), rel=1e-12, abs=found.rounding[row])
        assert found.outside[row] == pytest.approx(np.linalg.norm(part) / np.linalg.norm(data.X[i]), abs=1e-12)
    totals = []
    for row, i in enumerate(kept):
        part = outside(data.X[i], data.X[[k for k in kept if k != i]])
        expected = np.nan if part is None else np.linalg.norm(model.hidden @ part) / (part @ part)
        # Rounding grows with the inverse square of the distance.
        slack = 0.0 if part is None else 1e3 * EPS * model.norm / min(1.0, part @ part)
        assert found.retained_totals[row] == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=slack)
        totals += [] if part is None else [found.retained_totals[row]]
    if totals:
        assert found.typical == np.median(totals)
        np.testing.assert_array_equal(found.relative, found.totals / found.typical)
    else:
        assert np.isnan(found.typical) and np.isnan(found.relative).all() and set(found.reasons) <= {INSIDE, NOTHING_TYPICAL}


def exact_total(W, x, rows):
    """Total weight of x beyond the rows in exact arithmetic, as its square; None if x lies in their span."""
    part = rational.off(x, rows)
    size = rational.dot(part, part)
    return None if size == 0 else sum((rational.dot(w, part) / size) ** 2 for w in W)


@examples(20)
@given(st.integers(2, 5), st.integers(1, 5), st.data())
def test_totals_agree_with_exact_arithmetic_to_their_own_rounding_bound(m, d, draws):
    X, W = draws.draw(small_matrices(rows=m, columns=d)), draws.draw(small_matrices(rows=2, columns=d))
    data, model = Dataset(X, np.ones(m)), TwoLayerReLU(W, [1.0, -1.0])
    forget = draws.draw(forget_sets(data))
    found = residual_influence(model, data, forget)
    kept = [i for i in range(m) if i not in forget]
    X, W = rational.fractions(X), rational.fractions(W)
    for row, i in enumerate(forget):
        exact = exact_total(W, X[i], [X[k] for k in kept])
        assert (exact is None) == (found.reasons[row] == INSIDE)
        if exact is not None:
            assert abs(found.totals[row] - float(exact) ** 0.5) <= found.rounding[row] <= 1e-8
    for row, i in enumerate(kept):
        exact = exact_total(W, X[i], [X[k] for k in kept if k != i])
        assert (exact is None) == np.isnan(found.retained_totals[row])
        if exact is not None:
            assert found.retained_totals[row] == pytest.approx(float(exact) ** 0.5, abs=1e-10)


@examples(15)
@given(st.integers(10, 36), st.data())
def test_the_rounding_bound_grows_with_the_condition_of_the_retained_points(power, draws):
    """Retained points that are 2**-power apart; what is left of the forgotten one is known to that many digits fewer."""
    base, X, W = (draws.draw(small_matrices(rows=rows, columns=6)) for rows in (1, 5, 2))
    X[:4] = base + X[:4] * 2.0**-power
    found = residual_influence(TwoLayerReLU(W, [1.0, 1.0]), Dataset(X, np.ones(5)), 4)
    rows = rational.fractions(X)
    exact = exact_total(rational.fractions(W), rows[4], rows[:4])
    if exact is None or found.outside[0] <= 1e-3:  # the tolerance of IN_SPAN has a test of its own
        return
    assert abs(found.totals[0] - float(exact) ** 0.5) <= found.rounding[0]


@given(instances, st.data())
def test_at_a_kkt_point_the_weight_is_the_points_own_term_of_the_stationarity_sum(planted, draws):
    data, model = planted.data, planted.model
    i = draws.draw(st.integers(0, data.num_points - 1))
    found = residual_influence(model, data, i)
    own = model.second_layer * data.y[i] * planted.gates[:, i]
    assert np.abs(found.weights[0] - own).max() <= found.rounding[0]


@given(instances, st.data(), st.floats(0, 1.5))
def test_the_projected_step_leaves_one_minus_its_fraction_of_every_weight(planted, draws, fraction):
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted.data))
    before = residual_influence(model, data, forget)
    result = gradient_ascent(model, data, forget, certificate=certify(model, data), method="projected", fraction=fraction)
    after = residual_influence(result, data, forget)
    # The multipliers that the step uses are right to about 1e-12.
    assert np.abs(after.weights - (1 - fraction) * before.weights).max() <= 4 * before.rounding.max() + 1e-11 * np.abs(before.weights).max()
    np.testing.assert_allclose(after.retained_totals, before.retained_totals, rtol=1e-9)


@given(instances, st.data(), st.floats(0, 2))
def test_the_plain_step_takes_the_multiplier_of_its_point_away(planted, draws, fraction):
    data, model = planted.data, planted.model.scaled(1.7)
    i = draws.draw(st.integers(0, data.num_points - 1))
    certificate = certify(model, data)
    before = residual_influence(model, data, i)
    result = gradient_ascent(model, data, i, certificate=certificate, fraction=fraction)
    after = residual_influence(result, data, i)
    taken = fraction * model.second_layer * data.y[i] * certificate.gates()[:, i] / certificate.scale
    assert np.abs(after.weights - before.weights + taken).max() <= 2 * (before.rounding[0] + after.rounding[0])


@given(instances, st.data(), seeds(), st.floats(-20, 20), st.floats(-20, 20))
def test_relative_totals_know_no_coordinates_order_or_scale(planted, draws, seed, model_power, point_power):
    data, model, forget = planted.data, planted.model.scaled(2.0**model_power), draws.draw(forget_sets(planted.data))
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.standard_normal((data.dim, data.dim)))[0]
    order, neurons, c = rng.permutation(data.num_points), rng.permutation(model.num_neurons), 2.0**point_power
    before = residual_influence(planted.model, data, forget)
    moved = model.with_hidden((model.hidden @ rotation)[neurons])
    place = np.argsort(order)
    after = residual_influence(moved, Dataset(c * (data.X @ rotation)[order], data.y[order]), place[forget])
    factor = 2.0**model_power / c
    noise = 4 * before.rounding.max()
    np.testing.assert_allclose(after.weights / factor, before.weights[:, neurons], rtol=0, atol=noise)
    np.testing.assert_allclose(after.totals / factor, before.totals, rtol=0, atol=noise)
    np.testing.assert_allclose(after.rounding / factor, before.rounding, rtol=1e-6)
    np.testing.assert_allclose(after.relative, before.relative, rtol=1e-9, atol=noise / before.typical)
    np.testing.assert_allclose(after.outside, before.outside, rtol=1e-9)
    kept = [k for k in range(data.num_points) if k not in forget]
    moved_kept = [k for k in range(data.num_points) if order[k] not in forget]
    positions = [kept.index(order[k]) for k in moved_kept]
    np.testing.assert_allclose(after.retained_totals / factor, before.retained_totals[positions], rtol=1e-9)


@given(datasets(kinds=("spread",), min_points=2, max_dim=8), st.data(), seeds())
def test_a_point_scaled_by_c_has_its_weight_divided_by_c_and_the_others_keep_theirs(data, draws, seed):
    """Norms that differ by up to 1e24: nothing of a short point is lost beside a long one."""
    model, i = network(seed, data.dim), draws.draw(st.integers(0, data.num_points - 1))
    factors = 2.0 ** np.random.default_rng(seed).integers(-40, 41, data.num_points)
    before = residual_influence(model, data, i)
    after = residual_influence(model, Dataset(factors[:, None] * data.X, data.y), i)
    assert before.reasons[0] == after.reasons[0] or {before.reasons[0], after.reasons[0]} <= {None, NO_WEIGHT}
    np.testing.assert_allclose(after.weights * factors[i], before.weights, rtol=0, atol=8 * before.rounding[0] if before.outside[0] else 0.0)
    kept = np.delete(factors, i)
    sizes = np.nanmax(np.append(before.retained_totals, 0.0))
    np.testing.assert_allclose(after.retained_totals * kept, before.retained_totals, rtol=1e-8, atol=1e-11 * sizes)


@given(seeds())
def test_of_a_dependent_retained_set_the_points_on_their_own_keep_their_totals(seed):
    """A copy, a combination and a point that is far from both."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((5, 9))
    model = network(seed, 9)
    without = residual_influence(model, Dataset(X, np.ones(5)), 4)
    more = np.vstack([X, X[0], X[1] - 2 * X[2]])
    found = residual_influence(model, Dataset(more, np.ones(7)), 4)
    assert np.isnan(found.retained_totals).tolist() == [True, True, True, False, True, True]
    assert found.retained_totals[3] == pytest.approx(without.retained_totals[3], rel=1e-9)
    assert found.typical == found.retained_totals[3]
    np.testing.assert_allclose(found.weights, without.weights, rtol=1e-9)


def test_a_copy_up_to_rounding_does_not_hide_a_near_neighbour():
    """b is a millionth away from a; a third point is a plus 1e-7 of the way to b, which is a itself to 13 digits."""
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    b = Q[0] + 1e-6 * Q[1]
    X = np.stack([Q[0], b, Q[0] + 1e-7 * (b - Q[0]), Q[2]])
    found = residual_influence(LinearPredictor(Q.sum(axis=0)), Dataset(X, np.ones(4)), 3)
    assert np.isnan(found.retained_totals).tolist() == [True, False, True]
    assert found.typical == pytest.approx(1e6, rel=1e-6)


@pytest.mark.parametrize(("share", "defined"), [(1e-8, True), (1e-9, True), (1.1e-11, False), (1e-13, False), (0.0, False)])
def test_a_point_counts_as_outside_from_the_tolerance_on(share, defined):
    """Alike for the forgotten point and, told by leaving one out, for a retained one."""
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    X = np.stack([Q[0], Q[1] + 0.1 * Q[0], Q[0] - Q[1] + share * Q[2], Q[3]])
    model = LinearPredictor(Q.sum(axis=0))
    found = residual_influence(model, Dataset(X, np.ones(4)), 2)
    assert (found.reasons[0] is None) == defined
    if defined:
        # <w, q> is 1 share over a distance of that size.
        assert found.totals[0] == pytest.approx(1 / share, rel=1e-5)
        assert found.outside[0] == pytest.approx(share / np.sqrt(2), rel=1e-5)
    retained = residual_influence(model, Dataset(X, np.ones(4)), 3).retained_totals
    assert (~np.isnan(retained)).tolist() == [defined] * 3


def test_of_a_single_retained_point_there_is_nothing_to_take_away():
    X = np.array([[3.0, 4.0, 0.0], [0.0, 5.0, 1.0]])
    found = residual_influence(LinearPredictor([1.0, 2.0, 3.0]), Dataset(X, [1, -1]), 1)
    assert found.retained_totals.tolist() == pytest.approx([11 / 25])
    part = np.array([0.0, 5.0, 1.0]) - Fraction(20, 25) * np.array([3.0, 4.0, 0.0])
    assert found.weights[0, 0] == pytest.approx(float(part @ [1, 2, 3]) / float(part @ part))


def test_undefined_values_carry_their_reasons():
    eye = np.eye(4)
    # More points than dimensions.
    found = residual_influence(LinearPredictor([1.0, 2.0]), Dataset([[1, 0], [0, 1], [1, 1], [1, -1.0]], np.ones(4)), 0)
    assert found.reasons == (INSIDE,) and np.isnan(found.typical) and np.isnan(found.retained_totals).all()
    # Defined itself, but every retained point has a copy.
    found = residual_influence(LinearPredictor(np.ones(4)), Dataset(eye[[0, 1, 1]], np.ones(3)), 0)
    assert found.totals.tolist() == [1.0] and found.reasons == (NOTHING_TYPICAL,) and np.isnan(found.relative).all()
    # The model holds nothing of the retained points: a ratio of rounding errors is no ratio.
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.standard_normal((9, 9)))[0]
    found = residual_influence(LinearPredictor(Q[0]), Dataset(Q[:4], np.ones(4)), 0)
    assert found.totals[0] == pytest.approx(1.0) and found.typical <= 1e-15 and found.reasons == (NO_WEIGHT,) and np.isnan(found.relative[0])
    # One of two forgotten points is a copy of a retained one.
    found = residual_influence(LinearPredictor(np.ones(4)), Dataset(eye[[0, 0, 1, 2]], np.ones(4)), [3, 1])
    assert found.points.tolist() == [3, 1] and found.reasons == (None, INSIDE)
    assert found.relative[0] == 1.0 and np.isnan(found.relative[1])


def test_two_forgotten_copies_are_judged_against_the_retained_points_alone():
    data = Dataset(np.eye(3)[[0, 0, 1, 2]], np.ones(4))
    found = residual_influence(LinearPredictor([3.0, 1.0, 1.0]), data, [0, 1])
    assert found.weights.tolist() == [[3.0], [3.0]] and found.relative.tolist() == [3.0, 3.0]


def test_the_summary_holds_the_numbers_and_the_reasons():
    found = residual_influence(LinearPredictor([3.0, 1.0, 1.0]), Dataset(np.eye(3)[[0, 1, 1, 2]], np.ones(4)), [0, 1])
    text = found.summary()
    assert text.splitlines()[0] == "Weight of 2 forgotten points beyond 2 retained; a typical one has 1"
    assert INSIDE in text and repr(found) == "ResidualInfluence(2 points, relative [ 3. nan])"
    assert text.splitlines()[3].split()[:3] == ["0", "1", "3"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": np.ones(3)}, "model must be a LinearPredictor or a TwoLayerReLU, not ndarray"),
        ({"model": LinearPredictor([1.0, 2.0])}, "the model takes points of dimension 2"),
        ({"data": np.eye(3)}, "data must be a kktcheck.Dataset, not ndarray"),
        ({"forget": []}, "the forget set is empty"),
        ({"forget": 3}, "names point 3"),
        ({"forget": [0, 0]}, "more than once"),
        ({"forget": range(3)}, "holds all 3 points: nothing would be retained"),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    arguments = {"model": LinearPredictor(np.ones(3)), "data": Dataset(np.eye(3), np.ones(3)), "forget": 0} | changes
    with pytest.raises(InputError, match=message):
        residual_influence(**arguments)
