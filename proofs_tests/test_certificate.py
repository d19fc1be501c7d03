"""Certificates: planted points are recognised, numbers are what exact arithmetic gives, and certifying again changes nothing."""

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import Certificate, Dataset, InfeasibleError, InputError, LinearPredictor, TwoLayerReLU, certify
from kktcheck.certificate import angle_gap
from kktcheck.tolerances import EPS

from . import rational
from .instances import examples, linear_instances, seeds, two_layer_instances
from .kkt_instances import kinky_networks, planted_models, planted_network, planted_networks, planted_predictor, planted_predictors

NUMBERS = ("epsilon", "delta", "gamma", "epsilon_error", "residuals")
ARRAYS = ("multipliers", "kink_multipliers", "margins", "states")

models = two_layer_instances(kinks=True) | two_layer_instances() | linear_instances()
# Points that are dependent but for rounding are not dependent in exact arithmetic; copies are in both.
small = {"kinds": ("spread", "duplicates", "orthogonal"), "max_points": 5, "max_dim": 5}
small_models = two_layer_instances(kinks=True, max_neurons=4, **small) | linear_instances(**small)
conventions = st.sampled_from(["clarke", "indicator"])


def assert_same_bits(first, second):
    """The numbers of two certificates are equal to the last bit; tau and scale depend on the model that was given."""
    for name in NUMBERS:
        assert getattr(first, name) == getattr(second, name), name
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    np.testing.assert_array_equal(first.model.hidden, second.model.hidden)
    assert first.kinks.count == second.kinks.count and first.unique == second.unique


def noisy(planted, level, seed):
    """The planted network without its mask, every neuron moved by about ``level`` of its norm."""
    W, noise = planted.model.W, np.random.default_rng(seed).standard_normal(planted.model.W.shape)
    return TwoLayerReLU(W + level * np.linalg.norm(W, axis=1)[:, None] * noise / np.sqrt(W.shape[1]), planted.model.u)


def margin_rounding(model, data):
    """Largest rounding error of a margin: n sums of d products, added up."""
    return EPS * (data.dim + model.num_neurons) * np.linalg.norm(model.second_layer) * model.norm * data.norms.max()


# Planted points


@given(planted_models(error=(0.0, 1e-6, 1e-2, 0.05), slack=(0.0, 0.3, 2.0), sleeping=(0, 2)))
def test_epsilon_is_at_most_the_planted_one(planted):
    found = certify(planted.model, planted.data)
    assert found.epsilon <= planted.epsilon + 1e-13 * found.model.norm  # the planted weights are sums of a dozen terms
    assert found.gamma <= 1e-14 and found.residuals.dual <= 1e-14


@given(planted_models(error=(0.0, 1e-2, 0.05), slack=(0.3, 2.0), sleeping=(0, 2)))
def test_with_the_planted_slackness_as_cap_epsilon_and_delta_are_at_most_the_planted_ones(planted):
    found = certify(planted.model, planted.data, slackness_cap=planted.delta)
    # A margin that exceeds 1 by its own rounding does not close its multiplier.
    assert found.delta <= planted.delta * (1 + 4 * EPS) + 1e-14 * found.multipliers.max()
    # The planted multipliers meet the cap up to the rounding of the margins, 1e-14; bounds moved so little move epsilon as little.
    assert found.epsilon <= planted.epsilon + 1e-12 * found.model.norm
    assert found.slackness_cap == planted.delta


@given(planted_networks(sleeping=(0, 2)) | planted_predictors(sleeping=(0, 2), max_points=6, min_dim=12, max_dim=20))
def test_an_exact_kkt_point_is_certified_to_rounding(planted):
    found = certify(planted.model, planted.data)
    assert found.residuals.kkt <= 1e-13 and found.epsilon <= 1e-14 * found.model.norm


@given(kinky_networks(clear=1e-3), seeds())
def test_after_noise_the_planted_kinks_are_found_and_tau_is_the_part_of_the_noise_on_them(planted, seed):
    given_model = noisy(planted, 1e-6, seed)
    found = certify(given_model, planted.data)
    np.testing.assert_array_equal(found.kinks.mask, planted.kinks)
    change = np.linalg.norm(given_model.W - found.model.W / found.scale)
    # 1 - cos = 1/2 (change / norm)^2 to first order, the projection being orthogonal.
    assert found.tau == pytest.approx(0.5 * (change / given_model.norm) ** 2, rel=1e-6)
    assert found.tau <= 1e-11 and found.epsilon <= 1e-4 * found.model.norm
    assert certify(given_model, planted.data, kink_tol=0).epsilon > found.epsilon


