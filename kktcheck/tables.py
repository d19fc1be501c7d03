"""Aligned text tables for the terminal and for ``summary()``."""

import numpy as np

from .errors import listing

#: Violations of the least margin up to this size are called rounding.
GAMMA_ROUNDING = 1e-9


def table(header, rows, *, left=1, notes=False):
    """Aligned columns: the first ``left`` columns flush left, the others flush right.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences
        Floats are written with six significant digits, None as a dash.
    left : int
    notes : bool
        The last column is flush left as well.
    """
    cells = [list(header), *([cell(value) for value in row] for row in rows)]
    count = len(header)
    widths = [max(len(row[k]) for row in cells) for k in range(count)]
    flush_left = [k < left or (notes and k == count - 1) for k in range(count)]
    lines = [
        "  ".join(text.ljust(width) if flush else text.rjust(width) for text, width, flush in zip(row, widths, flush_left, strict=True)).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def cell(value):
    """One value as it stands in a table."""
    if value is None:
        return "-"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    return str(value)


def certificate_table(certificate):
    """Summary of a certificate: its numbers, residuals and how they were found."""
    margins, multipliers, residuals = certificate.margins, certificate.multipliers, certificate.residuals
    cap = certificate.slackness_cap
    capped = "" if cap is None else f"multipliers chosen under a cap of {cap:.6g}"
    rows = [
        ("epsilon (stationarity)", certificate.epsilon, _rounding(certificate.epsilon_error)),
        *_enclosed(certificate, "epsilon"),
        *_duality_gap(certificate),
        ("  relative to |theta|", residuals.stationarity, f"|theta| = {certificate.model.norm:.6g}"),
        ("delta (slackness)", certificate.delta, _rounding(certificate.delta_error, capped)),
        *_enclosed(certificate, "delta"),
        ("gamma (infeasibility)", certificate.gamma, _rounding(certificate.gamma_error, _feasibility(certificate.gamma))),
        *_enclosed(certificate, "gamma"),
        ("tau (1 - cos)", certificate.tau, _rounding(certificate.tau_error, _distance(certificate))),
        *_enclosed(certificate, "tau"),
        ("margins", _range(margins), f"of the model given, times {certificate.scale:.6g}"),
        ("multipliers", _range(multipliers), _multiplier_note(certificate)),
        ("kinks", None if certificate.kinks.mask is None else certificate.kinks.count, _kink_note(certificate)),
        ("KKT residual", residuals.kkt, "the largest of the four below, each relative"),
        ("  stationarity", residuals.stationarity, "epsilon / |theta|"),
        ("  primal feasibility", residuals.primal, "1 - least margin"),
        ("  dual feasibility", residuals.dual, "most negative multiplier / largest"),
        ("  complementary slackness", residuals.slackness, "largest |multiplier * (margin - 1)| / largest multiplier"),
    ]
    title = f"Certificate of {certificate.model!r} on {len(margins)} points, {certificate.subgradient} subgradient"
    return title + "\n" + table(("quantity", "value", "note"), rows, notes=True)


def rescaled_table(rescaled):
    """What a rescaled certificate attains, beside the bounds that need no margins."""
    certificate = rescaled.certificate
    rows = [
        ("epsilon", certificate.epsilon, rescaled.epsilon_bound),
        ("delta", certificate.delta, rescaled.delta_bound),
        ("gamma", certificate.gamma, None),
    ]
    return f"{certificate.model!r} at {rescaled.factor:.6g} times its scale\n" + table(("quantity", "attained", "upper bound"), rows)


def kkt_point_table(point):
    """Summary of an exact KKT point: residuals, states, uniqueness and where it came from."""
    residuals, multipliers = point.residuals, point.multipliers
    unique = {True: "unique, gates included", False: "multipliers or gates are not unique", None: "uniqueness open, too many unknowns"}[point.unique]
    rows = [
        ("KKT residual", residuals.kkt, "the largest of stationarity, primal and dual feasibility, complementary slackness"),
        ("|theta|", point.model.norm, "at minimum margin 1"),
        ("margins", _range(point.margins), ""),
        ("multipliers", _range(multipliers), f"{int((multipliers > 0).sum())} of {len(multipliers)} positive; {unique}"),
        ("kinks", point.num_kinks, f"of {point.states.size} pairs (neuron, point)"),
        ("classes", point.num_classes, "of equal sign of u_j and equal states"),
        ("strictness", point.strictness, "complementarity is strict" if point.strict else "a tie: complementarity is not strict"),
        ("tau (1 - cos)", point.tau, "from the model it was sought from"),
        ("rounds", point.rounds, point.method + (f"; {point.redrawn} random states led nowhere" if point.redrawn else "")),
    ]
    return f"KKT point of {len(multipliers)} points, {point.model!r}\n" + table(("quantity", "value", "note"), rows, notes=True)


def assessment_tables(assessment):
    """Summary of an assessment: witnesses, those of doing nothing, the theorem's bound, and what is left of the forgotten points."""
    a = assessment
    header = ("witness", "epsilon", "delta", "tau", "note")
    parts = [f"Forgetting {listing(a.forget)}: witnesses of (epsilon, delta, tau)-success on the {len(a.retained_margins)} retained points"]
    best = {id(witness) for witness in a.pareto}
    rows = [(w.kind + " *" * (id(w) in best), *w.numbers, w.note) for w in a.witnesses]
    parts += [table(header, rows, notes=True), "(* no other witness is better in all three)"]
    parts += [f"- {kind}: {reason}" for kind, reason in a.reasons.items()]
    if a.misclassified:
        parts.append(f"- retained points {listing(a.misclassified)} are misclassified: no scale makes the unlearned model feasible")
    if a.identity:
        parts += ["", "Doing nothing:", table(header, [(w.kind, *w.numbers, w.note) for w in a.identity], notes=True)]
    if a.bounds is not None:
        parts += ["", a.bounds.summary()]
    parts += ["", a.residual_influence.summary()]
    return "\n".join(parts)


def _range(values):
    return f"{values.min():.6g} .. {values.max():.6g}"


def _rounding(error, note=""):
    return "; ".join(part for part in (note, "" if error is None else f"rounding at most {error:.1e}") if part)


def _enclosed(certificate, name):
    """The row of a number's enclosure, if there is one."""
    if certificate.enclosures is not None:
        low, high = getattr(certificate.enclosures, name)
        yield "  rigorously", None, f"in [{low!r}, {high!r}]"


def _duality_gap(certificate):
    """The row of the duality gap, if there is one."""
    if certificate.gap is not None:
        yield "  duality gap", certificate.gap, "of |theta|**2: epsilon**2 exceeds the least there is by at most that"


def _feasibility(gamma):
    if gamma == 0:
        return "every margin is at least 1"
    return "rounding of the margins" if gamma <= GAMMA_ROUNDING else "the least margin is 1 - gamma"


def _distance(certificate):
    if certificate.kinks.mask is None or certificate.kinks.source == "model" or not certificate.kinks.count:
        return "the model given itself, scaled"
    return "from the model given to its kinks"


def _multiplier_note(certificate):
    unique = {True: "unique", False: "not unique, so delta is that of these", None: "uniqueness not examined"}[certificate.unique]
    positive = int((certificate.multipliers > 0).sum())
    return f"{positive} of {len(certificate.multipliers)} positive; {unique}; {certificate.method}"


def _kink_note(certificate):
    kinks = certificate.kinks
    if kinks.mask is None:
        return "none for a linear predictor" if certificate.subgradient == "clarke" else "none in the indicator convention"
    share = f"of {kinks.mask.size} pairs (neuron, point)"
    below, above = kinks.plateau
    found = {
        "model": "carried by the model",
        "plateau": f"plateau of the count from {below:.1e} to {above:.1e}",
        "given": f"tolerance given, {kinks.tolerance:.1e}",
        "none": "exact zeros only, no plateau found",
    }
    note = f"{share}; {found[kinks.source]}"
    if kinks.zeroed:
        note += f"; projecting made neurons {listing(kinks.zeroed)} zero"
    return note
