"""The referee's report: each word and tag on a planted paper, nothing taken for markup, the same bytes from the same ledger."""

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kktcheck import claims as library
from kktcheck.audit import ledger as ledgers
from kktcheck.audit import paper_ours
from kktcheck.audit import paper_words as words
from kktcheck.audit.constants_plot import plot
from kktcheck.audit.paper import STATEMENTS, WORDS, read_paper
from kktcheck.audit.paper_html import page
from kktcheck.audit.paper_ours import comparison_tables
from kktcheck.audit.paper_rst import document, escaped, literal, paragraph
from kktcheck.audit.paper_text import records, summary
from kktcheck.claims import registry
from kktcheck.claims.sharper import comparison
from kktcheck.errors import FileError

from . import paper_instances as planted
from .audit_instances import strict_json
from .test_audit_report import NASTY, Page

NASTY_TEXT = f"{NASTY} a < b & *c* `d` _e_ |f| :: **g** \\h f_ [1]_"


@pytest.fixture
def small(monkeypatch):
    planted.plant(monkeypatch)
    return planted.ledger()


def found(ledger):
    return {statement.id: statement for statement in read_paper(ledger).statements}


# words and tags


def test_each_statement_gets_its_word_and_tags(small):
    assert {id: (statement.word, statement.tags) for id, statement in found(small).items()} == {
        "sound": ("sound", ("sampled evidence", "sharpened")),
        "literal": ("sound, printed proof broken", ("sampled evidence",)),
        "broken": ("sound, printed proof broken", ("proved",)),
        "group/a": ("sound, printed proof broken", ("sampled evidence",)),
        "group/b": ("sound, printed proof broken", ("sampled evidence",)),
        "false": ("refuted", ("corrected", "sharpened")),
        "chance": ("not judged", ()),
        "doubtful": ("not judged", ()),
        "new": ("not judged", ()),
    }
    paper = read_paper(small)
    assert [len(paper.of(word)) for word in WORDS] == [1, 4, 1, 3] and paper.contradictions == ()
    counts = "9 statements: 1 sound; 4 sound, printed proof broken; 1 refuted; 3 not judged. Of the sound ones 1 are proved, 4 rest on"
    assert words.counted(paper).startswith(counts)


def test_broken_steps_come_from_the_chain_the_proof_and_a_shared_proof(small):
    broken = {id: [step.judged.id for step in statement.broken] for id, statement in found(small).items() if statement.broken}
    assert broken == {
        "literal": ["literal/proof/slip/version/literal"],
        "broken": ["broken/proof/half", "broken/proof/lost"],
        "group/a": ["group/proof/shared"],
        "group/b": ["group/b/proof/own", "group/proof/shared"],
        "chance": ["chance/proof/step"],
    }
    step, lost = found(small)["broken"].broken
    assert step.formula == "epsilon <= 1/2" and step.corrected.id == "sound" and lost.formula == "what broken/proof/lost says"
    sentence = words.broken_sentence(lost, found(small)["broken"])
    assert sentence == "proof/lost: what broken/proof/lost says [11/7 where <= 1.25 is claimed] -> proof/lost/corrected (holds)"
    assert "(read word for word)" in words.broken_sentence(found(small)["literal"].broken[0], found(small)["literal"])


def test_a_refuted_link_breaks_a_proof_whose_marks_are_missing(small):
    bare = replace(small, chains={})
    assert found(bare)["broken"].word == "sound, printed proof broken" and "broken/proof/half" in [s.judged.id for s in found(bare)["broken"].broken]
    assert [chain.word for chain in found(bare)["broken"].chains] == ["not judged", "not judged"]
    assert found(bare)["literal"].word == "sound, printed proof broken"
    assert "enters them" in found(bare)["broken"].chains[0].note and read_paper(bare).constants == ()


def test_marks_of_another_version_of_a_chain_are_not_believed(small):
    for marks in (".x", ".x..", ".y."):
        chain = found(replace(small, chains={**small.chains, "broken/proof": {"verdict": "proved", "marks": marks}}))["broken"].chains[0]
        assert chain.word == "not judged" and "another version" in chain.note and {link.mark for link in chain.links} == {"not judged"}


