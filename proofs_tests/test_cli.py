"""The command line end to end: numbers equal to the library's, one line per error, exit codes."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kktcheck as kc
from kktcheck import cli
from kktcheck.cli import output

from .audit_instances import strict_json
from .cli_checks import Planned

ROOT = Path(__file__).parents[1]


def feasible_network(seed=3, m=6, d=30, n=8):
    """Near-orthogonal data and a network with |u_j| = 1/sqrt(n); a neuron is active on the points whose label has its sign.

    Two pairs, (0, 1) inactive and (2, 2) active, are so near zero that a tolerance of 0.05 takes them for kinks.
    """
    rng = np.random.default_rng(seed)
    X = np.linalg.qr(rng.standard_normal((d, m)))[0].T + 0.05 * rng.standard_normal((m, d)) / np.sqrt(d)
    y = np.where(np.arange(m) % 2, -1.0, 1.0)
    u = np.where(np.arange(n) % 2, -1.0, 1.0) / np.sqrt(n)
    W = np.sign(u)[:, None] * ((rng.uniform(0.5, 1.5, (n, m)) * y) @ X)
    for j, i in ((0, 1), (2, 2)):
        W[j] -= 0.98 * (W[j] @ X[i]) / (X[i] @ X[i]) * X[i]
    return kc.TwoLayerReLU(W, u), kc.Dataset(X, y)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with a network, a linear predictor and their data in files."""
    monkeypatch.chdir(tmp_path)
    network, data = feasible_network()
    kc.save_model("model.npz", network)
    kc.save_dataset("data.npz", data)
    kc.save_model("linear.npz", kc.LinearPredictor(data.y @ data.X))
    return tmp_path


def loaded(model="model.npz"):
    return kc.load_model(model), kc.load_dataset("data.npz")


def same_certificate(first, second):
    for name in ("epsilon", "delta", "gamma", "tau", "scale", "subgradient", "slackness_cap"):
        assert getattr(first, name) == getattr(second, name), name
    np.testing.assert_array_equal(first.multipliers, second.multipliers)
    np.testing.assert_array_equal(first.margins, second.margins)


# certify


@pytest.mark.parametrize("model", ["model.npz", "linear.npz"])
@pytest.mark.parametrize("subgradient", ["clarke", "indicator"])
def test_certify_prints_and_writes_the_certificate_of_the_library(run, model, subgradient):
    code, out, err = run(f"certify {model} data.npz --subgradient {subgradient} --json c.json")
    expected = kc.certify(*loaded(model), subgradient=subgradient)
    assert (code, err) == (0, "")
    assert expected.summary() in out
    strict_json(Path("c.json").read_text())
    same_certificate(kc.Certificate.from_json(Path("c.json").read_text()), expected)


def test_both_conventions_make_two_tables_and_a_list_of_two(run):
    code, out, _ = run("certify model.npz data.npz --subgradient both --json c.json")
    documents = strict_json(Path("c.json").read_text())
    assert code == 0
    assert [document["subgradient"] for document in documents] == ["clarke", "indicator"]
    for document in documents:
        expected = kc.certify(*loaded(), subgradient=document["subgradient"])
        same_certificate(kc.Certificate.from_json(json.dumps(document)), expected)
        assert expected.summary() in out


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("--slackness-cap 0.01", {"slackness_cap": 0.01}),
        ("--scale 2.5", {"scale": 2.5}),
        ("--kink-tol 0.05", {"kink_tol": 0.05}),
        ("--kink-tol auto", {"kink_tol": "auto"}),
        ("--engine cvxpy", {"engine": "cvxpy"}),
    ],
)
def test_options_of_certify_reach_the_library_and_matter(run, words, options):
    code, _, _ = run(f"certify model.npz data.npz {words} --json c.json")
    got, expected = kc.Certificate.from_json(Path("c.json").read_text()), kc.certify(*loaded(), **options)
    assert code == 0
    same_certificate(got, expected)
    assert got.method == expected.method
    plain = kc.certify(*loaded())
    differs = (got.epsilon, got.scale, got.method) != (plain.epsilon, plain.scale, plain.method)
    assert differs == (words != "--kink-tol auto")


def test_a_saved_certified_model_certifies_to_the_same_numbers(run):
    first, _, _ = run("certify model.npz data.npz --kink-tol 0.05 --save-model certified.npz --json first.json")
    second, _, _ = run("certify certified.npz data.npz --json second.json")
    assert first == second == 0
    a, b = (kc.Certificate.from_json(Path(name).read_text()) for name in ("first.json", "second.json"))
    assert a.kinks.count == b.kinks.count > 0
    assert (b.scale, b.tau) == (1.0, 0.0)
    assert a.tau > 0
    assert b.epsilon == pytest.approx(a.epsilon, abs=a.epsilon_error + b.epsilon_error)
    assert b.delta == pytest.approx(a.delta, abs=1e-12)


