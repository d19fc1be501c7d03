"""The sharper theorems of ours as the ledger judges them, and set beside the paper's."""

from .. import claims as library
from .paper_chains import judged
from .paper_words import Table, evidence_sentence

_BEGINNING = "sharper/"
#: Parts of ids of what belongs to a theorem's proof.
_BELOW = {"proof", "derivation"}


def comparison_tables(ledger):
    """Tables of our theorems: what each says with its verdict; tuple of `Table`, empty without any."""
    own = [claim for claim in library.all() if claim.id.startswith(_BEGINNING) and not _BELOW & set(claim.id.split("/"))]
    rows = []
    for claim in own:
        found = judged(claim, ledger)
        rows.append((claim.id, found.verdict, claim.statement, evidence_sentence(found)))
    return (Table("Theorems of ours", "", ("theorem", "verdict", "statement", "evidence"), tuple(rows)),) if rows else ()
