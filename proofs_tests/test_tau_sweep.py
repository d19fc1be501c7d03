"""The tau experiment: every number recomputed in full dimension, exact cases, failures, the retraining it compares with."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kktcheck as kc
from kktcheck import exact_points
from kktcheck.certificate import angle_gap
from kktcheck.compression import compressed
from kktcheck.exact_points import ExactPoints
from kktcheck.experiments import appendix_e, retrained, tau_sweep
from kktcheck.experiments.step_fractions import Settings
from kktcheck.unlearning import identity
from kktcheck.unlearning.retraining import retraining

from .instances import examples, seeds
from .kkt_instances import planted_networks

SMALL = Settings(networks=2, epochs=2000, num_points=4, dim=40, neurons=12, points=(3, 1), fractions=(0.0, 0.5, 1.0, 1.25), seed=6)
CONVENTIONS = {"trained": ("clarke", "indicator"), "exact": ("clarke",)}


@pytest.fixture(scope="module")
def training():
    return appendix_e.trained(SMALL)


@pytest.fixture(scope="module")
def result():
    return tau_sweep.run(SMALL)


def by_hand(training, k, point):
    """tau of every curve and reference for one network and point: full dimension, no pool, an exact point from each network itself."""
    net, data, record = training.models[k], training.data[k], training.single(k)
    kept, full = data.without(point), kc.kkt_point(net, data).model
    originals = {
        start: (model, {word: kc.certify(model, data, subgradient=word) for word in CONVENTIONS[start]})
        for start, model in (("trained", net), ("exact", full))
    }
    unlearned = {
        (name, fraction): kc.gradient_ascent(
            originals[start][0], data, point, certificate=originals[start][1][convention], fraction=fraction, method=method
        )
        for name, convention, method, start in tau_sweep.CURVES
        for fraction in SMALL.fractions
    }
    rng = np.random.default_rng(np.random.SeedSequence(SMALL.seed).spawn(2 * SMALL.networks)[2 * k + 1].spawn(1)[0])
    other = kc.TwoLayerReLU(kc.random_network(SMALL.neurons, SMALL.dim, rng=rng).W, net.u)
    references = {
        "identity": net,
        "retraining": retraining(net, data, point, record=record),
        "retraining, other start": kc.train(other, kept, steps=SMALL.epochs, weight_decay=1e-5).model,
    }
    models = unlearned | references
    found = [kc.kkt_point(model, kept).model for model in models.values()]
    nearest = {name: min(angle_gap(model, exact) for exact in found) for name, model in models.items()}
    home = min(found, key=lambda exact: angle_gap(net, exact))
    return nearest, {name: angle_gap(model, home) for name, model in references.items()}


@pytest.mark.parametrize("k", range(SMALL.networks))
def test_every_number_is_1_minus_cos_to_the_nearest_exact_point_in_full_dimension(training, result, k):
    for p, point in enumerate(SMALL.points):
        nearest, to_home = by_hand(training, k, point)
        for series in result.series:
            expected = [nearest[series.name, fraction] for fraction in SMALL.fractions]
            np.testing.assert_allclose(series.tau[k, p], expected, rtol=1e-7, err_msg=series.name)
        for reference in result.references:
            assert reference.tau[k, p] == pytest.approx(nearest[reference.name], rel=1e-7), reference.name
            assert reference.tau_to_home[k, p] == pytest.approx(to_home[reference.name], rel=1e-7), reference.name


def test_fraction_0_is_the_identity(result):
    assert result.references[0].name == "identity"
    for series in result.series:
        assert (series.original == "exact") != np.array_equal(series.tau[:, :, 0], result.identity)


def test_the_count_of_exact_points_and_their_residual(result):
    assert (result.points_found >= 1).all() and (result.starts >= result.points_found).all()
    assert (result.residuals <= 1e-12).all() and result.failures == ()
    assert "found for 4 of 4 retained sets" in result.summary()


def test_the_same_seed_gives_the_same_result_and_another_seed_another(result):
    tiny = replace(SMALL, epochs=300, points=(1,))
    document = tau_sweep.run(tiny).to_json()
    assert tau_sweep.run(tiny).to_json() == document
    assert tau_sweep.run(replace(tiny, seed=1)).series[0].tau.tolist() != json.loads(document)["series"][0]["tau"]


def orthogonal_exact_network(seed, m, n):
    """The exact KKT point of orthogonal points in which every aligned pair is active: lambda_i = 1 / (|x_i|**2 sum of aligned u_j**2)."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.5, 2.0, m)[:, None] * np.linalg.qr(rng.standard_normal((m + 3, m)))[0].T
    y = rng.permutation(np.where(np.arange(m) % 2, -1.0, 1.0))
    u = np.where(np.arange(n) % 2, -1.0, 1.0) * rng.uniform(0.5, 1.5, n)
    aligned = u[:, None] * y > 0
    multipliers = 1.0 / ((X**2).sum(axis=1) * (u[:, None] ** 2 * aligned).sum(axis=0))
    return kc.TwoLayerReLU(u[:, None] * ((aligned * multipliers * y) @ X), u), kc.Dataset(X, y)


