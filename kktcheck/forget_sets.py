"""Many forget sets of one dataset, checked together, each by its number."""

import numpy as np

from .errors import InputError

#: Numbers that an array over the sets of a batch may hold.
BATCH = 2_000_000


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


def batches(sets, row, chosen=None):
    """Sets of one size after the other, as many at once as arrays of so many numbers for each may hold: yields (places, sets of shape (N, k)).

    Parameters
    ----------
    sets : list of ndarray of int
    row : callable
        Size k of a set -> how many numbers an array holds for it.
    chosen : iterable of int, optional
        Places of the sets to go through; all by default.
    """
    by_size = {}
    for place in range(len(sets)) if chosen is None else chosen:
        by_size.setdefault(len(sets[place]), []).append(place)
    for k, places in sorted(by_size.items()):
        step = max(1, BATCH // row(k))
        for begin in range(0, len(places), step):
            some = places[begin : begin + step]
            yield some, np.array([sets[place] for place in some])
