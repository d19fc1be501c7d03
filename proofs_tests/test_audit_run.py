"""Many claims judged: the same verdicts in any number of processes, nothing finished is lost, bad input is named."""

import json
import os
import subprocess
import sys
import types
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

import kktcheck as kc
from kktcheck.audit import draws, judge, ledger
from kktcheck.audit.engines import BUDGETS, hypothesis
from kktcheck.audit.fingerprint import SOURCES, fingerprint
from kktcheck.audit.resume import file_name
from kktcheck.claims import registry
from kktcheck.instances.linear_family import LinearPoints

from .audit_instances import FEW, one_of_each, planted, strict_json, without_time

ROOT = Path(__file__).parents[1]
WORDS = ["holds", "holds", "refuted", "vacuous", "inconclusive", "not run"]
OURS = "lemma-B.1,lemma-B.2/lower"
PAPER = """
theorem-2.1 example-2.4 theorem-A.1 lemma-A.2 lemma-A.10 lemma-B.3 lemma-B.3/corrected theorem-3.1/kkt theorem-3.1/kkt/proof/primal
theorem-3.1/cosine theorem-3.1/cosine/proof/mass theorem-3.1/cosine/version/heading remark-B.1 lemma-C.4/1 lemma-C.4/1/corrected
lemma-C.4/1/proof/z lemma-C.4/1/proof/a lemma-C.4/1/version/b lemma-C.4/2 theorem-4.1/tau figure-1 lemma-D.1 theorem-6.1 mine/b mine/a
"""


def quick(claims, **options):
    return kc.audit(claims, budget="quick", **options)


@pytest.fixture(scope="module")
def judged():
    return quick(one_of_each())


# what comes out


def test_own_claims_get_the_verdicts_of_the_referee_in_their_own_order(judged):
    assert [verdict.verdict for verdict in judged] == WORDS
    assert without_time(judged) == without_time(judge(claim, "quick") for claim in one_of_each())
    assert judged.counts == {"holds": 2, "refuted": 1, "vacuous": 1, "inconclusive": 1, "not run": 1}


def test_an_audit_is_a_sequence_of_verdicts(judged):
    assert len(judged) == 6 and judged[2] is judged.verdict("false") and judged[-2:] == judged.verdicts[-2:]
    with pytest.raises(kc.InputError, match="'unheard-of' is not in this audit of 6 claims"):
        judged.verdict("unheard-of")


def test_the_json_is_a_list_with_all_fields_and_no_numbers_that_json_lacks(judged):
    records = strict_json(judged.to_json())
    fields = "id source kind verdict worst_ratio instances hypotheses_margin witness corrected_by seconds engines ranges coverage note"
    assert all(set(fields.split()) <= set(record) for record in records)
    found = {record["id"]: record for record in records}
    assert found["false"]["worst_ratio"] > 1 and found["false"]["corrected_by"] == "true"
    assert found["false"]["witness"]["instance"]["kind"] == "linear"
    assert found["true"]["witness"] is None and found["true"]["ranges"]["m"] == [1, 8] and found["empty"]["worst_ratio"] is None


def test_a_single_claim_and_a_pattern_are_taken():
    assert [verdict.id for verdict in quick(planted("alone", family=FEW))] == ["alone"]
    assert quick("lemma-B.1")[0].id == "lemma-B.1"


def test_the_package_is_called_whatever_was_imported_before():
    for first in ("import kktcheck.audit.run", "from kktcheck.audit import judge", "import kktcheck.claims", "pass"):
        code = f"{first}\nimport kktcheck as kc\nfrom kktcheck import audit\nprint(callable(kc.audit), audit is kc.audit, kc.audit.judge.__name__)"
        ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
        assert ran.stdout.split() == ["True", "True", "judge"], first


def test_progress_counts_every_claim():
    calls = []
    quick([planted("a", family=FEW), planted("b", family=FEW)], progress=lambda *call: calls.append(call))
    assert calls == [("claims", 0, 2), ("claims", 1, 2), ("claims", 2, 2)]


# the same verdicts anywhere


def test_processes_and_executors_give_the_verdicts_of_this_process():
    claims = [*kc.claims.matching(OURS), planted("false", bound="1")]
    expected = without_time(quick(claims))
    assert without_time(quick(claims, jobs=2)) == expected
    with ThreadPoolExecutor(1) as executor:
        assert without_time(quick(claims, jobs=executor)) == expected


def test_a_claim_registered_here_is_judged_here(monkeypatch):
    monkeypatch.setitem(registry._CLAIMS, "mine", planted("mine", family=FEW))
    assert [verdict.verdict for verdict in quick("mine,lemma-B.2/lower/proof/positive", jobs=2)] == ["holds", "holds"]


