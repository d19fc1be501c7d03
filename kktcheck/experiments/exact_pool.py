"""Exact KKT points of one dataset for models of any kind and architecture, and the distance to the nearest."""

from ..exact_points import pool_for


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
            self._pools[key] = pool_for(model, self._data)
        self._pools[key].add(model, name)

    def of(self, model):
        """The pool of a model's architecture, to which a model has been added: an `ExactPoints`."""
        return self._pools[type(model), model.second_layer.tobytes()]
