"""Theorems 3.1 and B.1: claims on drawn instances, witnesses, and unlearned predictors against the library's own."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.claims.linear import forgetting
from kktcheck.claims.linear import theorems as linear_theorems

from .claim_checks import check_holds, check_refuted, parts, selected, vectors
from .instances import examples

REFUTED = {
    "theorem-3.1/kkt/proof/stationarity/version/literal",
    "theorem-3.1/kkt/proof/margin-identity/version/absolute",
    "theorem-3.1/kkt/proof/rescale-delta/version/literal",
    "theorem-3.1/cosine/version/heading",
    "theorem-3.1/cosine/proof/cross-term",
    "theorem-3.1/cosine/proof/norm-unlearned/version/literal",
    "theorem-3.1/cosine/proof/norm-retrained/version/literal",
    "theorem-3.1/cosine/proof/inner-product/version/literal",
    "theorem-B.1/kkt",
    "theorem-B.1/kkt/version/literal",
    "theorem-B.1/cosine/version/literal",
    "theorem-B.1/cosine/version/forget-set",
}
HOLDING = [id for id in selected("theorem-3.1", "theorem-B.1") if id not in REFUTED]


@pytest.mark.parametrize("id", HOLDING)
def test_what_holds_holds(id):
    check_holds(id, 8)


@pytest.mark.parametrize("id", sorted(REFUTED))
def test_what_is_refuted_has_a_witness_and_a_corrected_claim(id):
    check_refuted(id)


def test_what_holds_names_no_correction():
    assert not any(claims.get(id).corrected_by for id in HOLDING)


def test_the_statement_for_sets_needs_its_factor_k():
    """Ten forgotten points that hold one retained margin up and the other down need more than 7.2 epsilon_d / m, whatever scale and multipliers."""
    claim, p = claims.get("theorem-B.1/kkt"), next(linear_theorems._crowded_points())
    assert not claim.unmet(p)
    assert claim.refuted_by(p).any()
    assert not claims.get("theorem-B.1/kkt/corrected").refuted_by(p).any()
    needed = judge(claim, "quick").witness
    assert len(needed["instance"]["labels"]) <= 12


@pytest.mark.parametrize("p", list(linear_theorems._crowded_points()))
def test_what_is_necessary_is_below_what_suffices_and_close_where_the_error_is_small(p):
    sets = forgetting.forget_sets(p.num_points)
    needed = forgetting.needed(p, sets).astype(float)
    necessary = forgetting.necessary(p, sets, linear_theorems.allowed(p, sets, "7.2", 1)[:, 0]).astype(float)
    assert (necessary <= needed + 1e-15).all()
    if p.epsilon <= Fraction(1, 1000):
        assert (needed - necessary).max() <= 0.01


@examples(10)
@given(strategies.instances(forgetting.POINTS))
def test_no_scale_and_multipliers_need_less_than_what_is_necessary(p):
    """Against random scales and multipliers that meet the theorem's epsilon."""
    rng = np.random.default_rng(p.num_points)
    sets = forgetting.forget_sets(p.num_points)
    epsilons = linear_theorems.allowed(p, sets, "7.2", 1)[:, 0]
    bounds = forgetting.necessary(p, sets, epsilons)[:, 1]
    points, w = vectors(p)
    for forgotten, bound, epsilon in zip(sets, bounds, epsilons):
        kept = ~forgotten
        unlearned = w - points.T @ (forgotten * p.labels * p.multipliers)
        margins = p.labels[kept] * (points[kept] @ unlearned)
        for scale in (1, 1.1, 2) / margins.min():
            multipliers = np.maximum(scale * p.multipliers[kept] + rng.normal(0, 0.3, kept.sum()) * rng.choice([0, 1]), 0)
            if np.linalg.norm(scale * unlearned - points[kept].T @ (multipliers * p.labels[kept])) <= epsilon:
                assert (multipliers * (scale * margins - 1)).max() >= bound - 1e-9


