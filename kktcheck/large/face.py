"""The face of the feasible set on which a Newton step is taken: which multipliers and gates move freely, and which gates move with theirs."""

from dataclasses import dataclass

import numpy as np

from ..active_set import FREE, LOWER, UPPER


@dataclass(frozen=True, eq=False)
class Face:
    """Free variables of the problem in multipliers and gates.

    Attributes
    ----------
    free : ndarray of bool, shape (m,)
        Multipliers that move.
    states : ndarray of int8, shape (number of kinks,)
        Gates at 0 (LOWER), moving by themselves (FREE), or equal to their multiplier (UPPER).
    """

    free: np.ndarray
    states: np.ndarray
    points: np.ndarray

    @property
    def moving(self):
        """Points that anything moves on, in ascending order."""
        touched = self.free.copy()
        touched[self.points[self.states == FREE]] = True
        return np.flatnonzero(touched)

    def same(self, other):
        """Whether another face (or None) is this one."""
        return other is not None and np.array_equal(self.free, other.free) and np.array_equal(self.states, other.states)

    def reduce(self, along, on_kinks):
        """Gradient in the free variables from that in all: gates that move along add to their multiplier's."""
        tied = self.states == UPPER
        bundled = along + np.bincount(self.points[tied], on_kinks[tied], len(along)) if tied.any() else along
        return np.where(self.free, bundled, 0.0), np.where(self.states == FREE, on_kinks, 0.0)

    def extend(self, multipliers, gates):
        """All variables' step from that of the free ones."""
        return multipliers, np.where(self.states == UPPER, multipliers[self.points], gates)


def face_at(multipliers, gates, along, on_kinks, points, upper=None):
    """The face that a feasible point may move on without leaving a bound that its gradient pushes against.

    Parameters
    ----------
    multipliers, gates : ndarray, shapes (m,) and (number of kinks,)
        Feasible.
    along, on_kinks : ndarray, same shapes
        The gain (minus the derivative) of each multiplier with its gates fixed, and of each gate.
    points : ndarray of int, shape (number of kinks,)
    upper : ndarray, shape (m,), optional
    """
    caps = multipliers[points]
    closed = (gates <= 0) & (on_kinks <= 0)
    opened = (gates >= caps) & (on_kinks > 0)
    at_zero = caps <= 0
    states = np.where(opened, UPPER, np.where(closed | at_zero, LOWER, FREE)).astype(np.int8)
    total = along + np.bincount(points, np.where(states == UPPER, on_kinks, 0.0), len(along))
    free = (multipliers > 0) | (total > 0)
    if upper is not None:
        free &= ((multipliers < upper) | (total < 0)) & (upper > 0)
    # A gate that hangs on a multiplier at rest stays as it is when its multiplier is 0, and moves by itself below it otherwise.
    resting = (states == UPPER) & ~free[points]
    states[resting & at_zero] = LOWER
    return Face(free, states, points)


def clipped(multipliers, gates, points, upper=None):
    """The nearest feasible point of a kind: multipliers cut to their bounds, then gates to theirs."""
    multipliers = np.clip(multipliers, 0.0, upper)
    return multipliers, np.clip(gates, 0.0, multipliers[points])
