"""Rational numbers, enclosures of square roots, exact elimination: against Fraction, mpmath and LAPACK; floats are refused."""

import operator
from fractions import Fraction

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given

from kktcheck.instances import Enclosure, certainly_above, root
from kktcheck.instances.base import ceiling
from kktcheck.instances.exact import is_exact, solve, to_exact, to_float
from kktcheck.instances.gram import is_positive, largest_inner_product

from .instances import examples

RATIONALS = st.fractions(min_value=-20, max_value=20, max_denominator=50)
NOT_NEGATIVE = st.fractions(min_value=0, max_value=400, max_denominator=1000)


@st.composite
def enclosed(draw):
    """A rational and an enclosure that holds it."""
    value, below, above = draw(RATIONALS), draw(NOT_NEGATIVE), draw(NOT_NEGATIVE)
    return value, Enclosure(value - below / 400, value + above / 400)


@pytest.mark.parametrize("operation", (operator.add, operator.sub, operator.mul, operator.truediv))
def test_operations_contain_the_results_of_what_is_enclosed(operation):
    @given(enclosed(), enclosed(), st.booleans())
    def contains(first, second, plain):
        if operation is operator.truediv and (second[1].low <= 0 <= second[1].high or (plain and second[0] == 0)):
            return
        result = operation(first[1], second[0] if plain else second[1])
        assert result.low <= operation(first[0], second[0]) <= result.high
        swapped = operation(second[0], first[1]) if operation is not operator.truediv else None
        assert swapped is None or swapped.low <= operation(second[0], first[0]) <= swapped.high

    contains()


@given(enclosed())
def test_squares_negatives_and_absolute_values_contain_theirs_and_no_needless_negative(pair):
    value, enclosure = pair
    for result, exact in ((enclosure**2, value**2), (-enclosure, -value), (abs(enclosure), abs(value))):
        assert result.low <= exact <= result.high
    assert (enclosure**2).low >= 0 and abs(enclosure).low >= 0
    turned = 1 - enclosure
    assert (turned.low, turned.high) == (1 - enclosure.high, 1 - enclosure.low)


@given(enclosed(), enclosed())
def test_comparisons_are_true_only_if_true_for_every_member(first, second):
    (_, a), (_, b) = first, second
    assert (a > b) == (a.low > b.high) and (a < b) == (a.high < b.low)
    assert (a >= b) == (a.low >= b.high) and (a <= b) == (a.high <= b.low)
    if a.low < b.high and b.low < a.high:
        assert not (a > b or a < b), "overlapping: neither is certain"


@given(NOT_NEGATIVE)
def test_a_root_is_contained_and_narrow(value):
    found = root(value)
    with mpmath.workdps(60):
        true = mpmath.sqrt(mpmath.mpf(value.numerator) / value.denominator)
        if isinstance(found, Fraction):
            assert found**2 == value
            return
        assert found.low**2 < value < found.high**2
        assert 0 < found.high - found.low <= Fraction(1, 2**190), "a vacuous enclosure contains everything"
        assert abs(mpmath.mpf(found.low.numerator) / found.low.denominator - true) < mpmath.mpf(10) ** -50


@given(enclosed())
def test_the_root_of_an_enclosure_contains_the_roots_of_its_members(pair):
    value, enclosure = abs(pair[0]), abs(pair[1])
    found, inside = root(enclosure), root(value)
    low, high = (inside.low, inside.high) if isinstance(inside, Enclosure) else (inside, inside)
    assert found.low <= high and low <= found.high


def test_roots_of_floats_are_those_of_numpy_and_rounding_below_zero_counts_as_zero():
    np.testing.assert_array_equal(root(np.array([4.0, 2.0, -1e-18])), [2.0, np.sqrt(2.0), 0.0])
    assert root(-1e-18) == 0.0 and root(9.0) == 3.0
    assert root(Fraction(9, 4)) == Fraction(3, 2) and root(0) == 0
    roots = root(np.array([Fraction(1, 4), Fraction(2)], dtype=object))
    assert roots[0] == Fraction(1, 2) and isinstance(roots[1], Enclosure)
    assert root(Enclosure(Fraction(-1, 10**30), Fraction(1, 4))).low == 0
    with pytest.raises(ValueError, match="square root of the negative number -1/4"):
        root(Fraction(-1, 4))


@pytest.mark.parametrize(
    "attempt",
    (
        lambda: Enclosure(0.5, 1),
        lambda: Enclosure(0, 1) + 0.5,
        lambda: 0.5 * Enclosure(0, 1),
        lambda: Enclosure(0, 1) - 0.5,
        lambda: certainly_above(np.array([Fraction(1)], dtype=object), 0.5),
        lambda: certainly_above(np.array([1.0]), Fraction(1)),
    ),
)
def test_a_float_among_exact_numbers_is_an_error(attempt):
    with pytest.raises(TypeError):
        attempt()


