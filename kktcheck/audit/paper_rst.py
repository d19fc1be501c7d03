"""The referee's report as reStructuredText: plain directives only, every text escaped, the picture in a file beside it."""

import re
import textwrap
import unicodedata

from .. import __version__
from .chains import MARKS
from .paper_ours import comparison_tables
from .paper_words import (
    broken_sentence,
    constants_table,
    correction_sentence,
    counted,
    evidence_sentence,
    proof_sentence,
    repairs,
    sharpened_table,
    summary_tables,
)
from .report import SIGNS, witness_lines

_WIDTH = 118
_MARKS = ", ".join(f"{character} {word}" for word, character in MARKS.items())
#: Beginnings of a line that would start a list, a directive, a field or a title.
_BEGINNING = re.compile(r"[^\w\s\\]|(\w+|#)[.)](\s|$)")
_SPECIAL = re.compile(r"[\\`*_|]|::")


def document(paper, ledger, picture=""):
    """The report of a `kktcheck.audit.paper.Paper`.

    Parameters
    ----------
    paper : Paper
    ledger : Ledger
        That it was read from.
    picture : str, optional
        Name of the file with the plot of the constants; without one there is none.
    """
    parts = [_title("The referee's report", "=", over=True)]
    parts += [paragraph('"Provable unlearning with gradient ascent on two-layer ReLU neural networks", statement by statement.')]
    parts += [paragraph(f"kktcheck {__version__}, from a ledger of {paper.num_claims} claims and {paper.num_chains} chains.")]
    parts += [paragraph(counted(paper)), ".. contents::\n   :depth: 1"]
    parts += [paragraph(f"Contradiction in the ledger: {sentence}") for sentence in paper.contradictions]
    parts += [text for table in summary_tables(paper) for text in _table(table, "=")]
    parts += [_title("Constants", "=")]
    parts += [f".. image:: {escaped(picture)}\n   :alt: printed, proved and attained constants"] if picture else []
    constants = constants_table(paper.constants)
    none = paragraph("The ledger holds no constants: kktcheck prove --write-ledger FILE enters them.")
    parts += _table(constants, "-") if constants.rows else [none]
    parts += [text for table in comparison_tables(ledger) for text in _table(table, "-")]
    parts += [_title("Statement by statement", "="), paragraph(f"Marks of links: {_MARKS}.")]
    parts += [text for statement in paper.statements for text in _statement(statement)]
    return "\n\n".join(parts) + "\n"


def escaped(text):
    """A text in a line, of which nothing is taken for markup."""
    line = " ".join("".join(character if character.isprintable() else _visible(character) for character in str(text)).split())
    line = _SPECIAL.sub(lambda found: "".join("\\" + character for character in found.group()), line)
    return "\\" + line if _BEGINNING.match(line) else line


def paragraph(text, indent=""):
    """A text as a paragraph of lines that are not too long; nothing for an empty one."""
    lines = textwrap.wrap(escaped(text), _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return "\n".join(indent + (line if number == 0 or re.search(r"\w", line) else f"\\{line}") for number, line in enumerate(lines))


def literal(lines, indent=""):
    """Lines as they are, in a block of their own."""
    shown = ("".join(character if character.isprintable() else _visible(character) for character in line) for line in lines)
    return f"{indent}::\n\n" + "\n".join(f"{indent}   {line}" if line.strip() else "" for line in shown)


def _visible(character):
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"


def _title(text, line, over=False):
    text = escaped(text)
    rule = line * sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return f"{rule}\n{text}\n{rule}" if over else f"{text}\n{rule}"


def _table(table, line):
    """Title, note and list-table."""
    return [_title(table.title, line), *([paragraph(table.note)] if table.note else []), _list_table(table)]


def _list_table(table):
    cells = "\n".join("   * - " + "\n     - ".join(map(_cell, row)) for row in (table.header, *table.rows))
    return f".. list-table::\n   :header-rows: 1\n\n{cells}"


def _cell(cell):
    lines = cell if isinstance(cell, tuple) else (cell,)
    return "\n\n".join(paragraph(line, "       ") for line in lines).lstrip(" ") if any(lines) else ""


def _statement(statement):
    found, claim = statement.judged, statement.judged.claim
    parts = [_title(claim.id, "-"), paragraph(f"{statement.word}{''.join(f'; {tag}' for tag in statement.tags)}. {claim.source}.")]
    parts += [paragraph(claim.statement)]
    parts += [literal(textwrap.dedent(claim.latex).strip().splitlines())] if claim.latex.strip() else []
    parts += [paragraph(f"Printed constant: {claim.constant}.")] if claim.constant else []
    parts += [paragraph(evidence_sentence(found))]
    parts += [paragraph(f"Contradiction: {sentence}") for sentence in statement.contradictions]
    parts += [_witness(found)] if found.witness is not None else []
    if statement.corrected is not None:
        parts += [paragraph(f"Nearest true claim: {correction_sentence(statement.corrected, claim.constant)}")]
        parts += [paragraph(evidence_sentence(statement.corrected))]
    parts += [paragraph(f"Printed proof: {proof_sentence(statement)}.")] if statement.has_proof else []
    for step in statement.broken:
        parts += [_bullet(f"refuted: {broken_sentence(step, statement)}")]
        parts += [paragraph(sentence, "  ") for sentence in step.judged.thresholds]
        parts += [_witness(step.judged, "  ")] if step.judged.witness is not None else []
    if statement.broken and found.is_true:
        parts += [paragraph("What repairs it:"), *map(_bullet, repairs(statement))]
    parts += [text for chain in statement.chains for text in _chain(chain)]
    for table in (sharpened_table([statement]), constants_table(statement.constants)):
        if table.rows:
            parts += [paragraph(f"{table.title}:"), _list_table(table)]
    return parts


def _chain(chain):
    """A chain: a line per link with its mark, and the reason below it."""
    parts = [paragraph(f"Chain {chain.id} ({chain.whose}): {chain.word}; {chain.summary}.")]
    parts += [paragraph(chain.note)] if chain.note else []
    for link in chain.links:
        claim = "" if link.judged is None else f": {link.judged.id}"
        parts += [_bullet(f"{link.formula} [{link.mark}{claim}]"), paragraph(link.reason, "  ")]
        parts += [paragraph(sentence, "  ") for sentence in (link.judged.thresholds if link.is_refuted and link.judged else ())]
    return [*parts, paragraph(chain.ending)]


def _bullet(text):
    return "- " + paragraph(text, "  ").lstrip(" ")


def _witness(found, indent=""):
    return literal(witness_lines(found.witness, SIGNS[found.claim.direction]), indent)
