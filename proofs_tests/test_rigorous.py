"""Rigorous certificates: enclosures hold what exact rational arithmetic gives, are sharp, and the stated errors cover the floats.

How loose the stated errors are, as the ratio to the actual error (least and median over the strategies here): epsilon 1.03 (weights
that miss their kinks by far more than rounding) and 60, delta 4 and 100, gamma 6 and 150, tau 2 and 150. They are worst-case sums of
roundings, of which random ones cancel all but the square root: at the size of Appendix E the ratio is 1e4 for delta and 1e6 for epsilon, yet
both stay below 1e-10 of the largest multiplier and of |theta|. Each leaves a factor of 2 for its own rounding, so half of one is still true.
"""

import json
import shlex
import sys
from dataclasses import replace
from fractions import Fraction

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given

import kktcheck as kc
from kktcheck import (
    Certificate,
    Dataset,
    FileError,
    InputError,
    LinearPredictor,
    MemoryLimitError,
    MissingDependencyError,
    TwoLayerReLU,
    certify,
    cli,
    rigorous,
)
from kktcheck.experiments.appendix_e import AppendixE, initial, trained
from kktcheck.models import ACTIVE, INACTIVE
from kktcheck.rigorous import Enclosures, enclose

from . import rational
from .instances import examples, linear_instances, seeds, two_layer_instances
from .kkt_instances import kinky_networks, planted_models, planted_network
from .multiplier_instances import kinked_instances, kinked_network, lattice_instances

QUANTITIES = ("epsilon", "delta", "gamma", "tau")
MOST_KINDS = ("spread", "duplicates", "orthogonal")  # hardly any points that are dependent but for rounding

conventions = st.sampled_from(["clarke", "indicator"])
scales = st.sampled_from([1.0, 0.7, 3.0])
small = {"kinds": MOST_KINDS, "max_points": 4, "max_dim": 4}
small_models = two_layer_instances(kinks=True, max_neurons=3, **small) | linear_instances(**small) | lattice_instances()
planted_pairs = planted_models(error=(0.0, 1e-6, 0.05), slack=(0.0, 0.5), sleeping=(0, 2)).map(lambda planted: (planted.data, planted.model))
models = (
    two_layer_instances(kinks=True, kinds=MOST_KINDS)
    | two_layer_instances()
    | linear_instances()
    | kinked_instances(positive=True)
    | kinked_instances(positive=True, deficient=True)
    | planted_pairs
)


@st.composite
def off_their_kinks(draw):
    """Planted networks that carry a mask their weights miss by up to 1e-11, far more than rounding and within the mask's rights."""
    planted, rng = draw(kinky_networks(error=draw(st.sampled_from([0.0, 0.05])), slack=0.3)), np.random.default_rng(draw(seeds()))
    W, data = planted.model.W, planted.data
    size = 10 ** draw(st.floats(-14, -11)) * np.linalg.norm(W, axis=1).max()
    noise = size * (planted.kinks * rng.uniform(-1, 1, planted.kinks.shape)) @ (data.X / data.norms[:, None])
    return data, TwoLayerReLU(W + noise, planted.model.u, planted.kinks)


