"""SISA: models trained apart on shards of the data, of which only those that held a forgotten point are retrained."""

from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np

from ..checks import check_dataset
from ..dataset import Dataset
from ..descent import Settings
from ..errors import InputError
from ..models import LinearPredictor, TwoLayerReLU
from ..training import pairs, train, whole
from .arguments import check_recorded_data, check_recorded_model, forget_request, with_weights


@dataclass(frozen=True, eq=False, repr=False)
class Shard:
    """One shard, its points in slices, and the trainings that took in one slice after the other.

    Attributes
    ----------
    slices : tuple of ndarray of int
        Indices of each slice's points in the whole data.
    stages : tuple of Training
        The r-th is trained on the first r + 1 slices together, beginning with the model that the one before has reached.
    """

    slices: tuple
    stages: tuple

    def __repr__(self):
        return f"Shard({sum(map(len, self.slices))} points in {len(self.slices)} slices)"

    @property
    def model(self):
        """The model of this shard."""
        return self.stages[-1].model


@dataclass(frozen=True, eq=False, repr=False)
class Shards:
    """The record that `sisa` needs: result of `train_shards`.

    Attributes
    ----------
    data : Dataset
        All points.
    shards : tuple of Shard
    steps : int
        Number of epochs of every stage.
    settings : Settings
        Loss and step rule.
    """

    data: Dataset
    shards: tuple
    steps: int
    settings: Settings

    def __repr__(self):
        return f"Shards({len(self.shards)} of {self.shards[0].model!r}, {self.data.num_points} points, {self.settings})"

    @cached_property
    def model(self):
        """The aggregated model, whose outputs are the mean of the shards' outputs.

        For linear predictors its weights are the mean of the shards'. For two-layer networks of n neurons it is one network of S n
        neurons, the shards' side by side, with second layer u / S; its KKT points are those of that architecture.
        """
        return aggregate([shard.model for shard in self.shards])

    def without(self, forget):
        """The shards after forgetting: those without a forgotten point as they are, the others retrained from the first slice that had one.

        Parameters
        ----------
        forget : int or iterable of int

        Returns
        -------
        Shards
            On ``data.without(forget)``. A slice that loses all its points is left out, so is a shard.

        Raises
        ------
        InputError
            For an empty or complete forget set, indices out of range or repeated.
        SolverError
            If a training diverges.
        """
        forget = self.data.indices(forget)
        retained = self.data.without(forget)
        number = np.full(self.data.num_points, -1)
        number[np.delete(np.arange(self.data.num_points), forget)] = np.arange(retained.num_points)
        shards = []
        for shard in self.shards:
            renumbered = [number[part] for part in shard.slices]
            slices = tuple(part[part >= 0] for part in renumbered)
            touched = [r for r, part in enumerate(renumbered) if (part < 0).any()]
            if not touched:
                shards.append(replace(shard, slices=slices))
            elif any(map(len, slices)):
                first = touched[0]
                later = tuple(part for part in slices[first:] if len(part))
                shards.append(self._train(shard.stages[0].initial[0], retained, slices[:first], shard.stages[:first], later))
        return replace(self, data=retained, shards=tuple(shards))

    def _train(self, initial, data, slices, stages, later):
        """The shard with its ``later`` slices taken in one after the other."""
        for part in later:
            slices = (*slices, part)
            start = stages[-1].model if stages else initial
            stages = (*stages, train(start, data.only(np.concatenate(slices)), steps=self.steps, **asdict(self.settings)))
        return Shard(slices, stages)


