"""``kktcheck report``: the referee's report on the paper, from the ledger alone."""

import json
from pathlib import Path

from ..errors import InputError
from . import options, output

_DESCRIPTION = """\
The referee's report on the paper: each statement with one word, what refutes it and what is true instead, which step of its printed proof fails
and what repairs it, its constants printed, proved and attained, and what is sharper. All of it stands in the ledger that comes with kktcheck, or
in the one given; nothing is run. The terminal shows a line per statement.
"""
_EPILOG = """\
words: sound; sound, printed proof broken; refuted; not judged (probabilities)

examples:
  kktcheck report --out report.html
  kktcheck report --out report.rst                       (with the plot of the constants beside it, in report.svg)
  kktcheck report --ledger ledger.json --out report.html --out report.rst --json report.json
"""
_SUFFIXES = (".html", ".rst")


def add_parser(commands):
    """Add the parser of this command."""
    parser = commands.add_parser("report", help="the referee's report on the paper", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--out", metavar="FILE", action="append", default=[], help="write it to FILE.html or FILE.rst; may be given twice")
    parser.add_argument("--ledger", metavar="FILE", help="report what this ledger says (default: the one that comes with kktcheck)")
    options.add_json_and_seed(parser, "all statements")
    parser.set_defaults(run=run)


def run(args, console):
    """Run the command; nothing it shows is an error."""
    if "-" in args.out:
        raise InputError("--out -: standard output takes the JSON only; give the name of a file")
    pictures = [("--out's picture", _picture(path)) for path in args.out if Path(path).suffix.lower() == ".rst"]
    for path in args.out:
        output.check(path, "--out", _SUFFIXES)
    for option, path in (*pictures, ("--json", args.json)):
        output.check(path, option)
    outputs = [*(("--out", path) for path in args.out), *pictures, ("--json", args.json)]
    output.check_distinct(outputs, [("--ledger", args.ledger)] if args.ledger else [])
    console.json_to(args.json)

    from ..audit import constants_plot, paper, paper_html, paper_rst, paper_text
    from ..audit import ledger as ledgers

    ledger = ledgers.committed() if args.ledger is None else ledgers.read(args.ledger)
    found = paper.read_paper(ledger)
    console.say(paper_text.summary(found))
    for path in args.out:
        if Path(path).suffix.lower() == ".html":
            output.write(path, paper_html.page(found, ledger))
        else:
            picture = constants_plot.plot(found.constants)
            if picture:
                output.write(_picture(path), picture + "\n")
            output.write(path, paper_rst.document(found, ledger, Path(_picture(path)).name if picture else ""))
        console.say(f"report written to {path}")
    lines = (json.dumps(record, allow_nan=False) for record in paper_text.records(found))
    console.write_json(args.json, "[\n" + ",\n".join(lines) + "\n]")
    return []


def _picture(path):
    """Where the plot beside a text goes."""
    return str(Path(path).with_suffix(".svg"))
