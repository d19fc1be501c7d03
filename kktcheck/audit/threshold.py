"""A threshold: how far a failing inequality between constants holds along one variable, with the point that violates it just beyond."""

import math
from dataclasses import dataclass
from fractions import Fraction

from ..instances import Constants

#: A threshold with a denominator up to this is named as it is.
SIMPLE = 2000
#: Letters of the sizes, by field of `Constants`.
SYMBOLS = {"points": "m", "neurons": "n", "forgotten": "k"}


@dataclass(frozen=True)
class Threshold:
    """How far a claim that fails over its box holds along one variable, over the whole range of all others.

    Attributes
    ----------
    variable : str
        "epsilon", "delta", "epsilon_d", "psi", "free", "m", "n" or "k" (k below m, as `ConstantBoxes` has it).
    end : str
        "at most": it holds for values up to ``proved``; "at least": from ``proved`` on; "every": it fails for every value; "both ends": it fails
        at both ends of the range, between them nothing was found out; "least": it fails for k = 1, more was not looked at.
    proved : Fraction or None
        The proved limit; None if it is not proved for any value.
    refuted : Fraction
        The value of ``point``.
    point : Constants
        Exact: it meets every hypothesis and violates the claim.
    settled : bool
        Whether nothing is left between ``proved`` and ``refuted``: neighbours, for sizes, or nearer to each other than 1e-9 of the range. If not,
        what holds between them is not decided.
    """

    variable: str
    end: str
    proved: Fraction | None
    refuted: Fraction
    point: Constants
    settled: bool = True

    def __str__(self):
        if self.end == "every":
            return f"fails for every {self.variable}"
        if self.end == "both ends":
            return f"fails at both ends of the range of {self.variable}"
        if self.end == "least":
            return f"fails already for {self.variable} = {self.refuted}"
        up = self.end == "at most"
        fails = _decimal(self.refuted, not up)
        if self.proved is None:
            return f"not decided for {self.variable} {'below' if up else 'above'} {fails}, where it fails"
        holds = f"holds for {self.variable} {'<=' if up else '>='} {_decimal(self.proved, up)}"
        if not self.settled:
            return f"{holds}; fails at {self.variable} = {fails}, not decided between them"
        return f"{holds}; fails {f'at {self.variable} =' if self.variable in SYMBOLS.values() else 'above, at' if up else 'below, at'} {fails}"


def _decimal(value, down):
    """A short rational as it is, another one with nine digits, rounded to the side that stays true."""
    if value.denominator <= SIMPLE:
        return str(value)
    scale = Fraction(10) ** (8 - math.floor(math.log10(abs(value))))
    return f"{float((math.floor if down else math.ceil)(value * scale) / scale):.9g}"
