"""Chains: marks of planted links, what makes a statement proved, circles, best constants against what instances attain, and the audit's verdicts."""

import itertools
import json
import math
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck.audit import constants, ledger, proofs, prover
from kktcheck.audit.chains import Judge
from kktcheck.audit.proofs import Proof
from kktcheck.audit.verdict import Verdict
from kktcheck.claims import Box, Chain, Claim, Link, registry
from kktcheck.claims.hypotheses import at_most
from kktcheck.claims.sharper import comparison
from kktcheck.errors import InputError

from .audit_instances import between_constants, one_of_each, strict_json

pytest.importorskip("flint")
UNIT = Box("1", "1", "1")
TRUE, _, FALSE, *_ = one_of_each()
STATEMENTS = {word: Claim(f"{word}-statement", "n is at least 1", TRUE.left, TRUE.right, TRUE.direction, TRUE.family) for word in ("first", "second")}


def between(name, largest, **options):
    """epsilon + delta <= ``largest``, true from 2 on."""
    sides = (lambda p: p.epsilon + p.delta, lambda p: p.q(largest))
    return Link("epsilon + delta", "<=", largest, "both are at most 1", name, sides, **options)


def by_hand(**options):
    return Link("a", "=>", "b", "by definition", **options)


def chain(id, *links, proves=("first-statement",), **options):
    return Chain(id, proves, "planted", links, "The links are all there is to show.", options.pop("box", UNIT), **options)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def register(monkeypatch):
    """Registers chains beside two statements, a true and a false claim, and nothing else."""
    monkeypatch.setattr(registry, "_CLAIMS", {claim.id: claim for claim in (*STATEMENTS.values(), TRUE, FALSE)})
    monkeypatch.setattr(registry, "_CHAINS", {})
    monkeypatch.setattr(ledger, "committed", lambda: ledger.Ledger({}, "none"))
    monkeypatch.setattr(prover, "committed", lambda: ledger.Ledger({}, "none"))
    return registry.register_chains


def judged(planted, sampled=None, **options):
    return Judge((sampled or {}).get, **options).verdict(planted)


@pytest.mark.parametrize(
    ("link", "mark", "word"),
    [
        (between("true", "2"), "proved", "proved"),
        (between("false", "1.99"), "refuted", "broken"),
        (by_hand(), "argued", "proved"),
        (by_hand(claim=TRUE.id, argued=True), "argued", "proved"),
        (by_hand(claim=FALSE.id, argued=True), "refuted", "broken"),
        (by_hand(claim=FALSE.id), "refuted", "broken"),
        (by_hand(claim=TRUE.id), "sampled", "open"),
    ],
)
def test_each_link_gets_its_mark_and_the_chain_its_word(register, link, mark, word):
    planted = chain("first-statement/derivation", between("sound", "2"), link)
    register(planted)
    found = judged(planted, {TRUE.id: "holds", FALSE.id: "refuted"})
    assert [verdict.mark for verdict in found.links] == ["proved", mark] and found.word == word
    assert found.marks == "+" + {"proved": "+", "refuted": "x", "argued": ".", "sampled": "~"}[mark] and found.method.startswith("2 links: ")


@pytest.mark.parametrize(("largest", "mark"), [("2", "proved"), ("1.99", "refuted")])
def test_a_link_that_names_a_claim_between_constants_is_decided_by_intervals(register, largest, mark):
    """Whatever instances say of it."""
    registry.register(replace(between_constants(lambda p: p.epsilon + p.delta, lambda p: p.q(largest)), id="numbers"))
    planted = chain("first-statement/derivation", by_hand(claim="numbers", argued=True))
    register(planted)
    assert [link.mark for link in judged(planted, {"numbers": "holds"}).links] == [mark]


def test_each_claim_is_proved_once_and_what_was_found_is_not_looked_for_again(register, monkeypatch):
    planted = [chain(f"{word}-statement/derivation", between("sound", "2"), proves=(f"{word}-statement",)) for word in STATEMENTS]
    register(*planted)
    (claim,) = planted[0].claims()
    judge = Judge({}.get, {claim.id: Proof(claim.id, "undecided", "planted", boxes=3)})
    assert judge.verdict(planted[0]).marks == "?" and judge.verdict(planted[0]).boxes == 3
    calls, prove = [], proofs.prove
    monkeypatch.setattr(proofs, "prove", lambda claim, most: calls.append(claim.id) or prove(claim, most))
    again = Judge({}.get)
    assert again.proof(claim) is again.proof(claim) is again.found[claim.id] and calls == [claim.id]


