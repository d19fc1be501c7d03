"""The success theorems as code: their numbers by exact arithmetic, their hypotheses one by one, and a bound that a step must meet."""

from dataclasses import replace
from fractions import Fraction
from math import isqrt

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Condition, Dataset, Guarantee, InputError, LinearPredictor, TwoLayerReLU, certify, gradient_ascent, guarantee
from kktcheck.success_bounds import linear_bounds, network_bounds, network_steps

from .instances import linear_instances, seeds, two_layer_instances
from .kkt_instances import planted_network, planted_networks

sizes = st.tuples(st.integers(2, 60), st.integers(1, 59)).map(lambda s: (s[0], min(s[1], s[0] - 1)))


def shares(limit):
    """Multiples of limit / 1000 from 0 to the limit, as fractions."""
    return st.integers(0, 1000).map(lambda n: Fraction(n, 1000) * Fraction(limit))


def near_orthogonal(m, inner=0.0, squares=1.0):
    """m points of squared norm 1 (or as given), all inner products 0 but <x_0, x_1> = inner, all labels +1."""
    X = np.eye(m) * np.sqrt(squares)
    if m > 1:
        X[1, 0] = inner
        X[1, 1] = np.sqrt(1 - inner**2)
    return Dataset(X, np.ones(m))


def certified(data, neurons=0):
    """The exact KKT point on points of (almost) orthonormal kind: a predictor, or a network without kinks, all u_j positive."""
    w = np.linalg.solve(data.gram, np.ones(data.num_points)) @ data.X
    u = np.full(neurons, 1 / np.sqrt(max(1, neurons)))
    return certify(TwoLayerReLU(np.outer(u, w), u) if neurons else LinearPredictor(w), data)


def by_name(found):
    return {condition.name: condition for condition in found.conditions}


def failing(found):
    return [condition.name for condition in found.failed]


@given(sizes, shares("1/2"), shares("1/2"), shares("99/1000"))
def test_linear_bounds_are_the_printed_and_the_proved_formulas(size, e, d, ed):
    m, k = size
    printed, proved, second = linear_bounds(m, k, float(e), float(d), float(ed))
    growth = ed / (Fraction(m, k) - ed)
    assert printed.epsilon == pytest.approx(float(e + e * growth), rel=1e-14)
    assert printed.delta == pytest.approx(float(d + d * growth + Fraction("7.2") * ed / m), rel=1e-14)
    assert (printed.tau, second.epsilon, second.delta, second.tau) == (0.0, 0.0, 0.0, None)
    assert (proved is None) == (k == 1)
    if proved is not None:
        assert (proved.epsilon, proved.tau) == (printed.epsilon, 0.0)
        assert proved.delta == pytest.approx(float(d + d * growth + Fraction("7.2") * k * ed / m), rel=1e-14)
    assert f"tau = C * {float(ed) ** 0.5 + float(e) ** 0.5 + float(d) ** 0.5:.6g}" in second.source


