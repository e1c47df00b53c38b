"""Drawing into images of digits.

An image has the shape (height, width) and the dtype float32; its ink is near 1 on 0.
"""

import numpy as np

from skdigits.preprocessing._mnist_geometry import bounds, center_of_mass
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._stroke_width import stroke_width

INK = 0.4  # what is the stroke of a digit
_FAINTEST = 0.05
_FINER = 4  # how many times as many pixels lines are drawn with

Point = tuple[float, float]  # row and column


def line_width(mask: np.ndarray, draw: float) -> float:
    """Return the width of a stroke like those of a digit."""
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    width = stroke_width(mask) * (0.7 + 0.4 * draw)
    return float(np.clip(width, 0.06 * height, 0.2 * height))


def with_lines(
    ink: np.ndarray, lines: list[tuple[Point, Point]], width: float
) -> np.ndarray:
    """Return an image with more strokes, each from one point to another."""
    cv2 = opencv()
    margin = max(ink.shape)
    wider = np.pad(ink, margin)
    finer = np.zeros([_FINER * side for side in wider.shape], np.uint8)
    for ends in lines:
        (y, x), (v, u) = (
            [round(_FINER * (value + margin + 0.5)) for value in end] for end in ends
        )
        cv2.line(finer, (x, y), (u, v), 255, max(1, round(_FINER * width)))
    shape = wider.shape[::-1]
    drawn = cv2.resize(finer, shape, interpolation=cv2.INTER_AREA)
    return fitted(np.maximum(wider, drawn * np.float32(1 / 255)), ink)


def fitted(digit: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return a digit with the size and the center of mass of another."""
    cv2 = opencv()
    box = inked_box(digit)
    longest = max(inked_box(like).shape)
    room = (length / side for length, side in zip(like.shape, box.shape, strict=True))
    scale = min(longest / max(box.shape), *room)
    height, width = (max(1, round(scale * side)) for side in box.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    box = cv2.resize(box, (width, height), interpolation=how)
    result = np.zeros_like(like)
    wanted, center = center_of_mass(like), center_of_mass(box)
    first = [
        min(max(0, round(wanted[axis] - center[axis])), like.shape[axis] - size)
        for axis, size in enumerate(box.shape)
    ]
    result[first[0] : first[0] + height, first[1] : first[1] + width] = box
    return result


def inked_box(ink: np.ndarray) -> np.ndarray:
    """Return the part of an image that its digit fills."""
    return ink[bounds(ink > _FAINTEST)]