def test_boxes_are_those_of_all_links_and_the_json_says_what_the_chain_is(register):
    planted = chain("first-statement/derivation", between("sound", "2"), between("sharp", "1.99"), by_hand())
    register(planted)
    found = judged(planted)
    (first, second) = (proofs.prove(claim).boxes for claim in planted.claims())
    assert [link.boxes for link in found.links] == [first, second, 0] and found.boxes == first + second
    record = found.to_json()
    assert record["verdict"] == "broken" and [link["mark"] for link in record["links"]] == ["proved", "refuted", "argued"]
    assert record["proves"] == ["first-statement"] and record["links"][1]["claim"] == "first-statement/derivation/sharp"


def test_a_link_that_gives_up_leaves_the_chain_open(register):
    hard = Link("e (1 - e)", "<=", "0.26", "1/4 at e = 1/2", "hard", (lambda p: p.epsilon * (1 - p.epsilon), lambda p: p.q("0.26")))
    planted = chain("first-statement/derivation", hard)
    register(planted)
    assert judged(planted, most=1).marks == "?" and judged(planted).word == "proved"


def test_a_statement_is_proved_through_another_chain_and_never_through_itself(register):
    lemma = chain("second-statement/derivation", between("sound", "2"), proves=("second-statement",))
    theorem = chain("first-statement/derivation", by_hand(claim="second-statement"))
    register(lemma, theorem)
    assert judged(theorem).word == "proved" and judged(theorem).links[0].note == "by second-statement/derivation"


def test_a_circle_proves_nothing(register):
    lemma = chain("second-statement/derivation", by_hand(claim="first-statement"), proves=("second-statement",))
    theorem = chain("first-statement/derivation", by_hand(claim="second-statement"))
    register(lemma, theorem)
    judge = Judge({}.get)
    assert [judge.verdict(planted).word for planted in (theorem, lemma)] == ["open", "open"]
    assert judge.proof_of("first-statement") is None


@given(st.integers(1, 10**6).map(lambda k: Fraction(k, 10**6)))
def test_a_constant_below_the_supremum_is_refuted_at_a_rational_point(share):
    largest = 2 - share / 50
    planted = chain("first-statement/derivation", Link("e + d", "<=", "c", "no", "low", (lambda p: p.epsilon + p.delta, lambda p: largest)))
    (claim,) = planted.claims()
    judge = Judge({}.get)
    point = judge.proof(claim).point
    assert judge.proof(claim).word == "refuted" and point.is_exact and point.epsilon + point.delta > largest and not claim.unmet(point)


# constants


def bound_by(given_bound, **options):
    """A chain that gives ``given_bound`` (epsilon + delta) / 2 where 2 is printed."""
    bounds = {"given": lambda p: p.q(given_bound) * (p.epsilon + p.delta) / 2, "printed": lambda p: p.q("2")}
    return chain("first-statement/derivation", by_hand(), **bounds, value="2", **options)


@pytest.mark.parametrize(("attained", "contradicted"), [(None, False), (0.7, False), (0.75, False), (0.76, True)])
def test_proved_is_enclosed_and_an_instance_above_it_is_an_alarm(attained, contradicted):
    best = constants.best_of(bound_by("1.5"), {"first-statement": attained}.get)
    assert best.low <= 0.75 <= best.high <= best.low + 2e-6 and best.value == 2.0
    assert best.is_contradicted is contradicted and best.gap == (None if attained is None else pytest.approx(0.75 / attained, rel=1e-5))


def test_a_lower_bound_s_share_is_printed_over_given():
    planted = chain("first-statement/derivation", by_hand(), given=lambda p: 2 + p.epsilon, printed=lambda p: p.q("1"), lower=True)
    best = constants.best_of(planted, {}.get)
    assert best.low <= 0.5 <= best.high <= best.low + 2e-6


SHARES = st.floats(0.01, 1)


