"""The trade-off between stationarity and slackness: the Pareto front of (epsilon, delta) of one model."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from .answers import Multipliers
from .certificate import certify
from .checks import check_dataset, non_negative
from .errors import InputError
from .linearisation import linearise
from .parametric import ParametricProblem, Solved
from .pieces import breakpoints
from .tables import table
from .unlearning.ascent import checked_certificate

#: Straight steps by which the arc length of one piece is measured; only where the points for drawing lie depends on it.
STEPS = 256

#: Rows of a summary; of more breakpoints an evenly spaced choice is shown.
ROWS = 16


@dataclass(frozen=True, eq=False)
class TradeOff:
    """Pareto front of (epsilon, delta) of one model at minimum margin 1: what each amount of slackness buys in stationarity.

    Every point is attained by its multipliers (and gates, see `multipliers_at`): delta is their slackness, epsilon the norm of the
    residual they leave, and no multipliers have both smaller. Along the front delta increases and epsilon strictly decreases.
    Between neighbouring breakpoints the residual is linear in delta, so epsilon**2 is quadratic; at each that is not an end it turns.

    Attributes
    ----------
    delta, epsilon : ndarray, shape (k,)
        From delta = 0 to the least delta with the least epsilon. Margins that are 1 up to rounding count as 1, as under any cap.
    epsilon_error : ndarray, shape (k,)
        Bound on the rounding error of each epsilon at its multipliers, the kinks read as exact.
    is_breakpoint : ndarray of bool, shape (k,)
        Breakpoints, both ends included; the others lie between, for drawing.
    multipliers : ndarray, shape (k, m)
    tau : float
        1 - cos of the angle from the model given to ``model``; 0 unless kinks were snapped.
    model : LinearPredictor or TwoLayerReLU
        The model at minimum margin 1, on its kinks.
    subgradient : str
        ``"clarke"`` or ``"indicator"``.
    method : str
        How the front was found.
    problem : ParametricProblem
        The problem, to be solved under any cap.
    """

    delta: np.ndarray
    epsilon: np.ndarray
    epsilon_error: np.ndarray
    is_breakpoint: np.ndarray
    multipliers: np.ndarray
    tau: float
    model: object
    subgradient: str
    method: str
    problem: ParametricProblem

    def __repr__(self):
        return (
            f"TradeOff({int(self.is_breakpoint.sum())} breakpoints from epsilon={self.epsilon_at_zero:.6g} at delta=0 "
            f"to epsilon={self.least_epsilon:.6g} at delta={self.delta_max:.6g}, {self.subgradient})"
        )

    @property
    def breakpoints(self):
        """The breakpoints, shape (b, 2): rows (delta, epsilon)."""
        return np.column_stack([self.delta, self.epsilon])[self.is_breakpoint]

    @property
    def epsilon_at_zero(self):
        """Least epsilon of multipliers without slackness: zero wherever the margin exceeds 1."""
        return float(self.epsilon[0])

    @property
    def least_epsilon(self):
        """Least epsilon of any multipliers."""
        return float(self.epsilon[-1])

    @property
    def delta_max(self):
        """Least slackness with which `least_epsilon` is reached; where the multipliers are not unique a certificate may hold others, with more."""
        return float(self.delta[-1])

    def at(self, delta):
        """Least epsilon under the slackness cap ``delta``, solved anew; raises `InputError` unless it is a number of at least 0."""
        return self.multipliers_at(delta).epsilon

    def multipliers_at(self, delta):
        """Multipliers that attain `at`, as `Multipliers` of ``model``, gates on kinks included."""
        return self.problem.answer(self.problem.solve(non_negative(delta, "delta", finite=False)).found)

    def summary(self):
        """The breakpoints as an aligned text table."""
        shown = np.flatnonzero(self.is_breakpoint)
        count = len(shown)
        if count > ROWS:
            shown = shown[np.linspace(0, count - 1, ROWS).round().astype(int)]
        epsilon, multipliers = self.epsilon[shown], self.multipliers[shown]
        columns = (self.delta[shown], epsilon, epsilon / self.model.norm, (multipliers > 0).sum(axis=1), multipliers.max(axis=1))
        some = "" if len(shown) == count else f", {len(shown)} of them shown"
        title = (
            f"Trade-off of {self.model!r} on {self.multipliers.shape[1]} points, {self.subgradient} subgradient\n"
            f"{count} breakpoint{'s' * (count > 1)}{some}; {self.method}"
        )
        header = ("delta", "epsilon", "epsilon/|theta|", "positive multipliers", "largest multiplier")
        return title + "\n" + table(header, zip(*columns, strict=True), left=0)


def trade_off(model, data, num=32, *, subgradient=None, kink_tol="auto", certificate=None):
    """The (epsilon, delta) Pareto front of one model: exact breakpoints, and points between them.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        Projected onto its kinks and scaled to minimum margin 1, as `certify` does.
    data : Dataset
    num : int
        Points between the breakpoints, at least 0. They divide the curve, delta and epsilon both measured in units of their range,
        about evenly by arc length: each piece gets its share, in equal steps. A front that is a single point has none, and points
        that rounding puts on the same epsilon as a neighbour are left out.
    subgradient : {"clarke", "indicator"}, optional
        Convention; ``"clarke"``, or that of the certificate.
    kink_tol : "auto" or float
        As in `certify`.
    certificate : Certificate, optional
        Certificate of this model on this data, whose kinks are taken over.

    Returns
    -------
    TradeOff

    Raises
    ------
    InputError
        For a num that is not whole or negative, a certificate of another model, other data or another convention, a kink_tol beside a
        certificate, and what `certify` refuses.
    InfeasibleError
        If a point is misclassified (margin at most 0): no scale makes the model feasible.
    SolverError
        If points are so close to dependent that the pieces cannot be told apart.

    Notes
    -----
    Conditions 1 to 3 of Definition 2.1. A slackness cap delta bounds lambda_i by delta / (margin_i - 1), linearly in delta, so the
    least residual is a parametric quadratic program; `kktcheck.pieces` and `kktcheck.parametric` tell how its pieces are found and why
    none is missed.
    """
    if isinstance(num, bool) or not isinstance(num, Integral) or num < 0:
        raise InputError(f"num = {num!r}: a whole number of at least 0 is needed")
    if certificate is None:
        certificate = certify(model, data, subgradient="clarke" if subgradient is None else subgradient, kink_tol=kink_tol)
        tau = certificate.tau
    else:
        certificate, tau = _again(certificate, model, data, subgradient, kink_tol)
    problem = ParametricProblem(linearise(certificate.model, data, certificate.subgradient))
    corners = _front([_point(problem, solved, True) for solved in breakpoints(problem)])
    front = _front(corners + [_point(problem, problem.solve(cap), False) for cap in _caps_between(corners, int(num))])
    return TradeOff(
        delta=np.array([point.delta for point in front]),
        epsilon=np.array([point.found.epsilon for point in front]),
        epsilon_error=np.array([point.found.epsilon_error for point in front]) + certificate.kinks.noise,
        is_breakpoint=np.array([point.corner for point in front]),
        multipliers=np.array([point.found.values for point in front]),
        tau=tau,
        model=certificate.model,
        subgradient=certificate.subgradient,
        method="parametric active set",
        problem=problem,
    )


@dataclass(frozen=True, eq=False)
class _Point:
    solved: Solved
    found: Multipliers
    delta: float
    descent: float
    corner: bool


def _point(problem, solved, corner):
    """A solved cap measured on the model itself; the slackness attained is the cap, up to a rounding that must not exceed it."""
    found = problem.answer(solved.found)
    return _Point(solved, found, min(solved.cap, problem.attained(found.values)), problem.descent(solved), corner)


def _front(points):
    """The points in order of their slackness without those that another dominates, which only rounding can bring about."""
    front = []
    for point in sorted(points, key=lambda each: each.solved.cap):
        while front and not front[-1].corner and point.found.epsilon >= front[-1].found.epsilon:
            front.pop()
        if not front or (point.found.epsilon < front[-1].found.epsilon and point.delta > front[-1].delta):
            front.append(point)
    return front


def _caps_between(corners, num):
    """Caps strictly between those of the corners: ``num`` in all, shared out by the arc length of each piece, in equal steps of it."""
    if len(corners) < 2:
        return []
    cap, epsilon, descent = (np.array(each) for each in zip(*((c.solved.cap, c.found.epsilon, c.descent) for c in corners), strict=True))
    share = np.linspace(0.0, 1.0, STEPS + 1)
    width = np.diff(cap)[:, None]
    caps = cap[:-1, None] + share * width
    square = epsilon**2
    # The quadratic through both ends whose derivatives there are -2 descent.
    squares = (1 - share) * square[:-1, None] + share * square[1:, None] + share * (1 - share) * width * np.diff(descent)[:, None]
    steps = np.hypot(np.diff(caps) / cap[-1], np.diff(np.sqrt(np.maximum(squares, 0.0))) / (epsilon[0] - epsilon[-1]))
    along = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    ends = np.cumsum(along[:, -1])
    counts = np.diff(np.rint(num * ends / ends[-1]).astype(int), prepend=0)
    return [
        float(each)
        for k, count in enumerate(counts)
        for each in np.interp(along[k, -1] * np.arange(1, count + 1) / (count + 1), along[k], caps[k])
        if cap[k] < each < cap[k + 1]
    ]


def _again(certificate, model, data, subgradient, kink_tol):
    """A certificate's model certified on its kinks, at minimum margin 1 and without a cap, and the certificate's own tau."""
    check_dataset(data)
    certificate, _ = checked_certificate(certificate, model, data)
    if subgradient not in (None, certificate.subgradient):
        raise InputError(f"subgradient {subgradient!r}, but the certificate is of {certificate.subgradient!r}: leave one of the two out")
    if kink_tol != "auto":
        raise InputError(f"kink_tol = {kink_tol!r}, but the certificate has its kinks already: leave one of the two out")
    return certify(certificate.model, data, subgradient=certificate.subgradient), certificate.tau
