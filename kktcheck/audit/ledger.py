"""The ledger: what the referee found for every claim, by budget and engine, with the witnesses; and what a new run is set against.

``ledger.json`` beside this module is the committed one. To renew it, once per budget that it should hold::

    kktcheck audit --budget quick --write-ledger kktcheck/audit/ledger.json
    kktcheck audit --budget default --jobs 2 --resume DIR --write-ledger kktcheck/audit/ledger.json
    kktcheck prove --write-ledger kktcheck/audit/ledger.json

Each run replaces what the file says of the claims it judged under its budget, keeps the rest, and drops claims that are no more.
"""

import functools
import json
import math
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from .. import claims as library
from ..errors import FileError
from .verdict import WORDS

PATH = Path(__file__).with_name("ledger.json")
_FORMAT = "kktcheck ledger 1"
_LARGEST_FILE = 100_000_000

#: Beginnings of ids, in the order in which the paper proves them.
_ORDER = (
    "definition", "assumption", "theorem-2.", "example-2.", "theorem-A.", "lemma-A.", "lemma-B.", "theorem-3.", "theorem-B.", "remark-B.",
    "lemma-C.", "theorem-4.", "theorem-C.", "remark-C.", "figure-1", "lemma-D.", "theorem-6.",
)  # fmt: skip
#: Below a statement: its corrected form, its parts (other names), the steps of its proof, its other versions.
_BELOW = {"corrected": 0, "proof": 2, "version": 3}
#: How much a verdict says; proof and refutation say most.
_STRENGTH = {"not run": 0, "inconclusive": 1, "vacuous": 2, "holds": 3, "proved": 4, "refuted": 4}
_TRUE = ("holds", "proved")


class Agreement(NamedTuple):
    """A verdict against the ledger.

    Attributes
    ----------
    word : str
        "agrees", "weaker", "stronger", "contradicts" or "new".
    sentence : str
        What differs, empty if nothing does; or that the ledger has a proof where instances agree with it.
    """

    word: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Ledger:
    """Entries by claim id.

    Attributes
    ----------
    entries : dict
        id -> dict with verdict, worst_ratio, corrected_by, budgets (what each budget found, engine by engine) and witness.
    name : str
        Where it was read from.
    chains : dict
        Chain id -> dict with verdict, marks (a character per link, see `kktcheck.audit.chains.MARKS`) and, where the chain gives a bound,
        ``constant``: what `kktcheck.audit.constants.BestConstant` says of it.
    """

    entries: dict
    name: str
    chains: dict = field(default_factory=dict)

    def sampled(self, id):
        """The strongest word that instances have for a claim, or None."""
        budgets = self.entries.get(id, {}).get("budgets", {})
        words = [found["verdict"] for name, found in budgets.items() if name != "intervals"]
        return max(words, key=lambda word: (_STRENGTH[word], word == "refuted"), default=None)

    def worst_ratio(self, id):
        """The largest ratio of a claim's sides over all instances, or None."""
        ratio = self.entries.get(id, {}).get("worst_ratio")
        return None if ratio is None else float(ratio)

    def agreement(self, verdict, budget):
        """A verdict of a run with this budget against the ledger's; `Agreement`."""
        entry = self.entries.get(verdict.id)
        if entry is None:
            return Agreement("new", "not in the ledger")
        before, now = entry["verdict"], verdict.verdict
        found = entry["budgets"].get(budget, {}).get("verdict")
        if now == before:
            return Agreement("agrees", "")
        if {now, before} == {"proved", "refuted"}:
            return Agreement("contradicts", f"the ledger: {before}")
        if now == "holds" and before == "proved" and entry["budgets"].get("intervals", {}).get("verdict") == "proved":
            return Agreement("agrees", "the ledger: proved by intervals, which says more than instances can")
        if now == found:
            return Agreement("weaker", f"as before with the {budget} budget; the ledger: {before}")
        if (now == "refuted" and before in _TRUE) or (before == "refuted" and now in _TRUE):
            return Agreement("contradicts", f"the ledger: {before}")
        return Agreement("weaker" if _STRENGTH[now] < _STRENGTH[before] else "stronger", f"the ledger: {before}")

    def with_audit(self, audit):
        """A ledger renewed by an `Audit`; claims that the library has no more are left out."""
        return self._with(audit, audit.budget)

    def with_proofs(self, proofs, chains=(), constants=()):
        """A ledger renewed by `kktcheck.audit.proofs.Proof`s, which stand beside the budgets as "intervals"; those not run change nothing.

        Parameters
        ----------
        proofs : iterable of Proof
        chains : iterable of ChainVerdict, optional
        constants : iterable of BestConstant, optional
        """
        run = [proof for proof in proofs if proof.word != "not run"]
        renewed = self._with([proof.to_verdict(library.get(proof.id)) for proof in run], "intervals")
        for proof in run:
            renewed.entries[proof.id]["budgets"]["intervals"]["thresholds"] = [str(threshold) for threshold in proof.thresholds]
        best = {constant.chain: constant.to_json() for constant in constants}
        found = {verdict.chain.id: {"verdict": verdict.word, "marks": verdict.marks} for verdict in chains}
        found = {id: record | ({"constant": best[id]} if id in best else {}) for id, record in found.items()}
        kept = {chain.id for chain in library.chains()}
        return replace(renewed, chains={id: record for id, record in {**self.chains, **found}.items() if id in kept})

    def _with(self, verdicts, budget):
        entries, new = {}, {verdict.id: verdict for verdict in verdicts}
        for claim in in_paper_order(library.all()):
            old = self.entries.get(claim.id)
            if claim.id in new:
                entries[claim.id] = _entry(old, new[claim.id], budget)
            elif old is not None:
                entries[claim.id] = old
        return replace(self, entries=entries)

    def to_json(self):
        """A JSON text with a line per claim and per chain."""
        claims, chains = (
            ",\n".join(f"{json.dumps(id)}: {json.dumps(entry, allow_nan=False)}" for id, entry in entries.items())
            for entries in (self.entries, self.chains)
        )
        return f'{{"format": {json.dumps(_FORMAT)},\n"claims": {{\n{claims}\n}},\n"chains": {{\n{chains}\n}}}}'


