"""Exact KKT points of the max-margin problem near a trained network (Clarke's subdifferential).

Convex-concave procedure: hold the gates of the aligned pairs as the network has them, solve the convex program that is left
(`kktcheck.kkt_program`), move every held gate that the optimum contradicts, and again. The norm at minimum margin 1 falls in every round
and there are finitely many states, so it ends; what it ends at is a KKT point, exact for its states.
"""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from .certificate import angle_gap
from .checks import check_dataset, check_model
from .errors import InfeasibleError, InputError, SolverError, listing
from .kinks import find
from .kkt_program import assemble, guess, moved
from .linearisation import linearise
from .models import INACTIVE, KINK, TwoLayerReLU, states_of
from .residuals import Residuals, of_linearisation
from .tolerances import SETTLED, UNIQUE

ENGINES = ("exchange", "cvxpy")

#: Rounds of the convex-concave procedure before giving up; trained networks need 1 to 5.
MAX_ROUNDS = 500

#: Random states tried before giving up.
MAX_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class KKTPoint:
    """An exact KKT point of the max-margin problem, at minimum margin 1.

    Attributes
    ----------
    model : TwoLayerReLU
        The network, with its kinks.
    multipliers : ndarray, shape (m,)
    kink_multipliers : ndarray, shape (number of kinks,)
        z_ij in [0, lambda_i] on the kinks, in the order of ``np.nonzero(model.kinks)``.
    margins : ndarray, shape (m,)
    states : ndarray of int8, shape (n, m)
        Inactive (0), active (1) or kink (2).
    classes : ndarray of int, shape (n,)
        Class of each neuron; neurons of a class have the same w_j / u_j.
    residuals : Residuals
        The four KKT residuals, each at most 1e-12.
    cosine : float
        Cosine of the angle between this point and the model it was sought from.
    tau : float
        1 - cosine, without the loss of digits.
    unique : bool or None
        Whether multipliers and gates (of neurons that are not zero) are the only ones; None at a tie, where that is not decided.
    strictness : float
        Strict complementarity, relative: the least over all points of max(lambda_i / max lambda, margin_i - 1), over all kinks of the distance
        of z_ij from 0 and lambda_i (over max lambda), over all other pairs of |<w_j, x_i>| / (|w_j| |x_i|); pairs of a zero neuron or of a
        multiplier zero do not count. 0 at a tie.
    rounds : int
        Convex programs solved.
    redrawn : int
        Random states that led nowhere before these (0 unless ``rng`` was given).
    method : str
    """

    model: TwoLayerReLU
    multipliers: np.ndarray
    kink_multipliers: np.ndarray
    margins: np.ndarray
    states: np.ndarray
    classes: np.ndarray
    residuals: Residuals
    cosine: float
    tau: float
    unique: bool | None
    strictness: float
    rounds: int
    redrawn: int
    method: str

    def __repr__(self):
        return f"KKTPoint({self.model!r}, {self.num_classes} classes, KKT residual {self.residuals.kkt:.1e}, tau={self.tau:.6g})"

    @property
    def num_classes(self):
        """Number of different w_j / u_j."""
        return int(self.classes.max()) + 1

    @property
    def num_kinks(self):
        """Number of pairs (neuron, point) with <w_j, x_i> = 0."""
        return int((self.states == KINK).sum())

    @property
    def strict(self):
        """Whether complementarity is strict: no multiplier, gate or pre-activation is at a tie."""
        return self.strictness > UNIQUE

    def summary(self):
        """The point as an aligned text table."""
        from .tables import kkt_point_table

        return kkt_point_table(self)


def kkt_point(model, data, *, states=None, rng=None, engine="exchange"):
    """Exact KKT point near a network, or from given or random states.

    Parameters
    ----------
    model : TwoLayerReLU
        Its first layer gives the states to start from, and what the distance is measured to; its second layer defines the problem.
    data : Dataset
    states : array_like of int, shape (n, m), optional
        States to start from instead: inactive (0), active (1) or kink (2). Only pairs with u_j y_i > 0 matter; the others follow.
    rng : None, int or numpy.random.Generator, optional
        Random states to start from instead, those of standard normal weights, drawn again as long as they lead to no point.
    engine : {"exchange", "cvxpy"}
        How the convex programs are solved: by exchanging states, or by an interior point method; either way the states found are then solved
        for exactly. Where ``"exchange"`` cannot settle a state, ``"cvxpy"`` is tried and the method says so.

    Returns
    -------
    KKTPoint

    Raises
    ------
    InputError
        For a model that is no network or does not fit the data, states of another shape or with other values, and both starts at once.
    InfeasibleError
        If with the states to start from no network has a positive margin on every point: names the points (those for which no neuron with
        an output of their sign is active, first). With ``rng``: if no draw led to a point.
    SolverError
        If a state could not be settled; names it.

    Notes
    -----
    Definition 2.1 with epsilon = delta = 0 and Theorem 2.1. On orthogonal points each lambda_i is 1 over |x_i|**2 times the sum of u_j**2 over
    the neurons aligned with and active on the point.
    """
    check_dataset(data)
    if not isinstance(model, TwoLayerReLU):
        raise InputError(f"model must be a TwoLayerReLU, not {type(model).__name__}; the KKT point of a linear predictor is max_margin(data)")
    check_model(model, data)
    if engine not in ENGINES:
        raise InputError(f"engine {engine!r} is unknown: choose 'exchange' or 'cvxpy'")
    if states is not None and rng is not None:
        raise InputError("states and rng both say where to start: give only one of them")
    if rng is not None:
        return _from_random_states(model, data, np.random.default_rng(rng), engine)
    states = _states_of_model(model, data) if states is None else _checked_states(states, model, data)
    return _descend(model, data, states, engine)


