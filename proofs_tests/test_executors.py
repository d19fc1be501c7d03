"""Tasks anywhere: the same bytes from processes, threads and a cluster; nothing finished is lost; what goes wrong is one sentence."""

import os
import pickle
import signal
import socket
import sys
import threading
import warnings
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kktcheck as kc
from kktcheck import cli, dask_cluster, errors, executors
from kktcheck.experiments import appendix_e, batches, comparison, figure1, retrained, tau_sweep
from kktcheck.experiments.comparison_checkpoint import cases_file
from kktcheck.experiments.step_fractions import Settings

from .comparison_instances import QUICK, without_seconds
from .instances import examples

SWEEP = Settings(networks=2, epochs=600, num_points=4, dim=20, neurons=12, points=(3, 1), fractions=(0.0, 1.0, 1.25), seed=6)
CASES = comparison.Settings(networks=2, epochs=600, num_points=4, dim=20, neurons=12, points=(2, 0), methods=(*QUICK, "sisa"), seeds=2, seed=3)


class Inline(Executor):
    """Runs a task when it is submitted, and dies after some."""

    def __init__(self, lives=10**9):
        self.lives = lives

    def submit(self, function, *task):
        future = Future()
        self.lives -= 1
        if self.lives < 0:
            future.set_exception(BrokenExecutor("gone"))
            return future
        try:
            future.set_result(function(*task))
        except kc.KKTCheckError as error:
            future.set_exception(error)
        return future


class Hoarding(Executor):
    """Keeps tasks, and runs one of them, in an order of its own, when somebody waits."""

    def __init__(self, choose):
        self.choose, self.waiting, self.most = choose, [], 0

    def submit(self, *call):
        future = Future()
        self.waiting.append((future, call))
        self.most = max(self.most, len(self.waiting))
        return future

    def wait(self, futures, **_):
        future, (function, *task) = self.waiting.pop(self.choose(len(self.waiting)))
        future.set_result(function(*task))
        return type("Done", (), {"done": {future}})


def square(x):
    return x * x


def picky(x):
    if x == 3:
        raise kc.NotSeparableError("three is not separable", [1, 2], np.array([0.25, 0.75]), 1e-16)
    return x


def environment(name):
    return os.environ.get(name), os.getpid()


def warned(text):
    warnings.warn(text, kc.KKTCheckWarning, stacklevel=1)
    return text


def results(executor, function, tasks):
    found = {}

    def done(place, result):
        assert place not in found
        found[place] = result

    executors.run(executor, function, tasks, done)
    return found


@pytest.fixture(scope="module")
def pool():
    with executors.opened(2) as executor:
        yield executor


# tasks


@given(order=st.randoms(use_true_random=False), numbers=st.lists(st.integers(-99, 99), max_size=12), room=st.integers(1, 4))
@examples(30)
def test_every_result_comes_once_whatever_the_order_and_only_so_many_tasks_are_under_way(order, numbers, room):
    hoarding = Hoarding(order.randrange)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "wait", hoarding.wait)
        patch.setattr(executors, "IN_FLIGHT", executors.LEAST * room)
        found = results(hoarding, square, ((number,) for number in numbers))
    assert found == dict(enumerate(number**2 for number in numbers))
    assert hoarding.most == min(room, len(numbers))


def test_what_has_arrived_is_delivered_before_a_failure_ends_the_run(monkeypatch):
    for executor in (Inline(), None):
        found = {}
        with pytest.raises(kc.NotSeparableError):
            executors.run(executor, picky, [(1,), (2,), (3,), (4,)], found.__setitem__)
        assert found == ({0: 1, 1: 2, 3: 4} if executor else {0: 1, 1: 2})
    found = {}
    with pytest.raises(kc.SolverError, match="died: killed, out of memory.*what is finished is kept"):
        executors.run(Inline(2), square, [(1,), (2,), (3,), (4,)], found.__setitem__)
    assert found == {0: 1, 1: 4}


def test_processes_run_tasks_with_one_blas_thread_and_repeat_warnings_and_errors(pool):
    before = dict(os.environ)
    with pytest.warns(kc.KKTCheckWarning, match="mind the gap") as caught:
        assert results(pool, warned, [("mind the gap",)]) == {0: "mind the gap"}
    assert len(caught) == 1 and caught[0].filename == __file__
    threads, process = results(pool, environment, [("OPENBLAS_NUM_THREADS",)])[0]
    assert threads == before.get("OPENBLAS_NUM_THREADS", "1") and process != os.getpid()
    with pytest.raises(kc.NotSeparableError) as raised:
        results(pool, picky, [(3,)])
    assert raised.value.points == (1, 2) and raised.value.combination.tolist() == [0.25, 0.75]
    assert results(pool, square, [(4,)]) == {0: 16}


