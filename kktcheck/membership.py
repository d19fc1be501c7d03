"""The membership test: can one tell a forgotten point from a fresh one by what the model shows beyond the retained points?"""

from dataclasses import dataclass

import numpy as np

from . import span
from .auc import AUC, forced_choice, membership_auc
from .checks import check_dataset, check_model
from .dataset import Dataset
from .errors import InputError
from .influence import leave_one_out, retained_directions
from .models import points_for
from .tables import table
from .tolerances import EPS

STATISTICS = ("influence", "signed", "margin")

#: Weights may be what is left of terms this many times their size (a step that forgets most of a model) and carry their rounding.
CANCELLED = 10.0


@dataclass(frozen=True, eq=False)
class MembershipTest:
    """Scores of forgotten points (members) and of points from outside, and how well they tell the two apart.

    Attributes
    ----------
    statistic : str
    members : ndarray, shape (k,)
        Scores of the forgotten points.
    others : ndarray, shape (q,)
        Scores of the candidates from outside.
    auc : float
        Area under the ROC curve, ties counted half. 1/2 is chance; a value far below it gives the members away as well.
    error, low, high : float
        Standard error and 95 % interval of ``auc``; see `membership_auc`.
    forced_choice : AUC or None
        Share of the pairs (member, its own candidate from outside) in which the member scores higher, ties counted half: the
        two-alternative forced choice. None unless every test has as many candidates as members.
    tests : int
        Number of tests pooled.
    """

    statistic: str
    members: np.ndarray
    others: np.ndarray
    auc: float
    error: float
    low: float
    high: float
    forced_choice: AUC | None
    tests: int = 1

    def __repr__(self):
        return f"MembershipTest({self.statistic}: {len(self.members)} members against {len(self.others)} others, AUC {self.auc:.4f})"

    @staticmethod
    def pooled(tests):
        """One test of the scores of many, for example over models and forget sets; the scores of different models are on one scale.

        The pairs of the forced choice stay within each test, so that differences between models cannot help or hide a member.

        Raises
        ------
        InputError
            For no tests, or tests of different statistics.
        """
        tests = list(tests)
        names = {test.statistic for test in tests}
        if len(names) != 1:
            raise InputError(f"tests of one statistic are needed to pool, not {', '.join(sorted(names)) if names else 'none at all'}")
        members, others = (np.concatenate([getattr(test, side) for test in tests]) for side in ("members", "others"))
        paired = all(test.forced_choice is not None for test in tests)
        return _judge(names.pop(), members, others, paired, sum(test.tests for test in tests))

    def summary(self):
        """Scores of both sides and what they allow, as an aligned text table."""
        rows = [("AUC", self.auc, self.error, self.low, self.high)]
        if self.forced_choice is not None:
            choice = self.forced_choice
            rows.append(("forced choice", choice.auc, choice.error, choice.low, choice.high))
        sides = [
            (name, len(scores), *np.quantile(scores, [0, 0.5, 1]), int((scores == 0).sum()))
            for name, scores in (("members", self.members), ("others", self.others))
        ]
        return "\n".join(
            [
                f"Membership test by {self.statistic}, {self.tests} model{'s' * (self.tests > 1)}",
                table(("side", "count", "least", "median", "largest", "zero"), sides),
                "",
                table(("", "value", "std. error", "95 % from", "to"), rows),
            ]
        )


