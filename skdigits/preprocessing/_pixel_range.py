"""The pixel range, inferred from the dtype or the extremes, and scaling from it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The conventional ranges of these dtypes. The range of wider integers is inferred from
# their values, since they often hold 0-255 (pandas reads CSV files as int64).
_RANGE_OF_DTYPE = {
    np.dtype(np.bool_): (0.0, 1.0),
    np.dtype(np.uint8): (0.0, 255.0),
    np.dtype(np.uint16): (0.0, 65535.0),
}

# A range that is this many times narrower than another is a different range.
_MUCH_NARROWER = 8

# Elements processed at a time: few enough for the cache, and enough to make the time of
# the Python loop negligible.
_CHUNK = 1 << 16


def range_of_dtype(dtype: np.dtype) -> tuple[float, float] | None:
    """Return the pixel range of a dtype in any byte order, or None if unknown."""
    return _RANGE_OF_DTYPE.get(dtype.newbyteorder("="))


def range_of_values(smallest: float, largest: float) -> tuple[float, float]:
    """Return the pixel range to learn from the extremes of the pixels."""
    low = min(smallest, 0.0)
    if largest > low:
        return low, largest
    # All pixels have one value, not above 0. Any width is valid; 1 maps 0 to 0.
    return low, max(low + 1.0, 0.0)


def extremes(X: NDArray) -> tuple[float, float]:
    """Return the smallest and the largest value of X, reading X once.

    The result is not finite if any value of X is NaN or infinite.
    """
    lows, highs = zip(
        *((chunk.min(), chunk.max()) for chunk in _chunks(X)), strict=True
    )
    return float(np.min(lows)), float(np.max(highs))


def extremes_suggest_other_range(
    X: NDArray, smallest: float, largest: float, low: float, high: float
) -> bool:
    """Return whether the extremes of X show another range than (low, high).

    They do if a value lies outside of the range by its width or more. Values that use
    only a part of the range may be a dark image; they show a narrower range only if the
    dtype has one, or if they are fractions from -1 to 1 that reach 0.5.
    """
    width = high - low
    if largest >= high + width or smallest <= low - width:
        return True
    of_dtype = range_of_dtype(X.dtype)
    if of_dtype is not None:
        return largest > 0.0 and width >= _MUCH_NARROWER * of_dtype[1]
    return (
        width >= _MUCH_NARROWER
        and smallest >= -1.0
        and 0.5 <= largest <= 1.0
        and any(np.any(chunk != np.rint(chunk)) for chunk in _chunks(X))
    )


def scale(X: NDArray, low: float, high: float) -> NDArray[np.float32]:
    """Map low to 0.0 and high to 1.0 exactly, for X of any layout.

    Since memory limits the speed, division is as fast as multiplication by the
    reciprocal, and it rounds small integers to the float32 nearest to the quotient.
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
    """Map 0.0 to low and 1.0 to high, for X of any layout."""
    out = np.empty_like(X, dtype=np.float32, subok=False)
    precision = np.result_type(X.dtype, np.float32)
    np.multiply(X, high - low, out=out, dtype=precision, casting="same_kind")
    if low != 0.0:
        out += np.float32(low)
    return out


def _chunks(X: NDArray) -> Iterable[NDArray]:
    """Iterate over the values of X, of any layout, in chunks without a copy of X."""
    iterator: Any = np.nditer(X, flags=["external_loop", "buffered"], buffersize=_CHUNK)
    return iterator
