"""Quadratics in a box: pivoting, its fallbacks on factors and the primal active set, against enumeration, scipy and the conditions."""

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

from kktcheck import SolverError, pivoting
from kktcheck.active_set import ActiveSet
from kktcheck.pivoting import FREE, LOWER, UPPER, SingularSystem, minimise, on_factor, pivot
from kktcheck.tolerances import RANK

from .instances import examples, seeds

KINDS = ("definite", "lattice", "repeated", "asleep")
BOUNDS = ("none", "some", "all", "closed")


def least_squares(seed, kind, m, r):
    """Factor (r, m) and target; whole numbers in ``lattice``, columns that repeat or vanish in the last two kinds."""
    rng = np.random.default_rng(seed)
    A, t = rng.standard_normal((max(r, m) if kind == "definite" else r, m)), None
    if kind == "lattice":
        A = rng.integers(-2, 3, A.shape).astype(float)
        t = rng.integers(-3, 4, len(A)).astype(float)
    if kind == "repeated":
        A = A[:, rng.integers(0, m, m)] * rng.choice([0.5, 1.0, 2.0], m)
    if kind == "asleep":
        A[:, rng.random(m) < 0.4] = 0.0
    return A, rng.standard_normal(len(A)) if t is None else t


def bounds(seed, kind, A, t):
    """Upper bounds about as large as the multipliers; with zeros and infinities mixed in but for ``all``."""
    if kind == "none":
        return None
    rng = np.random.default_rng([seed, 1])
    size = np.abs(A.T @ t) / np.maximum((A**2).sum(axis=0), 1e-3)
    share = rng.choice([0.3, 1.0, 3.0], A.shape[1])
    if kind == "closed":
        return np.zeros(A.shape[1])
    keep = np.ones(A.shape[1]) if kind == "all" else rng.choice([0.0, 1.0, np.inf], A.shape[1])
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(keep), np.inf, keep * share * size)


def least_by_enumeration(A, t, upper):
    """Least |A x - t|**2 over all assignments of lower, free and upper whose free columns are independent."""
    m = A.shape[1]
    upper = np.full(m, np.inf) if upper is None else upper
    best = np.inf
    for states in itertools.product(*[(0, 1, 2) if 0 < u < np.inf else (0, 1) if u else (0,) for u in upper]):
        x = np.array([u if s == 2 else 0.0 for s, u in zip(states, upper, strict=True)])
        free = [i for i, s in enumerate(states) if s == 1]
        if free:
            found, _, rank, _ = np.linalg.lstsq(A[:, free], t - A @ x, rcond=1e-10)
            if rank < len(free):
                continue
            x[free] = found
        if (x >= -1e-10).all() and (x <= upper + 1e-10).all():
            best = min(best, float(np.sum((A @ x - t) ** 2)))
    return best


def misses(A, t, upper, x):
    """Violation of each of the optimality conditions in units of the columns and the target, the largest of each kind."""
    upper = np.full(len(x), np.inf) if upper is None else upper
    sizes = np.linalg.norm(A, axis=0)
    sizes[sizes == 0] = 1.0
    pull = A.T @ (t - A @ x) / sizes / max(np.linalg.norm(t), 1e-300)
    assert (x >= 0).all()
    assert (x <= upper).all()
    return max(np.where(x < upper, pull, 0.0).max(), np.where(x > 0, -pull, 0.0).max(), 0.0)


@st.composite
def problems(draw, *, max_size=5):
    m, r, seed = draw(st.integers(1, max_size)), draw(st.integers(1, max_size)), draw(seeds())
    A, t = least_squares(seed, draw(st.sampled_from(KINDS)), m, r)
    return A, t, bounds(seed, draw(st.sampled_from(BOUNDS)), A, t)


@examples(60)
@given(problem=problems())
def test_the_least_value_is_that_of_the_best_assignment_of_states(problem):
    A, t, upper = problem
    least = least_by_enumeration(A, t, upper)
    for found in (minimise(A.T @ A, A.T @ t, upper), on_factor(A, t, upper)):
        assert abs(np.sum((A @ found.x - t) ** 2) - least) <= 1e-11 * (t @ t)
        assert misses(A, t, upper, found.x) <= 1e-11


