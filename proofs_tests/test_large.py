"""The matrix-free engine against the dense one and against CVXPY: least residuals, duality gaps, starts, honest ends."""

import json
import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from scipy import optimize

import kktcheck as kc
from kktcheck import fast
from kktcheck.answers import upper_bounds
from kktcheck.large import solve
from kktcheck.large.dual import gap
from kktcheck.large.operator import GradientOperator
from kktcheck.linearisation import linearise

from .instances import examples, seeds
from .multiplier_instances import kinked_instances, kinked_network

#: Agreement of epsilon between two engines, relative to |theta|.
AGREE = 1e-8


def tight(lin, cap=None, **more):
    """Matrix-free multipliers as near to the optimum as rounding allows (a gap of zero is never reached, so there is always a warning)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kc.KKTCheckWarning)
        return solve.stationarity(lin, cap, size=3, tolerance=0.0, budget=20_000, **more)


@pytest.mark.parametrize("deficient", [False, True])
@given(data=st.data(), subgradient=st.sampled_from(["clarke", "indicator"]), cap=st.sampled_from([None, 0.0, 0.01, 0.5, 5.0]))
@examples(60)
def test_both_engines_find_the_same_least_residual(deficient, data, subgradient, cap):
    points, net = data.draw(kinked_instances(positive=True, deficient=deficient))
    lin = linearise(net.scaled(1.0 / net.margins(points).min()), points, subgradient)
    dense, free = fast.stationarity(lin, cap), tight(lin, cap)
    assert free.epsilon == pytest.approx(dense.epsilon, abs=AGREE * lin.model.norm)
    upper, bounds = upper_bounds(lin, cap), free.values[np.nonzero(lin.kinks)[1]]
    assert (free.values >= 0).all()
    assert upper is None or (free.values <= upper).all()
    assert ((free.kink_multipliers >= 0) & (free.kink_multipliers <= bounds)).all()


@given(kinked_instances(positive=True, max_points=5))
@examples(5)
def test_a_third_engine_agrees(instance):
    points, net = instance
    lin = linearise(net, points)
    third = kc.recover_multipliers(net, points, engine="cvxpy")
    assert tight(lin).epsilon == pytest.approx(third.epsilon, abs=1e-6 * net.norm)


@given(kinked_instances(positive=True), seeds(), st.sampled_from([None, 0.1, 2.0]))
@examples(60)
def test_the_gap_bounds_what_any_feasible_multipliers_lack(instance, seed, cap):
    points, net = instance
    lin = linearise(net.scaled(1.0 / net.margins(points).min()), points)
    upper = upper_bounds(lin, cap)
    operator, rng = GradientOperator(lin, 2), np.random.default_rng(seed)
    least = fast.stationarity(lin, cap)
    for share in (1.0, 1e-3, 0.0):  # from far away to the optimum
        multipliers = np.clip(least.values + share * rng.standard_normal(len(points.y)), 0.0, upper)
        gates = np.clip(least.kink_multipliers[operator.order] + share * rng.standard_normal(operator.num_kinks), 0.0, multipliers[operator.points])
        residual = lin.model.W - operator.combine(multipliers, gates)
        along, on_kinks = operator.pull(residual)
        bound = gap(residual, lin.model.W, lin.margins, along + operator.bundle(np.maximum(on_kinks, 0.0)), upper)
        lack = 0.5 * (np.vdot(residual, residual) - least.epsilon**2)
        assert lack - 1e-12 * lin.model.norm**2 <= bound < np.inf
    assert bound <= 1e-6 * lin.model.norm**2


def test_the_bound_uses_the_best_of_its_family():
    """The dual value is maximised over t: no other t on a grid gives more."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        m = 6
        R, theta = rng.standard_normal((2, 5)), rng.standard_normal((2, 5))
        margins, gains = rng.uniform(1.5, 3.0, m), rng.standard_normal(m)
        upper = np.where(rng.random(m) < 0.5, rng.uniform(0.0, 2.0, m), np.inf)
        bound = gap(R, theta, margins, gains, upper)
        least = max(0.0, (gains / margins)[np.isinf(upper)].max(initial=0.0))
        capped = np.isfinite(upper)

        def lack(t, R=R, theta=theta, gains=gains, margins=margins, upper=upper, capped=capped):
            p = R - t * theta
            paid = np.maximum(gains - t * margins, 0.0)[capped] @ upper[capped]
            return 0.5 * np.vdot(R, R) - np.vdot(p, theta) + 0.5 * np.vdot(p, p) + paid

        best = optimize.minimize_scalar(lack, bounds=(least, least + 20.0), method="bounded", options={"xatol": 1e-12}).fun
        assert bound == pytest.approx(max(0.0, min(best, lack(least))), abs=1e-7)


def test_no_bound_where_a_misclassified_point_pulls():
    assert gap(np.ones((1, 2)), np.ones((1, 2)), np.array([-1.0]), np.array([1.0])) == np.inf
    assert gap(np.zeros((1, 2)), np.ones((1, 2)), np.array([-1.0]), np.array([0.0])) == 0.0


