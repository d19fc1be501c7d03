"""Tiled products and factors against plain ones, and systems solved from an old factor against those of their own."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import dense, free_factor, pivoting
from kktcheck.blocks import point_blocks
from kktcheck.fast import gradient_gram
from kktcheck.free_factor import FreeFactor, SingularSystem
from kktcheck.linearisation import linearise
from kktcheck.tolerances import EPS, RANK

from .instances import seeds


def definite(rng, m):
    """Gram matrix of more random vectors of length near 1 than dimensions, with an eigenvalue of at least 0.1."""
    rows = rng.standard_normal((m, m + 2)) / np.sqrt(m + 2)
    return rows @ rows.T + 0.1 * np.eye(m)


@given(st.integers(0, 40), st.integers(1, 9))
def test_tiles_cover_every_index_once(count, largest):
    parts = list(point_blocks(count, largest))
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(count))
    assert all(part.stop - part.start <= largest for part in parts)


@given(seeds(), st.integers(1, 30), st.integers(1, 6), st.integers(1, 12), st.sampled_from([np.float32, np.float64]))
def test_tiled_gram_matrices_are_exactly_symmetric_and_equal_the_product(seed, m, k, largest, kind):
    rows = np.random.default_rng(seed).integers(-4, 5, (m, k)).astype(kind)  # exact in either precision
    for given_rows in (rows, np.asfortranarray(rows)):
        product = dense.gram(given_rows, largest)
        assert product.dtype == kind
        assert np.array_equal(product, product.T)
        assert np.array_equal(product, rows @ rows.T)


@given(seeds(), st.integers(1, 30), st.integers(1, 12))
def test_tiled_factors_multiply_to_the_matrix(seed, m, largest):
    rng = np.random.default_rng(seed)
    G = definite(rng, m)
    factor = np.triu(dense.cholesky(G.copy().T, largest))
    assert (np.diagonal(factor) > 0).all()
    assert np.abs(factor.T @ factor - G).max() <= 4 * (m + 1) * EPS * G.max()
    right = rng.standard_normal(m)
    assert np.abs(G @ dense.solve(factor, right) - right).max() <= 1e3 * m * EPS * np.abs(right).max()


@given(seeds(), st.integers(1, 30), st.integers(1, 12), st.data())
def test_an_indefinite_matrix_has_no_factor_whichever_tile_shows_it(seed, m, largest, choice):
    G = definite(np.random.default_rng(seed), m)
    at = choice.draw(st.integers(0, m - 1))
    G[at, at] = -1.0
    assert dense.cholesky(G.T, largest) is None


def test_nothing_is_factored_in_place_but_what_is_handed_over():
    G = definite(np.random.default_rng(0), 12)
    kept = G.copy()
    pivoting.cholesky_solve(G, np.ones(12), np.zeros(12))
    FreeFactor(G, np.zeros(12)).solve(np.ones(12, dtype=bool), np.ones(12))
    assert np.array_equal(G, kept)
    handed = G.copy()
    assert np.shares_memory(dense.cholesky(handed.T, 5), handed)
    assert np.array_equal(dense.block(G, np.array([3, 1, 7])), G[np.ix_([3, 1, 7], [3, 1, 7])])
    assert np.abs(dense.product(G, np.arange(12.0)) - G @ np.arange(12.0)).max() <= 1e-13


@given(seeds(), st.integers(8, 40), st.integers(2, 6))
def test_a_sequence_of_free_sets_is_solved_from_few_factors(seed, m, length):
    rng = np.random.default_rng(seed)
    G, counted = definite(rng, m), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_factor, "FEW", 1)
        patch.setattr(free_factor, "factored", lambda *given_to, plain=free_factor.factored: counted.append(1) or plain(*given_to))
        solver, free = FreeFactor(G, np.full(m, RANK)), rng.random(m) < 0.8
        free[:4] = True
        for _ in range(length):
            right = rng.standard_normal(m)
            x, expected = solver.solve(free, right), np.zeros(m)
            expected[free] = np.linalg.solve(G[np.ix_(free, free)], right[free])
            assert np.abs(x - expected).max() <= 1e-12 * np.abs(expected).max()
            assert (x[~free] == 0).all()
            free = free.copy()
            free[rng.integers(4, m)] ^= True
    changes = length - 1
    assert len(counted) <= 1 + changes // 2 + (m < 24) * changes  # a set of few is factored anew whenever two of it change


@given(seeds(), st.integers(8, 30), st.floats(3.0, 9.0))
def test_a_factor_too_ill_conditioned_for_its_successors_is_left_behind(seed, m, digits):
    rng = np.random.default_rng(seed)
    rows = np.linalg.qr(rng.standard_normal((m + 1, m)))[0].T
    rows[1] = rows[0] + 10**-digits * rows[1]
    G, right = rows @ rows.T, rng.standard_normal(m)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_factor, "FEW", 1)
        solver, free = FreeFactor(G, np.zeros(m)), np.ones(m, dtype=bool)
        if np.linalg.eigvalsh(G)[0] > 4 * m * EPS:  # else the matrix of all may have no factor at all
            solver.solve(free, right)
        free[1] = False
        x = solver.solve(free, right)
    assert np.abs((G @ x - right)[free]).max() <= 100 * m * EPS * np.abs(x).max()


def test_a_variable_that_depends_on_the_others_is_singular_whether_it_joins_or_was_there():
    rows = np.eye(12)
    rows[11, :11] = 1.0
    rows[11, 11] = 1e-7  # a pivot, but one below its floor
    G, free = rows @ rows.T, np.ones(12, dtype=bool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(free_factor, "FEW", 1)
        solver = FreeFactor(G, RANK * G.diagonal())
        with pytest.raises(SingularSystem):
            solver.solve(free, np.ones(12))
        free[11] = False
        solver.solve(free, np.ones(12))
        free[11] = True
        with pytest.raises(SingularSystem):
            solver.solve(free, np.ones(12))


def planted(m, seed):
    """Gram matrix and right side of a box problem in which about a third of the variables end at zero."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((m, 2 * m)) / np.sqrt(2 * m)
    return rows @ rows.T, rng.standard_normal(m) + 0.4


