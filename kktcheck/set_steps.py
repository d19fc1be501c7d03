"""One gradient-ascent step for each of many forget sets of one model: what all ways to take it share, and the way that is always open."""

import warnings
from dataclasses import dataclass

import numpy as np

from . import losses
from .certificate import certify
from .errors import InfeasibleError, InputError, KKTCheckWarning, SolverError, listing
from .residual_changes import outside_retained
from .tolerances import EPS
from .unlearning.ascent import gradient_ascent, step_coefficients

#: Rounding of a pre-activation per dimension, in units of the norms of all that was added up, beyond which its sign is sure.
SIGN = 8 * EPS


@dataclass(frozen=True)
class Found:
    """(epsilon, delta) of an unlearned model on the retained data; nan where it has no certificate, and then why.

    ``zero_steps`` are the forgotten points whose projected step is zero.
    """

    epsilon: float
    delta: float
    reason: str | None = None
    zero_steps: tuple = ()


class SetSteps:
    """The steps of one model; parameters as for `kktcheck.gradient_ascent`, the certificate checked already.

    Parameters
    ----------
    scale : float
        From the model to the certified one.
    subgradient : {"clarke", "indicator"}
        Convention of the certificates of what comes out.

    Attributes
    ----------
    step : ndarray, shape (n, m)
        Coefficient of each point in the step on each neuron.
    lengths : ndarray, shape (n,)
        Norms of the weights.
    """

    def __init__(self, model, data, certificate, scale, *, fraction, method, subgradient):
        self.model, self.data, self.certificate = model, data, certificate
        self.fraction, self.method, self.subgradient = fraction, method, subgradient
        self.step = (fraction / scale) * step_coefficients(certificate, data, np.arange(data.num_points), losses.get("logistic"))
        self.lengths = np.linalg.norm(model.hidden, axis=1)

    def _on_weights(self, forget):
        """Answer by taking the step and certifying the weights, where rounding decides: it has to be theirs."""
        zero = forget[outside_retained(self.data, forget)[1]] if self.method == "projected" else ()
        choice = {"certificate": self.certificate, "fraction": self.fraction, "method": self.method}

        def unlearned():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", KKTCheckWarning)  # of zero steps, which the answer names
                return gradient_ascent(self.model, self.data, forget, **choice)

        return self._certified(unlearned, self.data.without(forget), forget, tuple(int(i) for i in zero))

    def _certified(self, unlearned, retained, forget, zero_steps):
        """`Found` from the certificate of the model that ``unlearned()`` returns, on the retained points."""
        try:
            certificate = certify(unlearned(), retained, subgradient=self.subgradient, kink_tol=0.0)
        except InfeasibleError as error:
            names = np.delete(np.arange(self.data.num_points), forget)
            return Found(np.nan, np.nan, misclassified(names[list(error.points)]), zero_steps)
        except (InputError, SolverError) as error:
            return Found(np.nan, np.nan, str(error), zero_steps)
        return Found(certificate.epsilon, certificate.delta, None, zero_steps)


def misclassified(points):
    """Why there is no certificate."""
    return f"the unlearned model misclassifies retained points ({listing(points)}): no scale makes it feasible"
