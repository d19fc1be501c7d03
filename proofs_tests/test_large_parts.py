"""The parts of the matrix-free engine: the operator and its transpose, the projection, streaming states and kinks, memory."""

import tracemalloc

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import blocks, kinks
from kktcheck.large import choice, scan, states
from kktcheck.large.operator import GradientOperator
from kktcheck.large.projection import project
from kktcheck.linearisation import linearise
from kktcheck.models import KINK

from .instances import examples, seeds
from .multiplier_instances import kinked_instances


@given(kinked_instances(), seeds(), st.integers(1, 7), st.sampled_from(["clarke", "indicator"]))
@examples(40)
def test_the_operator_is_the_sum_of_gradients_and_its_transpose(instance, seed, size, subgradient):
    points, net = instance
    lin, rng = linearise(net, points, subgradient), np.random.default_rng(seed)
    operator = GradientOperator(lin, size)
    multipliers = rng.uniform(0.0, 1.0, len(points.y)) * (rng.random(len(points.y)) < 0.7)
    gates = rng.uniform(0.0, 1.0, operator.num_kinks) * multipliers[operator.points]
    ordered = np.empty_like(gates)
    ordered[operator.order] = gates
    z = lin.gates(multipliers, ordered)
    combined = operator.combine(multipliers, gates)
    assert combined == pytest.approx(lin.model.W - lin.residual(z), abs=1e-12)
    R = rng.standard_normal(net.W.shape)
    along, on_kinks = operator.pull(R)
    assert multipliers @ along + gates @ on_kinks == pytest.approx(np.vdot(combined, R), abs=1e-12)
    chosen = np.flatnonzero(rng.random(len(points.y)) < 0.5)
    some, some_kinks = operator.pull(R, operator.blocks(chosen))
    inside = np.isin(np.arange(len(points.y)), chosen)
    assert some == pytest.approx(np.where(inside, along, 0.0), abs=1e-13)
    assert some_kinks == pytest.approx(np.where(inside[operator.points], on_kinks, 0.0), abs=1e-13)


def test_work_counts_the_points_multiplied():
    rng = np.random.default_rng(0)
    net, points = kc.TwoLayerReLU(rng.standard_normal((3, 4)), np.ones(3)), kc.Dataset(rng.standard_normal((20, 4)), np.ones(20))
    operator = GradientOperator(linearise(net, points), 6)
    operator.combine(np.ones(20), np.zeros(0))
    operator.pull(net.W)
    assert operator.work == pytest.approx(2.0)
    operator.combine(np.arange(20.0) < 5, np.zeros(0))
    assert operator.work == pytest.approx(2.25)


@given(seeds(), st.integers(1, 5), st.booleans())
@examples(100)
def test_the_projection_is_the_nearest_feasible_point(seed, count, capped):
    """No feasible point is nearer: compared with bisection on the derivative in the multiplier, point by point."""
    rng = np.random.default_rng(seed)
    points = np.sort(rng.integers(0, count, rng.integers(0, 8)))
    a, b = rng.choice([0.0, 1.0, 3.0], count), rng.uniform(0.2, 2.0, len(points))
    centre, gates = rng.uniform(-1.0, 2.0, count), rng.uniform(-1.0, 3.0, len(points))
    upper = rng.choice([0.0, 0.5, 1.5, np.inf], count) if capped else None
    found, z = project(centre, gates, points, np.where(a > 0, a, 1.0), b, upper)
    a = np.where(a > 0, a, 1.0)
    for i in range(count):
        mine = points == i
        low, high = 0.0, 10.0 if upper is None else min(10.0, upper[i])

        def slope(level, i=i, mine=mine):
            return a[i] * (level - centre[i]) - b[mine] @ np.maximum(gates[mine] - level, 0.0)

        if slope(low) >= 0:
            high = low
        elif slope(high) <= 0:
            low = high
        for _ in range(80):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        assert found[i] == pytest.approx(low, abs=1e-12)
        assert z[mine] == pytest.approx(np.clip(gates[mine], 0.0, found[i]), abs=1e-12)


