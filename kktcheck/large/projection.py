"""Points nearest to the feasible set 0 <= z <= lambda <= cap, in a diagonal metric: exact, one sort per point, all points at once."""

import numpy as np


def project(multipliers, gates, points, weights, gate_weights, upper=None):
    """Minimise sum_i a_i (l_i - lambda_i)**2 + sum_k b_k (z_k - zeta_k)**2 over 0 <= z_k <= l_i <= upper_i, i the point of kink k.

    For a given l the gates are clip(zeta, 0, l), so without the outer bounds l is where a (l - lambda) = sum_k b_k max(zeta_k - l, 0).
    The right side is the largest over all sets S of sum_S b_k (zeta_k - l), so that l is the largest over all S of the weighted mean of
    lambda and the zeta_k in S; and the best S of a given size holds the largest zeta_k. Bounds on l clip it, the objective being convex.

    Parameters
    ----------
    multipliers, weights : ndarray, shape (m,)
        lambda and a; a may be 0.
    gates, gate_weights, points : ndarray, shape (number of kinks,)
        zeta, b > 0, and the point of each kink, ascending.
    upper : ndarray, shape (m,), optional

    Returns
    -------
    l : ndarray, shape (m,)
    z : ndarray, shape (number of kinks,)
    """
    best = multipliers.copy()
    mass, moment = weights.copy(), weights * multipliers
    order = np.lexsort((-gates, points))
    owners = points[order]
    rank = np.arange(len(order)) - np.searchsorted(owners, owners)
    for k in range(int(rank.max(initial=-1)) + 1):
        nth = order[rank == k]
        owner = points[nth]
        mass[owner] += gate_weights[nth]
        moment[owner] += gate_weights[nth] * gates[nth]
        best[owner] = np.maximum(best[owner], moment[owner] / mass[owner])
    best = np.clip(best, 0.0, upper)
    return best, np.clip(gates, 0.0, best[points])
