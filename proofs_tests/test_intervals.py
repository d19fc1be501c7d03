"""Interval proofs: planted true and false inequalities, sharp ones, sizes that are no integers, the registry; and enclosures of suprema."""

import sys
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims
from kktcheck.audit import intervals
from kktcheck.audit.boxes import VARIABLES, box_of
from kktcheck.audit.engines import BUDGETS, extremes, search
from kktcheck.audit.intervals import IntervalProof, bounded, prove
from kktcheck.audit.ledger import committed
from kktcheck.audit.supremum import best_constant, supremum
from kktcheck.claims import Hypothesis
from kktcheck.claims.hypotheses import SOME_KEPT, at_most
from kktcheck.errors import InputError, MissingDependencyError
from kktcheck.instances import Constants, root
from kktcheck.instances.constants_family import ConstantBoxes

from .audit_instances import between_constants as planted
from .instances import examples, seeds

pytest.importorskip("flint")
#: Boxes that each planted claim and each claim of the registry may take: those of the core need far fewer.
FEW = 120
UNIT = {name: (Fraction(0), Fraction(1)) for name in VARIABLES}
COEFFICIENTS = st.fractions(min_value=0, max_value=2, max_denominator=4)
#: Claims of the registry that few boxes prove.
CORE = {
    "lemma-B.1/proof/constant",
    "theorem-3.1/kkt/proof/rescale-delta",
    "theorem-3.1/kkt/proof/corrected-rescale",
    "remark-B.1/proof/reciprocal-range/corrected",
    "lemma-C.2/proof/constant",
    "lemma-C.5/proof/constant",
    "lemma-C.6/proof/constant",
    "lemma-C.6/proof/arithmetic/corrected",
    "lemma-C.6/proof/full-range-constant",
    "lemma-D.2/proof/cross-term/corrected",
}


def check_refuted(claim, found):
    """The point is exact, its sizes are integers within the family, it meets the hypotheses, and the claim fails there beyond doubt."""
    point = found.point
    assert found.word == "refuted" and isinstance(point, Constants) and point.is_exact
    assert all(isinstance(getattr(point, name), int) for name in Constants.INTEGERS)
    assert point.points >= claim.family.points and point.neurons >= claim.family.neurons and 1 <= point.forgotten <= max(point.points - 1, 1)
    assert not claim.unmet(point) and claim.refuted_by(point).any()


def sampled_ratios(claim, seed, count=60):
    """Ratios at random points and corners of the family, sizes small, large and anything between."""
    generator, family = np.random.default_rng(seed), claim.family
    for _ in range(count):
        share = np.where(generator.random(5) < 0.3, generator.integers(0, 2, 5), generator.random(5))
        limits = np.array([family.epsilon, family.delta, family.epsilon_d, 0.1, 1.0])
        least = (family.points, family.neurons)
        points, neurons = (max(low, int(10 ** generator.uniform(0, 4))) for low in least)
        numbers = np.maximum(share, [1e-9, 1e-9, 1e-9, 0, 0]) * limits
        yield claim.read(Constants(*map(float, numbers), points, neurons, int(generator.integers(1, max(points, 2))))).ratio


TRUE = {
    "a product below a constant": (lambda p: p.epsilon * p.delta, lambda p: p.q("1"), "upper"),
    "equal at the corner epsilon = 1": (lambda p: p.epsilon * p.epsilon, lambda p: p.q("1"), "upper"),
    "equal on the face delta = 0": (lambda p: p.epsilon + p.delta, lambda p: p.epsilon, "lower"),
    "equal at infinite m": (lambda p: (p.points + 1) / (p.q("1") * p.points), lambda p: 1, "lower"),
    "equal at m = 1": (lambda p: p.q("1") / p.points, lambda p: p.q("1"), "upper"),
    "equal at infinite n only": (lambda p: p.neurons - 1, lambda p: p.neurons, "upper"),
    "equal everywhere": (lambda p: (1 + p.psi) * p.q("2"), lambda p: 2 + 2 * p.psi, "upper"),
    "k at most m": (lambda p: p.forgotten, lambda p: p.points, "upper"),
    "a difference whose maximum is inside": (lambda p: p.epsilon * (1 - p.epsilon), lambda p: p.q("0.26"), "upper"),
    "a root": (lambda p: root(1 + p.epsilon), lambda p: p.q("1.42"), "upper"),
    "half a power of m": (lambda p: p.epsilon / root(p.q("1") * p.points), lambda p: p.epsilon, "upper"),
    "constants alone": (lambda p: 1, lambda p: 2, "upper"),
    "roots of constants": (lambda p: root(p.q("2")) * p.epsilon, lambda p: p.q("1.5") * p.epsilon, "upper"),
}

