"""What models are made and asked with: points, scales, masks of kinks, and the activation states that follow from pre-activations."""

import numpy as np

from .dataset import NORM_RANGE
from .errors import InputError

#: Activation states of a pair (neuron, point).
INACTIVE, ACTIVE, KINK = 0, 1, 2


def states_of(P, kinks=None):
    """Activation states of pre-activations P, shape (n, m), with the structural kinks marked."""
    states = (P >= 0).astype(np.int8)
    if kinks is not None:
        states[kinks] = KINK
    return states


def points_for(model, X):
    """X as a two-dimensional array whose rows fit the model; raises `InputError` naming both dimensions if not."""
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.shape[1] != model.dim:
        raise InputError(f"the model takes points of dimension {model.dim}, but X has shape {X.shape}")
    return X


def in_range(norm):
    """Whether weights of this norm are all finite, and not all zero."""
    return NORM_RANGE[0] <= norm <= NORM_RANGE[1]


def positive(c):
    """c as a float, if it is positive and finite; else `InputError`."""
    try:
        c = float(c)
    except (TypeError, ValueError):
        raise InputError(f"the scale is {c!r}: a number is needed") from None
    if not (np.isfinite(c) and c > 0):
        raise InputError(f"the scale is {c}: it must be positive and finite (a negative one would flip the predictions)")
    return c


def kink_mask(kinks, n):
    """A mask of kinks for n neurons as a read-only copy, or None; raises `InputError` for another type or shape."""
    if kinks is None:
        return None
    kinks = np.array(kinks)
    if kinks.dtype != bool or kinks.ndim != 2 or kinks.shape[0] != n:
        raise InputError(f"kinks must be a bool array of shape ({n}, m), not {kinks.dtype} of shape {kinks.shape}")
    kinks.setflags(write=False)
    return kinks
