"""Chains of Remark C.1, ours: the forgotten point's margin keeps theta and theta~ apart.

x is the forgotten point, y its label, q = |x|^2; T bounds the masses of theta, T~ those of theta~ (the same function of its own epsilon and delta);
a and b are the norms of theta and theta~. eta is the most that theta~ can give on the forgotten point's side.
"""

from ...instances import root
from ..chain import Box, Chain, Link
from .two_layer_theorems import ONE_POINT, mass

BOX = ONE_POINT.box
#: For statements about every point: one is enough.
_ANY = Box("1", "1", "0.01")


def _number(constant):
    return lambda p: p.q(constant)


def _seen(p):
    """T~ (m - 1) / (4 m): inner products at the forgotten point, divided by epsilon_d / n."""
    return mass(p) * (p.points - 1) / (4 * p.points)


def _largest_norm(p):
    """(epsilon + sqrt(epsilon^2 + 4 m (n T + delta)))^2 / (4 m n): theta's squared norm, divided by m n, at most."""
    sizes = p.q("1") * p.points * p.neurons
    whole = p.epsilon + root(p.epsilon**2 + 4 * p.points * (p.neurons * mass(p) + p.delta))
    return whole**2 / (4 * sizes)


def _least_norm(p):
    """1 / (1 + psi + (m - 1) phi): theta's squared norm, divided by m, at least."""
    return 1 / (1 + p.psi + p.epsilon_d * (p.points - 1) / (4 * p.points * p.neurons))


def _paired(p):
    """sqrt((m - 1) / m) / (1 + psi + (m - 1) phi): the product of both norms, divided by m, at least."""
    return _least_norm(p) * root(p.q("1") * (p.points - 1) / p.points)


def _apart(p):
    """1 / (2.2 N) - 0.6 epsilon_d / P, N = `_largest_norm`, P = `_paired`: 1 - cos, less the part of epsilon~, divided by 1 / (m n), at least."""
    return 1 / (p.q("2.2") * _largest_norm(p)) - p.q("0.6") * p.epsilon_d / _paired(p)


def _signed(p):
    """(1 - phi (m - 1) T - epsilon sqrt(q)) / q with q = 0.9 + 0.2 free: the size of alpha / sqrt(n), at least."""
    q = p.q("0.9") + p.q("0.2") * p.free
    return (1 - mass(p) * p.epsilon_d * (p.points - 1) / (4 * p.points * p.neurons) - p.epsilon * root(q)) / q


def _printed_size(p):
    return p.q("0.9") - p.q("4.64") * p.epsilon_d / p.neurons - p.q("1.92") * p.epsilon


def _chain(statement, links, conclusion, box=BOX, also=(), **about):
    return Chain(f"{statement}/derivation", (statement, *also), "ours", links, conclusion, box, "ours", **about)


