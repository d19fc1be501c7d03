"""``kktcheck compare``: unlearning algorithms side by side."""

import sys
from dataclasses import fields
from pathlib import Path

from ..errors import InputError
from ..executors import chosen
from . import options, output, pictures
from .inputs import read
from .progress import Progress

_PICTURE = "compare.png"
_DESCRIPTION = """\
Forget points with every unlearning algorithm and measure what comes out against exact KKT points of the retained data: tau to the nearest
of them, epsilon and delta of the certificate, margins, accuracy, what is left of the forgotten points, the membership test, and the time.
One table and a picture; on a model of yours, or on the networks of Appendix E, which are then trained first.

An algorithm with options runs with each of them, and the one with the least median tau on these very cases is shown. One that needs a record
of the training which is not given, or that diverges, is a row that says so.
"""
_EPILOG = """\
methods: {names}

examples:
  kktcheck compare model.npz data.npz --forget 3,7
  kktcheck compare model.npz data.npz --forget 3 --forget 5 --record training.npz --others fresh.npz --out compare.pdf --json compare.json
  kktcheck compare --appendix-e --points all --methods identity,gradient-ascent,retraining
  kktcheck compare --appendix-e --checkpoint training.npz        (after Ctrl-C the same command goes on from there)
"""

#: Options that belong to a model of one's own, and to Appendix E; given with the other, they are refused.
_OWN = ("forget", "record", "others", "test")
_APPENDIX_E = ("points", "datasets", *(name for name, _, _ in options.APPENDIX_E))
#: Seeds by default: a single model has few cases, and many networks make up for one draw each.
_SEEDS = {"own": 3, "appendix_e": 1}


