"""The picture that a command draws beside its numbers: found drawable before the work starts, written in one step when it is done."""

import io
from pathlib import Path

from . import output


def add_options(parser, default):
    """Add ``--out`` and ``--no-picture``; ``default`` is what the help says of the file's name."""
    parser.add_argument("--out", metavar="FILE", help=f"the picture: .png, .pdf or .svg (default: {default})")
    parser.add_argument("--no-picture", action="store_true", help="draw nothing (needs no matplotlib)")


def wanted(args, default):
    """Name of the picture's file, ``default`` where none was given; None where none is drawn.

    Raises
    ------
    FileError
        The file cannot be written, or its name has another ending.
    MissingDependencyError
        Without matplotlib.
    """
    if args.no_picture:
        return None
    from .. import plots

    picture = default if args.out is None else args.out
    output.check(picture, "--out", plots.SUFFIXES)
    plots.require()
    return picture


def write(picture, draw, result, console):
    """Draw a result by a function of `kktcheck.plots` and write it; nothing if ``picture`` is None."""
    if picture is None:
        return
    drawn = io.BytesIO()
    draw(result, drawn, format=Path(picture).suffix[1:].lower())
    output.write(picture, drawn.getvalue())
    console.say(f"picture written to {picture}")
