"""The stationarity problem under every slackness cap, and whether two of its solutions lie on one piece.

A cap delta bounds the multipliers by delta / (margin_i - 1). What is then left of theta, r(delta), is continuous and piecewise linear
in delta, so |r|**2 is piecewise quadratic; it is convex and decreasing, with the derivative -2 s, s = sum_i max(pull_i, 0) / (margin_i - 1),
where pull_i is what raising lambda_i with its gates gains. The derivative is continuous as well, so for caps a < b

    |r(a) - r(b)|**2 <= (b - a) (s(a) - s(b)), with equality exactly where r is linear from a to b

(Cauchy-Schwarz), and the two sides differ by a sum of products: each pull at one cap times the room that the multiplier or gate it acts
on has at the other. So two solutions tell by themselves whether both lie on one piece, factor by factor and whichever of several optimal
multipliers they hold. The piece through a solution follows from its states: what is free follows what is at its bound (Best, An algorithm
for the solution of the parametric quadratic programming problem, 1996).
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from . import clarke
from .active_set import FREE, LOWER, UPPER
from .answers import Multipliers, measured, slackness_of, upper_bounds
from .compression import compressed
from .fast import signed_gram, stationarity
from .patterns import pattern_classes
from .pivoting import SingularSystem, cholesky_solve
from .tolerances import RANK

#: A pull and the room for it count if both exceed this share of their scales (|u| |theta| |x_i|; the largest multiplier, or |theta| / |u|):
#: thousands of rounding errors. A piece passed over for it changes epsilon**2 by about 1e-11 |theta|**2 if points are dependent to within
#: as little, by the square of that if not. A pull must also exceed, `NOISE` times over, what the engine says it missed.
JOINED, NOISE = 1e-11, 4.0


@dataclass(eq=False)
class Solved:
    """The problem solved under one cap; ``x`` and ``gates`` in units of 1 / |x_i|, pulls in units of |x_i|.

    Attributes
    ----------
    cap : float
    found : Multipliers
    x, pulls : ndarray, shape (m,)
    gates, gate_pulls : ndarray, shape (k,)
        On the kinks of each pattern class.
    motion : tuple of ndarray, shapes (m,) and (k,), or None
        Derivatives of ``x`` and ``gates`` with respect to the cap, as long as no state changes.
    """

    cap: float
    found: Multipliers
    x: np.ndarray
    gates: np.ndarray
    pulls: np.ndarray
    gate_pulls: np.ndarray
    motion: tuple | None = None


class ParametricProblem:
    """The stationarity problem of a `Linearisation` under every slackness cap."""

    def __init__(self, lin):
        self.lin = lin
        self.compact = _compact(lin)
        states, neuron_class = pattern_classes(lin.states)
        self.neurons = np.unique(neuron_class, return_index=True)[1]
        weights = np.bincount(neuron_class, lin.model.second_layer**2, len(states))
        self.pieces = clarke.ClarkeProblem(signed_gram(lin.data), states, weights, lin.margins, lin.scale)
        self.classes, self.points = np.nonzero(self.pieces.kinks)
        bounds = upper_bounds(lin, 1.0)
        self.capped = np.isfinite(bounds)
        #: Growth of the upper bounds with the cap; 0 where there is none.
        self.rates = np.where(self.capped, bounds, 0.0) * self.pieces.norms
        self.units = (lin.data.y / self.pieces.norms)[:, None] * self.compact.data.span.coordinates
        self.typical = lin.model.norm / float(np.linalg.norm(lin.model.second_layer))

    def solve(self, cap):
        """The problem under a cap, a `Solved`."""
        return self.solved(cap, stationarity(self.compact, cap, with_uniqueness=False))

    def solved(self, cap, found):
        """`Multipliers` that are optimal under a cap, as a `Solved`."""
        pieces = self.pieces
        x = found.values * pieces.norms
        z = self.compact.gates(found.values, found.kink_multipliers)[self.neurons] * pieces.norms
        responses = z @ pieces.K
        gate_pulls = -(pieces.weights[:, None] * responses)[self.classes, self.points]
        pulls = pieces.margins - pieces.weights @ (pieces.active * responses)
        pulls += np.bincount(self.points, np.maximum(gate_pulls, 0.0), len(x))
        return Solved(cap, found, x, z[self.classes, self.points], pulls, gate_pulls)

    def answer(self, found):
        """`Multipliers` of the problem in few dimensions, measured on the model itself."""
        if self.compact is self.lin:
            return found
        z = self.lin.gates(found.values, found.kink_multipliers)
        return measured(self.lin, found.values, z, "stationarity", "fast", found.method, found.residual)

    def without_cap(self):
        """Optimal `Multipliers` without any cap."""
        return stationarity(self.compact, with_uniqueness=False)

    def attained(self, multipliers):
        """max_i lambda_i (margin_i - 1) over the points that a cap binds; 0 if there are none."""
        return slackness_of(multipliers[self.capped], self.lin.margins[self.capped]) if self.capped.any() else 0.0

    def descent(self, solved):
        """Minus half the derivative of the squared residual with respect to the cap."""
        # What has room has no pull but rounding, which margins close to 1 would blow up.
        held = self._at_upper(solved)
        return float(self.rates[held] @ np.maximum(solved.pulls[held], 0.0))

    def joined(self, a, b):
        """Whether the residual is linear between two caps."""
        pull = max(JOINED, NOISE * max(a.found.residual, b.found.residual)) * self.lin.scale
        room = JOINED * max(self.typical, float(a.x.max()), float(b.x.max()))
        return not (self._loses(a, b, pull, room) or self._loses(b, a, pull, room))

    def crossing(self, a, b):
        """The cap at which the linear pieces through a and b, as their states have them, are closest; nan if they are parallel."""
        (ax, az), (bx, bz) = self._motion(a), self._motion(b)
        width = b.cap - a.cap
        turn = self._place(ax - bx, az - bz)
        apart = self._place(a.x - b.x + width * bx, a.gates - b.gates + width * bz)
        size = float(np.vdot(turn, turn))
        return a.cap - float(np.vdot(apart, turn)) / size if size > 0 else np.nan

    def _loses(self, a, b, pull, room):
        """Whether a multiplier or a gate at b has room to follow its pull at a."""
        above = np.where(self.capped, self.rates * b.cap - b.x, 0.0)
        if (((a.pulls > pull) & (above > room)) | ((a.pulls < -pull) & (b.x > room))).any():
            return True
        above = b.x[self.points] - b.gates
        return bool((((a.gate_pulls > pull) & (above > room)) | ((a.gate_pulls < -pull) & (b.gates > room))).any())

    def _at_upper(self, solved):
        return solved.found.values >= upper_bounds(self.lin, solved.cap)

    def _place(self, x, gates):
        """The combination of gradients, shape (c, rank), for multipliers and gates; each class counts with the root of its weight."""
        z = self.pieces.active * x
        z[self.classes, self.points] = gates
        return np.sqrt(self.pieces.weights)[:, None] * (z @ self.units)

    def _motion(self, solved):
        if solved.motion is None:
            solved.motion = self._derivative(solved)
        return solved.motion

    def _derivative(self, solved):
        """Derivatives of multipliers and gates with the states as they are: what is at a bound moves with it, the rest by least squares."""
        pieces, x, gates = self.pieces, solved.x, solved.gates
        kink_states = np.full(pieces.kinks.shape, LOWER, dtype=np.int8)
        kink_states[self.classes, self.points] = np.where(gates <= 0, LOWER, np.where(gates >= x[self.points], UPPER, FREE))
        H, sizes, groups = pieces.piece(kink_states)
        upper = self._at_upper(solved)
        moves = np.where(upper, self.rates, 0.0)
        free = np.flatnonzero((x > 0) & ~upper)
        if free.size:
            sizes = np.where(sizes > 0, sizes, 1.0)[free]
            block, push = H[np.ix_(free, free)] / sizes / sizes[:, None], -(H[free] @ moves) / sizes
            with suppress(SingularSystem):  # then the crossing is a poor guess, which costs a few problems and nothing else
                moves[free] = cholesky_solve(block, push, np.full(free.size, RANK)) / sizes
        z = (pieces.active | (pieces.kinks & (kink_states == UPPER))) * moves
        for classes, points, found in pieces.free_gates(groups, moves):
            z[classes, points] = found
        return moves, z[self.classes, self.points]


def _compact(lin):
    """The same problem in coordinates of the span of the points, with the states, margins and bounds of the original."""
    if lin.data.span.rank + 1 >= lin.data.dim:
        return lin
    model, data = compressed(lin.model, lin.data)
    compact = replace(lin, model=model, data=data)
    same = np.isfinite(upper_bounds(compact, 1.0)) == np.isfinite(upper_bounds(lin, 1.0))
    return compact if same.all() else lin
