"""The referee's report in short for the terminal, and as JSON."""

import math

from ..tables import table
from .paper_words import correction_sentence, counted, evidence_sentence, repairs, witness_sentence


def summary(paper):
    """A line per statement, and the counts."""
    rows = [(statement.id, statement.word, ", ".join(statement.tags) or None, _why(statement)) for statement in paper.statements]
    return "\n".join([table(("statement", "word", "tags", "note"), rows, left=3, notes=True), "", counted(paper), *paper.contradictions])


def records(paper):
    """A list with a dict of JSON values per statement."""
    return [_record(statement) for statement in paper.statements]


def _why(statement):
    if statement.word == "refuted":
        return "true instead: none known" if statement.corrected is None else f"true instead: {statement.corrected.id}"
    return f"refuted: {', '.join(step.judged.id for step in statement.broken)}" if statement.broken else ""


def _record(statement):
    claim, corrected = statement.judged.claim, statement.corrected
    return {
        "id": claim.id,
        "verdict": statement.word,
        "tags": list(statement.tags),
        "source": claim.source,
        "statement": claim.statement,
        "constant": claim.constant,
        "ledger": statement.judged.verdict,
        "evidence": evidence_sentence(statement.judged),
        "witness": statement.judged.witness,
        "corrected": None if corrected is None else {**_judged(corrected), "text": correction_sentence(corrected, claim.constant)},
        "broken": [_step(step) for step in statement.broken],
        "repairs": list(repairs(statement)) if statement.broken and statement.judged.is_true else [],
        "chains": [_chain(chain) for chain in statement.chains],
        "sharpened": [{**_judged(version.judged), "than": version.than.id} for version in statement.sharpened],
        "constants": [_constant(constant) for constant in statement.constants],
        "contradictions": list(statement.contradictions),
    }


def _judged(found):
    return {"id": found.id, "verdict": found.verdict, "constant": found.claim.constant}


def _step(step):
    corrected = None if step.corrected is None else _judged(step.corrected)
    return {"id": step.judged.id, "formula": step.formula, "witness": witness_sentence(step.judged), "corrected": corrected}


def _chain(chain):
    links = [{"formula": link.formula, "mark": link.mark, "claim": None if link.judged is None else link.judged.id} for link in chain.links]
    return {"id": chain.id, "author": chain.author, "verdict": chain.word, "links": links}


def _constant(constant):
    numbers = {name: value if value is None or math.isfinite(value) else str(value) for name, value in vars(constant.best).items() if _real(value)}
    return {**vars(constant.best), **numbers, "verdict": constant.word}


def _real(value):
    return value is None or isinstance(value, float)
