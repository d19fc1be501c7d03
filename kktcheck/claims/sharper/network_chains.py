"""The proofs of `two_layer` and of the networks' part of `multipliers`, link by link; and that the paper's bounds follow with room."""

from ...instances import root
from ..chain import Box, Chain, Link
from ..claim import Part
from . import bounds

_ALL, _PAPER = Box("1", "1", "1", points=2, some_kept=True), Box("1", "1", "0.01", points=2, some_kept=True)
_M, _T, _S = "sharper/multipliers-two-layer", "sharper/two-layer", "sharper/two-layer-sets"
_OURS = {"source": "ours, for Theorems 4.1 and C.1", "author": "ours"}


def _one(p):
    return p.q("1")


#: The statement's bound is the chain's own: what is attained of it is all that there is to ask.
OWN = {"given": _one, "printed": _one}


def at(function, numbers=bounds.of_constants):
    """A bound as a side of a link."""
    return lambda p: function(numbers(p))


def _diagonal(p):
    """0.9 - kappa."""
    return p.q("0.9") - bounds.of_constants(p).crossing


def _grown(function):
    """2 sqrt(0.9) times a bound."""
    return lambda p: 2 * root(p.q("0.9")) * function(bounds.of_constants(p))


POSITIVE = Link("0.65", "<=", "0.9 - kappa", "kappa <= epsilon_d / 4", "positive", (lambda p: p.q("0.65"), _diagonal))
FLOOR = Link(
    "0.65", "<=", "mu", "mu = 0.9 - (r - 1) phi, a lower bound of all eigenvalues by Gershgorin", "floor",
    (lambda p: p.q("0.65"), at(bounds.floor)),
)  # fmt: skip
STEP = Link(
    "|s|^2", "<=", "(k phi Z)^2 S / (1 - (r - 1) phi / 0.9), S = sum of 1 / |x_r|^2",
    "s_j is the projection of sum_l z_jl y_l x_l, so |s_j|^2 = b_j' K^-1 b_j with |b_jr| <= phi sum_l z_jl; scaled by its diagonal K has eigenvalues "
    "of at least 1 - (r - 1) phi / 0.9, so |s_j|^2 <= (phi sum_l z_jl)^2 S / (that), and the root mean square of sum_l z_jl is at most k Z",
    claim=f"{_S}/proof/step-by-norms", argued=True,
)  # fmt: skip
SIZE = Link("Z", "<=", "sqrt(n) zeta", "sizes of Clarke points", claim=f"{_M}/size")
KEPT = Link("<w'_j, x_r>", "=", "<w_j, x_r>, r retained", "x_l - P x_l is orthogonal to every retained point", claim=f"{_S}/proof/kept", argued=True)

