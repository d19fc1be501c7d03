"""PyTorch-style mappings: what fits is read as it is, what does not is refused by name and never dropped."""

import numpy as np
import pytest

from kktcheck.errors import InputError
from kktcheck.models import LinearPredictor, TwoLayerReLU

W = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]], dtype=np.float32)
U = np.array([[0.5, -0.5]], dtype=np.float32)


class Unreadable:
    """As a bfloat16 tensor, or one that carries a gradient: NumPy cannot convert it."""

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")


@pytest.mark.parametrize(
    "mapping",
    [
        {"0.weight": W, "2.weight": U},
        {"hidden.weight": W, "out.weight": U},
        {"a.weight": U, "b.weight": W},  # the order of names need not be the order of layers
        {"0.weight": W, "0.bias": np.zeros(2), "2.weight": U, "2.bias": np.zeros(1)},
        {"first": W, "second": U[0]},
        {"0.weight": W.tolist(), "2.weight": U.tolist()},
    ],
)
def test_two_layers_are_recognised_by_their_shapes(mapping):
    net = TwoLayerReLU.from_state_dict(mapping)
    assert net.W.dtype == net.u.dtype == np.float64
    assert np.array_equal(net.W, W)
    assert np.array_equal(net.u, U[0])


@pytest.mark.parametrize("name", ["weight", "fc.weight", "w"])
@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_one_layer_is_a_linear_predictor(name, shape):
    mapping = {name: np.array([1, 2, 3], dtype=np.float16).reshape(shape), "bias": np.zeros(1)}
    assert LinearPredictor.from_state_dict(mapping).w.tolist() == [1.0, 2.0, 3.0]


def test_a_single_neuron_is_a_network():
    net = TwoLayerReLU.from_state_dict({"0.weight": W[:1], "2.weight": U[:, 1:]})
    assert (net.num_neurons, net.dim) == (1, 3)
    assert net.u.tolist() == [-0.5]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"0.weight": W, "0.bias": np.array([0.0, 1e-3]), "2.weight": U}, r"0\.bias\[1\] = 0\.001: the paper's models have no bias"),
        ({"0.weight": W, "2.weight": U, "2.bias": [-2.0]}, r"2\.bias\[0\] = -2: "),
        ({"0.weight": W, "2.weight": [[0.5, -0.25]]}, r"2\.weight has entries of different sizes \(\|u\[0\]\| = 0\.5, \|u\[1\]\| = 0\.25\).*trained"),
        ({"0.weight": W, "2.weight": [[0.5, -np.nextafter(0.5, 1)]]}, "different sizes"),
        ({"0.weight": W, "2.weight": [[0.0, 0.0]]}, r"u\[0\] = 0"),
        ({"0.weight": W, "2.weight": np.ones((2, 2))},
         r"no hidden layer \(n, d\) with an output layer \(1, n\) among 0\.weight \(2, 3\), 2\.weight \(2, 2\)"),
        ({"0.weight": W, "2.weight": U, "4.weight": U}, r"two weights, but the mapping holds 3: 0\.weight, 2\.weight, 4\.weight"),
        ({"0.weight": W}, r"two weights, but the mapping holds 1: 0\.weight"),
        ({}, "two weights, but the mapping holds 0: none"),
        ({"0.weight": np.ones((2, 3, 1)), "2.weight": U}, r"0\.weight has shape \(2, 3, 1\)"),
        ({"0.weight": W, "1.running_mean": np.zeros(2), "2.weight": U}, r"running_mean"),
        ({"0.weight": [[1.0, np.nan, 0.0], [0.0, 0.0, 1.0]], "2.weight": U}, r"0\.weight\[0, 1\] = nan: every entry must be finite"),
        ({"0.weight": W, "0.bias": [0.0, np.nan], "2.weight": U}, r"0\.bias\[1\] = nan"),
        ({"0.weight": W, "2.weight": [["a", "b"]]}, r"2\.weight has entries of type <U1"),
        ({"0.weight": Unreadable(), "2.weight": U}, r"0\.weight cannot be read as an array \(Got unsupported .*detach\(\)\.cpu\(\)\.float\(\)"),
        (object(), r"not object; for a PyTorch module pass module\.state_dict\(\)"),
    ],
)
def test_what_is_no_two_layer_network_is_refused_by_name(mapping, message):
    with pytest.raises(InputError, match=message):
        TwoLayerReLU.from_state_dict(mapping)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"weight": [[1.0, 2.0]], "bias": [0.5]}, r"bias\[0\] = 0\.5: the paper's models have no bias"),
        ({"0.weight": W, "2.weight": U}, r"a linear predictor has one weight, but the mapping holds 2: 0\.weight, 2\.weight"),
        ({"weight": W}, r"weight has shape \(2, 3\); a linear predictor's weight has shape \(1, d\) or \(d,\)"),
        ({}, "the mapping holds 0: none"),
        ({"weight": [[0.0, 0.0]]}, "w is zero"),
    ],
)
def test_what_is_no_linear_predictor_is_refused_by_name(mapping, message):
    with pytest.raises(InputError, match=message):
        LinearPredictor.from_state_dict(mapping)


def test_torch_tensors_are_read_and_those_that_cannot_be_are_refused():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(3, 2, bias=False), torch.nn.ReLU(), torch.nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        module[2].weight.copy_(torch.tensor(U))
    net = TwoLayerReLU.from_state_dict(module.state_dict())
    X = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    with torch.no_grad():
        outputs = module(torch.tensor(X)).numpy()[:, 0]
    assert np.abs(net.outputs(X) - outputs).max() <= 1e-6
    for refused in (dict(module.named_parameters()), module.bfloat16().state_dict()):
        with pytest.raises(InputError, match=r"0\.weight cannot be read as an array .*detach\(\)\.cpu\(\)\.float\(\)"):
            TwoLayerReLU.from_state_dict(refused)
    with pytest.raises(InputError, match=r"pass module\.state_dict\(\)"):
        TwoLayerReLU.from_state_dict(module)
