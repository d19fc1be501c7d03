"""Chains of Lemma B.1: how large a multiplier of a linear predictor can be."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from .linear_numbers import HALF, SETTINGS, cross, largest, largest_at, norm, number


def linear(p):
    """B = 1 + epsilon sqrt(1 + psi)."""
    return 1 + p.epsilon * root(1 + p.psi)


def curvature(p):
    """A = 1 - psi - phi (m - 1) at phi = free epsilon_d / (4 m)."""
    return 1 - p.psi - p.free * cross(p)


def _largest_root(p):
    return (linear(p) + root(linear(p) ** 2 + 4 * curvature(p) * p.delta)) / (2 * curvature(p))


def _ends(p):
    """B and the square root at epsilon = delta = 1/2."""
    last = 1 + p.q("0.5") * root(p.q("1.1"))
    return last + root(last**2 + 2)


def _own(p):
    """The root at a norm anywhere in its range."""
    return largest_at(p, norm(p))


def _ours(id, proves, box, constant, own, why):
    """A chain with the largest multiplier's own norm, and the least curvature that its box allows."""
    return Chain(
        id,
        proves,
        "ours, for Lemma B.1",
        (
            Link(
                "L^2 (N - phi (m - 1))", "<=", "(1 + epsilon sqrt(N)) L + delta, L = max lambda = lambda_r, N = |x_r|^2",
                "for L = 0 nothing is to be shown; else L (margin_r - 1) <= delta, and margin_r = L N + sum over i != r of lambda_i y_i y_r <x_i, "
                "x_r> + y_r <x_r, v> >= L N - (m - 1) phi L - epsilon sqrt(N) by the triangle inequality and Cauchy and Schwarz; times L",
                claim="lemma-B.1/proof/own-norm", argued=True,
            ),
            Link("c", "<=", "1/8 < N", "c = epsilon_d (m - 1) / (4 m) bounds phi (m - 1), and N >= 0.9: the quadratic opens upwards", "positive",
                 (cross, number("1/8"))),
            Link("L", "<=", "R(N), the larger root of R^2 (N - c) = (1 + epsilon sqrt(N)) R + delta", "a quadratic at most 0 that opens upwards"),
            Link("epsilon", "<=", "(sqrt(N) + sqrt(N_0)) R(N_0), N_0 = 1 - psi <= N", "N_0 + N >= 1.8, and R(N_0) >= 1 / N_0", "slope",
                 (lambda p: p.epsilon, lambda p: (root(norm(p)) + root(1 - p.psi)) * largest(p))),
            Link(
                "R(N)", "<=", "R(N_0)",
                "the quadratic of N at R_0 = R(N_0) is R_0 (sqrt(N) - sqrt(N_0)) ((sqrt(N) + sqrt(N_0)) R_0 - epsilon) >= 0 by the link before, and "
                "R_0 > 0, so R_0 is not below the larger root",
            ),
            Link("R(N)", "<=", own, why, "root", (_own, number(own)), constant=own),
            Link(own, "<=", constant, "numbers", "number", (number(own), number(constant)), constant=constant),
        ),
        "Every multiplier is at most L.",
        box,
        author="ours",
        given=largest,
        printed=number(constant),
        value=constant,
    )  # fmt: skip


CHAINS = (
    Chain(
        "lemma-B.1/proof",
        ("lemma-B.1", "lemma-B.1/proof/quadratic"),
        "Lemma B.1, Appendix B",
        (
            Link(
                "A L^2", "<=", "B L + delta, L = max lambda, A = 1 - psi - phi (m - 1), B = 1 + epsilon sqrt(1 + psi)",
                "at the largest multiplier L > 0 (for L = 0 nothing is to be shown) slackness gives margin <= 1 + delta / L; the margin is L |x|^2 "
                "plus m - 1 inner products, each at least -phi L, plus <x, v> with |v| <= epsilon; |x|^2 lies in [1 - psi, 1 + psi]",
                claim="lemma-B.1/proof/quadratic", argued=True,
            ),
            Link("A", ">=", "0.9 - (m - 1) epsilon_d / (4 m)", "psi <= 0.1, phi <= epsilon_d / (4 m)", "curvature",
                 (curvature, lambda p: p.q("0.9") - cross(p)),
                 parts=(Part(lambda p: p.free, number("1"), "phi = free epsilon_d / (4 m)"), Part(lambda p: p.psi, number("0.1"), "psi <= 0.1"))),
            Link("0.9 - (m - 1) epsilon_d / (4 m)", ">=", "0.9 - epsilon_d / 4", "(m - 1) / m <= 1", "curvature-all-sizes",
                 (lambda p: p.q("0.9") - cross(p), lambda p: p.q("0.9") - p.epsilon_d / 4)),
            Link("0.9 - epsilon_d / 4", ">=", "0.775 > 0", "epsilon_d <= 0.5", "positive", (lambda p: p.q("0.9") - p.epsilon_d / 4, number("0.775"))),
            Link("L", "<=", "(B + sqrt(B^2 + 4 A delta)) / (2 A)", "(4): the larger root of a quadratic with A > 0"),
            Link(
                "(B + sqrt(B^2 + 4 A delta)) / (2 A)", "<=", "(B' + sqrt(B'^2 + 2)) / (2 (0.9 - (m - 1) epsilon_d / (4 m))), B' = 1 + 0.5 sqrt(1.1)",
                "B <= B', 4 A delta <= 2, and A as above", "plugged-in",
                (_largest_root, lambda p: _ends(p) / (2 * (p.q("0.9") - cross(p)))),
            ),
            Link(
                "(B' + sqrt(B'^2 + 2)) / (2 (0.9 - (m - 1) epsilon_d / (4 m)))", "<=", "(B' + sqrt(B'^2 + 2)) / (2 (0.9 - 1/8))",
                "epsilon_d <= 0.5", "ends", (lambda p: _ends(p) / (2 * (p.q("0.9") - cross(p))), lambda p: _ends(p) / p.q("1.55")),
                parts=(Part(number("1.55"), lambda p: 2 * (p.q("0.9") - cross(p)), "the numerators are equal; the denominators"),),
            ),
            Link("(B' + sqrt(B'^2 + 2)) / 1.55", "<=", "3.61 / 1.55", "numbers", "numerator",
                 (lambda p: _ends(p) / p.q("1.55"), lambda p: p.q("3.61") / p.q("1.55")), constant="3.61"),
            Link("3.61 / 1.55", "<=", "2.4", "numbers", "number", (lambda p: p.q("3.61") / p.q("1.55"), number("2.4")), constant="2.4"),
        ),
        "Every multiplier is at most L, and L is at most 2.4 by the chain of inequalities.",
        HALF,
    ),
    _ours("lemma-B.1/derivation", ("lemma-B.1", "lemma-B.1/proof/own-norm"), HALF, "2.4", "2.2", "N in [1 - psi, 1 + psi], epsilon_d <= 0.5"),
    _ours(
        "lemma-B.1/version/settings-of-3.1/derivation", ("lemma-B.1/version/settings-of-3.1",), SETTINGS, "2.03", "1.98",
        "N in [1 - psi, 1 + psi], epsilon_d <= 0.1",
    ),
)  # fmt: skip