def test_json_to_standard_output_leaves_it_to_the_json_alone(run):
    code, out, err = run("certify model.npz data.npz --json -")
    assert code == 0
    same_certificate(kc.Certificate.from_json(out), kc.certify(*loaded()))
    assert "epsilon (stationarity)" in err


def test_one_file_may_hold_model_and_data(run, folder):
    network, data = loaded()
    np.savez("all.npz", W=network.W, u=network.u, X=data.X, y=data.y)
    code, out, _ = run("certify all.npz all.npz")
    assert code == 0
    assert kc.certify(network, data).summary() in out


# limits


def test_a_limit_equal_to_the_number_is_not_exceeded(run):
    epsilon = kc.certify(*loaded()).epsilon
    assert run(f"certify model.npz data.npz --max-epsilon {epsilon!r} --max-delta 1e9 --max-tau 0")[::2] == (0, "")


def test_an_exceeded_limit_exits_with_1_and_says_which_and_by_how_much(run):
    certificate = kc.certify(*loaded(), kink_tol=0.05)
    limit = certificate.epsilon / 2
    code, out, err = run(f"certify model.npz data.npz --kink-tol 0.05 --max-epsilon {limit!r} --max-tau 0 --max-delta 1e9 --json c.json")
    assert code == 1
    assert "epsilon (stationarity)" in out
    first, second = err.splitlines()
    assert f"epsilon = {certificate.epsilon!r} of the clarke certificate is {certificate.epsilon - limit:.6g} above --max-epsilon {limit!r}" in first
    assert f"tau = {certificate.tau!r}" in second
    assert Path("c.json").exists()


def test_with_both_conventions_a_limit_holds_for_each(run):
    values = {each: kc.certify(*loaded(), subgradient=each, kink_tol=0.05).epsilon for each in ("clarke", "indicator")}
    low, high = sorted(values, key=values.get)
    code, _, err = run(f"certify model.npz data.npz --kink-tol 0.05 --subgradient both --max-epsilon {values[low]!r}")
    assert code == 1
    assert f"of the {high} certificate" in err
    assert f"of the {low} certificate" not in err


def test_a_limit_on_unlearning_is_on_the_unlearned_model(run):
    idle = run("unlearn model.npz data.npz --forget 2 --out new.npz --fraction 0 --json u.json --max-epsilon 0.001")
    after = strict_json(Path("u.json").read_text())
    assert idle[0] == 1
    assert "epsilon" in idle[2]
    assert after["limits"] == {"epsilon": 0.001}
    assert after["limits_exceeded"] == [line.removeprefix("kktcheck: ") for line in idle[2].splitlines()]
    epsilon = after["certificates"]["unlearned_retained"]["epsilon"]
    assert run(f"unlearn model.npz data.npz --forget 2 --out new.npz --fraction 0 --max-epsilon {epsilon!r}")[0] == 0


# unlearn


@pytest.mark.parametrize("subgradient", ["clarke", "indicator"])
@pytest.mark.parametrize("method", ["plain", "projected"])
def test_unlearn_writes_the_model_of_the_library(run, method, subgradient):
    line = f"unlearn model.npz data.npz --forget 1,2 --out new.npz --method {method} --fraction 0.7 --kink-tol 0.05"
    code, _, err = run(f"{line} --subgradient {subgradient}")
    model, data = loaded()
    certificate = kc.certify(model, data, subgradient=subgradient, kink_tol=0.05)
    expected = kc.gradient_ascent(model, data, [1, 2], certificate=certificate, fraction=0.7, method=method)
    assert (code, err) == (0, "")
    np.testing.assert_array_equal(kc.load_model("new.npz").W, expected.W)


def test_the_corrected_method_restores_activations_and_reports_whether_they_stayed(run):
    code, out, _ = run("unlearn model.npz data.npz --forget 1 --out new.npz --method corrected --json u.json")
    model, data = loaded()
    expected = kc.restore_activations(kc.gradient_ascent(model, data, 1), data, 1, original=model)
    report = strict_json(Path("u.json").read_text())["correction"]
    assert code == 0
    np.testing.assert_array_equal(kc.load_model("new.npz").W, expected.model.W)
    assert (report["c"], report["norm"]) == (expected.c, expected.correction_norm)
    assert report["restored"] is True
    assert f"correction with c = {expected.c:.6g}: all activations on retained points are the original's" in out


def test_activations_that_changed_in_spite_of_the_correction_are_counted(run, monkeypatch):
    from kktcheck.unlearning import restore_activations

    monkeypatch.setattr("kktcheck.cli.before_after.gradient_ascent", lambda model, *args, **options: model.with_hidden(model.W[:, ::-1]))
    code, out, _ = run("unlearn model.npz data.npz --forget 1 --out new.npz --method corrected --json u.json")
    model, data = loaded()
    expected = restore_activations(model.with_hidden(model.W[:, ::-1]), data, 1, original=model)
    report = strict_json(Path("u.json").read_text())["correction"]
    assert code == 0
    assert report["restored"] is False
    assert report["changed"] == expected.changed.tolist() != []
    assert report["changed_without"] == expected.changed_before.tolist()
    assert f"{len(expected.changed)} activations differ all the same ({len(expected.changed_before)} differed without it)" in out


