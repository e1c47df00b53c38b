"""Fixtures of the tests of the loaders."""

import gzip
import hashlib
import io
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def _idx_bytes(array):
    array = np.asarray(array)
    code = _CODES[array.dtype.str[1:]]
    head = bytes([0, 0, code, array.ndim]) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(scope="session")
def idx_bytes():
    """Return a function that converts an array to the bytes of an IDX file."""
    return _idx_bytes


@pytest.fixture
def peak_memory():
    """Return a function that returns the peak memory of a call, in bytes."""

    def measure(function, *args):
        tracemalloc.start()
        try:
            function(*args)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    return measure


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    """Return a folder for the files of a property-based test."""
    return tmp_path_factory.mktemp("scratch")


def _small_mnist(n_train=5, n_test=3):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (n_train, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(0, 10, n_train, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (n_test, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(0, 10, n_test, dtype=np.uint8),
    }


@pytest.fixture
def small_mnist():
    """Return a few samples with the keys and shapes of MNIST."""
    return _small_mnist()


@pytest.fixture(scope="session")
def small_archive():
    """Return the bytes of a small ``mnist.npz`` and its SHA-256 checksum."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **_small_mnist())
    content = buffer.getvalue()
    return content, hashlib.sha256(content).hexdigest()


@pytest.fixture
def write_idx_files(small_mnist):
    """Return a function that writes the small MNIST as four IDX files."""

    def write(folder, *, separator="-", compressed=False, parts=("train", "test")):
        for part in parts:
            stem = {"train": "train", "test": "t10k"}[part]
            for kind, key, ndim in (("images", "x", 3), ("labels", "y", 1)):
                content = _idx_bytes(small_mnist[f"{key}_{part}"])
                name = f"{stem}-{kind}{separator}idx{ndim}-ubyte"
                if compressed:
                    name, content = name + ".gz", gzip.compress(content)
                (folder / name).write_bytes(content)

    return write


@pytest.fixture(scope="session")
def mnist_folder():
    """Return the folder with the real MNIST, or skip the test."""
    folder = os.environ.get("SKDIGITS_DATA")
    if not folder or not Path(folder, "mnist.npz").is_file():
        pytest.skip("SKDIGITS_DATA is not a folder with mnist.npz")
    return Path(folder)
