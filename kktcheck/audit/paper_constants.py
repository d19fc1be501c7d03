"""A constant of the paper as the ledger knows it: printed, proved by a chain, attained by an instance."""

import math
from dataclasses import dataclass, fields

from ..errors import FileError
from .constants import BestConstant


@dataclass(frozen=True)
class Constant:
    """Printed, proved and attained constant of one chain.

    Attributes
    ----------
    best : BestConstant
        Shares of the printed bound.
    word : str
        The ledger's verdict on the chain; only if it is "proved" the constant is.
    """

    best: BestConstant
    word: str

    @property
    def is_proved(self):
        """Whether the chain carries the constant."""
        return self.word == "proved" and math.isfinite(self.best.high)

    @property
    def is_sharper(self):
        """Whether the chain proves more than is printed."""
        return self.is_proved and self.best.high < 1

    @property
    def is_contradicted(self):
        """Whether an instance is worse than a proved chain says any can be."""
        return self.word == "proved" and self.best.is_contradicted

    @property
    def contradiction(self):
        """What an instance and a proved chain say against each other, in a sentence."""
        return self.best.contradiction


def constant_of(chain, ledger):
    """The `Constant` that a ledger has for a chain; None if it has none.

    Raises
    ------
    FileError
        It is damaged.
    """
    found = ledger.chains.get(chain.id, {})
    record = found.get("constant")
    if record is None:
        return None
    names = {field.name for field in fields(BestConstant)}
    if set(record) != names or not all(isinstance(record[name], str) for name in ("chain", "claim", "attained_by")):
        raise _damaged(chain, ledger)
    value, attained = (None if record[name] is None else _number(record[name], chain, ledger) for name in ("value", "attained"))
    numbers = {"value": value, "low": float(record["low"]), "high": float(record["high"]), "attained": attained}
    return Constant(BestConstant(**{**record, **numbers}), found["verdict"])


def _number(value, chain, ledger):
    """A number of the ledger, where infinity is a text."""
    if value == "inf" or (isinstance(value, int | float) and not isinstance(value, bool)):
        return float(value)
    raise _damaged(chain, ledger)


def _damaged(chain, ledger):
    return FileError(f"{ledger.name} is a damaged ledger: the constant of the chain {chain.id!r}; kktcheck prove --write-ledger FILE renews it")
