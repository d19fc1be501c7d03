"""The phase diagram's numbers: exact weights of labels, intervals that cover, theorems that begin where they say, the same cells."""

import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binom

from kktcheck.errors import InputError
from kktcheck.experiments import generalization as gen
from kktcheck.experiments import generalization_phase as phases
from kktcheck.experiments import generalization_theory as theory
from kktcheck.experiments.generalization_accuracy import one_label, onset, overall, with_both_labels
from kktcheck.experiments.generalization_result import MODELS, Generalization
from kktcheck.tails import limits

from .phase_instances import TINY, planted, resumed, small_families


def result(right, labels, points=4, forgotten=1, test_points=100):
    """One cell with planted counts, the same for all models."""
    settings = gen.Settings(dims=(50,), alphas=(0.1,), points=points, forgotten=forgotten, draws=len(right), test_points=test_points)
    cell = {"right": [[count] * len(MODELS) for count in right], "labels": labels, "failures": []}
    return Generalization.of(settings, [cell])


def test_both_kinds_of_datasets_count_with_their_exact_chances():
    found = result([90, 80, 40], [[2, 1], [2, 2], [3, 3]])
    assert with_both_labels(found).mean[1:, 0, 0] == pytest.approx(0.85)
    assert with_both_labels(found).mean[0, 0, 0] == pytest.approx(0.7)  # the original has both labels in the third draw, too
    assert overall(found).mean[1:, 0, 0] == pytest.approx(0.25 * 0.4 + 0.75 * 0.85)
    assert overall(found).mean[0, 0, 0] == pytest.approx(0.125 * 0.5 + 0.875 * 0.7)
    found = result([90, 40], [[2, 2], [1, 0]])  # the only point of its label is forgotten
    assert with_both_labels(found).mean[:, 0, 0] == pytest.approx([0.65, 0.9, 0.9, 0.9])


def test_what_was_not_drawn_is_open():
    unseen = overall(result([100], [[2, 2]], points=4))
    low = limits(100, 100, 0.025)[0]
    assert unseen.mean[1, 0, 0] == pytest.approx(0.25 * 0.5 + 0.75) and unseen.low[1, 0, 0] == pytest.approx(0.75 * low)
    assert unseen.high[1, 0, 0] == 1
    only = overall(result([60], [[3, 3]], points=4))
    assert np.isnan(only.mean[1, 0, 0]) and only.low[1, 0, 0] < 0.25 * 0.6 < 0.75 < only.high[1, 0, 0]
    single = overall(result([60], [[1, 1]], points=2))
    assert single.mean[1, 0, 0] == pytest.approx(0.6) and single.high[1, 0, 0] < 0.75


def test_draws_without_a_network_widen_the_interval_both_ways():
    known, with_gap = (with_both_labels(result(right, [[2, 2]] * 2)) for right in ([90, 90], [90, None]))
    assert with_gap.mean[1, 0, 0] == known.mean[1, 0, 0] == pytest.approx(0.9)
    assert with_gap.low[1, 0, 0] < 0.46 and with_gap.high[1, 0, 0] > known.high[1, 0, 0]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=5), st.integers(0, 2**5 - 1))
def test_means_lie_in_their_intervals(right, kinds):
    labels = [[2, 2] if kinds >> k & 1 else [3, 3] for k in range(len(right))]
    found = result(right, labels)
    for accuracy in (with_both_labels(found), overall(found)):
        known = ~np.isnan(accuracy.mean)
        assert (accuracy.low[known] <= accuracy.mean[known] + 1e-12).all() and (accuracy.mean[known] <= accuracy.high[known] + 1e-12).all()
        assert (accuracy.low >= 0).all() and (accuracy.high <= 1).all()


@pytest.mark.parametrize("chances", [(0.9, 0.99), (0.5, 1.0), (0.97, 0.999), (0.2, 0.8)])
def test_intervals_cover_the_mean_chance_of_networks_that_differ(chances):
    """The law of the sum of two binomials, exactly."""
    draws = 40
    law = np.convolve(*(binom.pmf(np.arange(draws + 1), draws, chance) for chance in chances))
    covered = [low <= sum(chances) / 2 <= high for low, high in (limits(count, 2 * draws, 0.05) for count in range(2 * draws + 1))]
    assert law @ covered >= 0.95


