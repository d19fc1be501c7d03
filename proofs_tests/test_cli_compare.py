"""``kktcheck compare`` end to end: the library's numbers, one line per error, exit codes, files written and kept."""

import json
from pathlib import Path

import numpy as np
import pytest

import kktcheck as kc
from kktcheck.experiments import comparison
from kktcheck.experiments.comparison import Settings, compare

from .cli_checks import Planned
from .comparison_instances import trained_network, trained_predictor

TINY = "compare --appendix-e --networks 2 --epochs 1500 --num-points 4 --dim 40 --neurons 16"


@pytest.fixture(scope="module")
def records():
    return {"network": trained_network(), "linear": trained_predictor()}


@pytest.fixture
def folder(tmp_path, monkeypatch, records):
    """The working directory, with models, their data and the records of their training in files."""
    monkeypatch.chdir(tmp_path)
    for name, record in records.items():
        kc.save_model(f"{name}.npz", record.model)
        kc.save_dataset(f"{name}_data.npz", record.data[0])
        kc.save_dataset(f"{name}_fresh.npz", kc.sampling.gaussian(6, record.data[0].dim, rng=50))
        record.save(f"{name}_training.npz")
    return tmp_path


def document(path):
    """Parsed JSON without the times; NaN and Infinity are errors."""
    found = json.loads(Path(path).read_text(), parse_constant=lambda constant: pytest.fail(constant))
    for method in found["methods"]:
        assert method.pop("seconds") is None or method["models"]
        for one in method["runs"]:
            one.pop("seconds")
    return found


# a model of one's own


@pytest.mark.parametrize("name", ["network", "linear"])
def test_a_model_of_ones_own_gives_the_table_of_the_library(run, records, name):
    methods = "identity,gradient-ascent,amnesiac,sisa,retraining-other"
    line = f"compare {name}.npz {name}_data.npz --forget 3 --forget 0,1 --methods {methods} --record {name}_training.npz"
    line += " --seeds 2 --seed 4 --shards 3"
    code, out, err = run(f"{line} --others {name}_fresh.npz --test {name}_fresh.npz --statistic signed --json c.json --out c.svg")
    assert (code, err) == (0, "")
    record, fresh = records[name], kc.load_dataset(f"{name}_fresh.npz")
    expected = compare(
        record.model,
        record.data[0],
        [3, (0, 1)],
        record=record,
        others=fresh,
        test=fresh,
        methods=methods.split(","),
        seeds=2,
        shards=3,
        statistic="signed",
        seed=4,
    )
    Path("expected.json").write_text(expected.to_json())
    assert document("c.json") == document("expected.json")
    table = [line for line in out.splitlines() if line.split("  ")[0] in methods.split(",")]
    assert len(table) == 5
    for row, text in zip(expected.rows, table, strict=True):
        assert f"{row.typical('tau'):.3g}" in text and f"{row.membership.auc:.2f} (" in text
    assert "picture written to c.svg" in out and Path("c.svg").read_text().startswith("<?xml")


def test_without_a_record_and_candidates_the_rows_say_what_is_missing(run):
    code, out, _ = run("compare network.npz network_data.npz --forget 3 --methods identity,amnesiac,sisa,retraining --no-picture --json c.json")
    found = {method["id"]: method for method in document("c.json")["methods"]}
    assert code == 0
    assert [found[name]["models"] for name in ("identity", "amnesiac", "sisa", "retraining")] == [1, 0, 0, 0]
    assert "- no unlearned model (retraining needs a record of the training, which" in out and "): retraining 1/1" in out
    assert "AUC" not in out.splitlines()[2] and "acc test" not in out
    assert not Path("compare.png").exists()


def test_all_methods_of_the_kind_run_and_the_tuned_ones_are_named(run):
    code, out, _ = run("compare network.npz network_data.npz --forget 3 --json c.json --no-picture")
    found = document("c.json")["methods"]
    assert code == 0
    assert [method["id"] for method in found] == [algorithm.name for algorithm in kc.unlearning.algorithms() if "two-layer" in algorithm.kinds]
    for method in found:
        assert method["budget"] == len(kc.unlearning.get(method["id"]).grid)
        assert (f"  {method['id']}: " in out) == (method["budget"] > 1)
        assert min(tried["tau"] or np.inf for tried in method["tried"]) == (method["tau"] or np.inf)


def test_finished_cases_are_kept_beside_the_checkpoint(run):
    line = "compare network.npz network_data.npz --forget 3 --forget 1 --methods identity --no-picture --checkpoint k.npz"
    first, again = run(f"{line} --json first.json"), run(f"{line} --json again.json")
    assert (first[0], again[0]) == (0, 0)
    assert Path("again.json").read_text() == Path("first.json").read_text()
    assert Path("k.cases.npz").exists() and not Path("k.npz").exists()
    code, _, err = run(line.replace("--forget 1", "--forget 2"))
    assert code == 2 and "k.cases.npz holds cases of another comparison (forget was [[3], [1]], now it is [[3], [2]])" in err


