"""What an audit found: verdicts in order, as a table, JSON, HTML and JUnit XML, and set against the ledger."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import InputError
from .verdict import WORDS


@dataclass(frozen=True, eq=False)
class Audit(Sequence):
    """A sequence of `Verdict`, one per claim.

    Attributes
    ----------
    verdicts : tuple of Verdict
    claims : tuple of Claim
        In the same order.
    budget : str
    seed : int
    seconds : float
        Time taken by the whole run, what was resumed apart.
    """

    verdicts: tuple
    claims: tuple = field(repr=False)
    budget: str
    seed: int
    seconds: float = 0.0

    def __len__(self):
        return len(self.verdicts)

    def __getitem__(self, index):
        return self.verdicts[index]

    def verdict(self, id):
        """The verdict on the claim of an id; raises `InputError` if it was not judged."""
        found = next((verdict for verdict in self.verdicts if verdict.id == id), None)
        if found is None:
            raise InputError(f"the claim {id!r} is not in this audit of {len(self)} claims")
        return found

    @property
    def counts(self):
        """How many claims got each verdict that occurs; dict."""
        counted = Counter(verdict.verdict for verdict in self.verdicts)
        return {word: counted[word] for word in WORDS if counted[word]}

    def against(self, ledger):
        """Each verdict against a `kktcheck.audit.ledger.Ledger`; tuple of `Agreement`."""
        return tuple(ledger.agreement(verdict, self.budget) for verdict in self.verdicts)

    def summary(self, ledger=None):
        """The table of verdicts, against a ledger (by default the one kktcheck comes with), as text."""
        from . import report

        return report.audit_table(self, self._ledger(ledger))

    def to_json(self):
        """A JSON text: a list with an object per claim; numbers that are not finite are strings ("inf")."""
        entries = [verdict.to_json() for verdict in self.verdicts]
        return "[\n" + ",\n".join(json.dumps(entry, allow_nan=False) for entry in entries) + "\n]"

    def to_html(self, ledger=None):
        """A self-contained HTML page with every claim, its evidence and its witness."""
        from . import html

        return html.page(self, self._ledger(ledger))

    def to_junit(self, ledger=None):
        """JUnit XML: a test case per claim, which fails where the verdict contradicts the ledger."""
        from . import junit

        return junit.document(self, self._ledger(ledger))

    @staticmethod
    def _ledger(ledger):
        from .ledger import committed

        return committed() if ledger is None else ledger
