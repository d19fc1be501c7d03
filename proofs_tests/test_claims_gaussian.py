"""Appendix A and Example 2.4: verdicts, witnesses that are re-checked alone, chains, planted rates on both sides of the true one, numbers named."""

import json
import math
from fractions import Fraction

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given
from scipy.stats import chi2, norm

from kktcheck import claims, sampling, tails
from kktcheck.audit import judge
from kktcheck.audit.chains import Judge
from kktcheck.audit.constants import best_of
from kktcheck.audit.engines import BUDGETS, Attack
from kktcheck.audit.proofs import prove
from kktcheck.audit.witness import read_witness
from kktcheck.claims import Chain, Link
from kktcheck.claims.chains import gaussian as chains
from kktcheck.claims.data import gaussian, gaussian_sets, probabilities
from kktcheck.claims.data import gaussian_events as events
from kktcheck.claims.data.probabilities import SIGMA, SIZE, THRESHOLD, Event, enclosed_bound, log_bound, rate_claim, tail_claim
from kktcheck.claims.registry import register
from kktcheck.errors import InputError
from kktcheck.instances import TailGrid, TailPoint, exp, log

pytest.importorskip("flint")

TRUE = (
    "example-2.4", "theorem-A.1", "lemma-A.1", "lemma-A.1/version/rate", "lemma-A.2", "lemma-A.2/version/rate", "lemma-A.3", "lemma-A.4",
    "lemma-A.5/version/outside-the-root", "lemma-A.6", "lemma-A.7", "lemma-A.8",
)  # fmt: skip
FALSE = ("lemma-A.4/version/zero", "lemma-A.5", "lemma-A.8/version/all-pairs", "theorem-A.1/version/dependent")
ALL = "lemma-A*,theorem-A*,example-2.4"


def sampled(id):
    return "refuted" if id in FALSE else "holds"


@pytest.mark.parametrize("id", ("lemma-A.1", "lemma-A.7"))
def test_the_same_seed_gives_the_same_verdict(id, verdicts):
    again = judge(claims.get(id), "quick")
    assert (again.verdict, again.worst_ratio, again.instances) == (verdicts[id].verdict, verdicts[id].worst_ratio, verdicts[id].instances)


@pytest.fixture(scope="module")
def verdicts():
    return {id: judge(claims.get(id), "quick") for id in (*TRUE, *FALSE)}


def test_no_statement_of_appendix_a_is_left_out():
    written = {claim.id for claim in claims.matching(ALL) if claim.direction == "probability" or claim.id.endswith("version/rate")}
    assert written == {*TRUE, *FALSE}
    assert not any(claim.not_run for claim in claims.matching(ALL))
    assert all(claim.derivation and claim.latex and claim.source for claim in map(claims.get, written))


@pytest.mark.parametrize("id", TRUE)
def test_true_statements_are_below_their_bound_and_proved(id, verdicts):
    verdict = verdicts[id]
    assert verdict.verdict == "holds" and 0 < verdict.worst_ratio < 1 and verdict.instances >= 100
    assert Judge(sampled).proof_of(id) is not None


@pytest.mark.parametrize("id", FALSE)
def test_false_statements_are_refuted_by_parameters_that_re_check_alone(id, verdicts, tmp_path):
    verdict, path = verdicts[id], tmp_path / "witness.json"
    assert verdict.verdict == "refuted" and verdict.corrected_by in TRUE
    path.write_text(json.dumps(verdict.witness))
    claim, refutation = read_witness(path)
    assert claim.id == id and refutation.ratio > 1.5 and refutation.instance.is_exact
    assert Judge(sampled).proof_of(id) is None
    verdict.witness["instance"]["dim"] = 2
    path.write_text(json.dumps(verdict.witness))
    if id != "lemma-A.4/version/zero":  # the dimension does not matter there
        with pytest.raises(InputError, match="refutes nothing"):
            read_witness(path)


