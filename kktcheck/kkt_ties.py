"""Strict complementarity of a KKT point, and whether its multipliers and gates are the only ones.

Other multipliers and gates of the same network differ from these by a direction that leaves every w_j as it is and keeps all bounds. Mostly
there is none because the gradients are independent; else the null vectors decide, by linear programs.
"""

from dataclasses import replace

import numpy as np

from .active_set import FREE, LOWER, UPPER
from .kkt_reduction import ENTRIES, explicit
from .kkt_states import System
from .models import ACTIVE, INACTIVE, KINK
from .patterns import pattern_classes
from .tolerances import RANK, UNIQUE
from .uniqueness import room

#: Unknowns up to which null vectors are looked for.
UNKNOWNS = 1500


def states_at(program, responses):
    """State of every pair (class, point) that these responses, zero on the kinks, belong to, shape (c, m)."""
    active = np.where(program.aligned, responses > 0, responses < 0)
    return np.where(responses == 0, KINK, np.where(active, ACTIVE, INACTIVE)).astype(np.int8)


def strictness(settled, margins):
    """The least relative distance from a tie; see `kktcheck.KKTPoint`."""
    x, z, r = settled.multipliers, settled.gates, settled.responses
    largest = float(x.max())
    mattering = (settled.sizes > 0)[:, None] & (x > 0)
    on_kinks = np.minimum(z, x - z)[(r == 0) & mattering].min(initial=np.inf) / largest
    relative = np.abs(r) / np.where(settled.sizes > 0, settled.sizes, 1.0)[:, None]
    off_kinks = relative[(r != 0) & mattering].min(initial=np.inf)
    return max(0.0, float(min(np.maximum(x / largest, margins - 1.0).min(), on_kinks, off_kinks)))


def unique(program, settled, margins):
    """Whether no other multipliers and gates make the same network a KKT point; None if there are too many unknowns to tell.

    Parameters
    ----------
    program : kktcheck.kkt_program.Program
    settled : kktcheck.kkt_states.Settled
        Its optimum, which contradicts no gate.
    margins : ndarray, shape (m,)
        Of the network itself.
    """
    x = settled.multipliers
    tight = (x > 0) | (margins <= 1.0 + UNIQUE)
    found = states_at(program, settled.responses)
    keys, member = pattern_classes(np.column_stack([program.signs, found]).astype(np.int8))
    first = np.empty(len(keys), dtype=np.intp)
    first[member] = np.arange(len(member))
    merged = replace(
        program,
        signs=program.signs[first],
        weights=np.bincount(member, program.weights, len(keys)),
        states=np.full((len(keys), len(x)), KINK, np.int8),
        member=member,
    )
    states = np.where(found == KINK, FREE, np.where(found == ACTIVE, UPPER, LOWER)).astype(np.int8)[first]
    if System(merged, tight, states).independent():
        return True
    moves, classes, points = _null_vectors(merged, tight, states)
    if moves is None:
        return None
    if not moves.shape[1]:
        return True
    S, tiny = np.flatnonzero(tight), UNIQUE * float(x.max())
    position = np.cumsum(tight) - 1
    of_x, of_z = moves[: len(S)], moves[len(S) :]
    z, caps = settled.gates[first][classes, points], x[points]
    rows = [-of_x[x[S] <= tiny], -of_z[z <= tiny], (of_z - of_x[position[points]])[z >= caps - tiny]]
    other = room(np.concatenate(rows), moves.shape[1])
    return None if other is None else not other


def _null_vectors(program, tight, states):
    """Changes of multipliers and gates that leave every A_c as it is, in columns, and the pairs of the gates; None for too many unknowns."""
    S = np.flatnonzero(tight)
    classes, points = np.nonzero((states == FREE) & tight)
    count = len(S) + len(points)
    if count > UNKNOWNS or len(program.weights) * program.units.shape[1] * count > ENTRIES:
        return None, classes, points
    table = np.hstack(explicit(program, S, states, classes, points))
    sizes = np.linalg.norm(table, axis=0)
    sizes[sizes == 0] = 1.0
    table = table / sizes
    if table.shape[0] > count:
        table = np.linalg.qr(table, mode="r")
    _, values, rows = np.linalg.svd(table)
    kept = int((values > RANK * max(values.max(initial=0.0), 1.0)).sum())
    moves = rows[kept:].T / sizes[:, None]
    return moves / np.abs(moves).max(axis=0, initial=np.finfo(float).tiny), classes, points