_MARGIN = _chain(
    "remark-C.1/proof/forgotten-margin",
    (
        Link(
            "y N(theta~, x)", "<=", "phi (m - 1) T~ + epsilon~ sqrt(q)",
            "neurons of the other sign only lower it; those of the sign y give inner products with retained points, and errors, added up by "
            "Cauchy-Schwarz",
            claim="remark-C.1/proof/forgotten-margin/terms", argued=True,
        ),
        Link("T~", "<=", "2.61", "by a bound of its own, of which the sharper form goes into the next link", claim="remark-C.1/proof/masses"),
        Link("T~ (m - 1) / (4 m)", "<=", "0.66", "phi (m - 1) T~ divided by epsilon_d / n", "cross", (_seen, _number("0.66")), constant="0.66"),
        Link("sqrt(1 + psi)", "<=", "1.05", "the ends of the box", "error", (lambda p: root(1 + p.psi), _number("1.05")), constant="1.05"),
    ),
    "0.66 epsilon_d / n for the inner products, 1.05 epsilon~ for the errors; the constant given is the second.",
    given=lambda p: root(1 + p.psi), printed=_number("1.05"), value="1.05",
)  # fmt: skip
_GAP = _chain(
    "remark-C.1/proof/margin-gap",
    (
        Link("y N(theta / a, x)", ">=", "1 / a", "primal feasibility, a hypothesis; homogeneity"),
        Link(
            "y N(theta~ / b, x)", "<=", "eta / b, eta = 0.66 epsilon_d / n + 1.05 epsilon~", "homogeneity", claim="remark-C.1/proof/forgotten-margin",
        ),
        Link(
            "|N(theta / a, x) - N(theta~ / b, x)|", "<=", "sqrt(q) |theta / a - theta~ / b|",
            "at most sum_j |u_j| |<w_j - w'_j, x>|, for sigma is 1-Lipschitz; then Cauchy-Schwarz with sum_j u_j^2 = 1",
        ),
        Link("|theta / a - theta~ / b|^2", "=", "2 (1 - cos)", "unit vectors"),
        Link("2 (1 + psi)", "<=", "2.2", "q <= 1 + psi", "number", (lambda p: 2 * (1 + p.psi), _number("2.2")), constant="2.2"),
    ),
    "1 / a - eta / b is at most sqrt(2 q (1 - cos)), so at most sqrt(2.2 (1 - cos)).",
)  # fmt: skip
_ABOVE = _chain(
    "remark-C.1/proof/norm-above",
    (
        Link(
            "a^2", "<=", "sum_i lambda_i margin_i + epsilon a",
            "theta is the sum of lambda_i y_i grad N(x_i) plus an error; homogeneity, Cauchy-Schwarz",
            claim="remark-C.1/proof/norm-above/terms", argued=True,
        ),
        Link("lambda_i margin_i", "<=", "lambda_i + delta", "slackness, a hypothesis"),
        Link("lambda_i", "<=", "n T", "a margin of at least 1 needs an active neuron", claim="lemma-C.3/3/proof/one-active", argued=True),
        Link("T", "<=", "2.61", "by a bound of its own, of which the sharper form goes into the next link", claim="theorem-4.1/proof/masses"),
        Link("a", "<=", "(epsilon + sqrt(epsilon^2 + 4 m (n T + delta))) / 2", "the larger root of a quadratic"),
        Link(
            "(epsilon + sqrt(epsilon^2 + 4 m (n T + delta)))^2 / (4 m n)", "<=", "5.3", "m >= 2, the ends of the box", "number",
            (_largest_norm, _number("5.3")), constant="5.3",
        ),
    ),
    "So a^2 <= 5.3 m n.", given=_largest_norm, printed=_number("5.3"), value="5.3",
)  # fmt: skip
_BELOW = _chain(
    "remark-C.1/proof/norm-below",
    (
        Link("m", "<=", "sum of the margins = <theta, G>, G the sum of y_i grad N(x_i)", "primal feasibility, homogeneity"),
        Link(
            "|G|^2", "<=", "m (1 + psi + (m - 1) phi)", "on each neuron a sum of at most m points with signs; for theta~ with m - 1 for m",
            claim="remark-C.1/proof/gradient-sum", argued=True,
        ),
        Link("a^2", ">=", "m / (1 + psi + (m - 1) phi)", "Cauchy-Schwarz: m <= a |G|"),
        Link("1 / (1 + psi + (m - 1) phi)", ">=", "0.9", "the ends of the box", "number", (_least_norm, _number("0.9")), constant="0.9"),
    ),
    "The same for theta~ with m - 1 for m: its denominator is smaller still.", given=_least_norm, printed=_number("0.9"), lower=True, value="0.9",
)  # fmt: skip
_APART = _chain(
    "remark-C.1/corrected",
    (
        Link("sqrt(2.2 (1 - cos))", ">=", "1 / a - eta / b", "a statement of its own", claim="remark-C.1/proof/margin-gap"),
        Link(
            "2.2 (1 - cos)", ">=", "1 / a^2 - 2 eta / (a b)",
            "where 1 / a > eta / b both sides may be squared, and eta^2 / b^2 left out; elsewhere the right side is at most - eta / (a b) <= 0",
        ),
        Link(
            "a^2", "<=", "N m n, N = (epsilon + sqrt(epsilon^2 + 4 m (n T + delta)))^2 / (4 m n)", "a statement of its own, with N for 5.3",
            claim="remark-C.1/proof/norm-above",
        ),
        Link(
            "a b", ">=", "P m, P = sqrt((m - 1) / m) / (1 + psi + (m - 1) phi)", "both norms from below, with what 0.9 stands for",
            claim="remark-C.1/proof/norm-below",
        ),
        Link("2 0.66 / 2.2", "<=", "0.6", "numbers", "products", (lambda p: 2 * p.q("0.66") / p.q("2.2"), _number("0.6"))),
        Link(
            "1 / (2.2 N) - 0.6 epsilon_d / P", ">=", "0.075", "m >= 2, the ends of the box; divided by 1 / (m n)", "number", (_apart, _number(
            "0.075")),
            constant="0.075",
        ),
        Link(
            "2 1.05 / 2.2 / P", "<=", "1.5", "m >= 2; divided by epsilon~ / m", "errors", (lambda p: 2 * p.q("1.05") / p.q("2.2") / _paired(p),
            _number("1.5")),
            constant="1.5",
        ),
    ),
    "1 - cos is at least (1 / (2.2 N) - 0.6 epsilon_d / P) / (m n) - 1.5 epsilon~ / m; the constant given is the first.", given=_apart,
    printed=_number("0.075"), lower=True, value="0.075",
)  # fmt: skip
_ALPHA = (
    _chain(
        "remark-C.1/proof/alpha-range/corrected",
        (
            Link(
                "q y alpha / sqrt(n)", ">=", "1 - phi (m - 1) T - epsilon sqrt(q)",
                "own neurons give at least 1, q O is at most the others' cross terms and errors; each neuron's terms enter once",
                claim="remark-C.1/proof/alpha-range/terms", argued=True,
            ),
            Link("T", "<=", "2.61", "by a bound of its own, of which the sharper form goes into the next link", claim="theorem-4.1/proof/masses"),
            Link(
                "(1 - phi (m - 1) T - epsilon sqrt(q)) / q", ">=", "0.9 - 4.64 epsilon_d / n - 1.92 epsilon", "q in [0.9, 1.1]", "number",
                (_signed, _printed_size), constant="0.9, 4.64, 1.92",
            ),
        ),
        "So y alpha is at least l sqrt(n).", _ANY,
    ),
    _chain(
        "remark-C.1/proof/alpha-above/sharper",
        (
            Link("|alpha| / sqrt(n)", "<=", "T", "the difference of two masses of at least 0 is at most their sum"),
            Link("T", "<=", "2.61", "a statement of its own", claim="theorem-4.1/proof/masses", constant="2.61"),
            Link("2.61", "<=", "20.4", "numbers", "printed-number", (_number("2.61"), _number("20.4")), constant="20.4"),
        ),
        "The first two links give 2.61, the last the printed bound.", _ANY, ("remark-C.1/proof/alpha-above",), given=mass, printed=_number("2.61"),
        value="2.61",
    ),
)  # fmt: skip
_TERMS = _chain(
    "remark-C.1/proof/error-terms/corrected",
    (
        Link(
            "<theta, theta~>", "<=", "<theta_, theta~_> + epsilon |theta~_| + epsilon~ |theta_| + epsilon epsilon~",
            "theta = theta_ + v, theta~ = theta~_ + v~: four products, three by Cauchy-Schwarz", claim="remark-C.1/proof/error-terms/corrected",
            argued=True,
        ),
    ),
    "That is the statement.",
)  # fmt: skip

CHAINS = (_MARGIN, _GAP, _ABOVE, _BELOW, _APART, *_ALPHA, _TERMS)
