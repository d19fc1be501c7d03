"""What a claim is: hypotheses, two sides, a direction, a source, and where to look for a counterexample."""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from ..instances.exact import certainly_above, require_exact
from ..instances.family import Family

KINDS = ("definition", "lemma", "theorem", "remark", "example", "figure", "proof step", "version", "corrected", "ours")
#: What relates left to right. ``exists``: left is what the best witness known needs, and `Claim.least` what every witness needs.
#: ``probability``: left is the probability of what the claim calls rare, right its bound.
DIRECTIONS = ("upper", "lower", "equality", "probability", "exists")
#: Two floats differ, for a claim of equality, if they do by this much relative to the larger.
_DIFFERENT = 1e-9


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A named condition with a margin.

    Parameters
    ----------
    name : str
        What is asked, in a few words.
    margin : callable
        Instance -> number or array, at least 0 where the condition is met.
    parameter, limit : str, optional
        Where it is no more than 0 < parameter <= limit (or < limit): the two, so that ranges can be compared.
    """

    name: str
    margin: object
    parameter: str = ""
    limit: str = ""

    def of(self, view, whose=""):
        """The same condition on a part of an instance.

        Parameters
        ----------
        view : callable
            (margin, instance) -> the margin on that part.
        whose : str, optional
            Stands before the name.
        """
        name = f"{whose}: {self.name}" if whose else self.name
        return replace(self, name=name, margin=lambda instance: view(self.margin, instance))


class Part(NamedTuple):
    """An inequality between constants, left <= right, that helps to prove a claim.

    Attributes
    ----------
    left, right : callable
        Instance of `Constants` -> number.
    why : str
        How it comes in.
    """

    left: object
    right: object
    why: str


class Reading(NamedTuple):
    """A claim on one instance.

    Attributes
    ----------
    met : bool
        Whether every hypothesis is met.
    weakest, margin : str, float
        The hypothesis with the least margin, and that margin.
    ratio : float
        Worst ratio of the side that should be smaller to the other one; above 1 the claim is violated.
    index : tuple of int
        Where (point, neuron, ...) the worst ratio is.
    """

    met: bool
    weakest: str
    margin: float
    ratio: float
    index: tuple


@dataclass(frozen=True, eq=False)
class Claim:
    """One statement, or one step of a proof, that can be true or false on an instance.

    Parameters
    ----------
    id : str
        Name in the ledger, like ``lemma-C.6`` or ``lemma-C.6/proof/arithmetic``.
    statement : str
        The claim in our own words.
    left, right : callable
        Instance -> number or array; entries are compared one by one. Numbers are floats or exact, so constants are written ``p.q("2.4")``
        and square roots `kktcheck.instances.root`.
    direction : str, optional
        One of `DIRECTIONS`: left <= right ("upper", "exists", "probability"), left >= right ("lower"), left == right ("equality").
    family : Family, optional
        How instances are built (see `kktcheck.strategies`).
    hypotheses : tuple of Hypothesis, optional
        What an instance must satisfy to count.
    source, kind, latex : str, optional
        Where it stands, one of `KINDS`, the formula.
    extremes : callable, optional
        () -> iterator of instances of this claim's own.
    least : callable, optional
        For ``exists``: instance -> a lower bound of what every witness needs; only where it is above ``right`` is the claim violated.
    trivial : callable, optional
        Instance -> bool array, where the bound says nothing (a cosine at most 1 below -1).
    constant : str, optional
        The printed constant, for the ledger.
    corrected_by : str, optional
        Id of the nearest true claim, if this one is refuted.
    derivation : str, optional
        Why it is true, step by step, or why it fails.
    parts : tuple of Part, optional
        For claims about constants: inequalities that imply this one (their reasons say how), without the common factors that make its sides
        equal on a face; what interval proofs look at.
    experiment : callable, optional
        (attack, budget, seed) -> None, for claims about training and probabilities, which no family of instances carries: counts what it sees in
        ``attack.tally``, and may set ``attack.refutation`` to what ``attack.recheck(instance)`` confirms.
    not_run : str, optional
        Why nothing is run yet.

    Raises
    ------
    InputError
        A kind or direction is unknown, or there is nothing to run and no reason given.
    """

    id: str
    statement: str
    left: object = None
    right: object = None
    direction: str = "upper"
    family: Family | None = None
    hypotheses: tuple = ()
    source: str = "ours"
    kind: str = "ours"
    latex: str = ""
    extremes: object = None
    least: object = None
    trivial: object = None
    constant: str = ""
    corrected_by: str = ""
    derivation: str = field(default="", repr=False)
    parts: tuple = ()
    experiment: object = None
    not_run: str = ""

    def __post_init__(self):
        for name, allowed in (("kind", KINDS), ("direction", DIRECTIONS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"claim {self.id!r}: {name} is {getattr(self, name)!r}; it is one of {', '.join(allowed)}")
        runnable = self.experiment is not None or (self.left is not None and self.right is not None and (self.family or self.extremes))
        if not (runnable or self.not_run):
            raise InputError(f"claim {self.id!r} needs left, right and a family (or extremes), an experiment, or a reason in not_run")

    @property
    def limits(self):
        """Upper limits of the parameters that its hypotheses name; dict of str to Fraction."""
        return {hypothesis.parameter: Fraction(hypothesis.limit) for hypothesis in self.hypotheses if hypothesis.parameter}

    @property
    def ordered(self):
        """The function of the side that should be smaller, and that of the one that should be larger."""
        return (self.right, self.left) if self.direction == "lower" else (self.left, self.right)

    def sides(self, instance):
        """The side that should be smaller and the one that should be larger, as arrays of one shape."""
        small, large = np.broadcast_arrays(*(np.asarray(side(instance)) for side in self.ordered))
        return (abs(small - large), np.zeros(small.shape)) if self.direction == "equality" else (small, large)

    def read(self, instance):
        """The claim on a float instance, as a `Reading`."""
        margin, weakest = self._weakest(instance)
        if not margin >= 0:
            return Reading(False, weakest, margin, np.nan, ())
        if self.direction == "equality":
            ratios = _differences(*(np.asarray(side(instance), dtype=float) for side in (self.left, self.right)))
        else:
            small, large = (side(instance) for side in self.ordered)
            if isinstance(small, float) and isinstance(large, float):
                return Reading(True, weakest, margin, _ratio(float(small), float(large)), ())
            ratios = _ratios(np.asarray(small, dtype=float), np.asarray(large, dtype=float))
        if ratios.size == 0:
            return Reading(False, "no index to speak about", -1.0, np.nan, ())
        place = int(ratios.argmax())
        index = tuple(map(int, np.unravel_index(place, ratios.shape))) if ratios.ndim > 1 else (place,) * ratios.ndim
        return Reading(True, weakest, margin, float(ratios[index]), index)

    def _weakest(self, instance):
        """Least margin of the hypotheses and the name of the first that has it; claims that share instances share most hypotheses."""
        found = instance.remembered.get(self.hypotheses)
        if found is None:
            margins = ((_margin_on(instance, hypothesis), hypothesis.name) for hypothesis in self.hypotheses)
            found = instance.remembered[self.hypotheses] = min(margins, default=(np.inf, ""))
        return found

    def refuted_by(self, instance):
        """Where an exact instance violates the claim beyond doubt, as a bool array; hypotheses are not looked at.

        Raises
        ------
        TypeError
            A side is not exact.
        """
        if self.direction == "equality":
            left, right = self.left(instance), self.right(instance)
            return certainly_above(left, right) | certainly_above(right, left)
        if self.least is not None:
            return certainly_above(self.least(instance), self.right(instance))
        return certainly_above(*self.sides(instance))

    def unmet(self, instance):
        """Names of the hypotheses that an exact instance does not certainly meet, each with its margin."""
        failing = []
        for hypothesis in self.hypotheses:
            margin = np.asarray(hypothesis.margin(instance), dtype=object)
            require_exact(margin)
            failing += [(hypothesis.name, value) for value in margin.flat if not value >= 0]
        return failing


def _ratio(small, large):
    if large > 0:
        return small / large
    return math.inf if small > large else 0.0


def _ratios(small, large):
    """Ratios of two arrays, entry by entry; where the larger side is not above 0, infinite if it is the smaller one after all, else 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratios = small / large
    positive = large > 0
    return ratios if positive.all() else np.where(positive, ratios, np.where(small > large, np.inf, 0.0))


def _differences(left, right):
    """Infinite where two arrays differ, 0 where they do not."""
    return np.where(abs(left - right) > _DIFFERENT * np.maximum(abs(left), abs(right)), np.inf, 0.0)


def _margin_on(instance, hypothesis):
    """Least margin of a hypothesis, remembered by the instance."""
    least = instance.remembered.get(hypothesis)
    if least is None:
        margin = hypothesis.margin(instance)
        if not isinstance(margin, (int, float)):
            margin = np.min(margin, initial=np.inf)
        least = instance.remembered[hypothesis] = float(margin)
    return least
