"""Area under the ROC curve of two sets of scores, exact, and the share of pairs won, each with its uncertainty."""

from dataclasses import dataclass

import numpy as np

from .dataset import finite_rows, float_array
from .errors import InputError

#: Quantile of the normal distribution for intervals of two-sided level 95 %.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class AUC:
    """An area under the ROC curve, or a share of pairs, with its uncertainty.

    Attributes
    ----------
    auc : float
        Probability that a member scores higher than a non-member, ties counted half.
    error : float
        Standard error; nan where there is a single score on a side.
    low, high : float
        Interval of level 95 %.
    """

    auc: float
    error: float
    low: float
    high: float

    def __str__(self):
        return f"{self.auc:.4f} (95 %: {self.low:.3f} .. {self.high:.3f})"


def membership_auc(member_scores, other_scores):
    """Exact area under the ROC curve of two sets of scores, with its standard error and an interval.

    Parameters
    ----------
    member_scores : array_like, shape (k,)
    other_scores : array_like, shape (q,)

    Returns
    -------
    AUC
        ``auc`` is the share of the k * q pairs in which the member scores higher, ties counted half, from integer counts (Mann and
        Whitney's U over k q). ``error`` is that of DeLong, DeLong and Clarke-Pearson (1988), from the spread of the placements. ``low``
        and ``high`` are Wilson's score interval for min(k, q) trials.

    Raises
    ------
    InputError
        For an empty side, and scores that are no finite numbers.

    Notes
    -----
    All scores are taken as independent. The variance of the area is at most auc (1 - auc) / min(k, q): it is an average over ways to
    form min(k, q) disjoint pairs, each a mean of independent terms. So the interval errs on the wide side, and unlike DeLong's error,
    which is 0 there, it says something at perfect separation.
    """
    members, others = _scores(member_scores, "member_scores"), _scores(other_scores, "other_scores")
    k, q = len(members), len(others)
    won, lost = _placements(members, others), _placements(others, members)
    auc = int(won.sum()) / (2 * k * q)
    variance = np.nan
    if min(k, q) > 1:
        variance = np.var(won / (2 * q), ddof=1) / k + np.var(lost / (2 * k), ddof=1) / q
    return AUC(auc, float(np.sqrt(variance)), *_wilson(auc, min(k, q)))


def forced_choice(member_scores, other_scores):
    """Share of the pairs (member, candidate of the same place) that the member wins, ties counted half, as an `AUC`."""
    members, others = _scores(member_scores, "member_scores"), _scores(other_scores, "other_scores")
    if len(members) != len(others):
        raise InputError(f"{len(members)} members and {len(others)} candidates make no pairs: as many are needed on each side")
    wins = ((members > others) + 0.5 * (members == others)).astype(float)
    share = float(wins.mean())
    error = float(np.std(wins, ddof=1) / np.sqrt(len(wins))) if len(wins) > 1 else np.nan
    return AUC(share, error, *_wilson(share, len(wins)))


def _placements(scores, others):
    """Twice the number of ``others`` below each score, and once the number of those equal to it: integers."""
    ordered = np.sort(others)
    return np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")


def _wilson(share, trials):
    """Wilson's score interval of level 95 %, cut to [0, 1]."""
    z2 = Z95**2
    centre = share + z2 / (2 * trials)
    half = Z95 * np.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    low, high = (centre - half) / (1 + z2 / trials), (centre + half) / (1 + z2 / trials)
    return (0.0 if share == 0 else max(0.0, float(low))), (1.0 if share == 1 else min(1.0, float(high)))


def _scores(values, name):
    values = float_array(values, name, 1)
    if not values.size:
        raise InputError(f"{name} is empty: at least one score is needed on each side")
    finite_rows(values, name)
    return values
