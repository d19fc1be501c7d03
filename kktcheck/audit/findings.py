"""The ledger in a few lines: how many claims of each kind got which verdict, and one finding in words."""

import textwrap

from ..claims import all as every_claim
from ..claims import get
from ..errors import InputError
from ..tables import table
from . import ledger as records
from .report import SIGNS
from .verdict import WORDS

_WIDTH = 100
#: Rows of the overview: what is counted, and the kinds of claims that are.
_GROUPS = (
    ("statements of the paper", ("definition", "lemma", "theorem", "remark", "example", "figure")),
    ("steps of its proofs", ("proof step",)),
    ("other readings and versions", ("version",)),
    ("corrected", ("corrected",)),
    ("ours", ("ours",)),
)


def overview(ledger=None):
    """A table of verdicts by kind of claim.

    Parameters
    ----------
    ledger : Ledger, optional
        By default the one that kktcheck comes with.
    """
    entries = (records.committed() if ledger is None else ledger).entries
    counted = {name: dict.fromkeys(WORDS, 0) for name, _ in _GROUPS}
    group = {kind: name for name, kinds in _GROUPS for kind in kinds}
    for claim in every_claim():
        if claim.id in entries:
            counted[group[claim.kind]][entries[claim.id]["verdict"]] += 1
    seen = [word for word in WORDS if any(counts[word] for counts in counted.values())]
    return table(("claims", *seen), [(name, *(counts[word] or None for word in seen)) for name, counts in counted.items()])


def finding(id, ledger=None):
    """What the referee found about one claim, in a few lines: statement, verdict, the witness's two sides, the nearest true claim.

    Parameters
    ----------
    id : str
    ledger : Ledger, optional
        By default the one that kktcheck comes with.

    Raises
    ------
    InputError
        The claim is unknown, or the ledger has no verdict on it.
    """
    claim, ledger = get(id), records.committed() if ledger is None else ledger
    if id not in ledger.entries:
        raise InputError(f"the ledger {ledger.name} has no verdict on {id!r}; kktcheck audit judges it")
    entry = ledger.entries[id]
    lines = [f"{id}: {entry['verdict']}", _paragraph(claim.statement)]
    witness = entry["witness"]
    if witness is not None:
        lines.append(_paragraph(f"Witness: {witness['left']} where {SIGNS[claim.direction]} {witness['right']} is claimed."))
    if claim.corrected_by:
        true = get(claim.corrected_by)
        word = ledger.entries.get(true.id, {}).get("verdict", "not judged")
        lines.append(_paragraph(f"Nearest true claim, {true.id} ({word}): {true.statement}"))
    return "\n".join(lines)


def _paragraph(text):
    return textwrap.fill(" ".join(text.split()), _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
