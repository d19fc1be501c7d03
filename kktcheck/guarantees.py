"""The success theorems as code: which hypotheses a certified model and its data meet, and the bound that follows if all hold."""

import math
from dataclasses import dataclass

import numpy as np

from .certificate import Certificate
from .checks import check_dataset
from .errors import InputError
from .linearisation import Linearisation
from .models import KINK, LinearPredictor, TwoLayerReLU
from .success_bounds import Bound, linear_bounds, network_bounds, network_steps, sharper_bounds
from .tables import table
from .tolerances import EPS, SECOND_LAYER, UNIT_MARGIN

#: Ranges of the hypotheses: epsilon_1 and delta_1, epsilon_d, psi (Theorems 3.1 and 4.1; those for sets share them).
LINEAR_ERRORS, LINEAR_EPSILON_D = 0.5, 0.1
NETWORK_ERRORS, NETWORK_EPSILON_D = 1.0, 0.01
PSI = 0.1
#: Of all three parameters in the sharper theorems, both models.
SHARPER = 1.0
#: Lemma C.6, which the proofs for networks use, asks more than the theorems.
LEMMA_C6_ERRORS = 0.4

#: By (linear predictor, a single point).
THEOREMS = {(True, True): "Theorem 3.1", (True, False): "Theorem B.1", (False, True): "Theorem 4.1", (False, False): "Theorem C.1"}


@dataclass(frozen=True)
class Condition:
    """One hypothesis of a theorem, measured.

    Attributes
    ----------
    name : str
    value, limit : float
        What was measured and what it is compared with.
    relation : str
        ``"<="``, ``"<"`` or ``">="``, as printed.
    holds : bool
    excess : float
        By how much the value is beyond the limit (0 fails where the relation is strict), or if negative the room that is left.
    note : str
    """

    name: str
    value: float
    limit: float
    relation: str
    holds: bool
    excess: float
    note: str = ""

    def __str__(self):
        return f"{self.name} = {self.value:.6g} {self.relation} {self.limit:.6g} " + ("holds" if self.holds else f"fails by {self.excess:.3g}")


@dataclass(frozen=True, eq=False)
class Guarantee:
    """What a success theorem promises for one model, its data and a forget set, or which of its hypotheses fail.

    Attributes
    ----------
    theorem : str
    conditions : tuple of Condition
        The hypotheses, all of them.
    printed : Bound or None
        The bound as printed in the statement; None if a hypothesis fails. It is about gradient ascent with the multipliers' own step
        (``method="plain"``, ``fraction=1``) from the certified model.
    as_proved : Bound or None
        The bound with which the proof ends, where it differs from the statement's.
    second_part : Bound or None
        The second part of the theorem for linear predictors: epsilon = delta = 0, and a tau that is only given up to a constant.
    vacuous : str or None
        Why the bound says no more than is trivially true.
    notes : tuple of str
        Readings of the statement, and steps of the proof that do not cover these numbers.
    epsilon_d : float
        The data's own, the smallest that its largest inner product allows; the bound grows with it.
    sharper : tuple of Bound
        What theorems of ours promise for the same step, in Clarke's sense and with larger ranges: each near a witness that its source names. Empty
        if one of their hypotheses fails.
    sharper_conditions : tuple of Condition
        Those hypotheses.
    """

    theorem: str
    conditions: tuple
    printed: Bound | None
    as_proved: Bound | None
    second_part: Bound | None
    vacuous: str | None
    notes: tuple
    epsilon_d: float
    sharper: tuple = ()
    sharper_conditions: tuple = ()

    @property
    def epsilon(self):
        """Stationarity as printed, None if a hypothesis fails."""
        return self.printed and self.printed.epsilon

    @property
    def delta(self):
        """Slackness as printed, None if a hypothesis fails."""
        return self.printed and self.printed.delta

    @property
    def tau(self):
        """1 - cos as printed (of the first part, for a linear predictor), None if a hypothesis fails."""
        return self.printed and self.printed.tau

    @property
    def holds(self):
        """Whether every hypothesis holds."""
        return all(condition.holds for condition in self.conditions)

    @property
    def failed(self):
        """The hypotheses that fail, each with its ``excess``."""
        return tuple(condition for condition in self.conditions if not condition.holds)

    def __repr__(self):
        if not self.holds:
            return f"Guarantee({self.theorem}: {'; '.join(map(str, self.failed))})"
        return f"Guarantee({self.theorem}: epsilon={self.epsilon:.6g}, delta={self.delta:.6g}, tau={self.tau:.6g})"

    def summary(self):
        """Hypotheses, bounds and notes as an aligned text table."""
        rows = [(c.name, c.value, c.relation, c.limit, c.holds, c.excess, c.note) for c in self.conditions]
        parts = [
            f"{self.theorem}: " + ("every hypothesis holds" if self.holds else f"{len(self.failed)} of {len(self.conditions)} hypotheses fail"),
            table(("hypothesis", "value", "", "limit", "holds", "excess", "note"), rows, notes=True),
        ]
        if self.holds:
            bounds = [(b.source, b.epsilon, b.delta, b.tau) for b in (self.printed, self.as_proved, self.second_part) if b is not None]
            parts += ["", table(("bound", "epsilon", "delta", "tau"), bounds)]
        if self.sharper:
            parts += ["", table(("sharper bound", "epsilon", "delta", "tau"), [(b.source, b.epsilon, b.delta, b.tau) for b in self.sharper])]
        notes = self.notes if self.vacuous is None else (f"vacuous: {self.vacuous}", *self.notes)
        return "\n".join([*parts, *(f"- {note}" for note in notes)])


