"""``kktcheck audit``: the referee on every claim of the paper, and on witness files."""

import os
import sys
from pathlib import Path

from ..errors import FileError, InputError
from ..executors import chosen
from . import options, output
from .progress import Progress

_DESCRIPTION = """\
Try to break every claim of the paper: instances that meet its hypotheses are built at structured extremes, searched uphill, and drawn and
shrunk by Hypothesis; what violates a claim is re-checked in exact arithmetic. Verdicts are set against the ledger that comes with kktcheck.
"""
_EPILOG = """\
verdicts: proved; holds (attacked, never violated); refuted (with an exact witness); vacuous; inconclusive; not run
ledger: agrees; weaker (consistent: less was found than before); stronger; new; contradicts (then the exit code is 1)

examples:
  kktcheck audit --claims 'lemma-C.*' --budget quick
  kktcheck audit --jobs 4 --resume run --json audit.json --html audit.html       (after Ctrl-C the same command goes on from there)
  kktcheck audit --claims lemma-C.4/1 --witnesses .
  kktcheck audit --replay lemma-C.4--1.json
"""
#: Options that belong to a run; with --replay they are refused.
_RUN = ("claims", "budget", "jobs", "dask", "html", "junit", "resume", "witnesses", "ledger", "write_ledger")


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("audit", help="try to break every claim of the paper", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--claims", metavar="GLOB", help="ids like lemma-C.* (several joined by commas; quote them); default: all")
    parser.add_argument("--budget", choices=("quick", "default", "thorough"), help="numbers of instances, never seconds (default: default)")
    options.add_jobs(parser, "verdicts do not depend")
    parser.add_argument("--html", metavar="FILE", help="write a self-contained page with all evidence")
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML: a test per claim, failed where the ledger is contradicted")
    parser.add_argument("--resume", metavar="DIR", help="keep each finished claim in a file there at once, and go on from what is there")
    parser.add_argument("--witnesses", metavar="DIR", help="write the witness of each refuted claim to a file there, for --replay")
    parser.add_argument("--replay", metavar="FILE", help="re-check one witness file alone; exit code 2 if it refutes nothing")
    parser.add_argument("--ledger", metavar="FILE", help="set the verdicts against this ledger (default: the one that comes with kktcheck)")
    parser.add_argument("--write-ledger", metavar="FILE", help="write the ledger with this run's verdicts; what the file holds of others is kept")
    options.add_json_and_seed(parser, "all verdicts (with --replay: the witness)", "seed of everything that is drawn")
    parser.set_defaults(run=run, interrupted=interrupted)


def run(args, console):
    """Run the command; returns the sentences on verdicts that contradict the ledger."""
    if args.replay is not None:
        return _replay(args, console)
    outputs = [("--json", args.json), ("--html", args.html), ("--junit", args.junit), ("--write-ledger", args.write_ledger)]
    for option, path in outputs:
        if path == "-" and option != "--json":
            raise InputError(f"{option} -: standard output takes the JSON only; give the name of a file")
        output.check(path, option)
    output.check_distinct(outputs, [("--ledger", args.ledger)] if args.ledger else [])
    if args.witnesses is not None and args.resume is not None and os.path.realpath(args.witnesses) == os.path.realpath(args.resume):
        raise InputError(f"--witnesses and --resume are one folder, {args.resume}: finished claims need one of their own")
    _check_folder(args.witnesses)
    console.json_to(args.json)

    from ..audit import audit
    from ..audit import ledger as ledgers

    ledger = ledgers.committed() if args.ledger is None else ledgers.read(args.ledger)
    renewed = None if args.write_ledger is None else ledgers.to_renew(args.write_ledger)
    choice = {"budget": args.budget or "default", "seed": args.seed, "resume": args.resume}
    with chosen(args.jobs, args.dask) as jobs, Progress(sys.stderr, console) as progress:
        result = audit(args.claims, **choice, jobs=jobs, progress=progress)
    console.say(result.summary(ledger))
    console.write_json(args.json, result.to_json())
    for path, text, what in ((args.html, result.to_html, "page"), (args.junit, result.to_junit, "JUnit XML")):
        if path is not None:
            output.write(path, text(ledger))
            console.say(f"{what} written to {path}")
    if args.witnesses is not None:
        _write_witnesses(result, Path(args.witnesses), console)
    if args.write_ledger is not None:
        output.write(args.write_ledger, renewed.with_audit(result).to_json() + "\n")
        console.say(f"ledger written to {args.write_ledger}")
    pairs = zip(result, result.against(ledger), strict=True)
    return [f"{verdict.id} is {verdict.verdict}; {found.sentence}" for verdict, found in pairs if found.word == "contradicts"]


def interrupted(args, interrupt):
    """What was kept when Ctrl-C came, as the beginning of a sentence that ends with the command to give."""
    if args.resume is None:
        return "nothing was kept (with --resume DIR finished claims are); to start again"
    kept = len(list(Path(args.resume).glob("*.json"))) if os.path.isdir(args.resume) else 0
    return f"{kept} finished claims are kept in {args.resume}; to go on from there"


def _replay(args, console):
    for name in _RUN:
        if getattr(args, name) is not None:
            raise InputError(f"--{name.replace('_', '-')} goes with a run, not with --replay, which re-checks one file alone")
    output.check(args.json, "--json")
    output.check_distinct([("--json", args.json)], [("--replay", args.replay)])
    console.json_to(args.json)

    from ..audit import read_witness, report

    claim, refutation = read_witness(args.replay)
    console.say(report.replay_text(claim, refutation))
    if args.json is not None:
        import json

        console.write_json(args.json, json.dumps(refutation.to_json(), indent=1, allow_nan=False))
    return []


def _check_folder(folder):
    """Raise unless the folder is there, or can be made, and takes files."""
    if folder is None:
        return
    try:
        Path(folder).mkdir(exist_ok=True)
    except FileExistsError:
        raise FileError(f"--witnesses {folder} is a file: give the name of a folder") from None
    except OSError as error:
        raise FileError(f"--witnesses {folder} cannot be made: {error.strerror or error}") from error
    if not os.access(folder, os.W_OK):
        raise FileError(f"--witnesses {folder} is write-protected: give another folder")


def _write_witnesses(result, folder, console):
    import json

    from ..audit.resume import file_name

    refuted = [verdict for verdict in result if verdict.witness is not None]
    for verdict in refuted:
        output.write(folder / file_name(verdict.id), json.dumps(verdict.witness, allow_nan=False) + "\n")
    console.say(f"{len(refuted)} witnesses written to {folder}")