FALSE = {
    "a factor below its product": (lambda p: p.epsilon, lambda p: p.epsilon * p.delta, "upper"),
    "a constant 1 percent below a maximum inside": (lambda p: p.epsilon * (1 - p.epsilon), lambda p: p.q("0.2475"), "upper"),
    "a constant 1 percent below a corner": (lambda p: p.epsilon * p.delta + p.psi, lambda p: p.q("1.089"), "upper"),
    "a constant 1 percent below a root": (lambda p: root(1 + p.epsilon), lambda p: p.q("1.4"), "upper"),
    "fails only for large m": (lambda p: p.forgotten / (p.q("1") * p.points), lambda p: p.q("0.99"), "upper"),
    "fails only at m = n = 1": (lambda p: p.q("1") / (p.points * p.neurons), lambda p: p.q("0.9"), "upper"),
    "fails only at m = 7": (lambda p: (p.points - p.q("6.5")) * (p.points - p.q("7.5")), lambda p: 0, "lower"),
    "unbounded as n grows": (lambda p: p.epsilon * p.neurons, lambda p: 1000, "upper"),
    "unbounded at epsilon = 0": (lambda p: 1 / p.epsilon, lambda p: p.q("2"), "upper"),
    "the root of what is unbounded": (lambda p: root(1 / p.epsilon), lambda p: p.q("2"), "upper"),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_planted_true_inequality_is_proved(name):
    claim = planted(*TRUE[name])
    assert prove(claim, most=400).word == "proved"
    assert max(sampled_ratios(claim, 1)) <= 1 + 1e-12


@pytest.mark.parametrize("name", FALSE)
def test_a_planted_false_inequality_is_refuted_at_an_exact_point(name):
    claim = planted(*FALSE[name])
    check_refuted(claim, prove(claim, most=400))


@pytest.mark.parametrize("name, low, high", (("epsilon", 0, 1), ("delta", 0, 1), ("epsilon_d", 0, 1), ("psi", 0, "0.1"), ("free", 0, 1)))
def test_the_box_reaches_both_ends_of_each_number(name, low, high):
    """What fails only within 1 percent of an end is refuted, and what fails only beyond it is proved."""
    low, high = Fraction(low), Fraction(high)
    inside = (high - low) / 100
    for margin, word in ((inside, "refuted"), (-inside, "proved")):
        for bound, direction in ((low + margin, "lower"), (high - margin, "upper")):
            found = prove(planted(lambda p: getattr(p, name), lambda p, bound=bound: p.q(str(bound)), direction))
            assert found.word == word, (bound, direction)


def test_a_claim_of_the_registry_has_a_box_as_large_as_its_hypotheses():
    compared = 0
    for claim in claims.all():
        try:
            box = box_of(claim)
        except InputError:
            continue
        for hypothesis in claim.hypotheses:
            if hypothesis.name.startswith("0 < "):
                name, _, limit = hypothesis.name.removeprefix("0 < ").split()
                assert box[name] == (0, Fraction(limit)) or box[name][1] > Fraction(limit), f"{claim.id}: {name} ends at {box[name][1]}"
                compared += 1
    assert compared > 20


@pytest.mark.parametrize("wrong", range(2))
def test_hypotheses_and_the_family_bound_the_box(wrong):
    """epsilon <= 1/2, m >= 3 and k < m: 4 epsilon^2 k <= m - 1 is sharp, with 1 percent less it fails at exactly such a point."""
    family = ConstantBoxes(epsilon=0.5, points=3)
    constant = ("4", "4.04")[wrong]
    hypotheses = (SOME_KEPT, at_most("epsilon", "0.5"))
    claim = planted(lambda p: p.q(constant) * p.epsilon**2 * p.forgotten, lambda p: p.points - 1, family=family, hypotheses=hypotheses)
    found = prove(claim, most=400)
    assert found.word == ("proved", "refuted")[wrong]
    if wrong:
        check_refuted(claim, found)
        assert found.point.epsilon <= Fraction(1, 2) and found.point.points >= 3


@pytest.mark.parametrize("size", (1, 2, 4))
def test_sizes_that_are_no_integers_do_not_count(size):
    claim = planted(lambda p: (p.points - size) * (p.points - size - 1), lambda p: 0, "lower")
    found = prove(claim, most=400)
    assert found.word == "proved" and found.sizes == tuple(range(1, size + 1))


def test_only_integer_sizes_among_those_that_fail_refute():
    wide = planted(lambda p: (p.points - p.q("2.5")) * (p.points - p.q("3.5")), lambda p: 0, "lower")
    found = prove(wide, most=400)
    check_refuted(wide, found)
    assert found.point.points == 3


def test_no_point_no_refutation():
    """It fails between m = 70 and m = 71 only: too large to be split off, so neither proved nor refuted."""
    claim = planted(lambda p: (p.points - p.q("70.2")) * (p.points - p.q("70.8")), lambda p: 0, "lower")
    assert prove(claim, most=FEW).word == "undecided"


POLES = {
    "1 / epsilon": lambda p: 1 / p.epsilon,
    "its root": lambda p: root(1 / p.epsilon),
    "psi / delta": lambda p: p.psi / p.delta,
    "the root of psi / delta": lambda p: root(p.psi / p.delta),
    "a pole that a factor hides": lambda p: p.epsilon * (1 / p.epsilon + 1 / p.epsilon),
}


@pytest.mark.parametrize("direction, bound", (("upper", "3/2"), ("lower", "5/2")))
@pytest.mark.parametrize("name", POLES)
def test_an_enclosure_that_says_nothing_proves_nothing(name, direction, bound):
    """All of these are false, and at epsilon = 0 or delta = 0 no enclosure is finite."""
    claim = planted(POLES[name], lambda p: p.q(bound), direction)
    found = prove(claim, most=FEW)
    assert found.word != "proved"
    if found.word == "refuted":
        check_refuted(claim, found)


def test_a_division_by_zero_at_a_corner_is_no_crash_and_no_proof():
    claim = planted(lambda p: p.q("1") / (p.points - 1), lambda p: 2)
    assert prove(claim, most=FEW).word == "undecided"
    point = {**{name: (low, low) for name, (low, _) in UNIT.items()}, "x": (Fraction(1), Fraction(1))}
    found = prove(claim, point)
    assert found.word == "undecided" and found.boxes == found.corners > 0 and "of them corners, decided exactly" in str(found)
    assert prove(claim, {**point, "x": (Fraction(2, 3), Fraction(2, 3))}).word == "proved"
    assert prove(planted(lambda p: p.q("1") / (p.points - 1), lambda p: 2, family=ConstantBoxes(points=2))).word == "proved"


@st.composite
def chains(draw):
    """Inequalities like those of the paper's chains: sums of products with sizes, a root, a constant to be proved."""
    a, b, c, d = (draw(COEFFICIENTS) for _ in range(4))
    bound = draw(st.fractions(min_value=Fraction(1, 2), max_value=9, max_denominator=4))
    grows = draw(st.booleans())

    def left(p):
        share = p.q("1") * p.forgotten / p.points
        total = a * p.epsilon + b * share * p.delta * (1 + p.psi) + c * p.epsilon_d / p.neurons - d * p.epsilon * p.delta
        return total / root(1 + p.epsilon_d) if grows else total / (1 + p.free * p.epsilon)

    return planted(left, lambda p: p.q(str(bound)) * (1 - p.psi), family=ConstantBoxes(points=draw(st.sampled_from((1, 2, 25)))))


@examples(8)
@given(chains(), seeds())
def test_proofs_agree_with_sampling_and_refutations_with_their_points(claim, seed):
    found = prove(claim, most=FEW)
    if found.word == "proved":
        assert max(sampled_ratios(claim, seed)) <= 1 + 1e-12
    elif found.word == "refuted":
        check_refuted(claim, found)
    enclosure = best_constant(claim, tolerance=1e-2, most=FEW)
    assert found.word != "proved" or enclosure.low <= 1
    assert found.word != "refuted" or enclosure.high >= 1
    assert max(sampled_ratios(claim, seed)) <= enclosure.high + 1e-9


# one box


TENTHS = st.fractions(min_value=-2, max_value=2, max_denominator=10)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=7)
CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


