"""The audit as one HTML page that needs nothing else: filters, tightness of every claim, evidence, derivations and witnesses."""

import math
from html import escape
from pathlib import Path
from string import Template

from .. import __version__
from . import readable
from .report import SIGNS, constant_of, short

_TEMPLATE = Path(__file__).with_name("report.html")
#: Ratios of the plot's upper end; larger ones are drawn there.
_TOP = 1.5
#: Most entries of a row, and rows of a matrix, that the page shows; they scroll.
_SHOWN = 64
_PLOT = {"width": 1120, "height": 230, "left": 40, "right": 12, "top": 14, "bottom": 22}


def page(audit, ledger):
    """The page of an `Audit` against a ledger."""
    agreements = audit.against(ledger)
    entries = list(zip(audit.claims, audit.verdicts, agreements, strict=True))
    counts = " &middot; ".join(f"<b>{number}</b> {_badge(word)}" for word, number in audit.counts.items())
    contradicting = [verdict.id for _, verdict, agreement in entries if agreement.word == "contradicts"]
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        about=escape(f"kktcheck {__version__}, budget {audit.budget}, seed {audit.seed}: {len(audit)} claims in {audit.seconds:.1f} s"),
        counts=counts,
        alarm=f'<p class="alarm">Contradicts the ledger: {", ".join(map(_link, contradicting))}</p>' if contradicting else "",
        plot=_plot(entries),
        verdicts=_options(audit.counts),
        kinds=_options(dict.fromkeys(verdict.kind for verdict in audit)),
        claims="\n".join(_claim(*entry) for entry in entries),
    )


def _claim(claim, verdict, agreement):
    words = escape(" ".join((claim.id, claim.source, claim.statement, claim.kind)).lower())
    ratio = short(verdict.worst_ratio) or "&ndash;"
    ledger = "" if agreement.word == "agrees" else f'<span class="ledger {agreement.word}">{agreement.word}</span>'
    data = f'data-verdict="{escape(verdict.verdict)}" data-kind="{escape(claim.kind)}" data-text="{words}"'
    return f"""<details class="claim" id="{escape(claim.id)}" {data}>
<summary><span class="id">{escape(claim.id)}</span><span class="source">{escape(claim.source)}</span>{_badge(verdict.verdict)}
<span class="bar">{_bar(verdict)}</span><span class="number">{ratio}</span><span class="number">{verdict.instances}</span>{ledger}</summary>
<div class="body">{_body(claim, verdict, agreement)}</div></details>"""


def _body(claim, verdict, agreement):
    parts = [f'<p class="statement">{escape(claim.statement)}</p>']
    parts += [f"<pre>{escape(claim.latex.strip())}</pre>"] if claim.latex else []
    note = verdict.note + (f" ({agreement.sentence})" if agreement.sentence else "")
    parts += [f"<p><b>{escape(verdict.verdict)}</b>: {escape(note)}.</p>"]
    corrected = constant_of(claim.corrected_by)
    parts += [f"<p>Printed constant: {escape(claim.constant)}.</p>"] if claim.constant else []
    parts += [f"<p>Corrected by {_link(claim.corrected_by)}{escape(f': {corrected}' if corrected else '')}.</p>"] if claim.corrected_by else []
    if claim.hypotheses:
        parts += ["<h3>Hypotheses</h3><ul>" + "".join(f"<li>{escape(hypothesis.name)}</li>" for hypothesis in claim.hypotheses) + "</ul>"]
    parts += ['<div class="side">', _engines(verdict), _coverage(verdict), "</div>"]
    parts += [f"<h3>Derivation</h3><div class='derivation'>{escape(claim.derivation.strip())}</div>"] if claim.derivation else []
    parts += [_witness(verdict.witness, SIGNS[claim.direction])] if verdict.witness else []
    return "\n".join(parts)


def _engines(verdict):
    rows = [(name, e.get("tried"), e.get("met"), short(e.get("worst")), "yes" if e.get("refuted") else "no") for name, e in verdict.engines.items()]
    return _table("Engines", ("engine", "tried", "met the hypotheses", "worst ratio", "refuted"), rows) if rows else ""


