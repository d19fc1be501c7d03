"""The membership test: exact areas, honest errors, and what it says of models that hold a point and of models that do not."""

from fractions import Fraction
from itertools import product

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, MembershipTest, TwoLayerReLU, certify, gradient_ascent, membership_auc, membership_test
from kktcheck import residual_influence as influence_of
from kktcheck.auc import Z95, forced_choice
from kktcheck.membership import CANCELLED

from .instances import examples, seeds
from .kkt_instances import planted_network, planted_networks, planted_predictors

scores = st.lists(st.integers(-4, 4).map(float) | st.floats(-1e3, 1e3), min_size=1, max_size=12)
instances = planted_networks(min_points=2) | planted_predictors(min_points=2, max_points=7, min_dim=8, max_dim=12)


def fresh(seed, count, dim):
    """Candidates from outside, of no particular law."""
    rng = np.random.default_rng([seed, 1])
    return Dataset(rng.standard_normal((count, dim)) / np.sqrt(dim), rng.choice([-1.0, 1.0], count))


def forget_sets(data):
    m = data.num_points
    return st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True)


@given(scores, scores)
def test_the_area_is_the_share_of_pairs_won_counted_one_by_one(members, others):
    won = sum(Fraction(int(a > b)) + Fraction(int(a == b), 2) for a in members for b in others)
    assert membership_auc(members, others).auc == float(won / (len(members) * len(others)))


@given(scores, scores)
def test_the_area_is_mann_and_whitneys_statistic(members, others):
    from scipy.stats import mannwhitneyu

    expected = mannwhitneyu(members, others, method="asymptotic").statistic / (len(members) * len(others))
    assert membership_auc(members, others).auc == pytest.approx(expected, rel=1e-14)


@given(scores, scores)
def test_exchanging_the_sides_mirrors_area_and_interval(members, others):
    there, back = membership_auc(members, others), membership_auc(others, members)
    assert there.auc + back.auc == pytest.approx(1.0, abs=1e-15)
    assert (there.error, there.low, there.high) == pytest.approx((back.error, 1 - back.high, 1 - back.low), abs=1e-12, nan_ok=True)


@given(scores, st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_separation_is_1_equality_is_a_half(members, steps):
    above = [max(members) + step for step in steps]
    assert (membership_auc(above, members).auc, membership_auc(members, above).auc, membership_auc(members, members).auc) == (1.0, 0.0, 0.5)


@given(scores, scores)
def test_the_standard_error_is_delongs_from_its_definition(members, others):
    if min(len(members), len(others)) == 1:
        assert np.isnan(membership_auc(members, others).error)
        return
    wins = np.array([[(a > b) + 0.5 * (a == b) for b in others] for a in members])
    rows, columns = wins.mean(axis=1), wins.mean(axis=0)
    variance = sum((rows - wins.mean()) ** 2) / (len(rows) - 1) / len(rows) + sum((columns - wins.mean()) ** 2) / (len(columns) - 1) / len(columns)
    assert membership_auc(members, others).error == pytest.approx(np.sqrt(variance), abs=1e-7)


@given(scores, scores)
def test_the_interval_holds_the_values_that_a_score_test_on_the_smaller_side_accepts(members, others):
    found, trials = membership_auc(members, others), min(len(members), len(others))
    assert 0 <= found.low <= found.auc <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            assert abs(found.auc - end) == pytest.approx(Z95 * np.sqrt(end * (1 - end) / trials), rel=1e-9)
    if found.auc == 1:
        assert found.high == 1 and found.low == pytest.approx(trials / (trials + Z95**2))


def test_at_perfect_separation_the_interval_ends_at_the_area_itself():
    for count in range(1, 200):
        best, worst = membership_auc(np.ones(count), np.zeros(count)), membership_auc(np.zeros(count), np.ones(count))
        assert (best.high, worst.low) == (1.0, 0.0) and best.low == pytest.approx(count / (count + Z95**2))


@examples(20)
@given(st.lists(st.integers(1, 5), min_size=3, max_size=3), st.lists(st.integers(1, 5), min_size=3, max_size=3), st.integers(1, 3), st.integers(1, 2))
def test_the_variance_behind_the_interval_is_never_too_small(member_odds, other_odds, k, q):
    """Members and others drawn from three values: all samples, their areas and chances, in exact arithmetic."""
    chances = [[Fraction(o, sum(odds)) for o in odds] for odds in (member_odds, other_odds)]
    mean = second = Fraction(0)
    for sample in product(range(3), repeat=k + q):
        members, others = sample[:k], sample[k:]
        chance = Fraction(1)
        for value in members:
            chance *= chances[0][value]
        for value in others:
            chance *= chances[1][value]
        area = Fraction(membership_auc([float(v) for v in members], [float(v) for v in others]).auc).limit_denominator(2 * k * q)
        mean, second = mean + chance * area, second + chance * area**2
    assert second - mean**2 <= mean * (1 - mean) / min(k, q)


@given(scores, st.data())
def test_the_forced_choice_counts_each_member_against_its_own_candidate(members, draws):
    others = draws.draw(st.lists(st.sampled_from(members) | st.floats(-1e3, 1e3), min_size=len(members), max_size=len(members)))
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in zip(members, others, strict=True)]
    found = forced_choice(members, others)
    assert found.auc == pytest.approx(np.mean(wins)) and found.low <= found.auc <= found.high
    assert found.error == pytest.approx(np.std(wins, ddof=1) / np.sqrt(len(wins)) if len(wins) > 1 else np.nan, nan_ok=True)
    with pytest.raises(InputError, match="make no pairs"):
        forced_choice(members, [*others, 0.0])


