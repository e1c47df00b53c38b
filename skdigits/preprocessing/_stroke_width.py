"""The width of the strokes of a digit."""

import numpy as np

_DIAGONAL = 4 / np.pi  # how much longer stairs are than what they approximate


def stroke_width(mask: np.ndarray) -> float:
    """Return the mean width of strokes in pixels.

    Examples
    --------
    >>> mask = np.zeros((200, 200), bool)
    >>> mask[20:180, 90:100] = True
    >>> bool(8 < stroke_width(mask) < 13)
    True
    """
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), bool)
    padded[1:-1, 1:-1] = mask
    edges = np.count_nonzero(padded[1:] != padded[:-1])
    edges += np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    return float(2 * np.count_nonzero(mask) / edges * _DIAGONAL)
