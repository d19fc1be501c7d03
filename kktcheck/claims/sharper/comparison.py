"""The sharper theorems beside the paper's: bounds as functions of sizes and parameters, and tables of them."""

import math
from dataclasses import dataclass

from . import bounds

#: Sizes m = n of the tables, and parameters (epsilon, delta, epsilon_d): small ones; networks and predictors at the ends of the paper's boxes.
SIZES = (10, 100, 1000)
SMALL, NETWORK_ENDS, LINEAR_ENDS = (0.1, 0.1, 0.01), (1.0, 1.0, 0.01), (0.5, 0.5, 0.1)


@dataclass(frozen=True)
class Comparison:
    """One bound of ours and the paper's for the same thing.

    Attributes
    ----------
    name : str
        What is bounded.
    ours, paper : callable
        (m, n, k, epsilon, delta, epsilon_d) -> float; the paper's may be None where it gives no number. Of epsilon and delta the terms that are
        added to epsilon_1 and delta_1.
    claim : str
        Id of the claim that measures how much of our bound is attained, by its worst ratio: that of the bound, or of the added term or, for the
        plain step, of the move of a margin that is its source.
    lower : bool
        Both are lower bounds.
    linear : bool
        About linear predictors: n does not enter.
    printed : str
        The paper's place.
    """

    name: str
    ours: object
    paper: object
    claim: str
    lower: bool = False
    linear: bool = False
    printed: str = ""

    def row(self, m, n, k, epsilon, delta, epsilon_d, worst=None):
        """One line of the table.

        Parameters
        ----------
        m, n, k : int
        epsilon, delta, epsilon_d : float
        worst : callable, optional
            Id of a claim -> its worst ratio in the ledger, or None.

        Returns
        -------
        dict
            Name, sizes, parameters, ``ours``, ``paper``, ``factor`` (paper / ours, of lower bounds ours / paper; infinite where ours is 0, None
            where there is no paper's), ``attained`` (the share of our bound that the worst instance known reaches).
        """
        at = (m, 1 if self.linear else n, k, epsilon, delta, epsilon_d)
        ours, paper = self.ours(*at), None if self.paper is None else self.paper(*at)
        attained = None if worst is None else worst(self.claim)
        sizes = {"m": m, "n": at[1], "k": k, "epsilon": epsilon, "delta": delta, "epsilon_d": epsilon_d}
        factor = None if paper is None else _factor(*((paper, ours) if not self.lower else (ours, paper)))
        return {
            "name": self.name,
            "claim": self.claim,
            "source": self.printed,
            **sizes,
            "ours": ours,
            "paper": paper,
            "factor": factor,
            "attained": attained,
        }


def _factor(larger, smaller):
    if smaller <= 0:
        return math.inf if larger > 0 else None
    return larger / smaller


def _ours(function):
    return lambda *at: float(function(bounds.of_floats(*at)))


def _below(s):
    """Of 1 - cos for theta~ without error."""
    gap = bounds.apart(s, 0.0)
    return gap * gap / 2 if gap > 0 else 0.0


def _cosine(s):
    square = bounds.to_optimum(s)
    return bounds.turn(square) if square < 1 else 1.0


def _growth(m, k, epsilon_d):
    """9 epsilon_d / (m / k - 9 epsilon_d), as the proofs of Theorems 4.1 and C.1 have it."""
    return 9 * epsilon_d / (m / k - 9 * epsilon_d)


def _mass(epsilon, delta):
    return 5 + 10.5 * epsilon + 4.8 * delta


