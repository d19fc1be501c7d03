"""Random datasets of the paper: Gaussian points, points on the sphere, the Gaussian mixture of Section 6.

``rng`` is anything `numpy.random.default_rng` takes: None, an integer seed, a Generator.
"""

import numpy as np

from .dataset import Dataset
from .errors import InputError


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
        The norm of mu, at least 0; its direction is uniform.
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
    if (mean_norm is None) == (alpha is None):
        raise InputError("give exactly one of mean_norm and alpha (the mean then has norm d**(-alpha))")
    norm = float(mean_norm if alpha is None else float(d) ** -alpha)
    if not (np.isfinite(norm) and norm >= 0):
        raise InputError(f"the norm of the mean is {norm}: it must be finite and at least 0")
    rng = np.random.default_rng(rng)
    mean = rng.standard_normal(d)
    mean *= norm / np.linalg.norm(mean)
    y = _uniform_labels(rng, m)
    return Dataset(y[:, None] * mean + rng.standard_normal((m, d)) / np.sqrt(d), y)


def _uniform_labels(rng, m):
    return rng.choice(np.array([-1.0, 1.0]), m)


def _check_sizes(m, d):
    for name, value in (("m", m), ("d", d)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise InputError(f"{name} = {value!r}: a whole number of at least 1 is needed")
