"""Images of any kind as gray values: arrays, lists, colors, transparency."""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from skdigits._images import over_background, square_shape
from skdigits.preprocessing._opencv import opencv

_COMMON_HIGHS = 1.0, 16.0, 255.0, 65535.0
_FEW_LEVELS = 16
_TOO_LARGE = 1e32  # for sums and products in float32
_HINT = "Pass image[None] for a single image."


def gray_images(X: Any, name: str = "X") -> tuple[int, Iterator[np.ndarray]]:
    """Return how many images there are, and an iterator over their gray values.

    Each image becomes an array of shape (height, width), of dtype uint8, uint16 or
    float32, in its own range. Only one of them is converted at a time.

    Raises
    ------
    TypeError
        If `X`, called `name` in the message, is neither an array nor a list of images.
    ValueError
        If there are no images, or if one is not an image. The message has its index.

    Examples
    --------
    >>> n, images = gray_images([np.zeros((5, 4, 3)), np.ones((2, 6), bool)])
    >>> n, [image.shape for image in images]
    (2, [(5, 4), (2, 6)])
    """
    if not isinstance(X, list | tuple) or _holds_rows(X):
        X = _as_array(X, name)
    if len(X) == 0:
        raise ValueError(f"{name} must hold at least one image; got none.")
    return len(X), (_gray(image, f"{name}[{i}]") for i, image in enumerate(X))


def _holds_rows(X: list | tuple) -> bool:
    """Return whether a list holds rows of numbers rather than images.

    Examples
    --------
    >>> _holds_rows([[0, 255], [3, 4]]), _holds_rows([[[0, 255], [3, 4]]])
    (True, False)
    """
    row = X[0] if X else None
    return (
        isinstance(row, list | tuple)
        and len(row) > 0
        and not hasattr(row[0], "__len__")
    )


def _as_array(X: Any, name: str) -> Any:
    """Return images, or flattened square images, as an array with an axis of images."""
    kind = type(X).__name__
    try:
        is_collection = not isinstance(X, str | bytes) and hasattr(X, "__len__")
        X = np.asarray(X) if is_collection else np.empty(())
    except Exception as error:  # of any type, from the __array__ of other libraries
        raise ValueError(f"{name} must be an array of images: {error}") from error
    if X.ndim == 0:
        raise TypeError(
            f"{name} must be an array of shape (n_samples, height, width), or a list "
            f"of images; got {kind}. Pass [image] for a single image; "
            "skdigits.datasets.load_images loads files."
        )
    if X.dtype == object and X.ndim == 1:
        return X
    shape = X.shape
    if X.ndim == 2:
        side = square_shape(shape[1])
        if side is None or shape[0] == shape[1]:
            raise ValueError(
                f"{name} must hold images of shape (height, width), or flattened "
                f"square images; got shape {shape}. {_HINT}"
            )
        return X.reshape(-1, *side)
    if X.ndim == 3 and shape[2] in (1, 3, 4) and min(shape[:2]) > 4:
        raise ValueError(
            f"{name} must be an array of images or a list of images; got the shape "
            f"{shape} of a single image. {_HINT}"
        )
    if X.ndim == 4 and shape[3] not in (1, 2, 3, 4) and shape[1] in (1, 3, 4):
        raise ValueError(
            f"{name} must have its channels in the last axis; got shape {shape}. Pass "
            "np.moveaxis(X, 1, -1)."
        )
    return X


def _gray(image: Any, name: str) -> np.ndarray:
    """Return the gray values of an image."""
    pixels = _as_pixels(image, name)
    if pixels.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers; got dtype {pixels.dtype}.")
    n_channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.ndim not in (2, 3) or not 1 <= n_channels <= 4:
        raise ValueError(
            f"{name} must be an image of shape (height, width) or (height, width, "
            f"channels) with 1 to 4 channels; got shape {pixels.shape}."
        )
    if pixels.size == 0:
        raise ValueError(f"{name} must have pixels; got shape {pixels.shape}.")
    pixels = _in_a_usual_dtype(pixels, name)
    if pixels.ndim == 2:
        return pixels
    if n_channels > 2:  # the luma of ITU-R BT.601
        colors = np.ascontiguousarray(pixels[..., :3])
        gray = opencv().cvtColor(colors, opencv().COLOR_RGB2GRAY)
    else:
        gray = pixels[..., 0]
    return gray if n_channels % 2 else _opaque(gray, pixels[..., -1])


def _as_pixels(image: Any, name: str) -> np.ndarray:
    """Return an image as an array, of floats if it is one of objects."""
    if not isinstance(image, str | bytes | os.PathLike):
        try:
            pixels = np.asarray(_with_known_channels(image))
            if pixels.dtype == object and pixels.ndim:
                pixels = pixels.astype(np.float64)
        except Exception as error:  # of any type, from the __array__ of other libraries
            raise ValueError(f"{name} must be an image of numbers: {error}") from error
        if pixels.dtype != object:
            return pixels
    raise ValueError(
        f"{name} must be an image of numbers; got {type(image).__name__} "
        f"{str(image)[:80]!r}. skdigits.datasets.load_images loads files."
    )


def _with_known_channels(image: Any) -> Any:
    """Return an image of Pillow, upright, in a mode of one to four channels.

    Anything else is returned unchanged.
    """
    if not hasattr(image, "mode") or not hasattr(image, "getexif"):
        return image
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode == "La":
        return image.convert("LA")
    if image.mode == "F" or image.mode.startswith("I"):
        return image
    if image.mode in ("P", "PA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    known = image.mode in ("1", "L", "LA", "RGB", "RGBA")
    return image if known else image.convert("RGB")


def _in_a_usual_dtype(pixels: np.ndarray, name: str) -> np.ndarray:
    """Return pixels as uint8, uint16 or float32, scaled if they are too large.

    Few levels become floats, since their means would be rounded.
    """
    if pixels.dtype == bool:
        pixels = pixels.view(np.uint8)
    if pixels.dtype in (np.uint8, np.uint16):
        return pixels if pixels.max() > _FEW_LEVELS else pixels.astype(np.float32)
    if pixels.dtype != np.float32:
        with np.errstate(over="ignore"):  # infinity is rejected below
            pixels = pixels.astype(np.float64, copy=False)
    low, high = float(pixels.min()), float(pixels.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        kind = "NaN" if np.isnan(low) else "infinity"
        raise ValueError(f"{name} must have finite values; got {kind}.")
    largest = max(high, -low)
    if largest > _TOO_LARGE:
        pixels = pixels / largest
    return pixels.astype(np.float32, copy=False)


def _opaque(gray: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return gray values of the opacity `alpha`, in its own range, over white or black.

    Examples
    --------
    >>> _opaque(np.array([[7, 7]], np.uint8), np.array([[0, 1]])).tolist()
    [[255.0, 7.0]]
    """
    high = high_of(alpha)
    if alpha.min() >= high:
        return gray
    alpha = alpha / np.float32(high)
    np.clip(alpha, 0, 1, out=alpha)
    white = 255 if gray.dtype == np.uint8 else high_of(gray)
    return over_background(gray, alpha, white)


def high_of(values: np.ndarray) -> float:
    """Return the upper end of the smallest common range that holds all values.

    Interpolated values may exceed it by their rounding errors.

    Examples
    --------
    >>> high_of(np.array([0.2, 1.0])), high_of(np.array([16])), high_of(np.array([17]))
    (1.0, 16.0, 255.0)
    """
    largest = max(float(values.max()), -float(values.min()))
    return next((high for high in _COMMON_HIGHS if largest <= 1.001 * high), largest)
