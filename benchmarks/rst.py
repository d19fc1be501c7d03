"""reStructuredText from numbers: three significant digits, a unit, simple tables."""

#: What an empty cell reads.
NONE = "–"


def number(value):
    """A plain number: three significant digits, thousands grouped, never an exponent between 0.001 and 10^7."""
    value = float(f"{float(value):.3g}")
    if value == 0 or 1e-3 <= abs(value) < 1000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.2g}"


def seconds(value):
    """A time in s, ms or us."""
    scale, unit = _time_unit(float(value))
    return f"{number(float(value) * scale)} {unit}"


def spread(median, least, most):
    """A median with its range in the same unit."""
    scale, unit = _time_unit(float(median))
    low, middle, high = (number(float(value) * scale) for value in (least, median, most))
    return f"{middle} {unit}" if low == high == middle else f"{middle} {unit} ({low} to {high})"


def megabytes(value):
    """A size in GB, MB or kB."""
    value = float(value)
    if value >= 1000:
        return f"{number(value / 1000)} GB"
    return f"{number(value)} MB" if value >= 0.1 else f"{number(1000 * value)} kB"


def residual(value):
    """An error: one digit and a power of ten."""
    return "0" if float(value) == 0 else f"{float(value):.0e}"


def _time_unit(value):
    if abs(value) >= 1 or value == 0:
        return 1.0, "s"
    return (1e3, "ms") if abs(value) >= 1e-3 else (1e6, "us")


def heading(text, line="-"):
    """A section's title."""
    return f"{text}\n{line * len(text)}\n"


def table(header, rows):
    """A simple table; empty cells read as an en dash (a hyphen would begin a list)."""
    cells = [[str(cell) if str(cell) else NONE for cell in row] for row in (header, *rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule]) + "\n"


def without_empty_columns(header, rows):
    """Header and rows without the columns in which no row says anything."""
    keep = [k for k in range(len(header)) if any(str(row[k]) not in ("", NONE) for row in rows)]
    return [header[k] for k in keep], [[row[k] for k in keep] for row in rows]
