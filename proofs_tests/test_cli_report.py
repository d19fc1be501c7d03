"""``kktcheck report``: files by their endings, one line per error, the same bytes from the same ledger, nothing but the ledger needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kktcheck import cli
from kktcheck.audit import ledger as ledgers

from . import paper_instances as planted
from .audit_instances import strict_json

ROOT = Path(__file__).parents[1]
FILES = ("r.html", "r.rst", "r.svg", "r.json")
ALL = "report --ledger l.json --out r.html --out r.rst --json r.json"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with the ledger of the small paper, which the registry holds."""
    monkeypatch.chdir(tmp_path)
    planted.plant(monkeypatch)
    Path("l.json").write_text(planted.ledger().to_json())
    return tmp_path


def test_each_file_is_written_and_named(run):
    code, out, err = run(ALL)
    assert (code, err) == (0, "")
    assert "report written to r.html\nreport written to r.rst\nJSON written to r.json" in out and "group/b    sound, printed proof broken" in out
    assert Path("r.html").read_text().startswith("<!DOCTYPE html>") and ".. image:: r.svg" in Path("r.rst").read_text()
    assert Path("r.svg").read_text().startswith("<svg ")
    found = {record["id"]: record["verdict"] for record in strict_json(Path("r.json").read_text())}
    assert found["sound"] == "sound" and found["false"] == "refuted" and len(found) == 9
    assert sorted(path.name for path in Path().iterdir()) == sorted((*FILES, "l.json"))


def test_the_terminal_alone_and_json_on_standard_output(run):
    code, out, err = run("report --ledger l.json")
    assert (code, err) == (0, "") and out.splitlines()[-1].startswith("9 statements: 1 sound; 4 sound, printed proof broken; 1 refuted")
    code, out, err = run("report --ledger l.json --json - --seed 3")
    assert code == 0 and len(strict_json(out)) == 9 and "9 statements" in err


def test_without_constants_there_is_no_picture(run):
    document = json.loads(Path("l.json").read_text())
    Path("l.json").write_text(json.dumps({**document, "chains": {}}))
    assert run("report --ledger l.json --out r.rst --out r.html")[0] == 0
    assert not Path("r.svg").exists() and ".. image" not in Path("r.rst").read_text() and "holds no constants" in Path("r.html").read_text()


def test_the_committed_ledger_is_the_default(run, monkeypatch):
    monkeypatch.setattr(ledgers, "committed", planted.ledger)
    assert run("report --out r.html")[0] == 0 and 'id="group/b"' in Path("r.html").read_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("report --out r.pdf", "--out r.pdf: the name must end in .html or .rst"),
        ("report --out r", "--out r: the name must end in .html or .rst"),
        ("report --out no/where.html", "there is no folder"),
        ("report --out folder.html", "--out folder.html is a folder"),
        ("report --out -", "--out -: standard output takes the JSON only"),
        ("report --json no/where.json", "there is no folder"),
        ("report --out r.html --out ./r.html", "--out and --out are one file"),
        ("report --out r.rst --json r.rst", "--json and --out are one file"),
        ("report --out r.rst --json r.svg", "--json and --out's picture are one file"),
        ("report --ledger l.html --out l.html", "--out and --ledger are one file"),
        ("report --ledger file", "file is no ledger"),
        ("report --ledger nowhere", "nowhere cannot be read"),
        ("report --ledger cut", "cut is no ledger"),
        ("report --ledger chain", "chain is a damaged ledger"),
        ("report --ledger witness", "lacks left, right or instance"),
        ("report more", "unrecognized arguments: more"),
    ],
)
def test_bad_use_is_one_line_and_exit_code_2(run, line, message):
    Path("file").write_text("no JSON")
    Path("folder.html").mkdir()
    text = planted.ledger().to_json()
    Path("l.html").write_text(text)
    Path("cut").write_text(text[:-200])
    Path("chain").write_text(text.replace('"marks": ".x."', '"marks": 3'))
    Path("witness").write_text(text.replace('"left": "11/7"', '"lef": "11/7"'))
    before = sorted(path.name for path in Path().iterdir())
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == before


def test_the_same_ledger_gives_the_same_bytes_without_flint_in_two_seconds(tmp_path):
    script = "import sys; sys.modules['flint'] = None; from kktcheck.cli import main; sys.exit(main(['report', *sys.argv[1:]]))"
    found, seconds = [], []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        started = os.times().children_user
        command = [sys.executable, "-c", script, "--out", "r.html", "--out", "r.rst", "--json", "r.json"]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        seconds.append(os.times().children_user - started)
        found.append({path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())})
    assert found[0] == found[1] and {"r.html", "r.rst", "r.json"} <= set(found[0])
    assert min(seconds) < 2


def test_help_has_examples(capsys):
    assert cli.main(["report", "--help"]) == 0
    assert "examples:" in capsys.readouterr().out
