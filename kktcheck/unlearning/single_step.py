"""Doing nothing, and one step of gradient ascent: the algorithms of the paper behind the common interface."""

import numpy as np

from ..errors import InputError
from .arguments import forget_request, training_record
from .ascent import checked_certificate, gradient_ascent
from .correction import restore_activations

METHODS = ("plain", "corrected", "projected")


def identity(model, data, forget, *, record=None, rng=None):
    """Do nothing: what every algorithm has to beat.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record, rng : optional
        Of the common interface; a record is checked, nothing is random.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        The same weights, with the kinks of the retained points.

    Raises
    ------
    InputError
        For a bad forget set, a model that does not fit the data, and a record of other data or of another model.
    """
    forget, _ = forget_request(model, data, forget)
    training_record(record, model, data)
    if model.kinks is None:
        return model
    return model.with_kinks(np.delete(model.kinks, forget, axis=1))


def ascent_step(model, data, forget, *, record=None, rng=None, method="plain", certificate=None, fraction=1.0, c=None):
    """One gradient-ascent step on the loss of the forgotten points, with the step size of the paper.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The scale does not matter: the result is at the scale given.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record, rng : optional
        Of the common interface; a record is checked, nothing is random.
    method : {"plain", "corrected", "projected"}
        ``"plain"`` and ``"projected"`` as in `gradient_ascent`; ``"corrected"`` is the plain step followed by `restore_activations`
        (two-layer networks only).
    certificate : Certificate, optional
        Certificate of the model on the data; by default a new one.
    fraction : float
        Share of the paper's step, at least 0.
    c : float, optional
        Weight of the correction; by default the paper's. For ``"corrected"`` only.

    Returns
    -------
    LinearPredictor or TwoLayerReLU

    Raises
    ------
    InputError, InfeasibleError
        As `gradient_ascent` and `restore_activations` do, and for a record of other data or of another model.

    Notes
    -----
    A_GA of equation (3) with the step size of Theorems 3.1 and 4.1, A_k-GA of Section 5 for a set; the correction is that of
    Section 4.1 and Appendix C. The projected step is no algorithm of the paper: it moves along the part of the forgotten points
    outside the span of the retained ones. No loss is named: the step size cancels its derivative.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r} is unknown: choose one of {', '.join(map(repr, METHODS))}")
    if c is not None and method != "corrected":
        raise InputError(f"c belongs to method='corrected', the weight of its correction; method={method!r} has none")
    forget, _ = forget_request(model, data, forget)
    training_record(record, model, data)
    certificate, _ = checked_certificate(certificate, model, data)
    if method != "corrected":
        return gradient_ascent(model, data, forget, certificate=certificate, fraction=fraction, method=method)
    unlearned = gradient_ascent(model, data, forget, certificate=certificate, fraction=fraction)
    return restore_activations(unlearned, data, forget, original=model, certificate=certificate, c=c, fraction=fraction).model
