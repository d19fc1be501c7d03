"""Many forget sets at once: the very numbers of the loop over gradient ascent and assess, set by set."""

import sys
import warnings
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import (
    Dataset,
    InputError,
    KKTCheckWarning,
    LinearPredictor,
    TwoLayerReLU,
    assess,
    assess_each,
    certify,
    gradient_ascent,
    pivoting,
    random_network,
    sampling,
    train,
)
from kktcheck.errors import InfeasibleError
from kktcheck.many_steps import NARROW, ManySteps
from kktcheck.set_steps import SIGN
from kktcheck.span_steps import SpanSteps
from kktcheck.tolerances import EPS

from .instances import examples, linear_instances, two_layer_instances
from .kkt_instances import kinky_networks, planted_network, planted_networks, planted_predictors

words = {
    "method": st.sampled_from(["plain", "projected"]),
    "fraction": st.sampled_from([1.0, 0.4, 0.0]),
    "convention": st.sampled_from(["clarke", "indicator"]),
}
planted = {"error": (0.0, 0.1), "slack": (0.0, 0.5), "min_points": 3, "sleeping": (0, 1)}


@st.composite
def forgettings(draw, instances, marked=False):
    """(model, data, sets): sets of one to all but one of the points with a multiplier; with ``marked`` the model carries its kinks."""
    drawn = draw(instances)
    data, model = drawn if isinstance(drawn, tuple) else (drawn.data, drawn.model)
    if isinstance(model, TwoLayerReLU) and not marked:
        model = model.with_kinks(None)
    spared = {int(np.argmax(certify(model, data, subgradient=convention).multipliers)) for convention in ("clarke", "indicator")}
    others = [i for i in range(data.num_points) if i not in spared]
    sets = draw(st.lists(st.lists(st.sampled_from(others), min_size=1, unique=True), min_size=1, max_size=4))
    return model, data, [*sets, sets[0], others[0]]


