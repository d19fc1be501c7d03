"""Thresholds of refuted steps whose sides meet on a face: through their parts, at the end of a range alone, or none for any value of a variable."""

import functools
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims
from kktcheck.audit import proofs
from kktcheck.audit.boxes import box_of
from kktcheck.audit.failures import fails_for_every
from kktcheck.audit.prover import library
from kktcheck.audit.thresholds import thresholds
from kktcheck.audit.violations import HUGE, Violations, simplest
from kktcheck.claims.chains.two_layer_theorems_printed_angle import _displayed
from kktcheck.claims.claim import Part
from kktcheck.claims.two_layer.arithmetic import expanded, norm_factor, without_cross
from kktcheck.instances import Constants
from kktcheck.instances.constants_family import ConstantBoxes

from .audit_instances import between_constants
from .instances import examples

pytest.importorskip("flint")
LINKS = {claim.id: claim for chain in library.chains() for claim in chain.claims()}
TWO = ConstantBoxes(points=2)
planted = functools.partial(between_constants, family=TWO)
NAMES = {"m": "points", "n": "neurons", "k": "forgotten"}
#: Limits by claim: the variable, which end, the last value at which it holds. Other variables that the sides speak of: for no value.
SETTLED = {
    "lemma-C.1/proof/norm": {("psi", "at least"): "1/10", ("free", "at least"): "1/2"},
    "lemma-C.4/1/proof/constant": {
        ("epsilon_d", "at most"): "1/23", ("psi", "at least"): "18/187", ("m", "at most"): "11", ("n", "at least"): "23",
    },
    "lemma-C.4/1/proof/plugged": {("psi", "at least"): "1/10", ("free", "at most"): "10/11", ("m", "at most"): "1"},
    "theorem-4.1/tau/proof/norm-psi": {("psi", "at least"): "1/10", ("epsilon", "at most"): "2134/4800"},
    "theorem-C.1/epsilon/proof/rescale": {("epsilon_d", "at most"): "1/207", ("n", "at least"): "3", ("k", "least"): None},
    "theorem-C.1/epsilon/proof/denominator": {("m", "at most"): "2", ("k", "at most"): "1"},
}  # fmt: skip
REMARK = "remark-C.1/proof/norm-positive"
ROOTS = ("theorem-4.1/tau/proof/norm-expansion", "theorem-4.1/tau/proof/norm-expanded")
#: Refuted claims that are proved, where they hold, through parts that imply them.
WITH_PARTS = ("lemma-C.4/1/proof/constant", "lemma-C.4/1/proof/plugged", "theorem-4.1/tau/proof/norm-psi", *ROOTS,
              "theorem-C.1/epsilon/proof/rescale", "theorem-C.1/epsilon/proof/denominator")  # fmt: skip


def the(id):
    return LINKS[id] if id in LINKS else claims.get(id)


def found(claim):
    """Thresholds by variable and end; each settled, its point exact, allowed and violating."""
    result = thresholds(claim)
    for threshold in result:
        point = threshold.point
        assert threshold.settled and point.is_exact and getattr(point, NAMES.get(threshold.variable, threshold.variable)) == threshold.refuted
        assert not claim.unmet(point) and claim.refuted_by(point).any() and 1 <= point.forgotten <= max(point.points - 1, 1)
    return {(threshold.variable, threshold.end): threshold for threshold in result}


def fails_everywhere(claim, name):
    violations = Violations(claim, box_of(claim))
    return fails_for_every(claim, box_of(claim), name, violations, [violations.any()])


@pytest.mark.parametrize("id", SETTLED)
def test_every_threshold_is_settled(id):
    result = found(the(id))
    limits = {key: threshold for key, threshold in result.items() if key[1] != "every"}
    assert set(limits) == set(SETTLED[id])
    for key, limit in SETTLED[id].items():
        exact = None if limit is None else Fraction(limit)
        near = exact is not None and exact.denominator > 2000
        assert abs(limits[key].proved - exact) < Fraction(1, 10**10) if near else limits[key].proved == exact
    spoken = {variable for variable, _ in result}
    assert not {"both ends"} & {end for _, end in result} and len(spoken) == len(result)


@pytest.mark.parametrize("id", ROOTS)
def test_the_expansion_holds_outside_the_roots_of_a_quadratic(id):
    result = found(the(id))
    for end, sign in (("at most", 1), ("at least", -1)):
        for value, holds in ((result["epsilon", end].proved, True), (result["epsilon", end].refuted, False)):
            quadratic = Fraction("0.009") - Fraction("2.9104") * value + Fraction("3.31776") * value**2
            assert (quadratic >= 0) == holds and sign * (value - Fraction("0.4")) < 0
    assert {("epsilon_d", "every"), ("n", "every")} < set(result)