def test_chains_that_are_printed_wrongly_do_not_prove():
    words = {chain.id: Judge(sampled).verdict(chain).word for chain in claims.chains() if chain.id.split("/")[0] in {id.split("/")[0] for id in TRUE}}
    broken = {"lemma-A.2/proof", "lemma-A.5/proof", "lemma-A.6/proof", "lemma-A.8/proof"}
    assert {id for id, word in words.items() if word != "proved"} == broken


# Rates.


@pytest.mark.parametrize("rate, word", (("1/374", "proved"), ("1/373.2", "proved"), ("1/373", "refuted"), ("1/370", "refuted")))
def test_planted_rates_are_decided_on_the_right_side(rate, word):
    value = 1 / Fraction(rate.split("/")[1])
    link = Link("rate", ">=", rate, "planted", "rate", (chains.below, lambda p: p.q(str(value))))
    chain = Chain("planted/derivation", ("lemma-A.1",), "planted", (link,), "planted", chains.ANY)
    assert prove(chain.claim_of(link)).word == word


def planted(id, **change):
    about = {"event": events.norm_below("0.9"), "terms": gaussian.one_tail("1/400"), "grid": events.by_dim, "hypotheses": (SIZE,), **change}
    return tail_claim(id, "planted", "", "planted", **about)


@pytest.mark.parametrize("event, false, true", ((events.norm_below("0.9"), "1/370", "1/374"), (events.norm_above("1.1"), "1/420", "1/427")))
def test_planted_bounds_with_a_rate_too_large_are_refuted_exactly(event, false, true, monkeypatch, tmp_path):
    monkeypatch.setattr(claims.registry, "_CLAIMS", {})
    claim = planted("planted-false", event=event, terms=gaussian.one_tail(false))
    register(claim)
    verdict = judge(claim, "quick")
    assert verdict.verdict == "refuted" and verdict.witness["instance"]["dim"] > 10_000, "the bound fails for large n only"
    path = tmp_path / "witness.json"
    path.write_text(json.dumps(verdict.witness))
    assert read_witness(path)[1].ratio > 1
    assert judge(planted("planted-true", event=event, terms=gaussian.one_tail(true)), "quick").verdict == "holds"
    about = {"event": event, "grid": events.by_dim, "hypotheses": (SIZE,)}
    assert judge(rate_claim("planted-rate", "planted", "", "planted", rate=false, **about), "quick").verdict == "refuted"
    assert judge(rate_claim("planted-true-rate", "planted", "", "planted", rate=true, **about), "quick").verdict == "holds"


def test_best_constants_are_the_rates_of_cramer_and_are_attained(verdicts):
    for name, ratio in (("lemma-A.1", 0.9), ("lemma-A.2", 1.1)):
        (chain,) = (chain for chain in claims.chains(name) if chain.given is not None)
        best = best_of(chain, lambda id: verdicts[id].worst_ratio)
        assert best.value / best.high == pytest.approx(float(tails.rate(ratio)), rel=1e-5)
        assert best.attained <= best.high and best.attained > 0.9999 * best.low, "n = 1e9 comes near"


@pytest.mark.parametrize("factor, word", ((1, "holds"), (Fraction(98, 100), "refuted"), (Fraction(1, 2), "refuted")))
def test_the_factor_2_of_lemma_a_4_may_be_1_and_no_less(factor, word):
    claim = planted(
        "planted-factor",
        event=events.DIRECTION,
        terms=lambda p: ((factor if p.is_exact else float(factor), exponent) for _, exponent in gaussian.direction(p)),
        grid=events.by_level,
        hypotheses=(SIZE, THRESHOLD, SIGMA),
    )
    found = judge(claim, "default" if word == "holds" else "quick")
    assert found.verdict == ("holds" if word == "holds" else "refuted")


# What may go wrong is not passed over.


