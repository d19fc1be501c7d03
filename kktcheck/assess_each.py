"""One gradient-ascent step for each of many forget sets of one model, and what each is a witness of (Definition 2.2)."""

import warnings
from dataclasses import dataclass, replace

import numpy as np

from . import witnesses as make
from .answers import slackness_of
from .certificate import angle_gap, certify
from .checks import check_dataset, check_model, non_negative
from .errors import InfeasibleError, InputError, KKTCheckWarning, SolverError, listing
from .exact_points import pool_for
from .forget_sets import checked_sets
from .linearisation import check_subgradient
from .many_steps import ManySteps
from .models import LinearPredictor
from .retrain_each import retrain_each
from .span_steps import SpanSteps
from .unlearning import identity
from .unlearning.ascent import METHODS, checked_certificate
from .witnesses import Witness

KINDS = ("itself", "snapped", "exact")

#: Sets that one task of an executor holds.
TASK = 8


@dataclass(frozen=True, eq=False)
class SetAssessment:
    """What the step achieved on one forget set.

    Attributes
    ----------
    forget : ndarray of int, shape (k,)
    witnesses : tuple of Witness
        Those that were found, in the order itself, snapped, exact; without models and multipliers, so that many sets take little room.
    reasons : dict of str to str
        Why a witness is missing.
    """

    forget: np.ndarray
    witnesses: tuple
    reasons: dict

    def __repr__(self):
        return f"SetAssessment({listing(self.forget)}: {', '.join(map(repr, self.witnesses)) or 'no witness'})"

    def first(self, kind):
        """The witness of a kind, or None."""
        return next((witness for witness in self.witnesses if witness.kind == kind), None)

    def successful(self, epsilon, delta, tau):
        """Whether some witness shows (epsilon, delta, tau)-success; False means only that none was found."""
        return any(w.epsilon <= epsilon and w.delta <= delta and w.tau <= tau for w in self.witnesses)


def assess_each(model, data, forget_sets, *, certificate=None, method="plain", fraction=1.0, subgradient="clarke", kinds=("itself",), jobs=1):
    """`gradient_ascent` and the witnesses of `assess` for each of many forget sets of one model, at a small part of the price.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
    forget_sets : iterable of (int or iterable of int)
        ``range(data.num_points)`` leaves out one point after the other. The same set may come more than once.
    certificate : Certificate, optional
        Of the model on all points, as for `gradient_ascent`; by default a new one in the given convention.
    method : {"plain", "projected"}
    fraction : float
        Share of the paper's step, at least 0.
    subgradient : {"clarke", "indicator"}
        Convention of the certificates.
    kinds : sequence of {"itself", "snapped", "exact"}
        Witnesses to look for. ``"itself"`` is the unlearned model with its own (epsilon, delta). ``"snapped"`` is projected onto its own kinks first
        (networks, Clarke), a certificate for each set. ``"exact"`` is the nearest exact KKT point of the retained data: of linear predictors
        from `retrain_each`; of networks sought anew for each set, from the states of the original and of the unlearned one, which takes
        longer than everything else together.
    jobs : int or concurrent.futures.Executor, optional
        Processes, or an executor, for ``"snapped"`` and for the exact points of networks; the numbers do not depend on it.

    Returns
    -------
    tuple of SetAssessment
        In the order of the sets; the numbers are those of the loop over `gradient_ascent` and `assess`, up to rounding.

    Raises
    ------
    InputError
        For no sets, and a set that is empty, complete, holds an index out of range or twice, or every point with a positive multiplier: names its
        number. For unknown words, a fraction that is negative, a certificate of another model or of other data.
    InfeasibleError
        If the model misclassifies a point (from `certify`), or retained points of a linear predictor cannot be separated.
    SolverError
        If a process dies.

    Warns
    -----
    KKTCheckWarning
        If the projected step of a set is zero in part; names the sets.

    Notes
    -----
    Activations, margins and residuals after a step follow from the Gram matrix, the original's pre-activations and its multipliers
    (`kktcheck.many_steps`), whatever the dimension. Nothing is factored for a set whose step changes no activation of a retained point: always so for
    linear predictors and projected steps. About ten m x m matrices are kept.
    """
    from . import executors

    check_dataset(data)
    check_model(model, data)
    check_subgradient(subgradient)
    if method not in METHODS:
        raise InputError(f"method {method!r} is unknown: choose one of {', '.join(map(repr, METHODS))}")
    fraction, kinds = non_negative(fraction, "fraction"), _checked_kinds(kinds)
    executors.check(jobs)
    sets = checked_sets(data, forget_sets)
    if certificate is None:
        certificate = certify(model, data, subgradient=subgradient)
        scale = certificate.scale
    else:
        certificate, scale = checked_certificate(certificate, model, data)
    _check_support(certificate, sets)
    steps = (model, data, certificate, scale), {"fraction": fraction, "method": method, "subgradient": subgradient}
    answers = [([], {}) for _ in sets]
    if "itself" in kinds:
        _add_themselves(answers, sets, steps)
    others = tuple(kind for kind in kinds if kind != "itself")
    if others and isinstance(model, LinearPredictor):
        _add_predictors(answers, sets, steps)
    elif others:
        _add_networks(answers, sets, steps, others, jobs)
    return tuple(SetAssessment(forget, tuple(found), reasons) for forget, (found, reasons) in zip(sets, answers, strict=True))


