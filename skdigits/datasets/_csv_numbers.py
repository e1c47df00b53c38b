"""Parsing of rows of pixels, many at a time.

Rows are bytes, and each row ends with a newline. The functions return None if they do
not support the notation of a cell, whether it is valid or not. The rows are then parsed
cell by cell with :func:`parse_cell`, which raises an error for invalid cells.
"""

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from skdigits.datasets._csv_decimals import parse_decimals, parse_fixed_width

MAX_CELL = 64

_NEWLINE, _SPACE, _QUOTE, _DOT, _ZERO = b'\n ".0'


@lru_cache(maxsize=4096)
def parse_cell(cell: str) -> float:
    """Return the value of a cell, which may be written as ``7``, ``7.0`` or ``7e0``.

    >>> parse_cell("7.0"), parse_cell("0.25")
    (7.0, 0.25)
    >>> parse_cell("1.5")
    Traceback (most recent call last):
        ...
    ValueError: the value must be a whole number from 0 to 255, or a number from 0 ...
    """
    try:
        # Python also parses "1_0" as 10, and digits of other scripts.
        is_plain = len(cell) <= MAX_CELL and cell.isascii() and "_" not in cell
        value = float(cell) if is_plain else -1.0
    except ValueError:
        value = -1.0
    # This also rejects infinity and NaN.
    if value in range(256) or 0 <= value <= 1:
        return value
    short = cell if len(cell) <= 40 else cell[:40] + "..."
    got = repr(short) if cell.strip() else "an empty cell"
    raise ValueError(
        "the value must be a whole number from 0 to 255, or a number from 0 to 1; "
        f"got {got}"
    )


def regular_rows(rows: bytes, delimiter: bytes) -> bytes | None:
    r"""Return rows without quotes and without spaces around the cells.

    >>> regular_rows(b'"7", 0 ,"255"\r\n', b",")
    b'7,0,255\n'
    >>> regular_rows(b" 7  0 255 \n", b" ")
    b'7 0 255\n'
    """
    if b"\r" in rows:
        rows = rows.replace(b"\r\n", b"\n")
    if b" " in rows:
        rows = _without_spaces(rows, delimiter)
    if b'"' in rows:
        unquoted = _without_quotes(rows, delimiter)
        if unquoted is None or b" " not in unquoted:
            return unquoted
        rows = _without_spaces(unquoted, delimiter)
    return rows


def _without_spaces(rows: bytes, delimiter: bytes) -> bytes:
    """Remove spaces around cells, except one if the delimiter is a space."""
    if delimiter == b" ":
        return _with_single_spaces(rows)
    # This is enough for most tables.
    rows = rows.replace(delimiter + b" ", delimiter)
    if b" " not in rows:
        return rows
    text = np.frombuffer(b"\n" + rows + b"\n", np.uint8)
    is_space = text == _SPACE
    is_end = (text == ord(delimiter)) | (text == _NEWLINE)
    if not (is_space[1:] & ~(is_space | is_end)[:-1]).any():
        # No space follows a number, as in aligned columns.
        return rows.translate(None, b" ")
    spaces = np.flatnonzero(is_space)
    is_first = np.diff(spaces, prepend=-1) != 1
    run = np.cumsum(is_first) - 1
    first = spaces[is_first]
    last = spaces[np.append(is_first[1:], True)]
    removed = is_end[first - 1] | is_end[last + 1]
    keep = np.ones(text.size, bool)
    keep[spaces[removed[run]]] = False
    return text[keep][1:-1].tobytes()


def _with_single_spaces(rows: bytes) -> bytes:
    text = np.frombuffer(b"\n" + rows, np.uint8)
    is_space = text == _SPACE
    is_blank = is_space | (text == _NEWLINE)
    # Of several spaces between two numbers, the last one stays.
    removed = is_space[:-1] & is_blank[1:]
    if removed.any():
        text = text[np.append(~removed, True)]
    is_leading = (text[1:] == _SPACE) & (text[:-1] == _NEWLINE)
    if is_leading.any():
        text = text[np.append(True, ~is_leading)]
    return text[1:].tobytes()


def _without_quotes(rows: bytes, delimiter: bytes) -> bytes | None:
    """Remove the quotes around cells, or return None if they enclose delimiters."""
    text = np.frombuffer(b"\n" + rows + b"\n", np.uint8)
    is_quote = text == _QUOTE
    quotes = np.flatnonzero(is_quote)
    is_end = (text == ord(delimiter)) | (text == _NEWLINE)
    if (
        quotes.size % 2
        or not is_end[quotes[::2] - 1].all()
        or not is_end[quotes[1::2] + 1].all()
        or (np.logical_xor.accumulate(is_quote) & is_end).any()
    ):
        return None
    return text[~is_quote][1:-1].tobytes()


