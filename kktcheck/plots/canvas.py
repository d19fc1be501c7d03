"""What all pictures share: formats, the width of a printed column, style, and writing a file. No global state of matplotlib is touched."""

from pathlib import Path

from ..errors import FileError, InputError, MissingDependencyError

#: Endings of the files that can be drawn.
SUFFIXES = (".png", ".pdf", ".svg")

#: Width of a column in print, in inches.
WIDTH = 3.4
DPI = 300

#: Colours that every kind of colour vision and grey tell apart.
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY = "0.45"
STYLE = {
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "legend.fontsize": 6.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "kktcheck",
}


def require():
    """Raise `MissingDependencyError` unless matplotlib can be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("a picture needs matplotlib: pip install 'kktcheck[cli]'; the command line also takes --no-picture") from error


def what_was_run(settings):
    """Networks, points and data of an experiment on Appendix E, two lines for a title.

    Parameters
    ----------
    settings : kktcheck.experiments.step_fractions.Settings
    """
    count = len(settings.forgotten)
    points = f"each of {settings.num_points} points" if count == settings.num_points else f"each of {count} of {settings.num_points} points"
    where = "" if settings.networks == 1 else " on one dataset" if settings.data == "one" else ", a dataset each"
    return (
        f"Forgetting {points} in {settings.dim} dimensions, one at a time;\n"
        f"{settings.networks} network{'s' * (settings.networks > 1)} of {settings.neurons} neurons{where}, {settings.epochs:,} epochs."
    )


def save(draw, path, format=None):
    """Draw and write a picture.

    Parameters
    ----------
    draw : callable
        Called without arguments under the style of the house; returns a matplotlib figure.
    path : path-like or binary file
    format : {"png", "pdf", "svg"}, optional
        By default the ending of the path.

    Raises
    ------
    InputError
        For another format, or a binary file without one.
    FileError
        If the file cannot be written.
    MissingDependencyError
        Without matplotlib.
    """
    if format is None:
        format = Path(path).suffix[1:].lower() if not hasattr(path, "write") else ""
    if f".{format}" not in SUFFIXES:
        raise InputError(f"pictures are drawn as {', '.join(SUFFIXES)}; {str(path)!r} is none of them")
    require()
    import matplotlib

    with matplotlib.rc_context(STYLE):
        figure = draw()
        try:
            figure.savefig(path, format=format, dpi=DPI, metadata={} if format == "png" else {"Date" if format == "svg" else "CreationDate": None})
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}") from error
