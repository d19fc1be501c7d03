"""Exponents of growth: straight lines through logarithms, on the upper half of the sizes."""

import numpy as np


def exponent(sizes, values):
    """Slope of log value against log size by least squares, and its standard error.

    Parameters
    ----------
    sizes, values : sequence of float
        Of the same length, at least 3; all positive.

    Returns
    -------
    slope, error : float
    """
    x, y = np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(values, dtype=float))
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    rest = y - y.mean() - slope * x
    return slope, float(np.sqrt(rest @ rest / (len(x) - 2) / (x @ x)))


def upper_half(sizes):
    """The larger half of the sizes, increasing, but at least three."""
    ordered = sorted(sizes)
    return ordered[-max(3, (len(ordered) + 1) // 2) :]


def fitted(rows):
    """One row for every curve of the record.

    Parameters
    ----------
    rows : list of dict
        With ``quantity``, ``against``, ``base``, ``size``, ``median_s``, ``peak_MB`` and ``flops`` (empty where nobody counts them).

    Returns
    -------
    list of dict
        With the exponent of the time, that of the memory, and the one that the counted flops have over the very same sizes; curves with
        fewer than three sizes are left out.
    """
    curves = {}
    for row in rows:
        curves.setdefault((row["quantity"], row["against"], row["base"]), []).append(row)
    table = []
    for (quantity, against, base), curve in curves.items():
        kept = [row for row in curve if row["size"] in upper_half([row["size"] for row in curve])]
        if len(kept) < 3:
            continue
        sizes = [row["size"] for row in kept]
        slope, error = exponent(sizes, [row["median_s"] for row in kept])
        memory = [row["peak_MB"] for row in kept]
        counted = [row["flops"] for row in kept]
        table.append(
            {
                "quantity": quantity, "against": against, "base": base, "from": min(sizes), "to": max(sizes), "sizes": len(sizes),
                "exponent": round(slope, 2), "standard_error": round(error, 2),
                "flops_exponent": round(exponent(sizes, counted)[0], 2) if all(counted) else "",
                "memory_exponent": round(exponent(sizes, memory)[0], 2) if min(memory) > 0 else "",
            }
        )  # fmt: skip
    return table
