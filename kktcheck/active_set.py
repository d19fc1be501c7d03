"""Least squares over multipliers and the gates that hang on them, by a primal active set on explicit columns.

Slower than pivoting on Gram matrices but sure: it needs no definite matrix, squares no condition number and descends in every step. One
bound at a time is left, the one that gains most; the step to the least-squares solution of the free variables stops at the first
bound it meets (Lawson and Hanson; Stark and Parker for upper bounds). A column that depends on the free ones gains nothing, so the free
columns stay independent whatever the rank.
"""

import numpy as np

from .tolerances import EPS

#: Error of a gain, relative to the sizes that enter it. Smaller than what pivoting allows: every step descends, so a spurious gain costs a
#: step, while a gain passed over leaves a residual that is too large.
ROUNDING = 8 * EPS

#: States of a variable.
LOWER, FREE, UPPER = 0, 1, 2


class ActiveSet:
    """The problem of minimising |columns x + gates z - target| over 0 <= x <= upper and 0 <= z <= x[points].

    Parameters
    ----------
    columns : ndarray, shape (r, m)
        Of comparable norms, or zero (such a variable stays 0).
    target : ndarray, shape (r,)
    upper : ndarray, shape (m,)
        In [0, inf].
    gates : ndarray, shape (r, k), optional
    points : ndarray of int, shape (k,), optional
        The multiplier that bounds each gate.
    """

    def __init__(self, columns, target, upper, gates=None, points=None):
        self.columns, self.target, self.upper = columns, target, upper
        self.gates = np.zeros((len(target), 0)) if gates is None else gates
        self.points = np.zeros(0, dtype=np.intp) if points is None else points
        self.barred = (upper <= 0) | ~(columns.any(axis=0) | self._bundle(self.gates.any(axis=0)).astype(bool))
        self.x, self.z = np.zeros(columns.shape[1]), np.zeros(len(self.points))
        self.x_states = np.full(len(self.x), LOWER, dtype=np.int8)
        self.z_states = np.full(len(self.z), LOWER, dtype=np.int8)
        bundled = np.linalg.norm(columns, axis=0) + self._bundle(np.linalg.norm(self.gates, axis=0))
        self.steps = 0
        self.column_size, self.size = float(bundled.max(initial=0.0)), float(np.linalg.norm(target))

    def start_at(self, x, z):
        """Start from a point within the bounds instead of 0."""
        self.x, self.z = np.where(self.barred, 0.0, x), np.where(self.barred[self.points], 0.0, z)
        self.x_states = _states(self.x, self.upper)
        self.z_states = _states(self.z, self.x[self.points])

    def solve(self):
        """Run to the minimiser; the attributes ``x``, ``z``, ``x_states`` and ``z_states`` then hold it."""
        if not self.x.size:
            return
        self._descend()
        refused = set()
        for step in range(1, 60 + 20 * (len(self.x) + len(self.z))):
            self.steps = step
            gains, pulls = self._gains()
            for kind, j in refused:
                gains[kind][j] = 0.0
            kind = int(gains[1].max(initial=0.0) > gains[0].max(initial=0.0))
            j = int(np.argmax(gains[kind])) if len(gains[kind]) else 0
            if not gains[kind][j] > self.tolerance():
                return
            if self._leave(kind, j, pulls):
                refused.clear()
            else:
                refused.add((kind, j))

    def tolerance(self):
        """Gains below this are rounding."""
        return ROUNDING * self.column_size * (self.size + self.column_size * float(self.x.max(initial=0.0)))

    def _residual(self):
        return self.target - self.columns @ self.x - self.gates @ self.z

    def _bundle(self, values):
        """Sum of the values of the gates of each multiplier."""
        return np.bincount(self.points, values, len(self.upper))

    def _gains(self):
        """First-order gain of leaving its bound for every multiplier and every gate, and the pull on the gates."""
        residual = self._residual()
        pulls = self.gates.T @ residual
        pull = self.columns.T @ residual
        entering = pull + self._bundle(np.maximum(pulls, 0.0))
        leaving = -pull - self._bundle(np.where(self.z_states == UPPER, pulls, 0.0))
        of_x = np.where(self.x_states == LOWER, entering, np.where(self.x_states == UPPER, leaving, 0.0))
        of_x[self.barred] = 0.0
        of_z = np.where(self.z_states == LOWER, pulls, np.where(self.z_states == UPPER, -pulls, 0.0))
        of_z[self.x[self.points] <= 0] = 0.0
        return (of_x, of_z), pulls

    def _leave(self, kind, j, pulls):
        """Free one variable and descend; False, with nothing changed, if rounding alone made it a candidate."""
        states = self.z_states if kind else self.x_states
        came_from, kept = states[j], self.z_states.copy()
        if not kind and came_from == LOWER:
            mine = self.points == j
            self.z_states[mine] = np.where(pulls[mine] > 0, UPPER, LOWER)
        states[j] = FREE
        dx, dz = self._direction()
        if kind:
            own = dz[j] if came_from == LOWER else dx[self.points[j]] - dz[j]
        else:
            own = dx[j] if came_from == LOWER else -dx[j]
        if own <= 0:
            self.z_states = kept
            (self.z_states if kind else self.x_states)[j] = came_from
            return False
        self._descend(dx, dz)
        return True

    def _direction(self):
        """Way to the least-squares solution of the free variables; gates at their multiplier move along with it."""
        x_free, z_free = np.flatnonzero(self.x_states == FREE), np.flatnonzero(self.z_states == FREE)
        along = np.flatnonzero(self.z_states == UPPER)
        bundled = self.columns.copy()
        np.add.at(bundled.T, self.points[along], self.gates[:, along].T)
        free = np.concatenate([bundled[:, x_free], self.gates[:, z_free]], axis=1)
        found = np.linalg.lstsq(free, self._residual(), rcond=None)[0]
        dx, dz = np.zeros(len(self.x)), np.zeros(len(self.z))
        dx[x_free] = found[: len(x_free)]
        dz[along] = dx[self.points[along]]
        dz[z_free] = found[len(x_free) :]
        return dx, dz

    def _descend(self, dx=None, dz=None):
        """Steps to the least-squares solution of the free variables, each stopped at the first bound, which is then kept."""
        while True:
            if dx is None:
                dx, dz = self._direction()
            x_free, z_free = self.x_states == FREE, self.z_states == FREE
            caps, drift = self.x[self.points], dz - dx[self.points]
            stops = [
                _steps(self.x, -dx, x_free),
                _steps(self.upper - self.x, dx, x_free),
                _steps(self.z, -dz, z_free),
                _steps(caps - self.z, drift, z_free),
            ]
            step = min(1.0, *(float(each.min(initial=1.0)) for each in stops))
            self.x = np.clip(self.x + step * dx, 0.0, self.upper)
            self.z = self.z + step * dz
            if step >= 1.0:
                self._settle()
                return
            kept = (self.x_states, self.x_states, self.z_states, self.z_states)
            for each, states, state in zip(stops, kept, (LOWER, UPPER, LOWER, UPPER), strict=True):
                states[each <= step] = state
            self._settle()
            dx = None

    def _settle(self):
        """Put the variables at a bound on it exactly."""
        self.x[self.x_states == LOWER] = 0.0
        at_upper = self.x_states == UPPER
        self.x[at_upper] = self.upper[at_upper]
        caps = self.x[self.points]
        self.z_states[(self.z_states == FREE) & (caps <= 0)] = LOWER
        self.z = np.where(self.z_states == LOWER, 0.0, np.where(self.z_states == UPPER, caps, np.clip(self.z, 0.0, caps)))


def _states(values, upper):
    return np.where(values <= 0, LOWER, np.where(values >= upper, UPPER, FREE)).astype(np.int8)


def _steps(room, speed, free):
    """Step at which each free variable has used up its room, infinite for those that move away."""
    steps = np.full(len(room), np.inf)
    np.divide(np.maximum(room, 0.0), speed, out=steps, where=free & (speed > 0))
    return steps
