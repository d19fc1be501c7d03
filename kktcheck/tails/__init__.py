"""Exact tails of the laws in the paper's statements about probabilities: norms and inner products of Gaussian vectors, in any dimension.

`chi_square` and `products` give logarithms in float64 for whole arrays of dimensions, `enclosures` the same probabilities with Arb, beyond doubt;
`frequencies` says what observed frequencies prove.
"""

from . import enclosures
from .chi_square import log_norm_above, log_norm_below, log_normal_beyond, rate
from .frequencies import FAMILY_LEVEL, LEVEL, MOST_COMPARISONS, limits
from .products import log_product_beyond

__all__ = [
    "FAMILY_LEVEL", "LEVEL", "MOST_COMPARISONS", "enclosures", "limits", "log_norm_above", "log_norm_below", "log_normal_beyond",
    "log_product_beyond", "rate",
]  # fmt: skip
