"""Exact solution of the convex program of `kktcheck.kkt_program` once its support and the states of its loose gates are known.

With gates on kinks free, the others open or closed, each A_c is the part of sum_i lambda_i y_i x_i (over the open gates) orthogonal to the
points on its kinks, and the margins are linear in the multipliers of the support: one small linear system. What contradicts a guess of
the states is exchanged.
"""

from dataclasses import dataclass

import numpy as np

from .active_set import FREE, LOWER, UPPER, ActiveSet
from .answers import check_memory
from .models import ACTIVE, KINK
from .patterns import equal_sizes
from .pivoting import SingularSystem, cholesky_solve
from .tolerances import EPS, RANK, SETTLED

#: Exchanges of states before giving up; from the states of a nearly right program one or two suffice.
EXCHANGES = 30

#: Corrections of the multipliers by the margins they leave: each gains the digits that the Gram matrix kept.
CORRECTIONS = 3

#: A neuron below this share of the sum of all multipliers is what rounding left of a sum that vanishes.
GONE = 1e3 * EPS


@dataclass(frozen=True, eq=False)
class Settled:
    """Solution of a program for one choice of states.

    Attributes
    ----------
    directions : ndarray, shape (c, r)
        A_c, exactly zero where only rounding is left of what is added up.
    responses : ndarray, shape (c, m)
        <A_c, y_i x_i / |x_i|>; exactly zero on free gates.
    sizes : ndarray, shape (c,)
        |A_c|.
    multipliers : ndarray, shape (m,)
        lambda_i |x_i|.
    gates : ndarray, shape (c, m)
        z_ci |x_i|.
    states : ndarray of int8, shape (c, m)
        LOWER, FREE or UPPER on the loose gates, LOWER elsewhere.
    independent : bool
        Whether gradients of the support, and points on the free gates of each class that is not zero, are independent.
    misses : dict of str to ndarray
        Miss of each optimality condition on the scale of the KKT residual (not positive where it holds).
    violation : float
        The largest of them.
    worst : str
        What misses it.
    method : str
    """

    directions: np.ndarray
    responses: np.ndarray
    sizes: np.ndarray
    multipliers: np.ndarray
    gates: np.ndarray
    states: np.ndarray
    independent: bool
    misses: dict
    violation: float
    worst: str
    method: str

    @property
    def ok(self):
        """Whether every condition holds to rounding."""
        return self.violation <= SETTLED


def settle(program, support, states, multipliers, gates, method):
    """Solve for the states given, exchanging those that are contradicted.

    Parameters
    ----------
    program : kktcheck.kkt_program.Program
    support : ndarray of bool, shape (m,)
    states : ndarray of int8, shape (c, m)
        LOWER, FREE or UPPER on the loose gates.
    multipliers, gates : ndarray, shapes (m,) and (c, m)
        Guesses in the units of `Settled`; needed only where gradients depend on each other.
    method : str
    """
    best, seen = None, set()
    for _ in range(EXCHANGES):
        key = (support.tobytes(), states.tobytes())
        if key in seen or not support.any():
            break
        seen.add(key)
        system = _System(program, support, states)
        found = system.solution(multipliers, gates, method)
        if best is None or found.violation < best.violation:
            best = found
        if found.ok:
            break
        support, states = system.exchanged(found)
    return best


