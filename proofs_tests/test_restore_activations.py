"""The additive correction: its formula, and a truthful account of which signs on retained points it in fact restores."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, certify, gradient_ascent, restore_activations
from kktcheck.tolerances import EPS

from .kkt_instances import planted_network, planted_networks

networks = planted_networks(error=(0.0, 0.05), slack=(0.0, 0.5), min_points=3, paper_layer=True)


def forget_sets(planted):
    m = planted.data.num_points
    return st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True)


def flipped(model, original, data, forget):
    """Pairs (neuron, retained point) with another sign than the original's, counted one by one; the original's kinks are exact zeros."""
    pairs = []
    for j in range(model.num_neurons):
        if (model.W[j] == original.W[j]).all():
            continue  # an untouched neuron changes no sign, whatever rounding makes of its zeros
        for k in range(data.num_points):
            if k not in forget:
                before = 0.0 if original.kinks is not None and original.kinks[j, k] else original.W[j] @ data.X[k]
                if (before >= 0) != (model.W[j] @ data.X[k] >= 0):
                    pairs.append([j, k])
    return pairs


@given(networks, st.data(), st.sampled_from([None, 0.0, 1e-3, 0.5]), st.sampled_from([1.0, 0.4]), st.floats(-5, 5))
def test_the_correction_is_the_formula_of_the_paper_added_up_term_by_term(planted, draws, c, fraction, exponent):
    data, original, forget = planted.data, planted.model.scaled(2.0**exponent), draws.draw(forget_sets(planted))
    m, n = data.num_points, original.num_neurons
    certificate = certify(original, data)
    unlearned = gradient_ascent(original, data, forget, certificate=certificate, fraction=fraction)
    restored = restore_activations(unlearned, data, forget, original=original, certificate=certificate, c=c, fraction=fraction)
    weight = 4 * m * n * data.phi / (2 * m * n) if c is None else c
    assert restored.c == pytest.approx(weight, rel=1e-14)
    z, correction = certificate.gates(), np.zeros_like(original.W)
    for j in range(n):
        for i in forget:
            for k in range(m):
                if k not in forget:
                    sign = 1.0 if original.kinks[j, k] or original.W[j] @ data.X[k] >= 0 else -1.0
                    correction[j] += fraction * weight * abs(original.u[j]) * z[j, i] * data.X[k] * sign
    size = np.abs(correction).max() + np.abs(unlearned.W).max() * certificate.scale
    np.testing.assert_allclose(restored.model.W * certificate.scale, unlearned.W * certificate.scale + correction, rtol=0, atol=64 * EPS * size)
    assert restored.correction_norm == pytest.approx(np.linalg.norm(correction), rel=1e-12)


@given(networks, st.data(), st.sampled_from([None, 0.0, 1e-3, 0.5]), st.sampled_from(["both", "original", "neither"]))
def test_the_changed_signs_are_counted_as_they_are(planted, draws, c, masked):
    data, forget = planted.data, draws.draw(forget_sets(planted))
    original = planted.model.with_kinks(None) if masked == "neither" else planted.model
    unlearned = gradient_ascent(original, data, forget)
    if masked == "original":
        unlearned = unlearned.with_kinks(None)
    restored = restore_activations(unlearned, data, forget, original=original, c=c)
    assert restored.changed_before.tolist() == flipped(unlearned, original, data, forget)
    assert restored.changed.tolist() == flipped(restored.model, original, data, forget)
    assert restored.restored == (len(restored.changed) == 0)


@given(networks, st.data(), st.sampled_from([0.0, 1.0]))
def test_kinks_are_lost_on_the_neurons_that_move_off_them_and_only_there(planted, draws, fraction):
    data, original, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    restored = restore_activations(gradient_ascent(original, data, forget, fraction=fraction), data, forget, original=original)
    kept = np.delete(np.arange(data.num_points), forget)
    moved = (restored.model.W != original.W).any(axis=1)
    sizes = np.abs(restored.model.W @ data.X.T) / (np.linalg.norm(restored.model.W, axis=1)[:, None] * data.norms + 1e-300)
    assert restored.lost_kinks == ((sizes > 1e-10) & original.kinks & moved[:, None])[:, kept].sum()
    np.testing.assert_array_equal(restored.model.kinks, original.kinks[:, kept] & ~moved[:, None])
    restored.model.states(data.without(forget))  # the kinks carried on fit


def test_a_neuron_that_moves_along_its_kink_stays_on_it():
    """Orthogonal points in general position: the pre-activation is zero up to rounding, before and after."""
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((7, 7)))[0]
    data = Dataset(Q[:3], np.ones(3))
    u = np.array([1.0, 1.0]) / np.sqrt(2)
    model = TwoLayerReLU(np.stack([Q[0] + Q[1], Q[1] + Q[2]]), u, [[False, False, True], [True, False, False]])
    unlearned = gradient_ascent(model, data, 0)
    still, pushed = (restore_activations(unlearned, data, 0, original=model, c=c) for c in (0.0, 0.1))
    assert 0 < abs(unlearned.W[0] @ Q[2]) < 1e-15
    assert (still.lost_kinks, pushed.lost_kinks) == (0, 1)  # the correction pushes neuron 0 to the active side of point 2


@given(networks, st.data())
def test_a_fraction_of_zero_changes_nothing(planted, draws):
    data, original, forget = planted.data, planted.model, draws.draw(forget_sets(planted))
    restored = restore_activations(gradient_ascent(original, data, forget, fraction=0), data, forget, original=original, fraction=0)
    assert (restored.model.W == original.W).all() and restored.restored and not len(restored.changed_before)
    assert (restored.lost_kinks, restored.correction_norm) == (0, 0.0)


def near_orthogonal(a, b):
    """Three points with <x_0, x_2> = -a and <x_1, x_2> = b, an exact KKT point on them, and what it satisfies.

    Neuron 0 acts on points 0 and 1 and sleeps on point 2, to which point 1 alone would wake it; neuron 1 acts on point 2 and is held on
    a kink by point 1.
    """
    data = Dataset.from_gram([[1.0, 0, -a], [0, 1.0, b], [-a, b, 1.0]], [1, 1, -1])
    u = np.array([1.0, -1.0]) / np.sqrt(2)
    # Margins 1: lambda / 2 = 1 for points 0 and 1, and lambda_2 (1 - b^2) / 2 = 1 as neuron 1 is projected off point 1.
    multipliers = np.array([2.0, 2.0, 2 / (1 - b * b)])
    W = np.stack([u[0] * (2 * data.X[0] + 2 * data.X[1]), -u[1] * multipliers[2] * (data.X[2] - b * data.X[1])])
    model = TwoLayerReLU(W, u, [[False, False, False], [False, True, False]])
    certificate = certify(model, data)
    assert certificate.residuals.kkt <= 1e-14
    np.testing.assert_allclose(certificate.multipliers, multipliers, rtol=1e-12)
    return data, model


def test_under_the_hypotheses_of_the_theorem_the_sign_that_the_step_flips_is_restored():
    """psi <= 0.1, epsilon_d <= 0.01 (Theorem 4.1), an exact KKT point, and the paper's own c."""
    data, model = near_orthogonal(1e-4, 4e-5)
    assert data.psi <= 0.1 and model.epsilon_d(data) <= 0.01
    unlearned = gradient_ascent(model, data, 0)
    restored = restore_activations(unlearned, data, 0, original=model)
    assert restored.changed_before.tolist() == [[0, 2]]  # point 1 wakes neuron 0 on point 2 once point 0 is gone
    assert restored.restored and restored.lost_kinks == 0
    assert restored.c == pytest.approx(model.epsilon_d(data) / (2 * 3 * 2))


