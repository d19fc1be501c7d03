"""(epsilon, delta) of one model after a gradient-ascent step for each of many forget sets, with what they share computed once.

A step changes pre-activations by multiples of rows of the Gram matrix. Where it changes no activation of a retained point the multiplier problem
is the original's without some of its variables (`kktcheck.removals`, `kktcheck.residual_changes`), and nothing is factored. Where it does, a Gram
matrix is built from the new activations and factored, starting from the original's support. What rounding decides (a pre-activation at zero, a
margin near zero, points that depend on each other) is left to the step itself and its certificate on the weights.
"""

import numpy as np

from . import fast, pivoting
from .answers import slackness_of
from .errors import SolverError
from .forget_sets import batches
from .linearisation import Linearisation
from .models import LinearPredictor
from .removals import Removals
from .residual_changes import ResidualChanges
from .set_steps import SIGN, Found, SetSteps, misclassified
from .tolerances import UNIT_MARGIN

#: Least margins below this share of the largest there could be, or this near to 1, are taken from the weights themselves.
NARROW = 1e-9


class ManySteps(SetSteps):
    """The steps of one model that carries no kinks; parameters as for `kktcheck.set_steps.SetSteps`."""

    def __init__(self, model, data, certificate, scale, **choice):
        super().__init__(model, data, certificate, scale, **choice)
        self.linear = isinstance(model, LinearPredictor)
        self.norms, self.second = data.norms, model.second_layer
        self.unit, self.unit_gram = (model.hidden @ np.asarray(data.X).T) / self.norms, data.gram / self.norms
        self.reach = np.linalg.norm(self.step, axis=0) * self.norms
        self.acting = np.ones(self.unit.shape, dtype=bool) if self.linear else self.unit >= 0
        self.margins = self._margins(self.unit)
        self.unsure = np.flatnonzero(~self._signs(self.unit, self.lengths))
        self.start = self.whole = None
        self.hidden = model.hidden @ data.span.basis
        outside = model.hidden - self.hidden @ data.span.basis.T
        self.outside = float(np.einsum("ij,ij->", outside, outside))
        self._solve()

    def _solve(self):
        """The multipliers of all points, and what follows from them for every set, unless points depend on each other."""
        gram = fast.gram_of_activations(self.acting, self.second, self.data)
        lin = Linearisation(self.model, self.data, self.subgradient, self.acting.astype(np.int8), self.margins)
        try:
            x = pivoting.pivot(gram, self.margins).x
        except pivoting.SingularSystem:
            try:
                x = fast.stationarity(lin, with_uniqueness=False).values
            except SolverError:
                return
        self.start = np.where(x > 0, pivoting.FREE, pivoting.LOWER).astype(np.int8)
        try:
            self.whole = Removals(gram, self.margins, np.flatnonzero(x > 0))
        except pivoting.SingularSystem:
            return
        self.changes = ResidualChanges(lin, gram, x, self.step, self.method)

    def _margins(self, unit):
        return self.data.y * self.norms * (self.second @ (unit if self.linear else np.maximum(unit, 0.0)))

    def _signs(self, unit, lengths):
        """Points at which no sign is in doubt, given the norms of what each neuron was added up from."""
        if self.linear:
            return np.ones(unit.shape[1], dtype=bool)
        return (np.abs(unit) > SIGN * (self.data.dim + 8) * lengths[:, None]).all(axis=0)

    def found(self, sets):
        """A `Found` for every set, in a list.

        Parameters
        ----------
        sets : list of ndarray of int
        """
        answers = [None] * len(sets)
        for places, some in batches(sets, lambda k: k * self.data.num_points):
            for place, answer in zip(places, self._batch(some), strict=True):
                answers[place] = answer
        return answers

    def _batch(self, sets):
        """Answers for sets of one size, shape (N, k)."""
        answers, quick, margins = [None] * len(sets), [], np.empty((len(sets), self.data.num_points))
        for n, forget in enumerate(sets):
            margins[n], acting, sure = self._after(forget)
            if not sure:
                answers[n] = self._on_weights(forget)
            elif acting is None and self.whole is not None:
                quick.append(n)
            else:
                answers[n] = self._anew(forget, self.acting if acting is None else acting, margins[n])
        if quick:
            sets, margins = sets[quick], margins[quick]
            x, settled = self.whole.without(sets, margins, lambda x: self.changes.products(sets, x))
            epsilon, sure, inside = self.changes.after(sets, x)
            for n, forget, good, *numbers, zero in zip(quick, sets, settled & sure, epsilon, x, margins, inside, strict=True):
                zero = tuple(int(i) for i in forget[zero])
                answers[n] = self._scaled(forget, *numbers, zero) if good else self._anew(forget, self.acting, numbers[2])
        return answers

    def _after(self, forget):
        """Margins after the step, activations if some of a retained point have changed (else None), and whether all signs are sure."""
        if self.method == "projected":
            return self.margins, None, not len(self.unsure) or bool(np.isin(self.unsure, forget).all())
        step = self.step[:, forget]
        unit = self.unit + step @ self.unit_gram[forget]
        margins = self._margins(unit)
        if self.linear:
            return margins, None, True
        sure = self._signs(unit, self.lengths + np.abs(step) @ self.norms[forget])
        acting = unit >= 0
        acting[:, forget] = self.acting[:, forget]
        changed = not np.array_equal(acting, self.acting)
        sure[forget] = True
        return margins, acting if changed else None, bool(sure.all())

    def _anew(self, forget, acting, margins):
        """Answer from a Gram matrix of its own, for given activations."""
        if self.method == "projected":
            return self._on_weights(forget)
        acting = acting.copy()
        acting[:, forget] = False
        gram, targets = fast.gram_of_activations(acting, self.second, self.data), margins.copy()
        targets[forget] = 0.0
        start = None if self.start is None else self.start.copy()
        if start is not None:
            start[forget] = pivoting.LOWER
        try:
            solved = pivoting.pivot(gram, targets, None, start)
        except pivoting.SingularSystem:
            return self._on_weights(forget)
        span, data = self.data.span, self.data
        coordinates, hidden = span.coordinates, self.hidden + self.step[:, forget] @ span.coordinates[forget]
        rest = hidden - (self.second[:, None] * (acting * (solved.x * data.y))) @ coordinates
        square, size = (float(np.einsum("ij,ij->", part, part)) + self.outside for part in (rest, hidden))
        reached = float((solved.violations() / self.norms).max()) / float(np.linalg.norm(self.second) * np.sqrt(size))
        gap = abs(float(np.einsum("ij,ij->", rest, hidden)) + self.outside - square) / size
        if max(reached, gap) > fast.GAP:
            return self._on_weights(forget)
        return self._scaled(forget, np.sqrt(square), solved.x, margins)

    def _scaled(self, forget, epsilon, x, margins, zero_steps=()):
        """Numbers at the scale where the least retained margin is 1."""
        margins = margins.copy()
        margins[forget] = np.inf
        narrow = NARROW * float(np.linalg.norm(self.second)) * (self.model.norm + float(self.reach[forget].sum()))
        relative = margins / self.norms
        if (relative < -narrow).any():
            return Found(np.nan, np.nan, misclassified(np.flatnonzero(margins < 0)), zero_steps)
        least = float(margins.min())
        off = abs(least - 1.0)
        if float(relative.min()) <= narrow or UNIT_MARGIN < off <= NARROW:
            return self._on_weights(forget)
        factor = 1.0 if off <= UNIT_MARGIN else 1.0 / least
        margins[forget] = least
        return Found(factor * float(epsilon), slackness_of(factor * x, factor * margins), None, zero_steps)

