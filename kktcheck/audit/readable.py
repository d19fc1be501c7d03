"""An instance's numbers for a reader: exact where they are short, rounded where they are not, large arrays cut."""

from fractions import Fraction

#: Longest number that is shown exactly.
_LONGEST = 12


def fields(record, most=16):
    """Names and values of an instance in its JSON form.

    Parameters
    ----------
    record : dict
    most : int, optional
        Largest number of entries of a row, and of rows of a matrix, that are shown.

    Returns
    -------
    list of (str, str or list of list of str)
        A scalar or a vector is a text, a matrix a list of rows.
    """
    return [(name, _value(value, most)) for name, value in record.items() if name != "kind"]


def aligned(rows):
    """Rows of texts as lines with aligned columns."""
    widths = [max(len(row[k]) if k < len(row) else 0 for row in rows) for k in range(max(map(len, rows), default=0))]
    return ["  ".join(text.rjust(width) for text, width in zip(row, widths)) for row in rows]


def number(value):
    """One number: an exact one of a few characters as it is, a longer one rounded to six digits after a tilde."""
    text = str(value)
    if len(text) <= _LONGEST:
        return text
    try:
        return f"~{float(Fraction(text)):.6g}"
    except (ValueError, OverflowError, ZeroDivisionError):
        return text[:_LONGEST] + "..."


def _value(value, most):
    if not isinstance(value, list):
        return number(value)
    if value and isinstance(value[0], list):
        rows = [_row(row, most) for row in value[:most]]
        return rows + ([[f"... {len(value)} rows"]] if len(value) > most else [])
    return "  ".join(_row(value, most))


def _row(row, most):
    return [number(entry) for entry in row[:most]] + ([f"... ({len(row)})"] if len(row) > most else [])
