"""What statements about the mixture assume: ranges of the numbers, and "d large enough" as inequalities."""

from ...instances.logarithms import log
from ..claim import Hypothesis
from ..hypotheses import at_most
from .lengths import APPENDIX, LONGER, allowed, deviation, log_dim, mean

ALPHA = Hypothesis("alpha lies in (0, 1/4)", lambda p: p.alpha if p.alpha > 0 and 4 * p.alpha < 1 else -1)
WHOLE = Hypothesis("the dimension is a whole number of at least 1", lambda p: p.dim - 1 if p.dim == int(p.dim) else -1)
FEW = Hypothesis("m <= d", lambda p: p.dim - p.points)
KEPT = Hypothesis("k < m", lambda p: p.points - 1 - p.forgotten)
BOTH_SIGNS = Hypothesis("two neurons at least, so that outer weights may have both signs", lambda p: p.neurons - 2)
TWO_POINTS = Hypothesis("two points at least", lambda p: p.points - 2)
EPSILON_D = at_most("epsilon_d", "0.01")
BASIC = (ALPHA, WHOLE)


def small(scaling):
    """|mu|^2 <= 1/25."""
    return Hypothesis(f"|mu|^2 <= 1/25, |mu| = {scaling.formula}", lambda p: p.q("1/25") - mean(p, scaling) ** 2)


def signs(scaling):
    """|mu|^2 > w: the inequality of Lemma D.4."""
    return Hypothesis(f"|mu|^2 > w, |mu| = {scaling.formula}", lambda p: mean(p, scaling) ** 2 - deviation(p, scaling))


def products(scaling):
    """|mu|^2 + w <= epsilon_d / (4 m n)."""
    return Hypothesis(
        f"|mu|^2 + w <= epsilon_d / (4 m n), |mu| = {scaling.formula}", lambda p: allowed(p) - mean(p, scaling) ** 2 - deviation(p, scaling)
    )


def sets(scaling):
    """k w <= 0.47."""
    return Hypothesis(f"k w <= 0.47, |mu| = {scaling.formula}", lambda p: p.q("0.47") - p.forgotten * deviation(p, scaling))


def speaks(bound, limit, what):
    """A printed bound on a chance that is below a limit, so that the statement says something."""
    return Hypothesis(f"the bound on the chance of failure {what} is below {limit}", lambda p: p.q(limit) - bound(p))


def enough(scaling):
    """log d at least what a closed form asks for Lemma D.4."""
    if scaling is LONGER:
        return Hypothesis("log d >= 1.1 / (1/2 - 2 alpha)", lambda p: log_dim(p) * (p.q("0.5") - 2 * p.alpha) - p.q("1.1"))
    if scaling is APPENDIX:
        return Hypothesis("log d >= 1.7 / (2 alpha)^2", lambda p: log_dim(p) * (2 * p.alpha) ** 2 - p.q("1.7"))
    return Hypothesis("log d >= 1.7 / (1/2 - 2 alpha)^2", lambda p: log_dim(p) * (p.q("0.5") - 2 * p.alpha) ** 2 - p.q("1.7"))


#: d^(1/2 - alpha) >= 100, to which the proof of Lemma D.2 comes.
PRINTED = Hypothesis("d^(1/2 - alpha) >= 100", lambda p: log_dim(p) * (p.q("0.5") - p.alpha) - log(p.q("100")))