CHAINS = (
    Chain(
        f"{_M}/size/derivation", (f"{_M}/size", f"{_M}/upper"), "ours, for Lemma C.3",
        (
            Link(
                "q_i Z_i^2", "<=", "lambda_i + delta + kappa Z Z_i + sqrt(q_i) epsilon Z_i",
                "the mean over the neurons of z_ji y_i <a_j, x_i> is lambda_i margin_i <= lambda_i + delta, as z_ji is lambda_i on active neurons "
                "and "
                "kinks have <a_j, x_i> = 0; by stationarity it is q_i Z_i^2, plus means of z_ji z_jk times inner products, each at most phi Z_i Z, "
                "m - 1 of them, plus the mean of z_ji y_i <e_j, x_i>, at most Z_i epsilon sqrt(q_i)",
                claim=f"{_M}/proof/quadratic", argued=True,
            ),
            Link(
                "lambda_i", "<=", "sqrt(n) Z_i", "a margin of 1 needs an active neuron, whose gate is 1: n Z_i^2 >= lambda_i^2",
                claim=f"{_M}/proof/one-active", argued=True,
            ),
            Link(
                "(q - kappa) Z^2", "<=", "(sqrt(n) + sqrt(q) epsilon) Z + delta, q = q_i",
                "the two links before, at a point with Z_i = Z",
            ),
            POSITIVE,
            Link(
                "epsilon", "<=", "2 sqrt(0.9) zeta", "zeta >= 1 / 0.9", "grows",
                (lambda p: p.epsilon, _grown(bounds.size)), parts=(
                    Part(lambda p: p.epsilon, lambda p: 2 / root(p.q("0.9")), "zeta >= B / D >= 1 / 0.9, and 2 sqrt(0.9) / 0.9 = 2 / sqrt(0.9)"),
                ),
            ),
            Link(
                "Z", "<=", "sqrt(n) zeta",
                "f(q) = (q - kappa) Z^2 - (sqrt(n) + sqrt(q) epsilon) Z - delta is at most 0, and f(q) - f(0.9) = (sqrt(q) - sqrt(0.9)) Z ((sqrt(q) "
                "+ "
                "sqrt(0.9)) Z - epsilon) is at least 0 where 2 sqrt(0.9) Z >= epsilon; were Z above sqrt(n) zeta, the larger root of f(0.9) = 0, "
                "then "
                "f(0.9) > 0 and f(q) >= f(0.9)",
            ),
        ),
        "Z_i <= Z <= sqrt(n) zeta, and lambda_i <= sqrt(n) Z_i <= n zeta.", _ALL, author="ours", **OWN,
    ),
    Chain(
        f"{_M}/mass/derivation", (f"{_M}/mass",), "ours, for Lemma C.3",
        (
            Link(
                "q_i T_i^2", "<=", "T_i (1 + kappa T + sqrt(q_i) epsilon) + delta",
                "the mean of y_i <a_j, x_i> over the neurons with z_ji > 0 is margin_i, kinks adding 0; by stationarity it is at least q_i T_i - "
                "kappa T - "
                "sqrt(q_i) epsilon; T_i <= lambda_i and margin_i >= 1 give T_i (margin_i - 1) <= delta",
                claim=f"{_M}/proof/mass-quadratic", argued=True,
            ),
            POSITIVE,
            Link(
                "epsilon", "<=", "2 sqrt(0.9) T*", "T* >= B / D >= 1 / 0.9 for the larger root "
                "T*", "grows", (lambda p: p.epsilon, _grown(bounds.mass)),
                parts=(Part(lambda p: p.epsilon, lambda p: 2 / root(p.q("0.9")), "2 sqrt(0.9) T* >= 2 sqrt(0.9) / 0.9"),),
            ),
            Link(
                "T", "<=", "T*, the larger root at q = 0.9",
                "at a point with T_i = T: f(q) = (q - kappa) T^2 - (1 + sqrt(q) epsilon) T - delta <= 0, which grows with q where 2 sqrt(0.9) T >= "
                "epsilon; "
                "so T > T* is impossible, as for the sizes",
            ),
        ),
        "T_i <= T <= T*.", _ALL, author="ours", **OWN,
    ),
    Chain(
        f"{_M}/least/derivation", (f"{_M}/least", f"{_M}/lower"), "ours, for Lemma C.4",
        (
            Link(
                "1", "<=", "margin_i <= q_i A_i + kappa T + sqrt(q_i) epsilon",
                "neurons of the other sign lower the margin and kinks do not count; on active neurons of the label's sign stationarity, inner "
                "products "
                "of at most phi, Cauchy-Schwarz",
                claim=f"{_M}/proof/margin-above", argued=True,
            ),
            Link("T", "<=", "T*", "masses of Clarke points", claim=f"{_M}/mass"),
            Link(
                "A_i", ">=", "(1 - kappa T* - sqrt(1.1) epsilon) / 1.1",
                "with c = 1 - kappa T*: A_i >= (c - sqrt(q) epsilon) / q. Where the right side is positive, c > sqrt(1.1) epsilon, and the "
                "derivative in q, "
                "(epsilon sqrt(q) / 2 - c) / q^2, is negative on [0.9, 1.1]: q = 1.1 is worst. Where it is not, A_i >= 0 says more",
            ),
            Link("lambda_i", ">=", "A_i", "A_i is lambda_i times a share of the neurons"),
        ),
        "A_i is at least the bound, and lambda_i at least A_i.", _ALL, author="ours", lower=True, **OWN,
    ),
    Chain(
        f"{_T}/epsilon/derivation", (f"{_T}/epsilon", f"{_S}/epsilon", f"{_T}/proof/step", f"{_S}/proof/step"),
        links=(
            KEPT, STEP, SIZE, FLOOR,
            Link("S", "<=", "r / 0.9", "squared norms are at least 0.9"),
            Link("|s|", "<=", "k phi sqrt(n) zeta sqrt(r / mu) = rho", "the links before: S / (1 - (r - 1) phi / 0.9) <= r / mu"),
            Link("|v + s|", "<=", "epsilon_1 + rho", "retained gates are the same, so the error on the retained points is v + s; triangle "
            "inequality"),
        ),
        conclusion="The projected network with the original's multipliers and gates has the error v + s on the retained points. A single point is a "
        "set.",
        box=_ALL, attained_by=f"{_S}/proof/step", **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/delta/derivation", (f"{_T}/delta", f"{_S}/delta"),
        links=(
            KEPT,
            Link("lambda_r (margin'_r - 1)", "=", "lambda_r (margin_r - 1) <= delta_1", "margins are sums of retained pre-activations, which stay"),
        ),
        conclusion="Slackness, and likewise both kinds of feasibility and the states of all neurons, are the original's. A single point is a set.",
        box=_ALL, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/tau/derivation", (f"{_T}/tau", f"{_S}/tau"),
        links=(
            KEPT, STEP, SIZE,
            Link(
                "|theta'|^2", ">=", "S / (1 + phi S)",
                "retained margins are at least 1, so <theta', G> >= S for G = sum_r y_r grad N(x_r) / q_r by homogeneity, kinks having products of "
                "0; "
                "|G|^2 <= S + phi S^2, as gates are at most 1 and |x_r|^2 = q_r",
                claim=f"{_S}/proof/norm", argued=True,
            ),
            FLOOR,
            Link(
                "sin^2", "<=", "|s|^2 / |theta'|^2", "|theta'| sin is the distance of theta' from the line of the unlearned network, at most their "
                "distance",
                claim=f"{_S}/proof/sine", argued=True,
            ),
            Link(
                "|s|^2 / |theta'|^2", "<=", "s^2 = (k phi zeta)^2 n (0.9 + r phi) / (0.9 - (r - 1) phi)",
                "S cancels but for 1 + phi S <= 1 + phi r / 0.9",
            ),
            Link("s^2", "<=", "0.8", "zeta at the ends of the box", "below-one", (at(bounds.angle), lambda p: p.q("0.8"))),
            Link(
                "1 - cos", "<=", "s^2 / (1 + sqrt(1 - s^2))",
                "|s| < |theta'| makes their inner product |theta'|^2 - <s, theta'> positive, so cos = sqrt(1 - sin^2) >= sqrt(1 - s^2), and "
                "1 - cos = sin^2 / (1 + cos)",
            ),
        ),
        conclusion="1 - cos is at most tau. A single point is a set.", box=_ALL, **_OURS, **OWN,
    ),
    Chain(
        f"{_T}/paper/derivation",
        tuple(f"{theorem}/{name}" for theorem in ("theorem-4.1", "theorem-C.1") for name in ("epsilon", "delta", "tau")),
        links=(
            Link("epsilon'", "<=", "epsilon_1 + rho", "the theorem for Clarke points, of which indicator points are some", claim=f"{_S}/epsilon"),
            Link(
                "33 rho", "<=", "23 k epsilon_d / sqrt(m)", "zeta <= 2.6 where epsilon_d <= 0.01", "epsilon",
                (lambda p: 33 * bounds.reach(bounds.of_constants(p)), lambda p: 23 * p.forgotten * p.epsilon_d / root(p.q("1") * p.points)),
                parts=(Part(
                    lambda p: 33 * bounds.size(bounds.of_constants(p)) / (4 * root(bounds.floor(bounds.of_constants(p)) * p.neurons)),
                    lambda p: p.q("23"), "both sides divided by k epsilon_d / sqrt(m), and sqrt(r / m) <= 1",
                ),),
                constant="23",
            ),
            Link("delta'", "<=", "delta_1", "the theorem for Clarke points", claim=f"{_S}/delta"),
            Link("1 - cos", "<=", "tau", "the theorem for Clarke points", claim=f"{_S}/tau"),
            Link(
                "30000 tau", "<=", "82 k epsilon_d / m", "tau is quadratic in epsilon_d / m", "tau",
                (lambda p: 30000 * bounds.tau(bounds.of_constants(p)), lambda p: 82 * p.forgotten * p.epsilon_d / p.points),
                parts=(Part(
                    lambda p: 30000 * _tau_over(p), lambda p: p.q("82"), "both sides divided by k epsilon_d / m",
                ),),
                constant="82",
            ),
            Link("82 k epsilon_d / m", "<=", "82 k epsilon_d / (m - k)", "m - k <= m; for one point the paper has m"),
        ),
        conclusion="epsilon' <= epsilon_1 + rho, delta' <= delta_1 and 1 - cos <= tau are within the printed bounds, whose other terms are positive.",
        box=_PAPER, **_OURS,
    ),
)  # fmt: skip


def _tau_over(p):
    """tau over k epsilon_d / m."""
    s = bounds.of_constants(p)
    share = s.k * s.epsilon_d / s.m * bounds.size(s) ** 2 / (16 * s.n) * bounds.evenness(s)
    return share / (1 + root(1 - bounds.angle(s)))