class Watched(LinearPoints):
    """Notes large integers that every instance draws."""

    drawn: ClassVar = []

    def shape(self, choices):
        self.drawn.append([choices.integer(0, 10**6) for _ in range(40)])
        return super().shape(choices)


def test_what_is_loaded_changes_no_draw(tmp_path, monkeypatch):
    def drawn():
        Watched.drawn.clear()
        draws.drawn.cache_clear()
        hypothesis(planted("watched", family=Watched(points=(1, 2))), BUDGETS["quick"], 0)
        return list(Watched.drawn)

    # By itself Hypothesis draws constants from the sources of loaded modules, here one in twenty times.
    monkeypatch.chdir(tmp_path)
    before = drawn()
    for number in range(5):
        path = tmp_path / f"constants_{number}.py"
        path.write_text(f"VALUES = {tuple(range(1000 + number, 2000, 20))}\n")
        module = types.ModuleType(path.stem)
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, path.stem, module)
    assert drawn() == before and len(before) >= BUDGETS["quick"].hypothesis
    assert sorted(os.listdir(tmp_path)) == [f"constants_{number}.py" for number in range(5)]


def test_a_dead_process_is_reported_in_a_sentence():
    class Dead(Executor):
        def submit(self, *call):
            future = Future()
            future.set_exception(BrokenExecutor("gone"))
            return future

    with pytest.raises(kc.SolverError, match=r"died: killed, out of memory.*jobs=1"):
        quick(OURS, jobs=Dead())


# bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"claims": "lemma-B.77"}, r"there is no claim 'lemma-B.77'; near ones: lemma-"),
        ({"claims": [planted("a"), planted("a")]}, "'a' is given twice"),
        ({"claims": ["lemma-B.1"]}, r"holds a str; give a pattern"),
        ({"claims": 3}, r"holds a int"),
        ({"claims": [], "budget": "huge"}, "budget is 'huge'; it is one of quick, default, thorough"),
        ({"claims": [], "seed": -1}, "seed is -1"),
        ({"claims": [], "seed": True}, "seed is True"),
        ({"claims": [], "jobs": 0}, "jobs is 0; it is a number of processes"),
        ({"claims": [], "jobs": "two"}, "jobs is 'two'"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(kc.InputError, match=message):
        kc.audit(**options)


def test_an_error_inside_a_claim_names_the_claim():
    def broken(point):
        raise ZeroDivisionError("in a theorist's own function")

    with pytest.raises(ZeroDivisionError) as caught:
        quick([replace(planted("broken"), left=broken)])
    assert caught.value.__notes__ == ["while judging the claim 'broken'"]


# a run that was cut off


def cut_off(after):
    def progress(stage, done, total):
        if done == after:
            raise KeyboardInterrupt

    return progress


def test_an_interrupted_run_keeps_what_is_finished_and_goes_on(tmp_path, judged):
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        quick(one_of_each(), resume=folder, progress=cut_off(3))
    assert len(list(folder.iterdir())) == 3
    calls = []
    again = quick(one_of_each(), resume=folder, progress=lambda *call: calls.append(call))
    assert calls[0] == ("claims", 3, 6) and len(calls) == 4
    assert without_time(again) == without_time(judged)
    nothing = []
    assert without_time(quick(one_of_each(), resume=folder, progress=lambda *call: nothing.append(call))) == without_time(judged)
    assert nothing == [("claims", 6, 6)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_run_keeps_what_is_finished_and_leaves_no_process_behind(tmp_path, jobs):
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal, sys\nimport kktcheck as kc\n"
        "def kill(stage, done, total):\n    if done == 2:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"if __name__ == '__main__':\n    kc.audit('lemma-B.*', budget='quick', jobs={jobs}, resume=sys.argv[1], progress=kill)\n"
    )
    folder = tmp_path / "run"
    # The pipe ends only when every process that has inherited it is gone.
    run = subprocess.run([sys.executable, script, folder], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False)
    assert run.returncode == -9
    kept = sorted(path.name for path in folder.iterdir() if path.suffix == ".json")
    assert len(kept) == 2
    first = []
    names = ",".join(json.loads((folder / name).read_text())["verdict"]["id"] for name in kept)
    chosen = [claim for claim in kc.claims.matching(names) if file_name(claim.id) in kept]
    quick(chosen, resume=folder, progress=lambda *call: first.append(call))
    assert first == [("claims", 2, 2)]


@pytest.fixture
def kept(tmp_path):
    """A folder with the verdicts on two claims, and how to run them again."""
    claims = [planted("true", family=FEW), planted("a/b", family=FEW, bound="1")]
    quick(claims, resume=tmp_path / "run")
    return tmp_path / "run", lambda **options: quick(claims, resume=tmp_path / "run", **options)


def change(path, edit):
    record = json.loads(path.read_text())
    edit(record)
    path.write_text(json.dumps(record))


def test_other_budgets_seeds_and_versions_are_refused_with_the_way_out(kept):
    folder, again = kept
    with pytest.raises(kc.InputError, match=r"another run \(a--b.json: seed 0, now 1\): name another folder"):
        again(seed=1)
    with pytest.raises(kc.InputError, match=r"budget 'quick', now 'default'"):
        kc.audit(planted("true", family=FEW), resume=folder)
    with pytest.raises(kc.InputError, match=r"true.json was written by another version of kktcheck, or of this claim"):
        quick([planted("true", family=FEW, bound="4")], resume=folder)
    change(folder / "true.json", lambda record: record.update(version="0" * 16))
    with pytest.raises(kc.InputError, match=r"true.json was written by another version"):
        again()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "true.json").write_text("{"), r"true.json is damaged or no verdict .*: delete it"),
        (lambda folder: (folder / "true.json").write_bytes(b"\xff\xfe"), r"true.json is damaged or no verdict"),
        (lambda folder: (folder / "true.json").write_text("NaN"), r"true.json is damaged or no verdict \(NaN is no JSON\)"),
        (lambda folder: (folder / "true.json").write_text("[]"), r"true.json is no file of a finished claim"),
        (lambda folder: (folder / "notes.txt").write_text("mine"), r"notes.txt is damaged or no verdict"),
        (lambda folder: (folder / "sub").mkdir(), r"sub cannot be read"),
        (lambda folder: (folder / "true.json").rename(folder / "other.json"), r"other.json holds the verdict on true, whose file is true.json"),
        (lambda folder: change(folder / "true.json", lambda r: r.pop("verdict")), "there is no verdict"),
        (lambda folder: change(folder / "true.json", lambda r: r["verdict"].pop("note")), "its fields are not"),
        (lambda folder: change(folder / "true.json", lambda r: r["verdict"].update(verdict="maybe")), "its verdict cannot be right"),
        (lambda folder: change(folder / "true.json", lambda r: r["verdict"].update(verdict="refuted")), "its witness cannot be right"),
        (lambda folder: change(folder / "true.json", lambda r: r["verdict"].update(instances="many")), "its instances cannot be right"),
        (lambda folder: change(folder / "true.json", lambda r: r["verdict"].update(engines={"search": 3})), "its engines cannot be right"),
    ],
)
def test_damaged_and_foreign_files_are_named(kept, damage, message):
    folder, again = kept
    damage(folder)
    with pytest.raises(kc.FileError, match=message):
        again()


