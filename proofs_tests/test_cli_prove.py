"""``kktcheck prove`` and the proofs of many claims: planted truths and falsehoods, the ledger, files, exit codes, one line per error."""

import json
import os
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import kktcheck as kc
from kktcheck import cli
from kktcheck.audit import findings, intervals, ledger, proofs, prover
from kktcheck.audit.result import Audit
from kktcheck.audit.witness import read_witness
from kktcheck.claims import Claim, Hypothesis, registry
from kktcheck.instances.constants_family import ConstantBoxes

from .audit_instances import one_of_each, strict_json

ROOT = Path(__file__).parents[1]
pytest.importorskip("flint")


def between(id, largest, **options):
    """epsilon + delta <= ``largest`` on the unit box: true from 2 on, and sharp at a corner."""
    sides = {"left": lambda p: p.epsilon + p.delta, "right": lambda p: p.q(largest)}
    return Claim(id, f"epsilon + delta is at most {largest}", **sides, family=ConstantBoxes(), **options)


def compared(p):
    """A case distinction, which no enclosure follows."""
    return p.delta if p.epsilon > p.delta else p.epsilon


def planted():
    return [
        between("sharp", "2"),
        between("false", "1.5", corrected_by="sharp"),
        Claim("cases", "the smaller one of two numbers is at most 1", compared, lambda p: p.q("1"), family=ConstantBoxes()),
        between("odd", "2", hypotheses=(Hypothesis("epsilon is a prime", lambda p: p.epsilon),)),
        *one_of_each()[:1],
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory; the registry holds the planted claims, and the committed ledger is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_CLAIMS", {claim.id: claim for claim in planted()})
    monkeypatch.setattr(registry, "_CHAINS", {})
    monkeypatch.setattr(ledger, "committed", lambda: ledger.Ledger({}, "none"))
    return tmp_path


@pytest.fixture
def ledger_file(run):
    """A ledger of an audit with the quick budget of the three claims about constants that can be run."""
    assert run("audit --claims sharp,cases --budget quick --write-ledger ledger.json")[0] == 0
    return Path("ledger.json")


def rewritten(path, edit):
    document = json.loads(path.read_text())
    edit(document["claims"])
    path.write_text(json.dumps(document))


# the library


def test_each_claim_gets_its_word_and_method():
    stages = []
    proved = prover.prove_all(planted(), ledger.Ledger({}, "none"), lambda *stage: stages.append(stage))
    found = {proof.id: proof for proof in proved.proofs}
    assert {id: proof.word for id, proof in found.items()} == {
        "sharp": "proved",
        "false": "refuted",
        "cases": "undecided",
        "odd": "not run",
        "true": "not run",
    }
    assert stages == [("proofs", done, 5) for done in range(6)]
    assert "epsilon <= 1" in found["sharp"].method and "all sizes m >= 1, n >= 1, 1 <= k <= m" in found["sharp"].method and found["sharp"].boxes > 0
    assert "a side makes a case distinction" in found["cases"].method
    reason = "it has the hypothesis 'epsilon is a prime', which no box of constants expresses"
    assert found["odd"].method == f"not an inequality over a box of constants: {reason}; evidence: sampled"
    assert found["true"].method == "not an inequality between constants; evidence: sampled"


def test_a_refutation_is_exact_and_short():
    found = proofs.prove(between("false", "1.5"))
    point = found.point
    assert point.is_exact and point.epsilon + point.delta > Fraction("1.5") and max(point.epsilon, point.delta) <= 1
    assert found.witness["claim"] == "false" and found.witness["instance"]["kind"] == "constants"
    assert len(found.witness["instance"]["epsilon"]) <= 6 and float(found.witness["left"]) > float(found.witness["right"]) == 1.5


def test_a_refutation_that_no_exact_point_confirms_is_an_error(monkeypatch):
    claim = between("sharp", "2")
    wrong = proofs.prove(between("false", "1.5"))
    monkeypatch.setattr(intervals, "prove", lambda claim: intervals.IntervalProof("refuted", 1, 0, point=wrong.point))
    with pytest.raises(kc.errors.SolverError, match=r"intervals refute sharp .* its exact re-check does not"):
        proofs.prove(claim)


def test_a_search_that_gives_up_says_so():
    claim = kc.claims.get("remark-B.1/proof/reciprocal-range/corrected")
    found = proofs.prove(claim, most=2)
    assert (found.word, found.verdict, found.witness) == ("undecided", "inconclusive", None) and "gave up" in found.method
    assert proofs.prove(claim).word == "proved"


@pytest.mark.parametrize(
    ("id", "word"),
    [
        ("lemma-B.1/proof/constant", "proved"),
        ("lemma-C.2/proof/constant", "proved"),
        ("remark-B.1/proof/norm-constant", "proved"),
        ("remark-B.1/proof/norm-step", "refuted"),
        ("lemma-C.6/proof/arithmetic", "refuted"),
        ("lemma-C.6/proof/arithmetic/corrected", "proved"),
        ("lemma-D.2/proof/cross-term", "refuted"),
        ("lemma-B.1", "not run"),
    ],
)
def test_claims_of_the_registry(id, word):
    assert proofs.prove(kc.claims.get(id)).word == word


# the command


def test_the_table_the_json_and_the_witness(run):
    code, out, err = run("prove --json p.json")
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line.split() for line in out.split("\n\n")[0].splitlines()[2:]}
    assert {id: row[1] for id, row in rows.items()} == {"sharp": "proved", "false": "refuted", "cases": "undecided"}
    assert "3 inequalities between constants: 1 proved, 1 refuted, 1 undecided" in out and "against the ledger: 3 new" in out
    assert "1 other claim: not an inequality between constants; evidence: sampled" in out and "'epsilon is a prime'" in out
    records = {record["id"]: record for record in strict_json(Path("p.json").read_text())}
    assert {id: record["verdict"] for id, record in records.items()} == {
        "sharp": "proved", "false": "refuted", "cases": "undecided", "odd": "not run", "true": "not run",
    }  # fmt: skip
    assert all({"boxes", "corners", "sizes", "seconds", "method", "witness"} < set(record) for record in records.values())
    assert [id for id, record in records.items() if record["witness"]] == ["false"]
    Path("w.json").write_text(json.dumps(records["false"]["witness"]))
    assert read_witness("w.json")[0].id == "false" and run("audit --replay w.json")[0] == 0


