"""Definitions 2.1, 2.2, B.1 and Assumption 2.3: the conditions of the claims agree with the float core on actual models, and each fires alone."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import strategies
from kktcheck.claims import hypotheses
from kktcheck.instances.choices import RandomChoices
from kktcheck.instances.realised import realise

from .instances import examples

LINEAR, RELAXED = strategies.LinearPoints(points=(1, 5)), strategies.RelaxedPoints(points=(1, 5))
NETWORKS = strategies.TwoLayerPoints(points=(1, 4), neurons=(1, 4))
FAMILIES = {"linear": LINEAR, "relaxed": RELAXED, "two layers": NETWORKS}
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def conditions(point):
    """The conditions that a valid point meets."""
    rest = hypotheses.RELAXED_KKT if getattr(point, "gamma", None) is not None else hypotheses.KKT
    return (*hypotheses.DATA, *rest, *((hypotheses.SIGNS,) if hasattr(point, "signs") else ()))


def failing(point):
    """Names of the conditions that a point does not meet."""
    return {c.name for c in conditions(point) if not all(margin >= 0 for margin in np.asarray(c.margin(point), dtype=object).flat)}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_points_as_models_have_the_numbers_that_the_conditions_speak_of(family):
    @examples(25)
    @given(strategies.instances(family))
    def agrees(point):
        model, data = realise(point)
        np.testing.assert_allclose(data.gram, point.gram, **CLOSE)
        np.testing.assert_allclose(model.margins(data), point.margins, **CLOSE)
        assert model.norm**2 == pytest.approx(point.norm_squared, rel=1e-9)
        assert data.psi == pytest.approx(0.1 - float(np.min(hypotheses.NORMS.margin(point))), abs=1e-12)
        assert data.phi == pytest.approx(point.phi - hypotheses.ORTHOGONAL.margin(point), abs=1e-12)
        if hasattr(point, "signs"):
            assert model.epsilon_d(data) <= point.epsilon_d + 1e-12
            np.testing.assert_array_equal(model.preactivations(data) >= 0, point.active)

    agrees()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_the_four_residuals_are_those_of_definition_2_1(family):
    @examples(25)
    @given(strategies.instances(family))
    def agrees(point):
        model, data = realise(point)
        if not point.multipliers.any():
            return
        residuals = kc.kkt_residuals(model, data, point.multipliers, subgradient="indicator")
        assert (residuals.stationarity * model.norm) ** 2 == pytest.approx(point.error_squared, rel=1e-6, abs=1e-12)
        assert residuals.dual == 0
        assert residuals.slackness * point.multipliers.max() == pytest.approx(np.abs(point.slackness).max(), rel=1e-6, abs=1e-9)
        assert residuals.primal == pytest.approx(max(0.0, 1 - point.margins.min()), abs=1e-9)
        assert residuals.primal <= (point.gamma if getattr(point, "gamma", None) is not None else 0) + 1e-9

    agrees()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_the_certificate_is_at_least_as_good_as_what_a_point_declares(family):
    @examples(20)
    @given(strategies.instances(family))
    def agrees(point):
        model, data = realise(point)
        certificate = kc.certify(model, data, subgradient="indicator", scale=1.0, slackness_cap=point.delta + 1e-9)
        assert certificate.epsilon <= point.epsilon + 1e-7
        assert certificate.delta <= point.delta + 2e-9
        assert certificate.gamma <= (point.gamma if getattr(point, "gamma", None) is not None else 0) + 1e-9

    agrees()


def test_the_least_residual_over_all_multipliers_is_below_the_declared_one_in_both_conventions():
    """Clarke's subdifferential contains the derivative of the proofs, so its residual is never larger where there are kinks."""

    @examples(25)
    @given(strategies.instances(NETWORKS))
    def ordered(point):
        model, data = realise(point)
        clarke, indicator = (kc.certify(model, data, subgradient=name, kink_tol=0, scale=1.0).epsilon for name in ("clarke", "indicator"))
        assert clarke <= indicator + 1e-9 <= point.epsilon + 1e-7

    ordered()


