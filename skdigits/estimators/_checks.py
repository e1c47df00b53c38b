"""Checks of parameters and arrays, as pure functions."""

from collections.abc import Iterable
from math import isqrt
from numbers import Integral, Real
from typing import Any

import numpy as np

from skdigits._images import ImageShape
from skdigits._utils import did_you_mean

# It can be halved three times.
_SMALLEST_CANVAS = 8

_SEQUENCES = list, tuple, range, np.ndarray

# With fewer samples, a pixel can have one value for each label by chance.
_MIN_REPEATED_LABELS = 10

# The 5 x 7 pixels of a dot-matrix display are the fewest that show a digit.
MIN_PIXELS_OF_A_DIGIT = 35


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
    if not all(map(_is_size, values)):
        raise ValueError(
            f"{name} must be ints of at least 1, one for each layer; got {sizes!r}."
        )
    return tuple(int(v) for v in values)


def check_blocks(name: str, sizes: Any) -> tuple[tuple[int, ...], ...]:
    """Return the layer sizes of each block; an int is a block of one layer.

    Examples
    --------
    >>> check_blocks("filters", [32, (64, 64)])
    ((32,), (64, 64))
    >>> check_blocks("filters", 32)
    ((32,),)
    """
    items = tuple(sizes) if isinstance(sizes, _SEQUENCES) else (sizes,)
    blocks = [
        tuple(item) if isinstance(item, _SEQUENCES) else (item,) for item in items
    ]
    if not all(block and all(map(_is_size, block)) for block in blocks):
        raise ValueError(
            f"{name} must be ints of at least 1, one for each layer, or a sequence of "
            f"them for each block of layers; got {sizes!r}."
        )
    return tuple(tuple(map(int, block)) for block in blocks)


def _is_size(value: Any) -> bool:
    return isinstance(value, Integral) and int(value) >= 1


def check_each(name: str, sizes: Any, n_layers: int) -> tuple[int, ...]:
    """Return one size for each of ``n_layers`` layers.

    Examples
    --------
    >>> check_each("kernel_size", 3, n_layers=2)
    (3, 3)
    """
    values = check_sizes(name, sizes)
    if isinstance(sizes, Integral):
        values *= n_layers
    _check_length(name, "size", sizes, len(values), n_layers, "convolutional layers")
    return values


def check_activations(activation: Any, n_layers: int) -> tuple[str, ...]:
    """Return the name of one activation for each of ``n_layers`` layers.

    Examples
    --------
    >>> check_activations([None, "relu"], n_layers=2)
    ('linear', 'relu')
    """
    names = activation_names(activation)
    if activation is None or isinstance(activation, str):
        names *= n_layers
    _check_length(
        "activation", "name", activation, len(names), n_layers, "hidden layers"
    )
    return names


def activation_names(activation: Any) -> tuple[str, ...]:
    """Return the names in the parameter ``activation``, where None is "linear".

    Examples
    --------
    >>> activation_names(None)
    ('linear',)
    """
    is_one = activation is None or isinstance(activation, str)
    names = (activation,) if is_one else tuple(activation)
    if not all(name is None or isinstance(name, str) for name in names):
        raise ValueError(
            "activation must be None or the name of an activation for each layer; got "
            f"{activation!r}."
        )
    return tuple("linear" if name is None else str(name) for name in names)


def check_rates(
    name: str, rates: Any, n_layers: int, kind: str = "hidden layers"
) -> tuple[float, ...]:
    """Return one dropout rate for each of ``n_layers`` layers.

    Examples
    --------
    >>> check_rates("dropout", 0.2, n_layers=2)
    (0.2, 0.2)
    """
    values = (rates,) * n_layers if isinstance(rates, Real) else tuple(rates)
    _check_length(name, "rate", rates, len(values), n_layers, kind)
    if not all(isinstance(v, Real) and 0 <= float(v) < 1 for v in values):
        raise ValueError(f"{name} must be rates in [0, 1); got {rates!r}.")
    return tuple(float(v) for v in values)


def _check_length(
    name: str, item: str, got: Any, n_got: int, n_layers: int, kind: str
) -> None:
    if n_got != n_layers:
        raise ValueError(
            f"{name} must be one {item}, or one for each of the {n_layers} {kind}; "
            f"got {n_got} {item}s: {got!r}."
        )


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
    """Return the shape of the square on which pixels are laid out.

    Examples
    --------
    >>> square_canvas(10), square_canvas(100 * 3)
    ((8, 8), (18, 18))
    """
    side = max(_SMALLEST_CANVAS, isqrt(n_pixels - 1) + 1)
    return side, side


