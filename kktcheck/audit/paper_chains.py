"""Chains as the ledger knows them: each link with its mark, what its claim says, and where a refuted one holds after all."""

from dataclasses import dataclass

from .. import claims as library
from ..claims import Claim
from ..errors import FileError
from .chains import MARKS
from .proofs import BUDGET

_WORDS = {character: word for word, character in MARKS.items()}
#: What stands for a verdict that the ledger has not.
UNKNOWN = "not judged"
_RENEW = "kktcheck prove --write-ledger FILE renews them"


@dataclass(frozen=True)
class Judged:
    """What the ledger says of one claim.

    Attributes
    ----------
    claim : Claim
    verdict : str
        One of `kktcheck.audit.verdict.WORDS`, or "not judged".
    instances, boxes : int
        Instances that met the hypotheses, in the largest of the audit's budgets; boxes of interval proofs.
    worst_ratio : float or None
    note : str
        Of the interval proof, else of the last budget.
    witness : dict or None
        With left, right and instance; for refuted claims.
    thresholds : tuple of str
        Where a refuted claim holds after all, if the ledger has it.
    """

    claim: Claim
    verdict: str
    instances: int
    boxes: int
    worst_ratio: float | None
    note: str
    witness: dict | None
    thresholds: tuple = ()

    @property
    def id(self):
        """Id of the claim."""
        return self.claim.id

    @property
    def is_true(self):
        """Whether the ledger says that it holds or is proved."""
        return self.verdict in ("holds", "proved")

    @property
    def corrected_by(self):
        """Id of the nearest true claim, where this one is refuted."""
        return self.claim.corrected_by if self.verdict == "refuted" else ""


@dataclass(frozen=True)
class MarkedLink:
    """A link with what is known of it.

    Attributes
    ----------
    formula, reason : str
    mark : str
        One of `kktcheck.audit.chains.MARKS`, or "not judged".
    judged : Judged or None
        The claim that it is, or that carries it.
    """

    formula: str
    reason: str
    mark: str
    judged: Judged | None

    @property
    def is_refuted(self):
        """By its mark, or by what the ledger says of its claim."""
        return self.mark == "refuted" or (self.judged is not None and self.judged.verdict == "refuted")


@dataclass(frozen=True)
class MarkedChain:
    """A chain with the ledger's verdict.

    Attributes
    ----------
    id, author, source, conclusion : str
        As in `kktcheck.claims.Chain`.
    word : str
        "proved", "broken", "open" or "not judged".
    links : tuple of MarkedLink
    note : str
        Why there are no marks, if there are none.
    """

    id: str
    author: str
    source: str
    conclusion: str
    word: str
    links: tuple
    note: str = ""

    @property
    def refuted(self):
        """The links that are refuted."""
        return tuple(link for link in self.links if link.is_refuted)

    @property
    def whose(self):
        """Whose proof it is, and where it stands."""
        return f"as printed; {self.source}" if self.author == "printed" else self.source if self.source.startswith("ours") else f"ours; {self.source}"

    @property
    def ending(self):
        """The conclusion; of a broken chain what breaks it."""
        return f"{'What breaks it' if self.word == 'broken' else 'So'}: {self.conclusion}"

    @property
    def summary(self):
        """How many links there are of which mark."""
        count = {mark: sum(link.mark == mark for link in self.links) for mark in (*MARKS, UNKNOWN)}
        return f"{len(self.links)} link{'s' if len(self.links) > 1 else ''}: " + ", ".join(
            f"{number} {mark}" for mark, number in count.items() if number
        )


def judged(claim, ledger):
    """What a ledger says of a claim.

    Parameters
    ----------
    claim : Claim
    ledger : Ledger

    Returns
    -------
    Judged

    Raises
    ------
    FileError
        The ledger's witness lacks a side or the instance.
    """
    entry = ledger.entries.get(claim.id)
    if entry is None:
        return Judged(claim, UNKNOWN, 0, 0, None, "the ledger has no verdict on it", None)
    proof = entry["budgets"].get(BUDGET, {})
    sampled = [found for name, found in entry["budgets"].items() if name != BUDGET]
    witness = entry.get("witness")
    if witness is not None and not ({"left", "right"} <= set(witness) and isinstance(witness.get("instance"), dict)):
        raise FileError(f"{ledger.name} is a damaged ledger: the witness of {claim.id!r} lacks left, right or instance; kktcheck audit finds one")
    return Judged(
        claim,
        entry["verdict"],
        max((found.get("instances", 0) for found in sampled), default=0),
        proof.get("instances", 0),
        ledger.worst_ratio(claim.id),
        (proof or (sampled[-1] if sampled else {})).get("note", ""),
        witness,
        tuple(map(str, proof.get("thresholds", ()))),
    )


def marked(chain, ledger):
    """A chain with a ledger's marks; `MarkedChain`."""
    record = ledger.chains.get(chain.id)
    marks, word, note = [UNKNOWN] * len(chain.links), UNKNOWN, ""
    if record is None:
        note = "the ledger has no marks for this chain: kktcheck prove --write-ledger FILE enters them"
    elif len(record["marks"]) != len(chain.links) or not set(record["marks"]) <= set(_WORDS):
        note = f"the ledger's marks belong to another version of this chain: {_RENEW}"
    else:
        marks, word = [_WORDS[character] for character in record["marks"]], record["verdict"]
    links = tuple(_link(chain, link, mark, ledger) for link, mark in zip(chain.links, marks, strict=True))
    return MarkedChain(chain.id, chain.author, chain.source, chain.conclusion, word, links, note)


def marked_chains(id, ledger):
    """All chains that prove the claim of an id, with a ledger's marks; tuple of `MarkedChain`."""
    return tuple(marked(chain, ledger) for chain in library.chains(id))


def _link(chain, link, mark, ledger):
    claim = chain.claim_of(link)
    if claim is None and link.claim:
        claim = library.get(link.claim)
    return MarkedLink(link.formula, link.reason, mark, None if claim is None else judged(claim, ledger))
