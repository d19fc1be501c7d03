"""Random datasets of the paper, as points: Gaussian points, points on the sphere, the Gaussian mixture of Section 6."""

import numpy as np

from ..dataset import Dataset
from .sizes import mean_length, whole


def gaussian(m, d, *, rng=None):
    """m points from N(0, I/d) with uniform labels (Example of Section 2.4, Appendix E).

    Parameters
    ----------
    m, d : int
        Number of points and dimension, each at least 1.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Dataset
    """
    _check_sizes(m, d)
    rng = np.random.default_rng(rng)
    X = rng.standard_normal((m, d)) / np.sqrt(d)
    return Dataset(X, _uniform_labels(rng, m))


def sphere(m, d, *, rng=None):
    """m points uniform on the unit sphere in d dimensions with uniform labels (Section 2.4).

    Parameters and return value as for `gaussian`.
    """
    _check_sizes(m, d)
    rng = np.random.default_rng(rng)
    X = rng.standard_normal((m, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    return Dataset(X, _uniform_labels(rng, m))


def gaussian_mixture(m, d, *, mean_norm=None, alpha=None, rng=None):
    """m points of the two opposite Gaussian clusters of Section 6: x = y mu + N(0, I/d), the label y uniform.

    Parameters
    ----------
    m, d : int
        Number of points and dimension, each at least 1.
    mean_norm : float, optional
        The norm of mu, from 0 to 1e150; its direction is uniform.
    alpha : float, optional
        Given instead of ``mean_norm``: the norm is d**(-alpha). The paper takes alpha in (0, 1/4).
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        Unless exactly one of ``mean_norm`` and ``alpha`` is given.
    """
    _check_sizes(m, d)
    norm = mean_length(mean_norm, alpha, d)
    rng = np.random.default_rng(rng)
    mean = rng.standard_normal(d)
    mean *= norm / np.linalg.norm(mean)
    y = _uniform_labels(rng, m)
    return Dataset(y[:, None] * mean + rng.standard_normal((m, d)) / np.sqrt(d), y)


def _uniform_labels(rng, m):
    return rng.choice(np.array([-1.0, 1.0]), m)


def _check_sizes(m, d):
    whole(m, "m")
    whole(d, "d")
