"""Stacks of small box-constrained quadratics against their optimality conditions and against pivoting one by one."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from kktcheck import box_stacks, pivoting
from kktcheck.active_set import FREE, LOWER, UPPER
from kktcheck.box_stacks import solve

from .instances import seeds


def stacks(seed, g, k):
    """Gram matrices of unit vectors, linear terms, upper bounds of which some are 0, and states to start from."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((g, k, k + 4))
    rows /= np.linalg.norm(rows, axis=2, keepdims=True)
    upper = rng.uniform(0.1, 2.0, (g, k)) * (rng.random((g, k)) < 0.8)
    return rows @ rows.swapaxes(1, 2), rng.standard_normal((g, k)), upper, rng.integers(LOWER, UPPER + 1, (g, k)).astype(np.int8)


@given(seeds(), st.integers(1, 6), st.integers(1, 8))
def test_settled_problems_meet_their_conditions_whatever_the_start(seed, g, k):
    K, push, upper, start = stacks(seed, g, k)
    z, gradient, states, settled = solve(K, push, upper, start)
    assert ((z >= 0) & (z <= upper)).all()
    scale = 1e-13 * (1 + np.abs(push).max())
    for c in np.flatnonzero(settled):
        assert np.abs(gradient[c] - K[c] @ z[c] - push[c]).max() <= scale
        movable = upper[c] > 0
        assert (gradient[c][movable & (z[c] < upper[c])] >= -scale).all()
        assert (gradient[c][movable & (z[c] > 0)] <= scale).all()
        assert (z[c][states[c] == LOWER] == 0).all()
        assert (z[c] == upper[c])[states[c] == UPPER].all()
        assert (states[c][~movable] == LOWER).all()


@given(seeds(), st.integers(1, 8))
def test_stacks_and_pivoting_find_the_same_point(seed, k):
    K, push, upper, start = stacks(seed, 20, k)
    z, _, states, settled = solve(K, push, upper, start)
    assert settled.sum() >= 15
    for c in np.flatnonzero(settled):
        found = pivoting.minimise(K[c], -push[c], upper[c])
        assert np.abs(found.x - z[c]).max() <= 1e-12 * (1 + upper[c].max())
        clear = np.abs(found.gradient) + (found.states == FREE) > 1e-9
        assert (states[c] == found.states)[clear & (upper[c] > 0)].all()


def test_a_right_start_takes_one_round(monkeypatch):
    K, push, upper, _ = stacks(0, 12, 5)
    states = np.array([pivoting.minimise(*each).states for each in zip(K, -push, upper, strict=True)])
    monkeypatch.setattr(box_stacks, "ROUNDS", 1)
    assert solve(K, push, upper, states)[3].all()
    assert not solve(K, push, upper, np.full_like(states, FREE))[3].all()


def test_a_stack_with_a_singular_matrix_is_left_alone():
    K, push, upper, start = stacks(1, 3, 4)
    K[1, 2:, 2:] = 1.0
    assert not solve(K, push, upper + 0.1, np.full_like(start, FREE))[3].any()