def test_misclassified_points_are_settled_by_their_optimality_conditions():
    points, net = kinked_network(5, m=5, n=4, d=7)
    assert (net.margins(points) <= 0).any()
    dense, free = kc.recover_multipliers(net, points), kc.recover_multipliers(net, points, engine="matrix-free")
    assert free.epsilon == pytest.approx(dense.epsilon, abs=1e-6 * net.norm)
    assert free.residual <= solve.GAP


@given(kinked_instances(positive=True))
@examples(15)
def test_certificates_agree_and_carry_their_gap(instance):
    points, net = instance
    dense, free = kc.certify(net, points), kc.certify(net, points, engine="matrix-free")
    assert dense.gap is None
    assert 0 <= free.gap <= solve.GAP or abs(free.gap) <= 1e-15
    assert free.epsilon**2 - dense.epsilon**2 <= (solve.GAP + 1e-12) * free.model.norm**2
    assert free.method.startswith("matrix-free")
    assert "duality gap" in free.summary()
    assert "duality gap" not in dense.summary()
    same = kc.Certificate.from_json(free.to_json())
    assert same.gap == free.gap
    assert (same.multipliers == free.multipliers).all()
    older = json.loads(dense.to_json()) | {"version": 2}
    del older["gap"]
    assert kc.Certificate.from_json(json.dumps(older)).gap is None


def test_linear_predictors_take_the_same_road():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 8))
    w = rng.standard_normal(8)
    points, model = kc.Dataset(X, np.sign(X @ w)), kc.LinearPredictor(w)
    dense, free = kc.certify(model, points), kc.certify(model, points, engine="matrix-free")
    assert free.epsilon == pytest.approx(dense.epsilon, abs=1e-3 * model.norm)
    assert free.gap <= solve.GAP


@given(kinked_instances(positive=True), st.floats(0.5, 2.0))
@examples(20)
def test_a_start_at_the_optimum_of_a_neighbour_saves_products(instance, factor):
    """A certificate of the model at another scale starts the search where it ends."""
    points, net = instance
    before = kc.certify(net, points)
    seen = []
    again = kc.certify(net.scaled(factor), points, engine="matrix-free", start=before, progress=lambda *at: seen.append(at))
    assert seen[0][1] <= 3
    assert len(seen) <= 3 + 2 * (again.gap > 1e-9)
    assert again.epsilon == pytest.approx(before.epsilon, abs=1e-6 * before.model.norm)


def test_multipliers_start_with_their_gates():
    points, net = kinked_network(8, m=6, n=5, d=9, positive=True)
    found = kc.recover_multipliers(net, points)
    assert found.kink_multipliers.any()
    seen = []
    kc.recover_multipliers(net, points, engine="matrix-free", start=found, progress=lambda *at: seen.append(at))
    assert len(seen) == 2  # settled when first looked at


def test_starts_of_every_kind_lead_to_the_same_end():
    points, net = kinked_network(8, m=6, n=5, d=9, positive=True)
    lin = linearise(net, points)
    least = tight(lin).epsilon
    other = kc.certify(net.with_kinks(None), points, kink_tol=0.0)
    for start in (other, fast.stationarity(lin), np.zeros(len(points.y)), list(range(len(points.y)))):
        assert tight(lin, start=start).epsilon == pytest.approx(least, abs=AGREE * net.norm)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("abc", "start must be a Certificate, Multipliers or an array of"),
        ([1.0], "start has multipliers of shape (1,)"),
        ([1.0, np.nan, 1.0], "start gives point 1 the multiplier nan"),
        ([1.0, 1.0, -2.0], "start gives point 2 the multiplier -2.0"),
    ],
)
def test_starts_that_make_no_sense_are_refused(start, message):
    points, net = kc.Dataset(np.eye(3), [1, 1, 1]), kc.TwoLayerReLU(np.ones((1, 3)), [1.0])
    with pytest.raises(kc.InputError) as caught:
        kc.recover_multipliers(net, points, engine="matrix-free", start=start)
    assert message in str(caught.value)


def test_an_end_before_the_optimum_is_said_and_still_a_bound():
    points, net = kinked_network(8, m=6, n=5, d=9, positive=True)
    lin = linearise(net, points)
    least = fast.stationarity(lin).epsilon
    with pytest.warns(kc.KKTCheckWarning, match="the budget of products ended before the multipliers were optimal beyond doubt; the duality gap is"):
        found = solve.stationarity(lin, size=4, budget=3)
    assert found.gap > solve.GAP
    assert least <= found.epsilon
    assert found.epsilon**2 - least**2 <= found.gap * net.norm**2


def test_progress_counts_products_up_to_its_end():
    points, net = kinked_network(8, m=6, n=5, d=9, positive=True)
    seen = []
    kc.recover_multipliers(net, points, engine="matrix-free", progress=lambda *at: seen.append(at))
    counts = [done for _, done, _ in seen]
    assert {stage for stage, _, _ in seen} == {"products (clarke)"}
    assert counts == sorted(counts)
    assert counts[-1] == seen[-1][2]
