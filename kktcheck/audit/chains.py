"""Verdicts on chains: a mark per link, and whether the statement at the end is proved.

A chain proves its statement only if every link between constants is proved by interval arithmetic, every link that another claim carries is
proved in turn, and the rest is argued: carried by a reason that can be checked by hand, and not refuted where the referee attacked it.
"""

from dataclasses import dataclass

from .. import claims as library
from . import proofs

#: Of a link: "proved" by intervals or by a chain; "argued" by hand; "sampled": only instances speak for it; "refuted"; "open": undecided, or
#: a broken chain stands behind it.
MARKS = {"proved": "+", "argued": ".", "sampled": "~", "refuted": "x", "open": "?"}

_CARRIED = {"proved": "by intervals or a proved chain", "argued": "by hand", "sampled": "by instances only", "refuted": "refuted", "open": "open"}


@dataclass(frozen=True)
class LinkVerdict:
    """What is known of one link.

    Attributes
    ----------
    mark : str
        One of `MARKS`.
    note : str
        How, in a few words.
    claim : str
        Id of the claim that the link is, or that carries it; may be empty.
    boxes : int
        Boxes looked at.
    """

    mark: str
    note: str
    claim: str = ""
    boxes: int = 0


@dataclass(frozen=True)
class ChainVerdict:
    """What is known of a chain.

    Attributes
    ----------
    chain : Chain
    links : tuple of LinkVerdict
    fits : bool
        Whether its range is that of its statements, and no link leans on a claim of a smaller one: else it proves nothing.
    """

    chain: object
    links: tuple
    fits: bool = True

    @property
    def word(self):
        """"proved"; "broken" with a refuted link; "open"."""
        marks = {link.mark for link in self.links}
        if "refuted" in marks:
            return "broken"
        return "proved" if self.fits and marks <= {"proved", "argued"} else "open"

    @property
    def boxes(self):
        """Boxes looked at, all links together."""
        return sum(link.boxes for link in self.links)

    @property
    def marks(self):
        """A character per link, as in `MARKS`."""
        return "".join(MARKS[link.mark] for link in self.links)

    @property
    def method(self):
        """How many links, and how they are carried."""
        count = {mark: sum(link.mark == mark for link in self.links) for mark in MARKS}
        return f"{len(self.links)} links: " + ", ".join(f"{number} {_CARRIED[mark]}" for mark, number in count.items() if number)

    def to_json(self):
        """A dict of JSON values."""
        links = []
        for link, verdict in zip(self.chain.links, self.links, strict=True):
            links.append({"formula": link.formula, "reason": link.reason, "mark": verdict.mark, "note": verdict.note, "claim": verdict.claim})
        about = {"id": self.chain.id, "author": self.chain.author, "source": self.chain.source, "proves": list(self.chain.proves)}
        return {**about, "verdict": self.word, "links": links, "conclusion": self.chain.conclusion}


class Judge:
    """Verdicts on chains, each claim proved once.

    Parameters
    ----------
    sampled : callable
        Id of a claim -> what instances say of it ("holds", "refuted", ...), or None.
    found : dict, optional
        Proofs already there, by id; those made are added.
    most : int, optional
        Boxes to look at before a proof gives up.
    """

    def __init__(self, sampled, found=None, most=None):
        self._sampled, self.found, self._most = sampled, {} if found is None else found, most
        self._verdicts, self._open = {}, []

    def verdict(self, chain):
        """The `ChainVerdict` of a chain; one that leans on itself in a circle is not proved by that."""
        if chain.id not in self._verdicts:
            self._open.append(chain.id)
            try:
                links = tuple(self._link(chain, link) for link in chain.links)
                self._verdicts[chain.id] = ChainVerdict(chain, links, not chain.out_of_range(library.get))
            finally:
                self._open.pop()
        return self._verdicts[chain.id]

    def proof(self, claim):
        """The `Proof` of a claim about constants."""
        if claim.id not in self.found:
            self.found[claim.id] = proofs.prove(claim, self._most)
        return self.found[claim.id]

    def proof_of(self, id):
        """The first chain that proves a claim, as a `ChainVerdict`; None if none does."""
        verdicts = (self.verdict(chain) for chain in library.chains(id) if chain.id not in self._open)
        return next((verdict for verdict in verdicts if verdict.word == "proved"), None)

    def _link(self, chain, link):
        claim = chain.claim_of(link)
        if claim is not None:
            return self._between_constants(claim)
        if not link.claim:
            return LinkVerdict("argued", "by hand")
        claim = library.get(link.claim)
        if proofs.provable(claim):
            return self._between_constants(claim)
        sampled = self._sampled(claim.id)
        if sampled == "refuted":
            return LinkVerdict("refuted", "a witness, re-checked exactly", claim.id)
        if link.argued:
            return LinkVerdict("argued", f"by hand; attacked: {sampled or 'not judged'}", claim.id)
        proof = self.proof_of(claim.id)
        if proof is not None:
            return LinkVerdict("proved", f"by {proof.chain.id}", claim.id)
        if library.chains(claim.id):
            return LinkVerdict("open", f"no chain proves {claim.id} yet; instances: {sampled or 'not judged'}", claim.id)
        return LinkVerdict("sampled", f"instances: {sampled or 'not judged'}", claim.id)

    def _between_constants(self, claim):
        proof = self.proof(claim)
        mark = {"proved": "proved", "refuted": "refuted"}.get(proof.word, "open")
        return LinkVerdict(mark, f"{proof.word} with {proof.boxes} {'box' if proof.boxes == 1 else 'boxes'}", claim.id, proof.boxes)
