"""Accelerated projected gradient: finds out which multipliers and gates vanish, whatever the conditioning.

Steps of Beck and Teboulle's FISTA in the metric of the Hessian's diagonal, where the projection is exact, started afresh whenever the
momentum points uphill. A step costs two products, in float32 while that is good enough; the Lipschitz constant is estimated by a few power
iterations and raised where a step shows it is too small.
"""

import numpy as np

from .projection import project

#: Power iterations for the Lipschitz constant, and the factors on it at first and where a step shows it to be too small.
POWERS, MARGIN, RAISE = 4, 1.1, 1.5

#: A phase ends once so many steps move no more than this share of the multipliers to zero or from it.
LOOK, CALM = 10, 3e-4


class Accelerated:
    """Accelerated descent for a `kktcheck.large.newton.Search`, phase by phase."""

    def __init__(self, problem):
        self.problem, self.lipschitz = problem, None

    def run(self, steps):
        """Take so many steps from where the search stands, and move it to the best point met if that is lower."""
        problem = self.problem
        if self.lipschitz is None:
            self.lipschitz = MARGIN * self._largest_eigenvalue()
        a, b = (np.where(sizes > 0, sizes, 1.0) for sizes in problem.sizes)
        here = problem.multipliers, problem.gates, problem.residual
        ahead, momentum, pulled = here, 1.0, (problem.along, problem.on_kinks)
        best = start = _half_square(here[2])
        best_point, support = here, here[0] > 0
        for number in range(1, steps + 1):
            along, on_kinks = problem.operator.pull(ahead[2], exact=False) if pulled is None else pulled
            pulled = None
            step = 1.0 / self.lipschitz
            moved = project(ahead[0] + step * along / a, ahead[1] + step * on_kinks / b, problem.points, a, b, problem.upper)
            d_multipliers, d_gates = moved[0] - ahead[0], moved[1] - ahead[1]
            image = problem.operator.combine(d_multipliers, d_gates, exact=False)
            there = *moved, ahead[2] - image
            length = float(a @ d_multipliers**2 + b @ d_gates**2)
            if 2.0 * _half_square(image) > self.lipschitz * length * (1 + 1e-6):
                self.lipschitz *= RAISE
                ahead, momentum = here, 1.0
                continue
            uphill = float((a * d_multipliers) @ (there[0] - here[0]) + (b * d_gates) @ (there[1] - here[1])) < 0
            following = 1.0 if uphill else 0.5 + np.sqrt(0.25 + momentum**2)
            push = 0.0 if uphill else (momentum - 1.0) / following
            ahead = tuple(new + push * (new - old) for new, old in zip(there, here, strict=True))
            here, momentum = there, following
            value = _half_square(here[2])
            if value < best:
                best, best_point = value, here
            if number % LOOK == 0:
                before, support = support, here[0] > 0
                if np.count_nonzero(before != support) <= CALM * len(support):
                    break
        if best < start:
            residual = problem.residual_at(*best_point[:2])
            if _half_square(residual) < start:
                problem.move(*best_point[:2], residual)

    def _largest_eigenvalue(self):
        """Largest eigenvalue of the Hessian relative to its diagonal, from below."""
        operator, (a, b) = self.problem.operator, self.problem.sizes
        a, b = np.where(a > 0, a, np.inf), np.where(b > 0, b, np.inf)
        rng = np.random.default_rng(0)
        x, z = np.abs(rng.standard_normal(len(a))) / np.sqrt(a), np.abs(rng.standard_normal(len(b))) / np.sqrt(b)
        for _ in range(POWERS):
            along, on_kinks = operator.pull(operator.combine(x, z, exact=False), exact=False)
            x, z = along / a, on_kinks / b
            size = float(np.sqrt(np.where(np.isfinite(a), a, 0.0) @ x**2 + np.where(np.isfinite(b), b, 0.0) @ z**2))
            x, z = x / size, z / size
        return size


def _half_square(residual):
    return 0.5 * float(np.vdot(residual, residual))