@given(SHARES, SHARES, st.sampled_from([None, 2.0]), st.booleans())
def test_a_share_as_a_constant_and_what_is_open(low, attained, value, lower):
    """From below the larger constant is the weaker share."""
    best = constants.BestConstant("c", "s", value, low, 2 * low, attained, "s", lower)
    unit = 1.0 if value is None else value
    assert best.scaled(low) * (low if lower else 1 / low) == pytest.approx(unit)
    assert best.gap == 2 * low / attained and best.is_contradicted == (attained > 2 * low * (1 + 1e-9) + 1e-9)
    assert replace(best, attained=2 * low * (1 + 1e-12)).is_contradicted is False and replace(best, attained=2 * low + 1e-6).is_contradicted
    assert replace(best, attained=0.0).gap is None and replace(best, high=math.inf).gap is None


def test_no_share_of_a_bound_from_below_is_no_constant_and_infinity_is_a_text():
    best = constants.BestConstant("c", "s", 2.0, 0.0, math.inf, 0.5, "s", lower=True)
    assert best.scaled(0.0) == math.inf and replace(best, lower=False).scaled(0.0) == 0.0
    assert best.to_json() == {**{name: getattr(best, name) for name in best.to_json()}, "high": "inf"}
    strict_json(json.dumps(best.to_json(), allow_nan=False))


def test_a_lower_bound_is_recorded_as_one_and_measured_by_the_claim_that_is_named():
    sides = {"given": lambda p: 2 + p.epsilon, "printed": lambda p: p.q("1")}
    best = constants.best_of(chain("c", by_hand(), **sides, lower=True, attained_by="second-statement"), {"second-statement": 0.25}.get)
    assert best.lower and (best.attained, best.attained_by, best.claim) == (0.25, "second-statement", "first-statement")
    assert not constants.best_of(bound_by("1"), {}.get).lower


@pytest.mark.parametrize(("some_kept", "supremum"), [(True, 1 / 2), (False, 1)])
def test_a_constant_is_compared_where_the_chain_s_hypotheses_hold(some_kept, supremum):
    """k / m for two points, less for more."""
    bounds = {"given": lambda p: p.q("1") * p.forgotten * (3 - p.points), "printed": lambda p: p.points * p.q("1")}
    best = constants.best_of(chain("c", by_hand(), **bounds, box=Box("1", "1", "1", points=2, some_kept=some_kept)), {}.get)
    assert best.low <= supremum <= best.high <= best.low + 2e-6


@pytest.mark.parametrize("finished", [True, False])
def test_only_a_proved_chain_contradicts_an_instance(register, run, finished):
    register(replace(bound_by("1.5"), links=(by_hand(), *(() if finished else (by_hand(claim=TRUE.id),)))))
    entry = {"verdict": "holds", "worst_ratio": 0.9, "corrected_by": "", "budgets": {}, "witness": None}
    Path("l.json").write_text(ledger.Ledger({"first-statement": entry}, "planted").to_json())
    code, out, _ = run("prove --ledger l.json")
    assert (code, "CONTRADICTED" in out, "open: the constant is not proved" in out) == ((1, True, False) if finished else (0, False, True))


def test_a_contradicted_constant_is_exit_code_1(register, run):
    register(bound_by("1.5"))
    entry = {"verdict": "holds", "worst_ratio": 0.9, "corrected_by": "", "budgets": {}, "witness": None}
    book = ledger.Ledger({"first-statement": entry}, "planted")
    Path("l.json").write_text(book.to_json())
    code, out, err = run("prove --ledger l.json")
    assert code == 1 and "CONTRADICTED" in out
    assert "first-statement attains 0.9 of the printed bound; the chain first-statement/derivation proves that it is at most 0.75" in err


# the command, the audit and the ledger


