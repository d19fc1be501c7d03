"""Pools of exact KKT points of one dataset, found from the states of many models; how far a model is from the nearest."""

import numpy as np

from . import kinks
from .certificate import angle_gap
from .errors import InfeasibleError, SolverError
from .kkt_point import kkt_point
from .margin import max_margin
from .models import LinearPredictor, states_of
from .tolerances import SAME_MODEL


def pool_for(model, data):
    """An empty pool of exact points of the data for models of this kind: `ExactPoints`, or `ExactPredictor` for linear ones."""
    return ExactPredictor(data) if isinstance(model, LinearPredictor) else ExactPoints(data)


class ExactPoints:
    """Exact KKT points of a dataset for networks of one second layer.

    Parameters
    ----------
    data : Dataset

    Attributes
    ----------
    points : list of KKTPoint
        The different ones found so far.
    names : list of str
        What each was found from.
    failures : dict of str to str
        Name of each start that led to none, and why.
    starts : int
        Different states started from.
    """

    def __init__(self, data):
        self.data, self.points, self.names, self.failures = data, [], [], {}
        self._seen = set()

    @property
    def starts(self):
        """Number of different states started from."""
        return len(self._seen)

    @property
    def residual(self):
        """The largest KKT residual of a point; nan without one."""
        return max((point.residuals.kkt for point in self.points), default=float("nan"))

    def include(self, point, name):
        """Take a point that is known already, unless it is in the pool."""
        if not any(angle_gap(point.model, other.model) <= SAME_MODEL for other in self.points):
            self.points.append(point)
            self.names.append(name)

    def add(self, model, name):
        """Seek a point from the states of a network, unless these have been started from before.

        Where a point is sought from does not depend on the weights but through the states of the aligned pairs (u_j y_i > 0).

        Parameters
        ----------
        model : TwoLayerReLU
        name : str
            What to call this start.
        """
        states = states_of(model.preactivations(self.data), kinks.find(model, self.data)[0])
        key = states[model.u[:, None] * self.data.y > 0].tobytes()
        if key in self._seen:
            return
        self._seen.add(key)
        try:
            self.include(kkt_point(model, self.data), name)
        except (InfeasibleError, SolverError) as error:
            self.failures[name] = str(error)

    def nearest(self, model):
        """The point nearest to a model in angle, and 1 - cos of that angle; (None, nan) without one."""
        gaps = [angle_gap(model, point.model) for point in self.points]
        if not gaps:
            return None, float("nan")
        k = int(np.argmin(gaps))
        return self.points[k], gaps[k]

    def origin(self, point):
        """How a point of the pool was found, for a table."""
        return f"from {self.names[self.points.index(point)]}; {point.num_classes} classes, {point.num_kinks} kinks"


class ExactPredictor(ExactPoints):
    """The exact KKT point of linear predictors: there is only one, the max-margin predictor, whatever the start."""

    def add(self, model, name):
        """Seek it, once; a model is no help."""
        if self.points or self.failures:
            return
        try:
            found = max_margin(self.data)
        except InfeasibleError as error:
            self.failures[name] = str(error)
            return
        if found.status == "exact":
            self.include(found, name)
        else:
            reached = f"KKT residual {found.residuals.kkt:.1e}, condition {found.condition:.1e}"
            self.failures[name] = f"the max-margin problem is {found.status}: {reached}"

    def origin(self, point):
        """How it was found, for a table."""
        return f"max-margin predictor; {len(point.support)} support points"