class _System:
    """The linear system of one choice of support and states."""

    def __init__(self, program, support, states):
        self.program, self.in_support, self.support = program, support, np.flatnonzero(support)
        loose = program.states == KINK
        self.states = np.where(loose & support, states, LOWER).astype(np.int8)
        self.acting = (program.states == ACTIVE) | (self.states == UPPER)
        self.free = self.states == FREE
        self.groups, self.definite, self.dependent = [], True, np.zeros(len(self.free), bool)
        for classes, points in equal_sizes(np.arange(len(self.free)), self.free):
            left, values, right = np.linalg.svd(program.units[points], full_matrices=False)
            keep = values > RANK * values[:, :1]
            self.dependent[classes] = ~keep.all(axis=1) | (points.shape[1] > values.shape[1])
            right = right * keep[:, :, None]
            self.groups.append((classes, points, left, np.where(keep, 1 / np.where(keep, values, 1.0), 0.0), right))

    def solution(self, multipliers, gates, method):
        """Directions, multipliers and gates, with what they miss."""
        program, S = self.program, self.support
        target = 1.0 / program.norms[S]
        x = np.zeros(len(program.norms))
        H = self._gram()
        floor = RANK * np.maximum(H.diagonal(), np.finfo(float).tiny)
        try:
            x[S] = cholesky_solve(H, target, floor)
            A, z = self._directions(x)
            for _ in range(CORRECTIONS):
                x[S] += cholesky_solve(H, target - self._margins(A)[S], floor)
                A, z = self._directions(x)
        except SingularSystem:
            self.definite = False
            A, x, z = self._dependent(target, multipliers, gates)
        A[np.einsum("cr,cr->c", A, A) <= (GONE * np.abs(x).sum()) ** 2] = 0.0
        responses = A @ program.units.T
        responses[self.free] = 0.0
        misses = self._misses(A, x, z, responses)
        worst = max(misses, key=lambda name: misses[name].max())
        where = np.unravel_index(np.argmax(misses[worst]), misses[worst].shape)
        violation = max(float(misses[worst].max()), 0.0)
        sizes = np.linalg.norm(A, axis=1)
        named = worst.format(*map(int, where))
        independent = self.definite and not (self.dependent & (sizes > 0)).any()
        return Settled(A, responses, sizes, x, z, self.states, independent, misses, violation, named, method)

    def _gram(self):
        """Gram matrix of the gradients of the support, projected off the free gates."""
        program, S = self.program, self.support
        acting = self.acting[:, S].astype(np.float64)
        H = program.gram[np.ix_(S, S)] * (acting.T @ (program.weights[:, None] * acting))
        for classes, _, _, _, right in self.groups:
            inside = (right @ program.units[S].T) * acting[classes][:, None, :]
            rows = (inside * np.sqrt(program.weights[classes])[:, None, None]).reshape(-1, len(S))
            H -= rows.T @ rows
        return H

    def _directions(self, x):
        """A_c for the multipliers x, and the gates that bring it about."""
        units = self.program.units
        z = self.acting * x
        A = z @ units
        for classes, points, left, inverse, right in self.groups:
            block = A[classes]
            inside = np.einsum("gqr,gr->gq", right, block)
            z[classes[:, None], points] = -np.einsum("gkq,gq->gk", left, inverse * inside)
            for _ in range(2):  # the second sweep leaves the rounding of a small correction
                block = block - np.einsum("gqr,gq->gr", right, np.einsum("gqr,gr->gq", right, block))
            A[classes] = block
        return A, z

    def _margins(self, A):
        """Margins over |x_i| with the gates as they are held."""
        return self.program.weights @ np.where(self.acting, A @ self.program.units.T, 0.0)

    def _dependent(self, target, multipliers, gates):
        """As `_directions` where gradients depend on each other: the shortest A with these margins, and a combination that makes it."""
        program, S = self.program, self.support
        root = np.sqrt(program.weights)
        classes, points = np.nonzero(self.free)
        check_memory(program.units.size * len(root) * (1.0 + len(points) / len(program.units)), "the explicit system of dependent points")
        rows = np.where(self.acting[:, S, None], program.units[S], 0.0)
        for group, _, _, _, right in self.groups:
            for _ in range(2):
                rows[group] -= np.einsum("giq,gqr->gir", np.einsum("gir,gqr->giq", rows[group], right), right)
        explicit = np.swapaxes(rows * root[:, None, None], 0, 1).reshape(len(S), -1)
        A = np.zeros(explicit.shape[1])
        for _ in range(CORRECTIONS):  # a margin of a long point is small among the others over |x_i|, and so is its error after these
            A += np.linalg.lstsq(explicit, target - explicit @ A, rcond=RANK)[0]
        A = A.reshape(len(root), -1) / root[:, None]
        columns = np.einsum("ci,ik->cki", self.acting * root[:, None], program.units).reshape(-1, len(program.units))
        loose = np.zeros((len(root), program.units.shape[1], len(points)))
        loose[classes, :, np.arange(len(points))] = root[classes, None] * program.units[points]
        upper = np.zeros(len(program.units))
        upper[S] = np.inf
        search = ActiveSet(columns, (A * root[:, None]).ravel(), upper, loose.reshape(len(columns), len(points)), points)
        x = np.maximum(multipliers, 0.0)
        search.start_at(x, np.clip(gates[classes, points], 0.0, x[points]))
        search.solve()
        z = self.acting * search.x
        z[classes, points] = search.z
        return A, search.x, z

    def _misses(self, A, x, z, responses):
        """Miss of each condition on the scale of the KKT residual, by the name of what misses it."""
        program = self.program
        largest = max(float(np.abs(x).max()), np.finfo(float).tiny)
        sizes = np.linalg.norm(A, axis=1)[:, None]
        relative = responses / np.where(sizes > 0, sizes, 1.0)
        loose = (program.states == KINK) & (x > 0)
        held = np.where(program.states == KINK, np.minimum(responses, 0.0), np.where(program.states == ACTIVE, responses, 0.0))
        short = 1.0 - program.norms * (program.weights @ held)
        rest = A - z @ program.units
        length = float(np.sqrt(program.weights @ np.einsum("cr,cr->c", A, A))) or 1.0  # 0 misses every margin
        return {
            "the multiplier of point {}": -x / largest,
            "the margin of point {}": np.where(self.in_support, np.abs(short), short),
            "the gate of (class {}, point {})": np.where(self.free, np.maximum(-z, z - x), 0.0) / largest,
            "the state of (class {}, point {})": np.where(loose, np.select([self.states == LOWER, self.states == UPPER], [-relative, relative]), 0.0),
            "the weights of class {}": np.sqrt(program.weights * np.einsum("cr,cr->c", rest, rest)) / length,
        }

    def exchanged(self, found):
        """Support and states with whatever contradicts them exchanged."""
        below, short, gate, state, weights = found.misses.values()
        if (weights > SETTLED).any():  # dependent gradients, and not all of them are needed: keep those that the combination uses
            states = np.where(found.gates <= 0, LOWER, np.where(found.gates >= found.multipliers, UPPER, FREE))
            return found.multipliers > 0, np.where(self.free, states, self.states).astype(np.int8)
        support = self.in_support & ~(below > SETTLED)
        added = ~self.in_support & (short > SETTLED)
        states = np.where(gate > SETTLED, np.where(found.gates < 0, LOWER, UPPER), np.where(state > SETTLED, FREE, self.states))
        by_sign = np.where(found.responses < 0, UPPER, LOWER)
        return support | added, np.where(added & (self.program.states == KINK), by_sign, states).astype(np.int8)
