"""Activation states and margins of a large network, in blocks of points: pre-activations never stand in memory for all pairs."""

import numpy as np

from ..blocks import block_size, point_blocks, release
from ..dataset import Dataset
from ..linearisation import Linearisation
from ..models import KINK


def linearise(model, data, subgradient, size=None):
    """As `kktcheck.linearisation.linearise`, for a `TwoLayerReLU`; ``size`` points at a time."""
    states = np.empty((model.num_neurons, data.num_points), dtype=np.int8)
    margins = np.empty(data.num_points)
    for block, P in preactivations(model, data, size):
        states[:, block] = P >= 0
        if subgradient == "clarke":
            states[:, block][P == 0] = KINK
        np.maximum(P, 0.0, out=P)
        margins[block] = data.y[block] * (model.u @ P)
    return Linearisation(model, data, subgradient, states, margins)


def preactivations(model, data, size=None):
    """Blocks of points and <w_j, x_i> on them, shape (n, size of the block), exactly zero on the model's kinks.

    Raises
    ------
    InputError
        If the kink mask does not fit the data.
    """
    if model.kinks is not None and model.kinks.shape[1] != data.num_points:
        model.preactivations(data.only([0]))  # raises, with the words that belong to it
    for block in point_blocks(data.num_points, size or block_size(model.num_neurons, data.dim)):
        part = Dataset._trusted(data.X[block], data.y[block], data.norms[block])
        yield block, (model if model.kinks is None else model.with_kinks(model.kinks[:, block])).preactivations(part)
    if size:
        release(data.X)
