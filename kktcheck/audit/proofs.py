"""The proof of a claim by interval arithmetic: with its verdict, the method in a sentence, and an exact witness where a claim is refuted."""

import time
from dataclasses import dataclass, field

from ..errors import InputError, SolverError
from . import intervals
from .boxes import box_of, k_below_m
from .verdict import Verdict
from .witness import recheck, simplest

#: Words of a proof as the referee's verdicts; the ledger and the audit know these.
_VERDICTS = {"undecided": "inconclusive"}
#: The name of this kind of evidence in the ledger, beside the audit's budgets.
BUDGET = "intervals"
#: What a verdict's note says where intervals or a chain could have more to say.
WITHOUT_FLINT = "; not proved: that needs python-flint, pip install 'kktcheck[intervals]'"


@dataclass(frozen=True)
class Proof:
    """What interval arithmetic found for one claim.

    Attributes
    ----------
    id : str
        Of the claim.
    word : str
        "proved", "refuted", "undecided", or "not run" for a claim that neither intervals nor a chain settle.
    method : str
        How, in a sentence: the box, the number of boxes; or why not.
    boxes, corners : int
        Boxes looked at; those of them decided in rational arithmetic.
    sizes : tuple of int
        Numbers of points m proved one by one.
    seconds : float
    point : Constants or None
        An exact point that refutes the claim.
    witness : dict or None
        The same point, as `kktcheck.audit.witness.read_witness` reads it.
    ranges : dict
        (low, high) of each parameter over the box, infinity included; empty if nothing was run.
    thresholds : tuple of Threshold
        Where a refuted claim holds after all.
    is_between_constants : bool
        Whether the claim is such an inequality; otherwise a chain proves it, or nothing was run.
    """

    id: str
    word: str
    method: str
    boxes: int = 0
    corners: int = 0
    sizes: tuple = ()
    seconds: float = 0.0
    point: object = None
    witness: dict | None = field(default=None, repr=False)
    ranges: dict = field(default_factory=dict, repr=False)
    thresholds: tuple = ()
    is_between_constants: bool = True

    @property
    def verdict(self):
        """The word that stands for it in the ledger."""
        return _VERDICTS.get(self.word, self.word)

    def to_json(self):
        """A dict of JSON values."""
        numbers = {"boxes": self.boxes, "corners": self.corners, "sizes": list(self.sizes), "seconds": self.seconds}
        where = [str(threshold) for threshold in self.thresholds]
        return {"id": self.id, "verdict": self.word, "method": self.method, **numbers, "witness": self.witness, "thresholds": where}

    def to_engine(self):
        """What it counts as among the engines of a `Verdict`."""
        return {"tried": self.boxes, "met": self.boxes, "worst": None, "refuted": self.word == "refuted"}

    def to_verdict(self, claim):
        """The `Verdict` that the ledger keeps of it; boxes count as its instances."""
        return Verdict(
            **{"id": claim.id, "source": claim.source, "kind": claim.kind, "corrected_by": claim.corrected_by},
            verdict=self.verdict,
            instances=self.boxes,
            tried=self.boxes,
            witness=self.witness,
            seconds=self.seconds,
            engines={BUDGET: self.to_engine()},
            ranges={name: list(ends) for name, ends in self.ranges.items()},
            coverage=float(self.word == "proved"),
            note=self.method,
        )


def provable(claim):
    """Whether a claim is an inequality between constants over a box."""
    return not reason(claim)


def prove(claim, most=None):
    """The `Proof` of one claim by interval arithmetic; "not run" if it is no inequality between constants.

    Parameters
    ----------
    claim : Claim
    most : int, optional
        Boxes to look at before the search gives up.

    Raises
    ------
    MissingDependencyError
        python-flint is not installed.
    SolverError
        Intervals refute it at a point where the exact re-check does not.
    """
    why = reason(claim)
    if why:
        return Proof(claim.id, "not run", f"{why}; evidence: sampled", is_between_constants=False)
    started, box = time.perf_counter(), box_of(claim)
    try:
        found = intervals.prove(claim, **({} if most is None else {"most": most}))
    except (InputError, TypeError) as error:  # enclosures know the arithmetic of the claims, not every comparison that a formula may make
        return Proof(claim.id, "undecided", f"enclosures cannot follow it: {error}", seconds=time.perf_counter() - started)
    word, witness, point = found.word, None, found.point
    if word == "refuted":
        refutation = simplest(claim, point.float()) or recheck(claim, point)
        if refutation is None:
            raise SolverError(f"intervals refute {claim.id} at {point}, but its exact re-check does not: please report it")
        witness, point = refutation.to_json(), refutation.instance
    counted = {"boxes": found.boxes, "corners": found.corners, "sizes": tuple(found.sizes), "seconds": time.perf_counter() - started}
    return Proof(claim.id, word, _method(claim, box, found), **counted, point=point, witness=witness, ranges=_ranges(box))


def reason(claim):
    """Why a claim is none for interval arithmetic, in a few words; empty if it is one."""
    try:
        box_of(claim)
    except InputError as error:
        why = str(error).removeprefix(f"{claim.id} ")
        return "not an inequality between constants" if "hypothesis" not in why else f"not an inequality over a box of constants: it {why}"
    return ""


def _method(claim, box, found):
    limits = [f"{name} <= {box[name][1]}" for name in ("epsilon", "delta", "epsilon_d", "psi")]
    sizes = [f"m >= {1 / box['x'][1]}", f"n >= {1 / box['z'][1]}", f"1 <= k {'<' if k_below_m(claim) else '<='} m"]
    counts = f"{found.boxes} {'box' if found.boxes == 1 else 'boxes'}"
    counts += f", {found.corners} of them corners decided in rational arithmetic" if found.corners else ""
    counts += f", m = {', '.join(map(str, found.sizes))} one by one" if found.sizes else ""
    where = f"{', '.join(limits)}, all sizes {', '.join(sizes)}"
    through = f", through {'; '.join(part.why for part in claim.parts)}" if claim.parts else ""
    text = f"branch and bound with Arb over {where}{through}: {counts}"
    if found.word == "refuted":
        return f"{text}; a point violates it, re-checked exactly"
    return f"{text}; gave up, which decides nothing" if found.word == "undecided" else text


def _ranges(box):
    limits = {name: (0.0, float(box[name][1])) for name in ("epsilon", "delta", "epsilon_d", "psi")}
    return limits | {name: (float(1 / box[reciprocal][1]), float("inf")) for name, reciprocal in (("m", "x"), ("n", "z"))}
