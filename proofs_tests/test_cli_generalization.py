"""``kktcheck generalization`` end to end: the library's numbers, files written and kept, one line per error."""

import json
from pathlib import Path

import pytest

from kktcheck.experiments import generalization as gen
from kktcheck.experiments import generalization_phase as phases

from .phase_instances import TINY, small_families

LINE = "generalization --dims 1e3,1e6,1e20 --alpha 0.1,0.2 --points 4 --neurons 8 --draws 2 --test-points 50"


@pytest.fixture(scope="module", autouse=True)
def families():
    with small_families():
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_gives_the_numbers_of_the_library_and_a_picture(run):
    code, out, err = run(f"{LINE} --json phase.json --out phase.svg")
    assert (code, err) == (0, "")
    expected = phases.run(TINY)
    assert Path("phase.json").read_text().strip() == expected.to_json()
    assert expected.summary() in out and "picture written to phase.svg" in out
    assert Path("phase.svg").read_text().startswith("<?xml")


def test_processes_give_the_same_bytes(run):
    assert run(f"{LINE} --no-picture --json one.json")[0] == run(f"{LINE} --no-picture --json two.json --jobs 2")[0] == 0
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    assert not Path("phase.png").exists()


def test_another_seed_gives_other_numbers_and_json_may_go_to_standard_output(run):
    line = "generalization --dims 1e3 --mean-norm 0.1 --points 4 --draws 2 --test-points 50 --at 1e4,0.3 --no-picture --json -"
    first, other = run(line), run(f"{line} --seed 1")
    settings = json.loads(first[1])["settings"]
    assert settings["mean_norms"] == [0.1] and settings["at"] == [10**4, 0.3]
    assert json.loads(first[1])["grid"]["accuracy"] != json.loads(other[1])["grid"]["accuracy"]
    assert "Accuracy on fresh points" in first[2]


def test_an_interrupted_command_says_what_it_kept_and_goes_on(run, monkeypatch):
    counted, run_cell = [], gen.run_cell

    def stopping(cell):
        if len(counted) == 4:
            raise KeyboardInterrupt
        counted.append(cell)
        return run_cell(cell)

    monkeypatch.setattr(gen, "run_cell", stopping)
    line = f"{LINE} --no-picture --checkpoint cells.json --json phase.json"
    code, out, err = run(line)
    assert (code, out) == (130, "")
    assert err == f"kktcheck: interrupted: finished cells are kept in cells.json; to go on from there: kktcheck {line}\n"
    assert len(json.loads(Path("cells.json").read_text())["cells"]) == 4
    monkeypatch.setattr(gen, "run_cell", lambda cell: counted.append(cell) or run_cell(cell))
    assert run(line)[0] == 0
    assert len(counted) == len(set(counted)) == sum(len(part.cells()) for part in TINY.parts().values())
    code, _, err = run(line.replace("--neurons 8", "--neurons 10"))
    assert code == 2 and "cells.json holds cells of other settings (neurons was 8, now it is 10)" in err
    counted[4:] = []
    monkeypatch.setattr(gen, "run_cell", stopping)
    code, _, err = run(line.replace("cells.json", "other.json"))
    assert code == 130 and "nothing was kept yet; to start again" in err
    assert "with --checkpoint FILE.json finished cells are" in run(f"{LINE} --no-picture")[2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--dims 0.5", "0.5 is no dimension: whole numbers from 1 to 1e20"),
        ("--dims 10.5", "10.5 is no dimension"),
        ("--dims 1e25", "d = 1e+25"),
        ("--dims 1000,10", "dims = (1000, 10): they have to increase"),
        ("--alpha 0.25", "0.25 lies outside (0, 1/4)"),
        ("--alpha 0", "'0' is no finite number above 0"),
        ("--alpha=-0.1", "'-0.1' is no finite number above 0"),
        ("--alpha nan", "'nan' is no finite number above 0"),
        ("--alpha 0.1 --mean-norm 1", "not allowed with argument"),
        ("--at 1e6,0.3", "alpha = 0.3: it lies in (0, 1/4)"),
        ("--at 5", "'5' is no dimension and length like 1e6,0.2"),
        ("--points 1", "'1' is no whole number of at least 2"),
        ("--points 5 --forget 5", "forgotten = 5 of 5 points"),
        ("--neurons 1", "'1' is no whole number of at least 2"),
        ("--draws 0", "'0' is no whole number of at least 1"),
        ("--test-points 0", "'0' is no whole number of at least 1"),
        ("--jobs 0", "'0' is no whole number of at least 1"),
        ("--jobs 2 --dask tcp://127.0.0.1:1", "not allowed with argument"),
        ("--out phase.jpg", "the name must end in .png or .pdf or .svg"),
        ("--out nowhere/phase.png", "there is no folder"),
        ("--checkpoint cells.npz", "the name must end in .json"),
        ("--checkpoint a.json --json a.json", "--checkpoint and --json are one file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, options, words):
    code, out, err = run(f"generalization {options}")
    assert (code, out) == (2, "")
    assert err.startswith("kktcheck: error: ") and err.count("\n") == 1 and words in err
