"""The experiment behind Figure 1: how far from a KKT point of the retained data a gradient-ascent step of any size leads.

Networks of Appendix E are trained, every point of every network is forgotten with fractions of the paper's step, and what comes
out is certified with respect to the retained points.
"""

import numpy as np

from .. import executors
from ..certificate import certify
from ..compression import compressed
from ..errors import InfeasibleError
from ..unlearning import gradient_ascent
from .appendix_e import trained
from .figure1_result import Figure1, Series
from .step_fractions import Settings

#: The curves: name, subgradient convention of step and certificate, kind of step.
CURVES = (
    ("indicator", "indicator", "plain"),
    ("clarke", "clarke", "plain"),
    ("clarke, projected step", "clarke", "projected"),
)


def run(settings=None, *, progress=None, checkpoint=None, jobs=1):
    """Train, unlearn with every fraction, certify.

    Parameters
    ----------
    settings : Settings, optional
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps the training: written as it goes on and when interrupted, and read if it exists.
    jobs : int or concurrent.futures.Executor, optional
        Number of processes that run the sweeps, or an executor for that; training stays here, in one array.
        The numbers do not depend on it (see `kktcheck.executors`).

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
    SolverError
        If a process dies; the checkpoint holds the training.
    """
    settings = settings or Settings()
    shape = (len(CURVES), settings.networks, len(settings.forgotten), len(settings.fractions))
    epsilon, delta = np.full(shape, np.nan), np.full(shape, np.nan)
    originals = np.zeros((len(CURVES), settings.networks))
    done, total = 0, settings.networks * len(settings.forgotten) * len(CURVES)

    def tasks():
        for k, (net, data) in enumerate(zip(training.models, training.data, strict=True)):
            net, data = compressed(net, data)
            certificates = {convention: certify(net, data, subgradient=convention) for convention in ("indicator", "clarke")}
            for c, (_, convention, method) in enumerate(CURVES):
                originals[c, k] = certificates[convention].epsilon
                for point in settings.forgotten:
                    yield net, data, point, settings.fractions, certificates[convention], method

    def finished(place, sweep):
        nonlocal done
        k, c, p = np.unravel_index(place, (settings.networks, len(CURVES), len(settings.forgotten)))
        epsilon[c, k, p], delta[c, k, p] = sweep
        done += 1
        if progress is not None:
            progress("forgetting", done, total)

    with executors.opened(jobs) as executor:
        training = trained(settings, progress=progress, checkpoint=checkpoint)
        executors.run(executor, _sweep, tasks(), finished)
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
