"""Gram matrices of Gaussian points and of points on the sphere, from their exact law in any dimension."""

import numpy as np

from .bartlett import CHUNK, coordinates, gram, streams
from .sizes import check_memory, dimension, whole


def gaussian_gram(m, d, draws=None, *, rng=None):
    """Gram matrices of m points from N(0, I/d) (Example of Section 2.4), without the points.

    Parameters
    ----------
    m : int
        Number of points, at least 1.
    d : int or float
        Dimension, a whole number from 1 to 1e20; below m the Gram matrix has rank d. Time and memory are the same from d = m on.
    draws : int, optional
        Number of independent Gram matrices, at least 0.
    rng : None, int or numpy.random.Generator
        Source of randomness. A seed's first draws are the same however many are asked for; one draw is what ``draws=1`` gives. Calls with one
        Generator are independent of each other; several of them do not repeat one large call.

    Returns
    -------
    ndarray, shape (m, m), or (draws, m, m) if ``draws`` is given
        Exactly symmetric, positive semidefinite up to rounding. `bartlett` says which digits are right: about 15 of an off-diagonal entry, 5 of
        |x|^2 - 1 at d = 1e20, more below.

    Raises
    ------
    InputError
        For sizes that are not whole or out of range.
    MemoryLimitError
        Where more than 2 GB would be needed.
    """
    return _grams(m, d, draws, rng, on_sphere=False)


def sphere_gram(m, d, draws=None, *, rng=None):
    """Gram matrices of m points uniform on the unit sphere in d dimensions (Section 2.4), without the points.

    Parameters, errors and shape as for `gaussian_gram`; the diagonal is exactly 1 and no entry is larger.
    """
    return _grams(m, d, draws, rng, on_sphere=True)


def _grams(m, d, draws, rng, on_sphere):
    m, d, count = whole(m, "m"), dimension(d), 1 if draws is None else whole(draws, "draws", 0)
    size = m * min(m, d)
    step = max(1, CHUNK // size)
    check_memory(count * m * m + min(count, step) * size, f"{count} Gram matrices of {m} points")
    normals, gammas = streams(rng, 2)
    K = np.empty((count, m, m))
    for start in range(0, count, step):
        part = K[start : start + step]
        C = coordinates(normals, gammas, len(part), m, d)
        if on_sphere:
            C /= np.sqrt(np.einsum("cik,cik->ci", C, C))[:, :, None]
        gram(C, out=part)
    if on_sphere:
        np.clip(K, -1.0, 1.0, out=K)
        K[:, np.arange(m), np.arange(m)] = 1.0
    return K[0] if draws is None else K
