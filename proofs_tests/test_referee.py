"""The referee: what instances, intervals and chains say together, and how many instances a claim is worth."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from kktcheck.audit import judge, proofs, referee
from kktcheck.audit.engines import BUDGETS, Budget
from kktcheck.audit.proofs import Proof
from kktcheck.audit.tally import Tally
from kktcheck.audit.witness import recheck
from kktcheck.claims import Box, Chain, Link, registry
from kktcheck.instances import Constants

from .audit_instances import FEW, NEVER, between_constants, planted

pytest.importorskip("flint")
HALF, SMALL = Constants(0.5, 0.5, 0.5, 0.0, 0.0, 1, 1, 1), Constants(1.0, 1.0, 1.0, 0.0, 0.0, 2, 1, 1)


def total(largest, **options):
    """epsilon + delta <= ``largest``: true from 2 on."""
    return between_constants(lambda p: p.epsilon + p.delta, lambda p: p.q(largest), **options)


def seen(claim, refuted, met=900, worst=0.9):
    """An attack on a claim that has met so many instances, and refuted it by an instance or not."""
    refutation = recheck(claim, SMALL.exact()) if refuted else None
    return SimpleNamespace(tally=Tally(tried=met, met=met, worst=worst, margin=0.0), refutation=refutation)


@pytest.fixture
def small(monkeypatch):
    """Budgets of few instances, each its own number; returns those that a verdict has tried."""
    for number, name in enumerate(BUDGETS):
        monkeypatch.setitem(BUDGETS, name, Budget(name, 31 + number, 17, 5))
    return lambda verdict: BUDGETS[next(name for name in BUDGETS if BUDGETS[name].extremes == verdict.engines["extremes"]["tried"])].name


@pytest.fixture
def carried(monkeypatch):
    """Registers a chain that proves a claim."""

    def carry(claim):
        link = Link("a", "=>", "b", "by definition")
        chain = Chain(f"{claim.id}/derivation", (claim.id,), "planted", (link,), "It is all there is to show.", Box("1", "1", "1"))
        monkeypatch.setattr(registry, "_CHAINS", {chain.id: chain})
        return claim

    return carry


@pytest.mark.parametrize(
    ("instances", "met", "intervals", "word"),
    [
        ("hold", 900, "proved", "proved"),
        ("hold", 900, "undecided", "holds"),
        ("hold", 900, "refuted", "refuted"),
        ("hold", 3, "proved", "proved"),
        ("hold", 3, "undecided", "inconclusive"),
        ("hold", 3, "refuted", "refuted"),
        ("refute", 900, "proved", "inconclusive"),
        ("refute", 900, "undecided", "refuted"),
        ("refute", 900, "refuted", "refuted"),
    ],
)
def test_instances_and_intervals_together(monkeypatch, instances, met, intervals, word):
    """A witness outweighs all but a proof, and against a proof nobody is believed; the witness of instances comes first."""
    claim = total("1.5")
    attack = seen(claim, instances == "refute", met)
    own = recheck(claim, replace(SMALL, points=9).exact()).to_json()
    proof = Proof("planted", intervals, "as planted", boxes=5, witness=own if intervals == "refuted" else None)
    monkeypatch.setattr(referee, "prove", lambda claim: proof)

    def experiment(asked, budget, seed):
        asked.tally, asked.refutation = attack.tally, attack.refutation

    verdict = judge(replace(claim, experiment=experiment))
    assert verdict.verdict == word
    assert verdict.engines["intervals"] == {"tried": 5, "met": 5, "worst": None, "refuted": intervals == "refuted"}
    assert verdict.engines["experiment"] == {"tried": met, "met": met, "worst": 0.9, "refuted": instances == "refute"}
    refutation = attack.refutation.to_json() if attack.refutation else own
    assert verdict.witness == (refutation if word == "refuted" else None)
    assert (verdict.note == "as planted") == (instances == "hold" and intervals != "undecided")
    assert ("please report" in verdict.note) == (instances == "refute" and intervals == "proved")


@pytest.mark.parametrize("budget", ["quick", "default", "thorough"])
def test_what_is_proved_gets_an_independent_look_only(small, budget):
    verdict = judge(total("2"), budget)
    assert small(verdict) == "quick" and ("intervals" in verdict.engines) == (budget != "quick")
    assert (verdict.verdict == "proved") == (budget != "quick")


@pytest.mark.parametrize(("claim", "word"), [(total("1.5"), "refuted"), (total("2"), "undecided"), (planted("c", family=FEW), "")])
def test_what_is_not_proved_gets_all_instances(small, monkeypatch, claim, word):
    looked = []
    monkeypatch.setattr(referee, "prove", lambda claim: looked.append(claim.id) or Proof(claim.id, word, "m", witness={}))
    assert small(judge(claim, "default")) == "default" and len(looked) == (word != "")


@pytest.mark.parametrize(
    ("id", "budget", "flint", "sizes"),
    [
        ("c/proof/step", "default", True, "quick"),
        ("c/proof/step", "thorough", True, "thorough"),
        ("c/proof/step", "quick", True, "quick"),
        ("c/proof/step", "default", False, "default"),
        ("c/version/step", "default", True, "default"),
    ],
)
def test_steps_that_chains_carry_get_an_independent_look_only(small, carried, monkeypatch, id, budget, flint, sizes):
    monkeypatch.setattr(referee, "has_flint", lambda: flint)
    assert small(judge(carried(planted(id, family=FEW)), budget)) == sizes


def test_steps_that_no_chain_carries_get_all_instances(small):
    assert small(judge(planted("c/proof/step", family=FEW), "default")) == "default"


@pytest.mark.parametrize(("budget", "said"), [("quick", False), ("default", True)])
def test_without_python_flint_the_note_says_what_it_did_not_look_at(small, monkeypatch, budget, said):
    monkeypatch.setattr(referee, "has_flint", lambda: False)
    assert (proofs.WITHOUT_FLINT in judge(total("2"), budget).note) == said
    assert proofs.WITHOUT_FLINT not in judge(planted("c", family=FEW), budget).note


def test_enough_is_what_the_instances_built_ask_for(carried):
    """240 instances are few for the default budget, and enough for an independent look."""
    assert judge(carried(planted("c/proof/step", family=FEW))).verdict == "holds"


def test_where_nothing_meets_the_hypotheses_there_are_no_numbers(small):
    verdict = judge(planted("c", family=FEW, hypotheses=(NEVER,)), "quick")
    assert (verdict.verdict, verdict.worst_ratio, verdict.hypotheses_margin, verdict.instances) == ("vacuous", None, None, 0)
    assert {engine["worst"] for engine in verdict.engines.values()} == {None}


def test_of_several_refutations_the_shortest_is_the_witness():
    verdict = judge(planted("c", bound="1"), "quick")
    found = [engine for engine, about in verdict.engines.items() if about["refuted"]]
    assert len(found) == 3
    refutations = [attack.refutation for attack in referee._attacks(planted("c", bound="1"), BUDGETS["quick"], 0).values()]
    lengths = [refutation.length() for refutation in refutations]
    assert len(set(lengths)) > 1 and verdict.witness == refutations[lengths.index(min(lengths))].to_json()


def test_the_search_starts_from_what_all_other_engines_found(small, monkeypatch):
    started, search = [], referee.search
    monkeypatch.setattr(referee, "search", lambda claim, budget, seed, starts: started.append(starts) or search(claim, budget, seed, starts))
    attacks = referee._attacks(planted("c", family=FEW), BUDGETS["quick"], 0)
    expected = [*attacks["extremes"].starts(), *attacks["hypothesis"].starts()]
    assert repr(started) == repr([expected]) and len(expected) > 1


def test_what_cannot_be_run_is_not_run_although_it_could_be():
    verdict = judge(replace(planted("c", bound="1"), not_run="its law is computed elsewhere"))
    assert (verdict.verdict, verdict.note, verdict.tried) == ("not run", "its law is computed elsewhere", 0)
