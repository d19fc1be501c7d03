"""A certificate at another scale: from an (epsilon, delta, gamma) point to an (epsilon', delta') point (Lemma B.3)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .answers import slackness_of
from .certificate_errors import of_infeasibility, of_slackness, of_tau_rescaled
from .errors import InputError
from .models import positive


@dataclass(frozen=True, eq=False)
class Rescaled:
    """A certificate at another scale: what is attained there, and what follows without the margins.

    Attributes
    ----------
    certificate : Certificate
        The rescaled model with the rescaled multipliers; its epsilon, delta and gamma are attained. It has no enclosures (unless the
        factor is 1): scaling rounds the weights and multipliers that they belong to, and the new ones need the data.
    factor : float
        From the old scale to the new.
    epsilon_bound, delta_bound : float
        Upper bounds that follow from (epsilon, delta, gamma) and the largest multiplier alone (Lemma B.3 with the multipliers
        scaled on both sides). Epsilon's is attained always, delta's if the point of largest slackness also has the largest
        multiplier, its margin is at least 1 and the factor is.
    """

    certificate: Any
    factor: float
    epsilon_bound: float
    delta_bound: float

    def summary(self):
        """Attained numbers and bounds as an aligned text table."""
        from .tables import rescaled_table

        return rescaled_table(self)


def rescale(certificate, factor=None):
    """The certificate of the model times a factor, with the multipliers scaled alike.

    Parameters
    ----------
    certificate : Certificate
    factor : float, optional
        Positive; by default 1 / (1 - gamma), which leads from an (epsilon, delta, gamma) point of Definition B.1 to an
        (epsilon', delta') point of Definition 2.1.

    Returns
    -------
    Rescaled
        The certificate at the new scale, whose numbers are attained, and beside it what can be said without the margins.

    Raises
    ------
    InputError
        For gamma >= 1 without a factor (no scale makes the model feasible) or a factor that is not positive.

    Notes
    -----
    Lemma B.3. With c = 1 / (1 - gamma) and multipliers c lambda_i, slackness is
    c lambda_i (c margin_i - 1) = c**2 lambda_i (margin_i - 1) + c (c - 1) lambda_i, so
    delta' <= c**2 delta + c (c - 1) max lambda. The lemma names the multipliers c lambda_i but bounds their slackness as if they
    were still lambda_i: both terms of its printed bound lack one factor c.
    """
    if factor is None:
        if certificate.gamma >= 1:
            raise InputError(f"gamma = {certificate.gamma:.6g}: some margin is not positive, so no scale makes the model feasible")
        factor = 1.0 / (1.0 - certificate.gamma)
    c = positive(factor)
    multipliers, margins = c * certificate.multipliers, c * certificate.margins
    # Scaling rounds every weight and multiplier once more: at most what the error of a margin has for them already.
    errors = None if certificate.gamma_error is None else np.full(len(margins), 2.0 * c * certificate.gamma_error)
    moved = replace(
        certificate,
        epsilon=c * certificate.epsilon,
        epsilon_error=1.5 * c * certificate.epsilon_error,  # of which one half is enough for the new rounding
        delta=slackness_of(multipliers, margins),
        delta_error=None if errors is None else of_slackness(multipliers, margins, errors),
        gamma=max(0.0, 1.0 - float(margins.min())),
        gamma_error=None if errors is None else of_infeasibility(margins, errors),
        tau_error=None if certificate.tau_error is None else of_tau_rescaled(certificate.tau, certificate.tau_error),
        multipliers=multipliers,
        kink_multipliers=c * certificate.kink_multipliers,
        margins=margins,
        scale=c * certificate.scale,
        kinks=replace(certificate.kinks, noise=c * certificate.kinks.noise),
        model=certificate.model.scaled(c),
        residuals=certificate.residuals.at_scale(multipliers, margins),
        slackness_cap=None,
        unique=certificate.unique if certificate.slackness_cap is None else None,
        method=f"{certificate.method}, rescaled",
        enclosures=certificate.enclosures if c == 1.0 else None,
    )
    largest = float(certificate.multipliers.max())
    bound = c * c * certificate.delta + c * max(c - 1.0, 0.0) * largest
    return Rescaled(moved, c, c * certificate.epsilon, bound)
