"""Losses and their derivatives against many-digit arithmetic, at margins up to 1e4 in absolute value and beyond."""

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import example, given

from kktcheck import losses
from kktcheck.errors import InputError

#: Units in the last place allowed: exp and log are right to one each, and at most three are combined.
ULPS = 4.0
ULP = 2.0**-53

MARGINS = st.one_of(
    st.floats(-1e4, 1e4),
    st.floats(-60, 60),
    st.floats(28, 45),  # where log(1 + exp(-q)) runs into exp(-q)
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 30.5, 40.0, 700.0, -700.0, 709.9, 745.2, 1e4, -1e4]),
)


def working_digits(q):
    """Precision in which 1 + exp(-|q|), 4343 zeros after the point at |q| = 1e4, keeps 50 digits after them."""
    return mpmath.workdps(60 + int(abs(q) / 2))


def exact(name, q):
    """(loss, derivative) at q to at least 50 correct digits, also of their distance from 1."""
    with working_digits(q):
        decay = mpmath.exp(-mpmath.mpf(float(q)))
        return (mpmath.log1p(decay), -decay / (1 + decay)) if name == "logistic" else (decay, -decay)


def relative_error(value, true):
    return abs((mpmath.mpf(value) - true) / true)


def is_close(value, true):
    """Whether a float64 is within `ULPS` of the true number, or of its place at the end of the float64 range."""
    if abs(true) > mpmath.mpf(np.finfo(float).max):
        return value == np.sign(float(mpmath.sign(true))) * np.inf
    if abs(true) < mpmath.mpf(np.finfo(float).tiny):  # denormal numbers have one absolute spacing
        return abs(mpmath.mpf(value) - true) <= 2 * mpmath.mpf(5e-324)
    return relative_error(value, true) <= ULPS * ULP


@pytest.mark.parametrize("name", ["logistic", "exponential"])
@given(q=MARGINS)
def test_value_and_derivative_are_right_to_the_last_digits(name, q):
    loss, (value, derivative) = losses.get(name), exact(name, q)
    assert is_close(float(loss.value(q)), value)
    assert is_close(float(loss.derivative(q)), derivative)


@pytest.mark.parametrize("name", ["logistic", "exponential"])
@given(q=MARGINS)
@example(q=-0.5413248546129181)  # the logistic loss is 1 here
def test_logarithms_are_right_where_loss_and_derivative_are_not_representable(name, q):
    loss, (value, derivative) = losses.get(name), exact(name, q)
    # A logarithm near 0 is a difference of close numbers: its error is measured against 1.
    with working_digits(q):
        for computed, true in ((loss.log_value(q), mpmath.log(value)), (loss.log_abs_derivative(q), mpmath.log(-derivative))):
            assert abs(mpmath.mpf(float(computed)) - true) <= ULPS * ULP * max(1, abs(true))


@given(q=st.floats(-700, 1e4))
def test_log_of_the_logistic_derivative_keeps_its_relative_accuracy(q):
    # At very negative margins it is -exp(q): not zero, as 1 - (1 - exp(q)) would be.
    with working_digits(q):
        true = -mpmath.log1p(mpmath.exp(mpmath.mpf(q)))
    assert is_close(float(losses.LOGISTIC.log_abs_derivative(q)), true)


@pytest.mark.parametrize("name", ["logistic", "exponential"])
@given(q=st.one_of(MARGINS, st.floats(-1e6, 1e6)))
@example(q=699.9999999999999)
@example(q=700.0000000000001)
def test_scaled_derivative_neither_overflows_nor_vanishes(name, q):
    mantissa, exponent = losses.get(name).scaled_derivative(q)
    assert isinstance(mantissa, float)
    assert isinstance(exponent, int)
    assert 0.5 <= -mantissa < 2
    with mpmath.workdps(40):
        decay = mpmath.exp(-mpmath.mpf(q))  # relative accuracy is all that is needed here
        true = -decay / (1 + decay) if name == "logistic" else -decay
        assert relative_error(mpmath.ldexp(mantissa, exponent), true) <= ULPS * ULP


@pytest.mark.parametrize("name", ["logistic", "exponential"])
@pytest.mark.parametrize("q", [2.0**30 + 0.25, 1e12 + 1 / 3, 2.0**53])
def test_scaled_derivative_keeps_every_digit_of_huge_margins(name, q):
    mantissa, exponent = losses.get(name).scaled_derivative(q)
    with mpmath.workdps(60):
        assert relative_error(mpmath.ldexp(mpmath.mpf(mantissa), exponent), -mpmath.exp(-mpmath.mpf(q))) <= ULPS * ULP


@pytest.mark.parametrize("q", [np.nan, np.inf, -np.inf, 1e16, -1e300])
def test_scaled_derivative_refuses_margins_without_a_correct_digit(q):
    with pytest.raises(InputError, match=r"beyond 2\*\*53; scale the model down"):
        losses.LOGISTIC.scaled_derivative(q)


@pytest.mark.parametrize("name", ["logistic", "exponential"])
def test_arrays_are_taken_elementwise_and_integers_converted(name):
    loss, margins = losses.get(name), np.array([[-3, 0, 2], [50, 800, -800]])
    for function in (loss.value, loss.derivative, loss.log_value, loss.log_abs_derivative):
        assert np.array_equal(function(margins), [[function(float(q)) for q in row] for row in margins])


@pytest.mark.parametrize("name", ["logistic", "exponential"])
def test_loss_decreases_and_its_derivative_increases_towards_zero(name):
    loss, q = losses.get(name), np.linspace(-700, 700, 2801)
    assert (np.diff(loss.value(q)) < 0).all()
    assert (np.diff(loss.log_abs_derivative(q)) <= 0).all()
    assert (loss.derivative(q) < 0).all()


def test_get_takes_a_name_or_a_loss_and_refuses_others():
    assert losses.get("logistic") is losses.LOGISTIC
    assert losses.get(losses.EXPONENTIAL) is losses.EXPONENTIAL
    for wrong in ("hinge", None, ["logistic"]):
        with pytest.raises(InputError, match="unknown: choose one of 'logistic', 'exponential'"):
            losses.get(wrong)
