"""The two models of the paper, linear predictors and two-layer ReLU networks, in closed form.

Both are 1-homogeneous in their trained parameters: N(c theta, x) = c N(theta, x) for c > 0.
"""

import math
from functools import cached_property

import numpy as np

from . import state_dict
from .dataset import finite_rows, float_array
from .errors import InputError, listing
from .model_arguments import ACTIVE, INACTIVE, KINK, in_range, kink_mask, points_for, positive, states_of
from .tolerances import KINK_MASK, SECOND_LAYER

__all__ = ["ACTIVE", "INACTIVE", "KINK", "LinearPredictor", "TwoLayerReLU", "points_for", "positive", "states_of"]


class LinearPredictor:
    """N(w, x) = <w, x>.

    Parameters
    ----------
    w : array_like, shape (d,)
        The weights; converted to float64 and copied.

    Raises
    ------
    InputError
        For wrong shapes, NaN or infinite entries, and w = 0 (it has no direction).
    """

    kinks = None
    num_neurons = 1

    def __init__(self, w):
        w = float_array(w, "w", 1)
        finite_rows(w, "w")
        if not w.any():
            raise InputError("w is zero: a zero predictor has no margin and no direction")
        self.w = w

    def __repr__(self):
        return f"LinearPredictor({self.dim} dimensions)"

    @classmethod
    def of_norm(cls, w, norm):
        """Predictor of an array that is its own from now on, without looking at its entries where the norm shows that they are in order."""
        if not in_range(norm):
            return cls(w)
        predictor = object.__new__(cls)
        w.setflags(write=False)
        predictor.w = w
        return predictor

    @classmethod
    def from_state_dict(cls, mapping):
        """Predictor from a PyTorch-style mapping of one bias-free linear layer with a single output.

        Raises
        ------
        InputError
            For a nonzero bias, more than one weight, or a weight of another shape than (1, d) or (d,).
        """
        return cls(state_dict.linear(mapping))

    @property
    def dim(self):
        """Input dimension d."""
        return self.w.shape[0]

    @cached_property
    def norm(self):
        """Euclidean norm of w."""
        return math.sqrt(np.vdot(self.w, self.w))

    @property
    def hidden(self):
        """Weights as a matrix, shape (1, d): the linear predictor as one neuron that is always active."""
        return self.w[None, :]

    @property
    def second_layer(self):
        """Second-layer weights in the same reading, shape (1,)."""
        return np.ones(1)

    def with_hidden(self, hidden, kinks=None):
        """Predictor with other weights, given as a matrix of shape (1, d)."""
        return LinearPredictor(hidden[0])

    def outputs(self, X):
        """N(w, x) for every row of X, shape (m, d) -> (m,)."""
        return points_for(self, X) @ self.w

    def margins(self, data):
        """y_i N(w, x_i) for every point, shape (m,)."""
        return data.y * self.outputs(data.X)

    def jacobian(self, X):
        """Gradient of N with respect to w at every row of X: X itself, shape (m, d)."""
        return np.array(points_for(self, X))

    def scaled(self, c):
        """Predictor with the weights multiplied by c > 0."""
        c = positive(c)
        return LinearPredictor.of_norm(self.w * c, c * self.norm)

    def epsilon_d(self, data):
        """Smallest epsilon_d with phi <= epsilon_d / (4 m) (Theorem 3.1, linear predictors)."""
        return 4.0 * data.num_points * data.phi

    def states(self, data):
        """Activation states, shape (1, m): a linear predictor is always active."""
        return np.full((1, data.num_points), ACTIVE, dtype=np.int8)


