"""Ink and paper: how much darker, or brighter, than the paper each pixel is."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from skdigits._images import ImageShape
from skdigits.preprocessing._gray import high_of
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._ruled_lines import without_lines

_LEAST_CONTRAST = 1 / 64  # of the range: fewer levels are no digit
_EXACT_SHARE = 0.3  # of the pixels, which are exactly as bright as the paper
_BLUR = 0.6 / 64  # standard deviation, as a share of the longer side
_LEAST_BLUR = 0.3  # pixels
_DOUBTFUL = 0.35  # share of bright pixels that does not tell ink from paper
_LEAST_PART = 0.01  # of the pixels
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

    The ink is "dark" or "light", or, with "auto", what `ink_is_dark` says.

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
    if kind == "dark" or (kind == "auto" and ink_is_dark(is_bright)):
        levels, is_paper = 255 - levels, is_bright
    else:
        is_paper = ~is_bright
    paper = median(levels[is_paper])
    if np.count_nonzero(levels == paper) >= _EXACT_SHARE * levels.size:
        contrast, noise = levels - paper, 0.0
    else:
        contrast, noise = _over_uneven_paper(levels, is_paper)
    positive = np.maximum(contrast, 0)
    return Ink(positive, max(_otsu(positive), _NOISES * noise), noise)


def median(values: np.ndarray) -> float:
    """Return the median of values, as np.median does, in a third of the time.

    Examples
    --------
    >>> median(np.array([3, 1, 2])), median(np.array([4, 1, 2, 3]))
    (2.0, 2.5)
    """
    low, high = (len(values) - 1) // 2, len(values) // 2
    parted = np.partition(values, (low, high))
    return float((parted[low] + parted[high]) / 2)


def _otsu(levels: np.ndarray) -> float:
    """Return the level that splits levels of 0-255 into two groups."""
    cv2 = opencv()
    rounded = (levels + np.float32(0.5)).astype(np.uint8)
    return cv2.threshold(rounded, 0, 255, cv2.THRESH_OTSU)[0] + 0.5


def ink_is_dark(is_bright: np.ndarray) -> bool:
    """Return whether the dark pixels of an image are the ink.

    Most pixels, inside and at the borders, are paper, apart from dark lines. Where that
    says little, since a digit fills its image, the ink is what has fewer parts: paper
    is what is left around it.

    Examples
    --------
    >>> is_bright = np.ones((9, 9), bool)
    >>> is_bright[2:7, 4] = False
    >>> ink_is_dark(is_bright), ink_is_dark(~is_bright)
    (True, False)
    >>> full = np.add.outer(np.arange(9), np.arange(9))
    >>> full = (4 < full) & (full < 12)  # a broad diagonal stroke
    >>> ink_is_dark(full), ink_is_dark(~full)
    (False, True)
    """
    is_bright = ~without_lines(~is_bright)
    borders = is_bright[0], is_bright[-1], is_bright[:, 0], is_bright[:, -1]
    at_borders = sum(map(np.count_nonzero, borders)) / sum(map(len, borders))
    share = (np.count_nonzero(is_bright) / is_bright.size + at_borders) / 2
    if _DOUBTFUL < share < 1 - _DOUBTFUL:
        n_bright, n_dark = _n_parts(is_bright), _n_parts(~is_bright)
        if n_bright != n_dark:
            return n_dark < n_bright
    return bool(share > 0.5)


def _n_parts(mask: np.ndarray) -> int:
    """Return the number of connected parts, without specks."""
    stats = opencv().connectedComponentsWithStats(mask.view(np.uint8))[2]
    areas = stats[1:, -1]
    return int(np.count_nonzero(areas >= _LEAST_PART * mask.size))


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
    places = np.flatnonzero(mask)
    places = places[:: -(-len(places) // _MAX_FITTED)]
    y, x, terms = _quadratic_terms(levels.shape)
    terms = terms[:, places]
    normal = terms @ terms.T + 1e-9 * len(places) * np.eye(len(terms))
    c = np.linalg.solve(normal, terms @ levels.reshape(-1)[places])
    c = c.astype(np.float32)
    of_rows, of_columns = c[0] + c[2] * y + c[5] * y**2, c[1] * x + c[3] * x**2
    return of_rows[:, None] + of_columns + (c[4] * y)[:, None] * x


@lru_cache(maxsize=8)
def _quadratic_terms(shape: ImageShape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places in [-1, 1] of rows and columns, and their terms at each pixel."""
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    rows, columns = (places.ravel() for places in np.meshgrid(y, x, indexing="ij"))
    terms = [np.ones_like(rows), columns, rows, columns**2, rows * columns, rows**2]
    return y, x, np.stack(terms).astype(np.float64)