def exact_numbers(certificate, data, given_model):
    """(epsilon**2, delta, gamma) as fractions and tau as an mpmath number, of the stored weights projected exactly onto their kinks."""
    model = certificate.model
    W = rational.fractions(model.hidden) if model.kinks is None else rational.on_kinks(model.hidden, model.kinks, data.X)
    rest = rational.residual(W, model.second_layer, certificate.gates(), data.X, data.y)
    X, u = rational.fractions(data.X), rational.fractions(model.second_layer)
    linear = isinstance(model, LinearPredictor)
    margins = []
    for x, label in zip(X, data.y, strict=True):
        responses = [rational.dot(w, x) for w in W]
        margins.append(int(label) * sum(uj * (p if linear else max(p, 0)) for uj, p in zip(u, responses, strict=True)))
    slack = [Fraction(multiplier) * (margin - 1) for multiplier, margin in zip(certificate.multipliers.tolist(), margins, strict=True)]
    first, second = (sum(rows, []) for rows in (rational.fractions(given_model.hidden), W))
    a, b, c = rational.dot(first, first), rational.dot(second, second), rational.dot(first, second)
    # 1 - c / sqrt(a b), by its square: no digits are lost.
    with mpmath.workdps(rational.DIGITS):
        sine2 = 1 - c * c / (a * b)
        cosine = mpmath.sqrt(1 - mpmath.mpf(sine2.numerator) / sine2.denominator)
        tau = mpmath.mpf(sine2.numerator) / sine2.denominator / (1 + cosine)
    return sum((v * v for row in rest for v in row), Fraction(0)), max(Fraction(0), *slack), max(Fraction(0), 1 - min(margins)), tau


def check_contains(certificate, data, given_model):
    epsilon2, delta, gamma, tau = exact_numbers(certificate, data, given_model)
    found = certificate.enclosures
    low, high = map(Fraction, found.epsilon)
    assert low**2 <= epsilon2 <= high**2
    for value, pair in ((delta, found.delta), (gamma, found.gamma)):
        assert Fraction(pair[0]) <= value <= Fraction(pair[1])
    assert found.tau[0] <= tau * (1 + 1e-40) and tau * (1 - 1e-40) <= found.tau[1]


def check_sharp_and_within_stated_errors(certificate):
    norm = certificate.model.norm
    for name, size in zip(QUANTITIES, (norm, norm, 1.0, 1.0), strict=True):
        (low, high), value = getattr(certificate.enclosures, name), getattr(certificate, name)
        assert 0 <= low <= high and (high - low <= 1e-14 * high or high <= 1e-38 * size), name
        assert Fraction(low) - Fraction(getattr(certificate, f"{name}_error")) <= Fraction(value), name
        assert Fraction(value) <= Fraction(high) + Fraction(getattr(certificate, f"{name}_error")), name


def check(model, data, **options):
    certificate = certify(model, data, rigorous=True, **options)
    check_sharp_and_within_stated_errors(certificate)
    return certificate


def in_doubt(model, data):
    """Whether some neuron's kinks are those of points that are dependent to within 1e-12 of their norms, but not exactly."""
    masks = [] if model.kinks is None else np.unique(model.kinks[model.hidden.any(axis=1)], axis=0)
    for X, norms in ((data.X[mask], data.norms[mask, None]) for mask in masks if mask.any()):
        if exact_rank(X) > np.linalg.matrix_rank(X / norms, tol=1e-12 * np.linalg.norm(X / norms, 2)):
            return True
    return False


def exact_rank(X):
    left, rank = rational.fractions(X), 0
    while left:
        pivot, *left = left
        if any(pivot):
            rank, k = rank + 1, next(k for k, entry in enumerate(pivot) if entry)
            left = [[a - row[k] / pivot[k] * b for a, b in zip(row, pivot, strict=True)] for row in left]
    return rank


def checked_or_refused(model, data, **options):
    """The rigorous certificate; None where points in doubt are rightly refused."""
    if not in_doubt(certify(model, data, **options).model, data):
        return check(model, data, **options)
    with pytest.raises(InputError, match=r"dependent but for the rounding of their entries .*with_kinks"):
        certify(model, data, rigorous=True, **options)
    return None


# Exact arithmetic


@examples(40)
@given(small_models, conventions, scales)
def test_enclosures_hold_what_rational_arithmetic_gives(instance, subgradient, scale):
    data, model = instance
    certificate = _decided(model, data, subgradient, scale)
    if certificate is not None:
        check_contains(certificate, data, model)


def _decided(model, data, subgradient, scale):
    """The rigorous certificate, or None where it is rightly refused: scaling may turn the exact zeros of whole numbers into wrong signs."""
    try:
        return checked_or_refused(model, data, subgradient=subgradient, scale=scale)
    except InputError as error:
        zero = (model.preactivations(data) == 0).any()
        if subgradient == "indicator" and zero and scale != 1 and "exact pre-activation" in str(error):
            return None
        raise


