"""Where a search starts: multipliers of a neighbouring problem, or the same for every point."""

import numpy as np

from ..errors import InputError
from ..models import ACTIVE, KINK


def point(start, lin, operator):
    """Multipliers and gates to start from, feasible or not.

    Parameters
    ----------
    start : Certificate, Multipliers, array_like of shape (m,), or None
        Of a model near this one, at any scale and with other kinks. A gate takes its value from a certificate where that pair was on a kink
        or had a state; where nothing is known of it, half the multiplier.
    lin : Linearisation
    operator : GradientOperator

    Returns
    -------
    multipliers, gates : ndarray
        Gates in the operator's order.

    Raises
    ------
    InputError
        For another number of points, and entries that are not finite or negative.
    """
    m = len(lin.margins)
    if start is None:
        multipliers = np.ones(m)
        return multipliers, 0.5 * multipliers[operator.points]
    values = getattr(start, "multipliers", getattr(start, "values", start))
    try:
        multipliers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"start must be a Certificate, Multipliers or an array of {m} numbers, not {type(start).__name__}") from None
    if multipliers.shape != (m,):
        raise InputError(f"start has multipliers of shape {multipliers.shape}; {m} points need ({m},)")
    wrong = np.flatnonzero(~(np.isfinite(multipliers) & (multipliers >= 0)))
    if wrong.size:
        raise InputError(f"start gives point {wrong[0]} the multiplier {multipliers[wrong[0]]}: finite ones of at least 0 are needed")
    return multipliers, _gates(start, multipliers, operator)


def _gates(start, multipliers, operator):
    caps = multipliers[operator.points]
    known = getattr(start, "kink_multipliers", np.zeros(0))
    states = getattr(start, "states", None)
    if states is not None and states.shape == (len(operator.u), len(multipliers)):
        there = states[operator.neurons, operator.points]
        gates = np.where(there == ACTIVE, caps, 0.0)
        on_kink = there == KINK
        if on_kink.any():
            neurons, points = np.nonzero(states == KINK)
            keys = neurons * len(multipliers) + points
            wanted = operator.neurons[on_kink] * len(multipliers) + operator.points[on_kink]
            gates[on_kink] = known[np.searchsorted(keys, wanted)]
        return gates
    if len(known) == operator.num_kinks:
        return known[operator.order]
    return 0.5 * caps