@given(st.lists(st.sampled_from([0.98, 0.99, 1.0, math.nan]), min_size=1, max_size=6))
def test_the_onset_is_where_all_further_values_are_large(values):
    expected = next((k for k in range(len(values)) if all(value >= 0.99 for value in values[k:])), None)
    assert onset(np.array(values), 0.99) == expected


@pytest.mark.parametrize("theorem", theory.THEOREMS)
@pytest.mark.parametrize("alpha", [0.05, 0.12, 0.19, 0.24])
def test_theorems_hold_beyond_their_first_dimension_and_fail_before(theorem, alpha):
    settings = phases.Settings(forgotten=2)
    digits = theory.first(theorem, alpha, settings)
    around = np.array([0.999 * digits, 1.001 * digits, 1.5 * digits])
    assert theory.holds(theorem, around, [alpha], settings).tolist() == [[False, True, True]]


def test_theorems_for_means_of_fixed_length():
    settings = phases.Settings(mean_norms=(1e-4, 3e-3, 0.5))
    for length in settings.mean_norms[:2]:
        digits = theory.first("paper", length, settings)
        assert theory.holds("paper", np.array([0.999, 1.001]) * digits, [length], settings).tolist() == [[False, True]]
        size, x = length, 1.001 * digits * math.log(10)
        width = (2 * size + 1.1) * x * math.exp(-x / 2)
        assert size**2 > width and size**2 + width <= 0.01 / 400
    assert theory.first("paper", 0.5, settings) is None  # too long: products are never small
    assert theory.first("ours", 0.5, settings) < 4


def printed(d, m):
    """What Theorem 6.1 leaves: the chances of a bad dataset and of a wrong answer."""
    power = d ** (-math.log(d) / 2)
    return 2 * m * math.exp(-d / 1700) + m**2 * math.exp(-d / 500) + 2 * m**2 * power, 2 * math.exp(-d / 1700) + m * math.exp(
        -d / 500
    ) + 2 * m * power


@pytest.mark.parametrize("m", [2, 10, 50])
def test_probabilities_say_something_from_a_dimension_on(m):
    digits = theory.speaks_from("paper", phases.Settings(points=m))
    before, after = (printed(10 ** (digits + step), m) for step in (-1e-6, 1e-6))
    assert (before[0] >= 1 or before[1] >= 0.5) and after[0] < 1 and after[1] < 0.5
    assert theory.speaks_from("ours", phases.Settings(points=m, forgotten=m - 1)) is None


def hypotheses_from(alpha, m=10, n=10):
    """log10 of the dimension from which on |mu|^2 > w and |mu|^2 + w <= 0.01 / (4 m n) both hold, |mu| = d^-alpha."""

    def gaps(digits):
        x = digits * math.log(10)
        size = math.exp(-alpha * x)
        width = (2 * size + 1.1) * x * math.exp(-x / 2)
        return size**2 / width - 1, 0.01 / (4 * m * n) / (size**2 + width) - 1

    return max(brentq(lambda digits, k=k: gaps(digits)[k], 1.5 if k else 3.0, 60) for k in (0, 1))


def test_dimensions_in_which_a_theorem_speaks_need_both():
    phase = planted(phases.Settings(alphas=(0.05, 0.19), draws=1))
    paper, ours = zip(*phase.thresholds, strict=True)
    assert paper == pytest.approx([hypotheses_from(0.05), hypotheses_from(0.19)], rel=1e-6)
    assert ours[0] == theory.speaks_from("ours", phase.settings) > theory.first("ours", 0.05, phase.settings)


# cells


@pytest.fixture(scope="module")
def families():
    with small_families():
        yield


@pytest.fixture(scope="module")
def found(families):
    return phases.run(TINY)


def test_the_grid_is_that_of_the_library_and_no_other_cell_shares_its_random_numbers(found):
    s = TINY
    direct = gen.run(
        gen.Settings(dims=s.dims, alphas=s.alphas, points=s.points, neurons=s.neurons, draws=s.draws, test_points=s.test_points, seed=s.seed)
    )
    assert json.dumps(direct.to_json()) == json.dumps(found.grid.to_json())
    seeds = [phases._own(cell, number).seed for number, part in enumerate(s.parts().values()) for cell in part.cells()]
    assert len(set(seeds)) == len(seeds)


