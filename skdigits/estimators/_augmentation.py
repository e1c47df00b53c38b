"""The changes of the training images that a classifier is asked for."""

import warnings
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from skdigits._images import ImageShape
from skdigits.estimators._checks import MIN_PIXELS_OF_A_DIGIT
from skdigits.preprocessing import DigitAugmenter
from skdigits.preprocessing._augmentation import Augmentation


def check_augmenter_params(params: Mapping[str, Any], augmentation: Any) -> None:
    """Reject parameters of an augmenter where a classifier has none.

    `params` are those to be set, and `augmentation` is that of the classifier.
    """
    nested = [name for name in params if name.startswith("augmentation__")]
    augmenter = params.get("augmentation", augmentation)
    if nested and not hasattr(augmenter, "set_params"):
        raise ValueError(
            f"{nested[0]!r} is a parameter of a DigitAugmenter; got "
            f"augmentation={augmenter!r}. Set augmentation=DigitAugmenter() first."
        )


def prepare_augmentation(
    augmenter: Any,
    x: np.ndarray,
    shape: ImageShape | None,
    n_pixels: int,
    classes: np.ndarray,
) -> Augmentation | None:
    """Return the function that changes the training images, if one should.

    Parameters
    ----------
    augmenter : float, DigitAugmenter or None
        The parameter of the classifier.
    x : ndarray of shape (n_samples, ...)
        The training images, as the network takes them.
    shape : tuple (height, width) or None
        The shape of the images that `fit` was given.
    n_pixels : int
        Their number of features.
    classes : ndarray of shape (n_classes,)
        The labels.
    """
    if augmenter is None:
        return None
    if isinstance(augmenter, bool):
        raise ValueError(
            "The 'augmentation' parameter must be a strength in (0, 1], such as "
            f"0.5, a DigitAugmenter or None; got {augmenter}."
        )
    if isinstance(augmenter, Real):
        augmenter = DigitAugmenter(float(augmenter))
    is_large = n_pixels >= MIN_PIXELS_OF_A_DIGIT
    if shape is None or not is_large or shape[0] * shape[1] != n_pixels:
        if is_large:
            warnings.warn(
                f"X has {n_pixels} features, which are not a square image: there "
                "is no augmentation. Pass images of shape (n_samples, height, width).",
                UserWarning,
                stacklevel=6,  # the caller of fit or partial_fit
            )
        augmenter.prepare(np.zeros((1, 1)))  # which checks the parameters
        return None
    augment = augmenter.prepare(x.reshape(len(x), *shape), classes)
    if not isinstance(augment, Augmentation):
        raise TypeError(
            "augmentation.prepare must return what DigitAugmenter.prepare returns; "
            f"got {augment!r}."
        )
    return augment
