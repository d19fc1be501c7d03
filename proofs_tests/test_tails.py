"""Exact tails: float64 against mpmath and against Arb, Arb against finite sums, all against draws; logarithms; frequencies and their level."""

import itertools
import math
from fractions import Fraction

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given
from scipy.integrate import quad
from scipy.special import gammaln, kve

from kktcheck import sampling, tails
from kktcheck.audit.jets import PRECISION, Jet, Magnitude, RationalJet, enclosed, hull
from kktcheck.errors import InputError
from kktcheck.instances import Enclosure, exp, log
from kktcheck.tails import enclosures
from kktcheck.tails.products import log_density

flint = pytest.importorskip("flint")

#: What two engines may differ by, relatively to the size of the logarithm.
CLOSE = 1e-10
DIMS = st.integers(1, 60) | st.integers(1, 10**4) | st.integers(1, 10**9)
SHARES = st.fractions(Fraction(1, 20), Fraction(99, 100), max_denominator=100)
#: In standard deviations of the law.
LEVELS = st.fractions(Fraction(1, 20), 12, max_denominator=20)


def difference(logarithm, enclosure):
    """How far a logarithm is from that of any point of an enclosure, relatively where it is large."""
    low, high = (float(log(end)) for end in (enclosure.low, enclosure.high))
    return max(abs(float(logarithm) - low), abs(float(logarithm) - high)) / max(1, abs(low))


@st.composite
def norms(draw):
    """A dimension and how far from 1 a ratio is: up to 0.95, and to 900 standard deviations."""
    n = draw(DIMS)
    distance = min(draw(st.floats(0.05, 900)) * math.sqrt(2 / n), 0.95)
    return n, max(Fraction(round(distance * 10**7), 10**7), Fraction(1, 10**7))


@given(norms())
def test_norms_agree_with_arb(pair):
    n, distance = pair
    assert difference(tails.log_norm_below(n, float(1 - distance)), enclosures.norm_below(n, 1 - distance)) <= CLOSE
    assert difference(tails.log_norm_above(n, float(1 + distance)), enclosures.norm_above(n, 1 + distance)) <= CLOSE


@given(st.integers(1, 400), SHARES)
def test_norms_agree_with_mpmath(n, ratio):
    with mpmath.workdps(40):
        x = mpmath.mpf(n) / 2 * mpmath.mpf(float(ratio))
        below = mpmath.log(mpmath.gammainc(mpmath.mpf(n) / 2, 0, x, regularized=True))
        above = mpmath.log(mpmath.gammainc(mpmath.mpf(n) / 2, mpmath.mpf(n) / 2 * 2, mpmath.inf, regularized=True))
    assert float(tails.log_norm_below(n, float(ratio))) == pytest.approx(float(below), rel=CLOSE)
    assert float(tails.log_norm_above(n, 2.0)) == pytest.approx(float(above), rel=CLOSE)


@pytest.mark.parametrize(
    "n, ratio", (*((n, r) for n in (2000, 2001, 10**5, 10**6) for r in ("0.5", "0.9", "1.1", "2")), (10**9, "0.95"), (10**9, "1.05"))
)
def test_where_probabilities_are_far_below_the_smallest_float(n, ratio):
    function, enclosure = (tails.log_norm_below, enclosures.norm_below) if ratio < "1" else (tails.log_norm_above, enclosures.norm_above)
    assert difference(function(n, float(ratio)), enclosure(n, Fraction(ratio))) <= CLOSE


def test_both_sides_of_a_threshold_add_up_to_one():
    for n, ratio in ((1, "0.3"), (7, "1.2"), (1000, "1"), (10**6, "1.001")):
        total = enclosures.norm_below(n, Fraction(ratio)) + enclosures.norm_above(n, Fraction(ratio))
        assert total.low <= 1 <= total.high and total.high - total.low < Fraction(1, 10**20)


@given(DIMS, LEVELS)
def test_products_agree_with_arb(n, deviations):
    level = Fraction(round(float(deviations) * math.sqrt(n) * 1000), 1000) + Fraction(1, 1000)
    assert difference(tails.log_product_beyond(n, float(level)), enclosures.product_beyond(n, level)) <= CLOSE


@pytest.mark.parametrize("n", (1, 2, 7, 59, 60))
@pytest.mark.parametrize("level", ("1e-12", "1e-6", "1e-2"))
def test_small_thresholds_reach_far_into_short_vectors(n, level):
    missing = -np.expm1(tails.log_product_beyond(n, float(level)))
    assert missing == pytest.approx(float(1 - enclosures.product_beyond(n, Fraction(level))), rel=1e-6, abs=1e-14)


def finite_sum(half, level):
    """P(|<u, v>| >= level) in dimension 2 k: twice sum over j < k of C(k+j-1, j) 2^-(k+j) P(Poisson(level) < k - j); exact but for exp."""
    poisson, term = [Fraction(0)], Fraction(1)
    for j in range(half):
        poisson.append(poisson[-1] + term)
        term = term * level / (j + 1)
    weights = (math.comb(half + j - 1, j) * Fraction(1, 2 ** (half + j)) * poisson[half - j] for j in range(half))
    return 2 * sum(weights) * exp(-level)


