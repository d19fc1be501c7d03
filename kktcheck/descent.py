"""Gradient descent in the span of the data: the arithmetic of an epoch, O(n m^2) whatever the dimension.

Every gradient of either model is a combination of the points, so W = shrink * W0 + C X throughout. A step needs only the
pre-activations P = X W^T and the Gram matrix K: with D the coefficients of the step, C gains D and P gains K D. Weight
decay shrinks P and C alike; it is carried apart as one number, ``scale``, so that an epoch does not spend two passes on it.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from . import losses
from .errors import InputError

#: Epochs between two kept states: what an interrupt may lose.
_CHUNK = 256
#: Multiplications in a chunk; shortens the chunks of large problems to about a tenth of a second.
_CHUNK_WORK = 2**31


@dataclass(frozen=True)
class Settings:
    """Loss and step rule of a training run; raises `InputError` for values out of range.

    Attributes
    ----------
    loss : str
        ``"logistic"`` or ``"exponential"``.
    learning_rate : float
        Positive and finite.
    weight_decay : float
        At least 0, with learning_rate * weight_decay < 1; 0 for normalised steps.
    normalised : bool
        Whether the step is learning_rate / loss instead of learning_rate.
    """

    loss: str = "logistic"
    learning_rate: float = 1.0
    weight_decay: float = 0.0
    normalised: bool = False

    def __post_init__(self):
        loss = losses.get(self.loss)
        if loss not in (losses.LOGISTIC, losses.EXPONENTIAL):
            raise InputError(f"training knows the losses 'logistic' and 'exponential', not {loss.name!r}")
        rate, decay = _real(self.learning_rate, "learning_rate"), _real(self.weight_decay, "weight_decay")
        if not rate > 0:
            raise InputError(f"learning_rate is {rate}: it must be positive and finite")
        if decay < 0:
            raise InputError(f"weight_decay is {decay}: it must be at least 0")
        if rate * decay >= 1:
            raise InputError(f"learning_rate * weight_decay is {rate * decay}: from 1 on the decay alone flips every weight; lower one of them")
        if self.normalised and decay > 0:
            raise InputError(f"normalised steps take no weight decay, but weight_decay is {decay}: set it to 0")
        for name, value in (("loss", loss.name), ("learning_rate", rate), ("weight_decay", decay), ("normalised", bool(self.normalised))):
            object.__setattr__(self, name, value)

    @property
    def shrink(self):
        """Factor of one step on the weights, 1 - learning_rate * weight_decay."""
        return 1.0 - self.learning_rate * self.weight_decay

    def step_sizes(self, m, weights=None):
        """Function (q, scale) -> None that turns margins q, shape (B, m), into step / scale for every point, in place.

        The objective is the sum of ``weights``, shape (m,) or (B, m), times the losses; by default their mean. Normalised steps
        are divided by the sum of the absolute values of its terms.
        """
        if self.normalised:
            return _normalised_steps(losses.get(self.loss), self.learning_rate, np.ones(m) if weights is None else weights)
        rates = self.learning_rate / m if weights is None else self.learning_rate * weights
        return (_logistic_steps if self.loss == "logistic" else _exponential_steps)(np.array(rates))


class Problem:
    """What stays the same in all epochs of B networks.

    Parameters
    ----------
    training : Training
        Any state of the run; states are advanced by `advance`.
    weights : ndarray, shape (m,) or (B, m), optional
        Weights of the points in the objective, negative to ascend their loss; by default 1/m.
    """

    def __init__(self, training, weights=None):
        y, u = np.stack([part.y for part in training.data]), np.stack([model.second_layer for model in training.initial])
        self.settings, self.gram, self.weights = training.settings, training.gram, weights
        # Points before neurons throughout: rows of n numbers keep the inner loops long and the sum over neurons contiguous.
        self.signed = y[:, :, None] * u[:, None, :]
        self.threshold = np.array(-np.inf if training.linear else 0.0)

    @property
    def chunk(self):
        """Epochs to take between two kept states."""
        count, m, n = self.signed.shape
        return max(1, min(_CHUNK, _CHUNK_WORK // (count * n * m * m)))

    def advance(self, training, epochs):
        """State ``epochs`` epochs later; the one given is left as it is, so that an interrupt cannot spoil it."""
        P, C = training.scaled_preactivations.copy(), training.scaled_coefficients.copy()
        scale, factor, left = training.scale, training.initial_factor, epochs
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while left:
                part = self._until_half(scale, left)
                current = np.array(scale)
                self._descend(P, C, current, part)
                scale, left = float(current), left - part
                if scale < 0.5:
                    # By a power of two, hence exact, and at epochs that do not depend on where chunks end: a resumed run stays bitwise the same.
                    scale, exponent = math.frexp(scale)
                    factor = math.ldexp(factor, exponent)
                    np.ldexp(P, exponent, P)
                    np.ldexp(C, exponent, C)
        changes = {"scaled_preactivations": P, "scaled_coefficients": C, "scale": scale, "initial_factor": factor}
        return replace(training, epoch=training.epoch + epochs, **changes)

    def _until_half(self, scale, limit):
        """Epochs until the scale has fallen below one half, at most ``limit``."""
        shrink = self.settings.shrink
        for epoch in range(limit if shrink < 1.0 else 0):
            scale *= shrink
            if scale < 0.5:
                return epoch + 1
        return limit

    def _descend(self, P, C, scale, epochs):
        """Take ``epochs`` steps in place on P, C of shape (B, m, n), both divided by ``scale``, an array of no dimension.

        Arrays of no dimension stand in for numbers, since NumPy converts a Python number anew in every call.
        """
        K, signed, threshold, shrink = self.gram, self.signed, self.threshold, np.array(self.settings.shrink)
        active, A, D, change = np.empty(P.shape, bool), np.empty_like(P), np.empty_like(P), np.empty_like(P)
        q = np.empty(P.shape[:2])
        column, step_sizes = q[:, :, None], self.settings.step_sizes(P.shape[1], self.weights)
        for _ in range(epochs):
            np.greater_equal(P, threshold, active)
            np.multiply(signed, active, A)
            np.vecdot(A, P, q)
            np.multiply(q, scale, q)
            np.multiply(scale, shrink, scale)
            step_sizes(q, scale)
            np.multiply(A, column, D)
            np.add(C, D, C)
            np.matmul(K, D, change)
            np.add(P, change, P)


def _logistic_steps(rate):
    one = np.ones(())

    def step_sizes(q, scale):
        # -l'(q) = 1 / (1 + e^q) has full relative accuracy for either sign of q, and is 0 where e^q overflows.
        np.exp(q, q)
        np.add(q, one, q)
        np.multiply(q, scale, q)
        np.divide(rate, q, q)

    return step_sizes


def _exponential_steps(rate):
    def step_sizes(q, scale):
        np.negative(q, q)
        np.exp(q, q)
        np.multiply(q, rate, q)
        np.divide(q, scale, q)

    return step_sizes


def _normalised_steps(loss, rate, weights):
    with np.errstate(divide="ignore"):
        signs, logs = np.sign(weights), np.log(np.abs(weights))

    def step_sizes(q, scale):
        # -l'(q_i) w_i / sum_k |w_k| l(q_k), all by their logarithms; the mean's 1/m cancels, and without decay the scale is 1.
        terms = loss.log_value(q) + logs
        peak = terms.max(axis=1, keepdims=True)
        total = np.exp(terms - peak).sum(axis=1, keepdims=True)
        q[...] = rate * signs * np.exp(loss.log_abs_derivative(q) + logs - peak) / total

    return step_sizes


def _real(value, name):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {value!r}: a number is needed") from None
    if not np.isfinite(number):
        raise InputError(f"{name} is {number}: it must be finite")
    return number
