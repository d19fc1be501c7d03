"""Hypothesis strategies for approximate KKT points: plural nouns, valid by construction, never filtered.

Use them to test lemmas of your own: every strategy draws instances of `kktcheck.instances`, whose numbers (margins, slackness, masses,
stationarity errors) are attributes, in float64 or exactly (``instance.exact()``).
"""

from hypothesis import strategies as st

from .dataset import Dataset
from .instances.choices import DrawnChoices
from .instances.constants_family import ConstantBoxes
from .instances.family import Cube, check_limits, gram_from
from .instances.linear_family import LinearPairs, LinearPoints, RelaxedPoints
from .instances.two_layer_family import TwoLayerPoints
from .instances.two_layer_pair_family import TwoLayerPairs

__all__ = [
    "ConstantBoxes",
    "LinearPairs",
    "LinearPoints",
    "RelaxedPoints",
    "TwoLayerPairs",
    "TwoLayerPoints",
    "constants",
    "instances",
    "linear_pairs",
    "linear_points",
    "near_orthogonal_datasets",
    "relaxed_points",
    "two_layer_pairs",
    "two_layer_points",
]


@st.composite
def _instances(draw, family):
    return family.make(*family.draw(DrawnChoices(draw)))


def instances(family):
    """Instances of a family; they shrink to few points, even labels and the middle of every range.

    Parameters
    ----------
    family : Family
        `LinearPoints`, `LinearPairs`, `RelaxedPoints`, `TwoLayerPoints`, `TwoLayerPairs`, `ConstantBoxes`, or one of your own.
    """
    return _instances(family)


def linear_points(**limits):
    """Approximate KKT points of linear predictors (Definition 2.1) on near-orthogonal data (Assumption 2.3).

    Parameters
    ----------
    **limits
        Keyword arguments of `LinearPoints`: upper limits ``epsilon``, ``delta``, ``epsilon_d``; range ``points=(low, high)``.

    Raises
    ------
    InputError
        A limit or a range is out of order.
    """
    return instances(LinearPoints(**limits))


def linear_pairs(**limits):
    """Pairs of approximate KKT points, of all points and of all points but one (Remark B.1); keyword arguments of `LinearPairs`."""
    return instances(LinearPairs(**limits))


def relaxed_points(**limits):
    """(epsilon, delta, gamma)-approximate KKT points (Definition B.1); keyword arguments of `RelaxedPoints`."""
    return instances(RelaxedPoints(**limits))


def two_layer_points(**limits):
    """Approximate KKT points of two-layer networks (Definition 2.1) on near-orthogonal data (Assumption 2.3).

    Parameters
    ----------
    **limits
        Keyword arguments of `TwoLayerPoints`: upper limits ``epsilon``, ``delta``, ``epsilon_d``; ranges ``points`` and ``neurons``.

    Raises
    ------
    InputError
        A limit or a range is out of order.
    """
    return instances(TwoLayerPoints(**limits))


def two_layer_pairs(**limits):
    """Pairs of approximate KKT points, of all points and of all points but one (Remark C.1); keyword arguments of `TwoLayerPairs`."""
    return instances(TwoLayerPairs(**limits))


def constants(**limits):
    """Constants of a proof's chain; keyword arguments of `ConstantBoxes`."""
    return instances(ConstantBoxes(**limits))


@st.composite
def _datasets(draw, psi, phi, points):
    choices = DrawnChoices(draw)
    size = choices.integer(*points)
    gram = gram_from(Cube(choices.cube(size * (size + 1) // 2)), size, psi, phi)
    return Dataset.from_gram(gram, 1 - 2 * choices.bits(size))


def near_orthogonal_datasets(*, psi=0.1, phi=0.05, points=(1, 8)):
    """Datasets as in Assumption 2.3: squared norms in [1 - psi, 1 + psi], inner products in [-phi, phi], both ends among them.

    Parameters
    ----------
    psi, phi : float, optional
        Above 0; diagonal dominance, (m - 1) phi < 1 - psi, makes every draw a Gram matrix.
    points : (int, int), optional
        Range of m.

    Raises
    ------
    InputError
        A value is out of order, or the largest m is too large for diagonal dominance.
    """
    check_limits({"psi": psi, "phi": phi}, {"points": points})
    if (points[1] - 1) * phi >= 1 - psi:
        from .errors import InputError

        raise InputError(f"{points[1]} points with inner products up to {phi:g} need not have a Gram matrix; take (m - 1) phi below 1 - psi")
    return _datasets(psi, phi, points)
