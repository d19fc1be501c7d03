"""Training on: with the retained points alone, or with the forgotten ones under the other label.

Both depend on the scale of the model, as training does: give it at the scale of training.
"""

from dataclasses import asdict

import numpy as np

from ..dataset import Dataset
from ..errors import listing
from ..training import train
from .arguments import forget_request, step_rule, trained_model, training_record


def fine_tuning(model, data, forget, *, record=None, rng=None, steps=1000, **settings):
    """Train on with the retained points alone, in the hope that the others are forgotten by themselves.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        At the scale of training.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
    record : Training, optional
        Record of the model's training, whose loss and step rule are the defaults.
    rng : optional
        Of the common interface; nothing is random.
    steps : int
        Number of epochs, at least 0.
    **settings
        ``loss``, ``learning_rate``, ``weight_decay`` and ``normalised`` as for `kktcheck.train`; by default those of the record, without
        one ``"logistic"``, 1.0, 0.0 and False.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        What `train` makes of the model on ``data.without(forget)``, without kinks.

    Raises
    ------
    InputError
        For a bad forget set, settings out of range, a record of other data or of another model, and steps that leave nothing of the model.
    SolverError
        If the weights or the loss are no longer finite; names the epoch.

    Notes
    -----
    A baseline of Golatkar, Achille and Soatto, "Eternal sunshine of the spotless net", CVPR 2020, named after catastrophic forgetting. They
    raise the learning rate for it, without a rule; here it stays that of training unless another one is given.
    """
    forget, retained = forget_request(model, data, forget)
    rule = step_rule(training_record(record, model, data), settings)
    return trained_model(train(model, retained, steps=steps, **asdict(rule)), f"fine-tuning without {listing(forget)} for {steps} steps")


def relabelling(model, data, forget, *, record=None, rng=None, steps=100, **settings):
    """Train on with all points, the forgotten ones under the other label.

    Parameters
    ----------
    model, data, forget, record, rng, steps, **settings
        As for `fine_tuning`.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        What `train` makes of the model on the data with the labels of the forget set flipped, without kinks.

    Raises
    ------
    InputError, SolverError
        As for `fine_tuning`.

    Notes
    -----
    Graves, Nagisetty and Ganesh, "Amnesiac machine learning", AAAI 2021 (there called unlearning), and a baseline of Golatkar, Achille and
    Soatto, CVPR 2020. They draw wrong or random labels from many classes; with two classes there is but one other label, and nothing is random.
    """
    forget, _ = forget_request(model, data, forget)
    rule = step_rule(training_record(record, model, data), settings)
    y = np.array(data.y)
    y[forget] *= -1.0
    flipped = Dataset._trusted(np.asarray(data.X).view(), y, data.norms, data.gram)
    return trained_model(train(model, flipped, steps=steps, **asdict(rule)), f"relabelling {listing(forget)} for {steps} steps")
