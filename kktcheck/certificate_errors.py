"""How far the float64 numbers of a certificate can be from those of the exact certified model: bounds derived, not fitted.

The exact model is the stored one projected exactly onto its kinks; ``noise`` bounds the distance between the two. With u = 2**-53 a sum
of k products is off by k u times the sum of their sizes; the bounds here take EPS = 2 u for it, whose factor 2 leaves room for their own
rounding.
"""

import numpy as np

from .kinks import ROWS
from .tolerances import EPS


def of_margins(lin, noise):
    """Bound on the error of each margin, shape (m,): its rounding, and |u| |x_i| times the way to the exact kinks."""
    return lin.margin_error() + noise * float(np.linalg.norm(lin.model.second_layer)) * lin.data.norms


def of_slackness(multipliers, margins, margin_errors):
    """Bound on the error of max_i lambda_i (margin_i - 1): the largest over the points, the difference and the product rounded once each."""
    return float((multipliers * (margin_errors + EPS * np.abs(margins - 1.0))).max())


def of_infeasibility(margins, margin_errors):
    """Bound on the error of 1 - minimum margin."""
    return float(margin_errors.max()) + EPS * abs(1.0 - float(margins.min()))


def of_tau(tau, model, noise, projected):
    """Bound on the error of tau, the squared distance between unit vectors, halved.

    Parameters
    ----------
    tau : float
        As computed by `kktcheck.certificate.angle_gap`, or 0.
    model : LinearPredictor or TwoLayerReLU
        The certified model.
    noise : float
    projected : bool
        Whether weights were projected and tau was computed; it is 0 otherwise.

    Notes
    -----
    A norm of N numbers is off by a share of at most N u / 2 + u. Stretching unit vectors by 1 + a and 1 + b changes their squared
    distance g**2 into (a - b)**2 + (1 + a) (1 + b) g**2: relative but for a term of second order. Rounding the entries moves each
    vector by u, their difference by u g more, rounding the weights at another scale and the exact projection by the rest of ``step``.
    """
    step = (EPS * model.norm + noise) / max(model.norm - noise, EPS * model.norm)
    if not projected:
        return step**2
    entries = model.hidden.size
    stretch = EPS * (entries / 4.0 + 1.0)
    added_up = EPS * (ROWS * model.hidden.shape[1] + entries / ROWS)
    gap = float(np.sqrt(2.0 * tau))
    step += EPS * (1.0 + gap)
    return (added_up + 6.0 * stretch) * tau + gap * step + step**2 + 4.0 * stretch**2


def of_tau_rescaled(tau, tau_error):
    """Bound on the error of tau once the weights have been multiplied by a factor, which turns them by at most u."""
    return tau_error + EPS * (float(np.sqrt(2.0 * (tau + tau_error))) + EPS)
