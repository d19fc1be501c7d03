"""The state of a training run: what it takes to read off the model, to save it and to go on with it bit for bit."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from . import array_files, losses
from .dataset import Dataset
from .descent import Settings
from .errors import FileError, InputError
from .models import LinearPredictor, TwoLayerReLU

#: Version of the file format; the number of dimensions and the kind of every entry beside it.
_FORMAT = 1
_ENTRIES = {
    **dict.fromkeys(("training_format", "epoch", "callback_epoch"), (0, "i")),
    **dict.fromkeys(("batched", "linear", "exponential", "normalised"), (0, "b")),
    **dict.fromkeys(("learning_rate", "weight_decay", "scale", "initial_factor"), (0, "f")),
    **dict.fromkeys(("u", "y"), (2, "f")),
    **dict.fromkeys(("W", "X", "gram", "scaled_preactivations", "scaled_coefficients"), (3, "f")),
}


@dataclass(frozen=True, eq=False, repr=False)
class Training:
    """Result of `train`: one network, or a batch of B networks trained in one array.

    The first-layer weights are ``shrink * W0 + coefficients @ X``; they are multiplied out only when a model is asked for.

    Attributes
    ----------
    epoch : int
        Number of gradient steps taken.
    settings : Settings
        Loss and step rule.
    initial : tuple
        The models before the first step.
    data : tuple of Dataset
        One for each model.
    batched : bool
        Whether a sequence of models was given (results then have a leading axis of length B).

    Notes
    -----
    The remaining attributes are the raw state, made so that a resumed run repeats an uninterrupted one bit for bit:
    ``gram`` (B, m, m), ``scaled_preactivations`` and ``scaled_coefficients`` (B, m, n), both divided by ``scale``,
    ``initial_factor`` (the share of ``shrink`` not in ``scale``) and ``callback_epoch`` (the last epoch at which a
    callback returned, -1 for none).
    """

    epoch: int
    settings: Settings
    initial: tuple
    data: tuple
    batched: bool
    gram: np.ndarray
    scaled_preactivations: np.ndarray
    scaled_coefficients: np.ndarray
    scale: float = 1.0
    initial_factor: float = 1.0
    callback_epoch: int = -1

    def __post_init__(self):
        for name in ("gram", "scaled_preactivations", "scaled_coefficients"):
            array = np.ascontiguousarray(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self):
        return f"Training({_size(self.initial, self.batched)} of {self.initial[0]!r}, epoch {self.epoch}, {self.settings})"

    @property
    def linear(self):
        """Whether the models are linear predictors."""
        return isinstance(self.initial[0], LinearPredictor)

    @property
    def shrink(self):
        """Factor that weight decay has left on the initial weights, (1 - learning_rate * weight_decay)**epoch."""
        return self.scale * self.initial_factor

    @cached_property
    def coefficients(self):
        """Coefficients C of the weights on the points, W = shrink * W0 + C X; shape (n, m), or (B, n, m) for a batch."""
        return self._per_neuron(self.scaled_coefficients)

    @cached_property
    def preactivations(self):
        """<w_j, x_i> as the training carried them, shape (n, m), or (B, n, m) for a batch."""
        return self._per_neuron(self.scaled_preactivations)

    @cached_property
    def margins(self):
        """y_i N(theta, x_i) from the carried pre-activations, shape (m,), or (B, m) for a batch."""
        P = self.scaled_preactivations
        u, y = (np.stack(rows) for rows in ([model.second_layer for model in self.initial], [part.y for part in self.data]))
        outputs = (P if self.linear else np.maximum(P, 0.0)) @ u[:, :, None]
        return self._frozen(y * outputs[:, :, 0] * self.scale)

    @cached_property
    def log_losses(self):
        """Logarithm of the mean loss of each network, shape (B,); finite also where the loss is below the smallest float."""
        terms = losses.get(self.settings.loss).log_value(np.atleast_2d(self.margins))
        peak = terms.max(axis=1, keepdims=True)
        return peak[:, 0] + np.log(np.exp(terms - peak).mean(axis=1))

    @property
    def losses(self):
        """Mean loss of each network, shape (B,), with B = 1 for a single one; weight decay is no part of it."""
        return losses.get(self.settings.loss).value(np.atleast_2d(self.margins)).mean(axis=1)

    @cached_property
    def weights(self):
        """The first-layer weights, a tuple of arrays of shape (n, d), also where a model has lost all of them."""
        return tuple(
            self.shrink * model.hidden + self.scale * (C.T @ np.asarray(data.X))
            for model, data, C in zip(self.initial, self.data, self.scaled_coefficients, strict=True)
        )

    @cached_property
    def models(self):
        """The trained models, a tuple of length B (1 for a single one); kink masks of the initial models are dropped."""
        return tuple(model.with_hidden(W) for model, W in zip(self.initial, self.weights, strict=True))

    @property
    def model(self):
        """The trained model of a single run; raises `InputError` for a batch."""
        if self.batched:
            raise InputError(f"this training holds a batch of {len(self.initial)} models: use .models, a tuple, instead of .model")
        return self.models[0]

    def single(self, k):
        """The run of the k-th network of a batch alone; raises `InputError` if there is none."""
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 0 <= k < len(self.initial):
            raise InputError(f"there is no network {k!r}: this training holds {_size(self.initial, self.batched)}, numbered from 0")
        one = slice(k, k + 1)
        arrays = {name: getattr(self, name)[one] for name in ("gram", "scaled_preactivations", "scaled_coefficients")}
        return replace(self, initial=self.initial[one], data=self.data[one], batched=False, **arrays)

    def _per_neuron(self, scaled):
        return self._frozen(np.ascontiguousarray(self.scale * scaled.swapaxes(1, 2)))

    def _frozen(self, array):
        array = array if self.batched else array[0]
        array.setflags(write=False)
        return array

    def called(self):
        """The same state with the callback of its epoch marked as done."""
        return replace(self, callback_epoch=self.epoch)

    def save(self, path):
        """Write everything needed to resume.

        Parameters
        ----------
        path : path-like
            Name of the file, ending in ``.npz``. It is replaced in one step, or left as it was.

        Raises
        ------
        FileError
            For another ending, and if the file cannot be written.
        """
        shared = all(part is self.data[0] for part in self.data)
        points = self.data[:1] if shared else self.data
        own = ("epoch", "callback_epoch", "batched", "linear", "scale", "initial_factor", "gram", "scaled_preactivations", "scaled_coefficients")
        entries = {name: getattr(self, name) for name in own}
        entries |= {name: getattr(self.settings, name) for name in ("normalised", "learning_rate", "weight_decay")}
        entries |= {"training_format": _FORMAT, "exponential": self.settings.loss == "exponential"}
        entries |= {"W": np.stack([model.hidden for model in self.initial]), "u": np.stack([model.second_layer for model in self.initial])}
        entries |= {"X": np.stack([part.X for part in points]), "y": np.stack([part.y for part in points])}
        array_files.write(_npz(path), entries)

    @classmethod
    def load(cls, path, *, max_bytes=array_files.MAX_BYTES):
        """Training written by `save`; the kinks of its initial models are not kept, training ignores them.

        Parameters
        ----------
        path : path-like
            Name of the file, ending in ``.npz``.
        max_bytes : int
            Limit on the size of the arrays in memory.

        Raises
        ------
        FileError
            If the file is missing, damaged, of another format, or its entries do not fit together.
        """
        path = _npz(path)
        entries = array_files.read(path, partial(_names, path), max_bytes=max_bytes)
        try:
            return cls(**_fields(entries))
        except InputError as error:
            raise FileError(f"{path} is no consistent training: {error}") from error

    def check_resumes(self, models, data, batched, settings, steps):
        """Raise `InputError` with the reason unless this is a state of the given run within its first ``steps`` epochs."""
        for name in ("loss", "learning_rate", "weight_decay", "normalised"):
            old, new = getattr(self.settings, name), getattr(settings, name)
            if old != new:
                raise InputError(f"resume was run with {name}={old!r}, not {new!r}: give the same settings, or start anew from its model")
        if self.batched != batched or len(self.initial) != len(models):
            raise InputError(f"resume holds {_size(self.initial, self.batched)}, but {_size(models, batched)} was given")
        for k, (old, new) in enumerate(zip(self.initial, models, strict=True)):
            if type(old) is not type(new) or not np.array_equal(old.hidden, new.hidden) or not np.array_equal(old.second_layer, new.second_layer):
                raise InputError(f"resume started from another model (number {k} differs): give the one it began with, not the one it reached")
        for k, (old, new) in enumerate(zip(self.data, data, strict=True)):
            if old is not new and not (np.array_equal(old.X, new.X) and np.array_equal(old.y, new.y)):
                raise InputError(f"resume was run on other data (dataset {k} differs): give the same points in the same order")
        if self.epoch > steps:
            raise InputError(f"resume stands at epoch {self.epoch}, beyond steps={steps}: steps counts all epochs from the beginning")


def _size(models, batched):
    return f"a batch of {len(models)} models" if batched else "a single model"


def _npz(path):
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise FileError(f"{path}: a training is kept in an .npz file; give the name this ending")
    return path


def _names(path, names):
    missing, unknown = sorted(set(_ENTRIES) - set(names)), sorted(set(names) - set(_ENTRIES))
    if missing or unknown:
        faults = [f"{word} {', '.join(part)}" for word, part in (("lacks", missing), ("has the unknown", unknown)) if part]
        raise FileError(f"{path} is no training: it {' and '.join(faults)}; Training.load reads what Training.save wrote")
    return list(_ENTRIES)


def _fields(entries):
    """Arguments of `Training` from the entries of a file; raises `InputError` where these do not fit together."""
    for name, (ndim, kind) in _ENTRIES.items():
        entry = entries[name]
        if entry.ndim != ndim or entry.dtype.kind != kind or (kind == "f" and entry.dtype != np.float64):
            raise InputError(f"{name} has type {entry.dtype} and shape {entry.shape}")
        if not np.isfinite(entry).all():
            raise InputError(f"{name} has NaN or infinite entries")
    values = {name: entry.item() if entry.ndim == 0 else entry for name, entry in entries.items()}
    version = values.pop("training_format")
    if version != _FORMAT:
        raise InputError(f"its format is number {version}, this version of kktcheck reads number {_FORMAT}")
    _check_fit(**values)
    W, u, X, y = (values.pop(name) for name in "WuXy")
    values["initial"] = tuple(map(LinearPredictor, W[:, 0]) if values.pop("linear") else map(TwoLayerReLU, W, u))
    values["data"] = tuple(map(Dataset, X, y)) * (len(W) // len(X))
    loss = "exponential" if values.pop("exponential") else "logistic"
    values["settings"] = Settings(loss, *(values.pop(name) for name in ("learning_rate", "weight_decay", "normalised")))
    return values


def _check_fit(*, W, u, X, y, gram, linear, batched, epoch, callback_epoch, scale, initial_factor, scaled_preactivations, scaled_coefficients, **_):
    (count, n, d), (sets, m) = W.shape, y.shape
    if count == 0 or sets not in (1, count) or (count > 1 and not batched) or (linear and (n != 1 or (u != 1).any())):
        raise InputError(f"{count} models with n = {n} do not fit {sets} datasets, linear={linear} and batched={batched}")
    for name, array, shape in (
        ("u", u, (count, n)),
        ("X", X, (sets, m, d)),
        ("gram", gram, (count, m, m)),
        ("scaled_preactivations", scaled_preactivations, (count, m, n)),
        ("scaled_coefficients", scaled_coefficients, (count, m, n)),
    ):
        if array.shape != shape:
            raise InputError(f"{name} has shape {array.shape} where {shape} is needed")
    if not -1 <= callback_epoch <= epoch or epoch < 0 or not 0 < scale <= 1 or not 0 <= initial_factor <= 1:
        raise InputError(f"epoch {epoch}, callback_epoch {callback_epoch}, scale {scale} or initial_factor {initial_factor} is out of range")