def test_engines_that_disagree_leave_the_claim_undecided():
    off = Event(lambda p: tuple(logs + 1e-6 for logs in events.norm_below("0.9").logs(p)), events.norm_below("0.9").enclosed)
    assert judge(planted("planted-off", event=off), "quick").verdict == "inconclusive"


def test_draws_that_exclude_the_law_leave_the_claim_undecided():
    draws = probabilities.Draws(((2, 5), (4, 6)), gaussian_sets.some_pair)
    rng = np.random.default_rng(0)
    assert probabilities._excluded(events.ANY_PAIR, draws, 1000, rng) == 0
    wrong = Event(lambda p: tuple(np.log(0.3 * np.exp(logs)) for logs in events.ANY_PAIR.logs(p)), events.ANY_PAIR.enclosed)
    assert probabilities._excluded(wrong, draws, 1000, rng) == 2


def test_what_only_the_union_bound_exceeds_is_undecided():
    between = Event(lambda p: (np.full(p.dim.shape, -2.0), np.full(p.dim.shape, -1.0)), lambda p: exp(Fraction(-2)))
    claim = planted("planted-union", event=between, terms=lambda p: ((1, p.q("-3/2") + 0 * p.dim),), grid=events.by_dim_and_points)
    assert judge(claim, "quick").verdict == "inconclusive"
    attack = Attack(claim)
    claim.experiment(attack, BUDGETS["quick"], 0)
    assert attack.tally.undecided > 0


def test_without_arb_nothing_is_refuted(monkeypatch):
    monkeypatch.setattr(probabilities, "has_flint", lambda: False)
    assert judge(claims.get("lemma-A.5"), "quick").verdict == "inconclusive"
    assert judge(claims.get("lemma-A.7"), "quick").verdict == "holds"


def test_all_comparisons_of_draws_are_within_what_the_level_is_shared_by():
    cells = sum(len(gaussian_sets._CELLS) for claim in gaussian_sets.CLAIMS)
    assert cells <= tails.MOST_COMPARISONS / 4, "the rest is for other appendices"


@pytest.mark.parametrize(
    "id, point, unmet",
    (
        ("lemma-A.7", TailPoint(5, 6), "1 <= m <= d"),
        ("lemma-A.8", TailPoint(5, 0), "1 <= m <= d"),
        ("lemma-A.1", TailPoint(0), "the dimension is at least 1"),
        ("lemma-A.4", TailPoint(1, None, Fraction(0), Fraction(1)), "t > 0"),
        ("lemma-A.5", TailPoint(1, None, Fraction(1), Fraction(0)), "sigma > 0"),
        ("theorem-A.1", TailPoint(3, 0), "at least 1 point"),
        ("theorem-A.1/version/dependent", TailPoint(900, 3), "2 points"),
    ),
)
def test_parameters_out_of_range_meet_no_hypothesis(id, point, unmet):
    assert [name for name, _ in claims.get(id).unmet(point)] == [unmet]


# Laws and bounds.