def test_the_environment_is_left_as_it_was(monkeypatch):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    with executors.lanes(1) as (lane,):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        assert [results(lane, environment, [(name,)])[0][0] for name in names] == ["1", "1", "3"]
    assert not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"} & set(os.environ) and os.environ["MKL_NUM_THREADS"] == "3"


@pytest.mark.parametrize("kind", [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, kc.KKTCheckError)])
def test_every_error_survives_the_way_back(kind):
    more = {"NotSeparableError": ([3, 1], np.array([0.5, 0.5]), 1e-16), "InfeasibleError": ([3, 1],)}
    sent = kind("what was wrong", *more.get(kind.__name__, ()))
    back = pickle.loads(pickle.dumps(sent))
    assert type(back) is kind and str(back) == "what was wrong" and vars(back).keys() == vars(sent).keys()
    assert getattr(back, "points", None) == getattr(sent, "points", None)


def test_a_task_that_cannot_be_sent_says_why_and_the_way_out():
    with pytest.raises(kc.InputError, match=r"cannot be sent to another process .*those of a module.*jobs=1"):
        results(Inline(), lambda: None, [()])


def test_a_worker_that_lacks_a_module_or_has_other_versions_says_so(monkeypatch):
    module = type(sys)("of_this_process_alone")
    exec("def absent():\n    return 1", vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    packed = pickle.dumps((module.absent, ()))
    assert pickle.loads(executors._perform("home", executors.versions(), packed))[0] == 1
    monkeypatch.delitem(sys.modules, module.__name__)
    with pytest.raises(kc.InputError, match=r"lacks what a task needs \(No module named 'of_this_process_alone'\)"):
        executors._perform("home", executors.versions(), packed)
    with pytest.raises(kc.InputError, match=r"other versions \(kktcheck .*, numpy .*\) than this process \(.*numpy 0.1"):
        executors._perform("home", executors.versions() | {"numpy": "0.1"}, packed)


@pytest.mark.parametrize("jobs", [0, -1, True, 1.5, "2", None])
def test_jobs_is_a_number_of_processes_or_an_executor(jobs):
    for use in (lambda: figure1.run(SWEEP, jobs=jobs), lambda: tau_sweep.run(SWEEP, jobs=jobs), lambda: comparison.run(CASES, jobs=jobs)):
        with pytest.raises(kc.InputError, match=r"jobs is .*a number of processes, at least 1, or a concurrent.futures.Executor"):
            use()


def test_one_process_is_this_one_and_an_executor_is_left_open():
    with executors.opened(1) as executor:
        assert executor is None
    with ThreadPoolExecutor(1) as mine:
        with executors.opened(mine) as executor:
            assert executor is mine
        assert mine.submit(square, 3).result() == 9


# sweeps: the same bytes


@pytest.fixture(scope="module")
def serial():
    return everything(1)


def everything(jobs):
    return figure1.run(SWEEP, jobs=jobs).to_json(), tau_sweep.run(SWEEP, jobs=jobs).to_json(), without_seconds(comparison.run(CASES, jobs=jobs))


def test_processes_give_the_bytes_of_this_process(serial, pool):
    assert everything(pool) == serial


def test_threads_give_the_bytes_of_this_process(serial):
    with ThreadPoolExecutor(3) as executor:
        assert everything(executor) == serial


def test_a_model_of_ones_own_is_compared_in_processes_too(pool):
    record = appendix_e.trained(SWEEP).single(0)
    arguments = {"record": record, "methods": (*QUICK, "sisa"), "seeds": 2}
    serial, apart = (comparison.compare(record.model, record.data[0], [0, (1, 2)], **arguments, jobs=jobs) for jobs in (1, pool))
    assert without_seconds(serial) == without_seconds(apart)


@given(networks=st.integers(1, 13), together=st.integers(1, 6))
@examples(8)
def test_training_does_not_depend_on_how_the_batch_is_cut(networks, together):
    nets, sets = appendix_e.initial(replace(SWEEP, networks=networks))
    options, found = {"steps": 120, "learning_rate": 1.0, "weight_decay": 1e-5}, {}
    half = kc.train(nets, sets, **options | {"steps": 50})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "TOGETHER", together)
        chosen = batches.groups(range(networks))
        for resume in (None, half):
            batches.train_groups(Inline(), nets, sets, chosen, lambda numbers, state: found.update({numbers[0]: state}), resume=resume, **options)
            apart, whole = batches.joined([found[numbers[0]] for numbers in chosen]), kc.train(nets, sets, **options)
            assert apart.epoch == 120 and apart.batched and apart.initial == nets and apart.data == sets
            assert all(np.array_equal(one, other) for one, other in zip(apart.weights, whole.weights, strict=True))
            assert np.array_equal(batches.part(whole, [networks - 1]).weights[0], whole.weights[-1])


