import gzip
import hashlib
import io
import pickle
import shutil
import socket
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.utils import Bunch

from skdigits.datasets import fetch_mnist

SPELLINGS = pytest.mark.parametrize(
    ("separator", "compressed"),
    [("-", False), (".", False), ("-", True), (".", True)],
)


@pytest.fixture
def offline(monkeypatch):
    """Fail the test if it opens a connection."""

    def refuse(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def npz_folder(tmp_path, small_archive):
    (tmp_path / "mnist.npz").write_bytes(small_archive[0])
    return tmp_path


def test_bunch(npz_folder, small_mnist, offline):
    mnist = fetch_mnist(data_home=npz_folder)
    assert isinstance(mnist, Bunch)
    assert mnist.images.shape == (5, 28, 28)
    assert mnist.images.dtype == mnist.data.dtype == np.uint8
    assert mnist.target.dtype == np.int64
    assert np.shares_memory(mnist.data, mnist.images)
    assert mnist.data.flags.writeable
    assert_array_equal(mnist.images, small_mnist["x_train"])
    assert_array_equal(mnist.data, small_mnist["x_train"].reshape(5, 784))
    assert_array_equal(mnist.target, small_mnist["y_train"])
    assert_array_equal(mnist.target_names, np.arange(10))
    assert mnist.feature_names[:2] == ["pixel_0_0", "pixel_0_1"]
    assert mnist.feature_names[-1] == "pixel_27_27"
    for word in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "yann.lecun.com"):
        assert word in mnist.DESCR


def test_return_X_y(npz_folder, small_mnist):
    X, y = fetch_mnist(subset="test", data_home=str(npz_folder), return_X_y=True)
    assert_array_equal(X, small_mnist["x_test"].reshape(3, 784))
    assert_array_equal(y, small_mnist["y_test"])


@SPELLINGS
@pytest.mark.parametrize("subset", ["train", "test", "all"])
def test_idx_files(
    tmp_path, write_idx_files, small_mnist, offline, separator, compressed, subset
):
    write_idx_files(tmp_path, separator=separator, compressed=compressed)
    X, y = fetch_mnist(subset=subset, data_home=tmp_path, return_X_y=True)
    parts = {"all": ["train", "test"]}.get(subset, [subset])
    images = np.concatenate([small_mnist[f"x_{part}"] for part in parts])
    assert_array_equal(X, images.reshape(-1, 784))
    assert_array_equal(y, np.concatenate([small_mnist[f"y_{part}"] for part in parts]))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("data_home", [".", "MNIST", "MNIST/raw"])
def test_folders_of_torchvision(
    tmp_path, write_idx_files, small_mnist, offline, data_home, compressed, monkeypatch
):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write_idx_files(raw, compressed=compressed)
    _, y = fetch_mnist(subset="all", data_home=tmp_path / data_home, return_X_y=True)
    expected = [*small_mnist["y_train"], *small_mnist["y_test"]]
    assert_array_equal(y, expected)
    monkeypatch.chdir(tmp_path / data_home)
    assert_array_equal(fetch_mnist(subset="all", data_home=".").target, expected)
    monkeypatch.setenv("SKDIGITS_DATA", str(tmp_path / data_home))
    assert_array_equal(fetch_mnist(subset="all").target, expected)


def test_data_home_takes_precedence_over_its_subfolders(
    tmp_path, npz_folder, write_idx_files
):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write_idx_files(raw, parts=["train"])
    (raw / "train-labels-idx1-ubyte").write_bytes(b"damaged")
    assert len(fetch_mnist(data_home=tmp_path).target) == 5


@pytest.mark.parametrize("name", ["FashionMNIST", "KMNIST"])
def test_other_data_sets_of_torchvision_are_not_mnist(
    tmp_path, write_idx_files, offline, name
):
    raw = tmp_path / name / "raw"
    raw.mkdir(parents=True)
    write_idx_files(raw)
    for data_home in (tmp_path, tmp_path / name):
        with pytest.raises(OSError, match="not found"):
            fetch_mnist(data_home=data_home, download_if_missing=False)


