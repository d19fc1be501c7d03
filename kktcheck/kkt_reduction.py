"""Independent gradients among those of a program, and proof that there is no network, by least distance programming.

Where gradients of the support depend on each other, no linear system determines the multipliers. The shortest theta with margins of at least 1
is the residual of a nonnegative least-squares problem, min |J x + Z z|**2 + (1 - sum_i x_i / |x_i|)**2 over 0 <= z <= x (Lawson and Hanson,
Solving Least Squares Problems, chapter 23), and an active set for it keeps its columns independent whatever the rank. If the residual
vanishes, so does a convex combination of gradients, and there is no theta.
"""

import numpy as np

from .active_set import FREE, LOWER, UPPER, ActiveSet
from .errors import InfeasibleError

#: Norm of a convex combination of gradients of unit points, with |u| = 1, that counts as zero: what adding up some hundred terms leaves. Networks
#: whose margins are no larger than that share of |u| |theta| |x| cannot be told from none.
VANISHING = 1e-13

#: Entries of the least-squares problem up to which it is formed.
ENTRIES = 3e7


def cost(program, support, states):
    """Cost of `reduced`: the cube of its number of columns, of which 60 take a few hundredths of a second and 300 a few seconds."""
    S = np.count_nonzero(support)
    columns = float(S + np.count_nonzero(program.loose & support & (states == FREE)))
    entries = len(program.weights) * program.units.shape[1] * columns
    return columns**3 if entries <= ENTRIES else np.inf


def reduced(program, support, states):
    """Support and states with independent gradients, optimal among those given.

    Parameters
    ----------
    program : kktcheck.kkt_program.Program
    support : ndarray of bool, shape (m,)
        Points that may have multipliers.
    states : ndarray of int8, shape (c, m)
        A FREE gate may take any value between 0 and the multiplier, an UPPER one is the multiplier, a LOWER one is 0.

    Returns
    -------
    support : ndarray of bool, shape (m,)
    states : ndarray of int8, shape (c, m)

    Raises
    ------
    InfeasibleError
        If a convex combination of the gradients vanishes; names its points.
    """
    S = np.flatnonzero(support)
    position = np.cumsum(support) - 1
    classes, points = np.nonzero(program.loose & support & (states == FREE))
    gradients, gates = explicit(program, S, states, classes, points)
    table = np.vstack([np.hstack([gradients, gates]), np.concatenate([1.0 / program.norms[S], np.zeros(len(points))])])
    target = np.zeros(len(table))
    target[-1] = 1.0
    if table.shape[0] > table.shape[1]:
        Q, table = np.linalg.qr(table)
        target = Q.T @ target
    search = ActiveSet(table[:, : len(S)], target, np.full(len(S), np.inf), table[:, len(S) :], position[points])
    search.solve()
    combination = float(np.linalg.norm(gradients @ search.x + gates @ search.z))
    if combination <= VANISHING * float(search.x.sum()):
        reason = "no network with these gates has a positive margin on all of them, since a convex combination of gradients vanishes"
        raise InfeasibleError(reason, S[search.x > 0])
    chosen = np.zeros_like(support)
    chosen[S] = search.x_states == FREE
    settled = np.where(chosen, states, LOWER).astype(np.int8)
    settled[classes, points] = search.z_states
    return chosen, settled


def explicit(program, S, states, classes, points):
    """Gradients of the support, shape (c r, |S|), and of the free gates, shape (c r, k), in coordinates of the weights."""
    root, units = np.sqrt(program.weights), program.units
    acting = (program.open | (program.loose & (states == UPPER)))[:, S] * root[:, None]
    gradients = np.einsum("ci,ik->cki", acting, units[S]).reshape(-1, len(S))
    gates = np.zeros((len(root), units.shape[1], len(points)))
    gates[classes, :, np.arange(len(points))] = root[classes, None] * units[points]
    return gradients, gates.reshape(len(gradients), len(points))
