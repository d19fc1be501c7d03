"""The three engines that try to break a claim: structured extremes, directed search, and Hypothesis, which shrinks what it finds."""

import functools
import itertools
import warnings
import zlib
from typing import NamedTuple

import numpy as np

from ..instances.choices import RandomChoices
from .tally import Tally
from .witness import simplest


class Budget(NamedTuple):
    """How many instances each engine may build; never seconds."""

    name: str
    extremes: int
    search: int
    hypothesis: int


BUDGETS = {
    "quick": Budget("quick", 120, 60, 40),
    "default": Budget("default", 1500, 400, 250),
    "thorough": Budget("thorough", 12_000, 6_000, 4_000),
}
#: Exact re-checks that one engine may spend on violations that turn out uncertain.
_RECHECKS = 5
_STARTS = 4


def seed_for(seed, *names):
    """A seed that depends on the run's seed and on names, and on nothing else."""
    return zlib.crc32("|".join(map(str, (seed, *names))).encode())


@functools.lru_cache(maxsize=6)
def pool(family, count, seed):
    """Instances that all claims of a family share: every k-th corner, and as many random draws; tuple of (shape, cube, instance)."""
    corners = list(family.corners())
    stride = max(1, -(-len(corners) // max(count // 2, 1)))
    chosen = corners[::stride]
    choices = RandomChoices(np.random.default_rng(seed_for(seed, family.name)))
    chosen += [family.draw(choices) for _ in range(count - len(chosen))]
    return tuple((shape, cube, family.build(shape, cube)) for shape, cube in chosen)


class Attack:
    """One engine's attack on one claim: reads instances, counts them, and keeps the simplest refutation.

    Parameters
    ----------
    claim : Claim
    """

    def __init__(self, claim):
        self.claim, self.tally, self.refutation, self._rechecks = claim, Tally(), None, 0

    def read(self, instance, where=None, cell=()):
        """Count an instance and re-check a violation exactly; returns the `Reading`."""
        reading = self.claim.read(instance)
        trivial = reading.met and self.claim.trivial is not None and np.all(self.claim.trivial(instance))
        self.tally.add(instance, reading, where, trivial)
        if reading.met:
            self.tally.add_cell(cell)
            if reading.ratio > 1 and self.refutation is None:
                self._recheck(instance)
        return reading

    def _recheck(self, instance):
        if self._rechecks >= _RECHECKS:
            return
        self.refutation = simplest(self.claim, instance)
        if self.refutation is None:
            self._rechecks += 1
            self.tally.undecided += 1


def extremes(claim, budget, seed):
    """Structured extremes: the claim's own, then the family's corners and random draws. Returns an `Attack`."""
    attack = Attack(claim)
    if claim.extremes is not None:
        for instance in itertools.islice(claim.extremes(), budget.extremes):
            attack.read(instance.float() if instance.is_exact else instance)
            if instance.is_exact and attack.refutation is None and attack.tally.worst > 1:
                attack.refutation = simplest(claim, instance)
    if claim.family is not None:
        for shape, cube, instance in pool(claim.family, budget.extremes, seed):
            attack.read(instance, (shape, cube), _cell(claim.family, instance))
    return attack


def search(claim, budget, seed, starts):
    """Directed search: from the worst instances known, uphill in the ratio over the continuous coordinates. Returns an `Attack`.

    Parameters
    ----------
    claim : Claim
    budget : Budget
    seed : int
    starts : sequence of (shape, cube)
        Worst first.
    """
    from scipy.optimize import minimize

    attack, rng = Attack(claim), np.random.default_rng(seed_for(seed, claim.id, "search"))
    for shape, cube in starts:
        limit = attack.tally.tried + budget.search // len(starts)
        origin = cube
        while attack.tally.tried < limit:
            _climb(minimize, attack, shape, origin, limit)
            origin = rng.random(len(cube))
    return attack


class _Spent(Exception):
    pass


def _climb(minimize, attack, shape, origin, limit):
    family = attack.claim.family

    def descent(cube):
        if attack.tally.tried >= limit:
            raise _Spent
        instance = family.build(shape, cube)
        reading = attack.read(instance, (shape, np.clip(cube, 0, 1)), _cell(family, instance))
        return -min(reading.ratio, 1e6) if reading.met and np.isfinite(reading.ratio) else (-1e6 if reading.met else 1e3)

    # Coordinates are bounded by [0, 1]; a difference of 1e-3 looks past the rounding that keeps instances valid.
    try:
        minimize(descent, np.clip(origin, 1e-3, 1 - 1e-3), method="L-BFGS-B", jac=None, bounds=[(0, 1)] * len(origin), options={"eps": 1e-3})
    except _Spent:
        return


def hypothesis(claim, budget, seed):
    """Hypothesis: generate, hill-climb on the ratio, and shrink a violation to a readable one. Returns an `Attack`."""
    from hypothesis import HealthCheck, Phase, given, settings, target
    from hypothesis import seed as seeded
    from hypothesis.errors import HypothesisWarning

    from ..strategies import instances

    attack = Attack(claim)

    class Violated(Exception):
        pass

    @seeded(seed_for(seed, claim.id, "hypothesis"))
    @settings(
        max_examples=budget.hypothesis, database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.target, Phase.shrink], report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    @given(instances(claim.family))
    def attempt(instance):
        reading = attack.claim.read(instance)
        attack.tally.add(instance, reading)
        if not reading.met:
            return
        attack.tally.add_cell(_cell(claim.family, instance))
        if np.isfinite(reading.ratio):
            target(min(reading.ratio, 1e6), label="ratio")
        if reading.ratio > 1:
            found = simplest(claim, instance)
            if found is not None:
                attack.refutation = found
                raise Violated
            attack.tally.undecided += 1

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        try:
            attempt()
        except Violated:
            pass
    return attack


def _cell(family, instance):
    return [float(getattr(instance, name)) / getattr(family, name) for name in ("epsilon", "delta", "epsilon_d") if hasattr(family, name)]