@pytest.mark.parametrize(("subset", "other"), [("train", "t10k"), ("test", "train")])
def test_only_the_files_of_the_subset_are_read(
    tmp_path, write_idx_files, subset, other
):
    write_idx_files(tmp_path)
    for path in tmp_path.glob(f"{other}-*"):
        path.write_bytes(b"damaged")
    assert len(fetch_mnist(subset=subset, data_home=tmp_path).target)
    with pytest.raises(ValueError, match=f"{other}-labels"):
        fetch_mnist(subset="all", data_home=tmp_path)
    for path in tmp_path.glob(f"{other}-*"):
        path.unlink()
    assert len(fetch_mnist(subset=subset, data_home=tmp_path).target)


def test_data_home_from_the_environment(
    tmp_path, monkeypatch, small_archive, small_mnist
):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    (ours / "mnist.npz").write_bytes(small_archive[0])
    np.savez(theirs / "mnist.npz", **{k: v[:2] for k, v in small_mnist.items()})
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(theirs))
    monkeypatch.setenv("SKDIGITS_DATA", str(ours))
    assert len(fetch_mnist().target) == 5
    assert len(fetch_mnist(data_home=theirs).target) == 2
    monkeypatch.setenv("SKDIGITS_DATA", "")
    assert len(fetch_mnist().target) == 2
    monkeypatch.delenv("SKDIGITS_DATA")
    assert len(fetch_mnist().target) == 2


def test_missing_data_without_download(tmp_path, offline):
    folder = tmp_path / "new" / "folder"
    with pytest.raises(OSError, match=r"folder'.*mnist\.npz.*download_if_missing"):
        fetch_mnist(data_home=folder, download_if_missing=False)
    assert folder.is_dir()


def test_images_without_labels_count_as_missing(tmp_path, write_idx_files, offline):
    write_idx_files(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(OSError, match="not found"):
        fetch_mnist(data_home=tmp_path, download_if_missing=False)


@pytest.mark.parametrize("subset", ["validation", None, 3])
def test_unknown_subset(subset):
    with pytest.raises(
        ValueError, match=r"subset must be one of 'all', 'test', 'train'"
    ):
        fetch_mnist(subset=subset)


def test_negative_n_retries(tmp_path):
    with pytest.raises(ValueError, match=r"n_retries must be at least 0; got -1"):
        fetch_mnist(data_home=tmp_path, n_retries=-1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": np.zeros((5, 784), np.uint8)}, r"x_train.*\(5, 784\)"),
        ({"x_train": np.zeros((5, 28, 27), np.uint8)}, r"x_train.*\(5, 28, 27\)"),
        ({"x_train": np.zeros((4, 28, 28), np.uint8)}, r"x_train.*\(5, 28, 28\)"),
        ({"x_train": np.zeros((5, 28, 28))}, "x_train.*uint8.*float64"),
        ({"x_train": np.array([{}] * 5, dtype=object)}, "x_train.*object"),
        ({"y_train": np.array([1, 2, 3, 4, 10])}, "y_train.*1 to 10"),
        ({"y_train": np.array([1, 2, 3, 4, -1])}, "y_train.*-1 to 4"),
        ({"y_train": np.zeros(5)}, "y_train.*float64"),
        ({"y_train": np.zeros((5, 1), int)}, r"y_train.*\(5, 1\)"),
        ({"y_train": np.zeros((), int)}, r"y_train.*\(\)"),
        ({"y_train": np.zeros(0, int)}, r"y_train.*at least one"),
        ({"y_train": None}, "must hold an array 'y_train'"),
    ],
)
def test_archive_that_is_not_mnist(tmp_path, small_mnist, changes, message):
    contents = {k: v for k, v in (small_mnist | changes).items() if v is not None}
    np.savez(tmp_path / "mnist.npz", **contents)
    with pytest.raises(ValueError, match=rf"mnist\.npz.*{message}"):
        fetch_mnist(data_home=tmp_path)