def test_what_repairs_a_proof(small):
    repairs = {id: words.repairs(statement) for id, statement in found(small).items() if statement.broken}
    assert repairs["broken"] == ("our chain broken/derivation proves it (2 links: 1 proved, 1 argued)",)
    assert repairs["literal"][0] == "our chain literal/derivation is open (1 link: 1 sampled)" and "nothing yet" in repairs["literal"][1]
    assert "not proved yet" in repairs["group/a"][0] and "nothing yet" in repairs["group/b"][0]
    assert "no marks in the ledger" in words.repairs(found(replace(small, chains={}))["literal"])[0]


def test_what_is_known_of_a_printed_proof(small):
    proofs = {id: words.proof_sentence(statement) for id, statement in found(small).items()}
    assert proofs["broken"] == "broken/proof is broken: 3 links: 2 argued, 1 refuted"
    assert proofs["group/b"] == "2 steps of it judged, 2 refuted; it is not followed link by link" and proofs["group/a"].startswith("1 step of it")
    assert proofs["new"] == "no step of it has a verdict: the statement alone was judged"


def test_corrections_and_witnesses(small):
    statement = found(small)["false"]
    assert words.correction_sentence(statement.corrected, "1") == "false/corrected (proved; constant 1 -> 2): what false/corrected says"
    assert words.witness_sentence(statement.judged) == "11/7 where <= 1.25 is claimed: two-layer, m = 2, n = 1, epsilon = 1/3, delta = 0"
    assert words.evidence_sentence(found(small)["broken"].judged) == "proved: by boxes; 1234 instances, worst ratio 0.5"
    assert words.evidence_sentence(found(small)["sound"].judged) == "holds: 1234 instances, worst ratio 0.5"
    assert words.evidence_sentence(found(small)["chance"].judged) == "not run: a statement about a probability"
    assert words.evidence_sentence(found(small)["new"].judged) == "not judged: the ledger has no verdict on it"


def test_sharpened_by_a_chain_a_version_and_beside_a_correction(small):
    rows = words.sharpened_table(read_paper(small).statements).rows
    assert rows == (
        ("sound", "3", "2.37 to 2.4", "by a factor 1.25", "sound/proof", "proved"),
        ("sound", "3", "2.5", "", "sound/version/sharper", "holds"),
        ("sound", "3", "2", "under epsilon is at most 1/2 as well", "sound/version/narrower", "holds"),
        ("false/corrected", "2", "1.9", "", "false/version/sharper", "holds"),
    )


def test_a_narrower_version_alone_does_not_sharpen(small):
    changes = {id: planted.entry("refuted") for id in ("sound/version/sharper",)}
    assert "sharpened" not in found(replace(planted.ledger(**changes), chains={}))["sound"].tags


def test_constants_of_chains_that_are_not_proved_are_not_called_proved(small):
    rows = {row[0]: row[1:] for row in words.constants_table(read_paper(small).constants).rows}
    assert rows["sound"] == ("3", "2.37 to 2.4", "1.5", "1.6", "sound/proof")
    assert rows["broken"][:4] == ("1 (share)", "1.2 to 1.25", "-", "-")
    assert rows["literal"] == ("7", "14 to 17.5", "28", "2", "literal/derivation (open: the constant is not proved)")
    assert not found(small)["literal"].constants[0].is_sharper


@pytest.mark.parametrize(
    ("low", "high", "lower", "text"),
    [
        (0.73, 0.73, False, "2.19"),
        (0.7320486, 0.7320487, False, "2.19615"),
        (0.7320486, 0.7320487, True, "4.09808"),
        (1.0, 1.000001, False, "3.00001"),
        (0.5, 0.50001, False, "1.5 to 1.501"),
        (0.5, float("inf"), False, "above 1.5"),
        (0.0, 0.5, True, "above 6"),
    ],
)
def test_a_proved_constant_is_rounded_to_where_it_is_proved(small, low, high, lower, text):
    constant = read_paper(small).constants[0]
    assert words.proved_constant(replace(constant, best=replace(constant.best, low=low, high=high, lower=lower))) == text


# what cannot be true together


