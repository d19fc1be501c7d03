"""Instances: every family builds valid ones, floats and rationals follow the same formulas, files are read back exactly or refused by field."""

import functools
import json
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from kktcheck import strategies
from kktcheck.claims import hypotheses
from kktcheck.claims.data.flow import sliding
from kktcheck.errors import InputError
from kktcheck.instances import KINDS, TwoLayerPoint
from kktcheck.instances.choices import RandomChoices
from kktcheck.instances.network_family import NetworkShape
from kktcheck.instances.realised import realise

FAMILIES = {
    "linear": strategies.LinearPoints(points=(1, 5)),
    "small linear": strategies.LinearPoints(epsilon=0.1, delta=0.01, epsilon_d=0.1, points=(2, 3)),
    "pairs": strategies.LinearPairs(points=(2, 4)),
    "relaxed": strategies.RelaxedPoints(points=(1, 4)),
    "networks": strategies.TwoLayerPoints(points=(1, 4), neurons=(1, 5)),
    "strict networks": strategies.TwoLayerPoints(epsilon=1e-3, delta=1e-3, epsilon_d=0.01, points=(1, 3), neurons=(2, 3)),
    "pairs of networks": strategies.TwoLayerPairs(points=(2, 4), neurons=(1, 4)),
    "constants": strategies.ConstantBoxes(),
}
PARAMETERS = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


@functools.cache
def sources(family):
    """Some hundreds of corners, in any order, and random draws; pairs of lists of (shape, cube)."""
    rng = np.random.default_rng(5)
    corners, choices = list(family.corners()), RandomChoices(rng)
    return [corners[k] for k in rng.permutation(len(corners))[:1500]], [family.draw(choices) for _ in range(300)]


def drawn(family, count=40, corners=60):
    """Instances at so many corners, and so many random ones."""
    ends, random = sources(family)
    return [family.build(*pair) for pair in (*ends[:corners], *random[:count])]


def unmet(instance):
    """Names of the conditions of its definition that an instance does not meet."""
    if instance.KIND == "constants":
        return []
    if instance.KIND.endswith("pair"):
        kept, second = instance.kept, instance.second
        found = unmet(instance.first)
        found += [] if (second.margins[kept] >= 1).all() and (second.multipliers >= 0).all() else ["margins or multipliers of the second"]
        found += [] if second.multipliers[instance.forgotten] == 0 else ["multiplier of the forgotten point"]
        found += [] if (second.slackness[kept] <= instance.other_delta).all() else ["slackness of the second"]
        return found + ([] if second.error_squared <= instance.other_epsilon**2 else ["error of the second"])
    rest = hypotheses.RELAXED_KKT if getattr(instance, "gamma", None) is not None else hypotheses.KKT
    asked = (*hypotheses.DATA, *rest, *((hypotheses.SIGNS,) if hasattr(instance, "signs") else ()))
    return [c.name for c in asked if not all(value >= 0 for value in np.asarray(c.margin(instance), dtype=object).flat)]


@PARAMETERS
def test_every_corner_and_every_draw_is_valid(family):
    for instance in drawn(family, 120, 400):
        assert unmet(instance) == []
        assert instance.epsilon >= 0 and instance.delta >= 0 and instance.epsilon_d > 0


@PARAMETERS
def test_every_example_of_hypothesis_is_valid(family):
    @given(strategies.instances(family))
    def valid(instance):
        assert unmet(instance) == []

    valid()


@PARAMETERS
def test_rounding_leaves_a_valid_exact_instance_or_none(family):
    data = {"squared norms lie in [0.9, 1.1]", "inner products are at most phi"}
    survived = 0
    for instance in drawn(family, 25, 30):
        for digits in (1, 3, 9, None):
            rounded = instance.rounded(digits)
            if rounded is None:
                continue
            survived += 1
            assert rounded.is_exact
            # Rounded points may leave Assumption 2.3 or be no Gram matrix: the re-check of a witness looks, and tries more digits.
            lost = set(unmet(rounded)) - data - {"the Gram matrix is positive semidefinite"}
            assert lost == set() and (digits is not None or instance.epsilon == 0 or not set(unmet(rounded)) & data)
    assert survived >= 100