def loop(model, data, forget, certificate, method, fraction, convention):
    """What `assess` says of the step, the certificate behind its first witness, or why there is no step."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KKTCheckWarning)
        try:
            unlearned = gradient_ascent(model, data, forget, certificate=certificate, method=method, fraction=fraction)
        except InputError as error:
            return None, str(error)
    try:
        return unlearned, certify(unlearned, data.without(forget), subgradient=convention, kink_tol=0.0)
    except (InfeasibleError, InputError) as error:
        return unlearned, str(error)


def many(model, data, sets, certificate, **choice):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KKTCheckWarning)
        return assess_each(model, data, sets, certificate=certificate, **choice)


def rounding(certificate, data):
    """Relative rounding of the scale: that of a margin of 1, whose terms are up to |u| |theta| |x_i|."""
    model = certificate.model
    return 4 * EPS * (data.dim + model.num_neurons) * np.linalg.norm(model.second_layer) * model.norm * data.norms.max()


def condition(certificate, retained):
    """Condition of the Gram matrix of the gradients whose multipliers are positive, kinks left out; rows at norm 1."""
    model, support = certificate.model, np.flatnonzero(certificate.multipliers > 0)
    active = (certificate.states == 1)[:, support]
    rows = model.second_layer[None, :, None] * active.T[:, :, None] * np.asarray(retained.X)[support][:, None, :]
    rows = rows.reshape(len(support), -1)
    return np.linalg.cond(rows / np.maximum(np.linalg.norm(rows, axis=1), 1e-300)[:, None]) ** 2


def check(forgetting, method, fraction, convention):
    model, data, sets = forgetting
    certificate = certify(model, data, subgradient=convention)
    answers = many(model, data, sets, certificate, method=method, fraction=fraction, subgradient=convention)
    assert len(answers) == len(sets)
    for forget, answer in zip(sets, answers, strict=True):
        assert answer.forget.tolist() == np.atleast_1d(forget).tolist()
        _, expected = loop(model, data, forget, certificate, method, fraction, convention)
        found = answer.first("itself")
        if isinstance(expected, str):
            assert found is None and answer.reasons["itself"]
            continue
        assert found is not None, answer.reasons
        scale, magnified = rounding(expected, data), condition(expected, data.without(forget))
        # Either epsilon is that of its own multipliers, which are optimal up to the condition times rounding.
        size = expected.model.norm + np.linalg.norm(model.second_layer) * (expected.multipliers @ np.delete(data.norms, forget))
        error = 2 * expected.epsilon_error + 8 * EPS * np.sqrt(magnified) * size
        assert found.tau == 0 and abs(found.epsilon - expected.epsilon) <= (1e-12 + scale) * expected.epsilon + error
        if expected.unique:
            share = (1e-14 + scale) * max(100.0, magnified)
            assert abs(found.delta - expected.delta) <= share * expected.multipliers.max() * expected.margins.max()


@given(forgettings(planted_networks(**planted) | two_layer_instances(min_points=3)), words["method"], words["fraction"], words["convention"])
def test_networks_as_in_the_loop(forgetting, method, fraction, convention):
    check(forgetting, method, fraction, convention)


@given(forgettings(planted_predictors(**planted) | linear_instances(min_points=3)), words["method"], words["fraction"], words["convention"])
def test_predictors_as_in_the_loop(forgetting, method, fraction, convention):
    check(forgetting, method, fraction, convention)


@given(forgettings(kinky_networks(error=0.1) | two_layer_instances(min_points=3, kinks=True), marked=True), words["method"], words["convention"])
def test_networks_that_carry_kinks_as_in_the_loop(forgetting, method, convention):
    check(forgetting, method, 1.0, convention)


def trained(m=30, d=60, n=20, seed=0):
    data = sampling.gaussian(m, d, rng=seed)
    return train(random_network(n, d, rng=seed + 1), data, steps=2000, normalised=True).model, data


@pytest.mark.parametrize("method", ["plain", "projected"])
@pytest.mark.parametrize("convention", ["clarke", "indicator"])
@pytest.mark.parametrize("size", [(30, 60, 20), (40, 25, 60)])
def test_leave_one_out_of_trained_networks_to_the_last_digits(method, convention, size):
    m = size[0]
    net, data = trained(*size)
    certificate = certify(net, data, subgradient=convention)
    answers = many(net, data, range(m), certificate, method=method, subgradient=convention)
    for forget, answer in enumerate(answers):
        _, expected = loop(net, data, forget, certificate, method, 1.0, convention)
        if isinstance(expected, str):
            assert "misclassifies" in answer.reasons["itself"]
        else:
            found = answer.first("itself")
            assert (found.epsilon, found.delta) == pytest.approx((expected.epsilon, expected.delta), rel=1e-12)


def test_no_set_of_a_projected_step_is_solved_for_on_its_own(monkeypatch):
    net, data = trained()
    for name in ("_anew", "_on_weights"):
        monkeypatch.setattr(ManySteps, name, lambda *_: pytest.fail("factored anew"))
    assert all(answer.witnesses for answer in assess_each(net, data, [*range(30), [3, 4], [5, 6, 7]], method="projected"))


def test_no_set_whose_step_changes_no_retained_activation_is_solved_for_on_its_own(monkeypatch):
    rng = np.random.default_rng(0)
    net = TwoLayerReLU(rng.standard_normal((6, 4)), np.full(6, 0.4))
    data = Dataset(np.eye(4), np.ones(4))
    after = gradient_ascent(net, data, 1, fraction=3.0)
    changed = (after.W >= 0) != (net.W >= 0)
    assert changed[:, 1].any() and not np.delete(changed, 1, axis=1).any()
    monkeypatch.setattr(ManySteps, "_anew", lambda *_: pytest.fail("factored anew"))
    assert all(answer.witnesses for answer in assess_each(net, data, range(4), fraction=3.0))


def test_a_least_margin_of_1_up_to_rounding_is_the_scale():
    net, data = trained()
    net = net.scaled((1.0 + 5e-12) / net.margins(data).min())
    certificate = certify(net, data)
    assert certificate.scale == 1.0
    idle = int(np.argmax(certificate.margins))
    found = assess_each(net, data, [idle], certificate=certificate, method="projected")[0].first("itself")
    expected = loop(net, data, idle, certificate, "projected", 1.0, "clarke")[1]
    assert expected.scale == 1.0
    assert found.epsilon == pytest.approx(expected.epsilon, rel=1e-13)


def test_a_zero_that_rounding_would_hide_is_the_one_of_the_weights():
    X = np.array([[1.0, 2.0, 2.0, 0.0], [2.0, 1.0, -2.0, 1.0], [3.0, 3.0, 1.0, 0.0], [1.0, 0.0, 5.0, 2.0]])
    W = np.array([[2.0, -2.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0], [4.0, 1.0, -3.0, 1.0]])
    kinks = np.zeros((3, 4), dtype=bool)
    kinks[2, 0] = True  # (0, 0) and (0, 1) are zeros as well, but nothing says so
    net, data = TwoLayerReLU(W, [1.0, 1.0, 1.0], kinks), Dataset(X, np.ones(4))
    assert not (W[0] @ X[:2].T).any()
    certificate = certify(net, data)
    for forget in ([3], [1], [2], [1, 2]):
        found = many(net, data, [forget], certificate, method="projected")[0].first("itself")
        expected = loop(net, data, forget, certificate, "projected", 1.0, "clarke")[1]
        assert found.epsilon == pytest.approx(expected.epsilon, rel=1e-12)


def test_the_certificate_by_default_is_of_the_convention_asked_for():
    planted = planted_network(3)
    explicit = assess_each(
        planted.model, planted.data, range(6), subgradient="indicator", certificate=certify(planted.model, planted.data, subgradient="indicator")
    )
    found = assess_each(planted.model, planted.data, range(6), subgradient="indicator")
    assert [answer.first("itself") for answer in explicit] != [None] * 6
    assert [[w.numbers for w in answer.witnesses] for answer in found] == [[w.numbers for w in answer.witnesses] for answer in explicit]


@pytest.mark.parametrize("seed", [5, 6])
def test_exact_points_are_sought_from_the_states_before_and_after(seed):
    net, data = trained(12, 24, 10, seed)
    certificate = certify(net, data)
    for forget, answer in enumerate(assess_each(net, data, range(12), certificate=certificate, kinds=("exact",))):
        expected = assess(gradient_ascent(net, data, forget, certificate=certificate), data, forget, original=net, certificate=certificate)
        assert answer.first("exact").tau == pytest.approx(expected.exact.tau, rel=1e-10)
        assert answer.first("exact").note == expected.exact.note


def test_each_way_to_an_answer_gives_the_same(monkeypatch):
    net, data = trained()
    sets = [*range(30), [1, 2], [9, 4]]
    expected = [answer.first("itself").numbers for answer in assess_each(net, data, sets)]
    monkeypatch.setattr(sys.modules["kktcheck.forget_sets"], "BATCH", 1)
    monkeypatch.setattr(ManySteps, "_anew", lambda self, forget, acting, margins: self._on_weights(forget))
    np.testing.assert_allclose([answer.first("itself").numbers for answer in assess_each(net, data, sets)], expected, rtol=1e-12)


def steps_of(kind, net, data, method="plain"):
    certificate = certify(net, data)
    return kind(net, data, certificate, certificate.scale, fraction=1.0, method=method, subgradient="clarke")


@pytest.fixture
def on_weights(monkeypatch):
    """What is left to the weights, the forgotten points in a list."""
    left = []
    monkeypatch.setattr("kktcheck.set_steps.SetSteps._on_weights", lambda self, forget: left.append(forget.tolist()))
    return left


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("share", [0.5, -0.5, 2.0, -2.0])
def test_a_margin_within_its_own_rounding_is_left_to_the_weights(on_weights, share, scale):
    """In units of |u| and of the norms of the weights, with the step, and of the point: of any scale each."""
    net, data = trained()
    data = Dataset(data.X * np.linspace(scale, 3 * scale, data.num_points)[:, None], data.y)
    steps, forget = steps_of(ManySteps, TwoLayerReLU(net.W, 7.0 * net.u), data), np.array([2])
    size = np.linalg.norm(steps.second) * (steps.model.norm + np.linalg.norm(steps.step[:, 2]) * data.norms[2]) * data.norms[9]
    margins = np.where(np.arange(data.num_points) == 9, share * NARROW * size, steps.margins)
    found = steps._scaled(forget, 1.0, np.ones(data.num_points), margins)
    assert on_weights == ([[2]] if abs(share) < 1 else [])
    if abs(share) > 1:
        assert ("(9)" in found.reason) if share < 0 else found.epsilon == pytest.approx(1.0 / margins[9])


@pytest.mark.parametrize("share", [0.25, 4.0])
def test_a_sign_within_its_own_rounding_is_left_to_the_weights(on_weights, monkeypatch, share):
    net, data = trained()
    steps, forget = steps_of(SpanSteps, certify(net, data).model, data), np.array([2])
    hidden, kept, zero = steps._weights(forget)
    retained = steps.points.without(forget)
    j, i = np.argwhere(~kept & (hidden @ retained.X.T > 0))[0]
    reach = steps.lengths[j] + abs(steps.step[j, 2]) * data.norms[2]
    x, doubt = retained.X[i], SIGN * (data.dim + 8) * reach * retained.norms[i]
    hidden[j] -= (hidden[j] @ x - share * doubt) / (x @ x) * x
    monkeypatch.setattr(steps, "_weights", lambda forget: (hidden, kept, zero))
    monkeypatch.setattr(steps, "_certified", lambda *_: "certified")
    assert (steps._found(forget) == "certified") == (share > 1)
    assert on_weights == ([[2]] if share < 1 else [])


def test_multipliers_that_are_not_optimal_are_left_to_the_weights(on_weights, monkeypatch):
    net, data = trained()
    steps, forget = steps_of(ManySteps, net, data), np.array([2])
    margins, acting, _ = steps._after(forget)
    problem = forget, steps.acting if acting is None else acting, margins
    assert steps._anew(*problem).epsilon > 0 and on_weights == []
    pivot = pivoting.pivot
    monkeypatch.setattr(pivoting, "pivot", lambda *given: replace(pivot(*given), x=1.001 * pivot(*given).x))
    steps._anew(*problem)
    assert on_weights == [[2]]


def test_residuals_in_doubt_are_measured_anew(monkeypatch):
    net, data = trained()
    expected = [answer.first("itself").numbers for answer in assess_each(net, data, range(30), method="projected")]
    monkeypatch.setattr(sys.modules["kktcheck.residual_changes"], "CANCELLED", 0.0)
    found = [answer.first("itself").numbers for answer in assess_each(net, data, range(30), method="projected")]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@examples(6)
@given(forgettings(planted_networks(**planted)), words["method"])
def test_witnesses_of_networks_as_assess_finds_them(forgetting, method):
    model, data, sets = forgetting
    certificate = certify(model, data)
    answers = many(model, data, sets[:2], certificate, method=method, kinds=("exact", "itself", "snapped"))
    for forget, answer in zip(sets, answers, strict=False):
        unlearned = loop(model, data, forget, certificate, method, 1.0, "clarke")[0]
        if unlearned is None:
            continue
        expected = assess(unlearned, data, forget, original=model, certificate=certificate)
        for kind in ("itself", "snapped", "exact"):
            found, wanted = answer.first(kind), expected.first(kind)
            assert (found is None) == (wanted is None)
            if found is not None:
                assert found.model is None and found.multipliers is None
                assert found.tau == pytest.approx(wanted.tau, rel=1e-11, abs=1e-15)
                assert found.epsilon == pytest.approx(wanted.epsilon, rel=1e-11, abs=1e-12 * unlearned.norm * certificate.scale)


@given(forgettings(planted_predictors(**planted)), words["method"])
def test_exact_witnesses_of_predictors_as_assess_finds_them(forgetting, method):
    model, data, sets = forgetting
    certificate = certify(model, data)
    for forget, answer in zip(sets, many(model, data, sets, certificate, method=method, kinds="exact"), strict=True):
        assert all(witness.kind == "exact" for witness in answer.witnesses)
        unlearned = loop(model, data, forget, certificate, method, 1.0, "clarke")[0]
        wanted = unlearned and assess(unlearned, data, forget, original=model, certificate=certificate).exact
        if wanted:
            assert answer.first("exact").tau == pytest.approx(wanted.tau, rel=1e-11, abs=1e-15)


def test_sets_are_shared_out_among_workers():
    from concurrent.futures import ThreadPoolExecutor

    net, data = trained(6, 20, 8)
    sets = [*range(6), *range(6)]
    alone = assess_each(net, data, sets, kinds=("itself", "exact"))
    with ThreadPoolExecutor(1) as executor:
        shared = assess_each(net, data, sets, kinds=("itself", "exact"), jobs=executor)
    assert [[w.numbers for w in a.witnesses] for a in alone] == [[w.numbers for w in a.witnesses] for a in shared]
    assert all(answer.first("exact") is not None for answer in alone)


def test_a_misclassified_retained_point_is_a_reason():
    data = Dataset([[1.0, 0.0], [-1.0, 0.1], [0.3, 1.0]], [1.0, 1.0, 1.0])
    model = LinearPredictor([1.0, 12.0])
    answer = assess_each(model, data, [2])[0]
    assert answer.witnesses == () and "retained points (0)" in answer.reasons["itself"] and not answer.successful(9, 9, 9)


def test_zero_steps_are_said_once():
    data = Dataset([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1.0, 1.0, 1.0])
    with pytest.warns(KKTCheckWarning, match="forget sets 0, 2 ") as caught:
        assess_each(LinearPredictor([1.0, 2.0]), data, [0, 2, 1], method="projected")
    assert len(caught) == 1


def test_a_set_that_leaves_no_multiplier_is_an_error():
    data = Dataset([[1.0, 0.0], [0.5, 3.0], [0.2, 4.0]], [1.0, 1.0, 1.0])
    with pytest.raises(InputError, match=r"forget set number 1 holds every point with a positive multiplier \(0\)"):
        assess_each(LinearPredictor([1.0, 0.0]), data, [1, [0, 2]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"forget_sets": []}, "no forget set"),
        ({"forget_sets": [0, [1, 6]]}, "forget set number 1 names point 6"),
        ({"forget_sets": [0, [1, 1]]}, "forget set number 1 names point 1 more than once"),
        ({"forget_sets": [range(6)]}, "forget set number 0 holds all 6"),
        ({"method": "steepest"}, "method 'steepest' is unknown"),
        ({"fraction": -1.0}, "fraction = -1.0"),
        ({"subgradient": "left"}, "subgradient 'left'"),
        ({"kinds": ("itself", "between")}, "some of 'itself', 'snapped', 'exact'"),
        ({"kinds": ()}, "some of 'itself'"),
        ({"jobs": 0}, "jobs is 0"),
    ],
)
def test_bad_arguments(options, message):
    net, data = trained(6, 20, 8)
    with pytest.raises(InputError, match=message):
        assess_each(net, data, options.pop("forget_sets", [0]), **options)


def test_a_certificate_of_another_model_is_refused():
    net, data = trained(6, 20, 8)
    with pytest.raises(InputError, match="another model"):
        assess_each(net, data, [0], certificate=certify(trained(6, 20, 8, seed=5)[0].with_kinks(None), data, scale=1.0))


def test_no_more_is_left_of_a_kkt_point_of_nearly_parallel_points_than_the_certificate_leaves():
    rng = np.random.default_rng(0)
    signed = rng.standard_normal(8) + 2e-3 * rng.standard_normal((6, 8))
    y = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
    model, data = LinearPredictor(np.linspace(0.5, 1.5, 6) @ signed), Dataset(y[:, None] * signed, y)
    certificate = certify(model, data)
    assert certificate.unique
    for answer in assess_each(model, data, range(6), certificate=certificate):
        assert answer.first("itself").epsilon <= 2 * certificate.epsilon  # the scale differs a little
