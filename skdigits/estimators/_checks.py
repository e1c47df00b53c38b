"""Checks of parameters and arrays: pure functions with errors that say what to do."""

from collections.abc import Iterable
from math import isqrt
from numbers import Integral, Real
from typing import Any

import numpy as np

from skdigits._images import ImageShape
from skdigits._utils import did_you_mean

# Three pools of 2 x 2 leave one pixel of it.
_SMALLEST_CANVAS = 8

# In fewer rows, a column of pixels may have a value for each label by chance.
_REPEATED_LABELS = 10

# No digit is drawn on fewer pixels than the 5 x 7 of a dot-matrix display.
_FEWEST_PIXELS_OF_A_DIGIT = 35


def check_sizes(name: str, sizes: Any) -> tuple[int, ...]:
    """Return layer sizes as a tuple of ints.

    Examples
    --------
    >>> check_sizes("hidden_layer_sizes", [128, 64])
    (128, 64)
    >>> check_sizes("filters", 32)
    (32,)
    """
    values = (sizes,) if isinstance(sizes, Integral) else tuple(sizes)
    if not all(isinstance(v, Integral) and int(v) >= 1 for v in values):
        raise ValueError(
            f"{name} must be ints of at least 1, one for each layer; got {sizes!r}."
        )
    return tuple(int(v) for v in values)


def check_each(name: str, sizes: Any, n_layers: int) -> tuple[int, ...]:
    """Return one size for each of ``n_layers`` layers.

    Examples
    --------
    >>> check_each("kernel_size", 3, n_layers=2)
    (3, 3)
    """
    values = check_sizes(name, sizes)
    if isinstance(sizes, Integral):
        return values * n_layers
    if len(values) != n_layers:
        raise ValueError(
            f"{name} must be one size, or one for each of the {n_layers} convolutional "
            f"layers; got {len(values)} sizes: {sizes!r}."
        )
    return values


def check_rates(name: str, rates: Any, n_layers: int) -> tuple[float, ...]:
    """Return one dropout rate for each of ``n_layers`` layers.

    Examples
    --------
    >>> check_rates("dropout", 0.2, n_layers=2)
    (0.2, 0.2)
    """
    values = (rates,) * n_layers if isinstance(rates, Real) else tuple(rates)
    if len(values) != n_layers:
        raise ValueError(
            f"{name} must be one rate, or one for each of the {n_layers} hidden "
            f"layers; got {len(values)} rates: {rates!r}."
        )
    if not all(isinstance(v, Real) and 0 <= float(v) < 1 for v in values):
        raise ValueError(f"{name} must be rates in [0, 1); got {rates!r}.")
    return tuple(float(v) for v in values)


def unknown_name(name: str, got: str, known: Iterable[str]) -> ValueError:
    """Return the error for a name that is not among the known ones.

    Examples
    --------
    >>> unknown_name("activation", "rleu", ["relu", "tanh"])
    ValueError("activation must be one of relu, tanh; got 'rleu'. Did you mean 'relu'?")
    """
    known = sorted(known)
    return ValueError(
        f"{name} must be one of {', '.join(known)}; got {got!r}."
        f"{did_you_mean(got.lower(), known)}"
    )


def square_canvas(n_pixels: int) -> ImageShape:
    """Return the square on which pixels that make no image are laid out.

    Examples
    --------
    >>> square_canvas(10), square_canvas(100 * 3)
    ((8, 8), (18, 18))
    """
    side = max(_SMALLEST_CANVAS, isqrt(n_pixels - 1) + 1)
    return side, side


