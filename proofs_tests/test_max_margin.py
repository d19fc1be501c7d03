"""Max-margin predictors: the KKT conditions in float64 and in fractions, uniqueness from everywhere, duality, closed forms, and two engines."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, MaxMargin, NotSeparableError, certificate, hard_margin, kkt_residuals, max_margin, sampling
from kktcheck.tolerances import EPS
from kktcheck.unit_rows import UnitRows

from .instances import KINDS, examples, linear_instances, seeds
from .max_margin_instances import lattice_data, on_support, optimum, thin_data, violations
from .test_import import modules_after

#: KKT residual promised where the rounding of the margins is not larger.
EXACT = 1e-12


def promised(found, data):
    """The KKT residual that an exact answer has: 1e-12, or what rounding leaves of the products of w with the support points."""
    return max(EXACT, 64 * EPS * found.model.norm * data.norms[found.support].max())


def close(found, expected, share=1e-9):
    """Weights agree to a share of their length."""
    return np.linalg.norm(found - expected) <= share * np.linalg.norm(expected)


@examples(80)
@given(linear_instances(max_points=30, max_dim=20))
def test_the_four_conditions_hold_and_the_report_is_the_truth(instance):
    data, _ = instance
    found = max_margin(data)
    assert found.status == "exact"
    for name in ("stationarity", "primal", "dual", "slackness"):
        measured = getattr(kkt_residuals(found.model, data, found.multipliers), name)
        assert measured <= promised(found, data)
        assert abs(getattr(found.residuals, name) - measured) <= 0.1 * promised(found, data)
    np.testing.assert_allclose(found.margins, found.model.margins(data), rtol=1e-12)
    np.testing.assert_array_equal(found.support, np.flatnonzero(found.multipliers))
    assert found.margin == pytest.approx(1 / found.model.norm, rel=1e-11)
    assert found.condition >= 1 - 1e-9
    assert certificate.certify(found.model, data).epsilon <= 1e-11 * found.model.norm


@pytest.mark.parametrize("shape", [(60, 40), (75, 50), (90, 120), (150, 100), (225, 150), (220, 260), (400, 20)])
@pytest.mark.parametrize("seed", [0, 1])
def test_random_points_with_random_labels_up_to_three_halves_of_the_dimension(shape, seed):
    data = sampling.gaussian(*shape, rng=seed)
    if shape[0] > 2 * shape[1]:  # labelled by a predictor: random labels of so many points cannot be separated
        data = Dataset(data.X, np.sign(data.X @ np.random.default_rng(seed).standard_normal(shape[1])))
    found = max_margin(data)
    assert found.status == "exact"
    assert kkt_residuals(found.model, data, found.multipliers).kkt <= EXACT


@examples(60)
@given(linear_instances(max_points=20), st.integers(0, 3))
def test_strong_duality_and_the_distance_of_the_convex_hull(instance, seed):
    data, _ = instance
    found = max_margin(data)
    assert found.model.norm**2 == pytest.approx(found.multipliers.sum(), rel=1e-11)
    signed = data.y[:, None] * data.X
    shares = found.multipliers / found.multipliers.sum()
    # A point of the hull this near, and none nearer: every point of the hull is at least the margin away along w.
    assert np.linalg.norm(shares @ signed) == pytest.approx(found.margin, rel=1e-11)
    assert (signed @ found.model.w).min() / found.model.norm >= found.margin * (1 - 1e-11)
    others = np.random.default_rng(seed).dirichlet(np.full(len(signed), 0.3), 50)
    assert np.linalg.norm(others @ signed, axis=1).min() >= found.margin * (1 - 1e-11)


@examples(25)
@given(linear_instances(max_points=12))
def test_the_engines_agree(instance):
    data, _ = instance
    ours, other = max_margin(data), max_margin(data, engine="cvxpy")
    assert (other.status, other.engine, ours.engine) == ("exact", "cvxpy", "active-set")
    assert other.residuals.kkt <= 1e-8
    assert other.margin == pytest.approx(ours.margin, rel=1e-8)
    assert close(other.model.w, ours.model.w, 1e-5)  # a multiplier that vanishes costs half of CLARABEL's digits
    if ours.unique and other.unique:
        np.testing.assert_allclose(other.multipliers, ours.multipliers, atol=1e-4 * ours.multipliers.max() * ours.condition)


def routes(patch):
    """Every way to the solution that a size or a condition would choose, whatever the size."""
    patch.setattr(hard_margin, "FEW", 0)
    patch.setattr(hard_margin, "FEW_IN_FEWER", 0)
    yield "Gram matrix", hard_margin._through_gram
    yield "parts", hard_margin._by_parts
    yield "rows", lambda rows: hard_margin._through_rows(rows, None)
    exchange, calls = hard_margin.exchange, []

    def later(*arguments):
        calls.append(arguments)
        return exchange(*arguments) if len(calls) % 4 == 0 else None

    patch.setattr(hard_margin, "exchange", later)
    yield "proximal steps", hard_margin._through_gram


@pytest.mark.parametrize("kind", KINDS)
def test_every_route_leads_to_the_same_predictor(monkeypatch, kind):
    for seed in range(12):
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        m, d = int(rng.integers(2, 25)), int(rng.integers(2, 20))
        X = rng.standard_normal((m, d))
        if kind == "deficient":
            X = X[:, :2] @ rng.standard_normal((2, d))
        if kind == "duplicates":
            X = X[rng.integers(0, m, m)]
        if kind == "orthogonal":
            X = np.linalg.qr(rng.standard_normal((m + d, m)))[0].T
        data = Dataset(X, np.where(X @ rng.standard_normal(X.shape[1]) >= 0, 1.0, -1.0))
        expected = max_margin(data)
        rows = UnitRows(data)
        with monkeypatch.context() as patch:
            for name, route in routes(patch):
                found = route(rows)
                if found is None:
                    assert kind in ("duplicates", "deficient"), name
                    continue
                assert found.settled
                assert close(found.predictor / rows.length, expected.model.w, 1e-10), name
                assert np.abs((found.margins - expected.margins)[expected.support]).max() <= 1e-10


@examples(40)
@given(linear_instances(max_points=12, kinds=("spread", "deficient", "duplicates")), seeds())
def test_the_dual_active_set_may_start_anywhere(instance, seed):
    data, _ = instance
    rows = UnitRows(data)
    expected = max_margin(data).model.w
    rng = np.random.default_rng(seed)
    for _ in range(3):
        search = hard_margin.DualActiveSet(rows.rows(), rows.bounds, lambda *_: None)
        search.start_at(rng.permutation(data.num_points)[: int(rng.integers(0, data.num_points + 1))])
        ended = search.run()
        assert ended.settled
        assert close(ended.predictor / rows.length, expected, 1e-10)
        assert (ended.weights >= -1e-12 * ended.weights.max()).all()


@examples(40)
@given(linear_instances(max_points=20), seeds(), st.integers(-40, 40))
def test_order_rotation_and_scale_of_the_points_do_not_matter(instance, seed, exponent):
    data, _ = instance
    rng = np.random.default_rng(seed)
    found = max_margin(data)
    order = rng.permutation(data.num_points)
    rotation = np.linalg.qr(rng.standard_normal((data.dim, data.dim)))[0]
    c = 1.7 * 10.0**exponent
    other = max_margin(Dataset(c * data.X[order] @ rotation, data.y[order]))
    assert close(rotation @ other.model.w * c, found.model.w)
    assert other.margin == pytest.approx(c * found.margin, rel=1e-9)
    np.testing.assert_allclose(other.margins, found.margins[order], atol=1e-9 * found.margins.max())
    if found.unique and other.unique:
        size = found.multipliers.max()
        np.testing.assert_allclose(other.multipliers * c**2, found.multipliers[order], atol=1e-13 * size * max(found.condition, 1e3))


@examples(40)
@given(linear_instances(max_points=12), seeds())
def test_leaving_out_or_adding_points_that_carry_nothing_changes_nothing(instance, seed):
    data, _ = instance
    rng = np.random.default_rng(seed)
    found = max_margin(data)
    beyond = found.model.w * rng.uniform(1.1, 3.0, (3, 1)) / found.model.norm**2
    sideways = rng.standard_normal((3, data.dim))
    sideways -= (sideways @ found.model.w)[:, None] * found.model.w / found.model.norm**2
    y = rng.choice([-1.0, 1.0], 3)
    more = max_margin(Dataset(np.concatenate([data.X, y[:, None] * (beyond + sideways)]), np.concatenate([data.y, y])))
    assert close(more.model.w, found.model.w)
    assert not more.multipliers[-3:].any()
    spare = np.setdiff1d(np.arange(data.num_points), found.support)
    if spare.size:
        fewer = max_margin(data.without(spare))
        assert close(fewer.model.w, found.model.w)
        assert fewer.model.norm**2 == pytest.approx(found.model.norm**2, rel=1e-11)
    if len(found.support) > 1:  # a support point does matter, and the margin can only grow
        assert max_margin(data.without(int(found.support[0]))).margin >= found.margin * (1 - 1e-12)


@given(seeds(), st.integers(1, 12))
def test_orthogonal_points_have_multipliers_one_over_their_squared_norms(seed, m):
    rng = np.random.default_rng(seed)
    norms = rng.uniform(0.1, 10.0, m)
    X = norms[:, None] * np.linalg.qr(rng.standard_normal((m + 3, m)))[0].T
    data = Dataset(X, rng.choice([-1.0, 1.0], m))
    found = max_margin(data)
    np.testing.assert_allclose(found.multipliers, 1 / norms**2, rtol=1e-12)
    assert found.margin == pytest.approx(1 / np.sqrt((1 / norms**2).sum()), rel=1e-13)
    assert found.unique


@examples(60)
@given(lattice_data(separable=True, scales=(-3, 3)))
def test_the_support_carries_the_exact_optimum_in_fractions(data):
    """Solved again exactly on the support that was found: all four conditions hold without any rounding, and the numbers are those."""
    found = max_margin(data)
    exact = on_support(data, found.support)
    assert violations(exact) == ([], [])
    assert exact.distance(found.model.w) <= 1e-12
    for value, reference in zip(found.multipliers, exact.multipliers, strict=True):
        assert value == pytest.approx(float(reference), rel=1e-10, abs=1e-13 * found.multipliers.max())
    for value, reference in zip(found.margins, exact.margins, strict=True):
        assert value == pytest.approx(float(reference), rel=1e-10)


@examples(60)
@given(lattice_data())
def test_whether_the_data_can_be_separated_is_decided_as_in_fractions(data):
    exact = optimum(data)
    if exact is None:
        with pytest.raises(NotSeparableError):
            max_margin(data)
    else:
        assert exact.distance(max_margin(data).model.w) <= 1e-12


@examples(40)
@given(lattice_data(separable=True, scales=(-25, 25), max_points=5))
def test_norms_of_any_size_may_stand_together(data):
    found = max_margin(data)
    assert optimum(data).distance(found.model.w) <= 1e-13
    assert found.status == "exact" or data.norms.max() > 1e4 * data.norms.min()


@examples(60)
@given(thin_data((1, 2, 3, 4)))
def test_small_margins_are_right(instance):
    data, exact = instance
    found = max_margin(data)
    assert found.status == "exact"
    assert exact.distance(found.model.w) <= 1e-10


@examples(120)
@given(thin_data(range(4, 15)))
def test_near_the_threshold_the_answer_is_right_or_ill_posed(instance):
    data, exact = instance
    found = max_margin(data)
    measured = kkt_residuals(found.model, data, found.multipliers)
    assert found.residuals.kkt == pytest.approx(measured.kkt, rel=0.5, abs=1e-9 * max(1.0, measured.kkt))
    if found.status == "exact":
        assert measured.kkt <= 2e-8
        assert exact.distance(found.model.w) <= 1e-7
        assert found.margin == pytest.approx(1 / float(sum(v * v for v in exact.w)) ** 0.5, rel=1e-6)
    else:
        assert found.unique is None
        assert found.margin <= 1e-6
        assert found.condition >= 1e10


def thin(height):
    """Three points whose first coordinates add up to zero, in some other basis: the margin is about three times the height."""
    X = np.array([[4.0, -3.0, 0.0, 4.0], [-1.0, 1.0, 4.0, 2.0], [-3.0, 2.0, -4.0, 2.0]]) * [1.0, 1.0, 1.0, height]
    return Dataset(X @ np.linalg.qr(np.random.default_rng(0).standard_normal((4, 4)))[0], np.ones(3))


@pytest.mark.parametrize(
    ("height", "status", "error"),
    [(1e-2, "exact", 1e-14), (1e-3, "exact", 1e-13), (1e-5, "exact", 1e-15), (1e-11, "ill-posed", 1e-3), (1e-13, "ill-posed", 1e-3)],
)
def test_both_outcomes_occur_near_the_threshold(height, status, error):
    """From a condition of 1e8 on exact residuals give all digits of the predictor that the stored points determine."""
    data = thin(height)
    found, exact = max_margin(data), optimum(data)
    assert found.status == status
    assert exact.distance(found.model.w) <= error
    assert height**-2 / 100 <= found.condition <= 100 * height**-2


@given(linear_instances(max_points=15, kinds=("spread", "orthogonal")))
def test_a_gram_matrix_serves_as_well_as_the_points(instance):
    data, _ = instance
    found, other = max_margin(data), max_margin(Dataset.from_gram(data.gram, data.y))
    assert other.status == "exact"
    assert other.margin == pytest.approx(found.margin, rel=1e-9)
    np.testing.assert_allclose(other.margins, found.margins, atol=1e-9 * found.margins.max())


@given(linear_instances(max_points=10, kinds=("spread", "orthogonal")), seeds())
def test_copies_share_a_multiplier_and_are_told_from_single_points(instance, seed):
    data, _ = instance
    found = max_margin(data)
    names = np.concatenate([np.arange(data.num_points), np.random.default_rng(seed).choice(found.support, 3)])
    twice = max_margin(Dataset(data.X[names], data.y[names]))
    assert close(twice.model.w, found.model.w)
    assert twice.unique is False
    if seed % 8 == 0:
        assert max_margin(Dataset(data.X[names], data.y[names]), engine="cvxpy").unique is False
    shares = np.bincount(names, twice.multipliers, data.num_points)
    if found.unique:
        np.testing.assert_allclose(shares, found.multipliers, atol=1e-12 * found.multipliers.max() * max(found.condition, 1e2))


@pytest.mark.parametrize(
    ("X", "unique"),
    [
        ([[1.0, 1.0], [1.0, -1.0]], True),
        ([[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]], False),  # the third is halfway between the others
        ([[1.0, 1.0], [1.0, 0.5]], True),  # the second alone carries the margin with the first: independent
        ([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], True),  # all margins are 1, but only the first multiplier can be positive
        ([[1.0, 0.0], [1.0, 1.0], [1.0, -1.0], [3.0, 3.0]], False),
        ([[2.0, 0.0], [2.0, 0.0]], False),
        ([[2.0, 0.0], [3.0, 0.0]], True),
    ],
)
def test_uniqueness_of_the_multipliers_by_hand(X, unique):
    for label in (1.0, -1.0):
        assert max_margin(Dataset(label * np.array(X), np.full(len(X), label))).unique is unique


MUTANTS = {
    "stationarity": lambda w, x: (w + 1e-6 * np.linalg.norm(w) * np.eye(len(w))[-1], x),
    "primal": lambda w, x: ((1 - 1e-6) * w, (1 - 1e-6) * x),
    "dual": lambda w, x: (w, np.where(np.arange(len(x)) == 3, -1e-6 * x.max(), x)),
    "slackness": lambda w, x: ((1 + 1e-6) * w, (1 + 1e-6) * x),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_each_residual_fires_on_its_own_mutant(name):
    data = Dataset([[1.0, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [5, 0, 0, 1]], np.ones(4))
    found = max_margin(data)
    assert found.support.tolist() == [0, 1, 2]
    assert found.residuals.kkt <= 1e-15
    w, multipliers = MUTANTS[name](found.model.w, found.multipliers)
    assert getattr(kkt_residuals(LinearPredictor(w), data, multipliers), name) >= 1e-7


def judged(weights, margins):
    """Verdict on the weights of two orthogonal points and a third beyond them, at a predictor whose margins are given."""
    rows = UnitRows(Dataset([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.ones(3)))
    return hard_margin._judged(rows, np.ones(2), np.array(weights), np.array(margins), 1.0, "", min(weights))


@pytest.mark.parametrize(
    ("weights", "margins", "settled"),
    [
        ([1.0, 1.0, 0.0], [1.0, 1.0, 2.0], True),
        ([1.0, 1.0, -1e-16], [1.0, 1.0, 2.0], True),
        ([1.0, 1.0, -1e-9], [1.0, 1.0, 2.0], False),
        ([1.0, 1.0, 0.0], [1.0, 1.0 - 1e-15, 2.0], True),
        ([1.0, 1.0, 0.0], [1.0, 1.0 - 1e-9, 2.0], False),
    ],
)
def test_signs_that_are_wrong_beyond_rounding_are_not_settled(weights, margins, settled):
    found = judged(weights, margins)
    assert found.settled is settled
    assert (found.weights >= 0).all()


def test_a_support_that_does_not_settle_is_not_passed_on(monkeypatch):
    """The rows are asked where the Gram matrix led to a wrong support."""
    data = sampling.gaussian(30, 40, rng=3)
    expected = max_margin(data).model.w
    wrong = hard_margin._on_support

    def spoiled(rows, candidate):
        found = wrong(rows, candidate)
        return hard_margin._judged(rows, 0.9 * found.predictor, found.weights, 0.9 * found.margins, 1.0, "spoiled", 0.0)

    monkeypatch.setattr(hard_margin, "_on_support", spoiled)
    found = max_margin(data)
    assert found.method == "dual active set"
    assert close(found.model.w, expected, 1e-11)


def test_the_first_engine_does_without_cvxpy():
    loaded = modules_after("import kktcheck as kc; [kc.max_margin(kc.sampling.gaussian(m, 60, rng=0)) for m in (5, 90, 110)]")
    assert "kktcheck.hard_margin" in loaded
    assert "cvxpy" not in loaded


@pytest.mark.parametrize("engine", ["active-set", "cvxpy"])
def test_one_point_two_points_one_dimension_one_class(engine):
    one = max_margin(Dataset([[3.0, 4.0]], [-1]), engine)
    np.testing.assert_allclose(one.model.w, [-3 / 25, -4 / 25], rtol=1e-9)
    np.testing.assert_allclose(one.multipliers, [1 / 25], rtol=1e-9)
    two = max_margin(Dataset([[1.0, 0.0], [0.0, -2.0]], [1, -1]), engine)
    np.testing.assert_allclose(two.model.w, [1.0, 0.5], rtol=1e-9)
    line = max_margin(Dataset([[3.0], [-0.5], [2.0]], [1, -1, 1]), engine)
    np.testing.assert_allclose((line.model.w[0], line.multipliers[1], line.margin), (2.0, 4.0, 0.5), rtol=1e-7)
    assert line.support.tolist() == [1]
    same = max_margin(Dataset([[2.0, 1.0], [2.0, -1.0]], [-1, -1]), engine)
    np.testing.assert_allclose(same.model.w, [-0.5, 0.0], atol=1e-9)


def test_what_is_refused_and_why():
    data = Dataset([[1.0, 0.0]], [1])
    for arguments, message in [
        (([[1.0]],), "data must be a kktcheck.Dataset, not list"),
        ((data, "fast"), "engine 'fast' is unknown: choose 'active-set' or 'cvxpy'"),
        ((data, None), "engine None is unknown"),
        ((Dataset([[1e-149, 0.0], [-1e-149, 1e-156]], [1, 1]),), r"the multiplier of point 0 is beyond the range of float64"),
    ]:
        with pytest.raises(InputError, match=message):
            max_margin(*arguments)


def test_the_summary_tells_what_was_found():
    found = max_margin(sampling.gaussian(12, 9, rng=2))
    assert isinstance(found, MaxMargin)
    text = found.summary()
    assert f"{found.margin:.6g}" in text
    assert f"{len(found.support)}  of 12 points" in text
    assert all(word in text for word in ("exact", "active-set", "unique", "KKT residual", "slackness"))
    assert f"{len(found.support)} of 12 points carry it, exact" in repr(found)
    open_question = max_margin(thin(1e-13))
    assert "ill-posed" in open_question.summary()
    assert "uniqueness open" in open_question.summary()