def test_the_table_compares_original_doing_nothing_and_unlearned(run):
    code, out, _ = run("unlearn model.npz data.npz --forget 1,4 --out new.npz --json u.json --loss exponential")
    model, data = loaded()
    document = strict_json(Path("u.json").read_text())
    rest, new = data.without([1, 4]), kc.load_model("new.npz")
    expected = (kc.certify(model, data), kc.certify(model, rest), kc.certify(new, rest))
    header, epsilons, deltas = (
        next(line for line in out.splitlines() if line.startswith(start)).split("  ") for start in ("certificate ", "epsilon ", "delta ")
    )
    assert code == 0
    assert [word.strip() for word in header if word] == ["certificate", "original, all data", "original, retained", "unlearned, retained"]
    assert [word.strip() for word in epsilons if word][1:] == [f"{certificate.epsilon:.6g}" for certificate in expected]
    assert [word.strip() for word in deltas if word][1:] == [f"{certificate.delta:.6g}" for certificate in expected]
    for name, certificate in zip(("original_all", "original_retained", "unlearned_retained"), expected, strict=True):
        numbers = document["certificates"][name]
        assert (numbers["epsilon"], numbers["delta"], numbers["scale"]) == (certificate.epsilon, certificate.delta, certificate.scale)
        assert numbers["multipliers"] == certificate.multipliers.tolist()
        assert numbers["residuals"]["slackness"] == certificate.residuals.slackness
    assert document["forget"] == [1, 4]
    assert document["retained"] == [0, 2, 3, 5]
    assert (document["method"], document["fraction"], document["loss"]) == ("plain", 1.0, "exponential")
    np.testing.assert_array_equal(document["margins_original"], expected[0].scale * model.margins(data))
    np.testing.assert_array_equal(document["margins_unlearned"], expected[0].scale * new.margins(data))
    assert f"{document['margins_unlearned'][4]:.6g}" in next(line for line in out.splitlines() if line.startswith("forgotten, point 4"))


def test_table_rows_are_aligned(run):
    _, out, _ = run("unlearn model.npz data.npz --forget 1,4 --out new.npz")
    for block in out.split("\n\n"):
        lines = block.splitlines()
        if any(line.startswith("---") for line in lines):
            ends = [len(line) for line in lines if not line.startswith("unlearned model")]
            assert len(set(ends)) == 1, block


def test_fraction_0_leaves_the_weights_and_the_idle_numbers(run):
    code, _, _ = run("unlearn model.npz data.npz --forget 2 --out new.npz --fraction 0 --json u.json")
    document = strict_json(Path("u.json").read_text())["certificates"]
    assert code == 0
    np.testing.assert_array_equal(kc.load_model("new.npz").W, kc.load_model("model.npz").W)
    assert document["unlearned_retained"] == document["original_retained"]


def test_a_projected_step_leaves_retained_margins_and_its_own_kinks(run):
    run("certify model.npz data.npz --kink-tol 0.05 --save-model certified.npz")
    code, _, _ = run("unlearn certified.npz data.npz --forget 2 --out new.npz --method projected --json u.json")
    document = strict_json(Path("u.json").read_text())
    kept = [0, 1, 3, 4, 5]
    assert code == 0
    np.testing.assert_allclose(np.array(document["margins_unlearned"])[kept], np.array(document["margins_original"])[kept], rtol=1e-13)
    np.testing.assert_array_equal(kc.load_model("new.npz").kinks, kc.load_model("certified.npz").kinks[:, kept])


def test_a_linear_predictor_can_be_unlearned(run):
    code, out, _ = run("unlearn linear.npz data.npz --forget 5 --out new.npz")
    assert code == 0
    np.testing.assert_array_equal(kc.load_model("new.npz").w, kc.gradient_ascent(*loaded("linear.npz"), 5).w)
    assert "forgotten, point 5" in out


def test_many_forgotten_points_are_summed_up_in_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    network, data = feasible_network(m=20, d=60)
    kc.save_model("model.npz", network)
    kc.save_dataset("data.npz", data)
    assert cli.main(["unlearn", "model.npz", "data.npz", "--forget", ",".join(map(str, range(15))), "--out", "new.npz"]) == 0
    out = capsys.readouterr().out
    assert "forgotten, mean of all 15" in out
    assert "forgotten, point 11" in out
    assert "forgotten, point 12" not in out


def near_twins(folder):
    """Forgetting point 0 with half more than its step takes point 1, nearly the same, to the wrong side."""
    data = kc.Dataset([[1.0, 0.0, 0.0], [0.999, 0.04, 0.0], [0.0, 0.0, 1.0]], [1, 1, -1])
    kc.save_dataset("twins.npz", data)
    kc.save_model("twins_model.npz", kc.LinearPredictor([1.0, 0.01, -1.0]))