@examples(20)
@given(lattice_instances(), conventions)
def test_at_their_own_scale_whole_numbers_have_no_rounding_to_complain_of(instance, subgradient):
    data, model = instance
    certificate = check(model, data, subgradient=subgradient, scale=1.0)
    check_contains(certificate, data, model)
    if not certificate.kinks.count:  # projections are in thirds and the like
        assert certificate.enclosures.tau == (0.0, 0.0)
        assert certificate.enclosures.gamma == (certificate.gamma, certificate.gamma)


@examples(20)
@given(off_their_kinks(), conventions)
def test_kinks_are_exact_where_the_weights_miss_them(instance, subgradient):
    """The mask is what counts, in both conventions; noise is what the stated errors then consist of."""
    data, model = instance
    certificate = check(model, data, subgradient=subgradient)
    check_contains(certificate, data, model)


@examples(15)
@given(seeds(), st.integers(10, 34))
def test_hyperplanes_of_nearly_equal_points_meet_where_rational_arithmetic_says(seed, bits):
    rng = np.random.default_rng(seed)
    X = np.linalg.qr(rng.standard_normal((4, 4)))[0][:3] * rng.uniform(0.5, 2, (3, 1))
    X[1] = X[0] + 2.0**-bits * X[1]
    W = rng.uniform(0.5, 1.0, (3, 3)) @ X
    W[0] -= (W[0] @ X[0]) / (X[0] @ X[0]) * X[0]
    data, model = Dataset(X, np.ones(3)), TwoLayerReLU(W, [1.0, 0.9, 1.1])
    certificate = check(model, data, kink_tol=2.0 ** (4 - bits), scale=1.0)
    assert certificate.kinks.mask[0, :2].all()
    check_contains(certificate, data, model)


# Agreement with the floats


@examples(100)
@given(models, conventions, st.none() | scales, st.sampled_from([None, 0.0, 0.1]))
def test_floats_are_within_the_stated_errors_of_sharp_enclosures(instance, subgradient, scale, cap):
    data, model = instance
    certificate = checked_or_refused(model, data, subgradient=subgradient, scale=scale, slackness_cap=cap)
    if certificate is None:
        return
    plain = certify(model, data, subgradient=subgradient, scale=scale, slackness_cap=cap)
    assert plain.enclosures is None
    assert replace(certificate, enclosures=None).to_json() == plain.to_json()
    assert certificate.enclosures == enclose(plain, data, model)


@examples(20)
@given(kinky_networks(clear=1e-3), st.floats(-13, -5), seeds())
def test_tau_is_enclosed_whatever_noise_was_projected_away(planted, level, seed):
    noise = np.random.default_rng(seed).standard_normal(planted.model.W.shape)
    given_model = TwoLayerReLU(planted.model.W + 10**level * np.linalg.norm(planted.model.W, axis=1)[:, None] * noise, planted.model.u)
    certificate = check(given_model, planted.data, kink_tol=1e-3)
    check_contains(certificate, planted.data, given_model)
    assert certificate.tau_error <= 1e-12 * certificate.tau + 1e-14 * np.sqrt(certificate.tau) + 1e-26


@examples(5)
@given(kinky_networks(error=0.05, slack=0.5))
def test_the_other_engine_is_enclosed_as_well(planted):
    check(planted.model, planted.data, engine="cvxpy", slackness_cap=0.2)


@examples(20)
@given(seeds())
def test_margins_that_cancel_on_a_long_point(seed):
    """The least margin is that of a point 1e8 times as long as the other one: it has 1e-8 of an error, and so has gamma."""
    rng = np.random.default_rng(seed)
    w = rng.uniform(0.5, 1.5, 2)
    X = np.array([[2.0, 1.0], [1e8 * w[1], -1e8 * w[0] + 0.1]])
    data, model = Dataset(X, [1, 1]), LinearPredictor(w)
    certificate = check(model, data, scale=1.0)
    check_contains(certificate, data, model)
    assert certificate.margins[1] < certificate.margins[0] and certificate.gamma_error <= 1e-6