@given(seed=seeds(), m=st.integers(3, 7), n=st.integers(2, 9))
@examples(10)
def test_the_full_step_from_an_exact_point_of_orthogonal_points_is_exact(seed, m, n):
    net, data = orthogonal_exact_network(seed, m, n)
    fractions = np.linspace(0.0, 1.5, 7)
    originals, failure = tau_sweep.starting_points(net, data)
    point = seed % m
    case = tau_sweep.measure(originals, data, point, fractions, [net])
    assert failure is None and not case.points.failures
    # The printed convention lets rounding choose on the kinks of the opposed pairs, which carry no multiplier.
    for (name, convention, *_), tau in zip(tau_sweep.CURVES, case.tau, strict=True):
        if convention == "clarke":
            assert tau[4] <= 1e-24, name
            assert (np.diff(tau)[:4] < 0).all() and (np.diff(tau)[4:] > 0).all(), name
    # Without the point, the rest of the network is the exact point: 1 - cos by Pythagoras.
    share = 1 - np.linalg.norm(net.W @ data.X[point]) ** 2 / np.linalg.norm(data.X[point]) ** 2 / net.norm**2
    assert case.references[0, 0] == pytest.approx(1 - np.sqrt(share), rel=1e-9)


@given(planted=planted_networks(error=(0.0, 0.05), slack=(0.0, 0.1), min_points=3))
@examples(15)
def test_compression_changes_no_tau(planted):
    full = planted.model, planted.data
    cases = []
    for net, data in (full, compressed(*full)):
        originals, _ = tau_sweep.starting_points(net, data)
        cases.append(tau_sweep.measure(originals, data, 1, (0.0, 0.5, 1.0), [identity(net, data, 1)]))
    np.testing.assert_allclose(cases[0].tau, cases[1].tau, rtol=1e-6, atol=1e-20)
    np.testing.assert_allclose(cases[0].references, cases[1].references, rtol=1e-6, atol=1e-20)
    assert not np.isnan(cases[0].tau).all()


# the pool


def test_the_nearest_point_of_the_pool_counts_and_more_points_never_hurt():
    data = kc.sampling.gaussian(6, 20, rng=3)
    net = kc.random_network(30, 20, scale=1.0, rng=4)
    pool, rng, last = ExactPoints(data), np.random.default_rng(5), np.inf
    assert pool.nearest(net) == (None, pytest.approx(np.nan, nan_ok=True)) and np.isnan(pool.residual)
    for k in range(12):
        pool.add(net.with_hidden(net.W + 0.3 * rng.standard_normal(net.W.shape)), str(k))
        point, tau = pool.nearest(net)
        assert tau == angle_gap(net, point.model) == min(angle_gap(net, other.model) for other in pool.points)
        assert tau <= last
        last = tau
    assert pool.starts == 12 and 2 <= len(pool.points) <= 12
    assert pool.residual == max(point.residuals.kkt for point in pool.points) <= 1e-12


