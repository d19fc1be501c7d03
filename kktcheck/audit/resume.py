"""A folder with one file per finished claim: a run that was cut off loses none of them and goes on."""

import json
import os
import types
from pathlib import Path
from urllib.parse import quote

from ..errors import FileError, InputError
from ..replacing import SCRATCH, replacing
from .fingerprint import fingerprint
from .verdict import WORDS, Verdict

_FORMAT = "kktcheck verdict 1"
_SUFFIX = ".json"
_LARGEST_FILE = 20_000_000
#: Fields of a verdict in which "inf" is a word.
_TEXTS = ("id", "source", "kind", "verdict", "corrected_by", "note", "witness")
#: Types of a verdict's fields in a file.
_TYPES = {
    **dict.fromkeys(("id", "source", "kind", "verdict", "corrected_by", "note"), (str,)),
    **dict.fromkeys(("instances", "tried"), (int,)),
    **dict.fromkeys(("seconds", "coverage"), (float, int)),
    **dict.fromkeys(("worst_ratio", "hypotheses_margin"), (float, int, types.NoneType)),
    **dict.fromkeys(("engines", "ranges"), (dict,)),
    "witness": (dict, types.NoneType),
}


def file_name(id):
    """Name of a claim's file: its id with ``--`` for a slash, other special characters escaped."""
    return quote(id, safe="").replace("--", "%2D%2D").replace("%2F", "--") + _SUFFIX


class Kept:
    """Verdicts of finished claims, in a folder that is made if it is not there.

    Parameters
    ----------
    folder : path-like
    budget : str
    seed : int
    claims : sequence of Claim
        Those to be judged; files of others may lie there too.

    Attributes
    ----------
    verdicts : dict
        Verdict by id, of the claims to be judged that are done.

    Raises
    ------
    InputError
        A file belongs to another budget, seed or version; says which, and the way out.
    FileError
        The folder cannot be used, or a file in it is damaged or of another kind; names it.
    """

    def __init__(self, folder, budget, seed, claims):
        self._folder, self._run = Path(folder), {"budget": budget, "seed": int(seed)}
        self._fingerprints = {claim.id: fingerprint(claim) for claim in claims}
        found = {}
        for path in self._paths():
            verdict = self._read(path)
            found[verdict.id] = verdict
        self.verdicts = {claim.id: found[claim.id] for claim in claims if claim.id in found}

    def add(self, verdict):
        """Write the file of a verdict in one step; raises `FileError` if that fails."""
        record = {"format": _FORMAT, **self._run, "version": self._fingerprints[verdict.id], "verdict": verdict.to_json()}
        with replacing(self._folder / file_name(verdict.id), text=True) as stream:
            stream.write(json.dumps(record, allow_nan=False) + "\n")

    def _paths(self):
        try:
            self._folder.mkdir(exist_ok=True)
            paths = sorted(self._folder.iterdir())
            if not os.access(self._folder, os.W_OK):
                raise FileError(f"the folder {self._folder} is write-protected: finished claims could not be kept there")
            for path in [path for path in paths if path.name.startswith(".") and path.suffix == SCRATCH]:  # left by a killed run
                path.unlink(missing_ok=True)
        except FileExistsError:
            raise FileError(f"{self._folder} is a file; finished claims are kept in a folder") from None
        except OSError as error:
            raise FileError(f"the folder {self._folder} cannot be used: {error.strerror or error}") from error
        return [path for path in paths if not (path.name.startswith(".") and path.suffix == SCRATCH)]

    def _read(self, path):
        record = _load(path)
        verdict = _verdict(record, path)
        if path.name != file_name(verdict.id):
            raise FileError(f"{path} holds the verdict on {verdict.id}, whose file is {file_name(verdict.id)}: give it that name, or delete it")
        for name, now in self._run.items():
            if record.get(name) != now:
                raise InputError(
                    f"{self._folder} holds verdicts of another run ({path.name}: {name} {record.get(name)!r}, now {now!r}): "
                    "name another folder, or ask for the same run"
                )
        if record.get("version") != self._fingerprints.get(verdict.id, record.get("version")):
            raise InputError(
                f"{path} was written by another version of kktcheck, or of this claim: name another folder, or delete the file to judge it again"
            )
        return verdict


def _load(path):
    try:
        if path.is_file() and path.stat().st_size > _LARGEST_FILE:
            raise FileError(f"{path} has more than {_LARGEST_FILE} bytes: no verdict is that long")
        record = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}; a folder of finished claims holds nothing else") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path} is damaged or no verdict ({str(error)[:80]}): delete it to judge that claim again, or name another folder") from None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise FileError(f"{path} is no file of a finished claim: name a folder of its own, or move the file")
    return record


def _verdict(record, path):
    entries = record.get("verdict")
    problem = "there is no verdict" if not isinstance(entries, dict) else _problem(entries := _numbers(entries))
    if problem:
        raise FileError(f"{path} is damaged ({problem}): delete it to judge that claim again")
    return Verdict(**entries)


def _problem(entries):
    """What is wrong with the fields of a verdict, in a few words; empty if nothing is."""
    if set(entries) != set(_TYPES):
        return f"its fields are not {', '.join(_TYPES)}"
    wrong = [name for name, allowed in _TYPES.items() if type(entries[name]) not in allowed]
    if wrong:
        return f"its {wrong[0]} cannot be right"
    wrong += ["verdict"] * (entries["verdict"] not in WORDS)
    wrong += ["witness"] * ((entries["verdict"] == "refuted") != (entries["witness"] is not None))
    wrong += ["engines"] * any(not isinstance(engine, dict) for engine in entries["engines"].values())
    wrong += ["ranges"] * any(not isinstance(ends, list) or len(ends) != 2 for ends in entries["ranges"].values())
    return f"its {wrong[0]} cannot be right" if wrong else ""


def _numbers(value):
    """The fields with the numbers that JSON has no way to write in place of their names."""
    if isinstance(value, dict):
        return {name: entry if name in _TEXTS else _numbers(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    return float(value) if value in ("inf", "-inf", "nan") else value


def _refuse(constant):
    raise ValueError(f"{constant} is no JSON")
