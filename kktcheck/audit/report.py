"""The audit in words: the table of verdicts, the list of claims, everything about one claim, and a witness that was re-checked."""

import textwrap
from collections import Counter

import numpy as np

from ..claims import all as every_claim
from ..tables import table
from . import readable

#: Width of paragraphs, and of the tables' last column.
_WIDTH, _NOTE = 118, 80
#: Widths in the list of claims: source, constants, statement.
_COLUMNS = (32, 20, 20, 80)
SIGNS = {"upper": "<=", "exists": "<=", "lower": ">=", "equality": "=", "probability": "<="}


def audit_table(audit, ledger):
    """The table of an `Audit` against a ledger, with counts below it."""
    agreements = audit.against(ledger)
    rows = [
        (verdict.id, verdict.verdict, short(verdict.worst_ratio), verdict.instances, agreement.word, _note(verdict, agreement))
        for verdict, agreement in zip(audit, agreements, strict=True)
    ]
    counts = ", ".join(f"{number} {word}" for word, number in audit.counts.items())
    parts = [table(("claim", "verdict", "worst ratio", "instances", "ledger", "note"), rows, left=2, notes=True), ""]
    parts += [f"{len(audit)} claims: {counts}. Budget {audit.budget}, seed {audit.seed}, {audit.seconds:.1f} s."]
    parts += ["worst ratio: of the side that should be smaller to the other, over the instances that meet every hypothesis; above 1 it is violated."]
    parts += _coverage(audit)
    compared = Counter(agreement.word for agreement in agreements)
    parts += ["against the ledger: " + ", ".join(f"{compared[word]} {what}" for word, what in COMPARED.items() if compared[word])]
    return "\n".join(parts)


def _coverage(audit):
    shares = sorted(verdict.coverage for verdict in audit if verdict.verdict == "holds" and verdict.coverage)
    if not shares:
        return []
    return [f"coverage of the hypotheses' boxes, of claims that hold: {shares[0]:.0%} of the cells at least, median {shares[len(shares) // 2]:.0%}."]


COMPARED = {
    "agrees": "agree",
    "weaker": "weaker, but consistent",
    "stronger": "stronger than before",
    "new": "new",
    "contradicts": "CONTRADICT IT",
}


def claims_table(claims, ledger):
    """One line per claim: verdict in the ledger, worst ratio seen, constants, source, the beginning of the statement."""
    rows = []
    for claim in claims:
        entry = ledger.entries.get(claim.id, {})
        texts = (claim.source, claim.constant, constant_of(claim.corrected_by) or "", claim.statement)
        source, *cells = (textwrap.shorten(text, width, placeholder=" ...") or None for text, width in zip(texts, _COLUMNS, strict=True))
        rows.append((claim.id, source, entry.get("verdict", "not judged"), short(entry.get("worst_ratio")), *cells))
    header = ("claim", "source", "verdict", "worst ratio", "printed", "corrected", "statement")
    return table(header, rows, left=3, notes=True) + f"\n\n{len(claims)} claims; kktcheck claims ID shows everything about one, its witness included."


def constant_of(id):
    """The constant of the claim of an id, or None."""
    return next((claim.constant for claim in every_claim() if claim.id == id and claim.constant), None)


def claim_text(claim, entry, related):
    """Everything about one claim.

    Parameters
    ----------
    claim : Claim
    entry : dict or None
        Of the ledger.
    related : sequence of str
        Ids of the claims that belong to it.
    """
    parts = [f"{claim.id} ({claim.kind}; {claim.source})", "", _paragraph(claim.statement)]
    parts += ["", "LaTeX", _indented(claim.latex)] if claim.latex else []
    parts += ["", f"left {SIGNS[claim.direction]} right ({claim.direction})" + (f"; printed constant {claim.constant}" if claim.constant else "")]
    parts += ["", "hypotheses", *(f"  - {hypothesis.name}" for hypothesis in claim.hypotheses)] if claim.hypotheses else []
    family = getattr(claim.family, "name", "")
    parts += ["", _paragraph(f"attacked on: {family}")] if family else []
    parts += ["", *_evidence(entry)]
    parts += [f"not run: {claim.not_run}"] if claim.not_run else []
    corrected = constant_of(claim.corrected_by)
    parts += [f"corrected by {claim.corrected_by}" + (f": constant {corrected}" if corrected else "")] if claim.corrected_by else []
    parts += ["", "derivation", _paragraphs(claim.derivation)] if claim.derivation else []
    witness = (entry or {}).get("witness")
    if witness:
        parts += ["", "witness", *(f"  {line}" for line in witness_lines(witness, SIGNS[claim.direction]))]
    parts += ["", "belongs to it", *(f"  {id}" for id in related)] if related else []
    return "\n".join(parts)