def test_one_point_is_kept_once_and_the_same_states_are_not_started_from_again(monkeypatch):
    calls = []
    original = exact_points.kkt_point
    monkeypatch.setattr(exact_points, "kkt_point", lambda *args, **options: calls.append(args) or original(*args, **options))
    net, data = orthogonal_exact_network(1, 4, 6)
    pool = ExactPoints(data)
    for model in (net, net.scaled(3.0), net.with_kinks(abs(net.W @ data.X.T) < 1e-12)):
        pool.add(model, "start")
    assert len(calls) == pool.starts == len(pool.points) == 1
    # An aligned pair asleep is another start; its point is another too.
    asleep = net.with_hidden(net.W - 2 * np.outer(np.arange(6) == 0, net.W[0]))
    pool.add(asleep, "asleep")
    assert len(calls) == 2


def test_opposed_pairs_do_not_make_another_start():
    net, data = orthogonal_exact_network(2, 4, 6)
    opposed = net.u[:, None] * data.y < 0
    pool = ExactPoints(data)
    for sign in (-1.0, 1.0):
        pool.add(net.with_hidden(net.W + sign * 0.1 * (opposed @ data.X)), "start")
    assert pool.starts == 1


def test_a_start_that_leads_nowhere_is_reported_by_name():
    net, data = orthogonal_exact_network(3, 4, 6)
    pool = ExactPoints(data)
    pool.add(net.with_hidden(-net.W), "mirrored")
    assert list(pool.failures) == ["mirrored"] and "active" in pool.failures["mirrored"]
    assert pool.points == [] and pool.starts == 1


# failures


def failing(monkeypatch, wanted):
    """Exact points of retained sets for which ``wanted(data)`` is true do not settle."""
    original = exact_points.kkt_point

    def sometimes(model, data, **options):
        if wanted(data):
            raise kc.SolverError("the states do not settle")
        return original(model, data, **options)

    monkeypatch.setattr(exact_points, "kkt_point", sometimes)


TINY = replace(SMALL, epochs=300, points=(0, 1), fractions=(0.0, 1.0, 1.5))


def test_sets_without_an_exact_point_are_gaps_and_counted(monkeypatch):
    lost = compressed(appendix_e.trained(TINY).models[1], appendix_e.trained(TINY).data[1])[1].without(1)
    failing(monkeypatch, lambda data: np.array_equal(data.gram, lost.gram))
    result = tau_sweep.run(TINY)
    gaps = np.array([[False, False], [False, True]])
    for tau in (*(reference.tau for reference in result.references), *(series.full_step for series in result.series)):
        assert np.array_equal(np.isnan(tau), gaps)
    assert np.array_equal(result.points_found == 0, gaps)
    assert {(failure.network, failure.point, failure.reason) for failure in result.failures} == {(1, 1, "the states do not settle")}
    assert len(result.failures) == result.starts[1, 1]
    assert "found for 3 of 4 retained sets" in result.summary()
    assert f"{len(result.failures)} starts led to none; the first: network 1 without point 1, identity: the states" in result.summary()
    document = json.loads(result.to_json())
    assert document["exact_points"]["sets_with_a_point"] == 3 and document["series"][0]["tau"][1][1] == [None] * 3
    assert len(document["exact_points"]["failures"]) == len(result.failures)


def test_nothing_found_at_all_is_said_without_a_warning(monkeypatch):
    failing(monkeypatch, lambda data: True)
    monkeypatch.setattr(tau_sweep, "kkt_point", exact_points.kkt_point)
    result = tau_sweep.run(TINY)
    assert "found for 0 of 4 retained sets" in result.summary()
    assert "network 0 on all points, the exact point of all the data" in result.summary()
    assert all("nothing is said" in sentence for sentence in result.finding if "mean tau" in sentence)
    assert "NaN" not in result.to_json()


def test_without_an_exact_original_only_its_curve_is_missing(monkeypatch):
    def unsettled(model, data):
        raise kc.SolverError("a tie")

    monkeypatch.setattr(tau_sweep, "kkt_point", unsettled)
    result = tau_sweep.run(TINY)
    for series in result.series:
        assert np.isnan(series.tau).all() == (series.original == "exact")
    assert [(failure.network, failure.point, failure.reason) for failure in result.failures] == [(0, None, "a tie"), (1, None, "a tie")]


# statistics


