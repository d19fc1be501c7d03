"""Shrinking: from an instance that violates a claim to one that still does and is chosen more simply.

What is repeated is the making of choices, one of them changed at a time, so that instances stay valid: smaller integers, fewer ones among bits,
more coordinates in the middle of their range. An integer that stands for a size changes how much is chosen after it.
"""

from typing import NamedTuple

import numpy as np

from ..instances.choices import RepeatedChoices

#: Instances that are built to shrink one.
_MOST = 240


class _Made(NamedTuple):
    choices: list
    instance: object

    @property
    def weight(self):
        """What shrinks: how much is chosen, sizes and bits, coordinates off the middle, how far they are."""
        integers, bits, cubes = ([choice for choice in self.choices if _kind(choice) == kind] for kind in ("i", "b", "c"))
        off = np.abs(np.concatenate([np.zeros(0), *cubes]) - 0.5)
        ones = sum(int(part.sum()) for part in bits)
        return len(off) + sum(map(len, bits)), sum(integers) + ones, int(np.count_nonzero(off)), float(off.sum())


def shrunk(family, choices, violates):
    """The simplest instance that was found, starting from one.

    Parameters
    ----------
    family : Family
    choices : list
        Those that made it, as `NotedChoices` notes them.
    violates : callable
        Instance -> bool.

    Returns
    -------
    Instance or None
        None if the one to start from does not violate the claim.
    """
    best = _make(family, choices)
    if not violates(best.instance):
        return None
    seen, improved = {_key(best.choices)}, True
    while improved:
        improved, place = False, 0
        while place < len(best.choices):
            simpler = next(filter(None, (_tried(family, other, best, violates, seen) for other in _simpler(best.choices, place))), None)
            if simpler is None:
                place += 1
            else:
                best, improved = simpler, True
    return best.instance


def _make(family, choices):
    repeated = RepeatedChoices(choices)
    shape, cube = family.draw(repeated)
    return _Made(repeated.noted, family.make(shape, cube))


def _tried(family, choices, best, violates, seen):
    """What choices make, if that is lighter than the best and violates the claim."""
    if len(seen) >= _MOST or _key(choices) in seen:
        return None
    seen.add(_key(choices))
    made = _make(family, choices)
    return made if made.weight < best.weight and violates(made.instance) else None


def _simpler(choices, place):
    """Choices with a simpler one at a place: an iterator of lists."""
    choice = choices[place]
    for other in {"i": _smaller, "b": _with_zeros, "c": _nearer}[_kind(choice)](choice):
        yield [*choices[:place], other, *choices[place + 1 :]]


def _smaller(integer):
    return sorted({0, integer // 2, integer - 1} - {integer, -1})


def _with_zeros(bits):
    for block in _blocks(len(bits)):
        if bits[block].any():
            changed = bits.copy()
            changed[block] = 0
            yield changed


def _nearer(cube):
    for block in _blocks(len(cube)):
        if (cube[block] != 0.5).any():
            changed = cube.copy()
            changed[block] = 0.5
            yield changed
    for place in np.flatnonzero(np.abs(cube - 0.5) > 0.25):
        changed = cube.copy()
        changed[place] = 0.5 + (cube[place] - 0.5) / 2
        yield changed


def _blocks(size):
    """All of so many places, then halves, quarters, at last each alone; an iterator of slices."""
    length = size
    while length:
        yield from (slice(start, start + length) for start in range(0, size, length))
        length = (length + 1) // 2 if length > 1 else 0


def _kind(choice):
    return "i" if isinstance(choice, int) else "b" if choice.dtype.kind == "i" else "c"


def _key(choices):
    return tuple(choice if isinstance(choice, int) else choice.tobytes() for choice in choices)