def replay_text(claim, refutation):
    """A witness re-checked alone: hypotheses with their margins, the two sides, the verdict."""
    rows = [(hypothesis.name, short(_least(hypothesis.margin(refutation.instance)))) for hypothesis in claim.hypotheses]
    parts = [f"{claim.id} ({claim.source})", "", _paragraph(claim.statement), ""]
    parts += [table(("hypothesis, met exactly", "margin"), rows), ""] if rows else []
    parts += [*witness_lines(refutation.to_json(), SIGNS[claim.direction]), ""]
    parts += [f"REFUTED: every hypothesis is met and {claim.id} is violated, exactly."]
    return "\n".join(parts)


def witness_lines(witness, sign):
    """A witness as lines: the two sides, where, and the numbers of the instance."""
    where = f" at index {', '.join(map(str, witness['index']))}" if witness.get("index") else ""
    ratio = "" if witness.get("ratio") is None else f", ratio {witness['ratio']:.6g}"
    lines = [f"left = {witness['left']}, right = {witness['right']}{where}{ratio}; claimed: left {sign} right"]
    lines += [f"instance ({witness['instance'].get('kind')}):"]
    for name, value in readable.fields(witness["instance"]):
        lines += [f"  {name} = {value}"] if isinstance(value, str) else [f"  {name} =", *(f"    {line}" for line in readable.aligned(value))]
    return lines


def short(value):
    """A number with four digits, as the tables show it; strings are numbers that are not finite."""
    return None if value is None else f"{float(value):.4g}"


def _note(verdict, agreement):
    notes = [agreement.sentence if agreement.word != "new" else ""]
    notes += [f"corrected by {verdict.corrected_by}" if verdict.corrected_by and verdict.verdict == "refuted" else ""]
    notes += [verdict.note if verdict.verdict not in ("holds", "refuted") else ""]
    return textwrap.shorten("; ".join(note for note in notes if note), _NOTE, placeholder=" ...")


def _evidence(entry):
    if entry is None:
        return ["not in the ledger: kktcheck audit judges it"]
    lines = [f"verdict: {entry['verdict']}, worst ratio {short(entry.get('worst_ratio')) or 'none'}"]
    rows = []
    for budget, found in entry["budgets"].items():
        if budget == "intervals":
            continue
        rows.append((budget, "all engines", found["verdict"], short(found.get("worst_ratio")), found.get("instances"), found.get("note", "")))
        reached = ", ".join(f"{name} {short(low)} to {short(high)}" for name, (low, high) in found.get("ranges", {}).items())
        rows += [("", "reached", "", None, None, f"{reached}; {found['coverage']:.0%} of the cells of the box")] if reached else []
        rows += [("", name, e.get("verdict"), short(e.get("worst")), e.get("met"), "") for name, e in found["engines"].items()]
    if rows:
        lines += ["", table(("budget", "engine", "verdict", "worst ratio", "instances", "note"), rows, left=3, notes=True)]
    proof = entry["budgets"].get("intervals")
    return [*lines, "", _paragraph(f"by interval arithmetic: {proof['verdict']}; {proof['note']}")] if proof else lines


def _least(margin):
    values = [float(value) for value in np.asarray(margin, dtype=object).flat]
    return min(values, default=float("inf"))


def _paragraph(text):
    return textwrap.fill(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _paragraphs(text):
    """Lines kept as they are, long ones wrapped."""
    return "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        for line in textwrap.dedent(text).strip().splitlines()
    )


def _indented(text):
    return textwrap.indent(textwrap.dedent(text).strip(), "  ")
