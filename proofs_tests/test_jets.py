"""Enclosures with derivatives and orders of magnitude: against rational arithmetic; narrow where the box is a point; finite at infinite sizes."""

import operator
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from kktcheck.audit.jets import PRECISION, Jet, Magnitude, common_powers, enclosed, hull
from kktcheck.instances import Enclosure, root

flint = pytest.importorskip("flint")

#: Bits at which a rational's ball is thin beside every enclosure tested.
_FINE = 400
_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
COEFFICIENTS = st.fractions(min_value=-3, max_value=3, max_denominator=7)
POSITIVE = st.fractions(min_value=Fraction(1, 3), max_value=3, max_denominator=7)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=9)


@pytest.fixture(autouse=True, scope="module")
def _precision():
    with flint.ctx.workprec(PRECISION):
        yield


def expressions(leaves, operations, max_leaves=6):
    """Nested tuples (operation, left, right); leaves are numbers and names."""
    return st.recursive(leaves, lambda inner: st.tuples(st.sampled_from(operations), inner, inner), max_leaves=max_leaves)


def value_of(expression, numbers):
    """An expression in any kind of numbers; "/" divides by 1 + the square of its right side, which is never zero."""
    if not isinstance(expression, tuple):
        return numbers[expression] if isinstance(expression, str) else expression
    operation, left, right = expression
    left, right = value_of(left, numbers), value_of(right, numbers)
    return _OPERATIONS[operation](left, 1 + right * right if operation == "/" else right)


def slope_of(expression, numbers, name):
    """The partial derivative, in rationals, by the rules of calculus."""
    if not isinstance(expression, tuple):
        return Fraction(expression == name)
    operation, left, right = expression
    u, v = value_of(left, numbers), value_of(right, numbers)
    du, dv = slope_of(left, numbers, name), slope_of(right, numbers, name)
    if operation == "*":
        return du * v + u * dv
    if operation == "/":
        return (du * (1 + v * v) - u * 2 * v * dv) / (1 + v * v) ** 2
    return _OPERATIONS[operation](du, dv)


def contains(ball, rational):
    with flint.ctx.workprec(_FINE):
        return ball.contains(enclosed(rational))


def jets(box):
    """The variables of a box."""
    names = list(box)
    return {name: Jet(hull(*box[name]), tuple(flint.arb(int(name == other)) for other in names)) for name in names}


@st.composite
def boxes(draw):
    """A box of x, y with a point in it."""
    lows = {name: draw(COEFFICIENTS) for name in "xy"}
    widths = {name: draw(st.sampled_from((0, Fraction(1, 1000), Fraction(1, 3), 2))) for name in "xy"}
    point = {name: lows[name] + draw(SHARES) * widths[name] for name in "xy"}
    return {name: (lows[name], lows[name] + widths[name]) for name in "xy"}, point


TREES = expressions(st.sampled_from("xy") | COEFFICIENTS, "+-*/")


@given(TREES, boxes())
def test_a_jet_contains_the_values_and_the_derivatives_at_every_point_of_its_box(tree, pair):
    box, point = pair
    jet = value_of(("+", "x", ("-", tree, "x")), jets(box))
    assert contains(jet.value, value_of(tree, point))
    for slope, name in zip(jet.slopes, "xy", strict=True):
        assert contains(slope, slope_of(tree, point, name))


@given(TREES, boxes())
def test_derivatives_contain_the_slopes_of_secants(tree, pair):
    box, point = pair
    (low, high), there = box["x"], {**point, "x": box["x"][0]}
    if low == high:
        return
    secant = (value_of(tree, {**there, "x": high}) - value_of(tree, there)) / (high - low)
    assert contains(value_of(("+", "x", ("-", tree, "x")), jets(box)).slopes[0], secant), "mean value theorem along x"


@given(TREES, boxes())
def test_a_box_that_is_a_point_gives_enclosures_narrower_than_1e_20(tree, pair):
    point = pair[1]
    jet = value_of(("+", "x", ("-", tree, "x")), jets({name: (value, value) for name, value in point.items()}))
    for ball in (jet.value, *jet.slopes):
        assert ball.rad() <= 1e-20 * (1 + abs(ball).upper())


@given(boxes(), COEFFICIENTS)
def test_roots_contain_roots_and_their_derivatives(pair, shift):
    box, point = pair
    tree = ("+", 1, ("*", ("+", "x", shift), ("+", "x", shift)))
    jet = root(value_of(tree, jets(box)))
    with flint.ctx.workprec(_FINE):
        exact = enclosed(value_of(tree, point)).sqrt()
        slope = enclosed(slope_of(tree, point, "x")) / (2 * exact)
        assert jet.value.contains(exact) and jet.slopes[0].contains(slope) and jet.slopes[1].contains(flint.arb(0))
    if all(low == high for low, high in box.values()):
        assert max(jet.value.rad(), jet.slopes[0].rad()) < 1e-20


@pytest.mark.parametrize("low, high", ((0, 1), (0, Fraction(1, 3)), (Fraction(-1, 10), 2)))
def test_a_root_down_to_zero_is_finite_and_what_does_not_vary_keeps_slope_zero(low, high):
    jet = root(jets({"x": (Fraction(low), Fraction(high)), "y": (Fraction(0), Fraction(1))})["x"])
    assert jet.value.is_finite() and jet.value.contains(flint.arb(0)) and jet.value.contains(enclosed(high).sqrt())
    assert jet.value.upper() < enclosed(high).sqrt() + flint.arb("1e-6")
    assert not jet.slopes[0].is_finite(), "the root is infinitely steep at zero"
    assert jet.slopes[1] == 0


