"""Chains of Theorems 4.1 and C.1, ours: the projected network keeps every retained margin, and is so near that all three bounds hold.

Notation: q = |x|^2 of a point, r = m - k retained points, c = epsilon_d / (2 m n), phi = epsilon_d / (4 m n). T is the largest mass, the sum over a
point's active neurons of u_j^2 lambda; `mass` bounds it. G is the sum of y_i grad N(x_i) over the retained points.
"""

from typing import NamedTuple

from ...instances import root
from ..chain import Box, Chain, Link


class Setting(NamedTuple):
    """One of the two theorems.

    Attributes
    ----------
    theorem, k, r : str
        Its id; how k and m - k are written.
    box : Box
    forgotten : callable
        Constants -> k.
    """

    theorem: str
    k: str
    r: str
    box: Box
    forgotten: object

    def kept(self, p):
        """r = m - k."""
        return p.points - self.forgotten(p)


ONE_POINT = Setting("theorem-4.1", "", "(m - 1)", Box("1", "1", "0.01", 2), lambda p: 1)
SETS = Setting("theorem-C.1", "k ", "(m - k)", Box("1", "1", "0.01", 2, some_kept=True), lambda p: p.forgotten)
SETTINGS = (ONE_POINT, SETS)


def curvature(p):
    """D = 1 - psi - phi (m - 1)."""
    return 1 - p.psi - p.epsilon_d * (p.points - 1) / (4 * p.points * p.neurons)


def linear(p):
    """B = 1 + epsilon sqrt(1 - psi)."""
    return 1 + p.epsilon * root(1 - p.psi)


def mass(p):
    """(B + sqrt(B^2 + 4 D delta)) / (2 D): the most that a point's masses add up to."""
    return (linear(p) + root(linear(p) ** 2 + 4 * curvature(p) * p.delta)) / (2 * curvature(p))


def crossing(s):
    """1 + psi + (r - 1) phi: squared norm of a sum of the retained points with signs, divided by r, at most."""
    return lambda p: 1 + p.psi + p.epsilon_d * (s.kept(p) - 1) / (4 * p.points * p.neurons)


def least_eigenvalue(s):
    """1 - psi - (r - 1) phi: of the retained Gram matrix, at least."""
    return lambda p: 1 - p.psi - p.epsilon_d * (s.kept(p) - 1) / (4 * p.points * p.neurons)


def reach(s):
    """S = T / (4 sqrt(1 - psi - (r - 1) phi)): the projected step is at most S k epsilon_d sqrt(r) / (m sqrt(n)) long."""
    return lambda p: mass(p) / (4 * root(least_eigenvalue(s)(p)))


def share(s):
    """k epsilon_d / (m sqrt(n)): the scale of the steps, divided by sqrt(r)."""
    return lambda p: s.forgotten(p) * p.epsilon_d / (p.points * root(p.q("1") * p.neurons))


def norm_below(s):
    """(1 / sqrt(1 + psi + (r - 1) phi) - S k epsilon_d / (m sqrt(n)))^2: the unlearned network's squared norm, divided by r, at least."""
    return lambda p: (1 / root(crossing(s)(p)) - reach(s)(p) * share(s)(p)) ** 2


def sine_squared(s):
    """S^2 (1 + psi + (r - 1) phi) (k epsilon_d)^2 / (m^2 n): of the angle between projected and unlearned network, at most."""
    return lambda p: reach(s)(p) ** 2 * crossing(s)(p) * share(s)(p) ** 2


def angle(s):
    """S^2 (1 + psi + (r - 1) phi) / (2 - s^2): 1 - cos, divided by (k epsilon_d)^2 / (m^2 n), at most."""
    return lambda p: reach(s)(p) ** 2 * crossing(s)(p) / (2 - sine_squared(s)(p))