def test_progress_counts_what_is_done(pool):
    reports = []
    tau_sweep.run(SWEEP, jobs=pool, progress=lambda *report: reports.append(report))
    for stage, total in (("retraining", 1200), ("forgetting", 4)):
        counts = [done for name, done, of in reports if name == stage and of == total]
        assert counts == sorted(counts) and counts[-1] == total and len(counts) >= 2
    reports.clear()
    comparison.run(CASES, jobs=pool, progress=lambda *report: reports.append(report))
    counts = [(done, of) for name, done, of in reports if name == "unlearning"]
    assert len(counts) == 4 and counts[-1][0] == counts[-1][1] == 4 * counts[0][0]


# a run that was cut off


@pytest.mark.parametrize("lives", [0, 1, 2, 3, 4, 6])
def test_a_tau_sweep_whose_executor_dies_goes_on_to_the_same_bytes(serial, tmp_path, monkeypatch, lives):
    monkeypatch.setattr(batches, "TOGETHER", 2)
    checkpoint, dying = tmp_path / "k.npz", Inline(lives)
    with pytest.raises(kc.SolverError, match="what is finished is kept"):
        tau_sweep.run(SWEEP, jobs=dying, checkpoint=checkpoint)
    assert kc.Training.load(checkpoint).epoch == 600
    again = retrained.retraining_file(checkpoint)
    assert (len(kc.Training.load(again).initial) if again.exists() else 0) == 2 * min(lives, 4)
    counted = Inline()
    assert tau_sweep.run(SWEEP, jobs=counted, checkpoint=checkpoint).to_json() == serial[1]
    assert 10**9 - counted.lives == 4 + 4 - min(lives, 4)  # what was finished is not done again, but for the sweep itself


def test_retraining_of_fewer_epochs_is_trained_on_apart(serial, tmp_path):
    checkpoint = tmp_path / "k.npz"
    tau_sweep.run(replace(SWEEP, epochs=200), jobs=Inline(), checkpoint=checkpoint)
    assert tau_sweep.run(SWEEP, jobs=Inline(), checkpoint=checkpoint).to_json() == serial[1]
    assert kc.Training.load(retrained.retraining_file(checkpoint)).epoch == 600


@pytest.mark.parametrize("lives", [1, 2, 4])
def test_a_comparison_whose_executor_dies_goes_on_to_the_same_numbers(serial, tmp_path, lives):
    # the shards of two networks, then four cases
    checkpoint = tmp_path / "k.npz"
    with pytest.raises(kc.SolverError, match="what is finished is kept"):
        comparison.run(CASES, jobs=Inline(lives), checkpoint=checkpoint)
    assert cases_file(checkpoint).exists() == (lives > 2)
    counted = Inline()
    assert without_seconds(comparison.run(CASES, jobs=counted, checkpoint=checkpoint)) == serial[2]
    assert 10**9 - counted.lives == {1: 2 + 4, 2: 2 + 4, 4: 1 + 2}[lives]


# a cluster


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("nonsense", r"can be reached at 'nonsense' \(missing port number"),
        ("", "missing port number"),
        ("ftp://127.0.0.1:1", r"unknown address scheme 'ftp'.*give one like tcp://host:8786"),
        ("tcp://127.0.0.1:port", "can be reached"),
        ("tls://127.0.0.1:1", "TLS"),
        ("tcp://127.0.0.1:1", r"no Dask scheduler answers at .* within 0.3 seconds: is the address right"),
    ],
)
def test_a_wrong_address_is_named(address, message):
    pytest.importorskip("distributed")
    with pytest.raises(kc.InputError, match=message), dask_cluster.connected(address, patience=0.3):
        pass


