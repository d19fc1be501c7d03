"""Nonnegative quadratics without some variables: the four optimality conditions, and the very minimisers of the problems without them."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import pivoting, removals
from kktcheck.pivoting import SingularSystem
from kktcheck.removals import Removals

from .instances import seeds


@st.composite
def problems(draw, *, rank_deficient=False):
    """Gram matrices, targets in their range, sets of one size (the same one may come twice) and targets of their own."""
    rng = np.random.default_rng(draw(seeds()))
    m = draw(st.integers(3, 14))
    r = draw(st.integers(2, m - 1)) if rank_deficient else m + draw(st.integers(1, 6))
    A = rng.standard_normal((r, m)) + draw(st.sampled_from([0.0, 0.5]))
    if rank_deficient and draw(st.booleans()):
        A[:, -1] = A[:, 0]
    G = A.T @ A
    q = A.T @ (A @ rng.uniform(0.0, 1.0, m) + 0.5 * rng.standard_normal(r))
    k = draw(st.integers(1, m - 1))
    sets = np.array([rng.permutation(m)[:k] for _ in range(6)])
    sets[-1] = sets[0]
    shift = draw(st.sampled_from([0.0, 0.3])) * rng.standard_normal((6, r)) @ A
    return G, q, sets, q + shift


@given(problems())
def test_they_are_the_minimisers_without_the_variables(problem):
    G, q, sets, targets = problem
    whole = Removals(G, q, np.flatnonzero(pivoting.pivot(G, q).x > 0))
    x, settled = whole.without(sets, targets)
    assert settled.mean() >= 0.5
    for own, target, forget, good in zip(x, targets, sets, settled, strict=True):
        keep = np.delete(np.arange(len(q)), forget)
        if good:
            expected = pivoting.pivot(G[np.ix_(keep, keep)], target[keep]).x
            assert not own[forget].any()
            error = 1e-14 * np.linalg.cond(G[np.ix_(keep, keep)]) * (np.abs(expected).max() + 1e-300)
            np.testing.assert_allclose(own[keep], expected, rtol=0, atol=error)
    assert np.array_equal(x[0], x[-1]) or (targets[0] != targets[-1]).any()


@given(problems(rank_deficient=True))
def test_where_variables_depend_on_each_other_what_is_settled_is_a_minimum(problem):
    G, q, sets, targets = problem
    try:
        whole = Removals(G, q, np.flatnonzero(pivoting.minimise(G, q).x > 0))
    except SingularSystem:
        return
    x, settled = whole.without(sets, targets)
    for own, target, forget in zip(x[settled], targets[settled], sets[settled], strict=True):
        gradient = G @ own - target
        kept = ~np.isin(np.arange(len(q)), forget)
        size = np.abs(target).max() + np.abs(G).max() * own.max() + 1e-300
        assert not own[forget].any() and (own >= 0).all()
        assert (gradient[kept] >= -1e-10 * size).all()
        assert (np.abs(gradient[own > 0]) <= 1e-10 * size).all()


def test_exchanges_settle_sets_whose_signs_change():
    rng = np.random.default_rng(5)
    A = rng.standard_normal((60, 40))
    G, q = A.T @ A, A.T @ rng.standard_normal(60) + 8.0
    base = pivoting.pivot(G, q).x
    x, settled = Removals(G, q, np.flatnonzero(base > 0)).without(np.arange(40)[:, None])
    held = np.flatnonzero(base > 0)
    changed = [(set(np.flatnonzero(x[i] > 0)) | {i}) != set(held) for i in held]
    assert settled.all() and sum(changed) > 5  # most of them need a variable more or less than the one removed


def test_singular_and_ill_conditioned_supports_are_refused():
    A = np.array([[1.0, 1.0], [0.0, 0.0]])
    with pytest.raises(SingularSystem):
        Removals(A.T @ A, np.ones(2), np.arange(2))
    A[1, 1] = 1e-5
    with pytest.raises(SingularSystem):
        Removals(A.T @ A, np.ones(2), np.arange(2))


def test_a_twin_steps_in_for_the_variable_removed():
    G = np.array([[2.0, 0.5, 2.0], [0.5, 1.0, 0.5], [2.0, 0.5, 2.0]])
    x, settled = Removals(G, np.array([2.0, 1.0, 2.0]), np.array([0, 1])).without(np.array([[0]]))
    assert settled.all()
    np.testing.assert_allclose(x[0], [0.0, *np.linalg.solve([[1.0, 0.5], [0.5, 2.0]], [1.0, 2.0])], rtol=1e-15)


def test_without_a_support_nothing_is_left_to_remove():
    x, settled = Removals(np.eye(3), -np.ones(3), np.zeros(0, dtype=int)).without(np.array([[0], [2]]))
    assert settled.all() and not x.any()


def test_sets_that_do_not_settle_say_so(monkeypatch):
    monkeypatch.setattr(removals, "EXCHANGES", 0)
    rng = np.random.default_rng(5)
    A = rng.standard_normal((60, 40))
    G, q = A.T @ A, A.T @ rng.standard_normal(60) + 8.0
    settled = Removals(G, q, np.flatnonzero(pivoting.pivot(G, q).x > 0)).without(np.arange(40)[:, None])[1]
    assert 0 < settled.sum() < 40


def test_what_is_left_of_the_targets_may_be_known_better():
    rng = np.random.default_rng(2)
    A = rng.standard_normal((6, 4)) * [1.0, 1.0, 1.0, 1e-3] + 1.0  # ill-conditioned: two columns all but parallel
    x = np.ones(4)
    whole = Removals(A.T @ A, A.T @ (A @ x), np.arange(4))
    targets = (A.T @ (A[:, 1:] @ x[1:]))[None]

    def rest(found):
        return (A[:, 1:] @ x[1:] - found @ A.T) @ A

    plain, better = (whole.without(np.array([[0]]), targets, option)[0][0, 1:] for option in (None, rest))
    assert np.abs(better - 1.0).max() <= np.abs(plain - 1.0).max()
    np.testing.assert_allclose(A[:, 1:] @ better, A[:, 1:] @ x[1:], rtol=1e-14)
