"""A model before and after unlearning, side by side."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import __version__
from ..certificate import Certificate, angle_gap, certify
from ..errors import InfeasibleError, listing
from ..tables import table
from ..unlearning import RestoredActivations, gradient_ascent, restore_activations

#: Forgotten points listed one by one in a table; the JSON has all of them.
LISTED = 12


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """What `unlearn_and_certify` found.

    Attributes
    ----------
    unlearned : LinearPredictor or TwoLayerReLU
        At the scale of the original.
    before, idle : Certificate
        Of the original, on all points and on the retained ones (doing nothing).
    after : Certificate or None
        Of the unlearned model on the retained points; None if it misclassifies one.
    misclassified : tuple of int
        Retained points that the unlearned model misclassifies, numbered as in the full data.
    forget, retained : ndarray of int
    margins, new_margins : ndarray, shape (m,)
        Of the original and the unlearned model, at the scale at which the original's least margin is 1.
    moved : float
        1 - cos of the angle between the two.
    correction : RestoredActivations or None
    request : dict
        Method, fraction, loss and subgradient.
    """

    unlearned: Any
    before: Certificate
    idle: Certificate
    after: Certificate | None
    misclassified: tuple
    forget: np.ndarray
    retained: np.ndarray
    margins: np.ndarray
    new_margins: np.ndarray
    moved: float
    correction: RestoredActivations | None
    request: dict

    def summary(self):
        """Aligned tables of certificates and margins."""
        words = ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in self.request.items())
        lines = [f"Forgetting {listing(self.forget)} of {len(self.margins)} points: {words}", "", self._certificates()]
        if self.after is None:
            lines.append(
                f"unlearned: the margin is at most 0 on retained points ({listing(self.misclassified)}), no scale makes it feasible: no certificate"
            )
        lines += ["", f"1 - cos between original and unlearned: {self.moved:.6g}", "", self._margins()]
        if self.correction is not None:
            lines += ["", *_correction_lines(self.correction)]
        return "\n".join(lines)

    def _certificates(self):
        header = ("certificate", "original, all data", "original, retained", "unlearned, retained")
        columns = [_column(certificate) for certificate in (self.before, self.idle, self.after)]
        return table(header, [(name, *(column.get(name) for column in columns)) for name in columns[0]])

    def _margins(self):
        old, new = self.margins[self.retained], self.new_margins[self.retained]
        rows = [
            ("retained, least", float(old.min()), float(new.min())),
            ("retained, largest", float(old.max()), float(new.max())),
            ("retained, largest change", None, float(np.abs(new - old).max())),
        ]
        rows += [(f"forgotten, point {i}", float(self.margins[i]), float(self.new_margins[i])) for i in self.forget[:LISTED]]
        if len(self.forget) > LISTED:
            means = (float(margins[self.forget].mean()) for margins in (self.margins, self.new_margins))
            rows.append((f"forgotten, mean of all {len(self.forget)}", *means))
        return table(("margins (original's least = 1)", "original", "unlearned"), rows)

    def document(self):
        """All numbers as plain lists and dictionaries."""
        return {
            "kktcheck": __version__,
            "forget": self.forget.tolist(),
            "retained": self.retained.tolist(),
            **self.request,
            "certificates": {
                "original_all": _numbers(self.before),
                "original_retained": _numbers(self.idle),
                "unlearned_retained": None if self.after is None else _numbers(self.after),
            },
            "misclassified": list(self.misclassified),
            "one_minus_cosine": self.moved,
            "margins_scale": self.before.scale,
            "margins_original": self.margins.tolist(),
            "margins_unlearned": self.new_margins.tolist(),
            "correction": None if self.correction is None else _correction_numbers(self.correction),
        }


def unlearn_and_certify(model, data, forget, *, method, fraction, loss, subgradient, kink_tol="auto"):
    """Unlearn and certify.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
    forget : iterable of int
    method : {"plain", "projected", "corrected"}
        The last is the plain step followed by `restore_activations`.
    fraction, loss
        As in `gradient_ascent`.
    subgradient, kink_tol
        As in `certify`; for all three certificates.

    Returns
    -------
    BeforeAfter

    Raises
    ------
    InputError, InfeasibleError
        As `certify` and the algorithms do. An unlearned model that misclassifies a retained point raises nothing.
    """
    forget = data.indices(forget)
    rest = data.without(forget)
    retained = np.delete(np.arange(data.num_points), forget)
    choice = {"subgradient": subgradient, "kink_tol": kink_tol}
    before = certify(model, data, **choice)
    idle = certify(model if model.kinks is None else model.with_kinks(model.kinks[:, retained]), rest, **choice)
    step = "projected" if method == "projected" else "plain"
    unlearned, correction = gradient_ascent(model, data, forget, certificate=before, fraction=fraction, loss=loss, method=step), None
    if method == "corrected":
        correction = restore_activations(unlearned, data, forget, original=model, certificate=before, fraction=fraction)
        unlearned = correction.model
    try:
        after, misclassified = certify(unlearned, rest, **choice), ()
    except InfeasibleError as error:
        after, misclassified = None, tuple(int(i) for i in retained[list(error.points)])
    return BeforeAfter(
        unlearned=unlearned,
        before=before,
        idle=idle,
        after=after,
        misclassified=misclassified,
        forget=forget,
        retained=retained,
        margins=before.scale * model.margins(data),
        new_margins=before.scale * data.y * unlearned.outputs(data.X),
        moved=angle_gap(model, unlearned),
        correction=correction,
        request={"method": method, "fraction": float(fraction), "loss": loss, "subgradient": subgradient},
    )


def _column(certificate):
    """Rows of the table for one certificate; dashes if there is none."""
    if certificate is None:
        return {}
    return {
        "epsilon": certificate.epsilon,
        "  relative to |theta|": certificate.residuals.stationarity,
        "delta": certificate.delta,
        "tau (kinks snapped)": certificate.tau,
        "kinks": None if certificate.kinks.mask is None else certificate.kinks.count,
        "largest multiplier": float(certificate.multipliers.max()),
        "largest margin": float(certificate.margins.max()),
        "scale": certificate.scale,
    }


def _numbers(certificate):
    """The certificate's JSON without the large arrays, which the files hold."""
    document = json.loads(certificate.to_json())
    document["norm"] = certificate.model.norm
    document["kinks"].pop("mask")
    for name in ("format", "version", "states", "model"):
        document.pop(name)
    return document


def _correction_lines(correction):
    differ = len(correction.changed)
    stayed = f"{differ} activations differ all the same" if differ else "all activations on retained points are the original's"
    return [
        f"correction with c = {correction.c:.6g}: {stayed} ({len(correction.changed_before)} differed without it)",
        f"  kinks of the certificate that the corrected model is no longer on: {correction.lost_kinks}; "
        f"norm of the correction {correction.correction_norm:.6g} (least margin 1)",
    ]


def _correction_numbers(correction):
    return {
        "c": correction.c,
        "restored": correction.restored,
        "changed": correction.changed.tolist(),
        "changed_without": correction.changed_before.tolist(),
        "lost_kinks": correction.lost_kinks,
        "norm": correction.correction_norm,
    }
