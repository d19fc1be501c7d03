"""What a claim is checked on: approximate KKT points in Gram coordinates, and the constants of the paper's chains; as floats or exactly.

`exact` and `logarithms` hold the numbers, `linear` and `two_layer` the points, `constants` the boxes of constants, `tail` the parameters of
probabilities, `mixture` those of Section 6, ``*_family`` the ways to build them.
"""

from .clarke_point import ClarkePoint
from .constants import Constants
from .exact import Enclosure, certainly_above, root
from .linear import LinearPair, LinearPoint
from .logarithms import exp, log
from .mixture import MixturePoint
from .tail import TailGrid, TailPoint
from .two_layer import TwoLayerPoint
from .two_layer_pair import TwoLayerPair

#: Class of each kind of instance, by the name it has in files.
KINDS = {kind.KIND: kind for kind in (LinearPoint, LinearPair, TwoLayerPoint, TwoLayerPair, ClarkePoint, Constants, TailPoint, MixturePoint)}

__all__ = [
    "KINDS", "ClarkePoint", "Constants", "Enclosure", "LinearPair", "LinearPoint", "MixturePoint", "TailGrid", "TailPoint", "TwoLayerPair",
    "TwoLayerPoint", "certainly_above", "exp", "log", "root",
]  # fmt: skip
