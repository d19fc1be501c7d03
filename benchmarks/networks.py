"""Networks and data that several benchmarks measure on."""

import functools

import numpy as np

import kktcheck as kc
from kktcheck.experiments.appendix_e import AppendixE, trained
from kktcheck.fast import gradient_gram
from kktcheck.linearisation import linearise
from kktcheck.models import ACTIVE

#: Dimension and number of neurons of Appendix E.
DIM, NEURONS = 1000, 400

#: Corrections after which a network must have all multipliers positive.
CORRECTIONS = 4


def random_instance(m, rng, d, n):
    """Gaussian points of mean squared norm 1 with random labels, and the second layer of Appendix E."""
    data = kc.Dataset(rng.standard_normal((m, d)) / np.sqrt(d), rng.choice([-1.0, 1.0], m))
    return data, rng.choice([-1.0, 1.0], n) / np.sqrt(n)


def some_positive(m, seed, d=DIM, n=NEURONS):
    """Network with planted multipliers, half of them positive, and an error of 0.3 |theta|; its best multipliers are a third or so zero."""
    rng = np.random.default_rng(seed)
    data, u = random_instance(m, rng, d, n)
    multipliers = rng.uniform(0.5, 1.5, m) * (rng.random(m) < 0.5)
    W = u[:, None] * (((rng.random((n, m)) < 0.5) * (multipliers * data.y)) @ data.X)
    W += rng.standard_normal(W.shape) * (0.3 * np.linalg.norm(W) / np.sqrt(W.size))
    return data, kc.TwoLayerReLU(W, u)


def all_positive(m, seed, d=DIM, n=NEURONS):
    """Network whose best multipliers in the indicator convention are all positive.

    From random weights, the combination of gradients that is missing to planted multipliers is added, with the states as they are; a few
    pairs change states by that, so it is repeated until no multiplier is negative. The multipliers are small beside the weights, or
    so many pairs would change that it never ended.
    """
    rng = np.random.default_rng(seed)
    data, u = random_instance(m, rng, d, n)
    W, planted = rng.standard_normal((n, d)) / np.sqrt(d), rng.uniform(0.1, 0.15, m)
    for _ in range(CORRECTIONS):
        net = kc.TwoLayerReLU(W, u)
        lin = linearise(net, data, "indicator")
        present = np.linalg.solve(gradient_gram(lin), lin.margins)
        if (present > 0).all():
            return data, net
        W = W + u[:, None] * (((lin.states == ACTIVE) * ((planted - present) * data.y)) @ data.X)
    raise RuntimeError(f"not all multipliers of instance {seed} of {m} points became positive in {CORRECTIONS} corrections; take another seed")


def small_network(m=10, d=20, n=10, seed=0):
    """A trained network of the size that the referee's instances have, and its data."""
    data = kc.sampling.gaussian(m, d, rng=seed)
    return kc.train(kc.random_network(n, d, rng=100 + seed), data, steps=20_000, normalised=True).model, data


@functools.cache
def appendix_e(networks, epochs):
    """Pairs (network, data) of Appendix E, trained once for all benchmarks of a process."""
    training = trained(AppendixE(networks=networks, epochs=epochs))
    return tuple(zip(training.models, training.data, strict=True))


def few_appendix_e(quick):
    """Three networks of Appendix E, or one that is trained for a fifth of the time."""
    return appendix_e(1, 20_000) if quick else appendix_e(3, 100_000)
