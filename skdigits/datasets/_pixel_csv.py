"""Tables of pixels in text, as in Kaggle's "Digit Recognizer" competition."""

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Literal, overload

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

# Bounds the memory that the parsing takes; larger blocks are no faster.
_BLOCK = 1 << 19
_MAX_HEADER = 1 << 24
_MAX_CELL = 64

_BOM = b"\xef\xbb\xbf"


def _shown(text: bytes) -> str:
    """Return a cell as it goes into an error message."""
    short = text if len(text) <= 40 else text[:40] + b"..."
    return repr(short.decode(errors="replace"))


def _read_header(file: BinaryIO, path: str) -> list[str]:
    """Read line 1 and return the names of the columns, which must be in order."""
    line = file.readline(_MAX_HEADER).removeprefix(_BOM)
    expected = "expected a header 'label,pixel0,pixel1,...' or 'pixel0,pixel1,...'"
    if not line.strip():
        raise ValueError(f"{path!r}, line 1: got an empty line, {expected}.")
    if len(line) >= _MAX_HEADER - len(_BOM):
        raise ValueError(
            f"{path!r}, line 1: longer than {_MAX_HEADER} bytes, {expected}."
        )
    cells = line.rstrip(b"\r\n").split(b",")
    n_labels = int(cells[0] == b"label")
    for position, cell in enumerate(cells[n_labels:]):
        if cell != b"pixel%d" % position:
            raise ValueError(
                f"{path!r}, line 1: column {n_labels + position + 1} is "
                f"{_shown(cell)} where 'pixel{position}' was due, {expected}."
            )
    if len(cells) == n_labels:
        raise ValueError(f"{path!r}, line 1: got no pixel column, {expected}.")
    return [cell.decode() for cell in cells]


def _iter_blocks(file: BinaryIO, max_line: int) -> Iterator[bytes]:
    """Yield the rows of `file` in blocks of whole lines, each ending in a newline.

    Blank lines at the end of the file are left out. A line of more than `max_line`
    bytes comes as a last block without its newline.
    """
    rest = b""
    while chunk := file.read(_BLOCK):
        text = rest + chunk
        # The last line that is not blank waits, since it may be incomplete.
        cut = text.rfind(b"\n", 0, len(text.rstrip())) + 1
        rest = text[cut:]
        if cut:
            yield text[:cut]
        if len(rest) > max_line:
            yield rest[:max_line]
            return
    if rest.strip():
        yield rest.rstrip() + b"\n"


def _parse_quickly(block: bytes, n_cells: int) -> NDArray[np.uint8] | None:
    """Parse rows of plain cells, one to three digits up to 255, all at once.

    Returns None if any cell is written in another way, right or wrong.
    """
    text = np.frombuffer(block.replace(b"\r\n", b"\n"), np.uint8)
    # Whatever lies below "0" wraps around, so that only digits are left below 10.
    digits = text - np.uint8(ord("0"))
    ends = np.flatnonzero(digits > 9)
    if not ends.size or ends.size % n_cells:
        return None
    separators = text[ends].reshape(-1, n_cells)
    if (separators[:, :-1] != ord(",")).any() or (separators[:, -1] != ord("\n")).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    values = digits[ends - 1].astype(np.uint16)
    # Most pixels are blank: the tens and hundreds of few cells need a look.
    tens = np.flatnonzero(lengths > 1)
    values[tens] += digits[ends[tens] - 2] * 10
    hundreds = tens[lengths[tens] > 2]
    values[hundreds] += digits[ends[hundreds] - 3].astype(np.uint16) * 100
    if values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(-1, n_cells)


@lru_cache(maxsize=4096)
def _parse_cell(cell: bytes) -> int:
    """Return the value of one cell, which may be written as ``7``, ``7.0``, ``7e0``."""
    try:
        # Python reads "1_0" as 10, which no other reader of tables does.
        value = float(cell) if len(cell) <= _MAX_CELL and b"_" not in cell else -1
    except ValueError:
        value = -1
    # This also refuses fractions, infinity and NaN.
    if value not in range(256):
        got = f"got {_shown(cell)}" if cell.strip() else "got an empty cell"
        raise ValueError(f"{got}, expected a whole number from 0 to 255")
    return int(value)


