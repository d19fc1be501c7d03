"""Gram matrices from their exact law: against points drawn in d dimensions, against known laws up to d = 1e20, against rational arithmetic.

A comparison of laws (Kolmogorov and Smirnov's test, p-values times the number of statistics compared) rejects a correct sampler with probability at
most `RATE` for a seed chosen at random; the seeds are fixed. There are some fifty of them, so one choice of all seeds in twenty would give a false
alarm. The same comparisons must reject the faults planted at the end.
"""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from kktcheck import InputError, LinearPredictor, MemoryLimitError, TwoLayerReLU, max_margin, sampling
from kktcheck.sampling import bartlett, mixture

from .instances import examples

RATE = 1e-3
DRAWS = 4000
HUGE = (1e12, 1e17, 1e20)
U = Fraction(1, 2**53)

dims = st.one_of(st.integers(1, 10), st.sampled_from([1000, *HUGE]))
seeds = st.integers(0, 2**32 - 1)
norms = st.sampled_from([0.0, 1e-5, 0.3, 1.0, 40.0])


def two_samples(ours, other):
    """p-value of the hypothesis that all statistics, dicts of samples, have the same laws."""
    return len(other) * min(stats.ks_2samp(ours[name], other[name], method="asymp").pvalue for name in other)


def one_sample(samples, law="norm"):
    """p-value of the hypothesis that all samples, a list, have a law."""
    return len(samples) * min(stats.kstest(sample, law).pvalue for sample in samples)


def standard_chi_square(lengths, freedom, d):
    """Chi-squares over d of many degrees of freedom to standard normal variables: centred, scaled, skewness taken away (an error of 1/freedom)."""
    z = (lengths * d - freedom) / np.sqrt(2 * freedom)
    return z - (z**2 - 1) * np.sqrt(8 / freedom) / 6


def gram_statistics(K, rank):
    """What tells laws of Gram matrices (draws, m, m) apart; those of ``rank`` have m - rank eigenvalues that are rounding errors."""
    values = np.linalg.eigvalsh(K)
    return {
        "first product": K[:, 0, 1], "last product": K[:, -1, -2], "triangle": K[:, 0, 1] * K[:, 1, 2] * K[:, 2, 0], "first norm": K[:, 0, 0],
        "last norm": K[:, -1, -1], "area": K[:, 0, 0] * K[:, 1, 1] - K[:, 0, 1] ** 2 * (rank > 1), "squares": (K**2).sum(axis=(1, 2)),
        "determinant": values[:, -rank:].prod(axis=1), "least eigenvalue": values[:, -rank], "largest eigenvalue": values[:, -1],
    }  # fmt: skip


def from_points(m, d, seed, on_sphere=False):
    X = np.random.default_rng(seed).standard_normal((DRAWS, m, d)) / np.sqrt(d)
    if on_sphere:
        X /= np.linalg.norm(X, axis=2, keepdims=True)
    return X @ X.transpose(0, 2, 1)


def gaussian_p_value(m, d, seed=0):
    ours, direct = sampling.gaussian_gram(m, d, DRAWS, rng=seed), from_points(m, d, seed + 1)
    return two_samples(gram_statistics(ours, min(m, d)), gram_statistics(direct, min(m, d)))


def sphere_p_value(m, d, seed=0):
    ours, direct = (gram_statistics(K, min(m, d)) for K in (sampling.sphere_gram(m, d, DRAWS, rng=seed), from_points(m, d, seed + 1, True)))
    return two_samples(ours, {name: sample for name, sample in direct.items() if "norm" not in name})