@examples(10)
@given(strategies.instances(forgetting.POINTS))
def test_the_step_and_its_best_scale_are_those_of_actual_vectors(p):
    sets = forgetting.forget_sets(p.num_points)
    points, w = vectors(p)
    weights = forgetting.unlearned(p, sets)
    for forgotten, coefficients, needed in zip(sets, weights, forgetting.needed(p, sets)):
        unlearned = w - points.T @ (forgotten * p.labels * p.multipliers)
        error = unlearned - points.T @ (~forgotten * p.labels * p.multipliers)
        margins = (p.labels * (points @ unlearned))[~forgotten]
        scale = 1 / margins.min()
        np.testing.assert_allclose(points.T @ coefficients, unlearned - np.append(np.zeros(len(w) - 1), w[-1]), atol=1e-12)
        assert needed[0] == pytest.approx(scale * np.linalg.norm(error), abs=1e-9)
        assert needed[1] == pytest.approx((scale * p.multipliers[~forgotten] * (scale * margins - 1)).max(), abs=1e-9)


@examples(10)
@given(strategies.instances(forgetting.POINTS))
def test_the_cosine_is_the_one_of_the_max_margin_solver(p):
    points, _ = vectors(p)
    sets = forgetting.single_points(p.num_points)
    weights = forgetting.unlearned(p, sets)
    for point, (coefficients, distance) in enumerate(zip(weights, forgetting.to_optimum(p, sets))):
        retained = kc.Dataset(points, p.labels).without([point])
        unlearned = points.T @ coefficients + np.append(np.zeros(p.num_points), np.sqrt(p.beyond))
        best = kc.max_margin(retained).model.w
        units = unlearned / np.linalg.norm(unlearned) - best / np.linalg.norm(best)
        assert distance == pytest.approx(units @ units / 2, rel=1e-6, abs=1e-12)


def test_the_step_is_the_library_s_own_where_the_multipliers_are():
    """On independent points without error in the span, the certificate's multipliers are the instance's."""
    from kktcheck.instances.choices import RandomChoices

    rng = np.random.default_rng(5)
    for _ in range(10):
        p = forgetting.POINTS.build(*forgetting.POINTS.draw(RandomChoices(rng)))
        data, model, certificate = parts(p)
        multipliers = certificate.multipliers / certificate.scale
        forget = [0] if p.num_points < 3 else [0, 2]
        step = kc.gradient_ascent(model, data, forget, certificate=certificate)
        expected = model.w - data.X[forget].T @ (multipliers[forget] * p.labels[forget])
        np.testing.assert_allclose(step.w, expected, atol=1e-12)
        assert certificate.epsilon / certificate.scale <= p.epsilon + 1e-9


def test_the_heading_fails_for_every_constant():
    """The smaller epsilon_d and delta, the larger the constant that the heading would need."""
    from kktcheck.claims.linear.cosine import orthonormal

    needed = []
    for small in ("1/100", "1/10000", "1/1000000", "1/100000000"):
        p = orthonormal(2, "1/4", small)
        assert p.epsilon == Fraction(1, 2)
        needed.append(float(forgetting.to_optimum(p.float(), forgetting.single_points(2))[0] / (3 * np.sqrt(float(Fraction(small))))))
    np.testing.assert_allclose(np.diff(np.log10(needed)), 1, atol=1e-9)


def test_exact_and_float_distances_agree():
    p = next(linear_theorems._crowded_points())
    sets = forgetting.single_points(p.num_points)
    exact = np.array([float(value) for value in forgetting.to_optimum(p, sets)])
    np.testing.assert_allclose(forgetting.to_optimum(p.float(), sets), exact, rtol=1e-9)


def test_forget_sets_leave_a_point_and_are_all_there_for_few_points():
    for size in range(2, 10):
        sets = forgetting.forget_sets(size)
        assert sets.any(axis=1).all()
        assert not sets.all(axis=1).any()
        assert len({tuple(row) for row in sets.tolist()}) == len(sets)
        assert {int(row.sum()) for row in sets} == set(range(1, size))
    assert len(forgetting.forget_sets(4)) == 14
