"""Logistic and exponential loss of a margin q, with derivatives that are right at any margin.

Both losses and their derivatives decay like exp(-q): at q = 1e4 they are far below the smallest float64. Where that
matters (a step size divides by the derivative) use `scaled_derivative`, which carries the exponent apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .errors import InputError

#: log(2) to 128 bits: exp(-q) keeps its last digit for every |q| up to 2**53.
_LOG2 = Fraction(0xB17217F7D1CF79ABC9E3B39803F2F6AF, 1 << 128)
_LARGEST_MARGIN = 2.0**53


@dataclass(frozen=True)
class Loss:
    """A margin loss.

    Attributes
    ----------
    name : str
        ``"logistic"``, log(1 + exp(-q)), or ``"exponential"``, exp(-q).
    value, derivative : callable
        Loss and its derivative at an array of margins, elementwise. The exponential loss overflows to inf below
        q = -709, as it should.
    log_value, log_abs_derivative : callable
        Logarithm of the loss and of minus its derivative (both derivatives are negative), finite for every finite q.
    """

    name: str
    value: Callable
    derivative: Callable
    log_value: Callable
    log_abs_derivative: Callable

    def scaled_derivative(self, q):
        """Derivative at q as (mantissa, exponent) with value mantissa * 2**exponent; neither overflows nor vanishes.

        Parameters
        ----------
        q : float
            A margin of absolute value at most 2**53.

        Raises
        ------
        InputError
            For a margin beyond that (also NaN): exp(-q) then has no correct digit.
        """
        q = float(q)
        if not abs(q) <= _LARGEST_MARGIN:
            raise InputError(f"the margin is {q}: the derivative of the loss has no correct digit beyond 2**53; scale the model down")
        if abs(q) < 700 or (q < 0 and self.name == "logistic"):
            mantissa, exponent = np.frexp(self.derivative(np.float64(q)))
            return float(mantissa), int(exponent)
        # Here both derivatives are -exp(-q) to the last digit; the argument is reduced in exact arithmetic.
        turns = round(q / float(_LOG2))
        return -float(np.exp(-float(Fraction(q) - turns * _LOG2))), -turns


def _logistic_derivative(q):
    small = np.exp(-np.abs(q))
    return -np.where(q >= 0, small, 1.0) / (1.0 + small)


def _logistic_log_value(q):
    # log(log(1 + e^-q)): for large q the inner logarithm is e^-q (1 - e^-q/2 + ...), so its own logarithm is -q - e^-q/2.
    q = np.asarray(q, dtype=np.float64)
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(q > 40, -q, np.log(np.logaddexp(0.0, -np.minimum(q, 40.0))))


def _exponential(q):
    with np.errstate(over="ignore"):
        return np.exp(-np.asarray(q, dtype=np.float64))


LOGISTIC = Loss(
    "logistic",
    value=lambda q: np.logaddexp(0.0, -np.asarray(q, dtype=np.float64)),
    derivative=lambda q: _logistic_derivative(np.asarray(q, dtype=np.float64)),
    log_value=_logistic_log_value,
    log_abs_derivative=lambda q: -np.logaddexp(0.0, np.asarray(q, dtype=np.float64)),
)
EXPONENTIAL = Loss(
    "exponential",
    value=_exponential,
    derivative=lambda q: -_exponential(q),
    log_value=lambda q: -np.asarray(q, dtype=np.float64),
    log_abs_derivative=lambda q: -np.asarray(q, dtype=np.float64),
)
_BY_NAME = {loss.name: loss for loss in (LOGISTIC, EXPONENTIAL)}


def get(loss):
    """The `Loss` of a given name; a `Loss` is passed through.

    Raises
    ------
    InputError
        For any other name.
    """
    if isinstance(loss, Loss):
        return loss
    if not isinstance(loss, str) or loss not in _BY_NAME:
        raise InputError(f"loss {loss!r} is unknown: choose one of {', '.join(map(repr, _BY_NAME))}")
    return _BY_NAME[loss]