def test_nothing_finite_comes_from_a_division_by_an_enclosure_of_zero():
    numbers = jets({"x": (Fraction(-1), Fraction(1)), "y": (Fraction(0), Fraction(1))})
    for divisor in numbers.values():
        for quotient in (1 / divisor, numbers["x"] / divisor, 1 / divisor * 0, 1 / divisor + 5):
            assert not quotient.value.is_finite()
            assert not any(bound(quotient.value, 0) for bound in (operator.ge, operator.le, operator.gt, operator.lt))


def test_the_root_of_what_is_not_finite_is_not_finite():
    unbounded = 1 / jets({"x": (Fraction(0), Fraction(1))})["x"]
    assert not root(unbounded).value.is_finite()
    assert not (root(unbounded).value >= 0 or root(unbounded).value <= 0)


def test_an_enclosure_beside_a_jet_counts_whole():
    jet = jets({"x": (Fraction(1), Fraction(1))})["x"]
    for result in (jet * Enclosure(2, 3), jet + Enclosure(1, 2), 6 / (jet * Enclosure(2, 3))):
        assert result.value.contains(flint.arb(2)) and result.value.contains(flint.arb(3))


MAGNITUDE_TREES = expressions(st.sampled_from(("m", "n", "x")) | COEFFICIENTS, "+-*/")


def magnitudes(x, m=None, n=None, number=Fraction):
    """m, n (None: infinity) and a number of order 1."""
    sizes = tuple(number(Fraction(0) if size is None else Fraction(1, size)) for size in (m, n))
    one = number(Fraction(1))
    return {"m": Magnitude(one, (1, 0), sizes), "n": Magnitude(one, (0, 1), sizes), "x": Magnitude(number(x), (0, 0), sizes)}


def plain(magnitude, m, n):
    """The number that a magnitude with whole powers stands for."""
    return magnitude.value * Fraction(m) ** int(magnitude.powers[0]) * Fraction(n) ** int(magnitude.powers[1])


@given(MAGNITUDE_TREES, COEFFICIENTS, st.integers(1, 12), st.integers(1, 12))
def test_magnitudes_agree_with_plain_evaluation_at_every_integer_size(tree, x, m, n):
    found = value_of(("*", "x", 0), magnitudes(x, m, n)) + value_of(tree, magnitudes(x, m, n))
    exact = value_of(tree, {"m": Fraction(m), "n": Fraction(n), "x": x})
    assert plain(found, m, n) == exact
    enclosure = value_of(("*", "x", 0), magnitudes(x, m, n, point_jet)) + value_of(tree, magnitudes(x, m, n, point_jet))
    scale = Fraction(m) ** int(found.powers[0]) * Fraction(n) ** int(found.powers[1])
    assert enclosure.powers == found.powers and contains(enclosure.value.value, exact / scale)


def point_jet(value):
    return Jet(enclosed(value), ())


@given(expressions(st.sampled_from("mx") | POSITIVE, "+*/"), POSITIVE, st.integers(1, 9))
def test_at_infinite_m_a_magnitude_has_the_limit(tree, x, n):
    found = value_of(("*", "x", tree), magnitudes(x, None, n))
    large = 10**12
    exact = x * value_of(tree, {"m": Fraction(large), "x": x}) / Fraction(large) ** int(found.powers[0])
    assert found.value > 0 and abs(found.value - exact) <= exact / 10**6


@pytest.mark.parametrize("number", (Fraction, point_jet))
def test_at_infinite_m_and_n_quotients_of_equal_order_are_finite(number):
    at = magnitudes(Fraction(1, 2), None, None, number)
    for found, limit in (
        ((at["m"] - 1) / at["m"], 1),
        ((3 * at["m"] * at["n"] + at["n"]) / (2 * at["m"] * at["n"] - 1), Fraction(3, 2)),
        ((at["m"] + at["x"]) * (at["n"] - 2) / (at["m"] * at["n"]), 1),
    ):
        value = found.at((0, 0))
        assert contains(value.value, limit) if isinstance(value, Jet) else value == limit


@given(st.integers(1, 9), st.integers(1, 9), POSITIVE)
def test_roots_give_half_powers_that_multiply_to_whole_ones(m, n, x):
    numbers = magnitudes(x, m * m, n * n)
    half = root(numbers["m"] * x * x / numbers["n"])
    assert half.powers == (Fraction(1, 2), Fraction(-1, 2)) and half.value == x
    assert (half * half).powers == (1, -1) and (half**2).value == x * x
    total = half + root(numbers["m"])
    assert total.at((1, 0)) * m * m == x * m / n + m, "half powers beside whole ones, at squares where the root is rational"


def test_common_powers_are_the_larger_ones():
    numbers = magnitudes(Fraction(1), 4, 9)
    assert common_powers(numbers["m"], numbers["n"], 1 / numbers["m"]) == (1, 1)
    assert common_powers(root(numbers["m"]), numbers["x"]) == (Fraction(1, 2), 0)
