"""What claims of a family share: instances that none of them can change, draws that shrink, verdicts that are those of each claim alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kktcheck.audit import draws, engines, judge
from kktcheck.audit.shrinking import shrunk
from kktcheck.audit.witness import simplest
from kktcheck.instances.choices import NotedChoices, RandomChoices, RepeatedChoices
from kktcheck.instances.linear_family import LinearPairs, LinearPoints
from kktcheck.strategies import ConstantBoxes, TwoLayerPairs, TwoLayerPoints

from .audit_instances import ALWAYS, FAMILY, NEVER, planted, without_time
from .instances import examples

FAMILIES = (LinearPoints(), LinearPairs(), TwoLayerPoints(), TwoLayerPairs(), ConstantBoxes())
SEEDS = st.integers(0, 2**32 - 1)


def forget_everything():
    for cache in (engines.pool, engines._made, draws.drawn):
        cache.cache_clear()


def made(family, choices):
    shape, cube = family.draw(choices)
    return family.make(shape, cube)


def same(one, other):
    return one.exact().to_json() == other.exact().to_json()


# verdicts


def corner(id="corner", share="0.9999"):
    """Violated only where everything is at its limit: one point as short as can be, the error against it, slackness and error as large as can be."""
    linear = 1 + 0.5 * np.sqrt(0.9)
    largest = (linear + np.sqrt(linear**2 + 4 * 0.9 * 0.5)) / (2 * 0.9)
    return planted(id, bound=f"{float(share) * largest:.9f}", family=LinearPoints(points=(1, 2)))


def crowd():
    """Claims of one family of which one is violated in a corner alone, others everywhere, nowhere, by every second instance; one assumes too much."""
    family = corner().family
    bounds = {"false": "1", "true": "3", "half": "1.4"}
    others = [planted(id, bound=bound, family=family) for id, bound in bounds.items()]
    return [others[0], planted("empty", family=family, hypotheses=(ALWAYS, NEVER)), others[1], corner(), others[2]]


def test_what_is_violated_in_a_rare_corner_is_caught_among_other_claims_as_alone():
    forget_everything()
    alone = judge(corner(), "quick")
    assert alone.verdict == "refuted"
    # It is rare: of a thousand random draws, hardly any violates it.
    rng = RandomChoices(np.random.default_rng(0))
    assert sum(corner().read(made(corner().family, rng)).ratio > 1 for _ in range(1000)) <= 5
    together = {claim.id: judge(claim, "quick") for claim in crowd()}
    assert without_time([together["corner"]]) == without_time([alone])
    assert judge(corner(share="1.001"), "quick").verdict == "holds"


@pytest.mark.parametrize("order", [1, -1])
def test_claims_of_a_family_do_not_change_each_others_verdicts(order):
    forget_everything()
    together = {claim.id: judge(claim, "quick", seed=5) for claim in crowd()[::order]}
    for claim in crowd():
        forget_everything()
        assert without_time([judge(claim, "quick", seed=5)]) == without_time([together[claim.id]])


def test_a_claim_that_holds_was_attacked_by_every_engine():
    verdict = judge(planted("true"), "quick")
    budget = engines.BUDGETS["quick"]
    assert verdict.verdict == "holds"
    assert {name: engine["tried"] for name, engine in verdict.engines.items()} == {
        "extremes": budget.extremes, "search": budget.search, "hypothesis": budget.hypothesis
    }  # fmt: skip


def test_the_search_starts_from_the_worst_that_any_engine_saw(monkeypatch):
    seen = []

    def climb(minimize, attack, shape, origin, limit):
        seen.append(origin)
        attack.tally.tried = limit

    monkeypatch.setattr(engines, "_climb", climb)
    claim, budget = planted("true"), engines.BUDGETS["quick"]
    low, high = (engines.Start(ratio, (1,), np.full(8, ratio)) for ratio in (0.2, 0.7))
    for starts in ([low, high], [high, low]):
        engines.search(claim, budget, 0, starts)
    assert [origin[0] for origin in seen] == [0.7, 0.7]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: type(family).__name__)
def test_a_claim_cannot_write_into_what_it_shares(family):
    instance = made(family, RandomChoices(np.random.default_rng(1)))
    arrays = [getattr(instance, name) for name in instance.SHAPES if isinstance(getattr(instance, name), np.ndarray)]
    assert arrays or family == ConstantBoxes()
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


# draws and shrinking


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: type(family).__name__)
def test_draws_depend_on_the_seed_and_repeat_from_their_choices(family):
    first = draws.drawn(family, 12, 3)
    draws.drawn.cache_clear()
    again, other = draws.drawn(family, 12, 3), draws.drawn(family, 12, 4)
    assert len(first) == 12 and all(same(a, b) for (a, _), (b, _) in zip(first, again, strict=True))
    assert any(not same(a, b) for (a, _), (b, _) in zip(first, other))
    assert all(same(instance, made(family, RepeatedChoices(choices))) for instance, choices in first)


@examples(30)
@given(st.sampled_from(FAMILIES), SEEDS)
def test_choices_repeat_and_those_that_do_not_fit_become_the_simplest(family, seed):
    noted = NotedChoices(RandomChoices(np.random.default_rng(seed)))
    instance = made(family, noted)
    assert same(instance, made(family, RepeatedChoices(noted.noted)))
    for choices in (noted.noted[1:], noted.noted[:1], [], [*noted.noted, 3]):
        assert family.make(*family.draw(RepeatedChoices(choices))) is not None
    assert RepeatedChoices([7]).integer(1, 5) == 5 and RepeatedChoices([np.ones(2)]).integer(1, 5) == 1
    assert RepeatedChoices([np.ones(2, dtype=int)]).bits(3).tolist() == [1, 1, 0] and RepeatedChoices([4]).cube(2).tolist() == [0.5, 0.5]


@examples(30)
@given(st.integers(2, 5), SEEDS)
def test_shrinking_ends_at_the_least_size_with_one_label_and_the_middle_of_every_range(size, seed):
    choices, family = NotedChoices(RandomChoices(np.random.default_rng(seed))), LinearPoints()
    start = made(family, choices)
    found = shrunk(family, choices.noted, lambda point: point.num_points >= size)
    if start.num_points < size:
        assert found is None
    else:
        assert found.num_points == size and (found.labels == 1).all() and (found.gram == np.eye(size)).all()


@examples(15)
@given(SEEDS)
def test_what_is_shrunk_violates_the_claim_still(seed):
    choices, claim = NotedChoices(RandomChoices(np.random.default_rng(seed))), planted("half", bound="1.4", family=TwoLayerPoints(), hypotheses=())
    start, tried = made(claim.family, choices), []

    def violates(point):
        tried.append(point)
        return claim.read(point).ratio > 1

    found = shrunk(claim.family, choices.noted, violates)
    assert (found is None) == (claim.read(start).ratio <= 1) and len(tried) <= 240
    assert found is None or (claim.read(found).ratio > 1 and found.rows.size <= start.rows.size)


def test_what_float64_does_not_see_is_still_refuted_with_all_decimals():
    point = engines.pool(FAMILY, 30, 0)[0]
    hidden = replace(planted("hidden"), left=lambda p: p.multipliers * p.q("0") + (p.q("4") if p.is_exact else p.q("1")))
    assert simplest(hidden, point) is not None
    assert simplest(planted("true"), point) is None
