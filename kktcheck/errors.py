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
