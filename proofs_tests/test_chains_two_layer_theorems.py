"""Chains of Theorems 4.1 and C.1 and of Remark C.1: what ours prove, where the printed ones break, and whether the bounds they give are bounds."""

import functools
import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.audit import proofs
from kktcheck.audit.chains import Judge
from kktcheck.audit.supremum import best_constant
from kktcheck.claims.two_layer import entries
from kktcheck.claims.two_layer.forgetting import sets, singles
from kktcheck.claims.two_layer.identity import PAIRS
from kktcheck.claims.two_layer.theorems import POINTS
from kktcheck.instances import Constants

from .claim_checks import check_breaks, check_holds
from .instances import examples

pytest.importorskip("flint")
#: Of floats: relative, and absolute where a bound is a difference of numbers of the order of 1.
ROUNDING, TINY = 1e-9, 1e-13
#: Every so many corners of a family: primes, so that all ends of all numbers are among them.
STRIDES = {POINTS: 61, PAIRS: 347}
MINE = ("theorem-4.1", "theorem-C.1", "remark-C.1")
CHAINS = {chain.id: chain for chain in claims.chains() if chain.id.startswith(MINE)}
OURS = [id for id, chain in CHAINS.items() if chain.author == "ours"]
#: Statements about instances that have witnesses (test_claims_two_layer_theorems and others).
WITNESSED = {
    "lemma-B.3",
    "theorem-4.1/delta/proof/margin-equality",
    "theorem-4.1/tau/proof/norm-no-error",
    "theorem-4.1/tau/proof/norm-product",
    "theorem-4.1/tau/proof/norm-terms",
    "remark-C.1",
    "remark-C.1/version/minus",
    "remark-C.1/version/one-over-mn",
    *(f"remark-C.1/proof/{step}" for step in ("error-terms", "swap-sums", "dropped-labels", "products", "norm-swap", "norm-terms")),
    *(f"remark-C.1/proof/{step}" for step in ("alpha-range", "norm-order")),
}
#: Broken links of each printed chain: the claims behind them.
BROKEN = {
    "theorem-4.1/epsilon/proof": ["theorem-4.1/epsilon/proof/terms", "theorem-4.1/epsilon/proof/rescale"],
    "theorem-4.1/delta/proof": ["theorem-4.1/delta/proof/margin-equality", "lemma-B.3", "theorem-4.1/delta/proof/rescale"],
    "theorem-4.1/tau/proof": [
        "theorem-4.1/tau/proof/norm-product",
        "theorem-4.1/tau/proof/norm-no-error",
        "theorem-4.1/tau/proof/norm-terms",
        "theorem-4.1/tau/proof/norm-psi",
        "theorem-4.1/tau/proof/norm-bracket",
        "theorem-4.1/tau/proof/norm-expanded",
        "theorem-4.1/tau/proof/norm-expansion",
        "theorem-4.1/tau/proof/norm-arithmetic",
        "theorem-4.1/tau/proof/ratio",
    ],
    "theorem-C.1/epsilon/proof": ["theorem-C.1/epsilon/proof/rescale", "theorem-C.1/epsilon/proof/denominator"],
    "theorem-C.1/delta/proof": ["lemma-B.3", "theorem-C.1/delta/proof/rescale", "theorem-C.1/epsilon/proof/denominator"],
    "theorem-C.1/tau/proof": ["theorem-4.1/tau/proof/norm-product", "theorem-4.1/tau/proof/norm-arithmetic"],
    "remark-C.1/proof": [
        "remark-C.1/proof/error-terms",
        "remark-C.1/proof/swap-sums",
        "remark-C.1/proof/dropped-labels",
        "remark-C.1/proof/products",
        "remark-C.1/proof/norm-swap",
        "remark-C.1/proof/norm-terms",
        "remark-C.1/proof/alpha-range",
        "remark-C.1/proof/norm-order",
        "remark-C.1/proof/norm-positive",
        "remark-C.1/proof/inverse",
        "remark-C.1/proof/norm-order",
        "remark-C.1/version/minus",
        "remark-C.1/version/one-over-mn",
        "remark-C.1",
    ],
}