def test_unlearning_on_points_is_gradient_ascent_on_models():
    @examples(15)
    @given(strategies.instances(strategies.LinearPoints(points=(2, 4))))
    def agrees(point):
        model, data = realise(point)
        certificate = kc.certify(model, data, scale=1.0)
        certificate = replace(certificate, multipliers=point.multipliers)
        expected = kc.gradient_ascent(model, data, [0], certificate=certificate).w
        np.testing.assert_allclose(replaced(point, point.unlearned([0])), expected, **CLOSE)

    def replaced(point, coefficients):
        return realise(replace(point, error=coefficients - point.labels * point.multipliers))[0].w

    agrees()


def test_unlearned_corrected_and_projected_networks_are_those_of_the_core():
    rng = np.random.default_rng(3)
    family = strategies.TwoLayerPoints(points=(2, 4), neurons=(1, 4))
    for shape, cube in (family.draw(RandomChoices(rng)) for _ in range(40)):
        point = family.build(shape, cube)
        model, data = realise(point)
        certificate = kc.certify(model, data, subgradient="indicator", scale=1.0)
        certificate = replace(certificate, multipliers=point.multipliers)
        plain = kc.gradient_ascent(model, data, [0], certificate=certificate)
        rows = {"plain": point.unlearned([0]), "projected": point.projected([0]), "corrected": point.corrected([0])}
        actual = {name: realise(point.with_rows(value))[0].W for name, value in rows.items()}
        np.testing.assert_allclose(actual["plain"], plain.W, **CLOSE)
        np.testing.assert_allclose(
            actual["projected"], kc.gradient_ascent(model, data, [0], certificate=certificate, method="projected").W, **CLOSE
        )
        restored = kc.restore_activations(plain, data, [0], original=model, certificate=certificate, c=point.correction_factor)
        np.testing.assert_allclose(actual["corrected"], restored.model.W, **CLOSE)


def mutants(point):
    """For each condition, the point with exactly the number broken that it speaks of."""
    off = point.gram.copy()
    if point.num_points > 1:
        off[0, 1] = off[1, 0] = 2 * point.phi
    flat = point.gram.copy()
    flat[0, 0] = flat[0, 0] * 0 + point.q("1.2")
    yield "labels are -1 or +1", {"labels": np.append(point.labels[:-1], 2)}
    yield "squared norms lie in [0.9, 1.1]", {"gram": flat}
    if point.num_points > 1:
        yield "inner products are at most phi", {"gram": off}
    yield "multipliers are at least 0", {"multipliers": np.append(point.multipliers[:-1], point.q("-1/2"))}
    yield "the stationarity error is at most epsilon", {"epsilon": point.epsilon * 0}
    yield "slackness is at most delta", {"delta": point.q("-1/10")}
    beyond = point.beyond - point.q("1/8") if not isinstance(point.beyond, np.ndarray) else np.append(point.beyond[:-1], point.q("-1/8"))
    yield "squared norms beyond the points are at least 0", {"beyond": beyond}
    if hasattr(point, "signs"):
        yield "outer weights are -1/sqrt(n) or +1/sqrt(n)", {"signs": np.append(point.signs[:-1], 3)}


#: What a broken number may upset besides its own condition, because margins and errors are made of it.
ENTAILED = {"margins are at least 1", "the stationarity error is at most epsilon", "slackness is at most delta"}
#: Conditions on declared numbers alone: nothing else may fire.
ALONE = {"the stationarity error is at most epsilon", "slackness is at most delta", "inner products are at most phi"}