def test_chains_in_the_text_the_json_and_the_ledger(register, run):
    register(chain("first-statement/proof", between("false", "1.5", corrected_by=TRUE.id), by_hand(), author="printed"), bound_by("1.5"))
    code, out, _ = run("prove --reasons --json p.json --write-ledger l.json")
    assert code == 0 and "x epsilon + delta <= 1.5" in out and "both are at most 1" in out and "so: The links are all" in out
    assert "first-statement/proof (as printed), for first-statement: broken" in out and "holds for epsilon <= 1/2" in out
    assert "2 chains: 1 broken, 1 proved." in out and "1 statements about instances: proved by chains." in out
    records = {record["id"]: record for record in strict_json(Path("p.json").read_text())}
    assert records["first-statement"]["verdict"] == "proved" and len(records["first-statement"]["chains"]) == 2
    assert records["first-statement"]["constants"][0]["value"] == 2.0 and records["second-statement"]["verdict"] == "not run"
    assert any("epsilon <= 1/2" in sentence for sentence in records["first-statement/proof/false"]["thresholds"])
    book = ledger.read("l.json")
    assert book.chains["first-statement/proof"] == {"verdict": "broken", "marks": "x."}
    assert book.chains["first-statement/derivation"]["constant"]["high"] == pytest.approx(0.75, abs=1e-5)
    assert book.entries["first-statement"]["verdict"] == "proved" and book.worst_ratio("first-statement") is None
    assert run("prove --ledger l.json")[0] == 0


def test_a_chain_stands_with_its_first_statement_and_is_looked_at_for_its_links(register):
    both = tuple(claim.id for claim in STATEMENTS.values())
    planted = chain("first-statement/derivation", between("sound", "2"), by_hand(claim=TRUE.id), proves=both)
    register(planted)
    found = prover.prove_all([STATEMENTS["first"], STATEMENTS["second"], *planted.claims()], ledger.Ledger({}, "none"))
    assert [len(record["chains"]) for record in found.to_json()] == [1, 0, 0]
    assert [prover.related([claim]) for claim in (*planted.claims(), STATEMENTS["second"], TRUE)] == [[planted], [planted], []]


def table_after(out, word):
    """First cells of the table whose header starts with a word; none if there is no such table."""
    lines = out.splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith(word)), len(lines)) + 2
    return [line.split()[0] for line in itertools.takewhile(str.strip, lines[start:])]


def test_links_stand_in_their_chains_alone_and_name_what_is_not_proved(register, run):
    links = (between("false", "1.5", corrected_by=TRUE.id), between("sound", "2"), by_hand(claim=TRUE.id))
    register(chain("first-statement/proof", *links, author="printed"))
    registry.register(replace(between_constants(max_of_two, lambda p: p.q("1")), id="cases"))
    _, out, _ = run("prove")
    assert table_after(out, "claim") == ["cases"] and "enclosures cannot follow it: a side makes a case distinction" in out
    links = [line for line in out.splitlines() if line.startswith(("  x ", "  + ", "  ~ "))]
    assert links == ["  x epsilon + delta <= 1.5 [first-statement/proof/false]", "  + epsilon + delta <= 2", f"  ~ a => b [{TRUE.id}]"]


def max_of_two(p):
    return p.epsilon if p.epsilon > p.delta else p.delta


@pytest.mark.parametrize("ours", [True, False])
def test_bounds_beside_the_paper_s_are_shown_with_claims_of_the_sharper_theorems(register, run, ours):
    registry.register(replace(between_constants(lambda p: p.epsilon, lambda p: p.q("1")), id="sharper/planted" if ours else "planted"))
    _, out, _ = run("prove")
    shown = [row for row in comparison.rows(lambda id: None) if (row["epsilon"], row["delta"], row["epsilon_d"]) == comparison.SMALL]
    table = out[out.index("times as sharp") :].splitlines() if ours else []
    assert ("times as sharp" in out) is ours
    assert not ours or all(row["name"] in line and f" {row['ours']:.3g} " in line for line, row in zip(table[2:], shown, strict=False))
    assert not ours or table[2 + len(shown)].startswith("at epsilon_1 = 0.1, delta_1 = 0.1, epsilon_d = 0.01")


DAMAGED = [3, {"verdict": "maybe", "marks": ""}, {"verdict": "proved"}, {"verdict": "proved", "marks": "+", "constant": {"low": "x"}}]


@pytest.mark.parametrize("record", DAMAGED)
def test_a_damaged_chain_in_a_ledger_is_refused(tmp_path, record):
    path = tmp_path / "l.json"
    path.write_text(json.dumps({"format": "kktcheck ledger 1", "claims": {}, "chains": {"c": record}}))
    with pytest.raises(kc.errors.FileError, match="damaged ledger: a chain"):
        ledger.read(path)


