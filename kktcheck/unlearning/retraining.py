"""Retraining from scratch on the retained data: what every other algorithm imitates."""

from dataclasses import asdict

import numpy as np

from ..errors import InputError, listing
from ..training import train
from .arguments import forget_request, trained_model, training_record


def retraining(model, data, forget, *, record=None, rng=None, initial="same"):
    """Train from scratch on the retained data, with the settings and the number of epochs of the record.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The model that the record has reached.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record : Training
        Record of the model's training; required.
    rng : None, int or numpy.random.Generator
        Source of randomness for ``initial="other"``.
    initial : {"same", "other"}
        ``"same"`` begins where the record did. ``"other"`` draws Gaussian weights of the same norm; the second layer, which is
        not trained, stays, lest the result should belong to another architecture.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        With ``"same"`` bit for bit what `train` makes of ``record.initial[0]`` on ``data.without(forget)``.

    Raises
    ------
    InputError
        For a missing record, one of other data or of another model, a bad forget set, and an unknown word.
    SolverError
        If the weights or the loss are no longer finite; names the epoch.
    """
    if initial not in ("same", "other"):
        raise InputError(f"initial {initial!r} is unknown: choose 'same' or 'other'")
    forget, retained = forget_request(model, data, forget)
    record = training_record(record, model, data, "retraining needs a record of the training, which holds its beginning and its settings")
    start = record.initial[0]
    if initial == "other":
        drawn = np.random.default_rng(rng).standard_normal(start.hidden.shape)
        start = start.with_hidden(drawn * (start.norm / np.linalg.norm(drawn)))
    training = train(start, retained, steps=record.epoch, **asdict(record.settings))
    return trained_model(training, f"retraining without {listing(forget)}")
