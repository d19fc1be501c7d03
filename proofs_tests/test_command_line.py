"""The command line end to end: what it writes, its exit codes, and that no bad input ends in a traceback."""

import json

import numpy as np
import pytest

import kktcheck as kc
from kktcheck.cli import main

from .kkt_instances import planted_network


@pytest.fixture
def files(tmp_path):
    planted = planted_network(3, error=0.1)
    kc.save_model(tmp_path / "model.npz", planted.model)
    kc.save_dataset(tmp_path / "data.npz", planted.data)
    return tmp_path


def test_certify_prints_and_writes_what_the_library_gives(files, capsys):
    code = main(["certify", files / "model.npz", files / "data.npz", "--json", files / "out.json"])
    certificate = kc.certify(kc.load_model(files / "model.npz"), kc.load_dataset(files / "data.npz"))
    assert code == 0
    assert f"{certificate.epsilon:.6g}" in capsys.readouterr().out
    assert json.loads((files / "out.json").read_text())["epsilon"] == certificate.epsilon


def test_unlearn_writes_the_model_of_gradient_ascent(files):
    code = main(["unlearn", files / "model.npz", files / "data.npz", "--forget", "1,3", "--out", files / "new.npz", "--json", files / "out.json"])
    expected = kc.gradient_ascent(kc.load_model(files / "model.npz"), kc.load_dataset(files / "data.npz"), [1, 3])
    assert code == 0
    assert np.array_equal(kc.load_model(files / "new.npz").W, expected.W)
    json.loads((files / "out.json").read_text())


def test_a_limit_exceeded_is_exit_code_1(files, capsys):
    assert main(["certify", files / "model.npz", files / "data.npz", "--max-epsilon", "1e-9"]) == 1
    assert "epsilon" in capsys.readouterr().err
    assert main(["certify", files / "model.npz", files / "data.npz", "--max-epsilon", "1e9"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["certify", "{}/none.npz", "{}/data.npz"], "none.npz"),
        (["certify", "{}/broken.npz", "{}/data.npz"], "broken.npz"),
        (["certify", "{}/model.npz", "{}/narrow.npz"], "dimension"),
        (["certify", "{}/model.npz"], "DATA"),
        (["unlearn", "{}/model.npz", "{}/data.npz", "--forget", "99", "--out", "{}/new.npz"], "99"),
        (["unlearn", "{}/model.npz", "{}/data.npz", "--forget", "x", "--out", "{}/new.npz"], "forget"),
        (["unlearn", "{}/model.npz", "{}/data.npz", "--forget", "1", "--out", "{}/nowhere/new.npz"], "nowhere"),
        (["figure1", "--networks", "0"], "networks"),
        (["figure1", "--points", "11", "--epochs", "1"], "points"),
        (["dance"], "dance"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(files, capsys, words, message):
    (files / "broken.npz").write_bytes((files / "model.npz").read_bytes()[:100])
    kc.save_dataset(files / "narrow.npz", kc.Dataset(np.eye(2), [1, -1]))
    assert main([word.format(files) for word in words]) == 2
    err = capsys.readouterr().err
    assert message in err and "Traceback" not in err


def test_figure1_runs_small(files, capsys):
    words = ["figure1", "--networks", "2", "--epochs", "3000", "--num-points", "4", "--dim", "60", "--neurons", "30", "--points", "0,2"]
    assert main([*words, "--out", files / "f.png", "--json", files / "f.json"]) == 0
    document = json.loads((files / "f.json").read_text())
    assert [series["name"] for series in document["series"]] == ["indicator", "clarke", "clarke, projected step"]
    assert (files / "f.png").read_bytes().startswith(b"\x89PNG")
    assert "borne out" in capsys.readouterr().out.lower()