@functools.cache
def judge():
    """One judge for all tests; instances speak against claims here, never for them, so nothing that is only sampled counts as proved."""
    return Judge(lambda id: "refuted" if id in WITNESSED else None)


@pytest.mark.parametrize("id", OURS)
def test_every_chain_of_ours_proves_its_statements(id):
    verdict = judge().verdict(CHAINS[id])
    assert verdict.word == "proved", [(link.mark, link.claim, link.note) for link in verdict.links if link.mark not in ("proved", "argued")]


def test_every_printed_chain_is_listed():
    assert {id for id, chain in CHAINS.items() if chain.author == "printed"} == set(BROKEN)


@pytest.mark.parametrize("id", BROKEN)
def test_printed_chains_break_where_they_break(id):
    check_breaks(judge().verdict(CHAINS[id]), BROKEN[id])


@pytest.mark.parametrize("statement", [claim.id for claim in claims.all() if claim.id.startswith(MINE) and claim.kind != "ours"])
def test_every_statement_and_step_that_no_witness_refutes_is_proved(statement):
    claim = claims.get(statement)
    if proofs.provable(claim):
        assert judge()._between_constants(claim).mark in ("proved", "refuted")
    elif not claim.corrected_by:
        assert judge().proof_of(statement) is not None


def constants(p, forgotten, epsilon=None, delta=None, points=None):
    """The point of the box that an instance is: psi is that of its own norms."""
    psi = abs(np.asarray(p.squared_norms, dtype=float) - 1).max()
    epsilon, delta = (p.epsilon if epsilon is None else epsilon), (p.delta if delta is None else delta)
    return Constants(epsilon, delta, p.epsilon_d, psi, 0.0, p.num_points if points is None else points, p.num_neurons, forgotten)


def per_root(f):
    """k epsilon_d sqrt(r) / (m sqrt(n))."""
    p = f.point
    return f.size * p.epsilon_d * np.sqrt(len(f.kept) / p.num_neurons) / p.num_points


def per_point(f):
    return f.size * f.point.epsilon_d / f.point.num_points


@functools.cache
def corners(family):
    """Some 300 corners of a family, where bounds are nearly reached."""
    return tuple(family.build(*corner) for corner in itertools.islice(family.corners(), 0, None, STRIDES[family]))


#: What each chain about forgetting bounds, and in which units; the statement's id without the theorem.
MEASURED = {
    "proof/projection": lambda f: (f.length(f.projection), per_root(f)),
    "epsilon/proof/projected": lambda f: (f.projected_worth.epsilon - f.point.epsilon, per_root(f)),
    "tau/proof/projected-norm": lambda f: (f.unlearned_squared, len(f.kept)),
    "tau/proof/projected": lambda f: (f.projected_worth.tau, per_root(f) ** 2 / len(f.kept)),
    "epsilon": lambda f: (f.projected_worth.epsilon - f.point.epsilon, per_point(f) * np.sqrt(f.point.num_points)),
    "tau": lambda f: (f.projected_worth.tau, f.size * f.point.epsilon_d / len(f.kept)),
    "proof/pattern/sharper": lambda f: (_pushed(f), per_point(f) / f.point.num_neurons),
    "epsilon/proof/correction-norm/sharper": lambda f: (f.length(f.correction), per_point(f) * np.sqrt(f.point.num_points / f.point.num_neurons)),
    "proof/margin-drift": lambda f: (abs(f.drift).max(), per_point(f) / f.point.num_neurons),
    "epsilon/proof/corrected-model": lambda f: (
        f.printed_worth.epsilon - f.printed_scale * f.point.epsilon,
        per_point(f) * np.sqrt(f.point.num_points),
    ),
    "delta/proof/corrected-model/corrected": lambda f: (
        f.printed_worth.delta - f.printed_scale**2 * f.point.delta,
        f.printed_scale**2 * per_point(f),
    ),
}


def _pushed(f):
    """Outward move of every retained product for a weight of 1 per forgotten point."""
    outwards = f.shift * (2 * f.point.active[:, f.kept] - 1) * f.point.signs[:, None]
    return (outwards[f.weights > 0] / f.weights[f.weights > 0][:, None]).min() * f.size