def test_a_correction_that_is_too_weak_is_reported_as_such():
    """It must outweigh the push b of point 1, about 0.4 phi here: c = 2 phi does, c = phi / 4 does not."""
    data, model = near_orthogonal(1e-4, 4e-5)
    weak = restore_activations(gradient_ascent(model, data, 0), data, 0, original=model, c=data.phi / 4)
    assert weak.changed.tolist() == [[0, 2]] and not weak.restored


def test_beyond_the_hypotheses_the_correction_itself_can_flip_a_sign():
    """A short point that leans against another: the sum over the retained points pushes the neuron off it, the step alone does not."""
    data = Dataset([[0, 0, 1.0], [1.0, 0, 0], [-0.4, 0.45, 0]], [1, 1, 1])
    model = TwoLayerReLU([[0.5, 0.467, 1.0]], [1.0])
    assert model.margins(data).min() > 0.01 and data.psi > 0.1
    restored = restore_activations(gradient_ascent(model, data, 0), data, 0, original=model)
    assert restored.changed_before.tolist() == [] and restored.changed.tolist() == [[0, 2]] and not restored.restored


def test_a_second_layer_other_than_the_papers_needs_a_c_of_the_callers():
    planted = planted_network(3)
    unlearned = gradient_ascent(planted.model, planted.data, 0)
    with pytest.raises(InputError, match=r"epsilon_d of Theorem 4.1 needs \|u_j\| = 1/sqrt\(n\)"):
        restore_activations(unlearned, planted.data, 0, original=planted.model)
    assert restore_activations(unlearned, planted.data, 0, original=planted.model, c=0.01).c == 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"c": -1e-3}, "c = -0.001"),
        ({"c": np.nan}, "c = nan"),
        ({"c": "small"}, "c = 'small'"),
        ({"fraction": -1}, "fraction = -1"),
        ({"fraction": np.inf}, "fraction = inf"),
        ({"forget": []}, "forget set is empty"),
        ({"forget": range(6)}, "holds all 6 points"),
        ({"forget": 6}, "names point 6"),
        ({"forget": [2, 2]}, "names point 2 more than once"),
        ({"original": LinearPredictor(np.ones(12))}, "not LinearPredictor: only they have activations"),
        ({"unlearned": LinearPredictor(np.ones(12))}, "not LinearPredictor: only they have activations"),
        ({"unlearned": TwoLayerReLU(np.ones((7, 12)), np.ones(7))}, "differs from the original .* in shape or second layer"),
        ({"unlearned": TwoLayerReLU(np.ones((8, 12)), np.ones(8))}, "in shape or second layer"),
        ({"data": np.eye(3)}, "data must be a kktcheck.Dataset"),
        ({"certificate": "mine"}, "certificate must be a kktcheck.Certificate"),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(changes, message):
    planted = planted_network(3, paper_layer=True)
    arguments = {"unlearned": planted.model.with_kinks(None), "data": planted.data, "forget": 0, "original": planted.model} | changes
    with pytest.raises(InputError, match=message):
        restore_activations(**arguments)


def test_a_certificate_of_another_network_is_refused():
    planted, other = planted_network(3, paper_layer=True), planted_network(4, paper_layer=True)
    with pytest.raises(InputError, match="belongs to other data"):
        restore_activations(planted.model, planted.data, 0, original=planted.model, certificate=certify(other.model, other.data))
