"""A pool of exact KKT points of one dataset, found from the states of many networks; how far a network is from the nearest."""

import numpy as np

from .. import kinks
from ..certificate import angle_gap
from ..errors import InfeasibleError, SolverError
from ..kkt_point import kkt_point
from ..models import states_of
from ..tolerances import SAME_MODEL


class ExactPoints:
    """Exact KKT points of a dataset for networks of one second layer.

    Parameters
    ----------
    data : Dataset

    Attributes
    ----------
    points : list of KKTPoint
        The different ones found so far.
    failures : dict of str to str
        Name of each start that led to none, and why.
    starts : int
        Different states started from.
    """

    def __init__(self, data):
        self.data, self.points, self.failures = data, [], {}
        self._seen = set()

    @property
    def starts(self):
        """Number of different states started from."""
        return len(self._seen)

    @property
    def residual(self):
        """The largest KKT residual of a point; nan without one."""
        return max((point.residuals.kkt for point in self.points), default=float("nan"))

    def add(self, model, name):
        """Seek a point from the states of a network, unless these have been started from before.

        Where a point is sought from does not depend on the weights but through the states of the aligned pairs (u_j y_i > 0).

        Parameters
        ----------
        model : TwoLayerReLU
        name : str
            What to call this start if it leads to none.
        """
        states = states_of(model.preactivations(self.data), kinks.find(model, self.data)[0])
        key = states[model.u[:, None] * self.data.y > 0].tobytes()
        if key in self._seen:
            return
        self._seen.add(key)
        try:
            found = kkt_point(model, self.data, states=states)
        except (InfeasibleError, SolverError) as error:
            self.failures[name] = str(error)
            return
        if not any(angle_gap(found.model, point.model) <= SAME_MODEL for point in self.points):
            self.points.append(found)

    def nearest(self, model):
        """The point nearest to a network in angle, and 1 - cos of that angle; (None, nan) without one.

        Parameters
        ----------
        model : TwoLayerReLU

        Returns
        -------
        KKTPoint or None
        tau : float
        """
        gaps = [angle_gap(model, point.model) for point in self.points]
        if not gaps:
            return None, float("nan")
        k = int(np.argmin(gaps))
        return self.points[k], gaps[k]
