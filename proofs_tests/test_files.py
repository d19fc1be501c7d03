"""Files: bitwise round trips, PyTorch's safetensors, memory-mapped folders, and everything that must be refused."""

import io
import os
import sys
import zipfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from kktcheck import array_files
from kktcheck.dataset import Dataset
from kktcheck.errors import FileError, InputError, KKTCheckError, MissingDependencyError
from kktcheck.files import load_dataset, load_model, save_dataset, save_model
from kktcheck.models import LinearPredictor, TwoLayerReLU

from .instances import datasets, linear_instances, seeds, two_layer_instances

W = np.array([[1.0, 1 / 3, 0.0], [0.1, -2.0, 5e-324]])
U = np.array([0.5, -0.5])
X = np.array([[1.0, 0.0, 2.0], [0.0, 1e-300, 1.0]])
Y = np.array([1.0, -1.0])
KINKS = np.array([[True, False], [False, False]])

FORMATS = pytest.mark.parametrize("ending", [".npz", ".safetensors"])


def same_model(a, b):
    if isinstance(a, LinearPredictor):
        return isinstance(b, LinearPredictor) and np.array_equal(a.w, b.w)
    if (a.kinks is None) != (b.kinks is None):
        return False
    return np.array_equal(a.W, b.W) and np.array_equal(a.u, b.u) and (a.kinks is None or np.array_equal(a.kinks, b.kinks))


