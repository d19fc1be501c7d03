"""The engines and the verdict: counted, seeded, independent of order; words that follow from the counts."""

import math
from fractions import Fraction

import numpy as np
import pytest

from kktcheck.audit import judge
from kktcheck.audit.engines import BUDGETS, Attack, extremes, hypothesis, pool, seed_for
from kktcheck.audit.tally import Tally
from kktcheck.audit.verdict import ENOUGH, WORDS, word_for
from kktcheck.claims import Claim, Hypothesis
from kktcheck.claims.hypotheses import DATA, KKT
from kktcheck.errors import InputError
from kktcheck.instances import LinearPoint
from kktcheck.instances.linear_family import LinearPoints

FAMILY = LinearPoints(points=(1, 4))


def claim(**options):
    return Claim("c", "s", **{"left": lambda p: p.multipliers, "right": lambda p: p.q("3"), "family": FAMILY, "hypotheses": (*DATA, *KKT), **options})


def without_time(verdict):
    record = verdict.to_json()
    del record["seconds"]
    return record


def test_the_same_seed_gives_the_same_verdict_and_another_seed_other_instances():
    first, again, other = (judge(claim(), "quick", seed) for seed in (3, 3, 4))
    assert without_time(first) == without_time(again)
    assert (first.ranges, first.coverage) != (other.ranges, other.coverage)


def test_a_verdict_does_not_depend_on_what_was_judged_before():
    alone = without_time(judge(claim(), "quick"))
    judge(claim(right=lambda p: p.q("1")), "quick", seed=9)
    pool.cache_clear()
    assert without_time(judge(claim(), "quick")) == alone


@pytest.mark.parametrize("name", BUDGETS)
def test_budgets_are_numbers_of_instances_and_enough_for_a_verdict(name):
    budget = BUDGETS[name]
    assert budget.extremes + budget.search + budget.hypothesis >= 2 * ENOUGH[name]


def test_every_engine_stays_within_its_budget():
    verdict = judge(claim(), "quick")
    budget = BUDGETS["quick"]
    assert verdict.engines["extremes"]["tried"] == budget.extremes
    assert verdict.engines["search"]["tried"] == budget.search
    assert verdict.engines["hypothesis"]["tried"] <= budget.hypothesis
    assert verdict.tried == sum(engine["tried"] for engine in verdict.engines.values())


def test_each_engine_alone_finds_a_coarse_falsehood():
    false = claim(right=lambda p: p.q("1.2"))
    budget = BUDGETS["default"]
    assert extremes(false, budget, 0).refutation is not None
    assert hypothesis(false, budget, 0).refutation is not None
    assert judge(false).engines["search"]["refuted"]


def test_hypothesis_shrinks_to_a_single_point():
    found = hypothesis(claim(right=lambda p: p.q("1.2")), BUDGETS["default"], 0).refutation
    assert found.instance.num_points == 1


def test_no_instance_with_the_hypotheses_is_vacuous():
    impossible = Hypothesis("a multiplier below 0", lambda p: -p.multipliers - 1)
    assert judge(claim(hypotheses=(impossible,)), "quick").verdict == "vacuous"


def test_a_bound_beyond_trivial_everywhere_is_vacuous():
    assert judge(claim(trivial=lambda p: p.multipliers < 100), "quick").verdict == "vacuous"
    assert judge(claim(trivial=lambda p: p.multipliers < 1), "quick").verdict == "holds"


def test_too_few_instances_are_inconclusive():
    rare = Hypothesis("no error at all", lambda p: -p.error_squared)
    assert judge(claim(hypotheses=(rare,)), "quick").verdict == "inconclusive"


def test_a_violation_within_rounding_is_inconclusive_not_refuted():
    # Equal in exact arithmetic; 1e-16 apart in float64.
    tight = claim(left=lambda p: p.multipliers * (1 if p.is_exact else 1 + 1e-15), right=lambda p: p.multipliers)
    assert judge(tight, "quick").verdict == "inconclusive"


def test_a_float_among_the_exact_numbers_is_an_error():
    with pytest.raises(TypeError, match=r"q\('...'\)"):
        judge(claim(right=lambda p: 0.5 * p.multipliers), "quick")


def test_an_existential_claim_is_refuted_only_by_what_every_witness_needs():
    needs = {"left": lambda p: p.q("4") + 0 * p.multipliers, "direction": "exists"}
    assert judge(claim(**needs, least=lambda p: p.q("2") + 0 * p.multipliers), "quick").verdict == "inconclusive"
    assert judge(claim(**needs, least=lambda p: p.q("3.5") + 0 * p.multipliers), "quick").verdict == "refuted"


def test_extremes_of_a_claims_own_are_read_exactly():
    gram, multipliers, error = (np.array(part, dtype=object) for part in ([[1]], [5], [-4]))
    point = LinearPoint(gram, np.array([1]), multipliers, error, 0, Fraction(4), Fraction(1, 10), Fraction(1, 10))
    own = claim(family=None, extremes=lambda: iter([point]))
    verdict = judge(own, "quick")
    assert verdict.verdict == "refuted"
    assert verdict.witness["instance"]["multipliers"] == ["5"]


def test_the_worst_of_each_size_is_kept_and_the_shortest_refutation_wins():
    attack = Attack(claim(right=lambda p: p.q("1")))
    for instance in pool(FAMILY, 90, 0):
        attack.read(instance)
    attack.settle()
    sizes = {instance.num_points for instance in pool(FAMILY, 90, 0)}
    assert attack.refutation.instance.num_points == min(sizes) == 1


def test_a_tally_merges_counts_ranges_and_the_worst():
    low = Tally(tried=2, met=1, worst=0.5, ranges={"m": (1, 2)}, cells={(0,)})
    high = Tally(tried=3, met=3, worst=0.7, ranges={"m": (2, 5), "n": (1, 1)})
    low.merge(high)
    assert (low.tried, low.met, low.worst, low.ranges) == (5, 4, 0.7, {"m": (1, 5), "n": (1, 1)})


COUNTS = [
    (Tally(), "vacuous"),
    (Tally(met=499, tried=600), "inconclusive"),
    (Tally(met=500, tried=600), "holds"),
    (Tally(met=9000, undecided=1), "inconclusive"),
    (Tally(met=600, trivial=600), "vacuous"),
]


@pytest.mark.parametrize(("tally", "word"), COUNTS)
def test_the_word_follows_from_the_counts(tally, word):
    assert word_for(tally, None, "default")[0] == word
    assert word_for(tally, object(), "default")[0] == "refuted"
    assert word in WORDS


def test_seeds_differ_by_name_and_by_run():
    seeds = {seed_for(run, name) for run in range(20) for name in ("lemma-B.1", "lemma-B.2/lower", "lemma-B.2/upper")}
    assert len(seeds) == 60


@pytest.mark.parametrize("options", [{"kind": "guess"}, {"direction": "sideways"}, {"left": None}, {"family": None}])
def test_a_claim_that_cannot_be_judged_is_refused(options):
    with pytest.raises(InputError):
        claim(**options)


def test_ratios_of_lower_bounds_and_of_bounds_that_are_zero():
    lower = claim(direction="lower", left=lambda p: p.multipliers * 0 + 2, right=lambda p: p.multipliers * 0 + 1)
    point = FAMILY.build((1, 1), np.full(FAMILY.dimension((1, 1)), 0.5))
    assert lower.read(point).ratio == 0.5
    zero = claim(right=lambda p: p.multipliers * 0)
    assert zero.read(point).ratio == math.inf
