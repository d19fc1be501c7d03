"""Training by full-batch gradient descent: arguments, callbacks, progress and interruption around `kktcheck.descent`."""

import bisect
import math
import operator
from contextlib import nullcontext

import numpy as np

from .dataset import Dataset
from .descent import Problem, Settings
from .errors import InputError, MissingDependencyError, SolverError
from .models import LinearPredictor, TwoLayerReLU, positive
from .training_state import Training


class TrainingInterrupted(KeyboardInterrupt):
    """Training was interrupted from the keyboard.

    Attributes
    ----------
    training : Training
        A consistent state at most a few hundred epochs back, to be given to `train` as ``resume``.
    """

    def __init__(self, message, training):
        super().__init__(message)
        self.training = training


def train(
    model,
    data,
    *,
    steps,
    loss="logistic",
    learning_rate=1.0,
    weight_decay=0.0,
    normalised=False,
    callback=None,
    every=None,
    progress=False,
    resume=None,
):
    """Train by full-batch gradient descent on the mean loss (Section 2.1; Appendix E).

    Parameters
    ----------
    model : TwoLayerReLU, LinearPredictor, or a sequence of one of them
        The initial model. Models of a sequence, all of the same n and d, are trained side by side in one array. For
        networks only W is trained. At a pre-activation of zero the derivative of the ReLU is 1; kink masks are ignored.
    data : Dataset or sequence of Dataset
        One for all models, or one for each, all with the same number of points.
    steps : int
        Number of epochs in all, at least 0; with ``resume`` the epochs already taken count.
    loss : {"logistic", "exponential"}
        The margin loss, averaged over the points.
    learning_rate : float
        Positive. A step is theta - learning_rate * (gradient + weight_decay * theta).
    weight_decay : float
        At least 0, with learning_rate * weight_decay < 1.
    normalised : bool
        Divide each step by the current loss, evaluated so that it neither vanishes nor overflows at any margin. It goes
        to the limit of Theorem 2.1 much faster and allows no weight decay.
    callback : callable, optional
        ``callback(epoch, model)``, with a tuple of models for a sequence, at epoch 0, as ``every`` says, and at the
        end. What it raises is passed on. One whose attribute ``forbids_weight_decay`` is true is refused when
        weight_decay > 0: the trajectory of Theorem 2.2 has none.
    every : int or sequence of int, optional
        Call back at the multiples of a number, or at the given epochs; by default about 100 times.
    progress : bool
        Show a bar (needs tqdm); nothing is shown where the standard error is no terminal.
    resume : Training, optional
        State to go on from, of a run with the same model, data, loss and rates. The result is bit for bit that of an
        uninterrupted run, and no epoch is called back twice.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        For values out of range, models and data that do not fit, or a ``resume`` of another run.
    SolverError
        If the weights or the loss are no longer finite; names the epoch and the network.
    TrainingInterrupted
        On KeyboardInterrupt; its attribute ``training`` can be resumed.
    MissingDependencyError
        If ``progress`` is asked for and tqdm is not installed.
    """
    settings = Settings(loss, learning_rate, weight_decay, normalised)
    steps = whole(steps, "steps", 0)
    models, sets, batched = pairs(model, data)
    if callback is not None and getattr(callback, "forbids_weight_decay", False) and settings.weight_decay > 0:
        raise InputError(
            f"the callback records the trajectory of Theorem 2.2, which has no weight decay, but weight_decay is {settings.weight_decay}: set it to 0"
        )
    stops = () if callback is None else _stops(every, steps)
    if resume is None:
        start = _begin(models, sets, batched, settings)
    else:
        if not isinstance(resume, Training):
            raise InputError(f"resume is {type(resume).__name__}: a Training is needed (Training.load reads one from a file)")
        resume.check_resumes(models, sets, batched, settings, steps)
        start = resume
    return _run(Problem(start), start, steps, stops, callback, progress)


def descend(model, data, weights, settings, steps):
    """Gradient descent of one model on the sum of weights[i] times the loss of point i, as `train` does it on their mean.

    Parameters
    ----------
    model : TwoLayerReLU or LinearPredictor
    data : Dataset
    weights : ndarray, shape (m,)
        Weights of the points; a negative one makes the step an ascent of that point's loss.
    settings : Settings
        Normalised steps are divided by the sum of the absolute values of the terms.
    steps : int
        Number of epochs, at least 0.

    Returns
    -------
    Training
        The state after the last epoch. It does not know the weights: do not resume from it.

    Raises
    ------
    InputError
        If model and data do not fit, or steps is no whole number of at least 0.
    SolverError
        If the weights or the loss are no longer finite; names the epoch.
    """
    steps = whole(steps, "steps", 0)
    start = _begin(*pairs(model, data), settings)
    return _run(Problem(start, weights), start, steps, (), None, False)


def random_network(n, d, *, scale=1e-5, rng=None):
    """Network of Appendix E before training: w_j from N(0, I/d) times ``scale``, u_j uniform on +-1/sqrt(n).

    Parameters
    ----------
    n, d : int
        Number of neurons and dimension, each at least 1.
    scale : float
        Factor on the first layer, positive. The paper divides its initialisation by 1e5 but does not name it.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    TwoLayerReLU
    """
    n, d, scale = whole(n, "n", 1), whole(d, "d", 1), positive(scale)
    rng = np.random.default_rng(rng)
    W = rng.standard_normal((n, d)) * (scale / math.sqrt(d))
    return TwoLayerReLU(W, rng.choice(np.array([-1.0, 1.0]), n) / math.sqrt(n))