def test_json_to_standard_output_leaves_it_to_the_json_alone(run):
    code, out, err = run("compare network.npz network_data.npz --forget 3 --methods identity --no-picture --json -")
    assert code == 0
    assert json.loads(out)["experiment"] == "compare" and "tau" in err


# the networks of Appendix E


def test_appendix_e_trains_compares_draws_and_writes(run):
    line = f"{TINY} --points 0,2 --methods identity,gradient-ascent,retraining-other --seeds 2 --seed 3 --shards 3"
    code, out, err = run(f"{line} --out c.png --json c.json --checkpoint k.npz")
    assert (code, err) == (0, "")
    settings = Settings(networks=2, epochs=1500, num_points=4, dim=40, neurons=16, points=(0, 2), seeds=2, seed=3, shards=3)
    expected = comparison.run(Settings(**vars(settings) | {"methods": ("identity", "gradient-ascent", "retraining-other")}))
    Path("expected.json").write_text(expected.to_json())
    assert document("c.json") == document("expected.json")
    assert Path("c.png").read_bytes().startswith(b"\x89PNG")
    assert "retraining-other" in out and "4 cases" in out
    assert Path("k.npz").exists() and Path("k.cases.npz").exists()


@pytest.fixture
def planned(monkeypatch):
    stand_in = Planned(KeyboardInterrupt())
    monkeypatch.setattr("kktcheck.experiments.comparison.run", stand_in)
    return stand_in


def test_the_defaults_are_those_of_the_experiment(run, planned):
    assert run("compare --appendix-e --no-picture")[0] == 130
    assert planned.calls == [(Settings(), None)]


def test_every_option_reaches_the_settings(run, planned):
    run(
        "compare --appendix-e --networks 3 --epochs 7 --num-points 4 --dim 5 --neurons 6 --learning-rate 0.5 --weight-decay 0.25 --init-scale 0.125 "
        "--points all --data one --seed 9 --seeds 2 --shards 3 --statistic margin --methods identity,sisa --checkpoint k.npz --no-picture"
    )
    expected = {"networks": 3, "epochs": 7, "num_points": 4, "dim": 5, "neurons": 6, "learning_rate": 0.5, "weight_decay": 0.25}
    expected |= {"init_scale": 0.125, "points": "all", "data": "one", "seed": 9, "seeds": 2, "shards": 3, "statistic": "margin"}
    assert planned.calls == [(Settings(**expected, methods=("identity", "sisa")), "k.npz")]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "nothing was kept yet; to start again"),
        (("k.npz",), "what was done is kept in k.npz; to go on from there"),
        (("k.npz", "k.cases.npz"), "kept in k.npz and k.cases.npz; to go on from there"),
    ],
)
def test_ctrl_c_says_what_was_kept_and_the_command_to_go_on_with(run, planned, files, words):
    for name in files:
        Path(name).write_bytes(b"")
    code, out, err = run("compare --appendix-e --no-picture --checkpoint k.npz")
    assert (code, out, err.count("\n")) == (130, "", 1)
    assert f"{words}: kktcheck compare --appendix-e --no-picture --checkpoint k.npz" in err


def test_ctrl_c_without_a_checkpoint_says_how_to_keep_more(run, planned):
    _, _, err = run("compare --appendix-e --no-picture")
    assert "nothing was kept (with --checkpoint FILE.npz finished cases are); to start again: kktcheck compare --appendix-e --no-picture" in err


def test_what_was_interrupted_goes_on_to_the_same_numbers(run, monkeypatch):
    from kktcheck.experiments import comparison_plan

    line = f"{TINY} --methods identity,gradient-ascent,amnesiac --no-picture"
    assert run(f"{line} --json whole.json")[0] == 0
    original, calls = comparison_plan.run_case, []

    def interrupt_the_third(*args, **options):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*args, **options)

    monkeypatch.setattr(comparison_plan, "run_case", interrupt_the_third)
    code, _, err = run(f"{line} --json parts.json --checkpoint k.npz")
    assert code == 130 and not Path("parts.json").exists()
    assert run(err.partition("to go on from there: kktcheck ")[2])[0] == 0
    assert len(calls) == 5  # two done, one interrupted, two after that
    assert document("parts.json") == document("whole.json")


# bad input

