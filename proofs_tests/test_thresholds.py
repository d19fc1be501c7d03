"""Thresholds: planted inequalities whose limits are known in each variable, proved up to the limit and refuted beyond; the printed constants."""

from dataclasses import replace
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims
from kktcheck.audit.boxes import box_of
from kktcheck.audit.failures import fails_for_every
from kktcheck.audit.intervals import prove
from kktcheck.audit.threshold import Threshold
from kktcheck.audit.thresholds import thresholds
from kktcheck.audit.violations import HUGE, Violations
from kktcheck.claims.claim import Part
from kktcheck.claims.hypotheses import at_most
from kktcheck.errors import InputError
from kktcheck.instances import Constants, root
from kktcheck.instances.constants_family import ConstantBoxes

from .audit_instances import between_constants as planted
from .instances import examples

pytest.importorskip("flint")
NUMBERS = {"epsilon": 1, "delta": 1, "epsilon_d": 1, "psi": Fraction(1, 10), "free": 1}
TWO = ConstantBoxes(points=2)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=1000)


def check_point(claim, threshold):
    """The point is exact, has the refuted value, meets the hypotheses and the family's sizes, and violates the claim."""
    point = threshold.point
    name = {"m": "points", "n": "neurons", "k": "forgotten"}.get(threshold.variable, threshold.variable)
    assert point.is_exact and getattr(point, name) == threshold.refuted
    assert not claim.unmet(point) and claim.refuted_by(point).any()
    assert point.points >= claim.family.points and point.neurons >= claim.family.neurons and 1 <= point.forgotten <= max(point.points - 1, 1)
    for number, limit in NUMBERS.items():
        assert 0 <= getattr(point, number) <= limit


def found(claim):
    """Thresholds by variable and end, their points checked."""
    result = thresholds(claim)
    for threshold in result:
        check_point(claim, threshold)
    return {(threshold.variable, threshold.end): threshold for threshold in result}


def check_number(threshold, limit, width=Fraction(1, 10**9)):
    """The limit lies between what is proved and what is refuted, which are next to each other."""
    inner, outer = (threshold.proved, threshold.refuted) if threshold.end == "at most" else (-threshold.proved, -threshold.refuted)
    bound = limit if threshold.end == "at most" else -limit
    assert threshold.settled and inner <= bound < outer + width / 1000 and outer - inner <= width


@pytest.mark.parametrize("name", NUMBERS)
@examples(4)
@given(share=st.fractions(min_value=Fraction(1, 50), max_value=Fraction(49, 50), max_denominator=50))
def test_limits_of_a_number_from_either_end(name, share):
    limit = share * NUMBERS[name]
    for direction, end in (("upper", "at most"), ("lower", "at least")):
        result = found(planted(lambda p: getattr(p, name), lambda p: p.q(str(limit)), direction))
        assert set(result) == {(name, end)}
        check_number(result[name, end], limit)
        assert result[name, end].proved == limit and str(limit) in str(result[name, end])


@examples(4)
@given(a=SHARES, b=SHARES)
def test_an_irrational_limit_is_enclosed_and_the_claim_holds_up_to_it(a, b):
    """epsilon^2 + (1 - a) delta / 2 <= 1/3 + b / 4, worst at delta = 1: limits sqrt(1/3 + b/4 - (1 - a)/2) or none."""
    claim = planted(lambda p: p.epsilon**2 + p.q(str((1 - a) / 2)) * p.delta, lambda p: p.q(str(Fraction(1, 3) + b / 4)))
    result, square = found(claim), Fraction(1, 3) + b / 4 - (1 - a) / 2
    if square <= 0:
        assert ("epsilon", "every") in result
    else:
        limit = result["epsilon", "at most"]
        assert limit.settled and limit.proved**2 <= square < limit.refuted**2 and limit.refuted - limit.proved <= Fraction(1, 10**9)
        for part in range(1, 21):
            assert (limit.proved * part / 20) ** 2 + (1 - a) / 2 <= Fraction(1, 3) + b / 4


def test_a_claim_that_fails_in_the_middle_has_two_limits():
    """(epsilon - 1/4) (epsilon - 3/5) >= 0 with room for delta: both limits are sharp on the face delta = 0."""
    claim = planted(lambda p: (p.epsilon - p.q("1/4")) * (p.epsilon - p.q("3/5")) + p.delta, lambda p: 0, "lower")
    result = found(claim)
    assert result["epsilon", "at most"].proved == Fraction(1, 4) and result["epsilon", "at least"].proved == Fraction(3, 5)
    # From the other side the product's least value, -0.175 ** 2, has to be made up for.
    check_number(result["delta", "at least"], Fraction(49, 1600))


