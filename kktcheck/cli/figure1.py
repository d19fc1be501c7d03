"""``kktcheck figure1``: the experiment behind Figure 1 of the paper."""

import sys
from dataclasses import fields
from pathlib import Path

from ..executors import chosen
from . import options, output, pictures
from .progress import Progress

_DESCRIPTION = """\
Train the networks of Appendix E, forget every point with fractions of the paper's step from 0 to 1.5, and measure how good the
results are with respect to the retained points.

--measure epsilon: certify them in both subgradient conventions, draw the curves, and say whether the paper's sentence about Figure 1
(a step far from the one of Theorem 4.1 gives a worse epsilon) is borne out.
--measure tau: find exact KKT points of the retained points, and draw 1 - cos to the nearest, beside doing nothing and retraining.
"""
_EPILOG = """\
examples:
  kktcheck figure1
  kktcheck figure1 --measure tau --checkpoint training.npz
  kktcheck figure1 --points 0,3 --seed 7 --out figure.pdf --json figure.json
  kktcheck figure1 --checkpoint training.npz        (after Ctrl-C the same command goes on from there)
"""
#: The default picture of each measure.
_PICTURES = {"epsilon": "figure1.png", "tau": "tau.png"}


def add_parser(commands):
    """Add the parser of this command."""
    from ..experiments.step_fractions import Settings

    default = {field.name: field.default for field in fields(Settings)}
    parser = commands.add_parser("figure1", help="the experiment behind Figure 1 of the paper", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument(
        "--measure",
        choices=tuple(_PICTURES),
        default="epsilon",
        help="epsilon of the unlearned networks themselves, or tau, 1 - cos to the nearest exact KKT point (default: %(default)s)",
    )
    pictures.add_options(parser, ", or ".join(f"{name} for {measure}" for measure, name in _PICTURES.items()))
    parser.add_argument(
        "--points", type=options.indices_or_all, default="all", metavar="all|I,J,..", help="points to forget, one at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--data", choices=("one", "each"), default=default["data"], help="one dataset for all networks or a fresh one for each (default: %(default)s)"
    )
    parser.add_argument("--checkpoint", metavar="FILE", help="keep the training in this .npz file and, if it is there, go on from it")
    options.add_jobs(parser, "numbers do not depend")
    options.add_json_and_seed(parser, "all curves and the finding", "seed of data and initial weights")
    group = parser.add_argument_group("the setting", "by default that of Appendix E")
    for name, kind, what in options.APPENDIX_E:
        group.add_argument("--" + name.replace("_", "-"), type=kind, default=default[name], metavar="N", help=f"{what} (default: %(default)s)")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; nothing it finds is an error."""
    from .. import plots
    from ..experiments import figure1, tau_sweep
    from ..experiments.step_fractions import Settings

    experiment, draw = {"epsilon": (figure1.run, plots.figure1), "tau": (tau_sweep.run, plots.tau)}[args.measure]
    settings = Settings(points=args.points, data=args.data, seed=args.seed, **{name: getattr(args, name) for name, _, _ in options.APPENDIX_E})
    picture = pictures.wanted(args, _PICTURES[args.measure])
    output.check(args.json, "--json")
    output.check(args.checkpoint, "--checkpoint", (".npz",))
    retraining = _retraining_file(args)
    output.check(retraining, "the file beside --checkpoint,", (".npz",))
    outputs = [("--out", picture), ("--json", args.json), ("--checkpoint", args.checkpoint), ("the file beside --checkpoint", retraining)]
    output.check_distinct(outputs)
    console.json_to(args.json)
    with chosen(args.jobs, args.dask) as jobs, Progress(sys.stderr, console) as progress:
        result = experiment(settings, progress=progress, checkpoint=args.checkpoint, jobs=jobs)
    console.say(result.summary())
    console.write_json(args.json, result.to_json())
    pictures.write(picture, draw, result, console)
    return []


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    if args.checkpoint is None:
        kept = "training and retraining are" if args.measure == "tau" else "training is"
        return f"nothing was kept (with --checkpoint FILE.npz the {kept}); to start again"
    if not Path(args.checkpoint).exists():
        return "nothing was kept yet; to start again"
    training = getattr(interrupt, "training", None)
    where = "" if training is None else f" at epoch {training.epoch} of {args.epochs}"
    retraining = _retraining_file(args)
    more = f", what was retrained in {retraining}" if retraining is not None and Path(retraining).exists() else ""
    return f"the training{where} is kept in {args.checkpoint}{more}; to go on from there"


def _retraining_file(args):
    """Where the tau experiment keeps its retraining, or None."""
    if args.measure != "tau" or args.checkpoint is None:
        return None
    from ..experiments.retrained import retraining_file

    return str(retraining_file(args.checkpoint))
