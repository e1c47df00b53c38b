"""Images side by side, each below its caption."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIGIT_PIXELS = 96  # on the screen, about
_GAP_PIXELS = 10
_FONT_SIZE = 9.0
_LINE_HEIGHT, _CHARACTER_WIDTH = 1.25, 0.62  # of the font size


def enlargement(shape: tuple[int, ...], n_pixels: int = DIGIT_PIXELS) -> float:
    """Return how many times to enlarge an image so that it is about so large.

    It is a whole number, or one over a whole number for a larger image: all pixels of
    an image are of one size on the screen.

    Examples
    --------
    >>> enlargement((8, 8)), enlargement((28, 28)), enlargement((280, 200))
    (12, 3, 0.3333333333333333)
    """
    scale = n_pixels / max(shape[:2])
    return max(1, round(scale)) if scale > 2 / 3 else 1 / round(1 / scale)


def as_grey(images: np.ndarray) -> np.ndarray:
    """Return images as shades from 0, the paper, to 1, the most ink of all of them.

    Examples
    --------
    >>> as_grey(np.array([[[0, 51], [102, 255]]], np.uint8)).tolist()
    [[[0.0, 0.2], [0.4, 1.0]]]
    """
    images = np.asarray(images, np.float64)
    low = min(0.0, images.min(initial=0.0))
    high = images.max(initial=low)
    return (images - low) / ((high - low) or 1.0)


def as_ink(images: np.ndarray) -> np.ndarray:
    """Return images of shape (n, height, width, 3): dark digits on white paper."""
    return 1 - np.repeat(as_grey(images)[..., None], 3, axis=3)


class Tile(NamedTuple):
    """A picture of shape (height, width, 3), what to write above it, and its color."""

    picture: np.ndarray
    caption: str
    color: str


def draw_tiles(
    ax: Axes | None,
    rows: Sequence[Sequence[Tile]],
    *,
    titles: Sequence[str] = (),
    n_pixels: int = DIGIT_PIXELS,
) -> Axes:
    """Draw rows of pictures of one size under their captions.

    In a new figure a picture is about `n_pixels` large, and each of its pixels is a
    square of whole pixels of the screen.
    """
    import matplotlib as mpl

    height, width, _ = rows[0][0].picture.shape
    # What is beside a picture is measured in the pixels of the picture.
    scale = enlargement((height, width), n_pixels)
    em = _FONT_SIZE * mpl.rcParams["figure.dpi"] / 72 / scale
    lines = [tile.caption.splitlines() for row in rows for tile in row]
    widest = _CHARACTER_WIDTH * em * max(n_columns(t) for part in lines for t in part)
    gap = ceil(_GAP_PIXELS / scale)
    header = ceil(_LINE_HEIGHT * em * max(map(len, lines))) + gap
    step_y, step_x = height + header, max(width, ceil(widest)) + gap
    canvas = np.ones((len(rows) * step_y + gap, max(map(len, rows)) * step_x, 3))
    placed = [
        (tile, i * step_y + header, j * step_x + (step_x - width) // 2)
        for i, row in enumerate(rows)
        for j, tile in enumerate(row)
    ]
    for tile, y, x in placed:
        canvas[y : y + height, x : x + width] = tile.picture
    margin = max(
        (n_columns(t) for text in titles for t in text.splitlines()), default=0
    )
    ax = ax or _axes_of_pixels(canvas.shape, scale, margin * _CHARACTER_WIDTH * em)
    ax.imshow(canvas, interpolation="nearest" if scale >= 1 else "auto")
    ax.set_axis_off()
    size = _font_size(ax, canvas.shape, em)
    for tile, y, x in placed:
        ax.text(
            x + (width - 1) / 2,
            y - 0.5 - gap / 4,
            tile.caption,
            color=tile.color,
            size=size,
            ha="center",
            va="bottom",
            linespacing=1.1,
            parse_math=False,
        )
    for i, text in enumerate(titles):
        y = i * step_y + header + (height - 1) / 2
        ax.text(-0.5, y, text, ha="right", va="center", size=size, parse_math=False)
    return ax


def n_columns(text: str) -> int:
    """Return how wide a text is, in characters of which some are twice as wide."""
    return sum(1 + (east_asian_width(character) in "WF") for character in text)


def _axes_of_pixels(shape: tuple[int, ...], scale: float, margin: float) -> Axes:
    """Return axes of a new figure in which each pixel of an image is scaled so."""
    import matplotlib.pyplot as plt

    height, width = scale * shape[0], scale * shape[1]
    left = ceil(scale * margin)
    dpi = plt.rcParams["figure.dpi"]
    figure = plt.figure(figsize=((left + width) / dpi, height / dpi), layout="none")
    return figure.add_axes((left / (left + width), 0, width / (left + width), 1))


def _font_size(ax: Axes, shape: tuple[int, ...], em: float) -> float:
    """Return the size, in points, that a text of so many pixels has on the axes."""
    box = ax.get_window_extent()
    scale = min(box.width / shape[1], box.height / shape[0]) * 72 / ax.figure.dpi
    return float(np.clip(scale * em, 2, 11))