def test_a_folder_that_is_a_file_or_cannot_be_made_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("")
    claim = replace(planted("never"), left=lambda point: pytest.fail("was run"))
    with pytest.raises(kc.FileError, match="is a file; finished claims are kept in a folder"):
        quick([claim], resume=tmp_path / "file")
    with pytest.raises(kc.FileError, match="cannot be used: No such file"):
        quick([claim], resume=tmp_path / "no" / "where")


def test_the_scraps_of_a_killed_run_are_cleared_away(kept):
    folder, again = kept
    (folder / ".kktcheck-0123.tmp").write_text("half a ver")
    again()
    assert sorted(path.name for path in folder.iterdir()) == ["a--b.json", "true.json"]


def test_numbers_that_json_lacks_survive_the_folder(tmp_path):
    claim = replace(planted("infinite", family=FEW), hypotheses=(), right=lambda point: point.epsilon * 0)
    before = quick([claim], resume=tmp_path / "run")
    after = quick([claim], resume=tmp_path / "run")
    assert before[0].worst_ratio == after[0].worst_ratio == float("inf") and without_time(before) == without_time(after)


def test_fingerprints_follow_functions_constants_and_what_they_are_made_with():
    def made(bound, name="epsilon"):
        return replace(planted("one", bound=bound), trivial=lambda point: getattr(point, name) in {"a", "b", "c"})

    assert fingerprint(made("3")) == fingerprint(made("3"))
    others = [made("4"), made("3", "delta"), replace(made("3"), family=FEW), replace(made("3"), left=lambda point: 2 * point.multipliers)]
    assert len({fingerprint(claim) for claim in [made("3"), *others]}) == 5


