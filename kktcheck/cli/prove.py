"""``kktcheck prove``: the paper's proofs link by link, their constants proved or refuted over the whole range by interval arithmetic."""

import json
import sys
import time

from ..errors import InputError
from . import options, output
from .progress import Progress

_DESCRIPTION = """\
Prove the steps of the paper's proofs that are inequalities between constants: over the whole box of epsilon, delta, epsilon_d and psi and for all
sizes m, n and k at once, by branch and bound in ball arithmetic (python-flint). A refutation is re-checked exactly, and says where the step holds
after all. Chains of such steps, the printed ones and ours, are shown link by link; what a whole chain carries is proved. A table sets printed
constants beside what the corrected argument gives and what the worst instance attains. Nothing is random.
"""
_EPILOG = """\
verdicts: proved; refuted (with an exact witness); undecided (it gave up)
ledger: agrees; stronger (a claim that held is proved); weaker; new; contradicts (then the exit code is 1)

examples:
  kktcheck prove
  kktcheck prove --claims 'lemma-C.*' --json proofs.json
  kktcheck prove --claims lemma-C.3 --reasons
"""


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("prove", help="prove the constants over their whole range", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--claims", metavar="GLOB", help="ids like lemma-C.* (several joined by commas; quote them); default: all")
    parser.add_argument("--reasons", action="store_true", help="print the reason of every link and the conclusion of every chain")
    parser.add_argument("--boxes", type=options.whole(1), metavar="N", help="boxes to look at before a search gives up (default: 20000)")
    parser.add_argument("--ledger", metavar="FILE", help="set the verdicts against this ledger (default: the one that comes with kktcheck)")
    parser.add_argument("--write-ledger", metavar="FILE", help="write the ledger with these proofs; what the file holds of others is kept")
    options.add_json_and_seed(parser, "all proofs")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; returns the sentences on verdicts that contradict the ledger."""
    if args.write_ledger == "-":
        raise InputError("--write-ledger -: standard output takes the JSON only; give the name of a file")
    outputs = [("--json", args.json), ("--write-ledger", args.write_ledger)]
    for option, path in outputs:
        output.check(path, option)
    output.check_distinct(outputs, [("--ledger", args.ledger)] if args.ledger else [])
    console.json_to(args.json)

    from .. import claims as library
    from ..audit import ledger as ledgers
    from ..audit import proof_report, proofs, prover

    ledger = ledgers.committed() if args.ledger is None else ledgers.read(args.ledger)
    renewed = None if args.write_ledger is None else ledgers.to_renew(args.write_ledger)
    chosen = ledgers.in_paper_order(library.all() if args.claims is None else library.matching(args.claims))
    if not (any(map(proofs.provable, chosen)) or prover.related(chosen)):
        raise InputError("none of the claims chosen is an inequality between constants or has a chain: kktcheck audit judges them on instances")
    started, found = time.perf_counter(), []
    try:
        with Progress(sys.stderr, console) as progress:
            proved = prover.prove_all(chosen, ledger, progress, args.boxes, found)
    except KeyboardInterrupt as interrupt:
        interrupt.found = [proof for proof in found if proof.word != "not run"]
        _write_ledger(args, renewed, prover.Proved(tuple(found), (), ()))
        raise
    agreements = [ledger.agreement(proof, proofs.BUDGET) for proof in found]
    console.say(proof_report.proved_text(proved, agreements, ledger, time.perf_counter() - started, args.reasons))
    console.write_json(args.json, "[\n" + ",\n".join(json.dumps(entry, allow_nan=False) for entry in proved.to_json()) + "\n]")
    if _write_ledger(args, renewed, proved):
        console.say(f"ledger written to {args.write_ledger}")
    pairs = zip(found, agreements, strict=True)
    sentences = [f"{proof.id} is {proof.word}; {agreement.sentence}" for proof, agreement in pairs if agreement.word == "contradicts"]
    return sentences + proved.contradictions


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    count = len(getattr(interrupt, "found", ()))
    if args.write_ledger is not None and count:
        return f"{count} finished proofs are kept in {args.write_ledger}; to prove the others"
    return "nothing was kept (with --write-ledger FILE finished proofs are); to start again"


def _write_ledger(args, renewed, proved):
    """Write the ledger where it is asked for and there is something to say; returns whether it was written."""
    if renewed is None or not proved.proofs:
        return False
    output.write(args.write_ledger, renewed.with_proofs(proved.proofs, proved.chains, proved.constants).to_json() + "\n")
    return True