@examples(30)
@given(models | off_their_kinks(), st.floats(0.2, 5), conventions)
def test_a_rescaled_certificate_keeps_errors_and_no_enclosures(instance, factor, subgradient):
    data, model = instance
    first = checked_or_refused(model, data, subgradient=subgradient)
    if first is None:
        return
    moved = first.rescaled(factor).certificate
    assert moved.enclosures is (first.enclosures if factor == 1 else None)
    check_sharp_and_within_stated_errors(replace(moved, enclosures=enclose(moved, data, model)))
    assert first.rescaled(1.0).certificate.enclosures is first.enclosures


@examples(10)
@given(two_layer_instances(kinks=True, kinds=MOST_KINDS), st.sampled_from([(-140, 0), (140, 0), (-70, -70), (70, -70), (0, 70), (-60, 60), (60, 60)]))
def test_points_and_weights_of_any_size(instance, exponents):
    (data, model), (weights, points) = instance, exponents
    checked_or_refused(TwoLayerReLU(model.W * 10.0**weights, model.u, model.kinks), Dataset(data.X * 10.0**points, data.y))


@examples(10)
@given(seeds())
def test_points_of_very_different_size(seed):
    """Sums whose terms differ by more than 256 bits: a higher precision is taken."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((3, 4)) * np.array([1.0, 1e70, 1e-60, 1e-70])
    W = rng.standard_normal((2, 4)) * np.array([1e70, 1e-10, 1.0, 1e-40])
    data, model = Dataset(X, [1, 1, 1]), TwoLayerReLU(W, [1.0, -0.5])
    check_contains(check(model, data, scale=1.0), data, model)


# States, and points whose hyperplanes are in doubt


@examples(20)
@given(kinked_instances(positive=True), st.data())
def test_a_wrong_state_is_named(instance, draws):
    data, model = instance
    certificate = certify(model, data)
    pairs = [(j, i, s) for (j, i), s in np.ndenumerate(certificate.states) if s in (ACTIVE, INACTIVE)]
    j, i, state = draws.draw(st.sampled_from(pairs))
    states = certificate.states.copy()
    states[j, i] = ACTIVE if state == INACTIVE else INACTIVE
    word = "active" if state == INACTIVE else "inactive"
    with pytest.raises(InputError, match=rf"neuron {j} counts as {word} on point {i}, but its exact pre-activation there is .*kink_tol"):
        enclose(replace(certificate, states=states), data, model)


def test_zeros_lost_to_scaling_are_reported_with_a_way_out():
    """<w, x> = 9 - 9 is zero; times 1/8.2 or so the two products are no longer equal, and the indicator's derivative hangs on the sign."""
    data, model = Dataset([[9.0, -1.0], [1.0, 1.0]], [-1, 1]), TwoLayerReLU([[1.0, 9.0], [3.0, 5.0]], [1.0, 1.0])
    data = Dataset(data.X, np.sign(model.outputs(data.X)))
    with pytest.raises(
        InputError, match=r"neuron 0 counts as active on point 0, but its exact pre-activation there is -2\.78e-17 .*'clarke', or scale=1"
    ):
        certify(model, data, subgradient="indicator", rigorous=True)
    for options in ({"subgradient": "indicator", "scale": 1.0}, {"subgradient": "clarke"}):
        check_contains(check(model, data, **options), data, model)


