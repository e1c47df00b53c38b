"""The geometry of MNIST: a digit's box in 20 x 20 pixels, centered by mass."""

import numpy as np

from skdigits._images import ImageShape
from skdigits.preprocessing._opencv import opencv

BOX = 20 / 28  # the longer side of a digit, as a share of the shorter side of an image
_LEAST_BOX = 16 / 28  # that of the smallest digits in MNIST
_ROUNDING = 0.51  # pixels from the center, after a shift by whole pixels


def bounds(mask: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and the columns of the box around the pixels that are set."""
    left, top, width, height = opencv().boundingRect(mask.view(np.uint8))
    return slice(top, top + height), slice(left, left + width)


def center_of_mass(image: np.ndarray) -> tuple[float, float]:
    """Return the row and the column of the center of mass."""
    rows, columns = image.sum(axis=1), image.sum(axis=0)
    total = rows.sum()
    y, x = (line @ np.arange(len(line)) / total for line in (rows, columns))
    return float(y), float(x)


def has_mnist_geometry(image: np.ndarray) -> bool:
    """Return whether a digit on black has the size and the place of those of MNIST.

    Examples
    --------
    >>> image = np.zeros((28, 28), np.uint8)
    >>> image[4:24, 12:17] = 255
    >>> has_mnist_geometry(image), has_mnist_geometry(image.T[1:])
    (True, False)
    """
    side = min(image.shape)
    box = max(place.stop - place.start for place in bounds(image > 0))
    if not _LEAST_BOX * side <= box <= BOX * side + 0.5:
        return False
    center = center_of_mass(image)
    return all(
        abs(place - length // 2) <= _ROUNDING
        for place, length in zip(center, image.shape, strict=True)
    )


def place(strokes: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return a digit, given as its box, at the size and the place of those of MNIST.

    Parameters
    ----------
    strokes : ndarray of shape (height, width), dtype float32
        The amount of ink, in [0, 1].
    shape : tuple (height, width)
        The shape of the result.

    Returns
    -------
    image : ndarray of that shape, dtype uint8
        Light ink on black.
    """
    cv2 = opencv()
    side = round(BOX * min(shape))
    scale = side / max(strokes.shape)
    height, width = (max(1, round(scale * length)) for length in strokes.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(strokes, (width, height), interpolation=how)
    resized = np.clip(resized, 0, 1)
    image = np.zeros(shape, np.uint8)
    first = [
        min(max(0, round(length // 2 - center)), length - size)
        for length, center, size in zip(
            shape, center_of_mass(resized), resized.shape, strict=True
        )
    ]
    rows, columns = (
        slice(start, start + size)
        for start, size in zip(first, resized.shape, strict=True)
    )
    image[rows, columns] = np.rint(255 * resized)
    return image
