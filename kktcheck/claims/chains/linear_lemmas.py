"""Chains of Lemmas B.1 and B.2: multipliers of linear predictors."""

from ...instances import root
from ..chain import Box, Chain, Link

HALF = Box("0.5", "0.5", "0.5")


def linear(p):
    """B = 1 + epsilon sqrt(1 + psi)."""
    return 1 + p.epsilon * root(1 + p.psi)


def cross(p):
    """phi (m - 1) at phi = free epsilon_d / (4 m)."""
    return p.free * p.epsilon_d / (4 * p.points) * (p.points - 1)


def curvature(p):
    """A = 1 - psi - phi (m - 1)."""
    return 1 - p.psi - cross(p)


def _largest_root(p):
    return (linear(p) + root(linear(p) ** 2 + 4 * curvature(p) * p.delta)) / (2 * curvature(p))


def _ends(p):
    """B and the square root at epsilon = delta = 1/2."""
    last = 1 + p.q("0.5") * root(p.q("1.1"))
    return last + root(last**2 + 2)


CHAINS = (
    Chain(
        "lemma-B.1/proof",
        ("lemma-B.1",),
        "Lemma B.1, Appendix B",
        (
            Link(
                "A L^2", "<=", "B L + delta, L = max lambda, A = 1 - psi - phi (m - 1), B = 1 + epsilon sqrt(1 + psi)",
                "at the largest multiplier L > 0 (for L = 0 nothing is to be shown) slackness gives margin <= 1 + delta / L; the margin is L |x|^2 "
                "plus m - 1 inner products, each at most phi L, plus <x, v> with |v| <= epsilon; |x|^2 lies in [1 - psi, 1 + psi]",
                claim="lemma-B.1/proof/quadratic", argued=True,
            ),
            Link(
                "0", "<=", "0.9 - epsilon_d / 4", "A > 0: (m - 1) / m <= 1", "positive",
                (lambda p: p.q("0.775"), lambda p: p.q("0.9") - p.epsilon_d / 4),
            ),
            Link(
                "0.9 - epsilon_d / 4", "<=", "A", "psi <= 0.1, phi <= epsilon_d / (4 m)", "curvature",
                (lambda p: p.q("0.9") - p.epsilon_d / 4, curvature),
            ),
            Link("L", "<=", "(B + sqrt(B^2 + 4 A delta)) / (2 A)", "the larger root of a quadratic with A > 0"),
            Link(
                "(B + sqrt(B^2 + 4 A delta)) / (2 A)", "<=", "(B' + sqrt(B'^2 + 2)) / 1.55, B' = 1 + 0.5 sqrt(1.1)", "the ends of the box", "ends",
                (_largest_root, lambda p: _ends(p) / p.q("1.55")),
            ),
            Link(
                "(B' + sqrt(B'^2 + 2)) / 1.55", "<=", "3.61 / 1.55", "numbers", "numerator",
                (lambda p: _ends(p) / p.q("1.55"), lambda p: p.q("3.61") / p.q("1.55")), constant="3.61",
            ),
            Link("3.61 / 1.55", "<=", "2.4", "numbers", "number", (lambda p: p.q("3.61") / p.q("1.55"), lambda p: p.q("2.4")), constant="2.4"),
        ),
        "Every multiplier is at most L, and L is at most 2.4 by the chain of inequalities.",
        HALF,
        given=_largest_root,
        printed=lambda p: p.q("2.4"),
        value="2.4",
    ),
)  # fmt: skip
