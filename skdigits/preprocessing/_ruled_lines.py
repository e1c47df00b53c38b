"""Straight lines across an image: those of ruled paper, forms and boxes of digits."""

from typing import NamedTuple

import numpy as np

from skdigits.preprocessing._opencv import opencv
from skdigits.preprocessing._stroke_width import stroke_width

_LONG = 0.88  # share of the image that a line crosses
_ROUGH = 0.35  # share of a row that is the rough edge of a line
_ALONE = 0.3  # share of a line that touches no strokes
_THICKEST = 0.06  # of the longer side
_THINNER = 0.7  # than the strokes
_MARGIN = 0.08  # between the digit and both ends of a line, as a share of the image
_LEAST_DIGIT = 0.5  # of the pixels of a line
_MOST_SLANT = 3  # pixels that the ends of a line are above and below its middle
_NEAR = 2  # pixels


class _Line(NamedTuple):
    """A line: its pixels, except where strokes touch it, and its mean thickness."""

    mask: np.ndarray
    thickness: float
    axis: int


def without_lines(mask: np.ndarray) -> np.ndarray:
    """Return ink without straight lines across the image.

    Strokes that cross a line stay whole. A line is thinner than the strokes of the
    digit, or the digit lies between the ends of the line. The bar of a 7 that fills its
    image is neither.

    Examples
    --------
    >>> mask = np.zeros((40, 40), bool)
    >>> mask[8:30, 18:22] = True
    >>> on_a_line = mask.copy()
    >>> on_a_line[30:32] = True
    >>> int((on_a_line ^ mask).sum()), int((without_lines(on_a_line) ^ mask).sum())
    (80, 8)
    """
    thickest = _THICKEST * max(mask.shape)
    if thickest < 1:
        return mask
    lines = [
        _Line(line.mask.T if axis else line.mask, line.thickness, axis)
        for axis in (0, 1)
        for line in _lines_across(mask.T if axis else mask, thickest)
    ]
    if not lines:
        return mask
    rest = mask.copy()
    for line in lines:
        rest &= ~line.mask
    stats = opencv().connectedComponentsWithStats(rest.view(np.uint8))[2][1:]
    if not len(stats):
        return mask
    left, top, width, height, area = stats[stats[:, -1].argmax()].tolist()
    digit = (left, left + width), (top, top + height)
    thin = _THINNER * stroke_width(mask)
    result = mask.copy()
    for line in lines:
        is_larger = area >= _LEAST_DIGIT * np.count_nonzero(line.mask)
        if line.thickness <= thin or (is_larger and _is_longer(line, digit[line.axis])):
            result &= ~line.mask
    return result


def _is_longer(line: _Line, digit: tuple[int, int]) -> bool:
    """Return whether a line begins before a digit and ends after it."""
    places = np.flatnonzero(line.mask.any(axis=line.axis))
    margin = _MARGIN * line.mask.shape[1 - line.axis]
    return bool(places[0] + margin <= digit[0] <= digit[1] <= places[-1] + 1 - margin)


def _lines_across(mask: np.ndarray, thickest: float) -> list[_Line]:
    """Return the lines from the left to the right."""
    cv2 = opencv()
    mask = np.ascontiguousarray(mask)
    high = cv2.dilate(mask.view(np.uint8), np.ones((2 * _MOST_SLANT - 1, 1), np.uint8))
    lengths = cv2.reduce(high, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    if lengths.max() / mask.shape[1] < _LONG:
        return []
    places, inside = _straightening(mask)
    rows = mask.ravel()[places] & inside
    share = rows.mean(axis=1)
    # A line may jump by one row where its slant is rounded.
    is_long = (rows[1:] | rows[:-1]).mean(axis=1) >= _LONG
    is_long = np.append(is_long, False) | np.insert(is_long, 0, False)
    in_line = (share >= _ROUGH) | (is_long & (share > 0))
    found = []
    for first, last in _runs(in_line):
        near = rows[max(0, first - _NEAR) : first], rows[last : last + _NEAR]
        alone = ~np.concatenate(near).any(axis=0)
        if not is_long[first:last].any() or alone.mean() < _ALONE:
            continue
        part = rows[first:last] & alone
        thickness = float(part.sum() / alone.sum())
        if thickness <= thickest:
            line = np.zeros_like(mask)
            line.flat[places[first:last][part]] = True
            found.append(_Line(line, thickness, 0))
    return found


def _straightening(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where to read the pixels of a mask so that its lines are horizontal.

    The places are those in the flat mask. The rows above and below it are included, and
    a second array tells which places are inside.
    """
    height, width = mask.shape
    rows = np.arange(-_MOST_SLANT, height + _MOST_SLANT)[:, None]
    columns = np.arange(width)
    across = np.linspace(-1, 1, width)
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for slant in sorted(range(-_MOST_SLANT, _MOST_SLANT + 1), key=abs):
        slanted = rows + np.rint(slant * across).astype(int)
        inside = (slanted >= 0) & (slanted < height)
        places = np.clip(slanted, 0, height - 1) * width + columns
        straight = mask.ravel()[places] & inside
        longest = float((straight[1:] | straight[:-1]).mean(axis=1).max())
        if best is None or longest > best[0] + 0.02:
            best = longest, places, inside
        if longest > 0.95:
            break
    assert best is not None
    return best[1:]


def _runs(is_set: np.ndarray) -> list[tuple[int, int]]:
    """Return the first place, and the one after the last, of each run.

    Examples
    --------
    >>> _runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(is_set, prepend=False, append=False))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