def _coverage(verdict):
    rows = [(name, short(low), short(high)) for name, (low, high) in verdict.ranges.items()]
    if not rows:
        return ""
    margin = "" if verdict.hypotheses_margin is None else f", hypotheses' least margin at the worst ratio {short(verdict.hypotheses_margin)}"
    caption = f"Coverage: {verdict.coverage:.0%} of the cells of the box{margin}"
    return _table(caption, ("parameter", "least", "largest"), rows)


def _witness(witness, sign):
    where = f" at index {', '.join(map(str, witness['index']))}" if witness.get("index") else ""
    parts = [f"<h3>Witness</h3><p>left = <b>{escape(str(witness['left']))}</b>, right = <b>{escape(str(witness['right']))}</b>{escape(where)};"]
    parts += [f" claimed: left {escape(sign)} right. Every hypothesis is met, exactly; a tilde marks rounded numbers.</p>"]
    values = readable.fields(witness["instance"], _SHOWN)
    texts = [(name, value) for name, value in values if isinstance(value, str)]
    parts += [_table(f"Instance ({witness['instance'].get('kind')})", ("quantity", "value"), texts, "texts")]
    parts += [_table(name, (), value, "matrix") for name, value in values if not isinstance(value, str)]
    return "".join(parts)


def _table(caption, header, rows, classes=""):
    head = "<tr>" + "".join(f"<th>{escape(name)}</th>" for name in header) + "</tr>" if header else ""
    cells = "".join("<tr>" + "".join(f"<td>{'&ndash;' if cell is None else escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table class="{classes}"><caption>{escape(caption)}</caption>{head}{cells}</table></div>'


def _bar(verdict):
    """Worst ratio up to the plot's end, as a bar with a mark at 1."""
    if verdict.worst_ratio is None:
        return ""
    share = 100 * min(max(verdict.worst_ratio, 0), _TOP) / _TOP
    return f'<i class="{_class(verdict.verdict)}" style="width:{share:.1f}%"></i><u style="left:{100 / _TOP:.1f}%"></u>'


def _plot(entries):
    """Worst ratio of each claim in order, as an SVG: a dot each, which links to the claim."""
    width, height = _PLOT["width"], _PLOT["height"]
    left, bottom = _PLOT["left"], height - _PLOT["bottom"]

    def y(ratio):
        return bottom - min(max(ratio, 0), _TOP) / _TOP * (bottom - _PLOT["top"])

    lines = []
    for ratio in (0, 0.25, 0.5, 0.75, 1, 1.25, _TOP):
        label = f"{ratio:g}" if ratio < _TOP else f"&ge;{_TOP:g}"
        kind, level = "one" if ratio == 1 else "grid", f"{y(ratio):.1f}"
        lines.append(f'<line class="{kind}" x1="{left}" x2="{width - _PLOT["right"]}" y1="{level}" y2="{level}"/>')
        lines.append(f'<text x="{left - 6}" y="{y(ratio) + 4:.1f}" text-anchor="end">{label}</text>')
    step = (width - left - _PLOT["right"]) / max(len(entries), 1)
    for number, (_, verdict, _) in enumerate(entries):
        if verdict.worst_ratio is None or math.isnan(verdict.worst_ratio):
            continue
        x, name = left + (number + 0.5) * step, f"{verdict.id}: {verdict.verdict}, worst ratio {short(verdict.worst_ratio)}"
        dot = f'<circle class="{_class(verdict.verdict)}" cx="{x:.1f}" cy="{y(verdict.worst_ratio):.1f}" r="4"><title>{escape(name)}</title></circle>'
        lines.append(f'<a href="#{escape(verdict.id)}">{dot}</a>')
    lines.append(f'<text x="{left}" y="{height - 5}">claims in the order of the paper</text>')
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="worst ratio of each claim">{"".join(lines)}</svg>'


def _badge(word):
    return f'<span class="badge {_class(word)}">{escape(word)}</span>'


def _class(word):
    return word.replace(" ", "-")


def _link(id):
    return f'<a href="#{escape(id)}">{escape(id)}</a>'


def _options(values):
    return "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