def test_contradictions_are_found(small):
    worse = {**small.chains["sound/proof"], "constant": planted.constant("sound/proof", "sound", 0.79, 0.8, 0.9, 3.0)}
    statement = found(replace(small, chains={**small.chains, "sound/proof": worse}))["sound"]
    assert "contradiction" in statement.tags and "attains 0.9 of the printed bound" in statement.contradictions[0]
    open_chain = {**worse, "verdict": "open"}
    assert not found(replace(small, chains={**small.chains, "sound/proof": open_chain}))["sound"].contradictions
    refuted = found(planted.ledger(broken=planted.entry("refuted")))["broken"]
    assert refuted.contradictions == ("broken is refuted, and the chain broken/derivation is called proved",)
    both = planted.entry("refuted")
    both["budgets"]["intervals"] = {"verdict": "proved", "engines": {}}
    assert "proved by intervals" in found(planted.ledger(doubtful=both))["doubtful"].contradictions[0]
    twice = read_paper(planted.ledger(**{"false/corrected": planted.entry("refuted")}))
    assert "named as what is true instead" in twice.contradictions[0] and "corrected" not in twice.of("refuted")[0].tags
    for text in (page(twice, small), document(twice, small), summary(twice)):
        assert "named as what is true instead" in text


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda ledger: ledger.entries["false"]["witness"].pop("left"), "the witness of 'false' lacks left, right or instance"),
        (lambda ledger: ledger.entries["false"]["witness"].update(instance=3), "the witness of 'false'"),
        (lambda ledger: ledger.chains["sound/proof"]["constant"].pop("claim"), "the constant of the chain 'sound/proof'"),
        (lambda ledger: ledger.chains["sound/proof"]["constant"].update(attained="much"), "the constant of the chain 'sound/proof'"),
        (lambda ledger: ledger.chains["broken/proof"].update(marks="x.."), "refutes the link 'epsilon <= 1', which no claim carries"),
    ],
)
def test_a_damaged_ledger_is_named(small, edit, message):
    damaged = planted.ledger(false=json.loads(json.dumps(small.entries["false"])))
    edit(damaged)
    with pytest.raises(FileError, match="planted is a damaged ledger") as error:
        read_paper(damaged)
    assert message in str(error.value)


# the page and the text


def test_the_page_is_whole_and_holds_each_statement_once(small):
    text = page(read_paper(small), small)
    parsed = Page(text)
    assert [id for id in parsed.ids if id in found(small)] == list(found(small))
    assert all(address.startswith("#") for address in parsed.addresses) and not re.search(r"https?://(?!www.w3.org/2000/svg)|@import|url\(", text)
    for part in ("forgotten factor", "it does not follow", "<b>11/7</b>", "so it is after all", "2.37 to 2.4", "a statement about a probability"):
        assert part in text, part
    assert text.count('class="mark refuted"') == 2


def test_the_text_is_well_formed(small):
    text = document(read_paper(small), small, "plot.svg")
    check_structure(text)
    assert ".. image:: plot.svg" in text and all(f"\n{id}\n{'-' * len(id)}\n" in text for id in found(small))
    assert "- epsilon <= 1/2 [refuted: broken/proof/half]" in text and "  forgotten factor" in text and "     left = 11/7, right = 1.25" in text


def test_where_a_refuted_step_holds_after_all_is_told(small):
    lost = planted.entry("refuted")
    lost["budgets"]["intervals"] = {"verdict": "refuted", "engines": {}, "thresholds": ["holds for m >= 25; fails at m = 24"]}
    ledger = planted.ledger(**{"broken/proof/lost": lost})
    for write in (page, document):
        assert write(read_paper(ledger), ledger).count("25; fails at m = 24") == 1


@pytest.fixture
def nasty(small, monkeypatch):
    """The small paper, every text replaced by one full of markup."""
    renamed = {id: replace(claim, statement=NASTY_TEXT, source=NASTY_TEXT, latex=NASTY_TEXT) for id, claim in registry._CLAIMS.items()}
    monkeypatch.setattr(
        registry, "_CLAIMS", {id: replace(claim, constant=f"*{NASTY}", not_run="") for id, claim in renamed.items() if id != "chance"}
    )
    links = {"left": NASTY_TEXT, "reason": NASTY_TEXT}
    chains = [replace(c, source=NASTY, conclusion=NASTY_TEXT, links=tuple(replace(x, **links) for x in c.links)) for c in registry._CHAINS.values()]
    monkeypatch.setattr(registry, "_CHAINS", {chain.id: chain for chain in chains})
    small.entries["sound"]["budgets"]["default"]["note"] = NASTY_TEXT
    small.entries["false"]["witness"].update(left=NASTY, instance={"kind": NASTY, "gram": [[NASTY]], "labels": [1]})
    return small