@st.composite
def boxed_polynomials(draw):
    """A quadratic in two variables over a box with rational ends, and points of the box."""
    a, b, c, d, e = (draw(TENTHS) for _ in range(5))
    ends = [sorted((draw(TENTHS), draw(TENTHS))) for _ in range(2)]
    inside = draw(st.lists(st.tuples(SHARES, SHARES), min_size=3, max_size=3))
    box = {name: tuple(map(Fraction, pair)) for name, pair in zip("xy", ends, strict=True)}
    points = [{name: a + share * (b - a) for share, (name, (a, b)) in zip(place, box.items(), strict=True)} for place in (*inside, *CORNERS)]

    def gap(v):
        x, y = v["x"], v["y"]
        return a * x * x + b * x * y + c * y * y + d * x + e * y

    return gap, box, points


@given(boxed_polynomials(), st.booleans())
def test_a_box_shrinks_to_where_the_gap_is_least_and_its_bound_is_one(planted_gap, rational):
    """No point is lower than its place on the face, and none is below the bound: both in exact arithmetic."""
    gap, box, points = planted_gap
    smaller, low, _ = bounded(gap, box, rational)
    assert all(box[name][0] <= a <= b <= box[name][1] for name, (a, b) in smaller.items())
    assert all(ends in (box[name], (box[name][0],) * 2, (box[name][1],) * 2) for name, ends in smaller.items())
    for point in points:
        value = gap(point)
        assert gap({name: min(max(point[name], a), b) for name, (a, b) in smaller.items()}) <= value
        assert value >= Fraction(float(low)) - Fraction(1, 10**9)