def membership_test(model, data, forget, others, *, statistic="influence"):
    """Scores of forgotten points and of fresh candidates, and how well a model tells them apart.

    Parameters
    ----------
    model : LinearPredictor or TwoLayerReLU
        The model under attack: original (the answer should be near 1), unlearned or retrained (1/2).
    data : Dataset
        All points, the forgotten ones included.
    forget : int or iterable of int
        Indices of the forgotten points, the members.
    others : Dataset
        Fresh points of the same law with labels, which no model was trained on. As many as forgotten ones make pairs: the first
        candidate belongs to the first forgotten point, and so on.
    statistic : {"influence", "signed", "margin"}
        With P the projection onto the span of the retained points and q = (I - P) x / |(I - P) x|:

        - ``"influence"``: sqrt(sum_j <w_j, q>**2) / |theta|, in [0, 1];
        - ``"signed"``: y <sum_j u_j w_j, q> / (|u| |theta|), in [-1, 1];
        - ``"margin"``: y N(theta, x) / (|u| |theta|).

    Returns
    -------
    MembershipTest

    Raises
    ------
    InputError
        For unknown words, bad forget sets, candidates of another dimension or among the points of the data, and, but for
        ``"margin"``, candidates in the span of the retained points: they have no influence of their own.

    Notes
    -----
    The attacker knows the model and the retained points. Had x been trained on, each w_j would hold a multiple a_j of x, of which
    a_j (I - P) x lies outside the retained span, above what the initial weights left there. Against isotropic noise the
    likelihood ratio maximised over all a_j grows with sum_j <w_j, (I - P) x>**2 / |(I - P) x|**2 (the matched filter): ``"influence"``.
    It is the total of `residual_influence` times |(I - P) x|, and unlike that total its noise is the same for every candidate, also for one
    near the retained span. At a KKT point a_j = u_j y z_j with z_j >= 0. The filter matched to a_j proportional to u_j y, ``"signed"``, adds
    up the neurons with these signs, so that their noise averages out; it is one-sided, and negative where a step went too far.

    At an exact KKT point all that lies outside the retained span points along the forgotten point, if it is a single one, so no candidate
    can score higher. The test sees order, not size: the trace that inexact multipliers leave, 1e-4 of the original one, is found as well.

    A score of influence that is no larger than its rounding error is set to 0, so that a model which holds nothing of either point ties.
    """
    if statistic not in STATISTICS:
        raise InputError(f"statistic {statistic!r} is unknown: choose one of {', '.join(map(repr, STATISTICS))}")
    check_model(model)
    check_dataset(data)
    forget = data.indices(forget)
    data.without(forget)  # raises if nothing is retained
    points = _candidates(model, data, forget, others)
    signs = np.concatenate([data.y[forget], others.y])
    if statistic == "margin":
        scores = signs * model.outputs(points) / (np.linalg.norm(model.second_layer) * model.norm)
    else:
        names = [*(f"forgotten point {i}" for i in forget), *(f"candidate {k}" for k in range(others.num_points))]
        scores = _influence(model, data, forget, points, signs if statistic == "signed" else None, names)
    return _judge(statistic, scores[: len(forget)], scores[len(forget) :], len(forget) == others.num_points, 1)


def _influence(model, data, forget, points, signs, names):
    """Scores "influence", or "signed" if labels are given, zero where they are no larger than their rounding."""
    everything, retained, kept = retained_directions(data, forget)
    sizes = np.linalg.norm(points, axis=1)
    part, inside = span.outside(points / sizes[:, None], everything.basis @ retained.basis)
    if inside.any():
        raise InputError(
            f"{', '.join(np.asarray(names)[inside][:8])}: in the span of the {len(kept)} retained points, "
            "so no weight of a model can be told to be theirs; drop them, or use statistic='margin'"
        )
    lengths = np.linalg.norm(part, axis=1)
    # What rounding may add to a unit direction by projecting, to its products with the weights, and has left in these.
    noise = CANCELLED * EPS * (data.dim + data.num_points) * (1.0 + leave_one_out(retained)[1]) / lengths
    if signs is None:
        scores = np.linalg.norm(part @ (model.hidden.T / model.norm), axis=1) / lengths
    else:
        filtered = (model.second_layer / np.linalg.norm(model.second_layer)) @ (model.hidden / model.norm)
        scores = signs * (part @ filtered) / lengths
    return np.where(np.abs(scores) <= noise, 0.0, scores)


def _candidates(model, data, forget, others):
    """Forgotten points and candidates in one array, so that both go through the same operations."""
    if not isinstance(others, Dataset):
        raise InputError(f"others must be a kktcheck.Dataset of fresh points with labels, not {type(others).__name__}")
    if others.dim != data.dim:
        raise InputError(f"the candidates have dimension {others.dim}, the data {data.dim}: draw them from the same law")
    known = {hash(row.tobytes()): i for i, row in enumerate(data.X)}
    for k, row in enumerate(others.X):
        i = known.get(hash(row.tobytes()))
        if i is not None and (data.X[i] == row).all():
            raise InputError(f"candidate {k} is point {i} of the data: a point from outside is needed")
    return points_for(model, np.vstack([np.asarray(data.X)[forget], others.X]))


def _judge(statistic, members, others, paired, tests):
    area = membership_auc(members, others)
    return MembershipTest(
        statistic=statistic,
        members=members,
        others=others,
        auc=area.auc,
        error=area.error,
        low=area.low,
        high=area.high,
        forced_choice=forced_choice(members, others) if paired else None,
        tests=tests,
    )
