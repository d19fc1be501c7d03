"""What an observed frequency says of a probability: exact binomial limits (Clopper and Pearson) at a level shared by all comparisons of an audit."""

from ..errors import InputError

#: The probability that one of all comparisons of an audit is wrong is at most this, if there are at most so many.
FAMILY_LEVEL, MOST_COMPARISONS = 1e-6, 1000
#: What is left for each of them (Bonferroni).
LEVEL = FAMILY_LEVEL / MOST_COMPARISONS


def limits(hits, draws, level=LEVEL):
    """Limits between which a probability lies, but for a chance of at most ``level``.

    Parameters
    ----------
    hits, draws : int
        How often the event was seen, 0 <= hits <= draws, in how many independent draws, at least 1.
    level : float, optional
        In (0, 1).

    Returns
    -------
    (float, float)

    Raises
    ------
    InputError
        A number is out of range.
    """
    from scipy.stats import binomtest

    if not (draws >= 1 and 0 <= hits <= draws):
        raise InputError(f"{hits} of {draws} draws: a frequency needs at least one draw, and hits from 0 to their number")
    if not 0 < level < 1:
        raise InputError(f"level is {level!r}; it lies between 0 and 1")
    interval = binomtest(int(hits), int(draws)).proportion_ci(1 - level, method="exact")
    return float(interval.low), float(interval.high)