def guarantee(certificate, data, forget):
    """The bound of the theorem that speaks of this model and forget set, or the hypotheses that fail and by how much.

    Parameters
    ----------
    certificate : Certificate
        Of the original model on all points.
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
        One point leads to the theorems for a single point, more to those for sets.

    Returns
    -------
    Guarantee

    Raises
    ------
    InputError
        For a certificate of other data, something that is no certificate, and indices that are out of range or repeated.

    Notes
    -----
    Theorems 3.1 and B.1 (linear predictors), 4.1 and C.1 (two-layer networks). Where statement and proof end with different terms, both
    are given: the statement of B.1 lacks the factor k in the last term of delta, and that of C.1 has k where its proof has m / k. Every
    bound grows with epsilon_d, so the data's own is the one to take; phi <= epsilon_d / (4 m n) then holds by definition. The sharper theorems are
    ours (`kktcheck.claims.sharper`): the step takes the certificate's own subgradient on kinks.
    """
    if not isinstance(certificate, Certificate):
        raise InputError(f"certificate must be a kktcheck.Certificate, not {type(certificate).__name__}")
    check_dataset(data)
    if certificate.data_key != data.key:
        raise InputError(f"the certificate belongs to other data ({certificate.data_key}, not {data.key}): certify the original model on all points")
    m, k, n = data.num_points, len(data.indices(forget)), certificate.model.num_neurons
    linear = isinstance(certificate.model, LinearPredictor)
    epsilon_d = _epsilon_d(certificate.model, data)
    sizes = (certificate.epsilon, certificate.delta, epsilon_d)
    conditions, ours = _conditions(certificate, data, k, epsilon_d)
    notes = [*_literal(*sizes, linear), *_convention(certificate)]
    printed = as_proved = second = vacuous = None
    if all(condition.holds for condition in conditions):
        if linear:
            printed, as_proved, second = linear_bounds(m, k, *sizes)
        else:
            printed, as_proved = network_bounds(m, k, *sizes)
            notes += _gaps(as_proved or printed, m, k, n, *sizes)
        if printed.tau >= 1:
            vacuous = f"tau = {printed.tau:.6g} is at least 1, which a model at a right angle would meet"
    sharper = sharper_bounds(linear, m, n, k, *sizes) if all(condition.holds for condition in ours) else ()
    return Guarantee(THEOREMS[linear, k == 1], conditions, printed, as_proved, second, vacuous, tuple(notes), epsilon_d, sharper, ours)


