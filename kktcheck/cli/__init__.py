"""The command line. One module per command; here what they share: parsing, errors, exit codes.

Exit codes: 0 as expected, 1 a limit given with ``--max-...`` is exceeded or a verdict contradicts the ledger, 2 bad input (one line on
standard error), 130 interrupted.
"""

import argparse
import shlex
import sys

from .. import __version__
from ..errors import InputError, KKTCheckError
from . import audit, certify, claims, compare, figure1, generalization, prove, report, unlearn
from .console import Console

COMMANDS = (audit, claims, prove, report, certify, unlearn, compare, figure1, generalization)

_DESCRIPTION = """\
Certificates of how close a trained model is to a KKT point of the max-margin problem, before and after unlearning; and a referee of the
theory of unlearning that builds on such points.
"""
_EPILOG = """\
examples:
  kktcheck audit --jobs 2 --html audit.html
  kktcheck claims lemma-B.3
  kktcheck prove --claims 'lemma-C.*'
  kktcheck report --out report.html
  kktcheck certify model.npz data.npz
  kktcheck unlearn model.npz data.npz --forget 3,7 --out unlearned.npz
  kktcheck compare model.npz data.npz --forget 3,7
  kktcheck compare --appendix-e --out compare.png --json compare.json
  kktcheck figure1 --out figure1.png --json figure1.json
  kktcheck generalization --jobs 2 --out phase.png --json phase.json

files: .npz, .safetensors, or a folder of .npy files, with the arrays W and u (and kinks) of a two-layer network or w of a linear
predictor, and X and y of the data (labels -1 and +1). A .safetensors file saved from a PyTorch module works as it is.

exit codes: 0 as expected; 1 a --max-... limit is exceeded or a verdict contradicts the ledger; 2 bad input; 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Parser whose errors are `InputError`, printed as one line like all others; options cannot be abbreviated."""

    def __init__(self, **options):
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message):
        raise InputError(f"{message}; see {self.prog} --help")


def parser():
    """The whole parser; the module of each command adds its own."""
    top = _Parser(prog="kktcheck", description=_DESCRIPTION, epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"kktcheck {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for module in COMMANDS:
        module.add_parser(commands)
    return top


def main(argv=None):
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code.
    """
    argv = sys.argv[1:] if argv is None else [str(word) for word in argv]
    with Console() as console:
        return console.finish(_run(argv, console))


def _run(argv, console):
    args = None
    try:
        args = parser().parse_args(argv)
        exceeded = args.run(args, console)
    except SystemExit as stop:  # --help and --version
        return stop.code or 0
    except KKTCheckError as error:
        return console.fail(error)
    except MemoryError as error:
        return console.fail(f"not enough memory ({error}): take fewer points, neurons or dimensions" if str(error) else "not enough memory")
    except KeyboardInterrupt as interrupt:
        kept = getattr(args, "interrupted", lambda args, interrupt: "nothing was kept; to start again")(args, interrupt)
        console.note(f"interrupted: {kept}: {shlex.join(['kktcheck', *argv])}")
        return 130
    for sentence in exceeded:
        console.note(sentence)
    return 1 if exceeded else 0