def _states_of_model(model, data):
    mask = find(model, data)[0]
    return states_of(model.preactivations(data), mask)


def _checked_states(states, model, data):
    array = np.asarray(states)
    shape = (model.num_neurons, data.num_points)
    if array.shape != shape or array.dtype.kind not in "biu":
        raise InputError(f"states must be integers of shape {shape}, not {array.dtype} of shape {array.shape}")
    wrong = np.argwhere((array < INACTIVE) | (array > KINK))
    if len(wrong):
        j, i = wrong[0]
        raise InputError(f"states[{j}, {i}] = {array[j, i]}: inactive (0), active (1) or kink (2) is needed")
    return array.astype(np.int8)


def _from_random_states(model, data, rng, engine):
    coordinates = data.span.coordinates
    for redrawn in range(MAX_DRAWS):
        states = states_of(rng.standard_normal((model.num_neurons, coordinates.shape[1])) @ coordinates.T)
        try:
            return _descend(model, data, states, engine, redrawn)
        except InfeasibleError as error:
            last = error
    raise InfeasibleError(f"none of {MAX_DRAWS} random states led to a KKT point ({last}): more neurons are needed", last.points)


def _descend(model, data, states, engine, redrawn=0):
    """The convex-concave procedure from the given states of every neuron."""
    program = assemble(data, model.u, states)
    support, gates = guess(program, model, data, states)
    for rounds in range(1, MAX_ROUNDS + 1):
        settled = _optimum(program, support, gates, engine)
        new = moved(program, settled)
        if new is None:
            return _assembled(model, data, program, settled, rounds, redrawn)
        following = assemble(data, model.u, new[program.member])
        before = np.empty(len(following.signs), dtype=np.intp)
        before[following.member] = program.member
        program, support, gates = following, settled.multipliers > 0, settled.states[before]
    raise SolverError(f"the states were still changing after {MAX_ROUNDS} rounds; start from other states")


def _optimum(program, support, gates, engine):
    from . import kkt_cvxpy

    try:
        if engine == "exchange":
            with suppress(SolverError):  # CLARABEL may settle what exchanging states did not
                return program.optimum(support, gates)
        return kkt_cvxpy.optimum(program)
    except InfeasibleError as error:
        where = f" (points {listing(error.points)})" if error.points else ""
        raise InfeasibleError(f"these states lead to no KKT point: {error}{where}; start from others", error.points) from error


def _assembled(model, data, program, settled, rounds, redrawn):
    """The point in the coordinates and units of the data, measured on the network itself."""
    unit = float(model.u @ model.u) * float(data.norms.min())
    x = np.maximum(settled.multipliers, 0.0)
    zero = np.abs(settled.responses) <= SETTLED * settled.sizes[:, None]
    member = program.member
    W = (model.u / unit)[:, None] * (settled.directions[member] @ data.span.basis.T)
    point = TwoLayerReLU(W, model.u, zero[member])
    lin = linearise(point, data)
    multipliers = x / data.norms / unit
    kink_multipliers = (np.clip(settled.gates, 0.0, x) / data.norms / unit)[member][point.kinks]
    residuals = of_linearisation(lin, multipliers, kink_multipliers)
    if not residuals.kkt <= SETTLED:
        raise SolverError(f"the point found is not exact: its KKT residual is {residuals.kkt:.1e} ({settled.worst}); start from other states")
    tau, strictness = angle_gap(model, point), _strictness(settled, x, zero, lin.margins)
    return KKTPoint(
        model=point,
        multipliers=multipliers,
        kink_multipliers=kink_multipliers,
        margins=lin.margins,
        states=lin.states,
        classes=member,
        residuals=residuals,
        cosine=1.0 - tau,
        tau=tau,
        unique=settled.independent if strictness > UNIQUE else None,
        strictness=strictness,
        rounds=rounds,
        redrawn=redrawn,
        method=settled.method,
    )


def _strictness(settled, x, zero, margins):
    z = settled.gates
    largest = float(x.max())
    relative = np.abs(settled.responses) / np.where(settled.sizes > 0, settled.sizes, 1.0)[:, None]
    mattering = (settled.sizes > 0)[:, None] & (x > 0)
    on_kinks = np.minimum(z, x - z)[zero & mattering].min(initial=np.inf) / largest
    off_kinks = relative[~zero & mattering].min(initial=np.inf)
    return max(0.0, float(min(np.maximum(x / largest, margins - 1.0).min(), on_kinks, off_kinks)))