def mixture_statistics(K, cross, square_norms, means, test_means, y, test_y, spans):
    """The same for mixtures with two test points: entries without their labels, margins, and what the two test points have in common."""
    signed, test = K * y[:, :, None] * y[:, None, :], cross * y[:, :, None] * test_y[:, None, :]
    samples = {
        "norm": K[:, 0, 0], "last norm": K[:, -1, -1], "product": signed[:, 0, 1], "last product": signed[:, -1, -2], "cross": test[:, 0, 0],
        "last cross": test[:, -1, -1], "test norm": square_norms[:, 0], "mean": y[:, 0] * means[:, 0], "test mean": test_y[:, 0] * test_means[:, 0],
        "margin": test[:, :, 0].sum(axis=1), "two margins": test.sum(axis=1).prod(axis=1), "mean and cross": test_means[:, 1] * cross[:, -1, 1],
        "two points": cross[:, 0, 0] * cross[:, 0, 1], "two norms": square_norms.prod(axis=1), "labels": y[:, 0] * test_y[:, 1],
    }  # fmt: skip
    if not spans:
        weights = np.linalg.solve(K, cross)
        samples["outside the span"] = square_norms[:, 0] - np.einsum("ni,ni->n", cross[:, :, 0], weights[:, :, 0])
    return samples


def of_record(g, spans):
    return mixture_statistics(g.gram, g.cross, g.test_square_norms, g.mean_products, g.test_mean_products, g.y, g.test_y, spans)


def mixture_p_value(m, d, norm=0.8, seed=0):
    ours = of_record(sampling.gaussian_mixture_gram(m, d, mean_norm=norm, test_points=2, draws=DRAWS, rng=seed), d <= m)
    rng = np.random.default_rng(seed + 1)
    y, X = rng.choice([-1.0, 1.0], (DRAWS, m + 2)), rng.standard_normal((DRAWS, m + 2, d)) / np.sqrt(d)
    X[:, :, -1] += norm * y
    K, means = X @ X.transpose(0, 2, 1), norm * X[:, :, -1]
    square_norms = np.diagonal(K, axis1=1, axis2=2)[:, m:]
    direct = mixture_statistics(K[:, :m, :m], K[:, :m, m:], square_norms, means[:, :m], means[:, m:], y[:, :m], y[:, m:], d <= m)
    return two_samples(ours, direct)


@pytest.mark.parametrize(("m", "d"), [(3, 1), (3, 2), (3, 3), (4, 3), (3, 5), (5, 30)])
def test_laws_are_those_of_points_drawn_in_d_dimensions(m, d):
    assert gaussian_p_value(m, d) > RATE
    assert sphere_p_value(m, d) > RATE
    assert mixture_p_value(m, d) > RATE
    assert mixture_p_value(m, d, norm=0.0) > RATE


@pytest.mark.parametrize("d", [1, 2, 3, 7, 1000, 10**6, *HUGE])
def test_gaussian_gram_has_the_exact_conditional_laws(d):
    K = sampling.gaussian_gram(3, d, DRAWS, rng=2)
    # Given x_1, <x_1, x_2> is N(0, |x_1|^2 / d); the squared distance of the last point from the others' span is a chi-square over d.
    products = K[:, 0, 1] / np.sqrt(K[:, 0, 0]) * np.sqrt(float(d))
    assert one_sample([products]) > RATE
    last = 1 / np.linalg.inv(K)[:, 2, 2] if d > 2 else None
    for lengths, freedom in [(K[:, 0, 0], d), (K[:, 2, 2], d)] + [(last, d - 2)] * (d > 2):
        if d < 1000:
            assert one_sample([lengths * d], stats.chi2(freedom).cdf) > RATE
        else:
            assert one_sample([standard_chi_square(lengths, freedom, d)]) > RATE
    # Cov(|x_1|^2, |x_2|^2) = 0 = Cov(<x_1, x_2>, <x_1, x_3>), and the five-sigma bounds of the means beside them.
    assert abs(np.corrcoef(K[:, 0, 0], K[:, 1, 1])[0, 1]) < 5 / np.sqrt(DRAWS)
    assert abs(np.mean(K[:, 0, 1] * K[:, 0, 2])) < 5 * np.sqrt((1 + 2 / d) / DRAWS) / d
    assert np.abs((K - np.eye(3)).mean(axis=0)).max() < 5 * np.sqrt(2 / (d * DRAWS))


@pytest.mark.parametrize("d", [2, 3, 7, 1000, 10**6, *HUGE])
def test_products_on_the_sphere_have_their_beta_law(d):
    K = sampling.sphere_gram(3, d, DRAWS, rng=3)
    for entry in (K[:, 0, 1], K[:, 2, 1]):
        if d < 10**6:
            assert one_sample([entry], lambda t: stats.beta((d - 1) / 2, (d - 1) / 2).cdf((1 + t) / 2)) > RATE
        else:
            assert one_sample([entry * np.sqrt(d)]) > RATE  # the laws differ by O(1/d)


