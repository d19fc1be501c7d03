"""Theorems 2.1 and 2.2: refutations against actual flows, evidence from training that can fail."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import nnls

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.audit.witness import checked
from kktcheck.claims.data import convergence, flow, training_runs
from kktcheck.instances import KINDS
from kktcheck.instances.realised import realise

REFUTED = ("theorem-2.1", "theorem-2.1/version/indicator", "theorem-2.2", "theorem-2.2/version/indicator")
EVIDENCE = ("theorem-2.1/corrected", "theorem-2.2/corrected")


def witness(id):
    """The exact instance by which the referee refutes a claim, read back from its file form and re-checked."""
    record = judge(claims.get(id), "quick").witness
    return checked(claims.get(id), KINDS[record["instance"]["kind"]].from_json(record["instance"]), id).instance


@pytest.mark.parametrize("id", REFUTED)
def test_refuted_claims_are_refuted_by_the_referee(id):
    assert witness(id).is_exact
    assert claims.get(id).corrected_by in EVIDENCE and claims.get(id).derivation


@pytest.mark.parametrize("id", EVIDENCE)
def test_what_is_left_of_them_holds(id):
    first, second = (judge(claims.get(id), "quick", seed) for seed in (0, 0))
    assert first.verdict == "holds" and first.instances >= 100
    assert (first.worst_ratio, first.instances) == (second.worst_ratio, second.instances), "the same seed gives the same verdict"
    assert 0 < first.worst_ratio < 1


# Theorem 2.1 as printed: a loss below 1/m is not enough for the logistic loss.


def test_a_network_with_a_dead_point_has_a_small_loss_and_never_learns():
    for point in convergence._stuck_points():
        model, data = realise(point)
        margins = model.margins(data)
        loss = np.log1p(np.exp(-margins)).mean()
        assert loss < 1 / data.num_points and loss >= math.log(2) / data.num_points
        trained = kc.train(model, data, steps=2000, learning_rate=0.5).model
        dead = np.flatnonzero(margins == 0)
        assert len(dead) and (trained.margins(data)[dead] == 0).all()
        with pytest.raises(kc.InfeasibleError):
            kc.certify(trained, data)
        assert (trained.margins(data)[margins > 0] > margins[margins > 0]).all(), "the others go on learning"


def test_the_witness_of_theorem_2_1_is_the_smallest_network_there_is():
    point = witness("theorem-2.1")
    assert (point.num_points, point.num_neurons, point.rows[0, 0]) == (1, 1, -1)


def test_linear_predictors_need_data_that_are_not_separable_for_the_same_failure():
    data, model = kc.Dataset([[10.0], [1.0]], [1, -1]), kc.LinearPredictor([0.5])
    assert np.log1p(np.exp(-model.margins(data))).sum() == pytest.approx(0.981, abs=1e-3)
    assert kc.train(model, data, steps=5000, learning_rate=0.1).model.margins(data).min() < 0


@given(strategies.instances(strategies.TwoLayerPoints(points=(1, 3), neurons=(1, 3))))
def test_the_exact_bound_on_the_loss_is_above_it_and_near(point):
    scaled = point.with_rows(point.rows * 2)
    exact, loss = float(flow.logistic_loss(scaled.exact())), flow.logistic_loss(scaled)
    assert loss <= exact <= 1.5 * loss
    assert loss == pytest.approx(np.log1p(np.exp(-scaled.margins)).mean(), rel=1e-12)


def test_the_bound_is_above_the_loss_on_wrong_points_too():
    for margin in (-3, Fraction(-1, 2), 0, Fraction(1, 10), 1, 5):
        assert float(flow._log_bound(Fraction(margin))) >= math.log1p(math.exp(-float(margin)))


# With sigma'(0) = 1, as the proofs have it, the limit need not be a KKT point.


def test_gradient_descent_from_nearby_slides_to_the_ray():
    point = flow.sliding("1/4")
    model, data = realise(point)
    rng = np.random.default_rng(1)
    for _ in range(5):
        start = model.with_hidden(model.W + 0.2 * rng.standard_normal(model.W.shape) @ _inside(data))
        trained = kc.train(start, data, steps=6000, learning_rate=0.2, normalised=True).model
        cosine = (trained.W * model.W).sum() / trained.norm / model.norm
        assert cosine >= 1 - 1e-5
        snapped = kc.certify(trained, data, kink_tol=2 / trained.norm)
        assert snapped.epsilon <= 1e-2 * snapped.model.norm and snapped.kinks.count == 2


def _inside(data):
    basis = data.span.basis
    return basis @ basis.T


def test_both_sides_of_a_kink_push_back_to_it():
    """d<w_1, x_2>/dt = u_1 g (y_1 <x_1, x_2> + y_2 z |x_2|^2) / 2 with z the subgradient on the kink."""
    for product in (Fraction(1, 1600), Fraction(1, 2)):
        point = flow.sliding(product)
        speeds = [point.labels[0] * point.gram[0, 1] + point.labels[1] * z * point.gram[1, 1] for z in (0, flow.gates(point)[0, 1], 1)]
        assert speeds[0] > 0 and speeds[1] == 0 and speeds[2] < 0


@pytest.mark.parametrize("product", ("1/1600", "1/10", "1/2", "4/5"))
@pytest.mark.parametrize("copies", (1, 2))
def test_the_indicator_residual_of_the_ray_is_the_least_there_is(product, copies):
    point = flow.sliding(product, copies=copies)
    assert flow.indicator_residual(point) == 2 / (1 + Fraction(product))
    model, data = realise(point)
    columns = data.y[:, None] * (model.u[None, :, None] * data.X[:, None, :]).reshape(2, -1)
    assert nnls(columns.T, model.W.ravel())[1] ** 2 == pytest.approx(float(flow.indicator_residual(point)), rel=1e-9)
    assert kc.certify(model, data).epsilon <= 1e-12, "Clarke's subdifferential makes it an exact KKT point"


def test_rays_with_any_flaw_are_no_rays():
    point = flow.sliding("1/3")

    def unmet(changed):
        return {name for name, _ in claims.get("theorem-2.1/version/indicator").unmet(changed)}

    assert unmet(point) == set() and unmet(flow.sliding("1/3", "11/10", 2)) == set()
    longer = replace(point, rows=point.rows * 2, multipliers=point.multipliers * 2)
    assert unmet(longer) == {"all margins are 1"}
    assert "all multipliers are equal" in unmet(replace(point, multipliers=point.multipliers * np.array([1, 2])))
    beside = point.rows.copy()
    beside[0, 1] = beside[0, 1] * 2
    assert "every weight is the sum of its gradients, kinks with a share in (0, 1)" in unmet(replace(point, rows=beside))
    assert "nothing lies beyond the points" in unmet(replace(point, beyond=point.beyond + 1))
    assert "kinks are against the label" in unmet(replace(point, labels=-point.labels, rows=-point.rows, signs=point.signs))
    orthogonal = flow.exact_point([[1, 0], [0, 1]], [1, -1], [1, -1], [2, 2], [[2, 0], [0, -2]])
    assert unmet(orthogonal) == {"every weight is the sum of its gradients, kinks with a share in (0, 1)"}, "only one side pushes back"


def test_stuck_points_with_any_flaw_are_not_stuck():
    point = list(convergence._stuck_points())[2]
    claim = claims.get("theorem-2.1")

    def unmet(**change):
        return {name for name, _ in claim.unmet(replace(point, **change))}

    assert unmet() == set()
    assert unmet(rows=point.rows * 0) >= {"no pre-activation is zero"}
    assert "the mean logistic loss is below 1/m" in unmet(rows=point.rows / 100)
    turned = point.rows.copy()
    turned[0, 1] = Fraction(1, 10)
    assert "neurons that act on a point are one positive multiple of their gradients" in unmet(rows=turned)


# Evidence from training.


def test_a_run_that_does_not_arrive_is_counted_as_undecided(monkeypatch):
    good = training_runs.Run(2, 4, 0.5, (0.1, 0.1), (0.01, 0.01))
    far = good._replace(late=(0.2, 0.01))
    lost = good._replace(early=None, late=None)
    outside = good._replace(level=1.2, early=None, late=None)
    for bad, verdict in ((far, "inconclusive"), (lost, "inconclusive"), (outside, "holds")):
        monkeypatch.setattr(convergence, "runs", lambda count, seed, bad=bad: (good,) * 200 + (bad,))
        for id in ("theorem-2.1/corrected", "theorem-2.2/corrected"):
            found = judge(claims.get(id), "quick")
            assert found.verdict == verdict
            assert found.instances == (200 if bad is outside else 201)


def test_the_distance_of_an_exact_kkt_point_is_zero_and_that_of_others_is_not():
    model, data = realise(flow.exact_point([[1, 0], [0, 1]], [1, -1], [1, -1], [2, 2], [[2, 0], [0, -2]]))
    assert training_runs._reached(model, data, 0.0)[0] <= 1e-12
    turned = model.with_hidden(model.W + 0.1 * data.X[0])
    assert training_runs._reached(turned, data, 0.0)[0] >= 1e-3
    assert training_runs._reached(model.with_hidden(-model.W), data, 0.0) is None


def test_trained_models_differ_by_seed_and_meet_the_condition_often_enough():
    first, second = training_runs.runs(5, 1), training_runs.runs(5, 2)
    assert first != second and first == training_runs.runs.__wrapped__(5, 1)
    assert len(first) == 5 * len(training_runs.SHAPES)
    assert all((run.early is None) == (run.level >= 1) for run in first)