def test_a_misclassified_retained_point_is_reported_and_no_error(run, folder):
    near_twins(folder)
    code, out, err = run("unlearn twins_model.npz twins.npz --forget 0 --out new.npz --fraction 1.5 --json u.json")
    document = strict_json(Path("u.json").read_text())
    assert (code, err) == (0, "")
    assert document["certificates"]["unlearned_retained"] is None
    assert document["misclassified"] == [1]
    assert document["margins_unlearned"][1] <= 0
    assert "retained points (1)" in out
    assert kc.load_model("new.npz").w[0] < 0.1


def test_a_model_without_certificate_exceeds_every_limit(run, folder):
    near_twins(folder)
    code, _, err = run("unlearn twins_model.npz twins.npz --forget 0 --out new.npz --fraction 1.5 --max-delta 1e9")
    assert code == 1
    assert "has no certificate, so no delta" in err


def test_warnings_are_lines_and_in_the_json(run, folder):
    data = kc.Dataset([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, 1, -1])
    kc.save_dataset("twice.npz", data)
    kc.save_model("twice_model.npz", kc.LinearPredictor([1.0, -1.0]))
    code, _, err = run("unlearn twice_model.npz twice.npz --forget 0 --out new.npz --method projected --json u.json")
    (warning,) = strict_json(Path("u.json").read_text())["warnings"]
    assert code == 0
    assert err == f"kktcheck: warning: {warning}\n"
    assert "forgets nothing" in warning


# bad input

BAD = [
    ("", "required: COMMAND"),
    ("frobnicate", "invalid choice: 'frobnicate'"),
    ("certify", "required: MODEL, DATA"),
    ("certify model.npz", "required: DATA"),
    ("certify model.npz data.npz --js c.json", "unrecognized arguments: --js"),
    ("certify nowhere.npz data.npz", "nowhere.npz: there is no such file"),
    ("certify model.npz nowhere.npz", "nowhere.npz: there is no such file"),
    ("certify data.npz model.npz", "data.npz holds X, y; a model is"),
    ("certify text.txt data.npz", "the format .txt is unknown"),
    ("certify model.pt data.npz", "pickles"),
    ("certify broken.npz data.npz", "broken.npz is truncated, damaged"),
    ("certify model.npz other.npz", "model.npz takes points of dimension 30, but those in other.npz have dimension 7"),
    ("certify model.npz flipped.npz", "point 2 has a margin of at most 0"),
    ("certify model.npz zeros.npz", "labels are -1 or +1"),
    ("certify model.npz nan.npz", "X[1, 0] = nan"),
    ("certify model.npz data.npz --subgradient left", "invalid choice: 'left'"),
    ("certify model.npz data.npz --kink-tol 1", "'1' is neither 'auto' nor a number in [0, 1)"),
    ("certify model.npz data.npz --kink-tol few", "'few' is no finite number"),
    ("certify model.npz data.npz --slackness-cap -1", "'-1' is no finite number of at least 0"),
    ("certify model.npz data.npz --scale 0", "'0' is no finite number above 0"),
    ("certify model.npz data.npz --scale inf", "'inf' is no finite number above 0"),
    ("certify model.npz data.npz --engine slow", "invalid choice: 'slow'"),
    ("certify model.npz data.npz --max-epsilon nan", "argument --max-epsilon: 'nan' is no finite number"),
    ("certify model.npz data.npz --seed -1", "'-1' is no whole number of at least 0"),
    ("certify model.npz data.npz --json nowhere/c.json", "--json nowhere/c.json: there is no folder"),
    ("certify model.npz data.npz --json .", "--json . is a folder"),
    ("certify model.npz data.npz --json model.npz", "--json and MODEL are one file"),
    ("certify model.npz data.npz --json ./data.npz", "--json and DATA are one file"),
    ("certify model.npz data.npz --save-model new.pt", "--save-model new.pt: the name must end in .npz or .safetensors"),
    ("certify model.npz data.npz --save-model new.npz --json new.npz", "--json and --save-model are one file"),
    ("unlearn model.npz data.npz --out new.npz", "required: --forget"),
    ("unlearn model.npz data.npz --forget 1", "required: --out"),
    ("unlearn model.npz data.npz --forget 6 --out new.npz", "names point 6 (position 0); there are points 0 to 5"),
    ("unlearn model.npz data.npz --forget -1 --out new.npz", "names point -1"),
    ("unlearn model.npz data.npz --forget 1,1 --out new.npz", "names point 1 more than once"),
    ("unlearn model.npz data.npz --forget 0,1,2,3,4,5 --out new.npz", "holds all 6 points"),
    ("unlearn model.npz data.npz --forget '' --out new.npz", "'' is no list of point indices"),
    ("unlearn model.npz data.npz --forget 1;2 --out new.npz", "'1;2' is no list of point indices"),
    ("unlearn model.npz data.npz --forget 1 --out new.npz --fraction -0.5", "'-0.5' is no finite number of at least 0"),
    ("unlearn model.npz data.npz --forget 1 --out new.npz --method magic", "invalid choice: 'magic'"),
    ("unlearn model.npz data.npz --forget 1 --out new.npz --loss hinge", "invalid choice: 'hinge'"),
    ("unlearn model.npz data.npz --forget 1 --out new.npz --subgradient both", "invalid choice: 'both'"),
    ("unlearn model.npz data.npz --forget 1 --out model.npz", "--out and MODEL are one file"),
    ("unlearn model.npz data.npz --forget 1 --out nowhere/new.npz", "--out nowhere/new.npz: there is no folder"),
    ("unlearn linear.npz data.npz --forget 1 --out new.npz --method corrected", "activations to restore"),
    ("unlearn model.npz other.npz --forget 1 --out new.npz", "dimension 30, but those in other.npz have dimension 7"),
    ("unlearn model.npz flipped.npz --forget 1 --out new.npz", "point 2 has a margin of at most 0"),
    ("figure1 --networks 0", "'0' is no whole number of at least 1"),
    ("figure1 --epochs 1.5", "'1.5' is no whole number"),
    ("figure1 --num-points 1", "'1' is no whole number of at least 2"),
    ("figure1 --learning-rate 0", "'0' is no finite number above 0"),
    ("figure1 --points 3,x", "'3,x' is no list of point indices"),
    ("figure1 --points 3,12", "points = (3, 12)"),
    ("figure1 --data some", "invalid choice: 'some'"),
    ("figure1 --out picture.jpg", "--out picture.jpg: the name must end in .png or .pdf or .svg"),
    ("figure1 --out nowhere/picture.png", "--out nowhere/picture.png: there is no folder"),
    ("figure1 --json nowhere/f.json", "--json nowhere/f.json: there is no folder"),
    ("figure1 --checkpoint nowhere/k.npz", "--checkpoint nowhere/k.npz: there is no folder"),
    ("figure1 --checkpoint k.bin", "--checkpoint k.bin: the name must end in .npz"),
    ("figure1 --checkpoint data.npz --networks 1 --epochs 5", "data.npz"),
    ("figure1 --measure delta", "invalid choice: 'delta'"),
    ("figure1 --measure tau --points 12", "points = (12,)"),
    ("figure1 --measure tau --out tau.jpg", "--out tau.jpg: the name must end in .png or .pdf or .svg"),
    ("figure1 --measure tau --checkpoint k.npz --json k-retraining.npz", "--json are one file"),
    ("figure1 --measure tau --checkpoint folder.npz", "the file beside --checkpoint, folder-retraining.npz is a folder"),
]