@pytest.mark.parametrize("d", HUGE)
def test_chi_squares_of_huge_freedom_keep_their_law(d):
    # The same normal variables are behind both, so they agree up to the spacing of float64 unless one was accepted and one rejected.
    other = 1e10
    far, near = (bartlett.squared_lengths(np.random.default_rng(4), freedom, 200_000, freedom) for freedom in (d, other))
    far, near = standard_chi_square(far, d, d), standard_chi_square(near, other, other)
    assert np.abs(far - near).max() < 1e-4
    assert one_sample([far]) > RATE
    for tail in (2.0, 3.0):
        share = 2 * stats.norm.sf(tail)
        assert abs(np.mean(np.abs(far) > tail) - share) < 5 * np.sqrt(share / len(far))
    assert abs(np.mean(far**4) - 3) < 5 * np.sqrt(96 / len(far))


@pytest.mark.parametrize("d", HUGE)
@pytest.mark.parametrize("alpha", [0.24, 0.1])
def test_mixtures_have_their_law_where_no_vector_fits(d, alpha):
    g = sampling.gaussian_mixture_gram(3, d, alpha=alpha, test_points=4, draws=DRAWS, rng=5)
    square, scale = g.mean_norm**2, np.sqrt(d)
    assert g.mean_norm == d**-alpha
    # A product is |mu|^2 + |mu| N(0, 2/d) + N(0, 1/d) once the labels are out, up to terms of relative size 1/sqrt(d).
    cross, train = g.cross * g.y[:, :, None] * g.test_y[:, None, :], g.gram * g.y[:, :, None] * g.y[:, None, :]
    entries = [(entry - square) * scale / np.sqrt(1 + 2 * square) for entry in (train[:, 0, 1], train[:, 2, 1], cross[:, 0, 0], cross[:, 2, 3])]
    means = [(y * mean - square) * scale / g.mean_norm for y, mean in ((g.y, g.mean_products), (g.test_y, g.test_mean_products))]
    lengths = [(K - 1 - square) * scale / np.sqrt(2 + 4 * square) for K in (g.gram[:, 2, 2], g.test_square_norms[:, 3])]
    rest = [standard_chi_square(g.test_rest[:, 1], d - 4, d)]
    assert one_sample([*entries, *(mean[:, 1] for mean in means), *lengths, *rest]) > RATE
    # Margins of two test points under one predictor share the training points alone: covariance 6 |mu|^2 / d for the sum of three.
    margins = (cross.sum(axis=1)[:, :2] - 3 * square) * scale
    assert abs(np.cov(margins.T)[0, 1] - 3 * square) < 5 * (3 + 12 * square) / np.sqrt(DRAWS)


@pytest.mark.parametrize("d", [2, 4, 12, 1e17])
def test_test_points_have_the_law_of_further_training_points(d):
    g = sampling.gaussian_mixture_gram(5, d, mean_norm=0.5, draws=DRAWS, rng=6)
    means, square_norms = g.mean_products, np.diagonal(g.gram, axis1=1, axis2=2)
    whole = g.gram[:, :3, :3], g.gram[:, :3, 3:], square_norms[:, 3:], means[:, :3], means[:, 3:], g.y[:, :3], g.y[:, 3:]
    other = sampling.gaussian_mixture_gram(3, d, mean_norm=0.5, test_points=2, draws=DRAWS, rng=7)
    assert two_samples(of_record(other, d <= 3), mixture_statistics(*whole, d <= 3)) > RATE


