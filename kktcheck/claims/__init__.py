"""Every statement of the paper, and every load-bearing step of its proofs, as a claim that can be attacked.

A package or module per appendix: `data` (Section 2, Figure 1, A), `linear` (B), `two_layer` (C), `mixture` (D); `sharper` holds theorems of ours
that say more. `claim` says what a claim is, `hypotheses` holds the paper's definitions, `registry` finds claims. `chains` holds the proofs of B and C
link by link, `chain` says what those are.
"""

from . import chains as proofs
from . import data, linear, mixture, sharper, two_layer
from .chain import Box, Chain, Link
from .claim import Claim, Hypothesis, Part, Reading
from .registry import all, chains, get, matching, register, register_chains

register(*data.CLAIMS, *linear.CLAIMS, *two_layer.CLAIMS, *mixture.CLAIMS, *sharper.CLAIMS)
register_chains(*proofs.CHAINS, *sharper.CHAINS)

__all__ = ["Box", "Chain", "Claim", "Hypothesis", "Link", "Part", "Reading", "all", "chains", "get", "matching"]
