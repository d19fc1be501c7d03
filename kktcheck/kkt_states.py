"""Exact solution of the convex program of `kktcheck.kkt_program` once its support and the states of its loose gates are known.

With gates on kinks free, the others open or closed, each A_c is the part of sum_i lambda_i y_i x_i (over the open gates) orthogonal to the
points on its kinks, and the margins are linear in the multipliers of the support: one small linear system. What contradicts a guess of
the states is exchanged, as in block principal pivoting; every condition is checked in the end, so any guess will do.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from .active_set import FREE, LOWER, UPPER
from .kkt_reduction import cost, reduced
from .patterns import equal_sizes
from .pivoting import SingularSystem, cholesky_solve
from .tolerances import EPS, RANK, SETTLED

#: Exchanges of states before giving up. From the states of a trained network one to five suffice; a support that starts small doubles.
EXCHANGES = 40

#: Corrections of the multipliers by the margins they leave: each gains the digits that the Gram matrix kept.
CORRECTIONS = 4

#: Points that may join the support in one exchange: as many as it has, those that fall shortest, but at least this many. More at once
#: would depend on each other long before the support is right.
JOINING = 4

#: What is left of a sum below this share of the terms added up is rounding: such a neuron is zero, such a pair on a kink.
GONE = 1e3 * EPS

#: Gram matrices of unit points with all squared pivots above this are inverted as they are; the sweeps make up for the digits lost.
WELL_CONDITIONED = 1e-6

#: Sweeps of projection off the kinks; the last leaves the rounding of a small correction.
SWEEPS = 3


@dataclass(frozen=True, eq=False)
class Settled:
    """Solution of a program for one choice of states.

    Attributes
    ----------
    directions : ndarray, shape (c, r)
        A_c, exactly zero where only rounding is left of what is added up.
    responses : ndarray, shape (c, m)
        <A_c, y_i x_i / |x_i|>; exactly zero on free gates and where it is zero but for rounding.
    sizes : ndarray, shape (c,)
        |A_c|.
    multipliers : ndarray, shape (m,)
        lambda_i |x_i|.
    gates : ndarray, shape (c, m)
        z_ci |x_i|.
    states : ndarray of int8, shape (c, m)
        LOWER, FREE or UPPER on the loose gates of the support, LOWER elsewhere.
    misses : dict of str to ndarray
        Miss of each optimality condition on the scale of the KKT residual (not positive where it holds).
    terms : float
        The largest sum of absolute values in a margin of the support.
    method : str
    """

    directions: np.ndarray
    responses: np.ndarray
    sizes: np.ndarray
    multipliers: np.ndarray
    gates: np.ndarray
    states: np.ndarray
    misses: dict
    terms: float
    method: str

    @property
    def violation(self):
        """The largest miss, at least 0."""
        return max(0.0, *(float(miss.max()) for miss in self.misses.values()))

    @property
    def ok(self):
        """Whether every condition holds to rounding."""
        return self.violation <= SETTLED

    @property
    def rounding(self):
        """What rounding may take from a margin of 1 that is the sum of such terms."""
        return 16 * EPS * self.terms

    @property
    def worst(self):
        """What misses its condition most."""
        name = max(self.misses, key=lambda name: self.misses[name].max())
        miss = self.misses[name]
        return name.format(*map(int, np.unravel_index(np.argmax(miss), miss.shape)))


def settle(program, support, states, method, effort, gates=None):
    """Solve for the states given, exchanging those that are contradicted.

    Parameters
    ----------
    program : kktcheck.kkt_program.Program
    support : ndarray of bool, shape (m,)
        Points whose margins are to be 1; at least one.
    states : ndarray of int8, shape (c, m)
        LOWER, FREE or UPPER on the loose gates.
    method : str
    effort : float
        What may be spent, in units of `kktcheck.kkt_reduction.cost`, on choosing among gradients that depend on each other; beyond it
        those that come last are left out.
    gates : ndarray, shape (c, m), optional
        Guess of the gates, which the answer stays close to where they are not unique.

    Returns
    -------
    Settled or None
        As far as it came, perhaps nowhere.

    Raises
    ------
    InfeasibleError
        If a convex combination of gradients is found to vanish.
    """
    best, seen = None, set()
    for _ in range(EXCHANGES):
        key = support.tobytes(), states.tobytes()
        if key in seen or not support.any():
            break
        seen.add(key)
        system = System(program, support, states)
        try:
            found = system.solution(method, gates)
        except SingularSystem:
            price = cost(program, support, system.states)
            if price <= effort:
                effort -= price
                support, states = reduced(program, support, system.states)
            else:
                support, states = system.largest_independent(), system.states
            continue
        if best is None or found.violation < best.violation:
            best = found
        if found.ok:
            break
        support, states = system.exchanged(found)
    return best


class System:
    """The linear system of one choice of support and states.

    Parameters
    ----------
    program : kktcheck.kkt_program.Program
    support : ndarray of bool, shape (m,)
    states : ndarray of int8, shape (c, m)
        LOWER, FREE or UPPER on the loose gates.
    """

    def __init__(self, program, support, states):
        self.program, self.in_support, self.support = program, support, np.flatnonzero(support)
        self.states = np.where(program.loose & support, states, LOWER).astype(np.int8)
        self.acting = program.open | (self.states == UPPER)
        self.free = self.states == FREE
        self.full_rank = True
        self.groups = [(classes, points, *self._factored(points)) for classes, points in equal_sizes(np.arange(len(self.free)), self.free)]

    def _factored(self, points):
        """Orthonormal bases Q of the spans of stacked points F, up to rounding, and maps T with F' T q = Q' q."""
        units = self.program.units[points]
        try:
            lower = np.linalg.cholesky(self.program.gram[points[:, :, None], points[:, None, :]])
            definite = bool((np.diagonal(lower, axis1=1, axis2=2) ** 2 > WELL_CONDITIONED).all())
        except np.linalg.LinAlgError:
            definite = False
        if definite:
            inverse = np.linalg.inv(lower)
            return inverse @ units, np.swapaxes(inverse, 1, 2)
        left, values, right = np.linalg.svd(units, full_matrices=False)
        keep = values > RANK * values[:, :1]
        self.full_rank &= bool(keep.all()) and points.shape[1] <= units.shape[2]
        return right * keep[:, :, None], left * np.where(keep, 1 / np.where(keep, values, 1.0), 0.0)[:, None, :]

    def solution(self, method, gates):
        """The `Settled` solution; raises `SingularSystem` if gradients of the support depend on each other."""
        program, S = self.program, self.support
        target = 1.0 / program.norms[S]
        H, sizes = self._gram()
        floor = RANK * np.maximum(sizes, np.finfo(float).tiny)
        x, gap = np.zeros(len(program.norms)), target
        for _ in range(CORRECTIONS):
            x[S] += cholesky_solve(H, gap, floor)
            A, z, totals = self._directions(x, gates)
            responses = A @ program.units.T
            gap = target - program.weights @ np.where(self.acting[:, S], responses[:, S], 0.0)
            if (np.abs(gap) <= 4 * EPS * target).all():
                break
        lengths = np.sqrt(np.einsum("cr,cr->c", A, A))
        responses[self.free | (np.abs(responses) <= np.maximum(SETTLED * lengths, GONE * totals)[:, None])] = 0.0
        terms = float((program.norms[S] * (program.weights @ (self.acting[:, S] * totals[:, None]))).max())
        return Settled(A, responses, lengths, x, z, self.states, self._misses(A, x, z, responses, lengths), terms, method)

    def _gram(self):
        """Gram matrix of the gradients of the support, projected off the free gates, and its diagonal before projecting."""
        program, S = self.program, self.support
        acting = self.acting[:, S].astype(np.float64)
        H = program.gram[np.ix_(S, S)] * (acting.T @ (program.weights[:, None] * acting))
        sizes = H.diagonal().copy()
        for classes, _, basis, _ in self.groups:
            inside = (basis @ program.units[S].T) * (acting[classes] * np.sqrt(program.weights[classes])[:, None])[:, None, :]
            rows = inside.reshape(-1, len(S))
            H -= rows.T @ rows
        return H, sizes

    def independent(self):
        """Whether gradients of the support and points on the free gates of each class are clearly independent."""
        H, sizes = self._gram()
        try:
            cholesky_solve(H, np.zeros(len(H)), RANK * np.maximum(sizes, np.finfo(float).tiny))
        except SingularSystem:
            return False
        return self.full_rank

    def largest_independent(self):
        """The support without the gradients that depend on larger ones."""
        H, sizes = self._gram()
        root = np.sqrt(np.where(sizes > 0, sizes, 1.0))
        _, order, rank, _ = lapack.dpstrf(H / root / root[:, None], tol=2 * RANK)
        support = np.zeros_like(self.in_support)
        support[self.support[order[:rank] - 1]] = True
        return support

    def _directions(self, x, gates):
        """A_c for the multipliers x, the gates that bring it about, and the sums of what is added up in each A_c."""
        units = self.program.units
        z = self.acting * x
        if gates is not None:
            z[self.free] = np.clip(gates, 0.0, np.maximum(x, 0.0))[self.free]
        A = z @ units
        for classes, points, basis, back in self.groups:
            block, held = A[classes], z[classes[:, None], points]
            for _ in range(SWEEPS):
                inside = np.einsum("gqr,gr->gq", basis, block)
                held = held - np.einsum("gkq,gq->gk", back, inside)
                block = block - np.einsum("gqr,gq->gr", basis, inside)
            A[classes], z[classes[:, None], points] = block, held
        totals = np.abs(z).sum(axis=1)
        A[np.einsum("cr,cr->c", A, A) <= (GONE * totals) ** 2] = 0.0
        return A, z, totals

    def _misses(self, A, x, z, responses, lengths):
        """Miss of each condition on the scale of the KKT residual, by the name of what misses it."""
        program = self.program
        largest = max(float(np.abs(x).max()), np.finfo(float).tiny)
        pushed = np.where(self.states == LOWER, -responses, np.where(self.states == UPPER, responses, 0.0))
        short = 1.0 - program.margins(responses)
        rest = A - z @ program.units
        whole = np.sqrt(program.weights @ lengths**2)
        return {
            "the multiplier of point {}": -x / largest,
            "the margin of point {}": np.where(self.in_support, np.abs(short), short),
            "the gate of (class {}, point {})": np.where(self.free, np.maximum(-z, z - x), 0.0) / largest,
            "the state of (class {}, point {})": np.where(program.loose & (x > 0), pushed / np.where(lengths > 0, lengths, 1.0)[:, None], 0.0),
            "the weights of class {}": np.sqrt(program.weights * np.einsum("cr,cr->c", rest, rest)) / (whole if whole > 0 else 1.0),
        }

    def exchanged(self, found):
        """Support and states with whatever contradicts them exchanged."""
        below, short, gate, state, _ = found.misses.values()
        support = self.in_support & ~(below > SETTLED)
        shortfall = np.where(self.in_support, 0.0, short)
        joining = np.argsort(-shortfall, kind="stable")[: max(JOINING, len(self.support))]
        joining = joining[shortfall[joining] > SETTLED]
        states = np.where(gate > SETTLED, np.where(found.gates < 0, LOWER, UPPER), np.where(state > SETTLED, FREE, self.states))
        support[joining] = True
        states[:, joining] = np.where(found.responses[:, joining] < 0, UPPER, LOWER)
        return support, states.astype(np.int8)
