"""Shapes of images, in the one place that all parts of the package share."""

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

ImageShape = tuple[int, int]

_OPAQUE = 0.9  # of the largest opacity: such pixels tell the color of the ink
_NEARLY_WHITE = 0.75  # of white


def square_shape(n_pixels: int) -> ImageShape | None:
    """Return the shape of a square image of `n_pixels` pixels, or None.

    Examples
    --------
    >>> square_shape(784), square_shape(10)
    ((28, 28), None)
    """
    side = math.isqrt(n_pixels)
    return (side, side) if side * side == n_pixels else None


def find_image_shape(shape: tuple[int, ...], name: str = "X") -> ImageShape | None:
    """Return the height and width of the images in an array of this shape.

    Return None for an array of one or two axes, whose shape lacks the height.

    Raises
    ------
    ValueError
        If the array, called `name` in the message, does not hold gray images.

    Examples
    --------
    >>> find_image_shape((60_000, 28, 28, 1)), find_image_shape((60_000, 784))
    ((28, 28), None)
    """
    if len(shape) < 3:
        return None
    if len(shape) > 4 or shape[3:] not in ((), (1,)):
        raise ValueError(
            f"{name} must hold gray images of shape (n_samples, n_features), "
            "(n_samples, height, width) or (n_samples, height, width, 1); "
            f"got shape {shape}.{_channels_hint(shape, name)}"
        )
    return shape[1], shape[2]


def _channels_hint(shape: tuple[int, ...], name: str) -> str:
    """Return how to convert images with a leading channel or with three channels.

    Examples
    --------
    >>> _channels_hint((60_000, 1, 28, 28), "X")
    ' The channel must be the last axis: pass X[:, 0].'
    >>> _channels_hint((60_000, 28, 28, 3), "X")
    ' Convert color images to gray, for example with X.mean(axis=3).'
    """
    if len(shape) != 4:
        return ""
    if shape[1] == 1 != shape[3]:
        return f" The channel must be the last axis: pass {name}[:, 0]."
    color_axis = next((axis for axis in (3, 1) if shape[axis] == 3), None)
    if color_axis is None:
        return ""
    mean = f"{name}.mean(axis={color_axis})"
    return f" Convert color images to gray, for example with {mean}."


def flatten_images(X: Any) -> tuple[Any, ImageShape | None]:
    """Return images as an array of shape (n_samples, n_features), and their shape.

    The shape is None if `X` has no more than two axes. `X` is then returned unchanged,
    for scikit-learn to validate.

    Examples
    --------
    >>> pixels, shape = flatten_images(np.zeros((5, 28, 28, 1)))
    >>> pixels.shape, shape
    ((5, 784), (28, 28))
    """
    if isinstance(X, list | tuple):
        X = np.asarray(X)
    if getattr(X, "ndim", 2) < 3:
        return X, None
    X = np.asarray(X)
    shape = find_image_shape(X.shape)
    return X.reshape(len(X), math.prod(X.shape[1:])), shape


def border_level(images: np.ndarray) -> float:
    """Return the median of the pixels at the borders: the background of digits.

    Examples
    --------
    >>> border_level(np.pad([[[255]]], [(0, 0), (1, 1), (1, 1)]))
    0.0
    """
    return float(np.median(border_pixels(images)))


def border_pixels(images: np.ndarray) -> np.ndarray:
    """Return the pixels at the border of each image, of shape (n_images, n_pixels).

    Examples
    --------
    >>> border_pixels(np.arange(9).reshape(1, 3, 3))
    array([[0, 1, 2, 3, 5, 6, 7, 8]])
    """
    border = np.ones(images.shape[1:], bool)
    border[1:-1, 1:-1] = False
    return images[:, border]


def over_background(gray: np.ndarray, alpha: np.ndarray, white: float) -> np.ndarray:
    """Return gray values with transparency over white, or over black if all are light.

    Most inks are dark, and paper that covers a part of an image has ink on it. White
    ink, if it is all that can be seen, would be lost on white.

    Parameters
    ----------
    gray : ndarray of shape (height, width)
        The gray values, whatever their opacity.
    alpha : ndarray of shape (height, width), dtype float32
        The opacity, in [0, 1].
    white : float
        The gray value of white.

    Returns
    -------
    gray : ndarray of shape (height, width), dtype float32
        Opaque gray values.

    Examples
    --------
    >>> alpha = np.array([[0, 0.5, 1]], np.float32)
    >>> over_background(np.array([[0, 0, 0]]), alpha, 1).tolist()
    [[1.0, 0.5, 0.0]]
    >>> over_background(np.array([[0, 1, 1]]), alpha, 1).tolist()
    [[0.0, 0.5, 1.0]]
    """
    most = alpha.max()
    darkest = gray[alpha >= _OPAQUE * most].min()
    background = 0 if most > 0 and darkest > _NEARLY_WHITE * white else white
    opaque = gray.astype(np.float32)
    opaque -= np.float32(background)  # in place, since images may be large
    opaque *= alpha
    opaque += np.float32(background)
    return opaque


def as_images(X: np.ndarray, name: str = "X") -> np.ndarray:
    """Return images as an array of shape (n_samples, height, width).

    Images of shape (n_samples, n_features) must be square.

    Raises
    ------
    ValueError
        If `X`, called `name` in the message, does not hold gray images.

    Examples
    --------
    >>> as_images(np.zeros((5, 784))).shape
    (5, 28, 28)
    """
    shape = find_image_shape(X.shape, name)
    if shape is None and X.ndim == 2:
        shape = square_shape(X.shape[1])
    if shape is None:
        raise ValueError(
            f"{name} must hold images of shape (n_samples, height, width) or "
            "(n_samples, height, width, 1), or square images of shape "
            f"(n_samples, n_features); got shape {X.shape}."
        )
    return X.reshape(len(X), *shape)


def check_width(X: Any, estimator: BaseEstimator) -> None:
    """Reject a single image, and samples with one feature more than in `fit`.

    scikit-learn checks everything else.
    """
    n_features, name = estimator.n_features_in_, type(estimator).__name__
    try:
        shape = (X if hasattr(X, "shape") else np.asarray(X)).shape
    except ValueError:  # a ragged list
        return
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] == 1)
    if is_image and min(shape[:2]) > 1 and math.prod(shape) == n_features:
        image = "image" if isinstance(X, np.ndarray) else "np.asarray(image)"
        raise ValueError(
            f"The input X of {name} must be an array of images; got a single image of "
            f"shape {shape}. Pass {image}[None], which has the shape {(1, *shape)}."
        )
    # If the features have names, scikit-learn names the surplus one.
    has_names = hasattr(estimator, "feature_names_in_")
    if len(shape) == 2 and shape[1] == n_features + 1 and not has_names:
        raise ValueError(
            f"X has {shape[1]} features, but {name} is expecting {n_features} features "
            "as input. Is the label column still in X?"
        )
