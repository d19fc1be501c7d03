"""Max-margin problems with known answers: exact optima in fractions, planted margins down to the rounding, and data that cannot be separated."""

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np

from kktcheck import Dataset

from .instances import seeds
from .rational import dot, fractions


def signed_points(data):
    """y_i x_i as nested lists of fractions."""
    return fractions(data.y[:, None] * np.asarray(data.X))


def linear_solution(matrix, right):
    """Solution of a square system in fractions by elimination; None if it is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for c in range(n):
        pivot = next((r for r in range(c, n) if rows[r][c]), None)
        if pivot is None:
            return None
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for r in range(n):
            if r != c and rows[r][c]:
                rows[r] = [x - rows[r][c] * z for x, z in zip(rows[r], rows[c], strict=True)]
    return [row[n] for row in rows]


@dataclass(frozen=True)
class Exact:
    """A predictor and multipliers in fractions that meet all four conditions exactly."""

    w: list
    multipliers: list
    margins: list

    def distance(self, w):
        """|w - w*| / |w*| of a predictor in float64."""
        gap = sum(((Fraction(float(a)) - b) ** 2 for a, b in zip(w, self.w, strict=True)), Fraction(0))
        return math.sqrt(gap / dot(self.w, self.w))


def on_support(data, support):
    """The point with margin exactly 1 on the support and no multipliers elsewhere, as `Exact`; None if the support is dependent.

    Nothing is said of the signs: see `violations`.
    """
    points = signed_points(data)
    found = linear_solution([[dot(points[i], points[k]) for k in support] for i in support], [Fraction(1)] * len(support))
    if found is None:
        return None
    multipliers = [Fraction(0)] * len(points)
    for i, value in zip(support, found, strict=True):
        multipliers[int(i)] = value
    w = [sum((value * point[c] for value, point in zip(multipliers, points, strict=True)), Fraction(0)) for c in range(data.dim)]
    return Exact(w, multipliers, [dot(point, w) for point in points])


def violations(exact):
    """Which of the inequalities fail, exactly: of multipliers below 0 and of margins below 1 (the two equations hold by construction)."""
    return [i for i, value in enumerate(exact.multipliers) if value < 0], [i for i, value in enumerate(exact.margins) if value < 1]


def optimum(data):
    """The max-margin predictor by trying all supports, in fractions; None if there is none: the data cannot be separated."""
    for size in range(1, min(data.num_points, data.dim) + 1):
        for support in itertools.combinations(range(data.num_points), size):
            exact = on_support(data, support)
            if exact is not None and violations(exact) == ([], []):
                return exact
    return None


@st.composite
def lattice_data(draw, *, max_points=6, max_dim=4, scales=(0, 0), separable=False):
    """Few points with small whole numbers, rescaled by powers of two in the given range; ties and repetitions are common.

    With ``separable`` the labels are those of a predictor of whole numbers, and no point is on its boundary.
    """
    rng = np.random.default_rng(draw(seeds()))
    m, d = draw(st.integers(1, max_points)), draw(st.integers(1, max_dim))
    X = rng.integers(-4, 5, (m, d)).astype(float)
    if draw(st.booleans()):
        X = X[rng.integers(0, m, m)]
    w = rng.integers(1, 4, d) * rng.choice([-1.0, 1.0], d)
    if separable:
        X[X @ w == 0] += np.sign(w)
        y = np.sign(X @ w)
    else:
        X[~X.any(axis=1), 0] = 1.0
        y = rng.choice([-1.0, 1.0], m)
    return Dataset(X * 2.0 ** rng.integers(scales[0], scales[1] + 1, m)[:, None], y)


@st.composite
def thin_data(draw, exponents, *, max_points=6):
    """Pairs (dataset, exact optimum) whose margin relative to the norms is about 10**-exponent.

    The points without their last coordinate hold zero in their convex hull; the last coordinate, of that size, separates them.
    """
    rng = np.random.default_rng(draw(seeds()))
    d = draw(st.integers(1, 3))
    m = draw(st.integers(2, max_points))
    flat = rng.integers(-2, 3, (m, d)).astype(float)
    flat[~flat.any(axis=1), 0] = 1.0
    flat[-1] = -flat[0]
    heights = 10.0 ** -draw(st.sampled_from(exponents)) * rng.integers(3, 6, m)
    y = rng.choice([-1.0, 1.0], m)
    data = Dataset(y[:, None] * np.column_stack([flat, heights]), y)
    return data, optimum(data)


@st.composite
def inseparable_data(draw, *, max_dim=8):
    """Datasets in which some signed points combine to zero with positive weights, up to the rounding of their entries, among others."""
    rng = np.random.default_rng(draw(seeds()))
    d = draw(st.integers(1, max_dim))
    k, others = draw(st.integers(1, d)), draw(st.integers(0, 10))
    core = rng.standard_normal((k, d))
    opposite = -rng.uniform(0.3, 1.0, (1, k)) @ core
    signed = np.concatenate([core, opposite, rng.standard_normal((others, d))]) * rng.uniform(0.5, 2.0, (k + 1 + others, 1))
    y = rng.choice([-1.0, 1.0], len(signed))
    return Dataset(y[:, None] * rng.permutation(signed), y)
