"""What the commands write on the terminal: results on standard output, everything else on standard error, a line each."""

import os
import sys
import warnings

from ..errors import FileError, KKTCheckWarning
from . import output


class Console:
    """Standard output and standard error of one command; a context manager that also turns warnings into lines.

    Attributes
    ----------
    warnings : list of str
        The texts of all `KKTCheckWarning` so far.
    results : stream
        Where `say` writes: standard output, unless a command gives that to its JSON.
    """

    def __init__(self):
        self.warnings = []
        self.results = sys.stdout
        self._catcher = warnings.catch_warnings()

    def __enter__(self):
        self._catcher.__enter__()
        warnings.simplefilter("always", KKTCheckWarning)
        show = warnings.showwarning

        def show_as_line(message, category, *where, **more):
            if not issubclass(category, KKTCheckWarning):
                return show(message, category, *where, **more)
            self.warnings.append(str(message))
            self.note(f"warning: {message}")

        warnings.showwarning = show_as_line
        return self

    def __exit__(self, *exception):
        self._catcher.__exit__(*exception)

    def finish(self, code):
        """Write out what is still buffered (the help, by argparse); returns the exit code."""
        try:
            _write(sys.stdout, "")
        except FileError as error:
            return self.fail(error)
        return code

    def say(self, text):
        """Print a result."""
        _write(self.results, text + "\n")

    def json_to(self, path):
        """Prepare for `write_json`: where the JSON goes to standard output, the results go to standard error."""
        if path == "-":
            self.results = sys.stderr

    def write_json(self, path, text):
        """Write a JSON text to a file or, for "-", to standard output; None writes nothing."""
        if path == "-":
            _write(sys.stdout, text + "\n")
        elif path is not None:
            output.write(path, text + "\n")
            self.say(f"JSON written to {path}")

    def note(self, text):
        """Print one line on standard error."""
        _write(sys.stderr, "kktcheck: " + " ".join(str(text).split()) + "\n")

    def fail(self, error):
        """Print an error; returns the exit code 2."""
        self.note(f"error: {error}")
        return 2


def _write(stream, text):
    """Write and flush; a reader that has gone (``| head``) is no error, and what is left is thrown away quietly."""
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _discard(stream)
    except OSError as error:
        _discard(stream)
        if stream is not sys.stderr:
            raise FileError(f"the standard output cannot be written: {error.strerror or error}") from error


def _discard(stream):
    """Let the stream's file descriptor point to nowhere, so that Python's own flush at the end does not complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
