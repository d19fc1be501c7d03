"""Every statement of the paper, and every load-bearing step of its proofs, as a claim that can be attacked.

One module per appendix and topic holds the claims, here in the order of the paper; `claim` says what a claim is, `hypotheses` holds the
paper's definitions, `registry` finds claims.
"""

from . import (  # noqa: F401  each module registers its claims
    convergence,
    data,
    figure1,
    linear,
    linear_identity,
    linear_theorems,
    mixture,
    two_layer,
    two_layer_arithmetic,
    two_layer_construction,
    two_layer_identity,
    two_layer_identity_steps,
    two_layer_proofs,
    two_layer_theorems,
)
from .claim import Claim, Hypothesis, Reading
from .registry import all, get, matching

__all__ = ["Claim", "Hypothesis", "Reading", "all", "get", "matching"]