def lay_out(X: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return 2-D ``X`` as (n_samples, height, width, 1), padded with 0.

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
    """Return the parameter ``image_shape``, checked against the number of pixels."""
    shape = tuple(image_shape)
    if len(shape) != 2 or not all(
        isinstance(v, Integral) and int(v) >= 1 for v in shape
    ):
        raise ValueError(
            f"image_shape must be two ints (height, width); got {image_shape!r}."
        )
    if shape[0] * shape[1] != n_pixels:
        is_one_more = n_pixels == shape[0] * shape[1] + 1
        hint = " Does X still contain the label column?" if is_one_more else ""
        raise ValueError(
            f"image_shape must be the shape of images of {n_pixels} pixels, as X has; "
            f"got {shape}, which is {shape[0] * shape[1]} pixels.{hint}"
        )
    return int(shape[0]), int(shape[1])


def check_given_shape(
    image_shape: Any, shape: ImageShape | None, n_pixels: int
) -> ImageShape | None:
    """Return the shape of the images: the parameter, or that of 3-D ``X``, if any."""
    if image_shape is None:
        return shape
    expected = check_image_shape(image_shape, n_pixels)
    if shape not in (None, expected):
        raise ValueError(
            f"image_shape must be that of the images in X, {shape}; got {expected}."
        )
    return expected


def doubt_about_width(
    X: np.ndarray, y: np.ndarray, image_shape: ImageShape | None
) -> str | None:
    """Return a warning about 2-D ``X`` whose images are not square, or None.

    Without ``image_shape``, in a network that needs none, the only doubt is a column
    that has one value for each label, besides as many pixels as a square has.

    Examples
    --------
    >>> X, y = np.zeros((4, 560)), np.array([0, 0, 1, 1])
    >>> doubt_about_width(X, y, (28, 20))
    >>> print(doubt_about_width(X, y, (24, 24)))
    X has 560 pixels for each image, which is not a square. They are laid out row by row
    on a canvas of (24, 24) pixels, which separates neighbors. Set
    image_shape=(height, width), such as (28, 20), or pass images of shape
    (n_samples, height, width).
    """
    n_pixels = X.shape[1]
    side = isqrt(n_pixels)
    n_extra = n_pixels - side * side
    if n_pixels < MIN_PIXELS_OF_A_DIGIT or n_extra == 0:
        return None
    columns = f"{n_pixels} columns, {side} x {side} = {side * side} and {n_extra} more"
    if image_shape is None:
        suspects = [*range(n_extra), *range(-n_extra, 0)] if n_extra <= 2 else []
        found = [column for column in suspects if _tells_labels(X[:, column], y)]
        if not found:
            return None
        return (
            f"X has {columns}, and column {found[0] % n_pixels} has one value for each "
            "label. Remove the label column from X."
        )
    if image_shape[0] * image_shape[1] == n_pixels:
        return None
    laid_out = (
        "They are laid out row by row on a canvas of "
        f"{image_shape} pixels, which separates neighbors."
    )
    if n_extra <= 2:
        return (
            f"X has {columns}: does a column hold something other than pixels, such as "
            f"the label? {laid_out} Remove that column, or set "
            "image_shape=(height, width) if all are pixels."
        )
    return (
        f"X has {n_pixels} pixels for each image, which is not a square. {laid_out} "
        f"Set image_shape=(height, width){_such_as(n_pixels)}, or pass images of shape "
        "(n_samples, height, width)."
    )


def _tells_labels(column: np.ndarray, y: np.ndarray) -> bool:
    """Return whether a column has one value for each label, in many samples."""
    labels, label_of = np.unique(y, return_inverse=True)
    if len(labels) < 2 or len(y) - len(labels) < _MIN_REPEATED_LABELS:
        return False
    values, value_of = np.unique(column, return_inverse=True)
    n_pairs = len(np.unique(label_of * len(values) + value_of))
    return len(values) == len(labels) == n_pairs


def _such_as(n_pixels: int) -> str:
    """Return the most likely shape of an image, unless it is too narrow."""
    width = next(w for w in range(isqrt(n_pixels), 0, -1) if n_pixels % w == 0)
    height = n_pixels // width
    return f", such as {(height, width)}" if height <= 3 * width else ""


def check_depth(
    shape: ImageShape, sizes: Iterable[tuple[int, int]], padding: str
) -> None:
    """Raise ValueError if there are too many convolutions for images of ``shape``.

    ``sizes`` are the kernel size and the pool size of each.
    """
    height, width = shape
    for i, (size, pool_size) in enumerate(sizes, 1):
        lost = size - 1 if padding == "valid" else 0
        needed = lost + pool_size
        if min(height, width) < needed:
            raise ValueError(
                f"The input of convolutional layer {i} must be at least "
                f"{needed}x{needed} pixels for its filters and its pooling; got "
                f"{height}x{width}, from images of {shape[0]}x{shape[1]}. Use fewer "
                "convolutional layers, a smaller pool_size or kernel_size, or larger "
                "images."
            )
        height, width = (height - lost) // pool_size, (width - lost) // pool_size


def to_dtype(X: np.ndarray, dtype: str) -> np.ndarray:
    """Return ``X`` in C order and ``dtype``, copied only if necessary."""
    with np.errstate(over="ignore"):
        converted = np.ascontiguousarray(X, dtype=dtype)
    is_narrowed = X.dtype.kind == "f" and X.dtype.itemsize > converted.dtype.itemsize
    if is_narrowed and not np.isfinite(converted).all():
        raise ValueError(
            f"X must have values in the range of {dtype}; got larger ones."
        )
    return converted