def in_paper_order(claims):
    """Claims in the order of the paper, each with its corrected form, parts, proof steps and versions below it; others last.

    Returns
    -------
    list of Claim
    """
    claims, first = list(claims), {}
    for number, claim in enumerate(claims):
        parts = claim.id.split("/")
        for depth in range(1, len(parts) + 1):
            first.setdefault("/".join(parts[:depth]), number)

    def key(claim):
        head, *below = claim.id.split("/")
        place = next((place for place, beginning in enumerate(_ORDER) if head.startswith(beginning)), len(_ORDER))
        path, ranks = head, []
        for part in below:
            path += "/" + part
            ranks.append((_BELOW.get(part, 1), first[path]))
        return place, _natural(head) if place < len(_ORDER) else [first[head]], ranks

    return sorted(claims, key=key)


def read(path):
    """A ledger from its file.

    Raises
    ------
    FileError
        It cannot be read, or is no ledger.
    """
    try:
        path = Path(path)
        if path.is_file() and path.stat().st_size > _LARGEST_FILE:
            raise FileError(f"{path} has more than {_LARGEST_FILE} bytes; a ledger is a small JSON file")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is no ledger: {str(error)[:80]}") from None
    entries = document.get("claims") if isinstance(document, dict) and document.get("format") == _FORMAT else None
    if not isinstance(entries, dict):
        raise FileError(f'{path} is no ledger: it needs "format": "{_FORMAT}" and claims; kktcheck audit --write-ledger FILE writes one')
    for id, entry in entries.items():
        if not _is_entry(entry):
            raise FileError(f"{path} is a damaged ledger: the entry of {id[:80]!r} lacks a known verdict, budgets or a witness where it is refuted")
    chains = document.get("chains", {})
    if not isinstance(chains, dict) or not all(map(_is_chain, chains.values())):
        raise FileError(f"{path} is a damaged ledger: a chain lacks a known verdict, marks or a constant's numbers")
    return Ledger(entries, str(path), chains)


def to_renew(path):
    """The ledger that --write-ledger changes: the file's, or an empty one if there is none yet."""
    if not os.path.isfile(path) or not os.path.getsize(path):
        return Ledger({}, str(path))
    return read(path)


@functools.cache
def committed():
    """The ledger that comes with kktcheck."""
    return read(PATH)


def _is_entry(entry):
    if not isinstance(entry, dict) or entry.get("verdict") not in WORDS or not isinstance(entry.get("budgets"), dict):
        return False
    found = entry["budgets"].values()
    if not all(isinstance(record, dict) and record.get("verdict") in WORDS and isinstance(record.get("engines"), dict) for record in found):
        return False
    return (entry["verdict"] == "refuted") == isinstance(entry.get("witness"), dict) and isinstance(entry.get("corrected_by"), str)


def _is_chain(record):
    if not isinstance(record, dict) or record.get("verdict") not in ("proved", "broken", "open") or not isinstance(record.get("marks"), str):
        return False
    constant = record.get("constant", {"low": 0.0, "high": 0.0})
    return isinstance(constant, dict) and all(isinstance(constant.get(end), float) or constant.get(end) == "inf" for end in ("low", "high"))


def _entry(old, verdict, budget):
    record = verdict.to_json()
    found = {name: record[name] for name in ("verdict", "worst_ratio", "instances", "tried", "hypotheses_margin", "coverage", "ranges", "note")}
    found["engines"] = {name: _engine(engine) for name, engine in record["engines"].items()}
    budgets = {**(old["budgets"] if old else {}), budget: found}
    strongest = max(budgets.values(), key=lambda found: (_STRENGTH[found["verdict"]], found["verdict"] == "refuted"))
    witnesses = [witness for witness in (record["witness"], old["witness"] if old else None) if witness is not None]
    ratios = [float(found["worst_ratio"]) for found in budgets.values() if found["worst_ratio"] is not None]
    worst = max(ratios, default=None)
    return {
        "verdict": strongest["verdict"],
        "worst_ratio": worst if worst is None or math.isfinite(worst) else str(worst),
        "corrected_by": verdict.corrected_by,
        "budgets": budgets,
        "witness": witnesses[0] if strongest["verdict"] == "refuted" else None,
    }


def _engine(engine):
    word = "refuted" if engine.get("refuted") else "no violation" if engine.get("met") else "vacuous"
    return {"verdict": word, **{name: engine.get(name) for name in ("worst", "met", "tried")}}


def _natural(text):
    """Parts of a text to sort by: digits as numbers."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