@PARAMETERS
def test_limits_hold_and_are_reached(family):
    for name in ("epsilon", "delta", "epsilon_d"):
        limit = getattr(family, name, None)
        if limit is None:
            continue
        values = [getattr(instance, name) for instance in drawn(family, 20, 120)]
        # What rounding has added to the slackness is declared, too.
        assert max(values) <= limit + 1e-12
        assert max(values) >= 0.999 * limit and min(values) <= 0.01 * limit


FORMULAS = (
    *("coefficients", "margins", "error_squared", "slackness", "norm_squared", "phi", "squared_norms"),
    *("products", "active", "error", "masses", "aligned_masses", "correction_factor"),
)


def check_close(float_value, exact_value):
    np.testing.assert_allclose(np.asarray(float_value, dtype=float), np.asarray(exact_value, dtype=object).astype(float), rtol=1e-8, atol=1e-9)


@PARAMETERS
def test_floats_and_rationals_follow_the_same_formulas(family):
    for instance in drawn(family, 15, 15):
        exact = instance.exact()
        if instance.KIND == "constants":
            continue
        pairs = [(instance, exact)] if not instance.KIND.endswith("pair") else [(instance.first, exact.first), (instance.second, exact.second)]
        for one, other in pairs:
            for name in FORMULAS:
                if hasattr(one, name):
                    check_close(getattr(one, name), getattr(other, name))
            if one.num_points > 1 and instance.KIND in ("linear", "two-layer"):
                check_close(one.unlearned([0]), other.unlearned([0]))
                if hasattr(one, "projected"):
                    check_close(one.projected([0]), other.projected([0]))
                    check_close(one.corrected([0]), other.corrected([0]))
                    check_close(one.residual_on(one.kept([0]), 2), other.residual_on(other.kept([0]), 2))


@PARAMETERS
def test_instances_are_read_back_exactly_from_json(family):
    for instance in drawn(family, 5, 10):
        exact = instance.exact()
        again = type(instance).from_json(json.loads(json.dumps(exact.to_json())))
        assert again.is_exact
        for field in fields(exact):
            one, other = getattr(exact, field.name), getattr(again, field.name)
            assert (one is None and other is None) or np.array_equal(np.asarray(one, dtype=object), np.asarray(other, dtype=object))
        assert type(instance).from_json(instance.to_json()).to_json() == again.to_json()
        for field in fields(exact):
            if getattr(exact, field.name) is not None:
                assert np.array_equal(getattr(again.float(), field.name), getattr(instance, field.name))


def record():
    """JSON form of a network with two points and three neurons."""
    return FAMILIES["networks"].build(NetworkShape((1, -1), (1, -1, 1), ((1, 0), (0, 1), (1, 0))), np.full(30, 0.5)).rounded(3).to_json()


HUGE = "9" * 500
MALICIOUS = {
    "a field is missing": (lambda r: r.pop("gram"), "field 'gram' is missing"),
    "an unknown field": (lambda r: r.update(payload="1"), "no field 'payload'"),
    "no rows": (lambda r: r.update(gram="1"), "gram is no list"),
    "ragged rows": (lambda r: r["gram"][0].append("1"), "gram has rows of different lengths"),
    "not square": (lambda r: r.update(gram=[["1", "0", "0"], ["0", "1", "0"]]), r"gram has shape \(2, 3\), but m is 2"),
    "another size": (lambda r: r["multipliers"].append("1"), r"multipliers has shape \(3,\), but m is 2"),
    "rows of another size": (lambda r: r["rows"].pop(), r"rows has shape \(2, 2\), but n is 3"),
    "a float": (lambda r: r.update(epsilon=0.5), "epsilon is '0.5', no number"),
    "not a number": (lambda r: r.update(delta="nan"), "delta is 'nan', no number"),
    "code": (lambda r: r.update(delta="__import__('os')"), "delta is .*, no number"),
    "a power": (lambda r: r.update(delta="1e999999999"), "delta is '1e999999999', no number"),
    "too many digits": (lambda r: r.update(delta=HUGE), "delta is '9+', no number"),
    "division by zero": (lambda r: r.update(epsilon_d="1/0"), "epsilon_d is '1/0': division by zero"),
    "a deep entry": (lambda r: r["rows"][1].__setitem__(0, None), r"rows\[1, 0\] is 'None', no number"),
    "deep lists": (lambda r: r["rows"][1].__setitem__(0, ["1"]), "rows"),
    "a label in a string": (lambda r: r.update(labels=["1", "-1"]), r"labels\[0\] is '1', no integer"),
    "a label that is true": (lambda r: r.update(labels=[True, -1]), r"labels\[0\] is True, no integer"),
    "a huge label": (lambda r: r.update(labels=[10**12, -1]), r"labels\[0\] is 1000000000000, no integer of ordinary size"),
    "many entries": (lambda r: r.update(multipliers=["1"] * 100_001), "multipliers has 100001 entries, more than"),
    "many numbers": (lambda r: r.update(gram=[["1"] * 400] * 400), "gram has 160000 numbers, more than"),
}


