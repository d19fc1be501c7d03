"""``kktcheck certify``: how close a model is to a KKT point."""

import sys

from . import options, output
from .inputs import read
from .progress import Progress

_DESCRIPTION = """\
Scale a model to minimum margin 1, recover its multipliers, and report how close it is to a KKT point of the max-margin problem:
epsilon (stationarity), delta (complementary slackness) and tau (1 - cos to the model given, not 0 only if kinks were snapped).
"""
_EPILOG = """\
examples:
  kktcheck certify model.npz data.npz --subgradient both
  kktcheck certify model.safetensors data.npz --kink-tol 1e-4 --save-model certified.npz
  kktcheck certify model.npz folder --max-memory 6G
  kktcheck certify model.npz data.npz --rigorous --max-epsilon 0.05 --max-delta 0.01 --json certificate.json
"""

_ENGINES = "pivoting, or matrix-free where that does not pay; always matrix-free; or an independent solver (default: %(default)s)"


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("certify", help="certificate of a model on its data", description=_DESCRIPTION, epilog=_EPILOG)
    options.add_model_and_data(parser)
    options.add_convention(parser, ("clarke", "indicator", "both"))
    parser.add_argument("--slackness-cap", type=options.number(0), metavar="D", help="only multipliers with lambda (margin - 1) <= D")
    parser.add_argument(
        "--scale", type=options.number(0, strict=True), metavar="C", help="certify the model times C, feasible or not, instead of at minimum margin 1"
    )
    parser.add_argument("--engine", choices=("fast", "matrix-free", "cvxpy"), default="fast", help=_ENGINES)
    parser.add_argument(
        "--max-memory",
        type=options.size,
        metavar="SIZE",
        help="what arrays may take beside model and data, like 6G; a memory-mapped X is then streamed",
    )
    parser.add_argument(
        "--rigorous",
        action="store_true",
        help="enclose the numbers by interval arithmetic, the limits then hold for the upper ends (needs python-flint: kktcheck[intervals])",
    )
    parser.add_argument("--save-model", metavar="NEW", help="write the certified model, kinks included (with both: the clarke one)")
    options.add_limits(parser, "a certificate")
    options.add_json_and_seed(parser, "the certificate (with both: a list of two)")
    parser.set_defaults(run=run)


def run(args, console):
    """Run the command; returns the sentences on limits exceeded."""
    output.check(args.save_model, "--save-model", (".npz", ".safetensors"))
    output.check(args.json, "--json")
    output.check_distinct([("--save-model", args.save_model), ("--json", args.json)], [("DATA", args.data), ("MODEL", args.model)])
    console.json_to(args.json)
    model, data = read(args.model, args.data)

    from ..certificate import certify
    from ..files import save_model

    chosen = options.SUBGRADIENTS if args.subgradient == "both" else (args.subgradient,)
    with Progress(sys.stderr, console) as progress:
        certificates = [
            certify(
                model,
                data,
                subgradient=subgradient,
                kink_tol=args.kink_tol,
                slackness_cap=args.slackness_cap,
                scale=args.scale,
                engine=args.engine,
                rigorous=args.rigorous,
                max_memory=args.max_memory,
                progress=progress,
            )
            for subgradient in chosen
        ]
    console.say("\n\n".join(certificate.summary() for certificate in certificates))
    texts = [certificate.to_json() for certificate in certificates]
    console.write_json(args.json, texts[0] if len(texts) == 1 else "[\n" + ",\n".join(texts) + "\n]")
    if args.save_model:
        save_model(args.save_model, certificates[0].model)
        console.say(f"certified model ({chosen[0]}) written to {args.save_model}")
    return [sentence for each in certificates for sentence in _exceeded(args, each)]


def _exceeded(args, certificate):
    of = f"the {certificate.subgradient} certificate"
    if certificate.enclosures is None:
        return options.exceeded(args, certificate, of)
    return options.exceeded(args, certificate.enclosures.high, f"{of} (upper end of the enclosure)")