def test_claims_are_chosen_by_pattern_and_json_can_go_to_standard_output(run):
    code, out, err = run("prove --claims 'sh*,true' --json -")
    assert code == 0 and [record["id"] for record in strict_json(out)] == ["sharp", "true"] and "1 inequalities between constants: 1 proved" in err


def test_a_search_can_be_cut_short(run, monkeypatch):
    monkeypatch.setattr(registry, "_CLAIMS", {claim.id: claim for claim in [kc.claims.registry._CLAIMS["sharp"]]})
    seen = []
    monkeypatch.setattr(intervals, "prove", lambda claim, most: seen.append(most) or intervals.IntervalProof("undecided", most, 0))
    assert run("prove --boxes 7")[0] == 0 and seen == [7]


def test_piped_output_has_no_progress_bar():
    command = [sys.executable, "-m", "kktcheck", *shlex.split("prove --claims lemma-B.1,lemma-C.2")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "") and "\r" not in ran.stdout and "lemma-B.1/proof/constant" in ran.stdout


# the ledger


def test_a_proof_stands_in_the_ledger_beside_the_instances(run, ledger_file, monkeypatch):
    code, out, _ = run("prove --claims sharp,cases --ledger ledger.json --write-ledger ledger2.json")
    assert code == 0 and "against the ledger: 1 weaker, but consistent, 1 stronger than before" in out
    assert run("prove --claims sharp,cases --write-ledger ledger.json")[0] == 0
    book = ledger.read("ledger.json")
    entry = book.entries["sharp"]
    assert entry["verdict"] == "proved" and list(entry["budgets"]) == ["quick", "intervals"] and entry["budgets"]["quick"]["verdict"] == "holds"
    assert set(entry["budgets"]["intervals"]) == {*entry["budgets"]["quick"], "thresholds"} and entry["worst_ratio"] > 0.9
    assert entry["budgets"]["intervals"]["ranges"]["m"] == [1.0, "inf"]
    assert book.entries["cases"]["verdict"] == "holds" and book.entries["cases"]["budgets"]["intervals"]["verdict"] == "inconclusive"
    monkeypatch.setattr(ledger, "committed", lambda: book)
    shown = run("claims sharp")[1]
    assert "verdict: proved" in shown and "by interval arithmetic: proved; branch and bound with Arb" in shown
    assert "proved" in findings.overview(book).splitlines()[0]
    code, out, _ = run("prove --claims sharp,cases")
    assert code == 0 and "against the ledger: 1 agree, 1 weaker, but consistent" in out


