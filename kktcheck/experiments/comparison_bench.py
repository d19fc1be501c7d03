"""What the unlearned models of one case are measured by, with respect to its retained data."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..certificate import certify
from ..compression import compressed
from ..dataset import Dataset
from ..errors import InfeasibleError, InputError, SolverError, listing
from ..influence import residual_influence
from ..membership import membership_test
from ..unlearning import identity
from .exact_pool import ExactPool


@dataclass(frozen=True, eq=False)
class Measured:
    """An unlearned model and its numbers but for tau, which depends on the exact points that are still to be found.

    Attributes
    ----------
    model : LinearPredictor or TwoLayerReLU
        In the coordinates of the bench.
    numbers : dict of str to (float or None)
    members, others : list of float
        Scores of the membership test; empty without candidates.
    reasons : dict of str to str
        Why a number is None.
    """

    model: Any
    numbers: dict
    members: list
    others: list
    reasons: dict


class Bench:
    """Data, candidates and exact points of one case, in the few coordinates of the points' span.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The original; every margin is positive.
    data : Dataset
    forget : sequence of int
    others : Dataset, optional
        Fresh points for the membership test.
    test : Dataset, optional
    statistic : str
        Of the membership test.
    """

    def __init__(self, model, data, forget, *, others=None, test=None, statistic="influence"):
        m = data.num_points
        self._test, self._statistic, self._everything, self._forget = test, statistic, data, np.asarray(forget)
        if others is not None:
            self._everything = Dataset(np.vstack([data.X, others.X]), np.concatenate([data.y, others.y]))
        original, points = compressed(model, self._everything)
        self._data = points.only(np.arange(m))
        self._others = None if others is None else points.only(np.arange(m, points.num_points))
        self._retained = self._data.without(self._forget)
        self._unit = float(self._margins(original).min())
        self._start = identity(original, self._data, self._forget)
        self._pool = ExactPool(self._retained)
        self._pool.add(self._start, "the original")

    def seek(self, model, name):
        """Seek an exact point from the states of one more model."""
        self._pool.add(compressed(model, self._everything)[0], name)

    def measure(self, unlearned, name):
        """Every number of an unlearned model but tau; an exact point is sought from its states, too.

        Returns
        -------
        Measured
            With ``epsilon``, ``delta``, ``retained_margin``, ``forgotten_margin``, ``retained_accuracy``, ``forgotten_accuracy``,
            ``test_accuracy`` (None without test data) and ``influence``.
        """
        model = compressed(unlearned, self._everything)[0]
        self._pool.add(model, name)
        reasons = {}
        numbers = self._certificate(model, reasons) | self._margin_numbers(model) | self._influence(model, reasons)
        numbers["test_accuracy"] = None if self._test is None else float((self._test.y * unlearned.outputs(self._test.X) > 0).mean())
        members = others = []
        if self._others is not None:
            test = membership_test(model, self._data, self._forget, self._others, statistic=self._statistic)
            members, others = test.members.tolist(), test.others.tolist()
        return Measured(model, numbers, members, others, reasons)

    def tau(self, measured):
        """1 - cos to the nearest exact point found, or None, and then why."""
        pool = self._pool.of(measured.model)
        point, tau = pool.nearest(measured.model)
        return (None, next(iter(pool.failures.values()))) if point is None else (tau, None)

    @property
    def exact_points(self):
        """Number of exact points found in the architecture of the original."""
        return len(self._pool.of(self._start).points)

    @property
    def failed_starts(self):
        """Models whose states led to no exact point in the architecture of the original, and why, a dict of str to str."""
        return dict(self._pool.of(self._start).failures)

    def _certificate(self, model, reasons):
        try:
            certificate = certify(model, self._retained)
        except InfeasibleError as error:
            wrong = np.delete(np.arange(self._data.num_points), self._forget)[list(error.points)]
            reasons["epsilon"] = f"retained points are misclassified ({listing(wrong)}, kinks snapped)"
            return {"epsilon": None, "delta": None}
        except (InputError, SolverError) as error:
            reasons["epsilon"] = str(error)
            return {"epsilon": None, "delta": None}
        return {"epsilon": certificate.epsilon, "delta": certificate.delta}

    def _margin_numbers(self, model):
        margins = self._margins(model) / self._unit
        retained, forgotten = np.delete(margins, self._forget), margins[self._forget]
        return {
            "retained_margin": float(retained.min()),
            "forgotten_margin": float(forgotten.mean()),
            "retained_accuracy": float((retained > 0).mean()),
            "forgotten_accuracy": float((forgotten > 0).mean()),
        }

    def _influence(self, model, reasons):
        found = residual_influence(model, self._data, self._forget)
        known = found.relative[~np.isnan(found.relative)]
        if known.size:
            return {"influence": float(np.median(known))}
        reasons["influence"] = next(reason for reason in found.reasons if reason)
        return {"influence": None}

    def _margins(self, model):
        return self._data.y * model.outputs(self._data.X) / (np.linalg.norm(model.second_layer) * model.norm)
