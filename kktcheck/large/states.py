"""Activation states and margins of a large network, in blocks of points: pre-activations never stand in memory for all pairs."""

import numpy as np

from ..blocks import block_size, point_blocks, release
from ..dataset import Dataset
from ..linearisation import Linearisation, read


def linearise(model, data, subgradient, size=None):
    """As `kktcheck.linearisation.linearise`, for a `TwoLayerReLU`; ``size`` points at a time."""
    states = np.empty((model.num_neurons, data.num_points), dtype=np.int8)
    margins = np.empty(data.num_points)
    for block, P in preactivations(model, data, size):
        states[:, block], outputs = read(P, model.u, subgradient)
        margins[block] = data.y[block] * outputs
    return Linearisation(model, data, subgradient, states, margins)


def parts(model, data, size=None):
    """Blocks of points, each with the dataset of its points; memory maps let go of their pages at the end if a ``size`` is given."""
    for block in point_blocks(data.num_points, size or block_size(model.num_neurons, data.dim)):
        yield block, Dataset._trusted(data.X[block], data.y[block], data.norms[block])
    if size:
        release(data.X)


def preactivations(model, data, size=None):
    """Blocks of points and <w_j, x_i> on them, shape (n, size of the block), exactly zero on the model's kinks.

    Raises
    ------
    InputError
        If the kink mask does not fit the data.
    """
    if model.kinks is not None and model.kinks.shape[1] != data.num_points:
        model.preactivations(data.only([0]))  # raises, with the words that belong to it
    for block, part in parts(model, data, size):
        yield block, (model if model.kinks is None else model.with_kinks(model.kinks[:, block])).preactivations(part)
