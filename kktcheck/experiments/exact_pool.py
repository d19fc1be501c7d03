"""Exact KKT points of one dataset for models of any kind and architecture, and the distance to the nearest."""

from ..certificate import angle_gap
from ..models import LinearPredictor
from ..witnesses import exact
from .exact_points import ExactPoints


class ExactPool:
    """A pool of exact KKT points for every architecture (kind of model, second layer).

    Parameters
    ----------
    data : Dataset
    """

    def __init__(self, data):
        self._data, self._pools = data, {}

    def add(self, model, name):
        """Seek a point from the states of a model, called ``name`` if it leads to none; that of linear predictors is sought once."""
        key = type(model), model.second_layer.tobytes()
        if key not in self._pools:
            self._pools[key] = (_MaxMargin if isinstance(model, LinearPredictor) else ExactPoints)(self._data)
        self._pools[key].add(model, name)

    def of(self, model):
        """The pool of a model's architecture, to which a model has been added.

        Returns
        -------
        ExactPoints
            Or an object with the same ``points``, ``failures`` and ``nearest`` that holds the max-margin predictor.
        """
        return self._pools[type(model), model.second_layer.tobytes()]


class _MaxMargin:
    """The exact KKT point of linear predictors: there is only one, whatever the start."""

    def __init__(self, data):
        self._data, self.points, self.failures = data, [], {}

    def add(self, model, name):
        if not self.points and not self.failures:
            witness, self.failures = exact(model, self._data, {})
            self.points = [] if witness is None else [witness]

    def nearest(self, model):
        if not self.points:
            return None, float("nan")
        return self.points[0], angle_gap(model, self.points[0].model)
