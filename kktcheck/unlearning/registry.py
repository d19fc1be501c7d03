"""The algorithms in the order in which they are compared, each with what it needs and the options it is tuned over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..errors import InputError
from ..models import LinearPredictor
from .amnesiac import amnesiac
from .fine_tuning import fine_tuning, relabelling
from .negative_gradient import advanced_neg_grad, neg_grad, neg_grad_plus
from .newton import newton
from .retraining import retraining
from .single_step import ascent_step, identity
from .sisa import sisa

KINDS = ("linear", "two-layer")


@dataclass(frozen=True, eq=False)
class Algorithm:
    """An unlearning algorithm as it takes part in a comparison.

    Attributes
    ----------
    name : str
    function : callable
        ``function(model, data, forget, *, record=None, rng=None, **options)``; calling the entry itself does the same, after a look at
        the kind of the model.
    needs : {"nothing", "training", "shards"}
        The record it cannot do without: a `Training`, or the `Shards` of `train_shards`. Where nothing is needed, a `Training` still gives the
        defaults of loss and step rule.
    description, reference : str
        One line each.
    kinds : tuple of str
        Which of ``"linear"`` and ``"two-layer"`` models it is for.
    grid : tuple of dict
        Options to choose the best from; a single one if there is nothing to tune.
    """

    name: str
    function: Callable
    needs: str
    description: str
    reference: str
    kinds: tuple = KINDS
    grid: tuple = ({},)

    def __call__(self, model, data, forget, *, record=None, rng=None, **options):
        """The unlearned model; raises `InputError` for a kind of model that the algorithm is not for, else as the function does."""
        if not self.applies_to(model):
            raise InputError(f"{self.name} is for {' and '.join(self.kinds)} models, not for a {type(model).__name__}")
        return self.function(model, data, forget, record=record, rng=rng, **options)

    def applies_to(self, model):
        """Whether the algorithm is for models of this kind."""
        return ("linear" if isinstance(model, LinearPredictor) else "two-layer") in self.kinds


def algorithms():
    """All algorithms, a tuple of `Algorithm` in the order of comparison."""
    return _ALGORITHMS


def get(name):
    """The algorithm of a given name; raises `InputError` with all names for any other."""
    for algorithm in _ALGORITHMS:
        if algorithm.name == name:
            return algorithm
    raise InputError(f"algorithm {name!r} is unknown: choose one of {', '.join(algorithm.name for algorithm in _ALGORITHMS)}")


def _steps(*counts, **others):
    return tuple({"steps": count, **others} for count in counts)


# Plain steps, whose size is that of training, pass the right place within a few epochs: the slope of the loss grows as the margin falls.
# Steps divided by the loss go down at an even pace.
_EVEN = {"normalised": True, "weight_decay": 0.0, "learning_rate": 0.1}

_ASCENT = _steps(100, 300, 1000, 3000) + _steps(50, 100, 150, 200, 250, 300, **_EVEN)
_JOINT = tuple({"beta": beta, **options} for beta in (0.5, 0.95, 0.99) for options in (*_steps(1000, 10000), *_steps(100, 300, 500, **_EVEN)))
_RECOVERY = tuple({"recovery_steps": 1000, **options} for options in _steps(100, 1000)) + tuple(
    {"recovery_steps": recovery, **options} for recovery in (1000, 10000) for options in _steps(50, 100, 150, **_EVEN)
)
_FINE_TUNING = _steps(100, 1000, 10000) + _steps(100, 1000, 10000, **_EVEN)
_RELABELLING = _steps(10, 30, 60, 100, 130, 200, 1000)

_PAPER = "Sections 3 to 5 of the paper"
_GOLATKAR = "Golatkar, Achille and Soatto, CVPR 2020"
_GRAVES = "Graves, Nagisetty and Ganesh, AAAI 2021"

_ALGORITHMS = (
    Algorithm("identity", identity, "nothing", "doing nothing", "none"),
    Algorithm("gradient-ascent", ascent_step, "nothing", "one ascent step of the paper's size", _PAPER),
    Algorithm(
        "gradient-ascent-corrected",
        partial(ascent_step, method="corrected"),
        "nothing",
        "the step, then the paper's correction of the retained activations",
        "Section 4.1 and Appendix C of the paper",
        ("two-layer",),
    ),
    Algorithm(
        "gradient-ascent-projected",
        partial(ascent_step, method="projected"),
        "nothing",
        "the step along what is outside the span of the retained points",
        "kktcheck",
    ),
    Algorithm("neg-grad", neg_grad, "nothing", "many small ascent steps on the forgotten points", _GOLATKAR, grid=_ASCENT),
    Algorithm(
        "neg-grad-plus",
        neg_grad_plus,
        "nothing",
        "descent on the retained loss minus the forgotten loss, weighted",
        "Kurmanji et al., NeurIPS 2023",
        grid=_JOINT,
    ),
    Algorithm(
        "advanced-neg-grad",
        advanced_neg_grad,
        "nothing",
        "descent on the retained loss minus the forgotten loss, then recovery",
        "Choi and Na, 2023",
        grid=_RECOVERY,
    ),
    Algorithm("fine-tuning", fine_tuning, "nothing", "training on with the retained points alone", _GOLATKAR, grid=_FINE_TUNING),
    Algorithm("relabelling", relabelling, "nothing", "training on with the labels of the forgotten points flipped", _GRAVES, grid=_RELABELLING),
    Algorithm("amnesiac", amnesiac, "training", "subtracting the recorded updates of the forgotten points", _GRAVES),
    Algorithm("sisa", sisa, "shards", "retraining the shards that held a forgotten point", "Bourtoule et al., IEEE S&P 2021"),
    Algorithm("retraining", retraining, "training", "training from scratch without them, same initialisation", "none"),
    Algorithm("retraining-other", partial(retraining, initial="other"), "training", "training from scratch, another initialisation", "none"),
    Algorithm(
        "newton",
        newton,
        "training",
        "a Newton step on the regularised retained loss",
        "Guo, Goldstein, Hannun and van der Maaten, ICML 2020",
        ("linear",),
        ({"gradient": "forgotten"}, {"gradient": "retained"}),
    ),
)
