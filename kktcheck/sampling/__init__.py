"""Random data of the paper: as points in d dimensions, or as Gram matrices from their exact law, whatever the dimension.

``rng`` is anything `numpy.random.default_rng` takes: None, an integer seed, a Generator.
"""

from .grams import gaussian_gram, sphere_gram
from .mixture import GaussianMixtureGram, gaussian_mixture_gram
from .points import gaussian, gaussian_mixture, sphere

__all__ = ["GaussianMixtureGram", "gaussian", "gaussian_gram", "gaussian_mixture", "gaussian_mixture_gram", "sphere", "sphere_gram"]
