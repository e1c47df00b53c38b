"""Occlusion maps: which pixels a prediction depends on."""

from typing import Any

import numpy as np

# Probabilities are clipped so that the log-odds stay finite.
_MIN_PROBA = 1e-6


def occlusion_maps(
    estimator: Any, X: Any, image_shape: tuple[int, int], columns: np.ndarray
) -> np.ndarray:
    """Return how much each pixel contributes to a class.

    A patch of a seventh of the height and width slides over the image by half its size
    and hides the pixels below. The contribution of the hidden pixels is the decrease of
    the log-odds of the class [1]_ [2]_. The contribution of a pixel is the mean over
    all patches that cover it.

    Parameters
    ----------
    estimator : classifier
        Fitted classifier with ``predict_proba``.
    X : array-like of shape (n_samples, ...)
        Images, in a format that the classifier accepts.
    image_shape : tuple of (int, int)
        Height and width of the images.
    columns : ndarray of shape (n_samples,)
        The class to explain for each image, as a column of ``predict_proba``.

    Returns
    -------
    maps : ndarray of shape (n_samples, height, width)
        Decrease of the log-odds, in nats.

    References
    ----------
    .. [1] M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional
       Networks", ECCV 2014.
    .. [2] M. Robnik-Sikonja and I. Kononenko, "Explaining Classifications For
       Individual Instances", IEEE TKDE 20, 2008.
    """
    samples = np.asarray(X)
    background = min(samples.min(initial=0), 0)
    patches = _patches(*image_shape)
    maps = np.empty((len(samples), *image_shape))
    for i, (sample, column) in enumerate(zip(samples, columns, strict=True)):
        # The last copy stays as it is.
        occluded = np.repeat(sample[None], len(patches) + 1, axis=0)
        images = occluded.reshape(-1, *image_shape)
        for image, patch in zip(images, patches, strict=False):
            image[patch] = background
        odds = _log_odds(estimator.predict_proba(_like(X, occluded))[:, column])
        total, n_covered = np.zeros(image_shape), np.zeros(image_shape)
        for decrease, patch in zip(odds[-1] - odds[:-1], patches, strict=True):
            total[patch] += decrease
            n_covered[patch] += 1
        maps[i] = total / n_covered
    return maps


def _patches(height: int, width: int) -> list[tuple[slice, slice]]:
    return [(y, x) for y in _slices(height) for x in _slices(width)]


def _slices(length: int) -> list[slice]:
    """Return slices that cover a length and overlap by half."""
    size = min(length, max(2, length // 7))
    starts = [*range(0, length - size, size // 2), length - size]
    return [slice(start, start + size) for start in starts]


def _log_odds(proba: np.ndarray) -> np.ndarray:
    proba = np.clip(proba.astype(np.float64), _MIN_PROBA, 1 - _MIN_PROBA)
    return np.log(proba) - np.log1p(-proba)


def _like(X: Any, samples: np.ndarray) -> Any:
    """Return samples as a DataFrame with the columns of X if X is a DataFrame."""
    return type(X)(samples, columns=X.columns) if hasattr(X, "columns") else samples