@pytest.mark.parametrize("budget", ["quick", "thorough"])
def test_an_audit_agrees_with_a_proof(run, ledger_file, budget):
    run("prove --claims sharp --write-ledger ledger.json")
    book = ledger.read("ledger.json")
    audit = kc.audit("sharp", budget="quick")
    (agreement,) = Audit(audit.verdicts, audit.claims, budget, 0).against(book)
    assert agreement.word == "agrees" and "proved by intervals" in agreement.sentence
    code, out, _ = run("audit --claims sharp --budget quick --ledger ledger.json")
    assert code == 0 and "against the ledger: 1 agree" in out and "the ledger: proved by intervals" in out


def test_a_refutation_alone_makes_an_entry_that_is_read_back(run):
    assert run("prove --claims false --write-ledger ledger.json")[0] == 0
    entry = ledger.read("ledger.json").entries["false"]
    assert entry["verdict"] == "refuted" and entry["witness"]["instance"]["kind"] == "constants" and entry["corrected_by"] == "sharp"
    assert run("prove --claims false --ledger ledger.json")[0] == 0


@pytest.mark.parametrize("recorded", [{}, {"intervals": {"verdict": "proved", "engines": {}}}])
def test_a_proof_of_what_the_ledger_calls_refuted_is_exit_code_1(run, recorded):
    assert run("prove --claims false --write-ledger ledger.json")[0] == 0
    witness = json.loads(Path("ledger.json").read_text())["claims"]["false"]["witness"]
    entry = {"verdict": "refuted", "worst_ratio": None, "corrected_by": "", "budgets": recorded, "witness": witness}
    rewritten(Path("ledger.json"), lambda claims: claims.update(sharp=entry))
    code, out, err = run("prove --claims sharp --ledger ledger.json")
    assert code == 1 and "1 CONTRADICT IT" in out and err == "kktcheck: sharp is proved; the ledger: refuted\n"


@pytest.mark.parametrize("word", ["holds", "proved"])
def test_a_refutation_of_what_the_ledger_calls_true_is_exit_code_1(run, ledger_file, word):
    entry = {"verdict": word, "worst_ratio": None, "corrected_by": "", "budgets": {}, "witness": None}
    rewritten(ledger_file, lambda claims: claims.update(false=entry))
    code, _, err = run("prove --claims false --ledger ledger.json")
    assert code == 1 and err == f"kktcheck: false is refuted; the ledger: {word}\n"


# interruption


def interrupt_at(monkeypatch, id):
    real = intervals.prove

    def prove(claim, *box, **options):
        if claim.id == id:
            raise KeyboardInterrupt
        return real(claim, *box, **options)

    monkeypatch.setattr(intervals, "prove", prove)


def test_ctrl_c_keeps_the_finished_proofs_in_the_ledger(run, monkeypatch):
    interrupt_at(monkeypatch, "cases")
    code, out, err = run("prove --write-ledger l.json")
    assert (code, out) == (130, "")
    assert err == "kktcheck: interrupted: 2 finished proofs are kept in l.json; to prove the others: kktcheck prove --write-ledger l.json\n"
    assert {id: entry["verdict"] for id, entry in ledger.read("l.json").entries.items()} == {"sharp": "proved", "false": "refuted"}


def test_ctrl_c_without_a_ledger_writes_nothing(run, monkeypatch):
    interrupt_at(monkeypatch, "cases")
    code, _, err = run("prove --json p.json")
    assert code == 130 and "nothing was kept (with --write-ledger FILE finished proofs are); to start again: kktcheck prove --json p.json" in err
    assert os.listdir() == []


# bad use


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("prove --claims true", "none of the claims chosen is an inequality between constants"),
        ("prove --claims tru", "there is no claim 'tru'; near ones: true"),
        ("prove --boxes 0", "'0' is no whole number of at least 1"),
        ("prove --json no/where.json", "--json no/where.json: there is no folder"),
        ("prove --write-ledger -", "--write-ledger -: standard output takes the JSON only"),
        ("prove --write-ledger file", "file is no ledger"),
        ("prove --ledger file", "file is no ledger"),
        ("prove --ledger file --json file", "--json and --ledger are one file"),
        ("prove more", "unrecognized arguments: more"),
    ],
)
def test_bad_use_is_one_line_and_exit_code_2(run, line, message):
    Path("file").write_text("no JSON")
    code, out, err = run(line)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_without_python_flint_one_line_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    code, out, err = run("prove --write-ledger l.json")
    assert (code, out) == (2, "") and "pip install 'kktcheck[intervals]'" in err and len(err.splitlines()) == 1 and os.listdir() == []


def test_help_names_the_examples(capsys):
    assert cli.main(["prove", "--help"]) == 0
    assert "examples:" in capsys.readouterr().out