@given(st.fractions(min_value=Fraction(1, 9), max_value=3, max_denominator=40), st.booleans())
def test_a_slope_that_vanishes_at_an_end_shrinks_the_box_whatever_the_end(end, falls):
    """a x - x^2 / 2 grows up to x = a: rounding hides it from balls where a is no sum of powers of 2. y^2 - y does neither."""
    box = {"x": (Fraction(0), end), "y": (Fraction(0), Fraction(1))}
    sign, low = (-1, end) if falls else (1, Fraction(0))
    smaller, found, _ = bounded(lambda v: sign * (end * v["x"] - v["x"] * v["x"] / 2) + v["y"] * v["y"] - v["y"], box)
    assert smaller == {**box, "x": (low, low)} and float(found) < float(sign * (end * low - low**2 / 2)) - 0.25


def test_the_better_one_of_two_bounds_counts():
    """On a narrow box that of the slopes, on a wide one that of the values; where a slope is unbounded the other one."""
    narrow, wide = ({"x": (Fraction(2, 5), Fraction(upper))} for upper in ("0.6", "1"))
    assert float(bounded(lambda v: v["x"] * (1 - v["x"]), narrow)[1]) > 0.22
    assert float(bounded(lambda v: v["x"] * (1 - v["x"]) * (1 - v["x"]), wide)[1]) > -0.24
    assert float(bounded(lambda v: v["x"] + (1 - 2 * v["x"]) * (1 - 2 * v["x"]), wide)[1]) > 0
    assert float(bounded(lambda v: root(v["x"]) - v["x"] / 2, {"x": (Fraction(0), Fraction(2))})[1]) > -1.01


def test_what_fails_by_less_than_a_rounding_is_no_proof():
    assert prove(planted(lambda p: p.epsilon, lambda p: p.q("0.9999999999")), most=FEW).word == "refuted"
    for less in ("1e-30", "1e-60"):
        assert prove(planted(lambda p, less=less: root(p.q("2")) * root(p.q("2")) + p.q(less), lambda p: 2), most=FEW).word != "proved"


@pytest.mark.parametrize("most", [1, 2, 5])
def test_no_more_boxes_than_allowed_are_looked_at(most):
    claim = planted(lambda p: p.epsilon * (1 - p.epsilon) * (1 + p.delta * (1 - p.delta)), lambda p: p.q("0.313"))
    box = {**box_of(claim), "x": (Fraction(0), Fraction(0))}
    assert prove(claim, box).word == "proved" and prove(claim, box).boxes > 5
    found = prove(claim, box, most=most)
    assert (found.word, found.boxes) == ("undecided", most)


HARD, EASY, WRONG = (lambda p: p.epsilon * (1 - p.epsilon), "0.2501"), (lambda p: p.epsilon, "1"), (lambda p: p.delta, "0.5")


