"""Claims judged in several processes: each goes on with the family whose instances it has built, and stops when this process does."""

import contextlib
import threading
from concurrent.futures import FIRST_COMPLETED, Executor, wait

from .. import claims as library
from .. import executors
from .referee import judge

_ONE_AT_A_TIME = threading.RLock()  # Hypothesis and the filters of warnings are the whole process's


def by_family(claims):
    """Claims of one family one after the other, for they share instances; families with many claims first."""
    return [claim for group in _groups(claims).values() for claim in group]


def judged(claim, budget, seed):
    """The verdict on a claim, one at a time in this process; what its functions raise carries its id as a note."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ONE_AT_A_TIME)
        stack.push(lambda kind, error, traceback: error and error.add_note(f"while judging the claim {claim.id!r}"))
        return judge(claim, budget, seed)


def run(claims, budget, seed, jobs, done):
    """Judge claims in processes; ``done(verdict)`` is called in this one.

    Parameters
    ----------
    claims : sequence of Claim
    budget : str
    seed : int
    jobs : int or Executor
    done : callable

    Raises
    ------
    SolverError
        A process died; the verdicts that had arrived were given to ``done`` before.
    """
    registered = {claim.id: claim for claim in library.all()}
    ours = [claim for claim in claims if registered.get(claim.id) is claim]
    own = by_family(claim for claim in claims if registered.get(claim.id) is not claim)
    with contextlib.ExitStack() as stack:
        if isinstance(jobs, Executor):
            waiting, lanes = _Waiting(ours), [jobs] * len(ours)
        else:
            waiting, lanes = _Waiting(ours), stack.enter_context(executors.lanes(min(jobs, len(ours))))
        _loop(waiting, lanes, own, budget, seed, done)


def _loop(waiting, lanes, own, budget, seed, done):
    running = {}

    def start(lane, family):
        claim = waiting.take(family, lane)
        if claim is not None:
            running[executors.submit(lane, _judge, claim.id, budget, seed)] = lane, claim

    try:
        for lane in lanes:
            start(lane, None)
        while running or own:
            if own:
                done(judged(own.pop(0), budget, seed))
            finished = wait(running, timeout=0 if own else None, return_when=FIRST_COMPLETED).done
            for future in sorted(finished, key=executors.failed):
                verdict = executors.outcome(future)
                lane, claim = running.pop(future)
                if verdict is None:
                    own.append(claim)
                else:
                    done(verdict)
                start(lane, claim.family)
    finally:
        for future in running:
            future.cancel()


class _Waiting:
    """Claims not yet begun, by family."""

    def __init__(self, claims):
        self._groups, self._begun = _groups(claims), {}

    def take(self, family, lane):
        """A claim of this family, else of the fullest family nobody has begun, else of the fullest; None if there is none.

        Who comes to a family that another lane has begun takes its last claim: neighbours often share more than instances.
        """
        left = [key for key, group in self._groups.items() if group]
        if not left:
            return None
        key = family if family in left else min(left, key=lambda key: (key in self._begun, -len(self._groups[key])))
        return self._groups[key].pop(0 if self._begun.setdefault(key, lane) is lane else -1)


def _groups(claims):
    groups = {}
    for claim in claims:
        groups.setdefault(claim.family, []).append(claim)
    return dict(sorted(groups.items(), key=lambda entry: -len(entry[1])))


def _judge(id, budget, seed):
    """The verdict on the claim of an id; None if this process has none, for it was registered in the one that asks."""
    claim = next((claim for claim in library.all() if claim.id == id), None)
    return None if claim is None else judged(claim, budget, seed)
