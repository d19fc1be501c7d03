"""Stationarity residuals after unlearning steps that change no activation, from that of the original and inner products alone.

With multipliers x the residual is R = theta - sum_i x_i g_i, where g_i = y_i dN(x_i). A step for a set moves the weights along its points, takes
their x_i away and lets the others change by D_i; so the new residual is R + F - sum_i D_i g_i, F in the directions of the set. Its square is a sum of
products of small terms with each other and with R, none of them a difference of squares of whole models; what cancels all the same is
measured, and where it is too much the set is said to be in doubt.
"""

import numpy as np
import scipy.linalg

from . import span
from .influence import retained_directions
from .tolerances import EPS

#: Largest ratio of what is added up to the square itself: 64 EPS times this is the relative error of the square, twice that of the residual.
CANCELLED = 100.0

#: Condition (Frobenius norm) of the points, at norm 1, up to which the parts outside the others' span are read off their inverse.
CONDITION = 1e6

#: What a set has to leave of every direction, as a share of its square, for the others surely to span the same: far above the rank tolerance.
SPANNING = 1e-6


class ResidualChanges:
    """Residuals of one model after steps along the forgotten points, or along their parts outside the span of the retained ones.

    Parameters
    ----------
    lin : Linearisation
        Of the original on all points, without kinks.
    gram : ndarray, shape (m, m)
        Of its signed gradients g_i.
    x : ndarray, shape (m,)
        Multipliers with the least residual.
    step : ndarray, shape (n, m)
        Coefficient of each point in the step on each neuron.
    method : {"plain", "projected"}
    """

    def __init__(self, lin, gram, x, step, method):
        self.data, self.gram, self.x, self.method = lin.data, gram, x, method
        self.residual = lin.residual(lin.gates(x))
        acting = lin.model.second_layer[:, None] * lin.states
        taken = acting * (x * lin.data.y)
        self._added, self._taken = step + taken, taken
        self._seen = self.residual @ np.asarray(lin.data.X).T
        self._pull = lin.data.y * np.einsum("ji,ji->i", acting, self._seen)
        self._square = float(np.einsum("ij,ij->", self.residual, self.residual))
        self._rounding = (EPS * (lin.data.num_points + 4) * lin.model.norm) ** 2
        along = self._added if method == "plain" else taken
        self._coupling = (acting.T @ along) * lin.data.gram * lin.data.y[:, None] if along.any() else None
        self._squares = self._added.T @ self._added
        if method == "projected":
            self._kept_squares = taken.T @ taken
            self._leverage = None
            self._inverse = _inverse(lin.data)
            self._turned = None if self._inverse is None else self._seen @ self._inverse

    def after(self, sets, x):
        """Norms of the residuals after the steps for the sets.

        Parameters
        ----------
        sets : ndarray of int, shape (N, k)
        x : ndarray, shape (N, m)
            Multipliers afterwards, 0 on the sets.

        Returns
        -------
        epsilon : ndarray, shape (N,)
        sure : ndarray of bool, shape (N,)
            Whether they are good to about twelve digits.
        inside : ndarray of bool, shape (N, k)
            Points whose step is zero because they lie in the span of the retained ones.
        """
        change = self._change(sets, x)
        terms = [np.full(len(sets), self._square)]
        sizes = [terms[0], 2.0 * np.abs(change) @ np.abs(self._pull)]
        terms.append(-2.0 * change @ self._pull)
        terms.append(np.einsum("ni,ni->n", change @ self.gram, change))
        sizes.append(terms[-1])
        if self._coupling is not None:
            felt = 2.0 * change * self._coupling[:, sets].sum(axis=2).T
            terms.append(-felt.sum(axis=1))
            sizes.append(np.abs(felt).sum(axis=1))
        inside = np.zeros(sets.shape, dtype=bool)
        if self.method == "plain":
            shares = [(self._added, self._squares, self.data.gram[sets[:, :, None], sets[:, None, :]], self._seen.T[sets])]
        else:
            outer, seen, inside = self._outside(sets)
            gram, all_seen = self.data.gram[sets[:, :, None], sets[:, None, :]], self._seen.T[sets]
            shares = [(self._added, self._squares, outer, seen), (self._taken, self._kept_squares, gram - outer, all_seen - seen)]
        for coefficients, squares, gram, seen in shares:
            for term in (2.0 * coefficients.T[sets] * seen, squares[sets[:, :, None], sets[:, None, :]] * gram):
                terms.append(term.sum(axis=(1, 2)))
                sizes.append(np.abs(term).sum(axis=(1, 2)))
        square = np.sum(terms, axis=0)
        size = np.sum(sizes, axis=0)
        sure = size <= np.maximum(CANCELLED * square, self._rounding / (64 * EPS))
        return np.sqrt(np.maximum(square, 0.0)), sure, inside

    def products(self, sets, x):
        """Products of the residuals after the steps with the g_i, shape (N, m), from small terms alone; parameters as for `after`."""
        coupling = 0.0 if self._coupling is None else self._coupling[:, sets].sum(axis=2).T
        return self._pull + coupling - self._change(sets, x) @ self.gram

    def _change(self, sets, x):
        change = x - self.x
        np.put_along_axis(change, sets, 0.0, axis=1)
        return change

    def _outside(self, sets):
        """Gram matrices of the parts outside the retained span (N, k, k), their products with the residual (N, k, n), which parts are zero."""
        if self._inverse is not None:
            outer = np.linalg.inv(self._inverse[sets[:, :, None], sets[:, None, :]])
            return outer, outer @ self._turned.T[sets], np.zeros(sets.shape, dtype=bool)
        found = self.data.span
        residual = self.residual @ found.basis
        outer, seen = np.zeros((*sets.shape, sets.shape[1])), np.zeros((*sets.shape, len(residual)))
        inside = np.ones(sets.shape, dtype=bool)
        for n in self._may_lie_outside(sets):
            part, inside[n] = outside_retained(self.data, sets[n])
            outer[n], seen[n] = part @ part.T, part @ residual.T
        return outer, seen, inside

    def _may_lie_outside(self, sets):
        """Places of the sets without which the other points may span less.

        With Q an orthonormal basis of the columns of the coordinates, no direction is lost as long as Q Q', restricted to the set, stays below the
        identity; how far below tells how far from losing one.
        """
        if self._leverage is None:
            everything = retained_directions(self.data, np.zeros(0, dtype=np.intp))[0]
            self._leverage = np.linalg.qr(everything.coordinates)[0]
        rows = self._leverage[sets]
        left = np.eye(sets.shape[1]) - rows @ rows.swapaxes(1, 2)
        return np.flatnonzero(np.linalg.eigvalsh(left)[:, 0] <= SPANNING)


def outside_retained(data, forget):
    """The parts of the forgotten points outside the span of the retained ones, in coordinates of the span of all, and which are zero."""
    everything, retained, _ = retained_directions(data, forget)
    part, inside = span.outside(everything.coordinates[forget], retained.basis)
    part *= data.norms[forget, None]
    return part if everything.basis is data.span.basis else part @ (everything.basis.T @ data.span.basis), inside


def _inverse(data):
    """Inverse of the Gram matrix of the points, by way of their triangular coordinates; None if they are dependent, or all but."""
    if data.num_points > data.dim:
        return None
    everything = retained_directions(data, np.zeros(0, dtype=np.intp))[0]
    if everything.rank < data.num_points:
        return None
    inverse = np.empty_like(everything.coordinates)
    triangle = everything.coordinates[everything.pivots]
    inverse[:, everything.pivots] = scipy.linalg.solve_triangular(triangle, np.eye(len(triangle)), lower=True, check_finite=False)
    if np.linalg.norm(inverse) * np.sqrt(len(inverse)) > CONDITION:
        return None
    inverse /= data.norms
    return inverse.T @ inverse