def root(value):
    """Square root of a fraction to 40 digits."""
    scale = 10**80
    return Fraction(isqrt(value.numerator * scale // value.denominator), 10**40)


@given(sizes, shares(1), shares(1), shares("1/100"))
def test_network_bounds_are_the_printed_and_the_proved_formulas(size, e, d, ed):
    m, k = size
    printed, proved = network_bounds(m, k, float(e), float(d), float(ed))
    tau = 82 * ed / m if k == 1 else 82 * k * ed / (m - k)
    assert (proved is None) == (k == 1)
    for bound, count in ((printed, m if k == 1 else k), (proved, Fraction(m, k))):
        if bound is not None:
            growth = 9 * ed / (count - 9 * ed)
            assert bound.epsilon == pytest.approx(float(e + e * growth + 23 * k * ed / root(Fraction(m))), rel=1e-14)
            assert bound.delta == pytest.approx(float(d + d * growth + Fraction("22.6") * k * ed / m), rel=1e-14)
            assert bound.tau == pytest.approx(float(tau), rel=1e-14)


def test_numbers_worked_out_by_hand():
    """Round ones, so that every term can be seen: m / k - epsilon_d = 4.95, m - 9 epsilon_d = 99.91, k - 9 epsilon_d = 1.91, 49.91."""
    printed, proved, _ = linear_bounds(10, 2, 0.5, 0.25, 0.05)
    assert (printed.epsilon, printed.delta) == pytest.approx((0.5 + 0.025 / 4.95, 0.25 + 0.0125 / 4.95 + 0.036), rel=1e-14)
    assert proved.delta == pytest.approx(0.25 + 0.0125 / 4.95 + 0.072, rel=1e-14)
    printed, proved = network_bounds(100, 1, 0.5, 0.2, 0.01)
    assert (printed.epsilon, printed.delta) == pytest.approx((0.5 + 0.045 / 99.91 + 0.023, 0.2 + 0.018 / 99.91 + 0.00226), rel=1e-14)
    assert printed.tau == pytest.approx(0.0082, rel=1e-14) and proved is None
    printed, proved = network_bounds(100, 2, 0.5, 0.2, 0.01)
    assert (printed.epsilon, printed.delta) == pytest.approx((0.5 + 0.045 / 1.91 + 0.046, 0.2 + 0.018 / 1.91 + 0.00452), rel=1e-14)
    assert (proved.epsilon, proved.delta) == pytest.approx((0.5 + 0.045 / 49.91 + 0.046, 0.2 + 0.018 / 49.91 + 0.00452), rel=1e-14)
    assert printed.tau == proved.tau == pytest.approx(1.64 / 98, rel=1e-14)


@given(sizes, st.integers(1, 100), st.tuples(shares("1/2"), shares("1/2"), shares("1/100")), st.integers(0, 2), shares("1/100"))
def test_every_bound_grows_with_each_of_its_arguments(size, n, arguments, which, more):
    raised = [float(a + more * (position == which)) for position, a in enumerate(arguments)]
    arguments = [float(a) for a in arguments]
    for bounds in (linear_bounds, network_bounds):
        for low, high in zip(bounds(*size, *arguments), bounds(*size, *raised), strict=True):
            for name in ("epsilon", "delta", "tau"):
                if low is not None and low.tau is not None:
                    assert getattr(low, name) <= getattr(high, name) * (1 + 1e-15)
    low, high = network_steps(*size, n, *arguments), network_steps(*size, n, *raised)
    assert low[0] <= high[0] * (1 + 1e-15)
    assert high[1] is None or low[1] <= high[1] * (1 + 1e-15)


@given(sizes, st.integers(1, 100), shares(1), shares(1), shares("1/100"))
def test_the_steps_of_the_proof_are_followed_as_printed(size, n, e, d, ed):
    m, k = size
    delta, tau = network_steps(m, k, n, float(e), float(d), float(ed))
    gamma = 9 * k * ed / (m * n)
    assert delta == pytest.approx(float((d + 184 * k * ed / m) / (1 - gamma) + Fraction("20.4") * n * gamma / (1 - gamma)), rel=1e-13)
    least = Fraction("0.9") - Fraction("4.64") * ed / n - Fraction("1.92") * e
    factor = Fraction("0.9") * least - Fraction("20.4") * ed / (4 * n)
    assert (tau is None) == (least <= 0 or factor <= 0)
    if tau is not None:
        norm = root((m - k) * least * factor)
        assert tau == pytest.approx(float(2 * 22 * k * ed / root(Fraction(m)) / norm), rel=1e-9)


@pytest.mark.parametrize(("neurons", "k", "theorem"), [(0, 1, "Theorem 3.1"), (0, 2, "Theorem B.1"), (4, 1, "Theorem 4.1"), (4, 3, "Theorem C.1")])
def test_an_exact_point_on_orthonormal_data_meets_every_hypothesis(neurons, k, theorem):
    data = near_orthogonal(8)
    found = guarantee(certified(data, neurons), data, range(k))
    assert found.theorem == theorem and found.holds and found.failed == () and found.vacuous is None
    assert (found.epsilon, found.delta, found.tau, found.epsilon_d) == pytest.approx((0.0, 0.0, 0.0, 0.0), abs=1e-14)
    assert (found.second_part is None) == bool(neurons) and (found.as_proved is None) == (k == 1)
    zero = "the statement prints 0 < {}; the value 0 is read as the limit"
    assert sum(note.startswith(zero.format("delta_1")) for note in found.notes) == 1
    assert sum(note.startswith(zero.format("epsilon_d")) for note in found.notes) == bool(neurons)
    assert all(condition.holds and condition.excess <= 1e-11 for condition in found.conditions)


@pytest.mark.parametrize(("neurons", "limit"), [(0, 0.5), (4, 1.0)])
@pytest.mark.parametrize(("field", "name"), [("epsilon", "epsilon_1"), ("delta", "delta_1")])
def test_epsilon_1_and_delta_1_may_reach_their_limit_and_no_more(neurons, limit, field, name):
    data = near_orthogonal(8)
    certificate = certified(data, neurons)
    at = guarantee(replace(certificate, **{field: limit}), data, 0)
    assert at.holds and by_name(at)[name].excess == 0.0
    above = np.nextafter(limit, 2)
    beyond = guarantee(replace(certificate, **{field: float(above)}), data, 0)
    assert failing(beyond) == [name] and beyond.failed[0].excess == above - limit
    assert (beyond.epsilon, beyond.delta, beyond.tau, beyond.as_proved, beyond.second_part, beyond.printed) == (None,) * 6
    assert (beyond.failed[0].value, beyond.failed[0].limit, beyond.failed[0].relation) == (above, limit, "<=")


@pytest.mark.parametrize("neurons", [0, 4])
def test_epsilon_d_is_4_m_n_phi_below_its_limit_or_fails_by_what_it_is_beyond(neurons):
    """m = 8 and n = 4: all products are exact."""
    count, limit = 8 * max(1, neurons), 0.01 if neurons else 0.1
    for factor, holds in ((1 - 1e-9, True), (1.0, bool(neurons)), (1 + 1e-9, False), (50.0, False)):
        phi = factor * limit / (4 * count)
        data = near_orthogonal(8, phi)
        assert data.phi == phi
        found = guarantee(certified(data, neurons), data, 0)
        assert found.epsilon_d == 4 * count * phi and found.holds == holds
        condition = by_name(found)["epsilon_d"]
        assert condition.relation == ("<=" if neurons else "<")
        assert condition.excess == found.epsilon_d - limit and condition.holds == holds
        assert failing(found) == ([] if holds else ["epsilon_d"])
        assert by_name(found)["phi"].holds and by_name(found)["phi"].excess == 0
        assert by_name(found)["phi"].limit == pytest.approx(phi, rel=1e-15)
        if holds:
            expected = network_bounds if neurons else linear_bounds
            certificate = certified(data, neurons)
            assert (found.epsilon, found.delta, found.tau) == tuple(
                getattr(expected(8, 1, certificate.epsilon, certificate.delta, found.epsilon_d)[0], name) for name in ("epsilon", "delta", "tau")
            )


@pytest.mark.parametrize("neurons", [0, 4])
@pytest.mark.parametrize(("square", "holds"), [(1.0999, True), (0.9001, True), (1.1001, False), (0.8999, False), (2.0, False)])
def test_psi_fails_alone_and_by_its_distance(neurons, square, holds):
    data = near_orthogonal(8, squares=np.append(np.ones(7), square))
    found = guarantee(certified(data, neurons), data, 3)
    assert failing(found) == ([] if holds else ["psi"])
    assert by_name(found)["psi"].excess == pytest.approx(abs(square - 1) - 0.1, abs=1e-14)


def test_a_psi_of_exactly_its_limit_holds_and_one_beyond_by_rounding_says_so():
    data = near_orthogonal(8)
    certificate = certified(data)
    data.__dict__["psi"] = 0.1
    assert guarantee(certificate, data, 0).holds
    data.__dict__["psi"] = float(np.nextafter(0.1, 1))
    found = guarantee(certificate, data, 0)
    assert failing(found) == ["psi"] and found.failed[0].note == "within rounding of the limit"


@pytest.mark.parametrize("neurons", [0, 4])
def test_infeasibility_fails_alone_but_for_rounding(neurons):
    data = near_orthogonal(8)
    model = certified(data, neurons).model
    for scale, holds in ((1 + 1e-3, True), (1.0, True), (1 - 1e-12, True), (1 - 1e-9, False), (0.9, False)):
        found = guarantee(certify(model.scaled(scale), data, scale=1.0), data, 0)
        assert failing(found) == ([] if holds else ["least margin"])
        condition = by_name(found)["least margin"]
        assert (condition.relation, condition.limit) == (">=", 1.0)
        assert condition.excess == pytest.approx(1 - scale, abs=1e-15)
        assert condition.note == ("below 1 by rounding only" if holds and condition.excess > 0 else "")


def test_another_second_layer_fails_alone_and_the_rest_is_still_told():
    data = near_orthogonal(8, 1e-6)
    model = certified(data, 4).model
    for factor, holds in ((1.0, True), (1 + 2.0**-25, True), (1 + 1e-6, False), (3.0, False)):
        u = model.u * np.array([1, factor, 1, 1])
        other = TwoLayerReLU(model.W, u)
        least = other.margins(data).min()
        certificate = certify(other.scaled(1 / least), data)
        found = guarantee(replace(certificate, epsilon=0.0), data, 0)
        assert failing(found) == ([] if holds else ["second layer"])
        assert by_name(found)["second layer"].value == pytest.approx(factor - 1, abs=1e-15)
        assert found.epsilon_d == pytest.approx(4 * 8 * 4 * 1e-6, rel=1e-12)
        assert by_name(found)["epsilon_d"].holds
    assert "second layer" not in by_name(guarantee(certified(data), data, 0))


@pytest.mark.parametrize(("m", "neurons"), [(1, 0), (1, 4), (8, 0), (8, 4)])
def test_forgetting_every_point_fails_alone(m, neurons):
    data = near_orthogonal(m)
    found = guarantee(certified(data, neurons), data, range(m))
    assert failing(found) == ["forgotten points"]
    assert (found.failed[0].excess, found.failed[0].value, found.failed[0].limit) == (0, m, m)


def test_several_failures_are_all_told():
    data = near_orthogonal(8, 0.2, squares=2.0)
    certificate = replace(certified(data, 4), epsilon=3.0, delta=2.0)
    found = guarantee(certificate, data, 0)
    assert failing(found) == ["epsilon_1", "delta_1", "epsilon_d", "psi"]
    assert "epsilon_1 = 3 <= 1 fails by 2" in repr(found) and not found.holds


@given(linear_instances(kinds=("orthogonal",), max_points=6) | two_layer_instances(kinds=("orthogonal",), max_points=6), st.data())
def test_the_measured_values_are_those_of_the_definitions(instance, draws):
    data, model = instance
    m, X = data.num_points, [[Fraction(x) for x in row] for row in data.X]
    inner = [[sum(a * b for a, b in zip(x, y, strict=True)) for y in X] for x in X]
    phi = max([abs(inner[i][k]) for i in range(m) for k in range(m) if i != k], default=Fraction(0))
    psi = max(abs(inner[i][i] - 1) for i in range(m))
    certificate = certify(model, data)
    found = guarantee(certificate, data, draws.draw(st.integers(0, m - 1)))
    measured = by_name(found)
    n = model.num_neurons
    assert measured["epsilon_d"].value == pytest.approx(float(4 * m * n * phi), rel=1e-9)
    assert measured["psi"].value == pytest.approx(float(psi), abs=1e-14)
    assert (measured["epsilon_1"].value, measured["delta_1"].value) == (certificate.epsilon, certificate.delta)
    linear = isinstance(model, LinearPredictor)
    assert measured["epsilon_1"].holds == (certificate.epsilon <= (0.5 if linear else 1))
    assert measured["delta_1"].holds == (certificate.delta <= (0.5 if linear else 1))
    assert measured["epsilon_d"].holds == (4 * m * n * phi < Fraction("0.1") if linear else 4 * m * n * phi <= Fraction("0.01"))
    assert found.holds == (not found.failed) == (found.printed is not None)


@given(seeds(), st.integers(2, 9), st.sampled_from([0.0, 0.01, 0.05]), st.data())
def test_under_its_hypotheses_a_step_from_a_predictor_meets_the_first_part(seed, m, error, draws):
    """With the old multipliers at the proof's scale; and the certificate, which takes better ones at the least feasible scale."""
    rng = np.random.default_rng(seed)
    X = np.linalg.qr(rng.standard_normal((m + 3, m)))[0].T + 0.004 / m**2 * rng.standard_normal((m, m + 3))
    X *= np.sqrt(rng.uniform(0.95, 1.05, m) / np.einsum("ij,ij->i", X, X))[:, None]
    y, v = rng.choice([-1.0, 1.0], m), rng.standard_normal(m + 3)
    data = Dataset(X, y)
    w = np.linalg.solve(data.gram, y * rng.uniform(1, 1.1, m)) @ X + error * v / np.linalg.norm(v)
    certificate = certify(LinearPredictor(w), data)
    forget = draws.draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=m - 1, unique=True))
    found = guarantee(certificate, data, forget)
    assert failing(found) == [] and found.theorem == ("Theorem 3.1" if len(forget) == 1 else "Theorem B.1")
    retained, result = data.without(forget), gradient_ascent(certificate.model, data, forget, certificate=certificate)
    after = certify(result, retained)
    assert after.epsilon <= found.epsilon + after.epsilon_error + certificate.epsilon_error
    scale = 1 / (1 - 0.6 * len(forget) * found.epsilon_d / m)
    multipliers, margins = scale * np.delete(certificate.multipliers, forget), scale * result.margins(retained)
    assert margins.min() >= 1 - 1e-12
    assert np.linalg.norm(scale * result.w - (multipliers * retained.y) @ retained.X) <= found.epsilon * (1 + 1e-12) + 1e-12
    assert (multipliers * (margins - 1)).max() <= (found.as_proved or found.printed).delta + 1e-12


