"""Files that are replaced in one step or left as they were, whatever interrupts the writing."""

import contextlib
import os
from pathlib import Path

from .errors import FileError

SCRATCH = ".tmp"


@contextlib.contextmanager
def replacing(path, text=False):
    """A stream to write a file with; it takes the place of the old one when the block ends without an error.

    Parameters
    ----------
    path : path-like
    text : bool, optional
        Text in UTF-8 rather than bytes.

    Raises
    ------
    FileError
        The file cannot be written; nothing is left behind.
    """
    path = Path(path)
    scratch = path.with_name(f".{path.name}.{os.urandom(8).hex()}{SCRATCH}")
    try:
        with open(scratch, "x" if text else "xb", encoding="utf-8" if text else None) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, path)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # there is no scratch file after success
            scratch.unlink()
