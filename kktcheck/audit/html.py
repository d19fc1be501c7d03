"""The audit as one HTML page that needs nothing else: filters, tightness of every claim, evidence, derivations and witnesses."""

import math
from html import escape

from .. import __version__
from . import html_parts
from .html_parts import badge, class_of, link, table
from .paper_chains import marked_chains
from .proofs import BUDGET
from .report import SIGNS, constant_of, short

#: Ratios of the plot's upper end; larger ones are drawn there.
_TOP = 1.5
_PLOT = {"width": 1120, "height": 230, "left": 40, "right": 12, "top": 14, "bottom": 22}


def page(audit, ledger):
    """The page of an `Audit` against a ledger."""
    agreements = audit.against(ledger)
    entries = list(zip(audit.claims, audit.verdicts, agreements, strict=True))
    counts = " &middot; ".join(f"<b>{number}</b> {badge(word)}" for word, number in audit.counts.items())
    contradicting = [verdict.id for _, verdict, agreement in entries if agreement.word == "contradicts"]
    return html_parts.filled(
        "report.html",
        about=escape(f"kktcheck {__version__}, budget {audit.budget}, seed {audit.seed}: {len(audit)} claims in {audit.seconds:.1f} s"),
        counts=counts,
        alarm=f'<p class="alarm">Contradicts the ledger: {", ".join(map(link, contradicting))}</p>' if contradicting else "",
        plot=_plot(entries),
        verdicts=_options(audit.counts),
        kinds=_options(dict.fromkeys(verdict.kind for verdict in audit)),
        claims="\n".join(_claim(*entry, ledger) for entry in entries),
    )


def _claim(claim, verdict, agreement, ledger):
    words = escape(" ".join((claim.id, claim.source, claim.statement, claim.kind)).lower())
    ratio = short(verdict.worst_ratio) or "&ndash;"
    compared = "" if agreement.word == "agrees" else f'<span class="ledger {agreement.word}">{agreement.word}</span>'
    data = f'data-verdict="{escape(verdict.verdict)}" data-kind="{escape(claim.kind)}" data-text="{words}"'
    return f"""<details class="claim" id="{escape(claim.id)}" {data}>
<summary><span class="id">{escape(claim.id)}</span><span class="source">{escape(claim.source)}</span>{badge(verdict.verdict)}
<span class="bar">{_bar(verdict)}</span><span class="number">{ratio}</span><span class="number">{verdict.instances}</span>{compared}</summary>
<div class="body">{_body(claim, verdict, agreement, ledger)}</div></details>"""


def _body(claim, verdict, agreement, ledger):
    parts = [f'<p class="statement">{escape(claim.statement)}</p>']
    parts += [f"<pre>{escape(claim.latex.strip())}</pre>"] if claim.latex else []
    note = verdict.note + (f" ({agreement.sentence})" if agreement.sentence else "")
    parts += [f"<p><b>{escape(verdict.verdict)}</b>: {escape(note)}.</p>"]
    corrected = constant_of(claim.corrected_by)
    parts += [f"<p>Printed constant: {escape(claim.constant)}.</p>"] if claim.constant else []
    parts += [f"<p>Corrected by {link(claim.corrected_by)}{escape(f': {corrected}' if corrected else '')}.</p>"] if claim.corrected_by else []
    if claim.hypotheses:
        parts += ["<h3>Hypotheses</h3><ul>" + "".join(f"<li>{escape(hypothesis.name)}</li>" for hypothesis in claim.hypotheses) + "</ul>"]
    parts += ['<div class="side">', _engines(verdict), _coverage(verdict), "</div>", _chains(verdict, ledger)]
    parts += [f"<h3>Derivation</h3><div class='derivation'>{escape(claim.derivation.strip())}</div>"] if claim.derivation else []
    parts += ["<h3>Witness</h3>", html_parts.witness(verdict.witness, SIGNS[claim.direction])] if verdict.witness else []
    return "\n".join(parts)


def _engines(verdict):
    attacks = {name: engine for name, engine in verdict.engines.items() if name != BUDGET}
    rows = [(name, e.get("tried"), e.get("met"), short(e.get("worst")), "yes" if e.get("refuted") else "no") for name, e in attacks.items()]
    parts = [table("Engines", ("engine", "tried", "met the hypotheses", "worst ratio", "refuted"), rows)] if rows else []
    if BUDGET in verdict.engines:
        found = verdict.engines[BUDGET]
        row = (BUDGET, found.get("tried"), "yes" if found.get("refuted") else "no", "yes" if verdict.verdict == "proved" else "no")
        parts += [table("Interval arithmetic over the whole box", ("engine", "boxes", "refuted", "proved"), [row])]
    return "".join(parts)


def _chains(verdict, ledger):
    """The chains that prove a claim, as the ledger marks them; none where the verdict is not that it is proved."""
    if verdict.verdict != "proved":
        return ""
    found = [chain for chain in marked_chains(verdict.id, ledger) if chain.word == "proved" or chain.id in _named(verdict)]
    return f"<h3>Proof, link by link</h3>{''.join(map(html_parts.chain, found))}" if found else ""


def _named(verdict):
    """The id of the chain that the note of a verdict names, as a tuple of one or none."""
    beginning, _, rest = verdict.note.partition("by the chain ")
    return () if beginning or not rest else (rest.split(":")[0],)


def _coverage(verdict):
    rows = [(name, short(low), short(high)) for name, (low, high) in verdict.ranges.items()]
    if not rows:
        return ""
    margin = "" if verdict.hypotheses_margin is None else f", hypotheses' least margin at the worst ratio {short(verdict.hypotheses_margin)}"
    caption = f"Coverage: {verdict.coverage:.0%} of the cells of the box{margin}"
    return table(caption, ("parameter", "least", "largest"), rows)


def _bar(verdict):
    """Worst ratio up to the plot's end, as a bar with a mark at 1."""
    if verdict.worst_ratio is None:
        return ""
    share = 100 * min(max(verdict.worst_ratio, 0), _TOP) / _TOP
    return f'<i class="{class_of(verdict.verdict)}" style="width:{share:.1f}%"></i><u style="left:{100 / _TOP:.1f}%"></u>'


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
        dot = f'<circle class="{class_of(verdict.verdict)}" cx="{x:.1f}" cy="{y(verdict.worst_ratio):.1f}" r="4">'
        lines.append(f'<a href="#{escape(verdict.id)}">{dot}<title>{escape(name)}</title></circle></a>')
    lines.append(f'<text x="{left}" y="{height - 5}">claims in the order of the paper</text>')
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="worst ratio of each claim">{"".join(lines)}</svg>'


def _options(values):
    return "".join(f'<option value="{escape(value)}">{escape(value)}</option>' for value in values)
