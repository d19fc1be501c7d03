"""Amnesiac unlearning: take back the updates that training recorded for the forgotten points."""

import numpy as np

from ..errors import listing
from .arguments import forget_request, training_record, with_weights


def amnesiac(model, data, forget, *, record=None, rng=None):
    """Subtract from the weights every update that the forgotten points gave them in training.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The model that the record has reached.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record : Training
        Record of the model's training; required. Its ``coefficients`` hold the updates.
    rng : optional
        Of the common interface; nothing is random.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        W - sum over the forgotten l of C[:, l] x_l, for weights W = shrink * W0 + C X; formed from the retained terms, so that nothing
        cancels.

    Raises
    ------
    InputError
        For a missing record, one of other data or of another model, a bad forget set, and if nothing is left of the model.

    Notes
    -----
    Graves, Nagisetty and Ganesh, "Amnesiac machine learning", AAAI 2021. They record the update of every batch and subtract those of the
    batches that held a forgotten point, whole. With full batches that would take back all of training; the sum over points that an epoch's
    update is tells whose share is whose, so here exactly the share of the forgotten points goes, as if those batches had been retaken
    without them. Updates of other points stay as they were made in the presence of the forgotten ones, so this is not retraining.

    Weight decay shrinks past updates along with the weights, so the recorded coefficient is the decayed sum of a point's updates: what is left
    of them in the weights today. The undecayed sum would take away more than is there.
    """
    forget, retained = forget_request(model, data, forget)
    record = training_record(record, model, data, "amnesiac unlearning needs a record of the training, which holds every point's updates")
    initial, kept = record.shrink * record.initial[0].hidden, np.delete(record.coefficients, forget, axis=1)
    size = float(np.linalg.norm(initial)) + float(np.linalg.norm(kept, axis=0) @ retained.norms)
    return with_weights(model, initial + kept @ np.asarray(retained.X), size, f"subtracting the updates of {listing(forget)}")
