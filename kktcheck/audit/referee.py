"""The referee: all engines on one claim, one verdict; all claims, one after the other or in processes."""

import time

from .engines import BUDGETS, extremes, hypothesis, search
from .tally import Tally
from .verdict import Verdict, word_for
from .witness import Refutation


def judge(claim, budget="default", seed=0):
    """The verdict on one claim.

    Parameters
    ----------
    claim : Claim
    budget : str, optional
        One of "quick", "default", "thorough": numbers of instances, never seconds.
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
    attacks = _attacks(claim, BUDGETS[budget], seed)
    total = Tally()
    for attack in attacks.values():
        total.merge(attack.tally)
    found = [attack.refutation for attack in attacks.values() if attack.refutation is not None]
    refutation = min(found, key=Refutation.length, default=None)
    word, note = word_for(total, refutation, budget)
    return Verdict(
        **about,
        verdict=word,
        worst_ratio=total.worst if total.met else None,
        instances=total.met,
        tried=total.tried,
        hypotheses_margin=float(total.margin) if total.met else None,
        witness=None if refutation is None else refutation.to_json(),
        seconds=time.perf_counter() - started,
        engines={name: _summary(attack) for name, attack in attacks.items()},
        ranges={name: list(ends) for name, ends in total.ranges.items()},
        coverage=total.coverage,
        note=note,
    )


def _attacks(claim, budget, seed):
    if claim.experiment is not None:
        return {"experiment": claim.experiment(budget, seed)}
    attacks = {"extremes": extremes(claim, budget, seed)}
    if claim.family is not None:
        attacks["search"] = search(claim, budget, seed, attacks["extremes"].starts())
        attacks["hypothesis"] = hypothesis(claim, budget, seed)
    return attacks


def _summary(attack):
    tally = attack.tally
    return {"tried": tally.tried, "met": tally.met, "worst": tally.worst if tally.met else None, "refuted": attack.refutation is not None}