def mass_links(output, points):
    """Links from a network's outputs to the bound of its largest mass.

    Parameters
    ----------
    output : str
        Id of the claim that bounds a margin from below by the point's mass.
    points : str
        How many others there are, as written.
    """
    return (
        Link(
            "y N(x)", ">=", f"q T - {points} phi T - epsilon sqrt(q) at the point x with the largest mass T",
            "each neuron active on x gives u_j^2 (q lambda + inner products + error) to y N(x), whatever its sign; the masses of the others are at "
            "most T, and the errors add up to at most epsilon by Cauchy-Schwarz",
            claim=output, argued=True,
        ),
        Link(
            "y N(x)", "<=", "1 + delta / T", "slackness, and T <= lambda as a share of at most n neurons is active; for T = 0 nothing is to be "
            "shown",
        ),
        Link("(q - (m - 1) phi) T^2 - sqrt(q) epsilon T", "<=", "T + delta", "the two before, times T"),
        Link(
            "sqrt(q) epsilon T", "<=", "the same with 1 - psi for q, plus (q - (1 - psi)) T^2, where T >= 0.53",
            "with p = 1 - psi the difference is (sqrt(q) - sqrt(p)) T ((sqrt(q) + sqrt(p)) T - epsilon), and 0.53 (sqrt(q) + sqrt(p)) >= epsilon "
            "by the next link: so q may be replaced by its least value",
        ),
        Link(
            "epsilon", "<=", "1.06 sqrt(1 - psi)", "the ends of the box", "smallest-norm",
            (lambda p: p.epsilon, lambda p: p.q("1.06") * root(1 - p.psi)),
        ),
        Link("0.8975", "<=", "D = 1 - psi - phi (m - 1)", "psi <= 0.1, epsilon_d <= 0.01", "curvature", (lambda p: p.q("0.8975"), curvature)),
        Link(
            "0.53", "<=", "(B + sqrt(B^2 + 4 D delta)) / (2 D), B = 1 + epsilon sqrt(1 - psi)", "so a smaller T is below the root anyway",
            "small-mass",
            (lambda p: p.q("0.53"), mass),
        ),
        Link("T", "<=", "(B + sqrt(B^2 + 4 D delta)) / (2 D)", "the larger root of a quadratic with D > 0"),
        Link("(B + sqrt(B^2 + 4 D delta)) / (2 D)", "<=", "2.61", "the ends of the box", "number", (mass, lambda p: p.q("2.61")), constant="2.61"),
    )  # fmt: skip


def _masses(statement, output, points, conclusion):
    return Chain(
        f"{statement}/derivation", (statement,), "ours", mass_links(output, points), conclusion, Box("1", "1", "0.01"), "ours", mass,
        lambda p: p.q("2.61"), value="2.61",
    )  # fmt: skip


def projected_links(s, name, function, constant):
    """The link from T to a number that multiplies the projected step, and what stands before it."""
    return (
        Link(
            "|P x_l|^2", "<=", "r phi^2 / (1 - psi - (r - 1) phi)",
            "b' K^-1 b with |b_i| <= phi, and z' K z >= (1 - psi) |z|^2 - phi sum_{i != k} |z_i z_k| >= (1 - psi - (r - 1) phi) |z|^2",
            claim=f"{s.theorem}/proof/projected-point", argued=True,
        ),
        Link(
            "|projected step|", "<=", "sqrt(sum_j (sum_l lambda_l sigma'_lj)^2 / n) max_l |P x_l|",
            "on neuron j the step, divided by |u_j| = 1 / sqrt(n), is a sum over l of lambda_l sigma'_lj times P x_l with signs",
        ),
        Link(
            "sum_j (sum_l lambda_l sigma'_lj)^2", "<=", f"(n {s.k}T)^2",
            "squares of numbers of at least 0 add up to at most the square of their sum, and sum_j lambda_l sigma'_lj is n times the mass of l",
        ),
        Link("T", "<=", "2.61", "by a bound of its own, of which the sharper form goes into the next link", claim="theorem-4.1/proof/masses"),
        Link(
            "S = T / (4 sqrt(1 - psi - (r - 1) phi))", "<=", constant, "the ends of the box", name, (function, lambda p: p.q(constant)),
            constant=constant,
        ),
    )  # fmt: skip


def _projection(s):
    statement = f"{s.theorem}/proof/projection"
    return Chain(
        f"{statement}/derivation", (statement,), "ours", projected_links(s, "number", reach(s), "0.69"),
        f"sqrt(n) {s.k}T times phi sqrt(r) / sqrt(1 - psi - (r - 1) phi), with phi = epsilon_d / (4 m n), is S {s.k}epsilon_d sqrt(r) / (m sqrt(n)).",
        s.box, "ours", reach(s), lambda p: p.q("0.69"), value="0.69",
    )  # fmt: skip


def _error(s):
    statement = f"{s.theorem}/epsilon/proof/projected"
    return Chain(
        f"{statement}/derivation", (statement,), "ours",
        (
            Link("retained activations", "=", "the original's", "no retained product changes", claim=f"{s.theorem}/delta/proof/projected"),
            Link(
                "the projected network's error", "=", "the original's plus the projected step",
                "theta less all terms lambda_i y_i grad N(x_i) is the original's error; the projected network is theta less the forgotten terms "
                "plus the projected step, so its error, less the retained terms, is that error plus the step",
            ),
            Link("|error|", "<=", "epsilon", "stationarity, a hypothesis; then the triangle inequality"),
            Link(
                "|projected step|", "<=", f"0.69 {s.k}epsilon_d sqrt(r) / (m sqrt(n))", "a statement of its own",
                claim=f"{s.theorem}/proof/projection",
            ),
        ),
        "The new error is at most epsilon plus the length of the projected step.", s.box, "ours", reach(s), lambda p: p.q("0.69"), value="0.69",
        attained_by=f"{s.theorem}/proof/projection",
    )  # fmt: skip


