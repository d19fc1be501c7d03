"""A Newton (influence) step for linear predictors: certified removal without its noise."""

import numpy as np

from .. import losses
from ..checks import non_negative
from ..errors import InputError, listing
from ..models import LinearPredictor
from ..tolerances import EPS
from .arguments import forget_request, step_rule, training_record, with_weights

GRADIENTS = ("forgotten", "retained")


def newton(model, data, forget, *, record=None, rng=None, loss=None, weight_decay=None, gradient="forgotten"):
    """One Newton step from the minimiser of the regularised loss on all points towards that on the retained ones.

    Parameters
    ----------
    model : LinearPredictor
        At the scale of training.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record : Training
        Record of the model's training, whose loss and weight decay are the defaults; may be left out if ``weight_decay`` is given.
    rng : optional
        Of the common interface; nothing is random.
    loss : {"logistic", "exponential"}, optional
        By default that of the record, without one ``"logistic"``.
    weight_decay : float, optional
        Regulariser mu >= 0 of mean loss + mu/2 |w|**2; by default that of the record.
    gradient : {"forgotten", "retained"}
        ``"forgotten"`` steps along the gradient of the forgotten points' terms, as published: where all points' gradient vanishes it
        is minus that of the retained terms. ``"retained"`` takes the latter itself, also where training has not converged.

    Returns
    -------
    LinearPredictor
        w + H^-1 g, with H the Hessian of the sum over the retained points of loss + mu/2 |w|**2 and g the gradient of the sum over the
        forgotten ones (or minus that over the retained ones).

    Raises
    ------
    InputError
        For a network (its loss is not convex), a bad forget set, settings out of range, a missing record, one of other data or of another
        model, a loss beyond floating point, and a Hessian that is not definite on the span of the data: without weight decay the retained loss is
        flat along the part of a forgotten point outside the span of the retained ones.

    Notes
    -----
    Guo, Goldstein, Hannun and van der Maaten, "Certified data removal from machine learning models", ICML 2020, the removal of a batch of
    points. Their objective is the sum over points of loss + mu/2 |w|**2, so that every point takes its regulariser along; divided by the
    number of points it is the objective that `train` decreases. Their random perturbation of the objective, which hides what the step
    leaves of the gradient, and their bounds of that rest are left out: the rest is measured, not certified.

    Hessian and gradient are taken in coordinates of the span of the data; outside it the Hessian is mu times the number of retained points.
    """
    if not isinstance(model, LinearPredictor):
        raise InputError(f"newton is for a LinearPredictor, not for a {type(model).__name__}: the loss of a network is not convex")
    if gradient not in GRADIENTS:
        raise InputError(f"gradient {gradient!r} is unknown: choose one of {', '.join(map(repr, GRADIENTS))}")
    forget, retained = forget_request(model, data, forget)
    needed_by = "newton needs the weight decay of the training, as weight_decay= or in a record of it" if weight_decay is None else None
    rule = step_rule(training_record(record, model, data, needed_by), {})
    loss = losses.get(rule.loss if loss is None else loss)
    mu = rule.weight_decay if weight_decay is None else non_negative(weight_decay, "weight_decay")
    span, kept = data.span, retained.num_points
    inside = span.basis.T @ model.w
    H, g = _derivatives(span.coordinates, data.y, inside, forget, loss, mu, gradient)
    step = _solve(H, g, forget, mu)
    outside = model.w - span.basis @ inside
    if mu > 0:
        outside = outside * (1.0 + len(forget) / kept if gradient == "forgotten" else 0.0)
    w = span.basis @ (inside + step) + outside
    size = model.norm + float(np.linalg.norm(step))
    return with_weights(model, w[None, :], size, f"a Newton step without {listing(forget)}")


def _derivatives(Z, y, w, forget, loss, mu, gradient):
    """Hessian of the retained sum and the vector that its inverse is applied to, in coordinates Z, shape (m, r), of the span."""
    q = y * (Z @ w)
    with np.errstate(over="ignore"):
        slope = loss.derivative(q)
        # The second derivative is l'(q) l'(-q) for the logistic loss, exact for either sign of q, and -l'(q) for the exponential one.
        curvature = slope * loss.derivative(-q) if loss is losses.LOGISTIC else -slope
    wrong = np.flatnonzero(~np.isfinite(slope))
    if wrong.size:
        raise InputError(f"point {wrong[0]} has margin {q[wrong[0]]:g}: its {loss.name} loss is beyond floating point; scale the model down")
    chosen = np.zeros(len(y), dtype=bool)
    chosen[forget] = True
    kept = ~chosen
    H = (Z[kept] * curvature[kept, None]).T @ Z[kept] + mu * kept.sum() * np.eye(Z.shape[1])
    points, sign = (chosen, 1.0) if gradient == "forgotten" else (kept, -1.0)
    return H, sign * (mu * points.sum() * w + (slope * y)[points] @ Z[points])


def _solve(H, g, forget, mu):
    """H^-1 g by the eigenvalues of H, the least of which decides whether H is definite."""
    values, vectors = np.linalg.eigh(H)
    if values[0] <= len(H) * EPS * values[-1]:
        cure = "give weight_decay a positive value" if mu == 0 else f"weight_decay = {mu:g} is lost in rounding beside it; take a larger one"
        raise InputError(
            f"the Hessian of the retained loss is singular on the span of the data (eigenvalues from {values[0]:.3g} to {values[-1]:.3g}): "
            f"it is flat along what the points {listing(forget)} do not share with the others, so the step is not defined; {cure}"
        )
    return vectors @ ((vectors.T @ g) / values)
