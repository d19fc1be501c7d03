"""Named arrays in files: ``.npz``, ``.safetensors``, or a folder of ``.npy`` files. Nothing is ever unpickled.

What a file declares is checked before it is read: a forged or damaged header costs neither memory nor a stray exception.
"""

import math
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .errors import FileError, KKTCheckError, MissingDependencyError
from .replacing import replacing

#: Default limit on the arrays read into memory, so that a forged header cannot exhaust it.
MAX_BYTES = 32 << 30
#: A compressed array beyond the first limit may unpack to at most this many times its size in the file.
_BOMB_BYTES, _BOMB_RATIO = 1 << 30, 100
#: Longest .npy header that is parsed: that of a plain array takes 118 bytes.
_HEADER_BYTES = 512

_PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".joblib")
_SAFETENSORS_TYPES = ("F64", "F32", "F16", "BOOL", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")


def read(path, choose, *, max_bytes=MAX_BYTES):
    """Arrays of a file or folder, by name.

    Parameters
    ----------
    path : path-like
        An ``.npz`` or ``.safetensors`` file, or a folder of ``.npy`` files.
    choose : callable
        Gets the list of the names there and returns those to read, or raises.
    max_bytes : int
        Limit on the size of the arrays in memory. The array ``X`` of a folder, if float64, stays on disk and does not count.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    FileError
        For a missing, damaged, oversized or pickled file and an unknown format.
    MissingDependencyError
        For a ``.safetensors`` file without the library of that name.
    """
    path = Path(path)
    try:
        if not path.exists():
            raise FileError(f"{path}: there is no such file or folder")
        reader = _read_folder if path.is_dir() else _READERS.get(path.suffix.lower())
        if reader is None:
            raise FileError(f"{path}: {_way_out(path.suffix.lower())}")
        return reader(path, choose, max_bytes)
    except KKTCheckError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise FileError(f"{path} is truncated, damaged or of another format ({_first_line(error)}); save it again with numpy.savez") from error


def _read_npz(path, choose, max_bytes):
    with zipfile.ZipFile(path) as archive:
        members = {}
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            if name in members:
                raise FileError(f"{path} holds {name} twice: which one is meant?")
            members[name] = info
        arrays = {}
        for name in choose(list(members)):
            info, where = members[name], f"{path}: {name}"
            with archive.open(info) as stream:
                size = _declared_bytes(stream, info.file_size, where)[0]
            if size > _BOMB_BYTES and size > _BOMB_RATIO * info.compress_size:
                raise FileError(f"{where} unpacks from {info.compress_size} to {size} bytes: a forged archive? Save it uncompressed with numpy.savez")
            max_bytes = _within(max_bytes, size, where)
            with archive.open(info) as stream:
                arrays[name] = np.lib.format.read_array(stream, allow_pickle=False)
    return arrays


def _read_folder(path, choose, max_bytes):
    arrays = {}
    for name in choose(sorted(file.stem for file in path.iterdir() if file.suffix == ".npy")):
        file = path / f"{name}.npy"
        with open(file, "rb") as stream:
            size, dtype = _declared_bytes(stream, file.stat().st_size, file)
        mapped = name == "X" and dtype == np.float64
        max_bytes = _within(max_bytes, 0 if mapped else size, file)
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        arrays[name] = array if mapped else np.array(array)
    return arrays


def _declared_bytes(stream, length, where):
    """(size in bytes, dtype) that the .npy header at the start of ``stream`` declares; refused unless exactly these bytes follow."""
    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise FileError(f"{where} is of version {version} of the .npy format, which plain arrays of numbers do not need; save it as one")
    try:
        shape, _, dtype = readers[version](stream, max_header_size=_HEADER_BYTES)
    except (ValueError, TypeError, KeyError, RuntimeError, SyntaxError, tokenize.TokenError) as error:
        raise FileError(f"{where} has a damaged .npy header ({_first_line(error)}); save it again with numpy.savez or numpy.save") from error
    if dtype.hasobject:
        raise FileError(f"{where} holds pickled Python objects, which could run code; save it as numbers: numpy.asarray(..., dtype=float)")
    if dtype.kind not in "biuf":
        raise FileError(f"{where} has entries of type {dtype}; real numbers are needed")
    size, there = math.prod(shape) * dtype.itemsize, length - stream.tell()
    if min(shape, default=0) < 0 or size != there:
        raise FileError(f"{where} declares shape {shape} of {dtype}, {size} bytes, but {there} bytes are there: truncated or damaged, save it again")
    return size, dtype


def _within(max_bytes, size, where):
    if size > max_bytes:
        raise FileError(f"{where} takes {size} bytes, but max_bytes leaves {max_bytes}; pass a larger one, or a folder with X.npy (memory-mapped)")
    return max_bytes - size


def _read_safetensors(path, choose, max_bytes):
    safetensors = _safetensors(path)
    arrays = {}
    try:
        with safetensors.safe_open(path, framework="np") as file:
            for name in choose(list(file.keys())):
                entry, where = file.get_slice(name), f"{path}: {name}"
                if entry.get_dtype() not in _SAFETENSORS_TYPES:
                    raise FileError(f"{where} has entries of type {entry.get_dtype()}, which NumPy does not know; save tensor.float() instead")
                max_bytes = _within(max_bytes, math.prod(entry.get_shape()) * 8, where)
                arrays[name] = file.get_tensor(name)
    except safetensors.SafetensorError as error:
        raise FileError(f"{path} is truncated, damaged or of another format ({error}); save it again") from error
    return arrays


def _safetensors(path):
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingDependencyError(f"{path} needs the library safetensors: pip install 'kktcheck[safetensors]'") from error
    return safetensors


def write(path, arrays):
    """Write named arrays to an ``.npz`` or ``.safetensors`` file, which is replaced in one step or left as it was.

    Raises
    ------
    FileError
        For another ending, and if the file cannot be written.
    MissingDependencyError
        For a ``.safetensors`` file without the library of that name.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise FileError(f"{path}: files are written as .npz or .safetensors; give the name one of these endings")
    with replacing(path) as stream:
        if suffix == ".npz":
            np.savez(stream, **arrays)
        else:
            stream.write(_safetensors(path).numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def _way_out(suffix):
    if suffix in _PICKLES:
        return (
            f"{suffix} files are pickles, which run code when opened. Where you trust it, open it and save the numbers: "
            "safetensors.torch.save_file(module.state_dict(), 'model.safetensors'), or numpy.savez('model.npz', W=W, u=u)"
        )
    if suffix == ".npy":
        return "one array without a name. Put W.npy and u.npy (or w.npy), X.npy and y.npy in a folder and give the folder"
    return f"the format {suffix or 'without an ending'} is unknown. Save the arrays with numpy.savez('model.npz', W=W, u=u) or ('data.npz', X=X, y=y)"


def _first_line(error):
    return str(error).partition("\n")[0] or type(error).__name__  # NumPy's further lines advise to allow pickles


_READERS = {".npz": _read_npz, ".safetensors": _read_safetensors}