@given(st.integers(1, 7), dims, seeds)
def test_gram_matrices_are_symmetric_and_positive_semidefinite_of_the_rank_of_the_points(m, d, seed):
    for draw in (sampling.gaussian_gram, sampling.sphere_gram):
        K = draw(m, d, rng=seed)
        assert K.shape == (m, m)
        assert np.array_equal(K, K.T)
        assert np.linalg.eigvalsh(K)[0] >= -50 * float(U) * np.trace(K)
        largest = np.linalg.eigvalsh(K)[-1]
        assert (np.linalg.eigvalsh(K)[: max(0, m - int(d))] <= 50 * float(U) * largest).all()
        assert np.linalg.matrix_rank(K, tol=50 * float(U) * largest) <= d
    assert (np.diagonal(K) == 1.0).all()
    assert np.abs(K).max() == 1.0
    if d == 1:
        assert set(np.unique(K)) <= {-1.0, 1.0}


def exact_products(C, D):
    return [[sum(Fraction(a) * Fraction(b) for a, b in zip(p, q, strict=True)) for q in D] for p in C]


@examples(10)
@given(st.integers(1, 5), dims, norms, seeds)
def test_inner_products_are_right_to_the_digits_promised(m, d, norm, seed):
    g = sampling.gaussian_mixture_gram(m, d, mean_norm=norm, test_points=3, rng=seed)
    r = 1 + min(m, int(d) - 1)
    assert g.coordinates.shape == (m, r)
    assert g.test_coordinates.shape == (3, r)
    for given_products, C, D in ((g.gram, g.coordinates, g.coordinates), (g.cross, g.coordinates, g.test_coordinates)):
        exact, sizes = exact_products(C, D), exact_products(np.abs(C), np.abs(D))
        for i, row in enumerate(given_products):
            assert all(abs(Fraction(value) - e) <= r * U * s for value, e, s in zip(row, exact[i], sizes[i], strict=True))
    for k, point in enumerate(g.test_coordinates):
        whole = exact_products([point], [point])[0][0] + Fraction(g.test_rest[k])
        assert abs(Fraction(g.test_square_norms[k]) - whole) <= (r + 1) * U * whole
    assert np.array_equal(g.mean_products, norm * g.coordinates[:, 0])
    assert np.array_equal(g.test_mean_products, norm * g.test_coordinates[:, 0])
    assert (g.test_rest == 0).all() == (d <= m + 1)


@given(st.integers(1, 4), dims, st.integers(0, 5), st.integers(1, 5), seeds)
def test_first_draws_do_not_depend_on_what_follows(m, d, few, more, seed):
    for draw in (sampling.gaussian_gram, sampling.sphere_gram):
        assert np.array_equal(draw(m, d, few, rng=seed), draw(m, d, few + more, rng=seed)[:few])
        assert np.array_equal(draw(m, d, rng=seed), draw(m, d, 1, rng=seed)[0])
    options = {"mean_norm": 0.5, "rng": seed}
    first, all_of_them = (sampling.gaussian_mixture_gram(m, d, test_points=2, draws=n, **options) for n in (few, few + more))
    other = sampling.gaussian_mixture_gram(m, d, test_points=5, draws=few, **options)
    for name in ("coordinates", "y", "test_coordinates", "test_y", "test_rest", "gram", "cross", "test_square_norms", "mean_products"):
        assert np.array_equal(getattr(first, name), getattr(all_of_them, name)[:few])
        assert not getattr(first, name).flags.writeable
        if name in ("coordinates", "y", "gram", "mean_products"):
            assert np.array_equal(getattr(first, name), getattr(other, name))


def test_parts_of_a_large_request_do_not_show(monkeypatch):
    whole = [draw(4, 9, 50, rng=8) for draw in (sampling.gaussian_gram, sampling.sphere_gram)]
    monkeypatch.setattr(sampling.grams, "CHUNK", 7 * 16)
    assert all(np.array_equal(K, draw(4, 9, 50, rng=8)) for K, draw in zip(whole, (sampling.gaussian_gram, sampling.sphere_gram)))


