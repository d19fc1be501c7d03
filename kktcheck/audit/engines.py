"""The three engines that try to break a claim: structured extremes, directed search, and Hypothesis, which shrinks what it finds."""

import contextlib
import functools
import itertools
import warnings
import zlib
from typing import NamedTuple

import numpy as np

from ..instances.choices import RandomChoices
from .draws import from_the_seed_alone
from .tally import Tally
from .witness import Refutation, recheck, simplest


class Budget(NamedTuple):
    """How many instances each engine may build; never seconds."""

    name: str
    extremes: int
    search: int
    hypothesis: int


BUDGETS = {
    "quick": Budget("quick", 120, 60, 40),
    "default": Budget("default", 1500, 600, 120),
    "thorough": Budget("thorough", 12_000, 6_000, 4_000),
}
#: Parameters that a family may have a limit of.
_BOX = ("epsilon", "delta", "epsilon_d", "gamma")
#: Sizes of violating instances that one engine re-checks exactly.
_RECHECKS = 5
#: Instances per start of the directed search, and how many starts there are at most.
_PER_START, _STARTS = 60, 4
#: Extremes sit in corners, and a steep objective makes the first step of L-BFGS-B go all the way to one.
_STEEP, _LARGEST = 1e4, 1e6


def seed_for(seed, *names):
    """A seed that depends on the run's seed and on names, and on nothing else."""
    return zlib.crc32("|".join(map(str, (seed, *names))).encode())


@functools.lru_cache(maxsize=6)
def pool(family, count, seed):
    """Instances that all claims of a family share: two thirds corners, the rest random draws; tuple of (shape, cube, instance).

    Where there are too many corners some are drawn: every k-th one would miss whole faces, since corners come in nested loops.
    """
    rng = np.random.default_rng(seed_for(seed, family.name))
    corners = list(family.corners())
    order = rng.permutation(len(corners))[: 2 * count // 3]
    choices = RandomChoices(rng)
    chosen = [corners[place] for place in sorted(order)] + [family.draw(choices) for _ in range(count - len(order))]
    return tuple((shape, cube, family.make(shape, cube)) for shape, cube in chosen)


class Attack:
    """One engine's attack on one claim: reads instances, counts them, and keeps a refutation.

    Parameters
    ----------
    claim : Claim
    """

    def __init__(self, claim):
        self.claim, self.tally, self.refutation = claim, Tally(), None
        self._violations, self._ranked = {}, {}

    def read(self, instance, where=None, cell=()):
        """Count an instance; one that violates the claim in float64 is kept for `settle`. Returns the `Reading`."""
        number = instance.float() if instance.is_exact else instance
        reading = self.claim.read(number)
        trivial = reading.met and self.claim.trivial is not None and np.all(self.claim.trivial(number))
        self.tally.add(number, reading, where, trivial)
        if reading.met and where is not None and reading.ratio > self._ranked.get(where[0], (-np.inf,))[0]:
            self._ranked[where[0]] = (reading.ratio, where[1])
        if reading.met:
            self.tally.add_cell(cell)
            size = sum(np.size(getattr(instance, name)) for name in instance.SHAPES)
            if reading.ratio > max(1, self._violations.get(size, (1,))[0]):
                self._violations[size] = (reading.ratio, instance)
        return reading

    def starts(self):
        """Where a directed search may start: the worst cube of each shape, worst shape first; list of (shape, cube)."""
        ranked = sorted(self._ranked.items(), key=lambda entry: -entry[1][0])
        return [(shape, cube) for shape, (_, cube) in ranked[:_STARTS]]

    def settle(self):
        """Re-check exactly what violates the claim, the worst of each of the smallest sizes, and keep the shortest; returns this attack."""
        sizes = sorted(self._violations)[:_RECHECKS]
        found = [self.refutation, *(simplest(self.claim, self._violations[size][1]) for size in sizes)]
        self.refutation = min((refutation for refutation in found if refutation is not None), key=Refutation.length, default=None)
        if self._violations and self.refutation is None:
            self.tally.undecided += len(self._violations)
        return self


def extremes(claim, budget, seed):
    """Structured extremes: the claim's own, then the family's corners and random draws. Returns an `Attack`."""
    attack = Attack(claim)
    if claim.extremes is not None:
        for instance in itertools.islice(claim.extremes(), budget.extremes):
            attack.read(instance)
    if claim.family is not None:
        for shape, cube, instance in pool(claim.family, budget.extremes, seed):
            attack.read(instance, (shape, cube), _cell(claim.family, instance))
    return attack.settle()


def search(claim, budget, seed, starts):
    """Directed search: from the worst instances known, uphill in the ratio over the continuous coordinates. Returns an `Attack`.

    Parameters
    ----------
    claim : Claim
    budget : Budget
    seed : int
    starts : sequence of (shape, cube)
        Worst first; where none is known, the beginning of the pool.
    """
    from scipy.optimize import minimize

    attack, rng = Attack(claim), np.random.default_rng(seed_for(seed, claim.id, "search"))
    starts = (starts or [(shape, cube) for shape, cube, _ in pool(claim.family, budget.extremes, seed)])[: max(1, budget.search // _PER_START)]
    for shape, cube in starts:
        limit = attack.tally.tried + budget.search // len(starts)
        origin = cube
        while attack.tally.tried < limit:
            _climb(minimize, attack, shape, origin, limit)
            origin = rng.random(len(cube))
    return attack.settle()


class _Spent(Exception):
    pass


def _climb(minimize, attack, shape, origin, limit):
    family = attack.claim.family

    def descent(cube):
        if attack.tally.tried >= limit:
            raise _Spent
        instance = family.make(shape, cube)
        reading = attack.read(instance, (shape, np.clip(cube, 0, 1)), _cell(family, instance))
        if not reading.met:
            return _STEEP
        return -_STEEP * min(reading.ratio, _LARGEST)

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

    attack, shrunk = Attack(claim), []

    class Violated(Exception):
        pass

    @seeded(seed_for(seed, claim.id, "hypothesis"))
    @settings(
        max_examples=budget.hypothesis, database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.target, Phase.shrink], report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    @given(instances(claim.family))
    def attempt(instance):
        reading = attack.read(instance, cell=_cell(claim.family, instance))
        if reading.met and np.isfinite(reading.ratio):
            target(min(reading.ratio, _LARGEST), label="ratio")
        # While it shrinks one exact check per try is enough; decimals are shortened once, at the end.
        if reading.met and reading.ratio > 1 and _is_refutation(claim, instance):
            shrunk.append(instance)
            raise Violated

    with warnings.catch_warnings(), from_the_seed_alone(), contextlib.suppress(Violated):
        warnings.simplefilter("ignore", HypothesisWarning)
        attempt()
    attack.refutation = simplest(claim, shrunk[-1]) if shrunk else None
    return attack.settle()


def _is_refutation(claim, instance):
    exact = instance.rounded(None)
    return exact is not None and recheck(claim, exact) is not None


def _cell(family, instance):
    return [float(getattr(instance, name)) / getattr(family, name) for name in _BOX if hasattr(family, name)]
