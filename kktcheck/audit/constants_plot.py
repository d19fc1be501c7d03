"""Printed, proved and attained constants as an SVG: a row each, as shares of the printed bound on a logarithmic scale."""

import math
from html import escape

from .paper_words import attained_constant, printed_constant, proved_constant

#: Powers of ten beyond which a mark is drawn at the edge.
_FURTHEST = (-6, 3)
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 1120, 310, 290, 46, 18
_STYLE = """
.constants { background: #fff; font: 11px system-ui, sans-serif; }
.constants text { fill: #3c464e; } .constants .strong { fill: #1d2328; } .constants .band { fill: #f4f6f7; }
.constants .grid { stroke: #dfe3e6; } .constants .one { stroke: #1d2328; stroke-dasharray: 4 3; }
.constants .proved { stroke: #1a5fa0; stroke-width: 2; fill: #1a5fa0; } .constants .unproved { stroke: #a06a00; stroke-width: 2; fill: none; }
.constants .attained { fill: #2f7d4f; } .constants .contradicted { fill: #b8322a; } .constants .room { stroke: #b9c1c7; stroke-width: 1.5; }
"""


def plot(constants):
    """The picture.

    Parameters
    ----------
    constants : sequence of kktcheck.audit.paper.Constant

    Returns
    -------
    str
        An ``<svg>`` element with its own style, white behind, which is a file as well; empty without constants.
    """
    if not constants:
        return ""
    axis = _Axis(constants)
    height = _TOP + _ROW * len(constants) + 14
    rows = "\n".join(_row(constant, number, axis) for number, constant in enumerate(constants))
    label = "printed, proved and attained constants"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="constants" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">'
    white = f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
    return f"{head}<style>{_STYLE}</style>\n{white}\n{_bands(constants)}{axis.lines(height)}{_key()}\n{rows}\n</svg>"


class _Axis:
    """Shares of the printed bound, from a power of ten to a power of ten."""

    def __init__(self, constants):
        shares = [share for constant in constants for share in (constant.best.low, constant.best.high, constant.best.attained or 0, 1.0)]
        powers = [math.log10(share) for share in shares if share > 0 and math.isfinite(share)]
        self.low, self.high = max(math.floor(min(powers) - 1e-9), _FURTHEST[0]), min(math.ceil(max(powers)), _FURTHEST[1])

    def x(self, share):
        """Where a share is drawn, at an edge if it is beyond it."""
        power = math.log10(share) if share > 0 and math.isfinite(share) else (-math.inf if not share > 0 else math.inf)
        along = (min(max(power, self.low), self.high) - self.low) / max(self.high - self.low, 1)
        return _LEFT + along * (_WIDTH - _LEFT - _RIGHT)

    def is_beyond(self, share):
        """Whether a share lies beyond an edge."""
        return not (share > 0 and math.isfinite(share) and self.low <= math.log10(share) <= self.high)

    def lines(self, height):
        """Grid, labels, and the line of what is printed."""
        parts = []
        for power in range(self.low, self.high + 1):
            for digit in (1, 2, 5) if self.high - self.low <= 2 and power < self.high else (1,):
                x, share = self.x(digit * 10.0**power), f"{digit * 10.0**power:g}"
                kind = "one" if (digit, power) == (1, 0) else "grid"
                parts += [f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4}" y2="{height - 10}"/>']
                parts += [f'<text x="{x:.1f}" y="{_TOP - 8}" text-anchor="middle">{share}</text>']
        return "".join(parts)


def _bands(constants):
    return "".join(f'<rect class="band" y="{_TOP + _ROW * number}" width="{_WIDTH}" height="{_ROW}"/>' for number in range(0, len(constants), 2))


def _key():
    """What the marks mean, and the heading of the numbers."""
    y = 14
    parts = [f'<line class="one" x1="8" x2="32" y1="{y - 4}" y2="{y - 4}"/><text x="38" y="{y}">printed = 1</text>']
    parts += [f'<path class="proved" d="M120 {y - 8}V{y}M120 {y - 4}H134M134 {y - 8}V{y}"/><text x="140" y="{y}">proved, enclosed</text>']
    parts += [f'<path class="unproved" d="M250 {y - 8}V{y}M250 {y - 4}H264M264 {y - 8}V{y}"/><text x="270" y="{y}">its chain is not proved</text>']
    parts += [f'<circle class="attained" cx="408" cy="{y - 4}" r="4"/><text x="418" y="{y}">attained by the worst instance</text>']
    parts += [f'<text x="{_WIDTH - _RIGHT + 14}" y="{_TOP - 8}">printed / proved / attained</text>']
    return "".join(parts)


def _row(constant, number, axis):
    best, y = constant.best, _TOP + _ROW * (number + 0.5)
    name = f'<text class="strong" x="{_LEFT - 12}" y="{y + 4:.1f}" text-anchor="end">{escape(_shortened(best.claim))}</text>'
    low, high = axis.x(best.low), axis.x(best.high)
    low, high = (low, high) if high - low >= 2 else ((low + high) / 2 - 1, (low + high) / 2 + 1)
    parts = [name]
    if best.attained is not None:
        parts += [f'<line class="room" x1="{axis.x(best.attained):.1f}" x2="{low:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>']
    kind = "proved" if constant.is_proved else "unproved"
    parts += [f'<path class="{kind}" d="M{low:.1f} {y - 5:.1f}V{y + 5:.1f}M{low:.1f} {y:.1f}H{high:.1f}M{high:.1f} {y - 5:.1f}V{y + 5:.1f}"/>']
    parts += [_arrow(axis, best.high, y)] if axis.is_beyond(best.high) else []
    if best.attained is not None:
        dot = "contradicted" if constant.is_contradicted else "attained"
        parts += [f'<circle class="{dot}" cx="{axis.x(best.attained):.1f}" cy="{y:.1f}" r="4"/>']
        parts += [_arrow(axis, best.attained, y)] if axis.is_beyond(best.attained) else []
    numbers = f"{printed_constant(constant)} / {proved_constant(constant)} / {attained_constant(constant)}"
    parts += [f'<text x="{_WIDTH - _RIGHT + 14}" y="{y + 4:.1f}">{escape(numbers)}</text>']
    return f"<g><title>{escape(f'{best.claim}, by {best.chain} ({constant.word}): {numbers}')}</title>{''.join(parts)}</g>"


def _arrow(axis, share, y):
    """What says that a mark lies further out."""
    x, sign, anchor = (axis.x(share), "&gt;", "start") if share > 1 else (axis.x(share), "&lt;", "end")
    return f'<text x="{x + (6 if share > 1 else -6):.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{sign}</text>'


def _shortened(id, most=52):
    return id if len(id) <= most else f"{id[: most - 3]}..."