@given(instances, st.data(), seeds())
def test_at_a_kkt_point_no_candidate_whatever_scores_as_high_as_a_forgotten_point(planted, draws, seed):
    """All that lies outside the retained span points along the forgotten one: the area is 1."""
    data, model = planted.data, planted.model
    i = draws.draw(st.integers(0, data.num_points - 1))
    if not planted.gates[:, i].any():
        pytest.fail("a planted point without any weight")
    test = membership_test(model, data, i, fresh(seed, 20, data.dim))
    assert (test.auc, test.error, test.high) == (1.0, test.error, 1.0) and np.isnan(test.error)
    assert test.forced_choice is None
    # In as many dimensions as here the sign of a candidate decides nothing either.
    assert membership_test(model, data, i, fresh(seed, 20, data.dim), statistic="signed").auc == 1.0


@given(instances, st.data(), seeds())
def test_a_model_that_holds_nothing_of_either_point_ties_exactly(planted, draws, seed):
    """Projected steps from a KKT point: what is left is rounding, and rounding must not be ranked."""
    data, model, forget = planted.data, planted.model, draws.draw(forget_sets(planted.data))
    unlearned = gradient_ascent(model, data, forget, certificate=certify(model, data), method="projected")
    taken = np.linalg.norm(model.second_layer[:, None] * planted.gates[:, forget], axis=0) @ data.norms[forget]
    if CANCELLED * unlearned.norm < model.norm + taken:  # the rounding of what was taken away is no rounding of what is left
        return
    for statistic in ("influence", "signed"):
        test = membership_test(unlearned, data, forget, fresh(seed, len(forget), data.dim), statistic=statistic)
        assert not test.members.any() and not test.others.any()
        assert (test.auc, test.forced_choice.auc) == (0.5, 0.5)


@given(seeds(), st.floats(-6, 0), st.booleans())
def test_rounding_of_a_nearly_dependent_retained_set_counts_as_ties_and_more_than_rounding_does_not(seed, power, balanced):
    """Retained points 10**power apart: their span is known to that many digits fewer, and so is a model made of their differences."""
    rng = np.random.default_rng([seed, 2])
    base = rng.standard_normal((1, 20))
    X = np.vstack([base + 10.0**power * rng.standard_normal((5, 20)), rng.standard_normal((1, 20))])
    data, candidates = Dataset(X, np.ones(6)), fresh(seed, 30, 20)
    coefficients = rng.standard_normal(5)
    held = (coefficients - balanced * coefficients.mean()) @ X[:5]
    test = membership_test(LinearPredictor(held), data, 5, candidates)
    assert test.auc == 0.5 and not test.members.any() and not test.others.any()
    more = LinearPredictor(held + 1e-3 * np.linalg.norm(held) * X[5] / np.linalg.norm(X[5]))
    assert membership_test(more, data, 5, candidates).auc == 1.0


