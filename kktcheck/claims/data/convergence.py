"""Theorems 2.1 and 2.2: training leads to KKT points of the max-margin problem, and through approximate ones.

Both are claims about a limit. Refutations come from flows known in closed form; evidence from models trained for long.
"""

from fractions import Fraction

import numpy as np

from ..claim import Claim, Reading
from ..hypotheses import GRAM, LABELS, SIGNS
from .flow import RAY, SMALL_LOSS, STUCK, exact_point, indicator_residual, shortfall, sliding
from .training_runs import runs

#: Models of each shape, by budget.
_COUNTS = {"quick": 40, "default": 130, "thorough": 1300}
#: Distance from an approximate KKT point, relative to the weights, that counts as having arrived.
_ARRIVED = 0.05
#: Slackness below this is rounding.
_NOISE = 1e-9


def _experiment(ratio):
    """The experiment of a claim whose ratio on a `Run` is given; a ratio above 1 after finite time refutes nothing, but is not passed over."""

    def experiment(attack, budget, seed):
        for run in runs(_COUNTS[budget.name], seed):
            met = run.level < 1
            value = ratio(run) if met else np.nan
            attack.tally.add(run, Reading(met, "the mean loss is below l(0) / m", 1 - run.level, value, ()))
            attack.tally.undecided += met and value > 1

    return experiment


def _arrival(run):
    return np.inf if run.late is None else run.late[0] / _ARRIVED


def _progress(run):
    if run.early is None or run.late is None:
        return np.inf
    return max(late / max(early, _NOISE) for early, late in zip(run.early, run.late, strict=True))


def _sliding_points():
    for copies in (1, 2):
        for product in ("1/1600", "1/2", "1/10", "1/3", "4/5", "1/100000"):
            for norm in ("1", "9/10", "11/10"):
                yield sliding(product, norm, copies)


def _stuck_points():
    yield exact_point([[1]], [1], [1], [0], [[-1]])
    yield exact_point([[1]], [1], [1, -1], [0], [[-1], [1]])
    for product in ("-1/4", "-1/100"):
        gram = [[1, Fraction(product)], [Fraction(product), 1]]
        yield exact_point(gram, [1, 1], [1, 1], [4, 0], [[4, 0], [-1, -1]])
        yield exact_point(gram, [1, 1], [1, -1], [6, 0], [[6, 0], [1, 1]])


_DATA = (GRAM, LABELS, SIGNS)
_FLOW_2_1 = (
    "Let gradient flow on the mean logistic or exponential loss of a linear predictor or a two-layer ReLU network reach a loss below {}. Then "
    "its direction converges to that of a KKT point of the max-margin problem, a ReLU being given Clarke's subdifferential at zero"
)
_FLOW_2_2 = (
    "Under the conditions of Theorem 2.1, with a loss below {}, gradient flow at time t points in the direction of an (epsilon_t, "
    "delta_t)-approximate KKT point, and both numbers tend to 0"
)
_LATEX_2_1 = r"L(\theta_{t_0}) < \tfrac{1}{m} \Rightarrow \lim_t \theta_t / \|\theta_t\| \text{ is the direction of a KKT point of (2)}"
_LATEX_2_2 = r"L(\theta_{t_0}) < \tfrac{1}{m} \Rightarrow (\epsilon_t, \delta_t) \to (0, 0)"
_WHY_STUCK = (
    "A mean loss below 1/m says that the losses add up to less than 1, which for the exponential loss puts every one below l(0) = 1 and every "
    "margin above 0. The logistic loss has l(0) = log 2 < 1: one point may then keep output 0, or even a wrong sign. If every neuron is "
    "inactive on it, no neuron ever feels it: the flow leaves it at output 0 for ever, and no scale makes the limit direction feasible. Already "
    "m = n = 1 with x = 1, y = 1, u = 1, w = -1 has L = log 2 < 1 and gradient 0. Linear predictors need data that are not separable: x = 10, y "
    "= 1 and x = 1, y = -1 with w = 1/2 give losses adding up to 0.981, and the flow ends at a finite w. The condition meant, as in the works "
    "cited, is L < l(0) / m: m^-1 for the exponential loss, log(2) / m for the logistic one."
)
_WHY_CORRECTED = (
    "If L < l(0) / m at some time, no single loss exceeds m L < l(0), and as l decreases every margin is above 0; L never grows along gradient "
    "flow (the chain rule holds for the subdifferential of these definable functions), so the margins stay positive. From there the theorems of "
    "Lyu and Li, and of Ji and Telgarsky, apply: the loss tends to 0, the weights grow without bound, and the direction converges to that of a "
    "KKT point in Clarke's sense; (epsilon_t, delta_t) tend to 0. {} A run of finite length can neither prove nor refute a limit: this is "
    "evidence, and a run that failed would be counted as undecided."
)
_WHY_INDICATOR = (
    "Two points with labels +1 and -1 and inner product rho > 0 (unit norms), one neuron of each sign: a_1 = alpha (x_1 - rho x_2), a_2 = alpha "
    "(rho x_1 - x_2), alpha = 2 / (1 - rho^2), all margins 1. Each neuron is on the kink of the point it is against. The velocity of <w_1, x_2> "
    "is u_1 g (rho - z) / 2, g the pull of each point and z the subgradient there: negative where the neuron is active (z = 1), positive where "
    "it is not (z = 0), so the flow slides along the kink with z = rho and stays on the ray; it is unique (see kktcheck.claims.data.flow) and "
    "attracts its neighbours. In Clarke's sense the ray consists of exact KKT points. With sigma'(0) = 1 the residual over all multipliers is "
    "the least at lambda_1 = lambda_2 = alpha (1 + rho) / 2 and its square is 2 / (1 + rho) at margin 1, more at any larger scale: at no time "
    "is it small. Near-orthogonality is no help: rho may be any positive number."
)
_READ_2_1 = (
    "Read here: after long training the model is within 0.05 of an approximate KKT point, epsilon relative to its weights and the angle to it "
    "added up."
)
_READ_2_2 = "Read here: the later of two times has the smaller epsilon, relative to the weights and with the angle added, and the smaller delta."
_SCOPE = "Theorem {} with the derivative of the proofs in Appendix C"
_INDICATOR = {"left": indicator_residual, "right": lambda p: p.q("0"), "hypotheses": (*_DATA, *RAY), "extremes": _sliding_points, "kind": "version"}
_PRINTED = {"left": shortfall, "right": lambda p: p.q("0"), "hypotheses": (*_DATA, *STUCK, SMALL_LOSS), "extremes": _stuck_points, "kind": "theorem"}

