"""The trajectory of Theorem 2.2: epsilon, delta and the margin along training."""

from dataclasses import dataclass

import numpy as np

from . import losses
from .certificate import certify
from .dataset import Dataset
from .errors import InfeasibleError, InputError
from .kinks import check_tolerance
from .linearisation import SUBGRADIENTS, check_subgradient
from .tables import table


@dataclass(frozen=True)
class HistoryRecord:
    """One certificate along training.

    Attributes
    ----------
    epoch : int
    network : int
        Which network of a batch (0 for a single one).
    subgradient : str
    epsilon, delta, tau : float or None
        Of the certificate at minimum margin 1; None while a point is misclassified (by the model on its kinks).
    margin : float
        Minimum margin at the scale of training.
    normalised_margin : float
        The same divided by |theta|.
    loss : float
        Mean training loss.
    """

    epoch: int
    network: int
    subgradient: str
    epsilon: float | None
    delta: float | None
    tau: float | None
    margin: float
    normalised_margin: float
    loss: float


class History:
    """Callback for `kktcheck.train` that certifies the model whenever it is called; made by `history`."""

    def __init__(self, data, subgradients, loss, kink_tol, allow_weight_decay):
        self.data, self.subgradients, self.loss, self.kink_tol = data, subgradients, loss, kink_tol
        self.forbids_weight_decay = not allow_weight_decay
        self.records = []

    def __call__(self, epoch, model):
        models = model if isinstance(model, (tuple, list)) else (model,)
        datasets = (self.data,) * len(models) if isinstance(self.data, Dataset) else self.data
        if len(datasets) != len(models):
            raise InputError(f"history was given {len(datasets)} datasets but training has {len(models)} networks")
        for network, (net, data) in enumerate(zip(models, datasets, strict=True)):
            margins = net.margins(data)
            loss, margin = float(np.mean(self.loss.value(margins))), float(margins.min())
            for subgradient in self.subgradients:
                numbers = self._certify(net, data, subgradient)
                self.records.append(HistoryRecord(int(epoch), network, subgradient, *numbers, margin, margin / net.norm, loss))

    def _certify(self, net, data, subgradient):
        try:
            certificate = certify(net, data, subgradient=subgradient, kink_tol=self.kink_tol)
        except InfeasibleError:
            return None, None, None
        return certificate.epsilon, certificate.delta, certificate.tau

    def select(self, subgradient, network=0):
        """Records of one convention and one network, in the order of training."""
        check_subgradient(subgradient)
        return tuple(record for record in self.records if record.subgradient == subgradient and record.network == network)

    def summary(self):
        """All records as an aligned text table."""
        rows = [(r.epoch, r.network, r.subgradient, r.epsilon, r.delta, r.margin, r.normalised_margin, r.loss) for r in self.records]
        return table(("epoch", "network", "subgradient", "epsilon", "delta", "margin", "margin/|theta|", "loss"), rows)


def history(data, *, subgradients=SUBGRADIENTS, loss="logistic", kink_tol="auto", allow_weight_decay=False):
    """Callback that records (epsilon, delta, margin, loss) along training, in both subgradient conventions.

    Parameters
    ----------
    data : Dataset or sequence of Dataset
        What the model is trained on (one per network of a batch).
    subgradients : sequence of {"clarke", "indicator"}
        One or both; a single one may be given as a word.
    loss : {"logistic", "exponential"}
    kink_tol : "auto" or float
        As in `certify`.
    allow_weight_decay : bool
        Theorem 2.2 speaks of training without weight decay, so `train` refuses to combine the two unless this is set.

    Returns
    -------
    History
        Pass it as ``callback=`` to `train`; read ``.records``, ``.select(...)`` or ``.summary()`` afterwards.

    Raises
    ------
    InputError
        For data that are no datasets and unknown words, at once; for another number of datasets than networks, in training.

    Notes
    -----
    Theorem 2.2: along gradient flow epsilon and delta tend to 0 once the loss is below 1/m.
    """
    if isinstance(subgradients, str):
        subgradients = (subgradients,)
    if not subgradients:
        raise InputError("no subgradient convention is named: choose 'clarke', 'indicator' or both")
    for subgradient in subgradients:
        check_subgradient(subgradient)
    check_tolerance(kink_tol)
    if not isinstance(data, Dataset):
        data = tuple(data) if isinstance(data, (tuple, list)) else (data,)
        if not data or not all(isinstance(part, Dataset) for part in data):
            raise InputError("data must be a kktcheck.Dataset, or a sequence of one for each network")
    return History(data, tuple(subgradients), losses.get(loss), kink_tol, allow_weight_decay)
