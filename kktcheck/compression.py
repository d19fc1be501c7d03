"""The same certificate in few dimensions: a model and its data in coordinates of the span of the points."""

import numpy as np

from .dataset import Dataset


def compressed(model, data):
    """Model and data in r + 1 dimensions, r the rank of the data, with the same KKT certificate.

    Nothing in the KKT conditions depends on more than inner products of points, inner products of neurons with points, and the
    length of each neuron's part outside the span; the last coordinate holds that length. Repeated certificates of one model
    (sweeps over steps and points) then cost nothing that grows with the dimension.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset

    Returns
    -------
    model : same type
        With weights of shape (n, r + 1), kinks kept.
    data : Dataset
    """
    span = data.span
    inside = model.hidden @ span.basis
    outside = np.linalg.norm(model.hidden - inside @ span.basis.T, axis=1)
    points = np.column_stack([span.coordinates, np.zeros(data.num_points)])
    small = Dataset._trusted(points, data.y, np.linalg.norm(points, axis=1), np.array(data.gram))
    return model.with_hidden(np.column_stack([inside, outside]), model.kinks), small
