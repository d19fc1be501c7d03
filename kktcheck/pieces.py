"""The pieces of the least residual as a function of the slackness cap, and the breakpoints where they join.

Between two caps that do not lie on one piece the problem is solved where the pieces through them meet: at their breakpoint if they are
neighbours, on a new piece if not (Eisner and Severance, Mathematical techniques for efficient record segmentation in large shared
databases, 1976). This goes on until every cap lies on one piece with the next, so that none is missed, and takes two solved problems for
each piece, or a few more where points are nearly dependent.
"""

from itertools import pairwise

from .errors import SolverError

#: Caps that differ by less, relatively, are one: a few hundred rounding errors, below which no piece can be told from its neighbours.
NARROW = 1e-13

#: Crossings in a row that leave more than half of an interval before it is halved instead: a wrong piece must not hold up the search.
PATIENCE = 3

#: Share of the interval above cap 0 at which its first piece, which may be a small part of it, is looked for.
FIRST = 1 / 16

#: A piece is judged by a cap at least this share of its length away from its ends, where rounding may have mixed it with its neighbours.
CLEAR = 1e-3

#: Problems solved for each multiplier and each gate before giving up. There are about as many pieces; halving alone takes some 45 for each.
EFFORT = 200


def breakpoints(problem):
    """Solved caps at which pieces join: cap 0 is the first, the least cap under which the residual is least the last.

    Parameters
    ----------
    problem : ParametricProblem

    Returns
    -------
    list of Solved

    Raises
    ------
    SolverError
        If a problem is not solved, or the pieces do not join after very many.
    """
    start, free = problem.solve(0.0), problem.without_cap()
    top = 2.0 * problem.attained(free.values)
    if top == 0:
        return [start]
    pieces = []
    for points in _runs(problem, _refined(problem, start, problem.solved(top, free))):
        piece = _Piece(problem, points)
        if pieces and problem.joined(pieces[-1].inner, piece.inner):
            piece = _Piece(problem, pieces.pop().points + points)
        pieces.append(piece)
    return [start, *(_joint(problem, left, right) for left, right in pairwise(pieces))]


class _Piece:
    """Solved caps of one piece in order, and the one that is farthest from its ends."""

    def __init__(self, problem, points):
        low, high = points[0].cap, points[-1].cap
        self.points = points
        self.inner = max(points, key=lambda point: min(point.cap - low, high - point.cap))
        if min(self.inner.cap - low, high - self.inner.cap) < CLEAR * (high - low):
            self.inner = problem.solve((low + high) / 2)


def _refined(problem, start, end):
    """Solved caps in order, each on one piece with the next, or too close to it to tell."""
    points, ahead, slow = [start], [end], {end.cap: 0}
    left = most = EFFORT * (10 + len(problem.rates) + len(problem.points))
    while ahead:
        a, b = points[-1], ahead[-1]
        width = b.cap - a.cap
        if width <= NARROW * b.cap or problem.joined(a, b):
            points.append(ahead.pop())
            continue
        if left == 0:
            raise SolverError(
                f"the pieces of the trade-off still do not join between the caps {a.cap:.10g} and {b.cap:.10g} after {most} solved problems: "
                "drop points that nearly repeat others"
            )
        left -= 1
        cap = a.cap + width / 2
        if a.cap == 0:  # every bound is 0 there, and states say nothing about the piece above
            cap = FIRST * width
        elif slow[b.cap] < PATIENCE:
            crossing = problem.crossing(a, b)
            cap = crossing if a.cap < crossing < b.cap else cap
        slow[cap] = slow[b.cap] + 1 if cap - a.cap > width / 2 else 0
        slow[b.cap] = slow[b.cap] + 1 if b.cap - cap > width / 2 else 0
        ahead.append(problem.solve(cap))
    return points


def _runs(problem, points):
    """Lists of solved caps, each on one piece with the first of its list; neighbours share the cap between them, if it is on both pieces."""
    runs = [points[:1]]
    for here, there in pairwise(points):
        run = runs[-1]
        if problem.joined(run[0], there):
            run.append(there)
        elif len(run) == 1:  # a gap too narrow to look into on both sides
            runs[-1] = [there]
        else:
            runs.append([here, there] if problem.joined(here, there) else [there])
    return runs


def _joint(problem, left, right):
    """The solved cap at which two pieces join: where their lines meet, if that is where they were found to."""
    found, cap = left.points[-1], problem.crossing(left.inner, right.inner)
    if left.inner.cap < cap < right.inner.cap and abs(cap - found.cap) > NARROW * found.cap:
        closer = problem.solve(cap)
        if problem.joined(left.inner, closer) and problem.joined(closer, right.inner):
            return closer
    return found
