"""Reading of IDX files, the format in which MNIST and its relatives are published."""

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

# The format allows 255 dimensions; NumPy 1.26 supports 32, and NumPy 2 supports 64.
_MAX_DIMENSIONS = 32

_GZIP_MAGIC = b"\x1f\x8b"

# Deflate needs at least two bits for a match of at most 258 bytes.
_MAX_INFLATION = 1032


def _read_header(
    stream: BinaryIO | gzip.GzipFile, path: str | bytes
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the dtype and the shape that an IDX header states."""
    magic = bytes(read_at_most(stream, 4))
    if len(magic) < 4:
        raise ValueError(
            f"{path!r} must be an IDX file, with a header of at least 8 bytes; "
            f"got {len(magic)} bytes."
        )
    if magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        known = ", ".join(f"0x{code:02x}" for code in _DTYPES)
        raise ValueError(
            f"{path!r} must be an IDX file, which starts with the bytes 00 00, one of "
            f"the element types {known}, and the number of dimensions; got the bytes "
            f"{magic.hex(' ')}."
        )
    n_dimensions = magic[3]
    if not 1 <= n_dimensions <= _MAX_DIMENSIONS:
        raise ValueError(
            f"{path!r} must have from 1 to {_MAX_DIMENSIONS} dimensions; "
            f"got {n_dimensions} dimensions."
        )
    sizes = bytes(read_at_most(stream, 4 * n_dimensions))
    if len(sizes) < 4 * n_dimensions:
        raise ValueError(
            f"{path!r} is truncated: its header must have {4 + 4 * n_dimensions} bytes "
            f"for {n_dimensions} dimensions; got {4 + len(sizes)} bytes."
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
    """Read an IDX array, after comparing its header with the size of the file."""
    dtype, shape = _read_header(stream, path)
    n_bytes = math.prod(shape) * dtype.itemsize
    damage = (
        f"{path!r} is damaged: it must hold {n_bytes} bytes of data, as its header "
        f"states (shape {shape} of {dtype.name})"
    )
    # NumPy rejects such a shape even if a dimension of 0 makes the array empty.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > sys.maxsize:
        raise ValueError(f"{path!r} is too large for an array; got shape {shape}.")
    header_size = 4 + 4 * len(shape)
    if compressed:
        if header_size + n_bytes > _MAX_INFLATION * size_on_disk:
            raise ValueError(
                f"{damage}; got a gzip file of {size_on_disk} bytes, which can hold at "
                f"most {_MAX_INFLATION * size_on_disk}."
            )
    elif header_size + n_bytes != size_on_disk:
        raise ValueError(f"{damage}; got {size_on_disk - header_size} bytes.")
    if n_bytes > max_bytes:
        raise ValueError(
            f"{path!r} is too large: its data must take at most max_bytes={max_bytes} "
            f"bytes; got {n_bytes} bytes (shape {shape} of {dtype.name}). Pass a "
            "larger max_bytes if you trust the file."
        )
    data = read_at_most(stream, n_bytes)
    if len(data) < n_bytes:
        raise ValueError(f"{damage}; got {len(data)} bytes.")
    # Reading past the end also makes gzip compare the checksum.
    if stream.read(1):
        raise ValueError(f"{damage}; got more than that.")
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False)


def load_idx(
    path: str | os.PathLike[str], *, max_bytes: int = 2**30
) -> NDArray[np.number[Any]]:
    """Load an array from an IDX file.

    IDX is the format in which MNIST, Fashion-MNIST, EMNIST and KMNIST are
    published: a magic number, the sizes of the dimensions, then the elements in
    C order, all of them big-endian.

    The header is compared with the size of the file before memory is allocated, and
    the data is read in chunks. A damaged or malicious file therefore takes no more
    memory than its actual content.

    Parameters
    ----------
    path : str or path-like
        The file to read. Gzip compression is detected from the content of the file,
        not from its name.
    max_bytes : int, default=2**30
        Size of the largest array to accept, in bytes (1 GiB by default; the training
        images of MNIST take 45 MiB). Since a gzip file can decompress to a thousand
        times its own size, this limits the memory that a small file can take.

    Returns
    -------
    array : ndarray
        Writeable array in native byte order, with the shape and dtype that the file
        states: uint8, int8, int16, int32, float32 or float64. The pixels of MNIST are
        uint8 from 0 to 255.

    Raises
    ------
    ValueError
        If the file is not an IDX file, is shorter or longer than its header states,
        is a damaged gzip file, does not have from 1 to 32 dimensions, or holds an array
        of more than `max_bytes` bytes. The message names the file.
    OSError
        If the file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    fetch_mnist : Load the images and labels of MNIST.

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
                f"{name!r} is a truncated gzip file: it must end with an end-of-stream "
                f"marker; got {size_on_disk} bytes without one."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{name!r} is a damaged gzip file: {error}.") from error
