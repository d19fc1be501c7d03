"""Checks of arguments that several modules share; each raises `InputError` with the name and the value."""

from numbers import Real

import numpy as np

from .dataset import Dataset
from .errors import InputError
from .models import LinearPredictor, TwoLayerReLU


def check_dataset(data):
    """Raise `InputError` unless ``data`` is a `Dataset`."""
    if not isinstance(data, Dataset):
        raise InputError(f"data must be a kktcheck.Dataset, not {type(data).__name__}")


def check_model(model, data=None, name="the model"):
    """Raise `InputError` unless ``model`` is a `LinearPredictor` or a `TwoLayerReLU` that takes the points of ``data``, if that is given."""
    if not isinstance(model, (LinearPredictor, TwoLayerReLU)):
        raise InputError(f"{name} must be a LinearPredictor or a TwoLayerReLU, not {type(model).__name__}")
    if data is not None and model.dim != data.dim:
        raise InputError(f"{name} takes points of dimension {model.dim}, but the data has dimension {data.dim}")


def non_negative(value, name, *, finite=True):
    """The value as a float, if it is a real number of at least 0 (and finite, unless infinity is allowed); else `InputError`."""
    if isinstance(value, bool) or not isinstance(value, Real) or not value >= 0 or (finite and not np.isfinite(value)):
        raise InputError(f"{name} = {value!r}: a {'finite ' * finite}number of at least 0 is needed")
    return float(value)