@pytest.mark.parametrize(("budget", "word"), [("default", "proved"), ("quick", "holds")])
def test_an_audit_says_proved_where_a_chain_carries_the_statement(register, budget, word):
    register(bound_by("1.5"), chain("second-statement/derivation", by_hand(claim=TRUE.id), proves=("second-statement",)))
    found = kc.audit("first-statement,second-statement", budget=budget)
    assert found.verdict("first-statement").verdict == word and found.verdict("second-statement").verdict == "holds"
    assert ("by the chain first-statement/derivation" in found.verdict("first-statement").note) == (word == "proved")


@pytest.fixture
def attacked(register):
    """A chain whose second link is attacked: its claim, and the audit's verdicts on statement and links."""
    planted = chain("first-statement/derivation", between("sound", "2"), by_hand(claim=TRUE.id, argued=True))
    register(planted)
    (link,) = planted.claims()

    def verdicts(statement="holds", sound="proved", attack="holds"):
        words = {"first-statement": statement, link.id: sound, TRUE.id: attack}
        engines = {"intervals": {"tried": 7}} if sound in ("proved", "refuted", "inconclusive") else {}
        return [Verdict(id, "ours", "ours", word, engines=engines if id == link.id else {}, note="n") for id, word in words.items() if word]

    return verdicts


@pytest.mark.parametrize(
    ("words", "ledgers", "word"),
    [
        ({}, None, "proved"),
        ({"sound": "refuted"}, None, "holds"),
        ({"sound": "inconclusive"}, None, "holds"),
        ({"attack": "refuted"}, "holds", "holds"),
        ({"attack": None}, "refuted", "holds"),
        ({"attack": None}, "holds", "proved"),
        ({"attack": "holds"}, "refuted", "proved"),
        *(({"statement": word}, None, word) for word in ("refuted", "inconclusive", "vacuous", "not run")),
    ],
)
def test_an_audit_s_verdicts_and_chains_together(attacked, monkeypatch, words, ledgers, word):
    """Only what holds is proved; instances of this audit count before the ledger's, and nothing is proved again that the audit has looked at."""
    entry = {"verdict": ledgers, "worst_ratio": None, "corrected_by": "", "budgets": {"quick": {"verdict": ledgers}}, "witness": None}
    monkeypatch.setattr(prover, "committed", lambda: ledger.Ledger({TRUE.id: entry} if ledgers else {}, "planted"))
    monkeypatch.setattr(proofs, "prove", lambda *_: pytest.fail("looked at again"))
    found = prover.with_chains(attacked(**words))
    assert found[0].verdict == word and found[1:] == tuple(attacked(**words)[1:])
    method = "2 links: 1 by intervals or a proved chain, 1 by hand"
    assert found[0].note == (f"by the chain first-statement/derivation: {method}; n" if word == "proved" else "n")


@pytest.mark.parametrize("word", ["holds", "refuted", "not run"])
def test_without_python_flint_only_what_holds_could_be_proved(attacked, monkeypatch, word):
    monkeypatch.setattr(prover, "has_flint", lambda: False)
    found = prover.with_chains(attacked(statement=word))
    assert [verdict.note for verdict in found] == ["n" + proofs.WITHOUT_FLINT * (word == "holds"), "n", "n"]
    assert found[0].verdict == word


@pytest.mark.parametrize(("sampled", "most", "word"), [("holds", None, "proved"), ("refuted", None, "broken"), ("holds", 1, "open")])
def test_all_proofs_of_claims_take_the_ledger_s_word_and_the_limit_of_boxes(register, sampled, most, word):
    hard = Link("e (1 - e)", "<=", "0.26", "1/4 at e = 1/2", "hard", (lambda p: p.epsilon * (1 - p.epsilon), lambda p: p.q("0.26")))
    register(chain("first-statement/derivation", hard, by_hand(claim=TRUE.id, argued=True)))
    book = ledger.Ledger({TRUE.id: {"verdict": sampled, "budgets": {"quick": {"verdict": sampled}}}}, "planted")
    found = prover.prove_all([STATEMENTS["first"]], book, most=most)
    assert [verdict.word for verdict in found.chains] == [word]
    assert found.proofs[0].word == ("proved" if word == "proved" else "not run")
    assert word == "proved" or found.proofs[0].method == f"no chain proves it (first-statement/derivation: {word}); evidence: sampled"


