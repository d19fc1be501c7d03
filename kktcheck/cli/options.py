"""Arguments that several commands share: their types, their help, and the limits that make a command exit with 1."""

import argparse
import math

SUBGRADIENTS = ("clarke", "indicator")
#: Limit, attribute of the certificate, what it is.
LIMITS = (
    ("--max-epsilon", "epsilon", "stationarity error at minimum margin 1"),
    ("--max-delta", "delta", "slackness at minimum margin 1"),
    ("--max-tau", "tau", "1 - cos between the model and the certified one"),
)


def whole(least):
    """Argument type: an integer of at least ``least``."""

    def convert(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least {least}")
        return value

    return convert


def number(least, *, strict=False):
    """Argument type: a finite number of at least ``least`` (or above it)."""

    def convert(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or value < least or (strict and value == least):
            raise argparse.ArgumentTypeError(f"{text!r} is no finite number {'above' if strict else 'of at least'} {least:g}")
        return value

    return convert


def size(text):
    """Argument type: bytes, as a number with K, M, G or T (powers of 1000) behind it or without."""
    unit = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1:].upper())
    try:
        value = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no size in bytes like 6G or 500M")
    return value


def kink_tolerance(text):
    """Argument type: "auto" or a number in [0, 1)."""
    if text == "auto":
        return text
    value = number(0)(text)
    if value >= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is neither 'auto' nor a number in [0, 1)")
    return value


def indices(text):
    """Argument type: integers separated by commas."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of point indices like 3,7") from None


def indices_or_all(text):
    """Argument type: "all" or integers separated by commas."""
    return text if text == "all" else indices(text)


#: Option, argument type, what it is; the defaults are those of `kktcheck.experiments.appendix_e.AppendixE`.
APPENDIX_E = (
    ("networks", whole(1), "number of networks"),
    ("epochs", whole(1), "epochs of training"),
    ("num_points", whole(2), "points m of each dataset"),
    ("dim", whole(1), "dimension d"),
    ("neurons", whole(1), "neurons n of each network"),
    ("learning_rate", number(0, strict=True), "learning rate; the paper does not name it"),
    ("weight_decay", number(0), "weight decay"),
    ("init_scale", number(0, strict=True), "factor on the first layer's initialisation"),
)


def add_model_and_data(parser):
    """The two input files."""
    parser.add_argument("model", metavar="MODEL", help="file or folder with W and u (and kinks), or w")
    parser.add_argument("data", metavar="DATA", help="file or folder with X and y; may be the same as MODEL")


def add_convention(parser, choices):
    """Subgradient convention and kink tolerance."""
    parser.add_argument(
        "--subgradient",
        choices=choices,
        default="clarke",
        help="derivative of the ReLU at 0: any of Clarke's subdifferential, or that of z >= 0 as in the paper's proofs (default: %(default)s)",
    )
    parser.add_argument(
        "--kink-tol",
        type=kink_tolerance,
        default="auto",
        metavar="auto|T",
        help="take |<w, x>| <= T |w| |x| for zero; auto finds the plateau of their number (default: %(default)s; clarke only)",
    )


def add_limits(parser, of):
    """The three limits, each with exit code 1 when exceeded."""
    group = parser.add_argument_group("limits", f"exit with 1 if one is exceeded by {of}")
    for option, _, what in LIMITS:
        group.add_argument(option, type=number(0), metavar=option[6].upper(), help=what)


def add_json_and_seed(parser, what, seed_help="accepted as by every command; nothing is random here"):
    """The options that every command has."""
    parser.add_argument("--json", metavar="FILE", help=f"write {what} as JSON; - for standard output, the tables then go to standard error")
    parser.add_argument("--seed", type=whole(0), default=0, help=f"{seed_help} (default: %(default)s)")


def add_jobs(parser, what):
    """Where tasks run: in processes, or on a cluster."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--jobs", type=whole(1), metavar="N", help=f"processes; {what} on it (default: 1)")
    group.add_argument("--dask", metavar="ADDRESS", help="run on the Dask cluster whose scheduler is there, like tcp://host:8786")


def limits(args):
    """The limits given, by the certificate's attribute."""
    given = {attribute: getattr(args, f"max_{attribute}") for _, attribute, _ in LIMITS}
    return {attribute: limit for attribute, limit in given.items() if limit is not None}


def exceeded(args, certificate, of):
    """A sentence for every limit that the certificate exceeds: which, and by how much."""
    sentences = []
    for attribute, limit in limits(args).items():
        value = getattr(certificate, attribute)
        if value > limit:
            sentences.append(f"limit exceeded: {attribute} = {value!r} of {of} is {value - limit:.6g} above --max-{attribute} {limit!r}")
    return sentences