def parse_rows(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.uint8] | NDArray[np.float64] | None:
    r"""Return the values of regular rows: uint8 if all are whole, otherwise float64.

    >>> parse_rows(b"7,0\n2.0,255\n", 2, b",")
    array([[  7,   0],
           [  2, 255]], dtype=uint8)
    >>> parse_rows(b"0.25;1\n,5;1e-3\n", 2, b";")
    array([[0.25 , 1.   ],
           [0.5  , 0.001]])
    """
    if delimiter != b",":
        rows = rows.replace(b",", b".")
    values = parse_fixed_width(rows, n_cells, delimiter) if b"." in rows else None
    if values is None:
        whole_rows = _without_zeros(rows)
        if b"." not in whole_rows:
            table = _parse_digits(whole_rows, n_cells, delimiter)
            if table is not None:
                return table
        values = _parse_numbers(rows, n_cells, delimiter)
    if values is None or not ((values >= 0) & (values <= 255)).all():
        return None
    whole = values.astype(np.uint8)
    is_whole = values == whole
    if is_whole.all():
        return whole
    return values if (is_whole | (values <= 1)).all() else None


def _without_zeros(rows: bytes) -> bytes:
    """Remove decimals that are zero, as in ``7.00``, if the first number has them."""
    first = re.match(rb"\d+(\.00+)([^\de])", rows)
    if first is None:
        return rows
    zeros, end = first.groups()
    return rows.replace(zeros + end, end).replace(zeros + b"\n", b"\n")


def _ends_of_cells(
    text: NDArray[np.uint8], ends: NDArray[np.intp], n_cells: int, delimiter: bytes
) -> bool:
    """Return whether the bytes at `ends` end `n_cells` cells in each row."""
    if not ends.size or ends.size % n_cells:
        return False
    marks = text[ends].reshape(-1, n_cells)
    return bool(
        (marks[:, :-1] == ord(delimiter)).all() and (marks[:, -1] == _NEWLINE).all()
    )


def _parse_digits(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.uint8] | None:
    """Parse rows of whole numbers from 0 to 255, of one to three digits."""
    text = np.frombuffer(rows, np.uint8)
    # Characters below "0" wrap around, so only digits are less than 10.
    digits = text - np.uint8(_ZERO)
    ends = np.flatnonzero(digits > 9)
    if not _ends_of_cells(text, ends, n_cells, delimiter):
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    values = _short_numbers(digits, ends, lengths)
    if values.max() > 255:
        return None
    return values.astype(np.uint8).reshape(-1, n_cells)


def _short_numbers(
    digits: NDArray[np.uint8], ends: NDArray[np.intp], lengths: NDArray[np.intp]
) -> NDArray[np.uint16]:
    """Return the numbers of one to three digits that end at `ends`."""
    values = digits[ends - 1].astype(np.uint16)
    # Most pixels are blank, so few cells have more than one digit.
    tens = np.flatnonzero(lengths > 1)
    values[tens] += digits[ends[tens] - 2] * 10
    hundreds = tens[lengths[tens] > 2]
    values[hundreds] += digits[ends[hundreds] - 3].astype(np.uint16) * 100
    return values


def _parse_numbers(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.float64] | None:
    """Parse rows of numbers, rounding each one to the nearest float64."""
    text = np.frombuffer(rows, np.uint8)
    digits = text - np.uint8(_ZERO)
    marks = np.flatnonzero(digits > 9)
    is_end = (text[marks] == ord(delimiter)) | (text[marks] == _NEWLINE)
    ends = marks[is_end]
    if not _ends_of_cells(text, ends, n_cells, delimiter):
        return None
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    if lengths.min() < 1 or lengths.max() > MAX_CELL:
        return None
    last_marks = np.flatnonzero(is_end)
    n_marks = np.diff(last_marks, prepend=-1) - 1
    # Most cells are like "0.0", with a short number before the point.
    is_point_zero = (lengths > 2) & (text[ends - 2] == _DOT) & (text[ends - 1] == _ZERO)
    lengths -= 2 * is_point_zero
    is_long = (n_marks != is_point_zero) | (lengths > 3)
    long = np.flatnonzero(is_long)
    values = np.empty(ends.size)
    # If few cells are long, parsing all cells as short ones first is faster.
    short = slice(None) if 2 * long.size < ends.size else np.flatnonzero(~is_long)
    stops = (ends - 2 * is_point_zero)[short]
    values[short] = _short_numbers(digits, stops, lengths[short])
    if long.size:
        first_marks = marks[last_marks[long] - n_marks[long]]
        parsed = parse_decimals(
            rows, starts[long], ends[long], n_marks[long], first_marks
        )
        if parsed is None:
            return None
        values[long] = parsed
    return values.reshape(-1, n_cells)
