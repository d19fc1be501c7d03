"""Networks trained from scratch without a point, side by side: what unlearning imitates, for many networks and points at once."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..compression import compressed
from ..errors import InputError
from ..training import Training, TrainingInterrupted, random_network, train

#: Where retraining starts: where the network did, or at another draw of the initialisation (the second layer stays).
STARTS = ("same", "other")

#: Progress comes this often while one point is retrained without.
REPORTS = 8


def retrained(training, settings, *, progress=None, checkpoint=None):
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
        An ``.npz`` file that keeps the points that are done: written after each, and read if it exists. An interrupt costs the point
        at hand alone.

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
        When interrupted; the checkpoint holds the points that were done.

    Notes
    -----
    What `kktcheck.unlearning.retraining` does one network at a time. Training sees inner products alone, so it is the same in the few
    coordinates of the span, up to rounding, and a checkpoint takes megabytes where it would take hundreds.
    """
    starts, sets = _beginnings(training, settings)
    forgotten, group = settings.forgotten, len(starts)
    retained = [data.without(point) for point in forgotten for data in sets]
    options = {"steps": settings.epochs, "learning_rate": settings.learning_rate, "weight_decay": settings.weight_decay}
    try:
        kept = _kept(checkpoint, starts * len(forgotten), retained, group, options)
        for p in range(0 if kept is None else len(kept.initial) // group, len(forgotten)):
            callback, every = _reporter(progress, p, len(forgotten), settings.epochs)
            new = train(starts, retained[p * group : (p + 1) * group], callback=callback, every=every, **options)
            kept = new if kept is None else _joined(kept, new)
            if checkpoint is not None:
                kept.save(checkpoint)
    except TrainingInterrupted as interrupt:
        raise KeyboardInterrupt from interrupt
    if progress is not None:
        progress("retraining", len(forgotten) * settings.epochs, len(forgotten) * settings.epochs)
    count, models = settings.networks, kept.models
    return {
        start: tuple(models[p * group + s * count : p * group + (s + 1) * count] for p in range(len(forgotten)))
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


def _kept(checkpoint, starts, retained, group, options):
    """What the checkpoint holds, trained on if it was for fewer epochs; None without one."""
    if checkpoint is None or not Path(checkpoint).exists():
        return None
    kept = Training.load(checkpoint)
    count = len(kept.initial)
    try:
        if count % group or count > len(starts):
            raise InputError(f"it holds {count} networks, this run retrains {group} for each of {len(starts) // group} points")
        longer = train(starts[:count], retained[:count], resume=kept, **options)
    except InputError as error:
        raise InputError(f"{checkpoint} is the retraining of another run, machine or number of threads ({error}): remove it to retrain") from error
    if longer.epoch > kept.epoch:
        longer.save(checkpoint)
    return longer


def _reporter(progress, p, points, epochs):
    """Callback for `train` while the p-th point is retrained without, and how often to call it."""
    if progress is None:
        return None, None
    return lambda epoch, _: progress("retraining", p * epochs + epoch, points * epochs), max(1, epochs // REPORTS)


def _joined(first, second):
    """Two batches of the same settings, at the same epoch, as one."""
    arrays = {
        name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in ("gram", "scaled_preactivations", "scaled_coefficients")
    }
    return replace(first, initial=first.initial + second.initial, data=first.data + second.data, callback_epoch=-1, **arrays)
