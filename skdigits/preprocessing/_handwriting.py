"""Habits of writers and scanners that MNIST hardly has, drawn into its digits.

Each function takes an image of shape (height, width) in float32, whose ink is near 1 on
0, and uniform random numbers in [0, 1). It returns an image in which the digit has the
size and the center of mass that it had.
"""

from typing import NamedTuple

import numpy as np

from skdigits.preprocessing._mnist_geometry import bounds, center_of_mass
from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._stroke_width import stroke_width

N_DRAWS = 8  # of each image
_IS_CONTINENTAL, _IS_STRETCHED = 0, 1
_FREE = slice(2, N_DRAWS)

_LEAST_SIDE = 8  # pixels of an image that lines can be drawn into
_INK = 0.4  # what is the stroke of a digit
_FAINTEST = 0.05
_FINER = 4  # how many times as many pixels lines are drawn with

Point = tuple[float, float]  # row and column


class Habits(NamedTuple):
    """How often which habit is drawn into a digit.

    ``one`` and ``seven`` are the codes of these classes, or None.
    """

    continental: float
    stretch: float
    one: int | None
    seven: int | None

    def apply(self, ink: np.ndarray, code: int, draws: np.ndarray) -> np.ndarray:
        """Return an image with the habits that its random numbers choose."""
        if min(ink.shape) < _LEAST_SIDE or not (ink > _INK).any():
            return ink
        free = [float(value) for value in draws[_FREE]]
        if draws[_IS_CONTINENTAL] < self.continental:
            if code == self.one:
                ink = with_upstroke(ink, free)
            elif code == self.seven:
                ink = with_bar(ink, free)
        if draws[_IS_STRETCHED] < self.stretch:
            ink = stretched(ink, free)
        return ink

    def may_change(self, codes: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Return which images `apply` may change."""
        of_class = np.isin(codes, [c for c in (self.one, self.seven) if c is not None])
        continental = (draws[:, _IS_CONTINENTAL] < self.continental) & of_class
        return continental | (draws[:, _IS_STRETCHED] < self.stretch)


def with_upstroke(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 1 with a stroke that leads up to its top."""
    mask = ink > _INK
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    top = rows.start + 0.5, float(np.flatnonzero(mask[rows.start]).mean())
    length, angle = (0.25 + 0.7 * draws[0]) * height, np.deg2rad(20 + 40 * draws[1])
    down = min(length * np.cos(angle), height)
    end = top[0] + down, top[1] - length * np.sin(angle)
    bend = 0.1 * height * (draws[2] - 0.5)
    middle = (top[0] + end[0]) / 2 + bend, (top[1] + end[1]) / 2 + bend
    lines = [(top, middle), (middle, end)]
    if draws[3] < 0.15:
        bottom = rows.stop - 1.0
        foot = float(np.flatnonzero(mask[rows.stop - 1]).mean())
        half = (0.1 + 0.2 * draws[4]) * height
        lines.append(((bottom, foot - half), (bottom, foot + half)))
    return with_lines(ink, lines, line_width(mask, draws[5]))


def with_bar(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 7 with a bar through its stem."""
    mask = ink > _INK
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    y = rows.start + (0.4 + 0.22 * draws[0]) * height
    columns = np.flatnonzero(mask[int(y)])
    if not len(columns):
        return ink
    # The stem is the last stroke on the right.
    gaps = np.flatnonzero(np.diff(columns) > 1)
    stem = columns[gaps[-1] + 1 :] if len(gaps) else columns
    x = float(stem.mean()) + 0.1 * height * (draws[1] - 0.5)
    half = (0.12 + 0.18 * draws[2]) * height
    rise = (0.55 * draws[3] - 0.2) * half
    ends = (y + rise, x - half), (y - rise, x + half)
    return with_lines(ink, [ends], line_width(mask, draws[5]))


def stretched(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a digit whose box is more like a square, with sharper edges."""
    cv2 = opencv()
    box = ink[bounds(ink > _FAINTEST)]
    height, width = box.shape
    share = 0.5 + 0.5 * draws[0]
    longer = max(height, width)
    shape = [max(1, round(side ** (1 - share) * longer**share)) for side in box.shape]
    larger = cv2.resize(box, tuple(shape[::-1]), interpolation=cv2.INTER_LINEAR)
    sharpness = 1 + 4 * draws[1]
    return fitted(np.clip((larger - 0.5) * sharpness + 0.5, 0, 1), ink)


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
    box = digit[bounds(digit > _FAINTEST)]
    longest = max(place.stop - place.start for place in bounds(like > _FAINTEST))
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