def test_gains_are_quotients_of_medians(result):
    full = result.series[0].full_step
    assert np.array_equal(full, result.series[0].tau[:, :, 2])
    assert result.gain(full) == pytest.approx(np.median(result.identity) / np.median(full))
    np.testing.assert_allclose(result.network_gains(full), np.median(result.identity, axis=1) / np.median(full, axis=1))
    assert f"{result.gain(full):.3g} times below" in result.finding[0]
    assert result.gain(np.zeros_like(full)) == np.inf


def test_tables_and_sentences_hold_the_statistics(result):
    lines = result.summary().splitlines()
    for name, tau in ((f"full step, {result.series[1].name}", result.series[1].full_step), ("identity", result.identity)):
        (row,) = [line for line in lines if line.startswith(name + " ")]
        numbers = [np.median(tau), np.quantile(tau, 0.1), np.quantile(tau, 0.9), tau.mean(), np.median(result.identity) / np.median(tau)]
        assert row.removeprefix(name).split()[:5] == [f"{number:.6g}" for number in numbers]
    mean = result.series[0].tau.mean(axis=(0, 1))
    assert f"mean tau against the full step {mean[0] / mean[2]:.3g} times at 0, {mean[3] / mean[2]:.3g} times at 1.25" in result.finding[1]
    (row,) = [line for line in lines if line.startswith("1  ")]
    assert [float(word) for word in row.split()[1:4]] == pytest.approx([np.median(r.tau[1]) for r in result.references], rel=1e-5)


def test_statistics_of_a_curve_with_gaps():
    rng = np.random.default_rng(0)
    fractions = np.linspace(0, 1.5, 7)
    centres = np.array([0.7, 0.9, 1.0, 1.05])
    values = 1e-3 + (fractions - centres[:, None, None]) ** 2 * rng.uniform(1, 3, (4, 5, 1))
    values[0, 1] = np.nan
    curve = tau_sweep.TauSeries("", "clarke", "plain", "trained", fractions, values).curve
    assert curve.missing == 7
    np.testing.assert_allclose(curve.median, np.nanmedian(values, axis=(0, 1)))
    np.testing.assert_allclose(curve.quantile(0.9), np.nanquantile(values, 0.9, axis=(0, 1)))
    middle = int(np.argmin(curve.median))
    left, low, right = curve.median[middle - 1 : middle + 2]
    assert curve.median_minimiser == pytest.approx(fractions[middle] + 0.25 * (left - right) / 2 / (left - 2 * low + right))
    left_out = [replace(curve, values=np.delete(values, k, axis=0)).median_minimiser for k in range(4)]
    assert curve.median_minimiser_error == pytest.approx(np.std(left_out) * np.sqrt(3))
    assert len(curve.point_minimisers) == 19
    assert np.isnan(replace(curve, values=np.full_like(values, np.nan)).median).all()
    assert np.isnan(replace(curve, values=values[:1]).median_minimiser_error)


def test_a_grid_without_the_full_step_says_so():
    result = tau_sweep.run(replace(TINY, fractions=(0.5, 0.75, 1.25)))
    assert all(series.full_step is None and series.share_at_full_step is None for series in result.series)
    assert sum("fraction 1 was not run" in sentence for sentence in result.finding) == len(result.series)
    assert "full step," not in result.summary()
    document = json.loads(result.to_json())
    assert document["series"][0]["identity_over_full_step"] is None


def test_json_holds_every_number(result):
    document = json.loads(result.to_json())
    assert (document["experiment"], document["measure"]) == ("figure1", "tau")
    for series, entry in zip(result.series, document["series"], strict=True):
        assert entry["tau"] == series.tau.tolist() and entry["tau_median"] == series.curve.median.tolist()
        assert entry["tau_quantile_0.1"] == series.curve.quantile(0.1).tolist() and entry["tau_mean"] == series.curve.mean.tolist()
        assert entry["median_minimiser"] == series.curve.median_minimiser and entry["name"] == series.name
    for reference, entry in zip(result.references, document["references"], strict=True):
        assert entry["tau"] == reference.tau.tolist() and entry["tau_to_home"] == reference.tau_to_home.tolist()
        assert entry["tau_median"] == np.median(reference.tau) and entry["tau_mean"] == pytest.approx(reference.tau.mean())
    assert document["exact_points"]["sets"] == document["exact_points"]["sets_with_a_point"] == 4


