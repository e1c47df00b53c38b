"""The range that pixels have, by their dtype and extremes, and scaling from it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What these dtypes hold by convention. Wider integers carry 0-255 as often as
# anything else (pandas reads a CSV file as int64), so their values decide.
_RANGE_OF_DTYPE = {
    np.dtype(np.bool_): (0.0, 1.0),
    np.dtype(np.uint8): (0.0, 255.0),
    np.dtype(np.uint16): (0.0, 65535.0),
}

# A range this many times narrower than another is plainly not the same one.
_PLAINLY_NARROWER = 8

# Elements worked on at a time: small enough for the cache, large enough that the
# Python loop over the chunks costs nothing.
_CHUNK = 1 << 16


def range_of_dtype(dtype: np.dtype) -> tuple[float, float] | None:
    """Return the pixel range that the dtype alone tells, in any byte order."""
    return _RANGE_OF_DTYPE.get(dtype.newbyteorder("="))


def range_of_values(smallest: float, largest: float) -> tuple[float, float]:
    """Return the pixel range to learn from the extremes of the data."""
    low = min(smallest, 0.0)
    if largest > low:
        return low, largest
    # All pixels are alike and not above zero: any width does, and 1 keeps zero zero.
    return low, max(low + 1.0, 0.0)


def extremes(X: NDArray) -> tuple[float, float]:
    """Return the smallest and the largest value of X, reading X once.

    NaN and infinity anywhere in X show in the result.
    """
    lows, highs = zip(
        *((chunk.min(), chunk.max()) for chunk in _chunks(X)), strict=True
    )
    return float(np.min(lows)), float(np.max(highs))


def extremes_tell_other_range(
    X: NDArray, smallest: float, largest: float, low: float, high: float
) -> bool:
    """Tell whether the extremes of X plainly belong to another range than (low, high).

    Plain is what lies a whole width outside of the range. A dark image within it is no
    evidence of a narrower range. A dtype that cannot hold more is, and so are bright
    values that stay within [-1, 1] and are not whole numbers.
    """
    width = high - low
    if largest >= high + width or smallest <= low - width:
        return True
    of_dtype = range_of_dtype(X.dtype)
    if of_dtype is not None:
        return largest > 0.0 and width >= _PLAINLY_NARROWER * of_dtype[1]
    return (
        width >= _PLAINLY_NARROWER
        and smallest >= -1.0
        and 0.5 <= largest <= 1.0
        and any(np.any(chunk != np.rint(chunk)) for chunk in _chunks(X))
    )


def scale(X: NDArray, low: float, high: float) -> NDArray[np.float32]:
    """Map low to 0.0 and high to 1.0, exactly, with X of any layout.

    Division and not multiplication by the reciprocal: memory being the limit, it is as
    fast, and for small integers each result is the float32 nearest to the quotient.
    """
    out = np.empty_like(X, dtype=np.float32, subok=False)
    if low == 0.0:
        precision = np.result_type(X.dtype, np.float32)
        return np.divide(X, high, out=out, dtype=precision, casting="same_kind")
    chunks: Any = np.nditer(
        [X, out],
        flags=["external_loop", "buffered"],
        op_flags=[["readonly"], ["writeonly"]],
        op_dtypes=[np.float64, np.float32],
        casting="same_kind",
        buffersize=_CHUNK,
    )
    with chunks:
        for source, target in chunks:
            target[...] = (source - low) / (high - low)
    return out


def unscale(X: NDArray, low: float, high: float) -> NDArray[np.float32]:
    """Map 0.0 to low and 1.0 to high."""
    out = np.empty_like(X, dtype=np.float32, subok=False)
    precision = np.result_type(X.dtype, np.float32)
    np.multiply(X, high - low, out=out, dtype=precision, casting="same_kind")
    if low != 0.0:
        out += np.float32(low)
    return out


def _chunks(X: NDArray) -> Iterable[NDArray]:
    """Return the values of X, of any layout, a chunk at a time and not copied."""
    iterator: Any = np.nditer(X, flags=["external_loop", "buffered"], buffersize=_CHUNK)
    return iterator