def _checked_kinds(kinds):
    kinds = tuple(kinds) if hasattr(kinds, "__iter__") and not isinstance(kinds, str) else (kinds,)
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        raise InputError(f"kinds = {kinds!r}: some of {', '.join(map(repr, KINDS))} are needed")
    return tuple(kind for kind in KINDS if kind in kinds)


def _check_support(certificate, sets):
    """Raise `InputError` for a set without which no multiplier is positive: nothing of the model would be explained by the retained points."""
    support = certificate.multipliers > 0
    count = int(support.sum())
    for number, forget in enumerate(sets):
        if np.count_nonzero(support[forget]) == count:
            names = listing(np.flatnonzero(support))
            raise InputError(f"the forget set number {number} holds every point with a positive multiplier ({names}): leave one of them out of it")


def _add_themselves(answers, sets, steps):
    """The unlearned models as they are."""
    (model, *_), choice = steps
    kinked = model.kinks is not None and model.kinks.any()
    zero = []
    for number, found in enumerate((SpanSteps if kinked else ManySteps)(*steps[0], **choice).found(sets)):
        if found.reason is None:
            answers[number][0].append(Witness(found.epsilon, found.delta, 0.0, "itself", None, None))
        else:
            answers[number][1]["itself"] = found.reason
        if found.zero_steps:
            zero.append(number)
    if zero:
        warnings.warn(
            f"forget sets {listing(zero)} (numbers, from 0) hold points in the span of the retained ones: their projected step is zero and forgets "
            "nothing; use method='plain'",
            KKTCheckWarning,
            stacklevel=3,
        )


def _add_predictors(answers, sets, steps):
    """The max-margin predictors, which are the only exact KKT points of linear models."""
    inside = SpanSteps(*steps[0], **steps[1])
    basis = inside.data.span.basis
    for (found, reasons), forget, retrained in zip(answers, sets, retrain_each(inside.data, sets), strict=True):
        try:
            unlearned = inside.unlearned(forget)
        except InputError as error:
            reasons["exact"] = str(error)
            continue
        target = LinearPredictor(np.append(retrained.model.w @ basis, 0.0))
        epsilon = retrained.residuals.stationarity * retrained.model.norm
        delta = slackness_of(retrained.multipliers, retrained.margins)
        tau = angle_gap(unlearned, target)
        note = f"max-margin predictor; {np.count_nonzero(retrained.multipliers)} support points"
        found.append(Witness(epsilon, delta, tau, "exact", None, None, note))


def _add_networks(answers, sets, steps, kinds, jobs):
    """Witnesses of networks that are sought set by set, a few sets at a time."""
    from . import executors

    inside = SpanSteps(*steps[0], **steps[1])
    starts = range(0, len(sets), TASK)

    def done(place, results):
        for (found, reasons), (more, why) in zip(answers[starts[place] :], results, strict=False):
            found.extend(more)
            reasons.update(why)

    with executors.opened(jobs) as executor:
        executors.run(executor, _sought, ((inside, sets[start : start + TASK], kinds) for start in starts), done)


def _sought(inside, sets, kinds):
    """Witnesses and reasons for some sets."""
    results = []
    for forget in sets:
        retained, found, reasons = inside.points.without(forget), [], {}
        try:
            unlearned = inside.unlearned(forget)
        except InputError as error:
            results.append(([], {"snapped, exact": str(error)}))
            continue
        if "snapped" in kinds:
            try:
                found += make.snapped(unlearned, retained, inside.subgradient, "auto")
            except (InfeasibleError, InputError, SolverError) as error:
                reasons["snapped"] = str(error)
        if "exact" in kinds:
            pool = pool_for(unlearned, retained)
            pool.add(identity(inside.small, inside.points, forget), "the original's states")
            pool.add(unlearned, "the unlearned model's states")
            reasons |= {f"exact, from {name}": reason for name, reason in pool.failures.items()}
            nearest = make.exact(unlearned, pool)
            found += [] if nearest is None else [nearest]
        results.append(([replace(witness, model=None, multipliers=None) for witness in found], reasons))
    return results