class TwoLayerReLU:
    """N(theta, x) = sum_j u_j max(<w_j, x>, 0); W is trained, u is fixed.

    Parameters
    ----------
    W : array_like, shape (n, d)
        First-layer weights w_j, one per row; converted to float64 and copied.
    u : array_like, shape (n,)
        Second-layer weights, none zero. The paper's theorems need |u_j| = 1/sqrt(n); certificates do not.
    kinks : array_like of bool, shape (n, m), optional
        Pairs (neuron, point) with <w_j, x_i> = 0 exactly, whatever rounding left there. The mask belongs to one
        dataset of m points in a fixed order; methods that get another dataset raise.

    Raises
    ------
    InputError
        For wrong shapes, NaN or infinite entries, a zero in u, and W = 0.
    """

    def __init__(self, W, u, kinks=None):
        W, u = float_array(W, "W", 2), float_array(u, "u", 1)
        if W.shape[0] == 0 or W.shape[1] == 0:
            raise InputError(f"W has shape {W.shape}: at least one neuron and one dimension are needed")
        if u.shape[0] != W.shape[0]:
            raise InputError(f"W has {W.shape[0]} neurons but u has {u.shape[0]} entries")
        finite_rows(W, "W")
        finite_rows(u, "u")
        if not u.all():
            raise InputError(f"u[{np.flatnonzero(u == 0)[0]}] = 0: a neuron with a zero second-layer weight is no part of the network; drop it")
        if not W.any():
            raise InputError("W is zero: a zero network has no margin and no direction")
        self.W, self.u, self.kinks = W, u, kink_mask(kinks, W.shape[0])

    def __repr__(self):
        marked = "" if self.kinks is None else f", {int(self.kinks.sum())} kinks"
        return f"TwoLayerReLU({self.num_neurons} neurons, {self.dim} dimensions{marked})"

    @classmethod
    def from_state_dict(cls, mapping):
        """Network from a PyTorch-style mapping of two linear layers.

        Parameters
        ----------
        mapping : mapping of str to array_like
            A weight of shape (n, d) and one of shape (1, n), in any order, and at most zero biases beside them.

        Raises
        ------
        InputError
            For a nonzero bias, a second layer whose entries do not share one absolute value, other layers.
        """
        return cls(*state_dict.two_layer(mapping))

    @property
    def dim(self):
        """Input dimension d."""
        return self.W.shape[1]

    @property
    def num_neurons(self):
        """Number of neurons n."""
        return self.W.shape[0]

    @cached_property
    def norm(self):
        """Euclidean norm of all trained parameters."""
        return math.sqrt(np.vdot(self.W, self.W))

    @cached_property
    def neuron_norms(self):
        """Euclidean norm of each w_j, shape (n,)."""
        return np.sqrt(np.einsum("ij,ij->i", self.W, self.W))

    @property
    def hidden(self):
        """First-layer weights, shape (n, d)."""
        return self.W

    @property
    def second_layer(self):
        """Second-layer weights, shape (n,)."""
        return self.u

    def with_hidden(self, hidden, kinks=None):
        """Network with other first-layer weights and kinks."""
        return TwoLayerReLU(hidden, self.u, kinks)

    def with_kinks(self, kinks):
        """The same weights with another kink mask, or none."""
        return self.of_norm(self.W, self.norm, kink_mask(kinks, self.num_neurons))

    def of_norm(self, W, norm, kinks):
        """Network of weights that are its own from now on, without looking at their entries where the norm shows that they are in order."""
        if not in_range(norm):
            return TwoLayerReLU(W, self.u, kinks)
        network = object.__new__(TwoLayerReLU)
        W.setflags(write=False)
        network.W, network.u, network.kinks = W, self.u, kinks
        return network

    def preactivations(self, data):
        """<w_j, x_i>, shape (n, m), exactly zero on the kinks.

        Raises
        ------
        InputError
            If the kink mask does not fit the data: another number of points, or a marked pair far from zero.
        """
        P = self.W @ points_for(self, data.X).T
        if self.kinks is not None:
            self._check_kinks(P, data)
            P[self.kinks] = 0.0
        return P

    def _check_kinks(self, P, data):
        if self.kinks.shape[1] != data.num_points:
            raise InputError(
                f"the model carries kinks of a dataset with {self.kinks.shape[1]} points, but this one has {data.num_points}; "
                "use model.with_kinks(None), or the kinks of these points"
            )
        far = self.kinks & (np.abs(P) > KINK_MASK * self.neuron_norms.max() * data.norms)
        if far.any():
            j, i = np.argwhere(far)[0]
            raise InputError(
                f"the model marks (neuron {j}, point {i}) as a kink, but <w_{j}, x_{i}> = {P[j, i]:.3g}: "
                "the kinks belong to other data; use model.with_kinks(None)"
            )

    def states(self, data):
        """Activation states, shape (n, m), int8: INACTIVE (0), ACTIVE (1, pre-activation >= 0 and not marked) or KINK (2)."""
        return states_of(self.preactivations(data), self.kinks)

    def outputs(self, X):
        """N(theta, x) for every row of X, shape (m, d) -> (m,)."""
        return self.u @ np.maximum(self.W @ points_for(self, X).T, 0.0)

    def margins(self, data):
        """y_i N(theta, x_i) for every point, shape (m,); structural kinks contribute exactly zero."""
        return data.y * (self.u @ np.maximum(self.preactivations(data), 0.0))

    def jacobian(self, X):
        """Gradient of N with respect to W at every row of X, shape (m, n, d), with sigma'(z) = 1 for z >= 0.

        For tests and small models: the certificates never form it.
        """
        X = points_for(self, X)
        return (self.u[:, None] * (self.W @ X.T >= 0)).T[:, :, None] * X[:, None, :]

    def scaled(self, c):
        """Network with W multiplied by c > 0; kinks stay."""
        c = positive(c)
        return self.of_norm(self.W * c, c * self.norm, self.kinks)

    def epsilon_d(self, data):
        """Smallest epsilon_d with phi <= epsilon_d / (4 m n) (Theorem 4.1, two-layer networks).

        Raises
        ------
        InputError
            If the second layer is not +-1/sqrt(n), which the theorem needs.
        """
        self.require_paper_second_layer("epsilon_d of Theorem 4.1")
        return 4.0 * data.num_points * self.num_neurons * data.phi

    def require_paper_second_layer(self, what):
        """Raise `InputError` unless |u_j| = 1/sqrt(n) for every j, as ``what`` needs (Section 2.1)."""
        target = 1.0 / np.sqrt(self.num_neurons)
        wrong = np.flatnonzero(np.abs(np.abs(self.u) - target) > SECOND_LAYER * target)
        if wrong.size:
            raise InputError(f"{what} needs |u_j| = 1/sqrt(n) = {target:.6g}, but u[{wrong[0]}] = {self.u[wrong[0]]:.6g} (neurons {listing(wrong)})")
