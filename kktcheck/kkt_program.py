"""The convex program behind a KKT point: its gates on aligned pairs are held, everything else follows.

A pair (neuron, point) is aligned if u_j y_i > 0. There the margin is convex in w_j, so replacing the ReLU by its gate (1 active, 0
inactive) bounds it from below; on opposed pairs it is concave as it stands. What is left, the least |theta| under the margins so bounded, is
convex, with the dual

    min 1/2 sum_c weight_c |A_c|**2 - sum_i lambda_i,   A_c = sum_i y_i z_ci x_i,   z_ci = lambda_i or 0 where the gate is held,
    0 <= z_ci <= lambda_i elsewhere,

one A_c = w_j / u_j for each class c of neurons with the same sign of u_j and the same held gates. Exchanging the states of the loose gates
(`kktcheck.clarke`) finds the optimal states, and `kktcheck.kkt_states` solves for them exactly.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .active_set import FREE, LOWER, UPPER
from .clarke import ClarkeProblem
from .errors import InfeasibleError, SolverError
from .kkt_states import settle
from .models import ACTIVE, INACTIVE, KINK
from .patterns import pattern_classes
from .tolerances import SETTLED, UNIQUE

#: Multiples of the identity added to the Gram matrix of unit points, in turn: with one the program is definite and feasible whatever the
#: rank. The optimal states rarely depend on it; the exact solution for them is checked without it.
RIDGES = (1e-3, 1e-5, 1e-8)

#: Norm of a convex combination of the gradients of unit points, with |u| = 1, that counts as zero: no network with these gates has a larger
#: normalised margin, and a ridge of 1e-8 leaves less where there is none.
COMBINATION = 1e-6

#: Margins up to this multiple of the least are taken for the support at first.
NEAR = 1.1


@dataclass(frozen=True, eq=False)
class Program:
    """Points and classes of neurons that define the convex program, scaled so that nothing depends on their units.

    Attributes
    ----------
    units : ndarray, shape (m, r)
        Signed points y_i x_i / |x_i| in coordinates of their span.
    norms : ndarray, shape (m,)
        |x_i| over the least of them.
    labels : ndarray, shape (m,)
    signs : ndarray, shape (c,)
        Sign of u_j in each class.
    weights : ndarray, shape (c,)
        Sum of u_j**2 over each class; they add up to 1.
    states : ndarray of int8, shape (c, m)
        ACTIVE or INACTIVE: the gate is held; KINK: it is loose (all opposed pairs, and aligned ones that start on a kink).
    member : ndarray of int, shape (n,)
        Class of each neuron.
    """

    units: np.ndarray
    norms: np.ndarray
    labels: np.ndarray
    signs: np.ndarray
    weights: np.ndarray
    states: np.ndarray
    member: np.ndarray

    @property
    def aligned(self):
        """Mask of the aligned pairs, shape (c, m)."""
        return self.signs[:, None] * self.labels > 0

    @cached_property
    def gram(self):
        """Gram matrix of the signed unit points, shape (m, m)."""
        return self.units @ self.units.T

    def optimum(self, support, states):
        """The optimum, exact for its states: a `kktcheck.kkt_states.Settled`.

        Parameters
        ----------
        support : ndarray of bool, shape (m,)
            A guess; where it and the states do not lead to the optimum, the exchange method starts anew.
        states : ndarray of int8, shape (c, m)
            A guess: LOWER, FREE or UPPER on the loose gates.

        Raises
        ------
        InfeasibleError
            If no network with these gates has a normalised margin above 1e-6; names points that stand against each other.
        SolverError
            If the states cannot be settled; names the pair or point that resists.
        """
        unserved = np.flatnonzero(~(self.states == ACTIVE).any(axis=0))
        if unserved.size:
            raise InfeasibleError("no neuron whose output has the sign of the label is active", unserved)
        nothing = np.zeros(len(self.norms)), np.zeros(self.states.shape)
        best, combination = settle(self, support, states, *nothing, "pivoting"), np.inf
        if best.ok:
            return best
        for ridge in self._ridges():
            try:
                point = self._problem(ridge).solve().point
            except SolverError:  # without a ridge, of a Gram matrix that is singular or nearly so
                continue
            method = f"exchange, ridge {ridge:.0e}" if ridge else "exchange"
            settled = settle(self, point.x > 0, point.kink_states, point.x, point.gates, method)
            if settled.ok:
                return settled
            if settled.violation < best.violation:
                best = settled
            if ridge:
                combination, points = self._combination(point), np.flatnonzero(point.x > 1e-3 * point.x.max())
        if combination <= COMBINATION:
            raise InfeasibleError(f"with these gates no network has a least margin above {combination:.0e} |u| |theta| |x|", points)
        raise SolverError(
            f"the states do not settle: {best.worst} misses its condition by {best.violation:.1e} (points too close to dependent, or a tie "
            "between states); start from other states, or take engine='cvxpy'"
        )

    def _ridges(self):
        return (0.0, *RIDGES) if len(self.units) <= self.units.shape[1] else RIDGES

    def _problem(self, ridge):
        gram = self.gram + ridge * np.eye(len(self.norms)) if ridge else self.gram
        target = 1.0 / self.norms
        return ClarkeProblem(gram, self.states, self.weights, target, float(target.max()))

    def _combination(self, point):
        """Norm of the combination of unit gradients, weights adding up to 1; tiny if nothing but the ridge bounds the multipliers."""
        directions = point.gates @ self.units
        return float(np.sqrt(self.weights @ np.einsum("cr,cr->c", directions, directions) / self.weights.sum())) / float(point.x.sum())


def assemble(data, second_layer, states):
    """Program of a dataset, second-layer weights (n,) and states of every neuron, shape (n, m); states of opposed pairs do not matter.

    A point that has aligned kinks but no active aligned neuron could not reach a positive margin: its kinks are opened.
    """
    signs = np.sign(second_layer)
    aligned = signs[:, None] * data.y > 0
    held = np.where(aligned, states, KINK)
    unserved = ~(aligned & (held == ACTIVE)).any(axis=0)
    held[aligned & (held == KINK) & unserved] = ACTIVE
    keys, member = pattern_classes(np.column_stack([signs, held]).astype(np.int8))
    return Program(
        units=(data.y / data.norms)[:, None] * data.span.coordinates,
        norms=data.norms / data.norms.min(),
        labels=data.y,
        signs=keys[:, 0].astype(np.float64),
        weights=np.bincount(member, (second_layer / np.linalg.norm(second_layer)) ** 2, len(keys)),
        states=np.ascontiguousarray(keys[:, 1:]),
        member=member,
    )


def moved(program, settled):
    """States of the classes after every held gate that the optimum contradicts has moved, shape (c, m); None if it is a KKT point.

    Gates of points with a margin above 1 contradict nothing: their multipliers are zero, and the margin of the network itself is at least
    the program's. An aligned gate that started loose stays so while the optimum keeps its pre-activation at zero.
    """
    r = np.where(np.abs(settled.responses) <= SETTLED * settled.sizes[:, None], 0.0, settled.responses)
    margins = program.norms * (program.weights @ np.where(program.states == KINK, np.minimum(r, 0.0), np.where(program.states == ACTIVE, r, 0.0)))
    held = program.aligned & (margins <= 1.0 + UNIQUE)
    loose = held & (program.states == KINK)
    off = held & (program.states == ACTIVE) & (r < 0) | loose & (settled.states == UPPER) & (r < 0)
    on = held & (program.states == INACTIVE) & (r > 0) | loose & (settled.states == LOWER) & (r > 0)
    return np.where(off, INACTIVE, np.where(on, ACTIVE, program.states)).astype(np.int8) if (off | on).any() else None


def guess(program, model, data, states):
    """Support and states of the loose gates as a network suggests them: margins near the least, and the largest neuron of each class."""
    order = np.argsort(np.einsum("ij,ij->i", model.W, model.W), kind="stable")
    largest = np.empty(len(program.signs), dtype=np.intp)
    largest[program.member[order]] = order
    own = states[largest]
    margins = data.y * model.outputs(data.X)
    least = max(float(margins.min()), 0.0)
    return margins <= NEAR * least if least else np.ones(len(margins), bool), np.where(own == KINK, FREE, np.where(own == ACTIVE, UPPER, LOWER))
