"""Decimal numbers in text, many at a time, each to the nearest float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NEWLINE, _DOT, _ZERO = b"\n.0"
_E_MINUS, _E_PLUS = (int.from_bytes(mark, "little") for mark in (b"E-", b"E+"))
_NO_EXPONENT = 1000
_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_HIGH_BITS = np.uint64(0x8080808080808080)
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


def parse_decimals(
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


def parse_fixed_width(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.float64] | None:
    r"""Parse rows of cells of one width, as the formats %.18e and %.4f make them.

    >>> parse_fixed_width(b"2.50e-01 1.00e+00\n", 2, b" ")
    array([[0.25, 1.  ]])
    >>> parse_fixed_width(b"0.25,1.00\n", 2, b",")
    array([[0.25, 1.  ]])
    >>> parse_fixed_width(b"0.25,1.0\n", 2, b",")
    """
    width = rows.find(delimiter if n_cells > 1 else b"\n") + 1
    if width < len("0.0\n") or len(rows) % (width * n_cells):
        return None
    text = np.frombuffer(rows, np.uint8).reshape(-1, n_cells, width)
    has_exponent = rows[width - 5 : width - 4] in (b"e", b"E")
    n_decimals = width - len("0.e+00\n" if has_exponent else "0.\n")
    if (
        not 1 <= n_decimals <= 18
        or (text[:, :-1, -1] != ord(delimiter)).any()
        or (text[:, -1, -1] != _NEWLINE).any()
        or (text[:, :, 1] != _DOT).any()
    ):
        return None
    words = _words_before(rows)
    first = words[1::width]
    parts = [(first, 1)]
    numbers = _eight_digits(first, 1) * _INT_POWERS[n_decimals]
    for n_read in range(0, n_decimals, 8):
        part = words[2 + n_decimals - n_read :: width]
        parts.append((part, min(n_decimals - n_read, 8)))
        numbers += _eight_digits(*parts[-1]) * _INT_POWERS[n_read]
    powers = np.full(numbers.size, n_decimals)
    if has_exponent:
        ends = words[width - 1 :: width]
        parts.append((ends, 2))
        marks = ends >> np.uint64(32) & np.uint64(0xFFDF)
        is_negative = marks == _E_MINUS
        if not (is_negative | (marks == _E_PLUS)).all():
            return None
        exponents = _eight_digits(ends, 2).astype(np.int64)
        powers += np.where(is_negative, exponents, -exponents)
        powers[numbers == 0] = 0
    if (
        not all(_are_digits(part, length) for part, length in parts)
        or powers.min() < 0
        or powers.max() >= _POWERS.size
    ):
        return None
    values, is_exact = _quotients(numbers, powers)
    starts = np.flatnonzero(~is_exact) * width
    if starts.size:
        parsed = _parse_each(text.ravel(), starts, starts + width - 1)
        if parsed is None:
            return None
        values[~is_exact] = parsed
    return values.reshape(-1, n_cells)


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


def _are_digits(words: NDArray[np.uint64], length: int) -> bool:
    """Return whether the last bytes of each word are digits."""
    digits = (words ^ _ZEROS) & _LAST_BYTES[length]
    return not (((digits + _ABOVE_NINE) | digits) & _HIGH_BITS).any()


def _eight_digits(
    words: NDArray[np.uint64], lengths: NDArray[np.intp] | int
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
    is_after = steps >= lengths[:, None]
    is_known = np.isin(letters, np.frombuffer(b"+-.0123456789Ee", np.uint8))
    if not (is_known | is_after).all():
        return None
    letters[is_after] = 0
    cells: NDArray[Any] = letters.view(f"S{letters.shape[1]}").ravel()
    try:
        return cells.astype(np.float64)
    except ValueError:
        return None