@examples(60)
@given(problem=problems(max_size=20))
def test_the_conditions_hold_one_by_one_and_the_report_is_the_truth(problem):
    A, t, upper = problem
    G, q = A.T @ A, A.T @ t
    found = minimise(G, q, upper)
    assert misses(A, t, upper, found.x) <= 1e-10
    np.testing.assert_allclose(found.gradient, G @ found.x - q, atol=1e-12 * (np.abs(G) @ found.x + np.abs(q)).max())
    states = np.where(found.x <= 0, LOWER, np.where(found.x >= (np.inf if upper is None else upper), UPPER, FREE))
    free = states == FREE
    g = found.gradient
    expected = max(np.abs(g[free]).max(initial=0), -(g[(states == LOWER) & ((upper is None) | (np.asarray(upper) != 0))]).min(initial=0))
    expected = max(expected, g[states == UPPER].max(initial=0))
    assert found.residual() == pytest.approx(expected, abs=1e-11 * np.linalg.norm(A, axis=0).max() * np.linalg.norm(t))


@examples(40)
@given(seed=seeds(), m=st.integers(1, 25))
def test_without_bounds_it_is_nnls(seed, m):
    A, t = least_squares(seed, "definite", m, m + 3)
    expected, norm = optimize.nnls(A, t)
    found = minimise(A.T @ A, A.T @ t)
    assert found.method == "pivoting"
    assert np.linalg.norm(A @ found.x - t) == pytest.approx(norm, abs=1e-12 * np.linalg.norm(t))
    np.testing.assert_allclose(found.x, expected, atol=1e-9 * np.linalg.cond(A) ** 2 * np.abs(expected).max(initial=1e-300) + 1e-12)


@examples(30)
@given(seed=seeds(), m=st.integers(1, 15))
def test_within_bounds_it_is_never_above_lsq_linear(seed, m):
    A, t = least_squares(seed, "definite", m, m + 3)
    upper = np.maximum(bounds(seed, "all", A, t), 1e-3)
    expected = optimize.lsq_linear(A, t, (0, upper), method="bvls", tol=1e-14)
    for found in (minimise(A.T @ A, A.T @ t, upper), on_factor(A, t, upper)):
        assert np.linalg.norm(A @ found.x - t) <= np.sqrt(2 * expected.cost) + 1e-12 * np.linalg.norm(t)


@given(problem=problems(max_size=10), start=seeds())
def test_the_answer_does_not_depend_on_the_states_it_starts_from(problem, start):
    A, t, upper = problem
    states = np.random.default_rng(start).integers(0, 2 if upper is None else 3, A.shape[1]).astype(np.int8)
    if upper is not None:
        states[np.isinf(upper) & (states == UPPER)] = FREE
    first, second = (minimise(A.T @ A, A.T @ t, upper, begin) for begin in (None, states))
    assert np.linalg.norm(A @ (first.x - second.x)) <= 1e-6 * np.linalg.norm(t)
    assert abs(np.sum((A @ first.x - t) ** 2) - np.sum((A @ second.x - t) ** 2)) <= 1e-11 * (t @ t)


@pytest.mark.parametrize("patience", [0, 1, 10**6])
def test_single_exchanges_alone_reach_the_same_answer(monkeypatch, patience):
    monkeypatch.setattr(pivoting, "PATIENCE", patience)
    for seed in range(40):
        A, t = least_squares(seed, "definite", 8, 9)
        upper = bounds(seed, BOUNDS[seed % 3], A, t)
        assert misses(A, t, upper, minimise(A.T @ A, A.T @ t, upper).x) <= 1e-11


@given(problem=problems(max_size=6), exponents=st.lists(st.integers(-60, 60), min_size=6, max_size=6))
def test_the_units_of_the_variables_do_not_matter(problem, exponents):
    A, t, upper = problem
    units = 2.0 ** np.array(exponents[: A.shape[1]])
    scaled = None if upper is None else upper / units
    G, q = A.T @ A, A.T @ t
    plain, other = minimise(G, q, upper), minimise(G * units * units[:, None], q * units, scaled)
    if plain.method == "pivoting":
        np.testing.assert_array_equal(other.x * units, plain.x)
    assert misses(A, t, upper, np.minimum(other.x * units, np.inf if upper is None else upper)) <= 1e-11
    on_columns = on_factor(A * units, t, scaled).x * units
    assert misses(A, t, upper, np.minimum(on_columns, np.inf if upper is None else upper)) <= 1e-11


