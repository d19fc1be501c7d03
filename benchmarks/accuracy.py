"""How exact an answer is, whoever gave it: KKT residuals, scale-free, from the model, the data and the multipliers alone.

Of a point (max-margin, exact KKT points) it is the residual of `kktcheck.kkt_residuals` at minimum margin 1: the largest of stationarity over
|theta|, violation of a margin, negative multiplier and slackness over the largest multiplier. Multipliers of a model that is no KKT point
solve a problem of their own, the least stationarity residual; there it is the largest miss of that problem's KKT conditions.
"""

import numpy as np

import kktcheck as kc
from kktcheck.linearisation import linearise
from kktcheck.models import ACTIVE


def of_point(model, data, multipliers, kink_multipliers=None, subgradient="clarke"):
    """KKT residual after scaling to minimum margin 1; infinite if a point is misclassified."""
    least = float(model.margins(data).min())
    if least <= 0:
        return np.inf
    gates = None if kink_multipliers is None else np.asarray(kink_multipliers) / least
    return kc.kkt_residuals(model.scaled(1 / least), data, np.asarray(multipliers) / least, gates, subgradient=subgradient).kkt


def of_multipliers(model, data, multipliers, kink_multipliers=None, subgradient="clarke"):
    """KKT residual of the stationarity problem, and the stationarity reached.

    With r the residual and g_ji = u_j y_i <r_j, x_i>, its conditions are 0 <= z <= lambda; on a kink g+ (lambda - z) = 0 and g- z = 0; and for each
    point, with p_i the sum of g over its active neurons and of g+ over its kinks, p_i <= 0 and p_i lambda_i = 0. Multipliers are
    measured in units of the largest, gradients in units of |u| |theta| |x_i|.

    Returns
    -------
    dict
        ``kkt_residual`` and ``epsilon_over_norm``.
    """
    lin = linearise(model, data, subgradient)
    size = float(np.abs(multipliers).max()) or 1.0
    gates = lin.gates(np.asarray(multipliers), kink_multipliers)
    rest = lin.residual(gates)
    pull = (rest @ np.asarray(data.X).T) * lin.model.second_layer[:, None] * data.y / (lin.scale * data.norms)
    kinks = lin.kinks
    total = np.where(lin.states == ACTIVE, pull, np.where(kinks, np.maximum(pull, 0.0), 0.0)).sum(axis=0)
    share = np.asarray(multipliers) / size
    misses = [np.maximum(-share, 0.0), np.maximum(total, 0.0), np.abs(total * share)]
    if kinks.any():
        opened = gates[kinks] / size
        room, on_kink = share[np.nonzero(kinks)[1]] - opened, pull[kinks]
        misses += [
            np.maximum(-opened, 0.0),
            np.maximum(-room, 0.0),
            np.abs(np.maximum(on_kink, 0.0) * room),
            np.abs(np.minimum(on_kink, 0.0) * opened),
        ]
    return {"kkt_residual": max(float(miss.max()) for miss in misses), "epsilon_over_norm": float(np.linalg.norm(rest)) / model.norm}
