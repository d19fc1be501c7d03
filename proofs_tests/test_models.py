"""Linear predictors and two-layer networks: outputs, exact gradients, homogeneity, kinks, and what they refuse."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck.dataset import Dataset
from kktcheck.errors import InputError
from kktcheck.models import ACTIVE, INACTIVE, KINK, LinearPredictor, TwoLayerReLU
from kktcheck.tolerances import EPS

from .instances import linear_instances, small_matrices, two_layer_instances

INSTANCES = st.one_of(linear_instances(), two_layer_instances())
SCALES = st.floats(1e-3, 1e3)


def fractions(array):
    return [[Fraction(float(x)) for x in row] for row in np.atleast_2d(array)]


def exact_output(W, u, x):
    """sum_j u_j max(<w_j, x>, 0) in exact arithmetic, for lists of fractions."""
    return sum(a * max(sum(p * q for p, q in zip(w, x)), 0) for a, w in zip(u, W))


@st.composite
def exact_networks(draw):
    """(W, u, X): multiples of 1/8 with every output exact in float64; pre-activations are multiples of 1/64, zeros among them."""
    m, n, d = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    u = draw(st.lists(st.sampled_from([-0.5, 0.5, 0.25, -1.0]), min_size=n, max_size=n))
    return draw(small_matrices(rows=n, columns=d)), np.array(u), draw(small_matrices(rows=m, columns=d))


@given(exact_networks())
def test_network_outputs_equal_exact_arithmetic(network):
    W, u, X = network
    exact = [exact_output(fractions(W), fractions(u)[0], x) for x in fractions(X)]
    assert TwoLayerReLU(W, u).outputs(X).tolist() == [float(value) for value in exact]


@given(exact_networks(), st.data())
def test_network_jacobian_is_the_exact_difference_quotient(network, data):
    W, u, X = network
    # Towards V every pre-activation that is 0 grows or stays 0 (V = X_i for each i in turn), and a step of 2**-20 moves the
    # others, at least 1/64 away from 0, across no kink: the quotient is the one-sided derivative, for which sigma'(0) = 1.
    J = TwoLayerReLU(W, u).jacobian(X)
    neuron, step = data.draw(st.integers(0, len(u) - 1)), Fraction(1, 2**20)
    rows, weights = fractions(W), fractions(u)[0]
    for i, x in enumerate(fractions(X)):
        moved = [[w + step * v for w, v in zip(row, x)] if j == neuron else row for j, row in enumerate(rows)]
        quotient = (exact_output(moved, weights, x) - exact_output(rows, weights, x)) / step
        assert sum(Fraction(float(g)) * v for g, v in zip(J[i, neuron], x)) == quotient


@given(exact_networks(), st.data())
def test_network_jacobian_is_the_exact_derivative_in_every_direction_off_the_kinks(network, data):
    W, u, X = network
    V = data.draw(small_matrices(rows=W.shape[0], columns=W.shape[1]))
    V[((W @ X.T) == 0).any(axis=1)] = 0.0  # neurons with a kink stay where they are
    J, step = TwoLayerReLU(W, u).jacobian(X), Fraction(1, 2**20)
    rows, ways, weights = fractions(W), fractions(V), fractions(u)[0]
    for sign in (1, -1):
        moved = [[w + sign * step * v for w, v in zip(*pair)] for pair in zip(rows, ways)]
        for i, x in enumerate(fractions(X)):
            quotient = (exact_output(moved, weights, x) - exact_output(rows, weights, x)) / (sign * step)
            assert sum(Fraction(float(g)) * v for g, v in zip(J[i].ravel(), sum(ways, []))) == quotient


def test_network_jacobian_takes_a_neuron_at_zero_as_active():
    net = TwoLayerReLU([[1.0, 0.0], [0.0, 1.0]], [0.5, -0.5])
    assert net.jacobian([[0.0, 2.0]])[0].tolist() == [[0.0, 1.0], [0.0, -1.0]]
    assert net.jacobian([[-1.0, 2.0]])[0].tolist() == [[0.0, 0.0], [0.5, -1.0]]


@given(INSTANCES)
def test_euler_identity_gradient_times_parameters_is_the_output(instance):
    data, model = instance
    theta = model.w if isinstance(model, LinearPredictor) else model.W
    outputs = np.tensordot(model.jacobian(data.X), theta, axes=theta.ndim)
    size = model.norm * np.linalg.norm(model.second_layer) * data.norms
    assert (np.abs(outputs - model.outputs(data.X)) <= 10 * theta.size * EPS * size).all()


@given(INSTANCES, SCALES)
def test_models_are_homogeneous_of_degree_one(instance, c):
    data, model = instance
    scaled = model.scaled(c)
    size = c * model.norm * np.linalg.norm(model.second_layer) * data.norms
    assert (np.abs(scaled.outputs(data.X) - c * model.outputs(data.X)) <= 10 * data.dim * EPS * size).all()
    assert scaled.norm == pytest.approx(c * model.norm, rel=4 * EPS * model.hidden.size)
    # A power of two scales without rounding.
    assert np.array_equal(model.scaled(4.0).margins(data), 4.0 * model.margins(data))
    assert np.array_equal(model.scaled(4.0).jacobian(data.X), model.jacobian(data.X))


@given(linear_instances())
def test_a_linear_predictor_is_one_neuron_that_is_always_active(instance):
    data, model = instance
    assert np.array_equal(model.hidden, model.w[None, :])
    assert model.second_layer.tolist() == [1.0]
    assert np.array_equal(model.states(data), np.full((1, data.num_points), ACTIVE))
    assert np.array_equal(model.with_hidden(model.hidden).w, model.w)
    assert np.array_equal(model.jacobian(data.X), data.X)
    assert (model.num_neurons, model.dim, model.kinks) == (1, data.dim, None)
    exact = [sum(a * b for a, b in zip(fractions(model.w)[0], x)) for x in fractions(data.X)]
    assert np.abs(model.outputs(data.X) - np.array(exact, dtype=float)).max() <= data.dim * EPS * model.norm * data.norms.max()


@given(two_layer_instances(kinks=True))
def test_marked_kinks_contribute_exactly_nothing_and_states_show_them(instance):
    data, model = instance
    P, states = model.preactivations(data), model.states(data)
    assert (P[model.kinks] == 0).all()
    assert np.array_equal(states == KINK, model.kinks)
    assert np.array_equal(states == INACTIVE, (P < 0) & ~model.kinks)
    assert np.array_equal(model.margins(data), data.y * (model.u @ np.maximum(P, 0.0)))
    unmarked = model.with_kinks(None)
    assert unmarked.kinks is None
    assert np.abs(unmarked.margins(data) - model.margins(data)).max() <= 1e-12 * model.norm * data.norms.max()


@given(two_layer_instances(kinks=True), SCALES)
def test_scaling_keeps_the_kinks(instance, c):
    data, model = instance
    assert np.array_equal(model.scaled(c).kinks, model.kinks)
    assert np.array_equal(model.scaled(c).states(data), model.states(data))


@given(two_layer_instances(kinks=True))
def test_kinks_of_another_dataset_are_refused(instance):
    data, model = instance
    m = data.num_points
    longer = Dataset(np.vstack([data.X, data.X[:1]]), np.append(data.y, 1.0))
    with pytest.raises(InputError, match=rf"kinks of a dataset with {m} points, but this one has {m + 1}.*with_kinks\(None\)"):
        model.margins(longer)
    j, i = np.argwhere(model.kinks)[0]
    crossed = data.X.copy()
    crossed[i] += model.W[j] / np.linalg.norm(model.W[j]) * data.norms[i]
    with pytest.raises(InputError, match=r"marks \(neuron \d+, point \d+\) as a kink, but <w_\d+, x_\d+> = .*belong to other data"):
        model.states(Dataset(crossed, data.y))


@given(INSTANCES)
def test_margins_are_labels_times_outputs(instance):
    data, model = instance
    assert np.array_equal(model.margins(data), data.y * model.outputs(data.X))


@given(INSTANCES)
def test_epsilon_d_is_the_least_that_the_theorems_allow(instance):
    data, model = instance
    m, n, phi = data.num_points, model.num_neurons, data.phi
    assert model.epsilon_d(data) == pytest.approx(4 * m * n * phi, rel=4 * EPS)  # n = 1 for a linear predictor


def test_theorems_need_the_papers_second_layer_and_float32_is_near_enough():
    data, W = Dataset(np.eye(2), [1, -1]), np.ones((3, 2))
    with pytest.raises(InputError, match=r"needs \|u_j\| = 1/sqrt\(n\) = 0.57735, but u\[1\] = 0.5 \(neurons 1, 2\)"):
        TwoLayerReLU(W, [-1 / np.sqrt(3), 0.5, -0.6]).epsilon_d(data)
    assert TwoLayerReLU(W, np.array([1, -1, 1], dtype=np.float32) / np.float32(np.sqrt(3))).epsilon_d(data) == 0.0


def test_integer_and_float32_weights_are_converted_and_copied():
    W, u = np.array([[1, 2], [3, 4]], dtype=np.float32), np.array([1, -1])
    net, line = TwoLayerReLU(W, u, np.zeros((2, 5), bool)), LinearPredictor([1, 2])
    W[:], u[:] = 0, 0
    assert net.W.dtype == net.u.dtype == line.w.dtype == np.float64
    assert net.W.tolist() == [[1, 2], [3, 4]]
    for array in (net.W, net.u, net.kinks, line.w):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert net.norm == np.sqrt(30)
    assert line.norm == np.sqrt(5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LinearPredictor([1.0, np.nan]), r"w\[1\] = nan: every entry must be finite"),
        (lambda: LinearPredictor([0.0, 0.0]), "w is zero"),
        (lambda: LinearPredictor([[1.0, 0.0]]), r"w has shape \(1, 2\); an array of 1 dimension"),
        (lambda: TwoLayerReLU([[1.0, np.inf]], [1.0]), r"W\[0, 1\] = inf"),
        (lambda: TwoLayerReLU([1.0, 2.0], [1.0]), r"W has shape \(2,\)"),
        (lambda: TwoLayerReLU(np.zeros((0, 2)), []), "at least one neuron"),
        (lambda: TwoLayerReLU(np.ones((2, 3)), [1.0]), "W has 2 neurons but u has 1 entries"),
        (lambda: TwoLayerReLU(np.ones((2, 3)), [[1.0, 1.0]]), r"u has shape \(1, 2\)"),
        (lambda: TwoLayerReLU(np.ones((2, 3)), [1.0, np.nan]), r"u\[1\] = nan"),
        (lambda: TwoLayerReLU(np.ones((2, 3)), [1.0, 0.0]), r"u\[1\] = 0: .* drop it"),
        (lambda: TwoLayerReLU(np.zeros((2, 3)), [1.0, 1.0]), "W is zero"),
        (
            lambda: TwoLayerReLU(np.ones((2, 3)), [1.0, 1.0], np.zeros((3, 2), bool)),
            r"kinks must be a bool array of shape \(2, m\), not bool of shape \(3, 2\)",
        ),
        (lambda: TwoLayerReLU(np.ones((2, 3)), [1.0, 1.0], np.zeros((2, 2))), "kinks must be a bool array .* not float64"),
    ],
)
def test_bad_weights_are_refused_with_the_place(build, message):
    with pytest.raises(InputError, match=message):
        build()


@pytest.mark.parametrize("model", [LinearPredictor([1.0, 2.0]), TwoLayerReLU([[1.0, 2.0]], [1.0])])
def test_points_of_another_dimension_and_bad_scales_are_refused(model):
    with pytest.raises(InputError, match=r"points of dimension 2, but X has shape \(3, 3\)"):
        model.margins(Dataset(np.eye(3), [1, 1, 1]))
    with pytest.raises(InputError, match=r"points of dimension 2, but X has shape \(2,\)"):
        model.jacobian(np.ones(2))
    for c in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError, match=f"the scale is {c}"):
            model.scaled(c)


def test_repr_names_the_sizes():
    assert repr(LinearPredictor([1.0, 2.0])) == "LinearPredictor(2 dimensions)"
    assert repr(TwoLayerReLU(np.ones((2, 3)), [1.0, -1.0])) == "TwoLayerReLU(2 neurons, 3 dimensions)"
    assert repr(TwoLayerReLU(np.ones((2, 3)), [1.0, -1.0], [[True, False], [True, False]])) == "TwoLayerReLU(2 neurons, 3 dimensions, 2 kinks)"


@pytest.mark.parametrize("scale", ["abc", None, [1.0, 2.0]])
def test_a_scale_that_is_no_number_is_refused(scale):
    with pytest.raises(InputError, match="a number is needed"):
        LinearPredictor([1.0]).scaled(scale)


def test_weights_scaled_out_of_range_are_looked_at_again():
    for model in (LinearPredictor([1.0, 1e-10]), TwoLayerReLU([[1.0, 1e-10]], [1.0])):
        with np.errstate(over="ignore"), pytest.raises(InputError, match="inf"):
            model.scaled(1e200).scaled(1e200)
        with pytest.raises(InputError, match="is zero"):
            model.scaled(1e-200).scaled(1e-200)
        assert model.scaled(1e-200).scaled(1e200).norm == pytest.approx(model.norm)


def test_a_kink_is_judged_by_the_largest_neuron_of_the_network():
    data = Dataset([[1.0, 0.0]], [1])
    kinks = np.array([[False], [True]])
    assert TwoLayerReLU([[1.0, 0.0], [5e-11, 1e-3]], [1.0, 1.0], kinks).states(data)[1, 0] == KINK
    with pytest.raises(InputError, match=r"neuron 1, point 0.* = 1\.5e-10"):
        TwoLayerReLU([[1.0, 0.0], [1.5e-10, 1e-3]], [1.0, 1.0], kinks).states(data)