@pytest.mark.parametrize(
    ("entries", "word"),
    [((EASY, EASY), "proved"), ((EASY, WRONG), "refuted"), ((HARD, WRONG), "refuted"), ((HARD, EASY), "undecided"), ((WRONG, EASY), "refuted")],
)
def test_the_worst_of_several_entries_is_the_word_and_all_their_boxes_count(entries, word):
    lefts, rights = zip(*entries, strict=True)
    both = planted(lambda p: np.array([left(p) for left in lefts], dtype=object), lambda p: np.array([p.q(right) for right in rights], dtype=object))
    alone = [prove(planted(left, lambda p, right=right: p.q(right)), most=2) for left, right in entries]
    found = prove(both, most=2)
    assert found.word == word and found.boxes == sum(proof.boxes for proof in alone) and found.corners == sum(proof.corners for proof in alone)


def test_sizes_that_were_split_off_for_any_entry_are_named():
    left = (lambda p: p.epsilon, lambda p: (p.points - 1) * (2 - p.points))
    found = prove(planted(lambda p: np.array([side(p) for side in left], dtype=object), lambda p: np.array([p.q("1"), 0], dtype=object)), most=400)
    assert found.word == "proved" and found.sizes == (1,)


@pytest.mark.parametrize(
    "claim",
    [
        planted(lambda p: p.forgotten, lambda p: (p.points - 1) * p.q("0.95"), family=ConstantBoxes(points=3), hypotheses=(SOME_KEPT,)),
        planted(lambda p: p.q("1") / p.neurons, lambda p: p.q("0.5") / p.points),
        planted(lambda p: p.epsilon / p.points, lambda p: p.q("0.0199"), family=ConstantBoxes(points=50)),
        planted(lambda p: p.q("1") / p.forgotten, lambda p: p.q("0.9")),
        planted(lambda p: p.points / (p.q("1") + p.points), lambda p: p.q("0.9999")),
        planted(lambda p: p.epsilon * p.delta, lambda p: p.psi + p.q("0.899"), family=ConstantBoxes(epsilon=0.9)),
    ],
)
def test_witnesses_lie_at_the_ends_of_sizes_and_parameters(claim):
    """k = m - 1 and k = 1, n = 1, the least m and one beyond a thousand, epsilon at its limit."""
    check_refuted(claim, prove(claim, most=FEW))


@pytest.mark.parametrize("bound", ["1", "0.95"])
def test_a_violation_outside_the_hypotheses_refutes_nothing(bound):
    """epsilon <= 0.95 fails in a box with epsilon up to 1; the hypothesis ends below that, or not."""
    claim = planted(lambda p: p.epsilon, lambda p: p.q("0.95"), hypotheses=(at_most("epsilon", bound),))
    assert prove(claim, most=FEW).word == ("refuted" if bound == "1" else "undecided")


@pytest.mark.parametrize("name", ["epsilon", "delta", "epsilon_d"])
def test_a_parameter_of_a_witness_is_above_zero(name):
    claim = planted(lambda p: p.q("0.5"), lambda p: getattr(p, name), hypotheses=(at_most(name, "1"),))
    check_refuted(claim, prove(claim, most=FEW))


@given(st.integers(1, 10**6), st.fractions(min_value=0, max_value=1, max_denominator=1000))
def test_sizes_near_a_size_that_is_no_integer_are_both_tried(size, share):
    """And of the numbers of forgotten points the ends and the nearest one."""
    assert {size, size + 1} <= set(intervals._near(1 / (size + share * Fraction(999, 1000))))
    numbers = dict.fromkeys(VARIABLES, Fraction(1)) | {"x": Fraction(1, size), "t": share}
    for k in {1, max(size - 1, 1), min(max(round(1 + share * (size - 2)), 1), max(size - 1, 1))}:
        claim = planted(lambda p, k=k: p.q("1") - (p.forgotten - k) ** 2 - (p.points - size) ** 2 - (p.neurons - 1) ** 2, lambda p: p.q("0.5"))
        point = intervals._violation(claim, numbers)
        assert (point.forgotten, point.points, point.neurons) == (k, size, 1)


