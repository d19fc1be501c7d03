"""NegGrad and its kin: many steps up the loss of the forgotten points, alone or joined with descent on the retained ones.

All run in the span of the data: an epoch costs O(n m^2) whatever the dimension. All depend on the scale of the model, as training
does: a margin of q makes the slope of the loss about exp(-q), so a model scaled down is forgotten faster. Give it at the scale of training.
"""

from dataclasses import asdict
from numbers import Real

import numpy as np

from ..errors import InputError, listing
from ..training import descend, train, whole
from .arguments import forget_request, step_rule, trained_model, training_record


def neg_grad(model, data, forget, *, record=None, rng=None, steps=100, **settings):
    """NegGrad: gradient ascent on the mean loss of the forgotten points.

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
        one ``"logistic"``, 1.0, 0.0 and False. Normalised steps are divided by the forgotten points' own loss.

    Returns
    -------
    LinearPredictor or TwoLayerReLU
        Without kinks: the derivative of the ReLU is 1 at a pre-activation of zero, as in `train`.

    Raises
    ------
    InputError
        For a bad forget set, settings out of range, a record of other data or of another model, and steps that leave nothing of the model.
    SolverError
        If the weights or the loss are no longer finite; names the epoch.

    Notes
    -----
    Golatkar, Achille and Soatto, "Eternal sunshine of the spotless net", CVPR 2020, where it is a baseline described in words: fine-tuning
    in the direction in which the loss of the forgotten samples grows. Which other samples take part, the number of steps and their size are
    left open. Here, as in Section 1 of the paper, the retained points take no part; the loss is averaged over the forgotten points.
    """
    forget, _ = forget_request(model, data, forget)
    record = training_record(record, model, data)
    weights = np.full(len(forget), -1.0 / len(forget))
    ascent = descend(model, data.only(forget), weights, step_rule(record, settings), steps)
    return trained_model(ascent, f"ascending the loss of {listing(forget)} for {steps} steps")


def neg_grad_plus(model, data, forget, *, record=None, rng=None, steps=100, beta=0.95, **settings):
    """NegGrad+: gradient descent on beta times the retained points' mean loss minus (1 - beta) times the forgotten points'.

    Parameters
    ----------
    model, data, forget, record, rng, steps, **settings
        As for `neg_grad`; normalised steps are divided by the sum of the two terms.
    beta : float
        Weight of the retained points, in [0, 1]: 0 is `neg_grad`, 1 is `fine_tuning`.

    Returns
    -------
    LinearPredictor or TwoLayerReLU

    Raises
    ------
    InputError, SolverError
        As for `neg_grad`, and for a beta out of range.

    Notes
    -----
    Kurmanji, Triantafillou, Hayes and Triantafillou, "Towards unbounded machine unlearning", NeurIPS 2023. There a step takes one batch of
    each set, and beta is tuned (0.95 in their small experiments, 0.9999 in the large ones); here a batch is the whole set.
    """
    forget, _ = forget_request(model, data, forget)
    record = training_record(record, model, data)
    return _joint(model, data, forget, _share(beta), 1.0, step_rule(record, settings), steps)


def advanced_neg_grad(model, data, forget, *, record=None, rng=None, steps=100, recovery_steps=100, **settings):
    """Advanced NegGrad: descent on the retained points' mean loss minus the forgotten points', then a recovery phase on the retained points.

    Parameters
    ----------
    model, data, forget, record, rng, steps, **settings
        As for `neg_grad`; normalised steps are divided by the sum of the two losses, in the recovery phase by the retained points' loss.
    recovery_steps : int
        Number of epochs of descent on the retained points' mean loss afterwards, with the same settings; at least 0.

    Returns
    -------
    LinearPredictor or TwoLayerReLU

    Raises
    ------
    InputError, SolverError
        As for `neg_grad`; the epochs of the recovery phase are counted anew.

    Notes
    -----
    Choi and Na, "Towards machine unlearning benchmarks: forgetting the personal identities in facial recognition systems", 2023. Their
    joint loss has both terms in every step, each the mean over a batch and neither weighted: NegGrad+ with beta = 1/2 and twice the
    learning rate. They have no recovery phase; Section 1 of the paper describes the method with one, and ``recovery_steps=0`` leaves it out.
    """
    forget, retained = forget_request(model, data, forget)
    rule = step_rule(training_record(record, model, data), settings)
    recovery_steps = whole(recovery_steps, "recovery_steps", 0)
    ascended = _joint(model, data, forget, 0.5, 2.0, rule, steps)
    recovery = train(ascended, retained, steps=recovery_steps, **asdict(rule))
    return trained_model(recovery, f"recovering from {listing(forget)} for {recovery_steps} steps")


def _joint(model, data, forget, beta, factor, rule, steps):
    """Descent on ``factor`` times (beta * mean retained loss - (1 - beta) * mean forgotten loss)."""
    weights = np.full(data.num_points, factor * beta / (data.num_points - len(forget)))
    weights[forget] = -factor * (1.0 - beta) / len(forget)
    training = descend(model, data, weights, rule, steps)
    return trained_model(training, f"ascending the loss of {listing(forget)} for {steps} steps")


def _share(beta):
    if isinstance(beta, bool) or not isinstance(beta, Real) or not 0.0 <= beta <= 1.0:
        raise InputError(f"beta = {beta!r}: a share from 0 (ascent alone) to 1 (descent on the retained points alone) is needed")
    return float(beta)
