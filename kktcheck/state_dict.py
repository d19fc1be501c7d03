"""Reading PyTorch-style mappings of parameters: nothing is dropped, what does not fit the paper's models is refused."""

import numpy as np

from .errors import InputError


def linear(mapping):
    """Weight vector, shape (d,), of a mapping that holds one linear layer with one output."""
    weights, _ = _split(mapping)
    if len(weights) != 1:
        raise InputError(f"a linear predictor has one weight, but the mapping holds {len(weights)}: {', '.join(weights) or 'none'}")
    ((name, w),) = weights.items()
    if w.ndim == 2 and w.shape[0] == 1:
        w = w[0]
    if w.ndim != 1:
        raise InputError(f"{name} has shape {w.shape}; a linear predictor's weight has shape (1, d) or (d,)")
    return w


def two_layer(mapping):
    """(W, u) of a mapping that holds a hidden layer (n, d) and an output layer (1, n)."""
    weights, _ = _split(mapping)
    if len(weights) != 2:
        raise InputError(f"a two-layer network has two weights, but the mapping holds {len(weights)}: {', '.join(weights) or 'none'}")
    (first, W), (second, u) = weights.items()
    for name, weight in weights.items():
        if weight.ndim not in (1, 2):
            raise InputError(f"{name} has shape {weight.shape}; the weights of linear layers have two dimensions")
    if not _feeds(W, u):
        (first, W), (second, u) = (second, u), (first, W)
    if not _feeds(W, u):
        shapes = ", ".join(f"{name} {weight.shape}" for name, weight in weights.items())
        raise InputError(f"no hidden layer (n, d) with an output layer (1, n) among {shapes}")
    u = u.reshape(-1)
    sizes = np.abs(u)
    if (sizes != sizes[0]).any():
        far = int(np.argmax(np.abs(sizes - sizes[0])))
        raise InputError(
            f"{second} has entries of different sizes (|u[0]| = {sizes[0]:.6g}, |u[{far}]| = {sizes[far]:.6g}): the paper fixes the second layer at "
            "+-1/sqrt(n). A network whose second layer was trained is not 1-homogeneous in its trained parameters; to certify its first layer "
            "alone, build TwoLayerReLU(W, u) yourself"
        )
    return W, u


def is_bias(name):
    """Whether a parameter of this name is a bias, by PyTorch's naming."""
    return name.split(".")[-1] in ("bias", "b")


def _feeds(W, u):
    return W.ndim == 2 and (u.shape == (1, W.shape[0]) or (u.ndim == 1 and u.shape[0] == W.shape[0] and W.shape[0] > 1))


def _split(mapping):
    if not hasattr(mapping, "items"):
        raise InputError(f"a mapping of names to arrays is needed, not {type(mapping).__name__}; for a PyTorch module pass module.state_dict()")
    weights, biases = {}, {}
    for name, value in mapping.items():
        try:
            value = np.asarray(value)
        except (TypeError, RuntimeError) as error:  # what PyTorch raises for bfloat16, for tensors on a GPU and for those with a gradient
            raise InputError(f"{name} cannot be read as an array ({error}); pass tensor.detach().cpu().float()") from error
        if value.dtype.kind not in "iuf":
            raise InputError(f"{name} has entries of type {value.dtype}; real numbers are needed")
        value = value.astype(np.float64)
        if not np.isfinite(value).all():
            where = tuple(int(k) for k in np.argwhere(~np.isfinite(value))[0])
            raise InputError(f"{name}{list(where)} = {value[where]}: every entry must be finite")
        (biases if is_bias(name) else weights)[name] = value
    for name, bias in biases.items():
        if bias.any():
            where = int(np.flatnonzero(bias)[0])
            value = bias.ravel()[where]
            raise InputError(f"{name}[{where}] = {value:.6g}: the paper's models have no bias; train with bias=False, or zero it and certify again")
    return weights, biases
