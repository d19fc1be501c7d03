"""The searches behind max-margin predictors: exchanges, gradient and proximal steps, least distances and the dual active set."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

from kktcheck import hard_margin, proximal, support_search
from kktcheck.dual_active_set import DualActiveSet
from kktcheck.support_search import all_at_once, exchange, least_distance

from .instances import examples, seeds


@st.composite
def problems(draw, *, max_rows=12, max_dim=10, repeats=False):
    """Rows of norm 1 that some vector separates, and positive bounds; with ``repeats`` some rows twice."""
    rng = np.random.default_rng(draw(seeds()))
    m, d = draw(st.integers(1, max_rows)), draw(st.integers(1, max_dim))
    rows = rng.standard_normal((m, d))
    outputs = rows @ rng.standard_normal(d)
    rows = rows * np.where(outputs >= 0, 1.0, -1.0)[:, None] / np.linalg.norm(rows, axis=1)[:, None]
    bounds = 2.0 ** -rng.integers(0, 4, m).astype(float)
    if repeats:
        names = rng.integers(0, m, m)
        rows, bounds = rows[names], bounds[names]
    return rows, bounds


def shortest(rows, bounds):
    """The shortest vector that meets the bounds, by nonnegative least squares on the dual; and whether its digits can be trusted."""
    system = np.concatenate([rows.T, bounds[None]])
    target = np.append(np.zeros(rows.shape[1]), 1.0)
    weights, distance = optimize.nnls(system, target)
    return rows.T @ weights / distance**2, distance > 1e-3


def settled(candidate, rows, bounds):
    """Weights positive, bounds of the support met, the others not violated."""
    v = candidate.weights @ rows[candidate.support]
    assert (candidate.weights >= -1e-9 * np.abs(candidate.weights).max()).all()
    np.testing.assert_allclose(rows[candidate.support] @ v, bounds[candidate.support], atol=1e-9 * np.linalg.norm(v))
    assert (rows @ v >= bounds - 1e-9 * np.linalg.norm(v)).all()
    return v


@examples(80)
@given(problems(), seeds())
def test_a_candidate_of_exchanges_is_the_solution(problem, seed):
    rows, bounds = problem
    gram = rows @ rows.T
    expected, sound = shortest(rows, bounds)
    for free in (np.ones(len(rows), dtype=bool), np.random.default_rng(seed).random(len(rows)) < 0.5):
        found = exchange(gram, bounds, free)
        if found is not None and sound:
            v = settled(found, rows, bounds)
            assert np.linalg.norm(v - expected) <= 1e-7 * np.linalg.norm(expected)
            factor = np.triu(found.factor)
            np.testing.assert_allclose(factor.T @ factor, gram[np.ix_(found.support, found.support)], atol=1e-12)
            assert found.norm == pytest.approx(np.abs(gram[np.ix_(found.support, found.support)]).sum(axis=0).max())


def test_exchanges_find_most_solutions_and_give_up_on_the_rest():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(100):
        rows = rng.standard_normal((30, 40))
        found += exchange(rows @ rows.T, np.ones(30), np.ones(30, dtype=bool)) is not None
    assert found >= 95
    flat = rng.standard_normal((30, 2))  # cannot be separated: no set of rows settles
    assert exchange(flat @ flat.T, np.ones(30), np.ones(30, dtype=bool)) is None


def test_exchanges_start_from_all_rows_only_if_few_are_wrong():
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((30, 32))
    gram, free = rows @ rows.T, np.ones(30, dtype=bool)
    assert exchange(gram, np.ones(30), free) is not None
    assert exchange(gram, np.ones(30), free, 0.01) is None


@examples(60)
@given(problems(repeats=True))
def test_exchanges_begin_with_independent_rows_where_some_repeat_others(problem):
    rows, bounds = problem
    gram = rows @ rows.T
    chosen = support_search._independent(gram, np.arange(len(rows)))
    assert np.linalg.matrix_rank(rows[chosen], tol=1e-7) == len(chosen)
    assert len(np.unique(rows, axis=0)) >= len(chosen)
    found = exchange(gram, bounds, np.ones(len(rows), dtype=bool))
    if found is not None and shortest(rows, bounds)[1]:
        settled(found, rows, bounds)


def test_rows_that_repeat_others_do_not_stop_exchanges():
    rows = np.random.default_rng(0).standard_normal((6, 40))[[0, 1, 2, 3, 4, 5, 0, 3]]
    found = exchange(rows @ rows.T, np.ones(8), np.ones(8, dtype=bool))
    assert len(found.support) == 6
    settled(found, rows, np.ones(8))


@examples(60)
@given(problems())
def test_all_rows_at_once_only_if_every_weight_is_positive(problem):
    rows, bounds = problem
    found = all_at_once(rows @ rows.T, bounds)
    if found is None:
        assert np.linalg.cond(rows @ rows.T) > 1e8 or np.linalg.solve(rows @ rows.T, bounds).min() <= 1e-10
    else:
        assert (found.weights > 0).all()
        settled(found, rows, bounds)


@examples(60)
@given(problems())
def test_least_distances_name_the_support(problem):
    rows, bounds = problem
    expected, sound = shortest(rows, bounds)
    found = least_distance(rows, bounds)
    if sound:
        assert np.linalg.norm(settled(found, rows, bounds) - expected) <= 1e-7 * np.linalg.norm(expected)


@examples(60)
@given(problems(repeats=True), st.sampled_from([1e-2, 1e-4]), seeds())
def test_a_proximal_step_minimises_its_own_problem(problem, ridge, seed):
    rows, bounds = problem
    rng = np.random.default_rng(seed)
    rows = rows * rng.uniform(0.7, 1.4, (len(rows), 1))
    gram = rows @ rows.T
    centre = rng.exponential(1.0, len(rows)) * (rng.random(len(rows)) < 0.6)
    weights, products = proximal.proximal(gram, bounds, ridge, centre, rng.random(len(rows)) < 0.5)
    gradient = products - bounds + ridge * gram.diagonal() * (weights - centre)
    size = 1e-9 * (1.0 + weights.max())
    assert (weights >= 0).all()
    np.testing.assert_allclose(products, gram @ weights, atol=size)
    assert (gradient >= -size).all()
    assert np.abs(gradient[weights > 0]).max(initial=0.0) <= size


def test_proximal_steps_end_where_full_steps_alone_would_not(monkeypatch):
    """Points near the limit of separability, where sets of positive weights recur; the line search is what ends it."""
    rng = np.random.default_rng(2)
    ended = {True: 0, False: 0}
    for _ in range(20):
        rows = rng.standard_normal((95, 50))
        rows /= np.linalg.norm(rows, axis=1)[:, None]
        gram, bounds = rows @ rows.T, np.ones(95)
        for search in (True, False):
            with monkeypatch.context() as patch:
                if not search:
                    patch.setattr(proximal, "_value", lambda *_: 0.0)
                weights, products = proximal.proximal(gram, bounds, 1e-3, np.zeros(95), np.ones(95, dtype=bool))
            gradient = products - bounds + 1e-3 * gram.diagonal() * weights
            ended[search] += np.abs(np.where(weights > 0, gradient, np.minimum(gradient, 0.0))).max() <= 1e-8 * weights.max()
    assert ended[True] == 20
    assert ended[False] < 20


@given(seeds(), st.integers(1, 8))
def test_the_line_search_is_exact(seed, m):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((m, 3))
    gram, reach, ridges = rows @ rows.T, rng.random(m), 0.05 * rng.uniform(0.5, 2.0, m)
    old, new = rng.standard_normal((2, m))

    def value(step):
        weights = old + step * (new - old)
        return proximal._value(weights, gram @ weights, reach - gram @ weights, ridges)

    step = proximal._line_search(old, gram @ old, new - old, gram @ (new - old), reach, ridges)
    assert 0 <= step <= 1
    assert value(step) <= min(value(t) for t in np.linspace(0, 1, 101)) * (1 + 1e-12) + 1e-12


@pytest.mark.parametrize(("m", "d"), [(60, 40), (120, 130), (200, 150)])
def test_gradient_steps_find_nearly_the_right_rows(m, d):
    rng = np.random.default_rng(m)
    rows = rng.standard_normal((m, d)) / np.sqrt(d)
    weights = proximal.descent(rows @ rows.T, np.ones(m))
    expected = shortest(rows, np.ones(m))[0]
    support = np.abs(rows @ expected - 1) <= 1e-9
    assert np.count_nonzero((weights > 0) != support) <= 0.1 * m


@examples(60)
@given(problems(repeats=True), seeds())
def test_the_dual_active_set_solves_from_any_start(problem, seed):
    rows, bounds = problem
    expected, sound = shortest(rows, bounds)
    search = DualActiveSet(rows, bounds, lambda *_: None)
    search.start_at(np.random.default_rng(seed).permutation(len(rows))[: seed % (len(rows) + 1)])
    ended = search.run()
    assert ended.settled
    assert np.linalg.matrix_rank(rows[ended.support], tol=1e-9) == len(ended.support)
    np.testing.assert_allclose(np.abs(ended.triangle.T @ ended.triangle), np.abs(rows[ended.support] @ rows[ended.support].T), atol=1e-12)
    if sound:
        assert np.linalg.norm(ended.predictor - expected) <= 1e-7 * np.linalg.norm(expected)
        np.testing.assert_allclose(ended.weights @ rows[ended.support], ended.predictor, atol=1e-9 * np.linalg.norm(ended.predictor))


@given(seeds(), st.integers(1, 5), st.integers(0, 6))
def test_the_dual_active_set_hands_over_what_combines_to_zero(seed, d, others):
    rng = np.random.default_rng(seed)
    core = rng.standard_normal((d, d))
    rows = rng.permutation(np.concatenate([core, -rng.uniform(0.3, 1.0, (1, d)) @ core, rng.standard_normal((others, d))]))
    rows /= np.linalg.norm(rows, axis=1)[:, None]

    class Refuted(Exception):
        pass

    def refute(indices, weights):
        assert (weights >= 0).all()
        assert np.linalg.norm(weights @ rows[indices]) <= 1e-9 * weights.sum()
        raise Refuted

    with pytest.raises(Refuted):
        DualActiveSet(rows, np.ones(len(rows)), refute).run()


def test_the_dual_active_set_holds_no_row_twice():
    """Copies among the rows to start from, and a copy with a higher bound, which takes the place of the lower one and is no contradiction."""

    def refute(indices, weights):
        raise AssertionError("these rows do not combine to zero")

    rows = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    search = DualActiveSet(rows, np.array([1.0, 1.0, 0.5]), refute)
    search.start_at([0, 1, 2])
    assert sorted(search.run().support.tolist()) in ([0, 2], [1, 2])
    search = DualActiveSet(rows, np.array([0.5, 1.0, 0.5]), refute)
    search.start_at([0, 2])
    ended = search.run()
    assert sorted(ended.support.tolist()) == [1, 2]
    np.testing.assert_allclose(ended.predictor, [1.0, 0.5, 0.0], rtol=1e-15)


def test_the_dual_active_set_says_when_it_does_not_settle():
    """Opposite rows, and nobody who believes it."""
    ended = DualActiveSet(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.ones(2), lambda *_: None).run()
    assert not ended.settled


def test_sizes_choose_the_search():
    """Nonnegative least squares for a few points, and exchanges for many."""
    from kktcheck import max_margin, sampling

    assert max_margin(sampling.gaussian(hard_margin.FEW - 4, hard_margin.FEW, rng=0)).method == "least distance programming"
    assert max_margin(sampling.gaussian(20, 400, rng=0)).method == "one linear system"
    assert max_margin(sampling.gaussian(hard_margin.FEW + 40, hard_margin.FEW + 40, rng=0)).method == "block exchanges"
