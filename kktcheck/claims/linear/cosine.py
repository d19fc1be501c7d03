"""Theorems 3.1 and B.1, second part: the cosine between the unlearned linear predictor and the max-margin predictor of what is retained.

Steps of the proof are in `cosine_proof`.
"""

from fractions import Fraction

import numpy as np

from ...instances import LinearPoint, root
from ...instances.linear_family import LinearPoints
from ..claim import Claim
from . import cosine_proof
from .cosine_proof import CHAIN, bound
from .forgetting import POINTS, SETTINGS, distance, forget_sets, optima, several_points, single_points, to_optimum, unlearned

_ONE, _MANY = "Theorem 3.1; Appendix B.1.2", "Theorem B.1, Appendix B.2"
#: A constant that stands for any: the versions that it refutes are false for every other one too.
_HUGE = "100"
#: A few points are enough to refute those, and their witnesses are short.
_FEW_POINTS = LinearPoints(0.5, 0.5, 0.1, points=(2, 4))


def _heading(p):
    return p.q(_HUGE) * (2 * root(p.epsilon_d) + root(p.delta))


def _quadratic(p):
    return (p.q("1.4") * p.epsilon_d + p.q("2.3") * p.epsilon + p.q("1.3") * p.delta) ** 2


def _says_nothing(bound):
    return lambda p: np.asarray(bound(p)) >= 2


def _ones(p):
    return single_points(p.num_points)


def _all(p):
    return forget_sets(p.num_points)


def orthonormal(size, beyond, small):
    """Orthonormal points with margins of 1 and an error orthogonal to all of them; epsilon_d and delta_1 are tiny."""
    gram = np.array([[Fraction(int(row == column)) for column in range(size)] for row in range(size)])
    multipliers = np.array([Fraction(1)] * size)
    epsilon = max(root(Fraction(beyond)), Fraction(small))
    return LinearPoint(gram, np.ones(size, dtype=int), multipliers, multipliers * 0, Fraction(beyond), epsilon, Fraction(small), Fraction(small))


def _orthogonal_error():
    for size in (2, 3):
        yield orthonormal(size, "1/4", "1/1000000000000")


def _no_error():
    for size in (3, 4, 8):
        yield orthonormal(size, 0, "1/1000000000000")


def _to_larger_optimum(p):
    """1 - cos between w^ (k >= 2 points forgotten) and the max-margin predictor of S without one of them; shape (sets,)."""
    sets = several_points(p.num_points)
    first = np.eye(p.num_points, dtype=bool)[sets.argmax(axis=1)]
    return distance(p, unlearned(p, sets), optima(p, first) * p.labels)


def _to_forgotten_optimum(p):
    return distance(p, unlearned(p, _all(p)), optima(p, ~_all(p)) * p.labels)


_QUADRATIC = (
    "<w^, w*> = sum lambda*_i y_i <w^, x_i> > 0, since retained margins of w^ are positive. So 1 - cos <= 1 - cos^2 = sin^2 <= |w^ - w*|^2 / "
    "|w*|^2. Both lambda_i N_i and lambda*_i N_i (N_i = |x_i|^2) obey the sharper Lemma B.2, so |lambda_i - lambda*_i| N_i <= D = 1.2 epsilon_d + "
    "1.05 epsilon + 1.1 delta. With r retained points, |sum (lambda_i - lambda*_i) y_i x_i|^2 <= sum (lambda_i - lambda*_i)^2 (N_i + epsilon_d / 4) "
    "<= r D^2 (1/0.9 + 0.025/0.81) <= 1.1421 r D^2, and |w*|^2 = sum lambda*_i >= 0.94 r / 1.1 >= 0.8545 r. Hence the quotient's root is at most "
    "epsilon / sqrt(0.8545) + sqrt(1.1421/0.8545) D <= 1.39 epsilon_d + 2.3 epsilon + 1.28 delta. As 1 - cos <= 1 too, and z^2 <= z below 1, this "
    "gives the theorem with C = 1.7."
)
_ROOTS = r"1 - \cos(\hat w, w^*) \leq C (\sqrt{\epsilon_d} + \sqrt{\epsilon_1} + \sqrt{\delta_1})"

