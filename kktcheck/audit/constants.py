"""How small a constant could be: printed, proved (what the corrected argument gives, enclosed) and attained (the worst instance found)."""

import math
from dataclasses import asdict, dataclass

from ..claims import Claim
from .supremum import best_constant

#: Boxes that one enclosure may take, and its width.
_MOST_BOXES, _TOLERANCE = 3000, 1e-6
#: Rounding allowed between a ratio of floats and an enclosure.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class BestConstant:
    """Printed, proved and attained, as shares of the printed bound.

    Attributes
    ----------
    chain : str
        Id of the chain that gives the bound.
    claim : str
        Id of the statement.
    value : float or None
        The printed constant, where the bound is proportional to it.
    low, high : float
        The supremum of (the chain's bound) / (the printed bound) over the box lies in [low, high]; below 1 there is room in the constant.
    attained : float or None
        Largest ratio of the statement's sides over all instances in the ledger.
    attained_by : str
        Id of the claim that measured it.
    lower : bool
        The bound is one from below: shares are those of reciprocals.
    """

    chain: str
    claim: str
    value: float | None
    low: float
    high: float
    attained: float | None
    attained_by: str
    lower: bool = False

    def scaled(self, share):
        """A share of the printed bound as a constant, where there is one; else the share itself (from below: its reciprocal)."""
        unit = 1.0 if self.value is None else self.value
        if not self.lower:
            return unit * share
        return unit / share if share else math.inf

    @property
    def gap(self):
        """Proved over attained: what is open, at least 1; None where nothing was attained."""
        return self.high / self.attained if self.attained and math.isfinite(self.high) else None

    @property
    def is_contradicted(self):
        """Whether an instance is worse than the chain says any can be."""
        return self.attained is not None and self.attained > self.high * (1 + _ROUNDING) + _ROUNDING

    @property
    def contradiction(self):
        """What an instance and the chain say against each other, in a sentence."""
        attained = f"{self.attained_by} attains {self.attained:.6g} of the printed bound"
        return f"{attained}; the chain {self.chain} proves that it is at most {self.high:.6g}"

    def to_json(self):
        """A dict of JSON values; infinity is a string."""
        record = asdict(self)
        return {name: str(value) if isinstance(value, float) and not math.isfinite(value) else value for name, value in record.items()}


def best_of(chain, attained):
    """The `BestConstant` of a chain.

    Parameters
    ----------
    chain : Chain
        With a bound given and a printed one.
    attained : callable
        Id of a claim -> worst ratio seen, or None.
    """
    box = chain.compared or chain.box
    between = Claim(
        id=f"{chain.id}/constant",
        statement="the chain's bound against the printed one",
        left=chain.given,
        right=chain.printed,
        direction="lower" if chain.lower else "upper",
        family=box.family,
        hypotheses=box.hypotheses,
    )
    found = best_constant(between, tolerance=_TOLERANCE, most=_MOST_BOXES)
    measured_by = chain.attained_by or chain.proves[0]
    value = float(chain.value) if chain.value else None
    return BestConstant(chain.id, chain.proves[0], value, found.low, found.high, attained(measured_by), measured_by, chain.lower)
