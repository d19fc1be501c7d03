"""The statistics of the experiment behind Figure 1, infeasible networks included."""

import json

import numpy as np
import pytest

import kktcheck as kc
from kktcheck.experiments import appendix_e, figure1
from kktcheck.experiments.figure1_result import Figure1, Series

FRACTIONS = np.linspace(0, 1.5, 7)


def series(epsilon, name="clarke"):
    return Series(name, "clarke", "plain", FRACTIONS, epsilon, epsilon / 2, np.ones(len(epsilon)))


def parabolas(centres, points=3):
    """Epsilon with its minimum at the centre of each network, shape (networks, points, fractions)."""
    rows = 1 + (FRACTIONS - np.asarray(centres)[:, None]) ** 2
    return np.repeat(rows[:, None, :], points, axis=1)


def test_minimiser_and_its_error_of_known_parabolas():
    centres = np.array([0.7, 0.9, 1.0])
    found = series(parabolas(centres))
    assert found.minimiser == pytest.approx(centres.mean(), abs=1e-12)
    assert found.minimiser_error == pytest.approx(centres.std(ddof=1) / np.sqrt(3), abs=1e-9)
    assert found.epsilon_sem == pytest.approx(parabolas(centres)[:, 0].std(axis=0, ddof=1) / np.sqrt(3))


@pytest.mark.parametrize(("centre", "words"), [(1.0, "Borne out"), (0.85, "Borne out for far steps"), (0.1, "Not borne out")])
def test_the_verdict_follows_the_curve(centre, words):
    result = Figure1(figure1.Settings(networks=2), (series(parabolas([centre, centre]), "indicator"), series(parabolas([1, 1]))), np.ones(2))
    assert words in result.finding[0]
    assert (words == "Borne out") == result.finding[0].endswith("Borne out")


def test_infeasible_networks_leave_gaps_and_no_warning():
    epsilon = parabolas([1.0, 1.0])
    epsilon[0, :, -1] = epsilon[1, 0, -1] = np.nan
    part = series(epsilon)
    assert part.infeasible == 4 and np.isfinite(part.epsilon_mean).all()
    epsilon[:, :, -1] = np.nan
    lost = series(epsilon)
    assert np.isnan(lost.epsilon_mean[-1]) and np.isnan(lost.epsilon_sem[-1]) and lost.minimiser == pytest.approx(1.0)
    result = Figure1(figure1.Settings(networks=2), (series(epsilon, "indicator"), lost), np.ones(2))
    assert "every unlearned network misclassifies" in result.finding[1] and result.summary()
    assert json.loads(result.to_json())["series"][1]["epsilon_mean"][-1] is None


def test_a_curve_with_nothing_feasible():
    nothing = series(np.full((2, 3, 7), np.nan))
    result = Figure1(figure1.Settings(networks=2), (series(parabolas([1, 1]), "indicator"), nothing), np.ones(2))
    assert np.isnan(nothing.minimiser) and result.summary()
    assert json.loads(result.to_json())["series"][1]["minimiser"] is None


def test_every_number_of_a_run_is_the_certificate_of_that_step():
    settings = figure1.Settings(networks=2, epochs=3000, num_points=4, dim=60, neurons=20, points=(2,), fractions=(0.0, 0.5, 1.0))
    result = figure1.run(settings)
    training = appendix_e.trained(settings)
    for curve in result.series:
        for k, (net, data) in enumerate(zip(training.models, training.data, strict=True)):
            before = kc.certify(net, data, subgradient=curve.subgradient)
            assert curve.original_epsilon[k] == pytest.approx(before.epsilon, rel=1e-9)
            for f, fraction in enumerate(settings.fractions):
                unlearned = kc.gradient_ascent(net, data, 2, certificate=before, fraction=fraction, method=curve.method)
                after = kc.certify(unlearned, data.without(2), subgradient=curve.subgradient)
                assert curve.epsilon[k, 0, f] == pytest.approx(after.epsilon, rel=1e-8)
                assert curve.delta[k, 0, f] == pytest.approx(after.delta, rel=1e-6)
