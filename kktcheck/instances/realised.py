"""Instances as models: actual points and weights with the Gram matrix and the coefficients of an instance."""

import numpy as np

from ..dataset import Dataset
from ..errors import InputError
from ..models import LinearPredictor, TwoLayerReLU
from .linear import LinearPair, LinearPoint
from .two_layer import TwoLayerPoint
from .two_layer_pair import TwoLayerPair


def realise(point):
    """Model and data that an instance stands for.

    Points are the rows of a factor of the Gram matrix, with one more coordinate that is zero for all of them: whatever a weight has
    orthogonal to the points lies there. Neurons share it, for only its squared norm is of account. Pre-activations that are exactly zero
    become kinks of the network.

    Parameters
    ----------
    point : LinearPoint, TwoLayerPoint, LinearPair or TwoLayerPair
        In float64, or exact (then its floats are taken). Of a pair, the first point.

    Returns
    -------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset

    Raises
    ------
    InputError
        The instance is of another kind, its Gram matrix has a negative eigenvalue or its weights are zero.
    """
    if isinstance(point, (LinearPair, TwoLayerPair)):
        point = point.first
    if not isinstance(point, (LinearPoint, TwoLayerPoint)):
        raise InputError(f"{type(point).__name__} stands for no model: a point or a pair of points is needed")
    kinks = point.products == 0 if isinstance(point, TwoLayerPoint) else None
    if point.is_exact:
        point = point.float()
    factor = Dataset.from_gram(point.gram, point.labels).X
    data = Dataset(np.column_stack([factor, np.zeros(point.num_points)]), point.labels)
    if kinks is None:
        return LinearPredictor(np.append(point.coefficients @ factor, np.sqrt(point.beyond))), data
    u = point.signs / np.sqrt(point.num_neurons)
    hidden = u[:, None] * np.column_stack([point.rows @ factor, np.sqrt(point.beyond)])
    return TwoLayerReLU(hidden, u, kinks.astype(bool) if kinks.any() else None), data