def _margins(s):
    statement = f"{s.theorem}/delta/proof/projected"
    return Chain(
        f"{statement}/derivation", (statement,), "ours",
        (
            Link(
                "<w'_j, x_r>", "=", "<w_j, x_r> for every neuron and every retained point",
                "w'_j - w_j is a sum over forgotten points of multiples of x_l - P x_l, which is orthogonal to all retained points; outputs are "
                "made of these products",
                claim=statement, argued=True,
            ),
        ),
        "Equal products have equal activations and give equal outputs.", s.box, "ours",
    )  # fmt: skip


def _gradients(s):
    return (
        Link(
            "r", "<=", "sum of the projected network's retained margins = <theta', G>", "margins are at least 1 and kept; N is homogeneous",
            claim=f"{s.theorem}/delta/proof/projected",
        ),
        Link(
            "|G|^2", "<=", "r (1 + psi + (r - 1) phi)", "on each neuron a sum of at most r points with signs; r squares, r (r - 1) products",
            claim=f"{s.theorem}/proof/gradient-sum", argued=True,
        ),
        Link("|theta'|^2", ">=", "r / (1 + psi + (r - 1) phi)", "Cauchy-Schwarz: r <= |theta'| |G|"),
    )  # fmt: skip


def _norm(s, constant):
    statement = f"{s.theorem}/tau/proof/projected-norm"
    return Chain(
        f"{statement}/derivation", (statement,), "ours",
        (
            *_gradients(s),
            Link(
                "|unlearned network|", ">=", f"|theta'| - |projected step|, |projected step| <= S {s.k}epsilon_d sqrt(r) / (m sqrt(n))",
                "triangle inequality", claim=f"{s.theorem}/proof/projection",
            ),
            Link(
                "0.94", "<=", f"1 / sqrt(1 + psi + (r - 1) phi) - S {s.k}epsilon_d / (m sqrt(n))",
                "a difference that is squared must not be negative",
                "difference", (lambda p: p.q("0.94"), lambda p: 1 / root(crossing(s)(p)) - reach(s)(p) * share(s)(p)),
            ),
            Link(
                f"(1 / sqrt(1 + psi + (r - 1) phi) - S {s.k}epsilon_d / (m sqrt(n)))^2", ">=", constant, "the ends of the box", "number",
                (norm_below(s), lambda p: p.q(constant)), constant=constant,
            ),
        ),
        f"The unlearned network's norm is at least that difference times sqrt(r), its squared norm at least {constant} r.", s.box, "ours",
        norm_below(s),
        lambda p: p.q(constant), lower=True, value=constant,
    )  # fmt: skip


def _angle(s):
    statement = f"{s.theorem}/tau/proof/projected"
    return Chain(
        f"{statement}/derivation", (statement,), "ours",
        (
            Link(
                "sin", "<=", "|projected step| / |theta'|",
                "the distance from theta' to the line through the unlearned network is |theta'| sin, and at most the distance to that network itself",
            ),
            Link(
                "|projected step|", "<=", f"S {s.k}epsilon_d sqrt(r) / (m sqrt(n))", "a statement of its own",
                claim=f"{s.theorem}/proof/projection",
            ),
            *_gradients(s),
            Link(
                f"s^2 = S^2 (1 + psi + (r - 1) phi) ({s.k}epsilon_d)^2 / (m^2 n)", "<=", "0.0001", "so |step| < |theta'|, and the angle is acute",
                "acute",
                (sine_squared(s), lambda p: p.q("0.0001")),
            ),
            Link("1 - cos", "<=", "s^2 / (2 - s^2)", "(1 - cos) (1 + cos) = sin^2 <= s^2, and cos >= cos^2 >= 1 - s^2 for an acute angle"),
            Link(
                "S^2 (1 + psi + (r - 1) phi) / (2 - s^2)", "<=", "0.27", "the ends of the box", "number", (angle(s), lambda p: p.q("0.27")),
                constant="0.27",
            ),
        ),
        f"1 - cos is at most that number times ({s.k}epsilon_d)^2 / (m^2 n).", s.box, "ours", angle(s), lambda p: p.q("0.27"), value="0.27",
    )  # fmt: skip


CHAINS = (
    _masses(
        "theorem-4.1/proof/masses", "theorem-4.1/proof/masses/output", "(m - 1)",
        "The masses of every point add up to at most 2.61; with at least one active neuron (its margin is 1 or more) lambda <= n T.",
    ),
    _masses(
        "remark-C.1/proof/masses", "remark-C.1/proof/masses/output", "(m - 2)",
        "theta~ is an approximate KKT point of m - 1 >= 1 points with phi <= epsilon_d / (4 (m - 1) n): the links hold with m - 1 for m.",
    ),
    *(chain for s in SETTINGS for chain in (_projection(s), _error(s), _margins(s), _norm(s, "0.9" if s is ONE_POINT else "0.89"), _angle(s))),
)  # fmt: skip
