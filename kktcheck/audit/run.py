"""Many claims judged: all of them, those of a pattern, or a theorist's own; in this process or in several; resumed where a run was cut off."""

import time
from collections.abc import Iterable
from numbers import Integral

from .. import claims as library
from .. import executors
from ..claims import Claim
from ..errors import InputError
from . import workers
from .engines import BUDGETS
from .ledger import in_paper_order
from .prover import with_chains
from .result import Audit
from .resume import Kept


def audit(claims=None, *, budget="default", seed=0, jobs=1, progress=None, resume=None):
    """The verdicts on many claims.

    Parameters
    ----------
    claims : str, Claim or iterable of Claim, optional
        A pattern of ids like ``"lemma-C.*"`` (several joined by commas), or claims of your own; by default every claim of the paper.
    budget : str, optional
        One of "quick", "default", "thorough": numbers of instances, never seconds.
    seed : int, optional
        Of everything that is drawn. Verdicts depend on budget and seed, not on ``jobs``.
    jobs : int or concurrent.futures.Executor, optional
        Number of processes, or what runs them. Claims that kktcheck does not come with hold functions that cannot be sent to another
        process: they run in this one, meanwhile. A script that asks for processes needs ``if __name__ == "__main__":`` around it.
    progress : callable, optional
        Called with (stage, done, total) at the start and after every claim.
    resume : path-like, optional
        Folder that gets one file per finished claim, at once; those found there are not judged again. Files of another version of kktcheck
        or of a claim's functions are refused; changes in what a claim of your own calls are not seen: name another folder then.

    Returns
    -------
    Audit
        In the order of the paper; of an iterable, in its own order.

    Raises
    ------
    InputError
        An id is unknown or given twice, an argument is out of range, or the folder holds verdicts of another budget, seed or version.
    FileError
        The folder cannot be written, or a file in it is damaged or not of this kind.
    """
    chosen = _chosen(claims)
    _check(budget, seed, jobs)
    started = time.perf_counter()
    kept = None if resume is None else Kept(resume, budget, seed, chosen)
    verdicts = {} if kept is None else dict(kept.verdicts)
    report = progress or (lambda stage, done, total: None)
    report("claims", len(verdicts), len(chosen))

    def done(verdict):
        verdicts[verdict.id] = verdict
        if kept is not None:
            kept.add(verdict)
        report("claims", len(verdicts), len(chosen))

    rest = [claim for claim in chosen if claim.id not in verdicts]
    if jobs == 1:
        for claim in workers.by_family(rest):
            done(workers.judged(claim, budget, seed))
    elif rest:
        workers.run(rest, budget, seed, jobs, done)
    found = tuple(verdicts[claim.id] for claim in chosen)
    if budget != "quick":
        found = with_chains(found)
    return Audit(found, tuple(chosen), budget, seed, time.perf_counter() - started)


def _chosen(claims):
    if claims is None:
        return in_paper_order(library.all())
    if isinstance(claims, str):
        return in_paper_order(library.matching(claims))
    chosen = [claims] if isinstance(claims, Claim) else list(claims) if isinstance(claims, Iterable) else [claims]
    seen = set()
    for claim in chosen:
        if not isinstance(claim, Claim):
            raise InputError(f"claims holds a {type(claim).__name__}; give a pattern of ids, or kktcheck.claims.Claim objects")
        if claim.id in seen:
            raise InputError(f"claim {claim.id!r} is given twice: ids tell claims apart")
        seen.add(claim.id)
    return chosen


def _check(budget, seed, jobs):
    if budget not in BUDGETS:
        raise InputError(f"budget is {budget!r}; it is one of {', '.join(BUDGETS)}")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed is {seed!r}; it is a whole number of at least 0")
    executors.check(jobs)
