"""Certificates with rigorous rounding: epsilon, delta, gamma and tau enclosed by interval arithmetic (Arb).

Every number stored is read as the exact number it is. The certified model is the stored one projected exactly onto the hyperplanes of
its kinks: pre-activations of kinks are exactly zero, all others must be certainly positive or negative, as their states say.
"""

from dataclasses import astuple, dataclass
from typing import NamedTuple

import numpy as np

from .checks import check_dataset, check_model
from .enclosed_sums import EnclosedSums
from .errors import InputError, MemoryLimitError, MissingDependencyError, SolverError
from .exact_kinks import spanning
from .models import KINK

#: Working precisions in bits, tried in turn: float64 numbers differ in size, and sums cancel.
PRECISIONS = (256, 1024, 4096)

#: Relative width up to which an enclosure is sharp; below TINY times its natural size a number only has to be shown to be so small.
SHARP, TINY = 1e-14, 1e-40

#: Bytes that an enclosed number takes, and how many may be taken in all.
BYTES, MOST_BYTES = 100, 4e9


class Ends(NamedTuple):
    """One end of each enclosure."""

    epsilon: float
    delta: float
    gamma: float
    tau: float


@dataclass(frozen=True)
class Enclosures:
    """Numbers of a certificate, each between two float64 numbers (low, high), rounded outward.

    They belong to the exact certified model: the stored weights, multipliers and data as exact numbers, the weights projected exactly
    onto the hyperplanes of the kinks.

    Attributes
    ----------
    epsilon : tuple of float
        Norm of the exact stationarity residual. An upper end below 1e-40 of the norm of the model says that it may be zero.
    delta : tuple of float
        max_i lambda_i (margin_i - 1), at least 0; (0, 0) says exactly 0.
    gamma : tuple of float
        1 - minimum margin, at least 0; (0, 0) proves that the model is feasible.
    tau : tuple of float
        1/2 | theta/|theta| - theta'/|theta'| |**2 from the model given, at its own stored weights, to the exact certified one; not
        exactly 0 where scaling rounded the weights.
    """

    epsilon: tuple
    delta: tuple
    gamma: tuple
    tau: tuple

    @property
    def low(self):
        """The lower ends."""
        return Ends(*(pair[0] for pair in astuple(self)))

    @property
    def high(self):
        """The upper ends: what is proved of the model."""
        return Ends(*(pair[1] for pair in astuple(self)))


def require_flint():
    """Raise `MissingDependencyError` unless python-flint is there."""
    try:
        import flint  # noqa: F401
    except ImportError:
        raise MissingDependencyError("rigorous=True needs python-flint: pip install 'kktcheck[intervals]'") from None


def enclose(certificate, data, given):
    """Enclosures of a certificate's numbers at its own model, multipliers and kinks.

    Parameters
    ----------
    certificate : Certificate
    data : Dataset
        The data it was made with.
    given : LinearPredictor or TwoLayerReLU
        The model it was made of, from which tau is measured.

    Returns
    -------
    Enclosures

    Raises
    ------
    InputError
        For other data or a model of another shape, multipliers that are not exactly feasible, a pair whose state is not the exact sign of
        its pre-activation, and kinks of points that are dependent but for rounding; the message names neuron and point.
    MissingDependencyError
        Without python-flint.
    MemoryLimitError
        If the points as intervals would take more than 4 GB.
    """
    require_flint()
    _check(certificate, data, given)
    import flint

    model = certificate.model
    patterns = [] if model.kinks is None else spanning(model, model.kinks, data)
    projected = np.concatenate([np.zeros(0, int), *(neurons for neurons, _ in patterns)])
    patterns.insert(0, (np.setdiff1d(np.arange(model.num_neurons), projected), np.zeros(0, int)))
    sizes = (model.norm, float(certificate.multipliers.max()), 1.0, 1.0)
    for bits in PRECISIONS:
        with flint.ctx.workprec(bits):
            sums = EnclosedSums(certificate, data, given, with_kinks=len(patterns) > 1)
            for neurons, points in patterns:
                sums.add(neurons, points)
            found = None if sums.undecided else [_outward(value) for value in sums.numbers()]
        if found and all(_sharp(pair, size) for pair, size in zip(found, sizes)):
            return Enclosures(*found)
    if sums.undecided:
        raise InputError(sums.undecided)
    raise SolverError(f"{PRECISIONS[-1]} bits do not enclose the numbers of the certificate sharply: weights or points differ too much in size")


def _check(certificate, data, given):
    check_dataset(data)
    check_model(given, data, "the model given")
    m, n = data.num_points, certificate.model.num_neurons
    if certificate.data_key != data.key:
        raise InputError(f"the certificate belongs to other data ({certificate.data_key}, not {data.key})")
    if given.hidden.shape != certificate.model.hidden.shape:
        raise InputError(f"the model given has weights of shape {given.hidden.shape}, the certified one {certificate.model.hidden.shape}")
    needed = BYTES * (2.0 * m * data.dim + 2.0 * min(n, 64) * data.dim + (0 if certificate.model.kinks is None else m * m))
    if needed > MOST_BYTES:
        raise MemoryLimitError(
            f"enclosing {m} points in {data.dim} dimensions would take {1e-9 * needed:.1f} GB (limit {1e-9 * MOST_BYTES:.1f} GB): "
            "certify without rigorous, or fewer points"
        )
    negative = np.flatnonzero(certificate.multipliers < 0)
    if negative.size:
        raise InputError(f"multipliers[{negative[0]}] = {certificate.multipliers[negative[0]]} is negative: that is not dual feasible")
    neurons, points = np.nonzero(certificate.states == KINK)
    z = certificate.kink_multipliers
    outside = np.flatnonzero((z < 0) | (z > certificate.multipliers[points]))
    if outside.size:
        j, i = neurons[outside[0]], points[outside[0]]
        raise InputError(f"the kink multiplier {z[outside[0]]} of (neuron {j}, point {i}) is outside [0, {certificate.multipliers[i]}]")


def _sharp(pair, size):
    low, high = pair
    return bool(np.isfinite(high)) and (high - low <= SHARP * high or high <= TINY * size)


def _outward(value):
    """Ends of an enclosure of a number that is at least 0, as float64 numbers rounded outward."""
    from flint import arb

    low, high = float(value.lower()), float(value.upper())
    low = low if arb(low) <= value else float(np.nextafter(low, -np.inf))
    high = high if arb(high) >= value else float(np.nextafter(high, np.inf))
    return max(low, 0.0), high
