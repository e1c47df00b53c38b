"""The strokes of a digit among everything that is ink."""

import numpy as np

from skdigits.preprocessing._ink import Ink, median
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._ruled_lines import without_lines

_LEAST_MASS = 0.08  # of a part of a digit, relative to its largest part
_LEAST_MASS_AT_EDGE = 0.35


def digit_mask(ink: Ink) -> np.ndarray | None:
    """Return the pixels of the digit: the part with most ink, and parts like it.

    Small parts are specks. Parts at the edge often belong to something else, and lines
    across the image to the paper.
    """
    cv2 = opencv()
    is_ink = without_lines(ink.contrast > ink.threshold)
    n, labels, stats, _ = cv2.connectedComponentsWithStats(is_ink.view(np.uint8))
    if n == 1:
        return None
    if n == 2:
        return is_ink
    mass = np.bincount(labels.ravel(), ink.contrast.ravel(), n)
    mass[0] = 0
    height, width = is_ink.shape
    left, top, wide, high, _ = stats.T
    at_edge = (left == 0) | (top == 0) | (left + wide == width) | (top + high == height)
    least = np.where(at_edge, _LEAST_MASS_AT_EDGE, _LEAST_MASS) * mass.max()
    return (mass >= least)[labels]


def soft_strokes(ink: Ink, mask: np.ndarray) -> np.ndarray:
    """Return the amount of ink in [0, 1], with the soft edges of the strokes."""
    low = ink.threshold / 2 if ink.noise else 0.0
    high = max(median(ink.contrast[mask]), low + 1)
    near = opencv().dilate(mask.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    amount = (ink.contrast - np.float32(low)) * np.float32(1 / (high - low))
    return np.clip(amount, 0, 1) * near
