"""What the stationarity condition sees of a model on a dataset: activation states, margins, and its residual.

A model is w_j = u_j sum_i y_i z_ij x_i + v_j with z_ij = lambda_i where neuron j is active on point i, 0 where it is not,
and z_ij in [0, lambda_i] on a kink (Clarke's subdifferential). A linear predictor is one neuron, active everywhere.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .blocks import too_many
from .errors import InputError
from .models import ACTIVE, KINK, LinearPredictor
from .tolerances import EPS

SUBGRADIENTS = ("clarke", "indicator")

#: Numbers of a residual in hand at once, which stay in the cache, and neurons at least, so that products stay products of matrices.
BLOCK, FEWEST = 2**16, 32


@dataclass(frozen=True, eq=False)
class Linearisation:
    """Model, data and subgradient convention with what follows from them.

    Attributes
    ----------
    model, data
        The model and the dataset.
    subgradient : str
        ``"clarke"`` or ``"indicator"`` (sigma'(z) = 1 for z >= 0, kinks included).
    states : ndarray of int8, shape (n, m)
        INACTIVE, ACTIVE or KINK; no KINK under ``"indicator"``.
    margins : ndarray, shape (m,)
        y_i N(theta, x_i).
    """

    model: object
    data: object
    subgradient: str
    states: np.ndarray
    margins: np.ndarray

    @cached_property
    def kinks(self):
        """Mask of the kinks, shape (n, m)."""
        return self.states == KINK

    @cached_property
    def has_kinks(self):
        """Whether any pair is on a kink."""
        return bool(self.kinks.any())

    @cached_property
    def scale(self):
        """|u| |theta|: no point of norm 1 has a larger margin. What multiplier conditions are compared with, in units of |x_i|."""
        u = self.model.second_layer
        return math.sqrt(u @ u) * self.model.norm

    def margin_error(self):
        """Bound on the rounding error of each margin, shape (m,): n sums of d products, added up."""
        return EPS * (self.data.dim + self.model.num_neurons) * self.scale * self.data.norms

    def gates(self, multipliers, kink_multipliers=None):
        """Matrix z, shape (n, m): the multiplier with which each point acts on each neuron."""
        return gates(self.states, multipliers, kink_multipliers)

    def residual(self, z, neurons=slice(None)):
        """theta minus the combination of gradients that z gives, shape (n, d); of some neurons only, if a slice names them."""
        combination = (self.model.second_layer[neurons, None] * (z[neurons] * self.data.y)) @ np.asarray(self.data.X)
        return np.subtract(self.model.hidden[neurons], combination, out=combination)

    def residual_products(self, z):
        """Inner products of `residual` with itself and with theta, a few neurons at a time: it is never held as a whole."""
        square = product = 0.0
        count, dim = self.model.hidden.shape
        rows = max(FEWEST, BLOCK // dim)
        for start in range(0, count, rows):
            neurons = slice(start, start + rows)
            rest = self.residual(z, neurons)
            square += float(np.vdot(rest, rest))
            product += float(np.vdot(rest, self.model.hidden[neurons]))
        return square, product

    def epsilon(self, z, square=None):
        """Norm of `residual` (from its square, if that is there already) and a bound on its rounding error.

        Each entry is a sum of m + 1 products and carries at most (m + 4) eps times the sum of their sizes; the norm of those
        sums is at most |theta| + sum_i |u z_i| |x_i|. Adding up the squares costs another eps per term, relatively.
        """
        norm = math.sqrt(self.residual_products(z)[0] if square is None else square)
        pulls = self.model.second_layer[:, None] * z
        sizes = np.sqrt(np.einsum("ji,ji->i", pulls, pulls))
        size = self.model.norm + float(sizes @ self.data.norms)
        return norm, EPS * ((self.data.num_points + 4) * size + self.model.hidden.size * norm)


def gates(states, multipliers, kink_multipliers=None):
    """As `Linearisation.gates`, for states of shape (n, m); kinks without multipliers of their own are closed."""
    z = np.where(states == ACTIVE, multipliers, 0.0)
    if kink_multipliers is not None and len(kink_multipliers):
        z[states == KINK] = kink_multipliers
    return z


def linearise(model, data, subgradient="clarke", block=None):
    """Linearisation of a model on a dataset.

    Kinks are the model's own mask and, under ``"clarke"``, pre-activations that are exactly zero. Points are taken ``block`` at a time,
    where that is given or there are many.

    Raises
    ------
    InputError
        For an unknown convention, a model of another dimension, kinks of other data.
    """
    check_subgradient(subgradient)
    if isinstance(model, LinearPredictor):
        return Linearisation(model, data, subgradient, model.states(data), model.margins(data))
    if block or too_many(model.num_neurons, data.num_points):
        from .large import states

        return states.linearise(model, data, subgradient, block)
    states, outputs = read(model.preactivations(data), model.u, subgradient)
    return Linearisation(model, data, subgradient, states, data.y * outputs)


def read(P, u, subgradient):
    """Activation states, shape (n, m), and outputs of pre-activations, which it overwrites."""
    states = (P >= 0).astype(np.int8)
    if subgradient == "clarke":
        states[P == 0] = KINK
    np.maximum(P, 0.0, out=P)
    return states, u @ P


def check_subgradient(subgradient):
    """Raise `InputError` for a convention other than ``"clarke"`` and ``"indicator"``."""
    if subgradient not in SUBGRADIENTS:
        raise InputError(f"subgradient {subgradient!r} is unknown: choose one of {', '.join(map(repr, SUBGRADIENTS))}")
