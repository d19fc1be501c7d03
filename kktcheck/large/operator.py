"""The map from multipliers to weights and back, without the Jacobian: two matrix products in blocks of points.

With multipliers lambda and gates z on the kinks the combination of gradients is u_j sum_i y_i z_ij x_i, one product of a matrix
(n, points) with X; its transpose takes weights R to <y_i dN(x_i), R>, one product of X with R and a sum over the active neurons. Each
costs 2 n d flops per point; neither the activations nor the coefficients are ever kept for all points in float64.
"""

from dataclasses import dataclass

import numpy as np

from ..blocks import point_blocks, release
from ..models import ACTIVE


@dataclass(frozen=True, eq=False)
class Block:
    """Some points and their kinks.

    Attributes
    ----------
    points : slice or ndarray of int
        Into all points.
    kinks : ndarray of int
        Positions among the kinks as the operator orders them.
    rows : ndarray of int
        Of each of these kinks, the position of its point within ``points``.
    """

    points: slice | np.ndarray
    kinks: np.ndarray
    rows: np.ndarray


class GradientOperator:
    """Gradients of a network on a dataset, as a linear map.

    Kinks are ordered by point here; ``order`` takes the order of ``np.nonzero(states == KINK)`` to it.

    Parameters
    ----------
    lin : Linearisation
    size : int
        Points per block.
    releasing : bool
        Let go of the pages of a memory-mapped X after each pass.

    Attributes
    ----------
    points, neurons : ndarray of int, shape (number of kinks,)
        Point and neuron of each kink.
    active : ndarray of bool, shape (m, n)
    overlaps : ndarray, shape (m,)
        Sum of u_j**2 over the neurons active on each point.
    work : float
        Products done so far, in units of one over all points (2 n m d flops).
    rough : bool
        Whether what may be is multiplied in float32, at half the cost.
    """

    def __init__(self, lin, size, releasing=False):
        self.X, self.y, self.u, self.norms = lin.data.X, lin.data.y, lin.model.second_layer, lin.data.norms
        self.num_points, self.size, self.releasing, self.work, self.rough = len(self.y), size, releasing, 0.0, True
        neurons, points = np.nonzero(lin.kinks) if lin.has_kinks else (np.zeros(0, np.intp),) * 2
        self.order = np.argsort(points, kind="stable")
        self.points, self.neurons = points[self.order], neurons[self.order]
        self.first = np.searchsorted(self.points, np.arange(self.num_points + 1))
        self.active = np.empty((self.num_points, len(self.u)), dtype=bool)
        for block in point_blocks(self.num_points, size):
            self.active[block] = (lin.states[:, block] == ACTIVE).T
        self.overlaps = self.active @ self.u**2
        self.everything = self.blocks(np.arange(self.num_points))

    @property
    def num_kinks(self):
        """Number of kinks."""
        return len(self.points)

    def blocks(self, points):
        """The points given, in ascending order, as a list of `Block`."""
        found = []
        for part in point_blocks(len(points), self.size):
            chosen = points[part]
            counts = self.first[chosen + 1] - self.first[chosen]
            rows = np.repeat(np.arange(len(chosen)), counts)
            starts = np.cumsum(counts) - counts
            kinks = np.arange(len(rows)) - starts[rows] + self.first[chosen][rows]
            whole = chosen[-1] - chosen[0] == len(chosen) - 1
            found.append(Block(slice(int(chosen[0]), int(chosen[-1]) + 1) if whole else chosen, kinks, rows))
        return found

    def combine(self, multipliers, gates, exact=True):
        """u_j sum_i y_i z_ij x_i, shape (n, d); points whose multiplier and gates vanish cost nothing.

        Where the result need not be ``exact`` to float64, products are taken in float32 while the operator is ``rough``.
        """
        dtype = np.float64 if exact or not self.rough else np.float32
        used = multipliers != 0
        used[self.points[gates != 0]] = True
        count = int(used.sum())
        total = np.zeros((len(self.u), self.X.shape[1]))
        # Gathering rows costs about a tenth of multiplying them, so it has to leave out at least that many.
        for block in self.everything if count > 0.85 * self.num_points else self.blocks(np.flatnonzero(used)):
            signs = self.y[block.points]
            coefficients = self.active[block.points] * (signs * multipliers[block.points]).astype(dtype)[:, None]
            coefficients[block.rows, self.neurons[block.kinks]] = signs[block.rows] * gates[block.kinks]
            total += coefficients.T @ self.X[block.points].astype(dtype, copy=False)
            self.work += len(signs) / self.num_points
        total *= self.u[:, None]
        self._pass_over()
        return total

    def pull(self, weights, blocks=None, exact=True):
        """<y_i dN(x_i), weights> over the active neurons, shape (m,), and on every kink, shape (number of kinks,).

        Parameters
        ----------
        weights : ndarray, shape (n, d)
        blocks : list of Block, optional
            Points to do it for (all); the others get 0.
        exact : bool
            As in `combine`.
        """
        dtype = np.float64 if exact or not self.rough else np.float32
        along, on_kinks = np.zeros(self.num_points), np.zeros(self.num_kinks)
        scaled = (weights * self.u[:, None]).T.astype(dtype, copy=False)
        for block in self.everything if blocks is None else blocks:
            signs = self.y[block.points]
            products = self.X[block.points].astype(dtype, copy=False) @ scaled
            on_kinks[block.kinks] = signs[block.rows] * products[block.rows, self.neurons[block.kinks]]
            np.multiply(products, self.active[block.points], out=products)
            along[block.points] = signs * products.sum(axis=1)
            self.work += len(signs) / self.num_points
        self._pass_over()
        return along, on_kinks

    def bundle(self, values):
        """Sum over the kinks of each point, shape (m,)."""
        return np.bincount(self.points, values, self.num_points) if self.num_kinks else np.zeros(self.num_points)

    def _pass_over(self):
        if self.releasing:
            release(self.X)
