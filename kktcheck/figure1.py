"""The experiment behind Figure 1: how far from a KKT point of the retained data a gradient-ascent step of any size leads.

Networks of Appendix E are trained, every point of every network is forgotten with fractions of the paper's step, and what comes
out is certified with respect to the retained points.
"""

from dataclasses import dataclass

import numpy as np

from .appendix_e import AppendixE, trained
from .certificate import certify
from .compression import compressed
from .errors import InfeasibleError, InputError
from .figure1_result import Figure1, Series
from .unlearning import gradient_ascent

#: The curves: name, subgradient convention of step and certificate, kind of step.
CURVES = (
    ("indicator", "indicator", "plain"),
    ("clarke", "clarke", "plain"),
    ("clarke, projected step", "clarke", "projected"),
)


@dataclass(frozen=True)
class Settings(AppendixE):
    """What to run: Appendix E's networks and

    Attributes
    ----------
    points : "all" or tuple of int
        Points to forget, one at a time.
    fractions : tuple of float
        Fractions of the paper's step, increasing.
    """

    points: object = "all"
    fractions: tuple = tuple(k / 20 for k in range(31))

    def __post_init__(self):
        super().__post_init__()
        if self.num_points < 2:
            raise InputError("num_points = 1: after forgetting a point none would be retained")
        if len(self.fractions) < 3 or not (np.diff(self.fractions) > 0).all() or self.fractions[0] < 0:
            raise InputError("fractions must be at least three increasing numbers, the first at least 0")
        if self.points != "all":
            wrong = [point for point in self.points if not 0 <= point < self.num_points]
            if wrong or not self.points or len(set(self.points)) < len(self.points):
                raise InputError(f"points = {self.points!r}: 'all' or distinct indices from 0 to {self.num_points - 1} are needed")

    @property
    def forgotten(self):
        """Indices of the points to forget, in turn."""
        return tuple(range(self.num_points)) if self.points == "all" else tuple(self.points)


def run(settings=None, *, progress=None, checkpoint=None):
    """Train, unlearn with every fraction, certify.

    Parameters
    ----------
    settings : Settings, optional
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps the training: written as it goes on and when interrupted, and read if it exists.

    Returns
    -------
    Figure1

    Raises
    ------
    InputError
        For settings out of range, and a checkpoint of other settings.
    FileError
        If the checkpoint cannot be read or written.
    InfeasibleError
        If a network has not learned all its points: more epochs are needed.
    TrainingInterrupted
        On KeyboardInterrupt during training; the checkpoint, if there is one, holds the state.
    """
    settings = settings or Settings()
    training = trained(settings, progress=progress, checkpoint=checkpoint)
    total = settings.networks * len(settings.forgotten) * len(CURVES)
    shape = (len(CURVES), settings.networks, len(settings.forgotten), len(settings.fractions))
    epsilon, delta = np.full(shape, np.nan), np.full(shape, np.nan)
    originals = np.zeros((len(CURVES), settings.networks))
    done = 0
    for k, (net, data) in enumerate(zip(training.models, training.data, strict=True)):
        net, data = compressed(net, data)
        certificates = {convention: certify(net, data, subgradient=convention) for convention in ("indicator", "clarke")}
        for c, (_, convention, method) in enumerate(CURVES):
            originals[c, k] = certificates[convention].epsilon
            for p, point in enumerate(settings.forgotten):
                sweep = _sweep(net, data, point, settings.fractions, certificates[convention], method)
                epsilon[c, k, p], delta[c, k, p] = sweep
                done += 1
                if progress is not None:
                    progress("forgetting", done, total)
    fractions = np.array(settings.fractions, dtype=np.float64)
    series = tuple(Series(*curve, fractions, epsilon[c], delta[c], originals[c]) for c, curve in enumerate(CURVES))
    return Figure1(settings, series, np.atleast_2d(training.margins).min(axis=1))


def _sweep(net, data, point, fractions, certificate, method):
    """Epsilon and delta with respect to the retained points for every fraction of the step."""
    retained = data.without(point)
    numbers = np.full((2, len(fractions)), np.nan)
    for f, fraction in enumerate(fractions):
        unlearned = gradient_ascent(net, data, point, certificate=certificate, fraction=fraction, method=method)
        try:
            after = certify(unlearned, retained, subgradient=certificate.subgradient)
        except InfeasibleError:
            continue
        numbers[:, f] = after.epsilon, after.delta
    return numbers
