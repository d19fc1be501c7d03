"""The audit in words, as a page and as JUnit XML: everything is there, nothing from a claim's text is taken for markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import kktcheck as kc
from kktcheck.audit import ledger, readable, report
from kktcheck.audit.result import Audit
from kktcheck.audit.verdict import Verdict

from . import paper_instances as small_paper
from .audit_instances import one_of_each, planted

NASTY = "</pre><script>alert('a & \"b\"')</script>\x07"
#: Elements that end by themselves.
VOID = {"meta", "input", "br", "wbr"}


@pytest.fixture(scope="module")
def judged():
    return kc.audit(one_of_each(), budget="quick")


@pytest.fixture(scope="module")
def contradicted(judged):
    """A ledger that agrees but for the claim "true", which it calls refuted."""
    entries = {verdict.id: {"verdict": verdict.verdict, "budgets": {}} for verdict in judged}
    return ledger.Ledger({**entries, "true": {"verdict": "refuted", "budgets": {}}}, "here")


class Page(HTMLParser):
    """Checks that elements close in order; collects ids, addresses, and the text by element."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.addresses, self.text = [], [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        self.addresses += [value for name, value in attributes if name in ("href", "src")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)


# the terminal


def test_the_table_has_a_line_per_claim_and_the_counts(judged, contradicted):
    lines = judged.summary(contradicted).splitlines()
    rows = {line.split()[0]: line for line in lines[2:8]}
    assert list(rows) == [verdict.id for verdict in judged]
    assert re.search(r"false +refuted +[1-9][.0-9]+ +\d+ +agrees +corrected by true", rows["false"])
    assert rows["true"].endswith("contradicts  the ledger: refuted")
    assert "none of" in rows["empty"] and rows["later"].endswith("its law is computed elsewhere")
    assert "6 claims: 2 holds, 1 refuted, 1 vacuous, 1 inconclusive, 1 not run. Budget quick, seed 0" in lines[9]
    assert lines[-1] == "against the ledger: 5 agree, 1 CONTRADICT IT"
    assert judged.summary().splitlines()[-1] == "against the ledger: 6 new"


def test_an_audit_of_nothing_has_a_table_too():
    assert "0 claims" in kc.audit([]).summary() and kc.audit([]).to_json().split() == ["[", "]"]


def test_the_text_of_a_claim_says_everything(judged):
    claim = one_of_each()[2]
    entry = ledger._entry(None, judged.verdict("false"), "quick")
    text = report.claim_text(claim, entry, ["false/proof/step"])
    for part in (claim.statement, claim.latex, claim.hypotheses[0].name, claim.family.name, "left <= right (upper); printed constant 1"):
        assert part in text
    assert "verdict: refuted" in text and "corrected by true" in text and "  the margins\n  are at least 1" in text and "  false/proof/step" in text
    assert "right = 1" in text and "gram =" in text
    assert re.search(r"extremes +refuted +[\d.]+ +\d+", text)
    assert "not in the ledger: kktcheck audit judges it" in report.claim_text(claim, None, [])


def test_numbers_are_exact_where_short_and_rounded_where_long():
    shown = ["1/2", "~0.333333", "~1e+400", "words that are no number"]
    found = [readable.number(value) for value in ("1/2", f"{10**20}/{3 * 10**20}", "1" + "0" * 400, shown[3])]
    assert found == ["1/2", "~0.333333", "100000000000...", "words that a..."]
    assert readable.number(7) == "7"


def test_large_arrays_are_cut_and_say_so():
    record = {"kind": "linear", "gram": [["1"] * 30] * 30, "labels": [1] * 30, "epsilon": "0"}
    found = dict(readable.fields(record))
    assert list(found) == ["gram", "labels", "epsilon"] and len(found["gram"]) == 17 and found["gram"][0][16] == "... (30)"
    assert found["gram"][16] == ["... 30 rows"] and found["labels"].endswith("1  ... (30)")
    assert len(dict(readable.fields(record, 30))["gram"]) == 30
    assert readable.aligned([["1", "10"], ["100", "1"]]) == ["  1  10", "100   1"]


# the page


def test_the_page_is_whole_and_needs_nothing_else(judged, contradicted):
    text = judged.to_html(contradicted)
    page = Page(text)
    assert [id for id in page.ids if id in WORDS_BY_ID] == list(WORDS_BY_ID)
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"https?://|@import|url\(", text)
    assert 'Contradicts the ledger: <a href="#true">true</a>' in text
    witness = judged.verdict("false").witness
    assert f"<b>{witness['left']}</b>" in text and "<caption>gram</caption>" in text
    assert text.count("<circle ") == sum(verdict.worst_ratio is not None for verdict in judged)
    for part in ("Coverage:", "epsilon_d", "the margins\nare at least 1", r"\max_i \lambda_i \leq 1", "its law is computed elsewhere"):
        assert part in text, part


