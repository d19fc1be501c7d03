"""``kktcheck claims``: the ledger of the paper's claims, or everything about one of them."""

import json

from . import options, output

_DESCRIPTION = """\
List every claim of the paper with the verdict of the ledger that comes with kktcheck, the worst ratio seen, the constant printed and the
corrected one; or show all about one claim: statement, hypotheses, evidence by budget and engine, derivation, witness. Nothing is run.
"""
_EPILOG = """\
examples:
  kktcheck claims
  kktcheck claims 'theorem-4.1*'
  kktcheck claims lemma-B.3
"""


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("claims", help="the paper's claims and what the referee found", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("id", metavar="ID", nargs="?", help="one claim, or a pattern like lemma-C.* (quote it)")
    options.add_json_and_seed(parser, "the claims shown")
    parser.set_defaults(run=run)


def run(args, console):
    """Run the command; nothing it shows is an error."""
    output.check(args.json, "--json")
    console.json_to(args.json)

    from .. import claims
    from ..audit import findings, report
    from ..audit.ledger import committed, in_paper_order

    ledger, known = committed(), {claim.id: claim for claim in claims.all()}
    chosen = in_paper_order(known.values() if args.id is None else claims.matching(args.id))
    if args.id in known:
        claim = known[args.id]
        related = [other.id for other in in_paper_order(known.values()) if other.id.startswith(args.id + "/")]
        console.say(report.claim_text(claim, ledger.entries.get(claim.id), related))
        chosen = [claim]
    else:
        console.say(report.claims_table(chosen, ledger))
    if args.id is None:
        console.say("\n" + findings.overview(ledger))
    console.write_json(args.json, json.dumps([_document(claim, ledger) for claim in chosen], indent=1, allow_nan=False))
    return []


def _document(claim, ledger):
    from ..audit.report import constant_of

    entry = ledger.entries.get(claim.id) or {}
    names = ("id", "statement", "source", "kind", "direction", "latex", "constant", "corrected_by", "derivation", "not_run")
    return {
        **{name: getattr(claim, name) for name in names},
        "constant_corrected": constant_of(claim.corrected_by),
        "hypotheses": [hypothesis.name for hypothesis in claim.hypotheses],
        **{name: entry.get(name) for name in ("verdict", "worst_ratio", "budgets", "witness")},
    }
