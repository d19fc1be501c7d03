"""Pictures, a module each, drawn with matplotlib's object-oriented interface."""

from .canvas import SUFFIXES, require
from .step_size import figure1

__all__ = ["SUFFIXES", "figure1", "require"]
