"""Appendix C and Section 4: two-layer ReLU networks.

`lemmas` (C.1 to C.6) with `versions` (other readings), `sharper` (constants of ours) and ``lemma_proofs*`` (steps), `theorems` (4.1 and C.1, and
a proof that carries them), `construction` and `arithmetic` (the printed proof), `identity` (Remark C.1) with its steps; `parts`, `cases`,
`extremes` and `forgetting` hold what several of them measure.
"""

from . import (
    arithmetic,
    construction,
    entries,
    identity,
    identity_steps,
    lemma_proofs,
    lemma_proofs_drift,
    lemma_proofs_least,
    lemma_proofs_total,
    lemmas,
    sharper,
    theorems,
    versions,
)

CLAIMS = (
    *lemmas.CLAIMS,
    *versions.CLAIMS,
    *sharper.CLAIMS,
    *lemma_proofs.CLAIMS,
    *lemma_proofs_total.CLAIMS,
    *lemma_proofs_least.CLAIMS,
    *lemma_proofs_drift.CLAIMS,
    *theorems.CLAIMS,
    *construction.CLAIMS,
    *arithmetic.CLAIMS,
    *entries.CLAIMS,
    *identity.CLAIMS,
    *identity_steps.CLAIMS,
)
