"""Habits of writers that MNIST hardly has, drawn into its digits.

Each function takes an image of `_pen` with a digit and uniform random numbers in
[0, 1). It returns an image in which the digit has the size and the center of mass that
it had.
"""

from collections.abc import Callable

import numpy as np

from skdigits.preprocessing._mnist_geometry import bounds
from skdigits.preprocessing._pen import INK, Point, fitted, line_width, with_lines

N_DRAWS = 6  # of each function

Habit = Callable[[np.ndarray, list[float]], np.ndarray]


def slashed(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 0 with a stroke through it."""
    mask = ink > INK
    rows, columns = bounds(mask)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    top = rows.start + (0.1 + 0.3 * draws[1]) * height
    bottom = rows.stop - (0.1 + 0.3 * draws[2]) * height
    left = columns.start + (0.1 + 0.1 * draws[3]) * width
    right = columns.stop - (0.1 + 0.1 * draws[4]) * width
    if draws[0] < 0.5:
        ends = (top, right), (bottom, left)
    elif draws[0] < 0.75:
        ends = (top, left), (bottom, right)
    else:
        middle = rows.start + (0.35 + 0.3 * draws[1]) * height
        ends = (middle, left), (middle + 0.2 * (draws[2] - 0.5) * height, right)
    return with_lines(ink, [ends], line_width(mask, draws[5]))


def with_upstroke(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 1 with a stroke that leads up to its top."""
    mask = ink > INK
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    top = rows.start + 0.5, float(np.flatnonzero(mask[rows.start]).mean())
    length, angle = (0.25 + 0.7 * draws[0]) * height, np.deg2rad(20 + 40 * draws[1])
    down = min(length * np.cos(angle), height)
    end = top[0] + down, top[1] - length * np.sin(angle)
    bend = 0.1 * height * (draws[2] - 0.5)
    lines = _bent(top, end, (bend, bend))
    if draws[3] < 0.15:
        bottom = rows.stop - 1.0
        foot = float(np.flatnonzero(mask[rows.stop - 1]).mean())
        half = (0.1 + 0.2 * draws[4]) * height
        lines.append(((bottom, foot - half), (bottom, foot + half)))
    return with_lines(ink, lines, line_width(mask, draws[5]))


def with_closed_head(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 2 whose first stroke begins in a loop."""
    mask = ink > INK
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    upper = mask[rows.start : rows.start + max(1, height // 2)]
    first = int(np.argmax(upper.any(axis=0)))
    start = rows.start + float(np.argmax(upper[:, first])) + 0.5, first + 0.5
    y = rows.start + int((0.45 + 0.25 * draws[0]) * height)
    columns = np.flatnonzero(mask[y])
    if not len(columns):
        return ink
    bend = 0.1 * height * draws[1], -0.15 * height * draws[2]
    lines = _bent(start, (y + 0.5, float(columns.mean()) + 0.5), bend)
    return with_lines(ink, lines, line_width(mask, draws[5]))


def with_short_stem(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return an open 4 whose second stroke begins lower."""
    mask = ink > INK
    rows, _ = bounds(mask)
    y = rows.start + int((0.2 + 0.3 * draws[0]) * (rows.stop - rows.start))
    columns = np.flatnonzero(mask[rows.start : y].any(axis=0))
    gaps = np.flatnonzero(np.diff(columns) > 1)
    if not len(gaps):
        return ink
    shorter = ink.copy()
    shorter[:y, columns[gaps[-1] + 1] :] = 0
    return fitted(shorter, ink)


def with_bar(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 7 with a bar through its stem."""
    mask = ink > INK
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


def with_bar_for_top(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 7 with a bar, and with little of the stroke at its top."""
    mask = ink > INK
    rows, _ = bounds(mask)
    height = rows.stop - rows.start
    columns = np.flatnonzero(
        mask[rows.start : rows.start + -(-height // 3)].any(axis=0)
    )
    kept = max(height // 7, int((0.15 + 0.25 * draws[4]) * len(columns)))
    shorter = ink.copy()
    shorter[: rows.start + height // 3, : max(0, columns[-1] - kept)] = 0
    return fitted(with_bar(shorter, draws), ink)


def mirrored(ink: np.ndarray, draws: list[float]) -> np.ndarray:
    """Return a 9 whose stem is on the left, like a P."""
    return fitted(np.ascontiguousarray(ink[:, ::-1]), ink)


def _bent(
    start: Point, end: Point, bend: tuple[float, float]
) -> list[tuple[Point, Point]]:
    """Return two lines from one point to another, whose middle is moved."""
    middle = (start[0] + end[0]) / 2 + bend[0], (start[1] + end[1]) / 2 + bend[1]
    return [(start, middle), (middle, end)]


# How often, relative to the most frequent habits.
HABITS: dict[int, list[tuple[float, Habit]]] = {
    0: [(0.25, slashed)],
    1: [(1.0, with_upstroke)],
    2: [(0.25, with_closed_head)],
    4: [(0.4, with_short_stem)],
    7: [(0.7, with_bar), (0.3, with_bar_for_top)],
    9: [(0.25, mirrored)],
}
