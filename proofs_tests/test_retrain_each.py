"""Exact retraining of linear predictors without each of many sets: the same as solving set by set."""

import sys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InfeasibleError, InputError, max_margin, retrain_each, sampling

from .instances import linear_instances
from .kkt_instances import planted_predictors


@st.composite
def forgettings(draw, instances):
    """(data, forget sets): a few sets of any sizes, the first of them again at the end."""
    drawn = draw(instances)
    data = drawn[0] if isinstance(drawn, tuple) else drawn.data
    m = data.num_points
    sets = draw(st.lists(st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True), min_size=1, max_size=6))
    return data, [*sets, sets[0]]


@given(forgettings(linear_instances(min_points=2)) | forgettings(planted_predictors(min_points=2, sleeping=(0, 3))))
def test_it_is_the_max_margin_predictor_of_the_retained_points(forgetting):
    data, sets = forgetting
    for forget, found in zip(sets, retrain_each(data, sets), strict=True):
        rest = data.without(forget)
        expected = max_margin(rest)
        assert found.forget.tolist() == forget
        if expected.status != "exact":
            continue
        assert found.residuals.kkt <= max(1e-12, 4 * expected.residuals.kkt)
        gap = np.linalg.norm(found.model.w - expected.model.w) / expected.model.norm
        assert gap <= 1e-13 * max(1.0, np.sqrt(expected.condition))
        assert found.margin == pytest.approx(expected.margin, rel=1e-12)
        np.testing.assert_allclose(found.margins, found.model.margins(rest), rtol=0, atol=1e-13 * data.norms.max() * found.model.norm)
        if expected.unique:
            size = expected.multipliers.max()
            np.testing.assert_allclose(found.multipliers, expected.multipliers, rtol=0, atol=1e-13 * expected.condition * size)


def test_points_without_a_multiplier_leave_the_predictor_as_it_is():
    data = sampling.gaussian(50, 40, rng=3)
    whole = max_margin(data)
    idle = np.setdiff1d(np.arange(50), whole.support)
    found = retrain_each(data, [*idle, idle])
    assert len(idle) > 3
    assert all(each.model is found[0].model and each.method == "unchanged" for each in found)
    assert np.array_equal(found[0].model.w, whole.model.w)
    assert found[-1].residuals.stationarity == whole.residuals.stationarity and len(found[-1].margins) == 50 - len(idle)


def test_support_points_are_removed_from_the_solution_at_hand(monkeypatch):
    data = sampling.gaussian(30, 40, rng=3)
    whole = max_margin(data)
    expected = [max_margin(data.without(i)) for i in whole.support]
    calls = []
    monkeypatch.setattr(sys.modules["kktcheck.retrain_each"], "max_margin", lambda data: calls.append(data) or whole)
    found = retrain_each(data, whole.support)
    assert len(calls) == 1 and {each.method for each in found} == {"removal"}
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own.model.w, other.model.w, rtol=0, atol=1e-14 * other.model.norm)


def test_blocks_change_nothing(monkeypatch):
    data = sampling.gaussian(20, 30, rng=1)
    sets = [*range(20), [0, 1], [5, 3, 2]]
    whole = retrain_each(data, sets)
    monkeypatch.setattr(sys.modules["kktcheck.forget_sets"], "BATCH", 1)
    for own, other in zip(retrain_each(data, sets), whole, strict=True):
        np.testing.assert_allclose(own.model.w, other.model.w, rtol=0, atol=1e-15 * other.model.norm)


def test_inseparable_points_can_be_separable_without_one():
    X = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    data = Dataset(X, [1.0, 1.0, -1.0, 1.0])
    found = retrain_each(data, [2, 1])
    np.testing.assert_allclose(found[0].model.w, [1.0, 1.0], rtol=1e-14)
    with pytest.raises(InfeasibleError, match="forget set number 1") as caught:
        retrain_each(data, [2, 0])
    assert caught.value.points == (1, 2)


def test_answers_that_are_not_exact_are_solved_for_on_their_own(monkeypatch):
    data = sampling.gaussian(30, 40, rng=3)
    sets = max_margin(data).support[:5]
    expected = retrain_each(data, sets)
    monkeypatch.setattr(sys.modules["kktcheck.retrain_each"], "EXACT", 0.0)
    found = retrain_each(data, sets)
    assert "removal" not in {each.method for each in found}
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own.multipliers, other.multipliers, rtol=0, atol=1e-13 * other.multipliers.max())


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ([], "no forget set"),
        ([[0], []], "forget set number 1 is empty"),
        ([[0], range(4)], "forget set number 1 holds all 4 points"),
        ([0, 1, [2, 4]], r"forget set number 2 names point 4 \(position 1\)"),
        ([[1, 1]], "forget set number 0 names point 1 more than once"),
        ([-1], "forget set number 0 names point -1"),
        ([0.5], "forget set number 0 must be a list of integers"),
        ("01", "holds no forget set: give a list"),
        (3, "holds no forget set: give a list"),
    ],
)
def test_bad_sets_are_named(sets, message):
    with pytest.raises(InputError, match=message):
        retrain_each(sampling.gaussian(4, 6, rng=0), sets)
