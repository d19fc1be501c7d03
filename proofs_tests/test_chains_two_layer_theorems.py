"""Chains of Theorems 4.1 and C.1 and of Remark C.1: what ours prove, where the printed ones break, and whether the bounds they give are bounds."""

import functools

import pytest

from kktcheck import claims
from kktcheck.audit.chains import Judge

pytest.importorskip("flint")
MINE = ("theorem-4.1", "theorem-C.1", "remark-C.1")
CHAINS = {chain.id: chain for chain in claims.chains() if chain.id.startswith(MINE)}
OURS = [id for id, chain in CHAINS.items() if chain.author == "ours"]


@functools.cache
def judge():
    """One judge for all tests; instances are no evidence here, so nothing that is only sampled counts as proved."""
    return Judge(lambda id: None)


@pytest.mark.parametrize("id", OURS)
def test_every_chain_of_ours_proves_its_statements(id):
    verdict = judge().verdict(CHAINS[id])
    assert verdict.word == "proved", [(link.mark, link.claim, link.note) for link in verdict.links if link.mark not in ("proved", "argued")]