ONE_POINT = (
    Claim(
        "theorem-3.1/cosine",
        "The unlearned predictor has almost the direction of the max-margin predictor of the others: "
        "1 - cos is at most C (sqrt(epsilon_d) + sqrt(epsilon_1) + "
        "sqrt(delta_1)).",
        lambda p: to_optimum(p, _ones(p)),
        bound("4"),
        family=POINTS,
        hypotheses=SETTINGS,
        source=_ONE,
        kind="theorem",
        latex=_ROOTS,
        trivial=_says_nothing(bound("4")),
        constant="4",
        derivation="No value of C is printed; tested is the one that the printed chain gives. "
        + CHAIN
        + " Much more is true: see /cosine/version/quadratic.",
        extremes=_orthogonal_error,
    ),
    Claim(
        "theorem-3.1/cosine/version/quadratic",
        "1 - cos is at most the square of a weighted sum of epsilon_d, epsilon_1 and delta_1.",
        lambda p: to_optimum(p, _ones(p)),
        _quadratic,
        family=POINTS,
        hypotheses=SETTINGS,
        source="ours, for Theorem 3.1",
        latex=r"1 - \cos(\hat w, w^*) \leq (1.4 \epsilon_d + 2.3 \epsilon_1 + 1.3 \delta_1)^2",
        trivial=_says_nothing(_quadratic),
        constant="1.4, 2.3, 1.3",
        derivation=_QUADRATIC,
        extremes=_orthogonal_error,
    ),
    Claim(
        "theorem-3.1/cosine/version/heading",
        "As the heading of the proof has it, without epsilon_1: C (2 sqrt(epsilon_d) + sqrt(delta_1)) bounds 1 - cos (C = 100 is tested).",
        lambda p: to_optimum(p, _ones(p)),
        _heading,
        family=_FEW_POINTS,
        hypotheses=SETTINGS,
        source="Heading of Appendix B.1.2, and its twin in B.2",
        kind="version",
        latex=r"1 - \cos(\hat w, w^*) \leq C (\sqrt{\epsilon_d} + \sqrt{\epsilon_d} + \sqrt{\delta})",
        trivial=_says_nothing(_heading),
        constant=_HUGE,
        corrected_by="theorem-3.1/cosine",
        extremes=_orthogonal_error,
        derivation="Every C fails. Orthonormal points with margins of 1 and an error of norm 1/2 orthogonal to them all satisfy the hypotheses for "
        "every epsilon_d and delta above 0, so the right side can be made as small as one likes, and 1 - cos stays 1 - 1/sqrt(1.25) for two points.",
    ),
)

SEVERAL_POINTS = (
    Claim(
        "theorem-B.1/cosine",
        "The same for any forget set: 1 - cos is at most C (sqrt(epsilon_d) + sqrt(epsilon_1) + sqrt(delta_1)).",
        lambda p: to_optimum(p, _all(p)),
        bound("4"),
        family=POINTS,
        hypotheses=SETTINGS,
        source=_MANY,
        kind="theorem",
        latex=_ROOTS,
        trivial=_says_nothing(bound("4")),
        constant="4",
        derivation="As for one point, with sums over the retained points. " + CHAIN,
    ),
    Claim(
        "theorem-B.1/cosine/version/quadratic",
        "For any forget set, 1 - cos is at most the square of a weighted sum of epsilon_d, epsilon_1 and delta_1.",
        lambda p: to_optimum(p, _all(p)),
        _quadratic,
        family=POINTS,
        hypotheses=SETTINGS,
        source="ours, for Theorem B.1",
        latex=r"1 - \cos(\hat w, w^*) \leq (1.4 \epsilon_d + 2.3 \epsilon_1 + 1.3 \delta_1)^2",
        trivial=_says_nothing(_quadratic),
        constant="1.4, 2.3, 1.3",
        derivation=_QUADRATIC,
    ),
    Claim(
        "theorem-B.1/cosine/version/literal",
        "Letter by letter, w.r.t. S without one of k >= 2 forgotten points (C = 100 is tested).",
        _to_larger_optimum,
        bound(_HUGE),
        family=_FEW_POINTS,
        hypotheses=SETTINGS,
        source=_MANY,
        kind="version",
        latex=_ROOTS + r", \quad w^* \text{ of } S \setminus (x_l, y_l)",
        trivial=_says_nothing(bound(_HUGE)),
        constant=_HUGE,
        corrected_by="theorem-B.1/cosine",
        extremes=_no_error,
        derivation="Every C fails: for orthonormal points without error cos = sqrt((m - k)/(m - 1)), and the three parameters may be as small as "
        "one likes.",
    ),
    Claim(
        "theorem-B.1/cosine/version/forget-set",
        "As the proof writes it, with w* a sum over the forget set (C = 100 is tested).",
        _to_forgotten_optimum,
        bound(_HUGE),
        family=_FEW_POINTS,
        hypotheses=SETTINGS,
        source=_MANY,
        kind="version",
        latex=_ROOTS + r", \quad w^* = \sum_{i \in I_f} \lambda^*_i y_i x_i",
        trivial=_says_nothing(bound(_HUGE)),
        constant=_HUGE,
        corrected_by="theorem-B.1/cosine",
        extremes=_no_error,
        derivation="A slip of the pen, for I_r: on orthonormal points without error the two vectors are orthogonal, 1 - cos = 1, whatever C.",
    ),
)

CLAIMS = (*ONE_POINT, *cosine_proof.ONE_POINT, *SEVERAL_POINTS, *cosine_proof.SEVERAL_POINTS)
