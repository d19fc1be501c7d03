"""Pieces of the HTML pages: what all share, tables, badges, links, witnesses, and chains link by link. All text is escaped here."""

from html import escape
from pathlib import Path
from string import Template

from . import readable
from .chains import MARKS

#: Most entries of a row, and rows of a matrix, that a page shows; they scroll.
_SHOWN = 64


def filled(template, **fields):
    """A page: a template beside this module with its fields, the style and the script that all pages share."""
    shared = {"style": _read("page.css"), "script": _read("page.js")}
    return Template(_read(template)).substitute(**shared, **fields)


def _read(name):
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def table(caption, header, rows, classes=""):
    """A table of texts that scrolls sideways where it is too wide; None is a dash."""
    head = "<tr>" + "".join(f"<th>{escape(name)}</th>" for name in header) + "</tr>" if header else ""
    cells = "".join("<tr>" + "".join(f"<td>{'&ndash;' if cell is None else escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table class="{classes}"><caption>{escape(caption)}</caption>{head}{cells}</table></div>'


def badge(word):
    """A word on its colour."""
    return f'<span class="badge {class_of(word)}">{escape(word)}</span>'


def class_of(word):
    """A word as the name of a class."""
    return word.replace(",", "").replace(" ", "-")


def link(id):
    """A link to the element of an id."""
    return f'<a href="#{escape(id)}">{escape(id)}</a>'


def witness(found, sign):
    """A witness: the two sides, and the numbers of the instance.

    Parameters
    ----------
    found : dict
        As `kktcheck.audit.witness.read_witness` reads it.
    sign : str
        What is claimed between left and right.
    """
    where = f" at index {', '.join(map(str, found['index']))}" if found.get("index") else ""
    parts = [f"<p>left = <b>{escape(str(found['left']))}</b>, right = <b>{escape(str(found['right']))}</b>{escape(where)};"]
    parts += [f" claimed: left {escape(sign)} right. Every hypothesis is met, exactly; a tilde marks rounded numbers.</p>"]
    values = readable.fields(found["instance"], _SHOWN)
    texts = [(name, value) for name, value in values if isinstance(value, str)]
    parts += [table(f"Instance ({found['instance'].get('kind')})", ("quantity", "value"), texts, "texts")]
    parts += [table(name, (), value, "matrix") for name, value in values if not isinstance(value, str)]
    return "".join(parts)


def chain(found):
    """A `kktcheck.audit.paper_chains.MarkedChain`: a line per link with its mark and reason, and the conclusion."""
    head = f"<p><b>{escape(found.id)}</b> ({escape(found.whose)}): {badge(found.word)} {escape(found.summary)}</p>"
    note = f'<p class="soft">{escape(found.note)}</p>' if found.note else ""
    links = "".join(_link(each) for each in found.links)
    return f'{head}{note}<ol class="chain">{links}</ol><p>{escape(found.ending)}</p>'


def _link(found):
    mark = f'<span class="mark {class_of(found.mark)}" title="{escape(found.mark)}">{escape(MARKS.get(found.mark, "-"))}</span>'
    lines = [f"<li>{mark}<code>{escape(found.formula)}</code>", f'<div class="reason">{escape(found.reason)}</div>']
    lines += [f'<div class="soft">{escape(found.mark)}{escape(_carried(found))}</div>']
    lines += [f'<div class="soft">{escape(sentence)}</div>' for sentence in (found.judged.thresholds if found.is_refuted and found.judged else ())]
    return "".join(lines) + "</li>"


def _carried(found):
    """By which claim, and what the ledger says of it."""
    judged = found.judged
    if judged is None:
        return ""
    boxes = f" with {judged.boxes} {'box' if judged.boxes == 1 else 'boxes'}" if judged.boxes else ""
    corrected = f"; true instead: {judged.corrected_by}" if judged.corrected_by else ""
    return f": {judged.id}, {judged.verdict}{boxes}{corrected}"