@pytest.mark.parametrize("says", [b"", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" * 40])
def test_what_is_no_scheduler_is_not_waited_for(says):
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve():
            held.append(server.accept()[0])
            held[0].sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            pytest.raises(kc.InputError, match="no Dask scheduler" if says else "no Dask scheduler answers"),
            dask_cluster.connected(f"tcp://127.0.0.1:{server.getsockname()[1]}", patience=0.5),
        ):
            pass
        thread.join()
        held[0].close()


def test_without_distributed_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for line in (["audit", "--claims", "lemma-B.1"], ["figure1", "--no-picture"], ["compare", "--appendix-e", "--no-picture"]):
        assert cli.main([*line, "--dask", "tcp://127.0.0.1:1"]) == 2
        said = capsys.readouterr()
        assert said.err.count("\n") == 1 and "pip install 'kktcheck[dask]'" in said.err and said.out == ""


@pytest.mark.parametrize("command", ["audit", "figure1", "compare"])
def test_jobs_and_dask_exclude_each_other(command, capsys):
    assert cli.main([command, "--jobs", "2", "--dask", "host:1"]) == 2
    assert "not allowed with argument" in capsys.readouterr().err


@given(st.dictionaries(st.sampled_from(["kktcheck", "numpy", "scipy"]), st.sampled_from(["1.0", "2.0"]), min_size=1), st.data())
@examples(30)
def test_exactly_the_versions_that_differ_are_named(expected, data):
    wrong = data.draw(st.sets(st.sampled_from(sorted(expected))))
    found = {"a": dict(expected), "b": {name: (None if name in wrong else version) for name, version in expected.items()}}
    texts = dask_cluster.differences(found, expected)
    assert texts == [f"b: no {name}, here {version}" for name, version in expected.items() if name in wrong]
    assert dask_cluster.differences({"a": {"python": "3.11.7.final.0"}}, {"python": "3.11"}) == []
    assert dask_cluster.differences({"a": {"python": "3.12.1.final.0"}}, {"python": "3.11"}) == ["a: python 3.12, here 3.11"]


@pytest.fixture(scope="module")
def cluster():
    """Address of a local cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def test_a_cluster_gives_the_bytes_of_this_process(serial, cluster):
    with dask_cluster.connected(cluster.scheduler_address) as executor:
        assert everything(executor) == serial


def test_a_cluster_judges_claims_as_this_process_does(cluster, capsys):
    verdicts = []
    for where in ([], ["--dask", cluster.scheduler_address]):
        assert cli.main(["audit", "--claims", "lemma-B.1/derivation/*", "--budget", "quick", *where]) in (0, 1)
        verdicts.append([line.split()[:3] for line in capsys.readouterr().out.splitlines() if line.startswith("lemma-B")])
    assert verdicts[0] == verdicts[1] and len(verdicts[0]) >= 3


def test_other_versions_on_the_workers_are_refused(cluster, monkeypatch):
    other = executors.versions() | {"scipy": "0.1"}
    monkeypatch.setattr(dask_cluster, "versions", lambda: other)
    with (
        pytest.raises(kc.InputError, match=r"would not give the same numbers: tcp://.*: scipy .*, here 0.1 \(and 1 more\); install"),
        dask_cluster.connected(cluster.scheduler_address),
    ):
        pass


def test_the_address_of_a_worker_is_no_scheduler(cluster):
    worker = next(iter(cluster.scheduler_info["workers"]))
    with pytest.raises(kc.InputError, match=r"is a Dask worker, no scheduler"), dask_cluster.connected(worker):
        pass


def die_once(x, folder):
    """Squares; the first worker to be given 3 is killed."""
    if x == 3:
        try:
            os.close(os.open(os.path.join(folder, "died"), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return x * x
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


def die(x):
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_task_of_a_killed_worker_is_done_by_another(cluster, tmp_path):
    with dask_cluster.connected(cluster.scheduler_address) as executor:
        assert results(executor, die_once, ((x, str(tmp_path)) for x in range(8))) == {x: x * x for x in range(8)}
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_a_task_that_kills_every_worker_is_given_up_in_a_sentence(cluster):
    with dask_cluster.connected(cluster.scheduler_address) as executor:
        with pytest.raises(kc.SolverError, match="a process that had a task died"):
            results(executor, die, [(1,)])
        assert results(executor, square, [(5,)]) == {0: 25}
