"""Reading one numeric array from an ``.npz`` archive that is not trusted."""

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
    # Other methods are never written by NumPy, and LZMA takes as much memory as
    # the file asks for.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(
            f"compression method {info.compress_type}, expected stored or deflated"
        )
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        # NumPy writes version 1.0 for every numeric array; the headers of later
        # versions have no bound on their length.
        if version != (1, 0):
            raise ValueError(f"npy format {version}, expected (1, 0)")
        shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(member)
        if dtype.kind not in "iuf" or min(shape, default=0) < 0:
            raise ValueError(f"dtype {dtype} and shape {shape}, expected numbers")
        n_bytes = math.prod(shape) * dtype.itemsize
        if n_bytes > min(info.file_size, _MAX_BYTES):
            raise ValueError(
                f"the header promises {n_bytes} bytes, expected at most "
                f"{min(info.file_size, _MAX_BYTES)}"
            )
        data = read_at_most(member, n_bytes)
        # Reading past the end also makes zipfile compare the checksum.
        if len(data) != n_bytes or member.read(1):
            raise ValueError(f"got another length than the {n_bytes} bytes promised")
    array = np.frombuffer(data, dtype)
    return array.reshape(shape, order="F") if fortran_order else array.reshape(shape)


def read_npz_array(path: Path, key: str) -> NDArray[Any]:
    """Return the array `key` of the archive at `path`.

    ``numpy.load`` allocates what the header of an array asks for before it looks
    at the data. This reads nothing but numbers (no pickle is ever loaded), at
    most 1 GiB of them, and takes no more memory than the archive really holds.

    Raises
    ------
    ValueError
        If the file is no archive, lacks the array or is damaged. The message
        names the file and the array.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _read_member(archive, key)
        except KeyError as error:
            raise ValueError(f"{str(path)!r} has no array {key!r}.") from error
        # A damaged archive, or the Python literal in the header of an array, fails
        # in many ways: BadZipFile, EOFError, TokenError, RecursionError and others.
        except Exception as error:
            raise ValueError(
                f"{str(path)!r} is damaged: cannot read the array {key!r}: "
                f"{error or type(error).__name__}."
            ) from error
