"""The one table of tolerances, each with its reason.

All are relative: what they are multiplied with stands beside them.
"""

import numpy as np

EPS = float(np.finfo(np.float64).eps)

#: Singular values below ``RANK * largest`` count as zero: backward error of a pivoted QR of a few thousand columns.
RANK = 1e-12

#: Asymmetry and negative eigenvalues allowed in a Gram matrix, relative to its largest entry: float32 products reach 1e-7.
GRAM = 1e-10

#: |u_j| against 1/sqrt(n) where a theorem needs the two equal: one float32 rounding.
SECOND_LAYER = 2.0**-23

#: A pair marked as a kink must have ``|<w_j, x_i>| <= KINK_MASK * largest neuron norm * |x_i|``: a float64 projection leaves
#: 1e-15, a round trip of scaling and shifting by a step less than 1e-12.
KINK_MASK = 1e-10

#: Window of relative pre-activations in which the plateau of the kink count is looked for. Below it everything is
#: noise of training, above it projecting would move the model visibly.
KINK_WINDOW = (1e-6, 1e-2)

#: The plateau must span at least this factor; a smooth density of m * n pairs leaves smaller gaps.
KINK_GAP = 2.0

#: Log-odds against the pairs under the plateau being the tail of a smooth density (exp(-9) is about 1e-4).
KINK_LOG_ODDS = 9.0

#: Minimum margin this close to 1 is taken as the certified scale already: margins of a rescaled model differ from 1
#: by the rounding of one inner product of length m + d.
UNIT_MARGIN = 1e-11

#: Sign tolerance of block principal pivoting, times the size of the terms added up: keeps degenerate variables from cycling.
PIVOT = 64 * EPS

#: Multipliers with a zero gradient within this share of the largest margin are active constraints of the uniqueness test.
UNIQUE = 1e-9

#: A point whose part outside a span is below this share of its norm lies in the span: ten times what two sweeps of projection leave
#: of a point that does, for bases of a few thousand vectors.
IN_SPAN = 1e-10

#: 1 - cos between a model and its certificate's model beyond the certificate's own tau: a few roundings, squared angle.
SAME_MODEL = 1e-14

#: KKT residual of an exact point: what solving, projecting and adding up a few hundred terms leaves, with two digits to spare.
SETTLED = 1e-12
