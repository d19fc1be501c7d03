"""The paper as the ledger sees it: every statement with one word, what speaks for it, what breaks in its proof, and what repairs that.

All of it is read from a ledger and the registry; nothing is run.
"""

from dataclasses import dataclass

from .. import claims as library
from ..claims import Claim
from ..errors import FileError
from .ledger import in_paper_order
from .paper_chains import UNKNOWN, Judged, judged, marked
from .paper_constants import constant_of
from .proofs import BUDGET

#: Kinds of claims that are statements of the paper.
STATEMENTS = ("definition", "lemma", "theorem", "remark", "example", "figure")
#: One word for each statement, and what it means.
WORDS = {
    "sound": "proved, or never violated by an instance that meets its hypotheses; and no step of its printed proof is refuted",
    "sound, printed proof broken": "true as far as the referee can tell, but a step that its printed proof leans on is refuted",
    "refuted": "a witness meets every hypothesis and violates it, both checked in rational arithmetic",
    "not judged": "a statement about probabilities, which no instance refutes, or one on which there is no verdict",
}


@dataclass(frozen=True)
class Broken:
    """A refuted step of a printed proof.

    Attributes
    ----------
    formula : str
        The step, in a line.
    judged : Judged
        Its claim.
    corrected : Judged or None
        The nearest true claim.
    """

    formula: str
    judged: Judged
    corrected: Judged | None


@dataclass(frozen=True)
class Sharpened:
    """A version of ours beside a statement.

    Attributes
    ----------
    judged : Judged
    than : Claim
        What it is sharper than: the statement, or what is true instead.
    more, fewer : tuple of str
        Hypotheses that it has and the statement has not; the other way round.
    """

    judged: Judged
    than: Claim
    more: tuple
    fewer: tuple

    @property
    def same_hypotheses(self):
        """Whether it asks for the same as the statement."""
        return not (self.more or self.fewer)


@dataclass(frozen=True)
class Statement:
    """One statement of the paper.

    Attributes
    ----------
    judged : Judged
    broken : tuple of Broken
        Refuted steps of its printed proof.
    steps : int
        Steps of its printed proof on which there is a verdict.
    corrected : Judged or None
        The nearest true claim, where it is refuted.
    chains : tuple of MarkedChain
    sharpened : tuple of Sharpened
    constants : tuple of Constant
    contradictions : tuple of str
        What in the ledger cannot be true together.
    """

    judged: Judged
    broken: tuple
    steps: int
    corrected: Judged | None
    chains: tuple
    sharpened: tuple
    constants: tuple
    contradictions: tuple

    @property
    def id(self):
        """Id of its claim."""
        return self.judged.id

    @property
    def word(self):
        """One of `WORDS`."""
        if self.judged.verdict == "refuted":
            return "refuted"
        if not self.judged.is_true:
            return "not judged"
        return "sound, printed proof broken" if self.broken else "sound"

    @property
    def has_proof(self):
        """Whether there is something to say of its printed proof."""
        return self.word != "not judged" or bool(self.chains) or self.steps > 0

    @property
    def repairs(self):
        """Our chains that prove it; tuple of `MarkedChain`."""
        return tuple(chain for chain in self.chains if chain.author == "ours" and chain.word == "proved")

    @property
    def tags(self):
        """Further words: "proved" or "sampled evidence", "corrected", "sharpened", "contradiction"."""
        tags = {"proved": ("proved",), "holds": ("sampled evidence",)}.get(self.judged.verdict, ())
        tags += ("corrected",) if self.corrected is not None and self.corrected.is_true else ()
        sharper = any(version.judged.is_true and version.same_hypotheses for version in self.sharpened)
        sharper = sharper or any(constant.is_sharper for constant in self.constants)
        return tags + (("sharpened",) if sharper else ()) + (("contradiction",) if self.contradictions else ())


@dataclass(frozen=True)
class Paper:
    """All statements, and all constants.

    Attributes
    ----------
    statements : tuple of Statement
        In the order of the paper.
    constants : tuple of Constant
        Of all chains, statements of ours included, in the order of the paper.
    num_claims, num_chains : int
        Entries of the ledger.
    """

    statements: tuple
    constants: tuple
    num_claims: int
    num_chains: int

    def of(self, word):
        """The statements with one of `WORDS`."""
        return tuple(statement for statement in self.statements if statement.word == word)

    @property
    def contradictions(self):
        """What in the ledger cannot be true together, in sentences."""
        found = [sentence for statement in self.statements for sentence in statement.contradictions]
        return tuple(dict.fromkeys([*found, *(constant.contradiction for constant in self.constants if constant.is_contradicted)]))


