"""What the benchmarks lean on: the clock, the floors, the judge of accuracy, the peers' problems, and the command that runs them."""

import subprocess
from types import SimpleNamespace

import numpy as np
import pytest

import kktcheck as kc
from benchmarks import __main__ as command
from benchmarks import accuracy, bench_multipliers, floors, networks, peers, quadratic_peers, record, timing


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless it is moved."""
    state = SimpleNamespace(now=0.0)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: state.now)
    return state


def work(clock, calls, name, seconds):
    """A candidate that takes so many seconds and writes down that it ran."""

    def run(argument):
        calls.append((name, argument))
        clock.now += seconds
        return argument

    return run


def test_candidates_run_in_turn_on_fresh_arguments(clock):
    calls = []
    found = timing.interleaved(3, {name: work(clock, calls, name, 1.0) for name in "ab"}, lambda number: 10 * number, first=False)
    assert calls == [("a", 0), ("b", 0), ("a", 10), ("b", 10), ("a", 20), ("b", 20)]
    assert found["a"].seconds == [1.0] * 3
    assert found["b"].answers == [0, 10, 20]


def test_preparing_is_off_the_clock(clock):
    def prepare(number):
        clock.now += 100.0

    assert timing.interleaved(2, {"a": work(clock, [], "a", 0.5)}, prepare)["a"].seconds == [0.5, 0.5]


def test_short_calls_are_repeated_and_averaged(clock):
    calls = []
    found = timing.interleaved(2, {"a": work(clock, calls, "a", timing.SHORTEST / 4.5)})["a"]
    assert found.repeats == 4
    assert found.seconds == pytest.approx([timing.SHORTEST / 4.5] * 2)


def test_slow_candidates_are_measured_once(clock):
    calls = []
    found = timing.interleaved(5, {"slow": work(clock, calls, "slow", 2 * timing.SLOW)})["slow"]
    assert (len(calls), found.seconds) == (1, [2 * timing.SLOW])


def test_ours_and_the_floor_are_measured_in_every_round(clock):
    found = timing.interleaved(3, {name: work(clock, [], name, 2 * timing.SLOW) for name in (record.OURS, record.FLOOR)})
    assert [one.seconds for one in found.values()] == [[2 * timing.SLOW] * 3] * 2


def test_failures_are_written_down_and_other_errors_passed_on(clock):
    def fail(argument):
        raise ZeroDivisionError("by nothing\nand more")

    found = timing.interleaved(2, {"bad": fail, "good": work(clock, [], "good", 1.0)}, failures=(ZeroDivisionError,))
    assert found["bad"].failure == "ZeroDivisionError: by nothing"
    assert len(found["good"].seconds) == 2
    with pytest.raises(ZeroDivisionError):
        timing.interleaved(1, {"bad": fail})


def test_the_peak_counts_what_is_freed_before_the_end():
    def run(argument):
        np.ones(1_000_000)
        return None

    assert 8.0 <= timing.peak_memory(run) < 40.0


def measurement(name, seconds, answer=0.0, peak=1.0):
    return timing.Measurement(name, list(seconds), [answer] * len(seconds), peak)


def test_rows_hold_ratios_to_ours_and_to_the_floor():
    found = {name: measurement(name, s, r) for name, s, r in (("kktcheck", [1, 3, 2], 1e-15), ("peer", [4, 6, 5], 1e-6), ("floor", [0.5, 0.5, 9], 0))}
    ours, peer = record.rows({"case": "c", "m": 3}, found, lambda answer: {"kkt_residual": float(answer)})
    assert (ours["median_s"], ours["least_s"], ours["most_s"], ours["times_floor"], ours["right"]) == (2, 1, 3, "4", True)
    assert (peer["times_ours"], peer["times_floor"], peer["right"]) == ("2.5", "", False)


def test_rows_keep_why_there_is_no_answer():
    found = {"kktcheck": measurement("kktcheck", [1.0]), "peer": timing.Measurement("peer", failure="QPError: singular")}
    assert record.rows({"case": "c"}, found, lambda answer: {"kkt_residual": 0.0})[1]["note"] == "QPError: singular"


@pytest.mark.parametrize(
    ("floor", "flops"),
    [
        (floors.epochs(10, 400, 7), 7 * (2 * 10 * 10 * 400 + 5 * 10 * 400)),
        (floors.max_margin(6, 50, 4), 6 * 6 * 50 + 4**3 / 3 + 2 * 4**2 + 2 * 2 * 6 * 50),
        (floors.indicator(6, 50, 9, 4), 4 * 9 * 50 * 6 + 6 * 6 * 50 + 6 * 6 * 9 + 36 + 4**3 / 3 + 2 * 16 + 2 * 9 * 50),
        (floors.clarke(6, 50, 9, 4, np.array([0, 2, 2])), 4 * 9 * 50 * 6 + 36 * (50 + 3 + 1) + 2 * (8 / 3 + 8 * 6) + 36 * 4 + 4**3 / 3 + 32 + 900),
    ],
)
def test_floors_count_the_products_that_they_name(floor, flops):
    assert floor.flops == pytest.approx(flops)
    floor.ready()(None)


def test_arrays_of_a_product_are_counted_once():
    assert floors.Product(2, 3, 4).bytes == 8 * (6 + 12 + 8)


@pytest.fixture(scope="module")
def small():
    """A small network with kinks, its data and its best multipliers and gates."""
    net, data = networks.small_network()
    net = kc.certify(net, data).model
    found = kc.recover_multipliers(net, data)
    return net, data, found.values, found.kink_multipliers


def test_optimal_multipliers_have_no_residual(small):
    assert accuracy.of_multipliers(*small)["kkt_residual"] < 1e-12


@pytest.mark.parametrize("place", range(10))
def test_every_multiplier_that_is_moved_is_seen(small, place):
    net, data, multipliers, gates = small
    for change in (1e-3, -1e-3):
        moved = multipliers.copy()
        moved[place] += change * multipliers.max()
        assert accuracy.of_multipliers(net, data, moved, gates)["kkt_residual"] > 1e-7


def test_multipliers_that_are_all_too_large_are_seen():
    data, net = networks.all_positive(20, 20, 40, 30)
    found = kc.recover_multipliers(net, data, subgradient="indicator").values
    assert accuracy.of_multipliers(net, data, found, subgradient="indicator")["kkt_residual"] < 1e-14
    assert accuracy.of_multipliers(net, data, 2 * found, subgradient="indicator")["kkt_residual"] > 1e-5


def test_every_gate_that_leaves_its_range_is_seen(small):
    net, data, multipliers, gates = small
    caps = multipliers[np.nonzero(net.kinks)[1]]
    for place in range(len(gates)):
        for outside in (-1e-3 * multipliers.max(), caps[place] + 1e-3 * multipliers.max()):
            moved = gates.copy()
            moved[place] = outside
            assert accuracy.of_multipliers(net, data, multipliers, moved)["kkt_residual"] > 1e-7


def test_a_misclassified_point_leaves_no_residual_to_speak_of():
    data = kc.Dataset(np.eye(2), np.array([1.0, -1.0]))
    assert accuracy.of_point(kc.LinearPredictor(np.array([1.0, 1.0])), data, np.ones(2)) == np.inf
    assert accuracy.of_point(kc.LinearPredictor(np.array([3.0, -3.0])), data, np.array([3.0, 3.0])) == 0


def test_the_gate_program_is_the_stationarity_problem(small):
    net, data, _, _ = small
    program = bench_multipliers.GateProgram(net, data)
    x = np.random.default_rng(0).random(program.C.shape[1])
    np.testing.assert_array_equal(program.C @ x, x[10:] - x[np.nonzero(net.kinks)[1]])
    found = program.solve(quadratic_peers.by_cvxpy("CLARABEL"))
    assert accuracy.of_multipliers(net, data, *found)["kkt_residual"] < 1e-8


def test_planted_instances_are_what_their_names_say():
    for kind, maker in bench_multipliers.PLANTED.items():
        data, net = maker(60, 60, 40, 30)
        found = kc.recover_multipliers(net, data, subgradient="indicator").values
        assert (found > 0).all() == (kind == "all positive")


def test_a_missing_peer_is_named_with_the_way_to_it_once(capsys):
    assert peers.there("numpy")
    for _ in range(2):
        assert not peers.there("a_module_that_is_not_there")
    assert capsys.readouterr().err == "a_module_that_is_not_there is not installed, so it is left out: pip install 'kktcheck[bench]'\n"


def test_a_script_that_fails_does_not_hide_the_others(monkeypatch, capsys):
    ran = []

    def run(arguments, **options):
        ran.append(arguments[2:])
        return SimpleNamespace(returncode=int("training" in arguments[2]))

    monkeypatch.setattr(subprocess, "run", run)
    assert command.main(["training", "gram", "--quick"]) == 1
    assert sorted(ran) == [["benchmarks.bench_gram", "--quick"], ["benchmarks.bench_training", "--quick"]]
    assert capsys.readouterr().err.endswith("failed: training\n")
    assert command.main(["gram"]) == 0
    ran.clear()
    assert command.main(["--without", "training"]) == 0
    assert len(ran) == len(command.scripts()) - 1


def test_scripts_are_listed_with_what_they_measure(capsys):
    assert command.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == command.scripts()
    assert all(len(line) > 25 for line in lines)


def test_an_unknown_script_is_an_error_that_names_those_there_are(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["trainings"])
    assert stopped.value.code == 2
    assert "multipliers" in capsys.readouterr().err
