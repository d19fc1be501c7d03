"""Links between constants of the sharper proofs: one percent below the supremum of its ratio each is refuted by a rational point."""

from dataclasses import replace

import pytest

from kktcheck.audit import proofs
from kktcheck.claims import sharper

#: Supremum of smaller / larger side over the box, by chain and link; those that vanish on both sides go through their parts and are not here.
SUPREMA = {
    "multipliers-two-layer/size/derivation/positive": 1.0, "multipliers-two-layer/mass/derivation/grows": 0.2434,
    "two-layer/epsilon/derivation/floor": 1.0, "multipliers-linear/largest/derivation/positive": 1.0,
    "multipliers-linear/largest/derivation/grows": 0.2434, "linear/plain/derivation/move": 0.95683,
    "linear/projected/epsilon/derivation/floor": 1.0, "linear/absorbed/derivation/floor": 0.742857, "linear/absorbed/derivation/dual": 0.141537,
    "linear/cosine/derivation/support": 0.961538, "linear/paper/derivation/both": 0.868393, "linear/paper/derivation/even": 0.997304,
    "linear/paper/derivation/norm": 0.927083, "identity-two-layer/derivation/floor": 1.0, "identity-linear/derivation/floor": 1.0,
}  # fmt: skip
LINKS = {claim.id: claim for chain in sharper.CHAINS for claim in chain.claims()}


def scaled(claim, share):
    """The claim with its larger side times ``share``."""
    small, large = claim.ordered
    return replace(claim, parts=(), direction="upper", left=small, right=lambda p: large(p) * p.q(f"{share:.6f}"))


@pytest.mark.parametrize("id", sorted(SUPREMA))
def test_a_constant_a_percent_better_is_refuted_and_one_a_percent_worse_is_proved(id):
    claim, supremum = LINKS[f"sharper/{id}"], SUPREMA[id]
    found = proofs.prove(scaled(claim, 0.99 * supremum))
    assert found.word == "refuted" and found.point.is_exact
    assert proofs.prove(scaled(claim, 1.01 * supremum)).word == "proved"
