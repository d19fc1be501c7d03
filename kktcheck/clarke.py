"""Multipliers under Clarke's subdifferential: a piecewise quadratic in the m multipliers alone.

Neurons that share a pattern of states share their gates z, so each pattern counts once, with the weight sum of u_j**2. For given
multipliers the gates on a pattern's kinks solve a small box-constrained least-squares problem; what is left is convex and
piecewise quadratic in the multipliers. Its pieces are the states of the kinks (free, closed, open), so exchanging states is
Newton's method, safeguarded here by a line search: monotone, and finite because there are finitely many pieces.
Dropping the bounds on z altogether (all kinks free) projects each pattern off its kinks and bounds the residual from below.
"""

from dataclasses import dataclass

import numpy as np

from . import box_stacks, dense, pivoting, uniqueness
from .active_set import FREE, LOWER, UPPER, ActiveSet
from .models import ACTIVE, KINK
from .patterns import equal_sizes, whiten
from .tolerances import EPS, PIVOT

#: Newton steps before giving up; trained networks need 1 to 5.
MAX_STEPS = 200

#: Numbers in a stack of whitened couplings, so that what is in hand stays near the processor.
STACKED = 2e6

#: Kinks of a class up to which its gates are settled in a stack with those of others.
FEW = 64

#: Points tried in a line search, and the share of the first slope at which it stops. Crossing the pieces in between matters more than
#: the last digit.
MAX_TRIALS, FLAT = 40, 1e-3


@dataclass(frozen=True, eq=False)
class ClarkeSolution:
    """Multipliers and gates of the stationarity problem.

    Attributes
    ----------
    multipliers : ndarray, shape (m,)
    gates : ndarray, shape (c, m)
        z of each pattern class on every point.
    residual : float
        Largest violation of an optimality condition, of a multiplier or of a gate, in units of the norms of the points, relative to
        the scale of the problem.
    settled : bool
        Whether the optimality conditions hold to rounding.
    steps : int
    method : str
    piece : tuple
        Kink states of the last piece solved, and the multipliers on which its Gram matrix is known to be definite; None where it is not.
    """

    multipliers: np.ndarray
    gates: np.ndarray
    residual: float
    settled: bool
    steps: int
    method: str
    problem: "ClarkeProblem"
    point: "_Point"
    piece: tuple = (None, None)

    def capped_gain(self):
        """Sum of gradient times multiplier over the multipliers at their upper bounds (at most 0)."""
        if self.problem.upper is None:
            return 0.0
        at_upper = self.point.x >= self.problem.upper
        return float(self.point.gradient[at_upper] @ self.point.x[at_upper])

    def is_unique(self):
        """Whether these are the only optimal multipliers."""
        return uniqueness.of_kinks(self.problem, self.point, *self.piece)