# retraining


def weights(networks):
    return {start: np.stack([[model.W for model in row] for row in rows]) for start, rows in networks.items()}


def same(first, second):
    first, second = weights(first), weights(second)
    return first.keys() == second.keys() and all(np.array_equal(first[start], second[start]) for start in first)


def test_other_starts_do_not_depend_on_how_many_networks_there_are():
    few, many = (retrained.retrained(appendix_e.trained(TINY_), TINY_) for TINY_ in (TINY, replace(TINY, networks=3)))
    for start in retrained.STARTS:
        for p in range(2):
            for k in range(2):
                np.testing.assert_allclose(few[start][p][k].W, many[start][p][k].W, rtol=1e-12, atol=1e-15)
    assert not np.allclose(few["same"][0][0].W, few["other"][0][0].W)


def test_an_interrupt_keeps_the_points_that_are_done(tmp_path, monkeypatch):
    file = tmp_path / "k.npz"
    training, original = appendix_e.trained(TINY), retrained.train
    whole = retrained.retrained(training, TINY)

    def interrupted(starts, sets, **options):
        if file.exists():
            raise kc.TrainingInterrupted("interrupted", original(starts, sets, **options | {"steps": 7}))
        return original(starts, sets, **options)

    monkeypatch.setattr(retrained, "train", interrupted)
    with pytest.raises(KeyboardInterrupt) as stop:
        retrained.retrained(training, TINY, checkpoint=file)
    assert not isinstance(stop.value, kc.TrainingInterrupted)
    assert len(kc.Training.load(file).initial) == 2 * TINY.networks
    calls = []
    monkeypatch.setattr(retrained, "train", lambda *args, **options: calls.append(options.get("resume")) or original(*args, **options))
    assert same(retrained.retrained(training, TINY, checkpoint=file), whole)
    assert len(calls) == 2 and calls[0] is not None and calls[1] is None
    assert same(retrained.retrained(training, TINY, checkpoint=file), whole) and len(calls) == 3


def test_a_checkpoint_of_fewer_epochs_is_trained_on(tmp_path):
    file = tmp_path / "k.npz"
    short = replace(TINY, epochs=100)
    retrained.retrained(appendix_e.trained(short), short, checkpoint=file)
    training = appendix_e.trained(TINY)
    assert same(retrained.retrained(training, TINY, checkpoint=file), retrained.retrained(training, TINY))
    assert kc.Training.load(file).epoch == TINY.epochs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": (1, 0)}, "not some of the 8 of this run in their order"),
        ({"points": (0,)}, "holds 8 networks"),
        ({"seed": 7}, "holds 8 networks"),
        ({"epochs": 20}, "beyond"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_with_the_way_out(tmp_path, change, message):
    file = tmp_path / "k.npz"
    retrained.retrained(appendix_e.trained(TINY), TINY, checkpoint=file)
    other = replace(TINY, **change)
    with pytest.raises(kc.InputError, match=rf"{message}.*remove it to retrain"):
        retrained.retrained(appendix_e.trained(other), other, checkpoint=file)


def test_progress_of_retraining_counts_all_points():
    reports = []
    retrained.retrained(appendix_e.trained(TINY), TINY, progress=lambda *report: reports.append(report))
    done = [count for _, count, _ in reports]
    assert {(stage, total) for stage, _, total in reports} == {("retraining", 2 * TINY.epochs)}
    assert done == sorted(done) and done[0] == 0 and done[-1] == 2 * TINY.epochs and TINY.epochs in done


@pytest.mark.slow
def test_networks_of_appendix_e():
    result = tau_sweep.run(Settings(networks=2, points=(0, 1, 2, 3), fractions=(0.0, 0.5, 0.9, 1.0, 1.1, 1.5)))
    assert (result.points_found >= 1).all() and (result.residuals <= 1e-12).all()
    clarke, indicator, *_ = (series.full_step for series in result.series)
    assert result.gain(clarke) >= 20 and np.median(clarke) < np.median(indicator)
    assert all(series.share_at_full_step == 1.0 for series in result.series)