@pytest.mark.parametrize(("change", "message"), MALICIOUS.values(), ids=MALICIOUS)
def test_broken_and_malicious_records_are_refused_by_field(change, message):
    broken = json.loads(json.dumps(record()))
    change(broken)
    with pytest.raises(InputError, match=message):
        TwoLayerPoint.from_json(broken)


def test_numbers_in_files_may_be_integers_ratios_and_decimals():
    changed = {**record(), "epsilon": "+3/2", "delta": "0.250", "epsilon_d": "7"}
    point = TwoLayerPoint.from_json(changed)
    assert (point.epsilon, point.delta, point.epsilon_d) == (Fraction(3, 2), Fraction(1, 4), 7)


def test_every_kind_has_a_name_of_its_own():
    assert len(KINDS) == len({kind.KIND for kind in KINDS.values()})
    for name, kind in KINDS.items():
        assert name == kind.KIND
        assert set(kind.SHAPES) == {field.name for field in fields(kind)}


def test_constants_in_formulas_are_exact_where_the_instance_is():
    point = FAMILIES["linear"].build((1, -1), np.full(30, 0.5))
    assert point.q("2.4") == 2.4 and isinstance(point.q("2.4"), float)
    assert point.exact().q("2.4") == Fraction(12, 5)
    assert point.exact(2).q("1/3") == Fraction(1, 3)


def test_exact_points_have_strict_patterns_and_points_on_kinks_are_on_them_exactly():
    strict = kinked = 0
    for point in drawn(FAMILIES["networks"], 300, 1500):
        exact = point.exact()
        zero = exact.products == 0
        if (exact.error == 0).all() and not zero.any():
            strict += 1
        if zero.any():
            kinked += 1
            assert (point.active[zero.astype(bool)] == 1).all(), "sigma'(0) = 1"
            assert (zero == (point.products == 0)).all(), "floats see the same kinks"
            model, data = realise(point)
            assert (model.preactivations(data)[zero.astype(bool)] == 0).all()
    assert strict >= 50 and kinked >= 20


def test_the_closed_form_rays_are_exact_kkt_points_in_the_float_core():
    import kktcheck as kc

    for product in ("1/1600", "1/10", "1/2"):
        point = sliding(product)
        model, data = realise(point)
        clarke, indicator = (kc.certify(model, data, subgradient=name) for name in ("clarke", "indicator"))
        assert clarke.epsilon <= 1e-12 and clarke.delta <= 1e-12
        assert indicator.epsilon**2 == pytest.approx(2 / (1 + float(Fraction(product))), rel=1e-9)


def test_realising_what_is_no_point_is_refused():
    with pytest.raises(InputError, match="Constants stands for no model"):
        realise(FAMILIES["constants"].build((1, 1, 1), np.zeros(5)))
    point = FAMILIES["networks"].build(NetworkShape((1,), (1,), ((1,),)), np.full(20, 0.5))
    with pytest.raises(InputError, match="W is zero"):
        realise(replace(point, rows=point.rows * 0, beyond=point.beyond * 0))
