"""Networks trained from scratch without a point, side by side: what unlearning imitates, for many networks and points at once."""

from pathlib import Path

import numpy as np

from ..compression import compressed
from ..errors import InputError
from ..training import Training, TrainingInterrupted, random_network, train
from . import batches

#: Where retraining starts: where the network did, or at another draw of the initialisation (the second layer stays).
STARTS = ("same", "other")

#: Progress comes this often while one point is retrained without.
REPORTS = 8


def retrained(training, settings, *, progress=None, checkpoint=None, executor=None):
    """Retrain every network without every forgotten point, for as many epochs and with the step rule of the training.

    Parameters
    ----------
    training : Training
        The trained networks, a batch.
    settings : kktcheck.experiments.step_fractions.Settings
        Those of the training.
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps what is done: written after each point (with an executor after each group of networks), and read if it
        exists. An interrupt costs what is under way alone.
    executor : Executor, optional
        What trains groups of the networks; the numbers do not depend on it.

    Returns
    -------
    dict of str to tuple
        For each of `STARTS`, ``[p][k]`` is network k retrained without the p-th forgotten point, in the coordinates of
        ``compressed(training.models[k], training.data[k])``.

    Raises
    ------
    InputError
        If the checkpoint belongs to another run.
    FileError
        If it cannot be read or written.
    SolverError
        If a run diverges; names the epoch.
    KeyboardInterrupt
        When interrupted; the checkpoint holds what was done.

    Notes
    -----
    What `kktcheck.unlearning.retraining` does one network at a time. Training sees inner products alone, so it is the same in the few
    coordinates of the span, up to rounding, and a checkpoint takes megabytes where it would take hundreds.
    """
    starts, sets = _beginnings(training, settings)
    forgotten, group = settings.forgotten, len(starts)
    retained = [data.without(point) for point in forgotten for data in sets]
    starts = starts * len(forgotten)
    options = {"steps": settings.epochs, "learning_rate": settings.learning_rate, "weight_decay": settings.weight_decay}
    total = len(forgotten) * settings.epochs
    try:
        done = _kept(checkpoint, starts, retained, options, executor)

        def finished(numbers, state):
            done.update({number: batches.part(state, [place]) for place, number in enumerate(numbers)})
            if checkpoint is not None:
                _save(done, checkpoint)
            if progress is not None and executor is not None:
                progress("retraining", len(done) * total // len(starts), total)

        left = [number for number in range(len(starts)) if number not in done]
        if executor is not None:
            batches.train_groups(executor, starts, retained, batches.groups(left), finished, **options)
        else:
            for p in range(len(forgotten)):
                numbers = [number for number in left if number // group == p]
                if numbers:
                    callback, every = _reporter(progress, p, len(forgotten), settings.epochs)
                    chosen = [starts[number] for number in numbers], [retained[number] for number in numbers]
                    finished(numbers, train(*chosen, callback=callback, every=every, **options))
    except TrainingInterrupted as interrupt:
        raise KeyboardInterrupt from interrupt
    if progress is not None:
        progress("retraining", total, total)
    models = [done[number].models[0] for number in range(len(starts))]
    count = settings.networks
    return {
        start: tuple(tuple(models[p * group + s * count : p * group + (s + 1) * count]) for p in range(len(forgotten)))
        for s, start in enumerate(STARTS)
    }


def retraining_file(checkpoint):
    """Where the retraining is kept, beside the file that keeps the training."""
    path = Path(checkpoint)
    return path.with_name(f"{path.stem}-retraining{path.suffix}")


def _beginnings(training, settings):
    """Untrained networks, those of the training and then others, and a dataset for each, in the coordinates of the latter's span."""
    seeds = np.random.SeedSequence(settings.seed).spawn(2 * settings.networks)[1::2]
    others = []
    for start, seed in zip(training.initial, seeds, strict=True):
        rng = np.random.default_rng(seed.spawn(1)[0])  # a child of the seed that the network's own beginning was drawn with
        others.append(start.with_hidden(random_network(settings.neurons, settings.dim, scale=settings.init_scale, rng=rng).W))
    pairs = [compressed(net, data) for nets in (training.initial, others) for net, data in zip(nets, training.data, strict=True)]
    return tuple(net for net, _ in pairs), tuple(data for _, data in pairs)


def _kept(checkpoint, starts, retained, options, executor):
    """What the checkpoint holds, a batch of one by number, trained on if it was for fewer epochs; empty without one."""
    if checkpoint is None or not Path(checkpoint).exists():
        return {}
    kept = Training.load(checkpoint)
    numbers = [_number(pair, starts, retained) for pair in zip(kept.initial, kept.data, strict=True)]
    try:
        if None in numbers or numbers != sorted(set(numbers)):
            raise InputError(f"it holds {len(numbers)} networks, which are not some of the {len(starts)} of this run in their order")
        chosen = [starts[number] for number in numbers], [retained[number] for number in numbers]
        train(*chosen, resume=kept, **options | {"steps": min(options["steps"], kept.epoch)})
    except InputError as error:
        raise InputError(f"{checkpoint} is the retraining of another run, machine or number of threads ({error}): remove it to retrain") from error
    if options["steps"] == kept.epoch:
        return {number: batches.part(kept, [place]) for place, number in enumerate(numbers)}
    done = {}

    def finished(places, state):
        done.update({numbers[place]: batches.part(state, [k]) for k, place in enumerate(places)})

    batches.train_groups(executor, *chosen, batches.groups(range(len(numbers))), finished, resume=kept, **options)
    _save(done, checkpoint)
    return done


def _number(pair, starts, retained):
    """Which of the networks to retrain this pair of untrained network and data is; None if it is none of them."""
    net, data = pair
    for number, (start, points) in enumerate(zip(starts, retained, strict=True)):
        same = np.array_equal(points.X, data.X) and np.array_equal(points.y, data.y)
        if same and np.array_equal(start.hidden, net.hidden) and np.array_equal(start.second_layer, net.second_layer):
            return number
    return None


def _save(done, checkpoint):
    batches.joined([done[number] for number in sorted(done)]).save(checkpoint)


def _reporter(progress, p, points, epochs):
    """Callback for `train` while the p-th point is retrained without, and how often to call it."""
    if progress is None:
        return None, None
    return lambda epoch, _: progress("retraining", p * epochs + epoch, points * epochs), max(1, epochs // REPORTS)