def npy(header, payload=b""):
    """Bytes of an .npy file with any header text."""
    text = header.encode("latin1")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + payload


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def bytes_of(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@FORMATS
@given(instance=st.one_of(linear_instances(), two_layer_instances(), two_layer_instances(kinks=True)))
def test_models_come_back_to_the_bit(tmp_path_factory, ending, instance):
    path = tmp_path_factory.mktemp("models") / f"model{ending}"
    save_model(path, instance[1])
    assert same_model(load_model(path), instance[1])


@FORMATS
@given(data=datasets())
def test_datasets_come_back_to_the_bit(tmp_path_factory, ending, data):
    path = tmp_path_factory.mktemp("data") / f"data{ending}"
    save_dataset(path, data)
    loaded = load_dataset(path)
    assert np.array_equal(loaded.X, data.X)
    assert np.array_equal(loaded.y, data.y)


@FORMATS
def test_extreme_numbers_and_layouts_come_back_to_the_bit(tmp_path, ending):
    weights = np.array([[-0.0, 5e-324, 1.7976931348623157e308], [1 / 3, np.nextafter(1, 2), -1e-300]])
    save_model(tmp_path / f"model{ending}", TwoLayerReLU(weights, U))
    assert load_model(tmp_path / f"model{ending}").W.tobytes() == weights.tobytes()
    np.save(tmp_path / "X.npy", np.asfortranarray(X))
    np.save(tmp_path / "y.npy", Y)
    save_dataset(tmp_path / f"data{ending}", load_dataset(tmp_path))
    assert load_dataset(tmp_path / f"data{ending}").X.tobytes() == X.tobytes()


@pytest.mark.parametrize("kind", ["npz", "compressed", "safetensors", "folder"])
def test_one_file_may_hold_a_model_and_its_data(tmp_path, kind):
    arrays = {"W": W, "u": U, "kinks": KINKS, "X": X, "y": Y}
    if kind == "folder":
        path = tmp_path
        for name, array in arrays.items():
            np.save(path / f"{name}.npy", array)
        (path / "notes.txt").write_text("not an array")
    elif kind == "safetensors":
        path = tmp_path / "both.safetensors"
        pytest.importorskip("safetensors.numpy").save_file(arrays, path)
    else:
        path = tmp_path / "both.NPZ"  # endings are read without regard to case
        with open(path, "wb") as stream:
            (np.savez if kind == "npz" else np.savez_compressed)(stream, **arrays)
    assert same_model(load_model(str(path)), TwoLayerReLU(W, U, KINKS))
    assert np.array_equal(load_dataset(path).X, X)
    assert np.array_equal(load_dataset(path).y, Y)


def test_points_in_a_folder_stay_on_disk(tmp_path):
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", Y.astype(np.int8))
    data = load_dataset(tmp_path, max_bytes=Y.size)  # X does not count
    assert isinstance(data.X, np.memmap)
    assert data.X.mode == "r"
    assert not isinstance(data.y, np.memmap)
    np.save(tmp_path / "X.npy", X.astype(np.float32))
    assert not isinstance(load_dataset(tmp_path).X, np.memmap)
    assert load_dataset(tmp_path).X.dtype == np.float64


def test_integers_and_float32_are_converted(tmp_path):
    np.savez(tmp_path / "small.npz", w=np.array([1, 2, 3]), X=X.astype(np.float32), y=np.array([1, -1], dtype=np.int8))
    assert load_model(tmp_path / "small.npz").w.dtype == np.float64
    assert np.array_equal(load_dataset(tmp_path / "small.npz").X, X.astype(np.float32))


@pytest.mark.parametrize(
    ("tensors", "model"),
    [
        ({"0.weight": W, "2.weight": U[None, :]}, TwoLayerReLU(W, U)),
        ({"0.weight": W, "0.bias": np.zeros(2), "2.weight": U[None, :], "2.bias": np.zeros(1)}, TwoLayerReLU(W, U)),
        ({"readout.weight": U[None, :], "hidden.weight": W}, TwoLayerReLU(W, U)),
        ({"weight": W[:1], "bias": np.zeros(1)}, LinearPredictor(W[0])),
        ({"0.weight": W.astype(np.float32), "2.weight": U[None, :].astype(np.float32)}, TwoLayerReLU(W.astype(np.float32), U)),
    ],
)
def test_a_pytorch_state_dict_in_safetensors_is_a_model(tmp_path, tensors, model):
    pytest.importorskip("safetensors.numpy").save_file(tensors, tmp_path / "torch.safetensors", metadata={"format": "pt"})
    assert same_model(load_model(tmp_path / "torch.safetensors"), model)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"W": W, "u": U, "b": np.zeros(2)}, r"model\.npz holds the unknown b: nothing is ignored"),
        ({"0.weight": W, "2.weight": U}, r"unknown 0\.weight, 2\.weight: .*TwoLayerReLU\.from_state_dict"),
        ({"W": W, "u": U, "w": U}, r"holds w \(a linear predictor\) beside W"),
        ({"w": U, "kinks": KINKS}, "holds w .* beside kinks"),
        ({"W": W}, r"holds W; a model is W and u \(and kinks\) for a two-layer network, or w for"),
        ({"u": U, "kinks": KINKS}, "holds u, kinks; a model is W and u"),
        ({"X": X, "y": Y}, "holds X, y; a model is W and u"),
        ({}, "holds no arrays; a model is"),
    ],
)
def test_model_files_with_missing_or_unknown_arrays_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(FileError, match=message):
        load_model(tmp_path / "model.npz")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X}, r"holds X; a dataset is X \(the points, one per row\) and y \(their labels\)"),
        ({"W": W, "u": U}, "holds W, u; a dataset is X"),
        ({"X": X, "y": Y, "labels": Y}, "unknown labels"),
    ],
)
@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_data_files_with_missing_or_unknown_arrays_are_refused(tmp_path, kind, arrays, message):
    path = tmp_path / "data.npz"
    if kind == "npz":
        np.savez(path, **arrays)
    else:
        path.mkdir()
        for name, array in arrays.items():
            np.save(path / f"{name}.npy", array)
    with pytest.raises(FileError, match=message.replace("holds W, u", "holds (W, u|u, W)")):
        load_dataset(path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(FileError, match="holds no arrays; a dataset is X"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"w": [1.0, np.nan]}, r"w\[1\] = nan"),
        ({"W": W, "u": U[:1]}, "W has 2 neurons but u has 1 entries"),
        ({"W": W, "u": U, "kinks": np.zeros((2, 2))}, "kinks must be a bool array"),
        ({"X": X, "y": [1, 2]}, r"y\[1\] = 2: labels"),
        ({"X": X[0], "y": Y}, r"X has shape \(3,\)"),
    ],
)
def test_bad_numbers_in_a_file_are_named_with_its_path(tmp_path, arrays, message):
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=r"bad\.npz: " + message):
        (load_dataset if "X" in arrays else load_model)(path)


def test_bad_numbers_in_a_state_dict_are_named_with_the_path(tmp_path):
    pytest.importorskip("safetensors.numpy").save_file({"0.weight": W, "0.bias": np.ones(2), "2.weight": U[None, :]}, tmp_path / "m.safetensors")
    with pytest.raises(InputError, match=r"m\.safetensors: 0\.bias\[0\] = 1: the paper's models have no bias"):
        load_model(tmp_path / "m.safetensors")


