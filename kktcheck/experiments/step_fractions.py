"""Settings of the experiments that forget the points of Appendix E networks one at a time, with fractions of the paper's step."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .appendix_e import Forgetting


@dataclass(frozen=True)
class Settings(Forgetting):
    """What to run: which points Appendix E's networks forget, and

    Attributes
    ----------
    fractions : tuple of float
        Fractions of the paper's step, increasing.
    """

    fractions: tuple = tuple(k / 20 for k in range(31))

    def __post_init__(self):
        super().__post_init__()
        if len(self.fractions) < 3 or not (np.diff(self.fractions) > 0).all() or self.fractions[0] < 0:
            raise InputError("fractions must be at least three increasing numbers, the first at least 0")