def test_a_tau_of_at_least_1_is_called_vacuous():
    """82 k epsilon_d / (m - k) with all but one of 16 points."""
    for phi, vacuous in ((8.1e-4 / (4 * 16), False), (8.2e-4 / (4 * 16), True)):
        data = near_orthogonal(16, phi)
        found = guarantee(certified(data, 1), data, range(15))
        assert found.tau == pytest.approx(82 * 15 * 64 * phi)
        assert (found.vacuous is not None) == vacuous == (found.tau >= 1) and found.holds
        assert ("vacuous: tau = " in found.summary()) == vacuous


def test_partial_subgradients_on_kinks_are_flagged_as_the_statements_convention():
    planted = planted_network(0, paper_layer=True)
    kinks = int((planted.gates < planted.multipliers)[planted.kinks].sum())
    certificate = certify(planted.model, planted.data)
    largest = certificate.multipliers[np.nonzero(planted.kinks)[1]]
    for open_kinks in (0, 2, kinks):  # so many more have the subgradient 1, as in the proofs
        gates = np.where(np.arange(len(largest)) < open_kinks, largest, certificate.kink_multipliers)
        notes = guarantee(replace(certificate, kink_multipliers=gates), planted.data, 0).notes
        told = [note for note in notes if "subgradient below 1" in note]
        assert [note.split()[0] for note in told] == [str(kinks - open_kinks)] * (open_kinks < kinks)
    assert kinks == len(largest) > 2
    indicator = guarantee(certify(planted.model, planted.data, subgradient="indicator"), planted.data, 0)
    assert not any("subgradient" in note for note in indicator.notes)
    data = near_orthogonal(4)
    assert not any("subgradient" in note for note in guarantee(certified(data, 4), data, 0).notes)


