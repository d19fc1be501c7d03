"""The networks of Appendix E: what they are trained on and how, with a checkpoint for long runs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import sampling
from ..errors import FileError, InputError
from ..training import Training, TrainingInterrupted, random_network, train

#: Progress and checkpoints come this often during training.
REPORTS = 40


@dataclass(frozen=True)
class AppendixE:
    """The experiment's setting; where the paper is silent (learning rate, base initialisation) the values are ours.

    Attributes
    ----------
    networks, epochs, num_points, dim, neurons : int
        Ten networks, 1e5 epochs, m = 10, d = 1000, n = 400.
    learning_rate, weight_decay, init_scale : float
    data : {"each", "one"}
        A fresh dataset for each network, so that networks are independent draws, or one for all of them, as the paper
        seems to have it (everything then depends on that one draw).
    seed : int
    """

    networks: int = 10
    epochs: int = 100_000
    num_points: int = 10
    dim: int = 1000
    neurons: int = 400
    learning_rate: float = 1.0
    weight_decay: float = 1e-5
    init_scale: float = 1e-5
    data: str = "each"
    seed: int = 0

    def __post_init__(self):
        for name in ("networks", "num_points", "dim", "neurons"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} = {getattr(self, name)}: at least 1 is needed")
        if self.data not in ("one", "each"):
            raise InputError(f"data = {self.data!r}: choose 'one' or 'each'")
        if self.seed < 0:
            raise InputError(f"seed = {self.seed}: a whole number of at least 0 is needed")


@dataclass(frozen=True)
class Forgetting(AppendixE):
    """Networks of Appendix E, and

    Attributes
    ----------
    points : "all" or tuple of int
        Points that every network forgets, one at a time.
    """

    points: object = "all"

    def __post_init__(self):
        super().__post_init__()
        if self.num_points < 2:
            raise InputError("num_points = 1: after forgetting a point none would be retained")
        if self.points != "all":
            wrong = [point for point in self.points if not 0 <= point < self.num_points]
            if wrong or not self.points or len(set(self.points)) < len(self.points):
                raise InputError(f"points = {self.points!r}: 'all' or distinct indices from 0 to {self.num_points - 1} are needed")

    @property
    def forgotten(self):
        """Indices of the points to forget, in turn."""
        return tuple(range(self.num_points)) if self.points == "all" else tuple(self.points)


def initial(settings):
    """Untrained networks and their datasets, two tuples of length ``settings.networks``; every draw has a seed of its own."""
    seeds = np.random.SeedSequence(settings.seed).spawn(2 * settings.networks)
    drawn = {}
    for k in range(settings.networks):
        source = 2 * k if settings.data == "each" else 0
        if source not in drawn:
            drawn[source] = sampling.gaussian(settings.num_points, settings.dim, rng=np.random.default_rng(seeds[source]))
    sets = tuple(drawn[2 * k if settings.data == "each" else 0] for k in range(settings.networks))
    nets = tuple(
        random_network(settings.neurons, settings.dim, scale=settings.init_scale, rng=np.random.default_rng(seeds[2 * k + 1]))
        for k in range(settings.networks)
    )
    return nets, sets


def trained(settings, *, progress=None, checkpoint=None):
    """The trained networks, a `Training` of a batch.

    Parameters
    ----------
    settings : AppendixE
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps the training: written as it goes on and when interrupted, and read if it exists.

    Raises
    ------
    InputError
        If the checkpoint was made with other settings.
    FileError
        If the checkpoint cannot be read or written, or is beyond the epochs asked for.
    TrainingInterrupted
        On KeyboardInterrupt; the checkpoint, if there is one, holds the state.
    """
    nets, sets = initial(settings)
    training = None
    if checkpoint is not None and Path(checkpoint).exists():
        training = Training.load(checkpoint)
        if training.epoch > settings.epochs:
            raise FileError(f"{checkpoint} stands at epoch {training.epoch}, beyond the {settings.epochs} asked for: name another file")
    for stop in sorted({settings.epochs * k // REPORTS for k in range(1, REPORTS + 1)}):
        if training is not None and training.epoch > stop:
            continue
        try:
            training = train(nets, sets, steps=stop, learning_rate=settings.learning_rate, weight_decay=settings.weight_decay, resume=training)
        except TrainingInterrupted as interrupt:
            if checkpoint is not None:
                interrupt.training.save(checkpoint)
            raise
        if checkpoint is not None:
            training.save(checkpoint)
        if progress is not None:
            progress("training", training.epoch, settings.epochs)
    return training
