"""``kktcheck audit`` and ``kktcheck claims`` end to end: the library's verdicts, the ledger's exit codes, files, one line per error."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import kktcheck as kc
from kktcheck import cli
from kktcheck.audit import ledger
from kktcheck.claims import registry

from .audit_instances import one_of_each, strict_json, without_time

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory; the registry holds a planted claim for every verdict, and the committed ledger is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_CLAIMS", {claim.id: claim for claim in one_of_each()})
    monkeypatch.setattr(registry, "_CHAINS", {})
    monkeypatch.setattr(ledger, "committed", lambda: ledger.Ledger({}, "none"))
    return tmp_path


@pytest.fixture
def ledger_file(run):
    """A ledger of a run with the quick budget."""
    assert run("audit --budget quick --write-ledger ledger.json")[0] == 0
    return Path("ledger.json")


def rewritten(path, edit):
    document = json.loads(path.read_text())
    edit(document["claims"])
    path.write_text(json.dumps(document))


# a run


def test_a_run_prints_the_table_and_writes_every_file(run):
    code, out, err = run("audit --budget quick --seed 3 --json a.json --html a.html --junit a.xml --witnesses w --resume r")
    assert (code, err) == (0, "")
    expected = kc.audit(budget="quick", seed=3)
    records = strict_json(Path("a.json").read_text())
    assert [{k: v for k, v in record.items() if k != "seconds"} for record in records] == without_time(expected)
    table = expected.summary().split("\n\n")[0]
    assert table in out
    for sentence in ("JSON written to a.json", "page written to a.html", "JUnit XML written to a.xml", "1 witnesses written to w"):
        assert sentence in out
    assert Path("a.html").read_text().startswith("<!DOCTYPE html>") and ElementTree.parse("a.xml").getroot().get("tests") == "6"
    assert sorted(os.listdir("r")) == ["empty.json", "false.json", "later.json", "rare.json", "true--few.json", "true.json"]
    assert os.listdir("w") == ["false.json"]


def test_claims_are_chosen_by_pattern_and_json_can_go_to_standard_output(run):
    code, out, err = run("audit --claims 'tr*,false' --budget quick --json -")
    assert code == 0 and [record["id"] for record in strict_json(out)] == ["true", "true/few", "false"]
    assert "3 claims: 2 holds, 1 refuted" in err


def test_a_resumed_run_judges_only_the_rest(run, folder):
    run("audit --claims true --budget quick --resume r")
    before = {path: Path("r", path).stat().st_mtime_ns for path in os.listdir("r")}
    code, out, _ = run("audit --budget quick --resume r")
    assert code == 0 and "6 claims" in out and {path: Path("r", path).stat().st_mtime_ns for path in before} == before


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(run, monkeypatch):
    from kktcheck.audit import workers

    real, calls = workers.judged, []

    def interrupted(claim, budget, seed):
        calls.append(claim)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(claim, budget, seed)

    monkeypatch.setattr(workers, "judged", interrupted)
    code, _, err = run("audit --budget quick --resume r")
    assert code == 130 and "interrupted: 2 finished claims are kept in r; to go on from there: kktcheck audit --budget quick --resume r" in err
    calls[:] = [None, None]
    assert "nothing was kept (with --resume DIR finished claims are); to start again" in run("audit --budget quick")[2]


def test_piped_output_has_no_progress_bar(tmp_path):
    command = [sys.executable, "-m", "kktcheck", *shlex.split("audit --claims lemma-B.1 --budget quick")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "\r" not in ran.stdout + ran.stderr and "lemma-B.1" in ran.stdout


# against the ledger


def test_the_written_ledger_agrees_with_the_next_run(run, ledger_file):
    code, out, err = run("audit --budget quick --ledger ledger.json")
    assert (code, err) == (0, "") and "against the ledger: 6 agree" in out


def test_a_contradiction_is_exit_code_1_and_named(run, ledger_file):
    witness = json.loads(ledger_file.read_text())["claims"]["false"]["witness"]
    rewritten(ledger_file, lambda claims: claims["true"].update(verdict="refuted", witness=witness, budgets={}))
    rewritten(ledger_file, lambda claims: claims["false"].update(verdict="holds", witness=None, budgets={}))
    code, out, err = run("audit --budget quick --ledger ledger.json --junit a.xml")
    assert code == 1 and "4 agree, 2 CONTRADICT IT" in out and ElementTree.parse("a.xml").getroot().get("failures") == "2"
    assert "kktcheck: true is holds; the ledger: refuted" in err and "kktcheck: false is refuted; the ledger: holds" in err


def test_a_weaker_verdict_is_printed_and_no_failure(run, ledger_file):
    rewritten(ledger_file, lambda claims: claims["true"].update(verdict="proved"))
    rewritten(ledger_file, lambda claims: claims["rare"].update(verdict="holds"))
    rewritten(ledger_file, lambda claims: claims.pop("later"))
    code, out, err = run("audit --budget quick --ledger ledger.json")
    assert (code, err) == (0, "") and "against the ledger: 3 agree, 2 weaker, but consistent, 1 new" in out


def test_writing_a_ledger_keeps_what_other_runs_found(run, ledger_file):
    before = json.loads(ledger_file.read_text())["claims"]
    assert run("audit --claims true/few --budget default --write-ledger ledger.json")[0] == 0
    after = json.loads(ledger_file.read_text())["claims"]
    assert list(after["true/few"].pop("budgets")) == ["quick", "default"] and list(before["true/few"].pop("budgets")) == ["quick"]
    assert after.pop("true/few")["worst_ratio"] >= before.pop("true/few")["worst_ratio"] and after == before


# one witness


def test_a_witness_file_is_rechecked_alone(run, ledger_file):
    run("audit --claims false --budget quick --witnesses .")
    code, out, err = run("audit --replay false.json --json again.json")
    assert (code, err) == (0, "")
    assert "epsilon is at most its limit" in out and "REFUTED: every hypothesis is met and false is violated, exactly." in out
    assert "right = 1" in out and "gram =" in out
    assert strict_json(Path("again.json").read_text()) == json.loads(Path("false.json").read_text())


def test_a_witness_that_refutes_nothing_says_why(run):
    run("audit --claims false --budget quick --witnesses .")
    record = json.loads(Path("false.json").read_text())
    spoilt = {
        "unmet": {"instance": {**record["instance"], "epsilon": "2"}},
        "holds": {"claim": "true"},
        "unknown": {"claim": "fals"},
        "number": {"instance": {**record["instance"], "epsilon": "half"}},
        "format": {"format": "something"},
    }
    for name, changes in spoilt.items():
        Path(f"{name}.json").write_text(json.dumps(record | changes))
    messages = {
        "unmet": "does not meet the hypotheses of false: epsilon is at most its limit fails by 1.5",
        "holds": "true holds on the instance, or is too close to equality to tell",
        "unknown": "there is no claim 'fals'; near ones: false",
        "number": "epsilon is 'half', no number",
        "format": "format.json is no witness",
        "missing": "cannot read missing.json",
    }
    for name, message in messages.items():
        code, out, err = run(f"audit --replay {name}.json")
        assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1, name


# bad use


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("audit --claims tru", "there is no claim 'tru'; near ones: true"),
        ("audit --budget huge", "invalid choice: 'huge'"),
        ("audit --jobs 0", "'0' is no whole number of at least 1"),
        ("audit --json no/where.json", "--json no/where.json: there is no folder"),
        ("audit --html .", "--html . is a folder"),
        ("audit --junit a.x --html a.x", "--junit and --html are one file"),
        ("audit --html -", "--html -: standard output takes the JSON only"),
        ("audit --write-ledger -", "--write-ledger -: standard output takes the JSON only"),
        ("audit --witnesses r --resume ./r", "--witnesses and --resume are one folder"),
        ("audit --witnesses file", "--witnesses file is a file"),
        ("audit --witnesses no/where", "--witnesses no/where cannot be made"),
        ("audit --resume file", "file is a file; finished claims are kept in a folder"),
        ("audit --ledger file", "file is no ledger"),
        ("audit --write-ledger file", "file is no ledger"),
        ("audit --replay file --budget quick", "--budget goes with a run, not with --replay"),
        ("audit --replay file --write-ledger l", "--write-ledger goes with a run"),
        ("audit --replay file", "file is no JSON file"),
        ("audit more", "unrecognized arguments: more"),
        ("claims tru", "there is no claim 'tru'; near ones: true"),
        ("claims --json no/where.json", "there is no folder"),
    ],
)
def test_bad_use_is_one_line_and_exit_code_2(run, line, message):
    Path("file").write_text("no JSON")
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_a_damaged_resume_folder_is_named(run):
    Path("r").mkdir()
    Path("r/true.json").write_text('{"format": "kktch')
    code, out, err = run("audit --budget quick --resume r")
    assert (code, out) == (2, "") and "r/true.json is damaged or no verdict" in err and len(err.splitlines()) == 1


# the claims


def test_claims_lists_the_ledger(run, ledger_file, monkeypatch):
    monkeypatch.setattr(ledger, "committed", lambda: ledger.read("ledger.json"))
    code, out, err = run("claims --json c.json")
    assert (code, err) == (0, "")
    line = next(line for line in out.splitlines() if line.startswith("false"))
    assert line.split()[:3] == ["false", "ours", "refuted"] and line.split()[4:6] == ["1", "3"] and "the largest multiplier is at most 1" in line
    found = {record["id"]: record for record in strict_json(Path("c.json").read_text())}
    assert found["false"]["verdict"] == "refuted" and found["false"]["constant_corrected"] == "3" and found["false"]["witness"]["claim"] == "false"
    assert found["true"]["hypotheses"] == ["epsilon is at most its limit"] and "quick" in found["true"]["budgets"]


def test_claims_shows_one(run, ledger_file, monkeypatch):
    monkeypatch.setattr(ledger, "committed", lambda: ledger.read("ledger.json"))
    code, out, _ = run("claims false")
    assert code == 0 and "witness" in out and "corrected by true: constant 3" in out
    code, out, _ = run("claims true --json -")
    assert code == 0 and [record["id"] for record in strict_json(out)] == ["true"]
    assert "  true/few" in run("claims true")[1]


def test_claims_not_yet_judged_say_so(run):
    assert "not judged" in run("claims")[1] and "not in the ledger" in run("claims later")[1]


@pytest.mark.parametrize("command", ["audit", "claims"])
def test_help_names_the_exit_codes_or_examples(capsys, command):
    assert cli.main([command, "--help"]) == 0
    assert "examples:" in capsys.readouterr().out