def test_the_derivative_of_the_indicator_at_an_exact_zero_is_one():
    data, model = Dataset([[2.0, -1.0], [1.0, 1.0]], [1, 1]), TwoLayerReLU([[1.0, 2.0], [3.0, 1.0]], [1.0, 1.0])
    certificate = check(model, data, subgradient="indicator", scale=1.0)
    assert certificate.states[0, 0] == ACTIVE
    states = certificate.states.copy()
    states[0, 0] = INACTIVE
    with pytest.raises(InputError, match="neuron 0 counts as inactive on point 0"):
        enclose(replace(certificate, states=states), data, model)
    enclose(replace(certificate, states=states, subgradient="clarke"), data, model)  # 0 and 1 are both Clarke's


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_sign_that_256_bits_do_not_show(sign):
    data, model = Dataset([[1.0, -1.0, 1.0], [1.0, 1.0, 1.0]], [1, 1]), TwoLayerReLU([[1.0, 1.0, sign * 2.0**-450], [3.0, 1.0, 1.0]], [1.0, 1.0])
    certificate = certify(model, data, subgradient="indicator", scale=1.0)
    for state in (ACTIVE, INACTIVE):
        states = certificate.states.copy()
        states[0, 0] = state
        changed = replace(certificate, states=states)
        if (state == ACTIVE) == (sign > 0):
            enclose(changed, data, model)
        else:
            with pytest.raises(InputError, match=r"exact pre-activation there is -?3\.44e-136 "):
                enclose(changed, data, model)


def test_a_zero_that_only_exact_arithmetic_sees():
    """Weights off their kink by 2**-50: stored, they are active on the second point; projected, exactly orthogonal to it, by thirds."""
    data = Dataset([[3.0, 0.0, 0.0], [5.0, 1.0, 1.0], [0.0, 1.0, 0.0]], [1, 1, 1])
    kinks = np.array([[True, False, False], [False, False, False]])
    model = TwoLayerReLU([[2.0**-50, 1.0, -1.0], [1.0, 1.0, 1.0]], [1.0, 1.0], kinks)
    certificate = certify(model, data, scale=1.0)
    assert certificate.states[0, 1] == ACTIVE
    check_contains(check(model, data, scale=1.0), data, model)


def test_copies_of_a_point_and_more_kinks_than_dimensions():
    X = np.array([[1.0, 0, 0], [1.0, 0, 0], [0.3, 0.1, 0], [0.7, 0.9, 0], [1.0, 1.0, 1.0]])
    kinks = np.zeros((2, 5), bool)
    kinks[0, :4] = True  # four points in a plane, two of them equal
    model = TwoLayerReLU([[1e-13, 0, 1.0], [1.0, 1.0, 0.5]], [1.0, 0.5], kinks)
    data = Dataset(X, np.ones(5))
    for subgradient in ("clarke", "indicator"):
        certificate = check(model, data, subgradient=subgradient)
        check_contains(certificate, data, model)


@examples(30)
@given(two_layer_instances(kinds=("deficient", "duplicates"), kinks=True), conventions)
def test_points_dependent_but_for_rounding_are_refused_and_only_those(instance, subgradient):
    data, model = instance
    checked_or_refused(model, data, subgradient=subgradient)


def test_scaled_copies_of_a_point_are_in_doubt_and_copies_are_not():
    """0.7 times a point is another direction by rounding, half of it is not."""
    x = np.array([0.3, 0.7, 0.1])
    model = TwoLayerReLU([[0.7, -0.3, 0.5], [0.1, 1.0, 0.2]], [1.0, 1.0])
    for factor, refused in ((0.7, True), (0.5, False), (1.0, False)):
        data = Dataset([x, factor * x, [0.0, 0.1, 1.0]], np.ones(3))
        kinks = np.array([[True, True, False], [False, False, False]])
        snapped = certify(model, data, kink_tol=0.1, scale=1.0).model
        assert np.array_equal(snapped.kinks, kinks) and in_doubt(snapped, data) == refused
        assert (checked_or_refused(model, data, kink_tol=0.1, scale=1.0) is None) == refused


# What is planted is found