def test_a_claim_that_fails_at_both_ends_says_no_more():
    result = found(planted(lambda p: (p.epsilon - p.q("1/2")) ** 2, lambda p: p.q("1/16")))
    assert set(result) == {("epsilon", "both ends")}


@pytest.mark.parametrize("name, symbol", (("points", "m"), ("neurons", "n")))
@pytest.mark.parametrize("limit", (2, 7, 24, 1000, 10**7))
def test_limits_of_sizes(name, symbol, limit):
    below = found(planted(lambda p: getattr(p, name), lambda p: p.q(str(limit)) + p.epsilon, family=TWO))[symbol, "at most"]
    above = found(planted(lambda p: getattr(p, name), lambda p: p.q(str(limit)) - p.epsilon, "lower", family=ConstantBoxes()))[symbol, "at least"]
    assert (below.proved, below.refuted, below.settled) == (limit, limit + 1, True)
    assert (above.proved, above.refuted, above.settled) == (limit, limit - 1, True)
    assert str(above) == f"holds for {symbol} >= {limit}; fails at {symbol} = {limit - 1}"


def test_sizes_are_integers():
    """Fails between m = 6.5 and 7.5 only: at m = 7."""
    result = found(planted(lambda p: (p.points - p.q("6.5")) * (p.points - p.q("7.5")), lambda p: 0, "lower"))
    assert (result["m", "at most"].proved, result["m", "at least"].proved) == (6, 8)
    assert result["m", "at most"].refuted == result["m", "at least"].refuted == 7


def test_a_limit_of_k_holds_for_all_m_above_it():
    result = found(planted(lambda p: p.forgotten**2, lambda p: 9 + p.points, family=TWO))
    # k = 4 asks for m >= 7; m = 5 has k up to 4, m = 4 has k up to 3.
    assert (result["k", "at most"].proved, result["k", "at most"].refuted) == (3, 4)
    assert (result["m", "at most"].proved, result["m", "at most"].refuted) == (4, 5)
    assert found(planted(lambda p: p.forgotten * p.q("3"), lambda p: p.points, family=TWO))["k", "least"].refuted == 1


def test_what_fails_everywhere_fails_for_every_value():
    claim = planted(lambda p: p.epsilon_d * (p.points + 1), lambda p: p.epsilon_d * p.points * p.q("1.00"))
    assert {variable for variable, end in found(claim) if end == "every"} == {"epsilon_d", "m"}
    claim = planted(lambda p: p.epsilon + p.q("1") / p.neurons, lambda p: p.epsilon + p.psi)
    assert ("epsilon", "every") in found(claim) and ("psi", "every") in found(claim)


def blind(monkeypatch, **first):
    """A search that sees only the violation it is given: what else fails has to be found by proofs."""
    start = dict(epsilon=Fraction(1, 2), delta=Fraction(1, 2), epsilon_d=Fraction(1, 2), psi=Fraction(0), free=Fraction(0), points=2, neurons=1)
    monkeypatch.setattr(Violations, "any", lambda self: {**start, "forgotten": 1, **first})
    monkeypatch.setattr(Violations, "deepest", lambda self, values, fixed: values)


def entries(*sides):
    return lambda p: np.array([side(p) for side in sides], dtype=object)


@pytest.mark.parametrize("name, symbol", (("points", "m"), ("neurons", "n")))
def test_what_the_search_does_not_see_proofs_find(monkeypatch, name, symbol):
    """Both fail at 3; one besides from 3000 on, for large enough free, the other at the least size for psi > 0.09."""
    blind(monkeypatch, **{name: 3})
    size = lambda p: p.q("1") * getattr(p, name)  # noqa: E731
    middle = lambda p: -(size(p) - p.q("2.5")) * (size(p) - p.q("3.5"))  # noqa: E731
    result = found(planted(entries(middle, lambda p: p.free * size(p)), entries(lambda p: 0 * p.free, lambda p: p.q("3000")), family=TWO))
    assert (symbol, "at most") in result and (symbol, "at least") not in result
    share = Fraction("0.09") / {"points": 2, "neurons": 1}[name]
    result = found(planted(entries(middle, lambda p: p.psi), entries(lambda p: 0 * p.free, lambda p: size(p) * p.q(str(share))), family=TWO))
    assert (symbol, "at least") in result and (symbol, "at most") not in result


