"""Exact KKT points: the four conditions by another route and in exact arithmetic, two engines, closed forms, and where there is none."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InfeasibleError, InputError, LinearPredictor, TwoLayerReLU, certify, kkt_point, random_network, sampling, train
from kktcheck.kkt_program import assemble, guess, moved
from kktcheck.models import ACTIVE, INACTIVE, KINK, states_of
from kktcheck.residuals import kkt_residuals
from kktcheck.tolerances import SETTLED

from .instances import examples, seeds
from .kkt_instances import planted_network
from .rational import fractions

#: Any shape: more points than dimensions or fewer, parallel points, norms over a decade.
shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(2, 8))


def instance(seed, shape):
    """Data and a network that classifies it, with at least one neuron of the sign of each label active on each point."""
    m, d, n = shape
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((m, d)) * 10.0 ** rng.uniform(-0.5, 0.5, (m, 1))
    if rng.random() < 0.2:
        X = X[rng.integers(0, m, m)]
    u = np.where(np.arange(n) % 2, -1.0, 1.0) * rng.uniform(0.5, 1.5, n)
    W = rng.standard_normal((n, d))
    W[0], W[1 % n] = X.sum(axis=0) + W[0], W[1 % n]
    outputs = u @ np.maximum(W @ X.T, 0.0)
    keep = np.abs(outputs) > 0.03 * np.linalg.norm(W) * np.linalg.norm(X, axis=1)
    if not keep.any():
        return instance(seed + 1, shape)
    return Dataset(X[keep], np.sign(outputs[keep])), TwoLayerReLU(W, u)


def conditions(point, data):
    """Stationarity, primal and dual feasibility and slackness with every sum written out, each relative as design of the residuals has it."""
    W, u, X, y = point.model.W, point.model.u, data.X, data.y
    z = np.zeros((len(W), len(y)))
    P = np.where(point.model.kinks, 0.0, W @ X.T)
    z[P > 0] = np.broadcast_to(point.multipliers, z.shape)[P > 0]
    z[point.model.kinks] = point.kink_multipliers
    rest = W - np.einsum("j,ji,i,ik->jk", u, z, y, X)
    margins = y * (u @ np.maximum(P, 0.0))
    largest = point.multipliers.max()
    caps = np.broadcast_to(point.multipliers, z.shape)
    return {
        "stationarity": np.linalg.norm(rest) / np.linalg.norm(W),
        "primal": max(0.0, 1 - margins.min()),
        "dual": max(0.0, -point.multipliers.min(), -z.min(), (z - caps).max()) / largest,
        "slackness": np.abs(point.multipliers * (margins - 1)).max() / largest,
        "kinks": np.abs((W @ X.T)[point.model.kinks] / (np.linalg.norm(W) * data.norms[np.nonzero(point.model.kinks)[1]])).max(initial=0.0),
    }


@given(seeds(), shapes)
def test_every_point_meets_the_four_conditions(seed, shape):
    data, net = instance(seed, shape)
    point = kkt_point(net, data)
    found = conditions(point, data)
    assert max(found.values()) <= 2 * SETTLED, found
    assert point.residuals.kkt <= SETTLED
    assert point.tau == pytest.approx(0.5 * np.sum((net.W / net.norm - point.model.W / point.model.norm) ** 2), rel=1e-9)
    assert point.cosine == pytest.approx(np.vdot(net.W, point.model.W) / net.norm / point.model.norm, abs=1e-12)
    for k in range(point.num_classes):
        members = point.classes == k
        ratios = point.model.W[members] / point.model.u[members, None]
        assert np.abs(ratios - ratios[0]).max() <= 1e-13 * np.abs(ratios).max()


@examples(20)
@given(seeds(), shapes)
def test_both_engines_end_at_the_same_network(seed, shape):
    data, net = instance(seed, shape)
    first, second = kkt_point(net, data), kkt_point(net, data, engine="cvxpy")
    assert second.method.startswith("CLARABEL")
    assert np.abs(first.model.W - second.model.W).max() <= 1e-10 * first.model.norm
    if first.unique and second.unique:
        np.testing.assert_allclose(first.multipliers, second.multipliers, atol=1e-8 * first.multipliers.max())


@given(seeds(), shapes)
def test_every_round_shortens_the_network_and_its_program_is_solved(seed, shape):
    """Replays the procedure: weak duality bounds each optimum from below, and the norms fall from round to round."""
    data, net = instance(seed, shape)
    states = states_of(net.preactivations(data))
    program, norms = assemble(data, net.u, states), []
    support, gates = guess(program, net, data, states)
    while True:
        settled = program.optimum(support, gates)
        x, size = settled.multipliers, program.weights @ settled.sizes**2
        assert size == pytest.approx(float(x @ (1 / program.norms)), rel=1e-9)
        norms.append(size)
        new = moved(program, settled)
        if new is None:
            break
        program = assemble(data, net.u, new[program.member])
        support, gates = np.ones(data.num_points, bool), np.full(program.states.shape, 1, np.int8)
    assert (np.diff(norms) <= 1e-9 * norms[0]).all()
    scale = float(net.u @ net.u) * data.norms.min() ** 2
    assert kkt_point(net, data).model.norm ** 2 <= (1 + 1e-9) * norms[0] / scale


@st.composite
def rational_instances(draw):
    """Points and weights that are multiples of 1/4, labelled by the network."""
    rng = np.random.default_rng(draw(seeds()))
    m, d, n = draw(st.integers(1, 5)), draw(st.integers(2, 5)), draw(st.integers(2, 5))
    X = rng.integers(-6, 7, (m, d)) / 4.0
    W = rng.integers(-6, 7, (n, d)) / 4.0
    u = np.where(np.arange(n) % 2, -0.5, 0.5)
    W[0] += 1.0
    outputs = u @ np.maximum(W @ X.T, 0.0)
    keep = outputs != 0
    if not keep.any():
        X, keep = np.ones((1, d)), np.array([True])
        W[0], W[1:] = 1.0, -1.0
    return Dataset(X[keep], np.sign(u @ np.maximum(W @ X[keep].T, 0.0))), TwoLayerReLU(W, u)


def gauss(rows, right):
    """A solution of a consistent system in fractions, free unknowns zero; None if it is inconsistent."""
    rows = [[*row, value] for row, value in zip(rows, right, strict=True)]
    pivots, r = [], 0
    for c in range(len(rows[0]) - 1):
        p = next((k for k in range(r, len(rows)) if rows[k][c]), None)
        if p is None:
            continue
        rows[r], rows[p] = rows[p], rows[r]
        rows[r] = [v / rows[r][c] for v in rows[r]]
        for k in range(len(rows)):
            if k != r and rows[k][c]:
                rows[k] = [a - rows[k][c] * b for a, b in zip(rows[k], rows[r], strict=True)]
        pivots.append(c)
        r += 1
    if any(row[-1] for row in rows[r:]):
        return None
    found = [Fraction(0)] * (len(rows[0]) - 1)
    for k, c in enumerate(pivots):
        found[c] = rows[k][-1]
    return found


@given(rational_instances())
def test_exact_points_meet_all_conditions_in_fractions(built):
    """Unknown multipliers and gates from the states alone: margins 1 on the support and pre-activations 0 on the kinks, in fractions."""
    data, net = built
    point = kkt_point(net, data)
    if not (point.strict and point.unique):
        return  # at a tie the states do not determine one system; those instances are a small share
    X, y, u = fractions(data.X), fractions(data.y), fractions(net.u)
    m, n = len(X), len(u)
    K = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in X] for p in X]
    # Gates that belong to neurons that are zero, or to points without a multiplier, are zero.
    alive = [bool(w.any()) for w in point.model.W]
    support = [i for i in range(m) if point.multipliers[i] > 0]
    kinks = [(j, i) for j in range(n) for i in support if alive[j] and point.states[j, i] == KINK]
    unknowns = {("x", i): k for k, i in enumerate(support)} | {pair: len(support) + k for k, pair in enumerate(kinks)}

    def gate(j, i):
        if i not in support or not alive[j]:
            return None
        return {ACTIVE: unknowns[("x", i)], KINK: unknowns.get((j, i)), INACTIVE: None}[int(point.states[j, i])]

    def preactivation(j, i):
        """Coefficients of <w_j, x_i> in the unknowns."""
        row = [Fraction(0)] * len(unknowns)
        for k in range(m):
            g = gate(j, k)
            if g is not None:
                row[g] += u[j] * y[k] * K[k][i]
        return row

    rows, right = [], []
    for i in support:
        total = [Fraction(0)] * len(unknowns)
        for j in range(n):
            if point.states[j, i] == ACTIVE:
                total = [a + u[j] * y[i] * b for a, b in zip(total, preactivation(j, i), strict=True)]
        rows.append(total)
        right.append(Fraction(1))
    rows += [preactivation(j, i) for j, i in kinks]
    right += [Fraction(0)] * len(kinks)
    solved = gauss(rows, right)
    assert solved is not None
    x = [solved[unknowns[("x", i)]] if i in support else Fraction(0) for i in range(m)]
    assert all(value > 0 for i, value in enumerate(x) if i in support)
    assert all(0 <= solved[unknowns[pair]] <= x[pair[1]] for pair in kinks)
    for i in range(m):
        P = [sum(a * b for a, b in zip(preactivation(j, i), solved, strict=True)) for j in range(n)]
        for j in range(n):
            if alive[j]:
                assert (P[j] > 0) == (point.states[j, i] == ACTIVE)
                assert (P[j] < 0) == (point.states[j, i] == INACTIVE)
        margin = y[i] * sum(u[j] * max(P[j], Fraction(0)) for j in range(n))
        assert margin == 1 if i in support else margin >= 1
    np.testing.assert_allclose(point.multipliers, [float(value) for value in x], rtol=1e-11, atol=1e-12 * float(max(x)))


@given(seeds(), st.integers(1, 6), st.integers(2, 7))
def test_the_closed_form_on_orthogonal_points(seed, m, n):
    """lambda_i = 1 / (|x_i|**2 sum of u_j**2 over the neurons aligned with and active on point i)."""
    rng = np.random.default_rng(seed)
    norms = rng.uniform(0.5, 2.0, m)
    X = norms[:, None] * np.linalg.qr(rng.standard_normal((m + 2, m)))[0].T
    y = rng.choice([-1.0, 1.0], m)
    u = np.where(np.arange(n) % 2, -1.0, 1.0) * rng.uniform(0.5, 1.5, n)
    active = rng.random((n, m)) < 0.6
    active[:2] = True
    W = u[:, None] * ((np.where(active, 1.0, -1.0) * rng.uniform(0.5, 1.5, (n, m)) * y) @ X)
    point = kkt_point(TwoLayerReLU(W, u), Dataset(X, y))
    aligned = (u[:, None] * y > 0) & active
    np.testing.assert_allclose(point.multipliers, 1 / (norms**2 * (u**2 @ aligned)), rtol=1e-12)
    np.testing.assert_allclose(point.model.W, u[:, None] * ((point.multipliers * y * aligned) @ X), atol=1e-12)
    assert point.rounds == 1


@examples(15)
@given(seeds(), st.integers(2, 6), st.integers(0, 1))
def test_a_planted_point_is_found_where_it_is(seed, m, sleeping):
    planted = planted_network(seed, m=m, sleeping=sleeping)
    rng = np.random.default_rng(seed)
    noisy = TwoLayerReLU(planted.model.W + 1e-9 * rng.standard_normal(planted.model.W.shape), planted.model.u)
    for start in (planted.model, noisy):
        point = kkt_point(start, planted.data)
        assert point.tau <= 1e-14
        assert point.rounds == 1
        np.testing.assert_allclose(point.model.W, planted.model.W, atol=1e-10)
        assert (point.states == planted.states)[np.linalg.norm(planted.model.W, axis=1) > 0].all()


@examples(12)
@given(seeds(), shapes, st.sampled_from([1e-6, 0.3, 50.0]))
def test_scaling_laws_and_invariances(seed, shape, c):
    data, net = instance(seed, shape)
    point = kkt_point(net, data)
    rng = np.random.default_rng(seed)
    scaled = kkt_point(TwoLayerReLU(net.W, c * net.u), Dataset(3.0 * data.X, data.y))
    np.testing.assert_allclose(scaled.model.W, point.model.W / (3 * c), atol=1e-9 * point.model.norm / c)
    if point.unique:
        np.testing.assert_allclose(scaled.multipliers, point.multipliers / (9 * c * c), rtol=1e-7, atol=1e-9 * scaled.multipliers.max())
    order, neurons = rng.permutation(data.num_points), rng.permutation(net.num_neurons)
    Q = np.linalg.qr(rng.standard_normal((data.dim, data.dim)))[0]
    turned = kkt_point(TwoLayerReLU(c * net.W[neurons] @ Q, net.u[neurons]), Dataset(data.X[order] @ Q, data.y[order]))
    np.testing.assert_allclose(turned.model.W @ Q.T, point.model.W[neurons], atol=1e-9 * point.model.norm)
    halves = TwoLayerReLU(np.vstack([net.W, net.W[:1]]), np.concatenate([net.u[:1] / np.sqrt(2), net.u[1:], net.u[:1] / np.sqrt(2)]))
    split = kkt_point(halves, data)
    np.testing.assert_allclose(split.model.W[1:-1], point.model.W[1:], atol=1e-9 * point.model.norm)
    np.testing.assert_allclose(split.model.W[0] * np.sqrt(2), point.model.W[0], atol=1e-9 * point.model.norm)
    gram = Dataset.from_gram(data.gram, data.y)
    coordinates = np.linalg.lstsq(gram.X, net.W.dot(data.X.T).T, rcond=None)[0].T
    again = kkt_point(TwoLayerReLU(coordinates, net.u), gram)
    assert again.model.norm == pytest.approx(point.model.norm, rel=1e-6)


@examples(12)
@given(seeds(), st.integers(7, 9), st.integers(2, 3))
def test_points_without_a_multiplier_may_be_left_out(seed, m, d):
    """One point stays that has none, so that the data keeps its size; there are such points in all but a few instances."""
    data, net = instance(seed, (m, d, 5))
    whole = kkt_point(net, data)
    out = np.flatnonzero(whole.multipliers == 0)[1:]
    if out.size:
        kept = np.delete(np.arange(data.num_points), out)
        rest = kkt_point(whole.model.with_kinks(whole.model.kinks[:, kept]), data.only(kept))
        np.testing.assert_allclose(rest.model.W, whole.model.W, atol=1e-10 * whole.model.norm)
        np.testing.assert_allclose(rest.margins, whole.margins[kept], rtol=1e-9)


@examples(10)
@given(seeds(), shapes)
def test_certificates_agree_that_the_point_is_exact(seed, shape):
    data, net = instance(seed, shape)
    point = kkt_point(net, data)
    certificate = certify(point.model, data)
    assert certificate.epsilon <= 1e-10 * point.model.norm
    assert certificate.tau == 0
    if certificate.unique:
        assert certificate.delta <= 1e-9 * point.multipliers.max()
    capped = certify(point.model, data, slackness_cap=0.0)
    assert capped.epsilon <= 1e-10 * point.model.norm
    assert capped.delta <= 1e-11 * capped.multipliers.max()


@given(seeds())
def test_a_mutant_of_each_condition_fires_that_residual_alone(seed):
    planted = planted_network(seed, m=5, n=8)
    point = kkt_point(planted.model, planted.data)
    x, z = point.multipliers, point.kink_multipliers

    def fired(**change):
        arguments = {"model": point.model, "multipliers": x, "kink_multipliers": z} | change
        found = kkt_residuals(arguments["model"], planted.data, arguments["multipliers"], arguments["kink_multipliers"])
        return {name for name in ("stationarity", "primal", "dual", "slackness") if getattr(found, name) > 1e-6}

    assert fired() == set()
    flipped = x.copy()
    flipped[0] = -flipped[0]
    assert "dual" in fired(multipliers=flipped)
    assert fired(model=point.model.scaled(1.001), multipliers=1.001 * x, kink_multipliers=1.001 * z) == {"slackness"}
    assert fired(model=point.model.scaled(0.999), multipliers=0.999 * x, kink_multipliers=0.999 * z) == {"primal", "slackness"}
    moved_weights = TwoLayerReLU(point.model.W + 1e-3 * point.model.W[::-1], point.model.u)
    assert "stationarity" in fired(model=moved_weights, kink_multipliers=None)
    inner = np.flatnonzero(z > 1e-3 * x.max())
    if inner.size:
        outside = z.copy()
        outside[inner[0]] = -outside[inner[0]]
        assert fired(kink_multipliers=outside) == {"stationarity", "dual"}


@examples(4)
@given(seeds())
def test_random_states_lead_to_several_exact_points(seed):
    data = sampling.gaussian(6, 9, rng=seed)
    net = random_network(12, 9, rng=seed + 1)
    rng = np.random.default_rng(seed)
    found = [kkt_point(net, data, rng=rng) for _ in range(6)]
    for point in found:
        assert max(conditions(point, data).values()) <= 2 * SETTLED
    assert len({round(point.model.norm, 9) for point in found}) > 1
    again = kkt_point(net, data, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(again.model.W, found[0].model.W)


def test_states_that_lead_nowhere_are_drawn_again_and_counted():
    data = Dataset(np.eye(4), [1.0, 1.0, -1.0, -1.0])
    net = TwoLayerReLU(np.ones((4, 4)), np.array([1.0, 1.0, -1.0, -1.0]))
    counts = [kkt_point(net, data, rng=seed).redrawn for seed in range(20)]
    assert max(counts) > 0
    assert min(counts) == 0


def test_more_training_comes_nearer_to_an_exact_point():
    data = sampling.gaussian(6, 20, rng=3)
    start, taus = random_network(12, 20, rng=4), []
    for steps in (500, 5000, 50000):
        net = train(start, data, steps=steps, normalised=True).model
        taus.append(kkt_point(net, data).tau)
    assert taus[0] > taus[1] > taus[2]
    assert taus[2] < 1e-4


def test_states_given_decide_and_opposed_ones_do_not_matter():
    planted = planted_network(5, m=5)
    u, y = planted.model.u, planted.data.y
    aligned = u[:, None] * y > 0
    states = np.where(aligned, planted.states, np.random.default_rng(0).integers(0, 3, planted.states.shape))
    other = TwoLayerReLU(np.random.default_rng(1).standard_normal(planted.model.W.shape), u)
    point = kkt_point(other, planted.data, states=states)
    np.testing.assert_allclose(point.model.W, planted.model.W, atol=1e-10)


def test_a_neuron_that_sleeps_on_all_points_is_zero():
    data = Dataset(np.eye(3), np.ones(3))
    point = kkt_point(TwoLayerReLU(np.array([[1.0, 1, 1], [-1, -1, -1]]), [1.0, 1.0]), data)
    assert not point.model.W[1].any()
    assert (point.states[1] == KINK).all()
    assert point.unique
    np.testing.assert_allclose(point.multipliers, 1.0)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_the_smallest_sizes(m, n):
    data = Dataset(np.eye(m, 3), np.ones(m))
    point = kkt_point(TwoLayerReLU(np.ones((n, 3)), np.ones(n)), data)
    np.testing.assert_allclose(point.multipliers, np.full(m, 1.0 / n))


def test_duplicates_share_a_multiplier_which_is_said_not_to_be_unique():
    data = Dataset(np.vstack([np.eye(3), np.eye(3)[:1]]), np.ones(4))
    point = kkt_point(TwoLayerReLU(np.ones((2, 3)), np.ones(2)), data)
    assert point.residuals.kkt <= SETTLED
    assert point.multipliers[0] + point.multipliers[3] == pytest.approx(0.5)
    assert point.unique is not True


def test_points_that_no_neuron_of_their_sign_sees_are_named():
    data = Dataset(np.eye(3), [1.0, 1.0, -1.0])
    net = TwoLayerReLU(np.array([[1.0, -1, 1], [1, 1, -1]]), [1.0, -1.0])
    with pytest.raises(InfeasibleError, match=r"no neuron whose output has the sign of the label is active \(points 1, 2\)") as caught:
        kkt_point(net, data)
    assert caught.value.points == (1, 2)
    alone = TwoLayerReLU(np.ones((2, 3)), [1.0, -1.0])
    with pytest.raises(InfeasibleError, match="none of 1000 random states led to a KKT point"):
        kkt_point(alone, Dataset([[1.0, 0, 0], [-1.0, 0, 0]], [1.0, 1.0]), rng=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": LinearPredictor(np.ones(3))}, r"the KKT point of a linear predictor is max_margin\(data\)"),
        ({"data": np.eye(3)}, "data must be a kktcheck.Dataset"),
        ({"model": TwoLayerReLU(np.ones((2, 4)), np.ones(2))}, "points of dimension 4, but the data has dimension 3"),
        ({"engine": "fast"}, "engine 'fast' is unknown"),
        ({"states": np.ones((2, 3)), "rng": 0}, "give only one of them"),
        ({"states": np.ones((2, 2), int)}, r"states must be integers of shape \(2, 3\)"),
        ({"states": np.ones((2, 3))}, "states must be integers"),
        ({"states": np.array([[0, 1, 3], [0, 0, 0]])}, r"states\[0, 2\] = 3"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {"model": TwoLayerReLU(np.ones((2, 3)), np.ones(2)), "data": Dataset(np.eye(3), np.ones(3))} | change
    with pytest.raises(InputError, match=message):
        kkt_point(arguments.pop("model"), arguments.pop("data"), **arguments)


def test_kinks_of_other_data_are_refused():
    planted = planted_network(0, m=5)
    with pytest.raises(InputError, match="carries kinks of a dataset with 5 points"):
        kkt_point(planted.model, planted.data.without(0))


def test_the_summary_says_where_it_came_from_and_what_is_unique():
    planted = planted_network(0, m=5)
    text = kkt_point(planted.model, planted.data).summary()
    for word in ("KKT residual", "classes", "strictness", "tau (1 - cos)", "unique", "rounds"):
        assert word in text