def test_division_by_an_enclosure_of_zero_and_other_powers_are_errors():
    with pytest.raises(ZeroDivisionError, match="enclosure of zero"):
        Fraction(1) / Enclosure(-1, 1)
    with pytest.raises(TypeError):
        Enclosure(0, 1) ** 3


def test_certainly_above_says_no_where_it_cannot_tell():
    left = np.array([Enclosure(1, 2), Fraction(3), Enclosure(3, 4)], dtype=object)
    assert certainly_above(left, 2).tolist() == [False, True, True]
    assert certainly_above(2, left).tolist() == [False, False, False]
    assert certainly_above(np.array([[3], [1]]), np.array([1, 2])).tolist() == [[True, True], [False, False]]


def test_what_is_exact():
    assert is_exact(3) and is_exact(np.array([1, 2])) and is_exact(np.array([Fraction(1), Enclosure(0, 1)], dtype=object)) and is_exact([True])
    assert not is_exact(0.5) and not is_exact(np.array([Fraction(1), 0.5], dtype=object)) and not is_exact(np.array([1.0]))


@given(st.floats(-1e6, 1e6), st.integers(0, 12))
def test_floats_become_their_own_values_or_the_nearest_decimals(value, digits):
    assert to_float(to_exact(value)) == value
    assert abs(to_exact(value, digits) - Fraction(value)) <= Fraction(1, 2 * 10**digits)
    assert (to_exact(value, digits) * 10**digits).denominator == 1
    assert to_exact(np.array([value]), digits)[0] == to_exact(value, digits) == to_exact(np.float64(value), digits)
    assert 0 <= ceiling(Fraction(value), digits) - Fraction(value) < Fraction(1, 10**digits)


@examples(20)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_elimination_is_exact_and_agrees_with_lapack(size, seed, several):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-9, 10, (size, size)).astype(float) + 20 * np.eye(size)[rng.permutation(size)]
    right = rng.integers(-9, 10, (size, 2) if several else size).astype(float)
    exact = solve(to_exact(matrix), to_exact(right))
    assert (to_exact(matrix) @ exact == to_exact(right)).all()
    if np.linalg.cond(matrix) < 1e6:
        np.testing.assert_allclose(exact.astype(float), solve(matrix, right), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(solve(matrix, right), np.linalg.solve(matrix, right))


def test_a_singular_matrix_is_refused_and_a_zero_pivot_is_not():
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        solve(to_exact(np.array([[1.0, 2.0], [2.0, 4.0]])), to_exact(np.ones(2)))
    assert solve(to_exact(np.array([[0.0, 1.0], [2.0, 0.0]])), to_exact(np.array([3.0, 4.0]))).tolist() == [2, 3]


GRAMS = {
    "identity": ([[1, 0], [0, 1]], True),
    "rank one": ([[1, 2], [2, 4]], True),
    "rank one of three": ([[1, -1, 2], [-1, 1, -2], [2, -2, 4]], True),
    "zero row": ([[0, 0], [0, 1]], True),
    "zero pivot, entry beside it": ([[0, 1], [1, 5]], False),
    "indefinite": ([[1, 2], [2, 1]], False),
    "indefinite in the last pivot": ([["1", "3/5", "3/5"], ["3/5", "1", "-3/5"], ["3/5", "-3/5", "1"]], False),
    "negative diagonal": ([[-1]], False),
    "dominant": ([["1", "1/2"], ["1/2", "1"]], True),
    "not dominant, definite": ([["1", "9/10", "9/10"], ["9/10", "1", "9/10"], ["9/10", "9/10", "1"]], True),
}


@pytest.mark.parametrize(("rows", "positive"), GRAMS.values(), ids=GRAMS)
def test_positive_semidefinite_matrices_are_told_from_others(rows, positive):
    gram = np.array([[Fraction(value) for value in row] for row in rows], dtype=object)
    assert is_positive(gram) == is_positive(gram.astype(float)) == positive


def test_positivity_is_decided_beyond_rounding_by_rationals_alone():
    gram = np.array([[Fraction(1), Fraction(1)], [Fraction(1), Fraction(1) - Fraction(1, 10**30)]], dtype=object)
    assert not is_positive(gram) and is_positive(gram.astype(float))


@examples(20)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_gram_matrices_of_points_are_positive(dim, size, seed):
    X = np.random.default_rng(seed).integers(-3, 4, (size, dim))
    gram = to_exact((X @ X.T).astype(float))
    assert is_positive(gram)
    largest = max((abs(gram[i, k]) for i in range(size) for k in range(i)), default=0)
    assert largest_inner_product(gram) == largest