def test_a_failing_point_is_the_middle_or_where_the_slopes_fall():
    from flint import arb

    box = {"x": (Fraction(0), Fraction(1)), "y": (Fraction(2), Fraction(3))}
    for x, y in CORNERS:
        slopes = [arb(-3 if end else 3, 4) for end in (x, y)]
        low = {"x": Fraction(x), "y": Fraction(2 + y)}

        def gap(v, low=low):
            return sum((v[name] - low[name]) * (v[name] - low[name]) for name in box) - Fraction(1, 100)

        assert intervals._failing_point(gap, box, slopes) == low
    assert intervals._failing_point(lambda v: v["x"] - Fraction(1, 2) - v["y"] * 0, box, slopes) is None
    assert intervals._failing_point(lambda v: v["x"] - Fraction(2, 3) + v["y"] * 0, box, slopes) == {"x": Fraction(1, 2), "y": Fraction(5, 2)}


@pytest.mark.parametrize(
    ("words", "word", "sizes"),
    [
        ("proved", "proved", ()),
        ("undecided proved proved", "proved", (1,)),
        ("refuted proved undecided proved proved", "proved", (1, 2)),
        ("undecided undecided", "undecided", ()),
        ("undecided refuted", "undecided", ()),
        ("undecided proved refuted refuted", "undecided", (1,)),
        (" ".join(["undecided proved"] * 8 + ["undecided"]), "undecided", tuple(range(1, 9))),
        (" ".join(["undecided proved"] * 8 + ["proved"]), "proved", tuple(range(1, 9))),
    ],
)
def test_all_sizes_are_proved_one_by_one_or_together_or_nothing_is(monkeypatch, words, word, sizes):
    """Whatever branch and bound says of them: where it refutes and no integer size does, nothing is decided."""
    said, boxes = iter(words.split()), []

    def scripted(gap, box, most):
        boxes.append(box["x"])
        return IntervalProof(next(said), 1, 0, box=UNIT)

    monkeypatch.setattr(intervals, "_branch_and_bound", scripted)
    found = prove(planted(lambda p: p.epsilon, lambda p: p.q("1")))
    assert (found.word, found.sizes, found.boxes) == (word, sizes, len(words.split())) and next(said, None) is None
    assert boxes[1::2] == [(Fraction(1, m),) * 2 for m in range(1, len(boxes[1::2]) + 1)]
    assert boxes[::2] == [(0, Fraction(1, m)) for m in range(1, len(boxes[::2]) + 1)]


def test_a_claim_that_no_box_expresses_is_refused():
    other = Hypothesis("epsilon is at most delta", lambda p: p.delta - p.epsilon)
    for claim in (
        claims.get("lemma-C.6"),
        planted(lambda p: p.epsilon, lambda p: p.epsilon, "equality"),
        planted(lambda p: p.epsilon, lambda p: p.delta, hypotheses=(other,)),
    ):
        for function in (prove, box_of, best_constant):
            with pytest.raises(InputError, match=claim.id):
                function(claim)


def test_a_supremum_is_that_of_one_number():
    sides = (lambda p: np.array([p.epsilon, p.delta], dtype=object), lambda p: np.array([p.q("1")] * 2, dtype=object))
    assert prove(planted(*sides)).word == "proved"
    with pytest.raises(InputError, match="2 entries"):
        best_constant(planted(*sides))
    assert best_constant(planted(lambda p: np.array([p.epsilon], dtype=object), lambda p: 1)).low == 1


def test_without_flint_the_message_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    claim = planted(lambda p: p.epsilon, lambda p: 1)
    for call in (lambda: prove(claim), lambda: best_constant(claim), lambda: supremum(lambda p: p.epsilon, UNIT)):
        with pytest.raises(MissingDependencyError, match=r"kktcheck\[intervals\]"):
            call()


def test_the_registry_is_never_contradicted_and_its_core_is_proved():
    ledger, proved = committed().entries, set()
    about_constants = [claim for claim in claims.all() if isinstance(claim.family, ConstantBoxes) and claim.direction in ("upper", "lower")]
    for claim in about_constants:
        try:
            found = prove(claim, most=FEW)
        except InputError:
            continue
        verdict = ledger.get(claim.id, {"verdict": found.word})["verdict"]
        assert not (verdict in ("holds", "proved") and found.word == "refuted"), f"{claim.id} is refuted at {found.point}"
        assert not (verdict == "refuted" and found.word == "proved"), f"{claim.id} is refuted in the ledger and proved here"
        if found.word == "refuted":
            check_refuted(claim, found)
        elif found.word == "proved":
            proved.add(claim.id)
    assert len(about_constants) > 40 and proved >= CORE, sorted(CORE - proved)


