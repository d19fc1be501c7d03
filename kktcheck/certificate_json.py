"""Certificates as JSON: every float as the shortest decimal that reads back to it, large arrays as base64 of their bytes.

Reading trusts nothing: types, ranges and shapes are checked, and that the numbers are those of the arrays beside them.
"""

import base64
import binascii
import json
import math
import sys

import numpy as np

from .answers import slackness_of
from .errors import FileError, InputError
from .linearisation import SUBGRADIENTS
from .models import ACTIVE, KINK, LinearPredictor, TwoLayerReLU
from .residuals import Residuals, of_arrays

FORMAT = "kktcheck certificate"
#: Version 1 states no error of delta, gamma and tau, and has no enclosures; version 2 has no gap.
VERSION = 3

_NUMBERS = ("epsilon", "delta", "gamma", "tau", "epsilon_error", "scale")
_ERRORS = ("delta_error", "gamma_error", "tau_error")
_ENCLOSED = ("epsilon", "delta", "gamma", "tau")
_TEXTS = ("subgradient", "method", "data_key")
_VECTORS = ("multipliers", "kink_multipliers", "margins")
_RESIDUALS = ("stationarity", "primal", "dual", "slackness")
_SOURCES = ("model", "plateau", "none", "given")

#: Numbers of a certificate against its arrays: they are written to the last bit, so only the order of a sum may differ.
_AGREE = 1e-12


def dumps(certificate):
    """JSON text of a certificate, its model included."""
    kinks, residuals, model = certificate.kinks, certificate.residuals, certificate.model
    document = {"format": FORMAT, "version": VERSION}
    document |= {name: getattr(certificate, name) for name in (*_NUMBERS, *_ERRORS, *_TEXTS, "slackness_cap", "unique", "gap")}
    document |= {name: getattr(certificate, name).tolist() for name in _VECTORS}
    document["residuals"] = {name: getattr(residuals, name) for name in _RESIDUALS}
    document["kinks"] = {
        "mask": _pack(kinks.mask),
        "count": kinks.count,
        "tolerance": kinks.tolerance,
        "plateau": list(kinks.plateau),
        "source": kinks.source,
        "zeroed": list(kinks.zeroed),
        "noise": kinks.noise,
    }
    document["states"] = _pack(certificate.states)
    enclosures = certificate.enclosures
    document["enclosures"] = None if enclosures is None else {name: list(getattr(enclosures, name)) for name in _ENCLOSED}
    if isinstance(model, TwoLayerReLU):
        document["model"] = {"W": _pack(model.W), "u": _pack(model.u), "kinks": _pack(model.kinks)}
    else:
        document["model"] = {"w": _pack(model.w)}
    return json.dumps(document, indent=1, allow_nan=False)


