"""From which dimension on theorems about the mixture speak: of Theorem 6.1 what it asks of d and what its bounds leave, of ours what it asks of d.

Numbers of the table are brackets of `kktcheck.claims.mixture.thresholds` where the mean has length d^-alpha; for a mean of fixed length, and for the
regions of a picture, the same inequalities are evaluated in float64.
"""

import math

import numpy as np

#: The largest epsilon_d of Theorem 6.1, for which the hypotheses hold earliest.
EPSILON_D = "0.01"
#: Theorem 6.1, and `sharper/generalization`.
THEOREMS = ("paper", "ours")
#: log10 d beyond which a condition that still fails is called never met, for means of fixed length.
_FAR = 400.0


def asks(theorem):
    """Names of the conditions on d, as in `thresholds.CONDITIONS`, of ``"paper"`` (Theorem 6.1) or ``"ours"`` (``sharper/generalization``)."""
    from ..claims.mixture import thresholds

    return {"paper": thresholds.PAPER, "ours": thresholds.SHARPER}[theorem]


def holds(theorem, digits, lengths, settings):
    """Where all conditions of a theorem hold.

    Parameters
    ----------
    theorem : {"paper", "ours"}
    digits : (d,) array
        log10 of dimensions, above 0.
    lengths : (l,) array
        Exponents alpha or lengths of the mean, as the settings have them.
    settings : object with points, neurons, forgotten and mean_norms

    Returns
    -------
    (l, d) array of bool
    """
    from ..claims.mixture.thresholds import gap

    scaling = _scaling(settings)
    sizes = settings.points, settings.neurons, settings.forgotten
    conditions = asks(theorem)
    return np.array(
        [
            [all(gap(name, scaling, float(length), float(EPSILON_D), *sizes, float(x)) > 0 for name in conditions) for x in digits * math.log(10)]
            for length in lengths
        ]
    )


def first(theorem, length, settings):
    """log10 of the dimension from which on all conditions of a theorem hold, or None if they never do.

    For a mean of fixed length dimensions below 10 are not looked at: beyond, w falls, and each condition begins to hold once.
    """
    from ..claims.mixture.lengths import SECTION
    from ..claims.mixture.thresholds import threshold

    sizes = {"points": settings.points, "neurons": settings.neurons, "forgotten": settings.forgotten}
    if settings.mean_norms is None:
        return threshold(str(length), asks(theorem), scaling=SECTION, epsilon_d=EPSILON_D, **sizes).digits
    low, high = 1.0, _FAR
    if not holds(theorem, np.array([high]), [length], settings)[0, 0]:
        return None
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(theorem, np.array([middle]), [length], settings)[0, 0] else (middle, high)
    return high


def speaks_from(theorem, settings):
    """log10 of the dimension from which on the probabilities of a theorem say something, whatever the mean; None if they never do.

    The bound on the chance of a bad dataset is then below 1, that on the chance of a wrong answer below 1/2; all their terms fall with d. Ours counts
    retained points of one label among the bad datasets, 2^(1-(m-k)): nothing is left where a single point is retained.
    """
    from ..claims.mixture import chances
    from ..instances.mixture import MixturePoint

    def speaks(digits):
        p = MixturePoint(10.0**digits, 0.1, float(EPSILON_D), settings.points, settings.neurons, settings.forgotten)
        if theorem == "paper":
            return chances.of_datasets(p) < 1 and chances.of_points(p) < 0.5
        bad = 2 * p.points * chances.norms(p) + p.points**2 * chances.power(p) + 2.0 ** (1 - (p.points - p.forgotten))
        return bad < 1 and p.points * chances.power(p) / 2 < 0.5

    low, high = 0.0, 20.0
    if not speaks(high):
        return None
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if speaks(middle) else (middle, high)
    return high


def _scaling(settings):
    from ..claims.mixture.lengths import SECTION, Scaling

    if settings.mean_norms is None:
        return SECTION
    return Scaling("fixed", "a number", r"\|\mu\|", lambda size, x: math.log(size))
