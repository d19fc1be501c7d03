"""Kinks: which pre-activations count as zero, and the projection that makes them so."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, certify, random_network, sampling, train
from kktcheck.kinks import check_tolerance, distance, find, independence, plateau_tolerance, project, relative_preactivations
from kktcheck.tolerances import EPS

from . import rational
from .instances import datasets, seeds, two_layer_instances
from .kkt_instances import kinky_networks, planted_network


def smooth_spectrum(rng, size, d):
    """Absolute cosines of ``size`` random directions in d dimensions to a fixed one."""
    z = rng.standard_normal(size)
    return np.abs(z) / np.sqrt(z**2 + rng.chisquare(d - 1, size))


@given(seeds(), st.integers(3, 200), st.integers(1, 1000), st.floats(-17, -5), st.floats(0, 0.5))
def test_a_plateau_between_noise_and_a_thousandth_is_found(seed, kinks, others, level, spread):
    rng = np.random.default_rng(seed)
    noise = 10**level * np.exp(spread * np.clip(rng.standard_normal(kinks), -2, 2))
    density = rng.uniform(1e-3, 1, others)
    tolerance = plateau_tolerance(rng.permutation(np.concatenate([noise, density])))
    assert noise.max() < tolerance < density.min()


def test_smooth_densities_have_no_plateau():
    """At most one spectrum in 500; about one in 10000 was seen over 50000 spectra."""
    rng = np.random.default_rng(1)
    found = [plateau_tolerance(smooth_spectrum(rng, size, d)) > 0 for size in (20, 300, 4000) for d in (3, 50, 1000) for _ in range(170)]
    assert sum(found) <= len(found) / 500


def test_the_lowest_pairs_of_a_smooth_density_are_not_taken_for_kinks():
    """Where the noise is rounding; at most one spectrum in 20 has a pair of the density below the window."""
    rng, exact = np.random.default_rng(2), []
    for level in (0.0, 1e-15, 1e-8):
        for _ in range(60):
            noise, density = level * rng.random(1000), smooth_spectrum(rng, 3000, 100)
            tolerance = plateau_tolerance(np.concatenate([noise, density]))
            exact.append(noise.max() <= tolerance < density.min())
    assert np.mean(exact) >= 0.95


@pytest.mark.parametrize("sizes", [[0.0], [1.0], [1e-5], [0.0, 0.5], [1e-7] * 5, np.zeros(10), np.full(100, 1e-3), np.geomspace(1e-9, 1, 200)])
def test_a_spectrum_without_two_sides_has_no_plateau(sizes):
    tolerance = plateau_tolerance(np.array(sizes))
    assert not any(0 < size <= tolerance for size in sizes)


def test_parallel_points_are_one_piece_of_evidence():
    """One neuron that happens to be nearly orthogonal to seven parallel points is no plateau; seven that are, are one."""
    X = np.outer([1.0, -0.7, 1.2, 2.0, 0.5, -1.5, 0.8], [0.6, 0.8, 0.0])
    np.testing.assert_allclose(independence(Dataset(X, np.ones(7))), 1 / 7)
    np.testing.assert_allclose(independence(Dataset(np.eye(4), np.ones(4))), 1.0)
    W = np.random.default_rng(0).standard_normal((15, 3))
    W[0] = [0.8, -0.6001, 0.3]
    data, u = Dataset(X, np.ones(7)), np.ones(15)
    assert find(TwoLayerReLU(W, u), data)[3] == "none"
    W[1:7] = W[0] + 1e-5 * W[1:7]
    mask, _, _, source = find(TwoLayerReLU(W, u), data)
    assert source == "plateau" and mask[:7].all() and not mask[7:].any()


@given(kinky_networks(clear=1e-3), seeds(), st.floats(-16, -6))
def test_planted_kinks_are_found_exactly_after_noise(planted, seed, level):
    W = planted.model.W
    noise = np.random.default_rng(seed).standard_normal(W.shape) / np.sqrt(W.shape[1])
    noisy = TwoLayerReLU(W + 10**level * np.linalg.norm(W, axis=1)[:, None] * noise, planted.model.u)
    mask, tolerance, plateau, source = find(noisy, planted.data)
    np.testing.assert_array_equal(mask, planted.kinks)
    assert source == "plateau" and plateau[0] <= tolerance < plateau[1]


@given(kinky_networks(clear=1e-4))
def test_weights_rounded_to_float32_keep_their_kinks(planted):
    rounded = TwoLayerReLU(planted.model.W.astype(np.float32), planted.model.u)
    found = certify(rounded, planted.data)
    np.testing.assert_array_equal(found.kinks.mask, planted.kinks)
    assert found.tau <= 2.0**-48 and found.epsilon <= 1e-6 * found.model.norm  # half an ulp of each weight, squared


def test_a_trained_network_has_a_plateau_that_float32_does_not_move():
    data = sampling.gaussian(6, 60, rng=3)
    trained = train(random_network(30, 60, rng=4), data, steps=4000, normalised=True).model
    rounded = TwoLayerReLU(trained.W.astype(np.float32), trained.u)
    found = [certify(model, data) for model in (trained, rounded)]
    assert {certificate.kinks.source for certificate in found} == {"plateau"}
    np.testing.assert_array_equal(found[0].kinks.mask, found[1].kinks.mask)
    assert max(certificate.tau for certificate in found) < 1e-8  # the noise is 1e-4 after so few steps
    indicator = certify(trained, data, subgradient="indicator")
    assert found[0].epsilon < indicator.epsilon / 10


@given(two_layer_instances(kinks=True), st.floats(0, 0.99))
def test_a_given_tolerance_takes_the_pairs_within_it(instance, tolerance):
    data, model = instance
    bare = model.with_kinks(None)
    mask, used, (below, above), source = find(bare, data, tolerance)
    sizes = relative_preactivations(bare, data)
    np.testing.assert_array_equal(mask, sizes <= tolerance)
    assert (used, source) == (tolerance, "given")
    assert below == max(sizes[mask], default=0.0) and above == min(sizes[~mask], default=1.0)
    np.testing.assert_allclose(sizes, np.abs(model.W @ data.X.T) / np.outer(np.linalg.norm(model.W, axis=1), data.norms), rtol=1e-10, atol=4 * EPS)


def test_a_zero_neuron_is_on_every_kink():
    data = Dataset(np.eye(3), [1, 1, -1])
    model = TwoLayerReLU([[0.0, 0, 0], [1, 1, -2], [-2, -2, 1]], [1.0, 1, -1])
    for tolerance in ("auto", 0, 0.3):
        assert find(model, data, tolerance)[0].tolist() == [[True] * 3, [False] * 3, [False] * 3]


def test_a_mask_of_the_model_is_kept_as_it_is():
    planted = planted_network(5)
    mask, _, _, source = find(planted.model, planted.data, 0.9)
    assert mask is planted.model.kinks and source == "model"


@given(datasets(), seeds(), st.integers(1, 5))
def test_projection_is_the_nearest_point_on_all_hyperplanes(data, seed, n):
    """Duplicates, opposite points and more points than dimensions included."""
    rng = np.random.default_rng(seed)
    W, mask = rng.standard_normal((n, data.dim)), rng.random((n, data.num_points)) < 0.5
    projected, zeroed = project(W, mask, data)
    assert (np.abs(projected @ data.X.T)[mask] <= 64 * EPS * np.linalg.norm(W) * data.norms.max()).all()
    for j in range(n):
        rows = data.X[mask[j]]
        expected = W[j] - np.linalg.pinv(rows, rcond=1e-10) @ (rows @ W[j]) if len(rows) else W[j]
        np.testing.assert_allclose(projected[j], expected, atol=1e-9 * np.linalg.norm(W[j]))
        assert (j in zeroed) == (not projected[j].any())
    np.testing.assert_allclose(project(projected, mask, data)[0], projected, atol=1e-14 * np.abs(W).max())


@given(seeds(), st.sampled_from([1e-3, 1e-5, 1e-7, 1e-9]))
def test_nearly_equal_points_are_two_kinks(seed, gap):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((4, 6))
    X[1] = X[0] + gap * rng.standard_normal(6)
    data, W = Dataset(X, np.ones(4)), rng.standard_normal((1, 6))
    projected, _ = project(W, np.array([[True, True, True, False]]), data)
    assert (np.abs(projected @ X[:3].T) <= 64 * EPS * np.linalg.norm(W) * data.norms.max()).all()
    exact = rational.on_kinks(projected, [[True, True, True, False]], X)
    away = rational.norm([[a - b for a, b in zip(exact[0], rational.fractions(projected[0]), strict=True)]])
    assert away <= distance(projected, np.array([[True, True, True, False]]), data)
    # The direction between the two is gone as well, as far as their own rounding tells it.
    between = (X[1] - X[0]) / np.linalg.norm(X[1] - X[0])
    assert abs(projected[0] @ between) <= 64 * EPS / gap * np.linalg.norm(W)


@given(datasets(kinds=("spread", "duplicates", "orthogonal"), max_points=4, max_dim=4), seeds())
@example(Dataset([[1.0, 0.0, 0.5], [1.0, 2.0**-20, 0.5], [0.0, 1.0, 1.0]], [1, 1, 1]), 0)
def test_the_noise_bound_holds_in_exact_arithmetic(data, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((3, data.num_points)) < 0.6
    W = project(rng.standard_normal((3, data.dim)), mask, data)[0]
    exact = rational.on_kinks(W, mask, data.X)
    away = rational.norm([[a - b for a, b in zip(w, v, strict=True)] for w, v in zip(exact, rational.fractions(W), strict=True)])
    assert away <= distance(W, mask, data) <= 1e-9 * np.linalg.norm(W)


def test_neurons_made_zero_are_named():
    """More kinks than dimensions: the second neuron is nearly orthogonal to points that span the space."""
    angles = np.array([-0.01, 0.0, 0.01])
    data = Dataset(np.column_stack([np.cos(angles), np.sin(angles)]), np.ones(3))
    model = TwoLayerReLU([[1.0, 0.1], [0.0, 1.0]], [1.0, -1.0])
    found = certify(model, data, kink_tol=0.02)
    assert found.kinks.zeroed == (1,) and not found.model.W[1].any() and found.kinks.mask[1].all()
    assert found.kinks.count == found.kinks.mask.sum() == (found.states == 2).sum()
    assert "projecting made neurons 1 zero" in found.summary()


def test_a_tolerance_that_leaves_no_weight_is_refused():
    data = Dataset(np.eye(2), [1, 1])
    with pytest.raises(InputError, match=r"projecting onto the 2 kinks found leaves no weight.*smaller kink_tol"):
        certify(TwoLayerReLU([[1.0, 1.0]], [1.0]), data, kink_tol=0.9)


@pytest.mark.parametrize("tolerance", [-1e-9, 1, 1.0, 2, np.nan, np.inf, None, True, "automatic", "", [1e-5], np.array([1e-5]), 1j])
def test_bad_tolerances_are_refused_in_every_convention(tolerance):
    data = Dataset(np.eye(2), [1, 1])
    for model in (LinearPredictor([1.0, 1.0]), TwoLayerReLU([[1.0, 1.0]], [1.0])):
        for subgradient in ("clarke", "indicator"):
            with pytest.raises(InputError, match=r"kink_tol = .*'auto' or a number in \[0, 1\)"):
                certify(model, data, kink_tol=tolerance, subgradient=subgradient)


@pytest.mark.parametrize("tolerance", ["auto", 0, 0.0, 1e-300, 0.5, np.float32(1e-5), np.float64(0.1), np.int64(0)])
def test_good_tolerances_are_accepted(tolerance):
    check_tolerance(tolerance)