@pytest.mark.parametrize("name", ["nothing.npz", "nothing.safetensors", "nothing", "no/folder/model.npz", "nothing.pt"])
@pytest.mark.parametrize("load", [load_model, load_dataset])
def test_missing_files_are_named(tmp_path, load, name):
    with pytest.raises(FileError, match=f"{name}: there is no such file or folder"):
        load(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.pt", r"\.pt files are pickles.*safetensors\.torch\.save_file\(module\.state_dict\(\)"),
        ("model.PTH", r"\.pth files are pickles"),
        ("model.pkl", r"\.pkl files are pickles.*numpy\.savez"),
        ("X.npy", r"one array without a name\. Put W\.npy"),
        ("data.csv", r"the format \.csv is unknown\. Save the arrays with numpy\.savez"),
        ("data.json", r"the format \.json is unknown"),
        ("data", "the format without an ending is unknown"),
    ],
)
def test_unknown_formats_are_refused_with_the_way_out(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"anything")
    for load in (load_model, load_dataset):
        with pytest.raises(FileError, match=message):
            load(tmp_path / name)


class Trap:
    """Unpickling this object would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_pickled_objects_are_refused_without_running_them(tmp_path, kind):
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    if kind == "npz":
        path = tmp_path / "model.npz"
        np.savez(path, w=trap)
    else:
        path = tmp_path / "model"
        path.mkdir()
        np.save(path / "w.npy", trap)
    with pytest.raises(FileError, match="w.* holds pickled Python objects, which could run code"):
        load_model(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
         r"w declares shape \(1000000000000,\) of float64, 8000000000000 bytes, but 0"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", r"shape \(-1,\)"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", "24 bytes, but 0 bytes are there: truncated or damaged"),
        ("{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "entries of type <U3"),
        ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "entries of type"),
        ("{'shape': (1,), }", "damaged .npy header"),
        ("{b'': 1, '': 2}", "damaged .npy header"),
        ("{'descr': ',8', 'fortran_order': False, 'shape': (1,), }", "damaged .npy header"),
        ("(" * 400, "damaged .npy header"),
        ("-" * 9000 + "1", "damaged .npy header"),
        ("", "damaged .npy header"),
    ],
)
@pytest.mark.parametrize("kind", ["npz", "folder"])
def test_forged_headers_are_refused_before_anything_is_read(tmp_path, kind, header, message):
    path = tmp_path / "model.npz"
    if kind == "npz":
        zipped(path, {"w.npy": npy(header)})
    else:
        path.mkdir()
        (path / "w.npy").write_bytes(npy(header))
    with pytest.raises(FileError, match=message.replace("w declares", r"w(\.npy)? declares")):
        load_model(path)


def test_arrays_beyond_the_limit_are_refused_before_they_are_read(tmp_path):
    np.savez(tmp_path / "both.npz", W=W, u=U, X=X, y=Y)
    save_dataset(tmp_path / "data.safetensors", Dataset(X, Y))
    assert load_model(tmp_path / "both.npz", max_bytes=W.nbytes + U.nbytes).dim == 3
    with pytest.raises(FileError, match=r"both\.npz: u takes 16 bytes, but max_bytes leaves 15; pass a larger one"):
        load_model(tmp_path / "both.npz", max_bytes=W.nbytes + U.nbytes - 1)
    with pytest.raises(FileError, match=r"data\.safetensors: X takes 48 bytes, but max_bytes leaves 47"):
        load_dataset(tmp_path / "data.safetensors", max_bytes=47)


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "bomb.npz", w=np.zeros(10**6))
    monkeypatch.setattr(array_files, "_BOMB_BYTES", 10**6)
    with pytest.raises(FileError, match="w unpacks from .* to 8000000 bytes: a forged archive"):
        load_model(tmp_path / "bomb.npz")
    np.savez(tmp_path / "plain.npz", w=np.ones(10**6))
    assert load_model(tmp_path / "plain.npz").dim == 10**6


def test_an_archive_with_two_arrays_of_one_name_is_refused(tmp_path):
    zipped(tmp_path / "twice.npz", {"w.npy": bytes_of(U), "w": bytes_of(U)})
    with pytest.raises(FileError, match="holds w twice"):
        load_model(tmp_path / "twice.npz")


def test_a_changed_byte_in_the_numbers_is_noticed_by_the_checksum(tmp_path):
    save_model(tmp_path / "model.npz", LinearPredictor(np.full(50, 1.5)))
    content = bytearray((tmp_path / "model.npz").read_bytes())
    content[content.index(np.float64(1.5).tobytes() * 20) + 37] ^= 1
    (tmp_path / "model.npz").write_bytes(content)
    with pytest.raises(FileError, match=r"truncated, damaged or of another format \(Bad CRC-32"):
        load_model(tmp_path / "model.npz")


@FORMATS
def test_truncated_files_are_refused_at_every_length(tmp_path, ending):
    path = tmp_path / f"model{ending}"
    save_model(path, TwoLayerReLU(W, U, KINKS))
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(FileError, match=r"model\.(npz|safetensors) is truncated, damaged or of another format"):
            load_model(path)


def test_truncated_arrays_in_a_folder_are_refused_at_every_length(tmp_path):
    content = bytes_of(U)
    for length in range(len(content)):
        (tmp_path / "w.npy").write_bytes(content[:length])
        with pytest.raises(FileError, match="truncated|damaged"):
            load_model(tmp_path)


@FORMATS
@given(seed=seeds(), flips=st.integers(1, 8))
def test_damaged_files_load_or_raise_errors_of_ours_but_nothing_else(tmp_path_factory, ending, seed, flips):
    path = tmp_path_factory.mktemp("damaged") / f"model{ending}"
    save_model(path, TwoLayerReLU(W, U, KINKS))
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for _ in range(20):
        damaged = content.copy()
        for place in rng.integers(0, len(content), flips):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            assert load_model(path).dim >= 1
        except KKTCheckError as error:
            assert str(path) in str(error)


@pytest.mark.parametrize("kind", ["text", "safetensors"])
def test_a_file_of_another_format_under_our_ending_is_refused(tmp_path, kind):
    (tmp_path / "fake.npz").write_text("W = 1")
    (tmp_path / "fake.safetensors").write_text("W = 1, but longer than eight bytes")
    with pytest.raises(FileError, match="of another format"):
        load_model(tmp_path / ("fake.npz" if kind == "text" else "fake.safetensors"))


def test_tensors_of_types_numpy_lacks_are_refused(tmp_path):
    header = b'{"weight":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}}'
    (tmp_path / "half.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(FileError, match=r"weight has entries of type BF16, which NumPy does not know; save tensor\.float\(\)"):
        load_model(tmp_path / "half.safetensors")


def test_without_the_safetensors_library_the_extra_is_named(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    save_model(path, LinearPredictor(U))
    for name in [name for name in sys.modules if name.startswith("safetensors")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kktcheck\[safetensors\]'"):
        load_model(path)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kktcheck\[safetensors\]'"):
        save_model(path, LinearPredictor(U))
    assert os.listdir(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("name", ["model", "model.pt", "model.npy", "folder/"])
def test_only_known_endings_are_written(tmp_path, name):
    with pytest.raises(FileError, match=r"files are written as \.npz or \.safetensors"):
        save_model(tmp_path / name, LinearPredictor(U))
    assert os.listdir(tmp_path) == []


@FORMATS
def test_a_file_that_cannot_be_written_is_named_with_the_reason(tmp_path, ending):
    with pytest.raises(FileError, match=f"model{ending} cannot be written: No such file or directory"):
        save_model(tmp_path / "no" / f"model{ending}", LinearPredictor(U))
    (tmp_path / f"taken{ending}").mkdir()
    with pytest.raises(FileError, match=f"taken{ending} cannot be written: Is a directory"):
        save_model(tmp_path / f"taken{ending}", LinearPredictor(U))
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=f"model{ending} cannot be written: Not a directory"):
        save_model(tmp_path / "file" / f"model{ending}", LinearPredictor(U))
    assert sorted(os.listdir(tmp_path)) == ["file", f"taken{ending}"]


@FORMATS
def test_an_interrupted_save_leaves_the_old_file_and_no_scratch_file(tmp_path, ending, monkeypatch):
    path = tmp_path / f"model{ending}"
    save_model(path, LinearPredictor(U))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        save_model(path, LinearPredictor(-U))
    assert os.listdir(tmp_path) == [path.name]
    assert same_model(load_model(path), LinearPredictor(U))
    monkeypatch.undo()
    before = path.read_bytes()
    with open(path, "rb") as reader:  # whoever reads the old file meanwhile goes on reading it whole
        save_model(path, LinearPredictor(-U))
        assert reader.read() == before
    assert same_model(load_model(path), LinearPredictor(-U))


def test_other_objects_are_not_saved(tmp_path):
    with pytest.raises(InputError, match="a LinearPredictor or TwoLayerReLU can be saved, not Dataset"):
        save_model(tmp_path / "model.npz", Dataset(X, Y))
    with pytest.raises(InputError, match="a Dataset can be saved, not tuple"):
        save_dataset(tmp_path / "data.npz", (X, Y))
