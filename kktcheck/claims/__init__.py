"""Every statement of the paper, and every load-bearing step of its proofs, as a claim that can be attacked.

A package or module per appendix: `data` (Section 2, Figure 1, A), `linear` (B), `two_layer` (C), `mixture` (D). `claim` says what a claim is,
`hypotheses` holds the paper's definitions, `registry` finds claims.
"""

from . import data, linear, mixture, two_layer
from .claim import Claim, Hypothesis, Link, Reading
from .registry import all, get, matching, register

register(*data.CLAIMS, *linear.CLAIMS, *two_layer.CLAIMS, *mixture.CLAIMS)

__all__ = ["Claim", "Hypothesis", "Link", "Reading", "all", "get", "matching"]