@given(planted_networks(paper_layer=True, error=(1e-3,), min_points=3))
def test_a_snapped_model_is_told_from_the_one_given(planted):
    data = planted.data
    exact, snapped = certify(planted.model, data), certify(planted.model.with_kinks(None), data)
    for certificate in (exact, snapped):
        notes = [note for note in guarantee(certificate, data, 0).notes if "gradient ascent from the certified model" in note]
        assert len(notes) == (certificate.tau > 0)


def test_steps_of_the_proof_that_fall_short_are_named_with_their_numbers():
    data = near_orthogonal(30, 0.01 / (4 * 30 * 2))
    certificate = certified(data, 2)
    found = guarantee(replace(certificate, epsilon=0.05, delta=0.1), data, 0)
    delta, tau = network_steps(30, 1, 2, 0.05, 0.1, found.epsilon_d)
    # 22.6 against 184 + 183.6, before rescaling.
    assert delta > 0.1 + 367 * 0.01 / 30 > found.delta
    told = f"the steps of the proof lead to delta = {delta:.6g}, not to the {found.delta:.6g} it ends with"
    assert [note for note in found.notes if note.startswith("the steps")] == [told]
    assert tau <= found.tau
    far = guarantee(replace(certificate, epsilon=0.2, delta=0.1), data, 0)
    assert any(f"lead to tau = {network_steps(30, 1, 2, 0.2, 0.1, far.epsilon_d)[1]:.6g}, not to the {far.tau:.6g}" in note for note in far.notes)
    further = guarantee(replace(certificate, epsilon=0.9, delta=0.1), data, 0)
    assert any("lead to no tau, not to the" in note for note in further.notes)
    pair = guarantee(replace(certificate, epsilon=0.05, delta=0.1), data, [0, 1])
    delta = network_steps(30, 2, 2, 0.05, 0.1, pair.epsilon_d)[0]
    assert f"the steps of the proof lead to delta = {delta:.6g}, not to the {pair.as_proved.delta:.6g} it ends with" in pair.notes
    for epsilon, delta, told in ((0.4, 0.4, False), (0.41, 0.1, True), (0.1, 0.41, True)):
        notes = guarantee(replace(certificate, epsilon=epsilon, delta=delta), data, 0).notes
        assert any(note.startswith("Lemma C.6") for note in notes) == told


