"""(epsilon, delta, tau) of an unlearned model with respect to the retained data, measured against exact KKT points (Definition 2.2)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import witnesses as make
from .certificate import angle_gap, certify
from .checks import check_dataset, check_model
from .errors import InfeasibleError, InputError, KKTCheckWarning, SolverError
from .exact_points import pool_for
from .guarantees import guarantee
from .influence import residual_influence
from .kinks import check_tolerance
from .linearisation import check_subgradient
from .models import LinearPredictor, TwoLayerReLU
from .unlearning import identity
from .unlearning.ascent import checked_certificate


@dataclass(frozen=True, eq=False)
class Assessment:
    """What an unlearning algorithm achieved on one forget set.

    Attributes
    ----------
    witnesses : tuple of Witness
        All that were found, in the order itself, snapped, corrected, projected, between, exact.
    identity : tuple of Witness
        The same for doing nothing: the original model itself and the exact KKT point nearest to it; empty without an original.
    bounds : Guarantee or None
        What the theorem promises for the original model, or which of its hypotheses fail; None without a certificate of the original.
    residual_influence : ResidualInfluence
        What is left of the forgotten points in the unlearned model.
    forget : ndarray of int, shape (k,)
    retained_margins : ndarray, shape (m - k,)
        Of the unlearned model, scaled so that the least is 1 (or by its norm where it misclassifies a retained point).
    forgotten_margins : ndarray, shape (k,)
        At the same scale.
    misclassified : tuple of int
        Retained points that the unlearned model misclassifies, numbered as in the full data: it then is no approximate KKT point at any scale.
    moved : float or None
        1 - cos between original and unlearned model.
    reasons : dict of str to str
        Why a witness is missing.
    """

    witnesses: tuple
    identity: tuple
    bounds: Any
    residual_influence: Any
    forget: np.ndarray
    retained_margins: np.ndarray
    forgotten_margins: np.ndarray
    misclassified: tuple
    moved: float | None
    reasons: dict

    def __repr__(self):
        found = "no exact KKT point found" if self.exact is None else f"tau={self.exact.tau:.6g} to the nearest exact KKT point"
        return f"Assessment({len(self.forget)} points forgotten, {len(self.witnesses)} witnesses, {found})"

    def first(self, kind):
        """The first witness of a kind, or None."""
        return next((witness for witness in self.witnesses if witness.kind == kind), None)

    @property
    def exact(self):
        """The witness at the nearest exact KKT point found, or None."""
        return self.first("exact")

    @property
    def pareto(self):
        """Witnesses that no other one beats in epsilon, delta and tau at once."""
        return tuple(one for one in self.witnesses if not any(_beats(other, one) for other in self.witnesses))

    def successful(self, epsilon, delta, tau):
        """Whether some witness shows (epsilon, delta, tau)-success; False means only that none was found."""
        return any(w.epsilon <= epsilon and w.delta <= delta and w.tau <= tau for w in self.witnesses)

    def summary(self):
        """Witnesses, identity, bounds and residual influence as aligned text tables."""
        from .tables import assessment_tables

        return assessment_tables(self)


def assess(unlearned, data, forget, *, original=None, certificate=None, subgradient="clarke", kink_tol="auto", points=()):
    """Every witness of (epsilon, delta, tau)-success of an unlearned model that is known how to find.

    Parameters
    ----------
    unlearned : LinearPredictor or TwoLayerReLU
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    original : LinearPredictor or TwoLayerReLU, optional
        The model before unlearning, of the same kind, shape and second layer. Without it there are no corrected and projected witnesses, no identity,
        no bounds, and exact points are sought from the unlearned model's states alone.
    certificate : Certificate, optional
        Of the original on all points, by default a new one in the given convention. Where the original misclassifies a point, there is none.
    subgradient : {"clarke", "indicator"}
        Convention of the certificates; exact points are Clarke's in any case.
    kink_tol : "auto" or float
        As in `certify`.
    points : sequence of KKTPoint
        Exact KKT points of the retained data that are known already; the nearest counts.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        For models that do not fit each other or the data, a bad forget set, a certificate of another model or other data.

    Notes
    -----
    Definition 2.2. A witness shows success; the lack of one shows nothing, except for linear models, whose exact point is the only one.
    """
    check_dataset(data)
    check_subgradient(subgradient)
    check_tolerance(kink_tol)
    forget = data.indices(forget)
    retained = data.without(forget)
    _check_models(unlearned, original, data)
    reasons = {}
    start = None if original is None else identity(original, data, forget)
    if certificate is not None and original is None:
        raise InputError("a certificate is of the original model: give original= as well")
    if original is not None:
        certificate = _certificate(original, data, certificate, subgradient, kink_tol, reasons)
    choice = {"subgradient": subgradient, "kink_tol": kink_tol}
    found = _attempt(reasons, "itself", lambda: make.itself(unlearned, retained, **choice)) or []
    if certificate is not None:
        steps = (unlearned, data, forget, retained, original, certificate)
        if isinstance(unlearned, TwoLayerReLU):
            found += _listed(_attempt(reasons, "corrected", lambda: make.corrected(*steps, **choice)))
        found += _listed(_attempt(reasons, "projected", lambda: make.projected(*steps, **choice)))
    pool = pool_for(unlearned, retained)
    for k, point in enumerate(points):
        pool.include(point, f"a given point, number {k}")
    idle = ()
    if start is not None:
        pool.add(start, "the original's states")
        idle = _identity(start, retained, pool, choice)
    pool.add(unlearned, "the unlearned model's states")
    linear = isinstance(unlearned, LinearPredictor)
    reasons |= {"exact" if linear else f"exact, from {name}": reason for name, reason in pool.failures.items()}
    nearest = make.exact(unlearned, pool)
    if nearest is not None:
        found += make.between(unlearned, retained, nearest, subgradient)
    margins, wrong = _margins(unlearned, data, retained, forget)
    return Assessment(
        witnesses=(*found, *_listed(nearest)),
        identity=idle,
        bounds=None if certificate is None else guarantee(certificate, data, forget),
        residual_influence=residual_influence(unlearned, data, forget),
        forget=forget,
        retained_margins=np.delete(margins, forget),
        forgotten_margins=margins[forget],
        misclassified=wrong,
        moved=None if original is None else angle_gap(original, unlearned),
        reasons=reasons,
    )


def _check_models(unlearned, original, data):
    check_model(unlearned, data, "unlearned")
    if original is None:
        return
    check_model(original, data, "original")
    alike = type(original) is type(unlearned) and original.hidden.shape == unlearned.hidden.shape
    if not alike or (original.second_layer != unlearned.second_layer).any():
        raise InputError(f"the unlearned model ({unlearned!r}) differs from the original ({original!r}) in kind, shape or second layer")


def _certificate(original, data, certificate, subgradient, kink_tol, reasons):
    if certificate is not None:
        return checked_certificate(certificate, original, data)[0]
    try:
        return certify(original, data, subgradient=subgradient, kink_tol=kink_tol)
    except InfeasibleError as error:
        reasons["corrected, projected, bounds"] = f"the original model has no certificate: {error}"
        return None


def _attempt(reasons, kind, find):
    """What ``find`` returns; None, with the reason noted, where this witness does not exist."""
    try:
        return find()
    except (InfeasibleError, InputError, SolverError, KKTCheckWarning) as error:
        reasons[kind] = str(error)
        return None


def _listed(witness):
    return [] if witness is None else [witness]


def _identity(start, retained, pool, choice):
    """Witnesses of doing nothing, the exact one from what was found without looking at the unlearned model."""
    found = _attempt({}, "itself", lambda: make.itself(start, retained, **choice)) or []
    return (*found, *_listed(make.exact(start, pool)))


def _margins(model, data, retained, forget):
    """Margins of all points at least retained margin 1, and the retained points that are misclassified."""
    margins = data.y * model.outputs(data.X)
    keep = np.delete(np.arange(data.num_points), forget)
    wrong = keep[margins[keep] <= 0]
    return margins / (model.norm if wrong.size else margins[keep].min()), tuple(int(i) for i in wrong)


def _beats(other, one):
    pairs = list(zip(other.numbers, one.numbers, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