def train_shards(model, data, *, shards, steps, slices=1, rng=None, **settings):
    """Train one model for each of several random shards of the data.

    Parameters
    ----------
    model : LinearPredictor, TwoLayerReLU, or a sequence of ``shards`` of them
        The initial model, of all shards or of each.
    data : Dataset
    shards : int
        Number of shards S, at least 1; their sizes differ by at most one point.
    steps : int
        Number of epochs of a shard as if it had one slice. With R slices each of the R stages takes 2 steps / (R + 1) of them, rounded up:
        the earlier ones have fewer points, so that as many are passed as without slices.
    slices : int
        Number of slices R inside a shard, at least 1; there must be a point for every slice.
    rng : None, int or numpy.random.Generator
        Source of randomness: which points form a shard and in which order its slices are taken in.
    **settings
        ``loss``, ``learning_rate``, ``weight_decay`` and ``normalised`` as for `kktcheck.train`.

    Returns
    -------
    Shards

    Raises
    ------
    InputError
        For numbers or settings out of range, and models that do not fit their number or the data.
    SolverError
        If a training diverges.

    Notes
    -----
    Bourtoule et al., "Machine unlearning", IEEE Symposium on Security and Privacy 2021. Shards may share their initial model: it knows no data.
    """
    check_dataset(data)
    shards, slices, steps = whole(shards, "shards", 1), whole(slices, "slices", 1), whole(steps, "steps", 0)
    if shards * slices > data.num_points:
        raise InputError(f"{shards} shards of {slices} slices need {shards * slices} points, but there are {data.num_points}")
    initial, _, several = pairs(model, data)
    initial = initial if several else initial * shards
    if len(initial) != shards:
        raise InputError(f"there are {len(initial)} models but {shards} shards: give one model for all, or one for each")
    order = np.random.default_rng(rng).permutation(data.num_points)
    empty = Shards(data, (), -(-2 * steps // (slices + 1)), Settings(**settings))
    parts = (np.array_split(part, slices) for part in np.array_split(order, shards))
    return replace(empty, shards=tuple(empty._train(start, data, (), (), part) for start, part in zip(initial, parts, strict=True)))


def sisa(model, data, forget, *, record=None, rng=None):
    """Retrain the shards that held a forgotten point and aggregate anew.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The aggregated model of the record.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record : Shards
        Required; ``record.without(forget)`` is the record for the next request.
    rng : optional
        Of the common interface; nothing is random.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        The model whose outputs are the mean of the shards' outputs. A shard that has lost all its points is dropped, and a network then has
        fewer neurons than before.

    Raises
    ------
    InputError
        For a missing record, one of other data or of another model, and a bad forget set.
    SolverError
        If a training diverges.

    Notes
    -----
    Bourtoule et al., "Machine unlearning", IEEE Symposium on Security and Privacy 2021. They aggregate by the majority of the labels or by the
    mean of the outputs; only the latter is a model of the same kind, so that is what is returned. For two-layer networks its second layer is
    u / S on S n neurons, and a KKT point of the retained data means one of that architecture: with |u_j| = 1/sqrt(n) its entries are
    1/(S sqrt(n)), not the 1/sqrt(S n) of Section 2.1, which rescales its weights but no margin, angle or activation.
    """
    forget, _ = forget_request(model, data, forget)
    if record is None:
        raise InputError(
            "sisa needs the trained shards: kc.unlearning.train_shards(initial, data, shards=..., steps=...) returns them; "
            "give them as record=, and their aggregated model as model"
        )
    if not isinstance(record, Shards):
        raise InputError(f"record is {type(record).__name__}: Shards are needed, which kc.unlearning.train_shards(...) returns")
    check_recorded_data(record.data, data)
    check_recorded_model(record.model, model)
    return record.without(forget).model


def aggregate(models):
    """The model whose outputs are the mean of the outputs of models of one kind; raises `InputError` if they cancel."""
    count, first = len(models), models[0]
    if isinstance(first, LinearPredictor):
        size = sum(model.norm for model in models) / count
        return with_weights(first, sum(model.hidden for model in models) / count, size, f"averaging {count} predictors")
    return TwoLayerReLU(np.concatenate([model.W for model in models]), np.concatenate([model.u for model in models]) / count)
