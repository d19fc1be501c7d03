"""Every bound of the sharper theorems as one function, for instances (floats or exact), for constants in enclosures, and for plain numbers.

A linear predictor is the case n = 1 of each: gates are 1, and inner products at most epsilon_d / (4 m).
"""

from fractions import Fraction
from typing import NamedTuple

from ...instances.exact import root

#: Ends of the range of squared norms, psi = 0.1 (Assumption 2.3).
_LOW, _HIGH = "0.9", "1.1"


class Numbers(NamedTuple):
    """What bounds depend on: floats, rationals, or magnitudes that stand for a whole box.

    Attributes
    ----------
    epsilon, delta, epsilon_d : number
        Of the approximate KKT point, and of its data.
    m, n, k : number
        Points, neurons (1 for a linear predictor), forgotten points.
    q : callable
        Text -> number, see `kktcheck.instances.base.Instance.q`.
    """

    epsilon: object
    delta: object
    epsilon_d: object
    m: object
    n: object
    k: object
    q: object

    @property
    def phi(self):
        """Largest inner product, epsilon_d / (4 m n)."""
        return self.epsilon_d / (4 * self.m * self.n)

    @property
    def crossing(self):
        """kappa = (m - 1) phi: what all inner products with one point add up to at most."""
        return self.epsilon_d * (self.m - 1) / (4 * self.m * self.n)

    @property
    def others(self):
        """(r - 1) phi with r = m - k retained points."""
        return self.epsilon_d * (self.m - self.k - 1) / (4 * self.m * self.n)


def of_point(p, k=1):
    """Those of an instance of points, with a size of forget sets."""
    return Numbers(p.epsilon, p.delta, p.epsilon_d, p.num_points, getattr(p, "num_neurons", 1), k, p.q)


def of_constants(p):
    """Those of `kktcheck.instances.Constants`, for networks."""
    return Numbers(p.epsilon, p.delta, p.epsilon_d, p.points, p.neurons, p.forgotten, p.q)


def of_linear_constants(p):
    """Those of `kktcheck.instances.Constants`, for linear predictors."""
    return of_constants(p)._replace(n=1)


def of_floats(m, n, k, epsilon, delta, epsilon_d):
    """Those of plain numbers."""
    return Numbers(float(epsilon), float(delta), float(epsilon_d), m, n, k, lambda text: float(Fraction(text)))


def larger_root(square, linear, constant):
    """The larger root of square x^2 - linear x - constant, square > 0 and constant >= 0."""
    return (linear + root(linear * linear + 4 * square * constant)) / (2 * square)


def size(s):
    """zeta: sqrt(n) zeta bounds the root mean square over the neurons of a point's multipliers, n zeta its multiplier."""
    return larger_root(s.q(_LOW) - s.crossing, 1 + s.epsilon * root(s.q(_LOW) / s.n), s.delta / s.n)


def mass(s):
    """T: bounds the mean over the neurons of a point's multipliers."""
    return larger_root(s.q(_LOW) - s.crossing, 1 + s.epsilon * root(s.q(_LOW)), s.delta)


def least_mass(s):
    """Lower bound of the mean over the active neurons of the label's sign; says something where it is positive."""
    return (1 - s.crossing * mass(s) - s.epsilon * root(s.q(_HIGH))) / s.q(_HIGH)


def floor(s):
    """mu: least eigenvalue of the retained points' Gram matrix, at least."""
    return s.q(_LOW) - s.others


def reach(s):
    """rho: bounds the norm of the projected part of the step."""
    return s.k * s.epsilon_d / (4 * s.m) * size(s) * root((s.m - s.k) / (floor(s) * s.n))


def angle(s):
    """Bounds the squared sine of the angle between the unlearned and the projected predictor."""
    return (s.k * s.epsilon_d * size(s) / (4 * s.m)) ** 2 / s.n * evenness(s)


def evenness(s):
    """(1 + phi r / 0.9) / (1 - phi (r - 1) / 0.9): how far the retained points can be from orthogonal, in squared norms."""
    return (s.q(_LOW) + s.phi * (s.m - s.k)) / floor(s)


def turn(sine_squared):
    """1 - cos of an angle of at most 90 degrees: sin^2 / (1 + cos)."""
    return sine_squared / (1 + root(1 - sine_squared))


def tau(s):
    """Bounds 1 - cos between the unlearned and the projected predictor."""
    return turn(angle(s))


def inverse_norm(s):
    """1.1 / r + phi: bounds 1 / |theta|^2 of whatever has margins of at least 1 on r = m - k points."""
    return s.q(_HIGH) / (s.m - s.k) + s.phi


def norm(s):
    """Bounds the norm of an approximate KKT point of all points."""
    return larger_root(s.q("1"), s.epsilon, s.m * (s.n * size(s) + s.delta))


def apart(s, other_epsilon):
    """g: where positive, the unit vectors of an approximate KKT point of all points and of one of the retained points are at least that far apart.

    Parameters
    ----------
    s : Numbers
    other_epsilon : number
        Stationarity error of the second one.
    """
    spread = s.k / (s.q(_HIGH) + (s.k - 1) * s.phi)
    shadow = s.phi * root((s.m - s.k) / floor(s))
    return root(spread) * (1 / norm(s) - shadow) - other_epsilon * root(inverse_norm(s))


def moved(s):
    """x = k phi L: how far the plain step moves a retained margin of a linear predictor."""
    return s.k * s.phi * size(s)


def plain(s):
    """epsilon and delta of the plain step at its best scale, linear predictors."""
    share = moved(s)
    return s.epsilon / (1 - share), (s.delta + 2 * share * size(s)) / (1 - share) ** 2


def excess(s):
    """d: how far a margin of a linear predictor can be above 1."""
    pushed = s.crossing * size(s) + s.epsilon * root(s.q(_HIGH))
    return larger_root(s.q("1"), pushed - 1, s.q(_HIGH) * s.delta)


def to_optimum(s):
    """Bounds the squared sine of the angle between the unlearned linear predictor and the retained points' max-margin predictor."""
    return s.epsilon * s.epsilon * inverse_norm(s) + (excess(s) + moved(s)) ** 2 * evenness(s)
