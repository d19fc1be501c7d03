"""All that interval arithmetic has to say of many claims: proofs of inequalities between constants, chains, best constants, thresholds."""

from dataclasses import dataclass, replace

from .. import claims as library
from ..tails import has_flint
from . import constants, proofs
from .chains import Judge
from .ledger import committed
from .proofs import BUDGET, WITHOUT_FLINT, Proof
from .thresholds import thresholds


@dataclass(frozen=True)
class Proved:
    """What was found.

    Attributes
    ----------
    proofs : tuple of Proof
        One per claim, in the order asked for.
    chains : tuple of ChainVerdict
        Those that prove one of the claims, or have one of them as a link.
    constants : tuple of BestConstant
        Of those chains, where they give a bound to compare.
    """

    proofs: tuple
    chains: tuple
    constants: tuple

    @property
    def proved(self):
        """Ids of the chains that are proved."""
        return {verdict.chain.id for verdict in self.chains if verdict.word == "proved"}

    @property
    def contradictions(self):
        """What instances and proved chains say against each other, a sentence each."""
        return [best.contradiction for best in self.constants if best.is_contradicted and best.chain in self.proved]

    def to_json(self):
        """A list with an object per claim: its proof, the chains that end in it, and what they say of its constant."""
        entries = []
        for proof in self.proofs:
            chains = [verdict.to_json() for verdict in self.chains if verdict.chain.proves[0] == proof.id]
            constants = [best.to_json() for best in self.constants if best.claim == proof.id]
            entries.append({**proof.to_json(), "chains": chains, "constants": constants})
        return entries


def prove_all(claims, ledger, progress=None, most=None, finished=None):
    """Proofs or refutations of claims, as far as interval arithmetic and chains go.

    Parameters
    ----------
    claims : iterable of Claim
    ledger : Ledger
        What instances say: links that they refute break a chain; and the worst ratios attained.
    progress : callable, optional
        Called with (stage, done, total) at the start and after every claim, chain and constant.
    most : int, optional
        Boxes to look at before a proof gives up.
    finished : list, optional
        Gets each proof at once, so that an interruption loses none.

    Returns
    -------
    Proved
        The word of a proof is "not run" for claims that are no inequality between constants and that no chain proves: their evidence is sampled.

    Raises
    ------
    MissingDependencyError
        python-flint is not installed.
    """
    claims, found = list(claims), [] if finished is None else finished
    chains = related(claims)
    bounded = [chain for chain in chains if chain.given is not None]
    judge, report = Judge(ledger.sampled, most=most), progress or (lambda stage, done, total: None)
    steps = _Steps(report, len(claims) + len(bounded))
    for claim in claims:
        found.append(_proof(claim, judge))
        steps.done("proofs")
    best = []
    for chain in bounded:
        best.append(constants.best_of(chain, ledger.worst_ratio))
        steps.done("constants")
    return Proved(tuple(found), tuple(judge.verdict(chain) for chain in chains), tuple(best))


def related(claims):
    """Chains that prove one of the claims, or have one of them as a link."""
    ids = {claim.id for claim in claims}
    return [chain for chain in library.chains() if ids & {*chain.proves, *(claim.id for claim in chain.claims())}]


class _Steps:
    """Progress over steps of several kinds."""

    def __init__(self, report, total):
        self._report, self._total, self._done = report, total, 0
        report("proofs", 0, total)

    def done(self, stage):
        self._done += 1
        self._report(stage, self._done, self._total)


def _proof(claim, judge):
    if proofs.provable(claim):
        proof = judge.proof(claim)
        return replace(proof, thresholds=thresholds(claim)) if proof.word == "refuted" else proof
    verdict = judge.proof_of(claim.id)
    if verdict is not None:
        return Proof(claim.id, "proved", f"by the chain {verdict.chain.id}: {verdict.method}", boxes=verdict.boxes, is_between_constants=False)
    tried = library.chains(claim.id)
    why = f"no chain proves it ({', '.join(f'{chain.id}: {judge.verdict(chain).word}' for chain in tried)})" if tried else proofs.reason(claim)
    return Proof(claim.id, "not run", f"{why}; evidence: sampled", is_between_constants=False)


def with_chains(verdicts):
    """Verdicts of an audit, those that hold on instances and that a chain proves as proved.

    Parameters
    ----------
    verdicts : sequence of Verdict

    Returns
    -------
    tuple of Verdict
        Of claims that are not judged here the committed ledger tells what instances say. Without python-flint the notes say that chains were
        not looked at.
    """
    if not has_flint():
        return tuple(replace(v, note=v.note + WITHOUT_FLINT) if v.verdict == "holds" and library.chains(v.id) else v for v in verdicts)
    judged, ledger = {verdict.id: verdict for verdict in verdicts}, committed()
    found = {id: _from(verdict) for id, verdict in judged.items() if BUDGET in verdict.engines}
    judge = Judge(lambda id: judged[id].verdict if id in judged else ledger.sampled(id), found)
    return tuple(_proved(verdict, judge) if verdict.verdict == "holds" else verdict for verdict in verdicts)


def _from(verdict):
    """The `Proof` that an audit's verdict on an inequality between constants holds."""
    word = verdict.verdict if verdict.verdict in ("proved", "refuted") else "undecided"
    return Proof(verdict.id, word, verdict.note, boxes=verdict.engines[BUDGET]["tried"])


def _proved(verdict, judge):
    proof = judge.proof_of(verdict.id)
    if proof is None:
        return verdict
    return replace(verdict, verdict="proved", note=f"by the chain {proof.chain.id}: {proof.method}; {verdict.note}")
