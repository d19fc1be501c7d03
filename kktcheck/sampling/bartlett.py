"""Coordinates of Gaussian points in an orthonormal frame of their own span: Bartlett's decomposition, in any dimension.

The frame is what Gram and Schmidt make of the points in turn (with further fixed directions first, such as that of a mean). In it point i has
independent coordinates: N(0, 1/d) along the fixed directions and the points before it, then the root of a chi-square over d, with as many degrees
of freedom as there are dimensions left, then zeros. Once the frame spans the space all coordinates are normal. So m points take O(m min(m, d))
numbers; d is a parameter. Degrees of freedom beyond 2**53 are rounded to float64, which changes a chi-square by far less than its last digit.

Rounding, with u = 2**-53 and r coordinates. A coordinate is right to a few u, relatively: `standard_normal` is; `standard_gamma` draws shape s as
(s - 1/3) (1 + X / sqrt(9 s - 3))**3, X normal, right to 7 u, and accepts by 1 - V + log V, which keeps its relative accuracy although V is near 1.
So an inner product <x, x'> is right to (r + 12) u times the sum of |x_k x'_k|, which is mostly not much larger than the product itself:

- an off-diagonal entry, of size 1/sqrt(d), has about 15 right digits up to d = 1e20;
- a squared norm is right to some 10 u, absolutely where it is near 1. Its deviation from the mean has size sqrt(2/d): 7 right digits at d = 1e17,
  5 at d = 1e20, where possible deviations are 2e-6 of that size apart. Nothing more is kept, and `sizes.LARGEST_DIM` ends there;
- a sum of c_i <x_i, x> over the points i, x another point, has a sign that float64 decides unless the sum is at most (m + r + 12) u times that of
  all |c_i x_ik x_k|. Both are proportional to 1/sqrt(d): for ten points and equal c_i that is one new point in 1e14, in every dimension;
- if x is one of the x_i, its own term c_i |x|^2 is larger than the others by sqrt(d), and the sum minus c_i is known to some 10 u |c_i|: at d = 1e20
  its sign is undecided for about one point in 1e5.

`proofs_tests/test_gram_sampling.py` compares with rational arithmetic and with the laws.
"""

import math

import numpy as np

#: Numbers drawn at once; results do not depend on it.
CHUNK = 2**18


def streams(rng, count):
    """Independent generators, one for each kind of number, seeded by the next numbers of ``rng``.

    Each hands out its numbers draw by draw, so that neither how many draws are made at once nor how many follow changes the first ones.
    """
    words = np.random.default_rng(rng).integers(2**64, size=(count, 4), dtype=np.uint64)
    return [np.random.default_rng(row) for row in words]


def degrees(d, fixed, rank):
    """Degrees of freedom of the first ``rank`` points after ``fixed`` directions, rounded to float64: d - fixed, d - fixed - 1, ..."""
    return np.array([float(d - fixed - i) for i in range(rank)])


def normal(normals, shape, d):
    """Independent N(0, 1/d) of a shape."""
    numbers = normals.standard_normal(shape)
    numbers /= math.sqrt(d)
    return numbers


def squared_lengths(gammas, freedom, shape, d):
    """Independent chi-squares over d; ``freedom`` broadcasts against ``shape``, and without freedom the length is 0."""
    lengths = gammas.standard_gamma(np.asarray(freedom) / 2, shape)
    lengths *= 2 / d
    return lengths


def coordinates(normals, gammas, count, m, d, fixed=0):
    """Coordinates of ``count`` times m points from N(0, I/d), shape (count, m, fixed + min(m, d - fixed)).

    Parameters
    ----------
    normals, gammas : numpy.random.Generator
    count, m, d : int
    fixed : int
        Number of fixed directions at the head of the frame, at most d.
    """
    rank = min(m, d - fixed)
    C = normal(normals, (count, m, fixed + rank), d)
    lengths = np.sqrt(squared_lengths(gammas, degrees(d, fixed, rank), (count, rank), d))
    for i in range(rank):
        C[:, i, fixed + i] = lengths[:, i]
        C[:, i, fixed + i + 1 :] = 0.0
    return C


def gram(C, out=None):
    """Inner products of points with coordinates C (..., m, r), exactly symmetric: (..., m, m)."""
    K = np.matmul(C, np.swapaxes(C, -1, -2), out=out)
    for i in range(K.shape[-1]):
        K[..., i, i + 1 :] = K[..., i + 1 :, i]
    return K
