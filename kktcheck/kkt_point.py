"""Exact KKT points of the max-margin problem near a trained network (Clarke's subdifferential).

The states to start from are the network's own, given or random ones; `kktcheck.kkt_descent` leads from there to a network whose states its
optimality conditions agree with, and here that is measured on the weights themselves.
"""

from dataclasses import dataclass

import numpy as np

from . import kkt_ties
from .certificate import angle_gap
from .checks import check_dataset, check_model
from .dataset import NORM_RANGE
from .errors import InfeasibleError, InputError, SolverError
from .kinks import find
from .kkt_descent import check_possible, descend
from .kkt_program import relative_margins
from .linearisation import linearise
from .models import INACTIVE, KINK, TwoLayerReLU, states_of
from .patterns import pattern_classes
from .residuals import Residuals, of_linearisation
from .tolerances import SETTLED, UNIQUE

ENGINES = ("exchange", "cvxpy")

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
        Class of each neuron: those with the same sign of u_j and the same states, and so the same w_j / u_j.
    residuals : Residuals
        The four KKT residuals, each at most 1e-12.
    cosine : float
        Cosine of the angle between this point and the model it was sought from.
    tau : float
        1 - cosine, without the loss of digits.
    unique : bool or None
        Whether multipliers and gates, those of zero neurons included, are the only ones for this network; None if there are too many unknowns.
    strictness : float
        Strict complementarity, relative: the least over all points of max(lambda_i / max lambda, margin_i - 1), over all kinks of the distance
        of z_ij from 0 and lambda_i (over max lambda), multipliers and gates times |x_i|, and over all other pairs of |<w_j, x_i>| /
        (|w_j| |x_i|); pairs of a zero neuron or of a multiplier zero do not count. 0 at a tie.
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
        """Number of classes."""
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
        For a model that is no network or does not fit the data, states of another shape or with other values, both starts at once, and
        weights whose squares leave the range of float64.
    InfeasibleError
        If with the states to start from no network has a positive margin on every point: names the points (those for which no neuron with
        an output of their sign is active, first; else those whose gradients have a convex combination that vanishes). With ``rng``: if no
        draw led to a point.
    SolverError
        If a state could not be settled, or a margin not be held to 1e-12 in float64; names it.

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
    _check_scales(model)
    check_possible(model, data)
    if rng is not None:
        return _from_random_states(model, data, np.random.default_rng(rng), engine)
    if states is not None:
        return _point(model, data, _checked_states(states, model, data), engine)
    return _from_model(model, data, engine)


def _check_scales(model):
    """Raise `InputError` if the squares of the weights leave the range of float64."""
    for name, weights in (("the model has first-layer weights of norm", model.W), ("the model has second-layer weights of norm", model.u)):
        with np.errstate(over="ignore", under="ignore"):
            _check_range(float(np.linalg.norm(weights)), name)
    least, largest = np.abs(model.u).min(), np.abs(model.u).max()
    if least < NORM_RANGE[0] * largest:
        j = int(np.argmin(np.abs(model.u)))
        raise InputError(f"u[{j}] = {model.u[j]:.3g} is too small next to {largest:.3g}: its square leaves the range of float64; drop the neuron")


def _check_range(norm, what):
    if not NORM_RANGE[0] <= norm <= NORM_RANGE[1]:
        raise InputError(f"{what} {norm:.3g}: products would leave the range of float64; rescale the layer, or the points")


def _from_model(model, data, engine):
    """From the states of the model, kinks included; if those allow no network, from the signs of its pre-activations."""
    mask = find(model, data)[0]
    preactivations = model.preactivations(data)
    try:
        return _point(model, data, states_of(preactivations, mask), engine)
    except InfeasibleError:
        # A network that is right on every point shows that the gates it has itself allow one; gates held on kinks may not.
        if not mask.any() or not (relative_margins(model, data) > 0).all():
            raise
        return _point(model, data, states_of(preactivations), engine)


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
            return _point(model, data, states, engine, redrawn)
        except (InfeasibleError, SolverError) as error:
            last = error
    reason = f"none of {MAX_DRAWS} random states led to a KKT point (the last: {last}); more neurons are needed"
    if isinstance(last, InfeasibleError):
        raise InfeasibleError(reason, last.points)
    raise SolverError(reason)


def _point(model, data, states, engine, redrawn=0):
    """The point that these states lead to, in the units of the data, measured on the network itself."""
    program, settled, rounds = descend(model, data, states, engine)
    second = float(np.linalg.norm(model.u))
    unit = second * float(data.norms.min())
    x = np.maximum(settled.multipliers, 0.0)
    _check_range(float(np.sqrt(program.weights @ settled.sizes**2)) / unit, "the KKT point would have weights of norm")
    _check_range(float((x / program.norms).max()) / unit / unit * second, "the KKT point would have multipliers, times |u|, of")
    member = program.member
    W = (model.u / second)[:, None] * ((settled.directions / unit)[member] @ data.span.basis.T)
    point = TwoLayerReLU(W, model.u, (settled.responses == 0)[member])
    lin = linearise(point, data)
    multipliers = x / program.norms / unit / unit
    kink_multipliers = (np.clip(settled.gates, 0.0, x) / program.norms / unit / unit)[member][point.kinks]
    residuals = of_linearisation(lin, multipliers, kink_multipliers)
    if not residuals.kkt <= SETTLED:
        raise SolverError(
            f"the point found is exact only to {residuals.kkt:.1e} (points that all but depend on each other, or margins that are sums of terms up "
            f"to {settled.terms:.0e}); start from other states, or drop points that are far shorter than others, repeat them or are hardly separable"
        )
    tau = angle_gap(model, point)
    return KKTPoint(
        model=point,
        multipliers=multipliers,
        kink_multipliers=kink_multipliers,
        margins=lin.margins,
        states=lin.states,
        classes=pattern_classes(np.column_stack([model.u > 0, lin.states]).astype(np.int8))[1],
        residuals=residuals,
        cosine=1.0 - tau,
        tau=tau,
        unique=kkt_ties.unique(program, settled, lin.margins),
        strictness=kkt_ties.strictness(settled, lin.margins),
        rounds=rounds,
        redrawn=redrawn,
        method=settled.method,
    )
