"""Instances as models: actual points and weights with the Gram matrix and the coefficients of an instance."""

import numpy as np

from ..dataset import Dataset
from ..errors import InputError
from ..models import LinearPredictor, TwoLayerReLU
from .linear import LinearPair, LinearPoint
from .two_layer import TwoLayerPoint


def realise(point):
    """Model and data that an instance stands for.

    Points are the rows of a factor of the Gram matrix, with one more coordinate that is zero for all of them: whatever a weight has
    orthogonal to the points lies there. Neurons share it, for only its squared norm is of account.

    Parameters
    ----------
    point : LinearPoint, LinearPair or TwoLayerPoint
        In float64, or exact (then its floats are taken). Of a pair, w alone.

    Returns
    -------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset

    Raises
    ------
    InputError
        The instance is of another kind, its Gram matrix has a negative eigenvalue or its weights are zero.
    """
    if isinstance(point, LinearPair):
        point = point.first
    if not isinstance(point, (LinearPoint, TwoLayerPoint)):
        raise InputError(f"{type(point).__name__} stands for no model: a LinearPoint, a LinearPair or a TwoLayerPoint is needed")
    if point.is_exact:
        point = point.float()
    factor = Dataset.from_gram(point.gram, point.labels).X
    data = Dataset(np.column_stack([factor, np.zeros(point.num_points)]), point.labels)
    if isinstance(point, LinearPoint):
        return LinearPredictor(np.append(point.coefficients @ factor, np.sqrt(point.beyond))), data
    u = point.signs / np.sqrt(point.num_neurons)
    return TwoLayerReLU(u[:, None] * np.column_stack([point.rows @ factor, np.sqrt(point.beyond)]), u), data
