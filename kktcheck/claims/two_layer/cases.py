"""Where the printed proofs of Lemmas C.3 and C.4 look: the point at which the extreme mass of one sign is reached.

Without loss of generality they take the sign s whose extreme mass is the larger (C.3) or smaller (C.4) one, and the point k where it is reached;
case one is y_k = s, case two y_k = -s.
"""

import numpy as np

from ..claim import Hypothesis


def extreme_mass(p, largest, own):
    """Row of the sign s and point k (None where no such point has the label wanted).

    Parameters
    ----------
    p : TwoLayerPoint
    largest : bool
        The largest mass (Lemma C.3), or the smallest (Lemma C.4).
    own : bool
        The point's label is the sign itself (case one), or its opposite (case two).
    """
    ends = p.masses.max(axis=1) if largest else p.masses.min(axis=1)
    row = int(ends[0] < ends[1] if largest else ends[0] > ends[1])
    label = (1 if row == 0 else -1) * (1 if own else -1)
    found = np.flatnonzero((p.masses[row] == ends[row]) & (p.labels == label))
    return row, (int(found[0]) if len(found) else None)


def case(name, largest, own):
    """Hypothesis that such a point exists."""
    return Hypothesis(name, lambda p: -1 if extreme_mass(p, largest, own)[1] is None else 0)


def extreme_masses(p, largest, own):
    """At that point, the mass of the sign s and that of the other sign."""
    row, point = extreme_mass(p, largest, own)
    return p.masses[row, point], p.masses[1 - row, point]


def linear_output(p):
    """y_k times the sum of u_j <w_j, x_k> over all neurons of the label's sign, active or not; shape (m,)."""
    aligned = np.equal.outer(p.signs, p.labels).astype(int)
    return p.labels * (aligned * p.products).sum(axis=0) / p.num_neurons


def aligned_output(p):
    """y_k times the sum of u_j sigma(<w_j, x_k>) over the neurons of the label's sign; shape (m,)."""
    aligned = np.equal.outer(p.signs, p.labels) * p.active
    return p.labels * (aligned * p.products).sum(axis=0) / p.num_neurons
