"""Witnesses: found, written, read back and re-checked from their numbers alone; files that are no witness are refused."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from kktcheck.audit import judge, read_witness
from kktcheck.audit.witness import _decimal as in_digits
from kktcheck.audit.witness import recheck, simplest
from kktcheck.claims import Claim, Hypothesis, get
from kktcheck.errors import FileError, InputError
from kktcheck.instances import KINDS
from kktcheck.instances.linear_family import LinearPoints

REFUTED, POINTS = "lemma-B.3", LinearPoints(points=(1, 3))


@pytest.fixture(scope="module")
def witness():
    return judge(get(REFUTED), "quick").witness


@pytest.fixture
def written(tmp_path, witness):
    def write(change=lambda record: None, text=None):
        record = json.loads(json.dumps(witness))
        change(record)
        path = tmp_path / "witness.json"
        path.write_text(json.dumps(record) if text is None else text)
        return path

    return write


def test_a_witness_file_is_rechecked_from_its_numbers_alone(written, witness):
    claim, found = read_witness(written())
    assert (claim.id, found.left, found.right) == (REFUTED, witness["left"], witness["right"])
    assert found.to_json() == witness


def test_the_sides_written_down_do_not_matter(written, witness):
    def lie(record):
        record["left"], record["right"], record["ratio"], record["index"] = "1", "0", 99.0, [7]

    assert read_witness(written(lie))[1].to_json() == witness


def test_a_witness_is_short(witness):
    assert len(json.dumps(witness)) < 600


def test_an_instance_that_does_not_meet_the_hypotheses_refutes_nothing(written):
    def break_slackness(record):
        record["instance"]["delta"] = "-1"

    with pytest.raises(InputError, match="refutes nothing.*slackness is at most delta fails by"):
        read_witness(written(break_slackness))


def test_an_instance_on_which_the_claim_holds_refutes_nothing(written):
    def no_relaxation(record):
        record["instance"].update(gram=[["1"]], multipliers=["1"], error=["0"], beyond="0", epsilon="0", delta="0", gamma="0", labels=[1])

    with pytest.raises(InputError, match="refutes nothing: lemma-B.3 holds on the instance"):
        read_witness(written(no_relaxation))


def test_a_violation_without_the_hypotheses_is_no_refutation(witness):
    claim, instance = get(REFUTED), KINDS[witness["instance"]["kind"]].from_json(witness["instance"])
    outside = replace(instance, epsilon=Fraction(0), beyond=Fraction(1))
    assert claim.refuted_by(outside).any() and claim.unmet(outside)
    assert recheck(claim, outside) is None
    assert recheck(claim, instance) is not None


def test_hypotheses_that_only_floats_meet_refute_nothing():
    # The float margin is rounded up to 0; exactly it is negative.
    almost = Hypothesis("met in float64 alone", lambda p: p.multipliers * 0 - (Fraction(1, 10**30) if p.is_exact else 0))
    false = Claim("false", "no multiplier is positive", lambda p: p.multipliers, lambda p: p.multipliers * 0, family=POINTS, hypotheses=(almost,))
    assert judge(false, "quick").verdict == "inconclusive"
    assert judge(replace(false, hypotheses=()), "quick").verdict == "refuted"


BROKEN = {
    "no JSON": "{",
    "a list": "[]",
    "another format": '{"format": "x", "claim": "lemma-B.3", "instance": {}}',
    "no claim": '{"format": "kktcheck witness 1", "instance": {}}',
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_files_that_are_no_witness_are_refused(written, name):
    with pytest.raises(FileError, match="witness.json"):
        read_witness(written(text=BROKEN[name]))


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path, written):
    with pytest.raises(FileError, match="nothing.json"):
        read_witness(tmp_path / "nothing.json")
    with pytest.raises(FileError, match="bytes"):
        read_witness(written(text=" " * 10_000_001))


MALFORMED = {
    "unknown claim": (lambda r: r.update(claim="lemma-B.33"), "near ones"),
    "unknown kind": (lambda r: r["instance"].update(kind="cubic"), "kind 'cubic' is unknown"),
    "missing field": (lambda r: r["instance"].pop("error"), "'error' is missing"),
    "unknown field": (lambda r: r["instance"].update(evil="1"), "no field 'evil'"),
    "a float": (lambda r: r["instance"].update(epsilon=0.5), "epsilon is '0.5'"),
    "not a number": (lambda r: r["instance"].update(epsilon="nan"), "epsilon is 'nan'"),
    "an exponent": (lambda r: r["instance"].update(epsilon="1e999999999"), "epsilon is"),
    "division by zero": (lambda r: r["instance"].update(epsilon="1/0"), "division by zero"),
    "endless digits": (lambda r: r["instance"].update(epsilon="1" * 5000), "epsilon is"),
    "ragged rows": (lambda r: r["instance"].update(gram=[["1", "0"], ["1"]]), "different lengths"),
    "another size": (lambda r: r["instance"].update(error=["0"] * 7), "error has shape"),
    "no list": (lambda r: r["instance"].update(error="0"), "error is no list"),
    "a label that is a string": (lambda r: r["instance"].update(labels=["1"]), "labels"),
    "labels 0": (lambda r: r["instance"].update(labels=[0] * len(r["instance"]["labels"])), "labels are -1 or"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_instances_are_refused_by_the_name_of_the_field(written, name):
    change, message = MALFORMED[name]
    with pytest.raises(InputError, match=message):
        read_witness(written(change))


def test_simplest_takes_few_decimals_where_few_suffice(witness):
    claim = get(REFUTED)
    instance = KINDS[witness["instance"]["kind"]].from_json(witness["instance"])
    noisy = instance.float()
    found = simplest(claim, noisy)
    largest = max(Fraction(text).denominator for text in found.to_json()["instance"]["multipliers"])
    assert largest <= 1000
    assert recheck(claim, found.instance) is not None


@pytest.mark.parametrize(("value", "text"), [(Fraction(0), "0"), (Fraction(1, 3), "0.3333333333"), (Fraction(100), "100")])
def test_sides_of_a_witness_are_shown_in_ten_digits(value, text):
    assert in_digits(value) == text


@pytest.mark.parametrize("exponent", [-400, 400])
def test_sides_beyond_the_range_of_floats_are_shown_all_the_same(exponent):
    assert in_digits(Fraction(3) * Fraction(10) ** exponent / 2) == f"1.5e{exponent:+}"