def _conditions(certificate, data, k, own):
    """All hypotheses of the paper's theorem, in the order of the statement, and those of the sharper one."""
    model, dim = certificate.model, data.dim
    linear = isinstance(model, LinearPredictor)
    m, n = data.num_points, model.num_neurons
    rounding = 4 * m * n * dim * EPS * float(data.norms.max()) ** 2

    def parameters(largest, relation, nearness):
        return (
            _below("epsilon_1", certificate.epsilon, "<=", largest, certificate.epsilon_error),
            _below("delta_1", certificate.delta, "<=", largest),
            _below("epsilon_d", own, relation, nearness, rounding, "the data's own, 4 m n phi"),
        )

    common = [
        _below("psi", data.psi, "<=", PSI, (dim + 2) * EPS * (1 + data.psi)),
        Condition("phi", data.phi, own / (4 * m * n), "<=", True, 0.0, "by definition of the data's own epsilon_d"),
        _least_margin(certificate, data),
    ]
    if not linear:
        target = 1 / math.sqrt(n)
        away = float(np.abs(np.abs(model.u) - target).max()) / target
        common.append(_below("second layer", away, "<=", SECOND_LAYER, note="largest | |u_j| sqrt(n) - 1 |, rounding to float32 allowed"))
    common.append(_below("forgotten points", k, "<", m, note="of the points of the data"))
    printed = parameters(LINEAR_ERRORS, "<", LINEAR_EPSILON_D) if linear else parameters(NETWORK_ERRORS, "<=", NETWORK_EPSILON_D)
    return (*printed, *common), (*parameters(SHARPER, "<=", SHARPER), *common)


def _below(name, value, relation, limit, rounding=0.0, note=""):
    excess = value - limit
    if 0 < abs(excess) <= rounding:
        note += "; " * bool(note) + "within rounding of the limit"
    return Condition(name, value, limit, relation, excess < 0 if relation == "<" else excess <= 0, excess, note)


def _least_margin(certificate, data):
    """Primal feasibility; the certified scale makes the least margin 1 only up to rounding."""
    i = int(np.argmin(certificate.margins))
    least = float(certificate.margins[i])
    lin = Linearisation(certificate.model, data, certificate.subgradient, certificate.states, certificate.margins)
    rounding = max(UNIT_MARGIN, float(lin.margin_error()[i]))
    note = "below 1 by rounding only" if 0 < 1 - least <= rounding else ""
    return Condition("least margin", least, 1.0, ">=", 1 - least <= rounding, 1 - least, note)


def _epsilon_d(model, data):
    """The data's own epsilon_d; of a network with another second layer than the theorems', what it would be with theirs."""
    if isinstance(model, TwoLayerReLU):
        model = TwoLayerReLU(model.W, np.sign(model.u) / math.sqrt(model.num_neurons))
    return model.epsilon_d(data)


def _literal(epsilon_1, delta_1, epsilon_d, linear):
    """Notes on values 0 where the statement prints 0 < value."""
    zero = [name for name, value in (("epsilon_1", epsilon_1), ("delta_1", delta_1)) if value == 0]
    if not linear and epsilon_d == 0:
        zero.append("epsilon_d")
    return [f"the statement prints 0 < {name}; the value 0 is read as the limit of smaller and smaller ones, which all serve" for name in zero]


def _convention(certificate):
    """Notes on what the certificate means by a KKT point, and of which model."""
    notes = []
    _, points = np.nonzero(certificate.states == KINK)
    partial = int((certificate.kink_multipliers < certificate.multipliers[points]).sum())
    if partial:
        notes.append(
            f"{partial} kinks have a subgradient below 1: a KKT point in the sense of Theorem 2.1 (Clarke), on which the statement builds, but "
            "not of the proofs, where sigma'(0) = 1; certify with subgradient='indicator' for theirs"
        )
    if certificate.tau > 0:
        notes.append(f"the bound is about gradient ascent from the certified model, at 1 - cos = {certificate.tau:.3g} from the one given")
    return notes


def _gaps(proved, m, k, n, epsilon_1, delta_1, epsilon_d):
    """Notes on steps of the proofs for networks that do not reach the end at these numbers."""
    notes = []
    if max(epsilon_1, delta_1) > LEMMA_C6_ERRORS:
        notes.append(f"Lemma C.6, which the proof uses, asks epsilon_1 and delta_1 to be at most {LEMMA_C6_ERRORS}")
    delta, tau = network_steps(m, k, n, epsilon_1, delta_1, epsilon_d)
    if delta > proved.delta:
        notes.append(f"the steps of the proof lead to delta = {delta:.6g}, not to the {proved.delta:.6g} it ends with")
    if tau is None or tau > proved.tau:
        notes.append(f"the steps of the proof lead to {'no tau' if tau is None else f'tau = {tau:.6g}'}, not to the {proved.tau:.6g} it ends with")
    return notes
