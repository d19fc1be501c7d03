"""Sums over the neurons of a certified model in interval arithmetic (Arb), its weights projected exactly off their kinks.

Residual, norms and outputs are added up neuron by neuron, so that memory holds the points and no more than a block of weights.
"""

import numpy as np

from .errors import InputError
from .exact_kinks import is_zero
from .models import ACTIVE, KINK, LinearPredictor

#: Neurons of a pattern solved for at once.
ROWS = 64


class EnclosedSums:
    """Sums at the working precision of the caller.

    Parameters
    ----------
    certificate : Certificate
    data : Dataset
    given : LinearPredictor or TwoLayerReLU
        The model from which tau is measured.
    with_kinks : bool
        Whether some neuron is to be projected.

    Attributes
    ----------
    undecided : str
        A sentence on a pair whose sign this precision does not decide; empty if there is none.
    """

    def __init__(self, certificate, data, given, *, with_kinks):
        from flint import arb

        self.certificate, self.data, self.given = certificate, data, given
        self.undecided = ""
        self._signed_gates = certificate.gates() * data.y
        self._points = _matrix(np.asarray(data.X))
        self._columns = self._points.transpose()
        self._gram = self._points * self._columns if with_kinks else None
        self._outputs = [arb(0)] * data.num_points
        self._residual = self._square = self._given_square = self._inner = arb(0)
        self._same = np.array_equal(given.hidden, certificate.model.hidden)
        self._moved = with_kinks or not self._same

    def add(self, neurons, points):
        """Add neurons, given by indices, whose hyperplanes are those of the given independent points (none: no kinks).

        Raises
        ------
        InputError
            If a pre-activation certainly has another sign than its state says.
        """
        for start in range(0, len(neurons), ROWS):
            block = neurons[start : start + ROWS]
            rows = [_matrix(self.certificate.model.hidden[j : j + 1]) for j in block]
            responses = [row * self._columns for row in rows]
            for j, row, response, off in zip(block.tolist(), rows, responses, self._taken_off(responses, points)):
                self._add(j, row, response, off, points)

    def numbers(self):
        """Enclosures of epsilon, delta, gamma and tau, Arb numbers."""
        from flint import arb

        zero = arb(0)
        margins = [output if label > 0 else -output for output, label in zip(self._outputs, self.data.y.tolist())]
        delta, least = zero, margins[0]
        for margin, multiplier in zip(margins, self.certificate.multipliers.tolist()):
            delta = delta.max(multiplier * (margin - 1))
            least = least.min(margin)
        tau = (1 - self._inner / (self._square * self._given_square).sqrt()).max(zero) if self._moved else zero
        return self._residual.max(zero).sqrt(), delta, (1 - least).max(zero), tau

    def _add(self, j, row, response, off, points):
        """Add neuron j: its weights, their inner products with the points, and what the projection takes off, in terms of the points."""
        from flint import arb, arb_mat

        u = arb(float(self.certificate.model.second_layer[j]))
        combination = [u * z if z else arb(0) for z in self._signed_gates[j].tolist()]
        given = row if self._same else _matrix(self.given.hidden[j : j + 1])
        square, inner, exact = _dot(row, row), _dot(given, row), response
        self._given_square += square if self._same else _dot(given, given)
        if off is not None:
            combination = [a + b for a, b in zip(combination, off.entries())]
            square -= _dot(off, response)  # <w', w'> = <w, w'> for the projection w' of w
            inner -= _dot(off, response if self._same else given * self._columns)
            exact = response - off * self._gram
        rest = row - arb_mat(1, len(combination), combination) * self._points
        self._residual += _dot(rest, rest)
        self._square += square
        self._inner += inner
        self._activate(j, u, exact.entries(), points)

    def _taken_off(self, responses, points):
        """Coefficients of the points, shape (1, m), in what the projection takes off each neuron; None where there are no kinks."""
        from flint import arb, arb_mat

        if not len(points):
            return [None] * len(responses)
        chosen = points.tolist()
        gram = arb_mat([[self._gram[a, b] for b in chosen] for a in chosen])
        solved = gram.solve(arb_mat([[response[0, a] for response in responses] for a in chosen]))
        coefficients = [[arb(0)] * self.data.num_points for _ in responses]
        for k, entries in enumerate(coefficients):
            for row, i in enumerate(chosen):
                entries[i] = solved[row, k]
        return [arb_mat(1, len(entries), entries) for entries in coefficients]

    def _activate(self, j, u, responses, points):
        """Add what neuron j gives to the outputs, every sign being certainly what its state says."""
        linear = isinstance(self.certificate.model, LinearPredictor)
        for i, (value, state) in enumerate(zip(responses, self.certificate.states[j].tolist())):
            if linear or (state == ACTIVE and value > 0):
                self._outputs[i] += u * value
            elif state == ACTIVE or (state != KINK and not value < 0):
                self._look_closer(j, i, value, state == ACTIVE, points)

    def _look_closer(self, j, i, value, active, points):
        """A pre-activation that is not certainly of its state's sign: exactly zero, of the other sign, or undecided.

        At zero both derivatives are Clarke's, and only that of the active side is the indicator's.
        """
        indicator = self.certificate.subgradient == "indicator"
        if (active or not indicator) and self._is_zero(j, i, value, points):
            return
        wrong = value < 0 if active else value > 0
        way_out = (
            "take subgradient='clarke', or scale=1 if scaling has rounded exact zeros away"
            if indicator
            else "take a kink_tol that makes the pair a kink, or mark it in the model's kinks"
        )
        sentence = (
            f"neuron {j} counts as {'active' if active else 'inactive'} on point {i}, but its exact pre-activation there "
            f"{f'is {float(value):.3g}' if wrong else 'is not certain to have that sign'} (|w| |x| = {self._size(j, i):.3g}): {way_out}"
        )
        if wrong or (indicator and not active and self._is_zero(j, i, value, points)):
            raise InputError(sentence)
        self.undecided = sentence

    def _is_zero(self, j, i, value, points):
        marked = self.certificate.model.kinks
        if value.is_zero() or (marked is not None and marked[j, i]):
            return True
        X = np.asarray(self.data.X)
        return value.contains(0) and is_zero(self.certificate.model.hidden[j], X[i], X[points])

    def _size(self, j, i):
        return float(np.linalg.norm(self.certificate.model.hidden[j]) * self.data.norms[i])


def _matrix(array):
    """The float64 numbers of a matrix as exact Arb numbers."""
    from flint import arb_mat

    return arb_mat(*array.shape, array.ravel().tolist())


def _dot(first, second):
    """Inner product of two matrices of one row."""
    return (first * second.transpose())[0, 0]