@pytest.fixture
def bad_files(folder):
    data = loaded()[1]
    Path("text.txt").write_text("W")
    Path("model.pt").write_bytes(b"\x80\x02.")
    Path("broken.npz").write_bytes(Path("model.npz").read_bytes()[:-40])
    kc.save_dataset("other.npz", kc.Dataset(np.eye(7)[:3], [1, -1, 1]))
    kc.save_dataset("flipped.npz", kc.Dataset(data.X, data.y * np.where(np.arange(6) == 2, -1, 1)))
    np.savez("zeros.npz", X=data.X, y=(data.y + 1) / 2)
    np.savez("nan.npz", X=np.where(np.arange(6)[:, None] == 1, np.nan, data.X), y=data.y)
    Path("folder-retraining.npz").mkdir()
    return folder


@pytest.mark.parametrize(("line", "message"), BAD, ids=[line or "nothing" for line, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2_and_writes_nothing(bad_files, run, line, message):
    before = {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")}
    code, out, err = run(line)
    assert (code, out) == (2, "")
    assert err.startswith("kktcheck: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")} == before


def test_running_out_of_memory_is_an_error_line(run, monkeypatch):
    def greedy(*args, **options):
        raise MemoryError("Unable to allocate 7 TiB")

    monkeypatch.setattr("kktcheck.certificate.certify", greedy)
    code, _, err = run("certify model.npz data.npz")
    assert code == 2
    assert err == "kktcheck: error: not enough memory (Unable to allocate 7 TiB): take fewer points, neurons or dimensions\n"


def test_what_is_a_defect_of_ours_is_not_dressed_up_as_bad_input(run, monkeypatch):
    def broken(*args, **options):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("kktcheck.certificate.certify", broken)
    with pytest.raises(ZeroDivisionError):
        run("certify model.npz data.npz")


# figure1

TINY = "figure1 --networks 2 --epochs 300 --num-points 3 --dim 30 --neurons 6"


def test_figure1_trains_sweeps_draws_and_writes(run):
    code, out, err = run(f"{TINY} --points 1 --seed 4 --out picture.png --json f.json --checkpoint k.npz")
    document = strict_json(Path("f.json").read_text())
    assert (code, err) == (0, "")
    assert Path("picture.png").read_bytes().startswith(b"\x89PNG")
    settings = document["settings"]
    assert (settings["networks"], settings["points"], settings["seed"], settings["dim"]) == (2, [1], 4, 30)
    assert "indicator" in out
    for sentence in document["finding"]:
        assert sentence in out
    assert "picture written to picture.png" in out
    # From the checkpoint the same numbers come without training.
    again, _, _ = run(f"{TINY} --points 1 --seed 4 --no-picture --json again.json --checkpoint k.npz")
    assert again == 0
    assert strict_json(Path("again.json").read_text()) == document


def test_figure1_measures_tau_and_goes_on_from_what_was_kept(run):
    code, out, err = run(f"{TINY} --measure tau --points 1 --seed 4 --json t.json --checkpoint k.npz")
    document = strict_json(Path("t.json").read_text())
    assert (code, err) == (0, "")
    assert Path("tau.png").read_bytes().startswith(b"\x89PNG")
    assert "picture written to tau.png" in out
    assert (document["measure"], document["settings"]["points"], document["settings"]["seed"]) == ("tau", [1], 4)
    for sentence in document["finding"]:
        assert sentence in out
    assert "exact KKT points: found for 2 of 2 retained sets" in out
    assert kc.Training.load("k-retraining.npz").epoch == kc.Training.load("k.npz").epoch == 300
    # From the checkpoints the same numbers come without training.
    again, _, _ = run(f"{TINY} --measure tau --points 1 --seed 4 --no-picture --json again.json --checkpoint k.npz")
    assert again == 0
    assert strict_json(Path("again.json").read_text()) == document


def test_epsilon_is_the_default_measure(run):
    run(f"{TINY} --points 1 --no-picture --json default.json")
    run(f"{TINY} --points 1 --no-picture --measure epsilon --json named.json")
    assert Path("default.json").read_text() == Path("named.json").read_text()


@pytest.fixture
def planned(monkeypatch):
    def plan(answer=None, experiment="figure1"):
        if answer is None:
            from .test_plots import planted_result, planted_tau

            answer = planted_result() if experiment == "figure1" else planted_tau()
        stand_in = Planned(answer)
        monkeypatch.setattr(f"kktcheck.experiments.{experiment}.run", stand_in)
        return stand_in

    return plan


def test_every_option_of_figure1_reaches_the_settings(run, planned):
    experiment = planned()
    line = (
        "figure1 --networks 3 --epochs 7 --num-points 4 --dim 5 --neurons 6 --learning-rate 0.5 --weight-decay 0.25 --init-scale 0.125 "
        "--points 1,3 --data one --seed 9 --checkpoint k.npz --no-picture --jobs 3"
    )
    assert run(line)[0] == 0
    assert experiment.jobs == [3]
    ((settings, checkpoint),) = experiment.calls
    assert checkpoint == "k.npz"
    expected = {"networks": 3, "epochs": 7, "num_points": 4, "dim": 5, "neurons": 6, "learning_rate": 0.5, "weight_decay": 0.25}
    expected |= {"init_scale": 0.125, "points": (1, 3), "data": "one", "seed": 9}
    assert {name: getattr(settings, name) for name in expected} == expected


def test_the_defaults_of_figure1_are_those_of_the_experiment(run, planned):
    from kktcheck.experiments.figure1 import Settings

    experiment = planned()
    code, out, _ = run("figure1")
    assert code == 0
    assert experiment.calls == [(Settings(), None)] and experiment.jobs == [1]
    assert Path("figure1.png").exists()
    assert experiment.answer.summary() in out


def test_the_tau_experiment_has_the_same_defaults_and_a_picture_of_its_own(run, planned):
    from kktcheck.experiments.step_fractions import Settings

    experiment = planned(experiment="tau_sweep")
    code, out, _ = run("figure1 --measure tau")
    assert code == 0
    assert experiment.calls == [(Settings(), None)]
    assert Path("tau.png").exists() and not Path("figure1.png").exists()
    assert experiment.answer.summary() in out
    assert run("figure1 --measure tau --out other.svg --points 1,3 --seed 9")[0] == 0
    assert Path("other.svg").read_bytes().startswith(b"<?xml")
    assert (experiment.calls[1][0].points, experiment.calls[1][0].seed) == ((1, 3), 9)


@pytest.mark.parametrize("option", ["--out picture.png", "--json f.json", "--checkpoint k.npz"])
def test_an_unwritable_output_is_found_out_before_the_work(run, planned, monkeypatch, option):
    experiment = planned()

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    picture = "" if "--out" in option else "--no-picture"
    code, _, err = run(f"figure1 {option} {picture}")
    assert (code, experiment.calls) == (2, [])
    assert err == f"kktcheck: error: {option} cannot be written: Permission denied\n"


def test_a_missing_matplotlib_is_found_out_before_the_work(run, planned, monkeypatch):
    experiment = planned()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run("figure1")
    assert (code, experiment.calls) == (2, [])
    assert "pip install 'kktcheck[cli]'" in err
    assert run("figure1 --no-picture")[0] == 0


class Stopped:
    epoch = 175


def test_ctrl_c_in_training_says_what_was_kept_and_the_command_to_go_on_with(run, planned):
    planned(kc.TrainingInterrupted("stopped", Stopped()))
    Path("k file.npz").write_bytes(b"")
    code, out, err = run("figure1 --epochs 300 --checkpoint 'k file.npz' --no-picture")
    assert (code, out) == (130, "")
    assert err == (
        "kktcheck: interrupted: the training at epoch 175 of 300 is kept in k file.npz; to go on from there: "
        "kktcheck figure1 --epochs 300 --checkpoint 'k file.npz' --no-picture\n"
    )


def test_ctrl_c_without_a_checkpoint_says_that_nothing_was_kept(run, planned):
    planned(kc.TrainingInterrupted("stopped", Stopped()))
    code, _, err = run("figure1 --no-picture")
    assert code == 130
    kept = "nothing was kept (with --checkpoint FILE.npz the training is); to start again"
    assert err == f"kktcheck: interrupted: {kept}: kktcheck figure1 --no-picture\n"


def test_ctrl_c_in_the_tau_experiment_names_both_files(run, planned):
    planned(KeyboardInterrupt(), "tau_sweep")
    line = "figure1 --measure tau --checkpoint k.npz --no-picture"
    Path("k.npz").write_bytes(b"")
    assert run(line)[2] == f"kktcheck: interrupted: the training is kept in k.npz; to go on from there: kktcheck {line}\n"
    Path("k-retraining.npz").write_bytes(b"")
    kept = "the training is kept in k.npz, what was retrained in k-retraining.npz"
    assert run(line)[2] == f"kktcheck: interrupted: {kept}; to go on from there: kktcheck {line}\n"
    assert "--checkpoint FILE.npz the training and retraining are)" in run("figure1 --measure tau --no-picture")[2]


@pytest.mark.parametrize(("exists", "words"), [(True, "the training is kept in k.npz; to go on from there"), (False, "nothing was kept yet")])
def test_ctrl_c_outside_training_tells_whether_there_is_a_checkpoint(run, planned, exists, words):
    planned(KeyboardInterrupt())
    if exists:
        Path("k.npz").write_bytes(b"")
    code, _, err = run("figure1 --checkpoint k.npz --no-picture")
    assert code == 130
    assert words in err
    assert err.count("\n") == 1


def test_ctrl_c_in_other_commands(run, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("kktcheck.certificate.certify", interrupted)
    code, _, err = run("certify model.npz data.npz --json c.json")
    assert code == 130
    assert err == "kktcheck: interrupted: nothing was kept; to start again: kktcheck certify model.npz data.npz --json c.json\n"
    assert not Path("c.json").exists()


def test_real_training_that_is_interrupted_resumes_to_the_same_numbers(run, monkeypatch):
    from kktcheck.experiments import appendix_e

    run(f"{TINY} --points 0 --no-picture --json whole.json")
    original, calls = appendix_e.train, []

    def interrupt_once(*args, **options):
        calls.append(options["steps"])
        if len(calls) == 20:
            raise kc.TrainingInterrupted("stopped", options["resume"])
        return original(*args, **options)

    monkeypatch.setattr(appendix_e, "train", interrupt_once)
    code, _, err = run(f"{TINY} --points 0 --no-picture --json parts.json --checkpoint k.npz")
    assert code == 130
    assert "at epoch 142 of 300 is kept in k.npz" in err
    assert not Path("parts.json").exists()
    code, _, _ = run(err.partition("to go on from there: kktcheck ")[2])
    assert code == 0
    assert Path("parts.json").read_text() == Path("whole.json").read_text()


def test_real_retraining_that_is_interrupted_resumes_to_the_same_numbers(run, monkeypatch):
    from kktcheck.experiments import retrained

    run(f"{TINY} --measure tau --points 0,2 --no-picture --json whole.json")
    original, calls = retrained.train, []

    def interrupt_once(*args, **options):
        calls.append(args)
        if len(calls) == 2:
            raise kc.TrainingInterrupted("stopped", original(*args, **options))
        return original(*args, **options)

    monkeypatch.setattr(retrained, "train", interrupt_once)
    code, _, err = run(f"{TINY} --measure tau --points 0,2 --no-picture --json parts.json --checkpoint k.npz")
    assert code == 130
    assert "the training is kept in k.npz, what was retrained in k-retraining.npz; to go on from there" in err
    assert not Path("parts.json").exists()
    code, _, _ = run(err.partition("to go on from there: kktcheck ")[2])
    assert code == 0
    assert Path("parts.json").read_text() == Path("whole.json").read_text()


# progress


class Terminal:
    """A standard error that is a terminal."""

    encoding = "utf-8"

    def __init__(self):
        self.written = ""

    def isatty(self):
        return True

    def write(self, text):
        self.written += text

    def flush(self):
        pass


def test_a_bar_for_each_stage_on_a_terminal(folder, planned, monkeypatch):
    planned()
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert cli.main(["figure1", "--no-picture"]) == 0
    assert "training: 100%" in terminal.written
    assert "300/300" in terminal.written
    assert "forgetting:  50%" in terminal.written


def test_epochs_of_an_earlier_run_do_not_count_for_the_speed_of_this_one(folder, planned, monkeypatch):
    import tqdm

    planned()
    terminal, original, begun = Terminal(), tqdm.tqdm, []
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(tqdm, "tqdm", lambda **options: begun.append((options["desc"], options["initial"])) or original(**options))
    assert cli.main(["figure1", "--no-picture"]) == 0
    assert begun == [("training", 30), ("forgetting", 1)]


def test_without_tqdm_one_line_says_how_to_get_a_bar(folder, planned, monkeypatch):
    planned()
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert cli.main(["figure1", "--no-picture"]) == 0
    assert terminal.written == "kktcheck: no progress bar without tqdm: pip install 'kktcheck[cli]'\n"


def test_no_progress_when_standard_error_is_no_terminal(run, planned):
    planned()
    assert run("figure1 --no-picture")[2] == ""


# the program as a process


def process(words, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *words], capture_output="stdout" not in options, text=True, env=environment, check=False, **options)


def test_version_of_the_module_run_as_a_program():
    done = process(["-W", "error", "-m", "kktcheck", "--version"])
    assert (done.returncode, done.stdout, done.stderr) == (0, f"kktcheck {kc.__version__}\n", "")


def test_version_and_help_import_nothing_heavy():
    code = "import sys\nfrom kktcheck.cli import main\nmain(['figure1', '--help'])\nmain(['--version'])\nprint(*sys.modules, sep='\\n')"
    modules = process(["-c", code]).stdout.split()
    assert "kktcheck.cli.figure1" in modules
    assert not {"cvxpy", "hypothesis", "matplotlib", "tqdm", "scipy.optimize", "safetensors"} & set(modules)


def test_help_names_every_command_with_examples(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in ("certify", "unlearn", "figure1"):
        assert f"kktcheck {command} " in out
        code, text, _ = run(f"{command} --help")
        assert code == 0
        assert f"  kktcheck {command}" in text.partition("examples:")[2]
        assert "--json" in text
        assert "--seed" in text


@pytest.mark.parametrize(("limit", "code"), [("1e9", 0), ("0", 1)])
def test_a_reader_that_has_gone_is_no_error_and_does_not_hide_the_exit_code(folder, limit, code):
    read, write = os.pipe()
    os.close(read)
    done = process(
        ["-m", "kktcheck", "certify", "model.npz", "data.npz", "--kink-tol", "0.2", "--max-tau", limit],
        stdout=write,
        stderr=subprocess.PIPE,
    )
    os.close(write)
    assert done.returncode == code
    assert done.stderr.count("\n") == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", [["--help"], ["certify", "model.npz", "data.npz"]])
def test_a_full_device_is_an_error_line(folder, words):
    with open("/dev/full", "w") as full:
        done = process(["-m", "kktcheck", *words], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == "kktcheck: error: the standard output cannot be written: No space left on device\n"


def test_names_that_the_terminal_cannot_show_do_not_stop_a_command(folder):
    kc.save_model("modèle.npz", loaded()[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    words = [sys.executable, "-m", "kktcheck", "certify", "modèle.npz", "data.npz", "--save-model", "né.npz"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "written to n\\xe9.npz" in done.stdout


# files written


def test_a_file_is_replaced_in_one_step_or_left_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "c.json"
    output.write(path, "old")
    output.write(path, "new")
    assert path.read_text() == "new"

    def fails(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(kc.FileError, match=r"c\.json cannot be written: No space left"):
        output.write(path, "newer")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_checking_leaves_nothing_behind(tmp_path):
    output.check(str(tmp_path / "c.json"), "--json")
    assert list(tmp_path.iterdir()) == []


def test_a_write_protected_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "c.json"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write everything
    with pytest.raises(kc.FileError, match="write-protected"):
        output.check(str(path), "--json")


def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    output.write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_link_to_an_input_is_that_input(tmp_path):
    (tmp_path / "link.npz").symlink_to(tmp_path / "model.npz")
    with pytest.raises(kc.InputError, match="--out and MODEL are one file"):
        output.check_distinct([("--out", str(tmp_path / "link.npz"))], [("MODEL", str(tmp_path / "model.npz"))])


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    output.check(str(path), "--json")
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    output.write(path, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_missing_safetensors_is_found_out_before_the_work(run, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, out, err = run("unlearn model.npz data.npz --forget 1 --out new.safetensors")
    assert (code, out) == (2, "")
    assert "pip install 'kktcheck[safetensors]'" in err