@pytest.mark.parametrize(
    "draw", [sampling.gaussian_gram, sampling.sphere_gram, lambda m, d, rng: sampling.gaussian_mixture_gram(m, d, alpha=0.1, rng=rng).gram]
)
def test_a_seed_fixes_the_matrix_and_a_generator_moves_on(draw):
    generator = np.random.default_rng(8)
    assert np.array_equal(draw(3, 1e17, rng=generator), draw(3, 1e17, rng=8))
    assert not np.array_equal(draw(3, 1e17, rng=generator), draw(3, 1e17, rng=8))
    assert not np.array_equal(draw(3, 4, rng=9), draw(3, 4, rng=8))
    assert not np.array_equal(draw(3, 4, rng=None), draw(3, 4, rng=None))
    # A generator's position counts, not its seed alone.
    moved = np.random.default_rng(8)
    moved.random()
    assert not np.array_equal(draw(3, 4, rng=moved), draw(3, 4, rng=8))


def test_seeds_and_kinds_of_numbers_are_independent_of_each_other():
    drawn = [sampling.gaussian_mixture_gram(2, 1e17, mean_norm=0.0, test_points=2, rng=seed) for seed in range(400)]
    entries = [(g.gram[0, 1], g.cross[0, 0], g.cross[1, 1], g.coordinates[0, 0], g.test_coordinates[0, 0]) for g in drawn]
    assert one_sample(list(np.array(entries).T * np.sqrt(1e17))) > RATE
    assert len({stream.random() for stream in bartlett.streams(0, 50)}) == 50


def test_near_duplicates_on_the_sphere_have_products_of_at_most_one(monkeypatch):
    def repeated(normals, gammas, count, m, d):
        return np.repeat(bartlett.coordinates(normals, gammas, count, 1, d)[..., [0] * d] * np.arange(1.0, d + 1), m, axis=1)

    monkeypatch.setattr(sampling.grams, "coordinates", repeated)
    K = np.concatenate([sampling.sphere_gram(2, d, 2, rng=0) for d in range(2, 40)])
    assert K.max() == 1.0
    assert K.min() > 1 - 1e-14


@pytest.mark.parametrize("d", [2, 3, 30, 1e17])
def test_a_model_in_the_span_has_the_margins_that_the_inner_products_say(d):
    g = sampling.gaussian_mixture_gram(3, d, mean_norm=2.0, test_points=6, draws=2, rng=9)
    data = g.dataset(1)
    assert np.allclose(data.gram, g.gram[1], rtol=0, atol=1e-14)
    coefficients = max_margin(data).multipliers * data.y
    linear = LinearPredictor(coefficients @ data.X)
    assert np.allclose(linear.outputs(g.test_coordinates[1]), coefficients @ g.cross[1], rtol=1e-12, atol=1e-14)
    net = TwoLayerReLU(np.stack([coefficients, -coefficients]) @ data.X, np.array([1.0, -1.0]))
    assert np.allclose(net.outputs(g.test_coordinates[1]), coefficients @ g.cross[1], rtol=1e-12, atol=1e-14)


def test_a_record_says_what_it_holds():
    assert repr(sampling.gaussian_mixture_gram(2, 1e20, mean_norm=0.5, test_points=3, draws=4)) == (
        "GaussianMixtureGram(4 draws of 2 training and 3 test points in 1e+20 dimensions, |mu| = 0.5)"
    )
    one = sampling.gaussian_mixture_gram(2, 7, mean_norm=0.5)
    assert repr(one) == "GaussianMixtureGram(2 training and 0 test points in 7 dimensions, |mu| = 0.5)"
    assert one.dataset().num_points == 2
    with pytest.raises(InputError, match="there is one draw"):
        one.dataset(0)
    with pytest.raises(InputError, match="several draws: say which"):
        sampling.gaussian_mixture_gram(2, 7, mean_norm=0.5, draws=1).dataset()


