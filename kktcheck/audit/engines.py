"""The three engines that try to break a claim: structured extremes, directed search, and Hypothesis, of which a violation is shrunk."""

import functools
import itertools
import zlib
from typing import NamedTuple

import numpy as np

from ..instances.choices import RandomChoices
from .draws import drawn
from .shrinking import shrunk
from .tally import Tally, cell_of
from .witness import recheck, simplest


class Budget(NamedTuple):
    """How many instances each engine may look at, shrinking apart; never seconds."""

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
#: A ratio that no rounding of float64 makes of one that is at most 1.
_CLEARLY = 1 + 1e-6


class Start(NamedTuple):
    """Where a directed search may start: a point of a family, and the ratio there."""

    ratio: float
    shape: object
    cube: np.ndarray


def seed_for(seed, *names):
    """A seed that depends on the run's seed and on names, and on nothing else."""
    return zlib.crc32("|".join(map(str, (seed, *names))).encode())


@functools.lru_cache(maxsize=6)
def pool(family, count, seed):
    """Instances that all claims of a family share: two thirds corners, the rest random draws; tuple.

    Where there are too many corners some are drawn: every k-th one would miss whole faces, since corners come in nested loops.
    """
    rng = np.random.default_rng(seed_for(seed, family.name))
    corners = list(family.corners())
    order = rng.permutation(len(corners))[: 2 * count // 3]
    choices = RandomChoices(rng)
    chosen = [corners[place] for place in sorted(order)] + [family.draw(choices) for _ in range(count - len(order))]
    return tuple(family.make(shape, cube) for shape, cube in chosen)


class Attack:
    """One engine's attack on one claim: reads instances, counts them, and keeps a refutation.

    Parameters
    ----------
    claim : Claim
    """

    def __init__(self, claim):
        self.claim, self.tally, self.refutation = claim, Tally(), None
        self._violations, self._ranked = {}, {}

    def rng(self, seed, *names):
        """Random numbers for the claim that depend on the run's seed and on names, and on nothing else."""
        return np.random.default_rng(seed_for(seed, self.claim.id, *names))

    def recheck(self, instance):
        """The exact re-check of the claim on an exact instance; a `Refutation` or None."""
        return recheck(self.claim, instance)

    def read(self, instance):
        """Count an instance; one that violates the claim in float64 is kept for `settle`. Returns the `Reading`."""
        number = instance.float() if instance.is_exact else instance
        reading = self.claim.read(number)
        if not reading.met:
            self.tally.add(number, reading)
            return reading
        recipe = instance.remembered.get("recipe")
        self.tally.add(number, reading, recipe, self.claim.trivial is not None and np.all(self.claim.trivial(number)))
        if recipe is not None and reading.ratio > self._ranked.get(recipe.shape, (-np.inf,))[0]:
            self._ranked[recipe.shape] = (reading.ratio, recipe.cube)
        self.tally.cells.add(_cell(instance, recipe))
        if reading.ratio > 1:
            size = sum(np.size(getattr(instance, name)) for name in instance.SHAPES)
            if reading.ratio > self._violations.get(size, (1,))[0]:
                self._violations[size] = (reading.ratio, instance)
        return reading

    def starts(self):
        """The worst point of each shape, worst shape first; list of `Start`."""
        ranked = sorted(self._ranked.items(), key=lambda entry: -entry[1][0])
        return [Start(ratio, shape, cube) for shape, (ratio, cube) in ranked[:_STARTS]]

    def settle(self):
        """Re-check exactly what violates the claim, the worst of each of the smallest sizes, and keep the shortest; returns this attack."""
        for size in sorted(self._violations)[:_RECHECKS]:
            found = simplest(self.claim, self._violations[size][1], self.refutation)
            if found is not None and (self.refutation is None or found.length() < self.refutation.length()):
                self.refutation = found
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
        for instance in pool(claim.family, budget.extremes, seed):
            attack.read(instance)
    return attack.settle()


def search(claim, budget, seed, starts):
    """Directed search: from the worst instances known, uphill in the ratio over the continuous coordinates. Returns an `Attack`.

    Parameters
    ----------
    claim : Claim
    budget : Budget
    seed : int
    starts : sequence of Start
        The worst of them are taken; where none is known, the beginning of the pool.
    """
    from scipy.optimize import minimize

    attack = Attack(claim)
    rng = attack.rng(seed, "search")
    starts = sorted(starts, key=lambda start: -start.ratio)[:_STARTS] or [p.remembered["recipe"] for p in pool(claim.family, budget.extremes, seed)]
    starts = starts[: max(1, budget.search // _PER_START)]
    for start in starts:
        limit, origin = attack.tally.tried + budget.search // len(starts), start.cube
        while attack.tally.tried < limit:
            _climb(minimize, attack, start.shape, origin, limit)
            origin = rng.random(len(start.cube))
    return attack.settle()


@functools.lru_cache(maxsize=4096)
def _made(family, shape, coordinates):
    """The instance of a point of the cube: the searches of a family's claims often begin at the same one."""
    return family.make(shape, np.frombuffer(coordinates))


class _Spent(Exception):
    pass


def _climb(minimize, attack, shape, origin, limit):
    family = attack.claim.family

    def descent(cube):
        if attack.tally.tried >= limit:
            raise _Spent
        reading = attack.read(_made(family, shape, cube.tobytes()))
        if not reading.met:
            return _STEEP
        return -_STEEP * min(reading.ratio, _LARGEST)

    # Coordinates are bounded by [0, 1]; a difference of 1e-3 looks past the rounding that keeps instances valid.
    try:
        minimize(descent, np.clip(origin, 1e-3, 1 - 1e-3), method="L-BFGS-B", jac=None, bounds=[(0, 1)] * len(origin), options={"eps": 1e-3})
    except _Spent:
        return


def hypothesis(claim, budget, seed):
    """What Hypothesis draws for all claims of the family; a violation is shrunk to a readable one. Returns an `Attack`."""
    attack = Attack(claim)
    draws = drawn(claim.family, budget.hypothesis, seed_for(seed, claim.family.name, "hypothesis"))
    readings = [(attack.read(instance), choices) for instance, choices in draws]
    # What violates the claim clearly in float64 is re-checked exactly when it has been shrunk, what is less clear at every step.
    for certain, least in ((False, _CLEARLY), (True, 1)):
        for reading, choices in readings:
            if attack.refutation is None and reading.ratio > least:
                attack.refutation = _shrunk(attack, choices, least, certain)
    return attack.settle()


def _shrunk(attack, choices, least, certain):
    def violates(instance):
        if not attack.read(instance).ratio > least:
            return False
        return not certain or _is_refutation(attack.claim, instance.rounded(None))

    found = shrunk(attack.claim.family, choices, violates)
    return None if found is None else simplest(attack.claim, found)


def _is_refutation(claim, exact):
    return exact is not None and recheck(claim, exact) is not None


def _cell(instance, recipe):
    """Where in the box of its family's limits an instance lies; remembered, for all claims of the family ask."""
    cell = instance.remembered.get("cell")
    if cell is None:
        limits = {} if recipe is None else {name: getattr(recipe.family, name) for name in _BOX if hasattr(recipe.family, name)}
        cell = instance.remembered["cell"] = cell_of([float(getattr(instance, name)) / limit for name, limit in limits.items()])
    return cell
