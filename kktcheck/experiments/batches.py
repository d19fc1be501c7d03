"""Batches of trainings cut up and put together again, so that their parts can be tasks: no number depends on how they are cut."""

from dataclasses import replace

import numpy as np

from .. import executors
from ..training import train

#: Networks trained side by side in a task: enough for long inner loops, few enough to stay in a processor's cache.
TOGETHER = 5
_ARRAYS = ("gram", "scaled_preactivations", "scaled_coefficients")


def part(training, networks):
    """The networks of some numbers, a sequence of int, of a batch, as a batch of their own."""
    chosen = list(networks)
    arrays = {name: getattr(training, name)[chosen] for name in _ARRAYS}
    return replace(training, initial=tuple(training.initial[k] for k in chosen), data=tuple(training.data[k] for k in chosen), **arrays)


def joined(parts):
    """Batches of the same settings, at the same epoch, as one; no callback counts as done."""
    arrays = {name: np.concatenate([getattr(each, name) for each in parts]) for name in _ARRAYS}
    models, sets = (sum((getattr(each, name) for each in parts), ()) for name in ("initial", "data"))
    return replace(parts[0], initial=models, data=sets, callback_epoch=-1, **arrays)


def groups(numbers):
    """Numbers of networks in lists of at most `TOGETHER`."""
    numbers = list(numbers)
    return [numbers[begin : begin + TOGETHER] for begin in range(0, len(numbers), TOGETHER)]


def train_groups(executor, starts, sets, chosen, done, *, resume=None, **options):
    """Train groups of networks, each a task.

    Parameters
    ----------
    executor : Executor or None
    starts : sequence of TwoLayerReLU
        All untrained networks.
    sets : sequence of Dataset
        One for each.
    chosen : sequence of list of int
        The groups, by numbers of networks.
    done : callable
        ``done(numbers, training)`` for each group as it finishes.
    resume : Training, optional
        State of all networks to go on from.
    **options
        Of `kktcheck.train`.

    Raises
    ------
    SolverError
        If a run diverges, or a process dies.
    """

    def task(numbers):
        begun = None if resume is None else part(resume, numbers)
        return tuple(starts[k] for k in numbers), tuple(sets[k] for k in numbers), begun, options

    def finished(place, state):
        numbers = chosen[place]
        done(numbers, replace(state, initial=tuple(starts[k] for k in numbers), data=tuple(sets[k] for k in numbers)))

    executors.run(executor, _trained, map(task, chosen), finished)


def _trained(starts, sets, begun, options):
    """The state alone: who sent models and data has them."""
    return replace(train(starts, sets, resume=begun, **options), initial=(), data=())