DRAWERS = [sampling.gaussian_gram, sampling.sphere_gram, lambda m, d, draws=None: sampling.gaussian_mixture_gram(m, d, mean_norm=1.0, draws=draws)]


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3), "m = 0: a whole number of at least 1"), ((2.0, 3), "m = 2.0: a whole"), ((True, 3), "m = True: a whole"),
        ((2, 0), "d = 0: a whole number of at least 1"), ((2, 2.5), "d = 2.5: a whole"), ((2, np.nan), "d = nan: a whole"),
        ((2, np.inf), "d = inf: a whole"), ((2, -1e17), "d = -100000000000000000: a whole"), ((2, False), "d = False: a whole"),
        ((2, "3"), "d = '3': a whole"),
        ((2, 1.1e20), r"d = 1.1e\+20: beyond 1e20"), ((2, 10**20 + 1), "beyond 1e20"), ((2, 10**400), "beyond 1e20"),
        ((2, 3, -1), "draws = -1: a whole number of at least 0"), ((2, 3, 1.0), "draws = 1.0: a whole"),
    ],
)  # fmt: skip
def test_sizes_must_be_whole_and_in_range(draw, arguments, message):
    with pytest.raises(InputError, match=message):
        draw(*arguments)


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize("arguments", [(10**6, 10), (3, 10, 10**9), (10**30, 1), (10**400, 1)])
def test_what_needs_absurd_memory_is_refused(draw, arguments):
    with pytest.raises(MemoryLimitError, match=r"would take .* GB \(limit 2 GB\)"):
        draw(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of mean_norm and alpha"), ({"mean_norm": 1.0, "alpha": 0.1}, "exactly one of mean_norm and alpha"),
        ({"mean_norm": -1.0}, "norm of the mean is -1.0"), ({"mean_norm": np.nan}, "norm of the mean is nan"),
        ({"mean_norm": 1e160}, "norm of the mean is 1e[+]160"), ({"mean_norm": "1"}, "mean_norm = '1': a real number"),
        ({"alpha": True}, "alpha = True: a real number"), ({"alpha": np.nan}, "norm of the mean is nan"), ({"alpha": -20}, "the norm of the mean is"),
        ({"alpha": -1e6}, "the norm of the mean is"),
        ({"mean_norm": 1.0, "test_points": -1}, "test_points = -1: a whole number of at least 0"),
    ],
)  # fmt: skip
def test_mixtures_need_one_valid_mean_and_a_number_of_test_points(options, message):
    with pytest.raises(InputError, match=message):
        sampling.gaussian_mixture_gram(3, 1e10, **options)


def test_memory_of_a_large_test_set_is_a_multiple_of_its_size():
    g = sampling.gaussian_mixture_gram(3, 1e17, mean_norm=0.1, test_points=10**5, rng=10)
    assert g.cross.shape == (3, 10**5)  # the full Gram matrix would take 80 GB


def lost_scale(normals, shape, d):
    return normals.standard_normal(shape)


def degrees_off(by):
    return lambda d, fixed, rank: np.array([float(d - fixed - i + by) for i in range(rank)])


def freedom_off(by):
    return lambda gammas, freedom, shape, d: bartlett.squared_lengths(gammas, freedom + by, shape, d)


FAULTS = {
    "one degree of freedom more": ("bartlett.degrees", degrees_off(1), [gaussian_p_value, sphere_p_value, mixture_p_value]),
    "one degree of freedom less": ("bartlett.degrees", lambda d, fixed, rank: degrees_off(-1)(d, fixed, rank), [gaussian_p_value, sphere_p_value]),
    "the same freedom for all": ("bartlett.degrees", lambda d, fixed, rank: np.full(rank, d - fixed), [gaussian_p_value, sphere_p_value]),
    "the mean's direction not counted": ("bartlett.degrees", lambda d, fixed, rank: np.arange(d, d - rank, -1), [mixture_p_value]),
    "no scale": ("bartlett.normal", lost_scale, [gaussian_p_value, sphere_p_value, mixture_p_value]),
    "no scale of test points": ("mixture.normal", lost_scale, [mixture_p_value]),
    "one degree of freedom more in the rest": ("mixture.squared_lengths", freedom_off(1), [mixture_p_value]),
    "one degree of freedom less in the rest": ("mixture.squared_lengths", freedom_off(-1), [mixture_p_value]),
    "roots left out": ("bartlett.squared_lengths", lambda *rest: squared(*rest) ** 2, [gaussian_p_value, sphere_p_value, mixture_p_value]),
}

squared = bartlett.squared_lengths


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_rejected(fault, monkeypatch):
    place, replacement, comparisons = FAULTS[fault]
    module, name = place.split(".")
    monkeypatch.setattr({"bartlett": bartlett, "mixture": mixture}[module], name, replacement)
    for compare in comparisons:
        assert compare(3, 8) < RATE