COMPARISONS = (
    Comparison(
        "two layers: epsilon - epsilon_1", _ours(bounds.reach),
        lambda m, n, k, epsilon, delta, epsilon_d: epsilon * _growth(m, k, epsilon_d) + 23 * k * epsilon_d / math.sqrt(m),
        "sharper/two-layer-sets/proof/step", printed="Theorems 4.1 and C.1 (proof)",
    ),
    Comparison(
        "two layers: delta - delta_1", lambda *at: 0.0,
        lambda m, n, k, epsilon, delta, epsilon_d: delta * _growth(m, k, epsilon_d) + 22.6 * k * epsilon_d / m,
        "sharper/two-layer-sets/delta", printed="Theorems 4.1 and C.1 (proof)",
    ),
    Comparison(
        "two layers: tau", _ours(bounds.tau),
        lambda m, n, k, epsilon, delta, epsilon_d: 82 * k * epsilon_d / (m if k == 1 else m - k),
        "sharper/two-layer-sets/tau", printed="Theorems 4.1 and C.1",
    ),
    Comparison(
        "two layers: largest multiplier", _ours(lambda s: s.n * bounds.size(s)), lambda m, n, k, epsilon, delta, epsilon_d: n * _mass(epsilon, delta),
        "sharper/multipliers-two-layer/upper", printed="Lemma C.3",
    ),
    Comparison(
        "two layers: largest mass", _ours(bounds.mass), lambda m, n, k, epsilon, delta, epsilon_d: _mass(epsilon, delta),
        "sharper/multipliers-two-layer/mass", printed="Lemma C.3",
    ),
    Comparison(
        "two layers: least mass", _ours(bounds.least_mass), lambda m, n, k, epsilon, delta, epsilon_d: 0.9 - 4.64 * epsilon_d / n - 1.92 * epsilon,
        "sharper/multipliers-two-layer/least", lower=True, printed="Lemma C.4",
    ),
    Comparison(
        "two layers: 1 - cos of doing nothing", _ours(_below), None, "sharper/identity-two-layer", lower=True, printed="Remark C.1: no constant",
    ),
    Comparison(
        "linear: plain step, epsilon - epsilon_1", _ours(lambda s: bounds.plain(s)[0] - s.epsilon),
        lambda m, n, k, epsilon, delta, epsilon_d: epsilon * epsilon_d / (m / k - epsilon_d),
        "sharper/linear-sets/plain/proof/move", linear=True, printed="Theorems 3.1 and B.1",
    ),
    Comparison(
        "linear: plain step, delta - delta_1", _ours(lambda s: bounds.plain(s)[1] - s.delta),
        lambda m, n, k, epsilon, delta, epsilon_d: delta * epsilon_d / (m / k - epsilon_d) + 7.2 * k * epsilon_d / m,
        "sharper/linear-sets/plain/proof/move", linear=True, printed="Theorems 3.1 and B.1 (proof)",
    ),
    Comparison("linear: projected step, epsilon - epsilon_1", _ours(bounds.reach), None, "sharper/linear-sets/projected/proof/step", linear=True),
    Comparison("linear: projected step, tau", _ours(bounds.tau), None, "sharper/linear-sets/projected/tau", linear=True),
    Comparison(
        "linear: 1 - cos to the max-margin predictor", _ours(_cosine),
        lambda m, n, k, epsilon, delta, epsilon_d: 4 * (math.sqrt(epsilon_d) + math.sqrt(epsilon) + math.sqrt(delta)),
        "sharper/linear-sets/cosine", linear=True, printed="Theorems 3.1 and B.1, C = 4 (no C is printed)",
    ),
    Comparison(
        "linear: largest multiplier", _ours(bounds.size), lambda m, n, k, epsilon, delta, epsilon_d: 2.4, "sharper/multipliers-linear/largest",
        linear=True, printed="Lemma B.1",
    ),
    Comparison(
        "linear: 1 - cos of doing nothing", _ours(_below), None, "sharper/identity-linear", lower=True, linear=True, printed="Remark B.1: no "
        "constant",
    ),
)  # fmt: skip


def rows(worst=None, sizes=SIZES, forgotten=(1,)):
    """The tables: m = n in ``sizes``, small parameters and the ends of the paper's boxes.

    Parameters
    ----------
    worst : callable, optional
        Id of a claim -> its worst ratio in the ledger, or None.
    sizes, forgotten : iterable of int, optional
        m = n, and k < m.

    Returns
    -------
    list of dict
        See `Comparison.row`; at m = n = 100, k = 1 and small parameters the case that the package's text quotes.
    """
    found = []
    for comparison in COMPARISONS:
        for parameters in (SMALL, LINEAR_ENDS if comparison.linear else NETWORK_ENDS):
            found += [comparison.row(size, size, k, *parameters, worst=worst) for size in sizes for k in forgotten]
    return found
