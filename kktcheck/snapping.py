"""Snapping a model onto its kinks, and how far that is."""

import math

import numpy as np

from . import kinks as kink_search
from .errors import InputError
from .models import LinearPredictor


def angle_gap(first, second):
    """1 - cos of the angle between two models, as 1/2 | a/|a| - b/|b| |**2 (never 1 - cos, which loses half the digits)."""
    total = 0.0
    for start in range(0, first.num_neurons, kink_search.ROWS):
        rows = slice(start, start + kink_search.ROWS)
        gap = first.hidden[rows] / first.norm - second.hidden[rows] / second.norm
        total += float(np.einsum("ij,ij->", gap, gap))  # not vdot: waking BLAS threads for so little costs more
    return 0.5 * total


def snap(model, data, subgradient, kink_tol, block=None):
    """The model projected onto its kinks and marked with them, the kinks, and tau from the model given."""
    if subgradient == "indicator" or isinstance(model, LinearPredictor):
        return model, kink_search.NO_KINKS, 0.0
    mask, tolerance, plateau, source = kink_search.find(model, data, kink_tol, block)
    count = int(mask.sum())
    if source == "model":
        return model, kink_search.Kinks(mask, count, tolerance, plateau, source), 0.0
    if not count:
        return model.with_kinks(mask), kink_search.Kinks(mask, 0, tolerance, plateau, source), 0.0
    W, zeroed = kink_search.project(model.W, mask, data)
    norm = math.sqrt(np.vdot(W, W))
    if not norm:
        raise InputError(f"projecting onto the {count} kinks found leaves no weight: every neuron would be zero; take a smaller kink_tol")
    mask.setflags(write=False)
    snapped = model.of_norm(W, norm, mask)
    return snapped, kink_search.Kinks(mask, count, tolerance, plateau, source, zeroed), angle_gap(model, snapped)
