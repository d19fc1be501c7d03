"""Models and datasets in files: ``.npz``, ``.safetensors``, or a folder of ``.npy`` files. Nothing is ever unpickled.

The arrays are ``W``, ``u`` and optionally ``kinks`` (a two-layer network) or ``w`` (a linear predictor), ``X`` and ``y``
(a dataset). One file may hold a model and its data. Any other name is refused rather than ignored.
"""

from functools import partial
from pathlib import Path

from . import array_files
from .array_files import MAX_BYTES
from .dataset import Dataset
from .errors import FileError, InputError
from .models import LinearPredictor, TwoLayerReLU
from .state_dict import is_bias

_MODEL_KEYS = ("W", "u", "kinks", "w")
_DATA_KEYS = ("X", "y")


def load_model(path, *, max_bytes=MAX_BYTES):
    """Model from a file.

    Parameters
    ----------
    path : path-like
        An ``.npz`` or ``.safetensors`` file, or a folder of ``.npy`` files, with the arrays ``W`` (n, d), ``u`` (n,) and
        optionally ``kinks`` (n, m), or ``w`` (d,). A ``.safetensors`` file may instead be the state dict of a PyTorch module
        with one or two bias-free linear layers.
    max_bytes : int
        Limit on the size of the arrays in memory.

    Returns
    -------
    LinearPredictor or TwoLayerReLU

    Raises
    ------
    FileError
        For a missing, damaged, oversized or pickled file, an unknown format, and for missing or unknown arrays.
    InputError
        For arrays that make no model (shapes, NaN), with the path in front.
    MissingDependencyError
        For a ``.safetensors`` file without the library of that name.
    """
    arrays = _read(path, _model_keys, max_bytes)
    try:
        if "w" in arrays:
            return LinearPredictor(arrays["w"])
        if "W" in arrays:
            return TwoLayerReLU(arrays["W"], arrays["u"], arrays.get("kinks"))
        weights = [name for name in arrays if not is_bias(name)]
        return (LinearPredictor if len(weights) == 1 else TwoLayerReLU).from_state_dict(arrays)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def load_dataset(path, *, max_bytes=MAX_BYTES):
    """Dataset from a file with the arrays ``X`` (m, d) and ``y`` (m,).

    Parameters, formats and errors as for `load_model`. In a folder of ``.npy`` files a float64 ``X`` stays on disk (a
    read-only ``numpy.memmap``) and does not count towards ``max_bytes``.

    Returns
    -------
    Dataset
    """
    arrays = _read(path, _data_keys, max_bytes)
    try:
        return Dataset(arrays["X"], arrays["y"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def save_model(path, model):
    """Write a model, kinks included, so that it loads to the same bits.

    Parameters
    ----------
    path : path-like
        Name of the file, ending in ``.npz`` or ``.safetensors``. It is replaced in one step, or left as it was.
    model : LinearPredictor or TwoLayerReLU

    Raises
    ------
    FileError
        For another ending, and if the file cannot be written.
    """
    if isinstance(model, LinearPredictor):
        arrays = {"w": model.w}
    elif isinstance(model, TwoLayerReLU):
        arrays = {"W": model.W, "u": model.u} | ({} if model.kinks is None else {"kinks": model.kinks})
    else:
        raise InputError(f"a LinearPredictor or TwoLayerReLU can be saved, not {type(model).__name__}")
    array_files.write(path, arrays)


def save_dataset(path, data):
    """Write a dataset so that it loads to the same bits; path and errors as for `save_model`."""
    if not isinstance(data, Dataset):
        raise InputError(f"a Dataset can be saved, not {type(data).__name__}")
    array_files.write(path, {"X": data.X, "y": data.y})


def _read(path, keys, max_bytes):
    return array_files.read(path, partial(keys, Path(path)), max_bytes=max_bytes)


def _model_keys(path, names):
    if path.suffix.lower() == ".safetensors" and names and not set(names) & {*_MODEL_KEYS, *_DATA_KEYS}:
        return names  # the state dict of a PyTorch module
    _refuse_unknown(path, names)
    present = [key for key in _MODEL_KEYS if key in names]
    if "w" in present and len(present) > 1:
        raise FileError(f"{path} holds w (a linear predictor) beside {present[0]} (a two-layer network): keep only one of them")
    if present != ["w"] and not {"W", "u"} <= set(present):
        raise FileError(f"{path} holds {_listed(names)}; a model is W and u (and kinks) for a two-layer network, or w for a linear predictor")
    return present


def _data_keys(path, names):
    _refuse_unknown(path, names)
    if not set(_DATA_KEYS) <= set(names):
        raise FileError(f"{path} holds {_listed(names)}; a dataset is X (the points, one per row) and y (their labels)")
    return _DATA_KEYS


def _refuse_unknown(path, names):
    unknown = [name for name in names if name not in (*_MODEL_KEYS, *_DATA_KEYS)]
    if unknown:
        raise FileError(
            f"{path} holds the unknown {_listed(unknown)}: nothing is ignored, so only W, u, kinks, w, X and y may be there. Rename or remove it; "
            "weights named as PyTorch does are read from .safetensors files, or by TwoLayerReLU.from_state_dict"
        )


def _listed(names):
    return ", ".join(names) if names else "no arrays"
