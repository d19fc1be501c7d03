"""Figure 1: the averaged figures against the float core, networks for which the sentence fails, the projected step for which it holds."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import nnls

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.claims.data import figure1, training_figures
from kktcheck.instances.realised import realise

from .instances import examples
from .test_claims_data import witness

REFUTED = ("figure-1/version/each-network", "figure-1/version/minimiser")
EVIDENCE = ("figure-1", "figure-1/version/minimiser/corrected")


@pytest.mark.parametrize("id", REFUTED)
def test_refuted_readings_are_refuted_by_the_referee_within_the_hypotheses_of_theorem_4_1(id):
    assert claims.get(id).corrected_by in EVIDENCE and claims.get(id).derivation
    point = witness(id)
    assert point.is_exact and point.epsilon_d <= Fraction(1, 100) and point.error_squared == 0
    model, data = realise(point)
    assert model.epsilon_d(data) <= 0.01 + 1e-12 and data.psi <= 0.1


@pytest.mark.parametrize("id", EVIDENCE)
def test_what_is_left_of_the_sentence_holds(id):
    first, second = (judge(claims.get(id), "quick", seed) for seed in (0, 0))
    assert first.verdict == "holds" and first.instances >= 100
    assert (first.worst_ratio, first.instances) == (second.worst_ratio, second.instances)
    assert 0 < first.worst_ratio < 1


def test_the_figures_agree_with_the_float_core():
    rng = np.random.default_rng(5)
    grams, labels, P, norms, signs = training_figures.trained(1, rng)
    fractions, compared = (1.0, 0.0, 1.5, 0.5), 0
    found = training_figures.forgotten(grams, labels, P, norms, signs, 1, fractions)
    for k in range(len(P)):
        data = kc.Dataset.from_gram(grams[k], labels[k])
        net = kc.TwoLayerReLU(np.linalg.lstsq(data.X, P[k].T, rcond=None)[0].T, signs[k] / np.sqrt(signs.shape[1]))
        if net.margins(data).min() <= 0:
            continue
        certificate = kc.certify(net, data, subgradient="indicator")
        for fraction, epsilon in zip(fractions, found[k], strict=True):
            step = kc.gradient_ascent(net, data, 1, certificate=certificate, fraction=fraction)
            if np.isfinite(epsilon):
                assert kc.certify(step, data.without(1), subgradient="indicator").epsilon == pytest.approx(epsilon, rel=1e-8)
                compared += 1
    assert compared >= 25


def test_a_figure_that_says_the_opposite_is_counted_as_undecided(monkeypatch):
    good = training_figures.Figure(4, 12, 10, (0.5, 1.5, 1.4))
    drawn = [good._replace(means=tuple(np.array(good.means) + 0.01 * k)) for k in range(150)]
    for figures, verdict in (
        (drawn, "holds"),
        ([figure._replace(means=(3.0, 1.5, 1.4)) for figure in drawn], "inconclusive"),
        ([*drawn, good._replace(means=(np.inf, 1.5, 1.4))], "inconclusive"),
    ):
        monkeypatch.setattr(figure1, "figures", lambda count, seed, figures=figures: figures)
        assert judge(claims.get("figure-1"), "quick").verdict == verdict


@pytest.mark.parametrize("copies", (1, 2, 3))
def test_flipping_networks_do_in_the_float_core_what_the_derivation_says(copies):
    point = figure1.flipping("1/100000", copies)
    model, data = realise(point)
    for subgradient in ("clarke", "indicator"):
        certificate = kc.certify(model, data, subgradient=subgradient, kink_tol=0)
        assert certificate.epsilon <= 1e-12
        expected = {0.0: (copies + 1) / copies, 0.45: 0.55**2 * (copies + 1) / copies, 1.0: copies}
        for fraction, square in expected.items():
            step = kc.gradient_ascent(model, data, 0, certificate=certificate, fraction=fraction)
            found = kc.certify(step, data.without(0), subgradient=subgradient, kink_tol=0)
            assert found.epsilon**2 == pytest.approx(square, rel=1e-3)


@examples(25)
@given(strategies.instances(strategies.TwoLayerPoints(points=(2, 4), neurons=(1, 4))))
def test_epsilon_squared_is_that_of_the_certificate(point):
    kept = point.kept([0])
    unlearned = point.with_rows(point.unlearned([0]))
    model, data = realise(unlearned)
    if unlearned.margins[kept].min() <= 1e-6:
        return
    if model.kinks is None:
        found = kc.certify(model, data.without(0), subgradient="indicator")
        assert figure1.epsilon_squared(unlearned, kept) == pytest.approx(found.epsilon**2, rel=1e-6, abs=1e-9)
    assert float(figure1.epsilon_squared(unlearned.exact(), kept)) == pytest.approx(figure1.epsilon_squared(unlearned, kept), rel=1e-6, abs=1e-9)


def test_supports_are_tried_where_the_plain_solution_is_negative():
    rng = np.random.default_rng(2)
    negative = 0
    for _ in range(200):
        A = rng.standard_normal((5, 3))
        target = rng.standard_normal(5)
        gram, right = A.T @ A, A.T @ target
        if not (right > 0).any():
            continue
        residual = nnls(A, target)[1] ** 2
        negative += (np.linalg.solve(gram, right) < 0).any()
        explained = figure1._explained(gram, right)
        assert target @ target - explained == pytest.approx(residual, rel=1e-9, abs=1e-12)
    assert negative >= 50


@examples(20)
@given(strategies.instances(figure1._POINTS))
def test_the_projected_step_costs_what_its_derivation_says(point):
    claim = claims.get("figure-1/version/minimiser/corrected")
    reading = claim.read(point)
    assert not reading.met or reading.ratio <= 1 + 1e-9
    if not reading.met:
        return
    bare = figure1.stationary(point)
    kept, way = bare.kept([0]), bare.projected([0]) - bare.rows
    at = {f: figure1.epsilon_squared(bare.with_rows(bare.rows + f * way), kept) * bare.margins[kept].min() ** 2 for f in (0.0, 0.5, 1.0, 1.5)}
    inner = np.linalg.solve(point.gram[np.ix_(kept, kept)], point.gram[kept, 0])
    outside = point.gram[0, 0] - inner @ point.gram[kept, 0]
    lost = outside * bare.active[:, 0].sum() / bare.num_neurons * bare.multipliers[0] ** 2
    for fraction, square in at.items():
        assert square == pytest.approx(at[1.0] + (1 - fraction) ** 2 * lost, rel=1e-6, abs=1e-9)
