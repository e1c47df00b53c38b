"""The shapes in which images come: what the scaler and the classifiers share."""

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator


def channels_hint(shape: tuple[int, ...]) -> str:
    """Return what to do with images that have a channel first, or three of them.

    Examples
    --------
    >>> channels_hint((60_000, 1, 28, 28))
    ': the channel is the last axis, pass X[:, 0]'
    >>> channels_hint((60_000, 28, 28, 3))
    ': make the color images gray, such as by X.mean(axis=3)'
    """
    if len(shape) != 4:
        return ""
    if shape[1] == 1 != shape[3]:
        return ": the channel is the last axis, pass X[:, 0]"
    color_axis = next((axis for axis in (3, 1) if shape[axis] == 3), None)
    if color_axis is None:
        return ""
    return f": make the color images gray, such as by X.mean(axis={color_axis})"


def check_width(X: Any, estimator: BaseEstimator) -> None:
    """Raise the error of one image, or of rows with one column more than in `fit`.

    Everything else is left to scikit-learn.
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
            f"X has the shape {shape} of one image, but {name} is expecting an array "
            f"of images: pass {image}[None], of shape {(1, *shape)}."
        )
    # Where columns have names, scikit-learn tells which one is too many.
    has_names = hasattr(estimator, "feature_names_in_")
    if len(shape) == 2 and shape[1] == n_features + 1 and not has_names:
        raise ValueError(
            f"X has {shape[1]} features, but {name} is expecting {n_features} features "
            "as input: is a label column left in X?"
        )