d, m, t, sigma = 900, 7, 1.5, 0.8
_BASE, _PAIR = math.exp(-d / 500), 2 * math.exp(-(math.log(d) ** 2) / 2)
_NORM, _LONG = chi2.cdf(0.9 * d, d) + chi2.sf(1.1 * d, d), chi2.sf(1.1 * math.log(d) * math.sqrt(d), d)
#: Both sides of every statement for these numbers, written out; None where the law has no short formula.
SIDES = {
    "lemma-A.1": (chi2.cdf(0.9 * d, d), math.exp(-d / 400)),
    "lemma-A.1/version/rate": (d / 400, -math.log(chi2.cdf(0.9 * d, d))),
    "lemma-A.2": (chi2.sf(1.1 * d, d), _BASE),
    "lemma-A.2/version/rate": (d / 500, -math.log(chi2.sf(1.1 * d, d))),
    "lemma-A.3": (_NORM, 2 * _BASE),
    "lemma-A.4": (2 * norm.sf(t / sigma), 2 * math.exp(-(t**2) / (2 * sigma**2))),
    "lemma-A.4/version/zero": (1, 2 * math.exp(-(t**2) / (2 * sigma**2))),
    "lemma-A.5": (float(np.exp(tails.log_product_beyond(d, 1.1 * math.sqrt(d * t) / sigma))), _BASE + 2 * math.exp(-(t**2) / (2 * sigma**2))),
    "lemma-A.5/version/outside-the-root": (
        float(np.exp(tails.log_product_beyond(d, 1.1 * math.sqrt(d) * t / sigma))),
        _BASE + 2 * math.exp(-(t**2) / (2 * sigma**2)),
    ),
    "lemma-A.6": (float(np.exp(tails.log_product_beyond(d, 1.1 * math.log(d) * math.sqrt(d)))), _BASE + _PAIR),
    "lemma-A.7": (1 - (1 - _NORM) ** m, 2 * m * _BASE),
    "lemma-A.8": (None, m**2 * (_BASE + _PAIR)),
    "lemma-A.8/version/all-pairs": (1 - (1 - _LONG) ** m, m**2 * (_BASE + _PAIR)),
    "theorem-A.1": (None, 2 * m * _BASE + m**2 * (_BASE + _PAIR)),
    "example-2.4": (None, 2 * m * _BASE + m**2 * (_BASE + _PAIR)),
    "theorem-A.1/version/dependent": (_LONG, 2 * m * _BASE + m**2 * (_BASE + _PAIR)),
}


@pytest.mark.parametrize("id", (*TRUE, *FALSE))
def test_sides_are_those_of_the_formulas_written_out(id):
    point = TailPoint(d, m, Fraction(3, 2), Fraction(4, 5))
    for side, expected in zip((claims.get(id).left, claims.get(id).right), SIDES[id], strict=True):
        if expected is not None:
            assert float(side(point)) == pytest.approx(expected, rel=1e-9)


def test_a_bound_that_is_never_below_1_says_nothing():
    assert judge(planted("planted-trivial", terms=lambda p: ((2, 0 * p.dim),)), "quick").verdict == "vacuous"


POINTS = st.builds(TailPoint, st.integers(2, 3000), st.integers(1, 40), st.fractions(Fraction(1, 10), 5), st.fractions(Fraction(1, 2), 2))


@given(st.sampled_from((*TRUE, *FALSE)), POINTS)
def test_sides_in_floats_and_exactly_agree(id, point):
    claim = claims.get(id)
    for side in (claim.left, claim.right):
        exact, number = side(point), side(point.float())
        assert float(number) == pytest.approx(float(exact), rel=1e-9)
    assert TailPoint.from_json(point.to_json()).to_json() == point.to_json()


def test_points_without_some_parameters_are_written_without_them():
    point = TailPoint(7, level=Fraction(1, 3))
    assert point.to_json() == {"kind": "tail", "dim": 7, "level": "1/3"}
    assert TailPoint.from_json(point.to_json()).to_json() == point.to_json()


@given(st.fractions(Fraction(1, 10**30), Fraction(999, 1000)), st.integers(0, 10**6))
def test_one_of_several_events(chance, count):
    with mpmath.workdps(60):
        p = mpmath.mpf(chance.numerator) / chance.denominator
        true = 1 - (1 - p) ** count
        written = Fraction(mpmath.nstr(true, 55))
    found = tails.enclosed_at_least_one(tails.enclosures.Enclosure(chance, chance), count)
    assert found.low - Fraction(1, 10**50) <= written <= found.high + Fraction(1, 10**50)
    assert found.high - found.low <= Fraction(1, 10**20) * found.high
    if count:
        assert float(tails.log_at_least_one(math.log(chance), count)) == pytest.approx(float(mpmath.log(true)), rel=1e-12, abs=1e-15)


