"""Gradient ascent on the loss of the forgotten points, with the step size that removes their part of the stationarity sum."""

import warnings

import numpy as np

from .. import losses, span
from ..certificate import Certificate, angle_gap, certify
from ..checks import check_dataset, non_negative
from ..errors import InputError, KKTCheckWarning, listing
from ..tolerances import EPS, SAME_MODEL
from .arguments import with_weights

METHODS = ("plain", "projected")


def gradient_ascent(model, data, forget, *, certificate=None, fraction=1.0, loss="logistic", method="plain"):
    """One gradient-ascent step on the loss of every forgotten point, all taken at the original model.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
        Indices of the points to forget.
    certificate : Certificate, optional
        Certificate of this model (or of a positive multiple) on this data, whose multipliers and subgradient on kinks the step
        uses; by default ``certify(model, data)``. The certified model itself will do as ``model``, too.
    fraction : float
        Share of the paper's step, at least 0; 0 returns the weights as they are.
    loss : {"logistic", "exponential"}
        The loss that is ascended. The step size beta = -lambda_l / loss'(margin_l) cancels its derivative, so the unlearned model
        does not depend on it.
    method : {"plain", "projected"}
        ``"plain"`` steps along x_l. ``"projected"`` steps along the part of x_l outside the span of the retained points, which
        leaves every retained pre-activation, margin and kink as it was.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        At the scale of ``model``. If ``model`` carries kinks, those of the retained points that the step provably keeps are
        carried on, as a mask for ``data.without(forget)``.

    Raises
    ------
    InputError
        For an empty or complete forget set, indices out of range or repeated, a negative fraction, unknown words, a certificate of
        another model or of other data, and a step that leaves nothing of the model but rounding.
    InfeasibleError
        If the model misclassifies a point (from `certify`).

    Warns
    -----
    KKTCheckWarning
        If ``"projected"`` meets a point in the span of the retained ones: its step is zero and forgets nothing.

    Notes
    -----
    A_GA of equation (3) with the step size of Theorems 3.1 and 4.1, A_k-GA of Section 5 for a set. On a kink the gradient needs a chosen
    subgradient: the one the multipliers themselves use, z_lj / lambda_l.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is unknown: choose one of {', '.join(map(repr, METHODS))}")
    fraction = non_negative(fraction, "fraction")
    loss = losses.get(loss)
    check_dataset(data)
    forget = data.indices(forget)
    retained = data.without(forget)
    certificate, scale = checked_certificate(certificate, model, data)
    directions = np.asarray(data.X)[forget]
    if method == "projected":
        directions = outside_span(directions, retained, forget)
    step = (fraction / scale) * step_coefficients(certificate, data, forget, loss)
    hidden = model.hidden + step @ directions if fraction else model.hidden
    size = model.norm + float(np.linalg.norm(step, axis=0) @ np.linalg.norm(directions, axis=1))
    action = f"forgetting {listing(forget)} with fraction {fraction:g}"
    return with_weights(model, hidden, size, action, kept_kinks(model, forget, step, method))


def step_coefficients(certificate, data, forget, loss):
    """Coefficient of each forgotten point in the step on each neuron, shape (n, k), at the certificate's scale.

    The product beta * loss'(margin) is formed from mantissas alone (the powers of two cancel), so neither factor can overflow or
    vanish, whatever the margin; it is -lambda_l up to two roundings.
    """
    chosen = certificate.multipliers[forget]
    products = np.zeros(len(forget))
    for k, (margin, multiplier) in enumerate(zip(certificate.margins[forget], chosen, strict=True)):
        mantissa, _ = loss.scaled_derivative(float(margin))
        products[k] = (-multiplier / mantissa) * mantissa
    with np.errstate(invalid="ignore", divide="ignore"):
        subgradient = np.where(chosen > 0, certificate.gates()[:, forget] / chosen, 0.0)
    return certificate.model.second_layer[:, None] * subgradient * (products * data.y[forget])


def outside_span(points, retained, names):
    """The part of each row of ``points`` orthogonal to all retained points; exactly zero, with a warning, if nothing is left."""
    outside, inside = span.outside(points, retained.span.basis)
    if inside.any():
        warnings.warn(
            f"points {listing(np.asarray(names)[inside])} lie in the span of the retained points: "
            "their projected step is zero and forgets nothing; use method='plain'",
            KKTCheckWarning,
            stacklevel=3,
        )
    return outside


def checked_certificate(certificate, model, data):
    """The certificate, if it belongs to this model and data, or a new one, and the factor from this model to the certified one.

    Raises
    ------
    InputError
        If the certificate belongs to other data, or its model is no positive multiple of this one.
    """
    if certificate is None:
        certificate = certify(model, data)
        return certificate, certificate.scale
    if not isinstance(certificate, Certificate):
        raise InputError(f"certificate must be a kktcheck.Certificate, not {type(certificate).__name__}")
    if certificate.data_key != data.key:
        raise InputError(f"the certificate belongs to other data ({certificate.data_key}, not {data.key}): certify this model on this data")
    certified = certificate.model
    alike = type(model) is type(certified) and model.hidden.shape == certified.hidden.shape and (model.second_layer == certified.second_layer).all()
    if not alike or angle_gap(model, certified) > 2 * certificate.tau + SAME_MODEL:
        raise InputError("the certificate belongs to another model: certify this model on this data")
    # The certified model is the factor times an orthogonal projection of this one; mostly it is the factor of the certificate itself.
    factor = certified.norm**2 / float(np.vdot(model.hidden, certified.hidden))
    return certificate, certificate.scale if abs(factor / certificate.scale - 1) <= 1e3 * EPS else factor


def kept_kinks(model, forget, step, method):
    """Kinks on the retained points that the step provably keeps, a mask for these; None for a model that carries none."""
    if model.kinks is None:
        return None
    kept = np.delete(model.kinks, forget, axis=1)
    if method == "plain":
        kept &= ~step.any(axis=1)[:, None]
    return kept
