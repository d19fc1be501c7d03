"""Certificates: how close a model is to a KKT point of the max-margin problem, at the scale where its minimum margin is 1."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import certificate_errors
from . import kinks as kink_search
from . import rigorous as rigorous_rounding
from .checks import check_dataset, check_model, non_negative
from .dataset import NORM_RANGE
from .errors import InfeasibleError, InputError, listing
from .linearisation import check_subgradient, gates, linearise
from .models import positive
from .multipliers import check_engine, check_memory_cap, least_residual
from .rescaling import Rescaled, rescale
from .residuals import Residuals, of_linearisation
from .snapping import angle_gap, snap
from .tolerances import UNIT_MARGIN

__all__ = ["Certificate", "Rescaled", "angle_gap", "certify"]


@dataclass(frozen=True, eq=False)
class Certificate:
    """(epsilon, delta) of an approximate KKT point near a model, and tau, the way there.

    In the words of Definition 2.2: the certified ``model`` is an (epsilon, delta)-approximate KKT point (Definition 2.1; with
    ``gamma`` > 0 in the sense of Definition B.1) and 1 - cos of the angle to the model that was given is ``tau``.

    No number is a bound: each is attained by the model and the multipliers that stand here, and is what their arrays give, up to the
    error stated beside it.

    Attributes
    ----------
    epsilon : float
        Norm of theta - sum_i lambda_i y_i dN(x_i) at the certified model, taken from that vector itself.
    delta : float
        max_i lambda_i (margin_i - 1), at least 0.
    gamma : float
        (1 - minimum margin), at least 0: rounding only, unless another scale was asked for.
    tau : float
        1/2 | theta/|theta| - theta'/|theta'| |**2 between the given and the certified model; 0 unless kinks were snapped.
    epsilon_error, delta_error, gamma_error, tau_error : float or None
        Bounds on |computed - exact| at these weights, multipliers and states, the kinks read as exact: the weights projected exactly
        onto their hyperplanes. None (all but epsilon's) if read from a file that did not state them.
    multipliers : ndarray, shape (m,)
        lambda_i, at the certified scale.
    kink_multipliers : ndarray, shape (number of kinks,)
        z_ij in [0, lambda_i] on the kinks, in the order of ``np.nonzero(kinks.mask)``.
    margins : ndarray, shape (m,)
        Margins of the certified model.
    scale : float
        Factor from the given model to the certified one.
    kinks : Kinks
        Kinks and how they were chosen.
    states : ndarray of int8, shape (n, m)
        Activation states of the certified model: inactive (0), active (1) or kink (2).
    residuals : Residuals
        The four KKT residuals, scale-free.
    model : LinearPredictor or TwoLayerReLU
        The certified model, with its kinks.
    subgradient : str
        ``"clarke"`` or ``"indicator"``.
    slackness_cap : float or None
        Cap under which the multipliers were chosen; None without one.
    unique : bool or None
        Whether these multipliers are the only optimal ones; where they are not, epsilon is still the least, but delta belongs to
        the ones given.
    method : str
        How the multipliers were found.
    data_key : str
        Size and checksum of the data, so that a certificate is not used with other data by mistake.
    gap : float or None
        Where the multipliers were found matrix-free: bound on how much epsilon**2 exceeds the least there is, relative to |theta|**2.
    enclosures : Enclosures or None
        epsilon, delta, gamma and tau between rigorous bounds; None unless ``rigorous`` was asked for.
    """

    epsilon: float
    delta: float
    gamma: float
    tau: float
    epsilon_error: float
    delta_error: float | None
    gamma_error: float | None
    tau_error: float | None
    multipliers: np.ndarray
    kink_multipliers: np.ndarray
    margins: np.ndarray
    scale: float
    kinks: kink_search.Kinks
    states: np.ndarray
    residuals: Residuals
    model: Any
    subgradient: str
    slackness_cap: float | None
    unique: bool | None
    method: str
    data_key: str
    gap: float | None = None
    enclosures: rigorous_rounding.Enclosures | None = None

    def __repr__(self):
        return f"Certificate(epsilon={self.epsilon:.6g}, delta={self.delta:.6g}, gamma={self.gamma:.3g}, tau={self.tau:.3g}, {self.subgradient})"

    def gates(self):
        """z, shape (n, m): the multiplier with which each point acts on each neuron; divided by lambda_i the chosen subgradient."""
        return gates(self.states, self.multipliers, self.kink_multipliers)

    def summary(self):
        """The certificate as an aligned text table."""
        from .tables import certificate_table

        return certificate_table(self)

    def to_json(self):
        """The certificate as a JSON text from which `from_json` restores every bit."""
        from .certificate_json import dumps

        return dumps(self)

    @staticmethod
    def from_json(text):
        """Certificate from the text that `to_json` gave; raises `FileError` if it is not one."""
        from .certificate_json import loads

        return loads(text)

    def rescaled(self, factor=None):
        """The certificate at another scale, with the multipliers scaled alike, as a `Rescaled`; see `kktcheck.rescaling.rescale`."""
        return rescale(self, factor)


def certify(
    model,
    data,
    *,
    subgradient="clarke",
    kink_tol="auto",
    slackness_cap=None,
    scale=None,
    engine="fast",
    rigorous=False,
    max_memory=None,
    start=None,
    progress=None,
):
    """Certificate of a model on a dataset.

    The model is projected onto its kinks (``"clarke"`` only), scaled to minimum margin 1, and given the multipliers that make its
    stationarity residual least.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
    data : Dataset
    subgradient : {"clarke", "indicator"}
        Clarke's subdifferential, as in Theorem 2.1, or sigma'(z) = 1 for z >= 0, as in the paper's proofs.
    kink_tol : "auto" or float
        Relative tolerance below which a pre-activation counts as zero; ``"auto"`` finds the plateau of the count, 0 takes exact
        zeros only. A model that carries kinks keeps those, and exact zeros join them; the certified model carries the kinks that
        were used (perhaps none), so that certifying it again gives the same numbers.
    slackness_cap : float, optional
        Only multipliers with lambda_i (margin_i - 1) <= slackness_cap; at least 0.
    scale : float, optional
        Certify the model times this factor instead of at minimum margin 1; `gamma` then tells how far it is from feasible.
    engine : {"fast", "matrix-free", "cvxpy"}
        As in `recover_multipliers`: ``"fast"`` is matrix-free by itself where Gram matrices do not pay.
    max_memory, start, progress : optional
        As in `recover_multipliers`: bytes that arrays may take, multipliers of a neighbouring problem, ``progress(stage, done, total)``.
    rigorous : bool
        Enclose epsilon, delta, gamma and tau by interval arithmetic as well (needs the extra ``intervals``).

    Returns
    -------
    Certificate

    Raises
    ------
    InfeasibleError
        If a point is misclassified (margin at most 0): no scale makes the model feasible.
    InputError
        For arguments out of range, a model that does not fit the data, one whose norm leaves the range 1e-150 to 1e150, and a
        kink_tol so large that projecting leaves no weight. With ``rigorous``: for a state that is not the exact sign of a
        pre-activation, and kinks of points that are dependent but for rounding.
    MemoryLimitError
        If ``max_memory`` is less than the least that is possible.
    MissingDependencyError
        With ``rigorous``, without python-flint.

    Notes
    -----
    Definitions 2.1, 2.2 and B.1.
    """
    check_subgradient(subgradient)
    kink_search.check_tolerance(kink_tol)
    check_engine(engine)
    _check_rigorous(rigorous)
    slackness_cap = _checked_cap(slackness_cap)
    check_dataset(data)
    check_model(model, data)
    block = check_memory_cap(max_memory, engine, model, data)
    _check_norm(model, 1.0)
    snapped, found, tau = snap(model, data, subgradient, kink_tol, block)
    projected = found.count > 0 and found.source != "model"
    lin = linearise(snapped, data, subgradient, block)
    factor = _unit_margin_factor(lin, found) if scale is None else positive(scale)
    if factor != 1.0:
        _check_norm(snapped, factor)
        lin = linearise(snapped.scaled(factor), data, subgradient, block)
    lin, found = _with_noise(*_with_exact_zeros(lin, found))
    best = least_residual(lin, slackness_cap, engine, max_memory, start, progress)
    errors = certificate_errors.of_margins(lin, found.noise)
    certificate = Certificate(
        epsilon=best.epsilon,
        delta=best.delta,
        gamma=max(0.0, 1.0 - float(lin.margins.min())),
        tau=tau,
        epsilon_error=best.epsilon_error + found.noise,
        delta_error=certificate_errors.of_slackness(best.values, lin.margins, errors),
        gamma_error=certificate_errors.of_infeasibility(lin.margins, errors),
        tau_error=certificate_errors.of_tau(tau, lin.model, found.noise, projected),
        multipliers=best.values,
        kink_multipliers=best.kink_multipliers,
        margins=lin.margins,
        scale=factor,
        kinks=found,
        residuals=of_linearisation(lin, best.values, best.kink_multipliers, best.epsilon),
        model=lin.model,
        subgradient=subgradient,
        slackness_cap=slackness_cap,
        unique=best.unique,
        method=best.method,
        states=lin.states,
        data_key=data.key,
        gap=best.gap,
    )
    return replace(certificate, enclosures=rigorous_rounding.enclose(certificate, data, model)) if rigorous else certificate


def _with_exact_zeros(lin, found):
    """Pre-activations that are exactly zero at the certified scale (all of a zeroed neuron) are kinks, too."""
    if found.mask is not None and (lin.kinks != found.mask).any():
        lin = replace(lin, model=lin.model.with_kinks(lin.kinks))
        found = replace(found, mask=lin.kinks, count=int(lin.kinks.sum()))
    return lin, found


def _with_noise(lin, found):
    """The kinks with their noise; those that a model carries are exact in the indicator convention as well."""
    if lin.model.kinks is not None:
        found = replace(found, noise=kink_search.distance(lin.model.hidden, lin.model.kinks, lin.data))
    return lin, found


def _unit_margin_factor(lin, found):
    """Factor to minimum margin 1; exactly 1 where the minimum margin is 1 up to its own rounding."""
    margins = lin.margins
    wrong = np.flatnonzero(margins <= 0)
    if wrong.size:
        names = f"points {listing(wrong)} have margins" if wrong.size > 1 else f"point {wrong[0]} has a margin"
        after, smaller = "", ""
        if found.count and found.source != "model":
            after, smaller = f" after projecting onto {found.count} kinks", "take a smaller kink_tol, "
        raise InfeasibleError(
            f"{names} of at most 0{after} (the lowest {margins.min():.6g}): no scale makes the model feasible. "
            f"Train further, drop the points, {smaller}or give a scale to certify it as it is",
            wrong,
        )
    least = float(margins.min())
    rounding = max(UNIT_MARGIN, float(lin.margin_error()[np.argmin(margins)]))
    return 1.0 if abs(least - 1.0) <= rounding else 1.0 / least


def _check_norm(model, factor):
    norm = factor * model.norm
    if not NORM_RANGE[0] <= norm <= NORM_RANGE[1]:
        when = "" if factor == 1.0 else f" at the scale {factor:.3g} it is to be certified at"
        raise InputError(f"the norm of the model is {norm:.3g}{when}: its products would leave the range of float64; rescale model or points")


def _check_rigorous(rigorous):
    if not isinstance(rigorous, bool):
        raise InputError(f"rigorous = {rigorous!r}: True or False is needed")
    if rigorous:
        rigorous_rounding.require_flint()


def _checked_cap(cap):
    if cap is None:
        return None
    cap = non_negative(cap, "slackness_cap", finite=False)
    return None if cap == np.inf else cap