def test_a_positive_norm_fails_for_every_size_and_every_epsilon_d():
    result = found(the(REMARK))
    assert {variable for variable, end in result if end == "every"} == {"epsilon_d", "m", "n"}
    # l = 0 at epsilon = 15 / 32 and epsilon_d / n = 0; with m = 2, n = 1 and -l above it: 2 * 0.9 l^2 = 1e-6 / 2.
    assert abs(float(result["epsilon", "at least"].proved) - (0.9 + (1e-6 / 3.6) ** 0.5) / 1.92) < 1e-8


@pytest.mark.parametrize("id", (*SETTLED, *ROOTS, REMARK))
def test_parts_leave_the_verdict_as_it_was(id):
    assert proofs.prove(the(id)).word == "refuted"


BITS = st.fractions(min_value=Fraction(1, 10**6), max_value=1, max_denominator=10**6)


@pytest.mark.parametrize("id", WITH_PARTS)
@examples(60)
@given(numbers=st.tuples(*(BITS,) * 5), sizes=st.tuples(st.integers(2, 30), st.integers(1, 60)), share=BITS)
def test_where_its_parts_hold_the_claim_does(id, numbers, sizes, share):
    claim, (m, n) = the(id), sizes
    limits = [box_of(claim)[name][1] for name in ("epsilon", "delta", "epsilon_d", "psi", "free")]
    # Small numbers as often as large ones.
    for power in (1, 4):
        point = Constants(*(limit * number**power for limit, number in zip(limits, numbers, strict=True)), m, n, 1 + int(share * (m - 2)))
        if claim.refuted_by(point).any():
            assert any(not float(part.left(point)) <= float(part.right(point)) for part in claim.parts)


@examples(40)
@given(psi=BITS, free=BITS, w=BITS, m=st.integers(1, 50))
def test_parts_of_lemma_c4_are_its_corners(psi, free, w, m):
    """The sides' difference at the ends of epsilon, and of epsilon_d for the step before, times the denominators and what the parts divide by."""
    constant, plugged = the("lemma-C.4/1/proof/constant"), the("lemma-C.4/1/proof/plugged")
    corners = [(constant, 0, epsilon, w, 2) for epsilon in (0, 1)]
    corners += [(plugged, 0, 0, 0, 22), (plugged, 1, 1, 0, 2), (plugged, 2, 0, 1, 22), (plugged, 3, 1, 1, 2.2)]
    for claim, number, epsilon, epsilon_d, scale in corners:
        point = Constants(Fraction(epsilon), Fraction(1), Fraction(epsilon_d), psi / 10, free, m, 1, 1)
        part = claim.parts[epsilon if claim is constant else number]
        small, large = (float(side(point)) for side in claim.ordered)
        assert float(part.right(point)) - float(part.left(point)) == pytest.approx(scale * float(1 + psi / 10) * (large - small), abs=1e-12)


@given(numbers=st.tuples(*(BITS,) * 5), n=st.integers(1, 50))
def test_the_norm_multiplied_out(numbers, n):
    p = Constants(*numbers, 3, n, 1)
    w, epsilon = p.epsilon_d / n, p.epsilon
    rounded = w * (Fraction("0.0932") + Fraction("25.82784") * epsilon + Fraction("43.04064") * w)
    assert norm_factor(p) - expanded(p) == without_cross(p) + rounded
    displayed = w * (Fraction("0.0932") + Fraction("17.82784") * epsilon + Fraction("24.04064") * w)
    assert norm_factor(p) - _displayed(p) == without_cross(p) + displayed


def test_a_claim_that_holds_at_the_end_of_a_range_alone():
    """psi (free - 1) >= 0 holds for psi = 0 only; the part asks for free = 1 there too."""
    claim = planted(lambda p: p.psi * (p.free - 1), lambda p: 0, "lower", parts=(Part(lambda p: 1, lambda p: p.free, "implies it"),))
    assert found(claim)["psi", "at most"].proved == 0


def test_an_end_is_said_to_hold_only_if_proved(monkeypatch):
    """At psi = 0 one side holds and the other fails for delta near 3 / 4, which the search does not see."""
    claim = planted(
        lambda p: np.array([p.psi * (1 - p.free), p.q("0.0025")], dtype=object),
        lambda p: np.array([0 * p.psi, (p.delta - p.q("0.75")) ** 2], dtype=object),
    )
    start = {**dict.fromkeys(("epsilon", "delta", "epsilon_d"), Fraction(1, 3)), "psi": Fraction(1, 20), "free": Fraction(0)}
    monkeypatch.setattr(Violations, "any", lambda self: {**start, "points": 2, "neurons": 1, "forgotten": 1})
    monkeypatch.setattr(Violations, "deepest", lambda self, values, fixed: values)
    assert ("psi", "at most") not in {(threshold.variable, threshold.end) for threshold in thresholds(claim)}


