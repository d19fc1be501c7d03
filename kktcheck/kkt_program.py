"""The convex program behind a KKT point: its gates on aligned pairs are held, everything else follows.

A pair (neuron, point) is aligned if u_j y_i > 0. There the margin is convex in w_j, so replacing the ReLU by its gate (1 active, 0
inactive) bounds it from below; on opposed pairs it is concave as it stands. What is left, the least |theta| under the margins so bounded, is
convex, with the dual

    min 1/2 sum_c weight_c |A_c|**2 - sum_i lambda_i,   A_c = sum_i y_i z_ci x_i,   z_ci = lambda_i or 0 where the gate is held,
    0 <= z_ci <= lambda_i elsewhere,

one A_c = w_j / u_j for each class c of neurons with the same sign of u_j and the same held gates. Exchanging states finds its optimum
(`kktcheck.kkt_states`), and so does an interior point method (`kktcheck.kkt_cvxpy`).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .active_set import FREE, LOWER, UPPER
from .errors import InfeasibleError, SolverError
from .kkt_reduction import cost, reduced
from .kkt_states import settle
from .models import ACTIVE, INACTIVE, KINK
from .patterns import pattern_classes

#: Margins up to this multiple of the least are taken for the support at first.
NEAR = 1.1

#: `kktcheck.kkt_reduction.cost` up to which the exchange method may reduce in all, and may start anew from all gradients: a tenth of a second.
AFFORDABLE = 2e6


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

    @cached_property
    def aligned(self):
        """Mask of the aligned pairs, shape (c, m)."""
        return self.signs[:, None] * self.labels > 0

    @cached_property
    def loose(self):
        """Mask of the loose gates, shape (c, m)."""
        return self.states == KINK

    @cached_property
    def open(self):
        """Mask of the gates held open, shape (c, m)."""
        return self.states == ACTIVE

    @cached_property
    def gram(self):
        """Gram matrix of the signed unit points, shape (m, m)."""
        return self.units @ self.units.T

    def margins(self, responses):
        """Margins as the program bounds them, shape (m,), from the responses <A_c, y_i x_i / |x_i|>, shape (c, m)."""
        return self.norms * (self.weights @ np.where(self.loose, np.minimum(responses, 0.0), self.open * responses))

    def check_served(self):
        """Raise `InfeasibleError` if some point has no open gate: no network of these gates brings its margin above 0."""
        unserved = np.flatnonzero(~self.open.any(axis=0))
        if unserved.size:
            raise InfeasibleError("no neuron whose output has the sign of the label is active", unserved)

    def optimum(self, support, states):
        """The optimum by exchanging states, exact for those it ends at: a `kktcheck.kkt_states.Settled`.

        Parameters
        ----------
        support : ndarray of bool, shape (m,)
            Where to start.
        states : ndarray of int8, shape (c, m)
            LOWER, FREE or UPPER on the loose gates.

        Raises
        ------
        InfeasibleError
            If no network with these gates has a positive margin on every point, to rounding; names points that stand against each other.
        SolverError
            If the states cannot be settled; names the pair or point that resists.
        """
        self.check_served()
        settled = settle(self, support, states, "pivoting", AFFORDABLE)
        if settled is not None and settled.ok:
            return settled
        everything = np.ones(len(self.norms), bool), np.full(self.states.shape, FREE, np.int8)
        if cost(self, *everything) <= AFFORDABLE:
            another = settle(self, *reduced(self, *everything), "least distance", AFFORDABLE)
            if settled is None or (another is not None and another.violation < settled.violation):
                settled = another
        return checked(settled)


def checked(settled):
    """The solution, if every condition holds; else `SolverError`."""
    if settled is None:
        raise SolverError("the states do not settle: the points are too close to dependent; start from other states")
    if settled.ok:
        return settled
    reason = "points too close to dependent, or a tie between states"
    if settled.violation <= settled.rounding:
        reason = f"the rounding of float64: margins are sums of terms up to {settled.terms:.0e}"
    miss = f"{settled.worst} misses its condition by {settled.violation:.1e}"
    raise SolverError(f"the states do not settle: {miss} ({reason}); start from other states")


def assemble(data, second_layer, states):
    """Program of a dataset, second-layer weights (n,) and states of every neuron, shape (n, m); states of opposed pairs do not matter.

    A point that has aligned kinks but no active aligned neuron could not reach a positive margin: its kinks are opened.
    """
    signs = np.sign(second_layer)
    aligned = signs[:, None] * data.y > 0
    held = np.where(aligned, states, KINK)
    unserved = ~(aligned & (held == ACTIVE)).any(axis=0)
    if unserved.any():
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

    Gates of points with multiplier zero contradict nothing: such a point's margin is at least what the program takes for it. An aligned gate
    that started loose stays so while the optimum keeps its pre-activation at zero.
    """
    r, loose = settled.responses, program.aligned & program.loose
    off = program.aligned & program.open & (r < 0) | loose & (settled.states == UPPER) & (r < 0)
    on = program.aligned & (program.states == INACTIVE) & (r > 0) | loose & (settled.states == LOWER) & (r > 0)
    if not ((off | on) & (settled.multipliers > 0)).any():
        return None
    return np.where(off, INACTIVE, np.where(on, ACTIVE, program.states)).astype(np.int8)


def guess(program, model, data, states):
    """Support and states of the loose gates as a network suggests them: margins near the least, and the largest neuron of each class."""
    order = np.argsort(np.einsum("ij,ij->i", model.W, model.W), kind="stable")
    largest = np.empty(len(program.signs), dtype=np.intp)
    largest[program.member[order]] = order
    own = states[largest]
    margins = relative_margins(model, data)
    gates = np.where(own == KINK, FREE, np.where(own == ACTIVE, UPPER, LOWER)).astype(np.int8)
    return margins <= max(NEAR * float(margins.min()), 0.0), gates


def relative_margins(model, data):
    """Margins up to a common factor, shape (m,), without products that leave the range of float64."""
    cosines = ((model.W / model.norm) @ np.asarray(data.X).T) / data.norms
    return (data.norms / data.norms.max()) * data.y * ((model.u / np.abs(model.u).max()) @ np.maximum(cosines, 0.0))
