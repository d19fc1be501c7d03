"""What the claims of Appendix C share: hypotheses, families, and the correction for every forgotten and every retained point at once.

Arrays have a row per neuron j and a column per pair (l, r) of a forgotten and a retained point, as `pairs` lists them. All is written in the
coordinates of `TwoLayerPoint`: P_jr = <a_j, x_r>, so that a pre-activation is u_j P_jr and has the sign of s_j P_jr.
"""

import functools

import numpy as np

from ...instances.constants_family import ConstantBoxes
from ...instances.exact import root
from ...instances.two_layer_family import TwoLayerPoints
from ..hypotheses import DATA, KKT, SIGNS, at_least_points, at_most, box

#: Families, one object each, so that claims share their instances.
POINTS = TwoLayerPoints()
RETAINED_POINTS = TwoLayerPoints(points=(2, 5))
NEAR_POINTS = TwoLayerPoints(0.4, 0.4, 0.4, points=(2, 5))
BOX = ConstantBoxes()
PAIR_BOX = ConstantBoxes(points=2)
NEAR_BOX = ConstantBoxes(0.4, 0.4, 0.4, points=2)

#: Data and network, without a word about KKT points (Lemmas C.1, C.2).
NETWORK = (*DATA, SIGNS, at_most("epsilon_d", "1"))
#: Hypotheses of Lemmas C.3, C.4; of C.5 with a retained point to speak about; of C.6 with its smaller box.
POINT = (*DATA, SIGNS, *KKT, *box("1", "1", "1"))
RETAINED = (*POINT, at_least_points(2))
NEAR = (*DATA, SIGNS, *KKT, *box("0.4", "0.4", "0.4"), at_least_points(2))


@functools.lru_cache(maxsize=64)
def pairs(size):
    """Forgotten and retained index of every ordered pair of two points; two int arrays of shape (size (size - 1),)."""
    return np.nonzero(~np.eye(size, dtype=bool))


def orientation(p):
    """sign(<x_k, w_j>) with sign(0) = 1; (n, m) int array."""
    return 2 * p.active - 1


def usual_sign(p):
    """sign(<x_k, w_j>) with sign(0) = 0; (n, m) int array."""
    products = p.signs[:, None] * p.products
    return (products > 0).astype(int) - (products < 0).astype(int)


def pulls(p, signs=None):
    """Delta_{r,j} / c = sum over k != l of <x_k, x_r> sign(<x_k, w_j>); shape (n, pairs).

    Parameters
    ----------
    p : TwoLayerPoint
    signs : (n, m) int array, optional
        Another reading of the sign; `orientation` if left out.
    """
    signs = orientation(p) if signs is None else signs
    left_out, kept = pairs(p.num_points)
    return (signs @ p.gram)[:, kept] - signs[:, left_out] * p.gram[left_out, kept]


def weights(p):
    """lambda_l sigma'_lj, the multiplier where the neuron sees the forgotten point; shape (n, pairs)."""
    return (p.multipliers * p.active)[:, pairs(p.num_points)[0]]


def step_push(p):
    """Change of P_jr by the step of gradient ascent, - lambda_l y_l sigma'_lj <x_l, x_r>; shape (n, pairs)."""
    left_out, kept = pairs(p.num_points)
    return -weights(p) * p.labels[left_out] * p.gram[left_out, kept]


def correction_push(p, signs=None):
    """Change of P_jr by the correction, s_j lambda_l sigma'_lj Delta_{r,j}; shape (n, pairs)."""
    return p.signs[:, None] * weights(p) * pulls(p, signs) * p.correction_factor


def sign_after(p):
    """sign(<corrected w_j, x_r>) with sign(0) = 1; shape (n, pairs)."""
    after = p.products[:, pairs(p.num_points)[1]] + step_push(p) + correction_push(p)
    return 2 * (p.signs[:, None] * after >= 0).astype(int) - 1


def sign_before(p):
    """sign(<w_j, x_r>) with sign(0) = 1; shape (n, pairs)."""
    return orientation(p)[:, pairs(p.num_points)[1]]


def drift(p):
    """y_r (N(corrected, x_r) - N(original, x_r)); shape (pairs,). Differences are taken before anything cancels."""
    kept = pairs(p.num_points)[1]
    before, change, active = p.products[:, kept], step_push(p) + correction_push(p), p.active[:, kept]
    after = before + change
    renewed = (p.signs[:, None] * after >= 0).astype(int)
    return p.labels[kept] * (active * change + (renewed - active) * after).sum(axis=0) / p.num_neurons


def correction_norms(p):
    """Squared norm of Delta_j for each forgotten point; shape (n, m)."""
    signs = orientation(p)
    pulled = signs @ p.gram
    whole = (signs * pulled).sum(axis=1)[:, None]
    return (whole - 2 * signs * pulled + p.squared_norms) * p.correction_factor**2


def opposing_masses(p):
    """The row of the masses that belongs to the opposite of each point's label; shape (m,)."""
    return p.masses.sum(axis=0) - p.aligned_masses


def error_reach(p):
    """epsilon sqrt(1 + psi): what the stationarity error can do to an output at most."""
    return p.epsilon * root(p.q("1.1"))


def cross_reach(p):
    """phi (m - 1) times the largest mass: what the other points can do to an output at most, through neurons of one sign."""
    return p.phi * (p.num_points - 1) * p.masses.max()


def printed_mass(p):
    """2.5 + 5.25 epsilon + 2.4 delta (Lemma C.3)."""
    return p.q("2.5") + p.q("5.25") * p.epsilon + p.q("2.4") * p.delta


def total_masses(p):
    """sum_j u_j^2 lambda_i sigma'_ij over all neurons; shape (m,)."""
    return p.masses.sum(axis=0)


def sharper_mass(p):
    """1.54 + 1.46 epsilon + delta, ours."""
    return p.q("1.54") + p.q("1.46") * p.epsilon + p.delta


def printed_least(p):
    """0.45 - 2.32 epsilon_d / n - 0.96 epsilon (Lemma C.4)."""
    return p.q("0.45") - p.q("2.32") * p.epsilon_d / p.num_neurons - p.q("0.96") * p.epsilon


def drift_unit(p):
    """epsilon_d / (m n)."""
    return p.epsilon_d / (p.num_points * p.num_neurons)
