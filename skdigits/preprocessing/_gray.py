"""Images of any kind as gray values: arrays, lists, colors, transparency."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from skdigits._images import square_shape
from skdigits.preprocessing._opencv import opencv

_COMMON_HIGHS = 1.0, 16.0, 255.0, 65535.0
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
    return bool(X) and isinstance(X[0], list | tuple) and not np.shape(X[0])[1:]


def _as_array(X: Any, name: str) -> Any:
    """Return images, or flattened square images, as an array with an axis of images."""
    if isinstance(X, str | bytes) or not hasattr(X, "__len__") or np.ndim(X) == 0:
        raise TypeError(
            f"{name} must be an array of shape (n_samples, height, width), or a list "
            f"of images; got {type(X).__name__}."
        )
    X = np.asarray(X)
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
    try:
        pixels = np.asarray(_with_known_channels(image))
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be an image: {error}") from error
    if isinstance(image, str | bytes) or pixels.dtype.kind in "USOMm":
        raise ValueError(
            f"{name} must be an image of numbers; got {type(image).__name__} "
            f"{str(image)[:80]!r}. skdigits.datasets.load_images loads files."
        )
    if pixels.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers; got dtype {pixels.dtype}.")
    if pixels.ndim not in (2, 3) or pixels.shape[2:] not in (
        (),
        (1,),
        (2,),
        (3,),
        (4,),
    ):
        raise ValueError(
            f"{name} must be an image of shape (height, width) or (height, width, "
            f"channels) with 1, 3 or 4 channels; got shape {pixels.shape}."
        )
    if pixels.size == 0:
        raise ValueError(f"{name} must have pixels; got shape {pixels.shape}.")
    pixels = _in_a_usual_dtype(pixels, name)
    if pixels.ndim == 2:
        return pixels
    n_channels = pixels.shape[2]
    if n_channels > 2:  # the luma of ITU-R BT.601
        colors = np.ascontiguousarray(pixels[..., :3])
        gray = opencv().cvtColor(colors, opencv().COLOR_RGB2GRAY)
    else:
        gray = pixels[..., 0]
    return gray if n_channels % 2 else _over_background(gray, pixels[..., -1])


def _with_known_channels(image: Any) -> Any:
    """Return an image of Pillow in a mode of one to four channels, others unchanged."""
    mode = getattr(image, "mode", None)
    if mode is None or not hasattr(image, "convert"):
        return image
    if mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    known = mode in ("1", "L", "LA", "RGB", "RGBA", "F") or mode.startswith("I")
    return image if known else image.convert("RGB")


def _in_a_usual_dtype(pixels: np.ndarray, name: str) -> np.ndarray:
    """Return pixels as uint8, uint16 or float32, scaled if they are too large."""
    if pixels.dtype == bool:
        return pixels.view(np.uint8)
    if pixels.dtype in (np.uint8, np.uint16):
        return pixels
    if not np.isfinite(pixels).all():
        kind = "NaN" if np.isnan(pixels).any() else "infinity"
        raise ValueError(f"{name} must have finite values; got {kind}.")
    if pixels.dtype.kind != "f" or pixels.dtype.itemsize > 4:
        pixels = pixels.astype(np.float64)
        largest = np.abs(pixels).max()
        if largest > np.finfo(np.float32).max / 1e6:
            pixels = pixels / largest
    return pixels.astype(np.float32)


def _over_background(gray: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return transparent gray values over white, or over black if they are bright."""
    alpha = alpha.astype(np.float32)
    alpha /= high_of(alpha)
    high = high_of(gray)
    visible = float(alpha.sum())
    is_bright = visible > 0 and float((alpha * gray).sum()) > high / 2 * visible
    background = 0.0 if is_bright and alpha.min() < 1 else high
    return (alpha * gray + (1 - alpha) * background).astype(np.float32)


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