@given(planted_networks(min_points=3), st.data(), seeds())
def test_the_scores_are_the_matched_filters_of_their_definition(planted, draws, seed):
    data, forget = planted.data, draws.draw(forget_sets(planted.data))
    rng = np.random.default_rng(seed)
    model = TwoLayerReLU(planted.model.W + 0.1 * rng.standard_normal(planted.model.W.shape), planted.model.u)
    candidates, retained = fresh(seed, 4, data.dim), data.without(forget)
    basis = np.linalg.svd(retained.X, full_matrices=False)[2]
    found = {name: membership_test(model, data, forget, candidates, statistic=name) for name in ("influence", "signed", "margin")}
    layer = np.linalg.norm(model.u)
    for side, X, y in (("members", data.X[forget], data.y[forget]), ("others", candidates.X, candidates.y)):
        for k, x in enumerate(X):
            q = x - basis.T @ (basis @ x)
            q /= np.linalg.norm(q)
            expected = {
                "influence": np.linalg.norm(model.W @ q) / model.norm,
                "signed": y[k] * (model.u @ (model.W @ q)) / (layer * model.norm),
                "margin": y[k] * model.outputs(x[None])[0] / (layer * model.norm),
            }
            for name, value in expected.items():
                assert getattr(found[name], side)[k] == pytest.approx(value, abs=1e-11)
    total = influence_of(model, data, forget)
    np.testing.assert_allclose(found["influence"].members, total.totals * total.outside * data.norms[forget] / model.norm, rtol=1e-9)


@given(planted_networks(min_points=3), st.data(), seeds(), st.sampled_from(["influence", "signed", "margin"]))
def test_scores_know_neither_the_scale_of_the_model_nor_the_coordinates(planted, draws, seed, statistic):
    data, forget, rng = planted.data, draws.draw(forget_sets(planted.data)), np.random.default_rng(seed)
    model = TwoLayerReLU(planted.model.W + 0.1 * rng.standard_normal(planted.model.W.shape), planted.model.u)
    rotation = np.linalg.qr(rng.standard_normal((data.dim, data.dim)))[0]
    others = fresh(seed, 5, data.dim)
    before = membership_test(model, data, forget, others, statistic=statistic)
    moved = TwoLayerReLU(7.0 * model.W @ rotation, 0.2 * model.u)
    after = membership_test(moved, Dataset(data.X @ rotation, data.y), forget, Dataset(others.X @ rotation, others.y), statistic=statistic)
    np.testing.assert_allclose(np.append(after.members, after.others), np.append(before.members, before.others), rtol=0, atol=1e-11)
    if statistic != "margin":  # the direction outside the span is all that counts
        scaled = membership_test(model, data, forget, Dataset(3.0 * others.X, others.y), statistic=statistic)
        np.testing.assert_allclose(scaled.others, before.others, rtol=0, atol=1e-12)


@given(planted_networks(min_points=3), st.data(), seeds())
def test_a_step_too_far_shows_in_the_size_of_the_influence_and_in_its_sign(planted, draws, seed):
    data, model = planted.data, planted.model
    i = draws.draw(st.integers(0, data.num_points - 1))
    over = gradient_ascent(model, data, i, certificate=certify(model, data), fraction=1.5, method="projected")
    others = fresh(seed, 20, data.dim)
    assert membership_test(over, data, i, others).auc == 1.0
    signed, before = (membership_test(m, data, i, others, statistic="signed") for m in (over, model))
    assert signed.members[0] < 0 < before.members[0] and signed.auc == 0.0


def test_a_wrong_label_turns_the_signed_score_and_the_margin_around():
    planted = planted_network(3)
    flipped = Dataset(planted.data.X, -planted.data.y)
    for statistic, sign in (("influence", 1), ("signed", -1), ("margin", -1)):
        one, other = (membership_test(planted.model, data, [1, 4], fresh(0, 3, 12), statistic=statistic) for data in (planted.data, flipped))
        np.testing.assert_array_equal(other.members, sign * one.members)
        np.testing.assert_array_equal(other.others, one.others)


@given(st.lists(st.tuples(seeds(), st.integers(1, 3)), min_size=1, max_size=4))
@examples(15)
def test_pooling_joins_the_scores_and_keeps_the_pairs_within_each_test(draws):
    tests = []
    for seed, k in draws:
        planted = planted_network(seed)
        tests.append(membership_test(planted.model, planted.data, range(k), fresh(seed, k, 12), statistic="margin"))
    pooled = MembershipTest.pooled(iter(tests))
    members, others = (np.concatenate([getattr(t, side) for t in tests]) for side in ("members", "others"))
    np.testing.assert_array_equal(pooled.members, members)
    np.testing.assert_array_equal(pooled.others, others)
    area = membership_auc(members, others)
    assert (pooled.auc, pooled.low, pooled.high, pooled.tests) == (area.auc, area.low, area.high, len(tests))
    assert pooled.error == pytest.approx(area.error, nan_ok=True)
    won = sum(float((t.members > t.others).sum()) for t in tests)
    assert pooled.forced_choice.auc == pytest.approx(won / len(members))
    assert MembershipTest.pooled([pooled, tests[0]]).tests == len(tests) + 1
    unpaired = membership_test(planted.model, planted.data, 0, fresh(0, 3, 12), statistic="margin")
    assert MembershipTest.pooled([*tests, unpaired]).forced_choice is None