@pytest.mark.parametrize("guess", [False, True])
def test_pivoting_ends_at_the_same_point_from_updated_factors_and_from_a_guess(guess, monkeypatch):
    G, q = planted(240, 1)
    sizes = np.random.default_rng(0).uniform(0.1, 10.0, 240)
    G, q = sizes[:, None] * G * sizes, sizes * q
    plain = pivoting.pivot(G, q)
    monkeypatch.setattr(pivoting, "MANY", 1 if guess else 10**9)
    counted = []
    monkeypatch.setattr(free_factor, "factored", lambda *given_to, made=free_factor.factored: counted.append(len(given_to[0])) or made(*given_to))
    found = pivoting.pivot(G, q)
    assert (len(counted), found.steps) == (1, 1) if guess else len(counted) < found.steps
    assert guess == (counted[0] < 240)
    monkeypatch.setattr(free_factor, "FEW", 10**9)
    anew = pivoting.pivot(G, q)
    for other in (plain, anew):
        assert np.array_equal(found.states, other.states)
        assert (np.abs(found.x - other.x) * sizes).max() <= 1e-13 * (other.x * sizes).max()


@pytest.mark.slow
def test_twenty_thousand_points():
    """Past the sizes from which threaded OpenBLAS crashes; needs 11 GB."""
    m, d, n = 20000, 60, 1000
    rng = np.random.default_rng(0)
    data = kc.Dataset(rng.standard_normal((m, d)) / np.sqrt(d), rng.choice([-1.0, 1.0], m))
    lin = linearise(kc.TwoLayerReLU(rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n) / np.sqrt(n)), data, "indicator")
    G = gradient_gram(lin)
    found = pivoting.minimise(G, lin.margins)
    assert found.method == "pivoting"
    free = found.states == pivoting.FREE
    assert 0.2 < free.mean() < 0.8
    gradient = G @ found.x - lin.margins
    scale = np.abs(lin.margins).max() + found.x.max()
    assert np.abs(gradient[free]).max() <= 1e-12 * scale
    assert gradient[~free].min() >= -1e-12 * scale
