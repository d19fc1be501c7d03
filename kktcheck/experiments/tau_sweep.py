"""How near a step of any size comes to an exact KKT point of the retained data: tau against the fraction of the paper's step.

The networks and points are those of `kktcheck.experiments.figure1`. There the unlearned model itself is certified (tau = 0); here it is
compared with exact points (epsilon = delta = 0), and so are doing nothing and retraining.
"""

from dataclasses import dataclass

import numpy as np

from .. import executors
from ..certificate import angle_gap, certify
from ..compression import compressed
from ..errors import InfeasibleError, SolverError
from ..exact_points import ExactPoints
from ..kkt_point import kkt_point
from ..unlearning import gradient_ascent, identity
from .appendix_e import trained
from .retrained import retrained, retraining_file
from .step_fractions import Settings
from .tau_result import Failure, Reference, TauSeries, TauSweep

#: The curves: name, subgradient convention of the step, kind of step, model it starts from (the trained one, or the exact KKT point of
#: all the data that is found from it).
CURVES = (
    ("certificate's subgradient", "clarke", "plain", "trained"),
    ("printed convention", "indicator", "plain", "trained"),
    ("projected step", "clarke", "projected", "trained"),
    ("from the exact point", "clarke", "plain", "exact"),
)

#: What the curves are compared with.
REFERENCES = ("identity", "retraining", "retraining, other start")


def run(settings=None, *, progress=None, checkpoint=None, jobs=1):
    """Train, unlearn with every fraction, retrain, and measure 1 - cos to the nearest exact KKT point of the retained data.

    Parameters
    ----------
    settings : kktcheck.experiments.step_fractions.Settings, optional
    progress : callable, optional
        ``progress(stage, done, total)`` from time to time.
    checkpoint : path, optional
        An ``.npz`` file that keeps the training: written as it goes on and when interrupted, and read if it exists. The retraining is
        kept beside it (`kktcheck.experiments.retrained.retraining_file`), as it goes on; the rest takes seconds.
    jobs : int or concurrent.futures.Executor, optional
        Number of processes that retrain and measure, or an executor for that; training stays here, in one array.
        The numbers do not depend on it (see `kktcheck.executors`).

    Returns
    -------
    kktcheck.experiments.tau_result.TauSweep

    Raises
    ------
    InputError
        For settings out of range, and checkpoints of other settings.
    FileError
        If a checkpoint cannot be read or written.
    InfeasibleError
        If a network has not learned all its points: more epochs are needed.
    TrainingInterrupted
        On KeyboardInterrupt during training; the checkpoint, if there is one, holds the state. During retraining it is a plain
        KeyboardInterrupt.
    SolverError
        If a process dies; the checkpoint holds what was trained and retrained.

    Notes
    -----
    Definition 2.2 with epsilon = delta = 0. Exact points are sought from the states that the original network, every unlearned model and
    every retrained one have on the retained points. All that are found for one network and forgotten point are pooled, and for each of
    these models the nearest in the pool counts, so that none is measured against fewer points than another. tau is therefore an upper
    bound of the distance to the set of exact points.
    """
    settings = settings or Settings()
    cases, failures = {}, {}
    points = settings.forgotten
    total = settings.networks * len(points)

    def tasks():
        for k, (net, data) in enumerate(zip(training.models, training.data, strict=True)):
            net, data = compressed(net, data)
            originals, failure = starting_points(net, data)
            if failure is not None:
                failures[k] = Failure(k, None, "the exact point of all the data", failure)
            for p, point in enumerate(points):
                references = [identity(net, data, point), *(models[p][k] for models in again.values())]
                yield originals, data, point, settings.fractions, references

    def finished(place, case):
        cases[place] = case
        if progress is not None:
            progress("forgetting", len(cases), total)

    with executors.opened(jobs) as executor:
        training = trained(settings, progress=progress, checkpoint=checkpoint)
        beside = None if checkpoint is None else retraining_file(checkpoint)
        again = retrained(training, settings, progress=progress, checkpoint=beside, executor=executor)
        executors.run(executor, measure, tasks(), finished)
    said = []
    for k in range(settings.networks):
        said += [failures[k]] if k in failures else []
        for p, point in enumerate(points):
            said += [Failure(k, point, name, reason) for name, reason in cases[k * len(points) + p].points.failures.items()]
    return _result(settings, [cases[place] for place in range(total)], tuple(said), np.atleast_2d(training.margins).min(axis=1))