def read_paper(ledger):
    """The `Paper` of a ledger.

    Raises
    ------
    FileError
        A witness or a constant in the ledger is damaged.
    """
    claims = in_paper_order(library.all())
    chains = {chain.id: marked(chain, ledger) for chain in library.chains()}
    constants = [constant_of(chain, ledger) for chain in library.chains()]
    place = {claim.id: number for number, claim in enumerate(claims)}
    constants = tuple(sorted((each for each in constants if each is not None), key=lambda each: place.get(each.best.claim, len(place))))
    statements = tuple(_statement(claim, claims, chains, constants, ledger) for claim in claims if claim.kind in STATEMENTS)
    return Paper(statements, constants, len(ledger.entries), len(ledger.chains))


def _statement(claim, claims, chains, constants, ledger):
    own = tuple(chains[chain.id] for chain in library.chains(claim.id))
    steps = [judged(step, ledger) for step in claims if step.kind == "proof step" and _belongs(step.id, claim.id)]
    steps = [step for step in steps if step.verdict not in (UNKNOWN, "not run")]
    found = judged(claim, ledger)
    corrected = _corrected(found, ledger)
    versions = [version for version in claims if version.kind == "ours" and _is_version(version.id, claim.id)]
    best = tuple(constant for constant in constants if constant.best.claim == claim.id)
    return Statement(
        found,
        _broken(own, steps, ledger),
        len(steps),
        corrected,
        own,
        tuple(_sharpened(version, claim if corrected is None else corrected.claim, claim, ledger) for version in versions),
        best,
        tuple(_contradictions(found, corrected, own, best, ledger)),
    )


def _corrected(found, ledger):
    """What is true instead of a refuted claim, judged; None if nothing is named."""
    return judged(library.get(found.corrected_by), ledger) if found.corrected_by else None


def _belongs(step, statement):
    """Whether a step is one of the statement's proof, or of a proof that it shares with others (theorem-4.1/proof/... of theorem-4.1/tau)."""
    parts = statement.split("/")
    return any(step.startswith("/".join(parts[:depth]) + "/proof/") for depth in range(1, len(parts) + 1))


def _is_version(id, statement):
    name = id.removeprefix(statement + "/version/")
    return name != id and "/" not in name


def _broken(chains, steps, ledger):
    found = {}
    for link in (link for chain in chains if chain.author == "printed" for link in chain.refuted):
        if link.judged is None:
            renew = "kktcheck prove --write-ledger FILE renews its marks"
            raise FileError(f"{ledger.name} is a damaged ledger: it refutes the link {link.formula!r}, which no claim carries; {renew}")
        found.setdefault(link.judged.id, Broken(link.formula, link.judged, _corrected(link.judged, ledger)))
    for step in steps:
        if step.verdict == "refuted":
            found.setdefault(step.id, Broken(step.claim.statement, step, _corrected(step, ledger)))
    return tuple(found.values())


def _sharpened(version, than, claim, ledger):
    own, asked = ([hypothesis.name for hypothesis in either.hypotheses] for either in (version, claim))
    more, fewer = (tuple(name for name in these if name not in those) for these, those in ((own, asked), (asked, own)))
    return Sharpened(judged(version, ledger), than, more, fewer)


def _contradictions(found, corrected, chains, constants, ledger):
    if found.verdict == "refuted":
        yield from (f"{found.id} is refuted, and the chain {chain.id} is called proved" for chain in chains if chain.word == "proved")
        proof = ledger.entries[found.id]["budgets"].get(BUDGET, {}).get("verdict")
        if {proof, ledger.sampled(found.id)} == {"proved", "refuted"}:
            yield f"{found.id} is refuted on instances and proved by intervals, or the other way round"
    if corrected is not None and corrected.verdict == "refuted":
        yield f"{found.id} is refuted, and so is {corrected.id}, which is named as what is true instead"
    yield from (constant.contradiction for constant in constants if constant.is_contradicted)
