"""Rows of numbers in text, many at a time.

The rows are bytes that end in a newline each. Whatever is written in a way that these
functions do not know, right or wrong, makes them return None, and is then read cell by
cell with :func:`parse_cell`, which says what is wrong.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_CELL = 64

_NEWLINE, _SPACE, _QUOTE, _DOT, _ZERO = b'\n ".0'

_NO_EXPONENT = 1000
_ZEROS = np.uint64(0x3030303030303030)
_LAST_BYTES = np.array([2**64 - 2 ** (64 - 8 * i) for i in range(9)], np.uint64)
_PAIRS = [
    (np.uint64(8), np.uint64(10), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(16), np.uint64(100), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(32), np.uint64(10000), np.uint64(0x00000000FFFFFFFF)),
]

_HAS_LONG_DOUBLE = np.finfo(np.longdouble).nmant >= 63
_INT_POWERS = np.array([10**i for i in range(19)], np.uint64)
# Exact in float64 up to 10**22, and in 64 bits up to 10**27.
_POWERS = np.array([10**i for i in range(28)], np.float64)
_LONG_POWERS = np.cumprod(np.array([1] + [10] * 27, np.longdouble))


@lru_cache(maxsize=4096)
def parse_cell(cell: str) -> float:
    """Return the value of one cell, which may be written as ``7``, ``7.0``, ``7e0``.

    >>> parse_cell("7.0"), parse_cell("0.25")
    (7.0, 0.25)
    >>> parse_cell("1.5")
    Traceback (most recent call last):
        ...
    ValueError: got '1.5', expected a whole number from 0 to 255, or one from 0 to 1
    """
    try:
        # Python reads "1_0" as 10, and digits of every script.
        is_plain = len(cell) <= MAX_CELL and cell.isascii() and "_" not in cell
        value = float(cell) if is_plain else -1.0
    except ValueError:
        value = -1.0
    # This also refuses infinity and NaN.
    if value in range(256) or 0 <= value <= 1:
        return value
    short = cell if len(cell) <= 40 else cell[:40] + "..."
    got = repr(short) if cell.strip() else "an empty cell"
    raise ValueError(
        f"got {got}, expected a whole number from 0 to 255, or one from 0 to 1"
    )


def regular_rows(rows: bytes, delimiter: bytes) -> bytes | None:
    r"""Return rows without quotes, and without spaces around the cells.

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
    # Most tables need no more than this.
    short = rows.replace(delimiter + b" ", delimiter)
    if delimiter != b" " and b" " not in short:
        return short
    text = np.frombuffer(b"\n" + short + b"\n", np.uint8)
    spaces = np.flatnonzero(text == _SPACE)
    is_first = np.diff(spaces, prepend=-1) != 1
    run = np.cumsum(is_first) - 1
    first = spaces[is_first]
    last = spaces[np.append(is_first[1:], True)]
    beside = np.stack([text[first - 1], text[last + 1]])
    removed = (beside == _NEWLINE).any(axis=0)
    if delimiter != b" ":
        removed |= (beside == ord(delimiter)).any(axis=0)
    keep = np.ones(text.size, bool)
    keep[spaces[removed[run]]] = False
    if delimiter == b" ":
        keep[spaces[~is_first]] = False
    return text[keep][1:-1].tobytes()


def _without_quotes(rows: bytes, delimiter: bytes) -> bytes | None:
    """Remove the quotes around cells, unless they are needed to read these."""
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
    r"""Return the values of regular rows: uint8 if all are whole, else float64.

    >>> parse_rows(b"7,0\n2.0,255\n", 2, b",")
    array([[  7,   0],
           [  2, 255]], dtype=uint8)
    >>> parse_rows(b"0.25;1\n,5;1e-3\n", 2, b";")
    array([[0.25 , 1.   ],
           [0.5  , 0.001]])
    """
    table = None if b"." in rows else _parse_digits(rows, n_cells, delimiter)
    if table is not None:
        return table
    if delimiter != b",":
        rows = rows.replace(b",", b".")
    values = _parse_numbers(rows, n_cells, delimiter)
    if values is None or not ((values >= 0) & (values <= 255)).all():
        return None
    whole = values.astype(np.uint8)
    is_whole = values == whole
    if is_whole.all():
        return whole
    return values if (is_whole | (values <= 1)).all() else None


def _ends_of_cells(
    text: NDArray[np.uint8], ends: NDArray[np.intp], n_cells: int, delimiter: bytes
) -> bool:
    """Return whether these bytes end `n_cells` cells in each row."""
    if not ends.size or ends.size % n_cells:
        return False
    marks = text[ends].reshape(-1, n_cells)
    return bool(
        (marks[:, :-1] == ord(delimiter)).all() and (marks[:, -1] == _NEWLINE).all()
    )


def _parse_digits(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.uint8] | None:
    """Parse rows of plain cells, one to three digits up to 255."""
    text = np.frombuffer(rows, np.uint8)
    # Whatever lies below "0" wraps around, so that only digits are left below 10.
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
    """Return the numbers of one to three digits that end there."""
    values = digits[ends - 1].astype(np.uint16)
    # Most pixels are blank: the tens and hundreds of few cells need a look.
    tens = np.flatnonzero(lengths > 1)
    values[tens] += digits[ends[tens] - 2] * 10
    hundreds = tens[lengths[tens] > 2]
    values[hundreds] += digits[ends[hundreds] - 3].astype(np.uint16) * 100
    return values


