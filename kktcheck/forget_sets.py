"""Many forget sets of one dataset, checked together, each by its number."""

import numpy as np

from .errors import InputError


def checked_sets(data, forget_sets):
    """The sets as a list of integer arrays; the same set may come more than once.

    Parameters
    ----------
    data : Dataset
    forget_sets : iterable of (int or iterable of int)

    Raises
    ------
    InputError
        If there is no set, or one is empty, holds all points, an index out of range or one twice; names the number of the set, from 0.
    """
    if isinstance(forget_sets, str) or not hasattr(forget_sets, "__iter__"):
        raise InputError(f"forget_sets = {forget_sets!r} holds no forget set: give a list of them, each an index or a list of indices")
    sets = []
    for number, forget in enumerate(forget_sets):
        single = type(forget) is int and 0 <= forget < data.num_points  # nothing to look into, and the usual case of very many sets
        sets.append(np.array([forget], dtype=np.intp) if single else data.indices(forget, f"forget set number {number}"))
        if len(sets[-1]) == data.num_points:
            raise InputError(f"the forget set number {number} holds all {data.num_points} points: nothing would be retained")
    if not sets:
        raise InputError("forget_sets holds no forget set: give a list of at least one")
    return sets