def test_every_part_has_the_settings_of_its_name(found):
    assert {key[0] for key in found.parts} == {"grid", "forgetting", "sizes", "edge"}
    for key, part in found.parts.items():
        s = part.settings
        expected = {"forgetting": (s.forgotten,), "sizes": (s.points, s.neurons), "edge": (s.points, s.dims[0]), "grid": ()}[key[0]]
        assert key[1:] == expected and part.settings == TINY.parts()[key]
        if key[0] in ("forgetting", "sizes"):
            assert (s.dims[0], s.lengths[0]) == TINY.at


def test_the_same_numbers_on_an_executor_and_after_an_interruption(found, tmp_path, monkeypatch):
    with ThreadPoolExecutor(2) as executor:
        assert phases.run(TINY, jobs=executor).to_json() == found.to_json()
    path = tmp_path / "cells.json"
    again, counted = resumed(monkeypatch, 5, lambda: phases.run(TINY, checkpoint=path))
    assert again.to_json() == found.to_json()
    assert len(counted) == len(set(counted)) == sum(len(part.cells()) for part in TINY.parts().values())
    with pytest.raises(InputError, match="neurons was 8, now it is 9"):
        phases.run(phases.Settings(dims=TINY.dims, alphas=TINY.alphas, points=4, neurons=9, draws=2, test_points=50), checkpoint=path)


def test_json_has_no_nan_and_says_what_the_tables_say(found):
    document = json.loads(found.to_json(), parse_constant=lambda constant: pytest.fail(constant))
    assert np.array(document["grid"]["accuracy"]).shape == (len(MODELS), 2, 3, 2)
    assert [row["limit"] for row in document["forgetting"]] == [1 - 2.0 ** -(4 - k) for k in TINY.sets]
    text = found.summary()
    assert f"{100 * document['forgetting'][0]['mean'][1][0]:.2f} (" in text and "2 of 6 cells" not in text.split("Forgetting")[1]


def test_the_summary_counts_cells_and_names_onsets():
    """Planted chances: wrong in the first dimension of the second row."""
    phase = planted(phases.Settings(dims=(10**3, 10**15, 10**18), alphas=(0.1, 0.17), draws=40), wrong={(1, 0): 0.5})
    assert phase.onsets("plain") == [(3.0, 3.0), (15.0, 15.0)]
    text = phase.summary()
    assert "accuracy is at least 0.99 in 5 of 6 cells, by the lower end of its interval in 5" in text
    first = f"10^{hypotheses_from(0.17):.4g}"
    assert f"With them its hypotheses hold in 2 of 6 cells of the grid, first at d = {first} (alpha = 0.17)." in text
    row = next(line for line in text.splitlines() if line.startswith("0.17 "))
    assert row.split()[1:5] == ["10^15"] * 4 and row.split()[-2] == first


def test_a_single_retained_point_has_one_label():
    phase = planted(phases.Settings(dims=(10**4, 10**6), alphas=(0.1, 0.2), forgotten=9, draws=5))
    assert "One point is retained" in phase.summary() and not np.isnan(phase.accuracy.mean).any()
    assert all(row[1] is None for row in phase.thresholds)
    assert one_label(1) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"dims": (100, 10)}, "increase"),
        ({"alphas": (0.1, 0.25)}, r"alpha = 0.25: it lies in \(0, 1/4\)"),
        ({"alphas": (0.0, 0.1)}, "alpha = 0.0"),
        ({"at": (10**6, 0.3)}, "alpha = 0.3"),
        ({"at": (2.5, 0.1)}, "d = 2.5"),
        ({"mean_norms": (0.0, 0.1)}, "mean_norm = 0.0"),
        ({"alphas": (0.1,), "mean_norms": (0.1,)}, "exactly one"),
        ({"neurons": 1}, "neurons = 1"),
        ({"forgotten": 10}, "at least one has to stay"),
        ({"dims": (0.5,)}, "d = 0.5"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        phases.Settings(**wrong)