def test_one_of_several_events_far_below_the_smallest_float():
    assert float(tails.log_at_least_one(-5000.0, 1000)) == pytest.approx(-5000 + math.log(1000), rel=1e-14)
    many = 1 - (1 - Fraction(1, 10**11)) ** 3
    assert math.exp(tails.log_at_least_one(math.log(1e-11), 3)) == pytest.approx(float(many), rel=1e-12)
    assert math.exp(tails.log_at_least_one(math.log(1e-11), 10**11)) == pytest.approx(1 - math.exp(-1), rel=1e-9)
    assert float(tails.log_at_least_one(-3.0, 0)) == -math.inf and float(tails.log_at_least_one(0.0, 3)) == 0


def test_bounds_of_sets_of_points_hold_what_is_drawn():
    for m, d in ((3, 8), (7, 40), (12, 200)):
        grams = sampling.gaussian_gram(m, d, 4000, rng=m)
        pairs = ((events.ANY_PAIR, gaussian_sets.some_pair), (events.FAILS, gaussian_sets._fails), (events.ANY_OUTSIDE, gaussian_sets.some_norm))
        for event, happens in pairs:
            low, high = (math.exp(end) for end in event.logs(TailGrid(float(d), float(m))))
            limits = tails.limits(int(happens(grams, d).sum()), 4000)
            assert low <= limits[1] and limits[0] <= high
            assert float(event.enclosed(TailPoint(d, m))) == pytest.approx(low, rel=1e-10)


def test_enclosed_bounds_and_logarithms_agree():
    for terms in (gaussian_sets.assumption, gaussian_sets.norms, gaussian_sets.pairs):
        point = TailPoint(700, 9)
        assert float(log(enclosed_bound(terms, point))) == pytest.approx(float(log_bound(terms, point.float())), rel=1e-12)


def test_the_grid_has_every_dimension_and_ends_at_a_billion():
    dims = events.dims("default")
    assert (dims[:10_000] == np.arange(1, 10_001)).all() and dims[-1] == 1e9 and (np.diff(dims) > 0).all()
    grid = events.by_dim_and_points("quick", beyond=True)
    assert (grid.points > grid.dim).any() and not (events.by_dim_and_points("quick").points > events.by_dim_and_points("quick").dim).any()


# The numbers in the derivations.


def speaks_from(logs, below=1.0):
    """The smallest dimension from which on exp(logs) stays below a number."""
    above = np.flatnonzero(~(logs < math.log(below)))
    return int(above[-1]) + 2


def test_dimensions_named_in_derivations():
    dim = np.arange(1.0, 8001)
    grid = TailGrid(dim)
    three = log_bound(lambda p: ((2, -p.dim / 500),), grid)
    pair = log_bound(gaussian.pair, grid)
    named = {"lemma-A.3": [speaks_from(three), speaks_from(three, 0.01), speaks_from(events.OUTSIDE.logs(grid)[0], 0.01)]}
    named["lemma-A.6"] = [speaks_from(pair), speaks_from(pair, 0.01), speaks_from(events.PAIR.logs(grid)[0], 0.01)]
    sets = [TailGrid(dim, np.full(len(dim), m)) for m in (1.0, 2.0, 10.0, 100.0, 1000.0)]
    named["lemma-A.7"] = [speaks_from(log_bound(gaussian_sets.norms, sets[k])) for k in (0, 2, 3)]
    named["theorem-A.1"] = [speaks_from(log_bound(gaussian_sets.assumption, sets[k])) for k in (1, 2, 3, 4)]
    for id, numbers in named.items():
        assert all(f"{number} " in claims.get(id).derivation.replace(".", " ").replace(",", " ") for number in numbers), (id, numbers)
    assert events.small_product(dim).max() <= 2.2 / math.e
    assert math.exp((events.PAIR.logs(grid)[0] - pair)[17:].max()) <= 1 / 333
