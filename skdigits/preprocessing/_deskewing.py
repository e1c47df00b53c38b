"""Shearing of images until their ink is upright, as functions of arrays.

Many images are sheared at a time by a few operations of NumPy on all their pixels. All
sums are taken within an image, so that the others do not matter, to the last bit.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from skdigits._images import border_pixels
from skdigits.preprocessing._augmentation import converted

_CHUNK_PIXELS = 2**14  # few enough for malloc to reuse the memory of each step
MAX_SLANT = 1.0  # the tangent of 45 degrees; a flat stroke may have a far larger one


def deskewed(images: np.ndarray) -> np.ndarray:
    """Return upright copies of images of shape (n_images, height, width).

    Examples
    --------
    >>> deskewed(2 * np.eye(3, dtype=int)[None])[0]
    array([[0, 2, 0],
           [0, 2, 0],
           [0, 2, 0]])
    """
    result = np.array(images, order="C")
    n, height, width = result.shape
    step = max(1, _CHUNK_PIXELS // (height * width))
    for start in range(0, n, step):
        part = result[start : start + step]
        background = np.median(border_pixels(part), axis=1)[:, None, None]
        contrast = part - background.astype(np.float64)
        slant, center = slants(ink_of(contrast))
        shifts = slant[:, None] * (np.arange(height) - center[:, None])
        sheared = background + shifted(contrast, shifts)
        is_slanted = slant != 0
        part[is_slanted] = converted(sheared[is_slanted], part.dtype)
    return result


def ink_of(contrast: np.ndarray) -> np.ndarray:
    """Return the amount of ink, of images whose background is 0.

    The ink is what is brighter, or darker, than the background, whichever is stronger.

    Examples
    --------
    >>> ink_of(np.array([[[0.0, 3.0, -1.0]], [[0.0, 3.0, -5.0]]])).tolist()
    [[[0.0, 3.0, 0.0]], [[0.0, 0.0, 5.0]]]
    """
    flat = contrast.reshape(len(contrast), -1)
    is_bright = flat.max(axis=1) >= -flat.min(axis=1)
    sign = np.where(is_bright, 1.0, -1.0)[:, None, None]
    return np.maximum(sign * contrast, 0.0)


def slants(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the slants of images, and the rows of their centers of mass.

    The slant is how far the ink moves to the right from one row to the next, the
    covariance of rows and columns divided by the variance of rows. It is at most
    `MAX_SLANT` in each direction, and 0 in blank images and in those of one row.

    Examples
    --------
    >>> slants(np.stack([np.eye(3), np.zeros((3, 3))]))
    (array([1., 0.]), array([1., 0.]))
    """
    height, width = ink.shape[1:]
    mass = ink.sum(axis=2)
    moment = (ink * (np.arange(width) - (width - 1) / 2)).sum(axis=2)
    center = ratio((mass * np.arange(height)).sum(axis=1), mass.sum(axis=1))
    rows = np.arange(height) - center[:, None]
    covariance, variance = (moment * rows).sum(axis=1), (mass * rows**2).sum(axis=1)
    return np.clip(ratio(covariance, variance), -MAX_SLANT, MAX_SLANT), center


def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ``a / b``, or 0 where ``b`` is 0.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0]))
    array([0.5, 0. ])
    """
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def shifted(images: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Return images whose rows are moved to the left by numbers of pixels.

    Between two pixels, the values are interpolated. Outside of an image all is 0.

    Examples
    --------
    >>> shifted(np.array([[[0.0, 4, 0], [0, 4, 0]]]), np.array([[0.25, -1]]))
    array([[[1., 3., 0.],
            [0., 0., 4.]]])
    """
    n, height, width = images.shape
    margin = width + 1
    rows = np.zeros((n * height, width + 2 * margin))
    rows[:, margin:-margin] = images.reshape(-1, width)
    shifts = np.clip(shifts.reshape(-1), -margin, width)
    whole = np.floor(shifts)
    windows = sliding_window_view(rows, width + 1, axis=1)
    read = windows[np.arange(n * height), margin + whole.astype(int)]
    left, right = read[:, :-1], read[:, 1:]
    between = left + (shifts - whole)[:, None] * (right - left)
    return between.reshape(images.shape)
