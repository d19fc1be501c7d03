"""The referee's report as one HTML page that needs nothing else."""

from html import escape

from .. import __version__
from . import html_parts
from .constants_plot import plot
from .html_parts import badge, link
from .paper import WORDS
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
from .report import SIGNS


def page(paper, ledger):
    """The page of a `kktcheck.audit.paper.Paper`.

    Parameters
    ----------
    paper : Paper
    ledger : Ledger
        That it was read from.
    """
    ids = {statement.id for statement in paper.statements}
    alarm = "".join(f"<li>{escape(sentence)}</li>" for sentence in paper.contradictions)
    constants = constants_table(paper.constants)
    return html_parts.filled(
        "paper.html",
        about=escape(f"kktcheck {__version__}, from a ledger of {paper.num_claims} claims and {paper.num_chains} chains"),
        counts=" &middot; ".join(f"<b>{len(paper.of(word))}</b> {badge(word)}" for word in WORDS),
        counted=escape(counted(paper)),
        alarm=f'<div class="alarm">Contradictions in the ledger:<ul>{alarm}</ul></div>' if alarm else "",
        summary="\n".join(_section(table, ids) for table in summary_tables(paper)),
        plot=plot(paper.constants) or "<p>The ledger holds no constants: kktcheck prove --write-ledger FILE enters them.</p>",
        constants=_section(constants, ids, "h3") if constants.rows else "",
        comparison="\n".join(_section(table, ids, "h3") for table in comparison_tables(ledger)),
        words="".join(f'<option value="{escape(word)}">{escape(word)}</option>' for word in WORDS),
        statements="\n".join(map(_statement, paper.statements)),
    )


def _section(table, ids, heading="h2"):
    """A table with its title; cells that are ids of statements lead to them."""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.header)
    rows = "".join("<tr>" + "".join(f"<td>{_cell(cell, ids)}</td>" for cell in row) + "</tr>" for row in table.rows)
    note = f'<p class="soft">{escape(table.note)}</p>' if table.note else ""
    return f'<{heading}>{escape(table.title)}</{heading}>{note}<div class="scroll"><table class="words"><tr>{head}</tr>{rows}</table></div>'


def _cell(cell, ids):
    if isinstance(cell, tuple):
        return "".join(f"<div>{_breakable(line)}</div>" for line in cell)
    if cell in WORDS or cell in ("proved", "holds"):
        return badge(cell)
    names = cell.split(", ")
    return ", ".join(map(link, names)) if set(names) <= ids else _breakable(cell)


def _breakable(text):
    """A text whose lines may end behind the slashes of ids."""
    return escape(text).replace("/", "/<wbr>")


def _statement(statement):
    claim, word = statement.judged.claim, statement.word
    tags = "".join(f'<span class="tag {html_parts.class_of(tag)}">{escape(tag)}</span>' for tag in statement.tags)
    text = escape(" ".join((claim.id, claim.source, claim.statement)).lower())
    return f"""<details class="statement" id="{escape(claim.id)}" data-word="{escape(word)}" data-text="{text}">
<summary><span class="id">{escape(claim.id)}</span><span class="source">{escape(claim.source)}</span>{badge(word)}
<span class="tags">{tags}</span></summary>
<div class="body">{_body(statement)}</div></details>"""


def _body(statement):
    found, claim = statement.judged, statement.judged.claim
    parts = [f'<p class="text">{escape(claim.statement)}</p>']
    parts += [f"<pre>{escape(claim.latex.strip())}</pre>"] if claim.latex else []
    parts += [f"<p>Printed constant: {escape(claim.constant)}.</p>"] if claim.constant else []
    parts += [f"<p>{escape(evidence_sentence(found))}</p>"]
    parts += [f'<p class="alarm">{escape(sentence)}</p>' for sentence in statement.contradictions]
    if found.witness is not None:
        parts += ["<h3>Witness</h3>", html_parts.witness(found.witness, SIGNS[claim.direction])]
    if statement.corrected is not None:
        parts += ["<h3>Nearest true claim</h3>", f"<p>{escape(correction_sentence(statement.corrected, claim.constant))}</p>"]
        parts += [f"<p>{escape(evidence_sentence(statement.corrected))}</p>"]
    if statement.has_proof:
        parts += ["<h3>Printed proof</h3>", f"<p>{escape(proof_sentence(statement))}.</p>"]
    parts += [_broken(step, statement) for step in statement.broken]
    if statement.broken and found.is_true:
        parts += ["<p>What repairs it:</p><ul>", *(f"<li>{escape(sentence)}</li>" for sentence in repairs(statement)), "</ul>"]
    parts += [html_parts.chain(chain) for chain in statement.chains if chain.author == "printed"]
    ours = [chain for chain in statement.chains if chain.author == "ours"]
    parts += ["<h3>Our proof</h3>", *map(html_parts.chain, ours)] if ours else []
    tables = (sharpened_table([statement]), constants_table(statement.constants))
    parts += [f"<h3>{table.title}</h3>{html_parts.table('', table.header, table.rows, 'texts')}" for table in tables if table.rows]
    return "\n".join(parts)


def _broken(step, statement):
    witness = "" if step.judged.witness is None else html_parts.witness(step.judged.witness, SIGNS[step.judged.claim.direction])
    where = "".join(f"<p>{escape(sentence)}</p>" for sentence in step.judged.thresholds)
    head = f"{badge('refuted')} {escape(broken_sentence(step, statement))}"
    true = "" if step.corrected is None else f"<p>True instead: {escape(correction_sentence(step.corrected, step.judged.claim.constant))}</p>"
    return f'<details class="step"><summary>{head}</summary>{where}{true}{witness}</details>'
