"""Where a classifier looks: what hiding a part of an image does to its answer."""

from typing import Any

import numpy as np

# Probabilities nearer to 0 or 1 are not told from these.
_LEAST = 1e-6


def occlusion_maps(
    estimator: Any, X: Any, image_shape: tuple[int, int], columns: np.ndarray
) -> np.ndarray:
    """Return how much each pixel speaks for the answer.

    A patch of a seventh of the image's height and width is blanked, half a patch
    further each time. What the log-odds of the class lose is the evidence hidden under
    it [1]_ [2]_; a pixel has the mean over the patches that it is under.

    Parameters
    ----------
    estimator : classifier
        A fitted classifier with ``predict_proba``.
    X : array-like of shape (n_rows, ...)
        Images, as the classifier takes them.
    image_shape : tuple of (int, int)
        Height and width of an image.
    columns : ndarray of shape (n_rows,)
        The class to explain in each image, as a column of ``predict_proba``.

    Returns
    -------
    maps : ndarray of shape (n_rows, height, width)
        Loss of log-odds, in nats.

    References
    ----------
    .. [1] M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional
       Networks", ECCV 2014.
    .. [2] M. Robnik-Sikonja and I. Kononenko, "Explaining Classifications For
       Individual Instances", IEEE TKDE 20, 2008.
    """
    rows = np.asarray(X)
    blank = min(rows.min(initial=0), 0)
    windows = _windows(*image_shape)
    maps = np.empty((len(rows), *image_shape))
    for i, (row, column) in enumerate(zip(rows, columns, strict=True)):
        hidden = np.repeat(row[None], len(windows) + 1, axis=0)
        images = hidden.reshape(-1, *image_shape)
        for image, window in zip(images, windows, strict=False):
            image[window] = blank
        odds = _log_odds(estimator.predict_proba(_like(X, hidden))[:, column])
        evidence, n_times = np.zeros(image_shape), np.zeros(image_shape)
        for loss, window in zip(odds[-1] - odds[:-1], windows, strict=True):
            evidence[window] += loss
            n_times[window] += 1
        maps[i] = evidence / n_times
    return maps


def _windows(height: int, width: int) -> list[tuple[slice, slice]]:
    return [(y, x) for y in _slices(height) for x in _slices(width)]


def _slices(length: int) -> list[slice]:
    """Return slices that overlap by half and cover a length."""
    size = min(length, max(2, length // 7))
    starts = [*range(0, length - size, size // 2), length - size]
    return [slice(start, start + size) for start in starts]


def _log_odds(proba: np.ndarray) -> np.ndarray:
    proba = np.clip(proba.astype(np.float64), _LEAST, 1 - _LEAST)
    return np.log(proba) - np.log1p(-proba)


def _like(X: Any, rows: np.ndarray) -> Any:
    """Return rows in a table with the columns of X, if that is one."""
    return type(X)(rows, columns=X.columns) if hasattr(X, "columns") else rows