def _run(problem, training, steps, stops, callback, progress):
    """Advance to ``steps`` epochs, chunk by chunk, with the callbacks that are due."""
    current = training
    _check_finite(current, current, problem)
    try:
        with _bar(progress, current.epoch, steps) as bar:
            if callback is not None and current.callback_epoch < current.epoch and (current.epoch in stops or current.epoch == steps):
                callback(current.epoch, _argument(current))
                current = current.called()
            while current.epoch < steps:
                position = bisect.bisect_right(stops, current.epoch)
                stop = stops[position] if position < len(stops) else steps
                reached = problem.advance(current, min(problem.chunk, stop - current.epoch))
                _check_finite(current, reached, problem)
                taken = reached.epoch - current.epoch
                if callback is not None and reached.epoch == stop:
                    callback(reached.epoch, _argument(reached))
                    reached = reached.called()
                # Only now, so that an interrupt inside the callback goes back to before it and the resumed run calls it again.
                current = reached
                if bar is not None:
                    bar.update(taken)
    except KeyboardInterrupt as interrupt:
        message = f"training was interrupted; the state at epoch {current.epoch} of {steps} is in .training: give it to train as resume"
        raise TrainingInterrupted(message, current) from interrupt
    return current


def _argument(training):
    return training.models if training.batched else training.model


def _check_finite(before, after, problem):
    """Raise `SolverError` if the later state is not finite, after finding the epoch at which the trajectory broke off."""
    if not _broken(after).any():
        return
    while before.epoch < after.epoch:
        before = problem.advance(before, 1)
        if _broken(before).any():
            after = before
    network = int(np.flatnonzero(_broken(after))[0])
    which = f" of network {network}" if after.batched else ""
    raise SolverError(
        f"training diverged: the weights or the loss{which} are no longer finite at epoch {after.epoch} with learning_rate="
        f"{after.settings.learning_rate:g}; take a smaller one"
    )


def _broken(training):
    """Mask of networks, shape (B,), whose state (or, for plain steps, loss) is not finite."""
    finite = np.isfinite(training.scaled_preactivations).all(axis=(1, 2)) & np.isfinite(training.scaled_coefficients).all(axis=(1, 2))
    if not training.settings.normalised:
        with np.errstate(over="ignore", invalid="ignore"):
            finite &= np.isfinite(training.losses)
    return ~finite


def _bar(progress, epoch, steps):
    if not progress:
        return nullcontext()
    try:
        from tqdm import tqdm
    except ImportError:
        raise MissingDependencyError("progress=True needs tqdm: pip install kktcheck[cli], or leave progress out") from None
    return tqdm(total=steps, initial=epoch, unit="epoch", disable=None)


def _begin(models, sets, batched, settings):
    gram = np.stack([part.gram for part in sets]) if batched else sets[0].gram[None]
    with np.errstate(over="ignore", invalid="ignore"):  # reported by name as a diverged run
        P = np.stack([np.asarray(part.X) @ model.hidden.T for model, part in zip(models, sets)])
    return Training(0, settings, models, sets, batched, gram, P, np.zeros_like(P))


def pairs(model, data):
    """Tuples of models and datasets of equal length, and whether a sequence was given; raises `InputError` as `train` does."""
    batched = not isinstance(model, (TwoLayerReLU, LinearPredictor))
    if batched and not hasattr(model, "__iter__"):
        raise InputError(f"model is {type(model).__name__}: a TwoLayerReLU, a LinearPredictor or a sequence of one of them is needed")
    models = tuple(model) if batched else (model,)
    if not models:
        raise InputError("the sequence of models is empty")
    for k, other in enumerate(models):
        if type(other) is not type(models[0]) or not isinstance(other, (TwoLayerReLU, LinearPredictor)):
            raise InputError(f"model {k} is {type(other).__name__}: the models must be all TwoLayerReLU or all LinearPredictor")
        if other.hidden.shape != models[0].hidden.shape:
            raise InputError(f"model {k} has (n, d) = {other.hidden.shape}, model 0 {models[0].hidden.shape}: models of a batch must share both")
    if isinstance(data, Dataset):
        sets = (data,) * len(models)
    elif not batched or not hasattr(data, "__iter__"):
        raise InputError(f"data is {type(data).__name__}: a Dataset is needed" + (", or a sequence of them" if batched else " for a single model"))
    else:
        sets = tuple(data)
    if len(sets) != len(models):
        raise InputError(f"there are {len(models)} models but {len(sets)} datasets: give one dataset for all, or one for each")
    for k, part in enumerate(sets):
        if not isinstance(part, Dataset):
            raise InputError(f"data[{k}] is {type(part).__name__}: a Dataset is needed")
        if part.num_points != sets[0].num_points:
            raise InputError(f"data[{k}] has {part.num_points} points, data[0] {sets[0].num_points}: datasets of a batch must share the number")
        if part.dim != models[k].dim:
            where = f"data[{k}] and model {k}" if batched else "data and model"
            raise InputError(f"{where} do not fit: the points have dimension {part.dim}, the model takes {models[k].dim}")
    return models, sets, batched


def _stops(every, steps):
    """Sorted epochs to call back at; the end comes by itself."""
    if every is None:
        return range(0, steps, max(1, -(-steps // 100)))
    if not hasattr(every, "__iter__"):
        return range(0, steps, whole(every, "every", 1))
    stops = sorted({0, *(whole(epoch, "every", 0) for epoch in every)})
    if stops[-1] > steps:
        raise InputError(f"every names epoch {stops[-1]}, but there are only {steps} steps")
    return stops


def whole(value, name, least):
    """The value as an int, if it is a whole number of at least ``least``; else `InputError`."""
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name} is {value!r}: a whole number of at least {least} is needed") from None
    if number < least:
        raise InputError(f"{name} is {number}: it must be at least {least}")
    return number