SUPREMA = {
    "inside": (lambda p: p.epsilon * (1 - p.epsilon), 1 / 4),
    "at a corner": (lambda p: p.epsilon * p.delta - p.psi + p.free / 2, 3 / 2),
    "at an end": (lambda p: p.epsilon / (1 + p.epsilon**2), 1 / 2),
    "at infinite m": (lambda p: (p.points - 1) / p.points, 1),
    "over k": (lambda p: p.forgotten / p.points * (1 - p.epsilon), 1),
    "below a root": (lambda p: root(p.epsilon) - p.epsilon, 1 / 4),
    "of a root": (lambda p: root(1 + p.epsilon * p.delta), 2**0.5),
    "two variables inside": (lambda p: p.epsilon * p.delta * (1 - p.epsilon) * (1 - p.delta), 1 / 16),
    "negative": (lambda p: -1 - p.epsilon * p.epsilon, -1),
    "a constant": (lambda p: p.q("1/3"), 1 / 3),
}


@pytest.mark.parametrize("name", SUPREMA)
def test_a_known_supremum_is_enclosed(name):
    function, exact = SUPREMA[name]
    found = supremum(function, UNIT, tolerance=1e-5, most=2000)
    assert found.low <= exact * (1 + 1e-15 * np.sign(exact)) and exact * (1 - 1e-15 * np.sign(exact)) <= found.high
    assert found.high - found.low <= 1.01e-5, str(found)
    assert set(found.point) == set(VARIABLES) and all(0 <= value <= 1 for value in found.point.values())


def test_where_nothing_is_bounded_the_supremum_is_infinite_or_open():
    grows = supremum(lambda p: p.points, UNIT)
    assert grows.low == grows.high == np.inf
    near_a_pole = supremum(lambda p: 1 / p.epsilon, UNIT, most=FEW)
    assert near_a_pole.high == np.inf and near_a_pole.low > 1


def test_the_supremum_of_a_smaller_box_is_smaller_and_k_may_end_below_m():
    half = {**UNIT, "epsilon": (Fraction(0), Fraction(1, 4))}
    assert abs(supremum(lambda p: p.epsilon * (1 - p.epsilon), half).high - 3 / 16) < 1e-5
    two = {**UNIT, "x": (Fraction(1, 2), Fraction(1, 2))}
    for below, exact in ((False, 1), (True, 1 / 2)):
        found = supremum(lambda p: p.forgotten / p.points, two, k_below_m=below)
        assert found.low <= exact <= found.high and found.high - found.low < 1e-5


@pytest.mark.parametrize("direction", ("upper", "lower"))
def test_the_best_constant_of_a_planted_claim(direction):
    """epsilon delta (1 - delta) <= epsilon / 3 at best with 3/4 of it, although both sides vanish at epsilon = 0."""
    sides = (lambda p: p.epsilon * p.delta * (1 - p.delta), lambda p: p.epsilon / 3)
    claim = planted(*(sides if direction == "upper" else sides[::-1]), direction)
    found = best_constant(claim, tolerance=1e-2, most=2000)
    assert found.low <= 3 / 4 <= found.high and found.high - found.low <= 1.01e-2
    assert abs(found.point["delta"] - Fraction(1, 2)) < Fraction(1, 50)


def test_a_larger_side_that_vanishes_makes_the_ratio_infinite():
    assert best_constant(planted(lambda p: p.epsilon, lambda p: p.epsilon - p.q("1/2"))).low == np.inf
    assert best_constant(claims.get("lemma-C.4/1/proof/constant")).low == np.inf


@pytest.mark.parametrize("name", ("lemma-B.1/proof/constant", "lemma-C.5/proof/constant", "lemma-C.6/proof/constant"))
def test_best_constants_of_the_paper_lie_just_above_the_worst_ratio_found_by_search(name):
    claim = claims.get(name)
    seen = extremes(claim, BUDGETS["default"], 0)
    worst = max(seen.tally.worst, search(claim, BUDGETS["default"], 0, seen.starts()).tally.worst)
    found = best_constant(claim, most=2000)
    assert worst - 1e-9 <= found.high and found.high - found.low < 1.1e-6
    assert found.low <= worst + 1e-4, "the search came this near"