@given(kinky_networks(error=0.05, slack=0.5), st.floats(0.05, 1.0))
def test_the_engines_agree(planted, share):
    cap = share * certify(planted.model, planted.data).delta
    fast, cvxpy = (certify(planted.model, planted.data, slackness_cap=cap, engine=engine) for engine in ("fast", "cvxpy"))
    assert abs(fast.epsilon**2 - cvxpy.epsilon**2) <= 1e-8 * fast.model.norm**2


# Exact arithmetic


@examples(20)
@given(small_models, conventions, st.floats(0.1, 10))
def test_epsilon_is_right_to_its_error_bound_in_exact_arithmetic(instance, subgradient, factor):
    data, model = instance
    found = certify(model, data, subgradient=subgradient)
    for certificate in (found, found.rescaled(factor).certificate):
        kinks = certificate.kinks.mask
        W = rational.fractions(certificate.model.hidden) if kinks is None else rational.on_kinks(certificate.model.hidden, kinks, data.X)
        exact = rational.norm(rational.residual(W, certificate.model.second_layer, certificate.gates(), data.X, data.y))
        size = certificate.model.norm + certificate.multipliers @ data.norms
        assert abs(mpmath.mpf(certificate.epsilon) - exact) <= certificate.epsilon_error <= 1e-11 * size


