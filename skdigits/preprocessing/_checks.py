"""Checks of what transformers are given, and of the container they return it in."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_array
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import validate_data

from skdigits._images import check_width, find_image_shape


def check_images(
    transformer: BaseEstimator, X: Any, *, reset: bool, finite: bool
) -> np.ndarray:
    """Return images as an array, after checking them.

    Parameters
    ----------
    transformer : estimator
        Its ``n_features_in_`` and ``feature_names_in_`` are set or, without `reset`,
        compared with ``X``, if it was fitted.
    X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
            (n_samples, height, width, 1)
        Images of any real dtype.
    reset : bool
        Whether the transformer is being fitted.
    finite : bool
        Whether NaN and infinity are rejected.

    Raises
    ------
    ValueError
        If ``X`` does not hold images, or others than those of `fit`.
    TypeError
        If ``X`` is a sparse matrix.
    """
    is_fitted = hasattr(transformer, "n_features_in_")
    if is_fitted and not reset:
        check_width(X, transformer)
    images = check_array(
        X,
        allow_nd=True,
        ensure_all_finite=finite,
        estimator=transformer,
        input_name="X",
    )
    if images.dtype.kind not in "buif":
        raise ValueError(f"X must hold real numbers; got dtype {images.dtype}.")
    image_shape = find_image_shape(images.shape)
    if images.size == 0:
        raise ValueError(f"X must hold pixels; got shape {images.shape}.")
    if image_shape is not None:
        height, width = image_shape
        if is_fitted and not reset and height * width != transformer.n_features_in_:
            raise ValueError(
                f"X has images of {height} x {width} = {height * width} pixels, but "
                f"{type(transformer).__name__} is expecting "
                f"{transformer.n_features_in_} features as input."
            )
        # scikit-learn counts the second axis as features, so it gets one sample.
        X = images[:1].reshape(1, -1)
    validate_data(transformer, X, reset=reset, skip_check_array=True)
    return images


def check_container(transformer: BaseEstimator, X: np.ndarray) -> None:
    """Reject images with axes that a dataframe, asked for by `set_output`, lacks.

    Raises
    ------
    ValueError
        If ``X`` has more than two axes, and the transformer returns dataframes.
    """
    container = _get_output_config("transform", transformer)["dense"]
    if X.ndim > 2 and container != "default":
        raise ValueError(
            f"X must have shape (n_samples, n_features) for a {container} "
            f"dataframe; got shape {X.shape}. Pass X.reshape(len(X), -1), or "
            "disable dataframes with set_output(transform='default')."
        )
