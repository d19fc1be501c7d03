"""Instances for the tests of unlearning algorithms, and gradient descent written out on the weights themselves.

The losses, their slopes and the gradients here are the textbook's, through the models' Jacobians: nothing of the library's own loops.
"""

from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import numpy as np

from kktcheck import Dataset, LinearPredictor, TwoLayerReLU, train

from .instances import seeds

VALUES = {"logistic": lambda q: np.log1p(np.exp(-q)), "exponential": lambda q: np.exp(-q)}
SLOPES = {"logistic": lambda q: -1.0 / (1.0 + np.exp(q)), "exponential": lambda q: -np.exp(-q)}


@dataclass(frozen=True)
class Instance:
    """A model, data and a forget set; ``record`` is a training that has led to the model, if there is one."""

    model: Any
    data: Dataset
    forget: list
    record: Any = None

    @property
    def retained(self):
        return np.delete(np.arange(self.data.num_points), self.forget)


@st.composite
def instances(draw, *, kinds=("linear", "two-layer"), min_points=2, max_points=7, max_dim=6, max_neurons=5):
    """Untrained models with any labels; more points than dimensions and copies of points, also of forgotten ones, are common."""
    kind = draw(st.sampled_from(kinds))
    m, d, n = draw(st.integers(min_points, max_points)), draw(st.integers(1, max_dim)), draw(st.integers(1, max_neurons))
    forget = draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True))
    copies, seed = draw(st.integers(0, m - 1)), draw(seeds())
    return instance(kind, m, d, n, seed, forget, copies)


def instance(kind, m, d, n, seed, forget, copies=0):
    """Model and data; the last ``copies`` points are copies of the first with labels of their own."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((m, d))
    X *= rng.uniform(0.5, 1.0, (m, 1)) / np.linalg.norm(X, axis=1, keepdims=True)
    X[m - copies :] = X[0]
    data = Dataset(X, rng.choice([-1.0, 1.0], m))
    if kind == "linear":
        return Instance(LinearPredictor(rng.standard_normal(d) / np.sqrt(d)), data, forget)
    u = rng.uniform(0.3, 1.0, n) * rng.choice([-1.0, 1.0], n) / np.sqrt(n)
    return Instance(TwoLayerReLU(rng.standard_normal((n, d)) / np.sqrt(d), u), data, forget)


@st.composite
def trained_instances(draw, **sizes):
    """Instances whose model is the end of a short training, with its record."""
    start = draw(instances(**sizes))
    rule = draw(rules())
    record = train(start.model, start.data, steps=draw(st.integers(0, 20)), **rule)
    return Instance(record.model, start.data, start.forget, record)


def rules():
    """Losses and step rules small enough that nothing diverges."""
    plain = st.fixed_dictionaries(
        {"loss": st.sampled_from(["logistic", "exponential"]), "learning_rate": st.sampled_from([1e-3, 0.1, 0.25])},
        optional={"weight_decay": st.sampled_from([1e-5, 0.1, 3.5])},
    )
    normalised = st.fixed_dictionaries(
        {"loss": st.sampled_from(["logistic", "exponential"]), "learning_rate": st.sampled_from([1e-3, 0.05]), "normalised": st.just(True)}
    )
    return plain | normalised


def descent(model, data, weights, steps, loss="logistic", learning_rate=1.0, weight_decay=0.0, normalised=False):
    """The model after ``steps`` steps of gradient descent on the sum of weights times losses, through the explicit Jacobian."""
    weights = np.asarray(weights)
    for _ in range(steps):
        q = data.y * model.outputs(data.X)
        gradient = np.tensordot(weights * SLOPES[loss](q) * data.y, model.jacobian(data.X), axes=1).reshape(model.hidden.shape)
        step = learning_rate / (np.abs(weights) @ VALUES[loss](q)) if normalised else learning_rate
        model = model.with_hidden(model.hidden - step * (gradient + weight_decay * model.hidden))
    return model


def mean_over(data, points, factor=1.0):
    """Weights whose objective is the mean loss over some of the points, times a factor."""
    weights = np.zeros(data.num_points)
    weights[points] = factor / len(points)
    return weights


def objective(model, data, weights, loss, weight_decay, W):
    """Sum of weights times losses + weight_decay/2 |W|^2 at complex weights W near the model's, by the model's own activations."""
    active = model.hidden @ data.X.T >= 0 if isinstance(model, TwoLayerReLU) else 1.0
    q = data.y * (model.second_layer @ (active * (W @ data.X.T)))
    return (weights * VALUES[loss](q)).sum() + weight_decay / 2 * (W * W).sum()


def complex_step_gradient(model, data, weights, loss, weight_decay=0.0):
    """Gradient of `objective` at the model, shape (n, d), one imaginary nudge for every entry: exact to the last digits."""
    gradient = np.empty(model.hidden.shape)
    for entry in np.ndindex(*gradient.shape):
        W = model.hidden.astype(complex)
        W[entry] += 1e-30j
        gradient[entry] = objective(model, data, weights, loss, weight_decay, W).imag / 1e-30
    return gradient


def close(model, expected, *, start, tolerance=1e-11):
    """Whether two models have the same weights up to rounding, measured by what they began with and what they came to."""
    size = start.norm + expected.norm
    return model.hidden.shape == expected.hidden.shape and np.linalg.norm(model.hidden - expected.hidden) <= tolerance * size


def same_bits(model, other):
    """Whether two models have the same weights and second layer bit for bit."""
    return model.hidden.tobytes() == other.hidden.tobytes() and model.second_layer.tobytes() == other.second_layer.tobytes()
