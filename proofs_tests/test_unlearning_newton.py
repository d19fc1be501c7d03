"""The Newton step solves the retained Hessian for the forgotten gradient, and lands where a Newton step must."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import Dataset, InputError, LinearPredictor, TwoLayerReLU, train
from kktcheck.unlearning import newton

from .instances import examples, seeds
from .unlearning_instances import SLOPES, VALUES, complex_step_gradient, instance, instances, mean_over, trained_instances

losses = st.sampled_from(["logistic", "exponential"])
regularisers = st.sampled_from([1e-4, 0.05, 2.0])


def summed(data, points):
    return mean_over(data, points, len(points))


def gradient_of_sum(model, data, points, loss, mu):
    """Gradient of the sum over some points of loss + mu/2 |w|^2, by imaginary nudges, shape (d,)."""
    return complex_step_gradient(model, data, summed(data, points), loss, mu * len(points))[0]


def hessian_of_sum(w, data, points, loss, mu):
    """Hessian of the same sum: imaginary nudges of the textbook gradient."""
    X, y = data.X[points], data.y[points]
    H = np.empty((len(w), len(w)))
    for k in range(len(w)):
        v = w.astype(complex)
        v[k] += 1e-30j
        H[:, k] = ((SLOPES[loss](y * (X @ v)) * y) @ X + mu * len(points) * v).imag / 1e-30
    return H


@given(instances(kinds=["linear"]), losses, regularisers, st.sampled_from(["forgotten", "retained"]))
def test_the_step_solves_the_retained_hessian_for_the_gradient(case, loss, mu, gradient):
    """In all d dimensions, also for a model with a part outside the span of the data."""
    result = newton(case.model, case.data, case.forget, loss=loss, weight_decay=mu, gradient=gradient)
    H = hessian_of_sum(case.model.w, case.data, case.retained, loss, mu)
    points, sign = (case.forget, 1.0) if gradient == "forgotten" else (case.retained, -1.0)
    g = sign * gradient_of_sum(case.model, case.data, points, loss, mu)
    residual = H @ (result.w - case.model.w) - g
    assert np.abs(residual).max() <= 1e-12 * (np.abs(H).max() * (case.model.norm + result.norm) + np.abs(g).max())


@given(seeds(), st.integers(1, 4), losses)
def test_without_weight_decay_the_step_is_defined_where_the_retained_points_span_the_data(seed, d, loss):
    case = instance("linear", 3 * d + 2, d, 1, seed, [0, 2])
    result = newton(case.model, case.data, case.forget, loss=loss, weight_decay=0.0)
    H = hessian_of_sum(case.model.w, case.data, case.retained, loss, 0.0)
    expected = case.model.w + np.linalg.solve(H, gradient_of_sum(case.model, case.data, case.forget, loss, 0.0))
    np.testing.assert_allclose(result.w, expected, rtol=1e-8, atol=1e-10 * np.linalg.cond(H))


def minimiser(data, mu, loss="logistic"):
    """Minimiser of the mean loss + mu/2 |w|^2 by SciPy, with derivatives of its own; polished, since a minimum is flat to the eye."""
    from scipy.optimize import minimize, root

    X, y, m = np.asarray(data.X), data.y, data.num_points

    def value(w):
        return VALUES[loss](y * (X @ w)).mean() + mu / 2 * (w @ w)

    def slope(w):
        return (SLOPES[loss](y * (X @ w)) * y) @ X / m + mu * w

    def curvature(w):
        return hessian_of_sum(w, data, np.arange(m), loss, mu) / m

    found = minimize(value, np.zeros(data.dim), jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-7})
    polished = root(slope, found.x, jac=curvature, tol=1e-15).x
    assert np.linalg.norm(slope(found.x)) <= 1e-7 and np.linalg.norm(slope(polished)) <= 1e-14
    return polished


@given(seeds(), st.integers(4, 9), st.integers(1, 6), st.sampled_from([0.02, 0.3]))
@examples(20)
def test_from_the_minimiser_on_all_points_the_gradient_that_is_left_is_quadratic_in_the_step(seed, m, d, mu):
    """|gradient after| <= M/2 |step|^2, M the Lipschitz constant of the Hessian: 1/(6 sqrt 3) is the largest third derivative of the loss."""
    case = instance("linear", m, d, 1, seed, [1])
    retained = case.data.without(1)
    before = LinearPredictor(minimiser(case.data, mu))
    after = newton(before, case.data, 1, weight_decay=mu)
    left = np.linalg.norm(gradient_of_sum(after, case.data, case.retained, "logistic", mu))
    bound = (retained.norms**3).sum() / (6 * np.sqrt(3)) / 2 * np.linalg.norm(after.w - before.w) ** 2
    assert left <= bound + 1e-10
    assert left <= 0.5 * np.linalg.norm(gradient_of_sum(before, case.data, case.retained, "logistic", mu)) + 1e-10
    # At the minimiser the two gradients are one and the same.
    other = newton(before, case.data, 1, weight_decay=mu, gradient="retained")
    assert np.linalg.norm(other.w - after.w) <= 1e-8 * before.norm


@given(seeds(), st.integers(3, 8), st.integers(1, 6))
@examples(20)
def test_repeated_steps_along_the_retained_gradient_end_at_scipys_minimiser_on_the_retained_points(seed, m, d):
    case = instance("linear", m, d, 1, seed, [0])
    model = LinearPredictor(minimiser(case.data, 0.1))
    for _ in range(7):
        model = newton(model, case.data, 0, weight_decay=0.1, gradient="retained")
    expected = minimiser(case.data.without(0), 0.1)
    np.testing.assert_allclose(model.w, expected, rtol=0, atol=1e-9 * (1 + np.linalg.norm(expected)))


@given(trained_instances(kinds=["linear"]))
def test_loss_and_weight_decay_come_from_the_record(case):
    settings = case.record.settings
    if settings.weight_decay:
        recorded = newton(case.model, case.data, case.forget, record=case.record)
        expected = newton(case.model, case.data, case.forget, loss=settings.loss, weight_decay=settings.weight_decay)
        assert recorded.w.tobytes() == expected.w.tobytes()
    replaced = newton(case.model, case.data, case.forget, record=case.record, loss="logistic", weight_decay=0.7)
    assert replaced.w.tobytes() == newton(case.model, case.data, case.forget, weight_decay=0.7).w.tobytes()


def test_a_large_weight_decay_needs_no_small_learning_rate():
    case = instance("linear", 4, 3, 1, 0, [1])
    assert newton(case.model, case.data, 1, weight_decay=1e6).norm > 0


def test_the_curvature_is_right_at_large_margins_of_either_sign():
    """exp(-40) of curvature must not be lost beside 1: the step along the retained gradient is then exp(40) times the slope."""
    for sign, expected in ((1.0, 40.0 + 1.0), (-1.0, -40.0 + np.exp(40.0))):
        data = Dataset([[1.0], [1.0]], [1.0, 1.0])
        result = newton(LinearPredictor([sign * 40.0]), data, 0, weight_decay=0.0, gradient="retained")
        assert result.w[0] == pytest.approx(expected, rel=1e-12)


FLAT = Dataset(np.eye(3), [1.0, 1.0, 1.0])
TRAINED = train(LinearPredictor([1.0, 2.0, 1.0]), FLAT, steps=5)
BAD = {
    "network": ({"model": TwoLayerReLU(np.eye(3), np.ones(3))}, "newton is for a LinearPredictor, not for a TwoLayerReLU: the loss"),
    "no decay known": ({"weight_decay": None}, r"newton needs the weight decay of the training, as weight_decay= or in a record of it: kc\.train"),
    "no decay": (
        {"weight_decay": 0},
        r"singular on the span of the data \(eigenvalues from 0 to .*\): .*flat along what the points 1 do not share .*give weight_decay a positive",
    ),
    "no decay recorded": ({"record": TRAINED, "model": TRAINED.model, "weight_decay": None}, "give weight_decay a positive value"),
    "lost decay": ({"weight_decay": 1e-20}, "weight_decay = 1e-20 is lost in rounding beside it; take a larger one"),
    "negative decay": ({"weight_decay": -1}, "weight_decay = -1: a finite number of at least 0"),
    "loss": ({"loss": "hinge"}, "'hinge' is unknown"),
    "gradient": ({"gradient": "all"}, "gradient 'all' is unknown: choose one of 'forgotten', 'retained'"),
    "beyond": (
        {"model": LinearPredictor([1.0, 1.0, -800.0]), "loss": "exponential"},
        "point 2 has margin -800: its exponential loss is beyond floating point; scale the model down",
    ),
}


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_the_reason(changes, message):
    arguments = {"model": LinearPredictor([1.0, 2.0, 1.0]), "weight_decay": 0.1, **changes}
    with pytest.raises(InputError, match=message):
        newton(arguments.pop("model"), FLAT, 1, **arguments)


def test_a_step_onto_the_origin_is_refused():
    """The retained terms' own quadratic has its minimum at the origin where the slope of the loss has died out."""
    data = Dataset([[1.0], [1.0]], [1.0, 1.0])
    with pytest.raises(InputError, match="a Newton step without 0 leaves nothing of the model but rounding"):
        newton(LinearPredictor([200.0]), data, 0, weight_decay=1.0, gradient="retained")
