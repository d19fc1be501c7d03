"""The sharper theorems of ours as the ledger judges them, and set beside the paper's in numbers."""

import math

from .. import claims as library
from ..claims.sharper import comparison
from .paper_chains import UNKNOWN, judged
from .paper_words import Table, evidence_sentence
from .report import short

_BEGINNING = "sharper/"
#: Parts of ids of what belongs to a theorem's proof.
_BELOW = {"proof", "derivation"}
_PARAMETERS = ("epsilon", "delta", "epsilon_d")


def comparison_tables(ledger):
    """Our bounds beside the paper's, and what each theorem says with its verdict; tuple of `Table`, empty ones left out."""
    return tuple(table for table in (_beside(ledger), _theorems(ledger)) if table.rows)


def _beside(ledger):
    """A row per bound and parameters, a column per size."""
    groups = {}
    for row in comparison.rows(ledger.worst_ratio):
        groups.setdefault((row["name"], *(row[name] for name in _PARAMETERS)), []).append(row)
    rows = []
    for (name, *parameters), found in groups.items():
        at = ", ".join(f"{parameter} = {value:g}" for parameter, value in zip(_PARAMETERS, parameters, strict=True))
        claim, attained = found[0]["claim"], found[0]["attained"]
        measured = f"{claim} ({ledger.entries.get(claim, {}).get('verdict', UNKNOWN)}{'' if attained is None else f', {short(attained)} attained'})"
        rows.append((name, found[0]["source"] or "-", at, *map(_numbers, found), measured))
    note = (
        "Ours, the paper's, and how many times as sharp ours is; one point forgotten, n = m where there are neurons. attained: share of our bound "
        "that the worst instance in the ledger reaches. 1 - cos is at most 2, and a bound from below that is not positive says nothing."
    )
    header = ("bound", "paper's", "at", *(f"m = {size}" for size in comparison.SIZES), "measured by")
    return Table("Theorems of ours beside the paper's", note, header, tuple(rows))


def _numbers(row):
    if row["paper"] is None:
        return f"ours {row['ours']:.3g}"
    return f"ours {row['ours']:.3g}", f"paper's {row['paper']:.3g}", _times(row["factor"], row["paper"])


def _times(factor, paper):
    """How much sharper ours is: an infinite factor is an upper bound of 0, or a lower bound where the paper's says nothing."""
    if factor is None:
        return "neither says anything"
    if math.isinf(factor):
        return "ours is 0" if paper > 0 else "only ours says something"
    return f"{factor:.3g} times"


def _theorems(ledger):
    own = [claim for claim in library.all() if claim.id.startswith(_BEGINNING) and not _BELOW & set(claim.id.split("/"))]
    found = [judged(claim, ledger) for claim in own]
    rows = tuple((each.id, each.verdict, each.claim.statement, evidence_sentence(each)) for each in found)
    return Table("Theorems of ours", "", ("theorem", "verdict", "statement", "evidence"), rows)