def loads(text):
    """Certificate from its JSON text; raises `FileError` for anything else."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError, RecursionError) as error:
        raise FileError(f"not a certificate: the text is no JSON ({error})") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileError(f'not a certificate: the JSON has no entry "format": "{FORMAT}"')
    version = document.get("version")
    if isinstance(version, bool) or version not in range(1, VERSION + 1):
        raise FileError(f"certificate of version {_brief(version)}; this kktcheck reads versions 1 to {VERSION}")
    if version == 1:
        document |= dict.fromkeys((*_ERRORS, "enclosures"))
    if version < 3:
        document["gap"] = None
    try:
        certificate = _certificate(document)
        _check_arrays(certificate)
        _check_numbers(certificate)
        _check_enclosures(certificate)
    except KeyError as error:
        raise FileError(f"damaged certificate: the entry {error} is missing") from None
    except (TypeError, ValueError, InputError) as error:
        raise FileError(f"damaged certificate: {error}") from None
    return certificate


def _certificate(document):
    from .certificate import Certificate

    residuals, cap = _mapping(document, "residuals"), document["slackness_cap"]
    return Certificate(
        **{name: _number(document, name) for name in _NUMBERS},
        **{name: None if document[name] is None else _number(document, name) for name in _ERRORS},
        **{name: _text(document, name) for name in _TEXTS},
        **{name: _vector(document, name) for name in _VECTORS},
        kinks=_kinks(_mapping(document, "kinks")),
        residuals=Residuals(**{name: _number(residuals, name) for name in _RESIDUALS}),
        states=_array(document, "states", np.int8, 2, largest=KINK),
        model=_model(_mapping(document, "model")),
        slackness_cap=None if cap is None else _number(document, "slackness_cap"),
        gap=None if document["gap"] is None else _number(document, "gap"),
        unique=_one_of(document, "unique", (None, True, False)),
        enclosures=None if document["enclosures"] is None else _enclosures(_mapping(document, "enclosures")),
    )


def _enclosures(entries):
    from .rigorous import Enclosures

    pairs = {name: _vector(entries, name).tolist() for name in _ENCLOSED}
    for name, pair in pairs.items():
        if len(pair) != 2 or not 0 <= pair[0] <= pair[1]:
            raise ValueError(f"the enclosure of {name} is {_brief(pair)}, not two numbers of at least 0 in order")
    return Enclosures(**{name: tuple(pair) for name, pair in pairs.items()})


def _kinks(entries):
    from .kinks import Kinks

    plateau, zeroed = _vector(entries, "plateau"), entries["zeroed"]
    if len(plateau) != 2:
        raise ValueError(f"plateau has {len(plateau)} entries, not 2")
    if not isinstance(zeroed, list):
        raise ValueError("zeroed is no list")
    return Kinks(
        mask=None if entries["mask"] is None else _array(entries, "mask", bool, 2),
        count=_whole(entries["count"], "count"),
        tolerance=_number(entries, "tolerance"),
        plateau=tuple(plateau.tolist()),
        source=_one_of(entries, "source", _SOURCES),
        zeroed=tuple(_whole(j, "zeroed") for j in zeroed),
        noise=_number(entries, "noise"),
    )


def _model(entries):
    if "w" in entries:
        return LinearPredictor(_array(entries, "w", np.float64, 1))
    kinks = None if entries["kinks"] is None else _array(entries, "kinks", bool, 2)
    return TwoLayerReLU(_array(entries, "W", np.float64, 2), _array(entries, "u", np.float64, 1), kinks)


def _check_arrays(certificate):
    """Raise `ValueError` unless shapes, states, kinks and model belong together."""
    states, kinks, model = certificate.states, certificate.kinks, certificate.model
    n, m = states.shape
    on_kink = states == KINK
    count = int(on_kink.sum())
    for name, size in (("multipliers", m), ("margins", m), ("kink_multipliers", count)):
        if getattr(certificate, name).shape != (size,):
            raise ValueError(f"{name} has {getattr(certificate, name).size} entries where the states need {size}")
    if model.num_neurons != n:
        raise ValueError(f"the model has {model.num_neurons} neurons, the states {n}")
    if model.kinks is not None and model.kinks.shape != (n, m):
        raise ValueError(f"the model's kinks have shape {model.kinks.shape}, the states {(n, m)}")
    if certificate.subgradient not in SUBGRADIENTS:
        raise ValueError(f"subgradient {certificate.subgradient!r} is unknown")
    if isinstance(model, LinearPredictor) and (states != ACTIVE).any():
        raise ValueError("a linear predictor is active on every point, but a state says otherwise")
    if isinstance(model, LinearPredictor) or certificate.subgradient == "indicator":
        agree = kinks.mask is None and count == 0
    else:
        agree = kinks.mask is not None and model.kinks is not None and np.array_equal(kinks.mask, on_kink) and np.array_equal(model.kinks, on_kink)
    if not agree or kinks.count != count:
        raise ValueError("the kinks, their count, the model's kinks and the states contradict one another")
    if any(j >= n for j in kinks.zeroed):
        raise ValueError(f"zeroed names neuron {max(kinks.zeroed)} of {n}")


def _check_numbers(certificate):
    """Raise `ValueError` unless epsilon, delta, gamma and the residuals are what the arrays give, and the scale is positive."""
    if not certificate.scale > 0:
        raise ValueError(f"scale = {certificate.scale} is not positive")
    stored, margins, multipliers = certificate.residuals, certificate.margins, certificate.multipliers
    residuals = of_arrays(stored.stationarity, margins, certificate.states == KINK, multipliers, certificate.kink_multipliers)
    expected = {
        "epsilon": (stored.stationarity * certificate.model.norm, 0.0),
        "delta": (slackness_of(multipliers, margins), float(np.abs(multipliers).max())),
        "gamma": (residuals.primal, 1.0),
    }
    for name, (value, size) in expected.items():
        if not abs(getattr(certificate, name) - value) <= _AGREE * (value + size):
            raise ValueError(f"{name} = {getattr(certificate, name):.6g}, but the arrays beside it give {value:.6g}")
    for name in _RESIDUALS:
        if not abs(getattr(stored, name) - getattr(residuals, name)) <= _AGREE:
            raise ValueError(f"the residual of {name} is {getattr(stored, name):.6g}, but the arrays give {getattr(residuals, name):.6g}")


def _check_enclosures(certificate):
    """Raise `ValueError` unless each number is within its stated error of its enclosure."""
    if certificate.enclosures is None:
        return
    for name in _ENCLOSED:
        value, error, (low, high) = getattr(certificate, name), getattr(certificate, f"{name}_error"), getattr(certificate.enclosures, name)
        if error is None:
            raise ValueError(f"there is an enclosure of {name}, but no {name}_error")
        if not low - error <= value <= high + error:
            raise ValueError(f"{name} = {value:.6g} is farther from its enclosure [{low:.6g}, {high:.6g}] than {name}_error = {error:.3g}")


def _refuse_constant(name):
    raise ValueError(f"{name} is no number")


def _mapping(entries, name):
    if not isinstance(entries[name], dict):
        raise ValueError(f"{name} is no object")
    return entries[name]


def _number(entries, name):
    value = _finite(entries[name], name)
    if value < 0:
        raise ValueError(f"{name} = {value} is negative")
    return value


def _finite(value, name):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise ValueError(f"{name} holds {_brief(value)} where a finite number is needed")
    return float(value)


def _whole(value, name):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ValueError(f"{name} holds {_brief(value)} where a whole number is needed")
    return value


def _text(entries, name):
    if not isinstance(entries[name], str):
        raise ValueError(f"{name} is no text")
    return entries[name]


def _one_of(entries, name, choices):
    if not any(entries[name] is choice or (isinstance(choice, str) and entries[name] == choice) for choice in choices):
        raise ValueError(f"{name} is {_brief(entries[name])}")
    return entries[name]


def _vector(entries, name):
    if not isinstance(entries[name], list):
        raise ValueError(f"{name} is no list")
    return np.array([_finite(value, name) for value in entries[name]], dtype=np.float64)


def _pack(array):
    if array is None:
        return None
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return {"shape": list(array.shape), "dtype": little.dtype.str, "base64": base64.b64encode(little.tobytes()).decode("ascii")}


def _array(entries, name, dtype, ndim, largest=1):
    """Array from what `_pack` gave; whole numbers must be 0 to ``largest``."""
    packed, expected = _mapping(entries, name), np.dtype(dtype).newbyteorder("<")
    if packed["dtype"] != expected.str:
        raise ValueError(f"{name} is of type {_brief(packed['dtype'])} where {expected.str!r} is needed")
    shape = packed["shape"]
    if not isinstance(shape, list) or len(shape) != ndim or min(_whole(k, f"the shape of {name}") for k in shape) < 1:
        raise ValueError(f"{name} has the shape {_brief(shape)}")
    try:
        raw = base64.b64decode(_text(packed, "base64"), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} is broken base64: {error}") from None
    if math.prod(shape) * expected.itemsize != len(raw):
        raise ValueError(f"{name} has {len(raw)} bytes, too many or too few for the shape {_brief(shape)}")
    array = np.frombuffer(raw, dtype=expected).reshape(shape).astype(dtype)
    if expected.itemsize == 1 and max(raw) > largest:
        raise ValueError(f"{name} has an entry beyond {largest}")
    return array


def _brief(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