def _parse_numbers(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.float64] | None:
    """Parse rows of numbers, each to the nearest float64."""
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
    # Most cells are "0.0" or so: the numbers before that are short.
    is_point_zero = (lengths > 2) & (text[ends - 2] == _DOT) & (text[ends - 1] == _ZERO)
    lengths -= 2 * is_point_zero
    values = _short_numbers(digits, ends - 2 * is_point_zero, lengths).astype(
        np.float64
    )
    long = np.flatnonzero((n_marks != is_point_zero) | (lengths > 3))
    if long.size:
        first_marks = marks[last_marks[long] - n_marks[long]]
        parsed = _parse_long(rows, starts[long], ends[long], n_marks[long], first_marks)
        if parsed is None:
            return None
        values[long] = parsed
    return values.reshape(-1, n_cells)


def _parse_long(
    rows: bytes,
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    n_marks: NDArray[np.intp],
    first_marks: NDArray[np.intp],
) -> NDArray[np.float64] | None:
    """Parse cells such as 0.25 and 2.5e-01.

    `n_marks` is the number of characters that are no digits in each, and `first_marks`
    the position of the first one, or else of the end.
    """
    text = np.frombuffer(rows, np.uint8)
    has_dot = text[first_marks] == _DOT
    stops, exponents = ends.copy(), np.zeros(ends.size, np.int64)
    scientific = np.flatnonzero(n_marks - has_dot == 2)
    if scientific.size:
        found = _exponents(text, starts[scientific], ends[scientific])
        scientific, found = (
            scientific[found != _NO_EXPONENT],
            found[found != _NO_EXPONENT],
        )
        exponents[scientific] = found
        stops[scientific] -= 4
        n_marks[scientific] -= 2
    dots = np.where(has_dot, first_marks, stops)
    n_whole = dots - starts
    n_decimals = np.maximum(stops - dots - 1, 0)
    powers = n_decimals - exponents
    is_known = (
        (n_marks == has_dot)
        & (n_whole + n_decimals > 0)
        & (n_whole <= 8)
        & (n_decimals <= 24)
        & (powers >= 0)
        & (powers < _POWERS.size)
    )
    unknown = np.flatnonzero(~is_known)
    n_whole[unknown] = n_decimals[unknown] = powers[unknown] = 0
    words = _words_before(rows)
    numbers = _eight_digits(words[dots], n_whole)
    is_known &= (numbers == 0) | ((numbers < 10) & (n_decimals <= 18))
    numbers *= _INT_POWERS[np.minimum(n_decimals, 18)]
    numbers += _eight_digits(words[stops], n_decimals)
    for n_read, limit in ((8, 10**8), (16, 1844)):
        more = np.flatnonzero(n_decimals > n_read)
        left = _eight_digits(words[stops[more] - n_read], n_decimals[more] - n_read)
        is_known[more] &= left < limit
        numbers[more] += left * _INT_POWERS[n_read]
    values, is_exact = _quotients(numbers, powers)
    others = np.flatnonzero(~(is_known & is_exact))
    if others.size:
        parsed = _parse_each(text, starts[others], ends[others])
        if parsed is None:
            return None
        values[others] = parsed
    return values


def _exponents(
    text: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return -1 for the cells that end as ``e-01`` does, and so on."""
    mark, sign, tens, ones = (text[np.maximum(ends - i, 0)] for i in (4, 3, 2, 1))
    tens, ones = tens - np.uint8(_ZERO), ones - np.uint8(_ZERO)
    is_negative = sign == ord("-")
    has_exponent = (
        (ends - starts > 4)
        & ((mark | 0x20) == ord("e"))
        & (is_negative | (sign == ord("+")))
        & (np.maximum(tens, ones) <= 9)
    )
    sizes = tens * 10.0 + ones
    exponents = np.where(is_negative, -sizes, sizes)
    return np.where(has_exponent, exponents, _NO_EXPONENT).astype(np.int64)


def _words_before(rows: bytes) -> NDArray[np.uint64]:
    """Return the eight bytes before each position as one number, the last on top."""
    padded = bytes(8) + rows
    return np.ndarray(len(rows) + 1, "<u8", padded, strides=(1,))


def _eight_digits(
    words: NDArray[np.uint64], lengths: NDArray[np.intp]
) -> NDArray[np.uint64]:
    """Return the numbers that the last digits of eight bytes make, 0 for none."""
    # The digits become numbers of one, two, four and eight digits side by side.
    numbers = (words ^ _ZEROS) & _LAST_BYTES[np.minimum(lengths, 8)]
    for bits, power, mask in _PAIRS:
        numbers = (numbers * power + (numbers >> bits)) & mask
    return numbers


def _quotients(
    numbers: NDArray[np.uint64], powers: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return ``numbers / 10**powers``, and where that is the nearest float64."""
    values = numbers / _POWERS[powers]
    # Both sides are exact in float64, and the quotient is rounded once.
    is_exact = (numbers < 2**53) & (powers <= 22)
    long = np.flatnonzero(~is_exact)
    if long.size and _HAS_LONG_DOUBLE:
        # Rounded to 64 bits, then to 53: wrong at most where the first result lies
        # halfway between two float64.
        wide = numbers[long].astype(np.longdouble) / _LONG_POWERS[powers[long]]
        near = wide.astype(np.float64)
        values[long] = near
        is_exact[long] = np.abs(wide - near) * 2 != np.spacing(near)
    return values, is_exact


def _parse_each(
    text: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Parse cells by themselves, written in whatever way NumPy knows."""
    lengths = ends - starts
    steps = np.arange(lengths.max())
    letters = text.take(starts[:, None] + steps, mode="clip")
    letters[steps >= lengths[:, None]] = 0
    if not np.isin(letters, np.frombuffer(b"\0+-.0123456789Ee", np.uint8)).all():
        return None
    cells: NDArray[Any] = letters.view(f"S{letters.shape[1]}").ravel()
    try:
        return cells.astype(np.float64)
    except ValueError:
        return None