@examples(20)
@given(models, conventions)
def test_a_residual_without_its_largest_coordinate_is_outside(instance, subgradient):
    data, model = instance
    certificate = checked_or_refused(model, data, subgradient=subgradient)
    if certificate is None or certificate.epsilon <= 1e-9 * certificate.model.norm:
        return
    combination = (certificate.model.second_layer[:, None] * certificate.gates() * data.y) @ data.X
    rest = np.abs(certificate.model.hidden - combination)
    rest[np.unravel_index(rest.argmax(), rest.shape)] = 0.0
    wrong = replace(certificate, epsilon=float(np.linalg.norm(rest)))
    with pytest.raises(AssertionError, match="epsilon"):
        check_sharp_and_within_stated_errors(wrong)


def test_a_bound_of_half_the_size_is_too_small_for_epsilon():
    """An exact point whose weights are off their kinks: epsilon is this noise and nothing else, and its bound is attained."""
    worst = 0.0
    for seed in range(5):
        planted = planted_network(seed)
        noise = 1e-12 * planted.kinks * np.random.default_rng(seed).standard_normal(planted.kinks.shape)
        certificate = certify(TwoLayerReLU(planted.model.W + noise @ planted.data.X, planted.model.u, planted.kinks), planted.data, rigorous=True)
        low, high = certificate.enclosures.epsilon
        assert high + certificate.epsilon_error >= certificate.epsilon >= low - certificate.epsilon_error
        worst = max(worst, abs(certificate.epsilon - low) / certificate.epsilon_error)
    assert worst > 0.5


# Files, tables, the command line


@examples(10)
@given(models, conventions)
def test_json_keeps_the_enclosures(instance, subgradient):
    data, model = instance
    certificate = checked_or_refused(model, data, subgradient=subgradient)
    if certificate is None:
        return
    back = Certificate.from_json(certificate.to_json())
    assert back.enclosures == certificate.enclosures and back.to_json() == certificate.to_json()
    assert enclose(back, data, model) == certificate.enclosures


def rigorous_document():
    planted = planted_network(2, error=0.05, slack=0.5)
    return json.loads(certify(planted.model, planted.data, rigorous=True).to_json())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": [0.3]}, r"enclosure of epsilon is \[0.3\], not two numbers"),
        ({"delta": [0.2, 0.1]}, "enclosure of delta is"),
        ({"gamma": [-1.0, 0.0]}, "enclosure of gamma is"),
        ({"tau": [0.5, 0.6]}, r"tau = 0 is farther from its enclosure \[0.5, 0.6\] than tau_error"),
        ({"epsilon": [1.0, 1.0]}, "epsilon = .* is farther from its enclosure"),
        ({"tau": None}, "tau is no list"),
        ({"tau": ["0", 0]}, "tau holds '0'"),
    ],
)
def test_damaged_enclosures_are_named(change, message):
    document = rigorous_document()
    with pytest.raises(FileError, match=message):
        Certificate.from_json(json.dumps(document | {"enclosures": document["enclosures"] | change}))


def test_an_enclosure_needs_the_error_beside_it():
    with pytest.raises(FileError, match="an enclosure of delta, but no delta_error"):
        Certificate.from_json(json.dumps(rigorous_document() | {"delta_error": None}))
    document = rigorous_document()
    del document["enclosures"]["gamma"]
    with pytest.raises(FileError, match="the entry 'gamma' is missing"):
        Certificate.from_json(json.dumps(document))


def test_the_summary_shows_both_ends():
    planted = planted_network(3, error=0.05, slack=0.5)
    certificate = certify(planted.model.with_kinks(None), planted.data, kink_tol=1e-9, slackness_cap=0.1, rigorous=True)
    text = certificate.summary()
    for name in QUANTITIES:
        low, high = getattr(certificate.enclosures, name)
        assert f"in [{low!r}, {high!r}]" in text
        assert (getattr(certificate.enclosures.low, name), getattr(certificate.enclosures.high, name)) == (low, high)
    assert all(len(line) <= 120 and line == line.rstrip() for line in text.splitlines())


