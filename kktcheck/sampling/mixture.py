"""Training points, test points and mean of the Gaussian mixture of Section 6, by their inner products, in any dimension.

A model that training leaves in the span of its points sees of a test point only the part in that span. So the test points, independent given the
training points, need one coordinate along the mean, one along each direction of the frame of the training points, and one chi-square for all the
rest: with t of them O(m t) numbers, and inner products between test points are never drawn.
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from ..dataset import Dataset
from ..errors import InputError
from .bartlett import coordinates, gram, normal, squared_lengths, streams
from .sizes import check_memory, dimension, mean_length, whole


@dataclass(frozen=True, eq=False, repr=False)
class GaussianMixtureGram:
    """Draws from the mixture x = y mu + N(0, I/d), in coordinates of the span of mu and the training points.

    All arrays are read-only. Their first axis, of length ``draws``, is missing if one draw without ``draws`` was asked for. Rounding: as
    `bartlett` says, a first coordinate counting as |mu| plus the size of its Gaussian part.

    Attributes
    ----------
    coordinates : ndarray, shape (..., m, r)
        Training points, r = 1 + min(m, d - 1); the first coordinate is along the mean.
    y : ndarray, shape (..., m)
        Their labels.
    test_coordinates : ndarray, shape (..., t, r)
        Test points projected onto the span: their inner products with training points and mean, and what a model in the span gives out, need no
        more.
    test_y : ndarray, shape (..., t)
        Their labels.
    test_rest : ndarray, shape (..., t)
        Squared norm of what the projection takes away.
    mean_norm : float
        Norm of the mean.
    dim : int
        The dimension d.
    """

    coordinates: np.ndarray
    y: np.ndarray
    test_coordinates: np.ndarray
    test_y: np.ndarray
    test_rest: np.ndarray
    mean_norm: float
    dim: int

    def __post_init__(self):
        for field in fields(self)[:5]:
            getattr(self, field.name).setflags(write=False)

    def __repr__(self):
        *draws, m, _ = self.coordinates.shape
        count = f"{draws[0]} draws of " if draws else ""
        sizes = f"{m} training and {self.test_y.shape[-1]} test points"
        return f"GaussianMixtureGram({count}{sizes} in {self.dim:.15g} dimensions, |mu| = {self.mean_norm:g})"

    @cached_property
    def gram(self):
        """Gram matrix of the training points, shape (..., m, m), exactly symmetric."""
        return _fixed(gram(self.coordinates))

    @cached_property
    def cross(self):
        """Inner products <x_i, x> of training points and test points, shape (..., m, t)."""
        return _fixed(np.matmul(self.coordinates, np.swapaxes(self.test_coordinates, -1, -2)))

    @cached_property
    def test_square_norms(self):
        """Squared norms of the test points, shape (..., t)."""
        return _fixed(np.einsum("...k,...k->...", self.test_coordinates, self.test_coordinates) + self.test_rest)

    @cached_property
    def mean_products(self):
        """Inner products <mu, x_i> with the training points, shape (..., m)."""
        return _fixed(self.mean_norm * self.coordinates[..., 0])

    @cached_property
    def test_mean_products(self):
        """Inner products <mu, x> with the test points, shape (..., t)."""
        return _fixed(self.mean_norm * self.test_coordinates[..., 0])

    def dataset(self, draw=None):
        """The training points as a `Dataset` in r dimensions.

        A model of these dimensions takes rows of ``test_coordinates`` as they are. Its margins at them are those at the test points if its weights
        lie in the span of the training points and the mean, as those of KKT points do.

        Parameters
        ----------
        draw : int, optional
            Which draw, if there are several.
        """
        if (draw is None) != (self.y.ndim == 1):
            raise InputError("these are several draws: say which, dataset(0) for the first" if draw is None else "there is one draw: dataset()")
        index = () if draw is None else draw
        return Dataset(self.coordinates[index], self.y[index])


def gaussian_mixture_gram(m, d, *, mean_norm=None, alpha=None, test_points=0, draws=None, rng=None):
    """m training points and further test points of the mixture of Section 6, x = y mu + N(0, I/d), y uniform, without vectors in d dimensions.

    Parameters
    ----------
    m : int
        Number of training points, at least 1.
    d : int or float
        Dimension, a whole number from 1 to 1e20.
    mean_norm, alpha : float
        One of them: the norm of mu, from 0 to 1e150, or alpha of the norm d**(-alpha).
    test_points : int
        Number of test points, at least 0.
    draws : int, optional
        Number of independent draws, at least 0: of the direction of mu, the training points and their test points.
    rng : None, int or numpy.random.Generator
        As for `gaussian_gram`; moreover a seed's training points do not depend on the number of test points.

    Returns
    -------
    GaussianMixtureGram

    Raises
    ------
    InputError
        For sizes that are not whole or out of range, and unless exactly one valid length of the mean is given.
    MemoryLimitError
        Where more than 2 GB would be needed, all inner products included.
    """
    m, d, t = whole(m, "m"), dimension(d), whole(test_points, "test_points", 0)
    norm, count = mean_length(mean_norm, alpha, d), 1 if draws is None else whole(draws, "draws", 0)
    rank = min(m, d - 1)
    check_memory(count * (m + t) * (rank + m + 6), f"{count} draws of {m} training and {t} test points")
    labels, normals, gammas, test_labels, test_normals, test_gammas = streams(rng, 6)
    y, test_y = _labels(labels, (count, m)), _labels(test_labels, (count, t))
    C = coordinates(normals, gammas, count, m, d, fixed=1)
    D = normal(test_normals, (count, t, 1 + rank), d)
    C[:, :, 0] += norm * y
    D[:, :, 0] += norm * test_y
    arrays = C, y, D, test_y, squared_lengths(test_gammas, float(d - 1 - rank), (count, t), d)
    return GaussianMixtureGram(*(array[0] if draws is None else array for array in arrays), norm, d)


def _labels(rng, shape):
    return np.where(rng.random(shape) < 0.5, -1.0, 1.0)


def _fixed(array):
    array.setflags(write=False)
    return array