@given(st.integers(1, 40), LEVELS)
def test_products_in_even_dimensions_are_finite_sums(half, level):
    found, exact = enclosures.product_beyond(2 * half, level), finite_sum(half, level)
    assert found.low <= exact.high and exact.low <= found.high
    assert (found.high - found.low) / exact.low < Fraction(1, 10**15)


@given(st.integers(2, 200), LEVELS)
def test_products_agree_with_quadrature_of_the_bessel_density(n, deviations):
    """The density of <u, v> is |t|^((n-1)/2) K_((n-1)/2)(|t|) / (sqrt(pi) 2^((n-1)/2) Gamma(n/2))."""
    order, start = (n - 1) / 2, float(deviations) * math.sqrt(n)
    factor = math.log(2 / math.sqrt(math.pi)) - order * math.log(2) - gammaln(n / 2)
    scale = float(tails.log_product_beyond(n, start))

    def density(t):
        return math.exp(factor + order * math.log(t) + math.log(kve(order, t)) - t - scale)

    spread = math.sqrt(n)
    total = sum(
        quad(density, start + a * spread, start + b * spread, epsabs=0, epsrel=1e-12)[0] for a, b in itertools.pairwise((0, 0.5, 2, 6, 20, 60))
    )
    assert total == pytest.approx(1, rel=CLOSE)


def test_the_density_of_the_length_integrates_to_one():
    for n in (1, 2, 5, 60, 10**4, 10**9):
        z = np.linspace(-45 / n - 14 / np.sqrt(2 * n), 7 / np.sqrt(n), 400_001)
        assert np.exp(log_density(float(n), z)).sum() * (z[-1] - z[0]) / 400_000 == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("d", (3, 50, 10**4))
def test_products_and_norms_agree_with_draws(d):
    grams = sampling.gaussian_gram(2, d, 20_000, rng=d)
    for t in (0.3, 1.0, 2.0):
        seen = int((np.abs(grams[:, 0, 1]) * d >= t * np.sqrt(d)).sum())
        low, high = tails.limits(seen, 20_000)
        assert low <= np.exp(tails.log_product_beyond(d, t * np.sqrt(d))) <= high
        assert not low <= np.exp(tails.log_product_beyond(d, (t + 0.25) * np.sqrt(d))) <= high, "the draws would tell"
    seen = int((grams[:, 0, 0] <= 1 - 1 / np.sqrt(d)).sum())
    low, high = tails.limits(seen, 20_000)
    assert low <= np.exp(tails.log_norm_below(d, 1 - 1 / np.sqrt(d))) <= high


def test_normal_tails_agree_with_arb():
    for t in ("0", "1/7", "1", "5", "30"):
        enclosure = enclosures.normal_beyond(Fraction(t))
        assert float(tails.log_normal_beyond(float(Fraction(t)))) == pytest.approx(float(log(enclosure)), rel=1e-13, abs=1e-15)


def test_a_threshold_that_is_an_enclosure_widens_the_result_to_the_right_side():
    wide = Enclosure(Fraction(9, 10), Fraction(91, 100))
    for function, n in ((enclosures.norm_below, 50), (enclosures.norm_above, 50), (enclosures.product_beyond, 5)):
        found, ends = function(n, wide), [function(n, end) for end in (wide.low, wide.high)]
        assert found.low == min(end.low for end in ends) and found.high == max(end.high for end in ends)


def test_dimensions_out_of_range_are_refused():
    for n in (0, -3, 10**9 + 1):
        with pytest.raises(InputError, match="from 1 to 1000000000"):
            enclosures.norm_below(n, Fraction(1, 2))


def test_certain_and_impossible_events():
    assert float(tails.log_product_beyond(5, 0.0)) == 0 and float(enclosures.product_beyond(5, Fraction(0))) == 1
    assert float(tails.log_norm_below(5, 0.0)) == -math.inf and float(enclosures.norm_below(5, Fraction(0))) == 0


# Logarithms and exponentials of exact numbers.

POSITIVE = st.fractions(Fraction(1, 10**6), 10**6) | st.builds(lambda k: Fraction(2) ** k, st.integers(-3000, 3000))


@given(POSITIVE)
def test_logarithms_contain_the_true_one_and_are_thin(value):
    found = log(value)
    with flint.ctx.workprec(400):
        true = flint.arb(flint.fmpq(value.numerator, value.denominator)).log()
        ends = [flint.arb(flint.fmpq(end.numerator, end.denominator)) for end in (found.low, found.high)]
        assert ends[0] <= true <= ends[1] or value == 1
    assert found.high - found.low <= Fraction(1, 2**170)


