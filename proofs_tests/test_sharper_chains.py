"""The sharper theorems: claims hold on drawn points, every chain is proved, and every theorem has one."""

import pytest

from kktcheck import claims
from kktcheck.audit.chains import Judge
from kktcheck.claims import sharper

from .claim_checks import check_holds, selected

pytest.importorskip("flint")
#: Without the links of chains, which are between constants.
CLAIMS = [id for id in selected("sharper/") if "/derivation/" not in id]


@pytest.fixture(scope="module")
def judge():
    """Instances speak for nothing here."""
    return Judge(lambda id: None)


@pytest.mark.parametrize("id", [id for id in CLAIMS if claims.get(id).family is not None])
def test_what_holds_holds(id):
    check_holds(id, 8)


@pytest.mark.parametrize("chain", sharper.CHAINS, ids=lambda chain: chain.id)
def test_every_chain_is_proved(chain, judge):
    assert judge.verdict(chain).word == "proved"


@pytest.mark.parametrize("id", [id for id in CLAIMS if "/proof/" not in id])
def test_every_theorem_has_a_proof(id, judge):
    assert judge.proof_of(id) is not None