WORDS_BY_ID = {claim.id: claim for claim in one_of_each()}


def test_the_page_agreeing_with_the_ledger_raises_no_alarm(judged):
    assert "Contradicts the ledger" not in judged.to_html()


def nasty_audit():
    claim = planted(f"nasty{NASTY}", bound="1", source=NASTY, latex=NASTY, derivation=NASTY, corrected_by=NASTY, kind="ours")
    claim = replace(claim, statement=NASTY, constant=NASTY, hypotheses=(replace(claim.hypotheses[0], name=NASTY),))
    found = kc.audit(claim, budget="quick")
    return Audit((replace(found[0], note=NASTY),), (claim,), "quick", 0)


def test_nothing_in_a_claim_is_taken_for_markup():
    audit = nasty_audit()
    page = Page(audit.to_html())
    assert len(page.text["script"]) == 1 and "alert" not in page.text["script"][0]
    root = ElementTree.fromstring(audit.to_junit().encode())
    assert root.find(".//testcase").get("name") == "nasty" + NASTY.replace("\x07", "\N{REPLACEMENT CHARACTER}")
    assert "alert" in audit.summary() and NASTY in report.claim_text(audit.claims[0], None, [])


def test_infinite_ratios_stand_in_every_report(judged):
    odd = Audit((replace(judged.verdict("false"), worst_ratio=float("inf"), hypotheses_margin=float("inf")),), (one_of_each()[2],), "quick", 0)
    Page(odd.to_html())
    assert "inf" in odd.summary() and '"worst_ratio": "inf"' in odd.to_json()
    ElementTree.fromstring(odd.to_junit().encode())


# continuous integration


def test_junit_has_a_case_per_claim_and_a_failure_where_the_ledger_is_contradicted(judged, contradicted):
    root = ElementTree.fromstring(judged.to_junit(contradicted).encode())
    suite = root.find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("6", "1", "0", "1")
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert list(cases) == [verdict.id for verdict in judged]
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["true"]
    assert [name for name, case in cases.items() if case.find("skipped") is not None] == ["later"]
    assert cases["true"].find("failure").get("message") == "holds; the ledger: refuted"
    assert float(cases["true"].get("time")) >= 0 and cases["true"].get("classname") == "kktcheck.ours"


# proofs on the page


@pytest.fixture
def proved(monkeypatch):
    """The page's text of a claim of the small paper, with the verdict and note given."""
    small_paper.plant(monkeypatch)

    def page(id, verdict, ledger, note="by the chain broken/derivation: 2 links", engines=None):
        claim = kc.claims.get(id)
        attacks = {"extremes": {"tried": 8, "met": 7, "worst": 0.5, "refuted": False}, **(engines or {})}
        found = Verdict(id, claim.source, claim.kind, verdict, 0.5, 7, 8, engines=attacks, note=note)
        text = Audit((found,), (claim,), "default", 0).to_html(ledger)
        Page(text)
        return text

    return page


def test_a_claim_proved_by_a_chain_shows_it_link_by_link(proved):
    text = proved("broken", "proved", small_paper.ledger())
    assert "Proof, link by link" in text and "so it is after all" in text and "it does not follow" not in text
    links = text[text.index('<ol class="chain">') : text.index("</ol>")]
    assert re.findall(r'<span class="mark (\w+)" title="\w+">(.)</span>', links) == [("proved", "+"), ("argued", ".")]
    assert links.count("it is in the box") == 1 and "b = c" in links


def test_a_chain_without_marks_says_so_and_one_that_proves_nothing_is_not_shown(proved):
    ledger = small_paper.ledger()
    assert "Proof, link by link" not in proved("broken", "holds", ledger) and "Proof, link by link" not in proved(
        "sound/version/sharper", "proved", ledger
    )
    assert "Proof, link by link" not in proved("literal", "proved", ledger, note="by intervals")
    bare = proved("broken", "proved", replace(ledger, chains={}))
    assert "the ledger has no marks for this chain" in bare and 'class="mark not-judged"' in bare and "broken/proof" not in bare


def test_interval_arithmetic_counts_boxes_and_not_instances(proved):
    boxes = {"intervals": {"tried": 17, "met": 17, "worst": None, "refuted": False}}
    text = proved("broken", "proved", small_paper.ledger(), engines=boxes)
    assert "<td>intervals</td><td>17</td><td>no</td><td>yes</td>" in text and "<td>extremes</td><td>8</td><td>7</td><td>0.5</td><td>no</td>" in text
    assert text.count("<td>intervals</td>") == 1 and "<th>boxes</th>" in text
    assert "Interval arithmetic" not in proved("broken", "holds", small_paper.ledger())
