"""From a gray image of a digit to MNIST's geometry, step by step."""

from typing import NamedTuple

import numpy as np

from skdigits._images import ImageShape
from skdigits.preprocessing._gray import high_of
from skdigits.preprocessing._ink import Ink, find_ink
from skdigits.preprocessing._mnist_geometry import (
    BOX,
    bounds,
    has_mnist_geometry,
    place,
)
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._stroke_width import stroke_width
from skdigits.preprocessing._strokes import digit_mask, soft_strokes

_SIDE = 128  # pixels of the longer side of the images that digits are looked for in
_SMALL = 0.5  # of that side: a smaller digit is looked at again
_MARGIN = 0.25  # around it, as a share of its box
_LEAST_WIDTH = 2.2  # of a stroke, as in MNIST, in pixels of the result
_FAINTEST = 0.05
_THINNEST = 1.2  # width of strokes in MNIST, in pixels
_INKED_BORDER = 0.1  # share of the pixels at the borders that a digit of MNIST reaches


class Stages(NamedTuple):
    """An image on its way to MNIST's geometry.

    The images have the shape (height, width) each, but their sizes differ. Where
    nothing looks like ink, all but the first of them are zero.
    """

    gray: np.ndarray
    ink: np.ndarray
    strokes: np.ndarray
    normalized: np.ndarray


def normalize(gray: np.ndarray, kind: str, shape: ImageShape) -> Stages:
    """Return the stages of the normalization of a gray image.

    Examples
    --------
    >>> gray = np.full((100, 60), 200, np.uint8)
    >>> gray[20:80, 30:36] = 20
    >>> rows = np.flatnonzero(normalize(gray, "auto", (28, 28)).normalized.any(axis=1))
    >>> int(rows[0]), int(rows[-1])
    (4, 23)
    """
    if kind != "dark" and gray.shape == shape and is_normalized(gray):
        levels = np.rint(gray * (255 / high_of(gray))).astype(np.uint8)
        return Stages(gray, levels, levels, levels)
    small = reduced(gray)
    found = find_digit(small, kind)
    if found is None:
        blank = np.zeros(small.shape, np.float32)
        return Stages(gray, blank, blank, np.zeros(shape, np.uint8))
    if small.size < gray.size:
        part = around(bounds(found[1]), small.shape, gray.shape)
        if part is not None:
            found = find_digit(reduced(gray[part]), kind) or found
    ink, mask = found
    strokes = soft_strokes(ink, mask)
    strokes = thickened(strokes, mask, shape)
    strokes[strokes < _FAINTEST] = 0
    box = bounds(strokes > 0)
    return Stages(gray, ink.contrast, strokes, place(strokes[box], shape))


def is_normalized(gray: np.ndarray) -> bool:
    """Return whether an image is light ink on black with the geometry of MNIST."""
    borders = gray[0], gray[-1], gray[:, 0], gray[:, -1]
    n_inked = sum(map(np.count_nonzero, borders))
    if n_inked > _INKED_BORDER * sum(map(len, borders)):
        return False
    if not gray.any() or gray.min() < 0 or not has_mnist_geometry(gray):
        return False
    mask = gray > high_of(gray) / 2
    return bool(mask.any()) and stroke_width(mask) >= _THINNEST


def reduced(gray: np.ndarray) -> np.ndarray:
    """Return an image whose longer side has at most 128 pixels, each a mean."""
    scale = _SIDE / max(gray.shape)
    if scale >= 1:
        return gray
    height, width = (max(1, round(scale * length)) for length in gray.shape)
    return opencv().resize(gray, (width, height), interpolation=opencv().INTER_AREA)


def find_digit(gray: np.ndarray, kind: str) -> tuple[Ink, np.ndarray] | None:
    """Return the ink of an image and the mask of the digit, or None without any."""
    ink = find_ink(gray, kind)
    if ink is None:
        return None
    mask = digit_mask(ink)
    return None if mask is None else (ink, mask)


def around(
    box: tuple[slice, slice], small: ImageShape, full: ImageShape
) -> tuple[slice, slice] | None:
    """Return where a digit that is small in a reduced image is in the full image."""
    side = max(place.stop - place.start for place in box)
    if side > _SMALL * max(small):
        return None
    scale = max(full) / max(small)
    margin = _MARGIN * side + 1
    rows, columns = (
        slice(
            max(0, int(scale * (place.start - margin))),
            min(length, int(scale * (place.stop + margin)) + 1),
        )
        for place, length in zip(box, full, strict=True)
    )
    return rows, columns


def thickened(strokes: np.ndarray, mask: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return strokes at least as wide, in the result, as thin ones in MNIST."""
    rows, columns = bounds(mask)
    box = max(rows.stop - rows.start, columns.stop - columns.start)
    scale = BOX * min(shape) / box
    least = _LEAST_WIDTH * min(shape) / 28
    missing = (least - scale * stroke_width(mask)) / scale
    if missing <= 0:
        return strokes
    whole = int(missing)
    sides = 4 * [whole + 2]
    padded = opencv().copyMakeBorder(strokes, *sides, opencv().BORDER_CONSTANT)
    narrow, wide = (dilated(padded, size) for size in (whole + 1, whole + 2))
    return narrow + np.float32(missing - whole) * (wide - narrow)


def dilated(strokes: np.ndarray, size: int) -> np.ndarray:
    """Return strokes that are wider by ``size - 1`` pixels."""
    cv2 = opencv()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.dilate(strokes, kernel)