def lay_out(X: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return rows of pixels as images (n, h, w, 1), with 0 where pixels are missing.

    Examples
    --------
    >>> lay_out(np.ones((1, 3)), (2, 2))[0, :, :, 0]
    array([[1., 1.],
           [1., 0.]])
    """
    n_missing = shape[0] * shape[1] - X.shape[1]
    if n_missing:
        X = np.pad(X, ((0, 0), (0, n_missing)))
    return X.reshape(len(X), *shape, 1)


def check_image_shape(image_shape: Any, n_pixels: int) -> ImageShape:
    """Return the parameter ``image_shape``, checked against the width of ``X``."""
    shape = tuple(image_shape)
    if len(shape) != 2 or not all(
        isinstance(v, Integral) and int(v) >= 1 for v in shape
    ):
        raise ValueError(
            f"image_shape must be two ints (height, width); got {image_shape!r}."
        )
    if shape[0] * shape[1] != n_pixels:
        is_one_more = n_pixels == shape[0] * shape[1] + 1
        hint = ": is a label column left in X?" if is_one_more else "."
        raise ValueError(
            f"image_shape={shape} makes {shape[0] * shape[1]} pixels, but X has "
            f"{n_pixels} pixels in each row{hint}"
        )
    return int(shape[0]), int(shape[1])


def doubt_about_width(
    X: np.ndarray, y: np.ndarray, image_shape: ImageShape | None
) -> str | None:
    """Return what is doubtful about rows that make no square image.

    Without ``image_shape``, as in a network that needs none, that is only a column
    that has one value for each label, beside pixels that do make a square.

    Examples
    --------
    >>> X, y = np.zeros((4, 560)), np.array([0, 0, 1, 1])
    >>> doubt_about_width(X, y, (28, 20))
    >>> print(doubt_about_width(X, y, (24, 24)))
    X has rows of 560 pixels, which make no square image. They are laid out row by row
    on a canvas of (24, 24) pixels, which puts neighbors apart. Set
    image_shape=(height, width), such as (28, 20), or pass images of shape
    (n, height, width).
    """
    n_pixels = X.shape[1]
    side = isqrt(n_pixels)
    n_extra = n_pixels - side * side
    if n_pixels < _FEWEST_PIXELS_OF_A_DIGIT or n_extra == 0:
        return None
    columns = f"{n_pixels} columns, {side} x {side} = {side * side} and {n_extra} more"
    if image_shape is None:
        suspects = [*range(n_extra), *range(-n_extra, 0)] if n_extra <= 2 else []
        found = [column for column in suspects if _tells_labels(X[:, column], y)]
        if not found:
            return None
        return (
            f"X has {columns}, and column {found[0] % n_pixels} has one value for each "
            "label: leave the label column out of X."
        )
    if image_shape[0] * image_shape[1] == n_pixels:
        return None
    laid_out = (
        "They are laid out row by row on a canvas of "
        f"{image_shape} pixels, which puts neighbors apart."
    )
    if n_extra <= 2:
        return (
            f"X has {columns}: is a column left in X that holds no pixels, such as the "
            f"label? {laid_out} Leave that column out, or set "
            "image_shape=(height, width) if these are pixels."
        )
    return (
        f"X has rows of {n_pixels} pixels, which make no square image. {laid_out} Set "
        f"image_shape=(height, width){_such_as(n_pixels)}, or pass images of shape "
        "(n, height, width)."
    )


def _tells_labels(column: np.ndarray, y: np.ndarray) -> bool:
    """Return whether each label has a value of its own in a column, time and again."""
    labels, label_of = np.unique(y, return_inverse=True)
    if len(labels) < 2 or len(y) - len(labels) < _REPEATED_LABELS:
        return False
    values, value_of = np.unique(column, return_inverse=True)
    n_pairs = len(np.unique(label_of * len(values) + value_of))
    return len(values) == len(labels) == n_pairs


def _such_as(n_pixels: int) -> str:
    """Return the most likely shape of an image, if one is not too narrow."""
    width = next(w for w in range(isqrt(n_pixels), 0, -1) if n_pixels % w == 0)
    height = n_pixels // width
    return f", such as {(height, width)}" if height <= 3 * width else ""


def check_depth(
    shape: ImageShape, kernel_sizes: Iterable[int], padding: str, pool_size: int
) -> None:
    """Raise the error of a stack of convolutions too deep for images of ``shape``."""
    height, width = shape
    for i, size in enumerate(kernel_sizes, 1):
        lost = size - 1 if padding == "valid" else 0
        needed = lost + pool_size
        if min(height, width) < needed:
            raise ValueError(
                f"The network is too deep for images of {shape[0]}x{shape[1]} pixels: "
                f"convolutional layer {i} gets a map of {height}x{width}, and needs "
                f"{needed}x{needed} for its filters and its pool. Use fewer filters, a "
                "smaller pool_size or kernel_size, or larger images."
            )
        height, width = (height - lost) // pool_size, (width - lost) // pool_size


def to_dtype(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return ``X`` in C order and ``dtype``, copied only where it has to be."""
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(X, dtype=dtype)
    is_narrowed = X.dtype.kind == "f" and X.dtype.itemsize > converted.dtype.itemsize
    if is_narrowed and not np.isfinite(converted).all():
        raise ValueError(f"X has values too large for precision={dtype!r}.")
    return converted
