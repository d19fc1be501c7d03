"""What unlearning algorithms are given (a model, data, a forget set, perhaps a record of the training) and what they return, checked once."""

from dataclasses import replace

import numpy as np

from ..checks import check_dataset, check_model
from ..descent import Settings
from ..errors import InputError
from ..training_state import Training

#: What is left of a model below this share of what was added up is rounding: ten times the residual of an exact KKT point.
NOTHING_LEFT = 1e-13

#: A recorded model differs from the one given by the rounding of one product of length m + 1, also on another machine.
SAME_WEIGHTS = 1e-12


def forget_request(model, data, forget):
    """The validated forget set and the data without it.

    Returns
    -------
    forget : ndarray of int, shape (k,)
    retained : Dataset

    Raises
    ------
    InputError
        For wrong types, points of another dimension than the model's, and an empty or complete forget set, indices out of range or
        repeated.
    """
    check_dataset(data)
    check_model(model, data)
    forget = data.indices(forget)
    return forget, data.without(forget)


def training_record(record, model, data, needed_by=None):
    """The record, if it is None (and not needed) or belongs to this model and data.

    Parameters
    ----------
    record : Training or None
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
    needed_by : str, optional
        Who cannot do without a record, and what for.

    Returns
    -------
    Training or None

    Raises
    ------
    InputError
        If a record is needed and missing, is of another type, a batch, or one of other data or of another model.
    """
    if record is None:
        if needed_by is not None:
            raise InputError(f"{needed_by}: kc.train(initial, data, ...) returns it; give it as record=, and the model it has reached as model")
        return None
    if not isinstance(record, Training):
        raise InputError(f"record is {type(record).__name__}: a Training is needed, which kc.train(...) returns and Training.load reads from a file")
    if record.batched:
        raise InputError(f"record holds a batch of {len(record.initial)} models: give record.single(k), the record of the k-th one")
    check_recorded_data(record.data[0], data)
    check_recorded_model(record.model, model)
    return record


def check_recorded_data(recorded, data):
    """Raise `InputError` unless a record's data are the data given."""
    if recorded is not data and recorded.key != data.key:
        raise InputError(f"record belongs to other data ({recorded.key}, not {data.key}): give the points it was trained on, in the same order")


def check_recorded_model(recorded, model):
    """Raise `InputError` unless the model that a record has reached is the model given, up to rounding."""
    if recorded is model:
        return
    if type(recorded) is not type(model) or recorded.hidden.shape != model.hidden.shape:
        raise InputError(f"record belongs to another model ({recorded!r}, not {model!r}): give the model it has reached, record.model")
    if not np.array_equal(recorded.second_layer, model.second_layer):
        raise InputError("record belongs to another model (its second layer differs): give the model it has reached, record.model")
    gap = np.linalg.norm(recorded.hidden - model.hidden) / recorded.norm
    if not gap <= SAME_WEIGHTS:
        raise InputError(
            f"record belongs to another model (its weights differ by {gap:.2g} of their norm): give the model it has reached, record.model, "
            "at the scale of training"
        )


def step_rule(record, settings):
    """Loss and step rule: the record's `Settings`, or those of `train` by default, with the given ones (a dict) in their place."""
    return replace(Settings() if record is None else record.settings, **settings)


def with_weights(model, hidden, size, action, kinks=None):
    """The model with other weights, unless these are nothing but the rounding of what was added up.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    hidden : ndarray, shape (n, d)
    size : float
        Sum of the norms of the terms that ``hidden`` was added up from.
    action : str
        What was done, to begin an error message with.
    kinks : ndarray of bool, optional
        Kinks of the new model.

    Raises
    ------
    InputError
        If nothing is left of the model.
    """
    if np.linalg.norm(hidden) <= NOTHING_LEFT * size:
        raise InputError(f"{action} leaves nothing of the model but rounding: it has no direction")
    return model.with_hidden(hidden, kinks)


def trained_model(training, action):
    """The model that a training of one network has reached; raises as `with_weights` does."""
    size = training.shrink * training.initial[0].norm + float(np.linalg.norm(training.coefficients, axis=0) @ training.data[0].norms)
    return with_weights(training.initial[0], training.weights[0], size, action)
