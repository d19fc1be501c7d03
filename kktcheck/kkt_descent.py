"""Convex-concave procedure towards an exact KKT point: hold the gates, solve, move those that the optimum contradicts, and again.

Every optimum is feasible for the next program and every contradicted gate makes it better there, so the norm at minimum margin 1 falls in every
round; there are finitely many states, so it ends, and what it ends at is a KKT point (Yuille and Rangarajan; Lipp and Boyd for the
procedure in general).
"""

from contextlib import suppress

import numpy as np

from .errors import InfeasibleError, SolverError, listing
from .kkt_program import assemble, guess, moved
from .tolerances import EPS

#: Rounds before giving up; trained networks need 1 to 5.
MAX_ROUNDS = 500

#: Distance of unit vectors that counts as none: the rounding of dividing by a norm.
PARALLEL = 8 * EPS


def descend(model, data, states, engine):
    """The last program, its optimum, which contradicts no gate, and the number of rounds.

    Parameters
    ----------
    model : TwoLayerReLU
        For its second layer, and as a hint at the optimum of the first program.
    data : Dataset
    states : ndarray of int8, shape (n, m)
        Of every neuron, to start from.
    engine : {"exchange", "cvxpy"}

    Returns
    -------
    program : kktcheck.kkt_program.Program
    settled : kktcheck.kkt_states.Settled
    rounds : int

    Raises
    ------
    InfeasibleError
        If no network with the gates to start from has a positive margin on every point.
    SolverError
        If a state could not be settled.
    """
    program = assemble(data, model.u, states)
    support, gates = guess(program, model, data, states)
    for rounds in range(1, MAX_ROUNDS + 1):
        settled = _optimum(program, support, gates, engine)
        new = moved(program, settled)
        if new is None:
            return program, settled, rounds
        following = assemble(data, model.u, new[program.member])
        before = np.empty(len(following.signs), dtype=np.intp)
        before[following.member] = program.member
        program, support, gates = following, settled.multipliers > 0, settled.states[before]
    raise SolverError(f"the states were still changing after {MAX_ROUNDS} rounds; start from other states")


def _optimum(program, support, gates, engine):
    from . import kkt_cvxpy

    try:
        if engine == "exchange":
            with suppress(SolverError):  # CLARABEL may settle what exchanging states did not
                return program.optimum(support, gates)
        return kkt_cvxpy.optimum(program)
    except InfeasibleError as error:
        where = f" (points {listing(error.points)})" if error.points else ""
        raise InfeasibleError(f"these states lead to no KKT point: {error}{where}; start from others", error.points) from error


def check_possible(model, data):
    """Raise `InfeasibleError` if no first layer at all has a positive margin on every point."""
    unseen = np.flatnonzero(~np.isin(data.y, np.sign(model.u)))
    if unseen.size:
        raise InfeasibleError(
            f"no neuron has an output of the sign of the labels of points {listing(unseen)}: no first layer gives them a positive margin; "
            "add a neuron whose u_j has the other sign",
            unseen,
        )
    cosines = data.gram / data.norms / data.norms[:, None]
    for i, k in np.argwhere(np.triu(cosines > 1.0 - PARALLEL, 1) & (data.y[:, None] != data.y)):
        if np.linalg.norm(data.X[i] / data.norms[i] - data.X[k] / data.norms[k]) <= PARALLEL:
            raise InfeasibleError(f"points {i} and {k} have the same direction and opposite labels: no network fits both; drop one of them", (i, k))
