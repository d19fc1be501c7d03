"""Appendix B and Section 3: linear predictors.

`lemmas` (B.1, B.2) and `rescaling` (B.3), `theorems` and `cosine` (3.1 and B.1) with the steps of their proofs, `identity` (Remark B.1) with
its; `signs` has steps that drop the labels, `entries` and `identity_entries` those where our own proofs start; `forgetting` and `pairs` hold
what several of them measure.
"""

from . import cosine, entries, identity, identity_entries, identity_norms, identity_proof, lemmas, rescaling, signs, theorems

CLAIMS = (
    *lemmas.CLAIMS,
    *rescaling.CLAIMS,
    *theorems.CLAIMS,
    *cosine.CLAIMS,
    *identity.CLAIMS,
    *identity_proof.CLAIMS,
    *identity_norms.CLAIMS,
    *signs.CLAIMS,
    *entries.CLAIMS,
    *identity_entries.CLAIMS,
)