def _parse_exactly(
    block: bytes, names: list[str], path: str, first_line: int
) -> NDArray[np.uint8]:
    """Parse rows cell by cell and say where the first error is."""
    lines = block.removesuffix(b"\n").split(b"\n")
    table = np.empty((len(lines), len(names)), np.uint8)
    for i, line in enumerate(lines):
        cells = line.split(b",")
        where = f"{path!r}, line {first_line + i}"
        if len(cells) != len(names):
            got = f"{len(cells)} cells" if line.strip() else "a blank line"
            raise ValueError(
                f"{where}: got {got}, expected {len(names)} cells as in the header."
            )
        for j, cell in enumerate(cells):
            try:
                table[i, j] = _parse_cell(cell)
            except ValueError as error:
                raise ValueError(f"{where}, column {names[j]!r}: {error}.") from None
    return table


@overload
def load_pixel_csv(
    path: str | os.PathLike[str], *, return_X_y: Literal[False] = ...
) -> Bunch: ...
@overload
def load_pixel_csv(
    path: str | os.PathLike[str], *, return_X_y: Literal[True]
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]: ...
def load_pixel_csv(
    path: str | os.PathLike[str], *, return_X_y: bool = False
) -> Bunch | tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    r"""Load digits from a CSV file with one image a row and one pixel a column.

    This is the layout of Kaggle's "Digit Recognizer" competition: a header line
    ``label,pixel0,pixel1,...,pixel783``, then the rows. ``test.csv`` has no column
    ``label``. Any number of pixels is read, not only 784.

    Every cell must be a whole number from 0 to 255. A UTF-8 byte order mark, Windows
    line ends, blank lines at the end and a missing last newline are accepted. The
    file is read in blocks, so that the memory needed is about twice that of the
    result.

    Parameters
    ----------
    path : str or path-like
        The file, as plain text.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    table : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, with the following attributes.

        data : ndarray of shape (n, n_pixels), dtype uint8
            The pixels from 0 to 255, one image a row.
        target : ndarray of shape (n,), dtype int64, or None
            The labels, or None if the file has no column ``label``.
        feature_names : list of str
            The names of the pixel columns, ``pixel0`` and so on.
        filename : str
            The file.

    (data, target) : tuple if ``return_X_y`` is True
        The two of that name.

    Raises
    ------
    ValueError
        If a row has another number of cells than the header; if a cell is empty or
        no whole number from 0 to 255; if a pixel column is missing, repeated or out
        of order; if there are no rows. The message names the file and the line,
        where the header is line 1.
    OSError
        If the file cannot be opened, as Python raises it (FileNotFoundError,
        PermissionError and so on).

    See Also
    --------
    fetch_mnist : The data set that the table of the competition is taken from.

    References
    ----------
    .. [1] Kaggle, "Digit Recognizer",
           https://www.kaggle.com/competitions/digit-recognizer/data

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdigits.datasets import load_pixel_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "train.csv"
    ...     _ = path.write_text("label,pixel0,pixel1\n7,0,255\n2,128,0\n")
    ...     X, y = load_pixel_csv(path, return_X_y=True)
    >>> X
    array([[  0, 255],
           [128,   0]], dtype=uint8)
    >>> y
    array([7, 2])
    """
    filename = os.fspath(path)
    tables, labels = [], []
    with open(filename, "rb") as file:
        names = _read_header(file, filename)
        n_labels = int(names[0] == "label")
        n_lines = 1
        max_line = max(_BLOCK, _MAX_CELL * len(names))
        for block in _iter_blocks(file, max_line):
            if not block.endswith(b"\n"):
                line = n_lines + 1 + block.count(b"\n")
                raise ValueError(
                    f"{filename!r}, line {line}: longer than {max_line} bytes, "
                    f"expected {len(names)} cells."
                )
            table = _parse_quickly(block, len(names))
            if table is None:
                table = _parse_exactly(block, names, filename, n_lines + 1)
            tables.append(table[:, n_labels:])
            labels.append(table[:, 0])
            n_lines += len(table)
    if not tables:
        raise ValueError(f"{filename!r}, line 2: got no rows, expected at least one.")
    data = np.concatenate(tables)
    target = np.concatenate(labels).astype(np.int64) if n_labels else None
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        feature_names=names[n_labels:],
        filename=filename,
    )