def test_an_end_where_the_claim_fails_is_not_said_to_hold():
    """It holds at psi = 0.04 and 0.06 and between them only."""
    result = found(planted(lambda p: (p.psi - p.q("0.05")) ** 2, lambda p: p.q("0.0001")))
    assert set(result) == {("psi", "both ends")}
    # epsilon = 0 is not in the range, so a claim that holds there alone holds nowhere.
    assert ("epsilon", "every") in found(planted(lambda p: p.epsilon * p.free, lambda p: 0))


def test_what_fails_with_all_points_but_one_forgotten_fails_for_every_m():
    claim = planted(lambda p: p.forgotten, lambda p: p.q("0.4") * p.points)
    assert fails_everywhere(claim, "points") is not None
    # With one of three forgotten it holds, with none kept it would not: k = m does not count.
    assert ("m", "at most") in found(planted(lambda p: p.forgotten, lambda p: p.q("0.6") * p.points))


def test_k_stays_below_m_along_a_range_of_m():
    """With k = m - 1 it fails at m = 3 and holds at m = 4; with k = m it would fail at both."""
    claim = planted(lambda p: p.forgotten, lambda p: p.points - p.q("1.25") + (p.points - 3) * p.q("0.5"))
    box, violations = {**box_of(claim), "x": (Fraction(1, 4), Fraction(1, 3))}, Violations(claim, box_of(claim))
    three = {**Violations(planted(lambda p: p.epsilon, lambda p: 0), box).any(), "points": 3, "forgotten": 2}
    assert violations.violates(three) and fails_for_every(claim, box, "points", violations, [three]) is None


@pytest.mark.parametrize("number", ("1/3", "7/9", "15/32"))
def test_a_number_at_which_everything_cancels_is_found(number):
    """n (epsilon - a) - epsilon_d is small enough for every n at epsilon = a only; no float is 1/3 exactly."""
    claim = planted(lambda p: (p.neurons * (p.epsilon - p.q(number)) - p.epsilon_d) ** 2, lambda p: p.q("1e-6"), "lower")
    near = {**Violations(claim, box_of(claim)).any(), "neurons": 1, "epsilon": Fraction(number) + Fraction(1, 2048), "epsilon_d": Fraction(1, 2048)}
    point = fails_for_every(claim, box_of(claim), "neurons", Violations(claim, box_of(claim)), [near])
    assert point is not None and point["epsilon"] == Fraction(number)
    # Larger epsilon_d move epsilon along: pieces of the range with points of their own.
    claim = planted(lambda p: (p.epsilon - p.q(number) / 2 - p.epsilon_d / 8) ** 2, lambda p: p.q("1e-4"), "lower")
    assert fails_everywhere(claim, "epsilon_d") is not None


def test_a_limit_far_out_is_not_taken_for_none():
    """Fails up to n = 10^20, with epsilon = a; holds from there on."""
    claim = planted(lambda p: (p.neurons * (p.epsilon - p.q("1/3"))) ** 2 + p.neurons / p.q("1e20"), lambda p: 1, "lower")
    assert fails_everywhere(claim, "neurons") is None


@given(low=st.fractions(min_value=0, max_value=5, max_denominator=300), width=st.fractions(min_value=0, max_value=1, max_denominator=300))
@examples(100)
def test_the_simplest_rational_of_an_interval(low, width):
    value = simplest(low, low + width)
    assert low <= value <= low + width
    for denominator in range(1, value.denominator):
        assert -(-low * denominator // 1) > (low + width) * denominator


def test_simplest_numbers_violate_too():
    claim = planted(lambda p: (p.epsilon - p.q("1/3")) ** 2 + p.delta, lambda p: p.q("1e-4") + p.epsilon_d, "lower")
    violations = Violations(claim, box_of(claim))
    point = violations.simplest({**violations.any(), "neurons": HUGE}, "delta")
    assert violations.violates(point) and point["neurons"] == HUGE and point["delta"] == violations.any()["delta"]


def test_simplest_numbers_do_not_jump_over_a_gap():
    """Violated for 0.05 < |epsilon - 1/2| < 0.2: the simplest number between the ends, 1/2, is not."""
    square = lambda p: (p.epsilon - p.q("1/2")) ** 2  # noqa: E731
    claim = planted(lambda p: (square(p) - p.q("0.0025")) * (square(p) - p.q("0.04")), lambda p: 0, "lower")
    violations = Violations(claim, box_of(claim))
    for epsilon in ("0.35", "0.4", "0.6", "0.65"):
        point = {**violations.any(), "epsilon": Fraction(epsilon)}
        assert violations.violates(point) and violations.violates(violations.simplest(point, "delta"))