@pytest.mark.parametrize(
    ("G", "q", "upper", "x"),
    [
        ([[1, 0], [0, 1]], [1, 0], None, [1, 0]),  # the second has neither gradient nor value
        ([[1, 1], [1, 2]], [1, 1], None, [1, 0]),  # the same, by cancellation
        ([[2, 1], [1, 2]], [0, 0], None, [0, 0]),
        ([[2, 1], [1, 2]], [-1, -1], [np.inf, 3], [0, 0]),
        ([[2, 1], [1, 2]], [3, 3], [0, np.inf], [0, 1.5]),
        ([[2, 1], [1, 2]], [3, 3], [0, 0], [0, 0]),
        ([[2, 1], [1, 2]], [3, 3], [1, 1], [1, 1]),  # at both bounds with zero gradients
        ([[2, -1], [-1, 2]], [4, 4], [1, np.inf], [1, 2.5]),
        ([[0.0]], [0.0], None, [0]),
        ([[0, 0], [0, 1]], [0, 2], None, [0, 2]),  # nothing depends on the first
        ([[4.0]], [-1.0], None, [0]),
    ],
)
def test_degenerate_cases_by_hand(G, q, upper, x):
    found = minimise(np.array(G, float), np.array(q, float), None if upper is None else np.array(upper, float))
    np.testing.assert_allclose(found.x, x, atol=1e-15)
    assert found.residual() <= 1e-15


def test_two_equal_columns_share_a_value_and_its_bounds():
    G = np.ones((2, 2))
    assert minimise(G, np.array([1.0, 1.0])).x.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(minimise(G, np.array([1.0, 1.0]), np.array([0.25, np.inf])).x.sum(), 1.0)
    np.testing.assert_allclose(minimise(G, np.array([1.0, 1.0]), np.array([0.25, 0.5])).x, [0.25, 0.5])


def test_a_singular_matrix_is_told_from_a_definite_one():
    singular = np.ones((2, 2))
    with pytest.raises(SingularSystem):
        pivot(singular, np.ones(2))
    assert minimise(singular, np.ones(2)).method == "nnls"
    assert minimise(singular, np.ones(2), np.ones(2)).method == "active set"
    assert minimise(np.eye(2), np.ones(2)).method == "pivoting"


@pytest.mark.parametrize("size", [4, 6, 8, 10, 12])
@pytest.mark.parametrize("bound", BOUNDS[:3])
def test_nearly_singular_matrices_end_in_a_right_answer_or_an_error(size, bound):
    hilbert = 1 / (np.arange(size)[:, None] + np.arange(size) + 1.0)
    right = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        A = hilbert * rng.choice([-1.0, 1.0], size)
        t = A @ np.maximum(rng.standard_normal(size), 0) if seed % 2 else rng.standard_normal(size)
        upper = bounds(seed, bound, A, t)
        for solve in (lambda A=A, t=t, upper=upper: minimise(A.T @ A, A.T @ t, upper), lambda A=A, t=t, upper=upper: on_factor(A, t, upper)):
            try:
                found = solve()
            except SolverError as error:
                assert "too close to dependent" in str(error)
                continue
            right += 1
            assert misses(A, t, upper, found.x) <= 1e-8
    assert right >= 8


def test_an_answer_off_its_conditions_is_an_error_and_not_an_answer(monkeypatch):
    monkeypatch.setattr(ActiveSet, "solve", lambda self: None)
    with pytest.raises(SolverError, match=r"too close to dependent: active set ended at a relative residual of .*; drop those that nearly repeat"):
        on_factor(np.eye(2), np.ones(2), np.full(2, 5.0))


def test_where_nnls_gives_up_the_active_set_takes_over(monkeypatch):
    def give_up(*arguments, **options):
        raise RuntimeError("Maximum number of iterations reached.")

    monkeypatch.setattr(optimize, "nnls", give_up)
    A = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 1.0]])
    found = on_factor(A, np.array([4.0, 3.0]))
    assert found.method == "active set"
    assert misses(A, np.array([4.0, 3.0]), None, found.x) <= 1e-14


@given(problem=problems(max_size=8), start=seeds())
def test_the_active_set_may_start_anywhere_within_the_bounds(problem, start):
    A, t, upper = problem
    upper = np.full(A.shape[1], np.inf) if upper is None else upper
    search = ActiveSet(A, t, upper)
    rng = np.random.default_rng(start)
    search.start_at(np.minimum(rng.choice([0.0, 0.5, 2.0], len(upper)), upper), np.zeros(0))
    search.solve()
    assert misses(A, t, upper, search.x) <= 1e-11


def test_a_pivot_at_the_rank_tolerance_decides_between_definite_and_singular():
    for share, definite in ((4.0, True), (0.25, False)):
        G = np.array([[1.0, 1.0], [1.0, 1.0 + share * RANK]])
        if definite:
            assert pivot(G, G @ np.ones(2)).method == "pivoting"
        else:
            with pytest.raises(SingularSystem):
                pivot(G, G @ np.ones(2))