def add_parser(commands):
    """Add the parser of this command."""
    from ..experiments.comparison import Settings
    from ..unlearning import algorithms

    default = {field.name: field.default for field in fields(Settings)}
    epilog = _EPILOG.format(names=", ".join(algorithm.name for algorithm in algorithms()))
    parser = commands.add_parser("compare", help="unlearning algorithms side by side", description=_DESCRIPTION, epilog=epilog)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="file or folder with W and u (and kinks), or w, at the scale of training")
    parser.add_argument("data", metavar="DATA", nargs="?", help="file or folder with X and y; may be the same as MODEL")
    parser.add_argument("--methods", type=_names, default="all", metavar="all|A,B,..", help="see below (default: all for this kind of model)")
    parser.add_argument(
        "--seeds",
        type=options.whole(1),
        metavar="N",
        help=f"runs of methods that draw random numbers (default: {_SEEDS['own']}, with --appendix-e {_SEEDS['appendix_e']})",
    )
    parser.add_argument("--shards", type=options.whole(1), default=default["shards"], metavar="N", help="shards of sisa (default: %(default)s)")
    parser.add_argument(
        "--statistic",
        choices=("influence", "signed", "margin"),
        default=default["statistic"],
        help="of the membership test: weight beyond the retained points, the same with its sign, or the margin (default: %(default)s)",
    )
    pictures.add_options(parser, _PICTURE)
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="keep the finished cases in FILE.cases.npz, for an .npz file FILE.npz, the training of --appendix-e in that itself, and go on from both",
    )
    options.add_jobs(parser, "numbers, but for the seconds, do not depend")
    options.add_json_and_seed(parser, "all numbers", "seed of random methods, with --appendix-e also of data and initial weights")
    own = parser.add_argument_group("with MODEL and DATA")
    own.add_argument(
        "--forget", type=options.indices, action="append", metavar="I,J,..", help="points to forget together; again for another case of its own"
    )
    own.add_argument("--record", metavar="TRAINING", help="record of the model's training (Training.save), for methods that need one")
    own.add_argument("--others", metavar="DATA", help="fresh points of the same law: adds the membership test")
    own.add_argument("--test", metavar="DATA", help="points for the test accuracy")
    group = parser.add_argument_group("with --appendix-e", "by default the setting of Appendix E")
    group.add_argument("--appendix-e", action="store_true", help="train the paper's networks and compare on them, in place of MODEL and DATA")
    points = ",".join(map(str, default["points"]))
    group.add_argument("--points", type=options.indices_or_all, metavar="all|I,J,..", help=f"points to forget, one at a time (default: {points})")
    group.add_argument(
        "--data", dest="datasets", choices=("one", "each"), help=f"one dataset for all networks or a fresh one for each (default: {default['data']})"
    )
    for name, kind, what in options.APPENDIX_E:
        group.add_argument("--" + name.replace("_", "-"), type=kind, metavar="N", help=f"{what} (default: {default[name]})")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; nothing it finds is an error."""
    from .. import plots

    _check_mode(args)
    settings = _settings(args) if args.appendix_e else None
    picture = pictures.wanted(args, _PICTURE)
    output.check(args.json, "--json")
    output.check(args.checkpoint, "--checkpoint", (".npz",))
    outputs = [("--out", picture), ("--json", args.json), ("--checkpoint", args.checkpoint)]
    if args.checkpoint is not None:
        outputs.append(("the cases of --checkpoint", str(_cases(args.checkpoint))))
    inputs = [("DATA", args.data), ("MODEL", args.model)] + [(f"--{name}", getattr(args, name)) for name in ("record", "others", "test")]
    output.check_distinct(outputs, [(name, path) for name, path in inputs if path is not None])
    console.json_to(args.json)
    result = _appendix_e(args, settings, console) if args.appendix_e else _own(args, console)
    console.say(result.summary())
    console.write_json(args.json, result.to_json())
    pictures.write(picture, plots.comparison, result, console)
    return []


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    if args.checkpoint is None:
        return "nothing was kept (with --checkpoint FILE.npz finished cases are); to start again"
    kept = [str(path) for path in (Path(args.checkpoint), _cases(args.checkpoint)) if path.exists()]
    if not kept:
        return "nothing was kept yet; to start again"
    return f"what was done is kept in {' and '.join(kept)}; to go on from there"


def _check_mode(args):
    """Raise `InputError` unless either MODEL, DATA and what belongs to them is given, or --appendix-e and what belongs to that."""
    if args.appendix_e and args.model is not None:
        raise InputError("MODEL and --appendix-e exclude each other: compare on a model of your own, or on the paper's networks")
    if not args.appendix_e and args.data is None:
        raise InputError("give MODEL and DATA, or --appendix-e for the paper's networks; see kktcheck compare --help")
    if not args.appendix_e and args.forget is None:
        raise InputError("--forget is missing: which points are to be forgotten?")
    for name in _OWN if args.appendix_e else _APPENDIX_E:
        if getattr(args, name) is not None:
            option = "--data" if name == "datasets" else "--" + name.replace("_", "-")
            raise InputError(f"{option} goes with {'MODEL and DATA, not with --appendix-e' if args.appendix_e else '--appendix-e'}")


def _settings(args):
    from ..experiments.comparison import Settings

    given = {"data" if name == "datasets" else name: getattr(args, name) for name in _APPENDIX_E}
    given = {name: value for name, value in given.items() if value is not None}
    seeds = args.seeds or _SEEDS["appendix_e"]
    return Settings(methods=args.methods, seeds=seeds, shards=args.shards, statistic=args.statistic, seed=args.seed, **given)


def _appendix_e(args, settings, console):
    from ..experiments import comparison

    with chosen(args.jobs, args.dask) as jobs, Progress(sys.stderr, console) as progress:
        return comparison.run(settings, progress=progress, checkpoint=args.checkpoint, jobs=jobs)


def _own(args, console):
    from ..experiments.comparison import compare
    from ..files import load_dataset
    from ..training_state import Training

    model, data = read(args.model, args.data)
    record = None if args.record is None else Training.load(args.record)
    others, test = (None if path is None else load_dataset(path) for path in (args.others, args.test))
    seeds = args.seeds or _SEEDS["own"]
    choice = {"methods": args.methods, "seeds": seeds, "shards": args.shards, "statistic": args.statistic, "seed": args.seed}
    choice |= {"record": record, "others": others, "test": test, "checkpoint": args.checkpoint}
    with chosen(args.jobs, args.dask) as jobs, Progress(sys.stderr, console) as progress:
        return compare(model, data, args.forget, **choice, progress=progress, jobs=jobs)


def _cases(checkpoint):
    from ..experiments.comparison_checkpoint import cases_file

    return cases_file(checkpoint)


def _names(text):
    return text if text == "all" else tuple(text.split(","))
