"""kktcheck: certificates and a referee for unlearning theory built on KKT points of the max-margin problem."""

from . import losses, sampling, unlearning
from .answers import Multipliers
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
    SolverError,
)
from .files import load_dataset, load_model, save_dataset, save_model
from .kinks import Kinks
from .models import LinearPredictor, TwoLayerReLU
from .multipliers import recover_multipliers
from .residuals import Residuals, kkt_residuals
from .training import Training, TrainingInterrupted, random_network, train
from .trajectory import History, HistoryRecord, history
from .unlearning import RestoredActivations, gradient_ascent, restore_activations

__version__ = "0.1.0"

__all__ = [
    "Certificate",
    "Dataset",
    "FileError",
    "History",
    "HistoryRecord",
    "InfeasibleError",
    "InputError",
    "KKTCheckError",
    "KKTCheckWarning",
    "Kinks",
    "LinearPredictor",
    "MemoryLimitError",
    "MissingDependencyError",
    "Multipliers",
    "Rescaled",
    "Residuals",
    "RestoredActivations",
    "SolverError",
    "Training",
    "TrainingInterrupted",
    "TwoLayerReLU",
    "certify",
    "gradient_ascent",
    "history",
    "kkt_residuals",
    "load_dataset",
    "load_model",
    "losses",
    "random_network",
    "recover_multipliers",
    "restore_activations",
    "sampling",
    "save_dataset",
    "save_model",
    "train",
    "unlearning",
]
