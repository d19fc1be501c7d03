"""What a comparison of unlearning algorithms found: a table and JSON."""

import dataclasses
import json
from dataclasses import dataclass

import numpy as np

from .. import __version__
from ..tables import table
from .comparison_rows import ERRORS, NUMBERS, number

#: Heads of the table's columns.
_HEADS = dict(zip(NUMBERS, ("tau", "epsilon", "delta", "margin r", "margin f", "acc r", "acc f", "acc test", "influence", "seconds"), strict=True))

NOTES = """\
tau: 1 - cos to the nearest exact KKT point found of the retained data (of the same architecture); epsilon, delta: of the certificate on it.
Medians over the runs, of accuracies means; tau 3/4 is the upper quartile. A run without a tau or a certificate counts as worse than any other.
margin, acc(uracy): of the retained (r) and forgotten (f) points; margin: least (r), mean (f) of y N / (|u| |theta|), the original's least being 1.
influence: weight of the forgotten point beyond the retained ones over that of a typical retained point.
AUC: of the membership test, with its 95 % interval; 1/2 is chance. It sees order, not size.
tried: number of options of which the one with the least median tau on these very cases is shown, which favours methods that have many.
models, certified: runs that led to a model, and to one that classifies every retained point correctly and so has a certificate."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Result of `kktcheck.experiments.comparison`.

    Attributes
    ----------
    title : str
    settings : dict
    rows : tuple of Row
    cases : tuple of CaseResult
    notes : tuple of str
        What a reader should know beside the general notes.
    """

    title: str
    settings: dict
    rows: tuple
    cases: tuple
    notes: tuple

    def row(self, name):
        """The row of an algorithm, or None."""
        return next((row for row in self.rows if row.name == name), None)

    def summary(self):
        """Title, table and notes as text."""
        shown = [name for name in NUMBERS[1:] if name in ERRORS or any(row.typical(name) is not None for row in self.rows)]
        tested, noted = any(row.membership for row in self.rows), any(row.note for row in self.rows)
        header = ("method", "tau", "tau 3/4", *(_HEADS[name] for name in shown), *["AUC"] * tested, "tried", "models", "certified", *["note"] * noted)
        lines = [
            (
                row.name,
                _short(row.typical("tau")),
                _short(row.tau_quartiles[1]),
                *(_short(row.typical(name)) for name in shown),
                *[_interval(row.membership)] * tested,
                len(row.tried),
                f"{row.models}/{len(row.runs)}",
                f"{row.certified}/{len(row.runs)}",
                *[row.note] * noted,
            )
            for row in self.rows
        ]
        tuned = [row for row in self.rows if len(row.tried) > 1 and row.models]
        parts = [self.title, "", table(header, lines, notes=noted), "", NOTES, *self.notes]
        parts += ["options shown:"] * bool(tuned)
        parts += [f"  {row.name}: {_words(row.options)} (median tau of the others {_range(row)})" for row in tuned]
        missing = {}
        for row in self.rows:
            for what, reason, count in row.missing:
                missing.setdefault((what, reason), []).append(f"{row.name} {count}/{len(row.runs)}")
        return "\n".join([*parts, *(f"- {what} ({reason}): {', '.join(names)}" for (what, reason), names in missing.items())])

    def to_json(self):
        """Settings, cases and methods with all their numbers as a JSON text; what there is no number of is null."""
        document = {
            "experiment": "compare",
            "kktcheck": __version__,
            "title": self.title,
            "settings": self.settings,
            "notes": [*NOTES.splitlines(), *self.notes],
            "cases": [
                {
                    "network": case.network,
                    "forget": case.forget,
                    "exact_points": case.exact_points,
                    "failed_starts": case.failed_starts,
                }
                for case in self.cases
            ],
            "methods": [_document(row) for row in self.rows],
        }
        return json.dumps(document, indent=1, allow_nan=False)


def _document(row):
    algorithm, auc = row.algorithm, row.membership
    return {
        "id": row.name,
        "description": algorithm.description,
        "reference": algorithm.reference,
        "needs": algorithm.needs,
        "options": row.options,
        "tried": [{"options": options, "tau": tau} for options, tau in zip(algorithm.grid, row.tried, strict=True)],
        "budget": len(row.tried),
        **{name: row.typical(name) for name in NUMBERS},
        "tau_quartiles": list(row.tau_quartiles),
        "membership": None if auc is None else {name: number(value) for name, value in dataclasses.asdict(auc).items()},
        "models": row.models,
        "certified": row.certified,
        "missing": [{"what": what, "reason": reason, "runs": count} for what, reason, count in row.missing],
        "runs": [
            {"case": case, "seed": run.seed, **{name: run.numbers.get(name) for name in NUMBERS}, "reasons": run.reasons}
            for case, run in zip(row.cases, row.runs, strict=True)
        ],
    }


def _short(value):
    return None if value is None else f"{value:.3g}"


def _interval(auc):
    return None if auc is None else f"{auc.auc:.2f} ({auc.low:.2f}-{auc.high:.2f})"


def _words(options):
    return ", ".join(f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in options.items())


def _range(row):
    """Median tau of the options that were not chosen, from the least to the largest."""
    others = [np.inf if tau is None else tau for k, tau in enumerate(row.tried) if k != row.chosen]
    return " to ".join(_short(number(tau)) or "none" for tau in (min(others), max(others)))
