"""Images side by side, each below its caption."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIGIT_PIXELS = 96  # approximate size of a digit on the screen
_GAP_PIXELS = 10
_FONT_SIZE = 9.0
_LINE_HEIGHT, _CHARACTER_WIDTH = 1.25, 0.62  # relative to the font size


def enlargement(shape: tuple[int, ...], n_pixels: int = DIGIT_PIXELS) -> float:
    """Return the factor that enlarges an image to about `n_pixels` screen pixels.

    The factor, or its inverse for a large image, is an integer. Thus all pixels of an
    image have the same size on the screen.

    Examples
    --------
    >>> enlargement((8, 8)), enlargement((28, 28)), enlargement((280, 200))
    (12, 3, 0.3333333333333333)
    """
    scale = n_pixels / max(shape[:2])
    return max(1, round(scale)) if scale > 2 / 3 else 1 / round(1 / scale)


def as_gray(images: np.ndarray) -> np.ndarray:
    """Return images scaled to [0, 1]: 0 is the background, 1 the maximum of all images.

    Examples
    --------
    >>> as_gray(np.array([[[0, 51], [102, 255]]], np.uint8)).tolist()
    [[[0.0, 0.2], [0.4, 1.0]]]
    """
    images = np.asarray(images, np.float64)
    low = min(0.0, images.min(initial=0.0))
    high = images.max(initial=low)
    return (images - low) / ((high - low) or 1.0)


def as_dark_on_white(images: np.ndarray) -> np.ndarray:
    """Return RGB images, of shape (n_images, height, width, 3), with dark digits."""
    return 1 - np.repeat(as_gray(images)[..., None], 3, axis=3)


class Tile(NamedTuple):
    """An RGB image of shape (height, width, 3), with a caption and its color."""

    image: np.ndarray
    caption: str
    color: str


def draw_tiles(
    ax: Axes | None,
    rows: Sequence[Sequence[Tile]],
    *,
    titles: Sequence[str] = (),
    n_pixels: int = DIGIT_PIXELS,
) -> Axes:
    """Draw rows of images of the same size, each below its caption.

    In a new figure, an image takes about `n_pixels` screen pixels, and each of its
    pixels is a square of an integer number of them.
    """
    import matplotlib as mpl

    height, width, _ = rows[0][0].image.shape
    # All lengths are in pixels of the images.
    scale = enlargement((height, width), n_pixels)
    em = _FONT_SIZE * mpl.rcParams["figure.dpi"] / 72 / scale
    lines = [tile.caption.splitlines() for row in rows for tile in row]
    widest = _CHARACTER_WIDTH * em * max(text_width(t) for part in lines for t in part)
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
        canvas[y : y + height, x : x + width] = tile.image
    margin = max(
        (text_width(t) for text in titles for t in text.splitlines()), default=0
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


def text_width(text: str) -> int:
    """Return the width of a text in characters; East Asian ones count twice."""
    return sum(1 + (east_asian_width(character) in "WF") for character in text)


def _axes_of_pixels(shape: tuple[int, ...], scale: float, margin: float) -> Axes:
    """Return axes of a new figure that enlarge each pixel of an image by `scale`."""
    import matplotlib.pyplot as plt

    height, width = scale * shape[0], scale * shape[1]
    left = ceil(scale * margin)
    dpi = plt.rcParams["figure.dpi"]
    figure = plt.figure(figsize=((left + width) / dpi, height / dpi), layout="none")
    return figure.add_axes((left / (left + width), 0, width / (left + width), 1))


def _font_size(ax: Axes, shape: tuple[int, ...], em: float) -> float:
    """Return the font size in points for text of `em` image pixels on the axes."""
    box = ax.get_window_extent()
    scale = min(box.width / shape[1], box.height / shape[0]) * 72 / ax.figure.dpi
    return float(np.clip(scale * em, 2, 11))
