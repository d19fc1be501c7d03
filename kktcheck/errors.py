"""What kktcheck raises: each message says what was wrong, where, and the way out.

Every error kktcheck raises on purpose is a :class:`KKTCheckError`, so that one ``except`` line
suffices for a caller and the command line can print the message alone.
"""


class KKTCheckError(Exception):
    """Base of all errors that kktcheck raises on purpose."""


class InputError(KKTCheckError, ValueError):
    """An argument is out of its range or has the wrong shape; the message names the index and the value."""


class InfeasibleError(KKTCheckError, ValueError):
    """No point meets the constraints asked for.

    Attributes
    ----------
    points : tuple of int
        The points that cannot be satisfied (for example the misclassified ones), possibly empty.
    """

    def __init__(self, message, points=()):
        super().__init__(message)
        self.points = tuple(int(i) for i in points)


class NotSeparableError(InfeasibleError):
    """No linear predictor has a positive margin on all points; the error carries the proof.

    Attributes
    ----------
    points : tuple of int
        Few points whose signed sum vanishes: at most one more than the rank of the data.
    combination : ndarray, shape (len(points),)
        Their weights p_i > 0, which add up to 1: sum_i p_i y_i x_i = 0.
    residual : float
        Upper bound on |sum_i p_i y_i x_i| / sum_i p_i |x_i|, rounding included. For every predictor w it is also one on
        min_i y_i <w, x_i> / (|w| |x_i|).
    """

    def __init__(self, message, points, combination, residual):
        super().__init__(message, points)
        self.combination, self.residual = combination, residual

    def __reduce__(self):
        return type(self), (str(self), self.points, self.combination, self.residual)


class FileError(KKTCheckError, ValueError):
    """A file is missing, truncated, of an unknown format or holds unexpected entries."""


class MissingDependencyError(KKTCheckError, ImportError):
    """An optional library is needed; the message says which extra installs it."""


class SolverError(KKTCheckError, ArithmeticError):
    """A numerical method stopped without an answer that passes its own checks."""


class MemoryLimitError(KKTCheckError, MemoryError):
    """The computation asked for would need more memory than allowed; the message gives the amount and the way out."""


class KKTCheckWarning(UserWarning):
    """Something a careful reader should know: the answer is right, but perhaps not the answer that was wanted."""


def listing(indices, limit=8):
    """Readable list of indices, cut after ``limit`` entries."""
    indices = list(indices)
    text = ", ".join(str(int(i)) for i in indices[:limit])
    return text + (f", ... ({len(indices)} in all)" if len(indices) > limit else "")
