"""What the chains of Lemmas C.1 to C.6 share: boxes, and the numbers that several of them plug in, as functions of `kktcheck.instances.Constants`.

phi stands for its largest value epsilon_d / (4 m n) unless a name says otherwise, c for epsilon_d / (2 m n).
"""

from ...instances import root
from ..chain import Box
from ..claim import Part

ONE = Box("1", "1", "1")
PAIRS = Box("1", "1", "1", points=2)
NEAR = Box("0.4", "0.4", "0.4", points=2)


#: Hypotheses as parts: the norms and products at their limits.
PSI = Part(lambda p: p.psi, lambda p: p.q("0.1"), "psi at its limit")
PHI = Part(lambda p: p.free, lambda p: 1, "phi at its limit epsilon_d / (4 m n)")


def phi(p):
    """phi = epsilon_d / (4 m n)."""
    return p.epsilon_d / (4 * p.points * p.neurons)


def any_phi(p):
    """Any phi up to epsilon_d / (4 m n)."""
    return p.free * phi(p)


def cross(p):
    """phi (m - 1)."""
    return p.epsilon_d * (p.points - 1) / (4 * p.points * p.neurons)


def factor(p):
    """c = epsilon_d / (2 m n)."""
    return p.epsilon_d / (2 * p.points * p.neurons)


def unit(p):
    """epsilon_d / (m n)."""
    return p.epsilon_d / (p.points * p.neurons)


def error(p):
    """epsilon sqrt(1.1)."""
    return p.epsilon * root(p.q("1.1"))


def curvature(p):
    """D = 0.9 - phi (m - 1)."""
    return p.q("0.9") - cross(p)


def slope(p):
    """B = 1 + epsilon sqrt(0.9)."""
    return 1 + p.epsilon * root(p.q("0.9"))


def total_root(p):
    """(B + sqrt(B^2 + 4 D delta)) / (2 D), the bound of every total mass (lemma-C.3/2/version/root)."""
    return (slope(p) + root(slope(p) ** 2 + 4 * curvature(p) * p.delta)) / (2 * curvature(p))


def reach_share(p):
    """1.1 c + (m - 2) c phi + phi in units of epsilon_d / (m n), Delta + phi of Lemma C.6."""
    return p.q("0.8") + (p.points - 2) * p.epsilon_d / (8 * p.points * p.neurons)
