"""The stationarity problem of a large network, a feasible point of it, and projected Newton steps from there.

A Newton step moves the variables that their gradients do not press against a bound, by conjugate gradients, and is cut to the feasible set.
Where that does not descend as it should, an earlier iterate of the conjugate gradients is taken: they are shorter and less bent.
"""

import numpy as np

from . import conjugate, dual
from .face import clipped, face_at

#: Share of the first-order descent that a step must bring.
ARMIJO = 0.1

#: Conjugate gradient steps at most, and how far they reduce the gradient while the face still changes, and once it stays.
CG_STEPS, CHANGING, SETTLING = 80, 0.1, 1e-3


class Search:
    """The problem min 1/2 |weights - J(lambda, z)|**2 over 0 <= z <= lambda <= upper, and a feasible point that descends.

    Parameters
    ----------
    operator : GradientOperator
        The linear map J.
    weights : ndarray, shape (n, d)
    margins : ndarray, shape (m,)
    upper : ndarray, shape (m,), optional

    Attributes
    ----------
    multipliers, gates : ndarray, shapes (m,) and (number of kinks,)
        The point; gates in the operator's order.
    residual : ndarray, shape (n, d)
        weights - J(multipliers, gates).
    along, on_kinks : ndarray
        What a unit more of each multiplier (its gates fixed) and of each gate gains.
    sizes : tuple of ndarray
        Diagonal of the Hessian.
    """

    def __init__(self, operator, weights, margins, upper=None):
        self.operator, self.weights, self.margins, self.upper = operator, weights, margins, upper
        self.points, self.most, self.before = operator.points, 8, None
        self.sizes = operator.overlaps * operator.norms**2, (operator.u[operator.neurons] * operator.norms[self.points]) ** 2
        self.size = 0.5 * float(np.vdot(weights, weights))

    def start_at(self, multipliers, gates):
        """Start from the best multiple (under caps the best of at most 1) of a point, made feasible."""
        multipliers, gates = clipped(multipliers, gates, self.points, self.upper)
        image = self.operator.combine(multipliers, gates)
        size = float(np.vdot(image, image))
        factor = max(float(np.vdot(image, self.weights)) / size, 0.0) if size > 0 else 0.0
        if self.upper is not None:
            factor = min(factor, 1.0)
        self.move(factor * multipliers, factor * gates, self.weights - factor * image)

    def residual_at(self, multipliers, gates):
        """weights - J(multipliers, gates)."""
        image = self.operator.combine(multipliers, gates)
        return np.subtract(self.weights, image, out=image)

    def move(self, multipliers, gates, residual):
        """Stand at another point, whose residual is known."""
        self.multipliers, self.gates, self.residual = multipliers, gates, residual
        self.along, self.on_kinks = self.operator.pull(residual)

    def gap(self):
        """Bound on how much 1/2 |residual|**2 can still fall, relative to 1/2 |weights|**2; infinite where a margin of 0 or less leaves none."""
        gains = self.along + self.operator.bundle(np.maximum(self.on_kinks, 0.0))
        return dual.gap(self.residual, self.weights, self.margins, gains, self.upper) / self.size

    def face(self):
        """The face to move on from here."""
        return face_at(self.multipliers, self.gates, self.along, self.on_kinks, self.points, self.upper)

    def violation(self):
        """Largest gain that a variable offers which may move, in units of the norms of the points and of |u| |weights|."""
        along, on_kinks = self.face().reduce(self.along, self.on_kinks)
        norms = self.operator.norms
        worst = max(float(np.abs(along / norms).max()), float(np.abs(on_kinks / norms[self.points]).max(initial=0.0)))
        return worst / (float(np.linalg.norm(self.operator.u)) * np.sqrt(2.0 * self.size))

    def newton(self, budget):
        """A Newton step; returns whether it was taken to the end of its conjugate gradients."""
        face = self.face()
        settling = face.same(self.before)
        self.before = face
        most = max(1, min(self.most, int((budget - self.operator.work) / 2)))
        steps = conjugate.path(self.operator, face, face.reduce(self.along, self.on_kinks), self.sizes, SETTLING if settling else CHANGING, most)
        k = len(steps)
        while k and not self._descend(*steps[k - 1]):
            k //= 2
        whole = k == len(steps) > 0
        self.most = min(CG_STEPS, 2 * self.most) if whole else max(4, k)
        return whole

    def _descend(self, d_multipliers, d_gates):
        """Take a step, cut to the feasible set, if it descends well enough."""
        multipliers, gates = clipped(self.multipliers + d_multipliers, self.gates + d_gates, self.points, self.upper)
        gain = float((multipliers - self.multipliers) @ self.along + (gates - self.gates) @ self.on_kinks)
        if not gain > 0:
            return False
        residual = self.residual_at(multipliers, gates)
        change = residual - self.residual
        if 0.5 * float(np.vdot(change, change)) > (1.0 - ARMIJO) * gain:
            return False
        self.move(multipliers, gates, residual)
        return True
