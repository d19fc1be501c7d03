"""The referee: all engines on one claim, one verdict; all claims, one after the other or in processes."""

import time

from ..claims import chains
from ..tails import has_flint
from .engines import BUDGETS, Attack, extremes, hypothesis, search
from .proofs import BUDGET, WITHOUT_FLINT, provable, prove
from .tally import Tally
from .verdict import Verdict, word_for
from .witness import Refutation


def judge(claim, budget="default", seed=0):
    """The verdict on one claim.

    Parameters
    ----------
    claim : Claim
    budget : str, optional
        One of "quick", "default", "thorough": numbers of instances, never seconds. From "default" on, inequalities between constants are
        proved or refuted by interval arithmetic where python-flint is installed; the note says so where it is not.
    seed : int, optional
        Of everything that is drawn; the same seed gives the same verdict on any machine and with any number of jobs.

    Returns
    -------
    Verdict
    """
    started = time.perf_counter()
    about = {"id": claim.id, "source": claim.source, "kind": claim.kind, "corrected_by": claim.corrected_by}
    if claim.not_run:
        return Verdict(**about, verdict="not run", note=claim.not_run)
    proof, without = (None, "") if budget == "quick" else _proof(claim)
    has_proof = proof is not None and proof.word == "proved"
    # A proof needs no crowd of instances beside it, only an independent look; so do steps that chains carry, unless everything is asked for.
    sizes = BUDGETS["quick" if has_proof or (budget == "default" and _is_carried(claim)) else budget]
    attacks = _attacks(claim, sizes, seed)
    total = Tally()
    for attack in attacks.values():
        total.merge(attack.tally)
    found = [attack.refutation for attack in attacks.values() if attack.refutation is not None]
    refutation = min(found, key=Refutation.length, default=None)
    word, note = word_for(total, refutation, sizes.name)
    engines = {name: _summary(attack) for name, attack in attacks.items()}
    witness = None if refutation is None else refutation.to_json()
    if proof is not None and proof.is_between_constants:
        engines[BUDGET] = proof.to_engine()
        word, note, witness = _together(word, note, witness, proof)
    return Verdict(
        **about,
        verdict=word,
        worst_ratio=total.worst if total.met else None,
        instances=total.met,
        tried=total.tried,
        hypotheses_margin=float(total.margin) if total.met else None,
        witness=witness,
        seconds=time.perf_counter() - started,
        engines=engines,
        ranges={name: list(ends) for name, ends in total.ranges.items()},
        coverage=total.coverage,
        note=note + without,
    )


def _proof(claim):
    """The claim's `Proof`, if intervals can have anything to say of it; and what the note has to say if they could but are not installed."""
    if not provable(claim):
        return None, ""
    return (prove(claim), "") if has_flint() else (None, WITHOUT_FLINT)


def _is_carried(claim):
    """Whether the claim is a step of a proof that a chain of links carries, where chains can be checked."""
    return "/proof/" in claim.id and has_flint() and bool(chains(claim.id))


def _together(word, note, witness, proof):
    """Verdict, note and witness of instances and intervals together."""
    if proof.word == "proved":
        if word == "refuted":
            return "inconclusive", "intervals prove it, yet an instance refutes it: please report this", None
        return "proved", proof.method, None
    if proof.word == "refuted":
        return "refuted", proof.method if word != "refuted" else note, witness or proof.witness
    return word, note, witness


def _attacks(claim, budget, seed):
    if claim.experiment is not None:
        attack = Attack(claim)
        claim.experiment(attack, budget, seed)
        return {"experiment": attack}
    attacks = {"extremes": extremes(claim, budget, seed)}
    if claim.family is not None:
        drawn = hypothesis(claim, budget, seed)
        attacks["search"] = search(claim, budget, seed, [*attacks["extremes"].starts(), *drawn.starts()])
        attacks["hypothesis"] = drawn
    return attacks


def _summary(attack):
    tally = attack.tally
    return {"tried": tally.tried, "met": tally.met, "worst": tally.worst if tally.met else None, "refuted": attack.refutation is not None}
