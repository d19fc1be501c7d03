"""Tails of the chi-square and of the normal law in float64, as logarithms: for arrays, to dimensions of 1e9 and far beyond float64's smallest number.

With s = n/2 and x = r s, P(chi2_n <= r n) is the regularised incomplete gamma function P(s, x). scipy has it where it is no smaller than 1e-200.
Below that, with E = x^s e^-x / Gamma(s + 1):

- lower tail, r < 1: E (1 + x/(s+1) + x^2/((s+1)(s+2)) + ...), ratios of terms below r;
- upper tail, r > 1: E s/x (1 + (s-1)/x + (s-1)(s-2)/x^2 + ...), ratios below 1/r; deep in that tail s is so large that the terms are negligible long
  before they change sign.

E is taken as exp(-s (r - 1 - log r)) / sqrt(2 pi s) and Stirling's series, so that nothing large cancels: the logarithm is right to about 1e-14 of
its size, which is what rounding r leaves of it.
"""

import numpy as np

#: Where scipy's probabilities are taken, and where a sum ends: relative size of its next term.
_SMALLEST, _LAST = 1e-200, 1e-17
#: Below this distance from 1, r - 1 - log r is summed up as a series: the difference would lose digits.
_NEAR = 0.3
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)


def log_norm_below(n, ratio):
    """log P(chi2_n <= ratio n).

    Parameters
    ----------
    n : array
        Degrees of freedom, at least 1.
    ratio : array
        At least 0.

    Returns
    -------
    ndarray
        -inf where the ratio is 0.
    """
    from scipy.special import gammainc

    return _logs(n, ratio, gammainc, _series_below)


def log_norm_above(n, ratio):
    """log P(chi2_n >= ratio n), parameters as for `log_norm_below`."""
    from scipy.special import gammaincc

    return _logs(n, ratio, gammaincc, _series_above)


def log_normal_beyond(t):
    """log P(|Z| >= t) for Z from N(0, 1) and t >= 0."""
    from scipy.special import log_ndtr

    return np.log(2) + log_ndtr(-np.asarray(t, dtype=float))


def rate(ratio):
    """(r - 1 - log r) / 2, the exponent of both tails: P is at most exp(-n rate) (Chernoff), and no larger exponent does for all n (Cramer)."""
    return _excess(np.asarray(ratio, dtype=float)) / 2


def stirling(s):
    """log Gamma(s) - ((s - 1/2) log s - s + log(2 pi) / 2), right to about 1e-15 for s >= 1/2."""
    from scipy.special import gammaln

    s = np.asarray(s, dtype=float)
    large = np.maximum(s, 12.0)
    series = sum(c / large ** (2 * k + 1) for k, c in enumerate(_STIRLING))
    return np.where(s >= 12, series, gammaln(s) - ((s - 0.5) * np.log(s) - s + 0.5 * np.log(2 * np.pi)))


def _logs(n, ratio, regularised, series):
    n, ratio = np.broadcast_arrays(np.asarray(n, dtype=float), np.asarray(ratio, dtype=float))
    with np.errstate(divide="ignore", under="ignore"):
        probability = np.asarray(regularised(n / 2, ratio * n / 2))
        logs = np.where(probability > 0, np.log(probability), -np.inf)
    deep = (probability < _SMALLEST) & (ratio > 0)
    if deep.any():
        logs[deep] = series(n[deep] / 2, ratio[deep])
    return logs


def _series_below(s, ratio):
    return _log_e(s, ratio) + np.log(_sum(lambda j: ratio * s / (s + j)))


def _series_above(s, ratio):
    return _log_e(s, ratio) - np.log(ratio) + np.log(_sum(lambda j: (s - j) / (ratio * s)))


def _sum(quotient):
    """1 + q_1 + q_1 q_2 + ..."""
    total = term = 1.0
    j = 1
    while np.max(np.abs(term)) > _LAST:
        term = term * quotient(j)
        total, j = total + term, j + 1
    return total


def _log_e(s, ratio):
    """log(x^s e^-x / Gamma(s + 1)), x = ratio s."""
    return -s * _excess(ratio) - 0.5 * np.log(2 * np.pi * s) - stirling(s)


def _excess(ratio):
    """r - 1 - log r."""
    y = ratio - 1
    near = np.where(np.abs(y) < _NEAR, y, 0.0)
    # y^2/2 - y^3/3 + ...: forty terms at |y| = 0.3 leave 1e-22.
    series = near**2 * sum((-near) ** k / (k + 2) for k in reversed(range(40)))
    with np.errstate(divide="ignore"):
        return np.where(np.abs(y) < _NEAR, series, y - np.log(ratio))