@given(st.fractions(-5000, 5000) | st.integers(-20, 20).map(Fraction))
def test_exponentials_contain_the_true_one_and_are_thin(value):
    found = exp(value)
    with flint.ctx.workprec(400):
        true = flint.arb(flint.fmpq(value.numerator, value.denominator)).exp()
        ends = [flint.arb(flint.fmpq(end.numerator, end.denominator)) for end in (found.low, found.high)]
        assert ends[0] <= true <= ends[1] or value == 0
    assert (found.high - found.low) / found.low <= Fraction(1, 2**160)


@given(st.fractions(-30, 30), st.fractions(0, 1))
def test_they_are_monotone_on_enclosures_and_inverse_to_each_other(low, width):
    wide = Enclosure(low, low + width)
    found = exp(wide)
    assert found.low == exp(low).low and found.high == exp(low + width).high
    back = log(found)
    assert back.low <= low and low + width <= back.high and back.high - back.low <= width + Fraction(1, 2**100)


def test_arrays_and_floats():
    assert log(0.5) == math.log(0.5) and exp(0.5) == math.exp(0.5)
    assert (exp(log(np.array([0.5, 2.0]))) == [0.5, 2.0]).all()
    exact = exp(np.array([Fraction(1, 2), Fraction(-1)], dtype=object))
    assert [float(value) for value in exact] == pytest.approx([math.exp(0.5), math.exp(-1)], rel=1e-15)


@pytest.mark.parametrize("value", (0, Fraction(-1, 2), Enclosure(0, 1)))
def test_logarithms_take_numbers_above_zero(value):
    with pytest.raises(ValueError, match="above zero"):
        log(value)


def test_exponents_beyond_all_bounds():
    assert exp(Fraction(-(10**12))).low == 0 < exp(Fraction(-(10**12))).high
    with pytest.raises(InputError, match="too many digits"):
        exp(Fraction(10**12))


@given(st.fractions(Fraction(1, 3), 3), st.fractions(0, 1), st.fractions(0, 1))
def test_jets_of_both_contain_values_and_slopes(low, width, share):
    point = low + share * width
    functions = ((log, 1 / point), (exp, exp(point)))
    for function, slope in functions:
        with flint.ctx.workprec(PRECISION):
            jet = function(Jet(hull(low, low + width), (flint.arb(1), flint.arb(0))))
        rational = function(RationalJet(Enclosure(low, low + width), (Enclosure(1, 1), Enclosure(0, 0))))
        value = function(point)
        with flint.ctx.workprec(400):
            assert jet.value.overlaps(hull(value.low, value.high))
            assert jet.slopes[0].overlaps(hull(getattr(slope, "low", slope), getattr(slope, "high", slope))) and jet.slopes[1] == 0
        assert rational.value.low <= value.high and value.low <= rational.value.high
        assert rational.slopes[0].low <= getattr(slope, "high", slope) and getattr(slope, "low", slope) <= rational.slopes[0].high
        if width == 0:
            assert float(jet.value.rad()) < 1e-25 and float(jet.slopes[0].rad()) < 1e-25


def test_jets_and_magnitudes_without_a_finite_logarithm():
    with pytest.raises(ZeroDivisionError, match="not bounded"):
        log(RationalJet(Enclosure(0, 1), (Enclosure(1, 1),)))
    assert not log(Jet(hull(0, 1), (flint.arb(1),))).value.is_finite()
    sizes = (enclosed(Fraction(1, 4)), enclosed(1))
    for function in (log, exp):
        with pytest.raises(InputError, match="for all sizes at once"):
            function(Magnitude(enclosed(2), (1, 0), sizes))
    assert exp(Magnitude(Fraction(2), (-1, 0), (Fraction(1, 4), Fraction(1)))).value.low <= Fraction(16487213, 10**7)


# Frequencies.


@given(st.integers(1, 30), st.sampled_from((0.2, 0.01, 1e-6)), st.integers(1, 19))
def test_limits_miss_the_probability_no_more_often_than_they_may(draws, level, twentieth):
    p = twentieth / 20
    chance = [math.comb(draws, hits) * p**hits * (1 - p) ** (draws - hits) for hits in range(draws + 1)]
    ends = [tails.limits(hits, draws, level) for hits in range(draws + 1)]
    missed = sum(share for share, (low, high) in zip(chance, ends) if not low <= p <= high)
    assert missed <= level * (1 + 1e-9)


def test_limits_are_no_wider_than_needed():
    low, high = tails.limits(500, 1000, 0.05)
    assert 0.46 < low < 0.5 < high < 0.54
    assert tails.limits(0, 1000)[0] == 0 and tails.limits(0, 1000)[1] < 0.025


def test_the_level_is_shared_by_all_comparisons():
    assert tails.LEVEL * tails.MOST_COMPARISONS <= 1.000001e-6


@pytest.mark.parametrize("hits, draws, level", ((-1, 5, 0.1), (6, 5, 0.1), (0, 0, 0.1), (1, 5, 0.0), (1, 5, 1.0)))
def test_frequencies_that_are_none_are_refused(hits, draws, level):
    with pytest.raises(InputError):
        tails.limits(hits, draws, level)