@pytest.mark.parametrize("exact", (False, True), ids=("floats", "rationals"))
@pytest.mark.parametrize("family", (LINEAR, NETWORKS), ids=("linear", "two layers"))
def test_each_condition_fires_when_its_number_is_broken(family, exact):
    @examples(15)
    @given(strategies.instances(family))
    def fires(point):
        point = replace(point, epsilon=point.epsilon + 0.01, delta=point.delta + 0.01, epsilon_d=point.epsilon_d + 0.01)
        point = point.rounded(None) if exact else point
        assert failing(point) == set()
        for name, change in mutants(point):
            if name == "the stationarity error is at most epsilon" and point.error_squared == 0:
                continue
            found = failing(replace(point, **change))
            assert name in found, name
            assert found - {name} <= (set() if name in ALONE and "gram" not in change else ENTAILED), name

    fires()


@pytest.mark.parametrize("exact", (False, True), ids=("floats", "rationals"))
def test_margins_below_one_and_below_one_minus_gamma_are_told_apart(exact):
    point = strategies.LinearPoints(points=(2, 2)).build((1, -1), np.full(20, 0.5))
    halved = replace(point, error=point.coefficients / 2 - point.labels * point.multipliers, epsilon=2.0)
    halved = halved.exact() if exact else halved
    assert failing(halved) == {"margins are at least 1"}
    relaxed = replace(halved, gamma=halved.q("1/2"))
    assert failing(relaxed) == set()
    assert failing(replace(relaxed, gamma=halved.q("1/4"))) == {"margins are at least 1 - gamma"}
    assert "gamma lies in [0, 1)" in failing(replace(relaxed, gamma=halved.q("1")))


def test_a_matrix_with_a_negative_direction_is_no_gram_matrix():
    gram = np.array([[Fraction(1), Fraction(-3, 5), Fraction(-3, 5)]] * 3, dtype=object)
    gram[[0, 1, 2], [0, 1, 2]] = Fraction(1)
    gram[1, 0] = gram[1, 2] = gram[2, 0] = gram[2, 1] = Fraction(-3, 5)
    point = strategies.LinearPoints(points=(3, 3)).build((1, 1, 1), np.full(30, 0.5))
    for broken in (replace(point.exact(), gram=gram), replace(point, gram=gram.astype(float))):
        assert "the Gram matrix is positive semidefinite" in failing(broken)
    lopsided = point.gram.copy()
    lopsided[0, 1] += 1e-3
    assert "the Gram matrix is positive semidefinite" in failing(replace(point, gram=lopsided))


def test_ranges_of_parameters_are_half_open_as_printed():
    point = strategies.LinearPoints(points=(1, 1)).build((1,), np.full(8, 0.5)).exact()
    closed, strict = hypotheses.at_most("epsilon_d", "0.1"), hypotheses.at_most("epsilon_d", "0.1", strict=True)
    for value, inside, strictly in (("0.1", True, False), ("0.0999", True, True), ("0", False, False), ("0.1001", False, False)):
        changed = replace(point, epsilon_d=Fraction(value))
        assert (closed.margin(changed) >= 0).all() == inside
        assert (strict.margin(changed) >= 0).all() == strictly


def test_successful_unlearning_is_measured_by_the_cosine_of_definition_2_2():
    """cos(theta, theta~) from Gram coordinates is the cosine of actual weights."""
    rng = np.random.default_rng(8)
    for shape, cube in (NETWORKS.draw(RandomChoices(rng)) for _ in range(20)):
        point = NETWORKS.build(shape, cube)
        if point.num_points < 2:
            continue
        other = point.unlearned([0])
        inner = ((point.rows @ point.gram) * other).sum() / point.num_neurons + point.beyond.sum() / point.num_neurons
        cosine = inner / np.sqrt(point.norm_squared * point.squared_norm(other))
        first, second = realise(point)[0].W, realise(point.with_rows(other))[0].W
        assert cosine == pytest.approx((first * second).sum() / np.linalg.norm(first) / np.linalg.norm(second), abs=1e-12)
