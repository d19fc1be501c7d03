"""Unlearning algorithms behind one interface, (model, data, forget, *, record=None, rng=None) -> model at the scale it was given."""

from .amnesiac import amnesiac
from .ascent import gradient_ascent
from .correction import RestoredActivations, restore_activations
from .fine_tuning import fine_tuning, relabelling
from .negative_gradient import advanced_neg_grad, neg_grad, neg_grad_plus
from .newton import newton
from .registry import Algorithm, algorithms, get
from .retraining import retraining
from .single_step import ascent_step, identity
from .sisa import Shard, Shards, sisa, train_shards

__all__ = [
    "Algorithm",
    "RestoredActivations",
    "Shard",
    "Shards",
    "advanced_neg_grad",
    "algorithms",
    "amnesiac",
    "ascent_step",
    "fine_tuning",
    "get",
    "gradient_ascent",
    "identity",
    "neg_grad",
    "neg_grad_plus",
    "newton",
    "relabelling",
    "restore_activations",
    "retraining",
    "sisa",
    "train_shards",
]