@examples(15)
@given(seeds())
def test_the_error_bound_knows_that_kinks_of_nearly_equal_points_are_less_exact(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((3, 5))
    X[1] = X[0] + 2.0**-16 * rng.standard_normal(5)
    W = rng.standard_normal((3, 5))
    W[0] -= (W[0] @ X[0]) / (X[0] @ X[0]) * X[0]
    model = TwoLayerReLU(W, [1.0, 0.9, 1.1])
    data = Dataset(X, np.ones(3))
    found = certify(model, data, kink_tol=1e-3, scale=1.0)
    assert found.kinks.mask[0, :2].all()
    exact = rational.norm(rational.residual(rational.on_kinks(found.model.W, found.kinks.mask, X), model.u, found.gates(), X, data.y))
    assert abs(mpmath.mpf(found.epsilon) - exact) <= found.epsilon_error <= 1e-8


@given(seeds(), st.integers(1, 6), st.integers(1, 6), st.floats(-15, 0.3))
def test_tau_keeps_its_digits_at_any_angle(seed, n, d, level):
    """1 - cos itself would have none below an angle of 1e-8."""
    rng = np.random.default_rng(seed)
    W, u = rng.standard_normal((n, d)), np.ones(n)
    V = rng.uniform(0.5, 2) * (W + 10**level * rng.standard_normal((n, d)))
    exact = rational.one_minus_cosine(W, V)
    found = angle_gap(TwoLayerReLU(W, u), TwoLayerReLU(V, u))
    assert abs(found - exact) <= 8 * EPS * (mpmath.sqrt(2 * abs(exact)) + 8 * EPS)


@given(kinky_networks(clear=1e-3), seeds(), st.floats(-14, -6))
def test_the_tau_of_a_certificate_is_one_minus_cos_to_the_model_given(planted, seed, level):
    given_model = noisy(planted, 10**level, seed)
    found = certify(given_model, planted.data)
    exact = rational.one_minus_cosine(given_model.W, found.model.W)
    assert abs(found.tau - exact) <= 8 * EPS * (mpmath.sqrt(2 * abs(exact)) + 8 * EPS)


# Certifying again


@given(models | planted_models(error=(0.0, 0.05)).map(lambda planted: (planted.data, planted.model)), conventions, st.none() | st.floats(0, 1))
def test_certifying_the_certified_model_gives_the_same_bits(instance, subgradient, cap):
    data, model = instance
    first = certify(model, data, subgradient=subgradient, slackness_cap=cap)
    again = certify(first.model, data, subgradient=subgradient, slackness_cap=cap)
    assert_same_bits(first, again)
    assert (again.scale, again.tau) == (1.0, 0.0)


@given(kinky_networks(), st.sampled_from(["auto", 0, 1e-9, 1e-3, 0.05]), st.floats(-9, -4), seeds())
def test_certifying_again_does_not_look_for_other_kinks(planted, kink_tol, level, seed):
    first = certify(noisy(planted, 10**level, seed), planted.data, kink_tol=kink_tol)
    assert_same_bits(first, certify(first.model, planted.data))
    np.testing.assert_array_equal(first.model.kinks, first.states == 2)


@examples(10)
@given(instance=models, suffix=st.sampled_from([".npz", ".safetensors"]))
def test_a_saved_and_reloaded_certified_model_certifies_to_the_same_bits(tmp_path_factory, instance, suffix):
    data, model = instance
    first = certify(model, data)
    path = tmp_path_factory.mktemp("saved") / f"model{suffix}"
    kc.save_model(path, first.model)
    assert_same_bits(first, certify(kc.load_model(path), data))


def test_margins_that_cancel_do_not_make_the_scale_drift():
    """Two terms of 1e9 leave a margin of 1: its rounding is 1e-7, and the second certificate must not rescale by it."""
    rng = np.random.default_rng(0)
    X = np.linalg.qr(rng.standard_normal((12, 3)))[0].T
    w = X.sum(axis=0)
    model = TwoLayerReLU(np.array([1e9 + 0.7, 1e9])[:, None] * w, [1.0, -1.0])
    data = Dataset(X, np.ones(3))
    first = certify(model, data)
    assert_same_bits(first, certify(first.model, data))


def test_pre_activations_that_are_exactly_zero_join_the_kinks_of_the_model():
    data = Dataset(np.eye(3), [1, 1, 1])
    marked = np.zeros((2, 3), bool)
    marked[1, 0] = True
    found = certify(TwoLayerReLU([[1.0, 1, 1], [0, 0, 2]], [1.0, -0.25], marked), data)
    assert found.kinks.mask.tolist() == [[False] * 3, [True, True, False]] == found.model.kinks.tolist()
    assert (found.kinks.count, found.kinks.source) == (2, "model")


# Scales


@given(models, st.floats(0.2, 5), conventions)
def test_a_rescaled_certificate_is_the_certificate_at_that_scale(instance, factor, subgradient):
    data, model = instance
    first = certify(model, data, subgradient=subgradient)
    moved = first.rescaled(factor)
    again = certify(first.model, data, subgradient=subgradient, scale=factor)
    # Where the multipliers are not unique delta is not either; epsilon squared is what the problem determines.
    norm = again.model.norm
    assert abs(moved.certificate.epsilon**2 - again.epsilon**2) <= 1e-9 * norm**2
    np.testing.assert_allclose(moved.certificate.margins, again.margins, atol=8 * margin_rounding(again.model, data))
    np.testing.assert_allclose(moved.certificate.model.hidden, again.model.hidden, rtol=1e-15)
    if first.unique and again.unique:
        np.testing.assert_allclose(moved.certificate.multipliers, again.multipliers, atol=1e-7 * again.multipliers.max())
    new = moved.certificate
    found = kc.kkt_residuals(new.model, data, new.multipliers, new.kink_multipliers, subgradient=subgradient)
    for name in ("stationarity", "primal", "dual", "slackness"):
        assert abs(getattr(found, name) - getattr(new.residuals, name)) <= 1e-12


@given(models, st.floats(0.05, 1.5), st.floats(0.2, 5), st.sampled_from([None, 0.0, 1e-3, 0.1, 1.0]))
def test_rescaled_numbers_are_attained_and_below_their_bounds(instance, scale, factor, cap):
    data, model = instance
    first = certify(certify(model, data).model, data, scale=scale, slackness_cap=cap)
    moved = first.rescaled(factor)
    slackness = moved.certificate.multipliers * (moved.certificate.margins - 1)
    rounding = 8 * EPS * factor**2 * first.multipliers.max()  # margin - 1 has the rounding of margins near 1
    assert moved.certificate.delta == max(0.0, slackness.max()) <= moved.delta_bound * (1 + 8 * EPS) + rounding
    assert moved.certificate.epsilon == moved.epsilon_bound == factor * first.epsilon
    assert moved.certificate.epsilon_error > factor * first.epsilon_error  # scaling rounds once more
    assert moved.certificate.gamma == max(0.0, 1 - moved.certificate.margins.min())
    assert moved.certificate.slackness_cap is None  # the cap was one on slackness at the old scale


@given(models, st.floats(0.3, 0.999))
def test_by_default_rescaling_leads_to_minimum_margin_1(instance, scale):
    data, model = instance
    first = certify(certify(model, data).model, data, scale=scale)
    moved = first.rescaled()
    assert moved.factor == pytest.approx(1 / scale, rel=1e-6) and moved.certificate.gamma <= 4 * EPS
    assert moved.certificate.epsilon == pytest.approx(first.epsilon / (1 - first.gamma))


@given(planted_networks(slack=(0.5,)), st.floats(1, 4))
def test_the_slackness_bound_is_attained_if_the_largest_slackness_has_the_largest_multiplier(planted, factor):
    first = certify(planted.model, planted.data)
    equal = np.full_like(first.multipliers, first.multipliers.max())
    moved = _with_multipliers(first, equal).rescaled(factor)
    assert moved.certificate.delta == pytest.approx(moved.delta_bound, rel=1e-12)


def test_the_printed_bound_of_lemma_b3_is_violated_by_the_multipliers_it_names():
    """One point x = 1 and w = 0.5: lambda = 0.5 gives (epsilon, delta, gamma) = (0, 0, 0.5), and the lemma's c lambda = 1 with c = 2.

    At the scale 2 the slackness of 1 is 1 * (1 - 1) = 0, within the printed 0.5. Add a second point of margin 1 and multiplier 0.1, and
    slackness is 0.2 * (2 - 1) = 0.2 where all multipliers are 0.1: printed are 0.1 * 0.5 / 0.5 + 0 = 0.1.
    """
    data = Dataset(np.eye(2), [1, 1])
    model = LinearPredictor([0.5, 1.0])
    first = _with_multipliers(certify(model, data, scale=1.0), np.array([0.1, 0.1]))
    assert (first.gamma, first.delta) == (0.5, 0.0)
    moved, gamma, largest = first.rescaled(), first.gamma, first.multipliers.max()
    printed = largest * gamma / (1 - gamma) + first.delta / (1 - gamma)
    assert moved.factor == 2 and moved.certificate.multipliers.tolist() == [0.2, 0.2]
    assert printed == pytest.approx(0.1) and moved.certificate.delta == pytest.approx(0.2) == moved.delta_bound
    assert "upper bound" in moved.summary() and "0.2" in moved.summary()


def _with_multipliers(certificate, multipliers):
    """The certificate with other multipliers: an (epsilon, delta, gamma) point that nothing optimised."""
    from dataclasses import replace

    delta = max(0.0, float((multipliers * (certificate.margins - 1)).max()))
    return replace(certificate, multipliers=multipliers, delta=delta)


def test_a_certificate_beyond_gamma_1_has_no_scale_of_its_own():
    found = certify(LinearPredictor([1.0, -1.0]), Dataset(np.eye(2), [1, 1]), scale=0.5)
    assert found.gamma == 1.5
    with pytest.raises(InputError, match=r"gamma = 1\.5: some margin is not positive"):
        found.rescaled()
    assert found.rescaled(2).certificate.gamma == 2.0


@given(linear_instances(min_points=2), st.data(), st.floats(0.01, 100))
def test_misclassified_points_are_named_and_a_scale_certifies_them_as_they_are(instance, draws, scale):
    data, model = instance
    wrong = draws.draw(st.lists(st.integers(0, data.num_points - 1), min_size=1, unique=True).map(sorted))
    y = data.y.copy()
    y[wrong] *= -1
    flipped = Dataset(data.X, y)
    with pytest.raises(InfeasibleError, match="no scale makes the model feasible") as caught:
        certify(model, flipped)
    assert caught.value.points == tuple(wrong)
    found = certify(model, flipped, scale=scale)
    assert found.scale == scale and found.gamma == 1 - found.margins.min() > 1
    np.testing.assert_allclose(found.margins, scale * model.margins(flipped), atol=8 * margin_rounding(found.model, data))


def test_points_lost_by_projecting_are_reported_as_such():
    data = Dataset(np.eye(2), [1, 1])
    with pytest.raises(InfeasibleError, match=r"point 1 has a margin of at most 0 after projecting onto 1 kinks.*smaller kink_tol"):
        certify(TwoLayerReLU([[1.0, 0.1]], [1.0]), data, kink_tol=0.2)


# Singular problems


@given(two_layer_instances(kinds=("deficient", "duplicates"), kinks=True) | linear_instances(kinds=("deficient", "duplicates")), conventions)
def test_where_the_multipliers_are_not_unique_epsilon_is_still_the_least(instance, subgradient):
    data, model = instance
    found = certify(model, data, subgradient=subgradient)
    other = certify(model, data, subgradient=subgradient, engine="cvxpy")
    assert abs(found.epsilon**2 - other.epsilon**2) <= 1e-8 * found.model.norm**2
    if found.unique:
        np.testing.assert_allclose(found.multipliers, other.multipliers, atol=1e-4 * max(found.multipliers.max(), 1e-12))


def test_equal_points_make_the_multipliers_ambiguous_and_the_certificate_says_so():
    data = Dataset([[1.0, 0], [1.0, 0], [0, 1.0]], [1, 1, 1])
    found = certify(LinearPredictor([1.0, 1.0]), data)
    assert found.unique is False and found.epsilon <= 1e-15
    assert "not unique, so delta is that of these" in found.summary()
    assert certify(LinearPredictor([1.0, 1.0]), data.without(0)).unique is True


# What a user reads and may not write


def test_the_summary_names_every_number():
    planted = planted_network(3, error=0.05, slack=0.5)
    text = certify(planted.model.with_kinks(None), planted.data, kink_tol=1e-9, slackness_cap=0.1).summary()
    for words in ("epsilon", "delta", "gamma", "tau", "margins", "multipliers", "kinks", "stationarity", "primal", "dual", "slackness"):
        assert words in text
    assert f"{planted.kinks.sum()}  of 48 pairs" in text and "multipliers chosen under a cap of 0.1" in text and "clarke" in text
    assert all(len(line) <= 120 and line == line.rstrip() for line in text.splitlines())
    linear = certify(planted_predictor(0).model, planted_predictor(0).data)
    assert "none for a linear predictor" in linear.summary()
    assert "none in the indicator convention" in certify(planted.model, planted.data, subgradient="indicator").summary()
    assert repr(linear).startswith("Certificate(epsilon=")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subgradient": "left"}, "subgradient 'left' is unknown"),
        ({"slackness_cap": -1e-9}, "slackness_cap = -1e-09"),
        ({"slackness_cap": np.nan}, "slackness_cap = nan"),
        ({"slackness_cap": "much"}, "slackness_cap = 'much'"),
        ({"slackness_cap": True}, "slackness_cap = True"),
        ({"scale": 0}, "the scale is 0"),
        ({"scale": -2.0}, "the scale is -2"),
        ({"scale": np.inf}, "the scale is inf"),
        ({"scale": 1e300}, "norm of the model is .*e\\+300 at the scale 1e\\+300"),
        ({"scale": 1e-300}, "at the scale 1e-300"),
        ({"engine": "slow"}, "engine 'slow' is unknown"),
        ({"data": np.eye(2)}, "data must be a kktcheck.Dataset, not ndarray"),
        ({"data": Dataset(np.eye(3), [1, 1, 1])}, "points of dimension 2, but the data has dimension 3"),
        ({"model": np.eye(2)}, "model must be a LinearPredictor or a TwoLayerReLU, not ndarray"),
        ({"model": LinearPredictor([1e200, 1e200])}, "norm of the model is (inf|1.41e\\+200)"),
        ({"model": LinearPredictor([1e-200, 1e-200])}, "norm of the model is (0|1.41e-200)"),
        ({"model": TwoLayerReLU([[1.0, 1.0]], [1.0], np.ones((1, 3), bool))}, "kinks of a dataset with 3 points"),
        ({"model": TwoLayerReLU([[1.0, 1.0]], [1.0], np.ones((1, 2), bool))}, "marks .* as a kink, but"),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    arguments = {"model": LinearPredictor([1.0, 1.0]), "data": Dataset(np.eye(2), [1, 1])} | changes
    with pytest.raises(InputError, match=message):
        certify(**arguments)


def test_no_cap_and_an_infinite_cap_are_the_same():
    planted = planted_network(1, error=0.05, slack=0.5)
    found = certify(planted.model, planted.data, slackness_cap=np.inf)
    assert found.slackness_cap is None
    assert_same_bits(found, certify(planted.model, planted.data))
    assert isinstance(found, Certificate)
