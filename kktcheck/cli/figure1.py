"""``kktcheck figure1``: the experiment behind Figure 1 of the paper."""

import io
import sys
from dataclasses import fields
from pathlib import Path

from . import options, output
from .progress import Progress

_DESCRIPTION = """\
Train the networks of Appendix E, forget every point with fractions of the paper's step from 0 to 1.5, certify the results with
respect to the retained points in both subgradient conventions, draw the curves, and say whether the paper's sentence about
Figure 1 (a step far from the one of Theorem 4.1 gives a worse epsilon) is borne out.
"""
_EPILOG = """\
examples:
  kktcheck figure1
  kktcheck figure1 --points 0,3 --seed 7 --out figure.pdf --json figure.json
  kktcheck figure1 --checkpoint training.npz        (after Ctrl-C the same command goes on from there)
"""
#: Option, argument type, what it is; the defaults are those of `kktcheck.figure1.Settings`.
_SIZES = (
    ("networks", options.whole(1), "number of networks"),
    ("epochs", options.whole(1), "epochs of training"),
    ("num_points", options.whole(2), "points m of each dataset"),
    ("dim", options.whole(1), "dimension d"),
    ("neurons", options.whole(1), "neurons n of each network"),
    ("learning_rate", options.number(0, strict=True), "learning rate; the paper does not name it"),
    ("weight_decay", options.number(0), "weight decay"),
    ("init_scale", options.number(0, strict=True), "factor on the first layer's initialisation"),
)


def add_parser(commands):
    """Add the parser of this command."""
    from ..figure1 import Settings

    default = {field.name: field.default for field in fields(Settings)}
    parser = commands.add_parser("figure1", help="the experiment behind Figure 1 of the paper", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--out", default="figure1.png", metavar="FILE", help="the picture: .png, .pdf or .svg (default: %(default)s)")
    parser.add_argument("--no-picture", action="store_true", help="draw nothing (needs no matplotlib)")
    parser.add_argument(
        "--points", type=options.indices_or_all, default="all", metavar="all|I,J,..", help="points to forget, one at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--data", choices=("one", "each"), default=default["data"], help="one dataset for all networks or a fresh one for each (default: %(default)s)"
    )
    parser.add_argument("--checkpoint", metavar="FILE", help="keep the training in this .npz file and, if it is there, go on from it")
    options.add_json_and_seed(parser, "all curves and the finding", "seed of data and initial weights")
    group = parser.add_argument_group("the setting", "by default that of Appendix E")
    for name, kind, what in _SIZES:
        group.add_argument("--" + name.replace("_", "-"), type=kind, default=default[name], metavar="N", help=f"{what} (default: %(default)s)")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; nothing it finds is an error."""
    from .. import figure1, plots

    settings = figure1.Settings(points=args.points, data=args.data, seed=args.seed, **{name: getattr(args, name) for name, _, _ in _SIZES})
    picture = None if args.no_picture else args.out
    if picture is not None:
        output.check(picture, "--out", plots.SUFFIXES)
        plots.require()
    output.check(args.json, "--json")
    output.check(args.checkpoint, "--checkpoint", (".npz",))
    output.check_distinct([("--out", picture), ("--json", args.json), ("--checkpoint", args.checkpoint)])
    console.json_to(args.json)
    with Progress(sys.stderr, console) as progress:
        result = figure1.run(settings, progress=progress, checkpoint=args.checkpoint)
    console.say(result.summary())
    console.write_json(args.json, result.to_json())
    if picture is not None:
        drawn = io.BytesIO()
        plots.figure1(result, drawn, format=Path(picture).suffix[1:].lower())
        output.write(picture, drawn.getvalue())
        console.say(f"picture written to {picture}")
    return []


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    if args.checkpoint is None:
        return "nothing was kept (with --checkpoint FILE.npz the training is); to start again"
    if not Path(args.checkpoint).exists():
        return "nothing was kept yet; to start again"
    training = getattr(interrupt, "training", None)
    where = "" if training is None else f" at epoch {training.epoch} of {args.epochs}"
    return f"the training{where} is kept in {args.checkpoint}; to go on from there"