def test_different_numbers_of_images_and_labels(tmp_path, write_idx_files, idx_bytes):
    write_idx_files(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    labels.write_bytes(idx_bytes(np.zeros(4, np.uint8)))
    with pytest.raises(ValueError, match=r"train-images.*train-labels.*\(5, 28, 28\)"):
        fetch_mnist(data_home=tmp_path)


def test_pickles_are_not_loaded(tmp_path):
    class Boom:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "unpickled",))

    for name in ("x_train.npy", "y_train.npy"):
        with zipfile.ZipFile(tmp_path / "mnist.npz", "a") as archive:
            archive.writestr(name, pickle.dumps(Boom()))
    with pytest.raises(ValueError, match=r"mnist\.npz"):
        fetch_mnist(data_home=tmp_path)
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_false_header_in_the_archive_takes_no_memory(
    tmp_path, peak_memory, compression
):
    labels = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        labels, {"descr": "|u1", "fortran_order": False, "shape": (10 * 2**30,)}
    )
    labels.write(bytes(2**20))
    with zipfile.ZipFile(tmp_path / "mnist.npz", "w", compression) as archive:
        archive.writestr("y_train.npy", labels.getvalue())

    def fetch():
        with pytest.raises(ValueError, match=r"mnist\.npz.*got 10737418240 bytes"):
            fetch_mnist(data_home=tmp_path)

    assert peak_memory(fetch) < 2**20


def test_archive_in_fortran_order(tmp_path, small_mnist):
    small_mnist["x_train"] = np.asfortranarray(small_mnist["x_train"])
    np.savez(tmp_path / "mnist.npz", **small_mnist)
    mnist = fetch_mnist(data_home=tmp_path)
    assert_array_equal(mnist.images, small_mnist["x_train"])
    assert np.shares_memory(mnist.data, mnist.images)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_random_damage_to_the_archive_raises_a_value_error_or_is_harmless(
    scratch, small_archive, data
):
    content = bytearray(small_archive[0])
    for _ in range(data.draw(st.integers(1, 4))):
        # Half of the damage hits the directory at the end, where it has most effects.
        near_end = data.draw(st.booleans())
        position = data.draw(st.integers(-400 if near_end else -len(content), -1))
        content[position] = data.draw(st.integers(0, 255))
    (scratch / "mnist.npz").write_bytes(content)
    try:
        fetch_mnist(subset="all", data_home=scratch)
    except ValueError as error:
        if "mnist.npz" not in str(error):
            raise


PUBLISHED_MD5 = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


def test_real_mnist_has_the_published_checksums(mnist_folder, idx_bytes):
    mnist = fetch_mnist(subset="all", data_home=mnist_folder, download_if_missing=False)
    assert mnist.data.shape == (70000, 784)
    labels = mnist.target.astype(np.uint8)
    arrays = {
        "x_train": mnist.images[:60000],
        "y_train": labels[:60000],
        "x_test": mnist.images[60000:],
        "y_test": labels[60000:],
    }
    for key, array in arrays.items():
        assert hashlib.md5(idx_bytes(array)).hexdigest() == PUBLISHED_MD5[key]


def test_idx_files_of_the_real_mnist(mnist_folder, tmp_path, idx_bytes):
    test = fetch_mnist(subset="test", data_home=mnist_folder)
    images = tmp_path / "t10k-images-idx3-ubyte.gz"
    labels = tmp_path / "t10k-labels.idx1-ubyte"
    images.write_bytes(gzip.compress(idx_bytes(test.images), 1))
    labels.write_bytes(idx_bytes(test.target.astype(np.uint8)))
    again = fetch_mnist(subset="test", data_home=tmp_path, download_if_missing=False)
    assert_array_equal(again.images, test.images)
    assert_array_equal(again.target, test.target)
    shutil.copy(images, labels)
    with pytest.raises(ValueError, match="t10k-labels"):
        fetch_mnist(subset="test", data_home=tmp_path)
