"""``kktcheck generalization``: accuracy before and after unlearning on the mixture of Section 6, as a phase diagram."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from ..executors import chosen
from . import options, output, pictures
from .progress import Progress

_PICTURE = "phase.png"
_DESCRIPTION = """\
Draw datasets from the mixture of Section 6 in dimensions up to 1e20, find exact KKT points, forget k points with one step of gradient ascent,
and count how many fresh points the original, the unlearned and the exactly retrained network classify rightly, over a grid of dimensions and
lengths of the mean. Beside it: where the hypotheses of Theorem 6.1 hold, where its bound says nothing, and where networks in fact generalise; then
shorter means, other numbers of points and neurons, and forgetting 1, m/4, m/2 and m - 1 points.
"""
_EPILOG = """\
examples:
  kktcheck generalization --jobs 2
  kktcheck generalization --points 20 --forget 5 --out phase.pdf --json phase.json
  kktcheck generalization --dims 1e3,1e6,1e9,1e12 --mean-norm 0.01,0.03,0.1,0.3
  kktcheck generalization --checkpoint cells.json        (after Ctrl-C the same command goes on from there)
"""


def add_parser(commands):
    """Add the parser of this command."""
    from ..experiments.generalization_phase import Settings

    default = {field.name: field.default for field in fields(Settings)}
    parser = commands.add_parser("generalization", help="accuracy on the mixture of Section 6", description=_DESCRIPTION, epilog=_EPILOG)
    pictures.add_options(parser, _PICTURE)
    parser.add_argument("--dims", type=_dimensions, default=default["dims"], metavar="D,E,..", help="dimensions (default: 1e3, 1e4, ..., 1e20)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--alpha", type=_alphas, metavar="A,B,..", help="exponents in (0, 1/4) of |mu| = d^-alpha (default: 20 of them)")
    length.add_argument("--mean-norm", type=_norms, metavar="A,B,..", help="lengths of the mean themselves, above 0")
    parser.add_argument(
        "--at", type=_place, metavar="D,LENGTH", help="dimension, and alpha or length, where m, n and k vary (default: 1e6,0.2; the middle length)"
    )
    for name, least, what in (
        ("points", 2, "points m of each dataset"),
        ("neurons", 2, "neurons n of each network"),
        ("forgotten", 1, "points k to forget together in the grid"),
        ("draws", 1, "datasets per cell"),
        ("test_points", 1, "fresh points for each dataset"),
    ):
        option = "--forget" if name == "forgotten" else "--" + name.replace("_", "-")
        parser.add_argument(option, dest=name, type=options.whole(least), default=default[name], metavar="N", help=f"{what} (default: %(default)s)")
    parser.add_argument("--checkpoint", metavar="FILE", help="keep finished cells in this .json file and, if it is there, go on from it")
    options.add_jobs(parser, "numbers do not depend")
    options.add_json_and_seed(parser, "all numbers", "seed of datasets, test points and states to start from")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; nothing it finds is an error."""
    from .. import plots
    from ..experiments import generalization_phase

    names = ("dims", "points", "neurons", "forgotten", "draws", "test_points", "at", "seed")
    given = {name: getattr(args, name) for name in names}
    settings = generalization_phase.Settings(alphas=args.alpha, mean_norms=args.mean_norm, **given)
    picture = pictures.wanted(args, _PICTURE)
    output.check(args.json, "--json")
    output.check(args.checkpoint, "--checkpoint", (".json",))
    output.check_distinct([("--out", picture), ("--json", args.json), ("--checkpoint", args.checkpoint)])
    console.json_to(args.json)
    with chosen(args.jobs, args.dask) as jobs, Progress(sys.stderr, console) as progress:
        result = generalization_phase.run(settings, progress=progress, checkpoint=args.checkpoint, jobs=jobs)
    console.say(result.summary())
    console.write_json(args.json, result.to_json())
    pictures.write(picture, plots.generalization, result, console)
    return []


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    if args.checkpoint is None:
        return "nothing was kept (with --checkpoint FILE.json finished cells are); to start again"
    if not Path(args.checkpoint).exists():
        return "nothing was kept yet; to start again"
    return f"finished cells are kept in {args.checkpoint}; to go on from there"


def _numbers(text):
    return tuple(options.number(0, strict=True)(part) for part in text.split(","))


def _dimensions(text):
    numbers = _numbers(text)
    for d in numbers:
        if d < 1 or d != int(d):
            raise argparse.ArgumentTypeError(f"{d:g} is no dimension: whole numbers from 1 to 1e20 are needed")
    return tuple(int(d) for d in numbers)


def _alphas(text):
    numbers = _numbers(text)
    for alpha in numbers:
        if alpha >= 0.25:
            raise argparse.ArgumentTypeError(f"{alpha:g} lies outside (0, 1/4); --mean-norm takes means of any length")
    return numbers


def _norms(text):
    return _numbers(text)


def _place(text):
    try:
        dim, length = _numbers(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no dimension and length like 1e6,0.2") from None
    return _dimensions(str(dim))[0], length
