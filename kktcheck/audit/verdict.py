"""Verdicts: words, never a bool, with the evidence behind them."""

import math
from dataclasses import dataclass, field

#: ``proved`` interval arithmetic or exact reasoning over the whole domain; ``holds`` sampled and attacked; ``refuted`` a witness re-checked
#: exactly; ``vacuous`` no instance meets the hypotheses, or the bound says nothing; ``inconclusive``; ``not run``.
WORDS = ("proved", "holds", "refuted", "vacuous", "inconclusive", "not run")
#: Instances that must have met the hypotheses before a claim may be said to hold, by budget.
ENOUGH = {"quick": 100, "default": 500, "thorough": 5000}


@dataclass(frozen=True)
class Verdict:
    """What the referee says of one claim.

    Attributes
    ----------
    id, source, kind : str
        Of the claim.
    verdict : str
        One of `WORDS`.
    worst_ratio : float or None
        Largest ratio of the side that should be smaller to the other one, over all instances that met the hypotheses.
    instances, tried : int
        Instances that met the hypotheses; built.
    hypotheses_margin : float or None
        Least margin of a hypothesis at the worst ratio.
    witness : dict or None
        What refutes it, as `kktcheck.audit.witness.read_witness` reads it.
    corrected_by : str
        Id of the nearest true claim.
    seconds : float
        Time taken.
    engines : dict
        For each engine: tried, met, worst ratio.
    ranges : dict
        Least and largest epsilon, delta, epsilon_d, m and n met.
    coverage : float
        Share of the hypotheses' box reached, of cells with four steps along each parameter that has a limit.
    note : str
        Why, in a sentence.
    """

    id: str
    source: str
    kind: str
    verdict: str
    worst_ratio: float | None = None
    instances: int = 0
    tried: int = 0
    hypotheses_margin: float | None = None
    witness: dict | None = None
    corrected_by: str = ""
    seconds: float = 0.0
    engines: dict = field(default_factory=dict)
    ranges: dict = field(default_factory=dict)
    coverage: float = 0.0
    note: str = ""

    def to_json(self):
        """A dict of JSON values; numbers that are not finite become strings."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


def word_for(tally, refutation, budget):
    """The verdict and the reason, from all engines' counts together."""
    if refutation is not None:
        return "refuted", "a witness meets every hypothesis and violates the claim, both re-checked exactly"
    if tally.met == 0:
        return "vacuous", f"none of {tally.tried} instances meets the hypotheses"
    if tally.undecided:
        return "inconclusive", f"{tally.undecided} violations in float64, none of them certain when re-checked exactly"
    if tally.trivial == tally.met:
        return "vacuous", "the bound says nothing on any instance"
    if tally.met < ENOUGH[budget]:
        return "inconclusive", f"only {tally.met} instances met the hypotheses; {ENOUGH[budget]} are asked for"
    return "holds", f"no violation on {tally.met} instances"


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
