"""What an engine saw: how many instances met the hypotheses, the worst ratio, where in the box they lay, what broke the claim."""

import math
from dataclasses import dataclass, field

#: Parameters whose coverage is reported, with the attributes that may hold each.
COVERED = {
    "epsilon": ("epsilon",),
    "delta": ("delta",),
    "epsilon_d": ("epsilon_d",),
    "m": ("num_points", "points"),
    "n": ("num_neurons", "neurons"),
}
_CELLS = 4


def parameters(instance):
    """The covered parameters that an instance has; dict."""
    held = {name: [attribute for attribute in attributes if hasattr(instance, attribute)] for name, attributes in COVERED.items()}
    return {name: float(getattr(instance, found[0])) for name, found in held.items() if found}


def _remembered(instance):
    """Names and values of `parameters`; an instance that many claims share works them out once."""
    remembered = getattr(instance, "remembered", {})
    found = remembered.get("parameters")
    if found is None:
        found = remembered["parameters"] = tuple(parameters(instance).items())
    return found


def cell_of(fractions):
    """The cell at these fractions of the limits of a box (one per parameter), of a grid with four steps along each; tuple of int."""
    return tuple(min(int(fraction * _CELLS), _CELLS - 1) for fraction in fractions)


@dataclass
class Tally:
    """Counts of one engine on one claim; `merge` adds another's.

    Attributes
    ----------
    tried, met, trivial : int
        Instances built; those that met the hypotheses; those on which the bound says nothing.
    worst : float
        Largest ratio, ``-inf`` before the first instance.
    margin : float
        Least margin of a hypothesis at the worst ratio.
    index : tuple
        Where on that instance.
    where : object
        The worst instance, or what rebuilds it.
    ranges : dict
        Least and largest value of each covered parameter, over instances that met the hypotheses.
    cells : set
        Cells that were reached, of a grid with four steps along each parameter that the family limits.
    undecided : int
        Violations in float64 that the exact re-check did not confirm.
    """

    tried: int = 0
    met: int = 0
    trivial: int = 0
    worst: float = -math.inf
    margin: float = math.nan
    index: tuple = ()
    where: object = None
    ranges: dict = field(default_factory=dict)
    cells: set = field(default_factory=set)
    undecided: int = 0

    def add(self, instance, reading, where=None, trivial=False):
        """Count one instance and its `Reading`."""
        self.tried += 1
        if not reading.met:
            return
        self.met += 1
        self.trivial += bool(trivial)
        if reading.ratio > self.worst:
            self.worst, self.margin, self.index, self.where = reading.ratio, reading.margin, reading.index, where
        for name, value in _remembered(instance):
            low, high = self.ranges.get(name, (value, value))
            if not low <= value <= high or name not in self.ranges:
                self.ranges[name] = (min(low, value), max(high, value))

    def merge(self, other):
        """Add another engine's counts."""
        self.tried, self.met, self.trivial = self.tried + other.tried, self.met + other.met, self.trivial + other.trivial
        self.undecided += other.undecided
        if other.worst > self.worst:
            self.worst, self.margin, self.index, self.where = other.worst, other.margin, other.index, other.where
        for name, (low, high) in other.ranges.items():
            mine = self.ranges.get(name, (low, high))
            self.ranges[name] = (min(mine[0], low), max(mine[1], high))
        self.cells |= other.cells

    @property
    def coverage(self):
        """Share of the cells reached, in [0, 1]; 0 where no instance met the hypotheses."""
        return len(self.cells) / _CELLS ** max(map(len, self.cells), default=0)
