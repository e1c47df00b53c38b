"""Ink and paper: how much darker, or brighter, than the paper each pixel is."""

from typing import NamedTuple

import numpy as np

from skdigits.preprocessing._gray import high_of
from skdigits.preprocessing._opencv import opencv

_LEAST_CONTRAST = 1 / 64  # of the range: fewer levels are no digit
_EXACT_SHARE = 0.3  # of the pixels, which are exactly as bright as the paper
_BLUR = 0.6 / 64  # standard deviation, as a share of the longer side
_LEAST_BLUR = 0.3  # pixels
_NOISES = 2.5  # of the paper that ink exceeds
_MAX_FITTED = 1024  # pixels of paper; products of more are computed by threads


class Ink(NamedTuple):
    """How much ink the pixels of an image have.

    ``contrast``, of shape (height, width), is positive where there is ink, in a range
    of 255. Pixels above the ``threshold`` are ink. ``noise`` is the standard deviation
    of the paper, and 0 if all of the paper is equally bright.
    """

    contrast: np.ndarray
    threshold: float
    noise: float


def find_ink(gray: np.ndarray, kind: str = "auto") -> Ink | None:
    """Return the ink in a gray image, or None if all pixels are nearly equal.

    The ink is "dark" or "light", or, with "auto", what most of the pixels, inside and
    at the borders, are not.

    Examples
    --------
    >>> gray = np.full((8, 8), 200, np.uint8)
    >>> gray[2:6, 3] = 50
    >>> ink = find_ink(gray)
    >>> ink.contrast[2, 2:5].tolist(), ink.noise
    ([0.0, 255.0, 0.0], 0.0)
    """
    low, high = float(gray.min()), float(gray.max())
    if high - low < _LEAST_CONTRAST * high_of(gray):
        return None
    levels = (gray.astype(np.float32) - np.float32(low)) * np.float32(
        255 / (high - low)
    )
    split = _otsu(levels)
    is_bright = levels > split
    if kind == "dark" or (kind == "auto" and _mostly(is_bright)):
        levels, is_paper = 255 - levels, is_bright
    else:
        is_paper = ~is_bright
    paper = np.median(levels[is_paper])
    if np.count_nonzero(levels == paper) >= _EXACT_SHARE * levels.size:
        contrast, noise = levels - paper, 0.0
    else:
        contrast, noise = _over_uneven_paper(levels, is_paper)
    positive = np.maximum(contrast, 0)
    return Ink(positive, max(_otsu(positive), _NOISES * noise), noise)


def _otsu(levels: np.ndarray) -> float:
    """Return the level that splits levels of 0-255 into two groups."""
    cv2 = opencv()
    rounded = (levels + np.float32(0.5)).astype(np.uint8)
    return cv2.threshold(rounded, 0, 255, cv2.THRESH_OTSU)[0] + 0.5


def _mostly(mask: np.ndarray) -> bool:
    """Return whether most pixels, inside and at the borders, are set."""
    borders = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return bool(mask.mean() + borders.mean() > 1)


def _over_uneven_paper(
    levels: np.ndarray, is_paper: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the contrast to a paper whose brightness varies, and its noise."""
    cv2 = opencv()
    sigma = _BLUR * max(levels.shape)
    if sigma >= _LEAST_BLUR:
        levels = cv2.GaussianBlur(levels, (0, 0), sigma)
    far = cv2.erode(is_paper.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    if np.count_nonzero(far) < 0.1 * far.size:
        far = is_paper
    contrast = levels - quadratic_surface(levels, far)
    brighter = np.minimum(contrast[far], 0)
    n = np.count_nonzero(brighter)
    noise = float(np.sqrt(np.square(brighter).sum() / n)) if n else 0.0
    return contrast, noise


def quadratic_surface(levels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the quadratic surface nearest to the pixels of a mask.

    Examples
    --------
    >>> levels = np.add.outer(np.arange(5.0) ** 2, np.arange(4.0))
    >>> mask = levels > 2
    >>> bool(np.allclose(quadratic_surface(levels, mask), levels, atol=1e-4))
    True
    """
    width = levels.shape[1]
    places = np.flatnonzero(mask)
    places = places[:: -(-len(places) // _MAX_FITTED)]
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in levels.shape)
    rows, columns = y[places // width], x[places % width]
    terms = np.stack(
        [np.ones_like(rows), columns, rows, columns**2, rows * columns, rows**2]
    ).astype(np.float64)
    normal = terms @ terms.T + 1e-9 * len(places) * np.eye(len(terms))
    c = np.linalg.solve(normal, terms @ levels.reshape(-1)[places])
    c = c.astype(np.float32)
    of_rows, of_columns = c[0] + c[2] * y + c[5] * y**2, c[1] * x + c[3] * x**2
    return of_rows[:, None] + of_columns + (c[4] * y)[:, None] * x
