"""Sampling: the laws of the paper's three distributions, with fixed seeds.

Every tolerance is five standard deviations of the statistic, computed beside it: a correct sampler fails one seed in two
million, and these seeds are fixed.
"""

import numpy as np
import pytest
from scipy import stats

from kktcheck import sampling
from kktcheck.errors import InputError

SIGMAS = 5.0


def within(value, mean, deviation):
    return abs(value - mean) <= SIGMAS * deviation


@pytest.mark.parametrize(("m", "d"), [(20000, 4), (200, 300)])
def test_gaussian_entries_have_the_normal_law_with_variance_1_over_d(m, d):
    data = sampling.gaussian(m, d, rng=1)
    entries = data.X.ravel() * np.sqrt(d)
    assert data.X.shape == (m, d)
    assert within(entries.mean(), 0.0, 1 / np.sqrt(m * d))
    assert within((entries**2).mean(), 1.0, np.sqrt(2 / (m * d)))
    assert stats.kstest(entries, "norm").pvalue > 1e-3


def test_gaussian_points_are_nearly_orthogonal_as_section_2_4_says():
    m, d = 100, 2000
    data = sampling.gaussian(m, d, rng=2)
    # |x|^2 has mean 1 and variance 2/d; <x, x'>^2 has mean 1/d and variance 2/d^2 + 6/d^3; distinct pairs are uncorrelated.
    squares = data.gram[np.triu_indices(m, 1)] ** 2
    assert within(np.diagonal(data.gram).mean(), 1.0, np.sqrt(2 / (m * d)))
    assert within(squares.mean(), 1 / d, np.sqrt((2 + 6 / d) / len(squares)) / d)
    # phi is the maximum of about m^2/2 variables of variance 1/d; 1.1 log(d)/sqrt(d) is the paper's bound, 2 sigma a floor.
    assert 2 / np.sqrt(d) < data.phi < 1.1 * np.log(d) / np.sqrt(d)
    assert data.psi < 0.2


@pytest.mark.parametrize("draw", [sampling.gaussian, sampling.sphere, lambda m, d, rng: sampling.gaussian_mixture(m, d, mean_norm=0.5, rng=rng)])
def test_labels_are_fair_coins(draw):
    y = draw(10000, 2, rng=3).y
    assert set(y.tolist()) == {-1.0, 1.0}
    assert within(y.mean(), 0.0, 1 / np.sqrt(10000))
    assert within((y[1:] * y[:-1]).mean(), 0.0, 1 / np.sqrt(9999))


@pytest.mark.parametrize(("m", "d"), [(50, 1), (50, 2), (200, 300)])
def test_sphere_points_have_unit_norm(m, d):
    data = sampling.sphere(m, d, rng=4)
    assert np.abs(np.linalg.norm(data.X, axis=1) - 1).max() <= 4 * np.finfo(float).eps
    assert data.psi <= 8 * np.finfo(float).eps


def test_sphere_points_are_uniform():
    # In three dimensions each coordinate of a uniform point of the sphere is uniform on [-1, 1] (Archimedes).
    X = sampling.sphere(20000, 3, rng=5).X
    for coordinate in (*X.T, X @ [0.6, 0.0, 0.8]):
        assert stats.kstest(coordinate, "uniform", (-1, 2)).pvalue > 1e-3


@pytest.mark.parametrize("options", [{"mean_norm": 0.7}, {"mean_norm": 0.0}, {"mean_norm": 3}, {"alpha": 0.2}])
def test_mixture_clusters_have_opposite_means_of_the_given_norm(options):
    m, d = 2000, 400
    data = sampling.gaussian_mixture(m, d, **options, rng=6)
    norm = options.get("mean_norm", d**-0.2)
    halves = [(data.y[:, None] * data.X)[data.y == sign] for sign in (-1, 1)]
    for half in halves:
        # The mean of k points is mu + N(0, I/(k d)): its square has mean |mu|^2 + 1/k, variance 4 |mu|^2/(k d) + 2/(k^2 d).
        k = len(half)
        square = (half.mean(axis=0) ** 2).sum()
        assert within(square, norm**2 + 1 / k, np.sqrt(4 * norm**2 / (k * d) + 2 / (k**2 * d)))
    # The two means agree after the labels are multiplied in: their inner product is |mu|^2 up to noise.
    k = min(map(len, halves))
    inner = halves[0].mean(axis=0) @ halves[1].mean(axis=0)
    assert within(inner, norm**2, np.sqrt(2 * norm**2 / (k * d) + 1 / (k**2 * d)))


@pytest.mark.parametrize(("m", "d"), [(20000, 4), (1000, 200)])
def test_mixture_deviations_from_the_mean_have_the_gaussian_law(m, d):
    data = sampling.gaussian_mixture(m, d, mean_norm=0.9, rng=7)
    signed = data.y[:, None] * data.X
    deviations = (signed - signed.mean(axis=0)) * np.sqrt(d * m / (m - 1))
    assert within((deviations**2).mean(), 1.0, np.sqrt(2 / (d * (m - 1))))
    assert stats.kstest(deviations.ravel(), "norm").pvalue > 1e-3


def test_mixture_means_have_a_uniform_direction():
    # In two dimensions the angle of the mean is uniform; 400 draws with a mean far above the noise of 50 points.
    angles = []
    for seed in range(400):
        data = sampling.gaussian_mixture(50, 2, mean_norm=100.0, rng=seed)
        angles.append(np.arctan2(*(data.y @ data.X)))
    assert stats.kstest(angles, "uniform", (-np.pi, 2 * np.pi)).pvalue > 1e-3


@pytest.mark.parametrize("draw", [sampling.gaussian, sampling.sphere, lambda m, d, rng: sampling.gaussian_mixture(m, d, alpha=0.1, rng=rng)])
def test_a_seed_fixes_the_data_and_a_generator_moves_on(draw):
    first, again, other = draw(3, 4, rng=8), draw(3, 4, rng=8), draw(3, 4, rng=9)
    assert np.array_equal(first.X, again.X)
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.X, other.X)
    generator = np.random.default_rng(8)
    assert np.array_equal(draw(3, 4, rng=generator).X, first.X)
    assert not np.array_equal(draw(3, 4, rng=generator).X, first.X)
    assert not np.array_equal(draw(3, 4, rng=None).X, draw(3, 4, rng=None).X)


@pytest.mark.parametrize("draw", [sampling.gaussian, sampling.sphere, lambda m, d: sampling.gaussian_mixture(m, d, mean_norm=1.0)])
@pytest.mark.parametrize(("m", "d", "message"), [(0, 3, "m = 0"), (3, 0, "d = 0"), (2.5, 3, "m = 2.5"), (True, 3, "m = True"), (3, -1, "d = -1")])
def test_sizes_must_be_positive_whole_numbers(draw, m, d, message):
    with pytest.raises(InputError, match=f"{message}: a whole number of at least 1"):
        draw(m, d)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of mean_norm and alpha"),
        ({"mean_norm": 1.0, "alpha": 0.1}, "exactly one of mean_norm and alpha"),
        ({"mean_norm": -1.0}, "norm of the mean is -1.0"),
        ({"mean_norm": np.nan}, "norm of the mean is nan"),
        ({"mean_norm": np.inf}, "norm of the mean is inf"),
    ],
)
def test_mixture_needs_one_valid_mean(options, message):
    with pytest.raises(InputError, match=message):
        sampling.gaussian_mixture(3, 4, **options)