def starting_points(net, data):
    """The models that are unlearned and their certificates on all the data.

    Parameters
    ----------
    net : TwoLayerReLU
    data : Dataset

    Returns
    -------
    originals : dict
        Certificates by the last and the second entry of a curve: ``originals["trained"]["clarke"]``. Without ``"exact"`` if no exact
        point was found.
    failure : str or None
        Why none was found.
    """
    originals = {"trained": (net, {convention: certify(net, data, subgradient=convention) for convention in ("clarke", "indicator")})}
    try:
        exact = kkt_point(net, data).model
    except (InfeasibleError, SolverError) as error:
        return originals, str(error)
    return originals | {"exact": (exact, {"clarke": certify(exact, data)})}, None


@dataclass(frozen=True, eq=False)
class Case:
    """One network without one point.

    Attributes
    ----------
    tau : ndarray, shape (number of curves, number of fractions)
        To the nearest exact point; nan without one, and for a curve whose original is missing.
    references : ndarray, shape (2, number of references)
        tau of each reference, and tau of each to the exact point that is nearest to the first of them.
    points : ExactPoints
    """

    tau: np.ndarray
    references: np.ndarray
    points: ExactPoints


def measure(originals, data, point, fractions, references):
    """Forget one point of one network with every curve and fraction, and measure.

    Parameters
    ----------
    originals : dict
        From `starting_points`.
    data : Dataset
        All points.
    point : int
        The one to forget.
    fractions : sequence of float
    references : sequence of TwoLayerReLU
        Models of the retained points, the original network first.

    Returns
    -------
    Case
    """
    pool = ExactPoints(data.without(point))
    for name, model in zip(REFERENCES, references, strict=False):
        pool.add(model, name)
    unlearned = {}
    for c, (name, convention, method, start) in enumerate(CURVES):
        if start not in originals:
            continue
        model, certificates = originals[start]
        for f, fraction in enumerate(fractions):
            step = gradient_ascent(model, data, point, certificate=certificates[convention], fraction=fraction, method=method)
            unlearned[c, f] = step
            pool.add(step, f"{name}, fraction {fraction:g}")
    tau = np.full((len(CURVES), len(fractions)), np.nan)
    for place, model in unlearned.items():
        tau[place] = pool.nearest(model)[1]
    home = pool.nearest(references[0])[0]
    to_home = [np.nan if home is None else angle_gap(model, home.model) for model in references]
    return Case(tau, np.array([[pool.nearest(model)[1] for model in references], to_home]), pool)


def _result(settings, cases, failures, margins):
    """The cases as arrays over networks and points."""
    shape = (settings.networks, len(settings.forgotten))
    tau = np.array([case.tau for case in cases]).reshape(*shape, len(CURVES), -1)
    references = np.array([case.references for case in cases]).reshape(*shape, 2, -1)
    fractions = np.array(settings.fractions, dtype=np.float64)

    def counts(values):
        return np.array(list(values)).reshape(shape)

    return TauSweep(
        settings=settings,
        series=tuple(TauSeries(*curve, fractions, tau[:, :, c]) for c, curve in enumerate(CURVES)),
        references=tuple(Reference(name, references[:, :, 0, r], references[:, :, 1, r]) for r, name in enumerate(REFERENCES)),
        margins=margins,
        starts=counts(case.points.starts for case in cases),
        points_found=counts(len(case.points.points) for case in cases),
        residuals=counts(case.points.residual for case in cases),
        failures=failures,
    )