class ClarkeProblem:
    """The stationarity problem of a network with kinks.

    Parameters
    ----------
    signed_gram : ndarray, shape (m, m)
        Entries y_i y_k <x_i, x_k>.
    states : ndarray of int8, shape (c, m)
        States of the pattern classes.
    weights : ndarray, shape (c,)
        Sum of u_j**2 over each class.
    margins : ndarray, shape (m,)
    scale : float
        What violations are compared with, in units of the norm of each point.
    upper : ndarray, shape (m,), optional
        Upper bounds on the multipliers.
    """

    def __init__(self, signed_gram, states, weights, margins, scale, upper=None):
        # In units of each point's norm, so that short points are held to the same relative accuracy as long ones.
        norms = np.sqrt(signed_gram.diagonal())
        self.norms, self.weights, self.scale = norms, weights, scale
        self.K = signed_gram / norms
        self.K /= norms[:, None]
        self.margins = margins / norms
        self.upper = None if upper is None else upper * norms
        self.caps = upper
        self.active = states == ACTIVE
        self.kinks = states == KINK
        self.roots = np.sqrt(np.maximum(weights, np.finfo(float).tiny))
        self.kinky = np.flatnonzero(self.kinks.any(axis=1))

    def solve(self):
        """Optimal multipliers and gates by exchanging kink states: a `ClarkeSolution`, ``settled`` or as far as it came."""
        kink_states = np.where(self.kinks, FREE, LOWER).astype(np.int8)
        current = start = None
        for step in range(1, MAX_STEPS + 1):
            H, sizes, groups = self.piece(kink_states)
            piece = pivoting.minimise(H, self.margins, self.upper, start, sizes)
            trial = self._evaluate(piece.x, kink_states, groups)
            if current is not None:
                trial = self._line_search(current, trial)
            residual = self._violation(trial)
            noise = PIVOT * (self.scale + float((self.weights @ trial.gates).max()))
            stalled = current is not None and trial.objective >= current.objective - 8 * EPS * abs(current.objective)
            if residual <= noise or stalled:
                definite = piece.states == FREE if piece.method == "pivoting" else None
                return self._solution(trial, residual, residual <= 1e3 * noise, step, piece.method, (kink_states, definite))
            current, kink_states, start = trial, trial.kink_states, piece.states
        return self._solution(trial, residual, False, MAX_STEPS, piece.method)

    def active_set(self, coordinates, targets, start=None):
        """The same by a primal active set on explicit columns: slower, but indifferent to near dependence.

        Parameters
        ----------
        coordinates : ndarray, shape (m, r)
            Signed points in an orthonormal basis.
        targets : ndarray, shape (c, r)
            Sum of u_j w_j over each class, in the same basis.
        start : ClarkeSolution, optional
            Where to start from.
        """
        root = np.sqrt(self.weights)
        units = coordinates / self.norms[:, None]
        classes, points = np.nonzero(self.kinks)
        r = units.shape[1]
        columns = np.einsum("ci,ik->cki", self.active * root[:, None], units).reshape(-1, len(self.norms))
        gates = np.zeros((len(root), r, len(points)))
        gates[classes, :, np.arange(len(points))] = root[classes, None] * units[points]
        upper = np.full(len(self.norms), np.inf) if self.upper is None else self.upper
        search = ActiveSet(columns, (targets / root[:, None]).ravel(), upper, gates.reshape(len(columns), len(points)), points)
        if start is not None:
            search.start_at(start.point.x, start.point.gates[classes, points])
        search.solve()
        z = self.active * search.x
        z[classes, points] = search.z
        states = np.full(z.shape, LOWER, dtype=np.int8)
        states[classes, points] = search.z_states
        point = self._finish(search.x, z, z @ self.K, states)
        return self._solution(point, self._violation(point), True, search.steps, "active set")

    def _solution(self, point, residual, settled, steps, method, piece=(None, None)):
        """The solution in the units of the problem given."""
        x = point.x / self.norms
        if self.caps is not None:
            x = np.where(point.x >= self.upper, self.caps, np.minimum(x, self.caps))
        gates = np.where(point.gates >= point.x, (self.active | self.kinks) * x, np.minimum(point.gates / self.norms, x))
        return ClarkeSolution(x, gates, residual / self.scale, settled, steps, method, self, point, piece)

    def piece(self, kink_states):
        """Gram matrix of the piece that the kink states select, the norms before projecting, and the factored groups of free kinks."""
        acting = self.active | (self.kinks & (kink_states == UPPER))
        H = dense.gram((acting * self.roots[:, None]).T)
        H *= self.K
        sizes = np.sqrt(H.diagonal())
        groups = []
        for classes, points in equal_sizes(self.kinky, self.kinks & (kink_states == FREE), STACKED / H.shape[0]):
            coupling = self.K[points]
            coupling *= (acting[classes] * self.roots[classes, None])[:, None, :]
            whitened, solve = whiten(self.K[points[:, :, None], points[:, None, :]], coupling)
            rows = whitened.reshape(-1, H.shape[0])
            H -= rows.T @ rows
            groups.append((classes, points, whitened, solve))
        return H, sizes, groups

    def free_gates(self, groups, x):
        """Gates of the free kinks of a piece at the multipliers x: yields (classes, points, gates), each of shape (g, k)."""
        for classes, points, whitened, solve in groups:
            yield classes[:, None], points, -solve(whitened @ x) / self.roots[classes, None]

    def _evaluate(self, x, kink_states, groups):
        """Best gates for the multipliers x, starting from the guess that ``kink_states`` hold."""
        acting = self.active | (self.kinks & (kink_states == UPPER))
        gates = acting * x
        for classes, points, found in self.free_gates(groups, x):
            gates[classes, points] = found
        tiny = PIVOT * float(x.max())
        closed, opened, held = gates < -tiny, gates > x + tiny, self.kinks & (kink_states != FREE)
        new_states, responses = kink_states.copy(), None
        new_states[self.kinks & closed] = LOWER
        new_states[self.kinks & opened] = UPPER
        if held.any():
            responses = gates @ self.K
            new_states[held & np.where(kink_states == LOWER, responses < -tiny, responses > tiny)] = FREE
        np.clip(gates, 0.0, x, out=gates, where=self.kinks)
        rows = (new_states != kink_states).any(axis=1).nonzero()[0]
        self._settle(rows, x, gates, new_states)
        if responses is None:
            responses = gates @ self.K
        elif rows.size:
            responses[rows] = gates[rows] @ self.K
        return self._finish(x, gates, responses, new_states)

    def _settle(self, rows, x, gates, kink_states):
        """Exact gates of some classes, from a guess of their states: a box-constrained least-squares problem over the kinks of each."""
        for classes, points in equal_sizes(rows, self.kinks, STACKED / len(x)):
            left = classes
            if points.shape[1] <= FEW:
                at, upper = (classes[:, None], points), x[points]
                push = np.einsum("gki,gi->gk", self.K[points], self.active[classes] * x)
                z, gradient, states, settled = box_stacks.solve(self.K[points[:, :, None], points[:, None, :]], push, upper, kink_states[at])
                gates[at] = z
                kink_states[at] = np.where(upper <= 0, np.where(gradient < 0, UPPER, LOWER), states)
                left = classes[~settled]
            for c in left:
                self._settle_one(c, x, gates, kink_states)

    def _settle_one(self, c, x, gates, kink_states):
        points = self.kinks[c].nonzero()[0]
        couplings, upper = self.K[points], x[points]
        push = couplings @ (self.active[c] * x)
        box = pivoting.minimise(couplings[:, points], -push, upper, kink_states[c, points])
        gates[c, points] = box.x
        kink_states[c, points] = np.where(upper <= 0, np.where(box.gradient < 0, UPPER, LOWER), box.states)

    def _finish(self, x, gates, responses, kink_states):
        opened = np.where(self.kinks, np.minimum(responses, 0.0), 0.0)
        pulled = np.where(self.active, responses, opened * (gates >= x))
        gradient = self.weights @ pulled - self.margins
        objective = 0.5 * float(np.einsum("c,ci,ci->", self.weights, gates, responses)) - float(self.margins @ x)
        return _Point(x, gates, responses, gradient, objective, kink_states)

    def _line_search(self, current, trial):
        """The trial point, or if it is no improvement the least point on the way there, where the slope changes sign.

        The slope is piecewise linear and increasing, so regula falsi (with the Illinois rule) ends up in one piece and is exact there.
        """
        slack = 8 * EPS * (abs(current.objective) + abs(trial.objective))
        if trial.objective <= current.objective + slack:
            return trial
        groups = self.piece(current.kink_states)[2]
        direction = trial.x - current.x
        start = float(current.gradient @ direction)
        low, high = (0.0, start), (1.0, float(trial.gradient @ direction))
        best, side = current, 0
        for _ in range(MAX_TRIALS):
            if not low[1] < 0 < high[1]:
                break
            step = low[0] - low[1] * (high[0] - low[0]) / (high[1] - low[1])
            point = self._evaluate(current.x + step * direction, current.kink_states, groups)
            slope = float(point.gradient @ direction)
            if point.objective < best.objective:
                best = point
            if abs(slope) <= FLAT * abs(start):
                break
            if slope < 0:
                low, high = (step, slope), (high[0], high[1] / 2 if side < 0 else high[1])
            else:
                low, high = (low[0], low[1] / 2 if side > 0 else low[1]), (step, slope)
            side = np.sign(slope)
        return best

    def _violation(self, point):
        """Largest miss of an optimality condition, of a multiplier or of a gate on a kink."""
        g, x = point.gradient, point.x
        at_upper = np.zeros(len(x), bool) if self.upper is None else x >= self.upper
        violation = np.where(x <= 0, -g, np.where(at_upper, g, np.abs(g)))
        violation[(x <= 0) & at_upper] = 0.0
        z, r = point.gates, point.responses
        missed = np.where(self.kinks & (x > 0), np.where(z <= 0, -r, np.where(z >= x, r, np.abs(r))), 0.0) * self.weights[:, None]
        return max(float(violation.max()), float(missed.max()), 0.0)


@dataclass(frozen=True, eq=False)
class _Point:
    x: np.ndarray
    gates: np.ndarray
    responses: np.ndarray
    gradient: np.ndarray
    objective: float
    kink_states: np.ndarray
