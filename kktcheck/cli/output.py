"""Files that a command writes: found writable before the work starts, replaced in one step when it is done."""

import contextlib
import importlib.util
import os
import secrets
from pathlib import Path

from ..errors import FileError, InputError, MissingDependencyError


def check(path, option, suffixes=()):
    """Raise unless a file of this name could be written now.

    Parameters
    ----------
    path : str or None
        None (the option was not given) and "-" are left alone.
    option : str
        Name of the option, for the message.
    suffixes : sequence of str
        Endings that the name may have; any if empty.

    Raises
    ------
    FileError
        For another ending, and if the file or its folder does not take a file.
    MissingDependencyError
        For ``.safetensors`` without the library of that name.
    """
    if path in (None, "-"):
        return
    target, suffix = _target(path), Path(path).suffix.lower()
    if suffixes and suffix not in suffixes:
        raise FileError(f"{option} {path}: the name must end in {' or '.join(suffixes)}")
    if suffix == ".safetensors" and importlib.util.find_spec("safetensors") is None:
        raise MissingDependencyError(f"{option} {path} needs the library safetensors: pip install 'kktcheck[safetensors]'")
    if os.path.isdir(path):
        raise FileError(f"{option} {path} is a folder: give the name of a file")
    if _special(path):
        return
    if not os.path.isdir(target.parent):
        raise FileError(f"{option} {path}: there is no folder {target.parent}")
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise FileError(f"{option} {path} is there and write-protected: give another name")
    try:
        with _scratch(target):
            pass
    except OSError as error:
        raise FileError(f"{option} {path} cannot be written: {error.strerror or error}") from error


def check_distinct(outputs, inputs=()):
    """Raise `InputError` if two outputs are one file, or an output is an input.

    Parameters
    ----------
    outputs, inputs : sequence of (name, path)
        The path may be None or "-".
    """
    seen = {_target(path): name for name, path in inputs}
    for name, path in outputs:
        if path in (None, "-") or _special(path):
            continue
        if _target(path) in seen:
            raise InputError(f"{name} and {seen[_target(path)]} are one file, {path}: give another name")
        seen[_target(path)] = name


def write(path, content):
    """Write text or bytes to a file, which is replaced in one step or left as it was.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    content = content.encode() if isinstance(content, str) else content
    target = _target(path)
    try:
        if _special(path):
            Path(path).write_bytes(content)
            return
        with _scratch(target) as (stream, scratch):
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(scratch, target)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _scratch(target):
    """A new file beside the target, removed at the end unless it was renamed."""
    scratch = target.with_name(f".kktcheck-{secrets.token_hex(8)}.tmp")
    try:
        with open(scratch, "xb") as stream:
            yield stream, scratch
    finally:
        scratch.unlink(missing_ok=True)


def _target(path):
    """The file itself, behind any symbolic link."""
    return Path(os.path.realpath(path))


def _special(path):
    """Whether there is something that cannot be replaced: a terminal, a pipe, /dev/null."""
    return os.path.exists(path) and not os.path.isfile(path)
