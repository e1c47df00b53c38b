"""The IDX format, in which MNIST and its relatives are published."""

import gzip
import math
import os
import sys
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from skdigits.datasets._read_at_most import read_at_most

_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}

# The format allows 255 dimensions, NumPy 1.26 has 32 (and NumPy 2 has 64).
_MAX_DIMENSIONS = 32

_GZIP_MAGIC = b"\x1f\x8b"

# Deflate spends at least two bits on a match of at most 258 bytes.
_MAX_INFLATION = 1032


def _read_header(
    stream: BinaryIO | gzip.GzipFile, path: str | bytes
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the element type and the shape that an IDX header announces."""
    magic = bytes(read_at_most(stream, 4))
    if len(magic) < 4:
        raise ValueError(
            f"{path!r} is not an IDX file: it holds {len(magic)} bytes, "
            "expected a header of at least 8."
        )
    if magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        known = ", ".join(f"0x{code:02x}" for code in _DTYPES)
        raise ValueError(
            f"{path!r} is not an IDX file: it starts with the bytes "
            f"{magic.hex(' ')}, expected 00 00, one of the element types {known}, "
            "and the number of dimensions."
        )
    n_dimensions = magic[3]
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS:
        raise ValueError(
            f"{path!r} announces {n_dimensions} dimensions, expected from 1 to "
            f"{_MAX_DIMENSIONS}."
        )
    sizes = bytes(read_at_most(stream, 4 * n_dimensions))
    if len(sizes) < 4 * n_dimensions:
        raise ValueError(
            f"{path!r} ends inside its header, after {4 + len(sizes)} bytes: "
            f"expected {4 + 4 * n_dimensions} for {n_dimensions} dimensions."
        )
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    return _DTYPES[magic[2]], shape


def _read_array(
    stream: BinaryIO | gzip.GzipFile,
    path: str | bytes,
    size_on_disk: int,
    compressed: bool,
    max_bytes: int,
) -> NDArray[Any]:
    """Read one IDX array, comparing its header with the file before the payload."""
    dtype, shape = _read_header(stream, path)
    n_bytes = math.prod(shape) * dtype.itemsize
    promise = (
        f"its header promises {n_bytes} bytes of data (shape {shape}, "
        f"{dtype.itemsize} bytes an element)"
    )
    # NumPy refuses such a shape even where a dimension of 0 leaves it empty.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > sys.maxsize:
        raise ValueError(f"{path!r} cannot be an array: shape {shape} is too large.")
    header_size = 4 + 4 * len(shape)
    if compressed:
        if header_size + n_bytes > _MAX_INFLATION * size_on_disk:
            raise ValueError(
                f"{path!r} is damaged: {promise}, but a gzip file of {size_on_disk} "
                f"bytes holds at most {_MAX_INFLATION * size_on_disk}."
            )
    elif header_size + n_bytes != size_on_disk:
        raise ValueError(
            f"{path!r} is damaged: {promise}, got {size_on_disk - header_size} "
            "after the header."
        )
    if n_bytes > max_bytes:
        raise ValueError(
            f"{path!r} is too large: {promise}, expected at most "
            f"max_bytes={max_bytes}. Pass a larger max_bytes if you trust the file."
        )
    data = read_at_most(stream, n_bytes)
    if len(data) < n_bytes:
        raise ValueError(
            f"{path!r} is damaged: {promise}, got {len(data)} after the header."
        )
    # Reading past the end also makes gzip compare the checksum.
    if stream.read(1):
        raise ValueError(f"{path!r} is damaged: {promise}, got more than that.")
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def load_idx(
    path: str | os.PathLike[str], *, max_bytes: int = 2**30
) -> NDArray[np.number[Any]]:
    """Load an array from an IDX file.

    IDX is the format in which MNIST, Fashion-MNIST, EMNIST and KMNIST are
    published: a magic number, the sizes of the dimensions, then the elements in
    C order, all of them big-endian.

    The header is compared with the file before memory is taken, and data is read
    in pieces, so that a damaged or hostile file costs no more memory than what
    it really holds.

    Parameters
    ----------
    path : str or path-like
        The file. Whether it is compressed with gzip is decided by its content
        and not by its name.
    max_bytes : int, default=2**30
        The largest array that is accepted, in bytes (1 GiB by default; the
        training images of MNIST take 45 MiB). A gzip file can hold a thousand
        times its own size, and this is the bound on what a small file may ask
        for.

    Returns
    -------
    array : ndarray
        Array of the shape that the file gives, in native byte order and
        writeable. Its dtype is the one that the file gives: uint8, int8, int16,
        int32, float32 or float64. Pixels of MNIST are uint8 from 0 to 255.

    Raises
    ------
    ValueError
        If the file is no IDX file; if it is truncated, longer than its header
        says, or a damaged gzip file; if it has no dimension or more than 32; or
        if the array would take more than `max_bytes`. The message names the file.
    OSError
        If the file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    fetch_mnist : Load MNIST as a whole.

    References
    ----------
    .. [1] Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of
           handwritten digits", section "The IDX file format",
           http://yann.lecun.com/exdb/mnist/
    .. [2] P. Deutsch, "DEFLATE Compressed Data Format Specification version
           1.3", RFC 1951, 1996. https://www.rfc-editor.org/rfc/rfc1951

    Examples
    --------
    Three labels: unsigned bytes (``0x08``) in one dimension of length 3.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdigits.datasets import load_idx
    >>> content = bytes.fromhex("00000801 00000003 050004")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels-idx1-ubyte"
    ...     _ = path.write_bytes(content)
    ...     load_idx(path)
    array([5, 0, 4], dtype=uint8)
    """
    name = os.fspath(path)
    with open(name, "rb") as file:
        size_on_disk = os.fstat(file.fileno()).st_size
        if file.peek(2)[:2] != _GZIP_MAGIC:
            return _read_array(file, name, size_on_disk, False, max_bytes)
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                return _read_array(stream, name, size_on_disk, True, max_bytes)
        except EOFError as error:
            raise ValueError(
                f"{name!r} is a truncated gzip file: it ends after {size_on_disk} "
                "bytes, expected an end-of-stream marker."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{name!r} is a damaged gzip file: {error}.") from error
