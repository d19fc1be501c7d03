"""The proof of `identity`, link by link, for networks and for linear predictors."""

from ..chain import Box, Chain, Link
from . import bounds
from .network_chains import OWN, at

_ALL = Box("1", "1", "1", points=2, some_kept=True)


def _chain(name, numbers, multipliers):
    claim = f"sharper/identity-{name}"
    return Chain(
        f"{claim}/derivation", (claim, f"{claim}-sets"), "ours, for Remarks B.1 and C.1",
        (
            Link("sum over F of y_l N(theta, x_l)", ">=", "k", "primal feasibility of theta"),
            Link(
                "0.65", "<=", "mu", "Gershgorin: mu bounds the eigenvalues of the retained points' Gram matrix from below", "floor",
                (lambda p: p.q("0.65"), at(bounds.floor, numbers)),
            ),
            Link(
                "sum over F of y_l N(theta~, x_l)", "<=", "b k phi sqrt(r / mu) + epsilon~ sqrt(k (1.1 + (k - 1) phi)), b = |theta~|",
                "y_l N(theta~, x_l) is at most the mean over the neurons of |<a~_j, x_l>| <= |P a~_j| |P x_l| + |<(1 - P) e~_j, x_l>|, as the terms "
                "of "
                "theta~ lie in the retained span; |P x_l|^2 = b' K^-1 b <= phi^2 r / mu; the sum over F of the last is <(1 - P) e~_j, sum of +-x_l> "
                "<= "
                "|e~_j| sqrt(k (1.1 + (k - 1) phi)); means are at most root mean squares",
                claim=f"{claim}/proof/shadow", argued=True,
            ),
            Link(
                "sum over F of y_l (N(theta, x_l) / |theta| - N(theta~, x_l) / b)", "<=", "|Delta| sqrt(k (1.1 + (k - 1) phi)), Delta = theta / "
                "|theta| - theta~ / b",
                "N is homogeneous, and relu changes by no more than its argument: sum_j |u_j| sum_l |<Delta_j, x_l>| <= sum_j |u_j| |Delta_j| "
                "sqrt(k (1.1 + (k "
                "- 1) phi)), then Cauchy-Schwarz with sum_j u_j^2 = 1",
                claim=f"{claim}/proof/lipschitz", argued=True,
            ),
            Link("lambda_i", "<=", "n zeta", "multipliers", claim=multipliers),
            Link(
                "|theta|", "<=", "a, the larger root of t^2 = epsilon_1 t + m (n zeta + delta_1)",
                "|theta|^2 = sum_i lambda_i margin_i + <theta, v> by homogeneity and stationarity; lambda_i margin_i <= lambda_i + delta_1 by "
                "slackness",
                claim=f"{claim}/proof/norm", argued=True,
            ),
            Link(
                "1 / b^2", "<=", "1.1 / r + phi",
                "retained margins of theta~ are at least 1, so <theta~, G> >= S for G = sum_r y_r grad N(x_r) / q_r, |G|^2 <= S + phi S^2, and S >= "
                "r / 1.1",
                claim=f"{claim}/proof/norm-below", argued=True,
            ),
            Link(
                "|Delta|", ">=", "g",
                "k / |theta| - k phi sqrt(r / mu) - epsilon~ sqrt(k (1.1 + (k - 1) phi)) / b <= |Delta| sqrt(k (1.1 + (k - 1) phi)) by the links "
                "before; divided",
            ),
            Link("1 - cos", "=", "|Delta|^2 / 2", "unit vectors"),
        ),
        "1 - cos = |Delta|^2 / 2 >= g^2 / 2 where g > 0; delta~ does not enter. Sets and single points "
        "alike.", _ALL, author="ours", lower=True, **OWN,
    )  # fmt: skip


CHAINS = (
    _chain("two-layer", bounds.of_constants, "sharper/multipliers-two-layer/upper"),
    _chain("linear", bounds.of_linear_constants, "sharper/multipliers-linear/largest"),
)