def test_what_the_search_does_not_see_near_an_end_proofs_find(monkeypatch):
    blind(monkeypatch)
    low = planted(entries(lambda p: p.epsilon, lambda p: p.psi), entries(lambda p: p.q("0.4"), lambda p: p.q("0.09") + p.epsilon))
    assert ("epsilon", "at most") not in found(low)
    high = planted(entries(lambda p: p.epsilon, lambda p: p.psi), entries(lambda p: p.q("0.6"), lambda p: p.q("1.09") - p.epsilon))
    blind(monkeypatch, epsilon=Fraction(7, 10))
    assert ("epsilon", "at least") not in found(high)


def test_a_share_of_the_points_that_is_no_integer_refutes_nothing():
    """(k/m - 1/2)^2 >= 0.012 holds at m = 3, k = 1 and 2, though not for k = 1.5."""
    claim = planted(lambda p: (p.forgotten / (p.q("1") * p.points) - p.q("0.5")) ** 2, lambda p: p.q("0.012"), "lower", family=TWO)
    box = {**box_of(claim), "x": (Fraction(2, 9), Fraction(1, 3))}
    violations = Violations(claim, box_of(claim))
    four = {**violations.any(), "points": 4, "forgotten": 2}
    assert violations.violates(four) and fails_for_every(claim, box, "points", violations, [four]) is None


def test_every_k_below_m_counts(monkeypatch):
    blind(monkeypatch, points=200)
    claim = planted(entries(lambda p: p.forgotten, lambda p: p.points), entries(lambda p: p.q("3"), lambda p: p.q("100")), family=TWO)
    assert found(claim)["m", "at most"].proved == 4
    blind(monkeypatch, points=10, forgotten=5)
    claim = planted(entries(lambda p: p.forgotten, lambda p: p.q("1") / p.points), entries(lambda p: p.q("4.5"), lambda p: p.q("0.75")))
    assert found(claim)["k", "least"].point.points == 1


@pytest.mark.parametrize("left, right", ((lambda p: p.psi, lambda p: p.q("0")), (lambda p: p.q("0.1"), lambda p: p.psi)))
def test_a_claim_that_holds_at_one_end_only_does_not_fail_for_every_value(left, right):
    claim = planted(left, right)
    violations = Violations(claim, box_of(claim))
    assert fails_for_every(claim, box_of(claim), "psi", violations, [violations.any()]) is None


@pytest.mark.parametrize("hole", (Fraction(1, 1000), Fraction(1, 3), 1))
def test_a_single_value_at_which_a_claim_holds_is_not_passed_over(hole):
    """0 <= -(epsilon - hole)^2 holds at one epsilon only."""
    claim = planted(lambda p: 0, lambda p: -((p.epsilon - p.q(str(hole))) * (p.epsilon - p.q(str(hole)))))
    violations = Violations(claim, box_of(claim))
    assert fails_for_every(claim, box_of(claim), "epsilon", violations, [violations.any()]) is None


def test_an_open_limit_is_respected():
    """Neither epsilon = 0.1 nor epsilon = 0 counts: what fails next to them is refuted there all the same."""
    about = {"family": ConstantBoxes(epsilon=0.1), "hypotheses": (at_most("epsilon", "0.1", strict=True),)}
    limit = found(planted(lambda p: p.delta, lambda p: p.q("1.05") - p.epsilon, **about))["delta", "at most"]
    check_number(limit, Fraction(19, 20))
    assert limit.point.epsilon < Fraction(1, 10)
    assert set(found(planted(lambda p: p.delta, lambda p: p.q("20") * p.epsilon, **about))) == {("delta", "both ends"), ("epsilon", "at least")}


def test_what_proofs_give_up_on_is_said():
    """A square that vanishes on a surface inside the box, as a product that enclosures do not see through; it fails for psi > 0.05."""
    claim = planted(
        lambda p: (p.epsilon - p.delta) * (p.epsilon - p.delta) * p.epsilon_d + p.q("0.05"), lambda p: p.psi, "lower"
    )  # fmt: skip
    limit = thresholds(claim, most=2)
    psi = next(threshold for threshold in limit if threshold.variable == "psi")
    check_point(claim, psi)
    assert not psi.settled and psi.refuted > Fraction(1, 20) and (psi.proved is None or psi.proved <= Fraction(1, 20))
    assert "not decided" in str(psi)