def test_fingerprints_are_those_of_another_process():
    code = "import kktcheck as kc\nfrom kktcheck.audit.fingerprint import fingerprint\nprint(*(fingerprint(claim) for claim in kc.claims.all()))"
    runs = {subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1 and len(runs.pop().split()) == len(kc.claims.all())


# the ledger


def test_the_order_is_that_of_the_paper_with_all_that_belongs_to_a_statement_below_it():
    wanted = PAPER.split()
    mixed = [wanted[k] for k in (7, 8, 1, 0, 24, 23, 20, 9, 15, 16, 17, 14, 13, 18, 22, 21, 19, 2, 4, 3, 6, 5, 11, 10, 12)]
    found = [claim.id for claim in ledger.in_paper_order([planted(id) for id in mixed])]
    assert found[:23] == wanted[:23] and found[23:] == ["mine/a", "mine/b"]


@pytest.mark.parametrize(
    ("before", "at_this_budget", "now", "word"),
    [
        ("holds", "holds", "holds", "agrees"),
        ("holds", "holds", "refuted", "contradicts"),
        ("proved", "holds", "refuted", "contradicts"),
        ("refuted", "refuted", "holds", "contradicts"),
        ("refuted", "holds", "holds", "weaker"),
        ("refuted", "refuted", "inconclusive", "weaker"),
        ("proved", "proved", "holds", "weaker"),
        ("holds", "holds", "vacuous", "weaker"),
        ("holds", "holds", "not run", "weaker"),
        ("holds", "holds", "proved", "stronger"),
        ("not run", "not run", "refuted", "stronger"),
        ("inconclusive", "inconclusive", "holds", "stronger"),
    ],
)
def test_verdicts_against_the_ledger(judged, before, at_this_budget, now, word):
    entry = {"verdict": before, "budgets": {"quick": {"verdict": at_this_budget}, "default": {"verdict": before}}}
    book = ledger.Ledger({"true": entry}, "here")
    found = book.agreement(replace(judged.verdict("true"), verdict=now), "quick")
    assert found.word == word and (before in found.sentence) == (word != "agrees")
    assert book.agreement(judged.verdict("false"), "quick").word == "new"


def test_a_renewed_ledger_keeps_other_budgets_and_drops_claims_that_are_no_more(monkeypatch, judged, tmp_path):
    monkeypatch.setattr(registry, "_CLAIMS", {claim.id: claim for claim in one_of_each()})
    found = {"verdict": "holds", "worst_ratio": 0.9}
    old = {**found, "corrected_by": "", "budgets": {"default": found}, "witness": None}
    renewed = ledger.Ledger({"gone": old, "false": old, "true": old}, "here").with_audit(judged)
    assert list(renewed.entries) == [claim.id for claim in ledger.in_paper_order(one_of_each())]
    assert set(renewed.entries["false"]["budgets"]) == {"quick", "default"}
    assert renewed.entries["false"]["verdict"] == "refuted" and renewed.entries["false"]["witness"] == judged.verdict("false").witness
    assert renewed.entries["true"]["worst_ratio"] == 0.9 and renewed.entries["true"]["budgets"]["default"] == old["budgets"]["default"]
    assert renewed.entries["false"]["budgets"]["quick"]["engines"]["extremes"]["verdict"] == "refuted"
    for entry in renewed.entries.values():
        for found in entry["budgets"].values():
            found.setdefault("engines", {})
    (tmp_path / "l.json").write_text(renewed.to_json())
    assert ledger.read(tmp_path / "l.json").entries == renewed.entries
    assert {found.word for found in judged.against(renewed)} == {"agrees"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no ledger"),
        ("[]", "needs \"format\""),
        ('{"format": "kktcheck ledger 1"}', "needs \"format\""),
        ('{"format": "kktcheck ledger 1", "claims": {"a": {"verdict": "perhaps", "budgets": {}}}}', "damaged ledger: the entry of 'a'"),
        ('{"format": "kktcheck ledger 1", "claims": {"a": {"verdict": "refuted", "budgets": {}, "corrected_by": ""}}}', "damaged ledger"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path, text, message):
    (tmp_path / "l.json").write_text(text)
    with pytest.raises(kc.FileError, match=message):
        ledger.read(tmp_path / "l.json")
    with pytest.raises(kc.FileError, match="cannot be read"):
        ledger.read(tmp_path / "none.json")


def test_every_entry_of_the_committed_ledger_is_of_a_claim_and_its_witness_refutes_it():
    from kktcheck.audit.witness import checked
    from kktcheck.instances import KINDS

    entries = ledger.committed().entries
    assert set(entries) <= {claim.id for claim in kc.claims.all()}
    for id, entry in entries.items():
        if entry["verdict"] == "refuted":
            record = entry["witness"]
            checked(kc.claims.get(id), KINDS[record["instance"]["kind"]].from_json(record["instance"]), id)


def test_every_claim_is_in_the_committed_ledger():
    assert {claim.id for claim in kc.claims.all()} == set(ledger.committed().entries)


def test_kept_verdicts_depend_on_the_source_of_every_module_that_holds_a_claim():
    package = ROOT / "kktcheck"
    seen = {path for pattern in SOURCES for path in package.glob(pattern)}
    assert set((package / "claims").rglob("*.py")) <= seen
    assert set((package / "instances").rglob("*.py")) <= seen


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_change_no_verdict(seed):
    assert {agreement.word for agreement in kc.audit(seed=seed, jobs=2).against(ledger.committed())} == {"agrees"}
