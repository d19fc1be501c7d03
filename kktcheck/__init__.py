"""kktcheck: certificates and a referee for unlearning theory built on KKT points of the max-margin problem."""

import importlib

from . import losses, sampling, unlearning
from .answers import Multipliers
from .assess_each import SetAssessment, assess_each
from .auc import AUC, membership_auc
from .certificate import Certificate, Rescaled, certify
from .dataset import Dataset
from .errors import (
    FileError,
    InfeasibleError,
    InputError,
    KKTCheckError,
    KKTCheckWarning,
    MemoryLimitError,
    MissingDependencyError,
    NotSeparableError,
    SolverError,
)
from .files import load_dataset, load_model, save_dataset, save_model
from .guarantees import Condition, Guarantee, guarantee
from .influence import ResidualInfluence, residual_influence
from .kinks import Kinks
from .kkt_point import KKTPoint, kkt_point
from .margin import MaxMargin, max_margin
from .membership import MembershipTest, membership_test
from .models import LinearPredictor, TwoLayerReLU
from .multipliers import recover_multipliers
from .residuals import Residuals, kkt_residuals
from .retrain_each import Retrained, retrain_each
from .success import Assessment, assess
from .trade_off import TradeOff, trade_off
from .training import Training, TrainingInterrupted, random_network, train
from .trajectory import History, HistoryRecord, history
from .unlearning import RestoredActivations, gradient_ascent, restore_activations
from .witnesses import Witness

__version__ = "0.1.0"

__all__ = [
    "AUC",
    "Assessment",
    "Certificate",
    "Condition",
    "Dataset",
    "FileError",
    "Guarantee",
    "History",
    "HistoryRecord",
    "InfeasibleError",
    "InputError",
    "KKTCheckError",
    "KKTCheckWarning",
    "KKTPoint",
    "Kinks",
    "LinearPredictor",
    "MaxMargin",
    "MembershipTest",
    "MemoryLimitError",
    "MissingDependencyError",
    "Multipliers",
    "NotSeparableError",
    "Rescaled",
    "ResidualInfluence",
    "Residuals",
    "RestoredActivations",
    "Retrained",
    "SetAssessment",
    "SolverError",
    "TradeOff",
    "Training",
    "TrainingInterrupted",
    "TwoLayerReLU",
    "Witness",
    "assess",
    "assess_each",
    "audit",
    "certify",
    "claims",
    "gradient_ascent",
    "guarantee",
    "history",
    "kkt_point",
    "kkt_residuals",
    "load_dataset",
    "load_model",
    "losses",
    "max_margin",
    "membership_auc",
    "membership_test",
    "random_network",
    "recover_multipliers",
    "residual_influence",
    "restore_activations",
    "retrain_each",
    "sampling",
    "save_dataset",
    "save_model",
    "strategies",
    "trade_off",
    "train",
    "unlearning",
]

#: Loaded when first asked for: the claims are many, and the strategies need Hypothesis.
_LATER = ("audit", "claims", "strategies")


def __getattr__(name):
    if name in _LATER:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_LATER})