def test_a_true_claim_has_no_threshold():
    with pytest.raises(InputError, match="proved over its box"):
        thresholds(planted(lambda p: p.epsilon * p.delta, lambda p: p.q("1")))


def test_one_point_that_is_forgotten_counts():
    """With m = 1, k = 1 the ratio is 1; from m = 2 on at most 1 - 1/m."""
    result = found(planted(lambda p: p.forgotten, lambda p: p.points - p.q("1/2") + p.free))
    assert (result["k", "least"].refuted, result["k", "least"].point.points) == (1, 1)


def test_texts_round_to_the_side_that_stays_true():
    point = Constants(*(Fraction(1, 7),) * 5, 4, 2, 1)
    up = Threshold("epsilon", "at most", Fraction(2, 30001) + Fraction(1, 10**15), Fraction(1, 7), point, False)
    down = replace(up, end="at least", proved=Fraction(2, 30001))
    for threshold, sign in ((up, 1), (down, -1)):
        shown = Fraction(str(threshold).split("= ")[1].split(";")[0])
        assert 0 < sign * (threshold.proved - shown) < Fraction(1, 10**11)


def test_the_ratio_of_norms_holds_from_25_points_on():
    result = found(claims.get("theorem-4.1/tau/proof/ratio"))
    assert (result["m", "at least"].proved, result["m", "at least"].refuted) == (25, 24)
    assert ("epsilon_d", "every") in result and len(result) == 2


def test_the_norm_needs_a_small_epsilon():
    """0.9 A^2 - 0.051 A = 0.3 at epsilon_d = 0.01, n = 1: A = (0.051 + sqrt(0.051^2 + 1.08)) / 1.8, epsilon = (0.8536 - A) / 1.92."""
    limit = found(claims.get("theorem-4.1/tau/proof/norm-arithmetic"))["epsilon", "at most"]
    for value, inside in ((limit.proved, True), (limit.refuted, False)):
        a = Fraction("0.8536") - Fraction("1.92") * value
        assert (Fraction("0.9") * a * a - Fraction("0.051") * a >= Fraction("0.3")) == inside
    assert limit.settled and abs(float(limit.proved) - 0.12876124) < 1e-8


def test_rescaling_fails_at_the_smallest_sizes_alone():
    """22 C <= 23 with C = 1 / (1 - 9 epsilon_d / (m n))."""
    claim = claims.get("theorem-4.1/epsilon/proof/rescale")
    parts = (
        Part(lambda p: p.q("1") / p.neurons, lambda p: 1, "terms with epsilon"),
        Part(lambda p: p.q("22"), lambda p: p.q("23") * (1 - 9 * p.epsilon_d / (p.q("1") * p.points * p.neurons)), "the others"),
    )
    result = found(replace(claim, parts=parts))
    assert result["epsilon_d", "at most"].proved == Fraction(2, 207)
    assert (result["m", "at least"].proved, result["n", "at least"].proved) == (3, 2)
    assert ("epsilon", "every") in result


@examples(4)
@given(constant=st.fractions(min_value=2, max_value=30, max_denominator=7), share=SHARES)
def test_what_is_proved_holds_and_what_is_refuted_fails(constant, share):
    """c epsilon_d (1 + psi) sqrt(m / (m - 1)) <= (2 + n) / n: limits in epsilon_d, m and n, the claim proved there by itself."""
    claim = planted(
        lambda p: p.q(str(constant)) * p.epsilon_d * (1 + p.psi) * root(p.q("1") * p.points / (p.points - 1)),
        lambda p: (p.q("2") + p.neurons) / p.neurons, family=TWO,
    )  # fmt: skip
    result = found(claim)
    limit = result["epsilon_d", "at most"].proved
    for m, n in ((2, 1), (2, HUGE), (3, 5), (HUGE, HUGE)):
        point = Constants(Fraction(1), Fraction(1), limit * share + Fraction(1, 10**30), Fraction(1, 10), Fraction(0), m, n, 1)
        assert not claim.refuted_by(point).any() or share == 1
    assert prove(claim, {**box_of(claim), "epsilon_d": (Fraction(0), limit)}).word == "proved"