@st.composite
def noisy_kinks(draw):
    """Networks projected off a few points each, with noise of any size on the weights: with and without a plateau."""
    rng = np.random.default_rng(draw(seeds()))
    m, n, d, k = draw(st.integers(1, 40)), draw(st.integers(1, 20)), draw(st.integers(6, 40)), draw(st.integers(0, 4))
    X, W = rng.standard_normal((m, d)), rng.standard_normal((n, d))
    X[m - draw(st.integers(0, m - 1)) :] = X[0]  # repeated points weigh less
    for w in W:
        basis = np.linalg.qr(X[rng.choice(m, min(k, m), replace=False)].T)[0]
        w -= basis @ (basis.T @ w)
    W += 10.0 ** draw(st.floats(-12, -2)) * rng.standard_normal((n, d))
    W[1:][rng.random(n - 1) < 0.1] = 0.0
    return kc.Dataset(X, np.ones(m)), kc.TwoLayerReLU(W, rng.choice([-1.0, 1.0], n))


@given(noisy_kinks(), st.sampled_from(["auto", "auto", 0.0, 1e-5, 0.3]), st.integers(1, 9))
@examples(100)
def test_kinks_and_states_found_in_blocks_are_those_found_at_once(instance, kink_tol, size):
    points, net = instance
    mask, tolerance, plateau, source = scan.find(net, points, kink_tol, size)
    marked = states.linearise(net.with_kinks(mask) if kink_tol == 0.0 else net, points, "clarke", size)
    expected = kinks.find(net, points, kink_tol)
    assert tolerance == pytest.approx(expected[1], rel=1e-9)
    assert source == expected[3]
    if kink_tol != 0.0:  # an inner product that is zero but for its rounding depends on the order of its sum
        assert (mask == expected[0]).all()
        assert plateau == pytest.approx(expected[2], rel=1e-3, abs=1e-14)
        whole = linearise(net, points)
        assert (marked.states == whole.states).all()
        assert marked.margins == pytest.approx(whole.margins, abs=1e-12)
    else:
        assert ((marked.states == KINK) == mask).all()


@given(noisy_kinks(), st.integers(1, 9))
@examples(60)
def test_gaps_are_judged_by_the_same_weights(instance, size):
    """Whatever weight the search for the plateau asks for, in blocks or at once: the sizes asked about and the answers are the same."""
    points, net = instance
    asked = {scan: [], kinks: []}
    plateau_of = kinks.plateau_of
    with pytest.MonkeyPatch.context() as patch:
        for module, answers in asked.items():

            def recorded(ordered, before, below, answers=answers):
                return plateau_of(ordered, before, lambda bound: answers.append((bound, below(bound))) or answers[-1][1])

            patch.setattr(module, "plateau_of", recorded)
        scan.find(net, points, "auto", size)
        kinks.find(net, points, "auto")
    assert np.array(asked[scan]) == pytest.approx(np.array(asked[kinks]), rel=1e-6)


@given(noisy_kinks())
@examples(20)
def test_independence_needs_no_gram_matrix(instance):
    assert scan.independence(instance[0], 3) == pytest.approx(kinks.independence(instance[0]), rel=1e-10)


def test_kinks_of_other_data_are_refused_in_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "PAIRS", 0)
    points = kc.Dataset(np.eye(3), [1, 1, 1])
    with pytest.raises(kc.InputError, match="kinks of a dataset with 2 points"):
        linearise(kc.TwoLayerReLU(np.ones((1, 3)), [1.0], np.zeros((1, 2), bool)), points)
    with pytest.raises(kc.InputError, match="marks .neuron 0, point 0. as a kink"):
        linearise(kc.TwoLayerReLU(np.ones((1, 3)), [1.0], np.array([[True, False, False]])), points)


def test_a_whole_certificate_in_blocks_is_the_same(monkeypatch):
    rng = np.random.default_rng(4)
    points = kc.sampling.gaussian(12, 30, rng=rng)
    net = kc.train(kc.random_network(8, 30, rng=rng), points, steps=3000, normalised=True).model
    whole = kc.certify(net, points)
    monkeypatch.setattr(blocks, "PAIRS", 0)
    parts = kc.certify(net, points)
    assert parts.kinks.count == whole.kinks.count > 0
    assert (parts.states == whole.states).all()
    for name in ("epsilon", "delta", "tau", "scale"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-12)


# which engine, and memory