def test_nothing_in_a_claim_is_taken_for_markup(nasty):
    paper = read_paper(nasty)
    parsed = Page(page(paper, nasty))
    assert len(parsed.text["script"]) == 1 and "alert" not in parsed.text["script"][0]
    check_structure(document(paper, nasty, "a_b.svg"))
    ElementTree.fromstring(plot(paper.constants))
    strict_json(json.dumps(records(paper)))
    assert "alert" in summary(paper) or paper.statements


@given(st.text(st.sampled_from("ab1 .:*_`|\\-=<&\n()[]#+>"), max_size=60))
def test_any_text_is_a_paragraph(text):
    shown = paragraph(text)
    check_structure(f"a title\n-------\n\n{shown}\n")
    check_unmarked(escaped(text))
    assert re.sub(r"\\(.)", r"\1", " ".join(shown.split())).split() == text.replace("\n", " ").split() or not text.strip()


def test_titles_and_blocks_hold_any_line():
    assert literal(["a\tb", "", "*x*"]) == "::\n\n   a b\n\n   *x*"
    assert escaped("1. a") == "\\1. a" and escaped("- a") == "\\- a" and escaped("a::") == "a\\:\\:" and escaped("\\") == "\\\\"


def check_unmarked(line):
    """Nothing in a line of text starts inline markup, a list, a directive or a literal block."""
    bare = re.sub(r"\\.", "", line)
    assert not re.search(r"[`*_|\\]|::", bare), line
    assert not re.match(r"([-+*#.:>=]|\w+[.)]\s)", line), line


def check_structure(text):
    """Titles are underlined in full, tables have rows of one length, and all other lines are text."""
    lines, literals, cells = text.split("\n"), None, []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else ""
        indent = len(line) - len(line.lstrip())
        if literals is not None and (not line.strip() or indent > literals):
            continue
        literals = None
        if line.strip() == "::":
            literals = indent
            assert not before.strip()
        elif line and set(line) <= {"="} | {"-"}:
            neighbour = before or lines[number + 1]
            assert len(line) == len(neighbour) and neighbour.strip()
        elif re.match(r"(\.\. [a-z-]+::|   :[a-z-]+:)", line):
            continue
        elif line.startswith("   * - ") or line.startswith("     -"):
            cells = [*cells, 1] if line.startswith("   * - ") else [*cells[:-1], cells[-1] + 1]
            check_unmarked(line[7:] or "a")
        elif line.strip():
            text_of = line.strip()
            check_unmarked(text_of.removeprefix("- ") if text_of.startswith("- ") and not before.strip() else "a " + text_of)
        if line.startswith(".. list-table") and cells:
            cells = []
        elif indent == 0 and line and cells:
            assert len(set(cells)) == 1, cells
            cells = []


# the plot


def test_the_plot_marks_each_constant(small):
    constants = read_paper(small).constants
    root = ElementTree.fromstring(plot(constants))
    names = {"svg": "http://www.w3.org/2000/svg"}
    groups = root.findall("svg:g", names)
    assert [len(group.findall("svg:circle", names)) for group in groups] == [1, 1, 0]
    kinds = [group.find("svg:path", names).get("class") for group in groups]
    assert kinds == ["proved", "unproved", "proved"] and "2.37 to 2.4" in groups[0].find("svg:title", names).text
    printed = float(next(line for line in root.findall("svg:line", names) if line.get("class") == "one" and line.get("y1") != "10").get("x1"))
    ends = [[float(x) for x in re.findall(r"M([\d.]+)", group.find("svg:path", names).get("d"))] for group in groups]
    assert ends[0][0] < ends[0][-1] < printed < ends[2][0] and float(groups[0].find("svg:circle", names).get("cx")) < ends[0][0]
    assert plot(()) == ""