def test_pooling_refuses_what_it_cannot_compare():
    planted = planted_network(0)
    tests = [membership_test(planted.model, planted.data, 0, fresh(0, 1, 12), statistic=name) for name in ("influence", "margin")]
    with pytest.raises(InputError, match="tests of one statistic are needed to pool, not influence, margin"):
        MembershipTest.pooled(tests)
    with pytest.raises(InputError, match="not none at all"):
        MembershipTest.pooled([])


def test_candidates_in_the_retained_span_are_refused_by_name_and_judged_by_margin():
    data = Dataset(np.eye(4)[[0, 1, 1, 2]], np.ones(4))
    model = LinearPredictor([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(InputError, match=r"forgotten point 1: in the span of the 2 retained points.*statistic='margin'"):
        membership_test(model, data, [1, 0], Dataset([[0, 0, 0, 1.0]], [1.0]))
    with pytest.raises(InputError, match=r"^candidate 1: in the span of the 3 retained points"):
        membership_test(model, data, 0, Dataset([[0, 0, 0, 1.0], [0, 1.0, 1.0, 0]], [1, 1]), statistic="signed")
    test = membership_test(model, data, 0, Dataset([[0, 0, 0, 1.0], [0, 1.0, 1.0, 0]], [1, 1]), statistic="margin")
    np.testing.assert_allclose(np.append(test.members, test.others) * np.sqrt(30), [1, 4, 5])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"statistic": "loss"}, "statistic 'loss' is unknown: choose one of 'influence', 'signed', 'margin'"),
        ({"model": np.ones(12)}, "model must be a LinearPredictor or a TwoLayerReLU, not ndarray"),
        ({"model": LinearPredictor(np.ones(3))}, "the model takes points of dimension 3"),
        ({"data": np.eye(12)}, "data must be a kktcheck.Dataset, not ndarray"),
        ({"others": np.eye(12)}, "others must be a kktcheck.Dataset of fresh points with labels, not ndarray"),
        ({"others": fresh(0, 2, 11)}, "the candidates have dimension 11, the data 12"),
        ({"others": planted_network(0).data.only([2, 0])}, "candidate 0 is point 2 of the data: a point from outside is needed"),
        ({"forget": []}, "the forget set is empty"),
        ({"forget": range(6)}, "nothing would be retained"),
        ({"forget": range(6), "statistic": "margin"}, "nothing would be retained"),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    planted = planted_network(0)
    arguments = {"model": planted.model, "data": planted.data, "forget": 0, "others": fresh(0, 2, 12)} | changes
    with pytest.raises(InputError, match=message):
        membership_test(**arguments)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], "member_scores is empty"),
        ([1.0, np.nan], r"member_scores\[1\] = nan"),
        ([np.inf], r"member_scores\[0\] = inf"),
        ([[1.0]], r"member_scores has shape \(1, 1\)"),
        (["a"], "member_scores has entries of type"),
    ],
)
def test_bad_scores_are_refused_with_the_reason(members, message):
    with pytest.raises(InputError, match=message):
        membership_auc(members, [1.0])
    with pytest.raises(InputError, match=message.replace("member_", "other_")):
        membership_auc([1.0], members)


def test_the_summary_holds_both_sides_and_both_answers():
    planted = planted_network(0)
    test = membership_test(planted.model, planted.data, [0, 1], fresh(0, 2, 12))
    text = test.summary()
    assert text.startswith("Membership test by influence, 1 model\n") and "forced choice" in text and "members" in text
    assert repr(test) == f"MembershipTest(influence: 2 members against 2 others, AUC {test.auc:.4f})"
    assert str(test.forced_choice).startswith(f"{test.forced_choice.auc:.4f} (95 %: ")
    assert "forced choice" not in membership_test(planted.model, planted.data, 0, fresh(0, 2, 12)).summary()
