"""Assessments: every witness is replayed from its model and multipliers, the exact one is exact, and what is missing has a reason."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import (
    Dataset,
    InputError,
    LinearPredictor,
    TwoLayerReLU,
    assess,
    certify,
    gradient_ascent,
    kkt_point,
    max_margin,
    restore_activations,
)
from kktcheck.tolerances import SETTLED

from .instances import examples, seeds
from .kkt_instances import planted_network, planted_predictor

KINDS = ("itself", "snapped", "corrected", "projected", "between", "exact")
methods = st.sampled_from(["plain", "projected", "nothing"])


def network(seed):
    """A planted network as training leaves it: off its kinks by 1e-8, which decides every sign."""
    planted = planted_network(seed, m=5, d=9, n=6, error=0.02, paper_layer=True)
    noise = np.random.default_rng(seed).standard_normal(planted.model.W.shape)
    return planted.data, TwoLayerReLU(planted.model.W + 1e-8 * noise, planted.model.u)


def predictor(seed):
    planted = planted_predictor(seed, m=5, d=9, error=0.05, slack=0.1)
    return planted.data, planted.model


def unlearned_by(method, model, data, forget):
    return model if method == "nothing" else gradient_ascent(model, data, forget, method=method)


def replayed(witness, retained):
    """Epsilon, delta and the least margin of a witness, with the Jacobian and the gates written out."""
    model, X, y = witness.model, retained.X, retained.y
    if isinstance(model, LinearPredictor):
        residual = model.w - (witness.multipliers * y) @ X
        margins = y * (X @ model.w)
        return np.linalg.norm(residual), (witness.multipliers * (margins - 1)).max(), margins.min()
    P = model.W @ X.T
    kinks = np.zeros(P.shape, bool) if model.kinks is None else model.kinks
    margins = y * (model.u @ np.where(kinks, 0.0, np.maximum(P, 0.0)))
    total = 0.0
    for j, w in enumerate(model.W):  # the best gates on the kinks, by projected gradients
        rest = w - model.u[j] * ((witness.multipliers * y * (~kinks[j] & (P[j] >= 0))) @ X)
        columns = (model.u[j] * y[kinks[j]])[:, None] * X[kinks[j]]
        z, caps = np.zeros(len(columns)), witness.multipliers[kinks[j]]
        rate = 1.0 / max(np.linalg.norm(columns, 2) ** 2, 1e-300) if len(columns) else 0.0
        for _ in range(4000 if len(columns) else 0):
            z = np.clip(z + rate * (columns @ (rest - z @ columns)), 0.0, caps)
        total += float(np.sum((rest - z @ columns) ** 2))
    return np.sqrt(total), (witness.multipliers * (margins - 1)).max(), margins.min()


def cosine_gap(a, b):
    a, b = a.hidden / np.linalg.norm(a.hidden), b.hidden / np.linalg.norm(b.hidden)
    return 0.5 * np.sum((a - b) ** 2)


@examples(12)
@given(seeds(), st.sampled_from(["network", "predictor"]), methods, st.integers(1, 3))
def test_every_witness_is_what_its_model_and_multipliers_give(seed, kind, method, k):
    data, model = network(seed) if kind == "network" else predictor(seed)
    forget = list(range(k))
    unlearned, retained = unlearned_by(method, model, data, forget), data.without(forget)
    found = assess(unlearned, data, forget, original=model)
    assert {"itself", "projected", "exact"} <= {w.kind for w in found.witnesses} <= set(KINDS)
    for witness in (*found.witnesses, *found.identity):
        epsilon, delta, least = replayed(witness, retained)
        size = witness.model.norm
        assert witness.epsilon == pytest.approx(epsilon, rel=1e-6, abs=1e-9 * size)
        assert witness.delta == pytest.approx(max(delta, 0.0), rel=1e-9, abs=1e-11 * witness.multipliers.max())
        assert least == pytest.approx(1.0, abs=1e-10)
        assert (witness.multipliers >= 0).all()
    for witness in found.witnesses:
        assert witness.tau == pytest.approx(cosine_gap(unlearned, witness.model), rel=1e-9, abs=1e-14)
    assert found.first("itself").tau == 0.0
    assert found.moved == pytest.approx(cosine_gap(model, unlearned), abs=1e-15)


@examples(10)
@given(seeds(), methods)
def test_the_exact_witness_is_an_exact_point_of_the_retained_data(seed, method):
    data, model = network(seed)
    unlearned = unlearned_by(method, model, data, 1)
    exact = assess(unlearned, data, 1, original=model).exact
    again = kkt_point(exact.model.with_kinks(None), data.without(1))
    assert again.tau <= 1e-12
    assert exact.epsilon <= SETTLED * exact.model.norm
    assert exact.delta <= SETTLED * exact.multipliers.max()


@examples(10)
@given(seeds(), methods)
def test_the_exact_point_of_a_linear_model_is_the_max_margin_predictor(seed, method):
    data, model = predictor(seed)
    unlearned = unlearned_by(method, model, data, [0, 2])
    exact = assess(unlearned, data, [0, 2], original=model).exact
    other = max_margin(data.without([0, 2]), engine="cvxpy")
    assert exact.tau == pytest.approx(cosine_gap(unlearned, other.model), rel=1e-5, abs=1e-12)
    np.testing.assert_allclose(exact.model.w, other.model.w, atol=1e-6 * other.model.norm)


@examples(8)
@given(seeds())
def test_an_exact_retained_point_is_found_again_and_nothing_beats_it(seed):
    data, model = network(seed)
    retained = data.without(2)
    point = kkt_point(model, retained)
    found = assess(point.model, data, 2, original=model)
    assert found.exact.tau <= 1e-12
    assert found.first("itself").epsilon <= 1e-10 * point.model.norm
    assert found.successful(1e-10 * point.model.norm, 1e-9, 1e-12)


@examples(8)
@given(seeds())
def test_the_nearest_of_several_exact_points_counts(seed):
    """Points far away do not matter, one nearer than those found is taken."""
    data, model = network(seed)
    retained, unlearned = data.without(0), gradient_ascent(model, data, 0)
    alone = assess(unlearned, data, 0, original=model)
    far = kkt_point(model, retained, rng=seed)
    together = assess(unlearned, data, 0, original=model, points=[far])
    assert together.exact.tau == pytest.approx(min(alone.exact.tau, cosine_gap(unlearned, far.model)), rel=1e-9, abs=1e-15)
    given_alone = assess(unlearned, data, 0, points=[kkt_point(model, retained)])
    assert given_alone.exact.tau <= alone.exact.tau + 1e-15


@examples(8)
@given(seeds(), st.sampled_from([1e-3, 0.7, 40.0]))
def test_scale_and_order_do_not_matter(seed, scale):
    data, model = network(seed)
    unlearned = gradient_ascent(model, data, [1, 3])
    first = assess(unlearned, data, [1, 3], original=model)
    second = assess(unlearned.scaled(scale), data, [3, 1], original=model.scaled(scale))
    assert [w.kind for w in first.witnesses] == [w.kind for w in second.witnesses]
    for a, b in zip((*first.witnesses, *first.identity), (*second.witnesses, *second.identity), strict=True):
        np.testing.assert_allclose(a.numbers, b.numbers, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(first.retained_margins, second.retained_margins, rtol=1e-9)
    np.testing.assert_allclose(first.forgotten_margins, second.forgotten_margins[::-1], atol=1e-9)


@examples(6)
@given(seeds())
def test_the_corrected_and_projected_witnesses_are_those_models(seed):
    data, model = network(seed)
    certificate = certify(model, data)
    unlearned = gradient_ascent(model, data, 0, certificate=certificate)
    found = assess(unlearned, data, 0, original=model, certificate=certificate)
    corrected = restore_activations(unlearned, data, 0, original=model, certificate=certificate).model
    witness = found.first("corrected")
    if (corrected.margins(data.without(0)) <= 0).any():
        assert "at most 0" in found.reasons["corrected"]
        assert witness is None
    else:
        assert cosine_gap(corrected, witness.model) <= certify(corrected, data.without(0)).tau + 1e-14
    projected = gradient_ascent(model, data, 0, certificate=certificate, method="projected")
    assert cosine_gap(projected, found.first("projected").model) <= certify(projected, data.without(0)).tau + 1e-14
    assert found.bounds.theorem == "Theorem 4.1"


@examples(6)
@given(seeds())
def test_doing_nothing_is_assessed_as_any_other_algorithm(seed):
    data, model = network(seed)
    idle = assess(model, data, 0, original=model)
    after = assess(gradient_ascent(model, data, 0), data, 0, original=model)
    own = [w for w in idle.witnesses if w.kind in ("itself", "snapped", "exact")]
    for a, b in zip(after.identity, own, strict=True):
        assert a.kind == b.kind
        np.testing.assert_allclose(a.numbers, b.numbers, rtol=1e-9, atol=1e-13)


@given(seeds())
@examples(6)
def test_no_witness_on_the_front_is_beaten_and_every_other_one_is(seed):
    data, model = network(seed)
    found = assess(gradient_ascent(model, data, 0), data, 0, original=model)
    front = found.pareto
    for one in found.witnesses:
        beaten = any(all(np.array(o.numbers) <= one.numbers) and o.numbers != one.numbers for o in found.witnesses)
        assert beaten == (one not in front)
        assert found.successful(*one.numbers)
    best = min(w.epsilon for w in found.witnesses)
    assert not found.successful(np.nextafter(best, -1), np.inf, np.inf)


def test_without_an_original_only_the_models_own_witnesses_are_there():
    data, model = network(0)
    found = assess(gradient_ascent(model, data, 0), data, 0)
    assert found.identity == ()
    assert found.bounds is None
    assert found.moved is None
    assert {"corrected", "projected"}.isdisjoint(w.kind for w in found.witnesses)
    assert found.exact is not None


def test_a_misclassifying_model_has_no_witness_of_its_own_but_a_distance():
    data, model = network(0)
    flipped = TwoLayerReLU(-model.W, model.u)
    found = assess(flipped, data, 0, original=model)
    assert found.misclassified
    assert 0 not in found.misclassified
    assert "no scale makes the model feasible" in found.reasons["itself"]
    assert found.exact.tau > 0.5
    assert "misclassified" in found.summary()


def test_an_original_that_misclassifies_a_point_is_said_to_have_no_certificate():
    data, model = network(0)
    wrong = Dataset(data.X, np.where(np.arange(5) == 1, -data.y, data.y))
    found = assess(model, wrong, 1, original=model)
    assert "point 1 has a margin" in found.reasons["corrected, projected, bounds"]
    assert found.bounds is None
    assert found.exact is not None


def test_a_point_in_the_span_of_the_others_has_no_projected_witness():
    data, model = network(0)
    X = np.vstack([data.X, data.X[0]])
    doubled = Dataset(X, np.append(data.y, data.y[0]))
    found = assess(model, doubled, 0, original=model)
    assert "span of the retained points" in found.reasons["projected"]
    assert np.isnan(found.residual_influence.relative[0])


def test_data_that_cannot_be_separated_leaves_no_exact_point():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    data = Dataset(X, np.ones(3))
    found = assess(LinearPredictor([1.0, 1.0]), Dataset(np.vstack([X, [1.0, 2.0]]), np.ones(4)), 3)
    assert found.exact is None
    assert "exact" in found.reasons
    assert data.num_points == len(found.retained_margins)


def test_the_summary_names_every_kind_and_the_bound():
    data, model = network(0)
    text = assess(gradient_ascent(model, data, 0), data, 0, original=model).summary()
    for word in ("itself", "corrected", "projected", "exact", "Doing nothing", "Theorem 4.1", "beyond"):
        assert word in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": None}, "must be a kktcheck.Dataset"),
        ({"unlearned": 3}, "unlearned must be a LinearPredictor or a TwoLayerReLU, not int"),
        ({"original": LinearPredictor(np.ones(9))}, "differs from the original"),
        ({"original": "none"}, "original must be a LinearPredictor"),
        ({"forget": []}, "the forget set is empty"),
        ({"forget": [0, 1, 2, 3, 4]}, "nothing would be retained"),
        ({"forget": 7}, "names point 7"),
        ({"subgradient": "other"}, "subgradient 'other' is unknown"),
        ({"kink_tol": 2}, "kink_tol = 2"),
        ({"certificate": "yes"}, "must be a kktcheck.Certificate"),
    ],
)
def test_bad_input_is_named(change, message):
    data, model = network(0)
    arguments = {"unlearned": gradient_ascent(model, data, 0), "data": data, "forget": 0, "original": model} | change
    with pytest.raises(InputError, match=message):
        assess(arguments.pop("unlearned"), arguments.pop("data"), arguments.pop("forget"), **arguments)


def test_models_of_other_dimensions_and_certificates_without_an_original_are_refused():
    data, model = network(0)
    with pytest.raises(InputError, match="unlearned takes points of dimension 3, but the data has dimension 9"):
        assess(TwoLayerReLU(np.ones((6, 3)), model.u), data, 0)
    with pytest.raises(InputError, match="give original= as well"):
        assess(model, data, 0, certificate=certify(model, data))


def test_a_forget_set_that_leaves_one_class_is_assessed_as_any_other():
    data, model = network(0)
    forget = np.flatnonzero(data.y < 0)
    assert 0 < len(forget) < 5
    found = assess(gradient_ascent(model, data, forget), data, forget, original=model)
    assert found.exact is not None
    assert (data.without(forget).y == 1).all()
    linear_data, linear = predictor(1)
    forget = np.flatnonzero(linear_data.y > 0)
    assert 0 < len(forget) < 5
    exact = assess(gradient_ascent(linear, linear_data, forget), linear_data, forget, original=linear).exact
    np.testing.assert_allclose(exact.model.w, max_margin(linear_data.without(forget)).model.w)


@pytest.mark.parametrize(("m", "n"), [(2, 1), (2, 3), (3, 1)])
def test_the_smallest_sizes_and_dead_neurons(m, n):
    """Orthogonal points of one label: one step leads to an exact retained point, whatever sleeps."""
    data = Dataset(np.eye(m, 4), np.ones(m))
    W = np.zeros((n + 1, 4))
    W[:n, :m], W[n] = 1.0, -1.0
    u = np.ones(n + 1)
    original = TwoLayerReLU(np.where(np.arange(n + 1)[:, None] < n, W, 0.0), u)
    found = assess(gradient_ascent(original, data, 0), data, 0, original=original)
    assert found.exact.tau <= 1e-15
    assert found.identity[-1].tau > 0.05
    dead = TwoLayerReLU(W, u)
    assert assess(dead, data, 0, original=dead).exact.model.norm == pytest.approx(found.exact.model.norm)


def test_forgetting_the_only_point_is_refused():
    data = Dataset([[1.0, 0.0]], [1.0])
    with pytest.raises(InputError, match="nothing would be retained"):
        assess(LinearPredictor([1.0, 0.0]), data, 0)
