"""At least one of independent events of equal probability, in float64 as a logarithm, and enclosed."""

import numpy as np

from ..instances import Enclosure, exp, log

#: Logarithms below this are those of numbers that float64 barely has.
_TINY = -690


def log_at_least_one(log_chance, count):
    """log(1 - (1 - p)^k) of log p and k, arrays."""
    log_chance, count = np.broadcast_arrays(np.asarray(log_chance, dtype=float), np.asarray(count, dtype=float))
    with np.errstate(divide="ignore", under="ignore"):
        # Where p is no float any more, k p is all there is.
        tiny = (log_chance < _TINY) | (count == 0)
        chance = np.exp(np.where(tiny, -1.0, log_chance))
        return np.where(tiny, np.log(count) + log_chance, np.log(-np.expm1(count * np.log1p(-chance))))


def enclosed_at_least_one(chance, count):
    """1 - (1 - p)^k of an enclosure p and an integer k."""
    if count == 0:
        return Enclosure(0, 0)
    return Enclosure(_at_least_one(chance.low, count).low, _at_least_one(chance.high, count).high)


def _at_least_one(chance, count):
    if count == 1 or chance in (0, 1):
        return Enclosure(chance, chance)
    mean = count * chance
    found = 1 - exp(count * log(1 - chance))
    return Enclosure(max(found.low, mean - mean * mean / 2), min(found.high, mean))
