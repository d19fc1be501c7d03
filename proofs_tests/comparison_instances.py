"""Small trained models, and planted algorithms with a known outcome, for the tests of comparisons."""

import json

import numpy as np

import kktcheck as kc
from kktcheck.unlearning import Algorithm

#: Algorithms that take a few milliseconds each.
QUICK = ("identity", "gradient-ascent", "gradient-ascent-projected", "amnesiac", "retraining")


def trained_network(seed=0, m=5, d=40, n=12, steps=2000):
    """Record of a network that has learned its points."""
    data = kc.sampling.gaussian(m, d, rng=seed)
    return kc.train(kc.random_network(n, d, scale=1e-3, rng=seed + 100), data, steps=steps, learning_rate=1.0, weight_decay=1e-4)


def trained_predictor(seed=0, m=5, d=12, steps=500):
    """Record of a linear predictor that has learned its points."""
    data = kc.sampling.gaussian(m, d, rng=seed)
    start = kc.LinearPredictor(1e-3 * np.random.default_rng(seed + 100).standard_normal(d))
    return kc.train(start, data, steps=steps, learning_rate=1.0, weight_decay=1e-4)


def exact(model, data, forget, *, record=None, rng=None, factor=1.0):
    """The exact KKT point of the retained data to which the original's states lead, at any scale."""
    return kc.kkt_point(model, data.without(forget)).model.scaled(factor)


def diverging(model, data, forget, *, record=None, rng=None):
    raise kc.SolverError("training diverged at epoch 17")


def diverging_for_0(model, data, forget, *, record=None, rng=None):
    if 0 in forget:
        raise kc.SolverError("training diverged at epoch 17")
    return model


def misclassifying(model, data, forget, *, record=None, rng=None):
    """Without the neurons that speak for label 1."""
    return model.with_hidden(np.where(model.u[:, None] > 0, 0.0, model.W))


def noisy(model, data, forget, *, record=None, rng=None, noise=0.0, factor=1.0):
    """The original with noise of a given relative size that does not depend on ``rng``."""
    drawn = np.random.default_rng(7).standard_normal(model.hidden.shape)
    return model.with_hidden(factor * (model.hidden + noise * model.norm * drawn / np.linalg.norm(drawn)))


def drawing(model, data, forget, *, record=None, rng=None):
    """The original with noise drawn from ``rng``."""
    drawn = rng.standard_normal(model.hidden.shape)
    return model.with_hidden(model.hidden + 0.1 * model.norm * drawn / np.linalg.norm(drawn))


def planted(name, function, grid=({},), needs="nothing"):
    return Algorithm(name, function, needs, "planted", "none", grid=grid)


def without_seconds(result):
    """The JSON of a result as a document, without the times."""
    document = json.loads(result.to_json())
    for method in document["methods"]:
        del method["seconds"]
        for run in method["runs"]:
            run.pop("seconds")
    return document
