"""Witnesses of successful unlearning: models near an unlearned one that are (approximate) KKT points of the retained data."""

import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import kinks
from .answers import slackness_of
from .certificate import angle_gap, certify
from .errors import InfeasibleError, KKTCheckWarning
from .models import TwoLayerReLU
from .unlearning import gradient_ascent, restore_activations

#: Shares of the way from an unlearned model to the exact point at which the models between are certified.
BETWEEN = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Witness:
    """An (epsilon, delta)-approximate KKT point of the retained data, 1 - cos = tau away from the unlearned model (Definition 2.2).

    Attributes
    ----------
    epsilon, delta : float
        Attained by ``model`` with ``multipliers`` at minimum margin 1; rounding only where ``kind`` is ``"exact"``.
    tau : float
        1/2 | theta/|theta| - theta'/|theta'| |**2 between the unlearned model and ``model``.
    kind : str
        ``"itself"`` (the unlearned model, tau = 0), ``"snapped"`` (projected onto its own kinks), ``"corrected"`` (the paper's additive correction),
        ``"projected"`` (the projected step from the original), ``"exact"`` (the nearest exact KKT point found; the max-margin predictor for linear
        models), ``"between"`` (on the way from the unlearned model to the exact point, on the latter's kinks).
    model : LinearPredictor or TwoLayerReLU
        At minimum margin 1, with its kinks.
    multipliers : ndarray, shape (m - k,)
    note : str
        How it was found.
    """

    epsilon: float
    delta: float
    tau: float
    kind: str
    model: Any
    multipliers: Any
    note: str = ""

    def __repr__(self):
        return f"Witness({self.kind}: epsilon={self.epsilon:.6g}, delta={self.delta:.6g}, tau={self.tau:.6g})"

    @property
    def numbers(self):
        """(epsilon, delta, tau)."""
        return self.epsilon, self.delta, self.tau


def certified(unlearned, model, retained, kind, subgradient, kink_tol, note=""):
    """Witness from the certificate of a model on the retained data; raises `InfeasibleError` if it misclassifies a retained point."""
    certificate = certify(model, retained, subgradient=subgradient, kink_tol=kink_tol)
    tau = 0.0 if certificate.tau == 0 and model is unlearned else angle_gap(unlearned, certificate.model)
    return Witness(certificate.epsilon, certificate.delta, tau, kind, certificate.model, certificate.multipliers, note or certificate.method)


def itself(unlearned, retained, subgradient, kink_tol):
    """The unlearned model as it is and, if it then has kinks, projected onto them."""
    return [certified(unlearned, unlearned, retained, "itself", subgradient, 0.0), *snapped(unlearned, retained, subgradient, kink_tol)]


def snapped(unlearned, retained, subgradient, kink_tol):
    """The unlearned model projected onto its kinks; none if it has none, or carries a mask of its own."""
    if subgradient == "clarke" and isinstance(unlearned, TwoLayerReLU) and unlearned.kinks is None:
        mask = kinks.find(unlearned, retained, kink_tol)[0]
        if mask.any():
            return [certified(unlearned, unlearned, retained, "snapped", subgradient, kink_tol, f"{int(mask.sum())} kinks")]
    return []


def corrected(unlearned, data, forget, retained, original, certificate, subgradient, kink_tol):
    """The unlearned model with the additive correction of Section 4.1."""
    restored = restore_activations(unlearned, data, forget, original=original, certificate=certificate)
    differ = len(restored.changed)
    note = f"{differ} activations differ from the original's" if differ else "every activation is the original's"
    return certified(unlearned, restored.model, retained, "corrected", subgradient, kink_tol, note)


def projected(unlearned, data, forget, retained, original, certificate, subgradient, kink_tol):
    """The projected step from the original model; raises `InputError` where a forgotten point lies in the span of the retained ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", KKTCheckWarning)
        model = gradient_ascent(original, data, forget, certificate=certificate, method="projected")
    return certified(unlearned, model, retained, "projected", subgradient, kink_tol)


def exact(unlearned, pool):
    """Witness at the nearest exact KKT point of a pool (`kktcheck.exact_points`), or None if the pool is empty."""
    point, tau = pool.nearest(unlearned)
    if point is None:
        return None
    epsilon, delta = point.residuals.stationarity * point.model.norm, slackness_of(point.multipliers, point.margins)
    return Witness(epsilon, delta, tau, "exact", point.model, point.multipliers, pool.origin(point))


def between(unlearned, retained, target, subgradient):
    """Models on the straight way to the exact point, projected onto its kinks; those that misclassify a retained point are left out.

    The segment joins the two models at norm 1; share 0 is the unlearned model on the exact point's kinks.
    """
    end = target.model.hidden / target.model.norm
    start = unlearned.hidden / unlearned.norm
    mask = target.model.kinks if subgradient == "clarke" else None
    if mask is not None:
        start = kinks.project(start, mask, retained)[0]
    found = []
    for share in BETWEEN:
        hidden = (1.0 - share) * start + share * end
        if (share == 0 and mask is None) or not hidden.any():
            continue
        with suppress(InfeasibleError):
            model = unlearned.with_hidden(hidden, mask)
            found.append(certified(unlearned, model, retained, "between", subgradient, 0.0, f"{share:.0%} of the way to the exact point"))
    return found