def test_a_chain_does_not_outweigh_a_witness(register):
    register(chain("false/derivation", by_hand(), proves=(FALSE.id,)))
    assert kc.audit(FALSE.id, budget="default").verdict(FALSE.id).verdict == "refuted"


def test_without_python_flint_the_audit_says_what_it_did_not_look_at(register, monkeypatch):
    register(bound_by("1.5"), chain("second-statement/derivation", between("sound", "2"), proves=("second-statement",)))
    monkeypatch.setitem(sys.modules, "flint", None)
    found = kc.audit(budget="default")
    for id in ("first-statement", "second-statement/derivation/sound"):
        assert found.verdict(id).verdict == "holds" and "not proved: that needs python-flint" in found.verdict(id).note
    assert found.verdict("second-statement/derivation/sound").instances >= 500


# bad chains


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Link("a", "<>", "b", "why"), "relation is '<>'"),
        (lambda: Link("a", "<=", "b", " "), "has no reason"),
        (lambda: Link("a", "<=", "b", "why", sides=(abs, abs)), "sides need a name"),
        (lambda: Link("a", "=", "b", "why", "name", (abs, abs)), "sides need a name and <= or >="),
        (lambda: chain("c"), "needs statements that it proves, links"),
        (lambda: chain("c", by_hand(), author="nobody"), "author is 'nobody'"),
        (lambda: chain("c", by_hand(), given=abs), "only one of given and printed"),
    ],
)
def test_bad_chains_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_the_registry_refuses_what_it_does_not_know(register):
    with pytest.raises(InputError, match="speaks of 'nothing', which is no claim"):
        register(chain("c", by_hand(claim="nothing")))
    with pytest.raises(InputError, match="registered twice"):
        register(chain("c", by_hand()))


def within(id, limit):
    """A statement that speaks of epsilon up to a limit."""
    return replace(STATEMENTS["first"], id=id, hypotheses=(at_most("epsilon", limit),))


@pytest.mark.parametrize(("limit", "fits"), [("1", True), ("0.5", True), ("1.01", False)])
@pytest.mark.parametrize("author", ["ours", "printed"])
def test_a_chain_proves_nothing_beyond_its_range(register, limit, fits, author):
    registry.register(within("ranged", limit))
    planted = chain("ranged/derivation", by_hand(), proves=("ranged",), author=author)
    if author == "ours" and not fits:
        with pytest.raises(InputError, match="does not fit: ranged: epsilon <= 1 is covered, of <= 101/100"):
            register(planted)
    else:
        register(planted)
        assert judged(planted).word == ("proved" if fits else "open")


def test_a_chain_of_ours_that_was_never_registered_proves_no_more(register):
    registry.register(within("ranged", "1.01"))
    assert judged(chain("ranged/derivation", by_hand(), proves=("ranged",), author="ours")).word == "open"


@pytest.mark.parametrize(("limit", "fits"), [("1", True), ("2", True), ("0.99", False)])
def test_a_link_leans_on_no_claim_of_a_smaller_range(register, limit, fits):
    lemma, theorem = within("lemma", limit), chain("first-statement/derivation", by_hand(claim="lemma", argued=True), author="ours")
    registry.register(lemma)
    if fits:
        register(theorem)
        assert judged(theorem).word == "proved"
    else:
        with pytest.raises(InputError, match="does not fit: lemma: epsilon <= 99/100 is covered, of <= 1"):
            register(theorem)


def test_constants_may_be_compared_in_a_smaller_box_than_the_chain_s():
    planted = bound_by("1.5", compared=Box("0.5", "0.5", "1"))
    assert constants.best_of(planted, {}.get).high == pytest.approx(0.375, abs=1e-5)


def test_every_chain_of_ours_fits_the_range_of_what_it_proves():
    assert not [chain.id for chain in kc.claims.chains() if chain.author == "ours" and chain.out_of_range(kc.claims.get)]
