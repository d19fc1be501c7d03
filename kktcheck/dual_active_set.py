"""Hard margins by a dual active set on the rows themselves: the method where Gram matrices lose too many digits.

Start from a set of rows on which the bounds hold with equality and the weights are positive; add a violated row, letting go of those whose
weight would turn negative, until none is violated (Goldfarb and Idnani). The value rises in every step, the rows held stay
independent whatever the rank, and a violated row that depends on them with weights of the wrong sign is a proof that no predictor exists. All systems
are solved by an orthogonal factorisation of the rows held, so no condition number is squared.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr, qr_delete, solve_triangular

from .exact_sums import residual
from .tolerances import EPS

#: Part of a row outside the span of those held below which it may depend on them: what such rows leave is below 1e-14 for a few hundred rows.
DEPENDENT = 1e-12

#: Violations up to this multiple of the rounding of one product are not acted on.
ROUNDING = 8 * EPS


#: Ratio of the pivots of the rows held down to which one correction by an ordinary residual leaves nothing to gain.
WELL_CONDITIONED = 1e-3

#: Corrections by exact residuals: each gains the digits that the condition leaves, up to a condition of about 1e10 for full precision.
CORRECTIONS = 3


@dataclass(frozen=True, eq=False)
class Held:
    """Where the dual active set ended.

    Attributes
    ----------
    predictor : ndarray, shape (r,)
    support : ndarray of int, shape (k,)
    weights : ndarray, shape (k,)
        Positive up to rounding.
    triangle : ndarray, shape (k, k)
        Triangular factor of the rows held.
    settled : bool
        Whether no bound is violated.
    """

    predictor: np.ndarray
    support: np.ndarray
    weights: np.ndarray
    triangle: np.ndarray
    settled: bool


class DualActiveSet:
    """The problem of minimising |v| over <row_i, v> >= bound_i.

    Parameters
    ----------
    rows : ndarray, shape (m, r)
        Of norms near 1.
    bounds : ndarray, shape (m,)
        Positive.
    refute : callable
        ``refute(indices, weights)`` is called where a combination of rows with positive weights nearly vanishes; it raises if the rows are not
        separable, and returns if that cannot be shown.
    """

    def __init__(self, rows, bounds, refute):
        self.rows, self.bounds, self.refute = rows, bounds, refute
        self._forget()

    def start_at(self, candidates):
        """Hold those of the candidates that are independent and whose weights are positive together."""
        held = np.asarray(candidates)
        while held.size:
            self.Q, self.R, order = qr(self.rows[held].T, mode="economic", pivoting=True)
            rank = int(np.count_nonzero(np.abs(self.R.diagonal()) > DEPENDENT))
            held, self.Q, self.R = held[order[:rank]], self.Q[:, :rank], self.R[:rank, :rank]
            self.held = held.tolist()
            self.weights = self._solved()[1]
            if (self.weights > 0).all():
                return
            held = held[self.weights > 0]
        self._forget()

    def _forget(self):
        self.held, self.weights = [], np.zeros(0)
        self.Q, self.R = np.zeros((self.rows.shape[1], 0)), np.zeros((0, 0))

    def run(self):
        """Add violated rows until there are none, or the steps run out."""
        for _ in range(100 + 20 * min(self.rows.shape)):
            v = self._solved()[0] if self.held else np.zeros(self.rows.shape[1])
            short = self.bounds - self.rows @ v
            short[self.held] = 0.0
            entering = int(np.argmax(short))
            if short[entering] <= ROUNDING * float(np.linalg.norm(v)):
                return self._ended(True)
            if not self._add(entering, v):
                break
        return self._ended(False)

    def _add(self, entering, v):
        """Raise the weight of a violated row until its bound holds; rows whose weights reach zero on the way are let go."""
        row, weight = self.rows[entering], 0.0
        for _ in range(len(self.held) + 1):
            inside, outside, size = self._split(row)
            answer = solve_triangular(self.R, inside) if self.held else inside
            if size <= DEPENDENT and (answer <= 0).all():
                self.refute(np.array([*self.held, entering]), np.append(-answer, 1.0))
            falling = np.flatnonzero(answer > 0)
            ratios = self.weights[falling] / answer[falling]
            blocked = float(ratios.min(initial=np.inf))
            full = (self.bounds[entering] - float(row @ v)) / size**2 if size > EPS else np.inf
            step = min(blocked, full)
            if not np.isfinite(step):
                return False
            self.weights = self.weights - step * answer
            weight += step
            v = v + step * size * outside
            if full <= blocked:
                self._hold(entering, inside, outside, size)
                self.weights = np.append(self.weights, weight)
                return True
            self._release(int(falling[np.argmin(ratios)]))
        return False

    def _split(self, row):
        """Coordinates of a row in the span of those held, the direction of the rest (two sweeps of projection), and its size."""
        inside = row @ self.Q
        rest = row - self.Q @ inside
        again = rest @ self.Q
        rest -= self.Q @ again
        size = float(np.linalg.norm(rest))
        return inside + again, rest / (size or 1.0), size

    def _hold(self, i, inside, outside, size):
        k = len(self.held)
        R = np.zeros((k + 1, k + 1))
        R[:k, :k], R[:k, k], R[k, k] = self.R, inside, size
        self.Q, self.R = np.column_stack([self.Q, outside]), R
        self.held.append(i)

    def _release(self, position):
        self.Q, self.R = qr_delete(self.Q, self.R, position, which="col")
        k = len(self.held) - 1
        self.Q, self.R = self.Q[:, :k], self.R[:k]
        del self.held[position]
        self.weights = np.delete(self.weights, position)

    def _solved(self):
        """The shortest vector on the bounds of the rows held and the weights that combine them to it, corrected by both residuals.

        Exact residuals where the pivots tell of ill-conditioned rows: both answers are then as good as float64 holds them.
        """
        rows, bounds = self.rows[self.held], self.bounds[self.held]
        along = solve_triangular(self.R, bounds, trans="T")
        v, weights = self.Q @ along, solve_triangular(self.R, along)
        pivots = np.abs(self.R.diagonal())
        exact = pivots.min() <= WELL_CONDITIONED * pivots.max()
        for _ in range(CORRECTIONS if exact else 1):
            if exact:
                missing, off = residual(bounds, rows, v), -residual(v, rows.T, weights)
            else:
                missing, off = bounds - rows @ v, weights @ rows - v
            inside = off @ self.Q
            along = solve_triangular(self.R, missing, trans="T") - inside
            v = v + (off + self.Q @ along)
            weights = weights + solve_triangular(self.R, along)
        return v, weights

    def _ended(self, settled):
        """The outcome, from rows factored afresh, so that the rounding of many exchanges is gone."""
        self.Q, self.R = np.linalg.qr(self.rows[self.held].T)
        v, weights = self._solved()
        return Held(v, np.array(self.held, dtype=np.intp), weights, self.R, settled)
