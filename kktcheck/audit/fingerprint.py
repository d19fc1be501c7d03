"""What identifies the code that a verdict depends on: kktcheck's own, and a claim's text and functions."""

import functools
import hashlib
import re
import types
from pathlib import Path

#: The sources of claims, instances and engines: changed code makes kept verdicts those of another version.
_ENGINES = ("draws", "engines", "referee", "shrinking", "tally", "verdict", "witness")
SOURCES = ("claims/**/*.py", "instances/*.py", "tails/*.py", "strategies.py", *(f"audit/{name}.py" for name in _ENGINES))
#: Where an object lies in memory, as Python prints it: different in every process.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
#: Functions made with functions are followed this far; a recursive one is made with itself.
_DEEPEST = 5


def fingerprint(claim):
    """A short hex string that changes with the code of a claim, of kktcheck's claims, instances and engines.

    What a claim's functions call outside kktcheck is not seen.
    """
    margins = [hypothesis.margin for hypothesis in claim.hypotheses]
    functions = [claim.left, claim.right, claim.extremes, claim.least, claim.trivial, claim.experiment, *margins]
    names = [claim.id, claim.direction, claim.not_run, *(hypothesis.name for hypothesis in claim.hypotheses)]
    parts = [_library(), names, _code(claim.family), [_code(function) for function in functions]]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@functools.cache
def _library():
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _code(value, depth=0):
    """What tells functions apart: instructions, names, constants, and the values they were made with; of other values, their text."""
    if isinstance(value, types.CodeType):
        return value.co_code.hex(), value.co_names, [_code(constant, depth) for constant in value.co_consts]
    if isinstance(value, types.FunctionType) and depth < _DEEPEST:
        made_with = [cell.cell_contents for cell in value.__closure__ or ()]
        return _code(value.__code__, depth + 1), [_code(one, depth + 1) for one in made_with], _code(value.__defaults__, depth + 1)
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    return _ADDRESS.sub("", repr(value))