@pytest.mark.parametrize("theorem", ["theorem-4.1", "theorem-C.1"])
@pytest.mark.parametrize("part", MEASURED)
def test_the_bounds_of_the_chains_about_forgetting_hold_on_instances(theorem, part):
    chain, forgettings = CHAINS[f"{theorem}/{part}/derivation"], singles if theorem == "theorem-4.1" else sets

    def bounded(p):
        for f in forgettings(p):
            value, unit = MEASURED[part](f)
            bound = float(chain.given(constants(p, f.size))) * unit
            assert value >= bound - ROUNDING * abs(bound) if chain.lower else value <= bound * (1 + ROUNDING) + TINY

    examples(6)(given(strategies.instances(POINTS))(lambda p: bounded(p)))()
    for p in corners(POINTS):
        bounded(p)


#: Left sides and units of the chains of Remark C.1, with the constants that count.
OF_PAIRS = {
    "proof/masses": lambda p: (p.second.masses.sum(axis=0).max(), 1, {"epsilon": p.other_epsilon, "delta": p.other_delta}),
    "proof/norm-above": lambda p: (p.first.norm_squared, p.num_points * p.num_neurons, {}),
    "proof/norm-below": lambda p: (p.first.norm_squared, p.num_points, {}),
    "proof/alpha-above/sharper": lambda p: (abs(p.first.masses[0] - p.first.masses[1]).max(), 1, {}),
}


@pytest.mark.parametrize("part", OF_PAIRS)
def test_the_bounds_of_the_chains_about_pairs_hold_on_instances(part):
    chain = CHAINS[f"remark-C.1/{part}/derivation"]

    @examples(15)
    @given(strategies.instances(PAIRS))
    def bounded(p):
        value, unit, others = OF_PAIRS[part](p)
        bound = float(chain.given(constants(p, 1, **others))) * unit
        assert value >= bound * (1 - ROUNDING) if chain.lower else value <= bound * (1 + ROUNDING)

    bounded()


@examples(15)
@given(strategies.instances(PAIRS))
def test_the_chain_of_the_corrected_remark_bounds_the_distance(p):
    """Its first term with the constant that the chain gives; epsilon~ and delta~ as large as theta's own allow."""
    large = {"epsilon": max(p.epsilon, p.other_epsilon), "delta": max(p.delta, p.other_delta)}
    given = float(CHAINS["remark-C.1/corrected/derivation"].given(constants(p, 1, **large)))
    assert p.distance >= given / (p.num_points * p.num_neurons) - 1.5 * p.other_epsilon / p.num_points - TINY


@pytest.mark.parametrize("id", [claim.id for claim in entries.CLAIMS])
def test_what_the_chains_start_from_holds(id):
    check_holds(id, 8)
    claim = claims.get(id)
    assert all(claim.read(p).ratio <= 1 + ROUNDING for p in corners(claim.family))


#: True links that no common factor makes sharp; those of Theorem C.1 are those of Theorem 4.1 with k.
LINKS = [
    claim.id
    for chain in CHAINS.values()
    for claim in chain.claims()
    if not (claim.corrected_by or claim.parts or claim.id.startswith("theorem-C.1") or claim.id.startswith("remark-C.1/proof/masses"))
]


@pytest.mark.parametrize("id", LINKS)
def test_a_constant_that_is_one_percent_too_good_is_refuted(id):
    """The larger side, shrunk to 99 % of what is needed somewhere, fails at a rational point with integer sizes."""
    claim = claims.get(id)
    factor = Fraction(best_constant(claim, tolerance=1e-3, most=100).low) * Fraction(99, 100)
    side = "left" if claim.direction == "lower" else "right"
    original = getattr(claim, side)
    planted = replace(claim, **{side: lambda p: original(p) * factor})
    found = proofs.prove(planted, 2000)
    assert factor > 0
    assert found.word == "refuted"
    assert planted.refuted_by(found.point).any()
    assert not planted.unmet(found.point)