def test_limits_of_the_command_line_hold_for_the_upper_ends(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    planted = planted_network(2, error=0.05, slack=0.5)
    kc.save_model("model.npz", planted.model)
    np.savez("data.npz", X=planted.data.X, y=planted.data.y)
    certificate = certify(planted.model, planted.data, rigorous=True)
    (low, high), tau = certificate.enclosures.epsilon, certificate.enclosures.high.tau
    assert low < high and certificate.tau == 0 < tau

    def run(line):
        code = cli.main(shlex.split(f"certify model.npz data.npz --json c.json {line}"))
        return code, capsys.readouterr()

    code, printed = run(f"--rigorous --max-epsilon {high!r} --max-tau {tau!r}")
    assert code == 0 and f"in [{low!r}, {high!r}]" in printed.out
    with open("c.json") as file:
        assert Certificate.from_json(file.read()).enclosures == certificate.enclosures
    assert run("--max-tau 0")[0] == 0
    code, printed = run(f"--rigorous --max-epsilon {low!r} --max-tau 0")
    assert code == 1 and printed.err.count("of the clarke certificate (upper end of the enclosure)") == 2


# Bad input


def test_without_flint_nothing_is_done_and_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kktcheck\[intervals\]'"):
        certify("no model", "no data", rigorous=True)
    planted = planted_network(0)
    certificate = certify(planted.model, planted.data)
    with pytest.raises(MissingDependencyError, match="python-flint"):
        enclose(certificate, planted.data, planted.model)


def test_what_does_not_belong_together_is_refused(monkeypatch):
    planted = planted_network(1, error=0.05, slack=0.5)
    data, model = planted.data, planted.model
    certificate = certify(model, data)
    with pytest.raises(InputError, match="rigorous = 'yes'"):
        certify(model, data, rigorous="yes")
    with pytest.raises(InputError, match="belongs to other data"):
        enclose(certificate, Dataset(data.X, -data.y), model)
    with pytest.raises(InputError, match=r"shape \(1, 12\), the certified one \(8, 12\)"):
        enclose(certificate, data, LinearPredictor(np.ones(12)))
    with pytest.raises(InputError, match=r"multipliers\[2\] = -1e-30 is negative"):
        enclose(replace(certificate, multipliers=np.where(np.arange(6) == 2, -1e-30, certificate.multipliers)), data, model)
    with pytest.raises(InputError, match=r"kink multiplier 9.0 of \(neuron \d, point \d\) is outside"):
        enclose(replace(certificate, kink_multipliers=np.full_like(certificate.kink_multipliers, 9.0)), data, model)
    monkeypatch.setattr(rigorous, "MOST_BYTES", 1e4)
    with pytest.raises(MemoryLimitError, match="certify without rigorous"):
        certify(model, data, rigorous=True)


def test_precision_of_the_caller_is_left_alone():
    import flint

    data, model = next(iter([(Dataset(np.eye(2), [1, 1]), LinearPredictor([1.0, 3.0]))]))
    with flint.ctx.workprec(77):
        assert isinstance(certify(model, data, rigorous=True).enclosures, Enclosures)
        assert flint.ctx.prec == 77


# Appendix E


@pytest.mark.slow
@pytest.mark.parametrize("subgradient", ["clarke", "indicator"])
def test_a_network_of_appendix_e(subgradient):
    settings = AppendixE(networks=1)
    (data,) = initial(settings)[1]
    model = trained(settings).models[0]
    certificate = check(model, data, subgradient=subgradient)
    assert certificate.kinks.count > 1000 or subgradient == "indicator"
    assert certificate.epsilon_error <= 1e-10 * certificate.model.norm and certificate.delta_error <= 1e-10 * certificate.multipliers.max()
    assert certificate.gamma_error <= 1e-10 and certificate.tau_error <= 1e-6 * certificate.tau + 1e-30


def test_a_network_of_the_same_kind_in_few_dimensions():
    data, model = kinked_network(0, m=10, n=60, d=30, share=0.3, positive=True)
    check(model, data)
