"""Checks of arguments that several modules share; each raises `InputError` with the name and the value."""

from numbers import Real

import numpy as np

from .dataset import Dataset
from .errors import InputError


def check_dataset(data):
    """Raise `InputError` unless ``data`` is a `Dataset`."""
    if not isinstance(data, Dataset):
        raise InputError(f"data must be a kktcheck.Dataset, not {type(data).__name__}")


def non_negative(value, name, *, finite=True):
    """The value as a float, if it is a real number of at least 0 (and finite, unless infinity is allowed); else `InputError`."""
    if isinstance(value, bool) or not isinstance(value, Real) or not value >= 0 or (finite and not np.isfinite(value)):
        raise InputError(f"{name} = {value!r}: a {'finite ' * finite}number of at least 0 is needed")
    return float(value)
