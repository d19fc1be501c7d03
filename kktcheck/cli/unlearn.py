"""``kktcheck unlearn``: forget points, and certify what comes out with respect to those retained."""

import json

from . import options, output
from .inputs import read

_DESCRIPTION = """\
Forget points by one gradient-ascent step of the paper's size and compare three certificates: the original on all data, the
original on the retained data (what doing nothing leaves), and the unlearned model on the retained data.
"""
_EPILOG = """\
methods:
  plain      step along the forgotten points (A_GA, A_k-GA)
  projected  step along their part outside the span of the retained points: retained outputs stay as they are
  corrected  plain, then the additive correction of Section 4.1, with a count of the activations that changed all the same

examples:
  kktcheck unlearn model.npz data.npz --forget 3,7 --out unlearned.npz
  kktcheck unlearn model.npz data.npz --forget 3 --out unlearned.npz --method projected --max-epsilon 0.1 --json unlearned.json
"""
METHODS = ("plain", "projected", "corrected")


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("unlearn", help="forget points and compare certificates", description=_DESCRIPTION, epilog=_EPILOG)
    options.add_model_and_data(parser)
    parser.add_argument("--forget", type=options.indices, required=True, metavar="I,J,..", help="indices of the points to forget, from 0")
    parser.add_argument("--out", required=True, metavar="NEW", help="write the unlearned model here (.npz or .safetensors)")
    parser.add_argument("--method", choices=METHODS, default="plain", help="see below (default: %(default)s)")
    parser.add_argument("--fraction", type=options.number(0), default=1.0, metavar="F", help="share of the paper's step (default: %(default)s)")
    parser.add_argument(
        "--loss",
        choices=("logistic", "exponential"),
        default="logistic",
        help="loss to ascend; the step size cancels its derivative, so the result is the same (default: %(default)s)",
    )
    options.add_convention(parser, options.SUBGRADIENTS)
    options.add_limits(parser, "the certificate of the unlearned model on the retained data")
    options.add_json_and_seed(parser, "all numbers")
    parser.set_defaults(run=run)


def run(args, console):
    """Run the command; returns the sentences on limits exceeded."""
    output.check(args.out, "--out", (".npz", ".safetensors"))
    output.check(args.json, "--json")
    output.check_distinct([("--out", args.out), ("--json", args.json)], [("DATA", args.data), ("MODEL", args.model)])
    console.json_to(args.json)
    model, data = read(args.model, args.data)

    from ..files import save_model
    from .before_after import unlearn_and_certify

    result = unlearn_and_certify(
        model,
        data,
        args.forget,
        method=args.method,
        fraction=args.fraction,
        loss=args.loss,
        subgradient=args.subgradient,
        kink_tol=args.kink_tol,
    )
    console.say(result.summary())
    save_model(args.out, result.unlearned)
    console.say(f"\nunlearned model written to {args.out}")
    sentences = _exceeded(args, result)
    document = {"command": "unlearn", "model": args.model, "data": args.data, "out": args.out}
    document |= result.document()
    document |= {"limits": options.limits(args), "limits_exceeded": sentences, "warnings": console.warnings}
    console.write_json(args.json, json.dumps(document, indent=1, allow_nan=False))
    return sentences


def _exceeded(args, result):
    of = "the unlearned model on the retained data"
    if result.after is not None:
        return options.exceeded(args, result.after, of)
    given = options.limits(args).items()
    return [f"limit exceeded: {of} has no certificate, so no {attribute}; --max-{attribute} is {limit!r}" for attribute, limit in given]
