"""The referee: engines that try to break claims, exact re-checks, verdicts, the ledger."""

from .referee import judge
from .verdict import Verdict
from .witness import Refutation, read_witness

__all__ = ["Refutation", "Verdict", "judge", "read_witness"]
