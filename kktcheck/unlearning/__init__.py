"""Unlearning algorithms: each takes (model, data, forget set) and returns a model at the scale it was given."""

from .ascent import gradient_ascent
from .correction import RestoredActivations, restore_activations

__all__ = ["RestoredActivations", "gradient_ascent", "restore_activations"]