CLAIMS = (
    Claim(
        "theorem-2.1",
        _FLOW_2_1.format("1/m") + ".",
        **_PRINTED,
        source="Theorem 2.1, Section 2.1",
        latex=_LATEX_2_1,
        constant="1/m",
        corrected_by="theorem-2.1/corrected",
        derivation=_WHY_STUCK,
    ),
    Claim(
        "theorem-2.1/corrected",
        _FLOW_2_1.format("l(0)/m, that is 1/m for the exponential and log(2)/m for the logistic loss") + ".",
        experiment=_experiment(_arrival),
        source="Theorem 2.1, Section 2.1",
        kind="corrected",
        latex=_LATEX_2_1.replace(r"\tfrac{1}{m}", r"\tfrac{\ell(0)}{m}"),
        constant="l(0)/m",
        derivation=_WHY_CORRECTED.format(_READ_2_1),
    ),
    Claim(
        "theorem-2.1/version/indicator",
        "The KKT point of Theorem 2.1 is one in the sense in which the proofs read Definition 2.1: the ReLU has derivative 1 at zero.",
        **_INDICATOR,
        source=_SCOPE.format("2.1"),
        latex=r"\theta^* = \sum_i \lambda_i y_i \nabla N(x_i, \theta^*),\ \sigma'(0) = 1",
        corrected_by="theorem-2.1/corrected",
        derivation=_WHY_INDICATOR,
    ),
    Claim(
        "theorem-2.2",
        _FLOW_2_2.format("1/m") + ".",
        **_PRINTED,
        source="Theorem 2.2, Section 2.1",
        latex=_LATEX_2_2,
        constant="1/m",
        corrected_by="theorem-2.2/corrected",
        derivation=_WHY_STUCK + " A direction with a margin that is not positive is that of no approximate KKT point, whatever epsilon and delta.",
    ),
    Claim(
        "theorem-2.2/corrected",
        _FLOW_2_2.format("l(0)/m") + ".",
        experiment=_experiment(_progress),
        source="Theorem 2.2, Section 2.1",
        kind="corrected",
        latex=_LATEX_2_2.replace(r"\tfrac{1}{m}", r"\tfrac{\ell(0)}{m}"),
        constant="l(0)/m",
        derivation=_WHY_CORRECTED.format(_READ_2_2),
    ),
    Claim(
        "theorem-2.2/version/indicator",
        "The approximate KKT points of Theorem 2.2 are such in the sense in which the proofs read Definition 2.1: the ReLU has derivative 1 at zero.",
        **_INDICATOR,
        source=_SCOPE.format("2.2"),
        latex=r"\inf_{\lambda \ge 0} \|\theta_t - \sum_i \lambda_i y_i \nabla N(x_i, \theta_t)\| \to 0,\ \sigma'(0) = 1",
        corrected_by="theorem-2.2/corrected",
        derivation=_WHY_INDICATOR + " The flow is on this ray at every time t, so epsilon_t is at least sqrt(2 / (1 + rho)) throughout.",
    ),
)
