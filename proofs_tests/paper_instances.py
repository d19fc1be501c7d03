"""A small paper with every word and every tag, its chains, and a ledger that judges it."""

from kktcheck.audit.ledger import Ledger
from kktcheck.claims import Box, Chain, Claim, Hypothesis, Link, registry
from kktcheck.instances.constants_family import ConstantBoxes

BOX = Box("1", "1", "1")
INSTANCE = {"kind": "two-layer", "labels": [1, -1], "signs": [1], "gram": [["1", "0"], ["0", "1"]], "epsilon": "1/3", "delta": "0"}
SMALL = Hypothesis("epsilon is at most 1/2", lambda p: p.q("0.5") - p.epsilon)

#: id -> kind, verdict of the ledger, more of the claim.
CLAIMS = {
    "sound": ("lemma", "holds", {"constant": "3", "source": "Lemma 1"}),
    "sound/proof/step": ("proof step", "holds", {}),
    "sound/version/sharper": ("ours", "holds", {"constant": "2.5"}),
    "sound/version/sharper/proof/part": ("ours", "holds", {"constant": "9"}),
    "sound/version/narrower": ("ours", "holds", {"constant": "2", "hypotheses": (SMALL,)}),
    "sound/version/false": ("ours", "refuted", {"constant": "1"}),
    "literal": ("theorem", "holds", {"constant": "7"}),
    "literal/proof/slip/version/literal": ("version", "refuted", {}),
    "broken": ("lemma", "proved", {"constant": "4"}),
    "broken/proof/lost": ("proof step", "refuted", {"corrected_by": "broken/proof/lost/corrected"}),
    "broken/proof/lost/corrected": ("corrected", "holds", {"constant": "5"}),
    "group/a": ("theorem", "holds", {}),
    "group/b": ("theorem", "holds", {}),
    "group/b/proof/own": ("proof step", "refuted", {"constant": "0.1"}),
    "group/proof/shared": ("proof step", "refuted", {"corrected_by": "group/proof/shared/corrected"}),
    "group/proof/shared/corrected": ("corrected", "proved", {}),
    "false": ("theorem", "refuted", {"constant": "1", "corrected_by": "false/corrected"}),
    "false/corrected": ("corrected", "proved", {"constant": "2"}),
    "false/version/sharper": ("ours", "holds", {"constant": "1.9"}),
    "chance": ("theorem", "not run", {"not_run": "a statement about a probability"}),
    "chance/proof/step": ("proof step", "refuted", {}),
    "doubtful": ("remark", "inconclusive", {}),
    "new": ("example", None, {}),
}


def claim(id, kind="lemma", **more):
    """A claim between constants."""
    sides = {"left": lambda p: p.epsilon, "right": lambda p: p.q("1"), "family": ConstantBoxes()}
    return Claim(id, f"what {id} says", kind=kind, **(more if "not_run" in more else {**sides, **more}))


def number(text):
    """A constant function."""
    return lambda p: p.q(text)


def chains():
    """A printed chain with a broken link, one of ours, one with a slip, and one about constants alone."""
    epsilon = ("epsilon", "<=", "1", "it is in the box")
    lost = Link("epsilon", "<=", "1/2", "forgotten factor", "half", (lambda p: p.epsilon, number("0.5")), corrected_by="sound")
    bounds = {"given": number("1"), "printed": number("1")}
    return (
        Chain("sound/proof", ("sound",), "Lemma 1", (Link(*epsilon, claim="sound/proof/step", argued=True),), "so it is", BOX, value="3", **bounds),
        Chain("broken/proof", ("broken",), "Lemma 2", (Link(*epsilon), lost, Link("a", "=>", "b", "logic")), "it does not follow", BOX),
        Chain("broken/derivation", ("broken",), "ours", (Link(*epsilon), Link("b", "=", "c", "same")), "so it is after all", BOX, "ours", **bounds),
        Chain("literal/proof", ("literal",), "Theorem", (Link(*epsilon, claim="literal/proof/slip/version/literal"),), "a slip", BOX),
        Chain("literal/derivation", ("literal",), "ours", (Link(*epsilon),), "a proof", BOX, "ours", lower=True, value="7", **bounds),
    )  # fmt: skip


def entry(verdict, corrected_by="", **more):
    """What a ledger says of one claim."""
    sampled = {"verdict": "holds" if verdict == "proved" else verdict, "instances": 1234, "worst_ratio": 0.5, "note": "as sampled", "engines": {}}
    proof = {"verdict": "proved", "instances": 17, "note": "by boxes", "engines": {}}
    budgets = {"default": sampled, **({"intervals": proof} if verdict == "proved" else {})}
    witness = {"left": "11/7", "right": "1.25", "ratio": 1.257, "index": [0], "instance": INSTANCE} if verdict == "refuted" else None
    return {"verdict": verdict, "worst_ratio": 0.5, "corrected_by": corrected_by, "budgets": budgets, "witness": witness, **more}


def constant(chain, claim, low, high, attained, value=None, lower=False):
    """A constant as a ledger has it."""
    return {"chain": chain, "claim": claim, "value": value, "low": low, "high": high, "attained": attained, "attained_by": claim, "lower": lower}


def marks():
    """What the ledger says of the chains."""
    return {
        "sound/proof": {"verdict": "proved", "marks": ".", "constant": constant("sound/proof", "sound", 0.79, 0.8, 0.5, 3.0)},
        "broken/proof": {"verdict": "broken", "marks": ".x."},
        "broken/derivation": {"verdict": "proved", "marks": "+.", "constant": constant("broken/derivation", "broken", 1.2, 1.25, None)},
        "literal/proof": {"verdict": "broken", "marks": "x"},
        "literal/derivation": {
            "verdict": "open", "marks": "~", "constant": constant("literal/derivation", "literal", 0.4, 0.5, 0.25, 7.0, lower=True),
        },
    }


def plant(monkeypatch):
    """Put the small paper in place of the registry's."""
    planted = {id: claim(id, kind, **more) for id, (kind, _, more) in CLAIMS.items()}
    monkeypatch.setattr(registry, "_CLAIMS", planted)
    monkeypatch.setattr(registry, "_CHAINS", {})
    registry.register_chains(*chains())


def ledger(**changes):
    """The ledger of the small paper; entries can be exchanged."""
    entries = {id: entry(verdict, more.get("corrected_by", "")) for id, (_, verdict, more) in CLAIMS.items() if verdict is not None}
    entries["broken/proof/half"] = entry("refuted", "sound")
    return Ledger({**entries, **changes}, "planted", marks())
