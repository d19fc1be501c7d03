"""The ledger in a few lines: every claim is counted once, and a finding says what the ledger says."""

import pytest

import kktcheck as kc
from kktcheck.audit.findings import finding, overview
from kktcheck.audit.ledger import Ledger, committed


def test_the_overview_counts_every_claim_once():
    rows = [line.split() for line in overview().splitlines()[2:]]
    assert sum(int(word) for row in rows for word in row if word.isdigit()) == len(committed().entries) == len(kc.claims.all())


@pytest.mark.parametrize("claim", [claim for claim in kc.claims.all() if claim.kind in ("lemma", "theorem", "remark")], ids=lambda claim: claim.id)
def test_a_finding_says_what_the_ledger_says(claim):
    entry, text = committed().entries[claim.id], finding(claim.id)
    assert text.startswith(f"{claim.id}: {entry['verdict']}\n")
    assert ("Witness: " in text) == (entry["verdict"] == "refuted")
    assert (claim.corrected_by in text) if claim.corrected_by else "Nearest" not in text


def test_a_claim_that_is_unknown_or_was_never_judged_is_named():
    with pytest.raises(kc.InputError, match="near ones: lemma-B.1"):
        finding("lemma-B.11")
    with pytest.raises(kc.InputError, match="no verdict on 'lemma-B.1'"):
        finding("lemma-B.1", Ledger({}, "an empty one"))
