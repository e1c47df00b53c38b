"""Reading of a numeric array from an untrusted ``.npz`` archive."""

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdigits.datasets._read_at_most import read_at_most

_MAX_BYTES = 2**30


def _read_member(archive: zipfile.ZipFile, key: str) -> NDArray[Any]:
    info = archive.getinfo(f"{key}.npy")
    # NumPy never writes other methods, and LZMA allocates as much memory as the file
    # requests.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            "the compression method must be stored or deflated; got method "
            f"{info.compress_type}"
        )
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        # NumPy writes version 1.0 for every numeric array. The headers of later
        # versions have no maximum length.
        if version != (1, 0):
            raise ValueError(f"the version of npy must be (1, 0); got {version}")
        shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(member)
        if dtype.kind not in "iuf" or min(shape, default=0) < 0:
            raise ValueError(
                f"the array must hold numbers; got dtype {dtype} of shape {shape}"
            )
        n_bytes = math.prod(shape) * dtype.itemsize
        if n_bytes > min(info.file_size, _MAX_BYTES):
            raise ValueError(
                f"the data must take at most {min(info.file_size, _MAX_BYTES)} bytes; "
                f"got {n_bytes} bytes in the header"
            )
        data = read_at_most(member, n_bytes)
        # Reading past the end also makes zipfile compare the checksum.
        if len(data) != n_bytes or member.read(1):
            raise ValueError(f"the data must take {n_bytes} bytes; got another length")
    array = np.frombuffer(data, dtype)
    return array.reshape(shape, order="F") if fortran_order else array.reshape(shape)


def read_npz_array(path: Path, key: str) -> NDArray[Any]:
    """Return the array `key` of the archive at `path`.

    ``numpy.load`` allocates the memory that the header of an array requests before it
    reads the data. This function reads only numbers (it never loads a pickle), at most
    1 GiB of them, and takes no more memory than the content of the archive.

    Raises
    ------
    ValueError
        If the file is not an archive, lacks the array or is damaged. The message names
        the file and the array.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _read_member(archive, key)
        except KeyError as error:
            raise ValueError(
                f"{str(path)!r} must hold an array {key!r}; got none."
            ) from error
        # A damaged archive raises errors of many types, and so does the Python literal
        # in the header of an array: BadZipFile, EOFError, TokenError, RecursionError...
        except Exception as error:
            raise ValueError(
                f"{str(path)!r} is damaged: cannot read the array {key!r}: "
                f"{error or type(error).__name__}."
            ) from error
