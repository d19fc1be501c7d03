"""Pictures, a module each, drawn with matplotlib's object-oriented interface."""

from .canvas import SUFFIXES, require
from .comparison import comparison
from .generalization import generalization
from .step_size import figure1
from .tau import tau

__all__ = ["SUFFIXES", "comparison", "figure1", "generalization", "require", "tau"]