BAD = [
    ("compare", "give MODEL and DATA, or --appendix-e"),
    ("compare network.npz", "give MODEL and DATA, or --appendix-e"),
    ("compare network.npz network_data.npz", "--forget is missing"),
    ("compare network.npz network_data.npz --appendix-e --forget 3", "MODEL and --appendix-e exclude each other"),
    ("compare --appendix-e --forget 3 --networks 1 --epochs 1", "--forget goes with MODEL and DATA, not with --appendix-e"),
    ("compare --appendix-e --record network_training.npz --networks 1 --epochs 1", "--record goes with MODEL and DATA"),
    ("compare network.npz network_data.npz --forget 3 --points 1", "--points goes with --appendix-e"),
    ("compare network.npz network_data.npz --forget 3 --data one", "--data goes with --appendix-e"),
    ("compare network.npz network_data.npz --forget 3 --learning-rate 1", "--learning-rate goes with --appendix-e"),
    ("compare nowhere.npz network_data.npz --forget 3", "nowhere.npz: there is no such file"),
    ("compare network.npz linear_data.npz --forget 3", "takes points of dimension 40, but those in linear_data.npz have dimension 12"),
    ("compare network.npz network_data.npz --forget 9", "names point 9 (position 0); there are points 0 to 4"),
    ("compare network.npz network_data.npz --forget 1,1", "names point 1 more than once"),
    ("compare network.npz network_data.npz --forget 0,1,2,3,4", "holds all 5 points"),
    ("compare network.npz network_data.npz --forget x", "'x' is no list of point indices"),
    ("compare network.npz network_data.npz --forget 3 --record linear_training.npz", "record belongs to other data"),
    ("compare scaled.npz network_data.npz --forget 3 --record network_training.npz", "record belongs to another model"),
    ("compare network.npz network_data.npz --forget 3 --record network.npz", "network.npz is no training"),
    ("compare network.npz network_data.npz --forget 3 --record nowhere.npz", "nowhere.npz: there is no such file"),
    ("compare network.npz network_data.npz --forget 3 --others linear_fresh.npz", "others has points of dimension 12, the data 40"),
    ("compare network.npz network_data.npz --forget 3 --others network_data.npz", "candidate 0 is point 0 of the data"),
    ("compare network.npz network_data.npz --forget 3 --test linear_fresh.npz", "test has points of dimension 12, the data 40"),
    ("compare network.npz flipped.npz --forget 3", "the model misclassifies points 2"),
    ("compare network.npz network_data.npz --forget 3 --methods magic", "algorithm 'magic' is unknown: choose one of identity"),
    ("compare network.npz network_data.npz --forget 3 --methods identity,identity", "different names"),
    ("compare network.npz network_data.npz --forget 3 --methods ''", "algorithm '' is unknown"),
    ("compare network.npz network_data.npz --forget 3 --seeds 0", "'0' is no whole number of at least 1"),
    ("compare network.npz network_data.npz --forget 3 --statistic loss", "invalid choice: 'loss'"),
    ("compare network.npz network_data.npz --forget 3 --record network_training.npz --shards 6 --no-picture", "6 shards of 1 slices need 6 points"),
    ("compare network.npz network_data.npz --forget 3 --out c.jpg", "--out c.jpg: the name must end in"),
    ("compare network.npz network_data.npz --forget 3 --json network.npz", "--json and MODEL are one file"),
    ("compare network.npz network_data.npz --forget 3 --record network_training.npz --json network_training.npz", "--json and --record are one file"),
    ("compare network.npz network_data.npz --forget 3 --checkpoint k.json", "--checkpoint k.json: the name must end in .npz"),
    ("compare k.cases.npz network_data.npz --forget 3 --checkpoint k.npz --no-picture", "the cases of --checkpoint and MODEL are one file"),
    ("compare network.npz network_data.npz --forget 3 --checkpoint network.npz", "--checkpoint and MODEL are one file"),
    ("compare --appendix-e --points 3,12 --networks 1 --epochs 1", "distinct indices from 0 to 9"),
    ("compare --appendix-e --num-points 1", "'1' is no whole number of at least 2"),
    ("compare --appendix-e --num-points 10 --dim 4", "take 'margin', or more dimensions"),
    ("compare --appendix-e --shards 11 --networks 1 --epochs 1", "shards = 11: there are only 10 points"),
    ("compare --appendix-e --networks 1 --epochs 1 --num-points 8 --dim 30 --neurons 2", "network 0 misclassifies points"),
]


@pytest.fixture
def bad_files(folder):
    model, data = kc.load_model("network.npz"), kc.load_dataset("network_data.npz")
    kc.save_model("scaled.npz", model.scaled(2.0))
    kc.save_model("k.cases.npz", model)
    kc.save_dataset("flipped.npz", kc.Dataset(data.X, data.y * np.where(np.arange(5) == 2, -1, 1)))
    return folder


@pytest.mark.parametrize(("line", "message"), BAD, ids=[line for line, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2_and_writes_nothing(bad_files, run, line, message):
    before = {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")}
    code, out, err = run(line)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("kktcheck: error: ") and message in err
    assert {path: path.stat().st_mtime_ns for path in bad_files.rglob("*")} == before


def test_a_missing_matplotlib_is_found_out_before_the_work(run, planned, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, _, err = run("compare --appendix-e")
    assert (code, planned.calls) == (2, []) and "pip install 'kktcheck[cli]'" in err


def test_help_names_methods_and_examples(run):
    code, out, _ = run("compare --help")
    assert code == 0
    assert "  kktcheck compare" in out.partition("examples:")[2]
    for algorithm in kc.unlearning.algorithms():
        assert algorithm.name in out
    assert "kktcheck compare --appendix-e" in run("--help")[1]
