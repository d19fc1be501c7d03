"""The additive correction after a gradient-ascent step, meant to give every neuron its old sign on every retained point."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import check_dataset, non_negative
from ..errors import InputError
from ..models import KINK, TwoLayerReLU
from ..tolerances import KINK_MASK
from .ascent import checked_certificate


@dataclass(frozen=True, eq=False)
class RestoredActivations:
    """The corrected model, and what in fact became of the signs on the retained points.

    Attributes
    ----------
    model : TwoLayerReLU
        The corrected network, at the scale of the unlearned one. It carries on the unlearned one's kinks of the neurons that the
        correction leaves alone.
    c : float
        Weight of the correction.
    changed : ndarray of int, shape (k, 2)
        Pairs (neuron, retained point) whose activation, <w_j, x_i> >= 0, differs from the original's; points numbered as in the
        full data.
    changed_before : ndarray of int, shape (k, 2)
        The same for the unlearned model without the correction.
    lost_kinks : int
        Kinks of the certificate on retained points that the corrected model is no longer on, to within the tolerance by which
        they were found.
    correction_norm : float
        Norm of the correction at the certificate's scale (the vector u of Appendix C.2).
    """

    model: Any
    c: float
    changed: np.ndarray
    changed_before: np.ndarray
    lost_kinks: int
    correction_norm: float

    @property
    def restored(self):
        """Whether every retained activation is the original's."""
        return not len(self.changed)


def restore_activations(unlearned, data, forget, *, original, certificate=None, c=None, fraction=1.0):
    """Add c |u_j| lambda_l sigma'_lj sum_k x_k sign(<x_k, w_j>) over the retained points k to every neuron j, summed over the forgotten l.

    Parameters
    ----------
    unlearned : TwoLayerReLU
        Result of `gradient_ascent` with ``method="plain"`` on ``original``.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    original : TwoLayerReLU
        The network before the step, whose signs count; sign(0) = +1, also on the kinks it carries.
    certificate : Certificate, optional
        Certificate of ``original`` on ``data``; by default a new one.
    c : float, optional
        By default epsilon_d / (2 m n) with the data's own epsilon_d.
    fraction : float
        Share of the paper's step that was taken; the correction shrinks with it.

    Returns
    -------
    RestoredActivations

    Raises
    ------
    InputError
        For a linear predictor (it has no activations), a bad forget set, networks that differ in shape or second layer, a second
        layer other than +-1/sqrt(n) where the default c needs it, and a c or fraction that is negative or not finite.

    Notes
    -----
    Section 4.1 and Appendix C.2 for one point, Appendix C.3 for a set.
    """
    for network in (original, unlearned):
        if not isinstance(network, TwoLayerReLU):
            raise InputError(f"two TwoLayerReLU networks are needed, not {type(network).__name__}: only they have activations to restore")
    if unlearned.W.shape != original.W.shape or (unlearned.u != original.u).any():
        raise InputError(f"the unlearned network ({unlearned!r}) differs from the original ({original!r}) in shape or second layer")
    check_dataset(data)
    forget = data.indices(forget)
    retained = data.without(forget)
    certificate, scale = checked_certificate(certificate, original, data)
    if c is None:
        c = original.epsilon_d(data) / (2.0 * data.num_points * original.num_neurons)
    c, fraction = non_negative(c, "c"), non_negative(fraction, "fraction")
    before = np.delete(original.preactivations(data) >= 0, forget, axis=1)
    weights = np.abs(original.u) * certificate.gates()[:, forget].sum(axis=1) * (c * fraction)
    correction = weights[:, None] * (np.where(before, 1.0, -1.0) @ np.asarray(retained.X))
    kept = None if unlearned.kinks is None else unlearned.kinks & (weights == 0)[:, None]
    model = unlearned.with_hidden(unlearned.W + correction / scale, kept)
    kinks = np.delete(certificate.states == KINK, forget, axis=1)
    points = np.delete(np.arange(data.num_points), forget)
    return RestoredActivations(
        model=model,
        c=c,
        changed=_pairs(_changed(model, original, before, retained), points),
        changed_before=_pairs(_changed(unlearned, original, before, retained), points),
        lost_kinks=_lost(model, original, kinks, retained, certificate.kinks.tolerance),
        correction_norm=float(np.linalg.norm(correction)),
    )


def _changed(model, original, before, retained):
    """Mask of the pairs whose activation differs from ``before``; an untouched neuron has none, whatever rounding does to its zeros."""
    return ((model.preactivations(retained) >= 0) != before) & _touched(model, original)[:, None]


def _lost(model, original, kinks, retained, tolerance):
    sizes = np.linalg.norm(model.W, axis=1)[:, None] * retained.norms
    off = np.abs(model.preactivations(retained)) > max(tolerance, KINK_MASK) * sizes
    return int((kinks & off & _touched(model, original)[:, None]).sum())


def _touched(model, original):
    return (model.W != original.W).any(axis=1)


def _pairs(mask, points):
    neurons, columns = np.nonzero(mask)
    return np.column_stack([neurons, points[columns]])
