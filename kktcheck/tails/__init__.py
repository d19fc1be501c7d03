"""Exact tails of the laws in the paper's statements about probabilities: norms and inner products of Gaussian vectors, in any dimension.

`chi_square` and `products` give logarithms in float64 for whole arrays of dimensions, `enclosures` the same probabilities with Arb, beyond doubt;
`unions` is about one of several independent events, `frequencies` says what observed frequencies prove.
"""

from . import enclosures
from .chi_square import log_norm_above, log_norm_below, log_normal_beyond, rate
from .enclosures import has_flint
from .frequencies import FAMILY_LEVEL, LEVEL, MOST_COMPARISONS, limits
from .products import log_product_beyond
from .unions import enclosed_at_least_one, log_at_least_one

__all__ = [
    "FAMILY_LEVEL", "LEVEL", "MOST_COMPARISONS", "enclosed_at_least_one", "enclosures", "has_flint", "limits", "log_at_least_one",
    "log_norm_above", "log_norm_below", "log_normal_beyond", "log_product_beyond", "rate",
]  # fmt: skip
