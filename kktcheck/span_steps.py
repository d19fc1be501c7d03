"""Gradient-ascent steps for many forget sets in coordinates of the span of the points: no set costs anything that grows with the dimension."""

import numpy as np

from .compression import compressed
from .errors import listing
from .residual_changes import outside_retained
from .set_steps import SIGN, SetSteps
from .unlearning.arguments import with_weights
from .unlearning.ascent import kept_kinks


class SpanSteps(SetSteps):
    """The steps of one model; parameters and answers as for `kktcheck.many_steps.ManySteps`, but for networks that carry kinks.

    A kink stays where the step leaves its neuron alone, or moves it along directions orthogonal to the retained points.
    """

    def __init__(self, model, data, certificate, scale, **choice):
        super().__init__(model, data, certificate, scale, **choice)
        self.small, self.points = compressed(model, data)

    def found(self, sets):
        """A `kktcheck.set_steps.Found` for every set, in a list; the model is a network with kinks."""
        return [self._found(forget) for forget in sets]

    def unlearned(self, forget):
        """The model after the step, in the few coordinates; raises `InputError` if nothing is left of it but rounding."""
        hidden, kept, _ = self._weights(forget)
        size = self.small.norm + float(np.linalg.norm(self.step[:, forget], axis=0) @ self.data.norms[forget])
        return with_weights(self.small, hidden, size, f"forgetting {listing(forget)} with fraction {self.fraction:g}", kept)

    def _weights(self, forget):
        """Weights and kinks after the step, and the forgotten points whose step is zero."""
        directions, step = self.points.X[forget], self.step[:, forget]
        zero = np.zeros(len(forget), dtype=bool)
        if self.method == "projected":
            part, zero = outside_retained(self.data, forget)
            directions = np.column_stack([part, np.zeros(len(forget))])
        return self.small.hidden + step @ directions, kept_kinks(self.model, forget, step, self.method), forget[zero]

    def _found(self, forget):
        hidden, kept, zero = self._weights(forget)
        retained = self.points.without(forget)
        reach = self.lengths + np.abs(self.step[:, forget]) @ self.data.norms[forget]
        sure = np.abs(hidden @ retained.X.T) > SIGN * (self.data.dim + 8) * np.outer(reach, retained.norms)
        if (sure | kept).all():
            return self._certified(lambda: self.unlearned(forget), retained, forget, tuple(int(i) for i in zero))
        return self._on_weights(forget)