def test_the_summary_tells_hypotheses_bounds_and_notes():
    data = near_orthogonal(8, 1e-6)
    found = guarantee(certified(data, 4), data, [0, 1])
    text = found.summary()
    assert text.startswith("Theorem C.1: every hypothesis holds\n") and "as printed" in text and "as proved: m / k" in text
    assert all(condition.name in text for condition in found.conditions)
    assert isinstance(found, Guarantee) and isinstance(found.conditions[0], Condition)
    assert repr(found).startswith("Guarantee(Theorem C.1: epsilon=")
    linear = guarantee(certified(data), data, 0).summary()
    assert "second part: tau = C * " in linear and "the constant C is not given" in linear
    failed = guarantee(replace(certified(data, 4), epsilon=2.0), data, 0)
    assert failed.summary().startswith("Theorem 4.1: 1 of 8 hypotheses fail\n") and "as printed" not in failed.summary()


def test_bad_arguments_are_refused_with_the_reason():
    data = near_orthogonal(4)
    certificate = certified(data)
    for arguments, message in [
        ((None, data, 0), "certificate must be a kktcheck.Certificate, not NoneType"),
        ((certificate, np.eye(4), 0), "data must be a kktcheck.Dataset, not ndarray"),
        ((certificate, data.without(0), 0), "the certificate belongs to other data .* certify the original model on all points"),
        ((certificate, data, []), "the forget set is empty"),
        ((certificate, data, 4), "names point 4"),
        ((certificate, data, [1, 1]), "more than once"),
    ]:
        with pytest.raises(InputError, match=message):
            guarantee(*arguments)
