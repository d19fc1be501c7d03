"""Sizes and lengths that samplers are given: checked once, named in the error."""

from numbers import Real

import numpy as np

from ..errors import InputError, MemoryLimitError

#: Largest dimension of a Gram matrix: there the deviations of squared norms from their mean still have five right digits, see `bartlett`.
LARGEST_DIM = 10**20

#: Bytes that one call of a sampler of Gram matrices may need.
MOST_BYTES = 2e9

#: Largest length of a mean: its square is an inner product and stays in the range of float64.
LARGEST_MEAN = 1e150


def whole(value, name, least=1):
    """The value as an int, if it is one of at least ``least``; else `InputError`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{name} = {value!r}: a whole number of at least {least} is needed")
    return int(value)


def dimension(d):
    """The dimension of a Gram matrix as an int: a whole number from 1 to 1e20, written as an int or as a float such as 1e17."""
    if isinstance(d, (float, np.floating)) and np.isfinite(d) and d == int(d):
        d = int(d)
    d = whole(d, "d")
    if d > LARGEST_DIM:
        raise InputError(
            f"d = {min(d, 10**300):.3g}: beyond 1e20 float64 keeps too little of the deviation of |x|^2 from its mean, about sqrt(2/d); "
            "take d <= 1e20: inner products have the same law there up to their scale 1/sqrt(d)"
        )
    return d


def mean_length(mean_norm, alpha, d):
    """The norm of the mean, given as such or as d**(-alpha); `InputError` unless exactly one is given and the norm is from 0 to 1e150."""
    if (mean_norm is None) == (alpha is None):
        raise InputError("give exactly one of mean_norm and alpha (the mean then has norm d**(-alpha))")
    norm, name = (mean_norm, "mean_norm") if alpha is None else (alpha, "alpha")
    if isinstance(norm, bool) or not isinstance(norm, Real):
        raise InputError(f"{name} = {norm!r}: a real number is needed")
    with np.errstate(over="ignore", under="ignore"):
        norm = float(norm if alpha is None else np.float64(d) ** -float(alpha))
    if not 0 <= norm <= LARGEST_MEAN:
        raise InputError(f"the norm of the mean is {norm}: it must be finite and at least 0, and at most {LARGEST_MEAN:g}")
    return norm


def check_memory(entries, what):
    """Raise `MemoryLimitError` if ``entries`` float64 numbers exceed `MOST_BYTES`."""
    if 8 * entries > MOST_BYTES:
        raise MemoryLimitError(
            f"{what} would take {8e-9 * min(entries, 10**300):.3g} GB (limit {1e-9 * MOST_BYTES:g} GB): ask for fewer points, or for fewer draws "
            "at a time: calls with one Generator give independent draws"
        )
