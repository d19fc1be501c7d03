"""The length of the mean, in the three scalings of the paper, and what it is compared with: of settings in float64, or exactly."""

from fractions import Fraction
from typing import NamedTuple

from ...instances.exact import Enclosure
from ...instances.logarithms import exp, log

#: Exponents beyond this are only known to be large: e^-x is below any number that a claim compares it with.
_LONG = 20_000


class Scaling(NamedTuple):
    """How long the mean is.

    Attributes
    ----------
    name : str
    formula, latex : str
    log : callable
        (alpha, x) -> log |mu| at x = log d.
    """

    name: str
    formula: str
    latex: str
    log: object


SECTION = Scaling("section-6", "d^-alpha", r"\|\mu\| = d^{-\alpha}", lambda alpha, x: -(alpha * x))
APPENDIX = Scaling("appendix", "d^(-1/4 + alpha)", r"\|\mu\| = d^{-1/4 + \alpha}", lambda alpha, x: alpha * x - x / 4)
LONGER = Scaling("lemma-D.4", "log(d) / d^alpha", r"\|\mu\| = \log(d) / d^{\alpha}", lambda alpha, x: log(x) - alpha * x)
SCALINGS = (SECTION, APPENDIX, LONGER)


def log_dim(p):
    """x = log d."""
    return log(p.dim)


def mean(p, scaling):
    """|mu|."""
    return decay(-scaling.log(p.alpha, log_dim(p)))


def deviation(p, scaling):
    """w = (2 |mu| + 1.1) log(d) / sqrt(d), the width of Lemmas D.3 to D.6."""
    x = log_dim(p)
    return (2 * mean(p, scaling) + p.q("1.1")) * x * decay(x / 2)


def allowed(p):
    """epsilon_d / (4 m n)."""
    return p.epsilon_d / (4 * p.points * p.neurons)


def decay(x):
    """e^-x; exactly, one that is far below every other number is only enclosed in [0, something tiny]."""
    if isinstance(x, Fraction):
        x = Enclosure(x, x)
    if isinstance(x, Enclosure) and x.low > _LONG:
        return Enclosure(0, exp(Fraction(-_LONG)).high)
    return exp(-x)