def test_the_engine_is_chosen_by_flops_and_bytes():
    assert choice.choose("fast", 500, 5_000, 784).dense
    assert not choice.choose("fast", 500, 50_000, 784).dense
    assert not choice.choose("matrix-free", 2, 10, 3).dense
    assert not choice.choose("fast", 500, 5_000, 784, max_memory=choice.dense_bytes(5_000, 500) - 1).dense
    assert choice.choose("fast", 500, 5_000, 784, max_memory=choice.dense_bytes(5_000, 500)).dense
    cheap = next(m for m in range(1000, 100_000, 100) if choice.dense_flops(m, 500, 784) > choice.DENSE_FLOPS)
    assert choice.dense_flops(cheap, 500, 784) < choice.matrix_free_flops(cheap, 500, 784)


def test_blocks_shrink_with_the_cap_until_nothing_fits():
    fixed = choice.matrix_free_bytes(50_000, 500, 784, 25_000)
    roomy = choice.choose("fast", 500, 50_000, 784, 25_000, 6e9)
    least = fixed + blocks.FEWEST * blocks.block_bytes(500, 784)
    tightest = choice.choose("fast", 500, 50_000, 784, 25_000, least)
    assert roomy.size > tightest.size == blocks.FEWEST
    assert roomy.releasing
    with pytest.raises(kc.MemoryLimitError, match="matrix-free they take at least 0.3"):
        choice.choose("fast", 500, 50_000, 784, 25_000, least - 1)


def large_instance(m, n, d, folder):
    """A folder with a network that is near stationary and memory-mapped data."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, d)) / np.sqrt(d)
    W = rng.standard_normal((n // 2, d))
    W, u = np.concatenate([W, -W]), rng.choice([-1.0, 1.0], n // 2)
    u = np.concatenate([u, u])  # every point has an active neuron, and none cancels
    np.save(folder / "X.npy", X)
    np.save(folder / "y.npy", np.where(np.maximum(X @ W.T, 0.0) @ u > 0, 1.0, -1.0))
    return kc.TwoLayerReLU(W, u)


def test_a_memory_mapped_folder_is_never_in_memory_as_a_whole(tmp_path):
    m, n, d = 2_100, 12, 300
    net = large_instance(m, n, d, tmp_path)
    held = kc.load_dataset(tmp_path)
    cap = 4.9e6
    assert isinstance(held.X, np.memmap)
    assert 8 * m * d > cap
    tracemalloc.start()
    mapped = kc.certify(net, held, max_memory=cap)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= cap
    assert mapped.method.startswith("matrix-free")
    in_memory = kc.certify(net, kc.Dataset(np.array(held.X), held.y), engine="matrix-free")
    assert mapped.epsilon == pytest.approx(in_memory.epsilon, rel=1e-4)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"max_memory": 10}, "max_memory = 1e-08 GB is too little for 3 points"),
        ({"max_memory": 0}, "max_memory = 0: a positive number of bytes is needed"),
        ({"max_memory": True}, "max_memory = True"),
        ({"max_memory": 1e9, "engine": "cvxpy"}, "an engine other than 'cvxpy', which knows no cap"),
    ],
)
def test_caps_that_cannot_be_kept_are_refused(request_, message):
    points, net = kc.Dataset(np.eye(3), [1, 1, 1]), kc.TwoLayerReLU(np.ones((1, 3)), [1.0])
    for call in (kc.certify, kc.recover_multipliers):
        with pytest.raises((kc.InputError, kc.MemoryLimitError)) as caught:
            call(net, points, **request_)
        assert message in str(caught.value)


def test_the_command_line_takes_a_size(tmp_path, capsys):
    from kktcheck import cli

    net = large_instance(30, 4, 5, tmp_path)
    kc.save_model(tmp_path / "net.npz", net)
    line = ["certify", str(tmp_path / "net.npz"), str(tmp_path)]
    assert cli.main([*line, "--max-memory", "1G", "--engine", "matrix-free"]) == 0
    assert "duality gap" in capsys.readouterr().out
    assert cli.main([*line, "--max-memory", "1K"]) == 2
    assert "is too little for 30 points" in capsys.readouterr().err
    assert cli.main([*line, "--max-memory", "much"]) == 2
    assert "'much' is no size in bytes like 6G or 500M" in capsys.readouterr().err