@pytest.mark.parametrize(("low", "high", "attained"), [(0.0, float("inf"), 0.0), (1e-30, 1e-20, None), (1.0, 1.0, 1.0), (1e9, 1e12, 1e-12)])
def test_marks_beyond_the_axis_stay_in_the_picture(small, low, high, attained):
    constant = replace(read_paper(small).constants[0], best=replace(read_paper(small).constants[0].best, low=low, high=high, attained=attained))
    root = ElementTree.fromstring(plot((constant,)))
    numbers = [float(x) for x in re.findall(r'(?:cx|x1|x2)="([^"]+)"', ElementTree.tostring(root).decode())]
    assert all(0 <= x <= 1120 for x in numbers)
    strict_json(json.dumps(words.proved_constant(constant)))


# the paper itself


@pytest.fixture(scope="module")
def real():
    return ledgers.committed(), read_paper(ledgers.committed())


def test_every_statement_of_the_paper_stands_there_once(real):
    ledger, paper = real
    ids = [claim.id for claim in library.all() if claim.kind in STATEMENTS]
    assert sorted(statement.id for statement in paper.statements) == sorted(ids) and len(ids) >= 48
    text, rst = page(paper, ledger), document(paper, ledger)
    parsed = Page(text)
    assert sorted(id for id in parsed.ids if id in ids) == sorted(ids)
    assert all(rst.count(f"\n{escaped(id)}\n{'-' * len(escaped(id))}\n") == 1 for id in ids)
    check_structure(rst)
    lines = summary(paper).splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + len(ids)]] == [statement.id for statement in paper.statements]


def test_every_refuted_statement_has_its_witness_and_correction(real):
    ledger, paper = real
    text, rst = page(paper, ledger), document(paper, ledger)
    refuted = [id for id, entry in ledger.entries.items() if entry["verdict"] == "refuted" and library.get(id).kind in STATEMENTS]
    assert refuted and sorted(statement.id for statement in paper.of("refuted")) == sorted(refuted)
    steps = [step.judged for statement in paper.statements for step in statement.broken]
    for judged in [*(statement.judged for statement in paper.of("refuted")), *steps]:
        assert f"left = <b>{judged.witness['left']}</b>, right = <b>{judged.witness['right']}</b>" in text
        assert f"left = {judged.witness['left']}, right = {judged.witness['right']}" in rst
    assert all(statement.corrected is not None and "corrected" in statement.tags for statement in paper.of("refuted"))


def test_the_record_of_each_statement(real):
    found = {record["id"]: record for record in strict_json(json.dumps(records(real[1]), allow_nan=False))}
    assert {record["verdict"] for record in found.values()} == set(WORDS) - {"not judged"}
    assert found["lemma-C.4/1"]["corrected"]["id"] == "lemma-C.4/1/corrected" and found["lemma-C.4/1"]["witness"]["claim"] == "lemma-C.4/1"
    assert any(step["id"] == "theorem-4.1/tau/proof/ratio" for step in found["theorem-4.1/tau"]["broken"])


def test_our_bounds_stand_beside_the_papers():
    ratios = {"sharper/two-layer-sets/tau": 0.25}
    ledger = ledgers.Ledger({id: {"verdict": "holds", "worst_ratio": ratio, "budgets": {}} for id, ratio in ratios.items()}, "here")
    beside, theorems = comparison_tables(ledger)
    rows = {row[0]: row for row in beside.rows[::2]}
    assert beside.header[3:6] == ("m = 10", "m = 100", "m = 1000") and beside.rows[0][2] == "epsilon = 0.1, delta = 0.1, epsilon_d = 0.01"
    tau, first = rows["two layers: tau"], beside.rows[0]
    assert tau[4][1] == "paper's 0.0082" and re.fullmatch(r"[\d.e+]+ times", tau[4][2])
    assert tau[6] == "sharper/two-layer-sets/tau (holds, 0.25 attained)" and first[6].endswith("(not judged)")
    expected = comparison.rows()[0]
    assert first[3][:2] == (f"ours {expected['ours']:.3g}", f"paper's {expected['paper']:.3g}")
    assert rows["two layers: delta - delta_1"][3][2] == "ours is 0" and rows["two layers: 1 - cos of doing nothing"][3].startswith("ours 0.00")
    assert paper_ours._times(math.inf, -1.0) == "only ours says something" and paper_ours._times(None, -1.0) == "neither says anything"
    assert len(beside.rows) == 2 * len(comparison.COMPARISONS)
    shown = {row[0]: row for row in theorems.rows}
    assert "sharper/two-layer/tau" in shown and not any("/proof/" in id or "/derivation" in id for id in shown)
