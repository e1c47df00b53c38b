"""Parsing of decimal numbers, many at a time, each to the nearest float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NEWLINE, _DOT, _ZERO = b"\n.0"
_NO_POWER = int.from_bytes(b"e+00", "little")
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
# Powers are exact in float64 up to 10**22, and in 64 bits up to 10**27.
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

    `n_marks` is the number of characters in each cell that are not digits, and
    `first_marks` the position of the first of them, or the end of a cell without any.
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
    numbers = _joined(_digits(words[dots], n_whole))
    is_known &= (numbers == 0) | ((numbers < 10) & (n_decimals <= 18))
    numbers *= _INT_POWERS[np.minimum(n_decimals, 18)]
    numbers += _joined(_digits(words[stops], n_decimals))
    for n_read, limit in ((8, 10**8), (16, 1844)):
        n_left = np.maximum(n_decimals - n_read, 0)
        if n_left.any():
            left = _joined(_digits(words[np.maximum(stops - n_read, 0)], n_left))
            is_known &= left < limit
            numbers += left * _INT_POWERS[n_read]
    return _nearest(numbers, powers, is_known, text, starts, ends)


def parse_fixed_width(
    rows: bytes, n_cells: int, delimiter: bytes
) -> NDArray[np.float64] | None:
    r"""Parse rows of cells of equal width, as the formats %.18e and %.4f write them.

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
    # The digit before the point, then the decimals in groups of eight, last ones first.
    parts = [(1, 1, n_decimals)]
    for n_read in range(0, n_decimals, 8):
        parts.append((2 + n_decimals - n_read, min(n_decimals - n_read, 8), n_read))
    digits = [_digits(words[end::width], length) for end, length, _ in parts]
    is_blank = np.bitwise_or.reduce(digits) == 0
    if has_exponent:
        is_blank &= words[width - 1 :: width] >> np.uint64(32) == _NO_POWER
    # Most pixels are blank.
    others = np.flatnonzero(~is_blank)
    values = np.zeros(is_blank.size)
    if others.size:
        digits = [part[others] for part in digits]
        starts = others * width
        ends = starts + width - 1
        powers = np.full(others.size, n_decimals)
        if has_exponent:
            powers -= _exponents(text.ravel(), starts, ends)
        if powers.min() < 0 or powers.max() >= _POWERS.size or _any_above_nine(digits):
            return None
        numbers = np.zeros(others.size, np.uint64)
        for part, (_, _, n_after) in zip(digits, parts, strict=True):
            numbers += _joined(part) * _INT_POWERS[n_after]
        is_known = np.ones(others.size, bool)
        parsed = _nearest(numbers, powers, is_known, text.ravel(), starts, ends)
        if parsed is None:
            return None
        values[others] = parsed
    return values.reshape(-1, n_cells)


def _exponents(
    text: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Return the exponents of the cells, such as -1 if a cell ends with ``e-01``."""
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
    """Return the eight bytes before each position as a little-endian integer."""
    padded = bytes(8) + rows
    return np.ndarray(len(rows) + 1, "<u8", padded, strides=(1,))


def _digits(
    words: NDArray[np.uint64], lengths: NDArray[np.intp] | int
) -> NDArray[np.uint64]:
    """Return the last `lengths` bytes of each word as digits, and 0 for the others."""
    return (words ^ _ZEROS) & _LAST_BYTES[np.minimum(lengths, 8)]


def _any_above_nine(digits: list[NDArray[np.uint64]]) -> bool:
    return any((((d + _ABOVE_NINE) | d) & _HIGH_BITS).any() for d in digits)


def _joined(digits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the numbers that the eight digits of each word form."""
    # Each step joins adjacent numbers, to two, four and eight digits.
    numbers = digits
    for bits, power, mask in _PAIRS:
        numbers = (numbers * power + (numbers >> bits)) & mask
    return numbers


def _nearest(
    numbers: NDArray[np.uint64],
    powers: NDArray[np.int64],
    is_known: NDArray[np.bool_],
    text: NDArray[np.uint8],
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
) -> NDArray[np.float64] | None:
    """Return ``numbers / 10**powers``, parsing cells again if it may be inexact."""
    values, is_exact = _quotients(numbers, powers)
    others = np.flatnonzero(~(is_known & is_exact))
    if others.size:
        parsed = _parse_each(text, starts[others], ends[others])
        if parsed is None:
            return None
        values[others] = parsed
    return values


def _quotients(
    numbers: NDArray[np.uint64], powers: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return ``numbers / 10**powers``, and whether it is surely the nearest float64."""
    values = numbers / _POWERS[powers]
    # Both sides are exact in float64, and the quotient is rounded once.
    is_exact = (numbers < 2**53) & (powers <= 22)
    long = np.flatnonzero(~is_exact)
    if long.size and _HAS_LONG_DOUBLE:
        # Rounding to 64 bits and then to 53 can only be wrong if the first result lies
        # halfway between two float64.
        wide = numbers[long].astype(np.longdouble) / _LONG_POWERS[powers[long]]
        near = wide.astype(np.float64)
        values[long] = near
        is_exact[long] = np.abs(wide - near) * 2 != np.spacing(near)
    return values, is_exact


def _parse_each(
    text: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.float64] | None:
    """Parse cells in all notations that NumPy supports."""
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
